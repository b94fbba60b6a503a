//! What a step of the journey is for that adds no users: simulated with the step and without it, on the stage as it is
//! published, under the ladder's conditions.
//!
//! A step without an axis of its own has to pay: it is compared with the rung before in what its machines cost for the same
//! users.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::course::experiment::{Outcome, Run};
use crate::course::experiments::designs::{failed, kill, merged, phase, restore, run, silence};
use crate::course::stages;
use crate::scenario::deployment::Strategy;
use crate::scenario::{Change, Scenario, edit};
use crate::world::World;

use super::{Rung, level};

/// What a step improves, as it was measured. Less is better.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Better {
    /// What there is less of.
    pub what: String,
    /// Its unit.
    pub unit: String,
    /// Without the step.
    pub before: f64,
    /// With it.
    pub after: f64,
}

/// What a step is for.
#[derive(Debug)]
pub struct Axis {
    /// The stage that it leads to.
    pub stage: &'static str,
    /// What there is less of then.
    pub what: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The system without the step and with it.
    pub runs: fn() -> [Run; 2],
    /// What is compared.
    pub measure: fn(&Outcome) -> f64,
}

/// The axes of those steps that have one.
pub static AXES: [Axis; 5] = [
    Axis {
        stage: "cdn",
        what: "mean time of a file, with users on three continents",
        unit: "ms",
        runs: delivery,
        measure: |outcome| outcome.report().by_class["static"].latency_ms.mean,
    },
    Axis {
        stage: "stateless-web-tier",
        what: "sessions lost with a web server",
        unit: "sessions",
        runs: sessions,
        measure: |outcome| {
            let sessions = outcome.report().sessions.as_ref().and_then(|sessions| sessions.sign_ins.as_ref());
            sessions.map_or(0.0, |own| own.sessions_lost as f64)
        },
    },
    Axis {
        stage: "data-centers",
        what: "outage when a place loses power for a minute, in seconds of all requests",
        unit: "s",
        runs: outage,
        measure: outage_seconds,
    },
    Axis {
        stage: "message-queue",
        what: "p50 of what who sends a photo waits",
        unit: "ms",
        runs: photos,
        measure: |outcome| outcome.report().by_class["photo"].latency_ms.p50,
    },
    Axis {
        stage: "operations",
        what: "outage by a bad build until somebody takes it back, in seconds of all requests",
        unit: "s",
        runs: bad_build,
        measure: outage_seconds,
    },
];

/// Requests that failed, as the time in which so many are sent.
fn outage_seconds(outcome: &Outcome) -> f64 {
    let report = outcome.report();
    failed(report) as f64 / (report.requests.issued as f64 / report.simulated_seconds)
}

/// The stage on the ladder, with so many users, changed by a merge patch.
fn stage(id: &str, users: u32, patch: &Value) -> Scenario {
    let mut base = edit::encode(&level(stages::find(id).expect("a stage that is there")));
    edit::merge(&mut base, &json!({ "workload": { "users": users } }));
    merged(base, patch)
}

fn delivery() -> [Run; 2] {
    let mut without = json!({
        "workload": { "classes": { "static": { "entry": null, "files": null } } },
        "tiers": { "cdn": null, "store": null },
    });
    let with = stage("cdn", 6_000, &json!({}));
    for group in with.workload.clients.keys() {
        let own = json!({ "browser_cache": false });
        edit::merge(&mut without, &json!({ "workload": { "clients": { group: own } } }));
        without["workload"]["clients"][group]["cdn_fallback"] = Value::Null;
    }
    let phases = [phase("measured", 15.0, 25.0)];
    [run("without edges", stage("cdn", 6_000, &without), &phases), run("with edges", with, &phases)]
}

fn sessions() -> [Run; 2] {
    let own_memory = json!({
        "workload": { "sessions": { "store": null } },
        "tiers": { "sessions": null, "balancer": { "sticky": true } },
    });
    let of = |name: &str, patch: &Value| {
        let scenario = stage("stateless-web-tier", 4_000, patch);
        run(name, scenario, &[phase("measured", 0.0, 15.0)]).at(5.0, kill("web.1"))
    };
    [of("sessions in servers", &own_memory), of("sessions in a store", &json!({}))]
}

fn outage() -> [Run; 2] {
    let of = |name: &str, id: &str| {
        let scenario = stage(id, 2_000, &json!({}));
        let run = run(name, scenario, &[phase("measured", 0.0, 130.0)]);
        run.at(10.0, silence("places.montreal")).at(70.0, restore("places.montreal"))
    };
    [of("one place", "stateless-web-tier"), of("two places", "data-centers")]
}

fn photos() -> [Run; 2] {
    let inline = json!({ "workload": { "classes": { "photo": { "job": { "publish": null } } } } });
    let of =
        |name: &str, patch: &Value| run(name, stage("message-queue", 4_000, patch), &[phase("measured", 5.0, 25.0)]);
    [of("jobs in web servers", &inline), of("jobs in a queue", &json!({}))]
}

/// Somebody deploys a bad build by hand. Without a monitor nobody knows before users complain.
fn bad_build() -> [Run; 2] {
    let blind =
        json!({ "operations": { "monitor": null, "alerts": null, "logs": null, "business": null, "pipeline": null } });
    let deployed =
        || Change::Deploy { target: "web".to_owned(), build: "v2-faulty".to_owned(), strategy: Strategy::default() };
    let of = |name: &str, patch: &Value| {
        run(name, stage("operations", 1_000, patch), &[phase("measured", 0.0, 1_500.0)]).at(10.0, deployed())
    };
    [of("nobody watches", &blind), of("monitored", &json!({}))]
}

/// What came of a run.
fn outcome(run: Run, seed: u64) -> Outcome {
    let mut world = World::new(&run.scenario, seed);
    let mut reports = Vec::new();
    for phase in &run.phases {
        while !world.advance(phase.start(), u64::MAX).reached {}
        world.begin_measuring();
        while !world.advance(phase.end(), u64::MAX).reached {}
        reports.push((phase.name, world.report()));
    }
    Outcome { name: run.name, reports, world }
}

impl Better {
    /// What the step to `rung` improves on the one `before`: along its own axis, or else in dollars.
    pub fn of(before: &Rung, rung: &Rung, seed: u64) -> Self {
        if let Some(axis) = AXES.iter().find(|axis| axis.stage == rung.stage) {
            let [without, with] = (axis.runs)().map(|run| (axis.measure)(&outcome(run, seed)));
            return Self { what: axis.what.to_owned(), unit: axis.unit.to_owned(), before: without, after: with };
        }
        let dollars = |rung: &Rung| 1e3 * rung.machines_per_month_usd / f64::from(rung.users);
        Self {
            what: "machines for a thousand users a month".to_owned(),
            unit: "$".to_owned(),
            before: dollars(before),
            after: dollars(rung),
        }
    }

    /// Whether it improves anything.
    pub fn is_better(&self) -> bool {
        self.after < self.before
    }
}
