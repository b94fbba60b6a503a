//! From keys to numbers: open addressing with linear probing, and deletion by shifting back, so that nothing is left behind.
//!
//! Of our own because the order of the standard map is random, and because a cell needs no more than key and number here.

use crate::rng::mix;

/// What an [`Index`] leads to.
pub trait Number: Copy + PartialEq {
    /// The number that stands for none: it cannot be held.
    const NONE: Self;
}

impl Number for u32 {
    const NONE: Self = Self::MAX;
}

impl Number for u64 {
    const NONE: Self = Self::MAX;
}

/// The smallest table.
const CELLS_MIN: usize = 16;

/// Which number a key has.
#[derive(Clone, Debug)]
pub struct Index<N> {
    /// Key and number, or [`Number::NONE`]; a power of two of them, at most three quarters taken.
    cells: Vec<(u32, N)>,
    len: usize,
}

impl<N: Number> Default for Index<N> {
    fn default() -> Self {
        Self { cells: vec![(0, N::NONE); CELLS_MIN], len: 0 }
    }
}

impl<N: Number> Index<N> {
    /// The number of `key`.
    #[inline]
    pub fn get(&self, key: u32) -> Option<N> {
        let (_, number) = self.cells[self.find(key)];
        (number != N::NONE).then_some(number)
    }

    /// `key` has `number` from now on.
    #[inline]
    pub fn set(&mut self, key: u32, number: N) {
        let cell = self.find(key);
        if self.cells[cell].1 == N::NONE {
            self.len += 1;
        }
        self.cells[cell] = (key, number);
        if 4 * self.len > 3 * self.cells.len() {
            self.grow();
        }
    }

    /// `key` has no number from now on.
    pub fn remove(&mut self, key: u32) {
        let mut hole = self.find(key);
        if self.cells[hole].1 == N::NONE {
            return;
        }
        self.len -= 1;
        let mask = self.cells.len() - 1;
        let mut next = hole;
        loop {
            next = (next + 1) & mask;
            let (other, number) = self.cells[next];
            if number == N::NONE {
                break;
            }
            // What would no longer be found beyond the hole moves into it.
            let home = self.home(other);
            if next.wrapping_sub(home) & mask >= next.wrapping_sub(hole) & mask {
                self.cells[hole] = self.cells[next];
                hole = next;
            }
        }
        self.cells[hole] = (0, N::NONE);
    }

    /// Every number becomes what `change` makes of it: O(size of the table).
    pub fn map_numbers(&mut self, change: impl Fn(N) -> N) {
        for (_, number) in self.cells.iter_mut().filter(|(_, number)| *number != N::NONE) {
            *number = change(*number);
        }
    }

    /// Only these are left: O(size of the table).
    pub fn retain(&mut self, stays: impl Fn(u32, N) -> bool) {
        for (key, number) in std::mem::take(self).cells.into_iter().filter(|(_, number)| *number != N::NONE) {
            if stays(key, number) {
                self.set(key, number);
            }
        }
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
            let (other, number) = self.cells[cell];
            if number == N::NONE || other == key {
                return cell;
            }
            cell = (cell + 1) & (self.cells.len() - 1);
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.cells);
        self.cells = vec![(0, N::NONE); 2 * old.len()];
        for (key, number) in old.into_iter().filter(|(_, number)| *number != N::NONE) {
            let cell = self.find(key);
            self.cells[cell] = (key, number);
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
        let (mut index, mut map, mut stream) = (Index::<u32>::default(), BTreeMap::new(), Stream::new(1, 7));
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
