//! The JSON Schema of a scenario: its types, with what the parameters say of their fields, so that an editor shows the same
//! names, units, ranges and sentences as the page.
//!
//! Types and doc comments are read by `schemars`; [`crate::scenario::parameters`] says the rest. A parameter is found in the
//! schema by following its path through a scenario that has it. Where several parameters are one field of the schema (the
//! mean of a time is one type, and stands for many), only what they agree on is said.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::course::{experiments, stages};
use crate::scenario::parameters::{self, Parameter, Range};
use crate::scenario::{Scenario, edit};

/// The schema.
pub fn schema() -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(Scenario)).expect("a schema is plain data");
    let mut found: BTreeMap<String, Vec<Parameter>> = BTreeMap::new();
    let mut scenarios: Vec<Scenario> = specimens().collect();
    while let Some(scenario) = scenarios.pop() {
        let values = edit::encode(&scenario);
        for parameter in parameters::all(&scenario) {
            let own = found.entry(place(&schema, &values, &parameter.path)).or_default();
            // What has to be switched on first has parameters too.
            if let (Range::Part(opens_with), true) = (&parameter.range, own.is_empty()) {
                scenarios.extend(edit::set(&scenario, &parameter.path, opens_with.clone()));
            }
            if !own.iter().any(|other| (&other.name, other.help) == (&parameter.name, parameter.help)) {
                own.push(parameter);
            }
        }
    }
    for (place, parameters) in &found {
        let field = schema.pointer_mut(place).and_then(Value::as_object_mut).expect("it was found there");
        annotate(field, parameters);
    }
    schema
}

/// Scenarios that together have the parts there are.
fn specimens() -> impl Iterator<Item = Scenario> {
    let runs = experiments::all().flat_map(|experiment| (experiment.runs)()).map(|run| run.scenario);
    stages::newest().map(|stage| stage.scenario()).chain(runs)
}

/// What of a parameter is said of its field; null for nothing.
type What = fn(&Parameter) -> Value;

fn annotate(field: &mut Map<String, Value>, parameters: &[Parameter]) {
    let common = |what: What| {
        let first = what(&parameters[0]);
        parameters.iter().all(|own| what(own) == first).then_some(first).filter(|value| !value.is_null())
    };
    let said: [(&str, What); 6] = [
        // What is named after a part of its scenario has no name of its own.
        ("title", |own| if own.name.contains('“') { Value::Null } else { json!(own.name) }),
        ("description", |own| json!(own.help)),
        ("x-unit", |own| if own.unit.is_empty() { Value::Null } else { json!(own.unit) }),
        ("x-unset", |own| json!(own.unset.filter(|_| !matches!(own.range, Range::Flag | Range::Part(_))))),
        ("minimum", |own| bounds(&own.range).map_or(Value::Null, |(least, _)| least)),
        ("maximum", |own| bounds(&own.range).map_or(Value::Null, |(_, most)| most)),
    ];
    for (word, what) in said {
        if let Some(value) = common(what) {
            field.insert(word.to_owned(), value);
        }
    }
}

fn bounds(range: &Range) -> Option<(Value, Value)> {
    match *range {
        Range::Whole(least, most) => Some((json!(least), json!(most))),
        Range::Number(least, most) => Some((json!(least), json!(most))),
        Range::Choice(_) | Range::Flag | Range::Part(_) => None,
    }
}

/// Where a schema has the field with this path, as a JSON pointer (RFC 6901). A part is one of several kinds, so it takes the
/// values to know which.
fn place(schema: &Value, values: &Value, path: &str) -> String {
    let mut place = String::new();
    let mut value = values;
    for name in path.split('.') {
        let within = objects(schema, &place, value);
        let below = |place: &String| {
            let own = format!("{place}/properties/{name}");
            let any = format!("{place}/additionalProperties");
            [own, any].into_iter().find(|place| schema.pointer(place).is_some_and(Value::is_object))
        };
        place = within.iter().find_map(below).unwrap_or_else(|| panic!("the schema has no {path}"));
        value = value.get(name).unwrap_or(&Value::Null);
    }
    place
}

/// The objects that the value of a field may be: those behind references and choices, of tagged ones that of its kind.
fn objects(schema: &Value, place: &str, value: &Value) -> Vec<String> {
    let of = schema.pointer(place).expect("places are in the schema");
    if let Some(reference) = of["$ref"].as_str() {
        return objects(schema, &reference[1..], value);
    }
    if of["properties"].is_object() || of["additionalProperties"].is_object() {
        let kind = &of["properties"]["kind"]["const"];
        return if kind.is_null() || *kind == value["kind"] { vec![place.to_owned()] } else { Vec::new() };
    }
    let choices = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| Some((word, of[word].as_array()?.len())));
    choices
        .flat_map(|(word, count)| (0..count).map(move |index| format!("{place}/{word}/{index}")))
        .flat_map(|choice| objects(schema, &choice, value))
        .collect()
}
