//! Load that follows the day, and tiers that get more servers or fewer while they run.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::check_balance;
use common::{run_for, run_to, seconds, set};
use serde_json::json;
use zero_to_millions::course::stages;
use zero_to_millions::nodes::context::Life;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::scenario::{self, edit};
use zero_to_millions::world::World;

/// Two web servers behind a balancer, with what the patch says.
fn world(patch: &serde_json::Value) -> World {
    let mut json = edit::encode(&stages::revision("load-balancer", 1).expect("it is published").scenario());
    edit::merge(&mut json, patch);
    World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
}

/// The lives of the web servers that there have been so far.
fn lives(world: &World) -> Vec<Life> {
    let tier = world.plan().tiers.iter().position(|tier| tier.id == "web").expect("it is there");
    // Client groups come first and one of them has the same id.
    let tier =
        world.plan().tiers[tier + 1..].iter().position(|tier| tier.id == "web").map_or(tier, |next| tier + 1 + next);
    let members = &world.context().tiers[tier].members;
    members.iter().map(|node| world.context().nodes[node.index()].life).collect()
}

/// Arrivals of each hour of a day against the integral of the curve: χ² of 24 Poisson counts, of which 51 is exceeded once in
/// a thousand runs. And the mean over the day is what users and their rate say.
#[test]
fn arrivals_follow_the_day() {
    let day = json!({ "peak_to_trough": 3.0, "peak_hour": 20.0, "starts_at_hour": 6.0, "length_ms": 240_000.0 });
    let mut world = world(&json!({ "workload": { "day": day } }));
    let (mut chi, mut before) = (0.0, 0);
    for hour in 0..24 {
        run_to(&mut world, seconds(10.0 * f64::from(hour + 1)));
        let issued = world.context().ledger.run.issued;
        let angle = |hour: f64| (hour + 6.0 - 20.0) / 24.0 * std::f64::consts::TAU;
        let (from, to) = (angle(f64::from(hour)), angle(f64::from(hour + 1)));
        let factor = 1.0 + 0.5 * (to.sin() - from.sin()) / (to - from);
        let expected = 400.0 * 10.0 * factor;
        chi += ((issued - before) as f64 - expected).powi(2) / expected;
        before = issued;
    }
    assert!(chi < 51.0, "{chi}");
    let expected = 400.0 * 240.0;
    assert!((before as f64 - expected).abs() < 4.0 * f64::sqrt(expected), "{before} against {expected}");
}

/// A change of the rate changes when the next request comes, not which: the same requests, sooner.
#[test]
fn a_day_without_a_curve_is_no_day() {
    let flat = json!({ "workload": { "day": { "peak_to_trough": 1.0, "length_ms": 60_000.0 } } });
    let (mut with, mut without) = (world(&flat), world(&json!({})));
    for world in [&mut with, &mut without] {
        run_to(world, seconds(100.0));
    }
    let (with, without) = (with.report().requests, without.report().requests);
    // Rounding may move one request over the end.
    assert!(with.issued.abs_diff(without.issued) <= 1, "{} {}", with.issued, without.issued);
}

/// Server-hours by hand: two servers for 100 s; three from then on, the third booting first; two again at 300 s, while the
/// third drains for 20 s.
#[test]
fn what_boots_and_what_drains_is_paid() {
    let mut world = world(&json!({ "tiers": { "web": { "draining_ms": 20_000.0 } } }));
    run_to(&mut world, seconds(100.0));
    set(&mut world, "tiers.web.instances", 3);
    assert_eq!(lives(&world), [Life::Up, Life::Up, Life::Booting]);
    run_to(&mut world, seconds(300.0));
    assert_eq!(lives(&world), [Life::Up, Life::Up, Life::Up]);
    set(&mut world, "tiers.web.instances", 2);
    run_to(&mut world, seconds(310.0));
    assert_eq!(lives(&world), [Life::Up, Life::Up, Life::Drained]);
    run_to(&mut world, seconds(500.0));
    let report = world.report();
    let scaling = report.tiers["web"].scaling.as_ref().expect("servers came and went");
    let by_hand = (2.0 * 500.0 + 200.0 + 20.0) / 3600.0;
    assert!((scaling.server_hours - by_hand).abs() < 1e-9, "{scaling:?}, by hand {by_hand}");
    assert_eq!((scaling.launched, scaling.terminated), (1, 1));
    check_balance(&world);
}

/// A server that is told to be there again while it drains is another machine: it boots.
#[test]
fn a_server_that_is_wanted_again_while_it_drains_boots_anew() {
    let mut world = world(&json!({ "tiers": { "web": { "draining_ms": 60_000.0 } } }));
    run_to(&mut world, seconds(10.0));
    set(&mut world, "tiers.web.instances", 1);
    run_for(&mut world, 5.0);
    assert_eq!(lives(&world), [Life::Up, Life::Drained]);
    set(&mut world, "tiers.web.instances", 2);
    assert_eq!(lives(&world), [Life::Up, Life::Booting]);
    run_for(&mut world, 100.0);
    assert_eq!(lives(&world), [Life::Up, Life::Up], "the end of the old draining means nothing");
    let report = world.report();
    let scaling = report.tiers["web"].scaling.as_ref().expect("servers came and went");
    assert_eq!((scaling.launched, scaling.terminated), (1, 1));
}

/// Demand is 400 a second · 3.4 ms on average = 1.36 cores; two cores each and a target of 0.2 make 3.4: four servers.
#[test]
fn an_autoscaler_finds_the_number_by_itself_and_stays_there() {
    let scaler = json!({ "minimum": 1, "maximum": 8, "target_utilisation": 0.2,
                         "evaluate_every_ms": 10_000.0, "cooldown_out_ms": 10_000.0, "cooldown_in_ms": 30_000.0 });
    for start in [1, 6] {
        let mut world = world(&json!({ "tiers": { "web": { "instances": start, "autoscaler": scaler } } }));
        run_to(&mut world, seconds(400.0));
        let (facts, _) = world.context().observer.facts();
        let changes: Vec<(u16, u16)> = facts
            .iter()
            .filter_map(|&(_, fact)| if let Fact::Scaled { from, to, .. } = fact { Some((from, to)) } else { None })
            .collect();
        assert_eq!(changes, [(start, 4)], "one decision, since nothing was overloaded");
        assert_eq!(world.report().tiers["web"].instances, 4);
        // Another setting of the tier leaves the autoscaler its number.
        set(&mut world, "tiers.web.slots", 64);
        assert_eq!(world.report().tiers["web"].instances, 4);
        check_balance(&world);
    }
}

/// Hours are those of the day that the workload has.
#[test]
fn a_schedule_follows_the_clock() {
    let scaler = json!({ "minimum": 1, "maximum": 8, "metric": "schedule", "schedule": { "8": 5, "20": 2 },
                         "evaluate_every_ms": 1_000.0, "cooldown_out_ms": 0.0, "cooldown_in_ms": 0.0 });
    let day = json!({ "peak_to_trough": 2.0, "length_ms": 240_000.0 });
    let mut world = world(&json!({ "workload": { "day": day }, "tiers": { "web": { "autoscaler": scaler } } }));
    let mut at = |hour: f64| {
        run_to(&mut world, seconds(hour * 10.0));
        world.report().tiers["web"].instances
    };
    assert_eq!([at(7.9), at(8.2), at(19.9), at(20.2), at(31.9), at(32.2)], [2, 5, 5, 2, 2, 5]);
}
