//! The users dial: logarithmic, from one to ten million.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use crate::scenario::Change;

use super::{dom, format};

/// Steps of the dial per factor of ten: a Renard series, so that they look even and read round.
const PER_DECADE: u32 = 10;
const STEPS: u32 = 7 * PER_DECADE;
const SERIES: [u32; PER_DECADE as usize] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];
/// A dial that was not moved for so long is meant to stay: the keys that turn it are one change, not many.
const SETTLED_MS: u32 = 180;
/// A spike lasts so long for whoever watches.
const SPIKE_WATCHED_MS: f64 = 5000.0;
const SPIKE_FACTOR: f64 = 10.0;

/// What the dial shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Users now.
    pub users: u32,
    /// Simulated seconds per second.
    pub speed: f64,
    /// What arrivals are multiplied by.
    pub spike_factor: f64,
    /// The visitor changes something.
    pub on_change: Callback<Change>,
}

/// The users dial, and the button for a spike.
#[component]
pub fn Dial(props: &Props) -> Html {
    // Where the visitor has it, until the system has followed.
    let held = use_state_eq(|| None::<u32>);
    let pending = use_mut_ref(|| None::<Timeout>);
    use_effect_with(props.users, {
        let held = held.clone();
        move |_| held.set(None)
    });
    let own = use_node_ref();
    let step = held.unwrap_or_else(|| step_of(props.users));
    let users = held.map_or(props.users, users_at);
    let filled = format!("{:.2}%", f64::from(step) * 100.0 / f64::from(STEPS));
    dom::use_styles(&own, vec![("--filled", filled)]);
    let on_input = {
        let (held, pending) = (held.clone(), pending.clone());
        Callback::from(move |event: InputEvent| {
            *pending.borrow_mut() = None;
            held.set(dom::value(&event).parse().ok());
        })
    };
    let on_commit = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: Event| {
            let Ok(step) = dom::value(&event).parse() else { return };
            let on_change = on_change.clone();
            let settled = Timeout::new(SETTLED_MS, move || on_change.emit(set_users(users_at(step))));
            *pending.borrow_mut() = Some(settled);
        })
    };
    let duration_ms = SPIKE_WATCHED_MS * props.speed;
    let on_spike =
        props.on_change.reform(move |_: MouseEvent| Change::Spike { factor: SPIKE_FACTOR, duration_ms, clients: None });
    let spiking = props.spike_factor != 1.0;
    let ticks = (0..=7).map(|decade| {
        html! { <span>{ format::ticks(10f64.powi(decade)) }</span> }
    });
    html! {
        <div class="dial">
            <label for="users">{ "users" }</label>
            <output for="users">{ format::count(u64::from(users)) }</output>
            <div class="track">
                <input
                    ref={own} id="users" type="range" min="0" max={STEPS.to_string()} step="1"
                    value={step.to_string()} aria-valuetext={format!("{} users", format::count(u64::from(users)))}
                    oninput={on_input} onchange={on_commit}
                />
                <div class="ticks" aria-hidden="true">{ for ticks }</div>
            </div>
            <button
                type="button" class={classes!("spike", spiking.then_some("on"))} onclick={on_spike}
                title={format!("Ten times the requests for {} of simulated time", format::span(duration_ms))}
            >
                { "Spike ×10 " }<small>{ format!("for {}", format::span(duration_ms)) }</small>
            </button>
        </div>
    }
}

/// The change to so many users.
pub fn set_users(users: u32) -> Change {
    Change::Set { path: "workload.users".to_owned(), value: users.into() }
}

fn users_at(step: u32) -> u32 {
    let (decade, place) = (step / PER_DECADE, step % PER_DECADE);
    (u64::from(SERIES[place as usize]) * 10u64.pow(decade) / 100) as u32
}

fn step_of(users: u32) -> u32 {
    (f64::from(users.max(1)).log10() * f64::from(PER_DECADE)).round().min(f64::from(STEPS)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn every_step_stands_for_round_numbers_and_finds_itself() {
        assert_eq!((users_at(0), users_at(60), users_at(STEPS)), (1, 1_000_000, 10_000_000));
        for step in PER_DECADE..=STEPS {
            assert_eq!(step_of(users_at(step)), step, "{} users", users_at(step));
        }
    }
}
