//! Logs and metrics: what those who run the system can know of it, and the rules by which they are called. Three parts, of
//! which one is seen, below the charts; what is not seen is not asked for.
//!
//! ```text
//! logs     lines of servers and gathered ones, to be searched
//! events   what only the simulation knows: the log of events, to be searched
//! metrics  what the monitor has scraped: business, tiers, hosts
//! rules    alert rules: how they stand, and what they are
//! spark    small charts over scrapes
//! ```

mod events;
mod logs;
mod metrics;
mod rules;
mod spark;

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{LogLines, Metrics, Scene, Status};
pub use crate::link::seen::{Panel, Tab};
use crate::player::Command;

use super::dom;
use super::format;
use super::same::Same;
use super::state::Refusal;
use logs::Logs;
use metrics::MetricPanels;
use rules::Rules;

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Logs, Self::Metrics, Self::Rules];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logs => "Logs",
            Self::Metrics => "Metrics",
            Self::Rules => "Alert rules",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Logs => "tab-logs",
            Self::Metrics => "tab-metrics",
            Self::Rules => "tab-rules",
        }
    }

    /// The one that a key leads to from here, if it leads anywhere.
    fn by_key(self, key: &str) -> Option<Self> {
        let here = Self::ALL.iter().position(|own| *own == self).unwrap_or(0);
        let at = match key {
            "ArrowLeft" => (here + Self::ALL.len() - 1) % Self::ALL.len(),
            "ArrowRight" => (here + 1) % Self::ALL.len(),
            "Home" => 0,
            "End" => Self::ALL.len() - 1,
            _ => return None,
        };
        Some(Self::ALL[at])
    }
}

/// What the panel shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What is looked at, if anything is.
    pub panel: Option<Panel>,
    /// What was found in the lines.
    pub found: Same<LogLines>,
    /// What was scraped, as it was told last.
    pub metrics: Option<Same<Metrics>>,
    /// A value that was refused.
    pub refused: Option<Refusal>,
    /// The visitor looks at something else, or at none of it.
    pub on_panel: Callback<Option<Panel>>,
    /// The visitor sets the parameter with this path.
    pub on_set: Callback<(String, Value)>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The view.
#[component]
pub fn Telemetry(props: &Props) -> Html {
    let own = use_node_ref();
    use_effect_with(props.panel.clone(), {
        let own = own.clone();
        move |panel| {
            if panel.is_some() {
                dom::show(&own);
            }
        }
    });
    let open = props.panel.is_some();
    let on_toggle =
        props.on_panel.reform(move |_: MouseEvent| (!open).then_some(Panel { tab: Tab::Logs, about: None }));
    html! {
        <section class="telemetry" ref={own} aria-labelledby="telemetry-title">
            <h2>
                <button
                    type="button" class="disclose" id="telemetry-title" aria-expanded={open.to_string()} onclick={on_toggle}
                >{ "Logs and metrics" }</button>
                <span>{ summary(&props.status) }</span>
            </h2>
            if let Some(panel) = &props.panel { { body(props, panel) } }
        </section>
    }
}

/// The most important thing in a few words.
fn summary(status: &Status) -> String {
    let Some(own) = &status.operations else { return "nobody runs this system".to_owned() };
    let firing = own.alerts.iter().filter(|alert| alert.firing).count();
    let alerts = match (firing, own.alerts.len()) {
        (_, 0) => "no alert rules".to_owned(),
        (0, rules) => format!("{rules} alert rules, none fires"),
        (firing, rules) => format!("{firing} of {rules} alert rules fire"),
    };
    match own.monitor.as_ref().and_then(|monitor| monitor.age_ms) {
        Some(age_ms) => format!("{alerts}; scraped {} ago", format::span(age_ms)),
        None => alerts,
    }
}

fn body(props: &Props, seen: &Panel) -> Html {
    let tabs = Tab::ALL.into_iter().map(|tab| {
        let selected = tab == seen.tab;
        let on_click = props.on_panel.reform(move |_: MouseEvent| Some(Panel { tab, about: None }));
        let on_key = {
            let on_panel = props.on_panel.clone();
            move |event: KeyboardEvent| {
                if let Some(next) = tab.by_key(&event.key()) {
                    event.prevent_default();
                    on_panel.emit(Some(Panel { tab: next, about: None }));
                    dom::focus_id(next.id());
                }
            }
        };
        html! {
            <button
                type="button" role="tab" id={tab.id()} aria-selected={selected.to_string()} aria-controls="telemetry-panel"
                tabindex={if selected { "0" } else { "-1" }} onclick={on_click} onkeydown={on_key}
            >{ tab.name() }</button>
        }
    });
    let Props { scene, status, act, .. } = props;
    let panel = match seen.tab {
        Tab::Logs => html! {
            <Logs
                scene={scene.clone()} status={status.clone()} found={props.found.clone()} about={seen.about.clone()}
                act={act.clone()}
            />
        },
        Tab::Metrics => html! {
            <MetricPanels
                scene={scene.clone()} status={status.clone()} metrics={props.metrics.clone()} act={act.clone()}
            />
        },
        Tab::Rules => html! {
            <Rules
                scene={scene.clone()} status={status.clone()} refused={props.refused.clone()} on_set={props.on_set.clone()}
            />
        },
    };
    html! {
        <>
            <div class="tabs" role="tablist" aria-label="Logs and metrics">{ for tabs }</div>
            <div class="panel" id="telemetry-panel" role="tabpanel" aria-labelledby={seen.tab.id()}>{ panel }</div>
        </>
    }
}

/// What is said where something of those who run a system is not there.
fn missing(what: &'static str) -> Html {
    html! { <p class="hint">{ what }{ " " }<a href="#chapter/11">{ "Chapter 11 adds that." }</a></p> }
}

/// Changes about once a second of the visitor's, while time runs.
fn beat(status: &Status) -> u64 {
    (status.now_ms / 1e3 / status.speed.max(1e-3)) as u64
}
