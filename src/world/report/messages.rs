//! What brokers and workers came to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::nodes::Node;
use crate::nodes::broker::queue::QueueCounts;
use crate::nodes::broker::{Broker, BrokerCounts};
use crate::nodes::worker::crew::CrewCounts;
use crate::scenario::Tier;
use crate::world::World;

use super::Latency;

/// What had been done when measuring began, by tier.
#[derive(Clone, Debug, Default)]
pub struct Before {
    brokers: BTreeMap<usize, (BrokerCounts, Vec<QueueCounts>)>,
    crews: BTreeMap<usize, CrewCounts>,
}

/// A message broker.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BrokerReport {
    /// Messages that came to an exchange.
    pub published: u64,
    /// Copies of them that exchanges routed to queues.
    pub routed: u64,
    /// Messages that no queue was bound for.
    pub unroutable: u64,
    /// Those of these that went back to their publishers.
    pub returned: u64,
    /// Messages that a full queue did not take.
    pub rejected: u64,
    /// Publishers that had to wait, since the broker held as many messages as it may.
    pub held_up: u64,
    /// The queues.
    pub queues: BTreeMap<String, QueueReport>,
}

/// A queue. Over a whole run: entered = consumed + expired + dropped + refused + lost + unconfirmed + waiting + unacknowledged.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct QueueReport {
    /// Messages that came to it.
    pub entered: u64,
    /// Those of them that other queues had given up.
    pub letters: u64,
    /// Messages that it did not take, since it was full.
    pub rejected: u64,
    /// Acknowledged by a consumer.
    pub consumed: u64,
    /// Deliveries of messages that had been delivered before.
    pub redelivered: u64,
    /// Given up since they waited for too long.
    pub expired: u64,
    /// Given up to make room.
    pub dropped: u64,
    /// Given up since consumers refused them, or they were delivered too often.
    pub refused: u64,
    /// Those of the given-up ones that went to another queue.
    pub dead_lettered: u64,
    /// Gone with the broker's memory, though their publishers had been told that it has them.
    pub lost: u64,
    /// Gone with the broker's memory before their publishers were told anything.
    pub unconfirmed: u64,
    /// Messages that wait at the end.
    pub waiting: u64,
    /// Delivered and not acknowledged at the end.
    pub unacknowledged: u64,
    /// How long the oldest that waits at the end has waited, in milliseconds.
    pub oldest_ms: f64,
    /// From when a request was sent until its message was acknowledged.
    pub finished_after_ms: Latency,
}

/// Workers.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WorkReport {
    /// Messages whose work was done and left its effect.
    pub done: u64,
    /// Those of them whose work had been done before.
    pub duplicates: u64,
    /// Messages that had been done before, and were recognised.
    pub recognised: u64,
    /// Messages that could not be done.
    pub not_done: u64,
    /// What waits for a person at the end.
    pub with_people: u64,
}

impl World {
    /// The brokers of the system: only one of each tier.
    fn broker_of_tier(&self, tier: usize) -> Option<&Broker> {
        let first = self.ctx.tiers[tier].members.first()?;
        if let Node::Broker(broker) = &self.nodes[first.index()] { Some(broker) } else { None }
    }

    /// Measuring begins.
    pub(in crate::world) fn begin_measuring_messages(&mut self) {
        let mut before = Before::default();
        for tier in 0..self.ctx.tiers.len() {
            if let Some(broker) = self.broker_of_tier(tier) {
                let queues = broker.queues.iter().map(|queue| queue.counts).collect();
                before.brokers.insert(tier, (broker.counts, queues));
            }
            if let Some(crew) = &self.ctx.tiers[tier].crew {
                before.crews.insert(tier, crew.counts);
            }
        }
        self.measured_messages = before;
        for node in &mut self.nodes {
            if let Node::Broker(broker) = node {
                broker.begin_measuring();
            }
        }
    }

    /// What the broker of a tier did while it was measured.
    pub(super) fn broker_report(&self, tier: usize) -> Option<BrokerReport> {
        let broker = self.broker_of_tier(tier)?;
        let Some(Tier::MessageBroker(scenario)) = self.scenario.tiers.get(&self.plan.tiers[tier].id) else {
            return None;
        };
        let (counts, queues) = self.measured_messages.brokers.get(&tier).cloned().unwrap_or_default();
        let own = scenario.queues.keys().zip(&broker.queues).enumerate().map(|(index, (id, queue))| {
            let counts = queue.counts.less(&queues.get(index).copied().unwrap_or_default());
            let report = QueueReport {
                entered: counts.entered,
                letters: counts.letters,
                rejected: counts.rejected,
                consumed: counts.consumed,
                redelivered: counts.redelivered,
                expired: counts.expired,
                dropped: counts.dropped,
                refused: counts.refused,
                dead_lettered: counts.dead_lettered,
                lost: counts.lost,
                unconfirmed: counts.unconfirmed,
                waiting: queue.len() as u64,
                unacknowledged: u64::from(queue.in_hand),
                oldest_ms: queue.oldest_ms(self.ctx.now),
                finished_after_ms: (&queue.finished).into(),
            };
            (id.clone(), report)
        });
        Some(BrokerReport {
            published: broker.counts.published - counts.published,
            routed: broker.counts.routed - counts.routed,
            unroutable: broker.counts.unroutable - counts.unroutable,
            returned: broker.counts.returned - counts.returned,
            rejected: broker.counts.rejected - counts.rejected,
            held_up: broker.counts.held_up - counts.held_up,
            queues: own.collect(),
        })
    }

    /// What the workers of a tier did while it was measured.
    pub(super) fn work_report(&self, tier: usize) -> Option<WorkReport> {
        let crew = self.ctx.tiers[tier].crew.as_ref()?;
        let own = crew.counts.less(&self.measured_messages.crews.get(&tier).copied().unwrap_or_default());
        Some(WorkReport {
            done: own.done,
            duplicates: own.duplicates,
            recognised: own.recognised,
            not_done: own.refused,
            with_people: crew.people.waiting() as u64,
        })
    }
}
