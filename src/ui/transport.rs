//! Time: play, pause, step, speed, the scrub bar, undo and redo.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::frame::{FactKind, Scene, Status};
use crate::player::{Command, SPEEDS};

use super::same::Same;
use super::{dom, format, log, marks};

/// Positions of the scrub bar.
const POSITIONS: u32 = 2000;
/// Of each kind of marks, at most one in each of so many parts of the bar.
const MARKS: u32 = 100;
/// A bar that was not moved for so long is meant to stay: the keys that move it are one jump, not many.
const SETTLED_MS: u32 = 180;
/// Below this share of the speed asked for, the page says so.
const KEEPS_UP: f64 = 0.93;

/// What the transport shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The transport.
pub fn transport(props: &Props) -> Html {
    let Props { status, act, .. } = props;
    let playing = status.playing;
    let command = |command: Command| act.reform(move |_: MouseEvent| command.clone());
    let toggle = if playing { Command::Pause } else { Command::Play };
    html! {
        <div class="transport" role="group" aria-label="Time">
            <button
                type="button" class="icon play" onclick={command(toggle)}
                aria-label={if playing { "Pause" } else { "Play" }} title="Space"
            >
                { if playing { pause_icon() } else { play_icon() } }
            </button>
            <button type="button" onclick={command(Command::Step)} title="One event further (.)">{ "Step" }</button>
            <button
                type="button" class="icon" aria-label="Next event" title="Jump to the next event of the log (N)"
                onclick={command(Command::NextFact)}
            >{ next_icon() }</button>
            <Scrub ..props.clone() />
            { speed(props) }
            <span class="pair">
                <button
                    type="button" class="icon" aria-label="Undo" title="Undo (Ctrl+Z)"
                    disabled={!status.can_undo} onclick={command(Command::Undo)}
                >{ arrow_icon("M5 4L2 7l3 3M2.5 7H9a3 3 0 0 1 0 6H7") }</button>
                <button
                    type="button" class="icon" aria-label="Redo" title="Redo (Ctrl+Shift+Z)"
                    disabled={!status.can_redo} onclick={command(Command::Redo)}
                >{ arrow_icon("M11 4l3 3-3 3M13.5 7H7a3 3 0 0 0 0 6h2") }</button>
            </span>
        </div>
    }
}

fn speed(props: &Props) -> Html {
    let status = &props.status;
    let on_change = props.act.reform(|event: Event| {
        // The options are the speeds themselves.
        Command::Speed { factor: dom::value(&event).parse().unwrap_or(1.0) }
    });
    let options = SPEEDS.iter().map(|&speed| {
        let chosen = (status.speed - speed).abs() < speed * 1e-9;
        html! { <option value={speed.to_string()} selected={chosen}>{ format::speed(speed) }</option> }
    });
    let behind = status.reached_speed.filter(|&reached| reached < status.speed * KEEPS_UP);
    html! {
        <span class="speed">
            <select aria-label="Speed: simulated seconds per second" onchange={on_change}>{ for options }</select>
            if let Some(reached) = behind {
                <span class="behind">
                    { match &status.twin {
                        Some(twin) if twin.share_of_way.is_some() => "waits for the twin".to_owned(),
                        Some(_) => format!("with the twin {}", format::reached(reached)),
                        None => format!("reached {}", format::reached(reached)),
                    } }
                </span>
            }
        </span>
    }
}

/// The end of the bar: a round number beyond the furthest moment that was reached.
pub fn scale_ms(furthest_ms: f64) -> f64 {
    let wanted = (furthest_ms * 1.04).max(500.0);
    let power = 10f64.powf(wanted.log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&scale| scale >= wanted)
        .unwrap_or(wanted)
}

#[component]
fn Scrub(props: &Props) -> Html {
    let Props { scene, status, act } = props;
    // Where the visitor has it, until the jump has begun.
    let held = use_state_eq(|| None::<f64>);
    let pending = use_mut_ref(|| None::<Timeout>);
    let own = use_node_ref();
    let scale = scale_ms(status.furthest_ms);
    let shown = (*held).or(status.seeking_ms).unwrap_or(status.now_ms);
    let position = (shown / scale * f64::from(POSITIONS)).round();
    dom::use_styles(&own, vec![("--filled", format!("{:.2}%", position * 100.0 / f64::from(POSITIONS)))]);
    let moment = move |text: String| text.parse::<f64>().ok().map(|at| at / f64::from(POSITIONS) * scale);
    let on_input = {
        let (held, pending) = (held.clone(), pending.clone());
        Callback::from(move |event: InputEvent| {
            *pending.borrow_mut() = None;
            held.set(moment(dom::value(&event)));
        })
    };
    let on_commit = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            let Some(at_ms) = moment(dom::value(&event)) else { return };
            let (act, held, next) = (act.clone(), held.clone(), pending.clone());
            *pending.borrow_mut() = Some(Timeout::new(SETTLED_MS, move || {
                act.emit(Command::Seek { at_ms });
                *next.borrow_mut() = Some(Timeout::new(SETTLED_MS, move || held.set(None)));
            }));
        })
    };
    let x = |at_ms: f64| format!("{:.2}%", (at_ms / scale * 100.0).min(100.0));
    let ready = status.checkpoints_ms.iter().map(|&at| {
        html! { <line class="ready" x1={x(at)} x2={x(at)} y1="17" y2="20" /> }
    });
    let facts = marks::thinned(status.facts.iter().map(|own| (own.at_ms, own.fact)), |at_ms| at_ms / scale, MARKS);
    let facts = facts.into_iter().map(|(share, kind)| {
        html! { <svg class="at" x={format!("{:.2}%", share * 100.0)} y="6">{ marks::shape(kind) }</svg> }
    });
    let near = log::near(scene, &status.facts, shown, scale / f64::from(MARKS));
    let spoken = if near.is_empty() { String::new() } else { format!(", {near}") };
    let latest = status.facts.iter().rev().find(|fact| fact.fact == FactKind::Fault);
    let latest =
        latest.map(|fact| format!("last fault: {} at {}", log::words(scene, fact), format::moment(fact.at_ms)));
    let title = if near.is_empty() { latest } else { Some(near) };
    html! {
        <>
            <output class="clock" aria-label="Simulated time" data-now-ms={status.now_ms.to_string()}>
                { format::moment(shown) }
                if status.seeking_ms.is_some() { <small>{ "jumping" }</small> }
            </output>
            <div class="scrub" {title}>
                <svg aria-hidden="true" height="20" width="100%">{ for ready }{ for facts }</svg>
                <input
                    ref={own} type="range" min="0" max={POSITIONS.to_string()} step="1" value={position.to_string()}
                    aria-label="Moment" aria-valuetext={format::moment(shown) + &spoken}
                    oninput={on_input} onchange={on_commit}
                />
                <span class="end" aria-hidden="true">{ format::span(scale) }</span>
            </div>
        </>
    }
}

fn play_icon() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path class="solid" d="M4 2.5v11l9.5-5.5z" /></svg> }
}

fn next_icon() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path class="solid" d="M3 3v10l6.5-5zM10.5 3H13v10h-2.5z" /></svg> }
}

fn pause_icon() -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path class="solid" d="M4 3h3v10H4zM9.5 3h3v10h-3z" /></svg> }
}

fn arrow_icon(path: &'static str) -> Html {
    html! { <svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d={path} /></svg> }
}
