//! Files: what can be taken along, and scenario files that are dropped onto the page or picked.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Event, File, HtmlInputElement};
use yew::prelude::*;

use crate::player::{Command, Export};
use crate::scenario::FILE_BYTES_MAX;

use super::dom::Listener;
use super::download;

/// What can be taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// The scenario.
    Scenario,
    /// The diagram, as it stands, to be scaled at will.
    Drawing,
    /// The same in pixels.
    Picture,
    /// What the run has come to.
    Report,
}

impl Take {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Scenario, Self::Drawing, Self::Picture, Self::Report];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "Scenario (JSON)",
            Self::Drawing => "Diagram (SVG)",
            Self::Picture => "Diagram (PNG)",
            Self::Report => "Report (Markdown)",
        }
    }

    /// What the file is called.
    pub fn file(self) -> &'static str {
        match self {
            Self::Scenario => "zero-to-millions.json",
            Self::Drawing => "zero-to-millions.svg",
            Self::Picture => "zero-to-millions.png",
            Self::Report => "zero-to-millions.md",
        }
    }
}

/// Hands over what the player made.
pub fn hand_over(what: &Export, text: &str) {
    match what {
        Export::Scenario => download::text(Take::Scenario.file(), "application/json", text),
        Export::Report { .. } => download::text(Take::Report.file(), "text/markdown", text),
    }
}

/// The address of the page, without options and `#`.
pub fn page() -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split(['#', '?']).next().unwrap_or_default().to_owned()
}

/// Reads a file that the visitor has chosen, and has the player open it.
pub fn open(file: File, act: Callback<Command>) {
    spawn_local(async move {
        // Of one that is too long, as much as it takes to be told so.
        let part = file.slice_with_i32_and_i32(0, FILE_BYTES_MAX as i32 + 1).unwrap_or_else(|_| file.clone().into());
        let text = JsFuture::from(part.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
        act.emit(Command::OpenFile { name: file.name(), text });
    });
}

/// A file that is dropped anywhere onto the page is opened.
#[hook]
pub fn use_drop(act: &Callback<Command>) {
    let act = act.clone();
    use_effect_with((), move |()| {
        let listeners = web_sys::window().map(|window| {
            let over = Listener::new(&window, "dragover", |event: Event| {
                if files(&event).is_some() {
                    // Else the browser leaves the page for the file.
                    event.prevent_default();
                }
            });
            let drop = Listener::new(&window, "drop", move |event: Event| {
                let Some(list) = files(&event) else { return };
                event.prevent_default();
                if let Some(file) = list.get(0) {
                    open(file, act.clone());
                }
            });
            (over, drop)
        });
        move || drop(listeners)
    });
}

/// The files that are dragged, if what is dragged are files.
fn files(event: &Event) -> Option<web_sys::FileList> {
    let data = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    data.types().includes(&JsValue::from_str("Files"), 0).then(|| data.files()).flatten()
}

/// What opens the browser's own choice of a file.
#[component]
pub fn OpenFile(props: &OpenFileProps) -> Html {
    let on_change = {
        let act = props.act.clone();
        move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                open(file, act.clone());
            }
            // The same file may be chosen again.
            input.set_value("");
        }
    };
    html! {
        <label class="file">
            { "Open a scenario file" }
            <input type="file" accept=".json,application/json" onchange={on_change} />
        </label>
    }
}

/// Whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct OpenFileProps {
    /// What the visitor wants.
    pub act: Callback<Command>,
}
