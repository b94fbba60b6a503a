//! Ways in the gaps between cards: the shortest along the lines of a grid, with few turns, and together with others that
//! come from where it comes or go where it goes.
//!
//! The grid has a line at each side of every card, in the middle of every narrow gap, and through the middle of every
//! card, where ways end. A way through a card is none. All of it is exact and in a fixed order, so that the same cards
//! always have the same ways.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Point, Rect};

/// How far from a card a line runs, where there is room.
const BESIDE: f64 = 8.0;
/// No way comes nearer to a card than this, in CSS pixels.
const CLEAR: f64 = 1.5;
/// What a turn costs, in pixels of detour.
const TURN: f64 = 26.0;
/// What passing a name costs.
const NAME: f64 = 60.0;
/// What it costs to leave or come at a side where requests do not.
const ASIDE: f64 = 16.0;
/// A length counts for so much of itself where the way runs with others of the same start or end…
const TOGETHER: f64 = 0.8;
/// …and where it runs on top of others with which it has nothing to do.
const AMONG: f64 = 2.2;

/// Finds ways.
pub struct Router<'a> {
    cards: &'a [Rect],
    horizontal: bool,
    xs: Vec<f64>,
    ys: Vec<f64>,
    /// Of the piece from a crossing to the right and of that downwards: what it costs beyond its length; infinite through
    /// a card.
    extra: [Vec<f64>; 2],
    /// The ways that run on each: start and end.
    used: [Vec<Vec<(usize, usize)>>; 2],
}

/// Where a way may leave or come: the crossing next to a card's side.
struct Port {
    at: usize,
    point: Point,
    axis: usize,
    cost: f64,
}

impl<'a> Router<'a> {
    /// For these cards and names in a diagram of this size.
    pub fn new(cards: &'a [Rect], names: &[Rect], size: Point, horizontal: bool) -> Self {
        let flipped: Vec<Rect> = cards.iter().map(Rect::flipped).collect();
        let (xs, ys) = (lines(cards, size.0), lines(&flipped, size.1));
        let count = xs.len() * ys.len();
        let used = [vec![Vec::new(); count], vec![Vec::new(); count]];
        let mut own = Self { cards, horizontal, xs, ys, extra: [vec![0.0; count], vec![0.0; count]], used };
        names.iter().for_each(|name| own.add(name, NAME));
        cards.iter().for_each(|card| own.add(&card.grown(CLEAR, CLEAR, CLEAR, CLEAR), f64::INFINITY));
        own
    }

    fn add(&mut self, rect: &Rect, cost: f64) {
        let inside = |line: f64, low: f64, high: f64| line > low && line < high;
        for (iy, &y) in self.ys.iter().enumerate() {
            for (ix, &x) in self.xs.iter().enumerate() {
                let at = iy * self.xs.len() + ix;
                let (right, below) = (self.xs.get(ix + 1), self.ys.get(iy + 1));
                let crosses = |from: f64, to: f64, low: f64, high: f64| from < high && to > low;
                if inside(y, rect.y, rect.y + rect.h)
                    && right.is_some_and(|&right| crosses(x, right, rect.x, rect.x + rect.w))
                {
                    self.extra[0][at] += cost;
                }
                if inside(x, rect.x, rect.x + rect.w)
                    && below.is_some_and(|&below| crosses(y, below, rect.y, rect.y + rect.h))
                {
                    self.extra[1][at] += cost;
                }
            }
        }
    }

    fn point(&self, at: usize) -> Point {
        (self.xs[at % self.xs.len()], self.ys[at / self.xs.len()])
    }

    /// The four sides of a card; requests leave at the far side and come at the near one.
    fn ports(&self, card: usize, leaving: bool) -> Vec<Port> {
        let rect = &self.cards[card];
        let (x, y) = rect.centre();
        let column = |x: f64| self.xs.partition_point(|&line| line < x);
        let row = |y: f64| self.ys.partition_point(|&line| line < y);
        let (right, left) = (column(rect.x + rect.w), column(rect.x).checked_sub(1));
        let (below, above) = (row(rect.y + rect.h), row(rect.y).checked_sub(1));
        let side = |ix: Option<usize>, iy: Option<usize>, point: Point, axis: usize, near: bool| {
            let at = iy.filter(|&iy| iy < self.ys.len())? * self.xs.len() + ix.filter(|&ix| ix < self.xs.len())?;
            let usual = (axis == 0) == self.horizontal && near != leaving;
            let (cx, cy) = self.point(at);
            let cost = (cx - point.0).abs() + (cy - point.1).abs() + if usual { 0.0 } else { ASIDE };
            Some(Port { at, point, axis, cost })
        };
        let sides = [
            side(Some(right), Some(row(y)), (rect.x + rect.w, y), 0, false),
            side(left, Some(row(y)), (rect.x, y), 0, true),
            side(Some(column(x)), Some(below), (x, rect.y + rect.h), 1, false),
            side(Some(column(x)), above, (x, rect.y), 1, true),
        ];
        sides.into_iter().flatten().collect()
    }

    /// The best way from one card to another, as corners; nothing where cards leave no gap.
    pub fn way(&mut self, from: usize, to: usize) -> Option<Vec<Point>> {
        let (starts, ends) = (self.ports(from, true), self.ports(to, false));
        let target = self.cards[to];
        let far = |at: usize| {
            let (x, y) = self.point(at);
            let (dx, dy) = ((x - target.centre().0).abs(), (y - target.centre().1).abs());
            ((dx - target.w / 2.0 - BESIDE).max(0.0) + (dy - target.h / 2.0 - BESIDE).max(0.0)) * TOGETHER
        };
        let states = self.xs.len() * self.ys.len() * 2;
        let (mut costs, mut before) = (vec![f64::INFINITY; states], vec![usize::MAX; states]);
        let mut heap = BinaryHeap::new();
        for port in &starts {
            let state = port.at * 2 + port.axis;
            if port.cost < costs[state] {
                costs[state] = port.cost;
                heap.push(Reverse((whole(port.cost + far(port.at)), state)));
            }
        }
        let mut best: Option<(f64, usize, usize)> = None;
        while let Some(Reverse((estimate, state))) = heap.pop() {
            let (at, axis, cost) = (state / 2, state % 2, costs[state]);
            if best.is_some_and(|(best, ..)| estimate >= whole(best)) {
                break;
            }
            if estimate > whole(cost + far(at)) {
                continue;
            }
            for (nth, port) in ends.iter().enumerate().filter(|(_, port)| port.at == at) {
                let all = cost + port.cost + if port.axis == axis { 0.0 } else { TURN };
                if best.is_none_or(|(best, ..)| all < best) {
                    best = Some((all, state, nth));
                }
            }
            for (next, piece, along) in self.steps(at) {
                let step = self.cost(piece, along, from, to);
                let all = cost + step + if along == axis { 0.0 } else { TURN };
                let state_next = next * 2 + along;
                if all < costs[state_next] {
                    (costs[state_next], before[state_next]) = (all, state);
                    heap.push(Reverse((whole(all + far(next)), state_next)));
                }
            }
        }
        let (_, last, end) = best?;
        let crossings: Vec<usize> =
            std::iter::successors(Some(last), |&state| Some(before[state]).filter(|&state| state != usize::MAX))
                .collect();
        let first = crossings[crossings.len() - 1];
        let start = starts.iter().find(|port| port.at * 2 + port.axis == first)?.point;
        let crossings: Vec<usize> = crossings.into_iter().rev().map(|state| state / 2).collect();
        self.remember(&crossings, from, to);
        let inner = crossings.into_iter().map(|at| self.point(at));
        Some(corners(&std::iter::once(start).chain(inner).chain([ends[end].point]).collect::<Vec<_>>()))
    }

    /// The neighbours of a crossing, each with the piece that leads there and its axis.
    fn steps(&self, at: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let wide = self.xs.len();
        let (ix, iy) = (at % wide, at / wide);
        let right = (ix + 1 < wide).then_some((at + 1, at, 0));
        let left = (ix > 0).then(|| (at - 1, at - 1, 0));
        let down = (iy + 1 < self.ys.len()).then_some((at + wide, at, 1));
        let up = (iy > 0).then(|| (at - wide, at - wide, 1));
        [right, left, down, up].into_iter().flatten()
    }

    fn cost(&self, piece: usize, axis: usize, from: usize, to: usize) -> f64 {
        let ((x, y), wide) = (self.point(piece), self.xs.len());
        let length = if axis == 0 { self.xs[piece % wide + 1] - x } else { self.ys[piece / wide + 1] - y };
        let used = &self.used[axis][piece];
        let related = |&(start, end): &(usize, usize)| start == from || end == to;
        let factor = match used.as_slice() {
            [] => 1.0,
            used if used.iter().all(related) => TOGETHER,
            _ => AMONG,
        };
        length * factor + self.extra[axis][piece]
    }

    fn remember(&mut self, crossings: &[usize], from: usize, to: usize) {
        let wide = self.xs.len();
        for pair in crossings.windows(2) {
            let (piece, far) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let axis = usize::from(far - piece >= wide && far != piece + 1);
            self.used[axis][piece].push((from, to));
        }
    }
}

/// For the order of a heap, which knows whole numbers only: to a sixty-fourth of a pixel.
fn whole(cost: f64) -> u64 {
    if cost.is_finite() { (cost * 64.0) as u64 } else { u64::MAX }
}

/// The lines of one direction: through the middle of each card, beside it, and in the middle of narrow gaps.
fn lines(cards: &[Rect], size: f64) -> Vec<f64> {
    let middles = cards.iter().map(|card| card.x + card.w / 2.0);
    let mut kept: Vec<f64> = middles.collect();
    let mut others: Vec<f64> = vec![6.0, size - 6.0];
    for card in cards {
        let (left, right) = (card.x, card.x + card.w);
        others.extend([left - BESIDE, right + BESIDE]);
        for other in cards.iter().filter(|other| other.y < card.y + card.h && card.y < other.y + other.h) {
            let gap = other.x - right;
            if gap > 0.0 && gap < 2.0 * BESIDE + 2.0 {
                others.push(right + gap / 2.0);
            }
        }
    }
    others.retain(|&line| line >= 3.0 && line <= size - 3.0);
    kept.extend(others);
    kept.sort_by(f64::total_cmp);
    kept.dedup();
    kept
}

/// Without the points that lie on a straight line between their neighbours.
fn corners(points: &[Point]) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for &point in points {
        let straight = |a: Point, b: Point| {
            let level = (a.0 - b.0).abs() < 0.01 && (b.0 - point.0).abs() < 0.01;
            level || (a.1 - b.1).abs() < 0.01 && (b.1 - point.1).abs() < 0.01
        };
        if kept.last() == Some(&point) {
            continue;
        }
        if let [.., a, b] = kept[..]
            && straight(a, b)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}
