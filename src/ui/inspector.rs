//! The inspector: what the selected part does now, what can be done to it, and its parameters.

mod actions;
mod board;
mod field;
mod now;
mod shards;
mod theory;
mod tools;

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::scenario::Change;
use crate::scenario::parameters::{self, Parameter, look_up};

use super::same::Same;
use super::state::{Refusal, Selection};
use super::{dom, names};
use board::Board;
use field::Field;
use shards::Shards;

/// What the inspector shows and whom it tells.
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// The scenario, to look values up.
    pub values: Same<Value>,
    /// The same as the chapter opens with it: what a parameter can be set back to.
    pub opening: Same<Value>,
    /// How it stands.
    pub status: Option<Same<Status>>,
    /// What it is to show.
    pub selection: Option<Selection>,
    /// Where it is built otherwise.
    pub workshop: Html,
    /// What those who run the system know of it.
    pub operations: Option<Html>,
    /// A value that was refused.
    pub refused: Option<Refusal>,
    /// The visitor sets the parameter with this path.
    pub on_set: Callback<(String, Value)>,
    /// The visitor sets one that cannot change while the system runs: it is built anew.
    pub on_build: Callback<(String, Value)>,
    /// The visitor does something to a part.
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
    let parameters = parameters_of(props);
    let groups = parameters.chunk_by(|a, b| a.group == b.group).map(|group| {
        html! {
            <section>
                <h3>{ group[0].group }</h3>
                if group[0].fixed {
                    <p class="hint">{ "To set one of these builds the system anew: time starts at 0. Undo brings the run back." }</p>
                }
                { for group.iter().map(|parameter| field(parameter, props)) }
            </section>
        }
    });
    html! {
        <section class="inspector" aria-labelledby="inspector-title">
            <div class="title">
                <h2 id="inspector-title">{ title }</h2>
                if selection.is_some() {
                    <button
                        type="button" class="close" aria-label="Show the whole system" title="Show the whole system (Esc)"
                        onclick={props.on_select.reform(|_: MouseEvent| None)}
                    >{ "✕" }</button>
                }
            </div>
            // What comes and goes stands in a place that stays: Yew puts a component's content before its neighbour, and would
            // look for one that is gone.
            <div>{ instance_choice(props) }</div>
            <div>{ actions::actions(props) }</div>
            <div>{ props.workshop.clone() }</div>
            <h3>{ "Now" }</h3>
            <div>{ now::now(scene, props.status.as_deref(), *selection) }</div>
            <div>{ props.operations.clone().unwrap_or_default() }</div>
            <div>
                if let Some(tier) = selection.map(|selection| selection.tier(scene)) {
                    <Shards scene={scene.clone()} tier={scene.tiers[tier].id.clone()} on_set={props.on_set.clone()} />
                }
            </div>
            <div>{ board_of(props) }</div>
            <div>{ theory::theory(scene, props.status.as_deref(), *selection) }</div>
            <div class="fields">{ for groups }</div>
            <div>
                if let Some(selection) = selection {
                    { tools::tools(scene.tiers[selection.tier(scene)].kind, &parameters) }
                }
            </div>
        </section>
    }
}

/// Of a broker: its exchanges and queues.
fn board_of(props: &Props) -> Html {
    let tier = props.selection.map(|selection| selection.tier(&props.scene));
    let Some(tier) = tier.filter(|&tier| names::queues(&props.scene.tiers[tier])) else { return Html::default() };
    html! {
        <Board
            scene={props.scene.clone()} status={props.status.clone()} {tier} refused={props.refused.clone()}
            on_set={props.on_set.clone()}
        />
    }
}

fn field(parameter: &Parameter, props: &Props) -> Html {
    let refused = props.refused.as_ref().filter(|refused| refused.path == parameter.path);
    html! {
        <Field
            key={parameter.path.clone()}
            parameter={parameter.clone()}
            value={look_up(&props.values, &parameter.path).cloned()}
            default={look_up(&props.opening, &parameter.path).cloned()}
            problem={refused.map(|refused| in_words(&props.scene, refused))}
            on_set={if parameter.fixed { props.on_build.clone() } else { props.on_set.clone() }}
        />
    }
}

/// What is wrong with a value; the place is said only where it is another than where it was typed.
fn in_words(scene: &Scene, refused: &Refusal) -> String {
    let Some((place, what)) = refused.message.split_once(": ") else { return refused.message.clone() };
    if place == refused.path {
        return what.to_owned();
    }
    match names::parameter(scene, place) {
        Some(name) => format!("{name}: {what}"),
        None => refused.message.clone(),
    }
}

fn parameters_of(props: &Props) -> Vec<Parameter> {
    match props.selection {
        None => parameters::of_workload(&props.scene.scenario),
        Some(selection) => names::parameters(&props.scene, selection.tier(&props.scene)),
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
