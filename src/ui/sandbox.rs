//! Building systems: parts from a palette, connections with what they can lead to, names, copies, and systems that are kept
//! in the browser. It offers what the core does; see [`crate::scenario::sandbox`].

mod part;
pub mod shelf;
mod shelves;

use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;
use yew::prelude::*;

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::player::Command;
use crate::scenario::Scenario;
use crate::scenario::sandbox::{Edit, Holder, KINDS, Slot, apply, connections};

use super::dom;
use super::same::Same;
use super::state::Selection;
use super::{names, settings};
use part::Naming;
use shelf::Shelf;
use shelves::Shelves;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// The part that is edited; without one, the whole system.
    pub selection: Option<Selection>,
    /// What is kept in the browser.
    pub shelf: Same<Shelf>,
    /// The visitor turned to what is kept: it is to be read anew.
    pub on_shelf: Callback<Result<Shelf, String>>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// Of more connections than this, what each does is not in sight.
const EXPLAINED_MAX: usize = 5;

/// What can be done to the system as it stands, or to one part of it.
#[derive(Debug, Default, PartialEq)]
struct Offers {
    /// Kinds of parts, and what is in the way of adding one.
    parts: Vec<(Kind, Option<String>)>,
    connections: Vec<Slot>,
    /// What is in the way of taking the part out.
    stays: Option<String>,
    /// The part can be doubled.
    doubles: bool,
}

/// The bench at which systems are built.
#[component]
pub fn Workshop(props: &Props) -> Html {
    let Props { scene, selection, act, .. } = props;
    let open = use_state_eq(|| false);
    let part = selection.map(|own| own.tier(scene));
    // What is offered is tried out, which nobody needs while this is closed.
    let offers = use_memo(
        (scene.clone(), part, *open),
        |(scene, part, open)| {
            if *open { offers(scene, *part) } else { Offers::default() }
        },
    );
    let on_toggle = {
        let (open, on_shelf) = (open.clone(), props.on_shelf.clone());
        move |event: Event| {
            let own = event.target().and_then(|own| own.dyn_into::<HtmlDetailsElement>().ok());
            let is_open = own.is_some_and(|own| own.open());
            if is_open && !*open {
                // Another tab may have saved something.
                on_shelf.emit(Ok(Shelf::read()));
            }
            open.set(is_open);
        }
    };
    let edit = act.reform(|edit: Edit| Command::Edit { edit });
    let tier = part.map(|tier| &scene.tiers[tier]).filter(|tier| tier.kind != Kind::Client);
    html! {
        <details class="workshop" ontoggle={on_toggle}>
            <summary>{ if part.is_some() { "Edit this part" } else { "Build: add, connect, save" } }</summary>
            <p class="hint">
                { "An edit builds the system anew: time starts at 0. Undo (Ctrl+Z) brings the former run back." }
            </p>
            if part.is_none() {
                <h3>{ "Add a part" }</h3>
                <ul class="palette">
                    { for offers.parts.iter().map(|(kind, missing)| addition(*kind, missing.as_deref(), &edit)) }
                </ul>
            }
            if !offers.connections.is_empty() {
                <h3>{ "Connections" }</h3>
                <div class="fields">{ for offers.connections.iter().map(|slot| html! {
                    <Connection
                        key={slot.path.clone()} slot={slot.clone()} scene={scene.clone()} edit={edit.clone()}
                        explained={offers.connections.len() <= EXPLAINED_MAX}
                    />
                }) }</div>
            }
            if let Some(tier) = tier {
                <Naming key={tier.id.clone()} scene={scene.clone()} tier={tier.id.clone()} edit={edit.clone()} />
                { copies(scene, &tier.id, &offers, &edit) }
            }
            if part.is_none() && *open {
                <Shelves shelf={props.shelf.clone()} on_shelf={props.on_shelf.clone()} act={act.clone()} />
            }
        </details>
    }
}

fn offers(scene: &Scene, part: Option<usize>) -> Offers {
    // What happens to it changes nothing of what can be built.
    let scenario = Scenario { timeline: Vec::new(), ..scene.scenario.clone() };
    let trouble = |edit: &Edit| apply(&scenario, edit).err();
    let Some(part) = part else {
        let parts = KINDS.into_iter().map(|kind| (kind, trouble(&Edit::Add { kind }).map(|own| own.message)));
        return Offers {
            parts: parts.collect(),
            connections: connections(&scenario, Holder::System),
            ..Offers::default()
        };
    };
    let tier = &scene.tiers[part];
    if tier.kind == Kind::Client {
        return Offers { connections: connections(&scenario, Holder::Clients(&tier.id)), ..Offers::default() };
    }
    let id = || tier.id.clone();
    Offers {
        parts: Vec::new(),
        connections: connections(&scenario, Holder::Tier(&tier.id)),
        stays: trouble(&Edit::Remove { tier: id() }).map(|own| own.message),
        doubles: trouble(&Edit::Duplicate { tier: id() }).is_none(),
    }
}

/// A part of the palette.
fn addition(kind: Kind, missing: Option<&str>, edit: &Callback<Edit>) -> Html {
    let on_click = edit.reform(move |_: MouseEvent| Edit::Add { kind });
    html! {
        <li>
            <button type="button" disabled={missing.is_some()} title={missing.map(str::to_owned)} onclick={on_click}>
                { format!("+ {}", names::of_kind(kind)) }
            </button>
        </li>
    }
}

fn copies(scene: &Scene, tier: &str, offers: &Offers, edit: &Callback<Edit>) -> Html {
    let id = tier.to_owned();
    let duplicate = edit.reform(move |_: MouseEvent| Edit::Duplicate { tier: id.clone() });
    let id = tier.to_owned();
    let remove = edit.reform(move |_: MouseEvent| Edit::Remove { tier: id.clone() });
    html! {
        <>
            <p class="actions">
                <button
                    type="button" disabled={!offers.doubles} onclick={duplicate}
                    title="Another one like it, on a machine of its own; nothing is connected to it yet."
                >{ "Duplicate" }</button>
                <button
                    type="button" class="kill" disabled={offers.stays.is_some()} onclick={remove}
                    title="It is taken out, with all that leads to it."
                >{ "Remove" }</button>
            </p>
            if let Some(why) = &offers.stays { <p class="hint">{ format!("It {}.", settings::sentence(scene, why)) }</p> }
        </>
    }
}

/// A connection and whom it tells.
#[derive(Clone, PartialEq, Properties)]
struct ConnectionProps {
    slot: Slot,
    scene: Same<Scene>,
    edit: Callback<Edit>,
    /// Whether what it does is in sight.
    explained: bool,
}

/// What it leads to, of what it can lead to.
#[component]
fn Connection(props: &ConnectionProps) -> Html {
    let ConnectionProps { slot, scene, edit, explained } = props;
    let own = use_node_ref();
    dom::use_choice(&own, slot.now.clone().unwrap_or_default(), props.clone());
    let on_change = {
        let path = slot.path.clone();
        edit.reform(move |event: Event| match dom::value(&event) {
            to if to.is_empty() => Edit::Disconnect { slot: path.clone() },
            to => Edit::Connect { slot: path.clone(), to },
        })
    };
    let id = format!("slot-{}", slot.path.replace('.', "-"));
    let help = format!("{id}-help");
    let option = |to: &String| {
        let selected = slot.now.as_ref() == Some(to);
        let name = if slot.path.ends_with(".queue") { to.clone() } else { names::by_id(scene, to) };
        html! { <option value={to.clone()} {selected}>{ name }</option> }
    };
    // A class for which nothing is said goes the way of all.
    let is_of_class = slot.path.starts_with("workload.classes.") || slot.path.contains(".routes.");
    let nothing = if is_of_class { "as for all" } else { "nothing" };
    // What it leads to now is one of them even if it would not be offered again.
    let now = slot.now.iter().filter(|now| !slot.targets.contains(now));
    html! {
        <div class="field connection">
            <label for={id.clone()} title={slot.help}>{ &slot.name }</label>
            <select id={id} ref={own} aria-describedby={help.clone()} onchange={on_change}>
                if slot.may_be_empty { <option value="" selected={slot.now.is_none()}>{ nothing }</option> }
                { for slot.targets.iter().chain(now).map(option) }
            </select>
            <p class={if *explained { "help" } else { "help unseen" }} id={help}>{ slot.help }</p>
        </div>
    }
}
