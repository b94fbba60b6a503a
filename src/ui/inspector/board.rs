//! The board of a broker: exchanges with their bindings, which can be changed here; queues with what waits in them; and a field
//! for a routing key that says which queues it leads to, by the matcher of the simulation.

use serde_json::Value;
use yew::prelude::*;

use crate::frame::{BrokerStatus, QueueStatus, Scene, Status};
use crate::nodes::broker::pattern::Routing;
use crate::scenario::Tier;
use crate::scenario::messages::{Binding, Exchange, MessageBrokerTier, routing_keys};
use crate::ui::diagram::queues::dots;
use crate::ui::same::Same;
use crate::ui::state::Refusal;
use crate::ui::{dom, format};

/// What the board shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Option<Same<Status>>,
    /// Index of the broker's tier.
    pub tier: usize,
    /// A value that was refused.
    pub refused: Option<Refusal>,
    /// The visitor sets the value at a path.
    pub on_set: Callback<(String, Value)>,
}

/// The board.
#[component]
pub fn Board(props: &Props) -> Html {
    let Props { scene, status, tier, .. } = props;
    let key = use_state_eq(String::new);
    let id = &scene.tiers[*tier].id;
    let Some(Tier::MessageBroker(broker)) = scene.scenario.tiers.get(id) else { return Html::default() };
    let status = status.as_deref().and_then(|status| {
        let own = |own: &&BrokerStatus| usize::from(scene.nodes[usize::from(own.node)].tier) == *tier;
        status.brokers.iter().find(own)
    });
    let on_key = {
        let key = key.clone();
        Callback::from(move |event: InputEvent| key.set(dom::value(&event)))
    };
    let exchanges = broker.exchanges.iter().enumerate().map(|(nth, (name, exchange))| {
        let rates = status.and_then(|status| status.published_per_second.get(nth));
        exchange_board(props, id, name, exchange, rates.map(Vec::as_slice))
    });
    let queues = broker.queues.keys().enumerate().map(|(nth, name)| {
        let own = status.and_then(|status| status.queues.get(nth));
        queue_board(name, own, reached(broker, &key).iter().any(|(_, queues)| queues.contains(&name)))
    });
    html! {
        <div class="board">
            <h3>{ "Exchanges and bindings" }</h3>
            { for exchanges }
            <h3>{ "Where would it go?" }</h3>
            <label for="routing-key">{ "Routing key" }</label>
            <input
                id="routing-key" type="text" placeholder="photo.new" autocomplete="off" spellcheck="false"
                value={(*key).clone()} oninput={on_key}
            />
            <p class="reached" aria-live="polite">{ answer(broker, &key) }</p>
            <h3>{ "Queues" }</h3>
            { for queues }
        </div>
    }
}

/// By exchange, the queues that a key leads to.
fn reached<'a>(broker: &'a MessageBrokerTier, key: &str) -> Vec<(&'a String, Vec<&'a String>)> {
    if key.is_empty() {
        return Vec::new();
    }
    broker.exchanges.iter().map(|(name, exchange)| (name, exchange.reached(key))).collect()
}

/// Where a key leads, in words.
fn answer(broker: &MessageBrokerTier, key: &str) -> String {
    let lines = reached(broker, key).into_iter().map(|(exchange, queues)| {
        let queues: Vec<&str> = queues.into_iter().map(String::as_str).collect();
        let to = if queues.is_empty() { "no queue".to_owned() } else { queues.join(", ") };
        format!("from “{exchange}” to {to}")
    });
    let text = lines.collect::<Vec<_>>().join("; ");
    if text.is_empty() { "Type a key to see which queues it leads to.".to_owned() } else { text }
}

fn exchange_board(props: &Props, tier: &str, name: &str, exchange: &Exchange, rates: Option<&[f64]>) -> Html {
    let place = format!("tiers.{tier}.exchanges.{name}");
    let on_type = {
        let (on_set, path) = (props.on_set.clone(), format!("{place}.type"));
        Callback::from(move |event: Event| on_set.emit((path.clone(), Value::from(dom::value(&event)))))
    };
    let option = |routing: Routing, value: &'static str, text: &'static str| {
        html! { <option {value} selected={exchange.routing == routing}>{ text }</option> }
    };
    let all: f64 = rates.map_or(0.0, |rates| rates.iter().sum());
    let bindings = exchange.bindings.iter().map(|(id, binding)| {
        let rate = rates.map(|rates| rate(props, tier, exchange, binding, rates));
        binding_row(props, &format!("{place}.bindings.{id}"), exchange, binding, rate)
    });
    html! {
        <div class="exchange">
            <span class="line">
                <strong>{ name }</strong>
                <select aria-label={format!("Type of the exchange “{name}”")} onchange={on_type}>
                    { option(Routing::Direct, "direct", "direct") }
                    { option(Routing::FanOut, "fan_out", "fan-out") }
                    { option(Routing::Topic, "topic", "topic") }
                </select>
                <span class="note">{ format!("{}/s", format::short(all)) }</span>
            </span>
            { problem(props, &format!("{place}.type")) }
            <ul>{ for bindings }</ul>
        </div>
    }
}

/// Messages per second that a binding lets through.
fn rate(props: &Props, tier: &str, exchange: &Exchange, binding: &Binding, rates: &[f64]) -> f64 {
    let keys = routing_keys(&props.scene.scenario, tier);
    keys.iter().zip(rates).filter(|(key, _)| binding.fits(exchange.routing, key)).map(|(_, rate)| rate).sum()
}

fn binding_row(props: &Props, place: &str, exchange: &Exchange, binding: &Binding, rate: Option<f64>) -> Html {
    let path = format!("{place}.routing_key");
    let on_change = {
        let (on_set, path) = (props.on_set.clone(), path.clone());
        Callback::from(move |event: Event| on_set.emit((path.clone(), Value::from(dom::value(&event)))))
    };
    let pattern = match exchange.routing {
        Routing::FanOut => html! { <span class="note">{ "all" }</span> },
        Routing::Direct | Routing::Topic => html! {
            <input
                type="text" autocomplete="off" spellcheck="false"
                aria-label={format!("Routing key of the binding to “{}”", binding.queue)}
                value={binding.routing_key.clone().unwrap_or_default()} onchange={on_change}
            />
        },
    };
    html! {
        <li>
            <span class="line">
                { pattern }
                <span>{ format!("→ {}", binding.queue) }</span>
                <span class="note">{ for rate.iter().map(|rate| format!("{}/s", format::short(*rate))) }</span>
            </span>
            { problem(props, &path) }
        </li>
    }
}

/// What was wrong with the last change of the value at a path.
fn problem(props: &Props, path: &str) -> Html {
    let refused = props.refused.iter().filter(|refused| refused.path == path);
    html! { <>{ for refused.map(|refused| html! { <span class="problem" role="alert">{ &refused.message }</span> }) }</> }
}

fn queue_board(name: &str, status: Option<&QueueStatus>, is_reached: bool) -> Html {
    let Some(own) = status else { return html! { <p>{ name }</p> } };
    let mut notes = vec![
        format!(
            "{} in, {} out a second",
            format::short(own.entered_per_second),
            format::short(own.consumed_per_second)
        ),
        format!("{} unacknowledged at {} workers", format::count(own.unacknowledged.into()), own.consumers),
    ];
    if own.waiting > 0 {
        notes.push(format!("oldest {}", format::span(own.oldest_ms)));
    }
    let totals = [
        (own.redelivered_total, "redelivered"),
        (own.given_up_total, "given up"),
        (own.dead_lettered_total, "dead letters"),
        (own.rejected_total, "not taken"),
        (own.lost_total, "lost"),
    ];
    notes.extend(
        totals
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", format::count(count))),
    );
    html! {
        <div class={classes!("queue", is_reached.then_some("reached"))}>
            <span class="line"><strong>{ name }</strong><span>{ format!("{} waiting", format::count(own.waiting.into())) }</span></span>
            { dots(own.waiting) }
            <p class="note">{ notes.join(" · ") }</p>
        </div>
    }
}
