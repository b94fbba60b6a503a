//! A load balancer: forwards each request to one of the backends that its health checks call healthy.
//!
//! Probes go out at a fixed interval, at a phase of each backend's own. After `unhealthy_after` failures in a row a
//! backend is taken out, after `healthy_after` successes taken in again. Until a death is noticed, requests go on
//! being sent to the dead server: that window is the lesson.

mod policy;

use crate::rng::{Step, Stream};
use crate::time::Span;

use policy::Chooser;
pub use policy::Policy;

use super::context::Work;
use super::job::Cause;
use super::observer::Fact;
use super::station::{Admission, Station};
use super::{Context, Event, Next, NodeId};

/// How a balancer watches its backends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// Time between two probes of a backend.
    pub interval: Span,
    /// Failed probes in a row after which a backend is taken out.
    pub unhealthy_after: u32,
    /// Successful probes in a row after which it is taken in.
    pub healthy_after: u32,
}

#[derive(Clone, Debug)]
struct Backend {
    node: NodeId,
    healthy: bool,
    /// Probes in a row that contradict `healthy`.
    streak: u32,
    /// Whether it is meant to serve.
    member: bool,
}

/// A load balancer.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// How it watches its backends.
    pub health: HealthCheck,
    /// Work to forward a request.
    pub forward: Work,
    /// Its connections: a request holds one from its arrival to its answer. Nobody waits for one.
    pub station: Station,
    backends: Vec<Backend>,
    chooser: Chooser,
}

impl Balancer {
    /// A balancer without backends.
    pub fn new(policy: Policy, connections: u32, health: HealthCheck, forward: Work) -> Self {
        let station = Station::new(connections, 0);
        Self { health, forward, station, backends: Vec::new(), chooser: Chooser::new(policy) }
    }

    /// Changes how it chooses.
    pub fn set_policy(&mut self, policy: Policy) {
        self.chooser.policy = policy;
    }

    /// Makes the first `count` of `members` its backends. Those that are new start as `healthy` says, and are probed
    /// from now on.
    pub fn set_members(&mut self, ctx: &mut Context, own: NodeId, members: &[NodeId], count: usize, healthy: bool) {
        for (index, &node) in members.iter().enumerate() {
            let member = index < count;
            if index == self.backends.len() {
                self.backends.push(Backend { node, healthy: false, streak: 0, member: false });
                self.chooser.add();
                self.first_probe(ctx, own, index);
            }
            let backend = &mut self.backends[index];
            if member && !backend.member {
                backend.healthy = healthy;
                backend.streak = 0;
            }
            backend.member = member;
            let takes = backend.member && backend.healthy;
            self.chooser.set_available(index as u16, takes);
        }
    }

    /// A request arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self.station.admit(ctx.now, job) {
            Admission::Admitted => {}
            Admission::Waits | Admission::Refused => return Next::Fail(Cause::Refused),
        }
        if self.forward.is_none() {
            return self.choose(ctx, job);
        }
        ctx.work(job, self.forward, Step::Balance, false);
        Next::Parked
    }

    /// It is ready to be forwarded.
    #[inline]
    pub fn choose(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        match self.chooser.choose(entry.key.draw(entry.attempt, Step::Balance)) {
            Some(index) => Next::Call(self.backends[usize::from(index)].node),
            None => {
                self.station.release(ctx.now);
                Next::Fail(Cause::NoHealthyBackend)
            }
        }
    }

    /// An answer is back from a backend.
    #[inline]
    pub fn returned(&mut self, ctx: &Context, from: NodeId) -> Next {
        self.station.release(ctx.now);
        // Backends are the members of one tier, by instance.
        self.chooser.release(ctx.nodes[from.index()].instance);
        Next::Reply
    }

    /// It died: what it had under way is gone.
    pub fn clear(&mut self, ctx: &Context) {
        self.station.clear(ctx.now);
        self.chooser.clear();
    }

    /// Time to probe a backend; its verdict is known a round trip later.
    pub fn probe(&mut self, ctx: &mut Context, own: NodeId, backend: u16) {
        let node = self.backends[usize::from(backend)].node;
        let site = |node: NodeId| ctx.nodes[node.index()].site;
        let one_way = ctx.network.hop(site(own), site(node)).delay;
        ctx.queue.push(ctx.now + self.health.interval, Event::Probe { balancer: own, backend });
        ctx.queue.push(ctx.now + one_way + one_way, Event::Verdict { balancer: own, backend });
    }

    /// The verdict of a probe.
    pub fn verdict(&mut self, ctx: &mut Context, own: NodeId, backend: u16) {
        if !ctx.is_up(own) {
            return;
        }
        let entry = &mut self.backends[usize::from(backend)];
        let success = ctx.is_up(entry.node);
        if !entry.member || success == entry.healthy {
            entry.streak = 0;
            return;
        }
        entry.streak += 1;
        let needed = if success { self.health.healthy_after } else { self.health.unhealthy_after };
        if entry.streak < needed {
            return;
        }
        let probes = entry.streak;
        entry.streak = 0;
        entry.healthy = success;
        let fact_node = entry.node;
        self.chooser.set_available(backend, success);
        ctx.tell(if success {
            Fact::TakenIn { balancer: own, backend: fact_node, probes }
        } else {
            Fact::TakenOut { balancer: own, backend: fact_node, probes }
        });
    }

    /// The backends that are meant to serve, and whether each gets requests.
    pub fn backends(&self) -> impl Iterator<Item = (NodeId, bool)> + '_ {
        self.backends.iter().filter(|backend| backend.member).map(|backend| (backend.node, backend.healthy))
    }

    /// Requests under way at all backends, as it counts them. O(backends).
    pub fn under_way(&self) -> u64 {
        self.chooser.under_way()
    }

    fn first_probe(&self, ctx: &mut Context, own: NodeId, backend: usize) {
        let name = (1 << 40) | (u64::from(own.0) << 16) | backend as u64;
        let phase = crate::rng::unit(Stream::new(ctx.seed, name).draw());
        let offset = Span((phase * self.health.interval.0 as f64) as u64);
        ctx.queue.push(ctx.now + offset, Event::Probe { balancer: own, backend: backend as u16 });
    }
}
