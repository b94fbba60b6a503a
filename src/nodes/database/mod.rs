//! A database server: connections (slots), a queue for them, and work on its machine.

pub mod buffer_pool;

use crate::rng::{Step, below, mix};

use super::job::{Cause, Errand, Phase};
use super::station::{Admission, Station};
use super::{Context, Next, NodeId, TierId};
use buffer_pool::BufferPool;

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
        match self.station.admit(ctx.now, job) {
            Admission::Refused => return Next::Fail(Cause::Refused),
            Admission::Waits => ctx.begin_waiting(ctx.jobs[job].node()),
            Admission::Admitted => self.begin(ctx, job, false),
        }
        Next::Parked
    }

    /// The work on a query is done. A write has to be safe on the disk, where there is one, before it is carried out.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
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
    pub fn flushed(&mut self, ctx: &mut Context, node: NodeId, life: u32) -> Vec<u32> {
        let pool = self.pool.as_mut().expect("there is a log to flush");
        let safe = pool.flushed(ctx, node, life);
        for &job in &safe {
            self.carry_out(ctx, job);
        }
        safe
    }

    /// What a query asks for is done.
    #[inline]
    fn carry_out(&mut self, ctx: &mut Context, job: u32) -> Next {
        let write = ctx.programs[usize::from(ctx.jobs[job].class)].write;
        if write {
            ctx.apply_write(job);
        }
        if let Some(data) = &mut ctx.data {
            let entry = &mut ctx.jobs[job];
            match (write, entry.errand) {
                (false, _) => entry.version = data.version(entry.item),
                // It has its number from the cache that accepted it.
                (true, Errand::Background) => data.write_as(entry.item, entry.version),
                (true, _) => entry.version = data.write(entry.item),
            }
        }
        if let Some(next) = self.station.release(ctx.now) {
            self.begin(ctx, next, true);
        }
        Next::Reply
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
        let item = ctx.jobs[job].item;
        if let Some(pool) = &mut self.pool
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

/// The database of a tier that `job` is to ask: the one that holds the user's keys, or the next in turn.
#[inline]
pub fn choose(ctx: &mut Context, tier: TierId, job: u32) -> Option<NodeId> {
    let user = ctx.jobs[job].user;
    let tier = &mut ctx.tiers[tier.index()];
    if tier.partitioned {
        let part = below(mix(u64::from(user) ^ 0x9a27), tier.instances as u32);
        return Some(tier.members[part as usize]);
    }
    tier.turn = if tier.turn + 1 < tier.instances as u32 { tier.turn + 1 } else { 0 };
    Some(tier.members[tier.turn as usize])
}
