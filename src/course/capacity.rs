//! How much a system can carry, found by simulating it: its capacity, and what it is to promise.
//!
//! A search is a state machine without a clock, as [`super::trial::Trial`] is, and takes the users as the dial: everything
//! else of the scenario stays as it is. A load is simulated for [`Effort::settle`] before it is measured. The most users
//! with whom a system keeps what it promises are found by [`super::ladder`].

use crate::scenario::Scenario;
use crate::scenario::check::USERS_MAX;
use crate::time::{SimTime, Span};
use crate::world::World;
use crate::world::report::Report;

/// How long each load is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Before anything is measured.
    pub settle: Span,
    /// What is measured.
    pub measured: Span,
}

/// One load that is being tried.
#[derive(Debug)]
pub(super) struct Attempt {
    /// How many users send.
    pub users: u32,
    /// The system, once it is over at the end of what is measured.
    pub world: World,
    settled: SimTime,
    end: SimTime,
    measuring: bool,
}

impl Attempt {
    /// Of a system with so many users.
    pub fn new(scenario: &Scenario, seed: u64, users: u32, effort: Effort) -> Self {
        let mut scenario = scenario.clone();
        scenario.workload.users = users;
        let settled = SimTime::ZERO + effort.settle;
        let world = World::new(&scenario, seed);
        Self { users, world, settled, end: settled + effort.measured, measuring: false }
    }

    /// Handles at most so many events, which it takes from `left`. Says whether it is over.
    pub fn advance(&mut self, left: &mut u64) -> bool {
        while *left > 0 {
            let until = if self.measuring { self.end } else { self.settled };
            let progress = self.world.advance(until, *left);
            *left -= progress.events.min(*left);
            match (progress.reached, self.measuring) {
                (true, true) => return true,
                (true, false) => {
                    self.world.begin_measuring();
                    self.measuring = true;
                }
                (false, _) => {}
            }
        }
        false
    }
}

fn goodput(report: &Report) -> f64 {
    report.requests.answered as f64 / report.simulated_seconds
}

fn times(users: u32, factor: f64) -> u32 {
    ((f64::from(users) * factor).round() as u32).clamp(1, USERS_MAX)
}

/// Overload at which capacity is measured.
const OVERLOAD: f64 = 1.5;
/// Below this share of what was offered, the system is taken to be saturated.
const SATURATED: f64 = 0.9;

/// Finds the capacity: answers per second at 1.5 times overload. Users are doubled until less than nine tenths of what they
/// send is answered; what is answered then says at which load to measure.
#[derive(Debug)]
pub struct Capacity {
    scenario: Scenario,
    seed: u64,
    effort: Effort,
    attempt: Option<Attempt>,
    last: bool,
    /// Answers per second at 1.5 times overload, once they are known.
    pub found: Option<f64>,
}

impl Capacity {
    /// Of this system, from its own number of users on.
    pub fn new(scenario: &Scenario, seed: u64, effort: Effort) -> Self {
        let first = Attempt::new(scenario, seed, scenario.workload.users, effort);
        Self { scenario: scenario.clone(), seed, effort, attempt: Some(first), last: false, found: None }
    }

    /// Handles at most `budget` events. Says whether the capacity is found.
    pub fn advance(&mut self, budget: u64) -> bool {
        let mut left = budget;
        while let Some(attempt) = &mut self.attempt {
            let users = attempt.users;
            if !attempt.advance(&mut left) {
                return false;
            }
            let answered = goodput(&attempt.world.report());
            let offered = f64::from(users) * self.scenario.workload.requests_per_user_per_second;
            let next = if self.last || users == USERS_MAX {
                self.found = Some(answered);
                None
            } else if answered < SATURATED * offered {
                self.last = true;
                Some(times(users, OVERLOAD * answered / offered))
            } else {
                Some(times(users, 2.0))
            };
            self.attempt = next.map(|users| Attempt::new(&self.scenario, self.seed, users, self.effort));
        }
        true
    }
}

/// What a system promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// The 99th percentile of the latency, in milliseconds.
    pub p99_ms: f64,
    /// The share of requests that may fail, from 0 to 1.
    pub failed: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EFFORT: Effort = Effort { settle: Span(10_000_000_000), measured: Span(60_000_000_000) };

    /// Two cores that do 200 requests a second.
    fn system() -> Scenario {
        let json = json!({
            "version": 1, "name": "Two cores",
            "workload": {
                "users": 50, "requests_per_user_per_second": 1.0, "entry": "web",
                "clients": { "all": { "share": 1.0, "place": "montreal" } },
                "classes": { "read": { "share": 1.0, "web": { "mean_ms": 10.0 } } }
            },
            "network": { "enabled": false },
            "machines": { "app": { "place": "montreal", "cores": 2, "discipline": "fifo" } },
            "tiers": { "web": { "kind": "web_server", "machine": "app", "slots": 30, "backlog": 20 } }
        });
        crate::scenario::from_value(json).expect("a valid system")
    }

    #[test]
    fn capacity_is_what_the_cores_can_do() {
        let mut search = Capacity::new(&system(), 1, EFFORT);
        while !search.advance(10_000) {}
        // 12,000 exponential services: four standard errors of their mean are 3.7%, and 50 are under way at the end.
        let found = search.found.expect("it is over");
        assert!((found / 200.0 - 1.0).abs() < 0.045, "{found}");
    }
}
