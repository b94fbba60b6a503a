//! The journey bar: thirteen chapters, of which those with a stage can be entered.

use yew::prelude::*;

use crate::course::stages;

/// The chapters, in order.
pub const CHAPTERS: [&str; 13] = [
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

/// What the bar shows and whom it tells.
pub struct Props {
    /// The id of the stage that is played.
    pub stage: Option<String>,
    /// The visitor turns to a stage.
    pub on_stage: Callback<String>,
}

/// The journey bar.
pub fn journey(props: &Props) -> Html {
    let now = chapter_of(props.stage.as_deref());
    let chapters = CHAPTERS.iter().enumerate().map(|(index, name)| {
        let number = index + 1;
        let stage = stages::newest().find(|stage| usize::from(stage.chapter) == number);
        let current = now == Some(number);
        let class = classes!(
            current.then_some("now"),
            now.is_some_and(|now| number < now).then_some("done"),
            stage.is_none().then_some("missing"),
        );
        let title = match stage {
            Some(_) => format!("{number} {name}"),
            None => format!("{number} {name}: not built yet"),
        };
        let on_click = stage.map(|stage| props.on_stage.reform(move |_: MouseEvent| stage.id.to_owned()));
        html! {
            <li class={class} key={number}>
                <button
                    type="button" title={title.clone()} aria-label={title} disabled={stage.is_none()}
                    aria-current={current.then_some("step")} onclick={on_click}
                ><i>{ number }</i></button>
                if current { <b aria-hidden="true">{ name }</b> }
            </li>
        }
    });
    html! { <nav class="journey" aria-label="Chapters"><ol>{ for chapters }</ol></nav> }
}

/// The number of the chapter that a stage belongs to.
pub fn chapter_of(stage: Option<&str>) -> Option<usize> {
    stages::find(stage?).ok().map(|stage| usize::from(stage.chapter))
}
