//! Disks, and what databases hold of them in memory.

use crate::nodes::database::buffer_pool::Layout;
use crate::nodes::disk::Medium;
use crate::rng::Sampler;
use crate::scenario::{DatabaseTier, Scenario, catalogue, data};
use crate::time::Span;

/// The part of a machine's memory that a database takes for pages, if nobody says otherwise: MySQL's manual advises 50 to
/// 75 percent ("Configuring InnoDB buffer pool size").
const SHARE_OF_MEMORY: f64 = 0.75;

/// Pages in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolPlan {
    /// Where rows stand.
    pub layout: Layout,
    /// How many pages it may hold.
    pub pages: u32,
    /// Size of a row, in bytes.
    pub row_bytes: u32,
    /// Whether the run begins with those that it holds in the long run.
    pub warm: bool,
}

pub(super) fn medium(disk: &catalogue::Disk) -> Medium {
    let access = if disk.spread_ms > 0.0 {
        // A uniform distribution of half width h has the standard deviation h / √3.
        Sampler::uniform(disk.access_ms * 1e6, disk.spread_ms / 3f64.sqrt() / disk.access_ms)
    } else {
        Sampler::Constant(Span::from_ms(disk.access_ms))
    };
    Medium { access, flush: Span::from_ms(disk.flush_ms), parallel: disk.parallel }
}

pub(super) fn pool(scenario: &Scenario, database: &DatabaseTier) -> Option<PoolPlan> {
    let machine = &scenario.machines[&database.machine];
    machine.disk()?;
    let keys = scenario.workload.keys.as_ref().expect("checked: a database with a disk has keys");
    let of_memory = machine.memory_gb().map(|gb| gb * 1000.0 * SHARE_OF_MEMORY);
    let megabytes = database.buffer_pool_mb.or(of_memory).expect("checked: the size of the pool is known");
    let scattered = match keys.popularity {
        data::Popularity::Zipf | data::Popularity::Uniform => true,
        data::Popularity::Scan => false,
    };
    let row_bytes = (database.row_kb.unwrap_or(keys.value_kb) * 1000.0) as u32;
    let layout = Layout::new(keys.count, row_bytes, scattered);
    Some(PoolPlan { layout, pages: layout.pages_in(megabytes * 1e6), row_bytes, warm: database.warm_start })
}
