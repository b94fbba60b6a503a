//! The page as a whole: starts the simulation, hands its news to the state and the state to the parts, and hears keys
//! that belong to no part.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde_json::Value;
use yew::prelude::*;

use crate::frame::{Scene, Status};
use crate::player::{Command, Export, Reply};
use crate::scenario::Change;
use crate::scenario::sandbox::Edit;

use super::ahead::Ahead;
use super::chapter::ChapterText;
use super::charts::ChartRow;
use super::commands::{self, Deed};
use super::diagram::{Diagram, FramesHandle};
use super::dial::Dial;
use super::embed::{self, Embedding};
use super::experiment::ExperimentView;
use super::files::{Take, use_drop};
use super::frames::Frames;
use super::header::{choose, skip_link, top_bar};
use super::help::Help;
use super::message::{Body, ToHost};
use super::operations::Operations;
use super::palette::Palette;
use super::requests::Requests;
use super::same::Same;
use super::sandbox::Workshop;
use super::sandbox::shelf::Shelf;
use super::share::Share;
use super::simulator::{News, Simulator};
use super::state::{Action, Selection, State};
use super::surroundings::{fragment, is_calm, use_calm, use_colours, use_followed, use_sight, use_start, use_window};
use super::telemetry::Telemetry;
use super::theme::Theme;
use super::twin::Twin;
use super::{about, address, download, figures, files, inspector, keys, log, transport};

/// The id of the diagram: where the first link of the page leads.
pub const SIMULATION: &str = "simulation";

/// What is beside the diagram follows it after so long: the next picture comes in between.
const SETTLE_MS: u32 = 20;

/// What the page is given.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What is seen until the simulation runs, as HTML: what the page's file holds.
    pub starting: AttrValue,
}

/// The page.
#[component]
pub fn App(props: &Props) -> Html {
    let asked_for = use_memo((), |()| Embedding::asked_for(fragment().as_deref()));
    let embedding = asked_for.as_ref().as_ref().map(|own| own.as_ref().copied().unwrap_or_default());
    let state = use_reducer(|| State {
        calm: is_calm(),
        is_opening: fragment().is_some(),
        has_arrived: fragment().is_none(),
        theme: embedding.map_or_else(Theme::saved, |own| own.theme.unwrap_or_default()),
        ..State::default()
    });
    let engine = use_memo((), |()| Engine::start(&state));
    let colours = use_colours(&state, &engine);
    use_calm(&state, &engine);
    use_followed(&state, &engine);
    use_window(&state, &engine);
    use_sight(&engine, embedding.is_some());
    use_start(&state, &engine, &asked_for);

    let act = use_callback((), {
        let simulator = engine.simulator.clone();
        move |command: Command, ()| simulator.command(command)
    });
    let on_change = use_callback((), {
        let act = act.clone();
        move |change: Change, ()| act.emit(Command::Apply { change })
    });
    let on_select = use_callback((), {
        let dispatch = state.dispatcher();
        move |selection: Option<Selection>, ()| dispatch.dispatch(Action::Select(selection))
    });
    let sheet = use_state_eq(|| None::<Sheet>);
    let perform = use_callback((), {
        let (act, on_select, dispatch, sheet) = (act.clone(), on_select.clone(), state.dispatcher(), sheet.setter());
        let engine = engine.clone();
        move |deed: Deed, ()| match deed {
            Deed::Tell(command) => act.emit(command),
            Deed::Open(fragment) => address::go(&fragment, &act),
            Deed::Select(selection) => on_select.emit(selection),
            Deed::Colours(theme) => choose(theme, &dispatch),
            Deed::Take(take) => engine.take_along(take),
            Deed::Find => sheet.set(Some(Sheet::Find)),
            Deed::Keys => sheet.set(Some(Sheet::Keys)),
        }
    });
    let with_keys = commands::with_keys(&state);
    use_drop(&act);
    keys::use_keys(with_keys.clone(), perform.clone());
    let on_close = {
        let sheet = sheet.setter();
        Callback::from(move |()| sheet.set(None))
    };
    let (state, engine) = (&state, &*engine);
    let parts = Parts { state, engine, act: &act, on_change: &on_change, on_select: &on_select };
    let scene = state.scene.clone().filter(|_| state.has_arrived);
    let starting = || Html::from_html_unchecked(props.starting.clone());
    if let Some(embedding) = embedding {
        return scene.map_or_else(starting, |scene| figure(&parts, scene, embedding));
    }
    html! {
        <>
            { skip_link() }
            { top_bar(state, &act, &perform) }
            { match *sheet {
                None => Html::default(),
                Some(Sheet::Find) => html! { <Palette entries={commands::all(state)} perform={perform.clone()} {on_close} /> },
                Some(Sheet::Keys) => html! { <Help entries={with_keys} {on_close} /> },
            } }
            { banners(state, &act) }
            { for state.link.clone().map(|fragment| {
                let dispatch = state.dispatcher();
                html! { <Share {fragment} act={act.clone()} perform={perform.clone()} on_close={move |()| dispatch.dispatch(Action::PutLinkAway)} /> }
            }) }
            { scene.map_or_else(starting, |scene| workbench(&parts, scene, colours)) }
        </>
    }
}

/// What lies over the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sheet {
    /// The palette of commands.
    Find,
    /// Keys and help.
    Keys,
}

/// What runs beside Yew, for as long as the page lives.
pub struct Engine {
    /// The simulation.
    pub simulator: Rc<Simulator>,
    /// What draws it.
    pub frames: Rc<Frames>,
    /// Whether anything of the page is where it can be seen, in the frame of another page.
    pub on_screen: Cell<bool>,
}

impl Engine {
    fn start(state: &UseReducerHandle<State>) -> Self {
        let frames = Frames::new();
        let began_ms = js_sys::Date::now();
        let (dispatch, own) = (state.dispatcher(), frames.clone());
        let settles = RefCell::new(None);
        let simulator = Simulator::start(move |news| match news {
            News::Said(Body::Frame(buffer)) => own.receive(buffer),
            News::Said(Body::Reply(Reply::Exported { what, text })) => files::hand_over(&what, &text),
            News::Said(Body::Reply(reply @ (Reply::Saved { .. } | Reply::Unsaved { .. }))) => {
                dispatch.dispatch(Action::Shelved(Shelf::keep(&reply, began_ms)));
            }
            news => {
                let is_status = matches!(news, News::Said(Body::Status(_)));
                dispatch.dispatch(Action::Hear(news));
                if is_status {
                    let dispatch = dispatch.clone();
                    *settles.borrow_mut() = Some(Timeout::new(SETTLE_MS, move || dispatch.dispatch(Action::Settle)));
                }
            }
        });
        frames.connect(simulator.clone());
        if let Some(most) = address::option("dots") {
            // What is no number is refused like any other that is too small.
            simulator.command(Command::Dots { most: most.parse().unwrap_or(0) });
        }
        if let Some(fragment) = fragment() {
            simulator.command(Command::Open { fragment });
        }
        Self { simulator, frames, on_screen: Cell::new(true) }
    }

    /// Hands a file over.
    pub fn take_along(&self, take: Take) {
        let drawing = || self.frames.painter.borrow().drawing().unwrap_or_default();
        match take {
            Take::Scenario => self.export(Export::Scenario),
            Take::Report => self.export(Export::Report { page: files::page() }),
            Take::Drawing => download::text(take.file(), "image/svg+xml", &drawing()),
            Take::Picture => download::drawing(take.file(), &drawing()),
        }
    }

    fn export(&self, what: Export) {
        self.simulator.command(Command::Export { what });
    }

    /// A page that nobody can see rests.
    pub fn tell_whether_seen(&self) {
        let hidden = web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden());
        self.simulator.send(ToHost::Visible(self.on_screen.get() && !hidden));
    }
}

/// What the page is made of, and whom it tells.
struct Parts<'a> {
    state: &'a UseReducerHandle<State>,
    engine: &'a Engine,
    act: &'a Callback<Command>,
    on_change: &'a Callback<Change>,
    on_select: &'a Callback<Option<Selection>>,
}

/// The figure alone.
fn figure(parts: &Parts, scene: Same<Scene>, embedding: Embedding) -> Html {
    let Parts { state, engine, act, on_change, on_select } = *parts;
    let status = state.status.clone();
    let time = status
        .clone()
        .filter(|_| embedding.controls)
        .map(|status| transport::transport(&transport::Props { scene: scene.clone(), status, act: act.clone() }));
    let name = scene.scenario.name.clone();
    html! {
        <>
            { banners(state, act) }
            <main class="embedded">
                { figures::strip(&figures::Props { scene: scene.clone(), status: status.clone() }) }
                <Diagram
                    {scene} {status} selection={state.selection} calm={state.calm}
                    frames={FramesHandle(engine.frames.clone())}
                    on_select={on_select.clone()} on_change={on_change.clone()}
                />
                { for time }
                <div class="source"><h1>{ name }</h1>{ embed::open_page(&fragment().unwrap_or_default()) }</div>
            </main>
        </>
    }
}

fn banners(state: &UseReducerHandle<State>, act: &Callback<Command>) -> Html {
    let banners = state.banners.iter().enumerate().map(|(index, banner)| {
        let dispatch = state.dispatcher();
        let on_click = move |_: MouseEvent| dispatch.dispatch(Action::Dismiss(index));
        html! {
            <div class={classes!("banner", banner.warning.then_some("warning"))}>
                <p role={if banner.warning { "alert" } else { "status" }}>{ &banner.text }</p>
                <button type="button" aria-label="Dismiss" onclick={on_click}>{ "✕" }</button>
            </div>
        }
    });
    let ahead = state.status.clone().map(|status| html! { <Ahead {status} act={act.clone()} /> });
    html! {
        <div class="banners">
            if state.is_opening { <p class="banner opening" role="status">{ "Opening …" }</p> }
            { for ahead }{ for banners }
        </div>
    }
}

fn workbench(parts: &Parts, scene: Same<Scene>, colours: u32) -> Html {
    let Parts { state, engine, act, on_change, on_select } = *parts;
    let (status, values, selection) = (state.status.clone(), state.values.clone(), state.selection);
    let beside = state.beside.clone();
    // A whole tier has no lines of its own.
    let node = match selection {
        None => Some(None),
        Some(Selection::Node(_)) => selection.map(|own| own.target(&scene)).filter(Option::is_some),
        Some(Selection::Tier(_)) => None,
    };
    let on_panel = {
        let dispatch = state.dispatcher();
        Callback::from(move |panel| dispatch.dispatch(Action::Panel(panel)))
    };
    let on_set = {
        let (dispatch, on_change) = (state.dispatcher(), on_change.clone());
        Callback::from(move |(path, value): (String, Value)| {
            dispatch.dispatch(Action::Attempt(path.clone()));
            on_change.emit(Change::Set { path, value });
        })
    };
    let operations = beside.clone().zip(node).map(|(status, node)| {
        html! { <Operations {status} {node} on_panel={on_panel.clone()} /> }
    });
    let on_shelf = {
        let dispatch = state.dispatcher();
        Callback::from(move |shelf| dispatch.dispatch(Action::Shelved(shelf)))
    };
    let workshop = html! {
        <Workshop scene={scene.clone()} {selection} shelf={state.shelf.clone()} {on_shelf} act={act.clone()} />
    };
    let inspector = inspector::Props {
        workshop,
        operations,
        scene: scene.clone(),
        values,
        opening: state.opening.clone(),
        status: beside.clone(),
        selection,
        refused: state.refused.clone(),
        on_build: {
            let (dispatch, act) = (state.dispatcher(), act.clone());
            Callback::from(move |(path, value): (String, Value)| {
                dispatch.dispatch(Action::Attempt(path.clone()));
                act.emit(Command::Edit { edit: Edit::Set { path, value } });
            })
        },
        on_set: on_set.clone(),
        on_change: on_change.clone(),
        on_select: on_select.clone(),
    };
    let speed = status.as_ref().map_or(1.0, |status| status.speed);
    let spike_factor = status.as_ref().map_or(1.0, |status| status.spike_factor);
    html! {
        <div
            class={classes!("workbench", state.dead.then_some("dead"), selection.is_some().then_some("chosen"))}
        >
            <main>
                { figures::strip(&figures::Props { scene: scene.clone(), status: status.clone() }) }
                <Dial users={scene.scenario.workload.users} {speed} {spike_factor} on_change={on_change.clone()} />
                <Diagram
                    scene={scene.clone()} status={status.clone()} {selection} calm={state.calm}
                    frames={FramesHandle(engine.frames.clone())}
                    on_select={on_select.clone()} on_change={on_change.clone()}
                />
                if let Some((status, beside)) = status.as_ref().zip(beside.as_ref()) {
                    { course(state, &scene, status, beside, colours, act) }
                    <Telemetry
                        scene={scene.clone()} status={beside.clone()} panel={state.panel.clone()}
                        found={state.log_lines.clone()} metrics={state.metrics.clone()} refused={state.refused.clone()}
                        {on_panel} {on_set} act={act.clone()}
                    />
                }
            </main>
            <aside class="left" aria-label="Chapter" tabindex="-1">{ lesson(state, act) }</aside>
            <aside class="right" aria-label="Inspector and events">
                { inspector::inspector(&inspector) }
                if let Some(status) = beside.clone() {
                    <Requests
                        scene={scene.clone()} {status} traced={state.traced.clone()} act={act.clone()}
                        on_close={
                            let dispatch = state.dispatcher();
                            move |()| dispatch.dispatch(Action::PutTraceAway)
                        }
                    />
                }
                { log::log(&log::Props { scene, status: beside.clone(), act: act.clone() }) }
                if let Some(status) = beside {
                    { about::about(&about::Props { status, inline: state.inline.clone() }) }
                }
            </aside>
        </div>
    }
}

/// What is read: an experiment, if one of its runs is in the diagram, or else the chapter.
fn lesson(state: &UseReducerHandle<State>, act: &Callback<Command>) -> Html {
    let (trials, act) = (state.trials.clone(), act.clone());
    match &state.run {
        Some(run) => {
            let dispatch = state.dispatcher();
            let on_predict = move |(claim, answer)| dispatch.dispatch(Action::Predict(claim, answer));
            html! { <ExperimentView key={run.claim.clone()} run={run.clone()} {trials} {act} {on_predict} /> }
        }
        None => {
            let text = state.chapter.map(|number| html! { <ChapterText key={number} {number} {trials} {act} /> });
            text.unwrap_or_default()
        }
    }
}

/// Time and what happened in it.
fn course(
    state: &UseReducerHandle<State>,
    scene: &Same<Scene>,
    status: &Same<Status>,
    beside: &Same<Status>,
    colours: u32,
    act: &Callback<Command>,
) -> Html {
    let dispatch = state.dispatcher();
    let on_stretch = Callback::from(move |stretch| dispatch.dispatch(Action::Stretch(stretch)));
    let time = transport::Props { scene: scene.clone(), status: status.clone(), act: act.clone() };
    html! {
        <>
            { transport::transport(&time) }
            <Twin status={beside.clone()} told={state.banners.len()} act={act.clone()} />
            <ChartRow
                scene={scene.clone()} status={beside.clone()} charts={state.charts.clone()}
                twin_charts={state.twin_charts.clone()} stretch={state.stretch} {on_stretch} {colours} act={act.clone()}
            />
        </>
    }
}
