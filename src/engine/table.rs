//! A table of bounded size: rows of eight cells, of which an entry may stand in either of two. So it fills to about two
//! thirds before it has to grow, and every operation looks at sixteen cells at most. What no longer matters makes room by
//! itself: whoever asks says what that is.

use crate::rng::mix;

/// Cells in a row.
const ROW: usize = 8;
/// Rows at first.
const ROWS_MIN: usize = 16;

/// What a [`Table`] holds.
pub trait Cell: Copy {
    /// What stands in an empty cell: it must not matter to anybody.
    const EMPTY: Self;

    /// The hash of what it is found by.
    fn hash(&self) -> u64;
}

/// The table.
#[derive(Clone, Debug)]
pub struct Table<C> {
    cells: Vec<C>,
    most: usize,
}

impl<C: Cell> Table<C> {
    /// An empty table that may grow to `most` cells, a power of two and at least 128.
    pub fn new(most: usize) -> Self {
        Self { cells: vec![C::EMPTY; ROWS_MIN * ROW], most }
    }

    /// The entry with this hash that `is` the wanted one.
    #[inline]
    pub fn find(&mut self, hash: u64, is: impl Fn(&C) -> bool) -> Option<&mut C> {
        let [first, second] = self.rows(hash);
        let cells = (first..first + ROW).chain(second..second + ROW);
        let cell = { cells }.find(|&cell| is(&self.cells[cell]))?;
        Some(&mut self.cells[cell])
    }

    /// Puts an entry in that is not there yet. If there is no cell that is `idle`, and the table may not grow, the entry
    /// that `rank` puts lowest is forgotten.
    pub fn put<R: Ord>(&mut self, entry: C, idle: impl Fn(&C) -> bool, rank: impl Fn(&C) -> R) {
        while !self.place(entry, &idle) {
            if self.cells.len() < self.most {
                self.grow(&idle, &rank);
            } else {
                self.displace(entry, &rank);
                return;
            }
        }
    }

    /// Cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Never: there are always cells.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Puts it into the emptier of its rows, if there is an idle cell.
    fn place(&mut self, entry: C, idle: &impl Fn(&C) -> bool) -> bool {
        let idle_in = |row: usize| (row..row + ROW).filter(|&cell| idle(&self.cells[cell])).count();
        let [first, second] = self.rows(entry.hash());
        let row = if idle_in(first) >= idle_in(second) { first } else { second };
        let free = (row..row + ROW).find(|&cell| idle(&self.cells[cell]));
        free.into_iter().for_each(|cell| self.cells[cell] = entry);
        free.is_some()
    }

    fn displace<R: Ord>(&mut self, entry: C, rank: &impl Fn(&C) -> R) {
        let [first, second] = self.rows(entry.hash());
        let cells = (first..first + ROW).chain(second..second + ROW);
        let lowest = cells.min_by_key(|&cell| rank(&self.cells[cell])).expect("a row has cells");
        self.cells[lowest] = entry;
    }

    fn grow<R: Ord>(&mut self, idle: &impl Fn(&C) -> bool, rank: &impl Fn(&C) -> R) {
        let twice = 2 * self.cells.len();
        let old = std::mem::replace(&mut self.cells, vec![C::EMPTY; twice]);
        for entry in old.into_iter().filter(|entry| !idle(entry)) {
            if !self.place(entry, idle) {
                self.displace(entry, rank);
            }
        }
    }

    #[inline]
    fn rows(&self, hash: u64) -> [usize; 2] {
        let rows = self.cells.len() / ROW;
        let row = |bits: u64| (bits as usize & (rows - 1)) * ROW;
        [row(hash), row(mix(hash ^ 0x7461_626c))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Cell for u64 {
        const EMPTY: Self = 0;

        fn hash(&self) -> u64 {
            mix(*self)
        }
    }

    fn put(table: &mut Table<u64>, entry: u64) {
        table.put(entry, |cell| *cell == 0, |cell| *cell);
    }

    #[test]
    fn it_finds_all_that_it_has_room_for_and_fills_well() {
        let mut table = Table::new(1 << 20);
        (1..=80_000u64).for_each(|entry| put(&mut table, entry));
        assert!((1..=80_000u64).all(|entry| table.find(mix(entry), |cell| *cell == entry).is_some()));
        assert!(table.find(mix(80_001), |cell| *cell == 80_001).is_none());
        assert_eq!(table.len(), 1 << 17, "over half are taken");
    }

    #[test]
    fn beyond_its_size_the_lowest_goes() {
        let mut table = Table::new(128);
        (1..=1000u64).for_each(|entry| put(&mut table, entry));
        let held: Vec<u64> =
            (1..=1000u64).filter(|entry| table.find(mix(*entry), |cell| cell == entry).is_some()).collect();
        assert_eq!((table.len(), held.len()), (128, 128));
        assert!(held[0] > 500, "the newest have the highest numbers here: {held:?}");
    }
}
