//! Admission to a server: slots for requests in hand, a backlog for those before the door.

use std::collections::VecDeque;

use crate::metrics::Gauge;
use crate::time::SimTime;

/// What became of a request at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It has a slot.
    Admitted,
    /// It waits for one.
    Waits,
    /// The backlog is full.
    Refused,
}

/// Slots and backlog of one server.
#[derive(Clone, Debug)]
pub struct Station {
    /// Requests in hand at once.
    pub slots: u32,
    /// Requests that may wait for a slot.
    pub backlog: u32,
    /// Slots in use, over time.
    pub busy: Gauge,
    waiting: VecDeque<u32>,
}

impl Station {
    /// An empty server.
    pub fn new(slots: u32, backlog: u32) -> Self {
        Self { slots, backlog, busy: Gauge::default(), waiting: VecDeque::new() }
    }

    /// A request is at the door.
    #[inline]
    pub fn admit(&mut self, now: SimTime, job: u32) -> Admission {
        if self.busy.value() < self.slots {
            self.busy.increment(now);
            Admission::Admitted
        } else if self.waiting.len() < self.backlog as usize {
            self.waiting.push_back(job);
            Admission::Waits
        } else {
            Admission::Refused
        }
    }

    /// A request leaves its slot. Returns the one that gets it.
    #[inline]
    pub fn release(&mut self, now: SimTime) -> Option<u32> {
        if self.busy.value() <= self.slots
            && let Some(job) = self.waiting.pop_front()
        {
            return Some(job);
        }
        self.busy.decrement(now);
        None
    }

    /// Gives a free slot to a waiting request: after slots were added.
    pub fn admit_waiting(&mut self, now: SimTime) -> Option<u32> {
        if self.busy.value() >= self.slots {
            return None;
        }
        let job = self.waiting.pop_front()?;
        self.busy.increment(now);
        Some(job)
    }

    /// All slots and the backlog are empty again.
    pub fn clear(&mut self, now: SimTime) {
        self.busy.set(now, 0);
        self.waiting.clear();
    }
}
