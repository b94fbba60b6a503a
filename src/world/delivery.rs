//! What edges, stores and browsers did, and what the traffic costs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::nodes::browsers::BrowserCounts;
use crate::nodes::cdn::Tally;
use crate::nodes::ledger::TierWindow;
use crate::nodes::{Kind, Node, NodeId};
use crate::scenario::{Scenario, Tier};

use super::World;

const BYTES_PER_GB: f64 = 1e9;
/// The seconds of a month of 730 hours, by which machines are paid too.
const SECONDS_PER_MONTH: f64 = 730.0 * 3600.0;

/// What had been done when measuring began.
#[derive(Clone, Debug, Default)]
pub(super) struct Before {
    edges: Vec<Option<Tally>>,
    asked: Vec<u64>,
    bytes_out: Vec<u64>,
    browsers: BrowserCounts,
}

/// A content delivery network, or one edge of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CdnReport {
    /// Requests for files that it had.
    pub hits: u64,
    /// Requests for files that it did not have.
    pub misses: u64,
    /// hits / (hits + misses); absent before the first request for a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<f64>,
    /// Misses that waited for another one's fill.
    pub coalesced: u64,
    /// Files that it asked the origin for: misses − coalesced.
    pub fills: u64,
    /// Answers older than the newest version that was published when the request was sent.
    pub stale_reads: u64,
    /// Misses of a file that was held but had expired.
    pub expired: u64,
    /// Files that had to go because there was no room.
    pub evicted: u64,
    /// Files held at the end.
    pub entries: u64,
    /// Requests passed to the origin, as their answers may not be kept.
    pub passed: u64,
    /// Requests turned away by the limit for source addresses.
    pub blocked: u64,
    /// The same by client group, where there were any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub blocked_by_group: BTreeMap<String, u64>,
    /// Gigabytes sent to clients.
    pub out_gb: f64,
    /// Gigabytes fetched from the origin.
    pub filled_gb: f64,
    /// By place, of the whole network.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub by_edge: BTreeMap<String, CdnReport>,
}

/// What devices found among the files that they keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BrowserReport {
    /// Requests that devices answered themselves.
    pub hits: u64,
    /// Requests for files that they did not have.
    pub misses: u64,
    /// Hits that were older than the newest version that was published when the request was made.
    pub stale_reads: u64,
}

/// What a month costs at the measured load, in US dollars, where traffic has a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Costs {
    /// Machines as they stand at the end.
    pub machines_usd: f64,
    /// What machines send to clients and edges.
    pub egress_usd: f64,
    /// What content delivery networks send, fetch and are asked for.
    pub cdn_usd: f64,
    /// What object stores hold, send and are asked for.
    pub object_store_usd: f64,
}

impl Costs {
    /// All of it.
    pub fn total_usd(&self) -> f64 {
        self.machines_usd + self.egress_usd + self.cdn_usd + self.object_store_usd
    }
}

/// Whether anything but machines has a price.
/// What a tier moved.
struct Traffic {
    out_gb: f64,
    filled_gb: f64,
    asked: f64,
}

fn traffic_is_paid(scenario: &Scenario) -> bool {
    scenario.network.price_out_per_gb_usd > 0.0
        || scenario.tiers.values().any(|tier| matches!(tier.kind(), Kind::Cdn | Kind::ObjectStore))
}

impl World {
    /// Measuring begins.
    pub(super) fn before(&self) -> Before {
        let tally = |node: &Node| match node {
            Node::Edge(edge) => Some(edge.tally()),
            Node::Client(_)
            | Node::Dns(_)
            | Node::Balancer(_)
            | Node::Web(_)
            | Node::Cache(_)
            | Node::Database(_)
            | Node::ObjectStore(_)
            | Node::Broker(_)
            | Node::Worker(_) => None,
        };
        Before {
            edges: self.nodes.iter().map(tally).collect(),
            asked: self.ctx.nodes.iter().map(|node| node.asked).collect(),
            bytes_out: self.ctx.nodes.iter().map(|node| node.bytes_out).collect(),
            browsers: self.ctx.browsers.counts,
        }
    }

    /// What devices found, where some keep files.
    pub(super) fn browser_report(&self) -> Option<BrowserReport> {
        let keep = self.plan.clients.iter().any(|client| client.manners.browser_cache);
        let (now, before) = (self.ctx.browsers.counts, self.measured_delivery.browsers);
        keep.then(|| BrowserReport {
            hits: now.hits - before.hits,
            misses: now.misses - before.misses,
            stale_reads: now.stale - before.stale,
        })
    }

    /// What the edges of a tier did, if it is a CDN.
    pub(super) fn cdn_report(&self, tier: usize) -> Option<CdnReport> {
        let Tier::Cdn(cdn) = self.scenario.tiers.get(&self.plan.tiers[tier].id)? else { return None };
        if self.plan.tiers[tier].kind != Kind::Cdn {
            return None;
        }
        let mut all = CdnReport::default();
        for (place, node) in cdn.places.iter().zip(&self.ctx.tiers[tier].members) {
            let own = self.edge_report(*node);
            all.add(&own);
            all.by_edge.insert(place.clone(), own);
        }
        all.hit_ratio = ratio(all.hits, all.misses);
        Some(all)
    }

    fn edge_report(&self, node: NodeId) -> CdnReport {
        let Node::Edge(edge) = &self.nodes[node.index()] else { unreachable!("a CDN's members are edges") };
        let (now, blank) = (edge.tally(), Tally::default());
        let before = self.measured_delivery.edges.get(node.index()).and_then(Option::as_ref).unwrap_or(&blank);
        let blocked_before = |group: usize| before.blocked.get(group).copied().unwrap_or(0);
        let groups = now.blocked.iter().enumerate().map(|(group, count)| (group, count - blocked_before(group)));
        let by_group: BTreeMap<String, u64> = groups
            .filter(|&(_, count)| count > 0)
            .map(|(group, count)| (self.plan.tiers[group].id.clone(), count))
            .collect();
        let (hits, misses) = (now.counts.hits - before.counts.hits, now.counts.misses - before.counts.misses);
        CdnReport {
            hits,
            misses,
            hit_ratio: ratio(hits, misses),
            coalesced: now.coalesced - before.coalesced,
            fills: now.fills - before.fills,
            stale_reads: now.stale - before.stale,
            expired: now.counts.expired - before.counts.expired,
            evicted: now.counts.evicted - before.counts.evicted,
            entries: edge.entries.len() as u64,
            passed: now.passed - before.passed,
            blocked: by_group.values().sum(),
            blocked_by_group: by_group,
            out_gb: self.measured_bytes_out(node) as f64 / BYTES_PER_GB,
            filled_gb: (now.bytes_filled - before.bytes_filled) as f64 / BYTES_PER_GB,
            by_edge: BTreeMap::new(),
        }
    }

    fn measured_bytes_out(&self, node: NodeId) -> u64 {
        let before = self.measured_delivery.bytes_out.get(node.index()).copied().unwrap_or(0);
        self.ctx.nodes[node.index()].bytes_out - before
    }

    fn measured_asked(&self, node: NodeId) -> u64 {
        let before = self.measured_delivery.asked.get(node.index()).copied().unwrap_or(0);
        self.ctx.nodes[node.index()].asked - before
    }

    /// Gigabytes that a tier has sent to clients and edges; absent where nobody asks for it.
    pub(super) fn out_gb(&self, tier: usize) -> Option<f64> {
        let sent: u64 = self.ctx.tiers[tier].members.iter().map(|&node| self.measured_bytes_out(node)).sum();
        (traffic_is_paid(&self.scenario) && sent > 0).then_some(sent as f64 / BYTES_PER_GB)
    }

    /// What a month costs at the measured load; nothing but machines cost in older scenarios.
    pub fn costs(&self) -> Option<Costs> {
        if !traffic_is_paid(&self.scenario) {
            return None;
        }
        let seconds = self.ctx.now.since(self.ctx.ledger.measured_from).as_seconds();
        Some(self.costs_of(self.machines_usd(), seconds, |tier| {
            let members = &self.ctx.tiers[tier].members;
            let sum = |of: &dyn Fn(NodeId) -> u64| members.iter().map(|&node| of(node)).sum::<u64>() as f64;
            Traffic {
                out_gb: sum(&|node| self.measured_bytes_out(node)) / BYTES_PER_GB,
                filled_gb: self.cdn_report(tier).map_or(0.0, |report| report.filled_gb),
                asked: sum(&|node| self.measured_asked(node)),
            }
        }))
    }

    /// What a month costs at the load of a stretch in which tiers did this, in US dollars.
    pub(super) fn cost_at(&self, tiers: &[TierWindow], seconds: f64) -> f64 {
        let machines_usd = self.machines_at(tiers, seconds);
        if !traffic_is_paid(&self.scenario) {
            return machines_usd;
        }
        let traffic = |tier: usize| {
            let own = &tiers[tier];
            let gb = |bytes: u64| bytes as f64 / BYTES_PER_GB;
            Traffic { out_gb: gb(own.bytes_out), filled_gb: gb(own.bytes_filled), asked: own.asked as f64 }
        };
        self.costs_of(machines_usd, seconds, traffic).total_usd()
    }

    /// What a month costs at the load of so many seconds in which tiers had this traffic.
    fn costs_of(&self, machines_usd: f64, seconds: f64, traffic: impl Fn(usize) -> Traffic) -> Costs {
        let scenario = &self.scenario;
        let months = seconds / SECONDS_PER_MONTH;
        let monthly = |amount: f64| if months > 0.0 { amount / months } else { 0.0 };
        let mut costs = Costs { machines_usd, ..Costs::default() };
        for tier in self.plan.clients.len()..self.plan.tiers.len() {
            let Traffic { out_gb, filled_gb, asked } = traffic(tier);
            let (out_gb, filled_gb, asked) = (monthly(out_gb), monthly(filled_gb), monthly(asked));
            match &scenario.tiers[&self.plan.tiers[tier].id] {
                Tier::Cdn(cdn) => {
                    costs.cdn_usd += out_gb * cdn.price_out_per_gb_usd
                        + filled_gb * cdn.price_fill_per_gb_usd
                        + asked / 1e4 * cdn.price_per_10000_requests_usd;
                }
                Tier::ObjectStore(store) => {
                    costs.object_store_usd += out_gb * store.price_out_per_gb_usd
                        + store.stored_gb * store.price_per_gb_month_usd
                        + asked / 1e3 * store.price_per_1000_requests_usd;
                }
                Tier::Dns(_)
                | Tier::LoadBalancer(_)
                | Tier::WebServer(_)
                | Tier::Cache(_)
                | Tier::Database(_)
                | Tier::MessageBroker(_)
                | Tier::Worker(_) => {
                    costs.egress_usd += out_gb * scenario.network.price_out_per_gb_usd;
                }
            }
        }
        costs
    }

    /// What a month costs at the measured load, in US dollars.
    pub fn cost_per_month_usd(&self) -> f64 {
        self.costs().map_or_else(|| self.machines_usd(), |costs| costs.total_usd())
    }
}

impl CdnReport {
    fn add(&mut self, edge: &Self) {
        self.hits += edge.hits;
        self.misses += edge.misses;
        self.coalesced += edge.coalesced;
        self.fills += edge.fills;
        self.stale_reads += edge.stale_reads;
        self.expired += edge.expired;
        self.evicted += edge.evicted;
        self.entries += edge.entries;
        self.passed += edge.passed;
        self.blocked += edge.blocked;
        self.out_gb += edge.out_gb;
        self.filled_gb += edge.filled_gb;
        for (group, count) in &edge.blocked_by_group {
            *self.blocked_by_group.entry(group.clone()).or_default() += count;
        }
    }
}

fn ratio(hits: u64, misses: u64) -> Option<f64> {
    (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
}
