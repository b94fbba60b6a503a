//! In a real browser: the same digests as natively, and a run cut into slices as a page would.

#![cfg(target_arch = "wasm32")]

#[path = "common/golden.rs"]
mod golden;

use std::collections::BTreeMap;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use zero_to_millions::course::stages;
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;

wasm_bindgen_test_configure!(run_in_browser);

/// The same file is checked natively by `tests/determinism.rs`.
#[wasm_bindgen_test]
fn every_stage_has_its_golden_digest() {
    let expected: BTreeMap<String, String> =
        serde_json::from_str(include_str!("golden/digests.json")).expect("the file is JSON");
    let digests = stages::newest().map(|stage| {
        let scenario = stage.scenario();
        let mut world = World::new(&scenario, golden::SEED);
        while !world.advance(golden::end(&scenario), 10_000).reached {}
        (stage.id.to_owned(), format!("{:016x}", world.digest()))
    });
    assert_eq!(digests.collect::<BTreeMap<_, _>>(), expected);
}

/// Pointers are 32 bits wide here: a report has the same figures all the same, to the last digit. The native figures
/// are those of `tests/golden/report.json`.
#[wasm_bindgen_test]
fn a_report_has_the_golden_figures() {
    let mut world = World::new(&stages::find("load-balancer").expect("it is published").scenario(), 7);
    assert!(world.advance(SimTime::from_ms(60_000.0), u64::MAX).reached);
    let report = serde_json::to_value(world.report()).expect("a report is JSON");
    let golden: serde_json::Value = serde_json::from_str(include_str!("golden/report.json")).expect("the file is JSON");
    assert_eq!(report, golden);
}
