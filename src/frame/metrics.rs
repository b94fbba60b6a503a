//! What a monitor has scraped over the run, for the page: by server, by tier, and of the business. Nothing else is in here:
//! what was not scraped is not known.

use serde::{Deserialize, Serialize};

use crate::nodes::NodeId;
use crate::nodes::operations::Operations;
use crate::nodes::operations::course::{HOSTS_MAX, HostRecord, Record, TierRecord, Trade};
use crate::world::World;

/// The most scrapes that are told.
const SCRAPES_MAX: usize = 120;
/// The most servers that are told: those with the busiest cores.
const HOSTS_TOLD_MAX: usize = 24;

/// Values by scrape, oldest first; NaN where there is none.
pub type Values = Vec<f32>;

/// What was scraped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// The tier whose servers were asked for; none for all.
    pub tier: Option<String>,
    /// When, in milliseconds, oldest first.
    pub at_ms: Vec<f64>,
    /// One scrape in so many is told.
    pub every: u64,
    /// By tier, without those that nobody scrapes.
    pub tiers: Vec<TierMetrics>,
    /// By server, in the order of the scene.
    pub hosts: Vec<HostMetrics>,
    /// How many servers there are of those that were asked for.
    pub hosts_in_all: u64,
    /// Whether there are so many servers that only their newest values are kept.
    pub newest_only: bool,
    /// Users and orders, if they are counted.
    pub business: Option<BusinessMetrics>,
}

/// A tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `TierSample`, whose values these are")]
pub struct TierMetrics {
    /// Its id.
    pub id: String,
    pub up: Values,
    pub requests_per_second: Values,
    pub latency_p99_ms: Values,
    pub cpu: Values,
    pub error_share: Values,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `Host`, whose values these are")]
pub struct HostMetrics {
    /// What a change calls it: `web.2`.
    pub target: String,
    /// Whether it answered the last scrape.
    pub up: bool,
    pub cpu: Values,
    pub memory: Values,
    pub disk: Values,
}

/// Users and orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `Trade`, whose values these are")]
pub struct BusinessMetrics {
    pub orders_per_second: Values,
    pub normal_per_second: Values,
    pub users_today: Values,
    pub conversion: Values,
    pub revenue_usd: Values,
}

/// What was scraped, with the servers of this tier or of all; none where nobody scrapes.
pub fn metrics(world: &World, tier: Option<&str>) -> Option<Metrics> {
    let own = world.context().operations()?;
    own.settings.monitor?;
    let records = own.course.records();
    let step = records.len().div_ceil(SCRAPES_MAX).max(1);
    let mut told: Vec<&Record> = records.iter().rev().step_by(step).map(AsRef::as_ref).collect();
    told.reverse();
    let plan = &world.plan().tiers;
    let tiers = plan.iter().enumerate().skip(world.plan().clients.len()).map(|(index, tier)| {
        let values = |of: fn(&TierRecord) -> f32| values(&told, |record| record.tiers.get(index).map(of));
        TierMetrics {
            id: tier.id.clone(),
            up: values(|own| own.up),
            requests_per_second: values(|own| own.requests_per_second),
            latency_p99_ms: values(|own| own.latency_p99_ms),
            cpu: values(|own| own.cpu),
            error_share: values(|own| own.error_share),
        }
    });
    let nodes = hosts_of(world, tier);
    let hosts_in_all = nodes.len() as u64;
    Some(Metrics {
        tier: tier.map(str::to_owned),
        at_ms: told.iter().map(|record| record.at.as_ms()).collect(),
        every: own.course.every() * step as u64,
        tiers: tiers.filter(|tier| !tier.up.iter().all(|value| value.is_nan())).collect(),
        hosts: busiest(own, nodes).into_iter().map(|node| host(world, own, &told, node)).collect(),
        hosts_in_all,
        newest_only: own.hosts.len() > HOSTS_MAX,
        business: own.business.as_ref().map(|_| business(&told)),
    })
}

fn values(told: &[&Record], of: impl Fn(&Record) -> Option<f32>) -> Values {
    told.iter().map(|record| of(record).unwrap_or(f32::NAN)).collect()
}

/// Servers of ours that are meant to be there.
fn hosts_of(world: &World, tier: Option<&str>) -> Vec<NodeId> {
    let ctx = world.context();
    let is_one = |node: &NodeId| {
        let state = &ctx.nodes[node.index()];
        let plan = &world.plan().tiers[state.tier.index()];
        state.host.is_some()
            && usize::from(state.instance) < ctx.tiers[state.tier.index()].instances
            && tier.is_none_or(|tier| plan.id == tier)
    };
    (0..world.nodes().len()).map(|node| NodeId(node as u16)).filter(is_one).collect()
}

/// As many as are told, in their order: those that do not answer, and the busiest.
fn busiest(own: &Operations, mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    if nodes.len() > HOSTS_TOLD_MAX {
        let load = |node: &NodeId| match own.hosts.get(node.index()) {
            Some(host) if host.up => host.cpu.unwrap_or(0.0),
            Some(_) | None => f64::INFINITY,
        };
        nodes.sort_by(|a, b| load(b).total_cmp(&load(a)));
        nodes.truncate(HOSTS_TOLD_MAX);
        nodes.sort();
    }
    nodes
}

fn host(world: &World, own: &Operations, told: &[&Record], node: NodeId) -> HostMetrics {
    let now = own.hosts.get(node.index()).map(HostRecord::from);
    let newest = |of: fn(&HostRecord) -> f32| {
        // What is not kept by scrape is known of the last one.
        let mut values = values(told, |record| record.hosts.get(node.index()).map(of));
        if let (Some(last), Some(now), true) = (values.last_mut(), &now, own.hosts.len() > HOSTS_MAX) {
            *last = of(now);
        }
        values
    };
    HostMetrics {
        target: world.target(node),
        up: own.hosts.get(node.index()).is_some_and(|host| host.up),
        cpu: newest(|own| own.cpu),
        memory: newest(|own| own.memory),
        disk: newest(|own| own.disk),
    }
}

fn business(told: &[&Record]) -> BusinessMetrics {
    let values = |of: fn(&Trade) -> f32| values(told, |record| record.business.as_ref().map(of));
    BusinessMetrics {
        orders_per_second: values(|own| own.orders_per_second),
        normal_per_second: values(|own| own.normal_per_second),
        users_today: values(|own| own.users_today),
        conversion: values(|own| own.conversion),
        revenue_usd: values(|own| own.revenue_usd),
    }
}
