//! Chapter 10: what need not be done before the answer.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Scenario;

use super::designs::{failed_percent, kill, phase, restore, run, set, within};
use super::message_designs::{broker, queue, queued, work};

/// What a photo takes to be resized, in milliseconds.
const RESIZE_MS: f64 = 200.0;
/// Requests per second, and the part of them that are photos; the web server itself needs 5 ms for either.
const RATE: f64 = 40.0;
const PHOTOS: f64 = 0.1;

/// A web server of two cores for pages and photos, and two workers of one core each.
fn photo_site(inline: bool) -> Scenario {
    let mut job = json!({ "work": { "mean_ms": RESIZE_MS, "distribution": "exponential" } });
    if inline {
        job["publish"] = Value::Null;
    }
    let patch = json!({
        "workload": { "classes": {
            "page": { "share": 1.0 - PHOTOS, "web": { "mean_ms": 5.0 } },
            "photo": { "share": PHOTOS, "web": { "mean_ms": 5.0 }, "job": job }
        } },
        "machines": { "app": { "cores": 2 } },
        "tiers": { "web": { "slots": 128, "backlog": 128 } }
    });
    queued(RATE, patch)
}

fn async_runs() -> Vec<Run> {
    let phases = [phase("measured", 20.0, 420.0)];
    vec![run("inline", photo_site(true), &phases), run("queued", photo_site(false), &phases)]
}

fn async_findings(results: &Results) -> Vec<Finding> {
    let [inline, published] = ["inline", "queued"].map(|name| results.run(name).report());
    let p99 = |report: &crate::world::report::Report, class: &str| report.by_class[class].latency_ms.p99;
    let done = queue(published, "photos");
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        finding(
            "inline",
            "99th percentile of a photo's answer, the web server resizing it first",
            "ms",
            p99(inline, "photo"),
            Expected::AtLeast(700.0),
            "theory: 4.6 times the mean of 200 ms, 921 ms, for a photo that never shares a core; the 99th percentile of 1,600 \
             exponential times has a standard error of 50 ms",
        ),
        finding(
            "queued",
            "the same, a worker resizing it later",
            "ms",
            p99(published, "photo"),
            Expected::AtMost(60.0),
            "theory: 23 ms for 5 ms on a core that is never shared; it is a tenth busy",
        ),
        finding(
            "page_inline",
            "99th percentile of a page's answer from the web server that resizes photos",
            "ms",
            p99(inline, "page"),
            Expected::AtLeast(1.2 * p99(published, "page")),
            "pages share the cores with photos",
        ),
        finding(
            "page_queued",
            "the same from the web server that does not",
            "ms",
            p99(published, "page"),
            Expected::AtMost(60.0),
            "as above",
        ),
        finding(
            "finished",
            "from sending a photo until it is resized, on average, with workers",
            "ms",
            done.finished_after_ms.mean,
            Expected::AtLeast(RESIZE_MS - 20.0),
            "the work is the same, only nobody waits for it: 200 ms of work, and waiting; four standard errors of 1,600 \
             exponential times are 20 ms",
        ),
        finding(
            "done",
            "photos that were resized, of those published meanwhile",
            "%",
            100.0 * work(published, "workers").done as f64 / broker(published).published as f64,
            within(100.0, 1.0),
            "all of them, give or take the few that are under way at either end",
        ),
    ]
}

/// The answer does not wait.
pub static ASYNC: Experiment = Experiment {
    id: "mq.async",
    title: "The answer now, the photo later",
    claim: "Whoever publishes a message goes on; whoever consumes it works later. So the user's answer does not wait for what \
            need not be done before it.",
    watch: "The latency of photos and of pages, with the photo resized before the answer and after it.",
    question: Question {
        text: "A photo takes 200 ms to resize. The work is moved to workers behind a queue. What becomes shorter?",
        options: &["The time until the photo is resized", "The time until the user is answered", "Both"],
        right: 1,
    },
    explanation: "A message says what is to be done, and takes a millisecond to publish. The work itself is no shorter for it: \
                  the photo is resized about as late as before, but nobody waits. And pages no longer share their cores with \
                  photos.",
    runs: async_runs,
    judge: async_findings,
    mutations: &[Mutation {
        name: "the web server resizes the photo itself",
        breaks: |runs| runs[1].set("workload.classes.photo.job.publish", Value::Null),
    }],
};

/// Orders per second, until when, and what a person takes to approve one, in seconds.
const ORDERS: f64 = 5.0;
const ORDERS_END: f64 = 300.0;
const PERSON_SECONDS: f64 = 120.0;

/// Orders that a person has to approve: prepared by workers, then approved, then finished by others.
fn order_site(inline: bool) -> Scenario {
    let person = json!({ "mean_ms": PERSON_SECONDS * 1e3, "distribution": "log_normal", "cv": 0.5 });
    let work = json!({ "mean_ms": 100.0, "distribution": "exponential" });
    let key = json!({ "photo": null, "order": { "key": "order.new" } });
    let bindings = json!({ "photos": null,
        "prepare": { "queue": "photos", "routing_key": "order.new" },
        "finish": { "queue": "approved", "routing_key": "order.approved" } });
    let patch = json!({
        "workload": { "classes": { "photo": { "job": { "work": work, "person": person, "publish": { "keys": key } } } } },
        "machines": { "finish": { "place": "montreal", "cores": 1 } },
        "tiers": {
            "web": { "slots": 256, "backlog": 256 },
            "broker": { "exchanges": { "uploads": { "bindings": bindings } }, "queues": { "approved": {} } },
            "workers": { "people": { "exchange": "uploads", "routing_key": "order.approved" } },
            "finishers": { "kind": "worker", "machine": "finish", "slots": 1, "broker": "broker", "queue": "approved" }
        }
    });
    let mut scenario = queued(ORDERS, patch);
    if inline {
        scenario = crate::scenario::edit::set(&scenario, "workload.classes.photo.job.publish", Value::Null)
            .expect("a job can be done by the web server");
    }
    scenario
}

fn long_runs() -> Vec<Run> {
    let of = |name: &str, inline, until| {
        let stop = set("workload.requests_per_user_per_second", 0.0);
        run(name, order_site(inline), &[phase("all", 0.0, until)]).at(ORDERS_END, stop)
    };
    vec![of("inline", true, 1200.0), of("queued", false, 1200.0), of("queued, so far", false, ORDERS_END - 0.1)]
}

fn long_findings(results: &Results) -> Vec<Finding> {
    let [inline, all, open] = ["inline", "queued", "queued, so far"].map(|name| results.run(name).report());
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        finding(
            "inline",
            "orders that fail, the request waiting for the person",
            "%",
            failed_percent(inline),
            Expected::Exactly(100.0),
            "clients give up after 10 s; of log-normal times of 120 s on average less than one in a million is shorter",
        ),
        finding(
            "accepted",
            "99th percentile of the answer that an order is accepted",
            "ms",
            all.latency_ms.p99,
            Expected::AtMost(30.0),
            "theory: 9 ms for 2 ms of work, and the way to the broker and its disk",
        ),
        finding(
            "with_people",
            "orders that wait for a person after five minutes",
            "requests",
            work(open, "workers").with_people as f64,
            within(ORDERS * PERSON_SECONDS, 98.0),
            "Little's law: 5 a second for 120 s; four standard deviations of a Poisson number of 600 are 98",
        ),
        finding(
            "busy",
            "how busy the workers are with these meanwhile",
            "%",
            100.0 * open.tiers["workers"].slots_utilisation.unwrap_or_default(),
            within(25.0, 4.0),
            "theory: 5 a second for 100 ms, over two workers; who waits for a person keeps none. Four standard errors of 1,500 \
             exponential times are 3.6 %",
        ),
        finding(
            "told",
            "from sending an order until it is approved and finished, when the user can be told",
            "ms",
            queue(all, "approved").finished_after_ms.mean,
            within(PERSON_SECONDS * 1e3 + 220.0, 7000.0),
            "arithmetic: the person, and two jobs of 100 ms; four standard errors of 1,500 log-normal times are 6.2 s",
        ),
        finding(
            "finished",
            "orders that are finished, of those that were accepted",
            "%",
            100.0 * work(all, "finishers").done as f64 / all.requests.answered as f64,
            Expected::Exactly(100.0),
            "the longest of 1,500 such times is some ten minutes",
        ),
    ]
}

/// Jobs that wait for people.
pub static LONG: Experiment = Experiment {
    id: "mq.long",
    title: "Waiting for a person",
    claim: "Long jobs, and jobs that wait for a person, fit a queue: they are accepted at once and their user is told later. \
            A request that waits for a person times out.",
    watch: "Hundreds of orders wait for somebody to approve them, and no worker is busy with that.",
    question: Question {
        text: "Five orders a second come, and a person takes two minutes for each. How many workers are busy while they wait?",
        options: &["Six hundred", "About half a worker, with preparing them", "As many as there are people"],
        right: 1,
    },
    explanation: "What waits for a person is a row in a table. A worker prepares it and goes on to the next; when the person has \
                  decided, that is another message, and another worker finishes it. Only a request that stays open for it \
                  keeps a slot all the while, until its client gives up.",
    runs: long_runs,
    judge: long_findings,
    mutations: &[
        Mutation {
            name: "the request waits for it",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.classes.photo.job.publish", Value::Null));
            },
        },
        Mutation {
            name: "nobody has to decide",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.classes.photo.job.person.mean_ms", json!(0.0)));
            },
        },
    ],
};

/// When the workers stop, when the web server stops, and when the workers are started again; each takes 5 s to start.
const STOPPED: f64 = 20.0;
const SILENT: f64 = 49.9;
const BACK: f64 = 50.1;
const BUFFERED: f64 = 100.0;

fn buffer_runs() -> Vec<Run> {
    let phases = [
        phase("all well", 0.0, STOPPED),
        phase("consumers stopped", STOPPED, SILENT),
        phase("both stopped", SILENT, BACK),
        phase("producers stopped", BACK, 90.0),
    ];
    let stopped = run("one after the other", queued(BUFFERED, json!({})), &phases)
        .at(STOPPED, kill("workers"))
        .at(SILENT, kill("web"))
        .at(BACK, restore("workers"));
    vec![stopped]
}

fn buffer_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("one after the other");
    let [well, stopped, both, drained] = ["all well", "consumers stopped", "both stopped", "producers stopped"]
        .map(|phase| queue(outcome.phase(phase), "photos"));
    let failed = outcome.phase("consumers stopped").requests.failed.values().sum::<u64>();
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let entered = well.entered + stopped.entered + both.entered + drained.entered;
    let consumed = well.consumed + stopped.consumed + both.consumed + drained.consumed;
    vec![
        finding(
            "failed",
            "requests that fail while no worker is there",
            "requests",
            failed as f64,
            Expected::Exactly(0.0),
            "the web server needs the broker, not the workers",
        ),
        finding(
            "depth",
            "messages that wait after half a minute without workers",
            "messages",
            both.waiting as f64,
            within(BUFFERED * (SILENT - STOPPED), 240.0),
            "arithmetic: 100 a second for 29.9 s, and what the workers had in hand; four standard deviations are 219",
        ),
        finding(
            "drained",
            "of these, messages that workers consume while no web server is there",
            "messages",
            drained.consumed as f64,
            Expected::Exactly(both.waiting as f64),
            "the workers need the broker, not the web server",
        ),
        finding(
            "left",
            "messages that wait in the end",
            "messages",
            drained.waiting as f64,
            Expected::Exactly(0.0),
            "3,000 messages at 200 a second take 15 s",
        ),
        finding(
            "lost",
            "messages that came and were never consumed",
            "messages",
            (entered - consumed) as f64,
            Expected::Exactly(0.0),
            "the claim",
        ),
    ]
}

/// They need not be up together.
pub static BUFFER: Experiment = Experiment {
    id: "mq.buffer",
    title: "Not at the same time",
    claim: "Producers and consumers need not be up together: without consumers messages wait, without producers consumers go on \
            with what waits.",
    watch: "The depth of the queue while the workers are gone, and then while the web server is.",
    question: Question {
        text: "All workers are down for half a minute. What do users notice?",
        options: &["Errors", "Longer waits for their answers", "Nothing, but their photos come later"],
        right: 2,
    },
    explanation: "The broker stands between them: who publishes needs only it, and who consumes too. What cannot be done now \
                  waits, in order, and is done when somebody is there to do it.",
    runs: buffer_runs,
    judge: buffer_findings,
    mutations: &[
        Mutation {
            name: "a message may wait for ten seconds only",
            breaks: |runs| runs[0].set("tiers.broker.queues.photos.message_ttl_ms", json!(10_000.0)),
        },
        Mutation {
            name: "the web server does the work itself",
            breaks: |runs| runs[0].set("workload.classes.photo.job.publish", Value::Null),
        },
    ],
};
