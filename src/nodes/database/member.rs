//! A member of a cluster, and the lines of history that members are on.

use std::collections::VecDeque;

use crate::engine::Index;
use crate::nodes::NodeId;
use crate::nodes::data::Data;
use crate::time::{SimTime, Span};

use super::copy::Copying;
use super::log::Log;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It takes writes.
    Primary,
    /// It follows the primary.
    Replica,
}

/// A commit that waits for replicas.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub position: u64,
    pub job: u32,
    pub since: SimTime,
}

/// What a member did since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MemberCounts {
    /// Reads of clients answered.
    pub reads: u64,
    /// Writes of clients committed.
    pub writes: u64,
    /// Reads that were older than the newest write acknowledged before they were sent.
    pub stale: u64,
    /// Reads that found no row, since it was deleted by mistake.
    pub missing: u64,
    /// Writes applied from the primary's log.
    pub applied: u64,
    /// Sum of the times from commit at the primary until applied here.
    pub lag: Span,
}

/// A database server of a cluster.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its node.
    pub node: NodeId,
    /// What it is.
    pub role: Role,
    /// The instance whose line of history it is on; its own, if it is a primary.
    pub follows: usize,
    /// The position up to which it has the log in memory.
    pub received: u64,
    /// The position up to which it has the log on disk.
    pub flushed: u64,
    /// The position up to which reads see the writes.
    pub applied: u64,
    /// The number of the newest write applied.
    pub applied_number: u64,
    /// Of a copy that is made anew at intervals: the moment that it shows.
    pub(super) as_of: SimTime,
    /// Whether reads may be sent to it at all: a standby takes none.
    pub takes_reads: bool,
    /// Whether it has heard the primary since it started: until then it does not count it as dead, and fences nobody
    /// (`wait_for_all` of Corosync).
    pub(super) joined: bool,
    /// Whether it is known to be well, so that reads are sent to it.
    pub listed: bool,
    /// Whether commits wait for it, where they wait for replicas.
    pub in_sync: bool,
    /// Its disk is empty.
    pub empty: bool,
    /// A primary that hears too few others and takes no writes.
    pub stepped_down: bool,
    /// What it did.
    pub counts: MemberCounts,
    /// The longest time from commit to applied since measuring began.
    pub lag_max: Span,
    /// Heartbeats of it missed in a row, those that it missed of its primary, and since when it is not well.
    pub(super) missed: u32,
    pub(super) deaf: u32,
    pub(super) unwell_since: SimTime,
    /// The position up to which the primary has sent it the log, and to which it has confirmed.
    pub(super) sent: u64,
    pub(super) confirmed: u64,
    /// Whether the primary streams to it; and the number of the connection, so that events of an old one are known.
    pub(super) connected: bool,
    pub(super) stream: u8,
    /// Positions under way: to it, to its disk, and as acknowledgements back to the primary.
    pub(super) wire: VecDeque<u64>,
    pub(super) to_disk: VecDeque<u64>,
    pub(super) answers: VecDeque<u64>,
    /// When the last message to it, and from it, arrives: a later one does not overtake.
    pub(super) arrives_at: SimTime,
    pub(super) answers_at: SimTime,
    /// A write is being applied; and how often it has begun anew elsewhere in the log: work from before means nothing.
    pub(super) applying: bool,
    pub(super) starts: u32,
    /// The copy that it is being given.
    pub copying: Option<Copying>,
    /// Of a primary: commits that wait for replicas, in order, and when that is looked at.
    pub(super) pending: VecDeque<Pending>,
    pub(super) watched_at: SimTime,
    /// Of a primary: whether a shipment is due, and how many writes it has in hand.
    pub(super) ships: bool,
    pub(super) writing: u32,
}

impl Member {
    pub(super) fn new(node: NodeId, role: Role, takes_reads: bool) -> Self {
        Self {
            node,
            role,
            follows: 0,
            received: 0,
            flushed: 0,
            applied: 0,
            applied_number: 0,
            as_of: SimTime::ZERO,
            takes_reads,
            joined: true,
            listed: true,
            in_sync: true,
            empty: false,
            stepped_down: false,
            counts: MemberCounts::default(),
            lag_max: Span::ZERO,
            missed: 0,
            deaf: 0,
            unwell_since: SimTime::NEVER,
            sent: 0,
            confirmed: 0,
            connected: true,
            stream: 0,
            wire: VecDeque::new(),
            to_disk: VecDeque::new(),
            answers: VecDeque::new(),
            arrives_at: SimTime::ZERO,
            answers_at: SimTime::ZERO,
            applying: false,
            starts: 0,
            copying: None,
            pending: VecDeque::new(),
            watched_at: SimTime::NEVER,
            ships: false,
            writing: 0,
        }
    }

    /// It stands at this position, with nothing under way.
    pub(super) fn stand_at(&mut self, position: u64, number: u64) {
        (self.received, self.flushed, self.applied, self.applied_number) = (position, position, position, number);
        (self.sent, self.confirmed) = (position, position);
        (self.applying, self.starts) = (false, self.starts.wrapping_add(1));
    }

    /// What was under way to or from it over the present connection means nothing any more.
    pub(super) fn disconnect(&mut self) {
        self.connected = false;
        self.stream = self.stream.wrapping_add(1);
        self.wire.clear();
        self.to_disk.clear();
        self.answers.clear();
        // What was only in memory and not yet going to the disk is asked for again.
        self.received = self.flushed;
    }

    /// Whether it is a full copy that can be read; an older one can while another is made.
    pub fn is_whole(&self) -> bool {
        !self.empty && self.copying.is_none_or(|copying| copying.refreshes)
    }

    /// It has applied a write so long after that was committed.
    pub(super) fn note_lag(&mut self, lag: Span) {
        self.counts.applied += 1;
        self.counts.lag = self.counts.lag + lag;
        self.lag_max = self.lag_max.max(lag);
    }
}

/// A line of history: the log, and the primary that writes it.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// What was committed.
    pub log: Log,
    /// The instance that writes it.
    pub primary: usize,
    /// Of a stray line: what tells it from the present one.
    pub stray: Option<Stray>,
}

/// What tells a stray line from the present one.
#[derive(Clone, Debug, Default)]
pub struct Stray {
    /// The newest version of each key that was written on it.
    pub versions: Index<u64>,
    /// The last write that it has in common with the present line: its position and number.
    pub position: u64,
    /// See `position`.
    pub number: u64,
}

impl Line {
    /// The newest version of a key's value on this line.
    pub(super) fn version(&self, data: &Data, key: u32) -> u64 {
        match &self.stray {
            None => data.version(key),
            Some(stray) => stray.version(data, key),
        }
    }
}

impl Stray {
    /// The newest version of a key's value on it.
    pub(super) fn version(&self, data: &Data, key: u32) -> u64 {
        self.versions.get(key).unwrap_or_else(|| data.version(key).min(self.number))
    }
}
