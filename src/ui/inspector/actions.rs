//! What can be done to the selected part, as buttons: only what makes sense for its kind.

use yew::prelude::*;

use crate::frame::Scene;
use crate::nodes::context::Life;
use crate::scenario::Change;
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
    let Some(target) = selection.target(&props.scene) else { return Html::default() };
    let buttons = life_and_death(props, selection, &target);
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
        action("Kill", "K", alive, true, Change::Kill { target: target(), silent: false }),
        action(
            "Power off",
            "The machine is gone without a word: no connection is reset, nobody is told.",
            alive,
            true,
            Change::Kill { target: target(), silent: true },
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

/// Indices of the nodes that the selection is or stands for.
fn own(scene: &Scene, selection: Selection) -> impl Iterator<Item = usize> {
    let is_own = move |node: &usize| match selection {
        Selection::Node(own) => own == *node,
        Selection::Tier(tier) => usize::from(scene.nodes[*node].tier) == tier && !scene.nodes[*node].drained,
    };
    (0..scene.nodes.len()).filter(is_own)
}
