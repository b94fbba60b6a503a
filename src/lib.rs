//! Zero to Millions.
pub mod course;
pub mod engine;
pub mod faults;
pub mod metrics;
pub mod nodes;
pub mod rng;
pub mod scenario;
pub mod time;
pub mod world;
