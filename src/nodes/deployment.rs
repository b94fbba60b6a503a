//! Builds of the application, and how they are brought to servers while these serve.
//!
//! - A [`Build`] may be faulty or slower, and it writes values in a format that older ones may not be able to read. Which build
//!   a server runs is the server's own: nothing keeps two servers alike but a deployment that reaches both.
//! - A [`Deployment`] takes servers out of service, a batch at a time, lets them finish what they have, starts them anew with
//!   the build and waits until health checks take them in. The first ones may be canaries: the others follow only if these have
//!   few errors for a while; else all go back to the build before.
//!
//! `world/deployments.rs` carries out what is decided here.

use crate::time::{SimTime, Span};

use super::NodeId;

/// A build of the application.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Build {
    /// The share of requests that it answers with an error.
    pub error_rate: f64,
    /// The same where tests ask it.
    pub fails_tests: f64,
    /// Its work for each request, as a part of what the class says.
    pub work_factor: f64,
    /// The format of the values that it writes.
    pub writes_format: u8,
    /// The newest format that it can read.
    pub reads_format: u8,
}

impl Build {
    /// Where nobody speaks of builds: it is never wrong and reads everything.
    pub const PLAIN: Self =
        Self { error_rate: 0.0, fails_tests: 0.0, work_factor: 1.0, writes_format: 0, reads_format: u8::MAX };
}

/// How a build is brought to servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strategy {
    /// Servers at once.
    pub batch: u32,
    /// The share of the servers that are canaries.
    pub canary_share: f64,
    /// How long the canaries, and in the end all, are watched.
    pub observe: Span,
    /// The share of failed requests above which all goes back, if it does.
    pub max_error_rate: Option<f64>,
    /// How long a server may take to finish what it has.
    pub drain: Span,
}

/// How far a server is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// It has not begun.
    Waiting,
    /// It gets nothing new until it has finished what it has, or until then.
    Draining(SimTime),
    /// It starts, and waits to be taken into service.
    Starting,
    /// It serves with the new build; what it had served and failed when it began to.
    Serving(u64, u64),
}

/// A server that a deployment is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Server {
    /// Its node.
    pub node: NodeId,
    /// The build that it had before.
    pub before: Option<u8>,
    /// How far it is.
    pub progress: Progress,
}

/// What a deployment is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stage {
    /// Canaries get the build.
    Canary,
    /// They are watched until then.
    ObservingCanary(SimTime),
    /// The others get it.
    RollingOut,
    /// All are watched until then.
    Observing(SimTime),
    /// Those who have it go back.
    RollingBack,
    /// All have it.
    RolledOut,
    /// Nobody has it.
    RolledBack,
    /// Another deployment has taken its place.
    Superseded,
}

impl Stage {
    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        match self {
            Self::RolledOut | Self::RolledBack | Self::Superseded => true,
            Self::Canary | Self::ObservingCanary(_) | Self::RollingOut | Self::Observing(_) | Self::RollingBack => {
                false
            }
        }
    }
}

/// A build on its way to servers.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The build.
    pub build: u8,
    /// How.
    pub strategy: Strategy,
    /// The servers, in the order in which they get it.
    pub servers: Vec<Server>,
    /// What it is at.
    pub stage: Stage,
    /// When it began, and when it was over.
    pub began: SimTime,
    /// See `began`.
    pub ended: SimTime,
    /// Servers that were started with the build.
    pub replaced: u32,
    /// The share of failed requests for which it went back.
    pub error_rate: Option<f64>,
}

/// What is decided when a deployment looks how it goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// On as before.
    GoOn,
    /// The canaries have been well for long enough.
    CanaryPassed,
    /// Too many requests failed: back.
    TurnBack(f64),
    /// It is over.
    End,
}

/// Before so many requests were served by the new build, a share of failures says little.
const REQUESTS_MIN: u64 = 20;

impl Deployment {
    /// It begins.
    pub fn new(build: u8, strategy: Strategy, servers: Vec<Server>, now: SimTime) -> Self {
        let stage = if strategy.canary_share > 0.0 { Stage::Canary } else { Stage::RollingOut };
        Self { build, strategy, servers, stage, began: now, ended: SimTime::NEVER, replaced: 0, error_rate: None }
    }

    /// The servers that may have the build by now.
    fn reach(&self) -> usize {
        match self.stage {
            Stage::Canary | Stage::ObservingCanary(_) => {
                ((self.servers.len() as f64 * self.strategy.canary_share).ceil() as usize).min(self.servers.len())
            }
            Stage::RollingOut | Stage::Observing(_) | Stage::RollingBack => self.servers.len(),
            Stage::RolledOut | Stage::RolledBack | Stage::Superseded => 0,
        }
    }

    /// The servers that are to begin now.
    pub fn next(&self) -> Vec<usize> {
        let in_hand = |server: &&Server| matches!(server.progress, Progress::Draining(_) | Progress::Starting);
        let free = (self.strategy.batch as usize).saturating_sub(self.servers.iter().filter(in_hand).count());
        let waits = |index: &usize| self.servers[*index].progress == Progress::Waiting;
        (0..self.reach()).filter(waits).take(free).collect()
    }

    /// What to do, given what each server has served and failed since the start of the run. The stage follows.
    pub fn decide(&mut self, now: SimTime, done: impl Fn(NodeId) -> (u64, u64)) -> Verdict {
        let serves = |server: &Server| matches!(server.progress, Progress::Serving(..));
        let all_serve = self.servers[..self.reach()].iter().all(serves);
        match self.stage {
            Stage::RollingBack if all_serve => self.end(Stage::RolledBack, now),
            Stage::RollingBack => Verdict::GoOn,
            Stage::RolledOut | Stage::RolledBack | Stage::Superseded => Verdict::End,
            Stage::Canary | Stage::RollingOut if self.has_failed(1, &done) => self.turn_back(&done),
            Stage::Canary if all_serve => {
                self.stage = Stage::ObservingCanary(now + self.strategy.observe);
                Verdict::GoOn
            }
            Stage::RollingOut if all_serve => {
                self.stage = Stage::Observing(now + self.strategy.observe);
                Verdict::GoOn
            }
            Stage::Canary | Stage::RollingOut => Verdict::GoOn,
            Stage::ObservingCanary(until) | Stage::Observing(until) => {
                // In the end even a few requests are all that there is to go by.
                let enough = if now >= until { 0 } else { 1 };
                if self.has_failed(enough, &done) {
                    self.turn_back(&done)
                } else if now < until {
                    Verdict::GoOn
                } else if self.stage == Stage::Observing(until) {
                    self.end(Stage::RolledOut, now)
                } else {
                    self.stage = Stage::RollingOut;
                    Verdict::CanaryPassed
                }
            }
        }
    }

    /// What the servers with the new build have served and failed since they have it.
    fn seen(&self, done: &impl Fn(NodeId) -> (u64, u64)) -> (u64, u64) {
        self.servers.iter().fold((0, 0), |(served, failed), server| match server.progress {
            Progress::Serving(before, failed_before) => {
                let (now, failed_now) = done(server.node);
                (served + now - before, failed + failed_now - failed_before)
            }
            Progress::Waiting | Progress::Draining(_) | Progress::Starting => (served, failed),
        })
    }

    fn has_failed(&self, least: u64, done: &impl Fn(NodeId) -> (u64, u64)) -> bool {
        let (served, failed) = self.seen(done);
        let asked = served + failed;
        let share = failed as f64 / asked.max(1) as f64;
        asked >= least * REQUESTS_MIN && self.strategy.max_error_rate.is_some_and(|most| share > most)
    }

    fn turn_back(&mut self, done: &impl Fn(NodeId) -> (u64, u64)) -> Verdict {
        let (served, failed) = self.seen(done);
        let share = failed as f64 / (served + failed).max(1) as f64;
        self.stage = Stage::RollingBack;
        self.error_rate = Some(share);
        Verdict::TurnBack(share)
    }

    fn end(&mut self, stage: Stage, now: SimTime) -> Verdict {
        (self.stage, self.ended) = (stage, now);
        Verdict::End
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(canary_share: f64, batch: u32) -> Deployment {
        let strategy =
            Strategy { batch, canary_share, observe: Span(100), max_error_rate: Some(0.05), drain: Span(10) };
        let server = |node| Server { node: NodeId(node), before: Some(0), progress: Progress::Waiting };
        Deployment::new(1, strategy, (0..8).map(server).collect(), SimTime::ZERO)
    }

    fn serve(own: &mut Deployment) {
        for index in own.next() {
            own.servers[index].progress = Progress::Serving(0, 0);
        }
    }

    #[test]
    fn canaries_go_first_and_the_others_follow_batch_by_batch() {
        let mut own = deployment(0.2, 3);
        assert_eq!(own.next(), [0, 1], "a fifth of eight, rounded up");
        serve(&mut own);
        assert_eq!(own.decide(SimTime(5), |_| (30, 1)), Verdict::GoOn);
        assert_eq!(own.stage, Stage::ObservingCanary(SimTime(105)));
        assert!(own.next().is_empty(), "they are watched first");
        assert_eq!(own.decide(SimTime(105), |_| (99, 5)), Verdict::CanaryPassed);
        assert_eq!(own.next(), [2, 3, 4]);
        serve(&mut own);
        serve(&mut own);
        assert_eq!(own.decide(SimTime(200), |_| (99, 5)), Verdict::GoOn);
        assert_eq!(own.decide(SimTime(300), |_| (99, 5)), Verdict::End);
        assert_eq!(own.stage, Stage::RolledOut);
    }

    #[test]
    fn too_many_errors_turn_it_back_once_there_are_enough_requests() {
        let mut own = deployment(0.1, 1);
        serve(&mut own);
        assert_eq!(own.decide(SimTime(5), |_| (9, 10)), Verdict::GoOn, "nineteen requests say little");
        assert_eq!(own.decide(SimTime(6), |_| (10, 10)), Verdict::TurnBack(0.5));
        own.servers[0].progress = Progress::Waiting;
        own.servers.truncate(1);
        serve(&mut own);
        assert_eq!(own.decide(SimTime(9), |_| (10, 10)), Verdict::End);
        assert_eq!(own.stage, Stage::RolledBack);
    }
}
