//! How the twin stands: another system beside the one that is shown, for which the same requests are simulated.

use serde::{Deserialize, Serialize};

use crate::nodes::Kind;

use super::comparison::Comparison;

/// Of what the twin is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwinOf {
    /// The system as it was opened: before the visitor's changes.
    Opened,
    /// The system as it was when this was asked for.
    Present,
    /// The newest revision of a stage.
    Stage {
        /// Its permanent id.
        id: String,
    },
}

/// How the twin stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwinStatus {
    /// Of what it is one.
    pub of: TwinOf,
    /// While it is on its way to the present: how much of that is done, from 0 to 1. Time waits for it.
    pub share_of_way: Option<f64>,
    /// From when on the two are compared, in milliseconds.
    pub since_ms: f64,
    /// How they compare.
    pub comparison: Comparison,
    /// What is not the same for both beside the systems.
    pub apart: Vec<Apart>,
    /// Its part of all events that are simulated, from 0 to 1.
    pub share_of_work: f64,
    /// Kinds and ids of its tiers, in the order of its charts.
    pub tiers: Vec<(Kind, String)>,
}

/// What is not the same for both, so that differences may come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// Requests are sent at other moments: other users, another rate, another day.
    Arrivals,
    /// Who sends, from where and over which network.
    Clients,
    /// The classes of requests, or their shares.
    Classes,
    /// The work and the size of answers of the same class.
    Work,
    /// Which keys are asked for how often.
    Keys,
    /// Users send the next request when they have an answer, so a faster system is asked more, and by other requests.
    Answers,
    /// So many changes of the load do not fit the twin.
    LeftOut(u32),
}
