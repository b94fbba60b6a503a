//! The ways between cards. Those between neighbouring layers are plain curves; where such a curve would pass another card,
//! and between places of a map, ways run in the gaps.

use crate::frame::Scene;

use super::curve::Curve;
use super::route::Router;
use super::{Course, Edge, Layout, Rect, map};

/// Further apart than this, cards of a map are no neighbours, in CSS pixels.
const NEIGHBOURS: f64 = 110.0;
/// No curve comes nearer to a card than this.
const CLEAR: f64 = 2.0;
/// How round the corners of ways are: in narrow gaps, what cuts no card's corner.
const ROUND: [f64; 3] = [14.0, 6.0, 2.0];

/// Draws the ways of `scene` between the cards that have their places.
pub fn draw(layout: &mut Layout, scene: &Scene) {
    let rects: Vec<Rect> = layout.cards.iter().map(|card| card.rect).collect();
    let names: Vec<Rect> = layout.frames.iter().map(super::Frame::name_rect).collect();
    let mut router = Router::new(&rects, &names, layout.size, layout.horizontal);
    let count = rects.len();
    layout.routes = vec![None; count * count];
    let mut pairs: Vec<(usize, usize, Course)> = Vec::new();
    for &(caller, callee) in &scene.calls {
        let cards = &layout.cards;
        let of_tier = |tier: u16| (0..count).filter(move |&card| cards[card].tier == usize::from(tier));
        for from in of_tier(caller) {
            for to in of_tier(callee) {
                let usual = map::is_usual(scene, &cards[from], &cards[to], cards);
                pairs.push((from, to, if usual { Course::Usual } else { Course::Rare }));
            }
        }
    }
    for &(one, other) in &scene.streams {
        let ends = [one, other].map(|node| layout.card_of(usize::from(node)));
        if let [Some(from), Some(to)] = ends
            && from != to
        {
            pairs.push((from, to, Course::Stream));
        }
    }
    // Ways that are seen come first: the others make room for them.
    pairs.sort_by_key(|(.., course)| *course == Course::Rare);
    for (from, to, course) in pairs {
        let clear = |curve: &Curve| is_clear(curve, from, to, &rects, &names, layout.size);
        let plain = plain(layout, from, to, course);
        let curve = plain.iter().find(|curve| clear(curve)).cloned();
        let routed = || {
            let corners = router.way(from, to)?;
            // Looked at here and there only, so with something to spare; at its own ends it touches the border.
            let spare = |(card, rect): (usize, &Rect)| {
                let by = if card == from || card == to { -1.0 } else { 1.0 };
                rect.grown(by, by, by, by)
            };
            let spared: Vec<Rect> = rects.iter().enumerate().map(spare).collect();
            let misses = |curve: &Curve| !curve.meets(spared.iter());
            let mut curves = ROUND.map(|round| Curve::along(&corners, round)).into_iter();
            curves.clone().find(misses).or_else(|| curves.next_back())
        };
        // Cards that leave no gap have been given too little space: a way over them is better than none.
        let curve = curve.or_else(routed).unwrap_or_else(|| plain_between(layout, from, to));
        let edge = layout.edges.len() as u16;
        layout.routes[from * count + to] = Some((edge, false));
        layout.routes[to * count + from] = Some((edge, true));
        layout.edges.push(Edge { from, to, curve, course });
    }
}

fn plain_between(layout: &Layout, from: usize, to: usize) -> Curve {
    Curve::between(&layout.cards[from].rect, &layout.cards[to].rect, layout.horizontal)
}

/// The simple ways from card to card, the best first.
fn plain(layout: &Layout, from: usize, to: usize, course: Course) -> Vec<Curve> {
    let (a, b) = (layout.cards[from].rect, layout.cards[to].rect);
    if !layout.spread {
        let behind = (course == Course::Stream).then(|| Curve::behind(&a, &b, layout.horizontal));
        return vec![behind.unwrap_or_else(|| Curve::between(&a, &b, layout.horizontal))];
    }
    let gap = |horizontal: bool| if horizontal { b.x - a.x - a.w } else { b.y - a.y - a.h };
    let ((ax, ay), (bx, by)) = (a.centre(), b.centre());
    let near = |horizontal: &bool| {
        let (gap, aside) = (gap(*horizontal), if *horizontal { (by - ay).abs() } else { (bx - ax).abs() });
        // A long way aside in a small gap is a flat line across everything.
        let most = if *horizontal == layout.horizontal { 60.0 + 4.0 * gap } else { 40.0 + gap };
        (12.0..=NEIGHBOURS).contains(&gap) && aside <= most
    };
    let ways = [layout.horizontal, !layout.horizontal].into_iter().filter(near);
    ways.map(|horizontal| Curve::between(&a, &b, horizontal)).collect()
}

fn is_clear(
    curve: &Curve,
    from: usize,
    to: usize,
    rects: &[Rect],
    names: &[Rect],
    (width, height): (f64, f64),
) -> bool {
    let whole = Rect { x: 0.0, y: 0.0, w: width, h: height };
    let others = rects.iter().enumerate().filter(|(card, _)| *card != from && *card != to);
    let others: Vec<Rect> = others.map(|(_, rect)| rect.grown(CLEAR, CLEAR, CLEAR, CLEAR)).collect();
    let own: Vec<Rect> = [from, to].map(|card| rects[card].grown(-1.0, -1.0, -1.0, -1.0)).to_vec();
    let inside = (0..=16).all(|step| whole.holds(curve.at(f64::from(step) / 16.0).0));
    inside && !curve.meets(others.iter().chain(&own).chain(names))
}
