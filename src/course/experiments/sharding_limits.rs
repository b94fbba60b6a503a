//! Chapter 12: what one shard cannot hold or answer.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::nodes::sharding::fields::INITIALS;
use crate::scenario::Scenario;

use super::designs::{failed, failed_percent, phase, run, set, times, within};
use super::sharding_designs::{ROWS, finding, rows_percent, sharded, sharding};

/// The rows at first, the most that a shard has room for, and the size of one.
const AT_FIRST: u32 = 80_000;
const ROOM: u32 = 60_000;
const ROW_KB: f64 = 50.0;
/// New rows a second.
const NEW: f64 = 50.0;

fn two_ranges() -> Value {
    json!([{ "from": "A", "to": "P", "shard": 1 }, { "from": "Q", "to": "Z", "shard": 2 }])
}

fn three_ranges() -> Value {
    json!([{ "from": "A", "to": "H", "shard": 1 }, { "from": "I", "to": "P", "shard": 3 }, { "from": "Q", "to": "Z", "shard": 2 }])
}

fn reshard_runs() -> Vec<Run> {
    let patch = json!({
        "workload": {
            "keys": { "count": AT_FIRST, "value_kb": ROW_KB },
            "classes": { "read": { "share": 100.0 },
                         "insert": { "share": NEW, "write": true, "inserts": true, "database": { "mean_ms": 4.0 } } }
        },
        "machines": { "data": { "cores": 4 } },
        "tiers": { "database": { "sharding": { "by": "ranges", "key": "surname", "ranges": two_ranges(),
                                               "capacity_rows": ROOM } } }
    });
    let split =
        json!({ "shards": 3, "by": "ranges", "key": "surname", "ranges": three_ranges(), "capacity_rows": ROOM });
    let phases = [
        phase("before", 5.0, 40.0),
        phase("full", 90.0, 138.0),
        phase("moving", 146.5, 155.5),
        phase("after", 170.0, 230.0),
    ];
    let grows = run("a shard fills up", sharded(2, 100.0 + NEW, patch), &phases);
    vec![grows.at(140.0, set("tiers.database.sharding", split))]
}

/// The share of rows whose initial is in a range, in percent.
fn between(first: u8, last: u8) -> f64 {
    let range = usize::from(first - b'A')..=usize::from(last - b'A');
    INITIALS[range].iter().map(|&share| f64::from(share)).sum::<f64>() / 100.0
}

fn reshard_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("a shard fills up");
    let (full, moving, after) = (outcome.phase("full"), outcome.phase("moving"), outcome.phase("after"));
    let refused = |report: &crate::world::report::Report| {
        let class = &report.by_class["insert"];
        100.0 * class.failed as f64 / (class.failed + class.answered).max(1) as f64
    };
    let began = times(outcome, |fact| matches!(fact, Fact::ReshardingBegan { .. }));
    let ended = times(outcome, |fact| matches!(fact, Fact::Resharded { .. }));
    let took = began.first().zip(ended.first()).map_or(0.0, |(began, ended)| ended - began);
    // The first shard is full when it is split.
    let moves = f64::from(ROOM) * between(b'I', b'P') / between(b'A', b'P');
    let seconds = moves * ROW_KB / 1e3 / 100.0;
    // Cores that worked, of 8 and of 12.
    let busy =
        |report: &crate::world::report::Report, cores: f64| report.tiers["database"].utilisation.unwrap_or(0.0) * cores;
    vec![
        finding(
            "refused",
            "new rows that are refused once the first shard is full",
            (refused(full), "%"),
            within(between(b'A', b'P'), 3.7),
            "arithmetic: those whose surnames begin with A to P, and no others; four standard errors of a share of 2,400",
        ),
        finding(
            "causes",
            "requests that fail for any other cause then",
            ((failed(full) - full.requests.failed["disk_full"]) as f64, "requests"),
            Expected::Exactly(0.0),
            "rows that are there can be read, and the other shard has room",
        ),
        finding(
            "moved",
            "rows that move when the shard is split at I",
            (sharding(after).moved_rows as f64, "rows"),
            within(moves, 481.0),
            "arithmetic: of 60,000 rows those from I to P; four standard deviations of that share of them",
        ),
        finding(
            "took",
            "how long that takes, with the start of the new machine",
            (took, "s"),
            within(5.0 + seconds, 1.6),
            "arithmetic: their gigabytes at 100 megabytes a second, after 5 seconds for the machine and up to one until that is \
             noticed; the last piece, and four standard deviations of the rows",
        ),
        finding(
            "cores",
            "cores that it keeps busy meanwhile, beside those of the requests",
            (busy(moving, 12.0) - busy(full, 8.0), "cores"),
            within(2.0, 0.35),
            "definition: one reads and one writes; four standard errors of 1,350 services are 0.2",
        ),
        finding(
            "answered",
            "reads that fail while rows move",
            (moving.by_class["read"].failed as f64, "requests"),
            Expected::Exactly(0.0),
            "the old shard answers until the new one has all",
        ),
        finding(
            "after",
            "requests that fail after that",
            (failed(after) as f64, "requests"),
            Expected::Exactly(0.0),
            "there is room again",
        ),
    ]
}

/// A full shard is split.
pub static RESHARD: Experiment = Experiment {
    id: "shard.reshard",
    title: "A shard is full",
    claim: "Growth, or unevenness, fills one shard before the others; it refuses new rows until it is split, and rows move \
            while all goes on.",
    watch: "The first shard fills up and refuses; then a third one takes a part of its rows.",
    question: Question {
        text: "A–P is full, Q–Z is not. What happens to a new user called Miller?",
        options: &["He is put on the other shard", "He is refused", "The oldest row makes room for him"],
        right: 1,
    },
    explanation: "The map says where Miller belongs, whether there is room or not. To split is to copy: gigabytes at the speed \
                  of a core and a network, with the work on both sides, while the old shard goes on answering and notes what \
                  has to be written at the new one as well. Only then do callers switch, all at once.",
    runs: reshard_runs,
    judge: reshard_findings,
    mutations: &[
        Mutation {
            name: "disks are large",
            breaks: |runs| runs[0].set("tiers.database.sharding.capacity_rows", json!(1_000_000)),
        },
        Mutation {
            name: "rows are copied in no time",
            breaks: |runs| {
                runs[0].set("workload.keys.value_kb", json!(0.01));
            },
        },
        Mutation { name: "nothing is split", breaks: |runs| runs[0].scenario.timeline.clear() },
    ],
};

fn famous(shards: u32, share: f64, sharding: Value) -> Scenario {
    let patch = json!({
        "workload": { "keys": { "celebrities": { "count": 1, "share": share } } },
        "tiers": { "database": { "sharding": sharding } }
    });
    sharded(shards, 200.0, patch)
}

/// The share of requests that asks for the celebrity, in percent; and for one who is too much for any shard.
const FAMOUS: f64 = 40.0;
const TOO_FAMOUS: f64 = 70.0;

fn celebrity_runs() -> Vec<Run> {
    let phases = [phase("measured", 20.0, 220.0)];
    let own = |shards: Value, dedicated: u32| json!({ "by": "directory", "directory": { "0": shards }, "dedicated": dedicated });
    vec![
        run("among others", famous(4, FAMOUS / 100.0, json!({})), &phases),
        run("own shard", famous(5, FAMOUS / 100.0, own(json!([5]), 1)), &phases),
        run("too much for one", famous(5, TOO_FAMOUS / 100.0, own(json!([5]), 1)), &phases),
        run("two copies", famous(6, TOO_FAMOUS / 100.0, own(json!([5, 6]), 2)), &phases),
    ]
}

fn celebrity_findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let busiest = |name: &str| {
        let shards = &sharding(report(name)).shards;
        100.0 * shards.iter().map(|shard| shard.utilisation).fold(0.0, f64::max)
    };
    let fails = |key, what, name: &str, expected: Expected, reason| {
        finding(key, what, (failed_percent(report(name)), "%"), expected, reason)
    };
    // The celebrity's requests and a quarter of all others.
    let beyond = 200.0 * (FAMOUS + (100.0 - FAMOUS) / 4.0) / 100.0 - 100.0;
    let too_much = 200.0 * TOO_FAMOUS / 100.0 - 100.0;
    vec![
        finding(
            "hot",
            "load of the celebrity's shard",
            (busiest("among others"), "%"),
            Expected::AtLeast(99.0),
            "arithmetic: it gets more than the hundred requests a second that it can answer",
        ),
        fails(
            "hot_failed",
            "requests that fail there, of all",
            "among others",
            within(100.0 * beyond / 200.0, 2.5),
            "arithmetic: what it gets beyond that; four standard errors of 20,000 services are 1.4 points of all, of the arrivals \
             as many",
        ),
        finding(
            "own",
            "load of the shard that has the celebrity alone",
            (busiest("own shard"), "%"),
            within(2.0 * FAMOUS, 3.2),
            "arithmetic: his requests at a hundredth of a second each; four standard errors of 16,000 exponential services",
        ),
        fails(
            "own_failed",
            "requests that fail then",
            "own shard",
            within(0.0, 0.05),
            "theory: with four fifths of the time taken, more than a hundred wait once in a billion",
        ),
        finding(
            "others",
            "rows on the first of the other four",
            (rows_percent(report("own shard"), 0), "%"),
            within(100.0 / 4.0, 0.55),
            "theory: a directory shares out all others alike; four standard deviations of 100,000 rows",
        ),
        fails(
            "too_much",
            "requests that fail when one key alone exceeds a shard",
            "too much for one",
            within(100.0 * too_much / 200.0, 2.5),
            "arithmetic: what its shard gets beyond a hundred a second, whoever else is on it; four standard errors as above",
        ),
        fails(
            "copies",
            "requests that fail when two shards have a copy of it",
            "two copies",
            within(0.0, 0.05),
            "arithmetic: each gets half, which is less than it can answer",
        ),
        finding(
            "extra",
            "rows on all shards beyond those of the table, with two copies",
            (
                sharding(report("two copies")).shards.iter().map(|shard| shard.rows).sum::<u64>() as f64
                    - f64::from(ROWS),
                "rows",
            ),
            Expected::Exactly(1.0),
            "definition: one row is there twice",
        ),
    ]
}

/// The celebrity's shard.
pub static CELEBRITY: Experiment = Experiment {
    id: "shard.celebrity",
    title: "Everybody asks for one",
    claim: "Whoever has the celebrity is overloaded, however evenly keys are spread. A shard of his own helps, as long as one \
            is enough; then only copies do.",
    watch: "The load of each shard, with a key that gets four, and then seven, of ten requests.",
    question: Question {
        text: "One key gets more requests than a shard can answer. What helps?",
        options: &["More shards", "A shard for that key alone", "Copies of it on several shards"],
        right: 2,
    },
    explanation: "A hash spreads keys, not requests: all requests for one key go to one place, and more shards only take the \
                  others away. With a shard of its own nobody suffers beside it. Beyond what one server can do a key can only \
                  be read in several places, and then a write has to go to all of them. Or it is cached.",
    runs: celebrity_runs,
    judge: celebrity_findings,
    mutations: &[
        Mutation {
            name: "nobody is famous",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.keys.celebrities.share", json!(0.0)));
            },
        },
        Mutation {
            name: "the second copy is not used",
            breaks: |runs| runs[3].set("tiers.database.sharding.directory", json!({ "0": [5] })),
        },
        Mutation {
            name: "nothing is his own",
            breaks: |runs| runs[1].set("tiers.database.sharding", json!({ "shards": 5 })),
        },
    ],
};
