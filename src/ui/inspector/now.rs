//! What a part does now; of the whole system, the books: sent = answered + failed + in flight.

use yew::prelude::*;

use crate::frame::{NodeStatus, ReplicationStatus, Scene, ShardStatus, Status};
use crate::nodes::Kind;
use crate::nodes::context::Life;
use crate::ui::diagram::role;
use crate::ui::state::Selection;
use crate::ui::{format, names};

/// What the selected part does now.
pub fn now(scene: &Scene, status: Option<&Status>, selection: Option<Selection>) -> Html {
    let Some(status) = status else { return html! { <p class="hint">{ format::NOTHING }</p> } };
    let lines = match selection {
        None => books(status),
        Some(Selection::Node(node)) => {
            let kind = scene.tiers[usize::from(scene.nodes[node].tier)].kind;
            let address = scene.nodes[node].address.as_ref().map(|address| {
                let reach = if address.public { "public" } else { "private" };
                (reach, address.text.clone())
            });
            let mut lines = status.nodes.get(node).map(|node| of_node(node, kind)).unwrap_or_default();
            lines.splice(0..0, address.map(|(reach, text)| ("address", format!("{text}, {reach}"))));
            lines
        }
        Some(Selection::Tier(tier)) => of_tier(scene, status, tier),
    };
    html! {
        <dl class="ledger">
            { for lines.into_iter().map(|(name, value)| html! { <><dt>{ name }</dt><dd>{ value }</dd></> }) }
        </dl>
    }
}

type Line = (&'static str, String);

fn books(status: &Status) -> Vec<Line> {
    let mut lines = vec![("requests sent", format::count(status.issued)), ("answered", format::count(status.answered))];
    lines.extend(status.failed.iter().map(|&(cause, count)| (format::cause(cause), format::count(count))));
    lines.push(("in flight", format::count(status.in_flight)));
    if let Some(own) = &status.sign_ins {
        lines.push(("signed in", format::count(own.signed_in)));
        lines.push(("passwords checked", format::count(own.sign_ins)));
        lines.push(("answered 401", format::count(own.unauthorized)));
        lines.push(("users logged out", format::count(own.logged_out)));
        lines.extend(own.look_up_ms.map(|ms| ("a look-up in the store", format::span(ms))));
    }
    lines.extend(
        status.hour.map(|hour| ("hour of the day", format!("{:02}:{:02}", hour as u32, (hour.fract() * 60.0) as u32))),
    );
    lines
}

fn of_node(node: &NodeStatus, kind: Kind) -> Vec<Line> {
    let mut lines = Vec::new();
    if kind != Kind::Client {
        let rotation = match node.in_rotation {
            Some(false) => ", out of rotation",
            Some(true) => ", in rotation",
            None => "",
        };
        let life = match node.life {
            Life::Up if node.active == Some(true) => "active",
            Life::Up if node.active == Some(false) => "stands by",
            Life::Up => "serves",
            Life::Down => "killed",
            Life::Booting => "starting",
            Life::Drained if node.draining => "draining: serves whoever is bound to it",
            Life::Drained => "taken out",
        };
        lines.push(("state", format!("{life}{rotation}")));
    }
    let percent = |share: f64| format!("{}%", format::percent(share));
    lines.extend(node.cpu.map(|share| ("cores busy", percent(share))));
    lines.extend(node.slots.map(|share| ("slots taken", percent(share))));
    if kind != Kind::Client && kind != Kind::Dns {
        lines.push(("in hand", format::count(u64::from(node.in_hand))));
        lines.push(("waiting", format::count(u64::from(node.waiting))));
    }
    lines.extend(node.sessions.map(|sessions| ("sessions in memory", format::count(u64::from(sessions)))));
    if let Some(cache) = &node.cache {
        lines.push(("hits", cache.hit_ratio.map_or_else(|| format::NOTHING.to_owned(), percent)));
        lines.push(("entries", format::count(cache.entries)));
        lines.push(("size", format!("{} MB", format::short(cache.mb))));
        lines.push(("room taken", percent(cache.full)));
        lines.push(("stale answers so far", format::count(cache.stale_total)));
    }
    if let Some(own) = &node.replication {
        lines.push(("role", role::word(own)));
        lines.push(("reads are sent to it", if own.listed { "yes" } else { "no" }.to_owned()));
        lines.push(("behind", format!("{}, {} writes", format::span(own.lag_ms), format::count(own.behind))));
        lines.push(("position in the log", format::count(own.position)));
        lines.push(("stale answers so far", format::count(own.stale_total)));
        if let Some((conflicts, losers)) = own.conflicts {
            lines.push(("conflicts, of all members", format::count(conflicts)));
            lines.push(("acknowledged writes that lost", format::count(losers)));
        }
        lines.extend(of_backups(own));
        lines.extend((own.lost_writes > 0).then(|| ("writes that only it has", format::count(own.lost_writes.into()))));
    }
    if let Some(own) = &node.shard {
        lines.push(("shard", own.shard.to_string()));
        lines.push(("rows", format!("{}, {} of all", format::count(own.rows), percent(own.share))));
        lines.extend(own.full.map(|full| ("room taken", percent(full))));
        lines.extend(own.moved.map(|moved| ("rows are moving", percent(moved))));
    }
    lines.push(("answered", format!("{}/s", format::short(node.served_per_second))));
    // At clients requests fail, for good; anywhere else it is attempts, of which a request may make several.
    let (failed, so_far) = if kind == Kind::Client {
        ("failed requests", "failed requests so far")
    } else {
        ("failed attempts", "failed attempts so far")
    };
    lines.push((failed, format!("{}/s", format::short(node.failed_per_second))));
    lines.push((so_far, format::count(node.failed_total)));
    lines
}

/// What is missing at a database, and what of it could be restored.
fn of_backups(own: &ReplicationStatus) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend((own.missing_total > 0).then(|| ("rows not found so far", format::count(own.missing_total))));
    if let Some(backup) = own.backup {
        let age = backup.age_ms.map_or_else(|| "none yet".to_owned(), |age| format!("{} ago", format::span(age)));
        lines.push(("newest state in the backups", age));
        lines.push(("backups kept", format::count(backup.kept.into())));
        lines.extend(backup.being_read.then(|| ("being read", "for a backup".to_owned())));
    }
    lines
}

fn of_tier(scene: &Scene, status: &Status, tier: usize) -> Vec<Line> {
    let own = |(node, _): &(&crate::frame::SceneNode, _)| usize::from(node.tier) == tier && !node.drained;
    let nodes = || scene.nodes.iter().zip(&status.nodes).filter(own).map(|(_, status)| status);
    let serving = nodes().filter(|node| node.life == Life::Up && node.in_rotation != Some(false)).count();
    let sum = |value: fn(&NodeStatus) -> f64| nodes().map(value).sum::<f64>();
    let total = |value: fn(&NodeStatus) -> u32| nodes().map(|node| u64::from(value(node))).sum::<u64>();
    let mut lines: Vec<Line> = names::scaler(scene, &scene.tiers[tier])
        .map(|own| {
            ("autoscaler", format!("{} of {} to {} servers", scene.tiers[tier].instances, own.minimum, own.maximum))
        })
        .into_iter()
        .collect();
    lines.extend([
        ("serving", format!("{serving} of {}", nodes().count())),
        (
            "busiest resource",
            status
                .tiers
                .get(tier)
                .map_or_else(|| format::NOTHING.to_owned(), |tier| format!("{}%", format::percent(tier.utilisation))),
        ),
        ("in hand", format::count(total(|node| node.in_hand))),
        ("waiting", format::count(total(|node| node.waiting))),
        ("answered", format!("{}/s", format::short(sum(|node| node.served_per_second)))),
        ("failed attempts", format!("{}/s", format::short(sum(|node| node.failed_per_second)))),
    ]);
    let shards = nodes().filter_map(|node| Some((node.shard?, node.cpu.unwrap_or_default()))).collect();
    lines.extend(of_shards(shards));
    lines
}

/// Of a database that is sharded: what each shard has, how full it is, and how busy its busiest server.
fn of_shards(servers: Vec<(ShardStatus, f64)>) -> Vec<Line> {
    const NAMES: [&str; 12] = [
        "shard 1", "shard 2", "shard 3", "shard 4", "shard 5", "shard 6", "shard 7", "shard 8", "shard 9", "shard 10",
        "shard 11", "shard 12",
    ];
    let percent = |share: f64| format!("{}%", format::percent(share));
    let shards = servers.chunk_by(|(one, _), (other, _)| one.shard == other.shard);
    let line = |(name, servers): (&&'static str, &[(ShardStatus, f64)])| {
        let own = servers[0].0;
        let busy = servers.iter().map(|(_, busy)| *busy).fold(0.0, f64::max);
        let full = own.full.map_or(String::new(), |full| format!(", {} full", percent(full)));
        (*name, format!("{} of rows{full}, {} busy", percent(own.share), percent(busy)))
    };
    NAMES.iter().zip(shards).map(line).collect()
}
