//! One parameter: name, value, unit; on request its range, what the chapter opens with, and what it does.

use serde_json::Value;
use yew::prelude::*;

use crate::scenario::Change;
use crate::ui::dom;
use crate::ui::parameters::{Parameter, Range};

/// What the field shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The parameter.
    pub parameter: Parameter,
    /// Its value now; `None` if it is not set.
    pub value: Option<Value>,
    /// Its value when the chapter opens.
    pub default: Option<Value>,
    /// What was wrong with the last change to it.
    pub problem: Option<String>,
    /// The visitor changes it.
    pub on_change: Callback<Change>,
}

/// A parameter.
#[component]
pub fn Field(props: &Props) -> Html {
    let Props { parameter, value, default, problem, .. } = props;
    let open = use_state_eq(|| false);
    // What is typed and not yet, or not successfully, applied.
    let draft = use_state_eq(|| None::<String>);
    use_effect_with(value.clone(), {
        let draft = draft.clone();
        move |_| draft.set(None)
    });
    let id = format!("field-{}", parameter.path.replace('.', "-"));
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let set = {
        let (on_change, path) = (props.on_change.clone(), parameter.path.clone());
        Callback::from(move |value: Value| on_change.emit(Change::Set { path: path.clone(), value }))
    };
    let on_change = {
        let (set, draft, range) = (set.clone(), draft.clone(), parameter.range.clone());
        Callback::from(move |event: Event| {
            let text = dom::value(&event);
            set.emit(parse(&range, &text));
            draft.set(Some(text));
        })
    };
    let on_input = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| draft.set(Some(dom::value(&event))))
    };
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let shown = draft.as_ref().filter(|_| problem.is_some() || value.is_some()).cloned();
    let unset = || parameter.unset.unwrap_or_default().to_owned();
    let shown = shown.unwrap_or_else(|| value.as_ref().map(text_of).unwrap_or_else(unset));
    let described = if problem.is_some() { problem_id.clone() } else { help_id.clone() };
    let control = match &parameter.range {
        Range::Choice(choices) => html! {
            <select id={id.clone()} aria-invalid={problem.is_some().then_some("true")} onchange={on_change}>
                { for choices.iter().map(|(choice, name)| html! {
                    <option value={*choice} selected={shown == *choice}>{ *name }</option>
                }) }
            </select>
        },
        Range::Flag => {
            let on = value.as_ref().is_some_and(|value| *value == Value::Bool(true));
            switch(&id, on, problem.is_some(), set.reform(Value::Bool))
        }
        Range::Part(opens_with) => {
            let (on, opens_with) = (value.is_some(), opens_with.clone());
            let to = move |on: bool| if on { opens_with.clone() } else { Value::Null };
            switch(&id, on, problem.is_some(), set.reform(to))
        }
        Range::Whole(..) | Range::Number(..) => html! {
            <input
                id={id.clone()} type="text" inputmode="decimal" autocomplete="off" spellcheck="false" value={shown}
                aria-invalid={problem.is_some().then_some("true")} aria-describedby={described}
                oninput={on_input} onchange={on_change}
            />
        },
    };
    let default = default.clone().or_else(|| parameter.unset.map(|_| Value::Null));
    let named_default = default.as_ref().map(|value| match value {
        Value::Null => unset(),
        value => text_of(value),
    });
    let now = value.as_ref().map_or_else(unset, text_of);
    let changed = named_default.as_ref().is_some_and(|default| *default != now);
    html! {
        <div class={classes!("field", changed.then_some("changed"))}>
            <label for={id}>
                { &parameter.name }
                if !parameter.unit.is_empty() { { " " }<i>{ parameter.unit }</i> }
            </label>
            <button
                type="button" class="help-toggle" aria-expanded={open.to_string()}
                aria-label={format!("About “{}”", parameter.name)} onclick={toggle}
            >{ "?" }</button>
            <span class="control">{ control }</span>
            <p class="help" id={help_id} hidden={!*open}>
                { parameter.help }{ " " }{ range_text(parameter) }
                if let Some((default, name)) = default.zip(named_default) {
                    { format!(" This opened with {}.", named(&parameter.range, &name)) }
                    if changed { { reset(default, set) } }
                }
            </p>
            if let Some(problem) = problem { <p class="problem" id={problem_id}>{ problem }</p> }
        </div>
    }
}

/// On or off.
fn switch(id: &str, on: bool, wrong: bool, set: Callback<bool>) -> Html {
    let on_change = set.reform(|event: Event| dom::value(&event) == "on");
    html! {
        <select id={id.to_owned()} aria-invalid={wrong.then_some("true")} onchange={on_change}>
            <option value="off" selected={!on}>{ "off" }</option>
            <option value="on" selected={on}>{ "on" }</option>
        </select>
    }
}

fn reset(default: Value, set: Callback<Value>) -> Html {
    html! {
        <>
            { " " }
            <button type="button" class="link" onclick={move |_: MouseEvent| set.emit(default.clone())}>
                { "Set it back" }
            </button>
        </>
    }
}

/// What was typed, as the core will judge it: a number if it is one, else the text.
fn parse(range: &Range, text: &str) -> Value {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let number = match range {
        Range::Whole(..) => {
            plain.parse::<u64>().ok().map(Value::from).or_else(|| plain.parse::<f64>().ok().map(Value::from))
        }
        Range::Number(..) => plain.parse::<f64>().ok().map(Value::from),
        Range::Choice(_) | Range::Flag | Range::Part(_) => None,
    };
    number.unwrap_or_else(|| Value::from(text))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn named<'a>(range: &Range, value: &'a str) -> &'a str {
    match range {
        Range::Choice(choices) => choices.iter().find(|(choice, _)| *choice == value).map_or(value, |(_, name)| name),
        Range::Flag | Range::Part(_) if value == "true" => "on",
        Range::Flag | Range::Part(_) if value == "false" || value == "null" => "off",
        Range::Part(_) => "on",
        Range::Whole(..) | Range::Number(..) | Range::Flag => value,
    }
}

fn range_text(parameter: &Parameter) -> String {
    let unit = if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
    match &parameter.range {
        Range::Whole(least, most) => format!("From {least} to {most}{unit}."),
        Range::Number(least, most) => format!("From {least} to {most}{unit}."),
        Range::Choice(_) | Range::Flag | Range::Part(_) => String::new(),
    }
}
