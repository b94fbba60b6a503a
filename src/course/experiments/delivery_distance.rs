//! Chapter 7: distance, and files that come from nearby.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::trace::Trace;
use crate::time::SimTime;

use super::delivery::{EDGE_MS, FILE_MS, PAGE_MS, between_ms, by_hand_ms, cdn, round_trip_ms, site, with_edges};
use super::designs::{phase, run, within};

const FAR: [(&str, &str, &str); 2] = [("Korea", "montreal", "seoul"), ("US", "mumbai", "virginia")];

fn near_runs() -> Vec<Run> {
    let phases = [phase("measured", 60.0, 120.0)];
    let edges = ["montreal", "mumbai", "seoul", "virginia"];
    let of = |&(name, servers, users): &(&str, &str, &str)| {
        [
            run(format!("{name}, edges"), with_edges(servers, users, &edges, &json!({})), &phases),
            run(format!("{name}, none"), site(servers, users, json!({})), &phases),
        ]
    };
    FAR.iter().flat_map(of).collect()
}

fn near_findings(results: &Results) -> Vec<Finding> {
    let mean = |name: &str, class: &str| results.run(name).report().by_class[class].latency_ms.mean;
    let far = |key, what, (name, servers, users): (&str, &str, &str)| Finding {
        key,
        what,
        unit: "ms",
        measured: mean(&format!("{name}, none"), "image"),
        expected: within(by_hand_ms(100.0, round_trip_ms(users, servers), FILE_MS), 0.1),
        reason: "by hand: three round trips until the first byte is on its way, two waits for windows of 14.6 and 29.2 kB, \
                 and the rest at 100 Mbit/s; all requests are alike, but for rounding",
    };
    let near = |key, what, (name, _, users): (&str, &str, &str)| Finding {
        key,
        what,
        unit: "ms",
        measured: mean(&format!("{name}, edges"), "image"),
        expected: within(by_hand_ms(100.0, round_trip_ms(users, users), EDGE_MS), 0.1),
        reason: "the same by hand with the round trip to an edge in the same town, which has had all files for a minute",
    };
    vec![
        far("korea_far", "an image of 100 kB from servers in Canada, for users in Korea", FAR[0]),
        near("korea_near", "the same from an edge", FAR[0]),
        far("us_far", "an image from servers in India, for users in the US", FAR[1]),
        near("us_near", "the same from an edge", FAR[1]),
        Finding {
            key: "pages",
            what: "how much sooner a page comes that is made for each user, to Korea, when images come from an edge",
            unit: "ms",
            measured: mean("Korea, none", "page") - mean("Korea, edges", "page"),
            expected: within(0.0, 0.1),
            reason: "it still comes from Canada, and the servers were not busy before",
        },
        Finding {
            key: "page",
            what: "such a page of 20 kB",
            unit: "ms",
            measured: mean("Korea, edges", "page"),
            expected: within(by_hand_ms(20.0, round_trip_ms("seoul", "montreal"), PAGE_MS), 0.1),
            reason: "by hand: three round trips, and one wait, since it is larger than a first window",
        },
    ]
}

/// Distance makes pages slow; an edge nearby does not.
pub static NEAR: Experiment = Experiment {
    id: "cdn.near",
    title: "Far away",
    claim: "Distance makes pages slow, since a file costs many round trips; an edge nearby makes them short.",
    watch: "How long an image takes from another continent, and from an edge.",
    question: Question {
        text: "An image of 100 kB comes from the other side of the Pacific, where light in fibre needs about 80 ms one way. \
               How long does it take over a new connection?",
        options: &["About 160 ms: there and back", "About 300 ms", "Close to a second"],
        right: 2,
    },
    explanation: "Before a byte of the image is sent there are three round trips: TCP, TLS and the request. Then the server may \
                  send only ten segments until it hears that they arrived, then twenty, and so on: two more. An edge in the \
                  same town does the very same in round trips that are a tenth as long. What is made for each user still \
                  comes from afar.",
    runs: near_runs,
    judge: near_findings,
    mutations: &[
        Mutation {
            name: "all is sent at once, without slow start",
            breaks: |runs| {
                for run in runs {
                    run.set("workload.clients.users.connection.initial_window_segments", json!(null));
                }
            },
        },
        Mutation {
            name: "the edges stand where the servers are",
            breaks: |runs| {
                runs[0].set("tiers.cdn.places", json!(["montreal"]));
                runs[2].set("tiers.cdn.places", json!(["mumbai"]));
            },
        },
    ],
};

const VIDEO_KB: f64 = 5000.0;

fn video_runs() -> Vec<Run> {
    let patch = |entry: Option<&str>| {
        json!({ "workload": {
            "users": 1, "requests_per_user_per_second": 0.05,
            "classes": {
                "page": { "share": 1.0, "followed_by": { "image": 6, "video": 1 } },
                "image": { "share": 0.0, "files": { "count": 1 } },
                "video": { "share": 0.0, "response_kb": VIDEO_KB, "entry": entry,
                           "web": { "mean_ms": FILE_MS, "distribution": "constant" },
                           "files": { "count": 1, "max_age_ms": 3_600_000.0 } }
            } } })
    };
    let phases = [phase("all", 0.0, 160.0)];
    vec![
        run("edges", with_edges("calgary", "tokyo", &["calgary", "tokyo"], &patch(Some("cdn"))), &phases).following(),
        run("no edges", site("calgary", "tokyo", patch(None)), &phases).following(),
    ]
}

/// The last visit of a run that was over: the page first, then what followed it.
fn last_visit(outcome: &Outcome) -> Vec<&Trace> {
    let class =
        |name: &str| outcome.world.plan().classes.iter().position(|class| class.id == name).expect("it is there");
    let page = class("page") as u8;
    let traces: Vec<&Trace> = outcome.world.traces().filter(|trace| trace.outcome.is_some()).collect();
    let starts: Vec<usize> = (0..traces.len()).filter(|&index| traces[index].class == page).collect();
    let whole = starts.iter().rev().find(|&&start| {
        let end = ended(traces[start]);
        traces[start + 1..].iter().filter(|trace| trace.sent == end).count() == 7
    });
    let start = *whole.expect("there was a visit");
    let end = ended(traces[start]);
    let after = traces[start + 1..].iter().copied().filter(|trace| trace.sent == end);
    std::iter::once(traces[start]).chain(after).collect()
}

fn ended(trace: &Trace) -> SimTime {
    trace.outcome.expect("it is over").0
}

/// Who sent the answer of a request.
fn answered_by(outcome: &Outcome, trace: &Trace) -> String {
    let last = trace.spans.iter().max_by_key(|span| (span.end, span.start)).expect("it travelled");
    outcome.world.target(last.from)
}

fn video_findings(results: &Results) -> Vec<Finding> {
    let (with, without) = (results.run("edges"), results.run("no edges"));
    let took = |visit: &[&Trace]| {
        let end = visit.iter().map(|trace| ended(trace)).max().expect("it has requests");
        (end - visit[0].sent).as_ms()
    };
    let visit = last_visit(with);
    let from = |target: &str| visit.iter().filter(|trace| answered_by(with, trace) == target).count() as f64;
    let (near, far) = (round_trip_ms("tokyo", "tokyo"), round_trip_ms("tokyo", "calgary"));
    let page = by_hand_ms(20.0, far, PAGE_MS);
    // Near, the line is full once a window takes longer than a round trip: the fifth, of 233.6 kB, takes 18.7 ms against
    // 16.5. So four waits, for 219 kB, and the rest at 100 Mbit/s.
    let video_near = 3.0 * near + EDGE_MS + 4.0 * near + (VIDEO_KB - 219.0) * 0.08;
    // Afar a window fills a round trip of 142 ms from 1,868.8 kB on, the eighth: seven waits, for 1,854.2 kB.
    let video_far = 3.0 * far + FILE_MS + 7.0 * far + (VIDEO_KB - 1854.2) * 0.08;
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        finding(
            "visit_near",
            "a visit: a page, then six images and a video of 5 MB, with edges",
            "ms",
            took(&visit),
            within(page + video_near, 0.5),
            "by hand: the page's round trips to Canada, then the video's to the edge in Tokyo, whose line is full after \
             four waits",
        ),
        finding(
            "visit_far",
            "the same with all of it from Alberta",
            "ms",
            took(&last_visit(without)),
            within(page + video_far, 0.5),
            "by hand: the video takes seven waits of a long round trip until its windows fill the line",
        ),
        finding(
            "from_edge",
            "of the eight requests of that visit, answered by the edge in Tokyo",
            "requests",
            from("cdn.2"),
            Expected::Exactly(7.0),
            "six images and the video; it has them from visits before",
        ),
        finding(
            "from_server",
            "answered by the server in Alberta",
            "requests",
            from("web.1"),
            Expected::Exactly(1.0),
            "the page, which is made for this user",
        ),
    ]
}

/// The page comes from the server, the video from the nearest edge.
pub static VIDEO: Experiment = Experiment {
    id: "cdn.video",
    title: "One visit",
    claim: "The page comes from the server, and what is large from the nearest edge.",
    watch: "The waterfall of a visit from Tokyo to a site in Alberta: the page, then six images and a video.",
    question: Question {
        text: "Which part of the visit does the edge in Tokyo make shorter?",
        options: &["The page", "What follows the page", "All of it alike"],
        right: 1,
    },
    explanation: "The browser learns from the page what else it needs, so the page's round trips over the ocean come first \
                  whatever happens. Then the files come from the edge, and most of their time is that of the user's own \
                  line.",
    runs: video_runs,
    judge: video_findings,
    mutations: &[
        Mutation {
            name: "the nearest edge is where the server is",
            breaks: |runs| runs[0].set("tiers.cdn.places", json!(["calgary"])),
        },
        Mutation {
            name: "the edge may not keep anything for long",
            breaks: |runs| {
                runs[0].set("workload.classes.video.files.max_age_ms", json!(1.0));
                runs[0].set("workload.classes.image.files.max_age_ms", json!(1.0));
            },
        },
    ],
};

const MAX_AGE_SECONDS: f64 = 60.0;
const FIRST_BYTE_MS: f64 = 50.0;

fn miss_runs() -> Vec<Run> {
    let of = |origin: &str| {
        let patch = json!({
            "workload": { "users": 1, "requests_per_user_per_second": 0.2, "classes": {
                "page": { "share": 0.0 },
                "image": { "files": { "count": 1, "max_age_ms": MAX_AGE_SECONDS * 1e3 } } } },
            "tiers": { "cdn": { "origin": origin },
                       "store": { "kind": "object_store", "place": "montreal",
                                  "first_byte": { "mean_ms": FIRST_BYTE_MS, "distribution": "constant" } } }
        });
        run(origin, with_edges("montreal", "seoul", &["seoul"], &patch), &[phase("all", 0.0, 200.0)]).following()
    };
    vec![of("store"), of("web")]
}

/// Whether the edge asked the origin for what this request wanted.
fn fills(outcome: &Outcome, trace: &Trace) -> bool {
    let origin = [format!("{}.1", outcome.name), "web.1".to_owned()];
    trace.spans.iter().any(|span| origin.contains(&outcome.world.target(span.to)))
}

fn miss_findings(results: &Results) -> Vec<Finding> {
    let of = |name: &str| {
        let outcome = results.run(name);
        let traces: Vec<&Trace> = outcome.world.traces().filter(|trace| trace.outcome.is_some()).collect();
        let took = |trace: &Trace| (ended(trace) - trace.sent).as_ms();
        let missed: Vec<f64> =
            traces.iter().filter(|trace| fills(outcome, trace)).map(|trace| trace.sent.as_ms() / 1e3).collect();
        (took(traces[0]), took(traces[1]), missed)
    };
    let (store_first, second, missed) = of("store");
    let (web_first, ..) = of("web");
    let shortest = missed.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let near = by_hand_ms(100.0, round_trip_ms("seoul", "seoul"), EDGE_MS);
    // A hop within the place on top of the distance; 100 kB at 1 Gbit/s.
    let fill = |origin_ms: f64| 2.0 * (0.25 + between_ms("seoul", "montreal")) + origin_ms + 0.8;
    let ms = |key, what, measured, value, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, 0.1),
        reason,
    };
    vec![
        ms(
            "first",
            "the first request for a file, which the edge fetches from an object store",
            store_first,
            near + fill(FIRST_BYTE_MS),
            "by hand: what the second takes, and there and back to the store over a warm connection, 50 ms until its first \
             byte, and 100 kB at 1 Gbit/s",
        ),
        ms("second", "the second request", second, near, "by hand: the edge has the file, so the origin is not asked"),
        ms(
            "first_web",
            "the first request where the web server is the origin",
            web_first,
            near + fill(FILE_MS),
            "the same, but the server begins its answer after 1 ms",
        ),
        Finding {
            key: "gap",
            what: "the shortest time between two fetches of the file, with a max-age of 60 s",
            unit: "s",
            measured: shortest,
            expected: Expected::AtLeast(MAX_AGE_SECONDS),
            reason: "definition: so long it is fresh",
        },
        Finding {
            key: "fills",
            what: "fetches in 200 s of a request every five seconds",
            unit: "requests",
            measured: cdn(results.run("store").report()).fills as f64,
            expected: within(200.0 / 65.0 + 0.5, 1.5),
            reason: "one at the beginning, and one by the first request after each 60 s: every 65 s on average; exponential \
                     waits of 5 s move the third by 9 s",
        },
    ]
}

/// An edge fetches what it does not have, keeps it for its max-age, and answers.
pub static MISS: Experiment = Experiment {
    id: "cdn.miss",
    title: "Not here yet",
    claim: "What an edge does not have it fetches from the origin, a web server or an object store, keeps for the time that \
            the origin allows, and answers.",
    watch: "The spans of the first request for a file and of the second.",
    question: Question {
        text: "The edge in Seoul has just started. How does the very first request for a file compare with one that goes to \
               the origin in Canada directly?",
        options: &["It takes much longer: the detour comes on top", "It is faster all the same", "They take the same"],
        right: 1,
    },
    explanation: "The client does its many round trips with the edge, which is near. Over the ocean there is one: the edge \
                  keeps a connection to the origin open and warm. From the second request on the origin is not asked, until \
                  the max-age that it gave with the file is over.",
    runs: miss_runs,
    judge: miss_findings,
    mutations: &[
        Mutation {
            name: "files may be kept for a millisecond",
            breaks: |runs| runs[0].set("workload.classes.image.files.max_age_ms", json!(1.0)),
        },
        Mutation {
            name: "files may be kept for ever",
            breaks: |runs| runs[0].set("workload.classes.image.files.max_age_ms", json!(1e9)),
        },
    ],
};
