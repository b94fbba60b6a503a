//! Light and dark: as the system has it, or as the visitor chose. Colours for what is drawn on canvases are read off
//! the style sheet, so that they are said once.

use std::cell::RefCell;
use std::collections::BTreeMap;

use web_sys::{HtmlElement, Storage};

const KEY: &str = "zero-to-millions.theme";

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the visitor reads.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "Auto",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// As the visitor chose it last.
    pub fn saved() -> Self {
        let saved = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        Self::ALL.into_iter().find(|theme| saved.as_deref() == Some(theme.name())).unwrap_or_default()
    }

    /// Remembers it. Where nothing may be stored, it holds until the page goes.
    pub fn save(self) {
        if let Some(storage) = storage() {
            let _ = match self {
                Self::System => storage.remove_item(KEY),
                Self::Light | Self::Dark => storage.set_item(KEY, self.name()),
            };
        }
    }
}

/// Shows the page in this theme.
pub fn apply(theme: Theme) {
    let Some(root) = root() else { return };
    // The attribute's name is a valid one, so neither can fail.
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.name()),
    };
}

thread_local! {
    /// Colours that were read: charts ask for dozens of them several times a second.
    static READ: RefCell<BTreeMap<String, String>> = RefCell::default();
}

/// Colours are to be read anew: the page looks different from now on.
pub fn forget_colours() {
    READ.with_borrow_mut(BTreeMap::clear);
}

/// A colour of the style sheet: `colour("--read")`.
pub fn colour(variable: &str) -> String {
    READ.with_borrow_mut(|known| match known.get(variable) {
        Some(colour) => colour.clone(),
        None => known.entry(variable.to_owned()).or_insert_with(|| read(variable)).clone(),
    })
}

fn read(variable: &str) -> String {
    let style = root().and_then(|root| web_sys::window()?.get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(variable).ok()).unwrap_or_default();
    value.trim().to_owned()
}

/// Red, green and blue of `#rrggbb`.
pub fn rgb(colour: &str) -> [u8; 3] {
    let number = u32::from_str_radix(colour.trim_start_matches('#'), 16).unwrap_or(0x80_80_80);
    [(number >> 16) as u8, (number >> 8) as u8, number as u8]
}

fn root() -> Option<HtmlElement> {
    use wasm_bindgen::JsCast;
    web_sys::window()?.document()?.document_element()?.dyn_into().ok()
}

/// Where the browser keeps what the visitor has chosen, if it keeps anything.
pub fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
