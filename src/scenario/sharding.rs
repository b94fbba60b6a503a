//! How databases are sharded, as written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::sharding::fields::{Field, ShardKey};

/// A table whose rows are on several shards. `instances` servers are one shard: with `replication`, a primary and its
/// replicas.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sharding {
    /// How many shards there are, from 1 to 256. While the system runs it can only go up: rows then move.
    pub shards: u32,
    /// Which shard a row is on.
    #[serde(skip_serializing_if = "is_default")]
    pub by: By,
    /// The key by which it is found.
    #[serde(skip_serializing_if = "is_default")]
    pub key: ShardKey,
    /// For `ring`: points of each shard on the ring, from 1 to 10,000.
    #[serde(skip_serializing_if = "is_default_points")]
    pub ring_points: u32,
    /// For `ranges`: which shard has which values of the key. Together they have all, and none twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// For `directory`: the shards of single values of the key, from 1; of several, each has a copy and reads are spread
    /// over them. All other values are shared out by their hash.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub directory: BTreeMap<String, Vec<u32>>,
    /// For `directory`: the last so many shards have only what the directory names.
    #[serde(skip_serializing_if = "is_default")]
    pub dedicated: u32,
    /// A field by which all rows are kept a second time, so that queries that name it need not ask all shards. Each write
    /// has one more row to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied_by: Option<Field>,
    /// The most rows that the disk of a shard has room for. Without it, there is always room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_rows: Option<u32>,
    /// What a core copies when rows move, in megabytes per second.
    #[serde(skip_serializing_if = "is_default_copy")]
    pub copy_mb_per_second: f64,
}

/// How it is said which shard a row is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By the key's hash modulo the number of shards.
    #[default]
    Modulo,
    /// By a ring of hashes (consistent hashing).
    Ring,
    /// By the range that the key is in.
    Ranges,
    /// By a table of hashed keys and of single ones.
    Directory,
}

/// Values of a key, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first value: a letter for `surname`, a number for the others.
    pub from: Bound,
    /// The last value. Without it, all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Bound>,
    /// The shard, from 1.
    pub shard: u32,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Bound {
    /// A number: of a user, a row, or the order in which rows were inserted.
    Number(u32),
    /// The initial letter of a surname.
    Letter(String),
}

impl Bound {
    /// The number that stands for it, if it is a value of this key.
    pub fn value(&self, key: ShardKey) -> Option<u32> {
        match (self, key) {
            (Self::Number(number), ShardKey::UserId | ShardKey::OrderId | ShardKey::CreatedAt) => Some(*number),
            (Self::Letter(letter), ShardKey::Surname) => match letter.as_bytes() {
                [letter @ b'A'..=b'Z'] => Some(u32::from(letter - b'A')),
                _ => None,
            },
            (Self::Number(_) | Self::Letter(_), _) => None,
        }
    }
}

impl Default for Sharding {
    fn default() -> Self {
        Self {
            shards: 2,
            by: By::default(),
            key: ShardKey::default(),
            ring_points: 200,
            ranges: Vec::new(),
            directory: BTreeMap::new(),
            dedicated: 0,
            copied_by: None,
            capacity_rows: None,
            copy_mb_per_second: 100.0,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_default_points(points: &u32) -> bool {
    *points == Sharding::default().ring_points
}

fn is_default_copy(speed: &f64) -> bool {
    *speed == Sharding::default().copy_mb_per_second
}
