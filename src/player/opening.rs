//! Opens one of an experiment's runs where there is something to see.

use crate::course::experiment::{Experiment, Run, SEED};
use crate::link::{self, Shared};
use crate::nodes::trace::Follow;
use crate::scenario::{Moment, Scenario};
use crate::time::{SimTime, Span};
use crate::world::World;

use super::{OPENING, Player, RunOf};

/// A run is watched from so long before the first thing that happens to it.
const LEAD: Span = Span(3_000_000_000);
/// The first request of a run comes within so many events, or is not waited for.
const EVENTS_TO_FIRST: u64 = 10_000;
/// A system with very many users is shown after so many requests, so that nobody has to wait for it.
const REQUESTS_TO_SHOW: f64 = 60_000.0;

impl Player {
    /// One of an experiment's runs, with the seed and the timeline that it is judged with.
    pub(super) fn open_run(&mut self, experiment: &'static Experiment, index: usize) {
        let mut run = (experiment.runs)().swap_remove(index);
        run.scenario.seed = SEED;
        let moment = opening_of(&run);
        let stage = link::nearest_stage(&run.scenario);
        let something_happens = !run.scenario.timeline.is_empty();
        let shared = Shared { moment, ..Shared::at_start(stage, run.scenario) };
        self.open(shared, Some(RunOf { claim: experiment.id.to_owned(), index }));
        if something_happens {
            // What happens to a system takes seconds, not milliseconds.
            self.speed = 1.0;
        }
    }
}

/// When a system is shown that is opened at its start.
pub(super) fn of(scenario: &Scenario) -> SimTime {
    let workload = &scenario.workload;
    let rate = f64::from(workload.users) * workload.requests_per_user_per_second;
    SimTime(((REQUESTS_TO_SHOW / rate.max(1e-9) * 1e9) as u64).min(OPENING.0))
}

/// Where to begin to watch a run: shortly before anything happens to it; if its requests are followed, at the first of them.
fn opening_of(run: &Run) -> SimTime {
    if run.follow != Follow::Nobody {
        let mut world = World::new(&run.scenario, run.scenario.seed);
        while world.context().ledger.run.issued == 0 && world.events() < EVENTS_TO_FIRST && world.step() {}
        return SimTime(world.now().0.saturating_sub(1));
    }
    let before = |first: &Moment| SimTime(first.at().0.saturating_sub(LEAD.0));
    run.scenario.timeline.first().map_or(OPENING, before)
}
