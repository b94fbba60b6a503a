//! What was seen besides the run itself: only the page knows of it, and the link carries it.

use serde::{Deserialize, Serialize};

/// What the page shows of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The target of the selected node: `web.2`.
    pub selected: Option<String>,
    /// The request whose way is told.
    pub followed: Option<Followed>,
    /// What is looked at of logs and metrics, if anything is.
    pub panel: Option<Panel>,
    /// The stretch of time that the charts show, if that is not the whole run.
    pub stretch: Option<Stretch>,
}

/// One of the runs of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOf {
    /// The claim's id.
    pub claim: String,
    /// Which of its runs, from 0.
    pub index: usize,
}

/// A request of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Its number.
    pub request: u64,
    /// When it was sent, in milliseconds of simulated time.
    pub sent_ms: f64,
}

/// A stretch of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// Its beginning, in milliseconds.
    pub from_ms: f64,
    /// Its end, which is later, in milliseconds.
    pub until_ms: f64,
}

/// What is looked at of logs and metrics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// The part.
    pub tab: Tab,
    /// The server whose lines are wanted, if some are: `web.2`.
    pub about: Option<String>,
}

/// A part of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// Lines.
    Logs,
    /// What was scraped.
    Metrics,
    /// Alert rules.
    Rules,
}
