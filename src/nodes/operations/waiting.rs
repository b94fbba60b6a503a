//! How long a request has been at a node, and how long a call takes, in the eyes of whoever waits for it.

use crate::time::{SimTime, Span};

use super::super::Job;

/// A tick is 2^10 ns: 32 bits of them last for 73 minutes, which no call takes.
const TICK_BITS: u32 = 10;

/// An instant in ticks; only differences mean anything.
#[inline]
pub fn ticks(now: SimTime) -> u32 {
    (now.0 >> TICK_BITS) as u32
}

impl Job {
    /// It reaches the node where it is.
    #[inline]
    pub fn reach(&mut self, now: SimTime) {
        self.arrived = now;
        if self.path().len() == 2 {
            self.since[1] = ticks(now);
        }
    }

    /// How long the node where it is has had it; in the eyes of its caller, unless that is a client.
    pub fn waited(&self, now: SimTime) -> Span {
        self.since_entering(self.path().len() - 1, now)
    }

    /// How long the call took from which it has come back, in the eyes of the node where it is.
    pub fn waited_for_call(&self, now: SimTime) -> Span {
        self.since_entering(self.path().len(), now)
    }

    fn since_entering(&self, index: usize, now: SimTime) -> Span {
        Span(u64::from(ticks(now).wrapping_sub(self.since[index])) << TICK_BITS)
    }
}
