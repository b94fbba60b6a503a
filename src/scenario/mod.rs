//! A scenario: the whole description of a system, its users and what happens to it, as data.
//!
//! - Parts are maps keyed by permanent ids, so that a change can name its place (`tiers.web.slots`).
//! - Every number has its unit in its name. Unknown fields are refused by name.
//! - [`read`] turns text into a checked scenario or says what is wrong and where; [`plan::Plan`] is the same with all
//!   names resolved, ready to be brought to life.

pub mod backup;
pub mod balancing;
pub mod catalogue;
pub mod cdn;
pub mod change;
pub mod check;
pub mod clients;
pub mod data;
mod decode;
pub mod deployment;
pub mod edit;
pub mod engine;
pub mod machine;
pub mod messages;
pub mod operations;
pub mod parameters;
pub mod places;
pub mod plan;
mod problem;
pub mod replication;
pub mod sandbox;
pub mod scaling;
pub mod sharding;
mod tiers;
pub mod transfer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::population::Arrivals;
use crate::nodes::sharding::fields::Field;
use crate::rng::Sampler;
use crate::time::Span;

pub use balancing::{HealthCheck, LoadBalancerTier};
pub use cdn::{CdnTier, ObjectStoreTier};
pub use change::{Change, Moment};
pub use clients::ClientGroup;
pub use data::{CacheTier, Keys};
pub use machine::Machine;
pub use messages::{MessageBrokerTier, WorkerTier};
pub use problem::Problem;
pub use tiers::{DatabaseTier, DnsTier, Tier, WebServerTier};

/// The version of the format that is written.
pub const VERSION: u32 = 1;

/// The number of the model: it goes up when the same scenario and seed mean other outcomes than before.
pub const MODEL: u32 = 2;

/// Identifies a part within its map: lower-case letters, digits and hyphens.
pub type Id = String;

/// A system, its users and what happens to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The format's version: 1.
    pub version: u32,
    /// What people call it.
    pub name: String,
    /// The seed of all randomness.
    #[serde(default = "one")]
    pub seed: u64,
    /// Who sends what.
    pub workload: Workload,
    /// How far apart things are.
    #[serde(default)]
    pub network: Network,
    /// What the servers run on.
    pub machines: BTreeMap<Id, Machine>,
    /// The parts of the system.
    pub tiers: BTreeMap<Id, Tier>,
    /// Builds of the application that web servers run.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub builds: BTreeMap<Id, deployment::Build>,
    /// Random outages of all that stands at a place, by place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outages: BTreeMap<Id, deployment::Outages>,
    /// Those who run it, if anybody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<operations::Operations>,
    /// What happens to it, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Moment>,
}

/// Who sends what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Users, from 1 to 100,000,000.
    pub users: u32,
    /// Requests that each user sends per second, on average.
    #[serde(default = "tenth")]
    pub requests_per_user_per_second: f64,
    /// How requests come.
    #[serde(default)]
    pub arrivals: Arrivals,
    /// How arrivals follow the day. Without it, they are the same at all hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<scaling::Day>,
    /// The tier whose address clients get.
    pub entry: Id,
    /// The DNS tier that resolves it. Without one, clients know the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Id>,
    /// How unequal users are: the n-th most active one sends in proportion to 1 / n to this power (Zipf), from 0, where
    /// all are alike, to 3.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub user_activity_exponent: f64,
    /// Sessions, if users have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<clients::Sessions>,
    /// The keys of the site's data. Without them requests ask for nothing in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    /// Groups of clients.
    pub clients: BTreeMap<Id, ClientGroup>,
    /// Classes of requests.
    pub classes: BTreeMap<Id, Class>,
}

/// A class of requests: what it asks of the servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Weight among the classes: its share of the requests.
    pub share: f64,
    /// Size of an answer in kilobytes (1,000 bytes).
    #[serde(default)]
    pub response_kb: f64,
    /// Size of an answer in the format JSON, if that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_json_kb: Option<f64>,
    /// Whether it changes data.
    #[serde(default)]
    pub write: bool,
    /// Whether its write is a new row: by that tables grow. A new row has the next number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inserts: bool,
    /// What its write changes of a user: on a database that is sharded by that, the row moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Field>,
    /// The one field that its query names. Without it, all of the row are known, and so is its shard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finds_by: Option<Field>,
    /// The databases that it asks, one after the other. Without any, that of the web server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<Id>,
    /// Work of the web server before it calls anybody.
    #[serde(default)]
    pub web: ServiceTime,
    /// Work of the web server once it has all it needs.
    #[serde(default, skip_serializing_if = "ServiceTime::is_zero")]
    pub web_after: ServiceTime,
    /// Work of the database.
    #[serde(default, skip_serializing_if = "ServiceTime::is_zero")]
    pub database: ServiceTime,
    /// What it asks of the database, from which the work follows by the database's kind; instead of `database`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<engine::Query>,
    /// Probability that it needs the database, for theory and benchmarks. Without it: 1 if it has work for the
    /// database, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_probability: Option<f64>,
    /// Whether it looks in the cache, where there is one.
    #[serde(default)]
    pub cached: bool,
    /// Whether its user has to be signed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub session: bool,
    /// The tier whose address clients use for it, if not the entry: a CDN. They know that address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Id>,
    /// The files that it asks for, which edges and browsers may keep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<cdn::Files>,
    /// What the same user asks for as soon as the answer is there, by class: a page's pictures.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub followed_by: BTreeMap<Id, u32>,
    /// What is to be done beside the answer, after what the cache and the database are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<messages::Job>,
}

/// The time that a core of speed 1 needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceTime {
    /// Mean, in milliseconds.
    pub mean_ms: f64,
    /// Its shape.
    #[serde(default)]
    pub distribution: Distribution,
    /// Coefficient of variation (standard deviation / mean), for the shapes that have a choice: log-normal above 0,
    /// uniform up to 0.577, hyperexponential above 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<f64>,
}

/// The shape of a service time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Always the mean.
    Constant,
    /// Exponential.
    #[default]
    Exponential,
    /// Log-normal.
    LogNormal,
    /// Uniform around the mean.
    Uniform,
    /// Mostly short, sometimes long: one of two exponentials.
    Hyperexponential,
}

impl Default for ServiceTime {
    fn default() -> Self {
        Self { mean_ms: 0.0, distribution: Distribution::Constant, cv: None }
    }
}

impl ServiceTime {
    fn is_zero(&self) -> bool {
        self.mean_ms == 0.0
    }

    /// Ready to be sampled. The time must have been checked.
    pub fn sampler(&self) -> Sampler {
        let mean = self.mean_ms * 1e6;
        let cv = self.cv.unwrap_or(1.0);
        match self.distribution {
            _ if self.is_zero() => Sampler::Constant(Span::ZERO),
            Distribution::Constant => Sampler::Constant(Span::from_ms(self.mean_ms)),
            Distribution::Exponential => Sampler::Exponential { mean },
            Distribution::LogNormal => Sampler::log_normal(mean, cv),
            Distribution::Uniform => Sampler::uniform(mean, self.cv.unwrap_or(0.5)),
            Distribution::Hyperexponential => Sampler::hyperexponential(mean, self.cv.unwrap_or(2.0)),
        }
    }
}

/// How far apart things are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// False switches all delays off, for theory and benchmarks.
    pub enabled: bool,
    /// One-way delay between two machines at the same place, in milliseconds.
    pub hop_ms: f64,
    /// How much longer the cable is than the great circle.
    pub path_factor: f64,
    /// After how long a server gives up a connection to a machine that has gone silent, in milliseconds (TCP's user
    /// time-out, RFC 5482). A slow machine still acknowledges; only one without power or network is silent.
    #[serde(skip_serializing_if = "is_default_silence")]
    pub silence_timeout_ms: f64,
    /// Price of what the machines send to clients and edges, in US dollars per gigabyte. Large providers list $0.09.
    #[serde(skip_serializing_if = "is_zero")]
    pub price_out_per_gb_usd: f64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            enabled: true,
            hop_ms: 0.25,
            path_factor: places::PATH_FACTOR,
            silence_timeout_ms: SILENCE_TIMEOUT_MS,
            price_out_per_gb_usd: 0.0,
        }
    }
}

/// The longest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// Whether a file is short enough to be read.
///
/// # Errors
/// It is not.
pub fn check_file_length(bytes: u64) -> Result<(), Problem> {
    if bytes <= FILE_BYTES_MAX as u64 {
        return Ok(());
    }
    Err(Problem::at("", format!("is {bytes} bytes long; a scenario has at most {FILE_BYTES_MAX}")))
}

/// Reads and checks a scenario.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub fn read(json: &str) -> Result<Scenario, Problem> {
    let value: serde_json::Value = serde_json::from_str(json).map_err(|error| Problem::syntax(&error))?;
    from_value(value)
}

/// Checks a scenario that has been parsed as JSON.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub fn from_value(value: serde_json::Value) -> Result<Scenario, Problem> {
    // A newer version may have what this one does not know: that it is newer is what is to be told.
    value.get("version").and_then(serde_json::Value::as_u64).map_or(Ok(()), check::check_version)?;
    let scenario: Scenario = edit::decode(value)?;
    check::check(&scenario)?;
    Ok(scenario)
}

const fn one() -> u64 {
    1
}

const fn tenth() -> f64 {
    0.1
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

const SILENCE_TIMEOUT_MS: f64 = 5_000.0;

fn is_default_silence(ms: &f64) -> bool {
    *ms == SILENCE_TIMEOUT_MS
}
