//! How a stage grows with its users, by one rule: what is more than 60% busy gets more.
//!
//! - What a stage has several of gets more of: web servers, caches, workers, replicas, shards.
//! - What there can be only one of, a lone server or a primary, gets a bigger machine, from the chapter on that has the
//!   catalogue. Past the machine that does most there is nothing.
//! - Sessions need room: a store of them has room for one of each user.
//!
//! 60% is what autoscalers are set to. Nothing ever shrinks below what the stage says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::scenario::catalogue::{SCALABILITY, SIZES, Size};
use crate::scenario::check::INSTANCES_MAX;
use crate::scenario::{self, DatabaseTier, Id, Scenario, Tier, edit};

use super::loads::{Loads, most};

/// What is busier than this gets more.
pub const TARGET: f64 = 0.6;
/// What has grown to a load is enlarged once more if it turns out to be busier than this.
const LACKS: f64 = 0.7;
/// From this load on, something that there is only one of is taken to be full.
const HOT: f64 = 0.95;
/// The most members of a cluster, and the most shards, that a scenario may have.
const MEMBERS_MAX: u32 = 64;
const SHARDS_MAX: u32 = 256;

/// What a stage has more of than it says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// Servers by tier; where a database is sharded, of each shard.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub instances: BTreeMap<Id, u32>,
    /// Shards by tier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shards: BTreeMap<Id, u32>,
    /// Sizes of the catalogue by kind of machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sizes: BTreeMap<Id, String>,
}

/// How a tier can grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// By bigger machines alone.
    Bigger,
    /// By more servers, among which requests are spread evenly.
    More,
    /// By more servers, each of which has keys of its own.
    Partitions,
    /// A bigger primary, and more replicas.
    Replicas,
    /// The same, and more shards.
    Shards,
}

fn room(tier: &Tier) -> Room {
    let several = if tier.instances() > 1 { Room::More } else { Room::Bigger };
    match tier {
        Tier::Database(database) if database.sharding.is_some() => Room::Shards,
        Tier::Database(DatabaseTier { replication: Some(_), instances: 2.., .. }) => Room::Replicas,
        Tier::Database(_) if several == Room::More => Room::Partitions,
        Tier::Cache(_) if several == Room::More => Room::Partitions,
        // Of a pair one works.
        Tier::LoadBalancer(balancer) if balancer.failover.is_some() => Room::Bigger,
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => several,
    }
}

/// The load of those servers of a tier that decide how many there must be.
#[derive(Default)]
struct Peaks {
    /// The highest of what there can be only one of: a lone server, the primaries.
    single: f64,
    /// Of what there can be more of.
    several: f64,
    /// Of shards: the mean of their primaries.
    shards: f64,
}

fn peaks(scenario: &Scenario, tier: &Tier, loads: &Loads) -> Peaks {
    let Some((machine, _)) = tier.machine() else { return Peaks::default() };
    let copies = loads.copies(machine);
    let highest = |loads: &[f64]| loads.iter().copied().fold(0.0, f64::max);
    let each = if let Tier::Database(database) = tier { database.instances.max(1) as usize } else { 1 };
    let members = |primary: bool| {
        let is_one = move |&(index, _): &(usize, &f64)| (index % each == 0) == primary;
        copies.iter().enumerate().filter(is_one).map(|(_, load)| *load).collect::<Vec<_>>()
    };
    let mean = |loads: &[f64]| loads.iter().sum::<f64>() / loads.len().max(1) as f64;
    match room(tier) {
        Room::Bigger => Peaks { single: highest(copies), ..Peaks::default() },
        Room::Partitions => Peaks { several: highest(copies), ..Peaks::default() },
        Room::Replicas => Peaks { single: highest(&members(true)), several: highest(&members(false)), shards: 0.0 },
        Room::Shards => {
            let primaries = members(true);
            Peaks { single: highest(&primaries), several: highest(&members(false)), shards: mean(&primaries) }
        }
        // Those at one place are alike; how they differ is chance.
        Room::More => {
            let places = scenario.machines[machine].places().count().max(1);
            let at = |place: usize| copies.iter().skip(place).step_by(places).copied().collect::<Vec<_>>();
            let by_place: Vec<f64> = (0..places).map(|place| mean(&at(place))).collect();
            Peaks { several: highest(&by_place), ..Peaks::default() }
        }
    }
}

/// As many as bring `load` down to the target.
fn more(count: u32, load: f64) -> u32 {
    (f64::from(count) * load / TARGET).ceil() as u32
}

/// The smallest size whose load is below the target if it does so much, in cores that nobody disturbs; past all of them
/// the one that does most.
fn size_for(work: f64) -> &'static Size {
    let does = |size: &Size| most(size.cores, SCALABILITY);
    let largest = SIZES.iter().max_by(|a, b| does(a).total_cmp(&does(b))).expect("there are sizes");
    SIZES.iter().find(|size| does(size) * TARGET >= work).unwrap_or(largest)
}

impl Growth {
    /// The stage with what it has more of.
    pub fn of(&self, stage: &Scenario) -> Scenario {
        let mut value = edit::encode(stage);
        let mut put = |patch: Value| edit::merge(&mut value, &patch);
        for (machine, size) in &self.sizes {
            let own = json!({ "size": size, "cores": null, "cost_per_month_usd": null, "scalability": null });
            put(json!({ "machines": { machine: own } }));
        }
        for (tier, count) in &self.instances {
            put(json!({ "tiers": { tier: { "instances": count } } }));
        }
        for (tier, count) in &self.shards {
            put(json!({ "tiers": { tier: { "sharding": { "shards": count } } } }));
        }
        scenario::from_value(value).expect("a stage that has grown is still a valid scenario")
    }

    /// Grows to carry `factor` times what was measured in `design`, which is the stage with this growth. With `bigger`
    /// machines, if these are to be had. Says whether it had to grow.
    pub fn grow(&mut self, design: &Scenario, loads: &Loads, factor: f64, bigger: bool) -> bool {
        let before = self.clone();
        for (id, tier) in &design.tiers {
            let Some((machine, _)) = tier.machine() else { continue };
            let Peaks { single, several, shards } = peaks(design, tier, loads);
            let mut scale = factor;
            if bigger && single * factor > TARGET {
                scale *= self.enlarge(design, machine, single * factor);
            }
            let (single, several, shards) = (single * scale, several * scale, shards * scale);
            let own = tier.instances();
            match room(tier) {
                Room::Bigger => {}
                Room::More | Room::Partitions if several > TARGET => {
                    // As many at each place.
                    let places = design.machines[machine].places().count().max(1) as u32;
                    let count = more(own, several).next_multiple_of(places).min(INSTANCES_MAX);
                    self.instances.insert(id.clone(), count);
                }
                Room::More | Room::Partitions => {}
                Room::Replicas | Room::Shards => {
                    let Tier::Database(database) = tier else { continue };
                    if several > TARGET {
                        let count = (1 + more(database.instances - 1, several)).min(MEMBERS_MAX);
                        self.instances.insert(id.clone(), count);
                    }
                    let count = if shards > TARGET {
                        more(database.shards(), shards)
                    } else if database.sharding.is_some() && single > HOT {
                        // The hottest shard gets rid of what is beside its most popular rows.
                        (f64::from(database.shards()) * 1.5).ceil() as u32
                    } else {
                        continue;
                    };
                    self.shards.insert(id.clone(), count.min(SHARDS_MAX));
                }
            }
        }
        self.make_room_for_sessions(design, factor);
        *self != before
    }

    /// A size at which a machine that has this load now is at the target. Returns what becomes of its load, as a factor.
    fn enlarge(&mut self, design: &Scenario, machine: &Id, load: f64) -> f64 {
        let kind = &design.machines[machine];
        let now = most(kind.cores(), kind.scalability());
        let size = size_for(load * now);
        let then = most(size.cores, SCALABILITY);
        if then <= now {
            return 1.0;
        }
        self.sizes.insert(machine.clone(), size.id.to_owned());
        now / then
    }

    fn make_room_for_sessions(&mut self, design: &Scenario, factor: f64) {
        let workload = &design.workload;
        let Some(store) = workload.sessions.as_ref().and_then(|sessions| sessions.store.as_ref()) else { return };
        let Some(Tier::Cache(cache)) = design.tiers.get(store) else { return };
        let Some(room) = cache.capacity_entries else { return };
        let sessions = f64::from(workload.users) * factor * f64::from(cache.replicas.max(1));
        let places = design.machines[&cache.machine].places().count().max(1) as u32;
        let count = ((sessions / (TARGET * f64::from(room))).ceil() as u32).next_multiple_of(places);
        let own = self.instances.entry(store.clone()).or_insert(cache.instances);
        *own = (*own).max(count).min(INSTANCES_MAX);
    }

    /// Whether something that can grow is much busier than it should be, and nothing that cannot is full: then it is no use.
    pub fn lacks(design: &Scenario, loads: &Loads) -> bool {
        let all = || design.tiers.values().map(|tier| (room(tier), peaks(design, tier, loads)));
        let full = all().any(|(room, peaks)| room != Room::Shards && peaks.single >= HOT);
        let lacks = |(room, peaks): (Room, Peaks)| {
            peaks.several > LACKS || peaks.shards > LACKS || (room == Room::Shards && peaks.single > HOT)
        };
        !full && all().any(lacks)
    }

    /// The load of the busiest part that cannot get more, as it would be on the biggest machine that is to be had. None if
    /// that says nothing: of rows that are spread over shards, the most popular ones decide.
    pub fn bound(design: &Scenario, loads: &Loads, bigger: bool) -> Option<f64> {
        if design.tiers.values().any(|tier| room(tier) == Room::Shards) {
            return None;
        }
        let biggest = SIZES.iter().map(|size| most(size.cores, SCALABILITY)).fold(0.0, f64::max);
        let load = |tier: &Tier| {
            let Some((machine, _)) = tier.machine() else { return 0.0 };
            let kind = &design.machines[machine];
            let now = most(kind.cores(), kind.scalability());
            let then = if bigger { now.max(biggest) } else { now };
            peaks(design, tier, loads).single * now / then
        };
        Some(design.tiers.values().map(load).fold(0.0, f64::max)).filter(|load| *load > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::ladder::level;
    use crate::course::stages;
    use crate::time::SimTime;
    use crate::world::World;

    /// The stage as it opens, and what is busy there.
    fn opening(id: &str) -> (Scenario, Loads) {
        let stage = level(stages::find(id).expect("a stage"));
        let mut world = World::new(&stage, 1);
        while !world.advance(SimTime::from_ms(30_000.0), u64::MAX).reached {}
        (stage, Loads::of(&world))
    }

    #[test]
    fn what_is_busy_gets_more_of_what_there_can_be_more_of() {
        let (stage, loads) = opening("load-balancer");
        let mut growth = Growth::default();
        assert!(!growth.grow(&stage, &loads, 1.0, true), "nothing is busy there");
        assert!(growth.grow(&stage, &loads, 10.0, true));
        // 4,000 requests a second, 3.4 ms of a web server's core and 1.4 ms of the database's each: 13.6 cores at 60% are 22.7,
        // two a server; 5.6 undisturbed cores at 60% are 9.3, which a machine with 16 has and one with 8 has not.
        assert!((11..=12).contains(&growth.instances["web"]), "{growth:?}");
        assert_eq!(growth.sizes["data"], "general-16");
        assert!(!growth.sizes.contains_key("app") && !growth.instances.contains_key("balancer"), "{growth:?}");
        let design = growth.of(&stage);
        assert_eq!((design.machines["data"].cores(), design.tiers["web"].instances()), (16, growth.instances["web"]));
    }

    #[test]
    fn before_the_catalogue_there_is_nothing_to_grow_by() {
        let (stage, loads) = opening("separate-database");
        let mut growth = Growth::default();
        assert!(!growth.grow(&stage, &loads, 10.0, false), "{growth:?}");
        let bound = Growth::bound(&stage, &loads, false).expect("the web server's");
        // 200 requests a second of 3.4 ms on two cores.
        assert!((bound / 0.34 - 1.0).abs() < 0.06, "{bound}");
    }

    #[test]
    fn past_the_machine_that_does_most_there_is_nothing() {
        let (stage, loads) = opening("vertical-scaling");
        let mut growth = Growth::default();
        growth.grow(&stage, &loads, 1e3, true);
        assert_eq!(growth.sizes["app"], "general-96");
    }

    #[test]
    fn sessions_have_room_for_all_users() {
        let (stage, loads) = opening("stateless-web-tier");
        let mut growth = Growth::default();
        growth.grow(&stage, &loads, 100.0, true);
        let Tier::Cache(store) = &growth.of(&stage).tiers["sessions"] else { panic!("a cache keeps them") };
        let room = store.instances * store.capacity_entries.expect("it has a limit") / store.replicas;
        assert!(room >= 100 * stage.workload.users, "{room}");
    }
}
