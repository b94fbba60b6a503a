//! Parameters by their paths.

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::ui::names;

use super::{Parameter, of_clients, of_tier, of_workload};

/// What people call the value at a path: `Users`, `Web servers: slots`; nothing for a path that is no parameter.
pub fn name_of(scene: &Scene, path: &str) -> Option<String> {
    let (tier, own) = find(scene, path)?;
    Some(tier.map_or_else(|| own.name.clone(), |tier| format!("{}: {}", names::tier(scene, tier), own.name)))
}

/// The parameter with a path, and the index of the tier that it is of, if it is of one.
pub fn find(scene: &Scene, path: &str) -> Option<(Option<usize>, Parameter)> {
    let named = |parameters: Vec<Parameter>| parameters.into_iter().find(|own| own.path == path);
    if let Some(own) = named(of_workload(&scene.scenario)) {
        return Some((None, own));
    }
    (0..scene.tiers.len()).find_map(|tier| {
        let own = &scene.tiers[tier];
        let parameters = match own.kind {
            Kind::Client => of_clients(&scene.scenario, &own.id),
            Kind::Dns
            | Kind::LoadBalancer
            | Kind::WebServer
            | Kind::Cache
            | Kind::Database
            | Kind::Cdn
            | Kind::ObjectStore
            | Kind::MessageBroker
            | Kind::Worker => of_tier(&scene.scenario, &own.id),
        };
        named(parameters).map(|own| (Some(tier), own))
    })
}
