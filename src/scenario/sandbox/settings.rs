//! Settings that a system is built with, and what they bring with them.

use serde_json::Value;

use crate::nodes::cache::strategy::Strategy;
use crate::scenario::{Problem, Scenario, Tier, edit};

/// Sets the value at a path, with what it takes.
///
/// # Errors
/// A path that leads nowhere, or a value that does not fit there.
pub(super) fn set(scenario: &Scenario, value: &mut Value, path: &str, new: &Value) -> Result<(), Problem> {
    let Some(cache) = path.strip_prefix("tiers.").and_then(|rest| rest.strip_suffix(".strategy")) else {
        *value = edit::encode(&edit::set(scenario, path, new.clone())?);
        return Ok(());
    };
    // A cache that asks the database itself has to know it: the one that those ask who use the cache. One that is filled from
    // outside knows none.
    let aside = new.is_null() || new.as_str() == Some(Strategy::CacheAside.name());
    let used_with = scenario.tiers.values().find_map(|tier| match tier {
        Tier::WebServer(web) if web.cache.as_deref() == Some(cache) => web.database.clone(),
        _ => None,
    });
    let database = value["tiers"][cache]["database"].clone();
    let known = if database.is_null() { used_with.map_or(Value::Null, Value::from) } else { database };
    let own = serde_json::json!({ "strategy": new, "database": if aside { Value::Null } else { known } });
    if !scenario.tiers.contains_key(cache) {
        return Err(Problem::unknown(path, "part", cache, scenario.tiers.keys().map(String::as_str)));
    }
    edit::merge(&mut value["tiers"][cache], &own);
    Ok(())
}
