//! A database server: connections (slots), a queue for them, and work on its machine. Alone, or a member of a cluster.
//!
//! - `cluster.rs`: a primary and its replicas: who is asked, and what came of it all.
//! - `member.rs`: who is what and has what, and the lines of history.
//! - `settings.rs`: how they replicate and fail over.
//! - `log.rs`: what was committed.
//! - `stream.rs`: how writes travel to the replicas, are flushed, applied and acknowledged.
//! - `failover.rs`: how a death is noticed, and another primary made.
//! - `recovery.rs`: what becomes of those who come back, and of what only they have.
//! - `copy.rs`: a new copy for who has none.
//! - `snapshot.rs`: replicas that are copied anew at intervals.
//! - `peers.rs`: several primaries: merge, multi-primary and circular replication.
//! - `backup.rs`: what is kept elsewhere; `restore.rs`: how that comes back; `deletion.rs`: why it may have to.

pub mod backup;
pub mod cluster;
pub mod copy;
pub mod deletion;
pub mod failover;
mod log;
pub mod member;
pub mod peers;
pub mod recovery;
pub mod restore;
pub mod settings;
pub mod snapshot;
pub mod stream;

pub mod buffer_pool;

use crate::rng::{Step, below, mix};

use super::job::{Cause, Errand, Phase, Upkeep};
use super::sharding::{self, Reception};
use super::station::{Admission, Station};
use super::{Context, Next, NodeId, TierId};
use buffer_pool::BufferPool;

pub use cluster::Cluster;
pub use log::{Entry, Log};
pub use member::{Line, Member, Role};
pub use settings::Settings;

/// A database server.
#[derive(Clone, Debug)]
pub struct Database {
    /// Connections and the queue for them.
    pub station: Station,
    /// Its memory of the disk, if its machine has one.
    pub pool: Option<Box<BufferPool>>,
}

impl Database {
    /// A query arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some(cause) = refusal(ctx, job) {
            return Next::Fail(cause);
        }
        match self.station.admit(ctx.now, job) {
            Admission::Refused => return Next::Fail(Cause::Refused),
            Admission::Waits => ctx.begin_waiting(ctx.jobs[job].node()),
            Admission::Admitted => self.begin(ctx, job, false),
        }
        Next::Parked
    }

    /// Work is done: a query's, or the cluster's own. A write has to be safe on the disk, where there is one, before it is
    /// carried out.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Errand::Upkeep(upkeep) = ctx.jobs[job].errand {
            // What it does for the cluster, or for rows that move.
            let node = ctx.jobs[job].node();
            upkeep_done(ctx, job, node, upkeep);
            return Next::Parked;
        }
        ctx.jobs[job].phase = Phase::Before;
        match &mut self.pool {
            Some(pool) if ctx.programs[usize::from(ctx.jobs[job].class)].write => {
                pool.commit(ctx, job);
                Next::Parked
            }
            Some(_) | None => self.carry_out(ctx, job),
        }
    }

    /// The log is safe on the disk: so are these writes.
    pub fn flushed(&mut self, ctx: &mut Context, node: NodeId, life: u32) -> Vec<(u32, Next)> {
        let pool = self.pool.as_mut().expect("there is a log to flush");
        let safe = pool.flushed(ctx, node, life);
        safe.into_iter().map(|job| (job, self.carry_out(ctx, job))).collect()
    }

    /// What a query asks for is done.
    #[inline]
    fn carry_out(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        let write = ctx.programs[usize::from(entry.class)].write;
        let member = ctx.member_of(entry.node());
        let tier = ctx.nodes[entry.node().index()].tier;
        match sharding::receive(ctx, tier, job) {
            Reception::Takes => {}
            Reception::Repeats => {
                sharding::written(ctx, tier, job, ctx.jobs[job].is_new);
                return self.leave(ctx, job);
            }
            Reception::HasNone => return self.leave(ctx, job),
            Reception::SendsOn => {
                ctx.jobs[job].sent_on = true;
                return self.leave(ctx, job);
            }
            Reception::Refuses(cause) => {
                ctx.jobs[job].failed = Some(cause);
                return self.leave(ctx, job);
            }
        }
        if write && member.is_some_and(|(c, m)| !ctx.clusters[c].commits(m)) {
            // It has ceased to be a primary meanwhile: what it did is rolled back.
            ctx.jobs[job].failed = Some(Cause::ReadOnly);
            return self.leave(ctx, job);
        }
        if write {
            ctx.apply_write(job);
            note_row(ctx, tier, job);
        }
        match member {
            Some((c, m)) if write => {
                let waits = stream::commit(ctx, c, m, job);
                note_format(ctx, job);
                if waits {
                    return Next::Parked;
                }
            }
            Some((c, m)) => note_read(ctx, c, m, job),
            None => {
                if let Some(data) = &mut ctx.data {
                    let entry = &mut ctx.jobs[job];
                    match (write, entry.errand) {
                        (false, _) => entry.version = data.version(entry.item),
                        // It has its number from the cache that accepted it.
                        (true, Errand::Background) => data.write_as(entry.item, entry.version),
                        (true, _) => entry.version = data.write(entry.item),
                    }
                }
                if write {
                    note_format(ctx, job);
                }
            }
        }
        self.leave(ctx, job)
    }

    /// A commit need not wait for replicas any more.
    pub fn join(&mut self, ctx: &mut Context, job: u32) -> Next {
        self.leave(ctx, job)
    }

    /// A query leaves; the next one gets its connection.
    #[inline]
    fn leave(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            self.begin(ctx, next, true);
        }
        let entry = &ctx.jobs[job];
        if ctx.programs[usize::from(entry.class)].write
            && let Some((c, m)) = ctx.member_of(entry.node())
        {
            ctx.clusters[c].members[m].writing -= 1;
            failover::try_hand_over(ctx, c);
        }
        match ctx.jobs[job].failed {
            Some(cause) => Next::Fail(cause),
            None => Next::Reply,
        }
    }

    /// Connections were added.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32, backlog: u32) {
        self.station.slots = slots;
        self.station.backlog = backlog;
        while let Some(job) = self.station.admit_waiting(ctx.now) {
            self.begin(ctx, job, true);
        }
    }

    /// Its memory is gone.
    pub fn forget(&mut self) {
        self.pool.iter_mut().for_each(|pool| pool.forget());
    }

    /// The page of a query is there.
    pub fn fetched(&mut self, ctx: &mut Context, job: u32) -> Next {
        let pool = self.pool.as_mut().expect("there was a disk to read");
        for job in std::iter::once(job).chain(pool.take_in(ctx, job)) {
            // It was served from when the disk was asked: the wait before that is in the books.
            ctx.jobs[job].phase = Phase::After;
            self.work(ctx, job, false);
        }
        Next::Parked
    }

    /// A connection is free for a query: it needs its page, and then to be worked on.
    #[inline]
    fn begin(&mut self, ctx: &mut Context, job: u32, queued: bool) {
        let entry = &ctx.jobs[job];
        let item = entry.item;
        if ctx.programs[usize::from(entry.class)].write
            && let Some((c, m)) = ctx.member_of(entry.node())
        {
            ctx.clusters[c].members[m].writing += 1;
        }
        if let Some(pool) = &mut self.pool
            && needs_page(ctx, job)
            && !pool.has(item)
        {
            pool.read(ctx, job, queued);
        } else {
            self.work(ctx, job, queued);
        }
    }

    #[inline]
    fn work(&self, ctx: &mut Context, job: u32, queued: bool) {
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].database;
        ctx.work(job, work, Step::Database, queued);
    }
}

/// The database of a tier that `job` is to ask: the one that its cluster says, the one that holds the user's keys, or the
/// next in turn. None where there is a cluster that has no primary to write to.
#[inline]
pub fn choose(ctx: &mut Context, tier: TierId, job: u32) -> Option<NodeId> {
    let entry = &ctx.jobs[job];
    let user = entry.user;
    if ctx.tiers[tier.index()].shards.is_some() {
        return sharding::node_for(ctx, tier, job);
    }
    if let Some(&c) = ctx.tiers[tier.index()].clusters.first() {
        let write = ctx.programs[usize::from(entry.class)].write;
        return ctx.route(usize::from(c), entry.node(), user, write);
    }
    let tier = &mut ctx.tiers[tier.index()];
    if tier.partitioned {
        let part = below(mix(u64::from(user) ^ 0x9a27), tier.instances as u32);
        return Some(tier.members[part as usize]);
    }
    tier.turn = if tier.turn + 1 < tier.instances as u32 { tier.turn + 1 } else { 0 };
    Some(tier.members[tier.turn as usize])
}

/// Whether a query needs the page of its row here: not if it asks all shards and the row is on another one.
#[inline]
fn needs_page(ctx: &Context, job: u32) -> bool {
    let entry = &ctx.jobs[job];
    let shards = || ctx.tiers[ctx.nodes[entry.node().index()].tier.index()].shards.as_ref();
    entry.errand != Errand::Part || shards().is_none_or(|shards| shards.home(entry.item) == entry.shard)
}

/// Why a member does not take a query, if it does not.
#[inline]
fn refusal(ctx: &Context, job: u32) -> Option<Cause> {
    let entry = &ctx.jobs[job];
    let (c, m) = ctx.member_of(entry.node())?;
    if ctx.programs[usize::from(entry.class)].write {
        return (!ctx.clusters[c].takes_writes(m)).then_some(Cause::ReadOnly);
    }
    // Who is still being copied has nothing to answer with.
    (!ctx.clusters[c].members[m].is_whole()).then_some(Cause::Unreachable)
}

/// What a write means for the shard that it is at.
#[inline]
fn note_row(ctx: &mut Context, tier: TierId, job: u32) {
    if ctx.tiers[tier.index()].shards.is_some() {
        let entry = &mut ctx.jobs[job];
        let inserts = ctx.programs[usize::from(entry.class)].inserts;
        // Carried out again, it finds its row there.
        entry.is_new = inserts && ctx.data.as_ref().is_some_and(|data| data.version(entry.item) == 0);
        let is_new = entry.is_new;
        sharding::written(ctx, tier, job, is_new);
    }
}

/// In which format the write of `job` has left its value, if a client sent it.
fn note_format(ctx: &mut Context, job: u32) {
    let entry = &ctx.jobs[job];
    let (Some(data), Errand::Request) = (&mut ctx.data, entry.errand) else { return };
    data.note_format(entry.item, entry.version, entry.format);
}

fn note_read(ctx: &mut Context, c: usize, m: usize, job: u32) {
    let entry = &mut ctx.jobs[job];
    let version = ctx.data.as_ref().map_or(entry.version, |data| ctx.clusters[c].version_at(data, m, entry.item));
    entry.read(version);
    // What is not there is not old.
    let missing = ctx.clusters[c].lacks(m, entry.item);
    entry.missing |= missing;
    entry.stale &= !missing;
    let stale = entry.stale;
    let counts = &mut ctx.clusters[c].members[m].counts;
    counts.reads += 1;
    counts.stale += u64::from(stale);
    counts.missing += u64::from(missing);
}

fn upkeep_done(ctx: &mut Context, job: u32, node: NodeId, upkeep: Upkeep) {
    let (target, generation) = (ctx.jobs[job].item as usize, ctx.jobs[job].user);
    ctx.forget(job);
    if matches!(upkeep, Upkeep::MoveOut | Upkeep::MoveIn | Upkeep::CatchUp) {
        return sharding::resharding::done(ctx, node, upkeep, target);
    }
    let Some((c, m)) = ctx.member_of(node) else { return };
    match upkeep {
        Upkeep::Apply if ctx.clusters[c].peers.is_some() => peers::exchange::applied(ctx, c, m, generation),
        Upkeep::Apply => stream::applied(ctx, c, m, generation),
        Upkeep::Copy => copy::done(ctx, c, m, target, generation),
        Upkeep::Replay => recovery::replayed(ctx, c),
        Upkeep::Backup => backup::piece_read(ctx, c, generation),
        Upkeep::Restore => restore::done(ctx, c, generation),
        Upkeep::Delete => deletion::done(ctx, c, m, generation),
        Upkeep::MoveOut | Upkeep::MoveIn | Upkeep::CatchUp => unreachable!("that is seen to above"),
    }
}
