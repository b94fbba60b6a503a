//! Chapter 6: the system that its experiments start from, and what theory says of caches.

use serde_json::{Value, json};

use crate::course::experiment::{Finding, Outcome};
use crate::scenario::{self, Scenario, edit};
use crate::world::report::{CacheReport, Report};

use super::designs::within;

/// Work of a look-up, in milliseconds: a call through the network stack, and some (see `scenario::engine::COSTS`).
pub const LOOKUP_MS: f64 = 0.05;
/// Keys of the site's data, and how unequal they are.
pub const KEYS: u32 = 10_000;
pub const EXPONENT: f64 = 0.9;

/// A web server, a cache and a database at one place: 400 requests a second for keys by Zipf's law, a tenth of which fits
/// into the cache; one request in ten writes. Nobody is busy.
pub fn site(patch: Value) -> Scenario {
    let constant = |ms: f64| json!({ "mean_ms": ms, "distribution": "constant" });
    let mut json = json!({
        "version": 1, "name": "Cache",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.4, "entry": "web",
            "keys": { "count": KEYS, "exponent": EXPONENT },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": {
                "read": { "share": 0.9, "cached": true, "database": { "mean_ms": 2.0 } },
                "write": { "share": 0.1, "write": true, "database": { "mean_ms": 4.0 } }
            }
        },
        "machines": {
            "app": { "places": ["montreal"], "cores": 8 }, "memory": { "places": ["montreal"], "cores": 2 },
            "data": { "place": "montreal", "cores": 4 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 10_000, "backlog": 0, "cache": "cache",
                     "database": "database" },
            "cache": { "kind": "cache", "machine": "memory", "slots": 10_000, "backlog": 0, "lookup": constant(LOOKUP_MS),
                       "capacity_entries": KEYS / 10, "warm_start": true, "boot_ms": 500.0 },
            "database": { "kind": "database", "machine": "data", "slots": 200, "backlog": 400 }
        }
    });
    edit::merge(&mut json, &patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("the design of an experiment: {problem}"))
}

/// The same, where nobody writes.
pub fn read_only(patch: &Value) -> Scenario {
    let mut json = json!({ "workload": { "classes": { "write": null, "read": { "share": 1.0 } } } });
    edit::merge(&mut json, patch);
    site(json)
}

/// Another setting of the cache.
pub fn cache(settings: Value) -> Value {
    json!({ "tiers": { "cache": settings } })
}

/// What the cache found.
pub fn found(report: &Report) -> &CacheReport {
    report.tiers["cache"].cache.as_ref().expect("it holds entries")
}

/// How often it had what was asked for, in percent.
pub fn hit_percent(report: &Report) -> f64 {
    100.0 * found(report).hit_ratio.unwrap_or(0.0)
}

/// A share in percent that should come out, give or take.
pub fn percent(key: &'static str, what: &'static str, measured: f64, to_be: (f64, f64), why: &'static str) -> Finding {
    Finding { key, what, unit: "%", measured, expected: within(to_be.0, to_be.1), reason: why }
}

/// Queries of reads at the database: those that it answered, less the writes that it carried out.
pub fn read_queries(outcome: &Outcome, phase: &str) -> f64 {
    let report = outcome.phase(phase);
    let writes = report.by_class.get("write").map_or(0, |class| class.answered);
    report.tiers["database"].served as f64 - writes as f64
}

/// Che, Tung and Wang, "Hierarchical web caching systems" (2002): a key is held if it was asked for within the time in
/// which as many different ones are as fit. `hits` says how likely that is for a key that is asked for so often in that
/// time: 1 − e^−x for LRU, x / (1 + x) for FIFO and random (Martina, Garetto and Leonardi, 2014).
pub fn che_percent(keys: u32, exponent: f64, size: u32, hits: fn(f64) -> f64) -> f64 {
    let weights: Vec<f64> = (1..=keys).map(|k| libm::pow(f64::from(k), -exponent)).collect();
    let total: f64 = weights.iter().sum();
    let held = |time: f64| weights.iter().map(|weight| hits(weight / total * time)).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e9);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if held(middle) < f64::from(size) { low = middle } else { high = middle }
    }
    100.0 * weights.iter().map(|weight| weight / total * hits(weight / total * low)).sum::<f64>()
}

/// For LRU.
pub fn lru(x: f64) -> f64 {
    1.0 - libm::exp(-x)
}

/// For FIFO and random.
pub fn fifo(x: f64) -> f64 {
    x / (1.0 + x)
}
