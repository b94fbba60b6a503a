//! The glossary: closed until it is wanted; finds terms by their old words too.

use yew::prelude::*;

use crate::course::glossary::{ENTRIES, Entry};

use super::dom;

/// The glossary.
#[component]
pub fn Glossary() -> Html {
    let wanted = use_state_eq(String::new);
    let on_input = {
        let wanted = wanted.clone();
        move |event: InputEvent| wanted.set(dom::value(&event).trim().to_lowercase())
    };
    let has = |entry: &&Entry| {
        let mut words = entry.also.iter().chain([&entry.term]);
        // "masters" is looked for as "master" is.
        let stem = wanted.strip_suffix('s').unwrap_or(&wanted);
        words.any(|word| word.contains(stem))
    };
    let found: Vec<&Entry> = ENTRIES.iter().filter(has).collect();
    html! {
        <details class="glossary">
            <summary>{ "Glossary" }</summary>
            <input
                type="text" aria-label="Look a word up, old words too" placeholder="master, slave, SPOF …"
                autocomplete="off" spellcheck="false" oninput={on_input}
            />
            <dl aria-live="polite">
                { for found.iter().map(|entry| html! {
                    <div key={entry.term}>
                        <dt>
                            { entry.term }
                            if !entry.also.is_empty() { <i>{ format!(" also: {}", entry.also.join(", ")) }</i> }
                        </dt>
                        <dd>{ entry.meaning }</dd>
                    </div>
                }) }
            </dl>
            if found.is_empty() { <p class="hint">{ "No such word here." }</p> }
        </details>
    }
}
