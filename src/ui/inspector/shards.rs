//! Type a user's number, see the shard: by the same function that routes requests.

use serde_json::json;
use yew::prelude::*;

use crate::frame::Scene;
use crate::nodes::sharding::{Sharding, locate};
use crate::scenario::plan::sharding_of;
use crate::ui::dom;
use crate::ui::same::Same;

/// What the field asks and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// The database.
    pub tier: String,
    /// The visitor adds a shard.
    pub on_set: Callback<(String, serde_json::Value)>,
}

/// The field, and a button that adds a shard; nothing for a database without shards.
#[component]
pub fn Shards(props: &Props) -> Html {
    let typed = use_state_eq(|| "4711".to_owned());
    let Some(sharding) = sharding_of(&props.scene.scenario, &props.tier) else { return Html::default() };
    let on_input = {
        let typed = typed.clone();
        Callback::from(move |event: InputEvent| typed.set(dom::value(&event)))
    };
    let add = {
        let (path, next) = (format!("tiers.{}.sharding.shards", props.tier), sharding.distribution.shards + 1);
        props.on_set.reform(move |_: MouseEvent| (path.clone(), json!(next)))
    };
    html! {
        <>
            <h3>{ "Which shard?" }</h3>
            <div class="field">
                <label for="shard-of">{ if sharding.is_by_user() { "User" } else { "Row" } }</label>
                <span />
                <span class="control">
                    <input
                        id="shard-of" type="text" inputmode="numeric" autocomplete="off" value={(*typed).clone()}
                        oninput={on_input} aria-describedby="shard-found"
                    />
                </span>
                <p class="help" id="shard-found" role="status">{ found(&sharding, &typed) }</p>
            </div>
            <div class="actions"><button type="button" onclick={add}>{ "Add a shard" }</button></div>
        </>
    }
}

fn found(sharding: &Sharding, typed: &str) -> String {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let Ok(number) = plain.parse::<u32>() else { return "A whole number, please.".to_owned() };
    let place = locate(sharding, number);
    let of = place.value.map_or(String::new(), |value| format!("{value}: "));
    match place.shards.as_slice() {
        [one] => format!("{of}shard {one}"),
        several => {
            let numbers: Vec<String> = several.iter().map(u16::to_string).collect();
            format!("{of}shards {}, each has a copy", numbers.join(" and "))
        }
    }
}
