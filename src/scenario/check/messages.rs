//! What brokers, workers and messages must satisfy, and which of their settings contradict each other.

use crate::nodes::broker::pattern::{Routing, flaw};
use crate::nodes::broker::settings::Overflow;
use crate::scenario::messages::{Exchange, Job, MessageBrokerTier, Publish, Queue, WorkerTier};
use crate::scenario::plan::classes::web_of;
use crate::scenario::plan::messages::{broker_of, keys};
use crate::scenario::{Problem, Scenario, Tier};

use super::{
    Checked, DELAY_MAX_MS, SLOTS_MAX, check_count, check_part_count, check_range, check_service, check_shares,
    find_tier, wrong_kind,
};

/// The most messages that a broker holds: 32 bytes each.
const MESSAGES_MAX: u32 = 10_000_000;
/// The largest prefetch: AMQP has two bytes for it.
const PREFETCH_MAX: u32 = 65_535;
/// The most ids that idempotent workers remember: about 40 bytes each.
const REMEMBERED_MAX: u32 = 1_000_000;
/// The most routing keys of a broker: they are numbered by a byte.
const KEYS_MAX: usize = 255;

pub(super) fn check_broker(scenario: &Scenario, id: &str, broker: &MessageBrokerTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_service(&at("work"), &broker.work)?;
    check_count(&at("messages_max"), broker.messages_max, 1, MESSAGES_MAX)?;
    check_range(&at("restart_after_ms"), broker.restart_after_ms.unwrap_or(0.0), 0.0, DELAY_MAX_MS)?;
    check_part_count(&at("exchanges"), &broker.exchanges)?;
    check_part_count(&at("queues"), &broker.queues)?;
    for (name, exchange) in &broker.exchanges {
        check_exchange(&at(&format!("exchanges.{name}")), broker, exchange)?;
    }
    let has_disk = scenario.machines.get(&broker.machine).is_some_and(|machine| machine.disk.is_some());
    for (name, queue) in &broker.queues {
        let place = at(&format!("queues.{name}"));
        if queue.durable && !has_disk {
            let message = format!(
                "what is durable is on a disk, and machines.{} has none; give it one, or make the queue transient",
                broker.machine
            );
            return Err(Problem::at(format!("{place}.durable"), message));
        }
        check_queue(&place, broker, queue)?;
    }
    let count = keys(scenario, id, broker).len();
    if count > KEYS_MAX {
        return Err(Problem::at(at("exchanges"), format!("get {count} different routing keys; at most {KEYS_MAX}")));
    }
    check_circles(id, &keys(scenario, id, broker), broker)
}

fn check_exchange(place: &str, broker: &MessageBrokerTier, exchange: &Exchange) -> Checked {
    if exchange.bindings.is_empty() {
        let message = "is empty: no queue is bound, so all that is published there would be gone; bind one";
        return Err(Problem::at(format!("{place}.bindings"), message));
    }
    check_part_count(&format!("{place}.bindings"), &exchange.bindings)?;
    for (name, binding) in &exchange.bindings {
        let at = |field: &str| format!("{place}.bindings.{name}.{field}");
        if !broker.queues.contains_key(&binding.queue) {
            return Err(unknown_queue(at("queue"), broker, &binding.queue));
        }
        match (exchange.routing, &binding.routing_key) {
            (Routing::FanOut, None) => {}
            (Routing::FanOut, Some(_)) => {
                let message = "a fan-out exchange takes no heed of keys; leave it out, or make its type \"topic\"";
                return Err(Problem::at(at("routing_key"), message));
            }
            (Routing::Direct | Routing::Topic, None) => {
                let message = "is missing; only a fan-out exchange needs none";
                return Err(Problem::at(at("routing_key"), message));
            }
            (Routing::Direct | Routing::Topic, Some(key)) => {
                if let Some(flaw) = flaw(exchange.routing, key) {
                    return Err(Problem::at(at("routing_key"), flaw));
                }
            }
        }
    }
    Ok(())
}

fn check_queue(place: &str, broker: &MessageBrokerTier, queue: &Queue) -> Checked {
    let at = |field: &str| format!("{place}.{field}");
    match (queue.length_max, queue.overflow) {
        (Some(length), _) => check_count(&at("length_max"), length, 1, MESSAGES_MAX)?,
        (None, Overflow::DropHead) => {}
        (None, Overflow::RejectPublish) => {
            let message = "the queue is never full, as it has no length_max; set that, or leave it out";
            return Err(Problem::at(at("overflow"), message));
        }
    }
    check_range(&at("message_ttl_ms"), queue.message_ttl_ms.unwrap_or(1.0), 0.001, DELAY_MAX_MS)?;
    check_count(&at("delivery_limit"), queue.delivery_limit, 0, 100)?;
    match (&queue.dead_letter_exchange, &queue.dead_letter_key) {
        (None, None) => Ok(()),
        (None, Some(_)) => {
            let message = "there is no dead_letter_exchange that it could be for; set one, or leave it out";
            Err(Problem::at(at("dead_letter_key"), message))
        }
        (Some(exchange), key) => {
            check_is_exchange(&at("dead_letter_exchange"), broker, exchange)?;
            check_key(&at("dead_letter_key"), key.as_deref().unwrap_or_default())
        }
    }
}

/// Dead letters must not come back to the queue that gave them up, or they would go round for ever.
fn check_circles(id: &str, keys: &[String], broker: &MessageBrokerTier) -> Checked {
    let leads_to = |name: &str| -> Vec<&String> {
        let queue = &broker.queues[name];
        let Some(exchange) = queue.dead_letter_exchange.as_ref().and_then(|own| broker.exchanges.get(own)) else {
            return Vec::new();
        };
        let own: Vec<&String> = queue.dead_letter_key.as_ref().map_or_else(|| keys.iter().collect(), |key| vec![key]);
        own.into_iter().flat_map(|key| exchange.reached(key)).collect()
    };
    for start in broker.queues.keys() {
        let (mut seen, mut next) = (std::collections::BTreeSet::new(), leads_to(start));
        while let Some(queue) = next.pop() {
            if queue == start {
                let message = "its dead letters come back to it, and would go round for ever; lead them elsewhere";
                return Err(Problem::at(format!("tiers.{id}.queues.{start}.dead_letter_exchange"), message));
            }
            if seen.insert(queue) {
                next.extend(leads_to(queue));
            }
        }
    }
    Ok(())
}

pub(super) fn check_worker(scenario: &Scenario, id: &str, worker: &WorkerTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_count(&at("slots"), worker.slots, 1, SLOTS_MAX)?;
    let broker = find_broker(scenario, &at("broker"), &worker.broker)?;
    if !broker.queues.contains_key(&worker.queue) {
        return Err(unknown_queue(at("queue"), broker, &worker.queue));
    }
    check_count(&at("prefetch"), worker.prefetch, 1, PREFETCH_MAX)?;
    check_count(&at("acknowledge_every"), worker.acknowledge_every, 1, PREFETCH_MAX)?;
    if worker.acknowledge_every > worker.prefetch {
        let message = format!(
            "is {}, but a worker gets no more than {} unacknowledged messages (prefetch), so it would wait for ever; \
             lower it",
            worker.acknowledge_every, worker.prefetch
        );
        return Err(Problem::at(at("acknowledge_every"), message));
    }
    if let Some(work) = &worker.work {
        check_service(&at("work"), work)?;
    }
    check_count(&at("remembers"), worker.remembers.unwrap_or(1), 1, REMEMBERED_MAX)?;
    check_range(&at("poison_share"), worker.poison_share, 0.0, 1.0)?;
    check_range(&at("reconnect_ms"), worker.reconnect_ms, 1.0, DELAY_MAX_MS)?;
    if let Some(people) = &worker.people {
        check_is_exchange(&at("people.exchange"), broker, &people.exchange)?;
        check_key(&at("people.routing_key"), &people.routing_key)?;
        let decides = |class: &crate::scenario::Class| class.job.as_ref().is_some_and(|job| job.person.is_some());
        if !scenario.workload.classes.values().any(decides) {
            let message = "no person has to decide anything: no class has job.person; set that, or leave it out";
            return Err(Problem::at(at("people"), message));
        }
        if broker.exchanges[&people.exchange].reached(&people.routing_key).contains(&&worker.queue) {
            let message = format!("leads back to the queue \"{}\", and would be asked for ever", worker.queue);
            return Err(Problem::at(at("people.routing_key"), message));
        }
    }
    Ok(())
}

/// What requests of a class have to be done beside their answer.
pub(super) fn check_job(scenario: &Scenario, id: &str, job: &Job) -> Checked {
    let at = |field: &str| format!("workload.classes.{id}.job.{field}");
    check_service(&at("work"), &job.work)?;
    if let Some(person) = &job.person {
        check_service(&at("person"), person)?;
    }
    let Some((web, _)) = web_of(scenario, id) else {
        let message = "its requests come to no web server, so nobody does it or publishes it; leave it out";
        return Err(Problem::at(format!("workload.classes.{id}.job"), message));
    };
    let Some(publish) = &job.publish else { return Ok(()) };
    let Some(broker) = broker_of(scenario, id) else {
        let message = format!("tiers.{web} has no broker to publish at; set tiers.{web}.broker, or leave it out");
        return Err(Problem::at(at("publish"), message));
    };
    check_publish(&at("publish"), find_broker(scenario, &format!("tiers.{web}.broker"), broker)?, publish)?;
    let asks_people = |tier: &Tier| matches!(tier, Tier::Worker(own) if own.broker == *broker && own.people.is_some());
    if job.person.is_some() && !scenario.tiers.values().any(asks_people) {
        let message = "no worker hands what it has done to a person; set people at the tier that does";
        return Err(Problem::at(at("person"), message));
    }
    Ok(())
}

fn check_publish(place: &str, broker: &MessageBrokerTier, publish: &Publish) -> Checked {
    check_is_exchange(&format!("{place}.exchange"), broker, &publish.exchange)?;
    check_part_count(&format!("{place}.keys"), &publish.keys)?;
    check_shares(&format!("{place}.keys"), publish.keys.iter().map(|(id, key)| (id, key.share)))?;
    publish.keys.iter().try_for_each(|(id, key)| check_key(&format!("{place}.keys.{id}.key"), &key.key))
}

/// The broker of web servers.
pub(super) fn find_broker<'a>(scenario: &'a Scenario, place: &str, id: &str) -> Result<&'a MessageBrokerTier, Problem> {
    match find_tier(scenario, place, id)? {
        Tier::MessageBroker(broker) => Ok(broker),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::Worker(_) => Err(wrong_kind(place, id, "a message_broker")),
    }
}

fn check_is_exchange(place: &str, broker: &MessageBrokerTier, id: &str) -> Checked {
    if broker.exchanges.contains_key(id) {
        return Ok(());
    }
    Err(Problem::unknown(place, "exchange", id, broker.exchanges.keys().map(String::as_str)))
}

fn unknown_queue(place: String, broker: &MessageBrokerTier, id: &str) -> Problem {
    Problem::unknown(place, "queue", id, broker.queues.keys().map(String::as_str))
}

/// The key of a message: no pattern.
fn check_key(place: &str, key: &str) -> Checked {
    match flaw(Routing::Topic, key) {
        Some(flaw) => Err(Problem::at(place, flaw)),
        None if key.split('.').any(|word| word == "*" || word == "#") => {
            Err(Problem::at(place, "is a pattern; a message has a plain key, and bindings have patterns"))
        }
        None => Ok(()),
    }
}
