//! The loop that the core is measured against computes the same physics.

#![cfg(not(target_arch = "wasm32"))]

mod common;
#[path = "../benches/core/hand_written.rs"]
mod hand_written;

use common::statistics::{Estimate, Sample};
use hand_written::HandWritten;
use zero_to_millions::scenario;

/// Mean latencies of twelve runs each, whose standard errors add up as squares. (Their queues are those of D/M/1 and
/// more complicated ones, for which there is no simple formula.)
#[test]
fn the_hand_written_loop_and_the_core_agree() {
    let scenario = scenario::read(include_str!("../benches/reference.json")).expect("it is valid");
    let sample = Sample { runs: 12, warm_up: 60.0, measured: 600.0 };
    let core = Estimate::of(&sample.take(&scenario), |report| report.latency_ms.mean);
    let by_hand: Vec<f64> = (1..=12)
        .map(|seed| {
            let mut hand = HandWritten::<4, 3>::new(seed);
            hand.run(60_000);
            (hand.answered, hand.latency_sum) = (0, 0.0);
            hand.run(700_000);
            hand.mean_ms()
        })
        .collect();
    let by_hand = Estimate::from_runs(&by_hand);
    let error = core.standard_error.hypot(by_hand.standard_error);
    assert!(4.0 * error < 0.02 * core.mean, "measured too roughly: {core:?} {by_hand:?}");
    assert!((core.mean - by_hand.mean).abs() <= 4.0 * error, "{core:?} {by_hand:?}");
}
