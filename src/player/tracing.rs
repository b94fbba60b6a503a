//! Follows single requests to their end, on a copy of the world, so that what is played goes on undisturbed: the next one
//! of a class, which has not been sent yet, or one of the last minute, whose life is simulated once more.

use crate::course::journey::{Journey, journey};
use crate::nodes::trace::Follow;
use crate::scenario::{Moment, Problem};
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
    told: Option<Told>,
}

/// What was told last of the run as it is.
#[derive(Debug)]
struct Told {
    request: u64,
    class: u8,
    sent: SimTime,
    /// The last thing that was told of it.
    until: SimTime,
}

#[derive(Debug)]
struct UnderWay {
    world: Box<World>,
    wish: Wish,
    patience: SimTime,
    /// When the request was over, once it is.
    over: Option<SimTime>,
}

/// Who is to be followed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wish {
    /// The next one of this class.
    Next(u8),
    /// The one with this number, which was sent at this moment.
    Again(u64, SimTime),
}

impl Wish {
    fn follow(self) -> Follow {
        match self {
            Self::Next(class) => Follow::NextOf(class),
            Self::Again(request, _) => Follow::Request(request),
        }
    }
}

/// What a change of the run means for what is followed.
enum Fate {
    /// It is not touched.
    Same,
    /// It is to be simulated once more.
    Anew(Wish),
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
    fn begin(&mut self, world: World, wish: Wish) {
        let mut world = Box::new(world);
        world.follow(wish.follow());
        let patience = world.now() + PATIENCE;
        self.told = None;
        self.under_way = Some(UnderWay { world, wish, patience, over: None });
    }

    /// From `parting` on the run is another, with this timeline.
    fn part(&mut self, parting: SimTime, timeline: &[Moment]) -> Fate {
        if let Some(own) = &mut self.under_way {
            if own.world.now() < parting {
                // It has not come so far yet.
                own.world.replace_timeline(timeline);
                return Fate::Same;
            }
            let sent = own.world.traces().next().map(|trace| (trace.id, trace.sent));
            return match (sent, own.wish) {
                (Some((request, sent)), _) if sent < parting => Fate::Anew(Wish::Again(request, sent)),
                // None of its class was sent until then.
                (Some(_) | None, wish) => Fate::Anew(wish),
            };
        }
        match &self.told {
            Some(own) if own.until >= parting && own.sent < parting => Fate::Anew(Wish::Again(own.request, own.sent)),
            Some(own) if own.until >= parting => Fate::Anew(Wish::Next(own.class)),
            Some(_) | None => Fate::Same,
        }
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
                let trace = own.world.traces().next();
                let traced = trace.and_then(|trace| journey(&own.world, trace));
                self.told = trace.filter(|_| traced.is_some()).map(|trace| Told {
                    request: trace.id,
                    class: trace.class,
                    sent: trace.sent,
                    until: trace.spans.iter().map(|span| span.end).chain(own.over).max().unwrap_or(trace.sent),
                });
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
        self.tracing.begin(self.world.clone(), Wish::Next(index as u8));
        Ok(())
    }

    /// A request of the past: from the last checkpoint before it was sent, with the same timeline, it does the same again.
    pub(super) fn follow_again(&mut self, request: u64, sent: SimTime) {
        let mut world = self.checkpoints.before(sent).clone();
        world.replace_timeline(self.world.timeline());
        self.tracing.begin(world, Wish::Again(request, sent));
    }

    /// From `parting` on the run is another: what is followed meets that, or is told once more, as it is now. One that had not
    /// been sent by then may never be; after a change that is new it is looked for again.
    pub(super) fn follow_through(&mut self, parting: SimTime, is_new: bool) {
        let timeline = self.world.timeline().to_vec();
        let text = match self.tracing.part(parting, &timeline) {
            Fate::Same => return,
            Fate::Anew(Wish::Again(request, sent)) => {
                self.follow_again(request, sent);
                "The request that was followed meets what has changed: it is followed anew."
            }
            Fate::Anew(Wish::Next(class)) if is_new => {
                self.stop_following();
                self.tracing.begin(self.world.clone(), Wish::Next(class));
                "Things have changed before the request that was followed was sent: the next one is followed anew."
            }
            Fate::Anew(Wish::Next(_)) => {
                self.stop_following();
                self.replies.push(Reply::Untraced);
                "The request that was followed is of a course of events that was taken back."
            }
        };
        self.replies.push(Reply::Notice(Notice { warning: false, text: text.to_owned() }));
    }

    pub(super) fn stop_following(&mut self) {
        self.tracing = Tracing::default();
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

#[cfg(test)]
mod tests;
