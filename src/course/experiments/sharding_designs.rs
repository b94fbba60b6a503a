//! Systems that the experiments on shards start from.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Finding};
use crate::scenario::Scenario;
use crate::world::report::{Report, ShardingReport};

use super::designs::{SERVICE_MS, merged};

/// The rows of [`sharded`].
pub const ROWS: u32 = 100_000;

/// A web server that is never busy, in front of shards of one server each, which has one core: 100 queries per second a
/// shard (10 ms each, exponential). All keys are asked for alike. All in one place.
pub fn sharded(shards: u32, requests_per_second: f64, patch: Value) -> Scenario {
    let users = 1000;
    let base = json!({
        "version": 1, "name": "Shards",
        "workload": {
            "users": users, "requests_per_user_per_second": requests_per_second / f64::from(users), "entry": "web",
            "keys": { "count": ROWS, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "read": { "share": 1.0, "database": { "mean_ms": SERVICE_MS } } }
        },
        "machines": {
            "app": { "place": "montreal", "cores": 64, "cost_per_month_usd": 400.0 },
            "data": { "place": "montreal", "cores": 1, "cost_per_month_usd": 31.0 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 20_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "slots": 32, "backlog": 96, "boot_ms": 5000.0,
                          "sharding": { "shards": shards } }
        }
    });
    merged(base, &patch)
}

/// What the shards of a run came to.
pub fn sharding(report: &Report) -> &ShardingReport {
    report.tiers["database"].sharding.as_ref().expect("the database is sharded")
}

/// What a shard, from 0, answered, in percent of all.
pub fn served_percent(report: &Report, shard: usize) -> f64 {
    let shards = &sharding(report).shards;
    100.0 * shards[shard].served as f64 / shards.iter().map(|shard| shard.served).sum::<u64>().max(1) as f64
}

/// The rows that a shard, from 0, has, in percent of all.
pub fn rows_percent(report: &Report, shard: usize) -> f64 {
    let shards = &sharding(report).shards;
    100.0 * shards[shard].rows as f64 / shards.iter().map(|shard| shard.rows).sum::<u64>().max(1) as f64
}

/// Mean latency of a class, in milliseconds.
pub fn mean_ms(report: &Report, class: &str) -> f64 {
    report.by_class[class].latency_ms.mean
}

/// A number with its unit, and what it should be.
pub fn finding(
    key: &'static str,
    what: &'static str,
    (measured, unit): (f64, &'static str),
    expected: Expected,
    reason: &'static str,
) -> Finding {
    Finding { key, what, unit, measured, expected, reason }
}
