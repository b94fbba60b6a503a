//! How fast the core is, beside a loop written by hand for just one of its models, in one run on one machine:
//! `cargo bench`. For the same table in Chromium see `tests/web_bench.rs`.

// `cargo clippy --target wasm32-unknown-unknown --benches` passes by here too.
#[cfg(not(target_arch = "wasm32"))]
mod hand_written;
#[cfg(not(target_arch = "wasm32"))]
mod stacks;

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    let start = std::time::Instant::now();
    stacks::table(|| start.elapsed().as_secs_f64(), 1.0, |line| println!("{line}"));
}

#[cfg(target_arch = "wasm32")]
fn main() {}
