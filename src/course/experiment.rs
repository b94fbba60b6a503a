//! What an experiment is. One object for each claim of the course: the page lets people predict and run it, the command
//! line runs it, the tests run it and break it.
//!
//! An experiment simulates some systems ([`Run`]) and judges what came out ([`Finding`]). It never chooses a seed, and no
//! run simulates more than [`REQUESTS_MAX`] requests. A tolerance is at least four standard errors of what it is for; the
//! finding's reason says how that was computed.

use crate::nodes::trace::Follow;
use crate::scenario::Scenario;
use crate::time::SimTime;
use crate::world::World;
use crate::world::report::Report;

/// The seed of experiments on the page and behind addresses: the one that the course's figures are measured with.
pub const SEED: u64 = 1;
/// The most requests that a run of an experiment simulates.
pub const REQUESTS_MAX: u64 = 500_000;

/// A claim that comes true by simulation, or not.
#[derive(Debug)]
pub struct Experiment {
    /// The claim's permanent id: `lb.even`.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What is claimed.
    pub claim: &'static str,
    /// What to look at while it runs.
    pub watch: &'static str,
    /// What is asked before.
    pub question: Question,
    /// What is said afterwards.
    pub explanation: &'static str,
    /// What is simulated. The first is the one to look at on the page.
    pub runs: fn() -> Vec<Run>,
    /// What came out.
    pub judge: fn(&Results) -> Vec<Finding>,
    /// Ways to break the mechanism behind the claim, each of which must make the experiment fail.
    pub mutations: &'static [Mutation],
}

/// A prediction to make.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The question.
    pub text: &'static str,
    /// What can be answered.
    pub options: &'static [&'static str],
    /// The index of the right answer.
    pub right: usize,
}

/// A way to break the mechanism behind a claim.
#[derive(Clone, Copy, Debug)]
pub struct Mutation {
    /// What is broken.
    pub name: &'static str,
    /// Breaks it.
    pub breaks: fn(&mut [Run]),
}

/// A system to simulate, and when to measure.
#[derive(Clone, Debug)]
pub struct Run {
    /// What it is called among the runs of its experiment.
    pub name: String,
    /// The system, with what happens to it.
    pub scenario: Scenario,
    /// When to measure: stretches in order of time that do not overlap.
    pub phases: Vec<Phase>,
    /// Whose requests are followed.
    pub follow: Follow,
}

/// A stretch of a run: what is sent in it is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// What it is called.
    pub name: &'static str,
    /// Its start, in seconds.
    pub from: f64,
    /// Its end, in seconds.
    pub until: f64,
}

impl Phase {
    /// Its start.
    pub fn start(&self) -> SimTime {
        SimTime::from_ms(self.from * 1e3)
    }

    /// Its end.
    pub fn end(&self) -> SimTime {
        SimTime::from_ms(self.until * 1e3)
    }
}

/// What the runs came to.
#[derive(Debug, Default)]
pub struct Results(pub(super) Vec<Outcome>);

/// What one run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The run's name.
    pub name: String,
    /// A report for each phase.
    pub reports: Vec<(&'static str, Report)>,
    /// The world at its end.
    pub world: World,
}

impl Results {
    /// What the run of this name came to. The experiment must have one.
    pub fn run(&self, name: &str) -> &Outcome {
        self.0.iter().find(|run| run.name == name).unwrap_or_else(|| panic!("the experiment has no run {name}"))
    }

    /// All runs, in their order.
    pub fn runs(&self) -> impl Iterator<Item = &Outcome> {
        self.0.iter()
    }
}

impl Outcome {
    /// The report of a phase, which the run must have.
    pub fn phase(&self, name: &str) -> &Report {
        let found = self.reports.iter().find(|(phase, _)| *phase == name);
        &found.unwrap_or_else(|| panic!("the run {} has no phase {name}", self.name)).1
    }

    /// The report of its only phase.
    pub fn report(&self) -> &Report {
        &self.reports[0].1
    }
}

/// Something that was measured, and what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its permanent name within the experiment, for texts to refer to.
    pub key: &'static str,
    /// What was measured, in words.
    pub what: &'static str,
    /// Its unit: `ms`, `%`, `requests/s`; empty for a plain number, `yes or no` for 1 or 0.
    pub unit: &'static str,
    /// What came out.
    pub measured: f64,
    /// What should come out.
    pub expected: Expected,
    /// Why that, and how wide the tolerance is.
    pub reason: &'static str,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// This very number.
    Exactly(f64),
    /// This number, give or take.
    Within {
        /// The number.
        value: f64,
        /// How far off it may be.
        tolerance: f64,
    },
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Expected {
    /// Whether `measured` is as it should be.
    pub fn holds(self, measured: f64) -> bool {
        match self {
            Self::Exactly(value) => measured == value,
            Self::Within { value, tolerance } => (measured - value).abs() <= tolerance,
            Self::AtLeast(value) => measured >= value,
            Self::AtMost(value) => measured <= value,
        }
    }

    /// The number that is compared with.
    pub fn value(self) -> f64 {
        match self {
            Self::Exactly(value) | Self::Within { value, .. } | Self::AtLeast(value) | Self::AtMost(value) => value,
        }
    }

    /// How far off it may be; `None` for a bound.
    pub fn tolerance(self) -> Option<f64> {
        match self {
            Self::Exactly(_) => Some(0.0),
            Self::Within { tolerance, .. } => Some(tolerance),
            Self::AtLeast(_) | Self::AtMost(_) => None,
        }
    }
}

impl Finding {
    /// Whether it is as it should be.
    pub fn holds(&self) -> bool {
        self.expected.holds(self.measured)
    }
}
