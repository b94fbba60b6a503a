//! The ladder as a chart: a rung for each stage, as long as the logarithm of the users that it serves. Each is a link to its
//! stage with that many users.

use yew::prelude::*;

use crate::course::experiments;
use crate::course::ladder::axes::Better;
use crate::course::ladder::{OBJECTIVE, Rung, recorded};
use crate::course::quantity;
use crate::link::address::{of_claim, of_rung};
use crate::player::Command;

use super::address::Link;
use super::format;

/// The claim whose experiment simulates both ends of each rung.
pub const CLAIM: &str = "all.ladder";
/// The axis goes from one user to ten million.
const DECADES: i32 = 7;
const TICKS: [&str; DECADES as usize + 1] = ["1", "10", "100", "1k", "10k", "100k", "1M", "10M"];

/// The chart.
pub fn chart(act: &Callback<Command>) -> Html {
    let promise = format!(
        "The most users of each stage with whom {} of a hundred dynamic requests are answered within {} ms and at most one \
         request in a thousand fails. Each stage has grown as far as it can: what is more than 60% busy gets more servers, \
         where the stage has several, or a bigger machine, from the chapter on that has them. Everybody asks for the same \
         everywhere, caches start warm, and what is sent costs money.",
        99, OBJECTIVE.p99_ms
    );
    let again = experiments::find(CLAIM).ok().map(|experiment| {
        let title = format!("the experiment “{}”", experiment.title);
        html! { <Link fragment={of_claim(CLAIM, 0)} act={act.clone()}>{ title }</Link> }
    });
    html! {
        <section class="ladder" aria-labelledby="ladder-title">
            <h2 id="ladder-title">{ "Users by stage" }</h2>
            <p>{ promise }</p>
            <div class="ticks" aria-hidden="true">{ for TICKS.map(|tick| html! { <span>{ tick }</span> }) }</div>
            <ol>{ for recorded().iter().map(|own| rung(own, act)) }</ol>
            <p class="hint">
                { "Measured by " }<code>{ "zero-to-millions ladder" }</code>
                { "; " }{ for again }{ " simulates both ends of each rung again. A rung opens its stage with that many users." }
            </p>
        </section>
    }
}

fn rung(rung: &Rung, act: &Callback<Command>) -> Html {
    let name = rung.scenario(rung.users).name;
    // More than these were not tried, if nothing broke with them.
    let more = if rung.broken.is_none() { "+" } else { "" };
    let users = format!("{}{more}", format::count(u64::from(rung.users)));
    let dollars = |amount: f64| format!("${}", format::count(amount as u64));
    let what = if rung.broken.is_none() { "nothing broke; the busiest" } else { "breaks first" };
    let breaks = format!("{what}: {}, {}", rung.first_to_break, rung.lacks.name());
    let costs =
        format!("{} a month, machines {}", dollars(rung.cost_per_month_usd), dollars(rung.machines_per_month_usd));
    let better = rung.better.as_ref().map(better);
    // What the eye has apart, who listens has apart too.
    let apart = |text: &'static str| html! { <i class="spoken">{ text }</i> };
    html! {
        <li key={rung.stage.clone()}>
            <Link fragment={of_rung(&rung.stage)} act={act.clone()}>
                <span class="name"><b>{ name }{ apart(": ") }</b><b>{ users }{ apart(" users; ") }</b></span>
                { bar(rung.users) }
                <span>{ breaks }{ apart("; ") }</span>
                <span>{ costs }</span>
                if let Some(better) = better { <span class="better">{ apart("; ") }{ better }</span> }
            </Link>
        </li>
    }
}

/// What the step improves that adds no users.
fn better(better: &Better) -> String {
    let write = |value| quantity::write(value, &better.unit, 3, 0.0);
    format!("{}: {} instead of {}", better.what, write(better.after), write(better.before))
}

/// As long as the logarithm of the users, with a line at each power of ten.
fn bar(users: u32) -> Html {
    let decades = f64::from(users.max(1)).log10() / f64::from(DECADES);
    let lines: String =
        (1..DECADES).map(|line| format!("M{:.2} 0v8", 100.0 * f64::from(line) / f64::from(DECADES))).collect();
    html! {
        <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect width={format!("{:.2}", 100.0 * decades.min(1.0))} height="8" />
            <path d={lines} />
        </svg>
    }
}
