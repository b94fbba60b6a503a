//! Looks ahead for the next line of the log: a copy of the world is played, in slices, until it tells one. What comes is
//! what will come, if nobody changes anything meanwhile; so it is not guessed how long that takes.

use crate::time::{SimTime, Span};
use crate::world::World;

use super::{Notice, Player, Reply};

/// It looks so far ahead.
const HORIZON: Span = Span(600_000_000_000);
/// It is given up after so many events.
const EVENTS_MAX: u64 = 10_000_000;

/// What is known of the next fact.
#[derive(Debug, Default)]
pub enum Outlook {
    /// Nobody has asked.
    #[default]
    Unknown,
    /// It is being looked for.
    Looking(Box<Search>),
    /// When it comes.
    Comes(SimTime),
    /// There is none as far as it was looked.
    Never,
}

/// A copy that is played ahead.
#[derive(Debug)]
pub struct Search {
    world: World,
    told: u64,
    until: SimTime,
    events_left: u64,
}

impl Outlook {
    /// Looks ahead from here.
    pub fn from(world: &World) -> Self {
        let (_, told) = world.context().observer.facts();
        let until = world.now() + HORIZON;
        Self::Looking(Box::new(Search { world: world.clone(), told, until, events_left: EVENTS_MAX }))
    }

    /// A slice of work, of at most so many events. Says whether it is still being looked for.
    pub fn work(&mut self, budget: u64) -> bool {
        let Self::Looking(search) = self else { return false };
        let progress = search.world.advance(search.until, budget);
        search.events_left = search.events_left.saturating_sub(progress.events);
        let (facts, told) = search.world.context().observer.facts();
        let new = (told - search.told) as usize;
        // Of more new facts than are remembered, the first that is.
        if let Some(&(time, _)) = (new > 0).then(|| facts.get(facts.len().saturating_sub(new))).flatten() {
            *self = Self::Comes(time);
        } else if progress.reached || search.events_left == 0 {
            *self = Self::Never;
        }
        matches!(self, Self::Looking(_))
    }
}

impl Player {
    /// To the next fact, as soon as it is known when that is.
    pub(super) fn jump(&mut self) {
        self.jumps = false;
        match self.outlook {
            Outlook::Comes(moment) if moment > self.world.now() => self.seek(moment),
            Outlook::Never => {
                self.outlook = Outlook::Unknown;
                let text = "As things stand, nothing comes that would be worth a line here: ten simulated minutes were \
                            looked through, or ten million events.";
                self.replies.push(Reply::Notice(Notice { warning: false, text: text.to_owned() }));
            }
            Outlook::Looking(_) => self.jumps = true,
            Outlook::Unknown | Outlook::Comes(_) => {
                self.jumps = true;
                self.outlook = Outlook::from(&self.world);
            }
        }
    }

    /// What was foretold is of another course of things.
    pub(super) fn forget_outlook(&mut self) {
        self.outlook = Outlook::Unknown;
        self.jumps = false;
    }
}
