//! A client's attempts at a request: pauses between them, what becomes of one that it has given up, and what is told of them
//! where the request is followed.

use crate::nodes::job::{Cause, Errand, Whereabouts};
use crate::nodes::{Context, Event};
use crate::rng::{Step, unit};
use crate::time::Span;

use super::Client;

impl Client {
    /// How long to wait before another attempt, if there is to be one.
    pub(super) fn pause(&mut self, ctx: &Context, job: u32) -> Option<Span> {
        let retry = self.manners.retry?;
        let entry = &ctx.jobs[job];
        let allowed = retry.writes || !ctx.programs[usize::from(entry.class)].write;
        if !allowed || entry.client_attempt + 1 >= retry.attempts {
            return None;
        }
        if retry.budget_percent.is_some() {
            if self.tokens < 1.0 {
                return None;
            }
            self.tokens -= 1.0;
        }
        let longest = retry.backoff.0 << entry.client_attempt.min(20);
        let part = if retry.jitter { unit(entry.key.draw(entry.attempt, Step::Backoff)) } else { 1.0 };
        Some(Span((longest as f64 * part) as u64))
    }

    pub(super) fn begin_pause(&self, ctx: &mut Context, job: u32, pause: Span) {
        let entry = &mut ctx.jobs[job];
        entry.renew();
        entry.client_attempt += 1;
        entry.passes = 0;
        entry.errand = Errand::Request;
        entry.whereabouts = Whereabouts::Running;
        ctx.queue.push(ctx.now + pause, Event::Retry { job });
    }
}

/// The old attempt goes on, to nobody; another stands for the request.
pub(super) fn abandon(ctx: &mut Context, job: u32) -> u32 {
    let mut heir = ctx.jobs[job].clone();
    heir.cut_after(0);
    let heir = ctx.jobs.insert(heir);
    ctx.contest(job, heir);
    ctx.jobs[job].abandoned = true;
    heir
}

/// An attempt sets out.
#[inline]
pub(super) fn sets_out(ctx: &mut Context, job: u32) {
    let entry = &ctx.jobs[job];
    if entry.traced {
        ctx.tracer.tries(entry, entry.client(), ctx.now, None);
    }
}

/// An attempt is over: it has failed, or took too long.
pub(super) fn fails(ctx: &mut Context, job: u32, cause: Cause) {
    let entry = &ctx.jobs[job];
    if entry.traced {
        ctx.tracer.fails(entry, ctx.now, cause);
    }
}

/// The answer to an attempt that was given up comes all the same.
pub(super) fn comes_late(ctx: &mut Context, job: u32) {
    let entry = &ctx.jobs[job];
    if entry.traced {
        ctx.tracer.comes_late(entry, ctx.now);
    }
}
