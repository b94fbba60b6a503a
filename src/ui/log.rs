//! The log of events, newest first; the newest is also spoken.

use yew::prelude::*;

use crate::frame::{FactLine, Scene, Status};
use crate::player::Command;

use super::marks::Look;
use super::same::Same;
use super::{format, names, settings};

/// As many lines are shown.
const LINES_MAX: usize = 60;
/// As many things are told that happened about a moment.
const NEAR_MAX: usize = 3;

/// What the log shows and whom it tells.
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Option<Same<Status>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The log.
pub fn log(props: &Props) -> Html {
    let facts = props.status.as_ref().map(|status| status.facts.as_slice()).unwrap_or_default();
    let lines = facts.iter().rev().take(LINES_MAX).map(|fact| {
        let at_ms = fact.at_ms;
        let on_click = props.act.reform(move |_: MouseEvent| Command::Seek { at_ms });
        let class = Look::class(fact.fact);
        html! {
            <li class={class}>
                <button type="button" onclick={on_click} title="Go to this moment">
                    <time>{ format::moment(fact.at_ms) }</time>
                    <span>{ sentence(&props.scene, fact) }</span>
                </button>
            </li>
        }
    });
    let newest = facts.last().map(|fact| sentence(&props.scene, fact));
    let earlier = facts.len().saturating_sub(LINES_MAX);
    html! {
        <section class="log" aria-labelledby="log-title">
            <h2 id="log-title">{ "Events" }</h2>
            if facts.is_empty() { <p class="hint">{ "Nothing out of the ordinary so far." }</p> }
            <ol>{ for lines }</ol>
            if earlier > 0 { <p class="hint">{ format!("and {earlier} before") }</p> }
            <p class="spoken" aria-live="polite">{ newest }</p>
        </section>
    }
}

fn sentence(scene: &Scene, fact: &FactLine) -> Html {
    let (subject, text) = parts(scene, fact);
    html! { <><b>{ subject }</b>{ " " }{ text }</> }
}

/// What it is about, and what happened to it.
fn parts(scene: &Scene, fact: &FactLine) -> (String, String) {
    match &fact.set_to {
        Some(value) => settings::words(scene, &fact.subject, value),
        None => (names::target(scene, &fact.subject), fact.sentence(|other| names::target(scene, other))),
    }
}

/// The same as plain text.
pub fn words(scene: &Scene, fact: &FactLine) -> String {
    let (subject, text) = parts(scene, fact);
    format!("{subject} {text}")
}

/// What happened about a moment, no further from it than so many milliseconds, in words: the nearest things.
pub fn near(scene: &Scene, facts: &[FactLine], at_ms: f64, within_ms: f64) -> String {
    let mut near: Vec<&FactLine> = facts.iter().filter(|fact| (fact.at_ms - at_ms).abs() <= within_ms).collect();
    let more = near.len().saturating_sub(NEAR_MAX);
    // The most important ones; of these, in the order in which they happened.
    near.sort_by_key(|fact| fact.fact);
    near.truncate(NEAR_MAX);
    near.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    let texts = near.into_iter().map(|fact| format!("{}: {}", Look::of(fact.fact).name, words(scene, fact)));
    let text = texts.collect::<Vec<_>>().join("; ");
    if more > 0 { format!("{text}; and {more} more") } else { text }
}
