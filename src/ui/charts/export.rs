//! The charts to take along: all series as a table, those that are seen as a picture.

use std::rc::Rc;

use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::frame::FactKind;
use crate::ui::{dom, theme};

use super::paint::{self, Moments};
use super::series::Chart;

/// The size of a chart in the picture, in pixels.
const CHART: (f64, f64) = (560.0, 220.0);
/// Above and below it, for its title and its lines' names.
const TITLE: f64 = 34.0;
const NAMES: f64 = 40.0;
const MARGIN: f64 = 32.0;
/// Charts side by side.
const COLUMNS: usize = 2;

/// A table of all series of these charts: a row for each stretch of time, a column for each series, nothing where there is
/// no value (RFC 4180).
pub fn csv(charts: &[Chart]) -> String {
    // Each chart, and then its twin's.
    let pairs = charts.iter().flat_map(|chart| {
        let twin = chart.twin.as_deref().map(|twin| (twin, " of the twin"));
        [(chart, "")].into_iter().chain(twin)
    });
    let pairs: Vec<(&Chart, &str)> = pairs.collect();
    let columns =
        || pairs.iter().flat_map(|&(chart, whose)| chart.series.iter().map(move |series| (chart, series, whose)));
    let mut table = vec![String::from("until (ms)")];
    table[0].extend(columns().map(|(chart, series, whose)| {
        let unit = if chart.unit.name().is_empty() { String::new() } else { format!(" ({})", chart.unit.factual()) };
        format!(",{}", quoted(&format!("{}: {}{whose}{unit}", chart.title, series.name)))
    }));
    let ends = charts.first().map(|chart| chart.ends_ms.as_slice()).unwrap_or_default();
    for (row, end) in ends.iter().enumerate() {
        let mut line = end.to_string();
        for (chart, series, _) in columns() {
            line.push(',');
            // The twin's rows may end at other moments.
            let is_same = |row: &usize| chart.ends_ms.get(*row) == Some(end);
            let row = Some(row).filter(is_same).or_else(|| chart.ends_ms.iter().position(|own| own == end));
            if let Some(value) = row.and_then(|row| series.values.get(row)).filter(|value| !value.is_nan()) {
                line.push_str(&value.to_string());
            }
        }
        table.push(line);
    }
    table.join("\r\n") + "\r\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The charts on one canvas, in the colours of the page. None where there are no canvases.
pub fn picture(charts: &[Rc<Chart>], moments: &Moments, marks: &[(f64, FactKind)]) -> Option<HtmlCanvasElement> {
    let rows = charts.len().div_ceil(COLUMNS);
    let cell = (CHART.0 + MARGIN, TITLE + CHART.1 + NAMES);
    let (whole, context) = dom::canvas(COLUMNS as f64 * cell.0 + MARGIN, rows as f64 * cell.1 + MARGIN)?;
    context.set_fill_style_str(&theme::colour("--bg"));
    context.fill_rect(0.0, 0.0, f64::from(whole.width()), f64::from(whole.height()));
    let moments = Moments { read_ms: None, drawn: None, ..*moments };
    for (index, chart) in charts.iter().enumerate() {
        let (x, y) = (MARGIN + (index % COLUMNS) as f64 * cell.0, MARGIN / 2.0 + (index / COLUMNS) as f64 * cell.1);
        let (own, _) = dom::canvas(CHART.0, CHART.1)?;
        paint::paint(&own, CHART, chart, &moments, marks);
        // Fail only for a canvas without size, and for numbers that are not finite.
        let _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(&own, x, y + TITLE, CHART.0, CHART.1);
        context.set_fill_style_str(&theme::colour("--ink"));
        context.set_font("600 16px system-ui, sans-serif");
        let _ = context.fill_text(&format!("{} {}", chart.title, chart.unit.name()), x, y + 22.0);
        names(&context, chart, (x, y + TITLE + CHART.1 + 20.0));
    }
    Some(whole)
}

fn names(context: &CanvasRenderingContext2d, chart: &Chart, (x, y): (f64, f64)) {
    context.set_font("13px system-ui, sans-serif");
    let mut next = x;
    for series in &chart.series {
        context.set_fill_style_str(&theme::colour(&format!("--{}", series.colour)));
        context.fill_rect(next, y - 6.0, 14.0, 3.0);
        context.set_fill_style_str(&theme::colour("--ink"));
        let _ = context.fill_text(&series.name, next + 19.0, y);
        next += 19.0 + context.measure_text(&series.name).map_or(80.0, |size| size.width()) + 14.0;
    }
    if chart.twin.is_some() {
        context.set_fill_style_str(&theme::colour("--soft"));
        let _ = context.fill_text("thin and dashed: the twin", next, y);
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::ui::charts::series::{Series, Unit};

    #[wasm_bindgen_test]
    fn a_table_has_a_column_for_each_series_and_nothing_where_there_is_nothing() {
        let series = |name: &str, values: &[f32]| Series {
            name: name.to_owned(),
            colour: "c1",
            dashed: false,
            values: values.to_vec(),
        };
        let chart = Chart {
            title: "Latency",
            unit: Unit::Milliseconds,
            ends_ms: vec![500.0, 1000.0],
            width_ms: 500.0,
            series: vec![series("p50", &[1.5, f32::NAN]), series("a \"b\", c", &[2.0, 3.0])],
            most: None,
            when_empty: String::new(),
            twin: None,
        };
        let expected = "until (ms),\"Latency: p50 (ms)\",\"Latency: a \"\"b\"\", c (ms)\"\r\n500,1.5,2\r\n1000,,3\r\n";
        assert_eq!(csv(&[chart]), expected);
    }
}
