//! Hit ratios of caches by the approximation of Che, Tung and Wang ("Hierarchical web caching systems: modeling, design and
//! experimental results", IEEE JSAC 20, 2002): an entry that nobody uses goes after the same time T for all keys, and T is such
//! that as many entries are there on average as there is room for. Requests ask for keys independently of each other.
//!
//! - Random eviction and first in, first out: Martina, Garetto and Leonardi, "A unified approach to the performance analysis of
//!   caching systems", 2014.
//! - Writes that delete entries are a second Poisson process for each key: an entry is there if the last of both was a read.
//! - A time to live: an entry is read anew once it is older than D. By then, or before if a gap is longer than T, it has been hit
//!   m(D) times on average, so m / (1 + m) of the reads are hits. With all room there can be, m = λD (Jung, Berger and
//!   Balakrishnan, "Modeling TTL-based Internet caches", 2003).
//!
//! All is in units of reads: of one read, key i is asked for with probability p. T and D are numbers of reads.

use libm::{exp, log, pow};

use super::queues::{log_factorial, mean_decay};
use crate::nodes::cache::entries::Eviction;
use crate::nodes::data::{Keys, Popularity};

/// Ranks up to this one are looked at one by one, those of celebrities too; the others in groups.
const SINGLE_RANKS: u32 = 200;
const SINGLE_RANKS_MAX: u32 = 1_000;
/// So much wider is each group than the ranks before it.
const GROWTH: f64 = 1.04;

/// How often keys are asked for: groups of keys alike, each with their number and the probability of one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares(Vec<(f64, f64)>);

impl Shares {
    /// Of the site's keys; `None` where they are asked for one after the other, which is not independently.
    pub fn of(keys: &Keys) -> Option<Self> {
        let count = keys.popularity.count();
        let (famous, share) = keys.celebrities.unwrap_or((0, 0.0));
        let exponent = match keys.popularity {
            Popularity::Zipf(zipf) => zipf.exponent(),
            Popularity::Uniform(_) => 0.0,
            Popularity::Scan(_) => return None,
        };
        let single = SINGLE_RANKS.max(famous).min(SINGLE_RANKS_MAX).min(count);
        let mut groups: Vec<(f64, f64)> = (1..=single).map(|rank| (1.0, pow(f64::from(rank), -exponent))).collect();
        let mut first = single + 1;
        while first <= count {
            let next = (((f64::from(first) * GROWTH) as u32).max(first) + 1).min(count + 1);
            let keys = f64::from(next - first);
            // The sum over the ranks, by the integral up to halves on both sides.
            let mass = integral(f64::from(next) - 0.5, exponent) - integral(f64::from(first) - 0.5, exponent);
            groups.push((keys, mass / keys));
            first = next;
        }
        let total: f64 = groups.iter().map(|(keys, weight)| keys * weight).sum();
        for (rank, group) in groups.iter_mut().enumerate() {
            let extra = if (rank as u32) < famous { share / f64::from(famous) } else { 0.0 };
            group.1 = group.1 / total * (1.0 - share) + extra;
        }
        Some(Self(groups))
    }

    /// The sum over all keys of what comes out of the probability of each.
    fn sum(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().map(|&(keys, p)| keys * of(p)).sum()
    }

    fn keys(&self) -> f64 {
        self.sum(|_| 1.0)
    }
}

/// An antiderivative of x^-s.
fn integral(x: f64, s: f64) -> f64 {
    if (s - 1.0).abs() < 1e-9 { log(x) } else { pow(x, 1.0 - s) / (1.0 - s) }
}

/// A cache, or several that share the keys out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cache {
    /// Entries that there is room for.
    pub capacity: f64,
    /// Who goes first: any but the least frequently used.
    pub eviction: Eviction,
    /// Writes that delete their entry, for each read.
    pub deletions: f64,
    /// How long entries live, in reads of any key, and the part of that which they may lose at random.
    pub life: Option<(f64, f64)>,
}

impl Cache {
    /// The part of the reads that are hits.
    pub fn hit_ratio(&self, shares: &Shares) -> f64 {
        let time = self.characteristic_time(shares);
        match self.life {
            None => shares.sum(|p| p * self.present(p, time)),
            Some((life, jitter)) => shares.sum(|p| {
                // Lives are even between both ends: by Simpson's rule.
                let hits = |life: f64| self.hits_of_a_fill(p, time, life);
                let (short, middle) = (life * (1.0 - jitter), life * (1.0 - jitter / 2.0));
                let hits = (hits(short) + 4.0 * hits(middle) + hits(life)) / 6.0;
                p * hits / (1.0 + hits)
            }),
        }
    }

    /// The number of reads after which an unused entry goes; infinite if there is always room.
    pub fn characteristic_time(&self, shares: &Shares) -> f64 {
        let held = |time: f64| shares.sum(|p| self.present(p, time));
        if shares.keys() / (1.0 + self.deletions) <= self.capacity {
            return f64::INFINITY;
        }
        let (mut low, mut high) = (log(self.capacity.max(1e-3)) - 1.0, log(self.capacity.max(1.0)) + 1.0);
        while held(exp(high)) < self.capacity && high < 200.0 {
            high += 2.0;
        }
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if held(exp(middle)) < self.capacity { low = middle } else { high = middle }
        }
        exp(0.5 * (low + high))
    }

    /// The probability that the entry of a key is there, old or not.
    fn present(&self, p: f64, time: f64) -> f64 {
        let deletions = self.deletions;
        match self.eviction {
            // Not yet deleted nor gone for want of use.
            Eviction::Lru | Eviction::Lfu => -libm::expm1(-(1.0 + deletions) * p * time) / (1.0 + deletions),
            Eviction::Random => p / (p + p * deletions + 1.0 / time),
            Eviction::Fifo if time.is_infinite() => 1.0 / (1.0 + deletions),
            Eviction::Fifo => {
                let stays = p * time * mean_decay(deletions * p * time);
                stays / (1.0 + stays)
            }
        }
    }

    /// How often an entry of a key that lives so long is hit before it is gone, on average: m(D).
    ///
    /// Its transform is λ (1 − Q e^(−sT)) / (s (s + μ + λ Q e^(−sT))), with λ the key's reads, μ its deletions and
    /// Q = e^(−(λ+μ)T); it is inverted term by term, each of which begins T later than the one before.
    fn hits_of_a_fill(&self, p: f64, time: f64, life: f64) -> f64 {
        let deleted = self.deletions * p;
        let unevicted = p * life * mean_decay(deleted * life);
        let gone = exp(-(p + deleted) * time);
        if gone < 1e-12 {
            return unevicted;
        }
        // Beyond, terms are too large to cancel in doubles; life is then some hundred times T, and hardly ends anything.
        if p * gone * life > 25.0 {
            let unexpired = p * (1.0 - gone) / (deleted + p * gone);
            return 1.0 / (1.0 / unexpired + 1.0 / unevicted);
        }
        let mut sum = 0.0;
        let mut terms = 0u32;
        while life > f64::from(terms) * time {
            let left = life - f64::from(terms) * time;
            let term =
                series_term(terms, p * gone, deleted, left) - gone * series_term(terms, p * gone, deleted, left - time);
            sum += if terms.is_multiple_of(2) { term } else { -term };
            if term.abs() < 1e-12 * sum.abs() {
                break;
            }
            terms += 1;
        }
        p * sum
    }
}

/// a^j · ∫₀^t x^j e^(−μx) / j! dx.
fn series_term(j: u32, a: f64, deleted: f64, t: f64) -> f64 {
    if t <= 0.0 {
        return 0.0;
    }
    let x = deleted * t;
    let n = f64::from(j);
    if x > 600.0 {
        // The integral is all but complete.
        return pow(a / deleted, n) / deleted;
    }
    let mut sum = 1.0;
    let mut part = 1.0;
    for i in 1..2_000 {
        part *= x / (n + 1.0 + f64::from(i));
        sum += part;
        if part < 1e-14 * sum {
            break;
        }
    }
    let first = if j == 0 { 0.0 } else { n * log(a * t) };
    t * exp(first - log_factorial(j + 1) - x) * sum
}

#[cfg(test)]
mod tests;
