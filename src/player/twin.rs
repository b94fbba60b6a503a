//! The twin: a second world beside the one that is played, over the very same stretch of simulated time.
//!
//! - Randomness is a function of seed and request, so both meet the same requests. What users do (how many there are, how
//!   often they send, spikes) goes to both: changes of that kind are taken over from the one that is shown. What is
//!   done to the system (settings, kills) goes to that one alone.
//! - In step: after each slice the twin comes up to the present before time goes on. So it costs speed, and the speed
//!   really reached says so. When it has to come from further back (it was just asked for, time went back, a change was
//!   taken back), time waits until it is there.
//! - A twin of the same scenario starts from a checkpoint of the one that is shown, up to where their timelines part.
//! - It ends when something else is opened. Links carry it: of what it is one, and from when on the two are compared.

use std::rc::Rc;

use crate::course::stages::{self, Stage};
use crate::frame::{self, Charts, TwinOf, TwinStatus};
use crate::link::{Base, SharedTwin, TwinKind};
use crate::nodes::observer::Observer;
use crate::scenario::{Change, Moment, Problem, Scenario};
use crate::time::SimTime;
use crate::world::World;

use super::checkpoints::{BUDGET_BYTES, Checkpoints};
use super::history::parting;
use super::{Player, Reply};

mod load;

/// A second world.
#[derive(Debug)]
pub struct Twin {
    of: TwinOf,
    /// The stage that it is, if it is one.
    stage: Option<&'static Stage>,
    world: World,
    checkpoints: Checkpoints,
    /// The scenario at its start.
    start: Scenario,
    /// Whether that is the start of the other one as well: then they are the same up to where their timelines part.
    same_start: bool,
    /// What is to happen to it, beside what users do.
    own: Vec<Moment>,
    /// The timeline of the other one, as it was last taken over.
    mirrored: Vec<Moment>,
    /// Changes of the load that do not fit it.
    left_out: u32,
    /// Where its way to the present began, while it is on it.
    coming_from: Option<SimTime>,
    /// The visitor wants the two compared from here on.
    asked_from: SimTime,
}

impl Player {
    /// Plays a twin beside what is shown; another one ends.
    pub(super) fn begin_twin(&mut self, of: TwinOf) -> Result<(), Problem> {
        let stage = match &of {
            TwinOf::Opened | TwinOf::Present => None,
            TwinOf::Stage { id } => Some(stages::find(id)?),
        };
        self.begin_twin_of(of, stage)
    }

    /// The same; of a stage, in this revision.
    fn begin_twin_of(&mut self, of: TwinOf, stage: Option<&'static Stage>) -> Result<(), Problem> {
        let now = self.world.now();
        let under_this_load = |name: &str, scenario: Scenario| {
            let (scenario, own) = load::under_the_same_load(scenario, &self.start)
                .map_err(|problem| Problem::at(format!("{name} under this load"), problem.to_string()))?;
            let world = World::new(&scenario, scenario.seed);
            Ok((scenario, Some(world), own))
        };
        let of_the_start = |own: &[Moment]| (Scenario::clone(&self.start), None, own.to_vec());
        let (start, first, own) = match stage {
            Some(stage) => under_this_load(&format!("stage {}", stage.id), stage.scenario())?,
            None if of == TwinOf::Present => of_the_start(self.world.timeline()),
            None if Rc::ptr_eq(&self.opened, &self.start) => of_the_start(&self.opened_timeline),
            // The system was edited since.
            None => under_this_load("the system as it was opened", Scenario::clone(&self.opened))?,
        };
        let asked_from = if of == TwinOf::Present { now } else { self.opened_at };
        self.play_twin((of, stage), (start, first), own, asked_from);
        Ok(())
    }

    /// A twin of this scenario at its start, with what is its own to happen to it; without a world it is the shown system's.
    fn play_twin(
        &mut self,
        (of, stage): (TwinOf, Option<&'static Stage>),
        (start, first): (Scenario, Option<World>),
        own: Vec<Moment>,
        asked_from: SimTime,
    ) {
        let same_start = first.is_none();
        let first = first.unwrap_or_else(|| self.checkpoints.before(SimTime::ZERO).clone());
        let mut twin = Twin {
            asked_from,
            of,
            stage,
            checkpoints: Checkpoints::new(&first),
            world: first,
            start,
            same_start,
            own,
            mirrored: Vec::new(),
            left_out: 0,
            coming_from: None,
        };
        // Both together have the room that one has alone.
        self.checkpoints.set_budget(BUDGET_BYTES / 2);
        twin.checkpoints.set_budget(BUDGET_BYTES / 2);
        twin.mirror(self.world.timeline());
        twin.start_beside(&self.world, &self.checkpoints);
        self.twin = Some(Box::new(twin));
    }

    /// Plays the twin that a link carries.
    pub(super) fn take_up_twin(&mut self, shared: SharedTwin) -> Result<(), Problem> {
        match shared.of {
            TwinKind::Opened(base) => {
                self.opened = base.scenario.map_or_else(|| self.start.clone(), Rc::new);
                self.opened_timeline = base.timeline;
                self.begin_twin(TwinOf::Opened)?;
            }
            TwinKind::Present(own) => {
                let start = (Scenario::clone(&self.start), None);
                self.play_twin((TwinOf::Present, None), start, own, shared.since);
            }
            // Another revision than the newest would be another system.
            TwinKind::Stage(stage) => self.begin_twin_of(TwinOf::Stage { id: stage.id.to_owned() }, Some(stage))?,
        }
        if let Some(twin) = &mut self.twin {
            twin.asked_from = shared.since;
        }
        Ok(())
    }

    /// The twin, as a link carries it.
    pub(super) fn shared_twin(&self) -> Option<SharedTwin> {
        let twin = self.twin.as_ref()?;
        let of = match &twin.of {
            TwinOf::Opened => TwinKind::Opened(Box::new(Base {
                scenario: (!twin.same_start).then(|| Scenario::clone(&self.opened)),
                timeline: self.opened_timeline.clone(),
            })),
            TwinOf::Present => TwinKind::Present(twin.own.clone()),
            TwinOf::Stage { .. } => TwinKind::Stage(twin.stage.expect("a twin of a stage has it")),
        };
        Some(SharedTwin { of, since: twin.asked_from })
    }

    /// The system was edited: its twin begins anew beside it, unless it was of what is gone.
    pub(super) fn keep_twin(&mut self) {
        let Some(twin) = self.twin.take().filter(|twin| twin.of != TwinOf::Present) else { return self.end_twin() };
        if let Err(problem) = self.begin_twin_of(twin.of, twin.stage) {
            self.end_twin();
            self.replies.push(Reply::Problem { message: problem.to_string() });
        }
    }

    /// There is no twin any more.
    pub(super) fn end_twin(&mut self) {
        self.twin = None;
        self.checkpoints.set_budget(BUDGET_BYTES);
    }

    /// The two are compared from now on.
    pub(super) fn count_twin_anew(&mut self) {
        if let Some(twin) = &mut self.twin {
            twin.asked_from = self.world.now();
        }
    }

    /// The twin learns what has become of the timeline.
    pub(super) fn tell_twin(&mut self) {
        if let Some(twin) = &mut self.twin
            && twin.mirrored != self.world.timeline()
        {
            twin.mirror(self.world.timeline());
        }
    }

    /// A slice of work for the twin, of at most so many events. Says whether it is still behind: then time waits.
    pub(super) fn follow_with_twin(&mut self, budget: u64) -> bool {
        let Some(twin) = &mut self.twin else { return false };
        let now = self.world.now();
        let is_to_be = self.seeking.map_or(now, |goal| goal.max(now));
        if twin.world.now() > is_to_be {
            twin.start_beside(&self.world, &self.checkpoints);
        }
        if twin.world.now() >= now && twin.coming_from.is_none() {
            // A change may be due at this very moment.
            twin.world.advance(twin.world.now(), budget);
            return false;
        }
        if !twin.world.advance(now.max(twin.world.now()), budget).reached {
            return true;
        }
        // While time runs, the next status is not far.
        let stands = !self.playing && self.seeking.is_none();
        if twin.coming_from.take().is_some() || stands {
            self.replies.push(Reply::TwinArrived);
        }
        false
    }

    /// How the twin stands.
    pub(super) fn twin_status(&self) -> Option<Box<TwinStatus>> {
        let twin = self.twin.as_ref()?;
        let since = twin.since(&self.world);
        let events = twin.world.events() as f64;
        let plan = twin.world.plan();
        Some(Box::new(TwinStatus {
            of: twin.of.clone(),
            share_of_way: twin.coming_from.map(|from| {
                let way = self.world.now().since(from).as_ms();
                if way > 0.0 { (twin.world.now().since(from).as_ms() / way).min(1.0) } else { 0.0 }
            }),
            since_ms: since.as_ms(),
            comparison: frame::compare(&self.world, &twin.world, since),
            apart: load::apart(self.world.scenario(), twin.world.scenario(), twin.left_out),
            share_of_work: events / (events + self.world.events() as f64).max(1.0),
            tiers: plan.tiers.iter().map(|tier| (tier.kind, tier.id.clone())).collect(),
        }))
    }

    /// The course of the twin's run.
    pub fn twin_charts(&self) -> Option<Charts> {
        self.twin.as_ref().map(|twin| frame::charts(&twin.world))
    }

    /// The twin's world, if there is one: for reading.
    pub fn twin_world(&self) -> Option<&World> {
        self.twin.as_ref().map(|twin| &twin.world)
    }
}

impl Twin {
    /// The visitor's time passes.
    pub fn pass(&mut self, wall_ms: f64) {
        self.checkpoints.pass(wall_ms, &self.world);
    }

    /// Users do what they do at the other one, whose timeline this is.
    fn mirror(&mut self, timeline: &[Moment]) {
        self.mirrored = timeline.to_vec();
        let (next, left_out) = load::timeline_beside(&self.start, &self.own, timeline);
        self.left_out = left_out;
        let (same, parting) = parting(self.world.timeline(), &next);
        let Some(parting) = parting else { return };
        self.checkpoints.forget_beyond(same, parting);
        if self.world.moments_passed() > same || self.world.now() > parting {
            let earlier = self.checkpoints.before(parting).clone();
            self.set_out_from(earlier);
        }
        self.world.replace_timeline(&next);
    }

    /// Starts from the last moment up to the present at which it is known how it stands.
    fn start_beside(&mut self, shown: &World, checkpoints: &Checkpoints) {
        let timeline = self.world.timeline().to_vec();
        let mut earlier = self.checkpoints.before(shown.now());
        if self.same_start {
            // Up to where the timelines part, the other one is the same.
            let (same, parting) = parting(shown.timeline(), &timeline);
            let shared = match parting {
                None => shown,
                Some(parting) if shown.now() < parting => shown,
                Some(parting) => checkpoints.within(same, parting),
            };
            if shared.now() > earlier.now() {
                earlier = shared;
            }
        }
        let earlier = earlier.clone();
        self.set_out_from(earlier);
        self.world.replace_timeline(&timeline);
    }

    fn set_out_from(&mut self, earlier: World) {
        self.world = earlier;
        self.world.watch(Observer::NOBODY);
        self.coming_from = Some(self.world.now());
    }

    /// From when on the two are compared: what was set since makes other systems of them, and before the first
    /// difference there is nothing to compare.
    fn since(&self, shown: &World) -> SimTime {
        let passed = &shown.timeline()[..shown.moments_passed()];
        let set = passed.iter().rfind(|moment| matches!(moment.change, Change::Set { .. }));
        let (_, parting) = parting(shown.timeline(), self.world.timeline());
        let parting = parting.filter(|&parting| self.same_start && parting <= shown.now());
        [set.map(Moment::at), parting].into_iter().flatten().fold(self.asked_from, SimTime::max)
    }
}

#[cfg(test)]
mod tests;
