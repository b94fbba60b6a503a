//! A cache whose hits are a plain probability: for theory and benchmarks, where keys are switched off.

pub mod entries;
mod index;
mod order;

use crate::rng::{Step, unit};

use super::context::Work;
use super::job::Cause;
use super::station::{Admission, Station};
use super::{Context, Next};

/// A cache server.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Connections and the queue for them.
    pub station: Station,
    /// Work of a look-up.
    pub lookup: Work,
    /// Probability that it has what is asked for.
    pub hit_probability: f64,
}

impl Cache {
    /// A look-up arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self.station.admit(ctx.now, job) {
            Admission::Refused => return Next::Fail(Cause::Refused),
            Admission::Waits => ctx.begin_waiting(ctx.jobs[job].node()),
            Admission::Admitted => ctx.work(job, self.lookup, Step::Cache, false),
        }
        Next::Parked
    }

    /// A look-up is done.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            ctx.work(next, self.lookup, Step::Cache, true);
        }
        let entry = &mut ctx.jobs[job];
        entry.from_cache = unit(entry.key.draw(entry.attempt, Step::CacheHit)) < self.hit_probability;
        Next::Reply
    }

    /// Connections were added.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32, backlog: u32) {
        self.station.slots = slots;
        self.station.backlog = backlog;
        while let Some(job) = self.station.admit_waiting(ctx.now) {
            ctx.work(job, self.lookup, Step::Cache, true);
        }
    }
}
