//! Brokers and workers, with names and routing keys turned into numbers, and every key's way worked out.

use std::collections::BTreeSet;

use crate::nodes::TierId;
use crate::nodes::broker::settings::{DeadLetters, QueueSettings, Settings};
use crate::nodes::context::Publishing;
use crate::nodes::population::Shares;
use crate::nodes::worker::crew::CrewSettings;
use crate::rng::Sampler;
use crate::scenario::messages::{Exchange, MessageBrokerTier, WorkerTier};
use crate::scenario::{Id, Scenario, Tier};
use crate::time::Span;

use super::PartPlan;
use super::classes::web_of;

/// What is to be done beside the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPlan {
    /// Its work.
    pub work: Sampler,
    /// How long a person takes after that, if one decides.
    pub person: Option<Sampler>,
    /// The message that is published for it.
    pub publish: Option<Publishing>,
}

/// All routing keys that messages of a broker may have, in order: their places are their numbers.
pub(in crate::scenario) fn keys(scenario: &Scenario, id: &str, broker: &MessageBrokerTier) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for (class_id, class) in &scenario.workload.classes {
        let publish = class.job.as_ref().and_then(|job| job.publish.as_ref());
        if let Some(publish) = publish
            && broker_of(scenario, class_id).is_some_and(|own| own == id)
        {
            keys.extend(publish.keys.values().map(|key| key.key.clone()));
        }
    }
    for tier in scenario.tiers.values() {
        if let Tier::Worker(worker) = tier
            && worker.broker == id
        {
            keys.extend(worker.people.as_ref().map(|people| people.routing_key.clone()));
        }
    }
    keys.extend(broker.queues.values().filter_map(|queue| queue.dead_letter_key.clone()));
    keys.into_iter().collect()
}

/// The broker that requests of a class publish at: that of the web servers which they come to.
pub(in crate::scenario) fn broker_of<'a>(scenario: &'a Scenario, class: &str) -> Option<&'a Id> {
    web_of(scenario, class)?.1.broker.as_ref()
}

fn numbered<'a>(scenario: &'a Scenario, id: &Id) -> (&'a MessageBrokerTier, Vec<String>) {
    let Tier::MessageBroker(broker) = &scenario.tiers[id] else { unreachable!("checked") };
    (broker, keys(scenario, id, broker))
}

fn exchange(broker: &MessageBrokerTier, id: &Id) -> u8 {
    broker.exchanges.keys().position(|known| known == id).expect("checked") as u8
}

fn number(keys: &[String], key: &str) -> u8 {
    keys.binary_search_by(|known| known.as_str().cmp(key)).expect("all keys are numbered") as u8
}

pub(super) fn broker(scenario: &Scenario, id: &Id) -> PartPlan {
    let (broker, keys) = numbered(scenario, id);
    let queue = |id: &Id| broker.queues.keys().position(|known| known == id).expect("checked") as u8;
    let route = |own: &Exchange, key: &String| own.reached(key).into_iter().map(queue).collect::<Vec<u8>>();
    let routes = broker.exchanges.values().map(|own| keys.iter().map(|key| route(own, key)).collect()).collect();
    let queues = broker.queues.values().map(|own| QueueSettings {
        durable: own.durable,
        length_max: own.length_max.unwrap_or(u32::MAX),
        overflow: own.overflow,
        ttl: own.message_ttl_ms.map(Span::from_ms),
        dead_letters: own.dead_letter_exchange.as_ref().map(|to| DeadLetters {
            exchange: exchange(broker, to),
            key: own.dead_letter_key.as_ref().map(|key| number(&keys, key)),
        }),
        delivery_limit: own.delivery_limit,
    });
    PartPlan::Broker {
        settings: Settings {
            queues: queues.collect(),
            routes,
            messages_max: broker.messages_max,
            restart_after: broker.restart_after_ms.map(Span::from_ms),
        },
        work: broker.work.sampler(),
    }
}

pub(super) fn worker(scenario: &Scenario, own: &WorkerTier, tier_id: impl Fn(&String) -> TierId) -> PartPlan {
    let (broker, keys) = numbered(scenario, &own.broker);
    PartPlan::Worker {
        slots: own.slots,
        work: own.work.map(|work| work.sampler()),
        crew: CrewSettings {
            broker: tier_id(&own.broker),
            queue: broker.queues.keys().position(|known| *known == own.queue).expect("checked") as u8,
            prefetch: own.prefetch,
            acknowledge_every: own.acknowledge_every,
            remembers: own.remembers,
            poison: own.poison_share,
            requeues: own.requeue,
            people: own
                .people
                .as_ref()
                .map(|people| (exchange(broker, &people.exchange), number(&keys, &people.routing_key))),
            reconnect: Span::from_ms(own.reconnect_ms),
        },
    }
}

pub(super) fn job(scenario: &Scenario, class: &str) -> Option<JobPlan> {
    let job = scenario.workload.classes[class].job.as_ref()?;
    let publish = job.publish.as_ref().map(|publish| {
        let (broker, keys) = numbered(scenario, broker_of(scenario, class).expect("checked"));
        Publishing {
            exchange: exchange(broker, &publish.exchange),
            keys: publish.keys.values().map(|key| number(&keys, &key.key)).collect(),
            shares: Shares::new(&publish.keys.values().map(|key| key.share).collect::<Vec<_>>()),
            persistent: publish.persistent,
            mandatory: publish.mandatory,
        }
    });
    Some(JobPlan { work: job.work.sampler(), person: job.person.map(|person| person.sampler()), publish })
}
