//! What page and player say to each other.

use serde::{Deserialize, Serialize};

use crate::course::account::Account;
use crate::course::journey::Journey;
use crate::frame::{LogLines, Metrics, Scene, TwinOf};
use crate::link::seen::{RunOf, Seen};
use crate::scenario::Change;
use crate::scenario::sandbox::Edit;
use crate::world::log_search::LogQuery;

/// What the page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Start the stage with this id.
    Stage {
        /// Its permanent id.
        id: String,
    },
    /// Open what stands behind the `#` of the address: a link, a chapter, a claim; see [`crate::link::address`].
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
    /// Watch at most about so many requests on their way at once, from 100 to 5,000: beyond, a dot stands for several.
    Dots {
        /// How many.
        most: u32,
    },
    /// Go to a moment, back or ahead.
    Seek {
        /// Milliseconds of simulated time.
        at_ms: f64,
    },
    /// Go ahead to the next line of the log.
    NextFact,
    /// Something happens to the system now.
    Apply {
        /// What.
        change: Change,
    },
    /// The system is edited; its run begins anew.
    Edit {
        /// How.
        edit: Edit,
    },
    /// Ask for what is to be kept under a name: the link to this moment.
    Save {
        /// The name.
        name: String,
    },
    /// Ask for what would be lost if the page went, if anything would.
    Keep,
    /// Take the last change or edit back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Run the experiment of a claim from beginning to end, beside what is played; another one is given up.
    Try {
        /// The claim's id.
        claim: String,
    },
    /// Follow the next request of a class, from setting out to its end.
    FollowNext {
        /// The class's id.
        class: String,
    },
    /// Tell what a request of the past did when.
    Trace {
        /// Its number.
        request: u64,
        /// When it was sent, in milliseconds of simulated time.
        sent_ms: f64,
    },
    /// Simulate another system beside this one, over the same requests; see `twin.rs`.
    Twin {
        /// Of what it is a twin.
        of: TwinOf,
    },
    /// Compare the two from now on.
    CountTwin,
    /// Simulate this system alone.
    EndTwin,
    /// Look for lines in the logs.
    ReadLog {
        /// Which.
        query: LogQuery,
        /// How many are to be told at most, the newest ones.
        most: u32,
    },
    /// Ask for what the monitor has scraped over the run.
    ReadMetrics {
        /// The tier whose servers are told; without one, those of all.
        tier: Option<String>,
    },
    /// Ask for a file of what is played.
    Export {
        /// Which.
        what: Export,
    },
    /// Open a scenario file that the visitor brings.
    OpenFile {
        /// What it is called.
        name: String,
        /// What it holds.
        text: String,
    },
    /// Ask for the link to this moment.
    Share {
        /// What is seen of it.
        seen: Seen,
    },
}

/// A file of what is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Export {
    /// The scenario, with all that happens to it, as JSON.
    Scenario,
    /// What the run has come to so far, as Markdown.
    Report {
        /// The address of the page, without `#`: the report has a link to this moment.
        page: String,
    },
}

/// What the page is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The structure is new or has changed.
    Scene(Box<Scene>),
    /// A stage, a link or an experiment's run was opened, or the system was edited; it is on its way to its moment. The scene
    /// follows.
    Opened {
        /// The stage that it is or comes from.
        stage: String,
        /// The number of the chapter that it belongs to.
        chapter: u8,
        /// The experiment's run that it is, if it is one.
        run: Option<RunOf>,
        /// What is to be seen of it; of an edit, the tier that it is of is selected.
        seen: Box<Seen>,
        /// Whether it is the system that was there before, edited or with an edit taken back.
        anew: bool,
    },
    /// What is to be kept under a name.
    Saved {
        /// The name.
        name: String,
        /// What stands behind the `#`.
        fragment: String,
    },
    /// An edited system that is saved nowhere, to be kept: after an edit, and before something else is opened.
    Unsaved {
        /// Which of the systems that were opened, counted from when the player began.
        opened: u32,
        /// What stands behind the `#`.
        fragment: String,
    },
    /// How far an experiment is, from 0 to 1.
    Trying {
        /// The claim's id.
        claim: String,
        /// How much of it is done.
        share: f64,
    },
    /// What came out of an experiment.
    Tried(Box<Account>),
    /// A request that was followed.
    Traced(Box<Journey>),
    /// The request that was told last is none of the run any more.
    Untraced,
    /// The twin has come to the present.
    TwinArrived,
    /// Something that the visitor should know.
    Notice(Notice),
    /// The link to this moment: what stands behind the `#`.
    Link {
        /// The fragment, without `#`.
        fragment: String,
    },
    /// What was found in the logs.
    LogLines(LogLines),
    /// What was scraped; none where nobody scrapes.
    Metrics(Option<Box<Metrics>>),
    /// A file of what is played.
    Exported {
        /// Which.
        what: Export,
        /// What it holds.
        text: String,
    },
    /// A command could not be carried out; nothing has changed.
    Problem {
        /// What is wrong, where, and what to do.
        message: String,
    },
}

/// Something that the visitor should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Whether it is a warning.
    pub warning: bool,
    /// In words.
    pub text: String,
}
