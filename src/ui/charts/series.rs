//! From the rows that the player tells to the lines of four charts.

use crate::frame::{Charts, Scene};
use crate::nodes::{Cause, Kind};
use crate::ui::format;

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// In what.
    pub unit: Unit,
    /// By row: where it ends, in milliseconds.
    pub ends_ms: Vec<f32>,
    /// Its lines.
    pub series: Vec<Series>,
    /// The end of its scale, if that does not follow the values.
    pub most: Option<f64>,
    /// What stands there when there is no line.
    pub when_empty: &'static str,
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its colour: a class and, with two dashes, a variable of the style sheet.
    pub colour: &'static str,
    /// Dashed, since the colours are used up.
    pub dashed: bool,
    /// By row; NaN where there is nothing.
    pub values: Vec<f32>,
}

/// The unit of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Requests per second.
    PerSecond,
    /// Milliseconds.
    Milliseconds,
    /// Percent, of shares from 0 to 1.
    Percent,
}

impl Unit {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Milliseconds => "ms",
            Self::Percent => "%",
        }
    }

    /// A value in it.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond | Self::Milliseconds => format::short(value),
            Self::Percent => format::percent(value),
        }
    }
}

/// Colours of lines, in the order in which they are given out: the style sheet has them for both themes.
const COLOURS: [&str; 6] = ["c1", "c2", "c3", "c4", "c5", "c6"];

impl Chart {
    /// The row of a moment; without one, or after the last row, the last.
    pub fn row_at(&self, moment_ms: Option<f64>) -> Option<usize> {
        let last = self.ends_ms.len().checked_sub(1)?;
        Some(moment_ms.map_or(last, |at| self.ends_ms.partition_point(|&end| f64::from(end) < at).min(last)))
    }

    /// The end of the scale: a round number not below any value.
    pub fn top(&self) -> f64 {
        let largest = || {
            let values = self.series.iter().flat_map(|series| &series.values);
            f64::from(values.copied().filter(|value| !value.is_nan()).fold(0.0, f32::max))
        };
        self.most.unwrap_or_else(|| round_up(largest()))
    }
}

/// The four charts.
pub fn charts(charts: &Charts, tier_name: impl Fn(usize) -> String, scene: &Scene) -> [Chart; 4] {
    let rows = || charts.rows.chunks_exact(charts.row_length.max(1));
    let column = |index: usize| rows().map(|row| row.get(index).copied().unwrap_or(f32::NAN)).collect::<Vec<f32>>();
    let line = |name: String, colour: usize, index: usize| Series {
        name,
        colour: COLOURS[colour % COLOURS.len()],
        dashed: colour >= COLOURS.len(),
        values: column(index),
    };
    let chart =
        |title, unit, series, most, when_empty| Chart { title, unit, ends_ms: column(0), series, most, when_empty };
    let latency = [("p50", 0, 3), ("p95", 2, 4), ("p99", 3, 5)];
    let latency = latency.map(|(name, colour, index)| line(name.to_owned(), colour, index)).to_vec();
    let occurs =
        |cause: &Cause| rows().any(|row| row.get(Charts::FAILURES + *cause as usize).is_some_and(|&n| n > 0.0));
    let errors = Cause::ALL.into_iter().filter(occurs).map(|cause| {
        // Each cause keeps its colour, whichever others occur.
        line(format::cause(cause).to_owned(), ERROR_COLOURS[cause as usize], Charts::FAILURES + cause as usize)
    });
    let worked = scene.tiers.iter().enumerate().filter(|(_, tier)| !matches!(tier.kind, Kind::Client | Kind::Dns));
    let tiers = worked.enumerate().map(|(nth, (tier, _))| line(tier_name(tier), nth, Charts::TIERS + tier));
    [
        chart("Answered", Unit::PerSecond, vec![line("answered".to_owned(), 0, 2)], None, ""),
        chart("Latency", Unit::Milliseconds, latency, None, ""),
        chart("Errors by cause", Unit::PerSecond, errors.collect(), None, "none so far"),
        chart("Busiest resource", Unit::Percent, tiers.collect(), Some(1.0), ""),
    ]
}

/// By cause, an index into [`COLOURS`].
const ERROR_COLOURS: [usize; Cause::COUNT] = [3, 2, 4, 0, 1, 5, 2, 4, 0];

fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let factors = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    factors.into_iter().map(|factor| factor * power).find(|&top| top >= value).unwrap_or(value)
}
