//! Zero to Millions.
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod course;
pub mod engine;
pub mod faults;
pub mod frame;
pub mod link;
pub mod metrics;
pub mod nodes;
pub mod player;
pub mod rng;
pub mod scenario;
pub mod time;
pub mod world;
