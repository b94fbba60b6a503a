//! A card: a node, or a tier folded into one, with its state in words, numbers, colour and shape.

use yew::prelude::*;

use crate::frame::{NodeStatus, ReplicationStatus, Scene, Status};
use crate::layout::Card;
use crate::nodes::Kind;
use crate::nodes::context::Life;
use crate::scenario::Change;
use crate::ui::dom::{self, use_styles};
use crate::ui::same::Same;
use crate::ui::state::Selection;
use crate::ui::{format, names};

use super::{morph, role, tier, use_place};

/// From this share on a resource is nearly used up.
pub const WARM: f64 = 0.7;
/// From this share on there is nothing left for a bad moment.
pub const HOT: f64 = 0.9;

/// What the card shows and whom it tells.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What it stands for, and where.
    pub card: Card,
    /// Whether there is room for a line about the servers of a folded tier.
    pub told: bool,
    /// Whether it is new.
    pub arrives: bool,
    /// What there is.
    pub scene: Same<Scene>,
    /// How it stands.
    pub status: Option<Same<Status>>,
    /// What the inspector shows.
    pub selection: Option<Selection>,
    /// The visitor turns to a part.
    pub on_select: Callback<Option<Selection>>,
    /// The visitor changes something.
    pub on_change: Callback<Change>,
}

/// A card in words and numbers.
pub struct Face {
    /// Its name.
    pub title: String,
    /// State, for the style sheet.
    pub class: &'static str,
    /// What is served.
    pub rate: String,
    /// A word on its state.
    pub note: String,
    /// Its busiest resource, from 0 to 1.
    pub utilisation: Option<f64>,
    /// What was lost.
    pub badge: Option<String>,
    /// How much of a cache's room is taken.
    pub full: Option<f64>,
    /// Of a database that replicates: what it is.
    pub replication: Option<ReplicationStatus>,
}

/// A card.
#[component]
pub fn NodeCard(props: &Props) -> Html {
    let Props { card, scene, status, selection, .. } = props;
    let own = use_node_ref();
    let (bar, room) = (use_node_ref(), use_node_ref());
    use_place(&own, card.rect);
    let face = face(card, scene, status.as_deref());
    let share = face.utilisation.unwrap_or_default();
    use_styles(&bar, vec![("transform", format!("scaleX({share:.3})"))]);
    let full = face.full.unwrap_or_default();
    use_styles(&room, vec![("transform", format!("scaleY({full:.3})"))]);

    let what = if card.folded { Selection::Tier(card.tier) } else { Selection::Node(card.nodes[0]) };
    let selected = *selection == Some(what)
        || card.folded && selection.is_some_and(|selection| selection.tier(scene) == card.tier);
    let on_click = {
        let (on_select, own, card) = (props.on_select.clone(), own.clone(), card.clone());
        move |event: MouseEvent| {
            // One server of a folded tier is picked by its cell.
            let picked = tier::node_at(&card, &own, &event).map(Selection::Node);
            on_select.emit(Some(picked.unwrap_or(what)));
            // On a phone the sheet with its parameters would cover it.
            dom::show(&own);
        }
    };
    let target = what.target(scene);
    let alive = status_of(card, status.as_deref()).next().is_none_or(|node| node.life != Life::Down);
    let flip = {
        let (on_change, target) = (props.on_change.clone(), target.clone());
        move |kill: bool| {
            if let Some(target) = target.clone() {
                on_change.emit(if kill {
                    Change::Kill { target, silent: false, destroy: false }
                } else {
                    Change::Restore { target }
                });
            }
        }
    };
    let on_double = Callback::from({
        let flip = flip.clone();
        move |_: MouseEvent| flip(alive)
    });
    let (busiest, dead) = (tier::busiest(card, status.as_deref()), tier::dead(card, status.as_deref()));
    let on_select = props.on_select.clone();
    let on_key = Callback::from(move |event: KeyboardEvent| {
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        match event.key().as_str() {
            "k" | "K" if plain => flip(true),
            "r" | "R" if plain => flip(false),
            "b" | "B" if plain && busiest.is_some() => on_select.emit(busiest.map(Selection::Node)),
            "d" | "D" if plain && dead.is_some() => on_select.emit(dead.map(Selection::Node)),
            _ => return,
        }
        event.stop_propagation();
    });
    let client = scene.tiers[card.tier].kind == Kind::Client;
    let class = classes!(
        "card",
        face.class,
        card.folded.then_some("folded"),
        selected.then_some("selected"),
        props.arrives.then_some("arriving"),
        face.full.is_some().then_some("roomy"),
        client.then_some("client")
    );
    let shown = face.utilisation.filter(|_| !card.folded);
    let servers = card.folded.then(|| tier::told(card, scene, status.as_deref())).flatten();
    let hint = match (target.is_some(), card.folded) {
        (false, _) => "",
        (true, false) => "\nDouble click: kill or restore",
        (true, true) => {
            "\nClick on a cell, B or D: one server, the busiest, one that is down. Double click: kill or restore all"
        }
    };
    // What is cut for want of room is told here.
    let told = servers.as_ref().map_or_else(String::new, |servers| format!("\n{}", servers.long));
    let about = format!("{}\n{} {}{told}{hint}", face.title, face.rate, face.note);
    let keys = match (target.is_some(), card.folded) {
        (false, _) => None,
        (true, false) => Some("K R"),
        (true, true) => Some("K R B D"),
    };
    html! {
        <button
            ref={own} class={class} type="button"
            aria-pressed={selected.to_string()}
            aria-keyshortcuts={keys}
            title={about.trim().to_owned()}
            data-target={target}
            onclick={on_click} ondblclick={on_double} onkeydown={on_key}
        >
            <span class="line">
                <span class="name">{ face.title }</span>
                if card.folded {
                    <span class="busy">{ for hits_together(card, status.as_deref()).map(|ratio| {
                        format!("{}% hits", format::percent(ratio))
                    }) }</span>
                }
                <span class="busy">{ for shown.iter().map(|share| html! {
                    <>{ format::percent(*share) }{ "%" }<span class="spoken">{ " busy" }</span></>
                }) }</span>
            </span>
            <span class="line"><span class="rate">{ face.rate }</span><span class="note">{ for face.replication.iter().map(role::shape) }{ face.note }</span></span>
            <span class={classes!("bar", load_class(share), face.utilisation.is_none().then_some("none"))}>
                <span ref={bar} />
            </span>
            <span class={classes!("room", face.full.is_none().then_some("none"))} title={"room taken"}>
                <span ref={room} />
            </span>
            if let Some(servers) = servers {
                <span class={classes!("servers", (!props.told).then_some("spoken"))}>
                    <span aria-hidden="true">{ servers.short }</span><span class="spoken">{ servers.long }</span>
                </span>
            }
            if card.folded { { tier::cells(card, status.as_deref(), *selection) } }
            if let Some(badge) = face.badge {
                <span class="badge" title="failed here so far; a request that is tried again is counted again">{ badge }</span>
            }
        </button>
    }
}

/// The class of a load, for the style sheet.
pub fn load_class(share: f64) -> &'static str {
    match share {
        share if share >= HOT => "hot",
        share if share >= WARM => "warm",
        _ => "cool",
    }
}

/// The busiest of a node's resources, from 0 to 1.
pub fn utilisation(node: &NodeStatus) -> Option<f64> {
    [node.cpu, node.slots].into_iter().flatten().reduce(f64::max)
}

/// How the nodes of a card stand.
pub fn status_of<'a>(card: &'a Card, status: Option<&'a Status>) -> impl Iterator<Item = &'a NodeStatus> {
    card.nodes.iter().filter_map(move |&node| status?.nodes.get(node))
}

/// What the card of these nodes says.
pub fn face(card: &Card, scene: &Scene, status: Option<&Status>) -> Face {
    let kind = scene.tiers[card.tier].kind;
    let title = morph::title(card, scene);
    let nodes = || status_of(card, status);
    let per_second: f64 = nodes().map(|node| node.served_per_second).sum();
    let waiting: u64 = nodes().map(|node| u64::from(node.waiting)).sum();
    let in_hand: u64 = nodes().map(|node| u64::from(node.in_hand)).sum();
    let failed: u64 = nodes().map(|node| node.failed_total).sum();
    let up = nodes().filter(|node| node.life == Life::Up && node.in_rotation != Some(false)).count();
    let shares: Vec<f64> = nodes().filter_map(utilisation).collect();
    let mean = (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64);
    // Beside a lag there is room for four signs.
    let amount = if scene.tiers[card.tier].replicates && per_second >= 999.5 {
        format!("{:.1}k", per_second / 1e3)
    } else {
        format::short(per_second)
    };
    let rate = if status.is_some() { format!("{amount}/s") } else { format::NOTHING.to_owned() };
    let (class, state) = match nodes().next().filter(|_| !card.folded) {
        Some(node) => match node.life {
            Life::Down => ("down", "killed"),
            Life::Booting => ("booting", "starting"),
            Life::Drained if node.draining => ("drained", "draining"),
            Life::Drained => ("drained", "taken out"),
            Life::Up if node.in_rotation == Some(false) => ("out", "out of rotation"),
            Life::Up if node.active == Some(true) => ("up", "active"),
            Life::Up if node.active == Some(false) => ("up", "standby"),
            Life::Up => ("up", ""),
        },
        None if card.folded && nodes().next().is_some() && nodes().all(|node| node.life == Life::Down) => ("down", ""),
        None if card.folded && up < card.nodes.len() && status.is_some() => ("partly", ""),
        None => ("up", ""),
    };
    let dead = matches!(class, "down" | "booting");
    let replication = nodes().next().filter(|_| !card.folded).and_then(|node| node.replication);
    let shard = nodes().next().filter(|_| !card.folded).and_then(|node| node.shard);
    let class = replication.filter(|_| class == "up").and_then(|own| role::class(&own)).unwrap_or(class);
    let note = if card.folded && names::scaler(scene, &scene.tiers[card.tier]).is_some() {
        // Between how many it keeps them is in the title and in the inspector.
        format!("{up} up")
    } else if card.folded {
        let shards = nodes().filter_map(|node| node.shard).map(|own| own.shard).max();
        let moved = nodes().filter_map(|node| node.shard?.moved).next();
        match (moved, shards) {
            (Some(moved), _) => format!("moving {}%", format::percent(moved)),
            (None, Some(shards)) => format!("{shards} shards, {up}/{} up", card.nodes.len()),
            (None, None) => {
                let [up, all] = [up, card.nodes.len()].map(|count| format::count(count as u64));
                format!("{up}/{all} up")
            }
        }
    } else if !state.is_empty() {
        state.to_owned()
    } else if let Some(moved) = shard.and_then(|own| own.moved) {
        format!("moving {}%", format::percent(moved))
    } else if let Some((own, shard)) = replication.as_ref().zip(shard) {
        // What it is, and its share of the rows.
        format!("{} · {}%", role::note(own), format::percent(shard.share))
    } else if let Some(own) = &replication {
        role::note(own)
    } else if let Some(own) = &shard {
        format!("{}% of rows", format::percent(own.share))
    } else if let Some(ratio) = hit_ratio(card, status) {
        format!("{}% hits", format::percent(ratio))
    } else if let Some(build) = nodes().next().and_then(|node| scene.scenario.builds.keys().nth(node.build?.into())) {
        format!("build {build}")
    } else if waiting > 0 {
        format!("{} waiting", format::amount(waiting))
    } else if let Some(sessions) = nodes().next().and_then(|node| node.sessions) {
        format!("{} sessions", format::amount(u64::from(sessions)))
    } else if kind == Kind::Client || kind == Kind::Dns || status.is_none() {
        String::new()
    } else {
        format!("{} in hand", format::amount(in_hand))
    };
    let busy = mean.filter(|_| !dead);
    Face {
        full: nodes()
            .next()
            .filter(|_| !card.folded)
            .and_then(|node| node.cache.map(|cache| cache.full).or_else(|| node.shard?.full)),
        title,
        class,
        rate: if dead { String::new() } else { rate },
        note,
        utilisation: busy,
        badge: badge(class, failed, replication.as_ref()),
        replication,
    }
}

/// What was lost here: writes that clients had been told of, or attempts that failed here, of which a request may need
/// several.
fn badge(class: &str, failed: u64, replication: Option<&ReplicationStatus>) -> Option<String> {
    let lost = replication.map_or(0, |own| own.lost_writes);
    if lost > 0 {
        let writes = if lost == 1 { "write" } else { "writes" };
        return Some(format!("✕ {} {writes} lost", format::amount(u64::from(lost))));
    }
    let attempts = if failed == 1 { "attempt" } else { "attempts" };
    (class == "down" && failed > 0).then(|| format!("✕ {} {attempts}", format::amount(failed)))
}

/// The hit ratio of a folded tier: of each server as much as it was asked.
fn hits_together(card: &Card, status: Option<&Status>) -> Option<f64> {
    let own = || status_of(card, status).filter_map(|node| Some((node.cache?.hit_ratio?, node.served_per_second)));
    let asked: f64 = own().map(|(_, asked)| asked).sum();
    (asked > 0.0).then(|| own().map(|(ratio, asked)| ratio * asked).sum::<f64>() / asked)
}

/// The hit ratio of a cache's card, if anybody asked it lately.
fn hit_ratio(card: &Card, status: Option<&Status>) -> Option<f64> {
    status_of(card, status).next()?.cache?.hit_ratio
}
