//! Complaints, and whoever is called by them or by an alert.
//!
//! A share of the users whose request failed complain, after a while: until they have found out how, and somebody answers.
//! When enough complaints have come within a time, somebody is called; an alert calls at once. Whoever is called begins
//! after a while and then looks at one server after the other, which takes its time each, first where he has reason to;
//! what he finds broken he repairs: he starts what is dead, replaces a slow machine, has a link mended. Of a server that answers
//! with errors of its own build, as its lines tell while he looks, he brings the build before back.

use std::collections::VecDeque;

use crate::rng::{RequestKey, Sampler, Step, Stream, unit};
use crate::time::{SimTime, Span};

use super::super::{NodeId, TierId};
use super::Counters;

/// Which users complain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complaining {
    /// The share of failed requests after which somebody complains, from 0 to 1.
    pub share: f64,
    /// How long that takes.
    pub after: Sampler,
    /// So many complaints have to come …
    pub needed: usize,
    /// … within this time until somebody is called.
    pub within: Span,
}

impl Complaining {
    /// After how long there is a complaint about this attempt, if there is to be one.
    pub fn draw(&self, key: RequestKey, attempt: u8) -> Option<Span> {
        let complains = unit(key.draw(attempt, Step::Complaint)) < self.share;
        complains.then(|| self.after.sample(key.draw(attempt, Step::ComplaintAfter)))
    }
}

/// Complaints so far.
#[derive(Clone, Debug, Default)]
pub struct Complaints {
    /// Those that got through since the start.
    pub heard: u64,
    in_line: u32,
    latest: VecDeque<SimTime>,
}

impl Complaints {
    /// More than this do not get through: they hear that the line is busy.
    const LINE_MAX: u32 = 10_000;

    /// Somebody begins to complain. Says whether there is room.
    pub fn wait_in_line(&mut self) -> bool {
        let room = self.in_line < Self::LINE_MAX;
        self.in_line += u32::from(room);
        room
    }

    /// A complaint gets through. Says whether somebody is to be called.
    pub fn hear(&mut self, now: SimTime, needed: usize, within: Span) -> bool {
        self.heard += 1;
        self.in_line -= 1;
        self.latest.push_back(now);
        while self.latest.len() > needed {
            self.latest.pop_front();
        }
        let enough = self.latest.len() == needed && now.since(self.latest[0]) <= within;
        if enough {
            self.latest.clear();
        }
        enough
    }
}

/// Who is called, and how he works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How long it takes until he begins.
    pub reaction: Sampler,
    /// How long he looks at a server.
    pub look: Span,
    /// The share of a server's answers that may be errors of its own build.
    pub tolerated: f64,
    /// Servers that he adds to a tier that is busy, with nothing broken.
    pub adds_servers: u32,
    /// After how long an alert calls again that still fires.
    pub reminded_after: Span,
}

/// Why somebody was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// This rule fired.
    Alert(u16),
    /// Users complained.
    Complaints,
}

/// What he has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A server, its machine or a link of it is broken.
    Broken(NodeId),
    /// A server's build answers with errors.
    BadBuild(NodeId),
    /// Nothing is broken, and a tier has more work than it can do.
    Overload(TierId),
}

/// Something that was found broken and repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// When.
    pub at: SimTime,
    /// What.
    pub node: NodeId,
    /// How many servers had been looked at for that, this one counted.
    pub looks: u32,
}

/// Whoever is on call.
#[derive(Clone, Debug)]
pub struct OnCall {
    chance: Stream,
    /// What he was called for, while he is at it.
    pub called: Option<Call>,
    /// The servers that he means to look at, the next one last.
    pub to_look_at: Vec<NodeId>,
    /// How often somebody was called.
    pub calls: u64,
    /// Servers looked at.
    pub looks: u64,
    /// Those of them since he was called last.
    pub looks_of_call: u32,
    /// What he has repaired since then.
    pub repaired_of_call: u32,
    /// When an alert calls again that fires then.
    pub reminded_at: SimTime,
    /// What the server that he looks at had counted when he began with it.
    pub seen: Counters,
    /// What was repaired since the start.
    pub repaired: u64,
    /// The newest repairs.
    pub repairs: VecDeque<Repair>,
}

impl OnCall {
    const REPAIRS_MAX: usize = 200;

    /// Nobody is called yet.
    pub fn new(chance: Stream) -> Self {
        let (to_look_at, repairs) = (Vec::new(), VecDeque::new());
        let seen = Counters::default();
        Self {
            chance,
            called: None,
            to_look_at,
            calls: 0,
            looks: 0,
            looks_of_call: 0,
            repaired_of_call: 0,
            reminded_at: SimTime::NEVER,
            seen,
            repaired: 0,
            repairs,
        }
    }

    /// He is called, unless he is at it already. Returns how long it takes until he begins.
    pub fn call(&mut self, call: Call, settings: &Settings) -> Option<Span> {
        if self.called.is_some() {
            return None;
        }
        self.called = Some(call);
        self.calls += 1;
        self.looks_of_call = 0;
        self.repaired_of_call = 0;
        Some(settings.reaction.sample(self.chance.draw()))
    }

    /// He has repaired something.
    pub fn repaired(&mut self, at: SimTime, node: NodeId) {
        self.repaired_of_call += 1;
        self.repaired += 1;
        if self.repairs.len() == Self::REPAIRS_MAX {
            self.repairs.pop_front();
        }
        self.repairs.push_back(Repair { at, node, looks: self.looks_of_call });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_called_when_enough_complaints_come_within_the_time() {
        let mut complaints = Complaints::default();
        let mut hear = |seconds: f64| {
            complaints.wait_in_line();
            complaints.hear(SimTime::from_ms(seconds * 1e3), 3, Span::from_seconds(60.0))
        };
        let calls: Vec<bool> = [0.0, 50.0, 70.0, 100.0, 101.0, 102.0, 103.0].into_iter().map(&mut hear).collect();
        assert_eq!(calls, [false, false, false, true, false, false, true]);
    }
}
