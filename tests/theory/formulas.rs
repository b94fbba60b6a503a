//! Queues in closed form. Rates per millisecond, times in milliseconds.

/// The probability that a request has to wait, with `servers` and an offered load of `erlangs` (Erlang C), by the
/// recursion of Erlang's B formula.
pub fn erlang_c(servers: u32, erlangs: f64) -> f64 {
    let blocking = (1..=servers).fold(1.0, |b, n| erlangs * b / (f64::from(n) + erlangs * b));
    let load = erlangs / f64::from(servers);
    blocking / (1.0 - load * (1.0 - blocking))
}

/// M/M/c, first come first served.
pub struct Mmc {
    pub servers: u32,
    /// λ.
    pub arrivals: f64,
    /// μ of each server.
    pub service: f64,
}

impl Mmc {
    fn waits(&self) -> f64 {
        erlang_c(self.servers, self.arrivals / self.service)
    }

    /// What is left of the service rate.
    fn spare(&self) -> f64 {
        f64::from(self.servers) * self.service - self.arrivals
    }

    pub fn mean_wait(&self) -> f64 {
        self.waits() / self.spare()
    }

    /// P(W > t) = C·e^(−(cμ−λ)t); zero where fewer than 1 − q wait at all.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        (self.waits() / (1.0 - q)).ln().max(0.0) / self.spare()
    }

    pub fn mean_sojourn(&self) -> f64 {
        self.mean_wait() + 1.0 / self.service
    }

    /// P(T > t), the waiting time and an independent exponential service added up.
    pub fn sojourn_tail(&self, t: f64) -> f64 {
        let (mu, spare, waits) = (self.service, self.spare(), self.waits());
        if (spare - mu).abs() < 1e-12 * mu {
            return (1.0 + waits * mu * t) * (-mu * t).exp();
        }
        let weight = waits * mu / (spare - mu);
        (1.0 + weight) * (-mu * t).exp() - weight * (-spare * t).exp()
    }
}

/// The mean sojourn in M/G/1, first come first served (Pollaczek and Khinchine), by the service's coefficient of
/// variation.
pub fn mg1_mean_sojourn(load: f64, mean: f64, cv: f64) -> f64 {
    mean + load / (1.0 - load) * mean * (1.0 + cv * cv) / 2.0
}

/// The mean sojourn, in mean services, where each request goes to the shorter of two queues chosen at random among very
/// many (Vvedenskaya, Dobrushin, Karpelevich 1996; Mitzenmacher 1996): Σ ρ^(2^k − 2).
pub fn two_choices_mean_sojourn(load: f64) -> f64 {
    (1..=30).map(|k| load.powf(2f64.powi(k) - 2.0)).sum()
}

/// Where a falling function reaches `level`, between zero and `high`.
pub fn solve_falling(f: impl Fn(f64) -> f64, level: f64, high: f64) -> f64 {
    let (mut low, mut high) = (0.0, high);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if f(middle) > level { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
