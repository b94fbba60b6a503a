//! Chapter 7: an outage of the CDN, and files that change.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::scenario::Change;
use crate::world::report::Report;

use super::delivery::{cdn, with_edges};
use super::designs::{failed_percent, phase, run, silence, within};

const KILLED: f64 = 60.0;
const USERS: u32 = 3000;
const RATE: f64 = 0.02;
const TIMEOUT_MS: f64 = 2000.0;
const AFTER_SECONDS: f64 = 120.0;

fn fallback_runs() -> Vec<Run> {
    let fallback = json!({ "timeout_ms": TIMEOUT_MS, "remember_seconds": 3600 });
    let patch = |fallback: Value, more: Value| {
        let mut patch = json!({ "workload": {
            "users": USERS, "requests_per_user_per_second": RATE,
            "clients": { "users": { "cdn_fallback": fallback } },
            "classes": { "page": { "share": 0.1 }, "image": { "share": 0.9 } } } });
        crate::scenario::edit::merge(&mut patch, &more);
        patch
    };
    let phases = [phase("before", 5.0, KILLED), phase("after", KILLED, KILLED + AFTER_SECONDS)];
    let of = |name: &str, patch: Value| {
        run(name, with_edges("montreal", "seoul", &["seoul", "tokyo"], &patch), &phases).at(KILLED, silence("cdn"))
    };
    // One core, for which 54 images a second of 25 ms are a third too many.
    let small = json!({
        "workload": { "classes": { "image": { "web": { "mean_ms": 25.0 } } } },
        "machines": { "app": { "cores": 1 } }, "tiers": { "web": { "slots": 64, "backlog": 128 } }
    });
    vec![
        of("fallback", patch(fallback.clone(), json!({}))),
        of("no fallback", patch(Value::Null, json!({}))),
        of("small origin", patch(fallback, small)),
    ]
}

fn class_failed_percent(report: &Report, class: &str) -> f64 {
    let own = &report.by_class[class];
    100.0 * own.failed as f64 / (own.failed + own.answered).max(1) as f64
}

fn fallback_findings(results: &Results) -> Vec<Finding> {
    let after = |name: &str| results.run(name).phase("after");
    let with = after("fallback");
    let more = (with.requests.attempts - with.requests.issued) as f64;
    let of_files = RATE * 0.9;
    // Those who have asked for a file until two seconds before the end; and what they ask for in the two seconds.
    let who = f64::from(USERS) * (1.0 - libm::exp(-of_files * (AFTER_SECONDS - TIMEOUT_MS / 1e3)));
    let each = 1.0 + of_files * TIMEOUT_MS / 1e3;
    let percent = |key, what, measured, expected, reason| Finding { key, what, unit: "%", measured, expected, reason };
    vec![
        percent(
            "with",
            "files that clients with a fallback do not get while the CDN is gone",
            class_failed_percent(with, "image"),
            Expected::Exactly(0.0),
            "the origin has them, and room",
        ),
        Finding {
            key: "delays",
            what: "attempts that wait for the time-out, for each client that asked for a file",
            unit: "",
            measured: more / who,
            expected: within(each, 0.06),
            reason: "once for each client, and once more for what it asks for in the two seconds before it knows; the number \
                     of clients follows from the rate, four standard errors of it are 5 %",
        },
        percent(
            "without",
            "files that clients without a fallback do not get",
            class_failed_percent(after("no fallback"), "image"),
            Expected::Exactly(100.0),
            "nobody else is asked",
        ),
        percent(
            "pages_without",
            "pages that fail meanwhile",
            class_failed_percent(after("no fallback"), "page"),
            Expected::Exactly(0.0),
            "they never came from there",
        ),
        percent(
            "drowned",
            "requests that fail where the origin is sized for what the edges leave to it",
            failed_percent(after("small origin")),
            within(100.0 * (1.0 - 1.0 / 1.38), 8.0),
            "arithmetic: 54 images of 25 ms and 6 pages of 5 ms a second are 1.38 times what a core can do, all of it once \
             everybody has fallen back; before that less, and a queue of 192 requests fills first",
        ),
        percent(
            "before",
            "requests that failed there before",
            failed_percent(results.run("small origin").phase("before")),
            Expected::Exactly(0.0),
            "the edges had the files",
        ),
    ]
}

/// Clients notice that the CDN is gone and ask the origin.
pub static FALLBACK: Experiment = Experiment {
    id: "cdn.fallback",
    title: "The CDN is gone",
    claim: "When the CDN is down, clients that notice and ask the origin lose nothing but a time-out; the others get no files. \
            And the origin may drown in what the edges kept away from it.",
    watch: "Errors after all edges have gone silent, with and without a fallback.",
    question: Question {
        text: "The CDN goes silent. Clients fall back to the origin, which used to see a tiny part of the files' traffic. What \
               can happen?",
        options: &[
            "Files come from the origin, only slower",
            "The origin is overloaded, and pages fail too",
            "Both, by its size",
        ],
        right: 2,
    },
    explanation: "A fallback turns an outage of the CDN into load on the origin: all of it, at once. Who sized the origin for \
                  what the edges leave to it has then two outages. And each client has to find out for itself: it waits for \
                  the time-out once, and remembers.",
    runs: fallback_runs,
    judge: fallback_findings,
    mutations: &[
        Mutation {
            name: "clients forget at once that the CDN is gone",
            breaks: |runs| runs[0].set("workload.clients.users.cdn_fallback.remember_seconds", json!(0)),
        },
        Mutation {
            name: "nobody falls back",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("workload.clients.users.cdn_fallback", Value::Null)),
        },
    ],
};

const PUBLISHED: f64 = 100.0;
const PURGE_SECONDS: f64 = 5.0;
const AGE_SECONDS: f64 = 60.0;

fn invalidate_runs() -> Vec<Run> {
    let patch = json!({
        "workload": { "users": 500, "requests_per_user_per_second": 0.4,
                      "clients": { "users": { "browser_cache": true } },
                      "classes": { "page": { "share": 0.0 },
                                   "image": { "files": { "count": 20, "max_age_ms": AGE_SECONDS * 1e3 } } } },
        "tiers": { "cdn": { "purge_ms": PURGE_SECONDS * 1e3 } }
    });
    let phases = [
        phase("at first", PUBLISHED, PUBLISHED + PURGE_SECONDS),
        phase("purged", PUBLISHED + PURGE_SECONDS + 1.0, PUBLISHED + AGE_SECONDS),
        phase("later", PUBLISHED + AGE_SECONDS + 1.0, PUBLISHED + 2.0 * AGE_SECONDS),
    ];
    let of = |name: &str, rename: bool| {
        let change = Change::Publish { class: "image".to_owned(), share: 1.0, rename };
        run(name, with_edges("montreal", "seoul", &["seoul", "tokyo"], &patch), &phases).at(PUBLISHED, change)
    };
    let purge = Change::Purge { target: "cdn".to_owned(), class: "image".to_owned() };
    vec![of("purge", false).at(PUBLISHED, purge), of("new name", true), of("neither", false)]
}

/// Stale answers of edges and of browsers' own caches.
fn stale(outcome: &Outcome, phase: &str) -> (f64, f64) {
    let report = outcome.phase(phase);
    (cdn(report).stale_reads as f64, report.browsers.map_or(0.0, |browsers| browsers.stale_reads as f64))
}

fn invalidate_findings(results: &Results) -> Vec<Finding> {
    let of = |run: &str, phase: &str| stale(results.run(run), phase);
    let sum = |run: &str| {
        ["at first", "purged", "later"]
            .into_iter()
            .map(|phase| of(run, phase))
            .map(|(edge, own)| edge + own)
            .sum::<f64>()
    };
    let later = ["purge", "new name", "neither"].into_iter().map(|run| of(run, "later")).map(|(a, b)| a + b).sum();
    let count =
        |key, what, measured, expected, reason| Finding { key, what, unit: "answers", measured, expected, reason };
    vec![
        count(
            "purge_edges",
            "stale answers of edges once the purge has arrived",
            of("purge", "purged").0,
            Expected::Exactly(0.0),
            "definition: they have forgotten what they had, and what was on its way is not kept",
        ),
        count(
            "purge_before",
            "stale answers of edges in the five seconds before",
            of("purge", "at first").0,
            Expected::AtLeast(50.0),
            "200 requests a second come, those that browsers do not answer themselves go to edges that still have the old \
             files",
        ),
        count(
            "purge_browsers",
            "stale answers of browsers' own caches after the purge",
            of("purge", "purged").1,
            Expected::AtLeast(1000.0),
            "nobody tells browsers: each keeps what it has until it is a minute old",
        ),
        count(
            "renamed",
            "stale answers of either where changed files get new names",
            sum("new name"),
            Expected::Exactly(0.0),
            "definition: pages name the new file, and nobody has anything under that name",
        ),
        count(
            "neither",
            "stale answers of edges after as long where nothing is done",
            of("neither", "purged").0,
            Expected::AtLeast(500.0),
            "edges keep the old files for up to a minute",
        ),
        count(
            "later",
            "stale answers of anybody in any run once the files' time is over",
            later,
            Expected::Exactly(0.0),
            "definition: an age is counted from when the origin gave a file out, at edges and in browsers",
        ),
    ]
}

/// Changed files: tell the edges, or change the name.
pub static INVALIDATE: Experiment = Experiment {
    id: "cdn.invalidate",
    title: "The file has changed",
    claim: "A changed file is served old until its time is over, unless the edges are told to forget it, which takes a while \
            and does not reach browsers; under a new name it is new for everybody at once.",
    watch: "Stale answers of edges and browsers after all files have changed: with a purge, with new names, with neither.",
    question: Question {
        text: "You publish a new version and purge the CDN. Who still sees the old one a minute's half later?",
        options: &["Nobody", "Those whose browser has it", "Everybody until the time to live ends"],
        right: 1,
    },
    explanation: "A purge is a message to every edge, and takes seconds. Browsers have no address to send it to. A version in \
                  the name asks for something that nobody can have kept, so such files may be kept for a year; only the page \
                  that names them must be fresh.",
    runs: invalidate_runs,
    judge: invalidate_findings,
    mutations: &[
        Mutation {
            name: "the purge is not sent",
            breaks: |runs| {
                runs[0].scenario.timeline.truncate(1);
            },
        },
        Mutation {
            name: "names stay the same",
            breaks: |runs| {
                for moment in &mut runs[1].scenario.timeline {
                    if let Change::Publish { rename, .. } = &mut moment.change {
                        *rename = false;
                    }
                }
            },
        },
        Mutation {
            name: "the purge reaches browsers too, as they keep nothing",
            breaks: |runs| runs[0].set("workload.clients.users.browser_cache", json!(false)),
        },
    ],
};
