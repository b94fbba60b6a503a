//! A pipeline: what is committed is built, tested and brought to servers, without anybody's doing.
//!
//! - One commit after the other; while one is on its way the next ones wait. Building takes its time, and so do the tests.
//! - A test asks the build once, where no users are. It fails with the share of answers that the build gets wrong there, so n
//!   of them find that something is wrong with 1 − (1 − p)^n. What only shows in production they do not see.
//! - What passes is deployed (see [`deployment`](super::super::deployment)). It goes back by the errors of those who have it, or
//!   when one of the pipeline's alerts begins to fire while it is on its way.
//!
//! `world/pipeline.rs` carries out what is decided here.

use std::collections::VecDeque;

use crate::rng::{Sampler, Stream, unit};
use crate::time::{SimTime, Span};

use super::super::TierId;
use super::super::deployment::{Build, Strategy};

/// How builds come to servers; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The web servers that they are brought to.
    pub tier: TierId,
    /// How long building takes.
    pub build_time: Sampler,
    /// What is tested, if anything is.
    pub tests: Option<Tests>,
    /// How what passes is brought to servers.
    pub strategy: Strategy,
    /// The rules at which it goes back.
    pub turns_back_on: Vec<u8>,
}

/// Tests of what was built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tests {
    /// How long they take.
    pub time: Sampler,
    /// How many there are.
    pub cases: u32,
}

impl Tests {
    /// The probability that they find that a build is wrong.
    pub fn finds(&self, build: &Build) -> f64 {
        1.0 - libm::pow(1.0 - build.fails_tests, f64::from(self.cases))
    }
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Tests have failed.
    FailedTests,
    /// All servers have it.
    RolledOut,
    /// It was brought to servers and went back.
    RolledBack,
    /// Another deployment has taken its place.
    Superseded,
}

impl Outcome {
    /// All of them, as they are counted.
    pub const ALL: [Self; 4] = [Self::FailedTests, Self::RolledOut, Self::RolledBack, Self::Superseded];

    /// What reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FailedTests => "failed_tests",
            Self::RolledOut => "rolled_out",
            Self::RolledBack => "rolled_back",
            Self::Superseded => "superseded",
        }
    }
}

/// A commit, by its build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The build that it leads to.
    pub build: u8,
    /// When it was made.
    pub at: SimTime,
}

/// What a pipeline is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for a commit.
    Idle,
    /// It builds what was committed.
    Building(Commit),
    /// It tests what was built.
    Testing(Commit),
    /// It has handed a build over to this deployment, by number.
    Deploying(Commit, u32),
}

impl Stage {
    /// What it is at, if at anything.
    pub fn commit(self) -> Option<Commit> {
        match self {
            Self::Idle => None,
            Self::Building(commit) | Self::Testing(commit) | Self::Deploying(commit, _) => Some(commit),
        }
    }
}

/// A commit on its way, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The commit.
    pub commit: Commit,
    /// When it was over.
    pub ended: SimTime,
    /// What became of it.
    pub outcome: Outcome,
}

/// A pipeline at work.
#[derive(Clone, Debug)]
pub struct Pipeline {
    chance: Stream,
    /// What it is at.
    pub stage: Stage,
    /// Commits that wait.
    pub waiting: VecDeque<Commit>,
    /// Commits since the start.
    pub commits: u64,
    /// Those of them for which there was no room.
    pub turned_away: u64,
    /// What became of the others, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; 4],
    /// The newest that are over.
    pub passages: VecDeque<Passage>,
}

impl Pipeline {
    const WAITING_MAX: usize = 100;
    const PASSAGES_MAX: usize = 200;

    /// Nothing is committed yet.
    pub fn new(chance: Stream) -> Self {
        Self {
            chance,
            stage: Stage::Idle,
            waiting: VecDeque::new(),
            commits: 0,
            turned_away: 0,
            outcomes: [0; 4],
            passages: VecDeque::new(),
        }
    }

    /// Something was committed.
    pub fn commit(&mut self, commit: Commit) {
        self.commits += 1;
        if self.waiting.len() == Self::WAITING_MAX {
            self.turned_away += 1;
        } else {
            self.waiting.push_back(commit);
        }
    }

    /// It takes up the next commit, if it has nothing in hand. Returns how long building takes.
    pub fn take_up(&mut self, settings: &Settings) -> Option<Span> {
        if self.stage != Stage::Idle {
            return None;
        }
        self.stage = Stage::Building(self.waiting.pop_front()?);
        Some(settings.build_time.sample(self.chance.draw()))
    }

    /// It is built, and tests begin. Returns how long they take.
    pub fn built(&mut self, tests: Option<Tests>) -> Span {
        if let Stage::Building(commit) = self.stage {
            self.stage = Stage::Testing(commit);
        }
        tests.map_or(Span::ZERO, |tests| tests.time.sample(self.chance.draw()))
    }

    /// Whether tests have found that something is wrong with a build.
    pub fn finds(&mut self, tests: Option<Tests>, build: &Build) -> bool {
        tests.is_some_and(|tests| unit(self.chance.draw()) < tests.finds(build))
    }

    /// What it was at is over.
    pub fn end(&mut self, now: SimTime, outcome: Outcome) {
        let Some(commit) = self.stage.commit() else { return };
        self.stage = Stage::Idle;
        self.outcomes[outcome as usize] += 1;
        if self.passages.len() == Self::PASSAGES_MAX {
            self.passages.pop_front();
        }
        self.passages.push_back(Passage { commit, ended: now, outcome });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_find_what_shows_in_one_of_them() {
        let tests = Tests { time: Sampler::Constant(Span(1)), cases: 3 };
        assert_eq!(tests.finds(&Build { fails_tests: 0.5, ..Build::PLAIN }), 0.875);
        assert_eq!(tests.finds(&Build { error_rate: 0.5, ..Build::PLAIN }), 0.0, "it shows in production only");
        assert_eq!(tests.finds(&Build { fails_tests: 1.0, ..Build::PLAIN }), 1.0);
    }

    #[test]
    fn one_commit_after_the_other_is_taken_up() {
        let strategy = Strategy { batch: 1, canary_share: 0.0, observe: Span(0), max_error_rate: None, drain: Span(0) };
        let build_time = Sampler::Constant(Span(5));
        let settings = Settings { tier: TierId(0), build_time, tests: None, strategy, turns_back_on: Vec::new() };
        let mut own = Pipeline::new(Stream::new(1, 1));
        let commit = |build| Commit { build, at: SimTime::ZERO };
        (0..102).for_each(|build| own.commit(commit(build)));
        assert_eq!(own.turned_away, 2);
        assert_eq!(own.take_up(&settings), Some(Span(5)));
        assert_eq!(own.take_up(&settings), None, "it is at something");
        assert_eq!((own.built(None), own.stage), (Span::ZERO, Stage::Testing(commit(0))));
        own.end(SimTime(9), Outcome::RolledBack);
        assert_eq!((own.take_up(&settings), own.stage), (Some(Span(5)), Stage::Building(commit(1))));
        assert_eq!(own.outcomes, [0, 0, 1, 0]);
    }
}
