//! What a database is among those that it replicates with: a word, and a shape for those who do not read it.

use yew::prelude::*;

use crate::frame::{MemberState, ReplicationStatus};
use crate::nodes::database::Role;
use crate::ui::format;

/// From this lag on it is told on a card.
const LAG_TOLD_MS: f64 = 0.5;
/// The same for one of several primaries, of which the role is the news otherwise.
const PRIMARY_LAG_TOLD_MS: f64 = 1000.0;

/// What it is, in a word or two.
pub fn word(own: &ReplicationStatus) -> String {
    match (own.role, own.state) {
        (_, MemberState::Promoting) => "promoting".to_owned(),
        (_, MemberState::Copying) => {
            format!("copying {}%", format::percent(own.copied.unwrap_or_default()))
        }
        (_, MemberState::Restoring) => {
            format!("restoring {}%", format::percent(own.copied.unwrap_or_default()))
        }
        (_, MemberState::SteppedDown) => "takes no writes".to_owned(),
        (_, MemberState::Stray) => "second primary".to_owned(),
        (_, MemberState::Standby) => "standby".to_owned(),
        (Role::Primary, MemberState::Steady) => "primary".to_owned(),
        (Role::Replica, MemberState::Steady) => "replica".to_owned(),
    }
}

/// The same for a card, where the lag of a replica says that it is one.
pub fn note(own: &ReplicationStatus) -> String {
    let told_from = match (own.role, own.state) {
        (Role::Replica, MemberState::Steady | MemberState::Standby) => LAG_TOLD_MS,
        (Role::Primary, MemberState::Steady) if own.conflicts.is_some() => PRIMARY_LAG_TOLD_MS,
        (Role::Primary | Role::Replica, _) => f64::INFINITY,
    };
    if own.lag_ms >= told_from { format!("lag {}", format::span(own.lag_ms)) } else { word(own) }
}

/// How the card looks, for the style sheet; nothing where it looks as any other.
pub fn class(own: &ReplicationStatus) -> Option<&'static str> {
    match own.state {
        MemberState::Stray => Some("stray"),
        MemberState::Promoting | MemberState::Copying | MemberState::Restoring => Some("becoming"),
        MemberState::SteppedDown => Some("out"),
        MemberState::Steady | MemberState::Standby => None,
    }
}

/// Its shape: full for a primary, empty for a replica, dashed for who takes no reads, half for who becomes a primary.
pub fn shape(own: &ReplicationStatus) -> Html {
    let inside = match (own.role, own.state) {
        (_, MemberState::Promoting) => html! { <path class="solid" d="M2,2h4v8h-4z" /> },
        (Role::Primary, _) => html! { <rect class="solid" x="2" y="2" width="8" height="8" /> },
        (Role::Replica, _) => Html::default(),
    };
    let dashed = match own.state {
        MemberState::Standby | MemberState::Copying | MemberState::Restoring => Some("dashed"),
        MemberState::Steady | MemberState::Promoting | MemberState::SteppedDown | MemberState::Stray => None,
    };
    html! {
        <svg class={classes!("role", dashed)} viewBox="0 0 12 12" aria-hidden="true">
            <rect class="outline" x="2" y="2" width="8" height="8" />
            { inside }
        </svg>
    }
}
