//! The parts of a system, as a scenario describes them.

use serde::{Deserialize, Serialize};

use crate::nodes::Kind;
use crate::nodes::balancer::Policy;

use super::{Id, ServiceTime};

/// A part of the system. See `decode.rs` for how it is read.
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
    /// Whether the run begins with what devices remember of a system that has been running for long; else nobody has
    /// ever asked.
    #[serde(default = "yes")]
    pub steady_start: bool,
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
    /// Requests that may pass through it at once; what comes on top is refused.
    #[serde(default = "default_connections")]
    pub connections: u32,
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
    pub fn kind(&self) -> Kind {
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

const fn yes() -> bool {
    true
}

const fn one_instance() -> u32 {
    1
}

const fn default_boot_ms() -> f64 {
    3_000.0
}

const fn default_connections() -> u32 {
    100_000
}
