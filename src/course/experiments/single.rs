//! Chapter 1: one server for everything.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};

use super::designs::{failed_percent, goodput, kill, phase, restore, run, stage, within};

/// Erlang's C for two servers at load `rho` of each: the probability to find both busy.
fn both_busy(rho: f64) -> f64 {
    2.0 * rho * rho / (1.0 + rho)
}

/// By what factor two shared cores stretch any work at load `rho` (M/G/2 processor sharing: 1 + C / (2 (1 − ρ)),
/// whatever the distribution of the work).
fn stretch(rho: f64) -> f64 {
    1.0 + both_busy(rho) / (2.0 * (1.0 - rho))
}

/// Work for a request of the stage, on average, in milliseconds, when the database's is multiplied.
fn work_ms(database: f64) -> f64 {
    let read = 4.0 + 2.0 + 2.0 * database;
    let write = 4.0 + 1.0 + 6.0 * database;
    0.5 * 1.0 + 0.4 * read + 0.1 * write
}

const USERS: u32 = 1500;
const HEAVY: f64 = 6.0;

fn shared_runs() -> Vec<Run> {
    let scenario = |stage_id: &str, factor: f64| {
        stage(
            stage_id,
            json!({ "workload": {
                "users": USERS,
                "classes": { "read": { "database": { "mean_ms": 2.0 * factor } },
                             "write": { "database": { "mean_ms": 6.0 * factor } } } } }),
        )
    };
    let phases = [phase("measured", 60.0, 1560.0)];
    vec![
        run("shared, heavy", scenario("single-server", HEAVY), &phases),
        run("shared, light", scenario("single-server", 1.0), &phases),
        run("apart, heavy", scenario("separate-database", HEAVY), &phases),
        run("apart, light", scenario("separate-database", 1.0), &phases),
    ]
}

fn shared_findings(results: &Results) -> Vec<Finding> {
    let static_ms = |name: &str| results.run(name).report().by_class["static"].latency_ms.mean;
    let load = |factor: f64| f64::from(USERS) * 0.1 * work_ms(factor) / 1e3 / 2.0;
    vec![
        Finding {
            key: "rise",
            what: "how much longer a static file takes, which needs no database, when the database works six times as long",
            unit: "ms",
            measured: static_ms("shared, heavy") - static_ms("shared, light"),
            expected: within(stretch(load(HEAVY)) - stretch(load(1.0)), 0.7),
            reason: "theory: two shared cores stretch 1 ms of work by 1 + C/(2(1−ρ)) (processor sharing); four standard \
                     errors, from 16 seeds, are 0.6 ms",
        },
        Finding {
            key: "rise_apart",
            what: "the same with the database on a machine of its own",
            unit: "ms",
            measured: static_ms("apart, heavy") - static_ms("apart, light"),
            expected: within(0.0, 0.1),
            reason: "the web server's machine has the same work to do in both runs; only its order in time changes",
        },
    ]
}

/// Processes on one machine slow each other.
pub static SHARED: Experiment = Experiment {
    id: "single.shared",
    title: "One machine, shared",
    claim: "Web server and database on one machine share its cores, so work of the one makes the other slow.",
    watch: "The latency of static files, which never touch the database.",
    question: Question {
        text: "The database's queries get six times as heavy. What happens to static files, which need no database?",
        options: &["Nothing", "They take longer", "They fail"],
        right: 1,
    },
    explanation: "Cores are dealt out to whoever has work. The heavier queries take nothing from the web server's program, \
                  only the time in which it would have run. On two machines the same queries leave static files alone.",
    runs: shared_runs,
    judge: shared_findings,
    mutations: &[Mutation {
        name: "the shared machine has cores enough for all",
        breaks: |runs| runs[..2].iter_mut().for_each(|run| run.set("machines.server.cores", json!(64))),
    }],
};

const KILLED: f64 = 60.0;
const RESTORED: f64 = 90.0;

fn spof_runs() -> Vec<Run> {
    let phases = [phase("before", 5.0, 59.0), phase("dead", 60.0, 90.0), phase("after", 100.0, 160.0)];
    let run = run("single", stage("single-server", json!({})), &phases);
    vec![run.at(KILLED, kill("machines.server.1")).at(RESTORED, restore("machines.server.1"))]
}

fn spof_findings(results: &Results) -> Vec<Finding> {
    let percent = |phase: &str| failed_percent(results.run("single").phase(phase));
    let finding = |key, what, measured, value, reason| Finding {
        key,
        what,
        unit: "%",
        measured,
        expected: Expected::Exactly(value),
        reason,
    };
    vec![
        finding(
            "dead",
            "requests that fail while the machine is dead",
            percent("dead"),
            100.0,
            "nobody else can answer",
        ),
        finding("before", "requests that failed before", percent("before"), 0.0, "the machine is far from busy"),
        finding("after", "requests that fail once it has started again", percent("after"), 0.0, "it serves as before"),
    ]
}

/// One machine is a single point of failure.
pub static SPOF: Experiment = Experiment {
    id: "single.spof",
    title: "A single point of failure",
    claim: "When the only machine dies, everything is gone until it is back.",
    watch: "Errors, from the death of the machine to its return.",
    question: Question {
        text: "The machine dies for half a minute. What share of the requests sent in that time fails?",
        options: &["About half: those that need the database", "All", "Those under way at that moment"],
        right: 1,
    },
    explanation: "There is no second machine that could answer, so nothing short of its return helps. How long that takes \
                  is the whole outage.",
    runs: spof_runs,
    judge: spof_findings,
    mutations: &[Mutation {
        name: "only the database dies",
        breaks: |runs| {
            for moment in &mut runs[0].scenario.timeline {
                match &mut moment.change {
                    crate::scenario::Change::Kill { target, .. } | crate::scenario::Change::Restore { target } => {
                        *target = "database".to_owned();
                    }
                    crate::scenario::Change::Slow { .. }
                    | crate::scenario::Change::Cut { .. }
                    | crate::scenario::Change::Mend { .. }
                    | crate::scenario::Change::Delay { .. }
                    | crate::scenario::Change::SwitchOver { .. }
                    | crate::scenario::Change::Snapshot { .. }
                    | crate::scenario::Change::RestoreBackup { .. }
                    | crate::scenario::Change::BadDelete { .. }
                    | crate::scenario::Change::Deploy { .. }
                    | crate::scenario::Change::Commit { .. }
                    | crate::scenario::Change::Set { .. }
                    | crate::scenario::Change::Publish { .. }
                    | crate::scenario::Change::Purge { .. }
                    | crate::scenario::Change::Spike { .. } => {}
                }
            }
        },
    }],
};

/// Loads of the sweep, in percent of what the machine can do.
const LOADS: [u32; 6] = [30, 50, 70, 90, 120, 200];

/// Requests per second that two cores can do.
fn capacity() -> f64 {
    2.0 * 1e3 / work_ms(1.0)
}

fn limit_runs() -> Vec<Run> {
    let at = |percent: u32| {
        let users = (capacity() * f64::from(percent) / 100.0 / 0.1).round() as u32;
        let scenario = stage("single-server", json!({ "workload": { "users": users } }));
        run(format!("{percent}%"), scenario, &[phase("measured", 60.0, 360.0)])
    };
    LOADS.into_iter().rev().map(at).collect()
}

fn limit_findings(results: &Results) -> Vec<Finding> {
    let report = |percent: u32| results.run(&format!("{percent}%")).report();
    let mean = |percent: u32| report(percent).latency_ms.mean;
    let refused = |percent: u32| report(percent).requests.failed["refused"] as f64;
    vec![
        Finding {
            key: "goodput",
            what: "answers per second at twice the load that the machine can do",
            unit: "requests/s",
            measured: goodput(report(200)),
            expected: within(capacity(), 0.02 * capacity()),
            reason: "arithmetic: two cores, and 4.8 ms of work for a request on average; four standard errors of the mean \
                     work of some 125,000 requests are 1.3%, as its coefficient of variation is 1.1; what is under way at the \
                     end is another 0.3%",
        },
        Finding {
            key: "mean_70",
            what: "mean latency at 70% load, as a multiple of that at 30%",
            unit: "",
            measured: mean(70) / mean(30),
            expected: Expected::AtMost(1.5),
            reason: "below 70% the way to the server takes most of the time: by theory two shared cores stretch 4.8 ms \
                     of work by half of it at 30% and by all of it at 70%",
        },
        Finding {
            key: "mean_120",
            what: "mean latency at 120% load, as a multiple of that at 70%",
            unit: "",
            measured: mean(120) / mean(70),
            expected: Expected::AtLeast(5.0),
            reason: "past saturation a request waits for a full backlog: 384 requests at 417 a second are 0.9 s",
        },
        Finding {
            key: "refused_70",
            what: "requests refused at 70% load",
            unit: "requests",
            measured: refused(70),
            expected: Expected::Exactly(0.0),
            reason: "the backlog never fills",
        },
        Finding {
            key: "refused_200",
            what: "requests refused at 200% load, in percent",
            unit: "%",
            measured: 100.0 * refused(200) / report(200).requests.issued as f64,
            expected: within(50.0, 2.0),
            reason: "arithmetic: what does not fit, half of what comes; four standard errors are 1%, and what is under \
                     way at the end another 0.3%",
        },
    ]
}

/// Past saturation latency explodes and requests are refused.
pub static LIMIT: Experiment = Experiment {
    id: "single.limit",
    title: "The limit of one machine",
    claim: "One machine stops scaling: past saturation response times explode and connections are refused.",
    watch: "Latency and refused requests, as users are added.",
    question: Question {
        text: "The machine is busy seven tenths of the time. Half as many users again come. What happens?",
        options: &["Latency rises by half", "Latency explodes and requests are refused", "Nothing: there was room"],
        right: 1,
    },
    explanation: "Up to some two thirds of the machine's capacity little is seen. Then queues form faster than they drain; \
                  past capacity they grow until they are full, and what comes on top is refused. The number of answers \
                  never passes the capacity.",
    runs: limit_runs,
    judge: limit_findings,
    mutations: &[Mutation {
        name: "the machine has cores without end",
        breaks: |runs| runs.iter_mut().for_each(|run| run.set("machines.server.cores", json!(64))),
    }],
};
