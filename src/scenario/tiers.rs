//! The parts of a system, as a scenario describes them.

use serde::{Deserialize, Serialize};

use crate::nodes::Kind;
use crate::nodes::answers::AnswerPolicy;

use super::Id;
use super::backup::Backup;
use super::balancing::{HealthCheck, LoadBalancerTier};
use super::cdn::{CdnTier, ObjectStoreTier};
use super::data::CacheTier;
use super::engine::Engine;
use super::messages::{MessageBrokerTier, WorkerTier};
use super::replication::Replication;
use super::scaling::Autoscaler;
use super::sharding::Sharding;

/// A part of the system. See `decode.rs` for how it is read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tier {
    /// The domain name system.
    Dns(DnsTier),
    /// A load balancer.
    LoadBalancer(LoadBalancerTier),
    /// Web servers.
    WebServer(WebServerTier),
    /// A cache.
    Cache(CacheTier),
    /// A database.
    Database(DatabaseTier),
    /// A content delivery network.
    Cdn(CdnTier),
    /// A store of files.
    ObjectStore(ObjectStoreTier),
    /// A message broker.
    MessageBroker(MessageBrokerTier),
    /// Workers.
    Worker(WorkerTier),
}

/// The domain name system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DnsTier {
    /// How many name servers there are, from 1 to 13. Who gets no answer from one asks the next (RFC 1034, 5.3.3).
    #[serde(default = "one_instance", skip_serializing_if = "is_one")]
    pub instances: u32,
    /// How long a device may keep the record, in whole seconds.
    pub record_ttl_seconds: u32,
    /// How it chooses among the addresses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub policy: AnswerPolicy,
    /// How often it is told how busy the servers behind the addresses are, in milliseconds.
    #[serde(default = "default_report_ms", skip_serializing_if = "is_default_report")]
    pub report_every_ms: f64,
    /// What a look-up takes at the resolver, in milliseconds.
    pub lookup_ms: f64,
    /// Caching resolvers between devices and the DNS, as those of network operators. Without them every device asks by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolvers: Option<Resolvers>,
    /// Whether the DNS watches the addresses and leaves dead ones out of its answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// Whether the run begins with what devices remember of a system that has been running for long, open connections
    /// included; else nobody has ever asked or connected.
    #[serde(default = "yes")]
    pub steady_start: bool,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

/// Caching resolvers: the users of one share its record, and with it the address.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Resolvers {
    /// How many there are, from 1 to 10,000.
    pub count: u32,
    /// How unequal they are: the n-th largest serves users in proportion to 1 / n to this power (Zipf), from 0 to 3.
    pub exponent: f64,
}

impl Default for Resolvers {
    fn default() -> Self {
        Self { count: 20, exponent: 1.0 }
    }
}

/// Web servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
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
    /// The broker that they publish messages at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<Id>,
    /// Connections that each keeps to each database server; who finds none free waits. Without it, as many as are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<u32>,
    /// Cores of each machine that are its own, and that it may not exceed; without it, it shares the cores that nobody
    /// has reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_cores: Option<u32>,
    /// The build of the application that they run at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Id>,
    /// Whether they have public addresses. Without it: if they are the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
    /// How long one takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
    /// How long one that is taken out still serves users whose session is bound to it, in milliseconds. It finishes what it
    /// has in any case.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub draining_ms: f64,
    /// Adds and removes servers by itself. `instances` is then how many there are at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autoscaler: Option<Autoscaler>,
}

/// A database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DatabaseTier {
    /// What it runs on.
    pub machine: Id,
    /// How many there are; of each shard, where there are shards. More than one relational or graph database are a primary and its replicas, with
    /// `replication`, or identical copies that take turns, for theory and benchmarks without writes; the others split their
    /// keys among them.
    #[serde(default = "one_instance")]
    pub instances: u32,
    /// Connections: queries that it has in hand at once.
    pub slots: u32,
    /// Queries that may wait for a connection.
    pub backlog: u32,
    /// Its kind, which says what queries take.
    #[serde(default, skip_serializing_if = "Engine::is_relational")]
    pub engine: Engine,
    /// How its instances replicate. Without it, they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<Replication>,
    /// How its data is backed up. Without it, it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// How its rows are put on shards. Without it, they are not: each server has all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharding: Option<Sharding>,
    /// Size of a row on the disk, in kilobytes, where it has not all of a value's columns. Without it, that of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_kb: Option<f64>,
    /// Rows that it holds, in millions.
    #[serde(default = "one_million", skip_serializing_if = "is_one_million")]
    pub rows_million: f64,
    /// Memory for pages, in megabytes, where its machine has a disk. Without it: three quarters of the machine's memory
    /// (what MySQL's manual advises at most).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buffer_pool_mb: Option<f64>,
    /// Whether the run begins with the pages in memory that are there in the long run; else with none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warm_start: bool,
    /// Cores of each machine that are its own, and that it may not exceed; without it, it shares the cores that nobody
    /// has reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_cores: Option<u32>,
    /// How long it takes to start, in milliseconds.
    #[serde(default = "default_boot_ms")]
    pub boot_ms: f64,
}

impl Tier {
    /// Its machine, if it has one, and how many instances.
    pub fn machine(&self) -> Option<(&Id, u32)> {
        match self {
            Self::Dns(_) | Self::Cdn(_) | Self::ObjectStore(_) => None,
            Self::LoadBalancer(tier) => Some((&tier.machine, tier.instances)),
            Self::WebServer(tier) => Some((&tier.machine, tier.instances)),
            Self::Cache(tier) => Some((&tier.machine, tier.instances)),
            Self::Database(tier) => Some((&tier.machine, tier.instances.saturating_mul(tier.shards()))),
            Self::MessageBroker(tier) => Some((&tier.machine, 1)),
            Self::Worker(tier) => Some((&tier.machine, tier.instances)),
        }
    }

    /// How many instances there are.
    pub fn instances(&self) -> u32 {
        match self {
            Self::Cdn(tier) => tier.places.len() as u32,
            Self::Dns(tier) => tier.instances,
            Self::LoadBalancer(_)
            | Self::WebServer(_)
            | Self::Cache(_)
            | Self::Database(_)
            | Self::ObjectStore(_)
            | Self::MessageBroker(_)
            | Self::Worker(_) => self.machine().map_or(1, |(_, instances)| instances),
        }
    }

    /// The most instances that there can be.
    pub fn instances_max(&self) -> u32 {
        self.autoscaler().map_or(self.instances(), |own| own.maximum.max(self.instances()))
    }

    /// What adds and removes instances by itself, if anything does.
    pub fn autoscaler(&self) -> Option<&Autoscaler> {
        match self {
            Self::WebServer(tier) => tier.autoscaler.as_ref(),
            Self::Worker(tier) => tier.autoscaler.as_ref(),
            Self::Dns(_)
            | Self::LoadBalancer(_)
            | Self::Cache(_)
            | Self::Database(_)
            | Self::Cdn(_)
            | Self::ObjectStore(_)
            | Self::MessageBroker(_) => None,
        }
    }

    /// How long one that is taken out still serves whoever is bound to it, in milliseconds.
    pub fn draining_ms(&self) -> f64 {
        match self {
            Self::WebServer(tier) => tier.draining_ms,
            Self::Worker(tier) => tier.draining_ms,
            Self::Dns(_)
            | Self::LoadBalancer(_)
            | Self::Cache(_)
            | Self::Database(_)
            | Self::Cdn(_)
            | Self::ObjectStore(_)
            | Self::MessageBroker(_) => 0.0,
        }
    }

    /// Where its instances stand that need no machine of ours.
    pub fn places(&self) -> &[String] {
        match self {
            Self::Cdn(tier) => &tier.places,
            Self::ObjectStore(tier) => std::slice::from_ref(&tier.place),
            Self::Dns(_)
            | Self::LoadBalancer(_)
            | Self::WebServer(_)
            | Self::Cache(_)
            | Self::Database(_)
            | Self::MessageBroker(_)
            | Self::Worker(_) => &[],
        }
    }

    /// Cores of each machine that it has for itself.
    pub fn reserved_cores(&self) -> Option<u32> {
        match self {
            Self::WebServer(tier) => tier.reserved_cores,
            Self::Database(tier) => tier.reserved_cores,
            Self::Dns(_)
            | Self::LoadBalancer(_)
            | Self::Cache(_)
            | Self::Cdn(_)
            | Self::ObjectStore(_)
            | Self::MessageBroker(_)
            | Self::Worker(_) => None,
        }
    }

    /// Whether its instances hold different keys.
    pub fn is_partitioned(&self) -> bool {
        match self {
            Self::Database(tier) => tier.engine.is_partitioned(),
            Self::Dns(_)
            | Self::LoadBalancer(_)
            | Self::WebServer(_)
            | Self::Cache(_)
            | Self::Cdn(_)
            | Self::ObjectStore(_)
            | Self::MessageBroker(_)
            | Self::Worker(_) => false,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Dns(_) => Kind::Dns,
            Self::LoadBalancer(_) => Kind::LoadBalancer,
            Self::WebServer(_) => Kind::WebServer,
            Self::Cache(_) => Kind::Cache,
            Self::Database(_) => Kind::Database,
            Self::Cdn(_) => Kind::Cdn,
            Self::ObjectStore(_) => Kind::ObjectStore,
            Self::MessageBroker(_) => Kind::MessageBroker,
            Self::Worker(_) => Kind::Worker,
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
            Self::Cdn(tier) => tier.boot_ms,
            Self::ObjectStore(tier) => tier.boot_ms,
            Self::MessageBroker(tier) => tier.boot_ms,
            Self::Worker(tier) => tier.boot_ms,
        }
    }
}

impl DatabaseTier {
    /// How many shards there are.
    pub fn shards(&self) -> u32 {
        self.sharding.as_ref().map_or(1, |sharding| sharding.shards.max(1))
    }
}

const fn yes() -> bool {
    true
}

const fn one_instance() -> u32 {
    1
}

pub(super) const fn default_boot_ms() -> f64 {
    3_000.0
}

// Metrics of a minute, as the large providers keep them, would be older still.
const fn default_report_ms() -> f64 {
    10_000.0
}

fn is_default_report(ms: &f64) -> bool {
    *ms == default_report_ms()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_one(instances: &u32) -> bool {
    *instances == one_instance()
}

fn is_zero(ms: &f64) -> bool {
    *ms == 0.0
}

const fn one_million() -> f64 {
    1.0
}

fn is_one_million(rows: &f64) -> bool {
    *rows == one_million()
}
