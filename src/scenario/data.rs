//! What the site's data is, and caches for it, as written.

use serde::{Deserialize, Serialize};

use crate::nodes::cache::entries::Eviction;
use crate::nodes::cache::strategy::{Storage, Strategy};
use crate::nodes::caching::OnWrite;

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
    /// How many of them belong to each user, on average, from 1: a user's orders.
    #[serde(default = "one_server", skip_serializing_if = "is_one_server")]
    pub rows_per_user: u32,
    /// Keys that more is asked for than by their popularity: celebrities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub celebrities: Option<Celebrities>,
}

/// The first keys, for which a share of all requests asks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Celebrities {
    /// How many keys, from 1 to 1,000: those from 0 on, each as often as the others.
    pub count: u32,
    /// The share of requests for them, from 0 to 1; all others go by popularity.
    pub share: f64,
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
    /// How cache and database are kept together.
    #[serde(default, skip_serializing_if = "is_default")]
    pub strategy: Strategy,
    /// For all strategies but `cache_aside`: the database tier that the cache itself asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Id>,
    /// For `write_behind`: how long writes are kept back, in milliseconds; they then go to the database together.
    #[serde(default = "default_flush", skip_serializing_if = "is_default_flush")]
    pub flush_interval_ms: f64,
    /// For `refresh_ahead`: the last part of its life in which an entry that is asked for is read anew, above 0 and up to
    /// 1.
    #[serde(default = "fifth", skip_serializing_if = "is_fifth")]
    pub refresh_in_last: f64,
    /// How many of the servers hold each key, from 1 to 3, at different places as far as there are as many.
    #[serde(default = "one_server", skip_serializing_if = "is_one_server")]
    pub replicas: u32,
    /// How those who use it find out that one of the servers is dead. Without it they turn to it again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detection: Option<Detection>,
    /// Where it keeps its values.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage: Storage,
    /// Whether the run begins with what the cache holds in the long run; else it is empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub warm_start: bool,
    /// Instead of entries: the probability that it has what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit_probability: Option<f64>,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// When those who use a cache take one of its servers for dead. The defaults are those of twemproxy
/// (`server_failure_limit`, `server_retry_timeout`, `auto_eject_hosts`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Detection {
    /// After so many calls in a row that it did not answer, from 1 to 1,000.
    pub failures: u32,
    /// For so long, in milliseconds; then it is tried again.
    pub retry_after_ms: f64,
    /// Whether the other servers share its keys out meanwhile; else these are asked of the database.
    pub rehash_on_failure: bool,
}

impl Default for Detection {
    fn default() -> Self {
        Self { failures: 2, retry_after_ms: 30_000.0, rehash_on_failure: false }
    }
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

fn default_flush() -> f64 {
    1_000.0
}

fn is_default_flush(ms: &f64) -> bool {
    *ms == default_flush()
}

fn fifth() -> f64 {
    0.2
}

fn is_fifth(part: &f64) -> bool {
    *part == fifth()
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
