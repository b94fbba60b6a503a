//! What waits at brokers, under the diagram: each queue with dots for its messages, what comes and goes, and who consumes it.

use yew::prelude::*;

use crate::frame::{BrokerStatus, QueueStatus, Scene, Status};
use crate::scenario::Tier;
use crate::ui::format;
use crate::ui::state::Selection;

/// At most so many dots stand for what waits in a queue.
const DOTS: u32 = 20;

/// All queues of all brokers.
pub fn queues(scene: &Scene, status: Option<&Status>, on_select: &Callback<Option<Selection>>) -> Html {
    let Some(status) = status else { return Html::default() };
    html! { <>{ for status.brokers.iter().map(|broker| of_broker(scene, broker, on_select)) }</> }
}

fn of_broker(scene: &Scene, broker: &BrokerStatus, on_select: &Callback<Option<Selection>>) -> Html {
    let node = usize::from(broker.node);
    let id = &scene.tiers[usize::from(scene.nodes[node].tier)].id;
    let Some(Tier::MessageBroker(own)) = scene.scenario.tiers.get(id) else { return Html::default() };
    let on_click = on_select.reform(move |_: MouseEvent| Some(Selection::Node(node)));
    let rows = own.queues.keys().zip(&broker.queues).map(|(name, queue)| {
        // Where it gets its messages from, and by which keys.
        let bound = own.exchanges.iter().flat_map(|(exchange, own)| {
            own.bindings
                .values()
                .filter(|binding| binding.queue == *name)
                .map(move |binding| format!("{exchange} {}", binding.routing_key.as_deref().unwrap_or("all")))
        });
        let bound = bound.collect::<Vec<_>>().join(", ");
        html! {
            <li>
                <span class="bound">{ bound }{ " →" }</span>
                <strong>{ name }</strong>
                { dots(queue.waiting) }
                <span>{ format!("{} waiting", format::amount(u64::from(queue.waiting))) }</span>
                <span class="note">{ told(queue) }</span>
            </li>
        }
    });
    html! {
        <button type="button" class="queues" title="Exchanges, bindings and queues" onclick={on_click}>
            <ul>{ for rows }</ul>
        </button>
    }
}

fn told(queue: &QueueStatus) -> String {
    let rates = format!(
        "{}/s in, {}/s out to {} worker{}",
        format::short(queue.entered_per_second),
        format::short(queue.consumed_per_second),
        queue.consumers,
        if queue.consumers == 1 { "" } else { "s" }
    );
    let totals = [
        (queue.redelivered_total, "redelivered"),
        (queue.dead_lettered_total, "dead letters"),
        (queue.lost_total, "lost"),
    ];
    let told = totals.into_iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, what)| format!("{} {what}", format::amount(count)));
    std::iter::once(rates).chain(told).collect::<Vec<_>>().join(" · ")
}

/// Dots for what waits: one for each message, or for as many of them as make twenty dots suffice.
pub fn dots(waiting: u32) -> Html {
    let mut each = 1;
    while waiting.div_ceil(each) > DOTS {
        each *= 10;
    }
    let dots = (0..waiting.div_ceil(each)).map(|nth| {
        html! { <circle cx={(4 + 8 * nth).to_string()} cy="4" r="3" /> }
    });
    let title = if each > 1 { format!("1 dot = {} messages", format::count(each.into())) } else { String::new() };
    html! { <svg class="dots" viewBox="0 0 160 8" aria-hidden="true"><title>{ title }</title>{ for dots }</svg> }
}
