//! Which shard a row is on, by its shard key: the one function that routes, counts, moves and draws.
//!
//! A row is on exactly one shard, but for two exceptions that somebody has asked for: keys of which the directory says that
//! several shards have copies, and tables that are kept a second time by another field.

use std::collections::BTreeMap;

use crate::nodes::placement::{Holders, Order, Placement, hash_of};

use super::fields::{Field, Rows, ShardKey};

/// Buckets of a directory: as many as MongoDB or Citus would call chunks or shards of theirs.
const BUCKETS: usize = 4096;

/// Which shard has a value of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// By the hash of the value.
    Hashed(Order),
    /// By the range that it is in: the first values of the ranges, in order, and the shard of each.
    Ranges(Vec<(u32, u16)>),
    /// By a table.
    Directory {
        /// The shard of each bucket of hashes.
        buckets: Vec<u16>,
        /// The shards of single values.
        listed: BTreeMap<u32, Holders>,
    },
}

impl Map {
    /// By the hash, over so many shards.
    pub fn hashed(placement: Placement, shards: u16) -> Self {
        Self::Hashed(Order::new(placement, shards))
    }

    /// By a table with these entries; all else over the first so many shards.
    pub fn directory(shards: u16, listed: BTreeMap<u32, Holders>) -> Self {
        Self::Directory { buckets: buckets(shards), listed }
    }

    /// The shards that have a value; mostly one.
    #[inline]
    pub fn holders(&self, value: u32) -> Holders {
        if let Self::Directory { listed, .. } = self
            && let Some(holders) = listed.get(&value)
        {
            return *holders;
        }
        let mut holders = Holders::default();
        holders.push(self.home(value));
        holders
    }

    /// The shard that has a value; the first of several.
    #[inline]
    pub fn home(&self, value: u32) -> u16 {
        match self {
            Self::Hashed(order) => order.first(hash_of(value)),
            Self::Ranges(ranges) => ranges[ranges.partition_point(|&(first, _)| first <= value) - 1].1,
            Self::Directory { buckets, listed } => match listed.get(&value) {
                Some(holders) => holders.servers()[0],
                None => buckets[hash_of(value) as usize % BUCKETS],
            },
        }
    }
}

/// The shard of each bucket. A shard that is added takes its part from those before it and leaves the rest where it is.
fn buckets(shards: u16) -> Vec<u16> {
    let mut table = vec![0; BUCKETS];
    let mut held = vec![BUCKETS];
    for added in 1..usize::from(shards) {
        let part = BUCKETS / (added + 1);
        held.push(0);
        for bucket in &mut table {
            if held[added] == part {
                break;
            }
            // Who has more than will be the part of each gives.
            if held[usize::from(*bucket)] > part {
                held[usize::from(*bucket)] -= 1;
                held[added] += 1;
                *bucket = added as u16;
            }
        }
    }
    table
}

/// Where rows are, and where they are kept once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// How many shards there are.
    pub shards: u16,
    /// The key.
    pub key: ShardKey,
    /// Which shard has which value of it.
    pub map: Map,
    /// The field by which rows are kept a second time, and which shard has which value of that.
    pub copy: Option<(Field, Map)>,
}

impl Distribution {
    /// The shard that a row is on, by its key.
    #[inline]
    pub fn home(&self, rows: &Rows, row: u32) -> u16 {
        self.map.home(rows.value(self.key, row))
    }

    /// All shards that have a row, its home first.
    #[inline]
    pub fn holders(&self, rows: &Rows, row: u32) -> Holders {
        let mut holders = self.map.holders(rows.value(self.key, row));
        if let Some((field, map)) = &self.copy {
            holders.push(map.home(rows.value((*field).into(), row)));
        }
        holders
    }

    /// The shards any of which can answer a query for a row that names this field; none if all have to be asked.
    #[inline]
    pub fn readers(&self, rows: &Rows, row: u32, finds_by: Option<Field>) -> Option<Holders> {
        if self.key.is_named_by(finds_by) {
            return Some(self.map.holders(rows.value(self.key, row)));
        }
        let (field, map) = self.copy.as_ref().filter(|(field, _)| finds_by == Some(*field))?;
        let mut holders = Holders::default();
        holders.push(map.home(rows.value((*field).into(), row)));
        Some(holders)
    }
}

/// The most rows that a census looks at: of more, every n-th stands for n.
const CENSUS: u32 = 1 << 18;

/// Hands out rows that stand for all `count`, each with how many it stands for.
pub fn census(count: u32, mut each: impl FnMut(u32, u64)) {
    let step = count.div_ceil(CENSUS).max(1);
    let mut row = 0;
    while row < count {
        each(row, u64::from(step.min(count - row)));
        row += step;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::sharding::fields::Table;

    fn rows(count: u32) -> Rows {
        Rows::new(Table { count, users: count / 10 })
    }

    fn maps(shards: u16) -> Vec<Map> {
        let range = |shard: u16| (u32::from(shard) * 5000, shard);
        vec![
            Map::hashed(Placement::Modulo, shards),
            Map::hashed(Placement::Ring { points: 50 }, shards),
            Map::Ranges((0..shards).map(range).collect()),
            Map::directory(shards, BTreeMap::new()),
        ]
    }

    #[test]
    fn every_row_is_on_exactly_one_shard_whatever_the_key() {
        let rows = rows(20_000);
        let keys = [
            ShardKey::UserId,
            ShardKey::OrderId,
            ShardKey::UserIdOrderId,
            ShardKey::CreatedAt,
            ShardKey::Country,
            ShardKey::Surname,
        ];
        for key in keys {
            for map in maps(5) {
                let distribution = Distribution { shards: 5, key, map, copy: None };
                let mut held = [0; 5];
                for row in 0..20_000 {
                    let holders = distribution.holders(&rows, row);
                    let [one] = holders.servers() else { panic!("row {row} is on {holders:?}") };
                    assert_eq!(*one, distribution.home(&rows, row));
                    held[usize::from(*one)] += 1;
                }
                assert_eq!(held.iter().sum::<u32>(), 20_000);
            }
        }
    }

    #[test]
    fn a_directory_is_even_and_moves_no_more_than_it_must() {
        for shards in 1..20 {
            let (before, after) = (buckets(shards), buckets(shards + 1));
            let part = BUCKETS / usize::from(shards + 1);
            let moved = before.iter().zip(&after).filter(|(before, after)| before != after).count();
            assert_eq!(moved, part, "to {} shards", shards + 1);
            let counts = (0..=shards).map(|shard| after.iter().filter(|&&own| own == shard).count());
            assert!(counts.clone().max().unwrap() - counts.min().unwrap() <= usize::from(shards) + 1);
        }
    }

    #[test]
    fn a_census_counts_all() {
        for count in [1, 1000, CENSUS, CENSUS + 1, 10_000_000] {
            let mut sum = 0;
            census(count, |_, stands_for| sum += stands_for);
            assert_eq!(sum, u64::from(count));
        }
    }
}
