//! Four small charts of the run so far; what each shows can be chosen, and what is not shown is not computed. Hovering
//! over one reads values off all of them; a click goes to that moment.

mod paint;
mod series;

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use crate::frame::{Charts, FactKind, Scene, Status};
use crate::player::Command;

use super::dom::{self, use_size};
use super::format;
use super::transport::scale_ms;
use series::{Chart, Subject, chart};

/// What the charts show and whom they tell.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Rc<Scene>,
    /// How it stands.
    pub status: Rc<Status>,
    /// The course of the run.
    pub charts: Rc<Charts>,
    /// Changes when colours do.
    pub colours: u32,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The charts.
#[component]
pub fn ChartRow(props: &Props) -> Html {
    // The moment under the pointer.
    let hovered = use_state_eq(|| None::<f64>);
    // What was chosen in place of what is shown by itself.
    let chosen = use_state_eq(|| [None::<Subject>; 4]);
    let scale = scale_ms(props.status.furthest_ms);
    let faults: Rc<[f64]> = {
        let faults = props.status.facts.iter().filter(|fact| fact.fact == FactKind::Fault);
        faults.map(|fact| fact.at_ms).collect()
    };
    let on_hover = {
        let hovered = hovered.clone();
        Callback::from(move |at: Option<f64>| hovered.set(at))
    };
    let on_seek = props.act.reform(|at_ms: f64| Command::Seek { at_ms });
    let subjects: Vec<Subject> = Subject::of(&props.scene).collect();
    let shown = Subject::shown(&props.scene);
    let figures = (0..shown.len()).map(|place| {
        // What was chosen for another system may say nothing of this one.
        let subject = chosen[place].filter(|subject| subjects.contains(subject)).unwrap_or(shown[place]);
        let on_choose = {
            let (chosen, subjects) = (chosen.clone(), subjects.clone());
            Callback::from(move |title: String| {
                let mut next = *chosen;
                next[place] = subjects.iter().copied().find(|subject| subject.title() == title);
                chosen.set(next);
            })
        };
        html! {
            <Figure
                key={place} {subject} subjects={subjects.clone()}
                chart={Rc::new(chart(subject, &props.charts, &props.scene))}
                {scale} faults={faults.clone()} hovered={*hovered} now_ms={props.status.now_ms}
                colours={props.colours} on_hover={on_hover.clone()} on_seek={on_seek.clone()} {on_choose}
            />
        }
    });
    let width_ms = chart(Subject::Answered, &props.charts, &props.scene).width_ms;
    let over = format!("charts: from the start of the run, a value for each {}", format::span(width_ms));
    html! {
        <section class="charts" aria-label="Course of the run">
            { for figures }
            if width_ms > 0.0 { <p class="over">{ over }</p> }
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FigureProps {
    subject: Subject,
    subjects: Vec<Subject>,
    chart: Rc<Chart>,
    scale: f64,
    now_ms: f64,
    faults: Rc<[f64]>,
    hovered: Option<f64>,
    colours: u32,
    on_hover: Callback<Option<f64>>,
    on_seek: Callback<f64>,
    on_choose: Callback<String>,
}

#[component]
fn Figure(props: &FigureProps) -> Html {
    let FigureProps { chart, scale, hovered, .. } = props;
    let canvas = use_node_ref();
    let choice = use_node_ref();
    dom::use_choice(&choice, props.subject.title().to_owned(), ());
    let (width, height) = use_size(&canvas);
    use_effect_with((props.clone(), width as u32, height as u32), {
        let canvas = canvas.clone();
        move |(props, _, _)| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                let moment = paint::Moments { scale_ms: props.scale, now_ms: props.now_ms, hovered_ms: props.hovered };
                paint::paint(&canvas, (width, height), &props.chart, &moment, &props.faults);
            }
        }
    });
    let at = {
        let scale = *scale;
        move |event: &MouseEvent| (width > 0.0).then(|| f64::from(event.offset_x()) / width * scale)
    };
    let on_move = props.on_hover.reform(move |event: MouseEvent| at(&event));
    let on_leave = props.on_hover.reform(|_: MouseEvent| None);
    let on_click = {
        let on_seek = props.on_seek.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(at_ms) = at(&event) {
                on_seek.emit(at_ms.max(0.0));
            }
        })
    };
    let row = chart.row_at(*hovered);
    let legend = chart.series.iter().map(|series| {
        let value = row.and_then(|row| series.values.get(row)).copied().filter(|value| !value.is_nan());
        let value = value.map_or_else(|| format::NOTHING.to_owned(), |value| chart.unit.show(f64::from(value)));
        html! {
            <span>
                <svg class={series.colour} viewBox="0 0 10 10" aria-hidden="true">
                    <path d={if series.dashed { "M0,5h3.5M6.5,5h3.5" } else { "M0,5h10" }} />
                </svg>
                { &series.name }{ " " }<b>{ value }</b>
            </span>
        }
    });
    let on_choose = props.on_choose.reform(|event: Event| dom::value(&event));
    let when = hovered.map(|at| format!(" at {}", format::moment(at)));
    html! {
        <figure>
            <figcaption>
                <select
                    ref={choice} aria-label="What this chart shows" onchange={on_choose}
                >
                    { for props.subjects.iter().map(|subject| html! {
                        <option selected={*subject == props.subject}>{ subject.title() }</option>
                    }) }
                </select>
                <i>{ chart.unit.name() }{ when }</i>
            </figcaption>
            <canvas
                ref={canvas} role="img" aria-label={spoken(chart)} title="Click to go to that moment"
                onmousemove={on_move} onmouseleave={on_leave} onclick={on_click}
            />
            <p class="values">
                if chart.series.is_empty() { <span>{ chart.when_empty }</span> } else { { for legend } }
            </p>
        </figure>
    }
}

/// The newest values, in words.
fn spoken(chart: &Chart) -> String {
    let last = chart.row_at(None);
    let values = chart.series.iter().map(|series| {
        let value = last.and_then(|row| series.values.get(row)).copied().filter(|value| !value.is_nan());
        let value = value.map_or_else(|| "nothing".to_owned(), |value| chart.unit.show(f64::from(value)));
        format!("{} {value}", series.name)
    });
    let values: Vec<String> = values.collect();
    format!("{} in {}, now: {}", chart.title, chart.unit.name(), values.join(", "))
}
