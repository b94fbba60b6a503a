//! A scenario brought to life.
//!
//! [`World::advance`] handles events in the order `(time, sequence)`, up to a time and within a budget of events; how
//! a run is cut into calls changes nothing. The world is `Clone`: a clone is a checkpoint. Changes act at the present
//! moment, after all events of that instant; they are appended to the timeline, so that a replay meets them there.
//!
//! - [`build`]: from a plan to nodes and machines, and from one plan to the next while it runs.
//! - [`report`]: what a run comes to.

mod build;
pub mod report;

use std::sync::Arc;

use crate::faults;
use crate::metrics::{Gauge, History};
use crate::nodes::context::Life;
use crate::nodes::job::Whereabouts;
use crate::nodes::ledger::{TierWindow, Window};
use crate::nodes::observer::{Fact, Hop, Look};
use crate::nodes::population::Population;
use crate::nodes::{Context, Event, Job, Next, Node, NodeId};
use crate::scenario::plan::Plan;
use crate::scenario::{Change, Moment, Problem, Scenario, check};
use crate::time::{SimTime, Span};

/// The width of a window at full resolution.
const WINDOW: Span = Span(50_000_000);
/// How many of these are kept as they are: the last five seconds.
const RECENT_WINDOWS: usize = 100;
/// A stretch without any event that is longer than this becomes one window.
const IDLE: Span = Span(5_000_000_000);

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
    events: u64,
}

/// What a tier could do, over time.
#[derive(Clone, Debug, Default)]
struct Capacity {
    cores: Gauge,
    slots: Gauge,
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
            if mark > until {
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
        self.window_due = self.window_due.min(SimTime((now.0 / WINDOW.0 + 1) * WINDOW.0));
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
            + self.ctx.machines.len() * 160
            + (self.plan.tiers.len() + self.plan.classes.len()) * size_of::<u64>() * 2048
            + self.history.closed().len() * 16
    }

    /// What arrivals are multiplied by at present.
    pub fn spike_factor(&self) -> f64 {
        self.population.factor()
    }

    /// One request in 2^`shift` is watched from now on. Changes nothing in the run.
    pub fn watch(&mut self, shift: u8) {
        self.ctx.observer.shift = shift;
    }

    /// Forgets what was measured; requests sent from now on are measured.
    pub fn begin_measuring(&mut self) {
        let now = self.ctx.now;
        self.ctx.ledger.measure_from(now);
        self.measured_totals = self.totals();
        self.measured_served = self.ctx.nodes.iter().map(|node| node.served).collect();
    }

    /// What `target` names: nodes by number.
    fn targets(&self, target: &str) -> Vec<NodeId> {
        let (group, number) = match target.rsplit_once('.').map(|(group, number)| (group, number.parse::<usize>())) {
            Some((group, Ok(number))) => (group, Some(number - 1)),
            Some((_, Err(_))) | None => (target, None),
        };
        let machine = group.strip_prefix("machines.");
        let fits = |tier: &crate::scenario::plan::TierPlan| match machine {
            Some(id) => tier.machine.is_some_and(|kind| self.plan.machines[kind].id == id),
            None => tier.id == group && tier.kind != crate::nodes::Kind::Client,
        };
        let tiers = self.plan.tiers.iter().zip(&self.ctx.tiers).filter(|(plan, _)| fits(plan));
        let members = tiers.flat_map(|(_, tier)| tier.members[..tier.instances].iter().copied());
        members
            .filter(|node| number.is_none_or(|number| usize::from(self.ctx.nodes[node.index()].instance) == number))
            .collect()
    }

    fn next_moment_at(&self) -> SimTime {
        self.timeline.get(self.next_moment).map_or(SimTime::NEVER, Moment::at)
    }

    /// A window may be over, or a moment of the timeline has come.
    fn pass(&mut self, mark: SimTime) {
        if self.window_due > mark {
            let change = self.timeline[self.next_moment].change.clone();
            self.next_moment += 1;
            self.carry_out(&change);
            return;
        }
        // How far a window reaches depends on what is to happen, never on how the run is cut into calls.
        let next = self.ctx.queue.next_time().unwrap_or(SimTime::NEVER).min(self.next_moment_at());
        if next == SimTime::NEVER {
            self.window_due = SimTime::NEVER;
        } else if next.since(mark) > IDLE {
            self.window_due = SimTime(next.0 / WINDOW.0 * WINDOW.0);
        } else {
            self.close_window(mark);
            self.window_due = mark + WINDOW;
        }
    }

    fn close_window(&mut self, end: SimTime) {
        let totals = self.totals();
        let ledger = &mut self.ctx.ledger;
        let tiers = totals.iter().zip(&self.window_totals).map(|(now, before)| now.less(before)).collect();
        self.history.push(Window {
            start: self.window_start,
            end,
            books: std::mem::take(&mut ledger.open_books),
            latency: std::mem::take(&mut ledger.open_latency),
            tiers,
        });
        self.window_totals = totals;
        self.window_start = end;
    }

    /// What each tier has done since the start of the run.
    fn totals(&self) -> Vec<TierWindow> {
        let now = self.ctx.now;
        let ctx = &self.ctx;
        let mut totals = Vec::with_capacity(ctx.tiers.len());
        for (tier, state) in ctx.tiers.iter().enumerate() {
            let mut total = TierWindow { capacity: self.capacity[tier].cores.integral(now), ..TierWindow::default() };
            total.slots_capacity = self.capacity[tier].slots.integral(now);
            for node in &state.members {
                let own = &ctx.nodes[node.index()];
                total.waiting += own.waiting.integral(now);
                total.served += own.served;
                if let Some(machine) = own.machine {
                    total.busy += ctx.machines[usize::from(machine)].busy.integral(now);
                }
                if let Some(station) = self.nodes[node.index()].station() {
                    total.slots_busy += station.busy.integral(now);
                }
            }
            totals.push(total);
        }
        totals
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival => self.new_request(),
            Event::Arrive { job } => {
                let next = self.arrive(job);
                self.drive(job, next);
            }
            Event::Return { job } => {
                let next = self.come_back(job);
                self.drive(job, next);
            }
            Event::Done { job } => self.done(job),
            Event::Look { machine } => self.look(machine),
            Event::Deadline { group } => {
                if let Node::Client(client) = &mut self.nodes[usize::from(group)] {
                    client.deadline(&mut self.ctx);
                }
            }
            Event::Probe { balancer, backend } => {
                if let Node::Balancer(own) = &mut self.nodes[balancer.index()] {
                    own.probe(&mut self.ctx, balancer, backend);
                }
            }
            Event::Verdict { balancer, backend } => {
                if let Node::Balancer(own) = &mut self.nodes[balancer.index()] {
                    own.verdict(&mut self.ctx, balancer, backend);
                }
            }
            Event::Boot { node } => self.boot(node),
            Event::SpikeEnd => {
                if self.population.end_spike(self.ctx.now) {
                    self.ctx.tell(Fact::SpikeEnded);
                    self.reschedule_arrivals();
                }
            }
        }
    }

    #[inline]
    fn new_request(&mut self) {
        let Some((sending, next)) = self.population.arrive(self.ctx.now, self.ctx.seed) else { return };
        self.ctx.queue.push(next, Event::Arrival);
        let job = Job::new(sending.id, self.ctx.seed, self.ctx.now, sending.user, sending.class, sending.group);
        let job = self.ctx.jobs.insert(job);
        let next = self.nodes[sending.group.index()].arrive(&mut self.ctx, job);
        self.drive(job, next);
    }

    #[inline]
    fn done(&mut self, job: u32) {
        let entry = &mut self.ctx.jobs[job];
        if entry.ghost {
            self.ctx.jobs.remove(job);
            return;
        }
        entry.whereabouts = Whereabouts::Held;
        let node = entry.node();
        if let Some(machine) = self.ctx.nodes[node.index()].machine {
            let next = self.ctx.machines[usize::from(machine)].finish(self.ctx.now);
            self.ctx.run_next(next);
        }
        let next = self.nodes[node.index()].done(&mut self.ctx, job);
        self.drive(job, next);
    }

    fn look(&mut self, machine: u16) {
        let state = &mut self.ctx.machines[usize::from(machine)];
        let done = state.look(self.ctx.now);
        if let Some(time) = state.next_look() {
            self.ctx.queue.push(time, Event::Look { machine });
        }
        if let Some(job) = done {
            let node = self.ctx.jobs[job].node();
            let next = self.nodes[node.index()].done(&mut self.ctx, job);
            self.drive(job, next);
        }
    }

    /// Carries a request on until it rests.
    #[inline]
    fn drive(&mut self, job: u32, mut next: Next) {
        loop {
            next = match next {
                Next::Parked => return,
                Next::Call(to) => {
                    let from = self.ctx.jobs[job].node();
                    self.ctx.jobs[job].enter(to);
                    if self.travel(job, from, to, Whereabouts::Outbound) {
                        return;
                    }
                    self.arrive(job)
                }
                Next::Fail(cause) => {
                    let node = self.ctx.jobs[job].node();
                    self.ctx.jobs[job].failed = Some(cause);
                    self.ctx.note_failure(job, node, cause);
                    Next::Reply
                }
                Next::Reply => {
                    let entry = &self.ctx.jobs[job];
                    let path = entry.path();
                    let (caller, node) = (path[path.len() - 2], path[path.len() - 1]);
                    if entry.failed.is_none() {
                        self.ctx.nodes[node.index()].served += 1;
                    }
                    if self.travel(job, node, caller, Whereabouts::Inbound) {
                        return;
                    }
                    self.come_back(job)
                }
            };
        }
    }

    /// A request reaches the last node of its path.
    #[inline]
    fn arrive(&mut self, job: u32) -> Next {
        let entry = &mut self.ctx.jobs[job];
        entry.arrived = self.ctx.now;
        entry.whereabouts = Whereabouts::Held;
        let node = entry.node().index();
        match self.ctx.nodes[node].life {
            Life::Up | Life::Drained => self.nodes[node].arrive(&mut self.ctx, job),
            Life::Down | Life::Booting => Next::Fail(self.nodes[node].cause_when_down()),
        }
    }

    /// An answer reaches the caller, if that has not died since.
    #[inline]
    fn come_back(&mut self, job: u32) -> Next {
        let entry = &mut self.ctx.jobs[job];
        let from = entry.leave();
        entry.whereabouts = Whereabouts::Held;
        if entry.path().len() <= usize::from(entry.floor) {
            self.ctx.jobs.remove(job);
            return Next::Parked;
        }
        let caller = entry.node();
        self.nodes[caller.index()].returned(&mut self.ctx, job, from)
    }

    /// Sends a request over the wire. Says whether that takes time.
    #[inline]
    fn travel(&mut self, job: u32, from: NodeId, to: NodeId, whereabouts: Whereabouts) -> bool {
        let ctx = &mut self.ctx;
        let (start, end) = (&ctx.nodes[from.index()], &ctx.nodes[to.index()]);
        let entry = &mut ctx.jobs[job];
        let answers_client = whereabouts == Whereabouts::Inbound && entry.path().len() == 2;
        let route = if answers_client && entry.failed.is_none() && self.plan.dns_tier() != Some(start.tier) {
            ctx.network.answer(start.site, end.site, entry.class)
        } else {
            ctx.network.hop(start.site, end.site)
        };
        let local = start.machine.is_some() && start.machine == end.machine;
        let takes_time = !local && route.delay > Span::ZERO;
        if entry.rank >= ctx.observer.shift {
            let look = match entry.failed {
                Some(_) => Look::Failed,
                None if entry.from_cache => Look::FromCache,
                None if ctx.programs[usize::from(entry.class)].write => Look::Write,
                None => Look::Read,
            };
            let end = if takes_time { ctx.now + route.delay } else { ctx.now };
            ctx.observer.hop(Hop { id: entry.id, from, to, start: ctx.now, end, look });
        }
        if takes_time {
            entry.whereabouts = whereabouts;
            let event =
                if whereabouts == Whereabouts::Outbound { Event::Arrive { job } } else { Event::Return { job } };
            ctx.queue.push_lane(route.lane, ctx.now, event);
        }
        takes_time
    }

    fn carry_out(&mut self, change: &Change) {
        match change {
            Change::Kill { target } => self.targets(target).into_iter().for_each(|node| self.kill(node)),
            Change::Restore { target } => self.targets(target).into_iter().for_each(|node| self.restore(node)),
            Change::Set { .. } => {
                let changed = check::check_change(&self.scenario, change);
                let changed = changed.expect("changes are checked when they enter the timeline");
                self.ctx.tell(Fact::Changed { entry: self.next_moment as u32 - 1 });
                if let Some(scenario) = changed {
                    build::change(self, scenario);
                }
            }
            Change::Spike { factor, duration_ms } => {
                let end = self.ctx.now + Span::from_ms(*duration_ms);
                self.population.spike(self.ctx.now, *factor, end);
                self.ctx.queue.push(end, Event::SpikeEnd);
                self.ctx.tell(Fact::SpikeBegan { factor_milli: (factor * 1000.0) as u32 });
                self.reschedule_arrivals();
            }
        }
    }

    fn kill(&mut self, node: NodeId) {
        if self.ctx.nodes[node.index()].life == Life::Down {
            return;
        }
        let orphans = faults::kill(&mut self.nodes, &mut self.ctx, node);
        self.note_capacity(node);
        for job in orphans {
            self.drive(job, Next::Reply);
        }
    }

    fn restore(&mut self, node: NodeId) {
        if self.ctx.nodes[node.index()].life != Life::Down {
            return;
        }
        self.ctx.tell(Fact::Restoring { node });
        self.begin_boot(node);
    }

    fn begin_boot(&mut self, node: NodeId) {
        let tier = self.ctx.nodes[node.index()].tier;
        let ready_at = self.ctx.now + self.plan.tiers[tier.index()].boot;
        let state = &mut self.ctx.nodes[node.index()];
        state.life = Life::Booting;
        state.ready_at = ready_at;
        self.ctx.queue.push(ready_at, Event::Boot { node });
    }

    fn boot(&mut self, node: NodeId) {
        let state = &mut self.ctx.nodes[node.index()];
        if state.life == Life::Booting && state.ready_at == self.ctx.now {
            state.life = Life::Up;
            self.ctx.tell(Fact::Started { node });
            self.note_capacity(node);
        }
    }

    fn reschedule_arrivals(&mut self) {
        let next = self.population.schedule();
        self.ctx.queue.push(next, Event::Arrival);
    }
}
