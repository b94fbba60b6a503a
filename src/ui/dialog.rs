//! A sheet over the page that keeps the focus until it is closed, and gives it back: the browser's own modal dialog.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};
use yew::prelude::*;

/// What it shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The element, for who wants to close it.
    pub own: NodeRef,
    /// What it is called.
    pub label: &'static str,
    /// A class, for the style sheet.
    pub class: &'static str,
    /// It was closed.
    pub on_close: Callback<()>,
    /// What it shows.
    pub children: Html,
}

/// The sheet. It is open for as long as it is there.
#[component]
pub fn Dialog(props: &Props) -> Html {
    let Props { own, label, class, on_close, children } = props;
    use_effect_with((), {
        let own = own.clone();
        move |()| {
            if let Some(dialog) = own.cast::<HtmlDialogElement>().filter(|dialog| !dialog.open()) {
                // Refused only for one that is open already.
                let _ = dialog.show_modal();
            }
        }
    });
    let on_closed = on_close.reform(|_: Event| ());
    // What is beside the sheet is the dialog itself.
    let on_click = {
        let own = own.clone();
        move |event: MouseEvent| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let dialog = own.cast::<HtmlDialogElement>();
            if let (Some(target), Some(dialog)) = (target, dialog)
                && target == *dialog.unchecked_ref::<Element>()
            {
                dialog.close();
            }
        }
    };
    html! {
        <dialog ref={own.clone()} class={*class} aria-label={*label} onclose={on_closed} onclick={on_click}>
            <div class="sheet">{ children.clone() }</div>
        </dialog>
    }
}
