//! The types of the JavaScript package, for TypeScript: made of the Rust types through their JSON Schemas, comments too, so
//! that they cannot say anything else. `src/js/types.d.ts` holds what [`types`] makes; `tests/types.rs` notices when it
//! does not.

use std::fmt::Write;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::course::stages::Stage;
use crate::frame::{EventLine, Scene, Snapshot};
use crate::scenario::{Change, Scenario};
use crate::world::report::Report;

/// All types, each with its comment, by name.
pub fn types() -> String {
    let mut read = SchemaGenerator::new(SchemaSettings::default());
    read.subschema_for::<Scenario>();
    read.subschema_for::<Change>();
    let mut written = SchemaGenerator::new(SchemaSettings::default().for_serialize());
    // First, so that what both have is called the same in both.
    written.subschema_for::<Scenario>();
    written.subschema_for::<Change>();
    written.subschema_for::<Report>();
    written.subschema_for::<Snapshot>();
    written.subschema_for::<Scene>();
    written.subschema_for::<EventLine>();
    written.subschema_for::<Stage>();
    let mut all = written.take_definitions(false);
    all.values_mut().for_each(absent_rather_than_null);
    // A scenario is told as one may be given: what may be left out is optional.
    all.extend(read.take_definitions(false));
    let mut text =
        "// Made by `cargo run -- schema --typescript > src/js/types.d.ts`; tests/types.rs checks it.\n".to_owned();
    for (name, schema) in &all {
        text.push('\n');
        comment(&mut text, schema, "");
        declare(&mut text, name, schema);
    }
    text
}

/// What may be left out of what is told is never told as null.
fn absent_rather_than_null(schema: &mut Value) {
    let required = schema["required"].clone();
    let Some(properties) = schema["properties"].as_object_mut() else { return };
    let null = json!("null");
    for (_, property) in properties.iter_mut().filter(|(name, _)| !is_in(&required, name)) {
        if let Some(names) = property["type"].as_array_mut() {
            names.retain(|name| *name != null);
        }
        if let Some(choices) = property["anyOf"].as_array_mut() {
            choices.retain(|choice| choice["type"] != null);
        }
    }
}

fn is_in(names: &Value, name: &str) -> bool {
    names.as_array().is_some_and(|names| names.contains(&json!(name)))
}

fn declare(text: &mut String, name: &str, schema: &Value) {
    let is_plain = schema["properties"].is_object() && !schema["oneOf"].is_array() && !schema["anyOf"].is_array();
    let (head, end) = if is_plain { ("interface", "") } else { ("type", ";") };
    let equals = if is_plain { "" } else { " =" };
    let body = kind(schema, "");
    let line_break = if body.starts_with('\n') { "" } else { " " };
    writeln!(text, "export {head} {name}{equals}{line_break}{body}{end}").expect("a string takes it");
}

/// The type that a schema is of, as it stands in a line that begins with `indent`.
fn kind(schema: &Value, indent: &str) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(one) = schema.get("const") {
        return one.to_string();
    }
    if let Some(some) = schema["enum"].as_array() {
        return some.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return union(choices, indent);
    }
    match &schema["type"] {
        Value::Array(names) => {
            let each = |name: &Value| {
                let mut own = schema.clone();
                own["type"] = name.clone();
                kind(&own, indent)
            };
            names.iter().map(each).collect::<Vec<_>>().join(" | ")
        }
        Value::String(name) => named(name, schema, indent),
        // Any value.
        _ => "unknown".to_owned(),
    }
}

fn named(name: &str, schema: &Value, indent: &str) -> String {
    match name {
        "integer" | "number" => "number".to_owned(),
        "array" => array(schema, indent),
        "object" => match (schema["properties"].as_object(), &schema["additionalProperties"]) {
            (Some(properties), _) => object(properties, &schema["required"], indent),
            (None, values) => format!("Record<string, {}>", kind(values, indent)),
        },
        "boolean" | "string" | "null" => name.to_owned(),
        other => panic!("{other} is no type of a JSON Schema"),
    }
}

/// Choices that have a comment stand on lines of their own.
fn union(choices: &[Value], indent: &str) -> String {
    if choices.iter().all(|choice| choice["description"].is_null()) {
        return choices.iter().map(|choice| kind(choice, indent)).collect::<Vec<_>>().join(" | ");
    }
    let inner = format!("{indent}  ");
    let mut text = String::new();
    for choice in choices {
        let mut said = String::new();
        comment(&mut said, choice, &inner);
        write!(text, "\n{said}{inner}| {}", kind(choice, &inner)).expect("a string takes it");
    }
    text
}

fn array(schema: &Value, indent: &str) -> String {
    if let Some(parts) = schema["prefixItems"].as_array() {
        let parts: Vec<String> = parts.iter().map(|part| kind(part, indent)).collect();
        return format!("[{}]", parts.join(", "));
    }
    let item = kind(&schema["items"], indent);
    if item.contains(' ') { format!("({item})[]") } else { format!("{item}[]") }
}

fn object(properties: &Map<String, Value>, required: &Value, indent: &str) -> String {
    let inner = format!("{indent}  ");
    let mut text = "{\n".to_owned();
    for (name, property) in properties {
        comment(&mut text, property, &inner);
        // Of all 64-bit numbers, only a seed can be more than JavaScript's numbers hold.
        let kind = if name == "seed" { "number | bigint".to_owned() } else { kind(property, &inner) };
        let mark = if is_in(required, name) { "" } else { "?" };
        writeln!(text, "{inner}{name}{mark}: {kind};").expect("a string takes it");
    }
    text + indent + "}"
}

fn comment(text: &mut String, schema: &Value, indent: &str) {
    let Some(said) = schema["description"].as_str() else { return };
    let said = said.replace('\n', &format!("\n{indent} * "));
    writeln!(text, "{indent}/** {said} */").expect("a string takes it");
}
