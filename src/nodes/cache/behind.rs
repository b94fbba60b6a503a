//! Writes that a cache has answered and not yet written to the database: by key, so that a later write takes the place of
//! an earlier one. A crash loses them.
//!
//! Exactly: accepted = written + lost + kept back or under way. A write whose place a later one took is written, or lost,
//! with that one.

use std::collections::{BTreeMap, BTreeSet};

use crate::nodes::job::{Ask, Errand};
use crate::nodes::{Context, Event, Job, NodeId};
use crate::time::Span;

/// How many writes a tier of caches has accepted, and what became of them; since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BehindCounts {
    /// Answered before they were written.
    pub accepted: u64,
    /// Of these: carried out by the database since.
    pub written: u64,
    /// Of these: never to be written, since the cache died.
    pub lost: u64,
}

/// A value that the database does not have yet.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// The request that wrote it last: its number, user and class.
    id: u64,
    user: u32,
    class: u8,
    version: u64,
    /// How many writes it stands for.
    writes: u32,
}

/// What one cache keeps back.
#[derive(Clone, Debug, Default)]
pub struct Behind {
    waiting: BTreeMap<u32, Pending>,
    /// Keys of which a write is under way: the next one waits, so that none overtakes another.
    under_way: BTreeSet<u32>,
    /// A flush will come.
    is_due: bool,
    /// It begins anew with each restart.
    life: u32,
}

impl Behind {
    /// The newest version of `key`, if the database does not have it yet.
    pub fn version(&self, key: u32) -> Option<u64> {
        self.waiting.get(&key).map(|pending| pending.version)
    }

    /// Writes that are kept back, those under way not counted.
    pub fn kept_back(&self) -> u64 {
        self.waiting.values().map(|pending| u64::from(pending.writes)).sum()
    }

    /// The write of `job` is kept back, for so long at most.
    pub fn accept(&mut self, ctx: &mut Context, job: u32, interval: Span) {
        let entry = &ctx.jobs[job];
        let node = entry.node();
        ctx.tiers[ctx.nodes[node.index()].tier.index()].behind.accepted += 1;
        self.keep(entry, 1);
        self.schedule(ctx, node, interval);
    }

    fn keep(&mut self, job: &Job, writes: u32) {
        let Job { id, user, class, version, item, .. } = *job;
        let pending = self.waiting.entry(item).or_insert(Pending { id, user, class, version, writes: 0 });
        if version >= pending.version {
            (pending.id, pending.user, pending.class, pending.version) = (id, user, class, version);
        }
        pending.writes += writes;
    }

    fn schedule(&mut self, ctx: &mut Context, node: NodeId, interval: Span) {
        if !std::mem::replace(&mut self.is_due, true) {
            ctx.queue.push(ctx.now + interval, Event::Flush { node, life: self.life });
        }
    }

    /// All that is kept back sets out for the database, but for keys that are under way.
    pub fn flush(&mut self, ctx: &mut Context, node: NodeId, life: u32, interval: Span) {
        if life != self.life {
            return;
        }
        self.is_due = false;
        let keys: Vec<u32> = self.waiting.keys().copied().filter(|key| !self.under_way.contains(key)).collect();
        for key in keys {
            let Pending { id, user, class, version, writes } = self.waiting.remove(&key).expect("it is listed");
            let mut job = Job::new(id, ctx.seed, ctx.now, user, class, node);
            job.errand = Errand::Background;
            (job.ask, job.item, job.version, job.carries) = (Ask::Write, key, version, writes);
            self.under_way.insert(key);
            let job = ctx.jobs.insert(job);
            ctx.departing.push(job);
        }
        if !self.waiting.is_empty() {
            self.schedule(ctx, node, interval);
        }
    }

    /// A write is back from the database. What that did not carry out is kept back again.
    pub fn returned(&mut self, ctx: &mut Context, job: u32, interval: Span) {
        let entry = &mut ctx.jobs[job];
        self.under_way.remove(&entry.item);
        let carries = std::mem::take(&mut entry.carries);
        if carries > 0 {
            let node = entry.node();
            self.keep(&ctx.jobs[job], carries);
            self.schedule(ctx, node, interval);
        }
    }

    /// It is gone with the memory. Returns how many writes.
    pub fn forget(&mut self) -> u64 {
        let lost = self.kept_back();
        *self = Self { life: self.life + 1, ..Self::default() };
        lost
    }
}
