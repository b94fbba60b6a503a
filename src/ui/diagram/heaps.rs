//! Where dots stand that do not move: those that wait before a card, and those in hand on it.

use crate::layout::{Card, Point};

/// Distance between two dots of a heap.
const PITCH: f64 = 7.0;

/// Places of waiting dots before a card, those nearest to it first: in as many rows as there is room for before the next
/// layer.
pub fn heap(card: &Card, horizontal: bool, between: f64) -> impl Iterator<Item = Point> {
    let rect = card.rect;
    let (across, most) = if horizontal { (rect.h, 6) } else { (rect.w, 3) };
    let deep = ((between / PITCH) as usize).clamp(1, most);
    let per_layer = ((across - 8.0) / PITCH) as usize;
    let margin = (across - (per_layer - 1) as f64 * PITCH) / 2.0;
    (0..per_layer * deep).map(move |index| {
        let side = margin + (index % per_layer) as f64 * PITCH;
        let before = 6.0 + (index / per_layer) as f64 * PITCH;
        if horizontal { (rect.x - before, rect.y + side) } else { (rect.x + side, rect.y - before) }
    })
}

/// Places of the dots in hand, in a row above the card's bar.
pub fn in_hand_row(card: &Card) -> impl Iterator<Item = Point> {
    let rect = card.rect;
    let count = ((rect.w - 18.0) / PITCH) as usize;
    (0..count).map(move |index| (rect.x + 12.0 + index as f64 * PITCH, rect.y + rect.h - 14.0))
}
