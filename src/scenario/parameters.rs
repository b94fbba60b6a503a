//! The parameters of a part: where each stands in the scenario, what people call it, its unit, its range, what holds where
//! it is not set, and what it does. The inspector is made of them, and so is what the schema says of these fields. Every
//! value is checked by [`super::check`]; the ranges here are what that accepts, for people to read.

use serde_json::{Value, json};

use crate::nodes::cache::strategy::Strategy;
use crate::scenario::catalogue::{DISKS, SCALABILITY, SIZES};
use crate::scenario::check::{INSTANCES_MAX, USERS_MAX};
use crate::scenario::{CacheTier, Scenario, Tier};

mod backup;
mod balancer;
mod built;
mod cdn;
mod clients;
mod dns;
mod messages;
mod operations;
mod replication;
mod scaling;
mod sharding;
pub mod typed;

pub use clients::of_clients;
pub use operations::metric as metric_name;

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its place in the scenario: `tiers.web.slots`.
    pub path: String,
    /// What it belongs to, among the parameters of its part.
    pub group: &'static str,
    /// What people call it.
    pub name: String,
    /// Its unit, if it has one.
    pub unit: &'static str,
    /// What it may be.
    pub range: Range,
    /// What it does.
    pub help: &'static str,
    /// What holds where it is not set.
    pub unset: Option<&'static str>,
    /// Whether it cannot change while the system runs: to set it is to build the system anew.
    pub fixed: bool,
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
    /// Yes or no.
    Flag,
    /// Something that is there, as this opens with, or not at all.
    Part(Value),
}

/// The value at a path of the scenario.
pub fn look_up<'a>(values: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(values, |value, key| value.get(key))
}

const SLOTS_MAX: u64 = 1_000_000;
const YEAR_MS: f64 = 365.25 * 86_400_000.0;

/// Parameters under construction: all below one path.
struct List {
    root: String,
    group: &'static str,
    parameters: Vec<Parameter>,
}

impl List {
    fn new(root: impl Into<String>, group: &'static str) -> Self {
        Self { root: root.into(), group, parameters: Vec::new() }
    }

    /// What is added from now on belongs to this.
    fn group(&mut self, group: &'static str) {
        self.group = group;
    }

    fn add(&mut self, field: &str, name: impl Into<String>, unit: &'static str, range: Range, help: &'static str) {
        let path = format!("{}.{field}", self.root);
        let (name, group) = (name.into(), self.group);
        self.parameters.push(Parameter { path, group, name, unit, range, help, unset: None, fixed: false });
    }

    /// One that may be left out: then `unset` holds.
    fn optional(
        &mut self,
        unset: &'static str,
        field: &str,
        name: &str,
        unit: &'static str,
        range: Range,
        help: &'static str,
    ) {
        self.add(field, name, unit, range, help);
        self.parameters.last_mut().expect("it was added").unset = Some(unset);
    }

    fn flag(&mut self, field: &str, name: &str, help: &'static str) {
        self.optional("false", field, name, "", Range::Flag, help);
    }

    /// A part that may be left out; says whether it is there.
    fn part(&mut self, there: bool, field: &str, name: &str, opens_with: Value, help: &'static str) -> bool {
        self.optional("null", field, name, "", Range::Part(opens_with), help);
        there
    }

    /// The one that was added last cannot change while it runs.
    fn fixed(&mut self) {
        self.parameters.last_mut().expect("it was added").fixed = true;
    }

    fn boot(&mut self) {
        let help = "From being told to start until it serves.";
        self.add("boot_ms", "Start-up time", "ms", Range::Number(0.0, YEAR_MS), help);
    }

    fn eviction(&mut self) {
        let policies = vec![
            ("lru", "least recently used"),
            ("lfu", "least frequently used"),
            ("fifo", "first in, first out"),
            ("random", "random"),
        ];
        self.optional(
            "lru",
            "eviction",
            "Eviction",
            "",
            Range::Choice(policies),
            "What goes first when there is no room.",
        );
    }

    fn slots(&mut self, slots: &'static str, slots_help: &'static str) {
        self.add("slots", slots, "", Range::Whole(1, SLOTS_MAX), slots_help);
        let help = "How many may wait for a free one. Whoever comes after that is refused.";
        self.add("backlog", "Backlog", "", Range::Whole(0, SLOTS_MAX), help);
    }
}

/// All parameters that a scenario has, each once.
pub fn all(scenario: &Scenario) -> Vec<Parameter> {
    let clients = scenario.workload.clients.keys().flat_map(|id| of_clients(scenario, id));
    let tiers = scenario.tiers.keys().flat_map(|id| of_tier(scenario, id));
    let mut all: Vec<Parameter> = of_workload(scenario).into_iter().chain(clients).chain(tiers).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    all
}

/// The parameters of the users as a whole, and of those who run the system.
pub fn of_workload(scenario: &Scenario) -> Vec<Parameter> {
    let mut list = List::new("workload", "Users");
    let users = Range::Whole(1, u64::from(USERS_MAX));
    list.add("users", "Users", "", users, "People who use the site, each on their own.");
    let help = "How often each of them sends a request, on average.";
    list.add("requests_per_user_per_second", "Requests per user", "/s", Range::Number(0.0, 10_000.0), help);
    let choices = vec![("poisson", "Poisson"), ("constant", "even"), ("closed", "closed loop")];
    list.add(
        "arrivals",
        "Arrivals",
        "",
        Range::Choice(choices),
        "Poisson: each user sends independently of all others. Even: always the same time between two requests. Closed \
         loop: each waits for the answer, thinks for as long as the line above says, and only then sends again.",
    );
    scaling::add_day(&mut list, scenario);
    scaling::add_sessions(&mut list, scenario);
    let mut all = list.parameters;
    all.extend(operations::of_operations(scenario));
    all
}

/// The parameters of a tier and of what it runs on.
pub fn of_tier(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let Some(tier) = scenario.tiers.get(id) else { return Vec::new() };
    let mut list = List::new(format!("tiers.{id}"), "Capacity");
    match tier {
        Tier::Dns(tier) => dns::add(&mut list, tier),
        Tier::LoadBalancer(tier) => balancer::add(&mut list, tier),
        Tier::WebServer(web) => {
            let help = "How many servers there are. New ones have to start first.";
            list.add("instances", "Instances", "", Range::Whole(1, u64::from(INSTANCES_MAX)), help);
            list.slots("Slots", "Requests that each server has in hand at once.");
            if web.pool.is_some() {
                let help = "Connections that each server keeps to each database server. Who finds none free waits.";
                list.add("pool", "Connection pool", "", Range::Whole(1, SLOTS_MAX), help);
            }
            scaling::add(&mut list, tier);
        }
        Tier::Cache(cache) => {
            list.slots("Slots", "Look-ups that it has in hand at once.");
            let help = "Work of a look-up, or of a change of an entry.";
            list.add("lookup.mean_ms", "A look-up takes", "ms", Range::Number(0.0, YEAR_MS), help);
            match cache.hit_probability {
                Some(_) => {
                    let help = "How often it has what is asked for.";
                    list.add("hit_probability", "Hit probability", "", Range::Number(0.0, 1.0), help);
                }
                None => holding(&mut list, cache),
            }
        }
        Tier::Cdn(tier) => cdn::add(&mut list, tier),
        Tier::ObjectStore(_) => cdn::add_store(&mut list),
        Tier::MessageBroker(broker) => messages::add_broker(&mut list, broker),
        Tier::Worker(worker) => {
            messages::add_worker(&mut list, worker);
            scaling::add(&mut list, tier);
        }
        Tier::Database(database) => {
            list.slots("Connections", "Queries that it has in hand at once.");
            let engines = vec![
                ("relational", "relational"),
                ("key_value", "key-value"),
                ("document", "document"),
                ("wide_column", "wide-column"),
                ("graph", "graph"),
            ];
            let help = "What kind of database it is. It matters to classes that say what they query.";
            list.optional("relational", "engine", "Engine", "", Range::Choice(engines), help);
            let help = "Rows that it holds: the more, the deeper its indexes.";
            list.optional("1", "rows_million", "Rows", "million", Range::Number(0.001, 1e6), help);
            if has_disk(scenario, tier) {
                let help = "Memory for pages of the disk: what is asked for and not there has to be read.";
                let range = Range::Number(0.001, 1e9);
                list.optional("75% of memory", "buffer_pool_mb", "Buffer pool", "MB", range, help);
            }
            if database.row_kb.is_some() {
                let help = "Size of a row on the disk: with fewer columns, more rows are on a page.";
                list.add("row_kb", "Row", "kB", Range::Number(0.001, 4e6), help);
            }
            if let Some(own) = &database.sharding {
                sharding::add(&mut list, own);
            }
            if database.replication.is_some() {
                replication::add(&mut list);
                backup::add(&mut list, database);
            }
        }
    }
    list.group("Machine");
    list.boot();
    built::add(&mut list, scenario, id, tier);
    let mut all = list.parameters;
    all.extend(cdn::of_files(scenario, id));
    if let Some((machine, _)) = tier.machine() {
        all.extend(of_machine(scenario, machine));
        all.extend(built::of_machine(scenario, machine));
    }
    all.extend(service_times(scenario, tier));
    if matches!(tier, Tier::WebServer(_) | Tier::Worker(_)) {
        all.extend(messages::jobs(scenario));
    }
    all
}

/// The parameters of what a cache holds.
fn holding(list: &mut List, cache: &CacheTier) {
    let help = "How many servers there are, each holding other keys.";
    list.optional("1", "instances", "Instances", "", Range::Whole(1, u64::from(INSTANCES_MAX)), help);
    list.group("Which server holds a key");
    let help = "Which of them holds a key: by consistent hashing, or by the hash modulo their number.";
    list.optional(
        "ring",
        "placement",
        "Placement",
        "",
        Range::Choice(vec![("ring", "ring"), ("modulo", "modulo")]),
        help,
    );
    let help = "Points of each server on the ring: the more, the more evenly keys are spread.";
    list.optional("200", "ring_points", "Points on the ring", "", Range::Whole(1, 10_000), help);
    list.group("Room");
    let help = "Entries that it may hold.";
    list.add("capacity_entries", "Entries at most", "", Range::Whole(1, 1_000_000_000), help);
    let help = "What it may hold in all. Without a number, what its machine has.";
    list.optional("memory", "capacity_mb", "Size at most", "MB", Range::Number(0.001, 1e9), help);
    list.eviction();
    list.group("Freshness");
    let help = "How long an entry lives. Short ones are reloaded often, long ones go stale.";
    list.optional("unlimited", "ttl_ms", "Time to live", "ms", Range::Number(0.001, YEAR_MS), help);
    let help = "The part of its life that an entry may lose at random, so that not all expire at once.";
    list.optional("0", "ttl_jitter", "Jitter", "", Range::Number(0.0, 1.0), help);
    let ways = vec![("invalidate", "invalidate"), ("update", "update"), ("nothing", "nothing")];
    let help = "What a write does to the entry of its key, once the database has carried it out.";
    list.optional("invalidate", "on_write", "On write", "", Range::Choice(ways), help);
    let help = "Refuses values that are older than a write it was told of.";
    list.flag("versioned_fill", "Versioned fill", help);
    let help = "Reads that miss the same key at the same time ask the database once.";
    list.flag("coalesce", "Coalesce", help);
    serving(list, cache);
}

/// The parameters of how a cache goes together with its database, and what becomes of its servers' deaths.
fn serving(list: &mut List, cache: &CacheTier) {
    let help = "How many of the servers hold each key, at different places as far as there are as many.";
    list.optional("1", "replicas", "Replicas", "", Range::Whole(1, 3), help);
    let help = "Who finds a server dead remembers it for a while.";
    let opens_with = serde_json::json!({});
    if list.part(cache.detection.is_some(), "detection", "Detects dead servers", opens_with, help) {
        let help = "A server is taken for dead after so many calls in a row that it did not answer.";
        list.optional("2", "detection.failures", "Dead after", "failures", Range::Whole(1, 1000), help);
        let help = "For how long; then it is tried again.";
        list.optional(
            "30000",
            "detection.retry_after_ms",
            "Tried again after",
            "ms",
            Range::Number(0.001, YEAR_MS),
            help,
        );
        let help = "The other servers share its keys out meanwhile; else the database is asked for them.";
        list.flag("detection.rehash_on_failure", "Rehash on failure", help);
    }
    match cache.strategy {
        Strategy::WriteBehind => {
            let help = "How long writes are kept back; a crash loses them.";
            list.optional("1000", "flush_interval_ms", "Writes after", "ms", Range::Number(0.001, YEAR_MS), help);
        }
        Strategy::RefreshAhead => {
            let help = "The last part of its life in which an entry that is asked for is read anew.";
            list.optional("0.2", "refresh_in_last", "Refresh in last", "", Range::Number(0.001, 1.0), help);
        }
        Strategy::CacheAside | Strategy::ReadThrough | Strategy::WriteThrough => {}
    }
}

fn of_machine(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let mut list = List::new(format!("machines.{id}"), "Machine");
    if scenario.machines.get(id).is_some_and(|machine| machine.size.is_some()) {
        let sizes = SIZES.iter().map(|size| (size.id, size.id)).collect();
        list.add("size", "Size", "", Range::Choice(sizes), "From the catalogue: cores and price go with it.");
        disk(scenario, id, &mut list);
        return list.parameters;
    }
    list.add("cores", "Cores", "", Range::Whole(1, 1024), "Of each machine; what runs on it shares them.");
    let help = "How fast a core is; at 1, work takes what is said below.";
    list.add("speed", "Core speed", "×", Range::Number(0.001, 1000.0), help);
    let scalability = scenario.machines.get(id).is_some_and(|machine| machine.scalability.is_some());
    let help = "Whether cores hinder each other, by the Universal Scalability Law; else each adds all of its work.";
    if list.part(scalability, "scalability", "Cores interfere", json!(SCALABILITY), help) {
        let help = "σ: the share of the work during which a core keeps the others waiting.";
        list.add("scalability.contention", "Contention", "", Range::Number(0.0, 1.0), help);
        let help = "κ: what it costs each pair of cores to agree, as a share of the work.";
        list.add("scalability.coherency", "Coherency", "", Range::Number(0.0, 1.0), help);
    }
    let help = "List price of one machine. It does not follow the cores by itself.";
    list.add("cost_per_month_usd", "Price", "$/month", Range::Number(0.0, 1e9), help);
    disk(scenario, id, &mut list);
    list.parameters
}

/// The disk of a machine that has one.
fn disk(scenario: &Scenario, id: &str, list: &mut List) {
    if scenario.machines.get(id).is_some_and(|machine| machine.disk.is_some()) {
        let disks = DISKS.iter().map(|disk| (disk.id, disk.id)).collect();
        list.add("disk", "Disk", "", Range::Choice(disks), "How long a page takes, and how many at once.");
    }
}

fn has_disk(scenario: &Scenario, tier: &Tier) -> bool {
    let machine = tier.machine().and_then(|(id, _)| scenario.machines.get(id));
    machine.is_some_and(|machine| machine.disk.is_some())
}

/// What each class of requests asks of a tier.
fn service_times(scenario: &Scenario, tier: &Tier) -> Vec<Parameter> {
    let mut list = List::new("workload.classes", "Work");
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
            Tier::Dns(_)
            | Tier::LoadBalancer(_)
            | Tier::Cache(_)
            | Tier::Database(_)
            | Tier::Cdn(_)
            | Tier::ObjectStore(_)
            | Tier::MessageBroker(_)
            | Tier::Worker(_) => {}
        }
    }
    list.parameters
}
