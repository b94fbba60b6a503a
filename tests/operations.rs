//! Those who run the system: what they see changes nothing, and what they do does.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::{kill, run_to, seconds};
use serde_json::{Value, json};
use zero_to_millions::course::stages;
use zero_to_millions::frame;
use zero_to_millions::nodes::context::Life;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::{self, Change, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::log_search::{Level, LogQuery};

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

fn looked_for(text: &str) -> LogQuery {
    LogQuery { text: text.to_owned(), ..LogQuery::default() }
}

fn found(world: &World, query: &LogQuery) -> Vec<String> {
    world.search_log(query).map(|line| line.text).collect()
}

#[test]
fn lines_can_be_searched_and_a_dead_server_shows_none() {
    let mut world = world(monitored());
    run_to(&mut world, seconds(5.0));
    let all = found(&world, &looked_for("request:10"));
    assert!(!all.is_empty() && all.iter().all(|line| line.contains(" request=10 ")), "{all:?}");
    // The balancer writes two lines, the web server one for each query.
    assert!(all.iter().any(|line| line.starts_with("balancer.1 ")), "{all:?}");
    assert!(found(&world, &looked_for("REQUEST=10")).len() > all.len(), "words are found wherever they stand");
    let own = LogQuery { target: Some("web.1".to_owned()), ..looked_for("peer:database") };
    let lines = found(&world, &own);
    assert!(
        !lines.is_empty() && lines.iter().all(|line| line.starts_with("web.1 ") && line.contains("peer=database."))
    );
    let about = LogQuery { about: Some("web.1".to_owned()), ..LogQuery::default() };
    let named = looked_for("peer:web.1");
    assert_eq!(
        found(&world, &about).len(),
        found(&world, &named).len() + found(&world, &looked_for("node:web-1")).len()
    );
    let classes =
        world.plan().classes.iter().map(|class| found(&world, &looked_for(&format!("class:{}", class.id))).len());
    assert_eq!(classes.sum::<usize>(), found(&world, &LogQuery::default()).len(), "each line is of one class");
    kill(&mut world, "web.1");
    assert!(found(&world, &own).is_empty(), "its disk is not to be reached");
    assert!(!found(&world, &looked_for("node:web.1 ok")).is_empty(), "what it had sent on is");
}

#[test]
fn lines_tell_what_failed_and_why() {
    let mut world = world(monitored());
    run_to(&mut world, seconds(5.0));
    assert!(found(&world, &looked_for("level:error")).is_empty());
    kill(&mut world, "web.2");
    run_to(&mut world, seconds(9.0));
    let errors = found(&world, &LogQuery { level: Some(Level::Error), ..LogQuery::default() });
    assert!(!errors.is_empty() && errors.iter().all(|line| !line.ends_with(" ok")), "{errors:?}");
    let killed = found(&world, &looked_for("cause:refused")).len() + found(&world, &looked_for("cause:killed")).len();
    assert!(killed > 0 && killed <= errors.len(), "{killed} of {}", errors.len());
}

#[test]
fn what_a_dead_server_had_not_sent_on_is_gone_with_its_disk() {
    let mut settings = monitored();
    settings["logs"]["gather"]["every_ms"] = json!(3000.0);
    let mut world = world(settings);
    run_to(&mut world, seconds(5.0));
    world.apply(Change::Kill { target: "web.1".to_owned(), silent: false, destroy: true }).expect("it is there");
    let lines = |world: &World| found(world, &looked_for("node:web.1")).len();
    let (sent, logs) = (lines(&world), world.context().operations().and_then(|own| own.logs.as_ref()));
    let destroyed = logs.expect("there are lines").destroyed;
    assert!(destroyed > 0 && sent > 0, "{destroyed} gone, {sent} sent on");
    world.apply(Change::Restore { target: "web.1".to_owned() }).expect("it is there");
    run_to(&mut world, seconds(12.0));
    let own = LogQuery { target: Some("web.1".to_owned()), ..LogQuery::default() };
    let first = world.search_log(&own).last().expect("it writes again").at;
    assert!(first > seconds(5.0), "what it wrote before its death is nowhere: {first:?}");
}

fn set(world: &mut World, path: &str, value: Value) -> Result<(), String> {
    world.apply(Change::Set { path: path.to_owned(), value }).map_err(|problem| problem.to_string())
}

/// The words of alerts so far, as the log has them.
fn told(world: &World) -> Vec<String> {
    let of_alerts = |line: &frame::FactLine| line.subject.starts_with("alert ");
    frame::facts(world)
        .iter()
        .filter(|line| of_alerts(line))
        .map(|line| format!("{} {}", line.subject, line.text))
        .collect()
}

#[test]
fn rules_come_and_go_while_the_system_runs() {
    let mut world = world(monitored());
    let rule = |bound: f64| json!({ "metric": "requests_per_second", "tier": "balancer", "above": bound });
    run_to(&mut world, seconds(5.0));
    // It comes before the other one in the order of ids, and does not take its place.
    set(&mut world, "operations.alerts.any", rule(0.0)).expect("it is a rule");
    run_to(&mut world, seconds(7.0));
    assert_eq!(told(&world), ["alert any fires"]);
    kill(&mut world, "web.2");
    run_to(&mut world, seconds(14.0));
    assert_eq!(told(&world), ["alert any fires", "alert down fires"]);
    set(&mut world, "operations.alerts.any", Value::Null).expect("nothing needs it");
    assert_eq!(told(&world).last().map(String::as_str), Some("alert any is calm again"), "nobody judges it any more");
    let report = world.report().operations.expect("somebody runs it");
    assert!(report.alerts["down"].firing && report.alerts.len() == 1, "the other one goes on");
    // Above what it ever is: it was about to fire and is no more.
    set(&mut world, "operations.alerts.down.below", json!(0.25)).expect("it fits");
    run_to(&mut world, seconds(20.0));
    assert_eq!(told(&world).last().map(String::as_str), Some("alert down is calm again"));
    set(&mut world, "operations.alerts.down", rule(0.0)).expect("a rule may go by something else");
    run_to(&mut world, seconds(23.0));
    assert_eq!(told(&world).last().map(String::as_str), Some("alert down fires"));
}

#[test]
fn rules_that_would_say_nothing_are_refused() {
    let mut settings = monitored();
    settings["on_call"] = json!({});
    let mut world = world(settings);
    run_to(&mut world, seconds(1.0));
    let good = json!({ "metric": "up", "tier": "web", "below": 1.0 });
    let mut refused = |path: &str, value: Value| set(&mut world, path, value).expect_err(path);
    assert!(refused("operations.alerts.Down", good.clone()).contains("lower-case"), "an id is an id");
    assert!(refused("operations.alerts.", good.clone()).contains("lower-case"));
    assert!(refused("operations.alerts.down", Value::Null).contains("nothing ever calls anybody"));
    assert!(refused("operations.alerts.down.for_ms", json!(100.0)).contains("values come every 2000"));
    let no_tier = json!({ "metric": "up", "below": 1.0 });
    assert!(refused("operations.alerts.new", no_tier).contains("of which tier"));
    assert!(refused("operations.monitor", Value::Null).starts_with("operations.alerts"), "rules need a monitor");
}

#[test]
fn what_is_told_of_metrics_is_what_was_scraped() {
    let mut world = world(monitored());
    run_to(&mut world, seconds(9.0));
    kill(&mut world, "web.2");
    run_to(&mut world, seconds(13.0));
    let metrics = frame::metrics(&world, Some("web")).expect("there is a monitor");
    assert_eq!(metrics.at_ms, [2e3, 4e3, 6e3, 8e3, 10e3, 12e3]);
    assert_eq!(metrics.hosts.iter().map(|host| host.target.as_str()).collect::<Vec<_>>(), ["web.1", "web.2"]);
    let of = |tier: &str| metrics.tiers.iter().find(|own| own.id == tier).expect("it is scraped");
    assert_eq!(of("web").up[3..], [1.0, 0.5, 0.5]);
    assert!(metrics.hosts[1].cpu[4].is_nan() && metrics.hosts[1].cpu[3] > 0.0, "a dead server answers no scrape");
    let report = world.report().operations.expect("somebody runs it");
    assert_eq!(
        Some(f64::from(metrics.hosts[0].cpu[5]) as f32),
        report.hosts["web.1"].cpu_utilisation.map(|own| own as f32)
    );
    let business = metrics.business.as_ref().expect("orders are counted");
    assert!(business.revenue_usd.is_sorted() && business.revenue_usd[5] > 0.0, "{business:?}");
    assert!(frame::metrics(&self::world(Value::Null), None).is_none(), "where nobody scrapes, nobody knows");
}
