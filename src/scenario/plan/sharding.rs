//! How databases are sharded, with all values turned into numbers.

use std::collections::BTreeMap;

use crate::nodes::placement::{Holders, Placement};
use crate::nodes::sharding::Sharding;
use crate::nodes::sharding::fields::{Field, Table};
use crate::nodes::sharding::router::{Distribution, Map};
use crate::scenario::sharding::By;
use crate::scenario::{DatabaseTier, Scenario, Tier, sharding};

/// What a class does to rows and how it finds them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowsPlan {
    /// Whether its write is a new row.
    pub inserts: bool,
    /// What its write changes of a row that shards may go by.
    pub changes: Option<Field>,
    /// The one field that its query names, if it does not know the whole row.
    pub finds_by: Option<Field>,
}

/// How the tier with this id is sharded, if it is a database that is.
pub fn sharding_of(scenario: &Scenario, id: &str) -> Option<Sharding> {
    match scenario.tiers.get(id)? {
        Tier::Database(database) => sharding(scenario, database),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => None,
    }
}

/// How a database tier is sharded, if it is.
pub(super) fn sharding(scenario: &Scenario, database: &DatabaseTier) -> Option<Sharding> {
    let own = database.sharding.as_ref()?;
    let keys = scenario.workload.keys.as_ref().expect("checked: who shards has keys");
    Some(Sharding {
        distribution: distribution(own),
        table: Table { count: keys.count, users: (keys.count / keys.rows_per_user).max(1) },
        each: database.instances as usize,
        capacity_rows: own.capacity_rows.map_or(u64::MAX, u64::from),
        row_bytes: (database.row_kb.unwrap_or(keys.value_kb) * 1000.0) as u32,
        copy_mb_per_second: own.copy_mb_per_second,
    })
}

fn distribution(own: &sharding::Sharding) -> Distribution {
    let shards = own.shards as u16;
    let map = match own.by {
        By::Modulo => Map::hashed(Placement::Modulo, shards),
        By::Ring => Map::hashed(Placement::Ring { points: own.ring_points }, shards),
        By::Ranges => {
            let first = |range: &sharding::Range| range.from.value(own.key).expect("checked: it is a value of the key");
            let mut ranges: Vec<(u32, u16)> =
                own.ranges.iter().map(|range| (first(range), (range.shard - 1) as u16)).collect();
            ranges.sort_unstable();
            Map::Ranges(ranges)
        }
        By::Directory => {
            let listed = own.directory.iter().map(|(value, shards)| {
                let mut holders = Holders::default();
                shards.iter().for_each(|shard| holders.push((shard - 1) as u16));
                (value.parse().expect("checked: a number"), holders)
            });
            Map::directory(shards - own.dedicated as u16, listed.collect::<BTreeMap<u32, Holders>>())
        }
    };
    let copy = own.copied_by.map(|field| (field, Map::hashed(Placement::Modulo, shards)));
    Distribution { shards, key: own.key, map, copy }
}
