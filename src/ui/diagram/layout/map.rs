//! Map-like placing, where a system spans several places: each place is a frame with what stands there, west left of
//! east and north above south as far as there is room. Not to scale: what counts is who is near whom.
//!
//! Places are put into columns (or rows) of neighbours in every way there is. Of those that fit, with the largest cards
//! that do, the one is taken that turns the fewest pairs of places the wrong way round.

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::scenario::places;

use super::layers::{Unplaced, depths, gather_machines, machine_of};
use super::{Card, Frame, FrameOf, HORIZONTAL_FROM, Layout, Point, Rect, Scale};

/// Space between two places, and at the edges of the diagram.
const BETWEEN: f64 = 14.0;
/// Space that must remain at the edges of the diagram.
const MARGIN: f64 = 4.0;
/// Space in a frame around its cards: at the sides, above them (where its name is), below them.
const PAD: (f64, f64, f64) = (12.0, 28.0, 12.0);
/// The same in the frame of a machine.
const MACHINE: (f64, f64, f64) = (8.0, 22.0, 8.0);
/// More places than this are not put into columns in every way.
const TRIED_MAX: usize = 10;
/// Smaller differences are no reason to turn two places round: in degrees.
const NEAR: f64 = 12.0;

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

/// Where places are, and how bad that is: what does not fit, in pixels, and then what is turned round.
struct Arranged {
    corners: Vec<Point>,
    too_much: f64,
    wrong: f64,
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
    layout.tall = chosen(scene, (size.0, height_given(size.0))).2.too_much > 0.0;
    layout
}

/// The height that the page gives to maps of this width, unless they are tall: see `.diagram.spread` in `www/style.css`,
/// less the legend.
pub fn height_given(width: f64) -> f64 {
    if width < HORIZONTAL_FROM { 770.0 } else { 408.0 }
}

/// The first way to arrange `scene` that fits; where there is no room for it, the last one, of which a part is seen.
fn chosen(scene: &Scene, size: Point) -> (Vec<Region>, Style, Arranged) {
    // Tiers are folded rather than cards made very small.
    let limits: [usize; 3] = if size.0 < HORIZONTAL_FROM { [2, 1, 1] } else { [4, 2, 1] };
    let with = |limit| styles(size).into_iter().map(move |style| (limit, usize::MAX, style));
    let mut last = None;
    for (limit, abreast, style) in limits.into_iter().flat_map(with).chain(last_ways(size)) {
        let regions = regions(scene, limit, abreast);
        let arranged = arrange(&regions, style, size);
        let fits = arranged.too_much == 0.0;
        last = Some((regions, style, arranged));
        if fits {
            break;
        }
    }
    last.expect("there are limits and styles")
}

/// Where nothing else fits: on phones layers are broken into rows, elsewhere cards get as small as their words allow.
fn last_ways(size: Point) -> Vec<(usize, usize, Style)> {
    if size.0 < HORIZONTAL_FROM {
        return styles(size).into_iter().map(|style| (1, 3, style)).collect();
    }
    let small = |(card, gap)| Style { scale: Scale::Compact, horizontal: true, card: (card, 44.0), gap: (gap, 8.0) };
    [(100.0, 24.0), (96.0, 20.0), (90.0, 16.0)].map(|own| (1, usize::MAX, small(own))).to_vec()
}

fn styles((width, _): Point) -> Vec<Style> {
    let style = |scale, horizontal, card, gap| Style { scale, horizontal, card, gap };
    if width < HORIZONTAL_FROM {
        let cards = [132.0, 116.0, 104.0, 92.0, 84.0];
        let gaps = [(36.0, 10.0), (22.0, 8.0)];
        return cards
            .into_iter()
            .flat_map(|card| gaps.map(|gap| style(Scale::Small, false, (card, 78.0), gap)))
            .collect();
    }
    let sizes = [
        (Scale::Large, (172.0, 84.0)),
        (Scale::Medium, (140.0, 68.0)),
        (Scale::Compact, (126.0, 44.0)),
        (Scale::Compact, (108.0, 44.0)),
    ];
    let gaps = [(84.0, 24.0), (60.0, 16.0), (40.0, 12.0), (28.0, 8.0)];
    let all = sizes.into_iter().flat_map(|(scale, card)| gaps.map(|gap| style(scale, true, card, gap)));
    // Large cards with hardly a line between them show less than smaller ones with some.
    all.filter(|style| style.scale != Scale::Large || style.gap.0 >= 60.0).collect()
}

/// The places, each with its cards; tiers with more nodes than `limit` at a place are folded there, and layers with more
/// cards than stand `abreast` are broken.
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
            if nodes.len() > limit {
                layer.push((tier, nodes, true));
            } else {
                layer.extend(nodes.into_iter().map(|node| (tier, vec![node], false)));
            }
        }
        region.layers.iter_mut().for_each(|layer| gather_machines(scene, layer));
        if abreast < usize::MAX {
            let broken = region.layers.iter().flat_map(|layer| layer.chunks(abreast).map(<[Unplaced]>::to_vec));
            region.layers = broken.collect();
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
    /// Space of a region's cards, without its frame.
    fn inner(&self, region: &Region) -> (f64, f64) {
        let along = region.layers.len() as f64;
        let across = region.layers.iter().map(Vec::len).max().unwrap_or_default() as f64;
        let span = |count: f64, card: f64, gap: f64| count * card + (count - 1.0).max(0.0) * gap;
        if self.horizontal {
            (span(along, self.card.0, self.gap.0), span(across, self.card.1, self.gap.1))
        } else {
            (span(across, self.card.0, self.gap.1), span(along, self.card.1, self.gap.0))
        }
    }

    fn outer(&self, region: &Region) -> (f64, f64) {
        let ((w, h), (side, above, below)) = (self.inner(region), region.pad());
        (w + 2.0 * side, h + above + below)
    }
}

/// The best way to put the places into columns from west to east, or into rows from north to south.
fn arrange(regions: &[Region], style: Style, size: Point) -> Arranged {
    let outer: Vec<Point> = regions.iter().map(|region| style.outer(region)).collect();
    let at: Vec<Point> = regions.iter().map(|region| region.at).collect();
    let flip = |points: &[Point]| points.iter().map(|&(x, y)| (y, x)).collect::<Vec<Point>>();
    let mut best: Option<Arranged> = None;
    let mut consider = |arranged: Arranged| {
        let badness = |own: &Arranged| (own.too_much, own.wrong);
        if best.as_ref().is_none_or(|best| badness(&arranged) < badness(best)) {
            best = Some(arranged);
        }
    };
    for cuts in cuttings(regions.len()) {
        consider(judged(columns(&outer, &at, size, &cuts), &outer, &at, size));
        let rows = flip(&columns(&flip(&outer), &flip(&at), (size.1, size.0), &cuts));
        consider(judged(rows, &outer, &at, size));
    }
    best.unwrap_or(Arranged { corners: Vec::new(), too_much: 0.0, wrong: 0.0 })
}

/// Ways to cut a row of so many into pieces: whether there is a cut behind each but the last.
fn cuttings(count: usize) -> Vec<Vec<bool>> {
    let gaps = count.saturating_sub(1);
    if count <= TRIED_MAX {
        return (0..1u32 << gaps).map(|bits| (0..gaps).map(|gap| bits >> gap & 1 == 1).collect()).collect();
    }
    (1..=count).map(|length| (1..count).map(|index| index % length == 0).collect()).collect()
}

/// Upper left corners of the places, in columns from west to east: those between two cuts share one, in the order from
/// north to south.
fn columns(outer: &[Point], at: &[Point], (width, height): Point, cuts: &[bool]) -> Vec<Point> {
    let mut order: Vec<usize> = (0..outer.len()).collect();
    order.sort_by(|&a, &b| at[a].0.total_cmp(&at[b].0));
    let mut columns: Vec<Vec<usize>> = vec![Vec::new()];
    for (nth, &region) in order.iter().enumerate() {
        if nth > 0 && cuts[nth - 1] {
            columns.push(Vec::new());
        }
        columns.last_mut().expect("there is one").push(region);
    }
    let widths: Vec<f64> =
        columns.iter().map(|column| column.iter().map(|&region| outer[region].0).fold(0.0, f64::max)).collect();
    let spare = width - widths.iter().sum::<f64>() - 2.0 * BETWEEN;
    let gaps = (columns.len() - 1) as f64;
    let gap = if gaps > 0.0 { (spare / gaps).clamp(BETWEEN, 90.0) } else { 0.0 };
    let mut x = BETWEEN + ((spare - gap * gaps) / 2.0).max(0.0);
    let mut corners = vec![(0.0, 0.0); outer.len()];
    let known = || at.iter().map(|at| at.1).filter(|south| south.is_finite());
    let (north, south) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    for (mut column, wide) in columns.into_iter().zip(widths) {
        column.sort_by(|&a, &b| at[a].1.total_cmp(&at[b].1));
        let heights: Vec<f64> = column.iter().map(|&region| outer[region].1).collect();
        let wanted: Vec<f64> = column
            .iter()
            .zip(&heights)
            .map(|(&region, tall)| {
                let share = if south > north { ((at[region].1 - north) / (south - north)).max(0.0) } else { 0.5 };
                BETWEEN + share * (height - 2.0 * BETWEEN - tall)
            })
            .collect();
        let tops = stacked(&wanted, &heights, height);
        for (&region, y) in column.iter().zip(tops) {
            corners[region] = (x + (wide - outer[region].0) / 2.0, y);
        }
        x += wide + gap;
    }
    corners
}

/// As near to where they are wanted as they can be, one below the other.
fn stacked(wanted: &[f64], heights: &[f64], height: f64) -> Vec<f64> {
    let mut tops = wanted.to_vec();
    for index in (0..tops.len()).rev() {
        let below = if index + 1 == tops.len() { height } else { tops[index + 1] };
        tops[index] = tops[index].min(below - BETWEEN - heights[index]);
    }
    for index in 0..tops.len() {
        let above = if index == 0 { 0.0 } else { tops[index - 1] + heights[index - 1] };
        tops[index] = tops[index].max(above + BETWEEN);
    }
    tops
}

fn judged(corners: Vec<Point>, outer: &[Point], at: &[Point], (width, height): Point) -> Arranged {
    let mut too_much = 0.0;
    let mut wrong = 0.0;
    for (index, (&(x, y), &(w, h))) in corners.iter().zip(outer).enumerate() {
        too_much += (x + w + MARGIN - width).max(0.0) + (y + h + MARGIN - height).max(0.0);
        for other in 0..index {
            let centre = |own: usize| (corners[own].0 + outer[own].0 / 2.0, corners[own].1 + outer[own].1 / 2.0);
            let (a, b) = (centre(index), centre(other));
            // East and west matter more than north and south: that is how far most people are apart.
            wrong += turned(at[index].0 - at[other].0, a.0 - b.0) + 0.6 * turned(at[index].1 - at[other].1, a.1 - b.1);
        }
    }
    Arranged { corners, too_much, wrong }
}

/// 1 for a pair that is turned round, less for one that stands level.
fn turned(degrees: f64, pixels: f64) -> f64 {
    if degrees.abs() < NEAR || degrees.abs() > 360.0 {
        0.0
    } else if pixels.abs() < 1.0 {
        0.5
    } else {
        f64::from(u8::from(pixels.is_sign_positive() != degrees.is_sign_positive()))
    }
}

fn build(regions: &[Region], corners: &[Point], style: Style, size: Point) -> Layout {
    let mut layout =
        Layout { size, horizontal: style.horizontal, scale: style.scale, spread: true, ..Layout::default() };
    layout.between = style.gap.0;
    for (region, &(x, y)) in regions.iter().zip(corners) {
        let ((w, h), outer) = (style.inner(region), style.outer(region));
        if let Some(place) = &region.place {
            let rect = Rect { x: x.round(), y: y.round(), w: outer.0, h: outer.1 };
            layout.frames.push(Frame { rect, of: FrameOf::Place(place.clone()) });
        }
        let (side, above, _) = region.pad();
        let (left, top) = (x + side, y + above);
        for (nth, layer) in region.layers.iter().enumerate() {
            let count = layer.len() as f64;
            let nth = nth as f64;
            let ((card_along, card_across), deep) =
                if style.horizontal { (style.card, h) } else { ((style.card.1, style.card.0), w) };
            let free = deep - count * card_across - (count - 1.0) * style.gap.1;
            for (place, (tier, nodes, folded)) in layer.iter().enumerate() {
                let along = nth * (card_along + style.gap.0);
                let across = free / 2.0 + place as f64 * (card_across + style.gap.1);
                let (dx, dy) = if style.horizontal { (along, across) } else { (across, along) };
                let (w, h) = style.card;
                let rect = Rect { x: (left + dx).round(), y: (top + dy).round(), w, h };
                layout.cards.push(Card { tier: *tier, nodes: nodes.clone(), folded: *folded, rect });
            }
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
            layout.frames.push(Frame { rect, of: FrameOf::Machine(machine) });
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
