//! What only the simulation knows: its log of events, to be searched by words and by what kind of thing happened.

use yew::prelude::*;

use crate::frame::{FactKind, Scene, Status};
use crate::player::Command;
use crate::ui::marks::Look;
use crate::ui::same::Same;
use crate::ui::{dom, format, log};

/// As many are shown.
const SHOWN_MAX: usize = 200;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The events.
#[component]
pub fn Events(props: &Props) -> Html {
    let words = use_state_eq(String::new);
    let kind = use_state_eq(|| None::<FactKind>);
    let on_input = {
        let words = words.setter();
        move |event: InputEvent| words.set(dom::value(&event))
    };
    let on_choose = {
        let kind = kind.setter();
        move |event: Event| {
            let name = dom::value(&event);
            kind.set(FactKind::ALL.into_iter().find(|own| Look::of(*own).name == name));
        }
    };
    let wanted: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let found: Vec<(f64, FactKind, String)> = props
        .status
        .facts
        .iter()
        .rev()
        .filter(|fact| kind.is_none_or(|kind| fact.fact == kind))
        .map(|fact| (fact.at_ms, fact.fact, log::words(&props.scene, fact)))
        .filter(|(_, _, text)| {
            let text = text.to_lowercase();
            wanted.iter().all(|word| text.contains(word.as_str()))
        })
        .collect();
    let lines = found.iter().take(SHOWN_MAX).map(|(at_ms, fact, text)| {
        let at_ms = *at_ms;
        let on_click = props.act.reform(move |_: MouseEvent| Command::Seek { at_ms });
        html! {
            <li>
                <button type="button" class="link" title="Go to this moment" onclick={on_click}>{ format::moment(at_ms) }</button>
                <b>{ Look::of(*fact).name }</b>
                <span>{ text }</span>
            </li>
        }
    });
    html! {
        <>
            <div class="search">
                <input
                    type="text" aria-label="Words that the events have" placeholder="words" autocomplete="off" spellcheck="false"
                    value={(*words).clone()} oninput={on_input}
                />
                <select aria-label="Kind of event" onchange={on_choose}>
                    <option selected={kind.is_none()}>{ "all kinds" }</option>
                    { for FactKind::ALL.into_iter().map(|own| html! {
                        <option value={Look::of(own).name} selected={*kind == Some(own)}>{ Look::of(own).name }</option>
                    }) }
                </select>
            </div>
            <p class="found" role="status">{ format!("{} of {} events", found.len(), props.status.facts.len()) }</p>
            <ol class="lines" tabindex="0" aria-label="Events, newest first">{ for lines }</ol>
        </>
    }
}
