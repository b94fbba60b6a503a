//! The course of what was scraped, for charts: as many records as fit, of which every second one goes when there is no room,
//! so that they reach over the whole run at equal distances.

use std::sync::Arc;

use crate::time::SimTime;

use super::alerts::{Host, Metric, TierSample};

/// What a scrape has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When.
    pub at: SimTime,
    /// By tier.
    pub tiers: Vec<TierRecord>,
    /// By node, where there are at most [`HOSTS_MAX`].
    pub hosts: Vec<HostRecord>,
    /// Users and orders, where they are counted.
    pub business: Option<Trade>,
}

/// Of how many servers at most the course is kept.
pub const HOSTS_MAX: usize = 256;

/// How a tier was, as [`TierSample`] has it; NaN where there is nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TierRecord {
    pub cpu: f32,
    pub memory: f32,
    pub disk: f32,
    pub network_mbps: f32,
    pub up: f32,
    pub waiting: f32,
    pub requests_per_second: f32,
    pub error_share: f32,
    pub latency_p99_ms: f32,
}

/// How a server was, as [`Host`] has it; NaN where there is nothing, and everywhere if it did not answer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct HostRecord {
    pub cpu: f32,
    pub memory: f32,
    pub disk: f32,
    pub requests_per_second: f32,
}

/// How trade goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade {
    /// Orders per second since the scrape before.
    pub orders_per_second: f32,
    /// The same on average over the scrapes in which no rule's condition held; NaN if there was none.
    pub normal_per_second: f32,
    /// Different users so far today.
    pub users_today: f32,
    /// Visits with an order so far, from 0 to 1; NaN if there was no visit.
    pub conversion: f32,
    /// What orders have brought so far, in US dollars.
    pub revenue_usd: f32,
}

/// The course.
#[derive(Clone, Debug)]
pub struct Course {
    records: Vec<Arc<Record>>,
    /// One scrape in so many is kept.
    every: u64,
    taken: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self { records: Vec::new(), every: 1, taken: 0 }
    }
}

impl Course {
    const RECORDS_MAX: usize = 400;

    /// A scrape is there.
    pub fn push(&mut self, record: impl FnOnce() -> Record) {
        let kept = self.taken.is_multiple_of(self.every);
        self.taken += 1;
        if !kept {
            return;
        }
        if self.records.len() == Self::RECORDS_MAX {
            let mut even = true;
            self.records.retain(|_| {
                std::mem::replace(&mut even, false) || {
                    even = true;
                    false
                }
            });
            self.every *= 2;
            // The next that is kept is as far away as the others are from each other.
            if !(self.taken - 1).is_multiple_of(self.every) {
                return;
            }
        }
        self.records.push(Arc::new(record()));
    }

    /// The records, oldest first.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// One scrape in so many is kept.
    pub fn every(&self) -> u64 {
        self.every
    }

    /// Roughly how many bytes this takes that clones do not share.
    pub fn bytes(&self) -> usize {
        self.records.len() * size_of::<Arc<Record>>()
    }
}

fn known(value: Option<f64>) -> f32 {
    value.map_or(f32::NAN, |value| value as f32)
}

impl From<&TierSample> for TierRecord {
    fn from(own: &TierSample) -> Self {
        Self {
            cpu: known(own.cpu),
            memory: known(own.memory),
            disk: known(own.disk),
            network_mbps: known(own.network_mbps),
            up: known(own.value(Metric::Up)),
            waiting: known(own.waiting),
            requests_per_second: known(own.requests_per_second),
            error_share: known(own.error_share),
            latency_p99_ms: known(own.latency_p99_ms),
        }
    }
}

impl From<&Host> for HostRecord {
    fn from(own: &Host) -> Self {
        let told = |value: Option<f64>| known(value.filter(|_| own.up));
        Self {
            cpu: told(own.cpu),
            memory: told(own.memory),
            disk: told(own.disk),
            requests_per_second: told(Some(own.requests_per_second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_thin_out_and_stay_at_equal_distances() {
        let mut course = Course::default();
        for at in 0..3_000 {
            course.push(|| Record { at: SimTime(at), tiers: Vec::new(), hosts: Vec::new(), business: None });
        }
        let times: Vec<u64> = course.records().iter().map(|record| record.at.0).collect();
        assert!(times.len() <= Course::RECORDS_MAX && times.len() > Course::RECORDS_MAX / 3, "{}", times.len());
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 8), "{times:?}");
        assert_eq!(times[0], 0);
    }
}
