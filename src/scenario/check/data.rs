//! Checks of the site's data and of caches.

use crate::nodes::cache::strategy::{Storage, Strategy};
use crate::nodes::caching::OnWrite;
use crate::nodes::placement::REPLICAS_MAX;
use crate::scenario::{CacheTier, DatabaseTier, Problem, Scenario, Tier};

use super::{Checked, DELAY_MAX_MS, SLOTS_MAX, check_count, check_range, check_service, find_tier, wrong_kind};

/// The most keys: their versions are kept for those that are written.
const KEYS_MAX: u32 = 1_000_000_000;

pub(super) fn check_keys(scenario: &Scenario) -> Checked {
    let Some(keys) = &scenario.workload.keys else { return Ok(()) };
    check_count("workload.keys.count", keys.count, 1, KEYS_MAX)?;
    check_range("workload.keys.exponent", keys.exponent, 0.0, 3.0)?;
    check_count("workload.keys.rows_per_user", keys.rows_per_user, 1, keys.count)?;
    if let Some(celebrities) = &keys.celebrities {
        check_count("workload.keys.celebrities.count", celebrities.count, 1, keys.count.min(1000))?;
        check_range("workload.keys.celebrities.share", celebrities.share, 0.0, 1.0)?;
    }
    // A value is one thing that is read at once: at most 4 GB, in whole bytes.
    check_range("workload.keys.value_kb", keys.value_kb, 0.001, 4e6)
}

pub(super) fn check_cache(scenario: &Scenario, id: &str, cache: &CacheTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_count(&at("slots"), cache.slots, 1, SLOTS_MAX)?;
    check_count(&at("backlog"), cache.backlog, 0, SLOTS_MAX)?;
    check_service(&at("lookup"), &cache.lookup)?;
    check_range(&at("ttl_jitter"), cache.ttl_jitter, 0.0, 1.0)?;
    check_count(&at("ring_points"), cache.ring_points, 1, 10_000)?;
    if cache.hit_probability.is_some() && cache.instances > 1 {
        let message =
            format!("is {}, but only caches with entries share their keys out; say capacity_entries", cache.instances);
        return Err(Problem::at(at("instances"), message));
    }
    if cache.hit_probability.is_some() && cache.strategy != Strategy::default() {
        let message = format!("{} is for caches with entries; say capacity_entries", cache.strategy.name());
        return Err(Problem::at(at("strategy"), message));
    }
    match (cache.hit_probability, cache.capacity_entries) {
        (Some(probability), None) => return check_range(&at("hit_probability"), probability, 0.0, 1.0),
        (Some(_), Some(_)) => {
            let message = "a cache with entries hits or misses by what it holds; leave out one of hit_probability \
                           and capacity_entries";
            return Err(Problem::at(at("hit_probability"), message));
        }
        (None, None) => {
            let message = "is missing: say how many entries it may hold, or a hit_probability";
            return Err(Problem::at(at("capacity_entries"), message));
        }
        (None, Some(entries)) => check_count(&at("capacity_entries"), entries, 1, KEYS_MAX)?,
    }
    if scenario.workload.keys.is_none() {
        return Err(Problem::at(
            "workload.keys",
            format!("is missing, and tiers.{id} holds entries by key: say what there is"),
        ));
    }
    if let Some(ttl) = cache.ttl_ms {
        check_range(&at("ttl_ms"), ttl, 0.001, DELAY_MAX_MS)?;
    }
    check_strategy(scenario, id, cache)?;
    check_servers(id, cache)?;
    if cache.storage == Storage::Disk && scenario.machines[&cache.machine].disk.is_none() {
        let message = format!("is the disk, and machines.{} has none; give it a disk", cache.machine);
        return Err(Problem::at(at("storage"), message));
    }
    let memory_mb = scenario.machines[&cache.machine].memory_gb().map(|gb| gb * 1000.0);
    if let Some(capacity) = cache.capacity_mb.filter(|_| cache.storage == Storage::Memory) {
        check_range(&at("capacity_mb"), capacity, 0.001, memory_mb.unwrap_or(1e9).max(0.001))
            .map_err(|_| too_large(&at("capacity_mb"), capacity, &cache.machine, memory_mb))?;
    }
    Ok(())
}

/// What a strategy needs, and what contradicts it.
fn check_strategy(scenario: &Scenario, id: &str, cache: &CacheTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    let (strategy, name) = (cache.strategy, cache.strategy.name());
    check_range(&at("flush_interval_ms"), cache.flush_interval_ms, 0.001, DELAY_MAX_MS)?;
    check_range(&at("refresh_in_last"), cache.refresh_in_last, f64::MIN_POSITIVE, 1.0)?;
    match &cache.database {
        Some(database) if strategy.reads_through() => {
            check_database(scenario, &at("database"), database)?;
        }
        Some(_) => {
            let message = "with cache_aside it is the application that asks the database; leave it out, or choose another \
                           strategy";
            return Err(Problem::at(at("database"), message));
        }
        None if strategy.reads_through() => {
            let message = format!("is missing: with {name} the cache itself asks a database; say which");
            return Err(Problem::at(at("database"), message));
        }
        None => {}
    }
    if strategy.takes_writes() && cache.on_write != OnWrite::default() {
        let message = format!("with {name} writes go to the cache and there is nothing else to tell it; leave it out");
        return Err(Problem::at(at("on_write"), message));
    }
    if strategy == Strategy::RefreshAhead && cache.ttl_ms.is_none() {
        let message = "is missing: refresh_ahead reads anew what is about to expire, and nothing ever is; say how long \
                       entries live";
        return Err(Problem::at(at("ttl_ms"), message));
    }
    Ok(())
}

fn check_database(scenario: &Scenario, place: &str, id: &str) -> Checked {
    let is_one = matches!(find_tier(scenario, place, id)?, Tier::Database(_));
    if is_one { Ok(()) } else { Err(wrong_kind(place, id, "a database")) }
}

/// How many servers hold a key, and how a dead one is found out.
fn check_servers(id: &str, cache: &CacheTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    check_count(&at("replicas"), cache.replicas, 1, REPLICAS_MAX as u32)?;
    if cache.replicas > cache.instances {
        let message = format!(
            "is {}, but there are only {} servers to hold a key; raise instances or lower it",
            cache.replicas, cache.instances
        );
        return Err(Problem::at(at("replicas"), message));
    }
    if cache.replicas > 1 && cache.strategy == Strategy::WriteBehind {
        let message = "with write_behind one server alone has what is not written yet; set it to 1";
        return Err(Problem::at(at("replicas"), message));
    }
    let Some(detection) = cache.detection else { return Ok(()) };
    check_count(&at("detection.failures"), detection.failures, 1, 1000)?;
    check_range(&at("detection.retry_after_ms"), detection.retry_after_ms, 0.001, DELAY_MAX_MS)
}

fn too_large(place: &str, capacity: f64, machine: &str, memory_mb: Option<f64>) -> Problem {
    let most = memory_mb
        .map_or_else(|| "1000000000".to_owned(), |memory| format!("{memory}, the memory of machines.{machine}"));
    Problem::at(place, format!("must be from 0.001 to {most}, is {capacity}"))
}

/// A database with a disk: what it holds in memory.
pub(super) fn check_pool(scenario: &Scenario, id: &str, database: &DatabaseTier) -> Checked {
    let at = format!("tiers.{id}.buffer_pool_mb");
    let machine = &scenario.machines[&database.machine];
    if machine.disk.is_none() {
        let message = format!("holds pages of a disk, and machines.{} has none; give it a disk", database.machine);
        return database.buffer_pool_mb.map_or(Ok(()), |_| Err(Problem::at(at, message)));
    }
    if scenario.workload.keys.is_none() {
        let message = format!("is missing, and tiers.{id} has a disk to read by key: say what there is");
        return Err(Problem::at("workload.keys", message));
    }
    let memory_mb = machine.memory_gb().map(|gb| gb * 1000.0);
    match (database.buffer_pool_mb, memory_mb) {
        (Some(megabytes), _) => check_range(&at, megabytes, 0.001, memory_mb.unwrap_or(1e9))
            .map_err(|_| too_large(&at, megabytes, &database.machine, memory_mb)),
        (None, Some(_)) => Ok(()),
        (None, None) => {
            let message = format!("is missing, and the memory of machines.{} is not known", database.machine);
            Err(Problem::at(at, message))
        }
    }
}
