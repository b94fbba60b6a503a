//! A scenario: the whole description of a system, its users and what happens to it, as data.
//!
//! - Parts are maps keyed by permanent ids, so that a change can name its place (`tiers.web.slots`).
//! - Every number has its unit in its name. Unknown fields are refused by name.
//! - [`read`] turns text into a checked scenario or says what is wrong and where; [`plan::Plan`] is the same with all
//!   names resolved, ready to be brought to life.

pub mod change;
pub mod check;
mod decode;
pub mod edit;
pub mod places;
pub mod plan;
mod problem;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::balancer::Policy;
use crate::nodes::machine::Discipline;
use crate::nodes::population::Arrivals;
use crate::rng::Sampler;
use crate::time::Span;

pub use change::{Change, Moment};
pub use problem::Problem;

/// The version of the format that is written.
pub const VERSION: u32 = 1;

/// The number of the model: it goes up when the same scenario and seed mean other outcomes than before.
pub const MODEL: u32 = 1;

/// Identifies a part within its map: lower-case letters, digits and hyphens.
pub type Id = String;

/// A system, its users and what happens to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// What happens to it, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timeline: Vec<Moment>,
}

/// Who sends what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The tier whose address clients get.
    pub entry: Id,
    /// The DNS tier that resolves it. Without one, clients know the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Id>,
    /// Groups of clients.
    pub clients: BTreeMap<Id, ClientGroup>,
    /// Classes of requests.
    pub classes: BTreeMap<Id, Class>,
}

/// A group of clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientGroup {
    /// Weight among the groups: its share of the users.
    pub share: f64,
    /// Where they are: a place of [`places::PLACES`].
    pub place: String,
    /// One-way delay of their access network, in milliseconds.
    #[serde(default)]
    pub access_latency_ms: f64,
    /// How fast answers come in over it, in megabits per second. Without it, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_mbps: Option<f64>,
    /// How long they wait for an answer, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: f64,
}

/// A class of requests: what it asks of the servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Weight among the classes: its share of the requests.
    pub share: f64,
    /// Size of an answer in kilobytes (1,000 bytes).
    #[serde(default)]
    pub response_kb: f64,
    /// Whether it changes data.
    #[serde(default)]
    pub write: bool,
    /// Work of the web server before it calls anybody.
    #[serde(default)]
    pub web: ServiceTime,
    /// Work of the web server once it has all it needs.
    #[serde(default, skip_serializing_if = "ServiceTime::is_zero")]
    pub web_after: ServiceTime,
    /// Work of the database.
    #[serde(default, skip_serializing_if = "ServiceTime::is_zero")]
    pub database: ServiceTime,
    /// Probability that it needs the database, for theory and benchmarks. Without it: 1 if it has work for the
    /// database, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_probability: Option<f64>,
    /// Whether it looks in the cache, where there is one.
    #[serde(default)]
    pub cached: bool,
}

/// The time that a core of speed 1 needs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// False switches all delays off, for theory and benchmarks.
    pub enabled: bool,
    /// One-way delay between two machines at the same place, in milliseconds.
    pub hop_ms: f64,
    /// How much longer the cable is than the great circle.
    pub path_factor: f64,
}

impl Default for Network {
    fn default() -> Self {
        Self { enabled: true, hop_ms: 0.25, path_factor: places::PATH_FACTOR }
    }
}

/// A kind of machine. The n-th instance of every tier that names it runs on the n-th copy: so two tiers with one
/// instance each share one machine, and their cores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Where it stands: a place of [`places::PLACES`].
    pub place: String,
    /// Cores.
    pub cores: u32,
    /// How fast a core is; 1 is what the service times are meant for.
    #[serde(default = "unity")]
    pub speed: f64,
    /// How it divides its cores.
    #[serde(default)]
    pub discipline: Discipline,
    /// Price of one, in US dollars per month.
    #[serde(default)]
    pub cost_per_month_usd: f64,
}

/// A part of the system. See [`decode`] for how it is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tier {
    /// The domain name system.
    Dns(DnsTier),
    /// A load balancer.
    LoadBalancer(LoadBalancerTier),
    /// Web servers.
    WebServer(WebServerTier),
    /// A cache whose hits are a plain probability, for theory and benchmarks.
    Cache(CacheTier),
    /// A database.
    Database(DatabaseTier),
}

/// The domain name system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsTier {
    /// How long a device may keep the record, in whole seconds.
    pub record_ttl_seconds: u32,
    /// What a look-up takes at the resolver, in milliseconds.
    pub lookup_ms: f64,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancerTier {
    /// What it runs on.
    pub machine: Id,
    /// The tier that it forwards to.
    pub backends: Id,
    /// How it chooses.
    #[serde(default)]
    pub policy: Policy,
    /// Work to forward a request.
    #[serde(default)]
    pub forward: ServiceTime,
    /// How it watches its backends.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// How a balancer watches its backends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthCheck {
    /// Time between two probes of a backend, in milliseconds.
    pub interval_ms: f64,
    /// Failed probes in a row after which a backend is taken out.
    pub unhealthy_after: u32,
    /// Successful probes in a row after which it is taken in.
    pub healthy_after: u32,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self { interval_ms: 1000.0, unhealthy_after: 2, healthy_after: 2 }
    }
}

/// Web servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebServerTier {
    /// What they run on.
    pub machine: Id,
    /// How many there are.
    #[serde(default = "one_instance")]
    pub instances: u32,
    /// Requests that each has in hand at once.
    pub slots: u32,
    /// Requests that may wait for a slot of each.
    pub backlog: u32,
    /// The cache tier that they ask first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Id>,
    /// The database tier that they ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<Id>,
    /// How long one takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// A cache whose hits are a plain probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheTier {
    /// What it runs on.
    pub machine: Id,
    /// Look-ups that it has in hand at once.
    pub slots: u32,
    /// Look-ups that may wait.
    pub backlog: u32,
    /// Work of a look-up.
    pub lookup: ServiceTime,
    /// Probability that it has what is asked for.
    pub hit_probability: f64,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// A database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseTier {
    /// What it runs on.
    pub machine: Id,
    /// How many there are. More than one are identical copies that take turns, for theory and benchmarks without
    /// writes.
    #[serde(default = "one_instance")]
    pub instances: u32,
    /// Connections: queries that it has in hand at once.
    pub slots: u32,
    /// Queries that may wait for a connection.
    pub backlog: u32,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

impl Tier {
    /// Its machine, if it has one, and how many instances.
    pub fn machine(&self) -> Option<(&Id, u32)> {
        match self {
            Self::Dns(_) => None,
            Self::LoadBalancer(tier) => Some((&tier.machine, 1)),
            Self::WebServer(tier) => Some((&tier.machine, tier.instances)),
            Self::Cache(tier) => Some((&tier.machine, 1)),
            Self::Database(tier) => Some((&tier.machine, tier.instances)),
        }
    }

    /// How many instances there are.
    pub fn instances(&self) -> u32 {
        self.machine().map_or(1, |(_, instances)| instances)
    }

    /// Its kind.
    pub fn kind(&self) -> crate::nodes::Kind {
        use crate::nodes::Kind;
        match self {
            Self::Dns(_) => Kind::Dns,
            Self::LoadBalancer(_) => Kind::LoadBalancer,
            Self::WebServer(_) => Kind::WebServer,
            Self::Cache(_) => Kind::Cache,
            Self::Database(_) => Kind::Database,
        }
    }

    /// How long an instance takes to start, in milliseconds.
    pub fn boot_ms(&self) -> f64 {
        match self {
            Self::Dns(tier) => tier.boot_ms,
            Self::LoadBalancer(tier) => tier.boot_ms,
            Self::WebServer(tier) => tier.boot_ms,
            Self::Cache(tier) => tier.boot_ms,
            Self::Database(tier) => tier.boot_ms,
        }
    }
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
    let scenario = edit::decode(value)?;
    check::check(&scenario)?;
    Ok(scenario)
}

const fn one() -> u64 {
    1
}

const fn one_instance() -> u32 {
    1
}

const fn unity() -> f64 {
    1.0
}

const fn tenth() -> f64 {
    0.1
}

const fn default_timeout_ms() -> f64 {
    10_000.0
}

const fn default_boot_ms() -> f64 {
    3_000.0
}
