//! What JavaScript says, as JSON. `undefined` is what is not there, a bigint a whole number; what no file could say is
//! refused with its place.

use js_sys::{Array, BigInt, Number, Object};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue};

use crate::scenario::Problem;

/// The largest whole number that JavaScript's numbers hold for certain.
pub const SAFE: u64 = (1 << 53) - 1;
/// Parts within parts, as deep as a file's; what goes round in a circle is deeper.
const DEPTH: usize = 128;

/// A value that was given.
///
/// # Errors
/// It is, or holds, what JSON has no word for.
pub fn read(value: &JsValue) -> Result<Value, Problem> {
    read_at(value, "", 0)
}

fn read_at(value: &JsValue, place: &str, depth: usize) -> Result<Value, Problem> {
    if depth > DEPTH {
        return Err(Problem::at("", format!("there are parts within parts, more than {DEPTH} deep")));
    }
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    if value.is_null() || value.is_undefined() {
        Ok(Value::Null)
    } else if let Some(flag) = value.as_bool() {
        Ok(flag.into())
    } else if let Some(text) = value.as_string() {
        Ok(text.into())
    } else if let Some(number) = value.as_f64() {
        self::number(number).ok_or_else(|| Problem::at(place, format!("must be a number, is {number}")))
    } else if let Some(whole) = value.dyn_ref::<BigInt>() {
        let text = whole.to_string(10).map(String::from).unwrap_or_default();
        let whole = text.parse().map(|whole: u64| whole.into());
        whole.map_err(|_| Problem::at(place, format!("must be at most {}, is {text}", u64::MAX)))
    } else if let Some(items) = value.dyn_ref::<Array>() {
        let items = items.iter().enumerate();
        let items = items.map(|(index, item)| read_at(&item, &below(&index.to_string()), depth + 1));
        items.collect::<Result<Vec<_>, _>>().map(Value::Array)
    } else if let Some(object) = value.dyn_ref::<Object>().filter(|object| !object.is_function()) {
        let mut fields = Map::new();
        for entry in Object::entries(object).iter() {
            let entry: Array = entry.unchecked_into();
            let key = entry.get(0).as_string().unwrap_or_default();
            let field = entry.get(1);
            if !field.is_undefined() {
                fields.insert(key.clone(), read_at(&field, &below(&key), depth + 1)?);
            }
        }
        Ok(Value::Object(fields))
    } else {
        let kind = value.js_typeof().as_string().unwrap_or_default();
        Err(Problem::at(place, format!("must be plain data, is a {kind}")))
    }
}

/// Whole numbers as such, as JSON's text has them.
fn number(number: f64) -> Option<Value> {
    let is_whole = Number::is_safe_integer(&JsValue::from_f64(number));
    if is_whole { Some((number as i64).into()) } else { serde_json::Number::from_f64(number).map(Value::Number) }
}

/// A seed that was given, if one was.
///
/// # Errors
/// It is none.
pub fn seed(value: &JsValue) -> Result<Option<u64>, Problem> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let text = value.as_string();
    let found = match &text {
        Some(text) => text.parse().ok(),
        None => read(value).ok().and_then(|value| value.as_u64()),
    };
    let unfit = || {
        let given = text.clone().unwrap_or_else(|| String::from(Object::from(value.clone()).to_string()));
        let more = if text.is_none() && value.as_f64().is_some() { "; beyond 2^53 as a bigint or text" } else { "" };
        Problem::at("seed", format!("must be a whole number from 0 to {}, is {given}{more}", u64::MAX))
    };
    found.map(Some).ok_or_else(unfit)
}
