//! How places are arranged: west left of east and north above south as far as there is room. Not to scale: what counts is
//! who is near whom.
//!
//! Places are put into columns (or rows) of neighbours in every way there is. Of those that fit, the one is taken that
//! turns the fewest pairs of places the wrong way round.

use super::Point;

/// Space that must remain at the edges of the diagram.
const MARGIN: f64 = 4.0;
/// More places than this are not put into columns in every way.
const TRIED_MAX: usize = 10;
/// Smaller differences are no reason to turn two places round: in degrees.
const NEAR: f64 = 12.0;

/// A place as it is arranged.
#[derive(Clone, Copy)]
pub struct Spot {
    /// Its width and height.
    pub outer: Point,
    /// Degrees east, degrees south: as x and y grow.
    pub at: Point,
}

/// Where places are, and how bad that is: what does not fit, in pixels, and then what is turned round.
pub struct Arranged {
    /// Upper left corners.
    pub corners: Vec<Point>,
    /// What does not fit, in pixels.
    pub too_much: f64,
    wrong: f64,
}

/// The best way to put the places into columns from west to east, or into rows from north to south.
pub fn arrange(spots: &[Spot], between: f64, size: Point) -> Arranged {
    let (outer, at): (Vec<Point>, Vec<Point>) = spots.iter().map(|spot| (spot.outer, spot.at)).unzip();
    let flip = |points: &[Point]| points.iter().map(|&(x, y)| (y, x)).collect::<Vec<Point>>();
    let mut best: Option<Arranged> = None;
    let mut consider = |arranged: Arranged| {
        let badness = |own: &Arranged| (own.too_much, own.wrong);
        if best.as_ref().is_none_or(|best| badness(&arranged) < badness(best)) {
            best = Some(arranged);
        }
    };
    for cuts in cuttings(spots.len()) {
        consider(judged(columns(&outer, &at, size, &cuts, between), &outer, &at, size));
        let rows = flip(&columns(&flip(&outer), &flip(&at), (size.1, size.0), &cuts, between));
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

/// The places from west to east, those between two cuts together.
fn groups(at: &[Point], cuts: &[bool]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..at.len()).collect();
    order.sort_by(|&a, &b| at[a].0.total_cmp(&at[b].0));
    let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
    for (nth, &region) in order.iter().enumerate() {
        if nth > 0 && cuts[nth - 1] {
            groups.push(Vec::new());
        }
        groups.last_mut().expect("there is one").push(region);
    }
    groups
}

/// Upper left corners of the places, in columns from west to east: those between two cuts share one, in the order from
/// north to south.
fn columns(outer: &[Point], at: &[Point], (width, height): Point, cuts: &[bool], between: f64) -> Vec<Point> {
    let columns = groups(at, cuts);
    let widths: Vec<f64> =
        columns.iter().map(|column| column.iter().map(|&region| outer[region].0).fold(0.0, f64::max)).collect();
    let spare = width - widths.iter().sum::<f64>() - 2.0 * between;
    let gaps = (columns.len() - 1) as f64;
    let gap = if gaps > 0.0 { (spare / gaps).clamp(between, 90.0) } else { 0.0 };
    let mut x = between + ((spare - gap * gaps) / 2.0).max(0.0);
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
                between + share * (height - 2.0 * between - tall)
            })
            .collect();
        let tops = stacked(&wanted, &heights, height, between);
        for (&region, y) in column.iter().zip(tops) {
            corners[region] = (x + (wide - outer[region].0) / 2.0, y);
        }
        x += wide + gap;
    }
    corners
}

/// As near to where they are wanted as they can be, one below the other.
fn stacked(wanted: &[f64], heights: &[f64], height: f64, between: f64) -> Vec<f64> {
    let mut tops = wanted.to_vec();
    for index in (0..tops.len()).rev() {
        let below = if index + 1 == tops.len() { height } else { tops[index + 1] };
        tops[index] = tops[index].min(below - between - heights[index]);
    }
    for index in 0..tops.len() {
        let above = if index == 0 { 0.0 } else { tops[index - 1] + heights[index - 1] };
        tops[index] = tops[index].max(above + between);
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

/// The least height of places in columns or rows that are no wider than this; infinite where there are none.
pub fn needed(spots: &[Spot], between: f64, width: f64) -> f64 {
    let (outer, at): (Vec<Point>, Vec<Point>) = spots.iter().map(|spot| (spot.outer, spot.at)).unzip();
    let flip = |points: &[Point]| points.iter().map(|&(x, y)| (y, x)).collect::<Vec<Point>>();
    let mut least = f64::INFINITY;
    let sum = |lengths: &mut dyn Iterator<Item = f64>| lengths.fold(between, |all, length| all + length + between);
    for cuts in cuttings(spots.len()) {
        let columns = groups(&at, &cuts);
        let of = |group: &Vec<usize>, axis: fn(&Point) -> f64| {
            let lengths = group.iter().map(|&region| axis(&outer[region])).collect::<Vec<_>>();
            (lengths.iter().copied().fold(0.0, f64::max), sum(&mut lengths.into_iter()))
        };
        let wide = sum(&mut columns.iter().map(|column| of(column, |own| own.0).0));
        let high = columns.iter().map(|column| of(column, |own| own.1).1).fold(0.0, f64::max);
        if wide <= width {
            least = least.min(high);
        }
        let rows = groups(&flip(&at), &cuts);
        let wide = rows.iter().map(|row| of(row, |own| own.0).1).fold(0.0, f64::max);
        if wide <= width {
            least = least.min(sum(&mut rows.iter().map(|row| of(row, |own| own.1).0)));
        }
    }
    least + MARGIN
}
