//! Chapter 4: how deaths are noticed, of servers and of the balancer itself.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;

use super::designs::{failed, failed_percent, kill, phase, pool, restore, run, silence, slow, times, within};

const WATCHED: u32 = 200;
/// Interval of the probes, their time-out, and how many must fail.
const INTERVAL: f64 = 2.0;
const TIMEOUT: f64 = 0.5;
const AFTER: u32 = 3;
const SILENCED: f64 = 10.0;

fn health_runs() -> Vec<Run> {
    let check = json!({ "interval_ms": INTERVAL * 1e3, "timeout_ms": TIMEOUT * 1e3, "unhealthy_after": AFTER });
    let watched = |patch| json!({ "tiers": { "balancer": { "health_check": patch } } });
    let asking = json!({ "interval_ms": 1000.0, "timeout_ms": 200.0, "probe": "request", "unhealthy_after": 3 });
    let connecting = json!({ "interval_ms": 1000.0, "timeout_ms": 200.0, "unhealthy_after": 3 });
    let crawl = |name: &str, check| {
        run(name, pool(4, 100.0, watched(check)), &[phase("after", 40.0, 100.0)]).at(20.0, slow("web.2", 0.002))
    };
    let flapping = |name: &str, hold_ms: f64| {
        let check = json!({ "hold_ms": hold_ms, "unhealthy_after": 1, "healthy_after": 1 });
        let mut run = run(name, pool(4, 100.0, watched(check)), &[phase("all", 0.0, 620.0)]);
        for cycle in 0..FLAPS {
            let start = 10.0 + 20.0 * f64::from(cycle);
            run = run.at(start, kill("web.1")).at(start + 5.0, restore("web.1"));
        }
        run
    };
    vec![
        run("silence", pool(WATCHED, 100.0, watched(check)), &[phase("all", 0.0, 30.0)]).at(SILENCED, silence("web")),
        crawl("slow, asked", asking),
        crawl("slow, connected to", connecting),
        flapping("flapping", 0.0),
        flapping("damped", 10_000.0),
    ]
}

const FLAPS: u32 = 30;

fn health_findings(results: &Results) -> Vec<Finding> {
    let silence = results.run("silence");
    let detected = times(silence, |fact| matches!(fact, Fact::TakenOut { .. }));
    let delays: Vec<f64> = detected.iter().map(|time| time - SILENCED - TIMEOUT).collect();
    let mean = delays.iter().sum::<f64>() / delays.len().max(1) as f64;
    let taken_out = |name: &str| times(results.run(name), |fact| matches!(fact, Fact::TakenOut { .. })).len() as f64;
    let error = INTERVAL / f64::sqrt(12.0 * f64::from(WATCHED));
    vec![
        Finding {
            key: "mean",
            what: "from a silent death to its notice, less the probe's time-out, on average over 200 servers",
            unit: "s",
            measured: mean,
            expected: within((f64::from(AFTER) - 0.5) * INTERVAL, 4.0 * error),
            reason: "theory: uniform between two and three intervals of two seconds; four standard errors",
        },
        Finding {
            key: "shortest",
            what: "the shortest of these",
            unit: "s",
            measured: delays.iter().copied().fold(f64::INFINITY, f64::min),
            expected: Expected::AtLeast((f64::from(AFTER) - 1.0) * INTERVAL),
            reason: "definition: the third failure in a row is at least two intervals after the first",
        },
        Finding {
            key: "longest",
            what: "the longest of these",
            unit: "s",
            measured: delays.iter().copied().fold(0.0, f64::max),
            expected: Expected::AtMost(f64::from(AFTER) * INTERVAL),
            reason: "definition: the first probe after the death comes within one interval",
        },
        Finding {
            key: "noticed",
            what: "servers of which it was noticed",
            unit: "servers",
            measured: detected.len() as f64,
            expected: Expected::Exactly(f64::from(WATCHED)),
            reason: "all of them died",
        },
        Finding {
            key: "slow_out",
            what: "a server at a five-hundredth of its speed, probed by requests: times it is taken out",
            unit: "",
            measured: taken_out("slow, asked"),
            expected: Expected::Exactly(1.0),
            reason: "its answer to a probe comes after far more than the 0.2 s that are waited for",
        },
        Finding {
            key: "slow_in",
            what: "the same probed by connecting: times it is taken out",
            unit: "",
            measured: taken_out("slow, connected to"),
            expected: Expected::Exactly(0.0),
            reason: "it accepts connections as ever",
        },
        Finding {
            key: "flaps",
            what: "a server that dies thirty times: times it is taken out without damping",
            unit: "",
            measured: taken_out("flapping"),
            expected: Expected::Exactly(f64::from(FLAPS)),
            reason: "each death lasts ten seconds, each life as long",
        },
        Finding {
            key: "flaps_damped",
            what: "the same with damping",
            unit: "",
            measured: taken_out("damped"),
            expected: Expected::AtMost(8.0),
            reason: "arithmetic: it stays out for 10 s, then 20, 40, 80, 160, 320: six times fill ten minutes",
        },
    ]
}

/// Servers are watched, and bad ones are taken out.
pub static HEALTH: Experiment = Experiment {
    id: "lb.health",
    title: "Health checks",
    claim: "A balancer watches its servers: a silent death is noticed after between k − 1 and k intervals and a probe's \
            time-out; slow servers only if probes are real requests; and flapping can be damped.",
    watch: "How long it takes until dead servers are taken out.",
    question: Question {
        text: "A probe goes out every two seconds, and three failures in a row are needed. How long does a dead server go on \
               getting requests?",
        options: &["Two seconds", "Always six seconds", "Between four and six seconds, and the probe's time-out"],
        right: 2,
    },
    explanation: "The first probe after the death comes at any moment within an interval, the third two intervals later. \
                  Shorter intervals notice sooner and mistake a hiccup for a death more often. And connecting says only \
                  that somebody is there, not that work gets done.",
    runs: health_runs,
    judge: health_findings,
    mutations: &[
        Mutation {
            name: "one failure is enough",
            breaks: |runs| runs[0].set("tiers.balancer.health_check.unhealthy_after", json!(1)),
        },
        Mutation {
            name: "probes only connect",
            breaks: |runs| runs[1].set("tiers.balancer.health_check.probe", json!("connect")),
        },
        Mutation {
            name: "nothing is damped",
            breaks: |runs| runs[4].set("tiers.balancer.health_check.hold_ms", json!(0.0)),
        },
    ],
};

const KILLED: f64 = 60.5;
const HEARTBEAT: f64 = 1.0;
const MISSED: u32 = 3;

fn redundant_runs() -> Vec<Run> {
    let pair = json!({ "tiers": { "balancer": { "instances": 2,
        "failover": { "heartbeat_ms": HEARTBEAT * 1e3, "missed": MISSED } } } });
    let phases = [phase("outage", 60.5, 63.6), phase("after", 63.6, 123.6)];
    vec![
        run("pair", pool(2, 100.0, pair), &phases).at(KILLED, kill("balancer.1")),
        run("alone", pool(2, 100.0, json!({})), &phases).at(KILLED, kill("balancer.1")),
    ]
}

fn redundant_findings(results: &Results) -> Vec<Finding> {
    let pair = results.run("pair");
    let takeover =
        times(pair, |fact| matches!(fact, Fact::TookOver { .. })).first().map_or(f64::INFINITY, |t| t - KILLED);
    vec![
        Finding {
            key: "alone",
            what: "requests that fail once the only balancer is dead",
            unit: "%",
            measured: failed_percent(results.run("alone").phase("after")),
            expected: Expected::Exactly(100.0),
            reason: "both servers live, but nobody leads to them",
        },
        Finding {
            key: "takeover",
            what: "until the passive one of a pair has the address",
            unit: "s",
            measured: takeover,
            expected: within((f64::from(MISSED) - 0.5) * HEARTBEAT, 0.5 * HEARTBEAT),
            reason: "definition: after the third heartbeat that is missing, one a second",
        },
        Finding {
            key: "outage",
            what: "requests that fail meanwhile",
            unit: "%",
            measured: failed_percent(pair.phase("outage")),
            expected: Expected::AtLeast(60.0),
            reason: "all that come until then: two of the three seconds at least",
        },
        Finding {
            key: "after",
            what: "requests that fail after that",
            unit: "requests",
            measured: failed(pair.phase("after")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "the other one serves at the same address",
        },
    ]
}

/// The balancer must not be a single point of failure.
pub static REDUNDANT: Experiment = Experiment {
    id: "lb.redundant",
    title: "Who balances the balancer?",
    claim: "A balancer alone is a new single point of failure; an active and a passive one take over within seconds.",
    watch: "Errors after the death of the balancer, alone and as a pair.",
    question: Question {
        text: "Behind one balancer are two healthy servers. The balancer dies. Who is served?",
        options: &["All: the servers live", "Half", "Nobody"],
        right: 2,
    },
    explanation: "Whatever all requests pass is a single point of failure, also what was put there against one. The passive \
                  balancer listens to the active one's heartbeats and takes its address when they stop.",
    runs: redundant_runs,
    judge: redundant_findings,
    mutations: &[Mutation {
        name: "the passive one does not listen",
        breaks: |runs| runs[0].set("tiers.balancer.failover.missed", json!(1000)),
    }],
};
