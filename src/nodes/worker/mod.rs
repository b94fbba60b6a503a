//! A worker: a consumer of a broker's queue. It works on as many messages at once as it has slots, holds as many more as it
//! was sent ahead (prefetch), and acknowledges each when its work is done, or so many together.
//!
//! - `crew.rs`: what the workers of a tier share: settings, subscriptions, counts.
//! - `memory.rs`: which messages an idempotent consumer has done.
//! - `people.rs`: what waits for a person, which keeps no worker busy.

pub mod crew;
pub mod memory;
pub mod people;

use crate::rng::{Step, unit};

use super::job::{Errand, Handling};
use super::station::{Admission, Station};
use super::{Context, Next, TierId};

/// A worker.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Messages that it works on at once, and those that wait at it.
    pub station: Station,
    /// Deliveries that are done and not acknowledged.
    unsent: Vec<u32>,
}

impl Worker {
    /// A worker that has nothing to do. How much may wait at it is the broker's matter.
    pub fn new(slots: u32) -> Self {
        Self { station: Station::new(slots, u32::MAX), unsent: Vec::new() }
    }

    /// A message arrives.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self.station.admit(ctx.now, job) {
            Admission::Refused | Admission::Waits => ctx.begin_waiting(ctx.jobs[job].node()),
            Admission::Admitted => self.begin(ctx, job, false),
        }
        Next::Parked
    }

    fn begin(&mut self, ctx: &mut Context, job: u32, queued: bool) {
        let (id, queue, tier) = (ctx.jobs[job].id, ctx.jobs[job].delivery.queue, tier_of(ctx, job));
        let crew = crew::of_tier_mut(ctx, tier);
        if crew.memory.as_ref().is_some_and(|memory| memory.knows(id, queue)) {
            crew.counts.recognised += 1;
            ctx.jobs[job].delivery.handling = Handling::Recognised;
            if queued {
                let node = ctx.jobs[job].node();
                ctx.nodes[node.index()].waiting.decrement(ctx.now);
            }
            ctx.resume(job);
            return;
        }
        let own = crew.work;
        let class = usize::from(ctx.jobs[job].class);
        let work = own.or_else(|| ctx.programs[class].job.as_ref().map(|job| job.work));
        ctx.work(job, work.expect("a check sees to it that there is some"), Step::Job, queued);
    }

    /// The work on a message is done.
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        let tier = tier_of(ctx, job);
        let drawn = unit(ctx.jobs[job].key.draw(0, Step::Poison));
        let crew = crew::of_tier_mut(ctx, tier);
        if drawn < crew.settings.poison {
            crew.counts.refused += 1;
            ctx.jobs[job].delivery.handling = Handling::Refused;
            self.take_next(ctx);
            if self.station.busy.value() == 0 {
                self.send_all(ctx);
            }
            return Next::Reply;
        }
        crew::complete(ctx, tier, job);
        self.take_next(ctx);
        self.acknowledge(ctx, job)
    }

    /// A message that had been done before is recognised; or one that was done is acknowledged with others.
    pub fn join(&mut self, ctx: &mut Context, job: u32) -> Next {
        match ctx.jobs[job].delivery.handling {
            Handling::Recognised => {
                // It needs no slot any more, however long its acknowledgement waits for others.
                ctx.jobs[job].delivery.handling = Handling::Done;
                self.take_next(ctx);
                self.acknowledge(ctx, job)
            }
            Handling::Done | Handling::Refused | Handling::Untouched => Next::Reply,
        }
    }

    /// What people have decided was published; or it was not, and will be again.
    pub fn returned(&mut self, ctx: &mut Context, job: u32) -> Next {
        debug_assert!(ctx.jobs[job].errand == Errand::Decision, "it calls for nothing else");
        if ctx.jobs[job].failed.is_some() {
            ctx.jobs[job].applied = false;
        }
        ctx.forget(job);
        Next::Parked
    }

    /// Acknowledges what is done once there is enough of it, or there is nothing else to do.
    fn acknowledge(&mut self, ctx: &mut Context, job: u32) -> Next {
        let every = crew::of_tier_mut(ctx, tier_of(ctx, job)).settings.acknowledge_every as usize;
        if self.unsent.len() + 1 < every && self.station.busy.value() > 0 {
            self.unsent.push(job);
            return Next::Parked;
        }
        self.send_all(ctx);
        Next::Reply
    }

    fn send_all(&mut self, ctx: &mut Context) {
        for other in std::mem::take(&mut self.unsent) {
            ctx.resume(other);
        }
    }

    fn take_next(&mut self, ctx: &mut Context) {
        if let Some(next) = self.station.release(ctx.now) {
            self.begin(ctx, next, true);
        }
    }

    /// Slots were added.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32) {
        self.station.slots = slots;
        while let Some(job) = self.station.admit_waiting(ctx.now) {
            self.begin(ctx, job, true);
        }
    }

    /// It died.
    pub fn forget(&mut self) {
        self.unsent.clear();
    }
}

fn tier_of(ctx: &Context, job: u32) -> TierId {
    ctx.nodes[ctx.jobs[job].node().index()].tier
}
