//! The page: draws what the player tells and hands on what the visitor wants. It computes no figure of its own.
//!
//! ```text
//! host       plays the player in slices of work; knows neither worker nor page
//! worker     the host in a Web Worker
//! simulator  the page's end: a worker, or the host on the page's own thread where workers are not to be had
//! state      what the page knows: one reducer, one enum of actions
//! app        the page as a whole: wires simulator, state and parts together
//! frames     from frames to pictures: one frame under way, one picture a tick of the screen
//! chapter    what is read; experiment: predict, run, see, explain; trials: what came out so far
//! diagram    cards and edges (Yew), dots (canvas), what of it is seen (one transform for both), morphs; see crate::layout
//! charts     four small charts (canvas)
//! twin       another system beside this one: which, and how the two compare
//! sandbox    parts from a palette, connections, names; systems that are kept in the browser
//! commands   what can be asked for by name or key; keys: who hears them; palette, help: where they are shown
//! telemetry  logs, metrics and alert rules: what those who run the system know of it
//! marks      what happened when, on time axes
//! …          the other parts of the page, one file each
//! format     numbers and moments in words
//! dom        the few things that Yew has no word for
//! ```
//!
//! Invariants:
//! - Styles are set through the CSSOM, never by a `style` attribute, so that a strict content security policy holds.
//! - Frames bypass Yew: sixty pictures a second touch one canvas and nothing else.
//! - What is drawn comes from [`crate::frame`]; a number that the simulation did not compute is not shown.

mod about;
mod address;
mod ahead;
mod app;
mod chapter;
mod charts;
mod commands;
mod diagram;
mod dial;
mod dialog;
mod dom;
mod download;
mod embed;
mod experiment;
mod figures;
mod files;
mod format;
mod frames;
mod glossary;
mod header;
mod help;
mod host;
mod inspector;
mod journey;
mod keys;
mod ladder;
mod log;
mod marks;
mod message;
mod names;
mod operations;
mod palette;
mod requests;
mod same;
mod sandbox;
mod settings;
mod share;
mod simulator;
mod state;
mod surroundings;
mod telemetry;
mod theme;
mod transport;
mod trials;
mod twin;
mod waterfall;
pub mod worker;

/// Mounts the page.
pub fn mount(window: &web_sys::Window) {
    theme::apply(theme::Theme::saved());
    let root = window.document().and_then(|document| document.get_element_by_id("app"));
    let root = root.expect("index.html has an element #app");
    let starting = root.inner_html().into();
    yew::Renderer::<app::App>::with_root_and_props(root, app::Props { starting }).render();
}

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
