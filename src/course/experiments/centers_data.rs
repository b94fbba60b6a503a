//! Chapter 9: data in several centres.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Scenario;
use crate::world::report::Report;

use super::centers::centers;
use super::designs::{SERVICE_MS, count, failed, phase, replication, run, silence, way_ms, within};

const KEYS: u32 = 20_000;
/// Requests per second, half of which write.
const RATE: f64 = 400.0;
const WRITES: f64 = 200.0;

/// Both centres with a database of their own and room for all; `own` is how these replicate, the first one in Frankfurt.
fn data_centers(requests_per_second: f64, keys: u32, europe: f64, own: &Value) -> Scenario {
    let work = json!({ "mean_ms": SERVICE_MS / 10.0, "distribution": "constant" });
    let class = |write: bool| json!({ "share": 0.5, "write": write, "web": work, "database": work });
    let places = ["frankfurt", "montreal"];
    let patch = json!({
        "workload": {
            "keys": { "count": keys, "popularity": "uniform" },
            "clients": { "america": { "share": 1.0 - europe }, "europe": { "share": europe } },
            "classes": { "read": class(false), "write": class(true) }
        },
        "machines": { "data": { "places": places, "cores": 8 }, "app": { "cores": 8 } },
        "tiers": {
            "dns": { "record_ttl_seconds": 5, "health_check": { "interval_ms": 1000.0, "timeout_ms": 500.0 } },
            "web": { "slots": 1000, "database": "database" },
            "database": { "kind": "database", "machine": "data", "instances": 2, "slots": 200, "backlog": 400,
                          "boot_ms": 5000.0, "replication": own }
        }
    });
    centers(2, requests_per_second, &patch)
}

/// When Frankfurt is lost, in seconds.
const LOST: f64 = 60.0;
const SHIPPED_EVERY_MS: f64 = 1000.0;

/// How the databases of the three runs replicate.
const WAYS: [&str; 3] = ["nothing is replicated", "asynchronous", "synchronous"];

fn data_runs() -> Vec<Run> {
    let quick = |mode: Value| {
        let mut own = json!({ "reads": "nearest", "apply_work": 0.0, "flush_ms": 0.0 });
        crate::scenario::edit::merge(&mut own, &mode);
        own
    };
    // Each has what was written to it: nothing is exchanged before a year is over.
    let alone = json!({ "kind": "merge", "merge_every_ms": 3e10, "apply_work": 0.0, "flush_ms": 0.0 });
    let ways = [
        alone,
        quick(json!({ "ship_every_ms": SHIPPED_EVERY_MS })),
        quick(json!({ "mode": "synchronous", "acknowledge": "apply" })),
    ];
    let phases = [phase("before", 20.0, 59.0), phase("after", 80.0, 90.0)];
    let of = |(name, own): (&str, &Value)| {
        run(name, data_centers(RATE, KEYS, 1.0, own), &phases).at(LOST, silence("places.frankfurt"))
    };
    let lag = run("shipped at once", data_centers(RATE, KEYS, 1.0, &quick(json!({}))), &[phase("all", 20.0, 60.0)]);
    WAYS.into_iter().zip(&ways).map(of).chain([lag]).collect()
}

/// Reads of the survivor that did not find what a client had been told is written, in percent.
fn missing_percent(report: &Report) -> f64 {
    let own = replication(report);
    let reads: u64 = own.members.iter().map(|member| member.reads).sum();
    100.0 * own.stale_reads as f64 / reads.max(1) as f64
}

fn data_findings(results: &Results) -> Vec<Finding> {
    let [alone, late, safe] = WAYS.map(|name| results.run(name));
    let write_ms = |report: &Report| report.by_class["write"].latency_ms.mean;
    let percent = |key, what, measured, expected, reason| Finding { key, what, unit: "%", measured, expected, reason };
    let ms = |key, what, measured, value: f64, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, 0.02 * value),
        reason,
    };
    vec![
        percent(
            "missing_alone",
            "reads after the loss that miss what was written, if nothing is replicated",
            missing_percent(alone.phase("after")),
            Expected::AtLeast(33.0),
            "theory: 12,000 writes to 20,000 keys leave 45% of them written; at most 6,000 writes since can have made up for a \
             quarter of these",
        ),
        percent(
            "missing_late",
            "the same with a replica that gets the log every second",
            missing_percent(late.phase("after")),
            Expected::AtMost(1.4),
            "only what was not yet shipped is missing: a second of 200 writes, of 20,000 keys 1%; four standard deviations are 0.3",
        ),
        percent(
            "missing_safe",
            "the same if commits wait for the replica",
            missing_percent(safe.phase("after")),
            Expected::Exactly(0.0),
            "definition: what was acknowledged is there",
        ),
        count(
            "lost_late",
            "acknowledged writes that are lost with the centre, shipped every second",
            replication(late.phase("after")).lost_writes,
            within(WRITES * SHIPPED_EVERY_MS / 2e3, WRITES * SHIPPED_EVERY_MS / 2e3 + 57.0),
            "theory: those since the last shipment, which was up to a second ago: up to 200, and four standard deviations",
        ),
        count(
            "lost_safe",
            "the same if commits wait",
            replication(safe.phase("after")).lost_writes,
            Expected::Exactly(0.0),
            "definition: what was acknowledged is on both",
        ),
        ms(
            "lag",
            "lag over the link, where the log is shipped at once",
            replication(results.run("shipped at once").report()).lag_ms.unwrap_or(f64::NAN),
            way_ms("montreal", "frankfurt"),
            "the way over the ocean; nothing else takes time here",
        ),
        ms(
            "wait",
            "how much longer a write takes that waits for the other centre",
            write_ms(safe.phase("before")) - write_ms(late.phase("before")),
            2.0 * way_ms("montreal", "frankfurt"),
            "the way there and back",
        ),
    ]
}

/// A failover that finds the data, or not.
pub static DATA: Experiment = Experiment {
    id: "dc.data",
    title: "The data must be there first",
    claim: "Data must be replicated between data centres, or a failover finds it missing.",
    watch: "Reads after the loss that miss what was written before.",
    question: Question {
        text: "A centre is lost whose log went to the other one every second. What is missing there?",
        options: &["Nothing", "What was written in the last second or less", "All that the centre ever took"],
        right: 1,
    },
    explanation: "Traffic moves within seconds, data only ahead of time. Who ships the log at once loses what is under way; who \
                  waits for the other centre loses nothing and pays the ocean there and back on every write.",
    runs: data_runs,
    judge: data_findings,
    mutations: &[
        Mutation {
            name: "what is kept apart is merged every second",
            breaks: |runs| runs[0].set("tiers.database.replication.merge_every_ms", json!(1000.0)),
        },
        Mutation {
            name: "no commit waits",
            breaks: |runs| {
                runs[2].set("tiers.database.replication.acknowledge", Value::Null);
                runs[2].set("tiers.database.replication.mode", json!("asynchronous"));
                runs[2].set("tiers.database.replication.ship_every_ms", json!(SHIPPED_EVERY_MS));
            },
        },
        Mutation {
            name: "the replica is next door",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("network.path_factor", json!(1.0))),
        },
    ],
};

/// Keys that both sides write to, and how long.
const SHARED_KEYS: u32 = 500;
const SECONDS: f64 = 100.0;
const RULES: [&str; 3] = ["last_writer_wins", "first_writer_wins", "site_priority"];

fn primaries_runs() -> Vec<Run> {
    let phases = [phase("all", 20.0, 20.0 + SECONDS)];
    let of = |name: &str, own: Value| run(name, data_centers(RATE, SHARED_KEYS, 0.5, &own), &phases);
    let quick = json!({ "apply_work": 0.0, "flush_ms": 0.0 });
    let with = |patch: Value| {
        let mut own = quick.clone();
        crate::scenario::edit::merge(&mut own, &patch);
        own
    };
    let each = RULES.map(|rule| of(rule, with(json!({ "kind": "multi_primary", "conflict_rule": rule }))));
    let one = of("one primary", with(json!({ "reads": "nearest" })));
    let stays = run("a loss", each[0].scenario.clone(), &[phase("after", 75.0, 100.0)]);
    each.into_iter().chain([one, stays.at(LOST, silence("places.frankfurt"))]).collect()
}

fn primaries_findings(results: &Results) -> Vec<Finding> {
    let each = RULES.map(|rule| results.run(rule).report());
    let one = results.run("one primary").report();
    let write_ms = |report: &Report| report.by_class["write"].latency_ms.mean;
    let way = way_ms("montreal", "frankfurt");
    let (own, priority) = (replication(each[0]), replication(each[2]));
    // Counted since the start of the run.
    let expected = WRITES * WRITES * 0.5 * way / 1e3 / f64::from(SHARED_KEYS) * (SECONDS + 20.0);
    let sides = |report: &Report| replication(report).members.iter().map(|own| own.conflict_losers).collect::<Vec<_>>();
    vec![
        Finding {
            key: "saved",
            what: "how much sooner a write is answered with a primary in each centre",
            unit: "ms",
            measured: write_ms(one) - write_ms(each[0]),
            expected: within(way, 1.5),
            reason: "theory: half of the writes no longer cross the ocean and back; four standard errors of that half are 0.9 ms, \
                     and who is close to the primary waits a little less alone",
        },
        count(
            "conflicts",
            "conflicts: changes of both sides that did not know of each other",
            own.conflicts,
            within(expected, 4.0 * f64::sqrt(expected) + 10.0),
            "theory: of 200 writes a second to 500 keys two meet that are less than the way over the ocean apart, on different \
             sides one time in two; four standard deviations, and ten for what begins and ends",
        ),
        count(
            "losers",
            "acknowledged writes that gave way, by the last writer",
            own.conflict_losers,
            within(own.conflicts as f64, 5.0),
            "definition: the earlier one of each; one or the other is not yet acknowledged",
        ),
        count(
            "spared",
            "writes of the preferred side that gave way, by the priority of sites",
            sides(each[2])[0],
            Expected::Exactly(0.0),
            "definition: the side with the lower number stays",
        ),
        count(
            "other",
            "writes of the other side that gave way then",
            sides(each[2])[1],
            within(priority.conflict_losers as f64, 0.0),
            "all that were overwritten",
        ),
        count(
            "after",
            "requests that fail once a lost centre is out of the answers",
            failed(results.run("a loss").phase("after")),
            Expected::Exactly(0.0),
            "the other primary takes writes as before: there is nobody to elect",
        ),
    ]
}

/// A primary on each side of the ocean.
pub static PRIMARIES: Experiment = Experiment {
    id: "dc.primaries",
    title: "A primary in each centre",
    claim: "With a primary in each data centre writes are local and fast; both sides can change the same thing, and a rule \
            decides who gives way.",
    watch: "Latency of writes, conflicts, and whose writes are overwritten.",
    question: Question {
        text: "Two users change the same row at the same moment, one on each side. Both are told that it is done. And then?",
        options: &["Both changes stay", "One of them is gone, by a rule", "The database asks them"],
        right: 1,
    },
    explanation: "Both sides say yes at once, since neither has heard of the other. When the changes meet, a rule keeps one, and \
                  a client was told something that is no longer so. Few keys that both write to make few conflicts.",
    runs: primaries_runs,
    judge: primaries_findings,
    mutations: &[
        Mutation {
            name: "there is one primary only",
            breaks: |runs| {
                for own in runs.iter_mut().filter(|own| own.name == "last_writer_wins") {
                    own.set("tiers.database.replication.kind", Value::Null);
                }
            },
        },
        Mutation {
            name: "no site is preferred",
            breaks: |runs| runs[2].set("tiers.database.replication.conflict_rule", json!("last_writer_wins")),
        },
        Mutation {
            name: "the ocean is not there",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("network.path_factor", json!(1.0))),
        },
    ],
};
