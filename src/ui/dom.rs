//! The few things that Yew has no word for.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, EventTarget, HtmlCanvasElement, HtmlElement, HtmlSelectElement, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};
use yew::prelude::*;

/// The value of the field that an event is about.
pub fn value(event: &Event) -> String {
    let target = event.target();
    let input = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlInputElement>());
    let select = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlSelectElement>());
    input.map(web_sys::HtmlInputElement::value).or(select.map(web_sys::HtmlSelectElement::value)).unwrap_or_default()
}

/// Sets styles of an element through the CSSOM, which a strict content security policy allows; a `style` attribute it
/// does not.
pub fn set_styles(element: &NodeRef, styles: &[(&str, String)]) {
    let Some(element) = element.cast::<HtmlElement>() else { return };
    for (property, value) in styles {
        // Refused only for read-only declarations, which an element's own is not.
        let _ = element.style().set_property(property, value);
    }
}

/// Scrolls as little as it takes to have an element in sight.
pub fn show(element: &NodeRef) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    if let Some(element) = element.cast::<HtmlElement>() {
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Gives the focus to an element, which must be able to have it.
pub fn focus(element: &NodeRef) {
    if let Some(element) = element.cast::<HtmlElement>() {
        // Refused only by elements that cannot have the focus.
        let _ = element.focus();
    }
}

/// The same for the element with this id.
pub fn focus_id(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.get_element_by_id(id));
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether nothing has the focus, as when what had it went away, or something within this element has.
pub fn has_focus_or_nothing_has(element: &NodeRef) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(focused) = document.and_then(|document| document.active_element()) else { return true };
    let within = element.cast::<web_sys::Node>().is_some_and(|own| own.contains(Some(&focused)));
    within || focused.tag_name().eq_ignore_ascii_case("body")
}

/// Styles that follow the component's state.
#[hook]
pub fn use_styles(element: &NodeRef, styles: Vec<(&'static str, String)>) {
    let element = element.clone();
    use_effect_with(styles, move |styles| set_styles(&element, styles));
}

/// Keeps a `select` at this value, whatever the visitor chose that did not come to hold; `again` has it set anew.
#[hook]
pub fn use_choice<T: PartialEq + 'static>(element: &NodeRef, value: String, again: T) {
    let element = element.clone();
    use_effect_with((value, again), move |(value, _)| {
        if let Some(select) = element.cast::<HtmlSelectElement>() {
            select.set_value(value);
        }
    });
}

/// A listener that goes when this value does.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn Fn(web_sys::Event)>,
}

impl Listener {
    /// Listens to `name` at `target`.
    pub fn new(target: &EventTarget, name: &'static str, hear: impl Fn(web_sys::Event) + 'static) -> Self {
        let closure = Closure::<dyn Fn(web_sys::Event)>::new(hear);
        // Fails only for a callback that is not callable.
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

/// The size of an element in CSS pixels, as it changes.
#[hook]
pub fn use_size(element: &NodeRef) -> (f64, f64) {
    let size = use_state_eq(|| (0.0, 0.0));
    let (element, setter) = (element.clone(), size.setter());
    use_effect_with((), move |()| {
        let watched = element.cast::<HtmlElement>();
        let own = watched.clone();
        let measure = Closure::<dyn Fn()>::new(move || {
            if let Some(element) = &own {
                setter.set((f64::from(element.client_width()), f64::from(element.client_height())));
            }
        });
        let observer = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, &watched) {
            observer.observe(element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(measure);
        }
    });
    *size
}

/// A canvas of its own, beside the page, and what draws on it. None where there are no canvases.
pub fn canvas(width: f64, height: f64) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}

/// Device pixels per CSS pixel.
pub fn pixel_ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 3.0)
}

/// Whether a media query holds.
pub fn media(query: &str) -> Option<web_sys::MediaQueryList> {
    web_sys::window().and_then(|window| window.match_media(query).ok().flatten())
}
