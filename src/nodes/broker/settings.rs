//! What a broker is told: its queues, and which of them each routing key leads to.

use crate::time::Span;

/// What becomes of a message for which a queue has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// The oldest one goes instead.
    #[default]
    DropHead,
    /// It is not taken, and its publisher is told.
    RejectPublish,
}

/// Where messages go that a queue gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetters {
    /// The exchange.
    pub exchange: u8,
    /// The routing key, if not their own.
    pub key: Option<u8>,
}

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// Whether it outlasts a restart, with those of its messages that are persistent.
    pub durable: bool,
    /// Messages that may wait.
    pub length_max: u32,
    /// See [`Overflow`].
    pub overflow: Overflow,
    /// How long a message may wait.
    pub ttl: Option<Span>,
    /// Where those go that it gives up, if anywhere.
    pub dead_letters: Option<DeadLetters>,
    /// How often a message may be delivered again.
    pub delivery_limit: u32,
}

/// A broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Its queues, in the order of their ids.
    pub queues: Vec<QueueSettings>,
    /// The queues that a message comes to: by exchange, then by routing key. Every key that there is has a number.
    pub routes: Vec<Vec<Vec<u8>>>,
    /// Messages that it may hold in all: beyond, it lets publishers wait.
    pub messages_max: u32,
    /// How long after its death it is told to start again, if it is.
    pub restart_after: Option<Span>,
}
