//! Where things are drawn: a pure function of the scene and the space there is.
//!
//! What spans several places is laid out like a map (`map.rs`). What stands at one place is laid out in layers, which
//! follow the calls: clients (and DNS, which they ask first), then each tier one layer behind its callers. Layers run
//! left to right where there is room, top down on a narrow screen. "Along" is the way that requests go, "across" the
//! other. A tier that would not fit as one card per instance is folded into a single card.

use crate::frame::Scene;
use crate::nodes::Kind;

use super::curve::Curve;

mod layers;
mod map;

use layers::{Unplaced, layers, machine_of};

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
}

/// A frame around what belongs together.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Where it is.
    pub rect: Rect,
    /// What it is.
    pub of: FrameOf,
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
    /// Whether the height that the page gives to maps is too little for it.
    pub tall: bool,
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

/// The largest number of instances that are drawn one by one.
const UNFOLDED_MAX: usize = 8;
/// Narrower than this, layers run top down.
const HORIZONTAL_FROM: f64 = 600.0;
/// The least space between two layers, and between two of large cards.
const BETWEEN: f64 = 34.0;
const BETWEEN_LARGE: f64 = 60.0;

/// Sizes that depend on the space there is.
struct Measures {
    horizontal: bool,
    scale: Scale,
    card: (f64, f64),
    /// Space before the first layer, for the arcs to DNS, and behind the last, for the frames.
    before: f64,
    after: f64,
    /// Space at both ends of a layer, and between two cards of it: at least, and at most.
    side: f64,
    gap: (f64, f64),
}

impl Measures {
    fn new(width: f64, scale: Scale) -> Self {
        let horizontal = width >= HORIZONTAL_FROM;
        let (before, after) = if horizontal { (46.0, 44.0) } else { (36.0, 46.0) };
        let (card, side, gap) = match scale {
            Scale::Large => ((172.0, 84.0), 50.0, (16.0, 44.0)),
            Scale::Medium => ((140.0, 68.0), 44.0, (10.0, 40.0)),
            Scale::Compact => ((140.0, 44.0), 34.0, (4.0, 40.0)),
            Scale::Small => ((((width - 48.0) / 3.0).clamp(80.0, 136.0), 78.0), 12.0, (12.0, 24.0)),
        };
        Self { horizontal, scale, card, before, after, side, gap }
    }

    /// Left to right with cards that are as wide as there is room for with so many layers.
    fn narrow(width: f64, scale: Scale, layers: usize) -> Self {
        let own = Self::new(width, scale);
        let count = layers.max(1) as f64;
        let each = (width - own.before - own.after - (count - 1.0) * BETWEEN) / count;
        let (side, gap) = if scale == Scale::Small { (38.0, (8.0, 24.0)) } else { (own.side, own.gap) };
        Self { card: (each.floor().min(own.card.0), own.card.1), side, gap, ..own }
    }

    /// With space for the frames of machines within that of their place, if there are any.
    fn framed(self, framed: bool) -> Self {
        if framed && self.horizontal { Self { side: self.side.max(44.0) + 10.0, ..self } } else { self }
    }

    /// The largest cards with which every layer fits.
    fn fitting(scene: &Scene, (width, height): (f64, f64)) -> Self {
        if width < HORIZONTAL_FROM {
            return Self::new(width, Scale::Small);
        }
        let layers = layers(scene, UNFOLDED_MAX);
        let count = layers.len();
        let across = |own: &Self| layers.iter().all(|layer| layer.len() <= own.capacity((width, height)));
        let along = |own: &Self| {
            let between = if own.scale == Scale::Large { BETWEEN_LARGE } else { BETWEEN };
            own.before + own.after + count as f64 * (own.card.0 + between) - BETWEEN <= width
        };
        let framed = layers.iter().any(|layer| shares_machines(scene, layer));
        let usual = [Scale::Large, Scale::Medium, Scale::Compact].map(|scale| Self::new(width, scale).framed(framed));
        let narrow = [Scale::Small, Scale::Compact].map(|scale| Self::narrow(width, scale, count).framed(framed));
        let found = usual.into_iter().chain(narrow).find(|own| along(own) && across(own));
        // Where a layer does not fit, its largest tiers are folded.
        found.unwrap_or_else(|| {
            let medium = Self::new(width, Scale::Medium);
            if along(&medium) { medium } else { Self::narrow(width, Scale::Compact, count) }.framed(framed)
        })
    }

    /// How many cards fit in a layer.
    fn capacity(&self, size: (f64, f64)) -> usize {
        let (across, card) = if self.horizontal { (size.1, self.card.1) } else { (size.0, self.card.0) };
        (((across - 2.0 * self.side + self.gap.0) / (card + self.gap.0)) as usize).max(1)
    }
}

/// Whether two cards of a layer stand on the same machine.
fn shares_machines(scene: &Scene, layer: &[Unplaced]) -> bool {
    let machine = |card: &Unplaced| machine_of(scene, card);
    layer.windows(2).any(|pair| machine(&pair[0]).is_some() && machine(&pair[0]) == machine(&pair[1]))
}

impl Layout {
    /// Lays `scene` out in so much space.
    pub fn new(scene: &Scene, width: f64, height: f64) -> Self {
        let mut layout = if map::is_spread(scene) {
            map::lay_out(scene, (width, height))
        } else {
            Self::in_layers(scene, (width, height))
        };
        layout.card_of = vec![None; scene.nodes.len()];
        for (index, card) in layout.cards.iter().enumerate() {
            card.nodes.iter().for_each(|&node| layout.card_of[node] = Some(index as u16));
        }
        draw_edges(&mut layout, scene);
        layout
    }

    fn in_layers(scene: &Scene, size: Point) -> Self {
        let measures = Measures::fitting(scene, size);
        let layers = layers(scene, measures.capacity(size));
        let Measures { horizontal, scale, .. } = measures;
        let mut layout = Self { size, horizontal, scale, ..Self::default() };
        place_cards(&mut layout, scene, &layers, &measures);
        align_machines(&mut layout, scene);
        layout.frames = frames(&layout, scene, &measures);
        layout
    }

    /// The card of a node.
    pub fn card_of(&self, node: usize) -> Option<usize> {
        self.card_of.get(node).copied().flatten().map(usize::from)
    }

    /// The way from one node to another, and whether it is gone against its direction.
    #[inline]
    pub fn route(&self, from: usize, to: usize) -> Option<(usize, bool)> {
        let (from, to) = (self.card_of(from)?, self.card_of(to)?);
        let (edge, against) = self.routes[from * self.cards.len() + to]?;
        Some((usize::from(edge), against))
    }
}

fn place_cards(layout: &mut Layout, scene: &Scene, layers: &[Vec<Unplaced>], measures: &Measures) {
    let (width, height) = layout.size;
    let (card_w, card_h) = measures.card;
    let ((along, across), (card_along, card_across)) = match measures.horizontal {
        true => ((width, height), (card_w, card_h)),
        false => ((height, width), (card_h, card_w)),
    };
    let room = along - measures.before - measures.after - card_along;
    let step = room / (layers.len().max(2) - 1) as f64;
    layout.between = step - card_along;
    for (depth, layer) in layers.iter().enumerate() {
        let at = measures.before + step * depth as f64;
        let free = across - 2.0 * measures.side + measures.gap.0;
        let pitch = (free / layer.len() as f64).min(card_across + measures.gap.1);
        // What serves requests is in the middle; DNS, which stands before it, is not counted where there is room.
        let dns = layer.iter().filter(|(tier, ..)| scene.tiers[*tier].kind == Kind::Dns).count() as f64;
        let counted = layer.len() as f64;
        let middle = |counted: f64| (across - pitch * counted + pitch - card_across) / 2.0;
        let first = (middle(counted - dns) - pitch * dns).max(middle(counted).min(measures.side));
        // What shares a machine stands closer, what does not has that space instead.
        let mate = |index: usize| {
            index > 0
                && machine_of(scene, &layer[index]).is_some_and(|own| machine_of(scene, &layer[index - 1]) == Some(own))
        };
        let mates = (1..layer.len()).filter(|&index| mate(index)).count() as f64;
        let close = card_across + measures.gap.0;
        let others = counted - 1.0 - mates;
        let apart = if others > 0.0 { pitch + mates * (pitch - close) / others } else { pitch };
        let mut side = first;
        for (index, (tier, nodes, folded)) in layer.iter().enumerate() {
            if index > 0 {
                side += if mate(index) && others > 0.0 { close } else { apart };
            }
            let (x, y) = if measures.horizontal { (at, side) } else { (side, at) };
            let rect = Rect { x: x.round(), y: y.round(), w: card_w, h: card_h };
            layout.cards.push(Card { tier: *tier, nodes: nodes.clone(), folded: *folded, rect });
        }
    }
}

/// Processes of one machine stand side by side, so that one frame holds them: a card that is alone in its tier moves
/// beside the first of its machine.
fn align_machines(layout: &mut Layout, scene: &Scene) {
    for index in 0..layout.cards.len() {
        let own = &layout.cards[index];
        let machine = (own.nodes.len() == 1).then(|| scene.nodes[own.nodes[0]].machine).flatten();
        let alone = layout.cards.iter().filter(|card| card.tier == own.tier).count() == 1;
        let shares = |card: &&Card| card.nodes.len() == 1 && scene.nodes[card.nodes[0]].machine == machine;
        if machine.is_none() || !alone {
            continue;
        }
        if let Some(first) = layout.cards[..index].iter().find(shares).map(|card| card.rect) {
            let rect = &mut layout.cards[index].rect;
            if layout.horizontal { rect.y = first.y } else { rect.x = first.x }
        }
    }
}

fn frames(layout: &Layout, scene: &Scene, measures: &Measures) -> Vec<Frame> {
    // Top down, frames are wider than what they hold, so that their names stand beside the edges that come in.
    let wide = if measures.horizontal { 18.0 } else { (layout.size.0 - measures.card.0) / 2.0 - 40.0 };
    let mut machines: Vec<Frame> = Vec::new();
    for machine in 0..scene.machines.len() {
        let on_it = |card: &&Card| !card.folded && scene.nodes[card.nodes[0]].machine == Some(machine as u16);
        let rects: Vec<Rect> = layout.cards.iter().filter(on_it).map(|card| card.rect).collect();
        if rects.len() > 1 {
            let rect = rects.iter().skip(1).fold(rects[0], |all, rect| all.union(rect)).grown(wide, 30.0, wide, 16.0);
            machines.push(Frame { rect, of: FrameOf::Machine(machine) });
        }
    }
    let mut places: Vec<Frame> = Vec::new();
    for card in &layout.cards {
        // A folded card stands where all of its nodes do, if they do.
        let mut places_of = card.nodes.iter().map(|&node| &scene.nodes[node].place);
        let first = places_of.next().and_then(Option::as_ref);
        let together = places_of.all(|place| place.as_ref() == first);
        let is_client = scene.tiers[card.tier].kind == Kind::Client;
        let Some(place) = first.filter(|_| together && !is_client).cloned() else { continue };
        let machine = card.nodes.first().and_then(|&node| scene.nodes[node].machine).map(usize::from);
        let around = |frame: &&Frame| machine.is_some_and(|machine| frame.of == FrameOf::Machine(machine));
        let rect = machines.iter().find(around).filter(|_| !card.folded).map_or(card.rect, |frame| frame.rect);
        let rect = rect.grown(16.0, 30.0, 16.0, 16.0);
        match places.iter_mut().find(|frame| frame.of == FrameOf::Place(place.clone())) {
            Some(frame) => frame.rect = frame.rect.union(&rect),
            None => places.push(Frame { rect, of: FrameOf::Place(place) }),
        }
    }
    let alone = places.len() == 1;
    // Places fill the space across, so that they stay where they are when instances come and go.
    for frame in &mut places {
        if measures.horizontal && alone {
            (frame.rect.y, frame.rect.h) = (14.0, layout.size.1 - 22.0);
        } else if !measures.horizontal {
            (frame.rect.x, frame.rect.w) = (8.0, layout.size.0 - 16.0);
        }
    }
    places.into_iter().chain(machines).collect()
}

/// The best way from one card to another on a map.
fn way(layout: &Layout, a: Rect, b: Rect) -> Curve {
    let others = layout.cards.iter().map(|card| card.rect).filter(|rect| *rect != a && *rect != b);
    Curve::past(&a, &b, &others.collect::<Vec<_>>(), layout.size)
}

fn draw_edges(layout: &mut Layout, scene: &Scene) {
    let count = layout.cards.len();
    let mut routes = vec![None; count * count];
    for &(caller, callee) in &scene.calls {
        let ends = |tier: u16| {
            let of_tier = move |(_, card): &(usize, &Card)| card.tier == usize::from(tier);
            layout.cards.iter().enumerate().filter(of_tier).map(|(index, _)| index).collect::<Vec<_>>()
        };
        for from in ends(caller) {
            for to in ends(callee) {
                let (a, b) = (layout.cards[from].rect, layout.cards[to].rect);
                let curve = if layout.spread { way(layout, a, b) } else { Curve::between(&a, &b, layout.horizontal) };
                let usual = map::is_usual(scene, &layout.cards[from], &layout.cards[to], &layout.cards);
                let course = if usual { Course::Usual } else { Course::Rare };
                let edge = layout.edges.len() as u16;
                routes[from * count + to] = Some((edge, false));
                routes[to * count + from] = Some((edge, true));
                layout.edges.push(Edge { from, to, curve, course });
            }
        }
    }
    for &(one, other) in &scene.streams {
        let cards = [one, other].map(|node| layout.card_of(usize::from(node)));
        let [Some(from), Some(to)] = cards else { continue };
        if from == to {
            continue;
        }
        let (a, b) = (layout.cards[from].rect, layout.cards[to].rect);
        let curve = if layout.spread { way(layout, a, b) } else { Curve::behind(&a, &b, layout.horizontal) };
        let edge = layout.edges.len() as u16;
        routes[from * count + to] = Some((edge, false));
        routes[to * count + from] = Some((edge, true));
        layout.edges.push(Edge { from, to, curve, course: Course::Stream });
    }
    layout.routes = routes;
}

#[cfg(test)]
mod tests;
