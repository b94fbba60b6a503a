//! A cache that stands before the database: it asks for what it does not have, takes writes, and reads anew what is about
//! to expire.

use crate::nodes::context::NodeState;
use crate::nodes::database;
use crate::nodes::job::{Ask, Cause, Errand};
use crate::nodes::{Context, Job, Next, NodeId, sharding};

use super::entries::Entry;
use super::{Cache, Holds};

impl Cache {
    /// It does not have what is asked for: the database is asked, once for all who miss the same.
    pub(super) fn ask_database(&mut self, ctx: &mut Context, job: u32) -> Next {
        if !ctx.needs_database(job) {
            return self.reply(ctx);
        }
        let coalesces = self.through.is_some_and(|through| through.coalesces);
        if coalesces && self.flights.joins(ctx, job) {
            let tier = ctx.nodes[ctx.jobs[job].node().index()].tier;
            ctx.tiers[tier.index()].coalesced += 1;
            return Next::Parked;
        }
        self.call_database(ctx, job)
    }

    pub(super) fn call_database(&mut self, ctx: &mut Context, job: u32) -> Next {
        let through = self.through.expect("it stands before a database");
        // Checked: what it asks for is on one shard.
        sharding::aim(ctx, through.database, job);
        match database::choose(ctx, through.database, job) {
            Some(node) => {
                ctx.jobs[job].trips = ctx.programs[usize::from(ctx.jobs[job].class)].database_trips;
                Next::Call(node)
            }
            None => {
                let own = ctx.jobs[job].node();
                ctx.jobs[job].failed = Some(Cause::ReadOnly);
                ctx.note_failure(job, own, Cause::ReadOnly);
                self.told(ctx, job)
            }
        }
    }

    /// A write is answered before the database has it.
    pub(super) fn write_later(&mut self, ctx: &mut Context, job: u32) -> Next {
        let interval = self.through.and_then(|through| through.behind).expect("it keeps writes back");
        let data = ctx.data.as_mut().expect("a cache with entries has keys");
        ctx.jobs[job].version = data.take_number();
        ctx.writes.apply(&mut ctx.jobs[job]);
        self.behind.accept(ctx, job, interval);
        self.store(ctx, job);
        self.reply(ctx)
    }

    /// The database has answered.
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        let entry = &mut ctx.jobs[job];
        if entry.failed.is_none() && entry.trips > 1 {
            entry.trips -= 1;
            return Next::Call(from);
        }
        if std::mem::take(&mut entry.sent_on) && entry.failed.is_none() {
            return self.call_database(ctx, job);
        }
        self.told(ctx, job)
    }

    fn told(&mut self, ctx: &mut Context, job: u32) -> Next {
        if ctx.jobs[job].errand == Errand::Background {
            return self.end_background(ctx, job);
        }
        self.flights.tell_others(ctx, job);
        if ctx.jobs[job].failed.is_none() {
            self.store(ctx, job);
        }
        self.reply(ctx)
    }

    /// A request that waited for what another one was told goes on.
    pub fn join(&mut self, ctx: &mut Context) -> Next {
        self.reply(ctx)
    }

    /// What was asked for is about to expire: it is read anew, while this answer is given as it is.
    pub(super) fn refresh(&mut self, ctx: &mut Context, job: u32, found: Entry) {
        let (Some(through), Holds::Entries { life, .. }) = (self.through, &self.holds) else { return };
        let Some(ttl) = life.ttl else { return };
        if (found.expires - ctx.now).0 as f64 >= through.refreshed_in_last * ttl.0 as f64 {
            return;
        }
        let entry = &ctx.jobs[job];
        if !self.refreshing.insert(entry.item) {
            return;
        }
        let mut reader = Job::new(entry.id, ctx.seed, ctx.now, entry.user, entry.class, entry.node());
        reader.errand = Errand::Background;
        (reader.item, reader.expects) = (entry.item, entry.expects);
        let reader = ctx.jobs.insert(reader);
        ctx.departing.push(reader);
    }

    /// What it does by itself sets out.
    pub fn set_out(&mut self, ctx: &mut Context, job: u32) -> Next {
        self.call_database(ctx, job)
    }

    fn end_background(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        match entry.ask {
            Ask::Write => {
                let interval = self.through.and_then(|through| through.behind).expect("it keeps writes back");
                self.behind.returned(ctx, job, interval);
            }
            Ask::Get => {
                self.refreshing.remove(&entry.item);
                if entry.failed.is_none() {
                    self.refreshed += 1;
                    self.store(ctx, job);
                }
            }
            Ask::Set | Ask::Delete => unreachable!("it does not ask itself"),
        }
        ctx.forget(job);
        Next::Parked
    }

    /// The writes that were kept back long enough set out.
    pub fn flush(&mut self, ctx: &mut Context, node: NodeId, life: u32) {
        if let Some(interval) = self.through.and_then(|through| through.behind) {
            self.behind.flush(ctx, node, life, interval);
        }
    }

    /// It died: what was kept back is lost with the memory, and nobody waits any more.
    pub fn die(&mut self, ctx: &mut Context, node: NodeId) {
        self.forget();
        self.flights.clear();
        self.refreshing.clear();
        let NodeState { tier, .. } = ctx.nodes[node.index()];
        ctx.tiers[tier.index()].behind.lost += self.behind.forget();
    }
}
