//! The link to this moment: shown, measured, copied.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What is shown and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What stands behind the `#`.
    pub fragment: String,
    /// The visitor puts it away.
    pub on_close: Callback<()>,
}

/// The link to this moment.
#[component]
pub fn Share(props: &Props) -> Html {
    let address = address(&props.fragment);
    let field = use_node_ref();
    let copied = use_state_eq(|| false);
    use_effect_with(address.clone(), {
        let (field, copied, fragment) = (field.clone(), copied.clone(), props.fragment.clone());
        move |address| {
            show_in_address(&fragment);
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // A field that is shown can be focused.
                let _ = field.focus();
                field.select();
            }
            copy(address.clone(), move |done| copied.set(done));
        }
    });
    let on_copy = {
        let (address, copied) = (address.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            copy(address.clone(), move |done| copied.set(done));
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
    html! {
        <div class="sharing" role="dialog" aria-label="Link to this moment" onkeydown={on_key}>
            <label for="link">{ "Link to this moment" }</label>
            <input id="link" ref={field} type="text" readonly=true value={address} />
            <span class="hint" role="status">
                { format!("{length} characters{}", if *copied { ", copied" } else { "" }) }
            </span>
            <button type="button" onclick={on_copy}>{ "Copy" }</button>
            <button type="button" onclick={on_close}>{ "Close" }</button>
        </div>
    }
}

fn address(fragment: &str) -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    format!("{}#{fragment}", href.split('#').next().unwrap_or_default())
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
