//! Chapter 11: what is committed on its way to servers, by hand and by a pipeline, and servers that are added by hand or not.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::deployment::Strategy;
use crate::scenario::{Change, edit};
use crate::world::report::{DeploymentReport, PipelineReport, Report};

use super::designs::{count, failed, phase, pool, run, times, within};
use super::operations_alert::operations;

const SERVERS: u32 = 8;
const RATE: f64 = 40.0;
/// When a build is committed or deployed.
const SENT: f64 = 100.5;
const FAULTY: f64 = 0.3;
const BUILD: f64 = 240.0;
const TESTS: f64 = 360.0;
const SCRAPED: f64 = 10.0;
const DELAY: f64 = 1.0;
const HOLD: f64 = 60.0;
const REACTION: f64 = 300.0;
const LOOK: f64 = 60.0;
const ENDS: f64 = 1_300.0;
/// Many commits of a build that is wrong once in two hundred answers, and as many tests.
const COMMITS: u32 = 100;
const RARELY: f64 = 0.005;
const CASES: u32 = 200;
const STEP: f64 = 10.0;

fn constant(seconds: f64) -> Value {
    json!({ "mean_ms": seconds * 1e3, "distribution": "constant" })
}

/// A monitor, two rules, and somebody who takes five minutes.
fn watched(rate: f64, more: &Value) -> crate::scenario::Scenario {
    let mut patch = json!({
        "builds": { "v1": {}, "v2": {}, "bad": { "error_rate": FAULTY },
                    "sly": { "error_rate": FAULTY, "error_rate_in_tests": 0.0 },
                    "slow": { "work_factor": 10.0 }, "rarely": { "error_rate": RARELY } },
        "tiers": { "web": { "build": "v1" } },
        "operations": {
            "monitor": { "scrape_interval_ms": SCRAPED * 1e3, "delay_ms": DELAY * 1e3 },
            "alerts": { "errors": { "metric": "error_share", "tier": "web", "above": 0.05, "for_ms": HOLD * 1e3 },
                        "slow": { "metric": "latency_p99_ms", "tier": "web", "above": 120.0, "for_ms": 20_000.0 } },
            "on_call": { "reaction": constant(REACTION), "look_ms": LOOK * 1e3 }
        }
    });
    edit::merge(&mut patch, more);
    pool(SERVERS, rate, patch)
}

fn pipeline() -> Value {
    json!({ "operations": { "pipeline": {
        "tier": "web", "build_time": constant(BUILD), "tests": { "time": constant(TESTS), "cases": 500 },
        "strategy": { "batch": 2, "canary_share": 0.1, "observe_ms": 60_000.0, "max_error_rate": 0.05 },
        "turn_back_on": ["slow"]
    } } })
}

fn commit(build: &str) -> Change {
    Change::Commit { build: build.to_owned() }
}

/// Four servers for ten requests a second each, 16 of which come, and then four times as many.
fn crowded(more: &Value) -> crate::scenario::Scenario {
    let mut patch = json!({
        "workload": { "classes": { "read": { "web": { "mean_ms": 100.0 } } } },
        "operations": {
            "monitor": { "scrape_interval_ms": SCRAPED * 1e3, "delay_ms": DELAY * 1e3 },
            "alerts": { "busy": { "metric": "cpu_utilisation", "tier": "web", "above": 0.8, "for_ms": HOLD * 1e3 } },
            "on_call": { "reaction": constant(REACTION), "look_ms": LOOK * 1e3, "adds_servers": 6 }
        }
    });
    edit::merge(&mut patch, more);
    pool(4, 16.0, patch)
}

/// When the crowd comes, right after a scrape, and for how long.
const CROWD: f64 = 101.0;
const CROWD_SECONDS: f64 = 1_000.0;

fn automation_runs() -> Vec<Run> {
    let all = [phase("all", 0.0, ENDS)];
    let at_once = Strategy { batch: SERVERS, ..Strategy::default() };
    let by_hand = Change::Deploy { target: "web".to_owned(), build: "sly".to_owned(), strategy: at_once };
    let of = |name: &str, build: &str| run(name, watched(RATE, &pipeline()), &all).at(SENT, commit(build));
    let mut hasty = pipeline();
    edit::merge(
        &mut hasty,
        &json!({ "operations": { "pipeline": {
            "build_time": constant(STEP), "tests": { "time": constant(STEP), "cases": CASES },
            "strategy": { "canary_share": Value::Null, "batch": SERVERS, "observe_ms": 0.0 }
        } } }),
    );
    let mut many = run("many commits", watched(1.0, &hasty), &[phase("all", 0.0, 2_600.0)]);
    for _ in 0..COMMITS {
        many = many.at(1.0, commit("rarely"));
    }
    let autoscaler = json!({ "tiers": { "web": { "autoscaler": {
        "minimum": 4, "maximum": 12, "target_utilisation": 0.6, "evaluate_every_ms": SCRAPED * 1e3,
        "cooldown_out_ms": 20_000.0, "cooldown_in_ms": 120_000.0
    } } } });
    let crowd = Change::Spike { factor: 4.0, duration_ms: CROWD_SECONDS * 1e3, clients: None };
    let spike = |name: &str, more: &Value| run(name, crowded(more), &all).at(CROWD, crowd.clone());
    vec![
        of("a build that is bad in production only", "sly"),
        run("the same by hand", watched(RATE, &json!({})), &all).at(SENT, by_hand),
        of("a bad build", "bad"),
        of("a slow build", "slow"),
        of("a good build", "v2"),
        many,
        spike("a crowd and an autoscaler", &autoscaler),
        spike("a crowd and somebody on call", &json!({})),
    ]
}

fn passages(report: &Report) -> &PipelineReport {
    operations(report).pipeline.as_ref().expect("there is a pipeline")
}

fn faults(outcome: &Outcome) -> u64 {
    outcome.report().requests.failed.get("application_error").copied().unwrap_or(0)
}

fn first(outcome: &Outcome, wanted: impl Fn(&Fact) -> bool) -> f64 {
    times(outcome, wanted).first().copied().unwrap_or(f64::INFINITY)
}

/// Servers that the first deployment reached.
fn reached(outcome: &Outcome) -> f64 {
    outcome.report().deployments.first().map_or(0.0, |own: &DeploymentReport| f64::from(own.replaced))
}

fn ended(outcome: &Outcome) -> f64 {
    passages(outcome.report()).passages.first().map_or(f64::INFINITY, |own| own.ended_ms / 1e3 - SENT)
}

/// The first scrape after `at`.
fn next_scrape(at: f64) -> f64 {
    (at / SCRAPED).ceil() * SCRAPED
}

fn by_hand_findings(results: &Results) -> Vec<Finding> {
    let hand = results.run("the same by hand");
    let back = first(hand, |fact| matches!(fact, Fact::WentBack { .. }));
    let served = first(hand, |fact| matches!(fact, Fact::Started { .. }));
    let wrong = FAULTY * RATE * (back - served).clamp(0.0, ENDS);
    vec![
        count(
            "by_hand",
            "requests that a bad build fails if it is brought to all servers at once, by hand",
            faults(hand),
            within(wrong, 4.0 * libm::sqrt(wrong) + 3.0 * FAULTY * RATE),
            "arithmetic: 30% of 40 a second from its start until it is taken back; four standard errors of a Poisson count, and \
             three seconds until servers are found well, or stopped",
        ),
        Finding {
            key: "by_hand_reached",
            what: "servers that it reached",
            unit: "servers",
            measured: reached(hand),
            expected: Expected::Exactly(f64::from(SERVERS)),
            reason: "definition: all at once, so all users meet it",
        },
        Finding {
            key: "by_hand_back",
            what: "until somebody takes it back",
            unit: "s",
            measured: back - SENT,
            expected: within(next_scrape(SENT) - SENT + HOLD + DELAY + REACTION + LOOK, SCRAPED + 1e-6),
            reason: "definition: the next scrape, or the one after it, a minute of trouble, a second until it is judged, five minutes \
                     until somebody begins, and one in which he finds the errors of the build in a server's lines",
        },
    ]
}

fn pipeline_findings(results: &Results) -> Vec<Finding> {
    let [sly, bad, slow, good] =
        ["a build that is bad in production only", "a bad build", "a slow build", "a good build"]
            .map(|name| results.run(name));
    let seconds = |key, what, measured, expected, reason| Finding { key, what, unit: "s", measured, expected, reason };
    vec![
        count(
            "tested",
            "requests that fail if tests meet the fault",
            faults(bad),
            Expected::Exactly(0.0),
            "theory: 500 tests of which 30% fail let it pass once in 10^77: it never reaches a server",
        ),
        seconds(
            "stopped",
            "until the tests have stopped it",
            ended(bad),
            within(BUILD + TESTS, 1e-6),
            "definition: four minutes to build and six to test",
        ),
        count(
            "canary",
            "requests that fail if it shows in production only, and canaries go first",
            faults(sly),
            within(7.0, 9.0),
            "theory: one of eight servers fails 1.5 of 5 requests a second. It is judged when it has served 20, at the next look of \
             one a second, so after 20 to 26: 6 to 8 failures, give or take four standard deviations of 2.2",
        ),
        Finding {
            key: "reached",
            what: "servers that it reached",
            unit: "servers",
            measured: reached(sly),
            expected: Expected::Exactly(1.0),
            reason: "definition: a tenth of eight, rounded up",
        },
        Finding {
            key: "slow_reached",
            what: "servers that a build reached that fails nothing and needs ten times as long",
            unit: "servers",
            measured: reached(slow),
            expected: Expected::Exactly(1.0),
            reason: "theory: with one slow server of eight the 99th percentile of the tier is 250 ms (1/8 · e^(−t/100 ms) = 1/100) and \
                     the rule fires above 120, while canaries are watched for a minute",
        },
        count(
            "slow_back",
            "builds that went back by that alert",
            passages(slow.report()).rolled_back,
            Expected::Exactly(1.0),
            "definition: the pipeline goes by the alert",
        )
        .of("builds"),
        count(
            "good",
            "requests that fail while a good build goes through all servers",
            failed(good.report()),
            Expected::Exactly(0.0),
            "definition: servers finish what they have, two at a time, and six carry the load",
        ),
        seconds(
            "good_takes",
            "from commit to the last server, and the last look",
            ended(good),
            within(BUILD + TESTS + 2.0 * 60.0 + 5.0 * 9.0, 5.0 * 4.0),
            "arithmetic: ten minutes to build and test, two of watching, and five batches of 5 s to boot and 1 to 8 to be found idle \
             and well",
        ),
    ]
}

fn other_findings(results: &Results) -> Vec<Finding> {
    let many = passages(results.run("many commits").report());
    let (auto, hand) = (results.run("a crowd and an autoscaler"), results.run("a crowd and somebody on call"));
    let finds = 1.0 - libm::pow(1.0 - RARELY, f64::from(CASES));
    let commits = f64::from(COMMITS);
    let added =
        |outcome| first(outcome, |fact| matches!(fact, Fact::Scaled { .. } | Fact::AddedServers { .. })) - CROWD;
    let looks = 5.0;
    vec![
        count(
            "suite",
            "of 100 builds that are wrong once in 200 answers, those that 200 tests stop",
            many.failed_tests,
            within(commits * finds, 4.0 * libm::sqrt(commits * finds * (1.0 - finds))),
            "theory: 1 − (1 − 1/200)^200 = 63% each, binomial; four standard deviations",
        )
        .of("builds"),
        Finding {
            key: "scaled_hand",
            what: "from four times the load until somebody adds servers",
            unit: "s",
            measured: added(hand),
            expected: within(next_scrape(CROWD) - CROWD + HOLD + DELAY + REACTION + looks * LOOK, 1e-6),
            reason: "definition: the next scrape, a minute above 80%, a second, five minutes until he begins, and five servers that he \
                     looks at, a minute each, none of which is broken",
        },
        Finding {
            key: "scaled",
            what: "until the autoscaler does",
            unit: "s",
            measured: added(auto),
            expected: Expected::AtMost(2.0 * SCRAPED),
            reason: "definition: it looks every ten seconds, and the first whole stretch shows it all",
        },
        count(
            "crowd_hand",
            "requests that fail meanwhile by hand",
            failed(hand.report()),
            Expected::AtLeast(5_000.0),
            "arithmetic: 64 a second come, 40 can be done, for eleven minutes; what waits too long or finds no room fails",
        ),
        count(
            "crowd",
            "those with the autoscaler",
            failed(auto.report()),
            Expected::AtMost(0.1 * failed(hand.report()) as f64),
            "arithmetic: half a minute until the first new servers serve, instead of eleven",
        ),
    ]
}

fn automation_findings(results: &Results) -> Vec<Finding> {
    let mut findings = by_hand_findings(results);
    findings.extend(pipeline_findings(results));
    findings.extend(other_findings(results));
    findings
}

/// Test, build, deployment and scaling by machines.
pub static AUTOMATION: Experiment = Experiment {
    id: "ops.automation",
    title: "A pipeline",
    claim: "Machines build, test and deploy what is committed, and take it back: a bad build is stopped before it has failed many. By \
            hand it meets all users until somebody notices. And machines add servers while people are still looking.",
    watch: "The builds of the servers, what fails, and the way of the commit in the log.",
    question: Question {
        text: "A build passes all tests and fails three in ten requests in production. One of eight servers gets it first, and a machine \
               watches. How many requests fail?",
        options: &["About seven", "About seven hundred", "Three in ten, until somebody is called"],
        right: 0,
    },
    explanation: "Tests stop what they can see, for nothing but ten minutes' waiting. What they cannot see, a canary meets with an \
                  eighth of the users, and twenty requests are enough to know. What fails nothing but is slow, an alert sees. A \
                  person needs the alert too, and then minutes until he is there and has found out: with all users as canaries.",
    runs: automation_runs,
    judge: automation_findings,
    mutations: &[
        Mutation { name: "nobody tests", breaks: |runs| runs[2].set("operations.pipeline.tests", Value::Null) },
        Mutation {
            name: "all servers are canaries",
            breaks: |runs| {
                runs[0].set("operations.pipeline.strategy.batch", json!(SERVERS));
                runs[0].set("operations.pipeline.strategy.canary_share", json!(1.0));
            },
        },
        Mutation {
            name: "the canary may fail as much as it likes",
            breaks: |runs| runs[0].set("operations.pipeline.strategy.max_error_rate", json!(1.0)),
        },
        Mutation {
            name: "no alert takes a build back",
            breaks: |runs| runs[3].set("operations.pipeline.turn_back_on", json!([])),
        },
        Mutation { name: "there is one test", breaks: |runs| runs[5].set("operations.pipeline.tests.cases", json!(1)) },
        Mutation {
            name: "whoever is on call puts up with anything",
            breaks: |runs| runs[1].set("operations.on_call.tolerated_error_rate", json!(1.0)),
        },
        Mutation {
            name: "the autoscaler may add nothing",
            breaks: |runs| runs[6].set("tiers.web.autoscaler.maximum", json!(4)),
        },
    ],
};
