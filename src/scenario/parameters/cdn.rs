//! The parameters of content delivery networks, object stores and files.

use serde_json::json;

use crate::scenario::{CdnTier, Scenario};

use super::{List, Parameter, Range, YEAR_MS};

pub(super) fn add(list: &mut List, cdn: &CdnTier) {
    let help = "What a request takes at an edge.";
    list.add("lookup_ms", "Look-up", "ms", Range::Number(0.0, 60_000.0), help);
    let help = "Files that each edge may hold.";
    list.add("capacity_entries", "Files at most", "", Range::Whole(1, 1_000_000_000), help);
    let help = "What each edge may hold in all.";
    list.add("capacity_mb", "Size at most", "MB", Range::Number(0.001, 1e12), help);
    list.eviction();
    let help = "Requests that miss the same file at the same time at an edge ask the origin once.";
    list.optional("true", "coalesce", "Coalesce", "", Range::Flag, help);
    list.group("Origin and routes");
    let help = "How fast an edge gets a file from the origin, over connections that stay open.";
    list.add("fill_mbps", "Fill speed", "Mbit/s", Range::Number(0.001, 1e6), help);
    let help = "From the death of an edge until routes lead past it, and back when it serves again.";
    list.add("reroute_ms", "Rerouting", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "What a purge takes to the edges, beside the way from the origin.";
    list.add("purge_ms", "Purge", "ms", Range::Number(0.0, YEAR_MS), help);
    list.group("Limit");
    let help = "Whether there is a limit to what each source address may send to an edge.";
    let opens_with = json!({ "requests_per_second": 10.0, "burst": 50 });
    if list.part(cdn.rate_limit.is_some(), "rate_limit", "Limit per address", opens_with, help) {
        let help = "Requests that each source address may send in the long run.";
        list.add("rate_limit.requests_per_second", "Limit", "/s", Range::Number(0.001, 1e9), help);
        let help = "Requests that it may send at once.";
        list.add("rate_limit.burst", "Burst", "", Range::Whole(1, 1_000_000), help);
    }
    list.group("Prices");
    let price = || Range::Number(0.0, 1e6);
    list.add("price_out_per_gb_usd", "Price out", "$/GB", price(), "Of what edges send to clients.");
    let help = "Of what edges fetch, beside what the origin pays for sending it.";
    list.optional("0", "price_fill_per_gb_usd", "Price of fills", "$/GB", price(), help);
    list.add("price_per_10000_requests_usd", "Price of 10,000 requests", "$", price(), "At the edges.");
}

pub(super) fn add_store(list: &mut List) {
    let help = "How long it takes to begin an answer, on average.";
    list.add("first_byte.mean_ms", "First byte", "ms", Range::Number(0.0, YEAR_MS), help);
    list.optional(
        "0",
        "stored_gb",
        "Held",
        "GB",
        Range::Number(0.0, 1e9),
        "What it holds, which is paid by the month.",
    );
    let price = || Range::Number(0.0, 1e6);
    list.add("price_out_per_gb_usd", "Price out", "$/GB", price(), "Of what it sends.");
    list.add("price_per_gb_month_usd", "Price held", "$/GB month", price(), "Of what it holds.");
    list.add("price_per_1000_requests_usd", "Price of 1,000 reads", "$", price(), "Whoever asks.");
}

/// The files of the classes that clients send to a tier.
pub(super) fn of_files(scenario: &Scenario, tier: &str) -> Vec<Parameter> {
    let mut list = List::new("workload.classes", "Files");
    for (id, class) in &scenario.workload.classes {
        if class.files.is_none() || class.entry.as_deref().unwrap_or(&scenario.workload.entry) != tier {
            continue;
        }
        let name = |what: &str| format!("“{id}”: {what}");
        let field = |field: &str| format!("{id}.files.{field}");
        let help = "How many such files there are.";
        list.add(&field("count"), name("files"), "", Range::Whole(1, 1_000_000), help);
        let help = "How unequal they are: the n-th most popular is asked for in proportion to 1 / n to this power.";
        list.optional("1", &field("exponent"), &name("exponent"), "", Range::Number(0.0, 3.0), help);
        let help = "How long edges and browsers may keep one. Short: the origin is asked often. Long: they go stale.";
        list.add(&field("max_age_ms"), name("max-age"), "ms", Range::Number(0.001, YEAR_MS), help);
    }
    list.parameters
}
