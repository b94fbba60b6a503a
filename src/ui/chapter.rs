//! The chapter's text. Every figure in it was measured by an experiment, and leads to it.

use yew::prelude::*;

use crate::course::chapters::{self, Chapter, Figures, Piece, Section};
use crate::course::experiments;
use crate::link::address::{of_chapter, of_claim};
use crate::player::Command;

use super::address::Link;
use super::glossary::Glossary;
use super::ladder;
use super::trials::{Trials, verdict};

/// What the text is about and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The chapter's number.
    pub number: u8,
    /// What came out of experiments so far.
    pub trials: Trials,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The chapter's text.
#[component]
pub fn ChapterText(props: &Props) -> Html {
    let figures = use_memo((), |()| chapters::figures());
    let Ok(chapter) = chapters::find(&props.number.to_string()) else { return Html::default() };
    html! {
        <article class="chapter" aria-labelledby="chapter-title">
            <p class="eyebrow">{ format!("Chapter {}", chapter.number) }</p>
            <h1 id="chapter-title">{ chapter.title }</h1>
            { for chapter.sections.iter().map(|own| section(own, &figures, &props.act)) }
            if chapter.number == chapters::COUNT { { ladder::chart(&props.act) } }
            <h2>{ "Try" }</h2>
            <ul class="tries">{ for chapter.tries.iter().map(|text| html! { <li>{ *text }</li> }) }</ul>
            <h2>{ "Experiments" }</h2>
            <ul class="experiments">{ for chapter.claims.iter().map(|claim| experiment(claim, props)) }</ul>
            <Glossary />
            { neighbours(chapter, &props.act) }
        </article>
    }
}

fn section(section: &Section, figures: &Figures, act: &Callback<Command>) -> Html {
    let paragraphs = section.paragraphs(figures).into_iter().map(|pieces| {
        let pieces = pieces.into_iter().map(|piece| match piece {
            Piece::Words(words) => html! { { words } },
            Piece::Figure { claim, text } => {
                let label = experiments::find(claim).map(|own| format!("{text}: measured by “{}”", own.title)).ok();
                html! {
                    <Link fragment={of_claim(claim, 0)} act={act.clone()} class="measured" {label}>{ text }</Link>
                }
            }
        });
        html! { <p>{ for pieces }</p> }
    });
    let remark = section.role.remark().map(|remark| html! { <p class="hint">{ remark }</p> });
    html! { <section><h2>{ section.role.heading() }</h2>{ for remark }{ for paragraphs }</section> }
}

fn experiment(claim: &str, props: &Props) -> Html {
    let Ok(experiment) = experiments::find(claim) else { return Html::default() };
    html! {
        <li>
            <Link fragment={of_claim(experiment.id, 0)} act={props.act.clone()}>
                <b>{ experiment.title }</b>
                <span>{ experiment.claim }</span>
            </Link>
            { verdict(&props.trials, experiment.id) }
        </li>
    }
}

/// Ways on and back.
fn neighbours(chapter: &Chapter, act: &Callback<Command>) -> Html {
    let link = |number: u8, name: &str| {
        let found = chapters::find(&number.to_string()).ok();
        found.map(|found| {
            let text = format!("{name}: {}", found.title);
            html! { <Link fragment={of_chapter(number)} act={act.clone()}>{ text }</Link> }
        })
    };
    html! {
        <nav class="neighbours" aria-label="Next and previous chapter">
            { for link(chapter.number + 1, "Next") }
            { for link(chapter.number.wrapping_sub(1), "Back") }
        </nav>
    }
}
