//! From the rows that the player tells to the lines of charts.

use std::rc::Rc;

use crate::frame::{Charts, Scene, SceneTier};
use crate::nodes::{Cause, Kind};
use crate::ui::names::{follows, has_queues, keeps, keeps_values, queues, replicates, scaler, scales};
use crate::ui::{format, names};

use super::stretch::Stretch;

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// In what.
    pub unit: Unit,
    /// By row: where it ends, in milliseconds.
    pub ends_ms: Vec<f32>,
    /// How long a row is, in milliseconds; 0 if there is none.
    pub width_ms: f64,
    /// Its lines.
    pub series: Vec<Series>,
    /// The end of its scale, if that does not follow the values.
    pub most: Option<f64>,
    /// What stands there when there is no line.
    pub when_empty: String,
    /// The same of the twin, if there is one.
    pub twin: Option<Rc<Chart>>,
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
    /// US dollars per month.
    DollarsPerMonth,
    /// A number of things.
    Count,
    /// A number of messages.
    Messages,
    /// Megabits per second.
    Megabits,
}

impl Unit {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Milliseconds => "ms",
            Self::Percent => "%",
            Self::Count => "",
            Self::DollarsPerMonth => "$/month",
            Self::Messages => "messages",
            Self::Megabits => "Mbit/s",
        }
    }

    /// The unit of values as they are kept: shares are shares.
    pub fn factual(self) -> &'static str {
        if self == Self::Percent { "share" } else { self.name() }
    }

    /// Its name, said in full.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::PerSecond => "per second",
            Self::Milliseconds => "milliseconds",
            Self::Percent => "percent",
            Self::Count => "numbers",
            Self::DollarsPerMonth => "dollars per month",
            Self::Messages => "messages",
            Self::Megabits => "megabits per second",
        }
    }

    /// A value in it.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond
            | Self::Milliseconds
            | Self::DollarsPerMonth
            | Self::Count
            | Self::Messages
            | Self::Megabits => format::short(value),
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

    /// The end of the scale: a round number not below any value of the stretch.
    pub fn top(&self, shown: Stretch) -> f64 {
        let within = |&(&end, value): &(&f32, &f32)| shown.contains(f64::from(end)) && !value.is_nan();
        let largest = || {
            let values = self.series.iter().flat_map(|series| self.ends_ms.iter().zip(&series.values).filter(within));
            f64::from(values.map(|(_, &value)| value).fold(0.0, f32::max))
        };
        let own = self.most.unwrap_or_else(|| round_up(largest()));
        self.twin.as_ref().map_or(own, |twin| own.max(twin.top(shown)))
    }

    /// The same, with the twin's beside.
    pub fn beside(self, twin: Option<Self>) -> Self {
        Self { twin: twin.map(Rc::new), ..self }
    }

    /// By line: its name, its look, its value at a moment (see [`Chart::row_at`]) and the twin's. Lines that only the twin has
    /// come last.
    pub fn values_at(&self, moment_ms: Option<f64>) -> Vec<(&Series, Option<f64>, Option<f64>)> {
        let value = |chart: &Self, name: &str| {
            let series = chart.series.iter().find(|series| series.name == name)?;
            let value = series.values.get(chart.row_at(moment_ms)?).copied().filter(|value| !value.is_nan());
            value.map(f64::from)
        };
        let twin = self.twin.as_deref();
        let of_twin = twin.map_or(&[][..], |twin| &twin.series);
        let alone = of_twin.iter().filter(|series| self.series.iter().all(|own| own.name != series.name));
        let read = |series: &'_ Series| (value(self, &series.name), twin.and_then(|twin| value(twin, &series.name)));
        self.series.iter().chain(alone).map(|series| (series, read(series).0, read(series).1)).collect()
    }
}

/// What a chart can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Answers per second.
    Answered,
    /// Percentiles of the latency.
    Latency,
    /// Failures per second.
    Errors,
    /// Utilisation of each tier.
    Busiest,
    /// Hit ratio of whatever keeps values.
    Hits,
    /// Stale answers per second.
    Stale,
    /// How far replicas are behind.
    Lag,
    /// What a month costs at the load of the moment.
    Cost,
    /// Servers of tiers that get more or fewer by themselves.
    Servers,
    /// Messages that wait.
    Depth,
    /// How long the oldest of them has waited.
    Oldest,
    /// Orders per second, beside what is normal.
    Orders,
    /// Different users of the day so far.
    Users,
    /// The share of visits that have an order.
    Conversion,
    /// How busy cores were, as scraped.
    Cores,
    /// How much memory was taken, as scraped.
    Memory,
    /// How busy disks were, as scraped.
    Disks,
    /// What each server sent, as scraped.
    Network,
}

impl Subject {
    const ALL: [Self; 18] = [
        Self::Answered,
        Self::Latency,
        Self::Errors,
        Self::Busiest,
        Self::Hits,
        Self::Stale,
        Self::Lag,
        Self::Servers,
        Self::Cost,
        Self::Depth,
        Self::Oldest,
        Self::Orders,
        Self::Users,
        Self::Conversion,
        Self::Cores,
        Self::Memory,
        Self::Disks,
        Self::Network,
    ];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Answered => "Answered",
            Self::Latency => "Latency",
            Self::Errors => "Errors by cause",
            Self::Busiest => "Busiest resource",
            Self::Hits => "Hit ratio",
            Self::Stale => "Stale answers",
            Self::Lag => "Replication lag",
            Self::Servers => "Servers",
            Self::Cost => "Cost at this load",
            Self::Depth => "Messages that wait",
            Self::Oldest => "Oldest message",
            Self::Orders => "Orders",
            Self::Users => "Users today",
            Self::Conversion => "Visits with an order",
            Self::Cores => "Cores, as scraped",
            Self::Memory => "Memory, as scraped",
            Self::Disks => "Disks, as scraped",
            Self::Network => "Network, as scraped",
        }
    }

    /// Those that there is something to say about.
    pub fn of(scene: &Scene) -> impl Iterator<Item = Self> {
        let (keeps, replicates, queues) = (keeps_values(scene), replicates(scene), has_queues(scene));
        let run = scene.scenario.operations.as_ref();
        let scraped = run.is_some_and(|own| own.monitor.is_some());
        let trades = scraped && run.is_some_and(|own| own.business.is_some());
        Self::ALL.into_iter().filter(move |subject| match subject {
            Self::Answered | Self::Latency | Self::Errors | Self::Busiest | Self::Cost => true,
            Self::Hits => keeps,
            Self::Lag => replicates,
            Self::Servers => scales(scene),
            Self::Stale => keeps || replicates,
            Self::Depth | Self::Oldest => queues,
            Self::Orders | Self::Users | Self::Conversion => trades,
            Self::Cores | Self::Memory | Self::Disks | Self::Network => scraped,
        })
    }

    /// The four that are shown unless others are chosen: what is new in a system takes the place of what is said above
    /// the diagram anyway.
    pub fn shown(scene: &Scene) -> [Self; 4] {
        if Self::of(scene).any(|subject| subject == Self::Orders) {
            return [Self::Orders, Self::Latency, Self::Errors, Self::Busiest];
        }
        if has_queues(scene) {
            return [Self::Depth, Self::Oldest, Self::Errors, Self::Busiest];
        }
        if scales(scene) {
            return [Self::Servers, Self::Latency, Self::Errors, Self::Busiest];
        }
        match (keeps_values(scene), replicates(scene)) {
            (false, false) => [Self::Answered, Self::Latency, Self::Errors, Self::Busiest],
            (true, false) => [Self::Hits, Self::Latency, Self::Errors, Self::Busiest],
            (false, true) => [Self::Lag, Self::Latency, Self::Errors, Self::Busiest],
            (true, true) => [Self::Hits, Self::Lag, Self::Errors, Self::Busiest],
        }
    }
}

/// A chart of this subject.
pub fn chart(subject: Subject, charts: &Charts, scene: &Scene) -> Chart {
    let rows = || charts.rows.chunks_exact(charts.row_length.max(1));
    let column = |index: usize| rows().map(|row| row.get(index).copied().unwrap_or(f32::NAN)).collect::<Vec<f32>>();
    let line = |name: String, colour: usize, index: usize| Series {
        name,
        colour: COLOURS[colour % COLOURS.len()],
        dashed: colour >= COLOURS.len(),
        values: column(index),
    };
    // Tiers keep their colours from chart to chart.
    let tiers = |own: &dyn Fn(&SceneTier) -> bool, at: fn(usize) -> usize| -> Vec<Series> {
        let worked = scene.tiers.iter().enumerate().filter(|(_, tier)| !matches!(tier.kind, Kind::Client | Kind::Dns));
        let own = worked.enumerate().filter(|(_, (_, tier))| own(tier));
        own.map(|(nth, (tier, _))| line(names::tier(scene, tier), nth, at(tier))).collect()
    };
    // Of what is scraped, the tiers that have such a thing.
    let known = |at: fn(usize) -> usize| -> Vec<Series> {
        let mut all = tiers(&|_| true, at);
        all.retain(|series| series.values.iter().any(|value| !value.is_nan()));
        all
    };
    let (unit, series, most, when_empty) = match subject {
        Subject::Answered => (Unit::PerSecond, vec![line("answered".to_owned(), 0, 2)], None, ""),
        Subject::Latency => {
            let percentiles = [("p50", 0, 3), ("p95", 2, 4), ("p99", 3, 5)];
            let lines = percentiles.map(|(name, colour, index)| line(name.to_owned(), colour, index));
            (Unit::Milliseconds, lines.to_vec(), None, "")
        }
        Subject::Errors => {
            let occurs =
                |cause: &Cause| rows().any(|row| row.get(Charts::FAILURES + *cause as usize).is_some_and(|&n| n > 0.0));
            let lines = Cause::ALL.into_iter().filter(occurs).map(|cause| {
                // Each cause keeps its colour, whichever others occur.
                line(format::cause(cause).to_owned(), ERROR_COLOURS[cause as usize], Charts::FAILURES + cause as usize)
            });
            (Unit::PerSecond, lines.collect(), None, "none so far")
        }
        Subject::Busiest => (Unit::Percent, tiers(&|_| true, Charts::utilisation), Some(1.0), ""),
        Subject::Hits => (Unit::Percent, tiers(&keeps, Charts::hit_ratio), Some(1.0), ""),
        Subject::Stale => {
            let own = |tier: &SceneTier| keeps(tier) || follows(tier);
            (Unit::PerSecond, tiers(&own, Charts::stale), None, "")
        }
        Subject::Lag => (Unit::Milliseconds, tiers(&follows, Charts::lag), None, ""),
        Subject::Servers => {
            let own = |tier: &SceneTier| scaler(scene, tier).is_some();
            (Unit::Count, tiers(&own, Charts::servers), None, "")
        }
        Subject::Orders => {
            let normal = line("when all is calm".to_owned(), 2, Charts::ORDERS_NORMAL);
            (Unit::PerSecond, vec![line("orders".to_owned(), 0, Charts::ORDERS), normal], None, "")
        }
        Subject::Users => (Unit::Count, vec![line("users".to_owned(), 0, Charts::USERS_TODAY)], None, ""),
        Subject::Conversion => (Unit::Percent, vec![line("with an order".to_owned(), 0, Charts::CONVERSION)], None, ""),
        Subject::Cores => (Unit::Percent, known(Charts::scraped_cores), Some(1.0), "not scraped yet"),
        Subject::Memory => (Unit::Percent, known(Charts::scraped_memory), Some(1.0), "not scraped yet"),
        Subject::Disks => (Unit::Percent, known(Charts::scraped_disks), Some(1.0), "no disk, or not scraped yet"),
        Subject::Network => (Unit::Megabits, known(Charts::scraped_network), None, "not scraped yet"),
        Subject::Cost => {
            let line = line("machines and traffic".to_owned(), 4, Charts::COST);
            (Unit::DollarsPerMonth, vec![line], None, "")
        }
        Subject::Depth => (Unit::Messages, tiers(&queues, Charts::depth), None, ""),
        Subject::Oldest => (Unit::Milliseconds, tiers(&queues, Charts::oldest), None, ""),
    };
    // The last row may still be growing.
    let width_ms = rows().rev().take(2).filter_map(|row| row.get(1)).fold(0.0, |most, &ms| f64::from(ms).max(most));
    let when_empty = when_empty.to_owned();
    Chart { title: subject.title(), unit, ends_ms: column(0), width_ms, series, most, when_empty, twin: None }
}

/// By cause, an index into [`COLOURS`].
const ERROR_COLOURS: [usize; Cause::COUNT] = [3, 2, 4, 0, 1, 5, 2, 4, 0, 1, 3, 2, 5, 0, 4, 4, 1];

fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let factors = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    factors.into_iter().map(|factor| factor * power).find(|&top| top >= value).unwrap_or(value)
}
