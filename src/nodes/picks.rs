//! Requests of the last minute that are worth a closer look: the slowest ones, and some that failed. Nothing here steers,
//! and memory is fixed.

use std::collections::VecDeque;

use crate::time::{SimTime, Span};

use super::job::Cause;
use super::{Job, NodeId};

/// A request that is worth a closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Its number.
    pub id: u64,
    /// Its class.
    pub class: u8,
    /// Its client group.
    pub client: NodeId,
    /// When it was sent.
    pub sent: SimTime,
    /// When it was over for its client.
    pub end: SimTime,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
}

impl Pick {
    /// A request that is over.
    #[inline]
    pub fn new(job: &Job, end: SimTime, cause: Option<Cause>) -> Self {
        Self { id: job.id, class: job.class, client: job.client(), sent: job.sent, end, cause }
    }

    /// How long it took.
    pub fn took(&self) -> Span {
        self.end - self.sent
    }
}

/// The requests that are worth a closer look.
#[derive(Clone, Debug, Default)]
pub struct Picks {
    /// Oldest first; the last is open.
    windows: VecDeque<Window>,
    /// When the open window ends.
    until: SimTime,
    /// What a request must take longer than to count among the slowest of the open window.
    threshold: Span,
}

#[derive(Clone, Debug, Default)]
struct Window {
    /// The slowest first.
    slow: Vec<Pick>,
    /// The first of each cause, as far as there is room.
    failed: Vec<Pick>,
}

impl Picks {
    /// How long a window is.
    const WINDOW: Span = Span(5_000_000_000);
    /// How far back they are told.
    const MINUTE: Span = Span(60_000_000_000);
    /// Windows that are remembered: a minute of whole ones, and the open one.
    const WINDOWS: usize = (Self::MINUTE.0 / Self::WINDOW.0) as usize + 1;
    /// The most of either sort in a window.
    const EACH: usize = 4;

    /// A request was answered.
    #[inline]
    pub fn answered(&mut self, pick: Pick) {
        if pick.end >= self.until || pick.took() > self.threshold {
            self.note_slow(pick);
        }
    }

    #[cold]
    fn note_slow(&mut self, pick: Pick) {
        let window = self.open(pick.end);
        let place = window.slow.partition_point(|other| other.took() >= pick.took());
        window.slow.insert(place, pick);
        window.slow.truncate(Self::EACH);
        if window.slow.len() == Self::EACH {
            self.threshold = window.slow[Self::EACH - 1].took();
        }
    }

    /// A request has failed for good.
    pub fn failed(&mut self, pick: Pick) {
        let window = self.open(pick.end);
        if window.failed.len() < Self::EACH && window.failed.iter().all(|other| other.cause != pick.cause) {
            window.failed.push(pick);
        }
    }

    /// The window of this moment.
    fn open(&mut self, now: SimTime) -> &mut Window {
        if now >= self.until {
            // As many as have passed, but no more than are remembered.
            let passed = now.since(self.until).0 / Self::WINDOW.0 + 1;
            for _ in 0..passed.min(Self::WINDOWS as u64) {
                self.windows.push_back(Window::default());
            }
            while self.windows.len() > Self::WINDOWS {
                self.windows.pop_front();
            }
            self.until = SimTime((now.0 / Self::WINDOW.0 + 1) * Self::WINDOW.0);
            self.threshold = Span::ZERO;
        }
        self.windows.back_mut().expect("one has just been opened if there was none")
    }

    /// The slowest of those that ended within a minute before `now`, the slowest first.
    pub fn slowest(&self, now: SimTime, count: usize) -> Vec<Pick> {
        let mut all: Vec<Pick> = self.recent(now, |window| &window.slow).collect();
        all.sort_by_key(|pick| (std::cmp::Reverse(pick.took()), pick.id));
        all.truncate(count);
        all
    }

    /// Some that failed within a minute before `now`: the newest of each cause first.
    pub fn failures(&self, now: SimTime, count: usize) -> Vec<Pick> {
        let newest: Vec<Pick> = self.recent(now, |window| &window.failed).collect();
        let mut chosen: Vec<Pick> = Vec::new();
        let mut others = Vec::new();
        for pick in newest.into_iter().rev() {
            let known = chosen.iter().any(|other| other.cause == pick.cause);
            if known { &mut others } else { &mut chosen }.push(pick);
        }
        chosen.extend(others);
        chosen.truncate(count);
        chosen
    }

    fn recent(&self, now: SimTime, of: fn(&Window) -> &Vec<Pick>) -> impl Iterator<Item = Pick> {
        self.windows.iter().flat_map(of).copied().filter(move |pick| now.since(pick.end) <= Self::MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(id: u64, end_ms: f64, took_ms: f64, cause: Option<Cause>) -> Pick {
        let end = SimTime::from_ms(end_ms);
        Pick { id, class: 0, client: NodeId(0), sent: SimTime(end.0 - Span::from_ms(took_ms).0), end, cause }
    }

    fn ids(picks: &[Pick]) -> Vec<u64> {
        picks.iter().map(|pick| pick.id).collect()
    }

    #[test]
    fn the_slowest_of_the_last_minute_are_found_whatever_else_there_was() {
        let mut picks = Picks::default();
        let (mut all, mut id) = (Vec::new(), 0);
        for second in 1..=100 {
            for tenth in 0..10 {
                id += 1;
                let took = f64::from((second * 7919 + tenth * 104_729) % 1000);
                let own = pick(id, 1000.0 * f64::from(second) + 100.0 * f64::from(tenth), took, None);
                picks.answered(own);
                all.push(own);
            }
        }
        let now = all.last().expect("there are some").end;
        // Of each window four are kept, so the four slowest of a minute are certain.
        all.retain(|own| now.since(own.end) <= Picks::MINUTE);
        all.sort_by_key(|own| (std::cmp::Reverse(own.took()), own.id));
        assert_eq!(ids(&picks.slowest(now, 4)), ids(&all[..4]));
        let later = SimTime::from_ms(200_000.0);
        assert!(picks.slowest(later, 4).is_empty(), "a minute and more has passed");
    }

    #[test]
    fn of_each_cause_one_that_failed_comes_first() {
        let mut picks = Picks::default();
        for id in 0..50 {
            picks.failed(pick(id, 1000.0 + id as f64, 5.0, Some(Cause::Refused)));
        }
        picks.failed(pick(50, 1200.0, 5.0, Some(Cause::Timeout)));
        picks.failed(pick(51, 7000.0, 5.0, Some(Cause::Refused)));
        assert_eq!(ids(&picks.failures(SimTime::from_ms(8000.0), 3)), [51, 50, 0]);
    }
}
