//! Load balancers and what watches over servers, as a scenario describes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::balancer::{Layer, Locality, Policy};
use crate::nodes::health::Probing;

use super::{Id, ServiceTime};

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoadBalancerTier {
    /// What it runs on.
    pub machine: Id,
    /// How many there are. Two with `failover` are a pair behind one address; else each has an address of its own.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub instances: u32,
    /// How the passive one of a pair takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failover: Option<Failover>,
    /// The tier that it forwards to.
    pub backends: Id,
    /// Classes that go to another tier: at the application layer, where the path of a request can be read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routes: BTreeMap<Id, Id>,
    /// What it can see: requests, connections or packets.
    #[serde(default, skip_serializing_if = "is_default")]
    pub layer: Layer,
    /// How it chooses.
    #[serde(default)]
    pub policy: Policy,
    /// Whether it keeps requests at its own place: one of several data centres.
    #[serde(default, skip_serializing_if = "is_default")]
    pub locality: Locality,
    /// Weights of instances, by their numbers from 1; 1 for those not named. For the policy `weighted`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Whether a user's session stays at one server, by a cookie.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sticky: bool,
    /// How long a server that was taken in gets less than its share, which grows from nothing to all, in milliseconds.
    #[serde(default, skip_serializing_if = "is_default")]
    pub slow_start_ms: f64,
    /// How often a request that a backend refused, or that died with it, is tried at another one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retries: u32,
    /// Whether writes are tried again too: one that died with its server may then be carried out twice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retry_writes: bool,
    /// Whether backends are taken out that fail requests, whatever their probes say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outlier_ejection: Option<OutlierEjection>,
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
    #[serde(default = "super::tiers::default_boot_ms")]
    pub boot_ms: f64,
}

/// How servers are watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HealthCheck {
    /// Time between two probes of a server, in milliseconds.
    pub interval_ms: f64,
    /// Failed probes in a row after which a server is taken out.
    pub unhealthy_after: u32,
    /// Successful probes in a row after which it is taken in.
    pub healthy_after: u32,
    /// How long a probe waits for its answer, in milliseconds, before it counts as failed.
    #[serde(skip_serializing_if = "is_default_timeout")]
    pub timeout_ms: f64,
    /// What a probe is.
    #[serde(skip_serializing_if = "is_default")]
    pub probe: Probing,
    /// How long a server stays out at least, in milliseconds, doubled each time it is taken out again: it damps
    /// flapping.
    #[serde(skip_serializing_if = "is_default")]
    pub hold_ms: f64,
}

impl Default for HealthCheck {
    fn default() -> Self {
        Self {
            interval_ms: 1000.0,
            unhealthy_after: 2,
            healthy_after: 2,
            timeout_ms: DEFAULT_PROBE_TIMEOUT_MS,
            probe: Probing::default(),
            hold_ms: 0.0,
        }
    }
}

const DEFAULT_PROBE_TIMEOUT_MS: f64 = 1000.0;

/// Backends that fail one request after the other are taken out for a while (passive health checking).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OutlierEjection {
    /// Failures in a row after which a backend is taken out.
    pub consecutive_failures: u32,
    /// For how long, in milliseconds, the first time; n times as long the n-th time.
    pub base_ejection_ms: f64,
    /// The most backends that may be out for this, in percent.
    pub max_ejected_percent: f64,
}

impl Default for OutlierEjection {
    fn default() -> Self {
        Self { consecutive_failures: 5, base_ejection_ms: 30_000.0, max_ejected_percent: 50.0 }
    }
}

/// How the passive one of a pair takes over the address: it listens to the active one's heartbeats (as VRRP, RFC 5798).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Failover {
    /// Time between two heartbeats, in milliseconds.
    pub heartbeat_ms: f64,
    /// Heartbeats missed in a row after which it takes over.
    pub missed: u32,
}

impl Default for Failover {
    fn default() -> Self {
        Self { heartbeat_ms: 1000.0, missed: 3 }
    }
}

const fn one() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_default_timeout(ms: &f64) -> bool {
    *ms == DEFAULT_PROBE_TIMEOUT_MS
}

const fn default_connections() -> u32 {
    100_000
}
