//! A small chart over scrapes: a line, its newest value, and the same in words for who cannot see it.

use yew::prelude::*;

use crate::ui::format;

/// Its size in units of its own; it is stretched to its place.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 24.0;

/// What values are of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// Shares from 0 to 1, in percent.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// Of something each second.
    PerSecond,
    /// How many.
    Count,
    /// US dollars.
    Dollars,
}

impl Unit {
    /// A value in it, with its sign.
    pub fn show(self, value: f32) -> String {
        let value = f64::from(value);
        match self {
            _ if value.is_nan() => format::NOTHING.to_owned(),
            Self::Share => format!("{}%", format::percent(value)),
            Self::Milliseconds => format::span(value),
            Self::PerSecond => format!("{}/s", format::short(value)),
            Self::Count => format::count(value.round() as u64),
            Self::Dollars => format!("${}", format::count(value.round() as u64)),
        }
    }
}

/// The chart of `values`, which were scraped at these moments. `name` says what it is, also of what.
pub fn spark(name: &str, unit: Unit, at_ms: &[f64], values: &[f32]) -> Html {
    let newest = values.last().copied().unwrap_or(f32::NAN);
    let most = values.iter().copied().filter(|value| !value.is_nan()).fold(0.0, f32::max);
    let top = if unit == Unit::Share { 1.0 } else { most.max(f32::MIN_POSITIVE) };
    let label = format!("{name}: {} at the last scrape, {} at most", unit.show(newest), unit.show(most));
    html! {
        <span class="spark">
            <svg
                role="img" aria-label={label} viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none"
            >
                <path d={path(at_ms, values, f64::from(top))} />
            </svg>
            <b aria-hidden="true">{ unit.show(newest) }</b>
        </span>
    }
}

/// A line through what there is, with gaps where nothing is.
fn path(at_ms: &[f64], values: &[f32], top: f64) -> String {
    let (from, until) = (at_ms.first().copied().unwrap_or(0.0), at_ms.last().copied().unwrap_or(1.0));
    let mut path = String::new();
    let mut drawn = false;
    for (&at, &value) in at_ms.iter().zip(values) {
        if value.is_nan() {
            drawn = false;
            continue;
        }
        let x = (at - from) / (until - from).max(1e-9) * WIDTH;
        let y = HEIGHT - 1.0 - f64::from(value) / top * (HEIGHT - 2.0);
        // A lone value is seen as a dot, not as nothing.
        let start = if drawn { String::new() } else { format!("M{:.1},{y:.1}", (x - 1.0).max(0.0)) };
        path += &format!("{start}L{x:.1},{y:.1}");
        drawn = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_was_not_scraped_is_a_gap() {
        let path = path(&[0.0, 1.0, 2.0, 3.0, 4.0], &[0.0, 1.0, f32::NAN, 0.5, 0.5], 1.0);
        assert_eq!(path, "M0.0,23.0L0.0,23.0L30.0,1.0M89.0,12.0L90.0,12.0L120.0,12.0");
    }

    #[wasm_bindgen_test]
    fn values_are_told_with_their_units() {
        let told =
            [(Unit::Share, 0.423), (Unit::Milliseconds, 1800.0), (Unit::PerSecond, 12.0), (Unit::Dollars, 1234.4)];
        let told = told.map(|(unit, value)| unit.show(value));
        assert_eq!(told, ["42%", "1.8 s", "12/s", "$1,234"]);
        assert_eq!(Unit::Count.show(f32::NAN), "–");
    }
}
