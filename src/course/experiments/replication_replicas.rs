//! Chapter 5: what becomes of reads when a replica dies, and how another takes its place.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Phase, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::Scenario;
use crate::world::report::Report;

use super::designs::{failed, kill, phase, replicated, replication, run, times, within};

/// Between two heartbeats, which come at whole seconds.
pub(super) const KILLED: f64 = 60.4;
/// From a death until a copy has taken the place: seconds after it was noticed.
const REPLACED_AFTER_MS: f64 = 5_000.0;
/// What a core copies, in megabytes per second.
const COPY_MB_PER_SECOND: f64 = 100.0;

/// 60 queries a second, a tenth of which write, and a new machine for a dead one; its data comes from the others.
pub(super) fn replaced(replicas: u32, data_gb: f64) -> Scenario {
    let own = json!({ "replace_after_ms": REPLACED_AFTER_MS, "data_gb": data_gb,
                      "copy_mb_per_second": COPY_MB_PER_SECOND });
    let patch = json!({ "machines": { "data": { "cores": 2 } }, "tiers": { "database": { "replication": own } } });
    replicated(replicas + 1, 60.0, 0.1, patch)
}

/// When something first happened after the death, in seconds since the start.
pub(super) fn first(outcome: &Outcome, wanted: impl Fn(&Fact) -> bool) -> f64 {
    times(outcome, wanted).into_iter().find(|&at| at >= KILLED).unwrap_or(f64::NAN)
}

/// How long the copy for the new machine took, in seconds.
fn copy_seconds(outcome: &Outcome) -> f64 {
    first(outcome, |fact| matches!(fact, Fact::Copied { .. }))
        - first(outcome, |fact| matches!(fact, Fact::CopyBegan { .. }))
}

/// The share of the reads that an instance answered, in percent.
pub(super) fn reads_percent(report: &Report, instance: usize) -> f64 {
    let members = &replication(report).members;
    100.0 * members[instance].reads as f64 / members.iter().map(|member| member.reads).sum::<u64>().max(1) as f64
}

const ALONE: [Phase; 4] =
    [phase("before", 20.0, 59.0), phase("gap", 63.5, 68.0), phase("copying", 72.0, 80.0), phase("after", 150.0, 200.0)];

fn only_replica_runs() -> Vec<Run> {
    let of = |name: &str, gb: f64| run(name, replaced(1, gb), &ALONE).at(KILLED, kill("database.2"));
    vec![of("2 GB", 2.0), of("6 GB", 6.0)]
}

fn only_replica_findings(results: &Results) -> Vec<Finding> {
    let (small, large) = (results.run("2 GB"), results.run("6 GB"));
    let errors = failed(small.phase("gap")) + failed(small.phase("copying")) + failed(small.phase("after"));
    vec![
        Finding {
            key: "gap",
            what: "reads that the primary answers while there is no replica",
            unit: "%",
            measured: reads_percent(small.phase("gap"), 0),
            expected: Expected::Exactly(100.0),
            reason: "there is nobody else",
        },
        Finding {
            key: "errors",
            what: "requests that fail after the death was noticed",
            unit: "requests",
            measured: errors as f64,
            expected: Expected::Exactly(0.0),
            reason: "the primary has room for all",
        },
        Finding {
            key: "copy",
            what: "the initial copy of 2 GB for the new machine",
            unit: "s",
            measured: copy_seconds(small),
            expected: within(20.0, 6.0),
            reason: "arithmetic: 100 MB a second for each core; queries on the same cores hold it up by some percent",
        },
        Finding {
            key: "proportion",
            what: "the copy of 6 GB, as a multiple of that of 2 GB",
            unit: "",
            measured: copy_seconds(large) / copy_seconds(small),
            expected: within(3.0, 0.3),
            reason: "arithmetic: three times the data; the load of its source differs by chance",
        },
        Finding {
            key: "source_load",
            what: "how much busier the databases' machines are while the copy is made, on average of both",
            unit: "%",
            measured: 100.0
                * (small.phase("copying").tiers["database"].utilisation.unwrap_or(0.0)
                    - small.phase("gap").tiers["database"].utilisation.unwrap_or(0.0)),
            expected: Expected::AtLeast(20.0),
            reason: "arithmetic: one of the two cores of the source reads all the time",
        },
        Finding {
            key: "after",
            what: "reads that the primary answers once the new replica has caught up",
            unit: "%",
            measured: reads_percent(small.phase("after"), 0),
            expected: Expected::Exactly(0.0),
            reason: "reads go to the replica again",
        },
    ]
}

/// The only replica dies.
pub static ONLY_REPLICA: Experiment = Experiment {
    id: "repl.only-replica",
    title: "The only replica dies",
    claim: "If the only replica dies, the primary answers reads for a while, and a new replica takes the place of the dead \
            one once it has a copy of the data.",
    watch: "Who answers reads, the copy, and the load of the primary meanwhile.",
    question: Question {
        text: "A new machine is there after seconds. When does it answer reads?",
        options: &["At once", "When it has copied all data and caught up", "With the next write"],
        right: 1,
    },
    explanation: "A machine without data has no answers. The copy takes time in proportion to the data and work of whoever \
                  it is read from, who meanwhile answers everything: the worst moment for another death.",
    runs: only_replica_runs,
    judge: only_replica_findings,
    mutations: &[
        Mutation {
            name: "nobody puts a new machine there",
            breaks: |runs| runs[0].set("tiers.database.replication.replace_after_ms", json!(null)),
        },
        Mutation {
            name: "a copy takes no time",
            breaks: |runs| runs[1].set("tiers.database.replication.copy_mb_per_second", json!(1e6)),
        },
    ],
};

fn one_of_many_runs() -> Vec<Run> {
    const PHASES: [Phase; 3] =
        [phase("until noticed", 60.4, 62.9), phase("gap", 63.5, 68.0), phase("after", 150.0, 250.0)];
    vec![run("a death", replaced(3, 2.0), &PHASES).at(KILLED, kill("database.3"))]
}

fn one_of_many_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("a death");
    let gap = outcome.phase("gap");
    let errors = failed(gap) + failed(outcome.phase("after"));
    let share = |key, what, measured, value, tolerance, reason| Finding {
        key,
        what,
        unit: "%",
        measured,
        expected: within(value, tolerance),
        reason,
    };
    let window = outcome.phase("until noticed");
    let reads = &window.by_class["read"];
    let failing = 100.0 * reads.failed as f64 / (reads.failed + reads.answered).max(1) as f64;
    vec![
        share(
            "window",
            "reads that fail until the death is noticed",
            failing,
            100.0 / 3.0,
            2.0,
            "definition: one in three is sent to the dead one, in turn; about a hundred reads, so one more or less is 1 %",
        ),
        share(
            "others",
            "reads that the next replica answers in the gap",
            reads_percent(gap, 1),
            50.0,
            1.0,
            "definition: in turn between the two that are left",
        ),
        Finding {
            key: "errors",
            what: "requests that fail after the death was noticed",
            unit: "requests",
            measured: errors as f64,
            expected: Expected::Exactly(0.0),
            reason: "the others have room",
        },
        share(
            "replaced",
            "reads that the new machine answers in the end",
            reads_percent(outcome.phase("after"), 2),
            100.0 / 3.0,
            0.5,
            "definition: in turn among three again",
        ),
    ]
}

/// One of several replicas dies.
pub static ONE_OF_MANY: Experiment = Experiment {
    id: "repl.one-of-many",
    title: "One of several dies",
    claim: "If one of several replicas dies, the others take its reads, and a new one takes its place.",
    watch: "The reads of each replica, before, in the gap and after.",
    question: Question {
        text: "One of three replicas is dead and that has been noticed. Where do its reads go?",
        options: &["To the primary", "To the other two", "Nowhere until it is replaced"],
        right: 1,
    },
    explanation: "As with web servers behind a balancer: until the death is noticed a third of the reads fails, then the \
                  others answer all. What is different is the way back: a database has to be copied first.",
    runs: one_of_many_runs,
    judge: one_of_many_findings,
    mutations: &[
        Mutation {
            name: "the death is never noticed",
            breaks: |runs| runs[0].set("tiers.database.replication.missed", json!(1000)),
        },
        Mutation {
            name: "nobody puts a new machine there",
            breaks: |runs| runs[0].set("tiers.database.replication.replace_after_ms", json!(null)),
        },
    ],
};
