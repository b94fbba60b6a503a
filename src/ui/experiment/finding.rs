//! A finding: what was measured, on a scale with what was expected, and why that was expected.

use yew::prelude::*;

use crate::course::account::{FindingAccount, Relation};

/// The scale's length.
const LENGTH: f64 = 200.0;

/// A finding.
pub fn finding(finding: &FindingAccount) -> Html {
    let mark = if finding.holds { "✓" } else { "✗" };
    let verdict = if finding.holds { "as expected" } else { "not as expected" };
    html! {
        <li class={if finding.holds { "holds" } else { "fails" }} key={finding.key.clone()}>
            <p class="what">{ &finding.what }</p>
            <p class="measurement">
                <i title={verdict}>{ mark }<span class="spoken">{ verdict }</span></i>
                <b>{ finding.measurement() }</b>
                <span>{ format!("expected {}", finding.expectation()) }</span>
            </p>
            { scale(finding) }
            <details><summary>{ "Why this is expected" }</summary><p>{ &finding.reason }</p></details>
        </li>
    }
}

/// The range in which the figure should be, as a band, and where it is, as a dot.
fn scale(finding: &FindingAccount) -> Html {
    let FindingAccount { measured, expected, .. } = *finding;
    let tolerance = finding.tolerance.unwrap_or_default();
    let (low, high) = match finding.relation {
        Relation::Exactly => return Html::default(),
        Relation::Within => (expected - tolerance, expected + tolerance),
        Relation::AtLeast => (expected, f64::INFINITY),
        Relation::AtMost => (f64::NEG_INFINITY, expected),
    };
    let ends = [low, high, measured].into_iter().filter(|end| end.is_finite());
    let (from, until) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), end| (a.min(end), b.max(end)));
    let margin = if until > from { 0.3 * (until - from) } else { expected.abs().max(1.0) * 0.1 };
    let (from, until) = (from - margin, until + margin);
    let x = |value: f64| ((value - from) / (until - from)).clamp(0.0, 1.0) * LENGTH;
    let text = |value: f64| format!("{value:.1}");
    html! {
        <svg class="scale" viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">
            <line class="axis" x1="0" x2="200" y1="6" y2="6" />
            <rect class="band" x={text(x(low))} width={text(x(high) - x(low))} y="2" height="8" />
            if finding.relation == Relation::Within {
                <line class="aim" x1={text(x(expected))} x2={text(x(expected))} y1="2" y2="10" />
            }
            <line class="dot" x1={text(x(measured))} x2={text(x(measured))} y1="0" y2="12" />
        </svg>
    }
}
