//! What waits for a person. It stands in the application's database, so it keeps no worker busy and outlasts deaths; each
//! person takes a time of their own, and there are enough of them. What they decide is published as another message.

use std::collections::BTreeMap;

use crate::nodes::job::Errand;
use crate::nodes::{Context, Event, Job, NodeId, TierId};
use crate::time::{SimTime, Span};

use super::crew;

/// Something that a person has to decide.
#[derive(Clone, Copy, Debug)]
struct Task {
    id: u64,
    born: SimTime,
    class: u8,
}

/// What waits for people, by when they will have decided.
#[derive(Clone, Debug, Default)]
pub struct People {
    tasks: BTreeMap<(SimTime, u64), Task>,
    /// Tells apart what is decided at the same instant.
    handed: u64,
    /// Decisions that were published.
    pub decided: u64,
    /// Work that was handed to them.
    pub asked: u64,
}

impl People {
    /// What waits for a person, or to be published.
    pub fn waiting(&self) -> usize {
        self.tasks.len()
    }

    fn add(&mut self, due: SimTime, task: Task) {
        self.handed += 1;
        self.tasks.insert((due, self.handed), task);
    }
}

/// The request of `job` is handed to a person, who will have decided after `takes`.
pub fn ask(ctx: &mut Context, tier: TierId, job: u32, takes: Span) {
    let entry = &ctx.jobs[job];
    let (task, due) = (Task { id: entry.id, born: entry.sent, class: entry.class }, ctx.now + takes);
    let people = &mut crew::of_tier_mut(ctx, tier).people;
    people.asked += 1;
    people.add(due, task);
    ctx.queue.push(due, Event::Decided { tier });
}

/// Somebody has decided: a worker publishes that. Returns the request and the broker; nothing if no worker is there, who will
/// see to it later.
pub fn decided(ctx: &mut Context, tier: TierId) -> Option<(u32, NodeId)> {
    let now = ctx.now;
    let crew = crew::of_tier_mut(ctx, tier);
    let first = crew.people.tasks.first_entry().filter(|task| task.key().0 <= now)?;
    let task = first.remove();
    let (reconnect, broker) = (crew.settings.reconnect, crew.settings.broker);
    let members = &ctx.tiers[tier.index()].members;
    let Some(&worker) = members.iter().find(|&&node| ctx.is_up(node)) else {
        put_off(ctx, tier, task, reconnect);
        return None;
    };
    let broker = ctx.tiers[broker.index()].members[0];
    let mut job = Job::new(task.id, ctx.seed, now, 0, task.class, worker);
    (job.errand, job.sent) = (Errand::Decision, task.born);
    Some((ctx.jobs.insert(job), broker))
}

/// The job that published a decision is over: if the broker does not have it, it will be published again.
pub fn over(ctx: &mut Context, job: u32) {
    let entry = &ctx.jobs[job];
    let tier = ctx.nodes[entry.client().index()].tier;
    let (task, has_it) = (Task { id: entry.id, born: entry.sent, class: entry.class }, entry.applied);
    let crew = crew::of_tier_mut(ctx, tier);
    if has_it {
        crew.people.decided += 1;
    } else {
        let reconnect = crew.settings.reconnect;
        put_off(ctx, tier, task, reconnect);
    }
}

fn put_off(ctx: &mut Context, tier: TierId, task: Task, by: Span) {
    let due = ctx.now + by;
    crew::of_tier_mut(ctx, tier).people.add(due, task);
    ctx.queue.push(due, Event::Decided { tier });
}
