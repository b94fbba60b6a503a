//! The palette of commands: everything there is, by name.

use web_sys::{HtmlDialogElement, HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use super::commands::{Deed, Entry, matching};
use super::dialog::Dialog;
use super::dom;

/// As many are shown; who does not see it types another letter.
const SHOWN_MAX: usize = 40;

/// What can be asked for, and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub entries: Vec<Entry>,
    /// The visitor asks for it.
    pub perform: Callback<Deed>,
    /// The visitor has seen enough.
    pub on_close: Callback<()>,
}

/// The palette.
#[component]
pub fn Palette(props: &Props) -> Html {
    let Props { entries, perform, on_close } = props;
    let typed = use_state_eq(String::new);
    let at = use_state_eq(|| 0usize);
    let dialog = use_node_ref();
    let found = use_memo((entries.clone(), (*typed).clone()), |(entries, typed)| matching(entries, typed));
    let shown = found.len().min(SHOWN_MAX);
    let chosen = (*at).min(shown.saturating_sub(1));
    let row = use_node_ref();
    use_effect_with((chosen, found.clone()), {
        let row = row.clone();
        move |_| dom::show(&row)
    });
    // Closed first, so that the focus is where it was before what is asked for moves it.
    let choose = {
        let (perform, dialog) = (perform.clone(), dialog.clone());
        Callback::from(move |deed: Deed| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
            perform.emit(deed);
        })
    };
    let on_input = {
        let (typed, at) = (typed.clone(), at.clone());
        move |event: InputEvent| {
            typed.set(dom::value(&event));
            at.set(0);
        }
    };
    let on_key = {
        let (found, choose) = (found.clone(), choose.clone());
        move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set((chosen + 1) % shown.max(1)),
                "ArrowUp" => at.set((chosen + shown.max(1) - 1) % shown.max(1)),
                "PageDown" => at.set((chosen + 8).min(shown.saturating_sub(1))),
                "PageUp" => at.set(chosen.saturating_sub(8)),
                "Enter" => {
                    if let Some(entry) = found.get(chosen) {
                        choose.emit(entry.deed.clone());
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let field = use_node_ref();
    use_effect_with((), {
        let field = field.clone();
        move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // A field that is shown can be focused.
                let _ = field.focus();
            }
        }
    });
    let option = |(index, entry): (usize, &Entry)| {
        let deed = entry.deed.clone();
        let on_click = choose.reform(move |_: MouseEvent| deed.clone());
        let is_chosen = index == chosen;
        html! {
            <li
                id={format!("found-{index}")} role="option" aria-selected={is_chosen.to_string()}
                ref={if is_chosen { row.clone() } else { NodeRef::default() }} onclick={on_click}
            >
                <span>{ &entry.name }</span>
                <i>{ entry.group }</i>
                if let Some(key) = entry.key { <kbd>{ key.shown }</kbd> }
            </li>
        }
    };
    html! {
        <Dialog own={dialog} label="Find" class="palette-sheet" on_close={on_close.clone()}>
            <input
                ref={field} type="text" role="combobox" aria-label="Find chapters, experiments, parts and commands"
                aria-expanded="true" aria-controls="found" autocomplete="off" spellcheck="false" dir="auto"
                aria-activedescendant={(shown > 0).then(|| format!("found-{chosen}"))}
                placeholder="cache, kill, balancer, dark …" value={(*typed).clone()} oninput={on_input} onkeydown={on_key}
            />
            <ul id="found" role="listbox" aria-label="Found" tabindex="-1">
                { for found.iter().take(SHOWN_MAX).enumerate().map(option) }
            </ul>
            <p class="hint" role="status">
                { match found.len() {
                    0 => "Nothing is called so.".to_owned(),
                    many if many > SHOWN_MAX => format!("{} of {many}: type more to find the rest.", SHOWN_MAX),
                    many => format!("{many} found. Enter does it, Esc closes."),
                } }
            </p>
        </Dialog>
    }
}
