//! Caches: what they hold, and which of them holds what.

use crate::nodes::cache::Holds;
use crate::nodes::cache::entries::Entries;
use crate::nodes::cache::placement::Places;
use crate::nodes::{Node, NodeId};
use crate::rng::mix;
use crate::scenario::plan::{HoldsPlan, PartPlan, Plan};
use crate::world::World;

/// What the cache `id` holds at first.
pub(super) fn holds(plan: &HoldsPlan, seed: u64, id: NodeId) -> Holds {
    match *plan {
        HoldsPlan::Anything(probability) => Holds::Anything(probability),
        HoldsPlan::Entries { capacity, eviction, life, versioned, .. } => {
            let entries = Box::new(Entries::new(eviction, capacity, mix(seed ^ u64::from(id.0))));
            Holds::Entries { entries, life, floors: versioned.then(Box::default), stale: 0 }
        }
    }
}

/// Gives a running cache the numbers of the new plan.
pub(super) fn adjust(now: &mut Holds, wanted: &HoldsPlan) {
    match (now, *wanted) {
        (Holds::Anything(now), HoldsPlan::Anything(probability)) => *now = probability,
        (
            Holds::Entries { entries, life, floors, .. },
            HoldsPlan::Entries { capacity, eviction, life: wanted, versioned, .. },
        ) => {
            if versioned != floors.is_some() {
                *floors = versioned.then(Box::default);
            }
            *life = wanted;
            entries.set_eviction(eviction);
            entries.resize(capacity);
        }
        (Holds::Anything(_), HoldsPlan::Entries { .. }) | (Holds::Entries { .. }, HoldsPlan::Anything(_)) => {
            unreachable!("what a running cache holds does not change its kind")
        }
    }
}

/// Says which of the caches holds which keys. Those that were taken out give their memory back.
pub(super) fn place_keys(world: &mut World, plan: &Plan, tier: usize) {
    let PartPlan::Cache { holds: HoldsPlan::Entries { placement, .. }, .. } = plan.tiers[tier].part else { return };
    let state = &mut world.ctx.tiers[tier];
    state.places = Some(Places::new(placement, state.instances as u16));
    for node in &state.members[state.instances..] {
        if let Node::Cache(cache) = &mut world.nodes[node.index()] {
            cache.forget();
        }
    }
}
