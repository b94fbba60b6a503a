//! The log of events, newest first; the newest is also spoken.

use std::rc::Rc;

use yew::prelude::*;

use crate::frame::{FactKind, FactLine, Scene, Status};
use crate::player::Command;

use super::{format, names};

/// As many lines are shown.
const LINES_MAX: usize = 60;

/// What the log shows and whom it tells.
pub struct Props {
    /// What there is.
    pub scene: Rc<Scene>,
    /// How it stands.
    pub status: Option<Rc<Status>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The log.
pub fn log(props: &Props) -> Html {
    let facts = props.status.as_ref().map(|status| status.facts.as_slice()).unwrap_or_default();
    let lines = facts.iter().rev().take(LINES_MAX).map(|fact| {
        let at_ms = fact.at_ms;
        let on_click = props.act.reform(move |_: MouseEvent| Command::Seek { at_ms });
        let class = match fact.fact {
            FactKind::Fault => "fault",
            FactKind::Reaction => "reaction",
            FactKind::Alert => "alert",
            FactKind::Recovery => "recovery",
            FactKind::Change => "change",
        };
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
    let subject = names::parameter(scene, &fact.subject).unwrap_or_else(|| names::target(scene, &fact.subject));
    html! { <><b>{ subject }</b>{ " " }{ fact.sentence(|other| names::target(scene, other)) }</> }
}
