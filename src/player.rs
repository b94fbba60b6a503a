//! Plays a world: commands in, facts out. A plain state machine without input or output of its own; the host (a worker,
//! a page, a test) says how much time has passed and how many events it can afford.
//!
//! - Two clocks: [`Player::elapse`] moves the goal in simulated time by the chosen speed; [`Player::run`] works towards
//!   it in slices. When the machine is too slow the goal waits, and the speed really reached is told.
//! - Going back is the nearest checkpoint and a replay, in slices (`checkpoints.rs`); any other command cancels it.
//! - An experiment runs beside what is played, slice by slice (`laboratory.rs`).
//! - A single request is followed on a copy, the next of a class or one that is over (`tracing.rs`).
//! - The next line of the log can be foretold and jumped to, by playing a copy ahead (`outlook.rs`).
//! - A second system can be played in step, over the same requests (`twin.rs`).
//! - A change acts at the present moment and drops what the timeline held for later; undo brings that back. So it does with
//!   an edit of the system, after which the run begins anew (`history.rs`).

mod checkpoints;
mod files;
mod history;
mod laboratory;
mod opening;
mod outlook;
mod pace;
mod promise;
mod protocol;
mod sampling;
mod tracing;
mod twin;

use std::rc::Rc;

use crate::course::stages::{self, Stage};
use crate::course::theory::Theory;
use crate::frame::{self, Charts, Frame, Samples, Status};
use crate::link::address::{self, Address};
use crate::link::seen::{Followed, Seen};
use crate::nodes::trace::Follow;
use crate::scenario::{Moment, Problem, Scenario};
use crate::time::{SimTime, Span};
use crate::world::World;

pub use crate::link::seen::RunOf;
use checkpoints::Checkpoints;
use history::Past;
use laboratory::Laboratory;
use outlook::Outlook;
use pace::Pace;
pub use pace::SPEEDS;
use promise::Promise;
pub use protocol::{Command, Export, Notice, Reply};
use tracing::Tracing;
use twin::Twin;

/// When time cannot keep up, the goal runs ahead by at most this much time of the visitor.
const GOAL_AHEAD_MS: f64 = 250.0;

/// Plays a world.
#[derive(Debug)]
pub struct Player {
    stage: &'static Stage,
    /// The scenario at the start of the run, without its timeline.
    start: Rc<Scenario>,
    /// The system that was opened, its timeline, and the moment at which that is shown.
    opened: Rc<Scenario>,
    opened_timeline: Vec<Moment>,
    opened_at: SimTime,
    /// The experiment's run that is played, if it is one.
    run: Option<RunOf>,
    /// How often something was opened.
    openings: u32,
    /// Whether the system was edited since it was opened.
    edited: bool,
    /// Whether it is edited, and not as it was saved.
    is_unsaved: bool,
    world: World,
    twin: Option<Box<Twin>>,
    playing: bool,
    speed: f64,
    goal: SimTime,
    seeking: Option<SimTime>,
    /// A digest that is to be checked when the moment of a link is reached.
    expected: Option<Promise>,
    furthest: SimTime,
    checkpoints: Checkpoints,
    undo: Vec<Past>,
    redo: Vec<Past>,
    samples: Samples,
    /// At most about so many dots are on the wire at once.
    dots_max: u32,
    theory: Theory,
    drawn: SimTime,
    pace: Pace,
    laboratory: Laboratory,
    tracing: Tracing,
    /// The request that is followed on its way.
    followed: Option<u64>,
    /// The request that a link tells of: followed once its moment is reached.
    to_follow: Option<Followed>,
    outlook: Outlook,
    /// The visitor waits to be taken to the next fact.
    jumps: bool,
    replies: Vec<Reply>,
    /// What [`Player::structure`] was when the scene was last told.
    told: (u64, usize),
}

impl Default for Player {
    fn default() -> Self {
        Self::new()
    }
}

impl Player {
    /// Plays the first stage.
    pub fn new() -> Self {
        let stage = stages::all().first().expect("there are stages");
        let start = Rc::new(stage.scenario());
        let world = World::new(&start, start.seed);
        let mut player = Self {
            stage,
            opened: start.clone(),
            start,
            opened_timeline: Vec::new(),
            opened_at: SimTime::ZERO,
            run: None,
            openings: 0,
            edited: false,
            is_unsaved: false,
            twin: None,
            goal: SimTime::ZERO,
            checkpoints: Checkpoints::new(&world),
            samples: Samples::new(&world),
            dots_max: sampling::DOTS,
            theory: Theory::default(),
            world,
            playing: true,
            speed: 1.0,
            seeking: None,
            expected: None,
            furthest: SimTime::ZERO,
            undo: Vec::new(),
            redo: Vec::new(),
            drawn: SimTime::ZERO,
            pace: Pace::default(),
            laboratory: Laboratory::default(),
            tracing: Tracing::default(),
            followed: None,
            to_follow: None,
            outlook: Outlook::Unknown,
            jumps: false,
            replies: Vec::new(),
            told: (0, 0),
        };
        player.open_stage(stage);
        player
    }

    /// Carries a command out. What cannot be done is told by [`Reply::Problem`] and changes nothing.
    pub fn command(&mut self, command: Command) {
        if let Err(problem) = self.try_command(command) {
            self.replies.push(Reply::Problem { message: problem.to_string() });
        }
        self.tell_twin();
    }

    fn try_command(&mut self, command: Command) -> Result<(), Problem> {
        match command {
            Command::Stage { id } => {
                let stage = stages::find(&id)?;
                self.open_stage(stage);
            }
            Command::Open { fragment } => match address::find(&fragment)? {
                Address::Moment(shared) => self.open(*shared)?,
                Address::Chapter(chapter) => self.open_stage(stages::find(chapter.stage)?),
                Address::Claim(experiment, run) => self.open_run(experiment, run),
                own @ Address::Rung(_) => self.open(own.shared())?,
            },
            Command::Play => self.set_playing(true),
            Command::Pause => self.set_playing(false),
            Command::Step => {
                self.set_playing(false);
                self.world.step();
                self.arrived();
            }
            Command::Speed { factor } => {
                if !(0.001..=1000.0).contains(&factor) {
                    return Err(Problem::at("speed", format!("must be from 0.001 to 1000, is {factor}")));
                }
                self.speed = factor;
                self.pace = Pace::default();
                self.choose_sample();
            }
            Command::Dots { most } => self.limit_dots(most)?,
            Command::NextFact => self.jump(),
            Command::Seek { at_ms } => self.seek(SimTime::from_ms(at_ms).round_up_to_microsecond()),
            Command::Apply { change } => self.apply(change)?,
            Command::Edit { edit } => self.edit(&edit)?,
            Command::Keep => self.keep(),
            Command::Save { name } => {
                let fragment = self.link(Seen::default());
                self.is_unsaved = false;
                self.replies.push(Reply::Saved { name, fragment });
            }
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            Command::Try { claim } => {
                let begun = self.laboratory.begin(&claim)?;
                self.replies.push(begun);
            }
            Command::FollowNext { class } => self.follow_next(&class)?,
            Command::Trace { request, sent_ms } => self.follow_again(request, SimTime::from_ms(sent_ms)),
            Command::Twin { of } => self.begin_twin(of)?,
            Command::CountTwin => self.count_twin_anew(),
            Command::EndTwin => self.end_twin(),
            Command::ReadLog { query, most } => {
                let found = frame::log_lines(&self.world, &query, most as usize);
                self.replies.push(Reply::LogLines(found));
            }
            Command::ReadMetrics { tier } => {
                let found = frame::metrics(&self.world, tier.as_deref());
                self.replies.push(Reply::Metrics(found.map(Box::new)));
            }
            Command::Export { what } => self.export(what),
            Command::OpenFile { name, text } => self.open_file(&name, &text)?,
            Command::Share { seen } => {
                let fragment = self.link(seen);
                self.replies.push(Reply::Link { fragment });
            }
        }
        Ok(())
    }

    /// What is to be told since the last call.
    pub fn replies(&mut self) -> Vec<Reply> {
        std::mem::take(&mut self.replies)
    }

    /// So many milliseconds of the visitor's time have passed.
    pub fn elapse(&mut self, wall_ms: f64) {
        // A tab that was hidden for an hour does not leap.
        let wall_ms = wall_ms.clamp(0.0, GOAL_AHEAD_MS);
        if self.playing && self.seeking.is_none() {
            let ahead = Span::from_ms(GOAL_AHEAD_MS * self.speed);
            let goal = self.goal + Span::from_ms(wall_ms * self.speed);
            self.goal = goal.min(self.world.now() + ahead);
            self.pace.pass(wall_ms, self.world.now());
        }
        self.checkpoints.pass(wall_ms, &self.world);
        if let Some(twin) = &mut self.twin {
            twin.pass(wall_ms);
        }
    }

    /// A slice of work, of at most so many events each for what is played, its twin and an experiment. Says whether there
    /// is more to do at once.
    pub fn run(&mut self, budget: u64) -> bool {
        let more_to_try = self.laboratory.work(budget, &mut self.replies);
        let more_to_foresee = self.outlook.work(budget);
        if self.jumps && !more_to_foresee {
            self.jump();
        }
        let more_to_play = self.follow_with_twin(budget) || self.play(budget) || self.follow_with_twin(budget);
        // A moment that was reached may be one at which a request is to be followed.
        let more_to_trace = self.trace(budget);
        more_to_play || more_to_try || more_to_foresee || more_to_trace
    }

    fn play(&mut self, budget: u64) -> bool {
        let goal = self.seeking.unwrap_or(self.goal);
        if self.world.now() >= goal {
            self.arrived();
            return false;
        }
        let next_sample = self.samples.due(self.sample_interval());
        // Of a jump, the last stretch before the goal is sampled, so that rates can be told there.
        let sample_at = if self.seeking.is_some() { next_sample.max(goal.less(self.rate_span())) } else { next_sample };
        let until = if sample_at > self.world.now() { goal.min(sample_at) } else { goal };
        let reached = self.world.advance(until, budget).reached;
        if self.world.now() >= sample_at {
            self.samples.take(&self.world, self.rate_span());
        }
        self.furthest = self.furthest.max(self.world.now());
        if self.seeking.is_none() && self.structure() != self.told {
            self.tell_scene();
        }
        if reached && until == goal {
            self.arrived();
            return false;
        }
        true
    }

    /// One instant of what moves, and what moved since the last call.
    pub fn frame(&mut self) -> Frame {
        let since = self.drawn.min(self.world.now());
        self.drawn = self.world.now();
        frame::frame(&self.world, since)
    }

    /// How things stand.
    pub fn status(&mut self) -> Status {
        self.choose_sample();
        let span = self.rate_span();
        let status = frame::status(&self.world, self.samples.before(self.world.now(), span), span);
        Status {
            furthest_ms: self.furthest.as_ms(),
            playing: self.playing,
            seeking_ms: self.seeking.map(SimTime::as_ms),
            next_fact_ms: match self.outlook {
                Outlook::Comes(moment) => Some(moment).filter(|&moment| moment > self.world.now()).map(SimTime::as_ms),
                Outlook::Unknown | Outlook::Looking(_) | Outlook::Never => None,
            },
            speed: self.speed,
            reached_speed: self.pace.reached.filter(|_| self.playing && self.seeking.is_none()),
            can_undo: !self.undo.is_empty(),
            can_redo: !self.redo.is_empty(),
            checkpoints_ms: self.checkpoints.times().map(SimTime::as_ms).collect(),
            theory: self.theory.status(&self.world),
            twin: self.twin_status(),
            ..status
        }
    }

    /// The course of the run.
    pub fn charts(&self) -> Charts {
        frame::charts(&self.world)
    }

    /// The world that is played: for reading.
    pub fn world(&self) -> &World {
        &self.world
    }

    fn set_playing(&mut self, playing: bool) {
        self.playing = playing;
        self.seeking = None;
        self.expected = None;
        self.goal = self.world.now();
        self.pace = Pace::default();
    }

    /// The goal is reached: a jump is over.
    fn arrived(&mut self) {
        self.furthest = self.furthest.max(self.world.now());
        if self.seeking.take().is_some() {
            self.goal = self.world.now();
            // What moved on the way was not to be seen.
            self.drawn = self.world.now();
            self.pace = Pace::default();
            self.tell_scene();
            if let Some(Followed { request, sent_ms }) = self.to_follow.take() {
                self.follow_again(request, SimTime::from_ms(sent_ms));
            }
        }
        self.goal = self.goal.max(self.world.now());
        if let Some(expected) = self.expected.take_if(|expected| expected.moment <= self.world.now()) {
            self.replies.push(Reply::Notice(expected.verify(self.world.digest())));
        }
    }

    fn seek(&mut self, moment: SimTime) {
        self.expected = None;
        if moment < self.world.now() {
            self.return_to(moment);
        }
        self.seeking = Some(moment);
        self.goal = moment;
    }

    /// The world at the last checkpoint before `moment`, with the timeline as it is.
    fn return_to(&mut self, moment: SimTime) {
        let timeline = self.world.timeline().to_vec();
        self.forget_outlook();
        self.take_up(moment);
        self.world.replace_timeline(&timeline);
        self.choose_sample();
    }

    /// The world becomes that of the last checkpoint before `moment`.
    fn take_up(&mut self, moment: SimTime) {
        self.world = self.checkpoints.before(moment).clone();
        self.world.follow(self.followed.map_or(Follow::Nobody, Follow::Request));
        self.samples = Samples::new(&self.world);
        self.drawn = self.world.now();
    }

    /// Changes whenever servers come or go, or something of the timeline happens: then the scene is another.
    fn structure(&self) -> (u64, usize) {
        (self.world.comings_and_goings(), self.world.moments_passed())
    }

    fn tell_scene(&mut self) {
        self.told = self.structure();
        self.replies.push(Reply::Scene(Box::new(frame::scene(&self.world))));
    }
}

#[cfg(test)]
mod links;
#[cfg(test)]
mod tests;
