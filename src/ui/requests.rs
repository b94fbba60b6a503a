//! Single requests: the next one of a class is followed, or one of the last minute looked at; its waterfall, and the same
//! for tools that know OpenTelemetry.

use yew::prelude::*;

use crate::course::journey::{Journey, otlp::otlp};
use crate::frame::{PickLine, Scene, Status};
use crate::player::Command;

use super::same::Same;
use super::waterfall::waterfall;
use super::{dom, download, format};

/// What there is to choose from, what was followed, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// The request that was followed last.
    pub traced: Option<Same<Journey>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
    /// The visitor has seen enough of it.
    pub on_close: Callback<()>,
}

/// Single requests.
#[component]
pub fn Requests(props: &Props) -> Html {
    let Props { scene, status, act, .. } = props;
    let class = use_state_eq(|| None::<String>);
    let classes: Vec<&str> = scene.scenario.workload.classes.keys().map(|id| &**id).collect();
    // What was chosen for another system may not be there in this one.
    let chosen = class.as_deref().filter(|own| classes.contains(own)).or(classes.first().copied()).map(str::to_owned);
    let on_choose = {
        let class = class.setter();
        move |event: Event| class.set(Some(dom::value(&event)))
    };
    let on_follow = {
        let (act, chosen) = (act.clone(), chosen.clone());
        move |_: MouseEvent| {
            if let Some(class) = chosen.clone() {
                act.emit(Command::FollowNext { class });
            }
        }
    };
    html! {
        <section class="requests" aria-labelledby="requests-title">
            <h2 id="requests-title">{ "Requests" }</h2>
            <div class="follow">
                <button type="button" onclick={on_follow}>{ "Follow the next" }</button>
                <select aria-label="Class of requests" onchange={on_choose}>
                    { for classes.iter().map(|id| html! {
                        <option value={id.to_string()} selected={chosen.as_deref() == Some(*id)}>{ *id }</option>
                    }) }
                </select>
            </div>
            <div role="status">{ for props.traced.as_deref().map(|journey| traced(journey, scene, &props.on_close)) }</div>
            { picks("Slowest of the last minute", &status.slowest, act) }
            { picks("Failed in the last minute", &status.failures, act) }
        </section>
    }
}

/// The request that was followed.
fn traced(journey: &Journey, scene: &Scene, on_close: &Callback<()>) -> Html {
    let on_export = {
        let journey = journey.clone();
        move |_: MouseEvent| {
            let name = format!("request-{}.otlp.json", journey.request + 1);
            download::text(&name, "application/json", &otlp(std::slice::from_ref(&journey)).to_string());
        }
    };
    html! {
        <div class="traced">
            { waterfall(journey, Some(scene), true) }
            <p class="links">
                <button
                    type="button" class="link" onclick={on_export} title="Its spans in OpenTelemetry's JSON, for trace viewers"
                >{ "OpenTelemetry" }</button>
                <button type="button" class="link" onclick={on_close.reform(|_: MouseEvent| ())}>{ "Close" }</button>
            </p>
        </div>
    }
}

fn picks(title: &str, picks: &[PickLine], act: &Callback<Command>) -> Html {
    if picks.is_empty() {
        return Html::default();
    }
    let line = |pick: &PickLine| {
        let (request, sent_ms) = (pick.request, pick.sent_ms);
        let on_click = act.reform(move |_: MouseEvent| Command::Trace { request, sent_ms });
        html! {
            <li key={request.to_string()}>
                <button type="button" onclick={on_click} title="Tell what it did when">
                    <time>{ format::moment(sent_ms) }</time>
                    <span>
                        { &pick.class }
                        if let Some(cause) = pick.cause { <b>{ format!(" {}", format::cause(cause)) }</b> }
                    </span>
                    <i>{ format::span(pick.took_ms) }</i>
                </button>
            </li>
        }
    };
    html! {
        <details>
            <summary>{ title.to_owned() }</summary>
            <ol>{ for picks.iter().map(line) }</ol>
        </details>
    }
}
