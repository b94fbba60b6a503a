//! What must hold where things stand at several places: answers that depend on the place, and requests that stay there.

use crate::nodes::answers::AnswerPolicy;
use crate::nodes::balancer::Locality;
use crate::scenario::{DnsTier, LoadBalancerTier, Problem, Scenario, Tier};

use super::{Checked, DELAY_MAX_MS, check_range};

pub(super) fn check_answers(scenario: &Scenario, id: &str, dns: &DnsTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_range(&at("report_every_ms"), dns.report_every_ms, 1.0, DELAY_MAX_MS)?;
    if dns.policy == AnswerPolicy::RoundRobin {
        return Ok(());
    }
    let entry = &scenario.workload.entry;
    // What is wrong with an entry that is not there is said elsewhere.
    let Some(tier) = scenario.tiers.get(entry) else { return Ok(()) };
    let one = match tier {
        Tier::Cdn(_) => true,
        Tier::LoadBalancer(balancer) => balancer.failover.is_some() || balancer.instances == 1,
        Tier::WebServer(web) => web.instances == 1 && web.autoscaler.is_none(),
        Tier::Dns(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => false,
    };
    if one {
        let message = format!(
            "there is nothing to choose, since tiers.{entry} has one address; give it more instances, or leave this out"
        );
        return Err(Problem::at(at("policy"), message));
    }
    Ok(())
}

/// Where a balancer stands that keeps requests there, servers must stand as well.
pub(super) fn check_locality(scenario: &Scenario, id: &str, balancer: &LoadBalancerTier) -> Checked {
    if balancer.locality != Locality::Require {
        return Ok(());
    }
    for target in balancer.routes.values().chain([&balancer.backends]) {
        let behind = stand(scenario, target);
        if let Some(place) = stand(scenario, id).into_iter().find(|place| !behind.contains(place)) {
            let message = format!(
                "requests that come to {place} lead nowhere: no server of tiers.{target} stands there; \
                 place one there, or choose \"prefer\""
            );
            return Err(Problem::at(format!("tiers.{id}.locality"), message));
        }
    }
    Ok(())
}

/// The places where the instances of a tier stand.
fn stand<'a>(scenario: &'a Scenario, id: &str) -> Vec<&'a str> {
    let machine = scenario.tiers.get(id).and_then(Tier::machine);
    let Some((machine, count)) = machine.and_then(|(id, count)| Some((scenario.machines.get(id)?, count))) else {
        return Vec::new();
    };
    let known = machine.places().next().is_some();
    (0..if known { count as usize } else { 0 }).map(|copy| machine.place_of(copy)).collect()
}
