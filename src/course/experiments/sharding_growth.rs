//! Chapter 12: what more shards, and bigger machines, do for a database.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Scenario;
use crate::scenario::catalogue;
use crate::scenario::engine;

use super::designs::{self, SERVICE_MS, failed_percent, goodput, kill, phase, run, within};
use super::sharding_designs::{finding, sharded, sharding};

/// The size that does most, and the size of six machines that cost as much.
const BIG: &str = "general-96";
const SMALL: &str = "general-16";
const SMALL_ONES: u32 = 6;

/// Queries per second that a machine of this size can do, by theory.
fn capacity(size: &str) -> f64 {
    designs::capacity(catalogue::find("", size).expect("it is listed"), SERVICE_MS)
}

fn on(size: &str, shards: u32, requests_per_second: f64) -> Scenario {
    let machine = json!({ "data": { "size": size, "cores": null, "cost_per_month_usd": null } });
    let patch = json!({ "machines": machine, "tiers": { "database": { "slots": 256, "backlog": 256 } } });
    sharded(shards, requests_per_second, patch)
}

fn vertical_runs() -> Vec<Run> {
    let (big, small) = (capacity(BIG), capacity(SMALL));
    let over = [phase("measured", 5.0, 35.0)];
    let deaths = [phase("before", 2.0, 10.0), phase("dead", 10.5, 25.0)];
    vec![
        run("biggest machine", on(BIG, 1, 1.5 * big), &over),
        run("small machine", on(SMALL, 1, 1.5 * small), &over),
        run("six shards", on(SMALL, SMALL_ONES, 1.5 * small * f64::from(SMALL_ONES)), &over),
        run("biggest dies", on(BIG, 1, 0.5 * big), &deaths).at(10.0, kill("database.1")),
        run("one of six dies", on(SMALL, SMALL_ONES, 0.5 * big), &deaths).at(10.0, kill("database.1")),
    ]
}

fn vertical_findings(results: &Results) -> Vec<Finding> {
    let does = |name: &str| goodput(results.run(name).report());
    let expected = |value: f64| within(value, 0.04 * value);
    let dollars =
        |size: &str, count: f64| catalogue::find("", size).map_or(0.0, |size| size.cost_per_month_usd * count);
    let price = |name: &str, size: &str, count: f64| dollars(size, count) / does(name) * 1e3;
    let price_by_theory = |size: &str| dollars(size, 1.0) / capacity(size) * 1e3;
    let dies = |key, what, name: &str, share: f64, tolerance: f64| {
        let reason = "arithmetic: the share of the keys that the machine has; four standard errors of it";
        finding(key, what, (failed_percent(results.run(name).phase("dead")), "%"), within(share, tolerance), reason)
    };
    let law = "theory: the Universal Scalability Law with the catalogue's figures; four standard errors of the mean of at least \
               30,000 exponential services are 2.3%, and what waits at the end is missing";
    vec![
        finding(
            "ceiling",
            "queries that the best machine of all does",
            (does("biggest machine"), "queries/s"),
            expected(capacity(BIG)),
            law,
        ),
        finding(
            "shards",
            "queries that six shards on small machines do",
            (does("six shards"), "queries/s"),
            expected(capacity(SMALL) * f64::from(SMALL_ONES)),
            law,
        ),
        finding(
            "dollars",
            "price of the six small machines, beyond that of the big one",
            (dollars(SMALL, f64::from(SMALL_ONES)) - dollars(BIG, 1.0), "$"),
            within(0.0, 1e-6),
            "arithmetic: list prices are in proportion to cores",
        ),
        finding(
            "big_price",
            "dollars a month for 1,000 queries a second, on the biggest machine",
            (price("biggest machine", BIG, 1.0), "$"),
            expected(price_by_theory(BIG)),
            law,
        ),
        finding(
            "small_price",
            "the same on a small one",
            (price("small machine", SMALL, 1.0), "$"),
            expected(price_by_theory(SMALL)),
            law,
        ),
        dies("big_dies", "requests that fail while the only database is dead", "biggest dies", 100.0, 0.0),
        dies("one_dies", "the same while one of six shards is dead", "one of six dies", 100.0 / 6.0, 1.2),
    ]
}

/// A bigger database machine.
pub static VERTICAL: Experiment = Experiment {
    id: "shard.vertical",
    title: "A bigger machine for the database",
    claim: "A database can be moved to a bigger machine, up to the biggest there is; it costs more for each query, and fails \
            as a whole.",
    watch: "Queries per second and dollars of the best machine of the catalogue and of six small ones at the same price.",
    question: Question {
        text: "Six small machines cost as much as the biggest useful one. What do they do together, as shards?",
        options: &["As much", "Half as much again", "Three times as much"],
        right: 2,
    },
    explanation: "Sixteen cores wait for each other much less than ninety-six do. And when one of six dies, the other five \
                  have nothing to do with that: a sixth of the keys is gone until it is back, or for as long as a failover \
                  takes where it has replicas.",
    runs: vertical_runs,
    judge: vertical_findings,
    mutations: &[
        Mutation {
            name: "cores do not disturb each other",
            breaks: |runs| {
                let free = json!({ "contention": 0.0, "coherency": 0.0 });
                runs.iter_mut().for_each(|run| run.set("machines.data.scalability", free.clone()));
            },
        },
        Mutation {
            name: "every query goes to all shards",
            breaks: |runs| {
                // Another class names the key, so that the design still makes sense to somebody.
                let rare = json!({ "share": 0.000_001, "database": { "mean_ms": 1.0 } });
                for run in &mut runs[2..] {
                    run.set("workload.classes.rare", rare.clone());
                    run.set("workload.classes.read.finds_by", json!("created_at"));
                }
            },
        },
    ],
};

/// Shards whose capacity is measured.
const COUNTS: [u32; 4] = [1, 2, 4, 8];
/// Rows for look-ups, of which eight fit on a page; and what a database holds of the pages in memory, in megabytes.
const LOOKED_UP: u32 = 80_000;
const ROWS_PER_PAGE: f64 = 8.0;
const POOL_MB: f64 = 21.0;

fn lookups(shards: u32) -> Scenario {
    let patch = json!({
        "workload": { "keys": { "count": LOOKED_UP },
                      "classes": { "read": { "database": null, "query": { "value_kb": 1.0 } } } },
        "machines": { "data": { "cores": 4, "disk": "network_ssd" } },
        "tiers": { "database": { "buffer_pool_mb": POOL_MB, "warm_start": true,
                                 "rows_million": f64::from(LOOKED_UP) / 1e6 } }
    });
    sharded(shards, 100.0, patch)
}

fn throughput_runs() -> Vec<Run> {
    let of = |shards: u32| {
        let load = 1.5 * 100.0 * f64::from(shards);
        run(shards.to_string(), sharded(shards, load, json!({})), &[phase("measured", 20.0, 220.0)])
    };
    let phases = [phase("measured", 5.0, 205.0)];
    let looks = [run("look-ups, one", lookups(1), &phases), run("look-ups, four", lookups(4), &phases)];
    COUNTS.into_iter().rev().map(of).chain(looks).collect()
}

/// How often a page is in memory: all rows are asked for alike, but pages have as many rows as chance gave them. By Che's
/// approximation with rows that are thrown on pages (Poisson with mean m), where a share c of the pages fits:
/// 1 − (1 − c)(1 + ln(1 − c) / m).
fn hit_ratio() -> f64 {
    let pages = f64::from(LOOKED_UP) / ROWS_PER_PAGE;
    let fits = (POOL_MB * 1e6 / 8192.0).floor() / pages;
    1.0 - (1.0 - fits) * (1.0 + libm::log(1.0 - fits) / ROWS_PER_PAGE)
}

fn throughput_findings(results: &Results) -> Vec<Finding> {
    let capacity = |shards: u32| goodput(results.run(&shards.to_string()).report());
    let proportional = |key, what, shards: u32| {
        let expected = f64::from(shards);
        let reason =
            "each shard does its own work; four standard errors of the mean of 20,000 exponential services are 2.8%";
        finding(key, what, (capacity(shards) / capacity(1), ""), within(expected, 0.05 * expected), reason)
    };
    let looks = |name: &str| results.run(name).report();
    let (one, four) = (looks("look-ups, one"), looks("look-ups, four"));
    let hits = |report: &crate::world::report::Report| {
        100.0 * report.tiers["database"].buffer_pool.as_ref().and_then(|pool| pool.hit_ratio).unwrap_or(0.0)
    };
    let levels = |report| f64::from(sharding(report).shards[0].index_levels);
    // A page that is not there takes a millisecond; a level of the index is one more page in memory.
    let slower = (1.0 - hit_ratio()) * 1.0 + engine::COSTS.page_in_memory;
    vec![
        proportional("two", "capacity of two shards, as a multiple of one", 2),
        proportional("four", "capacity of four shards, as a multiple of one", 4),
        proportional("eight", "capacity of eight shards, as a multiple of one", 8),
        finding(
            "levels",
            "levels of the index over 80,000 rows",
            (levels(one), "levels"),
            Expected::Exactly(3.0),
            "arithmetic: 200 entries a page, and 200² is not enough",
        ),
        finding(
            "fewer_levels",
            "the same on each of four shards",
            (levels(four), "levels"),
            Expected::Exactly(2.0),
            "arithmetic: for a quarter of the rows it is",
        ),
        finding(
            "hits",
            "look-ups that find their page in memory, with all rows on one server",
            (hits(one), "%"),
            within(100.0 * hit_ratio(), 1.5),
            "theory: Che's approximation for pages that are about as full as each other, within a point; four standard errors \
             of a share of 20,000 are 1.3 points",
        ),
        finding(
            "all_hits",
            "the same on four servers",
            (hits(four), "%"),
            within(100.0, 0.5),
            "arithmetic: a quarter of the pages fits",
        ),
        finding(
            "faster",
            "what a look-up takes longer on one server than on one of four",
            (one.latency_ms.mean - four.latency_ms.mean, "ms"),
            within(slower, 0.03),
            "arithmetic: a page in the disk takes a millisecond, and a level of the index half a microsecond; four standard \
             errors of that share, and of the few that find the disk busy",
        ),
    ]
}

/// Shards work in parallel.
pub static THROUGHPUT: Experiment = Experiment {
    id: "shard.throughput",
    title: "More shards, more of everything",
    claim: "Shards work in parallel, so capacity grows with their number; and with fewer rows each finds one faster.",
    watch: "Answers per second at 1.5 times the load that can be carried; and what a look-up takes on one server and on four.",
    question: Question {
        text: "Four shards have a quarter of the rows each. Why does a look-up get faster?",
        options: &["Their indexes have a level less", "More of their pages are in memory", "Their disks are faster"],
        right: 1,
    },
    explanation: "Unlike replicas, shards also share out the writes and the data. A level less of the index is true but saves \
                  half a microsecond; what counts is that four memories together hold four times as many pages, and a page in \
                  memory saves a trip to the disk.",
    runs: throughput_runs,
    judge: throughput_findings,
    mutations: &[
        Mutation {
            name: "shards go by the country, of which few have most users",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("tiers.database.sharding.key", json!("country")));
            },
        },
        Mutation {
            name: "the memory of one server would do for all",
            breaks: |runs| {
                runs.iter_mut().skip(4).for_each(|run| run.set("tiers.database.buffer_pool_mb", json!(200.0)));
            },
        },
    ],
};
