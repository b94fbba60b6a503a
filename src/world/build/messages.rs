//! Workers: what those of a tier share, and how they come to their queue.

use crate::nodes::context::Work;
use crate::nodes::worker::crew::{self, Crew, CrewSettings};
use crate::nodes::{Node, NodeId};
use crate::scenario::plan::{PartPlan, Plan};
use crate::world::World;

/// What the workers of a tier share is as the plan says.
pub(super) fn populate(world: &mut World, plan: &Plan, tier: usize) {
    let PartPlan::Worker { crew: settings, work, .. } = &plan.tiers[tier].part else { return };
    let work = work.map(|work| Work::new(work, &mut world.ctx.queue));
    match &mut world.ctx.tiers[tier].crew {
        Some(crew) => crew.set(*settings, work),
        crew => *crew = Some(Box::new(Crew::new(*settings, work))),
    }
}

/// All workers subscribe when the run begins.
pub(super) fn begin_consuming(world: &mut World) {
    for index in 0..world.nodes.len() {
        if let Node::Worker(_) = &world.nodes[index] {
            crew::subscribe(&mut world.ctx, NodeId(index as u16));
        }
    }
}

/// A worker may have so many messages in hand from now on.
pub(super) fn set_prefetch(world: &mut World, worker: NodeId, settings: &CrewSettings) {
    let broker = world.ctx.tiers[settings.broker.index()].members[0];
    if let Node::Broker(own) = &mut world.nodes[broker.index()] {
        own.set_prefetch(&mut world.ctx, broker, worker, settings.prefetch);
    }
}
