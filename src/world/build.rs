//! From a plan to nodes and machines; and from one plan to the next while the system runs.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::{Deadlines, Queue, Slab};
use crate::metrics::{Gauge, History};
use crate::nodes::broker::again::Again;
use crate::nodes::browsers::Browsers;
use crate::nodes::cdn::TurnedAway;
use crate::nodes::closed_loop::ClosedLoop;
use crate::nodes::context::{Life, NodeState, TierState};
use crate::nodes::ledger::{Ledger, TierWindow};
use crate::nodes::links::Links;
use crate::nodes::machine::Machine;
use crate::nodes::network::Network;
use crate::nodes::observer::Observer;
use crate::nodes::population::Population;
use crate::nodes::trace::Tracer;
use crate::nodes::writes::Writes;
use crate::nodes::{Context, Event, Kind, Node, NodeId, TierId};
use crate::rng::mix;
use crate::scenario::Scenario;
use crate::scenario::plan::{PartPlan, Plan, TierPlan};
use crate::time::{SimTime, Span};

mod caches;
mod clusters;
mod disks;
mod edges;
mod messages;
mod names;
mod nodes;
mod programs;
mod sessions;
mod shards;
mod warm;

use self::names::{connections, names};
use self::programs::programs;
use super::delivery::Before;
use super::outages::OutageLog;
use super::{Capacity, RECENT_WINDOWS, Reserved, WINDOW, World};

/// A world at time zero.
pub fn world(scenario: &Scenario, seed: u64) -> World {
    let plan = Plan::new(scenario);
    let mut queue = Queue::default();
    let tiers = plan.tiers.len();
    let ctx = Context {
        seed,
        now: SimTime::ZERO,
        network: Network::new(&plan.delays, &mut queue),
        links: Links::default(),
        programs: programs(&plan, &mut queue),
        queue,
        jobs: Slab::default(),
        departing: Vec::new(),
        machines: Vec::new(),
        disks: Vec::new(),
        nodes: Vec::new(),
        tiers: plan.tiers.iter().map(tier_state).collect(),
        deadlines: vec![Deadlines::default(); 2 * plan.clients.len()],
        names: names(&plan, seed),
        connections: connections(&plan, seed),
        side_connections: connections(&plan, mix(seed)),
        browsers: Browsers::default(),
        turned_away: TurnedAway::new(0),
        sources: plan.sources.clone(),
        closed_loop: ClosedLoop::default(),
        sessions: None,
        data: edges::data(&plan),
        clusters: Vec::new(),
        writes: Writes::default(),
        again: Again::default(),
        silence: plan.silence,
        patience: patience(&plan),
        ledger: Ledger::new(plan.classes.len(), plan.groups_apart(), tiers),
        observer: Observer::default(),
        operations: None,
        tracer: Tracer::default(),
    };
    let mut timeline_free = scenario.clone();
    let timeline = std::mem::take(&mut timeline_free.timeline);
    let mut world = World {
        scenario: Arc::new(timeline_free),
        population: Population::new(plan.habits.clone(), seed),
        machine_copies: vec![Vec::new(); plan.machines.len()],
        reserved: Vec::new(),
        plan: Arc::new(plan),
        nodes: Vec::new(),
        ctx,
        timeline,
        next_moment: 0,
        history: History::new(WINDOW, RECENT_WINDOWS),
        window_totals: vec![TierWindow::default(); tiers],
        window_start: SimTime::ZERO,
        window_due: SimTime::ZERO + WINDOW,
        capacity: vec![Capacity::default(); tiers],
        measured_totals: vec![TierWindow::default(); tiers],
        measured_served: Vec::new(),
        measured_caches: Vec::new(),
        measured_pools: Vec::new(),
        measured_coalesced: vec![0; tiers],
        measured_delivery: Before::default(),
        measured_members: Vec::new(),
        measured_busy: Vec::new(),
        deployments: VecDeque::new(),
        deployments_forgotten: 0,
        outages: Vec::new(),
        outage_log: OutageLog::default(),
        measured_messages: Default::default(),
        events: 0,
    };
    for tier in 0..tiers {
        let wanted = world.plan.tiers[tier].instances as usize;
        populate(&mut world, tier, wanted, true);
    }
    for tier in 0..tiers {
        edges::announce(&mut world, tier);
        connect(&mut world, tier, true);
        world.note_tier_capacity(tier);
    }
    for tier in 0..tiers {
        if let Some(pair) = &world.ctx.tiers[tier].pair {
            let first = SimTime::ZERO + pair.heartbeat;
            world.ctx.queue.push(first, Event::Heartbeat { tier: TierId(tier as u16) });
        }
    }
    clusters::begin_beating(&mut world.ctx);
    world.set_autoscalers(None);
    world.set_reports();
    world.begin_outages();
    world.set_operations(None);
    messages::begin_consuming(&mut world);
    warm::warm(&mut world);
    sessions::begin(&mut world);
    world.reschedule_arrivals();
    world
}

/// The running world takes on a scenario of the same structure.
pub fn change(world: &mut World, scenario: Scenario) {
    world.wake_watchers();
    let plan = Arc::new(Plan::new(&scenario));
    let before = std::mem::replace(&mut world.plan, plan.clone());
    world.scenario = Arc::new(scenario);
    if before.habits != plan.habits {
        world.population.change(world.ctx.now, plan.habits.clone());
        world.reschedule_arrivals();
    }
    if let Some(data) = &mut world.ctx.data {
        data.keys = plan.keys;
        data.files = edges::files(&plan);
    }
    world.ctx.sources.clone_from(&plan.sources);
    if before.delays != plan.delays {
        world.ctx.network = Network::new(&plan.delays, &mut world.ctx.queue);
    }
    if before.classes != plan.classes || before.signing_in != plan.signing_in {
        world.ctx.programs = programs(&plan, &mut world.ctx.queue);
    }
    world.ctx.names.record_ttl_seconds = plan.dns.map_or(0, |(_, ttl)| ttl);
    world.ctx.silence = plan.silence;
    world.ctx.patience = patience(&plan);
    sessions::change(world);
    change_machines(world, &before);
    for tier in 0..plan.tiers.len() {
        if before.tiers[tier] != plan.tiers[tier] || before.clients != plan.clients {
            // Where an autoscaler has its way, a change of something else leaves it that.
            let told = before.tiers[tier].instances != plan.tiers[tier].instances;
            let wanted = match &plan.tiers[tier].autoscaler {
                Some(own) if !told => world.ctx.tiers[tier].instances.clamp(own.minimum as usize, own.maximum as usize),
                Some(_) | None => plan.tiers[tier].instances as usize,
            };
            populate(world, tier, wanted, false);
            nodes::adjust(world, tier);
        }
    }
    for tier in 0..plan.tiers.len() {
        connect(world, tier, false);
        world.note_tier_capacity(tier);
    }
    world.set_autoscalers(Some(&before));
    world.set_reports();
    if before.builds != plan.builds {
        world.renew_builds();
    }
    world.change_outages(&before);
    world.set_operations(Some(&before));
}

fn change_machines(world: &mut World, before: &Plan) {
    let plan = world.plan.clone();
    disks::change(world, before);
    let shared = world.machine_copies.iter().enumerate().flat_map(|(kind, copies)| {
        let cores = plan.machines[kind].shared_cores;
        copies.iter().map(move |&index| (kind, index, cores))
    });
    let reserved = world.reserved.iter().map(|own| (own.kind, own.index, own.cores));
    let pools: Vec<(usize, u16, u32)> =
        shared.chain(reserved).filter(|&(kind, _, _)| before.machines[kind] != plan.machines[kind]).collect();
    for (kind, index, cores) in pools {
        let wanted = &plan.machines[kind];
        let (contention, coherency) = (wanted.scalability.contention, wanted.scalability.coherency);
        let machine = &mut world.ctx.machines[usize::from(index)];
        machine.resize(world.ctx.now, cores, wanted.speed, contention, coherency);
        while let Some(next) = world.ctx.machines[usize::from(index)].start_waiting(world.ctx.now) {
            world.ctx.run_next(Some(next));
        }
        if let Some(time) = world.ctx.machines[usize::from(index)].next_look() {
            world.ctx.queue.push(time, Event::Look { machine: index });
        }
    }
}

/// Makes, wakes or drains nodes until the tier has as many as wanted.
pub(super) fn populate(world: &mut World, tier: usize, wanted: usize, at_start: bool) {
    let plan = world.plan.clone();
    for instance in wanted..world.ctx.tiers[tier].instances {
        let node = world.ctx.tiers[tier].members[instance];
        world.take_out(node, plan.tiers[tier].draining);
        world.cancel_subscription(node);
    }
    for instance in world.ctx.tiers[tier].instances..wanted {
        let node = match world.ctx.tiers[tier].members.get(instance) {
            Some(&node) => node,
            None => add_node(world, tier, instance),
        };
        if !at_start {
            world.launch(node);
        }
    }
    world.ctx.tiers[tier].instances = wanted;
    caches::place_keys(world, &plan, tier);
    clusters::populate(world, &plan, tier, at_start);
    shards::populate(world, &plan, tier, at_start);
    messages::populate(world, &plan, tier);
}

fn add_node(world: &mut World, tier: usize, instance: usize) -> NodeId {
    let plan = world.plan.clone();
    let kind = plan.tiers[tier].machine;
    let machine = kind.map(|kind| match plan.tiers[tier].reserved_cores {
        Some(cores) => reserve(world, kind, instance, cores),
        None => machine_copy(world, kind, instance),
    });
    let host = kind.map(|kind| (kind as u16, instance as u16));
    let disk = kind.and_then(|kind| disks::of_copy(world, kind, instance));
    let id = NodeId(u16::try_from(world.ctx.nodes.len()).expect("the scenario's check bounds the instances"));
    let node = nodes::make(world, &plan, tier, id);
    world.nodes.push(node);
    world.ctx.nodes.push(NodeState {
        tier: TierId(tier as u16),
        instance: instance as u16,
        site: plan.tiers[tier].site_of(instance),
        machine,
        disk,
        host,
        life: Life::Up,
        silent: false,
        withdrawn: false,
        ready_at: SimTime::ZERO,
        drained_at: SimTime::ZERO,
        waiting: Gauge::default(),
        served: 0,
        failed: 0,
        asked: 0,
        bytes_out: 0,
        is_edge: plan.tiers[tier].kind == Kind::Cdn,
        member: None,
    });
    world.ctx.tiers[tier].members.push(id);
    world.set_build(id, world.ctx.tiers[tier].build);
    id
}

/// The machine that the n-th instances run on, made if it is the first.
fn machine_copy(world: &mut World, kind: usize, copy: usize) -> u16 {
    let cores = world.plan.machines[kind].shared_cores;
    while world.machine_copies[kind].len() <= copy {
        let index = add_cores(world, kind, cores);
        world.machine_copies[kind].push(index);
    }
    world.machine_copies[kind][copy]
}

/// Cores of a copy of a machine that are one tier's own.
fn reserve(world: &mut World, kind: usize, copy: usize, cores: u32) -> u16 {
    let index = add_cores(world, kind, cores);
    world.reserved.push(Reserved { kind, copy, index, cores });
    index
}

/// Cores that are shared by whoever runs on them.
fn add_cores(world: &mut World, kind: usize, cores: u32) -> u16 {
    let plan = &world.plan.machines[kind];
    let index = u16::try_from(world.ctx.machines.len()).expect("there are no more machines than instances");
    let mut machine = Machine::new(cores, plan.discipline);
    machine.speed = plan.speed;
    machine.set_scalability(world.ctx.now, plan.scalability.contention, plan.scalability.coherency);
    world.ctx.machines.push(machine);
    index
}

/// Tells clients their resolver and balancers their backends.
pub(super) fn connect(world: &mut World, tier: usize, at_start: bool) {
    let plan = world.plan.clone();
    world.wake_watchers();
    for node in world.ctx.tiers[tier].members.clone() {
        match &mut world.nodes[node.index()] {
            Node::Client(client) => {
                client.dns = plan.dns_tier();
            }
            Node::Balancer(balancer) => {
                let pools: Vec<TierId> = balancer.tiers().collect();
                for (pool, tier) in pools.into_iter().enumerate() {
                    let behind = &world.ctx.tiers[tier.index()];
                    let (members, count) = (behind.members.clone(), behind.instances);
                    balancer.set_members(&mut world.ctx, pool, &members, count, at_start);
                }
            }
            Node::Dns(dns) => {
                if let Some(watch) = &mut dns.watch {
                    let behind = &world.ctx.tiers[dns.entry.index()];
                    let (members, count) = (behind.members.clone(), behind.instances);
                    watch.set_members(&mut world.ctx, node, &members, count, at_start);
                }
            }
            Node::Web(_)
            | Node::Cache(_)
            | Node::Database(_)
            | Node::Edge(_)
            | Node::ObjectStore(_)
            | Node::Broker(_)
            | Node::Worker(_) => {}
        }
    }
}

fn patience(plan: &Plan) -> Vec<Span> {
    plan.clients.iter().map(|client| client.manners.timeout).collect()
}

fn tier_state(plan: &TierPlan) -> TierState {
    let build = if let PartPlan::Web { build, .. } = plan.part { build } else { None };
    TierState { pair: plan.pair(), public: plan.public, partitioned: plan.partitioned, build, ..TierState::default() }
}
