//! A database server: connections (slots), a queue for them, and work on its machine.

use crate::rng::Step;

use super::job::Cause;
use super::station::{Admission, Station};
use super::{Context, Next};

/// A database server.
#[derive(Clone, Debug)]
pub struct Database {
    /// Connections and the queue for them.
    pub station: Station,
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

    /// A query is done.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        let write = ctx.programs[usize::from(ctx.jobs[job].class)].write;
        if write {
            ctx.writes.apply(&mut ctx.jobs[job]);
        }
        if let Some(data) = &mut ctx.data {
            let entry = &mut ctx.jobs[job];
            entry.version = if write { data.write(entry.item) } else { data.version(entry.item) };
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

    #[inline]
    fn begin(&mut self, ctx: &mut Context, job: u32, queued: bool) {
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].database;
        ctx.work(job, work, Step::Database, queued);
    }
}
