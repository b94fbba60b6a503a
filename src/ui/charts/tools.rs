//! What stands below the charts: looking closer, and taking along what is seen.

use std::rc::Rc;

use yew::prelude::*;

use crate::frame::FactKind;
use crate::ui::marks::legend;
use crate::ui::{download, format};

use super::export;
use super::paint::Moments;
use super::series::{Chart, Subject};
use super::stretch::Stretch;
use super::{Props, Wish, charts_of};

/// Buttons, which stretch is shown, what its marks stand for, and what happened about the moment that is read. `charts` are
/// those that are seen.
pub fn tools(
    props: &Props,
    charts: &[Rc<Chart>],
    moments: &Moments,
    marks: &[(f64, FactKind)],
    near: &str,
    whole: Stretch,
    on_wish: &Callback<Wish>,
) -> Html {
    let Moments { shown, now_ms, read_ms, .. } = *moments;
    let show = |stretch: Stretch| on_wish.reform(move |_: MouseEvent| Wish::Show(stretch));
    let about_ms = read_ms.filter(|at| shown.contains(*at)).unwrap_or(now_ms);
    let zoomed = shown != whole;
    let button = |name: &'static str, sign: &'static str, stretch: Stretch| {
        html! {
            <button
                type="button" aria-label={name} title={name} disabled={stretch == shown} onclick={show(stretch)}
            >{ sign }</button>
        }
    };
    let on_csv = {
        let props = props.clone();
        move |_: MouseEvent| {
            let all = charts_of(&props, Subject::of(&props.scene));
            download::text("zero-to-millions.csv", "text/csv", &export::csv(&all));
        }
    };
    let on_png = {
        let (charts, moments, marks) = (charts.to_vec(), *moments, marks.to_vec());
        move |_: MouseEvent| {
            if let Some(picture) = export::picture(&charts, &moments, &marks) {
                download::picture("zero-to-millions.png", &picture);
            }
        }
    };
    let width_ms = charts.first().map_or(0.0, |chart| chart.width_ms);
    html! {
        <div class="chart-tools" role="group" aria-label="Charts">
            <p class="near">{ near }</p>
            { legend(FactKind::ALL.into_iter().filter(|kind| marks.iter().any(|(_, own)| own == kind))) }
            if width_ms > 0.0 {
                <p>
                    if zoomed {
                        { format!("{} to {}, ", format::moment(shown.from_ms), format::moment(shown.until_ms)) }
                    } else {
                        { "from the start of the run, " }
                    }
                    { format!("a value for each {}", format::span(width_ms)) }
                    if charts.iter().any(|chart| chart.twin.is_some()) { { "; thin and dashed: the twin" } }
                </p>
            }
            if zoomed {
                { button("Earlier", "←", shown.moved(-0.5, whole)) }
                { button("Later", "→", shown.moved(0.5, whole)) }
            }
            { button("Look closer", "+", shown.scaled(0.5, about_ms, whole)) }
            { button("From further away", "−", shown.scaled(2.0, about_ms, whole)) }
            if zoomed {
                <button type="button" onclick={show(whole)}>{ "Whole run" }</button>
            }
            <button type="button" title="All series of the run as a table" onclick={on_csv}>{ "CSV" }</button>
            <button type="button" title="These charts as a picture" onclick={on_png}>{ "PNG" }</button>
        </div>
    }
}
