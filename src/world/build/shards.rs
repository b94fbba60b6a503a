//! Databases that are sharded: their shards, and where rows stand on the disks of each.

use crate::nodes::database::buffer_pool::Layout;
use crate::nodes::sharding::{Shards, resharding};
use crate::nodes::{Node, TierId};
use crate::scenario::plan::{PartPlan, Plan};
use crate::world::World;

/// The shards of a tier are those of the plan: at once when the run begins, later by moving rows.
pub(super) fn populate(world: &mut World, plan: &Plan, tier: usize, at_start: bool) {
    let PartPlan::Database { sharding: Some(wanted), .. } = &plan.tiers[tier].part else { return };
    match &mut world.ctx.tiers[tier].shards {
        Some(shards) if !at_start => {
            shards.settings.capacity_rows = wanted.capacity_rows;
            shards.settings.copy_mb_per_second = wanted.copy_mb_per_second;
            shards.settings.row_bytes = wanted.row_bytes;
            resharding::begin(&mut world.ctx, TierId(tier as u16), wanted.distribution.clone());
        }
        shards => *shards = Some(Box::new(Shards::new((**wanted).clone()))),
    }
    lay_out(world, tier, at_start);
}

/// Each shard's rows stand on pages of its own: all anew, or of those servers that have none yet. What is inserted later
/// finds room on the pages that are there.
fn lay_out(world: &mut World, tier: usize, all: bool) {
    let plan = world.plan.clone();
    let PartPlan::Database { pool: Some(pool), .. } = &plan.tiers[tier].part else { return };
    let state = &world.ctx.tiers[tier];
    let Some(shards) = &state.shards else { return };
    for (n, node) in state.members.iter().enumerate() {
        let held = shards.held.get(n / shards.settings.each).copied().unwrap_or(0);
        let layout = Layout::of_shard(held.min(u64::from(u32::MAX)) as u32, pool.row_bytes);
        if let Node::Database(database) = &mut world.nodes[node.index()]
            && let Some(own) = &mut database.pool
            && (all || !own.layout().is_of_shard())
        {
            own.resize(layout, pool.pages);
        }
    }
}

impl World {
    /// Callers of a sharded tier switch to where its rows have moved.
    pub(in crate::world) fn switch_shards(&mut self, tier: TierId) {
        if resharding::switch(&mut self.ctx, tier) {
            lay_out(self, tier.index(), true);
        }
    }
}
