//! New parts with the defaults of their types, copies of parts, and parts that go.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::nodes::Kind;
use crate::scenario::catalogue::{DISKS, SIZES};
use crate::scenario::plan::classes::web_of;
use crate::scenario::{Id, Problem, Scenario, Tier, edit};

use super::repair;
use super::slots::{self, Place};
use super::table::Without;

/// The kinds of parts that can be added, in the order of a request's way.
pub const KINDS: [Kind; 9] = [
    Kind::Dns,
    Kind::Cdn,
    Kind::LoadBalancer,
    Kind::WebServer,
    Kind::Cache,
    Kind::Database,
    Kind::ObjectStore,
    Kind::MessageBroker,
    Kind::Worker,
];

/// The longest id.
const ID_MAX: usize = 40;
/// Keys of a site that had none, once there is a cache for them.
const KEYS: u32 = 100_000;
/// A new cache holds this part of the keys.
const CACHED_PART: u32 = 5;

/// Adds a part to what is encoded, and says its id.
pub(super) fn add(scenario: &Scenario, root: &mut Value, kind: Kind) -> Result<Id, Problem> {
    let id = free_id(scenario, stem_of(kind)?);
    if let Some(machine) = machine(scenario, kind) {
        root["machines"][&id] = machine;
    }
    if kind == Kind::Cache && scenario.workload.keys.is_none() {
        root["workload"]["keys"] = json!({ "count": KEYS });
    }
    let mut problem = None;
    for ends in ends(scenario, kind)? {
        root["tiers"][&id] = tier(scenario, kind, &id, &ends);
        match repair::checked(root.clone()) {
            Ok(_) => return Ok(id),
            Err(own) => problem = Some(own),
        }
    }
    Err(problem.expect("there was something to try"))
}

fn stem_of(kind: Kind) -> Result<&'static str, Problem> {
    Ok(match kind {
        Kind::Client => return Err(Problem::at("kind", "clients are not a part that can be added")),
        Kind::Dns => "dns",
        Kind::LoadBalancer => "balancer",
        Kind::WebServer => "web",
        Kind::Cache => "cache",
        Kind::Database => "database",
        Kind::Cdn => "cdn",
        Kind::ObjectStore => "store",
        Kind::MessageBroker => "broker",
        Kind::Worker => "worker",
    })
}

/// The stem, or with the first number from 2 that gives an id which neither a tier nor a machine has.
fn free_id(scenario: &Scenario, stem: &str) -> Id {
    let is_free = |id: &Id| !scenario.tiers.contains_key(id) && !scenario.machines.contains_key(id);
    let numbered = |number: u32| {
        let end = format!("-{number}");
        format!("{}{end}", &stem[..stem.len().min(ID_MAX - end.len())])
    };
    // There are more numbers than parts.
    std::iter::once(stem.to_owned()).chain((2..).map(numbered)).find(is_free).expect("numbers do not end")
}

/// What a part of this kind cannot be without: each way in which that can be had, the likeliest first.
fn ends(scenario: &Scenario, kind: Kind) -> Result<Vec<Vec<Id>>, Problem> {
    let each = |ids: Vec<Id>| ids.into_iter().map(|id| vec![id]).collect::<Vec<_>>();
    let (ways, needs) = match kind {
        Kind::LoadBalancer => (each(slots::needed(scenario, kind, "backends")), "web servers to forward to"),
        Kind::Cdn => (each(slots::needed(scenario, kind, "origin")), "an origin: an object store or web servers"),
        Kind::Worker => {
            let taken = |broker: &Id, queue: &Id| {
                let own =
                    |tier: &Tier| matches!(tier, Tier::Worker(own) if (&own.broker, &own.queue) == (broker, queue));
                scenario.tiers.values().any(own)
            };
            let mut ways: Vec<Vec<Id>> = Vec::new();
            for broker in slots::needed(scenario, kind, "broker") {
                if let Tier::MessageBroker(own) = &scenario.tiers[&broker] {
                    ways.extend(own.queues.keys().map(|queue| vec![broker.clone(), queue.clone()]));
                }
            }
            // A queue that nobody consumes comes first.
            ways.sort_by_key(|way| taken(&way[0], &way[1]));
            (ways, "a message broker whose queue they consume")
        }
        Kind::Client
        | Kind::Dns
        | Kind::WebServer
        | Kind::Cache
        | Kind::Database
        | Kind::ObjectStore
        | Kind::MessageBroker => (vec![Vec::new()], ""),
    };
    if ways.is_empty() {
        return Err(Problem::at("tiers", format!("it needs {needs}, and there is none; add that first")));
    }
    Ok(ways)
}

/// A machine of the catalogue for a part of this kind, where the site is; nothing for what a provider runs.
fn machine(scenario: &Scenario, kind: Kind) -> Option<Value> {
    let mut machine = json!({ "place": home(scenario), "size": SIZES[0].id });
    match kind {
        Kind::Client | Kind::Dns | Kind::Cdn | Kind::ObjectStore => return None,
        Kind::MessageBroker => machine["disk"] = json!(DISKS[0].id),
        // A disk is read by key.
        Kind::Database if scenario.workload.keys.is_some() => machine["disk"] = json!(DISKS[0].id),
        Kind::LoadBalancer | Kind::WebServer | Kind::Cache | Kind::Database | Kind::Worker => {}
    }
    Some(machine)
}

/// Where most of the site stands: at the first place of the first web servers, or of whatever there is.
fn home(scenario: &Scenario) -> String {
    let is_web = |tier: &&Tier| matches!(tier, Tier::WebServer(_));
    let used = scenario.tiers.values().filter(is_web).chain(scenario.tiers.values());
    let machine = used.filter_map(Tier::machine).find_map(|(id, _)| scenario.machines.get(id));
    let machine = machine.or_else(|| scenario.machines.values().next());
    machine.map(|machine| machine.place_of(0).to_owned()).unwrap_or_default()
}

/// What is written of a new part; all else is as its type says.
fn tier(scenario: &Scenario, kind: Kind, id: &str, ends: &[Id]) -> Value {
    let end = |number: usize| ends.get(number).cloned().unwrap_or_default();
    let quick = json!({ "mean_ms": 0.05, "distribution": "constant" });
    match kind {
        Kind::Client => Value::Null,
        Kind::Dns => json!({ "kind": kind, "record_ttl_seconds": 60, "lookup_ms": 15.0 }),
        Kind::LoadBalancer => json!({ "kind": kind, "machine": id, "backends": end(0), "forward": quick }),
        Kind::WebServer => web_servers(scenario, id),
        Kind::Cache => {
            let keys = scenario.workload.keys.map_or(KEYS, |keys| keys.count);
            let capacity = (keys / CACHED_PART).max(1);
            json!({
                "kind": kind, "machine": id, "slots": 1000, "backlog": 1000, "lookup": quick, "capacity_entries": capacity
            })
        }
        Kind::Database => {
            let warm = scenario.workload.keys.is_some();
            json!({ "kind": kind, "machine": id, "slots": 100, "backlog": 400, "warm_start": warm })
        }
        Kind::Cdn => {
            let clients = scenario.workload.clients.values().map(|group| group.place.clone());
            let places: BTreeSet<String> = clients.chain([home(scenario)]).collect();
            json!({ "kind": kind, "places": places, "origin": end(0) })
        }
        Kind::ObjectStore => json!({ "kind": kind, "place": home(scenario) }),
        Kind::MessageBroker => json!({
            "kind": kind, "machine": id, "work": quick, "queues": { "jobs": {} },
            "exchanges": { "events": { "type": "topic", "bindings": { "all": { "queue": "jobs", "routing_key": "#" } } } }
        }),
        Kind::Worker => json!({ "kind": kind, "machine": id, "slots": 4, "broker": end(0), "queue": end(1) }),
    }
}

/// Web servers that ask whom the first ones ask, and run what those run.
fn web_servers(scenario: &Scenario, id: &str) -> Value {
    let mut own = json!({ "kind": Kind::WebServer, "machine": id, "slots": 128, "backlog": 256 });
    let first = scenario.tiers.iter().find(|(_, tier)| matches!(tier, Tier::WebServer(_)));
    let first = first.map(|(_, tier)| serde_json::to_value(tier).unwrap_or_default());
    for field in ["cache", "database", "broker", "build"] {
        if let Some(value) = first.as_ref().and_then(|first| first.get(field)) {
            own[field] = value.clone();
        }
    }
    own
}

/// Adds a part that is like another one, and says its id.
pub(super) fn duplicate(scenario: &Scenario, root: &mut Value, tier: &str) -> Result<Id, Problem> {
    let own = find(scenario, tier)?;
    let stem = tier.rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok()).map_or(tier, |(stem, _)| stem);
    let id = free_id(scenario, stem);
    root["tiers"][&id] = root["tiers"][tier].clone();
    if let Some((machine, _)) = own.machine() {
        root["machines"][&id] = root["machines"][machine].clone();
        root["tiers"][&id]["machine"] = json!(id);
    }
    Ok(id)
}

fn find<'a>(scenario: &'a Scenario, tier: &str) -> Result<&'a Tier, Problem> {
    let known = || scenario.tiers.keys().map(String::as_str);
    scenario.tiers.get(tier).ok_or_else(|| Problem::unknown("tiers", "tier", tier, known()))
}

/// Takes a part out, with the references to it and the machine that it alone was on.
pub(super) fn remove(scenario: &Scenario, root: &mut Value, tier: &str) -> Result<(), Problem> {
    let own = find(scenario, tier)?;
    let inner = format!("tiers.{tier}.");
    let leads_here = |place: &Place| place.leads_to(tier) && !place.path.starts_with(&inner);
    let places: Vec<Place> = slots::all_in(scenario, root).into_iter().filter(leads_here).collect();
    let needs: Vec<&str> =
        places.iter().filter(|place| place.row.without == Without::Refused).map(|place| place.path.as_str()).collect();
    if !needs.is_empty() {
        let message = format!("is still needed by {}; lead that to another part first", needs.join(" and "));
        return Err(Problem::at(format!("tiers.{tier}"), message));
    }
    // The last ones of a list first, so that the others keep their numbers.
    places.iter().rev().for_each(|place| slots::take_out(root, place));
    slots::remove(root, &format!("tiers.{tier}"));
    let machine = own.machine().map(|(id, _)| id);
    let others = |id: &Id| {
        scenario.tiers.iter().any(|(other, own)| other != tier && own.machine().is_some_and(|(own, _)| own == id))
    };
    if let Some(id) = machine.filter(|id| !others(id) && scenario.machines.len() > 1) {
        slots::remove(root, &format!("machines.{id}"));
    }
    Ok(())
}

/// What is connected is used: where no class looks in a cache, those that read do; where none publishes, those that write
/// do; and a class that asks for no data has files at edges and stores. Nothing, if it goes without that.
pub(super) fn put_to_use(root: &Value, slot: &str) -> Option<Value> {
    let keys: Vec<&str> = slot.split('.').collect();
    let how: fn(&Scenario, &mut Value, &str) = match keys[..] {
        ["tiers", _, "cache"] => look_in_caches,
        ["tiers", _, "broker"] => publish,
        ["workload", "classes", _, "entry"] => have_files,
        _ => return None,
    };
    let (scenario, mut used): (Scenario, Value) = (edit::decode(root.clone()).ok()?, root.clone());
    let holder = keys[if keys[0] == "tiers" { 1 } else { 2 }];
    how(&scenario, &mut used, holder);
    (used != *root).then_some(used)
}

fn look_in_caches(scenario: &Scenario, root: &mut Value, web: &str) {
    let classes = &scenario.workload.classes;
    if classes.values().any(|class| class.cached) || !matches!(scenario.tiers.get(web), Some(Tier::WebServer(_))) {
        return;
    }
    let asks = |class: &crate::scenario::Class| class.database.mean_ms > 0.0 || class.query.is_some();
    for (id, _) in classes.iter().filter(|(_, class)| !class.write && class.files.is_none() && asks(class)) {
        root["workload"]["classes"][id]["cached"] = json!(true);
    }
}

fn publish(scenario: &Scenario, root: &mut Value, web: &str) {
    let classes = &scenario.workload.classes;
    let Some(Tier::WebServer(own)) = scenario.tiers.get(web) else { return };
    let broker = own.broker.as_ref().and_then(|id| scenario.tiers.get(id));
    let Some(Tier::MessageBroker(broker)) = broker else { return };
    let Some((exchange, routing)) = broker.exchanges.iter().next() else { return };
    if classes.values().any(|class| class.job.as_ref().is_some_and(|job| job.publish.is_some())) {
        return;
    }
    for (id, class) in classes {
        if !class.write || web_of(scenario, id).is_none_or(|(own, _)| own != web) {
            continue;
        }
        let news = format!("{id}.new");
        let known = routing.bindings.values().find_map(|binding| binding.routing_key.clone());
        let key = if routing.reached(&news).is_empty() { known.unwrap_or(news) } else { news };
        let job = &mut root["workload"]["classes"][id]["job"];
        if job.is_null() {
            *job = json!({ "work": { "mean_ms": 20.0 } });
        }
        job["publish"] = json!({ "exchange": exchange, "keys": { "new": { "key": key } } });
    }
}

fn have_files(scenario: &Scenario, root: &mut Value, class: &str) {
    let own = &scenario.workload.classes[class];
    let tier = own.entry.as_ref().and_then(|id| scenario.tiers.get(id));
    if own.files.is_none() && matches!(tier, Some(Tier::Cdn(_) | Tier::ObjectStore(_))) {
        // An hour is what caches are commonly told to keep a picture for at least.
        root["workload"]["classes"][class]["files"] = json!({ "count": 1000, "max_age_ms": 3_600_000.0 });
    }
}
