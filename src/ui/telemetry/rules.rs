//! Alert rules: how each stands, and what it is: value, bound, how long it must last. They come, go and change like any other
//! setting, so undo and links know of it.

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{AlertStatus, Scene, SceneTier, Status};
use crate::nodes::Kind;
use crate::nodes::operations::alerts::Metric;
use crate::scenario::operations::{Alert, Monitor, Operations};
use crate::scenario::parameters::metric_name;
use crate::ui::same::Same;
use crate::ui::state::Refusal;
use crate::ui::{dom, format, names};

use super::missing;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// A value that was refused.
    pub refused: Option<Refusal>,
    /// The visitor sets the parameter with this path.
    pub on_set: Callback<(String, Value)>,
}

/// The rules.
#[component]
pub fn Rules(props: &Props) -> Html {
    let own = props.scene.scenario.operations.as_ref();
    let Some((own, monitor)) = own.and_then(|own| own.monitor.map(|monitor| (own, monitor))) else {
        return missing("Rules go by what is scraped, and nobody scrapes this system.");
    };
    let rules = own.alerts.iter().map(|(id, alert)| {
        let status = props.status.operations.as_ref().and_then(|own| own.alerts.iter().find(|own| own.id == *id));
        html! { <Rule key={id.clone()} id={id.clone()} alert={alert.clone()} status={status.cloned()} outer={props.clone()} /> }
    });
    html! {
        <>
            <p class="hint">{ hint(own, &monitor) }</p>
            if own.alerts.is_empty() { <p class="hint">{ "No rule so far: nothing alerts anybody." }</p> }
            <ul class="rules">{ for rules }</ul>
            <NewRule ..props.clone() />
        </>
    }
}

fn hint(own: &Operations, monitor: &Monitor) -> String {
    let called = if own.on_call.is_some() { "Whoever is on call is called by them." } else { "Nobody is on call." };
    format!(
        "Judged at every scrape, every {}. A rule fires once its condition has held for as long as it says. {called}",
        format::span(monitor.scrape_interval_ms)
    )
}

const METRICS: [Metric; 10] = [
    Metric::Up,
    Metric::CpuUtilisation,
    Metric::MemoryUtilisation,
    Metric::DiskUtilisation,
    Metric::NetworkMbps,
    Metric::Waiting,
    Metric::RequestsPerSecond,
    Metric::ErrorShare,
    Metric::LatencyP99Ms,
    Metric::OrdersPerSecond,
];

/// Its name in a scenario.
fn key(metric: Metric) -> String {
    serde_json::to_value(metric).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Shares are typed and read in percent: by how much, and the unit.
fn scale(metric: Metric) -> (f64, &'static str) {
    if metric.most() == Some(1.0) { (100.0, "%") } else { (1.0, metric_name(metric).1) }
}

/// A rule that goes by this, to begin with.
fn opens_with(metric: Metric, tier: Option<String>) -> Alert {
    let (above, below) = match metric {
        Metric::Up => (None, Some(1.0)),
        Metric::CpuUtilisation | Metric::MemoryUtilisation | Metric::DiskUtilisation => (Some(0.85), None),
        Metric::NetworkMbps | Metric::RequestsPerSecond => (Some(100.0), None),
        Metric::Waiting => (Some(10.0), None),
        Metric::ErrorShare => (Some(0.02), None),
        Metric::LatencyP99Ms => (Some(500.0), None),
        Metric::OrdersPerSecond => (None, Some(0.2)),
    };
    let tier = tier.filter(|_| metric != Metric::OrdersPerSecond);
    Alert { metric, tier, above, below, for_ms: 0.0, calm_ms: 0.0 }
}

fn json(alert: &Alert) -> Value {
    serde_json::to_value(alert).unwrap_or_default()
}

fn tiers(scene: &Scene) -> impl Iterator<Item = (usize, &SceneTier)> {
    scene.tiers.iter().enumerate().filter(|(_, tier)| tier.kind != Kind::Client)
}

/// What is wrong with what was set at `path`, without the place if that is where it was set.
fn problem(refused: Option<&Refusal>, path: &str) -> Option<String> {
    let message = &refused.filter(|own| own.path == path)?.message;
    let own = message.split_once(": ").filter(|(place, _)| *place == path).map(|(_, what)| what.to_owned());
    Some(own.unwrap_or_else(|| message.clone()))
}

#[derive(Clone, PartialEq, Properties)]
struct RuleProps {
    id: String,
    alert: Alert,
    status: Option<AlertStatus>,
    outer: Props,
}

#[component]
fn Rule(props: &RuleProps) -> Html {
    let RuleProps { id, alert, status, outer } = props;
    let root = format!("operations.alerts.{id}");
    let (factor, unit) = scale(alert.metric);
    let (field, bound) = match (alert.above, alert.below) {
        (Some(bound), _) => ("above", bound),
        (None, bound) => ("below", bound.unwrap_or(0.0)),
    };
    let set = |change: fn(&Alert, String) -> Alert| {
        let (on_set, root, alert) = (outer.on_set.clone(), root.clone(), alert.clone());
        move |event: Event| on_set.emit((root.clone(), json(&change(&alert, dom::value(&event)))))
    };
    let on_metric = set(|alert, text| {
        let metric = METRICS.into_iter().find(|own| key(*own) == text).unwrap_or(alert.metric);
        Alert { for_ms: alert.for_ms, calm_ms: alert.calm_ms, ..opens_with(metric, alert.tier.clone()) }
    });
    let on_tier = set(|alert, text| Alert { tier: Some(text), ..alert.clone() });
    let on_side = set(|alert, text| {
        let bound = alert.above.or(alert.below);
        let (above, below) = if text == "above" { (bound, None) } else { (None, bound) };
        Alert { above, below, ..alert.clone() }
    });
    let on_remove = outer.on_set.reform({
        let root = root.clone();
        move |_: MouseEvent| (root.clone(), Value::Null)
    });
    let number = |field: &'static str, label: &'static str, value: f64, factor: f64, unit: &'static str| {
        let path = format!("{root}.{field}");
        let problem = problem(outer.refused.as_ref(), &path);
        html! { <Number {label} rule={id.clone()} {value} {factor} {unit} {problem} {path} on_set={outer.on_set.clone()} /> }
    };
    let choose = |name: &str, on_change: Callback<Event>, options: Vec<(String, String, bool)>| {
        html! {
            <select aria-label={format!("{name} of “{id}”")} onchange={on_change}>
                { for options.into_iter().map(|(value, name, selected)| html! { <option {value} {selected}>{ name }</option> }) }
            </select>
        }
    };
    let metrics = METRICS.map(|own| (key(own), metric_name(own).0.to_owned(), own == alert.metric));
    let tier_options = tiers(&outer.scene)
        .map(|(index, own)| {
            (own.id.clone(), format!("of {}", names::tier(&outer.scene, index)), alert.tier.as_ref() == Some(&own.id))
        })
        .collect::<Vec<_>>();
    let sides = ["above", "below"].map(|side| (side.to_owned(), side.to_owned(), side == field));
    html! {
        <li>
            <div class="head">
                <h3>{ id }</h3>
                { standing(alert, status.as_ref()) }
                <button type="button" aria-label={format!("Remove “{id}”")} onclick={on_remove}>{ "Remove" }</button>
            </div>
            <div class="condition">
                { choose("Value", on_metric.into(), metrics.to_vec()) }
                if alert.tier.is_some() { { choose("Tier", on_tier.into(), tier_options) } }
                { choose("Side", on_side.into(), sides.to_vec()) }
                { number(field, "Bound", bound, factor, unit) }
            </div>
            <div class="condition">
                { number("for_ms", "fires after", alert.for_ms, 1e-3, "s") }
                { number("calm_ms", "calm again after", alert.calm_ms, 1e-3, "s") }
            </div>
            if let Some(problem) = problem(outer.refused.as_ref(), &root) {
                <p class="problem" role="alert">{ problem }</p>
            }
        </li>
    }
}

/// Quiet, pending or firing, with the value that was judged last.
fn standing(alert: &Alert, status: Option<&AlertStatus>) -> Html {
    let Some(own) = status else { return html! { <span class="state">{ "not judged yet" }</span> } };
    let state = match (own.firing, own.holds) {
        (true, _) => "firing",
        (false, true) => "pending",
        (false, false) => "quiet",
    };
    let (factor, unit) = scale(alert.metric);
    let value = own.value.map_or_else(
        || "no value at the last scrape".to_owned(),
        |value| format!("{} {unit} at the last scrape", format::short(value * factor)),
    );
    let fired = match own.fired {
        0 => String::new(),
        1 => ", fired once".to_owned(),
        times => format!(", fired {times} times"),
    };
    html! { <span class={classes!("state", state)}><b>{ state }</b>{ format!(" {value}{fired}") }</span> }
}

#[derive(Clone, PartialEq, Properties)]
struct NumberProps {
    label: &'static str,
    rule: String,
    /// As the scenario has it.
    value: f64,
    /// What that is multiplied by for people to read.
    factor: f64,
    unit: &'static str,
    problem: Option<String>,
    path: String,
    on_set: Callback<(String, Value)>,
}

/// A number of a rule. What was typed and refused stays, with what is wrong.
#[component]
fn Number(props: &NumberProps) -> Html {
    let NumberProps { label, rule, value, factor, unit, path, .. } = props;
    let draft = use_state_eq(|| None::<String>);
    let nonsense = use_state_eq(|| false);
    use_effect_with((value.to_string(), props.problem.is_some()), {
        let (draft, nonsense) = (draft.clone(), nonsense.clone());
        move |(_, refused)| {
            if !refused {
                draft.set(None);
                nonsense.set(false);
            }
        }
    });
    let on_change = {
        let (draft, nonsense, on_set) = (draft.clone(), nonsense.clone(), props.on_set.clone());
        let (path, factor, unit) = (path.clone(), *factor, *unit);
        move |event: Event| {
            let text = dom::value(&event);
            let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
            let number = plain.strip_suffix(unit).unwrap_or(&plain).parse::<f64>().ok().filter(|own| own.is_finite());
            nonsense.set(number.is_none());
            draft.set(Some(text));
            if let Some(number) = number {
                on_set.emit((path.clone(), Value::from(unscaled(number, factor))));
            }
        }
    };
    let on_input = {
        let draft = draft.clone();
        move |event: InputEvent| draft.set(Some(dom::value(&event)))
    };
    let id = format!("rule-{}", path.replace('.', "-"));
    let problem_id = format!("{id}-problem");
    let problem = if *nonsense { Some("That is no number.".to_owned()) } else { props.problem.clone() };
    let wrong = problem.is_some();
    let text = (*draft).clone().unwrap_or_else(|| scaled(*value, *factor).to_string());
    html! {
        <span class="number">
            if *label != "Bound" { <label for={id.clone()}>{ *label }<span class="spoken">{ format!(" (“{rule}”)") }</span></label> }
            <input
                {id} type="text" inputmode="decimal" autocomplete="off" spellcheck="false" value={text}
                aria-label={(*label == "Bound").then(|| format!("Bound of “{rule}”"))}
                aria-invalid={wrong.then_some("true")} aria-describedby={wrong.then(|| problem_id.clone())}
                oninput={on_input} onchange={on_change}
            />
            <i>{ *unit }</i>
            if let Some(problem) = problem { <em class="problem" id={problem_id} role="alert">{ problem }</em> }
        </span>
    }
}

/// Numbers as people type them, without the dust of binary fractions.
fn scaled(value: f64, factor: f64) -> f64 {
    (value * factor * 1e9).round() / 1e9
}

fn unscaled(value: f64, factor: f64) -> f64 {
    (value / factor * 1e9).round() / 1e9
}

/// Another rule, to begin with one on answers that take too long.
#[component]
fn NewRule(props: &Props) -> Html {
    let id = use_state_eq(String::new);
    let path = format!("operations.alerts.{}", id.trim());
    let alerts = props.scene.scenario.operations.as_ref().map(|own| &own.alerts);
    let taken = alerts.is_some_and(|own| own.contains_key(id.trim()));
    let refused = if taken { None } else { problem(props.refused.as_ref(), &path) };
    // Once it is there, its name is not wanted any more.
    let asked = use_mut_ref(|| None::<String>);
    use_effect_with(taken, {
        let (id, asked) = (id.clone(), asked.clone());
        move |taken| {
            if *taken && asked.borrow_mut().take().as_deref() == Some(id.trim()) {
                id.set(String::new());
            }
        }
    });
    let on_submit = {
        let (on_set, path, name) = (props.on_set.clone(), path, id.trim().to_owned());
        let tier = props.scene.scenario.workload.entry.clone();
        let metric = Metric::LatencyP99Ms;
        move |event: SubmitEvent| {
            event.prevent_default();
            if !taken {
                *asked.borrow_mut() = Some(name.clone());
                on_set.emit((path.clone(), json(&opens_with(metric, Some(tier.clone())))));
            }
        }
    };
    let on_input = {
        let id = id.setter();
        move |event: InputEvent| id.set(dom::value(&event))
    };
    let refused = if taken { Some("There is a rule of that name.".to_owned()) } else { refused };
    let wrong = refused.is_some();
    html! {
        <form class="new-rule" onsubmit={on_submit}>
            <label for="new-rule">{ "Another rule" }</label>
            <input
                id="new-rule" type="text" placeholder="cache-slow" autocomplete="off" spellcheck="false" value={(*id).clone()}
                aria-invalid={wrong.then_some("true")} aria-describedby={wrong.then_some("new-rule-problem")} oninput={on_input}
            />
            <button type="submit">{ "Add the rule" }</button>
            if let Some(refused) = refused { <p class="problem" id="new-rule-problem" role="alert">{ refused }</p> }
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::stages;
    use crate::scenario::edit;
    use wasm_bindgen_test::wasm_bindgen_test;

    /// Whatever value a rule is to go by, what it opens with is one.
    #[wasm_bindgen_test]
    fn every_rule_that_is_offered_is_one() {
        let scenario = stages::revision("operations", 1).expect("it is published").scenario();
        for metric in METRICS {
            let rule = json(&opens_with(metric, Some("database".to_owned())));
            edit::set(&scenario, "operations.alerts.new", rule)
                .unwrap_or_else(|problem| panic!("{metric:?}: {problem}"));
        }
    }

    #[wasm_bindgen_test]
    fn percent_and_seconds_are_typed_as_they_are_read() {
        assert_eq!((scaled(0.07, 100.0), unscaled(7.0, 100.0)), (7.0, 0.07));
        assert_eq!((scaled(15_000.0, 1e-3), unscaled(15.0, 1e-3)), (15.0, 15_000.0));
    }
}
