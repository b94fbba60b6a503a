//! Opens what was shared, a stage, and one of an experiment's runs where there is something to see; and shares what is played.

use std::rc::Rc;

use crate::course::chapters;
use crate::course::experiment::{Experiment, Run, SEED};
use crate::course::stages::Stage;
use crate::link::seen::Seen;
use crate::link::{self, Shared, View};
use crate::nodes::trace::Follow;
use crate::scenario::{MODEL, Moment, Problem, Scenario};
use crate::time::{SimTime, Span};
use crate::world::World;

use super::pace::natural_speed;
use super::promise::Promise;
use super::{Player, Reply, RunOf};

/// A system that is opened at its start is shown after so much time, when figures and charts have something to say.
pub(super) const OPENING: SimTime = SimTime(5_000_000_000);
/// A run is watched from so long before the first thing that happens to it.
const LEAD: Span = Span(3_000_000_000);
/// The first request of a run comes within so many events, or is not waited for.
const EVENTS_TO_FIRST: u64 = 10_000;
/// A system with very many users is shown after so many requests, so that nobody has to wait for it.
const REQUESTS_TO_SHOW: f64 = 60_000.0;

impl Player {
    /// The link to this moment: the next whole microsecond, since links tell no less.
    pub fn link(&mut self, seen: Seen) -> String {
        let now = self.world.now().round_up_to_microsecond();
        while !self.world.advance(now, u64::MAX).reached {}
        let mut scenario = Scenario::clone(&self.start);
        scenario.timeline = self.world.timeline().to_vec();
        link::encode(&Shared {
            stage: self.stage,
            scenario,
            moment: self.world.now(),
            model: MODEL,
            digest: Some(self.world.digest()),
            view: View {
                seen,
                embed: false,
                paused: true,
                speed: Some(self.speed).filter(|&speed| speed != natural_speed(&self.start)),
                experiment: self.run.clone(),
                twin: self.shared_twin(),
            },
        })
    }

    pub(super) fn open_stage(&mut self, stage: &'static Stage) {
        self.open(Shared::at_start(stage, stage.scenario())).expect("a stage has no twin");
    }

    /// Opens what was shared.
    ///
    /// # Errors
    /// It has a twin that cannot be simulated beside it; the rest is open.
    pub(super) fn open(&mut self, shared: Shared) -> Result<(), Problem> {
        self.keep();
        let Shared { stage, mut scenario, moment, model, digest, view } = shared;
        self.opened_timeline = std::mem::take(&mut scenario.timeline);
        let View { seen, embed: _, paused, speed, experiment, twin } = view;
        (self.stage, self.run) = (stage, experiment);
        (self.edited, self.is_unsaved) = (false, false);
        self.openings += 1;
        self.opened = Rc::new(scenario);
        self.end_twin();
        let timeline = self.opened_timeline.clone();
        self.begin(self.opened.clone(), &timeline);
        self.speed = speed.unwrap_or_else(|| natural_speed(&self.start));
        self.undo.clear();
        self.redo.clear();
        self.expected = digest.map(|digest| Promise { moment, digest, model });
        self.playing = !paused;
        let moment = if self.playing && moment == SimTime::ZERO { of(&self.start) } else { moment };
        self.opened_at = moment;
        self.seeking = (moment > SimTime::ZERO).then_some(moment);
        self.choose_sample();
        self.to_follow = seen.followed;
        self.tell_opened(seen, false);
        twin.map_or(Ok(()), |twin| self.take_up_twin(twin))
    }

    pub(super) fn tell_opened(&mut self, seen: Seen, anew: bool) {
        let chapter = self.run.as_ref().and_then(|run| chapters::of_claim(&run.claim));
        let chapter = chapter.map_or(self.stage.chapter, |own| own.number);
        let (stage, run) = (self.stage.id.to_owned(), self.run.clone());
        self.replies.push(Reply::Opened { stage, chapter, run, seen: Box::new(seen), anew });
        self.tell_scene();
    }

    /// One of an experiment's runs, with the seed and the timeline that it is judged with.
    pub(super) fn open_run(&mut self, experiment: &'static Experiment, index: usize) {
        let mut run = (experiment.runs)().swap_remove(index);
        run.scenario.seed = SEED;
        let moment = opening_of(&run);
        let something_happens = !run.scenario.timeline.is_empty();
        // What happens to a system takes seconds, not milliseconds.
        let speed = something_happens.then_some(1.0);
        let view =
            View { speed, experiment: Some(RunOf { claim: experiment.id.to_owned(), index }), ..View::default() };
        let shared = Shared { moment, view, ..Shared::of(run.scenario) };
        self.open(shared).expect("an experiment's run has no twin");
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
