//! The colours of what moves.

use crate::nodes::observer::Look;
use crate::ui::theme;

/// Colours of the style sheet.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// Of requests, by their look.
    pub looks: [[u8; 3]; Look::ALL.len()],
    /// Of those that wait.
    pub waiting: [u8; 3],
    /// Of those that are in hand.
    pub in_hand: [u8; 3],
    /// Of marks where requests failed.
    pub failure: String,
    /// Of what is followed.
    pub accent: String,
    /// Behind labels.
    pub paper: String,
    /// Of labels.
    pub ink: String,
    /// Of bands, by the look of their requests.
    pub bands: [String; Look::ALL.len()],
}

impl Palette {
    /// As the style sheet has them now.
    pub fn read() -> Self {
        let names = Look::ALL.map(|look| match look {
            Look::Read => "--read",
            Look::Write | Look::Replication => "--write",
            Look::FromCache | Look::Fill => "--hit",
            Look::Failed | Look::Unauthorized => "--fail",
            Look::Miss => "--soft",
            Look::Stale => "--wait",
            Look::Message => "--write",
        });
        let rgb = |name: &str| theme::rgb(&theme::colour(name));
        Self {
            looks: names.map(rgb),
            waiting: rgb("--wait"),
            in_hand: rgb("--soft"),
            failure: theme::colour("--fail"),
            accent: theme::colour("--accent"),
            paper: theme::colour("--panel"),
            ink: theme::colour("--soft"),
            bands: names.map(theme::colour),
        }
    }
}
