//! Zipf's law: the k-th of n things is taken in proportion to 1 / k^s.
//!
//! By rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
//! distributions", 1996): O(1) whatever n and s ≥ 0 are, and exact.

use super::{mix, unit};

/// A Zipf distribution over 0 … n − 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zipf {
    n: u32,
    s: f64,
    /// The integral of x^-s up to 1.5, less 1, and up to n + 0.5.
    low: f64,
    high: f64,
    /// Below this distance from the whole number, a variate is accepted at once.
    sure: f64,
}

impl Zipf {
    /// Over `n` things (at least 1), with exponent `s` (0: all alike).
    pub fn new(n: u32, s: f64) -> Self {
        let sure = 2.0 - inverse(integral(2.5, s) - libm::pow(2.0, -s), s);
        Self { n, s, low: integral(1.5, s) - 1.0, high: integral(f64::from(n) + 0.5, s), sure }
    }

    /// How many things there are.
    pub fn count(&self) -> u32 {
        self.n
    }

    /// The exponent.
    pub fn exponent(&self) -> f64 {
        self.s
    }

    /// The thing that these uniform bits fall on.
    pub fn pick(&self, mut bits: u64) -> u32 {
        loop {
            let u = self.high + unit(bits) * (self.low - self.high);
            let x = inverse(u, self.s);
            let k = libm::floor(x + 0.5).clamp(1.0, f64::from(self.n));
            if k - x <= self.sure || u >= integral(k + 0.5, self.s) - libm::pow(k, -self.s) {
                return k as u32 - 1;
            }
            bits = mix(bits.wrapping_add(1));
        }
    }
}

/// An antiderivative of x^-s, also where s is 1.
fn integral(x: f64, s: f64) -> f64 {
    let log = libm::log(x);
    ratio_exp((1.0 - s) * log) * log
}

/// Its inverse.
fn inverse(y: f64, s: f64) -> f64 {
    let t = (y * (1.0 - s)).max(-1.0);
    libm::exp(ratio_log(t) * y)
}

/// (e^x − 1) / x, also near 0.
fn ratio_exp(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::expm1(x) / x } else { 1.0 + x / 2.0 }
}

/// ln(1 + x) / x, also near 0.
fn ratio_log(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::log1p(x) / x } else { 1.0 - x / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    /// χ² with n − 1 degrees of freedom has mean n − 1 and variance 2 (n − 1); four standard deviations are allowed.
    #[test]
    fn shares_are_those_of_zipfs_law() {
        for s in [0.0, 0.7, 1.0, 1.3, 2.5] {
            let (n, draws) = (50u32, 200_000);
            let zipf = Zipf::new(n, s);
            let mut stream = Stream::new(1, 9);
            let mut counts = vec![0.0; n as usize];
            (0..draws).for_each(|_| counts[zipf.pick(stream.draw()) as usize] += 1.0);
            let total: f64 = (1..=n).map(|k| f64::from(k).powf(-s)).sum();
            let cells = counts.iter().zip(1..=n).map(|(count, k)| {
                let expected = f64::from(draws) * f64::from(k).powf(-s) / total;
                (count - expected).powi(2) / expected
            });
            let x: f64 = cells.sum();
            assert!(x < 49.0 + 4.0 * 98f64.sqrt(), "s = {s}: {x}");
        }
    }

    #[test]
    fn one_thing_is_always_taken() {
        assert!((0..100).all(|bits| Zipf::new(1, 1.0).pick(mix(bits)) == 0));
    }
}
