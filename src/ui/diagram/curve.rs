//! A way between two cards: a cubic Bézier curve with a table of points at equal distances, so that what moves evenly
//! in time moves evenly along it.

use super::layout::{Point, Rect};

/// Distances in the table.
const PIECES: usize = 32;
/// Pieces by which the length is measured.
const MEASURED: usize = 64;

/// A cubic Bézier curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Start, first and second control point, end.
    pub controls: [Point; 4],
    /// How long it is, in CSS pixels.
    pub length: f64,
    table: [Point; PIECES + 1],
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
        Self::new(controls.map(flip))
    }

    /// From one card to another of the same layer: an arc on the side where requests do not come in.
    pub fn behind(from: &Rect, to: &Rect, horizontal: bool) -> Self {
        let flip = |(x, y): Point| if horizontal { (x, y) } else { (y, x) };
        let end = |r: &Rect| if horizontal { (r.x + r.w, r.centre().1) } else { (r.y + r.h, r.centre().0) };
        let (a, b) = (end(from), end(to));
        let reach = 14.0 + (a.1 - b.1).abs() * 0.08;
        let far = a.0.max(b.0) + reach;
        Self::new([a, (far, a.1), (far, b.1), b].map(flip))
    }

    /// From one card to another wherever they are: of the ways from side to side, the one that passes the fewest other
    /// cards, and then the shortest, within a diagram of this size.
    pub fn past(from: &Rect, to: &Rect, others: &[Rect], size: Point) -> Self {
        let sides = |r: &Rect| {
            let (x, y) = r.centre();
            [
                ((r.x, y), (-1.0, 0.0)),
                ((r.x + r.w, y), (1.0, 0.0)),
                ((x, r.y), (0.0, -1.0)),
                ((x, r.y + r.h), (0.0, 1.0)),
            ]
        };
        let mut best = ([(0.0, 0.0); 4], f64::INFINITY);
        for (start, out) in sides(from) {
            for (end, into) in sides(to) {
                let away = (end.0 - start.0).hypot(end.1 - start.1);
                let reaches = [0.3, 0.55, 0.9, 1.4].map(|part| (away * part).clamp(18.0, 300.0));
                for (leave, come) in reaches.into_iter().flat_map(|leave| reaches.map(|come| (leave, come))) {
                    let first = (start.0 + out.0 * leave, start.1 + out.1 * leave);
                    let second = (end.0 + into.0 * come, end.1 + into.1 * come);
                    let controls = [start, first, second, end];
                    let cost = trouble(&controls, &[from, to], others, size);
                    if cost < best.1 {
                        best = (controls, cost);
                    }
                }
            }
        }
        Self::new(best.0)
    }

    fn new(controls: [Point; 4]) -> Self {
        let measured: Vec<Point> = (0..=MEASURED).map(|i| bezier(&controls, i as f64 / MEASURED as f64)).collect();
        let mut reached = vec![0.0];
        for pair in measured.windows(2) {
            let piece = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
            reached.push(reached[reached.len() - 1] + piece);
        }
        let length = reached[MEASURED].max(1e-6);
        let table = std::array::from_fn(|i| {
            let wanted = length * i as f64 / PIECES as f64;
            let after = reached.partition_point(|&distance| distance < wanted).clamp(1, MEASURED);
            let (low, high) = (reached[after - 1], reached[after]);
            let part = if high > low { (wanted - low) / (high - low) } else { 0.0 };
            let t = ((after - 1) as f64 + part.min(1.0)) / MEASURED as f64;
            bezier(&controls, t)
        });
        Self { controls, length, table }
    }

    /// The point at this share of the length, from 0 to 1, and the direction there, of length 1.
    #[inline]
    pub fn at(&self, share: f64) -> (Point, Point) {
        let position = share.clamp(0.0, 1.0) * PIECES as f64;
        let piece = (position as usize).min(PIECES - 1);
        let (a, b) = (self.table[piece], self.table[piece + 1]);
        let part = position - piece as f64;
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let scale = (PIECES as f64) / self.length;
        ((a.0 + dx * part, a.1 + dy * part), (dx * scale, dy * scale))
    }

    /// As the `d` of an SVG path.
    pub fn path(&self) -> String {
        let [start, first, second, end] = self.controls;
        format!(
            "M{:.1},{:.1}C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}",
            start.0, start.1, first.0, first.1, second.0, second.1, end.0, end.1
        )
    }
}

/// How bad a way is: its length, and much more for each card that it crosses and each point outside of the diagram.
fn trouble(controls: &[Point; 4], ends: &[&Rect; 2], others: &[Rect], (width, height): Point) -> f64 {
    const CROSSED: f64 = 1500.0;
    const OUTSIDE: f64 = 500.0;
    const POINTS: usize = 20;
    let points: Vec<Point> = (0..=POINTS).map(|i| bezier(controls, i as f64 / POINTS as f64)).collect();
    let length: f64 = points.windows(2).map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1)).sum();
    let within = |r: &Rect| points.iter().any(|p| p.0 > r.x && p.0 < r.x + r.w && p.1 > r.y && p.1 < r.y + r.h);
    let crossed = others.iter().chain(ends.iter().copied()).filter(|rect| within(rect)).count() as f64;
    let outside = points.iter().filter(|p| p.0 < 2.0 || p.1 < 2.0 || p.0 > width - 2.0 || p.1 > height - 2.0).count();
    length + CROSSED * crossed + OUTSIDE * outside as f64
}

fn bezier(controls: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let sum = |axis: fn(&Point) -> f64| controls.iter().zip(weights).map(|(point, weight)| axis(point) * weight).sum();
    (sum(|point| point.0), sum(|point| point.1))
}
