//! Files, the network that delivers them (CDN), and the store that they come from, as written.
//!
//! Prices are of the order of what a large provider listed in 2025. Amazon CloudFront: $0.085 per GB out in North America
//! and Europe ($0.114 in Japan, $0.120 in Korea), $0.01 for 10,000 HTTPS requests, fills free of charge from its own
//! cloud. Amazon S3: $0.09 per GB out, $0.023 per GB and month, $0.0004 for 1,000 reads. All are the first tier: large
//! customers pay a fraction.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::cache::entries::Eviction;

use super::data::Popularity;
use super::tiers::default_boot_ms;
use super::{Id, ServiceTime};

/// The files that requests of a class ask for. A file is as large as the class's answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// How many there are, from 1 to 1,000,000.
    pub count: u32,
    /// How often each is asked for.
    #[serde(default)]
    pub popularity: Popularity,
    /// For `zipf`: the n-th most popular one is asked for in proportion to 1 / n to this power, from 0 to 3.
    #[serde(default = "one")]
    pub exponent: f64,
    /// How long edges and browsers may keep one from when the origin gave it out, in milliseconds: HTTP's `max-age`
    /// (RFC 9111). What an edge has kept for a while is fresh for what is left, in browsers too (`Age`).
    pub max_age_ms: f64,
}

/// A content delivery network: edges at many places that keep files, run by a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CdnTier {
    /// Where its edges stand, one at each.
    pub places: Vec<String>,
    /// The tier that edges ask for what they do not have.
    pub origin: Id,
    /// The tier that they ask for a file that the origin fails to give them, as an origin group's secondary origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_origin: Option<Id>,
    /// Another tier that they ask for requests of a class, by class.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<Id, Id>,
    /// What a request takes at an edge, in milliseconds.
    #[serde(default = "default_lookup_ms")]
    pub lookup_ms: f64,
    /// Files that each edge may hold.
    #[serde(default = "default_entries")]
    pub capacity_entries: u32,
    /// Megabytes that each edge may hold, on disks: they outlast a restart.
    #[serde(default = "default_mb")]
    pub capacity_mb: f64,
    /// What goes first when there is no room.
    #[serde(default, skip_serializing_if = "is_default")]
    pub eviction: Eviction,
    /// Whether requests that miss the same file at the same time at an edge ask the origin once.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub coalesce: bool,
    /// How fast an edge gets a file from the origin, in megabits per second. Its connections stay open and are warm:
    /// there is neither a handshake nor slow start.
    #[serde(default = "default_fill_mbps")]
    pub fill_mbps: f64,
    /// How long it takes until clients are led to other edges when one dies, and back when it serves again, in
    /// milliseconds. 80 % of the networks follow within 10 s (An Empirical Characterization of Anycast Convergence Time,
    /// ANRW 2024).
    #[serde(default = "default_reroute_ms")]
    pub reroute_ms: f64,
    /// How long a purge takes to the edges, in milliseconds, beside the way from the origin. Providers promise some
    /// seconds (Akamai Fast Purge: about 5).
    #[serde(default = "default_purge_ms")]
    pub purge_ms: f64,
    /// How many requests each source address may send to an edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Price of what edges send to clients, in US dollars per gigabyte.
    #[serde(default = "default_out_usd")]
    pub price_out_per_gb_usd: f64,
    /// Price of what edges fetch from the origin, in US dollars per gigabyte, beside what the origin pays for sending it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub price_fill_per_gb_usd: f64,
    /// Price of 10,000 requests, in US dollars.
    #[serde(default = "default_requests_usd")]
    pub price_per_10000_requests_usd: f64,
    /// How long an edge takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// A limit for each source address: a bucket of tokens, of which a request takes one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Tokens that come in each second, above 0.
    pub requests_per_second: f64,
    /// Tokens that a bucket holds, from 1.
    pub burst: u32,
}

/// A store of files, run by a provider: as many requests at once as come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ObjectStoreTier {
    /// Where it stands.
    pub place: String,
    /// How long it takes to begin an answer. Amazon's guide names 100 to 200 ms for small objects.
    #[serde(default = "default_first_byte")]
    pub first_byte: ServiceTime,
    /// What it holds, in gigabytes, which is paid by the month.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stored_gb: f64,
    /// Price of what it sends, in US dollars per gigabyte.
    #[serde(default = "default_egress_usd")]
    pub price_out_per_gb_usd: f64,
    /// Price of what it holds, in US dollars per gigabyte and month.
    #[serde(default = "default_stored_usd")]
    pub price_per_gb_month_usd: f64,
    /// Price of 1,000 reads, in US dollars.
    #[serde(default = "default_reads_usd")]
    pub price_per_1000_requests_usd: f64,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// What clients do when the CDN fails them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CdnFallback {
    /// How long they wait for a file from it, in milliseconds, before they ask the origin.
    pub timeout_ms: f64,
    /// For how long they ask the origin at once then, in whole seconds.
    pub remember_seconds: u32,
}

impl Default for CdnFallback {
    fn default() -> Self {
        Self { timeout_ms: 2_000.0, remember_seconds: 60 }
    }
}

impl CdnTier {
    /// All tiers that edges may ask.
    pub fn origins(&self) -> impl Iterator<Item = &Id> {
        self.routes.values().chain([&self.origin]).chain(&self.second_origin)
    }

    /// The tier that edges ask for requests of a class.
    pub fn origin_of(&self, class: &str) -> &Id {
        self.routes.get(class).unwrap_or(&self.origin)
    }
}

fn default_first_byte() -> ServiceTime {
    ServiceTime { mean_ms: 100.0, distribution: super::Distribution::LogNormal, cv: Some(0.3) }
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn default_lookup_ms() -> f64 {
    1.0
}

fn default_entries() -> u32 {
    1_000_000
}

fn default_mb() -> f64 {
    1_000_000.0
}

fn default_fill_mbps() -> f64 {
    1_000.0
}

fn default_reroute_ms() -> f64 {
    10_000.0
}

fn default_purge_ms() -> f64 {
    5_000.0
}

fn default_out_usd() -> f64 {
    0.085
}

fn default_requests_usd() -> f64 {
    0.01
}

fn default_egress_usd() -> f64 {
    0.09
}

fn default_stored_usd() -> f64 {
    0.023
}

fn default_reads_usd() -> f64 {
    0.0004
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
