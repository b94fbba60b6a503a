//! How messages go out to consumers and come back: acknowledged, refused, or not at all.
//!
//! A consumer has at most `prefetch` messages in hand that it has not acknowledged. Those that may have one more stand in a
//! ring and take turns. When the connection to a consumer breaks, what it has in hand goes back to where it stood.

use super::fact::MessageFact;
use crate::engine::Slab;
use crate::nodes::job::{Delivery, Errand, Handling};
use crate::nodes::observer::Fact;
use crate::nodes::worker::crew;
use crate::nodes::{Context, Job, Next, NodeId};
use crate::time::SimTime;

use super::queue::{Message, Queue};
use super::{Broker, Reason};

/// A subscription.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consumer {
    queue: u8,
    /// Its number: a later subscription of the same worker has another one.
    number: u32,
    prefetch: u32,
    in_hand: u32,
    /// It stands in the ring.
    is_ready: bool,
}

/// A message that was delivered and is not acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivered {
    message: Message,
    queue: u8,
    consumer: NodeId,
    /// The subscription by which it was delivered.
    subscription: u32,
}

impl Broker {
    /// A worker subscribes to a queue.
    pub fn subscribe(&mut self, ctx: &mut Context, node: NodeId, worker: NodeId, queue: u8, prefetch: u32) {
        if self.consumers.contains_key(&worker) {
            return;
        }
        // Who was there from the start is no news.
        if ctx.now > SimTime::ZERO + ctx.delay(worker, node) {
            ctx.tell(Fact::Messages(MessageFact::Subscribed { worker }));
        }
        self.subscriptions += 1;
        let number = self.subscriptions;
        self.consumers.insert(worker, Consumer { queue, number, prefetch, in_hand: 0, is_ready: true });
        self.queues[usize::from(queue)].ready.push_back((worker, number));
        self.dispatch(ctx, node, queue);
    }

    /// A worker gets nothing more: it ends its subscription, or its connection is reset. Returns how many messages it has in
    /// hand, if it was subscribed.
    pub fn cancel(&mut self, worker: NodeId) -> Option<u32> {
        self.consumers.remove(&worker).map(|consumer| consumer.in_hand)
    }

    /// How many workers are subscribed to a queue.
    pub fn subscribers(&self, queue: u8) -> usize {
        self.consumers.values().filter(|consumer| consumer.queue == queue).count()
    }

    /// A worker may have so many messages in hand from now on.
    pub fn set_prefetch(&mut self, ctx: &mut Context, node: NodeId, worker: NodeId, prefetch: u32) {
        let Some(consumer) = self.consumers.get_mut(&worker) else { return };
        consumer.prefetch = prefetch;
        let queue = consumer.queue;
        make_ready(&mut self.queues[usize::from(queue)], worker, consumer);
        self.dispatch(ctx, node, queue);
    }

    /// Sends what waits to those who may have it.
    pub(super) fn dispatch(&mut self, ctx: &mut Context, node: NodeId, queue: u8) {
        while !self.queues[usize::from(queue)].is_empty()
            && let Some(worker) = self.next_ready(queue)
        {
            let message = self.queues[usize::from(queue)].pop(ctx.now).expect("it is not empty");
            self.deliver(ctx, node, queue, message, worker);
        }
    }

    /// The consumer whose turn it is. Who has gone since it stood in line is passed over.
    fn next_ready(&mut self, queue: u8) -> Option<NodeId> {
        loop {
            let (worker, number) = self.queues[usize::from(queue)].ready.pop_front()?;
            if let Some(consumer) = self.consumers.get_mut(&worker).filter(|own| own.number == number) {
                consumer.is_ready = false;
                // It may have been allowed fewer since.
                if consumer.in_hand < consumer.prefetch {
                    return Some(worker);
                }
            }
        }
    }

    fn deliver(&mut self, ctx: &mut Context, node: NodeId, queue: u8, mut message: Message, worker: NodeId) {
        let state = &mut self.queues[usize::from(queue)];
        let redelivered = message.deliveries > 0;
        state.counts.redelivered += u64::from(redelivered);
        state.in_hand += 1;
        message.deliveries = message.deliveries.saturating_add(1);
        let consumer = self.consumers.get_mut(&worker).expect("it is subscribed");
        consumer.in_hand += 1;
        make_ready(state, worker, consumer);
        let delivered = Delivered { message, queue, consumer: worker, subscription: consumer.number };
        let tag = self.delivered.insert(delivered);
        let mut job = Job::new(message.id, ctx.seed, ctx.now, 0, message.class, node);
        job.errand = Errand::Delivery;
        (job.item, job.sent) = (tag, message.born);
        job.delivery = Delivery { sequence: message.sequence, queue, ..Delivery::default() };
        let job = ctx.jobs.insert(job);
        ctx.departing.push(job);
    }

    /// A delivery sets out for its consumer.
    pub fn set_out(&self, ctx: &Context, job: u32) -> Next {
        Next::Call(self.delivered[ctx.jobs[job].item].consumer)
    }

    /// A consumer has acknowledged or refused a message, or its connection is broken.
    pub fn returned(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        let (node, tag, broken, done) = (entry.node(), entry.item, entry.failed.is_some(), entry.applied);
        let handling = entry.delivery.handling;
        let Delivered { message, queue, consumer, subscription } = self.delivered[tag];
        self.delivered.remove(tag);
        ctx.forget(job);
        self.queues[usize::from(queue)].in_hand -= 1;
        self.free(ctx, consumer, subscription, broken);
        if broken {
            self.put_back(ctx, node, queue, message, done);
        } else {
            self.settle(ctx, node, queue, message, handling, consumer);
        }
        self.dispatch(ctx, node, queue);
        Next::Parked
    }

    /// A consumer has said what it did with a message.
    fn settle(
        &mut self,
        ctx: &mut Context,
        node: NodeId,
        queue: u8,
        message: Message,
        handling: Handling,
        consumer: NodeId,
    ) {
        match handling {
            Handling::Refused if crew::of(ctx, consumer).settings.requeues => {
                self.put_back(ctx, node, queue, message, false);
            }
            Handling::Refused => self.give_up(ctx, node, queue, message, Reason::Refused),
            Handling::Untouched | Handling::Recognised | Handling::Done => {
                let state = &mut self.queues[usize::from(queue)];
                state.counts.consumed += 1;
                state.finished.record(ctx.now - message.born);
                self.forget(ctx, node, &message);
            }
        }
    }

    /// The consumer may have another message; or it has gone, and comes back when it can.
    fn free(&mut self, ctx: &mut Context, worker: NodeId, subscription: u32, broken: bool) {
        let Some(consumer) = self.consumers.get_mut(&worker).filter(|own| own.number == subscription) else { return };
        if broken {
            let in_hand = consumer.in_hand;
            self.consumers.remove(&worker);
            ctx.tell(Fact::Messages(MessageFact::ConsumerLost { worker, in_hand }));
            crew::subscribe_again(ctx, worker);
            return;
        }
        consumer.in_hand -= 1;
        let queue = &mut self.queues[usize::from(consumer.queue)];
        make_ready(queue, worker, consumer);
    }

    /// A message goes back to where it stood, unless it was delivered too often.
    fn put_back(&mut self, ctx: &mut Context, node: NodeId, queue: u8, message: Message, done: bool) {
        ctx.again.doubt(node, message.sequence, done, 0);
        if u32::from(message.deliveries) > self.settings.queues[usize::from(queue)].delivery_limit {
            self.give_up(ctx, node, queue, message, Reason::Refused);
            return;
        }
        self.queues[usize::from(queue)].put_back(ctx.now, message);
        self.watch_age(ctx, node, queue);
    }

    /// The broker died: what is on the disk will be there again, in its old order, the rest is lost. Who is at a message goes
    /// on with it, but the acknowledgement will come to nobody.
    pub fn die(&mut self, ctx: &mut Context, node: NodeId) {
        self.return_delivered(ctx, node);
        let log = &self.log;
        let mut gone = 0;
        for (own, queue) in self.settings.queues.iter().zip(&mut self.queues) {
            let (mut lost, mut unconfirmed) = (0, 0);
            queue.retain(ctx.now, |message| {
                match (own.durable && message.persistent, log.is_safe(message.sequence)) {
                    (true, true) => return true,
                    (true, false) => unconfirmed += 1,
                    (false, _) => lost += 1,
                }
                ctx.again.release(node, message.sequence);
                false
            });
            gone += lost + unconfirmed;
            queue.counts.lost += lost;
            queue.counts.unconfirmed += unconfirmed;
            queue.ready.clear();
            queue.in_hand = 0;
        }
        for worker in std::mem::take(&mut self.consumers).into_keys() {
            crew::subscribe_again(ctx, worker);
        }
        self.held_up.clear();
        self.log.crash();
        self.messages = self.queues.iter().map(|queue| queue.len() as u32).sum();
        ctx.tell(Fact::Messages(MessageFact::MessagesLost { broker: node, lost: gone as u32, kept: self.messages }));
    }

    /// Messages that were delivered stand in their queues again; their deliveries are strays.
    fn return_delivered(&mut self, ctx: &mut Context, node: NodeId) {
        let jobs: Vec<u32> = ctx.jobs.keys().collect();
        for job in jobs {
            let entry = &mut ctx.jobs[job];
            if entry.errand != Errand::Delivery || entry.client() != node || entry.ghost {
                continue;
            }
            // An earlier life's stray has no message here any more.
            if std::mem::replace(&mut entry.delivery.is_stray, true) {
                continue;
            }
            let Delivered { message, queue, .. } = self.delivered[entry.item];
            let strays = u32::from(entry.failed.is_none() && entry.delivery.handling == Handling::Untouched);
            entry.delivery.is_doubted = strays > 0;
            ctx.again.doubt(node, message.sequence, entry.applied, strays);
            self.queues[usize::from(queue)].put_back(ctx.now, message);
        }
        self.delivered = Slab::default();
    }

    /// What was on its disk is gone too.
    pub fn lose_disk(&mut self, ctx: &mut Context, node: NodeId) {
        for queue in &mut self.queues {
            queue.counts.lost += queue.len() as u64;
            queue.retain(ctx.now, |message| {
                ctx.again.release(node, message.sequence);
                false
            });
        }
        self.messages = 0;
    }
}

fn make_ready(queue: &mut Queue, worker: NodeId, consumer: &mut Consumer) {
    if !consumer.is_ready && consumer.in_hand < consumer.prefetch {
        consumer.is_ready = true;
        queue.ready.push_back((worker, consumer.number));
    }
}
