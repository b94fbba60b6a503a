//! What clients, health checks and balancers do, with all names resolved and all milliseconds turned into spans.

use crate::nodes::TierId;
use crate::nodes::balancer::{Ejection, Settings};
use crate::nodes::client::{Connecting, Manners, Retrying};
use crate::nodes::health::HealthCheck;
use crate::time::Span;

use crate::scenario::{ClientGroup, LoadBalancerTier, Scenario, Tier};

/// What a group of clients does.
pub(super) fn manners(scenario: &Scenario, client: &ClientGroup, tier_id: impl Fn(&String) -> TierId) -> Manners {
    Manners {
        timeout: Span::from_ms(client.timeout_ms),
        entry: tier_id(client.direct_to.as_ref().unwrap_or(&scenario.workload.entry)),
        direct: client.direct_to.is_some(),
        connection: client.connection.filter(|_| scenario.network.enabled).map(|connection| Connecting {
            round_trips: connection.tcp_round_trips + connection.tls_round_trips,
            keep_alive_seconds: connection.keep_alive_seconds,
        }),
        retry: client.retry.map(|retry| Retrying {
            attempts: retry.attempts as u8,
            backoff: Span::from_ms(retry.backoff_ms),
            jitter: retry.jitter,
            budget_percent: retry.budget_percent,
            writes: retry.writes,
        }),
    }
}

/// Whether a tier has public addresses: if nobody says otherwise, only the entry.
pub(super) fn is_public(scenario: &Scenario, id: &str, tier: &Tier) -> bool {
    let told = match tier {
        Tier::WebServer(web) => web.public,
        Tier::Dns(_) | Tier::LoadBalancer(_) | Tier::Cache(_) | Tier::Database(_) => None,
    };
    told.unwrap_or(id == scenario.workload.entry)
}

pub(super) fn health(check: &crate::scenario::HealthCheck) -> HealthCheck {
    HealthCheck {
        interval: Span::from_ms(check.interval_ms),
        unhealthy_after: check.unhealthy_after,
        healthy_after: check.healthy_after,
        timeout: Span::from_ms(check.timeout_ms),
        probing: check.probe,
        hold: Span::from_ms(check.hold_ms),
    }
}

pub(super) fn settings(scenario: &Scenario, balancer: &LoadBalancerTier) -> Settings {
    let highest = balancer.weights.keys().filter_map(|number| number.parse().ok()).max().unwrap_or(0usize);
    let weight = |number: usize| balancer.weights.get(&number.to_string()).copied().unwrap_or(1.0);
    Settings {
        layer: balancer.layer,
        policy: balancer.policy,
        weights: (1..=highest).map(weight).collect(),
        sticky: balancer.sticky && scenario.workload.sessions.is_some(),
        slow_start: Span::from_ms(balancer.slow_start_ms),
        retries: balancer.retries as u8,
        retry_writes: balancer.retry_writes,
        ejection: balancer.outlier_ejection.map(|ejection| Ejection {
            consecutive_failures: ejection.consecutive_failures,
            base: Span::from_ms(ejection.base_ejection_ms),
            most: ejection.max_ejected_percent / 100.0,
        }),
        health: health(&balancer.health_check),
        connections: balancer.connections,
    }
}
