//! Distributions of service times, each a function of 64 uniform bits.

use super::ziggurat::{self, EXPONENTIAL_TAIL, NORMAL_TAIL};
use super::{mix, unit};
use crate::time::Span;

/// An exponential variate with mean 1 (ziggurat; see `ziggurat.rs`).
#[inline]
pub fn exponential(mut bits: u64) -> f64 {
    let z = &ziggurat::EXPONENTIAL;
    let mut shift = 0.0;
    loop {
        let layer = (bits & 0xff) as usize;
        let x = unit(bits) * z.x[layer];
        if x < z.x[layer + 1] {
            return shift + x;
        }
        bits = mix(bits);
        if layer == 0 {
            // The tail of an exponential is an exponential again.
            shift += EXPONENTIAL_TAIL;
        } else if z.y[layer] + unit(bits) * (z.y[layer + 1] - z.y[layer]) < libm::exp(-x) {
            return shift + x;
        }
        bits = mix(bits.wrapping_add(1));
    }
}

/// A normal variate with mean 0 and variance 1 (ziggurat).
#[inline]
pub fn normal(mut bits: u64) -> f64 {
    let z = &ziggurat::NORMAL;
    loop {
        let layer = (bits & 0xff) as usize;
        let sign = if bits & 0x100 == 0 { 1.0 } else { -1.0 };
        let x = unit(bits) * z.x[layer];
        if x < z.x[layer + 1] {
            return sign * x;
        }
        bits = mix(bits);
        if layer == 0 {
            return sign * normal_tail(bits);
        }
        if z.y[layer] + unit(bits) * (z.y[layer + 1] - z.y[layer]) < libm::exp(-0.5 * x * x) {
            return sign * x;
        }
        bits = mix(bits.wrapping_add(1));
    }
}

/// A normal variate beyond [`NORMAL_TAIL`] (Marsaglia 1964).
fn normal_tail(mut bits: u64) -> f64 {
    loop {
        bits = mix(bits.wrapping_add(1));
        let x = exponential(bits) / NORMAL_TAIL;
        bits = mix(bits.wrapping_add(1));
        if 2.0 * exponential(bits) > x * x {
            return NORMAL_TAIL + x;
        }
    }
}

/// A distribution of durations, ready to be sampled. Times in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// Always the same.
    Constant(Span),
    /// Exponential with this mean.
    Exponential {
        /// Mean in nanoseconds.
        mean: f64,
    },
    /// Log-normal: `scale · e^(sigma · N)`.
    LogNormal {
        /// The median in nanoseconds.
        scale: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Shortest, in nanoseconds.
        low: f64,
        /// Longest minus shortest, in nanoseconds.
        width: f64,
    },
    /// One of two exponentials, with balanced means (each contributes half of the mean).
    Hyperexponential {
        /// Probability of the first.
        p: f64,
        /// Mean of the first in nanoseconds.
        mean_first: f64,
        /// Mean of the second in nanoseconds.
        mean_second: f64,
    },
}

impl Sampler {
    /// Log-normal by its mean (ns) and coefficient of variation.
    pub fn log_normal(mean: f64, cv: f64) -> Self {
        let variance = libm::log(1.0 + cv * cv);
        Self::LogNormal { scale: mean * libm::exp(-0.5 * variance), sigma: libm::sqrt(variance) }
    }

    /// Uniform by its mean (ns) and coefficient of variation, which is at most 1/√3.
    pub fn uniform(mean: f64, cv: f64) -> Self {
        let half = mean * cv * libm::sqrt(3.0);
        Self::Uniform { low: (mean - half).max(0.0), width: 2.0 * half }
    }

    /// Hyperexponential with balanced means by its mean (ns) and coefficient of variation, which is at least 1.
    pub fn hyperexponential(mean: f64, cv: f64) -> Self {
        let squared = cv * cv;
        let p = 0.5 * (1.0 + libm::sqrt((squared - 1.0) / (squared + 1.0)));
        Self::Hyperexponential { p, mean_first: 0.5 * mean / p, mean_second: 0.5 * mean / (1.0 - p) }
    }

    /// A duration from 64 uniform bits, to the nearest nanosecond.
    #[inline]
    pub fn sample(&self, bits: u64) -> Span {
        let ns = match *self {
            Self::Constant(span) => return span,
            Self::Exponential { mean } => mean * exponential(bits),
            Self::LogNormal { scale, sigma } => scale * libm::exp(sigma * normal(bits)),
            Self::Uniform { low, width } => low + width * unit(bits),
            Self::Hyperexponential { p, mean_first, mean_second } => {
                let mean = if unit(bits) < p { mean_first } else { mean_second };
                mean * exponential(mix(bits.wrapping_add(1)))
            }
        };
        Span((ns + 0.5) as u64)
    }

    /// The mean, in nanoseconds.
    pub fn mean_ns(&self) -> f64 {
        match *self {
            Self::Constant(span) => span.0 as f64,
            Self::Exponential { mean } => mean,
            Self::LogNormal { scale, sigma } => scale * libm::exp(0.5 * sigma * sigma),
            Self::Uniform { low, width } => low + 0.5 * width,
            Self::Hyperexponential { p, mean_first, mean_second } => p * mean_first + (1.0 - p) * mean_second,
        }
    }

    /// The mean of the square, in square nanoseconds.
    pub fn mean_square_ns(&self) -> f64 {
        match *self {
            Self::Constant(span) => span.0 as f64 * span.0 as f64,
            Self::Exponential { mean } => 2.0 * mean * mean,
            Self::LogNormal { scale, sigma } => scale * scale * libm::exp(2.0 * sigma * sigma),
            Self::Uniform { low, width } => (low + 0.5 * width) * (low + 0.5 * width) + width * width / 12.0,
            Self::Hyperexponential { p, mean_first, mean_second } => {
                2.0 * (p * mean_first * mean_first + (1.0 - p) * mean_second * mean_second)
            }
        }
    }

    /// Whether this is no work at all.
    pub fn is_zero(&self) -> bool {
        *self == Self::Constant(Span::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 4_000_000;

    /// Mean and variance of a sampler over the draws mix(1), mix(2), …
    fn moments(sample: impl Fn(u64) -> f64) -> (f64, f64) {
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 1..=N {
            let x = sample(mix(i));
            sum += x;
            squares += x * x;
        }
        let mean = sum / N as f64;
        (mean, squares / N as f64 - mean * mean)
    }

    #[test]
    fn exponential_has_the_right_moments_and_tail() {
        let (mean, variance) = moments(exponential);
        // Standard errors: 1/√N of the mean, √(8/N) of the variance; four of each.
        assert!((mean - 1.0).abs() < 4.0 / (N as f64).sqrt(), "{mean}");
        assert!((variance - 1.0).abs() < 4.0 * (8.0 / N as f64).sqrt(), "{variance}");
        for t in [0.1, 1.0, 3.0, 8.0] {
            let p = libm::exp(-t);
            let beyond = (1..=N).filter(|&i| exponential(mix(i)) > t).count() as f64 / N as f64;
            assert!((beyond - p).abs() < 4.0 * (p * (1.0 - p) / N as f64).sqrt(), "P(X > {t}) = {beyond}, not {p}");
        }
    }

    #[test]
    fn normal_has_the_right_moments_and_tail() {
        let (mean, variance) = moments(normal);
        assert!(mean.abs() < 4.0 / (N as f64).sqrt(), "{mean}");
        assert!((variance - 1.0).abs() < 4.0 * (2.0 / N as f64).sqrt(), "{variance}");
        for (t, p) in [(1.0, 0.158_655_253_931_457), (3.0, 0.001_349_898_031_630), (3.8, 7.234_804e-5)] {
            let beyond = (1..=N).filter(|&i| normal(mix(i)) > t).count() as f64 / N as f64;
            assert!((beyond - p).abs() < 4.0 * (p / N as f64).sqrt(), "P(X > {t}) = {beyond}, not {p}");
        }
    }

    #[test]
    fn samplers_keep_mean_and_coefficient_of_variation() {
        let mean = 1e6;
        for (sampler, cv, kurtosis_allowance) in [
            (Sampler::Exponential { mean }, 1.0, 3.0),
            (Sampler::log_normal(mean, 0.5), 0.5, 3.0),
            (Sampler::uniform(mean, 0.3), 0.3, 1.0),
            (Sampler::hyperexponential(mean, 2.0), 2.0, 6.0),
            (Sampler::Constant(Span(1_000_000)), 0.0, 1.0),
        ] {
            let (m, v) = moments(|bits| sampler.sample(bits).0 as f64);
            let error = 4.0 * cv / (N as f64).sqrt() + 1e-6;
            assert!((m / mean - 1.0).abs() < error, "{sampler:?}: mean {m}");
            assert!((v.sqrt() / mean - cv).abs() < kurtosis_allowance * error, "{sampler:?}: cv {}", v.sqrt() / mean);
            let (told, square) = (sampler.mean_ns(), sampler.mean_square_ns());
            assert!((told / mean - 1.0).abs() < 1e-9, "{sampler:?} says that its mean is {told}");
            assert!((square / (mean * mean) - 1.0 - cv * cv).abs() < 1e-9, "{sampler:?} says {square} of its square");
        }
    }
}
