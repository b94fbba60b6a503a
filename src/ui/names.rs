//! What people call tiers and nodes, and what these can do that others cannot.

use crate::frame::{Scene, SceneTier};
use crate::nodes::Kind;
use crate::scenario::parameters::{self, Parameter};
use crate::scenario::scaling::Autoscaler;

/// A tier: `Web servers`, `Database`, `Mobile clients`. Where there are more tiers of a kind, each is called by its id.
pub fn tier(scene: &Scene, tier: usize) -> String {
    let own = &scene.tiers[tier];
    let many = own.instances > 1;
    let name = match own.kind {
        Kind::Client => return format!("{} clients", capitalised(&own.id)),
        Kind::Dns => "DNS",
        Kind::LoadBalancer => "Balancer",
        Kind::WebServer if many => "Web servers",
        Kind::WebServer => "Web server",
        Kind::Cache => "Cache",
        Kind::Database if many => "Databases",
        Kind::Database => "Database",
        Kind::Cdn => "CDN",
        Kind::ObjectStore => "Object store",
        Kind::MessageBroker => "Broker",
        Kind::Worker if many => "Workers",
        Kind::Worker => "Worker",
    };
    named(scene, tier, name)
}

/// The tier with this id.
pub fn by_id(scene: &Scene, id: &str) -> String {
    let own = |other: &SceneTier| other.id == id && other.kind != Kind::Client;
    scene.tiers.iter().position(own).map_or_else(|| id.to_owned(), |index| tier(scene, index))
}

/// A kind of part, as one is added.
pub fn of_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Client => "Clients",
        Kind::Dns => "DNS",
        Kind::LoadBalancer => "Load balancer",
        Kind::WebServer => "Web server",
        Kind::Cache => "Cache",
        Kind::Database => "Database",
        Kind::Cdn => "CDN",
        Kind::ObjectStore => "Object store",
        Kind::MessageBroker => "Message broker",
        Kind::Worker => "Worker",
    }
}

/// A node, short enough for its card: `Web 2`, `Database`.
pub fn node(scene: &Scene, node: usize) -> String {
    let own = &scene.nodes[node];
    let tier_index = usize::from(own.tier);
    let members = scene.nodes.iter().filter(|other| other.tier == own.tier).count();
    if members == 1 {
        return tier(scene, tier_index);
    }
    let name = match scene.tiers[tier_index].kind {
        Kind::WebServer => "Web",
        Kind::Database => "Database",
        Kind::Worker => "Worker",
        Kind::Cdn => {
            let place = scene.nodes[node].place.as_deref().map_or("", crate::frame::place_name);
            return format!("{} {place}", named(scene, tier_index, "Edge"));
        }
        Kind::Client | Kind::Dns | Kind::LoadBalancer | Kind::Cache | Kind::ObjectStore | Kind::MessageBroker => {
            return format!("{} {}", tier(scene, tier_index), own.number);
        }
    };
    format!("{} {}", named(scene, tier_index, name), own.number)
}

/// What a fact or a change is about: `web.2` is `Web 2`; what names no part stays as it is.
pub fn target(scene: &Scene, target: &str) -> String {
    if let Some(index) = scene.nodes.iter().position(|own| own.target == target && !target.is_empty()) {
        return node(scene, index);
    }
    // A group of clients may have the id of a tier, which is then what is meant.
    let called_so = |is_client: bool| {
        scene.tiers.iter().position(|own| own.id == target && (own.kind == Kind::Client) == is_client)
    };
    if let Some(index) = called_so(false).or_else(|| called_so(true)) {
        return tier(scene, index);
    }
    match target.strip_prefix("machines.") {
        Some(machine) => format!("Machine {}", machine.replace('.', " ")),
        None => capitalised(target),
    }
}

/// The parameters of a tier.
pub fn parameters(scene: &Scene, tier: usize) -> Vec<Parameter> {
    let own = &scene.tiers[tier];
    match own.kind {
        // A client group may have the id of a tier.
        Kind::Client => parameters::of_clients(&scene.scenario, &own.id),
        Kind::Dns
        | Kind::LoadBalancer
        | Kind::WebServer
        | Kind::Cache
        | Kind::Database
        | Kind::Cdn
        | Kind::ObjectStore
        | Kind::MessageBroker
        | Kind::Worker => parameters::of_tier(&scene.scenario, &own.id),
    }
}

/// What people call the value at a path: `Users`, `Web servers: Slots`; nothing for a path that is no parameter.
pub fn parameter(scene: &Scene, path: &str) -> Option<String> {
    let (index, own) = find_parameter(scene, path)?;
    Some(index.map_or_else(|| own.name.clone(), |index| format!("{}: {}", tier(scene, index), own.name)))
}

/// The parameter with a path, and the index of the tier that it is of, if it is of one.
pub fn find_parameter(scene: &Scene, path: &str) -> Option<(Option<usize>, Parameter)> {
    let named = |parameters: Vec<Parameter>| parameters.into_iter().find(|own| own.path == path);
    if let Some(own) = named(parameters::of_workload(&scene.scenario)) {
        return Some((None, own));
    }
    (0..scene.tiers.len()).find_map(|tier| Some((Some(tier), named(parameters(scene, tier))?)))
}

/// With a capital first letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// One tier of a kind is called by its kind; where there are more, each by its id: `Sessions`, `Mailers`.
fn named(scene: &Scene, tier: usize, name: &str) -> String {
    let own = &scene.tiers[tier];
    let alike = scene.tiers.iter().filter(|other| other.kind == own.kind).count();
    if alike > 1 { capitalised(&own.id.replace('-', " ")) } else { name.to_owned() }
}

/// Whether it keeps values of others for a while, and so can miss them or have old ones.
pub fn keeps(tier: &SceneTier) -> bool {
    match tier.kind {
        Kind::Cache | Kind::Cdn => true,
        Kind::Client
        | Kind::Dns
        | Kind::LoadBalancer
        | Kind::WebServer
        | Kind::Database
        | Kind::ObjectStore
        | Kind::MessageBroker
        | Kind::Worker => false,
    }
}

/// Whether there is something that does.
pub fn keeps_values(scene: &Scene) -> bool {
    scene.tiers.iter().any(keeps)
}

/// Whether users sign in.
pub fn signs_in(scene: &Scene) -> bool {
    scene.scenario.workload.sessions.as_ref().is_some_and(|sessions| sessions.sign_in.is_some())
}

/// What adds and removes servers of a tier by itself, if anything does.
pub fn scaler<'a>(scene: &'a Scene, tier: &SceneTier) -> Option<&'a Autoscaler> {
    // A client group may have the id of a tier.
    scene.scenario.tiers.get(&tier.id).filter(|_| tier.kind != Kind::Client)?.autoscaler()
}

/// Whether there is a tier that gets more servers or fewer by itself.
pub fn scales(scene: &Scene) -> bool {
    scene.tiers.iter().any(|tier| scaler(scene, tier).is_some())
}

/// Whether messages wait there.
pub fn queues(tier: &SceneTier) -> bool {
    tier.kind == Kind::MessageBroker
}

/// Whether there is something where messages wait.
pub fn has_queues(scene: &Scene) -> bool {
    scene.tiers.iter().any(queues)
}

/// Whether it is databases that follow one another.
pub fn follows(tier: &SceneTier) -> bool {
    tier.replicates
}

/// Whether there are databases that follow others.
pub fn replicates(scene: &Scene) -> bool {
    scene.tiers.iter().any(follows)
}
