//! What is seen here travels: the link to this moment, the figure for another page, and files.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::player::Command;

use super::commands::Deed;
use super::files::{self, OpenFile, Take};

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What stands behind the `#`.
    pub fragment: String,
    /// What the visitor wants of the player.
    pub act: Callback<Command>,
    /// What the visitor wants of the page.
    pub perform: Callback<Deed>,
    /// The visitor puts it away.
    pub on_close: Callback<()>,
}

/// The link to this moment, and what else can be taken along.
#[component]
pub fn Share(props: &Props) -> Html {
    let address = format!("{}#{}", files::page(), props.fragment);
    let field = use_node_ref();
    let copied = use_state_eq(|| None::<&'static str>);
    use_effect_with(address.clone(), {
        let (field, copied, fragment) = (field.clone(), copied.clone(), props.fragment.clone());
        move |address| {
            show_in_address(&fragment);
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // A field that is shown can be focused.
                let _ = field.focus();
                field.select();
            }
            copy(address.clone(), move |done| copied.set(done.then_some("link copied")));
        }
    });
    let copying = |text: String, told: &'static str| {
        let copied = copied.setter();
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            copy(text.clone(), move |done| copied.set(done.then_some(told)));
        })
    };
    let on_close = props.on_close.reform(|_: MouseEvent| ());
    let on_key = {
        let close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    let length = address.chars().count();
    let snippet = snippet(&props.fragment);
    let takes = Take::ALL.into_iter().map(|take| {
        let on_click = props.perform.reform(move |_: MouseEvent| Deed::Take(take));
        html! { <button type="button" onclick={on_click}>{ take.name() }</button> }
    });
    let send = can_send().then(|| {
        let address = address.clone();
        let on_click = move |_: MouseEvent| send(&address);
        html! { <button type="button" onclick={on_click}>{ "Send …" }</button> }
    });
    html! {
        <div class="sharing" role="dialog" aria-label="Link to this moment" onkeydown={on_key}>
            <div class="row">
                <label for="link">{ "Link to this moment" }</label>
                <input id="link" ref={field} type="text" readonly=true value={address.clone()} />
                <span class="hint" role="status">
                    { format!("{length} characters{}", copied.map_or_else(String::new, |told| format!(", {told}"))) }
                </span>
                <button type="button" onclick={copying(address, "link copied")}>{ "Copy" }</button>
                { for send }
                <button type="button" onclick={on_close}>{ "Close" }</button>
            </div>
            <details>
                <summary>{ "Embed this figure in a page of your own" }</summary>
                <p class="hint">
                    { "More words after " }<code>{ "?embed" }</code>{ ": " }<code>{ "&start=12.5" }</code>
                    { " begins at that second, " }<code>{ "&paused" }</code>{ " waits for the reader, " }
                    <code>{ "&controls=none" }</code>{ " leaves the time bar out, " }<code>{ "&theme=dark" }</code>
                    { " (or light) sets the colours." }
                </p>
                <div class="row">
                    <textarea
                        readonly=true rows="4" aria-label="Snippet for a page" value={snippet.clone()}
                        onfocus={|event: FocusEvent| select_all(&event)}
                    />
                    <button type="button" onclick={copying(snippet, "snippet copied")}>{ "Copy snippet" }</button>
                </div>
            </details>
            <div class="row files" role="group" aria-label="Files">
                <span>{ "Take along" }</span>
                { for takes }
                <OpenFile act={props.act.clone()} />
            </div>
        </div>
    }
}

/// What another page writes to hold the figure: the frame may run scripts and open the whole page, nothing else.
fn snippet(fragment: &str) -> String {
    format!(
        "<iframe src=\"{}?embed#{fragment}\" title=\"Zero to Millions: a simulated system\" width=\"100%\" height=\"480\" \
         loading=\"lazy\" sandbox=\"allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox\"></iframe>",
        files::page()
    )
}

fn select_all(event: &FocusEvent) {
    if let Some(area) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok()) {
        area.select();
    }
}

/// Puts the link into the address bar without opening it.
fn show_in_address(fragment: &str) {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // A page from a file may not do this; the link is shown anyway.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{fragment}")));
    }
}

fn copy(text: String, tell: impl FnOnce(bool) + 'static) {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else { return tell(false) };
    spawn_local(async move {
        let done = JsFuture::from(window.navigator().clipboard().write_text(&text)).await;
        tell(done.is_ok());
    });
}

/// The system's own way to send an address to somebody, where there is one.
fn system_share() -> Option<(JsValue, Function)> {
    let navigator = JsValue::from(web_sys::window()?.navigator());
    let share = Reflect::get(&navigator, &"share".into()).ok()?.dyn_into().ok()?;
    Some((navigator, share))
}

fn can_send() -> bool {
    system_share().is_some()
}

fn send(address: &str) {
    let Some((navigator, share)) = system_share() else { return };
    let what = Object::new();
    for (key, value) in [("title", "Zero to Millions"), ("url", address)] {
        // A new object takes any key.
        let _ = Reflect::set(&what, &key.into(), &value.into());
    }
    if let Ok(sent) = share.call1(&navigator, &what).map(JsCast::unchecked_into::<Promise>) {
        spawn_local(async move {
            // Refused when the visitor thinks better of it.
            let _ = JsFuture::from(sent).await;
        });
    }
}
