//! A request that was followed, as a waterfall: its attempts, and what each did when, from being sent to its last byte; where
//! its time went.

use yew::prelude::*;

use crate::course::journey::{Attempt, Journey, Leg, LegKind};
use crate::frame::Scene;
use crate::nodes::Cause;

use super::{format, names};

/// A waterfall that can be folded. Parts are called as in the scene, where the request is of what is played.
pub fn waterfall(journey: &Journey, scene: Option<&Scene>, open: bool) -> Html {
    let run = if journey.run.is_empty() { String::new() } else { format!("{}: ", journey.run.replace('_', " ")) };
    let title = format!("{run}request {}, {}, {}", journey.request + 1, journey.class, format::span(journey.took_ms));
    // What a primary sends its replicas may arrive after the answer.
    let until = journey.legs.iter().map(|leg| leg.end_ms).fold(journey.took_ms, f64::max);
    let failed = journey.cause.map(|cause| format!(", {}", format::cause(cause)));
    let picture = Picture { journey, scene, until };
    html! {
        <details class="waterfall" {open}>
            <summary>{ title }{ failed }</summary>
            <p class="shares">{ shares(journey) }</p>
            if journey.unknown {
                <p class="hint">{ "It writes, and its client cannot know whether that was done all the same." }</p>
            }
            <ol>{ for picture.rows() }</ol>
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

struct Picture<'a> {
    journey: &'a Journey,
    scene: Option<&'a Scene>,
    until: f64,
}

impl Picture<'_> {
    /// What happened; where there are several attempts, each with what it did.
    fn rows(&self) -> Vec<Html> {
        let Journey { attempts, legs, .. } = self.journey;
        if attempts.len() < 2 {
            return legs.iter().map(|leg| self.leg(leg)).collect();
        }
        let own = |index: usize| {
            let legs = legs.iter().filter(move |leg| leg.attempt == index).map(|leg| self.leg(leg));
            [self.attempt(index)].into_iter().chain(legs)
        };
        (0..attempts.len()).flat_map(own).collect()
    }

    fn attempt(&self, index: usize) -> Html {
        let own = &self.journey.attempts[index];
        let (class, text) = match &own.balancer {
            Some(balancer) => {
                let after =
                    own.after.map_or_else(String::new, |cause| format!(" after the last: {}", format::cause(cause)));
                ("attempt pass", format!("{} tries another server{after}", self.name(balancer)))
            }
            None => ("attempt", format!("Attempt {}: {}", self.number(index), outcome(own))),
        };
        html! {
            <li {class}>
                <span>{ text }</span>
                <span class="took">{ format::span(own.end_ms - own.start_ms) }</span>
                { self.bar(own.start_ms, own.end_ms) }
            </li>
        }
    }

    /// Which of its client's attempts it is, from 1.
    fn number(&self, index: usize) -> usize {
        self.journey.attempts[..=index].iter().filter(|own| own.balancer.is_none()).count()
    }

    fn leg(&self, leg: &Leg) -> Html {
        let (class, what) = match (leg.doing, leg.back) {
            (LegKind::Name, false) => ("name", "asks for the address"),
            (LegKind::Name, true) => ("name", "the address"),
            (LegKind::Connect, false) => ("connect", "connects"),
            (LegKind::Connect, true) => ("connect", "the connection is accepted"),
            (LegKind::Travel, false) => ("travel", "on its way"),
            (LegKind::Travel, true) => ("travel", "the answer"),
            (LegKind::Wait, _) => ("wait", "waits"),
            (LegKind::Work, _) => ("work", "works"),
            (LegKind::Read, _) => ("read", "reads the disk"),
            (LegKind::Commit, _) => ("wait", "waits until enough replicas have it"),
            (LegKind::Ship, _) => ("ship", "what it wrote, to a replica"),
        };
        let (from, to) = (self.name(&leg.from), self.name(&leg.to));
        let place = if leg.from == leg.to { from } else { format!("{from} → {to}") };
        let given_up = self.journey.attempts.get(leg.attempt).is_some_and(|own| leg.start_ms >= own.end_ms);
        let for_nobody = if given_up && leg.doing != LegKind::Ship { ", for nobody" } else { "" };
        html! {
            <li {class}>
                <span>{ place }{ ": " }<i>{ leg.command.clone().unwrap_or_else(|| what.to_owned()) }{ for_nobody }</i></span>
                <span class="took">{ format::span(leg.end_ms - leg.start_ms) }</span>
                { self.bar(leg.start_ms, leg.end_ms) }
            </li>
        }
    }

    fn bar(&self, start_ms: f64, end_ms: f64) -> Html {
        let x = |ms: f64| ms / self.until.max(1e-9) * 200.0;
        let (from, width) = (format!("{:.1}", x(start_ms)), format!("{:.1}", x(end_ms - start_ms).max(0.8)));
        html! {
            <svg viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true">
                <rect x={from} y="0" width={width} height="6" />
            </svg>
        }
    }

    /// A part, as it is called on its card. In the runs of experiments parts are called by their ids.
    fn name(&self, spoken: &str) -> String {
        match self.scene {
            Some(scene) => names::target(scene, spoken),
            None => match spoken.replace(['.', '-'], " ") {
                id if matches!(id.as_str(), "dns" | "cdn") => id.to_uppercase(),
                id => names::capitalised(&id),
            },
        }
    }
}

/// How an attempt ended for its client.
fn outcome(own: &Attempt) -> String {
    let mut text = match own.cause {
        None => "answered".to_owned(),
        Some(Cause::Timeout) => format!("given up at {}", format::span(own.end_ms)),
        Some(cause) => format!("{} at {}", format::cause(cause), format::span(own.end_ms)),
    };
    if own.unknown {
        text += ", outcome unknown";
    }
    if let Some(late_ms) = own.late_ms {
        text += &format!("; its answer came at {}, to nobody", format::span(late_ms));
    }
    text
}
