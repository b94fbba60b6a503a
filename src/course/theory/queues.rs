//! Queues in closed form. Loads are in erlangs: arrivals per unit of time × mean work in that unit.

use libm::{expm1, log};

/// The probability that a request has to wait in M/M/c (Erlang C; Erlang, "Solution of some problems in the theory of
/// probabilities of significance in automatic telephone exchanges", 1917), from the recursion of Erlang's B formula. The
/// load must be below the number of servers.
pub fn erlang_c(servers: u32, erlangs: f64) -> f64 {
    let blocking = (1..=servers).fold(1.0, |b, n| erlangs * b / (f64::from(n) + erlangs * b));
    let load = erlangs / f64::from(servers);
    blocking / (1.0 - load * (1.0 - blocking))
}

/// How many requests wait in M/M/c, first come first served, on average: C · ρ / (1 − ρ), with ρ the load of each server.
pub fn waiting_mmc(servers: u32, erlangs: f64) -> f64 {
    let load = erlangs / f64::from(servers);
    erlang_c(servers, erlangs) * load / (1.0 - load)
}

/// How many requests wait in M/G/1, first come first served, on average: ρ² (1 + v²) / (2 (1 − ρ)), with v the coefficient
/// of variation of the work (Pollaczek, 1930; Khinchine, 1932).
pub fn waiting_mg1(load: f64, variation: f64) -> f64 {
    load * load * (1.0 + variation * variation) / (2.0 * (1.0 - load))
}

/// The probability that a request finds so many before it or more, `requests` being at least the servers: exactly where work is
/// exponential, roughly (by the heavy-traffic approximation) where one server's work varies otherwise.
pub fn beyond(servers: u32, erlangs: f64, variation: f64, requests: u32) -> f64 {
    let load = erlangs / f64::from(servers);
    let places = f64::from(requests.saturating_sub(servers));
    erlang_c(servers, erlangs) * libm::pow(load, places * 2.0 / (1.0 + variation * variation))
}

/// A machine whose cores all requests share (M/G/c under processor sharing).
///
/// How many requests there are has the same distribution whatever the work is like, as long as its mean is the same: the
/// state is a birth and death process whose deaths go at the speed of the cores that work (insensitivity: Kelly, Reversibility
/// and Stochastic Networks, 1979, 3.3). In a network of such machines and constant delays with Poisson arrivals, each machine
/// is as if it were alone, also where requests come back (Baskett, Chandy, Muntz and Palacios, 1975).
#[derive(Clone, Debug, PartialEq)]
pub struct Sharing {
    /// The probabilities of 0, 1, … requests, up to the number of cores.
    probabilities: Vec<f64>,
    /// By what that of one more falls, beyond.
    ratio: f64,
}

impl Sharing {
    /// With this load in erlangs, where 0, 1, … busy cores work at these speeds together; `None` if it is more than they can do.
    pub fn new(erlangs: f64, speeds: &[f64]) -> Option<Self> {
        let ratio = erlangs / speeds.last().copied().filter(|_| speeds.len() > 1)?;
        if ratio >= 1.0 {
            return None;
        }
        let mut probabilities = vec![1.0];
        for speed in &speeds[1..] {
            let last = probabilities[probabilities.len() - 1];
            probabilities.push(last * erlangs / speed);
        }
        let full = probabilities[probabilities.len() - 1];
        let total: f64 = probabilities.iter().sum::<f64>() + full * ratio / (1.0 - ratio);
        probabilities.iter_mut().for_each(|probability| *probability /= total);
        Some(Self { probabilities, ratio })
    }

    fn full(&self) -> f64 {
        self.probabilities[self.probabilities.len() - 1]
    }

    /// How many requests there are on average.
    pub fn mean(&self) -> f64 {
        let few: f64 = self.probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        let cores = (self.probabilities.len() - 1) as f64;
        let beyond = self.ratio / (1.0 - self.ratio);
        few + self.full() * beyond * (cores + 1.0 / (1.0 - self.ratio))
    }

    /// The probability that there are so many requests or more.
    pub fn at_least(&self, requests: u32) -> f64 {
        let (requests, cores) = (requests as usize, self.probabilities.len() - 1);
        let many = self.full() / (1.0 - self.ratio);
        if requests >= cores {
            return many * libm::pow(self.ratio, (requests - cores) as f64);
        }
        self.probabilities[requests..cores].iter().sum::<f64>() + many
    }
}

/// (1 − e^(−x)) / x, also near 0.
pub(super) fn mean_decay(x: f64) -> f64 {
    if x < 1e-8 { 1.0 - x / 2.0 } else { -expm1(-x) / x }
}

/// The natural logarithm of n!.
pub(super) fn log_factorial(n: u32) -> f64 {
    (2..=n).map(|k| log(f64::from(k))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_come_out() {
        // One server waits with the probability that it is busy; two: 2ρ² / (1 + ρ).
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        assert!((erlang_c(2, 1.2) - 2.0 * 0.36 / 1.6).abs() < 1e-12);
        // Tables of Erlang C: 10 servers with 8 erlangs wait with 0.409.
        assert!((erlang_c(10, 8.0) - 0.409).abs() < 5e-4);
        // M/M/1: ρ² / (1 − ρ), as M/G/1 with v = 1; constant work halves it.
        assert!((waiting_mmc(1, 0.9) - 8.1).abs() < 1e-9 && (waiting_mg1(0.9, 1.0) - 8.1).abs() < 1e-9);
        assert!((waiting_mg1(0.9, 0.0) - 4.05).abs() < 1e-9);
        // With exponential work M/M/1 has n requests or more with ρ^n.
        assert!((beyond(1, 0.9, 1.0, 20) - 0.9f64.powi(20)).abs() < 1e-12);
    }

    #[test]
    fn sharing_has_as_many_requests_as_mmc() {
        for (cores, erlangs) in [(1u32, 0.9), (2, 1.3), (8, 7.5), (64, 60.0)] {
            let speeds: Vec<f64> = (0..=cores).map(f64::from).collect();
            let sharing = Sharing::new(erlangs, &speeds).expect("it is stable");
            let mean = erlangs + waiting_mmc(cores, erlangs);
            assert!((sharing.mean() / mean - 1.0).abs() < 1e-9, "{cores}: {} for {mean}", sharing.mean());
            assert!((sharing.at_least(0) - 1.0).abs() < 1e-12);
            // Who comes has to share a core with the probability of Erlang C.
            assert!((sharing.at_least(cores) - erlang_c(cores, erlangs)).abs() < 1e-12);
        }
        assert_eq!(Sharing::new(2.0, &[0.0, 1.0, 2.0]), None, "all that two cores can do is too much");
    }

    #[test]
    fn cores_that_disturb_each_other_hold_more_requests() {
        let alone = Sharing::new(1.2, &[0.0, 1.0, 2.0]).expect("stable").mean();
        let disturbed = Sharing::new(1.2, &[0.0, 1.0, 1.6]).expect("stable").mean();
        assert!(disturbed > 1.3 * alone, "{disturbed} for {alone}");
    }
}
