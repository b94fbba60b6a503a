//! Users who wait: each sends a request, waits until it is over, thinks, and sends the next. Nobody sends while nobody
//! answers, so a closed loop cannot be overloaded as an open one can ("Open Versus Closed: A Cautionary Tale",
//! Schroeder et al., NSDI 2006).
//!
//! One event is pending for each user who thinks. Thoughts last exponentially long; the first begins with the run, each
//! other one when a request is answered or has failed for good. What a page makes a browser ask for besides belongs to
//! the request before it, so it begins no thought of its own.

use crate::rng::{RequestKey, Step, exponential, mix};
use crate::time::Span;

use super::{Context, Event};

/// The users in the loop.
#[derive(Clone, Debug, Default)]
pub struct ClosedLoop {
    /// The mean thought of each client group's users, in nanoseconds; infinite where they never send.
    pauses: Vec<f64>,
    /// Users in the loop: those below this number.
    users: u32,
    /// Who thinks or waits: one bit for each user. Who has left may still have a request under way.
    inside: Vec<u64>,
}

impl ClosedLoop {
    /// How many users there are, and how long those of each group think, from now on; thoughts under way are not cut.
    pub fn change(&mut self, users: u32, pauses: Vec<f64>) {
        (self.users, self.pauses) = (users, pauses);
        let words = (users as usize).div_ceil(64);
        if self.inside.len() < words {
            self.inside.resize(words, 0);
        }
    }

    /// The users who are not in the loop yet, and are now.
    pub fn newcomers(&mut self) -> Vec<u32> {
        let new: Vec<u32> = (0..self.users).filter(|&user| !self.is_inside(user)).collect();
        new.iter().for_each(|&user| self.inside[user as usize / 64] |= 1 << (user % 64));
        new
    }

    /// How long a user of a group thinks before the first request.
    pub fn first_thought(&mut self, user: u32, group: u8, seed: u64) -> Option<Span> {
        self.thought(user, group, RequestKey::new(mix(seed ^ 0x7468_696e), u64::from(user)))
    }

    /// How long a user of a group thinks after the request of this key; nothing if the user leaves the loop.
    pub fn thought(&mut self, user: u32, group: u8, key: RequestKey) -> Option<Span> {
        if !self.is_inside(user) {
            return None;
        }
        if !self.asks(user, group) {
            return None;
        }
        let mean = self.pauses[usize::from(group)];
        Some(Span((exponential(key.draw(0, Step::Think)) * mean) as u64))
    }

    /// Whether a user of a group who has thought sends a request; else the user leaves the loop.
    pub fn asks(&mut self, user: u32, group: u8) -> bool {
        let asks = user < self.users && self.pauses.get(usize::from(group)).is_some_and(|mean| mean.is_finite());
        if !asks {
            self.leave(user);
        }
        asks
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.inside.len() * 8
    }

    fn is_inside(&self, user: u32) -> bool {
        self.inside.get(user as usize / 64).is_some_and(|word| word >> (user % 64) & 1 == 1)
    }

    fn leave(&mut self, user: u32) {
        self.inside[user as usize / 64] &= !(1 << (user % 64));
    }
}

/// A client's request is over: if its user has waited for it, that one thinks now.
#[inline]
pub fn think(ctx: &mut Context, job: u32) {
    let entry = &ctx.jobs[job];
    if !entry.in_loop {
        return;
    }
    let (user, group) = (entry.user, entry.client().0 as u8);
    if let Some(span) = ctx.closed_loop.thought(user, group, entry.key) {
        ctx.queue.push(ctx.now + span, Event::Think { user });
    }
}
