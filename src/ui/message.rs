//! What page and host say to each other.
//!
//! Messages name the run that they belong to: when the host has opened a stage or a link it begins the next one. What
//! it said of an older run is dropped by the page, and what the page wanted to do to an older run is dropped by the
//! host. A link that cannot be opened begins no run, so the page goes on with what it has.

use serde::{Deserialize, Serialize};

use crate::frame::{Charts, Status};
use crate::player::{Command, Reply};

/// From the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToHost {
    /// A command for the player.
    Command {
        /// The run that the visitor sees.
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
    /// How things stand, some six times a second.
    Status(Box<Status>),
    /// A frame, as a flat buffer.
    Frame(Vec<f32>),
    /// The course of the run.
    Charts(Charts),
    /// That of the twin's.
    TwinCharts(Charts),
}
