//! Where the cards of layers stand, and the frames around them.

use crate::frame::Scene;
use crate::nodes::Kind;

use super::layers::{Unplaced, machine_of};
use super::measures::Measures;
use super::{Card, Frame, FrameOf, Layout, Rect, machine_label, place_label};

/// Places the cards of `layers`.
pub fn cards(layout: &mut Layout, scene: &Scene, layers: &[Vec<Unplaced>], measures: &Measures) {
    let (width, height) = layout.size;
    let (card_w, card_h) = measures.card;
    let ((along, across), (card_along, card_across)) = match measures.horizontal {
        true => ((width, height), (card_w, card_h)),
        false => ((height, width), (card_h, card_w)),
    };
    let room = along - measures.before - measures.after - card_along;
    let step = room / (layers.len().max(2) - 1) as f64;
    layout.between = step - card_along;
    for (depth, layer) in layers.iter().enumerate() {
        let at = measures.before + step * depth as f64;
        let free = across - 2.0 * measures.side + measures.gap.0;
        let pitch = (free / layer.len() as f64).min(card_across + measures.gap.1);
        // What serves requests is in the middle; DNS, which stands before it, is not counted where there is room.
        let dns = layer.iter().filter(|(tier, ..)| scene.tiers[*tier].kind == Kind::Dns).count() as f64;
        let counted = layer.len() as f64;
        let middle = |counted: f64| (across - pitch * counted + pitch - card_across) / 2.0;
        let first = (middle(counted - dns) - pitch * dns).max(middle(counted).min(measures.side));
        // What shares a machine stands closer, what does not has that space instead.
        let mate = |index: usize| {
            index > 0
                && machine_of(scene, &layer[index]).is_some_and(|own| machine_of(scene, &layer[index - 1]) == Some(own))
        };
        let mates = (1..layer.len()).filter(|&index| mate(index)).count() as f64;
        let close = card_across + measures.gap.0;
        let others = counted - 1.0 - mates;
        let apart = if others > 0.0 { pitch + mates * (pitch - close) / others } else { pitch };
        let mut side = first;
        for (index, (tier, nodes, folded)) in layer.iter().enumerate() {
            if index > 0 {
                side += if mate(index) && others > 0.0 { close } else { apart };
            }
            if nodes.is_empty() {
                continue;
            }
            let (x, y) = if measures.horizontal { (at, side) } else { (side, at) };
            let rect = Rect { x: x.round(), y: y.round(), w: card_w, h: card_h };
            layout.cards.push(Card { tier: *tier, nodes: nodes.clone(), folded: *folded, rect, cells: None });
        }
    }
}

/// Processes of one machine stand side by side, so that one frame holds them: a card that is alone in its tier moves
/// beside the first of its machine.
pub fn align_machines(layout: &mut Layout, scene: &Scene) {
    for index in 0..layout.cards.len() {
        let own = &layout.cards[index];
        let machine = (own.nodes.len() == 1).then(|| scene.nodes[own.nodes[0]].machine).flatten();
        let alone = layout.cards.iter().filter(|card| card.tier == own.tier).count() == 1;
        let shares = |card: &&Card| card.nodes.len() == 1 && scene.nodes[card.nodes[0]].machine == machine;
        if machine.is_none() || !alone {
            continue;
        }
        if let Some(first) = layout.cards[..index].iter().find(shares).map(|card| card.rect) {
            let rect = &mut layout.cards[index].rect;
            if layout.horizontal { rect.y = first.y } else { rect.x = first.x }
        }
    }
}

/// The frames of places and machines, outer ones first.
pub fn frames(layout: &Layout, scene: &Scene, measures: &Measures) -> Vec<Frame> {
    // Top down, frames are wider than what they hold, so that their names stand beside the edges that come in.
    let wide = if measures.horizontal { 18.0 } else { (layout.size.0 - measures.card.0) / 2.0 - 40.0 };
    let mut machines: Vec<Frame> = Vec::new();
    for machine in 0..scene.machines.len() {
        let on_it = |card: &&Card| !card.folded && scene.nodes[card.nodes[0]].machine == Some(machine as u16);
        let rects: Vec<Rect> = layout.cards.iter().filter(on_it).map(|card| card.rect).collect();
        if rects.len() > 1 {
            let rect = rects.iter().skip(1).fold(rects[0], |all, rect| all.union(rect)).grown(wide, 30.0, wide, 16.0);
            machines.push(Frame::new(rect, FrameOf::Machine(machine), &machine_label(scene, machine)));
        }
    }
    let mut places: Vec<Frame> = Vec::new();
    for card in &layout.cards {
        // A folded card stands where all of its nodes do, if they do.
        let mut places_of = card.nodes.iter().map(|&node| &scene.nodes[node].place);
        let first = places_of.next().and_then(Option::as_ref);
        let together = places_of.all(|place| place.as_ref() == first);
        let is_client = scene.tiers[card.tier].kind == Kind::Client;
        let Some(place) = first.filter(|_| together && !is_client).cloned() else { continue };
        let machine = card.nodes.first().and_then(|&node| scene.nodes[node].machine).map(usize::from);
        let around = |frame: &&Frame| machine.is_some_and(|machine| frame.of == FrameOf::Machine(machine));
        let rect = machines.iter().find(around).filter(|_| !card.folded).map_or(card.rect, |frame| frame.rect);
        let rect = rect.grown(16.0, 30.0, 16.0, 16.0);
        match places.iter_mut().find(|frame| frame.of == FrameOf::Place(place.clone())) {
            Some(frame) => frame.rect = frame.rect.union(&rect),
            None => {
                let name = place_label(&place, true);
                places.push(Frame { rect, of: FrameOf::Place(place), name });
            }
        }
    }
    let alone = places.len() == 1;
    // Places fill the space across, so that they stay where they are when instances come and go.
    for frame in &mut places {
        if measures.horizontal && alone {
            (frame.rect.y, frame.rect.h) = (14.0, layout.size.1 - 22.0);
        } else if !measures.horizontal {
            (frame.rect.x, frame.rect.w) = (8.0, layout.size.0 - 16.0);
        }
    }
    let places = places.into_iter().map(|Frame { rect, of, name }| Frame::new(rect, of, &name));
    places.chain(machines).collect()
}
