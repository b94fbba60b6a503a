//! What a run comes to, as one object: the shape of `run --json`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::metrics::Histogram;
use crate::nodes::ledger::{Books, TierWindow};
use crate::nodes::{Cause, Kind, Node};
use crate::scenario::MODEL;

use super::World;
use super::delivery::{BrowserReport, CdnReport, Costs};

mod centers;
pub mod markdown;
pub mod messages;
mod operations;
mod replication;
mod scaling;
mod sessions;
mod sharding;

pub use centers::DeploymentReport;
pub use operations::{LogsReport, OperationsReport, PipelineReport};
pub use replication::{BackupReport, MemberReport, ReplicationReport};
pub use scaling::ScalingReport;
pub use sessions::{SessionsReport, SignInsReport};
pub use sharding::{ShardReport, ShardingReport};

/// What a run came to, over what was measured: requests sent after the warm-up.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Report {
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// Measured simulated time.
    pub simulated_seconds: f64,
    /// Counts of requests.
    pub requests: Requests,
    /// Latency of all answered requests, as the client saw it.
    pub latency_ms: Latency,
    /// By class.
    pub by_class: BTreeMap<String, ClassReport>,
    /// By client group, where these are at several places.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_clients: BTreeMap<String, ClassReport>,
    /// What became of writes.
    pub writes: WritesReport,
    /// Sessions, where users have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<SessionsReport>,
    /// By tier.
    pub tiers: BTreeMap<String, TierReport>,
    /// Builds on their way to servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deployments: Vec<DeploymentReport>,
    /// What those who run it came to know and to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<OperationsReport>,
    /// What devices found among the files that they keep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browsers: Option<BrowserReport>,
    /// Machines as they stand at the end, or as they were on average where an autoscaler adds and removes them, and the traffic of a month at the measured load, where it has a price.
    pub cost_per_month_usd: f64,
    /// The parts of that, where traffic has a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs_per_month: Option<Costs>,
    /// Events handled since the start.
    pub events: u64,
    /// The number of the model.
    pub model: u32,
    /// The digest of the whole run's outcomes, as 16 hexadecimal digits.
    pub digest: String,
}

/// Counts of requests: `issued = answered + failed + in_flight`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Requests {
    /// Sent by clients.
    pub issued: u64,
    /// Answered in time.
    pub answered: u64,
    /// Neither answered nor failed at the end.
    pub in_flight: u64,
    /// Of the answered ones, those whose answer was that there is no such row, since it was deleted by mistake.
    #[serde(skip_serializing_if = "replication::is_zero")]
    pub missing: u64,
    /// Failed, by cause; all causes are listed.
    pub failed: BTreeMap<&'static str, u64>,
    /// Attempts: one per request, and one more per retry.
    pub attempts: u64,
}

/// What became of writes, since the start of the run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WritesReport {
    /// Carried out by a database, repetitions included.
    pub applied: u64,
    /// Carried out again though they had been before.
    pub doubled: u64,
    /// Carried out though the client was told that they failed, or gave up.
    pub applied_but_failed: u64,
}

/// A distribution of latencies, in milliseconds. Percentiles are within 1/64.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[expect(missing_docs, reason = "the names say it")]
pub struct Latency {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    pub max: f64,
}

/// One class of requests.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ClassReport {
    /// Answered in time.
    pub answered: u64,
    /// Failed for whatever cause.
    pub failed: u64,
    /// Latency of the answered ones.
    pub latency_ms: Latency,
}

/// One tier. Fields that make no sense for its kind are absent.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TierReport {
    /// Its kind.
    pub kind: Kind,
    /// Instances meant to serve, at the end.
    pub instances: usize,
    /// Share of its machines' cores that worked, of those that were up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utilisation: Option<f64>,
    /// Share of its slots that were taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots_utilisation: Option<f64>,
    /// Share of the time in which its machines' disks were busy, of all operations at once that they could do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_utilisation: Option<f64>,
    /// Requests that had arrived but were not yet being served, on average over time.
    pub queue_mean: f64,
    /// How long they waited.
    pub wait_ms: Latency,
    /// Requests answered; failures not counted.
    pub served: u64,
    /// Requests answered, by instance.
    pub per_instance: Vec<u64>,
    /// Requests that a balancer sent to each backend since the start of the run, retries included, by tier.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub per_backend: BTreeMap<String, Vec<u64>>,
    /// Of name servers that do not answer in turn: how often each address, by client group, since the start of the run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Vec<u64>>,
    /// Servers by the build of the application that they run at the end, if they run any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub builds: BTreeMap<String, usize>,
    /// Of a cache that holds entries: what was found.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheReport>,
    /// Of a content delivery network: what its edges did.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub cdn: Option<CdnReport>,
    /// Gigabytes sent to clients and edges, where traffic has a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_gb: Option<f64>,
    /// Of a database with a disk: its pages in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_pool: Option<PoolReport>,
    /// Where servers came and went.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<ScalingReport>,
    /// Of databases that replicate.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub replication: Option<ReplicationReport>,
    /// Of databases that are sharded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharding: Option<ShardingReport>,
    /// Of a message broker.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub messages: Option<messages::BrokerReport>,
    /// Of workers.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub work: Option<messages::WorkReport>,
}

/// The pages that a database holds in memory.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PoolReport {
    /// Queries that found their page in memory.
    pub hits: u64,
    /// Queries whose page was not there.
    pub misses: u64,
    /// hits / (hits + misses); absent before the first query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// Changed pages that were written back.
    pub written_back: u64,
    /// Flushes of the log.
    pub log_flushes: u64,
}

/// A cache that holds entries.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CacheReport {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Look-ups that found none.
    pub misses: u64,
    /// hits / (hits + misses); absent before the first look-up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// Misses that waited for another one's query of the same key instead of asking the database.
    pub coalesced: u64,
    /// Hits on an entry that was older than the newest write that had been acknowledged when the request was sent.
    pub stale_reads: u64,
    /// Misses on an entry that had expired.
    pub expired: u64,
    /// Entries that had to go because there was no room.
    pub evicted: u64,
    /// Entries held at the end.
    pub entries: u64,
    /// Entries that were read anew before they expired.
    #[serde(skip_serializing_if = "is_zero")]
    pub refreshed: u64,
    /// Writes that were answered before the database had them, and what became of them, since the start of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_behind: Option<WriteBehindReport>,
}

/// Writes that a cache answered before the database had them: accepted = written + lost + waiting.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WriteBehindReport {
    /// Answered by the cache.
    pub accepted: u64,
    /// Of these: carried out by the database since. One whose place a later one took counts with that.
    pub written: u64,
    /// Of these: lost in a crash of the cache.
    pub lost_writes: u64,
    /// Of these: kept back, or on their way to the database.
    pub waiting: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl From<&Histogram> for Latency {
    fn from(histogram: &Histogram) -> Self {
        Self {
            mean: histogram.mean_ms(),
            p50: histogram.quantile_ms(0.5),
            p90: histogram.quantile_ms(0.9),
            p95: histogram.quantile_ms(0.95),
            p99: histogram.quantile_ms(0.99),
            p999: histogram.quantile_ms(0.999),
            max: histogram.max_ms(),
        }
    }
}

impl World {
    /// What the run has come to so far.
    pub fn report(&self) -> Report {
        let totals = self.totals();
        let ledger = &self.ctx.ledger;
        let mut all = Histogram::default();
        ledger.classes.iter().for_each(|class| all.merge(&class.latency));
        let classes = self.plan.classes.iter().zip(&ledger.classes);
        let by_class = classes.map(|(plan, class)| {
            let answered = class.latency.count();
            (plan.id.clone(), ClassReport { answered, failed: class.failed, latency_ms: (&class.latency).into() })
        });
        let measured = self.ctx.now.since(ledger.measured_from);
        let clients = self.plan.clients.len();
        let tiers = (clients..self.plan.tiers.len()).map(|tier| {
            let total = totals[tier].less(&self.measured_totals[tier]);
            (self.plan.tiers[tier].id.clone(), self.tier_report(tier, &total, measured.0))
        });
        Report {
            scenario: self.scenario.name.clone(),
            seed: self.ctx.seed,
            simulated_seconds: measured.as_seconds(),
            requests: requests(&ledger.measured),
            latency_ms: (&all).into(),
            by_class: by_class.collect(),
            by_clients: self.clients_report(),
            deployments: self.deployment_reports(),
            writes: WritesReport {
                applied: self.ctx.writes.applied,
                doubled: self.ctx.writes.doubled,
                applied_but_failed: self.ctx.writes.applied_but_failed,
            },
            sessions: self.sessions_report(),
            tiers: tiers.collect(),
            operations: self.operations_report(),
            browsers: self.browser_report(),
            cost_per_month_usd: self.cost_per_month_usd(),
            costs_per_month: self.costs(),
            events: self.events,
            model: MODEL,
            digest: format!("{:016x}", self.digest()),
        }
    }

    fn tier_report(&self, tier: usize, total: &TierWindow, span_ns: u64) -> TierReport {
        let state = &self.ctx.tiers[tier];
        let share = |part: u128, whole: u128| (whole > 0).then(|| part as f64 / whole as f64);
        let served_by = |node: &crate::nodes::NodeId| {
            let before = self.measured_served.get(node.index()).copied().unwrap_or(0);
            self.ctx.nodes[node.index()].served - before
        };
        TierReport {
            kind: self.plan.tiers[tier].kind,
            instances: state.instances,
            utilisation: share(total.busy, total.capacity),
            slots_utilisation: share(total.slots_busy, total.slots_capacity),
            disk_utilisation: share(total.disk_busy, total.disk_capacity),
            queue_mean: total.waiting as f64 / span_ns.max(1) as f64,
            wait_ms: (&self.ctx.ledger.waits[tier]).into(),
            served: total.served,
            per_instance: state.members.iter().map(served_by).collect(),
            per_backend: self.per_backend(tier),
            answers: self.answers_report(tier),
            builds: self.builds_report(tier),
            cache: self.cache_report(tier).filter(|_| self.plan.tiers[tier].kind == Kind::Cache),
            cdn: self.cdn_report(tier),
            sent_gb: self.out_gb(tier),
            buffer_pool: self.pool_report(tier),
            scaling: self.scaling_report(tier, total, span_ns),
            replication: self.replication_report(tier),
            sharding: self.sharding_report(tier),
            messages: self.broker_report(tier),
            work: self.work_report(tier),
        }
    }
}

impl World {
    /// What the caches of a tier found while it was measured.
    fn cache_report(&self, tier: usize) -> Option<CacheReport> {
        let mut sum: Option<CacheReport> = None;
        for node in &self.ctx.tiers[tier].members {
            let Some(now) = self.nodes[node.index()].cache_counts() else { continue };
            let before = self.measured_caches.get(node.index()).copied().flatten().unwrap_or_default();
            let sum = sum.get_or_insert_default();
            sum.hits += now.counts.hits - before.counts.hits;
            sum.misses += now.counts.misses - before.counts.misses;
            sum.stale_reads += now.stale - before.stale;
            sum.expired += now.counts.expired - before.counts.expired;
            sum.evicted += now.counts.evicted - before.counts.evicted;
            sum.entries += now.entries;
            sum.refreshed += now.refreshed - before.refreshed;
        }
        let mut report = sum?;
        report.coalesced = self.ctx.tiers[tier].coalesced - self.measured_coalesced[tier];
        let behind = self.ctx.tiers[tier].behind;
        report.write_behind = (behind.accepted > 0).then(|| WriteBehindReport {
            accepted: behind.accepted,
            written: behind.written,
            lost_writes: behind.lost,
            waiting: behind.accepted - behind.written - behind.lost,
        });
        let looked_up = report.hits + report.misses;
        report.hit_ratio = (looked_up > 0).then(|| report.hits as f64 / looked_up as f64);
        Some(report)
    }

    /// What the databases of a tier found in memory while it was measured.
    fn pool_report(&self, tier: usize) -> Option<PoolReport> {
        let mut sum: Option<PoolReport> = None;
        for node in &self.ctx.tiers[tier].members {
            let Some(now) = self.nodes[node.index()].pool_counts() else { continue };
            let before = self.measured_pools.get(node.index()).copied().flatten().unwrap_or_default();
            let sum = sum.get_or_insert_default();
            sum.hits += now.pages.hits - before.pages.hits;
            sum.misses += now.pages.misses - before.pages.misses;
            sum.written_back += now.written_back - before.written_back;
            sum.log_flushes += now.flushes - before.flushes;
        }
        let mut report = sum?;
        let asked = report.hits + report.misses;
        report.hit_ratio = (asked > 0).then(|| report.hits as f64 / asked as f64);
        Some(report)
    }

    /// What the balancers of a tier have sent to each backend.
    fn per_backend(&self, tier: usize) -> BTreeMap<String, Vec<u64>> {
        let mut sums: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for node in &self.ctx.tiers[tier].members {
            let Node::Balancer(balancer) = &self.nodes[node.index()] else { continue };
            for (behind, sent) in balancer.sent() {
                let sum = sums.entry(self.plan.tiers[behind.index()].id.clone()).or_default();
                sum.resize(sum.len().max(sent.len()), 0);
                sum.iter_mut().zip(sent).for_each(|(sum, sent)| *sum += sent);
            }
        }
        sums
    }
}

fn requests(books: &Books) -> Requests {
    Requests {
        issued: books.issued,
        answered: books.answered,
        in_flight: books.in_flight(),
        // No request ends with 401: it is repeated with the password.
        failed: Cause::ALL
            .into_iter()
            .filter(|cause| *cause != Cause::Unauthorized)
            .map(|cause| (cause.name(), books.failed[cause as usize]))
            .collect(),
        missing: books.missing,
        attempts: books.issued + books.retried,
    }
}
