//! From one structure to the next: cards that stay move to their new places, those that are new appear, those that are
//! gone fade. Meanwhile dots are hidden, since their ways are already the new ones. With reduced motion nothing moves.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::frame::Scene;
use crate::layout::{Card, Layout, Rect};
use crate::ui::names;

/// How long it takes: as in `www/style.css`.
const MORPH_MS: u32 = 350;

/// A card as it stays the same from one structure to the next.
#[derive(Clone, PartialEq)]
pub struct Named {
    /// What tells it from the others.
    pub key: String,
    title: String,
    rect: Rect,
}

/// The cards of `layout` by name.
pub fn named(layout: &Layout, scene: &Scene) -> Vec<Named> {
    layout
        .cards
        .iter()
        .map(|card| Named { key: key(card, scene), title: title(card, scene), rect: card.rect })
        .collect()
}

/// What the card says first.
pub fn title(card: &Card, scene: &Scene) -> String {
    if card.folded { names::tier(scene, card.tier) } else { names::node(scene, card.nodes[0]) }
}

fn key(card: &Card, scene: &Scene) -> String {
    let (tier, node) = (&scene.tiers[card.tier], &scene.nodes[card.nodes[0]]);
    let place = node.place.as_deref().unwrap_or_default();
    match card.folded {
        true => format!("{:?} {} at {place}", tier.kind, tier.id),
        false => format!("{:?} {} {}", tier.kind, tier.id, node.number),
    }
}

/// What is under way between two structures.
#[derive(Clone, Default)]
pub struct Morph {
    /// Whether anything is.
    pub moves: bool,
    arrived: Rc<Vec<String>>,
    gone: Rc<Vec<Named>>,
}

#[derive(Default)]
struct Memory {
    cards: Vec<Named>,
    now: Morph,
    end: Option<Timeout>,
}

/// Follows the cards from one structure to the next.
#[hook]
pub fn use_morph(cards: &[Named], calm: bool) -> Morph {
    let memory = use_mut_ref(Memory::default);
    let again = use_force_update();
    let mut own = memory.borrow_mut();
    let keys = |cards: &[Named]| cards.iter().map(|card| card.key.clone()).collect::<Vec<_>>();
    let (old, new) = (keys(&own.cards), keys(cards));
    if old != new && !old.is_empty() && !new.is_empty() && !calm {
        let arrived = new.iter().filter(|key| !old.contains(key)).cloned().collect();
        let gone = own.cards.iter().filter(|card| !new.contains(&card.key)).cloned().collect();
        own.now = Morph { moves: true, arrived: Rc::new(arrived), gone: Rc::new(gone) };
        let memory = memory.clone();
        own.end = Some(Timeout::new(MORPH_MS + 50, move || {
            memory.borrow_mut().now = Morph::default();
            again.force_update();
        }));
    }
    if !new.is_empty() {
        own.cards = cards.to_vec();
    }
    own.now.clone()
}

impl Morph {
    /// Whether the card with this key is new.
    pub fn arrives(&self, key: &str) -> bool {
        self.arrived.iter().any(|own| own == key)
    }

    /// What is gone, as it fades.
    pub fn ghosts(&self) -> Html {
        html! { <>{ for self.gone.iter().map(|card| html! { <Ghost key={format!("gone {}", card.key)} card={card.clone()} /> }) }</> }
    }
}

#[derive(PartialEq, Properties)]
struct GhostProps {
    card: Named,
}

#[component]
fn Ghost(props: &GhostProps) -> Html {
    let own = use_node_ref();
    super::use_place(&own, props.card.rect);
    html! { <div ref={own} class="ghost" aria-hidden="true">{ &props.card.title }</div> }
}
