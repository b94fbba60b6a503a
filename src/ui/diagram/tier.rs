//! A folded tier on its card: a cell for each server with its load, and how they stand together. One of them is picked by
//! its cell.

use web_sys::Element;
use yew::prelude::*;

use crate::frame::{NodeStatus, Scene, Status};
use crate::layout::{Card, Rect};
use crate::nodes::context::Life;
use crate::ui::state::Selection;
use crate::ui::{format, names};

use super::card::{load_class, status_of, utilisation};

/// Cells lower than this are filled whole, in CSS pixels.
const FILLED_FROM: f64 = 6.0;
/// Bars of the distribution where servers are too many for cells.
const BARS: usize = 40;

/// How the servers stand together.
pub struct Servers {
    /// As there is room for on the card: from the median to the busiest.
    pub short: String,
    /// In whole words.
    pub long: String,
}

/// How the servers of a folded tier stand together; nothing where nobody is busy with anything that is measured.
pub fn told(card: &Card, scene: &Scene, status: Option<&Status>) -> Option<Servers> {
    let mut shares: Vec<f64> =
        status_of(card, status).filter(|node| node.life == Life::Up).filter_map(utilisation).collect();
    shares.sort_by(f64::total_cmp);
    let percent = |share: f64| format!("{}%", format::percent(share));
    let (median, most) = (percent(*shares.get(shares.len() / 2)?), percent(*shares.last()?));
    let who = busiest(card, status).map_or_else(String::new, |node| format!(" ({})", names::node(scene, node)));
    let count = |life: Life| status_of(card, status).filter(|node| node.life == life).count();
    let (up, down, starting) = (count(Life::Up), count(Life::Down), count(Life::Booting));
    let mut long = format!("{} servers: median {median} busy, busiest {most}{who}, {up} up", card.nodes.len());
    let rest = [(down, "down"), (starting, "starting")].into_iter().filter(|(count, _)| *count > 0);
    rest.for_each(|(count, what)| long.push_str(&format!(", {count} {what}")));
    if let Some(scaler) = names::scaler(scene, &scene.tiers[card.tier]) {
        long.push_str(&format!("; an autoscaler keeps {} to {}", scaler.minimum, scaler.maximum));
    }
    let short = if median == most { median } else { format!("{}–{most}", median.trim_end_matches('%')) };
    Some(Servers { short, long })
}

/// The node that is busiest.
pub fn busiest(card: &Card, status: Option<&Status>) -> Option<usize> {
    let status = status.filter(|_| card.folded)?;
    let load = |node: &usize| status.nodes.get(*node).filter(|node| node.life == Life::Up).and_then(utilisation);
    let loads = card.nodes.iter().filter_map(|node| Some((*node, load(node)?)));
    loads.reduce(|most, own| if own.1 > most.1 { own } else { most }).map(|(node, _)| node)
}

/// The first node that is down.
pub fn dead(card: &Card, status: Option<&Status>) -> Option<usize> {
    let status = status.filter(|_| card.folded)?;
    card.nodes.iter().copied().find(|&node| status.nodes.get(node).is_some_and(|node| node.life == Life::Down))
}

/// The node whose cell a click is on.
pub fn node_at(card: &Card, element: &NodeRef, event: &web_sys::MouseEvent) -> Option<usize> {
    let cells = card.cells.as_ref()?;
    // A click by the keyboard is nowhere.
    if event.detail() == 0 {
        return None;
    }
    let seen = element.cast::<Element>()?.get_bounding_client_rect();
    let scale = seen.width() / card.rect.w;
    let x = card.rect.x + (f64::from(event.client_x()) - seen.left()) / scale;
    let y = card.rect.y + (f64::from(event.client_y()) - seen.top()) / scale;
    card.nodes.get(cells.at((x, y))?).copied()
}

/// The cells, or, where servers are too many for that, how busy they are from the idlest to the busiest.
pub fn cells(card: &Card, status: Option<&Status>, selection: Option<Selection>) -> Html {
    let Rect { x: left, y: top, w, h } = card.rect;
    let Some(cells) = &card.cells else { return distribution(card, status) };
    // One path for each look, however many servers there are.
    let looks = ["track", "cool", "warm", "hot", "down", "starting", "picked"];
    let mut paths = looks.map(|_| String::new());
    let mut draw = |look: &str, rect: Rect| {
        if let Some(path) = looks.iter().position(|own| *own == look).map(|index| &mut paths[index]) {
            let Rect { x, y, w, h } = rect;
            let [x, y, w, h] = [x - left, y - top, w, h].map(tenths);
            path.push_str(&format!("M{x},{y}h{w}v{h}h-{w}z"));
        }
    };
    for (nth, node) in card.nodes.iter().enumerate() {
        let cell = cells.rect(nth);
        let own = status.and_then(|status| status.nodes.get(*node));
        // Hollow where nobody serves, and filled as far as the server is busy.
        match own.map(|own| own.life) {
            Some(Life::Down) => draw("down", inset(cell)),
            Some(Life::Booting) => draw("starting", inset(cell)),
            Some(Life::Up | Life::Drained) | None => {
                draw("track", cell);
                let share = own.and_then(utilisation).unwrap_or_default();
                let tall = if cell.h < FILLED_FROM { cell.h } else { (cell.h * share).max(1.0) };
                draw(load_class(share), Rect { y: cell.y + cell.h - tall, h: tall, ..cell });
            }
        }
        if selection == Some(Selection::Node(*node)) {
            draw("picked", Rect { x: cell.x - 0.5, y: cell.y - 0.5, w: cell.w + 1.0, h: cell.h + 1.0 });
        }
    }
    let drawn = looks.iter().zip(paths).filter(|(_, path)| !path.is_empty());
    html! {
        <svg class="cells" viewBox={format!("0 0 {w} {h}")} width={w.to_string()} height={h.to_string()} aria-hidden="true">
            { for drawn.map(|(look, d)| html! { <path class={*look} {d} /> }) }
        </svg>
    }
}

/// To a tenth of a pixel. As short as it can be said is much quicker to write than with a fixed number of decimals.
fn tenths(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

fn inset(cell: Rect) -> Rect {
    let by = (cell.w.min(cell.h) / 2.0 - 0.5).clamp(0.0, 0.6);
    Rect { x: cell.x + by, y: cell.y + by, w: cell.w - 2.0 * by, h: cell.h - 2.0 * by }
}

fn distribution(card: &Card, status: Option<&Status>) -> Html {
    let down = |node: &&NodeStatus| node.life == Life::Down;
    let mut shares: Vec<f64> = status_of(card, status).filter(|node| !down(node)).filter_map(utilisation).collect();
    shares.sort_by(f64::total_cmp);
    let bars = shares.len().min(BARS);
    let bars = (0..bars).map(|bar| {
        let share = shares[bar * (shares.len() - 1) / (bars - 1).max(1)];
        let (x, height) = (bar as f64 * 3.0, (share * 12.0).max(1.0));
        html! {
            <rect
                class={load_class(share)} x={x.to_string()} y={(12.0 - height).to_string()}
                width="2.4" height={height.to_string()}
            />
        }
    });
    html! { <svg class="distribution" viewBox="0 0 120 12" preserveAspectRatio="none" aria-hidden="true">{ for bars }</svg> }
}
