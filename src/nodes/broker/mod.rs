//! A message broker after AMQP 0-9-1, as RabbitMQ implements it: publishers send messages to an exchange, which routes them
//! by their keys to queues; from these they are sent to consumers, which acknowledge them.
//!
//! - `pattern.rs`: which keys a binding lets through. What every key leads to is worked out before a run ([`Settings`]).
//! - `queue.rs`: messages that wait (32 bytes each) and what became of the others, exactly.
//! - `log.rs`: persistent messages in durable queues are written to the disk; their publisher is told after the flush.
//! - `delivery.rs`: how messages go out to consumers and come back.
//! - `again.rs`: whose work may be done twice.
//!
//! Assumptions: the work of a message at the broker (routing, storing, sending, acknowledging) is done when it arrives; an
//! acknowledgement is safe at once; dead letters are written to the disk, but nobody waits for that; and publishers declare
//! transient queues anew after a restart. Acknowledging and sending on cost the network's time.

pub mod again;
mod delivery;
pub mod fact;
mod log;
pub mod pattern;
pub mod queue;
pub mod settings;

use std::collections::{BTreeMap, VecDeque};

use crate::engine::Slab;
use crate::metrics::Histogram;
use crate::rng::Step;
use crate::time::SimTime;

use self::fact::MessageFact;
use super::context::Work;
use super::job::{Cause, Errand};
use super::observer::Fact;
use super::worker::crew;
use super::{Context, Next, NodeId};
use delivery::{Consumer, Delivered};
use log::Log;
use queue::{Message, Queue};

pub use settings::Settings;

/// What publishers sent since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrokerCounts {
    /// Messages that came to an exchange.
    pub published: u64,
    /// Those of them that no queue was bound for.
    pub unroutable: u64,
    /// Those of these that went back to their publishers, who had asked for that.
    pub returned: u64,
    /// Messages that a full queue did not take, so that their publisher was told.
    pub rejected: u64,
    /// Publishers that had to wait, since the broker held as many messages as it may.
    pub held_up: u64,
    /// Copies of messages that exchanges routed to queues, those counted that were not taken.
    pub routed: u64,
}

/// A broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// What it is told.
    pub settings: Settings,
    /// What a message takes.
    pub work: Work,
    /// The queues.
    pub queues: Vec<Queue>,
    /// See [`BrokerCounts`].
    pub counts: BrokerCounts,
    /// Messages that were published, by exchange and routing key.
    pub keyed: Vec<Vec<u64>>,
    consumers: BTreeMap<NodeId, Consumer>,
    delivered: Slab<Delivered>,
    /// The number of the next subscription.
    subscriptions: u32,
    log: Log,
    /// Publishers that wait for room.
    held_up: VecDeque<u32>,
    /// Messages that it holds.
    messages: u32,
    /// When it is told to start again.
    restart_due: SimTime,
}

/// Where a message went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    /// Nowhere: the queue is full.
    Rejected,
    InMemory,
    OnDisk,
}

/// Why a queue gives a message up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    Expired,
    Dropped,
    Refused,
}

/// A message on its way to queues.
#[derive(Clone, Copy)]
struct Post {
    exchange: u8,
    key: u8,
    persistent: bool,
    mandatory: bool,
}

impl Broker {
    /// A broker without messages.
    pub fn new(settings: Settings, work: Work) -> Self {
        Self {
            queues: vec![Queue::default(); settings.queues.len()],
            keyed: settings.routes.iter().map(|keys| vec![0; keys.len()]).collect(),
            settings,
            work,
            counts: BrokerCounts::default(),
            consumers: BTreeMap::new(),
            delivered: Slab::default(),
            subscriptions: 0,
            log: Log::default(),
            held_up: VecDeque::new(),
            messages: 0,
            restart_due: SimTime::NEVER,
        }
    }

    /// It has died: what watches over it will tell it to start again, if something does.
    pub fn plan_restart(&mut self, ctx: &mut Context, node: NodeId) {
        let Some(after) = self.settings.restart_after else { return };
        self.restart_due = ctx.now + after;
        ctx.queue.push(self.restart_due, super::Event::Restart { broker: node });
    }

    /// Whether it is now that it is told to start again: deaths since then have put that off.
    pub fn is_restart_due(&self, ctx: &Context) -> bool {
        self.restart_due == ctx.now
    }

    /// A message arrives. While the broker holds too many, its publisher waits.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        if self.messages >= self.settings.messages_max {
            let node = ctx.jobs[job].node();
            self.counts.held_up += 1;
            if self.held_up.is_empty() {
                ctx.tell(Fact::Messages(MessageFact::AlarmBegan { broker: node }));
            }
            self.held_up.push_back(job);
            ctx.begin_waiting(node);
        } else {
            ctx.work(job, self.work, Step::Broker, false);
        }
        Next::Parked
    }

    /// There is room for the message of a publisher that had to wait.
    pub fn join(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.work(job, self.work, Step::Broker, true);
        Next::Parked
    }

    /// The work on a message is done: it goes to its queues. Its publisher is told at once, or once it is safe on the disk.
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        let next = self.publish(ctx, job);
        self.let_one_in(ctx);
        next
    }

    fn publish(&mut self, ctx: &mut Context, job: u32) -> Next {
        let Post { exchange, key, persistent, mandatory } = post(ctx, job);
        let entry = &ctx.jobs[job];
        let (node, id, born, class) = (entry.node(), entry.id, entry.sent, entry.class);
        self.counts.published += 1;
        self.keyed[usize::from(exchange)][usize::from(key)] += 1;
        let queues = self.settings.routes[usize::from(exchange)][usize::from(key)].clone();
        if queues.is_empty() {
            self.counts.unroutable += 1;
            self.counts.returned += u64::from(mandatory);
            return if mandatory { Next::Fail(Cause::Returned) } else { confirm(ctx, job) };
        }
        let message = Message { id, born, entered: ctx.now, sequence: 0, class, key, deliveries: 0, persistent };
        self.counts.routed += queues.len() as u64;
        let mut stored = Vec::with_capacity(queues.len());
        for queue in queues {
            let own = self.store(ctx, node, queue, message);
            self.queues[usize::from(queue)].counts.rejected += u64::from(own == Stored::Rejected);
            stored.push(own);
        }
        let rejected = stored.contains(&Stored::Rejected);
        let waits = !rejected && stored.contains(&Stored::OnDisk);
        if waits {
            self.log.wait(job);
        }
        self.log.flush(ctx, node);
        if rejected {
            self.counts.rejected += 1;
            return Next::Fail(Cause::QueueFull);
        }
        if waits { Next::Parked } else { confirm(ctx, job) }
    }

    /// The log is safe on the disk: these publishers are told.
    pub fn flushed(&mut self, ctx: &mut Context, node: NodeId, life: u32) -> Vec<(u32, Next)> {
        let safe = self.log.flushed(ctx, node, life);
        safe.into_iter().map(|job| (job, confirm(ctx, job))).collect()
    }

    /// A message comes to a queue.
    fn store(&mut self, ctx: &mut Context, node: NodeId, queue: u8, message: Message) -> Stored {
        let own = self.settings.queues[usize::from(queue)];
        let state = &mut self.queues[usize::from(queue)];
        if own.overflow == settings::Overflow::RejectPublish && state.len() >= own.length_max as usize {
            state.note_full(ctx, node, queue);
            return Stored::Rejected;
        }
        state.push(ctx.now, Message { sequence: self.log.number(), ..message });
        self.messages += 1;
        let on_disk = own.durable && message.persistent;
        if on_disk {
            self.log.write();
        }
        self.dispatch(ctx, node, queue);
        while self.queues[usize::from(queue)].len() > own.length_max as usize {
            self.queues[usize::from(queue)].note_full(ctx, node, queue);
            self.give_up_head(ctx, node, queue, Reason::Dropped);
        }
        self.watch_age(ctx, node, queue);
        if on_disk { Stored::OnDisk } else { Stored::InMemory }
    }

    /// The oldest message of a queue is given up.
    fn give_up_head(&mut self, ctx: &mut Context, node: NodeId, queue: u8, reason: Reason) {
        if let Some(message) = self.queues[usize::from(queue)].pop(ctx.now) {
            self.give_up(ctx, node, queue, message, reason);
        }
    }

    /// A message leaves its queue without having been consumed: as a dead letter, if the queue says where to. A check sees to
    /// it that dead letters do not go round in a circle.
    fn give_up(&mut self, ctx: &mut Context, node: NodeId, queue: u8, message: Message, reason: Reason) {
        let counts = &mut self.queues[usize::from(queue)].counts;
        match reason {
            Reason::Expired => counts.expired += 1,
            Reason::Dropped => counts.dropped += 1,
            Reason::Refused => counts.refused += 1,
        }
        self.forget(ctx, node, &message);
        let Some(dead) = self.settings.queues[usize::from(queue)].dead_letters else { return };
        let key = dead.key.unwrap_or(message.key);
        let letter = Message { entered: ctx.now, key, deliveries: 0, ..message };
        let mut taken = false;
        for to in self.settings.routes[usize::from(dead.exchange)][usize::from(key)].clone() {
            if self.store(ctx, node, to, letter) != Stored::Rejected {
                self.queues[usize::from(to)].counts.letters += 1;
                taken = true;
            }
        }
        self.queues[usize::from(queue)].counts.dead_lettered += u64::from(taken);
        self.log.flush(ctx, node);
    }

    /// A message is no longer the broker's: there is room for another one.
    fn forget(&mut self, ctx: &mut Context, node: NodeId, message: &Message) {
        self.messages -= 1;
        ctx.again.release(node, message.sequence);
        self.let_one_in(ctx);
    }

    /// A publisher that waits for room goes on, if there is some.
    fn let_one_in(&mut self, ctx: &mut Context) {
        if self.messages < self.settings.messages_max
            && let Some(job) = self.held_up.pop_front()
        {
            if self.held_up.is_empty() {
                ctx.tell(Fact::Messages(MessageFact::AlarmEnded { broker: ctx.jobs[job].node() }));
            }
            ctx.resume(job);
        }
    }

    /// A look at the head of a queue is due, to see whether it has waited too long.
    pub fn look_at_age(&mut self, ctx: &mut Context, node: NodeId, queue: u8) {
        if self.queues[usize::from(queue)].look_due != ctx.now {
            return;
        }
        self.queues[usize::from(queue)].look_due = SimTime::NEVER;
        let Some(ttl) = self.settings.queues[usize::from(queue)].ttl else { return };
        while self.queues[usize::from(queue)].head().is_some_and(|head| head.entered + ttl <= ctx.now) {
            self.give_up_head(ctx, node, queue, Reason::Expired);
        }
        self.watch_age(ctx, node, queue);
    }

    /// Sees to it that the head of a queue is looked at when it has waited too long.
    fn watch_age(&mut self, ctx: &mut Context, node: NodeId, queue: u8) {
        let state = &mut self.queues[usize::from(queue)];
        let (Some(ttl), Some(head)) = (self.settings.queues[usize::from(queue)].ttl, state.head()) else { return };
        let due = (head.entered + ttl).max(ctx.now);
        if due < state.look_due {
            state.look_due = due;
            ctx.queue.push(due, super::Event::LookAtAge { broker: node, queue });
        }
    }

    /// Other settings from now on, for the same queues.
    pub fn set(&mut self, ctx: &mut Context, node: NodeId, settings: Settings, work: Work) {
        (self.settings, self.work) = (settings, work);
        for queue in 0..self.queues.len() as u8 {
            let own = self.settings.queues[usize::from(queue)];
            while own.overflow == settings::Overflow::DropHead
                && self.queues[usize::from(queue)].len() > own.length_max as usize
            {
                self.give_up_head(ctx, node, queue, Reason::Dropped);
            }
            self.queues[usize::from(queue)].look_due = SimTime::NEVER;
            self.watch_age(ctx, node, queue);
        }
        self.let_one_in(ctx);
    }

    /// Messages that it holds.
    pub fn messages(&self) -> u32 {
        self.messages
    }

    /// Publishers that wait for room.
    pub fn held_up(&self) -> usize {
        self.held_up.len()
    }

    /// Flushes of its log since the start.
    pub fn flushes(&self) -> u64 {
        self.log.flushes
    }

    /// Nothing that finished is remembered any more.
    pub fn begin_measuring(&mut self) {
        self.queues.iter_mut().for_each(|queue| queue.finished = Histogram::default());
    }
}

/// Where the message of `job` goes, by its class or by what people have decided.
fn post(ctx: &Context, job: u32) -> Post {
    let entry = &ctx.jobs[job];
    if entry.errand == Errand::Decision {
        let (exchange, key) = crew::of(ctx, entry.client()).settings.people.expect("somebody was asked");
        return Post { exchange, key, persistent: true, mandatory: false };
    }
    let publish = ctx.programs[usize::from(entry.class)].job.as_ref().and_then(|job| job.publish.as_ref());
    let publish = publish.expect("it publishes");
    let key = publish.keys[usize::from(publish.shares.pick(entry.key.draw(0, Step::RoutingKey)))];
    Post { exchange: publish.exchange, key, persistent: publish.persistent, mandatory: publish.mandatory }
}

/// The broker has the message of `job`: its publisher is told.
fn confirm(ctx: &mut Context, job: u32) -> Next {
    let entry = &mut ctx.jobs[job];
    if entry.errand == Errand::Decision {
        entry.applied = true;
    }
    Next::Reply
}
