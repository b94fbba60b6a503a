//! How writes travel from the primary to its replicas.
//!
//! ```text
//! primary: commit → ship ──wire──▶ replica: received → flushed → applied
//!             ▲                               │          │          │
//!             └────────── acknowledgement ────┴──────────┴──────────┘  (one of the three, where commits wait)
//! ```
//!
//! All that was committed since the last shipment goes as one message; messages do not overtake each other, also when the
//! delay changes. A replica applies one write after the other on its own machine, as most databases do, so it falls behind
//! by load as well as by distance. Positions under way are in queues of the member; events only say that the next one is
//! due, and belong to one connection: those of an older one mean nothing.

use crate::nodes::job::{Errand, Job, Upkeep};
use crate::nodes::observer::{Fact, Hop, Look};
use crate::nodes::{Context, Event, NodeId};
use crate::rng::{RequestKey, Step};
use crate::time::{SimTime, Span};

use super::log::Entry;
use super::member::{Pending, Role};
use super::settings::{Acknowledge, Mode, ReplicationKind};
use super::{copy, deletion, failover, peers, snapshot};

/// What is due at a member of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The primary ships what it has committed.
    Shipment,
    /// A message reaches the replica.
    Receipt,
    /// It is on the replica's disk.
    Flush,
    /// The replica's acknowledgement reaches the primary.
    Answer,
    /// A commit may have waited too long.
    Patience,
    /// A piece of a copy arrives.
    Piece,
    /// Replicas are to be copied anew.
    Snapshot,
    /// Members that all take writes exchange what has changed.
    Exchange,
    /// A message of that member reaches one that takes writes too.
    Changes(u8),
    /// It is on that one's disk.
    Written(u8),
}

/// Numbers of the cluster's own jobs begin here, far from those of requests.
pub(super) const ERRAND_IDS: u64 = 1 << 61;

/// Something is due at `node`, over the connection `stream`.
pub fn due(ctx: &mut Context, node: NodeId, what: Due, stream: u8) {
    let Some((c, m)) = ctx.member_of(node) else { return };
    match what {
        Due::Shipment if ctx.clusters[c].peers.is_some() => peers::exchange::shipment(ctx, c, m),
        Due::Exchange => peers::exchange::exchange(ctx, c),
        Due::Changes(from) => peers::exchange::received(ctx, c, m, from, stream),
        Due::Written(from) => peers::exchange::written(ctx, c, m, from, stream),
        Due::Snapshot => snapshot::due(ctx, c),
        Due::Shipment => {
            ctx.clusters[c].members[m].ships = false;
            ship_to_all(ctx, c, m);
        }
        Due::Patience => lose_patience(ctx, c, m),
        Due::Receipt | Due::Flush | Due::Answer | Due::Piece if ctx.clusters[c].members[m].stream != stream => {}
        Due::Receipt => received(ctx, c, m),
        Due::Flush => flushed(ctx, c, m),
        Due::Answer => answered(ctx, c, m),
        Due::Piece => copy::arrived(ctx, c, m),
    }
}

/// The primary `m` commits the write of `job`. Says whether its answer has to wait for replicas.
pub fn commit(ctx: &mut Context, c: usize, m: usize, job: u32) -> bool {
    if ctx.clusters[c].peers.is_some() {
        peers::commit(ctx, c, m, job);
        return false;
    }
    let write = entry_of(ctx, job);
    let (position, number) = append(ctx, c, m, write);
    if ctx.jobs[job].traced {
        trace_shipments(ctx, c, m, position, job);
    }
    // What a cache has accepted for it has its version from there.
    if ctx.jobs[job].errand != Errand::Background {
        ctx.jobs[job].version = number;
    }
    let since = ctx.now;
    let cluster = &mut ctx.clusters[c];
    cluster.members[m].counts.writes += 1;
    cluster.counts.diverged += u64::from(cluster.members[m].follows != cluster.line.primary);
    if cluster.needed(m) == 0 {
        return false;
    }
    let (node, due) = (cluster.members[m].node, since + cluster.settings.drop_after);
    let member = &mut cluster.members[m];
    member.pending.push_back(Pending { position, job, since });
    if member.watched_at == SimTime::NEVER {
        member.watched_at = due;
        ctx.queue.push(due, Event::Replication { node, due: Due::Patience, stream: 0 });
    }
    true
}

/// Notes for a followed request to whom its write, the newest, was sent at once.
fn trace_shipments(ctx: &mut Context, c: usize, m: usize, position: u64, job: u32) {
    let cluster = &ctx.clusters[c];
    let (entry, from) = (&ctx.jobs[job], cluster.members[m].node);
    for to in cluster.present().filter(|&to| to != m) {
        let replica = &cluster.members[to];
        if replica.follows == m && replica.wire.back() == Some(&position) {
            ctx.tracer.ships(entry, from, replica.node, ctx.now, replica.arrives_at);
        }
    }
}

/// The write of `job`, which has no number yet.
pub(super) fn entry_of(ctx: &Context, job: u32) -> Entry {
    let entry = &ctx.jobs[job];
    Entry {
        number: 0,
        key: entry.item,
        before: 0,
        at: ctx.now,
        draws: entry.key,
        attempt: entry.attempt,
        class: entry.class,
        rank: entry.rank,
        acknowledged: false,
    }
}

/// Adds a write to the line of primary `m` and ships it, or has it shipped. Returns its position and number.
pub(super) fn append(ctx: &mut Context, c: usize, m: usize, mut write: Entry) -> (u64, u64) {
    let cluster = &mut ctx.clusters[c];
    let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
    let line = cluster.line_mut(m);
    match &mut line.stray {
        None => {
            write.before = data.version(write.key);
            write.number = data.write(write.key);
        }
        Some(stray) => {
            write.before = stray.version(data, write.key);
            write.number = data.take_number();
            stray.versions.set(write.key, write.number);
        }
    }
    let position = line.log.push(write);
    if line.stray.is_none() {
        cluster.deletions.note_write(write.key, write.number);
        cluster.trim();
    }
    cluster.members[m].stand_at(position, write.number);
    let every = cluster.settings.ship_every;
    if cluster.settings.kind == ReplicationKind::Snapshot {
        return (position, write.number);
    }
    if every == Span::ZERO {
        ship_to_all(ctx, c, m);
    } else if !std::mem::replace(&mut cluster.members[m].ships, true) {
        let node = cluster.members[m].node;
        ctx.queue.push(ctx.now + every, Event::Replication { node, due: Due::Shipment, stream: 0 });
    }
    (position, write.number)
}

/// Rows that moved to cluster `c` are a part of its history from here on: a replica that has not come so far does not have
/// them. The entry stands for all of them, under a key that no row has.
pub fn adopt(ctx: &mut Context, c: usize) {
    let main = ctx.clusters[c].line.primary;
    let entry = Entry {
        number: 0,
        key: u32::MAX,
        before: 0,
        at: ctx.now,
        draws: RequestKey::new(ctx.seed, 0),
        attempt: 0,
        class: ctx.probe_class(),
        rank: 0,
        acknowledged: false,
    };
    append(ctx, c, main, entry);
}

/// Primary `m` ships what it has committed to all that it streams to.
fn ship_to_all(ctx: &mut Context, c: usize, m: usize) {
    for to in ctx.clusters[c].present() {
        let replica = &ctx.clusters[c].members[to];
        if to != m && replica.follows == m && replica.connected && ctx.lives(c, m) {
            ship(ctx, c, m, to);
        }
    }
}

/// Primary `from` sends `to` all that it has not sent yet, as one message.
pub(super) fn ship(ctx: &mut Context, c: usize, from: usize, to: usize) {
    let (sender, receiver) = (ctx.clusters[c].members[from].node, ctx.clusters[c].members[to].node);
    if ctx.links.cuts(sender, receiver) {
        // Nobody tells it: the connection is set up anew once there is a way again.
        ctx.clusters[c].members[to].connected = false;
        return;
    }
    let log = &ctx.clusters[c].line_of(from).log;
    let (tip, rank) = (log.tip(), log.get(log.tip()).map_or(0, |entry| entry.rank));
    let member = &ctx.clusters[c].members[to];
    if member.sent == tip {
        return;
    }
    let (id, stream) = (ERRAND_IDS | tip, member.stream);
    let event = Event::Replication { node: receiver, due: Due::Receipt, stream };
    let at = ctx.message(sender, receiver, member.arrives_at, event);
    let member = &mut ctx.clusters[c].members[to];
    member.sent = tip;
    member.arrives_at = at;
    member.wire.push_back(tip);
    if rank >= ctx.observer.shift {
        let look = Look::Replication;
        ctx.observer.hop(Hop { id, from: sender, to: receiver, start: ctx.now, end: at, look });
    }
}

fn received(ctx: &mut Context, c: usize, m: usize) {
    let settings = ctx.clusters[c].settings;
    let member = &mut ctx.clusters[c].members[m];
    // An elected replica takes no more of its old primary.
    let Some(position) = member.wire.pop_front() else { return };
    member.received = position;
    member.to_disk.push_back(position);
    let (node, stream) = (member.node, member.stream);
    if settings.acknowledge == Acknowledge::Receipt {
        answer(ctx, c, m, position);
    }
    if settings.flush == Span::ZERO {
        flushed(ctx, c, m);
    } else {
        let lane = ctx.queue.lane(settings.flush);
        ctx.queue.push_lane(lane, ctx.now, Event::Replication { node, due: Due::Flush, stream });
    }
}

fn flushed(ctx: &mut Context, c: usize, m: usize) {
    let acknowledge = ctx.clusters[c].settings.acknowledge;
    let member = &mut ctx.clusters[c].members[m];
    let Some(position) = member.to_disk.pop_front() else { return };
    member.flushed = position;
    if acknowledge == Acknowledge::Flush {
        answer(ctx, c, m, position);
    }
    apply_next(ctx, c, m);
}

/// Replica `m` goes on applying what it has on disk: one write after the other.
pub(super) fn apply_next(ctx: &mut Context, c: usize, m: usize) {
    loop {
        let cluster = &mut ctx.clusters[c];
        let member = &cluster.members[m];
        if member.applying || member.role == Role::Primary || member.applied >= member.flushed {
            return;
        }
        let Some(&write) = cluster.line_of(m).log.get(member.applied + 1) else {
            // Its primary has forgotten what it would need next: only a new copy helps.
            copy::strand(ctx, c, m);
            return;
        };
        let program = &ctx.programs[usize::from(write.class)];
        let full = match write.key {
            deletion::STATEMENT => cluster.deletions.work(write.number).unwrap_or(Span::ZERO),
            _ => program.database.sampler.sample(write.draws.draw(write.attempt, Step::Database)),
        };
        let demand = Span((full.0 as f64 * cluster.settings.apply_work) as u64);
        if demand == Span::ZERO {
            note_applied(ctx, c, m);
            continue;
        }
        cluster.members[m].applying = true;
        let starts = cluster.members[m].starts;
        let job = errand(ctx, c, m, Upkeep::Apply, &write);
        ctx.jobs[job].user = starts;
        ctx.work_for(job, demand, None, false);
        return;
    }
}

/// A job of the cluster's own at member `m`.
pub(super) fn errand(ctx: &mut Context, c: usize, m: usize, upkeep: Upkeep, write: &Entry) -> u32 {
    let cluster = &mut ctx.clusters[c];
    cluster.errands += 1;
    let mut job = Job::new(ERRAND_IDS | cluster.errands, ctx.seed, ctx.now, 0, write.class, cluster.members[m].node);
    job.errand = Errand::Upkeep(upkeep);
    job.item = write.key;
    job.rank = 0;
    ctx.jobs.insert(job)
}

/// A write has been applied by replica `m`.
pub(super) fn applied(ctx: &mut Context, c: usize, m: usize, starts: u32) {
    let member = &mut ctx.clusters[c].members[m];
    if member.starts == starts {
        member.applying = false;
        note_applied(ctx, c, m);
        apply_next(ctx, c, m);
    }
}

fn note_applied(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let position = cluster.members[m].applied + 1;
    let write = cluster.line_of(m).log.get(position).copied();
    let acknowledge = cluster.settings.acknowledge;
    let member = &mut cluster.members[m];
    member.applied = position;
    if let Some(write) = write {
        member.applied_number = write.number;
        member.note_lag(ctx.now - write.at);
    }
    if acknowledge == Acknowledge::Apply {
        answer(ctx, c, m, position);
    }
    failover::caught_up(ctx, c, m);
}

/// Replica `m` tells its primary how far it is, if anybody waits for that.
pub(super) fn answer(ctx: &mut Context, c: usize, m: usize, position: u64) {
    let cluster = &ctx.clusters[c];
    let (replica, primary) = (&cluster.members[m], &cluster.members[cluster.members[m].follows]);
    let (from, to, stream) = (replica.node, primary.node, replica.stream);
    if cluster.settings.mode == Mode::Asynchronous || !replica.connected || ctx.links.cuts(from, to) {
        return;
    }
    let at = ctx.message(from, to, replica.answers_at, Event::Replication { node: from, due: Due::Answer, stream });
    let replica = &mut ctx.clusters[c].members[m];
    replica.answers_at = at;
    replica.answers.push_back(position);
}

/// The acknowledgement of replica `m` reaches its primary.
fn answered(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let Some(position) = cluster.members[m].answers.pop_front() else { return };
    let primary = cluster.members[m].follows;
    // All that was answered without waiting for it.
    let first = cluster.members[primary].pending.front();
    let answered = first.map_or(cluster.line_of(m).log.tip(), |first| first.position - 1);
    let member = &mut cluster.members[m];
    member.confirmed = member.confirmed.max(position);
    let returns = !member.in_sync && member.confirmed >= answered;
    let node = member.node;
    if returns {
        member.in_sync = true;
        ctx.tell(Fact::InSync { node });
    }
    release(ctx, c, primary);
}

/// Commits of primary `m` that have waited for enough replicas are answered.
pub fn release(ctx: &mut Context, c: usize, m: usize) {
    loop {
        let cluster = &mut ctx.clusters[c];
        let needed = cluster.needed(m);
        let Some(&first) = cluster.members[m].pending.front() else { return };
        let has = |i: &usize| {
            let member = &cluster.members[*i];
            *i != m && member.follows == m && member.confirmed >= first.position
        };
        if cluster.present().filter(has).count() < needed {
            return;
        }
        cluster.members[m].pending.pop_front();
        if ctx.jobs[first.job].traced {
            ctx.tracer.commits(&ctx.jobs[first.job], first.since, ctx.now);
        }
        ctx.resume(first.job);
    }
}

/// A commit of primary `m` may have waited too long: whoever has not confirmed it is not waited for any more.
fn lose_patience(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    if cluster.members[m].watched_at != ctx.now {
        return;
    }
    cluster.members[m].watched_at = SimTime::NEVER;
    if let Some(&first) = cluster.members[m].pending.front()
        && first.since + cluster.settings.drop_after <= ctx.now
    {
        let mut dropped = Vec::new();
        for i in cluster.present() {
            let member = &mut cluster.members[i];
            if i != m && member.follows == m && member.in_sync && member.confirmed < first.position {
                member.in_sync = false;
                dropped.push(member.node);
            }
        }
        dropped.into_iter().for_each(|node| ctx.tell(Fact::OutOfSync { node }));
        release(ctx, c, m);
    }
    let cluster = &mut ctx.clusters[c];
    let after = cluster.settings.drop_after;
    let member = &mut cluster.members[m];
    if let Some(first) = member.pending.front() {
        member.watched_at = (first.since + after).max(ctx.now + Span(1));
        let node = member.node;
        ctx.queue.push(member.watched_at, Event::Replication { node, due: Due::Patience, stream: 0 });
    }
}
