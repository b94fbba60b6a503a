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

/// A disk that a machine can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disk {
    /// Its name.
    pub id: &'static str,
    /// How long it takes to read or write a page anywhere on it, in milliseconds, on average.
    pub access_ms: f64,
    /// Half of the range over which that varies, in milliseconds; all times in it are as likely.
    pub spread_ms: f64,
    /// How long it takes until what was appended to a log is safe, in milliseconds.
    pub flush_ms: f64,
    /// Operations under way at once. Operations per second = these / the access time.
    pub parallel: u32,
}

/// All disks, the fastest first. A page in memory takes some 100 ns (Dean, "Numbers everyone should know", 2009), which is a
/// part of the work of a query.
///
/// - `ssd`: a random read takes 100 µs (Dean's figures, and data sheets of drives with NVMe); 32 at once are 320,000
///   operations a second, of the order of what data centre drives promise.
/// - `network_ssd`: cloud block storage; AWS promises 3,000 operations a second and "single-digit milliseconds" for a gp3
///   volume as it comes, and 1 ms is what is commonly seen.
/// - `spinning`: 7,200 turns a minute, 8.33 ms each: half a turn, and 5.8 ms for the arm to move, are the 10 ms of Dean's
///   figures. The log is written in one place, but the place comes by only once a turn. One arm, so one thing at a time.
pub const DISKS: [Disk; 3] = [
    Disk { id: "ssd", access_ms: 0.1, spread_ms: 0.0, flush_ms: 0.1, parallel: 32 },
    Disk { id: "network_ssd", access_ms: 1.0, spread_ms: 0.0, flush_ms: 1.0, parallel: 3 },
    Disk { id: "spinning", access_ms: 10.0, spread_ms: TURN_MS / 2.0, flush_ms: TURN_MS, parallel: 1 },
];

/// A turn of a disk with 7,200 turns a minute, in milliseconds.
const TURN_MS: f64 = 60_000.0 / 7_200.0;

/// The disk of this name.
///
/// # Errors
/// There is none; the nearest is named.
pub fn find_disk(place: &str, id: &str) -> Result<&'static Disk, Problem> {
    let unknown = || Problem::unknown(place, "disk", id, DISKS.iter().map(|disk| disk.id));
    DISKS.iter().find(|disk| disk.id == id).ok_or_else(unknown)
}

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
