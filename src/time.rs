//! Simulated time: whole nanoseconds since the start of the run.
//!
//! A run of 500 years fits (`u64::MAX` ns is 584 years). Instants and durations are different types, so that the
//! compiler refuses to add two instants. Conversions from and to `f64` happen only at the edges: when a scenario is
//! read and when a figure is shown.

use std::ops::{Add, AddAssign, Sub};

/// An instant: nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

/// A duration in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl SimTime {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than anything that can happen.
    pub const NEVER: Self = Self(u64::MAX);

    /// The instant `ms` milliseconds into the run, to the nearest nanosecond. Negative and NaN become zero.
    pub fn from_ms(ms: f64) -> Self {
        Self(Span::from_ms(ms).0)
    }

    /// Milliseconds since the start of the run.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Seconds since the start of the run.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The next whole microsecond at or after this instant: the grain of everything that people do, so that the
    /// milliseconds of a timeline are exact in a file and in a link.
    pub fn round_up_to_microsecond(self) -> Self {
        Self(self.0.div_ceil(1000).saturating_mul(1000))
    }

    /// So much earlier; not before the start of the run.
    pub fn less(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// The time from `earlier` to here; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `ms` milliseconds, to the nearest nanosecond. Negative and NaN become zero, what is too long the longest span.
    pub fn from_ms(ms: f64) -> Self {
        Self((ms * 1e6 + 0.5) as u64)
    }

    /// `seconds` seconds, to the nearest nanosecond.
    pub fn from_seconds(seconds: f64) -> Self {
        Self::from_ms(seconds * 1e3)
    }

    /// At least `ns` nanoseconds, which may be a fraction: the next whole one. Without a call to a library's `ceil`, which
    /// costs more than the rest of what its callers do.
    #[inline]
    pub fn at_least_ns(ns: f64) -> Self {
        let whole = ns as u64;
        Self(whole.saturating_add(u64::from((whole as f64) < ns)))
    }

    /// Milliseconds.
    pub fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for SimTime {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        debug_assert!(earlier <= self, "time runs forward");
        Span(self.0.wrapping_sub(earlier.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_survive_the_round_trip_at_microsecond_grain() {
        for us in [0, 1, 999, 1_000_001, 86_400_000_000, 1_576_800_000_000_000] {
            let time = SimTime(us * 1000);
            assert_eq!(SimTime::from_ms(time.as_ms()), time);
        }
    }

    #[test]
    fn at_least_is_the_ceiling() {
        for ns in [0.0, 0.1, 1.0, 1.5, 1e15 + 0.5, 1e18, f64::INFINITY] {
            assert_eq!(Span::at_least_ns(ns).0, ns.ceil() as u64, "{ns}");
        }
    }

    #[test]
    fn nonsense_becomes_zero_or_the_longest_span() {
        assert_eq!(Span::from_ms(f64::NAN), Span::ZERO);
        assert_eq!(Span::from_ms(-1.0), Span::ZERO);
        assert_eq!(Span::from_ms(f64::INFINITY), Span(u64::MAX));
    }
}
