//! A request that was followed, as a waterfall: what it did when, from being sent to its last byte, and where its time went.

use yew::prelude::*;

use crate::course::journey::{Journey, Leg, LegKind};

use super::{format, names};

/// A waterfall that can be folded.
pub fn waterfall(journey: &Journey, open: bool) -> Html {
    let run = if journey.run.is_empty() { String::new() } else { format!("{}: ", journey.run.replace('_', " ")) };
    let title = format!("{run}request {}, {}, {}", journey.request + 1, journey.class, format::span(journey.took_ms));
    // What a primary sends its replicas may arrive after the answer.
    let until = journey.legs.iter().map(|leg| leg.end_ms).fold(journey.took_ms, f64::max);
    let failed = journey.cause.map(|cause| format!(", {}", format::cause(cause)));
    html! {
        <details class="waterfall" {open}>
            <summary>{ title }{ failed }</summary>
            <p class="shares">{ shares(journey) }</p>
            if journey.unknown {
                <p class="hint">{ "It writes, and its client cannot know whether that was done all the same." }</p>
            }
            <ol>{ for journey.legs.iter().map(|leg| row(leg, until)) }</ol>
        </details>
    }
}

/// Where its time went, by what it did; what it did at once with something else counts for both.
fn shares(journey: &Journey) -> String {
    let kinds: [(&str, &[LegKind]); 3] = [
        ("network", &[LegKind::Name, LegKind::Connect, LegKind::Travel]),
        ("waiting", &[LegKind::Wait, LegKind::Commit]),
        ("service", &[LegKind::Work, LegKind::Read]),
    ];
    let parts = kinds.into_iter().filter_map(|(name, kinds)| {
        let own = journey.legs.iter().filter(|leg| kinds.contains(&leg.doing));
        // What is done after the answer is none of its time.
        let spent: f64 = own.map(|leg| leg.end_ms.min(journey.took_ms) - leg.start_ms).filter(|ms| *ms > 0.0).sum();
        (spent > 0.0).then(|| format!("{name} {}", format::span(spent)))
    });
    parts.collect::<Vec<_>>().join(", ")
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
