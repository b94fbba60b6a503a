//! What name servers answered, which builds servers run, and what became of deployments.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::nodes::answers::{AnswerPolicy, Chooser};
use crate::nodes::deployment::{Deployment, Stage};
use crate::nodes::{Node, NodeId};
use crate::time::SimTime;

use super::super::World;
use super::ClassReport;

/// A build on its way to servers.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DeploymentReport {
    /// The build.
    pub build: String,
    /// What it is at: `rolled_out`, `rolled_back`, `superseded` or `under_way`.
    pub outcome: &'static str,
    /// When it began, in seconds.
    pub began_s: f64,
    /// When it was over, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_s: Option<f64>,
    /// Servers that were started with it.
    pub replaced: u32,
    /// The share of failed requests for which it went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_rate: Option<f64>,
}

impl World {
    /// What became of deployments.
    pub(super) fn deployment_reports(&self) -> Vec<DeploymentReport> {
        let report = |own: &Deployment| DeploymentReport {
            build: self.plan.builds[usize::from(own.build)].0.clone(),
            outcome: match own.stage {
                Stage::RolledOut => "rolled_out",
                Stage::RolledBack => "rolled_back",
                Stage::Superseded => "superseded",
                Stage::Canary
                | Stage::ObservingCanary(_)
                | Stage::RollingOut
                | Stage::Observing(_)
                | Stage::RollingBack => "under_way",
            },
            began_s: own.began.as_ms() / 1e3,
            ended_s: (own.ended != SimTime::NEVER).then(|| own.ended.as_ms() / 1e3),
            replaced: own.replaced,
            error_rate: own.error_rate,
        };
        self.deployments().map(report).collect()
    }

    /// How many servers of a tier run each build, if they run any.
    pub(super) fn builds_report(&self, tier: usize) -> BTreeMap<String, usize> {
        let state = &self.ctx.tiers[tier];
        let mut builds = BTreeMap::new();
        for node in &state.members[..state.instances] {
            if let Node::Web(web) = &self.nodes[node.index()]
                && let Some(number) = web.build_number
            {
                *builds.entry(self.plan.builds[usize::from(number)].0.clone()).or_default() += 1;
            }
        }
        builds
    }

    /// How often name servers answered with each address, by client group, where they do not take turns.
    pub(super) fn answers_report(&self, tier: usize) -> BTreeMap<String, Vec<u64>> {
        let chooser = |node: &NodeId| {
            let Node::Dns(dns) = &self.nodes[node.index()] else { return None };
            (dns.chooser.answers.policy != AnswerPolicy::RoundRobin).then_some(&dns.chooser)
        };
        let choosers: Vec<&Chooser> = self.ctx.tiers[tier].members.iter().filter_map(chooser).collect();
        if choosers.is_empty() {
            return BTreeMap::new();
        }
        let given = |group: usize| {
            let mut all: Vec<u64> = Vec::new();
            for own in choosers.iter().map(|chooser| chooser.given(group)) {
                all.resize(all.len().max(own.len()), 0);
                all.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            }
            all
        };
        let groups = self.plan.tiers[..self.plan.clients.len()].iter().enumerate();
        groups.map(|(group, tier)| (tier.id.clone(), given(group))).collect()
    }

    /// What each group of clients got, where they are at several places.
    pub(super) fn clients_report(&self) -> BTreeMap<String, ClassReport> {
        let books = self.plan.tiers.iter().zip(&self.ctx.ledger.groups);
        let report = books.map(|(tier, books)| {
            let (answered, failed) = (books.latency.count(), books.failed);
            (tier.id.clone(), ClassReport { answered, failed, latency_ms: (&books.latency).into() })
        });
        report.collect()
    }
}
