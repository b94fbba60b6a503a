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

fn bezier(controls: &[Point; 4], t: f64) -> Point {
    let s = 1.0 - t;
    let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
    let sum = |axis: fn(&Point) -> f64| controls.iter().zip(weights).map(|(point, weight)| axis(point) * weight).sum();
    (sum(|point| point.0), sum(|point| point.1))
}
