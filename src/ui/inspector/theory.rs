//! Theory beside the simulation: what each law says of the selected part, or why it says nothing.

use yew::prelude::*;

use crate::course::theory::{Law, Statement};
use crate::frame::{Scene, Status};
use crate::ui::state::Selection;
use crate::ui::{format, names};

/// The section; nothing for parts of which no law speaks.
pub fn theory(scene: &Scene, status: Option<&Status>, selection: Option<Selection>) -> Html {
    let Some(status) = status else { return Html::default() };
    let own = &status.theory;
    let tier = selection.map(|selection| selection.tier(scene));
    let statements = match tier {
        None => Some(&own.system),
        Some(tier) => own.tiers.get(tier),
    };
    let Some(statements) = statements.filter(|statements| !statements.is_empty()) else { return Html::default() };
    let of_all = tier.is_some_and(|tier| scene.tiers[tier].instances > 1);
    let since = format!(
        "{} {} on. A difference within ± may be chance: it is the 95% interval.",
        if of_all { "All its servers together, from" } else { "From" },
        format::clock(own.from_ms),
    );
    html! {
        <section class="theory" aria-labelledby="theory-title">
            <h3 id="theory-title">{ "Theory" }</h3>
            <p class="hint">{ since }</p>
            <table aria-labelledby="theory-title">
                <thead>
                    <tr>
                        <th scope="col">{ "simulated" }</th>
                        <th scope="col">{ "theory" }</th>
                        <th scope="col">{ "difference" }</th>
                    </tr>
                </thead>
                { for statements.iter().map(|statement| rows(scene, statement)) }
            </table>
            <details>
                <summary>{ "Formulas, and what they assume" }</summary>
                <dl>
                    { for statements.iter().map(|statement| html! {
                        <><dt>{ name(statement.law).0 }</dt><dd>{ formula(statement.law) }</dd></>
                    }) }
                </dl>
            </details>
        </section>
    }
}

fn rows(scene: &Scene, statement: &Statement) -> Html {
    let (law, what) = name(statement.law);
    let tier_name = |id: &str| {
        // A group of clients may be called the same.
        let tier = scene.tiers.iter().rposition(|tier| tier.id == id);
        tier.map_or_else(|| id.to_owned(), |tier| names::tier(scene, tier))
    };
    let simulated = statement.simulated.map_or_else(|| format::NOTHING.to_owned(), |shown| value(statement.law, shown));
    let said = match (statement.theory, statement.simulated) {
        (None, _) if statement.reasons.is_empty() => html! { <td colspan="2">{ "too few requests yet" }</td> },
        (None, _) => html! { <td colspan="2" class="no">{ "does not apply" }</td> },
        (Some(said), None) => html! { <><td>{ value(statement.law, said) }</td><td>{ "too few requests yet" }</td></> },
        (Some(said), Some(shown)) => html! {
            <>
                <td>{ value(statement.law, said) }</td>
                <td>{ difference(statement.law, shown - said, statement.half_width) }</td>
            </>
        },
    };
    html! {
        <tbody>
            <tr>
                <th scope="rowgroup" colspan="3">
                    { format!("{law}: {what}") }
                    <small>{ format!(" {} {}", format::amount(statement.requests), counted(statement.law)) }</small>
                </th>
            </tr>
            <tr><td>{ simulated }</td>{ said }</tr>
            if !statement.reasons.is_empty() {
                <tr>
                    <td colspan="3">
                        <ul>
                            { for statement.reasons.iter().map(|reason| html! { <li>{ reason.sentence(&tier_name) }</li> }) }
                        </ul>
                    </td>
                </tr>
            }
        </tbody>
    }
}

/// What a law is called, and what it is about.
fn name(law: Law) -> (String, &'static str) {
    let name = match law {
        Law::Utilisation => return ("Utilisation law".to_owned(), "cores busy"),
        Law::ErlangC { servers } => format!("Erlang C (M/M/{servers})"),
        Law::PollaczekKhinchine { variation } if variation < 0.005 => "Pollaczek and Khinchine (M/D/1)".to_owned(),
        Law::PollaczekKhinchine { .. } => "Pollaczek and Khinchine (M/G/1)".to_owned(),
        Law::ProcessorSharing { cores } => {
            return (format!("Processor sharing (M/G/{cores})"), "requests in hand");
        }
        Law::HitRatio => return ("Che’s approximation".to_owned(), "look-ups that are hits"),
        Law::LittleWaiting => "Little’s law".to_owned(),
        Law::LittleUnderWay => return ("Little’s law".to_owned(), "requests under way"),
        Law::Interactive => return ("Interactive response-time law".to_owned(), "answers per second"),
    };
    (name, "requests waiting")
}

fn counted(law: Law) -> &'static str {
    match law {
        Law::HitRatio => "look-ups",
        Law::LittleWaiting | Law::LittleUnderWay => "requests since measuring began",
        Law::Utilisation
        | Law::ErlangC { .. }
        | Law::PollaczekKhinchine { .. }
        | Law::ProcessorSharing { .. }
        | Law::Interactive => "requests",
    }
}

fn formula(law: Law) -> String {
    let text = match law {
        Law::Utilisation => {
            "Busy cores = answers per second × mean work of an answer. It holds whatever arrivals and lines are like, as long as \
             it is known what work an answer is (Denning and Buzen, 1978)."
        }
        Law::ErlangC { .. } => {
            "Waiting = C(c, a) · ρ / (1 − ρ), where a = arrivals × mean work, ρ = a / c, and C(c, a) is Erlang’s probability that a \
             request has to wait. One shared line for c cores, first come first served; Poisson arrivals; exponential work \
             (Erlang, 1917)."
        }
        Law::PollaczekKhinchine { variation } => {
            return format!(
                "Waiting = ρ² (1 + v²) / (2 (1 − ρ)), where ρ = arrivals × mean work and v = {} is the coefficient of variation of \
                 the work. One core, first come first served; Poisson arrivals; work of any kind (Pollaczek, 1930; Khinchine, \
                 1932).",
                format::short(variation)
            );
        }
        Law::ProcessorSharing { .. } => {
            "In hand = a + C(c, a) · ρ / (1 − ρ), as with Erlang C, and of several parts on one machine each has its share of the \
             work; with the time that requests wait for other parts added. All requests share the cores; Poisson arrivals; work \
             of any kind, only its mean counts (Baskett, Chandy, Muntz and Palacios, 1975; Kelly, 1979)."
        }
        Law::HitRatio => {
            "Σ pᵢ (1 − e^(−pᵢT)), where pᵢ is how often key i is asked for, and T the number of look-ups for which \
             Σ (1 − e^(−pᵢT)) entries are as many as fit. Writes that delete entries and times to live are taken into account. \
             Keys are asked for independently of each other; it is good to about a point (Che, Tung and Wang, 2002)."
        }
        Law::LittleWaiting => {
            "Waiting = requests per second × mean wait. The number is that of a gauge, the waits are those that requests were \
             recorded with. It holds of every line (Little, 1961): here it shows that both were measured well."
        }
        Law::LittleUnderWay => {
            "Under way = answers per second × mean latency. The number is looked at at equal intervals, the latencies are recorded. \
             It holds of every system (Little, 1961): here it shows that both were measured well."
        }
        Law::Interactive => {
            "Answers per second = users / (mean thought + mean latency). Users who wait for each answer, and think before they ask \
             again (Denning and Buzen, 1978)."
        }
    };
    text.to_owned()
}

fn is_share(law: Law) -> bool {
    match law {
        Law::Utilisation | Law::HitRatio => true,
        Law::ErlangC { .. }
        | Law::PollaczekKhinchine { .. }
        | Law::ProcessorSharing { .. }
        | Law::LittleWaiting
        | Law::LittleUnderWay
        | Law::Interactive => false,
    }
}

fn value(law: Law, value: f64) -> String {
    match is_share(law) {
        true if value < 0.1 => format!("{:.2}%", value * 100.0),
        true => format!("{:.1}%", value * 100.0),
        false => digits(value),
    }
}

/// Three significant digits, so that a difference is seen.
fn digits(value: f64) -> String {
    match value {
        v if v < 0.0005 => "0".to_owned(),
        v if v < 1.0 => format!("{v:.3}"),
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format::short(v),
    }
}

fn difference(law: Law, difference: f64, half_width: Option<f64>) -> String {
    let scale = if is_share(law) { 100.0 } else { 1.0 };
    let is_fine = half_width.is_some_and(|width| width < 0.001);
    let size = |value: f64| match is_share(law) {
        true if is_fine => format!("{value:.2}"),
        true => format!("{value:.1}"),
        false => digits(value),
    };
    let text = size(difference.abs() * scale);
    let is_zero = text.chars().all(|c| c == '0' || c == '.');
    let sign = if is_zero {
        ""
    } else if difference < 0.0 {
        "−"
    } else {
        "+"
    };
    let chance = half_width.map_or_else(String::new, |width| format!(" ± {}", size(width * scale)));
    format!("{sign}{text}{chance}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn differences_have_a_sign_and_their_chance() {
        assert_eq!(difference(Law::Utilisation, -0.0123, Some(0.005)), "−1.2 ± 0.5");
        assert_eq!(difference(Law::ErlangC { servers: 2 }, 0.25, Some(1.5)), "+0.250 ± 1.50");
        assert_eq!(difference(Law::LittleWaiting, -0.0001, None), "0");
        assert_eq!(value(Law::HitRatio, 0.8765), "87.6%");
        assert_eq!(value(Law::LittleWaiting, 12.34), "12.3");
    }
}
