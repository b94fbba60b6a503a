//! Zero to Millions: the road from one server to millions of users, simulated.
//!
//! The map, in the order of who may use whom ([ARCHITECTURE.md](../ARCHITECTURE.md) tells more):
//!
//! ```text
//! time, rng            whole nanoseconds; randomness as a function of the request
//!   → engine           the order of events; what is in flight
//!   → metrics          histograms, gauges, windows, in fixed memory
//!   → nodes            one file per kind of node; the request; the books
//!   → faults           what a death means for the requests in flight
//!   → scenario         the description as data: types, checks, edits, the plan
//!   → world            a scenario brought to life: advance, apply, report
//!   → course           the stages of the journey
//!   → frame, link      plain data for drawing; share links
//!   → player           commands in, facts out: what a page or a worker hosts
//!   → layout           where the parts of a diagram stand, and the ways between them
//!   → ui  (wasm only)  the page;   cli (native only)  the command line
//!     js  (wasm, with the feature of that name)       the JavaScript package
//! ```
//!
//! What always holds, each with a test:
//!
//! - The same scenario and seed give the same digest natively and in wasm, in debug and release, however the run is cut
//!   into calls, and whether or not somebody watches.
//! - `issued = answered + failed by cause + in flight`.
//! - Nobody above reads a clock, a platform's random numbers or a hash map's order: `tests/structure.rs`.
//! - What a user, a file or a link can say is checked before it acts, and refused with its place.

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod course;
pub mod engine;
pub mod faults;
pub mod frame;
#[cfg(all(target_arch = "wasm32", feature = "js"))]
pub mod js;
pub mod layout;
pub mod link;
pub mod metrics;
pub mod nodes;
pub mod player;
pub mod rng;
pub mod scenario;
pub mod time;
#[cfg(target_arch = "wasm32")]
pub mod ui;
pub mod world;
