//! How large cards are, and the gaps between them, where parts stand in layers.

use crate::frame::Scene;

use super::layers::{Unplaced, layers, machine_of};
use super::{BETWEEN, BETWEEN_LARGE, HORIZONTAL_FROM, Scale, UNFOLDED_MAX};

/// Sizes that depend on the space there is.
pub struct Measures {
    /// Whether layers run left to right.
    pub horizontal: bool,
    /// How large cards are.
    pub scale: Scale,
    /// A card's width and height.
    pub card: (f64, f64),
    /// Space before the first layer, for the arcs to DNS, and behind the last, for the frames.
    pub before: f64,
    /// Space behind the last layer.
    pub after: f64,
    /// Space at both ends of a layer, and between two cards of it: at least, and at most.
    pub side: f64,
    /// Space between two cards of a layer: at least, and at most.
    pub gap: (f64, f64),
}

impl Measures {
    fn new(width: f64, scale: Scale) -> Self {
        let horizontal = width >= HORIZONTAL_FROM;
        let (before, after) = if horizontal { (46.0, 44.0) } else { (36.0, 46.0) };
        let (card, side, gap) = match scale {
            Scale::Large => ((172.0, 84.0), 50.0, (16.0, 44.0)),
            Scale::Medium => ((140.0, 68.0), 44.0, (10.0, 40.0)),
            Scale::Compact => ((140.0, 44.0), 40.0, (4.0, 40.0)),
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
    pub fn fitting(scene: &Scene, (width, height): (f64, f64)) -> Self {
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
    pub fn capacity(&self, size: (f64, f64)) -> usize {
        let (across, card) = if self.horizontal { (size.1, self.card.1) } else { (size.0, self.card.0) };
        (((across - 2.0 * self.side + self.gap.0) / (card + self.gap.0)) as usize).max(1)
    }
}

/// Whether two cards of a layer stand on the same machine.
fn shares_machines(scene: &Scene, layer: &[Unplaced]) -> bool {
    let machine = |card: &Unplaced| machine_of(scene, card);
    layer.windows(2).any(|pair| machine(&pair[0]).is_some() && machine(&pair[0]) == machine(&pair[1]))
}
