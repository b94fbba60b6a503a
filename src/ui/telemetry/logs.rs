//! Lines, to be searched: whose, about whom, what they tell, with which words; how many there are, and how many have come
//! since the visitor held them still. What was lost is said.

use yew::prelude::*;

use crate::frame::{Gathered, LogLine, LogLines, LogsStatus, Scene, Status};
use crate::nodes::{Cause, Kind};
use crate::player::Command;
use crate::ui::same::Same;
use crate::ui::{dom, format, names};
use crate::world::log_search::{Level, LogQuery};

use super::events::Events;
use super::{beat, missing};

/// As many lines are shown at first, and as many more at a time.
const SHOWN: u32 = 100;
/// As many servers can be chosen from; any can be typed, as `node:web.240`.
const PARTS_MAX: usize = 200;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Same<Status>,
    /// What was found in the lines.
    pub found: Same<LogLines>,
    /// The server whose lines are wanted, if some are.
    pub about: Option<String>,
    /// What the visitor wants.
    pub act: Callback<Command>,
}

/// The lines; the events of the simulation where nobody writes any, or where they are wanted.
#[component]
pub fn Logs(props: &Props) -> Html {
    let Props { scene, status, act, .. } = props;
    let events = use_state_eq(|| false);
    let logs = status.operations.as_ref().and_then(|own| own.logs.clone());
    let all = html! { <Events scene={scene.clone()} status={status.clone()} act={act.clone()} /> };
    let Some(logs) = logs else {
        return html! {
            <>
                { missing("The servers of this system write no lines that anybody could search.") }
                <p class="hint">{ "What follows is known to the simulation alone, not to anybody who runs such a system." }</p>
                { all }
            </>
        };
    };
    let on_events = {
        let events = events.clone();
        move |_: Event| events.set(!*events)
    };
    html! {
        <>
            <label class="choice">
                <input type="checkbox" checked={*events} onchange={on_events} />
                { " What only the simulation knows, instead of the lines" }
            </label>
            if *events {
                { all }
            } else {
                <Lines
                    key={props.about.clone().unwrap_or_default()} about={props.about.clone()} scene={scene.clone()} {logs}
                    found={props.found.clone()} beat={beat(status)} now_ms={status.now_ms} act={act.clone()}
                />
            }
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LinesProps {
    about: Option<String>,
    scene: Same<Scene>,
    logs: LogsStatus,
    found: Same<LogLines>,
    beat: u64,
    now_ms: f64,
    act: Callback<Command>,
}

/// What the visitor has chosen.
#[derive(Clone, Debug, PartialEq)]
struct Wish {
    query: LogQuery,
    cause: Option<Cause>,
    most: u32,
}

impl Wish {
    /// The lines of a server are among the gathered ones, if there are such.
    fn of(about: Option<&String>, logs: &LogsStatus) -> Self {
        let target = if logs.gathered.is_some() { None } else { about.or(logs.writers.first()).cloned() };
        let about = about.cloned().filter(|_| target.is_none());
        Self { query: LogQuery { target, about, ..LogQuery::default() }, cause: None, most: SHOWN }
    }

    fn command(&self) -> Command {
        let mut query = self.query.clone();
        if let Some(cause) = self.cause {
            query.text = format!("{} cause:{}", query.text, cause.name());
        }
        Command::ReadLog { query, most: self.most }
    }
}

#[component]
fn Lines(props: &LinesProps) -> Html {
    let LinesProps { scene, logs, found, .. } = props;
    let wish = use_state_eq(|| Wish::of(props.about.as_ref(), logs));
    use_effect_with(((*wish).clone(), props.beat), {
        let act = props.act.clone();
        move |(wish, _): &(Wish, u64)| act.emit(wish.command())
    });
    let change = |change: fn(&mut Wish, String)| {
        let wish = wish.clone();
        move |text: String| {
            let mut next = (*wish).clone();
            next.most = SHOWN;
            change(&mut next, text);
            wish.set(next);
        }
    };
    let on_words = change(|wish, text| wish.query.text = text);
    let on_about = change(|wish, text| wish.query.about = chosen(text));
    let on_target = change(|wish, text| wish.query.target = chosen(text));
    let on_class = change(|wish, text| wish.query.class = chosen(text));
    let on_level = change(|wish, text| wish.query.level = Level::ALL.into_iter().find(|own| own.name() == text));
    let on_cause = change(|wish, text| wish.cause = Cause::ALL.into_iter().find(|own| own.name() == text));
    let own =
        logs.writers.iter().take(PARTS_MAX).map(|id| (id.clone(), format!("kept by {}", names::target(scene, id))));
    let gathered = logs.gathered.iter().map(|_| (String::new(), "gathered from all".to_owned()));
    let classes = scene.scenario.workload.classes.keys().map(|id| (id.clone(), format!("of “{id}”")));
    let levels = Level::ALL.map(|level| (level.name().to_owned(), level_name(level).to_owned()));
    let causes = Cause::ALL.map(|cause| (cause.name().to_owned(), format::cause(cause).to_owned()));
    let Wish { query, cause, .. } = &*wish;
    let level = query.level.map(|level| level.name().to_owned());
    let cause = cause.map(|cause| cause.name().to_owned());
    html! {
        <>
            <div class="search">
                <input
                    type="text" aria-label="Words that the lines have" autocomplete="off" spellcheck="false"
                    placeholder="words, or peer:database level:error cause:timeout" value={query.text.clone()}
                    oninput={move |event: InputEvent| on_words(dom::value(&event))}
                />
                { select("Whose lines", gathered.chain(own).collect(), query.target.clone(), on_target) }
                { select("About which server", with_all("all servers", parts(scene)), query.about.clone(), on_about) }
                { select("What they tell", with_all("good and bad", levels.into()), level, on_level) }
                { select("Cause", with_all("any cause", causes.into()), cause, on_cause) }
                { select("Class of requests", with_all("all classes", classes.collect()), query.class.clone(), on_class) }
            </div>
            { counts(props, &wish) }
            <ol class="lines" tabindex="0" aria-label="Lines, newest first">
                { for found.lines.iter().map(|own| line(own, &props.act)) }
            </ol>
            { more(found, &wish) }
            { for logs.gathered.as_ref().map(|gathered| lost(scene, gathered)) }
            <div class="failures">
                { tally(scene, "Failures and what was slow, by writer", &logs.by_writer) }
                { for logs.gathered.as_ref().map(|own| tally(scene, "By whom they name", &own.blamed)) }
            </div>
        </>
    }
}

/// Tiers and their servers: who is named need not have written anything.
fn parts(scene: &Scene) -> Vec<(String, String)> {
    let tiers = scene.tiers.iter().enumerate().filter(|(_, tier)| tier.kind != Kind::Client);
    let tiers = tiers.map(|(index, own)| (own.id.clone(), format!("any of {}", names::tier(scene, index))));
    let nodes = scene.nodes.iter().enumerate().filter(|(_, node)| !node.target.is_empty() && !node.drained);
    let nodes = nodes.take(PARTS_MAX).map(|(index, own)| (own.target.clone(), names::node(scene, index)));
    tiers.chain(nodes).collect()
}

fn chosen(text: String) -> Option<String> {
    Some(text).filter(|own| !own.is_empty())
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Error => "failed",
        Level::Slow => "slow",
        Level::Good => "good (a sample)",
    }
}

fn with_all(all: &str, some: Vec<(String, String)>) -> Vec<(String, String)> {
    [(String::new(), all.to_owned())].into_iter().chain(some).collect()
}

fn select(
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: Option<String>,
    on_choose: impl Fn(String) + 'static,
) -> Html {
    let chosen = chosen.unwrap_or_default();
    html! {
        <select aria-label={name} onchange={move |event: Event| on_choose(dom::value(&event))}>
            { for options.into_iter().map(|(value, name)| html! {
                <option value={value.clone()} selected={value == chosen}>{ name }</option>
            }) }
        </select>
    }
}

/// How many lines there are, and whether they are held still.
fn counts(props: &LinesProps, wish: &UseStateHandle<Wish>) -> Html {
    let found = &props.found;
    let held = wish.query.until_ms;
    let hold = |until_ms: Option<f64>| {
        let wish = wish.clone();
        move |_: MouseEvent| {
            let mut next = (*wish).clone();
            next.query.until_ms = until_ms;
            wish.set(next);
        }
    };
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let text = match (found.readable, held) {
        (false, _) => "This server is dead, and the lines that it keeps cannot be read until it is back.".to_owned(),
        (true, None) => format!("{} line{}", format::count(found.matching), plural(found.matching)),
        (true, Some(until_ms)) => {
            format!(
                "{} line{} up to {}",
                format::count(found.matching),
                plural(found.matching),
                format::moment(until_ms)
            )
        }
    };
    html! {
        <p class="found">
            <span role="status">{ text }</span>
            if held.is_some() {
                <button type="button" onclick={hold(None)}>
                    { format!("Show the {} that came since", format::count(found.newer)) }
                </button>
            } else {
                <button type="button" onclick={hold(Some(props.now_ms))}>{ "Hold still" }</button>
            }
        </p>
    }
}

fn line(own: &LogLine, act: &Callback<Command>) -> Html {
    let at_ms = own.at_ms;
    let on_click = act.reform(move |_: MouseEvent| Command::Seek { at_ms });
    html! {
        <li class={own.level.name()}>
            <button type="button" class="link" title="Go to this moment" onclick={on_click}>{ format::moment(at_ms) }</button>
            <b>{ own.level.name() }</b>
            <span>{ &own.text }</span>
        </li>
    }
}

fn more(found: &LogLines, wish: &UseStateHandle<Wish>) -> Html {
    let left = found.matching.saturating_sub(found.lines.len() as u64);
    if left == 0 {
        return Html::default();
    }
    let wish = wish.clone();
    let on_click = move |_: MouseEvent| wish.set(Wish { most: wish.most + SHOWN, ..(*wish).clone() });
    html! {
        <p class="found">
            <span>{ format!("{} older ones", format::count(left)) }</span>
            <button type="button" onclick={on_click}>{ format!("Show {SHOWN} more") }</button>
        </p>
    }
}

/// What is not here, and will not be.
fn lost(scene: &Scene, own: &Gathered) -> Html {
    let lines = |count: u64| format!("{} line{}", format::count(count), if count == 1 { "" } else { "s" });
    let with_the_dead = own.with_the_dead.iter().map(|(target, count)| {
        let name = names::target(scene, target);
        html! { <li>{ format!("{name} is dead: {} that it had not sent on cannot be read until it is back.", lines(*count)) }</li> }
    });
    html! {
        <ul class="hint lost">
            <li>
                { format!("Servers send on what is new every {}; the newest {} are kept here.",
                    format::span(own.every_ms), format::count(own.most)) }
            </li>
            { for with_the_dead }
            if own.lost > 0 {
                <li>{ format!("{} had to go before they were sent on: a server keeps only its newest.", lines(own.lost)) }</li>
            }
            if own.destroyed > 0 {
                <li>{ format!("{} went with a disk before they were sent on. Nobody can read them any more.", lines(own.destroyed)) }</li>
            }
        </ul>
    }
}

fn tally(scene: &Scene, title: &'static str, counts: &[(String, u64)]) -> Html {
    let row = |(target, count): &(String, u64)| {
        html! { <li>{ names::target(scene, target) }<b>{ format::count(*count) }</b></li> }
    };
    html! {
        <div>
            <b>{ title }</b>
            if counts.is_empty() { <p class="hint">{ "none" }</p> }
            <ul>{ for counts.iter().map(row) }</ul>
        </div>
    }
}
