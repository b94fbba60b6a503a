//! Chapter 10: what outlasts a restart, and what is done twice.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};

use super::designs::{kill, phase, restore, run, set};
use super::message_designs::{queue, queued, work};

/// When the workers stop, the broker dies and comes back.
const STOPPED: f64 = 20.0;
const DIES: f64 = 30.0;
const BACK: f64 = 40.0;
/// When a worker crashes.
const CRASHES: f64 = 30.0;

fn durable_runs() -> Vec<Run> {
    let restart = [phase("before", 0.0, DIES), phase("after", DIES, 90.0)];
    let crash = [phase("before", 0.0, CRASHES), phase("after", CRASHES, 60.0)];
    let waiting = |name: &str, durable: bool| {
        let patch = json!({ "tiers": { "broker": { "queues": { "photos": { "durable": durable } } } } });
        run(name, queued(100.0, patch), &restart)
            .at(STOPPED, kill("workers"))
            .at(29.9, set("workload.requests_per_user_per_second", 0.0))
            .at(DIES + 0.05, kill("broker"))
            .at(BACK, restore("broker"))
            .at(BACK, restore("workers"))
    };
    let crashing = |name: &str, remembers: Value| {
        let workers = json!({ "instances": 1, "prefetch": 50, "acknowledge_every": 40, "remembers": remembers });
        // Without the network's delay no acknowledgement is under way when it happens.
        let patch = json!({ "network": { "enabled": false }, "tiers": { "workers": workers } });
        run(name, queued(150.0, patch), &crash)
            .at(CRASHES, kill("workers"))
            .at(CRASHES, set("workload.requests_per_user_per_second", 0.0))
            .at(CRASHES + 5.0, restore("workers"))
    };
    vec![
        waiting("durable", true),
        waiting("transient", false),
        crashing("crash", Value::Null),
        crashing("idempotent", json!(10_000)),
    ]
}

/// Messages whose work was done and that were not acknowledged when the worker crashed.
fn done_and_not_acknowledged(outcome: &Outcome) -> u64 {
    let before = outcome.phase("before");
    work(before, "workers").done - queue(before, "photos").consumed
}

fn durable_findings(results: &Results) -> Vec<Finding> {
    let [durable, transient, crash, idempotent] =
        ["durable", "transient", "crash", "idempotent"].map(|name| results.run(name));
    let photos = |outcome: &Outcome, phase: &str| queue(outcome.phase(phase), "photos").clone();
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let mean = |outcome: &Outcome| outcome.phase("before").latency_ms.mean;
    let again = work(crash.phase("after"), "workers");
    let known = work(idempotent.phase("after"), "workers");
    vec![
        finding(
            "waiting",
            "messages that wait when the broker dies",
            "messages",
            photos(durable, "before").waiting as f64,
            Expected::Within { value: 990.0, tolerance: 150.0 },
            "arithmetic: 100 a second for 9.9 s, and what the workers had in hand; four standard deviations are 126",
        ),
        finding(
            "durable",
            "of these, messages lost: persistent ones in a durable queue",
            "messages",
            photos(durable, "after").lost as f64,
            Expected::Exactly(0.0),
            "the claim: they are on the disk",
        ),
        finding(
            "consumed",
            "of these, messages consumed after the restart",
            "messages",
            photos(durable, "after").consumed as f64,
            Expected::Exactly(photos(durable, "before").waiting as f64),
            "all of them, and no others come",
        ),
        finding(
            "transient",
            "messages lost of a transient queue",
            "messages",
            photos(transient, "after").lost as f64,
            Expected::Exactly(photos(transient, "before").waiting as f64),
            "the claim: all that wait; they were in memory only",
        ),
        finding(
            "disk",
            "how much longer the answer takes where the message is on the disk first",
            "ms",
            mean(durable) - mean(transient),
            Expected::Within { value: 0.1, tolerance: 0.06 },
            "the flush of an SSD takes 0.1 ms, and a message may come while another is under way; the work of 2 ms is the \
             same in both runs",
        ),
        finding(
            "duplicates",
            "messages done twice since a worker crashed between doing and acknowledging them",
            "messages",
            again.duplicates as f64,
            Expected::Exactly(done_and_not_acknowledged(crash) as f64),
            "definition: what it had done and not acknowledged",
        ),
        finding(
            "not_acknowledged",
            "messages that it had done and not acknowledged",
            "messages",
            done_and_not_acknowledged(crash) as f64,
            Expected::AtLeast(1.0),
            "definition: it acknowledges forty together, so up to 39",
        ),
        finding(
            "redelivered",
            "messages delivered again after the crash",
            "messages",
            photos(crash, "after").redelivered as f64,
            Expected::AtLeast(again.duplicates.max(1) as f64),
            "all that it had in hand, done or not",
        ),
        finding(
            "idempotent",
            "messages done twice by workers that remember what they have done",
            "messages",
            known.duplicates as f64,
            Expected::Exactly(0.0),
            "the claim",
        ),
        finding(
            "recognised",
            "messages that they recognise instead",
            "messages",
            known.recognised as f64,
            Expected::Exactly(again.duplicates as f64),
            "the same requests meet the same crash",
        ),
    ]
}

/// What outlasts a crash.
pub static DURABLE: Experiment = Experiment {
    id: "mq.durable",
    title: "What outlasts a crash",
    claim: "Persistent messages in durable queues outlast the broker's restart, transient ones do not. What a crashed consumer \
            has not acknowledged is delivered again, so some of it is done twice, unless the consumer knows what it has done.",
    watch: "What waits before and after the restart; redeliveries and duplicates after a worker's crash.",
    question: Question {
        text: "A worker resizes a photo and dies before it has acknowledged that. What happens to the message?",
        options: &["It is lost", "Another worker does it again", "The broker knows that it is done"],
        right: 1,
    },
    explanation: "Durable means on the disk: the publisher is told only after the flush, and that costs its time. A broker that \
                  hears nothing of a message has to take it for undone. So each is delivered at least once, and whether twice \
                  does harm is the consumer's matter: one that writes down what it has done, together with doing it, is safe.",
    runs: durable_runs,
    judge: durable_findings,
    mutations: &[
        Mutation {
            name: "the queue is transient",
            breaks: |runs| runs[0].set("tiers.broker.queues.photos.durable", json!(false)),
        },
        Mutation {
            name: "its messages are not persistent",
            breaks: |runs| runs[0].set("workload.classes.photo.job.publish.persistent", json!(false)),
        },
        Mutation {
            name: "each message is acknowledged when it is done",
            breaks: |runs| runs[2].set("tiers.workers.acknowledge_every", json!(1)),
        },
        Mutation {
            name: "workers remember the last message only",
            breaks: |runs| runs[3].set("tiers.workers.remembers", json!(1)),
        },
    ],
};
