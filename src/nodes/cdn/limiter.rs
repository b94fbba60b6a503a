//! A limit for each source address: a bucket that fills at a steady rate up to its size; a request takes a token, and is
//! turned away if there is none. A source that was not heard of has a full bucket, so those whose buckets have filled up
//! need not be remembered.

use crate::engine::{Cell, Table};
use crate::rng::mix;
use crate::time::SimTime;

/// The most sources that an edge remembers, 24 bytes each. Beyond that, one that was quiet for long is forgotten.
const SOURCES_MAX: usize = 1 << 17;

/// What a source may send; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Tokens per nanosecond.
    pub rate: f64,
    /// Tokens that a bucket holds.
    pub burst: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    source: u64,
    /// When `tokens` were in it.
    at: SimTime,
    tokens: f32,
}

const _: () = assert!(size_of::<Bucket>() <= 24);

impl Cell for Bucket {
    const EMPTY: Self = Self { source: u64::MAX, at: SimTime::ZERO, tokens: f32::INFINITY };

    fn hash(&self) -> u64 {
        mix(self.source)
    }
}

impl Bucket {
    fn filled(&self, limit: Limit, now: SimTime) -> f64 {
        (f64::from(self.tokens) + now.since(self.at).0 as f64 * limit.rate).min(limit.burst)
    }
}

/// The buckets of the sources that were heard of lately.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// What each may send.
    pub limit: Limit,
    buckets: Table<Bucket>,
}

impl Limiter {
    /// Nobody has sent anything yet.
    pub fn new(limit: Limit) -> Self {
        Self { limit, buckets: Table::new(SOURCES_MAX) }
    }

    /// Whether a request of this source may pass now; it takes a token if so. O(1).
    pub fn admits(&mut self, source: u64, now: SimTime) -> bool {
        let limit = self.limit;
        if let Some(bucket) = self.buckets.find(mix(source), |bucket| bucket.source == source) {
            let tokens = bucket.filled(limit, now);
            let passes = tokens >= 1.0;
            *bucket = Bucket { source, at: now, tokens: (tokens - f64::from(u8::from(passes))) as f32 };
            return passes;
        }
        let bucket = Bucket { source, at: now, tokens: (limit.burst - 1.0) as f32 };
        self.buckets.put(bucket, |bucket| bucket.filled(limit, now) >= limit.burst, |bucket| bucket.at);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: f64) -> SimTime {
        SimTime::from_ms(ms)
    }

    #[test]
    fn a_source_gets_its_burst_and_then_its_rate() {
        let mut limiter = Limiter::new(Limit { rate: 10.0 / 1e9, burst: 5.0 });
        let passed = (0..1000).filter(|n| limiter.admits(7, at(f64::from(*n)))).count();
        // Five at once, and ten a second for a second.
        assert!(passed == 14 || passed == 15, "{passed}");
        assert!(limiter.admits(8, at(999.0)), "others have buckets of their own");
        let later = (0..100).filter(|_| limiter.admits(7, at(10_000.0))).count();
        assert_eq!(later, 5, "it does not save more than its burst");
    }

    #[test]
    fn any_number_of_sources_takes_bounded_room() {
        let mut limiter = Limiter::new(Limit { rate: 1e-9, burst: 2.0 });
        (0..1_000_000u64).for_each(|source| assert!(limiter.admits(source, at(1.0))));
        assert_eq!(limiter.buckets.len(), SOURCES_MAX);
    }
}
