//! The parameters of message brokers, workers, and jobs beside an answer. Exchanges and their bindings have a board of their
//! own.

use crate::scenario::{MessageBrokerTier, Scenario, WorkerTier};

use super::{List, Parameter, Range, SLOTS_MAX, YEAR_MS};

pub(super) fn add_broker(list: &mut List, broker: &MessageBrokerTier) {
    let help = "Its work for a message: to route, store and send it.";
    list.add("work.mean_ms", "A message takes", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "Messages that it holds. When there are as many, it lets publishers wait.";
    list.optional("1,000,000", "messages_max", "Messages at most", "", Range::Whole(1, 10_000_000), help);
    let help = "From its death until what watches over it tells it to start again, with the same disk.";
    list.optional("never", "restart_after_ms", "Restarted after", "ms", Range::Number(0.0, YEAR_MS), help);
    list.group("Queues");
    for (id, queue) in &broker.queues {
        let field = |field: &str| format!("queues.{id}.{field}");
        let name = |what: &str| format!("“{id}”: {what}");
        let help = "Messages that may wait in it.";
        list.optional(
            "unlimited",
            &field("length_max"),
            &name("messages at most"),
            "",
            Range::Whole(1, 10_000_000),
            help,
        );
        if queue.length_max.is_some() {
            let ways = vec![("drop_head", "drop the oldest"), ("reject_publish", "tell the publisher")];
            let help = "What becomes of a message for which there is no room.";
            list.optional("drop_head", &field("overflow"), &name("when full"), "", Range::Choice(ways), help);
        }
        let help = "How long a message may wait in it.";
        list.optional(
            "unlimited",
            &field("message_ttl_ms"),
            &name("time to live"),
            "ms",
            Range::Number(0.001, YEAR_MS),
            help,
        );
        let help = "How often a message may be delivered again; then it is given up.";
        list.optional("20", &field("delivery_limit"), &name("delivered again at most"), "", Range::Whole(0, 100), help);
    }
}

pub(super) fn add_worker(list: &mut List, worker: &WorkerTier) {
    let help = "How many workers there are. New ones have to start first.";
    list.add("instances", "Instances", "", Range::Whole(1, 20_000), help);
    list.add("slots", "Slots", "", Range::Whole(1, SLOTS_MAX), "Messages that each works on at once.");
    let help = "Messages that each may have that it has not acknowledged. Many: it never waits for the next one. Few: more \
                is left for others.";
    list.add("prefetch", "Prefetch", "", Range::Whole(1, 65_535), help);
    let help = "How many it acknowledges together. What it has done and not acknowledged is done again if it dies.";
    list.optional("1", "acknowledge_every", "Acknowledges every", "", Range::Whole(1, 65_535), help);
    if worker.work.is_some() {
        let help = "What a message takes here.";
        list.add("work.mean_ms", "A message takes", "ms", Range::Number(0.0, YEAR_MS), help);
    }
    let help = "How many messages they remember to have done, so as not to do them again: idempotent consumers.";
    list.optional("none", "remembers", "Remembers", "messages", Range::Whole(1, 1_000_000), help);
    let help = "The share of messages that no worker can do.";
    list.optional("0", "poison_share", "Poison", "", Range::Number(0.0, 1.0), help);
    let help = "Whether what cannot be done goes back to the queue; else it is given up at once.";
    list.optional("true", "requeue", "Tries again", "", Range::Flag, help);
    let help = "How long a worker that has lost the broker waits before it tries to reach it again.";
    list.optional("5,000", "reconnect_ms", "Reconnects after", "ms", Range::Number(1.0, YEAR_MS), help);
}

/// What each class of requests has to be done beside its answer, at the tiers that do it.
pub(super) fn jobs(scenario: &Scenario) -> Vec<Parameter> {
    let mut list = List::new("workload.classes", "Jobs");
    for (id, class) in &scenario.workload.classes {
        let Some(job) = &class.job else { continue };
        let name = |what: &str| format!("“{id}”: {what}");
        let help = "Work of the job that such a request has beside its answer.";
        list.add(&format!("{id}.job.work.mean_ms"), name("job takes"), "ms", Range::Number(0.0, YEAR_MS), help);
        if job.person.is_some() {
            let help = "How long a person takes to decide, after that work.";
            list.add(
                &format!("{id}.job.person.mean_ms"),
                name("person takes"),
                "ms",
                Range::Number(0.0, YEAR_MS),
                help,
            );
        }
        if job.publish.is_some() {
            let help = "Whether its message is written to the disk, in durable queues, before the request is answered.";
            list.optional("true", &format!("{id}.job.publish.persistent"), &name("persistent"), "", Range::Flag, help);
            let help = "Whether a message that no queue is bound for comes back, and the request fails.";
            list.flag(&format!("{id}.job.publish.mandatory"), &name("mandatory"), help);
        }
    }
    list.parameters
}
