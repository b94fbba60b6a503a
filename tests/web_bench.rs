//! The table of `cargo bench`, measured in a real browser:
//!
//! ```text
//! CARGO_PROFILE_RELEASE_PANIC=unwind wasm-pack test --headless --chrome --release -- --test web_bench -- \
//!     --include-ignored --nocapture
//! ```
//!
//! (The setting keeps cargo from building the library twice, for the tests and for itself, into one file.)

#![cfg(target_arch = "wasm32")]

#[path = "../benches/core/hand_written.rs"]
mod hand_written;
#[path = "../benches/core/stacks.rs"]
mod stacks;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

#[wasm_bindgen_test]
#[ignore = "a measurement, not a test"]
fn the_table() {
    stacks::table(|| now() / 1e3, 0.5, |line| console_log!("{line}"));
}
