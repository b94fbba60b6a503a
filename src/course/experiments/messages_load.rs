//! Chapter 10: how long a queue takes to run empty, and what it does to a spike.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::Change;

use super::designs::{failed_percent, phase, run, times, within};
use super::message_designs::{JOB_MS, drained_at, queue, queued};

/// Jobs per second of a worker.
const EACH: f64 = 1_000.0 / JOB_MS;
/// Requests per second, how much more in the spike, and when that begins and ends.
const RATE: f64 = 100.0;
const FACTOR: f64 = 5.0;
const BEGINS: f64 = 20.0;
const ENDS: f64 = 50.0;

fn scale_runs() -> Vec<Run> {
    let spike = Change::Spike { factor: FACTOR, duration_ms: (ENDS - BEGINS) * 1e3, clients: None };
    let by_depth = json!({
        "minimum": 2, "maximum": 8, "metric": "queue_depth", "target_queue_depth": 500.0, "evaluate_every_ms": 1000.0,
        "cooldown_out_ms": 5000.0, "cooldown_in_ms": 10_000.0
    });
    let of = |name: &str, own: Value| {
        let patch = json!({ "tiers": { "workers": own } });
        run(name, queued(RATE, patch), &[phase("spike", 0.0, ENDS), phase("after", ENDS, 170.0)])
            .at(BEGINS, spike.clone())
    };
    vec![
        of("two workers", json!({})),
        of("four workers", json!({ "instances": 4 })),
        of("by depth", json!({ "autoscaler": by_depth })),
    ]
}

fn scale_findings(results: &Results) -> Vec<Finding> {
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let depth = |name: &str| queue(results.run(name).phase("spike"), "photos").waiting as f64;
    let takes = |name: &str| drained_at(results.run(name), ENDS) - ENDS;
    let computed = |name: &str, workers: f64| depth(name) / (workers * EACH - RATE);
    let scaled = results.run("by depth");
    let sizes = |wanted: fn(u16, u16) -> bool| {
        times(scaled, |fact| matches!(fact, Fact::Scaled { from, to, .. } if wanted(*from, *to)))
    };
    let (more, fewer) = (sizes(|from, to| to > from), sizes(|from, to| to < from));
    vec![
        finding(
            "backlog",
            "messages that wait when the spike is over, with two workers",
            "messages",
            depth("two workers"),
            within((FACTOR * RATE - 2.0 * EACH) * (ENDS - BEGINS), 500.0),
            "arithmetic: 500 a second come and 200 go, for 30 s; four standard deviations of 15,000 arrivals are 490",
        ),
        finding(
            "two",
            "from then until none waits, as a part of backlog / (capacity − arrival rate), with two workers",
            "%",
            100.0 * takes("two workers") / computed("two workers", 2.0),
            within(100.0, 5.0),
            "theory; 9,000 arrivals meanwhile have a standard deviation of 95, a second's drain: four of them are 4.2 %",
        ),
        finding(
            "four",
            "the same with four workers",
            "%",
            100.0 * takes("four workers") / computed("four workers", 4.0),
            within(100.0, 15.0),
            "theory; 1,000 arrivals have a standard deviation of 32, over 300 a second a tenth of a second of 10 s: four of \
             them are 4 %, and the windows are 0.4 s long",
        ),
        finding(
            "seconds_two",
            "from the end of the spike until none waits, with two workers",
            "s",
            takes("two workers"),
            within(90.0, 8.0),
            "arithmetic: 9,000 messages at 200 − 100 a second; four standard deviations of both are 6.3 s",
        ),
        finding(
            "seconds_scaled",
            "the same, workers being added by depth",
            "s",
            takes("by depth"),
            Expected::AtMost(0.25 * takes("two workers")),
            "eight workers do as much as comes in the worst of the spike",
        ),
        finding(
            "added",
            "from the beginning of the spike until the first worker is ordered",
            "s",
            more.first().map_or(f64::INFINITY, |first| first - BEGINS),
            Expected::AtMost(6.0),
            "arithmetic: 300 a second more wait, 1,000 are too many for two workers after 3.3 s, and it looks every second",
        ),
        finding(
            "removed",
            "times that workers are removed again once the queue is empty",
            "",
            fewer.len() as f64,
            Expected::AtLeast(1.0),
            "an empty queue needs the fewest",
        ),
        finding(
            "workers",
            "workers in the end",
            "",
            scaled.phase("after").tiers["workers"].instances as f64,
            Expected::Exactly(2.0),
            "the fewest that are allowed",
        ),
    ]
}

/// Each side scales alone.
pub static SCALE: Experiment = Experiment {
    id: "mq.scale",
    title: "As many workers as it takes",
    claim: "Each side scales alone: when the queue is long, workers are added, when it is empty, removed. What waits is gone \
            after backlog / (capacity − arrival rate).",
    watch: "The depth of the queue after a spike, with two workers, with four, and with as many as the depth asks for.",
    question: Question {
        text: "9,000 messages wait, 100 more come each second, and two workers do 200 a second. When is the queue empty?",
        options: &["After 45 s", "After 90 s", "Never"],
        right: 1,
    },
    explanation: "Only what workers can do beyond what comes shortens the queue. Four workers have three times as much of that \
                  to spare as two, and a third of the backlog to begin with. The web servers are as many as before: they never waited \
                  for anybody.",
    runs: scale_runs,
    judge: scale_findings,
    mutations: &[
        Mutation {
            name: "nobody looks at the depth",
            breaks: |runs| runs[2].set("tiers.workers.autoscaler", Value::Null),
        },
        Mutation {
            name: "a worker takes a third longer",
            breaks: |runs| {
                runs.iter_mut()
                    .for_each(|run| run.set("workload.classes.photo.job.work.mean_ms", json!(4.0 / 3.0 * JOB_MS)));
            },
        },
        Mutation {
            name: "who has had a message waits for the next one",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| {
                    run.set("tiers.workers.prefetch", json!(1));
                    run.set("network.hop_ms", json!(5.0));
                });
            },
        },
    ],
};

/// A spike of ten times the normal load for a minute, five times what the workers can do.
const NORMAL: f64 = 50.0;
const PEAK: f64 = 10.0;
const MINUTE: f64 = 60.0;
const ROOM: u32 = 5_000;

fn spike_runs() -> Vec<Run> {
    let phases = [phase("spike", BEGINS, BEGINS + MINUTE), phase("drained", BEGINS + MINUTE, 620.0)];
    let spike = Change::Spike { factor: PEAK, duration_ms: MINUTE * 1e3, clients: None };
    let of = |name: &str, patch: Value| run(name, queued(NORMAL, patch), &phases).at(BEGINS, spike.clone());
    let one = json!({ "workers": { "instances": 1 } });
    let bounded = json!({ "workers": { "instances": 1 }, "broker": { "queues": { "photos": {
        "length_max": ROOM, "overflow": "reject_publish" } } } });
    let inline = json!({
        "workload": { "classes": { "photo": { "web": { "mean_ms": 0.0 }, "job": { "publish": null } } } },
        "machines": { "app": { "cores": 1 } }, "tiers": { "web": { "slots": 64, "backlog": 192 } }
    });
    vec![of("queue", json!({ "tiers": one })), of("bounded", json!({ "tiers": bounded })), of("inline", inline)]
}

fn spike_findings(results: &Results) -> Vec<Finding> {
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let [open, bounded, inline] = ["queue", "bounded", "inline"].map(|name| results.run(name));
    let failed = |report: &crate::world::report::Report| report.requests.failed.values().sum::<u64>() as f64;
    let grown = (PEAK * NORMAL - EACH) * MINUTE;
    let (peak, after) = (queue(open.phase("spike"), "photos"), queue(open.phase("drained"), "photos"));
    let full = queue(bounded.phase("spike"), "photos");
    vec![
        finding(
            "dropped",
            "requests that fail, and messages dropped, in the spike and after it",
            "",
            failed(open.phase("spike")) + failed(open.phase("drained")) + (peak.dropped + after.dropped) as f64,
            Expected::Exactly(0.0),
            "the claim",
        ),
        finding(
            "depth",
            "messages that wait when the spike is over",
            "messages",
            peak.waiting as f64,
            within(grown, 720.0),
            "arithmetic: 500 a second come and 100 go, for a minute; four standard deviations of 30,000 arrivals are 693",
        ),
        finding(
            "p99",
            "99th percentile of the answer meanwhile",
            "ms",
            open.phase("spike").latency_ms.p99,
            Expected::AtMost(30.0),
            "theory: 9 ms for 2 ms of work, and the way to the broker and its disk",
        ),
        finding(
            "oldest",
            "how long the oldest message has waited then",
            "ms",
            peak.oldest_ms,
            within(MINUTE * 1e3 * (1.0 - EACH / (PEAK * NORMAL)), 2_500.0),
            "arithmetic: in a minute workers have done what came in its first 12 s; four standard deviations of 6,000 \
             arrivals are 0.6 s, and the 300 that waited before count for another",
        ),
        finding(
            "left",
            "messages that wait nine minutes later",
            "messages",
            after.waiting as f64,
            Expected::AtMost(20.0),
            "arithmetic: 24,000 are gone after 480 s, at 100 − 50 a second",
        ),
        finding(
            "inline",
            "requests that fail in the spike where the web server does the work, with as much capacity",
            "%",
            failed_percent(inline.phase("spike")),
            within(100.0 * (1.0 - EACH / (PEAK * NORMAL)), 2.0),
            "arithmetic: 500 a second come and 100 can be done; 256 are under way at the end; four standard errors are 0.6 %",
        ),
        finding(
            "bounded",
            "messages that wait in a queue with room for 5,000, when the spike is over",
            "messages",
            full.waiting as f64,
            within(f64::from(ROOM), 10.0),
            "definition: it is full, but for what has just been taken",
        ),
        finding(
            "told",
            "publishers that such a queue sends back",
            "requests",
            bounded.phase("spike").requests.failed["queue_full"] as f64,
            within(grown - f64::from(ROOM), 720.0),
            "arithmetic: what does not fit, told at once; as above",
        ),
    ]
}

/// The queue flattens a spike.
pub static SPIKE: Experiment = Experiment {
    id: "mq.spike",
    title: "Ten times as much, for a minute",
    claim: "The queue flattens a spike that would drown the workers: none is dropped, all are done later. A bounded queue pushes \
            back when it is full.",
    watch: "Depth and age of the oldest message, and who fails, with a queue, with a bounded one and with none.",
    question: Question {
        text: "Five times as much comes for a minute as workers can do. When is the last of it done?",
        options: &["A few seconds later", "A minute later", "Eight minutes later"],
        right: 2,
    },
    explanation: "Workers go on as fast as they can, neither faster nor slower; what they cannot do waits. Half of what they can \
                  do is taken by what comes anyway, so a minute's spike takes eight to work off: nobody fails, and many wait. \
                  If that is too long, the queue needs a bound, and somebody to be told.",
    runs: spike_runs,
    judge: spike_findings,
    mutations: &[
        Mutation {
            name: "the queue has room for a thousand and drops the oldest",
            breaks: |runs| runs[0].set("tiers.broker.queues.photos.length_max", json!(1000)),
        },
        Mutation {
            name: "the bounded queue drops the oldest",
            breaks: |runs| runs[1].set("tiers.broker.queues.photos.overflow", json!("drop_head")),
        },
        Mutation {
            name: "the broker holds three thousand messages only",
            breaks: |runs| runs[0].set("tiers.broker.messages_max", json!(3000)),
        },
    ],
};
