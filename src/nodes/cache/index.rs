//! From keys to slots: open addressing with linear probing, and deletion by shifting back, so that nothing is left behind.
//!
//! Of our own because the order of the standard map is random, and because a slot needs four bytes here.

use crate::rng::mix;

/// No slot.
const EMPTY: u32 = u32::MAX;
/// The smallest table.
const CELLS_MIN: usize = 16;

/// Which slot a key is in.
#[derive(Clone, Debug)]
pub struct Index {
    /// Key and slot, or a slot of [`EMPTY`]; a power of two of them, at most three quarters taken.
    cells: Vec<(u32, u32)>,
    len: usize,
}

impl Default for Index {
    fn default() -> Self {
        Self { cells: vec![(0, EMPTY); CELLS_MIN], len: 0 }
    }
}

impl Index {
    /// The slot of `key`.
    #[inline]
    pub fn get(&self, key: u32) -> Option<u32> {
        let (_, slot) = self.cells[self.find(key)];
        (slot != EMPTY).then_some(slot)
    }

    /// `key` is in `slot` from now on.
    #[inline]
    pub fn set(&mut self, key: u32, slot: u32) {
        let cell = self.find(key);
        if self.cells[cell].1 == EMPTY {
            self.len += 1;
        }
        self.cells[cell] = (key, slot);
        if 4 * self.len > 3 * self.cells.len() {
            self.grow();
        }
    }

    /// `key` is in no slot from now on.
    pub fn remove(&mut self, key: u32) {
        let mut hole = self.find(key);
        if self.cells[hole].1 == EMPTY {
            return;
        }
        self.len -= 1;
        let mask = self.cells.len() - 1;
        let mut next = hole;
        loop {
            next = (next + 1) & mask;
            let (other, slot) = self.cells[next];
            if slot == EMPTY {
                break;
            }
            // What would no longer be found beyond the hole moves into it.
            let home = self.home(other);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(hole) & mask {
                self.cells[hole] = self.cells[next];
                hole = next;
            }
        }
        self.cells[hole] = (0, EMPTY);
    }

    #[inline]
    fn home(&self, key: u32) -> usize {
        mix(u64::from(key)) as usize & (self.cells.len() - 1)
    }

    /// The cell of `key`, or the empty one where it would go.
    #[inline]
    fn find(&self, key: u32) -> usize {
        let mut cell = self.home(key);
        loop {
            let (other, slot) = self.cells[cell];
            if slot == EMPTY || other == key {
                return cell;
            }
            cell = (cell + 1) & (self.cells.len() - 1);
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.cells);
        self.cells = vec![(0, EMPTY); 2 * old.len()];
        for (key, slot) in old.into_iter().filter(|(_, slot)| *slot != EMPTY) {
            let cell = self.find(key);
            self.cells[cell] = (key, slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::{Stream, below};

    #[test]
    fn it_is_a_map() {
        let (mut index, mut map, mut stream) = (Index::default(), BTreeMap::new(), Stream::new(1, 7));
        for step in 0..200_000 {
            // Few keys, so that they collide and come back.
            let key = below(stream.draw(), 300);
            if below(stream.draw(), 2) == 0 {
                index.set(key, step);
                map.insert(key, step);
            } else {
                index.remove(key);
                map.remove(&key);
            }
            let asked = below(stream.draw(), 300);
            assert_eq!(index.get(asked), map.get(&asked).copied(), "key {asked} at step {step}");
        }
        assert_eq!(index.len, map.len());
    }
}
