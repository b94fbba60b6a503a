//! A group of clients: browsers or phones at one place. An attempt of a request resolves the name if its device does not
//! know the address, connects if no connection is open, sends, waits, and is given up after the time-out. What was given
//! up goes on being worked on. A failed attempt may be followed by another, after a pause.

mod attempts;
mod visit;

use crate::rng::{below, mix};
use crate::time::{SimTime, Span};

use super::job::{Cause, Errand, Job, Whereabouts};
use super::picks::Pick;
use super::{Context, Event, Next, NodeId, TierId};
use super::{closed_loop, dns};
pub use visit::Fallback;

/// How a group connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connecting {
    /// Round trips before the request may be sent.
    pub round_trips: u8,
    /// How long a connection stays open without a request, in whole seconds.
    pub keep_alive_seconds: u32,
}

/// How a group tries again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retrying {
    /// Attempts in all.
    pub attempts: u8,
    /// Pause before the second attempt; it doubles from attempt to attempt.
    pub backoff: Span,
    /// Whether each pause is drawn between 0 and its length.
    pub jitter: bool,
    /// Retries for every 100 requests, if they are limited.
    pub budget_percent: Option<f64>,
    /// Whether writes are tried again too.
    pub writes: bool,
}

/// What a group of clients does; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manners {
    /// How long it waits for the answer to an attempt.
    pub timeout: Span,
    /// The tier whose addresses it uses.
    pub entry: TierId,
    /// Whether it uses these addresses as they are, without asking the DNS.
    pub direct: bool,
    /// How it connects, if that takes anything.
    pub connection: Option<Connecting>,
    /// How it tries again, if it does.
    pub retry: Option<Retrying>,
    /// Whether its devices keep files.
    pub browser_cache: bool,
    /// How it turns from the CDN to the origin, if it does.
    pub fallback: Option<Fallback>,
}

/// The most retries that a budget saves up.
const BUDGET_MAX: f64 = 100.0;

/// A group of clients.
#[derive(Clone, Debug)]
pub struct Client {
    /// Index of the group.
    pub group: u8,
    /// What it does.
    pub manners: Manners,
    /// The name servers that its resolvers ask, if names have to be resolved.
    pub dns: Option<TierId>,
    /// Retries that it may still make.
    tokens: f64,
}

impl Client {
    /// A group that has not sent anything yet.
    pub fn new(group: u8, manners: Manners) -> Self {
        Self { group, manners, dns: None, tokens: 0.0 }
    }

    /// A new request sets out.
    #[inline]
    pub fn send(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.ledger.issue();
        if let Some(data) = &mut ctx.data {
            let entry = &mut ctx.jobs[job];
            let inserts = ctx.programs[usize::from(entry.class)].inserts;
            entry.item = if inserts { data.next_row() } else { data.key_of(entry) };
            entry.expects = data.acknowledged(entry.item);
        }
        if ctx.tracer.follows(&ctx.jobs[job]) {
            ctx.jobs[job].traced = true;
            // Who is followed is always in the picture.
            ctx.jobs[job].rank = u8::MAX;
            ctx.tracer.begin(&ctx.jobs[job]);
        }
        if ctx.programs[usize::from(ctx.jobs[job].class)].session {
            let user = ctx.jobs[job].user;
            ctx.jobs[job].signs_in = ctx.sessions.as_ref().is_some_and(|sessions| !sessions.has_cookie(user));
        }
        if self.has_file(ctx, job) {
            self.answered(ctx, job);
            ctx.forget(job);
            return Next::Parked;
        }
        if let Some(percent) = self.manners.retry.and_then(|retry| retry.budget_percent) {
            self.tokens = (self.tokens + percent / 100.0).min(BUDGET_MAX);
        }
        self.attempt(ctx, job)
    }

    /// The pause before another attempt is over.
    pub fn retry(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].whereabouts = Whereabouts::Held;
        ctx.ledger.retry(ctx.jobs[job].id);
        self.attempt(ctx, job)
    }

    #[inline]
    fn attempt(&mut self, ctx: &mut Context, job: u32) -> Next {
        attempts::sets_out(ctx, job);
        let (target, list) = self.route(ctx, job);
        let patience = self.patience(list);
        let entry = &mut ctx.jobs[job];
        (entry.target, entry.list, entry.tried) = (target, list, ctx.now);
        (entry.fill, entry.fresh_until) = (0, SimTime::ZERO);
        let user = entry.user;
        let deadlines = &mut ctx.deadlines[usize::from(list)];
        deadlines.append(&mut ctx.jobs, job, |job| &mut job.deadline);
        if deadlines.watched_at == SimTime::NEVER {
            deadlines.watched_at = ctx.now + patience;
            ctx.queue.push(deadlines.watched_at, Event::Deadline { list });
        }
        match self.dns {
            Some(dns) if !self.manners.direct && target == self.manners.entry => {
                match ctx.names.known(user, self.group, ctx.now) {
                    Some(address) => self.connect(ctx, job, address),
                    None => {
                        ctx.jobs[job].errand = Errand::Name;
                        Next::Call(visit::name_server(ctx, dns, user, 0))
                    }
                }
            }
            Some(_) | None => {
                let count = ctx.tiers[target.index()].addresses() as u32;
                let address = if count == 1 { 0 } else { below(mix(u64::from(user) ^ 0xadd2_e550), count) };
                self.connect(ctx, job, address as u16)
            }
        }
    }

    /// The address is known.
    #[inline]
    fn connect(&mut self, ctx: &mut Context, job: u32, address: u16) -> Next {
        let target = ctx.jobs[job].target;
        let tier = &ctx.tiers[target.index()];
        if !tier.public {
            return self.failed(ctx, job, Cause::Unroutable);
        }
        let peer = match &tier.anycast {
            Some(anycast) => anycast.nearest(self.group),
            // An address that is gone since leads to whoever is left; so the first does.
            None => Some(tier.at_address(if usize::from(address) < tier.addresses() { address } else { 0 })),
        };
        let Some(peer) = peer else { return self.failed(ctx, job, Cause::Unreachable) };
        if let Some(connecting) = self.manners.connection {
            let user = ctx.jobs[job].user;
            if !self.is_connected(ctx, job, peer, connecting.keep_alive_seconds) {
                self.connections(ctx, target).close(user);
                if connecting.round_trips > 0 {
                    ctx.jobs[job].errand = Errand::Handshake(connecting.round_trips);
                    return Next::Call(peer);
                }
            }
        }
        ctx.jobs[job].errand = Errand::Request;
        Next::Call(peer)
    }

    /// An answer is back.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        let entry = &ctx.jobs[job];
        if entry.abandoned {
            // The client had given up before; the answer comes to nobody.
            if entry.failed.is_none() && entry.errand == Errand::Request {
                ctx.ledger.late_answers += 1;
                attempts::comes_late(ctx, job);
            }
            ctx.forget(job);
            return Next::Parked;
        }
        if let Some(cause) = entry.failed {
            if entry.errand == Errand::Name
                && let Some(next) = self.next_name_server(ctx, job, from)
            {
                ctx.jobs[job].failed = None;
                return Next::Call(next);
            }
            return match cause {
                Cause::Unauthorized => self.sign_in(ctx, job),
                Cause::Refused
                | Cause::Timeout
                | Cause::Killed
                | Cause::Unreachable
                | Cause::NoHealthyBackend
                | Cause::Unresolved
                | Cause::GatewayTimeout
                | Cause::Unroutable
                | Cause::Reset
                | Cause::RateLimited
                | Cause::ReadOnly
                | Cause::DiskFull
                | Cause::ApplicationError
                | Cause::Unreadable
                | Cause::QueueFull
                | Cause::Returned => self.failed(ctx, job, cause),
            };
        }
        match entry.errand {
            Errand::Name => {
                dns::learn(&mut ctx.names, entry);
                let address = entry.address;
                self.connect(ctx, job, address)
            }
            Errand::Handshake(left) if left > 1 => {
                ctx.jobs[job].errand = Errand::Handshake(left - 1);
                Next::Call(from)
            }
            Errand::Handshake(_) => {
                self.keep(ctx, job, from);
                ctx.jobs[job].errand = Errand::Request;
                Next::Call(from)
            }
            Errand::Request
            | Errand::Probe
            | Errand::Background
            | Errand::Session
            | Errand::Part
            | Errand::Upkeep(_)
            | Errand::Delivery
            | Errand::Decision => {
                if ctx.programs[usize::from(entry.class)].write {
                    let (key, version) = (entry.item, entry.version);
                    ctx.acknowledge(key, version);
                }
                self.answered(ctx, job);
                self.received(ctx, job);
                self.keep(ctx, job, from);
                self.end(ctx, job);
                Next::Parked
            }
        }
    }

    /// The answer goes into the books.
    #[inline]
    fn answered(&self, ctx: &mut Context, job: u32) {
        let entry = &ctx.jobs[job];
        ctx.ledger.answer(ctx.now, entry.id, entry.class, self.group, entry.sent);
        ctx.observer.picks.answered(Pick::new(entry, ctx.now, None));
        ctx.nodes[entry.client().index()].served += 1;
        if entry.missing {
            ctx.ledger.note_missing(entry.id);
        }
        if entry.traced {
            ctx.tracer.end(entry.id, ctx.now, None);
            let told = self.told(ctx, job, None);
            ctx.tracer.tells(told);
        }
        closed_loop::think(ctx, job);
    }

    /// The connection was used.
    #[inline]
    fn keep(&self, ctx: &mut Context, job: u32, peer: NodeId) {
        if let Some(connecting) = self.manners.connection {
            let (user, now) = (ctx.jobs[job].user, ctx.now);
            let connections = self.connections(ctx, ctx.jobs[job].target);
            connections.touch(user, peer, now, connecting.keep_alive_seconds);
        }
    }

    /// Nobody knows the cookie (401): the request is repeated with name and password, at once and over the same connection.
    fn sign_in(&mut self, ctx: &mut Context, job: u32) -> Next {
        self.unlist(ctx, job);
        attempts::fails(ctx, job, Cause::Unauthorized);
        let entry = &mut ctx.jobs[job];
        entry.renew();
        (entry.signs_in, entry.passes) = (true, 0);
        ctx.ledger.retry(ctx.jobs[job].id);
        self.attempt(ctx, job)
    }

    /// An attempt has failed.
    fn failed(&mut self, ctx: &mut Context, job: u32, cause: Cause) -> Next {
        self.disconnect(ctx, job, cause);
        attempts::fails(ctx, job, cause);
        if self.turns_away(ctx, job, cause) {
            self.unlist(ctx, job);
            Self::turn_to_origin(ctx, job);
            return Next::Parked;
        }
        if let Some(pause) = self.pause(ctx, job) {
            self.unlist(ctx, job);
            self.begin_pause(ctx, job, pause);
            return Next::Parked;
        }
        self.give_up(ctx, job, cause);
        self.end(ctx, job);
        Next::Parked
    }

    /// A time-out may be due: gives up all attempts that are old enough, and sees to the next.
    pub fn deadline(&mut self, ctx: &mut Context, list: u8) {
        let index = usize::from(list);
        if ctx.deadlines[index].watched_at != ctx.now {
            // Superseded, since the time-out was changed.
            return;
        }
        ctx.deadlines[index].watched_at = SimTime::NEVER;
        while let Some(job) = ctx.deadlines[index].first() {
            let due = ctx.jobs[job].tried + self.patience(list);
            if due > ctx.now {
                ctx.deadlines[index].watched_at = due;
                ctx.queue.push(due, Event::Deadline { list });
                return;
            }
            self.unlist(ctx, job);
            self.time_out(ctx, job);
        }
    }

    fn time_out(&mut self, ctx: &mut Context, job: u32) {
        // On the way back it is still the callee that is behind.
        debug_assert!(ctx.jobs[job].whereabouts != Whereabouts::Held || ctx.jobs[job].path().len() > 1);
        let node = ctx.jobs[job].node();
        ctx.note_failure(job, node, Cause::Timeout);
        self.disconnect(ctx, job, Cause::Timeout);
        attempts::fails(ctx, job, Cause::Timeout);
        if self.turns_away(ctx, job, Cause::Timeout) {
            let heir = attempts::abandon(ctx, job);
            return Self::turn_to_origin(ctx, heir);
        }
        match self.pause(ctx, job) {
            Some(pause) => {
                let heir = attempts::abandon(ctx, job);
                self.begin_pause(ctx, heir, pause);
            }
            None => {
                self.give_up(ctx, job, Cause::Timeout);
                ctx.jobs[job].abandoned = true;
            }
        }
    }

    /// The attempt can no longer time out.
    #[inline]
    fn unlist(&self, ctx: &mut Context, job: u32) {
        let list = usize::from(ctx.jobs[job].list);
        ctx.deadlines[list].remove(&mut ctx.jobs, job, |job| &mut job.deadline);
    }

    /// A connection over which an attempt failed is not used again.
    fn disconnect(&self, ctx: &mut Context, job: u32, cause: Cause) {
        if cause.breaks_connection() && self.manners.connection.is_some() {
            let (user, target) = (ctx.jobs[job].user, ctx.jobs[job].target);
            self.connections(ctx, target).close(user);
        }
    }

    /// The request has failed for good.
    fn give_up(&self, ctx: &mut Context, job: u32, cause: Cause) {
        let entry: &Job = &ctx.jobs[job];
        ctx.ledger.fail(ctx.now, entry.id, entry.class, self.group, cause);
        ctx.observer.picks.failed(Pick::new(entry, ctx.now, Some(cause)));
        ctx.nodes[entry.client().index()].failed += 1;
        if entry.traced {
            ctx.tracer.end(entry.id, ctx.now, Some(cause));
            let told = self.told(ctx, job, Some(cause));
            ctx.tracer.tells(told);
        }
        ctx.note_disappointment(job);
        closed_loop::think(ctx, job);
        let entry = &ctx.jobs[job];
        if ctx.programs[usize::from(entry.class)].write {
            ctx.writes.fail(entry);
        }
    }

    /// Nothing of the request is left at the client.
    #[inline]
    fn end(&self, ctx: &mut Context, job: u32) {
        self.unlist(ctx, job);
        ctx.forget(job);
    }

    /// Other manners from now on; another time-out also for the requests under way.
    pub fn set_manners(&mut self, ctx: &mut Context, manners: Manners) {
        let before = std::mem::replace(&mut self.manners, manners);
        let own = (self.group, before.timeout != manners.timeout);
        let other = (ctx.patience.len() as u8 + self.group, before.fallback != manners.fallback);
        for (list, changed) in [own, other] {
            let (patience, index) = (self.patience(list), usize::from(list));
            if !changed {
                continue;
            }
            ctx.deadlines[index].watched_at = SimTime::NEVER;
            if let Some(first) = ctx.deadlines[index].first() {
                let due = (ctx.jobs[first].tried + patience).max(ctx.now);
                ctx.deadlines[index].watched_at = due;
                ctx.queue.push(due, Event::Deadline { list });
            }
        }
    }
}
