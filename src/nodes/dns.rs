//! The domain name system, as a client sees it: a resolver nearby that knows the answer after a look-up time, and a
//! record that the client's device keeps for its time to live.

use std::sync::Arc;

use crate::engine::LaneId;
use crate::rng::{below, mix};
use crate::time::SimTime;

use super::{Context, Event, Next};
use crate::nodes::job::Whereabouts;

/// The resolver.
#[derive(Clone, Debug)]
pub struct Dns {
    /// The lane of the look-up time.
    pub lookup: LaneId,
}

impl Dns {
    /// A query arrives.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].whereabouts = Whereabouts::Running;
        ctx.queue.push_lane(self.lookup, ctx.now, Event::Done { job });
        Next::Parked
    }
}

/// Users per page of a [`NameCache`].
const PAGE: usize = 4096;
/// Stands for a user who has not asked since the run began.
const NEVER_ASKED: u32 = u32::MAX;

/// Until when each user's device knows the address. Four bytes a user who ever asked, in pages that are made when
/// needed and shared between clones until one of them writes.
#[derive(Clone, Debug)]
pub struct NameCache {
    /// How long a record may be kept, in whole seconds (RFC 1035); zero means not at all.
    pub record_ttl_seconds: u32,
    seed: u64,
    start: Start,
    pages: Vec<Option<Arc<[u32; PAGE]>>>,
}

/// What devices know when the run begins.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// Nothing.
    Cold,
    /// What they know when the system has been running: a share of them, in 2^-32, know the address, for what is left of
    /// this many seconds.
    Steady { share: u32, ttl: u32 },
}

impl NameCache {
    /// Nobody knows the address yet.
    pub fn cold(record_ttl_seconds: u32) -> Self {
        Self { record_ttl_seconds, seed: 0, start: Start::Cold, pages: Vec::new() }
    }

    /// As it is when users have been sending `rate_per_user` requests a second each for long. A record is renewed by the
    /// first request after its end, so a device alternates between a time to live T in which it knows the address and an
    /// exponential wait of mean 1/λ in which it does not: it knows it with probability λT / (1 + λT) (renewal theory), and
    /// what is left is then uniform in T.
    pub fn steady(record_ttl_seconds: u32, rate_per_user: f64, seed: u64) -> Self {
        let renewals = rate_per_user * f64::from(record_ttl_seconds);
        let share = (renewals / (1.0 + renewals) * f64::from(u32::MAX)) as u32;
        Self { seed, start: Start::Steady { share, ttl: record_ttl_seconds }, ..Self::cold(record_ttl_seconds) }
    }

    /// Whether `user` knows the address at `now`.
    #[inline]
    pub fn knows(&self, user: u32, now: SimTime) -> bool {
        let until = match self.pages.get(user as usize / PAGE) {
            Some(Some(page)) => page[user as usize % PAGE],
            Some(None) | None => NEVER_ASKED,
        };
        let until = if until == NEVER_ASKED { self.known_at_start(user) } else { until };
        now.0 / 1_000_000_000 < u64::from(until)
    }

    /// Until which second a user who has not asked yet knows the address.
    fn known_at_start(&self, user: u32) -> u32 {
        match self.start {
            Start::Cold => 0,
            Start::Steady { share, ttl } => {
                let bits = mix(self.seed ^ mix(u64::from(user) ^ 0x00d5));
                if (bits as u32) < share { below(bits, ttl) + 1 } else { 0 }
            }
        }
    }

    /// `user` learns the address at `now`. Devices count whole seconds: the record is forgotten at the first one at
    /// which it is older than its time to live.
    #[inline]
    pub fn learn(&mut self, user: u32, now: SimTime) {
        let user = user as usize;
        if self.pages.len() <= user / PAGE {
            self.pages.resize(user / PAGE + 1, None);
        }
        let page = self.pages[user / PAGE].get_or_insert_with(|| Arc::new([NEVER_ASKED; PAGE]));
        let second = u32::try_from(now.0 / 1_000_000_000).unwrap_or(u32::MAX);
        Arc::make_mut(page)[user % PAGE] = second.saturating_add(self.record_ttl_seconds).min(NEVER_ASKED - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_for_its_time_to_live() {
        let mut names = NameCache::cold(300);
        assert!(!names.knows(5, SimTime::ZERO));
        names.learn(5, SimTime::from_ms(10_500.0));
        assert!(names.knows(5, SimTime::from_ms(309_999.0)));
        assert!(!names.knows(5, SimTime::from_ms(310_000.0)));
        assert!(!names.knows(4, SimTime::from_ms(20_000.0)));
    }

    #[test]
    fn at_a_steady_start_the_share_is_that_of_renewal_theory() {
        let names = NameCache::steady(300, 0.1, 7);
        let n = 100_000u32;
        let known = |ms: f64| (0..n).filter(|&user| names.knows(user, SimTime::from_ms(ms))).count() as f64;
        // λT / (1 + λT) = 30 / 31; four standard errors of a share.
        let share = 30.0 / 31.0;
        let error = 4.0 * f64::sqrt(share * (1.0 - share) / f64::from(n));
        assert!((known(0.0) / f64::from(n) - share).abs() < error);
        // What is left is uniform: half of the time, half of them.
        let half = known(150_000.0) / known(0.0);
        assert!((half - 0.5).abs() < 4.0 * f64::sqrt(0.25 / f64::from(n)) + 1.0 / 300.0, "{half}");
        assert_eq!(known(300_000.0), 0.0);
    }
}
