//! Chapter 6: who asks whom, and what that saves.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::job::{Ask, Errand};
use crate::nodes::trace::{Command, Doing, Span, Trace};
use crate::time::SimTime;

use super::cache_designs::{KEYS, cache, found, percent, read_only, read_queries, site};
use super::designs::{phase, run, set, within};

/// Few users, so that all of their requests can be followed.
fn followed(strategy: &str, more: Value) -> Run {
    let mut settings = json!({ "strategy": strategy, "warm_start": false });
    if strategy != "cache_aside" {
        settings["database"] = json!("database");
    }
    crate::scenario::edit::merge(&mut settings, &more);
    let few = json!({ "workload": { "users": 10, "requests_per_user_per_second": 0.1, "keys": { "count": 10 } },
                      "tiers": { "cache": settings } });
    run(strategy, site(few), &[phase("all", 0.0, 60.0)]).following()
}

fn read_through_runs() -> Vec<Run> {
    vec![
        followed("read_through", json!({})),
        followed("cache_aside", json!({})),
        followed("write_through", json!({})),
        followed("write_behind", json!({})),
        followed("refresh_ahead", json!({ "ttl_ms": 30_000.0, "refresh_in_last": 0.8 })),
    ]
}

/// The parts that a request comes to, one after the other, on its ways.
fn route(outcome: &Outcome, trace: &Trace) -> String {
    let mut ways: Vec<&Span> = trace.spans.iter().filter(|span| matches!(span.doing, Doing::Travels(_))).collect();
    ways.sort_by_key(|span| span.start);
    let id = |span: &&Span| {
        let tier = outcome.world.context().nodes[span.to.index()].tier;
        outcome.world.plan().tiers[tier.index()].id.clone()
    };
    ways.iter().map(id).collect::<Vec<_>>().join(" ")
}

/// Followed requests that asked the cache for this, and with this success.
fn asked(outcome: &Outcome, ask: Ask, hit: Option<bool>) -> impl Iterator<Item = &Trace> {
    let over = outcome.world.traces().filter(|trace| trace.outcome.is_some());
    over.filter(move |trace| {
        let first = trace.spans.iter().find_map(|span| span.command);
        first.is_some_and(|command| command.ask == ask && command.hit == hit)
    })
}

/// How many of them took another way than they should; one if there is none.
fn astray<'a>(outcome: &Outcome, traces: impl Iterator<Item = &'a Trace>, way: &str) -> f64 {
    let ways: Vec<String> = traces.map(|trace| route(outcome, trace)).collect();
    if ways.is_empty() { 1.0 } else { ways.iter().filter(|own| *own != way).count() as f64 }
}

fn read_through_findings(results: &Results) -> Vec<Finding> {
    let count = |key, what, measured| Finding {
        key,
        what,
        unit: "requests",
        measured,
        expected: Expected::Exactly(0.0),
        reason: "definition: this is what the strategy is",
    };
    let way = |name: &str, ask, hit, way: &str| {
        let outcome = results.run(name);
        astray(outcome, asked(outcome, ask, hit), way)
    };
    let write_ms = |name: &str| results.run(name).report().by_class["write"].latency_ms.mean;
    vec![
        count(
            "through",
            "misses that do not go web server, cache, database and back the same way, with read-through",
            way("read_through", Ask::Get, Some(false), "web cache database cache web all"),
        ),
        count(
            "aside",
            "misses that do not go to the cache, to the database, and to the cache again to fill it, with cache-aside",
            way("cache_aside", Ask::Get, Some(false), "web cache web database web cache web all"),
        ),
        count(
            "hit",
            "hits that go further than the cache",
            way("cache_aside", Ask::Get, Some(true), "web cache web all")
                + way("read_through", Ask::Get, Some(true), "web cache web all"),
        ),
        count(
            "written_through",
            "writes that the cache does not first take to the database, with write-through",
            way("write_through", Ask::Write, None, "web cache database cache web all"),
        ),
        count(
            "written_behind",
            "writes that the cache does not answer at once, with write-behind",
            way("write_behind", Ask::Write, None, "web cache web all"),
        ),
        Finding {
            key: "saved",
            what: "by how much a write is answered sooner with write-behind than with write-through",
            unit: "ms",
            measured: write_ms("write_through") - write_ms("write_behind"),
            expected: Expected::AtLeast(1.0),
            reason: "arithmetic: some 4 ms of work and half a millisecond of way; of six writes with exponential times the \
                     mean is above 1 ms, as good as surely",
        },
        Finding {
            key: "ahead",
            what: "entries read anew before they expired, with refresh-ahead",
            unit: "entries",
            measured: found(results.run("refresh_ahead").report()).refreshed as f64,
            expected: Expected::AtLeast(1.0),
            reason: "ten keys are asked for once a second, and in the last 24 of 30 seconds of an entry's life that is a \
                     reason to read it anew",
        },
    ]
}

/// Look in the cache first.
pub static READ_THROUGH: Experiment = Experiment {
    id: "cache.read-through",
    title: "First the cache",
    claim: "Look in the cache; on a miss read the database, store what it says, and answer. The application does so itself \
            (cache-aside), or the cache does (read-through); writes go past it, through it, or behind it.",
    watch: "The way of a miss, with each strategy.",
    question: Question {
        text: "The application looks in the cache, then asks the database and fills the cache. What is that called?",
        options: &["Read-through", "Cache-aside", "Write-back"],
        right: 1,
    },
    explanation: "What differs is who talks to the database. Beside it, the application can do without the cache; where the \
                  cache stands in the way, it fills itself, and is needed. Written through, a write is safe and slow; written \
                  behind, quick and not yet safe.",
    runs: read_through_runs,
    judge: read_through_findings,
    mutations: &[
        Mutation {
            name: "nobody looks in the cache",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("workload.classes.read.cached", json!(false))),
        },
        Mutation {
            name: "what is to be written behind is written through",
            breaks: |runs| runs[3].set("tiers.cache.strategy", json!("write_through")),
        },
        Mutation {
            name: "entries live too long to be read anew",
            breaks: |runs| runs[4].set("tiers.cache.ttl_ms", json!(1e7)),
        },
    ],
};

fn offload_runs() -> Vec<Run> {
    // It ends with nobody under way, so that the books can be closed.
    let phases = [phase("all", 0.0, 202.0)];
    let stop = || set("workload.requests_per_user_per_second", 0.0);
    let of = |name: &str, cached: bool| {
        let patch = json!({ "workload": { "classes": { "read": { "cached": cached } } },
                            "tiers": { "cache": { "coalesce": true } } });
        run(name, site(patch), &phases).at(200.0, stop())
    };
    vec![of("with", true), of("without", false)]
}

fn offload_findings(results: &Results) -> Vec<Finding> {
    let (with, without) = (results.run("with"), results.run("without"));
    let report = with.phase("all");
    let cache = found(report);
    let reads = report.by_class["read"].answered;
    let saved = cache.hits + cache.coalesced;
    let utilisation = |outcome: &Outcome| outcome.phase("all").tiers["database"].utilisation.unwrap_or(0.0);
    // A read is half the work of a write.
    let share = |queries: f64, writes: f64| 2.0 * queries + 4.0 * writes;
    let writes = report.by_class["write"].answered as f64;
    let expected = share(reads as f64 - saved as f64, writes) / share(reads as f64, writes);
    vec![
        Finding {
            key: "books",
            what: "queries of reads that are not explained: all reads, less the hits, less those that went with another's",
            unit: "queries",
            measured: (read_queries(with, "all") - (reads - saved) as f64).abs(),
            expected: Expected::Exactly(0.0),
            reason: "definition: each read is a hit, goes with another one's query, or is a query; and at the end nobody is \
                     under way",
        },
        Finding {
            key: "queries",
            what: "reads that come to the database all the same",
            unit: "%",
            measured: 100.0 * read_queries(with, "all") / reads as f64,
            expected: Expected::AtMost(50.0),
            reason: "a cache for the tenth part of the values has more than half of what is asked for",
        },
        percent(
            "utilisation",
            "how busy the database is, as a part of how busy it is without the cache",
            100.0 * utilisation(with) / utilisation(without),
            (100.0 * expected, 3.0),
            "arithmetic: 2 ms for each read that comes and 4 ms for each write; four standard errors of the work of 40,000 \
             exponential queries are 2 % of it, for the most part the same in both runs",
        ),
    ]
}

/// The database has less to do.
pub static OFFLOAD: Experiment = Experiment {
    id: "cache.offload",
    title: "What the database is spared",
    claim: "A cache takes reads off the database: exactly the hits, and those misses that go with another one's query. The \
            writes stay.",
    watch: "Queries and utilisation of the database with and without a cache.",
    question: Question {
        text: "A cache answers six reads in ten. How much less does the database have to do?",
        options: &["Six tenths less", "Less than that: writes stay, and they are the dearer ones", "Nothing less"],
        right: 1,
    },
    explanation: "Each read is a hit or a query, so the books close to the last one. But what is written has to be written, \
                  cache or not.",
    runs: offload_runs,
    judge: offload_findings,
    mutations: &[
        Mutation {
            name: "the cache holds one entry",
            breaks: |runs| runs[0].set("tiers.cache.capacity_entries", json!(1)),
        },
        Mutation {
            name: "nobody looks in the cache",
            breaks: |runs| runs[0].set("workload.classes.read.cached", json!(false)),
        },
    ],
};

fn faster_runs() -> Vec<Run> {
    let phases = [phase("measured", 20.0, 320.0)];
    let of = |name: &str, cached: bool| {
        let patch = json!({ "workload": { "classes": { "read": { "cached": cached, "database": { "mean_ms": 20.0 } } } },
                            "machines": { "data": { "cores": 16 } } });
        run(name, read_only(&patch), &phases)
    };
    vec![of("with", true), of("without", false)]
}

fn faster_findings(results: &Results) -> Vec<Finding> {
    let latency = |name: &str| &results.run(name).report().latency_ms;
    let (with, without) = (latency("with"), latency("without"));
    let misses = 1.0 - found(results.run("with").report()).hit_ratio.unwrap_or(0.0);
    let at_most = |key, what, measured, value, reason| Finding {
        key,
        what,
        unit: "%",
        measured,
        expected: Expected::AtMost(value),
        reason,
    };
    vec![
        percent(
            "mean",
            "mean time with the cache, as a part of that without",
            100.0 * with.mean / without.mean,
            // A hit takes the way to the cache, a miss twice that besides the query.
            (100.0 * ((1.0 - misses) * 1.05 + misses * (without.mean + 1.1)) / without.mean, 3.0),
            "arithmetic: hits are spared the query, misses make two calls more; four standard errors of a mean of 40,000 \
             exponential times are 2 %, and the same requests are in both runs",
        ),
        at_most(
            "median",
            "the median with the cache, as a part of that without",
            100.0 * with.p50 / without.p50,
            20.0,
            "more than half of the requests are hits",
        ),
        Finding {
            key: "slowest",
            what: "the slowest hundredth with the cache, as a part of that without",
            unit: "%",
            measured: 100.0 * with.p99 / without.p99,
            // The slowest hundredth of all is the slowest share 0.01 / misses of the misses: ln(misses / 0.01) means.
            expected: within(100.0 * libm::log(misses * 100.0) / libm::log(100.0), 6.0),
            reason: "theory: the hundredth part of all is a larger part of the misses, whose times are exponential; bins of \
                     the histogram are 1.6 % wide, and the percentile's four standard errors are some 4 %",
        },
    ]
}

/// Faster, but for the misses.
pub static FASTER: Experiment = Experiment {
    id: "cache.faster",
    title: "Faster, but not for all",
    claim: "Response times fall: the mean, and the median most of all. The slowest are the misses, and these are as slow as \
            ever.",
    watch: "Median and slowest hundredth with and without the cache.",
    question: Question {
        text: "Six requests in ten are answered from memory. What becomes of the slowest hundredth?",
        options: &["It falls as the mean does", "It hardly falls: the slowest are all misses", "It rises tenfold"],
        right: 1,
    },
    explanation: "A cache makes most requests fast and leaves the others as they are, with two calls more. A mean mixes both; \
                  look at percentiles. Only what makes misses rarer than one in a hundred moves the slowest hundredth much.",
    runs: faster_runs,
    judge: faster_findings,
    mutations: &[
        Mutation {
            name: "the cache holds one entry",
            breaks: |runs| runs[0].set("tiers.cache.capacity_entries", json!(1)),
        },
        Mutation {
            name: "the cache holds everything",
            breaks: |runs| runs[0].set("tiers.cache.capacity_entries", json!(10 * KEYS)),
        },
    ],
};

/// How long entries live, in seconds.
const TTL_SECONDS: f64 = 30.0;

fn api_runs() -> Vec<Run> {
    let one_key = json!({ "workload": { "users": 10, "requests_per_user_per_second": 0.05, "keys": { "count": 1 } } });
    let mut patch = cache(json!({ "ttl_ms": TTL_SECONDS * 1e3, "warm_start": false }));
    crate::scenario::edit::merge(&mut patch, &one_key);
    vec![run("one key", read_only(&patch), &[phase("all", 0.0, 100.0)]).following()]
}

/// What the cache was asked in a run, in order, and when.
fn commands(outcome: &Outcome) -> Vec<(SimTime, Command)> {
    let spans = outcome.world.traces().flat_map(|trace| &trace.spans);
    let mut commands: Vec<_> = spans.filter_map(|span| Some((span.end, span.command?))).collect();
    commands.sort_by_key(|(time, _)| *time);
    commands
}

fn api_findings(results: &Results) -> Vec<Finding> {
    let commands = commands(results.run("one key"));
    let (mut held_until, mut hits, mut sets, mut wrong) = (SimTime::ZERO, 0, 0, 0);
    for (now, command) in &commands {
        match command.ask {
            Ask::Set => {
                sets += 1;
                held_until = command.left.map_or(SimTime::ZERO, |left| *now + left);
                wrong += u32::from(command.left.is_none_or(|left| (left.as_ms() - 1e3 * TTL_SECONDS).abs() > 0.001));
            }
            Ask::Get => {
                let should_hit = *now < held_until;
                hits += u32::from(command.hit == Some(true));
                let left = should_hit.then(|| held_until.since(*now));
                wrong += u32::from(command.hit != Some(should_hit) || command.left != left);
            }
            Ask::Delete | Ask::Write => wrong += 1,
        }
    }
    let count = |key, what, measured: u32, expected, reason| Finding {
        key,
        what,
        unit: "calls",
        measured: f64::from(measured),
        expected,
        reason,
    };
    let own = |trace: &&Trace| trace.spans.iter().all(|span| !matches!(span.doing, Doing::Travels(Errand::Probe)));
    let followed = results.run("one key").world.traces().filter(own).count();
    vec![
        count(
            "wrong",
            "calls of get and set that do not say what they should: a hit as long as the last set's time to live lasts, and \
             how much of it is left",
            wrong,
            Expected::Exactly(0.0),
            "definition: set(key, value, ttl) holds it for that long, get(key) gives it until then; to the nanosecond",
        ),
        count(
            "hits",
            "calls of get that find the value",
            hits,
            Expected::AtLeast(20.0),
            "half a request a second, and misses every half a minute",
        ),
        Finding {
            key: "sets",
            what: "calls of set",
            unit: "calls",
            measured: f64::from(sets),
            expected: within(3.5, 1.5),
            reason: "arithmetic: one every 30 s and the time to the next request, in 100 s; a second miss may come before \
                     the fill",
        },
        Finding {
            key: "followed",
            what: "requests that were followed",
            unit: "requests",
            measured: followed as f64,
            expected: within(50.0, 30.0),
            reason: "half a request a second for 100 s; four standard errors are 28",
        },
    ]
}

/// get and set.
pub static API: Experiment = Experiment {
    id: "cache.api",
    title: "Get and set",
    claim: "A cache has a small interface: set(key, value, ttl) holds a value for a time, get(key) gives it back or nothing.",
    watch: "The calls in the traces of single requests, with the key and the time left.",
    question: Question {
        text: "A value was set with 30 seconds to live. It is asked for every second. When does it go?",
        options: &["Never: it is in use", "30 seconds after it was set", "30 seconds after it was last asked for"],
        right: 1,
    },
    explanation: "The time to live counts from the set, not from the last get. Whoever asks next is told nothing, asks the \
                  database and sets it again.",
    runs: api_runs,
    judge: api_findings,
    mutations: &[
        Mutation { name: "nothing expires", breaks: |runs| runs[0].set("tiers.cache.ttl_ms", Value::Null) },
        Mutation {
            name: "nobody looks in the cache",
            breaks: |runs| runs[0].set("workload.classes.read.cached", json!(false)),
        },
    ],
};
