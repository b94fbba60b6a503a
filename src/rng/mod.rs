//! Portable randomness: a counter-based generator whose numbers are *functions*, not a state that is drawn down.
//!
//! What belongs to a request (its user, class, service demands, the balancer's coin) is a function of the seed, the
//! request's id, the attempt and the step. So two designs are compared on the very same requests, whatever route
//! these take, and watching a run never changes it. [`Stream`] exists for what belongs to no request: the gaps
//! between arrivals, the phase of a health check.
//!
//! The algorithm is fixed for ever: published links promise to replay. It is the finaliser of MurmurHash3 in David
//! Stafford's variant 13, stepped by the golden ratio, as in SplitMix64 (Steele, Lea, Flood 2014).
//! Transcendental functions come from `libm`, never from the platform.

mod permutation;
mod samplers;
mod ziggurat;
mod zipf;

pub use permutation::Permutation;
pub use samplers::{Sampler, exponential, normal};
pub use zipf::Zipf;

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of the 64-bit numbers that leaves no visible pattern (Stafford's variant 13).
#[inline]
pub const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// What of a request is drawn: one name per use, so that no two uses share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Which user sends it.
    User,
    /// Which class it is of.
    Class,
    /// The balancer's choice.
    Balance,
    /// Work of the web server before it calls anybody.
    WebBefore,
    /// Work of the web server after the last call.
    WebAfter,
    /// Whether the cache has it, where that is a plain probability.
    CacheHit,
    /// Work of the cache.
    Cache,
    /// Whether it goes to the database, where that is a plain probability.
    DatabaseBranch,
    /// Work of the database.
    Database,
    /// Whether a server that was just taken in gets it.
    SlowStart,
    /// The pause before it is tried again.
    Backoff,
    /// Which key it asks for.
    Item,
    /// How much of its life an entry of a cache loses.
    TtlJitter,
    /// How long the disk takes to find what it reads.
    Disk,
    /// How long an object store takes to begin its answer.
    FirstByte,
    /// How long its user thinks before the next one.
    Think,
    /// Work of the web server to find out who sends it.
    SignIn,
    /// Whether it asks for a celebrity, and for which.
    Celebrity,
    /// Whether a faulty build answers it with an error.
    Fault,
    /// Whether its user complains.
    Complaint,
    /// How long it takes until that gets through.
    ComplaintAfter,
    /// Work of the broker.
    Broker,
    /// Which routing key its message has.
    RoutingKey,
    /// Work of the job that it has beside its answer.
    Job,
    /// How long a person takes to decide.
    Person,
    /// Whether its message is one that no worker can do.
    Poison,
}

/// All the randomness of one request: a function of the seed and the request's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey(u64);

impl RequestKey {
    /// The key of request `id` in the run with this `seed`.
    #[inline]
    pub const fn new(seed: u64, id: u64) -> Self {
        Self(mix(mix(seed ^ GOLDEN).wrapping_add(id.wrapping_mul(GOLDEN))))
    }

    /// 64 uniform bits for one step of one attempt.
    #[inline]
    pub const fn draw(self, attempt: u8, step: Step) -> u64 {
        let position = ((attempt as u64) << 8) | step as u64;
        mix(self.0.wrapping_add((position + 1).wrapping_mul(GOLDEN)))
    }
}

/// A sequence of numbers for what belongs to no request.
#[derive(Clone, Debug)]
pub struct Stream {
    key: u64,
    position: u64,
}

impl Stream {
    /// The stream called `name` of the run with this `seed`; different names give independent streams.
    pub const fn new(seed: u64, name: u64) -> Self {
        Self { key: mix(mix(seed.wrapping_add(GOLDEN)) ^ mix(name.wrapping_mul(GOLDEN) ^ 0x5eed)), position: 0 }
    }

    /// The next 64 uniform bits.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        self.position = self.position.wrapping_add(1);
        mix(self.key.wrapping_add(self.position.wrapping_mul(GOLDEN)))
    }
}

/// A uniform number in [0, 1) from 64 bits; 53 of them count.
#[inline]
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A uniform whole number below `n` from 64 bits. Off from exact by less than n / 2³².
#[inline]
pub fn below(bits: u64, n: u32) -> u32 {
    (((bits >> 32) * u64::from(n)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// χ² of 256 cells has mean 255 and standard deviation √510 ≈ 22.6; four of them allow 345.
    fn chi_squared_256(mut draw: impl FnMut(u64) -> u64, n: u64) -> f64 {
        let mut cells = [0u64; 256];
        for i in 0..n {
            cells[(draw(i) >> 56) as usize] += 1;
        }
        let expected = n as f64 / 256.0;
        cells.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum()
    }

    #[test]
    fn consecutive_requests_are_uniform_and_independent_of_the_step() {
        let n = 1 << 20;
        for step in [Step::User, Step::Database] {
            let x = chi_squared_256(|i| RequestKey::new(7, i).draw(0, step), n);
            assert!((165.0..345.0).contains(&x), "{step:?}: {x}");
        }
        // The difference of two steps of the same request must be uniform too.
        let x = chi_squared_256(
            |i| {
                let key = RequestKey::new(7, i);
                key.draw(0, Step::Class).wrapping_sub(key.draw(0, Step::User))
            },
            n,
        );
        assert!((165.0..345.0).contains(&x), "{x}");
        let x = chi_squared_256(
            |i| RequestKey::new(7, i).draw(0, Step::User) ^ RequestKey::new(7, i + 1).draw(0, Step::User),
            n,
        );
        assert!((165.0..345.0).contains(&x), "{x}");
    }

    #[test]
    fn streams_are_uniform_and_differ_by_name_and_seed() {
        let mut stream = Stream::new(1, 2);
        let x = chi_squared_256(|_| stream.draw(), 1 << 20);
        assert!((165.0..345.0).contains(&x), "{x}");
        assert_ne!(Stream::new(1, 2).draw(), Stream::new(1, 3).draw());
        assert_ne!(Stream::new(1, 2).draw(), Stream::new(2, 2).draw());
    }

    /// The algorithm is a promise to every published link: these numbers must never change.
    #[test]
    fn the_algorithm_is_frozen() {
        assert_eq!(mix(1), 0x5692_161d_100b_05e5);
        assert_eq!(RequestKey::new(7, 42).draw(0, Step::Class), FROZEN_DRAW);
        assert_eq!(Stream::new(7, 1).draw(), FROZEN_STREAM);
    }
    const FROZEN_DRAW: u64 = 3_361_226_944_886_638_347;
    const FROZEN_STREAM: u64 = 7_340_591_776_812_941_666;

    #[test]
    fn below_stays_below() {
        assert_eq!(below(u64::MAX, 10), 9);
        assert_eq!(below(0, 10), 0);
        assert!(unit(u64::MAX) < 1.0);
    }
}
