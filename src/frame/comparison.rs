//! How two systems compare that were simulated over the same stretch: what each comes to in pieces of it, and how sure the
//! differences are.
//!
//! - Both worlds' histories are cut at the same moments, into pieces of equal simulated length. In each the same requests
//!   were sent to both, so what differs is the systems and not chance; the differences by piece are the values of an
//!   [`Interval`].
//! - A figure is the mean over the pieces of what it is in each: so a difference is the difference of the two figures.
//! - Two worlds that are alike differ by exactly zero in every piece.
//! - It is a function of the two worlds and of the moment from which they are compared: whoever goes back, takes a
//!   change back or comes again sees what he saw.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::metrics::{CompactHistogram, History, Interval};
use crate::nodes::ledger::Window;
use crate::time::{SimTime, Span};
use crate::world::World;

/// The fewest pieces that say anything.
pub const PIECES_MIN: usize = 10;
/// The most: then two become one.
const PIECES_MAX: u64 = 30;
/// Pieces that would be longer than this (thirteen days) are never waited for.
const LONGEST: Span = Span(1 << 50);
/// The finest that a run can be cut, at its beginning.
const STEP: Span = Span(50_000_000);
/// In a piece at least so many requests are sent, so that one in a hundred is there to be the slowest.
pub const REQUESTS_MIN: u64 = 100;

/// How two systems compare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Up to when they are compared, in milliseconds.
    pub until_ms: f64,
    /// How many pieces there are.
    pub pieces: u32,
    /// How long each is, in milliseconds.
    pub piece_ms: f64,
    /// About what is still missing until there are enough, in milliseconds; 0 if there are.
    pub wait_ms: f64,
    /// Requests that were sent in them to this system, and to the twin.
    pub issued: (u64, u64),
    /// By measure, in the order of [`Measure::ALL`]; none before there are enough pieces.
    pub rows: Vec<Row>,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Median latency of what was answered, in milliseconds.
    P50,
    /// 99th percentile of it, in milliseconds.
    P99,
    /// Failed / (answered + failed), from 0 to 1.
    Failed,
    /// Answers per second.
    Answered,
    /// What a month costs at that load, in US dollars.
    Cost,
}

/// How a measure compares.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub measure: Measure,
    /// Of this system.
    pub this: f64,
    /// Of the twin.
    pub twin: f64,
    /// This less the twin, with its 95% interval.
    pub difference: Interval,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a difference comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Exactly the same in every piece.
    Same,
    /// It may as well be none.
    CannotTell,
    /// This system is better.
    Better,
    /// The twin is better.
    Worse,
}

impl Measure {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::P50, Self::P99, Self::Failed, Self::Answered, Self::Cost];

    fn more_is_better(self) -> bool {
        match self {
            Self::P50 | Self::P99 | Self::Failed | Self::Cost => false,
            Self::Answered => true,
        }
    }

    fn of(self, piece: &Piece) -> Option<f64> {
        let ended = piece.answered + piece.failed;
        match self {
            Self::P50 => piece.latency.interpolated_quantile_ms(0.5),
            Self::P99 => piece.latency.interpolated_quantile_ms(0.99),
            Self::Failed => (ended > 0).then(|| piece.failed as f64 / ended as f64),
            Self::Answered => Some(piece.answered as f64 / piece.seconds),
            Self::Cost => Some(piece.cost_seconds / piece.seconds),
        }
    }
}

/// What happened in a piece.
#[derive(Clone, Debug, Default)]
struct Piece {
    seconds: f64,
    issued: u64,
    answered: u64,
    failed: u64,
    latency: CompactHistogram,
    cost_seconds: f64,
}

impl Piece {
    fn add(&mut self, window: &Window) {
        self.seconds += window.end.since(window.start).as_seconds();
        self.issued += window.books.issued;
        self.answered += window.books.answered;
        self.failed += window.books.failed_total();
        self.latency.merge(&window.latency);
        self.cost_seconds += window.cost_seconds;
    }
}

/// Compares `this` with its `twin` from a moment on.
pub fn compare(this: &World, twin: &World, since: SimTime) -> Comparison {
    let [own, other] = [this, twin].map(|world| windows(world.history()));
    let cuts = common_ends(&own, &other, since);
    let Some(((&start, &last), step)) = cuts.first().zip(cuts.last()).zip(widest(&cuts)) else {
        return Comparison { wait_ms: whole_wait(this).as_ms(), ..Comparison::default() };
    };
    let issued = |window: &&Arc<Window>| window.start >= start && window.end <= last;
    let issued: u64 = own.iter().filter(issued).map(|window| window.books.issued).sum();
    let whole = last.since(start);
    let is_short = |length: Span| (issued as f64) * (length.0 as f64) < REQUESTS_MIN as f64 * whole.0 as f64;
    let mut length = step;
    // Doubling keeps the pieces where they are while there come more.
    while whole.0 / length.0 > PIECES_MAX || (issued > 0 && is_short(length) && length < LONGEST) {
        length = Span(length.0 * 2);
    }
    let cuts = pieces_of(&cuts, length);
    let (own, other) = (fold(&own, &cuts), fold(&other, &cuts));
    let sum = |pieces: &[Piece]| pieces.iter().map(|piece| piece.issued).sum::<u64>();
    let enough = own.len() >= PIECES_MIN;
    Comparison {
        until_ms: cuts.last().copied().unwrap_or(start).as_ms(),
        pieces: own.len() as u32,
        piece_ms: length.as_ms(),
        wait_ms: if enough { 0.0 } else { Span(length.0 * PIECES_MIN as u64).0.saturating_sub(whole.0) as f64 / 1e6 },
        issued: (sum(&own), sum(&other)),
        rows: if enough {
            Measure::ALL.into_iter().filter_map(|own_measure| row(own_measure, &own, &other)).collect()
        } else {
            Vec::new()
        },
    }
}

/// How long it takes from nothing until there are enough pieces, at the present load.
fn whole_wait(world: &World) -> Span {
    let rate = world.plan().habits.rate() * world.spike_factor();
    let mut length = STEP;
    while rate * length.as_seconds() < REQUESTS_MIN as f64 && length < LONGEST {
        length = Span(length.0 * 2);
    }
    Span(length.0 * PIECES_MIN as u64)
}

/// How one measure compares, if it can be told in enough pieces.
fn row(measure: Measure, own: &[Piece], other: &[Piece]) -> Option<Row> {
    let pairs: Vec<(f64, f64)> =
        own.iter().zip(other).filter_map(|(own, other)| measure.of(own).zip(measure.of(other))).collect();
    let differences: Vec<f64> = pairs.iter().map(|(own, other)| own - other).collect();
    let difference = (pairs.len() >= PIECES_MIN).then(|| Interval::of(&differences)).flatten()?;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let verdict = match difference.mean > 0.0 {
        _ if differences.iter().all(|&difference| difference == 0.0) => Verdict::Same,
        _ if difference.contains_zero() => Verdict::CannotTell,
        more if more == measure.more_is_better() => Verdict::Better,
        _ => Verdict::Worse,
    };
    Some(Row { measure, this: mean(|pair| pair.0), twin: mean(|pair| pair.1), difference, verdict })
}

/// The whole run, in windows.
fn windows(history: &History<Window>) -> Vec<Arc<Window>> {
    history.closed().iter().cloned().chain(history.begun().cloned().map(Arc::new)).collect()
}

/// The moments from `since` on at which a window ends in both.
fn common_ends(own: &[Arc<Window>], other: &[Arc<Window>], since: SimTime) -> Vec<SimTime> {
    let ends = |windows: &[Arc<Window>]| {
        let start = windows.first().map(|first| first.start).into_iter();
        start.chain(windows.iter().map(|window| window.end)).filter(|&end| end >= since).collect::<Vec<_>>()
    };
    let (own, mut others) = (ends(own), ends(other).into_iter().peekable());
    let common = own.into_iter().filter(|&end| {
        while others.next_if(|&other| other < end).is_some() {}
        others.peek() == Some(&end)
    });
    common.collect()
}

/// The longest stretch between two neighbours: pieces cannot be cut finer.
fn widest(cuts: &[SimTime]) -> Option<Span> {
    cuts.windows(2).map(|pair| pair[1].since(pair[0])).max()
}

/// Where pieces of this length begin and end, to the next cut; what is left at the end is not of that length yet.
fn pieces_of(cuts: &[SimTime], length: Span) -> Vec<SimTime> {
    let mut chosen: Vec<SimTime> = cuts.first().copied().into_iter().collect();
    for &cut in cuts {
        if chosen.last().is_some_and(|&last| cut.since(last) >= length) {
            chosen.push(cut);
        }
    }
    chosen
}

/// What happened between these moments, at each of which a window ends.
fn fold(windows: &[Arc<Window>], cuts: &[SimTime]) -> Vec<Piece> {
    let mut pieces = vec![Piece::default(); cuts.len().saturating_sub(1)];
    for window in windows {
        let piece = cuts.partition_point(|&cut| cut <= window.start).checked_sub(1);
        if let Some(piece) = piece.and_then(|index| pieces.get_mut(index)) {
            piece.add(window);
        }
    }
    pieces
}
