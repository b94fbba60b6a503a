//! What became of single requests: their spans, from setting out to the last byte. Nothing here steers.

use std::collections::VecDeque;

use crate::time::SimTime;

use super::job::{Ask, Cause, Errand};
use super::{Job, NodeId, TierId};

/// Whose requests are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// Nobody's.
    #[default]
    Nobody,
    /// Those of one user.
    User(u32),
    /// Everybody's, as far as there is room.
    Everyone,
    /// The one with this number.
    Request(u64),
    /// The next one of this class.
    NextOf(u8),
}

/// What a request does in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// On its way, for the address, a connection or the request itself.
    Travels(Errand),
    /// It waits at a node for a slot or a core.
    Waits,
    /// It is worked on at a node, also sharing a core.
    Works,
    /// The disk of a node reads for it.
    Reads,
    /// Its commit waits at the primary until enough replicas have it.
    Commits,
    /// What it wrote is on its way from the primary to a replica; it may be answered meanwhile.
    Ships,
}

/// What a cache was asked in a span of work, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it was asked.
    pub ask: Ask,
    /// For which key.
    pub key: u32,
    /// Whether it had it, if that was asked.
    pub hit: Option<bool>,
    /// How long the entry has still to live, if it is to expire.
    pub left: Option<crate::time::Span>,
}

/// A try of a request: by its client, or by a balancer that turned to another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number; see [`Job::attempt`].
    pub number: u8,
    /// Who made it.
    pub by: NodeId,
    /// When it set out.
    pub start: SimTime,
    /// Why a balancer made it: how the one before had failed there.
    pub after: Option<Cause>,
    /// When it was over for its client, and the cause if it failed. Those of balancers end with their client's.
    pub end: Option<(SimTime, Option<Cause>)>,
    /// When its answer came that nobody waited for any more.
    pub late: Option<SimTime>,
}

/// A stretch of a request's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The try that it is of; see [`Job::attempt`].
    pub attempt: u8,
    /// Of what travels: whether it is an answer on its way back.
    pub back: bool,
    /// What it does.
    pub doing: Doing,
    /// Where from; where it is, if it does not travel.
    pub from: NodeId,
    /// Where to; where it is, if it does not travel.
    pub to: NodeId,
    /// When that begins.
    pub start: SimTime,
    /// When it ends.
    pub end: SimTime,
    /// What a cache was asked meanwhile.
    pub command: Option<Command>,
}

impl Span {
    fn of(job: &Job, doing: Doing, from: NodeId, to: NodeId, start: SimTime, end: SimTime) -> Self {
        Self { attempt: job.attempt, back: false, doing, from, to, start, end, command: None }
    }
}

/// A request that is or was followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its number.
    pub id: u64,
    /// Who sent it.
    pub user: u32,
    /// Its class.
    pub class: u8,
    /// Its client group.
    pub client: NodeId,
    /// When it was sent.
    pub sent: SimTime,
    /// When it was over for the client, and the cause if it failed.
    pub outcome: Option<(SimTime, Option<Cause>)>,
    /// Its spans, in order of their ends; those of a journey when it sets out.
    pub spans: Vec<Span>,
    /// Its tries, in the order in which they set out.
    pub attempts: Vec<Attempt>,
    /// Since when it has been worked on.
    worked_since: SimTime,
}

/// What a client was told in the end: all that can be seen of a system from outside, but for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The request's number.
    pub id: u64,
    /// Its class.
    pub class: u8,
    /// The client group: its format is that of the answer.
    pub client: NodeId,
    /// The tier whose address was used.
    pub address: TierId,
    /// The size of the answer, in bytes; 0 for none.
    pub bytes: u64,
    /// The row, the file or whatever it is about.
    pub item: u32,
    /// Whether the answer was that there is no such row.
    pub missing: bool,
    /// Whether it was older than what a client had been told of before the request was sent.
    pub stale: bool,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
}

/// The requests that are followed, and those that were lately.
#[derive(Clone, Debug, Default)]
pub struct Tracer {
    /// Whose requests are followed from now on.
    pub follow: Follow,
    traces: VecDeque<Trace>,
    told: Vec<Told>,
}

impl Tracer {
    /// The most requests that are remembered.
    const TRACES_MAX: usize = 64;
    /// The most answers that are remembered, where everybody is followed: the first ones.
    const TOLD_MAX: usize = 20_000;
    /// The most tries of one of them.
    const ATTEMPTS_MAX: usize = 64;
    /// The most spans of one of them.
    const SPANS_MAX: usize = 200;

    /// Follows these, and remembers nobody yet.
    pub fn of(follow: Follow) -> Self {
        Self { follow, ..Self::default() }
    }

    /// Whether a request that sets out is followed.
    #[inline]
    pub fn follows(&self, job: &Job) -> bool {
        match self.follow {
            Follow::Nobody => false,
            Follow::User(followed) => followed == job.user,
            Follow::Everyone => true,
            Follow::Request(id) => id == job.id,
            Follow::NextOf(class) => class == job.class,
        }
    }

    /// A followed request is sent.
    pub fn begin(&mut self, job: &Job) {
        if matches!(self.follow, Follow::NextOf(_)) {
            self.follow = Follow::Request(job.id);
        }
        if self.traces.len() == Self::TRACES_MAX {
            self.traces.pop_front();
        }
        self.traces.push_back(Trace {
            id: job.id,
            user: job.user,
            class: job.class,
            client: job.client(),
            sent: job.sent,
            outcome: None,
            spans: Vec::new(),
            attempts: Vec::new(),
            worked_since: job.sent,
        });
    }

    /// A followed request travels.
    pub fn travels(&mut self, job: &Job, from: NodeId, to: NodeId, start: SimTime, end: SimTime) {
        // An answer sets out from where the path ends.
        let back = job.node() == from;
        self.note(job, Span { back, ..Span::of(job, Doing::Travels(job.errand), from, to, start, end) });
    }

    /// Work on a followed request begins; it has been waiting since it arrived.
    pub fn begins_work(&mut self, job: &Job, now: SimTime) {
        let node = job.node();
        if now > job.arrived && job.phase == super::job::Phase::Before {
            self.note(job, Span::of(job, Doing::Waits, node, node, job.arrived, now));
        }
        if let Some(trace) = self.find(job.id) {
            trace.worked_since = now;
        }
    }

    /// Work on a followed request is done.
    pub fn ends_work(&mut self, job: &Job, now: SimTime) {
        let node = job.node();
        let start = self.find(job.id).map_or(now, |trace| trace.worked_since.max(job.arrived));
        self.note(job, Span::of(job, Doing::Works, node, node, start, now));
    }

    /// The work that has just ended was what a cache was asked.
    pub fn commands(&mut self, id: u64, command: Command) {
        if let Some(span) = self.find(id).and_then(|trace| trace.spans.last_mut()) {
            span.command = Some(command);
        }
    }

    /// The disk begins to read for a followed request, which has been waiting for that since it was taken in hand.
    pub fn begins_reading(&mut self, job: &Job, now: SimTime) {
        let node = job.node();
        let Some(trace) = self.find(job.id) else { return };
        let start = std::mem::replace(&mut trace.worked_since, now);
        if now > start {
            self.note(job, Span::of(job, Doing::Waits, node, node, start, now));
        }
    }

    /// The disk has read for a followed request.
    pub fn ends_reading(&mut self, job: &Job, now: SimTime) {
        let node = job.node();
        let start = self.find(job.id).map_or(now, |trace| trace.worked_since);
        self.note(job, Span::of(job, Doing::Reads, node, node, start, now));
    }

    /// What a followed request wrote travels to a replica.
    pub fn ships(&mut self, job: &Job, from: NodeId, to: NodeId, start: SimTime, end: SimTime) {
        self.note(job, Span::of(job, Doing::Ships, from, to, start, end));
    }

    /// The commit of a followed request has waited for replicas since `start`.
    pub fn commits(&mut self, job: &Job, start: SimTime, now: SimTime) {
        let node = job.node();
        self.note(job, Span::of(job, Doing::Commits, node, node, start, now));
    }

    /// A followed request is over for its client.
    pub fn end(&mut self, id: u64, now: SimTime, cause: Option<Cause>) {
        if let Some(trace) = self.find(id) {
            trace.outcome = Some((now, cause));
            for attempt in trace.attempts.iter_mut().filter(|own| own.end.is_none()) {
                attempt.end = Some((now, cause));
            }
        }
    }

    /// A try of a followed request sets out: its client's, or that of a balancer where the one before has failed.
    pub fn tries(&mut self, job: &Job, by: NodeId, now: SimTime, after: Option<Cause>) {
        if let Some(trace) = self.find(job.id)
            && trace.attempts.len() < Self::ATTEMPTS_MAX
        {
            trace.attempts.push(Attempt { number: job.attempt, by, start: now, after, end: None, late: None });
        }
    }

    /// A try of a followed request is over for its client: it has failed, or took too long.
    pub fn fails(&mut self, job: &Job, now: SimTime, cause: Cause) {
        if let Some(trace) = self.find(job.id) {
            for attempt in trace.attempts.iter_mut().filter(|own| own.end.is_none()) {
                attempt.end = Some((now, Some(cause)));
            }
        }
    }

    /// The answer to a try comes that nobody waits for any more.
    pub fn comes_late(&mut self, job: &Job, now: SimTime) {
        let Some(trace) = self.find(job.id) else { return };
        let client = trace.client;
        let own = trace.attempts.iter_mut().rev().find(|own| own.by == client && own.number <= job.attempt);
        if let Some(attempt) = own {
            attempt.late = Some(now);
        }
    }

    /// A client of a followed request has been told what became of it.
    pub fn tells(&mut self, told: Told) {
        if self.follow == Follow::Everyone && self.told.len() < Self::TOLD_MAX {
            self.told.push(told);
        }
    }

    /// What clients were told, in the order in which they were, where everybody is followed.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// The requests that are remembered, oldest first.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.traces.iter()
    }

    fn find(&mut self, id: u64) -> Option<&mut Trace> {
        self.traces.iter_mut().rev().find(|trace| trace.id == id)
    }

    fn note(&mut self, job: &Job, span: Span) {
        if let Some(trace) = self.find(job.id)
            && trace.spans.len() < Self::SPANS_MAX
        {
            trace.spans.push(span);
        }
    }
}
