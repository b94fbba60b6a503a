//! What whoever is on call does: he is called, looks at one server after the other, and sees to what he finds.

use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::operations::logs::Logs;
use crate::nodes::operations::on_call::{self, Call, Found};
use crate::nodes::operations::{Due, Operations};
use crate::nodes::{Kind, NodeId, TierId};
use crate::scenario::{Change, check};
use crate::time::Span;

use super::{World, build};

impl World {
    pub(super) fn call(&mut self, own: &mut Operations, call: Call) {
        let Some(settings) = own.settings.on_call else { return };
        if let Some(reaction) = own.on_call.call(call, &settings) {
            let rule = if let Call::Alert(rule) = call { Some(rule) } else { None };
            self.ctx.tell(Fact::Called { rule });
            self.ctx.plan_for_operations(reaction, Due::React);
        }
    }

    /// Whoever is on call begins: he decides where to look first.
    pub(super) fn react(&mut self, own: &mut Operations) {
        let Some(settings) = own.settings.on_call else { return };
        own.on_call.to_look_at = self.order_of_looking(own);
        self.begin_to_look(own, settings.look);
    }

    /// All servers of ours, the next one last: first those of the tiers that alerts are about, of these the ones that did not
    /// answer the last scrape; then whomever the gathered lines blame; then all others, from the entry's id on.
    fn order_of_looking(&self, own: &Operations) -> Vec<NodeId> {
        let mut order: Vec<NodeId> = Vec::new();
        for (rule, _) in own.settings.rules.iter().zip(&own.rules).filter(|(_, state)| state.firing) {
            let Some(tier) = rule.tier else { continue };
            let state = &self.ctx.tiers[tier.index()];
            let (up, down): (Vec<NodeId>, Vec<NodeId>) = state.members[..state.instances]
                .iter()
                .partition(|node| own.hosts.get(node.index()).is_some_and(|host| host.up));
            order.extend(down);
            // Which of those that answer is at fault the tier's value does not say, but lines may.
            order.extend(blamed(own.logs.as_ref()));
            order.extend(up);
        }
        order.extend(blamed(own.logs.as_ref()));
        order.extend((0..self.nodes.len()).map(|node| NodeId(node as u16)));
        let mut seen = vec![false; self.nodes.len()];
        order.retain(|node| self.is_ours(*node) && !std::mem::replace(&mut seen[node.index()], true));
        order.reverse();
        order
    }

    /// Whether somebody of ours could repair it: it is no client, and no service that others run.
    fn is_ours(&self, node: NodeId) -> bool {
        let state = &self.ctx.nodes[node.index()];
        let meant = usize::from(state.instance) < self.ctx.tiers[state.tier.index()].instances;
        meant && state.host.is_some() && !matches!(self.nodes[node.index()].kind(), Kind::Client | Kind::Cdn)
    }

    /// He begins with the next server, if there is one left.
    fn begin_to_look(&mut self, own: &mut Operations, look: Span) {
        let next = own.on_call.to_look_at.last().map(|node| node.index());
        own.on_call.seen = next.and_then(|node| own.counters.get(node)).copied().unwrap_or_default();
        self.ctx.plan_for_operations(look, Due::Looked);
    }

    /// He has looked at a server. Returns what he has found. As long as alerts fire he goes on.
    pub(super) fn looked(&mut self, own: &mut Operations) -> Option<Found> {
        let settings = own.settings.on_call?;
        let node = own.on_call.to_look_at.pop();
        own.on_call.looks += u64::from(node.is_some());
        own.on_call.looks_of_call += u32::from(node.is_some());
        let found = node.and_then(|node| self.find_at(own, &settings, node));
        let fires = own.rules.iter().any(|rule| rule.firing);
        if let (Some(_), Some(node)) = (found, node) {
            own.on_call.repaired(self.ctx.now, node);
        }
        let has_repaired = own.on_call.repaired_of_call > 0;
        if !own.on_call.to_look_at.is_empty() && (fires || !has_repaired) {
            self.begin_to_look(own, settings.look);
            return found;
        }
        own.on_call.to_look_at.clear();
        let overload = if has_repaired { None } else { self.overload(own, &settings) };
        if !has_repaired && overload.is_none() {
            self.ctx.tell(Fact::FoundNothing);
        }
        own.on_call.called = None;
        own.on_call.reminded_at = self.ctx.now + settings.reminded_after;
        self.ctx.plan_for_operations(settings.reminded_after, Due::Remind);
        found.or(overload)
    }

    /// What is wrong with a server, as far as somebody sees who looks at it.
    fn find_at(&self, own: &Operations, settings: &on_call::Settings, node: NodeId) -> Option<Found> {
        if self.is_broken(node) {
            return Some(Found::Broken(node));
        }
        let (before, now) = (own.on_call.seen, own.counters.get(node.index()).copied().unwrap_or_default());
        let (replies, faults) = (now.replies - before.replies, now.faults - before.faults);
        let is_bad = faults as f64 > settings.tolerated * replies as f64 && self.brought_by(node).is_some();
        is_bad.then_some(Found::BadBuild(node))
    }

    /// The tier that is busy by the rule that he was called by, if he adds servers then.
    fn overload(&self, own: &Operations, settings: &on_call::Settings) -> Option<Found> {
        let Some(Call::Alert(rule)) = own.on_call.called else { return None };
        let (rule, state) = own.rule(rule)?;
        let tier = rule.tier.filter(|_| settings.adds_servers > 0 && state.firing && rule.is_of_load())?;
        Some(Found::Overload(tier))
    }

    /// An alert that still fires after somebody was there calls again.
    pub(super) fn remind(&mut self, own: &mut Operations) {
        if own.on_call.reminded_at == self.ctx.now
            && let Some(rule) = own.rules.iter().find(|rule| rule.firing).map(|rule| rule.number)
        {
            self.call(own, Call::Alert(rule));
        }
    }

    /// He sees to what he has found.
    pub(super) fn see_to(&mut self, found: Option<Found>) {
        match found {
            Some(Found::Broken(node)) => self.repair(node),
            Some(Found::BadBuild(node)) => {
                if let Some(build) = self.brought_by(node).map(|own| own.build) {
                    self.ctx.tell(Fact::WentBack { node, build });
                    self.go_back(node);
                }
            }
            Some(Found::Overload(tier)) => self.add_servers(tier),
            None => {}
        }
    }

    /// He sets a tier to have more servers: as anybody could, so what must not be is not done.
    fn add_servers(&mut self, tier: TierId) {
        let Some(settings) = self.ctx.operations().and_then(|own| own.settings.on_call) else { return };
        let servers = self.ctx.tiers[tier.index()].instances as u32 + settings.adds_servers;
        let path = format!("tiers.{}.instances", self.plan.tiers[tier.index()].id);
        let change = Change::Set { path, value: servers.into() };
        if let Ok(Some(scenario)) = check::check_change(&self.scenario, &change) {
            self.ctx.tell(Fact::AddedServers { tier, servers: servers as u16 });
            build::change(self, scenario);
        }
    }

    fn is_broken(&self, node: NodeId) -> bool {
        let state = &self.ctx.nodes[node.index()];
        let slow = state.machine.is_some_and(|machine| self.ctx.machines[usize::from(machine)].slowness < 1.0);
        state.life == Life::Down || slow || self.ctx.links.concern(node)
    }

    fn repair(&mut self, node: NodeId) {
        self.ctx.tell(Fact::Repaired { node });
        let state = &self.ctx.nodes[node.index()];
        if state.machine.is_some_and(|machine| self.ctx.machines[usize::from(machine)].slowness < 1.0) {
            self.slow_down(node, 1.0);
        }
        if self.ctx.links.concern(node) {
            self.ctx.links.mend_all_of(node);
            self.ctx.tell(Fact::LinkMended);
        }
        self.restore(node);
    }
}

/// Whom the gathered lines name, most often first.
fn blamed(logs: Option<&Logs>) -> impl Iterator<Item = NodeId> {
    logs.map_or_else(Vec::new, Logs::blamed).into_iter().map(|(node, _)| node)
}
