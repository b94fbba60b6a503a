//! Map-like placing, where a system spans several places: each place is a frame with what stands there, arranged as on a
//! map (`arrange.rs`), with the largest cards with which all of it fits.

use std::rc::Rc;

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::scenario::places;

use super::arrange::{Arranged, Spot, arrange, needed};
use super::layers::{Unplaced, depths, gather_machines, machine_of};
use super::{
    Card, Frame, FrameOf, HORIZONTAL_FROM, Layout, Point, Rect, Scale, cells, layers, machine_label, place_label,
};

/// Space between two places, and at the edges of the diagram.
const BETWEEN: f64 = 14.0;
/// Space in a frame around its cards: at the sides, above them (where its name is), below them.
const PAD: (f64, f64, f64) = (12.0, 28.0, 12.0);
/// The height of a map that is no higher than other diagrams, and the most that a wide one is given.
const USUAL: f64 = 410.0;
const HIGHEST: f64 = 640.0;
/// Space for ways that a map has beyond the least that it needs.
const AIR: f64 = 24.0;
/// On a phone: space at the sides of a place, between two rows of cards, and between two cards of a row.
const PHONE: (f64, f64, f64) = (9.0, 22.0, 9.0);
const BETWEEN_ON_PHONES: f64 = 8.0;
/// Narrower than this, a card has no room for its words.
const NARROWEST: f64 = 88.0;
/// With more cards than this, each tier of a place is one card on a phone.
const CARDS_ON_PHONES: usize = 12;
/// The same in the frame of a machine.
const MACHINE: (f64, f64, f64) = (8.0, 26.0, 8.0);

/// A place with what stands there.
struct Region {
    /// Its id; nothing for what stands nowhere, as the DNS.
    place: Option<String>,
    /// Degrees east, degrees south: as x and y grow.
    at: Point,
    /// Cards by layer.
    layers: Vec<Vec<Unplaced>>,
    /// Whether some of them share a machine, which has a frame of its own.
    shares: bool,
}

/// Sizes to try.
#[derive(Clone, Copy)]
struct Style {
    scale: Scale,
    /// Whether layers run left to right within a place.
    horizontal: bool,
    card: (f64, f64),
    /// Space between layers, and between the cards of one.
    gap: (f64, f64),
}

/// Whether the parts of `scene` stand at more than one place.
pub fn is_spread(scene: &Scene) -> bool {
    let mut own = scene.nodes.iter().filter(|node| !node.drained).filter_map(|node| node.place.as_deref());
    let first = own.next();
    own.any(|place| Some(place) != first)
}

/// Lays `scene` out like a map.
pub fn lay_out(scene: &Scene, size: Point) -> Layout {
    let (regions, style, arranged) = chosen(scene, size);
    let mut layout = build(&regions, &arranged.corners, style, size);
    frame_machines(&mut layout, scene);
    layout
}

/// The height that a map of `scene` of this width is to have; nothing where it is laid out in layers, which take what
/// there is.
pub fn height_wanted(scene: &Scene, width: f64) -> Option<f64> {
    if !is_spread(scene) {
        return None;
    }
    let needed = |(regions, style): &(Rc<Vec<Region>>, Style)| needed(&spots(regions, *style), style.between(), width);
    let ways = ways(scene, width);
    if width < HORIZONTAL_FROM {
        return ways.iter().map(needed).reduce(f64::min).map(f64::ceil);
    }
    // What fits as it is needs no more; else as little more as there is room for ways.
    let least = ways.iter().map(needed).filter(|height| height.is_finite()).reduce(f64::min);
    Some(
        least.map_or(
            HIGHEST,
            |height| if height <= USUAL { USUAL } else { (height + AIR).min(height.max(HIGHEST)).ceil() },
        ),
    )
}

/// Ways to draw the places of `scene` in this width, the best first.
fn ways(scene: &Scene, width: f64) -> Vec<(Rc<Vec<Region>>, Style)> {
    if width < HORIZONTAL_FROM {
        let places = regions(scene, 2, 1);
        let cards = places.iter().flat_map(|region| &region.layers).flatten().count();
        let limit = if cards > CARDS_ON_PHONES { 1 } else { 2 };
        let framed = places.iter().any(|region| region.shares);
        let (abreast, style) = phone_style(width - if framed { 2.0 * MACHINE.0 } else { 0.0 });
        return vec![(Rc::new(regions(scene, limit, abreast)), style)];
    }
    // Tiers are folded rather than cards made very small.
    let mut ways = Vec::new();
    for limit in [4, 2, 1] {
        let regions = Rc::new(regions(scene, limit, usize::MAX));
        let last = last_styles().into_iter().filter(|_| limit == 1);
        ways.extend(styles().into_iter().chain(last).map(|style| (regions.clone(), style)));
    }
    ways
}

/// The first way to arrange `scene` that fits; where there is no room for it, the last one, of which a part is seen.
fn chosen(scene: &Scene, size: Point) -> (Rc<Vec<Region>>, Style, Arranged) {
    let mut last = None;
    for (regions, style) in ways(scene, size.0) {
        let arranged = arrange(&spots(&regions, style), style.between(), size);
        let fits = arranged.too_much == 0.0;
        last = Some((regions, style, arranged));
        if fits {
            break;
        }
    }
    last.expect("there are styles")
}

/// Where nothing else fits cards get as small as their words allow.
fn last_styles() -> [Style; 3] {
    let small = |(card, gap)| Style { scale: Scale::Compact, horizontal: true, card: (card, 44.0), gap: (gap, 8.0) };
    [(100.0, 24.0), (96.0, 20.0), (90.0, 16.0)].map(small)
}

/// On a phone, cards stand three abreast where that leaves them room for their words, else two; with their style.
fn phone_style(width: f64) -> (usize, Style) {
    let side = 2.0 * (PHONE.0 + BETWEEN_ON_PHONES);
    let style = |count: f64| {
        let card = ((width - side - (count - 1.0) * PHONE.2) / count).floor().min(132.0);
        Style { scale: Scale::Small, horizontal: false, card: (card, 66.0), gap: (PHONE.1, PHONE.2) }
    };
    let three = style(3.0);
    if three.card.0 < NARROWEST { (2, style(2.0)) } else { (3, three) }
}

fn styles() -> Vec<Style> {
    let style = |scale, horizontal, card, gap| Style { scale, horizontal, card, gap };
    let sizes = [
        (Scale::Large, (172.0, 84.0)),
        (Scale::Medium, (140.0, 68.0)),
        (Scale::Compact, (126.0, 44.0)),
        (Scale::Compact, (112.0, 44.0)),
    ];
    let gaps = [(84.0, 24.0), (60.0, 18.0), (44.0, 14.0), (32.0, 12.0)];
    let all = sizes.into_iter().flat_map(|(scale, card)| gaps.map(|gap| style(scale, true, card, gap)));
    // Large cards with hardly a line between them show less than smaller ones with some.
    all.filter(|style| style.scale != Scale::Large || style.gap.0 >= 60.0).collect()
}

/// The places, each with its cards; tiers that have, or may come to have, more nodes than `limit` at a place are folded
/// there. Where only so many stand `abreast`, layers are broken and small ones put together.
fn regions(scene: &Scene, limit: usize, abreast: usize) -> Vec<Region> {
    let depths = depths(scene);
    let mut regions: Vec<Region> = Vec::new();
    let place_of = |node: usize| scene.nodes[node].place.clone();
    for (node, own) in scene.nodes.iter().enumerate().filter(|(_, node)| !node.drained) {
        if !regions.iter().any(|region| region.place == place_of(node)) {
            let found = own.place.as_deref().and_then(places::find);
            let nowhere = (f64::NEG_INFINITY, f64::NEG_INFINITY);
            let at = found.map_or(nowhere, |place| (place.longitude, -place.latitude));
            regions.push(Region { place: place_of(node), at, layers: Vec::new(), shares: false });
        }
    }
    for region in &mut regions {
        let here = |node: &usize| !scene.nodes[*node].drained && place_of(*node) == region.place;
        let mut tiers: Vec<usize> = (0..scene.tiers.len()).collect();
        tiers.sort_by_key(|&tier| depths[tier]);
        let mut depth = None;
        for tier in tiers {
            let of_tier = |node: &usize| usize::from(scene.nodes[*node].tier) == tier;
            let nodes: Vec<usize> = (0..scene.nodes.len()).filter(here).filter(of_tier).collect();
            if nodes.is_empty() {
                continue;
            }
            if depth.replace(depths[tier]) != Some(depths[tier]) {
                region.layers.push(Vec::new());
            }
            let layer = region.layers.last_mut().expect("there is one for this depth");
            if nodes.len().max(layers::reserved(scene, tier)) > limit && nodes.len() > 1 {
                layer.push((tier, nodes, true));
            } else {
                layer.extend(nodes.into_iter().map(|node| (tier, vec![node], false)));
            }
        }
        region.layers.iter_mut().for_each(|layer| gather_machines(scene, layer));
        if abreast < usize::MAX {
            let cards: Vec<Unplaced> = region.layers.concat();
            let rows = cards.len().div_ceil(abreast);
            // As even as can be: the first rows have one more.
            let (each, more) = (cards.len() / rows, cards.len() % rows);
            let mut cards = cards.into_iter();
            let row = |row: usize| cards.by_ref().take(each + usize::from(row < more)).collect();
            region.layers = (0..rows).map(row).collect();
        }
        let mut machines: Vec<u16> =
            region.layers.iter().flatten().filter_map(|card| machine_of(scene, card)).collect();
        machines.sort_unstable();
        region.shares = machines.windows(2).any(|pair| pair[0] == pair[1]);
    }
    regions
}

impl Region {
    fn pad(&self) -> (f64, f64, f64) {
        if self.shares { (PAD.0 + MACHINE.0, PAD.1 + MACHINE.1, PAD.2 + MACHINE.2) } else { PAD }
    }
}

impl Style {
    /// A card's height: folded ones have cells for their servers.
    fn height(&self, card: &Unplaced) -> f64 {
        self.card.1 + if card.2 { cells::extra(self.scale) } else { 0.0 }
    }

    /// Space of a layer's cards, side by side or one below the other.
    fn across(&self, layer: &[Unplaced]) -> f64 {
        let gaps = (layer.len() as f64 - 1.0).max(0.0) * self.gap.1;
        let cards: f64 = if self.horizontal {
            layer.iter().map(|card| self.height(card)).sum()
        } else {
            layer.len() as f64 * self.card.0
        };
        cards + gaps
    }

    /// Space of a layer in the direction of requests.
    fn along(&self, layer: &[Unplaced]) -> f64 {
        if self.horizontal { self.card.0 } else { layer.iter().map(|card| self.height(card)).fold(0.0, f64::max) }
    }

    /// Space of a region's cards, without its frame.
    fn inner(&self, region: &Region) -> (f64, f64) {
        let gaps = (region.layers.len() as f64 - 1.0).max(0.0) * self.gap.0;
        let along = region.layers.iter().map(|layer| self.along(layer)).sum::<f64>() + gaps;
        let across = region.layers.iter().map(|layer| self.across(layer)).fold(0.0, f64::max);
        if self.horizontal { (along, across) } else { (across, along) }
    }

    fn outer(&self, region: &Region) -> (f64, f64) {
        let ((w, h), (side, above, below)) = (self.inner(region), region.pad());
        let side = if self.horizontal { side } else { side - PAD.0 + PHONE.0 };
        (w + 2.0 * side, h + above + below)
    }

    /// Space between two places.
    fn between(&self) -> f64 {
        if self.horizontal { BETWEEN } else { BETWEEN_ON_PHONES }
    }
}

fn spots(regions: &[Region], style: Style) -> Vec<Spot> {
    regions.iter().map(|region| Spot { outer: style.outer(region), at: region.at }).collect()
}

fn build(regions: &[Region], corners: &[Point], style: Style, size: Point) -> Layout {
    let mut layout =
        Layout { size, horizontal: style.horizontal, scale: style.scale, spread: true, ..Layout::default() };
    layout.between = style.gap.0;
    for (region, &(x, y)) in regions.iter().zip(corners) {
        let ((w, h), outer) = (style.inner(region), style.outer(region));
        let (left, top) = ((x + (outer.0 - w) / 2.0).round(), y + region.pad().1);
        if let Some(place) = &region.place {
            let rect = Rect { x: x.round(), y: y.round(), w: outer.0, h: outer.1 };
            layout.frames.push(Frame::new(rect, FrameOf::Place(place.clone()), &place_label(place, false)));
        }
        let mut along = 0.0;
        for layer in &region.layers {
            let deep = if style.horizontal { h } else { w };
            let mut across = (deep - style.across(layer)) / 2.0;
            for card in layer {
                let (tier, nodes, folded) = card.clone();
                let (w, h) = (style.card.0, style.height(card));
                let (dx, dy) = if style.horizontal { (along, across) } else { (across, along) };
                across += style.gap.1 + if style.horizontal { h } else { w };
                let rect = Rect { x: (left + dx).round(), y: (top + dy).round(), w, h };
                layout.cards.push(Card { tier, nodes, folded, rect, cells: None });
            }
            along += style.along(layer) + style.gap.0;
        }
    }
    layout
}

/// Frames of machines that several cards share, where they hold nothing else.
fn frame_machines(layout: &mut Layout, scene: &Scene) {
    for machine in 0..scene.machines.len() {
        let on_it = |card: &&Card| !card.folded && scene.nodes[card.nodes[0]].machine == Some(machine as u16);
        let rects: Vec<Rect> = layout.cards.iter().filter(on_it).map(|card| card.rect).collect();
        if rects.len() < 2 {
            continue;
        }
        let rect = rects[1..].iter().fold(rects[0], |all, rect| all.union(rect));
        let rect = rect.grown(MACHINE.0, MACHINE.1, MACHINE.0, MACHINE.2);
        let others = layout.cards.iter().filter(|card| !on_it(card));
        if !others.map(|card| card.rect).any(|card| card.meets(&rect)) {
            layout.frames.push(Frame::new(rect, FrameOf::Machine(machine), &machine_label(scene, machine)));
        }
    }
}

/// Whether a card of a CDN or of anything else that stands near its callers is asked from there as a rule: the nearest.
pub fn is_usual(scene: &Scene, from: &Card, to: &Card, all: &[Card]) -> bool {
    if !stands_near(scene.tiers[to.tier].kind) {
        return true;
    }
    let place = |card: &Card| scene.nodes[card.nodes[0]].place.as_deref().and_then(places::find);
    let away = |card: &Card| place(from).zip(place(card)).map_or(0.0, |(a, b)| places::distance_km(a, b));
    all.iter().filter(|card| card.tier == to.tier).all(|card| away(to) <= away(card))
}

fn stands_near(kind: Kind) -> bool {
    match kind {
        Kind::Cdn => true,
        Kind::Client
        | Kind::Dns
        | Kind::LoadBalancer
        | Kind::WebServer
        | Kind::Cache
        | Kind::Database
        | Kind::ObjectStore
        | Kind::MessageBroker
        | Kind::Worker => false,
    }
}
