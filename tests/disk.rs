//! The database's disk: how long a page takes, how many at once, what memory saves, and when a write is safe.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::{check_balance, check_empty};
use common::{kill, restore, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Scenario, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::report::{PoolReport, Report};

/// 1,000 pages of 8 rows, of which memory holds a hundred; 50 requests a second, no way between, work that takes no time.
fn site(patch: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": "Disk",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.05, "entry": "web",
            "keys": { "count": 8000, "popularity": "uniform", "value_kb": 1.0 },
            "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": 60_000.0 } },
            "classes": { "read": { "share": 1.0, "database": { "mean_ms": 0.001, "distribution": "constant" } } }
        },
        "network": { "enabled": false },
        "machines": { "all": { "place": "montreal", "cores": 1024, "disk": "spinning" } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "all", "slots": 100_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "all", "slots": 100_000, "backlog": 0,
                          "buffer_pool_mb": 0.8192, "boot_ms": 1000.0 }
        }
    });
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn writing(patch: &Value) -> Scenario {
    let classes = json!({ "read": null, "write": { "share": 1.0, "write": true, "database": { "mean_ms": 0.001 } } });
    let mut json = json!({ "workload": { "classes": classes } });
    edit::merge(&mut json, patch);
    site(&json)
}

fn measured(scenario: &Scenario, warmup: f64, length: f64) -> Report {
    let mut world = World::new(scenario, 1);
    run_to(&mut world, seconds(warmup));
    world.begin_measuring();
    run_for(&mut world, length);
    world.report()
}

fn pool(report: &Report) -> &PoolReport {
    report.tiers["database"].buffer_pool.as_ref().expect("it has a disk")
}

/// With all pages alike, memory for a tenth of them finds a tenth; the disk's utilisation is rate × misses × access time.
#[test]
fn memory_finds_its_share_and_the_disk_does_the_rest() {
    let report = measured(&site(&json!({})), 60.0, 2000.0);
    let hit_ratio = pool(&report).hit_ratio.expect("it was asked");
    // Four standard errors of a share of 100,000; two requests for a page that is being read make a small part.
    assert!((hit_ratio - 0.1).abs() < 0.004, "{hit_ratio}");
    let utilisation = report.tiers["database"].disk_utilisation.expect("there is a disk");
    assert!((utilisation - 50.0 * 0.9 * 0.010).abs() < 0.01, "{utilisation}");
}

/// A spinning disk does 100 operations a second, one at a time, and M/G/1 says how long they wait: 10 ms ± 4.17 uniform.
#[test]
fn reads_wait_for_a_spinning_disk_as_pollaczek_and_khinchine_say() {
    let patch = json!({ "workload": { "requests_per_user_per_second": 0.07 } , "tiers": { "database": { "buffer_pool_mb": 0.0082 } } });
    let report = measured(&site(&patch), 60.0, 3000.0);
    // One page in a thousand is in memory; the half width of a turn gives the variance h² / 3.
    let (rate, mean) = (70.0 * 0.999, 0.010);
    let second_moment = mean * mean + (0.008_333 / 2.0f64).powi(2) / 3.0;
    let wait = rate * second_moment / (2.0 * (1.0 - rate * mean));
    let expected = 1e3 * (mean + wait);
    assert!((report.latency_ms.mean / expected - 1.0).abs() < 0.03, "{} for {expected}", report.latency_ms.mean);
    let ssd = measured(&site(&json!({ "machines": { "all": { "disk": "ssd" } } })), 60.0, 100.0);
    assert!((ssd.latency_ms.p99 - 0.101).abs() < 0.004, "{}", ssd.latency_ms.p99);
}

/// Group commit: 1,000 writes a second are safe with the 120 flushes that a spinning disk can do, each a turn or two later.
#[test]
fn writes_that_come_together_are_made_safe_together() {
    let patch = json!({ "workload": { "requests_per_user_per_second": 1.0, "keys": { "count": 80 } } });
    let report = measured(&writing(&patch), 10.0, 20.0);
    let flushes = pool(&report).log_flushes as f64 / 20.0;
    assert!((flushes - 120.0).abs() < 2.0, "{flushes}");
    // A write waits for the rest of the turn before, and for its own: one and a half on average.
    assert!((report.latency_ms.mean - 12.5).abs() < 0.5, "{}", report.latency_ms.mean);
    assert!(report.latency_ms.max < 17.5 + 20.0, "{}", report.latency_ms.max);
}

/// A page is written back half a minute after its first change, however often it was changed meanwhile.
#[test]
fn changed_pages_are_written_back_once_for_many_changes() {
    let patch = json!({ "workload": { "keys": { "count": 800 } }, "machines": { "all": { "disk": "ssd" } } });
    let report = measured(&writing(&patch), 60.0, 300.0);
    // 100 pages, each changed every two seconds: written once in 30 s and the time to the next change.
    let expected = 100.0 * 300.0 / 32.0;
    assert!((pool(&report).written_back as f64 / expected - 1.0).abs() < 0.08, "{:?}", pool(&report));
}

/// A crash empties memory, not the disk; writes whose log was not yet safe are not carried out.
#[test]
fn a_crash_costs_memory_and_what_was_not_yet_safe() {
    let mut world = World::new(&writing(&json!({ "workload": { "requests_per_user_per_second": 1.0 } })), 1);
    run_to(&mut world, seconds(20.0));
    kill(&mut world, "database");
    let report = world.report();
    assert!(report.requests.failed["killed"] > 3, "those whose flush was under way are lost");
    assert_eq!(report.writes.applied, report.requests.answered, "what was answered was safe, and nothing else");
    restore(&mut world, "database");
    run_for(&mut world, 10.0);
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 120.0);
    check_balance(&world);
    check_empty(&world);
}

#[test]
fn what_a_disk_cannot_be_is_one_line_with_its_place() {
    let base = serde_json::to_value(site(&json!({}))).expect("plain data");
    let small = json!({ "size": "general-2", "cores": null });
    let cases = [
        (json!({ "machines": { "all": { "disk": "spining" } } }), "machines.all.disk: there is no disk \"spining\""),
        (json!({ "machines": { "all": { "disk": null } } }), "tiers.database.buffer_pool_mb: holds pages of a disk"),
        (json!({ "tiers": { "database": { "buffer_pool_mb": null } } }), "tiers.database.buffer_pool_mb: is missing"),
        (json!({ "workload": { "keys": null } }), "workload.keys: is missing, and tiers.database has a disk"),
        (
            json!({ "machines": { "all": small }, "tiers": { "database": { "buffer_pool_mb": 9000.0 } } }),
            "tiers.database.buffer_pool_mb: must be from 0.001 to 8000, the memory of machines.all",
        ),
    ];
    for (patch, expected) in cases {
        let mut json = base.clone();
        edit::merge(&mut json, &patch);
        let problem = scenario::from_value(json).expect_err(expected).to_string();
        assert!(problem.starts_with(expected) && !problem.contains('\n'), "{problem}");
    }
}
