//! What databases that are sharded must satisfy, and which of their settings contradict each other.

use crate::nodes::database::settings::ReplicationKind;
use crate::nodes::sharding::can_change;
use crate::nodes::sharding::fields::ShardKey;
use crate::scenario::sharding::{By, Range, Sharding};
use crate::scenario::{Class, DatabaseTier, Problem, Scenario, Tier};

use super::{Checked, check_count, check_range, find_tier, wrong_kind};

/// The most shards.
const SHARDS_MAX: u32 = 256;
/// The most shards that have a copy of one value.
const COPIES_MAX: usize = crate::nodes::placement::REPLICAS_MAX;
/// The most databases that a class asks.
const DATABASES_MAX: usize = 4;

pub(super) fn check_sharding(scenario: &Scenario, id: &str, database: &DatabaseTier) -> Checked {
    if let Some(row_kb) = database.row_kb {
        check_range(&format!("tiers.{id}.row_kb"), row_kb, 0.001, 4e6)?;
    }
    let Some(own) = &database.sharding else { return Ok(()) };
    let at = |field: &str| format!("tiers.{id}.sharding.{field}");
    let Some(keys) = &scenario.workload.keys else {
        return Err(Problem::at(
            "workload.keys",
            format!("is missing, and tiers.{id} puts rows on shards by their keys"),
        ));
    };
    if database.engine.is_partitioned() {
        let message = "its engine splits its keys among its instances by itself; choose \"relational\" or \"graph\", or \
                       leave it out";
        return Err(Problem::at(format!("tiers.{id}.sharding"), message));
    }
    if database.instances > 1 && database.replication.is_none() {
        let message = format!(
            "is {}, but the servers of a shard are a primary and its replicas; set replication, or it to 1 and the \
             number of shards in sharding.shards",
            database.instances
        );
        return Err(Problem::at(format!("tiers.{id}.instances"), message));
    }
    if database.replication.as_ref().is_some_and(|own| own.kind != ReplicationKind::Transactional) {
        let message = "each shard has one primary, which its replicas follow; leave it out";
        return Err(Problem::at(format!("tiers.{id}.replication.kind"), message));
    }
    if scenario.workload.sessions.as_ref().and_then(|sessions| sessions.store.as_deref()) == Some(id) {
        let message = format!("\"{id}\" is sharded, and sessions on shards are not modelled; choose another store");
        return Err(Problem::at("workload.sessions.store", message));
    }
    if database.backup.is_some() {
        let message =
            "backs up one history, and each shard has its own, which is not modelled; leave out one of the two";
        return Err(Problem::at(format!("tiers.{id}.backup"), message));
    }
    check_count(&at("shards"), own.shards, 1, SHARDS_MAX)?;
    if own.shards > keys.count {
        let message = format!(
            "is {}, but there are only {} keys to put on them; lower it, or raise workload.keys.count",
            own.shards, keys.count
        );
        return Err(Problem::at(at("shards"), message));
    }
    check_count(&at("ring_points"), own.ring_points, 1, 10_000)?;
    check_range(&at("copy_mb_per_second"), own.copy_mb_per_second, 0.001, 1e6)?;
    if let Some(capacity) = own.capacity_rows {
        check_count(&at("capacity_rows"), capacity, 1, u32::MAX)?;
    }
    check_ranges(&at, own)?;
    check_directory(&at, own, keys.count)?;
    if (own.copied_by.is_some() || own.directory.values().any(|shards| shards.len() > 1))
        && database.replication.is_some()
    {
        let message =
            "keeps rows on several shards that replicate as well, which is not modelled; leave out one of the two";
        return Err(Problem::at(format!("tiers.{id}.replication"), message));
    }
    check_queries(scenario, id, own)
}

fn check_ranges(at: &impl Fn(&str) -> String, own: &Sharding) -> Checked {
    let place = at("ranges");
    match (own.by, own.ranges.is_empty()) {
        (By::Ranges, true) => {
            return Err(Problem::at(place, "is missing: say which shard has which values of the key"));
        }
        (By::Ranges, false) => {}
        (By::Modulo | By::Ring | By::Directory, true) => return Ok(()),
        (By::Modulo | By::Ring | By::Directory, false) => {
            return Err(Problem::at(place, "is for sharding by \"ranges\"; leave it out, or set by to that"));
        }
    }
    if matches!(own.key, ShardKey::Country | ShardKey::UserIdOrderId) {
        let message = format!("{} has no order to cut into ranges; choose another key, or another way", own.key.name());
        return Err(Problem::at(at("key"), message));
    }
    let last = if own.key == ShardKey::Surname { 25 } else { u32::MAX };
    let mut ranges = Vec::new();
    for (index, range) in own.ranges.iter().enumerate() {
        let place = format!("{place}.{index}");
        check_count(&format!("{place}.shard"), range.shard, 1, own.shards)?;
        let (from, to) = ends(range, own.key, last).ok_or_else(|| {
            let kind = if own.key == ShardKey::Surname { "letters from A to Z" } else { "numbers" };
            Problem::at(&place, format!("values of {} are {kind}", own.key.name()))
        })?;
        if from > to {
            return Err(Problem::at(place, "ends before it begins"));
        }
        ranges.push((from, to, index));
    }
    ranges.sort_unstable();
    let mut next = 0;
    for &(from, to, index) in &ranges {
        let says = |what: &str| {
            let message = format!("{what}; each value of the key has to be in exactly one range");
            Err(Problem::at(format!("{place}.{index}"), message))
        };
        match from {
            _ if from < next => return says("begins in another range"),
            _ if from > next => return says("leaves a gap before it"),
            _ => {}
        }
        if to == u32::MAX || to == last {
            return if ranges.last().is_some_and(|range| range.2 == index) {
                Ok(())
            } else {
                says("has all that follows, and so have others")
            };
        }
        next = to + 1;
    }
    Err(Problem::at(place, "does not go to the last value: leave out `to` of the last range"))
}

fn ends(range: &Range, key: ShardKey, last: u32) -> Option<(u32, u32)> {
    let to = match &range.to {
        Some(to) => to.value(key)?,
        None => last,
    };
    Some((range.from.value(key)?, to))
}

fn check_directory(at: &impl Fn(&str) -> String, own: &Sharding, keys: u32) -> Checked {
    let is_one = own.by == By::Directory;
    if !is_one && !own.directory.is_empty() {
        return Err(Problem::at(at("directory"), "is for sharding by \"directory\"; leave it out, or set by to that"));
    }
    if !is_one && own.dedicated > 0 {
        return Err(Problem::at(at("dedicated"), "is for sharding by \"directory\"; leave it out, or set by to that"));
    }
    check_count(&at("dedicated"), own.dedicated, 0, own.shards - 1)?;
    if own.directory.len() > super::PARTS_MAX {
        return Err(Problem::at(
            at("directory"),
            format!("names {} values; at most {}", own.directory.len(), super::PARTS_MAX),
        ));
    }
    if !own.directory.is_empty() && matches!(own.key, ShardKey::Country | ShardKey::Surname | ShardKey::UserIdOrderId) {
        let message = format!("names numbers of users or rows, but the key is {}", own.key.name());
        return Err(Problem::at(at("directory"), message));
    }
    for (value, shards) in &own.directory {
        let place = at(&format!("directory.{value}"));
        if value.parse::<u32>().is_ok_and(|number| number < keys) {
            if shards.is_empty() || shards.len() > COPIES_MAX {
                let message = format!("names {} shards; 1 to {COPIES_MAX} can have a value", shards.len());
                return Err(Problem::at(place, message));
            }
            for (index, &shard) in shards.iter().enumerate() {
                check_count(&format!("{place}.{index}"), shard, 1, own.shards)?;
                if shards[..index].contains(&shard) {
                    return Err(Problem::at(format!("{place}.{index}"), format!("names shard {shard} twice")));
                }
            }
        } else {
            return Err(Problem::at(place, format!("\"{value}\" is no key: they are 0 to {}", keys - 1)));
        }
    }
    Ok(())
}

/// The databases that a class asks, as far as that can be said before all is resolved.
fn asks<'a>(scenario: &'a Scenario, class: &'a Class) -> Vec<&'a String> {
    let servers = scenario.tiers.values().flat_map(|tier| match tier {
        Tier::WebServer(web) => web.database.iter().collect::<Vec<_>>(),
        Tier::Cache(cache) => cache.database.iter().collect(),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => Vec::new(),
    });
    if class.databases.is_empty() { servers.collect() } else { class.databases.iter().collect() }
}

fn needs_database(class: &Class) -> bool {
    class.share > 0.0 && (class.database.mean_ms > 0.0 || class.query.is_some())
}

fn check_queries(scenario: &Scenario, id: &str, own: &Sharding) -> Checked {
    let classes = || scenario.workload.classes.iter().filter(|(_, class)| needs_database(class));
    let here = || classes().filter(|(_, class)| asks(scenario, class).iter().any(|asked| *asked == id));
    let finds = |class: &Class| own.key.is_named_by(class.finds_by);
    if here().next().is_some() && !here().any(|(_, class)| finds(class)) {
        let message = format!(
            "no request has {}: all would go to all shards; choose a key that queries name (workload.classes.….finds_by)",
            own.key.name()
        );
        return Err(Problem::at(format!("tiers.{id}.sharding.key"), message));
    }
    let through = scenario.tiers.iter().find(|(_, tier)| match tier {
        Tier::Cache(cache) => cache.database.as_deref() == Some(id),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => false,
    });
    for (name, class) in here() {
        let place = |field: &str| format!("workload.classes.{name}.{field}");
        if class.write && !finds(class) {
            let message = format!("a write has to say where its row is: leave it out, or name {}", own.key.name());
            return Err(Problem::at(place("finds_by"), message));
        }
        let everywhere = !finds(class) && (own.copied_by.is_none() || own.copied_by != class.finds_by);
        let copies = own.copied_by.is_some() || own.directory.values().any(|shards| shards.len() > 1);
        let several = class.cached && everywhere || class.write && (copies || class.changes.is_some());
        if let Some((cache, _)) = through.filter(|_| several) {
            let message = format!("tiers.{cache} asks one shard only, and this class needs several; use cache_aside");
            return Err(Problem::at(place("finds_by"), message));
        }
    }
    Ok(())
}

/// What a class says of rows and of databases.
pub(super) fn check_class(scenario: &Scenario, id: &str, class: &Class) -> Checked {
    let at = |field: &str| format!("workload.classes.{id}.{field}");
    for (field, is_said) in [("inserts", class.inserts), ("changes", class.changes.is_some())] {
        if is_said && !class.write {
            return Err(Problem::at(at(field), "only a write does; set write to true, or leave it out"));
        }
        if is_said && scenario.workload.keys.is_none() {
            return Err(Problem::at("workload.keys", format!("is missing, and workload.classes.{id} writes rows")));
        }
    }
    if let Some(field) = class.changes {
        if !can_change(field) {
            return Err(Problem::at(at("changes"), "is never changed: only country and surname are"));
        }
        if class.inserts {
            return Err(Problem::at(at("changes"), "a new row has nothing to change; leave out one of the two"));
        }
        if scenario.workload.keys.is_some_and(|keys| keys.rows_per_user > 1) {
            let message = "all rows of a user would have to move at once, which is not modelled; set it to 1";
            return Err(Problem::at("workload.keys.rows_per_user", message));
        }
    }
    if class.files.is_some() && class.inserts {
        return Err(Problem::at(at("inserts"), "a class with files asks for no rows; leave out one of the two"));
    }
    if class.databases.len() > DATABASES_MAX {
        return Err(Problem::at(at("databases"), format!("are {}; at most {DATABASES_MAX}", class.databases.len())));
    }
    for (index, database) in class.databases.iter().enumerate() {
        let place = at(&format!("databases.{index}"));
        if !matches!(find_tier(scenario, &place, database)?, Tier::Database(_)) {
            return Err(wrong_kind(&place, database, "a database"));
        }
        if class.write && index > 0 {
            return Err(Problem::at(place, "a write goes to one database; leave out the others"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::scenario::{edit, from_value};

    /// Two shards with a thousand rows; the problem of what a patch makes of them, empty if it has none.
    fn problem_with(patch: Value) -> String {
        let mut base = json!({
            "version": 1, "name": "Shards",
            "workload": {
                "users": 100, "entry": "web", "keys": { "count": 1000 },
                "clients": { "all": { "share": 1.0, "place": "montreal" } },
                "classes": { "read": { "share": 1.0, "database": { "mean_ms": 1.0 } } }
            },
            "machines": { "app": { "place": "montreal", "cores": 1 } },
            "tiers": {
                "web": { "kind": "web_server", "machine": "app", "slots": 10, "backlog": 0, "database": "database" },
                "database": { "kind": "database", "machine": "app", "slots": 10, "backlog": 10, "sharding": {} }
            }
        });
        edit::merge(&mut base, &patch);
        from_value(base).map_or_else(|problem| problem.to_string(), |_| String::new())
    }

    fn sharding(patch: Value) -> Value {
        json!({ "tiers": { "database": { "sharding": patch } } })
    }

    fn read(patch: Value) -> Value {
        json!({ "workload": { "classes": { "read": patch } } })
    }

    fn ranges(ranges: Value) -> Value {
        sharding(json!({ "by": "ranges", "key": "surname", "ranges": ranges }))
    }

    #[test]
    fn bad_shards_are_refused_with_their_place() {
        let range = |from: &str, to: &str, shard: u32| json!({ "from": from, "to": to, "shard": shard });
        let cases = [
            (sharding(json!({ "shards": 0 })), "tiers.database.sharding.shards: must be at least 1, is 0"),
            (sharding(json!({ "shards": 257 })), "tiers.database.sharding.shards: must be at most 256, is 257"),
            (json!({ "workload": { "keys": { "count": 1 } } }), "sharding.shards: is 2, but there are only 1 keys"),
            (json!({ "workload": { "keys": null } }), "workload.keys: is missing, and tiers.database puts rows"),
            (read(json!({ "finds_by": "country" })), "tiers.database.sharding.key: no request has user_id"),
            (ranges(json!([])), "sharding.ranges: is missing"),
            (ranges(json!([range("A", "H", 1), range("J", "Z", 2)])), "sharding.ranges.1: leaves a gap before it"),
            (ranges(json!([range("A", "K", 1), range("J", "Z", 2)])), "sharding.ranges.1: begins in another range"),
            (ranges(json!([range("A", "K", 1), range("L", "Y", 2)])), "sharding.ranges: does not go to the last value"),
            (
                ranges(json!([range("A", "K", 1), range("L", "Z", 3)])),
                "sharding.ranges.1.shard: must be at most 2, is 3",
            ),
            (ranges(json!([range("Z", "A", 1)])), "sharding.ranges.0: ends before it begins"),
            (ranges(json!([range("a", "Z", 1)])), "sharding.ranges.0: values of surname are letters from A to Z"),
            (
                sharding(json!({ "by": "ranges", "key": "country", "ranges": [range("A", "Z", 1)] })),
                "sharding.key: country has no order",
            ),
            (sharding(json!({ "ranges": [range("A", "Z", 1)] })), "sharding.ranges: is for sharding by \"ranges\""),
            (sharding(json!({ "directory": { "1": [1] } })), "sharding.directory: is for sharding by \"directory\""),
            (
                sharding(json!({ "by": "directory", "directory": { "1000": [1] } })),
                "sharding.directory.1000: \"1000\" is no key: they are 0 to 999",
            ),
            (sharding(json!({ "by": "directory", "directory": { "1": [] } })), "directory.1: names 0 shards"),
            (
                sharding(json!({ "by": "directory", "directory": { "1": [2, 2] } })),
                "directory.1.1: names shard 2 twice",
            ),
            (sharding(json!({ "by": "directory", "dedicated": 2 })), "sharding.dedicated: must be at most 1, is 2"),
            (
                json!({ "tiers": { "database": { "instances": 2 } } }),
                "tiers.database.instances: is 2, but the servers of a",
            ),
            (
                json!({ "tiers": { "database": { "engine": "document" } } }),
                "tiers.database.sharding: its engine splits",
            ),
            (
                json!({ "tiers": { "database": { "instances": 2, "replication": {}, "sharding": { "copied_by": "order_id" } } } }),
                "tiers.database.replication: keeps rows on several shards",
            ),
            (read(json!({ "inserts": true })), "classes.read.inserts: only a write does"),
            (read(json!({ "write": true, "changes": "user_id" })), "classes.read.changes: is never changed"),
            (read(json!({ "databases": ["web"] })), "classes.read.databases.0: \"web\" is not a database"),
            (read(json!({ "databases": ["databse"] })), "classes.read.databases.0: there is no tier \"databse\""),
        ];
        for (patch, expected) in cases {
            let problem = problem_with(patch.clone());
            assert!(problem.contains(expected), "{patch}: \"{expected}\" is not in \"{problem}\"");
        }
        assert_eq!(problem_with(json!({})), "");
        assert_eq!(problem_with(ranges(json!([range("A", "K", 2), range("L", "Z", 1)]))), "");
    }

    #[test]
    fn a_write_says_where_its_row_is() {
        let two =
            json!({ "write": { "share": 1.0, "write": true, "finds_by": "order_id", "database": { "mean_ms": 1.0 } } });
        let problem = problem_with(json!({ "workload": { "classes": two } }));
        assert!(problem.contains("classes.write.finds_by: a write has to say where its row is"), "{problem}");
    }
}
