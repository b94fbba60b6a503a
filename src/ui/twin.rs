//! The twin: which other system is simulated beside this one, and how the two compare.

use yew::prelude::*;

use crate::course::stages;
use crate::frame::{Apart, Measure, PIECES_MIN, REQUESTS_MIN, Row, Status, TwinOf, TwinStatus, Verdict};
use crate::player::Command;

use super::journey::CHAPTERS;
use super::same::Same;
use super::{dom, format};

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// How things stand.
    pub status: Same<Status>,
    /// Changes when something was refused: then the choice is what it was.
    pub told: usize,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// What to compare with, and how it compares.
#[component]
pub fn Twin(props: &Props) -> Html {
    let Props { status, act, told } = props;
    let twin = status.twin.as_deref();
    let choice = use_node_ref();
    dom::use_choice(&choice, twin.map_or_else(|| NOBODY.to_owned(), |twin| value_of(&twin.of)), *told);
    let on_choose = act.reform(|event: Event| {
        let wanted = dom::value(&event);
        let of = kinds().into_iter().map(|(of, _)| of).find(|of| value_of(of) == wanted);
        of.map_or(Command::EndTwin, |of| Command::Twin { of })
    });
    let chosen = twin.map(|twin| &twin.of);
    let option = |(of, name): (TwinOf, String)| {
        html! { <option value={value_of(&of)} selected={chosen == Some(&of)}>{ name }</option> }
    };
    let (own, stages): (Vec<_>, Vec<_>) = kinds().into_iter().partition(|(of, _)| !matches!(of, TwinOf::Stage { .. }));
    html! {
        <section class="twin" aria-label="Comparison">
            <div class="ask">
                <label>
                    { "Compare with " }
                    <select ref={choice} onchange={on_choose}>
                        <option value={NOBODY} selected={chosen.is_none()}>{ "nothing" }</option>
                        { for own.into_iter().map(option) }
                        <optgroup label="Another stage">{ for stages.into_iter().map(option) }</optgroup>
                    </select>
                </label>
                if let Some(twin) = twin { { buttons(twin, status, act) } }
            </div>
            if let Some(twin) = twin { { compared(twin, status) } }
        </section>
    }
}

/// The value of the choice without a twin.
const NOBODY: &str = "none";

fn value_of(of: &TwinOf) -> String {
    match of {
        TwinOf::Opened => "opened".to_owned(),
        TwinOf::Present => "present".to_owned(),
        TwinOf::Stage { id } => format!("stage {id}"),
    }
}

/// All that can be compared with, and what it is called in the choice.
fn kinds() -> Vec<(TwinOf, String)> {
    let own = [
        (TwinOf::Opened, "this system before my changes".to_owned()),
        (TwinOf::Present, "this system as it is now".to_owned()),
    ];
    let stages = stages::newest().map(|stage| {
        let name = CHAPTERS[usize::from(stage.chapter) - 1];
        (TwinOf::Stage { id: stage.id.to_owned() }, format!("{} {name}", stage.chapter))
    });
    own.into_iter().chain(stages).collect()
}

/// What the twin is called above its column.
fn name_of(of: &TwinOf) -> String {
    match of {
        TwinOf::Opened => "before".to_owned(),
        TwinOf::Present => "as it was".to_owned(),
        TwinOf::Stage { id } => stages::find(id)
            .map_or_else(|_| id.clone(), |stage| CHAPTERS[usize::from(stage.chapter) - 1].to_lowercase()),
    }
}

fn buttons(twin: &TwinStatus, status: &Status, act: &Callback<Command>) -> Html {
    let command = |command: Command| act.reform(move |_: MouseEvent| command.clone());
    let told = &twin.comparison;
    // As long as it takes until there is something to say; then as much again as there is.
    let ahead_ms = match told.rows.is_empty() {
        true if twin.since_ms > status.now_ms => twin.since_ms - status.now_ms + 1000.0,
        true if told.wait_ms > 0.0 => told.wait_ms * 1.05 + 100.0,
        true => 1000.0,
        false => (told.until_ms - twin.since_ms).max(1000.0),
    };
    let is_away = twin.share_of_way.is_some() || status.seeking_ms.is_some();
    html! {
        <>
            <button
                type="button" disabled={is_away} onclick={command(Command::Seek { at_ms: status.now_ms + ahead_ms })}
                title="Both are simulated as fast as it goes"
            >{ format!("Run {} ahead", format::span(ahead_ms)) }</button>
            <button
                type="button" onclick={command(Command::CountTwin)} title="What was before this moment does not count"
            >{ "Count anew" }</button>
            <button type="button" onclick={command(Command::EndTwin)}>{ "End" }</button>
        </>
    }
}

fn compared(twin: &TwinStatus, status: &Status) -> Html {
    let told = &twin.comparison;
    if let Some(share) = twin.share_of_way {
        let percent = format!("{:.0}%", share * 100.0);
        return html! {
            <p class="way">
                <span role="status">{ "The twin is on its way to this moment; time waits for it." }</span>
                <progress max="1" value={share.to_string()} aria-label="Way of the twin">{ percent.clone() }</progress>
                <span aria-hidden="true">{ percent }</span>
            </p>
        };
    }
    let body = if told.rows.is_empty() {
        let missing = match told.wait_ms {
            _ if twin.since_ms > status.now_ms => format!("It begins at {}.", format::moment(twin.since_ms)),
            wait_ms if wait_ms > 0.0 => format!("About {} of simulated time are missing.", format::span(wait_ms)),
            _ => String::new(),
        };
        html! {
            <p class="early">{ format!(
                "No difference can be told yet: it takes {PIECES_MIN} stretches of time with {REQUESTS_MIN} requests or more. {missing}"
            ) }</p>
        }
    } else {
        table(twin)
    };
    html! {
        <>
            { body }
            <div class="notes">{ for notes(twin, status).into_iter().map(|note| html! { <p>{ note }</p> }) }</div>
        </>
    }
}

fn table(twin: &TwinStatus) -> Html {
    html! {
        <table>
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{ "this" }</th>
                    <th scope="col">{ name_of(&twin.of) }</th>
                    <th scope="col">{ "difference, 95%" }</th>
                </tr>
            </thead>
            <tbody>{ for Measure::ALL.into_iter().map(|measure| {
                row(measure, twin.comparison.rows.iter().find(|row| row.measure == measure))
            }) }</tbody>
        </table>
    }
}

fn row(measure: Measure, row: Option<&Row>) -> Html {
    let (name, unit) = name_and_unit(measure);
    let value = |value: f64| match measure {
        Measure::Failed => format::percent(value),
        Measure::Cost => format!("${}", format::short(value)),
        Measure::P50 | Measure::P99 | Measure::Answered => format::short(value),
    };
    let nothing = || format::NOTHING.to_owned();
    let (class, verdict) = row.map_or((None, "cannot be told"), |row| match row.verdict {
        Verdict::Same => (None, "exactly the same"),
        Verdict::CannotTell => (None, "cannot be told yet"),
        Verdict::Better => (Some("better"), "better"),
        Verdict::Worse => (Some("worse"), "worse"),
    });
    let difference = row.filter(|row| row.verdict != Verdict::Same).map(|row| {
        let (mean, half_width) = (row.difference.mean, row.difference.half_width);
        match measure {
            Measure::Failed => format!("{} points", difference("", mean * 100.0, half_width * 100.0)),
            Measure::Cost => difference("$", mean, half_width),
            Measure::P50 | Measure::P99 | Measure::Answered => format!("{} {unit}", difference("", mean, half_width)),
        }
    });
    html! {
        <tr>
            <th scope="row">{ name }<i>{ unit }</i></th>
            <td>{ row.map_or_else(nothing, |row| value(row.this)) }</td>
            <td>{ row.map_or_else(nothing, |row| value(row.twin)) }</td>
            <td>if let Some(difference) = difference { <span>{ difference }</span>{ " " } }<b class={class}>{ verdict }</b></td>
        </tr>
    }
}

fn name_and_unit(measure: Measure) -> (&'static str, &'static str) {
    match measure {
        Measure::P50 => ("p50", "ms"),
        Measure::P99 => ("p99", "ms"),
        Measure::Failed => ("failed", "%"),
        Measure::Answered => ("answered", "/s"),
        Measure::Cost => ("cost", "$/month"),
    }
}

/// A difference, with a currency before it, and how far its interval reaches to either side, to two digits of the latter.
fn difference(currency: &str, mean: f64, half_width: f64) -> String {
    let sign = |is_zero: bool| match mean < 0.0 {
        _ if is_zero => "",
        true => "−",
        false => "+",
    };
    if half_width <= 0.0 {
        return format!("{}{currency}{}", sign(mean == 0.0), format::short(mean.abs()));
    }
    let digits = (1.0 - half_width.log10().floor()).clamp(0.0, 4.0) as usize;
    let write = |number: f64| match digits {
        0 => format::count(number.round() as u64),
        digits => format!("{number:.digits$}"),
    };
    let written = write(mean.abs());
    let is_zero = written.chars().all(|digit| matches!(digit, '0' | '.'));
    format!("{}{currency}{written} ± {}", sign(is_zero), write(half_width))
}

/// What the figures are of, and how far they can be trusted.
fn notes(twin: &TwinStatus, status: &Status) -> Vec<String> {
    let told = &twin.comparison;
    let mut notes = Vec::new();
    if !told.rows.is_empty() {
        notes.push(format!(
            "From {} to {}: means over {} stretches of {} each, and 95% intervals of the differences (Student’s t over batch \
             means, Schmeiser 1982; wider where neighbours are alike). Latency is of what was answered.",
            format::clock(twin.since_ms),
            format::clock(told.until_ms),
            told.pieces,
            format::span(told.piece_ms)
        ));
        let (own, other) = told.issued;
        let same = twin.apart.is_empty() && own == other;
        notes.push(match same {
            true => format!("Both got the same {} requests.", format::count(own)),
            false if own == other => format!("{} requests were sent to each.", format::count(own)),
            false => {
                format!("{} requests were sent to this one, {} to the twin.", format::count(own), format::count(other))
            }
        });
    }
    notes.extend(twin.apart.iter().map(|apart| said(*apart)));
    if twin.of == TwinOf::Opened && !status.can_undo {
        notes.push("Nothing was changed yet, so this is the same system twice. Change something.".to_owned());
    }
    notes.push(format!(
        "What users do goes to both, what is done to the system only to this one. {:.0}% of the simulated events are the \
         twin’s.",
        twin.share_of_work * 100.0
    ));
    notes
}

/// What is not the same for both.
fn said(apart: Apart) -> String {
    match apart {
        Apart::Arrivals => "Requests are not sent at the same moments: the load differs.".to_owned(),
        Apart::Clients => "The groups of clients or their networks are not the same.".to_owned(),
        Apart::Classes => {
            "The requests come at the same moments from the same users, but they are of other classes or shares."
                .to_owned()
        }
        Apart::Work => "Requests of the same class do not take the same work here and there.".to_owned(),
        Apart::Keys => "Keys are not asked for equally often here and there.".to_owned(),
        Apart::Answers => {
            "Users send the next request when they have an answer, so the requests are not the same.".to_owned()
        }
        Apart::LeftOut(1) => "One change of the load does not fit the twin and was left out there.".to_owned(),
        Apart::LeftOut(count) => format!("{count} changes of the load do not fit the twin and were left out there."),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn differences_have_two_digits_of_what_is_known() {
        assert_eq!(difference("", -22.134, 3.021), "−22.1 ± 3.0");
        assert_eq!(difference("", 0.012_34, 0.05), "+0.012 ± 0.050");
        assert_eq!(difference("$", 1234.5, 120.0), "+$1,235 ± 120");
        assert_eq!(difference("$", 50.0, 0.0), "+$50");
        assert_eq!(difference("", -0.04, 23.0), "0 ± 23");
    }
}
