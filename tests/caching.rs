//! The cache with entries, in a system: what it finds, what it saves the database, and what is stale.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::{check_balance, check_empty};
use common::{kill, restore, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Scenario, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::report::{CacheReport, Report};

/// 400 requests a second to one web server with a cache and a database that are never busy, all in one place.
fn site(patch: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": "Cache",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.4, "entry": "web",
            "keys": { "count": 1000, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": {
                "read": { "share": 0.8, "cached": true, "database": { "mean_ms": 0.01, "distribution": "constant" } },
                "write": { "share": 0.2, "write": true, "database": { "mean_ms": 0.01, "distribution": "constant" } }
            }
        },
        "network": { "enabled": false },
        "machines": { "all": { "place": "montreal", "cores": 1024, "cost_per_month_usd": 0.0 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "all", "slots": 100_000, "backlog": 0, "cache": "cache",
                     "database": "database" },
            "cache": { "kind": "cache", "machine": "all", "slots": 100_000, "backlog": 0, "lookup": { "mean_ms": 0.0 },
                       "capacity_entries": 1_000_000, "boot_ms": 1000.0 },
            "database": { "kind": "database", "machine": "all", "slots": 100_000, "backlog": 0 }
        }
    });
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn reads_only(patch: &Value) -> Scenario {
    let mut json = json!({ "workload": { "classes": { "write": null } } });
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

fn cache(report: &Report) -> &CacheReport {
    report.tiers["cache"].cache.as_ref().expect("it holds entries")
}

fn hit_ratio(report: &Report) -> f64 {
    cache(report).hit_ratio.expect("it was asked")
}

/// Database reads = reads − hits, exactly; and without a cache all of them.
#[test]
fn every_read_is_a_hit_or_a_query() {
    let mut world = World::new(&site(&json!({})), 3);
    run_to(&mut world, seconds(300.0));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 10.0);
    check_balance(&world);
    check_empty(&world);
    let report = world.report();
    let (reads, writes) = (report.by_class["read"].answered, report.by_class["write"].answered);
    let found = cache(&report);
    assert_eq!(found.hits + found.misses, reads);
    assert_eq!(report.tiers["database"].served, reads - found.hits + writes);
    assert!(found.hits > reads / 2 && found.entries <= 1000, "{found:?}");
}

/// Che's approximation of LRU, within one point, in a running system.
#[test]
fn the_hit_ratio_follows_ches_approximation() {
    let weights: Vec<f64> = (1..=10_000).map(|k| f64::from(k).powf(-0.9)).collect();
    let total: f64 = weights.iter().sum();
    for size in [100, 1000, 4000] {
        let held = |time: f64| weights.iter().map(|weight| 1.0 - (-weight / total * time).exp()).sum::<f64>();
        let (mut low, mut high) = (0.0, 1e9);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if held(middle) < f64::from(size) { low = middle } else { high = middle }
        }
        let hits = |weight: f64| weight / total * (1.0 - (-weight / total * low).exp());
        let expected: f64 = weights.iter().map(|weight| hits(*weight)).sum();
        let keys = json!({ "count": 10_000, "popularity": "zipf", "exponent": 0.9 });
        let patch = json!({ "workload": { "keys": keys }, "tiers": { "cache": { "capacity_entries": size } } });
        let measured = hit_ratio(&measured(&reads_only(&patch), 500.0, 500.0));
        assert!((measured - expected).abs() < 0.01, "{size} entries: {measured} for {expected}");
    }
}

/// λT / (1 + λT) for a time to live and nothing else: 400 requests a second over 1,000 keys are λ = 0.4 for each.
#[test]
fn the_hit_ratio_with_a_time_to_live_is_that_of_renewal_theory() {
    for ttl_seconds in [0.5, 2.5, 25.0] {
        let patch = json!({ "tiers": { "cache": { "ttl_ms": ttl_seconds * 1e3 } } });
        let report = measured(&reads_only(&patch), 60.0, 500.0);
        let load = 0.4 * ttl_seconds;
        let expected = load / (1.0 + load);
        // Four standard errors of a share of 200,000.
        assert!((hit_ratio(&report) - expected).abs() < 0.0045, "{}: {expected}", hit_ratio(&report));
        assert_eq!(cache(&report).stale_reads, 0, "nobody writes");
    }
}

/// With room for all and invalidation, a read hits if the last that happened to its key was a read: 1 − write share.
#[test]
fn invalidation_makes_the_hit_ratio_that_of_the_reads() {
    for share in [0.1, 0.5] {
        let classes = json!({ "read": { "share": 1.0 - share }, "write": { "share": share } });
        let report = measured(&site(&json!({ "workload": { "classes": classes } })), 100.0, 500.0);
        assert!((hit_ratio(&report) - (1.0 - share)).abs() < 0.006, "{} at {share}", hit_ratio(&report));
        assert_eq!(cache(&report).stale_reads, 0, "with all in one instant there is no race");
    }
}

/// Without invalidation, reads are stale until the entry expires. A key has λ = 0.32 reads and μ = 0.08 writes a second.
/// With fills by renewal, the age of the entry at a hit is uniform over its life T: stale with 1 − (1 − e^−μT) / μT.
#[test]
fn without_invalidation_entries_go_stale_until_they_expire() {
    let patch = json!({ "tiers": { "cache": { "on_write": "nothing", "ttl_ms": 10_000.0 } } });
    let report = measured(&site(&patch), 60.0, 1000.0);
    let found = cache(&report);
    let stale = found.stale_reads as f64 / found.hits as f64;
    let expected = 1.0 - (1.0 - (-0.8f64).exp()) / 0.8;
    assert!((stale - expected).abs() < 0.01, "{stale} for {expected}");
}

/// The race: a write between a reader's query and its fill leaves an entry that is stale until it goes; so do two writers
/// who overtake each other. Where fills are versioned, only reads between a write and its arrival at the cache are stale.
#[test]
fn a_write_between_a_read_and_its_fill_leaves_a_stale_entry() {
    let stale = |on_write: &str, versioned: bool| {
        let slow = json!({
            "workload": { "keys": { "count": 50 } },
            // What takes ever another time can be overtaken.
            "tiers": { "cache": { "lookup": { "mean_ms": 50.0 }, "on_write": on_write, "versioned_fill": versioned } }
        });
        let mut world = World::new(&site(&slow), 1);
        run_to(&mut world, seconds(600.0));
        // Nobody writes any more: what is stale now stays so.
        set(&mut world, "workload.classes.write.share", 0.0);
        run_for(&mut world, 10.0);
        world.begin_measuring();
        run_for(&mut world, 100.0);
        cache(&world.report()).stale_reads
    };
    assert!(stale("invalidate", false) > 0, "a fill came after the removal");
    assert_eq!(stale("invalidate", true), 0);
    assert!(stale("update", false) > 0, "one writer overtook another");
    assert_eq!(stale("update", true), 0);
    assert!(stale("nothing", false) > 10_000);
}

/// Misses of the same key at the same time: with coalescing each web server asks once, and the books still add up.
#[test]
fn coalesced_misses_ask_the_database_once() {
    let run = |coalesce: bool| {
        let patch = json!({
            "workload": { "keys": { "count": 5 }, "classes": { "read": { "database": { "mean_ms": 200.0 } } } },
            "tiers": { "cache": { "ttl_ms": 1000.0, "coalesce": coalesce } }
        });
        let mut world = World::new(&reads_only(&patch), 1);
        run_to(&mut world, seconds(300.0));
        set(&mut world, "workload.requests_per_user_per_second", 0.0);
        run_for(&mut world, 30.0);
        check_balance(&world);
        check_empty(&world);
        world.report()
    };
    let (alone, together) = (run(false), run(true));
    assert_eq!(cache(&alone).coalesced, 0);
    for report in [&alone, &together] {
        let (found, reads) = (cache(report), report.requests.answered);
        assert_eq!(report.tiers["database"].served, reads - found.hits - found.coalesced);
    }
    // One query a key and life, which is 1.2 s with the query: 300 / 1.2 · 5.
    let queries = together.tiers["database"].served as f64;
    assert!((queries - 1250.0).abs() < 60.0, "{queries}");
    assert!(alone.tiers["database"].served > 5 * together.tiers["database"].served);
}

/// A cache that dies takes no request with it that came later: reads go to the database. Back, it has to learn anew.
#[test]
fn a_dead_cache_sends_all_reads_to_the_database_and_forgets() {
    let mut world = World::new(&reads_only(&json!({})), 1);
    run_to(&mut world, seconds(60.0));
    kill(&mut world, "cache");
    world.begin_measuring();
    run_for(&mut world, 30.0);
    let dead = world.report();
    assert_eq!(dead.tiers["database"].served, dead.requests.answered);
    assert_eq!(dead.requests.failed.values().sum::<u64>(), 0);
    assert_eq!(cache(&dead).entries, 0, "memory is gone");
    restore(&mut world, "cache");
    run_for(&mut world, 1.0);
    world.begin_measuring();
    run_for(&mut world, 1.0);
    // Of 1,000 keys, 400 requests find about a fifth asked for before.
    assert!(hit_ratio(&world.report()) < 0.25, "not all is back after a second");
    run_for(&mut world, 60.0);
    world.begin_measuring();
    run_for(&mut world, 10.0);
    assert!(hit_ratio(&world.report()) > 0.99);
}

/// One of four dead: a quarter of the keys, within what 200 points on the ring leave uneven, are queries again.
#[test]
fn of_several_servers_one_takes_only_its_own_keys_with_it() {
    let mut world = World::new(&reads_only(&json!({ "tiers": { "cache": { "instances": 4 } } })), 1);
    run_to(&mut world, seconds(60.0));
    world.begin_measuring();
    run_for(&mut world, 100.0);
    let well = world.report();
    assert!(hit_ratio(&well) > 0.999);
    let own = well.tiers["cache"].per_instance[1] as f64 / well.tiers["cache"].served as f64;
    kill(&mut world, "cache.2");
    world.begin_measuring();
    run_for(&mut world, 100.0);
    let report = world.report();
    let queries = report.tiers["database"].served as f64 / report.requests.answered as f64;
    assert_eq!(report.requests.failed.values().sum::<u64>(), 0);
    assert!((queries * 4.0 - 1.0).abs() < 0.25 && (queries - own).abs() < 0.02, "{queries}, its share {own}");
}

/// A server more: the ring moves a fifth of the keys, modulo four fifths; those have to be read anew.
#[test]
fn a_server_more_moves_a_part_of_the_keys_or_nearly_all() {
    let misses = |placement: &str| {
        let patch = json!({ "tiers": { "cache": { "instances": 4, "placement": placement } } });
        let mut world = World::new(&reads_only(&patch), 1);
        run_to(&mut world, seconds(60.0));
        set(&mut world, "tiers.cache.instances", 5);
        run_for(&mut world, 2.0);
        world.begin_measuring();
        // Long enough for every key to be asked for once.
        run_for(&mut world, 60.0);
        cache(&world.report()).misses as f64 / 1000.0
    };
    let (ring, modulo) = (misses("ring"), misses("modulo"));
    assert!(ring < 0.25 && modulo > 2.5 * ring, "ring {ring}, modulo {modulo}");
}

/// Another rule or size acts on a running cache.
#[test]
fn a_running_cache_takes_on_another_size_and_rule() {
    let mut world = World::new(&reads_only(&json!({})), 1);
    run_to(&mut world, seconds(60.0));
    set(&mut world, "tiers.cache.capacity_entries", 100);
    run_for(&mut world, 0.001);
    assert_eq!(cache(&world.report()).entries, 100);
    for eviction in ["lfu", "random", "fifo", "lru"] {
        set(&mut world, "tiers.cache.eviction", eviction);
        run_for(&mut world, 5.0);
        assert_eq!(cache(&world.report()).entries, 100);
    }
}

#[test]
fn what_a_cache_cannot_be_is_one_line_with_its_place() {
    let base = serde_json::to_value(site(&json!({}))).expect("plain data");
    let listed = json!({ "size": "general-2", "cores": null, "cost_per_month_usd": null });
    let cases = [
        (json!({ "tiers": { "cache": { "ttl_ms": 0.0 } } }), "tiers.cache.ttl_ms: must be from 0.001"),
        (
            json!({ "tiers": { "cache": { "capacity_entries": 0 } } }),
            "tiers.cache.capacity_entries: must be at least 1",
        ),
        (json!({ "tiers": { "cache": { "capacity_entries": null } } }), "tiers.cache.capacity_entries: is missing"),
        (json!({ "tiers": { "cache": { "hit_probability": 0.5 } } }), "tiers.cache.hit_probability: "),
        (json!({ "tiers": { "cache": { "eviction": "lur" } } }), "tiers.cache.eviction: unknown variant `lur`"),
        (json!({ "workload": { "keys": null } }), "workload.keys: is missing"),
        (json!({ "workload": { "keys": { "count": 0 } } }), "workload.keys.count: must be at least 1"),
        (json!({ "workload": { "keys": { "exponent": 9.0 } } }), "workload.keys.exponent: must be from 0 to 3"),
    ];
    for (patch, expected) in cases {
        let mut json = base.clone();
        edit::merge(&mut json, &patch);
        let problem = scenario::from_value(json).expect_err(expected).to_string();
        assert!(problem.starts_with(expected) && !problem.contains('\n'), "{problem}");
    }
    let mut small = base;
    let patch = json!({ "machines": { "all": listed }, "tiers": { "cache": { "capacity_mb": 1e7 } } });
    edit::merge(&mut small, &patch);
    let problem = scenario::from_value(small).expect_err("it is too large").to_string();
    assert!(
        problem.starts_with("tiers.cache.capacity_mb: ") && problem.contains("memory of machines.all"),
        "{problem}"
    );
}
