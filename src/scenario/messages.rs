//! Message brokers, workers, and what requests publish, as a scenario describes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::broker::pattern::{Pattern, Routing};
use crate::nodes::broker::settings::Overflow;

use super::plan::messages::keys;
use super::scaling::Autoscaler;
use super::{Id, Scenario, ServiceTime, Tier, tiers::default_boot_ms};

/// A message broker after AMQP 0-9-1, as RabbitMQ implements it. There is one of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageBrokerTier {
    /// What it runs on. Durable queues need a machine with a disk.
    pub machine: Id,
    /// Its work for a message: to route, store and send it.
    pub work: ServiceTime,
    /// Where messages are published.
    pub exchanges: BTreeMap<Id, Exchange>,
    /// Where messages wait.
    pub queues: BTreeMap<Id, Queue>,
    /// Messages that it holds at most, from 1 to 10,000,000: beyond, it lets publishers wait (RabbitMQ's memory alarm).
    #[serde(default = "default_messages_max", skip_serializing_if = "is_default_messages_max")]
    pub messages_max: u32,
    /// How long after its death it is told to start again, in milliseconds, with the same disk, on another machine if need be: by
    /// what watches over it, as Kubernetes or Pacemaker does. Without it, somebody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_after_ms: Option<f64>,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// An exchange: it routes messages to the queues that are bound to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// How it compares a message's routing key with those of its bindings.
    #[serde(rename = "type", default)]
    pub routing: Routing,
    /// The queues that are bound to it.
    pub bindings: BTreeMap<Id, Binding>,
}

/// A binding: messages whose key fits go to a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The queue.
    pub queue: Id,
    /// The key that fits; for a topic a pattern, in which `*` stands for one word and `#` for zero or more. A fan-out
    /// exchange takes no heed of keys, so there it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Whether it outlasts a restart of the broker, with those of its messages that are persistent.
    pub durable: bool,
    /// Messages that may wait, from 1 to 10,000,000. Without it, as many as the broker holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_max: Option<u32>,
    /// What becomes of a message for which there is no room.
    #[serde(skip_serializing_if = "is_default")]
    pub overflow: Overflow,
    /// How long a message may wait, in milliseconds. Without it, for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_ttl_ms: Option<f64>,
    /// The exchange for messages that are given up: they waited too long, had to make room, were refused, or delivered too
    /// often. Without it, they are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_exchange: Option<Id>,
    /// Their routing key there, if not their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_key: Option<String>,
    /// How often a message may be delivered again, from 0 to 100 (RabbitMQ's quorum queues: 20).
    #[serde(skip_serializing_if = "is_default_delivery_limit")]
    pub delivery_limit: u32,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            durable: true,
            length_max: None,
            overflow: Overflow::DropHead,
            message_ttl_ms: None,
            dead_letter_exchange: None,
            dead_letter_key: None,
            delivery_limit: DELIVERY_LIMIT,
        }
    }
}

/// Workers: they consume a queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WorkerTier {
    /// What they run on.
    pub machine: Id,
    /// How many there are.
    #[serde(default = "one_worker")]
    pub instances: u32,
    /// Messages that each works on at once.
    pub slots: u32,
    /// The broker.
    pub broker: Id,
    /// The queue that they consume.
    pub queue: Id,
    /// Messages that each may have that it has not acknowledged, those counted that wait at it, from 1 to 65,535.
    #[serde(default = "default_prefetch")]
    pub prefetch: u32,
    /// How many each acknowledges together, from 1 to `prefetch`: it waits until so many are done, or there is nothing else to
    /// do.
    #[serde(default = "one_worker", skip_serializing_if = "is_one")]
    pub acknowledge_every: u32,
    /// What a message takes, if not what its job says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<ServiceTime>,
    /// How many messages they remember to have done, so as not to do them again, from 1 to 1,000,000. Without it, they do what
    /// they get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembers: Option<u32>,
    /// The share of messages that no worker can do, from 0 to 1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub poison_share: f64,
    /// Whether these go back to the queue, to be tried again; else they are given up at once.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub requeue: bool,
    /// Where what a person has decided is published, if what is done here goes to a person next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
    /// How long one that was taken out is paid for while it finishes what it has in hand, in milliseconds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub draining_ms: f64,
    /// Adds and removes workers by itself: by `queue_depth` it goes by what waits in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscaler: Option<Autoscaler>,
    /// How long a worker that has lost the broker waits before it tries again, in milliseconds (RabbitMQ's Java client: 5,000).
    #[serde(default = "default_reconnect_ms", skip_serializing_if = "is_default_reconnect_ms")]
    pub reconnect_ms: f64,
    /// How long one takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// Where decisions are published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct People {
    /// The exchange.
    pub exchange: Id,
    /// The routing key.
    pub routing_key: String,
}

/// What a request has to be done beside its answer: a photo to be resized, an order to be approved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its work: the web server's own, before the answer, or that of workers, if it is published.
    pub work: ServiceTime,
    /// How long a person takes for it after that, if one has to decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<ServiceTime>,
    /// The message that is published for it. Without it, the web server does it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The exchange of the web servers' broker.
    pub exchange: Id,
    /// The routing keys that it may have.
    pub keys: BTreeMap<Id, RoutingKey>,
    /// Whether it is written to the disk in durable queues; the answer then waits for that.
    #[serde(default = "yes")]
    pub persistent: bool,
    /// Whether it comes back if no queue is bound for it: the request fails. Without it, it is dropped, and nobody told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mandatory: bool,
}

/// A routing key that messages have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RoutingKey {
    /// The key: words between dots.
    pub key: String,
    /// Weight among the keys: its share of the messages.
    #[serde(default = "unit")]
    pub share: f64,
}

/// All routing keys that messages of a broker may have, in the order of their numbers.
pub fn routing_keys(scenario: &Scenario, broker: &str) -> Vec<String> {
    let Some(Tier::MessageBroker(own)) = scenario.tiers.get(broker) else { return Vec::new() };
    keys(scenario, broker, own)
}

impl Binding {
    /// Whether it lets a key through, at an exchange of this kind.
    pub fn fits(&self, routing: Routing, key: &str) -> bool {
        Pattern::new(routing, self.routing_key.as_deref().unwrap_or_default()).matches(key)
    }
}

impl Exchange {
    /// The queues that a message with this key comes to, in the order of their ids: each once, however many bindings fit.
    pub fn reached(&self, key: &str) -> Vec<&Id> {
        let fits = |binding: &&Binding| binding.fits(self.routing, key);
        let mut reached: Vec<&Id> = self.bindings.values().filter(fits).map(|binding| &binding.queue).collect();
        reached.sort_unstable();
        reached.dedup();
        reached
    }
}

const MESSAGES_MAX: u32 = 1_000_000;
const DELIVERY_LIMIT: u32 = 20;
const RECONNECT_MS: f64 = 5_000.0;

const fn default_messages_max() -> u32 {
    MESSAGES_MAX
}

fn is_default_messages_max(messages: &u32) -> bool {
    *messages == MESSAGES_MAX
}

fn is_default_delivery_limit(limit: &u32) -> bool {
    *limit == DELIVERY_LIMIT
}

const fn default_reconnect_ms() -> f64 {
    RECONNECT_MS
}

fn is_default_reconnect_ms(ms: &f64) -> bool {
    *ms == RECONNECT_MS
}

const fn one_worker() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

const fn default_prefetch() -> u32 {
    10
}

const fn yes() -> bool {
    true
}

fn is_yes(answer: &bool) -> bool {
    *answer
}

const fn unit() -> f64 {
    1.0
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
