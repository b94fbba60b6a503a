//! Reads off a world what there is to draw.

use crate::nodes::context::{Life, NodeState, TierState};
use crate::nodes::database::cluster::Cluster;
use crate::nodes::{Kind, NodeId, TierId};
use crate::scenario::plan::{PartPlan, TierPlan};
use crate::world::{Reserved, World};

use super::{Address, Scene, SceneMachine, SceneNode, SceneTier};

/// What there is to draw.
pub fn scene(world: &World) -> Scene {
    let (ctx, plan, scenario) = (world.context(), world.plan(), world.scenario());
    let nodes = ctx.nodes.iter().enumerate().map(|(number, state)| SceneNode {
        target: world.target(NodeId(number as u16)),
        tier: state.tier.0,
        number: state.instance + 1,
        machine: state.host.and_then(|(kind, copy)| machine_of(world, kind, copy)),
        place: place(world, state),
        address: address(world, state),
        drained: state.life == Life::Drained && !state.is_draining(ctx.now),
    });
    let tiers = plan.tiers.iter().zip(&ctx.tiers).map(|(tier, state)| SceneTier {
        id: tier.id.clone(),
        kind: tier.kind,
        instances: state.instances as u16,
        replicates: !state.clusters.is_empty(),
    });
    Scene {
        nodes: nodes.collect(),
        tiers: tiers.collect(),
        machines: machines(world),
        calls: calls(world),
        streams: streams(world),
        scenario: scenario.clone(),
    }
}

/// One index for a machine, also for those who have cores of their own on it: that of the cores which are shared, or else
/// of the first that are reserved.
fn machine_of(world: &World, kind: u16, copy: u16) -> Option<u16> {
    let (kind, copy) = (usize::from(kind), usize::from(copy));
    let shared = world.machine_copies()[kind].get(copy).copied();
    let own = |reserved: &&Reserved| (reserved.kind, reserved.copy) == (kind, copy);
    shared.or_else(|| world.reserved().iter().filter(own).map(|reserved| reserved.index).min())
}

/// Where a node stands: clients at their group's place, others where their machine does.
fn place(world: &World, state: &NodeState) -> Option<String> {
    let (plan, scenario) = (world.plan(), world.scenario());
    let clients = scenario.workload.clients.get(&plan.tiers[state.tier.index()].id);
    let client = clients.filter(|_| plan.tiers[state.tier.index()].kind == Kind::Client);
    let machine = state.host.map(|(kind, copy)| {
        scenario.machines[&plan.machines[usize::from(kind)].id].place_of(usize::from(copy)).to_owned()
    });
    let service = || {
        let tier = scenario.tiers.get(&plan.tiers[state.tier.index()].id)?;
        tier.places().get(usize::from(state.instance)).cloned()
    };
    client.map(|client| client.place.clone()).or(machine).or_else(service)
}

/// Public addresses are counted through; private ones tell tier and instance.
fn address(world: &World, state: &NodeState) -> Option<Address> {
    let (tiers, index) = (&world.context().tiers, state.tier.index());
    let tier = &tiers[index];
    match world.plan().tiers[index].part {
        PartPlan::Client(_) | PartPlan::Dns { .. } => return None,
        PartPlan::Balancer { .. }
        | PartPlan::Web { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Database { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => {}
    }
    let own = if tier.pair.is_some() || tier.anycast.is_some() { 0 } else { usize::from(state.instance) };
    let text = if tier.public {
        let before: usize = tiers[..index].iter().filter(|tier| tier.public).map(|tier| tier.members.len()).sum();
        format!("203.0.113.{}", (before + own) % 250 + 1)
    } else {
        format!("10.{index}.{}.{}", own / 250, own % 250 + 1)
    };
    Some(Address { text, public: tier.public })
}

fn machines(world: &World) -> Vec<SceneMachine> {
    let (plan, scenario) = (world.plan(), world.scenario());
    let mut machines: Vec<(u16, SceneMachine)> = Vec::new();
    for (kind, copies) in world.machine_copies().iter().enumerate() {
        let id = &plan.machines[kind].id;
        for (copy, &index) in copies.iter().enumerate() {
            let machine = &scenario.machines[id];
            let target = format!("machines.{id}.{}", copy + 1);
            let cores = plan.machines[kind].cores;
            machines.push((index, SceneMachine { target, place: machine.place_of(copy).to_owned(), cores }));
        }
    }
    for reserved in world.reserved() {
        let id = &plan.machines[reserved.kind].id;
        let (target, place) =
            (format!("machines.{id}.{}", reserved.copy + 1), scenario.machines[id].place_of(reserved.copy).to_owned());
        machines.push((reserved.index, SceneMachine { target, place, cores: plan.machines[reserved.kind].cores }));
    }
    machines.sort_by_key(|(index, _)| *index);
    machines.into_iter().map(|(_, machine)| machine).collect()
}

/// The pairs of each cluster's members.
fn streams(world: &World) -> Vec<(u16, u16)> {
    let pairs = |cluster: &Cluster| {
        let own: Vec<u16> = cluster.members.iter().map(|member| member.node.0).collect();
        let from = |nth: usize| (nth + 1..own.len()).map(move |other| (nth, other));
        let meet = |&(one, other): &(usize, usize)| cluster.feeds(one, other) || cluster.feeds(other, one);
        let pairs = (0..own.len()).flat_map(from).filter(meet);
        pairs.map(|(one, other)| (own[one], own[other])).collect::<Vec<_>>()
    };
    let shards = world.context().tiers.iter().flat_map(shards);
    world.context().clusters.iter().flat_map(pairs).chain(shards).collect()
}

/// The most shards between which ways are drawn: each has one to each.
const SHARDS_MAX: usize = 12;

/// The pairs of the shards' first servers: rows may move between them.
fn shards(tier: &TierState) -> Vec<(u16, u16)> {
    let each = tier.shards.as_ref().map(|shards| shards.settings.each);
    let servers = |each: usize| tier.members.iter().step_by(each).map(|node| node.0).collect::<Vec<_>>();
    let own = each.map(servers).filter(|servers| servers.len() <= SHARDS_MAX).unwrap_or_default();
    let from = |nth: usize| own[nth + 1..].iter().map(|&other| (own[nth], other)).collect::<Vec<_>>();
    (0..own.len()).flat_map(from).collect()
}

fn calls(world: &World) -> Vec<(u16, u16)> {
    let plan = world.plan();
    let mut calls = Vec::new();
    for (index, tier) in plan.tiers.iter().enumerate() {
        let mut call = |to: Option<TierId>| calls.extend(to.map(|to| (index as u16, to.0)));
        match tier.part {
            PartPlan::Client(group) => {
                let manners = &plan.clients[usize::from(group)].manners;
                call(plan.dns_tier().filter(|_| !manners.direct));
                call(Some(manners.entry));
                if !manners.direct {
                    for class in &plan.classes {
                        call(Some(class.entry).filter(|entry| *entry != manners.entry));
                        call(class.origin.filter(|_| manners.fallback.is_some() && class.files.is_some()));
                    }
                }
            }
            PartPlan::Balancer { backends, ref routes, .. } => {
                let mut tiers: Vec<TierId> = routes.iter().copied().chain([backends]).collect();
                tiers.sort_unstable();
                tiers.dedup();
                tiers.into_iter().for_each(|tier| call(Some(tier)));
            }
            PartPlan::Web { cache, database, broker, .. } => {
                call(cache);
                // Who names a database asks that one.
                let unnamed = plan.classes.iter().any(|class| class.databases.is_empty());
                call(database.filter(|_| unnamed));
                plan.classes.iter().flat_map(|class| &class.databases).for_each(|&named| call(Some(named)));
                call(world.context().session_store());
                call(broker);
            }
            PartPlan::Cdn { second_origin, .. } => {
                call(second_origin);
                let own = TierId(index as u16);
                plan.classes.iter().filter(|class| class.entry == own).for_each(|class| call(class.origin));
            }
            PartPlan::Dns { .. }
            | PartPlan::Cache { .. }
            | PartPlan::Database { .. }
            | PartPlan::ObjectStore { .. } => {}
            // Messages go to workers, and what people decided comes back.
            PartPlan::Broker { .. } => {
                let own = TierId(index as u16);
                let consumes =
                    |tier: &TierPlan| matches!(&tier.part, PartPlan::Worker { crew, .. } if crew.broker == own);
                let workers = plan.tiers.iter().enumerate().filter(|(_, tier)| consumes(tier));
                workers.for_each(|(tier, _)| call(Some(TierId(tier as u16))));
            }
            PartPlan::Worker { ref crew, .. } => call(crew.people.map(|_| crew.broker)),
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    calls.retain(|call| seen.insert(*call));
    calls
}
