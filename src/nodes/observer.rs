//! Who watches a run: hops of a sample of the requests, marks where requests failed, facts worth a line in the log.
//!
//! Everything here is bounded and none of it steers. Which requests are watched is chosen by the hash of their id, so
//! watching draws no number and changes nothing.

use std::collections::VecDeque;

use crate::time::SimTime;

use super::job::{Ask, Cause, Errand};
use super::picks::Picks;
use super::{Job, NodeId};

pub use super::fact::Fact;

/// A watched request on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The request's number.
    pub id: u64,
    /// From where.
    pub from: NodeId,
    /// To where.
    pub to: NodeId,
    /// When it set out.
    pub start: SimTime,
    /// When it arrives.
    pub end: SimTime,
    /// What it looks like.
    pub look: Look,
}

/// What a request on the wire looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Look {
    /// It reads.
    Read,
    /// It writes.
    Write,
    /// It was answered from a cache.
    FromCache,
    /// It failed.
    Failed,
    /// No request, but what a primary sends a replica.
    Replication,
    /// An answer of a cache that has nothing for the key.
    Miss,
    /// A value that is put into a cache after a miss.
    Fill,
    /// An answer that is older than what a client was told of before the request was sent.
    Stale,
    /// 401: nobody knows the cookie that it came with.
    Unauthorized,
    /// A message between a broker and a consumer.
    Message,
}

impl Look {
    /// All looks, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Read,
        Self::Write,
        Self::FromCache,
        Self::Failed,
        Self::Replication,
        Self::Miss,
        Self::Fill,
        Self::Stale,
        Self::Unauthorized,
        Self::Message,
    ];

    /// What a request on the wire looks like: whether it writes, whether it is on its way back, and whether the one end
    /// that is not its client's side is a cache with entries.
    #[inline]
    pub fn of(job: &Job, writes: bool, back: bool, at_cache: bool) -> Self {
        if let Some(cause) = job.failed {
            return if cause == Cause::Unauthorized { Self::Unauthorized } else { Self::Failed };
        }
        if job.errand == Errand::Delivery {
            return Self::Message;
        }
        match (writes, back) {
            (true, _) => Self::Write,
            (false, true) if job.stale => Self::Stale,
            (false, true) if job.from_cache => Self::FromCache,
            (false, true) if at_cache && job.ask == Ask::Get => Self::Miss,
            (false, false) if at_cache && job.ask == Ask::Set => Self::Fill,
            (false, _) => Self::Read,
        }
    }
}

/// The place where a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub time: SimTime,
    /// Where.
    pub node: NodeId,
    /// Why.
    pub cause: Cause,
}

/// The watched part of a run.
#[derive(Clone, Debug)]
pub struct Observer {
    /// One request in 2^shift is watched; [`Observer::NOBODY`] when none is.
    pub shift: u8,
    /// Requests that are worth a closer look.
    pub picks: Picks,
    hops: VecDeque<Hop>,
    marks: VecDeque<Mark>,
    facts: VecDeque<(SimTime, Fact)>,
    told: u64,
}

impl Default for Observer {
    fn default() -> Self {
        Self {
            shift: Self::NOBODY,
            picks: Picks::default(),
            hops: VecDeque::new(),
            marks: VecDeque::new(),
            facts: VecDeque::new(),
            told: 0,
        }
    }
}

impl Observer {
    /// The shift at which no request is watched, however its id hashes, but those that are followed.
    pub const NOBODY: u8 = u8::MAX;
    const HOPS_MAX: usize = 8192;
    const MARKS_MAX: usize = 512;
    const FACTS_MAX: usize = 500;

    /// A watched request sets out.
    pub fn hop(&mut self, hop: Hop) {
        push_bounded(&mut self.hops, hop, Self::HOPS_MAX);
    }

    /// A request of this rank failed.
    pub fn mark(&mut self, time: SimTime, node: NodeId, cause: Cause, rank: u8) {
        if rank >= self.shift {
            push_bounded(&mut self.marks, Mark { time, node, cause }, Self::MARKS_MAX);
        }
    }

    /// A fact for the log.
    pub fn tell(&mut self, time: SimTime, fact: Fact) {
        push_bounded(&mut self.facts, (time, fact), Self::FACTS_MAX);
        self.told += 1;
    }

    /// The hops that were on the wire at some instant after `since`, oldest departure first.
    pub fn hops_since(&self, since: SimTime) -> impl Iterator<Item = &Hop> {
        self.hops.iter().filter(move |hop| hop.end > since)
    }

    /// The failures after `since`, oldest first.
    pub fn marks_since(&self, since: SimTime) -> impl Iterator<Item = &Mark> {
        self.marks.iter().filter(move |mark| mark.time > since)
    }

    /// The newest facts, oldest first, and how many were told since the start of the run.
    pub fn facts(&self) -> (&VecDeque<(SimTime, Fact)>, u64) {
        (&self.facts, self.told)
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, limit: usize) {
    if queue.len() == limit {
        queue.pop_front();
    }
    queue.push_back(item);
}
