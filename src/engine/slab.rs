//! Storage with 32-bit keys that are reused, last freed first.

/// A vector with holes: insertion, removal and access in constant time; memory is that of the largest population.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    entries: Vec<T>,
    free: Vec<u32>,
    live: Vec<bool>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), free: Vec::new(), live: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Stores `value` and returns its key.
    #[inline]
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(key) = self.free.pop() {
            self.entries[key as usize] = value;
            self.live[key as usize] = true;
            return key;
        }
        let key = u32::try_from(self.entries.len()).expect("fewer than 2^32 requests in flight");
        self.entries.push(value);
        self.live.push(true);
        key
    }

    /// Frees a key. Its value must not be used again.
    #[inline]
    pub fn remove(&mut self, key: u32) {
        debug_assert!(self.live[key as usize], "a key is freed once");
        self.live[key as usize] = false;
        self.free.push(key);
    }

    /// How many are stored.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Whether none is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys in use, in ascending order: O(largest population).
    pub fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.entries.len()).filter(|&index| self.live[index]).map(|index| index as u32)
    }
}

impl<T> std::ops::Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, key: u32) -> &T {
        debug_assert!(self.live[key as usize], "a freed key is not used");
        &self.entries[key as usize]
    }
}

impl<T> std::ops::IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, key: u32) -> &mut T {
        debug_assert!(self.live[key as usize], "a freed key is not used");
        &mut self.entries[key as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_reused_and_listed_in_order() {
        let mut slab = Slab::default();
        let (a, b, c) = (slab.insert('a'), slab.insert('b'), slab.insert('c'));
        slab.remove(b);
        assert_eq!(slab.keys().collect::<Vec<_>>(), [a, c]);
        assert_eq!(slab.insert('d'), b);
        assert_eq!((slab[a], slab[b], slab.len()), ('a', 'd', 3));
    }
}
