//! What the integration tests share: designs to measure, random scenarios, and what a run came to.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod clusters;
pub mod designs;
pub mod golden;
pub mod invariants;
pub mod random;
pub mod random_centers;
pub mod random_delivery;
pub mod random_messages;
pub mod random_operations;
pub mod random_scaling;
pub mod random_shards;
pub mod schema;
pub mod statistics;

use serde_json::{Value, json};
use zero_to_millions::scenario::Change;
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;

/// An instant by its seconds.
pub fn seconds(seconds: f64) -> SimTime {
    SimTime::from_ms(seconds * 1e3)
}

/// Runs to `until`, in one call.
pub fn run_to(world: &mut World, until: SimTime) {
    assert!(world.advance(until, u64::MAX).reached);
}

/// Runs on for so many seconds, in one call.
pub fn run_for(world: &mut World, length: f64) {
    let until = SimTime(world.now().0 + seconds(length).0);
    run_to(world, until);
}

/// Changes a value now.
pub fn set(world: &mut World, path: &str, value: impl Into<Value>) {
    let change = Change::Set { path: path.to_owned(), value: value.into() };
    world.apply(change).unwrap_or_else(|problem| panic!("{problem}"));
}

/// Kills a target now.
pub fn kill(world: &mut World, target: &str) {
    world
        .apply(Change::Kill { target: target.to_owned(), silent: false, destroy: false })
        .unwrap_or_else(|problem| panic!("{problem}"));
}

/// Restores a target now.
pub fn restore(world: &mut World, target: &str) {
    world.apply(Change::Restore { target: target.to_owned() }).unwrap_or_else(|problem| panic!("{problem}"));
}

/// All that a run came to, for comparison: digest, books, report and every window of its history.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub digest: u64,
    pub report: Value,
    pub windows: String,
}

impl Outcome {
    /// Of the run so far.
    pub fn of(world: &World) -> Self {
        // The report reads gauges, which settles them: on a copy, so that looking can not be what makes runs equal.
        let report = json!(world.clone().report());
        let history = world.history();
        Self { digest: world.digest(), report, windows: format!("{:?} {:?}", history.closed(), history.recent()) }
    }
}
