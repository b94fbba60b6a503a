//! Chapter 7: the system that its experiments start from, and the hand calculation of distance.

use serde_json::{Value, json};

use crate::scenario::{Scenario, places};
use crate::world::delivery::CdnReport;
use crate::world::report::Report;

use super::designs::merged;

/// One way through the access network and within a place, in milliseconds.
const ACCESS_MS: f64 = 8.0;
const HOP_MS: f64 = 0.25;
/// The users' lines, in megabits per second.
const LINE_MBPS: f64 = 100.0;
/// What a segment carries in kilobytes, and how many are sent in the first round trip.
const SEGMENT_KB: f64 = 1.46;
const WINDOW: u32 = 10;
/// What a request takes at an edge, in milliseconds.
pub const EDGE_MS: f64 = 1.0;
/// What the web servers need for a page and for a file, in milliseconds.
pub const PAGE_MS: f64 = 5.0;
pub const FILE_MS: f64 = 1.0;

/// Web servers that are never busy, and users at one place who ask for pages (20 kB) and images (100 kB, 50 files): with
/// a new connection for each, so that all requests are alike.
pub fn site(servers: &str, users: &str, patch: Value) -> Scenario {
    let connection = json!({ "keep_alive_seconds": 0, "initial_window_segments": WINDOW });
    let work = |ms: f64| json!({ "mean_ms": ms, "distribution": "constant" });
    let base = json!({
        "version": 1, "name": "Delivery",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.1, "entry": "web",
            "clients": { "users": { "share": 1.0, "place": users, "access_latency_ms": ACCESS_MS,
                                     "download_mbps": LINE_MBPS, "connection": connection } },
            "classes": {
                "page": { "share": 0.2, "response_kb": 20.0, "web": work(PAGE_MS) },
                "image": { "share": 0.8, "response_kb": 100.0, "web": work(FILE_MS),
                           "files": { "count": 50, "popularity": "uniform", "max_age_ms": 3_600_000.0 } }
            }
        },
        "machines": { "app": { "place": servers, "cores": 64, "cost_per_month_usd": 100.0 } },
        "tiers": { "web": { "kind": "web_server", "machine": "app", "slots": 100_000, "backlog": 0 } }
    });
    merged(base, &patch)
}

/// The same with edges before the images.
pub fn with_edges(servers: &str, users: &str, edges: &[&str], patch: &Value) -> Scenario {
    let mut base = json!({
        "workload": { "classes": { "image": { "entry": "cdn" } } },
        "tiers": { "cdn": { "kind": "cdn", "places": edges, "origin": "web", "lookup_ms": EDGE_MS } }
    });
    crate::scenario::edit::merge(&mut base, patch);
    site(servers, users, base)
}

/// A round trip between users at a place and a server, in milliseconds.
pub fn round_trip_ms(users: &str, server: &str) -> f64 {
    2.0 * (ACCESS_MS + HOP_MS + between_ms(users, server))
}

/// One way between two places, in milliseconds, with the path factor of 1.6.
pub fn between_ms(a: &str, b: &str) -> f64 {
    let place = |id| places::find(id).expect("a place that is there");
    places::delay_ms(place(a), place(b), places::PATH_FACTOR)
}

/// From setting out to the last byte, with a new connection: one round trip for TCP, one for TLS, one for the request;
/// then as many waits as it takes until windows of 14.6, 29.2, 58.4 … kB hold the answer, and the rest at the line's speed.
/// It holds where the line is not full before the last window: so long as that takes less than a round trip.
pub fn by_hand_ms(kb: f64, round_trip: f64, server_ms: f64) -> f64 {
    let first_kb = f64::from(WINDOW) * SEGMENT_KB;
    let waits = libm::ceil(libm::log2(kb / first_kb + 1.0)) - 1.0;
    let sent_kb = first_kb * (libm::exp2(waits) - 1.0);
    3.0 * round_trip + server_ms + waits * round_trip + (kb - sent_kb) * 8.0 / LINE_MBPS
}

/// What the edges of a run did.
pub fn cdn(report: &Report) -> &CdnReport {
    report.tiers["cdn"].cdn.as_ref().expect("the system has a CDN")
}

/// Their hit ratio, in percent.
pub fn hit_percent(report: &Report) -> f64 {
    100.0 * cdn(report).hit_ratio.unwrap_or_default()
}
