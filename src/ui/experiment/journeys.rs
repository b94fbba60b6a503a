//! Requests that were followed, as waterfalls: what each did when, from being sent to its last byte.

use yew::prelude::*;

use crate::course::account::{Journey, Leg, LegKind};
use crate::ui::{format, names};

/// Requests that were followed, one of each sort; nothing if none was.
pub fn journeys(journeys: &[Journey]) -> Html {
    if journeys.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2>{ "Requests that were followed" }</h2>
            <p class="hint">{ "The first of each sort." }</p>
            { for journeys.iter().enumerate().map(|(index, journey)| waterfall(journey, index == 0)) }
        </>
    }
}

fn waterfall(journey: &Journey, open: bool) -> Html {
    let run = journey.run.replace('_', " ");
    let title = format!("{run}: request {}, {}, {}", journey.request + 1, journey.class, format::span(journey.took_ms));
    // What a primary sends its replicas may arrive after the answer.
    let until = journey.legs.iter().map(|leg| leg.end_ms).fold(journey.took_ms, f64::max);
    let failed = journey.cause.map(|cause| format!(", {}", format::cause(cause)));
    html! {
        <details class="waterfall" {open}>
            <summary>{ title }{ failed }</summary>
            <ol>{ for journey.legs.iter().map(|leg| row(leg, until)) }</ol>
        </details>
    }
}

fn row(leg: &Leg, until_ms: f64) -> Html {
    let (class, what) = match leg.doing {
        LegKind::Name => ("name", "asks for the address"),
        LegKind::Connect => ("connect", "connects"),
        LegKind::Travel => ("travel", "on its way"),
        LegKind::Wait => ("wait", "waits"),
        LegKind::Work => ("work", "works"),
        LegKind::Read => ("read", "reads the disk"),
        LegKind::Commit => ("wait", "waits until enough replicas have it"),
        LegKind::Ship => ("ship", "what it wrote, to a replica"),
    };
    let place = if leg.from == leg.to { name(&leg.from) } else { format!("{} → {}", name(&leg.from), name(&leg.to)) };
    let x = |ms: f64| ms / until_ms.max(1e-9) * 200.0;
    let (from, width) = (format!("{:.1}", x(leg.start_ms)), format!("{:.1}", x(leg.end_ms - leg.start_ms).max(0.8)));
    html! {
        <li class={class}>
            <span>{ place }{ ": " }<i>{ leg.command.clone().unwrap_or_else(|| what.to_owned()) }</i></span>
            <span class="took">{ format::span(leg.end_ms - leg.start_ms) }</span>
            <svg viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true">
                <rect x={from} y="0" width={width} height="6" />
            </svg>
        </li>
    }
}

/// A part of a run, as it is called on a card: `web.2` is `Web 2`.
fn name(spoken: &str) -> String {
    names::capitalised(&spoken.replace(['.', '-'], " "))
}
