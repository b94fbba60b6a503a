//! A setting in words: which part, which of its fields, and what it is set to. Fields with a parameter are called as that is; of
//! others their place in the scenario is read out.

use serde_json::Value;

use crate::frame::Scene;
use crate::scenario::parameters::{Parameter, Range};

use super::{format, names};

/// Who is meant and what of it is set to what: `Web servers: slots`, `set to 8`.
pub fn words(scene: &Scene, path: &str, value: &Value) -> (String, String) {
    if let Some((tier, own)) = names::find_parameter(scene, path) {
        let subject =
            tier.map_or_else(|| own.name.clone(), |tier| format!("{}: {}", names::tier(scene, tier), own.name));
        return (subject, parameter_words(&own, value));
    }
    let (part, field) = place(scene, path);
    match (field.is_empty(), value) {
        (true, Value::Null) => (part, "taken away".to_owned()),
        (true, _) => (part, "changed".to_owned()),
        (false, Value::Null) => (part, format!("{field} taken away")),
        (false, Value::Object(_) | Value::Array(_)) => (part, format!("{field} changed")),
        (false, value) => (part, format!("{} set to {}", field_name(&field), plain(&field, value))),
    }
}

fn parameter_words(own: &Parameter, value: &Value) -> String {
    let unset = |word: &str| format!("set back to {word}");
    match (&own.range, value) {
        (Range::Part(_), Value::Null) => "switched off".to_owned(),
        (Range::Part(_), _) => "switched on".to_owned(),
        (_, Value::Null) => own.unset.map_or_else(|| "taken away".to_owned(), unset),
        (Range::Choice(choices), Value::String(text)) => {
            let name = choices.iter().find(|(choice, _)| choice == text).map_or(text.as_str(), |(_, name)| name);
            format!("set to {name}")
        }
        (Range::Flag, Value::Bool(on)) => if *on { "switched on" } else { "switched off" }.to_owned(),
        (_, Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            match own.unit {
                "ms" => format!("set to {}", span(number)),
                "s" => format!("set to {}", span(number * 1e3)),
                "" => format!("set to {}", exact(number)),
                "$" => format!("set to ${}", exact(number)),
                unit => format!("set to {} {unit}", exact(number)),
            }
        }
        (_, Value::Object(_) | Value::Array(_)) => "changed".to_owned(),
        (_, value) => format!("set to {}", plain("", value)),
    }
}

/// A sentence of the core's, with what people call the places that it names: `Web servers: database` for `tiers.web.database`.
pub fn sentence(scene: &Scene, text: &str) -> String {
    const ROOTS: [&str; 5] = ["tiers.", "machines.", "workload.", "operations.", "network."];
    let word = |word: &str| {
        let end = word.trim_end_matches([',', ';', '.', ':']);
        if !ROOTS.iter().any(|root| end.starts_with(root)) {
            return word.to_owned();
        }
        let (part, field) = place(scene, end);
        let name = names::parameter(scene, end).unwrap_or_else(|| format!("{part}: {field}"));
        format!("“{}”{}", name.trim_end_matches(": "), &word[end.len()..])
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The part that a path leads to, and the rest of it with blanks.
fn place(scene: &Scene, path: &str) -> (String, String) {
    let parts: Vec<&str> = path.split('.').collect();
    let (part, rest) = match parts.as_slice() {
        ["tiers", id, rest @ ..] => (names::by_id(scene, id), rest),
        ["machines", id, rest @ ..] => (format!("Machine {id}"), rest),
        ["workload", "classes", id, rest @ ..] => (format!("Requests “{id}”"), rest),
        ["workload", "clients", id, rest @ ..] => (format!("{} clients", names::capitalised(id)), rest),
        ["operations", "alerts", id, rest @ ..] => (format!("Alert rule “{id}”"), rest),
        ["workload", rest @ ..] => ("Users".to_owned(), rest),
        [first, rest @ ..] => (names::capitalised(&first.replace('_', " ")), rest),
        [] => (String::new(), &[][..]),
    };
    (part, rest.join(" ").replace('_', " "))
}

/// What is said of a field by its last word when that is a unit.
const UNITS: [(&str, &str); 8] = [
    (" ms", "ms"),
    (" seconds", "s"),
    (" percent", "%"),
    (" per second", "/s"),
    (" mb", "MB"),
    (" gb", "GB"),
    (" kb", "kB"),
    (" usd", "$"),
];

/// A field without its unit.
fn field_name(field: &str) -> &str {
    UNITS.iter().find_map(|(end, _)| field.strip_suffix(end)).unwrap_or(field)
}

fn plain(field: &str, value: &Value) -> String {
    let unit = UNITS.iter().find(|(end, _)| field.ends_with(end)).map_or("", |(_, unit)| unit);
    match (value, unit) {
        (Value::Bool(on), _) => if *on { "on" } else { "off" }.to_owned(),
        (Value::String(text), _) => format!("“{text}”"),
        (Value::Number(number), unit) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            match unit {
                "ms" => span(number),
                "s" => span(number * 1e3),
                "$" => format!("${}", exact(number)),
                "" | "/s" | "%" => format!("{}{unit}", exact(number)),
                unit => format!("{} {unit}", exact(number)),
            }
        }
        (Value::Null | Value::Object(_) | Value::Array(_), _) => String::new(),
    }
}

/// A time, which is said in larger units only where nothing is lost by that.
fn span(ms: f64) -> String {
    if ms >= 1e3 && ms % 100.0 == 0.0 && ms < 60e3 {
        format!("{} s", ms / 1e3)
    } else if ms >= 60e3 {
        format::span(ms)
    } else {
        format!("{} ms", exact(ms))
    }
}

/// A number as it was set, with thousands set apart.
fn exact(number: f64) -> String {
    if number.fract() == 0.0 && (0.0..1e15).contains(&number) {
        format::count(number as u64)
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::stages;
    use crate::frame::scene;
    use crate::world::World;
    use serde_json::json;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn places_in_sentences_have_names() {
        let scene = scene(&World::new(&stages::find("load-balancer").expect("it is published").scenario(), 1));
        let told = sentence(&scene, "is still needed by tiers.web.database and workload.entry; lead that elsewhere.");
        assert_eq!(told, "is still needed by “Web servers: database” and “Users: entry”; lead that elsewhere.");
        assert_eq!(sentence(&scene, "is 3.5 times as much. So it is"), "is 3.5 times as much. So it is");
    }

    #[wasm_bindgen_test]
    fn settings_are_told_without_paths_and_records() {
        let scenario = stages::revision("operations", 1).expect("it is published").scenario();
        let scene = scene(&World::new(&scenario, 1));
        let cases = [
            ("tiers.web.slots", json!(8), "Web servers: Slots", "set to 8"),
            ("workload.users", json!(12_000), "Users", "set to 12,000"),
            ("tiers.database.sharding", json!({ "key": "user" }), "Databases", "sharding changed"),
            ("workload.classes.order.share", json!(560.0), "Requests “order”", "share set to 560"),
            ("operations.alerts.web-slow", json!({ "metric": "up" }), "Alert rule “web-slow”", "changed"),
            ("operations.alerts.web-slow", Value::Null, "Alert rule “web-slow”", "taken away"),
            ("operations.monitor.scrape_interval_ms", json!(15_000.0), "Scrapes every", "set to 15 s"),
            ("network.silence_timeout_ms", json!(900.0), "Network", "silence timeout set to 900 ms"),
        ];
        for (path, value, subject, text) in cases {
            assert_eq!(words(&scene, path, &value), (subject.to_owned(), text.to_owned()), "{path}");
        }
    }
}
