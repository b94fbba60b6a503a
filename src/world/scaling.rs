//! How tiers get more servers or fewer while they run: by a change, or by their autoscaler.
//!
//! Servers are on by number: of a tier with n, the first n. One more is booted and then registered by the health checks of
//! whoever stands before it; one that is taken out drains: it finishes what it has, and whoever is bound to it may still
//! come for as long as draining takes. Then it is gone. It costs money from the command to boot until it is gone.

use crate::nodes::autoscaler::{Autoscaler, Metric, Reading};
use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::{Event, NodeId, TierId};
use crate::scenario::plan::{PartPlan, Plan};
use crate::time::Span;

use super::{World, build};

impl World {
    /// What autoscalers there are begins, stops, or looks at other times than before. To be called at the start and after
    /// every change of the plan.
    pub(super) fn set_autoscalers(&mut self, before: Option<&Plan>) {
        let plan = self.plan.clone();
        for (tier, own) in plan.tiers.iter().enumerate() {
            let known = before.and_then(|before| before.tiers[tier].autoscaler.as_ref());
            match &own.autoscaler {
                Some(settings) if known.is_none_or(|known| known.every != settings.every) => {
                    let busy = self.totals()[tier].busy;
                    let state = &mut self.ctx.tiers[tier].autoscaler;
                    let own = state.get_or_insert_with(Autoscaler::default);
                    own.due = self.ctx.now + settings.every;
                    (own.looked, own.busy_before) = (self.ctx.now, busy);
                    self.ctx.queue.push(own.due, Event::Evaluate { tier: TierId(tier as u16) });
                }
                Some(_) => {}
                None => self.ctx.tiers[tier].autoscaler = None,
            }
        }
    }

    /// An autoscaler looks.
    pub(super) fn evaluate(&mut self, tier: TierId) {
        let plan = self.plan.clone();
        let (index, now) = (tier.index(), self.ctx.now);
        let Some(settings) = &plan.tiers[index].autoscaler else { return };
        let Some(mut own) = self.ctx.tiers[index].autoscaler.filter(|own| own.due == now) else { return };
        let reading = self.read(index, &mut own);
        own.due = now + settings.every;
        self.ctx.queue.push(own.due, Event::Evaluate { tier });
        let present = self.ctx.tiers[index].instances as u32;
        let decision = own.decide(settings, now, present, reading);
        self.ctx.tiers[index].autoscaler = Some(own);
        let Some(wanted) = decision else { return };
        let measured = match settings.metric {
            Metric::Utilisation => reading.busy_servers / f64::from(present) * 100.0,
            Metric::QueueDepth => reading.waiting,
            Metric::Schedule => reading.hour,
        };
        let (from, to) = (present as u16, wanted as u16);
        self.ctx.tell(Fact::Scaled { tier, from, to, metric: settings.metric, centi: (measured * 100.0) as u32 });
        self.scale(index, wanted as usize);
    }

    /// What was measured since an autoscaler last looked.
    fn read(&self, tier: usize, own: &mut Autoscaler) -> Reading {
        let busy = self.totals()[tier].busy;
        let cores = self.ctx.tiers[tier].members.iter().find_map(|node| {
            let machine = self.ctx.nodes[node.index()].machine?;
            Some(self.ctx.machines[usize::from(machine)].cores)
        });
        let capacity = self.ctx.now.since(own.looked).0 as f64 * f64::from(cores.unwrap_or(1));
        let busy_servers = (busy - own.busy_before) as f64 / capacity;
        (own.looked, own.busy_before) = (self.ctx.now, busy);
        Reading { busy_servers, waiting: self.waiting_at(tier), hour: self.hour() }
    }

    /// Requests that wait for the servers of a tier.
    fn waiting_at(&self, tier: usize) -> f64 {
        let state = &self.ctx.tiers[tier];
        match self.plan.tiers[tier].part {
            PartPlan::Client(_)
            | PartPlan::Dns { .. }
            | PartPlan::Balancer { .. }
            | PartPlan::Web { .. }
            | PartPlan::Cache { .. }
            | PartPlan::Database { .. }
            | PartPlan::Cdn { .. }
            | PartPlan::ObjectStore { .. }
            | PartPlan::Broker { .. } => {
                state.members.iter().map(|node| f64::from(self.ctx.nodes[node.index()].waiting.value())).sum()
            }
            // What was sent ahead to them is in hand already.
            PartPlan::Worker { ref crew, .. } => self.waiting_in(crew.broker, crew.queue),
        }
    }

    /// The hour of the day, from 0 to 24.
    pub(super) fn hour(&self) -> f64 {
        self.plan.habits.day.unwrap_or_default().hour(self.ctx.now)
    }

    /// The same, where arrivals follow the day.
    pub fn hour_of_day(&self) -> Option<f64> {
        self.plan.habits.day.map(|day| day.hour(self.ctx.now))
    }

    /// A number that changes whenever servers come or go.
    pub fn comings_and_goings(&self) -> u64 {
        let draining = self.ctx.nodes.iter().filter(|state| state.is_draining(self.ctx.now)).count() as u64;
        self.ctx.tiers.iter().map(|tier| tier.launched + 2 * tier.terminated).sum::<u64>() + draining
    }

    /// A tier is to have so many servers.
    pub(super) fn scale(&mut self, tier: usize, wanted: usize) {
        build::populate(self, tier, wanted, false);
        for other in 0..self.plan.tiers.len() {
            build::connect(self, other, false);
        }
        self.note_tier_capacity(tier);
    }

    /// One more server: a new machine, even if one with its number is still draining.
    pub(super) fn launch(&mut self, node: NodeId) {
        if self.is_draining(node) {
            self.be_gone(node);
        }
        let tier = self.ctx.nodes[node.index()].tier.index();
        self.ctx.tiers[tier].launched += 1;
        self.set_build(node, self.ctx.tiers[tier].build);
        self.begin_boot(node);
    }

    /// A server is taken out of its tier.
    pub(super) fn take_out(&mut self, node: NodeId, draining: Span) {
        let now = self.ctx.now;
        self.wake_watchers();
        let state = &mut self.ctx.nodes[node.index()];
        // Who does not serve has nothing to finish.
        state.life = if state.life == Life::Up { Life::Drained } else { Life::Down };
        state.drained_at = now;
        let serves = state.life == Life::Drained;
        self.ctx.tell(Fact::Drained { node });
        if serves && draining > Span::ZERO {
            self.ctx.nodes[node.index()].drained_at = now + draining;
            self.ctx.queue.push(now + draining, Event::Drained { node });
        } else {
            self.be_gone(node);
        }
    }

    /// The time for draining may be over.
    pub(super) fn end_draining(&mut self, node: NodeId) {
        let state = &self.ctx.nodes[node.index()];
        if state.life != Life::Drained || state.drained_at != self.ctx.now {
            return;
        }
        self.ctx.tell(Fact::Gone { node });
        self.be_gone(node);
        for tier in 0..self.plan.tiers.len() {
            build::connect(self, tier, false);
        }
        self.note_capacity(node);
    }

    /// A server is gone, and what was in its memory.
    fn be_gone(&mut self, node: NodeId) {
        self.ctx.tiers[self.ctx.nodes[node.index()].tier.index()].terminated += 1;
        self.ctx.lose_sessions(node);
    }

    /// Servers of a tier that cost money: those that are meant to serve, and those that are draining.
    pub(super) fn paid(&self, tier: usize) -> u32 {
        let state = &self.ctx.tiers[tier];
        let draining = state.members[state.instances..].iter().filter(|node| self.is_draining(**node)).count();
        (state.instances + draining) as u32
    }

    /// Whether a server was taken out and still serves whoever is bound to it.
    pub fn is_draining(&self, node: NodeId) -> bool {
        self.ctx.nodes[node.index()].is_draining(self.ctx.now)
    }

    /// A node's life has changed: so has what its tier can do.
    pub(super) fn note_capacity(&mut self, node: NodeId) {
        self.note_tier_capacity(self.ctx.nodes[node.index()].tier.index());
    }

    pub(super) fn note_tier_capacity(&mut self, tier: usize) {
        let (mut cores, mut slots, mut disk) = (0, 0, 0);
        for node in &self.ctx.tiers[tier].members {
            let state = &self.ctx.nodes[node.index()];
            if state.life == Life::Up || state.is_draining(self.ctx.now) {
                cores += state.machine.map_or(0, |machine| self.ctx.machines[usize::from(machine)].cores);
                disk += state.disk.map_or(0, |disk| self.ctx.disks[usize::from(disk)].medium.parallel);
                slots += self.nodes[node.index()].station().map_or(0, |station| station.slots);
            }
        }
        let now = self.ctx.now;
        self.capacity[tier].cores.set(now, cores);
        self.capacity[tier].slots.set(now, slots);
        self.capacity[tier].disk.set(now, disk);
        let paid = self.paid(tier);
        self.capacity[tier].servers.set(now, paid);
    }
}
