//! A scenario brought to life.
//!
//! [`World::advance`] handles events in the order `(time, sequence)`, up to a time and within a budget of events; how
//! a run is cut into calls changes nothing. The world is `Clone`: a clone is a checkpoint. Changes act at the present
//! moment, after all events of that instant; they are appended to the timeline, so that a replay meets them there.
//!
//! - `build`: from a plan to nodes and machines, and from one plan to the next while it runs.
//! - `traffic`: how events are handled and requests carried from node to node.
//! - `edges`: what happens to edges beside requests.
//! - `scaling`: how tiers get more servers or fewer while they run.
//! - `loads`: what name servers are told of how busy servers are.
//! - `deployments`: how builds come to servers; [`outages`]: places that lose their power at random.
//! - `messages`: how workers find their broker.
//! - `operations`: what is scraped, judged and gathered; `on_call`: what is done about it; `pipeline`: what is committed.
//! - `changes`: how kills, restores, spikes and settings are carried out.
//! - `windows`: the course of the run, for charts and figures.
//! - [`report`]: what a run comes to; [`delivery`]: what edges and browsers did, and what traffic costs.

mod build;
mod changes;
pub mod delivery;
mod deployments;
mod edges;
mod loads;
pub mod log_search;
mod messages;
mod on_call;
mod operations;
pub mod outages;
mod pipeline;
pub mod report;
mod scaling;
mod traffic;
mod windows;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::metrics::{Gauge, History};
use crate::nodes::cache::CacheCounts;
use crate::nodes::database::Cluster;
use crate::nodes::database::buffer_pool::PoolCounts;
use crate::nodes::database::member::MemberCounts;
use crate::nodes::deployment::Deployment;
use crate::nodes::ledger::{TierWindow, Window};
use crate::nodes::operations::Operations;
use crate::nodes::population::Population;
use crate::nodes::trace::{Follow, Told, Trace, Tracer};
use crate::nodes::{Context, Event, Kind, Node, NodeId};
use crate::scenario::plan::Plan;
use crate::scenario::{Change, Moment, Problem, Scenario, check};
use crate::time::{SimTime, Span};

/// The width of a window at full resolution.
const WINDOW: Span = Span(50_000_000);
/// How many of these are kept as they are: the last five seconds.
const RECENT_WINDOWS: usize = 100;

/// A running system.
#[derive(Clone, Debug)]
pub struct World {
    scenario: Arc<Scenario>,
    plan: Arc<Plan>,
    /// The nodes, by number.
    nodes: Vec<Node>,
    /// What they share.
    ctx: Context,
    population: Population,
    /// Machines by kind and copy, as indices of the context's.
    machine_copies: Vec<Vec<u16>>,
    reserved: Vec<Reserved>,
    timeline: Vec<Moment>,
    next_moment: usize,
    history: History<Window>,
    /// The totals by tier when the open window began.
    window_totals: Vec<TierWindow>,
    window_start: SimTime,
    window_due: SimTime,
    /// Cores and slots that serve, by tier, over time.
    capacity: Vec<Capacity>,
    /// The totals by tier, and what each node had served, when measuring began.
    measured_totals: Vec<TierWindow>,
    measured_served: Vec<u64>,
    measured_caches: Vec<Option<CacheCounts>>,
    measured_pools: Vec<Option<PoolCounts>>,
    measured_coalesced: Vec<u64>,
    measured_delivery: delivery::Before,
    measured_members: Vec<Vec<MemberCounts>>,
    measured_busy: Vec<u128>,
    /// Deployments, without the oldest, which are over.
    deployments: VecDeque<Deployment>,
    deployments_forgotten: u32,
    /// Random outages, by place.
    outages: Vec<outages::Outages>,
    outage_log: outages::OutageLog,
    measured_messages: report::messages::Before,
    events: u64,
}

/// Cores of a machine that are one tier's own.
#[derive(Clone, Copy, Debug)]
pub struct Reserved {
    /// The kind of machine.
    pub kind: usize,
    /// Which of them.
    pub copy: usize,
    /// Their index among the context's machines.
    pub index: u16,
    /// How many.
    pub cores: u32,
}

/// What a tier could do, over time.
#[derive(Clone, Debug, Default)]
struct Capacity {
    cores: Gauge,
    slots: Gauge,
    disk: Gauge,
    /// Servers that cost money.
    servers: Gauge,
}

/// How far an advance came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Events handled by this call.
    pub events: u64,
    /// Whether the time asked for was reached; else the budget ran out before.
    pub reached: bool,
}

impl World {
    /// Brings a checked scenario to life, with this seed.
    pub fn new(scenario: &Scenario, seed: u64) -> Self {
        build::world(scenario, seed)
    }

    /// Handles all events up to and including `until`, but at most `budget` (at least 1) of them.
    pub fn advance(&mut self, until: SimTime, budget: u64) -> Progress {
        let mut left = budget;
        loop {
            let mark = self.window_due.min(self.next_moment_at());
            let stop = until.min(mark);
            while left > 0
                && let Some((time, event)) = self.ctx.queue.pop(stop)
            {
                debug_assert!(time >= self.ctx.now, "time runs forward");
                self.ctx.now = time;
                self.handle(event);
                left -= 1;
            }
            if left == 0 {
                self.events += budget;
                return Progress { events: budget, reached: false };
            }
            self.ctx.now = self.ctx.now.max(stop);
            if mark > until || mark == SimTime::NEVER {
                self.events += budget - left;
                return Progress { events: budget - left, reached: true };
            }
            self.pass(mark);
        }
    }

    /// Handles the next event, whenever it comes. Says whether there was one.
    pub fn step(&mut self) -> bool {
        match self.ctx.queue.next_time() {
            Some(next) => self.advance(next, 1).events == 1,
            None => false,
        }
    }

    /// A change happens now. It is checked, appended to the timeline and carried out; what the timeline held for later
    /// is dropped.
    ///
    /// # Errors
    /// The change does not fit this system; nothing has changed.
    pub fn apply(&mut self, change: Change) -> Result<(), Problem> {
        let now = self.ctx.now.round_up_to_microsecond();
        check::check_change(&self.scenario, &change)?;
        self.timeline.truncate(self.next_moment);
        self.timeline.push(Moment::new(now, change));
        while !self.advance(now, u64::MAX).reached {}
        Ok(())
    }

    /// The present.
    pub fn now(&self) -> SimTime {
        self.ctx.now
    }

    /// Events handled since the start.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Follows these requests from now on, and forgets those before. It changes nothing in the run.
    pub fn follow(&mut self, follow: Follow) {
        self.ctx.tracer = Tracer::of(follow);
    }

    /// The requests that are or were followed, oldest first.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> {
        self.ctx.tracer.traces()
    }

    /// What clients were told, in the order in which they were, where everybody is followed: the first 20,000 answers.
    pub fn told(&self) -> &[Told] {
        self.ctx.tracer.told()
    }

    /// What a change calls a node: `web.2`; nothing for clients.
    pub fn target(&self, node: NodeId) -> String {
        let state = &self.ctx.nodes[node.index()];
        let tier = &self.plan.tiers[state.tier.index()];
        if tier.kind == Kind::Client { String::new() } else { format!("{}.{}", tier.id, state.instance + 1) }
    }

    /// The node that a change calls by this name.
    pub fn node(&self, target: &str) -> Option<NodeId> {
        let mut nodes = (0..self.nodes.len()).map(|node| NodeId(node as u16));
        nodes.find(|node| !target.is_empty() && self.target(*node) == target)
    }

    /// What a sentence calls a node: `web.2`, `mobile clients`, or the tier's id alone if there is but one instance.
    pub fn spoken(&self, node: NodeId) -> String {
        let tier = &self.plan.tiers[self.ctx.nodes[node.index()].tier.index()];
        if tier.kind == Kind::Client {
            format!("{} clients", tier.id)
        } else if tier.instances == 1 {
            tier.id.clone()
        } else {
            self.target(node)
        }
    }

    /// The scenario as it stands, with the changes so far.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The same with all names resolved.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What has happened and what is still to come of the timeline.
    pub fn timeline(&self) -> &[Moment] {
        &self.timeline
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.ctx.seed
    }

    /// A number for the outcomes so far; see [`crate::nodes::ledger::Ledger::digest`].
    pub fn digest(&self) -> u64 {
        self.ctx.ledger.digest()
    }

    /// What the nodes share: for reading.
    pub fn context(&self) -> &Context {
        &self.ctx
    }

    /// The nodes, by number: for reading.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Cores that tiers have reserved.
    pub fn reserved(&self) -> &[Reserved] {
        &self.reserved
    }

    /// The machines' numbers, by kind and copy.
    pub fn machine_copies(&self) -> &[Vec<u16>] {
        &self.machine_copies
    }

    /// The windows of the run so far.
    pub fn history(&self) -> &History<Window> {
        &self.history
    }

    /// How many entries of the timeline have happened.
    pub fn moments_passed(&self) -> usize {
        self.next_moment
    }

    /// Another future. What has already happened must be the same.
    pub fn replace_timeline(&mut self, timeline: &[Moment]) {
        assert!(
            timeline.get(..self.next_moment) == Some(&self.timeline[..self.next_moment]),
            "the past is not replaced"
        );
        self.timeline = timeline.to_vec();
    }

    /// Roughly how many bytes a clone takes that are not shared with this world.
    pub fn clone_bytes(&self) -> usize {
        self.ctx.jobs.len() * 128
            + self.ctx.queue.len() * 24
            + self.nodes.len() * 512
            + self.nodes.iter().map(Node::held_bytes).sum::<usize>()
            + self.ctx.machines.len() * 160
            + (self.plan.tiers.len() + self.plan.classes.len()) * size_of::<u64>() * 2048
            + self.history.closed().len() * 16
            + self.ctx.browsers.bytes()
            + self.ctx.closed_loop.bytes()
            + self.ctx.operations().map_or(0, Operations::bytes)
            + self
                .nodes
                .iter()
                .map(|node| if let Node::Edge(edge) = node { edge.entries.len() * 64 } else { 0 })
                .sum::<usize>()
    }

    /// What arrivals are multiplied by at present.
    pub fn spike_factor(&self) -> f64 {
        self.population.factor()
    }

    /// One request in 2^`shift` is watched from now on. Changes nothing in the run.
    pub fn watch(&mut self, shift: u8) {
        self.ctx.observer.shift = shift;
    }

    /// How many cores of a machine of the context's worked while it was measured, on average.
    pub fn busy_cores(&self, machine: u16) -> f64 {
        let index = usize::from(machine);
        let before = self.measured_busy.get(index).copied().unwrap_or(0);
        let span = self.ctx.now.since(self.ctx.ledger.measured_from).0.max(1);
        (self.ctx.machines[index].busy.integral(self.ctx.now) - before) as f64 / span as f64
    }

    /// Forgets what was measured; requests sent from now on are measured.
    pub fn begin_measuring(&mut self) {
        let now = self.ctx.now;
        self.ctx.ledger.measure_from(now);
        self.measured_totals = self.totals();
        self.measured_served = self.ctx.nodes.iter().map(|node| node.served).collect();
        self.measured_coalesced = self.ctx.tiers.iter().map(|tier| tier.coalesced).collect();
        self.measured_pools = self.nodes.iter().map(Node::pool_counts).collect();
        self.measured_caches = self.nodes.iter().map(Node::cache_counts).collect();
        self.measured_delivery = self.before();
        self.measured_members = self.ctx.clusters.iter_mut().map(Cluster::begin_measuring).collect();
        self.begin_measuring_messages();
        self.measured_busy = self.ctx.machines.iter().map(|machine| machine.busy.integral(now)).collect();
    }

    fn next_moment_at(&self) -> SimTime {
        self.timeline.get(self.next_moment).map_or(SimTime::NEVER, Moment::at)
    }

    pub(super) fn reschedule_arrivals(&mut self) {
        let next = self.population.schedule();
        if next < SimTime::NEVER {
            self.ctx.queue.push(next, Event::Arrival);
        }
        let (users, pauses) = self.population.thoughts();
        self.ctx.closed_loop.change(users, pauses);
        for user in self.ctx.closed_loop.newcomers() {
            let group = self.population.habits.group_of(user);
            if let Some(span) = self.ctx.closed_loop.first_thought(user, group, self.ctx.seed) {
                self.ctx.queue.push(self.ctx.now + span, Event::Think { user });
            }
        }
    }
}
