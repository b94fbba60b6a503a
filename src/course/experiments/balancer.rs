//! Chapter 4: why a balancer, and what it does for a pool.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Phase, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::world::report::Report;

use super::designs::{failed, failed_percent, kill, phase, pool, run, set, times, within};

/// How long devices keep a record, in seconds.
const TTL: u32 = 60;
const WHICH_KILLED: f64 = 30.0;

/// Two servers with an address each and no balancer: the DNS hands the addresses out in turn.
fn two_addresses(resolvers: serde_json::Value, keeps_watch: bool) -> crate::scenario::Scenario {
    let mut dns = json!({ "kind": "dns", "record_ttl_seconds": TTL, "lookup_ms": 10.0, "resolvers": resolvers });
    if keeps_watch {
        dns["health_check"] = json!({ "interval_ms": 1000.0, "unhealthy_after": 2 });
    }
    let patch = json!({ "workload": { "entry": "web", "dns": "dns", "classes": { "read": { "web": { "mean_ms": 1.0 } } } },
                        "machines": { "edge": null }, "tiers": { "balancer": null, "dns": dns } });
    // Each device sends every two or three seconds, so nearly all know an address at any time.
    pool(2, 400.0, patch)
}

fn which_runs() -> Vec<Run> {
    const WINDOWS: [Phase; 10] = [
        phase("1", 60.0, 120.0),
        phase("2", 120.0, 180.0),
        phase("3", 180.0, 240.0),
        phase("4", 240.0, 300.0),
        phase("5", 300.0, 360.0),
        phase("6", 360.0, 420.0),
        phase("7", 420.0, 480.0),
        phase("8", 480.0, 540.0),
        phase("9", 540.0, 600.0),
        phase("10", 600.0, 660.0),
    ];
    let death = [phase("until all records expire", 30.0, 90.0), phase("after", 93.0, 153.0)];
    let shared = json!({ "count": 20, "exponent": 1.0 });
    let devices = two_addresses(json!(null), true);
    vec![
        run("a death", devices, &death).at(WHICH_KILLED, kill("web.1")),
        run("shares", two_addresses(shared, false), &WINDOWS),
        run("with a balancer", pool(2, 150.0, json!({})), &WINDOWS[..1]),
    ]
}

/// How far the busier of two servers is above one half.
fn excess(report: &Report) -> f64 {
    let served = &report.tiers["web"].per_instance;
    let total: u64 = served.iter().sum();
    *served.iter().max().expect("two servers") as f64 / total as f64 - 0.5
}

fn which_findings(results: &Results) -> Vec<Finding> {
    let shares = results.run("shares");
    let mean = shares.reports.iter().map(|(_, report)| excess(report)).sum::<f64>() / shares.reports.len() as f64;
    let death = results.run("a death");
    vec![
        Finding {
            key: "uneven",
            what: "how far the busier server is above half of the requests, on average over ten minutes",
            unit: "%",
            measured: 100.0 * mean,
            expected: Expected::AtLeast(1.3),
            reason: "theory: chance alone would leave it four standard errors of 24,000 coin tosses, 1.3%, above half at \
                     most; the users of a large operator all have its one record",
        },
        Finding {
            key: "balanced",
            what: "the same with a balancer",
            unit: "%",
            measured: 100.0 * excess(results.run("with a balancer").report()),
            expected: Expected::AtMost(0.1),
            reason: "arithmetic: taking turns, the servers differ by what is under way, a few of 9,000",
        },
        Finding {
            key: "failing",
            what: "requests that fail in the minute after one of the two died, though the DNS no longer names it",
            unit: "%",
            measured: failed_percent(death.phase("until all records expire")),
            expected: within(25.0, 7.0),
            reason: "theory: half of the devices hold its address, and the age of their records is uniform: half of a half \
                     over the minute; four standard errors with 1,000 devices are 5.5%, and asking in the two seconds adds 1.3%",
        },
        Finding {
            key: "after",
            what: "requests that fail once every record has expired",
            unit: "requests",
            measured: failed(death.phase("after")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: a record is forgotten after its time to live, and the DNS noticed within two seconds",
        },
    ]
}

/// Without a balancer clients are tied to the address they have.
pub static WHICH: Experiment = Experiment {
    id: "lb.which",
    title: "Which server?",
    claim: "With two servers and no balancer the address decides: use is uneven, and a dead server goes on failing those \
            who have its address until their record expires.",
    watch: "The two servers' requests, and errors after the death of one.",
    question: Question {
        text: "The DNS notices a dead server within two seconds and stops naming it. When do the last errors come?",
        options: &["Within two seconds", "When the last record of it has expired", "Never: somebody always has it"],
        right: 1,
    },
    explanation: "An answer of the DNS cannot be called back. Whoever holds it uses it until its time to live is over; and \
                  all users of a large operator's resolver hold the same one.",
    runs: which_runs,
    judge: which_findings,
    mutations: &[
        Mutation {
            name: "records expire at once",
            breaks: |runs| runs[0].set("tiers.dns.record_ttl_seconds", json!(1)),
        },
        Mutation {
            name: "every device asks by itself",
            breaks: |runs| runs[1].set("tiers.dns.resolvers", json!(null)),
        },
    ],
};

const EVEN_SERVERS: u32 = 8;

fn even_runs() -> Vec<Run> {
    let phases = [phase("measured", 0.0, 200.0)];
    let of = |name: &str, policy: &str| {
        run(name, pool(EVEN_SERVERS, 400.0, json!({ "tiers": { "balancer": { "policy": policy } } })), &phases)
    };
    vec![of("round robin", "round_robin"), of("random", "random")]
}

/// What the balancer of a run has sent to each server.
fn sent(results: &Results, name: &str) -> Vec<f64> {
    let report = results.run(name).report();
    report.tiers["balancer"].per_backend["web"].iter().map(|&count| count as f64).collect()
}

fn even_findings(results: &Results) -> Vec<Finding> {
    let turns = sent(results, "round robin");
    let spread = turns.iter().copied().fold(0.0, f64::max) - turns.iter().copied().fold(f64::INFINITY, f64::min);
    let random = sent(results, "random");
    let mean = random.iter().sum::<f64>() / random.len() as f64;
    let degrees = f64::from(EVEN_SERVERS - 1);
    vec![
        Finding {
            key: "spread",
            what: "round robin: the most requests that a server was sent, less the fewest",
            unit: "requests",
            measured: spread,
            expected: Expected::AtMost(1.0),
            reason: "definition: everybody has had a turn before anybody has the next",
        },
        Finding {
            key: "chi_squared",
            what: "random: how far the counts are from even (χ² of eight servers)",
            unit: "",
            measured: random.iter().map(|count| (count - mean).powi(2) / mean).sum(),
            expected: Expected::AtMost(degrees + 4.0 * (2.0 * degrees).sqrt()),
            reason: "theory: binomial counts have a χ² with seven degrees of freedom: 7 on average, and at most four times \
                     its standard deviation √14 more",
        },
    ]
}

/// Requests are spread evenly.
pub static EVEN: Experiment = Experiment {
    id: "lb.even",
    title: "Evenly spread",
    claim: "A balancer spreads requests evenly: in turn to the very request, at random as evenly as chance is.",
    watch: "The number of requests that each server gets.",
    question: Question {
        text: "Eighty thousand requests go to eight servers in turn. How far apart are the busiest and the idlest?",
        options: &["One request at most", "Some hundred requests", "One percent"],
        right: 0,
    },
    explanation: "Taking turns is exact. Choosing at random is even on average only: some hundred requests up or down are \
                  chance. Both count requests, not work: nothing is said yet of how long they take.",
    runs: even_runs,
    judge: even_findings,
    mutations: &[
        Mutation { name: "no turns are taken", breaks: |runs| runs[0].set("tiers.balancer.policy", json!("random")) },
        Mutation {
            name: "not at random but by address",
            breaks: |runs| runs[1].set("tiers.balancer.policy", json!("source_ip_hash")),
        },
    ],
};

fn grow_runs() -> Vec<Run> {
    let phases = [phase("before", 20.0, 60.0), phase("crowded", 90.0, 120.0), phase("added", 150.0, 210.0)];
    let spike = crate::scenario::Change::Spike { factor: 10.0, duration_ms: 150_000.0, clients: None };
    vec![run("spike", pool(2, 40.0, json!({})), &phases).at(60.0, spike).at(120.0, set("tiers.web.instances", 6))]
}

fn grow_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("spike");
    let p99 = |phase: &str| outcome.phase(phase).latency_ms.p99;
    let served = &outcome.phase("added").tiers["web"].per_instance;
    let total: u64 = served.iter().sum();
    let started = times(outcome, |fact| matches!(fact, Fact::TakenIn { .. })).len();
    vec![
        Finding {
            key: "crowded",
            what: "99th percentile of the latency under the spike, as a multiple of before",
            unit: "",
            measured: p99("crowded") / p99("before"),
            expected: Expected::AtLeast(10.0),
            reason: "two servers get twice what they can do, so requests wait for full backlogs: 256 at 100 a second are \
                     2.6 s, and 10 ms of work stretched at 20% load are some 60 ms",
        },
        Finding {
            key: "recovered",
            what: "99th percentile with four servers added, as a part of that under the spike",
            unit: "%",
            measured: 100.0 * p99("added") / p99("crowded"),
            expected: Expected::AtMost(10.0),
            reason: "six servers are two thirds busy: by theory 99 of 100 requests then take less than 140 ms",
        },
        Finding {
            key: "failed",
            what: "requests that fail with the servers added",
            unit: "requests",
            measured: failed(outcome.phase("added")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "there is room for all",
        },
        Finding {
            key: "new_share",
            what: "share of the requests that the four new ones get",
            unit: "%",
            measured: 100.0 * served[2..].iter().sum::<u64>() as f64 / total as f64,
            expected: within(100.0 * 4.0 / 6.0, 1.0),
            reason: "definition: in turn, so exactly four of six, but for what is under way at both ends",
        },
        Finding {
            key: "taken_in",
            what: "servers that the balancer took in by itself",
            unit: "servers",
            measured: started as f64,
            expected: Expected::Exactly(4.0),
            reason: "nobody told it; their probes succeeded twice in a row",
        },
    ]
}

/// Servers that are added get traffic by themselves.
pub static GROW: Experiment = Experiment {
    id: "lb.grow",
    title: "Ten times the users",
    claim: "Servers that are added under a spike get traffic by themselves, and latency recovers with no other change.",
    watch: "Latency while the spike comes, and when the servers have started.",
    question: Question {
        text: "An influencer sends ten times the users. You add four servers. What else has to be told to whom?",
        options: &["The DNS, of the new addresses", "Every client", "Nobody"],
        right: 2,
    },
    explanation: "Clients know the balancer alone. It probes new servers and begins to send them requests as soon as they \
                  answer, so a pool can grow under load.",
    runs: grow_runs,
    judge: grow_findings,
    mutations: &[Mutation {
        name: "new servers are never found well",
        breaks: |runs| runs[0].set("tiers.balancer.health_check.healthy_after", json!(1000)),
    }],
};

fn private_runs() -> Vec<Run> {
    let outsider = json!({ "share": 0.2, "place": "london", "direct_to": "web" });
    let patch = json!({ "workload": { "clients": { "all": { "share": 0.8 }, "outsider": outsider } } });
    let stop = set("workload.requests_per_user_per_second", 0.0);
    vec![run("outsiders", pool(2, 100.0, patch), &[phase("all", 0.0, 120.0)]).at(110.0, stop)]
}

fn private_findings(results: &Results) -> Vec<Finding> {
    let report = results.run("outsiders").report();
    let unroutable = report.requests.failed["unroutable"];
    let share = unroutable as f64 / report.requests.issued as f64;
    let past = report.tiers["web"].served.abs_diff(report.tiers["balancer"].served);
    vec![
        Finding {
            key: "past",
            what: "requests that reached a web server other than through the balancer",
            unit: "requests",
            measured: past as f64,
            expected: Expected::Exactly(0.0),
            reason: "no route leads to a private address from outside",
        },
        Finding {
            key: "unroutable",
            what: "requests that were sent to a web server's own address and got nowhere",
            unit: "%",
            measured: 100.0 * share,
            expected: within(20.0, 5.1),
            reason: "one user in five tries; four standard errors with 1,000 users are 5.1%",
        },
        Finding {
            key: "others",
            what: "other requests that failed",
            unit: "requests",
            measured: (failed(report) - unroutable) as f64,
            expected: Expected::Exactly(0.0),
            reason: "through the balancer all is well",
        },
    ]
}

/// Only the balancer has a public address.
pub static PRIVATE: Experiment = Experiment {
    id: "lb.private",
    title: "Private addresses",
    claim: "Clients reach only the balancer's public address; web servers have private ones that no route leads to from \
            outside.",
    watch: "What becomes of requests that are sent straight to a web server.",
    question: Question {
        text: "Somebody has found out the private address of a web server and sends requests there. What happens?",
        options: &["The server answers", "The server refuses", "They get nowhere: the server never sees them"],
        right: 2,
    },
    explanation: "Routers on the internet know no way to private addresses, so nothing has to be refused. The balancer has a \
                  foot in both networks and is the only way in.",
    runs: private_runs,
    judge: private_findings,
    mutations: &[Mutation {
        name: "the web servers have public addresses",
        breaks: |runs| runs[0].set("tiers.web.public", json!(true)),
    }],
};
