//! What those who run the system know, in the inspector, in short: alerts, users and orders. All of it is below the charts; of a
//! server that is looked at, its lines.

use yew::prelude::*;

use crate::frame::{AlertStatus, BusinessStatus, Status};

use super::format;
use super::same::Same;
use super::telemetry::{Panel, Tab};

/// What the panel shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// How it stands.
    pub status: Same<Status>,
    /// The server that is looked at, if one is.
    pub node: Option<String>,
    /// The visitor wants to see more.
    pub on_panel: Callback<Option<Panel>>,
}

/// The panel; nothing where nobody runs the system.
#[component]
pub fn Operations(props: &Props) -> Html {
    let Some(own) = &props.status.operations else { return Html::default() };
    let has_lines = |node: &String| own.logs.as_ref().is_some_and(|logs| logs.writers.contains(node));
    if props.node.as_ref().is_some_and(|node| !has_lines(node)) {
        return Html::default();
    }
    let on_panel = {
        let view = Panel { tab: Tab::Logs, about: props.node.clone() };
        props.on_panel.reform(move |_: MouseEvent| Some(view.clone()))
    };
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
            <button type="button" onclick={on_panel}>
                { if props.node.is_some() { "Its lines" } else { "Logs, metrics and alert rules" } }
            </button>
        </div>
    }
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
