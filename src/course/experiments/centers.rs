//! Chapter 9: whom name servers answer with.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Scenario;
use crate::world::report::Report;

use super::designs::{SERVICE_MS, failed_percent, merged, phase, run, way_ms, within};

/// The two data centres.
pub(super) const CENTERS: [&str; 2] = ["montreal", "frankfurt"];

/// Data centres in Montréal and Frankfurt with so many web servers each, of one core: 100 requests per second a server
/// (10 ms each, exponential). Users in both towns send so many requests per second in all, and ask the name servers every
/// half minute.
pub(super) fn centers(servers: u32, requests_per_second: f64, patch: &Value) -> Scenario {
    let users = 2000;
    let at_both = |cores: u32, price: f64| json!({ "places": CENTERS, "cores": cores, "cost_per_month_usd": price });
    let mut base = json!({
        "version": 1, "name": "Data centres",
        "workload": {
            "users": users, "requests_per_user_per_second": requests_per_second / f64::from(users),
            "entry": "balancer", "dns": "dns",
            "clients": { "america": { "share": 0.5, "place": "montreal", "timeout_ms": 2000.0 },
                         "europe": { "share": 0.5, "place": "frankfurt", "timeout_ms": 2000.0 } },
            "classes": { "read": { "share": 1.0, "web": { "mean_ms": SERVICE_MS } } }
        },
        "machines": { "edge": at_both(2, 20.0), "app": at_both(1, 31.0) },
        "tiers": {
            "dns": { "kind": "dns", "record_ttl_seconds": TTL_SECONDS, "lookup_ms": 0.0, "policy": "nearest",
                     "health_check": { "interval_ms": INTERVAL_MS, "unhealthy_after": 2, "timeout_ms": PROBE_MS } },
            "balancer": { "kind": "load_balancer", "machine": "edge", "instances": 2, "backends": "web",
                          "locality": "prefer", "boot_ms": 2000.0 },
            "web": { "kind": "web_server", "machine": "app", "instances": 2 * servers, "slots": 64, "backlog": 64,
                     "boot_ms": 5000.0 }
        }
    });
    crate::scenario::edit::merge(&mut base, patch);
    merged(base, &json!({}))
}

/// How long devices keep an address.
pub(super) const TTL_SECONDS: u32 = 30;
/// How often name servers look whether an address is well, and how long a probe waits.
pub(super) const INTERVAL_MS: f64 = 2000.0;
/// See [`INTERVAL_MS`].
pub(super) const PROBE_MS: f64 = 1000.0;

/// Nothing ever waits, so that times are ways and work.
fn idle(patch: &Value) -> Scenario {
    let constant = json!({ "mean_ms": SERVICE_MS, "distribution": "constant" });
    let calm = json!({ "workload": { "classes": { "read": { "web": constant } } },
                       "machines": { "app": { "cores": 16 } } });
    let mut both = calm;
    crate::scenario::edit::merge(&mut both, patch);
    centers(2, 2000.0 * RATE, &both)
}

/// Requests that a user sends per second there.
const RATE: f64 = 0.05;

const DESIGNS: [&str; 4] = ["nearest", "in turn", "one centre", "a resolver in Montr\u{e9}al"];

fn geodns_runs() -> Vec<Run> {
    let phases = [phase("measured", 60.0, 360.0)];
    let one = json!({ "machines": { "edge": { "places": ["montreal"] }, "app": { "places": ["montreal"] } },
                      "tiers": { "dns": { "policy": "round_robin" }, "balancer": { "instances": 1 } } });
    let patches = [
        json!({}),
        json!({ "tiers": { "dns": { "policy": "round_robin" } } }),
        one,
        json!({ "workload": { "clients": { "europe": { "resolver_place": "montreal" } } } }),
    ];
    DESIGNS.into_iter().zip(&patches).map(|(name, patch)| run(name, idle(patch), &phases)).collect()
}

/// The mean latency of the users in Europe, in milliseconds.
fn europe_ms(report: &Report) -> f64 {
    report.by_clients.get("europe").map_or(f64::NAN, |own| own.latency_ms.mean)
}

fn geodns_findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let [near, turn, one, fooled] = DESIGNS.map(report);
    // An address is somewhere else if its number is not that of the own place.
    let elsewhere = |group: &str, own: usize| {
        let answers = near.tiers["dns"].answers.get(group).cloned().unwrap_or_default();
        answers.iter().enumerate().filter(|(address, _)| *address != own).map(|(_, count)| count).sum::<u64>()
    };
    let hop = crate::scenario::Network::default().hop_ms;
    let local = SERVICE_MS + 4.0 * hop;
    let apart = 2.0 * (way_ms("montreal", "frankfurt") - hop);
    let ms = |key, what, measured, value: f64, tolerance, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, tolerance),
        reason,
    };
    let sum = "four hops, the work, and twice the way over the ocean; a request in a thousand waits";
    vec![
        Finding {
            key: "elsewhere",
            what: "answers to a resolver that name the other centre",
            unit: "answers",
            measured: (elsewhere("america", 0) + elsewhere("europe", 1)) as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: the nearest",
        },
        ms(
            "near",
            "latency in Europe with the nearest",
            europe_ms(near),
            local,
            0.3,
            "four hops and the work; a few wait",
        ),
        ms("far", "the same with one centre, in Montr\u{e9}al", europe_ms(one), local + apart, 0.3, sum),
        ms(
            "turn",
            "the same with both in turn",
            europe_ms(turn),
            local + apart / 2.0,
            // A user's answer holds for half a minute, so there are some 6,000 independent ones: 4 · 46 / √6,000.
            2.5,
            "half of the answers lead over the ocean; four standard errors of a share of some 6,000 answers are 2.4 ms",
        ),
        ms(
            "fooled",
            "the same where a resolver in Montr\u{e9}al is asked",
            europe_ms(fooled),
            local + apart * (1.0 + 1.0 / (1.0 + RATE * f64::from(TTL_SECONDS))),
            2.5,
            "name servers see the resolver: all go over the ocean, and look-ups too, which one request in 1 + \u{3bb}T needs; four standard \
             errors of that share of 15,000 are 1.5 ms",
        ),
    ]
}

/// The nearest, as far as name servers know.
pub static GEODNS: Experiment = Experiment {
    id: "dc.geodns",
    title: "The nearest centre",
    claim: "geoDNS answers with the data centre that is nearest to who asks, and latency abroad falls.",
    watch: "The answers, by region, and the latency in Europe.",
    question: Question {
        text: "Name servers answer with the nearest centre. Nearest to whom?",
        options: &["To the user", "To the resolver that asks for the user", "To the name servers"],
        right: 1,
    },
    explanation: "Name servers never see users. They see the address of a resolver and look up where that is. Mostly it stands \
                  near its users; who asks one on another continent is sent to that continent.",
    runs: geodns_runs,
    judge: geodns_findings,
    mutations: &[
        Mutation {
            name: "addresses are answered in turn",
            breaks: |runs| runs[0].set("tiers.dns.policy", json!("round_robin")),
        },
        Mutation {
            name: "the ocean is not there",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("network.path_factor", json!(1.0))),
        },
        Mutation {
            name: "resolvers are where their users are",
            breaks: |runs| runs[3].set("workload.clients.europe.resolver_place", Value::Null),
        },
    ],
};

/// Four in five users are in Europe.
const CROWDED: f64 = 0.8;
const CROWD: f64 = 560.0;
const POLICIES: [&str; 2] = ["nearest", "least_loaded"];

fn policy_runs() -> Vec<Run> {
    let of = |name: String, policy: &str, requests_per_second: f64| {
        let patch = json!({
            "workload": { "clients": { "america": { "share": 1.0 - CROWDED }, "europe": { "share": CROWDED } } },
            "tiers": { "dns": { "policy": policy, "report_every_ms": 5000.0 } }
        });
        run(name, centers(4, requests_per_second, &patch), &[phase("measured", 90.0, 290.0)])
    };
    let crowded = POLICIES.map(|policy| of(format!("{policy}, crowded"), policy, CROWD));
    let calm = POLICIES.map(|policy| of(format!("{policy}, calm"), policy, CROWD / 4.0));
    crowded.into_iter().chain(calm).collect()
}

fn policy_findings(results: &Results) -> Vec<Finding> {
    let of = |policy: &str, load: &str| results.run(&format!("{policy}, {load}")).report();
    let [near, least] = POLICIES.map(|policy| of(policy, "crowded"));
    let served = &least.tiers["balancer"].per_instance;
    let [near_calm, least_calm] = POLICIES.map(|policy| of(policy, "calm").latency_ms.mean);
    let ocean = 2.0 * way_ms("montreal", "frankfurt");
    vec![
        Finding {
            key: "nearest",
            what: "requests that fail where all go to the nearest",
            unit: "%",
            measured: failed_percent(near),
            expected: Expected::AtLeast(8.0),
            reason: "theory: 448 requests a second come to a centre that can do 400, while the other is idle: of 560 at least 48 \
                     fail, 8.6%; and who waits too long has gone",
        },
        Finding {
            key: "least_loaded",
            what: "the same with the least loaded",
            unit: "%",
            measured: failed_percent(least),
            expected: Expected::AtMost(0.1),
            reason: "theory: 280 a second each, and 305 where a report of five seconds sends a seventh of the users the same way",
        },
        Finding {
            key: "share",
            what: "share of the crowded side in what is served then",
            unit: "%",
            measured: 100.0 * served.get(1).map_or(0.0, |&own| own as f64) / served.iter().sum::<u64>() as f64,
            expected: within(50.0, 5.0),
            reason: "both are alike, and who is less busy gets the next; four standard errors of some 3,000 answers are 3.7 points",
        },
        Finding {
            key: "price",
            what: "how much longer an answer takes with the least loaded, when nobody is crowded",
            unit: "ms",
            measured: least_calm - near_calm,
            expected: within(ocean / 2.0, 10.0),
            reason: "half of all answers lead over the ocean: half of twice the way; four standard errors of a share of some \
                     3,000 answers are 3.4 ms, and who waits less at an even load is a little quicker",
        },
    ]
}

/// Near or idle.
pub static POLICY: Experiment = Experiment {
    id: "dc.policy",
    title: "Near or idle",
    claim: "A global balancer can also choose the least loaded centre: that saves a crowded side, and costs distance.",
    watch: "What fails, and the latency when nobody is crowded.",
    question: Question {
        text: "Four in five users live next to one of two equal centres. What does the nearest centre cost them?",
        options: &["Nothing", "A longer way", "Requests that fail, while the other centre is idle"],
        right: 2,
    },
    explanation: "The nearest centre is the best one until it is full. The least loaded evens out what users do not, with what \
                  was reported some seconds ago; when nothing is crowded it sends half of the requests over the ocean for nothing.",
    runs: policy_runs,
    judge: policy_findings,
    mutations: &[
        Mutation {
            name: "reports come once a year",
            breaks: |runs| {
                let rare = |own: &mut Run| own.set("tiers.dns.report_every_ms", json!(3e10));
                runs.iter_mut().for_each(rare);
            },
        },
        Mutation {
            name: "the crowded side has room",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("tiers.web.instances", json!(12))),
        },
        Mutation {
            name: "users are spread evenly",
            breaks: |runs| {
                let even = |own: &mut Run| own.set("workload.clients.europe.share", json!(1.0 - CROWDED));
                runs.iter_mut().for_each(even);
            },
        },
    ],
};
