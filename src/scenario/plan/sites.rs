//! Where things stand, and what the way between takes.

use std::collections::BTreeMap;

use crate::nodes::network::{Delays, SiteId};
use crate::scenario::clients::Format;
use crate::scenario::transfer::sending_ms;
use crate::scenario::{Class, ClientGroup, Scenario, Tier, places};
use crate::time::Span;

/// Sites: the client groups, then the resolver that is near every client, then the places of machines and services.
pub(super) struct Sites<'a> {
    resolver: SiteId,
    places: BTreeMap<&'a str, SiteId>,
}

impl<'a> Sites<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let resolver = scenario.workload.clients.len() as SiteId;
        let mut places = BTreeMap::new();
        let machines = scenario.machines.values().flat_map(crate::scenario::Machine::places);
        let services = scenario.tiers.values().flat_map(|tier| tier.places().iter().map(String::as_str));
        for place in machines.chain(services) {
            let next = resolver + 1 + places.len() as SiteId;
            places.entry(place).or_insert(next);
        }
        Self { resolver, places }
    }

    pub(super) fn of<'b>(&self, places: impl Iterator<Item = &'b str>) -> Vec<SiteId> {
        places.map(|place| self.places[place]).collect()
    }

    /// Where the instances of a tier stand, in turn.
    pub(super) fn of_tier(&self, scenario: &Scenario, tier: &Tier) -> Vec<SiteId> {
        match tier.machine() {
            Some((id, _)) => self.of(scenario.machines[id].places()),
            None if tier.places().is_empty() => vec![self.resolver],
            None => self.of(tier.places().iter().map(String::as_str)),
        }
    }

    pub(super) fn delays(&self, scenario: &Scenario) -> Delays {
        let between = self.between(scenario);
        let workload = &scenario.workload;
        let bytes = |client: &ClientGroup| {
            workload.classes.values().map(|class| (size_kb(client, class) * 1e3) as u64).collect()
        };
        let transfer = between.iter().map(|row| {
            let group = |(group, client): (usize, &ClientGroup)| transfer(scenario, client, 2.0 * row[group].as_ms());
            workload.clients.values().enumerate().map(group).collect()
        });
        Delays {
            transfer: transfer.collect(),
            fill: workload.classes.values().map(|class| fill(scenario, class)).collect(),
            bytes: workload.clients.values().map(bytes).collect(),
            between,
        }
    }

    /// One-way delays between sites.
    fn between(&self, scenario: &Scenario) -> Vec<Vec<Span>> {
        let count = usize::from(self.resolver) + 1 + self.places.len();
        let network = &scenario.network;
        let mut between = vec![vec![Span::ZERO; count]; count];
        if !network.enabled {
            return between;
        }
        let apart = |a: &str, b: &str| {
            let find = |id| places::find(id).expect("checked");
            places::delay_ms(find(a), find(b), network.path_factor)
        };
        let mut set = |a: SiteId, b: SiteId, ms: f64| {
            between[usize::from(a)][usize::from(b)] = Span::from_ms(ms);
            between[usize::from(b)][usize::from(a)] = Span::from_ms(ms);
        };
        for (group, client) in scenario.workload.clients.values().enumerate() {
            let beyond = client.resolver_place.as_ref().map_or(0.0, |place| apart(&client.place, place));
            set(group as SiteId, self.resolver, client.access_latency_ms + beyond);
            for (&place, &site) in &self.places {
                let ms = client.access_latency_ms + network.hop_ms + apart(&client.place, place);
                set(group as SiteId, site, ms);
            }
        }
        for (&a, &from) in &self.places {
            for (&b, &to) in &self.places {
                set(from, to, network.hop_ms + apart(a, b));
            }
        }
        between
    }
}

/// The size of an answer, as the clients ask for it, in kilobytes.
fn size_kb(client: &ClientGroup, class: &Class) -> f64 {
    match client.format {
        Format::Json => class.response_json_kb.unwrap_or(class.response_kb),
        Format::Html => class.response_kb,
    }
}

/// What answers of each class need to a client group that far away, beyond the delay.
fn transfer(scenario: &Scenario, client: &ClientGroup, round_trip_ms: f64) -> Vec<Span> {
    let window = client.connection.and_then(|connection| connection.initial_window_segments);
    let ms = |class: &Class| match (scenario.network.enabled, window) {
        (false, _) => 0.0,
        // The order of operations is that of older scenarios, to the last bit.
        (true, None) => client.download_mbps.map_or(0.0, |mbps| size_kb(client, class) * 8.0 / mbps),
        (true, Some(_)) => sending_ms(size_kb(client, class) * 1e3, round_trip_ms, client.download_mbps, window),
    };
    scenario.workload.classes.values().map(|class| Span::from_ms(ms(class))).collect()
}

/// What an answer of a class needs from an origin to an edge, beyond the delay.
fn fill(scenario: &Scenario, class: &Class) -> Span {
    let entry = class.entry.as_ref().unwrap_or(&scenario.workload.entry);
    match &scenario.tiers[entry] {
        Tier::Cdn(cdn) if scenario.network.enabled => Span::from_ms(class.response_kb * 8.0 / cdn.fill_mbps),
        Tier::Cdn(_)
        | Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => Span::ZERO,
    }
}
