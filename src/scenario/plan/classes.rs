//! What classes of requests ask of the servers, with queries turned into work by the kind of their database.

use crate::nodes::TierId;
use crate::nodes::files::Files;
use crate::rng::Sampler;
use crate::scenario::engine::{self, Demand};
use crate::scenario::{Class, DatabaseTier, Id, Scenario, Tier, WebServerTier};
use crate::time::Span;

use super::data::popularity;
use super::{ClassPlan, RowsPlan};

pub(super) fn classes(scenario: &Scenario, tier_id: impl Fn(&String) -> TierId) -> Vec<ClassPlan> {
    scenario.workload.classes.iter().map(|(id, class)| class_plan(scenario, id, class, &tier_id)).collect()
}

fn class_plan(scenario: &Scenario, id: &str, class: &Class, tier_id: impl Fn(&String) -> TierId) -> ClassPlan {
    let demand = demand(scenario, id, class);
    let entry = class.entry.as_ref().unwrap_or(&scenario.workload.entry);
    let needed = class.database.mean_ms > 0.0 || demand.is_some();
    let constant = |ms: f64| Sampler::Constant(Span::from_ms(ms));
    ClassPlan {
        id: id.to_owned(),
        write: class.write,
        rows: RowsPlan { inserts: class.inserts, changes: class.changes, finds_by: class.finds_by },
        databases: class.databases.iter().map(&tier_id).collect(),
        cached: class.cached,
        session: class.session,
        database_probability: class.database_probability.unwrap_or(if needed { 1.0 } else { 0.0 }),
        database_trips: demand.map_or(1, |demand| demand.round_trips),
        web_before: class.web.sampler(),
        web_after: match demand {
            // What the caller makes of the answer; the check allows no other work then.
            Some(demand) => constant(demand.caller_ms),
            None => class.web_after.sampler(),
        },
        database: demand.map_or(class.database.sampler(), |demand| constant(demand.database_ms)),
        entry: tier_id(entry),
        origin: match &scenario.tiers[entry] {
            Tier::Cdn(cdn) => Some(tier_id(cdn.origin_of(id))),
            Tier::Dns(_)
            | Tier::LoadBalancer(_)
            | Tier::WebServer(_)
            | Tier::Cache(_)
            | Tier::Database(_)
            | Tier::ObjectStore(_)
            | Tier::MessageBroker(_)
            | Tier::Worker(_) => None,
        },
        files: class.files.map(|files| files_plan(class, &files)),
        bytes: (class.response_kb * 1e3) as u64,
        followed_by: {
            let index = |next: &String| scenario.workload.classes.keys().position(|known| known == next);
            class.followed_by.iter().map(|(next, count)| (index(next).expect("checked") as u8, *count)).collect()
        },
        job: super::messages::job(scenario, id),
    }
}

fn files_plan(class: &Class, files: &crate::scenario::cdn::Files) -> Files {
    Files {
        popularity: popularity(files.popularity, files.count, files.exponent),
        count: files.count,
        bytes: (class.response_kb * 1e3) as u32,
        max_age: Span::from_ms(files.max_age_ms),
    }
}

/// What the query of a class takes at the database that its requests come to.
fn demand(scenario: &Scenario, id: &str, class: &Class) -> Option<Demand> {
    let query = class.query.as_ref()?;
    let database = database_of(scenario, id)?;
    let parts = match database.engine.is_partitioned() {
        true => f64::from(database.instances),
        false => f64::from(database.shards()),
    };
    let rows = database.rows_million * 1e6 / parts;
    // A million rows of a kilobyte are a gigabyte.
    let data_gb = database.rows_million * query.value_kb / parts;
    // Where the machine has a disk, pages are read from it, and not a part of the work.
    let machine = &scenario.machines[&database.machine];
    let memory = machine.memory_gb().filter(|_| machine.disk.is_none());
    let counts = engine::counts(query, class.write, database.engine, rows);
    Some(engine::demand(&counts, engine::share_from_disk(data_gb, memory)))
}

/// The tier that requests of a class come to: along edges, balancers and their routes from the entry.
pub(super) fn server_of<'a>(scenario: &'a Scenario, class: &str) -> Option<&'a Id> {
    let own = scenario.workload.classes.get(class).and_then(|class| class.entry.as_ref());
    let mut id = own.unwrap_or(&scenario.workload.entry);
    // A circle is another check's matter, which may come later.
    for _ in 0..=scenario.tiers.len() {
        id = match scenario.tiers.get(id)? {
            Tier::LoadBalancer(balancer) => balancer.routes.get(class).unwrap_or(&balancer.backends),
            Tier::Cdn(cdn) => cdn.origin_of(class),
            Tier::WebServer(_)
            | Tier::Dns(_)
            | Tier::Cache(_)
            | Tier::Database(_)
            | Tier::ObjectStore(_)
            | Tier::MessageBroker(_)
            | Tier::Worker(_) => return Some(id),
        };
    }
    None
}

/// The web servers that requests of a class come to, and their id.
pub(in crate::scenario) fn web_of<'a>(scenario: &'a Scenario, class: &str) -> Option<(&'a Id, &'a WebServerTier)> {
    let id = server_of(scenario, class)?;
    let Tier::WebServer(web) = scenario.tiers.get(id)? else { return None };
    Some((id, web))
}

/// The database that requests of a class come to.
fn database_of<'a>(scenario: &'a Scenario, class: &str) -> Option<&'a DatabaseTier> {
    // The first of those that it names.
    let named = scenario.workload.classes.get(class).and_then(|class| class.databases.first());
    if let Some(Tier::Database(database)) = named.and_then(|id| scenario.tiers.get(id)) {
        return Some(database);
    }
    let (_, web) = web_of(scenario, class)?;
    match scenario.tiers.get(web.database.as_ref()?)? {
        Tier::Database(database) => Some(database),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => None,
    }
}
