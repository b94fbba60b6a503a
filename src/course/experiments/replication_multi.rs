//! Chapter 5: several primaries, all to all or round a ring.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::scenario::{Change, Scenario};

use super::designs::{
    SERVICE_MS, count, failed, kill, phase, replicated, replication, restore, run, set, way_ms, within,
};
use super::replication_replicas::KILLED;

const RATE: &str = "workload.requests_per_user_per_second";
const KIND: &str = "tiers.database.replication.kind";
const TOPOLOGY: &str = "tiers.database.replication.topology";

/// Three primaries in one place, each of which is a third busy.
fn primaries() -> Scenario {
    replicated(3, 100.0, 0.5, json!({ "tiers": { "database": { "replication": { "kind": "multi_primary" } } } }))
}

fn death() -> Run {
    let phases = [phase("death", 60.0, 66.0), phase("gone", 70.0, 89.0), phase("back", 150.0, 180.0)];
    run("a death", primaries(), &phases)
        .at(KILLED, kill("database.1"))
        .at(90.0, restore("database.1"))
        .at(160.0, set(RATE, 0.0))
}

/// What a change takes from one primary to another in the run that counts conflicts, beside the hop, in milliseconds.
const APART_MS: f64 = 200.0;
const CONFLICT_WRITES: f64 = 200.0;
const CONFLICT_KEYS: u32 = 1000;
const CONFLICT_SECONDS: f64 = 100.0;

fn conflicts() -> Run {
    let own = json!({ "kind": "multi_primary", "apply_work": 0.0, "flush_ms": 0.0 });
    let patch = json!({
        "workload": { "keys": { "count": CONFLICT_KEYS } }, "machines": { "data": { "cores": 16 } },
        "tiers": { "database": { "replication": own } }
    });
    let apart = |from: &str, to: &str| Change::Delay { from: from.to_owned(), to: to.to_owned(), extra_ms: APART_MS };
    run("conflicts", replicated(3, 0.0, 1.0, patch), &[phase("all", 1.0, 125.0)])
        .at(1.0, apart("database.1", "database.2"))
        .at(1.0, apart("database.2", "database.3"))
        .at(1.0, apart("database.3", "database.1"))
        .at(10.0, set(RATE, CONFLICT_WRITES / 1000.0))
        .at(10.0 + CONFLICT_SECONDS, set(RATE, 0.0))
}

const RING: [&str; 4] = ["montreal", "new-york", "london", "paris"];

/// Four primaries in four places; all requests come to the one in Montréal, which is the nearest.
fn around(topology: &str) -> Scenario {
    let constant = json!({ "mean_ms": SERVICE_MS, "distribution": "constant" });
    let own = json!({ "kind": "multi_primary", "topology": topology });
    let patch = json!({
        "workload": { "classes": { "read": { "database": constant }, "write": { "database": constant } } },
        "machines": { "data": { "place": null, "places": RING, "cores": 8 } },
        "tiers": { "database": { "replication": own } }
    });
    replicated(4, 50.0, 0.1, patch)
}

const RUNS: [&str; 2] = ["circular", "all_to_all"];

fn broken(topology: &str) -> Run {
    let phases = [phase("whole", 5.0, 59.0), phase("broken", 65.0, 100.0), phase("mended", 130.0, 150.0)];
    run(topology, around(topology), &phases).at(KILLED, kill("database.3")).at(110.0, restore("database.3"))
}

fn multi_runs() -> Vec<Run> {
    [death(), conflicts()].into_iter().chain(RUNS.map(broken)).collect()
}

fn death_findings(outcome: &Outcome) -> Vec<Finding> {
    let writes = |phase: &str| &outcome.phase(phase).by_class["write"];
    let back = replication(outcome.phase("back"));
    let newest = back.members.iter().map(|member| member.position).max().unwrap_or(0);
    let behind = back.members.iter().filter(|member| member.position < newest).count();
    vec![
        count(
            "death_failed",
            "requests that fail when one of three primaries dies",
            failed(outcome.phase("death")),
            Expected::AtMost(8.0),
            "those that it has in hand: half a request on average (M/M/1 at a third), more than eight once in thousands; \
             their connections are reset, so all others are sent elsewhere at once",
        ),
        count(
            "gone_failed",
            "writes that fail while it is dead",
            writes("gone").failed,
            Expected::Exactly(0.0),
            "the other two take writes as before: there is nobody to elect",
        )
        .of("writes"),
        count(
            "gone_answered",
            "writes that are answered meanwhile",
            writes("gone").answered,
            within(950.0, 130.0),
            "50 a second for 19 seconds; four standard deviations are 123",
        )
        .of("writes"),
        count(
            "behind",
            "primaries that lack something once it is back and all is quiet",
            behind as u64,
            Expected::Exactly(0.0),
            "it gets what it missed, and the others what it had not shipped",
        )
        .of("servers"),
        count(
            "lost",
            "acknowledged writes that are lost",
            back.lost_writes,
            Expected::Exactly(0.0),
            "its disk is whole",
        )
        .of("writes"),
    ]
}

fn conflict_findings(outcome: &Outcome) -> Vec<Finding> {
    let own = replication(outcome.report());
    let apart = (APART_MS + crate::scenario::Network::default().hop_ms) / 1e3;
    let expected =
        CONFLICT_WRITES * CONFLICT_WRITES * (2.0 / 3.0) * apart / f64::from(CONFLICT_KEYS) * CONFLICT_SECONDS;
    vec![
        count(
            "conflicts",
            "conflicts of three primaries that are 0.2 s apart",
            own.conflicts,
            within(expected, 110.0),
            "theory: of 200 writes a second to a thousand keys two meet that are less than 0.2 s apart, at different members \
             two times in three: 5.3 a second; four standard deviations of 534 are 93, and a few are pairs of three",
        ).of("conflicts"),
        count(
            "losers",
            "acknowledged writes that were overwritten",
            own.conflict_losers,
            Expected::Exactly(own.conflicts as f64),
            "definition: the earlier one of each, and all had been acknowledged",
        ).of("writes"),
        count(
            "accounted",
            "acknowledged writes that are neither durable nor overwritten",
            own.acknowledged_writes - own.durable_writes - own.conflict_losers,
            Expected::Exactly(0.0),
            "nobody died: nothing is lost",
        ).of("writes"),
    ]
}

/// What each hop adds: the way, a flush of 1 ms, and the work to apply.
fn hop_ms(hop: usize) -> f64 {
    way_ms(RING[hop], RING[hop + 1]) + 1.0 + 0.5 * SERVICE_MS
}

fn ring_findings(results: &Results) -> Vec<Finding> {
    let [ring, all] = RUNS.map(|name| results.run(name));
    let lag = |m: usize| replication(ring.phase("whole")).members[m].lag_ms.unwrap_or(f64::NAN);
    let behind =
        |outcome: &Outcome, phase: &str, m: usize| replication(outcome.phase(phase)).members[m].behind_ms / 1e3;
    let hops = |key, what, m: usize| {
        let value = (0..m).map(hop_ms).sum::<f64>();
        let reason = "theory: hops × (the way, a flush of 1 ms, 5 ms to apply); one write in forty waits for the one before, \
                      a few milliseconds a hop";
        Finding { key, what, unit: "ms", measured: lag(m), expected: within(value, 0.4 * m as f64), reason }
    };
    let seconds = |key, what, measured, expected, reason| Finding { key, what, unit: "s", measured, expected, reason };
    let soon = "its own way is whole: less than the time of a message and of applying";
    vec![
        hops("one_hop", "from a write in Montréal until New York shows it, in a ring", 1),
        hops("two_hops", "the same, London", 2),
        hops("three_hops", "the same, Paris", 3),
        seconds(
            "behind_broken",
            "how far Paris is behind 40 s after London, before it in the ring, has died",
            behind(ring, "broken", 3),
            within(40.0, 1.4),
            "theory: since the first write that London no longer passed on; writes come every 0.2 s on average",
        ),
        seconds(
            "before_broken",
            "the same, New York, which stands before London",
            behind(ring, "broken", 1),
            Expected::AtMost(0.1),
            soon,
        ),
        seconds("all_broken", "the same, Paris, all to all", behind(all, "broken", 3), Expected::AtMost(0.1), soon),
        count(
            "ring_failed",
            "writes that fail while the ring is broken",
            ring.phase("broken").by_class["write"].failed,
            Expected::Exactly(0.0),
            "writes go on everywhere",
        )
        .of("writes"),
        seconds(
            "behind_mended",
            "how far Paris is behind once London is back",
            behind(ring, "mended", 3),
            Expected::AtMost(0.2),
            "what had not come by then was shipped when the connection was there",
        ),
    ]
}

fn multi_findings(results: &Results) -> Vec<Finding> {
    let mut findings = death_findings(results.run("a death"));
    findings.extend(conflict_findings(results.run("conflicts")));
    findings.extend(ring_findings(results));
    findings
}

fn one_primary(own: &mut Run) {
    own.set(TOPOLOGY, Value::Null);
    own.set(KIND, json!("transactional"));
}

/// Nobody to elect.
pub static MULTI: Experiment = Experiment {
    id: "repl.multi",
    title: "Several primaries",
    claim: "Where several primaries take writes, these go on when one dies; but two may change the same, and one of these \
            acknowledged writes is overwritten. In a ring a change travels from one to the next, and a dead member stops it.",
    watch: "Writes answered, conflicts in the log, the lag of each.",
    question: Question {
        text: "One of three primaries dies. For how long can nobody write?",
        options: &["Until another is elected", "Until its silence is noticed", "Not at all"],
        right: 2,
    },
    explanation: "The others are primaries already, and the connections of the dead one are reset, so its clients write \
                  elsewhere at once. The price is paid every day: who writes at two places at once has no one order, and a \
                  rule must say which of two changes stays. A ring needs few connections, and each of its members.",
    runs: multi_runs,
    judge: multi_findings,
    mutations: &[
        Mutation { name: "there is one primary", breaks: |runs| one_primary(&mut runs[0]) },
        Mutation {
            name: "nobody brings it back",
            breaks: |runs| runs[0].scenario.timeline.retain(|moment| !matches!(moment.change, Change::Restore { .. })),
        },
        Mutation {
            name: "they are next to each other",
            breaks: |runs| runs[1].scenario.timeline.retain(|moment| !matches!(moment.change, Change::Delay { .. })),
        },
        Mutation { name: "the ring is none", breaks: |runs| runs[2].set(TOPOLOGY, json!("all_to_all")) },
        Mutation {
            name: "changes are shipped four times a second",
            breaks: |runs| runs[2].set("tiers.database.replication.ship_every_ms", json!(250.0)),
        },
        Mutation { name: "all to all is a ring", breaks: |runs| runs[3].set(TOPOLOGY, json!("circular")) },
    ],
};
