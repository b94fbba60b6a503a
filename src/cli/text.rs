//! A report for people.

use std::fmt::Write;

use crate::world::delivery::CdnReport;
use crate::world::report::{CacheReport, Report};

/// The report as aligned lines.
pub fn table(report: &Report, requests_per_wall_second: f64) -> String {
    let mut text = String::new();
    let requests = &report.requests;
    let latency = &report.latency_ms;
    let mut line = |name: &str, value: String| writeln!(text, "{name:<12} {value}").expect("a string takes all");
    line("scenario", format!("{}, seed {}, {} s simulated", report.scenario, report.seed, report.simulated_seconds));
    line("issued", requests.issued.to_string());
    line("answered", requests.answered.to_string());
    for (cause, count) in requests.failed.iter().filter(|(_, count)| **count > 0) {
        line("failed", format!("{count} {}", cause.replace('_', " ")));
    }
    line("in flight", requests.in_flight.to_string());
    line(
        "latency",
        format!(
            "mean {:.1} ms, p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
            latency.mean, latency.p50, latency.p90, latency.p99, latency.max
        ),
    );
    for (id, tier) in &report.tiers {
        let busy = tier.utilisation.map_or_else(String::new, |busy| format!(", {:.1}% busy", busy * 100.0));
        line(
            id,
            format!(
                "{} × {:?}{busy}, {} served, {:.2} waiting{}",
                tier.instances,
                tier.kind,
                tier.served,
                tier.queue_mean,
                tier.cache.as_ref().map_or_else(|| tier.cdn.as_ref().map_or_else(String::new, delivered), found)
            ),
        );
    }
    line("cost", format!("${:.0} a month", report.cost_per_month_usd));
    line("digest", format!("{} (model {}, {} events)", report.digest, report.model, report.events));
    line("speed", format!("{requests_per_wall_second:.0} requests per second of this machine"));
    text
}

/// What a cache with entries found.
fn found(cache: &CacheReport) -> String {
    let hits = cache.hit_ratio.map_or_else(|| "nobody asked".to_owned(), |ratio| format!("{:.1}% hits", ratio * 100.0));
    format!(", {hits}, {} stale, {} entries", cache.stale_reads, cache.entries)
}

/// What a content delivery network did.
fn delivered(cdn: &CdnReport) -> String {
    let hits = cdn.hit_ratio.map_or_else(|| "nobody asked".to_owned(), |ratio| format!("{:.1}% hits", ratio * 100.0));
    format!(
        ", {hits}, {} fills, {} stale, {} blocked, {:.2} GB out",
        cdn.fills, cdn.stale_reads, cdn.blocked, cdn.out_gb
    )
}
