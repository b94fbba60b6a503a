//! Edges, the routes that lead to them, and the files that they keep.

use crate::engine::Queue;
use crate::nodes::cache::entries::Entries;
use crate::nodes::cdn::Edge;
use crate::nodes::cdn::anycast::Anycast;
use crate::nodes::cdn::limiter::Limiter;
use crate::nodes::data::Data;
use crate::nodes::files::Files;
use crate::nodes::{Event, Kind, Node, NodeId};
use crate::rng::mix;
use crate::scenario::plan::{PartPlan, Plan};
use crate::world::World;

/// The files of each class; last those of look-ups of sessions and of probes, which ask for none.
pub(super) fn files(plan: &Plan) -> Vec<Option<Files>> {
    plan.classes.iter().map(|class| class.files).chain([None; 3]).collect()
}

/// The site's data, if it has keys, files or a store of sessions.
pub(super) fn data(plan: &Plan) -> Option<Data> {
    let files = files(plan);
    let stores = plan.signing_in.as_ref().is_some_and(|own| own.store.is_some());
    (plan.keys.is_some() || stores || files.iter().any(Option::is_some)).then(|| Data::new(plan.keys, files))
}

/// The edge `id` at the start.
pub(super) fn edge(part: &PartPlan, groups: usize, seed: u64, id: NodeId, queue: &mut Queue<Event>) -> Node {
    let PartPlan::Cdn { lookup, capacity, eviction, coalesces, limit, second_origin, .. } = part else {
        unreachable!("an edge is a part of a CDN")
    };
    let entries = Entries::new(*eviction, *capacity, mix(seed ^ u64::from(id.0)));
    let mut edge = Edge::new(id, queue.lane(*lookup), entries, *coalesces, groups);
    edge.limiter = limit.map(Limiter::new);
    edge.second_origin = *second_origin;
    Node::Edge(Box::new(edge))
}

/// Gives a running edge the numbers of the new plan.
pub(super) fn adjust(edge: &mut Edge, part: &PartPlan, queue: &mut Queue<Event>) {
    let PartPlan::Cdn { lookup, capacity, eviction, coalesces, limit, .. } = part else {
        unreachable!("an edge is a part of a CDN")
    };
    edge.lookup = queue.lane(*lookup);
    edge.coalesces = *coalesces;
    edge.entries.set_eviction(*eviction);
    edge.entries.resize(*capacity);
    match (&mut edge.limiter, limit) {
        (Some(limiter), Some(limit)) => limiter.limit = *limit,
        (own, limit) => *own = limit.map(Limiter::new),
    }
}

/// All edges of a tier announce their address.
pub(super) fn announce(world: &mut World, tier: usize) {
    if world.plan.tiers[tier].kind != Kind::Cdn {
        return;
    }
    let ctx = &mut world.ctx;
    let members = &ctx.tiers[tier].members;
    let sorted = |group: usize| {
        let way = |edge: &NodeId| ctx.network.hop(group as u8, ctx.nodes[edge.index()].site).delay;
        let mut edges = members.clone();
        edges.sort_by_key(|edge| (way(edge), *edge));
        edges
    };
    let order = (0..world.plan.clients.len()).map(sorted).collect();
    ctx.tiers[tier].anycast = Some(Anycast::new(order));
}
