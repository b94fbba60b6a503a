//! The parameters of parts: each can be set, none is forgotten, and the schema says of a field what its parameter says.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::schema::{fields_by_part, schema};
use serde_json::{Value, json};
use zero_to_millions::course::{experiments, stages};
use zero_to_millions::scenario::parameters::{self, Parameter, Range, of_clients, of_tier, of_workload};
use zero_to_millions::scenario::{self, Scenario, edit, sandbox};

/// Why fields have no parameter: the part, or `*` for any; the last name of the field; the reason.
const REASONS: &[(&str, &str, &str)] = &[
    ("*", "machine", "where a part runs is the structure of the system"),
    ("load_balancer", "backends", "who calls whom is the structure of the system"),
    ("load_balancer", "routes", "who calls whom is the structure of the system"),
    ("load_balancer", "instances", "one or a pair is the structure of the system"),
    ("load_balancer", "weights", "one number for each server: for scenario files"),
    ("web_server", "cache", "who calls whom is the structure of the system"),
    ("web_server", "database", "who calls whom is the structure of the system"),
    ("web_server", "build", "which build servers run is changed by deploying another"),
    ("web_server", "public", "who can be reached from outside is the structure of the system"),
    ("database", "topology", "who ships to whom is the structure of the system"),
    ("cache", "database", "who calls whom is the structure of the system"),
    ("*", "schedule", "one number for each hour: for scenario files"),
    ("cdn", "places", "where edges stand cannot change while they run"),
    ("cdn", "origin", "who calls whom is the structure of the system"),
    ("cdn", "second_origin", "who calls whom is the structure of the system"),
    ("cdn", "routes", "who calls whom is the structure of the system"),
    ("clients", "behind", "whose addresses a group shares is the structure of the system"),
    ("clients", "direct_to", "who calls whom is the structure of the system"),
    ("machine", "places", "where machines stand cannot change while they run"),
    ("database", "ranges", "a table of values: for scenario files"),
    ("database", "directory", "a table of values: for scenario files"),
    ("operations", "alerts", "each rule has its own fields"),
    ("operations", "order_class", "which class counts as an order is the structure of the system"),
    ("operations", "tier", "whom the pipeline serves is the structure of the system"),
    ("operations", "turn_back_on", "a list of rules: for scenario files"),
    ("alert", "metric", "the list of rules has it"),
    ("alert", "tier", "the list of rules has it"),
    ("*", "reserved_cores", "which cores a part has for itself cannot change while it runs"),
    ("web_server", "broker", "who calls whom is the structure of the system"),
    ("message_broker", "exchanges", "a board of its own has the bindings"),
    ("message_broker", "queues", "each queue has its parameters under its id"),
    ("worker", "broker", "who calls whom is the structure of the system"),
    ("worker", "queue", "who calls whom is the structure of the system"),
    ("worker", "exchange", "who calls whom is the structure of the system"),
    ("worker", "routing_key", "messages that wait know their keys by number"),
    ("*", "distribution", "how times are spread about their mean is for scenario files"),
    ("*", "cv", "how times are spread about their mean is for scenario files"),
];

/// Scenarios that together have every kind of part: the stages, what the experiments run, and the rest.
fn scenarios() -> Vec<Scenario> {
    let runs = experiments::all().flat_map(|experiment| (experiment.runs)()).map(|run| run.scenario);
    let lookup = json!({ "mean_ms": 0.1 });
    let kept = json!({ "kind": "cache", "machine": "data", "slots": 8, "backlog": 8, "lookup": lookup });
    let entries = |strategy: &str| json!({ "capacity_entries": 100, "ttl_ms": 1000.0, "strategy": strategy, "database": "database" });
    let rest = [
        json!({ "capacity_entries": 100 }),
        json!({ "hit_probability": 0.5 }),
        entries("write_behind"),
        entries("refresh_ahead"),
    ];
    let rest = rest.map(|holds| {
        let mut scenario = edit::encode(&stages::find("load-balancer").expect("it is published").scenario());
        edit::merge(&mut scenario, &json!({ "tiers": { "cache": kept, "web": { "cache": "cache" } } }));
        edit::merge(&mut scenario, &json!({ "tiers": { "cache": holds } }));
        edit::merge(&mut scenario, &json!({ "machines": { "data": { "disk": "ssd" } } }));
        edit::merge(&mut scenario, &json!({ "tiers": { "database": { "buffer_pool_mb": 100.0 } } }));
        edit::merge(&mut scenario, &json!({ "workload": { "keys": { "count": 1000 } } }));
        let replicated = json!({ "web": { "pool": 8 }, "database": { "instances": 2, "replication": {} } });
        edit::merge(&mut scenario, &json!({ "tiers": replicated }));
        scenario::from_value(scenario).unwrap_or_else(|problem| panic!("{problem}"))
    });
    let mut edges = edit::encode(&stages::find("load-balancer").expect("it is published").scenario());
    let cdn = json!({ "kind": "cdn", "places": ["tokyo"], "origin": "store" });
    let store = json!({ "kind": "object_store", "place": "montreal" });
    edit::merge(&mut edges, &json!({ "tiers": { "cdn": cdn, "store": store } }));
    let files = json!({ "entry": "cdn", "files": { "count": 10, "max_age_ms": 1000.0 } });
    edit::merge(&mut edges, &json!({ "workload": { "classes": { "static": files } } }));
    let edges = scenario::from_value(edges).unwrap_or_else(|problem| panic!("{problem}"));
    let rest = rest.into_iter().chain([edges]);
    stages::newest().map(|stage| stage.scenario()).chain(runs).chain(rest).collect()
}

/// The fields of a part that have a parameter, also of parts within it that would have to be switched on first.
fn offered(
    scenario: &Scenario,
    list: &dyn Fn(&Scenario) -> Vec<Parameter>,
    root: &str,
    deeper: bool,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for parameter in list(scenario) {
        let Some(field) = parameter.path.strip_prefix(root) else { continue };
        found.insert(field.to_owned());
        if let (Range::Part(opens_with), true) = (&parameter.range, deeper)
            && let Ok(with) = edit::set(scenario, &parameter.path, opens_with.clone())
        {
            found.extend(offered(&with, list, root, false));
        }
    }
    found
}

#[test]
fn every_field_has_a_parameter_or_a_reason() {
    let mut have: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for scenario in scenarios() {
        for (id, tier) in &scenario.tiers {
            let kind = serde_json::to_value(tier).expect("plain data")["kind"].as_str().expect("a kind").to_owned();
            let list = |scenario: &Scenario| of_tier(scenario, id);
            have.entry(kind).or_default().extend(offered(&scenario, &list, &format!("tiers.{id}."), true));
            if let Some((machine, _)) = tier.machine() {
                let own = offered(&scenario, &list, &format!("machines.{machine}."), true);
                have.entry("machine".to_owned()).or_default().extend(own);
            }
        }
        for id in scenario.workload.clients.keys() {
            let list = |scenario: &Scenario| of_clients(scenario, id);
            let own = offered(&scenario, &list, &format!("workload.clients.{id}."), true);
            have.entry("clients".to_owned()).or_default().extend(own);
        }
    }
    for scenario in scenarios() {
        let own = offered(&scenario, &of_workload, "operations.", true);
        have.entry("operations".to_owned()).or_default().extend(own);
        for id in scenario.operations.iter().flat_map(|own| own.alerts.keys()) {
            let own = offered(&scenario, &of_workload, &format!("operations.alerts.{id}."), true);
            have.entry("alert".to_owned()).or_default().extend(own);
        }
    }
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    for (part, fields) in fields_by_part(&schema()) {
        let own = have.remove(&part).unwrap_or_default();
        for field in fields.into_iter().filter(|field| !own.contains(field)) {
            let last = field.rsplit('.').next().unwrap_or(&field);
            let fits = |(of, name, _): &(&str, &str, &str)| (*of == part || *of == "*") && *name == last;
            match REASONS.iter().position(fits) {
                Some(reason) => {
                    used.insert(reason);
                }
                None => missing.push(format!("{part}: {field}")),
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "neither a parameter nor a reason");
    let stale: Vec<_> = (0..REASONS.len()).filter(|reason| !used.contains(reason)).map(|r| REASONS[r]).collect();
    assert_eq!(stale, [], "reasons for fields that have their parameter, or are gone");
}

/// Values at the ends of what a parameter may be, and in between.
fn samples(range: &Range) -> Vec<Value> {
    match range {
        Range::Whole(least, most) => vec![Value::from(*least), Value::from(*most)],
        Range::Number(least, most) => vec![Value::from(*least), Value::from(*most)],
        Range::Choice(choices) => choices.iter().map(|(choice, _)| Value::from(*choice)).collect(),
        Range::Flag => vec![Value::from(true), Value::from(false)],
        Range::Part(opens_with) => vec![opens_with.clone(), Value::Null],
    }
}

/// What is offered can be set: the path is right, the type too, and no end of a range is out of bounds. (A value may still
/// contradict another.)
#[test]
fn every_parameter_is_one_of_the_scenario() {
    const OUT_OF_SHAPE: [&str; 6] = ["unknown", "invalid", "no part", "leads nowhere", "missing", "must be"];
    let mut wrong = Vec::new();
    for stage in stages::newest() {
        let scenario = stage.scenario();
        for parameter in parameters::all(&scenario) {
            for value in samples(&parameter.range) {
                let path = parameter.path.clone();
                // What cannot change while it runs is an edit, which brings with it what it takes.
                let done = if parameter.fixed {
                    sandbox::apply(&scenario, &sandbox::Edit::Set { path, value: value.clone() })
                        .map(|own| own.scenario)
                } else {
                    edit::set(&scenario, &path, value.clone())
                };
                let Err(problem) = done else { continue };
                let text = problem.to_string();
                if OUT_OF_SHAPE.iter().any(|word| text.contains(word)) {
                    wrong.push(format!("{}: {} to {value}: {text}", stage.id, parameter.path));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// An editor that reads the schema says the same as the page.
#[test]
fn the_schema_says_what_the_parameters_say() {
    let schema = schema();
    let of = |kind: &str| {
        let tiers = schema["$defs"]["Tier"]["oneOf"].as_array().expect("a tier is one of its kinds");
        let tier = tiers.iter().find(|tier| tier["properties"]["kind"]["const"] == kind).expect("there is this kind");
        &tier["properties"]
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for stage in stages::newest() {
        let scenario = stage.scenario();
        for (id, tier) in &scenario.tiers {
            let kind = serde_json::to_value(tier).expect("plain data")["kind"].as_str().expect("a kind").to_owned();
            let root = format!("tiers.{id}.");
            for parameter in of_tier(&scenario, id) {
                let Some(field) = parameter.path.strip_prefix(&root).filter(|field| !field.contains('.')) else {
                    continue;
                };
                let said = &of(&kind)[field];
                seen += 1;
                let whole = match parameter.range {
                    Range::Whole(least, most) => Some((json!(least), json!(most))),
                    Range::Number(least, most) => Some((json!(least), json!(most))),
                    Range::Choice(_) | Range::Flag | Range::Part(_) => None,
                };
                let ranges = whole.is_none_or(|(least, most)| (&said["minimum"], &said["maximum"]) == (&least, &most));
                let unit = parameter.unit.is_empty() || said["x-unit"] == parameter.unit;
                // What is left out and what is said to hold then are the same.
                let default = parameter.unset.and_then(|unset| unset.replace(',', "").parse::<f64>().ok());
                let default = default.is_none_or(|unset| said["default"].as_f64().is_none_or(|own| own == unset));
                if said["title"] != parameter.name
                    || said["description"] != parameter.help
                    || !ranges
                    || !unit
                    || !default
                {
                    wrong.push(format!("{kind}.{field}: {parameter:?} is {said}"));
                }
            }
        }
    }
    assert!(seen > 200, "{seen}");
    assert_eq!(wrong, Vec::<String>::new());
}
