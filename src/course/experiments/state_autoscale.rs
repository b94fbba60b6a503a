//! Chapter 8: as many servers as the hour needs.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::edit;
use crate::world::report::{Report, ScalingReport};

use super::designs::{failed_percent, phase, run, times, within};
use super::state_designs::{Store, losses, sign_ins, stateful, stateless};

/// A day of an hour: 24 times as quick as a real one, so boot times and rests weigh 24 times as much. Sessions end after 75 s, as
/// they do after half an hour of a real day.
const DAY: f64 = 3600.0;
/// Users, who come and go: a fifth of their sessions end between two requests.
const USERS: u32 = 5000;
/// Requests a second, on average over the day.
const RATE: f64 = 100.0;
/// Work of a request, in milliseconds: a server can do 50 a second.
const WORK_MS: f64 = 20.0;
const TARGET: f64 = 0.6;
const PEAK_TO_TROUGH: f64 = 5.0;
/// Servers that are enough for the peak of 167 a second at the target.
const FIXED: u32 = 6;

fn day(scaled: bool) -> Value {
    let mut own = json!({
        "workload": {
            "day": { "peak_to_trough": PEAK_TO_TROUGH, "peak_hour": 20.0, "starts_at_hour": 8.0, "length_ms": DAY * 1e3 },
            "users": USERS, "requests_per_user_per_second": RATE / f64::from(USERS),
            "sessions": { "idle_timeout_seconds": 75, "sign_in": { "mean_ms": 1.0 } },
            "classes": { "read": { "web": { "mean_ms": WORK_MS } } }
        },
        "tiers": { "web": { "boot_ms": 20_000.0, "draining_ms": 30_000.0 },
                   "balancer": { "policy": "least_connections" } }
    });
    if scaled {
        let scaler = json!({ "minimum": 1, "maximum": 12, "target_utilisation": TARGET, "evaluate_every_ms": 30_000.0,
                             "cooldown_out_ms": 30_000.0, "cooldown_in_ms": 120_000.0 });
        edit::merge(&mut own, &json!({ "tiers": { "web": { "autoscaler": scaler } } }));
    }
    own
}

fn autoscale_runs() -> Vec<Run> {
    let whole = [phase("measured", 0.0, DAY)];
    let store = Store::Caches { count: 1, copies: 1 };
    vec![
        run("scaled", stateless(2, RATE, &store, &day(true)), &whole),
        run("fixed", stateless(FIXED, RATE, &store, &day(false)), &whole),
        run("scaled, sessions in servers", stateful(2, RATE, true, &day(true)), &whole),
    ]
}

/// Server-hours of a fleet that always has the fewest whole servers with which the target is not exceeded, by the curve alone.
fn ideal_hours() -> f64 {
    let steps = 86_400;
    let amplitude = (PEAK_TO_TROUGH - 1.0) / (PEAK_TO_TROUGH + 1.0);
    let servers = |n: u32| {
        let angle = f64::from(n) / f64::from(steps) * std::f64::consts::TAU;
        let rate = RATE * (1.0 + amplitude * libm::cos(angle));
        (rate * WORK_MS / 1e3 / TARGET).ceil()
    };
    (0..steps).map(servers).sum::<f64>() / f64::from(steps) * DAY / 3600.0
}

fn scaling(report: &Report) -> &ScalingReport {
    report.tiers["web"].scaling.as_ref().expect("servers come and go")
}

/// The least and the most servers that an autoscaler has asked for.
fn range(outcome: &Outcome) -> (f64, f64) {
    let (facts, _) = outcome.world.context().observer.facts();
    let numbers: Vec<f64> = facts
        .iter()
        .filter_map(|&(_, fact)| if let Fact::Scaled { to, .. } = fact { Some(f64::from(to)) } else { None })
        .collect();
    (numbers.iter().copied().fold(f64::MAX, f64::min), numbers.iter().copied().fold(0.0, f64::max))
}

fn autoscale_findings(results: &Results) -> Vec<Finding> {
    let (scaled, fixed) = (results.run("scaled").report(), results.run("fixed").report());
    let stateful = results.run("scaled, sessions in servers");
    let (least, most) = range(results.run("scaled"));
    let gone = times(stateful, |fact| matches!(fact, Fact::Gone { .. })).len();
    let hours = |report: &Report| scaling(report).server_hours;
    let fixed_hours = f64::from(FIXED) * DAY / 3600.0;
    vec![
        Finding {
            key: "hours",
            what: "server-hours of a day with the autoscaler",
            unit: "h",
            measured: hours(scaled),
            expected: within(1.12 * ideal_hours(), 0.12 * ideal_hours()),
            reason: "arithmetic: at least what the curve needs at every moment in whole servers; on top booting, draining, and the \
                     rest before a server is removed: model assumption, up to a quarter",
        },
        Finding {
            key: "saved",
            what: "server-hours saved against a fixed number that is enough for the peak",
            unit: "%",
            measured: 100.0 * (1.0 - hours(scaled) / fixed_hours),
            expected: Expected::AtLeast(25.0),
            reason: "arithmetic: the curve's mean is 60% of its peak; what boots, drains and rests takes a part of that",
        },
        Finding {
            key: "cost",
            what: "the price of the machines against that of the fixed number",
            unit: "%",
            measured: 100.0 * scaled.cost_per_month_usd / fixed.cost_per_month_usd,
            expected: within(
                100.0 * (51.0 + 31.0 * scaling(scaled).servers_mean) / (51.0 + 31.0 * f64::from(FIXED)),
                0.01,
            ),
            reason: "arithmetic: list prices of a balancer, a store, and so many servers on average",
        },
        Finding {
            key: "most",
            what: "the most servers that it asked for",
            unit: "servers",
            measured: most,
            expected: within(f64::from(FIXED), 1.0),
            reason: "arithmetic: 167 requests a second of 20 ms at a target of 60% need 5.6; one more or less by chance",
        },
        Finding {
            key: "least",
            what: "the fewest",
            unit: "servers",
            measured: least,
            expected: within(2.0, 0.0),
            reason: "arithmetic: 33 requests a second at the trough need 1.1",
        },
        Finding {
            key: "p99",
            what: "p99 with the autoscaler as a multiple of that with the fixed number",
            unit: "",
            measured: scaled.latency_ms.p99 / fixed.latency_ms.p99,
            expected: Expected::AtMost(1.6),
            reason: "model assumption: new servers are there within a minute, in which the load grows by a few percent",
        },
        Finding {
            key: "failed",
            what: "requests that fail with the autoscaler",
            unit: "%",
            measured: failed_percent(scaled),
            expected: Expected::Exactly(0.0),
            reason: "definition: who drains finishes what it has, and who boots gets nothing before its probes are answered",
        },
        Finding {
            key: "logged_out",
            what: "users whom removed servers have logged out, with sessions in a store",
            unit: "users",
            measured: sign_ins(scaled).logged_out as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: servers have no sessions",
        },
        Finding {
            key: "stateful_losses",
            what: "removals of servers that lost sessions, of all removals, with sessions in servers",
            unit: "",
            measured: losses(stateful) as f64 - gone as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: each server that goes takes the sessions in its memory along",
        },
        Finding {
            key: "stateful_lost",
            what: "sessions lost in a day, with sessions in servers",
            unit: "sessions",
            measured: sign_ins(stateful.report()).sessions_lost as f64,
            expected: Expected::AtLeast(100.0),
            reason: "arithmetic: at the peak 3,000 users have a session; half of the servers go, each with its part",
        },
    ]
}

/// As many servers as the hour needs.
pub static AUTOSCALE: Experiment = Experiment {
    id: "state.autoscale",
    title: "As many servers as the hour needs",
    claim: "Servers that keep nothing can be added and removed by the traffic.",
    watch: "How the number of servers follows the day, what that saves, and what it does to users whose session is in a server.",
    question: Question {
        text: "A site has five times as many requests at its peak as at its trough. An autoscaler keeps its servers at 60%. What \
               does it save against a number that is always enough?",
        options: &["Hardly anything", "About a third", "Four fifths"],
        right: 1,
    },
    explanation: "The mean of the day is far below its peak. But a server is paid from the order to boot until it has drained, what \
                  was measured is known late, and after each change the autoscaler rests: so it follows the curve from above. With \
                  sessions in the servers each removal logs users out, and new servers help only those who sign in anew.",
    runs: autoscale_runs,
    judge: autoscale_findings,
    mutations: &[
        Mutation {
            name: "servers boot for ten minutes",
            breaks: |runs| runs[0].set("tiers.web.boot_ms", json!(600_000.0)),
        },
        Mutation {
            name: "it rests for half an hour after it has added servers",
            breaks: |runs| runs[0].set("tiers.web.autoscaler.cooldown_out_ms", json!(1_800_000.0)),
        },
        Mutation {
            name: "it removes nothing",
            breaks: |runs| runs[0].set("tiers.web.autoscaler.cooldown_in_ms", json!(1e9)),
        },
        Mutation {
            name: "the day has no curve",
            breaks: |runs| runs[0].set("workload.day.peak_to_trough", json!(1.0)),
        },
    ],
};
