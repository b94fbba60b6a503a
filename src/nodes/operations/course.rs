//! The course of what was scraped, for charts: as many records as fit, of which every second one goes when there is no room,
//! so that they reach over the whole run at equal distances.

use std::sync::Arc;

use crate::time::SimTime;

use super::alerts::TierSample;

/// What a scrape has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When.
    pub at: SimTime,
    /// By tier: cores, memory, disks from 0 to 1, megabits per second of each server; NaN where there is nothing.
    pub tiers: Vec<[f32; 4]>,
    /// Users and orders, where they are counted.
    pub business: Option<Trade>,
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

    /// Roughly how many bytes this takes that clones do not share.
    pub fn bytes(&self) -> usize {
        self.records.len() * size_of::<Arc<Record>>()
    }
}

impl From<&TierSample> for [f32; 4] {
    fn from(own: &TierSample) -> Self {
        [own.cpu, own.memory, own.disk, own.network_mbps].map(|value| value.map_or(f32::NAN, |value| value as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_thin_out_and_stay_at_equal_distances() {
        let mut course = Course::default();
        for at in 0..3_000 {
            course.push(|| Record { at: SimTime(at), tiers: Vec::new(), business: None });
        }
        let times: Vec<u64> = course.records().iter().map(|record| record.at.0).collect();
        assert!(times.len() <= Course::RECORDS_MAX && times.len() > Course::RECORDS_MAX / 3, "{}", times.len());
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 8), "{times:?}");
        assert_eq!(times[0], 0);
    }
}
