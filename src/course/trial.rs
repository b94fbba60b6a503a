//! Carries an experiment out, in slices: a state machine without a clock, so that a page stays alive meanwhile and a
//! command line can show how far it is.

use crate::time::SimTime;
use crate::world::World;

use super::account::Account;
use super::experiment::{Experiment, Finding, Outcome, REQUESTS_MAX, Results, Run};

/// An experiment that is under way.
#[derive(Debug)]
pub struct Trial {
    experiment: &'static Experiment,
    seed: u64,
    runs: Vec<Run>,
    /// The world of the present run, and the marks that it has passed.
    world: Option<World>,
    passed: usize,
    reports: Vec<(&'static str, crate::world::report::Report)>,
    results: Results,
}

/// A moment of a run at which measuring begins or ends.
#[derive(Clone, Copy)]
struct Mark {
    at: SimTime,
    phase: &'static str,
    ends: bool,
}

impl Trial {
    /// An experiment that begins, with this seed.
    pub fn new(experiment: &'static Experiment, seed: u64) -> Self {
        Self::of(experiment, seed, (experiment.runs)())
    }

    /// The same with the mechanism broken by one of its mutations.
    pub fn broken(experiment: &'static Experiment, seed: u64, mutation: usize) -> Self {
        let mut runs = (experiment.runs)();
        (experiment.mutations[mutation].breaks)(&mut runs);
        Self::of(experiment, seed, runs)
    }

    fn of(experiment: &'static Experiment, seed: u64, runs: Vec<Run>) -> Self {
        Self { experiment, seed, runs, world: None, passed: 0, reports: Vec::new(), results: Results::default() }
    }

    /// Handles at most `budget` events. Says whether all runs are over.
    pub fn advance(&mut self, budget: u64) -> bool {
        let mut left = budget;
        while left > 0 {
            let Some(run) = self.runs.get(self.results.0.len()) else { return true };
            let world = self.world.get_or_insert_with(|| {
                let mut world = World::new(&run.scenario, self.seed);
                world.follow(run.follow);
                world
            });
            let marks = marks(run);
            let Some(mark) = marks.get(self.passed) else {
                self.finish_run();
                continue;
            };
            let progress = world.advance(mark.at, left);
            left -= progress.events.min(left);
            if progress.reached {
                if mark.ends {
                    self.reports.push((mark.phase, world.report()));
                } else {
                    world.begin_measuring();
                }
                self.passed += 1;
            }
        }
        self.is_over()
    }

    fn finish_run(&mut self) {
        let run = &self.runs[self.results.0.len()];
        let world = self.world.take().expect("a run that is over was begun");
        let issued = world.context().ledger.run.issued;
        assert!(issued <= REQUESTS_MAX, "{}, run {}: {issued} requests are too many", self.experiment.id, run.name);
        self.results.0.push(Outcome { name: run.name.clone(), reports: std::mem::take(&mut self.reports), world });
        self.passed = 0;
    }

    /// Whether all runs are over.
    pub fn is_over(&self) -> bool {
        self.results.0.len() == self.runs.len()
    }

    /// How much of the simulated time is done, from 0 to 1.
    pub fn share_done(&self) -> f64 {
        let length = |run: &Run| run.phases.last().map_or(0.0, |phase| phase.until);
        let total: f64 = self.runs.iter().map(length).sum();
        let over: f64 = self.runs[..self.results.0.len()].iter().map(length).sum();
        let present = self.world.as_ref().map_or(0.0, |world| world.now().as_ms() / 1e3);
        ((over + present) / total.max(1e-9)).min(1.0)
    }

    /// What came out. All runs must be over.
    pub fn findings(&self) -> Vec<Finding> {
        assert!(self.is_over(), "an experiment is judged when it is over");
        (self.experiment.judge)(&self.results)
    }

    /// The same as plain data, with requests that were followed. All runs must be over.
    pub fn account(&self) -> Account {
        assert!(self.is_over(), "an experiment is judged when it is over");
        Account::new(self.experiment, self.seed, &self.results)
    }
}

fn marks(run: &Run) -> Vec<Mark> {
    let of_phase = |phase: &super::experiment::Phase| {
        let mark = |at, ends| Mark { at, phase: phase.name, ends };
        [mark(phase.start(), false), mark(phase.end(), true)]
    };
    let marks: Vec<Mark> = run.phases.iter().flat_map(of_phase).collect();
    assert!(marks.is_sorted_by_key(|mark| mark.at), "the phases of {} overlap", run.name);
    marks
}
