//! Chapter 5: what becomes of writes when the primary dies, and when it is back.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Phase, Question, Results, Run};
use crate::nodes::database::Role;
use crate::nodes::observer::Fact;

use super::designs::{failed, failed_percent, kill, phase, replicated, replication, restore, run, switch_over, within};
use super::replication_replicas::{KILLED, first, reads_percent, replaced};

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
            "yes or no",
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
