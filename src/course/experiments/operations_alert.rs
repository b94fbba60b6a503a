//! Chapter 11: rules that find trouble, and how long a fault lasts with them and without.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::world::report::{OperationsReport, Report};

use super::designs::{count, failed, kill, phase, pool, run, times, within};

/// The operations of a report, which its run must have.
pub(super) fn operations(report: &Report) -> &OperationsReport {
    report.operations.as_ref().expect("somebody runs the system")
}

const FAULT: f64 = 1_203.5;
const INTERVAL: f64 = 10.0;
const DELAY: f64 = 1.0;
const HOLD: f64 = 30.0;
const LONG_HOLD: f64 = 60.0;
/// The threshold of both rules on the cores; they are busy for 60% of the time on average.
const TOUCHY: f64 = 0.625;
const QUIET_SECONDS: f64 = 2_400.0;

fn rules() -> Value {
    let busy = |hold: f64| json!({ "metric": "cpu_utilisation", "tier": "web", "above": TOUCHY, "for_ms": hold * 1e3 });
    json!({ "operations": {
        "monitor": { "scrape_interval_ms": INTERVAL * 1e3, "delay_ms": DELAY * 1e3 },
        "alerts": {
            "down": { "metric": "up", "tier": "web", "below": 1.0, "for_ms": HOLD * 1e3 },
            "busy-at-once": busy(0.0), "busy-for-long": busy(LONG_HOLD)
        }
    } })
}

fn alert_runs() -> Vec<Run> {
    vec![
        run("a death", pool(2, 120.0, rules()), &[phase("all", 0.0, 1_400.0)]).at(FAULT, kill("web.2")),
        run("no fault", pool(2, 120.0, rules()), &[phase("all", 0.0, QUIET_SECONDS)]),
    ]
}

/// When a rule first fired after the fault, in seconds after it.
fn detected(outcome: &Outcome, rule: &str) -> f64 {
    let episodes = &operations(outcome.report()).alerts[rule].episodes;
    // One that began before the fault may still last: then it says nothing.
    let after = episodes.iter().map(|own| own.fired_ms / 1e3).find(|&at| at > FAULT);
    after.map_or(f64::INFINITY, |at| at - FAULT)
}

/// The first scrape that can see the fault.
fn first_scrape() -> f64 {
    (FAULT / INTERVAL).ceil() * INTERVAL
}

fn alert_findings(results: &Results) -> Vec<Finding> {
    let (death, quiet) = (results.run("a death"), operations(results.run("no fault").report()));
    let fired = |rule: &str| quiet.alerts[rule].fired as f64;
    vec![
        Finding {
            key: "detected",
            what: "from a server's death to the alert that not all servers answer",
            unit: "s",
            measured: detected(death, "down"),
            expected: within(first_scrape() - FAULT + HOLD + DELAY, 1e-6),
            reason: "definition: the next scrape, then the 30 s for which the condition has to hold, then the second that the \
                     scrape needs to be there",
        },
        Finding {
            key: "busy_detected",
            what: "the same until the alert that the other one's cores have been too busy for a minute",
            unit: "s",
            measured: detected(death, "busy-for-long"),
            expected: Expected::AtMost(first_scrape() - FAULT + LONG_HOLD + DELAY),
            reason: "definition: a minute after the next scrape; sooner only if the condition held by chance before",
        },
        Finding {
            key: "false_alarms",
            what: "without any fault, alarms in 40 minutes of a rule that fires at the first scrape above 62.5% busy",
            unit: "alarms",
            measured: fired("busy-at-once"),
            expected: within(32.0, 24.0),
            reason: "theory: 1,200 requests of 10 ms (exponential) are 60% of 20 core-seconds, give or take 2.45 points: 15% of \
                     240 scrapes are above 62.5%, in about 31 stretches; four standard errors of 5.2, and the normal \
                     approximation",
        },
        Finding {
            key: "calm_alarms",
            what: "alarms of the same rule if it has to last for a minute",
            unit: "alarms",
            measured: fired("busy-for-long"),
            expected: Expected::Exactly(0.0),
            reason: "arithmetic: seven scrapes in a row at 0.15 each are one in 600,000",
        },
        Finding {
            key: "down_alarms",
            what: "alarms that not all servers answer, though they do",
            unit: "alarms",
            measured: fired("down"),
            expected: Expected::Exactly(0.0),
            reason: "whoever lives answers",
        },
    ]
}

/// Rules that find trouble.
pub static ALERT: Experiment = Experiment {
    id: "ops.alert",
    title: "Alert rules",
    claim: "A rule with a threshold and a duration finds trouble by itself, after the next scrape and that duration. One that \
            fires at every twitch cries wolf.",
    watch: "The alarms on the scrub bar, with a fault and without.",
    question: Question {
        text: "Servers are scraped every ten seconds, and the alert wants thirty seconds of trouble. How long after a death does \
               it fire?",
        options: &["At once", "After ten seconds", "After thirty to forty seconds"],
        right: 2,
    },
    explanation: "A rule sees only what is scraped. The time to detect is the wait for the next scrape plus the duration that the \
                  rule asks for: the price for not being called by every chance fluctuation. With a good threshold the \
                  duration can be short; next to the normal value no duration is too long.",
    runs: alert_runs,
    judge: alert_findings,
    mutations: &[
        Mutation {
            name: "the rule wants an hour of trouble",
            breaks: |runs| runs[0].set("operations.alerts.down.for_ms", json!(3_600_000.0)),
        },
        Mutation {
            name: "the touchy rule's threshold is far from what is normal",
            breaks: |runs| runs[1].set("operations.alerts.busy-at-once.above", json!(0.9)),
        },
        Mutation {
            name: "the patient rule fires at once",
            breaks: |runs| runs[1].set("operations.alerts.busy-for-long.for_ms", json!(0.0)),
        },
    ],
};

const BROKE: f64 = 103.5;
const SERVERS: u32 = 10;
const RATE: f64 = 50.0;
const COMPLAINING: f64 = 0.01;
const NEEDED: u32 = 20;
/// How long it takes on average until a complaint gets through, and until whoever is called begins.
const COMPLAINT_AFTER: f64 = 600.0;
const REACTION: f64 = 300.0;
const LOOK: f64 = 60.0;
const ENOUGH: f64 = 3_600.0;

fn blind_runs() -> Vec<Run> {
    // The balancer looks after nobody, so that a dead server goes on failing its share of the requests.
    let neglect =
        json!({ "tiers": { "balancer": { "health_check": { "interval_ms": 10_000.0, "unhealthy_after": 1_000 } } } });
    let people = json!({ "operations": {
        "complaints": { "share_percent": COMPLAINING * 100.0, "needed": NEEDED, "within_ms": 3_600_000.0,
                        "after": { "mean_ms": COMPLAINT_AFTER * 1e3 } },
        "on_call": { "reaction": { "mean_ms": REACTION * 1e3, "distribution": "log_normal", "cv": 0.5 },
                     "look_ms": LOOK * 1e3 }
    } });
    let monitored = json!({ "operations": {
        "monitor": { "scrape_interval_ms": INTERVAL * 1e3, "delay_ms": DELAY * 1e3 },
        "alerts": { "down": { "metric": "up", "tier": "web", "below": 1.0, "for_ms": HOLD * 1e3 } }
    } });
    let logged = json!({ "operations": { "logs": {} } });
    let with = |name: &str, more: &Value| {
        let mut patch = neglect.clone();
        crate::scenario::edit::merge(&mut patch, &people);
        crate::scenario::edit::merge(&mut patch, more);
        run(name, pool(SERVERS, RATE, patch), &[phase("all", 0.0, ENOUGH)]).at(BROKE, kill("web.7"))
    };
    vec![with("monitored", &monitored), with("blind", &json!({})), with("blind, with gathered logs", &logged)]
}

/// When the n-th of the complaints is expected, in seconds after the fault: failures come at `rate`, a share of them is
/// complained about, each after an exponential time. So the number of complaints by t is Poisson with mean
/// rate · share · (t − d (1 − e^(−t/d))), and E = ∫ P(fewer than n by t) dt. Returns the standard deviation too.
fn complaint(n: u32, rate: f64) -> (f64, f64) {
    const STEP: f64 = 1.0;
    let fewer = |t: f64| {
        let d = COMPLAINT_AFTER;
        let mean = rate * COMPLAINING * (t - d * (1.0 - libm::exp(-t / d)));
        let mut term = libm::exp(-mean);
        let mut sum = 0.0;
        for k in 0..n {
            sum += term;
            term *= mean / f64::from(k + 1);
        }
        sum
    };
    let (mut first, mut second) = (0.0, 0.0);
    for step in 0..8_000 {
        let t = (f64::from(step) + 0.5) * STEP;
        first += fewer(t) * STEP;
        second += 2.0 * t * fewer(t) * STEP;
    }
    (first, libm::sqrt(second - first * first))
}

fn blind_findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let called = |name: &str| {
        times(results.run(name), |fact| matches!(fact, Fact::Called { .. }))
            .first()
            .map_or(f64::INFINITY, |at| at - BROKE)
    };
    let repaired = |name: &str| {
        operations(report(name)).repairs.first().map_or(f64::INFINITY, |repair| repair.at_ms / 1e3 - BROKE)
    };
    let seconds = |key, what, measured, expected, reason| Finding { key, what, unit: "s", measured, expected, reason };
    let (expected, deviation) = complaint(NEEDED, RATE / f64::from(SERVERS));
    let found =
        |name: &str| operations(report(name)).repairs.first().map_or(u64::MAX, |repair| u64::from(repair.looks));
    vec![
        Finding {
            key: "ratio",
            what: "how many times as long the fault lasts without monitoring",
            unit: "",
            measured: repaired("blind") / repaired("monitored"),
            expected: Expected::AtLeast(2.0),
            reason: "arithmetic: 14 minutes until the twentieth complaint and eight servers to look at, against 40 seconds and \
                     one; five minutes until somebody begins in both",
        },
        seconds(
            "with",
            "until it is found and repaired with monitoring",
            repaired("monitored"),
            Expected::AtMost(1_800.0),
            "arithmetic: 40 s, five minutes and one more, give or take a few of the reaction",
        ),
        seconds(
            "without",
            "the same without",
            repaired("blind"),
            Expected::AtLeast(900.0),
            "arithmetic: 14 minutes, four standard deviations off, and eight more",
        ),
        seconds(
            "called",
            "until somebody is called with monitoring",
            called("monitored"),
            within(110.0 - BROKE + HOLD + DELAY, 1e-6),
            "definition: the next scrape, the 30 s of the rule, the second that the scrape needs",
        ),
        seconds(
            "called_blind",
            "until enough users have complained",
            called("blind"),
            within(expected, 4.0 * deviation),
            "theory: a tenth of 50 requests a second fail, one in a hundred is complained about after 10 minutes on average, and \
             twenty complaints are needed: the mean of the twentieth of a Poisson process whose rate grows; four standard \
             deviations",
        ),
        count(
            "looks",
            "servers that whoever was called looks at, if the alert says that web servers are down",
            found("monitored"),
            Expected::Exactly(1.0),
            "the alert knows which one does not answer",
        )
        .of("servers"),
        count(
            "looks_blind",
            "the same if all he knows is that users complain",
            found("blind"),
            Expected::Exactly(8.0),
            "one after the other: the balancer, then web.1 to web.7",
        )
        .of("servers"),
        count(
            "looks_logs",
            "the same with gathered logs",
            found("blind, with gathered logs"),
            Expected::Exactly(1.0),
            "the lines of the balancer name whom it could not reach",
        )
        .of("servers"),
        count(
            "failed",
            "requests that fail meanwhile with monitoring",
            failed(report("monitored")),
            Expected::AtMost(0.5 * failed(report("blind")) as f64),
            "the same rate for less than half the time",
        ),
        count(
            "failed_blind",
            "the same without",
            failed(report("blind")),
            within(
                RATE / f64::from(SERVERS) * repaired("blind"),
                4.0 * libm::sqrt(5.0 * repaired("blind").min(1e6)) + 40.0,
            ),
            "arithmetic: a tenth of 50 a second until it is repaired and, five seconds later, started; four standard errors",
        ),
    ]
}

/// Without monitoring the same fault lasts longer.
pub static BLIND: Experiment = Experiment {
    id: "ops.blind",
    title: "Flying blind",
    claim: "Without monitoring the same fault lasts longer: nobody knows of it until enough users complain, and then nobody knows \
            where to look.",
    watch: "The time from the server's death until it is repaired, with monitoring and without.",
    question: Question {
        text: "One of ten servers dies, and a tenth of the requests fail. Nothing is monitored. What makes the outage long?",
        options: &[
            "Starting the server",
            "Until somebody knows of it, and where to look",
            "Nothing: nine servers are enough",
        ],
        right: 1,
    },
    explanation: "Few of those who meet an error complain, and they take their time. Then whoever is called has to look at one \
                  server after the other. An alert calls within the minute and names the server; and where nobody has set a rule, \
                  lines that are gathered in one place at least say where to look.",
    runs: blind_runs,
    judge: blind_findings,
    mutations: &[
        Mutation {
            name: "everybody complains, and at once",
            breaks: |runs| {
                runs[1].set("operations.complaints.share_percent", json!(100.0));
                runs[1].set("operations.complaints.after.mean_ms", json!(0.0));
            },
        },
        Mutation {
            name: "the rule wants an hour of trouble",
            breaks: |runs| runs[0].set("operations.alerts.down.for_ms", json!(3_600_000.0)),
        },
        Mutation {
            name: "lines are gathered once a year",
            breaks: |runs| runs[2].set("operations.logs.gather.every_ms", json!(3e10)),
        },
    ],
};
