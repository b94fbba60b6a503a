//! Chapter 7: what edges take off the origin, what that costs, and for how long files may be kept.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::Change;
use crate::world::report::Report;

use super::delivery::{FILE_MS, PAGE_MS, cdn, hit_percent, site, with_edges};
use super::designs::{phase, run, set, within};

const STOPPED: f64 = 300.0;

fn offload_runs() -> Vec<Run> {
    let patch = json!({
        "workload": { "users": 2000, "classes": { "image": { "files": { "count": 2000, "max_age_ms": 60_000.0 } } } },
        "machines": { "app": { "cores": 1 } }
    });
    // Slow fills, so that some requests come while a file is on its way.
    let with = with_edges("montreal", "seoul", &["seoul", "tokyo"], &patch);
    let all = [phase("all", 0.0, 360.0)];
    let stop = || set("workload.requests_per_user_per_second", 0.0);
    vec![
        run("edges", with, &all).at(STOPPED, stop()),
        run("no edges", site("montreal", "seoul", patch), &all).at(STOPPED, stop()),
    ]
}

fn offload_findings(results: &Results) -> Vec<Finding> {
    let (with, without) = (results.run("edges").report(), results.run("no edges").report());
    let answered = |report: &Report, class: &str| report.by_class[class].answered;
    let at_origin = |report: &Report| report.tiers["web"].served - answered(report, "page");
    let edges = cdn(with);
    let work = |files: u64| answered(with, "page") as f64 * PAGE_MS + files as f64 * FILE_MS;
    let busy = |report: &Report| report.tiers["web"].utilisation.unwrap_or_default();
    let count = |key, what, measured: f64, expected, reason| Finding {
        key,
        what,
        unit: "requests",
        measured,
        expected,
        reason,
    };
    vec![
        count(
            "difference",
            "requests for files at the web servers, less misses at the edges that did not wait for another one's fill",
            at_origin(with) as f64 - (edges.misses - edges.coalesced) as f64,
            Expected::Exactly(0.0),
            "definition: each miss asks the origin, but for those that wait for one that does",
        ),
        count(
            "at_origin",
            "requests for files that came to the web servers",
            at_origin(with) as f64,
            // A file is asked for λ = 0.08 times a second, and kept for T = 60 s of each T + 1/λ.
            within(2000.0 * STOPPED / (60.0 + 1.0 / 0.08) + 800.0, 500.0),
            "renewal theory: 2,000 files, each fetched every 60 s + 12.5 s, and in the first 60 s once more than that by \
             half a life; four standard errors are 400",
        ),
        count(
            "coalesced",
            "misses that waited for another one's fill",
            edges.coalesced as f64,
            Expected::AtLeast(20.0),
            "arithmetic: a fill over the Pacific takes 0.17 s, in which a file is asked for 0.014 times: of 9,000 fills \
             some 120",
        ),
        Finding {
            key: "share",
            what: "of all requests for files, those that come to the web servers",
            unit: "%",
            measured: 100.0 * at_origin(with) as f64 / answered(with, "image") as f64,
            expected: within(100.0 - hit_percent(with), 0.5),
            reason: "definition: what is no hit, less what is coalesced, some 0.3 %",
        },
        Finding {
            key: "busy",
            what: "how busy the web server is, as a part of what it is without edges",
            unit: "%",
            measured: 100.0 * busy(with) / busy(without),
            expected: within(100.0 * work(at_origin(with)) / work(answered(without, "image")), 0.5),
            reason: "arithmetic: pages take 5 ms of work and files 1 ms, and both runs have the very same requests",
        },
    ]
}

/// Files no longer load the web servers.
pub static OFFLOAD: Experiment = Experiment {
    id: "cdn.offload",
    title: "What the origin no longer does",
    claim: "With edges, requests for files no longer come to the web servers, but for exactly those that the edges do not \
            have.",
    watch: "Requests for files at the edges and at the web server.",
    question: Question {
        text: "Two thousand files, each asked for every twelve seconds, may be kept for a minute. What share of the requests \
               still comes to the origin?",
        options: &["None", "About a sixth", "About a half"],
        right: 1,
    },
    explanation: "An edge that has just fetched a file keeps it for a minute, and five requests find it there; the next one \
                  does not. Who asks while it is being fetched waits for that. So the origin is asked for misses less those \
                  that waited, to the last request.",
    runs: offload_runs,
    judge: offload_findings,
    mutations: &[
        Mutation {
            name: "edges do not wait for a fill that is on its way",
            breaks: |runs| runs[0].set("tiers.cdn.coalesce", json!(false)),
        },
        Mutation {
            name: "edges have room for ten files",
            breaks: |runs| runs[0].set("tiers.cdn.capacity_entries", json!(10)),
        },
    ],
};

/// Prices in dollars: per gigabyte out of the CDN and out of the origin, per request at the CDN.
const OUT_USD: f64 = 0.085;
const EGRESS_USD: f64 = 0.09;
const REQUEST_USD: f64 = 0.01 / 1e4;
/// The size of a file, in gigabytes.
const FILE_GB: f64 = 1e-3;
/// How long files may be kept, in seconds: above and below what pays.
const AGES: [(&str, f64); 2] = [("often", 60.0), ("rarely", 8.0)];

/// The hit ratio above which a file costs less over the CDN: what is paid for a gigabyte out of it, and for the part that
/// it fetches, is what a gigabyte out of the origin costs.
fn break_even() -> f64 {
    1.0 - (EGRESS_USD - OUT_USD - REQUEST_USD / FILE_GB) / EGRESS_USD
}

fn cost_runs() -> Vec<Run> {
    let patch = |age: f64| {
        json!({
            "workload": { "classes": {
                "page": { "share": 0.0 },
                "image": { "response_kb": FILE_GB * 1e6, "files": { "count": 100, "max_age_ms": age * 1e3 } } } },
            "network": { "price_out_per_gb_usd": EGRESS_USD }
        })
    };
    let phases = [phase("measured", 120.0, 720.0)];
    let with = |(name, age): (&str, f64)| run(name, with_edges("montreal", "seoul", &["seoul"], &patch(age)), &phases);
    let direct = run("direct", site("montreal", "seoul", patch(60.0)), &phases);
    AGES.into_iter().map(with).chain([direct]).collect()
}

/// What traffic costs for each gigabyte that clients get.
fn per_gb_usd(report: &Report) -> f64 {
    let costs = report.costs_per_month.unwrap_or_default();
    let months = report.simulated_seconds / (730.0 * 3600.0);
    let front = report.tiers.get("cdn").unwrap_or(&report.tiers["web"]);
    (costs.cdn_usd + costs.egress_usd) / (front.sent_gb.unwrap_or_default() / months)
}

fn cost_findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let saved = |name: &str| 100.0 * (per_gb_usd(report("direct")) - per_gb_usd(report(name)));
    let ratio = |name: &str| {
        let edges = cdn(report(name));
        100.0 * (1.0 - edges.fills as f64 / (edges.hits + edges.misses) as f64)
    };
    let ([above, below], [high, low]) = (["often", "rarely"].map(saved), ["often", "rarely"].map(ratio));
    let measured_even = low + (high - low) * (0.0 - below) / (above - below);
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        finding(
            "break_even",
            "the hit ratio at which a file costs the same over the CDN and from the origin, between the two runs",
            "%",
            measured_even,
            within(100.0 * break_even(), 0.15),
            "arithmetic: 1 − (0.090 − 0.085 − 0.001) / 0.090, with a thousand requests of 1 MB to a gigabyte at 1 ¢ for 10,000; what \
             is under way at the ends of a run is some 0.03 % of it",
        ),
        finding(
            "often_ratio",
            "hit ratio of files that may be kept for a minute, those that wait for a fill counted as hits",
            "%",
            high,
            within(100.0 * 60.18 / (1.0 + 60.18), 0.3),
            "renewal theory: λ(T + d) / (1 + λ(T + d)), each asked for once a second, filled in 0.18 s; four standard errors of \
             60,000 are 0.23 %",
        ),
        finding(
            "often_saved",
            "what the CDN saves there for each gigabyte, in cents",
            "¢",
            above,
            Expected::AtLeast(0.05),
            "above the break-even",
        ),
        finding(
            "rarely_ratio",
            "the same of files that may be kept for eight seconds",
            "%",
            low,
            within(100.0 * 8.18 / (1.0 + 8.18), 0.6),
            "the same with T = 8 s; four standard errors are 0.55 %",
        ),
        finding(
            "rarely_saved",
            "what it saves there, in cents",
            "¢",
            below,
            Expected::AtMost(-0.3),
            "below the break-even: it costs more",
        ),
        finding(
            "direct",
            "a gigabyte straight from the origin, in cents",
            "¢",
            100.0 * per_gb_usd(report("direct")),
            within(100.0 * EGRESS_USD, 0.001),
            "the list price, but for rounding",
        ),
    ]
}

/// A file pays on the CDN only above a hit ratio.
pub static COST: Experiment = Experiment {
    id: "cdn.cost",
    title: "What it costs",
    claim: "The provider charges for data moved, and the origin for what is fetched from it: a file pays only above a hit \
            ratio, so files that are rarely used are better taken off.",
    watch: "Dollars per month, for files that are found at the edge often and less often.",
    question: Question {
        text: "The CDN takes 8.5 cents for a gigabyte, the origin's cloud 9, also for what the CDN fetches. How often must the \
               CDN have the file for it to be cheaper?",
        options: &["More than half of the time", "More than nine times in ten", "Always: 8.5 is less than 9"],
        right: 1,
    },
    explanation: "Each miss is paid twice: out of the origin and out of the CDN. The CDN's price is only a little lower, so \
                  there may be few of those. Providers whose CDN fetches from their own cloud free of charge change the sum; \
                  so do volume discounts. What does not change is that a file nobody asks for is fetched for each who does.",
    runs: cost_runs,
    judge: cost_findings,
    mutations: &[
        Mutation {
            name: "the CDN charges for what it fetches as well",
            breaks: |runs| {
                for run in &mut runs[..2] {
                    run.set("tiers.cdn.price_fill_per_gb_usd", json!(0.05));
                }
            },
        },
        Mutation {
            name: "what the origin sends is free",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("network.price_out_per_gb_usd", json!(0.0))),
        },
    ],
};

const AGES_SECONDS: [f64; 3] = [2.0, 20.0, 100.0];
/// A tenth of the files changes every 20 s: at a rate of −ln 0.9 / 20 each, were it at any time.
const PERIOD_SECONDS: f64 = 20.0;
const SHARE: f64 = 0.1;
/// Ten lives of the longest: files begin theirs together, so a part of one would be counted in full or not at all.
const MEASURED_SECONDS: f64 = 1050.0;

fn expiry_runs() -> Vec<Run> {
    let of = |age: f64| {
        let files = json!({ "count": 500, "max_age_ms": age * 1e3 });
        let patch = json!({ "workload": { "classes": { "page": { "share": 0.0 }, "image": { "files": files } } } });
        let base = run(
            name(age),
            with_edges("montreal", "montreal", &["montreal"], &patch),
            &[phase("measured", 200.0, 200.0 + MEASURED_SECONDS)],
        );
        (1..63).fold(base, |run, nth| {
            let publish = Change::Publish { class: "image".to_owned(), share: SHARE, rename: false };
            // Not in step with anything.
            run.at(PERIOD_SECONDS * f64::from(nth) + 0.37, publish)
        })
    };
    AGES_SECONDS.into_iter().rev().map(of).collect()
}

fn name(age: f64) -> String {
    format!("{age} s")
}

/// The share of an age during which a file has changed: an edge's copy is of any age when it is asked for.
fn stale_share(age: f64) -> f64 {
    let changes = -libm::log(1.0 - SHARE) / PERIOD_SECONDS * age;
    1.0 - (1.0 - libm::exp(-changes)) / changes
}

fn expiry_findings(results: &Results) -> Vec<Finding> {
    let edges = |age: f64| cdn(results.run(&name(age)).report());
    let stale = |key, what, age: f64, tolerance, reason| Finding {
        key,
        what,
        unit: "%",
        measured: 100.0 * edges(age).stale_reads as f64 / edges(age).hits as f64,
        expected: within(100.0 * stale_share(age), tolerance),
        reason,
    };
    let fills = |key, what, age: f64, reason| {
        // 100 requests a second for 500 files: λ = 0.2.
        let expected = 500.0 / (age + 5.0);
        Finding {
            key,
            what,
            unit: "requests/s",
            measured: edges(age).fills as f64 / MEASURED_SECONDS,
            expected: within(expected, 0.03 * expected),
            reason,
        }
    };
    vec![
        stale(
            "stale_long",
            "answers that are stale with a max-age of 100 s",
            AGES_SECONDS[2],
            2.5,
            "1 − (1 − e^−μT) / μT for a copy of any age; four standard errors of 4,800 copies are 1.6 %, and changes come in \
             steps",
        ),
        fills(
            "fills_long",
            "requests at the origin with it",
            AGES_SECONDS[2],
            "renewal theory: 500 files, each every T + 5 s; four standard errors of 4,800 are less than 1 %, as lives vary \
             little",
        ),
        stale("stale_middle", "the same with 20 s", AGES_SECONDS[1], 0.8, "the same; four standard errors are 0.5 %"),
        fills("fills_middle", "requests at the origin with it", AGES_SECONDS[1], "the same"),
        stale("stale_short", "the same with 2 s", AGES_SECONDS[0], 0.3, "the same; four standard errors are 0.2 %"),
        fills("fills_short", "requests at the origin with it", AGES_SECONDS[0], "the same"),
    ]
}

/// Not too long and not too short.
pub static EXPIRY: Experiment = Experiment {
    id: "cdn.expiry",
    title: "How long is fresh",
    claim: "A file's time to live must be neither too long, or old versions are served, nor too short, or the origin is asked \
            all the time.",
    watch: "Stale answers and requests at the origin while a tenth of the files changes every 20 s.",
    question: Question {
        text: "Files change about every three minutes each. Each is asked for every five seconds. Which time to live keeps \
               stale answers near one in twenty?",
        options: &["Two seconds", "Twenty seconds", "Two minutes"],
        right: 1,
    },
    explanation: "Stale answers grow with the time to live, at first in proportion: a copy is on average half as old as it may \
                  get. Requests at the origin fall with it, and most of that is gained early: from the second request in a \
                  life on, each is saved. Both curves are flat at one end, so there is a good middle; where there is not, a \
                  change has to be told (purge) or to have a new name.",
    runs: expiry_runs,
    judge: expiry_findings,
    mutations: &[
        Mutation {
            name: "nothing changes",
            breaks: |runs| runs.iter_mut().for_each(|run| run.scenario.timeline.clear()),
        },
        Mutation {
            name: "edges have room for fifty files",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("tiers.cdn.capacity_entries", Value::from(50)));
            },
        },
    ],
};
