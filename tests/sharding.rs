//! Databases that are sharded: who has a row, what a death means, and rows that move while all goes on.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::check_balance;
use common::{kill, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::nodes::sharding::locate;
use zero_to_millions::scenario::{self, Change, Scenario, edit, plan};
use zero_to_millions::world::World;
use zero_to_millions::world::report::{Report, ShardingReport};

/// Shards of one core each, which do a thousand queries a second of 1 ms.
fn shards(patch: &Value) -> Scenario {
    let work = json!({ "mean_ms": 1.0 });
    let mut base = json!({
        "version": 1, "name": "Shards",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.4, "entry": "web",
            "keys": { "count": 10_000, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "read": { "share": 0.5, "database": work },
                         "write": { "share": 0.5, "write": true, "database": work } }
        },
        "machines": { "app": { "place": "montreal", "cores": 32 }, "data": { "place": "montreal", "cores": 1 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 10_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "slots": 64, "backlog": 1000, "boot_ms": 500.0,
                          "sharding": { "shards": 4 } }
        }
    });
    edit::merge(&mut base, patch);
    scenario::from_value(base).unwrap_or_else(|problem| panic!("{problem}"))
}

fn own(report: &Report) -> &ShardingReport {
    report.tiers["database"].sharding.as_ref().expect("it is sharded")
}

fn failed(report: &Report) -> u64 {
    report.requests.failed.values().sum()
}

/// What the page says of a user is where requests for that user go.
#[test]
fn the_shard_that_is_told_is_the_one_that_is_asked() {
    for by in ["modulo", "ring", "directory"] {
        let patch = json!({
            "workload": { "keys": { "celebrities": { "count": 1, "share": 1.0 } } },
            "tiers": { "database": { "sharding": { "by": by } } }
        });
        let scenario = shards(&patch);
        let sharding = plan::sharding_of(&scenario, "database").expect("it is sharded");
        let told = locate(&sharding, 0).shards;
        let mut world = World::new(&scenario, 1);
        run_to(&mut world, seconds(10.0));
        let report = world.report();
        let served: Vec<u64> = own(&report).shards.iter().map(|shard| shard.served).collect();
        let asked: Vec<u16> = (1..=4).filter(|&shard: &u16| served[usize::from(shard) - 1] > 0).collect();
        assert_eq!(asked, told, "{by}: {served:?}");
    }
}

/// A dead shard costs its own rows only, and its replica takes over for these.
#[test]
fn each_shard_fails_over_by_itself() {
    let patch = json!({ "tiers": { "database": { "instances": 2, "replication": {
        "heartbeat_ms": 200.0, "missed": 2, "election_ms": 200.0, "promotion_ms": 300.0 } } } });
    let mut world = World::new(&shards(&patch), 1);
    run_to(&mut world, seconds(10.0));
    world.begin_measuring();
    // The primary of the second shard.
    kill(&mut world, "database.3");
    run_for(&mut world, 10.0);
    let (report, balance) = (world.report(), world.context().clusters.len());
    assert_eq!(balance, 4, "a cluster for each shard");
    let replication = report.tiers["database"].replication.as_ref().expect("they replicate");
    assert_eq!((replication.promotions, replication.members.len()), (1, 8));
    // Writes to a quarter of the rows, for about a second of ten.
    let writes = &report.by_class["write"];
    assert!((10..120).contains(&writes.failed), "{} of {} writes fail", writes.failed, writes.answered);
    world.begin_measuring();
    run_for(&mut world, 5.0);
    assert_eq!(failed(&world.report()), 0);
    check_balance(&world);
}

/// Rows move to clusters too; what was written meanwhile is there, and no read is stale for it where the primaries answer.
#[test]
fn clusters_take_rows_from_each_other() {
    let patch = json!({ "tiers": { "database": { "instances": 2, "replication": { "reads": "primary" },
                                                 "sharding": { "by": "ring" } } } });
    let mut world = World::new(&shards(&patch), 1);
    run_to(&mut world, seconds(2.0));
    set(&mut world, "tiers.database.sharding.shards", 5);
    run_for(&mut world, 20.0);
    let report = world.report();
    assert!(!own(&report).moving && own(&report).moved_rows > 1000, "{:?}", own(&report));
    assert_eq!((failed(&report), own(&report).shards.len(), report.tiers["database"].instances), (0, 5, 10));
    let replication = report.tiers["database"].replication.as_ref().expect("they replicate");
    assert_eq!((replication.stale_reads, replication.lost_writes), (0, 0));
    assert!(replication.members[8].writes > 100, "the new primary takes writes: {:?}", replication.members[8]);
}

/// A target that cannot keep up with what is written meanwhile would never have all: then writes of moving rows are refused
/// until it does, and only then do callers switch.
#[test]
fn who_never_catches_up_is_waited_for() {
    let patch = json!({ "workload": { "requests_per_user_per_second": 3.0,
                                      "classes": { "read": { "share": 0.01 } } },
                        "tiers": { "database": { "sharding": { "shards": 4, "by": "ring" } } } });
    let mut world = World::new(&shards(&patch), 1);
    run_to(&mut world, seconds(1.0));
    set(&mut world, "tiers.database.sharding.shards", 5);
    run_for(&mut world, 1.0);
    // The new one does a hundredth of the others' work.
    world.apply(Change::Slow { target: "database.5".to_owned(), factor: 0.01 }).expect("it is there");
    run_for(&mut world, 8.0);
    let report = world.report();
    assert!(own(&report).moving && report.requests.failed["read_only"] > 0, "{:?}", report.requests.failed);
    world.apply(Change::Slow { target: "database.5".to_owned(), factor: 1.0 }).expect("it is there");
    run_for(&mut world, 10.0);
    let report = world.report();
    assert!(!own(&report).moving && own(&report).caught_up_writes > 100, "{:?}", own(&report));
    world.begin_measuring();
    run_for(&mut world, 2.0);
    assert_eq!(failed(&world.report()), 0);
    check_balance(&world);
}

/// Servers that die in the middle only delay a move.
#[test]
fn a_move_survives_the_death_of_both_ends() {
    let patch = json!({ "workload": { "keys": { "value_kb": 100.0 } } });
    let mut world = World::new(&shards(&patch), 1);
    run_to(&mut world, seconds(1.0));
    set(&mut world, "tiers.database.sharding.shards", 5);
    for target in ["database.1", "database.5"] {
        run_for(&mut world, 2.0);
        assert!(own(&world.report()).moving);
        kill(&mut world, target);
        run_for(&mut world, 1.0);
        world.apply(Change::Restore { target: target.to_owned() }).expect("it is there");
    }
    run_for(&mut world, 60.0);
    let report = world.report();
    // Four fifths of 10,000 rows by modulo; four standard deviations are 160.
    assert!(!own(&report).moving && own(&report).moved_rows.abs_diff(8000) < 160, "{:?}", own(&report));
    check_balance(&world);
}
