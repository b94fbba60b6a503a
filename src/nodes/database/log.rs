//! What a database has committed, in order: its write-ahead log, as far as a replica may still need it.
//!
//! A *position* is the place of a write in the log, counted from 1; a *number* is the write's number among all of the
//! site ([`crate::nodes::data`]), and so the version of the value that it made. Positions have no gaps, numbers may.
//! There are no values. What a write replaced is kept, so that it can be undone where it turns out to be lost.

use std::collections::VecDeque;

use crate::rng::RequestKey;
use crate::time::SimTime;

/// A write that was committed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Its number among all writes of the site.
    pub number: u64,
    /// The key whose value it changed.
    pub key: u32,
    /// The version that it replaced.
    pub before: u64,
    /// When it was committed.
    pub at: SimTime,
    /// The randomness of its request: its work is the same wherever it is done.
    pub draws: RequestKey,
    /// The attempt that it was.
    pub attempt: u8,
    /// The class of its request.
    pub class: u8,
    /// How widely its request is watched.
    pub rank: u8,
    /// Whether a client was told that it is written.
    pub acknowledged: bool,
}

/// The newest writes of a line of history, by position.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The position before the first entry.
    before: u64,
    entries: VecDeque<Entry>,
}

impl Log {
    /// An empty log that goes on after `before`.
    pub fn after(before: u64) -> Self {
        Self { before, entries: VecDeque::new() }
    }

    /// The position of the newest write; 0 if there was none.
    #[inline]
    pub fn tip(&self) -> u64 {
        self.before + self.entries.len() as u64
    }

    /// The first position after which it can still serve a replica.
    pub fn oldest(&self) -> u64 {
        self.before
    }

    /// Adds a write. Returns its position.
    #[inline]
    pub fn push(&mut self, entry: Entry) -> u64 {
        debug_assert!(self.entries.back().is_none_or(|last| last.number < entry.number), "numbers grow");
        self.entries.push_back(entry);
        self.tip()
    }

    /// The write at a position, if it is still there.
    #[inline]
    pub fn get(&self, position: u64) -> Option<&Entry> {
        self.entries.get(position.checked_sub(self.before + 1)? as usize)
    }

    /// Forgets the oldest writes until at most `most` are left. Returns how many of the forgotten ones clients had been
    /// told of.
    pub fn trim(&mut self, most: usize) -> u64 {
        let mut acknowledged = 0;
        while self.entries.len() > most {
            let entry = self.entries.pop_front().expect("there is one");
            self.before += 1;
            acknowledged += u64::from(entry.acknowledged);
        }
        acknowledged
    }

    /// Cuts off what comes after `position`, which goes on as a log of its own.
    pub fn split_after(&mut self, position: u64) -> Self {
        let at = (position.max(self.before) - self.before).min(self.entries.len() as u64);
        let entries = self.entries.split_off(at as usize);
        Self { before: self.before + at, entries }
    }

    /// The write with this number, if it is still there: O(log n).
    pub fn find(&mut self, number: u64) -> Option<&mut Entry> {
        let at = self.entries.partition_point(|entry| entry.number < number);
        self.entries.get_mut(at).filter(|entry| entry.number == number)
    }

    /// How many of its writes were committed up to then: O(log n).
    pub fn entries_until(&self, time: SimTime) -> usize {
        self.entries.partition_point(|entry| entry.at <= time)
    }

    /// The writes, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// How many of its writes clients were told of.
    pub fn acknowledged(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.acknowledged).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> Entry {
        Entry {
            number,
            key: 7,
            before: 0,
            at: SimTime::ZERO,
            draws: RequestKey::new(1, number),
            attempt: 0,
            class: 0,
            rank: 0,
            acknowledged: number.is_multiple_of(2),
        }
    }

    #[test]
    fn positions_have_no_gaps_and_survive_trimming_and_splitting() {
        let mut log = Log::default();
        for number in [3, 4, 9, 10, 12] {
            log.push(entry(number));
        }
        assert_eq!((log.tip(), log.oldest()), (5, 0));
        assert_eq!(log.trim(3), 1, "of 3 and 4 one was acknowledged");
        assert_eq!((log.tip(), log.oldest()), (5, 2));
        assert_eq!(log.get(2), None);
        assert_eq!(log.get(3).map(|entry| entry.number), Some(9));
        let tail = log.split_after(3);
        assert_eq!((log.tip(), tail.tip(), tail.oldest()), (3, 5, 3));
        assert_eq!(tail.get(4).map(|entry| entry.number), Some(10));
        assert_eq!(log.push(entry(13)), 4);
        assert_eq!(log.find(13).map(|entry| entry.number), Some(13));
        assert_eq!(log.find(12), None);
    }
}
