//! Keys that no field or button has taken, and whether single ones are heard at all.

use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};
use yew::prelude::*;

use super::commands::{Deed, Entry, Key};
use super::dom::Listener;
use super::theme::storage;

const KEY: &str = "zero-to-millions.single-keys";

/// Whether keys without Ctrl are heard: who speaks to a computer may not want that (WCAG 2.1.4).
pub fn are_single_heard() -> bool {
    storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).as_deref() != Some("off")
}

/// Remembers whether they are. Says whether that could be done.
pub fn hear_single(heard: bool) -> bool {
    let Some(storage) = storage() else { return false };
    let done = if heard { storage.remove_item(KEY) } else { storage.set_item(KEY, "off") };
    done.is_ok()
}

/// Does what a key asks for.
#[hook]
pub fn use_keys(entries: Vec<Entry>, perform: Callback<Deed>) {
    use_effect_with((entries, perform), move |(entries, perform)| {
        let (entries, perform) = (entries.clone(), perform.clone());
        let keys = web_sys::window().map(|window| {
            Listener::new(&window, "keydown", move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                if let Some(entry) = entries.iter().find(|entry| entry.key.is_some_and(|key| asks(event, key))) {
                    event.prevent_default();
                    perform.emit(entry.deed.clone());
                }
            })
        });
        move || drop(keys)
    });
}

/// Whether the visitor means this key, and nothing that what has the focus would do with it.
fn asks(event: &KeyboardEvent, key: Key) -> bool {
    let control = event.ctrl_key() || event.meta_key();
    let pressed = event.key().to_lowercase();
    if event.default_prevented() || event.alt_key() || control != key.control || pressed != key.key {
        return false;
    }
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |names: &str| element.as_ref().is_some_and(|element| element.closest(names).is_ok_and(|own| own.is_some()));
    if key.control {
        // What is typed has its own undo.
        return event.shift_key() == key.shift && (key.key == "k" || !within("input[type=text], textarea"));
    }
    let taken = match key.key {
        // The part that has the focus within it says what Escape means.
        "escape" => "dialog, .sharing, select",
        " " => "dialog, input, textarea, select, button, a, summary, [role=slider]",
        "home" => "dialog, input, textarea, select, [role=slider], aside",
        _ => "dialog, input[type=text], textarea, select",
    };
    !within(taken) && (key.key == "escape" || are_single_heard())
}
