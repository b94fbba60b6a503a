//! Machines that are shared, divided and slowed down.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{run_for, set};
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, edit};
use zero_to_millions::world::World;

/// A web server and a database on one machine of two cores; requests to the one or to both, evenly spaced and of constant
/// work, so that without waiting each takes exactly its work.
fn world(patch: &Value) -> World {
    let constant = |ms: f64| json!({ "mean_ms": ms, "distribution": "constant" });
    let mut json = json!({
        "version": 1, "name": "Host",
        "workload": {
            "users": 1, "requests_per_user_per_second": 20.0, "arrivals": "constant", "entry": "web",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "page": { "share": 1.0, "web": constant(10.0), "database": constant(10.0) } }
        },
        "network": { "enabled": false },
        "machines": { "host": { "place": "montreal", "cores": 2 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "host", "slots": 100, "backlog": 100, "database": "database" },
            "database": { "kind": "database", "machine": "host", "slots": 100, "backlog": 100 }
        }
    });
    edit::merge(&mut json, patch);
    World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
}

fn reserved() -> Value {
    json!({ "tiers": { "web": { "reserved_cores": 1 }, "database": { "reserved_cores": 1 } } })
}

/// The mean latency of ten seconds from now on, in milliseconds.
fn mean_ms(world: &mut World) -> f64 {
    world.begin_measuring();
    run_for(world, 10.0);
    world.report().latency_ms.mean
}

fn slow(world: &mut World, target: &str, factor: f64) {
    let change = Change::Slow { target: target.to_owned(), factor };
    world.apply(change).unwrap_or_else(|problem| panic!("{problem}"));
}

#[test]
fn a_slow_machine_slows_all_that_runs_on_it_reserved_or_not() {
    for patch in [json!({}), reserved()] {
        let mut world = world(&patch);
        assert!((mean_ms(&mut world) - 20.0).abs() < 1e-3, "nobody waits: twice 10 ms");
        slow(&mut world, "web.1", 0.5);
        run_for(&mut world, 1.0);
        assert!((mean_ms(&mut world) - 40.0).abs() < 1e-3, "both parts at half the speed");
        // Another speed of the machine does not end it.
        set(&mut world, "machines.host.speed", 2.0);
        run_for(&mut world, 1.0);
        assert!((mean_ms(&mut world) - 20.0).abs() < 1e-3, "half of twice the speed");
        slow(&mut world, "web.1", 1.0);
        run_for(&mut world, 1.0);
        assert!((mean_ms(&mut world) - 10.0).abs() < 1e-3, "full speed again");
    }
}

/// 80 requests a second are 0.8 cores' work for each part: a neighbour that takes ten times as long takes the cores away
/// where they are shared, and only its own where they are reserved.
#[test]
fn reserved_cores_are_nobody_elses() {
    let busy = |world: &World, tier: &str| world.report().tiers[tier].utilisation.expect("it has cores");
    let crowded = |patch: Value| {
        let mut world = world(&patch);
        set(&mut world, "workload.requests_per_user_per_second", 80.0);
        set(&mut world, "workload.classes.page.database.mean_ms", 100.0);
        run_for(&mut world, 10.0);
        world.begin_measuring();
        run_for(&mut world, 20.0);
        world
    };
    let divided = crowded(reserved());
    assert!(busy(&divided, "database") > 0.99, "its one core is full");
    assert!(busy(&divided, "web") < 0.85, "the web server's core is not: {}", busy(&divided, "web"));
    let shared = crowded(json!({}));
    assert!(busy(&shared, "web") > 0.99, "there all cores are full");
    // With both cores the database does more.
    let served = |world: &World| world.report().tiers["database"].served;
    assert!(served(&shared) > served(&divided), "{} and {}", served(&shared), served(&divided));
}

/// Two balanced servers of which the second stands elsewhere: its answers take the way there and back as well.
fn two_places() -> scenario::Scenario {
    let json = json!({
        "version": 1, "name": "Places",
        "workload": {
            "users": 1, "requests_per_user_per_second": 20.0, "arrivals": "constant", "entry": "balancer",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "page": { "share": 1.0 } }
        },
        "machines": { "edge": { "place": "montreal", "cores": 1 },
                      "app": { "places": ["montreal", "london"], "cores": 1 } },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web" },
            "web": { "kind": "web_server", "machine": "app", "instances": 3, "slots": 9, "backlog": 9 }
        }
    });
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

#[test]
fn copies_of_a_machine_stand_at_its_places_in_turn() {
    let scenario = two_places();
    let mut world = World::new(&scenario, 1);
    run_for(&mut world, 60.0);
    let latency = world.report().latency_ms;
    let apart = |a, b| scenario::places::delay_ms(a, b, scenario.network.path_factor);
    let find = |id| scenario::places::find(id).expect("a place");
    // One in three goes to London; to the balancer and on to the servers of its place are two hops each way.
    let here = 4.0 * scenario.network.hop_ms + 2.0 * scenario.workload.clients["all"].access_latency_ms;
    let there = here + 2.0 * apart(find("montreal"), find("london"));
    assert!((latency.mean - (2.0 * here + there) / 3.0).abs() < 0.1, "{latency:?} for {here} and {there}");
    assert!((latency.max - there).abs() < 0.001, "{latency:?} for {there}");
}

#[test]
fn a_place_is_lost_with_all_that_stands_there() {
    let mut world = World::new(&two_places(), 1);
    world
        .apply(Change::Kill { target: "places.london".to_owned(), silent: false, destroy: false })
        .expect("machines stand there");
    run_for(&mut world, 60.0);
    world.begin_measuring();
    run_for(&mut world, 60.0);
    let served = &world.report().tiers["web"].per_instance;
    assert!(served[0] > 500 && served[1] == 0 && served[2] > 500, "{served:?}");
    let change = Change::Kill { target: "places.tokyo".to_owned(), silent: false, destroy: false };
    let problem = world.apply(change).expect_err("no machine stands there");
    assert!(problem.to_string().contains("place with machines \"tokyo\""), "{problem}");
}

#[test]
fn a_machine_has_a_place_or_places() {
    let with = |machine: Value| {
        let mut json = edit::encode(&two_places());
        json["machines"]["edge"] = machine;
        scenario::from_value(json).expect_err("it is not clear where it stands").to_string()
    };
    assert!(with(json!({ "cores": 1 })).starts_with("machines.edge.place: a machine stands somewhere"));
    let both = with(json!({ "cores": 1, "place": "london", "places": ["london"] }));
    assert!(both.starts_with("machines.edge.place: its copies stand at their places"), "{both}");
}
