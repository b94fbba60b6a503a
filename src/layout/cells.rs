//! Cells: where each server of a folded tier is shown on its card.

use super::{Layout, Point, Rect, Scale};

/// Smaller than this, cells cannot be told apart, in CSS pixels.
const PITCH_MIN: f64 = 2.0;
/// They need not be larger than this.
const PITCH_MAX: f64 = 12.0;
/// Space between the cells and the card's sides, and below them.
const SIDE: f64 = 8.0;
const BELOW: f64 = 5.0;

/// Rows of cells of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    /// Upper left corner of the first.
    pub corner: Point,
    /// How many stand side by side.
    pub columns: usize,
    /// From one to the next: to the right, and down.
    pub pitch: (f64, f64),
}

impl Cells {
    /// So many in this space; nothing where they would be too small.
    fn fitting(count: usize, space: Rect) -> Option<Self> {
        let pitch = |rows: usize| {
            let columns = count.div_ceil(rows);
            (columns, (space.w / columns as f64).min(PITCH_MAX), (space.h / rows as f64).min(PITCH_MAX))
        };
        let rows = 1..=(space.h / PITCH_MIN) as usize;
        let smaller = |rows: &usize| {
            let (_, right, down) = pitch(*rows);
            right.min(down)
        };
        // Of ways that are as good, the one with the fewest rows.
        let best = rows.rev().max_by(|a, b| smaller(a).total_cmp(&smaller(b)))?;
        let (columns, right, down) = pitch(best);
        let fits = right.min(down) >= PITCH_MIN;
        fits.then_some(Self { corner: (space.x, space.y), columns, pitch: (right, down) })
    }

    /// The cell with this number, from 0.
    pub fn rect(&self, index: usize) -> Rect {
        let (column, row) = ((index % self.columns) as f64, (index / self.columns) as f64);
        let gap = if self.pitch.0.min(self.pitch.1) >= 4.0 { 1.0 } else { 0.5 };
        let (x, y) = (self.corner.0 + column * self.pitch.0, self.corner.1 + row * self.pitch.1);
        Rect { x, y, w: self.pitch.0 - gap, h: self.pitch.1 - gap }
    }

    /// The number of the cell at a point.
    pub fn at(&self, (x, y): Point) -> Option<usize> {
        let (column, row) = ((x - self.corner.0) / self.pitch.0, (y - self.corner.1) / self.pitch.1);
        let inside = column >= 0.0 && row >= 0.0 && column < self.columns as f64;
        inside.then_some(row as usize * self.columns + column as usize)
    }
}

/// What a folded card needs beyond the others: a line about its servers, and their cells.
pub fn extra(scale: Scale) -> f64 {
    match scale {
        Scale::Large | Scale::Medium => 20.0,
        Scale::Compact => 20.0,
        Scale::Small => 20.0,
    }
}

/// The height of what stands above the cells.
fn above(scale: Scale, told: bool) -> f64 {
    let lines = match scale {
        Scale::Large => [54.0, 70.0],
        Scale::Medium => [45.0, 59.0],
        Scale::Compact => [36.0, 50.0],
        Scale::Small => [59.0, 72.0],
    };
    lines[usize::from(told)]
}

/// Whether there is room on a folded card of this height for a line about its servers.
pub fn is_told(scale: Scale, height: f64) -> bool {
    height >= above(scale, true) + 6.0 + BELOW
}

/// Gives folded cards the free space around them that they can use, and their nodes cells.
pub fn grow(layout: &mut Layout) {
    let whole = Rect { x: 0.0, y: 0.0, w: layout.size.0, h: layout.size.1 };
    let scale = layout.scale;
    for index in 0..layout.cards.len() {
        let own = &layout.cards[index];
        if !own.folded {
            continue;
        }
        let within = layout.frames.iter().filter(|frame| frame.rect.union(&own.rect) == frame.rect);
        let within: Vec<Rect> = within.map(|frame| frame.rect.grown(-6.0, -24.0, -6.0, -6.0)).chain([whole]).collect();
        let others: Vec<Rect> =
            layout.cards.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, card)| card.rect).collect();
        let height = if layout.spread { own.rect.h } else { own.rect.h + extra(scale) };
        let fits = |rect: &Rect| {
            within.iter().all(|outer| outer.union(rect) == *outer)
                && !others.iter().any(|other| other.meets(&rect.grown(8.0, 10.0, 8.0, 10.0)))
        };
        let grown = |height: f64| {
            let more = (height - own.rect.h) / 2.0;
            own.rect.grown(0.0, more, 0.0, more)
        };
        let rect = Some(grown(height)).filter(|rect| height > own.rect.h && fits(rect)).unwrap_or(own.rect);
        let above = above(scale, is_told(scale, rect.h));
        let space = Rect { x: rect.x + SIDE, y: rect.y + above, w: rect.w - 2.0 * SIDE, h: rect.h - above - BELOW };
        let cells = Cells::fitting(own.nodes.len(), space);
        let own = &mut layout.cards[index];
        (own.rect, own.cells) = (rect, cells);
    }
}
