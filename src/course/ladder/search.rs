//! Finds how many users a stage serves: a state machine without a clock.
//!
//! 1. The stage as it is, at the load that it opens with, tells how busy each part is.
//! 2. From that follows the load at which a part that cannot get more can do no more: the bound.
//! 3. Loads about there are tried, each with a system grown to that load, until the most users with whom the objective is
//!    kept and the fewest with whom it is broken are within 5%.
//!
//! Where nothing bounds (what is sharded), users are doubled until it breaks. A rung is tried first with the users of the one
//! before, where that is near: so that it serves as many is measured, not concluded.

use crate::course::capacity::{Attempt, Effort, Objective};
use crate::scenario::Scenario;
use crate::time::Span;
use crate::world::World;
use crate::world::report::Report;

use super::growth::Growth;
use super::loads::{Loads, Weakest};
use super::verdict::Verdict;

/// How close the bounds must come, as a share.
pub const PRECISION: f64 = 0.05;
/// More users than these are not looked for.
pub const USERS_SOUGHT_MAX: u32 = 12_000_000;
/// At the same load a system is enlarged at most so often.
const GROWN_MAX: u32 = 3;

/// How long a load is simulated: some 300,000 requests, but at least 20 s, for queues to grow, and at most 300 s. Of what is
/// larger a million requests, but at least 2 s. A quarter of that passes before.
pub fn effort(requests_per_second: f64) -> Effort {
    let seconds = (3e5 / requests_per_second).clamp(20.0, 300.0);
    let seconds = seconds.min(1e6 / requests_per_second).max(2.0);
    Effort { settle: Span::from_ms(seconds * 250.0), measured: Span::from_ms(seconds * 1e3) }
}

/// What came of a load.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The users.
    pub users: u32,
    /// What the stage had more of.
    pub growth: Growth,
    /// What it came to.
    pub verdict: Verdict,
    /// The part that had least to spare.
    pub weakest: Option<Weakest>,
    /// The report.
    pub report: Report,
    loads: Loads,
}

/// A search that is under way.
#[derive(Debug)]
pub struct Search {
    stage: Scenario,
    objective: Objective,
    bigger: bool,
    seed: u64,
    /// The users of the rung before.
    before: u32,
    /// The stage as it is, once that was looked at.
    opening: Option<Tried>,
    kept: Option<Tried>,
    broken: Option<Tried>,
    growth: Growth,
    grown: u32,
    bounded: bool,
    /// Loads that were simulated.
    pub tries: u32,
    attempt: Option<Attempt>,
}

impl Search {
    /// Of a stage, which may grow by bigger machines or not, after a rung with so many users.
    pub fn new(stage: &Scenario, objective: Objective, bigger: bool, seed: u64, before: u32) -> Self {
        let mut search = Self {
            stage: stage.clone(),
            objective,
            bigger,
            seed,
            before,
            opening: None,
            kept: None,
            broken: None,
            growth: Growth::default(),
            grown: 0,
            bounded: false,
            tries: 0,
            attempt: None,
        };
        search.begin(stage.workload.users);
        search
    }

    /// Handles at most `budget` events. Says whether it is over.
    pub fn advance(&mut self, budget: u64) -> bool {
        let mut left = budget;
        while let Some(attempt) = &mut self.attempt {
            if !attempt.advance(&mut left) {
                return false;
            }
            let attempt = self.attempt.take().expect("it was there just now");
            self.note(&attempt.world);
        }
        true
    }

    /// The most users with whom the objective was kept, and the fewest with whom it was broken, once it is over.
    pub fn found(&self) -> (Option<&Tried>, Option<&Tried>) {
        (self.kept.as_ref(), self.broken.as_ref())
    }

    fn begin(&mut self, users: u32) {
        let mut stage = self.stage.clone();
        stage.workload.users = users;
        let design = self.growth.of(&stage);
        let rate = f64::from(users) * design.workload.requests_per_user_per_second;
        self.attempt = Some(Attempt::new(&design, self.seed, users, effort(rate)));
        self.tries += 1;
    }

    /// A load has been simulated.
    fn note(&mut self, world: &World) {
        let design = world.scenario();
        let (report, loads) = (world.report(), Loads::of(world));
        if self.opening.is_some() && self.grown < GROWN_MAX && Growth::lacks(design, &loads) {
            self.grown += 1;
            if self.growth.grow(design, &loads, 1.0, self.bigger) {
                self.begin(design.workload.users);
                return;
            }
        }
        let tried = Tried {
            users: design.workload.users,
            growth: self.growth.clone(),
            verdict: Verdict::of(world),
            weakest: loads.weakest(world, &report),
            report,
            loads,
        };
        let next = if self.opening.is_none() {
            let first = self.first(design, &tried);
            self.opening = Some(tried);
            Some(first)
        } else {
            let kept = tried.verdict.keeps(self.objective);
            *if kept { &mut self.kept } else { &mut self.broken } = Some(tried);
            self.next()
        };
        if let Some(users) = next {
            self.prepare(users);
            self.begin(users);
        }
    }

    /// The system for a load: what carried the largest one so far, grown by what is asked more.
    fn prepare(&mut self, users: u32) {
        let from = self.kept.as_ref().or(self.opening.as_ref()).expect("the stage was looked at first");
        let mut stage = self.stage.clone();
        stage.workload.users = from.users;
        self.growth = from.growth.clone();
        let design = self.growth.of(&stage);
        self.growth.grow(&design, &from.loads, f64::from(users) / f64::from(from.users), self.bigger);
        self.grown = 0;
    }

    /// The first load to try.
    fn first(&mut self, design: &Scenario, opening: &Tried) -> u32 {
        let Some(load) = Growth::bound(design, &opening.loads, self.bigger) else {
            return self.before.max(opening.users).min(USERS_SOUGHT_MAX);
        };
        self.bounded = true;
        let bound = f64::from(opening.users) / load;
        let before = f64::from(self.before);
        let first = if (0.85..=1.05).contains(&(before / bound)) { before } else { 0.95 * bound };
        rounded(first)
    }

    /// The next load to try, unless the bounds are close enough.
    fn next(&self) -> Option<u32> {
        let users = |tried: &Option<Tried>| tried.as_ref().map(|tried| f64::from(tried.users));
        match (users(&self.kept), users(&self.broken)) {
            (Some(kept), None) if kept >= f64::from(USERS_SOUGHT_MAX) => None,
            (Some(kept), None) => Some(rounded(kept * if self.bounded { 1.0 + PRECISION } else { 2.0 })),
            (None, Some(broken)) if broken <= 1.0 => None,
            (None, Some(broken)) => Some(rounded(broken * 0.9).min(broken as u32 - 1)),
            (Some(kept), Some(broken)) if broken <= (kept * (1.0 + PRECISION)).max(kept + 1.0) + 0.5 => None,
            (Some(kept), Some(broken)) => {
                Some(rounded((kept * broken).sqrt()).clamp(kept as u32 + 1, broken as u32 - 1))
            }
            (None, None) => None,
        }
    }
}

/// To three digits: nobody knows it better.
fn rounded(users: f64) -> u32 {
    let unit = 10f64.powi((users.max(1.0).log10().floor() as i32 - 2).max(0));
    ((users / unit).round() * unit).clamp(1.0, f64::from(USERS_SOUGHT_MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Two cores that do 200 requests a second.
    fn system(cores: u32) -> Scenario {
        let json = json!({
            "version": 1, "name": "Cores",
            "workload": {
                "users": 50, "requests_per_user_per_second": 1.0, "entry": "web",
                "clients": { "all": { "share": 1.0, "place": "montreal" } },
                "classes": { "read": { "share": 1.0, "cached": true, "web": { "mean_ms": 10.0 } } }
            },
            "network": { "enabled": false },
            "machines": { "app": { "place": "montreal", "cores": cores, "discipline": "fifo" } },
            "tiers": { "web": { "kind": "web_server", "machine": "app", "slots": 300, "backlog": 20 } }
        });
        crate::scenario::from_value(json).expect("a valid system")
    }

    fn find(cores: u32, p99_ms: f64, before: u32) -> Search {
        let objective = Objective { p99_ms, failed: 0.001 };
        let mut search = Search::new(&system(cores), objective, false, 1, before);
        while !search.advance(10_000) {}
        search
    }

    #[test]
    fn the_largest_load_is_where_the_objective_breaks() {
        // By the tail of the sojourn in M/M/2, a p99 of 100 ms is reached at 151.5 requests a second. The bracket is 5%
        // wide, and four standard errors of the 99th percentile of 45,000 requests make another 5% of the load.
        let search = find(2, 100.0, 1);
        let (Some(kept), Some(broken)) = search.found() else { panic!("both ends are found") };
        assert!((f64::from(kept.users) / 151.5 - 1.0).abs() < 0.1, "{}", kept.users);
        assert!(f64::from(broken.users) <= f64::from(kept.users) * (1.0 + PRECISION) + 1.5, "{}", broken.users);
        assert_eq!(broken.weakest.as_ref().map(|weakest| weakest.tier.as_str()), Some("web"));
        // More cores share their queue.
        let more = find(4, 100.0, 1);
        assert!(more.found().0.expect("it is found").users > 2 * kept.users);
    }

    #[test]
    fn the_users_of_the_rung_before_are_tried_themselves() {
        let search = find(2, 1e4, 187);
        // 187 are 0.935 of what the cores do; the bound from a low load is within a few percent of 200.
        let tried = search.found().0.expect("it is found").users;
        assert!((187..=199).contains(&tried), "{tried}");
    }

    #[test]
    fn who_never_keeps_the_objective_serves_nobody() {
        assert!(find(2, 0.0, 1).found().0.is_none());
    }
}
