//! Who goes first when room is needed: lists of slots, one for each count of uses.
//!
//! All policies share this. LRU keeps one list and moves what is used to its front; FIFO moves nothing; LFU moves what
//! is used to the list of the next count, so that the least often used is found at once (Shah, Mitra and Matani, "An
//! O(1) algorithm for implementing the LFU cache eviction scheme", 2010). Random needs no order.

/// No slot, no list.
pub const NONE: u32 = u32::MAX;

/// A slot's place in the order.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    list: u32,
    newer: u32,
    older: u32,
}

/// Slots that were used as often, the latest first.
#[derive(Clone, Copy, Debug)]
struct List {
    uses: u32,
    newest: u32,
    oldest: u32,
    /// The lists of fewer and of more uses.
    fewer: u32,
    more: u32,
}

/// The order of all slots.
#[derive(Clone, Debug, Default)]
pub struct Order {
    places: Vec<Place>,
    lists: Vec<List>,
    /// Lists that are not in use.
    free: Vec<u32>,
    /// The list of the fewest uses.
    first: Option<u32>,
}

impl Order {
    /// The next slot, used once.
    pub fn push(&mut self) {
        let slot = self.places.len() as u32;
        self.places.push(Place { list: NONE, newer: NONE, older: NONE });
        let list = match self.first {
            Some(first) if self.lists[first as usize].uses == 1 => first,
            first => self.insert_list(1, NONE, first.unwrap_or(NONE)),
        };
        self.put_in_front(slot, list);
    }

    /// A slot is used: to the front of its list.
    pub fn refresh(&mut self, slot: u32) {
        let list = self.places[slot as usize].list;
        if self.lists[list as usize].newest != slot {
            self.unlink(slot);
            self.put_in_front(slot, list);
        }
    }

    /// A slot is used once more than before.
    pub fn count(&mut self, slot: u32) {
        let from = self.places[slot as usize].list;
        let List { uses, more, .. } = self.lists[from as usize];
        let wanted = uses.saturating_add(1);
        let list = match more {
            more if more != NONE && self.lists[more as usize].uses == wanted => more,
            more => self.insert_list(wanted, from, more),
        };
        self.unlink(slot);
        self.put_in_front(slot, list);
        self.drop_if_empty(from);
    }

    /// The slot that goes first: of those used least often the one that is longest unused, or was there first.
    pub fn last(&self) -> Option<u32> {
        self.first.map(|list| self.lists[list as usize].oldest)
    }

    /// A slot is given up; the last one takes its number.
    pub fn swap_remove(&mut self, slot: u32) {
        let list = self.places[slot as usize].list;
        self.unlink(slot);
        self.drop_if_empty(list);
        let moved = self.places.len() as u32 - 1;
        self.places.swap_remove(slot as usize);
        if moved == slot {
            return;
        }
        let Place { list, newer, older } = self.places[slot as usize];
        match newer {
            NONE => self.lists[list as usize].newest = slot,
            newer => self.places[newer as usize].older = slot,
        }
        match older {
            NONE => self.lists[list as usize].oldest = slot,
            older => self.places[older as usize].newer = slot,
        }
    }

    fn put_in_front(&mut self, slot: u32, list: u32) {
        let own = &mut self.lists[list as usize];
        let before = std::mem::replace(&mut own.newest, slot);
        if before == NONE {
            own.oldest = slot;
        } else {
            self.places[before as usize].newer = slot;
        }
        self.places[slot as usize] = Place { list, newer: NONE, older: before };
    }

    fn unlink(&mut self, slot: u32) {
        let Place { list, newer, older } = self.places[slot as usize];
        match newer {
            NONE => self.lists[list as usize].newest = older,
            newer => self.places[newer as usize].older = older,
        }
        match older {
            NONE => self.lists[list as usize].oldest = newer,
            older => self.places[older as usize].newer = newer,
        }
    }

    fn insert_list(&mut self, uses: u32, fewer: u32, more: u32) -> u32 {
        let list = List { uses, newest: NONE, oldest: NONE, fewer, more };
        let index = match self.free.pop() {
            Some(index) => {
                self.lists[index as usize] = list;
                index
            }
            None => {
                self.lists.push(list);
                self.lists.len() as u32 - 1
            }
        };
        match fewer {
            NONE => self.first = Some(index),
            fewer => self.lists[fewer as usize].more = index,
        }
        if more != NONE {
            self.lists[more as usize].fewer = index;
        }
        index
    }

    fn drop_if_empty(&mut self, list: u32) {
        let List { newest, fewer, more, .. } = self.lists[list as usize];
        if newest != NONE {
            return;
        }
        match fewer {
            NONE => self.first = (more != NONE).then_some(more),
            fewer => self.lists[fewer as usize].more = more,
        }
        if more != NONE {
            self.lists[more as usize].fewer = fewer;
        }
        self.free.push(list);
    }
}
