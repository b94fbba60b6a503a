//! Chapters 2 and 3: what machines cost, and what they can do.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::catalogue::{SIZES, Size};
use crate::scenario::{self, Scenario};

use super::designs::{self, failed_percent, goodput, phase, run, stage, within};

/// Services A and B behind a balancer that knows their paths. A is nearly idle; B gets 240 requests a second of 10 ms,
/// which is 2.4 cores' work.
fn services(machines: Value, a: Value, b: Value) -> Scenario {
    let service = |tier: Value| {
        let mut base = json!({ "kind": "web_server", "slots": 64, "backlog": 128 });
        scenario::edit::merge(&mut base, &tier);
        base
    };
    let mut json = json!({
        "version": 1, "name": "Services",
        "workload": {
            "users": 2450, "requests_per_user_per_second": 0.1, "entry": "balancer",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "a": { "share": 5.0, "web": { "mean_ms": 10.0 } },
                         "b": { "share": 240.0, "web": { "mean_ms": 10.0 } } }
        },
        "machines": { "edge": { "place": "montreal", "cores": 2 } },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "a", "routes": { "b": "b" } },
            "a": service(a), "b": service(b)
        }
    });
    scenario::edit::merge(&mut json["machines"], &machines);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("the design of an experiment: {problem}"))
}

fn large() -> Value {
    json!({ "large": { "place": "montreal", "cores": 2, "cost_per_month_usd": 100.0 } })
}

/// Both services on every large machine, each with half of it for itself, or sharing.
fn together(hosts: u32, reserved: Value) -> Scenario {
    let tier = json!({ "machine": "large", "instances": hosts, "reserved_cores": reserved });
    services(large(), tier.clone(), tier)
}

fn cost_runs() -> Vec<Run> {
    let medium = json!({ "m-a": { "place": "montreal", "cores": 1, "cost_per_month_usd": 50.0 },
                         "m-b": { "place": "montreal", "cores": 1, "cost_per_month_usd": 50.0 } });
    let apart = services(medium, json!({ "machine": "m-a" }), json!({ "machine": "m-b", "instances": 3 }));
    let phases = [phase("measured", 30.0, 330.0)];
    vec![
        run("three large, reserved", together(3, json!(1)), &phases),
        run("two large, reserved", together(2, json!(1)), &phases),
        run("four medium", apart, &phases),
        run("two large, shared", together(2, json!(null)), &phases),
    ]
}

fn cost_findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let dollars = |key, what, name: &str, value| Finding {
        key,
        what,
        unit: "$",
        measured: report(name).cost_per_month_usd,
        expected: Expected::Exactly(value),
        reason: "arithmetic: machines at their prices",
    };
    let serves = |key, what, name: &str| Finding {
        key,
        what,
        unit: "%",
        measured: failed_percent(report(name)),
        expected: Expected::Exactly(0.0),
        reason: "B has three cores, or the greater part of four, for 2.4 cores' work",
    };
    vec![
        dollars(
            "together",
            "cost each month of three large machines with half for each service",
            "three large, reserved",
            300.0,
        ),
        dollars("apart", "cost of one medium machine for A and three for B", "four medium", 200.0),
        serves("together_failed", "requests that fail on the three large machines", "three large, reserved"),
        serves("apart_failed", "requests that fail on the four medium machines", "four medium"),
        Finding {
            key: "two_failed",
            what: "requests that fail on two large machines, half reserved for each service",
            unit: "%",
            measured: failed_percent(report("two large, reserved")),
            expected: within(100.0 * (240.0 - 200.0) / 245.0, 2.5),
            reason: "arithmetic: B's two cores do 200 of its 240 requests a second, while A's two are idle; four standard \
                     errors of 60,000 exponential services are 1.4%, of the arrivals as many",
        },
        serves("shared_failed", "requests that fail on two large machines whose cores are shared", "two large, shared"),
        dollars("shared", "cost of these", "two large, shared", 200.0),
    ]
}

/// Scaling only the busy part is cheaper.
pub static COST: Experiment = Experiment {
    id: "split.cost",
    title: "Pay only for what is busy",
    claim: "Where two services reserve half of each machine, scaling the busy one buys as much again for the idle one; on \
            machines of their own it does not.",
    watch: "What both designs cost for the same requests, and what becomes of the saving when cores are shared freely.",
    question: Question {
        text: "A and B each reserve half of a large machine ($100). Only B is busy, and needs three halves. What does it \
               cost, together and on medium machines ($50) of their own?",
        options: &["$300 and $200", "$150 and $200", "$300 and $300"],
        right: 0,
    },
    explanation: "Half of each large machine is A's whether A uses it or not. Apart, only B's machines are multiplied. It is \
                  the reservation that costs, not the company: where cores are shared freely, B takes what A leaves, two \
                  large machines do, and the saving is gone.",
    runs: cost_runs,
    judge: cost_findings,
    mutations: &[
        Mutation {
            name: "nothing is reserved",
            breaks: |runs| {
                runs[1].scenario = together(2, json!(null));
            },
        },
        Mutation {
            name: "both services are busy",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("workload.classes.a.share", json!(240.0))),
        },
    ],
};

/// Work for a request of the stage, on average, in milliseconds.
const WORK_MS: f64 = 0.5 * 1.0 + 0.4 * 8.0 + 0.1 * 11.0;

/// Requests per second that a machine of this size can do, by theory.
fn capacity(size: &Size) -> f64 {
    designs::capacity(size, WORK_MS)
}

fn on(size: &Size, requests_per_second: f64) -> Scenario {
    let machine = json!({ "server": { "size": size.id, "cores": null, "cost_per_month_usd": null } });
    let users = (requests_per_second / 0.1).round() as u32;
    let tiers = json!({ "web": { "slots": 256, "backlog": 256 }, "database": { "slots": 256 } });
    stage("single-server", json!({ "workload": { "users": users }, "machines": machine, "tiers": tiers }))
}

/// The most that any size can do.
fn ceiling() -> f64 {
    SIZES.iter().map(capacity).fold(0.0, f64::max)
}

/// A p99 of at most half a second, and at most one request in a thousand failed.
fn meets_objective(report: &crate::world::report::Report) -> bool {
    report.latency_ms.p99 <= 500.0 && failed_percent(report) <= 0.1
}

fn ceiling_runs() -> Vec<Run> {
    let phases = [phase("measured", 20.0, 60.0)];
    let at = |label: &str, part: f64| {
        let load = part * ceiling();
        let label = label.to_owned();
        SIZES.iter().map(move |size| run(format!("{label} {}", size.id), on(size, load), &phases))
    };
    at("above", 1.2).chain(at("below", 0.8)).collect()
}

fn ceiling_findings(results: &Results) -> Vec<Finding> {
    let meet = |label: &str| {
        let ids = SIZES.iter().map(|size| format!("{label} {}", size.id));
        ids.filter(|id| meets_objective(results.run(id).report())).count() as f64
    };
    let by_theory = SIZES.iter().filter(|size| capacity(size) > 0.8 * ceiling() * 1.02).count() as f64;
    vec![
        Finding {
            key: "above",
            what: "sizes that meet the objective at 1.2 times what the best of them can do",
            unit: "sizes",
            measured: meet("above"),
            expected: Expected::Exactly(0.0),
            reason: "arithmetic: whatever does not fit is queued until it is refused",
        },
        Finding {
            key: "below",
            what: "sizes that meet it at 0.8 times that",
            unit: "sizes",
            measured: meet("below"),
            expected: Expected::Exactly(by_theory),
            reason: "theory: those whose capacity by the Universal Scalability Law is above the load",
        },
    ]
}

/// Vertical scaling ends.
pub static CEILING: Experiment = Experiment {
    id: "scale.ceiling",
    title: "The biggest machine there is",
    claim: "Vertical scaling ends at the biggest machine that is made: past it no size meets the objective.",
    watch: "Which sizes of the catalogue hold the objective, below and above the ceiling.",
    question: Question {
        text: "The load passes what the best machine of the catalogue can do by a fifth. Which size helps?",
        options: &["The largest", "Two sizes up", "None"],
        right: 2,
    },
    explanation: "The list ends. And before it ends the machines get better more and more slowly, because their cores wait \
                  for each other: by this law the very largest does less than the one before it.",
    runs: ceiling_runs,
    judge: ceiling_findings,
    mutations: &[Mutation {
        name: "cores do not disturb each other",
        breaks: |runs| {
            let free = json!({ "contention": 0.0, "coherency": 0.0 });
            runs.iter_mut().for_each(|run| run.set("machines.server.scalability", free.clone()));
        },
    }],
};

/// Sizes that are compared: 2, 8, 32 and 64 cores.
const COMPARED: [usize; 4] = [0, 2, 4, 5];

fn price_runs() -> Vec<Run> {
    let of = |index: usize| {
        let size = &SIZES[index];
        run(size.id, on(size, 1.5 * capacity(size)), &[phase("measured", 10.0, 70.0)])
    };
    COMPARED.into_iter().rev().map(of).collect()
}

fn price_findings(results: &Results) -> Vec<Finding> {
    // Dollars for a thousand requests a second.
    let price = |index: usize| {
        let report = results.run(SIZES[index].id).report();
        report.cost_per_month_usd / goodput(report) * 1e3
    };
    let by_theory = |index: usize| SIZES[index].cost_per_month_usd / capacity(&SIZES[index]) * 1e3;
    let finding = |key, what, index: usize| Finding {
        key,
        what,
        unit: "$",
        measured: price(index),
        expected: within(by_theory(index), 0.05 * by_theory(index)),
        reason: "theory: the list price over the capacity by the Universal Scalability Law; four standard errors of the mean \
                 work of 24,000 requests are 2.8%, and those under way at the end are missing",
    };
    vec![
        finding("small", "dollars a month for 1,000 requests a second, with 2 cores", 0),
        finding("eight", "the same with 8 cores", 2),
        finding("thirty_two", "the same with 32 cores", 4),
        finding("large", "the same with 64 cores", 5),
        Finding {
            key: "rise",
            what: "price of a request with 64 cores, as a multiple of that with 2",
            unit: "",
            measured: price(5) / price(0),
            expected: within(by_theory(5) / by_theory(0), 0.07 * by_theory(5) / by_theory(0)),
            reason: "theory: prices are in proportion to cores, work is not; both errors together",
        },
    ]
}

/// The top of the catalogue costs more for the same work.
pub static PRICE: Experiment = Experiment {
    id: "scale.cost",
    title: "What bigger machines cost",
    claim: "Large machines cost more for each request: work grows more slowly than cores, and prices do not.",
    watch: "Dollars a month for 1,000 requests a second, size by size.",
    question: Question {
        text: "A machine with 64 cores costs 32 times one with two. How much more does it do?",
        options: &["32 times as much", "About 10 times", "More than 32 times"],
        right: 1,
    },
    explanation: "Cores share locks, caches and memory. Each waits for the others a part of its time, and must agree with \
                  them, so the next core adds less than the one before, at the same price.",
    runs: price_runs,
    judge: price_findings,
    mutations: &[Mutation {
        name: "cores do not disturb each other",
        breaks: |runs| {
            let free = json!({ "contention": 0.0, "coherency": 0.0 });
            runs.iter_mut().for_each(|run| run.set("machines.server.scalability", free.clone()));
        },
    }],
};
