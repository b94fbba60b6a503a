//! Says when something comes of a change, where that would take long to wait for, and offers to go there.

use yew::prelude::*;

use crate::frame::Status;
use crate::player::Command;

use super::format;
use super::same::Same;

/// What comes within so much of the visitor's time is waited for.
const WAITED_FOR_MS: f64 = 8000.0;

/// What is known, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// How things stand.
    pub status: Same<Status>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// Says when the next event comes.
#[component]
pub fn Ahead(props: &Props) -> Html {
    let Props { status, act } = props;
    // What the visitor does not want to be told of again.
    let dismissed = use_state_eq(|| None::<f64>);
    let Some(at_ms) = status.next_fact_ms.filter(|at_ms| Some(*at_ms) != *dismissed) else { return Html::default() };
    let wait_ms = (at_ms - status.now_ms) / status.speed;
    if wait_ms < WAITED_FOR_MS || status.seeking_ms.is_some() {
        return Html::default();
    }
    let on_jump = act.reform(|_: MouseEvent| Command::NextFact);
    let on_dismiss = move |_: MouseEvent| dismissed.set(Some(at_ms));
    let when = format::rough_span(wait_ms);
    html! {
        <div class="banner ahead">
            <p role="status">{ format!("At {} the first consequence comes in ", format::speed(status.speed)) }
                // What counts down is not spoken again and again.
                <span aria-hidden="true">{ when }</span>
                { format!(", at {}.", format::moment(at_ms)) }
            </p>
            <button type="button" class="primary" onclick={on_jump}>{ "Jump to it" }</button>
            <button type="button" aria-label="Dismiss" onclick={on_dismiss}>{ "✕" }</button>
        </div>
    }
}
