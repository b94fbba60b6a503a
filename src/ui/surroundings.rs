//! What is around the page: the window and its address, whether it is seen, what the system wants of colours and motion.

use std::rc::Rc;

use yew::prelude::*;

use crate::player::Command;

use super::app::{Engine, SIMULATION};
use super::dom::{self, Listener};
use super::embed::{Embedding, Sight};
use super::message::ToHost;
use super::state::{Action, State};
use super::theme::{self, Theme};

const REDUCED_MOTION: &str = "(prefers-reduced-motion: reduce)";
/// What of the system changes colours.
const COLOURS: [&str; 3] = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"];

/// Whether reduced motion is wanted.
pub fn is_calm() -> bool {
    dom::media(REDUCED_MOTION).is_some_and(|query| query.matches())
}

/// What stands behind the `#` of the address, if that is to be opened.
pub fn fragment() -> Option<String> {
    let fragment = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    (fragment.len() > 1 && fragment[1..] != *SIMULATION).then_some(fragment)
}

/// Shows the theme, on canvases too. Returns a number that changes when colours do.
#[hook]
pub fn use_colours(state: &UseReducerHandle<State>, engine: &Rc<Engine>) -> u32 {
    let version = use_state_eq(|| 0_u32);
    let count = use_mut_ref(|| 0);
    let refresh = {
        let (version, frames) = (version.setter(), engine.frames.clone());
        Rc::new(move || {
            theme::forget_colours();
            frames.painter.borrow_mut().read_colours();
            frames.ask();
            *count.borrow_mut() += 1;
            version.set(*count.borrow());
        })
    };
    use_effect_with(state.theme, {
        let refresh = refresh.clone();
        move |theme: &Theme| {
            theme::apply(*theme);
            refresh();
        }
    });
    use_effect_with((), move |()| {
        let listen = |query: web_sys::MediaQueryList| {
            let refresh = refresh.clone();
            Listener::new(&query, "change", move |_| refresh())
        };
        let listeners: Vec<_> = COLOURS.into_iter().filter_map(dom::media).map(listen).collect();
        move || drop(listeners)
    });
    *version
}

/// Follows the system's wish for reduced motion.
#[hook]
pub fn use_calm(state: &UseReducerHandle<State>, engine: &Rc<Engine>) {
    use_effect_with(state.calm, {
        let engine = engine.clone();
        move |&calm| {
            engine.frames.set_calm(calm);
            engine.simulator.send(ToHost::Calm(calm));
        }
    });
    let dispatch = state.dispatcher();
    use_effect_with((), move |()| {
        let listener = dom::media(REDUCED_MOTION).map(|query| {
            let own = query.clone();
            Listener::new(&query, "change", move |_| dispatch.dispatch(Action::Calm(own.matches())))
        });
        move || drop(listener)
    });
}

/// Marks the request that was followed, wherever it is.
#[hook]
pub fn use_followed(state: &UseReducerHandle<State>, engine: &Rc<Engine>) {
    let painter = engine.frames.clone();
    use_effect_with(state.traced.as_ref().map(|journey| journey.request), move |request| {
        painter.painter.borrow_mut().follow(*request);
    });
}

/// Links in the address, keys, and whether the page is seen.
#[hook]
pub fn use_window(state: &UseReducerHandle<State>, engine: &Rc<Engine>) {
    use_effect_with((), {
        let (engine, dispatch) = (engine.clone(), state.dispatcher());
        move |()| {
            let window = web_sys::window();
            let own = engine.simulator.clone();
            let hash = window.as_ref().map(|window| {
                Listener::new(window, "hashchange", move |_| {
                    if let Some(fragment) = fragment() {
                        dispatch.dispatch(Action::Opening);
                        own.command(Command::Open { fragment });
                    }
                })
            });
            let document = window.and_then(|window| window.document());
            let seen = document.map(|document| {
                let own = document.clone();
                Listener::new(&document, "visibilitychange", move |_| {
                    // A page that is hidden may not be seen again.
                    if own.hidden() {
                        engine.simulator.command(Command::Keep);
                    }
                    engine.tell_whether_seen();
                })
            });
            move || drop((hash, seen))
        }
    });
}

/// A figure in a frame rests while it is out of sight.
#[hook]
pub fn use_sight(engine: &Rc<Engine>, is_embedded: bool) {
    let engine = engine.clone();
    use_effect_with(is_embedded, move |&is_embedded| {
        let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
        let sight = root.filter(|_| is_embedded).and_then(|root| {
            Sight::watch(&root, move |is_seen| {
                engine.on_screen.set(is_seen);
                engine.tell_whether_seen();
            })
        });
        move || drop(sight)
    });
}

/// Once what a figure in a frame shows is there, it begins when and as its address asks for; what is wrong with that is told.
#[hook]
pub fn use_start(
    state: &UseReducerHandle<State>,
    engine: &Rc<Engine>,
    asked_for: &Rc<Option<Result<Embedding, String>>>,
) {
    let is_there = state.scene.is_some() && !state.is_opening;
    let (dispatch, engine, asked_for) = (state.dispatcher(), engine.clone(), asked_for.clone());
    use_effect_with(is_there, move |&is_there| match asked_for.as_ref() {
        Some(Ok(embedding)) if is_there => embedding.commands().for_each(|command| engine.simulator.command(command)),
        Some(Err(wrong)) if is_there => dispatch.dispatch(Action::Warn(wrong.clone())),
        _ => {}
    });
}
