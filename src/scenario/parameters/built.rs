//! What a part is built with: parameters that cannot change while it runs, so that to set them is to build the system anew.

use crate::scenario::places::PLACES;
use crate::scenario::{Scenario, Tier};

use super::{List, Parameter, Range, has_disk};

const GROUP: &str = "Built with";

/// Those of a tier.
pub fn add(list: &mut List, scenario: &Scenario, id: &str, tier: &Tier) {
    list.group(GROUP);
    match tier {
        Tier::Dns(_) => {
            let help = "Whether devices begin with what they remember of a system that has been running for long.";
            list.optional("true", "steady_start", "Steady start", "", Range::Flag, help);
            list.fixed();
        }
        Tier::Cache(cache) if cache.hit_probability.is_none() => {
            if is_used_by_web_servers(scenario, id) {
                strategy(list);
            }
            if has_disk(scenario, tier) {
                let ways = vec![("memory", "in memory"), ("disk", "on the disk")];
                let help = "Where it keeps its values: on the disk there is more room, and a hit is a read of it.";
                list.optional("memory", "storage", "Values", "", Range::Choice(ways), help);
                list.fixed();
            }
            warm(list, "Whether it begins with what it holds in the long run; else it is empty.");
        }
        Tier::Database(_) if has_disk(scenario, tier) => {
            warm(list, "Whether it begins with the pages in memory that are there in the long run; else with none.");
        }
        Tier::ObjectStore(_) => place(list, "Where it stands."),
        Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => {}
    }
}

/// Those of a machine.
pub fn of_machine(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let mut list = List::new(format!("machines.{id}"), GROUP);
    if scenario.machines.get(id).is_some_and(|machine| machine.places.is_empty()) {
        place(&mut list, "Where it stands: what is far away is asked slowly.");
    }
    let ways = vec![("processor_sharing", "all at once"), ("fifo", "one after the other")];
    let help = "How it divides its cores: equally among all that is to be done (processor sharing), or one job a core, in order of \
                arrival.";
    list.optional("processor_sharing", "discipline", "Discipline", "", Range::Choice(ways), help);
    list.fixed();
    list.parameters
}

/// One that keeps sessions has no strategy: nobody asks a database in its place.
fn is_used_by_web_servers(scenario: &Scenario, id: &str) -> bool {
    scenario.tiers.values().any(|tier| matches!(tier, Tier::WebServer(web) if web.cache.as_deref() == Some(id)))
}

fn strategy(list: &mut List) {
    let strategies = vec![
        ("cache_aside", "cache-aside"),
        ("read_through", "read-through"),
        ("write_through", "write-through"),
        ("write_behind", "write-behind"),
        ("refresh_ahead", "refresh-ahead"),
    ];
    let help = "How cache and database are kept together. With all but cache-aside, the cache itself asks the \
                database.";
    list.optional("cache_aside", "strategy", "Strategy", "", Range::Choice(strategies), help);
    list.fixed();
}

fn warm(list: &mut List, help: &'static str) {
    list.flag("warm_start", "Warm start", help);
    list.fixed();
}

fn place(list: &mut List, help: &'static str) {
    let places = PLACES.iter().map(|place| (place.id, place.name)).collect();
    list.add("place", "Place", "", Range::Choice(places), help);
    list.fixed();
}
