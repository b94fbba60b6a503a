//! What brokers and their consumers tell those who watch.

use crate::nodes::NodeId;

/// Something that happened to messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageFact {
    /// A worker is subscribed to its queue.
    Subscribed {
        /// The worker.
        worker: NodeId,
    },
    /// A broker has lost a consumer: so many messages that it had not acknowledged go back.
    ConsumerLost {
        /// The worker.
        worker: NodeId,
        /// Messages.
        in_hand: u32,
    },
    /// A broker holds as many messages as it may: publishers wait.
    AlarmBegan {
        /// The broker.
        broker: NodeId,
    },
    /// It holds fewer again: nobody waits.
    AlarmEnded {
        /// The broker.
        broker: NodeId,
    },
    /// A queue is full.
    QueueFilled {
        /// The broker.
        broker: NodeId,
        /// The queue.
        queue: u8,
    },
    /// What became of the messages of a broker that died.
    MessagesLost {
        /// The broker.
        broker: NodeId,
        /// Gone with its memory.
        lost: u32,
        /// On its disk.
        kept: u32,
    },
}
