//! Links that are cut or slow: between two sets of nodes, both ways.
//!
//! A message over a cut link is silence: nobody is told, and who waits gives up after a while. What was on the wire when
//! it was cut still arrives.

use crate::time::{SimTime, Span};

use super::job::{Cause, Errand, Whereabouts};
use super::{Context, Event, NodeId};

/// What is wrong between two sets of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impairment {
    /// Nothing gets through.
    Cut,
    /// Everything takes so much longer, one way.
    Slow(Span),
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    /// The two sets, each in order.
    ends: [Vec<NodeId>; 2],
    what: Impairment,
    since: SimTime,
}

impl Rule {
    fn concerns(&self, a: NodeId, b: NodeId) -> bool {
        let has = |end: usize, node: NodeId| self.ends[end].binary_search(&node).is_ok();
        (has(0, a) && has(1, b)) || (has(1, a) && has(0, b))
    }
}

/// Links that are cut or slow; usually none.
#[derive(Clone, Debug, Default)]
pub struct Links {
    rules: Vec<Rule>,
}

impl Links {
    /// Whether all is well everywhere.
    #[inline]
    pub fn are_well(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether nothing gets from one node to the other.
    #[inline]
    pub fn cuts(&self, a: NodeId, b: NodeId) -> bool {
        self.rules.iter().any(|rule| rule.what == Impairment::Cut && rule.concerns(a, b))
    }

    /// For how long nothing has got from one node to the other.
    pub fn cut_for(&self, a: NodeId, b: NodeId, now: SimTime) -> Option<Span> {
        let cut = |rule: &&Rule| rule.what == Impairment::Cut && rule.concerns(a, b);
        self.rules.iter().filter(cut).map(|rule| now.since(rule.since)).max()
    }

    /// How much longer a message takes.
    #[inline]
    pub fn extra(&self, a: NodeId, b: NodeId) -> Span {
        let slow = |rule: &Rule| match rule.what {
            Impairment::Slow(extra) if rule.concerns(a, b) => extra,
            Impairment::Slow(_) | Impairment::Cut => Span::ZERO,
        };
        self.rules.iter().map(slow).max().unwrap_or(Span::ZERO)
    }

    /// The link between two sets of nodes is as said from now on. To be slow by nothing is to be well.
    pub fn impair(&mut self, now: SimTime, mut a: Vec<NodeId>, mut b: Vec<NodeId>, what: Impairment) {
        a.sort_unstable();
        b.sort_unstable();
        self.forget(&a, &b, |own| match (own, what) {
            (Impairment::Cut, Impairment::Cut) | (Impairment::Slow(_), Impairment::Slow(_)) => true,
            (Impairment::Cut, Impairment::Slow(_)) | (Impairment::Slow(_), Impairment::Cut) => false,
        });
        if what != Impairment::Slow(Span::ZERO) {
            self.rules.push(Rule { ends: [a, b], what, since: now });
        }
    }

    /// Between two sets of nodes, and between any parts of them, all is well again.
    pub fn mend(&mut self, a: &[NodeId], b: &[NodeId]) {
        self.forget(a, b, |_| true);
    }

    /// Whether something is wrong with a link that a node is at the end of.
    pub fn concern(&self, node: NodeId) -> bool {
        self.rules.iter().any(|rule| rule.ends.iter().any(|end| end.binary_search(&node).is_ok()))
    }

    /// All links that a node is at the end of are well again, and so are those that had the same fault.
    pub fn mend_all_of(&mut self, node: NodeId) {
        self.rules.retain(|rule| rule.ends.iter().all(|end| end.binary_search(&node).is_err()));
    }

    fn forget(&mut self, a: &[NodeId], b: &[NodeId], wanted: impl Fn(Impairment) -> bool) {
        let within = |nodes: &[NodeId], all: &[NodeId]| nodes.iter().all(|node| all.contains(node));
        self.rules.retain(|rule| {
            let [x, y] = &rule.ends;
            let covered = (within(x, a) && within(y, b)) || (within(x, b) && within(y, a));
            !(wanted(rule.what) && covered)
        });
    }
}

impl Context {
    /// What a message from one node to another takes at present.
    pub fn delay(&self, from: NodeId, to: NodeId) -> Span {
        let (start, end) = (&self.nodes[from.index()], &self.nodes[to.index()]);
        let local = start.host.is_some() && start.host == end.host;
        let wire = if local { Span::ZERO } else { self.network.hop(start.site, end.site).delay };
        wire + self.links.extra(from, to)
    }

    /// Sends a message between servers, which is `event` when it arrives: not before `not_before`, so that it overtakes
    /// none. Returns when that is.
    pub fn message(&mut self, from: NodeId, to: NodeId, not_before: SimTime, event: Event) -> SimTime {
        let (delay, site) = (self.delay(from, to), |node: NodeId| self.nodes[node.index()].site);
        let route = self.network.hop(site(from), site(to));
        let due = self.now + delay;
        if due >= not_before && delay == route.delay {
            self.queue.push_lane(route.lane, self.now, event);
            return due;
        }
        self.queue.push(due.max(not_before), event);
        due.max(not_before)
    }

    /// `job`, which is at a silent node or was on its way back from one, will never be answered: its caller gives up
    /// after a while.
    pub fn fall_silent(&mut self, job: u32) {
        let entry = &mut self.jobs[job];
        if entry.errand == Errand::Probe {
            // Who sent it has a time-out of its own.
            self.forget(job);
            return;
        }
        entry.whereabouts = Whereabouts::Inbound;
        entry.failed = Some(Cause::GatewayTimeout);
        let (node, caller, errand) = (entry.node(), entry.caller(), entry.errand);
        let patience = self.patience.get(caller.index()).copied();
        let has_others = self.tiers[self.nodes[node.index()].tier.index()].instances > 1;
        let due = match patience {
            // Its resolver asks another name server, if there is one, and else this one again and again.
            Some(_) if errand == Errand::Name && has_others => self.now + RESOLVER_RETRY,
            // Just after the client's own time-out, which finds it first.
            Some(patience) => (entry.tried + patience).max(self.now) + Span(1),
            None => self.now + self.silence,
        };
        self.queue.push(due, Event::Return { job });
        if patience.is_none() {
            self.note_failure(job, node, Cause::GatewayTimeout);
        }
    }
}

/// After how long a resolver that gets no answer asks another name server: `resolver-retry-interval` of BIND 9 is 800 ms.
const RESOLVER_RETRY: Span = Span(800_000_000);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_cut_both_ways_until_it_is_mended() {
        let node = NodeId;
        let mut links = Links::default();
        links.impair(SimTime(9), vec![node(3), node(1)], vec![node(7)], Impairment::Cut);
        assert!(links.cuts(node(1), node(7)) && links.cuts(node(7), node(3)));
        assert!(!links.cuts(node(1), node(3)));
        links.impair(SimTime(9), vec![node(1)], vec![node(7)], Impairment::Slow(Span(5)));
        assert_eq!(links.extra(node(7), node(1)), Span(5));
        assert!(links.cuts(node(1), node(7)), "slowness is another matter");
        assert_eq!(links.cut_for(node(7), node(3), SimTime(12)), Some(Span(3)));
        links.mend(&[node(7)], &[node(1), node(3)]);
        assert!(links.are_well(), "a part of what was mended is well too");
    }
}
