//! What shapes and colours mean: those that this system can show, and no others.

use yew::prelude::*;

use crate::frame::Scene;
use crate::ui::format;
use crate::ui::names::{has_queues, keeps_values, replicates, signs_in};

/// The legend, for dots that stand for so many requests each.
pub fn legend(scene: &Scene, requests_per_dot: u32, calm: bool) -> Html {
    let scale = match requests_per_dot {
        1 => "1 dot = 1 request".to_owned(),
        n => format!("1 dot = {} requests", format::count(u64::from(n))),
    };
    let moving = html! {
        <>
            { entry("read", html! { <circle cx="6" cy="6" r="4" /> }, "read") }
            { entry("write", html! { <rect x="2.4" y="2.4" width="7.2" height="7.2" /> }, "write") }
            if keeps_values(scene) {
                { entry("hit ring", html! { <circle cx="6" cy="6" r="3.4" /> }, "hit") }
                { entry("miss ring", html! { <circle cx="6" cy="6" r="3.4" /> }, "miss") }
                { entry("hit", html! { <path d="M6,1.5l4.6,8h-9.2z" /> }, "fill") }
            }
            if keeps_values(scene) || replicates(scene) {
                { entry("stale ring", html! { <path d="M6,1.2l4.8,4.8l-4.8,4.8l-4.8,-4.8z" /> }, "stale") }
            }
            if replicates(scene) {
                { entry("write ring", html! { <rect x="2.8" y="2.8" width="6.4" height="6.4" /> }, "replication") }
            }
            if signs_in(scene) {
                { entry("fail ring", html! { <path d="M2.4,2.4l7.2,7.2M9.6,2.4l-7.2,7.2" /> }, "401") }
            }
            if has_queues(scene) {
                { entry("write", html! { <path d="M6,1.5l4.6,8h-9.2z" /> }, "message") }
            }
            { entry("fail", html! { <path d="M6,0.5l5.5,5.5l-5.5,5.5l-5.5,-5.5z" /> }, "failed") }
            // A hop within one picture is a line; too many to tell apart are a band, broader with their number.
            { entry("streak", html! { <path d="M0,6h12" /> }, "quick hop") }
            { entry("band", html! { <path d="M0,6h12" /> }, "many quick hops") }
        </>
    };
    html! {
        <p class="legend">
            if calm { <span>{ "numbers on lines: requests on the way" }</span> } else { { moving } }
            { entry("wait", html! { <circle cx="6" cy="6" r="3" /> }, "waiting") }
            { entry("hand", html! { <circle cx="6" cy="6" r="3" /> }, "in hand") }
            <span>{ scale }</span>
        </p>
    }
}

fn entry(class: &'static str, shape: Html, name: &'static str) -> Html {
    html! { <span><svg class={class} viewBox="0 0 12 12" aria-hidden="true">{ shape }</svg>{ name }</span> }
}
