//! Chapter 13: what can be seen of a system from outside.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::course::stages;
use crate::nodes::trace::Told;
use crate::scenario::{Change, edit};

use super::designs::{count, kill, merged, phase, restore, run, set};

/// The stages whose servers answer the same users, by their first revisions.
const STAGES: [&str; 11] = [
    "single-server",
    "separate-database",
    "load-balancer",
    "database-replication",
    "cache",
    "cdn",
    "stateless-web-tier",
    "data-centers",
    "message-queue",
    "sharding",
    "millions",
];
/// Requests per second, for so many seconds; then all that is under way is answered.
const RATE: f64 = 120.0;
const SENDING: f64 = 40.0;
const END: f64 = 55.0;
/// When a web server dies in two of the runs, and when it is started again.
const DIES: f64 = 10.0;
const BACK: f64 = 25.0;

/// The users of the first stage and what they ask for, put before the servers of another one.
fn before(stage: &str) -> crate::scenario::Scenario {
    let mut json = edit::encode(&stages::revision(stage, 1).expect("a stage that is there").scenario());
    let group = |format: &str, access_ms: f64| json!({ "share": 1.0, "place": "montreal", "access_latency_ms": access_ms, "format": format });
    let users = 1000;
    let work = json!({ "mean_ms": 1.0 });
    let write = json!({ "share": 0.1, "write": true, "response_kb": 2.0, "response_json_kb": 0.5, "web": work, "database": work });
    let mut workload = json!({
        "users": users, "requests_per_user_per_second": RATE / f64::from(users),
        "entry": json["workload"]["entry"], "dns": json["workload"]["dns"],
        "keys": { "count": 1000, "value_kb": 4.0 },
        "clients": { "mobile": group("json", 25.0), "web": group("html", 8.0) },
        "classes": {
            "photo": write, "write": write,
            "read": { "share": 0.5, "response_kb": 20.0, "response_json_kb": 4.0, "cached": true, "web": work, "database": work },
            "static": { "share": 0.3, "response_kb": 40.0, "web": work, "files": { "count": 100, "max_age_ms": 600_000.0 } }
        }
    });
    if json["tiers"]["cdn"].is_object() {
        workload["classes"]["static"]["entry"] = json!("cdn");
    }
    json["workload"] = workload;
    // What caches hold at the start depends on who asked before.
    for tier in json["tiers"].as_object_mut().expect("a map").values_mut().filter_map(Value::as_object_mut) {
        tier.remove("warm_start");
    }
    merged(json, &json!({ "operations": null }))
}

fn view_runs() -> Vec<Run> {
    let of = |name: String, stage: &str| {
        run(name, before(stage), &[phase("all", 0.0, END)])
            .following()
            .at(SENDING, set("workload.requests_per_user_per_second", 0.0))
    };
    let mut runs: Vec<Run> = STAGES.iter().map(|stage| of((*stage).to_owned(), stage)).collect();
    for stage in [STAGES[0], STAGES[STAGES.len() - 1]] {
        let mut with_death = of(format!("{stage}, a server dies"), stage);
        let last = with_death.scenario.timeline.pop().expect("it ends");
        with_death = with_death.at(DIES, kill("web.1")).at(BACK, restore("web.1"));
        with_death.scenario.timeline.push(last);
        runs.push(with_death);
    }
    runs
}

/// What clients were told, by the number of the request.
fn told(outcome: &Outcome) -> BTreeMap<u64, Told> {
    outcome.world.told().iter().map(|told| (told.id, *told)).collect()
}

/// What of it is the answer: neither the time, nor whether it was out of date.
fn answer(told: &Told) -> (u8, u16, u64, u32, bool) {
    (told.class, told.client.0, told.bytes, told.item, told.missing)
}

/// Requests that were answered in both and told differently, and those that only one of them has.
fn differences(one: &Outcome, other: &Outcome) -> (u64, u64) {
    let (one, other) = (told(one), told(other));
    let both = |told: &&Told| told.cause.is_none() && other.get(&told.id).is_some_and(|own| own.cause.is_none());
    let different = one.values().filter(both).filter(|own| answer(own) != answer(&other[&own.id])).count();
    let missing = one.keys().filter(|id| !other.contains_key(id)).count()
        + other.keys().filter(|id| !one.contains_key(id)).count();
    (different as u64, missing as u64)
}

/// Requests for what is not a file that were sent to another address than the site's.
fn other_names(outcome: &Outcome) -> u64 {
    let plan = outcome.world.plan();
    let entry = &outcome.world.scenario().workload.entry;
    let other = |told: &&Told| {
        let class = &plan.classes[usize::from(told.class)];
        class.files.is_none() && plan.tiers[told.address.index()].id != *entry
    };
    outcome.world.told().iter().filter(other).count() as u64
}

fn failed(outcome: &Outcome) -> u64 {
    outcome.world.told().iter().filter(|told| told.cause.is_some()).count() as u64
}

fn stale(outcome: &Outcome) -> u64 {
    outcome.world.told().iter().filter(|told| told.stale).count() as u64
}

fn view_findings(results: &Results) -> Vec<Finding> {
    let first = results.run(STAGES[0]);
    let all: Vec<&Outcome> = STAGES.iter().map(|stage| results.run(stage)).collect();
    let compared: Vec<(u64, u64)> = all[1..].iter().map(|other| differences(first, other)).collect();
    let deaths = |stage: &str| results.run(&format!("{stage}, a server dies"));
    let last = STAGES[STAGES.len() - 1];
    let (first_dies, last_dies) = (deaths(STAGES[0]), deaths(last));
    let p50 = |outcome: &Outcome| outcome.report().latency_ms.p50;
    let spread = |pick: fn(f64, f64) -> f64, start: f64| all.iter().map(|own| p50(own)).fold(start, pick);
    let reason = "definition: the same seed makes the same users ask for the same things, and what answers them is hidden behind a \
                  name";
    vec![
        count(
            "asked",
            "requests that each stage was asked",
            told(first).len() as u64,
            super::designs::within(RATE * SENDING, 280.0),
            "arithmetic: 120 a second for 40 s; four standard errors of 4,800 are 277",
        ),
        count(
            "different",
            "answers of ten later stages that differ from the single server's in kind, format, size or row",
            compared.iter().map(|own| own.0).sum(),
            Expected::Exactly(0.0),
            reason,
        ),
        count(
            "unmatched",
            "requests that one of them was asked and the single server was not, or the other way round",
            compared.iter().map(|own| own.1).sum(),
            Expected::Exactly(0.0),
            reason,
        ),
        count(
            "other_names",
            "requests to another name than the site's, files not counted",
            all.iter().map(|own| other_names(own)).sum(),
            Expected::Exactly(0.0),
            "definition: clients know one name, whoever has its addresses",
        ),
        count(
            "failed",
            "requests that fail in any stage",
            all.iter().map(|own| failed(own)).sum(),
            Expected::Exactly(0.0),
            "arithmetic: no server is busy for more than a third of the time, and none dies",
        ),
        Finding {
            key: "fastest",
            what: "median latency in the fastest stage",
            unit: "ms",
            measured: spread(f64::min, f64::INFINITY),
            expected: Expected::AtLeast(17.0),
            reason: "arithmetic: two ways over the access network of 8 ms at least, half of the users' of 25 ms; and work of 1 ms",
        },
        Finding {
            key: "slowest",
            what: "median latency in the slowest, as a multiple of that",
            unit: "",
            measured: spread(f64::max, 0.0) / spread(f64::min, f64::INFINITY),
            expected: Expected::AtLeast(1.02),
            reason: "arithmetic: a balancer, a cache and shards behind it are more hops of half a millisecond to and fro",
        },
        count(
            "first_dies",
            "requests that fail when the single server's web server dies for 15 s",
            failed(first_dies),
            Expected::AtLeast(RATE * (BACK - DIES) * 0.9),
            "arithmetic: 120 a second for 15 s and its start, less a tenth for chance",
        ),
        count(
            "last_dies",
            "requests that fail when one web server of the last stage does",
            failed(last_dies),
            Expected::AtMost(20.0),
            "arithmetic: until two probes a second apart have failed, one in fifteen of its place's \
              writes, which are not tried again",
        ),
        count(
            "dies_different",
            "answers that differ between those two, of requests that both have answered",
            differences(first_dies, last_dies).0,
            Expected::Exactly(0.0),
            reason,
        ),
        count(
            "stale_first",
            "answers of the single server that were out of date",
            stale(first),
            Expected::Exactly(0.0),
            "definition: there is one copy of everything",
        ),
        count(
            "stale",
            "answers of all stages that were out of date",
            all.iter().map(|own| stale(own)).sum(),
            Expected::AtLeast(1.0),
            "model assumption: replicas and caches follow the primary, which takes time: that can be \
              seen from outside",
        ),
    ]
}

/// Nobody outside can tell what is inside.
pub static VIEW: Experiment = Experiment {
    id: "all.blackbox",
    title: "One black box",
    claim: "To the client all that is on the server side is one black box: the same name, the same answers in every stage. Only \
            times and failures differ.",
    watch: "What each request was told, in one stage and in the other.",
    question: Question {
        text: "The same users ask the same things of a single server and of the last stage, with hundreds of servers. How many \
               of the answers are of another kind or size?",
        options: &["None", "About half", "All: each server answers in its own way"],
        right: 0,
    },
    explanation: "A client knows a name and a protocol. Everything else can be exchanged behind them, piece by piece, while users \
                  are asking. What shows through is time: how long an answer takes, whether there is one while something dies, \
                  and, where there are copies, whether it is out of date.",
    runs: view_runs,
    judge: view_findings,
    mutations: &[
        Mutation {
            name: "one stage answers browsers as apps",
            breaks: |runs| runs[4].set("workload.clients.web.format", json!("json")),
        },
        Mutation {
            name: "one stage has a name of its own for pages",
            breaks: |runs| {
                runs[2].set("tiers.web.public", json!(true));
                runs[2].set("workload.classes.read.entry", json!("web"));
            },
        },
        Mutation {
            name: "one stage has lost some rows",
            breaks: |runs| {
                let deletion = Change::BadDelete { target: "database".to_owned(), share: 0.3 };
                runs[3]
                    .scenario
                    .timeline
                    .insert(0, crate::scenario::Moment::new(crate::time::SimTime::from_ms(5_000.0), deletion));
            },
        },
        Mutation {
            name: "one stage is asked by other users",
            breaks: |runs| runs[7].set("workload.users", json!(999)),
        },
    ],
};
