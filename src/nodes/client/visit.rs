//! What clients do beside sending: whose address they use for a request, the files that their devices keep, what they
//! ask for next, and where they turn when the CDN fails them.

use crate::nodes::connections::Connections;
use crate::nodes::dns::second;
use crate::nodes::job::{Cause, Errand, Whereabouts};
use crate::nodes::trace::Told;
use crate::nodes::{Context, Event, NodeId, TierId, cdn};
use crate::rng::{below, mix};
use crate::time::Span;

use super::Client;

/// How a group turns from the CDN to the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// How long it waits for a file from the CDN.
    pub timeout: Span,
    /// For how long a client asks the origin then, in whole seconds.
    pub remember_seconds: u32,
}

impl Client {
    /// The tier whose address is used for `job`, and the list of time-outs that the attempt goes into.
    pub(super) fn route(&self, ctx: &Context, job: u32) -> (TierId, u8) {
        if self.manners.direct {
            return (self.manners.entry, self.group);
        }
        let entry = &ctx.jobs[job];
        let program = &ctx.programs[usize::from(entry.class)];
        let (Some(_), Some(_), Some(origin)) = (self.manners.fallback, &program.files, program.origin) else {
            return (program.entry, self.group);
        };
        if entry.fell_back || second(ctx.now) < ctx.turned_away.get(entry.user) {
            return (origin, self.group);
        }
        (program.entry, self.impatient(ctx))
    }

    /// The name server that is asked after `from`, which gave no answer; none once all have been.
    pub(super) fn next_name_server(&self, ctx: &Context, job: u32, from: NodeId) -> Option<NodeId> {
        let (dns, user) = (self.dns?, ctx.jobs[job].user);
        let servers = 0..ctx.tiers[dns.index()].instances as u32;
        let asked = servers.clone().find(|&turn| name_server(ctx, dns, user, turn) == from)?;
        servers.contains(&(asked + 1)).then(|| name_server(ctx, dns, user, asked + 1))
    }

    /// What the client of a request is told of it in the end.
    pub(super) fn told(&self, ctx: &Context, job: u32, cause: Option<Cause>) -> Told {
        let entry = &ctx.jobs[job];
        Told {
            id: entry.id,
            class: entry.class,
            client: entry.client(),
            address: entry.target,
            bytes: if cause.is_none() { ctx.network.bytes(self.group, entry.class) } else { 0 },
            item: entry.item,
            missing: entry.missing,
            stale: entry.stale,
            cause,
        }
    }

    /// The list of time-outs for the CDN.
    fn impatient(&self, ctx: &Context) -> u8 {
        ctx.patience.len() as u8 + self.group
    }

    /// How long attempts in a list of time-outs may take.
    pub(super) fn patience(&self, list: u8) -> Span {
        match self.manners.fallback {
            Some(fallback) if list != self.group => fallback.timeout,
            Some(_) | None => self.manners.timeout,
        }
    }

    /// Whether an attempt that failed for this cause goes to the origin; if so its client remembers for a while.
    pub(super) fn turns_away(&self, ctx: &mut Context, job: u32, cause: Cause) -> bool {
        let entry = &mut ctx.jobs[job];
        let Some(fallback) = self.manners.fallback else { return false };
        if entry.list == self.group || cause == Cause::RateLimited {
            return false;
        }
        entry.fell_back = true;
        *ctx.turned_away.get_mut(entry.user) = second(ctx.now).saturating_add(fallback.remember_seconds);
        true
    }

    /// The attempt that follows goes out at once.
    pub(super) fn turn_to_origin(ctx: &mut Context, job: u32) {
        let entry = &mut ctx.jobs[job];
        entry.renew();
        (entry.passes, entry.errand) = (0, Errand::Request);
        entry.whereabouts = Whereabouts::Running;
        ctx.queue.push(ctx.now, Event::Retry { job });
    }

    /// Whether the device has the file that `job` asks for.
    #[inline]
    pub(super) fn has_file(&self, ctx: &mut Context, job: u32) -> bool {
        let entry = &ctx.jobs[job];
        self.manners.browser_cache
            && ctx.programs[usize::from(entry.class)].files.is_some()
            && ctx.browsers.has(entry.user, entry.item, entry.expects, ctx.now)
    }

    /// The device keeps the file that has come, and its user asks for what follows.
    #[inline]
    pub(super) fn received(&self, ctx: &mut Context, job: u32) {
        let entry = &ctx.jobs[job];
        let program = &ctx.programs[usize::from(entry.class)];
        if self.manners.browser_cache && program.files.is_some() {
            let until = cdn::fresh_until(ctx, job);
            ctx.browsers.keep(entry.user, entry.item, entry.version, until, ctx.now);
        }
        for &(class, count) in &program.followed_by {
            let follow = Event::Follow { class, group: entry.client(), user: entry.user };
            (0..count).for_each(|_| ctx.queue.push(ctx.now, follow));
        }
    }

    /// The table that has the user's connection to a tier.
    #[inline]
    pub(super) fn connections<'a>(&self, ctx: &'a mut Context, target: TierId) -> &'a mut Connections {
        if target == self.manners.entry { &mut ctx.connections } else { &mut ctx.side_connections }
    }

    /// Whether there is an open connection to `peer`.
    #[inline]
    pub(super) fn is_connected(&self, ctx: &mut Context, job: u32, peer: NodeId, keep_alive_seconds: u32) -> bool {
        let (user, target, now) = (ctx.jobs[job].user, ctx.jobs[job].target, ctx.now);
        let own = if target == self.manners.entry { &mut ctx.connections } else { &mut ctx.side_connections };
        own.is_open(user, peer, &ctx.nodes[peer.index()], now, keep_alive_seconds)
    }
}

/// The name server that the resolver of `user` asks as the first, or so many turns later: all are asked alike, as by resolvers
/// that find them equally quick.
pub(super) fn name_server(ctx: &Context, dns: TierId, user: u32, turn: u32) -> NodeId {
    let tier = &ctx.tiers[dns.index()];
    let count = tier.instances as u32;
    let first = if count == 1 { 0 } else { below(mix(u64::from(user) ^ 0xd_15c0), count) };
    tier.members[((first + turn) % count) as usize]
}
