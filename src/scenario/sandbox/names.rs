//! Another id for a part, wherever it is named: in references, in the timeline's targets, paths and values.

use serde_json::Value;

use crate::scenario::{Change, Id, Moment, Problem, Scenario};

use super::{slots, table};

/// Calls a tier otherwise; the timeline is another matter.
pub(super) fn rename(scenario: &Scenario, root: &mut Value, tier: &str, id: &str) -> Result<(), Problem> {
    if !scenario.tiers.contains_key(tier) {
        return Err(Problem::unknown("tiers", "tier", tier, scenario.tiers.keys().map(String::as_str)));
    }
    if tier == id {
        return Ok(());
    }
    if scenario.tiers.contains_key(id) {
        return Err(Problem::at(format!("tiers.{tier}"), format!("there is another part called \"{id}\"")));
    }
    for place in slots::all_in(scenario, root).into_iter().filter(|place| place.leads_to(tier)) {
        slots::lead(root, &place.path, id);
    }
    rename_key(&mut root["tiers"], tier, id);
    Ok(())
}

fn rename_key(map: &mut Value, old: &str, new: &str) {
    if let Value::Object(map) = map
        && let Some(value) = map.remove(old)
    {
        map.insert(new.to_owned(), value);
    }
}

/// The same in what happens to the system.
pub(super) fn rename_timeline(timeline: &[Moment], old: &Id, new: &Id) -> Vec<Moment> {
    let mut timeline = timeline.to_vec();
    timeline.iter_mut().for_each(|moment| rename_change(&mut moment.change, old, new));
    timeline
}

fn rename_change(change: &mut Change, old: &str, new: &str) {
    match change {
        Change::Kill { target, .. }
        | Change::Restore { target }
        | Change::Slow { target, .. }
        | Change::SwitchOver { target }
        | Change::Snapshot { target }
        | Change::RestoreBackup { target, .. }
        | Change::BadDelete { target, .. }
        | Change::Deploy { target, .. }
        | Change::Purge { target, .. } => rename_target(target, old, new),
        Change::Cut { from, to } | Change::Mend { from, to } | Change::Delay { from, to, .. } => {
            rename_target(from, old, new);
            rename_target(to, old, new);
        }
        Change::Set { path, value } => {
            if let Some(rest) = path.strip_prefix("tiers.").and_then(|rest| rest.strip_prefix(old))
                && (rest.is_empty() || rest.starts_with('.'))
            {
                *path = format!("tiers.{new}{rest}");
            }
            rename_in(value, path, old, new);
        }
        Change::Commit { .. } | Change::Spike { .. } | Change::Publish { .. } => {}
    }
}

/// `web` or `web.2`; `machines.web` is no tier, nor is `places.web`.
fn rename_target(target: &mut String, old: &str, new: &str) {
    if let Some(rest) = target.strip_prefix(old)
        && (rest.is_empty() || rest.starts_with('.'))
    {
        *target = format!("{new}{rest}");
    }
}

/// References within a value that stands at a path.
fn rename_in(value: &mut Value, path: &str, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old && table::is_reference(path) => *text = new.to_owned(),
        Value::Object(map) => map.iter_mut().for_each(|(key, inner)| rename_in(inner, &below(path, key), old, new)),
        Value::Array(list) => {
            let numbered = list.iter_mut().enumerate();
            numbered.for_each(|(number, inner)| rename_in(inner, &below(path, &number.to_string()), old, new));
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    if path == "tiers" {
        rename_key(value, old, new);
    }
}

fn below(path: &str, key: &str) -> String {
    format!("{path}.{key}")
}
