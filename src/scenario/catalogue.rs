//! Machines as providers list them: a family of general-purpose sizes, to choose from by name.
//!
//! Prices are of the order of what large cloud providers listed for general-purpose x86 machines on demand in North
//! America in early 2025: $0.048 per core and hour (AWS m6i and m7i, Azure Dsv5, Google n2-standard all lie within a tenth
//! of it), in proportion to cores, at 730 hours a month. 4 GB of memory a core is the family's usual measure. Past the
//! largest there is nothing: who needs more needs another machine.

use super::Problem;
use super::machine::Scalability;

/// A size of machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Its name.
    pub id: &'static str,
    /// Cores.
    pub cores: u32,
    /// Memory, in gigabytes.
    pub memory_gb: f64,
    /// Network, in gigabits per second.
    pub network_gbps: f64,
    /// List price, in US dollars per month.
    pub cost_per_month_usd: f64,
}

const fn general(id: &'static str, cores: u32, network_gbps: f64) -> Size {
    Size { id, cores, memory_gb: 4.0 * cores as f64, network_gbps, cost_per_month_usd: 0.048 * 730.0 * cores as f64 }
}

/// All sizes, the smallest first.
pub const SIZES: [Size; 8] = [
    general("general-2", 2, 12.5),
    general("general-4", 4, 12.5),
    general("general-8", 8, 12.5),
    general("general-16", 16, 12.5),
    general("general-32", 32, 18.75),
    general("general-64", 64, 37.5),
    general("general-96", 96, 50.0),
    general("general-128", 128, 50.0),
];

/// How the work of these machines grows with their cores: the Universal Scalability Law as fitted to the SPEC SDM91
/// measurements of a Sun SPARCcenter 2000 (the example of the R package `usl`, Möding; after Gunther, Guerrilla Capacity
/// Planning, 2007). It is one measured system, not all: programs that share less scale further.
pub const SCALABILITY: Scalability = Scalability { contention: 0.0277, coherency: 0.000_104 };

/// The size of this name.
///
/// # Errors
/// There is none; the nearest is named.
pub fn find(place: &str, id: &str) -> Result<&'static Size, Problem> {
    let unknown = || Problem::unknown(place, "size", id, SIZES.iter().map(|size| size.id));
    SIZES.iter().find(|size| size.id == id).ok_or_else(unknown)
}
