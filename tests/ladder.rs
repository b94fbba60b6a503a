//! What is recorded of the ladder is of the stages that there are.

#![cfg(not(target_arch = "wasm32"))]

use zero_to_millions::course::ladder::{self, faults, recorded};

const AGAIN: &str = "run `zero-to-millions ladder --json > ladder.json` and put it into src/course";

#[test]
fn every_stage_is_a_rung() {
    let stages: Vec<(&str, u32)> = ladder::stages().map(|stage| (stage.id, stage.revision)).collect();
    let rungs: Vec<(&str, u32)> = recorded().iter().map(|rung| (rung.stage.as_str(), rung.revision)).collect();
    assert_eq!(rungs, stages, "{AGAIN}");
}

#[test]
fn every_rung_is_recorded_whole_and_none_is_at_fault() {
    for rung in recorded() {
        let scenario = rung.scenario(rung.users);
        assert!(scenario.tiers.contains_key(&rung.first_to_break), "{}: {AGAIN}", rung.stage);
        assert!(rung.kept.keeps(ladder::OBJECTIVE), "{}: {AGAIN}", rung.stage);
        assert!(rung.broken.is_none_or(|broken| !broken.verdict.keeps(ladder::OBJECTIVE)), "{}: {AGAIN}", rung.stage);
        // A hundred requests above the 99th percentile: its standard error is a tenth of a percent of requests.
        assert!(rung.kept.dynamic_requests > 10_000, "{}: {AGAIN}", rung.stage);
    }
    assert!(faults(recorded()).is_empty(), "{:?}", faults(recorded()));
}
