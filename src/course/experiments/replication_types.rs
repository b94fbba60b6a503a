//! Chapter 5: whole copies now and then, the log all the time, or changes of both sides now and then.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::{Network, Scenario, edit};

use super::designs::{SERVICE_MS, count, cut, mend, merged, phase, replicated, replication, run, set, times, within};

const RATE: &str = "workload.requests_per_user_per_second";
const KIND: &str = "tiers.database.replication.kind";

/// A primary and a replica with cores enough, 200 requests a second, 40 of which write.
fn one_primary(own: Value) -> Scenario {
    let own = json!({ "machines": { "data": { "cores": 16 } }, "tiers": { "database": { "replication": own } } });
    replicated(2, 200.0, 0.2, own)
}

/// How often a snapshot is taken, and what a copy takes: 50 pieces of 8 MB at 100 MB/s one after the other, and the last of
/// them is written after that.
const PERIOD: f64 = 20.0;
const COPY: f64 = 50.0 * 0.08 + 0.08;

fn snapshot() -> Run {
    let own = json!({ "kind": "snapshot", "snapshot_every_ms": PERIOD * 1e3, "data_gb": 0.4, "reads": "primary" });
    let phases = [phase("fresh", 30.0, 44.2), phase("old", 44.2, 63.9), phase("measured", 70.0, 270.0)];
    run("snapshot", one_primary(own), &phases)
}

fn transactional() -> Run {
    run("transactional", one_primary(json!({ "reads": "primary" })), &[phase("measured", 30.0, 230.0)])
}

/// Two members that take all there is to take, and nothing takes time but the wait for the exchange.
fn two_sides(requests_per_second: f64, own: Value) -> Scenario {
    let patch = json!({
        "workload": { "keys": { "count": KEYS } },
        "machines": { "data": { "cores": 16 } },
        "tiers": { "database": { "replication": { "kind": "merge", "apply_work": 0.0, "flush_ms": 0.0 } } }
    });
    let base = edit::encode(&replicated(2, requests_per_second, 1.0, patch));
    merged(base, &json!({ "tiers": { "database": { "replication": own } } }))
}

const KEYS: u32 = 1000;
/// How often two sides merge that write at the same time, and for how many intervals they do.
const MERGED_EVERY: f64 = 10.0;
const MERGES: f64 = 20.0;

fn merge() -> Run {
    let own = json!({ "merge_every_ms": MERGED_EVERY * 1e3 });
    let phases = [phase("merging", 1.0, 199.9), phase("merged", 200.0, 215.0)];
    run("merge", two_sides(40.0, own), &phases).at(MERGES * MERGED_EVERY, set(RATE, 0.0))
}

const RULES: [&str; 3] = ["last_writer_wins", "first_writer_wins", "site_priority"];

/// Between two exchanges first one member is written to alone, from 10 s to 40 s, and then the other, from 50 s to 80 s.
/// With `site_priority` they come the other way round: so the first one always has to give way but for that.
fn one_after_the_other(rule: &str) -> Run {
    let (first, last) = match rule {
        "site_priority" => ("database.2", "database.1"),
        _ => ("database.1", "database.2"),
    };
    let own = json!({ "merge_every_ms": 100_000.0, "conflict_rule": rule });
    run(rule, two_sides(0.0, own), &[phase("merged", 100.0, 110.0)])
        .at(1.0, cut("web", last))
        .at(10.0, set(RATE, 0.04))
        .at(40.0, set(RATE, 0.0))
        .at(41.0, mend("web", last))
        .at(41.0, cut("web", first))
        .at(50.0, set(RATE, 0.04))
        .at(80.0, set(RATE, 0.0))
        .at(81.0, mend("web", first))
}

fn types_runs() -> Vec<Run> {
    [snapshot(), transactional(), merge()].into_iter().chain(RULES.map(one_after_the_other)).collect()
}

/// Keys that both sides change in an interval, of which each writes to so many at random.
fn both_change(writes: f64) -> f64 {
    let share = -f64::exp_m1(-writes / f64::from(KEYS));
    f64::from(KEYS) * share * share
}

fn snapshot_findings(outcome: &Outcome) -> Vec<Finding> {
    let seconds = |key, what, measured, value, tolerance, reason| Finding {
        key,
        what,
        unit: "s",
        measured,
        expected: within(value, tolerance),
        reason,
    };
    let behind = |phase: &str| replication(outcome.phase(phase)).members[1].behind_ms / 1e3;
    let own = replication(outcome.phase("measured"));
    let began = times(outcome, |fact| matches!(fact, Fact::CopyBegan { .. }));
    let copied = times(outcome, |fact| matches!(fact, Fact::Copied { .. }));
    vec![
        seconds(
            "copy",
            "what a snapshot takes",
            copied[0] - began[0],
            COPY,
            0.05,
            "arithmetic: 50 pieces of 80 ms are read one after the other, and the last is written after that",
        ),
        seconds(
            "fresh",
            "how old a snapshot is that has just arrived",
            behind("fresh"),
            COPY + 0.12,
            0.2,
            "definition: as old as its copy took, looked at 0.12 s later; less the time to the first write that it lacks, \
             25 ms on average",
        ),
        seconds(
            "old",
            "how old it is just before the next one",
            behind("old"),
            PERIOD + COPY - 0.18,
            0.2,
            "definition: a period older, looked at 0.18 s before the next one is there",
        ),
        seconds(
            "snapshot_mean",
            "from a write until the replica shows it, snapshot, mean",
            own.lag_ms.map_or(f64::NAN, |ms| ms / 1e3),
            PERIOD / 2.0 + COPY,
            0.3,
            "theory: half a period until the next snapshot, and the copy; four standard errors of 8,000 writes that come at \
             any moment of 20 s are 0.26 s",
        ),
        seconds(
            "snapshot_max",
            "the same, longest",
            own.lag_max_ms / 1e3,
            PERIOD + COPY,
            0.3,
            "theory: a whole period and the copy, less the time to the first write after a snapshot",
        ),
    ]
}

fn merge_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("merge");
    let (merging, after) = (replication(outcome.phase("merging")), replication(outcome.phase("merged")));
    let writers = merging.members.iter().filter(|member| member.writes > 1000).count();
    let losers = |rule: &str| {
        let members = &replication(results.run(rule).phase("merged")).members;
        [members[0].conflict_losers, members[1].conflict_losers]
    };
    let [last, first, priority] = RULES.map(losers);
    let none = "definition: the rule prefers the other's";
    vec![
        count(
            "writers",
            "members that take writes, merge",
            writers as u64,
            Expected::Exactly(2.0),
            "definition: all do",
        ).of("servers"),
        count(
            "conflicts",
            "conflicts of two sides that write 20 times a second each to a thousand keys and merge 20 times",
            after.conflicts,
            within(MERGES * both_change(20.0 * MERGED_EVERY), 110.0),
            "theory: 200 writes of a side leave a key alone with probability e^-0.2, so both change 33 keys of a thousand \
             between two exchanges; four standard deviations of twenty such numbers are 100",
        ).of("conflicts"),
        count(
            "losers",
            "acknowledged writes that were overwritten",
            after.conflict_losers,
            Expected::Exactly(after.conflicts as f64),
            "definition: one for each conflict, and all had been acknowledged",
        ).of("writes"),
        count(
            "accounted",
            "acknowledged writes that are neither durable nor overwritten",
            after.acknowledged_writes - after.durable_writes - after.conflict_losers,
            Expected::Exactly(0.0),
            "nobody died: nothing is lost",
        ).of("writes"),
        count(
            "last_first",
            "of two sides that write one after the other, writes of the first that the last writer overwrites",
            last[0],
            within(both_change(1200.0), 64.0),
            "theory: with 1,200 writes each both change 488 keys of a thousand; four standard deviations are 63",
        ).of("writes"),
        count(
            "last_last",
            "writes of the last that are overwritten, if the last wins",
            last[1],
            Expected::Exactly(0.0),
            none,
        ).of("writes"),
        count("first_first", "writes of the first that are, if the first wins", first[0], Expected::Exactly(0.0), none).of("writes"),
        count(
            "first_last",
            "writes of the last that are, if the first wins",
            first[1],
            within(both_change(1200.0), 64.0),
            "theory: as many",
        ).of("writes"),
        count(
            "priority",
            "writes of member 1 that are, if its site has priority, whoever writes last",
            priority[0],
            Expected::Exactly(0.0),
            none,
        ).of("writes"),
        count(
            "priority_other",
            "writes of member 2 that are then",
            priority[1],
            within(both_change(1200.0), 64.0),
            "theory: as many",
        ).of("writes"),
    ]
}

fn types_findings(results: &Results) -> Vec<Finding> {
    let mut findings = snapshot_findings(results.run("snapshot"));
    let apply = 0.5 * SERVICE_MS;
    let busy = 40.0 * apply / 1e3;
    findings.push(Finding {
        key: "transactional",
        what: "from a write until the replica shows it, transactional, mean",
        unit: "ms",
        measured: replication(results.run("transactional").report()).lag_ms.unwrap_or(f64::NAN),
        expected: within(Network::default().hop_ms + 1.0 + apply / (1.0 - busy), 0.5),
        reason: "theory: the way, a flush of 1 ms, and the wait and work of one applier (M/M/1: 40 writes a second of 5 ms \
                 each are 6.25 ms); four standard errors of 8,000 correlated writes are 0.4 ms",
    });
    findings.extend(merge_findings(results));
    findings
}

/// Three ways to get the same data twice.
pub static TYPES: Experiment = Experiment {
    id: "repl.types",
    title: "Now and then, or all the time",
    claim: "Snapshot replication copies everything at intervals, so a replica is up to a period and a copy old; transactional \
            replication ships the log and is about the lag behind; merge replication lets both sides write and resolves \
            conflicts by a rule.",
    watch: "The lag, and the conflicts in the log.",
    question: Question {
        text: "A copy of 4 seconds is made every 20 seconds. How old is what the replica shows, at most?",
        options: &["4 seconds", "20 seconds", "24 seconds"],
        right: 2,
    },
    explanation: "A snapshot is as old as its copy took when it arrives, and is used until the next one does. The log brings \
                  each write by itself. Who lets both sides write between two exchanges must say whose change stays when \
                  both have changed the same: the other one was acknowledged, and is gone.",
    runs: types_runs,
    judge: types_findings,
    mutations: &[
        Mutation {
            name: "snapshots are taken twice as often",
            breaks: |runs| runs[0].set("tiers.database.replication.snapshot_every_ms", json!(PERIOD * 500.0)),
        },
        Mutation {
            name: "a core copies twice as fast",
            breaks: |runs| runs[0].set("tiers.database.replication.copy_mb_per_second", json!(200.0)),
        },
        Mutation {
            name: "the log is shipped twice a second",
            breaks: |runs| runs[1].set("tiers.database.replication.ship_every_ms", json!(500.0)),
        },
        Mutation {
            name: "changes are exchanged twice as often",
            breaks: |runs| runs[2].set("tiers.database.replication.merge_every_ms", json!(MERGED_EVERY * 500.0)),
        },
        Mutation { name: "changes are shipped at once", breaks: ship_at_once },
        Mutation {
            name: "the last writer wins whatever the rule",
            breaks: |runs| {
                let rule = "tiers.database.replication.conflict_rule";
                runs[4..].iter_mut().for_each(|own| own.set(rule, json!("last_writer_wins")));
            },
        },
    ],
};

fn ship_at_once(runs: &mut [Run]) {
    for own in &mut runs[2..] {
        own.set("tiers.database.replication.merge_every_ms", Value::Null);
        own.set(KIND, json!("multi_primary"));
    }
}
