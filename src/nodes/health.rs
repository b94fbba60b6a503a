//! How servers are watched: probes at a fixed interval, at a phase of each server's own.
//!
//! After `unhealthy_after` failures in a row a server is taken out, after `healthy_after` successes taken in again. So a
//! death is noticed after a time that is uniform on ((k − 1) · I, k · I], and a silent one after the probe's time-out on
//! top. Until then requests go on being sent to the dead server: that window is the lesson. A server that was taken out
//! again and again has to stay out longer and longer (`hold`), which damps flapping.
//!
//! A probe that only connects learns what is so anyway. As long as that is what the watcher believes, probes change nothing, and
//! none are scheduled: the watcher rests, and goes on at the instants at which it would have probed once anything happens
//! ([`Watch::wake`]). So a calm year costs nothing.

use crate::rng::{Stream, unit};
use crate::time::{SimTime, Span};

use super::job::{Errand, Job};
use super::observer::Fact;
use super::{Context, Event, NodeId};

/// What a probe is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Probing {
    /// It connects: whoever accepts is healthy, however slow.
    #[default]
    Connect,
    /// It sends a request that waits and is worked on like any other: whoever does not answer in time is not healthy.
    Request,
}

/// How servers are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// Time between two probes of a server.
    pub interval: Span,
    /// Failed probes in a row after which a server is taken out.
    pub unhealthy_after: u32,
    /// Successful probes in a row after which it is taken in.
    pub healthy_after: u32,
    /// How long a probe waits for its answer.
    pub timeout: Span,
    /// What a probe is.
    pub probing: Probing,
    /// How long a server stays out at least the first time; twice as long each further time.
    pub hold: Span,
}

/// A server that is watched.
#[derive(Clone, Debug)]
struct Watched {
    node: NodeId,
    /// Whether it is meant to serve.
    member: bool,
    healthy: bool,
    /// Probes in a row that contradict `healthy`.
    streak: u32,
    /// The number of the last probe that was sent, and whether its answer is still awaited.
    probe: u16,
    awaited: bool,
    /// How often it was taken out lately, and when that last changed.
    falls: u32,
    changed_at: SimTime,
    /// When it was last probed and how long that takes, if it is not probed since: there is nothing to learn.
    rests: Option<(SimTime, Span)>,
}

/// What a probe has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The server is taken in.
    In,
    /// It is taken out.
    Out,
}

/// Servers under watch.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How.
    pub settings: HealthCheck,
    servers: Vec<Watched>,
    probes: u64,
}

impl Watch {
    /// Over nobody yet.
    pub fn new(settings: HealthCheck) -> Self {
        Self { settings, servers: Vec::new(), probes: 0 }
    }

    /// How many servers are watched.
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Whether nobody is watched.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    /// Whether a server is meant to serve and healthy.
    #[inline]
    pub fn serves(&self, server: usize) -> bool {
        self.servers.get(server).is_some_and(|server| server.member && server.healthy)
    }

    /// Whether a server is meant to serve.
    pub fn is_member(&self, server: usize) -> bool {
        self.servers[server].member
    }

    /// The node of a server.
    #[inline]
    pub fn node(&self, server: usize) -> NodeId {
        self.servers[server].node
    }

    /// Watches one more server from now on; it is no member yet.
    pub fn add(&mut self, ctx: &mut Context, own: NodeId, node: NodeId) {
        let server = self.servers.len();
        let changed_at = ctx.now;
        let blank = Watched {
            node,
            member: false,
            healthy: false,
            streak: 0,
            probe: 0,
            awaited: false,
            falls: 0,
            changed_at,
            rests: None,
        };
        self.servers.push(blank);
        let name = (1 << 40) | (u64::from(own.0) << 16) | server as u64;
        let phase = unit(Stream::new(ctx.seed, name).draw());
        let offset = Span((phase * self.settings.interval.0 as f64) as u64);
        ctx.queue.push(ctx.now + offset, Event::Probe { watcher: own, server: server as u16 });
    }

    /// Whether a server is meant to serve from now on; a new member starts as `healthy` says.
    pub fn set_member(&mut self, server: usize, member: bool, healthy: bool) {
        let entry = &mut self.servers[server];
        if member && !entry.member {
            entry.healthy = healthy;
            entry.streak = 0;
        }
        entry.member = member;
    }

    /// Makes the first `count` of `members` those that are meant to serve. New ones start as `healthy` says.
    pub fn set_members(&mut self, ctx: &mut Context, own: NodeId, members: &[NodeId], count: usize, healthy: bool) {
        for (index, &node) in members.iter().enumerate() {
            if index == self.servers.len() {
                self.add(ctx, own, node);
            }
            let serves = index < count && !ctx.nodes[node.index()].withdrawn;
            self.set_member(index, serves, healthy);
        }
    }

    /// Whether a server is well, if it is watched.
    pub fn finds_well(&self, node: NodeId) -> bool {
        self.servers.iter().find(|server| server.node == node).is_none_or(|server| server.member && server.healthy)
    }

    /// Something has happened, or is about to: who rests is probed again, at the next instant of its phase.
    pub fn wake(&mut self, ctx: &mut Context, own: NodeId) {
        let interval = self.settings.interval;
        for (server, entry) in self.servers.iter_mut().enumerate() {
            let Some((at, takes)) = entry.rests.take() else { continue };
            let server = server as u16;
            if at + takes > ctx.now {
                // A probe that is on its way finds things as they are when it arrives.
                ctx.queue.push(at + takes, Event::Verdict { watcher: own, server, probe: entry.probe });
            }
            let passed = ctx.now.since(at).0 / interval.0;
            ctx.queue.push(at + Span((passed + 1) * interval.0), Event::Probe { watcher: own, server });
        }
    }

    /// Whether a probe that connects would find what is believed anyway.
    fn knows(&self, ctx: &Context, own: NodeId, server: u16) -> bool {
        let entry = &self.servers[usize::from(server)];
        let success = ctx.is_up(entry.node) && !ctx.links.cuts(own, entry.node);
        let nothing_new = !entry.member || (success == entry.healthy && entry.streak == 0);
        self.settings.probing == Probing::Connect && (nothing_new || !ctx.is_up(own))
    }

    /// Time to probe a server, and to think of the next time. Returns a request that has to be sent, and to whom.
    pub fn probe(&mut self, ctx: &mut Context, own: NodeId, server: u16) -> Option<(u32, NodeId)> {
        let knows = self.knows(ctx, own, server);
        if !knows {
            ctx.queue.push(ctx.now + self.settings.interval, Event::Probe { watcher: own, server });
        }
        let entry = &mut self.servers[usize::from(server)];
        entry.probe = entry.probe.wrapping_add(1);
        entry.awaited = true;
        let node = entry.node;
        let site = |node: NodeId| ctx.nodes[node.index()].site;
        let one_way = ctx.network.hop(site(own), site(node)).delay;
        let silent = ctx.nodes[node.index()].silent || ctx.links.cuts(own, node);
        let wait = match self.settings.probing {
            Probing::Connect if !silent => one_way + one_way,
            Probing::Connect | Probing::Request => self.settings.timeout,
        };
        if knows {
            self.servers[usize::from(server)].rests = Some((ctx.now, wait));
            return None;
        }
        let verdict = Event::Verdict { watcher: own, server, probe: entry.probe };
        ctx.queue.push(ctx.now + wait, verdict);
        let sends = self.settings.probing == Probing::Request && entry.member && ctx.is_up(own);
        sends.then(|| {
            self.probes += 1;
            let id = PROBE_IDS | (u64::from(own.0) << 40) | self.probes;
            let class = ctx.probe_class();
            let number = (u32::from(server) << 16) | u32::from(self.servers[usize::from(server)].probe);
            let mut job = Job::new(id, ctx.seed, ctx.now, number, class, own);
            job.errand = Errand::Probe;
            job.rank = 0;
            (ctx.jobs.insert(job), node)
        })
    }

    /// The time of a probe is over, or its answer is back without any request.
    pub fn verdict(&mut self, ctx: &mut Context, own: NodeId, server: u16, probe: u16) -> Option<Turn> {
        let entry = &mut self.servers[usize::from(server)];
        match self.settings.probing {
            // Connecting is answered by the system at once, so what counts is how the server is now.
            Probing::Connect => {
                let success = ctx.is_up(entry.node) && !ctx.links.cuts(own, entry.node);
                self.judge(ctx, own, server, success)
            }
            Probing::Request if entry.awaited && entry.probe == probe => {
                entry.awaited = false;
                self.judge(ctx, own, server, false)
            }
            Probing::Request => None,
        }
    }

    /// A probe that was a request is back. Returns which server it changed.
    pub fn answered(&mut self, ctx: &mut Context, own: NodeId, job: u32) -> Option<(u16, Turn)> {
        let entry = &ctx.jobs[job];
        let (server, probe) = ((entry.user >> 16) as u16, entry.user as u16);
        let success = entry.failed.is_none();
        let watched = &mut self.servers[usize::from(server)];
        if !watched.awaited || watched.probe != probe {
            return None;
        }
        watched.awaited = false;
        self.judge(ctx, own, server, success).map(|turn| (server, turn))
    }

    fn judge(&mut self, ctx: &mut Context, own: NodeId, server: u16, success: bool) -> Option<Turn> {
        if !ctx.is_up(own) {
            return None;
        }
        let settings = self.settings;
        let entry = &mut self.servers[usize::from(server)];
        if !entry.member || success == entry.healthy {
            entry.streak = 0;
            return None;
        }
        entry.streak += 1;
        let needed = if success { settings.healthy_after } else { settings.unhealthy_after };
        if entry.streak < needed || (success && ctx.now < entry.changed_at + settings.hold_after(entry.falls)) {
            return None;
        }
        let probes = entry.streak;
        entry.streak = 0;
        entry.healthy = success;
        if !success {
            // Who has been well for longer than the last hold starts anew.
            let well = ctx.now.since(entry.changed_at) > settings.hold_after(entry.falls + 1);
            entry.falls = if well { 1 } else { entry.falls + 1 };
        }
        entry.changed_at = ctx.now;
        let node = entry.node;
        ctx.tell(if success {
            Fact::TakenIn { watcher: own, server: node, probes }
        } else {
            Fact::TakenOut { watcher: own, server: node, probes }
        });
        Some(if success { Turn::In } else { Turn::Out })
    }
}

/// Numbers of probes begin here, far from those of requests.
const PROBE_IDS: u64 = 1 << 62;

impl HealthCheck {
    /// How long a server stays out that fell for the n-th time.
    fn hold_after(&self, falls: u32) -> Span {
        Span(self.hold.0.saturating_mul(1 << falls.saturating_sub(1).min(10)))
    }
}
