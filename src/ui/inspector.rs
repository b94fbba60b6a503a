//! The inspector: what the selected part does now, what can be done to it, and its parameters.

mod field;
mod now;

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::nodes::Kind;
use crate::nodes::context::Life;
use crate::scenario::Change;

use super::parameters::{self, Parameter, look_up};
use super::state::Selection;
use super::{dom, names};
use field::Field;

/// What the inspector shows and whom it tells.
pub struct Props {
    /// What there is.
    pub scene: Rc<Scene>,
    /// The scenario, to look values up.
    pub values: Rc<Value>,
    /// The same as the chapter opens with it: what a parameter can be set back to.
    pub opening: Rc<Value>,
    /// How it stands.
    pub status: Option<Rc<Status>>,
    /// What it is to show.
    pub selection: Option<Selection>,
    /// What was wrong with the last change.
    pub problem: Option<String>,
    /// The visitor changes something.
    pub on_change: Callback<Change>,
    /// The visitor turns to another part.
    pub on_select: Callback<Option<Selection>>,
}

/// The inspector.
pub fn inspector(props: &Props) -> Html {
    let Props { scene, selection, .. } = props;
    let title = match selection {
        None => "The whole system".to_owned(),
        Some(Selection::Node(node)) => names::node(scene, *node),
        Some(Selection::Tier(tier)) => names::tier(scene, *tier),
    };
    let fields = parameters_of(props).into_iter().map(|parameter| {
        let value = look_up(&props.values, &parameter.path).cloned();
        let default = look_up(&props.opening, &parameter.path).cloned();
        let told = props.problem.as_deref();
        let problem = told.and_then(|told| told.strip_prefix(&parameter.path)?.strip_prefix(": "));
        let problem = problem.map(str::to_owned);
        let key = parameter.path.clone();
        html! {
            <Field
                {key} {parameter} {value} {default} {problem}
                on_change={props.on_change.clone()}
            />
        }
    });
    html! {
        <section class="inspector" aria-labelledby="inspector-title">
            <h2 id="inspector-title">{ title }</h2>
            { instance_choice(props) }
            { actions(props) }
            <h3>{ "Now" }</h3>
            { now::now(scene, props.status.as_deref(), *selection) }
            <h3>{ "Parameters" }</h3>
            <div class="fields">{ for fields }</div>
        </section>
    }
}

fn parameters_of(props: &Props) -> Vec<Parameter> {
    let Some(selection) = props.selection else { return parameters::of_workload() };
    let tier = &props.scene.tiers[selection.tier(&props.scene)];
    match tier.kind {
        Kind::Client => parameters::of_clients(&props.scene.scenario, &tier.id),
        Kind::Dns | Kind::LoadBalancer | Kind::WebServer | Kind::Cache | Kind::Database => {
            parameters::of_tier(&props.scene.scenario, &tier.id)
        }
    }
}

/// Of a tier with many instances: all of them, or one by its number.
fn instance_choice(props: &Props) -> Html {
    let Props { scene, selection, .. } = props;
    let Some(selection) = *selection else { return Html::default() };
    let tier = selection.tier(scene);
    let own = |node: &usize| usize::from(scene.nodes[*node].tier) == tier && !scene.nodes[*node].drained;
    let members: Vec<usize> = (0..scene.nodes.len()).filter(own).collect();
    if members.len() < 2 {
        return Html::default();
    }
    let on_change = props.on_select.reform(move |event: Event| {
        let node = dom::value(&event).parse::<usize>().ok().map(Selection::Node);
        Some(node.unwrap_or(Selection::Tier(tier)))
    });
    let options = members.iter().map(|&node| {
        let selected = selection == Selection::Node(node);
        html! { <option value={node.to_string()} {selected}>{ names::node(scene, node) }</option> }
    });
    html! {
        <select class="instance" aria-label="Which instance" onchange={on_change}>
            <option value="all" selected={selection == Selection::Tier(tier)}>
                { format!("all {}", members.len()) }
            </option>
            { for options }
        </select>
    }
}

fn actions(props: &Props) -> Html {
    let Some(selection) = props.selection else {
        return html! { <p class="hint">{ "Select a part in the diagram to see and change it." }</p> };
    };
    let Some(target) = selection.target(&props.scene) else { return Html::default() };
    let lives: Vec<Life> = match (selection, props.status.as_deref()) {
        (_, None) => Vec::new(),
        (Selection::Node(node), Some(status)) => status.nodes.get(node).map(|node| node.life).into_iter().collect(),
        (Selection::Tier(tier), Some(status)) => {
            let own = |(node, _): &(&crate::frame::SceneNode, _)| usize::from(node.tier) == tier && !node.drained;
            props.scene.nodes.iter().zip(&status.nodes).filter(own).map(|(_, status)| status.life).collect()
        }
    };
    let change = |change: Change| props.on_change.reform(move |_: MouseEvent| change.clone());
    let can_kill = lives.iter().any(|life| *life != Life::Down);
    let has_machine = match selection {
        Selection::Node(node) => props.scene.nodes[node].machine.is_some(),
        Selection::Tier(tier) => {
            props.scene.nodes.iter().any(|node| usize::from(node.tier) == tier && node.machine.is_some())
        }
    };
    let can_restore = lives.contains(&Life::Down);
    html! {
        <p class="actions">
            <button
                type="button" class="kill" disabled={!can_kill} title="K"
                onclick={change(Change::Kill { target: target.clone(), silent: false })}
            >{ "Kill" }</button>
            <button
                type="button" class="kill" disabled={!can_kill}
                title="The machine is gone without a word: no connection is reset, nobody is told."
                onclick={change(Change::Kill { target: target.clone(), silent: true })}
            >{ "Power off" }</button>
            if has_machine {
                <button
                    type="button" disabled={!can_kill} title="Its machine's cores work at a tenth of their speed."
                    onclick={change(Change::Slow { target: target.clone(), factor: 0.1 })}
                >{ "Slow" }</button>
                <button
                    type="button" disabled={!can_kill} title="Its machine's cores work at their full speed."
                    onclick={change(Change::Slow { target: target.clone(), factor: 1.0 })}
                >{ "Full speed" }</button>
            }
            <button
                type="button" disabled={!can_restore} title="R"
                onclick={change(Change::Restore { target })}
            >{ "Restore" }</button>
        </p>
    }
}
