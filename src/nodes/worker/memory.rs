//! Which messages an idempotent consumer has done: their ids are written where the work leaves its effect, in the same
//! transaction, so that a worker's death does not part the two. The oldest are forgotten when there are too many.

use std::collections::{BTreeSet, VecDeque};

/// The ids, by request and queue.
#[derive(Clone, Debug)]
pub struct Memory {
    most: usize,
    done: BTreeSet<(u64, u8)>,
    order: VecDeque<(u64, u8)>,
}

impl Memory {
    /// Room for so many.
    pub fn new(most: u32) -> Self {
        Self { most: most as usize, done: BTreeSet::new(), order: VecDeque::new() }
    }

    /// Whether the message of a request in a queue has been done.
    pub fn knows(&self, id: u64, queue: u8) -> bool {
        self.done.contains(&(id, queue))
    }

    /// It is done. Says whether it had not been before.
    pub fn note(&mut self, id: u64, queue: u8) -> bool {
        if !self.done.insert((id, queue)) {
            return false;
        }
        self.order.push_back((id, queue));
        self.shrink();
        true
    }

    /// Room for so many from now on.
    pub fn resize(&mut self, most: u32) {
        self.most = most as usize;
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.order.len() > self.most {
            let oldest = self.order.pop_front().expect("there are some");
            self.done.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_and_the_others_known() {
        let mut memory = Memory::new(2);
        assert!(memory.note(1, 0) && memory.note(1, 1) && !memory.note(1, 0));
        assert!(memory.note(2, 0));
        assert!(!memory.knows(1, 0) && memory.knows(1, 1) && memory.knows(2, 0));
    }
}
