//! Log-linear histograms of durations, after HdrHistogram: each power of two is cut into equal buckets.
//!
//! A bucket is 1/32 (full) or 1/16 (compact) of its power of two wide, and a percentile is read at the middle of its
//! bucket: so it is off by at most 1/64 or 1/32. Mean, minimum, maximum of the full one are exact.

use crate::time::Span;

/// Buckets per power of two, as a number of bits.
const FINE_BITS: u32 = 5;
const FINE_BUCKETS: usize = bucket_count(FINE_BITS, 63);

const COARSE_BITS: u32 = 4;
/// The compact histogram ends at 2^38 ns, about 4.6 minutes; what is longer counts as that.
const COARSE_TOP: u32 = 38;
const COARSE_BUCKETS: usize = bucket_count(COARSE_BITS, COARSE_TOP) - COARSE_FIRST;
/// It begins at 2^12 ns, about 4 µs; what is shorter counts as that.
const COARSE_FIRST: usize = bucket_of(1 << 12, COARSE_BITS);

const fn bucket_count(bits: u32, top: u32) -> usize {
    bucket_of(if top == 63 { u64::MAX } else { (1 << top) - 1 }, bits) + 1
}

#[inline]
const fn bucket_of(ns: u64, bits: u32) -> usize {
    let ns_or_one = ns | 1;
    let magnitude = 63 - ns_or_one.leading_zeros();
    if magnitude < bits {
        return ns as usize;
    }
    let shift = magnitude - bits;
    ((((shift + 1) as u64) << bits) + ((ns >> shift) & ((1 << bits) - 1))) as usize
}

/// The least duration of a bucket and how wide it is, in nanoseconds.
fn bounds(bucket: usize, bits: u32) -> (f64, f64) {
    let per_power = 1usize << bits;
    if bucket < per_power {
        return (bucket as f64, 1.0);
    }
    let shift = (bucket >> bits) as u32 - 1;
    ((((per_power + (bucket & (per_power - 1))) as u64) << shift) as f64, (1u64 << shift) as f64)
}

/// The middle of a bucket, in nanoseconds.
fn middle(bucket: usize, bits: u32) -> f64 {
    let per_power = 1usize << bits;
    if bucket < per_power {
        return bucket as f64;
    }
    let shift = (bucket >> bits) as u32 - 1;
    let low = ((per_power + (bucket & (per_power - 1))) as u64) << shift;
    low as f64 + ((1u64 << shift) - 1) as f64 / 2.0
}

/// Durations of any length with a relative error of at most 1/64, in fixed memory.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    sum_ns: u128,
    max: Span,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; FINE_BUCKETS], count: 0, sum_ns: 0, max: Span::ZERO }
    }
}

impl Histogram {
    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Span) {
        self.buckets[bucket_of(span.0, FINE_BITS)] += 1;
        self.count += 1;
        self.sum_ns += u128::from(span.0);
        self.max = self.max.max(span);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean in milliseconds, exact; zero when there are none.
    pub fn mean_ms(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum_ns as f64 / self.count as f64 / 1e6 }
    }

    /// The longest in milliseconds, exact.
    pub fn max_ms(&self) -> f64 {
        self.max.as_ms()
    }

    /// The smallest duration, in milliseconds, that at least the fraction `q` do not exceed; zero when there are none.
    pub fn quantile_ms(&self, q: f64) -> f64 {
        quantile_ns(self.buckets.iter().copied(), self.count, q, |bucket| middle(bucket, FINE_BITS))
            .min(self.max.0 as f64)
            / 1e6
    }

    /// Adds all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.sum_ns += other.sum_ns;
        self.max = self.max.max(other.max);
    }
}

/// Durations from 4 µs to 4 minutes with a relative error of at most 1/32: for the windows of a [`super::History`].
///
/// Most windows see few durations: those are kept as they come, so that a window costs what happened in it and not the
/// size of a histogram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompactHistogram {
    /// The buckets of the durations, in the order in which they came.
    Few(Vec<u16>),
    /// How many there are in each bucket, and in all.
    Many(Box<[u32; COARSE_BUCKETS]>, u64),
}

/// The most durations that are kept as they come.
const FEW: usize = 128;

impl Default for CompactHistogram {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl CompactHistogram {
    /// Counts one duration.
    #[inline]
    pub fn record(&mut self, span: Span) {
        let bucket = bucket_of(span.0, COARSE_BITS).clamp(COARSE_FIRST, COARSE_FIRST + COARSE_BUCKETS - 1);
        self.count_bucket((bucket - COARSE_FIRST) as u16);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        match self {
            Self::Few(buckets) => buckets.len() as u64,
            Self::Many(_, count) => *count,
        }
    }

    /// The smallest duration, in milliseconds, that at least the fraction `q` do not exceed; `None` when there are none.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let value = |bucket| middle(bucket + COARSE_FIRST, COARSE_BITS);
        let ns = match self {
            Self::Few(buckets) if buckets.is_empty() => return None,
            Self::Few(buckets) => {
                let mut sorted = buckets.clone();
                sorted.sort_unstable();
                value(usize::from(sorted[rank(q, sorted.len() as u64) as usize - 1]))
            }
            Self::Many(buckets, count) => quantile_ns(buckets.iter().map(|&n| u64::from(n)), *count, q, value),
        };
        Some(ns / 1e6)
    }

    /// The same, read not at the middle of its bucket but where it is if the durations lie evenly in it: so a small
    /// difference between two histograms is seen before it is as wide as a bucket.
    pub fn interpolated_quantile_ms(&self, q: f64) -> Option<f64> {
        let mut own = self.clone();
        let (buckets, &mut count) = own.make_many();
        let wanted = q * count as f64;
        let mut seen = 0.0;
        for (bucket, n) in
            buckets.iter().enumerate().map(|(bucket, &n)| (bucket, f64::from(n))).filter(|&(_, n)| n > 0.0)
        {
            if seen + n >= wanted {
                let (low, width) = bounds(bucket + COARSE_FIRST, COARSE_BITS);
                return Some((low + width * ((wanted - seen) / n).max(0.0)) / 1e6);
            }
            seen += n;
        }
        None
    }

    /// What was counted, in no more memory than it needs; nothing is counted here any more. What comes next finds the
    /// room of before.
    #[must_use]
    pub fn take(&mut self) -> Self {
        match self {
            Self::Few(buckets) => {
                let few = Self::Few(buckets.clone());
                buckets.clear();
                few
            }
            Self::Many(..) => std::mem::take(self),
        }
    }

    /// Adds all that `other` counted.
    pub fn merge(&mut self, other: &Self) {
        match other {
            Self::Few(buckets) => buckets.iter().for_each(|&bucket| self.count_bucket(bucket)),
            Self::Many(theirs, more) => {
                let (mine, count) = self.make_many();
                mine.iter_mut().zip(theirs.iter()).for_each(|(mine, theirs)| *mine += theirs);
                *count += more;
            }
        }
    }

    #[inline]
    fn count_bucket(&mut self, bucket: u16) {
        match self {
            Self::Few(buckets) if buckets.len() < FEW => buckets.push(bucket),
            Self::Few(_) | Self::Many(..) => {
                let (buckets, count) = self.make_many();
                buckets[usize::from(bucket)] += 1;
                *count += 1;
            }
        }
    }

    fn make_many(&mut self) -> (&mut [u32; COARSE_BUCKETS], &mut u64) {
        if let Self::Few(few) = self {
            let mut buckets = Box::new([0; COARSE_BUCKETS]);
            few.iter().for_each(|&bucket| buckets[usize::from(bucket)] += 1);
            *self = Self::Many(buckets, few.len() as u64);
        }
        match self {
            Self::Many(buckets, count) => (buckets, count),
            Self::Few(_) => unreachable!("it was just turned into many"),
        }
    }
}

/// Which of `count` durations in ascending order, from 1, is the `q`-quantile.
fn rank(q: f64, count: u64) -> u64 {
    ((q * count as f64).ceil() as u64).clamp(1, count.max(1))
}

fn quantile_ns(buckets: impl Iterator<Item = u64>, count: u64, q: f64, value: impl Fn(usize) -> f64) -> f64 {
    let rank = rank(q, count);
    let mut seen = 0;
    let mut last = 0;
    for (bucket, n) in buckets.enumerate() {
        seen += n;
        if n > 0 {
            last = bucket;
        }
        if seen >= rank {
            break;
        }
    }
    value(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_is_within_its_error_of_its_bucket() {
        for bits in [COARSE_BITS, FINE_BITS] {
            let allowed = 0.5 / f64::from(1u32 << bits);
            for exponent in 0..62 {
                for offset in [0, 1, 7] {
                    let ns = (1u64 << exponent) + offset * (1u64 << exponent) / 8;
                    let error = (middle(bucket_of(ns, bits), bits) - ns as f64).abs() / ns as f64;
                    assert!(error <= allowed, "{ns} ns is {error} off");
                }
            }
        }
        assert!(bucket_of(u64::MAX, FINE_BITS) < FINE_BUCKETS);
    }

    #[test]
    fn quantiles_of_a_uniform_ladder() {
        let mut full = Histogram::default();
        let mut compact = CompactHistogram::default();
        for us in 1..=100_000u64 {
            full.record(Span(us * 1000));
            compact.record(Span(us * 1000));
        }
        for q in [0.01, 0.5, 0.9, 0.99, 0.999] {
            assert!((full.quantile_ms(q) / (100.0 * q) - 1.0).abs() < 1.0 / 64.0 + 1e-3);
            assert!((compact.quantile_ms(q).expect("not empty") / (100.0 * q) - 1.0).abs() < 1.0 / 32.0 + 1e-3);
        }
        // Evenly spread durations are read as exactly as they are many, but for the last bucket, which they do not fill.
        for q in [0.01, 0.5, 0.9] {
            let read = compact.interpolated_quantile_ms(q).expect("not empty");
            assert!((read / (100.0 * q) - 1.0).abs() < 1e-3, "{q}: {read}");
        }
        assert_eq!(CompactHistogram::default().interpolated_quantile_ms(0.5), None);
        assert_eq!(full.max_ms(), 100.0);
        assert!((full.mean_ms() - 50.0005).abs() < 1e-9);
    }

    #[test]
    fn few_and_many_say_the_same() {
        let (mut whole, mut first, mut second) =
            (CompactHistogram::default(), CompactHistogram::default(), CompactHistogram::default());
        for us in 1..=200u64 {
            whole.record(Span(us * 10_000));
            if us <= 100 { first.record(Span(us * 10_000)) } else { second.record(Span(us * 10_000)) }
        }
        assert!(matches!((&first, &whole), (CompactHistogram::Few(_), CompactHistogram::Many(..))));
        first.merge(&second);
        assert_eq!((first.count(), first.quantile_ms(0.9)), (200, whole.quantile_ms(0.9)));
        assert_eq!(second.quantile_ms(0.5), Some(middle(bucket_of(1_500_000, COARSE_BITS), COARSE_BITS) / 1e6));
    }

    #[test]
    fn merging_is_counting_both() {
        let (mut a, mut b, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for us in 1..1000u64 {
            let span = Span(us * us * 1000);
            if us % 3 == 0 {
                a.record(span)
            } else {
                b.record(span)
            }
            both.record(span);
        }
        a.merge(&b);
        assert_eq!((a.count(), a.mean_ms(), a.quantile_ms(0.9)), (both.count(), both.mean_ms(), both.quantile_ms(0.9)));
    }
}
