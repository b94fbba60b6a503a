//! The types of the JavaScript package say what the Rust types say: the file is what the program makes of them, and names
//! every field of real reports and frames.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use zero_to_millions::course::stages;
use zero_to_millions::frame::{Samples, events, scene, snapshot};
use zero_to_millions::scenario::edit;
use zero_to_millions::time::{SimTime, Span};
use zero_to_millions::world::World;

const TYPES: &str = include_str!("../src/js/types.d.ts");

#[test]
fn the_file_is_what_the_types_make() {
    let output = Command::new(env!("CARGO_BIN_EXE_zero-to-millions")).args(["schema", "--typescript"]).output();
    let made = String::from_utf8(output.expect("the program runs").stdout).expect("it prints UTF-8");
    assert!(made == TYPES, "make it anew: cargo run -- schema --typescript > src/js/types.d.ts");
}

/// The fields of every interface: `utilisation?` and `number` of `utilisation?: number;`.
static INTERFACES: LazyLock<BTreeMap<&str, Vec<(&str, &str)>>> = LazyLock::new(|| {
    let of = |text: &'static str| {
        let (name, rest) = text.split_once(" {\n").expect("an interface has a body");
        let body = &rest[..rest.find("\n}").expect("it ends")];
        (name, body.lines().filter_map(field).collect())
    };
    TYPES.split("\nexport interface ").skip(1).map(of).collect()
});

/// The names of all types that are not interfaces: choices, of words or of parts.
static CHOICES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    TYPES.split("\nexport type ").skip(1).filter_map(|text| text.split_once(" =").map(|(name, _)| name)).collect()
});

/// A field in the first column of an interface; the line may be within one, or a comment.
fn field(line: &str) -> Option<(&str, &str)> {
    let (field, kind) = line.strip_prefix("  ")?.split_once(": ")?;
    let is_field = field.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '?');
    is_field.then_some((field, kind.trim_end_matches(';')))
}

/// Every key of `value` is a field of the interface `name`, every field that must be there is, and so on within it.
fn is_of(value: &Value, name: &str, place: &str) {
    let fields = INTERFACES.get(name).unwrap_or_else(|| panic!("there is no {name}"));
    let object = value.as_object().unwrap_or_else(|| panic!("{place} is an object"));
    for key in object.keys() {
        let found = fields.iter().find(|(field, _)| field.trim_end_matches('?') == key);
        let (_, kind) = found.unwrap_or_else(|| panic!("{place}.{key} is not in {name}"));
        fits(&object[key], kind, &format!("{place}.{key}"));
    }
    for (field, _) in fields.iter().filter(|(field, _)| !field.ends_with('?')) {
        assert!(object.contains_key(*field), "{place}.{field} is missing");
    }
}

fn fits(value: &Value, kind: &str, place: &str) {
    let choices: Vec<&str> = kind.split(" | ").collect();
    match value {
        Value::Null => assert!(choices.contains(&"null"), "{place} is null, not {kind}"),
        Value::Bool(_) => assert!(choices.contains(&"boolean"), "{place} is a boolean, not {kind}"),
        Value::Number(_) => assert!(choices.contains(&"number"), "{place} is a number, not {kind}"),
        Value::String(text) => {
            let quoted = format!("\"{text}\"");
            // A choice of words is a type of its own.
            let is_word = |choice: &str| CHOICES.contains(choice) && TYPES.contains(&quoted);
            assert!(
                choices.iter().any(|choice| *choice == "string" || is_word(choice)),
                "{place} is {quoted}, not {kind}"
            );
        }
        Value::Array(items) => {
            if let Some(item) =
                choices.iter().find_map(|choice| choice.strip_suffix("[]")).filter(|item| !item.starts_with('['))
            {
                items.iter().for_each(|value| fits(value, item, &format!("{place}[]")));
            }
        }
        Value::Object(values) => {
            if let Some(inner) = kind.strip_prefix("Record<string, ") {
                let inner = &inner[..inner.rfind('>').expect("it is closed")];
                values.iter().for_each(|(key, value)| fits(value, inner, &format!("{place}.{key}")));
            } else {
                let name = choices.iter().find(|choice| INTERFACES.contains_key(**choice));
                // Parts of a scenario are choices: the schema's own test holds them to it.
                if let Some(name) = name {
                    is_of(value, name, place);
                }
            }
        }
    }
}

#[test]
fn what_every_stage_tells_is_of_these_types() {
    for stage in stages::newest() {
        let scenario = stage.scenario();
        let mut world = World::new(&scenario, 1);
        world.watch(0);
        let samples = Samples::new(&world);
        let rate = f64::from(scenario.workload.users) * scenario.workload.requests_per_user_per_second;
        let end = SimTime::from_ms((20_000.0 / rate * 1e3).min(5_000.0));
        while !world.advance(end, 100_000).reached {}
        let value = |told: Result<Value, serde_json::Error>| told.expect("it is JSON");
        let frame = value(serde_json::to_value(snapshot(&world, SimTime::ZERO, &samples, Span::from_seconds(1.0))));
        assert!(frame["hops"].as_array().is_some_and(|hops| !hops.is_empty()), "{}: nothing moves", stage.id);
        is_of(&frame, "Frame", stage.id);
        is_of(&value(serde_json::to_value(world.report())), "Report", stage.id);
        is_of(&value(serde_json::to_value(scene(&world))), "Scene", stage.id);
        is_of(&edit::encode(&scenario), "Scenario", stage.id);
        is_of(&value(serde_json::to_value(stage)), "Stage", stage.id);
        for event in events(&world) {
            is_of(&value(serde_json::to_value(event)), "EventLine", stage.id);
        }
    }
}

/// The walk would find a breach: it is tried on some.
#[test]
#[should_panic(expected = "Frame.x is not in Hop")]
fn a_field_that_is_not_there_is_noticed() {
    let hop =
        serde_json::json!({ "from": 0, "to": 1, "before": 0.5, "now": 1.0, "look": "read", "request": 1, "x": 1 });
    is_of(&hop, "Hop", "Frame");
}
