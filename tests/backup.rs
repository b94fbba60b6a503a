//! Backups, restores, standbys and rows deleted by mistake, in a system: what is kept, what is lost, and what is found.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::check_balance;
use common::{run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::nodes::database::Role;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::{self, Change, Scenario, edit};
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;
use zero_to_millions::world::report::ReplicationReport;

/// 100 requests a second, half of them writes, to one web server with databases that are never busy, all in one place. Data
/// of 100 MB at 100 MB/s: a second to copy, and a second to boot.
fn site(instances: u32, patch: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": "Backups",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.1, "entry": "web",
            "keys": { "count": 1000, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": {
                "read": { "share": 0.5, "database": { "mean_ms": 0.1, "distribution": "constant" } },
                "write": { "share": 0.5, "write": true, "database": { "mean_ms": 0.1, "distribution": "constant" } }
            }
        },
        "network": { "enabled": false },
        "machines": { "app": { "place": "montreal", "cores": 64 }, "data": { "place": "montreal", "cores": 64 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 10_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "instances": instances, "slots": 10_000, "backlog": 0,
                          "boot_ms": 1000.0, "replication": { "data_gb": 0.1, "copy_mb_per_second": 100.0 },
                          "backup": { "every_ms": 10_000.0, "archive_every_ms": 2000.0 } }
        }
    });
    if instances == 1 {
        json["tiers"]["database"]["replication"]["reads"] = json!("primary");
    }
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn own(world: &World) -> ReplicationReport {
    world.report().tiers["database"].replication.clone().expect("it replicates")
}

fn destroy(world: &mut World) {
    let all = Change::Kill { target: "database".into(), silent: false, destroy: true };
    world.apply(all).expect("they are there");
}

fn restore(world: &mut World, to_ms: Option<f64>) {
    world.apply(Change::RestoreBackup { target: "database".into(), to_ms }).expect("there is a backup");
}

fn delete(world: &mut World, share: f64) {
    world.apply(Change::BadDelete { target: "database".into(), share }).expect("it replicates");
}

fn told(world: &World, wanted: impl Fn(&Fact) -> bool) -> usize {
    world.context().observer.facts().0.iter().filter(|(_, fact)| wanted(fact)).count()
}

/// By brute force: the versions of all keys at a moment, as a twin of the run has them.
fn versions_at(scenario: &Scenario, at: SimTime) -> (Vec<u64>, u64) {
    let mut world = World::new(scenario, 1);
    run_to(&mut world, at);
    let data = world.context().data.as_ref().expect("it has keys");
    ((0..1000).map(|key| data.version(key)).collect(), own(&world).members[0].position)
}

#[test]
fn a_restore_brings_back_exactly_what_there_was_at_that_moment() {
    // Whether the log still reaches back to it or has forgotten nearly all.
    for log in [100_000, 10] {
        let scenario = site(1, &json!({ "tiers": { "database": { "replication": { "log_entries": log } } } }));
        // A moment between shipments if the log knows it, that of a shipment if not.
        let moment = if log > 1000 { seconds(15.7) } else { seconds(15.0) };
        let (versions, position) = versions_at(&scenario, moment);
        let mut world = World::new(&scenario, 1);
        run_to(&mut world, seconds(30.5));
        let before = own(&world);
        assert_eq!(before.lost_writes, 0);
        restore(&mut world, Some(moment.as_ms()));
        run_to(&mut world, seconds(31.0));
        set(&mut world, "workload.requests_per_user_per_second", 0.0);
        run_to(&mut world, seconds(34.0));
        check_balance(&world);
        let after = own(&world);
        assert_eq!(after.restores, 1);
        assert_eq!(after.members[0].position, position, "log of {log}");
        assert_eq!(after.durable_writes, position, "all up to then were acknowledged");
        assert_eq!(after.lost_writes, after.acknowledged_writes - position);
        let data = world.context().data.as_ref().expect("it has keys");
        let newest = versions.iter().max().copied().unwrap_or(0);
        for (key, &version) in versions.iter().enumerate() {
            let found = data.version(key as u32);
            if log > 1000 {
                assert_eq!(found, version, "key {key}");
            } else {
                // What the log has forgotten is known to be at most as new as the point: not older than what was there, and
                // older than all that is lost.
                assert!(version <= found && found <= newest, "key {key}: {found} for {version}");
            }
        }
    }
}

#[test]
fn without_a_point_of_its_own_the_newest_state_comes_back_by_itself() {
    let scenario = site(1, &json!({ "tiers": { "database": { "backup": { "restore_after_ms": 5000.0 } } } }));
    let mut world = World::new(&scenario, 1);
    run_to(&mut world, seconds(25.5));
    destroy(&mut world);
    let gone = own(&world);
    assert_eq!(
        (gone.durable_writes, gone.lost_writes),
        (0, gone.acknowledged_writes),
        "until it is restored, all is lost"
    );
    run_to(&mut world, seconds(40.0));
    let back = own(&world);
    // Shipped at 1 s and every 2 s from then on: at 25 s. Three heartbeats are missed at 28 s; 5 s later it begins, and takes
    // a second to boot and one to copy, with 40 ms for the first piece of 8 MB and less for some hundred writes.
    assert!(back.recovery_point_ms.is_some_and(|ms| (400.0..=500.0).contains(&ms)), "{:?}", back.recovery_point_ms);
    assert!(back.recovery_time_ms.is_some_and(|ms| (9500.0..=9650.0).contains(&ms)), "{:?}", back.recovery_time_ms);
    assert!(back.lost_writes > 0 && back.members[0].writes > gone.members[0].writes, "{back:?}");
    check_balance(&world);
}

#[test]
fn nothing_comes_back_from_nothing() {
    let mut world = World::new(
        &site(2, &json!({ "tiers": { "database": { "backup": { "every_ms": null, "archive_every_ms": null } } } })),
        1,
    );
    run_to(&mut world, seconds(20.0));
    destroy(&mut world);
    restore(&mut world, None);
    run_to(&mut world, seconds(60.0));
    assert_eq!(told(&world, |fact| matches!(fact, Fact::NothingToRestore { .. })), 1);
    assert_eq!((own(&world).restores, own(&world).durable_writes), (0, 0));
    check_balance(&world);
}

#[test]
fn replicas_get_new_copies_after_a_restore_and_follow() {
    let mut world = World::new(&site(3, &json!({})), 1);
    run_to(&mut world, seconds(25.0));
    restore(&mut world, Some(20_000.0));
    run_to(&mut world, seconds(26.0));
    let meanwhile = own(&world);
    assert!(meanwhile.members[1].reads > 0 && meanwhile.members[1].listed, "replicas answer reads meanwhile");
    run_to(&mut world, seconds(45.0));
    let after = own(&world);
    assert_eq!(told(&world, |fact| matches!(fact, Fact::Copied { .. })), 2);
    assert!(after.members.iter().skip(1).all(|member| member.role == Role::Replica && member.listed), "{after:?}");
    let position = after.members[0].position;
    assert!(after.members.iter().all(|member| position - member.position < 10), "{after:?}");
    check_balance(&world);
}

#[test]
fn a_machine_that_dies_while_it_is_restored_can_be_restored_again() {
    let mut world = World::new(&site(1, &json!({})), 1);
    run_to(&mut world, seconds(25.0));
    destroy(&mut world);
    restore(&mut world, None);
    run_to(&mut world, seconds(26.5));
    destroy(&mut world);
    run_to(&mut world, seconds(27.0));
    assert_eq!(told(&world, |fact| matches!(fact, Fact::RestoreFailed { .. })), 1);
    restore(&mut world, None);
    run_to(&mut world, seconds(40.0));
    assert_eq!(own(&world).restores, 1);
    check_balance(&world);
}

#[test]
fn old_backups_go_and_snapshots_stay() {
    let mut world =
        World::new(&site(1, &json!({ "tiers": { "database": { "backup": { "retention_ms": 25_000.0 } } } })), 1);
    run_to(&mut world, seconds(5.0));
    world.apply(Change::Snapshot { target: "database".into() }).expect("it has backups");
    run_to(&mut world, seconds(65.5));
    let backups = own(&world).backups.expect("there are some");
    // Begun at 1, 11, … and 61 s; those of 41, 51 and 61 s are young enough.
    assert_eq!((backups.automated, backups.expired, backups.snapshots, backups.kept), (7, 4, 1, 4));
    // To the snapshot's moment: nothing older than the young ones is left but that.
    restore(&mut world, Some(30_000.0));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_to(&mut world, seconds(75.0));
    let (_, position) = versions_at(&site(1, &json!({})), seconds(5.0));
    assert_eq!(own(&world).durable_writes, position);
}

#[test]
fn a_backup_loads_the_one_that_it_is_read_from() {
    let busy = |backup: Value| {
        let patch = json!({ "machines": { "data": { "cores": 1 } }, "tiers": { "database": { "backup": backup } } });
        let mut world = World::new(&site(1, &patch), 1);
        run_to(&mut world, seconds(60.0));
        world.report().tiers["database"].utilisation.expect("it has cores")
    };
    // A second in ten, beside 100 queries of 0.1 ms a second.
    let (with, without) = (busy(json!({ "every_ms": 10_000.0 })), busy(Value::Null));
    assert!((with - without - 0.1).abs() < 0.01, "{with} {without}");
}

#[test]
fn a_standby_is_read_by_nobody_and_takes_over() {
    let patch = json!({ "tiers": { "database": { "backup": null, "replication": { "standbys": 1 } } } });
    let mut world = World::new(&site(3, &patch), 1);
    run_to(&mut world, seconds(20.0));
    let before = own(&world);
    assert!(before.members[1].reads > 500, "the other replica answers");
    assert_eq!(before.members[2].reads, 0);
    for target in ["database.2", "database.1"] {
        world.apply(Change::Kill { target: target.into(), silent: false, destroy: false }).expect("it is there");
    }
    run_to(&mut world, seconds(40.0));
    let after = own(&world);
    assert_eq!(after.members[2].role, Role::Primary);
    assert!(after.members[2].reads > 0 && after.members[2].writes > 0, "{after:?}");
    check_balance(&world);
}

#[test]
fn rows_are_missing_where_the_statement_was_applied_until_they_are_written_anew() {
    let mut world =
        World::new(&site(2, &json!({ "tiers": { "database": { "replication": { "ship_every_ms": 5000.0 } } } })), 1);
    run_to(&mut world, seconds(20.0));
    delete(&mut world, 1.0);
    run_to(&mut world, seconds(20.5));
    let early = own(&world).members[1].missing_reads;
    run_to(&mut world, seconds(26.0));
    let late = own(&world).members[1].missing_reads;
    assert!(early < late, "{early} {late}: nothing is missing at the replica before it is shipped");
    assert_eq!(world.report().requests.missing, late, "clients are told so");
    // 50 writes a second on 1,000 keys: after 200 s all but e⁻¹⁰ of them are there again.
    run_to(&mut world, seconds(226.0));
    let healed = own(&world).missing_reads;
    run_to(&mut world, seconds(236.0));
    assert!(own(&world).missing_reads - healed < 5, "{healed}");
    check_balance(&world);
}

#[test]
fn a_cache_goes_on_with_what_it_has_and_keeps_nothing_of_what_is_missing() {
    let cache = json!({ "kind": "cache", "machine": "app", "slots": 1000, "backlog": 0, "lookup": { "mean_ms": 0.1 },
                        "capacity_entries": 1000, "ttl_ms": 10_000.0 });
    let patch = json!({ "workload": { "classes": { "read": { "cached": true } } },
                        "tiers": { "cache": cache, "web": { "cache": "cache" } } });
    let mut world = World::new(&site(1, &patch), 1);
    run_to(&mut world, seconds(20.0));
    delete(&mut world, 1.0);
    set(&mut world, "workload.classes.write.share", 0.0);
    let counts = |world: &World| world.report().tiers["cache"].cache.as_ref().expect("entries").hits;
    let hits = counts(&world);
    run_to(&mut world, seconds(22.0));
    assert!(counts(&world) > hits, "what it has it still answers");
    run_to(&mut world, seconds(31.0));
    let (hits, missing) = (counts(&world), world.report().requests.missing);
    run_to(&mut world, seconds(41.0));
    assert_eq!(counts(&world), hits, "all entries have expired, and none has come");
    assert!(world.report().requests.missing > missing);
}
