//! An LRU and nothing else, as anybody would write it: a map from keys to slots, and a list through the slots.

use std::collections::HashMap;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Slot {
    key: u32,
    newer: u32,
    older: u32,
}

pub struct Lru {
    capacity: usize,
    index: HashMap<u32, u32>,
    slots: Vec<Slot>,
    newest: u32,
    oldest: u32,
}

impl Lru {
    pub fn new(capacity: u32) -> Self {
        let capacity = capacity as usize;
        Self { capacity, index: HashMap::with_capacity(capacity), slots: Vec::new(), newest: NONE, oldest: NONE }
    }

    /// Looks a key up, and takes it in if it is not there.
    pub fn ask(&mut self, key: u32) {
        if let Some(&slot) = self.index.get(&key) {
            self.unlink(slot);
            self.put_in_front(slot);
            return;
        }
        let slot = if self.slots.len() < self.capacity {
            self.slots.push(Slot { key, newer: NONE, older: NONE });
            self.slots.len() as u32 - 1
        } else {
            let slot = self.oldest;
            self.unlink(slot);
            self.index.remove(&self.slots[slot as usize].key);
            self.slots[slot as usize].key = key;
            slot
        };
        self.index.insert(key, slot);
        self.put_in_front(slot);
    }

    fn put_in_front(&mut self, slot: u32) {
        let before = std::mem::replace(&mut self.newest, slot);
        (self.slots[slot as usize].newer, self.slots[slot as usize].older) = (NONE, before);
        match before {
            NONE => self.oldest = slot,
            before => self.slots[before as usize].newer = slot,
        }
    }

    fn unlink(&mut self, slot: u32) {
        let Slot { newer, older, .. } = self.slots[slot as usize];
        match newer {
            NONE => self.newest = older,
            newer => self.slots[newer as usize].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.slots[older as usize].newer = newer,
        }
    }
}
