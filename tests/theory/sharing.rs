//! How long a request stays in M/M/1 with processor sharing: its distribution, by numerical inversion of a transform.

use super::complex::Complex;

/// M/M/1 with processor sharing: arrival rate λ, service rate μ.
pub struct Sharing {
    pub arrivals: f64,
    pub service: f64,
}

impl Sharing {
    /// 1/(μ − λ), whatever the distribution of the service.
    pub fn mean(&self) -> f64 {
        1.0 / (self.service - self.arrivals)
    }

    /// E[e^(−sT) | demand x] (Coffman, Muntz, Trotter 1970):
    /// (1−ρ)(1−ρr²) e^(−(λ(1−r)+s)x) / ((1−ρr)² − ρ(1−r)² e^(−(μ/r−λr)x)), where r is the smaller root of
    /// λr² − (λ+μ+s)r + μ = 0.
    pub fn conditional_transform(&self, s: Complex, x: f64) -> Complex {
        let (lambda, mu) = (Complex::from(self.arrivals), Complex::from(self.service));
        let one = Complex::from(1.0);
        let rho = lambda / mu;
        let b = lambda + mu + s;
        let root = (b * b - Complex::from(4.0) * lambda * mu).sqrt();
        // The product of the roots is μ/λ: dividing by the larger one keeps all digits of the smaller.
        let larger = if (b + root).norm() > (b - root).norm() { b + root } else { b - root };
        let r = Complex::from(2.0) * mu / larger;
        let x = Complex::from(x);
        let zero = Complex::from(0.0);
        let grown = (zero - (lambda * (one - r) + s) * x).exp();
        let faded = (zero - (mu / r - lambda * r) * x).exp();
        let numerator = (one - rho) * (one - rho * r * r) * grown;
        let a = one - rho * r;
        let c = one - r;
        numerator / (a * a - rho * c * c * faded)
    }

    /// E[e^(−sT)]: the conditional transform over an exponential demand, by Simpson's rule.
    pub fn transform(&self, s: Complex) -> Complex {
        const STEPS: u32 = 2000;
        // e^−36 is beyond what a double can tell from zero beside one.
        let width = 36.0 / f64::from(STEPS);
        let mut sum = Complex::from(0.0);
        for step in 0..=STEPS {
            let weight = match step {
                0 | STEPS => 1.0,
                _ if step % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let y = f64::from(step) * width;
            sum = sum + Complex::from(weight * (-y).exp()) * self.conditional_transform(s, y / self.service);
        }
        sum * Complex::from(width / 3.0)
    }

    /// P(T > t).
    pub fn tail(&self, t: f64) -> f64 {
        tail_by_euler(|s| self.transform(s), t)
    }
}

/// P(T > t) of a time whose Laplace transform is given, by the Euler algorithm (Abate and Whitt 1995): the Bromwich
/// integral by the trapezoidal rule, whose alternating series is summed up by Euler's method. Its error for functions
/// within 0 and 1 is about e^−A = 10^−8.
pub fn tail_by_euler(transform: impl Fn(Complex) -> Complex, t: f64) -> f64 {
    const A: f64 = 18.4;
    const TERMS: usize = 20;
    const EULER: usize = 11;
    let value = |k: usize| {
        let s = Complex::new(A / (2.0 * t), k as f64 * std::f64::consts::PI / t);
        ((Complex::from(1.0) - transform(s)) / s).re
    };
    let scale = (A / 2.0).exp() / t;
    let mut sum = 0.5 * value(0);
    let mut partial = Vec::with_capacity(EULER + 1);
    for k in 1..=TERMS + EULER {
        sum += if k % 2 == 0 { value(k) } else { -value(k) };
        if k >= TERMS {
            partial.push(sum);
        }
    }
    // The binomial average of the last partial sums.
    let mut weight = 0.5f64.powi(EULER as i32);
    let mut average = 0.0;
    for (j, sum) in partial.iter().enumerate() {
        average += weight * sum;
        weight *= (EULER - j) as f64 / (j + 1) as f64;
    }
    scale * average
}
