//! How much a system can carry, found by simulating it: its capacity, and the largest load at which it keeps its promises.
//!
//! Both are state machines without a clock, as [`super::trial::Trial`] is, and both take the users as the dial: everything
//! else of the scenario stays as it is. A load is simulated for [`Effort::settle`] before it is measured.

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
struct Attempt {
    users: u32,
    world: World,
    settled: SimTime,
    end: SimTime,
    measuring: bool,
}

impl Attempt {
    fn new(scenario: &Scenario, seed: u64, users: u32, effort: Effort) -> Self {
        let mut scenario = scenario.clone();
        scenario.workload.users = users;
        let settled = SimTime::ZERO + effort.settle;
        let world = World::new(&scenario, seed);
        Self { users, world, settled, end: settled + effort.measured, measuring: false }
    }

    /// Handles at most so many events, which it takes from `left`. The report, if it is over.
    fn advance(&mut self, left: &mut u64) -> Option<Report> {
        while *left > 0 {
            let until = if self.measuring { self.end } else { self.settled };
            let progress = self.world.advance(until, *left);
            *left -= progress.events.min(*left);
            match (progress.reached, self.measuring) {
                (true, true) => return Some(self.world.report()),
                (true, false) => {
                    self.world.begin_measuring();
                    self.measuring = true;
                }
                (false, _) => {}
            }
        }
        None
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
            let Some(report) = attempt.advance(&mut left) else { return false };
            let answered = goodput(&report);
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

impl Objective {
    /// Whether a run kept it.
    pub fn is_met(&self, report: &Report) -> bool {
        let failed: u64 = report.requests.failed.values().sum();
        let over = (failed + report.requests.answered).max(1);
        report.latency_ms.p99 <= self.p99_ms && failed as f64 / over as f64 <= self.failed
    }
}

/// Finds the most users with whom a system keeps its objective: doubled until it does not, then by bisection.
#[derive(Debug)]
pub struct LargestLoad {
    scenario: Scenario,
    seed: u64,
    effort: Effort,
    objective: Objective,
    /// How close the bounds must come, as a share.
    precision: f64,
    /// The most users with whom the objective was kept, and the fewest with whom it was not.
    kept: u32,
    broken: Option<u32>,
    attempt: Option<Attempt>,
}

impl LargestLoad {
    /// Of this system, to this precision (a share above 0).
    pub fn new(scenario: &Scenario, seed: u64, effort: Effort, objective: Objective, precision: f64) -> Self {
        let first = Attempt::new(scenario, seed, scenario.workload.users, effort);
        let scenario = scenario.clone();
        Self { scenario, seed, effort, objective, precision, kept: 0, broken: None, attempt: Some(first) }
    }

    /// Handles at most `budget` events. Says whether the load is found.
    pub fn advance(&mut self, budget: u64) -> bool {
        let mut left = budget;
        while let Some(attempt) = &mut self.attempt {
            let users = attempt.users;
            let Some(report) = attempt.advance(&mut left) else { return false };
            if self.objective.is_met(&report) {
                self.kept = users;
            } else {
                self.broken = Some(users);
            }
            let next = self.next();
            self.attempt = next.map(|users| Attempt::new(&self.scenario, self.seed, users, self.effort));
        }
        true
    }

    /// The load to try next, unless the bounds are close enough.
    fn next(&self) -> Option<u32> {
        match self.broken {
            None if self.kept == USERS_MAX => None,
            None => Some(times(self.kept, 2.0)),
            Some(broken) => {
                let close = f64::from(broken - self.kept) <= (self.precision * f64::from(broken)).max(1.0);
                (!close).then(|| self.kept + (broken - self.kept) / 2)
            }
        }
    }

    /// The most users with whom the objective was kept; 0 if it never was.
    pub fn found(&self) -> Option<u32> {
        self.attempt.is_none().then_some(self.kept)
    }
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

    #[test]
    fn the_largest_load_is_where_the_objective_breaks() {
        // M/M/2 keeps a p99 of 100 ms up to some load; the same search at twice the cores must find more than twice.
        let objective = Objective { p99_ms: 100.0, failed: 0.001 };
        let find = |cores: u32| {
            let mut scenario = system();
            scenario.machines.get_mut("app").expect("it is there").cores = Some(cores);
            let mut search = LargestLoad::new(&scenario, 1, EFFORT, objective, 0.05);
            while !search.advance(10_000) {}
            f64::from(search.found().expect("it is over"))
        };
        // By the tail of the sojourn in M/M/2, a p99 of 100 ms is reached at 151.5 requests a second.
        let two = find(2);
        assert!((two / 151.5 - 1.0).abs() < 0.12, "{two}");
        assert!(find(4) > 2.0 * two, "more cores share their queue");
    }

    #[test]
    fn who_never_keeps_the_objective_carries_nobody() {
        let never = Objective { p99_ms: 0.0, failed: 0.0 };
        let mut search = LargestLoad::new(&system(), 1, EFFORT, never, 0.05);
        while !search.advance(10_000) {}
        assert_eq!(search.found(), Some(0));
    }
}
