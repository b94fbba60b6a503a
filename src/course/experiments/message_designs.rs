//! Systems with a message broker that experiments start from, and how their reports are read.

use serde_json::{Value, json};

use crate::course::experiment::Outcome;
use crate::metrics::Stretch;
use crate::scenario::Scenario;
use crate::time::SimTime;
use crate::world::report::Report;
use crate::world::report::messages::{BrokerReport, QueueReport, WorkReport};

use super::designs::merged;

/// What a job of [`queued`] takes, in milliseconds: a worker of one core does 100 a second.
pub const JOB_MS: f64 = 10.0;

/// A web server that is never busy and publishes a message for each request; a broker with an SSD; two workers of one core each,
/// 100 jobs per second a worker. All in one place, no way to it.
pub fn queued(requests_per_second: f64, patch: Value) -> Scenario {
    let users = 1000;
    let base = json!({
        "version": 1, "name": "Message queue",
        "workload": {
            "users": users, "requests_per_user_per_second": requests_per_second / f64::from(users), "entry": "web",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "photo": {
                "share": 1.0, "web": { "mean_ms": 2.0 },
                "job": {
                    "work": { "mean_ms": JOB_MS, "distribution": "constant" },
                    "publish": { "exchange": "uploads", "keys": { "photo": { "key": "photo.new" } } }
                }
            } }
        },
        "machines": {
            "app": { "place": "montreal", "cores": 16, "cost_per_month_usd": 100.0 },
            "hub": { "place": "montreal", "cores": 4, "disk": "ssd", "cost_per_month_usd": 62.0 },
            "work": { "place": "montreal", "cores": 1, "cost_per_month_usd": 31.0 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 4000, "backlog": 0, "broker": "broker",
                     "boot_ms": 5000.0 },
            "broker": {
                "kind": "message_broker", "machine": "hub", "work": { "mean_ms": 0.02, "distribution": "constant" },
                "boot_ms": 5000.0,
                "exchanges": { "uploads": { "type": "topic", "bindings": {
                    "photos": { "queue": "photos", "routing_key": "photo.*" } } } },
                "queues": { "photos": {} }
            },
            "workers": { "kind": "worker", "machine": "work", "instances": 2, "slots": 1, "broker": "broker",
                         "queue": "photos", "boot_ms": 5000.0 }
        }
    });
    merged(base, &patch)
}

/// What the broker of a run came to.
pub fn broker(report: &Report) -> &BrokerReport {
    report.tiers["broker"].messages.as_ref().expect("it is a broker")
}

/// What one of its queues came to.
pub fn queue<'a>(report: &'a Report, id: &str) -> &'a QueueReport {
    &broker(report).queues[id]
}

/// What a tier of workers came to.
pub fn work(report: &Report, id: &str) -> WorkReport {
    report.tiers[id].work.expect("they are workers")
}

/// When the queues of the broker were empty for the first time after `from`, in seconds: the end of the first window of the run's
/// history in which fewer than one message waited on average.
pub fn drained_at(outcome: &Outcome, from: f64) -> f64 {
    let world = &outcome.world;
    let tier = world.plan().tiers.iter().position(|tier| tier.id == "broker").expect("there is one");
    let history = world.history();
    let windows = history.closed().iter().filter(|window| window.start() >= SimTime::from_ms(from * 1e3));
    let is_empty = |depth: u128, span: u64| depth < u128::from(span);
    let empty = windows
        .filter(|window| is_empty(window.tiers[tier].depth, window.end().since(window.start()).0))
        .map(|window| window.end().as_ms() / 1e3);
    empty.fold(f64::INFINITY, f64::min)
}
