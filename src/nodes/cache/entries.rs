//! What a cache holds: entries by key, with room for so many and so many bytes, a time to live, and a rule for who goes
//! first when there is no room. Every operation takes constant time, whatever the cache holds.

use crate::engine::Index;
use crate::rng::{below, mix};
use crate::time::SimTime;

use super::order::Order;

/// Who goes first when room is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Eviction {
    /// What is longest unused.
    #[default]
    Lru,
    /// What was used least often since it came; of those, what is longest unused.
    Lfu,
    /// What came first.
    Fifo,
    /// Any.
    Random,
}

/// How much a cache may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Entries.
    pub entries: u32,
    /// Bytes.
    pub bytes: u64,
}

/// What is held for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The version of the value.
    pub version: u64,
    /// Its size.
    pub bytes: u32,
    /// When it expires.
    pub expires: SimTime,
}

/// How often things happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that found none.
    pub misses: u64,
    /// Of these: that found one which had expired.
    pub expired: u64,
    /// Entries that had to go because there was no room.
    pub evicted: u64,
}

/// What a cache holds.
#[derive(Clone, Debug)]
pub struct Entries {
    eviction: Eviction,
    capacity: Capacity,
    seed: u64,
    index: Index<u32>,
    order: Order,
    /// By slot.
    held: Vec<(u32, Entry)>,
    bytes: u64,
    /// How often things happened.
    pub counts: Counts,
}

impl Entries {
    /// An empty cache. `seed` is for random eviction.
    pub fn new(eviction: Eviction, capacity: Capacity, seed: u64) -> Self {
        Self {
            eviction,
            capacity,
            seed,
            index: Index::default(),
            order: Order::default(),
            held: Vec::new(),
            bytes: 0,
            counts: Counts::default(),
        }
    }

    /// Looks `key` up: that is a use. What has expired is no longer there.
    #[inline]
    pub fn get(&mut self, key: u32, now: SimTime) -> Option<Entry> {
        let Some(slot) = self.index.get(key) else {
            self.counts.misses += 1;
            return None;
        };
        let (_, entry) = self.held[slot as usize];
        if entry.expires <= now {
            self.counts.misses += 1;
            self.counts.expired += 1;
            self.give_up(slot);
            return None;
        }
        self.counts.hits += 1;
        self.touch(slot);
        Some(entry)
    }

    /// What is held for `key`, expired or not, without using it.
    pub fn peek(&self, key: u32) -> Option<Entry> {
        self.index.get(key).map(|slot| self.held[slot as usize].1)
    }

    /// Who goes when another entry comes, if there is no room for it and the rule is an order.
    pub fn next_to_go(&self) -> Option<u32> {
        let last = if self.held.len() < self.capacity.entries as usize { None } else { self.order.last() };
        last.map(|slot| self.held[slot as usize].0)
    }

    /// Holds `entry` for `key`; others go to make room. What is larger than all the room there is is not held.
    pub fn put(&mut self, key: u32, entry: Entry) {
        if let Some(slot) = self.index.get(key) {
            let own = &mut self.held[slot as usize].1;
            self.bytes = self.bytes - u64::from(own.bytes) + u64::from(entry.bytes);
            *own = entry;
            self.touch(slot);
        } else {
            if u64::from(entry.bytes) > self.capacity.bytes || self.capacity.entries == 0 {
                return;
            }
            // Room first: who comes may not be who goes.
            self.make_room(1, u64::from(entry.bytes));
            let slot = self.held.len() as u32;
            self.held.push((key, entry));
            self.order.push();
            self.index.set(key, slot);
            self.bytes += u64::from(entry.bytes);
        }
        self.make_room(0, 0);
    }

    /// Holds nothing for `key` any more. Says whether it did.
    pub fn remove(&mut self, key: u32) -> bool {
        let slot = self.index.get(key);
        slot.into_iter().for_each(|slot| self.give_up(slot));
        slot.is_some()
    }

    /// Holds nothing any more for all keys that `is` says. Returns how many these were; O(entries).
    pub fn remove_all(&mut self, is: impl Fn(u32) -> bool) -> u32 {
        let keys: Vec<u32> = self.held.iter().map(|(key, _)| *key).filter(|&key| is(key)).collect();
        keys.iter().for_each(|&key| {
            self.remove(key);
        });
        keys.len() as u32
    }

    /// Holds nothing any more, as after a restart.
    pub fn clear(&mut self) {
        let counts = self.counts;
        *self = Self { counts, ..Self::new(self.eviction, self.capacity, self.seed) };
    }

    /// Another rule for who goes first. What was known of uses is forgotten, what is held is not.
    pub fn set_eviction(&mut self, eviction: Eviction) {
        if self.eviction != eviction {
            self.eviction = eviction;
            self.order = Order::default();
            self.held.iter().for_each(|_| self.order.push());
        }
    }

    /// May hold so much from now on.
    pub fn resize(&mut self, capacity: Capacity) {
        self.capacity = capacity;
        self.make_room(0, 0);
    }

    /// What is held is so much older.
    pub fn age(&mut self, by: crate::time::Span) {
        for (_, entry) in self.held.iter_mut().filter(|(_, entry)| entry.expires != SimTime::NEVER) {
            entry.expires = SimTime(entry.expires.0.saturating_sub(by.0));
        }
    }

    /// Entries held.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    /// How much of its room is taken, from 0 to 1: of entries or of bytes, whichever is more.
    pub fn full(&self) -> f64 {
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).min(1.0) } else { 1.0 };
        let entries = share(self.held.len() as f64, f64::from(self.capacity.entries));
        entries.max(share(self.bytes as f64, self.capacity.bytes as f64))
    }

    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    #[inline]
    fn touch(&mut self, slot: u32) {
        match self.eviction {
            Eviction::Lru => self.order.refresh(slot),
            Eviction::Lfu => self.order.count(slot),
            Eviction::Fifo | Eviction::Random => {}
        }
    }

    /// Makes room for so many entries and bytes more.
    fn make_room(&mut self, entries: usize, bytes: u64) {
        while !self.held.is_empty()
            && (self.held.len() + entries > self.capacity.entries as usize || self.bytes + bytes > self.capacity.bytes)
        {
            let slot = match self.eviction {
                Eviction::Random => below(mix(self.seed ^ mix(self.counts.evicted)), self.held.len() as u32),
                Eviction::Lru | Eviction::Lfu | Eviction::Fifo => self.order.last().expect("something is held"),
            };
            self.counts.evicted += 1;
            self.give_up(slot);
        }
    }

    fn give_up(&mut self, slot: u32) {
        let (key, entry) = self.held.swap_remove(slot as usize);
        self.order.swap_remove(slot);
        self.index.remove(key);
        self.bytes -= u64::from(entry.bytes);
        if let Some((moved, _)) = self.held.get(slot as usize) {
            self.index.set(*moved, slot);
        }
    }
}

#[cfg(test)]
mod tests;
