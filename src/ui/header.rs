//! The top of the page: the journey, and what the whole page can be asked for.

use yew::prelude::*;

use crate::player::Command;

use super::app::SIMULATION;
use super::commands::Deed;
use super::state::{Action, State};
use super::theme::Theme;
use super::{dom, journey};

/// For who comes by keyboard: past the chapters.
pub fn skip_link() -> Html {
    let on_click = |event: MouseEvent| {
        // The address stays what it is.
        event.prevent_default();
        dom::focus_id(SIMULATION);
    };
    html! { <a class="skip" href={format!("#{SIMULATION}")} onclick={on_click}>{ "Skip to the simulation" }</a> }
}

/// Where the visitor is in the journey, and what the whole page is asked for.
pub fn top_bar(state: &UseReducerHandle<State>, act: &Callback<Command>, perform: &Callback<Deed>) -> Html {
    let seen = state.seen();
    let on_share = act.reform(move |_: MouseEvent| Command::Share { seen: seen.clone() });
    let dispatch = state.dispatcher();
    let on_theme = Callback::from(move |event: Event| {
        let name = dom::value(&event);
        let theme = Theme::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or_default();
        choose(theme, &dispatch);
    });
    let sheet = |deed: Deed| perform.reform(move |_: MouseEvent| deed.clone());
    html! {
        <header>
            <p class="logo">{ "Zero " }<em>{ "→" }</em>{ " Millions" }</p>
            { journey::journey(state.chapter.filter(|_| state.has_arrived), act) }
            <span class="tools">
                <button
                    type="button" class="icon" onclick={sheet(Deed::Find)} aria-label="Find"
                    title="Find chapters, experiments, parts and commands (Ctrl K)"
                ><svg viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M10.4 10.4L14 14M11.5 7a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0" /></svg></button>
                <button
                    type="button" class="icon" onclick={sheet(Deed::Keys)} aria-label="Keys and help" title="Keys and help (?)"
                >{ "?" }</button>
                <select class="theme" aria-label="Colours" onchange={on_theme}>
                    { for Theme::ALL.into_iter().map(|theme| html! {
                        <option value={theme.name()} selected={theme == state.theme}>{ theme.label() }</option>
                    }) }
                </select>
                <button type="button" class="primary" onclick={on_share}>{ "Share" }</button>
            </span>
        </header>
    }
}

/// Shows the page in this theme, and remembers it.
pub fn choose(theme: Theme, dispatch: &UseReducerDispatcher<State>) {
    theme.save();
    dispatch.dispatch(Action::Theme(theme));
}
