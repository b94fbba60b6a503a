//! Those who run the system, below it: the monitor with its alerts, whoever is on call, and the pipeline. They stand beside
//! the diagram since no request passes them.

use yew::prelude::*;

use crate::frame::{AlertStatus, MonitorStatus, OnCallStatus, OperationsStatus, PipelineStatus, Scene, Status, Step};
use crate::ui::{format, names};

/// The row of those who run the system; nothing where nobody does.
pub fn watch(scene: &Scene, status: Option<&Status>) -> Html {
    let Some(own) = status.and_then(|status| status.operations.as_ref()) else { return Html::default() };
    let OperationsStatus { monitor, alerts, on_call, pipeline, .. } = own;
    html! {
        <div class="watch" role="group" aria-label="Who runs the system">
            { for monitor.as_ref().map(|own| of_monitor(own, alerts)) }
            { for on_call.as_ref().map(|own| of_on_call(scene, own)) }
            { for pipeline.as_ref().map(of_pipeline) }
        </div>
    }
}

fn part(class: &'static str, name: &'static str, state: String, note: String) -> Html {
    html! {
        <div class={classes!("part", class)}>
            <b>{ name }</b>
            <span>{ state }</span>
            <i>{ note }</i>
        </div>
    }
}

fn of_monitor(own: &MonitorStatus, alerts: &[AlertStatus]) -> Html {
    let firing: Vec<&str> = alerts.iter().filter(|alert| alert.firing).map(|alert| alert.id.as_str()).collect();
    let holds = alerts.iter().filter(|alert| alert.holds && !alert.firing).count();
    let state = match (firing.as_slice(), holds) {
        ([], 0) => "all calm".to_owned(),
        ([], n) => format!("{n} of {} about to fire", alerts.len()),
        (firing, _) => format!("{} fires", firing.join(", ")),
    };
    let (up, all) = own.up;
    let note = own.age_ms.map_or_else(
        || "not scraped yet".to_owned(),
        |age| format!("{up} of {all} servers answered {} ago", format::span(age)),
    );
    part(if firing.is_empty() { "" } else { "firing" }, "Monitor", state, note)
}

fn of_on_call(scene: &Scene, own: &OnCallStatus) -> Html {
    let (class, state) = match (&own.called_by, &own.looks_at) {
        (None, _) => ("", "nobody called".to_owned()),
        (Some(by), None) => ("busy", format!("called by {by}")),
        (Some(by), Some(node)) => ("busy", format!("called by {by}, looks at {}", names::target(scene, node))),
    };
    let note = format!("{} calls, {} looks, {} repairs", own.calls, own.looks, own.repairs);
    part(class, "On call", state, note)
}

fn of_pipeline(own: &PipelineStatus) -> Html {
    let (class, state) = match &own.at {
        None => ("", "nothing on its way".to_owned()),
        Some((build, Step::Building)) => ("busy", format!("builds {build}")),
        Some((build, Step::Testing)) => ("busy", format!("tests {build}")),
        Some((build, Step::Canary)) => ("busy", format!("{build} on canaries")),
        Some((build, Step::RollingOut)) => ("busy", format!("rolls {build} out")),
        Some((build, Step::RollingBack)) => ("firing", format!("takes {build} back")),
    };
    let [failed, out, back, _] = own.outcomes;
    let waiting = if own.waiting > 0 { format!("{} waiting, ", own.waiting) } else { String::new() };
    part(class, "Pipeline", state, format!("{waiting}{failed} stopped, {out} out, {back} back"))
}
