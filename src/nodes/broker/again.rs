//! Messages whose work may be done more than once: for counting only, nobody in the simulation knows this.
//!
//! A message is listed when it goes back to its queue after its work was done, or while somebody may still be at it whose
//! acknowledgement will not count; until it has left its queue and nobody is at it any more.

use std::collections::BTreeMap;

use crate::nodes::NodeId;

#[derive(Clone, Copy, Debug)]
struct Doubt {
    done: bool,
    /// The message itself, and deliveries whose acknowledgement will not count.
    references: u32,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Again {
    doubts: BTreeMap<(NodeId, u32), Doubt>,
}

impl Again {
    /// Message `sequence` of `broker` is in its queue again, its work `done` or not, while `strays` more may be at it.
    pub fn doubt(&mut self, broker: NodeId, sequence: u32, done: bool, strays: u32) {
        if !done && strays == 0 {
            return;
        }
        let doubt = self.doubts.entry((broker, sequence)).or_insert(Doubt { done: false, references: 1 });
        doubt.done |= done;
        doubt.references += strays;
    }

    /// The work of a message is done. Says whether it had been before.
    pub fn complete(&mut self, broker: NodeId, sequence: u32) -> bool {
        let doubt = self.doubts.get_mut(&(broker, sequence));
        doubt.is_some_and(|doubt| std::mem::replace(&mut doubt.done, true))
    }

    /// A message has left its queue for good, or a stray delivery is over.
    pub fn release(&mut self, broker: NodeId, sequence: u32) {
        if let Some(doubt) = self.doubts.get_mut(&(broker, sequence)) {
            doubt.references -= 1;
            if doubt.references == 0 {
                self.doubts.remove(&(broker, sequence));
            }
        }
    }

    /// Whether no message is listed.
    pub fn is_empty(&self) -> bool {
        self.doubts.is_empty()
    }
}
