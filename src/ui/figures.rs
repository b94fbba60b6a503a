//! The five figures above the diagram, and what breaks next.

use yew::prelude::*;

use crate::frame::{Scene, Status};

use super::diagram::utilisation;
use super::same::Same;
use super::{format, names};

/// From this share of failed requests on the figure is alarming.
const ERRORS_BAD: f64 = 0.001;
/// What would saturate with less than this multiple of the load is saturated.
const SATURATED: f64 = 1.02;

/// What the figures show.
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Option<Same<Status>>,
}

/// The figures.
pub fn strip(props: &Props) -> Html {
    let figures = props.status.as_ref().map(|status| status.figures).unwrap_or_default();
    let ms = |ms: Option<f64>| ms.map_or_else(|| format::NOTHING.to_owned(), format::short);
    let told = figures.span_ms > 0.0;
    let rate = if told { format::short(figures.answered_per_second) } else { format::NOTHING.to_owned() };
    let errors = figures.error_share.map_or_else(|| format::NOTHING.to_owned(), format::percent);
    let bad = figures.error_share.is_some_and(|share| share >= ERRORS_BAD);
    let over = if told {
        format!("these figures: the last {}", format::span(figures.span_ms))
    } else {
        "no figures yet".to_owned()
    };
    html! {
        <div class="strip">
            <dl aria-label={over.clone()}>
                { figure("answered", rate, "/s", false) }
                { figure("p50", ms(figures.p50_ms), "ms", false) }
                { figure("p99", ms(figures.p99_ms), "ms", false) }
                { figure("errors", errors, "%", bad) }
                { figure("cost", format!("${}", format::short(figures.cost_per_month_usd)), "/month", false) }
            </dl>
            <div class="beside">
                { next_to_break(props) }
                <span class="over">{ over }</span>
            </div>
        </div>
    }
}

fn figure(name: &'static str, value: String, unit: &'static str, bad: bool) -> Html {
    html! {
        <div class={classes!("figure", bad.then_some("bad"))}>
            <dt>{ name }</dt>
            <dd><b>{ value.clone() }</b>if value != format::NOTHING { <i>{ unit }</i> }</dd>
        </div>
    }
}

/// A tier without room for more, or one of its servers: then what the tier has on average says little.
fn saturated(props: &Props) -> Option<String> {
    let status = props.status.as_ref()?;
    let full = |share: f64| share * SATURATED > 1.0;
    if let Some(next) = status.next_to_break.filter(|next| full(1.0 / next.multiple)) {
        return Some(names::tier(&props.scene, usize::from(next.tier)));
    }
    let node = status.nodes.iter().position(|node| utilisation(node).is_some_and(full))?;
    (node < props.scene.nodes.len()).then(|| names::node(&props.scene, node))
}

fn next_to_break(props: &Props) -> Html {
    if let Some(name) = saturated(props) {
        return html! { <p class="next broken"><b>{ "Saturated: " }</b>{ name }</p> };
    }
    let next = props.status.as_ref().and_then(|status| status.next_to_break);
    let Some(next) = next else {
        return html! { <p class="next">{ "Too early to say what breaks next" }</p> };
    };
    let name = names::tier(&props.scene, usize::from(next.tier));
    let multiple = format!("{name}, at {}× this load", format::short(next.multiple));
    html! { <p class="next"><b>{ "Next to break: " }</b>{ multiple }</p> }
}
