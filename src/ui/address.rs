//! Links to chapters and claims: plain addresses, so that they can be copied, opened elsewhere and gone back from.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::player::Command;

/// What the link is and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Where it leads: what stands behind the `#`.
    pub fragment: String,
    /// What the visitor wants.
    pub act: Callback<Command>,
    /// A class, for the style sheet.
    #[prop_or_default]
    pub class: Classes,
    /// What it is called, where its content does not say it.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// Whether it leads to what is shown: `page`, `step`.
    #[prop_or_default]
    pub current: Option<&'static str>,
    /// What it shows.
    pub children: Html,
}

/// A link to a chapter or claim.
#[component]
pub fn Link(props: &Props) -> Html {
    let Props { fragment, act, class, label, current, children } = props;
    // A click on the address that is already there changes no address, but means to begin anew.
    let on_click = {
        let (fragment, act) = (fragment.clone(), act.clone());
        move |event: MouseEvent| {
            if let Some(column) = event.target_dyn_into::<Element>().and_then(|own| own.closest("aside").ok()?) {
                go_to_its_top(&column);
            }
            let now = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
            let plain = !event.ctrl_key() && !event.meta_key() && !event.shift_key();
            if plain && now.trim_start_matches('#') == fragment {
                event.prevent_default();
                act.emit(Command::Open { fragment: fragment.clone() });
            }
        }
    };
    html! {
        <a
            href={format!("#{fragment}")} class={class.clone()} onclick={on_click}
            title={label.clone()} aria-label={label.clone()} aria-current={*current}
        >{ children.clone() }</a>
    }
}

/// What the address says of an option: `?dots=5000` and `?inline`, whose value is empty.
pub fn option(name: &str) -> Option<String> {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    search.trim_start_matches('?').split('&').find_map(|word| match word.split_once('=') {
        Some((own, value)) => (own == name).then(|| value.to_owned()),
        None => (word == name).then(String::new),
    })
}

/// Goes to a chapter or claim, as its link does.
pub fn go(fragment: &str, act: &Callback<Command>) {
    let Some(window) = web_sys::window() else { return };
    let column = window.document().and_then(|document| document.query_selector("aside.left").ok()?);
    if let Some(column) = column {
        go_to_its_top(&column);
    }
    if window.location().hash().unwrap_or_default().trim_start_matches('#') == fragment {
        act.emit(Command::Open { fragment: fragment.to_owned() });
    } else {
        // The page hears of it as of any change of its address; refused only where there is no address.
        let _ = window.location().set_hash(fragment);
    }
}

/// What the link leads to takes the place of what it stands in: it is to be read from its beginning, by keyboard too.
fn go_to_its_top(column: &Element) {
    column.set_scroll_top(0);
    column.scroll_into_view();
    if let Some(column) = column.dyn_ref::<HtmlElement>() {
        // Refused only by elements that cannot have the focus.
        let _ = column.focus();
    }
}
