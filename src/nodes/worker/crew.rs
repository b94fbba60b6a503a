//! What the workers of a tier share: what they are told, when they subscribe, what they have done.

use crate::nodes::context::Work;
use crate::nodes::job::Handling;
use crate::nodes::{Context, Event, NodeId, TierId};
use crate::rng::Step;
use crate::time::{SimTime, Span};

use super::memory::Memory;
use super::people::{self, People};

/// What workers are told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrewSettings {
    /// The broker.
    pub broker: TierId,
    /// The queue that they consume.
    pub queue: u8,
    /// Messages that each may have in hand unacknowledged.
    pub prefetch: u32,
    /// How many they acknowledge together.
    pub acknowledge_every: u32,
    /// How many messages they remember to have done, if they are idempotent.
    pub remembers: Option<u32>,
    /// The share of messages that none of them can do, from 0 to 1.
    pub poison: f64,
    /// Whether these go back to the queue; else they are given up.
    pub requeues: bool,
    /// Where what people decide is published, by exchange and key, if what was done goes to a person.
    pub people: Option<(u8, u8)>,
    /// How long they wait before they try again to reach the broker.
    pub reconnect: Span,
}

/// What workers have done since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrewCounts {
    /// Messages whose work was done and left its effect.
    pub done: u64,
    /// Those of them whose work had been done before.
    pub duplicates: u64,
    /// Messages that had been done before, and were recognised.
    pub recognised: u64,
    /// Messages that could not be done.
    pub refused: u64,
}

impl CrewCounts {
    /// What was done since `before`.
    pub fn less(&self, before: &Self) -> Self {
        Self {
            done: self.done - before.done,
            duplicates: self.duplicates - before.duplicates,
            recognised: self.recognised - before.recognised,
            refused: self.refused - before.refused,
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Crew {
    /// What they are told.
    pub settings: CrewSettings,
    /// What a message takes, if not what its job says.
    pub work: Option<Work>,
    /// What they remember, if they are idempotent.
    pub memory: Option<Memory>,
    /// See [`CrewCounts`].
    pub counts: CrewCounts,
    /// What waits for people.
    pub people: People,
    /// When each tries to subscribe, by instance.
    due: Vec<SimTime>,
}

impl Crew {
    /// Workers that have done nothing yet.
    pub fn new(settings: CrewSettings, work: Option<Work>) -> Self {
        let memory = settings.remembers.map(Memory::new);
        Self { settings, work, memory, counts: CrewCounts::default(), people: People::default(), due: Vec::new() }
    }

    /// Other settings from now on.
    pub fn set(&mut self, settings: CrewSettings, work: Option<Work>) {
        (self.settings, self.work) = (settings, work);
        match (&mut self.memory, settings.remembers) {
            (Some(memory), Some(most)) => memory.resize(most),
            (memory, remembers) => *memory = remembers.map(Memory::new),
        }
    }
}

/// What the tier of a worker shares.
pub fn of(ctx: &Context, worker: NodeId) -> &Crew {
    ctx.tiers[ctx.nodes[worker.index()].tier.index()].crew.as_ref().expect("it is a tier of workers")
}

/// What a tier of workers shares.
pub fn of_tier_mut(ctx: &mut Context, tier: TierId) -> &mut Crew {
    ctx.tiers[tier.index()].crew.as_mut().expect("it is a tier of workers")
}

/// The work of a message is done and leaves its effect, unless an idempotent consumer finds that it has done it before.
pub(super) fn complete(ctx: &mut Context, tier: TierId, job: u32) {
    let entry = &mut ctx.jobs[job];
    (entry.applied, entry.delivery.handling) = (true, Handling::Done);
    let (id, class, broker, delivery) = (entry.id, usize::from(entry.class), entry.client(), entry.delivery);
    let takes = entry.key.draw(0, Step::Person);
    let done_before = ctx.again.complete(broker, delivery.sequence);
    let crew = of_tier_mut(ctx, tier);
    if crew.memory.as_mut().is_some_and(|memory| !memory.note(id, delivery.queue)) {
        crew.counts.recognised += 1;
        return;
    }
    crew.counts.done += 1;
    crew.counts.duplicates += u64::from(done_before);
    if crew.settings.people.is_some() {
        let person = ctx.programs[class].job.as_ref().and_then(|job| job.person);
        people::ask(ctx, tier, job, person.map_or(Span::ZERO, |person| person.sample(takes)));
    }
}

/// A worker subscribes to its queue as soon as the network lets it.
pub fn subscribe(ctx: &mut Context, worker: NodeId) {
    let broker = ctx.tiers[of(ctx, worker).settings.broker.index()].members[0];
    let due = ctx.now + ctx.delay(worker, broker);
    plan_subscription(ctx, worker, due);
}

/// A worker that has lost its broker tries to reach it again after a while.
pub fn subscribe_again(ctx: &mut Context, worker: NodeId) {
    let due = ctx.now + of(ctx, worker).settings.reconnect;
    plan_subscription(ctx, worker, due);
}

fn plan_subscription(ctx: &mut Context, worker: NodeId, due: SimTime) {
    let (tier, instance) = (ctx.nodes[worker.index()].tier, usize::from(ctx.nodes[worker.index()].instance));
    let crew = of_tier_mut(ctx, tier);
    if crew.due.len() <= instance {
        crew.due.resize(instance + 1, SimTime::NEVER);
    }
    if due < crew.due[instance] {
        crew.due[instance] = due;
        ctx.queue.push(due, Event::Subscribe { worker });
    }
}

/// Whether an attempt of a worker to subscribe is due: others have been overtaken.
pub fn is_due(ctx: &mut Context, worker: NodeId) -> bool {
    let (tier, instance) = (ctx.nodes[worker.index()].tier, usize::from(ctx.nodes[worker.index()].instance));
    let now = ctx.now;
    let due = &mut of_tier_mut(ctx, tier).due[instance];
    let is_due = *due == now;
    if is_due {
        *due = SimTime::NEVER;
    }
    is_due
}
