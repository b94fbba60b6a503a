//! Chapter 13: the ladder. What was recorded is not measured again, but both ends of each bracket are simulated: with a little
//! less than the rung's users the objective is kept, with a little more it is not.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::course::ladder::axes::{AXES, Axis, Better};
use crate::course::ladder::verdict::Verdict;
use crate::course::ladder::{OBJECTIVE, Rung, faults, recorded};

use super::designs::{phase, run};

/// Users at the ends, as shares of the rung's: the bracket is 5% wide, and its lower end is the rung.
const BELOW: f64 = 0.95;
const ABOVE: f64 = 1.1;
/// Requests that a run is to simulate, and the shortest run, in seconds.
const REQUESTS: f64 = 40_000.0;
const SECONDS_MIN: f64 = 3.0;
/// Of what is asked more often than this only so many seconds are simulated, and no more requests than these.
const MANY_PER_SECOND: f64 = 100_000.0;
const SECONDS_OF_MANY: f64 = 0.5;
const REQUESTS_MAX: f64 = 480_000.0;

fn name(rung: &Rung, end: &str) -> String {
    format!("{} {end}", rung.stage)
}

fn end(rung: &Rung, end: &str, share: f64) -> Run {
    let scenario = rung.scenario((f64::from(rung.users) * share) as u32);
    let rate = f64::from(scenario.workload.users) * scenario.workload.requests_per_user_per_second;
    let seconds = match rate > MANY_PER_SECOND {
        true => (REQUESTS_MAX / rate).min(SECONDS_OF_MANY),
        false => (REQUESTS / rate).max(SECONDS_MIN),
    };
    run(name(rung, end), scenario, &[phase("measured", 0.4 * seconds, seconds)])
}

fn runs() -> Vec<Run> {
    let below = recorded().iter().map(|rung| end(rung, "below", BELOW));
    let above = with_upper_end().map(|rung| end(rung, "above", ABOVE));
    below.chain(above).chain(AXES.iter().flat_map(|axis| (axis.runs)())).collect()
}

/// Rungs of which it is known with how many users they break: all but those that serve as many as were sought.
fn with_upper_end() -> impl Iterator<Item = &'static Rung> {
    recorded().iter().filter(|rung| rung.broken.is_some())
}

/// Whether the objective was kept at one end of a rung.
fn keeps(results: &Results, rung: &Rung, end: &str) -> bool {
    let outcome: &Outcome = results.run(&name(rung, end));
    Verdict::of(&outcome.world).keeps(OBJECTIVE)
}

fn improves(results: &Results, axis: &Axis) -> bool {
    let [before, after] = (axis.runs)().map(|run| (axis.measure)(results.run(&run.name)));
    Better { what: String::new(), unit: String::new(), before, after }.is_better()
}

fn judge(results: &Results) -> Vec<Finding> {
    let rungs = recorded();
    let count =
        |key, what, unit, measured: f64, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let all = rungs.len() as f64;
    let users = |rung: Option<&Rung>| rung.map_or(0.0, |rung| f64::from(rung.users));
    let better = AXES.iter().filter(|axis| improves(results, axis)).count() as f64;
    vec![
        count(
            "kept",
            "rungs that keep the objective with 95% of their users",
            "rungs",
            rungs.iter().filter(|rung| keeps(results, rung, "below")).count() as f64,
            Expected::Exactly(all),
            "all of them: each was measured with its users, for longer than here",
        ),
        count(
            "broken",
            "rungs that do not keep it with 110% of them",
            "rungs",
            with_upper_end().filter(|rung| !keeps(results, rung, "above")).count() as f64,
            Expected::Exactly(with_upper_end().count() as f64),
            "all of which that is known: each was broken with at most 105%, and what has grown is as large as for 100%",
        ),
        count(
            "faults",
            "steps that serve fewer users, or none more and nothing better",
            "steps",
            faults(rungs).len() as f64,
            Expected::Exactly(0.0),
            "the claim; of what was recorded",
        ),
        count(
            "better",
            "steps without more users that better something else, simulated with the step and without it",
            "steps",
            better,
            Expected::Exactly(AXES.len() as f64),
            "all of those that have an axis of their own; the others pay in dollars, by what was recorded",
        ),
        count(
            "first",
            "users of the first rung",
            "users",
            users(rungs.first()),
            Expected::AtMost(2.0 / 4.8e-3 / 0.1),
            "arithmetic: two cores, 4.8 ms of work for a request, a tenth of a request a second from each user",
        ),
        count(
            "last",
            "users of the last rung",
            "users",
            users(rungs.last()),
            Expected::AtLeast(1e7),
            "the claim: ten million at a tenth of a request a second each",
        ),
    ]
}

/// A run of the first rung whose stage is this, to break it.
fn break_run(runs: &mut [Run], name: &str, path: &str, value: Value) {
    runs.iter_mut().find(|run| run.name == name).expect("it is a rung").set(path, value);
}

/// The journey: each step serves more users, or serves them better.
pub static LADDER: Experiment = Experiment {
    id: "all.ladder",
    title: "The ladder",
    claim: "Each step of the journey serves more users than the one before, or serves them better; the last stage serves ten \
            million.",
    watch: "Each rung with a little less than its users, and with a little more: which tier is full, and what fails first.",
    question: Question {
        text: "A cache answers most reads, and nothing else changes. How many more users does the system serve?",
        options: &["About four times as many", "About twice as many", "Hardly any more"],
        right: 2,
    },
    explanation: "What ends first decides, and that is the primary with its writes: replicas had taken the reads off it \
                  before. The cache does what they did with fewer machines. From there on steps serve the same users better: \
                  nearer, without losing sessions or a whole site. Only shards take writes off the primary, and so only they \
                  lead on to millions.",
    runs,
    judge,
    mutations: &[
        Mutation {
            name: "behind the balancer are as few web servers as at first",
            breaks: |runs| break_run(runs, "load-balancer below", "tiers.web.instances", json!(2)),
        },
        Mutation {
            name: "cores of one machine do not disturb each other",
            breaks: |runs| {
                let law = json!({ "contention": 0.0, "coherency": 0.0 });
                break_run(runs, "vertical-scaling above", "machines.app.scalability", law);
            },
        },
        Mutation {
            name: "all edges stand beside the origin",
            breaks: |runs| break_run(runs, "with edges", "tiers.cdn.places", json!(["montreal"])),
        },
    ],
};
