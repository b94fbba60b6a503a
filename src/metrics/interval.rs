//! How well a mean is known: 95% intervals of the mean of a series of batch means.
//!
//! A run is cut into stretches of equal length; what each comes to is one value (batch means: Schmeiser, "Batch size
//! effects in the analysis of simulation output", Operations Research 30, 1982, who finds 10 to 30 batches enough). Their mean
//! lies within t · s / √n of the true one (Student, "The probable error of a mean", Biometrika 6, 1908).
//!
//! Neighbours are alike where queues outlast a stretch. So n is what the values are worth if they are a first-order
//! autoregression: n (1 − r) / (1 + r), with r the correlation of neighbours, which is put right for short series (Marriott and
//! Pope, "Bias in the estimation of autocorrelations", Biometrika 41, 1954).

use serde::{Deserialize, Serialize};

/// A mean with its 95% interval, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The interval reaches so far to either side of it.
    pub half_width: f64,
}

/// However alike neighbours are, the values are worth at least so many.
const WORTH_MIN: f64 = 3.0;
/// The 97.5% point of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Interval {
    /// The interval of the mean of these values, in the order in which they came; `None` of fewer than three.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.len() < WORTH_MIN as usize {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        // The mean of equal values may be off by its rounding.
        if values.iter().all(|value| *value == values[0]) || squares == 0.0 {
            return Some(Self { mean: values[0], half_width: 0.0 });
        }
        let products: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
        let seen = products / squares;
        let r = (seen + (1.0 + 4.0 * seen) / n).clamp(0.0, 0.99);
        let worth = (n * (1.0 - r) / (1.0 + r)).max(WORTH_MIN);
        let deviation = (squares / (n - 1.0)).sqrt();
        Some(Self { mean, half_width: student(worth - 1.0) * deviation / worth.sqrt() })
    }

    /// The lower end.
    pub fn low(self) -> f64 {
        self.mean - self.half_width
    }

    /// The upper end.
    pub fn high(self) -> f64 {
        self.mean + self.half_width
    }

    /// Whether zero is in it.
    pub fn contains_zero(self) -> bool {
        self.low() <= 0.0 && self.high() >= 0.0
    }
}

/// The 97.5% point of Student's t with so many degrees of freedom, at least 2: within 1% of it there, within 0.1% from 4
/// on (Abramowitz and Stegun, 26.7.5).
fn student(degrees: f64) -> f64 {
    let power = |n: i32| Z.powi(n);
    let terms = [
        (power(3) + Z) / 4.0,
        (5.0 * power(5) + 16.0 * power(3) + 3.0 * Z) / 96.0,
        (3.0 * power(7) + 19.0 * power(5) + 17.0 * power(3) - 15.0 * Z) / 384.0,
        (79.0 * power(9) + 776.0 * power(7) + 1482.0 * power(5) - 1920.0 * power(3) - 945.0 * Z) / 92_160.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| (sum + term) / degrees) + Z
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, unit};

    /// A normal variate, by the sum of twelve uniform ones.
    fn normal(stream: &mut Stream) -> f64 {
        (0..12).map(|_| unit(stream.draw())).sum::<f64>() - 6.0
    }

    /// Of 4,000 series of `n` values around zero, each of which keeps the part `kept` of the one before: the share whose
    /// interval contains zero, with and without regard to that.
    fn coverage(n: usize, kept: f64) -> (f64, f64) {
        let mut stream = Stream::new(7, 1);
        let (mut with, mut without) = (0, 0);
        for _ in 0..4000 {
            let mut value = normal(&mut stream) / (1.0 - kept * kept).sqrt();
            let values: Vec<f64> = std::iter::repeat_with(|| {
                value = kept * value + normal(&mut stream);
                value
            })
            .take(n)
            .collect();
            let interval = Interval::of(&values).expect("enough values");
            with += i32::from(interval.contains_zero());
            let deviation = values.iter().map(|value| (value - interval.mean).powi(2)).sum::<f64>() / (n as f64 - 1.0);
            let naive = student(n as f64 - 1.0) * (deviation / n as f64).sqrt();
            without += i32::from(interval.mean.abs() <= naive);
        }
        (f64::from(with) / 4000.0, f64::from(without) / 4000.0)
    }

    #[test]
    fn students_t_is_that_of_the_tables() {
        for (degrees, value, allowed) in
            [(2.0, 4.3027, 0.01), (4.0, 2.7764, 1e-3), (9.0, 2.2622, 1e-4), (19.0, 2.0930, 1e-4), (1e9, 1.95996, 1e-5)]
        {
            assert!((student(degrees) / value - 1.0).abs() < allowed, "{degrees}: {}", student(degrees));
        }
    }

    /// Four standard errors of a share of 0.95 among 4,000 are 0.014.
    #[test]
    fn the_interval_covers_the_truth_as_often_as_it_says() {
        for n in [10, 20, 30] {
            let (with, without) = coverage(n, 0.0);
            assert!((without - 0.95).abs() < 0.014, "Student's interval of {n} independent values: {without}");
            assert!((0.936..0.985).contains(&with), "of {n} independent values: {with}");
        }
    }

    #[test]
    fn neighbours_that_are_alike_widen_it() {
        let (with, without) = coverage(20, 0.5);
        assert!(without < 0.80, "without regard to it, the interval is much too narrow: {without}");
        assert!(with > 0.90, "of 20 values with a correlation of a half: {with}");
    }

    #[test]
    fn equal_values_are_known_exactly() {
        assert_eq!(Interval::of(&[0.1; 13]), Some(Interval { mean: 0.1, half_width: 0.0 }));
        assert!(Interval::of(&[0.0; 10]).is_some_and(Interval::contains_zero));
        assert_eq!(Interval::of(&[1.0, 2.0]), None);
    }
}
