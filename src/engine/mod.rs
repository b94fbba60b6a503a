//! The engine: what orders events and holds what waits. It knows no kind of node.
//!
//! - [`Queue`]: events in the total order `(time, sequence)`; ties are first in, first out.
//! - [`Slab`]: things in flight, by a 32-bit key that is reused after removal.
//! - [`Index`]: from keys to numbers, in constant time and in no more room than that takes.
//! - [`Table`]: entries that may be forgotten, in bounded room.
//! - [`Deadlines`]: time-outs of one length in the order in which they expire, with removal in constant time.
//!
//! Nothing here reads a clock or draws a number.

mod deadlines;
mod index;
mod queue;
mod slab;
mod table;

pub use deadlines::{Deadlines, Link};
pub use index::Index;
pub use queue::{LaneId, Queue};
pub use slab::Slab;
pub use table::{Cell, Table};
