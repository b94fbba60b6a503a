//! Scenarios as JSON: decoding with the place of an error, changing one value by its path, and the difference between
//! two scenarios as a merge patch (RFC 7386).

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Problem, Scenario};

/// Decodes a scenario, or a part of one; the place of an error is named. Nothing is checked beyond the types.
///
/// # Errors
/// What does not fit the types.
pub fn decode<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Problem::shape(error.path().to_string(), &error.into_inner()))
}

/// The scenario as JSON.
pub fn encode(scenario: &Scenario) -> Value {
    serde_json::to_value(scenario).expect("a scenario has string keys and finite numbers")
}

/// The scenario with the value at `path` replaced; null takes it away. The path must exist, or be a field that may be
/// left out.
///
/// # Errors
/// A path that leads nowhere, or a value that does not fit there.
pub fn set(scenario: &Scenario, path: &str, value: Value) -> Result<Scenario, Problem> {
    let mut root = encode(scenario);
    let mut at = &mut root;
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    for key in parents.split('.').filter(|key| !key.is_empty()) {
        let Value::Object(map) = at else {
            return Err(Problem::at(path, format!("\"{key}\" leads nowhere")));
        };
        if !map.contains_key(key) {
            return Err(Problem::unknown(path, "part", key, map.keys().map(String::as_str)));
        }
        at = &mut map[key];
    }
    let Value::Object(map) = at else {
        return Err(Problem::at(path, format!("\"{last}\" leads nowhere")));
    };
    if value.is_null() {
        map.remove(last);
    } else {
        map.insert(last.to_owned(), value);
    }
    super::from_value(root)
}

/// The merge patch that turns `from` into `to`; `None` if they are equal.
pub fn difference(from: &Value, to: &Value) -> Option<Value> {
    if from == to {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        return Some(to.clone());
    };
    let mut patch = Map::new();
    for (key, value) in new {
        match old.get(key) {
            Some(before) => patch.extend(difference(before, value).map(|inner| (key.clone(), inner))),
            None => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Some(Value::Object(patch))
}

/// Applies a merge patch.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_difference_merged_gives_the_other_side() {
        let cases = [
            (json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"a": 1, "b": {"c": 4}, "e": [1, 2]})),
            (json!({}), json!({"x": {"y": {}}})),
            (json!({"x": {"y": 1}}), json!({"x": 5})),
        ];
        for (from, to) in cases {
            let patch = difference(&from, &to).expect("they differ");
            let mut merged = from.clone();
            merge(&mut merged, &patch);
            assert_eq!(merged, to, "by {patch}");
        }
        assert_eq!(difference(&json!({"a": 1}), &json!({"a": 1})), None);
    }
}
