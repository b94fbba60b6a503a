//! What the site's data is, and caches for it, as written.

use serde::{Deserialize, Serialize};

use crate::nodes::cache::entries::Eviction;
use crate::nodes::web::OnWrite;

use super::{Id, ServiceTime, tiers::default_boot_ms};

/// The keys under which the site keeps its values, and which of them requests ask for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// How many there are, from 1 to 1,000,000,000.
    pub count: u32,
    /// How often each is asked for.
    #[serde(default)]
    pub popularity: Popularity,
    /// For `zipf`: the n-th most popular one is asked for in proportion to 1 / n to this power, from 0 to 3.
    #[serde(default = "one")]
    pub exponent: f64,
    /// Size of a value in kilobytes (1,000 bytes).
    #[serde(default = "one")]
    pub value_kb: f64,
}

/// Which keys requests ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Popularity {
    /// Few of them very often, most of them seldom.
    #[default]
    Zipf,
    /// All alike.
    Uniform,
    /// One after the other, and again from the beginning.
    Scan,
}

/// A cache: what it holds, or, for theory and benchmarks, a plain probability of a hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CacheTier {
    /// What it runs on.
    pub machine: Id,
    /// How many servers there are, each holding other keys.
    #[serde(default = "one_server", skip_serializing_if = "is_one_server")]
    pub instances: u32,
    /// Which of them holds a key.
    #[serde(default, skip_serializing_if = "is_default")]
    pub placement: Placement,
    /// For `ring`: points of each server on the ring, from 1 to 10,000.
    #[serde(default = "default_points", skip_serializing_if = "is_default_points")]
    pub ring_points: u32,
    /// Look-ups that it has in hand at once.
    pub slots: u32,
    /// Look-ups that may wait.
    pub backlog: u32,
    /// Work of a look-up.
    pub lookup: ServiceTime,
    /// Entries that each of them may hold. It needs `workload.keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_entries: Option<u32>,
    /// Megabytes that each of them may hold. Without it: what its machine has, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity_mb: Option<f64>,
    /// What goes first when there is no room.
    #[serde(default, skip_serializing_if = "is_default")]
    pub eviction: Eviction,
    /// How long an entry lives, in milliseconds. Without it, until it has to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<f64>,
    /// The part of its life that an entry may lose at random, from 0 to 1, so that not all expire at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ttl_jitter: f64,
    /// What a write does to the entry of its key, once the database has carried it out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_write: OnWrite,
    /// Whether the cache refuses values that are older than a write that it was told of: without it, a reader's fill
    /// that a write has overtaken leaves a stale entry.
    #[serde(default, skip_serializing_if = "is_default")]
    pub versioned_fill: bool,
    /// Whether reads of one web server that miss the same key at the same time ask the database once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub coalesce: bool,
    /// Instead of entries: the probability that it has what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_probability: Option<f64>,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// Which of several cache servers holds a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// The one whose point is next on a ring (consistent hashing).
    #[default]
    Ring,
    /// By the key's hash modulo their number.
    Modulo,
}

fn default_points() -> u32 {
    200
}

fn is_default_points(points: &u32) -> bool {
    *points == default_points()
}

fn one_server() -> u32 {
    1
}

fn is_one_server(count: &u32) -> bool {
    *count == 1
}

fn one() -> f64 {
    1.0
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
