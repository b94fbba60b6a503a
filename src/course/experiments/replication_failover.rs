//! Chapter 5: what becomes of the others when a database dies.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Phase, Question, Results, Run};
use crate::nodes::database::Role;
use crate::nodes::observer::Fact;
use crate::scenario::Scenario;
use crate::world::report::Report;

use super::designs::{
    cut, failed, failed_percent, kill, mend, phase, replicated, replication, restore, run, set, switch_over, times,
    within,
};

/// Between two heartbeats, which come at whole seconds.
const KILLED: f64 = 60.4;
/// From a death until a copy has taken the place: seconds after it was noticed.
const REPLACED_AFTER_MS: f64 = 5_000.0;
/// What a core copies, in megabytes per second.
const COPY_MB_PER_SECOND: f64 = 100.0;

/// 60 queries a second, a tenth of which write, and a new machine for a dead one; its data comes from the others.
fn replaced(replicas: u32, data_gb: f64) -> Scenario {
    let own = json!({ "replace_after_ms": REPLACED_AFTER_MS, "data_gb": data_gb,
                      "copy_mb_per_second": COPY_MB_PER_SECOND });
    let patch = json!({ "machines": { "data": { "cores": 2 } }, "tiers": { "database": { "replication": own } } });
    replicated(replicas + 1, 60.0, 0.1, patch)
}

/// When something first happened after the death, in seconds since the start.
fn first(outcome: &Outcome, wanted: impl Fn(&Fact) -> bool) -> f64 {
    times(outcome, wanted).into_iter().find(|&at| at >= KILLED).unwrap_or(f64::NAN)
}

/// How long the copy for the new machine took, in seconds.
fn copy_seconds(outcome: &Outcome) -> f64 {
    first(outcome, |fact| matches!(fact, Fact::Copied { .. }))
        - first(outcome, |fact| matches!(fact, Fact::CopyBegan { .. }))
}

/// The share of the reads that an instance answered, in percent.
fn reads_percent(report: &Report, instance: usize) -> f64 {
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

const ELECTION: f64 = 1.0;
const PROMOTION: f64 = 2.0;

fn promote_runs() -> Vec<Run> {
    const PHASES: [Phase; 3] = [phase("before", 20.0, 60.0), phase("outage", 60.4, 65.9), phase("after", 67.0, 200.0)];
    vec![run("a death", replaced(2, 2.0), &PHASES).at(KILLED, kill("database.1"))]
}

fn promote_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("a death");
    let noticed = first(outcome, |fact| matches!(fact, Fact::PrimaryLost { .. }));
    let promoted = first(outcome, |fact| matches!(fact, Fact::Promoted { .. }));
    let after = outcome.phase("after");
    let members = &replication(after).members;
    let new = members.iter().find(|member| member.role == Role::Primary).map_or(0, |member| member.writes);
    let write_failures = |phase: &str| {
        let writes = &outcome.phase(phase).by_class["write"];
        100.0 * writes.failed as f64 / (writes.failed + writes.answered).max(1) as f64
    };
    let seconds = |key, what, measured, expected, reason| Finding { key, what, unit: "s", measured, expected, reason };
    vec![
        seconds(
            "outage",
            "how long nobody takes writes",
            promoted - KILLED,
            within(2.6 + ELECTION + PROMOTION, 0.002),
            "it dies four tenths after a heartbeat, so the third that is missed is due 2.6 s later; then the election and \
             the promotion",
        ),
        seconds(
            "changed",
            "from the death's being noticed until another takes writes",
            promoted - noticed,
            within(ELECTION + PROMOTION, 0.002),
            "definition: election and promotion; what was received has long been applied",
        ),
        Finding {
            key: "refused",
            what: "writes that fail meanwhile",
            unit: "%",
            measured: write_failures("outage"),
            expected: Expected::Exactly(100.0),
            reason: "there is no primary",
        },
        Finding {
            key: "reads_failed",
            what: "reads that fail meanwhile",
            unit: "requests",
            measured: outcome.phase("outage").by_class["read"].failed as f64,
            expected: Expected::Exactly(0.0),
            reason: "they go to the replicas, which live",
        },
        Finding {
            key: "after_failed",
            what: "requests that fail after it",
            unit: "requests",
            measured: failed(after) as f64,
            expected: Expected::Exactly(0.0),
            reason: "the promoted one takes the writes",
        },
        Finding {
            key: "promoted_writes",
            what: "writes that the promoted one takes then",
            unit: "%",
            measured: 100.0 * new as f64 / after.by_class["write"].answered.max(1) as f64,
            expected: within(100.0, 0.5),
            reason: "all of them, but for what is under way at both ends",
        },
        Finding {
            key: "filled",
            what: "replicas that answer reads in the end",
            unit: "",
            measured: members.iter().filter(|own| own.role == Role::Replica && own.listed).count() as f64,
            expected: Expected::Exactly(2.0),
            reason: "a new machine has taken the place of the one that died",
        },
    ]
}

/// The primary dies.
pub static PROMOTE: Experiment = Experiment {
    id: "repl.promote",
    title: "The primary dies",
    claim: "If the primary dies, a replica is promoted, and a new replica fills its place. Until then nobody takes writes: \
            the time to notice, to elect and to promote.",
    watch: "Writes that fail, and the log: noticed, elected, promoted.",
    question: Question {
        text: "A heartbeat a second, three may be missed, one second to elect, two to promote. How long is the outage?",
        options: &["Three seconds", "Five to six seconds", "None: the replica is there already"],
        right: 1,
    },
    explanation: "Somebody has to be sure that the primary is dead, somebody has to be chosen, and the chosen one has to apply \
                  what it has before it takes writes. Reads go on all the while.",
    runs: promote_runs,
    judge: promote_findings,
    mutations: &[
        Mutation {
            name: "nobody is promoted",
            breaks: |runs| runs[0].set("tiers.database.replication.failover", json!(false)),
        },
        Mutation {
            name: "a death is noticed at the tenth heartbeat",
            breaks: |runs| runs[0].set("tiers.database.replication.missed", json!(10)),
        },
    ],
};

fn failback_runs() -> Vec<Run> {
    const PHASES: [Phase; 4] = [
        phase("promoted", 70.0, 99.0),
        phase("back", 110.0, 149.0),
        phase("switched", 149.0, 160.0),
        phase("as before", 160.0, 220.0),
    ];
    let own = json!({ "tiers": { "database": { "replication": {} } } });
    vec![
        run("there and back", replicated(3, 60.0, 0.3, own), &PHASES)
            .at(KILLED, kill("database.1"))
            .at(100.0, restore("database.1"))
            .at(150.0, switch_over("database.1")),
    ]
}

fn failback_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("there and back");
    let back = replication(outcome.phase("back"));
    let (before, after) = (replication(outcome.phase("back")), replication(outcome.phase("as before")));
    let role =
        |own: &crate::world::report::ReplicationReport| f64::from(u8::from(own.members[0].role == Role::Primary));
    let switched = outcome.phase("switched");
    let number = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        number(
            "caught_up",
            "reads that the old primary answers as a replica, ten seconds after it is back",
            "%",
            reads_percent(outcome.phase("back"), 0),
            within(50.0, 1.0),
            "it has caught up from the new primary's log, and takes turns with the other replica",
        ),
        number(
            "as_replica",
            "writes that it takes then",
            "requests",
            back.members[0].writes as f64,
            Expected::Exactly(0.0),
            "it is a replica",
        ),
        number(
            "primary_again",
            "whether it is the primary again after the planned change",
            "",
            role(after),
            Expected::Exactly(1.0),
            "the other has handed over",
        ),
        number(
            "lost",
            "acknowledged writes that the planned change loses",
            "requests",
            after.lost_writes as f64 - before.lost_writes as f64,
            Expected::Exactly(0.0),
            "definition: it is handed over once the other has applied all",
        ),
        number(
            "refused",
            "requests that fail during the planned change",
            "%",
            failed_percent(switched),
            Expected::AtMost(1.0),
            "the old primary takes no writes until the other has applied what is under way: some ten milliseconds of \
             eleven seconds, in which one write in five hundred comes",
        ),
    ]
}

/// The old primary comes back.
pub static FAILBACK: Experiment = Experiment {
    id: "repl.failback",
    title: "There and back",
    claim: "A promotion can be temporary: the old primary comes back as a replica, by catching up, or takes over again by a \
            planned change that loses nothing.",
    watch: "The roles, and the log.",
    question: Question {
        text: "The old primary starts again. What is it?",
        options: &["The primary", "A replica", "A second primary"],
        right: 1,
    },
    explanation: "It asks who the primary is and follows. To give it its role back is a choice, not a need: the present \
                  primary stops taking writes, waits until the other has all, and hands over.",
    runs: failback_runs,
    judge: failback_findings,
    mutations: &[
        Mutation {
            name: "its log no longer reaches what it lacks, and a copy takes hours",
            breaks: |runs| {
                runs[0].set("tiers.database.replication.log_entries", json!(1));
                runs[0].set("tiers.database.replication.copy_mb_per_second", json!(1.0));
            },
        },
        Mutation {
            name: "nobody hands over",
            breaks: |runs| {
                runs[0].scenario.timeline.pop();
            },
        },
    ],
};

/// When writes begin, end, and the primary dies: within one interval at which it ships.
const WRITES_BEGIN: f64 = 20.0;
const WRITES_END: f64 = 20.8;
const DIES: f64 = 20.85;
const SHIPPED_EVERY_MS: f64 = 1_000.0;

fn lost_runs() -> Vec<Run> {
    const PHASES: [Phase; 3] =
        [phase("until the death", 0.0, 20.84), phase("promoted", 30.0, 59.0), phase("recovered", 60.0, 90.0)];
    let own = json!({ "ship_every_ms": SHIPPED_EVERY_MS });
    let patch = json!({ "machines": { "data": { "cores": 8 } }, "tiers": { "database": { "replication": own } } });
    let rate = "workload.requests_per_user_per_second";
    vec![
        run("a death", replicated(2, 0.0, 1.0, patch), &PHASES)
            .at(WRITES_BEGIN, set(rate, 0.2))
            .at(WRITES_END, set(rate, 0.0))
            .at(DIES, kill("database.1"))
            .at(30.0, set(rate, 0.2))
            .at(60.0, restore("database.1"))
            .at(80.0, set(rate, 0.0)),
    ]
}

fn lost_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("a death");
    let [dies, promoted, recovered] =
        ["until the death", "promoted", "recovered"].map(|phase| replication(outcome.phase(phase)));
    let unshipped = dies.members[0].position - dies.members[1].position;
    let count = |key, what, measured: u64, expected, reason| Finding {
        key,
        what,
        unit: "requests",
        measured: measured as f64,
        expected,
        reason,
    };
    vec![
        count(
            "lost",
            "acknowledged writes that the promoted replica lacks",
            promoted.lost_writes,
            Expected::Exactly(unshipped as f64),
            "definition: those that the primary had acknowledged and not yet shipped; it held 200 a second back for up to \
             a second",
        ),
        count(
            "unshipped",
            "writes that were acknowledged and not shipped when the primary died",
            unshipped,
            Expected::AtLeast(10.0),
            "theory: 200 writes a second for 0.8 s are 160, four standard deviations less are 109",
        ),
        count(
            "accounted",
            "of these, writes that the script replayed or that it listed as conflicts when the old primary was back",
            recovered.recovered_writes + recovered.conflicts,
            Expected::Exactly(unshipped as f64),
            "the old primary has them all in its log",
        ),
        count(
            "conflicts",
            "conflicts: writes whose key has been written to since, which people have to look at",
            recovered.conflicts,
            Expected::AtLeast(1.0),
            "theory: 6,000 writes on 10,000 keys hit 45 % of them",
        ),
        count(
            "still_lost",
            "writes that are still lost then",
            recovered.lost_writes,
            Expected::Exactly(recovered.conflicts as f64),
            "definition: the conflicts, no others",
        ),
    ]
}

/// What the promoted replica lacks.
pub static LOST: Experiment = Experiment {
    id: "repl.lost",
    title: "Written, and lost",
    claim: "The promoted replica may lack the newest writes though clients were told that they are written; scripts bring \
            them back from the old primary's log, but for those whose keys have been written to since.",
    watch: "The mark at the old primary, and the log.",
    question: Question {
        text: "A primary ships every second and dies. Which acknowledged writes are lost?",
        options: &["None: they were acknowledged", "Those since the last shipment", "All that are under way"],
        right: 1,
    },
    explanation: "Acknowledged means that the primary has it. What it has not shipped is on its disk alone, and nobody knows \
                  until that comes back. Then it can be replayed, unless somebody has meanwhile written something else there.",
    runs: lost_runs,
    judge: lost_findings,
    mutations: &[
        Mutation {
            name: "commits wait for the replica",
            breaks: |runs| {
                runs[0].set("tiers.database.replication.mode", json!("synchronous"));
                runs[0].set("tiers.database.replication.ship_every_ms", json!(0.0));
            },
        },
        Mutation {
            name: "nobody replays the old log",
            breaks: |runs| runs[0].set("tiers.database.replication.recovery", json!(false)),
        },
    ],
};

/// A site in two places, of which the one with the primary and a web server is cut off for a minute.
fn parted(fencing: &str) -> Scenario {
    let patch = json!({
        "workload": { "entry": "balancer" },
        "machines": {
            "edge": { "place": "montreal", "cores": 16 },
            "app": { "place": null, "places": ["new-york", "virginia"] },
            "data": { "place": null, "places": ["new-york", "virginia", "virginia"], "cores": 4 }
        },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web" },
            "web": { "instances": 2 },
            "database": { "replication": { "fencing": fencing } }
        }
    });
    replicated(3, 100.0, 0.5, patch)
}

const FENCES: [&str; 3] = ["none", "power", "majority"];

fn fence_runs() -> Vec<Run> {
    let (here, there) = ("places.new-york", "places.virginia");
    let of = |fencing: &str| {
        run(fencing, parted(fencing), &[phase("parted", 70.0, 119.0), phase("mended", 150.0, 180.0)])
            .at(KILLED, cut(here, there))
            .at(120.0, mend(here, there))
    };
    FENCES.into_iter().map(of).collect()
}

fn fence_findings(results: &Results) -> Vec<Finding> {
    let [wild, power, majority] = FENCES.map(|name| results.run(name));
    let diverged = |outcome: &Outcome| replication(outcome.phase("mended")).diverged_writes as f64;
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let primaries = replication(wild.phase("parted")).members.iter().filter(|own| own.writes > 0).count();
    let own = replication(wild.phase("mended"));
    vec![
        finding(
            "primaries",
            "servers that take writes while the link is cut, without fencing",
            "",
            primaries as f64,
            Expected::Exactly(2.0),
            "the old primary does not know that another was promoted",
        ),
        finding(
            "diverged",
            "writes that the old primary took meanwhile, without fencing",
            "requests",
            diverged(wild),
            within(1362.0, 180.0),
            "arithmetic: a quarter of 100 requests a second write through its own web server for the minute, less the \
             5.5 s until the other is promoted; four standard deviations are 148",
        ),
        finding(
            "conflicts",
            "of these, writes in conflict with the new primary's",
            "requests",
            own.conflicts as f64,
            Expected::AtLeast(1.0),
            "theory: both sides write to the same 10,000 keys",
        ),
        finding(
            "fenced",
            "writes that the old primary takes, its power being cut first",
            "requests",
            diverged(power),
            Expected::Exactly(0.0),
            "it is off",
        ),
        finding(
            "majority",
            "writes that it takes, where a primary needs a majority",
            "requests",
            diverged(majority),
            Expected::Exactly(0.0),
            "alone of three it steps down before another is promoted",
        ),
    ]
}

/// Two primaries.
pub static FENCE: Experiment = Experiment {
    id: "repl.fence",
    title: "Dead, or only out of sight",
    claim: "A primary that is only cut off goes on taking writes while another is promoted, unless it is fenced: by its \
            power, or because it needs a majority.",
    watch: "How many primaries there are while the link is cut, and what they write.",
    question: Question {
        text: "The link between two places is cut. The replicas see their primary no more. Is it dead?",
        options: &["Yes", "No", "They cannot know"],
        right: 2,
    },
    explanation: "Silence is all that a dead server and a cut line have in common, and all that can be seen. Either somebody \
                  makes sure that it is dead, or it must stop by itself when it sees too few of the others.",
    runs: fence_runs,
    judge: fence_findings,
    mutations: &[
        Mutation {
            name: "nobody cuts the power",
            breaks: |runs| runs[1].set("tiers.database.replication.fencing", json!("none")),
        },
        Mutation {
            name: "no majority is needed",
            breaks: |runs| runs[2].set("tiers.database.replication.fencing", json!("none")),
        },
    ],
};
