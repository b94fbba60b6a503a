//! How workers find their broker, and what people have decided gets there.

use crate::nodes::worker::{crew, people};
use crate::nodes::{Next, Node, NodeId, TierId};

use super::World;

impl World {
    /// A worker tries to subscribe to its queue; if its broker does not answer, it will try again.
    pub(super) fn subscribe(&mut self, worker: NodeId) {
        if !crew::is_due(&mut self.ctx, worker) || !self.ctx.is_up(worker) {
            return;
        }
        let settings = crew::of(&self.ctx, worker).settings;
        let broker = self.ctx.tiers[settings.broker.index()].members[0];
        let answers = self.ctx.is_up(broker) && !self.ctx.links.cuts(worker, broker);
        if let Node::Broker(own) = &mut self.nodes[broker.index()]
            && answers
        {
            own.subscribe(&mut self.ctx, broker, worker, settings.queue, settings.prefetch);
        } else {
            crew::subscribe_again(&mut self.ctx, worker);
        }
    }

    /// A worker gets nothing more from its broker. Returns how many messages it has in hand, if it was subscribed.
    pub(super) fn cancel_subscription(&mut self, worker: NodeId) -> Option<u32> {
        let Node::Worker(_) = &self.nodes[worker.index()] else { return None };
        let broker = crew::of(&self.ctx, worker).settings.broker;
        // While a world is built there may be none yet.
        let &broker = self.ctx.tiers[broker.index()].members.first()?;
        if let Node::Broker(own) = &mut self.nodes[broker.index()] { own.cancel(worker) } else { None }
    }

    /// Messages that wait in a queue of a broker.
    pub(super) fn waiting_in(&self, broker: TierId, queue: u8) -> f64 {
        let node = self.ctx.tiers[broker.index()].members[0];
        let Node::Broker(own) = &self.nodes[node.index()] else { unreachable!("a check sees to it that it is one") };
        own.queues[usize::from(queue)].len() as f64
    }

    /// A broker that has died starts again, unless somebody has started it before, or its place is still lost.
    pub(super) fn restart_broker(&mut self, node: NodeId) {
        if let Node::Broker(own) = &self.nodes[node.index()]
            && own.is_restart_due(&self.ctx)
            && !self.is_lost(node)
        {
            self.restore(node);
        }
    }

    /// A person has decided: a worker publishes that.
    pub(super) fn publish_decision(&mut self, tier: TierId) {
        if let Some((job, broker)) = people::decided(&mut self.ctx, tier) {
            self.drive(job, Next::Call(broker));
        }
    }
}
