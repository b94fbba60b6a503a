//! Caches: what they hold, and which of them holds what.

use std::collections::BTreeSet;

use crate::nodes::cache::behind::Behind;
use crate::nodes::cache::entries::Entries;
use crate::nodes::cache::placement::Places;
use crate::nodes::cache::{Cache, Holds};
use crate::nodes::context::Work;
use crate::nodes::flights::Flights;
use crate::nodes::station::Station;
use crate::nodes::{Node, NodeId};
use crate::rng::mix;
use crate::scenario::plan::{HoldsPlan, PartPlan, Plan};
use crate::world::World;

/// The cache `id`, which holds nothing yet.
pub(super) fn node(world: &mut World, part: &PartPlan, id: NodeId) -> Cache {
    let PartPlan::Cache { slots, backlog, lookup, holds: held, storage, through } = part else {
        unreachable!("it is a cache")
    };
    Cache {
        station: Station::new(*slots, *backlog),
        lookup: Work::new(*lookup, &mut world.ctx.queue),
        holds: holds(held, world.ctx.seed, id),
        storage: *storage,
        through: *through,
        flights: Flights::default(),
        behind: Behind::default(),
        refreshing: BTreeSet::new(),
        refreshed: 0,
    }
}

fn holds(plan: &HoldsPlan, seed: u64, id: NodeId) -> Holds {
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

/// Says which of the caches holds which keys. Those that were taken out give their memory back; what they have not yet
/// written, they still write.
pub(super) fn place_keys(world: &mut World, plan: &Plan, tier: usize) {
    let PartPlan::Cache { holds: HoldsPlan::Entries { placement, replicas, .. }, .. } = plan.tiers[tier].part else {
        return;
    };
    let state = &world.ctx.tiers[tier];
    let sites = state.members[..state.instances].iter().map(|node| world.ctx.nodes[node.index()].site.into()).collect();
    let taken_out: Vec<NodeId> = state.members[state.instances..].to_vec();
    world.ctx.tiers[tier].places = Some(Places::new(placement, sites, replicas));
    for node in taken_out {
        if let Node::Cache(cache) = &mut world.nodes[node.index()] {
            cache.forget();
        }
    }
}
