//! The figure alone, for pages that hold it in a frame: the address says `?embed`, or the link does.
//!
//! ```text
//! ?embed                          the figure, with time's controls, playing
//! &start=12.5                     from this second of simulated time on
//! &paused                         standing there until somebody lets time run
//! &controls=none                  without time's controls
//! &theme=light | dark             in these colours, whatever the system has
//! #2.… | #chapter/6 | …           what it shows, as anywhere
//! ```
//!
//! All of them are permanent. `www/embed.js` wraps it into an element of its own.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

use crate::link;
use crate::player::Command;

use super::address::option;
use super::theme::Theme;

/// How the figure is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embedding {
    /// From when on, in milliseconds of simulated time.
    pub start_ms: Option<f64>,
    /// Time stands.
    pub paused: bool,
    /// Time's controls are there.
    pub controls: bool,
    /// In which colours; as the system has it where nothing is said.
    pub theme: Option<Theme>,
}

impl Default for Embedding {
    fn default() -> Self {
        Self { start_ms: None, paused: false, controls: true, theme: None }
    }
}

impl Embedding {
    /// As the address asks for it, if it asks for the figure alone; `fragment` is what stands behind its `#`.
    ///
    /// # Errors
    /// A value is none of those above; in words. The figure is there all the same.
    pub fn asked_for(fragment: Option<&str>) -> Option<Result<Self, String>> {
        let by_link = || fragment.and_then(|own| link::decode(own).ok()).is_some_and(|shared| shared.view.embed);
        if option("embed").is_none() && !by_link() {
            return None;
        }
        Some(Self::read(&option))
    }

    fn read(option: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let start = option("start").map(|text| text.trim_end_matches('s').parse::<f64>().map_err(|_| text));
        let start = start.transpose().and_then(|seconds| match seconds {
            Some(seconds) if !(0.0..=1e9).contains(&seconds) => Err(seconds.to_string()),
            fine => Ok(fine),
        });
        let start = start.map_err(|text| format!("start must be seconds of simulated time, is “{text}”"))?;
        let controls = match option("controls").as_deref() {
            None | Some("" | "all") => true,
            Some("none") => false,
            Some(other) => return Err(format!("controls must be all or none, is “{other}”")),
        };
        let theme = match option("theme").as_deref() {
            None | Some("" | "auto") => None,
            Some("light") => Some(Theme::Light),
            Some("dark") => Some(Theme::Dark),
            Some(other) => return Err(format!("theme must be light, dark or auto, is “{other}”")),
        };
        let start_ms = start.map(|seconds| seconds * 1e3);
        Ok(Self { start_ms, paused: option("paused").is_some(), controls, theme })
    }

    /// What the simulation is told once it has what the address holds.
    pub fn commands(self) -> impl Iterator<Item = Command> {
        let seek = self.start_ms.map(|at_ms| Command::Seek { at_ms });
        // To play ends a jump that is under way, so it comes first.
        let play = if self.paused { Command::Pause } else { Command::Play };
        [Some(play).filter(|_| seek.is_some() || self.paused), seek].into_iter().flatten()
    }
}

/// The way from the figure to the whole page, at what it shows.
pub fn open_page(fragment: &str) -> Html {
    html! {
        <a class="whole" href={format!("./#{}", fragment.trim_start_matches('#'))} target="_blank" rel="noopener">
            { "Open in Zero to Millions" }<span class="spoken">{ " (in a new tab)" }</span>
        </a>
    }
}

/// Watches whether anything of the page is to be seen: in a frame, the page around may have it out of sight.
pub struct Sight {
    observer: IntersectionObserver,
    _hear: Closure<dyn Fn(js_sys::Array)>,
}

impl Sight {
    /// Tells each time that it changes. `None` where the browser cannot say.
    pub fn watch(element: &Element, tell: impl Fn(bool) + 'static) -> Option<Self> {
        let hear = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            if let Ok(last) = entries.get(entries.length().saturating_sub(1)).dyn_into::<IntersectionObserverEntry>() {
                tell(last.is_intersecting());
            }
        });
        let observer = IntersectionObserver::new(hear.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _hear: hear })
    }
}

impl Drop for Sight {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn read(options: &[(&str, &str)]) -> Result<Embedding, String> {
        let find = |name: &str| options.iter().find(|own| own.0 == name).map(|own| own.1.to_owned());
        Embedding::read(&find)
    }

    #[wasm_bindgen_test]
    fn options_are_read_and_wrong_ones_told() {
        let usual = Embedding::default();
        assert_eq!(read(&[("embed", "")]), Ok(usual));
        assert_eq!(usual.commands().count(), 0, "it plays by itself");
        let own =
            read(&[("start", "12.5"), ("paused", ""), ("controls", "none"), ("theme", "dark")]).expect("all good");
        let theme = Some(Theme::Dark);
        assert_eq!(own, Embedding { start_ms: Some(12_500.0), paused: true, controls: false, theme });
        assert!(matches!(own.commands().next(), Some(Command::Pause)), "and then the jump, which pausing would end");
        assert_eq!(read(&[("start", "3s")]).map(|own| own.start_ms), Ok(Some(3000.0)));
        for (name, value) in
            [("start", "soon"), ("start", "-1"), ("start", "NaN"), ("controls", "few"), ("theme", "red")]
        {
            let told = read(&[(name, value)]).expect_err(value);
            assert!(told.contains(name) && told.contains(value), "{told}");
        }
    }
}
