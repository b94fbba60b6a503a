//! Chapter 5: whom a commit waits for, and how far away the replicas are.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::Scenario;
use crate::world::report::Report;

use super::designs::{self, count, kill, phase, replicated, replication, run, times, within};

/// A primary in Montréal and a replica at each of these places, with cores enough. Requests come to a
/// web server beside the primary.
fn spread(replicas: &[&str], requests_per_second: f64, own: serde_json::Value) -> Scenario {
    let stand: Vec<&str> = ["montreal"].into_iter().chain(replicas.iter().copied()).collect();
    let machine = json!({ "place": null, "places": stand, "cores": 20 });
    let own = json!({ "machines": { "data": machine }, "tiers": { "database": { "replication": own } } });
    replicated(stand.len() as u32, requests_per_second, 0.2, own)
}

/// What a message takes one way between Montréal and another place, in milliseconds.
fn way_ms(to: &str) -> f64 {
    designs::way_ms("montreal", to)
}

const ABROAD: [&str; 2] = ["london", "sydney"];

fn distance_runs() -> Vec<Run> {
    let phases = [phase("measured", 10.0, 130.0)];
    let of = |place: &str, mode: &str| {
        let own = json!({ "mode": mode, "apply_work": 0.0, "flush_ms": 0.0, "reads": "primary" });
        run(format!("{place}, {mode}"), spread(&[place], 50.0, own), &phases).following()
    };
    let both = |place| [of(place, "asynchronous"), of(place, "synchronous")];
    ABROAD.into_iter().flat_map(both).collect()
}

fn distance_findings(results: &Results) -> Vec<Finding> {
    let lag = |place: &str| {
        let report = results.run(&format!("{place}, asynchronous")).report();
        replication(report).lag_ms.expect("writes are applied")
    };
    let longer = |place: &str| {
        let mean = |mode: &str| {
            let report = results.run(&format!("{place}, {mode}")).report();
            report.by_class["write"].latency_ms.mean
        };
        mean("synchronous") - mean("asynchronous")
    };
    let finding = |key, what, measured, value: f64, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, 0.01 * value),
        reason,
    };
    let one_way = "the way at the speed of light in fibre, with the path factor; nothing else takes time here. Give or \
                   take one percent, since messages of one instant go together";
    let round_trip = "the commit waits for the replica's answer: the way there and back";
    vec![
        finding("lag_near", "lag of a replica in London", lag("london"), way_ms("london"), one_way),
        finding("lag_far", "lag of a replica in Sydney", lag("sydney"), way_ms("sydney"), one_way),
        finding(
            "write_near",
            "how much longer a write takes that waits for London",
            longer("london"),
            2.0 * way_ms("london"),
            round_trip,
        ),
        finding(
            "write_far",
            "how much longer a write takes that waits for Sydney",
            longer("sydney"),
            2.0 * way_ms("sydney"),
            round_trip,
        ),
    ]
}

/// Distance is lag, and latency for who waits.
pub static DISTANCE: Experiment = Experiment {
    id: "repl.distance",
    title: "A replica far away",
    claim: "The farther a replica is, the longer it lags; and the longer takes a write that waits for it.",
    watch: "Lag of the replica, latency of writes.",
    question: Question {
        text: "A write waits until a replica in Sydney has it. By how much longer does it take than alone?",
        options: &["By the way there", "By the way there and back", "By the time to copy the row"],
        right: 1,
    },
    explanation: "A write reaches a replica after one way, and who waits for the answer waits for two. No machine makes \
                  light faster: who wants writes that are both quick and safe keeps the second copy near.",
    runs: distance_runs,
    judge: distance_findings,
    mutations: &[
        Mutation {
            name: "all stand in one place",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("network.path_factor", json!(1.0))),
        },
        Mutation {
            name: "no commit waits",
            breaks: |runs| {
                let mode = |own: &mut Run| own.set("tiers.database.replication.mode", json!("asynchronous"));
                runs.iter_mut().for_each(mode);
            },
        },
    ],
};

const MODES: [&str; 2] = ["asynchronous", "synchronous"];
const KILLED: f64 = 60.0;
const DROP_AFTER: f64 = 5.0;
/// How often an asynchronous primary ships.
const SHIPPED_EVERY_MS: f64 = 250.0;
/// Work to apply a write, as a part of what it took the primary: so that one applier is a fifth busy.
const APPLY_WORK: f64 = 0.1;

fn sync_runs() -> Vec<Run> {
    let modes = |mode: &str| match mode {
        "synchronous" => json!({ "mode": mode, "acknowledge": "apply", "apply_work": APPLY_WORK }),
        _ => json!({ "mode": mode, "ship_every_ms": SHIPPED_EVERY_MS, "apply_work": APPLY_WORK }),
    };
    let calm = [phase("before", 10.0, 59.0), phase("to the end", 59.0, 90.0)];
    let of = |mode: &str| run(mode, spread(&["new-york"], 1000.0, modes(mode)), &calm).at(KILLED, kill("database.1"));
    let stalled = {
        let mut own = modes("synchronous");
        own["drop_after_ms"] = json!(DROP_AFTER * 1e3);
        let phases = [phase("stalled", 60.5, 60.0 + DROP_AFTER - 0.5), phase("dropped", 66.0, 90.0)];
        run("a dead replica", spread(&["new-york"], 100.0, own), &phases).at(KILLED, kill("database.2"))
    };
    MODES.into_iter().map(of).chain([stalled]).collect()
}

fn sync_findings(results: &Results) -> Vec<Finding> {
    let [alone, waits] = MODES.map(|mode| results.run(mode));
    let write_ms = |report: &Report| report.by_class["write"].latency_ms.mean;
    let longer = write_ms(waits.phase("before")) - write_ms(alone.phase("before"));
    let dead = results.run("a dead replica");
    let dropped = times(dead, |fact| matches!(fact, Fact::OutOfSync { .. }));
    let stale = |report: &Report| replication(report).stale_reads;
    let lost = |report: &Report| replication(report).lost_writes;
    vec![
        count(
            "lost_async",
            "acknowledged writes that are lost when the primary dies, asynchronous",
            lost(alone.phase("to the end")),
            Expected::AtLeast(1.0),
            "theory: 200 writes a second are acknowledged at once and shipped four times a second; none is lost only if none \
             came since the last shipment: one time in fifty",
        ).of("writes"),
        count(
            "lost_sync",
            "the same, synchronous",
            lost(waits.phase("to the end")),
            Expected::Exactly(0.0),
            "definition: what was acknowledged is on both",
        ).of("writes"),
        Finding {
            key: "longer",
            what: "how much longer a write takes, synchronous",
            unit: "ms",
            measured: longer,
            expected: within(2.0 * way_ms("new-york") + 1.0 + 1.0 / (1.0 - 0.2), 0.4),
            reason: "theory: the round trip, a flush of 1 ms, and the wait and work of one applier (M/M/1: 200 writes a \
                     second of 1 ms each are 1.25 ms); four standard errors of 10,000 correlated writes are 0.2 ms, and the \
                     replica's reads now and then hold it up",
        },
        count(
            "stale_async",
            "stale reads, asynchronous",
            stale(alone.phase("before")),
            Expected::AtLeast(1.0),
            "a read may come to the replica before a write that was acknowledged before it was sent",
        ).of("reads"),
        count(
            "stale_sync",
            "stale reads, synchronous, acknowledged once they can be read",
            stale(waits.phase("before")),
            Expected::Exactly(0.0),
            "definition: a write is acknowledged when the replica has applied it",
        ).of("reads"),
        count(
            "stalled",
            "writes answered while the only synchronous replica is dead and not dropped yet",
            dead.phase("stalled").by_class["write"].answered,
            Expected::Exactly(0.0),
            "nobody can acknowledge them",
        ).of("writes"),
        Finding {
            key: "dropped",
            what: "how long after its death the replica is dropped",
            unit: "s",
            measured: dropped.first().map_or(f64::NAN, |at| at - KILLED),
            expected: within(DROP_AFTER, 0.2),
            reason: "after the time-out of the first write that waits for it; writes come every 50 ms on average",
        },
        count(
            "resumed",
            "writes that fail once it has been dropped",
            dead.phase("dropped").by_class["write"].failed,
            Expected::Exactly(0.0),
            "the primary goes on alone",
        ).of("writes"),
    ]
}

/// Safe or quick.
pub static SYNC: Experiment = Experiment {
    id: "repl.sync",
    title: "To wait or not to wait",
    claim: "Synchronous replication loses nothing and costs each write a round trip; asynchronous replication is quick, and \
            may lose writes and answer with old ones. If the replica dies for which writes wait, they stall until it is \
            dropped.",
    watch: "Lost writes, stale reads, latency of writes.",
    question: Question {
        text: "The only replica dies for which writes wait. What becomes of the writes?",
        options: &["They go on as before", "They wait until the replica is dropped", "They all fail for good"],
        right: 1,
    },
    explanation: "Who waits for the other has two copies when he says so. He pays with a round trip for each write, and with \
                  a stall when the other is gone; after that he is alone, and no safer than who never waited.",
    runs: sync_runs,
    judge: sync_findings,
    mutations: &[
        Mutation {
            name: "acknowledged on receipt",
            breaks: |runs| runs[1].set("tiers.database.replication.acknowledge", json!("receipt")),
        },
        Mutation {
            name: "a dead replica is never dropped",
            breaks: |runs| runs[2].set("tiers.database.replication.drop_after_ms", json!(1e9)),
        },
    ],
};
