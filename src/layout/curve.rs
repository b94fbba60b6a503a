//! A way between two cards: cubic Bézier pieces, one behind the other, with a table of points at equal distances, so that
//! what moves evenly in time moves evenly along it.

use super::{Point, Rect};

/// Distance between two points of the table, in CSS pixels, as long as there are not too many of them.
const PITCH: f64 = 6.0;
/// Distance between two points that are looked at for what is passed.
const FINE: f64 = 1.5;
const PIECES_MIN: usize = 32;
const PIECES_MAX: usize = 320;
/// Parts of a piece by which its length is measured.
const MEASURED: usize = 32;
/// From here to the corner, a cubic Bézier curve is nearest to a quarter of a circle.
const CIRCLE: f64 = 0.552;

/// A smooth way.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Its pieces: start, first and second control point, end.
    pub pieces: Vec<[Point; 4]>,
    /// How long it is, in CSS pixels.
    pub length: f64,
    table: Vec<Point>,
}

impl Curve {
    /// From the side of one card to the facing side of another; where both are in the same layer, an arc on the side
    /// away from where requests go.
    pub fn between(from: &Rect, to: &Rect, horizontal: bool) -> Self {
        let flip = |(x, y): Point| if horizontal { (x, y) } else { (y, x) };
        let flip_rect = |r: &Rect| if horizontal { *r } else { Rect { x: r.y, y: r.x, w: r.h, h: r.w } };
        let (a, b) = (flip_rect(from), flip_rect(to));
        let (a_mid, b_mid) = (a.y + a.h / 2.0, b.y + b.h / 2.0);
        let controls = if (a.x - b.x).abs() < 1.0 {
            let reach = 20.0 + (a_mid - b_mid).abs() * 0.07;
            [(a.x, a_mid), (a.x - reach, a_mid), (b.x - reach, b_mid), (b.x, b_mid)]
        } else {
            let (start, end) = ((a.x + a.w, a_mid), (b.x, b_mid));
            let half = (end.0 - start.0).abs() / 2.0;
            [start, (start.0 + half, start.1), (end.0 - half, end.1), end]
        };
        Self::new(vec![controls.map(flip)])
    }

    /// From one card to another of the same layer: an arc on the side where requests do not come in.
    pub fn behind(from: &Rect, to: &Rect, horizontal: bool) -> Self {
        let flip = |(x, y): Point| if horizontal { (x, y) } else { (y, x) };
        let end = |r: &Rect| if horizontal { (r.x + r.w, r.centre().1) } else { (r.y + r.h, r.centre().0) };
        let (a, b) = (end(from), end(to));
        let reach = 14.0 + (a.1 - b.1).abs() * 0.08;
        let far = a.0.max(b.0) + reach;
        Self::new(vec![[a, (far, a.1), (far, b.1), b].map(flip)])
    }

    /// Along straight lines from point to point, with corners of at most this radius.
    pub fn along(points: &[Point], round: f64) -> Self {
        let mut pieces = Vec::new();
        let mut at = points[0];
        for corner in points.windows(3) {
            let [before, middle, after] = [corner[0], corner[1], corner[2]];
            let radius = round.min(away(before, middle) / 2.0).min(away(middle, after) / 2.0);
            let (start, end) = (towards(middle, before, radius), towards(middle, after, radius));
            pieces.push(straight(at, start));
            let bend = |from: Point| towards(from, middle, radius * CIRCLE);
            pieces.push([start, bend(start), bend(end), end]);
            at = end;
        }
        pieces.push(straight(at, points[points.len() - 1]));
        Self::new(pieces)
    }

    fn new(pieces: Vec<[Point; 4]>) -> Self {
        let measured: Vec<Point> =
            pieces.iter().flat_map(|piece| (0..=MEASURED).map(|i| bezier(piece, i as f64 / MEASURED as f64))).collect();
        let mut reached = vec![0.0];
        for pair in measured.windows(2) {
            reached.push(reached[reached.len() - 1] + away(pair[0], pair[1]));
        }
        let length = reached[reached.len() - 1].max(1e-6);
        let count = ((length / PITCH) as usize).clamp(PIECES_MIN, PIECES_MAX);
        let table = (0..=count).map(|i| {
            let wanted = length * i as f64 / count as f64;
            let after = reached.partition_point(|&distance| distance < wanted).clamp(1, reached.len() - 1);
            let (low, high) = (reached[after - 1], reached[after]);
            let part = if high > low { ((wanted - low) / (high - low)).min(1.0) } else { 0.0 };
            let (a, b) = (measured[after - 1], measured[after]);
            (a.0 + (b.0 - a.0) * part, a.1 + (b.1 - a.1) * part)
        });
        Self { table: table.collect(), pieces, length }
    }

    /// The point at this share of the length, from 0 to 1, and the direction there, of length 1.
    #[inline]
    pub fn at(&self, share: f64) -> (Point, Point) {
        let count = self.table.len() - 1;
        let position = share.clamp(0.0, 1.0) * count as f64;
        let piece = (position as usize).min(count - 1);
        let (a, b) = (self.table[piece], self.table[piece + 1]);
        let part = position - piece as f64;
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let scale = count as f64 / self.length;
        ((a.0 + dx * part, a.1 + dy * part), (dx * scale, dy * scale))
    }

    /// Whether it passes one of these rectangles.
    pub fn meets<'a>(&self, mut rects: impl Iterator<Item = &'a Rect>) -> bool {
        let steps = (self.length / FINE).ceil();
        let points: Vec<Point> = (0..=steps as usize).map(|step| self.at(step as f64 / steps).0).collect();
        rects.any(|rect| points.iter().any(|&point| rect.holds(point)))
    }

    /// As the `d` of an SVG path.
    pub fn path(&self) -> String {
        let start = self.pieces[0][0];
        let mut path = format!("M{:.1},{:.1}", start.0, start.1);
        for [_, first, second, end] in &self.pieces {
            let piece =
                format!("C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}", first.0, first.1, second.0, second.1, end.0, end.1);
            path.push_str(&piece);
        }
        path
    }
}

fn away(a: Point, b: Point) -> f64 {
    (b.0 - a.0).hypot(b.1 - a.1)
}

/// So far from one point towards another.
fn towards(from: Point, to: Point, distance: f64) -> Point {
    let part = distance / away(from, to).max(1e-6);
    (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
}

fn straight(from: Point, to: Point) -> [Point; 4] {
    let third = away(from, to) / 3.0;
    [from, towards(from, to, third), towards(to, from, third), to]
}

fn bezier(controls: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let sum = |axis: fn(&Point) -> f64| controls.iter().zip(weights).map(|(point, weight)| axis(point) * weight).sum();
    (sum(|point| point.0), sum(|point| point.1))
}
