//! Who watches a run: hops of a sample of the requests, marks where requests failed, facts worth a line in the log.
//!
//! Everything here is bounded and none of it steers. Which requests are watched is chosen by the hash of their id, so
//! watching draws no number and changes nothing.

use std::collections::VecDeque;

use crate::time::SimTime;

use super::autoscaler::Metric;
use super::job::{Ask, Cause};
use super::{Job, NodeId, TierId};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl Look {
    /// All looks, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Write,
        Self::FromCache,
        Self::Failed,
        Self::Replication,
        Self::Miss,
        Self::Fill,
        Self::Stale,
    ];

    /// What a request on the wire looks like: whether it writes, whether it is on its way back, and whether the one end
    /// that is not its client's side is a cache with entries.
    #[inline]
    pub fn of(job: &Job, writes: bool, back: bool, at_cache: bool) -> Self {
        if job.failed.is_some() {
            return Self::Failed;
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

/// Something worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A node died with so many requests on it.
    Killed {
        /// The node.
        node: NodeId,
        /// Requests that were on it.
        lost: u32,
    },
    /// A node was told to start again.
    Restoring {
        /// The node.
        node: NodeId,
    },
    /// A node serves from now on.
    Started {
        /// The node.
        node: NodeId,
    },
    /// A node gets no new requests; it finishes what it has.
    Drained {
        /// The node.
        node: NodeId,
    },
    /// A server that was taken out is gone, and what was in its memory.
    Gone {
        /// The node.
        node: NodeId,
    },
    /// An autoscaler has changed how many servers a tier is to have.
    Scaled {
        /// The tier.
        tier: TierId,
        /// How many there were.
        from: u16,
        /// How many there are to be.
        to: u16,
        /// What it goes by.
        metric: Metric,
        /// What it measured, in hundredths: of a percent of utilisation, of a waiting request, of an hour.
        centi: u32,
    },
    /// A server was taken out after so many failed probes.
    TakenOut {
        /// Who watches it.
        watcher: NodeId,
        /// The server.
        server: NodeId,
        /// Failed probes in a row.
        probes: u32,
    },
    /// A server was taken in after so many successful probes.
    TakenIn {
        /// Who watches it.
        watcher: NodeId,
        /// The server.
        server: NodeId,
        /// Successful probes in a row.
        probes: u32,
    },
    /// A balancer took a server out after so many failed requests.
    Ejected {
        /// The balancer.
        balancer: NodeId,
        /// The server.
        server: NodeId,
        /// Failed requests in a row.
        failures: u32,
    },
    /// A balancer tries a server again that it had taken out for failed requests.
    Readmitted {
        /// The balancer.
        balancer: NodeId,
        /// The server.
        server: NodeId,
    },
    /// The passive one of a pair took over the address after so many missed heartbeats.
    TookOver {
        /// Who has the address now.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// A replica counts as dead: no reads are sent to it.
    Unlisted {
        /// The replica.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// A replica has caught up: reads are sent to it.
    Listed {
        /// The replica.
        node: NodeId,
    },
    /// A primary counts as dead.
    PrimaryLost {
        /// The primary.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// A replica was elected to be the primary.
    Elected {
        /// The replica.
        node: NodeId,
    },
    /// An old primary's power was cut, so that there is only one.
    Fenced {
        /// The old primary.
        node: NodeId,
    },
    /// A replica is the primary from now on.
    Promoted {
        /// The new primary.
        node: NodeId,
    },
    /// A replica became the primary as planned.
    SwitchedOver {
        /// The new primary.
        node: NodeId,
    },
    /// Writes that clients had been told of are not on the new primary.
    LostWrites {
        /// The old primary, which has them.
        node: NodeId,
        /// How many.
        lost: u32,
    },
    /// A primary that hears no majority takes no writes.
    SteppedDown {
        /// The primary.
        node: NodeId,
    },
    /// It hears a majority again.
    SteppedUp {
        /// The primary.
        node: NodeId,
    },
    /// An old primary follows the new one; so many writes were only on it.
    Rejoined {
        /// The old primary.
        node: NodeId,
        /// Writes that only it had.
        writes: u32,
    },
    /// What old primaries had has been replayed, as far as it could be; since the start of the run.
    Recovered {
        /// The primary.
        node: NodeId,
        /// Writes replayed.
        recovered: u32,
        /// Writes left out, since their keys had been written to.
        conflicts: u32,
    },
    /// Commits do not wait for a replica any more.
    OutOfSync {
        /// The replica.
        node: NodeId,
    },
    /// Commits wait for a replica again.
    InSync {
        /// The replica.
        node: NodeId,
    },
    /// A new machine takes the place of a dead one.
    Replaced {
        /// The node.
        node: NodeId,
    },
    /// A member is being given a copy.
    CopyBegan {
        /// The member.
        node: NodeId,
        /// Whom it is copied from.
        source: NodeId,
    },
    /// It has its copy.
    Copied {
        /// The member.
        node: NodeId,
        /// How many seconds that took.
        seconds: u32,
    },
    /// Members that all take writes had changed the same keys, so many times since the last heartbeat.
    Conflicts {
        /// Their tier.
        tier: TierId,
        /// Changes that were overwritten.
        conflicts: u32,
    },
    /// A link was cut.
    LinkCut,
    /// A link was mended.
    LinkMended,
    /// A link takes so many microseconds longer.
    LinkSlowed {
        /// Microseconds, one way.
        extra_us: u32,
    },
    /// The machine of a node works at so many thousandths of its speed.
    Slowed {
        /// The node.
        node: NodeId,
        /// Thousandths of its speed.
        factor_milli: u32,
    },
    /// Routes lead past a dead edge from now on.
    Withdrawn {
        /// The edge.
        edge: NodeId,
    },
    /// Routes lead to an edge again.
    Announced {
        /// The edge.
        edge: NodeId,
    },
    /// Files have a new version at the origin.
    Published {
        /// Their class.
        class: u8,
        /// How many.
        files: u32,
        /// Whether they have new names.
        renamed: bool,
    },
    /// An edge has forgotten so many files.
    Purged {
        /// The edge.
        edge: NodeId,
        /// How many it held.
        files: u32,
    },
    /// Arrivals are multiplied from now on.
    SpikeBegan {
        /// By so many thousandths.
        factor_milli: u32,
    },
    /// Arrivals are back to normal.
    SpikeEnded,
    /// Users, or something else in the scenario, changed by command: the index of the timeline's entry.
    Changed {
        /// Index in the timeline.
        entry: u32,
    },
}

/// The watched part of a run.
#[derive(Clone, Debug)]
pub struct Observer {
    /// One request in 2^shift is watched; [`Observer::NOBODY`] when none is.
    pub shift: u8,
    hops: VecDeque<Hop>,
    marks: VecDeque<Mark>,
    facts: VecDeque<(SimTime, Fact)>,
    told: u64,
}

impl Default for Observer {
    fn default() -> Self {
        Self { shift: Self::NOBODY, hops: VecDeque::new(), marks: VecDeque::new(), facts: VecDeque::new(), told: 0 }
    }
}

impl Observer {
    /// The shift at which no request is watched, however its id hashes.
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
