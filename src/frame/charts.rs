//! Series for charts, as rows of numbers.

use crate::nodes::Kind;
use crate::nodes::job::Cause;

/// Series for the charts: rows of [`Charts::row_length`] numbers, one row per stretch of time, oldest first.
///
/// A row holds: end in ms · width in ms · answers per second · p50, p95, p99 in ms (NaN when nothing was answered) ·
/// what a month costs at that load in US dollars · as last scraped, NaN where nothing is: orders per second, what is normal,
/// users today, visits with an order · failures per second by [`Cause::ALL`] · for each tier [`Charts::PER_TIER`] numbers:
/// utilisation, hit ratio (NaN when nobody looked), stale answers per second, replication lag in ms (NaN when nothing was
/// applied), servers that cost money, messages that wait, how long the oldest of them has waited in ms, and as last scraped:
/// cores, memory and disks from 0 to 1, megabits per second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Charts {
    /// Numbers per row.
    pub row_length: usize,
    /// All rows.
    pub rows: Vec<f32>,
}

impl Charts {
    /// The column of the cost per month.
    pub const COST: usize = 6;
    /// Columns before the failures.
    pub const FAILURES: usize = Self::CONVERSION + 1;
    /// The column of orders per second.
    pub const ORDERS: usize = Self::COST + 1;
    /// The column of what is normal of them.
    pub const ORDERS_NORMAL: usize = Self::ORDERS + 1;
    /// The column of different users so far today.
    pub const USERS_TODAY: usize = Self::ORDERS + 2;
    /// The column of the share of visits that have an order.
    pub const CONVERSION: usize = Self::ORDERS + 3;
    /// Columns before those of the tiers.
    pub const TIERS: usize = Self::FAILURES + Cause::COUNT;
    /// Columns of each tier.
    pub const PER_TIER: usize = 11;

    /// These charts of a system with the tiers `own`, as if it had those of `other`: what it has not is NaN. None if they
    /// are of a system with other tiers. Tiers are called by their kind and id, since a group of clients may have the id of
    /// a tier.
    pub fn arranged(&self, own: &[(Kind, String)], other: &[(Kind, String)]) -> Option<Self> {
        if self.row_length != Self::utilisation(own.len()) {
            return None;
        }
        let places: Vec<Option<usize>> = other.iter().map(|tier| own.iter().position(|mine| mine == tier)).collect();
        let mut arranged = Self { row_length: Self::utilisation(other.len()), rows: Vec::new() };
        for row in self.rows.chunks_exact(self.row_length) {
            arranged.rows.extend(&row[..Self::TIERS]);
            for place in &places {
                match place.map(Self::utilisation) {
                    Some(column) => arranged.rows.extend(&row[column..column + Self::PER_TIER]),
                    None => arranged.rows.extend([f32::NAN; Self::PER_TIER]),
                }
            }
        }
        Some(arranged)
    }

    /// The column of a tier's utilisation.
    pub fn utilisation(tier: usize) -> usize {
        Self::TIERS + Self::PER_TIER * tier
    }

    /// The column of a tier's hit ratio.
    pub fn hit_ratio(tier: usize) -> usize {
        Self::utilisation(tier) + 1
    }

    /// The column of a tier's stale answers.
    pub fn stale(tier: usize) -> usize {
        Self::utilisation(tier) + 2
    }

    /// The column of a tier's servers.
    pub fn servers(tier: usize) -> usize {
        Self::utilisation(tier) + 4
    }

    /// The column of a tier's cores, as scraped.
    pub fn scraped_cores(tier: usize) -> usize {
        Self::utilisation(tier) + 7
    }

    /// The column of a tier's memory, as scraped.
    pub fn scraped_memory(tier: usize) -> usize {
        Self::utilisation(tier) + 8
    }

    /// The column of a tier's disks, as scraped.
    pub fn scraped_disks(tier: usize) -> usize {
        Self::utilisation(tier) + 9
    }

    /// The column of what each of a tier's servers sends, as scraped.
    pub fn scraped_network(tier: usize) -> usize {
        Self::utilisation(tier) + 10
    }

    /// The column of a tier's replication lag.
    pub fn lag(tier: usize) -> usize {
        Self::utilisation(tier) + 3
    }

    /// The column of a broker's messages that wait.
    pub fn depth(tier: usize) -> usize {
        Self::utilisation(tier) + 5
    }

    /// The column of how long the oldest of them has waited.
    pub fn oldest(tier: usize) -> usize {
        Self::utilisation(tier) + 6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_of_other_tiers_are_read_by_the_ids_of_these() {
        let named = |kind: Kind, id: &str| (kind, id.to_owned());
        let own = [named(Kind::Client, "web"), named(Kind::Cache, "cache"), named(Kind::WebServer, "web")];
        let other = [named(Kind::WebServer, "web"), named(Kind::LoadBalancer, "balancer")];
        let row_length = Charts::utilisation(3);
        let charts = Charts { row_length, rows: (0..2 * row_length).map(|n| n as f32).collect() };
        let arranged = charts.arranged(&own, &other).expect("they are of these tiers");
        assert_eq!(arranged.row_length, Charts::utilisation(2));
        let second = &arranged.rows[arranged.row_length..];
        assert_eq!(second[Charts::COST], (row_length + Charts::COST) as f32);
        assert_eq!(second[Charts::lag(0)], (row_length + Charts::lag(2)) as f32);
        assert!(second[Charts::utilisation(1)..].iter().all(|value| value.is_nan()));
        assert_eq!(charts.arranged(&other, &own), None);
    }
}
