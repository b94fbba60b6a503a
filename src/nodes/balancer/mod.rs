//! A load balancer: forwards each request to one of the backends that its health checks call healthy.
//!
//! - [`Layer`] says what it can see. At the application layer it chooses for every request, by path to different
//!   services if it has routes; at the transport layer for every connection; at the network layer it does not choose at
//!   all: a hash of the flow decides, and when the members change, flows come to servers that do not know them.
//! - `policy`: how it chooses. `pool`: who may be chosen: slow start, ejection of those that fail requests.
//! - Who is healthy is told by [`Watch`].

mod policy;
mod pool;
mod tournament;

use crate::rng::{Step, mix};
use crate::time::Span;

pub use policy::Policy;
pub use pool::{Ejection, Locality};
use pool::{Pool, SlowStart};

use super::context::Work;
use super::health::{HealthCheck, Turn, Watch};
use super::job::{Cause, Errand};
use super::observer::Fact;
use super::station::{Admission, Station};
use super::{Context, Event, Next, NodeId, TierId};

/// What a balancer can see of the traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Layer 7: requests, with their paths and cookies.
    #[default]
    Application,
    /// Layer 4: connections.
    Transport,
    /// Layer 3: packets, by their addresses.
    Network,
}

/// What a balancer does; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What it sees.
    pub layer: Layer,
    /// How it chooses.
    pub policy: Policy,
    /// Whether it keeps requests at its own place.
    pub locality: Locality,
    /// Weights by instance of the backends; 1 for those beyond.
    pub weights: Vec<f64>,
    /// Whether a session stays at its server.
    pub sticky: bool,
    /// How long a server that was taken in gets less than its share.
    pub slow_start: Span,
    /// How often a failed request is tried at another backend.
    pub retries: u8,
    /// Whether writes are, too.
    pub retry_writes: bool,
    /// How failing backends are taken out, if they are.
    pub ejection: Option<Ejection>,
    /// How it watches its backends.
    pub health: HealthCheck,
    /// Requests that may pass at once.
    pub connections: u32,
}

/// A load balancer.
#[derive(Clone, Debug)]
pub struct Balancer {
    /// What it does.
    settings: Box<Settings>,
    /// Work to forward a request.
    pub forward: Work,
    /// Its connections: a request holds one from its arrival to its answer. Nobody waits for one.
    pub station: Station,
    own: NodeId,
    watch: Box<Watch>,
    /// The tiers that it forwards to: first the one for all classes that have no route.
    pools: Vec<Pool>,
    /// The pool of each class.
    routes: Vec<u8>,
}

impl Balancer {
    /// A balancer whose backends are not yet known. `routes` name the tier of each class.
    pub fn new(own: NodeId, settings: Settings, forward: Work, default: TierId, routes: &[TierId]) -> Self {
        let mut pools = vec![Pool::new(default, settings.policy)];
        let pool_of = |tier: &TierId| {
            let known = pools.iter().position(|pool| pool.tier == *tier);
            known.unwrap_or_else(|| {
                pools.push(Pool::new(*tier, settings.policy));
                pools.len() - 1
            }) as u8
        };
        let routes = routes.iter().map(pool_of).collect();
        let station = Station::new(settings.connections, 0);
        let watch = Box::new(Watch::new(settings.health));
        pools.iter_mut().for_each(|pool| pool.set_locality(settings.locality));
        Self { settings: Box::new(settings), forward, station, own, watch, pools, routes }
    }

    /// Other settings from now on.
    pub fn set(&mut self, settings: Settings, forward: Work) {
        self.station.slots = settings.connections;
        self.watch.settings = settings.health;
        self.forward = forward;
        *self.settings = settings;
        for pool in &mut self.pools {
            pool.set_policy(self.settings.policy);
            pool.set_locality(self.settings.locality);
        }
        self.set_weights();
    }

    /// The tiers that it forwards to.
    pub fn tiers(&self) -> impl Iterator<Item = TierId> + '_ {
        self.pools.iter().map(|pool| pool.tier)
    }

    /// Makes the first `count` of `members` the backends in pool `pool`. Those that are new start as `healthy` says, and
    /// are probed from now on.
    pub fn set_members(&mut self, ctx: &mut Context, pool: usize, members: &[NodeId], count: usize, healthy: bool) {
        for (index, &node) in members.iter().enumerate() {
            if index == self.pools[pool].len() {
                self.pools[pool].add(self.watch.len() as u16);
                let site = |node: NodeId| ctx.nodes[node.index()].site;
                self.pools[pool].set_local(index as u16, site(node) == site(self.own));
                self.watch.add(ctx, self.own, node);
            }
            let watched = self.pools[pool].watched(index as u16);
            let serves = index < count && !ctx.nodes[node.index()].withdrawn;
            self.watch.set_member(watched, serves, healthy);
            let well = self.watch.serves(watched);
            self.pools[pool].set_well(index as u16, well, (!healthy).then_some(ctx.now));
            self.pools[pool].set_draining(index as u16, ctx.nodes[node.index()].is_draining(ctx.now));
        }
        self.set_weights();
    }

    fn set_weights(&mut self) {
        for pool in &mut self.pools {
            for backend in 0..pool.len() {
                let weight = self.settings.weights.get(backend).copied().unwrap_or(1.0);
                pool.set_weight(backend as u16, weight);
            }
        }
    }

    /// A request arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        if ctx.jobs[job].errand == Errand::Probe {
            // Of a balancer in front of this one.
            return Next::Reply;
        }
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
        let pool = usize::from(self.routes[usize::from(entry.class)]);
        let chosen = if self.settings.layer == Layer::Application && !self.settings.sticky {
            Ok(self.fresh(ctx, job, pool))
        } else {
            self.bound(ctx, job, pool)
        };
        match chosen {
            Ok(Some(backend)) => self.send(ctx, job, pool, backend),
            Ok(None) => self.fail(ctx, Cause::NoHealthyBackend),
            Err(cause) => self.fail(ctx, cause),
        }
    }

    /// A backend by the policy alone.
    #[inline]
    fn fresh(&mut self, ctx: &Context, job: u32, pool: usize) -> Option<u16> {
        let entry = &ctx.jobs[job];
        let length = self.settings.slow_start;
        let bits = if length > Span::ZERO { entry.key.draw(entry.attempt, Step::SlowStart) } else { 0 };
        let slow_start = SlowStart { length, now: ctx.now, bits };
        self.pools[pool].choose(entry.key.draw(entry.attempt, Step::Balance), source(entry.user), slow_start)
    }

    /// A backend that the session, the connection or the flow may be bound to.
    fn bound(&mut self, ctx: &mut Context, job: u32, pool: usize) -> Result<Option<u16>, Cause> {
        let user = ctx.jobs[job].user;
        match self.settings.layer {
            Layer::Application => {
                let known = ctx.sessions.as_ref().and_then(|sessions| sessions.server(user, ctx.now));
                Ok(match known {
                    Some(server) if self.pools[pool].serves_bound(server) => Some(self.pools[pool].take(server)),
                    Some(_) | None => self.fresh(ctx, job, pool),
                })
            }
            Layer::Transport => {
                let joined =
                    ctx.connections.server(user).filter(|&server| usize::from(server) < self.pools[pool].len());
                let chosen = match joined {
                    Some(server) => Some(self.pools[pool].take(server)),
                    None => self.fresh(ctx, job, pool),
                };
                if let Some(server) = chosen {
                    ctx.connections.join(user, server);
                }
                Ok(chosen)
            }
            Layer::Network => {
                let Some(server) = self.pools[pool].by_hash(source(user)) else { return Ok(None) };
                match ctx.connections.server(user) {
                    Some(before) if before != server => Err(Cause::Reset),
                    Some(_) | None => {
                        ctx.connections.join(user, server);
                        Ok(Some(self.pools[pool].take(server)))
                    }
                }
            }
        }
    }

    #[inline]
    fn send(&mut self, ctx: &mut Context, job: u32, pool: usize, backend: u16) -> Next {
        let now = ctx.now;
        if let Some(sessions) = &mut ctx.sessions {
            sessions.note(ctx.jobs[job].user, backend, now);
        }
        ctx.jobs[job].forwarded = now;
        Next::Call(self.watch.node(self.pools[pool].watched(backend)))
    }

    fn fail(&mut self, ctx: &mut Context, cause: Cause) -> Next {
        self.station.release(ctx.now);
        Next::Fail(cause)
    }

    /// An answer is back from a backend.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        let entry = &ctx.jobs[job];
        if entry.errand == Errand::Probe {
            return self.probe_returned(ctx, job);
        }
        // Backends are the members of one tier, by instance.
        let state = &ctx.nodes[from.index()];
        let backend = state.instance;
        let pool = self.pools.iter().position(|pool| pool.tier == state.tier).expect("it was sent there");
        let time = entry.failed.is_none().then(|| ctx.now - entry.forwarded);
        self.pools[pool].release(backend, time);
        match entry.failed {
            // 401 is an answer like any other.
            Some(cause) if cause != Cause::Unauthorized => self.failed(ctx, job, pool, backend, cause),
            Some(_) | None => {
                self.station.release(ctx.now);
                Next::Reply
            }
        }
    }

    fn failed(&mut self, ctx: &mut Context, job: u32, pool: usize, backend: u16, cause: Cause) -> Next {
        if let Some(ejection) = &self.settings.ejection
            && let Some((length, failures)) = self.pools[pool].note_failure(backend, ejection)
        {
            let watched = self.pools[pool].watched(backend);
            let server = self.watch.node(watched);
            ctx.queue.push(ctx.now + length, Event::Readmit { balancer: self.own, server: watched as u16 });
            ctx.tell(Fact::Ejected { balancer: self.own, server, failures });
        }
        if self.settings.layer == Layer::Transport {
            // The connection broke; the next one is joined anew.
            ctx.connections.unjoin(ctx.jobs[job].user);
        }
        let entry = &ctx.jobs[job];
        let writes = ctx.programs[usize::from(entry.class)].write;
        let may = !entry.abandoned && entry.passes < self.settings.retries && (!writes || self.settings.retry_writes);
        if may
            && is_of_the_backend(cause)
            && let Some(other) = self.pools[pool].choose_another(backend)
        {
            let entry = &mut ctx.jobs[job];
            entry.renew();
            entry.passes += 1;
            let entry = &ctx.jobs[job];
            if entry.traced {
                ctx.tracer.tries(entry, self.own, ctx.now, Some(cause));
            }
            ctx.ledger.retry(entry.id);
            return self.send(ctx, job, pool, other);
        }
        self.station.release(ctx.now);
        Next::Reply
    }

    /// It died: what it had under way is gone.
    pub fn clear(&mut self, ctx: &Context) {
        self.station.clear(ctx.now);
        self.pools.iter_mut().for_each(Pool::clear);
    }

    /// Time to probe a backend. Returns a probe that has to be sent.
    pub fn probe(&mut self, ctx: &mut Context, server: u16) -> Option<(u32, NodeId)> {
        self.watch.probe(ctx, self.own, server)
    }

    /// The time of a probe is over.
    pub fn verdict(&mut self, ctx: &mut Context, server: u16, probe: u16) {
        if let Some(turn) = self.watch.verdict(ctx, self.own, server, probe) {
            self.turn(ctx, server, turn);
        }
    }

    fn probe_returned(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some((server, turn)) = self.watch.answered(ctx, self.own, job) {
            self.turn(ctx, server, turn);
        }
        ctx.forget(job);
        Next::Parked
    }

    fn turn(&mut self, ctx: &Context, server: u16, turn: Turn) {
        let (pool, backend) = self.locate(server);
        self.pools[pool].set_well(backend, turn == Turn::In, Some(ctx.now));
    }

    /// An ejection is over.
    pub fn readmit(&mut self, ctx: &mut Context, server: u16) {
        let (pool, backend) = self.locate(server);
        self.pools[pool].readmit(backend, ctx.now);
        ctx.tell(Fact::Readmitted { balancer: self.own, server: self.watch.node(usize::from(server)) });
    }

    fn locate(&self, server: u16) -> (usize, u16) {
        let find = |(pool, entry): (usize, &Pool)| entry.find(server).map(|backend| (pool, backend));
        self.pools.iter().enumerate().find_map(find).expect("who is watched is in a pool")
    }

    /// The backends that are meant to serve, and whether each gets requests.
    pub fn backends(&self) -> impl Iterator<Item = (NodeId, bool)> + '_ {
        self.pools.iter().flat_map(move |pool| {
            let members = (0..pool.len() as u16).filter(|&backend| self.watch.is_member(pool.watched(backend)));
            members.map(move |backend| (self.watch.node(pool.watched(backend)), pool.is_available(backend)))
        })
    }

    /// Whether a server is well, as far as it watches it.
    pub fn finds_well(&self, node: NodeId) -> bool {
        self.watch.finds_well(node)
    }

    /// What it waits for with its probes may be another thing now.
    pub fn wake(&mut self, ctx: &mut Context) {
        self.watch.wake(ctx, self.own);
    }

    /// Whether it sends requests to other places, since nobody at its own is well.
    pub fn spills_over(&self) -> bool {
        self.pools.iter().any(Pool::spills_over)
    }

    /// Requests sent to each backend since the start, by tier.
    pub fn sent(&self) -> impl Iterator<Item = (TierId, Vec<u64>)> + '_ {
        self.pools.iter().map(|pool| (pool.tier, pool.sent().collect()))
    }

    /// Requests under way at all backends, as it counts them. O(backends).
    pub fn under_way(&self) -> u64 {
        self.pools.iter().map(Pool::under_way).sum()
    }
}

/// Whether a failure says that the backend could not take the request, so that another one might.
fn is_of_the_backend(cause: Cause) -> bool {
    match cause {
        Cause::Refused | Cause::Killed | Cause::Unreachable | Cause::GatewayTimeout => true,
        Cause::Timeout
        | Cause::NoHealthyBackend
        | Cause::Unresolved
        | Cause::Unroutable
        | Cause::Reset
        | Cause::RateLimited
        | Cause::ReadOnly
        | Cause::Unauthorized
        | Cause::DiskFull
        | Cause::ApplicationError
        | Cause::Unreadable
        | Cause::QueueFull
        | Cause::Returned => false,
    }
}

/// The hash of a client's address.
fn source(user: u32) -> u64 {
    mix(u64::from(user) ^ 0x50_0ace)
}
