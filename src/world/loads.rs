//! What name servers are told of how busy the servers behind each address are: at intervals, so it is always old.

use crate::nodes::answers::{AnswerPolicy, Load};
use crate::nodes::{Event, Node, NodeId};
use crate::time::SimTime;

use super::World;

impl World {
    /// Reports to name servers begin, where they choose by them. To be called at the start and after every change of the plan.
    pub(super) fn set_reports(&mut self) {
        for number in 0..self.nodes.len() {
            let Node::Dns(dns) = &mut self.nodes[number] else { continue };
            let chooser = &mut dns.chooser;
            if chooser.answers.policy == AnswerPolicy::LeastLoaded && chooser.report_due == SimTime::NEVER {
                // The first report has nothing to compare with yet.
                (chooser.reported_at, chooser.report_due) = (self.ctx.now, self.ctx.now);
                self.report_loads(NodeId(number as u16));
            }
        }
    }

    /// Name servers learn how busy the servers behind each address have been since the last report.
    pub(super) fn report_loads(&mut self, node: NodeId) {
        let now = self.ctx.now;
        let Node::Dns(dns) = &self.nodes[node.index()] else { return };
        if dns.chooser.report_due != now {
            return;
        }
        let entry = &self.ctx.tiers[dns.entry.index()];
        let span = now.since(dns.chooser.reported_at).0 as f64;
        let load = |(address, &front): (usize, &NodeId)| {
            let (busy, cores) = self.work_behind(front, dns.chooser.answers.works);
            let before = dns.chooser.loads.get(address).map_or(0, |load| load.busy_before);
            // Nobody there can do anything.
            let share = match cores {
                0 => 1.0,
                _ if span == 0.0 => 0.0,
                cores => (busy - before) as f64 / (span * f64::from(cores)),
            };
            Load { share, busy_before: busy }
        };
        let loads = entry.members[..entry.addresses()].iter().enumerate().map(load).collect();
        let Node::Dns(dns) = &mut self.nodes[node.index()] else { return };
        let chooser = &mut dns.chooser;
        (chooser.loads, chooser.reported_at, chooser.report_due) = (loads, now, SimTime::NEVER);
        if chooser.answers.policy == AnswerPolicy::LeastLoaded {
            chooser.report_due = now + chooser.answers.report_every;
            self.ctx.queue.push(chooser.report_due, Event::Report { dns: node });
        }
    }

    /// The work of the servers behind an address, in core · nanoseconds since the start, and the cores that serve now: those
    /// servers of tier `works` that stand where the address leads to; all of them if none stands there.
    fn work_behind(&self, front: NodeId, works: crate::nodes::TierId) -> (u128, u32) {
        let site = self.ctx.nodes[front.index()].site;
        let members = &self.ctx.tiers[works.index()].members;
        let there = |node: &&NodeId| self.ctx.nodes[node.index()].site == site;
        let is_front = self.ctx.nodes[front.index()].tier == works;
        let own: Vec<NodeId> = match members.iter().any(|node| there(&node)) {
            _ if is_front => vec![front],
            true => members.iter().filter(there).copied().collect(),
            false => members.clone(),
        };
        own.into_iter().fold((0, 0), |(busy, cores), node| {
            let Some(machine) = self.ctx.nodes[node.index()].machine else { return (busy, cores) };
            let machine = &self.ctx.machines[usize::from(machine)];
            let serving = if self.ctx.is_up(node) { machine.cores } else { 0 };
            (busy + machine.busy.integral(self.ctx.now), cores + serving)
        })
    }
}
