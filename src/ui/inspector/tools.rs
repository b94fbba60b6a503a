//! What people use for the selected part in life, and what that calls the parameters.

use yew::prelude::*;

use crate::course::quantity;
use crate::course::tools::{self, Setting, Tool};
use crate::nodes::Kind;
use crate::scenario::parameters::Parameter;

/// The products for a part of this kind, each with what it calls those of the parameters that it has.
pub fn tools(kind: Kind, parameters: &[Parameter]) -> Html {
    let part = tools::part(kind);
    let names: Vec<&str> = tools::of(part).map(|tool| tool.name).collect();
    html! {
        <details class="products">
            <summary>{ format!("In life: {}", names.join(" · ")) }</summary>
            <dl>{ for tools::of(part).map(|tool| of_tool(tool, parameters)) }</dl>
        </details>
    }
}

fn of_tool(tool: &Tool, parameters: &[Parameter]) -> Html {
    let named = parameters.iter().filter_map(|parameter| {
        // Behind the map and the id of the part: `tiers.web.slots`, `workload.clients.mobile.share`.
        let (_, below) = parameter.path.split_once("clients.").or_else(|| parameter.path.split_once('.'))?;
        let (_, field) = below.split_once('.')?;
        Some((parameter, tool.setting(field)?))
    });
    let settings: Vec<Html> = named.map(|(parameter, setting)| of_setting(parameter, setting)).collect();
    if settings.is_empty() {
        return html! { <dt>{ tool.name }</dt> };
    }
    html! {
        <>
            <dt>{ tool.name }</dt>
            { for settings }
        </>
    }
}

fn of_setting(parameter: &Parameter, setting: &Setting) -> Html {
    let default = setting.default.map(|value| format!(" ({})", quantity::write(value, parameter.unit, 3, 0.0)));
    html! { <dd>{ &parameter.name }{ ": " }<code>{ setting.name }</code>{ default }</dd> }
}
