//! The event queue: a heap for what comes at any time, first-in-first-out lanes for what comes after a constant delay.
//!
//! The order is `(time, sequence)`, the sequence being that of the pushes, so ties are first in, first out, whichever
//! way an event went in. A lane is sorted by construction, since the clock never runs back: pushing and popping cost
//! O(log lanes), against O(log events) in the heap. Most events of a large run are network hops, whose delay is constant.

use std::collections::VecDeque;

use crate::time::{SimTime, Span};

/// A lane of a [`Queue`]: all events that come one constant delay after they are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneId(u16);

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    time: SimTime,
    sequence: u64,
    event: E,
}

impl<E> Entry<E> {
    #[inline]
    fn key(&self) -> Key {
        (u128::from(self.time.0) << 64) | u128::from(self.sequence)
    }
}

/// Time and sequence as one number, so that they are compared without a branch.
type Key = u128;
const LAST: Key = Key::MAX;
/// Up to so many lanes, a look at all heads is quicker than a tournament.
const LANES_SCANNED: usize = 32;
/// No lane.
const NOBODY: u16 = u16::MAX;

#[inline]
const fn time_of(key: Key) -> SimTime {
    SimTime((key >> 64) as u64)
}

#[derive(Clone, Debug)]
struct Lane<E> {
    delay: Span,
    entries: VecDeque<Entry<E>>,
}

/// Pending events in the order `(time, sequence)`.
#[derive(Clone, Debug)]
pub struct Queue<E> {
    /// A 4-ary heap: its children share a cache line or two, and it is half as deep as a binary one.
    heap: Vec<Entry<E>>,
    lanes: Vec<Lane<E>>,
    /// The key of each lane's first entry, so that a look at the lanes touches one array.
    heads: Vec<Key>,
    /// The lane with the smallest head.
    first_lane: usize,
    /// Where there are many lanes: a tournament among their heads. Entry `i` is the better one of entries `2 i` and
    /// `2 i + 1`; the lanes themselves are the second half. Empty where a look at all of them is as quick.
    winners: Vec<u16>,
    next_sequence: u64,
}

impl<E: Copy> Default for Queue<E> {
    fn default() -> Self {
        Self {
            heap: Vec::new(),
            lanes: Vec::new(),
            heads: Vec::new(),
            first_lane: 0,
            winners: Vec::new(),
            next_sequence: 0,
        }
    }
}

impl<E: Copy> Queue<E> {
    /// The lane for this delay, made if there is none yet.
    pub fn lane(&mut self, delay: Span) -> LaneId {
        let index = self.lanes.iter().position(|lane| lane.delay == delay).unwrap_or_else(|| {
            self.lanes.push(Lane { delay, entries: VecDeque::new() });
            self.heads.push(LAST);
            self.draw_up();
            self.lanes.len() - 1
        });
        LaneId(u16::try_from(index).expect("fewer than 65,536 different delays"))
    }

    /// Events that are pending.
    pub fn len(&self) -> usize {
        self.heap.len() + self.lanes.iter().map(|lane| lane.entries.len()).sum::<usize>()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty() && self.heads.iter().all(|&head| head == LAST)
    }

    /// Adds an event at `time`: O(log n).
    #[inline]
    pub fn push(&mut self, time: SimTime, event: E) {
        let entry = Entry { time, sequence: self.take_sequence(), event };
        self.heap.push(entry);
        self.sift_up(self.heap.len() - 1, entry);
    }

    /// Adds an event one lane's delay after `now`, which must not be earlier than at the last push: O(1).
    #[inline]
    pub fn push_lane(&mut self, lane: LaneId, now: SimTime, event: E) {
        let sequence = self.take_sequence();
        let index = usize::from(lane.0);
        let lane = &mut self.lanes[index];
        let entry = Entry { time: now + lane.delay, sequence, event };
        debug_assert!(lane.entries.back().is_none_or(|last| last.time <= entry.time), "time runs forward");
        lane.entries.push_back(entry);
        if lane.entries.len() == 1 {
            self.heads[index] = entry.key();
            if !self.winners.is_empty() {
                self.replay(index);
            } else if entry.key() < self.heads[self.first_lane] {
                self.first_lane = index;
            }
        }
    }

    /// The time of the next event.
    #[inline]
    pub fn next_time(&self) -> Option<SimTime> {
        let key = self.heap_key().min(self.lane_key());
        (key != LAST).then_some(time_of(key))
    }

    /// Removes and returns the next event if it comes at `until` or before: O(log n + lanes).
    #[inline]
    pub fn pop(&mut self, until: SimTime) -> Option<(SimTime, E)> {
        let (heap, lane) = (self.heap_key(), self.lane_key());
        if heap < lane {
            (time_of(heap) <= until).then(|| self.pop_heap())
        } else {
            (time_of(lane) <= until && lane != LAST).then(|| self.pop_first_lane())
        }
    }

    #[inline]
    fn take_sequence(&mut self) -> u64 {
        self.next_sequence += 1;
        self.next_sequence
    }

    #[inline]
    fn heap_key(&self) -> Key {
        self.heap.first().map_or(LAST, Entry::key)
    }

    #[inline]
    fn lane_key(&self) -> Key {
        self.heads.get(self.first_lane).copied().unwrap_or(LAST)
    }

    #[inline]
    fn pop_first_lane(&mut self) -> (SimTime, E) {
        let index = self.first_lane;
        let entries = &mut self.lanes[index].entries;
        let entry = entries.pop_front().expect("the first lane has a head");
        self.heads[index] = entries.front().map_or(LAST, Entry::key);
        if self.winners.is_empty() {
            self.first_lane = self.smallest_head();
        } else {
            self.replay(index);
        }
        (entry.time, entry.event)
    }

    #[inline]
    fn smallest_head(&self) -> usize {
        let mut best = 0;
        for index in 1..self.heads.len() {
            if self.heads[index] < self.heads[best] {
                best = index;
            }
        }
        best
    }

    /// Draws up the tournament anew, for another number of lanes.
    fn draw_up(&mut self) {
        if self.lanes.len() <= LANES_SCANNED {
            return;
        }
        let half = self.lanes.len().next_power_of_two();
        self.winners = vec![NOBODY; 2 * half];
        (0..self.lanes.len()).for_each(|lane| self.winners[half + lane] = lane as u16);
        (1..half).rev().for_each(|match_| self.winners[match_] = self.better(match_));
        self.first_lane = usize::from(self.winners[1]);
    }

    /// The head of `lane` is another one: its matches are played anew, O(log lanes).
    #[inline]
    fn replay(&mut self, lane: usize) {
        let mut at = (self.winners.len() / 2 + lane) / 2;
        while at > 0 {
            self.winners[at] = self.better(at);
            at /= 2;
        }
        self.first_lane = usize::from(self.winners[1]);
    }

    #[inline]
    fn better(&self, at: usize) -> u16 {
        let (left, right) = (self.winners[2 * at], self.winners[2 * at + 1]);
        let head = |lane: u16| self.heads.get(usize::from(lane)).copied().unwrap_or(LAST);
        if right == NOBODY || head(left) <= head(right) { left } else { right }
    }

    #[inline]
    fn pop_heap(&mut self) -> (SimTime, E) {
        let top = self.heap[0];
        let last = self.heap.pop().expect("the heap has a top");
        if !self.heap.is_empty() {
            self.sift_down(last);
        }
        (top.time, top.event)
    }

    #[inline]
    fn sift_up(&mut self, mut hole: usize, entry: Entry<E>) {
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if self.heap[parent].key() < entry.key() {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    /// Puts `entry` where the top was missing.
    #[inline]
    fn sift_down(&mut self, entry: Entry<E>) {
        let len = self.heap.len();
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            if first >= len {
                break;
            }
            let (mut best, mut least) = (first, self.heap[first].key());
            for child in first + 1..(first + 4).min(len) {
                let key = self.heap[child].key();
                (best, least) = if key < least { (child, key) } else { (best, least) };
            }
            if entry.key() < least {
                break;
            }
            self.heap[hole] = self.heap[best];
            hole = best;
        }
        self.heap[hole] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn order_is_by_time_then_by_push_whichever_way_it_went_in() {
        order_holds(&[0, 5, 17]);
        // More lanes than are looked through one by one, and no power of two of them.
        order_holds(&(0..100).map(|n| n * n % 307).collect::<Vec<u64>>());
    }

    fn order_holds(delays: &[u64]) {
        let mut random = Stream::new(3, 0);
        let mut queue = Queue::default();
        let lanes: Vec<LaneId> = delays.iter().map(|&delay| queue.lane(Span(delay))).collect();
        let mut pushed = Vec::new();
        let mut popped = Vec::new();
        let mut now = SimTime::ZERO;
        for sequence in 0..20_000u32 {
            let draw = random.draw();
            if draw & 1 == 0 {
                let lane = (draw >> 8) as usize % lanes.len();
                queue.push_lane(lanes[lane], now, sequence);
                pushed.push((SimTime(now.0 + delays[lane]), sequence));
            } else {
                let time = SimTime(now.0 + (draw >> 8) % 30);
                queue.push(time, sequence);
                pushed.push((time, sequence));
            }
            if draw & 6 == 0 {
                let (time, event) = queue.pop(SimTime::NEVER).expect("one was just pushed");
                now = time;
                popped.push((time, event));
            }
        }
        while let Some(next) = queue.pop(SimTime::NEVER) {
            popped.push(next);
        }
        // A stable sort by time is the definition of the order.
        pushed.sort_by_key(|&(time, _)| time);
        assert_eq!(popped, pushed);
        assert!(queue.is_empty());
    }

    #[test]
    fn nothing_later_than_asked_for_comes_out() {
        let mut queue = Queue::default();
        queue.push(SimTime(10), 'a');
        assert_eq!(queue.pop(SimTime(9)), None);
        assert_eq!(queue.next_time(), Some(SimTime(10)));
        assert_eq!(queue.pop(SimTime(10)), Some((SimTime(10), 'a')));
        assert_eq!(queue.pop(SimTime::NEVER), None);
    }
}
