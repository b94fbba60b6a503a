//! What a scenario must satisfy beyond its types. Each rule names the place that breaks it and what to do.

use std::collections::BTreeMap;

use crate::time::SimTime;

use super::{Change, Problem, Scenario, ServiceTime, Tier, VERSION, edit, places};

mod backup;
mod balancing;
mod cdn;
mod clients;
mod data;
mod deployment;
mod geography;
mod machines;
mod messages;
mod operations;
mod replication;
mod scaling;
mod sharding;
mod structure;
mod targets;

/// The most instances in all: nodes are numbered by 16 bits, and the page must stay usable.
pub const INSTANCES_MAX: u32 = 20_000;
/// The most users.
pub const USERS_MAX: u32 = 100_000_000;
/// The most entries of any map, and of a timeline.
pub const PARTS_MAX: usize = 64;
/// The most entries of a timeline.
pub const TIMELINE_MAX: usize = 1_000;
/// The most name servers: as many as the root has, whose addresses fit one packet.
const NAME_SERVERS_MAX: u32 = 13;
/// The most slots, and the longest backlog.
const SLOTS_MAX: u32 = 1_000_000;
/// The longest delay of any kind: a year.
const DELAY_MAX_MS: f64 = 365.25 * 86_400_000.0;

use targets::{check_ends, check_switch, check_target};

type Checked = Result<(), Problem>;

/// Checks that this program reads that version of the format.
///
/// # Errors
/// It does not.
pub fn check_version(version: u64) -> Checked {
    if version == u64::from(VERSION) {
        return Ok(());
    }
    let message = format!("this program reads version {VERSION}, the scenario says {version}; get a newer program");
    Err(Problem::at("version", message))
}

/// Checks everything.
///
/// # Errors
/// The first rule that is broken.
pub fn check(scenario: &Scenario) -> Checked {
    check_version(scenario.version.into())?;
    check_length("name", scenario.name.chars().count(), 0, 200)?;
    check_part_count("machines", &scenario.machines)?;
    check_part_count("tiers", &scenario.tiers)?;
    check_workload(scenario)?;
    check_range("network.hop_ms", scenario.network.hop_ms, 0.0, 10_000.0)?;
    check_range("network.path_factor", scenario.network.path_factor, 1.0, 100.0)?;
    check_range("network.silence_timeout_ms", scenario.network.silence_timeout_ms, 1.0, DELAY_MAX_MS)?;
    machines::check_machines(scenario)?;
    check_tiers(scenario)?;
    deployment::check_builds(scenario)?;
    deployment::check_outages(scenario)?;
    operations::check_operations(scenario)?;
    for (id, class) in &scenario.workload.classes {
        class.job.as_ref().map_or(Ok(()), |job| messages::check_job(scenario, id, job))?;
    }
    check_timeline(scenario)
}

fn check_workload(scenario: &Scenario) -> Checked {
    let workload = &scenario.workload;
    check_count("workload.users", workload.users, 1, USERS_MAX)?;
    check_range("workload.requests_per_user_per_second", workload.requests_per_user_per_second, 0.0, 10_000.0)?;
    clients::check_closed_loop(workload)?;
    check_part_count("workload.clients", &workload.clients)?;
    check_part_count("workload.classes", &workload.classes)?;
    check_shares("workload.clients", workload.clients.iter().map(|(id, client)| (id, client.share)))?;
    check_shares("workload.classes", workload.classes.iter().map(|(id, class)| (id, class.share)))?;
    workload.day.as_ref().map_or(Ok(()), |day| scaling::check_day(workload, day))?;
    clients::check_sessions(scenario)?;
    data::check_keys(scenario)?;
    for (id, client) in &workload.clients {
        clients::check_client(scenario, id, client)?;
    }
    for (id, class) in &workload.classes {
        let at = |field: &str| format!("workload.classes.{id}.{field}");
        check_range(&at("response_kb"), class.response_kb, 0.0, 1e9)?;
        check_range(&at("response_json_kb"), class.response_json_kb.unwrap_or(0.0), 0.0, 1e9)?;
        check_query(&format!("workload.classes.{id}"), class)?;
        check_service(&at("web"), &class.web)?;
        check_service(&at("web_after"), &class.web_after)?;
        check_service(&at("database"), &class.database)?;
        check_range(&at("database_probability"), class.database_probability.unwrap_or(0.0), 0.0, 1.0)?;
        cdn::check_class(scenario, id, class)?;
        sharding::check_class(scenario, id, class)?;
    }
    let entry = find_tier(scenario, "workload.entry", &workload.entry)?;
    if !matches!(entry, Tier::LoadBalancer(_) | Tier::WebServer(_) | Tier::Cdn(_)) {
        return Err(wrong_kind("workload.entry", &workload.entry, "a load_balancer, a web_server or a cdn"));
    }
    if let Some(dns) = &workload.dns
        && !matches!(find_tier(scenario, "workload.dns", dns)?, Tier::Dns(_))
    {
        return Err(wrong_kind("workload.dns", dns, "a dns"));
    }
    Ok(())
}

fn check_query(place: &str, class: &super::Class) -> Checked {
    let Some(query) = &class.query else { return Ok(()) };
    let at = |field: &str| format!("{place}.query.{field}");
    check_count(&at("depth"), query.depth, 0, 4)?;
    check_count(&at("fan_out"), query.fan_out, 1, 100)?;
    check_range(&at("value_kb"), query.value_kb, 0.001, 1e5)?;
    check_count(&at("fields"), query.fields, 0, 10_000)?;
    for (field, service) in [("database", &class.database), ("web_after", &class.web_after)] {
        if service.mean_ms > 0.0 {
            let message = "the work follows from the query; leave out one of the two".to_owned();
            return Err(Problem::at(format!("{place}.{field}"), message));
        }
    }
    Ok(())
}

fn check_tiers(scenario: &Scenario) -> Checked {
    let mut instances = 0;
    for (id, tier) in &scenario.tiers {
        let at = |field: &str| format!("tiers.{id}.{field}");
        check_range(&at("boot_ms"), tier.boot_ms(), 0.0, DELAY_MAX_MS)?;
        if let Some((machine, count)) = tier.machine() {
            if !scenario.machines.contains_key(machine) {
                let known = scenario.machines.keys().map(String::as_str);
                return Err(Problem::unknown(at("machine"), "machine", machine, known));
            }
            check_count(&at("instances"), count, 1, INSTANCES_MAX)?;
            scaling::check_scaling(id, tier)?;
            instances += tier.instances_max();
        }
        if instances > INSTANCES_MAX {
            let message = format!("brings the instances of all tiers to {instances}; at most {INSTANCES_MAX} fit");
            return Err(Problem::at(at("instances"), message));
        }
        check_tier(scenario, id, tier)?;
    }
    check_cycles(scenario)
}

fn check_tier(scenario: &Scenario, id: &str, tier: &Tier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    let slots = |slots: u32, backlog: u32| {
        check_count(&at("slots"), slots, 1, SLOTS_MAX)?;
        check_count(&at("backlog"), backlog, 0, SLOTS_MAX)
    };
    match tier {
        Tier::Dns(dns) => {
            check_count(&at("instances"), dns.instances, 1, NAME_SERVERS_MAX)?;
            check_range(&at("lookup_ms"), dns.lookup_ms, 0.0, 60_000.0)?;
            if let Some(resolvers) = &dns.resolvers {
                check_count(&at("resolvers.count"), resolvers.count, 1, 10_000)?;
                check_range(&at("resolvers.exponent"), resolvers.exponent, 0.0, 3.0)?;
            }
            if dns.health_check.is_some() && matches!(scenario.tiers.get(&scenario.workload.entry), Some(Tier::Cdn(_)))
            {
                let message = "a CDN has one address, which routes lead past dead edges; leave the health check out";
                return Err(Problem::at(at("health_check"), message));
            }
            geography::check_answers(scenario, id, dns)?;
            dns.health_check.as_ref().map_or(Ok(()), |check| balancing::check_health(&at("health_check"), check))
        }
        Tier::LoadBalancer(balancer) => balancing::check_balancer(scenario, id, balancer),
        Tier::WebServer(web) => {
            slots(web.slots, web.backlog)?;
            if let Some(cache) = &web.cache
                && !matches!(find_tier(scenario, &at("cache"), cache)?, Tier::Cache(_))
            {
                return Err(wrong_kind(&at("cache"), cache, "a cache"));
            }
            if let Some(pool) = web.pool {
                check_count(&at("pool"), pool, 1, SLOTS_MAX)?;
                if web.database.is_none() {
                    return Err(Problem::at(at("pool"), "there is no database to connect to; leave it out"));
                }
            }
            if let Some(database) = &web.database
                && !matches!(find_tier(scenario, &at("database"), database)?, Tier::Database(_))
            {
                return Err(wrong_kind(&at("database"), database, "a database"));
            }
            web.broker.as_ref().map_or(Ok(()), |id| messages::find_broker(scenario, &at("broker"), id).map(|_| ()))
        }
        Tier::Cache(cache) => data::check_cache(scenario, id, cache),
        Tier::Cdn(tier) => cdn::check_cdn(scenario, id, tier),
        Tier::ObjectStore(store) => cdn::check_object_store(scenario, id, store),
        Tier::MessageBroker(broker) => messages::check_broker(scenario, id, broker),
        Tier::Worker(worker) => messages::check_worker(scenario, id, worker),
        Tier::Database(database) => {
            slots(database.slots, database.backlog)?;
            let writes = scenario.workload.classes.values().any(|class| class.write && class.share > 0.0);
            data::check_pool(scenario, id, database)?;
            check_range(&at("rows_million"), database.rows_million, 0.001, 1e9)?;
            if database.instances > 1
                && writes
                && !database.engine.is_partitioned()
                && database.replication.is_none()
                && database.sharding.is_none()
            {
                let message = format!(
                    "is {}, but copies of a database cannot take writes without replication; \
                     set replication, or it to 1, or leave the writing classes out",
                    database.instances
                );
                return Err(Problem::at(at("instances"), message));
            }
            replication::check_replication(scenario, id, database)?;
            backup::check_backup(id, database)?;
            sharding::check_sharding(scenario, id, database)
        }
    }
}

/// Only balancers can call each other, so only they can form a cycle; an edge may stand before them.
fn check_cycles(scenario: &Scenario) -> Checked {
    let mut known = BTreeMap::new();
    for id in scenario.tiers.keys() {
        let calls = longest_chain(scenario, id, &mut Vec::new(), &mut known)?;
        // The client before; behind the web server its cache, and that one's database.
        if calls + 3 > crate::nodes::job::PATH_MAX {
            let message = format!("{calls} tiers in a row are too many; at most 3 balancers can follow each other");
            return Err(Problem::at(format!("tiers.{id}.backends"), message));
        }
    }
    Ok(())
}

/// How many tiers follow each other from `id` on, this one counted, along balancers. `above` leads there, and `known`
/// holds what has been found before, so that each tier is looked at once.
fn longest_chain<'a>(
    scenario: &'a Scenario,
    id: &'a str,
    above: &mut Vec<&'a str>,
    known: &mut BTreeMap<&'a str, usize>,
) -> Result<usize, Problem> {
    let behind: Vec<&String> = match &scenario.tiers[id] {
        Tier::LoadBalancer(balancer) => balancer.routes.values().chain([&balancer.backends]).collect(),
        Tier::Cdn(cdn) => cdn.origins().collect(),
        Tier::Dns(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => return Ok(1),
    };
    if let Some(&length) = known.get(id) {
        return Ok(length);
    }
    if above.contains(&id) {
        let message = format!("requests would go round in a circle: {} → {id}", above.join(" → "));
        return Err(Problem::at(format!("tiers.{}.backends", above[0]), message));
    }
    above.push(id);
    let mut longest = 0;
    for next in behind {
        longest = longest.max(longest_chain(scenario, next, above, known)?);
    }
    above.pop();
    known.insert(id, longest + 1);
    Ok(longest + 1)
}

fn check_timeline(scenario: &Scenario) -> Checked {
    check_length("timeline", scenario.timeline.len(), 0, TIMELINE_MAX)?;
    let mut now = scenario.clone();
    now.timeline.clear();
    let mut last = 0.0;
    for (index, moment) in scenario.timeline.iter().enumerate() {
        let at = format!("timeline.{index}");
        check_range(&format!("{at}.at_ms"), moment.at_ms, 0.0, SimTime(u64::MAX / 2).as_ms())?;
        if moment.at_ms < last {
            let message = format!("is {}, but the entry before is at {last}; entries go in order", moment.at_ms);
            return Err(Problem::at(format!("{at}.at_ms"), message));
        }
        last = moment.at_ms;
        if let Some(changed) = check_change(&now, &moment.change)
            .map_err(|problem| Problem::at(format!("{at}.{}", problem.place), problem.message))?
        {
            now = changed;
        }
    }
    Ok(())
}

/// Checks a change against the scenario as it stands; returns the scenario afterwards, if it changes.
///
/// # Errors
/// A target that does not exist, a value out of range, a part that cannot change while it runs.
pub fn check_change(scenario: &Scenario, change: &Change) -> Result<Option<Scenario>, Problem> {
    match change {
        Change::Kill { target, .. } | Change::Restore { target } => check_target(scenario, target).map(|()| None),
        Change::Slow { target, factor } => {
            check_target(scenario, target)?;
            check_range("slow.factor", *factor, 0.001, 1000.0).map(|()| None)
        }
        Change::Cut { from, to } | Change::Mend { from, to } => check_ends(scenario, from, to).map(|()| None),
        Change::Delay { from, to, extra_ms } => {
            check_ends(scenario, from, to)?;
            check_range("delay.extra_ms", *extra_ms, 0.0, 60_000.0).map(|()| None)
        }
        Change::SwitchOver { target } => check_switch(scenario, target).map(|()| None),
        Change::Snapshot { target } => backup::check_with_backup(scenario, target).map(|()| None),
        Change::RestoreBackup { target, to_ms } => backup::check_restore(scenario, target, *to_ms).map(|()| None),
        Change::BadDelete { target, share } => backup::check_delete(scenario, target, *share).map(|()| None),
        Change::Publish { class, share, rename: _ } => {
            check_range("publish.share", *share, f64::MIN_POSITIVE, 1.0)?;
            cdn::check_class_with_files(scenario, "publish.class", class).map(|()| None)
        }
        Change::Purge { target, class } => cdn::check_purge(scenario, target, class).map(|()| None),
        Change::Spike { factor, duration_ms, clients } => {
            if let Some(group) = clients
                && !scenario.workload.clients.contains_key(group)
            {
                let known = scenario.workload.clients.keys().map(String::as_str);
                return Err(Problem::unknown("spike.clients", "client group", group, known));
            }
            check_range("spike.factor", *factor, f64::MIN_POSITIVE, 1000.0)?;
            check_range("spike.duration_ms", *duration_ms, 0.001, DELAY_MAX_MS)?;
            Ok(None)
        }
        Change::Deploy { target, build, strategy } => {
            deployment::check_deploy(scenario, target, build, strategy).map(|()| None)
        }
        Change::Commit { build } => operations::check_commit(scenario, build).map(|()| None),
        Change::Set { path, value } => {
            if path == "timeline" || path.starts_with("timeline.") || path == "seed" || path == "version" {
                return Err(Problem::at(path.clone(), "cannot change while the system runs"));
            }
            let changed = edit::set(scenario, path, value.clone())?;
            operations::check_new_rules(scenario, &changed)?;
            match structure::change(scenario, &changed) {
                Some(what) => Err(Problem::at(path.clone(), format!("{what} cannot change while the system runs"))),
                None => Ok(Some(changed)),
            }
        }
    }
}

fn find_tier<'a>(scenario: &'a Scenario, place: &str, id: &str) -> Result<&'a Tier, Problem> {
    scenario.tiers.get(id).ok_or_else(|| Problem::unknown(place, "tier", id, scenario.tiers.keys().map(String::as_str)))
}

fn wrong_kind(place: &str, id: &str, wanted: &str) -> Problem {
    Problem::at(place, format!("\"{id}\" is not {wanted}"))
}

fn check_service(place: &str, service: &ServiceTime) -> Checked {
    use super::Distribution::{Constant, Exponential, Hyperexponential, LogNormal, Uniform};
    check_range(&format!("{place}.mean_ms"), service.mean_ms, 0.0, DELAY_MAX_MS)?;
    let Some(cv) = service.cv else { return Ok(()) };
    let cv_place = format!("{place}.cv");
    match service.distribution {
        LogNormal => check_range(&cv_place, cv, 1e-6, 100.0),
        Uniform => check_range(&cv_place, cv, 0.0, 0.577),
        Hyperexponential => check_range(&cv_place, cv, 1.0, 100.0),
        Constant | Exponential => {
            Err(Problem::at(cv_place, "this distribution has no choice of cv; leave it out".to_owned()))
        }
    }
}

fn check_shares<'a>(place: &str, shares: impl Iterator<Item = (&'a String, f64)>) -> Checked {
    let mut total = 0.0;
    for (id, share) in shares {
        check_range(&format!("{place}.{id}.share"), share, 0.0, 1e6)?;
        total += share;
    }
    if total > 0.0 { Ok(()) } else { Err(Problem::at(place, "at least one share must be above 0".to_owned())) }
}

fn check_place(place: &str, id: &str) -> Checked {
    if places::find(id).is_some() {
        return Ok(());
    }
    Err(Problem::unknown(place, "place", id, places::PLACES.iter().map(|known| known.id)))
}

fn check_part_count<T>(place: &str, parts: &BTreeMap<String, T>) -> Checked {
    check_length(place, parts.len(), 1, PARTS_MAX)?;
    parts.keys().try_for_each(|id| check_id(place, id))
}

fn check_id(place: &str, id: &str) -> Checked {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 40 || !id.chars().all(plain) || id.parse::<u64>().is_ok() {
        let message = "an id is 1 to 40 lower-case letters, digits, - and _, and not a number";
        return Err(Problem::at(format!("{place}.{id}"), message));
    }
    Ok(())
}

fn check_length(place: &str, length: usize, least: usize, most: usize) -> Checked {
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(Problem::at(place, format!("must have {least} to {most} entries, has {length}")))
}

fn check_count(place: &str, number: u32, least: u32, most: u32) -> Checked {
    if number < least {
        return Err(Problem::at(place, format!("must be at least {least}, is {number}")));
    }
    if number > most {
        return Err(Problem::at(place, format!("must be at most {most}, is {number}")));
    }
    Ok(())
}

fn check_range(place: &str, number: f64, least: f64, most: f64) -> Checked {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    let least = if least == f64::MIN_POSITIVE { "above 0".to_owned() } else { format!("from {least}") };
    Err(Problem::at(place, format!("must be {least} to {most}, is {number}")))
}
