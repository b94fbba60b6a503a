//! How many requests there are at a part in a steady state: those that wait in one line, or those in hand where all share the cores.

use crate::nodes::machine::Discipline;
use crate::nodes::{Kind, TierId};
use crate::rng::Sampler;
use crate::scenario::plan::PartPlan;

use super::expected::{Cores, cores, on_the_same_cores};
use super::flows::{Flows, Work, load, note};
use super::queues::{Sharing, beyond, waiting_mg1, waiting_mmc};
use super::{Law, Reason};

/// A line that is full so often, or slots that run out so often, count as never: the means are then as good as those of theory.
const SELDOM: f64 = 1e-3;

/// How many requests there are in a steady state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queue {
    pub(super) law: Law,
    /// Those that wait, or those in hand, as the law says.
    pub(super) requests: f64,
    pub(super) reasons: Vec<Reason>,
}

/// Slots, and places to wait for one.
fn room(flows: &Flows, tier: TierId) -> (u32, u32) {
    match flows.part(tier) {
        PartPlan::Web { slots, backlog, .. }
        | PartPlan::Cache { slots, backlog, .. }
        | PartPlan::Database { slots, backlog, .. } => (*slots, *backlog),
        PartPlan::Balancer { settings, .. } => (settings.connections, 0),
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => (u32::MAX, 0),
    }
}

/// The law of those at a tier.
pub(super) fn queue(flows: &Flows, tier: TierId) -> Option<Queue> {
    let cores = cores(flows, tier)?;
    let mut reasons = flows.of_clients();
    arrives(flows, tier).into_iter().for_each(|reason| note(&mut reasons, true, reason));
    let (law, requests) = match cores.discipline {
        Discipline::ProcessorSharing => {
            let requests = in_hand(flows, tier, &mut reasons);
            (Law::ProcessorSharing { cores: cores.count }, requests)
        }
        Discipline::Fifo => in_line(flows, tier, &cores, &mut reasons),
    };
    Some(Queue { law, requests, reasons })
}

/// Why requests do not come to each server of a tier as a Poisson process, beside what clients do.
fn arrives(flows: &Flows, tier: TierId) -> Vec<Reason> {
    let mut reasons = flows.before(tier);
    let servers = flows.tier(tier).instances;
    note(&mut reasons, flows.tier(tier).autoscaler.is_some(), Reason::Scales);
    if flows.tier(tier).kind == Kind::WebServer {
        return reasons;
    }
    note(&mut reasons, servers > 1, Reason::OwnLines { servers });
    for web in flows.callers(tier) {
        for reason in flows.before(web) {
            let own = if matches!(reason, Reason::OwnLines { .. }) { Reason::UnevenFlow } else { reason };
            note(&mut reasons, true, own);
        }
        let mut of_web = Vec::new();
        let shares = cores(flows, web).is_some_and(|cores| cores.discipline == Discipline::ProcessorSharing);
        let passes = shares && (sharing(flows, web, &mut of_web).is_some() || of_web.is_empty());
        let is_known = of_web.iter().all(|reason| !matches!(reason, Reason::Saturated { .. } | Reason::SlotsRunOut));
        note(&mut reasons, !passes || !is_known, Reason::UnevenFlow);
    }
    reasons
}

/// The requests on the machine of one server of a tier where all share its cores, and the part of them that are the tier's.
fn sharing(flows: &Flows, tier: TierId, reasons: &mut Vec<Reason>) -> Option<(Sharing, f64)> {
    let cores = cores(flows, tier)?;
    let instances = flows.tier(tier).instances;
    let (mut all, mut own) = (0.0, 0.0);
    for other in on_the_same_cores(flows, tier) {
        note(reasons, flows.tier(other).instances != instances, Reason::SharedLine);
        match flows.work(other) {
            Ok(work) => {
                let erlangs = load(&work) / f64::from(instances);
                all += erlangs;
                own += if other == tier { erlangs } else { 0.0 };
            }
            Err(why) => why.into_iter().for_each(|reason| note(reasons, true, reason)),
        }
    }
    if !reasons.is_empty() {
        return None;
    }
    let Some(found) = Sharing::new(all, &cores.speeds) else {
        let most = cores.speeds.last().copied().unwrap_or(cores.speed);
        note(reasons, true, Reason::Saturated { load: all / most });
        return None;
    };
    // Half of the slots, since requests keep them while they are elsewhere.
    note(reasons, found.at_least(room(flows, tier).0 / 2) > SELDOM, Reason::SlotsRunOut);
    Some((found, if all > 0.0 { own / all } else { 0.0 }))
}

/// Requests in hand at a tier whose machines share their cores: those that are worked on, and those that wait for other parts.
fn in_hand(flows: &Flows, tier: TierId, reasons: &mut Vec<Reason>) -> f64 {
    let mut own_reasons = Vec::new();
    let station = sharing(flows, tier, &mut own_reasons);
    own_reasons.into_iter().for_each(|reason| note(reasons, true, reason));
    waits_otherwise(flows, tier, reasons);
    let instances = flows.tier(tier).instances;
    let mut requests = station.map_or(0.0, |(station, own)| f64::from(instances) * station.mean() * own);
    if flows.tier(tier).kind != Kind::WebServer {
        return requests;
    }
    for called in flows.called_by(tier) {
        let mut of_called = arrives(flows, called);
        let shares = cores(flows, called).is_some_and(|cores| cores.discipline == Discipline::ProcessorSharing);
        note(&mut of_called, !shares, Reason::SharedLine);
        let there = if shares { in_hand(flows, called, &mut of_called) } else { 0.0 };
        if let (PartPlan::Web { pool: Some(limit), .. }, true) = (flows.part(tier), of_called.is_empty()) {
            let runs_out =
                sharing(flows, called, &mut Vec::new()).is_some_and(|(found, _)| found.at_least(*limit) > SELDOM);
            note(&mut of_called, runs_out, Reason::SlotsRunOut);
        }
        for because in of_called {
            // What it shares with this tier is said already.
            let known = reasons.contains(&because) || because == Reason::UnevenFlow;
            let tier = flows.tier(called).id.clone();
            note(reasons, !known, Reason::WaitsFor { tier, because: Box::new(because) });
        }
        let all = flows.calls(called);
        let own: f64 =
            flows.served_by(tier).iter().map(|(class, rate)| rate * flows.asks(*class, called).unwrap_or(0.0)).sum();
        requests += if all > 0.0 { there * own / all + own * 2.0 * hop_ms(flows, tier, called) } else { 0.0 };
    }
    let (slots, _) = room(flows, tier);
    note(reasons, requests > 0.5 * f64::from(slots) * f64::from(instances), Reason::SlotsRunOut);
    requests
}

/// The way from a tier's servers to those of another one, in milliseconds, on average.
fn hop_ms(flows: &Flows, from: TierId, to: TierId) -> f64 {
    let (start, end) = (flows.tier(from), flows.tier(to));
    if start.machine == end.machine && start.instances == end.instances {
        return 0.0;
    }
    let ways = start.sites.iter().flat_map(|&a| end.sites.iter().map(move |&b| (usize::from(a), usize::from(b))));
    let delays: Vec<f64> = ways.map(|(a, b)| flows.plan.delays.between[a][b].as_ms()).collect();
    delays.iter().sum::<f64>() / delays.len().max(1) as f64
}

/// What else requests wait for.
fn waits_otherwise(flows: &Flows, tier: TierId, reasons: &mut Vec<Reason>) {
    match flows.part(tier) {
        PartPlan::Database { pool, .. } => note(reasons, pool.is_some(), Reason::Disk),
        PartPlan::Web { broker, .. } => {
            let has_job = |(class, _): &(usize, f64)| {
                let job = flows.plan.classes[*class].job.as_ref();
                job.is_some_and(|job| job.person.is_some() || (broker.is_some() && job.publish.is_some()))
            };
            note(reasons, flows.served_by(tier).iter().any(has_job), Reason::Jobs);
        }
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Balancer { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => {}
    }
}

/// Requests that wait in the line of a tier, first come first served, and by which law.
fn in_line(flows: &Flows, tier: TierId, cores: &Cores, reasons: &mut Vec<Reason>) -> (Law, f64) {
    let servers = cores.count;
    let by_erlang = Law::ErlangC { servers };
    note(reasons, on_the_same_cores(flows, tier).len() > 1, Reason::SharedLine);
    waits_otherwise(flows, tier, reasons);
    let goes_on =
        |web: &TierId| flows.served_by(*web).iter().any(|(class, _)| !flows.plan.classes[*class].web_after.is_zero());
    if flows.tier(tier).kind == Kind::WebServer {
        note(reasons, goes_on(&tier), Reason::ComeBack);
        note(reasons, !flows.called_by(tier).is_empty(), Reason::HoldSlots);
    }
    let work = match flows.work(tier) {
        Ok(work) => work,
        Err(why) => {
            why.into_iter().for_each(|reason| note(reasons, true, reason));
            return (by_erlang, 0.0);
        }
    };
    let instances = f64::from(flows.tier(tier).instances);
    let erlangs = load(&work) / cores.speed / instances;
    let exponential = one_exponential(&work);
    let variation = if exponential { 1.0 } else { variation(&work) };
    note(reasons, !exponential && servers > 1, Reason::NotExponential { cores: servers });
    // Work that is not exponential makes a line's output another process, if that comes back to where the input comes from.
    let circles = flows.tier(tier).kind == Kind::Database && flows.callers(tier).iter().any(goes_on);
    note(reasons, !exponential && circles, Reason::UnevenFlow);
    let busy = erlangs / f64::from(servers);
    note(reasons, busy >= 1.0, Reason::Saturated { load: busy });
    let (slots, backlog) = room(flows, tier);
    note(reasons, slots < servers, Reason::SlotsRunOut);
    let law = if exponential || servers > 1 { by_erlang } else { Law::PollaczekKhinchine { variation } };
    if busy >= 1.0 {
        return (law, 0.0);
    }
    note(reasons, beyond(servers, erlangs, variation, slots.saturating_add(backlog)) > SELDOM, Reason::LineFull);
    let waiting = if exponential { waiting_mmc(servers, erlangs) } else { waiting_mg1(busy, variation) };
    (law, instances * waiting)
}

/// Whether all work has the same exponential distribution.
fn one_exponential(work: &[Work]) -> bool {
    let first = work.first().map(|(_, sampler)| *sampler);
    matches!(first, Some(Sampler::Exponential { .. })) && work.iter().all(|(_, sampler)| Some(*sampler) == first)
}

/// The coefficient of variation of the work of a request, over all classes.
fn variation(work: &[Work]) -> f64 {
    let rate: f64 = work.iter().map(|(rate, _)| rate).sum();
    let mean: f64 = work.iter().map(|(own, sampler)| own * sampler.mean_ns()).sum::<f64>() / rate;
    let square: f64 = work.iter().map(|(own, sampler)| own * sampler.mean_square_ns()).sum::<f64>() / rate;
    libm::sqrt((square / (mean * mean) - 1.0).max(0.0))
}
