//! What the formulas say of a scenario, by part, or why they say nothing.

use crate::nodes::machine::{Discipline, effective_cores};
use crate::nodes::{Kind, TierId};
use crate::scenario::Scenario;
use crate::scenario::plan::{PartPlan, Plan};

use super::Reason;
use super::caches::{Hits, hits};
use super::flows::{Flows, note};
use super::lines::{Queue, queue};

/// What the formulas say of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// By tier.
    pub(super) tiers: Vec<OfTier>,
    /// Of users who wait for their answers: how many there are, how long they think in milliseconds, and what speaks against it.
    pub(super) closed: Option<(f64, f64, Vec<Reason>)>,
}

/// What they say of a tier.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OfTier {
    pub(super) utilisation: Option<Utilisation>,
    pub(super) queue: Option<Queue>,
    pub(super) hits: Option<Hits>,
    /// Whether times are recorded of all who wait; why not, if they are not.
    pub(super) little: Option<Vec<Reason>>,
}

/// How busy cores are, by what is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Utilisation {
    /// Of each tier on the machines: its number, and the core-milliseconds that an answer takes.
    pub(super) work: Vec<(usize, f64)>,
    /// Cores of all machines.
    pub(super) cores: f64,
    pub(super) reasons: Vec<Reason>,
}

impl Expected {
    /// Of a checked scenario and its plan.
    pub fn new(scenario: &Scenario, plan: &Plan) -> Self {
        let flows = Flows::new(scenario, plan);
        let tiers = (0..plan.tiers.len()).map(|tier| of_tier(&flows, TierId(tier as u16))).collect();
        let mut closed = None;
        let clients = flows.of_clients();
        if clients.contains(&Reason::ClosedLoop) {
            let others = clients.into_iter().filter(|reason| !matches!(reason, Reason::ClosedLoop | Reason::Retries));
            let users = f64::from(plan.habits.users);
            closed = Some((users, 1e3 / plan.habits.rate_per_user, others.collect()));
        }
        Self { tiers, closed }
    }
}

fn of_tier(flows: &Flows, tier: TierId) -> OfTier {
    match flows.tier(tier).kind {
        Kind::Client | Kind::Dns | Kind::Cdn | Kind::ObjectStore | Kind::MessageBroker | Kind::Worker => {
            OfTier::default()
        }
        Kind::LoadBalancer => {
            OfTier { utilisation: utilisation(flows, tier), little: little(flows, tier), ..OfTier::default() }
        }
        Kind::WebServer | Kind::Database => OfTier {
            utilisation: utilisation(flows, tier),
            queue: queue(flows, tier),
            little: little(flows, tier),
            hits: None,
        },
        Kind::Cache => OfTier {
            utilisation: utilisation(flows, tier),
            little: little(flows, tier),
            hits: hits(flows, tier),
            queue: None,
        },
    }
}

/// The tiers whose servers work on the same machines, this one among them.
pub(super) fn on_the_same_cores(flows: &Flows, tier: TierId) -> Vec<TierId> {
    let own = flows.tier(tier);
    if own.reserved_cores.is_some() {
        return vec![tier];
    }
    let tiers = (0..flows.plan.tiers.len()).map(|tier| TierId(tier as u16));
    tiers
        .filter(|&other| flows.tier(other).machine == own.machine && flows.tier(other).reserved_cores.is_none())
        .collect()
}

/// The machine of a tier: cores, speed, how they are divided, and how cores disturb each other.
pub(super) struct Cores {
    pub(super) count: u32,
    pub(super) speed: f64,
    pub(super) discipline: Discipline,
    disturb: bool,
    /// What 0, 1, … busy ones do together.
    pub(super) speeds: Vec<f64>,
}

pub(super) fn cores(flows: &Flows, tier: TierId) -> Option<Cores> {
    let own = flows.tier(tier);
    let machine = &flows.plan.machines[own.machine?];
    let count = own.reserved_cores.unwrap_or(machine.shared_cores);
    let law = machine.scalability;
    let speeds = effective_cores(count, law.contention, law.coherency);
    let disturb = machine.discipline == Discipline::ProcessorSharing && (law.contention > 0.0 || law.coherency > 0.0);
    Some(Cores {
        count,
        speed: machine.speed,
        discipline: machine.discipline,
        disturb: disturb && count > 1,
        speeds: speeds.into_iter().map(|speed| speed * machine.speed).collect(),
    })
}

fn utilisation(flows: &Flows, tier: TierId) -> Option<Utilisation> {
    let cores = cores(flows, tier)?;
    let (mut work, mut reasons) = (Vec::new(), Vec::new());
    for other in on_the_same_cores(flows, tier) {
        match flows.work_per_answer_ms(other) {
            Ok(ms) => work.push((other.index(), ms / cores.speed)),
            Err(why) => why.into_iter().for_each(|reason| note(&mut reasons, true, reason)),
        }
        note(&mut reasons, flows.tier(other).instances != flows.tier(tier).instances, Reason::SharedLine);
        note(&mut reasons, flows.tier(other).autoscaler.is_some(), Reason::Scales);
    }
    note(&mut reasons, cores.disturb, Reason::CoresDisturb);
    let instances = f64::from(flows.tier(tier).instances);
    (work.iter().any(|(_, ms)| *ms > 0.0) || !reasons.is_empty()).then(|| Utilisation {
        work,
        cores: f64::from(cores.count) * instances,
        reasons,
    })
}

/// Where a law of those who wait could be wrong: others wait there as well, or a second time.
fn little(flows: &Flows, tier: TierId) -> Option<Vec<Reason>> {
    let cores = cores(flows, tier)?;
    let fifo = cores.discipline == Discipline::Fifo;
    let mut reasons = Vec::new();
    let others = match flows.part(tier) {
        PartPlan::Web { pool, .. } => {
            let served = flows.served_by(tier);
            let plan = |class: usize| &flows.plan.classes[class];
            let after = |class: usize| !plan(class).web_after.is_zero() || plan(class).job.is_some();
            pool.is_some() || flows.work(tier).is_err() || served.iter().any(|(class, _)| fifo && after(*class))
        }
        PartPlan::Database { cluster, .. } => cluster.is_some() || flows.plan.signing_in.is_some(),
        PartPlan::Cache { through, .. } => through.is_some() || flows.plan.signing_in.is_some(),
        PartPlan::Balancer { .. }
        | PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => false,
    };
    note(&mut reasons, others, Reason::OthersWait);
    Some(reasons)
}
