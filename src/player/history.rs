//! What can be taken back: changes of a run, and edits of the system, after which its run begins anew. One history has
//! both: each entry holds the system, what happens to it, and the moment that was seen.
//!
//! An edit is of the system as it stands: values that were set are kept, what is still to come keeps its time, and what has
//! happened is over.

use std::rc::Rc;

use crate::frame::Samples;
use crate::link::seen::Seen;
use crate::scenario::sandbox::{self, Edit, Edited};
use crate::scenario::{Change, Moment, Problem, Scenario};
use crate::time::SimTime;
use crate::world::World;

use super::outlook::Outlook;
use super::{Checkpoints, Notice, Pace, Player, Reply, RunOf, opening};

/// A system and how far it was.
#[derive(Clone, Debug)]
pub struct Past {
    /// The scenario at the start of the run, without its timeline. Those of the same run are the same in memory.
    start: Rc<Scenario>,
    /// The experiment's run that it is, if it is one.
    run: Option<RunOf>,
    /// Whether it was edited since it was opened.
    edited: bool,
    timeline: Vec<Moment>,
    moment: SimTime,
}

impl Player {
    /// Carries out an edit; the run begins anew.
    pub(super) fn edit(&mut self, edit: &Edit) -> Result<(), Problem> {
        let mut present = self.world.scenario().clone();
        present.timeline = self.world.timeline()[self.world.moments_passed()..].to_vec();
        let Edited { mut scenario, tier, left_out, dropped } = sandbox::apply(&present, edit)?;
        self.undo.push(self.present());
        self.redo.clear();
        let timeline = std::mem::take(&mut scenario.timeline);
        let moment = opening::of(&scenario);
        self.rebuild(Past { start: Rc::new(scenario), run: None, edited: true, timeline, moment }, tier);
        self.is_unsaved = true;
        self.keep();
        let mut text = "The system is built anew: time starts at 0. Undo brings the former run back.".to_owned();
        if !left_out.is_empty() {
            text += &format!(" Left out, as it no longer fits: {}.", left_out.join(", "));
        }
        if dropped > 0 {
            text += &format!(" Of what was to come, {dropped} no longer fits.");
        }
        self.replies.push(Reply::Notice(Notice { warning: false, text }));
        Ok(())
    }

    /// Something happens to the system now.
    pub(super) fn apply(&mut self, change: Change) -> Result<(), Problem> {
        let before = self.present();
        self.world.apply(change)?;
        self.undo.push(before);
        self.redo.clear();
        self.is_unsaved = self.edited;
        self.seeking = None;
        self.expected = None;
        self.furthest = self.world.now();
        self.goal = self.world.now();
        self.checkpoints.forget_after(self.world.now());
        self.follow_through(self.world.now(), true);
        self.jumps = false;
        // Where seconds take minutes, the visitor is told when something comes of it.
        self.outlook = if self.speed < 1.0 { Outlook::from(&self.world) } else { Outlook::Unknown };
        self.tell_scene();
        Ok(())
    }

    pub(super) fn undo(&mut self) {
        if let Some(past) = self.undo.pop() {
            self.redo.push(self.present());
            self.return_into(past);
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some(past) = self.redo.pop() {
            self.undo.push(self.present());
            self.return_into(past);
        }
    }

    /// What would be lost if something else was opened now is told, to be kept.
    pub(super) fn keep(&mut self) {
        if self.is_unsaved {
            let fragment = self.link(Seen::default());
            self.replies.push(Reply::Unsaved { opened: self.openings, fragment });
        }
    }

    fn present(&self) -> Past {
        Past {
            start: self.start.clone(),
            run: self.run.clone(),
            edited: self.edited,
            timeline: self.world.timeline().to_vec(),
            // Of a jump that is under way, where it leads.
            moment: self.seeking.unwrap_or(self.world.now()),
        }
    }

    fn return_into(&mut self, past: Past) {
        if Rc::ptr_eq(&past.start, &self.start) {
            self.take_on(&past.timeline);
            self.is_unsaved = self.edited;
        } else {
            self.rebuild(past, None);
            self.is_unsaved = self.edited;
            self.keep();
        }
    }

    /// A run from its beginning, on its way to the moment that is wanted. History and speed stay.
    fn rebuild(&mut self, past: Past, selected: Option<String>) {
        let Past { start, run, edited, timeline, moment } = past;
        (self.run, self.edited) = (run, edited);
        self.begin(start, &timeline);
        self.keep_twin();
        self.seeking = (moment > SimTime::ZERO).then_some(moment);
        self.choose_sample();
        self.tell_opened(Seen { selected, ..Seen::default() }, true);
    }

    /// A world at the beginning of its time.
    pub(super) fn begin(&mut self, start: Rc<Scenario>, timeline: &[Moment]) {
        let whole = Scenario { timeline: timeline.to_vec(), ..Scenario::clone(&start) };
        self.world = World::new(&whole, whole.seed);
        self.start = start;
        self.goal = SimTime::ZERO;
        self.drawn = SimTime::ZERO;
        self.furthest = SimTime::ZERO;
        self.checkpoints = Checkpoints::new(&self.world);
        self.samples = Samples::new(&self.world);
        self.pace = Pace::default();
        self.expected = None;
        self.to_follow = None;
        self.forget_outlook();
        self.stop_following();
    }

    /// Another timeline, seen at the same moment.
    fn take_on(&mut self, timeline: &[Moment]) {
        let now = self.world.now();
        let (same, parting) = parting(self.world.timeline(), timeline);
        let Some(parting) = parting else { return };
        self.checkpoints.forget_beyond(same, parting);
        if self.world.moments_passed() > same || now >= parting {
            self.take_up(parting);
        }
        self.world.replace_timeline(timeline);
        self.follow_through(parting, false);
        self.forget_outlook();
        self.furthest = now;
        self.expected = None;
        self.seeking = Some(now);
        self.goal = now;
        self.choose_sample();
    }
}

/// How many entries both timelines begin with, and when the first of the others comes, if there is one.
pub fn parting(own: &[Moment], other: &[Moment]) -> (usize, Option<SimTime>) {
    let same = own.iter().zip(other).take_while(|(own, other)| own == other).count();
    (same, [own.get(same), other.get(same)].into_iter().flatten().map(Moment::at).min())
}
