//! Databases that replicate: their clusters.

use crate::nodes::database::settings::ReplicationKind;
use crate::nodes::database::stream::Due;
use crate::nodes::database::{Cluster, Settings, stream};
use crate::nodes::{Context, Event, NodeId, TierId};
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
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => None,
    }
}

/// The servers of each shard, or of the whole tier.
fn each(tier: &TierPlan) -> usize {
    match &tier.part {
        PartPlan::Database { sharding: Some(sharding), .. } => sharding.each,
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Balancer { .. }
        | PartPlan::Web { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Database { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => tier.instances as usize,
    }
}

/// The first heartbeats.
pub(super) fn begin_beating(ctx: &mut Context) {
    for (tier, state) in ctx.tiers.iter().enumerate() {
        let Some(&cluster) = state.clusters.first() else { continue };
        let first = SimTime::ZERO + ctx.clusters[usize::from(cluster)].settings.heartbeat;
        ctx.queue.push(first, Event::Heartbeat { tier: TierId(tier as u16) });
    }
    for cluster in &ctx.clusters {
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
    let Some(settings) = settings(&plan.tiers[tier]) else { return };
    let each = each(&plan.tiers[tier]);
    let shards = plan.tiers[tier].instances as usize / each;
    for shard in 0..shards {
        if world.ctx.tiers[tier].clusters.len() <= shard {
            world.ctx.tiers[tier].clusters.push(world.ctx.clusters.len() as u16);
            world.ctx.clusters.push(Cluster::new(TierId(tier as u16), settings));
        }
        let c = usize::from(world.ctx.tiers[tier].clusters[shard]);
        // A shard that is added begins with nothing, and so do all its members: they have all that there is.
        let members = &world.ctx.tiers[tier].members;
        let own = if shards == 1 { 0..members.len() } else { shard * each..(shard + 1) * each };
        let nodes = members[own].to_vec();
        let fresh = at_start || world.ctx.clusters[c].members.is_empty();
        members_of(world, c, &nodes, settings, each, fresh);
        if !at_start {
            // Commits may have to wait for fewer than before.
            for m in 0..world.ctx.clusters[c].members.len() {
                stream::release(&mut world.ctx, c, m);
            }
        }
    }
}

/// The members of a cluster are these nodes, of which the first so many are meant to be there.
fn members_of(world: &mut World, c: usize, nodes: &[NodeId], settings: Settings, instances: usize, fresh: bool) {
    let cluster = &mut world.ctx.clusters[c];
    cluster.settings = settings;
    cluster.instances = instances;
    let readers = instances - settings.standbys as usize;
    for (m, &node) in nodes.iter().enumerate().skip(cluster.members.len()) {
        cluster.add(node, fresh, m < readers);
        world.ctx.nodes[node.index()].member = Some((c as u16, m as u16));
    }
    for member in cluster.members.iter_mut().skip(instances) {
        // Who was taken out is not waited for, and begins with what it has when it is taken in again.
        (member.listed, member.in_sync) = (false, false);
    }
}
