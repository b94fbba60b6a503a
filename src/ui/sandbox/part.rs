//! What a part is called.

use web_sys::SubmitEvent;
use yew::prelude::*;

use crate::frame::Scene;
use crate::scenario::sandbox::{Edit, apply};
use crate::ui::dom;
use crate::ui::same::Same;

/// The part and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// The part's id.
    pub tier: String,
    /// What the visitor wants.
    pub edit: Callback<Edit>,
}

/// The id of a part, to be changed.
#[component]
pub fn Naming(props: &Props) -> Html {
    let Props { scene, tier, edit } = props;
    let typed = use_state_eq(|| tier.clone());
    let problem = use_state_eq(|| None::<String>);
    let on_input = {
        let (typed, problem) = (typed.clone(), problem.clone());
        move |event: InputEvent| {
            typed.set(dom::value(&event));
            problem.set(None);
        }
    };
    let on_submit = {
        let (typed, problem, scene, tier, edit) =
            (typed.clone(), problem.clone(), scene.clone(), tier.clone(), edit.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let id = as_id(&typed);
            if id == tier {
                return;
            }
            let rename = Edit::Rename { tier: tier.clone(), id };
            match apply(&scene.scenario, &rename) {
                Ok(_) => edit.emit(rename),
                Err(own) => problem.set(Some(own.message)),
            }
        }
    };
    html! {
        <form class="line naming" onsubmit={on_submit}>
            <label for="part-name">{ "Name" }</label>
            <input
                id="part-name" type="text" dir="auto" autocomplete="off" spellcheck="false" maxlength="40"
                aria-invalid={problem.is_some().to_string()} value={(*typed).clone()} oninput={on_input}
            />
            <button type="submit" disabled={as_id(&typed) == *tier}>{ "Rename" }</button>
            if let Some(problem) = &*problem { <p class="problem" role="alert">{ problem }</p> }
        </form>
    }
}

/// As people write names, and as ids are written.
fn as_id(typed: &str) -> String {
    typed.trim().to_lowercase().replace(' ', "-")
}
