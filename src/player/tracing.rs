//! Follows single requests to their end, on a copy of the world, so that what is played goes on undisturbed: the next one
//! of a class, which has not been sent yet, or one of the last minute, whose life is simulated once more.

use crate::course::journey::{Journey, journey};
use crate::nodes::trace::Follow;
use crate::scenario::Problem;
use crate::time::{SimTime, Span};
use crate::world::World;

use super::{Notice, Player, Reply};

/// Who waits for a request to come, or to end, waits so long in simulated time.
const PATIENCE: Span = Span(120_000_000_000);
/// What a primary sends its replicas may be under way for so long after the answer.
const AFTERWARDS: Span = Span(1_000_000_000);
/// After so long it is looked whether the request is over.
const STEP: Span = Span(20_000_000);

/// Follows one request at a time.
#[derive(Debug, Default)]
pub struct Tracing {
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    world: Box<World>,
    patience: SimTime,
    /// When the request was over, once it is.
    over: Option<SimTime>,
}

/// How far it is.
enum Progress {
    /// Nobody is followed.
    Idle,
    /// There is more to do.
    Working,
    /// The request, from setting out to the last byte; none if none came, or did not end, in time.
    Over(Option<Box<Journey>>),
}

impl Tracing {
    /// Follows a request on this copy of the world; what was under way is given up.
    fn begin(&mut self, world: World, follow: Follow) {
        let mut world = Box::new(world);
        world.follow(follow);
        let patience = world.now() + PATIENCE;
        self.under_way = Some(UnderWay { world, patience, over: None });
    }

    /// A slice of work, of at most so many events.
    fn work(&mut self, budget: u64) -> Progress {
        let Some(own) = &mut self.under_way else { return Progress::Idle };
        let before = own.world.events();
        while own.world.events() - before < budget {
            let end = own.over.map_or(own.patience, |over| over + AFTERWARDS);
            let left = budget - (own.world.events() - before);
            own.world.advance(end.min(own.world.now() + STEP), left);
            own.over = own.over.or_else(|| own.world.traces().next().and_then(|trace| Some(trace.outcome?.0)));
            if own.world.now() >= end {
                let traced = own.world.traces().next().and_then(|trace| journey(&own.world, trace));
                self.under_way = None;
                return Progress::Over(traced.map(Box::new));
            }
        }
        Progress::Working
    }
}

impl Player {
    pub(super) fn follow_next(&mut self, class: &str) -> Result<(), Problem> {
        let classes = &self.world.plan().classes;
        let found = classes.iter().position(|own| own.id == class);
        let known = || classes.iter().map(|own| own.id.as_str());
        let index = found.ok_or_else(|| Problem::unknown("classes", "class", class, known()))?;
        self.stop_following();
        self.tracing.begin(self.world.clone(), Follow::NextOf(index as u8));
        Ok(())
    }

    /// A request of the past: from the last checkpoint before it was sent, with the same timeline, it does the same again.
    pub(super) fn follow_again(&mut self, request: u64, sent: SimTime) {
        let mut world = self.checkpoints.before(sent).clone();
        world.replace_timeline(self.world.timeline());
        self.tracing.begin(world, Follow::Request(request));
    }

    pub(super) fn stop_following(&mut self) {
        self.tracing.under_way = None;
        self.followed = None;
        self.world.follow(Follow::Nobody);
    }

    /// A slice of work on what is followed. Says whether there is more to do.
    pub(super) fn trace(&mut self, budget: u64) -> bool {
        match self.tracing.work(budget) {
            Progress::Idle => return false,
            Progress::Working => return true,
            Progress::Over(Some(journey)) => {
                // It may still be seen on its way.
                self.followed = Some(journey.request);
                self.world.follow(Follow::Request(journey.request));
                self.replies.push(Reply::Traced(journey));
            }
            Progress::Over(None) => {
                let text = "No such request came and ended within two simulated minutes.";
                self.replies.push(Reply::Notice(Notice { warning: false, text: text.to_owned() }));
            }
        }
        false
    }
}
