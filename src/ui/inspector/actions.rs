//! What can be done to the selected part, as buttons: only what makes sense for its kind.

use yew::prelude::*;

use crate::frame::Scene;
use crate::nodes::Kind;
use crate::nodes::context::Life;
use crate::nodes::database::Role;
use crate::scenario::deployment::Strategy;
use crate::scenario::{Change, Tier};
use crate::ui::state::Selection;

use super::Props;

/// A button.
struct Action {
    /// What it says.
    label: String,
    /// What it does, in a sentence.
    title: &'static str,
    /// Whether it can be pressed now.
    enabled: bool,
    /// Whether it breaks something.
    breaks: bool,
    change: Change,
}

/// The buttons for the selected part.
pub fn actions(props: &Props) -> Html {
    let Some(selection) = props.selection else {
        return html! { <p class="hint">{ "Select a part in the diagram to see and change it." }</p> };
    };
    let target = selection.target(&props.scene);
    let mut buttons = target.as_deref().map(|target| life_and_death(props, selection, target)).unwrap_or_default();
    buttons.extend(of_kind(props, selection));
    html! { <p class="actions">{ for buttons.into_iter().map(|action| button(action, props)) }</p> }
}

fn button(action: Action, props: &Props) -> Html {
    let Action { label, title, enabled, breaks, change } = action;
    let on_click = props.on_change.reform(move |_: MouseEvent| change.clone());
    html! {
        <button type="button" class={breaks.then_some("kill")} disabled={!enabled} {title} onclick={on_click}>
            { label }
        </button>
    }
}

fn life_and_death(props: &Props, selection: Selection, target: &str) -> Vec<Action> {
    let known = |node: usize| props.status.as_deref().and_then(|status| status.nodes.get(node));
    let lives: Vec<Life> = own(&props.scene, selection).filter_map(known).map(|status| status.life).collect();
    let (alive, dead) = (lives.iter().any(|life| *life != Life::Down), lives.contains(&Life::Down));
    let target = || target.to_owned();
    let action = |label: &str, title, enabled, breaks, change| Action {
        label: label.to_owned(),
        title,
        enabled,
        breaks,
        change,
    };
    let mut actions = vec![
        action("Kill", "K", alive, true, Change::Kill { target: target(), silent: false, destroy: false }),
        action(
            "Power off",
            "The machine is gone without a word: no connection is reset, nobody is told.",
            alive,
            true,
            Change::Kill { target: target(), silent: true, destroy: false },
        ),
    ];
    if own(&props.scene, selection).any(|node| props.scene.nodes[node].machine.is_some()) {
        let slow = |factor| Change::Slow { target: target(), factor };
        let title = "Its machine's cores work at a tenth of their speed.";
        actions.push(action("Slow", title, alive, false, slow(0.1)));
        actions.push(action("Full speed", "Its machine's cores work at their full speed.", alive, false, slow(1.0)));
    }
    actions.push(action("Restore", "R", dead, false, Change::Restore { target: target() }));
    actions
}

/// What can be done to parts of its kind only.
fn of_kind(props: &Props, selection: Selection) -> Vec<Action> {
    let tier = &props.scene.tiers[selection.tier(&props.scene)];
    match tier.kind {
        Kind::Client => of_clients(props, &tier.id),
        Kind::Cdn => of_cdn(&props.scene, &tier.id),
        Kind::Database if tier.replicates => {
            let mut actions = of_member(props, selection, &tier.id);
            actions.extend(of_data(props, selection, &tier.id));
            actions
        }
        Kind::WebServer => of_servers(props, selection),
        Kind::Dns
        | Kind::LoadBalancer
        | Kind::Cache
        | Kind::Database
        | Kind::ObjectStore
        | Kind::MessageBroker
        | Kind::Worker => Vec::new(),
    }
}

/// Builds that can be brought to the selected servers: to a tier watched by canaries, to a single one by hand.
fn of_servers(props: &Props, selection: Selection) -> Vec<Action> {
    let Some(target) = selection.target(&props.scene) else { return Vec::new() };
    let tier = &props.scene.tiers[selection.tier(&props.scene)];
    let scenario = &props.scene.scenario;
    let runs_builds = matches!(scenario.tiers.get(&tier.id), Some(Tier::WebServer(web)) if web.build.is_some());
    let careful = Strategy {
        batch: (u32::from(tier.instances) / 4).max(1),
        canary_share: 0.1,
        observe_ms: 30_000.0,
        max_error_rate: Some(0.02),
        ..Strategy::default()
    };
    let action = |build: &String, label: &str, title, strategy| Action {
        label: format!("{label} “{build}”"),
        title,
        enabled: true,
        breaks: false,
        change: Change::Deploy { target: target.clone(), build: build.clone(), strategy },
    };
    let by_hand = "One server after the other, without looking how it goes.";
    let watched = "To a few first. If too many of their requests fail, all goes back.";
    let both = |build: &String| match selection {
        Selection::Node(_) => vec![action(build, "Deploy", by_hand, Strategy::default())],
        Selection::Tier(_) => vec![
            action(build, "Deploy with canaries", watched, careful),
            action(build, "Deploy", by_hand, Strategy::default()),
        ],
    };
    let has_pipeline = scenario.operations.as_ref().and_then(|own| own.pipeline.as_ref());
    let commit = |build: &String| Action {
        label: format!("Commit “{build}”"),
        title: "The pipeline builds it, tests it and brings it to the servers.",
        enabled: true,
        breaks: false,
        change: Change::Commit { build: build.clone() },
    };
    let is_piped = has_pipeline.is_some_and(|own| own.tier == tier.id) && matches!(selection, Selection::Tier(_));
    let commits = scenario.builds.keys().filter(|_| is_piped).map(commit);
    if runs_builds { commits.chain(scenario.builds.keys().flat_map(both)).collect() } else { Vec::new() }
}

/// How long a flood lasts, in seconds of the visitor's.
const FLOOD_WATCHED_MS: f64 = 5000.0;

fn of_clients(props: &Props, group: &str) -> Vec<Action> {
    let speed = props.status.as_deref().map_or(1.0, |status| status.speed);
    let flood = Change::Spike { factor: 20.0, duration_ms: FLOOD_WATCHED_MS * speed, clients: Some(group.to_owned()) };
    vec![Action {
        label: "Flood ×20".to_owned(),
        title: "Twenty times the requests of this group, for five seconds as you watch.",
        enabled: true,
        breaks: true,
        change: flood,
    }]
}

/// A tenth of the files change.
const PUBLISHED: f64 = 0.1;

/// For each class of files that clients ask a CDN for: new versions, and forgetting the old ones.
fn of_cdn(scene: &Scene, cdn: &str) -> Vec<Action> {
    let workload = &scene.scenario.workload;
    let own = workload
        .classes
        .iter()
        .filter(|(_, class)| class.files.is_some() && class.entry.as_ref().unwrap_or(&workload.entry) == cdn);
    let actions = own.flat_map(|(class, _)| {
        let action = |label: String, title, change| Action { label, title, enabled: true, breaks: false, change };
        let publish = |rename| Change::Publish { class: class.clone(), share: PUBLISHED, rename };
        let purge = Change::Purge { target: cdn.to_owned(), class: class.clone() };
        let under = "A tenth of these files get a new version under the old name: who has kept one does not know.";
        let renamed = "A tenth of these files get a new version and a new name, which nobody has kept.";
        let forget = "All edges are told to forget these files. Browsers are not.";
        [
            action(format!("Publish “{class}”"), under, publish(false)),
            action(format!("Publish “{class}” renamed"), renamed, publish(true)),
            action(format!("Purge “{class}”"), forget, purge),
        ]
    });
    actions.collect()
}

/// What can be done to a database among those that it replicates with.
fn of_member(props: &Props, selection: Selection, tier: &str) -> Vec<Action> {
    let Selection::Node(node) = selection else { return Vec::new() };
    let target = props.scene.nodes[node].target.as_str();
    let Some(status) = props.status.as_deref().and_then(|status| status.nodes.get(node)) else { return Vec::new() };
    let Some(own) = status.replication else { return Vec::new() };
    let alive = status.life != Life::Down;
    let ends = || (target.to_owned(), tier.to_owned());
    let action = |label: &str, title, enabled, breaks, change| Action {
        label: label.to_owned(),
        title,
        enabled,
        breaks,
        change,
    };
    let (from, to) = ends();
    let cut = Change::Cut { from, to };
    let (from, to) = ends();
    let delay = Change::Delay { from, to, extra_ms: 500.0 };
    let (from, to) = ends();
    let mend = Change::Mend { from, to };
    let destroy = Change::Kill { target: target.to_owned(), silent: false, destroy: true };
    vec![
        action(
            "Make primary",
            "A planned change: the primary takes no writes until this one has all of them. Nothing is lost.",
            alive && own.role == Role::Replica,
            false,
            Change::SwitchOver { target: target.to_owned() },
        ),
        action("Destroy", "It dies, and what it had on its disks is gone.", alive, true, destroy),
        action("Cut off", "Nothing gets to or from the others; clients still reach it.", alive, true, cut),
        action("Delay link", "Everything to or from the others takes half a second longer.", alive, true, delay),
        action("Mend link", "What was cut off or delayed is well again.", true, false, mend),
    ]
}

/// A fifth of the rows.
const DELETED: f64 = 0.2;
/// A moment in time, before which nothing can have happened since the one before: the grain of a timeline.
const GRAIN_MS: f64 = 1e-3;

/// What can be done to all data of a cluster.
fn of_data(props: &Props, selection: Selection, tier: &str) -> Vec<Action> {
    let known = |node: usize| props.status.as_deref().and_then(|status| status.nodes.get(node));
    let Some(own) = own(&props.scene, selection).filter_map(known).find_map(|node| node.replication) else {
        return Vec::new();
    };
    let target = || tier.to_owned();
    let action = |label: &str, title, enabled, breaks, change| Action {
        label: label.to_owned(),
        title,
        enabled,
        breaks,
        change,
    };
    let title = "A statement at the primary deletes a fifth of all rows. Replicas do as the primary does.";
    let delete = Change::BadDelete { target: target(), share: DELETED };
    let mut actions = vec![action("Delete rows by mistake", title, true, true, delete)];
    let Some(backup) = own.backup else { return actions };
    let title = "A backup of all data, kept until somebody deletes it.";
    actions.push(action("Take a snapshot", title, true, false, Change::Snapshot { target: target() }));
    let restore = |to_ms| Change::RestoreBackup { target: target(), to_ms };
    let title = "The newest state in the backups. Nobody writes until it is there, and what is later is lost.";
    actions.push(action("Restore newest", title, backup.age_ms.is_some(), true, restore(None)));
    let before = own.deleted_at_ms.map(|at_ms| at_ms - GRAIN_MS);
    let title =
        "The state of the moment before rows were deleted, as near as the backups lead there. What is later is lost.";
    actions.push(action("Restore to before the mistake", title, before.is_some(), true, restore(before)));
    actions
}

/// Indices of the nodes that the selection is or stands for.
fn own(scene: &Scene, selection: Selection) -> impl Iterator<Item = usize> {
    let is_own = move |node: &usize| match selection {
        Selection::Node(own) => own == *node,
        Selection::Tier(tier) => usize::from(scene.nodes[*node].tier) == tier && !scene.nodes[*node].drained,
    };
    (0..scene.nodes.len()).filter(is_own)
}
