//! What those who run the system know, for the page: alerts, whoever is on call, the pipeline, lines, users and orders.

use serde::{Deserialize, Serialize};

use crate::nodes::deployment;
use crate::nodes::operations::Operations;
use crate::nodes::operations::on_call::Call;
use crate::nodes::operations::pipeline::Stage;
use crate::world::World;
use crate::world::report::OperationsReport;

use super::logs::{LogsStatus, logs};

/// What those who run the system know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationsStatus {
    /// The monitor, if there is one.
    pub monitor: Option<MonitorStatus>,
    /// Rules.
    pub alerts: Vec<AlertStatus>,
    /// Whoever is on call, if anybody is.
    pub on_call: Option<OnCallStatus>,
    /// What is committed, if there is a pipeline.
    pub pipeline: Option<PipelineStatus>,
    /// Lines, if servers write some.
    pub logs: Option<LogsStatus>,
    /// Users and orders, if they are counted.
    pub business: Option<BusinessStatus>,
}

/// The monitor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitorStatus {
    /// Servers that answered the last scrape, and servers that were asked.
    pub up: (u32, u32),
    /// How old the last scrape is, in milliseconds; none before the first.
    pub age_ms: Option<f64>,
    /// Time between two scrapes, in milliseconds.
    pub every_ms: f64,
    /// How many there were.
    pub scrapes: u64,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertStatus {
    /// Its id.
    pub id: String,
    /// Whether it fires.
    pub firing: bool,
    /// Whether its condition holds.
    pub holds: bool,
    /// The newest value that was judged, if there was one.
    pub value: Option<f64>,
    /// How often it has fired.
    pub fired: u64,
}

/// Whoever is on call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnCallStatus {
    /// What he was called by, while he is at it: an alert's id, or complaints.
    pub called_by: Option<String>,
    /// The server that he looks at.
    pub looks_at: Option<String>,
    /// How often he was called.
    pub calls: u64,
    /// Servers that he has looked at.
    pub looks: u64,
    /// What he has repaired or taken back.
    pub repairs: u64,
}

/// What is committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineStatus {
    /// The build that is on its way, and how far it is.
    pub at: Option<(String, Step)>,
    /// Commits that wait.
    pub waiting: u32,
    /// What became of the others: stopped by tests, rolled out, rolled back, replaced by another deployment.
    pub outcomes: [u64; 4],
}

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is built.
    Building,
    /// It is tested.
    Testing,
    /// Canaries get it or are watched.
    Canary,
    /// All others get it or are watched.
    RollingOut,
    /// It goes back.
    RollingBack,
}

/// Users and orders.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BusinessStatus {
    /// Different users so far today.
    pub active_users_today: f64,
    /// Visits that have an order, from 0 to 1.
    pub conversion: f64,
    /// Revenue so far, in US dollars.
    pub revenue_usd: f64,
    /// What was not taken while alerts fired that are calm again, in US dollars.
    pub revenue_lost_usd: f64,
}

/// What those who run the system know, if anybody runs it.
pub fn operations(world: &World) -> Option<OperationsStatus> {
    let own = world.context().operations()?;
    let report = world.operations_report()?;
    let alerts = report.alerts.iter().zip(&own.rules).map(|((id, alert), rule)| AlertStatus {
        id: id.clone(),
        firing: alert.firing,
        holds: rule.since.is_some(),
        value: rule.value,
        fired: alert.fired,
    });
    Some(OperationsStatus {
        monitor: own.settings.monitor.map(|set| monitor(world, own, &report, set.interval.as_ms())),
        alerts: alerts.collect(),
        on_call: own.settings.on_call.map(|_| on_call(world, own)),
        pipeline: pipeline(world, own),
        logs: own.logs.as_ref().zip(report.logs.as_ref()).map(|(own, report)| logs(world, own, report)),
        business: report.business.map(|business| BusinessStatus {
            active_users_today: business.active_users_today,
            conversion: business.conversion,
            revenue_usd: business.revenue_usd,
            revenue_lost_usd: business.revenue_lost_usd,
        }),
    })
}

fn monitor(world: &World, own: &Operations, report: &OperationsReport, every_ms: f64) -> MonitorStatus {
    let up = report.hosts.values().filter(|host| host.up).count() as u32;
    MonitorStatus {
        up: (up, report.hosts.len() as u32),
        age_ms: own.scraped_at.map(|last| world.now().since(last).as_ms()),
        every_ms,
        scrapes: own.scrapes,
    }
}

fn on_call(world: &World, own: &Operations) -> OnCallStatus {
    let name = |call: Call| match call {
        Call::Alert(rule) => own.rule_names[usize::from(rule)].clone(),
        Call::Complaints => "complaints".to_owned(),
    };
    OnCallStatus {
        called_by: own.on_call.called.map(name),
        looks_at: own.on_call.to_look_at.last().map(|node| world.target(*node)),
        calls: own.on_call.calls,
        looks: own.on_call.looks,
        repairs: own.on_call.repaired,
    }
}

fn pipeline(world: &World, own: &Operations) -> Option<PipelineStatus> {
    let pipeline = own.pipeline.as_ref()?;
    let step = match pipeline.stage {
        Stage::Idle => None,
        Stage::Building(_) => Some(Step::Building),
        Stage::Testing(_) => Some(Step::Testing),
        Stage::Deploying(_, number) => world.deployment(number).map(|own| match own.stage {
            deployment::Stage::Canary | deployment::Stage::ObservingCanary(_) => Step::Canary,
            deployment::Stage::RollingOut | deployment::Stage::Observing(_) => Step::RollingOut,
            deployment::Stage::RollingBack
            | deployment::Stage::RolledOut
            | deployment::Stage::RolledBack
            | deployment::Stage::Superseded => Step::RollingBack,
        }),
    };
    let build = pipeline.stage.commit().map(|commit| world.plan().builds[usize::from(commit.build)].0.clone());
    Some(PipelineStatus { at: build.zip(step), waiting: pipeline.waiting.len() as u32, outcomes: pipeline.outcomes })
}
