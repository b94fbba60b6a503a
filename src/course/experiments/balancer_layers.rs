//! Chapter 4: how a balancer chooses, what it can see, and what it remembers.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::world::report::Report;

use super::designs::{SERVICE_MS, failed, phase, pool, run, set, slow, within};

/// Servers of the supermarket model, and its load.
const MANY: u32 = 1000;
const RHO: f64 = 0.9;

fn policies_runs() -> Vec<Run> {
    let policies = ["round_robin", "random", "least_connections", "two_choices", "weighted", "least_response_time"];
    let of = |policy: &str| {
        let mut patch = json!({ "tiers": { "balancer": { "policy": policy } } });
        if policy == "weighted" {
            patch["tiers"]["balancer"]["weights"] = json!({ "2": 0.3 });
        }
        // Four servers, the second at three tenths of the speed: at half the load of the others it has none left.
        run(policy, pool(4, 130.0, patch), &[phase("measured", 60.0, 660.0)]).at(0.0, slow("web.2", 0.3))
    };
    let mut runs: Vec<Run> = policies.into_iter().map(of).collect();
    runs.push(supermarket("many, random", "random"));
    runs.push(supermarket("many, two choices", "two_choices"));
    runs
}

/// A thousand servers at load 0.9. Short work, so that few simulated requests are many services: those of a short
/// overload fill the queues as they are in the long run, which would take hundreds of services otherwise.
fn supermarket(name: &str, policy: &str) -> Run {
    let rate = f64::from(MANY) * RHO * 1e3 / SERVICE_MS;
    let patch = json!({ "network": { "enabled": false },
        "machines": { "app": { "discipline": "fifo" } },
        "tiers": { "balancer": { "policy": policy }, "web": { "slots": 10_000, "backlog": 0 } } });
    let mut run = run(name, pool(MANY, rate, patch), &[phase("measured", 2.4, 5.2)]);
    if policy == "random" {
        let fill = crate::scenario::Change::Spike { factor: 1.6, duration_ms: 230.0, clients: None };
        run = run.at(0.0, fill);
    }
    run
}

fn policies_findings(results: &Results) -> Vec<Finding> {
    let p99 = |name: &str| results.run(name).report().latency_ms.p99;
    let better = |key, what, policy: &str, other: &str| Finding {
        key,
        what,
        unit: "%",
        measured: 100.0 * p99(policy) / p99(other),
        expected: Expected::AtMost(60.0),
        reason: "a server at three tenths of the speed cannot do its quarter of the requests; whoever looks at how busy \
                 servers are sends it less",
    };
    let sojourn = |name: &str| results.run(name).report().latency_ms.mean / SERVICE_MS;
    let two_choices: f64 = (1..12).map(|k| libm::pow(RHO, libm::pow(2.0, f64::from(k)) - 2.0)).sum();
    vec![
        better(
            "least",
            "least connections: 99th percentile as a part of round robin's",
            "least_connections",
            "round_robin",
        ),
        better("two", "two choices: 99th percentile as a part of round robin's", "two_choices", "round_robin"),
        better(
            "least_random",
            "least connections: 99th percentile as a part of random's",
            "least_connections",
            "random",
        ),
        better("two_random", "two choices: 99th percentile as a part of random's", "two_choices", "random"),
        better(
            "weighted",
            "weighted by their speeds: 99th percentile as a part of round robin's",
            "weighted",
            "round_robin",
        ),
        better(
            "response",
            "least response time: 99th percentile as a part of round robin's",
            "least_response_time",
            "round_robin",
        ),
        Finding {
            key: "many_random",
            what: "a thousand servers 90% busy, random: mean time of a request, in services",
            unit: "",
            measured: sojourn("many, random"),
            expected: within(1.0 / (1.0 - RHO), 1.5),
            reason: "theory: 1/(1−ρ); a queue at this load forgets in 380 services, so what 1,000 queues show in 280 \
                     services has a standard error of 3%, and starting is not quite forgotten",
        },
        Finding {
            key: "many_two",
            what: "the same with two choices",
            unit: "",
            measured: sojourn("many, two choices"),
            expected: within(two_choices, 0.14),
            reason: "theory: Σ ρ^(2^k − 2) (Mitzenmacher 1996); four standard errors, from 16 seeds, are 0.13",
        },
    ]
}

/// Policies differ when servers do.
pub static POLICIES: Experiment = Experiment {
    id: "lb.policies",
    title: "How to choose",
    claim: "Balancing policies behave differently: with one slow server among equals, those that look at how busy servers \
            are leave the others far behind; and looking at two at random is nearly as good as looking at all.",
    watch: "The 99th percentile of the latency, policy by policy, on the same requests.",
    question: Question {
        text: "Of four servers one is three times slower. Which policy copes best?",
        options: &["Round robin: it is fair", "Random", "Least connections, or the better of two at random"],
        right: 2,
    },
    explanation: "Round robin and random give the slow server a full share, and whoever gets it waits. Its queue is the sign \
                  that it is slow: policies that look at queues send it what it can do, without being told why.",
    runs: policies_runs,
    judge: policies_findings,
    mutations: &[
        Mutation {
            name: "nobody looks how busy servers are",
            breaks: |runs| {
                for run in &mut runs[2..4] {
                    run.set("tiers.balancer.policy", json!("random"));
                }
            },
        },
        Mutation { name: "two choices are one", breaks: |runs| runs[7].set("tiers.balancer.policy", json!("random")) },
    ],
};

const STICKY_SERVERS: u32 = 4;

fn sticky_runs() -> Vec<Run> {
    let of = |name: &str, sticky: bool, exponent: f64| {
        let patch = json!({
            "workload": { "sessions": { "idle_timeout_seconds": 1800 }, "user_activity_exponent": exponent },
            "tiers": { "balancer": { "sticky": sticky } }
        });
        run(name, pool(STICKY_SERVERS, 200.0, patch), &[phase("measured", 0.0, 300.0)])
    };
    vec![of("sticky, unequal users", true, 1.0), of("sticky", true, 0.0), of("not sticky", false, 0.0)]
}

fn sticky_findings(results: &Results) -> Vec<Finding> {
    let moved = |name: &str| {
        let sessions = results.run(name).report().sessions.clone().expect("users have sessions");
        (sessions.moved as f64, sessions.continued as f64)
    };
    let busiest = |name: &str| {
        let sent = &results.run(name).report().tiers["balancer"].per_backend["web"];
        let total: u64 = sent.iter().sum();
        f64::from(STICKY_SERVERS) * *sent.iter().max().expect("four servers") as f64 / total as f64
    };
    let (other, all) = moved("not sticky");
    vec![
        Finding {
            key: "moved",
            what: "requests of a session that came to another server than the one before",
            unit: "requests",
            measured: moved("sticky").0,
            expected: Expected::Exactly(0.0),
            reason: "definition: the cookie names the server, and all servers live",
        },
        Finding {
            key: "moved_without",
            what: "the same without stickiness, in percent",
            unit: "%",
            measured: 100.0 * other / all,
            expected: within(75.0, 1.0),
            reason: "arithmetic: others send in between, so any of the four servers is as likely; four standard errors of \
                     60,000 requests are 0.7%",
        },
        Finding {
            key: "busiest",
            what: "requests of the busiest server with unequal users, as a multiple of a fair share",
            unit: "",
            measured: busiest("sticky, unequal users"),
            expected: Expected::AtLeast(1.05),
            reason: "by Zipf's law the most active of 1,000 users sends 13% of all requests, half a server's share, and \
                     all to one server",
        },
        Finding {
            key: "busiest_without",
            what: "requests of the busiest server without stickiness, as a multiple of a fair share",
            unit: "",
            measured: busiest("not sticky"),
            expected: within(1.0, 0.001),
            reason: "definition: in turn",
        },
    ]
}

/// A user's session stays at one server.
pub static STICKY: Experiment = Experiment {
    id: "lb.sticky",
    title: "Sticky sessions",
    claim: "With session persistence a user always comes to the same server, and the load is as uneven as users are.",
    watch: "How often a session changes servers, and how busy the busiest server is.",
    question: Question {
        text: "Sessions stick to servers, and some users are far more active than others. What about the load?",
        options: &["It stays even", "The server of the most active users gets more", "It cannot be said"],
        right: 1,
    },
    explanation: "A cookie takes the choice away from the balancer after the first request. It can spread users, but no \
                  longer what they do.",
    runs: sticky_runs,
    judge: sticky_findings,
    mutations: &[Mutation {
        name: "the cookie is ignored",
        breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.balancer.sticky", json!(false))),
    }],
};

const ADDED: f64 = 60.0;

/// Connections that stay open as long as their users are active.
fn connected(patch: &Value) -> Value {
    let mut base = json!({ "workload": { "clients": { "all": { "connection": { "keep_alive_seconds": 600 } } } } });
    crate::scenario::edit::merge(&mut base, patch);
    base
}

fn layers_runs() -> Vec<Run> {
    let grown = [phase("before", 30.0, 60.0), phase("after", 70.0, 130.0)];
    let layer = |layer: &str, policy: &str| {
        connected(&json!({ "tiers": { "balancer": { "layer": layer, "policy": policy } } }))
    };
    let growing = |name: &str, patch| run(name, pool(4, 200.0, patch), &grown).at(ADDED, set("tiers.web.instances", 5));
    let routes = json!({
        "workload": { "classes": { "image": { "share": 0.5, "web": { "mean_ms": 5.0 } } } },
        "machines": { "pictures": { "place": "montreal", "cores": 1 } },
        "tiers": { "balancer": { "routes": { "image": "images" } },
                   "images": { "kind": "web_server", "machine": "pictures", "instances": 2, "slots": 64, "backlog": 64 } }
    });
    vec![
        growing("layer 4", layer("transport", "round_robin")),
        growing("layer 7", connected(&json!({}))),
        growing("layer 3", layer("network", "source_ip_hash")),
        run("paths", pool(4, 200.0, routes), &[phase("all", 0.0, 70.0)])
            .at(60.0, set("workload.requests_per_user_per_second", 0.0)),
    ]
}

/// The share of the server that was added, in percent of a fair one.
fn share_of_the_new(report: &Report) -> f64 {
    let served = &report.tiers["web"].per_instance;
    500.0 * served[4] as f64 / served.iter().sum::<u64>() as f64
}

fn layers_findings(results: &Results) -> Vec<Finding> {
    let after = |name: &str| results.run(name).phase("after");
    let paths = results.run("paths").report();
    let strayed = paths.tiers["images"].served.abs_diff(paths.by_class["image"].answered)
        + paths.tiers["web"].served.abs_diff(paths.by_class["read"].answered);
    // Requests of a user who came before: those that were cut off by the change, each user once.
    let resets = results.run("layer 3").world.context().ledger.run.failed[crate::nodes::Cause::Reset as usize];
    vec![
        Finding {
            key: "strayed",
            what: "layer 7 with routes: requests that were not served by the service of their path",
            unit: "requests",
            measured: strayed as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: the balancer reads the path of every request",
        },
        Finding {
            key: "new_7",
            what: "layer 7: requests that a new server gets, as a part of its fair share",
            unit: "%",
            measured: share_of_the_new(after("layer 7")),
            expected: within(100.0, 2.0),
            reason: "definition: every request is chosen for, in turn",
        },
        Finding {
            key: "new_4",
            what: "layer 4: requests that a new server gets, as a part of its fair share",
            unit: "%",
            measured: share_of_the_new(after("layer 4")),
            expected: Expected::AtMost(25.0),
            reason: "only new connections can come to it, and nearly all users have one open",
        },
        Finding {
            key: "resets_3",
            what: "layer 3: users whose connection came to a server that does not know it, when a fifth server was added",
            unit: "%",
            measured: 100.0 * resets as f64 / 1000.0,
            expected: within(50.0, 6.5),
            reason: "theory: of a hash divided into equal ranges half moves when four become five (RFC 2992); four standard \
                     errors with 1,000 users are 6.3%",
        },
        Finding {
            key: "failed_4",
            what: "layer 4: requests that failed by the change",
            unit: "requests",
            measured: failed(after("layer 4")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: a connection stays where it is",
        },
    ]
}

/// What a balancer can do depends on what it sees.
pub static LAYERS: Experiment = Experiment {
    id: "lb.layers",
    title: "Layers 3, 4 and 7",
    claim: "A balancer works on packets, connections or requests. On requests it can choose each time, and by path; on \
            connections long ones stay where they are; on packets a hash decides, and a change of members moves flows.",
    watch: "What a server gets that is added while connections are open.",
    question: Question {
        text: "A fifth server is added behind a layer 4 balancer whose clients keep their connections open. What does it get?",
        options: &["A fifth of the requests", "Next to nothing, for long", "Half of everything"],
        right: 1,
    },
    explanation: "The balancer at layer 4 has chosen when a connection was opened and cannot choose again. At layer 7 it \
                  chooses for every request. At layer 3 there is no memory at all: the hash of a flow decides, and with \
                  another number of servers the same hash falls on another one, which answers with a reset.",
    runs: layers_runs,
    judge: layers_findings,
    mutations: &[
        Mutation {
            name: "the balancer at layer 4 chooses for every request",
            breaks: |runs| runs[0].set("tiers.balancer.layer", json!("application")),
        },
        Mutation {
            name: "connections are closed after each request",
            breaks: |runs| {
                runs[2].set("workload.clients.all.connection.keep_alive_seconds", json!(0));
            },
        },
        Mutation { name: "there are no routes", breaks: |runs| runs[3].set("tiers.balancer.routes", json!({})) },
    ],
};
