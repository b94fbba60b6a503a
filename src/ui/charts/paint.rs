//! Draws a chart on its canvas.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::frame::FactKind;
use crate::ui::marks::Look;
use crate::ui::{dom, theme};

use super::series::{Chart, Series};
use super::stretch::Stretch;

/// Moments on the time axis, in milliseconds.
#[derive(Clone, Copy, PartialEq)]
pub struct Moments {
    /// The stretch that is shown.
    pub shown: Stretch,
    /// The present.
    pub now_ms: f64,
    /// The one that is read.
    pub read_ms: Option<f64>,
    /// The stretch that the pointer is drawn over.
    pub drawn: Option<Stretch>,
}

/// Space above the highest line, for the label of the axis.
const HEAD: f64 = 14.0;
/// Space below zero, for marks of what happened.
const FOOT: f64 = 12.0;

/// Draws a chart.
pub fn paint(
    canvas: &HtmlCanvasElement,
    (width, height): (f64, f64),
    chart: &Chart,
    at: &Moments,
    marks: &[(f64, FactKind)],
) {
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok()) else { return };
    let ratio = dom::pixel_ratio();
    let size = [width, height].map(|length| (length * ratio) as u32);
    if [canvas.width(), canvas.height()] != size {
        canvas.set_width(size[0]);
        canvas.set_height(size[1]);
        // A canvas that gets another size forgets its type; to read a type takes longer than to draw a line.
        context.set_font("11px system-ui, sans-serif");
    }
    // Fails only for numbers that are not finite; so do the other calls here whose results are not looked at.
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, width, height);
    let area = Area { width, height, shown: at.shown, top: chart.top(at.shown) };
    if let Some(drawn) = at.drawn {
        area.band(&context, drawn);
    }
    area.grid(&context, &chart.unit.show(area.top));
    for &(share, kind) in marks {
        area.mark(&context, share * width, kind);
    }
    // What is beyond the stretch ends at its edge, not at the edge of the picture.
    context.save();
    context.begin_path();
    context.rect(0.0, 0.0, width, height);
    context.clip();
    if let Some(twin) = &chart.twin {
        twin.series
            .iter()
            .for_each(|series| area.line(&context, twin, series, Stroke { width: 1.0, dash: &[2.0, 2.5] }));
    }
    for series in &chart.series {
        area.line(&context, chart, series, Stroke { width: 1.6, dash: if series.dashed { &[4.0, 3.0] } else { &[] } });
    }
    context.restore();
    if at.shown.contains(at.now_ms) {
        area.upright(&context, at.now_ms, "--faint", &[]);
    }
    if let Some(read) = at.read_ms {
        area.upright(&context, read, "--ink", &[]);
    }
}

/// How a line is drawn: the twin's thin and dashed.
struct Stroke {
    width: f64,
    dash: &'static [f64],
}

struct Area {
    width: f64,
    height: f64,
    shown: Stretch,
    top: f64,
}

impl Area {
    fn x(&self, ms: f64) -> f64 {
        self.shown.share(ms) * self.width
    }

    fn y(&self, value: f64) -> f64 {
        // Half a line is kept clear of both edges.
        self.height - FOOT - 1.0 - value / self.top * (self.height - HEAD - FOOT - 2.0)
    }

    /// A shape below the axis; of faults and alerts also a line.
    fn mark(&self, context: &CanvasRenderingContext2d, x: f64, kind: FactKind) {
        let look = Look::of(kind);
        let colour = theme::colour(&format!("--{}", look.colour));
        if matches!(kind, FactKind::Fault | FactKind::Alert) {
            self.upright_at(context, x, &colour, &[3.0, 3.0]);
        }
        let (x, y) = (x.clamp(5.0, (self.width - 5.0).max(5.0)), self.height - FOOT / 2.0);
        context.set_stroke_style_str(&colour);
        context.set_fill_style_str(&colour);
        context.set_line_width(1.5);
        context.begin_path();
        for line in look.lines {
            for (index, (right, down)) in line.iter().enumerate() {
                let (x, y) = (x + right, y + down);
                if index == 0 { context.move_to(x, y) } else { context.line_to(x, y) }
            }
        }
        if look.filled {
            context.fill();
        } else {
            context.stroke();
        }
    }

    fn grid(&self, context: &CanvasRenderingContext2d, label: &str) {
        context.set_stroke_style_str(&theme::colour("--line"));
        context.set_line_width(1.0);
        for share in [0.0, 0.5, 1.0] {
            let y = self.y(self.top * share).round() + 0.5;
            context.begin_path();
            context.move_to(0.0, y);
            context.line_to(self.width, y);
            context.stroke();
        }
        context.set_fill_style_str(&theme::colour("--soft"));
        let _ = context.fill_text(label, 0.0, HEAD - 4.0);
    }

    fn band(&self, context: &CanvasRenderingContext2d, drawn: Stretch) {
        let (from, until) = (self.x(drawn.from_ms), self.x(drawn.until_ms));
        context.set_fill_style_str(&theme::colour("--place"));
        context.fill_rect(from, HEAD, until - from, self.height - HEAD - FOOT);
    }

    fn line(&self, context: &CanvasRenderingContext2d, chart: &Chart, series: &Series, stroke: Stroke) {
        context.set_stroke_style_str(&theme::colour(&format!("--{}", series.colour)));
        context.set_line_width(stroke.width);
        context.set_line_join("round");
        dash(context, stroke.dash);
        context.begin_path();
        let mut drawn = false;
        for (&end, &value) in chart.ends_ms.iter().zip(&series.values) {
            if value.is_nan() {
                drawn = false;
                continue;
            }
            let (x, y) = (self.x(f64::from(end)), self.y(f64::from(value)));
            if drawn {
                context.line_to(x, y);
            } else {
                // A lone value is seen as a dot, not as nothing.
                context.move_to(x - 1.0, y);
                context.line_to(x, y);
            }
            drawn = true;
        }
        context.stroke();
        dash(context, &[]);
    }

    fn upright(&self, context: &CanvasRenderingContext2d, ms: f64, colour: &str, pattern: &[f64]) {
        self.upright_at(context, self.x(ms), &theme::colour(colour), pattern);
    }

    fn upright_at(&self, context: &CanvasRenderingContext2d, x: f64, colour: &str, pattern: &[f64]) {
        let x = x.round() - 0.5;
        context.set_stroke_style_str(colour);
        context.set_line_width(1.0);
        dash(context, pattern);
        context.begin_path();
        context.move_to(x, HEAD);
        context.line_to(x, self.height - FOOT);
        context.stroke();
        dash(context, &[]);
    }
}

fn dash(context: &CanvasRenderingContext2d, pattern: &[f64]) {
    let pattern: js_sys::Array = pattern.iter().copied().map(JsValue::from).collect();
    let _ = context.set_line_dash(&pattern);
}
