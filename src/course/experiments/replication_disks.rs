//! Chapter 5: what is left when a server and its disk are destroyed.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Change;

use super::designs::{count, failed, phase, replicated, replication, restore, run};

fn preserved_runs() -> Vec<Run> {
    let destroy = || Change::Kill { target: "database.1".to_owned(), silent: false, destroy: true };
    let synchronous = json!({ "tiers": { "database": { "replication": { "mode": "synchronous" } } } });
    let alone = json!({ "tiers": { "database": { "replication": { "reads": "primary" } } } });
    let phases = [phase("after", 80.0, 140.0)];
    let design = |name: &str, n, patch| {
        run(name, replicated(n, 60.0, 0.3, patch), &phases).at(60.5, destroy()).at(70.0, restore("database.1"))
    };
    vec![design("three copies", 3, synchronous), design("one copy", 1, alone)]
}

fn preserved_findings(results: &Results) -> Vec<Finding> {
    let (three, one) = (results.run("three copies").report(), results.run("one copy").report());
    let own = replication(three);
    let missing = own.acknowledged_writes - own.durable_writes;
    vec![
        count(
            "missing",
            "acknowledged writes that are gone, one of three copies being destroyed",
            missing,
            Expected::Exactly(0.0),
            "two others have all of them",
        )
        .of("writes"),
        count(
            "failed",
            "requests that fail afterwards",
            failed(three),
            Expected::Exactly(0.0),
            "a replica was promoted",
        ),
        count(
            "stale",
            "reads that miss a write that had been acknowledged, in the new primary's time",
            own.stale_reads,
            Expected::AtMost(three.by_class["read"].answered as f64 * 0.01),
            "acknowledged when it is on the replicas' disks, so a read may come before it is applied; hardly any do",
        )
        .of("reads"),
        count(
            "alone",
            "reads answered after the only copy was destroyed, the machine being back",
            one.by_class["read"].answered,
            Expected::Exactly(0.0),
            "its disk is empty, and there is nobody to copy from",
        )
        .of("reads"),
    ]
}

/// Copies in several places.
pub static PRESERVED: Experiment = Experiment {
    id: "repl.preserved",
    title: "Not all eggs in one basket",
    claim: "With copies in several places data survives losing one.",
    watch: "What can be read once a server and its disk are destroyed: with three copies, and with one.",
    question: Question {
        text: "The only database server burns down and is replaced by a new machine. What can be read?",
        options: &["All: the new machine has it", "All but the newest writes", "Nothing"],
        right: 2,
    },
    explanation: "A machine can be bought again; what was on its disk cannot. Copies elsewhere are what is left: a replica, or \
                  a backup.",
    runs: preserved_runs,
    judge: preserved_findings,
    mutations: &[Mutation {
        name: "there is one copy",
        breaks: |runs| {
            let one = runs[1].scenario.tiers["database"].clone();
            runs[0].set("tiers.database", serde_json::to_value(one).expect("plain data"));
        },
    }],
};
