//! Metrics: what happened, in fixed memory. They listen and never steer.
//!
//! - [`Histogram`]: durations with a relative error of at most 1/64, in 16 kB.
//! - [`Gauge`]: the exact integral of a whole number over time, for utilisation and queue length.
//! - [`History`]: windows of the run that are joined in pairs when there are too many, so that the whole run is
//!   always covered by a bounded number of them.
//! - [`Interval`]: how well a mean over stretches of a run is known.

mod gauge;
mod histogram;
mod history;
mod interval;

pub use gauge::Gauge;
pub use histogram::{CompactHistogram, Histogram};
pub use history::{History, Stretch};
pub use interval::Interval;
