//! The engine: what orders events and holds what waits. It knows no kind of node.
//!
//! - [`Queue`]: events in the total order `(time, sequence)`; ties are first in, first out.
//! - [`Slab`]: things in flight, by a 32-bit key that is reused after removal.
//! - [`Deadlines`]: time-outs of one length in the order in which they expire, with removal in constant time.
//!
//! Nothing here reads a clock or draws a number.

mod deadlines;
mod queue;
mod slab;

pub use deadlines::{Deadlines, Link};
pub use queue::{LaneId, Queue};
pub use slab::Slab;
