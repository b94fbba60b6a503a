//! An experiment: predict, run, see, explain. What is watched in the diagram is one of the very runs that are judged.

mod finding;

use yew::prelude::*;

use crate::course::chapters;
use crate::course::experiment::{Experiment, Phase, Run};
use crate::course::experiments;
use crate::course::journey::Journey;
use crate::link::address::{of_chapter, of_claim};
use crate::player::{Command, RunOf};

use super::address::Link;
use super::trials::{Trial, Trials, verdict};
use super::waterfall::waterfall;
use super::{dom, format, ladder};

/// The most stretches of a run that are told one by one.
const STRETCHES_MAX: usize = 6;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The run that is in the diagram.
    pub run: RunOf,
    /// What came out so far.
    pub trials: Trials,
    /// What the visitor wants.
    pub act: Callback<Command>,
    /// The visitor answers the question, or goes without an answer.
    pub on_predict: Callback<(&'static str, Option<usize>)>,
}

/// An experiment.
#[component]
pub fn ExperimentView(props: &Props) -> Html {
    let runs = use_memo(props.run.claim.clone(), |claim| {
        experiments::find(claim).map(|experiment| (experiment.runs)()).unwrap_or_default()
    });
    let (asked, found) = (use_node_ref(), use_node_ref());
    use_focus(&asked, &found, props);
    let Ok(experiment) = experiments::find(&props.run.claim) else { return Html::default() };
    let chapter = chapters::of_claim(experiment.id);
    let trial = props.trials.of(experiment.id).cloned().unwrap_or_default();
    html! {
        <article class="experiment" aria-labelledby="experiment-title">
            <p class="eyebrow">
                { for chapter.map(|chapter| html! {
                    <Link fragment={of_chapter(chapter.number)} act={props.act.clone()}>
                        { format!("← Chapter {}: {}", chapter.number, chapter.title) }
                    </Link>
                }) }
            </p>
            <h1 id="experiment-title">{ experiment.title }</h1>
            <p class="claim">{ experiment.claim }</p>
            if experiment.id == ladder::CLAIM { { ladder::chart(&props.act) } }
            { question(experiment, &trial, props, &asked) }
            if let Some(account) = &trial.account {
                <section aria-labelledby="findings-title">
                    <h2 id="findings-title" ref={found.clone()} tabindex="-1">{ "What came out" }</h2>
                    { verdict(&props.trials, experiment.id) }
                    <ul class="findings">{ for account.findings.iter().map(finding::finding) }</ul>
                    <h2>{ "Why" }</h2>
                    <p>{ experiment.explanation }</p>
                    { journeys(&account.journeys) }
                </section>
            }
            <h2>{ "In the diagram" }</h2>
            <p>{ experiment.watch }</p>
            <ul class="runs">
                { for runs.iter().enumerate().map(|(index, run)| run_choice(experiment, index, run, props)) }
            </ul>
        </article>
    }
}

/// Requests that were followed, one of each sort; nothing if none was.
fn journeys(journeys: &[Journey]) -> Html {
    if journeys.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h2>{ "Requests that were followed" }</h2>
            <p class="hint">{ "The first of each sort." }</p>
            { for journeys.iter().enumerate().map(|(index, journey)| waterfall(journey, None, index == 0)) }
        </>
    }
}

/// The buttons that begin an experiment are gone while it runs: who has used one by keyboard stays near them, and is led to
/// what came out.
#[hook]
fn use_focus(asked: &NodeRef, found: &NodeRef, props: &Props) {
    let trial = props.trials.of(&props.run.claim);
    let runs = trial.is_some_and(|trial| trial.share.is_some());
    let over = trial.is_some_and(|trial| trial.account.is_some());
    let (asked, found) = (asked.clone(), found.clone());
    let was_running = use_mut_ref(|| false);
    use_effect_with((runs, over), move |&(runs, over)| {
        let ran = was_running.replace(runs);
        if runs && dom::has_focus_or_nothing_has(&asked) {
            dom::focus(&asked);
        } else if ran && over && dom::has_focus_or_nothing_has(&asked) {
            dom::focus(&found);
        }
    });
}

fn question(experiment: &'static Experiment, trial: &Trial, props: &Props, asked: &NodeRef) -> Html {
    let question = &experiment.question;
    let begin = |answer: Option<usize>| {
        let (on_predict, act) = (props.on_predict.clone(), props.act.clone());
        move |_: MouseEvent| {
            on_predict.emit((experiment.id, answer));
            act.emit(Command::Try { claim: experiment.id.to_owned() });
        }
    };
    let over = trial.account.is_some();
    let busy = trial.share.is_some();
    let options = question.options.iter().enumerate().map(|(index, option)| {
        let (own, right) = (trial.answer == Some(index), index == question.right);
        let class = classes!(own.then_some("own"), (over && right).then_some("right"));
        let mark = match (over, own, right) {
            (true, _, true) => "✓ ",
            (true, true, false) => "✗ ",
            (true, false, false) | (false, false, _) => "",
            (false, true, _) => "› ",
        };
        html! {
            <li>
                <button type="button" {class} disabled={busy || over} onclick={begin(Some(index))}>
                    <span aria-hidden="true">{ mark }</span>{ *option }
                    if over && right { <span class="spoken">{ ": right" }</span> }
                    if own { <span class="spoken">{ ", your prediction" }</span> }
                </button>
            </li>
        }
    });
    html! {
        <section class="question" aria-labelledby="question-title" ref={asked.clone()} tabindex="-1">
            <h2 id="question-title">{ if over { "You were asked" } else { "What do you expect?" } }</h2>
            <p>{ question.text }</p>
            <ul class="options">{ for options }</ul>
            <div role="status">
                if let Some(share) = trial.share {
                    <progress max="1" value={format!("{share:.2}")} aria-label="The experiment runs" />
                    <p class="hint">{ "Every run of it is simulated from beginning to end …" }</p>
                }
                if over { <p class="spoken">{ "The experiment is over; what came out follows." }</p> }
            </div>
            if !busy {
                <button type="button" class={if over { "again" } else { "again link" }} onclick={begin(None)}>
                    { if over { "Run again" } else { "Run it without a prediction" } }
                </button>
            }
        </section>
    }
}

/// One of the runs: opens in the diagram; of the one that is there, the stretches that are measured.
fn run_choice(experiment: &Experiment, index: usize, run: &Run, props: &Props) -> Html {
    let shown = props.run.index == index;
    html! {
        <li>
            <Link
                fragment={of_claim(experiment.id, index)} act={props.act.clone()} current={shown.then_some("page")}
            >{ run.name.replace('_', " ") }</Link>
            if shown {
                <span class="phases">
                    { for stretches(&run.phases).iter().map(|phase| stretch(phase, &props.act)) }
                </span>
            }
        </li>
    }
}

/// The stretches that are measured; many short ones are told as one.
fn stretches(phases: &[Phase]) -> Vec<Phase> {
    match phases {
        [first, .., last] if phases.len() > STRETCHES_MAX => {
            vec![Phase { name: "in short stretches", from: first.from, until: last.until }]
        }
        few => few.to_vec(),
    }
}

fn stretch(phase: &Phase, act: &Callback<Command>) -> Html {
    let at_ms = phase.from * 1e3;
    let on_click = act.reform(move |_: MouseEvent| Command::Seek { at_ms });
    let span = format!("{} to {}", format::clock(at_ms), format::clock(phase.until * 1e3));
    html! {
        <button type="button" class="link" onclick={on_click} title="Go to its start">
            { format!("{}, {span}", phase.name) }
        </button>
    }
}
