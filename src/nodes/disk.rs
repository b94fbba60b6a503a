//! A disk of a machine: operations wait in line, first come, first served, and so many are under way at once.
//!
//! What it is read for waits in hand at its node; what is written back in the background keeps the disk busy and nobody
//! waiting. A process that dies leaves what the disk is at to its end.

use std::collections::VecDeque;

use crate::engine::Slab;
use crate::metrics::Gauge;
use crate::rng::{Sampler, Step, Stream};
use crate::time::{SimTime, Span};

use super::job::Whereabouts;
use super::{Context, Event, Job, NodeId};

/// What a disk can do; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Medium {
    /// How long it takes to read or write a page anywhere on it.
    pub access: Sampler,
    /// How long it takes until what was appended to a log is safe.
    pub flush: Span,
    /// Operations that are under way at once.
    pub parallel: u32,
}

/// What a disk is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// To read for a request.
    Read {
        /// The request.
        job: u32,
    },
    /// To make the log of a database safe.
    Flush {
        /// The database.
        node: NodeId,
        /// Which of its lives it is in: a later one does not want to know.
        life: u32,
    },
    /// To write something back, for which nobody waits.
    Write,
}

/// A disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// What it can do.
    pub medium: Medium,
    /// Operations under way, over time.
    pub busy: Gauge,
    /// Operations that are over, since the start.
    pub operations: u64,
    waiting: VecDeque<Operation>,
    under_way: Slab<Operation>,
    /// For what belongs to no request.
    random: Stream,
}

impl Disk {
    /// An idle disk. `number` tells it from the others of the run.
    pub fn new(medium: Medium, seed: u64, number: u16) -> Self {
        Self {
            medium,
            busy: Gauge::default(),
            operations: 0,
            waiting: VecDeque::new(),
            under_way: Slab::default(),
            random: Stream::new(seed, 0xd15c ^ (u64::from(number) << 16)),
        }
    }

    /// Operations that wait for others to end.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Nobody waits any more for reads whose request `gone` names and that have not begun.
    pub fn remove(&mut self, gone: impl Fn(u32) -> bool) {
        self.waiting.retain(|operation| match operation {
            Operation::Read { job } => !gone(*job),
            Operation::Flush { .. } | Operation::Write => true,
        });
    }

    /// An operation is over. Returns it, and the next one if that may begin.
    fn finish(&mut self, now: SimTime, key: u32) -> (Operation, Option<Operation>) {
        let over = self.under_way[key];
        self.under_way.remove(key);
        self.operations += 1;
        self.busy.decrement(now);
        // With fewer at once than before, a freed place may be one that is gone.
        let next = if self.busy.value() < self.medium.parallel { self.waiting.pop_front() } else { None };
        (over, next)
    }
}

impl Context {
    /// The disk of a node's machine has something to do.
    pub fn use_disk(&mut self, node: NodeId, operation: Operation) {
        let disk = self.nodes[node.index()].disk.expect("a node that reads and writes has a disk");
        let state = &mut self.disks[usize::from(disk)];
        if state.busy.value() < state.medium.parallel {
            self.begin_operation(disk, operation);
        } else {
            state.waiting.push_back(operation);
        }
    }

    /// `job` reads a page from the disk of its node, for which it has been waiting there if it was `queued`.
    pub fn read_disk(&mut self, job: u32, queued: bool) {
        self.end_waiting(job, queued);
        self.use_disk(self.jobs[job].node(), Operation::Read { job });
    }

    fn begin_operation(&mut self, disk: u16, operation: Operation) {
        let state = &mut self.disks[usize::from(disk)];
        let takes = match operation {
            Operation::Read { job } => {
                let entry: &mut Job = &mut self.jobs[job];
                entry.whereabouts = Whereabouts::Reading;
                if entry.traced {
                    self.tracer.begins_reading(entry, self.now);
                }
                state.medium.access.sample(entry.key.draw(entry.attempt, Step::Disk))
            }
            Operation::Flush { .. } => state.medium.flush,
            Operation::Write => state.medium.access.sample(state.random.draw()),
        };
        state.busy.increment(self.now);
        let operation = state.under_way.insert(operation);
        self.queue.push(self.now + takes, Event::Disk { disk, operation });
    }

    /// An operation of a disk is over; the next one begins.
    pub fn end_operation(&mut self, disk: u16, key: u32) -> Operation {
        let (over, next) = self.disks[usize::from(disk)].finish(self.now, key);
        if let Some(next) = next {
            self.begin_operation(disk, next);
        }
        over
    }

    /// A disk can do something else from now on.
    pub fn change_disk(&mut self, disk: u16, medium: Medium) {
        self.disks[usize::from(disk)].medium = medium;
        while self.disks[usize::from(disk)].busy.value() < medium.parallel
            && let Some(next) = self.disks[usize::from(disk)].waiting.pop_front()
        {
            self.begin_operation(disk, next);
        }
    }
}
