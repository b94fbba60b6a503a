//! The references of a scenario: where they are or may be by the table, what they lead to and could lead to, and how they are
//! led elsewhere or left out.

use serde_json::Value;

use crate::nodes::Kind;
use crate::scenario::{Id, Problem, Scenario, Tier, edit};

use super::table::{ROWS, Row, Wants, Without};
use super::{Edit, apply};

/// The most databases that a class asks; see the check.
const LISTED_MAX: usize = 4;

/// A place where a reference is, or may be.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its path.
    pub path: String,
    /// What kind of reference it is.
    pub(super) row: &'static Row,
    /// What it leads to now.
    pub now: Option<Id>,
}

impl Place {
    /// Whether it leads to this tier.
    pub(super) fn leads_to(&self, tier: &str) -> bool {
        matches!(self.row.wants, Wants::Tiers(_)) && self.now.as_deref() == Some(tier)
    }
}

/// Who has references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// The tier with this id.
    Tier(&'a str),
    /// The group of clients with this id, and what holds for all clients.
    Clients(&'a str),
    /// All clients, and those who run the system.
    System,
}

/// A reference as it is offered to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its place, for an edit.
    pub path: String,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub help: &'static str,
    /// What it leads to now.
    pub now: Option<Id>,
    /// All that it could lead to, that included.
    pub targets: Vec<Id>,
    /// Whether it can be left out as things stand.
    pub may_be_empty: bool,
}

/// The references of a part, each with exactly what it could lead to. Those that could lead nowhere else are left out.
pub fn connections(scenario: &Scenario, holder: Holder) -> Vec<Slot> {
    let own = |place: &Place| {
        let path = &place.path;
        match holder {
            Holder::Tier(id) => path.strip_prefix("tiers.").is_some_and(|rest| key_of(rest) == id),
            Holder::Clients(id) => match path.strip_prefix("workload.clients.") {
                Some(rest) => key_of(rest) == id,
                None => path.starts_with("workload."),
            },
            Holder::System => !path.starts_with("tiers.") && !path.starts_with("workload.clients."),
        }
    };
    let can = |edit: Edit| apply(scenario, &edit).is_ok();
    let slot = |place: Place| {
        let connect = |to: &Id| can(Edit::Connect { slot: place.path.clone(), to: to.clone() });
        let targets: Vec<Id> = candidates(scenario, &place).into_iter().filter(connect).collect();
        let may_be_empty = match place.now {
            Some(_) => can(Edit::Disconnect { slot: place.path.clone() }),
            None => true,
        };
        let name = place.row.name_at(&place.path);
        Slot { name, help: place.row.help, targets, may_be_empty, path: place.path, now: place.now }
    };
    let is_choice = |slot: &Slot| slot.now.is_some() || !slot.targets.is_empty();
    all(scenario).into_iter().filter(own).map(slot).filter(is_choice).collect()
}

fn key_of(rest: &str) -> &str {
    rest.split('.').next().unwrap_or_default()
}

/// All references that there are or may be.
pub(super) fn all(scenario: &Scenario) -> Vec<Place> {
    all_in(scenario, &edit::encode(scenario))
}

/// The same of a scenario that is encoded already.
pub(super) fn all_in(scenario: &Scenario, root: &Value) -> Vec<Place> {
    let places = ROWS.iter().flat_map(|row| {
        let mut paths = Vec::new();
        let keys: Vec<&str> = row.pattern.split('.').collect();
        expand(scenario, row, root, &keys, String::new(), &mut paths);
        paths.into_iter().map(|(path, now)| Place { path, row, now }).collect::<Vec<_>>()
    });
    places.collect()
}

/// The places of a pattern, of which `path` leads to `at` and `keys` are still to come.
fn expand(
    scenario: &Scenario,
    row: &Row,
    at: &Value,
    keys: &[&str],
    path: String,
    found: &mut Vec<(String, Option<Id>)>,
) {
    let Some((key, rest)) = keys.split_first() else {
        found.push((path, at.as_str().map(str::to_owned)));
        return;
    };
    let nothing = Value::Null;
    let mut go = |key: &str, next: &Value| {
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        // What is not there can be set only if all before it is there, or is a map that is left out when empty.
        let may_be_set = rest.is_empty() || matches!(rest[0], "{class}" | "#");
        if !next.is_null() || may_be_set {
            expand(scenario, row, next, rest, path, found);
        }
    };
    match *key {
        "*" => {
            let is_own = |key: &str| match (row.of, path.as_str()) {
                (Some(kind), "tiers") => scenario.tiers[key].kind() == kind,
                (Some(_) | None, _) => true,
            };
            let known = at.as_object().into_iter().flatten();
            known.filter(|(key, _)| is_own(key)).for_each(|(key, next)| go(key, next));
        }
        "{class}" => {
            scenario.workload.classes.keys().for_each(|class| go(class, at.get(class).unwrap_or(&nothing)));
        }
        "#" => {
            let known = at.as_array().map(Vec::as_slice).unwrap_or_default();
            let open = (known.len() < LISTED_MAX).then_some(&nothing);
            known.iter().chain(open).enumerate().for_each(|(number, next)| go(&number.to_string(), next));
        }
        key => go(key, at.get(key).unwrap_or(&nothing)),
    }
}

/// What a reference could lead to by its kind.
pub(super) fn candidates(scenario: &Scenario, place: &Place) -> Vec<Id> {
    match place.row.wants {
        Wants::Tiers(kinds) => of_kinds(scenario, kinds),
        Wants::Queue => {
            let own = place.path.split('.').nth(1).and_then(|id| scenario.tiers.get(id));
            let broker = match own {
                Some(Tier::Worker(worker)) => scenario.tiers.get(&worker.broker),
                Some(_) | None => None,
            };
            match broker {
                Some(Tier::MessageBroker(broker)) => broker.queues.keys().cloned().collect(),
                Some(_) | None => Vec::new(),
            }
        }
    }
}

/// What tiers of a kind could refer to in a field that they cannot be without: by kind, in the order of the table.
pub(super) fn needed(scenario: &Scenario, kind: Kind, field: &str) -> Vec<Id> {
    let own = |row: &&Row| row.of == Some(kind) && row.pattern.ends_with(&format!(".{field}"));
    match ROWS.iter().find(own).map(|row| row.wants) {
        Some(Wants::Tiers(kinds)) => kinds.iter().flat_map(|&kind| of_kinds(scenario, &[kind])).collect(),
        Some(Wants::Queue) | None => Vec::new(),
    }
}

fn of_kinds(scenario: &Scenario, kinds: &[Kind]) -> Vec<Id> {
    scenario.tiers.iter().filter(|(_, tier)| kinds.contains(&tier.kind())).map(|(id, _)| id.clone()).collect()
}

fn find(scenario: &Scenario, root: &Value, slot: &str) -> Result<Place, Problem> {
    let places = all_in(scenario, root);
    let unknown = || Problem::unknown("slot", "reference", slot, places.iter().map(|place| place.path.as_str()));
    places.iter().find(|place| place.path == slot).cloned().ok_or_else(unknown)
}

/// The tier that has the reference, if one does.
pub(super) fn holder(slot: &str) -> Option<Id> {
    slot.strip_prefix("tiers.").map(|rest| key_of(rest).to_owned())
}

/// Leads a reference to a part.
pub(super) fn connect(scenario: &Scenario, root: &mut Value, slot: &str, to: &str) -> Result<(), Problem> {
    let place = find(scenario, root, slot)?;
    lead(root, slot, to);
    match (place.row.pattern, place.row.of) {
        // The queue is one of the broker's.
        ("tiers.*.broker", Some(Kind::Worker)) => {
            if let Some(Tier::MessageBroker(broker)) = scenario.tiers.get(to) {
                let worker = parent(root, slot);
                let known = worker["queue"].as_str().is_some_and(|queue| broker.queues.contains_key(queue));
                if let Some(first) = broker.queues.keys().next().filter(|_| !known) {
                    worker["queue"] = Value::from(first.clone());
                }
            }
        }
        ("tiers.*.database", Some(Kind::Cache)) => {
            let cache = parent(root, slot);
            if cache.get("strategy").is_none() {
                cache["strategy"] = Value::from("read_through");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Sets the value at the place of a reference, which is known to be one.
pub(super) fn lead(root: &mut Value, path: &str, to: &str) {
    let mut at = root;
    let mut keys = path.split('.').peekable();
    while let Some(key) = keys.next() {
        let is_listed = keys.peek().is_some_and(|next| next.parse::<usize>().is_ok());
        at = match at {
            Value::Array(list) => {
                let number = key.parse::<usize>().unwrap_or(list.len()).min(list.len());
                if number == list.len() {
                    list.push(Value::Null);
                }
                &mut list[number]
            }
            other => {
                let next = &mut other[key];
                if next.is_null() && is_listed {
                    *next = Value::Array(Vec::new());
                }
                next
            }
        };
    }
    *at = Value::from(to);
}

fn parent<'a>(root: &'a mut Value, path: &str) -> &'a mut Value {
    let (parent, _) = path.rsplit_once('.').unwrap_or(("", path));
    parent.split('.').fold(root, |at, key| &mut at[key])
}

/// Takes a reference away that may be left out.
pub(super) fn disconnect(scenario: &Scenario, root: &mut Value, slot: &str) -> Result<(), Problem> {
    let place = find(scenario, root, slot)?;
    if place.now.is_none() {
        return Err(Problem::at(slot, "leads nowhere already"));
    }
    if place.row.without == Without::Refused {
        return Err(Problem::at(slot, "cannot be left out; lead it to another part"));
    }
    take_out(root, &place);
    Ok(())
}

/// Takes a reference out, and what cannot be without it.
pub(super) fn take_out(root: &mut Value, place: &Place) {
    let path = match place.row.without {
        Without::HolderGoes => place.path.rsplit_once('.').map_or("", |(holder, _)| holder),
        Without::LeftOut | Without::Refused => &place.path,
    };
    if (place.row.pattern, place.row.of) == ("tiers.*.database", Some(Kind::Cache)) {
        remove(root, &path.replace(".database", ".strategy"));
    }
    remove(root, path);
}

/// Removes what is at a path, if anything is. Lists and maps of references that are empty then go too.
pub(super) fn remove(root: &mut Value, path: &str) {
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let found = above.split('.').filter(|key| !key.is_empty()).try_fold(root, |at, key| match at {
        Value::Object(map) => map.get_mut(key),
        _ => None,
    });
    match (found, last.parse::<usize>()) {
        (Some(Value::Array(list)), Ok(number)) if number < list.len() => {
            list.remove(number);
        }
        (Some(Value::Object(map)), _) => {
            map.remove(last);
        }
        _ => {}
    }
}
