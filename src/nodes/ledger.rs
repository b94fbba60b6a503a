//! The books of a run: every request is issued and then answered, failed with a cause, or in flight.
//!
//! Two sets of books are kept. The whole run's are exact and go into the digest. The measured ones hold what was sent
//! after the warm-up; latencies are of these. Latency is what the client sees, from sending to the last byte.

use crate::metrics::{CompactHistogram, Histogram, Stretch};
use crate::rng::mix;
use crate::time::{SimTime, Span};

use super::TierId;
use super::job::Cause;

/// How many causes there were when the digest was laid down.
const FIRST_CAUSES: usize = 9;

/// Counts of requests. `issued = answered + failed + in flight`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Sent by a client.
    pub issued: u64,
    /// Answered in time.
    pub answered: u64,
    /// Failed, by [`Cause`].
    pub failed: [u64; Cause::COUNT],
    /// Tried again, by a client or a balancer.
    pub retried: u64,
    /// Of the answered ones, those that were told that there is no such row, since it was deleted by mistake.
    pub missing: u64,
}

impl Books {
    /// Failed for whatever cause.
    pub fn failed_total(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Neither answered nor failed yet.
    pub fn in_flight(&self) -> u64 {
        self.issued - self.answered - self.failed_total()
    }
}

/// Latency and failures of one class.
#[derive(Clone, Debug, Default)]
pub struct ClassBooks {
    /// Latency of the answered ones.
    pub latency: Histogram,
    /// How many failed.
    pub failed: u64,
}

/// A short stretch of the run, for charts and for the figures of now.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Its first instant.
    pub start: SimTime,
    /// The instant after its last.
    pub end: SimTime,
    /// Counts of what happened in it.
    pub books: Books,
    /// Latency of what was answered in it.
    pub latency: CompactHistogram,
    /// By tier.
    pub tiers: Vec<TierWindow>,
    /// What a month costs at the load of this window, in US dollars, times its length in seconds.
    pub cost_seconds: f64,
}

/// What a tier did in a [`Window`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TierWindow {
    /// Core · nanoseconds of work.
    pub busy: u128,
    /// Core · nanoseconds there were.
    pub capacity: u128,
    /// Slot · nanoseconds in use.
    pub slots_busy: u128,
    /// Slot · nanoseconds there were.
    pub slots_capacity: u128,
    /// Operations of disks · nanoseconds.
    pub disk_busy: u128,
    /// Operations at once that there could be · nanoseconds.
    pub disk_capacity: u128,
    /// Servers that cost money · nanoseconds.
    pub servers: u128,
    /// Waiting requests · nanoseconds.
    pub waiting: u128,
    /// Requests answered.
    pub served: u64,
    /// Of what keeps values: look-ups that found one.
    pub hits: u64,
    /// Look-ups that found none.
    pub misses: u64,
    /// Answers older than what a client was told of before the request was sent.
    pub stale: u64,
    /// Of databases: writes that replicas applied, and the sum of the times since the primary committed them.
    pub applied: u64,
    /// See `applied`, in nanoseconds.
    pub lag: u128,
    /// Where traffic is paid for: what was sent to clients and edges, in bytes.
    pub bytes_out: u64,
    /// Of edges: what they fetched, in bytes.
    pub bytes_filled: u64,
    /// Requests that arrived.
    pub asked: u64,
    /// Of brokers: messages that wait · nanoseconds.
    pub depth: u128,
    /// Of brokers: how long the oldest message has waited at the end, in nanoseconds.
    pub oldest: u64,
}

impl TierWindow {
    /// The busiest of its resources, from 0 to 1.
    pub fn utilisation(&self) -> f64 {
        let share = |part: u128, whole: u128| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        share(self.busy, self.capacity)
            .max(share(self.slots_busy, self.slots_capacity))
            .max(share(self.disk_busy, self.disk_capacity))
    }

    /// Hits / look-ups, from 0 to 1, if there were any.
    pub fn hit_ratio(&self) -> Option<f64> {
        let asked = self.hits + self.misses;
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }

    /// How long after the primary's commit replicas applied a write, on average in milliseconds, if they did.
    pub fn lag_ms(&self) -> Option<f64> {
        (self.applied > 0).then(|| self.lag as f64 / self.applied as f64 / 1e6)
    }

    /// What was done since `before`.
    pub fn less(&self, before: &Self) -> Self {
        Self {
            busy: self.busy - before.busy,
            capacity: self.capacity - before.capacity,
            slots_busy: self.slots_busy - before.slots_busy,
            slots_capacity: self.slots_capacity - before.slots_capacity,
            disk_busy: self.disk_busy - before.disk_busy,
            disk_capacity: self.disk_capacity - before.disk_capacity,
            servers: self.servers - before.servers,
            waiting: self.waiting - before.waiting,
            served: self.served - before.served,
            hits: self.hits - before.hits,
            misses: self.misses - before.misses,
            stale: self.stale - before.stale,
            applied: self.applied - before.applied,
            lag: self.lag - before.lag,
            bytes_out: self.bytes_out - before.bytes_out,
            bytes_filled: self.bytes_filled - before.bytes_filled,
            asked: self.asked - before.asked,
            depth: self.depth - before.depth,
            oldest: self.oldest,
        }
    }

    /// What was done in another window as well.
    pub fn add(&mut self, other: &Self) {
        self.busy += other.busy;
        self.capacity += other.capacity;
        self.slots_busy += other.slots_busy;
        self.slots_capacity += other.slots_capacity;
        self.disk_busy += other.disk_busy;
        self.disk_capacity += other.disk_capacity;
        self.servers += other.servers;
        self.waiting += other.waiting;
        self.served += other.served;
        self.hits += other.hits;
        self.misses += other.misses;
        self.stale += other.stale;
        self.applied += other.applied;
        self.lag += other.lag;
        self.bytes_out += other.bytes_out;
        self.bytes_filled += other.bytes_filled;
        self.asked += other.asked;
        self.depth += other.depth;
        self.oldest = other.oldest;
    }
}

impl Stretch for Window {
    fn start(&self) -> SimTime {
        self.start
    }

    fn end(&self) -> SimTime {
        self.end
    }

    fn extend(&mut self, later: &Self) {
        self.end = later.end;
        self.books.issued += later.books.issued;
        self.books.answered += later.books.answered;
        self.books.retried += later.books.retried;
        self.books.missing += later.books.missing;
        for (mine, theirs) in self.books.failed.iter_mut().zip(later.books.failed) {
            *mine += theirs;
        }
        self.latency.merge(&later.latency);
        self.cost_seconds += later.cost_seconds;
        if self.tiers.len() < later.tiers.len() {
            self.tiers.resize(later.tiers.len(), TierWindow::default());
        }
        for (mine, theirs) in self.tiers.iter_mut().zip(&later.tiers) {
            mine.add(theirs);
        }
    }
}

/// The books.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Of the whole run.
    pub run: Books,
    /// Of what was sent after [`Ledger::measured_from`].
    pub measured: Books,
    /// The end of the warm-up.
    pub measured_from: SimTime,
    /// The first request that was sent after it; requests are numbered as they are sent.
    first_measured: u64,
    /// By class, measured.
    pub classes: Vec<ClassBooks>,
    /// By client group, measured, where these are at several places; else none.
    pub groups: Vec<ClassBooks>,
    /// By tier: how long requests waited before they were served, measured.
    pub waits: Vec<Histogram>,
    /// Answers to requests whose client had given up.
    pub late_answers: u64,
    /// Counts of the window that is open.
    pub open_books: Books,
    /// Latencies of the window that is open.
    pub open_latency: CompactHistogram,
    outcomes: u64,
}

impl Ledger {
    /// Empty books for so many classes, client groups (if they are told apart) and tiers.
    pub fn new(classes: usize, groups: usize, tiers: usize) -> Self {
        Self {
            run: Books::default(),
            measured: Books::default(),
            measured_from: SimTime::ZERO,
            first_measured: 0,
            classes: vec![ClassBooks::default(); classes],
            groups: vec![ClassBooks::default(); groups],
            waits: vec![Histogram::default(); tiers],
            late_answers: 0,
            open_books: Books::default(),
            open_latency: CompactHistogram::default(),
            outcomes: 0,
        }
    }

    /// A client sends a request.
    #[inline]
    pub fn issue(&mut self) {
        self.run.issued += 1;
        self.open_books.issued += 1;
        self.measured.issued += 1;
    }

    /// A request is tried again.
    pub fn retry(&mut self, id: u64) {
        self.run.retried += 1;
        self.open_books.retried += 1;
        if self.is_measured(id) {
            self.measured.retried += 1;
        }
    }

    /// Whether request `id` was sent after the warm-up. Not its time decides: it may have been sent at the very instant
    /// at which the warm-up ended, before that.
    #[inline]
    fn is_measured(&self, id: u64) -> bool {
        id >= self.first_measured
    }

    /// A client has its answer.
    #[inline]
    pub fn answer(&mut self, now: SimTime, id: u64, class: u8, group: u8, sent: SimTime) {
        let latency = now - sent;
        self.run.answered += 1;
        self.open_books.answered += 1;
        self.open_latency.record(latency);
        if self.is_measured(id) {
            self.measured.answered += 1;
            self.classes[usize::from(class)].latency.record(latency);
            if let Some(group) = self.groups.get_mut(usize::from(group)) {
                group.latency.record(latency);
            }
        }
        self.note_outcome(now, id, 0);
    }

    /// The answer to a request was that there is no such row.
    pub fn note_missing(&mut self, id: u64) {
        self.run.missing += 1;
        self.open_books.missing += 1;
        if self.is_measured(id) {
            self.measured.missing += 1;
        }
    }

    /// A client learns that its request failed, or gives up.
    pub fn fail(&mut self, now: SimTime, id: u64, class: u8, group: u8, cause: Cause) {
        self.run.failed[cause as usize] += 1;
        self.open_books.failed[cause as usize] += 1;
        if self.is_measured(id) {
            self.measured.failed[cause as usize] += 1;
            self.classes[usize::from(class)].failed += 1;
            if let Some(group) = self.groups.get_mut(usize::from(group)) {
                group.failed += 1;
            }
        }
        self.note_outcome(now, id, 1 + cause as u64);
    }

    /// A request begins to be served at a tier after this wait.
    #[inline]
    pub fn record_wait(&mut self, tier: TierId, id: u64, wait: Span) {
        if self.is_measured(id) {
            self.waits[tier.index()].record(wait);
        }
    }

    /// All that was measured is forgotten; requests sent from now on are measured.
    pub fn measure_from(&mut self, now: SimTime) {
        self.measured = Books::default();
        self.measured_from = now;
        self.first_measured = self.run.issued;
        self.classes.iter_mut().chain(&mut self.groups).for_each(|class| *class = ClassBooks::default());
        self.waits.iter_mut().for_each(|wait| *wait = Histogram::default());
    }

    /// A number for the outcomes so far: each request's id, outcome and completion time, and the books. It does not
    /// depend on the order in which requests that completed at the same time were handled, so that the engine can be
    /// made faster without changing it.
    pub fn digest(&self) -> u64 {
        let mut digest = self.outcomes;
        for number in
            [self.run.issued, self.run.answered].into_iter().chain(self.run.failed[..FIRST_CAUSES].iter().copied())
        {
            digest = mix(digest ^ number);
        }
        // Causes that came later count only where they occur, so that older scenarios keep their digests.
        for (cause, &count) in self.run.failed.iter().enumerate().skip(FIRST_CAUSES).filter(|(_, count)| **count > 0) {
            digest = mix(digest ^ mix((cause as u64) << 56 | count));
        }
        digest
    }

    #[inline]
    fn note_outcome(&mut self, now: SimTime, id: u64, outcome: u64) {
        self.outcomes = self.outcomes.wrapping_add(mix(mix(id.wrapping_add(outcome << 56)) ^ now.0));
    }
}
