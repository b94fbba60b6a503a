//! Random outages of places: all that stands there loses its power, and starts again when it is back. When that happens is
//! drawn by the seed and the place alone, so that designs are compared in the very same outages.

use std::collections::VecDeque;

use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::{Event, NodeId};
use crate::rng::{Stream, exponential};
use crate::scenario::plan::Plan;
use crate::time::{SimTime, Span};

use super::World;

/// The most beginnings and ends of outages that a run remembers.
const REMEMBERED: usize = 20_000;

/// The outages of a place.
#[derive(Clone, Debug)]
pub(super) struct Outages {
    stream: Stream,
    /// Whether one is under way.
    out: bool,
    /// When that changes: an event for another time means nothing.
    due: SimTime,
}

/// An outage began or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When.
    pub at: SimTime,
    /// The place, by its number among those that have outages.
    pub place: u8,
    /// Whether it began.
    pub begins: bool,
}

/// Outages so far.
#[derive(Clone, Debug, Default)]
pub(super) struct OutageLog(VecDeque<Outage>);

impl World {
    /// When outages began and ended, oldest first.
    pub fn outages(&self) -> impl Iterator<Item = Outage> + '_ {
        self.outage_log.0.iter().copied()
    }

    /// The first outage of each place that has some.
    pub(super) fn begin_outages(&mut self) {
        let plan = self.plan.clone();
        for (place, own) in plan.outages.iter().enumerate() {
            // Of the place's name, so that another place more or less changes nothing.
            let name = own.place.bytes().fold(0x6f75_7461_6765, |name, byte| crate::rng::mix(name ^ u64::from(byte)));
            self.outages.push(Outages { stream: Stream::new(self.ctx.seed, name), out: false, due: SimTime::NEVER });
            self.plan_outage(place);
        }
    }

    /// Whether what stands where `node` does has no power.
    pub(super) fn is_lost(&self, node: NodeId) -> bool {
        let mut outages = self.plan.outages.iter().zip(&self.outages);
        outages.any(|(plan, own)| own.out && self.standing_at(&plan.place).contains(&node))
    }

    fn plan_outage(&mut self, place: usize) {
        let (plan, own) = (self.plan.clone(), &mut self.outages[place]);
        let mean = if own.out { plan.outages[place].mttr } else { plan.outages[place].mtbf };
        let length = Span((mean.0 as f64 * exponential(own.stream.draw())) as u64);
        own.due = self.ctx.now + length;
        self.ctx.queue.push(own.due, Event::Outage { place: place as u8 });
    }

    /// Outages are rarer, more frequent, longer or shorter from now on.
    pub(super) fn change_outages(&mut self, before: &Plan) {
        for place in 0..self.outages.len() {
            if before.outages[place] != self.plan.outages[place] {
                self.plan_outage(place);
            }
        }
    }

    /// An outage of a place begins or ends.
    pub(super) fn turn_outage(&mut self, place: u8) {
        let (plan, index) = (self.plan.clone(), usize::from(place));
        if self.outages[index].due != self.ctx.now {
            return;
        }
        let begins = !self.outages[index].out;
        self.outages[index].out = begins;
        if self.outage_log.0.len() == REMEMBERED {
            self.outage_log.0.pop_front();
        }
        self.outage_log.0.push_back(Outage { at: self.ctx.now, place, begins });
        self.ctx.tell(if begins { Fact::OutageBegan { place } } else { Fact::OutageEnded { place } });
        for node in self.standing_at(&plan.outages[index].place) {
            if begins {
                self.kill(node, true, false);
            } else if self.ctx.nodes[node.index()].life == Life::Down {
                self.begin_boot(node);
            }
        }
        self.plan_outage(index);
    }
}
