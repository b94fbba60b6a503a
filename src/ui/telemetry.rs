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
use crate::player::Command;

use super::dom;
use super::format;
use super::same::Same;
use super::state::Refusal;
use logs::Logs;
use metrics::MetricPanels;
use rules::Rules;

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The part.
    pub tab: Tab,
    /// The server whose lines are wanted, if some are: `web.2`.
    pub about: Option<String>,
}

/// A part of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Lines.
    Logs,
    /// What was scraped.
    Metrics,
    /// Alert rules.
    Rules,
}

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

/// What the view shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What is looked at, if anything is.
    pub view: Option<View>,
    /// What was found in the lines.
    pub found: Same<LogLines>,
    /// What was scraped, as it was told last.
    pub metrics: Option<Same<Metrics>>,
    /// A value that was refused.
    pub refused: Option<Refusal>,
    /// The visitor looks at something else, or at none of it.
    pub on_view: Callback<Option<View>>,
    /// The visitor sets the parameter with this path.
    pub on_set: Callback<(String, Value)>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The view.
#[component]
pub fn Telemetry(props: &Props) -> Html {
    let own = use_node_ref();
    use_effect_with(props.view.clone(), {
        let own = own.clone();
        move |view| {
            if view.is_some() {
                dom::show(&own);
            }
        }
    });
    let open = props.view.is_some();
    let on_toggle = props.on_view.reform(move |_: MouseEvent| (!open).then_some(View { tab: Tab::Logs, about: None }));
    html! {
        <section class="telemetry" ref={own} aria-labelledby="telemetry-title">
            <h2>
                <button
                    type="button" class="disclose" id="telemetry-title" aria-expanded={open.to_string()} onclick={on_toggle}
                >{ "Logs and metrics" }</button>
                <span>{ summary(&props.status) }</span>
            </h2>
            if let Some(view) = &props.view { { body(props, view) } }
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

fn body(props: &Props, view: &View) -> Html {
    let tabs = Tab::ALL.into_iter().map(|tab| {
        let selected = tab == view.tab;
        let on_click = props.on_view.reform(move |_: MouseEvent| Some(View { tab, about: None }));
        let on_key = {
            let on_view = props.on_view.clone();
            move |event: KeyboardEvent| {
                if let Some(next) = tab.by_key(&event.key()) {
                    event.prevent_default();
                    on_view.emit(Some(View { tab: next, about: None }));
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
    let panel = match view.tab {
        Tab::Logs => html! {
            <Logs
                scene={scene.clone()} status={status.clone()} found={props.found.clone()} about={view.about.clone()}
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
            <div class="panel" id="telemetry-panel" role="tabpanel" aria-labelledby={view.tab.id()}>{ panel }</div>
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
