//! A queue of messages, first in, first out. What comes back from a consumer stands where it stood before.

use std::collections::{BTreeMap, VecDeque};

use super::fact::MessageFact;
use crate::metrics::{Gauge, Histogram};
use crate::nodes::observer::Fact;
use crate::nodes::{Context, NodeId};
use crate::time::SimTime;

/// A message that waits, without its content: of that the simulation needs to know the request only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// The request that it was published for.
    pub id: u64,
    /// When that was sent.
    pub born: SimTime,
    /// When it came to this queue.
    pub entered: SimTime,
    /// Its number at the broker, which goes round after 2³².
    pub sequence: u32,
    /// The request's class.
    pub class: u8,
    /// Its routing key, by number.
    pub key: u8,
    /// How often it was delivered.
    pub deliveries: u8,
    /// Whether it is to be written to the disk.
    pub persistent: bool,
}

// What waits may be millions.
const _: () = assert!(size_of::<Message>() <= 32);

/// What happened at a queue since the start of the run. Always:
/// entered = consumed + expired + dropped + refused + lost + unconfirmed + waiting + delivered and not acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Messages that came to it.
    pub entered: u64,
    /// Those of them that another queue had given up.
    pub letters: u64,
    /// Messages that it did not take, since it was full.
    pub rejected: u64,
    /// Acknowledged by a consumer.
    pub consumed: u64,
    /// Deliveries of messages that had been delivered before.
    pub redelivered: u64,
    /// Given up since they waited for too long.
    pub expired: u64,
    /// Given up to make room.
    pub dropped: u64,
    /// Given up since consumers refused them, or they were delivered too often.
    pub refused: u64,
    /// Messages given up that went to another queue as dead letters.
    pub dead_lettered: u64,
    /// Gone with the broker's memory, though their publishers had been told that it has them.
    pub lost: u64,
    /// Gone with the broker's memory before their publishers were told anything.
    pub unconfirmed: u64,
}

impl QueueCounts {
    /// What happened since `before`.
    pub fn less(&self, before: &Self) -> Self {
        Self {
            entered: self.entered - before.entered,
            letters: self.letters - before.letters,
            rejected: self.rejected - before.rejected,
            consumed: self.consumed - before.consumed,
            redelivered: self.redelivered - before.redelivered,
            expired: self.expired - before.expired,
            dropped: self.dropped - before.dropped,
            refused: self.refused - before.refused,
            dead_lettered: self.dead_lettered - before.dead_lettered,
            lost: self.lost - before.lost,
            unconfirmed: self.unconfirmed - before.unconfirmed,
        }
    }

    /// Messages that left it for whatever reason.
    pub fn left(&self) -> u64 {
        self.consumed + self.expired + self.dropped + self.refused + self.lost + self.unconfirmed
    }
}

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    waiting: VecDeque<Message>,
    /// What came back, by when it entered: all of it is older than what waits, since the oldest is delivered first.
    returned: BTreeMap<(SimTime, u32), Message>,
    /// Delivered and not acknowledged.
    pub in_hand: u32,
    /// Consumers that may be sent a message, in turn, with the number of their subscription.
    pub ready: VecDeque<(NodeId, u32)>,
    /// Messages that wait, over time.
    pub depth: Gauge,
    /// See [`QueueCounts`].
    pub counts: QueueCounts,
    /// From when the request was sent until its message was acknowledged here.
    pub finished: Histogram,
    /// When the pending look at what has waited too long is due.
    pub look_due: SimTime,
    /// It is full, and that was told.
    is_full: bool,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            returned: BTreeMap::new(),
            in_hand: 0,
            ready: VecDeque::new(),
            depth: Gauge::default(),
            counts: QueueCounts::default(),
            finished: Histogram::default(),
            look_due: SimTime::NEVER,
            is_full: false,
        }
    }
}

impl Queue {
    /// Messages that wait.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.returned.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The oldest that waits.
    pub fn head(&self) -> Option<&Message> {
        self.returned.values().next().or_else(|| self.waiting.front())
    }

    /// How long the oldest has waited, in milliseconds.
    pub fn oldest_ms(&self, now: SimTime) -> f64 {
        self.head().map_or(0.0, |head| now.since(head.entered).as_ms())
    }

    /// A message comes.
    pub fn push(&mut self, now: SimTime, message: Message) {
        self.counts.entered += 1;
        self.waiting.push_back(message);
        self.depth.increment(now);
    }

    /// A message comes back.
    pub fn put_back(&mut self, now: SimTime, message: Message) {
        self.returned.insert((message.entered, message.sequence), message);
        self.depth.increment(now);
    }

    /// The oldest goes.
    pub fn pop(&mut self, now: SimTime) -> Option<Message> {
        let oldest = self.returned.pop_first().map(|(_, message)| message).or_else(|| self.waiting.pop_front())?;
        self.depth.decrement(now);
        self.is_full &= !self.is_empty();
        Some(oldest)
    }

    /// There is no room for a message: that is told once, until the queue has been empty.
    pub fn note_full(&mut self, ctx: &mut Context, broker: NodeId, queue: u8) {
        if !std::mem::replace(&mut self.is_full, true) {
            ctx.tell(Fact::Messages(MessageFact::QueueFilled { broker, queue }));
        }
    }

    /// Keeps those that `stays` names, the others are gone.
    pub fn retain(&mut self, now: SimTime, mut stays: impl FnMut(&Message) -> bool) {
        self.returned.retain(|_, message| stays(message));
        self.waiting.retain(stays);
        self.depth.set(now, self.len() as u32);
    }
}
