//! Marks on time axes: what happened when. Each kind has a shape and a colour, the same in all charts and on the time bar.

use yew::prelude::*;

use crate::frame::FactKind;

/// How marks of a kind look and what they are called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// What they are.
    pub name: &'static str,
    /// A class and, with two dashes, a variable of the style sheet.
    pub colour: &'static str,
    /// Lines from point to point, within 5 of the middle.
    pub lines: &'static [&'static [(f64, f64)]],
    /// Whether what the lines enclose is filled.
    pub filled: bool,
}

const CROSS: &[&[(f64, f64)]] = &[&[(-3.5, -3.5), (3.5, 3.5)], &[(3.5, -3.5), (-3.5, 3.5)]];
const UP: &[&[(f64, f64)]] = &[&[(0.0, -4.5), (4.5, 3.5), (-4.5, 3.5), (0.0, -4.5)]];
const DOWN: &[&[(f64, f64)]] = &[&[(0.0, 4.5), (4.0, -3.0), (-4.0, -3.0), (0.0, 4.5)]];
const DIAMOND: &[&[(f64, f64)]] = &[&[(0.0, -4.5), (4.5, 0.0), (0.0, 4.5), (-4.5, 0.0), (0.0, -4.5)]];
const SQUARE: &[&[(f64, f64)]] = &[&[(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5), (-3.5, -3.5)]];
const RING: &[&[(f64, f64)]] = &[&[
    (-1.5, -3.5),
    (1.5, -3.5),
    (3.5, -1.5),
    (3.5, 1.5),
    (1.5, 3.5),
    (-1.5, 3.5),
    (-3.5, 1.5),
    (-3.5, -1.5),
    (-1.5, -3.5),
]];
const BAR: &[&[(f64, f64)]] = &[&[(0.0, -4.0), (0.0, 4.0)]];

impl Look {
    /// That of a kind.
    pub fn of(kind: FactKind) -> Self {
        let look = |name, colour, lines, filled| Self { name, colour, lines, filled };
        match kind {
            FactKind::Fault => look("fault", "fail", CROSS, false),
            FactKind::Alert => look("alert", "write", UP, true),
            FactKind::Resolved => look("alert over", "write", DOWN, false),
            FactKind::Recovery => look("recovery", "hit", RING, false),
            FactKind::Deploy => look("deployment", "accent", SQUARE, true),
            FactKind::Change => look("change", "soft", DIAMOND, true),
            FactKind::Reaction => look("reaction", "warm", BAR, false),
        }
    }

    /// Its class, also for lines of the log.
    pub fn class(kind: FactKind) -> &'static str {
        match kind {
            FactKind::Fault => "fault",
            FactKind::Alert => "alert",
            FactKind::Resolved => "resolved",
            FactKind::Recovery => "recovery",
            FactKind::Deploy => "deploy",
            FactKind::Change => "change",
            FactKind::Reaction => "reaction",
        }
    }

    fn path(self) -> String {
        let line = |line: &&[(f64, f64)]| line.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
        self.lines.iter().map(|own| format!("M{}", line(own))).collect()
    }
}

/// The shape of a kind, about the middle of its own coordinates.
pub fn shape(kind: FactKind) -> Html {
    let look = Look::of(kind);
    html! { <path class={classes!("mark", Look::class(kind), look.filled.then_some("filled"))} d={look.path()} /> }
}

/// What the shapes stand for, of these kinds.
pub fn legend(kinds: impl Iterator<Item = FactKind>) -> Html {
    let key = |kind: FactKind| {
        html! { <span><svg viewBox="-6 -6 12 12" aria-hidden="true">{ shape(kind) }</svg>{ Look::of(kind).name }</span> }
    };
    html! { <p class="marks">{ for kinds.map(key) }</p> }
}

/// Marks that would lie on one another are drawn once: of each kind, at most one in each of so many parts of the axis.
/// `share` is where a moment is on it, from 0 to 1; what is beyond is left out. The most important kinds come last, on top.
pub fn thinned(
    facts: impl Iterator<Item = (f64, FactKind)>,
    share: impl Fn(f64) -> f64,
    parts: u32,
) -> Vec<(f64, FactKind)> {
    let mut placed: Vec<(FactKind, u32, f64)> = facts
        .map(|(at_ms, kind)| (kind, share(at_ms)))
        .filter(|(_, share)| (0.0..=1.0).contains(share))
        .map(|(kind, share)| (kind, (share * f64::from(parts)) as u32, share))
        .collect();
    placed.sort_by_key(|&(kind, part, _)| (std::cmp::Reverse(kind), part));
    placed.dedup_by_key(|&mut (kind, part, _)| (kind, part));
    placed.into_iter().map(|(kind, _, share)| (share, kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn marks_in_the_same_place_are_one_of_each_kind() {
        let facts = [
            (16.0, FactKind::Fault),
            (17.0, FactKind::Fault),
            (17.0, FactKind::Change),
            (64.0, FactKind::Fault),
            (256.0, FactKind::Alert),
        ];
        // Powers of two, so that shares are exact.
        let thinned = thinned(facts.into_iter(), |ms| ms / 128.0, 16);
        assert_eq!(thinned, [(17.0 / 128.0, FactKind::Change), (0.125, FactKind::Fault), (0.5, FactKind::Fault)]);
    }

    #[wasm_bindgen_test]
    fn no_two_kinds_look_alike() {
        for (index, one) in FactKind::ALL.into_iter().enumerate() {
            for other in &FactKind::ALL[..index] {
                assert_ne!(Look::of(one).lines, Look::of(*other).lines);
            }
        }
    }
}
