//! Chapter 9: the same application everywhere.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::scenario::deployment::Strategy;
use crate::scenario::{Change, Scenario};
use crate::world::report::Report;

use super::centers::{CENTERS, centers};
use super::designs::{SERVICE_MS, count, phase, run, within};

/// When a build sets out, in seconds.
const DEPLOYED: f64 = 30.0;
/// Web servers in each centre.
const SERVERS: u32 = 4;

/// Two centres with four servers each, a database in both, and builds: `v2` writes values in a format that `v1` cannot read,
/// `ready` reads it and does not write it yet, `bad` answers half of all requests with an error.
fn system() -> Scenario {
    let work = json!({ "mean_ms": SERVICE_MS / 5.0 });
    let class = |write: bool| json!({ "share": 0.5, "write": write, "web": work, "database": work });
    let patch = json!({
        "workload": { "keys": { "count": 200, "popularity": "uniform" },
                      "classes": { "read": class(false), "write": class(true) } },
        "builds": { "v1": {}, "ready": { "reads_format": 1 }, "v2": { "writes_format": 1 }, "bad": { "error_rate": 0.5 } },
        "machines": { "data": { "places": CENTERS, "cores": 4 } },
        "tiers": {
            "web": { "database": "database", "build": "v1" },
            "database": { "kind": "database", "machine": "data", "instances": 2, "slots": 64, "backlog": 64,
                          "replication": { "reads": "nearest" } }
        }
    });
    centers(SERVERS, 200.0, &patch)
}

fn deploy(target: &str, build: &str, strategy: Strategy) -> Change {
    Change::Deploy { target: target.to_owned(), build: build.to_owned(), strategy }
}

fn automated() -> Strategy {
    Strategy { batch: 2, ..Strategy::default() }
}

fn watched() -> Strategy {
    Strategy { canary_share: 0.1, observe_ms: 30_000.0, max_error_rate: Some(0.05), ..automated() }
}

fn deploy_runs() -> Vec<Run> {
    let phases = [phase("during", DEPLOYED, 120.0), phase("after", 120.0, 180.0)];
    let of = |name: &str, change: Change| run(name, system(), &phases).at(DEPLOYED, change);
    vec![
        of("one centre forgotten", deploy("places.montreal", "v2", automated())),
        of("all at once", deploy("web", "v2", automated())),
        of("in two steps", deploy("web", "ready", automated())).at(100.0, deploy("web", "v2", automated())),
        of("bad, unwatched", deploy("web", "bad", automated())),
        of("bad, with a canary", deploy("web", "bad", watched())),
    ]
}

fn failures(report: &Report, cause: &str) -> u64 {
    report.requests.failed.get(cause).copied().unwrap_or(0)
}

/// Failures for a cause in the whole run.
fn in_all(outcome: &Outcome, cause: &str) -> u64 {
    ["during", "after"].iter().map(|phase| failures(outcome.phase(phase), cause)).sum()
}

/// Builds that run in the end.
fn builds(outcome: &Outcome) -> u64 {
    outcome.phase("after").tiers["web"].builds.len() as u64
}

fn deploy_findings(results: &Results) -> Vec<Finding> {
    let [forgotten, once, steps, unwatched, canary] =
        ["one centre forgotten", "all at once", "in two steps", "bad, unwatched", "bad, with a canary"]
            .map(|name| results.run(name));
    let share = |report: &Report, cause: &str, of: u64| 100.0 * failures(report, cause) as f64 / of.max(1) as f64;
    let reads = |report: &Report| report.by_class["read"].answered + report.by_class["read"].failed;
    let all = |report: &Report| report.requests.answered + report.requests.failed.values().sum::<u64>();
    let drifted = forgotten.phase("after");
    let ill = unwatched.phase("after");
    vec![
        Finding {
            key: "drift",
            what: "reads that fail for good where one centre was forgotten",
            unit: "%",
            measured: share(drifted, "unreadable", reads(drifted)),
            expected: within(25.0, 3.0),
            reason: "theory: half of the reads come to the old build, and half of the values were written last by the new one. \
                     Four standard errors, of 6,000 reads and of 6,000 writes that decide about them, are 2.9 points",
        },
        Finding {
            key: "versions",
            what: "builds that run in the end there",
            unit: "builds",
            measured: builds(forgotten) as f64,
            expected: Expected::Exactly(2.0),
            reason: "definition: who was forgotten runs what it ran",
        },
        count(
            "rolling",
            "reads that fail while the new build goes through all servers",
            failures(once.phase("during"), "unreadable"),
            Expected::AtLeast(20.0),
            "theory: for the half minute that it takes, servers of both builds serve the same data",
        ),
        count(
            "same",
            "the same once all have it",
            failures(once.phase("after"), "unreadable"),
            Expected::Exactly(0.0),
            "all are the same",
        ),
        count(
            "steps",
            "the same where all could read the new format before anybody wrote it",
            in_all(steps, "unreadable"),
            Expected::Exactly(0.0),
            "definition: each build reads what the one before and the one after writes",
        ),
        Finding {
            key: "bad",
            what: "requests that fail for good with a bad build that nobody watches",
            unit: "%",
            measured: share(ill, "application_error", all(ill)),
            expected: within(50.0, 2.0),
            reason: "definition: half; four standard errors of 12,000 requests are 1.8 points",
        },
        count(
            "canary",
            "requests that fail with the same build and a canary, in all",
            in_all(canary, "application_error"),
            within(19.0, 24.0),
            "theory: one of eight servers fails 12 or 13 requests a second. It is looked at every second: at the first look it is \
             found in service, at the next it has served 25 requests and is judged. That is a second and a half, give or take half \
             a one; four standard deviations of 19 are 17",
        ),
        Finding {
            key: "reached",
            what: "servers that the bad build reached then",
            unit: "servers",
            measured: f64::from(canary.phase("after").deployments.first().map_or(0, |own| own.replaced)),
            expected: Expected::Exactly(1.0),
            reason: "definition: a tenth of eight, rounded up; all others stay as they are",
        },
    ]
}

/// All the same, and a bad build stopped.
pub static DEPLOY: Experiment = Experiment {
    id: "dc.deploy",
    title: "The same everywhere",
    claim: "Automatic deployment keeps all data centres the same; by hand they drift apart, and builds meet that do not \
            understand each other. A canary stops a bad build.",
    watch: "The build of each server, and what fails.",
    question: Question {
        text: "A new build writes a new format. It is rolled out to all servers, one pair after the other, by a machine. Does \
               anything fail?",
        options: &[
            "Nothing: a machine does it",
            "Some reads, until all servers have it",
            "Everything, until it is done",
        ],
        right: 1,
    },
    explanation: "While a roll-out is under way there are two builds, however it is done. So a new format comes in two steps: \
                  first all learn to read it, then all begin to write it. And as no test finds everything, a few servers go first.",
    runs: deploy_runs,
    judge: deploy_findings,
    mutations: &[
        Mutation { name: "nobody is forgotten", breaks: |runs| aim(&mut runs[0], "web") },
        Mutation {
            name: "the old build reads the new format",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("builds.v1.reads_format", json!(1))),
        },
        Mutation {
            name: "the first step is left out",
            breaks: |runs| runs[2].set("builds.ready.reads_format", Value::Null),
        },
        Mutation {
            name: "the canary may fail as much as it likes",
            breaks: |runs| {
                for moment in &mut runs[4].scenario.timeline {
                    if let Change::Deploy { strategy, .. } = &mut moment.change {
                        strategy.max_error_rate = Some(1.0);
                    }
                }
            },
        },
    ],
};

/// The first deployment goes somewhere else.
fn aim(run: &mut Run, at: &str) {
    if let Some(Change::Deploy { target, .. }) = run.scenario.timeline.first_mut().map(|moment| &mut moment.change) {
        *target = at.to_owned();
    }
}
