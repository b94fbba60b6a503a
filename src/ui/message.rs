//! What page and host say to each other.
//!
//! Every message names the run that it belongs to: opening a stage or a link begins the next one, and what the host
//! still says of an older one is dropped.

use serde::{Deserialize, Serialize};

use crate::frame::Charts;
use crate::player::{Command, Reply};

/// From the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToHost {
    /// A command for the player, of this run.
    Command {
        /// The run that it belongs to, or begins.
        run: u32,
        /// What is wanted.
        command: Command,
    },
    /// The last frame was drawn; another may come.
    FrameWanted,
    /// Whether the visitor wants reduced motion: then statuses come with frames, not in between.
    Calm(bool),
    /// Whether anybody can see the page. A page that nobody sees rests.
    Visible(bool),
}

/// To the page, with the number of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct FromHost {
    /// The run that it belongs to.
    pub run: u32,
    /// What is said.
    pub body: Body,
}

/// What the host says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A reply of the player.
    Reply(Reply),
    /// A frame, as a flat buffer.
    Frame(Vec<f32>),
    /// The course of the run.
    Charts(Charts),
}
