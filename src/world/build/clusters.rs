//! Databases that replicate: their clusters.

use crate::nodes::context::TierState;
use crate::nodes::database::settings::ReplicationKind;
use crate::nodes::database::stream::Due;
use crate::nodes::database::{Cluster, Settings, stream};
use crate::nodes::{Context, Event, TierId};
use crate::scenario::plan::{PartPlan, Plan, TierPlan};
use crate::time::SimTime;
use crate::world::World;

fn settings(tier: &TierPlan) -> Option<Settings> {
    match tier.part {
        PartPlan::Database { cluster, .. } => cluster,
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Balancer { .. }
        | PartPlan::Web { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. } => None,
    }
}

/// A cluster for each tier that replicates.
pub(super) fn new(plan: &Plan) -> Vec<Cluster> {
    let tiers = plan.tiers.iter().enumerate();
    tiers.filter_map(|(tier, own)| settings(own).map(|own| Cluster::new(TierId(tier as u16), own))).collect()
}

/// Tells each tier that replicates which cluster is its own.
pub(super) fn number(mut tiers: Vec<TierState>, plan: &Plan) -> Vec<TierState> {
    let replicate = tiers.iter_mut().zip(&plan.tiers).filter(|(_, plan)| settings(plan).is_some());
    for (number, (tier, _)) in replicate.enumerate() {
        tier.cluster = Some(number as u8);
    }
    tiers
}

/// The first heartbeats.
pub(super) fn begin_beating(ctx: &mut Context) {
    for cluster in &ctx.clusters {
        let first = SimTime::ZERO + cluster.settings.heartbeat;
        ctx.queue.push(first, Event::Heartbeat { tier: cluster.tier });
        let (settings, node) = (&cluster.settings, cluster.members[0].node);
        let (every, due) = match settings.kind {
            ReplicationKind::Snapshot => (settings.snapshot_every, Due::Snapshot),
            ReplicationKind::Merge => (settings.merge_every, Due::Exchange),
            ReplicationKind::Transactional | ReplicationKind::MultiPrimary => continue,
        };
        ctx.queue.push(SimTime::ZERO + every, Event::Replication { node, due, stream: 0 });
    }
}

/// The members of a tier's cluster are its nodes, and its settings those of the plan.
pub(super) fn populate(world: &mut World, plan: &Plan, tier: usize, at_start: bool) {
    let (Some(settings), Some(c)) = (settings(&plan.tiers[tier]), world.ctx.tiers[tier].cluster) else { return };
    let state = &world.ctx.tiers[tier];
    let cluster = &mut world.ctx.clusters[usize::from(c)];
    cluster.settings = settings;
    cluster.instances = state.instances;
    let readers = state.instances - settings.standbys as usize;
    for (m, &node) in state.members.iter().enumerate().skip(cluster.members.len()) {
        cluster.add(node, at_start, m < readers);
    }
    for member in cluster.members.iter_mut().skip(state.instances) {
        // Who was taken out is not waited for, and begins with what it has when it is taken in again.
        (member.listed, member.in_sync) = (false, false);
    }
    if !at_start {
        // Commits may have to wait for fewer than before.
        for m in 0..world.ctx.clusters[usize::from(c)].members.len() {
            stream::release(&mut world.ctx, usize::from(c), m);
        }
    }
}
