//! Where the parts of a diagram stand, and the ways between them: a pure function of the scene and the space there is.
//!
//! What spans several places is laid out like a map (`map.rs`). What stands at one place is laid out in layers
//! (`layers.rs`, `measures.rs`, `place.rs`), which follow the calls: clients (and DNS, which they ask first), then each
//! tier one layer behind its callers. Layers run left to right where there is room, top down on a narrow screen. "Along"
//! is the way that requests go, "across" the other. A tier that would not fit as one card per instance is folded into a
//! single card, with a cell for each of its servers (`cells.rs`). Ways run in the gaps between cards (`edges.rs`,
//! `route.rs`).
//!
//! Invariants, where there is room: no two cards overlap, no way passes a card but its ends, and the same scene in the
//! same space is laid out the same. All lengths are CSS pixels.

use crate::frame::{Scene, place_name};

mod arrange;
mod cells;
mod curve;
mod edges;
mod layers;
mod map;
mod measures;
mod place;
mod route;
mod view;

pub use cells::{Cells, is_told};
pub use curve::Curve;
use layers::layers;
pub use map::height_wanted;
use measures::Measures;
pub use view::View;

/// A point or a vector, in CSS pixels.
pub type Point = (f64, f64);

/// A rectangle, in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// The middle.
    pub fn centre(&self) -> Point {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether a point is inside, not just on its border.
    pub fn holds(&self, (x, y): Point) -> bool {
        x > self.x && x < self.x + self.w && y > self.y && y < self.y + self.h
    }

    /// With x and y changed over.
    fn flipped(&self) -> Self {
        Self { x: self.y, y: self.x, w: self.h, h: self.w }
    }

    fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    fn grown(&self, left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self { x: self.x - left, y: self.y - top, w: self.w + left + right, h: self.h + top + bottom }
    }

    fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = ((self.x + self.w).max(other.x + other.w), (self.y + self.h).max(other.y + other.h));
        Self { x, y, w: right - x, h: bottom - y }
    }
}

/// A card: one node, or a whole tier folded into one.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Index of the tier.
    pub tier: usize,
    /// Indices of its nodes; one, unless it is folded.
    pub nodes: Vec<usize>,
    /// Whether it stands for a whole tier.
    pub folded: bool,
    /// Where it is.
    pub rect: Rect,
    /// Where each of its nodes is shown in it, if it is folded and there is room for that.
    pub cells: Option<Cells>,
}

/// A frame around what belongs together.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Where it is.
    pub rect: Rect,
    /// What it is.
    pub of: FrameOf,
    /// What it is called, no longer than it is wide.
    pub name: String,
}

/// Space that a letter of a frame's name takes at most, on average.
const LETTER: f64 = 6.8;

impl Frame {
    fn new(rect: Rect, of: FrameOf, name: &str) -> Self {
        let letters = ((rect.w - 24.0) / LETTER).max(1.0) as usize;
        let name = if name.chars().count() > letters {
            name.chars().take(letters - 1).chain(['…']).collect()
        } else {
            name.to_owned()
        };
        Self { rect, of, name }
    }

    /// Where its name stands.
    pub fn name_rect(&self) -> Rect {
        let width = self.name.chars().count() as f64 * LETTER;
        Rect { x: self.rect.x + 12.0, y: self.rect.y + 8.0, w: width + 4.0, h: 16.0 }
    }
}

/// What a frame is around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameOf {
    /// All that stands at the place with this id.
    Place(String),
    /// What runs on the machine with this index.
    Machine(usize),
}

/// A way between two cards.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Index of the caller's card.
    pub from: usize,
    /// Index of the callee's card.
    pub to: usize,
    /// How it runs.
    pub curve: Curve,
    /// What goes there.
    pub course: Course,
}

/// What goes on an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Requests, as a rule.
    Usual,
    /// Requests, but only when those that are nearer fail.
    Rare,
    /// What a primary sends its replicas.
    Stream,
}

/// Where things are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The space that it was made for.
    pub size: (f64, f64),
    /// Whether layers run left to right.
    pub horizontal: bool,
    /// How large cards are.
    pub scale: Scale,
    /// Whether it is laid out like a map.
    pub spread: bool,
    /// Space between two layers.
    pub between: f64,
    /// The cards.
    pub cards: Vec<Card>,
    /// The frames, outer ones first.
    pub frames: Vec<Frame>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// By node, the index of its card; `None` for what is not drawn.
    card_of: Vec<Option<u16>>,
    /// By node, the middle of its cell, if it has one.
    cell_of: Vec<Option<Point>>,
    /// By card · cards + card: the index of the edge and whether it is gone against its direction.
    routes: Vec<Option<(u16, bool)>>,
}

/// How large cards are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// There is room.
    Large,
    /// As a rule.
    #[default]
    Medium,
    /// Many instances, one above the other.
    Compact,
    /// On a phone.
    Small,
}

/// The place called by its id, with what it is where there is no other.
fn place_label(id: &str, alone: bool) -> String {
    if alone { format!("data centre · {}", place_name(id)) } else { place_name(id).to_owned() }
}

fn machine_label(scene: &Scene, machine: usize) -> String {
    let cores = scene.machines[machine].cores;
    format!("machine · {cores} core{}", if cores == 1 { "" } else { "s" })
}

/// The largest number of instances that are drawn one by one.
const UNFOLDED_MAX: usize = 8;
/// Narrower than this, layers run top down.
const HORIZONTAL_FROM: f64 = 600.0;
/// The least space between two layers, and between two of large cards.
const BETWEEN: f64 = 34.0;
const BETWEEN_LARGE: f64 = 60.0;

impl Layout {
    /// Lays `scene` out in so much space.
    pub fn new(scene: &Scene, width: f64, height: f64) -> Self {
        let mut layout = if map::is_spread(scene) {
            map::lay_out(scene, (width, height))
        } else {
            Self::in_layers(scene, (width, height))
        };
        cells::grow(&mut layout);
        layout.card_of = vec![None; scene.nodes.len()];
        layout.cell_of = vec![None; scene.nodes.len()];
        for (index, card) in layout.cards.iter().enumerate() {
            for (nth, &node) in card.nodes.iter().enumerate() {
                layout.card_of[node] = Some(index as u16);
                layout.cell_of[node] = card.cells.as_ref().map(|cells| cells.rect(nth).centre());
            }
        }
        edges::draw(&mut layout, scene);
        layout
    }

    fn in_layers(scene: &Scene, size: Point) -> Self {
        let measures = Measures::fitting(scene, size);
        let layers = layers(scene, measures.capacity(size));
        let Measures { horizontal, scale, .. } = measures;
        let mut layout = Self { size, horizontal, scale, ..Self::default() };
        place::cards(&mut layout, scene, &layers, &measures);
        place::align_machines(&mut layout, scene);
        layout.frames = place::frames(&layout, scene, &measures);
        layout
    }

    /// Whether no card and no name of a frame is in this space.
    pub fn is_free(&self, space: &Rect) -> bool {
        let names = self.frames.iter().map(Frame::name_rect);
        !self.cards.iter().map(|card| card.rect).chain(names).any(|rect| rect.meets(space))
    }

    /// How far to the right and down its cards and frames go.
    fn extent(&self) -> Point {
        let rects = self.cards.iter().map(|card| card.rect).chain(self.frames.iter().map(|frame| frame.rect));
        rects.fold((0.0, 0.0), |(x, y): Point, rect| (x.max(rect.x + rect.w), y.max(rect.y + rect.h)))
    }

    /// The card of a node.
    pub fn card_of(&self, node: usize) -> Option<usize> {
        self.card_of.get(node).copied().flatten().map(usize::from)
    }

    /// The middle of a node's cell on the card of its folded tier.
    #[inline]
    pub fn cell_of(&self, node: usize) -> Option<Point> {
        self.cell_of.get(node).copied().flatten()
    }

    /// The way from one node to another, and whether it is gone against its direction.
    #[inline]
    pub fn route(&self, from: usize, to: usize) -> Option<(usize, bool)> {
        let (from, to) = (self.card_of(from)?, self.card_of(to)?);
        let (edge, against) = self.routes[from * self.cards.len() + to]?;
        Some((usize::from(edge), against))
    }
}

#[cfg(test)]
mod tests;
