//! How brokers stand.

use serde::{Deserialize, Serialize};

use crate::nodes::{Node, NodeId};
use crate::scenario::Tier;
use crate::time::Span;
use crate::world::World;

use super::Sample;

/// How a broker stands; rates are over about the last second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BrokerStatus {
    /// Index of its node.
    pub node: u16,
    /// Its queues, in the order of their ids.
    pub queues: Vec<QueueStatus>,
    /// Messages published per second, by exchange and then by routing key, each in its order.
    pub published_per_second: Vec<Vec<f64>>,
    /// Publishers that wait for room.
    pub held_up: u32,
    /// Messages that no queue was bound for, since the start.
    pub unroutable_total: u64,
}

/// How a queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// Messages that wait.
    pub waiting: u32,
    /// Delivered and not acknowledged.
    pub unacknowledged: u32,
    /// Workers that are subscribed.
    pub consumers: u32,
    /// How long the oldest message has waited, in milliseconds.
    pub oldest_ms: f64,
    /// Messages that came per second.
    pub entered_per_second: f64,
    /// Messages acknowledged per second.
    pub consumed_per_second: f64,
    /// Deliveries of messages that had been delivered before, since the start.
    pub redelivered_total: u64,
    /// Messages given up, since the start: expired, dropped, or refused.
    pub given_up_total: u64,
    /// Those of them that went to another queue.
    pub dead_lettered_total: u64,
    /// Messages that it did not take, since the start.
    pub rejected_total: u64,
    /// Messages gone with the broker's memory, since the start.
    pub lost_total: u64,
}

/// What a broker had done up to an instant.
#[derive(Clone, Debug, Default)]
pub struct BrokerSample {
    queues: Vec<(u64, u64)>,
    keyed: Vec<Vec<u64>>,
}

/// What the brokers have done up to now.
pub(super) fn samples(world: &World) -> Vec<BrokerSample> {
    let sample = |node: &Node| match node {
        Node::Broker(broker) => Some(BrokerSample {
            queues: broker.queues.iter().map(|queue| (queue.counts.entered, queue.counts.consumed)).collect(),
            keyed: broker.keyed.clone(),
        }),
        Node::Client(_)
        | Node::Dns(_)
        | Node::Balancer(_)
        | Node::Web(_)
        | Node::Cache(_)
        | Node::Database(_)
        | Node::Edge(_)
        | Node::ObjectStore(_)
        | Node::Worker(_) => None,
    };
    world.nodes().iter().filter_map(sample).collect()
}

/// How the brokers stand.
pub(super) fn statuses(world: &World, before: &Sample) -> Vec<BrokerStatus> {
    let now = world.now();
    let span = now.since(before.time);
    let per_second =
        |count: u64, before: u64| if span == Span::ZERO { 0.0 } else { (count - before) as f64 / span.as_seconds() };
    let brokers = world
        .nodes()
        .iter()
        .enumerate()
        .filter_map(|(index, node)| if let Node::Broker(broker) = node { Some((index, &**broker)) } else { None });
    let status = |(nth, (index, broker)): (usize, (usize, &crate::nodes::broker::Broker))| {
        let old = before.brokers.get(nth).cloned().unwrap_or_default();
        let queue = |(number, queue): (usize, &crate::nodes::broker::queue::Queue)| {
            let counts = &queue.counts;
            let (entered, consumed) = old.queues.get(number).copied().unwrap_or_default();
            QueueStatus {
                waiting: queue.depth.value(),
                unacknowledged: queue.in_hand,
                consumers: broker.subscribers(number as u8) as u32,
                oldest_ms: queue.oldest_ms(now),
                entered_per_second: per_second(counts.entered, entered),
                consumed_per_second: per_second(counts.consumed, consumed),
                redelivered_total: counts.redelivered,
                given_up_total: counts.expired + counts.dropped + counts.refused,
                dead_lettered_total: counts.dead_lettered,
                rejected_total: counts.rejected,
                lost_total: counts.lost + counts.unconfirmed,
            }
        };
        let published = broker.keyed.iter().enumerate().map(|(exchange, keys)| {
            let old = |key: usize| old.keyed.get(exchange).and_then(|keys| keys.get(key)).copied().unwrap_or_default();
            keys.iter().enumerate().map(|(key, &count)| per_second(count, old(key))).collect()
        });
        BrokerStatus {
            node: index as u16,
            queues: broker.queues.iter().enumerate().map(queue).collect(),
            published_per_second: published.collect(),
            held_up: broker.held_up() as u32,
            unroutable_total: broker.counts.unroutable,
        }
    };
    brokers.enumerate().map(status).collect()
}

/// What people call a queue.
pub(super) fn queue_name(world: &World, broker: NodeId, queue: u8) -> String {
    let tier = &world.plan().tiers[world.context().nodes[broker.index()].tier.index()].id;
    let Some(Tier::MessageBroker(own)) = world.scenario().tiers.get(tier) else { return String::new() };
    own.queues.keys().nth(usize::from(queue)).cloned().unwrap_or_default()
}
