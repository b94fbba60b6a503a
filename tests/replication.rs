//! A primary and its replicas, in a system: who is asked, how far replicas are behind, and what a failover costs and loses.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::clusters::eventful_cluster;
use common::invariants::{check_balance, check_empty};
use common::random::{LENGTH, config};
use common::statistics::Sample;
use common::{kill, restore, run_for, run_to, seconds, set};
use proptest::prelude::*;
use serde_json::{Value, json};
use zero_to_millions::nodes::database::Role;
use zero_to_millions::nodes::database::settings::{Acknowledge, Fencing, Mode, Reads};
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::{self, Change, Scenario, Tier, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::report::{ReplicationReport, Report};

/// 400 requests a second, a fifth of them writes, to one web server with a primary and two replicas that are never busy,
/// all in one place without any delay.
fn site(patch: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": "Replication",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.4, "entry": "web",
            "keys": { "count": 1000, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": {
                "read": { "share": 0.8, "database": { "mean_ms": 0.1, "distribution": "constant" } },
                "write": { "share": 0.2, "write": true, "database": { "mean_ms": 0.1, "distribution": "constant" } }
            }
        },
        "network": { "enabled": false },
        "machines": { "all": { "place": "montreal", "cores": 1024, "cost_per_month_usd": 0.0 },
                      "data": { "place": "montreal", "cores": 1024, "cost_per_month_usd": 0.0 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "all", "slots": 100_000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "instances": 3, "slots": 100_000, "backlog": 0,
                          "boot_ms": 1000.0, "replication": { "flush_ms": 0.0 } }
        }
    });
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn replication(report: &Report) -> &ReplicationReport {
    report.tiers["database"].replication.as_ref().expect("it replicates")
}

fn drain(world: &mut World) {
    set(world, "workload.requests_per_user_per_second", 0.0);
    run_for(world, 30.0);
    check_balance(world);
    check_empty(world);
}

fn times(world: &World, wanted: impl Fn(&Fact) -> bool) -> Vec<f64> {
    let (facts, _) = world.context().observer.facts();
    facts.iter().filter(|(_, fact)| wanted(fact)).map(|(time, _)| time.as_ms() / 1e3).collect()
}

#[test]
fn writes_go_to_the_primary_and_reads_to_the_replicas_in_turn() {
    let mut world = World::new(&site(&json!({})), 1);
    run_to(&mut world, seconds(60.0));
    drain(&mut world);
    let report = world.report();
    let own = replication(&report);
    let [primary, first, second] = &own.members[..] else { panic!("three members") };
    assert_eq!((primary.reads, first.writes, second.writes), (0, 0, 0));
    assert_eq!(primary.writes, report.by_class["write"].answered);
    assert_eq!(first.reads + second.reads, report.by_class["read"].answered);
    assert!(first.reads.abs_diff(second.reads) <= 1, "{} and {}", first.reads, second.reads);
    assert_eq!((first.applied, second.applied), (primary.writes, primary.writes), "all is applied in the end");
    assert_eq!((own.acknowledged_writes, own.lost_writes), (primary.writes, 0));
}

/// The times from commit to applied are those of a single server whose arrivals are Poisson: what an infinite server sends
/// on. With half its capacity in use the mean of 1 / (μ − λ) is 2 / μ.
#[test]
fn the_lag_of_a_replica_is_that_of_a_single_server_queue() {
    let writes = json!({ "database": { "mean_ms": 5.0, "distribution": "exponential" } });
    let scenario = site(&json!({
        "workload": { "requests_per_user_per_second": 0.1,
                      "classes": { "read": { "share": 0.0 }, "write": writes } },
        "tiers": { "database": { "replication": { "apply_work": 1.0 } } }
    }));
    let reports = Sample { runs: 10, warm_up: 10.0, measured: 2000.0 }.take(&scenario);
    let estimate = common::statistics::Estimate::of(&reports, |report| replication(report).lag_ms.expect("applied"));
    estimate.must_agree("lag", 1.0 / (0.2 - 0.1), 0.0, 0.05);
}

/// A constant lag of the link's delay: all of it distance.
#[test]
fn distance_adds_its_delay_to_the_lag() {
    let scenario = site(&json!({
        "network": { "enabled": true, "hop_ms": 0.0 },
        "machines": { "data": { "place": null, "places": ["montreal", "london", "london"] } },
        "tiers": { "database": { "replication": { "apply_work": 0.0 } } }
    }));
    let mut world = World::new(&scenario, 1);
    run_to(&mut world, seconds(30.0));
    let one_way = zero_to_millions::scenario::places::delay_ms(
        zero_to_millions::scenario::places::find("montreal").expect("known"),
        zero_to_millions::scenario::places::find("london").expect("known"),
        zero_to_millions::scenario::places::PATH_FACTOR,
    );
    let report = world.report();
    let own = replication(&report);
    assert!((own.lag_ms.expect("applied") - one_way).abs() < 0.001, "{:?} {one_way}", own.lag_ms);
    assert_eq!(own.stale_reads, 0, "a read that goes the same way arrives after the write");
    run_for(&mut world, 1.0);
    let slow = Change::Delay { from: "database.1".into(), to: "database".into(), extra_ms: 100.0 };
    world.apply(slow).expect("it is valid");
    run_for(&mut world, 1.0);
    world.begin_measuring();
    run_for(&mut world, 20.0);
    let lag = replication(&world.report()).lag_ms.expect("applied");
    assert!((lag - one_way - 100.0).abs() < 0.001, "{lag}");
}

/// Who may wait for what, by the round trip: 20 ms there and back.
#[test]
fn a_synchronous_commit_takes_the_round_trip_longer_and_is_never_read_stale() {
    let run = |mode: &str, acknowledge: Option<&str>| {
        let mut own = json!({ "mode": mode, "apply_work": 0.0 });
        if let Some(acknowledge) = acknowledge {
            own["acknowledge"] = json!(acknowledge);
        }
        let mut world = World::new(&site(&json!({ "tiers": { "database": { "replication": own } } })), 1);
        let slow = Change::Delay { from: "database.1".into(), to: "database.2".into(), extra_ms: 10.0 };
        world.apply(slow).expect("it is valid");
        run_to(&mut world, seconds(60.0));
        let report = world.report();
        (report.by_class["write"].latency_ms.mean, replication(&report).stale_reads)
    };
    let (alone, stale) = run("asynchronous", None);
    assert!((alone - 0.1).abs() < 1e-6 && stale > 0, "{alone} {stale}");
    let (waits, stale) = run("synchronous", Some("apply"));
    assert!((waits - 20.1).abs() < 1e-3 && stale == 0, "{waits} {stale}");
    // The nearer one of two is enough.
    let (nearest, _) = run("semi_synchronous", Some("receipt"));
    assert!((nearest - 0.1).abs() < 1e-6, "{nearest}");
}

#[test]
fn a_dead_synchronous_replica_stalls_writes_until_it_is_dropped() {
    let own = json!({ "mode": "synchronous", "drop_after_ms": 2000.0 });
    let mut world = World::new(&site(&json!({ "tiers": { "database": { "replication": own } } })), 1);
    run_to(&mut world, seconds(10.0));
    kill(&mut world, "database.3");
    run_to(&mut world, seconds(11.9));
    let answered = |world: &World| world.report().by_class["write"].answered;
    let before = answered(&world);
    run_to(&mut world, seconds(11.95));
    assert_eq!(answered(&world), before, "nothing is committed");
    run_to(&mut world, seconds(20.0));
    assert!(answered(&world) > before + 500);
    assert_eq!(times(&world, |fact| matches!(fact, Fact::OutOfSync { .. })).len(), 1);
    restore(&mut world, "database.3");
    run_for(&mut world, 10.0);
    assert_eq!(times(&world, |fact| matches!(fact, Fact::InSync { .. })).len(), 1);
    drain(&mut world);
}

/// Outage = detection + election + promotion; what was committed and not shipped is lost, exactly; it comes back from the
/// old primary's log.
#[test]
fn a_failover_loses_what_was_not_shipped_and_recovery_brings_it_back() {
    let own = json!({ "ship_every_ms": 500.0, "heartbeat_ms": 100.0, "election_ms": 200.0, "promotion_ms": 300.0 });
    let patch = json!({ "workload": { "keys": { "count": 100_000 } },
                        "tiers": { "database": { "replication": own } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(20.25));
    let cluster = &world.context().clusters[0];
    let unshipped = cluster.line.log.tip() - cluster.members[1].received;
    let clients_wait = |world: &World| world.context().jobs.len();
    assert_eq!(clients_wait(&world), 0, "all that was committed was answered");
    kill(&mut world, "database.1");
    run_for(&mut world, 3.0);
    let promoted = times(&world, |fact| matches!(fact, Fact::Promoted { .. }));
    assert_eq!(promoted.len(), 1);
    let outage = promoted[0] - 20.25;
    assert!((0.7..=0.8).contains(&outage), "two to three heartbeats, and half a second: {outage}");
    let report = world.report();
    let own = replication(&report);
    assert!(unshipped > 5, "{unshipped}");
    assert_eq!(own.lost_writes, unshipped);
    assert!(report.requests.failed["read_only"] > 10);
    assert_eq!((own.members[1].role, own.members[0].role), (Role::Primary, Role::Replica));
    restore(&mut world, "database.1");
    run_for(&mut world, 5.0);
    let report = world.report();
    let own = replication(&report);
    assert_eq!(own.recovered_writes + own.conflicts, unshipped, "each of them is replayed or in conflict");
    assert_eq!(own.lost_writes, own.conflicts);
    assert!(own.recovered_writes > 0 && own.members[0].listed);
    drain(&mut world);
}

#[test]
fn a_planned_change_loses_nothing_and_the_old_primary_follows() {
    let mut world = World::new(&site(&json!({})), 1);
    run_to(&mut world, seconds(10.0));
    world.apply(Change::SwitchOver { target: "database.3".into() }).expect("it is a member");
    run_for(&mut world, 20.0);
    let report = world.report();
    let own = replication(&report);
    assert_eq!((own.lost_writes, own.promotions), (0, 1));
    assert_eq!(own.members[2].role, Role::Primary);
    assert!(own.members[0].reads > 100 && own.members[2].writes > 100);
    drain(&mut world);
}

/// The old primary is cut off with one of two web servers.
#[test]
fn without_fencing_a_cut_makes_two_primaries() {
    let run = |fencing: &str| {
        let patch = json!({
            "network": { "enabled": true },
            "machines": {
                "edge": { "place": "montreal", "cores": 16 },
                "all": { "place": null, "places": ["london", "paris"] },
                "data": { "place": null, "places": ["london", "paris", "paris"] }
            },
            "workload": { "entry": "balancer" },
            "tiers": {
                "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web" },
                "web": { "instances": 2 },
                "database": { "replication": { "fencing": fencing } }
            }
        });
        let mut world = World::new(&site(&patch), 1);
        run_to(&mut world, seconds(20.0));
        let (from, to) = ("places.london".to_owned(), "places.paris".to_owned());
        world.apply(Change::Cut { from: from.clone(), to: to.clone() }).expect("it is valid");
        run_for(&mut world, 30.0);
        let primaries =
            world.context().clusters[0].members.iter().filter(|m| m.role == Role::Primary && !m.stepped_down);
        let primaries = primaries.count();
        world.apply(Change::Mend { from, to }).expect("it is valid");
        run_for(&mut world, 20.0);
        let report = world.report();
        let own = replication(&report).clone();
        drain(&mut world);
        (primaries, own)
    };
    let (_, fenced) = run("power");
    assert_eq!((fenced.diverged_writes, fenced.promotions), (0, 1));
    let (primaries, voted) = run("majority");
    assert_eq!((primaries, voted.diverged_writes, voted.promotions), (1, 0, 1));
    let (primaries, wild) = run("none");
    assert_eq!(primaries, 2);
    assert!(wild.diverged_writes > 500 && wild.conflicts > 0 && wild.recovered_writes > 0, "{wild:?}");
}

/// The link between two of three members is cut for ten minutes, all else is well, and whoever is fenced is replaced by a new
/// machine, which is copied from the third: it has not heard the new primary, and so fences nobody.
#[test]
fn who_was_fenced_fences_nobody_before_it_has_seen_the_cluster() {
    let own = json!({ "fencing": "power", "replace_after_ms": 1000.0, "data_gb": 0.1, "copy_mb_per_second": 1000.0 });
    let mut world = World::new(&site(&json!({ "tiers": { "database": { "replication": own } } })), 1);
    run_to(&mut world, seconds(10.0));
    let (from, to) = ("database.1".to_owned(), "database.2".to_owned());
    world.apply(Change::Cut { from: from.clone(), to: to.clone() }).expect("it is valid");
    run_for(&mut world, 600.0);
    let told = |world: &World, wanted: fn(&Fact) -> bool| times(world, wanted).len();
    let fenced = |fact: &Fact| matches!(fact, Fact::Fenced { .. });
    let copied = |fact: &Fact| matches!(fact, Fact::Copied { .. });
    assert_eq!((told(&world, fenced), told(&world, copied)), (1, 1));
    assert_eq!(replication(&world.report()).promotions, 1);
    world.apply(Change::Mend { from, to }).expect("it is valid");
    run_for(&mut world, 10.0);
    let report = world.report();
    let own = replication(&report);
    assert_eq!((own.promotions, own.members[0].role, own.members[0].listed), (1, Role::Replica, true));
    // Now that it has seen the cluster it does its part again.
    kill(&mut world, "database.2");
    kill(&mut world, "database.3");
    run_for(&mut world, 20.0);
    assert_eq!(replication(&world.report()).members[0].role, Role::Primary);
    drain(&mut world);
}

/// A member's disk is destroyed with what it had not shipped: that is lost, exactly, and the rest is copied back to it.
#[test]
fn a_primary_of_several_that_is_destroyed_loses_what_it_had_not_shipped() {
    let own = json!({ "kind": "multi_primary", "ship_every_ms": 400.0, "replace_after_ms": 1000.0, "data_gb": 0.1 });
    let patch = json!({ "workload": { "keys": { "count": 100_000 } },
                        "tiers": { "database": { "replication": own } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(20.25));
    assert_eq!(world.context().jobs.len(), 0, "all that was committed was answered");
    let before = replication(&world.report()).clone();
    world.apply(Change::Kill { target: "database.1".into(), silent: false, destroy: true }).expect("it is valid");
    run_for(&mut world, 20.0);
    let report = world.report();
    let own = replication(&report);
    assert!((5..30).contains(&own.lost_writes), "27 writes a second, for up to 0.4 s: {}", own.lost_writes);
    assert!(own.members[0].listed && own.acknowledged_writes > before.acknowledged_writes + 1000);
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 2.0);
    assert_eq!(world.context().clusters[0].peers.as_ref().map(|peers| peers.contested()), Some(0), "all have the same");
    drain(&mut world);
}

#[test]
fn a_dead_replica_is_replaced_by_a_copy_that_takes_time() {
    let own = json!({ "replace_after_ms": 2000.0, "data_gb": 2.0, "copy_mb_per_second": 100.0 });
    let patch = json!({ "tiers": { "database": { "instances": 2, "replication": own } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(10.0));
    kill(&mut world, "database.2");
    run_to(&mut world, seconds(20.0));
    world.begin_measuring();
    run_to(&mut world, seconds(25.0));
    let report = world.report();
    let own = replication(&report);
    assert_eq!(own.members[0].reads, report.by_class["read"].answered, "the primary answers reads meanwhile");
    run_to(&mut world, seconds(60.0));
    let began = times(&world, |fact| matches!(fact, Fact::CopyBegan { .. }))[0];
    let copied = times(&world, |fact| matches!(fact, Fact::Copied { .. }))[0];
    // 250 pieces of 80 ms are read one after the other, and the last of them is written after that.
    assert!((copied - began - 20.08).abs() < 0.01, "{began} {copied}");
    world.begin_measuring();
    run_for(&mut world, 10.0);
    assert_eq!(replication(&world.report()).members[0].reads, 0, "and then no more");
    drain(&mut world);
}

#[test]
fn who_has_written_reads_his_own_writes() {
    let own = json!({ "read_your_writes_ms": 60_000.0 });
    let patch = json!({ "workload": { "users": 10, "requests_per_user_per_second": 10.0 },
                        "tiers": { "database": { "replication": own } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(20.0));
    world.begin_measuring();
    run_for(&mut world, 20.0);
    let own = replication(&world.report()).clone();
    assert_eq!((own.members[1].reads, own.members[2].reads), (0, 0), "all ten have written by now");
    assert!(own.members[0].reads > 1000);
}

/// A pool of 2 connections and queries of 100 ms: 20 a second, whatever the database could do.
#[test]
fn a_pool_limits_what_reaches_a_database() {
    let patch = json!({
        "workload": { "classes": { "read": { "share": 0.0 },
                      "write": { "database": { "mean_ms": 100.0, "distribution": "constant" } } } },
        "tiers": { "web": { "pool": 2 } }
    });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(5.0));
    world.begin_measuring();
    run_for(&mut world, 50.0);
    let report = world.report();
    assert!(report.tiers["database"].served.abs_diff(1000) <= 2, "{}", report.tiers["database"].served);
    assert!(report.tiers["web"].queue_mean > 1000.0, "they wait at the web server");
    set(&mut world, "tiers.web.pool", 1000);
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    // The replicas have each of some 20,000 writes still to apply, at 50 ms.
    run_for(&mut world, 2000.0);
    drain(&mut world);
}

fn cluster_of(scenario: &Scenario) -> Option<&scenario::replication::Replication> {
    match scenario.tiers.get("database") {
        Some(Tier::Database(database)) => database.replication.as_ref(),
        _ => None,
    }
}

proptest! {
    #![proptest_config(config(2000))]

    /// Where a commit means that all replicas have it on disk, and only one primary can be, nothing that clients were told
    /// of is ever lost; and where it means that all have applied it, no read is ever stale. Whatever dies or is cut.
    #[test]
    fn synchronous_commits_are_never_lost_and_never_read_stale(scenario in eventful_cluster(), seed in 0..1000u64) {
        let mut scenario = scenario;
        // What is destroyed is gone, who goes back loses what is later, and another mode is another promise.
        scenario.timeline.retain(|moment| match &moment.change {
            Change::Kill { destroy, .. } => !destroy,
            Change::RestoreBackup { .. } => false,
            Change::Set { path, .. } => path != "tiers.database.replication.mode",
            _ => true,
        });
        let fits = cluster_of(&scenario).is_some_and(|own| {
            own.mode == Mode::Synchronous && own.fencing != Fencing::None && own.replace_after_ms.is_none()
                && own.acknowledge.unwrap_or_default() != Acknowledge::Receipt
        });
        if fits && scenario::check::check(&scenario).is_ok() {
            let own = cluster_of(&scenario).expect("it fits");
            let strict = own.acknowledge == Some(Acknowledge::Apply) && own.reads == Reads::Replicas;
            let mut world = World::new(&scenario, seed);
            run_to(&mut world, seconds(LENGTH));
            let report = world.report();
            let own = replication(&report);
            prop_assert_eq!(own.lost_writes, 0);
            if strict {
                prop_assert_eq!(own.stale_reads, 0);
            }
        }
    }
}

#[test]
fn a_followed_write_shows_its_shipment_and_the_wait_of_its_commit() {
    use zero_to_millions::course::journey::{Leg, LegKind};
    use zero_to_millions::course::{experiments, trial::Trial};
    let mut trial = Trial::new(experiments::find("repl.distance").expect("it is there"), 1);
    while !trial.advance(100_000) {}
    let account = trial.account();
    let legs = |run: &str, kind: LegKind| -> Vec<Leg> {
        let own = account.journeys.iter().filter(|journey| journey.run == run && journey.class == "write");
        own.flat_map(|journey| journey.legs.clone()).filter(|leg| leg.doing == kind).collect()
    };
    let took = |leg: &Leg| leg.end_ms - leg.start_ms;
    for run in ["london, asynchronous", "london, synchronous"] {
        let shipped = legs(run, LegKind::Ship);
        let (from, to) = (shipped[0].from.as_str(), shipped[0].to.as_str());
        assert_eq!((from, to), ("database.1", "database.2"), "{run}");
        let waited = legs(run, LegKind::Commit);
        if run.ends_with(", synchronous") {
            // There with the shipment, and back with the acknowledgement.
            assert!((took(&waited[0]) - 2.0 * took(&shipped[0])).abs() < 0.01, "{waited:?} {shipped:?}");
        } else {
            assert_eq!(waited, [], "nobody waits");
        }
    }
}
