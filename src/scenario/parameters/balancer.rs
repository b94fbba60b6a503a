//! The parameters of a load balancer.

use serde_json::json;

use crate::scenario::LoadBalancerTier;

use super::{List, Range, YEAR_MS};

/// Adds them.
pub fn add(list: &mut List, tier: &LoadBalancerTier) {
    list.group("Choosing");
    choosing(list);
    list.group("Health checks");
    watching(list);
    let help = "Whether servers are taken out that fail requests, whatever their probes say.";
    if list.part(tier.outlier_ejection.is_some(), "outlier_ejection", "Outlier ejection", json!({}), help) {
        let help = "Failures in a row after which a server is ejected.";
        list.add("outlier_ejection.consecutive_failures", "Eject after", "failures", Range::Whole(1, 1000), help);
        let help = "For how long the first time; n times as long the n-th time.";
        list.add("outlier_ejection.base_ejection_ms", "Eject for", "ms", Range::Number(0.0, YEAR_MS), help);
        let help = "The most servers that may be out for this.";
        list.add("outlier_ejection.max_ejected_percent", "Ejected at most", "%", Range::Number(0.0, 100.0), help);
    }
    list.group("Pair");
    if tier.failover.is_some() {
        let help = "How often the active one of the pair tells the other that it is there (as VRRP, RFC 5798).";
        list.add("failover.heartbeat_ms", "Heartbeat every", "ms", Range::Number(1.0, YEAR_MS), help);
        let help = "Heartbeats that must be missing before the passive one takes over the address.";
        list.add("failover.missed", "Take over after", "missed", Range::Whole(1, 1000), help);
    }
}

fn choosing(list: &mut List) {
    let policies = vec![
        ("round_robin", "round robin"),
        ("random", "random"),
        ("least_connections", "least connections"),
        ("two_choices", "two choices"),
        ("weighted", "weighted"),
        ("least_response_time", "least response time"),
        ("source_ip_hash", "source IP hash"),
    ];
    list.add("policy", "Policy", "", Range::Choice(policies), "How it chooses the server for a request.");
    let localities = vec![("any", "any place"), ("prefer", "its own first"), ("require", "its own only")];
    let help = "Whether requests stay at its own place, where servers stand at several.";
    list.optional("any", "locality", "Servers at", "", Range::Choice(localities), help);
    let layers = vec![("application", "7: requests"), ("transport", "4: connections"), ("network", "3: packets")];
    let help = "What it can see, and so what it chooses a server for.";
    list.optional("application", "layer", "Layer", "", Range::Choice(layers), help);
    list.flag("sticky", "Sticky sessions", "Keeps a user's session at one server, by a cookie.");
    let help = "Requests that may pass through it at once; what comes on top is refused.";
    list.add("connections", "Connections", "", Range::Whole(1, 1_000_000), help);
    let help = "Work of passing a request on.";
    list.add("forward.mean_ms", "Passing on takes", "ms", Range::Number(0.0, YEAR_MS), help);
    let help =
        "How often a request that died with its server, or was refused, is tried at another one. Writes are not.";
    list.optional("0", "retries", "Retries", "", Range::Whole(0, 5), help);
    let help = "Tries writes again too: one that died with its server may then be carried out twice.";
    list.flag("retry_writes", "Retry writes", help);
    let help = "How long a server that was taken in gets less than its share.";
    list.optional("0", "slow_start_ms", "Slow start", "ms", Range::Number(0.0, YEAR_MS), help);
}

/// Adds those of health checks.
pub fn watching(list: &mut List) {
    let probes = vec![("connect", "a connection"), ("request", "a request")];
    let help = "Whether a probe only opens a connection, or is a request that takes its turn at the server.";
    list.optional("connect", "health_check.probe", "Probe by", "", Range::Choice(probes), help);
    let help = "Time between two probes of a server.";
    list.add("health_check.interval_ms", "Probe every", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "How long a probe waits for its answer.";
    list.optional("as often", "health_check.timeout_ms", "Probe time-out", "ms", Range::Number(1.0, YEAR_MS), help);
    let help = "Failed probes in a row after which a server gets no requests.";
    list.add("health_check.unhealthy_after", "Out after", "probes", Range::Whole(1, 1000), help);
    let help = "Good probes in a row after which it gets requests again.";
    list.add("health_check.healthy_after", "In after", "probes", Range::Whole(1, 1000), help);
    let help = "How long a server stays out at least, doubled each time: it damps flapping.";
    list.optional("0", "health_check.hold_ms", "Stay out", "ms", Range::Number(0.0, YEAR_MS), help);
}
