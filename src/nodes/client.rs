//! A group of clients: browsers or phones at one place. It resolves the name, sends, waits, and gives up after its
//! time-out. What it gave up goes on being worked on.

use crate::rng::{below, mix};
use crate::time::{SimTime, Span};

use super::job::{Cause, Whereabouts};
use super::{Context, Event, Next, NodeId, TierId};

/// A group of clients.
#[derive(Clone, Debug)]
pub struct Client {
    /// Index of the group.
    pub group: u8,
    /// How long it waits for an answer.
    pub timeout: Span,
    /// The resolver that it asks, if names have to be resolved.
    pub dns: Option<NodeId>,
    /// The tier whose addresses it gets.
    pub entry: TierId,
}

impl Client {
    /// A new request sets out.
    #[inline]
    pub fn send(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.ledger.issue();
        let list = &mut ctx.deadlines[usize::from(self.group)];
        list.append(&mut ctx.jobs, job, |job| &mut job.deadline);
        if list.watched_at == SimTime::NEVER {
            list.watched_at = ctx.now + self.timeout;
            ctx.queue.push(list.watched_at, Event::Deadline { group: self.group });
        }
        match self.dns {
            Some(dns) if !ctx.names.knows(ctx.jobs[job].user, ctx.now) => Next::Call(dns),
            _ => Next::Call(self.address(ctx, job)),
        }
    }

    /// An answer is back.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        if ctx.jobs[job].abandoned {
            // The client had given up before; the answer comes to nobody.
            if ctx.jobs[job].failed.is_none() && Some(from) != self.dns {
                ctx.ledger.late_answers += 1;
            }
            ctx.jobs.remove(job);
            return Next::Parked;
        }
        let entry = &ctx.jobs[job];
        if let Some(cause) = entry.failed {
            ctx.ledger.fail(ctx.now, entry.id, entry.class, cause);
            ctx.nodes[entry.client().index()].failed += 1;
        } else if Some(from) == self.dns {
            ctx.names.learn(entry.user, ctx.now);
            return Next::Call(self.address(ctx, job));
        } else {
            ctx.ledger.answer(ctx.now, entry.id, entry.class, entry.sent);
            ctx.nodes[entry.client().index()].served += 1;
        }
        ctx.deadlines[usize::from(self.group)].remove(&mut ctx.jobs, job, |job| &mut job.deadline);
        ctx.jobs.remove(job);
        Next::Parked
    }

    /// A time-out may be due: gives up all requests that are old enough, and sees to the next.
    pub fn deadline(&mut self, ctx: &mut Context) {
        let group = usize::from(self.group);
        if ctx.deadlines[group].watched_at != ctx.now {
            // Superseded, since the time-out was changed.
            return;
        }
        ctx.deadlines[group].watched_at = SimTime::NEVER;
        while let Some(job) = ctx.deadlines[group].first() {
            let due = ctx.jobs[job].sent + self.timeout;
            if due > ctx.now {
                ctx.deadlines[group].watched_at = due;
                ctx.queue.push(due, Event::Deadline { group: self.group });
                return;
            }
            ctx.deadlines[group].remove(&mut ctx.jobs, job, |job| &mut job.deadline);
            let entry = &mut ctx.jobs[job];
            entry.abandoned = true;
            // On the way back it is still the callee that is behind.
            debug_assert!(entry.whereabouts != Whereabouts::Held || entry.path().len() > 1);
            let (id, class, node) = (entry.id, entry.class, entry.node());
            ctx.ledger.fail(ctx.now, id, class, Cause::Timeout);
            ctx.note_failure(job, node, Cause::Timeout);
        }
    }

    /// Another time-out, also for the requests under way.
    pub fn set_timeout(&mut self, ctx: &mut Context, timeout: Span) {
        self.timeout = timeout;
        let list = &mut ctx.deadlines[usize::from(self.group)];
        list.watched_at = SimTime::NEVER;
        if let Some(first) = list.first() {
            list.watched_at = (ctx.jobs[first].sent + timeout).max(ctx.now);
            ctx.queue.push(list.watched_at, Event::Deadline { group: self.group });
        }
    }

    /// The address that this user was given: with several, always the same one.
    #[inline]
    fn address(&self, ctx: &Context, job: u32) -> NodeId {
        let tier = &ctx.tiers[self.entry.index()];
        match tier.instances {
            1 => tier.members[0],
            n => tier.members[below(mix(u64::from(ctx.jobs[job].user) ^ 0xadd2_e550), n as u32) as usize],
        }
    }
}
