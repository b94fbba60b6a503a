//! Systems that experiments start from, and small words to describe runs.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Finding, Outcome, Phase, Run};
use crate::course::stages;
use crate::nodes::machine::effective_cores;
use crate::nodes::observer::Fact;
use crate::nodes::trace::Follow;
use crate::scenario::catalogue::{SCALABILITY, Size};
use crate::scenario::{self, Change, Moment, Network, Scenario, edit, places};
use crate::time::SimTime;
use crate::world::report::{ReplicationReport, Report};

/// The first revision of a stage, changed by a merge patch: an experiment stays as it is when its stage gets another.
pub fn stage(id: &str, patch: Value) -> Scenario {
    let stage = stages::revision(id, 1).expect("a stage that is there");
    merged(edit::encode(&stage.scenario()), &patch)
}

/// Web servers of one core each behind a balancer, and no database: 100 requests per second a server (10 ms each,
/// exponential), one place, no way to it. `requests_per_second` come in all.
pub fn pool(servers: u32, requests_per_second: f64, patch: Value) -> Scenario {
    let users = 1000;
    let base = json!({
        "version": 1, "name": "Pool",
        "workload": {
            "users": users, "requests_per_user_per_second": requests_per_second / f64::from(users), "entry": "balancer",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "read": { "share": 1.0, "web": { "mean_ms": SERVICE_MS } } }
        },
        "machines": {
            "edge": { "place": "montreal", "cores": 2, "cost_per_month_usd": 20.0 },
            "app": { "place": "montreal", "cores": 1, "cost_per_month_usd": 31.0 }
        },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web", "boot_ms": 2000.0 },
            "web": { "kind": "web_server", "machine": "app", "instances": servers, "slots": 64, "backlog": 192,
                     "boot_ms": 5000.0 }
        }
    });
    merged(base, &patch)
}

/// What a server of [`pool`] or [`replicated`] needs for a request, in milliseconds.
pub const SERVICE_MS: f64 = 10.0;

/// A web server that is never busy, in front of a primary and its replicas, which have one core each: 100 queries per
/// second a server (10 ms each, exponential), `writes` of which change data. All in one place, no way to it.
pub fn replicated(instances: u32, requests_per_second: f64, writes: f64, patch: Value) -> Scenario {
    let users = 1000;
    let work = json!({ "mean_ms": SERVICE_MS });
    let base = json!({
        "version": 1, "name": "Replication",
        "workload": {
            "users": users, "requests_per_user_per_second": requests_per_second / f64::from(users), "entry": "web",
            "keys": { "count": 10_000, "popularity": "uniform" },
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "read": { "share": 1.0 - writes, "database": work },
                         "write": { "share": writes, "write": true, "database": work } }
        },
        "machines": {
            "app": { "place": "montreal", "cores": 16, "cost_per_month_usd": 100.0 },
            "data": { "place": "montreal", "cores": 1, "cost_per_month_usd": 31.0 }
        },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 4000, "backlog": 0, "database": "database" },
            "database": { "kind": "database", "machine": "data", "instances": instances, "slots": 32, "backlog": 96,
                          "boot_ms": 5000.0, "replication": {} }
        }
    });
    merged(base, &patch)
}

/// What the databases of a run came to that replicate.
pub fn replication(report: &Report) -> &ReplicationReport {
    report.tiers["database"].replication.as_ref().expect("the databases replicate")
}

/// A design as JSON, changed by a merge patch.
pub fn merged(mut base: Value, patch: &Value) -> Scenario {
    edit::merge(&mut base, patch);
    scenario::from_value(base).unwrap_or_else(|problem| panic!("the design of an experiment: {problem}"))
}

/// A run.
pub fn run(name: impl Into<String>, scenario: Scenario, phases: &[Phase]) -> Run {
    Run { name: name.into(), scenario, phases: phases.to_vec(), follow: Follow::Nobody }
}

/// A stretch of a run, in seconds.
pub const fn phase(name: &'static str, from: f64, until: f64) -> Phase {
    Phase { name, from, until }
}

impl Run {
    /// The same, with something that happens after so many seconds.
    pub fn at(mut self, seconds: f64, change: Change) -> Self {
        self.scenario.timeline.push(Moment::new(SimTime::from_ms(seconds * 1e3), change));
        scenario::check::check(&self.scenario).unwrap_or_else(|problem| panic!("{}: {problem}", self.name));
        self
    }

    /// The same, with all requests followed.
    pub fn following(mut self) -> Self {
        self.follow = Follow::Everyone;
        self
    }

    /// Changes a value from the start; for mutations.
    pub fn set(&mut self, path: &str, value: Value) {
        let timeline = std::mem::take(&mut self.scenario.timeline);
        self.scenario = edit::set(&self.scenario, path, value).unwrap_or_else(|problem| panic!("{problem}"));
        self.scenario.timeline = timeline;
    }
}

/// What a message takes one way between two places, in milliseconds.
pub fn way_ms(from: &str, to: &str) -> f64 {
    let find = |id| places::find(id).expect("a place of the list");
    Network::default().hop_ms + places::delay_ms(find(from), find(to), places::PATH_FACTOR)
}

/// What a machine of the catalogue carries by the Universal Scalability Law, in requests of so much work a second.
pub fn capacity(size: &Size, work_ms: f64) -> f64 {
    let effective = effective_cores(size.cores, SCALABILITY.contention, SCALABILITY.coherency);
    effective[size.cores as usize] * 1e3 / work_ms
}

/// A crash.
pub fn kill(target: &str) -> Change {
    Change::Kill { target: target.to_owned(), silent: false, destroy: false }
}

/// A loss of power.
pub fn silence(target: &str) -> Change {
    Change::Kill { target: target.to_owned(), silent: true, destroy: false }
}

/// A restart.
pub fn restore(target: &str) -> Change {
    Change::Restore { target: target.to_owned() }
}

/// A planned change of the primary.
pub fn switch_over(target: &str) -> Change {
    Change::SwitchOver { target: target.to_owned() }
}

/// An older state from the backups: that of so many seconds into the run, or the newest.
pub fn restore_backup(target: &str, to_seconds: Option<f64>) -> Change {
    Change::RestoreBackup { target: target.to_owned(), to_ms: to_seconds.map(|seconds| seconds * 1e3) }
}

/// Nothing gets from one to the other any more.
pub fn cut(from: &str, to: &str) -> Change {
    Change::Cut { from: from.to_owned(), to: to.to_owned() }
}

/// Everything gets from one to the other again.
pub fn mend(from: &str, to: &str) -> Change {
    Change::Mend { from: from.to_owned(), to: to.to_owned() }
}

/// Another speed.
pub fn slow(target: &str, factor: f64) -> Change {
    Change::Slow { target: target.to_owned(), factor }
}

/// Another value.
pub fn set(path: &str, value: impl Into<Value>) -> Change {
    Change::Set { path: path.to_owned(), value: value.into() }
}

/// Requests that failed for whatever cause.
pub fn failed(report: &Report) -> u64 {
    report.requests.failed.values().sum()
}

/// Their share of those that are over, in percent.
pub fn failed_percent(report: &Report) -> f64 {
    let failed = failed(report) as f64;
    100.0 * failed / (failed + report.requests.answered as f64).max(1.0)
}

/// Answered requests per second.
pub fn goodput(report: &Report) -> f64 {
    report.requests.answered as f64 / report.simulated_seconds
}

/// When facts of a kind were told, in seconds.
pub fn times(outcome: &Outcome, wanted: impl Fn(&Fact) -> bool) -> Vec<f64> {
    let (facts, _) = outcome.world.context().observer.facts();
    facts.iter().filter(|(_, fact)| wanted(fact)).map(|(time, _)| time.as_ms() / 1e3).collect()
}

/// A number of requests, and what it should be.
pub fn count(
    key: &'static str,
    what: &'static str,
    measured: u64,
    expected: Expected,
    reason: &'static str,
) -> Finding {
    Finding { key, what, unit: "requests", measured: measured as f64, expected, reason }
}

impl Finding {
    /// The same, where what is counted has a better word than requests.
    pub fn of(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }
}

/// A number, give or take.
pub fn within(value: f64, tolerance: f64) -> Expected {
    Expected::Within { value, tolerance }
}
