//! How changes are carried out: deaths, restarts, spikes, and a scenario that becomes another.

use crate::faults;
use crate::nodes::broker::fact::MessageFact;
use crate::nodes::context::{Life, TierState};
use crate::nodes::database::failover::{self, Order};
use crate::nodes::database::{backup, deletion, recovery, restore};
use crate::nodes::links::Impairment;
use crate::nodes::observer::Fact;
use crate::nodes::worker::crew;
use crate::nodes::{Event, Next, Node, NodeId, TierId};
use crate::scenario::plan::deployment;
use crate::scenario::{Change, check};
use crate::time::{SimTime, Span};

use super::{World, build};

impl World {
    pub(super) fn carry_out(&mut self, change: &Change) {
        self.wake_watchers();
        match change {
            Change::Kill { target, silent, destroy } => {
                self.targets(target).into_iter().for_each(|node| self.kill(node, *silent, *destroy));
            }
            Change::Cut { from, to } => {
                let (a, b) = (self.targets(from), self.targets(to));
                self.ctx.links.impair(self.ctx.now, a, b, Impairment::Cut);
                self.ctx.tell(Fact::LinkCut);
            }
            Change::Mend { from, to } => {
                let (a, b) = (self.targets(from), self.targets(to));
                self.ctx.links.mend(&a, &b);
                self.ctx.tell(Fact::LinkMended);
            }
            Change::Delay { from, to, extra_ms } => {
                let (a, b) = (self.targets(from), self.targets(to));
                self.ctx.links.impair(self.ctx.now, a, b, Impairment::Slow(Span::from_ms(*extra_ms)));
                self.ctx.tell(Fact::LinkSlowed { extra_us: (extra_ms * 1e3) as u32 });
            }
            Change::SwitchOver { target } => {
                for node in self.targets(target) {
                    failover::switch_over(&mut self.ctx, node);
                }
            }
            Change::Snapshot { target } => {
                if let Some(tier) = self.tier_of(target) {
                    backup::want(&mut self.ctx, tier);
                }
            }
            Change::RestoreBackup { target, to_ms } => {
                if let Some(tier) = self.tier_of(target) {
                    let orders = restore::begin(&mut self.ctx, tier, to_ms.map(SimTime::from_ms));
                    self.obey(orders);
                }
            }
            Change::BadDelete { target, share } => {
                let keys = self.scenario.workload.keys.map_or(0, |keys| keys.count);
                if let Some(tier) = self.tier_of(target) {
                    deletion::begin(&mut self.ctx, tier, *share, keys);
                }
            }
            Change::Deploy { target, build, strategy } => {
                let number = self.plan.builds.iter().position(|(id, _)| id == build).expect("checked");
                self.deploy(&self.targets(target), number as u8, deployment::strategy(strategy));
            }
            Change::Commit { build } => {
                let number = self.plan.builds.iter().position(|(id, _)| id == build).expect("checked");
                self.commit(number as u8);
            }
            Change::Restore { target } => self.targets(target).into_iter().for_each(|node| self.restore(node)),
            Change::Slow { target, factor } => {
                self.targets(target).into_iter().for_each(|node| self.slow_down(node, *factor));
            }
            Change::Set { .. } => {
                let changed = check::check_change(&self.scenario, change);
                let changed = changed.expect("changes are checked when they enter the timeline");
                self.ctx.tell(Fact::Changed { entry: self.next_moment as u32 - 1 });
                if let Some(scenario) = changed {
                    build::change(self, scenario);
                }
            }
            Change::Publish { class, share, rename } => self.publish(class, *share, *rename),
            Change::Purge { target, class } => self.purge(target, class),
            Change::Spike { factor, duration_ms, clients } => {
                let now = self.ctx.now;
                let end = now + Span::from_ms(*duration_ms);
                let groups = &self.plan.tiers[..self.plan.clients.len()];
                match clients.as_ref().and_then(|id| groups.iter().position(|group| group.id == *id)) {
                    Some(group) => self.population.spike_of(now, group as u8, *factor, end),
                    None => self.population.spike(now, *factor, end),
                }
                self.ctx.queue.push(end, Event::SpikeEnd);
                self.ctx.tell(Fact::SpikeBegan { factor_milli: (factor * 1000.0) as u32 });
                self.reschedule_arrivals();
            }
        }
    }

    /// Whoever watches servers looks again: something happens to them.
    pub(super) fn wake_watchers(&mut self) {
        for node in &mut self.nodes {
            match node {
                Node::Balancer(balancer) => balancer.wake(&mut self.ctx),
                Node::Dns(dns) => dns.wake(&mut self.ctx),
                Node::Client(_)
                | Node::Web(_)
                | Node::Cache(_)
                | Node::Database(_)
                | Node::Edge(_)
                | Node::ObjectStore(_)
                | Node::Broker(_)
                | Node::Worker(_) => {}
            }
        }
    }

    pub(super) fn kill(&mut self, node: NodeId, silent: bool, with_disk: bool) {
        self.wake_watchers();
        if self.ctx.nodes[node.index()].life == Life::Down {
            if with_disk {
                recovery::died(&mut self.ctx, node, true);
                self.ctx.lose_lines(node);
                if let Node::Broker(broker) = &mut self.nodes[node.index()] {
                    broker.lose_disk(&mut self.ctx, node);
                }
            }
            return;
        }
        let orphans = faults::kill(&mut self.nodes, &mut self.ctx, node, silent, with_disk);
        if let Node::Broker(broker) = &mut self.nodes[node.index()] {
            broker.plan_restart(&mut self.ctx, node);
        }
        self.route_around(node);
        self.note_capacity(node);
        if !silent && let Some(in_hand) = self.cancel_subscription(node) {
            self.ctx.tell(Fact::Messages(MessageFact::ConsumerLost { worker: node, in_hand }));
        }
        for job in orphans {
            self.drive(job, Next::Reply);
        }
    }

    /// Slows all cores of the machine that `node` runs on, whoever has reserved them.
    pub(super) fn slow_down(&mut self, node: NodeId, factor: f64) {
        let Some(host) = self.ctx.nodes[node.index()].host else { return };
        let on_it = self.ctx.nodes.iter().filter(|state| state.host == Some(host));
        let mut pools: Vec<u16> = on_it.filter_map(|state| state.machine).collect();
        pools.sort_unstable();
        pools.dedup();
        for machine in pools {
            let state = &mut self.ctx.machines[usize::from(machine)];
            state.slow_down(self.ctx.now, factor);
            if let Some(time) = state.next_look() {
                self.ctx.queue.push(time, Event::Look { machine });
            }
        }
        self.ctx.tell(Fact::Slowed { node, factor_milli: (factor * 1000.0) as u32 });
    }

    /// What a cluster of databases has decided.
    pub(super) fn obey(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::ShutDown(node) => self.kill(node, true, false),
                Order::Replace(node) => {
                    recovery::died(&mut self.ctx, node, true);
                    self.ctx.lose_lines(node);
                    self.ctx.tell(Fact::Replaced { node });
                    self.begin_boot(node);
                }
                Order::Rebuild(node) => {
                    self.kill(node, false, true);
                    restore::provisioned(&mut self.ctx, node);
                    self.begin_boot(node);
                }
            }
        }
    }

    /// The tier with this id.
    fn tier_of(&self, target: &str) -> Option<TierId> {
        self.plan.tiers.iter().position(|tier| tier.id == target).map(|tier| TierId(tier as u16))
    }

    pub(super) fn restore(&mut self, node: NodeId) {
        if self.ctx.nodes[node.index()].life != Life::Down {
            return;
        }
        self.ctx.tell(Fact::Restoring { node });
        self.begin_boot(node);
    }

    pub(super) fn begin_boot(&mut self, node: NodeId) {
        // Who starts anew knows nothing of earlier connections.
        self.cancel_subscription(node);
        let tier = self.ctx.nodes[node.index()].tier;
        self.wake_watchers();
        let ready_at = self.ctx.now + self.plan.tiers[tier.index()].boot;
        let state = &mut self.ctx.nodes[node.index()];
        state.life = Life::Booting;
        state.silent = false;
        state.ready_at = ready_at;
        self.ctx.queue.push(ready_at, Event::Boot { node });
    }

    pub(super) fn boot(&mut self, node: NodeId) {
        let state = &mut self.ctx.nodes[node.index()];
        if state.life == Life::Booting && state.ready_at == self.ctx.now {
            state.life = Life::Up;
            self.wake_watchers();
            self.ctx.tell(Fact::Started { node });
            self.route_around(node);
            recovery::started(&mut self.ctx, node);
            if let Node::Worker(_) = &self.nodes[node.index()] {
                crew::subscribe(&mut self.ctx, node);
            }
            self.note_capacity(node);
        }
    }

    /// All nodes that stand at a place, but for those that were taken out.
    pub(super) fn standing_at(&self, place: &str) -> Vec<NodeId> {
        let stands = |node: &NodeId| {
            let state = &self.ctx.nodes[node.index()];
            let machine = state.host.map(|(kind, copy)| (&self.plan.machines[usize::from(kind)].id, usize::from(copy)));
            let tier = self.scenario.tiers.get(&self.plan.tiers[state.tier.index()].id);
            let service =
                || tier.filter(|_| node.index() >= self.plan.clients.len()).map_or(&[][..], |tier| tier.places());
            match machine {
                Some((id, copy)) => self.scenario.machines[id].place_of(copy) == place,
                None => service().get(usize::from(state.instance)).is_some_and(|own| own == place),
            }
        };
        let serving = |tier: &TierState| tier.members[..tier.instances].to_vec();
        self.ctx.tiers.iter().flat_map(serving).filter(stands).collect()
    }

    /// What `target` names: nodes by number.
    fn targets(&self, target: &str) -> Vec<NodeId> {
        if let Some(place) = target.strip_prefix("places.") {
            return self.standing_at(place);
        }
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
}
