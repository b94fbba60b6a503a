//! Several data centres: answers by place and by load, requests that stay in their place, builds on their way to servers, and
//! places that lose their power at random.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::check_balance;
use common::{kill, run_for, run_to, seconds};
use serde_json::{Value, json};
use zero_to_millions::frame::{self, Sample};
use zero_to_millions::nodes::Node;
use zero_to_millions::nodes::deployment::Stage;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::deployment::Strategy;
use zero_to_millions::scenario::{self, Change, Scenario, edit};
use zero_to_millions::time::Span;
use zero_to_millions::world::World;

/// Two places with a balancer and two web servers each, and users at both.
fn scenario(patch: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": "Centres",
        "workload": {
            "users": 2000, "requests_per_user_per_second": 0.1, "entry": "balancer", "dns": "dns",
            "keys": { "count": 1000, "popularity": "uniform" },
            "clients": { "america": { "share": 1.0, "place": "new-york", "timeout_ms": 2000.0 },
                         "europe": { "share": 1.0, "place": "paris", "timeout_ms": 2000.0 } },
            "classes": { "read": { "share": 0.8, "web": { "mean_ms": 5.0 }, "database": { "mean_ms": 1.0 } },
                         "write": { "share": 0.2, "write": true, "web": { "mean_ms": 5.0 },
                                    "database": { "mean_ms": 1.0 } } }
        },
        "machines": {
            "edge": { "places": ["montreal", "frankfurt"], "cores": 2 },
            "app": { "places": ["montreal", "frankfurt"], "cores": 2 },
            "data": { "places": ["montreal", "frankfurt"], "cores": 2 }
        },
        "builds": { "v1": {}, "v2": { "writes_format": 1 }, "bad": { "error_rate": 0.5 },
                    "ready": { "reads_format": 1 } },
        "tiers": {
            "dns": { "kind": "dns", "record_ttl_seconds": 20, "lookup_ms": 10.0, "policy": "nearest",
                     "health_check": { "interval_ms": 1000.0, "unhealthy_after": 2 } },
            "balancer": { "kind": "load_balancer", "machine": "edge", "instances": 2, "backends": "web",
                          "locality": "prefer" },
            "web": { "kind": "web_server", "machine": "app", "instances": 8, "slots": 64, "backlog": 64,
                     "database": "database", "build": "v1", "boot_ms": 2000.0 },
            "database": { "kind": "database", "machine": "data", "instances": 2, "slots": 32, "backlog": 96,
                          "replication": { "reads": "nearest" } }
        }
    });
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn deploy(world: &mut World, target: &str, build: &str, strategy: Strategy) {
    let (target, build) = (target.to_owned(), build.to_owned());
    world.apply(Change::Deploy { target, build, strategy }).unwrap_or_else(|problem| panic!("{problem}"));
}

fn failed(world: &World, cause: &str) -> u64 {
    world.report().requests.failed[cause]
}

/// A balancer that leaves a server to another one does not make it look out of rotation.
#[test]
fn a_server_is_in_rotation_if_any_balancer_sends_to_it() {
    for locality in ["prefer", "require"] {
        let mut world = World::new(&scenario(&json!({ "tiers": { "balancer": { "locality": locality } } })), 1);
        run_to(&mut world, seconds(9.0));
        let before = Sample::take(&world);
        run_to(&mut world, seconds(10.0));
        let status = frame::status(&world, &before, Span::from_ms(1000.0));
        let rotation: Vec<_> = status.nodes.iter().filter_map(|node| node.in_rotation).collect();
        assert_eq!(rotation, [true; 8], "{locality}");
    }
}

#[test]
fn everything_stays_in_its_place_until_the_place_is_lost() {
    let mut world = World::new(&scenario(&json!({})), 1);
    run_to(&mut world, seconds(60.0));
    let report = world.report();
    let answers = &report.tiers["dns"].answers;
    assert!(answers["america"][1..].iter().all(|&count| count == 0), "{answers:?}");
    assert!(answers["europe"][0] == 0 && answers["europe"][1] > 100, "{answers:?}");
    assert_eq!(report.requests.failed.values().sum::<u64>(), 0);
    // Reads are answered by the member at hand: each has about half of the 9,600.
    let members = &report.tiers["database"].replication.as_ref().expect("they replicate").members;
    assert!(members.iter().all(|own| (4300..5300).contains(&own.reads)), "{members:?}");
    // Servers of one place die, and the balancer there spills over.
    for number in [2, 4, 6, 8] {
        kill(&mut world, &format!("web.{number}"));
    }
    run_for(&mut world, 5.0);
    let spills = |world: &World| {
        let balancers =
            world.nodes().iter().filter_map(|node| if let Node::Balancer(own) = node { Some(own) } else { None });
        balancers.map(|own| own.spills_over()).collect::<Vec<_>>()
    };
    assert_eq!(spills(&world), [false, true]);
    world.begin_measuring();
    run_for(&mut world, 20.0);
    assert_eq!(world.report().requests.failed.values().sum::<u64>(), 0, "the other place has room");
    // The place is lost: after detection and the record's life nobody notices any more.
    world.apply(Change::Kill { target: "places.frankfurt".into(), silent: true, destroy: false }).expect("it is there");
    run_for(&mut world, 35.0);
    world.begin_measuring();
    run_for(&mut world, 20.0);
    let report = world.report();
    assert_eq!(report.requests.failed.values().sum::<u64>(), 0);
    assert_eq!(report.tiers["balancer"].per_instance[1], 0);
    check_balance(&world);
}

/// Reads for the nearest replica leave the primary alone while there is one that is well, however far it is.
#[test]
fn the_nearest_replica_is_asked_and_not_the_primary() {
    let patch = json!({ "tiers": { "database": { "instances": 4, "replication": { "reads": "nearest_replica" } } } });
    let mut world = World::new(&scenario(&patch), 1);
    run_to(&mut world, seconds(60.0));
    let reads = |world: &World| -> Vec<u64> {
        let report = world.report();
        let own = report.tiers["database"].replication.as_ref().expect("they replicate");
        own.members.iter().map(|member| member.reads).collect()
    };
    // The primary and the third stand in Montréal, the second and the fourth in Frankfurt, where half of the users are.
    let before = reads(&world);
    assert_eq!(before[0], 0, "{before:?}");
    assert!(before[2] > 4000 && before[1] > 1000 && before[3] > 1000, "{before:?}");
    for replica in [2, 3, 4] {
        kill(&mut world, &format!("database.{replica}"));
    }
    run_for(&mut world, 10.0);
    assert!(reads(&world)[0] > 500, "the primary where none is well");
}

/// A resolver far away from its users gets the address that is near to it.
#[test]
fn name_servers_see_the_resolver_and_not_its_users() {
    let patch = json!({ "workload": { "clients": { "europe": { "resolver_place": "montreal" } } } });
    let mut world = World::new(&scenario(&patch), 1);
    run_to(&mut world, seconds(60.0));
    let answers = &world.report().tiers["dns"].answers;
    assert!(answers["europe"][0] > 100 && answers["europe"][1..].iter().all(|&count| count == 0), "{answers:?}");
}

/// One side has nine times the users of the other: the less busy one gets what is asked for next.
#[test]
fn the_least_loaded_evens_out_what_users_do_not() {
    let busy = |policy: &str| {
        let patch = json!({ "workload": { "users": 8000, "clients": { "america": { "share": 9.0 } } },
                            "tiers": { "dns": { "policy": policy, "report_every_ms": 2000.0 } } });
        let mut world = World::new(&scenario(&patch), 1);
        run_to(&mut world, seconds(40.0));
        world.begin_measuring();
        run_to(&mut world, seconds(100.0));
        let served = world.report().tiers["balancer"].per_instance.clone();
        served[0] as f64 / served.iter().sum::<u64>() as f64
    };
    let (near, least) = (busy("nearest"), busy("least_loaded"));
    assert!((near - 0.9).abs() < 0.02, "{near}");
    assert!((least - 0.5).abs() < 0.1, "{least}");
}

#[test]
fn a_deployment_goes_through_all_servers_without_a_failed_request() {
    let mut world = World::new(&scenario(&json!({ "tiers": { "dns": { "steady_start": true } } })), 1);
    run_to(&mut world, seconds(10.0));
    deploy(&mut world, "web", "ready", Strategy { batch: 2, ..Strategy::default() });
    run_to(&mut world, seconds(14.0));
    assert!(world.report().tiers["web"].builds.len() == 2, "some have it, some have not");
    run_to(&mut world, seconds(80.0));
    let report = world.report();
    assert_eq!(report.tiers["web"].builds.iter().map(|(id, n)| (id.as_str(), *n)).collect::<Vec<_>>(), [("ready", 8)]);
    assert_eq!((report.deployments[0].outcome, report.deployments[0].replaced), ("rolled_out", 8));
    assert_eq!(report.requests.failed.values().sum::<u64>(), 0);
    check_balance(&world);
}

#[test]
fn canaries_stop_a_bad_build() {
    let mut world = World::new(&scenario(&json!({})), 1);
    let strategy =
        Strategy { canary_share: 0.1, observe_ms: 20_000.0, max_error_rate: Some(0.05), ..Strategy::default() };
    deploy(&mut world, "web", "bad", strategy);
    run_to(&mut world, seconds(80.0));
    let report = world.report();
    assert_eq!(report.tiers["web"].builds.keys().collect::<Vec<_>>(), ["v1"]);
    assert_eq!((report.deployments[0].outcome, report.deployments[0].replaced), ("rolled_back", 1));
    let errors = failed(&world, "application_error");
    assert!((10..200).contains(&errors), "{errors}");
    run_for(&mut world, 20.0);
    assert_eq!(failed(&world, "application_error"), errors, "nobody has it any more");
}

/// Where one place was forgotten, its servers cannot read what the others write; with a step between, all can.
#[test]
fn builds_that_do_not_read_each_others_formats_fail() {
    let run = |steps: &[(&str, &str)]| {
        let mut world = World::new(&scenario(&json!({})), 1);
        for (target, build) in steps {
            deploy(&mut world, target, build, Strategy { batch: 4, ..Strategy::default() });
            run_for(&mut world, 40.0);
        }
        world
    };
    let mut forgotten = run(&[("places.montreal", "v2")]);
    let before = failed(&forgotten, "unreadable");
    run_for(&mut forgotten, 20.0);
    assert!(failed(&forgotten, "unreadable") > before + 100);
    assert_eq!(failed(&run(&[("web", "ready"), ("web", "v2")]), "unreadable"), 0);
}

/// A deployment that begins while another is under way takes its place, also of servers that are out of service for it.
#[test]
fn a_newer_deployment_takes_the_place_of_an_older() {
    let mut world = World::new(&scenario(&json!({})), 1);
    deploy(&mut world, "web", "bad", Strategy::default());
    run_to(&mut world, seconds(4.0));
    deploy(&mut world, "web", "ready", Strategy { batch: 8, ..Strategy::default() });
    kill(&mut world, "web.5");
    run_to(&mut world, seconds(60.0));
    let stages: Vec<Stage> = world.deployments().map(|own| own.stage).collect();
    assert_eq!(stages, [Stage::Superseded, Stage::RolledOut]);
    assert_eq!(world.report().tiers["web"].builds.keys().collect::<Vec<_>>(), ["ready"], "the dead one starts with it");
}

/// Outages of a place are exponential in length and between, and those of one place do not depend on another's.
#[test]
fn outages_come_by_the_seed_and_the_place() {
    let outages = |places: &[&str]| {
        let own = json!({ "mtbf_ms": 100_000.0, "mttr_ms": 10_000.0 });
        let own: Value =
            places.iter().map(|place| ((*place).to_owned(), own.clone())).collect::<serde_json::Map<_, _>>().into();
        let quiet = json!({ "workload": { "requests_per_user_per_second": 0.0 }, "outages": own });
        let mut world = World::new(&scenario(&quiet), 1);
        run_to(&mut world, seconds(100_000.0));
        world
    };
    let both = outages(&["frankfurt", "montreal"]);
    let of = |world: &World, place: u8| -> Vec<_> {
        world.outages().filter(|outage| outage.place == place).map(|outage| (outage.at, outage.begins)).collect()
    };
    assert_eq!(of(&both, 1), of(&outages(&["montreal"]), 0));
    let times = of(&both, 0);
    let out: f64 = times.chunks_exact(2).map(|pair| pair[1].0.since(pair[0].0).as_seconds()).sum();
    // 100,000 / 110 outages of 10 s; the deviation of a sum of n exponentials is √n means, twice here for number and length.
    let expected = 100_000.0 / 110.0 * 10.0;
    assert!((out - expected).abs() < 4.0 * 2.0 * f64::sqrt(100_000.0 / 110.0) * 10.0, "{out} against {expected}");
    // All that stands there is down, and back.
    let facts = both.context().observer.facts().0;
    assert!(facts.iter().any(|(_, fact)| matches!(fact, Fact::Started { .. })));
}

/// Resting watchers notice a death as soon as those that probe all the time: at the next instant of their phase.
#[test]
fn a_calm_watcher_costs_nothing_and_misses_nothing() {
    let quiet = json!({ "workload": { "requests_per_user_per_second": 0.0 },
                        "tiers": { "database": { "instances": 1, "replication": null } } });
    let mut world = World::new(&scenario(&quiet), 1);
    run_to(&mut world, seconds(1_000.0));
    let events = world.events();
    run_to(&mut world, seconds(100_000.0));
    assert_eq!(world.events(), events, "nothing happens");
    kill(&mut world, "web.1");
    run_for(&mut world, 3.5);
    let out = world.context().observer.facts().0.iter().filter(|(_, fact)| matches!(fact, Fact::TakenOut { .. }));
    let times: Vec<f64> = out.map(|(time, _)| time.as_ms() / 1e3 - 100_000.0).collect();
    assert_eq!(times.len(), 2, "both balancers watch it");
    assert!(times.iter().all(|time| (1.0..=2.2).contains(time)), "after two probes a second: {times:?}");
}

/// What contradicts itself is one clear line with its place.
#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let plain = edit::encode(&scenario(&json!({})));
    let deploys = |what: Value| json!({ "timeline": [{ "at_ms": 5.0, "change": { "deploy": what } }] });
    let cases: [(Value, &str); 12] = [
        (json!({ "tiers": { "balancer": { "instances": 1 } } }), "tiers.dns.policy: there is nothing to choose"),
        (
            json!({ "tiers": { "balancer": { "locality": "require" }, "web": { "instances": 1 } } }),
            "tiers.balancer.locality: requests that come to frankfurt lead nowhere",
        ),
        (json!({ "tiers": { "web": { "build": "v3" } } }), "tiers.web.build: there is no build \"v3\""),
        (deploys(json!({ "target": "web", "build": "v3" })), "timeline.0.deploy.build: there is no build \"v3\""),
        (deploys(json!({ "target": "database", "build": "v2" })), "deploy.target: \"database\" runs no build"),
        (
            deploys(json!({ "target": "web", "build": "v2", "strategy": { "canary_share": 0.1 } })),
            "deploy.strategy.max_error_rate: canaries are there to be judged",
        ),
        (deploys(json!({ "target": "web", "build": "v2", "strategy": { "batch": 0 } })), "deploy.strategy.batch"),
        (json!({ "workload": { "keys": null } }), ""),
        (
            json!({ "outages": { "paris": { "mtbf_ms": 1e6, "mttr_ms": 1e3 } } }),
            "outages.paris: there is no place with machines \"paris\"",
        ),
        (
            json!({ "workload": { "clients": { "europe": { "resolver_place": "atlantis" } } } }),
            "workload.clients.europe.resolver_place: there is no place \"atlantis\"",
        ),
        (json!({ "tiers": { "dns": { "report_every_ms": 0.0 } } }), "tiers.dns.report_every_ms"),
        (json!({ "tiers": { "dns": { "instances": 14 } } }), "tiers.dns.instances: must be at most 13, is 14"),
    ];
    for (patch, expected) in cases {
        let mut json = plain.clone();
        edit::merge(&mut json, &patch);
        let problem = scenario::from_value(json).expect_err("it makes no sense").to_string();
        assert!(problem.contains(expected), "{problem}");
        assert_eq!(problem.lines().count(), 1, "{problem}");
    }
    let mut world = World::new(&scenario(&json!({})), 1);
    let set = |path: &str, value: Value| Change::Set { path: path.to_owned(), value };
    let problem = world.apply(set("tiers.web.build", json!("v2"))).expect_err("it has to be deployed");
    assert!(problem.to_string().contains("cannot change while the system runs"), "{problem}");
}
