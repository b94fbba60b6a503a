//! What page and player say to each other.

use serde::{Deserialize, Serialize};

use crate::frame::{Scene, Status};
use crate::scenario::Change;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Start the stage with this id.
    Stage {
        /// Its permanent id.
        id: String,
    },
    /// Open a link: what stands behind the `#` of the address.
    Open {
        /// The fragment, with or without `#`.
        fragment: String,
    },
    /// Let time run.
    Play,
    /// Let time stand.
    Pause,
    /// Handle one event.
    Step,
    /// Simulated seconds per second, from 0.001 to 1,000.
    Speed {
        /// The factor.
        factor: f64,
    },
    /// Go to a moment, back or ahead.
    Seek {
        /// Milliseconds of simulated time.
        at_ms: f64,
    },
    /// Something happens to the system now.
    Apply {
        /// What.
        change: Change,
    },
    /// Take the last change back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Ask for the link to this moment.
    Share {
        /// The target of the selected node, if one is.
        selected: Option<String>,
    },
}

/// What the page is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The structure is new or has changed.
    Scene(Box<Scene>),
    /// A stage or link was opened; it is on its way to its moment.
    Opened {
        /// The stage that it is or comes from.
        stage: String,
        /// The target of the node that was selected.
        selected: Option<String>,
    },
    /// Something that the visitor should know.
    Notice(Notice),
    /// The link to this moment: what stands behind the `#`.
    Link {
        /// The fragment, without `#`.
        fragment: String,
    },
    /// A command could not be carried out; nothing has changed.
    Problem {
        /// What is wrong, where, and what to do.
        message: String,
    },
    /// How things stand.
    Status(Box<Status>),
}

/// Something that the visitor should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whether it is a warning.
    pub warning: bool,
    /// In words.
    pub text: String,
}
