//! A move of rows between shards, as it stands: what has to go where, and who is at what.

use std::collections::VecDeque;

use crate::nodes::NodeId;
use crate::nodes::data::Data;
use crate::time::{SimTime, Span};

use super::Shards;
use super::fields::Rows;
use super::router::{Distribution, census};

/// The size of a piece, in megabytes; larger where there would be too many.
const PIECE_MB: f64 = 8.0;
/// The most pieces of a leg.
const PIECES_MAX: f64 = 10_000.0;

/// What goes from one shard to another.
#[derive(Clone, Debug)]
pub struct Leg {
    /// From.
    pub from: u16,
    /// To.
    pub to: u16,
    /// Rows.
    pub rows: u64,
    /// Pieces in all.
    pub pieces: u32,
    /// Pieces that are still to be read, that have arrived, and that are still to be written.
    pub(super) to_read: u32,
    pub(super) arrived: u32,
    pub(super) to_write: u32,
    /// What the work on a piece takes.
    pub(super) piece: Span,
    /// Writes that the target does not have yet: their work.
    pub(super) behind: VecDeque<Span>,
}

impl Leg {
    pub(super) fn new(from: u16, to: u16, rows: u64, pieces: u32, piece: Span) -> Self {
        Self { from, to, rows, pieces, to_read: pieces, arrived: 0, to_write: pieces, piece, behind: VecDeque::new() }
    }
}

/// What one shard is at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AtWork {
    /// The server that reads for it.
    pub(super) reads: Option<NodeId>,
    /// The server that writes a piece or carries out a write for it.
    pub(super) writes: Option<NodeId>,
}

/// A move that is under way.
#[derive(Clone, Debug)]
pub struct Moving {
    /// Where rows will be.
    pub to: Distribution,
    /// What goes where.
    pub legs: Vec<Leg>,
    /// By shard: the legs from it, and the legs to it.
    pub(super) ways: Vec<[Vec<u16>; 2]>,
    /// When it began.
    pub since: SimTime,
    /// How many rows each shard will have more, or fewer.
    pub(super) change: Vec<i64>,
    pub(super) at_work: Vec<AtWork>,
    /// Pieces and writes that targets lack.
    pub(super) lacking: u64,
    /// Pieces of them.
    pub(super) pieces: u64,
    /// Since when all pieces are there.
    pub(super) copied_at: SimTime,
    /// Writes of moving rows are refused.
    pub(super) frozen: bool,
    /// What was wanted since: it comes next.
    pub(super) next: Option<Distribution>,
}

impl Moving {
    /// Whether a write of a row has to wait until it has moved.
    pub fn holds_back(&self, from: &Distribution, rows: &Rows, row: u32) -> bool {
        self.frozen && self.to.holders(rows, row) != from.holders(rows, row)
    }

    /// How much of the rows has arrived, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let all: u64 = self.legs.iter().map(|leg| u64::from(leg.pieces)).sum();
        if all == 0 { 1.0 } else { 1.0 - self.pieces as f64 / all as f64 }
    }

    /// Whether a shard gives or gets rows.
    pub fn concerns(&self, shard: u16) -> bool {
        self.ways.get(usize::from(shard)).is_some_and(|ways| ways.iter().any(|legs| !legs.is_empty()))
    }

    /// The legs to a shard.
    pub(super) fn legs_to(&self, shard: u16) -> impl Iterator<Item = (usize, &Leg)> {
        self.ways[usize::from(shard)][1].iter().map(|&leg| (usize::from(leg), &self.legs[usize::from(leg)]))
    }

    /// The leg from one shard to another; one without rows, if nothing had to go that way so far.
    pub(super) fn leg_between(&mut self, from: u16, to: u16) -> &mut Leg {
        let known = self.ways[usize::from(from)][0].iter().copied().find(|&leg| self.legs[usize::from(leg)].to == to);
        let leg = known.unwrap_or_else(|| {
            let leg = self.legs.len() as u16;
            self.legs.push(Leg::new(from, to, 0, 0, Span::ZERO));
            self.ways[usize::from(from)][0].push(leg);
            self.ways[usize::from(to)][1].push(leg);
            leg
        });
        &mut self.legs[usize::from(leg)]
    }
}

/// What has to go where, and how many rows each shard will have more.
pub(super) fn legs(shards: &Shards, to: &Distribution, data: Option<&Data>) -> (Vec<Leg>, Vec<i64>) {
    let (from, rows, servers) = (&shards.settings.distribution, &shards.rows, shards.held.len());
    let mut matrix = vec![0u64; servers * servers];
    let mut change = vec![0i64; servers];
    let mut count = |row: u32, stands_for: u64| {
        let (before, after) = (from.holders(rows, row), to.holders(rows, row));
        for &new in after.servers().iter().filter(|new| !before.servers().contains(new)) {
            matrix[usize::from(before.servers()[0]) * servers + usize::from(new)] += stands_for;
            change[usize::from(new)] += stands_for as i64;
        }
        for &old in before.servers().iter().filter(|old| !after.servers().contains(old)) {
            change[usize::from(old)] -= stands_for as i64;
        }
    };
    let first = shards.settings.table.count;
    census(first, &mut count);
    // Of those that are new: which there are. Some are under way, some were refused.
    if let Some(data) = data {
        (first..data.rows().max(first)).filter(|&row| data.version(row) > 0).for_each(|row| count(row, 1));
    }
    let leg = |(index, &rows): (usize, &u64)| {
        let megabytes = rows as f64 * f64::from(shards.settings.row_bytes) / 1e6;
        let pieces = (megabytes / PIECE_MB).ceil().clamp(1.0, PIECES_MAX);
        let piece = Span::from_ms(megabytes / pieces / shards.settings.copy_mb_per_second * 1000.0);
        Leg::new((index / servers) as u16, (index % servers) as u16, rows, pieces as u32, piece)
    };
    (matrix.iter().enumerate().filter(|(_, rows)| **rows > 0).map(leg).collect(), change)
}
