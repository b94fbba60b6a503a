//! What those who run the system know, in the inspector: alerts, users and orders, and the lines by server and gathered, to be
//! searched; of a server that is looked at, its own lines.

use std::rc::Rc;

use yew::prelude::*;

use crate::frame::{AlertStatus, BusinessStatus, LogLines, LogsStatus, Scene, Status};
use crate::player::Command;

use super::{dom, format, names};

/// What the panel shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Rc<Scene>,
    /// How it stands.
    pub status: Rc<Status>,
    /// The server that is looked at, if one is: then only its lines are shown.
    pub node: Option<String>,
    /// What was found in the lines.
    pub found: Rc<LogLines>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The panel; nothing where nobody runs the system.
#[component]
pub fn Operations(props: &Props) -> Html {
    let Some(own) = &props.status.operations else { return Html::default() };
    let has_lines = |logs: &&LogsStatus| props.node.as_ref().is_none_or(|node| logs.writers.contains(node));
    let whole = props.node.is_none();
    html! {
        <div class="operations">
            if whole && !own.alerts.is_empty() {
                <h3>{ "Alerts" }</h3>
                <dl class="ledger">{ for own.alerts.iter().map(alert) }</dl>
            }
            if let Some(own) = own.business.as_ref().filter(|_| whole) {
                <h3>{ "Business" }</h3>
                <dl class="ledger">{ business(own) }</dl>
            }
            if let Some(logs) = own.logs.as_ref().filter(has_lines) {
                <h3>{ "Lines" }</h3>
                <Logs
                    key={props.node.clone().unwrap_or_default()} node={props.node.clone()}
                    scene={props.scene.clone()} logs={logs.clone()} found={props.found.clone()} act={props.act.clone()}
                    beat={beat(&props.status)}
                />
            }
        </div>
    }
}

/// Changes about once a second of the visitor's, while time runs.
fn beat(status: &Status) -> u64 {
    (status.now_ms / 1e3 / status.speed.max(1e-3)) as u64
}

fn alert(own: &AlertStatus) -> Html {
    let stands = match (own.firing, own.holds) {
        (true, _) => "fires",
        (false, true) => "about to fire",
        (false, false) => "calm",
    };
    let value = own.value.map_or_else(|| "no value".to_owned(), value);
    html! {
        <>
            <dt class={own.firing.then_some("firing")}>{ own.id.clone() }</dt>
            <dd class={own.firing.then_some("firing")}>{ format!("{stands}, {value}") }</dd>
        </>
    }
}

/// A value of whatever it is: shares need more digits than what is counted.
fn value(value: f64) -> String {
    if value > 0.0 && value < 1.0 { format!("{value:.3}") } else { format::short(value) }
}

fn business(own: &BusinessStatus) -> Html {
    let dollars = |usd: f64| format!("${}", format::count(usd.max(0.0).round() as u64));
    html! {
        <>
            <dt>{ "users today" }</dt><dd>{ format::count(own.active_users_today.round() as u64) }</dd>
            <dt>{ "visits with an order" }</dt><dd>{ format!("{}%", format::percent(own.conversion)) }</dd>
            <dt>{ "revenue" }</dt><dd>{ dollars(own.revenue_usd) }</dd>
            <dt>{ "lost while alerts fired" }</dt><dd>{ dollars(own.revenue_lost_usd) }</dd>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LogsProps {
    node: Option<String>,
    scene: Rc<Scene>,
    logs: LogsStatus,
    found: Rc<LogLines>,
    act: Callback<Command>,
    beat: u64,
}

/// The lines: whose, with which words.
#[component]
fn Logs(props: &LogsProps) -> Html {
    let LogsProps { scene, logs, found, .. } = props;
    let words = use_state_eq(String::new);
    // Without gathered lines there are only those of one server each.
    let first = || if logs.blamed.is_some() { None } else { logs.writers.first().cloned() };
    let whose = use_state_eq(|| props.node.clone());
    let target = (*whose).clone().or_else(first);
    use_effect_with((words.clone(), target.clone(), props.beat), {
        let act = props.act.clone();
        move |(words, target, _): &(UseStateHandle<String>, Option<String>, u64)| {
            act.emit(Command::ReadLog { words: (**words).clone(), target: target.clone() });
        }
    });
    let on_input = {
        let words = words.clone();
        Callback::from(move |event: InputEvent| words.set(dom::value(&event)))
    };
    let on_choose = {
        let whose = whose.clone();
        Callback::from(move |event: Event| whose.set(Some(dom::value(&event)).filter(|own| !own.is_empty())))
    };
    html! {
        <>
            if props.node.is_none() {
                <div class="failures">
                    { counts(scene, "Failures by writer", &logs.by_writer) }
                    { for logs.blamed.as_ref().map(|blamed| counts(scene, "By whom they name", blamed)) }
                </div>
            }
            <div class="search">
                <select aria-label="Whose lines" onchange={on_choose}>
                    if logs.blamed.is_some() { <option value="" selected={target.is_none()}>{ "all, gathered" }</option> }
                    { for logs.writers.iter().map(|own| html! {
                        <option value={own.clone()} selected={target.as_ref() == Some(own)}>
                            { format!("of {}", names::target(scene, own)) }
                        </option>
                    }) }
                </select>
                <input
                    type="text" aria-label="Words that the lines have" placeholder="web.2 timeout"
                    autocomplete="off" spellcheck="false" value={(*words).clone()} oninput={on_input}
                />
            </div>
            <ol class="lines" tabindex="0" aria-label="Lines, newest first">
                { for found.lines.iter().map(|line| html! { <li>{ line }</li> }) }
            </ol>
            <p class="hint">{ hint(found) }</p>
        </>
    }
}

fn hint(found: &LogLines) -> &'static str {
    match (found.readable, found.lines.is_empty(), found.more) {
        (false, _, _) => "The server is dead, and its lines with it until it is back.",
        (true, true, _) => "No such line.",
        (true, false, true) => "And more before.",
        (true, false, false) => "",
    }
}

fn counts(scene: &Scene, title: &'static str, counts: &[(String, u64)]) -> Html {
    let row = |(target, count): &(String, u64)| {
        html! { <li>{ names::target(scene, target) }<b>{ format::count(*count) }</b></li> }
    };
    html! {
        <div>
            <b>{ title }</b>
            if counts.is_empty() { <p class="hint">{ "none" }</p> }
            <ul>{ for counts.iter().map(row) }</ul>
        </div>
    }
}
