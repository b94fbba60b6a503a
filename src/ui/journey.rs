//! The journey bar: the thirteen chapters, and the ladder.

use yew::prelude::*;

use crate::course::chapters;
use crate::link::address::{of_chapter, of_claim};
use crate::player::Command;

use super::address::Link;
use super::ladder;

/// The chapters, in order.
pub const CHAPTERS: [&str; chapters::COUNT as usize] = [
    "Single server",
    "Separate database",
    "Bigger or more",
    "Load balancer",
    "Replication",
    "Cache",
    "CDN",
    "Stateless servers",
    "Data centres",
    "Queues",
    "Operations",
    "Sharding",
    "Millions",
];

/// The journey bar: where the visitor is, by the chapter's number, and whom it tells.
pub fn journey(now: Option<u8>, act: &Callback<Command>) -> Html {
    let bar = CHAPTERS.iter().zip(1u8..).map(|(name, number)| {
        let current = now == Some(number);
        let class = classes!(current.then_some("now"), now.is_some_and(|now| number < now).then_some("done"));
        let label = format!("{number} {name}");
        html! {
            <li class={class} key={number}>
                <Link
                    fragment={of_chapter(number)} act={act.clone()} {label} current={current.then_some("step")}
                ><i>{ number }</i></Link>
                if current { <b aria-hidden="true">{ name }</b> }
            </li>
        }
    });
    html! { <nav class="journey" aria-label="Chapters"><ol>{ for bar }</ol>{ to_ladder(act) }</nav> }
}

/// The way to the ladder, from wherever the visitor is.
fn to_ladder(act: &Callback<Command>) -> Html {
    let label = "The ladder: how many users each stage serves";
    html! {
        <Link fragment={of_claim(ladder::CLAIM, 0)} act={act.clone()} class="to-ladder" {label}>
            <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M1.5 13.5h3.3v-3.7h3.2V6h3.2V2.5h3.3" /></svg>
        </Link>
    }
}
