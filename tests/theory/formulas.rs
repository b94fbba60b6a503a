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

/// M/M/c/K: `servers` with `places` to wait; who finds none is lost. Times in mean services.
pub struct Losses {
    pub servers: u32,
    pub places: u32,
    /// λ / μ.
    pub erlangs: f64,
}

impl Losses {
    /// The stationary probabilities of 0, 1, … requests in the system (birth and death).
    fn probabilities(&self) -> Vec<f64> {
        let mut weights = vec![1.0];
        for n in 1..=self.servers + self.places {
            let last = weights[weights.len() - 1];
            weights.push(last * self.erlangs / f64::from(n.min(self.servers)));
        }
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / total).collect()
    }

    /// The probability to find no place: Erlang's B where nobody can wait.
    pub fn blocking(&self) -> f64 {
        self.probabilities()[(self.servers + self.places) as usize]
    }

    /// The mean wait of those who are not lost, by Little's law.
    pub fn mean_wait(&self) -> f64 {
        let waiting = self.probabilities().into_iter().enumerate();
        let queue: f64 = waiting.map(|(n, p)| p * (n as f64 - f64::from(self.servers)).max(0.0)).sum();
        queue / (self.erlangs * (1.0 - self.blocking()))
    }
}

/// The mean wait, in mean services, at one of `n` servers that take turns under Poisson arrivals (E_n/M/1; Kleinrock,
/// Queueing Systems I, 6.4): σ / (1 − σ), where σ is the root below 1 of σ = (nρ / (nρ + 1 − σ))^n, ρ the load of each.
pub fn erlang_turn_wait(n: u32, load: f64) -> f64 {
    let rate = f64::from(n) * load;
    // The iteration converges to the root below 1 from below, as the right side is increasing and convex.
    let sigma = (0..10_000).fold(0.0, |sigma: f64, _| (rate / (rate + 1.0 - sigma)).powi(n as i32));
    sigma / (1.0 - sigma)
}
