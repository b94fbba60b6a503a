//! What those who run the system came to know and to do, since the start of the run.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::nodes::NodeId;
use crate::nodes::operations::alerts::Host;
use crate::nodes::operations::business::Business;
use crate::nodes::operations::logs::Logs;
use crate::nodes::operations::pipeline::{self, Pipeline};
use crate::nodes::operations::{Operations, on_call};
use crate::time::SimTime;

use super::super::World;

/// What those who run the system came to know and to do.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OperationsReport {
    /// How often values were scraped.
    pub scrapes: u64,
    /// Each server that is meant to be there, as it was at the last scrape.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, HostReport>,
    /// Rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub alerts: BTreeMap<String, AlertReport>,
    /// Complaints that got through.
    pub complaints: u64,
    /// How often somebody was called.
    pub calls: u64,
    /// How many servers he looked at.
    pub looks: u64,
    /// What he repaired, the newest repairs.
    pub repairs: Vec<Repair>,
    /// Lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<LogsReport>,
    /// Users and orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<BusinessReport>,
    /// What was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<PipelineReport>,
}

/// A server as it was at a scrape, over the time since the one before.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct HostReport {
    /// Whether it answered.
    pub up: bool,
    /// How busy its cores were, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_utilisation: Option<f64>,
    /// How much of its memory was taken, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_utilisation: Option<f64>,
    /// How busy its disk was, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_utilisation: Option<f64>,
    /// Megabits per second sent to clients and edges.
    pub network_mbps: f64,
    /// Replies per second.
    pub requests_per_second: f64,
    /// Errors among them per second.
    pub errors_per_second: f64,
}

/// A rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct AlertReport {
    /// How often it fired.
    pub fired: u64,
    /// Whether it does.
    pub firing: bool,
    /// When it fired, in milliseconds, and when it was calm again; the newest.
    pub episodes: Vec<EpisodeReport>,
}

/// A stretch during which a rule fired.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EpisodeReport {
    /// When the condition was first scraped.
    pub since_ms: f64,
    /// When the rule fired.
    pub fired_ms: f64,
    /// When it was calm again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_ms: Option<f64>,
    /// What was not taken until then, in US dollars, against what is taken when all is calm.
    pub revenue_lost_usd: f64,
}

/// Something that was repaired.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Repair {
    /// When, in milliseconds.
    pub at_ms: f64,
    /// What: `web.2`.
    pub target: String,
    /// How many servers had been looked at for that, this one counted.
    pub looks: u32,
}

/// Lines.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LogsReport {
    /// Written by each server.
    pub written: BTreeMap<String, u64>,
    /// Gathered in one place.
    pub gathered: u64,
    /// Had to go before they were gathered.
    pub lost: u64,
    /// Of the lines that each server has now: how many tell of a failure or of something slow. Dead servers show none.
    pub bad_by_writer: BTreeMap<String, u64>,
    /// Of the gathered lines that tell of a failure or of something slow: whom they name.
    pub blamed: BTreeMap<String, u64>,
}

/// What was committed, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PipelineReport {
    /// Commits.
    pub commits: u64,
    /// Those that a test has stopped.
    pub failed_tests: u64,
    /// Those that all servers have got.
    pub rolled_out: u64,
    /// Those that were brought to servers and went back.
    pub rolled_back: u64,
    /// Those whose place another deployment has taken.
    pub superseded: u64,
    /// Those for which there was no room.
    pub turned_away: u64,
    /// Those that wait.
    pub waiting: u64,
    /// The newest that are over.
    pub passages: Vec<PassageReport>,
}

/// What became of a commit.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PassageReport {
    /// The build that it led to.
    pub build: String,
    /// When it was committed, in milliseconds.
    pub committed_ms: f64,
    /// When it was over, in milliseconds.
    pub ended_ms: f64,
    /// `failed_tests`, `rolled_out`, `rolled_back` or `superseded`.
    pub outcome: &'static str,
}

/// Users and orders.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BusinessReport {
    /// Different users of the last whole hour, if one is over; an estimate, with a standard error of 0.8%.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hourly_active_users: Option<f64>,
    /// Of the last whole day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_active_users: Option<f64>,
    /// Different users so far today.
    pub active_users_today: f64,
    /// Visits that began.
    pub visits: u64,
    /// Those of them that have an order.
    pub converted: u64,
    /// converted / visits, from 0 to 1.
    pub conversion: f64,
    /// Orders answered.
    pub orders: u64,
    /// What they brought, in US dollars.
    pub revenue_usd: f64,
    /// What was not taken while alerts fired that are calm again, in US dollars; the longest of those that overlap.
    pub revenue_lost_usd: f64,
}

impl World {
    /// What those who run the system came to know and to do, if anybody runs it.
    pub fn operations_report(&self) -> Option<OperationsReport> {
        let own = self.ctx.operations()?;
        let ids = self.scenario.operations.iter().flat_map(|own| own.alerts.keys());
        let ours = |(node, host): (usize, &Host)| {
            let state = &self.ctx.nodes[node];
            let meant = usize::from(state.instance) < self.ctx.tiers[state.tier.index()].instances;
            state.host.filter(|_| meant).map(|_| (self.target(NodeId(node as u16)), host_report(host)))
        };
        Some(OperationsReport {
            scrapes: own.scrapes,
            hosts: own.hosts.iter().enumerate().filter_map(ours).collect(),
            alerts: ids.enumerate().map(|(rule, id)| (id.clone(), alert_report(own, rule))).collect(),
            complaints: own.complaints.heard,
            calls: own.on_call.calls,
            looks: own.on_call.looks,
            repairs: own.on_call.repairs.iter().map(|repair| self.repair_report(repair)).collect(),
            logs: own.logs.as_ref().map(|logs| self.logs_report(logs)),
            business: own.business.as_ref().map(|business| business_report(own, business)),
            pipeline: own.pipeline.as_ref().map(|pipeline| self.pipeline_report(pipeline)),
        })
    }

    fn pipeline_report(&self, own: &Pipeline) -> PipelineReport {
        let [failed_tests, rolled_out, rolled_back, superseded] = own.outcomes;
        let passage = |own: &pipeline::Passage| PassageReport {
            build: self.plan.builds[usize::from(own.commit.build)].0.clone(),
            committed_ms: own.commit.at.as_ms(),
            ended_ms: own.ended.as_ms(),
            outcome: own.outcome.name(),
        };
        PipelineReport {
            commits: own.commits,
            failed_tests,
            rolled_out,
            rolled_back,
            superseded,
            turned_away: own.turned_away,
            waiting: own.waiting.len() as u64,
            passages: own.passages.iter().map(passage).collect(),
        }
    }

    fn repair_report(&self, own: &on_call::Repair) -> Repair {
        Repair { at_ms: own.at.as_ms(), target: self.target(own.node), looks: own.looks }
    }

    fn logs_report(&self, logs: &Logs) -> LogsReport {
        let nodes = || (0..self.nodes.len()).map(|node| NodeId(node as u16));
        let bad = |node: NodeId| {
            let readable = self.ctx.nodes[node.index()].life.works();
            logs.of(node).filter(|line| readable && logs.is_bad(line)).count() as u64
        };
        let of = |count: &dyn Fn(NodeId) -> u64| -> BTreeMap<String, u64> {
            let counts = nodes().map(|node| (self.target(node), count(node)));
            counts.filter(|(target, count)| !target.is_empty() && *count > 0).collect()
        };
        LogsReport {
            written: of(&|node| logs.written(node)),
            gathered: logs.gathered_in_all,
            lost: logs.lost,
            bad_by_writer: of(&bad),
            blamed: logs.blamed().into_iter().map(|(node, count)| (self.target(node), count)).collect(),
        }
    }
}

fn host_report(host: &Host) -> HostReport {
    HostReport {
        up: host.up,
        cpu_utilisation: host.cpu,
        memory_utilisation: host.memory,
        disk_utilisation: host.disk,
        network_mbps: host.network_mbps,
        requests_per_second: host.requests_per_second,
        errors_per_second: host.errors_per_second,
    }
}

fn alert_report(own: &Operations, rule: usize) -> AlertReport {
    let episodes = own.episodes.iter().filter(|episode| episode.rule == own.rules[rule].number);
    AlertReport {
        fired: own.rules[rule].fired,
        firing: own.rules[rule].firing,
        episodes: episodes
            .map(|episode| EpisodeReport {
                since_ms: episode.since.as_ms(),
                fired_ms: episode.fired.as_ms(),
                cleared_ms: episode.cleared.map(SimTime::as_ms),
                revenue_lost_usd: episode.revenue_lost_usd,
            })
            .collect(),
    }
}

fn business_report(own: &Operations, business: &Business) -> BusinessReport {
    let (visits, converted) = (business.visits_begun, business.visits_converted);
    BusinessReport {
        hourly_active_users: business.hourly.last,
        daily_active_users: business.daily.last,
        active_users_today: business.daily.so_far(),
        visits,
        converted,
        conversion: converted as f64 / visits.max(1) as f64,
        orders: business.orders,
        revenue_usd: business.revenue_usd(),
        revenue_lost_usd: lost_usd(own),
    }
}

/// Alerts that fire at the same time tell of the same loss.
fn lost_usd(own: &Operations) -> f64 {
    let mut lost = 0.0;
    let mut group = (SimTime::ZERO, 0.0f64);
    let mut episodes: Vec<_> = own.episodes.iter().filter(|episode| episode.cleared.is_some()).collect();
    episodes.sort_by_key(|episode| episode.since);
    for episode in episodes {
        if episode.since > group.0 {
            lost += group.1;
            group.1 = 0.0;
        }
        group = (group.0.max(episode.cleared.unwrap_or_default()), group.1.max(episode.revenue_lost_usd));
    }
    lost + group.1
}
