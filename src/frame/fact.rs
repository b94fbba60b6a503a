//! Lines of the log of events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactLine {
    /// When, in milliseconds.
    pub at_ms: f64,
    /// What.
    pub fact: FactKind,
    /// The node that it is about, as `web.2`.
    pub subject: String,
    /// What it comes to, in words; where the other node's name belongs stands [`FactLine::OTHER`].
    pub text: String,
    /// Of a setting: the path, which is the subject, and what that was set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_to: Option<Value>,
    /// Another node that it is about, as `balancer.1`: who noticed it, or did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

impl FactLine {
    /// Stands in the text for the other node.
    pub const OTHER: &str = "{}";

    /// What it comes to, in words, with the other node as `name` calls it.
    pub fn sentence(&self, name: impl Fn(&str) -> String) -> String {
        match &self.other {
            Some(other) => self.text.replace(Self::OTHER, &name(other)),
            None => self.text.clone(),
        }
    }
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Something broke.
    Fault,
    /// A rule fires on what was measured.
    Alert,
    /// It is calm again.
    Resolved,
    /// Something recovered.
    Recovery,
    /// A build is brought to servers.
    Deploy,
    /// Somebody changed something.
    Change,
    /// Something was noticed or done by the system.
    Reaction,
}

impl FactKind {
    /// All of them, the most important first.
    pub const ALL: [Self; 7] =
        [Self::Fault, Self::Alert, Self::Resolved, Self::Recovery, Self::Deploy, Self::Change, Self::Reaction];
}
