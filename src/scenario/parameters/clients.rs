//! The parameters of client groups.

use serde_json::json;

use crate::scenario::Scenario;
use crate::scenario::places::PLACES;

use super::{List, Parameter, Range, YEAR_MS, of_workload};

/// The parameters of a group of clients.
pub fn of_clients(scenario: &Scenario, id: &str) -> Vec<Parameter> {
    let Some(group) = scenario.workload.clients.get(id) else { return Vec::new() };
    let mut list = List::new(format!("workload.clients.{id}"), "This group");
    list.add("share", "Weight", "", Range::Number(0.0, 1e6), "Its share of the users, against the other groups.");
    let places = PLACES.iter().map(|place| (place.id, place.name)).collect();
    list.add("place", "Place", "", Range::Choice(places), "Where these users are: light in fibre needs its time.");
    let places = PLACES.iter().map(|place| (place.id, place.name)).collect();
    let help = "Where the resolver is that they ask. Name servers see it and not the users.";
    list.optional("where they are", "resolver_place", "Resolver in", "", Range::Choice(places), help);
    let help = "One way through the home or mobile network, on top of the distance.";
    list.add("access_latency_ms", "Access delay", "ms", Range::Number(0.0, 60_000.0), help);
    let help = "How fast answers come in over it.";
    list.optional("unlimited", "download_mbps", "Download", "Mbit/s", Range::Number(0.001, 1e6), help);
    let help = "How long they wait for an answer. The work behind it goes on.";
    list.add("timeout_ms", "Patience", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "Browsers ask for pages, apps for data; an answer's size may differ.";
    list.optional("html", "format", "Format", "", Range::Choice(vec![("html", "HTML"), ("json", "JSON")]), help);
    list.group("Connections and retries");
    let help = "Whether a request needs an open connection, which costs round trips to open.";
    if list.part(group.connection.is_some(), "connection", "Connections", json!({}), help) {
        let help = "1 for TCP (RFC 9293), 0 where the connection is opened with the data.";
        list.add("connection.tcp_round_trips", "TCP round trips", "", Range::Whole(0, 10), help);
        let help = "1 for TLS 1.3 (RFC 8446), 2 for 1.2, 0 without encryption.";
        list.add("connection.tls_round_trips", "TLS round trips", "", Range::Whole(0, 10), help);
        let help = "How long a connection stays open without a request.";
        list.add("connection.keep_alive_seconds", "Keep-alive", "s", Range::Whole(0, 86_400), help);
        let help = "Segments of 1,460 bytes in the first round trip of an answer, doubled with each further one: 10 \
                    (RFC 6928). Without it answers come at the full speed of the line.";
        let window = "connection.initial_window_segments";
        list.optional("unlimited", window, "Initial window", "segments", Range::Whole(1, 1_000), help);
    }
    let help = "Whether they try again after an attempt failed or timed out.";
    if list.part(group.retry.is_some(), "retry", "Retries", json!({}), help) {
        list.add("retry.attempts", "Attempts", "", Range::Whole(1, 10), "Attempts in all.");
        let help = "Pause before the second attempt; it doubles from attempt to attempt.";
        list.add("retry.backoff_ms", "Back-off", "ms", Range::Number(0.0, YEAR_MS), help);
        let help = "Draws each pause between nothing and its length, so that clients that failed together do not return \
                    together.";
        list.add("retry.jitter", "Jitter", "", Range::Flag, help);
        let help = "Retries that they may make for every 100 requests.";
        list.optional("unlimited", "retry.budget_percent", "Retry budget", "%", Range::Number(0.0, 1000.0), help);
        let help = "Whether writes are tried again too: one whose answer was lost may then be carried out twice.";
        list.add("retry.writes", "Retry writes", "", Range::Flag, help);
    }
    list.group("Files and addresses");
    list.flag("browser_cache", "Browser cache", "Whether their devices keep files as long as these are fresh.");
    let help = "Whether they ask the origin for files that the CDN fails to give them.";
    if list.part(group.cdn_fallback.is_some(), "cdn_fallback", "CDN fallback", json!({}), help) {
        let help = "How long they wait for a file from the CDN.";
        list.add("cdn_fallback.timeout_ms", "Patience with the CDN", "ms", Range::Number(1.0, YEAR_MS), help);
        let help = "For how long a client asks the origin at once then.";
        list.add("cdn_fallback.remember_seconds", "Remembered", "s", Range::Whole(0, 86_400), help);
    }
    let help = "How often they send, against the other groups: above 1 for bots.";
    list.optional("1", "rate_factor", "Rate", "×", Range::Number(0.001, 1e6), help);
    let help = "How many source addresses they share, as behind a carrier's address translation.";
    let addresses = Range::Whole(1, u64::from(u32::MAX));
    list.optional("one each", "source_addresses", "Source addresses", "", addresses, help);
    let mut all = list.parameters;
    all.extend(of_workload(scenario));
    all
}
