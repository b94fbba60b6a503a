//! Chapter 12: queries that need more than one shard or database, and tables cut by columns.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Scenario;

use super::designs::{SERVICE_MS, failed, failed_percent, kill, merged, phase, run, set, within};
use super::sharding_designs::{finding, mean_ms, sharded, sharding};

/// Shards that a join asks.
const SHARDS: u32 = 8;
/// Two hops within a place, in milliseconds.
const ROUND_TRIP_MS: f64 = 0.5;

/// Ten orders a user: requests that know whose order they want, that know its number only, and new versions.
fn orders(patch: &Value) -> Scenario {
    let work = json!({ "mean_ms": SERVICE_MS });
    let mut base = json!({
        "workload": {
            "keys": { "rows_per_user": 10 },
            "classes": {
                "read": { "share": 0.4 },
                "join": { "share": 0.4, "finds_by": "order_id", "database": work },
                "write": { "share": 0.2, "write": true, "database": work }
            }
        },
        "machines": { "data": { "cores": 8 } }
    });
    crate::scenario::edit::merge(&mut base, patch);
    sharded(SHARDS, 100.0, base)
}

fn join_runs() -> Vec<Run> {
    let phases = [phase("measured", 5.0, 405.0)];
    let deaths = [phase("dead", 11.0, 61.0)];
    let twice = json!({ "tiers": { "database": { "sharding": { "copied_by": "order_id" } } } });
    vec![
        run("normal form", orders(&json!({})), &phases),
        run("de-normalised", orders(&twice), &phases),
        run("one of eight dies", orders(&json!({})), &deaths).at(10.0, kill("database.3")),
    ]
}

fn join_findings(results: &Results) -> Vec<Finding> {
    let (normal, twice) = (results.run("normal form").report(), results.run("de-normalised").report());
    let dead = results.run("one of eight dies").report();
    let slower = |report: &crate::world::report::Report| mean_ms(report, "join") - mean_ms(report, "read");
    // The mean of the largest of n exponential times is that of one, times 1 + 1/2 + … + 1/n.
    let slowest: f64 = (1..=SHARDS).map(|n| 1.0 / f64::from(n)).sum();
    let elsewhere = f64::from(SHARDS - 1) / f64::from(SHARDS);
    let fails = |class: &str| {
        let class = &dead.by_class[class];
        100.0 * class.failed as f64 / (class.failed + class.answered).max(1) as f64
    };
    let own = sharding(twice);
    vec![
        finding(
            "slowest",
            "what a query of all eight shards takes longer than one of a single shard",
            (slower(normal), "ms"),
            within(SERVICE_MS * (slowest - 1.0), 0.6),
            "theory: it ends with the slowest, and the mean of the largest of eight exponential times is 2.72 times that of one; \
             four standard errors of 16,000 of each, 12.4 and 10 milliseconds wide, are 0.5",
        ),
        finding(
            "twice",
            "the same where the rows are kept once more by order_id",
            (slower(twice), "ms"),
            within(0.0, 0.45),
            "definition: one shard is asked, by whatever the query names; four standard errors of 16,000 of each",
        ),
        finding(
            "queries",
            "queries for each request of a join, in normal form",
            {
                let all: u64 = sharding(normal).shards.iter().map(|shard| shard.served).sum();
                let others = normal.requests.answered as f64 - normal.by_class["join"].answered as f64;
                ((all as f64 - others) / normal.by_class["join"].answered as f64, "queries")
            },
            within(f64::from(SHARDS), 0.05),
            "definition: all shards are asked; but for what is under way at the ends",
        ),
        finding(
            "extra",
            "further rows to write for each write, where they are kept once more",
            (own.extra_writes as f64 / twice.writes.applied as f64, "rows"),
            within(elsewhere, 0.016),
            "theory: the copy is on another shard in seven of eight cases; four standard errors of 8,000 writes",
        ),
        finding(
            "write",
            "what a write takes longer then",
            (mean_ms(twice, "write") - mean_ms(normal, "write"), "ms"),
            within(elsewhere * (SERVICE_MS + ROUND_TRIP_MS), 0.9),
            "arithmetic: another trip and another piece of work in seven of eight cases; four standard errors of 8,000 of each, \
             14 and 10 milliseconds wide, are 0.8",
        ),
        finding(
            "join_failed",
            "joins that fail while one of eight shards is dead",
            (fails("join"), "%"),
            Expected::Exactly(100.0),
            "definition: an answer without a part of the rows is none",
        ),
        finding(
            "read_failed",
            "other reads that fail then",
            (fails("read"), "%"),
            within(100.0 / f64::from(SHARDS), 3.0),
            "arithmetic: those whose rows are there; four standard errors of a share of 2,000",
        ),
    ]
}

/// Joins across shards.
pub static JOIN: Experiment = Experiment {
    id: "shard.join",
    title: "Scatter and gather",
    claim: "A query that does not say which shard has to ask all, and waits for the slowest. Where rows are kept a second time \
            by what it names, one is enough, and writes pay for it.",
    watch: "Parts of a request on their way to all shards, and what a write does where rows are kept twice.",
    question: Question {
        text: "A query on one shard takes 10 ms on average, sometimes less and sometimes more. What does the same take on eight \
               at once?",
        options: &["10 ms: they work at the same time", "About 27 ms", "80 ms"],
        right: 1,
    },
    explanation: "They do work at the same time, but the answer is there when the last one is, and of eight one is often slow. \
                  Each join also works on all eight, so they carry no more joins together than one alone; and one dead shard \
                  fails all. De-normalised, a table is there once by each key that queries name: reads are cheap again, and \
                  each write writes more.",
    runs: join_runs,
    judge: join_findings,
    mutations: &[
        Mutation {
            name: "joins name the user",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.classes.join.finds_by", json!("user_id")));
            },
        },
        Mutation {
            name: "rows are not kept a second time",
            breaks: |runs| runs[1].set("tiers.database.sharding.copied_by", json!(null)),
        },
        Mutation { name: "the dead shard is back", breaks: |runs| runs[2].scenario.timeline.clear() },
    ],
};

/// Profiles and transactions: on one server, or each on its own. A statement needs both.
fn features(apart: bool, requests_per_second: f64, patch: &Value) -> Scenario {
    let work = json!({ "mean_ms": SERVICE_MS });
    let database = json!({ "kind": "database", "slots": 64, "backlog": 192, "boot_ms": 5000.0 });
    let on = |machine: &str| {
        let mut tier = database.clone();
        tier["machine"] = json!(machine);
        tier
    };
    let asks = |names: &[&str]| json!(if apart { names.to_vec() } else { vec!["profiles"] });
    let mut base = json!({
        "version": 1, "name": "Split by feature",
        "workload": {
            "users": 1000, "requests_per_user_per_second": requests_per_second / 1000.0, "entry": "web",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": {
                "profile": { "share": 0.7, "database": work, "databases": asks(&["profiles"]) },
                "transaction": { "share": 0.2, "database": work, "databases": asks(&["transactions"]) },
                // Both at once where they are together.
                "statement": { "share": 0.1, "database": work, "databases": asks(&["profiles", "transactions"]) }
            }
        },
        "machines": {
            "app": { "place": "montreal", "cores": 64 },
            "m-profiles": { "place": "montreal", "cores": 1 }, "m-transactions": { "place": "montreal", "cores": 1 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 20_000, "backlog": 0 },
            "profiles": on("m-profiles"), "transactions": on("m-transactions")
        }
    });
    crate::scenario::edit::merge(&mut base, patch);
    merged(base, &json!({}))
}

fn split_runs() -> Vec<Run> {
    let two_cores = set("machines.m-profiles.cores", 2);
    let busy = [phase("one core", 20.0, 220.0), phase("two cores", 240.0, 440.0)];
    let quiet = json!({ "machines": { "m-profiles": { "cores": 8 }, "m-transactions": { "cores": 8 } } });
    let calm = [phase("measured", 5.0, 405.0)];
    vec![
        run("apart", features(true, 150.0, &json!({})), &busy).at(220.0, two_cores),
        run("together", features(false, 150.0, &json!({})), &[phase("measured", 20.0, 220.0)]),
        run("apart, quiet", features(true, 100.0, &quiet), &calm),
        run("together, quiet", features(false, 100.0, &quiet), &calm),
    ]
}

fn split_findings(results: &Results) -> Vec<Finding> {
    let apart = results.run("apart");
    let (before, after) = (apart.phase("one core"), apart.phase("two cores"));
    let load =
        |report: &crate::world::report::Report, tier: &str| 100.0 * report.tiers[tier].utilisation.unwrap_or(0.0);
    let longer = |name: &str| {
        let report = results.run(name).report();
        mean_ms(report, "statement") - mean_ms(report, "profile")
    };
    let all = 150.0 * SERVICE_MS / 10.0;
    vec![
        finding(
            "together",
            "requests that fail on one server with one core",
            (failed_percent(results.run("together").report()), "%"),
            within(100.0 * (150.0 - 100.0) / 150.0, 2.5),
            "arithmetic: of 150 requests a second it answers 100; four standard errors of 20,000 services are 1.9 points, of the \
             arrivals as many",
        ),
        finding(
            "profiles",
            "requests that fail with a server for each",
            (failed_percent(before), "%"),
            within(100.0 * (0.8 * 150.0 - 100.0) / 150.0, 3.0),
            "arithmetic: of 120 for profiles a second 100 are answered; four standard errors as above",
        ),
        finding(
            "grown",
            "requests that fail once that of the profiles has a second core",
            (failed(after) as f64, "requests"),
            within(0.0, 3.0),
            "arithmetic: it has room now; what waited at the change is measured before",
        ),
        finding(
            "untouched",
            "load of the transactions' server",
            (load(after, "transactions"), "%"),
            within(0.3 * all, 2.4),
            "arithmetic: 45 queries a second of 10 ms; four standard errors of 9,000 exponential services are 1.9 points",
        ),
        finding(
            "two_trips",
            "what a statement takes longer than a profile, with a server for each",
            (longer("apart, quiet"), "ms"),
            within(SERVICE_MS + ROUND_TRIP_MS, 1.0),
            "arithmetic: another trip and another query; four standard errors of 4,000 statements, 14 milliseconds wide",
        ),
        finding(
            "one_trip",
            "the same on one server",
            (longer("together, quiet"), "ms"),
            within(0.0, 0.75),
            "definition: one query finds both; four standard errors of 4,000 statements, 10 milliseconds wide",
        ),
    ]
}

/// Split by feature.
pub static VERTICAL_SPLIT: Experiment = Experiment {
    id: "shard.vertical-split",
    title: "Profiles here, transactions there",
    claim: "A database can also be split by feature: each part is scaled on its own, and a query that needs both pays two \
            trips.",
    watch: "The load of both databases, and what a statement takes that needs a profile and transactions.",
    question: Question {
        text: "Profiles get a bigger machine. What happens to the transactions' database?",
        options: &["It gets faster too", "Nothing", "It gets more load"],
        right: 1,
    },
    explanation: "What belongs to different features is seldom asked for together, so it can live apart: the busy part gets \
                  what it needs, and a fault of one leaves the other alone. Where one request does need both, it asks one \
                  after the other, and no single transaction spans both any more.",
    runs: split_runs,
    judge: split_findings,
    mutations: &[
        Mutation {
            name: "statements need profiles only",
            breaks: |runs| {
                for run in &mut runs[..3] {
                    run.scenario.workload.classes.get_mut("statement").expect("it is there").databases.truncate(1);
                }
            },
        },
        Mutation {
            name: "transactions are with the profiles",
            breaks: |runs| {
                let class = runs[0].scenario.workload.classes.get_mut("transaction").expect("it is there");
                class.databases = vec!["profiles".to_owned()];
            },
        },
    ],
};

/// Rows of a wide table, of which eight fit on a page, and the pages that fit into memory.
const WIDE_ROWS: u32 = 100_000;
const POOL_PAGES: f64 = 2500.0;

/// A table with all columns in one place, or its hot columns (a quarter of the bytes) apart from the others. Nine of ten
/// requests need hot columns only. Both have as much memory in all.
fn columns(apart: bool, pages: f64) -> Scenario {
    let work = json!({ "mean_ms": 1.0, "distribution": "constant" });
    let megabytes = |pages: f64| pages * 8192.0 / 1e6 + 1e-6;
    let table = |row_kb: f64, pages: f64| {
        json!({ "kind": "database", "machine": "data", "slots": 64, "backlog": 192, "row_kb": row_kb,
                "buffer_pool_mb": megabytes(pages), "warm_start": true })
    };
    let asks = |name: &str| json!([if apart { name } else { "hot" }]);
    merged(
        json!({
            "version": 1, "name": "Split by columns",
            "workload": {
                "users": 1000, "requests_per_user_per_second": 0.2, "entry": "web",
                "keys": { "count": WIDE_ROWS, "popularity": "uniform", "value_kb": 1.0 },
                "clients": { "all": { "share": 1.0, "place": "montreal" } },
                "classes": { "glance": { "share": 0.9, "database": work, "databases": asks("hot") },
                             "details": { "share": 0.1, "database": work, "databases": asks("rest") } }
            },
            "machines": { "app": { "place": "montreal", "cores": 64 },
                          "data": { "place": "montreal", "cores": 8, "disk": "ssd" } },
            "tiers": {
                "web": { "kind": "web_server", "machine": "app", "slots": 20_000, "backlog": 0 },
                "hot": table(if apart { 0.25 } else { 1.0 }, pages),
                "rest": table(0.75, POOL_PAGES / 2.0)
            }
        }),
        &json!({}),
    )
}

fn locality_runs() -> Vec<Run> {
    let phases = [phase("measured", 120.0, 620.0)];
    vec![
        run("one wide table", columns(false, POOL_PAGES), &phases),
        run("hot columns apart", columns(true, POOL_PAGES / 2.0), &phases),
        run("and all memory for them", columns(true, POOL_PAGES), &phases),
    ]
}

fn locality_findings(results: &Results) -> Vec<Finding> {
    let hits = |name: &str, tier: &str| {
        let pool = results.run(name).report().tiers[tier].buffer_pool.as_ref();
        100.0 * pool.and_then(|pool| pool.hit_ratio).unwrap_or(0.0)
    };
    let pages = |rows_per_page: f64| (f64::from(WIDE_ROWS) / rows_per_page).ceil();
    let fits = |rows_per_page: f64, pool: f64| 100.0 * pool / pages(rows_per_page);
    let reason = "theory: all rows are asked for alike, so a page is in memory with the share of the pages that fit; four \
                  standard errors of a share of at least 90,000 are 0.7 points";
    vec![
        finding(
            "wide",
            "queries that find their page in memory, with all columns in one table",
            (hits("one wide table", "hot"), "%"),
            within(fits(8.0, POOL_PAGES), 0.8),
            reason,
        ),
        finding(
            "narrow",
            "the same for the hot columns alone, with half of that memory",
            (hits("hot columns apart", "hot"), "%"),
            within(fits(32.0, POOL_PAGES / 2.0), 0.8),
            reason,
        ),
        finding(
            "rest",
            "the same for the other columns, with the other half",
            (hits("hot columns apart", "rest"), "%"),
            within(fits(10.0, POOL_PAGES / 2.0), 1.5),
            "theory: the same; of 10,000 queries four standard errors are 1.4 points",
        ),
        finding(
            "all",
            "the same for the hot columns, with all of the memory",
            (hits("and all memory for them", "hot"), "%"),
            within(fits(32.0, POOL_PAGES), 0.8),
            reason,
        ),
    ]
}

/// Narrower rows.
pub static LOCALITY: Experiment = Experiment {
    id: "shard.locality",
    title: "Narrower rows",
    claim: "A table split by columns has narrower rows: more of the hot ones fit on a page, and more of the pages into memory.",
    watch: "The share of queries that find their page in memory, with the same memory for a wide table and for a narrow one.",
    question: Question {
        text: "The columns that nine of ten queries need are a quarter of each row. They get a table of their own, with half of \
               the memory. How many queries find their page there?",
        options: &["Half as many as before", "As many", "Twice as many"],
        right: 2,
    },
    explanation: "Memory holds whole pages, and pages whole rows. With the long columns gone, four times as many rows are on a \
                  page, so the same memory has four times as many of them, and half of it twice as many. Who needs all columns \
                  reads two pages now.",
    runs: locality_runs,
    judge: locality_findings,
    mutations: &[Mutation {
        name: "the hot columns are as wide as all",
        breaks: |runs| {
            runs.iter_mut().for_each(|run| run.set("tiers.hot.row_kb", json!(1.0)));
        },
    }],
};
