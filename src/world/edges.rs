//! What happens to edges beside requests: routes that follow their deaths, purges on their way, and new files.

use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::{Event, NodeId};
use crate::scenario::plan::PartPlan;

use super::World;

impl World {
    /// An edge has died or serves again: routes will follow.
    pub(super) fn route_around(&mut self, node: NodeId) {
        let tier = self.ctx.nodes[node.index()].tier;
        if let PartPlan::Cdn { reroute, .. } = self.plan.tiers[tier.index()].part {
            self.ctx.queue.push(self.ctx.now + reroute, Event::Reroute { edge: node });
        }
    }

    /// Routes have followed what an edge is now.
    pub(super) fn reroute(&mut self, edge: NodeId) {
        let state = &self.ctx.nodes[edge.index()];
        let serves = state.life == Life::Up;
        let tier = &mut self.ctx.tiers[state.tier.index()];
        if tier.anycast.as_mut().is_some_and(|anycast| anycast.set(edge, serves)) {
            self.ctx.tell(if serves { Fact::Announced { edge } } else { Fact::Withdrawn { edge } });
        }
    }

    /// A share of a class's files gets a new version.
    pub(super) fn publish(&mut self, class: &str, share: f64, renamed: bool) {
        let class = self.class_index(class);
        let data = self.ctx.data.as_mut().expect("checked: the class has files");
        let files = data.publish(class, share, renamed);
        self.ctx.tell(Fact::Published { class, files, renamed });
    }

    /// The edges of a CDN are told to forget the files of a class.
    pub(super) fn purge(&mut self, target: &str, class: &str) {
        let class = self.class_index(class);
        let tier = self.plan.tiers.iter().position(|tier| tier.id == target && tier.kind == crate::nodes::Kind::Cdn);
        let tier = tier.expect("checked: the CDN is there");
        let PartPlan::Cdn { purge, origin, .. } = self.plan.tiers[tier].part else {
            unreachable!("a CDN's part is one")
        };
        let told_at = self.plan.tiers[origin.index()].site_of(0);
        for &edge in &self.ctx.tiers[tier].members {
            let way = self.ctx.network.hop(told_at, self.ctx.nodes[edge.index()].site).delay;
            self.ctx.queue.push(self.ctx.now + purge + way, Event::Purge { edge, class });
        }
    }

    fn class_index(&self, class: &str) -> u8 {
        let index = self.plan.classes.iter().position(|known| known.id == class);
        index.expect("checked: the class is there") as u8
    }
}
