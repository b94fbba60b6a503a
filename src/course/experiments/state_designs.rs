//! Systems whose users sign in.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Finding, Outcome};
use crate::nodes::observer::Fact;
use crate::scenario::Scenario;
use crate::scenario::edit;
use crate::world::report::{Report, SignInsReport};

use super::designs::{pool, times, within};

/// What it takes to check a password, in milliseconds.
pub const SIGN_IN_MS: f64 = 50.0;
/// Users of a [`pool`].
pub const USERS: f64 = 1000.0;

/// Servers of [`pool`] that need to know who sends a request, with sessions in their memory: chosen by lot for each request,
/// unless the balancer follows the cookie.
pub fn stateful(servers: u32, requests_per_second: f64, sticky: bool, patch: &Value) -> Scenario {
    let mut own = json!({
        "workload": {
            "sessions": { "idle_timeout_seconds": 1800, "sign_in": { "mean_ms": SIGN_IN_MS, "distribution": "constant" } },
            "classes": { "read": { "session": true } }
        },
        "tiers": { "balancer": { "policy": "random", "sticky": sticky } }
    });
    edit::merge(&mut own, patch);
    pool(servers, requests_per_second, own)
}

/// The same with sessions in a store: so many caches, of which `copies` hold each session, or a database of some kind.
pub fn stateless(servers: u32, requests_per_second: f64, store: &Store, patch: &Value) -> Scenario {
    let tier = match store {
        Store::Caches { count, copies } => json!({
            "kind": "cache", "machine": "store", "instances": count, "replicas": copies, "slots": 200, "backlog": 200,
            "lookup": { "mean_ms": 0.05, "distribution": "constant" }, "capacity_entries": 100_000, "boot_ms": 5000.0
        }),
        Store::Database(engine) => json!({
            "kind": "database", "machine": "store", "engine": engine, "slots": 200, "backlog": 200, "boot_ms": 5000.0
        }),
    };
    let mut own = json!({
        "workload": { "sessions": { "store": "sessions" }, "keys": { "count": 1000 } },
        "machines": { "store": { "place": "montreal", "cores": 1, "cost_per_month_usd": 31.0 } },
        "tiers": { "sessions": tier }
    });
    edit::merge(&mut own, patch);
    stateful(servers, requests_per_second, false, &own)
}

/// What keeps sessions.
pub enum Store {
    /// So many caches, and how many of them hold each session.
    Caches {
        /// Servers.
        count: u32,
        /// Of each session.
        copies: u32,
    },
    /// A database of this kind.
    Database(&'static str),
}

/// What became of the sessions of a run, up to the end of a phase.
pub fn sign_ins(report: &Report) -> &SignInsReport {
    let sessions = report.sessions.as_ref().and_then(|sessions| sessions.sign_ins.as_ref());
    sessions.expect("users sign in")
}

/// How often sessions were lost with the memory of a server.
pub fn losses(outcome: &Outcome) -> usize {
    times(outcome, |fact| matches!(fact, Fact::SessionsLost { .. })).len()
}

/// Users who were told to sign in again since their session was lost, and that they are as many as had one there.
pub fn logged_out(key: &'static str, what: &'static str, report: &Report) -> Finding {
    let own = sign_ins(report);
    let reason = "definition: each user whose session was in that memory comes back once without being known; that all come back \
                  within the run fails with a probability below 1 in a million";
    users(key, what, own.logged_out, within(own.sessions_lost as f64, 0.0), reason)
}

/// A number of users, and what it should be.
pub fn users(
    key: &'static str,
    what: &'static str,
    measured: u64,
    expected: Expected,
    reason: &'static str,
) -> Finding {
    Finding { key, what, unit: "users", measured: measured as f64, expected, reason }
}
