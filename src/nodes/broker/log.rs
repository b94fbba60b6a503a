//! What a broker writes to its disk: messages, one after the other. A flush makes all safe that was written before it began,
//! so publishers that wait share one (group commit).

use crate::nodes::disk::Operation;
use crate::nodes::{Context, NodeId};

/// The broker's log.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Publishers that are told after the next flush.
    waiting: Vec<u32>,
    /// Those that are told after the one under way.
    flushing: Vec<u32>,
    under_way: bool,
    /// Something was written since the one under way began.
    is_due: bool,
    /// The number of the next message.
    next: u32,
    /// All before this one are safe once the flush under way is over.
    covered: u32,
    /// All before this one are safe.
    safe: u32,
    /// It begins anew with each restart: flushes of an earlier life mean nothing.
    life: u32,
    /// Flushes begun since the start.
    pub flushes: u64,
}

impl Log {
    /// The number of a message that comes.
    pub fn number(&mut self) -> u32 {
        let own = self.next;
        self.next = self.next.wrapping_add(1);
        own
    }

    /// Whether a message that was written is safe. Numbers go round, but those of what is not safe are close together.
    pub fn is_safe(&self, sequence: u32) -> bool {
        (sequence.wrapping_sub(self.safe) as i32) < 0
    }

    /// A message is written.
    pub fn write(&mut self) {
        self.is_due = true;
    }

    /// `job` is told when what is written so far is safe: after a flush that has not begun yet.
    pub fn wait(&mut self, job: u32) {
        self.waiting.push(job);
        self.is_due = true;
    }

    /// Begins a flush, if there is something to flush and none is under way.
    pub fn flush(&mut self, ctx: &mut Context, node: NodeId) {
        if self.under_way || !self.is_due {
            return;
        }
        (self.under_way, self.is_due, self.covered) = (true, false, self.next);
        self.flushing = std::mem::take(&mut self.waiting);
        self.flushes += 1;
        ctx.use_disk(node, Operation::Flush { node, life: self.life });
    }

    /// A flush is over; the next one begins. Returns who is to be told.
    pub fn flushed(&mut self, ctx: &mut Context, node: NodeId, life: u32) -> Vec<u32> {
        if life != self.life {
            return Vec::new();
        }
        (self.under_way, self.safe) = (false, self.covered);
        let safe = std::mem::take(&mut self.flushing);
        self.flush(ctx, node);
        safe
    }

    /// The broker died: what was not safe is not there, and nobody waits any more.
    pub fn crash(&mut self) {
        *self = Self {
            next: self.next,
            covered: self.next,
            safe: self.next,
            life: self.life + 1,
            flushes: self.flushes,
            ..Self::default()
        };
    }
}
