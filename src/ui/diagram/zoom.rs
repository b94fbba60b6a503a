//! Zoom and pan: by buttons, keys, wheel with Ctrl, two fingers, and drag. A plain wheel scrolls the page as everywhere.

use std::collections::BTreeMap;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::layout::{Layout, Point, View};
use crate::ui::dom::Listener;
use crate::ui::same::Same;

/// How much larger one press of a button or key makes it.
const STEP: f64 = 1.4;
/// By how much a turn of the wheel does, for each of its pixels.
const WHEEL: f64 = 0.0035;
/// How far one press of an arrow key goes, in CSS pixels.
const PAN: f64 = 60.0;

/// What is seen, and what the diagram's surface hears.
pub struct Zoom {
    /// What is seen.
    pub view: View,
    /// The keys, while something in the diagram has the focus.
    pub on_key: Callback<KeyboardEvent>,
    /// A finger or button goes down, moves, and goes up.
    pub on_down: Callback<PointerEvent>,
    /// See `on_down`.
    pub on_move: Callback<PointerEvent>,
    /// See `on_down`.
    pub on_up: Callback<PointerEvent>,
    turn: Callback<Turn>,
}

/// What the visitor wants to see.
#[derive(Clone, Copy)]
enum Turn {
    Zoom { factor: f64, about: Option<Point> },
    Pan(Point),
    Fit,
}

/// What is seen of `layout` on `surface`; all of it at first, and again where the layout needs other space.
#[hook]
pub fn use_zoom(surface: &NodeRef, layout: &Same<Layout>) -> Zoom {
    let wanted = use_state_eq(|| None::<View>);
    let pointers = use_mut_ref(BTreeMap::<i32, Point>::new);
    let view = wanted.map_or_else(|| View::fit(layout), |view| view.within(layout));
    let turn = {
        let (layout, wanted) = (layout.clone(), wanted.setter());
        Callback::from(move |turn: Turn| {
            let (width, height) = layout.size;
            let next = match turn {
                Turn::Zoom { factor, about } => {
                    view.zoomed(&layout, factor, about.unwrap_or((width / 2.0, height / 2.0)))
                }
                Turn::Pan(by) => view.moved(&layout, by),
                Turn::Fit => View::fit(&layout),
            };
            wanted.set(next.is_enlarged(&layout).then_some(next));
        })
    };
    use_wheel(surface, &turn);
    let enlarged = view.is_enlarged(layout);
    let on_key = {
        let turn = turn.clone();
        Callback::from(move |event: KeyboardEvent| {
            let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
            if let Some(wanted) = key(&event.key(), enlarged).filter(|_| plain) {
                event.prevent_default();
                event.stop_propagation();
                turn.emit(wanted);
            }
        })
    };
    let on_down = {
        let (surface, pointers) = (surface.clone(), pointers.clone());
        Callback::from(move |event: PointerEvent| {
            let on_card = event
                .target_dyn_into::<Element>()
                .is_some_and(|element| element.closest(".card").ok().flatten().is_some());
            let touch = event.pointer_type() == "touch";
            // A click on a card is its own; two fingers may lie on cards.
            if event.button() == 0 && (touch || enlarged && !on_card) {
                pointers.borrow_mut().insert(event.pointer_id(), seen_at(&surface, &event));
            }
        })
    };
    let on_move = {
        let (surface, pointers, turn) = (surface.clone(), pointers.clone(), turn.clone());
        Callback::from(move |event: PointerEvent| {
            let mut pointers = pointers.borrow_mut();
            let at = seen_at(&surface, &event);
            // Where a button was let go outside, nobody has said so.
            let before = pointers.remove(&event.pointer_id()).filter(|_| event.buttons() != 0);
            let Some(before) = before else { return };
            pointers.insert(event.pointer_id(), at);
            let by = (at.0 - before.0, at.1 - before.1);
            let other = pointers.iter().find(|(id, _)| **id != event.pointer_id()).map(|(_, &other)| other);
            match other {
                Some(other) => {
                    let away = |point: Point| (point.0 - other.0).hypot(point.1 - other.1).max(1.0);
                    let about = ((at.0 + other.0) / 2.0, (at.1 + other.1) / 2.0);
                    turn.emit(Turn::Zoom { factor: away(at) / away(before), about: Some(about) });
                }
                None if enlarged => turn.emit(Turn::Pan(by)),
                None => {}
            }
        })
    };
    let on_up = Callback::from(move |event: PointerEvent| {
        pointers.borrow_mut().remove(&event.pointer_id());
    });
    Zoom { view, on_key, on_down, on_move, on_up, turn }
}

fn key(key: &str, enlarged: bool) -> Option<Turn> {
    let zoom = |factor| Some(Turn::Zoom { factor, about: None });
    match key {
        "+" | "=" => zoom(STEP),
        "-" => zoom(1.0 / STEP),
        "0" => Some(Turn::Fit),
        // With all of it in sight they scroll the page.
        "ArrowLeft" if enlarged => Some(Turn::Pan((PAN, 0.0))),
        "ArrowRight" if enlarged => Some(Turn::Pan((-PAN, 0.0))),
        "ArrowUp" if enlarged => Some(Turn::Pan((0.0, PAN))),
        "ArrowDown" if enlarged => Some(Turn::Pan((0.0, -PAN))),
        _ => None,
    }
}

/// Where on the surface.
fn seen_at(surface: &NodeRef, event: &web_sys::MouseEvent) -> Point {
    let rect = surface.cast::<Element>().map(|element| element.get_bounding_client_rect());
    rect.map_or((0.0, 0.0), |rect| {
        (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top())
    })
}

/// The wheel with Ctrl, which is also what two fingers on a touch pad do. Listened to here, since Yew's own listener may
/// not keep the page from being zoomed.
#[hook]
fn use_wheel(surface: &NodeRef, turn: &Callback<Turn>) {
    // The listener lives as long as the surface; what it does is always the newest.
    let newest = use_mut_ref(|| turn.clone());
    *newest.borrow_mut() = turn.clone();
    let surface = surface.clone();
    use_effect_with((), move |()| {
        let own = surface.clone();
        let listener = surface.cast::<HtmlElement>().map(|element| {
            Listener::new(&element, "wheel", move |event| {
                let Some(event) = event.dyn_ref::<web_sys::WheelEvent>().filter(|event| event.ctrl_key()) else {
                    return;
                };
                event.prevent_default();
                let factor = (-event.delta_y() * WHEEL).exp();
                let turn = newest.borrow().clone();
                turn.emit(Turn::Zoom { factor, about: Some(seen_at(&own, event)) });
            })
        });
        move || drop(listener)
    });
}

impl Zoom {
    /// The buttons.
    pub fn buttons(&self, layout: &Layout) -> Html {
        let on = |turn: Turn| self.turn.reform(move |_: MouseEvent| turn);
        let zoom = |factor: f64| on(Turn::Zoom { factor, about: None });
        let enlarged = self.view.is_enlarged(layout);
        html! {
            <div class="zoom" role="group" aria-label="Zoom">
                <button type="button" class="icon" aria-label="Zoom out" title="Zoom out (-)" disabled={!enlarged} onclick={zoom(1.0 / STEP)}>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M3,8h10" /></svg>
                </button>
                <button type="button" class="icon" aria-label="Zoom in" title="Zoom in (+), or the wheel with Ctrl" disabled={self.view.is_largest()} onclick={zoom(STEP)}>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M3,8h10M8,3v10" /></svg>
                </button>
                <button type="button" class="icon" aria-label="Fit" title="Show all of it (0)" disabled={!enlarged} onclick={on(Turn::Fit)}>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M2.5,6v-3.5h3.5M10,2.5h3.5v3.5M13.5,10v3.5h-3.5M6,13.5h-3.5v-3.5" /></svg>
                </button>
            </div>
        }
    }
}
