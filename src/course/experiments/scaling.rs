//! Chapter 3: a bigger machine or more machines.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;

use super::designs::{failed, failed_percent, goodput, kill, phase, pool, run, stage, times, within};

fn simple_runs() -> Vec<Run> {
    let users = 200;
    let bigger = json!({ "workload": { "users": users },
                         "machines": { "server": { "cores": 4, "cost_per_month_usd": 124.0 } } });
    let phases = [phase("measured", 60.0, 560.0)];
    vec![
        run("bigger machine", stage("single-server", bigger), &phases),
        run("pool", stage("load-balancer", json!({ "workload": { "users": users } })), &phases),
    ]
}

fn simple_findings(results: &Results) -> Vec<Finding> {
    let (bigger, pool) = (results.run("bigger machine").report(), results.run("pool").report());
    vec![
        Finding {
            key: "slower",
            what: "how much longer a static file takes from the pool",
            unit: "ms",
            measured: pool.by_class["static"].latency_ms.mean - bigger.by_class["static"].latency_ms.mean,
            expected: within(0.55, 0.15),
            reason: "arithmetic: there and back between balancer and server 0.5 ms, and 0.05 ms of forwarding; waiting \
                     differs by less than 0.1 ms at this load, and the requests are the same",
        },
        Finding {
            key: "dearer",
            what: "what the pool costs more each month",
            unit: "$",
            measured: pool.cost_per_month_usd - bigger.cost_per_month_usd,
            expected: Expected::Exactly(82.0),
            reason: "arithmetic: four machines at their prices against one of twice the size",
        },
        Finding {
            key: "failed",
            what: "requests that the bigger machine fails",
            unit: "requests",
            measured: failed(bigger) as f64,
            expected: Expected::Exactly(0.0),
            reason: "it is nowhere near its capacity",
        },
    ]
}

/// With little traffic one bigger machine is the right choice.
pub static SIMPLE: Experiment = Experiment {
    id: "scale.simple",
    title: "Simple is right for little traffic",
    claim: "With little traffic a single bigger machine is simpler, no slower and cheaper than a pool behind a balancer.",
    watch: "Latency and cost of both, on the same requests.",
    question: Question {
        text: "Two hundred users. Which is faster: one machine with four cores, or a balancer, two web servers and a \
               database?",
        options: &["The pool", "The single machine, by a little", "The single machine, by far"],
        right: 1,
    },
    explanation: "Every machine in the chain adds a trip over the network. With no queue anywhere to shorten, that is all a \
                  pool adds, besides its price.",
    runs: simple_runs,
    judge: simple_findings,
    mutations: &[Mutation {
        name: "there is a lot of traffic",
        breaks: |runs| runs.iter_mut().for_each(|run| run.set("workload.users", json!(8000))),
    }],
};

const SERVERS: u32 = 4;
const KILLED: f64 = 30.0;

fn redundancy_runs() -> Vec<Run> {
    let phases = [phase("before", 5.0, 29.0), phase("window", 30.0, 32.0), phase("after", 32.1, 92.1)];
    vec![
        run("pool", pool(SERVERS, 200.0, json!({})), &phases).at(KILLED, kill("web.2")),
        run("bigger machine", stage("single-server", json!({ "machines": { "server": { "cores": 4 } } })), &phases)
            .at(KILLED, kill("machines.server.1")),
    ]
}

fn redundancy_findings(results: &Results) -> Vec<Finding> {
    let pool = results.run("pool");
    let detected = times(pool, |fact| matches!(fact, Fact::TakenOut { .. }));
    let window = detected.first().map_or(f64::INFINITY, |time| time - KILLED);
    let sent = pool.phase("window").requests.issued as f64;
    vec![
        Finding {
            key: "bigger",
            what: "requests that fail once the bigger machine is dead",
            unit: "%",
            measured: failed_percent(results.run("bigger machine").phase("after")),
            expected: Expected::Exactly(100.0),
            reason: "however big, it is one",
        },
        Finding {
            key: "window",
            what: "requests that fail in the two seconds after one of four servers died",
            unit: "%",
            measured: failed_percent(pool.phase("window")),
            expected: within(25.0 * window / 2.0, 25.0 * 4.0 / sent.sqrt() + 1.0),
            reason: "arithmetic: round robin sends it one request in four until it is taken out; four standard errors of \
                     the number sent until then, and the requests that died with it",
        },
        Finding {
            key: "detected",
            what: "how long the balancer takes to notice",
            unit: "s",
            measured: window,
            expected: within(1.5, 0.51),
            reason: "definition: the second probe in a row that fails, one a second; and the way of the probe",
        },
        Finding {
            key: "after",
            what: "requests that fail after that",
            unit: "requests",
            measured: failed(pool.phase("after")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "the other three have room for all",
        },
    ]
}

/// A bigger machine has no failover.
pub static REDUNDANCY: Experiment = Experiment {
    id: "scale.redundancy",
    title: "Bigger is not safer",
    claim: "A bigger machine still fails as a whole; of a pool, one server's share fails until its death is noticed.",
    watch: "Errors after a death, in both.",
    question: Question {
        text: "One of four servers in a pool dies. Which requests fail?",
        options: &["None", "A quarter, for a second or two", "A quarter, until it is repaired"],
        right: 1,
    },
    explanation: "The balancer goes on sending the dead server its quarter until its probes have failed twice in a row. From \
                  then on the others get everything.",
    runs: redundancy_runs,
    judge: redundancy_findings,
    mutations: &[Mutation {
        name: "nobody looks whether the servers live",
        breaks: |runs| runs[0].set("tiers.balancer.health_check.unhealthy_after", json!(1000)),
    }],
};

/// What one web server, and the database, can do a second.
const ONE: f64 = 100.0;
const DATABASE: f64 = 1000.0;

fn pool_runs() -> Vec<Run> {
    let of = |servers: u32| {
        let capacity = (f64::from(servers) * ONE).min(DATABASE);
        let patch = json!({
            "workload": { "classes": { "read": { "database": { "mean_ms": 1.0 } } } },
            "machines": { "data": { "place": "montreal", "cores": 1 } },
            "tiers": { "web": { "database": "database" },
                       "database": { "kind": "database", "machine": "data", "slots": 100, "backlog": 400 } }
        });
        run(servers.to_string(), pool(servers, 1.5 * capacity, patch), &[phase("measured", 20.0, 220.0)])
    };
    [8, 1, 2, 4, 16, 32].into_iter().map(of).collect()
}

fn pool_findings(results: &Results) -> Vec<Finding> {
    let capacity = |servers: u32| goodput(results.run(&servers.to_string()).report());
    let proportional = |key, what, servers: u32| Finding {
        key,
        what,
        unit: "",
        measured: capacity(servers) / capacity(1),
        expected: within(f64::from(servers), 0.05 * f64::from(servers)),
        reason: "each server does its own work; four standard errors of the mean of 20,000 exponential services are 2.8%",
    };
    vec![
        proportional("two", "capacity of two servers, as a multiple of one", 2),
        proportional("four", "capacity of four servers, as a multiple of one", 4),
        proportional("eight", "capacity of eight servers, as a multiple of one", 8),
        Finding {
            key: "flat",
            what: "capacity of sixteen servers",
            unit: "requests/s",
            measured: capacity(16),
            expected: within(DATABASE, 0.02 * DATABASE),
            reason: "arithmetic: the database's one core does 1,000 queries of 1 ms a second; four standard errors of \
                     200,000 of them are 0.9%",
        },
        Finding {
            key: "flatter",
            what: "capacity of thirty-two servers, as a multiple of sixteen",
            unit: "",
            measured: capacity(32) / capacity(16),
            expected: within(1.0, 0.02),
            reason: "the database is the bottleneck for both",
        },
    ]
}

/// Servers added to a pool raise its capacity in proportion, up to the next bottleneck.
pub static POOL: Experiment = Experiment {
    id: "scale.pool",
    title: "More servers, more capacity",
    claim: "Servers added to a pool raise its capacity about in proportion, until the next tier is the bottleneck.",
    watch: "Answers per second at 1.5 times the load that can be carried, with more and more servers.",
    question: Question {
        text: "Eight servers answer 800 requests a second. How many do sixteen answer, before a database that can do 1,000?",
        options: &["800", "1,000", "1,600"],
        right: 1,
    },
    explanation: "Web servers that keep nothing to themselves work side by side without knowing of each other, so their \
                  capacities add up. What they share does not grow with them.",
    runs: pool_runs,
    judge: pool_findings,
    mutations: &[Mutation {
        name: "the database is slower",
        breaks: |runs| {
            runs.iter_mut().for_each(|run| run.set("workload.classes.read.database.mean_ms", json!(5.0)));
        },
    }],
};
