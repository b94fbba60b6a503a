//! Systems that are kept in the browser, each as the fragment of a link, which is upgraded as links are: those that were
//! saved under a name, and the last ones that were edited and not saved.

use js_sys::Date;
use web_sys::DomException;

use crate::player::Reply;
use crate::ui::theme::storage;

const SAVED: &str = "zero-to-millions.system.";
const UNSAVED: &str = "zero-to-millions.unsaved.";
/// So many unsaved ones are kept, the newest.
const UNSAVED_MAX: usize = 5;
/// The longest name, in characters.
pub const NAME_MAX: usize = 60;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// What was saved, by name.
    pub saved: Vec<Kept>,
    /// What was edited and not saved, the newest first.
    pub unsaved: Vec<Kept>,
    /// Nothing can be kept here, and why.
    pub closed: Option<&'static str>,
}

/// A system that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its key in the storage.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// What stands behind the `#`.
    pub fragment: String,
}

impl Shelf {
    /// What is kept now.
    pub fn read() -> Self {
        let Some(storage) = storage() else {
            return Self {
                closed: Some("This browser lets the page store nothing, so nothing is kept."),
                ..Self::default()
            };
        };
        let count = storage.length().unwrap_or(0);
        let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
        let (mut saved, mut unsaved) = (Vec::new(), Vec::new());
        for key in keys {
            let Some(fragment) = storage.get_item(&key).ok().flatten() else { continue };
            if let Some(name) = key.strip_prefix(SAVED) {
                saved.push(Kept { name: name.to_owned(), fragment, key });
            } else if let Some(stamp) = key.strip_prefix(UNSAVED) {
                unsaved.push(Kept { name: of_stamp(stamp), fragment, key });
            }
        }
        saved.sort_by_key(|own: &Kept| own.name.to_lowercase());
        // Stamps are of the same length.
        unsaved.sort_by(|a, b| b.key.cmp(&a.key));
        Self { saved, unsaved, closed: None }
    }

    /// Keeps what the player hands out.
    ///
    /// # Errors
    /// What could not be kept and what to do, in words.
    pub fn keep(reply: &Reply, page_began_ms: f64) -> Result<Self, String> {
        match reply {
            Reply::Saved { name, fragment } => put(&format!("{SAVED}{name}"), fragment, &format!("“{name}”"))?,
            Reply::Unsaved { opened, fragment } => {
                let key = format!("{UNSAVED}{page_began_ms:015}.{opened:06}");
                put(&key, fragment, "your work")?;
                let beyond = Self::read().unsaved.into_iter().skip(UNSAVED_MAX);
                beyond.for_each(|own| drop(take(&own.key)));
            }
            Reply::Scene(_)
            | Reply::Opened { .. }
            | Reply::Trying { .. }
            | Reply::Tried(_)
            | Reply::Notice(_)
            | Reply::Traced(_)
            | Reply::Untraced
            | Reply::TwinArrived
            | Reply::Link { .. }
            | Reply::Exported { .. }
            | Reply::LogLines(_)
            | Reply::Metrics(_)
            | Reply::Problem { .. } => {}
        }
        Ok(Self::read())
    }

    /// Puts one back that was taken away.
    ///
    /// # Errors
    /// As [`Shelf::keep`].
    pub fn put_back(kept: &Kept) -> Result<Self, String> {
        put(&kept.key, &kept.fragment, &format!("“{}”", kept.name))?;
        Ok(Self::read())
    }

    /// Takes one away.
    ///
    /// # Errors
    /// The storage is closed.
    pub fn without(kept: &Kept) -> Result<Self, String> {
        take(&kept.key)?;
        Ok(Self::read())
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.saved.iter().any(|own| own.name == name)
    }
}

fn put(key: &str, fragment: &str, what: &str) -> Result<(), String> {
    let Some(storage) = storage() else {
        return Err(format!("This browser lets the page store nothing, so {what} is not kept: copy its link (Share)."));
    };
    storage.set_item(key, fragment).map_err(|error| {
        let is_full =
            wasm_bindgen::JsCast::dyn_ref::<DomException>(&error).is_some_and(|own| own.name() == "QuotaExceededError");
        let why =
            if is_full { "The browser's storage for this page is full" } else { "The browser stores nothing here" };
        format!("{why}, so {what} is not kept: delete saved systems, or copy its link (Share).")
    })
}

fn take(key: &str) -> Result<(), String> {
    let closed = || "The browser's storage cannot be changed.".to_owned();
    storage().ok_or_else(closed)?.remove_item(key).map_err(|_| closed())
}

/// When the page began, as the visitor's clock has it.
fn of_stamp(stamp: &str) -> String {
    let ms = stamp.split('.').next().and_then(|ms| ms.parse::<f64>().ok()).unwrap_or_default();
    let when = Date::new(&ms.into());
    let two = |number: u32| format!("{number:02}");
    let day = [when.get_full_year().to_string(), two(when.get_month() + 1), two(when.get_date())].join("-");
    format!("Unsaved work of {day} {}:{}", two(when.get_hours()), two(when.get_minutes()))
}
