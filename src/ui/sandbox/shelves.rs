//! Saved systems: a list to open and delete from, and a name to save under.

use web_sys::SubmitEvent;
use yew::prelude::*;

use crate::player::Command;
use crate::ui::dom;
use crate::ui::same::Same;

use super::shelf::{Kept, NAME_MAX, Shelf};

/// What is kept and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What is kept in the browser.
    pub shelf: Same<Shelf>,
    /// The shelf has changed, or could not be changed.
    pub on_shelf: Callback<Result<Shelf, String>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The list and the name.
#[component]
pub fn Shelves(props: &Props) -> Html {
    let Props { shelf, on_shelf, act } = props;
    let typed = use_state_eq(String::new);
    let deleted = use_state_eq(|| None::<Kept>);
    let name = typed.trim().to_owned();
    let on_input = {
        let typed = typed.clone();
        move |event: InputEvent| typed.set(dom::value(&event))
    };
    let on_submit = {
        let (act, name) = (act.clone(), name.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if !name.is_empty() {
                act.emit(Command::Save { name: name.clone() });
            }
        }
    };
    let row = |kept: &Kept| {
        let (own, deleted, on_shelf) = (kept.clone(), deleted.clone(), on_shelf.clone());
        let on_delete = move |_: MouseEvent| {
            let after = Shelf::without(&own);
            deleted.set(after.is_ok().then(|| own.clone()));
            on_shelf.emit(after);
        };
        row(kept, act, on_delete)
    };
    let on_put_back = {
        let (deleted, on_shelf) = (deleted.clone(), on_shelf.clone());
        move |_: MouseEvent| {
            if let Some(own) = &*deleted {
                on_shelf.emit(Shelf::put_back(own));
            }
            deleted.set(None);
        }
    };
    html! {
        <>
            <h3>{ "Saved in this browser" }</h3>
            if let Some(why) = shelf.closed { <p class="problem" role="status">{ why }</p> }
            <form class="line" onsubmit={on_submit}>
                <label for="save-as">{ "Save as" }</label>
                <input
                    id="save-as" type="text" dir="auto" autocomplete="off" maxlength={NAME_MAX.to_string()}
                    value={(*typed).clone()} oninput={on_input}
                />
                <button type="submit" disabled={name.is_empty() || shelf.closed.is_some()}>
                    { if shelf.has(&name) { "Replace" } else { "Save" } }
                </button>
            </form>
            if shelf.saved.is_empty() && shelf.unsaved.is_empty() && shelf.closed.is_none() {
                <p class="hint">{ "Nothing yet. What you edit is kept here by itself as unsaved work." }</p>
            }
            <ul class="shelf" aria-label="Saved systems">{ for shelf.saved.iter().chain(&shelf.unsaved).map(row) }</ul>
            if let Some(own) = &*deleted {
                <p class="line" role="status">
                    <span>{ "Deleted: " }<bdi>{ &own.name }</bdi></span>
                    <button type="button" onclick={on_put_back}>{ "Put back" }</button>
                </p>
            }
        </>
    }
}

fn row(kept: &Kept, act: &Callback<Command>, on_delete: impl Fn(MouseEvent) + 'static) -> Html {
    let fragment = kept.fragment.clone();
    let on_open = act.reform(move |_: MouseEvent| Command::Open { fragment: fragment.clone() });
    html! {
        <li key={kept.key.clone()}>
            <button type="button" class="open" dir="auto" title="Open it" onclick={on_open}>{ &kept.name }</button>
            <button type="button" aria-label={format!("Delete “{}”", kept.name)} onclick={on_delete}>{ "✕" }</button>
        </li>
    }
}
