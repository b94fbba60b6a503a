//! The schema of scenarios, and which fields each part has there.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// The schema, as the program prints it.
pub fn schema() -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_zero-to-millions")).arg("schema").output();
    serde_json::from_slice(&output.expect("the program runs").stdout).expect("it prints JSON")
}

/// What can be set of each part, as the schema says.
pub fn fields_by_part(schema: &Value) -> BTreeMap<String, Vec<String>> {
    let of = |name: &str| fields(schema, &schema["$defs"][name], "");
    let named = [("clients", "ClientGroup"), ("machine", "Machine"), ("operations", "Operations"), ("alert", "Alert")];
    let named = named.into_iter().map(|(part, name)| (part.to_owned(), of(name)));
    let tiers = schema["$defs"]["Tier"]["oneOf"].as_array().expect("a tier is one of its kinds");
    let kind = |tier: &Value| tier["properties"]["kind"]["const"].as_str().expect("a kind has a name").to_owned();
    tiers.iter().map(|tier| (kind(tier), fields(schema, tier, ""))).chain(named).collect()
}

/// The paths of a schema's fields, those of parts within it too.
fn fields(schema: &Value, of: &Value, before: &str) -> Vec<String> {
    let Some(properties) = of["properties"].as_object() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, field) in properties.iter().filter(|(name, _)| *name != "kind") {
        let path = format!("{before}{name}");
        let inner: Vec<String> =
            objects(schema, field).into_iter().flat_map(|object| fields(schema, object, &format!("{path}."))).collect();
        found.extend(if inner.is_empty() { vec![path] } else { inner });
    }
    found
}

/// The schemas of objects that a value may be.
fn objects<'a>(schema: &'a Value, of: &'a Value) -> Vec<&'a Value> {
    if let Some(name) = of["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return objects(schema, &schema["$defs"][name]);
    }
    if of["properties"].is_object() {
        return vec![of];
    }
    let choices = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|word| of[word].as_array()).flatten();
    choices.flat_map(|choice| objects(schema, choice)).collect()
}
