//! Those who run the system: what they see changes nothing, and what they do does.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{kill, run_to, seconds};
use serde_json::{Value, json};
use zero_to_millions::course::stages;
use zero_to_millions::nodes::context::Life;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::{self, Change, edit};
use zero_to_millions::world::World;

/// Two web servers behind a balancer, run as the patch says.
fn world(operations: Value) -> World {
    let mut json = edit::encode(&stages::revision("load-balancer", 1).expect("it is published").scenario());
    edit::merge(&mut json, &json!({ "operations": operations }));
    World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
}

fn monitored() -> Value {
    json!({
        "monitor": { "scrape_interval_ms": 2000.0, "delay_ms": 500.0 },
        "alerts": { "down": { "metric": "up", "tier": "web", "below": 1.0, "for_ms": 4000.0, "calm_ms": 2000.0 } },
        "logs": { "sample_percent": 100.0, "gather": { "every_ms": 1000.0 } },
        "business": { "order_class": "write" }
    })
}

#[test]
fn to_watch_is_not_to_steer() {
    let digest = |operations: Value| {
        let mut world = world(operations);
        run_to(&mut world, seconds(10.0));
        kill(&mut world, "web.2");
        run_to(&mut world, seconds(30.0));
        world.digest()
    };
    let plain = digest(Value::Null);
    assert_eq!(digest(monitored()), plain, "scrapes, alerts, lines and counts change nothing");
    let mut called = monitored();
    called["on_call"] = json!({ "reaction": { "mean_ms": 1000.0, "distribution": "constant" }, "look_ms": 1000.0 });
    assert_ne!(digest(called), plain, "whoever is on call does");
}

#[test]
fn an_alert_calls_somebody_who_repairs_and_then_all_is_calm() {
    let mut settings = monitored();
    settings["on_call"] = json!({ "reaction": { "mean_ms": 1000.0, "distribution": "constant" }, "look_ms": 1000.0 });
    let mut world = world(settings);
    run_to(&mut world, seconds(9.0));
    kill(&mut world, "web.2");
    run_to(&mut world, seconds(60.0));
    let (facts, _) = world.context().observer.facts();
    let when = |wanted: &dyn Fn(&Fact) -> bool| {
        facts.iter().find(|(_, fact)| wanted(fact)).map_or(f64::NAN, |(time, _)| time.as_ms() / 1e3)
    };
    // Scraped dead at 10, 12 and 14; the scrape is there half a second later; then a second each to react and to look.
    assert_eq!(when(&|fact| matches!(fact, Fact::AlertFired { .. })), 14.5);
    assert_eq!(when(&|fact| matches!(fact, Fact::Called { rule: Some(0) })), 14.5);
    assert_eq!(when(&|fact| matches!(fact, Fact::Repaired { .. })), 16.5);
    let started = when(&|fact| matches!(fact, Fact::Started { .. }));
    assert!(when(&|fact| matches!(fact, Fact::AlertCleared { .. })) > started && started > 16.5);
    assert!(world.context().nodes.iter().all(|node| node.life == Life::Up));
    let report = world.report().operations.expect("somebody runs it");
    let down = &report.alerts["down"];
    assert_eq!((report.calls, report.repairs[0].looks, down.fired, down.firing), (1, 1, 1, false));
    // As long as the alert fires, he goes on: there may be more.
    assert_eq!((report.looks, report.repairs.len()), (4, 1), "the other three servers are well");
}

#[test]
fn two_dead_servers_are_both_found_and_what_still_fires_calls_again() {
    let mut settings = monitored();
    settings["on_call"] = json!({ "reaction": { "mean_ms": 1000.0, "distribution": "constant" }, "look_ms": 1000.0,
                                  "reminded_after_ms": 20_000.0 });
    settings["alerts"]["idle"] = json!({ "metric": "requests_per_second", "tier": "balancer", "below": 1e9 });
    let mut world = world(settings);
    run_to(&mut world, seconds(9.0));
    kill(&mut world, "web");
    run_to(&mut world, seconds(60.0));
    let report = world.report().operations.expect("somebody runs it");
    assert_eq!(report.repairs.len(), 2);
    // The rule that always fires calls at once, and then twenty seconds after each time that he is through.
    assert!((2..=4).contains(&report.calls), "{}", report.calls);
    assert_eq!(report.alerts["idle"].fired, 1);
}

/// Builds that are well, wrong everywhere, and wrong in production only, on their way through a pipeline.
fn piped(build: &str) -> (World, f64) {
    let mut json = edit::encode(&stages::revision("load-balancer", 1).expect("it is published").scenario());
    let constant = |ms: f64| json!({ "mean_ms": ms, "distribution": "constant" });
    edit::merge(
        &mut json,
        &json!({
            "builds": { "v1": {}, "v2": {}, "bad": { "error_rate": 0.5 },
                        "sly": { "error_rate": 0.5, "error_rate_in_tests": 0.0 } },
            "tiers": { "web": { "build": "v1" } },
            "operations": { "pipeline": {
                "tier": "web", "build_time": constant(4000.0), "tests": { "time": constant(2000.0), "cases": 100 },
                "strategy": { "canary_share": 0.5, "observe_ms": 5000.0, "max_error_rate": 0.1 }
            } }
        }),
    );
    let mut world = World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1);
    run_to(&mut world, seconds(5.0));
    let change = Change::Commit { build: build.to_owned() };
    world.apply(change).unwrap_or_else(|problem| panic!("{problem}"));
    run_to(&mut world, seconds(90.0));
    let ended = world.report().operations.and_then(|own| own.pipeline?.passages.first().map(|own| own.ended_ms));
    (world, ended.unwrap_or(f64::NAN) / 1e3)
}

#[test]
fn a_pipeline_stops_takes_back_and_rolls_out() {
    let became = |world: &World| {
        let own = world.report().operations.and_then(|own| own.pipeline).expect("there is a pipeline");
        (own.failed_tests, own.rolled_out, own.rolled_back)
    };
    let builds = |world: &World| world.report().tiers["web"].builds.keys().cloned().collect::<Vec<_>>();
    let (bad, ended) = piped("bad");
    assert_eq!((became(&bad), ended, builds(&bad)), ((1, 0, 0), 11.0, vec!["v1".to_owned()]));
    assert_eq!(bad.deployments().count(), 0, "it never sets out");
    let (sly, _) = piped("sly");
    assert_eq!((became(&sly), builds(&sly)), ((0, 0, 1), vec!["v1".to_owned()]));
    let (good, _) = piped("v2");
    assert_eq!((became(&good), builds(&good)), ((0, 1, 0), vec!["v2".to_owned()]));
}

#[test]
fn a_deployment_by_hand_takes_the_place_of_the_pipelines() {
    let (mut world, _) = piped("v2");
    let commit = |build: &str| Change::Commit { build: build.to_owned() };
    world.apply(commit("v1")).unwrap_or_else(|problem| panic!("{problem}"));
    world.apply(commit("v2")).unwrap_or_else(|problem| panic!("{problem}"));
    run_to(&mut world, seconds(98.0));
    let by_hand = Change::Deploy { target: "web".to_owned(), build: "v2".to_owned(), strategy: Default::default() };
    world.apply(by_hand).unwrap_or_else(|problem| panic!("{problem}"));
    run_to(&mut world, seconds(160.0));
    let own = world.report().operations.and_then(|own| own.pipeline).expect("there is a pipeline");
    assert_eq!((own.commits, own.superseded, own.rolled_out, own.waiting), (3, 1, 2, 0));
}

#[test]
fn a_slow_machine_and_a_cut_link_are_found_and_repaired() {
    for fault in [
        Change::Slow { target: "web.1".to_owned(), factor: 0.02 },
        Change::Cut { from: "web.1".to_owned(), to: "database".to_owned() },
    ] {
        let mut settings = monitored();
        settings["alerts"] = json!({ "slow": { "metric": "latency_p99_ms", "tier": "balancer", "above": 900.0 } });
        settings["on_call"] = json!({ "reaction": { "mean_ms": 1000.0 }, "look_ms": 1000.0 });
        let mut world = world(settings);
        run_to(&mut world, seconds(9.0));
        world.apply(fault.clone()).expect("it fits");
        run_to(&mut world, seconds(60.0));
        let report = world.report().operations.expect("somebody runs it");
        assert!(!report.repairs.is_empty(), "{fault:?}");
        assert!(world.context().links.are_well());
        assert!(world.context().machines.iter().all(|machine| machine.slowness == 1.0));
    }
}

#[test]
fn lines_can_be_searched_by_whole_words_and_a_dead_server_shows_none() {
    let mut world = world(monitored());
    run_to(&mut world, seconds(5.0));
    let all: Vec<String> = world.search_log("request=10", None).collect();
    assert!(!all.is_empty() && all.iter().all(|line| line.contains(" request=10 ")), "{all:?}");
    // The balancer writes two lines, the web server one for each query.
    assert!(all.iter().any(|line| line.contains(" balancer.1 ")), "{all:?}");
    let web =
        world.plan().tiers.iter().position(|tier| tier.id == "web" && tier.machine.is_some()).expect("it is there");
    let node = world.context().tiers[web].members[0];
    assert!(world.search_log("database", Some(node)).all(|line| line.contains("database")));
    assert!(world.search_log("", Some(node)).next().is_some());
    kill(&mut world, "web.1");
    assert!(world.search_log("", Some(node)).next().is_none(), "its disk is not to be reached");
    assert!(world.search_log("web.1 ok", None).next().is_some(), "what it had sent on is");
}
