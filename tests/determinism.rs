//! The same scenario and seed give the same run, however it is cut, watched, copied or changed by hand.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::random::{LENGTH, config, moments, still_scenario, with_timeline};
use common::random_messages::anything_eventful;
use common::random_shards::eventful_shards;
use common::{Outcome, golden, run_to, seconds};
use proptest::prelude::*;
use serde_json::Value;
use zero_to_millions::course::stages;
use zero_to_millions::nodes::trace::Follow;
use zero_to_millions::rng::Stream;
use zero_to_millions::scenario::Scenario;
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;

/// Systems of all kinds, and some whose rows move between shards.
fn eventful() -> impl Strategy<Value = Scenario> {
    prop_oneof![3 => anything_eventful(), 1 => eventful_shards()]
}

fn end() -> SimTime {
    seconds(LENGTH)
}

/// In one call.
fn batched(scenario: &Scenario, seed: u64) -> World {
    let mut world = World::new(scenario, seed);
    run_to(&mut world, end());
    world
}

/// One event at a time.
fn stepped(scenario: &Scenario, seed: u64) -> World {
    let mut world = World::new(scenario, seed);
    while !world.advance(end(), 1).reached {}
    world
}

/// In slices of random length and random budget, watched ever differently.
fn sliced(scenario: &Scenario, seed: u64, cuts: u64) -> World {
    let mut world = World::new(scenario, seed);
    let mut random = Stream::new(cuts, 0);
    while world.now() < end() {
        let until = SimTime(world.now().0 + random.draw() % 100_000_000).min(end());
        world.advance(until, 1 + random.draw() % 200);
        world.watch((random.draw() % 64) as u8);
        world.follow(match random.draw() % 3 {
            0 => Follow::Nobody,
            1 => Follow::User((random.draw() % 50) as u32),
            _ => Follow::Everyone,
        });
    }
    run_to(&mut world, end());
    world
}

/// Copied at some moment: the copy and the original go on, one after the other.
fn copied(scenario: &Scenario, seed: u64, at: SimTime) -> [World; 2] {
    let mut original = World::new(scenario, seed);
    run_to(&mut original, at);
    let mut copy = original.clone();
    run_to(&mut copy, end());
    run_to(&mut original, end());
    [copy, original]
}

/// The timeline by hand: each change applied when its time has come.
fn by_hand(scenario: &Scenario, seed: u64) -> World {
    let mut still = scenario.clone();
    still.timeline.clear();
    let mut world = World::new(&still, seed);
    for moment in &scenario.timeline {
        run_to(&mut world, moment.at());
        world.apply(moment.change.clone()).unwrap_or_else(|problem| panic!("{problem}"));
    }
    run_to(&mut world, end());
    assert_eq!(world.timeline(), scenario.timeline, "what was done is on the timeline");
    world
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn how_a_run_is_cut_changes_nothing(scenario in eventful(), seed in 0..1000u64, cuts: u64, at in 0..3000u64) {
        let expected = Outcome::of(&batched(&scenario, seed));
        prop_assert_eq!(&Outcome::of(&stepped(&scenario, seed)), &expected);
        prop_assert_eq!(&Outcome::of(&sliced(&scenario, seed, cuts)), &expected);
        for world in copied(&scenario, seed, SimTime(at * 1_000_000)) {
            prop_assert_eq!(&Outcome::of(&world), &expected);
        }
    }

    #[test]
    fn a_change_by_hand_is_the_same_as_one_in_the_file(scenario in eventful(), seed in 0..1000u64) {
        prop_assert_eq!(Outcome::of(&by_hand(&scenario, seed)), Outcome::of(&batched(&scenario, seed)));
    }

    /// What was played can be saved as a scenario with its timeline, and read again.
    #[test]
    fn what_was_played_can_be_replayed_from_its_file(still in still_scenario(), moments in moments(), seed in 0..1000u64) {
        let played = by_hand(&with_timeline(&still, moments), seed);
        let mut saved = still;
        saved.timeline = played.timeline().to_vec();
        let json = serde_json::to_string(&saved).expect("a scenario is JSON");
        let read = zero_to_millions::scenario::read(&json).unwrap_or_else(|problem| panic!("{problem}"));
        prop_assert_eq!(Outcome::of(&batched(&read, seed)), Outcome::of(&played));
    }
}

/// Windows go on after a long idle stretch, the same whether its end was foreseen or not.
#[test]
fn a_change_after_an_idle_stretch_is_the_same_by_hand() {
    let mut scenario = stages::find("single-server").expect("it is published").scenario();
    scenario.timeline = serde_json::from_value(serde_json::json!([
        { "at_ms": 1000.0, "change": { "set": { "path": "workload.requests_per_user_per_second", "value": 0.0 } } },
        { "at_ms": 60_012.3, "change": { "set": { "path": "workload.requests_per_user_per_second", "value": 0.1 } } },
    ]))
    .expect("it is valid");
    let run = |mut world: World| {
        run_to(&mut world, seconds(70.0));
        Outcome::of(&world)
    };
    let mut hand = by_hand(&Scenario { timeline: scenario.timeline[..1].to_vec(), ..scenario.clone() }, 1);
    run_to(&mut hand, scenario.timeline[1].at());
    hand.apply(scenario.timeline[1].change.clone()).expect("it is valid");
    let (hand, file) = (run(hand), run(World::new(&scenario, 1)));
    assert_eq!(hand, file);
    assert!(file.windows.matches("start").count() > 200, "ten seconds of windows follow the idle minute");
}

/// The digest tells runs apart: another seed, or one request more that failed.
#[test]
fn the_digest_tells_different_runs_apart() {
    let scenario = stages::find("single-server").expect("it is published").scenario();
    let digest = |seed, timeout| {
        let mut scenario = scenario.clone();
        scenario.workload.clients.values_mut().for_each(|client| client.timeout_ms = timeout);
        let mut world = World::new(&scenario, seed);
        run_to(&mut world, seconds(60.0));
        world.digest()
    };
    assert_ne!(digest(1, 10_000.0), digest(2, 10_000.0));
    assert_ne!(digest(1, 10_000.0), digest(1, 60.0));
}

/// Links carry digests, so these numbers change only with the model. The same file is checked in the browser
/// (`tests/web.rs`), and this test runs in debug and in release: all give the same.
#[test]
fn every_stage_has_its_golden_digest() {
    let digests = stages::newest().map(|stage| {
        let scenario = stage.scenario();
        let mut world = World::new(&scenario, golden::SEED);
        run_to(&mut world, golden::end(&scenario));
        (stage.id.to_owned(), format!("{:016x}", world.digest()).into())
    });
    check_golden("digests", &Value::Object(digests.collect()));
}

/// Not only the outcomes: every figure of a report is the same everywhere, here and in the browser.
#[test]
fn a_report_has_the_golden_figures() {
    let mut world = World::new(&stages::find("load-balancer").expect("it is published").scenario(), 7);
    run_to(&mut world, seconds(60.0));
    check_golden("report", &serde_json::to_value(world.report()).expect("a report is JSON"));
}

/// Compares with `tests/golden/<name>.json`. When the model has changed on purpose, `UPDATE_GOLDEN=1` writes it anew.
fn check_golden(name: &str, found: &Value) {
    let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{found:#}\n")).expect("the file can be written");
        return;
    }
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("it is there")).expect("it is JSON");
    assert_eq!(*found, golden, "{path}");
}
