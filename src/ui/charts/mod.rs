//! Four small charts of the run so far; what each shows can be chosen, and what is not shown is not computed. Hovering
//! over one reads values off all of them; a click goes to that moment; who draws over a stretch sees that stretch in all
//! of them. The same by keys, and all of it to take along (`export`).

mod export;
mod paint;
mod series;
mod stretch;
mod tools;

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use crate::frame::{Charts, FactKind, Scene, Status};
use crate::player::Command;

use super::dom::{self, use_size};
use super::same::Same;
use super::transport::scale_ms;
use super::{format, log, marks};
use paint::Moments;
use series::{Chart, Subject, chart};
use stretch::Stretch;

/// What the charts show and whom they tell.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// The course of the run.
    pub charts: Same<Charts>,
    /// That of the twin's, if there is one.
    pub twin_charts: Option<Same<Charts>>,
    /// The stretch that is looked at, if that is not the whole run.
    pub stretch: Option<Stretch>,
    /// The visitor looks at a stretch, or at the whole run.
    pub on_stretch: Callback<Option<Stretch>>,
    /// Changes when colours do.
    pub colours: u32,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The charts.
#[component]
pub fn ChartRow(props: &Props) -> Html {
    // The moment that is read, under the pointer or chosen by keys.
    let read = use_state_eq(|| None::<f64>);
    // What the pointer is being drawn over.
    let drawn = use_state_eq(|| None::<Stretch>);
    // What was chosen in place of what is shown by itself.
    let chosen = use_state_eq(|| [None::<Subject>; 4]);
    let whole = Stretch::whole(scale_ms(props.status.furthest_ms));
    // What was looked at in a longer run may not be there in this one.
    let shown = props.stretch.filter(|stretch| stretch.until_ms <= whole.until_ms).unwrap_or(whole);
    let marks: Rc<[(f64, FactKind)]> = {
        let facts = props.status.facts.iter().map(|own| (own.at_ms, own.fact));
        marks::thinned(facts, |at_ms| shown.share(at_ms), MARKS).into()
    };
    let near: Rc<str> = match *read {
        Some(at_ms) => {
            let within_ms = shown.length_ms() / f64::from(MARKS);
            log::near(&props.scene, &props.status.facts, at_ms, within_ms).into()
        }
        None => "".into(),
    };
    let on_wish = {
        let (read, drawn, on_stretch) = (read.clone(), drawn.clone(), props.on_stretch.clone());
        let act = props.act.clone();
        Callback::from(move |wish: Wish| match wish {
            Wish::Read(at_ms) => read.set(at_ms),
            Wish::Draw(stretch) => drawn.set(stretch),
            Wish::Show(stretch) => on_stretch.emit(Some(stretch).filter(|stretch| *stretch != whole)),
            Wish::Seek(at_ms) => act.emit(Command::Seek { at_ms: at_ms.max(0.0) }),
        })
    };
    let subjects: Vec<Subject> = Subject::of(&props.scene).collect();
    let by_itself = Subject::shown(&props.scene);
    // What was chosen for another system may say nothing of this one.
    let seen: Vec<Subject> = (0..by_itself.len())
        .map(|place| chosen[place].filter(|subject| subjects.contains(subject)).unwrap_or(by_itself[place]))
        .collect();
    let moments = Moments { shown, now_ms: props.status.now_ms, read_ms: *read, drawn: *drawn };
    let charts: Vec<Rc<Chart>> = charts_of(props, seen.iter().copied()).into_iter().map(Rc::new).collect();
    let figures = seen.iter().zip(&charts).enumerate().map(|(place, (subject, chart))| {
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
                key={place} subject={*subject} subjects={subjects.clone()} chart={chart.clone()}
                {moments} {whole} marks={marks.clone()} near={near.clone()} colours={props.colours} on_wish={on_wish.clone()} {on_choose}
            />
        }
    });
    html! {
        <section class="charts" aria-label="Course of the run">
            { for figures }
            { tools::tools(props, &charts, &moments, &marks, &near, whole, &on_wish) }
        </section>
    }
}

/// Charts of these subjects, with the twin's beside.
fn charts_of(props: &Props, subjects: impl Iterator<Item = Subject>) -> Vec<Chart> {
    let twin = props.twin_charts.as_ref().zip(props.status.twin.as_ref()).and_then(|(charts, twin)| {
        let tiers: Vec<_> = props.scene.tiers.iter().map(|tier| (tier.kind, tier.id.clone())).collect();
        charts.arranged(&twin.tiers, &tiers)
    });
    let both = |subject| {
        let twin = twin.as_ref().map(|charts| chart(subject, charts, &props.scene));
        let mut own = chart(subject, &props.charts, &props.scene);
        if subject == Subject::Errors && !props.status.failed.is_empty() {
            own.when_empty = failed_lately(&props.status);
        }
        own.beside(twin)
    };
    subjects.map(both).collect()
}

/// Failures that no row has yet, since the stretch in which they fall is not over.
fn failed_lately(status: &Status) -> String {
    let causes =
        status.failed.iter().map(|(cause, count)| format!("{} {}", format::count(*count), format::cause(*cause)));
    format!("{}, in a stretch that is not over", causes.collect::<Vec<_>>().join(", "))
}

/// What a visitor wants of all charts.
#[derive(Clone, Copy, PartialEq)]
pub enum Wish {
    /// To read the values of a moment, or the newest ones.
    Read(Option<f64>),
    /// A stretch is being drawn with the pointer.
    Draw(Option<Stretch>),
    /// To see this stretch.
    Show(Stretch),
    /// To go to this moment.
    Seek(f64),
}

/// Of each kind of marks, at most one in each of so many parts of a chart.
const MARKS: u32 = 60;
/// Moves of the pointer that are shorter than this, in pixels, are a click.
const CLICK_PX: f64 = 6.0;

#[derive(Clone, PartialEq, Properties)]
struct FigureProps {
    subject: Subject,
    subjects: Vec<Subject>,
    chart: Rc<Chart>,
    moments: Moments,
    whole: Stretch,
    /// What happened when, by shares of what is shown.
    marks: Rc<[(f64, FactKind)]>,
    /// What happened about the moment that is read, in words.
    near: Rc<str>,
    colours: u32,
    on_wish: Callback<Wish>,
    on_choose: Callback<String>,
}

#[component]
fn Figure(props: &FigureProps) -> Html {
    let FigureProps { chart, moments, on_wish, .. } = props;
    let canvas = use_node_ref();
    let choice = use_node_ref();
    // Where there are other subjects to choose from, the browser chooses anew by itself.
    dom::use_choice(&choice, props.subject.title().to_owned(), props.subjects.clone());
    let (width, height) = use_size(&canvas);
    use_effect_with((props.clone(), width as u32, height as u32), {
        let canvas = canvas.clone();
        move |(props, _, _)| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                paint::paint(&canvas, (width, height), &props.chart, &props.moments, &props.marks);
            }
        }
    });
    // Where the button went down.
    let down = use_mut_ref(|| None::<f64>);
    let shown = moments.shown;
    let at = move |x: f64| shown.at((x / width.max(1.0)).clamp(0.0, 1.0));
    let on_down = {
        let (down, canvas) = (down.clone(), canvas.clone());
        move |event: PointerEvent| {
            *down.borrow_mut() = Some(f64::from(event.offset_x()));
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                // Refused only for a pointer that is gone.
                let _ = canvas.set_pointer_capture(event.pointer_id());
            }
        }
    };
    let on_move = {
        let (down, on_wish) = (down.clone(), on_wish.clone());
        move |event: PointerEvent| {
            let x = f64::from(event.offset_x());
            let from = down.borrow().filter(|from| (x - from).abs() >= CLICK_PX);
            on_wish.emit(Wish::Read(Some(at(x))));
            on_wish.emit(Wish::Draw(from.map(|from| Stretch::between(at(from), at(x)))));
        }
    };
    let on_up = {
        let (down, on_wish) = (down.clone(), on_wish.clone());
        move |event: PointerEvent| {
            let x = f64::from(event.offset_x());
            let Some(from) = down.borrow_mut().take() else { return };
            on_wish.emit(Wish::Draw(None));
            let drawn = (x - from).abs() >= CLICK_PX;
            on_wish.emit(if drawn { Wish::Show(Stretch::between(at(from), at(x))) } else { Wish::Seek(at(x)) });
        }
    };
    let on_leave = on_wish.reform(|_: PointerEvent| Wish::Read(None));
    let on_cancel = {
        let on_wish = on_wish.clone();
        move |_: PointerEvent| {
            *down.borrow_mut() = None;
            on_wish.emit(Wish::Draw(None));
        }
    };
    let on_double = on_wish.reform({
        let whole = props.whole;
        move |_: MouseEvent| Wish::Show(whole)
    });
    let on_key = {
        let (on_wish, moments, whole, row_ms) = (on_wish.clone(), *moments, props.whole, chart.width_ms);
        move |event: KeyboardEvent| {
            if let Some(wish) = key(&event.key(), &moments, whole, row_ms) {
                event.prevent_default();
                event.stop_propagation();
                on_wish.emit(wish);
            }
        }
    };
    let hovered = moments.read_ms;
    let values = chart.values_at(hovered);
    let is_empty = values.is_empty();
    let legend = values.into_iter().map(|(series, value, twin)| {
        let show =
            |value: Option<f64>| value.map_or_else(|| format::NOTHING.to_owned(), |value| chart.unit.show(value));
        html! {
            <span>
                <svg class={series.colour} viewBox="0 0 10 10" aria-hidden="true">
                    <path d={if series.dashed { "M0,5h3.5M6.5,5h3.5" } else { "M0,5h10" }} />
                </svg>
                { &series.name }{ " " }<b>{ show(value) }</b>
                if chart.twin.is_some() { { " " }<i title="The twin">{ show(twin) }</i> }
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
                ref={canvas} role="slider" tabindex="0" aria-label={format!("{} in {}", chart.title, chart.unit.spoken())}
                aria-valuemin={shown.from_ms.round().to_string()} aria-valuemax={shown.until_ms.round().to_string()}
                aria-valuenow={hovered.unwrap_or(moments.now_ms).round().to_string()} aria-valuetext={spoken(chart, hovered, &props.near)}
                title="Click to go to a moment; draw over a stretch to see it closer"
                onpointerdown={on_down} onpointermove={on_move} onpointerup={on_up} onpointerleave={on_leave}
                onpointercancel={on_cancel} ondblclick={on_double} onkeydown={on_key}
            />
            <p class="values">
                if is_empty { <span>{ &chart.when_empty }</span> } else { { for legend } }
            </p>
        </figure>
    }
}

/// What a key asks of the charts: arrows read the moment before or after, plus and minus look closer or from further away.
fn key(key: &str, moments: &Moments, whole: Stretch, row_ms: f64) -> Option<Wish> {
    let shown = moments.shown;
    let read_ms = moments.read_ms.unwrap_or(moments.now_ms);
    let to = |ms: f64| Some(Wish::Read(Some(ms.clamp(shown.from_ms, shown.until_ms))));
    match key {
        "ArrowLeft" | "ArrowDown" => to(read_ms - row_ms),
        "ArrowRight" | "ArrowUp" => to(read_ms + row_ms),
        "Home" => to(shown.from_ms),
        "End" => to(shown.until_ms),
        "Enter" => Some(Wish::Seek(read_ms)),
        "+" | "=" => Some(Wish::Show(shown.scaled(0.5, read_ms, whole))),
        "-" => Some(Wish::Show(shown.scaled(2.0, read_ms, whole))),
        "Escape" => Some(Wish::Read(None)),
        _ => None,
    }
}

/// The values of a moment, or the newest ones, and what happened about it, in words.
fn spoken(chart: &Chart, moment_ms: Option<f64>, near: &str) -> String {
    let show = |value: Option<f64>| value.map_or_else(|| "nothing".to_owned(), |value| chart.unit.show(value));
    let values = chart.values_at(moment_ms).into_iter().map(|(series, value, twin)| {
        let twin = if chart.twin.is_some() { format!(", the twin {}", show(twin)) } else { String::new() };
        format!("{} {}{twin}", series.name, show(value))
    });
    let values: Vec<String> = values.collect();
    let values = if values.is_empty() { chart.when_empty.clone() } else { values.join(", ") };
    let when = moment_ms.map_or_else(|| "now".to_owned(), format::moment);
    let near = if near.is_empty() { String::new() } else { format!("; {near}") };
    format!("{when}: {values}{near}")
}
