//! What databases did that are sharded.

use serde::Serialize;

use crate::scenario::engine;
use crate::world::World;

/// What the shards of a tier did. Counts are since the start of the run.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ShardingReport {
    /// Requests that one shard could answer, or take.
    pub direct: u64,
    /// Requests that all shards had to be asked for.
    pub scattered: u64,
    /// Writes of the same rows at further shards.
    pub extra_writes: u64,
    /// Rows that were moved to another shard.
    pub moved_rows: u64,
    /// Requests that came to a shard that had the row no more, and were sent on.
    pub sent_on: u64,
    /// Writes that were carried out anew at the shard that rows moved to.
    pub caught_up_writes: u64,
    /// Whether rows are moving at the end.
    pub moving: bool,
    /// The shards.
    pub shards: Vec<ShardReport>,
}

/// One shard.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ShardReport {
    /// Rows that it has at the end.
    pub rows: u64,
    /// Levels of the index by which it finds one.
    pub index_levels: u32,
    /// What its servers answered while it was measured.
    pub served: u64,
    /// Share of its machines' cores that worked, since the start of the run.
    pub utilisation: f64,
}

impl World {
    /// What the shards of a tier did, if it has some.
    pub(super) fn sharding_report(&self, tier: usize) -> Option<ShardingReport> {
        let state = &self.ctx.tiers[tier];
        let shards = state.shards.as_ref()?;
        let counts = shards.counts;
        let each = shards.settings.each;
        let shard = |(n, &rows): (usize, &u64)| {
            let servers = state.members.iter().skip(n * each).take(each);
            let served = |node: &crate::nodes::NodeId| {
                let before = self.measured_served.get(node.index()).copied().unwrap_or(0);
                self.ctx.nodes[node.index()].served - before
            };
            let busy = servers.clone().filter_map(|node| self.ctx.nodes[node.index()].machine);
            let busy: Vec<f64> = busy.map(|machine| self.busy_share(usize::from(machine))).collect();
            ShardReport {
                rows,
                index_levels: engine::index_levels(rows as f64) as u32,
                served: servers.map(served).sum(),
                utilisation: busy.iter().sum::<f64>() / busy.len().max(1) as f64,
            }
        };
        Some(ShardingReport {
            direct: counts.direct,
            scattered: counts.scattered,
            extra_writes: counts.extra_writes,
            moved_rows: counts.moved_rows,
            sent_on: counts.sent_on,
            caught_up_writes: counts.caught_up,
            moving: shards.moving.is_some(),
            shards: shards.held.iter().enumerate().map(shard).collect(),
        })
    }

    fn busy_share(&self, machine: usize) -> f64 {
        let machine = &self.ctx.machines[machine];
        let whole = u128::from(machine.cores) * u128::from(self.ctx.now.0);
        if whole == 0 { 0.0 } else { machine.busy.integral(self.ctx.now) as f64 / whole as f64 }
    }
}
