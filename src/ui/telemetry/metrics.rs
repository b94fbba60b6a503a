//! What the monitor has scraped: of the business, of each tier, of each host. Only what was scraped: between two scrapes
//! nothing is known, and of who does not answer neither.

use yew::prelude::*;

use crate::frame::{BusinessMetrics, HostMetrics, Metrics, MonitorStatus, Scene, Status, TierMetrics};
use crate::player::Command;
use crate::ui::same::Same;
use crate::ui::{dom, format, names};

use super::missing;
use super::spark::{Unit, spark};

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What was scraped, as it was told last.
    pub metrics: Option<Same<Metrics>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The panels.
#[component]
pub fn MetricPanels(props: &Props) -> Html {
    let Props { scene, status, .. } = props;
    let tier = use_state_eq(|| None::<String>);
    let monitor = status.operations.as_ref().and_then(|own| own.monitor);
    // What was chosen for another system may not be there in this one.
    let wanted = tier.as_ref().filter(|id| scene.scenario.tiers.contains_key(*id)).cloned();
    use_effect_with((monitor.map(|own| news(&own, status.speed)), wanted.clone()), {
        let act = props.act.clone();
        move |(news, tier): &(Option<u64>, Option<String>)| {
            if news.is_some() {
                act.emit(Command::ReadMetrics { tier: tier.clone() });
            }
        }
    });
    let Some(monitor) = monitor else {
        return html! {
            <>
                { missing("Nobody scrapes this system, so there is nothing that its people could have measured.") }
                <p class="hint">{ "The charts above are the simulation's own: it knows everything at once." }</p>
            </>
        };
    };
    let Some(metrics) = props.metrics.as_deref().filter(|own| !own.at_ms.is_empty()) else {
        return html! { <p class="hint">{ format!("Not scraped yet: that is done every {}.", format::span(monitor.every_ms)) }</p> };
    };
    let on_choose = {
        let tier = tier.setter();
        move |event: Event| tier.set(Some(dom::value(&event)).filter(|id| !id.is_empty()))
    };
    html! {
        <>
            <p class="hint">{ when(&monitor, metrics) }</p>
            if let Some(own) = &metrics.business { { business(own, &metrics.at_ms) } }
            <h3>{ "Tiers" }</h3>
            { tiers(scene, metrics) }
            <h3>
                { "Hosts " }
                <select aria-label="Hosts of which tier" onchange={on_choose}>
                    <option value="" selected={wanted.is_none()}>{ "of all tiers" }</option>
                    { for scene.tiers.iter().enumerate().filter(|(_, own)| has_hosts(scene, &own.id)).map(|(index, own)| html! {
                        <option value={own.id.clone()} selected={wanted.as_ref() == Some(&own.id)}>
                            { names::tier(scene, index) }
                        </option>
                    }) }
                </select>
            </h3>
            { hosts(scene, metrics) }
        </>
    }
}

/// Changes when there is a newer scrape, but no more than about once a second of the visitor's.
fn news(monitor: &MonitorStatus, speed: f64) -> u64 {
    let every_ms = monitor.every_ms.max(speed * 1e3);
    (monitor.scrapes as f64 * monitor.every_ms / every_ms) as u64
}

fn has_hosts(scene: &Scene, id: &str) -> bool {
    scene.scenario.tiers.get(id).is_some_and(|tier| tier.machine().is_some())
}

fn when(monitor: &MonitorStatus, metrics: &Metrics) -> String {
    let age = monitor.age_ms.map_or_else(String::new, |age_ms| format!(", the last time {} ago", format::span(age_ms)));
    let thinned = match metrics.every {
        0 | 1 => String::new(),
        every => format!(" One scrape in {every} is drawn."),
    };
    let (up, asked) = monitor.up;
    format!(
        "Scraped every {}{age}; {up} of {asked} hosts answered. A gap is a scrape without an answer.{thinned}",
        format::span(monitor.every_ms)
    )
}

fn business(own: &BusinessMetrics, at_ms: &[f64]) -> Html {
    let rows: [(&str, Unit, &[f32]); 5] = [
        ("Orders", Unit::PerSecond, &own.orders_per_second),
        ("Orders when all is calm", Unit::PerSecond, &own.normal_per_second),
        ("Revenue so far", Unit::Dollars, &own.revenue_usd),
        ("Users today", Unit::Count, &own.users_today),
        ("Visits with an order", Unit::Share, &own.conversion),
    ];
    html! {
        <>
            <h3>{ "Business" }</h3>
            <dl class="panels">
                { for rows.into_iter().map(|(name, unit, values)| html! {
                    <div><dt>{ name }</dt><dd>{ spark(name, unit, at_ms, values) }</dd></div>
                }) }
            </dl>
        </>
    }
}

fn tiers(scene: &Scene, metrics: &Metrics) -> Html {
    let row = |own: &TierMetrics| {
        let name = names::by_id(scene, &own.id);
        let cell = |what: &str, unit: Unit, values: &[f32]| {
            html! { <td>{ spark(&format!("{what} of {name}"), unit, &metrics.at_ms, values) }</td> }
        };
        html! {
            <tr key={own.id.clone()}>
                <th scope="row">{ &name }</th>
                { cell("Servers up", Unit::Share, &own.up) }
                { cell("Requests", Unit::PerSecond, &own.requests_per_second) }
                { cell("99th percentile", Unit::Milliseconds, &own.latency_p99_ms) }
                { cell("Cores busy", Unit::Share, &own.cpu) }
                { cell("Errors", Unit::Share, &own.error_share) }
            </tr>
        }
    };
    html! {
        <div class="wide" tabindex="0" role="region" aria-label="Metrics of tiers">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{ "Tier" }</th><th scope="col">{ "Up" }</th><th scope="col">{ "Requests" }</th>
                        <th scope="col">{ "p99" }</th><th scope="col">{ "Busy" }</th><th scope="col">{ "Errors" }</th>
                    </tr>
                </thead>
                <tbody>{ for metrics.tiers.iter().map(row) }</tbody>
            </table>
        </div>
    }
}

fn hosts(scene: &Scene, metrics: &Metrics) -> Html {
    let row = |own: &HostMetrics| {
        let name = names::target(scene, &own.target);
        let cell = |what: &str, values: &[f32]| {
            html! { <td>{ spark(&format!("{what} of {name}"), Unit::Share, &metrics.at_ms, values) }</td> }
        };
        html! {
            <tr key={own.target.clone()} class={(!own.up).then_some("down")}>
                <th scope="row">{ &name }if !own.up { <i>{ " no answer" }</i> }</th>
                { cell("CPU", &own.cpu) }{ cell("Disk", &own.disk) }{ cell("Memory", &own.memory) }
            </tr>
        }
    };
    let told = metrics.hosts.len() as u64;
    html! {
        <>
            <div class="wide" tabindex="0" role="region" aria-label="Metrics of hosts">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{ "Host" }</th><th scope="col">{ "CPU" }</th><th scope="col">{ "Disk" }</th>
                            <th scope="col">{ "Memory" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for metrics.hosts.iter().map(row) }</tbody>
                </table>
            </div>
            if told < metrics.hosts_in_all {
                <p class="hint">
                    { format!("{told} of {}: those that do not answer, and those with the busiest cores.",
                        format::count(metrics.hosts_in_all)) }
                </p>
            }
            if metrics.newest_only {
                <p class="hint">{ "Of so many hosts only the last scrape is kept." }</p>
            }
        </>
    }
}
