//! The course of a run in a bounded number of windows.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::time::{SimTime, Span};

/// A stretch of the run with what happened in it.
pub trait Stretch: Clone {
    /// Its first instant.
    fn start(&self) -> SimTime;
    /// The instant after its last.
    fn end(&self) -> SimTime;
    /// Becomes this stretch and `later`, which begins where this one ends.
    fn extend(&mut self, later: &Self);
}

/// The whole run in fewer than [`History::LIMIT`] windows, and the newest of them at full resolution.
///
/// When there are too many, each two neighbours become one and the least width doubles. Windows are shared between
/// clones, so that a checkpoint costs little.
#[derive(Clone, Debug)]
pub struct History<W> {
    closed: Vec<Arc<W>>,
    /// What has not yet reached the least width.
    begun: Option<W>,
    least_width: Span,
    recent: VecDeque<Arc<W>>,
    recent_length: usize,
}

impl<W: Stretch> History<W> {
    /// The largest number of closed windows.
    pub const LIMIT: usize = 600;

    /// Windows of at least `width` to begin with; the newest `recent_length` pushed ones are kept as they came.
    pub fn new(width: Span, recent_length: usize) -> Self {
        Self { closed: Vec::new(), begun: None, least_width: width, recent: VecDeque::new(), recent_length }
    }

    /// Adds the next stretch of the run.
    pub fn push(&mut self, stretch: W) {
        match &mut self.begun {
            Some(begun) => begun.extend(&stretch),
            begun => *begun = Some(stretch.clone()),
        }
        if self.recent.len() == self.recent_length {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::new(stretch));
        if let Some(begun) = self.begun.take_if(|begun| begun.end().since(begun.start()) >= self.least_width) {
            self.closed.push(Arc::new(begun));
        }
        if self.closed.len() == Self::LIMIT {
            self.closed = self.closed.chunks(2).map(join).collect();
            self.least_width = Span(self.least_width.0 * 2);
        }
    }

    /// The closed windows, from the start of the run.
    pub fn closed(&self) -> &[Arc<W>] {
        &self.closed
    }

    /// What has come since the last closed window, if it has not reached the least width.
    pub fn begun(&self) -> Option<&W> {
        self.begun.as_ref()
    }

    /// The newest stretches as they were pushed, oldest first.
    pub fn recent(&self) -> &VecDeque<Arc<W>> {
        &self.recent
    }
}

fn join<W: Stretch>(pair: &[Arc<W>]) -> Arc<W> {
    let mut joined = W::clone(&pair[0]);
    for later in &pair[1..] {
        joined.extend(later);
    }
    Arc::new(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Sum(SimTime, SimTime, u64);
    impl Stretch for Sum {
        fn start(&self) -> SimTime {
            self.0
        }
        fn end(&self) -> SimTime {
            self.1
        }
        fn extend(&mut self, later: &Self) {
            assert_eq!(self.1, later.0, "stretches follow each other");
            self.1 = later.1;
            self.2 += later.2;
        }
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost() {
        let mut history = History::new(Span(100), 10);
        let mut start = SimTime::ZERO;
        for i in 0..100_000u64 {
            let end = start + Span(if i % 1000 == 0 { 70_000 } else { 100 });
            history.push(Sum(start, end, i));
            start = end;
            assert!(history.closed().len() < History::<Sum>::LIMIT);
            assert!(history.recent().len() <= 10);
        }
        let kept: u64 = history.closed().iter().map(|w| w.2).chain(history.begun.iter().map(|w| w.2)).sum();
        assert_eq!(kept, 100_000 * 99_999 / 2);
        assert_eq!(history.closed()[0].start(), SimTime::ZERO);
    }
}
