//! What load balancers and health checks must satisfy, and which of their settings contradict each other.

use crate::nodes::balancer::{Layer, Policy};
use crate::nodes::health::Probing;

use super::{Checked, DELAY_MAX_MS, SLOTS_MAX, check_count, check_range, check_service, find_tier, wrong_kind};
use crate::scenario::balancing::{HealthCheck, LoadBalancerTier};
use crate::scenario::{Problem, Scenario, Tier};

pub(super) fn check_balancer(scenario: &Scenario, id: &str, balancer: &LoadBalancerTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    let forwards_to = |field: &str, target: &str| match find_tier(scenario, &at(field), target)? {
        Tier::WebServer(_) | Tier::LoadBalancer(_) => Ok(()),
        Tier::Dns(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => Err(wrong_kind(&at(field), target, "a web_server or a load_balancer")),
    };
    forwards_to("backends", &balancer.backends)?;
    for (class, target) in &balancer.routes {
        let place = format!("routes.{class}");
        if !scenario.workload.classes.contains_key(class) {
            let known = scenario.workload.classes.keys().map(String::as_str);
            return Err(Problem::unknown(at(&place), "class", class, known));
        }
        forwards_to(&place, target)?;
    }
    check_count(&at("connections"), balancer.connections, 1, SLOTS_MAX)?;
    check_service(&at("forward"), &balancer.forward)?;
    check_range(&at("slow_start_ms"), balancer.slow_start_ms, 0.0, DELAY_MAX_MS)?;
    check_count(&at("retries"), balancer.retries, 0, 5)?;
    check_health(&at("health_check"), &balancer.health_check)?;
    if let Some(ejection) = &balancer.outlier_ejection {
        check_count(&at("outlier_ejection.consecutive_failures"), ejection.consecutive_failures, 1, 1_000_000)?;
        check_range(&at("outlier_ejection.base_ejection_ms"), ejection.base_ejection_ms, 1.0, DELAY_MAX_MS)?;
        check_range(&at("outlier_ejection.max_ejected_percent"), ejection.max_ejected_percent, 0.0, 100.0)?;
    }
    check_weights(&at("weights"), balancer)?;
    check_pair(scenario, id, balancer)?;
    super::geography::check_locality(scenario, id, balancer)?;
    check_layer(scenario, id, balancer)
}

fn check_weights(place: &str, balancer: &LoadBalancerTier) -> Checked {
    if !balancer.weights.is_empty() && balancer.policy != Policy::Weighted {
        let message = "only the policy \"weighted\" has weights; choose it or leave them out";
        return Err(Problem::at(place, message));
    }
    for (number, weight) in &balancer.weights {
        let at = format!("{place}.{number}");
        if !number.parse::<u32>().is_ok_and(|n| (1..=20_000).contains(&n) && n.to_string() == *number) {
            return Err(Problem::at(at, "an instance is named by its number, from 1"));
        }
        check_range(&at, *weight, 0.001, 1000.0)?;
    }
    Ok(())
}

fn check_pair(scenario: &Scenario, id: &str, balancer: &LoadBalancerTier) -> Checked {
    let Some(failover) = &balancer.failover else { return Ok(()) };
    let at = |field: &str| format!("tiers.{id}.{field}");
    if balancer.instances != 2 {
        let message = format!("a pair with failover has 2 instances, this has {}", balancer.instances);
        return Err(Problem::at(at("instances"), message));
    }
    if scenario.workload.entry != id && !super::cdn::is_origin(scenario, id) {
        return Err(Problem::at(at("failover"), "only the entry can be a pair behind one address"));
    }
    check_range(&at("failover.heartbeat_ms"), failover.heartbeat_ms, 1.0, DELAY_MAX_MS)?;
    check_count(&at("failover.missed"), failover.missed, 1, 1000)
}

fn check_layer(scenario: &Scenario, id: &str, balancer: &LoadBalancerTier) -> Checked {
    let at = |field: &str| format!("tiers.{id}.{field}");
    let application = balancer.layer == Layer::Application;
    if balancer.sticky {
        if scenario.workload.sessions.is_none() {
            let message = "users have no sessions to stick to a server; set workload.sessions or turn it off";
            return Err(Problem::at(at("sticky"), message));
        }
        if !application {
            let message = "cookies are seen at the application layer only; change layer or turn it off";
            return Err(Problem::at(at("sticky"), message));
        }
    }
    if !balancer.routes.is_empty() && !application {
        let message = "paths are seen at the application layer only; change layer or leave the routes out";
        return Err(Problem::at(at("routes"), message));
    }
    let bound = balancer.sticky || !application;
    let sees_cookies = balancer.sticky && super::cdn::is_origin(scenario, id);
    if bound && scenario.workload.entry != id && !sees_cookies {
        let place = at(if balancer.sticky { "sticky" } else { "layer" });
        return Err(Problem::at(place, "only the entry knows whose connection it is; set it there"));
    }
    if !application && !scenario.workload.clients.values().all(|client| client.connection.is_some()) {
        let message = "below the application layer connections are balanced, but clients have none; \
                       set workload.clients.….connection";
        return Err(Problem::at(at("layer"), message));
    }
    if balancer.layer == Layer::Network && balancer.policy != Policy::SourceIpHash {
        let message = "at the network layer a hash of the addresses decides; set it to \"source_ip_hash\"";
        return Err(Problem::at(at("policy"), message));
    }
    if balancer.layer == Layer::Network && balancer.retries > 0 {
        return Err(Problem::at(
            at("retries"),
            "packets are not requests: at the network layer nothing is tried again",
        ));
    }
    if balancer.retry_writes && balancer.retries == 0 {
        let message = "nothing is tried again, so writes are not either; set retries or turn it off";
        return Err(Problem::at(at("retry_writes"), message));
    }
    Ok(())
}

pub(super) fn check_health(place: &str, check: &HealthCheck) -> Checked {
    let at = |field: &str| format!("{place}.{field}");
    check_range(&at("interval_ms"), check.interval_ms, 1.0, DELAY_MAX_MS)?;
    check_count(&at("unhealthy_after"), check.unhealthy_after, 1, 1000)?;
    check_count(&at("healthy_after"), check.healthy_after, 1, 1000)?;
    check_range(&at("timeout_ms"), check.timeout_ms, 1.0, DELAY_MAX_MS)?;
    check_range(&at("hold_ms"), check.hold_ms, 0.0, DELAY_MAX_MS)?;
    if check.probe == Probing::Request && check.timeout_ms > check.interval_ms {
        let message = format!(
            "is {}, but the next probe goes out after {}: a probe must be over by then",
            check.timeout_ms, check.interval_ms
        );
        return Err(Problem::at(at("timeout_ms"), message));
    }
    Ok(())
}
