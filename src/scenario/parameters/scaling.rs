//! The parameters of load that follows the day, and of tiers that follow the load.

use serde_json::json;

use crate::nodes::autoscaler::Metric;
use crate::scenario::scaling::Autoscaler;
use crate::scenario::{Scenario, Tier};

use super::{List, Range, YEAR_MS};
use crate::scenario::check::INSTANCES_MAX;

/// Adds those of the day's curve.
pub fn add_day(list: &mut List, scenario: &Scenario) {
    let help =
        "Whether arrivals follow the day: a curve with one peak and one trough. Else they are the same at all hours.";
    if !list.part(scenario.workload.day.is_some(), "day", "Follows the day", json!({}), help) {
        return;
    }
    let help = "How many times as many requests come at the peak as at the trough.";
    list.optional("3", "day.peak_to_trough", "Peak to trough", "×", Range::Number(1.0, 100.0), help);
    list.optional("20", "day.peak_hour", "Peak at", "h", Range::Number(0.0, 24.0), "The hour at which most come.");
    let help = "The hour at which the run begins.";
    list.optional("0", "day.starts_at_hour", "Begins at", "h", Range::Number(0.0, 24.0), help);
    let help = "How long a day lasts. A shorter one passes sooner; boot times and cooldowns stay as they are.";
    list.optional("86400000", "day.length_ms", "A day lasts", "ms", Range::Number(1_000.0, YEAR_MS), help);
}

/// Adds those of sessions.
pub fn add_sessions(list: &mut List, scenario: &Scenario) {
    let Some(sessions) = &scenario.workload.sessions else { return };
    list.group("Sessions");
    let help = "How long a session lasts without a request.";
    list.add("sessions.idle_timeout_seconds", "A session lasts", "s", Range::Whole(1, 30 * 86_400), help);
    if sessions.sign_in.is_some() {
        let help = "Work of a web server to check a password: dear on purpose, so that nobody can try many.";
        list.add("sessions.sign_in.mean_ms", "Checking a password", "ms", Range::Number(0.0, YEAR_MS), help);
        let help = "The size of a session, where a store keeps it.";
        list.optional("1", "sessions.session_kb", "Size of a session", "kB", Range::Number(0.001, 1e5), help);
    }
}

/// Adds those of servers that come and go.
pub fn add(list: &mut List, tier: &Tier) {
    list.group("Adding and removing");
    let help = "How long a server that is taken out still serves users whose session is bound to it.";
    list.optional("0", "draining_ms", "Draining takes", "ms", Range::Number(0.0, YEAR_MS), help);
    let many = tier.instances().saturating_mul(4).clamp(1, INSTANCES_MAX);
    let opens_with = json!({ "minimum": 1, "maximum": many });
    let help = "Whether servers are added and removed by what is measured. Else there are as many as said.";
    if let (true, Some(own)) =
        (list.part(tier.autoscaler().is_some(), "autoscaler", "Autoscaler", opens_with, help), tier.autoscaler())
    {
        autoscaler(list, own);
    }
}

fn autoscaler(list: &mut List, own: &Autoscaler) {
    let servers = || Range::Whole(1, u64::from(INSTANCES_MAX));
    list.add("autoscaler.minimum", "At least", "servers", servers(), "The fewest servers.");
    list.add("autoscaler.maximum", "At most", "servers", servers(), "The most servers.");
    if own.metric != Metric::Schedule {
        let metrics = vec![("utilisation", "cores busy"), ("queue_depth", "requests waiting")];
        let help = "What it goes by.";
        list.optional("utilisation", "autoscaler.metric", "Goes by", "", Range::Choice(metrics), help);
        let help = "How busy cores are to be. Lower leaves more room until new servers are there, and costs more.";
        let range = Range::Number(0.01, 1.0);
        list.optional("0.6", "autoscaler.target_utilisation", "Target utilisation", "", range, help);
        let help = "How many may wait for each server.";
        let range = Range::Number(0.001, 1e6);
        list.optional("10", "autoscaler.target_queue_depth", "Target queue", "per server", range, help);
    }
    let help = "Time between two evaluations: what is measured is known that late.";
    list.optional("60000", "autoscaler.evaluate_every_ms", "Looks every", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "How long after it has added servers it adds no more.";
    list.optional("60000", "autoscaler.cooldown_out_ms", "Rest after adding", "ms", Range::Number(0.0, YEAR_MS), help);
    let help = "How long after a change it removes none.";
    list.optional(
        "300000",
        "autoscaler.cooldown_in_ms",
        "Rest before removing",
        "ms",
        Range::Number(0.0, YEAR_MS),
        help,
    );
}
