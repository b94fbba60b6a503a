//! Chapter 1: what a request goes through, looked at one by one.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::job::Errand;
use crate::nodes::trace::{Doing, Trace};
use crate::scenario::{Scenario, edit};

use super::designs::{phase, run, stage, within};

/// One way from the user to the server: the access network, and the way within the place, in milliseconds.
const ACCESS_MS: f64 = 8.0;
const HOP_MS: f64 = 0.25;
/// What the name servers take, and for how many seconds their answer may be kept.
const LOOKUP_MS: f64 = 15.0;
const TTL: u32 = 60;

/// One user of the first stage, whose device knows nothing yet.
fn one_user(patch: &Value) -> Scenario {
    let connection = json!({ "tcp_round_trips": 1, "tls_round_trips": 1, "keep_alive_seconds": 600 });
    let mut base = json!({
        "workload": {
            "users": 1, "requests_per_user_per_second": 0.2,
            "clients": { "web": { "connection": connection, "access_latency_ms": ACCESS_MS }, "mobile": null }
        },
        "tiers": { "dns": { "record_ttl_seconds": TTL, "lookup_ms": LOOKUP_MS, "steady_start": false } }
    });
    edit::merge(&mut base, patch);
    stage("single-server", base)
}

fn dns_runs() -> Vec<Run> {
    vec![run("one user", one_user(&json!({})), &[phase("all", 0.0, 180.0)]).following()]
}

/// What a journey is for, as a step of the order in which things must happen.
fn step(errand: Errand) -> u8 {
    match errand {
        Errand::Name => 0,
        Errand::Handshake(_) => 1,
        Errand::Request
        | Errand::Probe
        | Errand::Background
        | Errand::Session
        | Errand::Part
        | Errand::Upkeep(_)
        | Errand::Delivery
        | Errand::Decision => 2,
    }
}

/// Time from the first departure to the last arrival for steps of this kind, in milliseconds, with the work between.
fn time_for(trace: &Trace, wanted: u8) -> f64 {
    let of_it =
        || trace.spans.iter().filter(|span| matches!(span.doing, Doing::Travels(errand) if step(errand) == wanted));
    match (of_it().next(), of_it().next_back()) {
        (Some(first), Some(last)) => (last.end - first.start).as_ms(),
        (None, _) | (_, None) => 0.0,
    }
}

fn asks(trace: &Trace) -> bool {
    time_for(trace, 0) > 0.0
}

/// Traces of a run, which must have some.
fn traces(outcome: &Outcome) -> Vec<&Trace> {
    outcome.world.traces().filter(|trace| trace.outcome.is_some()).collect()
}

fn dns_findings(results: &Results) -> Vec<Finding> {
    let traces = traces(results.run("one user"));
    let first = traces[0];
    let order: Vec<u8> = first
        .spans
        .iter()
        .filter_map(|span| match span.doing {
            Doing::Travels(errand) => Some(step(errand)),
            Doing::Waits | Doing::Works | Doing::Reads | Doing::Commits | Doing::Ships => None,
        })
        .collect();
    let has_all = (0..3).all(|step| order.contains(&step));
    // A record may be kept until the first whole second at which it is older than its time to live.
    let mut known_until = 0.0;
    let mut wrong = 0;
    for trace in &traces {
        let sent = trace.sent.as_ms() / 1e3;
        let should_ask = sent.floor() >= known_until;
        wrong += u32::from(asks(trace) != should_ask);
        if asks(trace) {
            known_until = (sent + time_for(trace, 0) / 1e3).floor() + f64::from(TTL);
        }
    }
    let round_trip = 2.0 * (ACCESS_MS + HOP_MS);
    let ms = |key, what, measured, value, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, 0.001),
        reason,
    };
    vec![
        Finding {
            key: "order",
            what: "whether the first request asks for the address, then connects, then sends, in this order",
            unit: "yes or no",
            measured: f64::from(u8::from(has_all && order.is_sorted())),
            expected: Expected::Exactly(1.0),
            reason: "definition: nothing can be sent without a connection, nor connected without an address",
        },
        ms(
            "name",
            "until the first request has the address",
            time_for(first, 0),
            2.0 * ACCESS_MS + LOOKUP_MS,
            "arithmetic: to the resolver and back, and what the name servers take",
        ),
        ms(
            "connect",
            "until it then has a connection",
            time_for(first, 1),
            2.0 * round_trip,
            "definition: one round trip for TCP and one for TLS",
        ),
        Finding {
            key: "next",
            what: "whether the next request asks for the address again",
            unit: "yes or no",
            measured: f64::from(u8::from(asks(traces[1]))),
            expected: Expected::Exactly(0.0),
            reason: "definition: its record is younger than its time to live",
        },
        Finding {
            key: "wrong",
            what: "requests that ask though they need not, or do not ask though they must, in three minutes",
            unit: "requests",
            measured: f64::from(wrong),
            expected: Expected::Exactly(0.0),
            reason: "definition: the address is asked for when its record has expired, and only then",
        },
        Finding {
            key: "asked",
            what: "requests that ask for the address, in three minutes",
            unit: "requests",
            measured: traces.iter().filter(|trace| asks(trace)).count() as f64,
            expected: within(3.0, 1.0),
            reason: "arithmetic: a record lasts a minute, and then until the next request",
        },
    ]
}

/// A client resolves the name first.
pub static DNS: Experiment = Experiment {
    id: "single.dns",
    title: "First the name",
    claim: "A client first resolves the domain name and connects to the address it got; then it talks HTTP to it. Within the \
            record's time to live it does not ask again.",
    watch: "The spans of the first request and of the next one.",
    question: Question {
        text: "A device sends its first request. How often does something go to and fro before the request itself leaves?",
        options: &["Not at all", "Once: for the address", "Three times: the address, TCP, TLS"],
        right: 2,
    },
    explanation: "An address is needed to connect, and a connection to send. Both are kept: the address for the record's time \
                  to live, the connection as long as it is used. So most requests pay for neither.",
    runs: dns_runs,
    judge: dns_findings,
    mutations: &[
        Mutation {
            name: "records may not be kept",
            breaks: |runs| runs[0].set("tiers.dns.record_ttl_seconds", json!(0)),
        },
        Mutation {
            name: "connections cost nothing",
            breaks: |runs| {
                runs[0].set("workload.clients.web.connection.tcp_round_trips", json!(0));
            },
        },
    ],
};

/// Sizes of an answer, in kilobytes, and the line, in megabits per second.
const HTML_KB: f64 = 40.0;
const JSON_KB: f64 = 4.0;
const LINE_MBPS: f64 = 20.0;

fn formats_runs() -> Vec<Run> {
    let group = |format: &str| json!({ "format": format, "share": 1.0, "access_latency_ms": ACCESS_MS, "download_mbps": LINE_MBPS });
    let patch = json!({ "workload": {
        "users": 40, "requests_per_user_per_second": 0.05,
        "clients": { "web": group("html"), "mobile": group("json") },
        "classes": { "static": null, "write": null, "read": { "response_kb": HTML_KB, "response_json_kb": JSON_KB } }
    } });
    vec![run("both", stage("single-server", patch), &[phase("all", 0.0, 30.0)]).following()]
}

/// How much longer the answer's way to the client takes than the request's: the time to transfer it.
fn transfer_ms(trace: &Trace) -> f64 {
    let is_request = |doing: Doing| matches!(doing, Doing::Travels(Errand::Request));
    let length = |out: bool| {
        let of_client = trace.spans.iter().filter(|span| is_request(span.doing));
        let mut ends = of_client.filter(|span| if out { span.from == trace.client } else { span.to == trace.client });
        ends.next().map_or(0.0, |span| (span.end - span.start).as_ms())
    };
    length(false) - length(true)
}

fn formats_findings(results: &Results) -> Vec<Finding> {
    let both = results.run("both");
    let traces = traces(both);
    let plan = both.world.plan();
    let of = |group: &str| {
        let of_group = traces.iter().filter(|trace| plan.tiers[trace.client.index()].id == group);
        of_group.map(|trace| transfer_ms(trace)).collect::<Vec<f64>>()
    };
    let mean = |times: &[f64]| times.iter().sum::<f64>() / times.len() as f64;
    let (html, json) = (of("web"), of("mobile"));
    let report = both.report();
    let ms = |key, what, times: &[f64], kb: f64| Finding {
        key,
        what,
        unit: "ms",
        measured: mean(times),
        expected: within(kb * 8.0 / LINE_MBPS, 0.001),
        reason: "arithmetic: kilobytes times eight over megabits per second; the same in every trace",
    };
    vec![
        ms("html", "to transfer a page to a browser", &html, HTML_KB),
        ms("json", "to transfer the same as JSON to an app, over a line as fast", &json, JSON_KB),
        Finding {
            key: "other_servers",
            what: "requests that were not answered by the one web server",
            unit: "requests",
            measured: report.requests.answered as f64 - report.tiers["web"].per_instance[0] as f64,
            expected: within(0.0, 2.0),
            reason: "definition: there is but one; up to two are on their way at the end",
        },
    ]
}

/// Browsers get HTML, apps JSON, from the same server.
pub static FORMATS: Experiment = Experiment {
    id: "single.formats",
    title: "HTML and JSON",
    claim: "Browsers get HTML, apps and other programs JSON, from the same server; what is smaller arrives sooner.",
    watch: "The answers' last hop in the traces of both groups.",
    question: Question {
        text: "A browser gets a page of 40 kB, an app the same data as 4 kB of JSON. Who needs another server?",
        options: &["The app", "The browser", "Neither: the last hop differs, nothing else"],
        right: 2,
    },
    explanation: "A server answers in the format that is asked for. The app brings its own layout, so only data has to be \
                  sent, and over the same line a tenth of the bytes take a tenth of the time.",
    runs: formats_runs,
    judge: formats_findings,
    mutations: &[Mutation {
        name: "apps get pages as well",
        breaks: |runs| runs[0].set("workload.clients.mobile.format", json!("html")),
    }],
};
