//! The parameters of a part: where each stands in the scenario, its unit, its range and what it does. The core checks
//! every value; the ranges here are what it accepts, for people to read.

use serde_json::Value;

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::scenario::catalogue::SIZES;
use crate::scenario::check::{INSTANCES_MAX, USERS_MAX};
use crate::scenario::places::PLACES;
use crate::scenario::{Scenario, Tier};

use super::names;

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its place in the scenario: `tiers.web.slots`.
    pub path: String,
    /// What people call it.
    pub name: String,
    /// Its unit, if it has one.
    pub unit: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it does.
    pub help: &'static str,
}

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// A whole number.
    Whole(u64, u64),
    /// A number.
    Number(f64, f64),
    /// One of these: value and name.
    Choice(Vec<(&'static str, &'static str)>),
}

/// The value at a path of the scenario.
pub fn look_up<'a>(values: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(values, |value, key| value.get(key))
}

const SLOTS_MAX: u64 = 1_000_000;
const YEAR_MS: f64 = 365.25 * 86_400_000.0;

/// What people call the value at a path: `Users`, `Web servers: slots`; nothing for a path that is no parameter.
pub fn name_of(scene: &Scene, path: &str) -> Option<String> {
    let named = |parameters: Vec<Parameter>| parameters.into_iter().find(|own| own.path == path).map(|own| own.name);
    if let Some(name) = named(of_workload()) {
        return Some(name);
    }
    (0..scene.tiers.len()).find_map(|tier| {
        let own = &scene.tiers[tier];
        let parameters = match own.kind {
            Kind::Client => of_clients(&own.id),
            Kind::Dns | Kind::LoadBalancer | Kind::WebServer | Kind::Cache | Kind::Database => {
                of_tier(&scene.scenario, &own.id)
            }
        };
        named(parameters).map(|name| format!("{}: {name}", names::tier(scene, tier)))
    })
}

/// Parameters under construction: all below one path.
struct List {
    root: String,
    parameters: Vec<Parameter>,
}

impl List {
    fn add(&mut self, field: &str, name: impl Into<String>, unit: &'static str, range: Range, help: &'static str) {
        let path = format!("{}.{field}", self.root);
        self.parameters.push(Parameter { path, name: name.into(), unit, range, help });
    }

    fn boot(&mut self) {
        let help = "From being told to start until it serves.";
        self.add("boot_ms", "Start-up time", "ms", Range::Number(0.0, YEAR_MS), help);
    }

    fn slots(&mut self, slots: &'static str, slots_help: &'static str) {
        self.add("slots", slots, "", Range::Whole(1, SLOTS_MAX), slots_help);
        let help = "How many may wait for a free one. Whoever comes after that is refused.";
        self.add("backlog", "Backlog", "", Range::Whole(0, SLOTS_MAX), help);
    }
}

/// The parameters of the users as a whole.
pub fn of_workload() -> Vec<Parameter> {
    let mut list = List { root: "workload".to_owned(), parameters: Vec::new() };
    let users = Range::Whole(1, u64::from(USERS_MAX));
    list.add("users", "Users", "", users, "People who use the site, each on their own.");
    let help = "How often each of them sends a request, on average.";
    list.add("requests_per_user_per_second", "Requests per user", "/s", Range::Number(0.0, 10_000.0), help);
    let choices = vec![("poisson", "Poisson"), ("constant", "even")];
    list.add(
        "arrivals",
        "Arrivals",
        "",
        Range::Choice(choices),
        "Poisson: each user sends independently of all others. Even: always the same time between two requests.",
    );
    list.parameters
}

/// The parameters of a group of clients.
pub fn of_clients(id: &str) -> Vec<Parameter> {
    let mut list = List { root: format!("workload.clients.{id}"), parameters: Vec::new() };
    list.add("share", "Weight", "", Range::Number(0.0, 1e6), "Its share of the users, against the other groups.");
    let places = PLACES.iter().map(|place| (place.id, place.name)).collect();
    list.add("place", "Place", "", Range::Choice(places), "Where these users are: light in fibre needs its time.");
    let help = "One way through the home or mobile network, on top of the distance.";
    list.add("access_latency_ms", "Access delay", "ms", Range::Number(0.0, 60_000.0), help);
    let help = "How fast answers come in over it.";
    list.add("download_mbps", "Download", "Mbit/s", Range::Number(0.001, 1e6), help);
    let help = "How long they wait for an answer. The work behind it goes on.";
    list.add("timeout_ms", "Patience", "ms", Range::Number(1.0, YEAR_MS), help);
    let mut all = of_workload();
    all.extend(list.parameters);
    all
}

/// The parameters of a tier and of what it runs on.
pub fn of_tier(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let Some(tier) = scenario.tiers.get(id) else { return Vec::new() };
    let mut list = List { root: format!("tiers.{id}"), parameters: Vec::new() };
    match tier {
        Tier::Dns(_) => {
            let help = "How long a device keeps the address before it asks again.";
            list.add("record_ttl_seconds", "Record TTL", "s", Range::Whole(0, u64::from(u32::MAX)), help);
            list.add(
                "lookup_ms",
                "Look-up",
                "ms",
                Range::Number(0.0, 60_000.0),
                "What a look-up takes at the resolver.",
            );
        }
        Tier::LoadBalancer(_) => balancer(&mut list),
        Tier::WebServer(_) => {
            let help = "How many servers there are. New ones have to start first.";
            list.add("instances", "Instances", "", Range::Whole(1, u64::from(INSTANCES_MAX)), help);
            list.slots("Slots", "Requests that each server has in hand at once.");
        }
        Tier::Cache(_) => {
            list.slots("Slots", "Look-ups that it has in hand at once.");
            let help = "How often it has what is asked for.";
            list.add("hit_probability", "Hit probability", "", Range::Number(0.0, 1.0), help);
        }
        Tier::Database(_) => list.slots("Connections", "Queries that it has in hand at once."),
    }
    list.boot();
    let mut all = list.parameters;
    if let Some((machine, _)) = tier.machine() {
        all.extend(of_machine(scenario, machine));
    }
    all.extend(service_times(scenario, tier));
    all
}

fn balancer(list: &mut List) {
    let policies = vec![
        ("round_robin", "round robin"),
        ("random", "random"),
        ("least_connections", "least connections"),
        ("two_choices", "two choices"),
        ("weighted", "weighted"),
        ("least_response_time", "least response time"),
        ("source_ip_hash", "source IP hash"),
    ];
    list.add("policy", "Policy", "", Range::Choice(policies), "How it chooses the server for a request.");
    let help = "Requests that may pass through it at once; what comes on top is refused.";
    list.add("connections", "Connections", "", Range::Whole(1, 1_000_000), help);
    let help =
        "How often a request that died with its server, or was refused, is tried at another one. Writes are not.";
    list.add("retries", "Retries", "", Range::Whole(0, 5), help);
    let help = "How long a server that was taken in gets less than its share.";
    list.add("slow_start_ms", "Slow start", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "Time between two probes of a server.";
    list.add("health_check.interval_ms", "Probe every", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "Failed probes in a row after which a server gets no requests.";
    list.add("health_check.unhealthy_after", "Out after", "probes", Range::Whole(1, 1000), help);
    let help = "Good probes in a row after which it gets requests again.";
    list.add("health_check.healthy_after", "In after", "probes", Range::Whole(1, 1000), help);
}

fn of_machine(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let mut list = List { root: format!("machines.{id}"), parameters: Vec::new() };
    if scenario.machines.get(id).is_some_and(|machine| machine.size.is_some()) {
        let sizes = SIZES.iter().map(|size| (size.id, size.id)).collect();
        list.add("size", "Size", "", Range::Choice(sizes), "From the catalogue: cores and price go with it.");
        return list.parameters;
    }
    list.add("cores", "Cores", "", Range::Whole(1, 1024), "Of each machine; what runs on it shares them.");
    let help = "How fast a core is; at 1, work takes what is said below.";
    list.add("speed", "Core speed", "×", Range::Number(0.001, 1000.0), help);
    let help = "List price of one machine. It does not follow the cores by itself.";
    list.add("cost_per_month_usd", "Price", "$/month", Range::Number(0.0, 1e9), help);
    list.parameters
}

/// What each class of requests asks of a tier.
fn service_times(scenario: &Scenario, tier: &Tier) -> Vec<Parameter> {
    let mut list = List { root: "workload.classes".to_owned(), parameters: Vec::new() };
    let range = || Range::Number(0.0, YEAR_MS);
    for (id, class) in &scenario.workload.classes {
        match tier {
            Tier::WebServer(_) => {
                let help = "Work of the web server for such a request, before it asks anybody.";
                list.add(&format!("{id}.web.mean_ms"), format!("“{id}” takes"), "ms", range(), help);
                if class.web_after.mean_ms > 0.0 {
                    let help = "Work of the web server once it has all it needs.";
                    list.add(&format!("{id}.web_after.mean_ms"), format!("“{id}” then"), "ms", range(), help);
                }
            }
            Tier::Database(_) if class.database.mean_ms > 0.0 => {
                let help = "Work of the database for such a request.";
                list.add(&format!("{id}.database.mean_ms"), format!("“{id}” takes"), "ms", range(), help);
            }
            Tier::Dns(_) | Tier::LoadBalancer(_) | Tier::Cache(_) | Tier::Database(_) => {}
        }
    }
    list.parameters
}
