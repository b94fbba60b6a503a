//! What name servers know of where things are.

use super::Plan;
use crate::nodes::TierId;
use crate::nodes::answers::Answers;
use crate::scenario::{ClientGroup, DnsTier, Id, Scenario, Tier, places};
use crate::time::Span;

impl Plan {
    /// How many client groups there are, if these are told apart: where one is not as far from the servers as another.
    pub fn groups_apart(&self) -> usize {
        let groups = self.clients.len();
        let servers = self.delays.between.iter().skip(groups + 1);
        let is_apart = servers.clone().any(|row| row[..groups].iter().any(|way| *way != row[0]));
        if is_apart { groups } else { 0 }
    }
}

/// How name servers answer.
pub(super) fn answers(scenario: &Scenario, dns: &DnsTier, tier_id: impl Fn(&Id) -> TierId) -> Answers {
    let find = |id: &str| places::find(id).expect("checked");
    let entry = &scenario.workload.entry;
    let stand: Vec<&str> = match scenario.tiers[entry].machine() {
        Some((machine, _)) => scenario.machines[machine].places().collect(),
        None => scenario.tiers[entry].places().iter().map(String::as_str).collect(),
    };
    let distances = |client: &ClientGroup| {
        let own = find(client.resolver_place.as_ref().unwrap_or(&client.place));
        stand.iter().map(|place| places::distance_km(own, find(place))).collect()
    };
    Answers {
        policy: dns.policy,
        distances: scenario.workload.clients.values().map(distances).collect(),
        report_every: Span::from_ms(dns.report_every_ms),
        works: tier_id(workers(scenario, entry)),
    }
}

/// The servers behind an entry: along balancers, those that take all classes without a route.
fn workers<'a>(scenario: &'a Scenario, entry: &'a Id) -> &'a Id {
    let mut id = entry;
    while let Tier::LoadBalancer(balancer) = &scenario.tiers[id] {
        id = &balancer.backends;
    }
    id
}
