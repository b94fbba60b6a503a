//! One parameter: name, value, unit; on request its range, what the chapter opens with, and what it does.

use serde_json::Value;
use yew::prelude::*;

use crate::scenario::parameters::{Parameter, Range, typed};
use crate::ui::{dom, format};

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
    /// The visitor sets it.
    pub on_set: Callback<(String, Value)>,
}

/// A parameter.
#[component]
pub fn Field(props: &Props) -> Html {
    let Props { parameter, value, default, problem, .. } = props;
    let open = use_state_eq(|| false);
    // What is typed or chosen and not, or not yet, applied.
    let draft = use_state_eq(|| None::<String>);
    // What was typed is no number, so that the core was not even asked.
    let nonsense = use_state_eq(|| None::<String>);
    use_effect_with((value.clone(), problem.is_some()), {
        let (draft, nonsense) = (draft.clone(), nonsense.clone());
        move |(_, refused)| {
            if !refused {
                draft.set(None);
                nonsense.set(None);
            }
        }
    });
    let set = {
        let (on_set, path) = (props.on_set.clone(), parameter.path.clone());
        Callback::from(move |value: Value| on_set.emit((path.clone(), value)))
    };
    let on_change = {
        let (set, draft, nonsense, parameter) = (set.clone(), draft.clone(), nonsense.clone(), parameter.clone());
        Callback::from(move |event: Event| {
            let text = dom::value(&event);
            match parse(&parameter, &text) {
                Ok(value) => {
                    nonsense.set(None);
                    set.emit(value);
                }
                Err(problem) => nonsense.set(Some(problem)),
            }
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
    let problem = (*nonsense).clone().or(problem.clone());
    let now = shown(parameter, value.as_ref());
    let id = format!("field-{}", parameter.path.replace('.', "-"));
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let control = Control {
        id: id.clone(),
        described: if problem.is_some() { problem_id.clone() } else { help_id.clone() },
        wrong: problem.is_some(),
        text: (*draft).clone().unwrap_or_else(|| now.clone()),
        on_change,
        on_input,
    };
    let default = default.clone().or_else(|| parameter.unset.map(|_| Value::Null));
    let opened_with = default.as_ref().map(|value| shown(parameter, Some(value)));
    let changed = opened_with.as_ref().is_some_and(|opened_with| *opened_with != now);
    html! {
        <div class={classes!("field", changed.then_some("changed"))}>
            <label for={id}>{ &parameter.name }</label>
            <button
                type="button" class="help-toggle" aria-expanded={open.to_string()}
                aria-label={format!("About “{}”", parameter.name)} onclick={toggle}
            >{ "?" }</button>
            <span class="control">{ control.html(parameter) }</span>
            <p class="help" id={help_id} hidden={!*open}>
                { parameter.help }{ " " }{ range_text(parameter) }
                if let Some((default, text)) = default.zip(opened_with) {
                    { format!(" Opened with {}.", named(&parameter.range, &text)) }
                    if changed { { reset(default, set) } }
                }
            </p>
            if let Some(problem) = problem { <p class="problem" id={problem_id} role="alert">{ problem }</p> }
        </div>
    }
}

/// Where a value is typed or chosen.
struct Control {
    id: String,
    described: String,
    wrong: bool,
    text: String,
    on_change: Callback<Event>,
    on_input: Callback<InputEvent>,
}

impl Control {
    fn html(self, parameter: &Parameter) -> Html {
        let choice = |(value, name): (&'static str, &'static str)| (AttrValue::from(value), AttrValue::from(name));
        let choices = match &parameter.range {
            Range::Choice(choices) => choices.iter().copied().map(choice).collect(),
            Range::Flag => [("false", "off"), ("true", "on")].map(choice).to_vec(),
            Range::Part(_) => [("null", "off"), ("on", "on")].map(choice).to_vec(),
            Range::Whole(..) | Range::Number(..) => return self.text_field(parameter.unit),
        };
        let Self { id, described, wrong, text, on_change, .. } = self;
        html! { <Choice {id} {described} {wrong} {text} {choices} {on_change} /> }
    }

    fn text_field(self, unit: &'static str) -> Html {
        let Self { id, described, wrong, text, on_change, on_input } = self;
        html! {
            <>
                <input
                    {id} type="text" inputmode="decimal" autocomplete="off" spellcheck="false" value={text}
                    aria-invalid={wrong.then_some("true")} aria-describedby={described}
                    oninput={on_input} onchange={on_change}
                />
                <i>{ unit }</i>
            </>
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ChoiceProps {
    id: String,
    described: String,
    wrong: bool,
    text: String,
    choices: Vec<(AttrValue, AttrValue)>,
    on_change: Callback<Event>,
}

/// A choice. What was chosen and refused does not stay there as if it held.
#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let own = use_node_ref();
    dom::use_choice(&own, props.text.clone(), props.wrong);
    html! {
        <select
            ref={own} id={props.id.clone()} aria-describedby={props.described.clone()}
            aria-invalid={props.wrong.then_some("true")} onchange={props.on_change.clone()}
        >
            { for props.choices.iter().map(|(value, name)| html! {
                <option value={value.clone()} selected={props.text == value.as_str()}>{ name }</option>
            }) }
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

/// What was typed, as the core will judge it.
fn parse(parameter: &Parameter, text: &str) -> Result<Value, String> {
    let number = |whole: bool| {
        let number = typed::number(text, parameter.unit)?;
        // Whole numbers as such, so that the core says what is wrong with others.
        let exact = whole && number.fract() == 0.0 && (0.0..9e15).contains(&number);
        Some(if exact { Value::from(number as u64) } else { Value::from(number) })
    };
    let found = match &parameter.range {
        Range::Choice(_) => Some(Value::from(text)),
        Range::Flag => Some(Value::Bool(text == "true")),
        Range::Part(opens_with) => Some(if text == "on" { opens_with.clone() } else { Value::Null }),
        // What holds where nothing is set can be asked for by its word.
        Range::Whole(..) | Range::Number(..) if parameter.unset == Some(text.trim()) => Some(Value::Null),
        Range::Whole(..) => number(true),
        Range::Number(..) => number(false),
    };
    let point = if text.contains(',') { " A point stands before the fraction." } else { "" };
    found.ok_or_else(|| format!("“{text}” is no number.{point} {}", range_text(parameter)))
}

/// A value as its control has it; what is not set is called by the word for that.
fn shown(parameter: &Parameter, value: Option<&Value>) -> String {
    match (value, &parameter.range) {
        (None | Some(Value::Null), _) => parameter.unset.unwrap_or_default().to_owned(),
        (Some(_), Range::Part(_)) => "on".to_owned(),
        (Some(Value::String(text)), _) => text.clone(),
        (Some(Value::Number(number)), _) => {
            number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
        }
        (Some(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))), _) => value.to_string(),
    }
}

fn named<'a>(range: &Range, value: &'a str) -> &'a str {
    match range {
        Range::Choice(choices) => choices.iter().find(|(choice, _)| *choice == value).map_or(value, |(_, name)| name),
        Range::Flag | Range::Part(_) if value == "true" => "on",
        Range::Flag | Range::Part(_) if value == "false" || value == "null" => "off",
        Range::Whole(..) | Range::Number(..) | Range::Flag | Range::Part(_) => value,
    }
}

fn range_text(parameter: &Parameter) -> String {
    let (least, most) = match parameter.range {
        Range::Whole(least, most) => (least as f64, most as f64),
        Range::Number(least, most) => (least, most),
        Range::Choice(_) | Range::Flag | Range::Part(_) => return String::new(),
    };
    let plain = |number: f64| if number.fract() == 0.0 { format::count(number as u64) } else { number.to_string() };
    let time = |ms: f64| if ms < 1e3 { format!("{} ms", plain(ms)) } else { format::span(ms) };
    match parameter.unit {
        "ms" => format!("From {} to {}.", time(least), time(most)),
        "s" => format!("From {} s to {}.", plain(least), time(most * 1e3)),
        unit => format!("From {} to {}.", plain(least), format!("{} {unit}", plain(most)).trim_end()),
    }
}
