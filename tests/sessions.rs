//! Users who sign in: what stores and deaths do to their sessions, beyond what the claims of chapter 8 say.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::{check_balance, check_empty};
use common::{kill, restore, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::report::SignInsReport;

/// One web server that is never busy, a database that replicates with a delay of half a second, and sessions in it.
fn world(patch: &Value) -> World {
    let mut json = json!({
        "version": 1, "name": "Sessions",
        "workload": {
            "users": 200, "requests_per_user_per_second": 0.5, "entry": "web",
            "sessions": { "idle_timeout_seconds": 600, "sign_in": { "mean_ms": 1.0 }, "store": "database",
                          "steady_start": false },
            "keys": { "count": 100 },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "page": { "share": 1.0, "session": true, "web": { "mean_ms": 1.0 } } }
        },
        "machines": {
            "app": { "place": "montreal", "cores": 16 }, "data": { "place": "montreal", "cores": 4 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 1000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "instances": 3, "slots": 100, "backlog": 100,
                          "replication": { "ship_every_ms": 2000.0 } }
        }
    });
    edit::merge(&mut json, patch);
    World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
}

fn sign_ins(world: &World) -> SignInsReport {
    check_balance(world);
    world.sessions_report().and_then(|report| report.sign_ins).expect("users sign in")
}

/// A session is data like any other: a replica that has not applied the sign-in yet does not know the user.
#[test]
fn a_replica_that_lags_does_not_know_who_has_just_signed_in() {
    let mut lagging = world(&json!({}));
    run_to(&mut lagging, seconds(60.0));
    let own = sign_ins(&lagging);
    // A user sends every two seconds, and what he has written is at the replicas a second later on average.
    assert!(own.lost > 50 && own.expired == 0 && own.elsewhere == 0, "{own:?}");

    let reads_own = json!({ "tiers": { "database": { "replication": { "read_your_writes_ms": 3000.0 } } } });
    let mut reading = world(&reads_own);
    run_to(&mut reading, seconds(60.0));
    let own = sign_ins(&reading);
    assert_eq!(own.unauthorized, 0, "{own:?}");
    assert!((190..260).contains(&own.sign_ins), "each user once, but for requests at the same time: {own:?}");
}

/// What a failover loses of an asynchronous database are sign-ins too: those users are logged out, and no others.
#[test]
fn a_failover_that_loses_writes_loses_sign_ins() {
    let reads = json!({ "read_your_writes_ms": 60_000.0, "ship_every_ms": 10_000.0 });
    let mut world = world(&json!({ "tiers": { "database": { "replication": reads } } }));
    run_to(&mut world, seconds(9.0));
    let before = sign_ins(&world);
    assert!(before.sign_ins > 150 && before.unauthorized == 0, "{before:?}");
    kill(&mut world, "database.1");
    run_for(&mut world, 60.0);
    let after = sign_ins(&world);
    // Nothing had been shipped yet.
    assert!(after.logged_out > 100 && after.logged_out <= before.sign_ins, "{after:?}");
}

/// A session ends when it was not used for its time, and is not told from one that was never there.
#[test]
fn a_session_ends_when_it_is_not_used() {
    let mut world = world(&json!({ "workload": { "sessions": { "idle_timeout_seconds": 2 } },
                                   "tiers": { "database": { "instances": 1, "replication": null } } }));
    run_to(&mut world, seconds(300.0));
    let own = sign_ins(&world);
    // Gaps are exponential with a mean of two seconds, and seconds are whole ones: between e^-1 and e^-0.5 are too long.
    let share = own.expired as f64 / own.checked as f64;
    assert!((0.36..0.61).contains(&share) && own.lost == 0, "{share} {own:?}");
}

/// In servers: a restart forgets, and all that was begun is over in the end.
#[test]
fn what_is_under_way_when_a_server_dies_is_over_in_the_end() {
    for store in [Value::Null, json!("database")] {
        let mut world = world(&json!({ "workload": { "sessions": { "store": store } } }));
        run_to(&mut world, seconds(20.0));
        kill(&mut world, "web.1");
        run_for(&mut world, 1.0);
        restore(&mut world, "web.1");
        run_for(&mut world, 20.0);
        let own = sign_ins(&world);
        assert_eq!(own.sessions_lost > 0, store.is_null(), "{own:?}");
        assert_eq!(own.logged_out > 0, store.is_null() || own.lost > 0, "{own:?}");
        set(&mut world, "workload.requests_per_user_per_second", 0.0);
        run_for(&mut world, 60.0);
        check_empty(&world);
    }
}
