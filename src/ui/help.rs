//! The sheet of keys, and how to read the picture.

use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use super::commands::{Entry, Key, SELECTED};
use super::diagram::{HOT, WARM};
use super::dialog::Dialog;
use super::{format, keys};

/// Keys that parts of the page hear while they have the focus: where, which, what they do.
const WITHIN: &[(&str, &str, &str)] = &[
    ("Diagram", "Tab", "from part to part"),
    ("Diagram", "Enter", "select the part"),
    ("Diagram", "K, R", "kill it, restore it"),
    ("Time bar, users", "← →", "a little back or ahead"),
    ("Time bar, users", "Page ↑ ↓", "more of it"),
    ("Charts", "← →", "the moment before or after, read out in all of them"),
    ("Charts", "Enter", "go to that moment"),
];

/// How the diagram is to be read.
fn reading() -> [String; 5] {
    [
        "A dot is a request on its way: a hop lasts as long as in the simulation, at the speed that is set. Its shape and \
         colour say what it is, as the legend below the diagram has it."
            .to_owned(),
        "Where there are too many, a dot stands for as many as the legend says, and beyond that a band is as strong as the \
         stream."
            .to_owned(),
        "Dots at a part wait for it, or are in hand there. A failed request leaves a mark where it died, with the cause."
            .to_owned(),
        format!(
            "The bar of a part is its busiest resource: amber from {}% on, red from {}% on.",
            format::percent(WARM),
            format::percent(HOT)
        ),
        "Double-click a part to kill it or to restore it, and see in the log who notices when.".to_owned(),
    ]
}

/// What can be asked for, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What has keys.
    pub entries: Vec<Entry>,
    /// The visitor has seen enough.
    pub on_close: Callback<()>,
}

/// The sheet.
#[component]
pub fn Help(props: &Props) -> Html {
    let dialog = use_node_ref();
    let heard = use_state_eq(keys::are_single_heard);
    let kept = use_state_eq(|| true);
    let on_single = {
        let (heard, kept) = (heard.clone(), kept.clone());
        move |event: Event| {
            let Some(field) = event.target_dyn_into::<HtmlInputElement>() else { return };
            kept.set(keys::hear_single(field.checked()));
            heard.set(keys::are_single_heard());
        }
    };
    let close = {
        let dialog = dialog.clone();
        move |_: MouseEvent| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        }
    };
    let mut groups: Vec<&'static str> = Vec::new();
    for entry in &props.entries {
        if !groups.contains(&entry.group) {
            groups.push(entry.group);
        }
    }
    let group = |group: &'static str| {
        let own = props.entries.iter().filter(|entry| entry.group == group);
        let mut rows: Vec<_> = own.filter_map(|entry| Some((entry.key?.shown, entry.name.clone()))).collect();
        if group == "Parts" && rows.len() < SELECTED.len() {
            let of_selected =
                |(verb, key): (&str, Option<Key>)| Some((key?.shown, format!("{verb} the selected part")));
            rows.extend(SELECTED.into_iter().filter_map(of_selected));
        }
        html! {
            <section>
                <h3>{ group }</h3>
                <dl class="keys">
                    { for rows.into_iter().map(|(key, name)| html! { <><dt><kbd>{ key }</kbd></dt><dd>{ name }</dd></> }) }
                </dl>
            </section>
        }
    };
    let within = WITHIN.chunk_by(|a, b| a.0 == b.0).map(|own| html! {
        <section>
            <h3>{ format!("While the focus is there: {}", own[0].0) }</h3>
            <dl class="keys">
                { for own.iter().map(|(_, key, does)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ *does }</dd></> }) }
            </dl>
        </section>
    });
    html! {
        <Dialog own={dialog} label="Keys and help" class="help-sheet" on_close={props.on_close.clone()}>
            <div class="title">
                <h2>{ "Keys" }</h2>
                <button type="button" class="close" aria-label="Close" onclick={close}>{ "✕" }</button>
            </div>
            <div class="columns">{ for groups.into_iter().map(group) }{ for within }</div>
            <p class="single">
                <label>
                    <input type="checkbox" checked={*heard} onchange={on_single} />
                    { " Single keys (without Ctrl) are heard" }
                </label>
                if !*kept { <span class="hint">{ " This browser keeps nothing, so they are." }</span> }
            </p>
            <h2>{ "How to read the picture" }</h2>
            <ul class="reading">{ for reading().into_iter().map(|line| html! { <li>{ line }</li> }) }</ul>
            <p class="hint">
                { "Every number on this page comes out of the simulation: the same scenario and seed give the same run, \
                   here, in a link, and on the command line." }
            </p>
        </Dialog>
    }
}
