//! Chapter 9: how much of fifty years more centres are there for somebody.

use serde_json::json;

use crate::course::experiment::{Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::Node;
use crate::nodes::health::Turn;
use crate::scenario::Scenario;

use super::designs::{failed, merged, phase, run, within};

/// Where the centres are, in the order of the alphabet, so that the n-th place has the n-th server.
const PLACES: [&str; 3] = ["frankfurt", "montreal", "singapore"];
const DAY: f64 = 86_400.0;
/// Mean time between outages of a centre, and mean length of one, in seconds.
const MTBF: f64 = 10.0 * DAY;
/// See [`MTBF`].
const MTTR: f64 = DAY;
/// Fifty years, in seconds.
const LENGTH: f64 = 50.0 * 365.25 * DAY;
/// Requests per second of all users: some 160,000 in fifty years.
const RATE: f64 = 1e-4;
/// How often name servers look, after how many failures they believe it, and how long a probe waits, in seconds. Watchers rest
/// while nothing happens, so a short interval costs nothing in a long run.
const INTERVAL: f64 = 30.0;
/// See [`INTERVAL`].
const FAILURES: u32 = 2;
/// See [`INTERVAL`].
const TIMEOUT: f64 = 5.0;
/// How long a server takes to start once its power is back, in seconds.
const BOOT: f64 = 60.0;

/// So many centres with a server each that is never busy.
fn scenario(centers: usize) -> Scenario {
    let places = &PLACES[..centers];
    let users = 1000;
    let outage = json!({ "mtbf_ms": MTBF * 1e3, "mttr_ms": MTTR * 1e3 });
    let outages: serde_json::Map<_, _> = places.iter().map(|place| ((*place).to_owned(), outage.clone())).collect();
    let mut base = json!({
        "version": 1, "name": "Fifty years",
        "workload": {
            "users": users, "requests_per_user_per_second": RATE / f64::from(users), "entry": "web", "dns": "dns",
            "clients": { "all": { "share": 1.0, "place": "london" } },
            "classes": { "read": { "share": 1.0, "web": { "mean_ms": 10.0 } } }
        },
        "machines": { "app": { "places": places, "cores": 1, "cost_per_month_usd": 31.0 } },
        "tiers": {
            "dns": { "kind": "dns", "record_ttl_seconds": 60, "lookup_ms": 10.0 },
            "web": { "kind": "web_server", "machine": "app", "instances": centers, "slots": 8, "backlog": 8,
                     "boot_ms": BOOT * 1e3 }
        },
        "outages": outages
    });
    if centers > 1 {
        base["tiers"]["dns"]["health_check"] =
            json!({ "interval_ms": INTERVAL * 1e3, "unhealthy_after": FAILURES, "timeout_ms": TIMEOUT * 1e3 });
    }
    merged(base, &json!({}))
}

const NAMES: [&str; 3] = ["one centre", "two centres", "three centres"];

fn available_runs() -> Vec<Run> {
    let of = |centers: usize| run(NAMES[centers - 1], scenario(centers), &[phase("fifty years", 0.0, LENGTH)]);
    (1..=3).map(of).collect()
}

/// Something that changes who is up or whom name servers name, by the centre's number.
#[derive(Clone, Copy)]
enum Change {
    Up(bool),
    Named(bool),
}

/// What happened in a run, in order of time.
fn changes(outcome: &Outcome) -> Vec<(f64, usize, Change)> {
    let mut changes = Vec::new();
    for outage in outcome.world.outages() {
        let delay = if outage.begins { 0.0 } else { BOOT };
        changes.push((outage.at.as_ms() / 1e3 + delay, usize::from(outage.place), Change::Up(!outage.begins)));
    }
    for node in outcome.world.nodes() {
        if let Node::Dns(dns) = node {
            let turns = dns
                .turns()
                .map(|(at, server, turn)| (at.as_ms() / 1e3, usize::from(server), Change::Named(turn == Turn::In)));
            changes.extend(turns);
        }
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    changes
}

/// The share of the time for which who asks gets an address that answers, by the run's own outages and by what its name servers
/// knew of them: they name those that they believe to be well, each as often as the others.
fn own_availability(outcome: &Outcome, centers: usize) -> f64 {
    let (mut up, mut named) = (vec![true; centers], vec![true; centers]);
    let (mut before, mut good) = (0.0, 0.0);
    for (at, centre, change) in changes(outcome).into_iter().chain([(LENGTH, 0, Change::Up(true))]) {
        let at = f64::min(at, LENGTH);
        let all = named.iter().filter(|named| **named).count();
        let well = up.iter().zip(&named).filter(|(up, named)| **up && **named).count();
        good += (at - before) * well as f64 / all.max(1) as f64;
        before = at;
        match change {
            Change::Up(is) => up[centre] = is,
            Change::Named(is) => named[centre] = is,
        }
    }
    good / LENGTH
}

/// How long name servers took to leave a dead centre out, on average in seconds.
fn detection(outcome: &Outcome, centers: usize) -> f64 {
    let mut began = vec![f64::NAN; centers];
    let mut times = Vec::new();
    for (at, centre, change) in changes(outcome) {
        match change {
            Change::Up(false) => began[centre] = at,
            Change::Named(false) => times.push(at - began[centre]),
            Change::Up(true) | Change::Named(true) => {}
        }
    }
    times.iter().sum::<f64>() / times.len().max(1) as f64
}

fn available_findings(results: &Results) -> Vec<Finding> {
    let keys = [["one", "one_own"], ["two", "two_own"], ["three", "three_own"]];
    let whats = [
        ["availability of one centre", "the same less what its own outages say"],
        ["availability of two centres", "the same less what their own overlaps and failovers say"],
        ["availability of three centres", "the same less what their own overlaps and failovers say"],
    ];
    // Four standard errors of what fifty years bring, of 160,000 requests, and what failovers take: see the reason.
    let tolerances = [1.6, 0.4, 0.11];
    let mut findings = Vec::new();
    for (index, outcome) in results.runs().enumerate() {
        let (centers, report) = (index + 1, outcome.report());
        let asked = (report.requests.answered + failed(report)) as f64;
        let measured = report.requests.answered as f64 / asked;
        let own = own_availability(outcome, centers);
        let away = MTTR / (MTBF + MTTR);
        let percent =
            |key, what, measured, expected, reason| Finding { key, what, unit: "%", measured, expected, reason };
        findings.push(percent(
            keys[index][0],
            whats[index][0],
            100.0 * measured,
            within(100.0 * (1.0 - away.powi(centers as i32)), tolerances[index]),
            "theory: 1 \u{2212} (1 \u{2212} a)^n with a = 10 / 11. Some 1,660 outages a centre meet in pairs 300 times and all three \
             40 times, so that what is missing varies by \u{221a}(2 / n) of itself: four times that is 1.3, 0.27 and 0.07 points. \
             Requests add 0.3, 0.09 and 0.03, and failovers 0.01",
        ));
        findings.push(percent(
            keys[index][1],
            whats[index][1],
            100.0 * (measured - own),
            within(0.0, 400.0 * f64::sqrt(own * (1.0 - own) / asked)),
            "the integral over the run's own outages of who is named and who of these is up; four standard errors of a share of \
             these requests",
        ));
    }
    findings.push(Finding {
        key: "recovery",
        what: "recovery time: until name servers leave a lost centre out, on average",
        unit: "s",
        measured: detection(results.run(NAMES[2]), 3),
        expected: within((f64::from(FAILURES) - 0.5) * INTERVAL + TIMEOUT, 0.6),
        reason: "theory: two probes half a minute apart, the first anywhere in that, and the time-out of the second; four standard \
                 errors of 5,000 uniform times are 0.5 s",
    });
    findings.push(Finding {
        key: "outages",
        what: "outages of the first centre in fifty years",
        unit: "outages",
        measured: results.run(NAMES[2]).world.outages().filter(|own| own.place == 0 && own.begins).count() as f64,
        expected: within(LENGTH / (MTBF + MTTR), 160.0),
        reason: "theory: one in eleven days; four standard deviations of a sum of exponential times are 150",
    });
    findings
}

/// More centres, more of the time.
pub static AVAILABLE: Experiment = Experiment {
    id: "dc.available",
    title: "Fifty years",
    claim: "More data centres, more availability: each that is down a day in eleven leaves one, two or three of them down \
            together ever more rarely.",
    watch: "The share of requests that are answered, over fifty years.",
    question: Question {
        text: "A centre is down nine percent of the time, independently of others. How much of the time are two down together?",
        options: &["About half as much", "Less than one percent", "Never"],
        right: 1,
    },
    explanation: "Chances multiply, if outages do not know of each other: a bad build, a wrong name record or a lost key takes all \
                  centres at once. What is left beside that is the time until somebody notices.",
    runs: available_runs,
    judge: available_findings,
    mutations: &[
        Mutation {
            name: "nobody looks for a week",
            breaks: |runs| {
                for own in &mut runs[1..] {
                    own.set("tiers.dns.health_check.interval_ms", json!(7.0 * DAY * 1e3));
                }
            },
        },
        Mutation {
            name: "devices keep addresses for years",
            breaks: |runs| {
                runs.iter_mut().for_each(|own| own.set("tiers.dns.record_ttl_seconds", json!(2_000_000_000)))
            },
        },
        Mutation {
            name: "outages last three days",
            breaks: |runs| {
                for own in runs {
                    for place in
                        PLACES.iter().filter(|place| own.scenario.outages.contains_key(**place)).collect::<Vec<_>>()
                    {
                        own.set(&format!("outages.{place}.mttr_ms"), json!(3.0 * DAY * 1e3));
                    }
                }
            },
        },
    ],
};
