//! What those who run the system must satisfy.

use super::{
    Checked, DELAY_MAX_MS, INSTANCES_MAX, check_count, check_id, check_length, check_range, check_service, deployment,
    find_tier, wrong_kind,
};
use crate::nodes::operations::alerts::Metric;
use crate::scenario::operations::{Alert, Operations, Pipeline};
use crate::scenario::{Problem, Scenario, Tier};

/// The most rules.
const ALERTS_MAX: usize = 64;

pub(super) fn check_operations(scenario: &Scenario) -> Checked {
    let Some(own) = &scenario.operations else { return Ok(()) };
    let at = |field: &str| format!("operations.{field}");
    if let Some(monitor) = &own.monitor {
        let interval = monitor.scrape_interval_ms;
        check_range(&at("monitor.scrape_interval_ms"), interval, 100.0, DELAY_MAX_MS)?;
        check_range(&at("monitor.delay_ms"), monitor.delay_ms, 0.0, DELAY_MAX_MS)?;
        if monitor.delay_ms >= interval {
            let message =
                format!("is {}, but the next scrape comes after {interval}; set it below that", monitor.delay_ms);
            return Err(Problem::at(at("monitor.delay_ms"), message));
        }
    }
    check_length(&at("alerts"), own.alerts.len(), 0, ALERTS_MAX)?;
    for (id, alert) in &own.alerts {
        check_alert(scenario, own, &format!("operations.alerts.{id}"), alert)?;
    }
    if let Some(logs) = &own.logs {
        check_count(&at("logs.lines_per_node"), logs.lines_per_node, 1, 10_000)?;
        check_range(&at("logs.sample_percent"), logs.sample_percent, 0.0, 100.0)?;
        check_range(&at("logs.slow_ms"), logs.slow_ms, 0.001, DELAY_MAX_MS)?;
        if let Some(gather) = &logs.gather {
            check_range(&at("logs.gather.every_ms"), gather.every_ms, 100.0, DELAY_MAX_MS)?;
            check_count(&at("logs.gather.lines"), gather.lines, 1, 100_000)?;
        }
    }
    if let Some(complaints) = &own.complaints {
        check_range(&at("complaints.share_percent"), complaints.share_percent, 0.0, 100.0)?;
        check_service(&at("complaints.after"), &complaints.after)?;
        check_count(&at("complaints.needed"), complaints.needed, 1, 1_000)?;
        check_range(&at("complaints.within_ms"), complaints.within_ms, 1.0, DELAY_MAX_MS)?;
    }
    if let Some(on_call) = &own.on_call {
        check_service(&at("on_call.reaction"), &on_call.reaction)?;
        check_range(&at("on_call.look_ms"), on_call.look_ms, 1.0, DELAY_MAX_MS)?;
        check_range(&at("on_call.tolerated_error_rate"), on_call.tolerated_error_rate, 0.0, 1.0)?;
        check_range(&at("on_call.reminded_after_ms"), on_call.reminded_after_ms, 1.0, DELAY_MAX_MS)?;
        check_count(&at("on_call.adds_servers"), on_call.adds_servers, 0, INSTANCES_MAX)?;
        if own.alerts.is_empty() && own.complaints.is_none() {
            let message = "nothing ever calls anybody; set alerts or complaints, or leave it out";
            return Err(Problem::at(at("on_call"), message));
        }
    }
    if let Some(business) = &own.business {
        if !scenario.workload.classes.contains_key(&business.order_class) {
            let known = scenario.workload.classes.keys().map(String::as_str);
            return Err(Problem::unknown(at("business.order_class"), "class", &business.order_class, known));
        }
        check_range(&at("business.revenue_per_order_usd"), business.revenue_per_order_usd, 0.0, 1e9)?;
        check_count(&at("business.visit_idle_seconds"), business.visit_idle_seconds, 1, 365 * 86_400)?;
    }
    own.pipeline.as_ref().map_or(Ok(()), |pipeline| check_pipeline(scenario, own, pipeline))
}

fn check_pipeline(scenario: &Scenario, own: &Operations, pipeline: &Pipeline) -> Checked {
    let at = |field: &str| format!("operations.pipeline.{field}");
    match find_tier(scenario, &at("tier"), &pipeline.tier)? {
        Tier::WebServer(web) if web.build.is_some() => {}
        Tier::WebServer(_) => {
            let message = format!("\"{0}\" runs no build of the application; set tiers.{0}.build", pipeline.tier);
            return Err(Problem::at(at("tier"), message));
        }
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => return Err(wrong_kind(&at("tier"), &pipeline.tier, "a web_server")),
    }
    check_service(&at("build_time"), &pipeline.build_time)?;
    if let Some(tests) = &pipeline.tests {
        check_service(&at("tests.time"), &tests.time)?;
        check_count(&at("tests.cases"), tests.cases, 1, 100_000)?;
    }
    if let Some(rule) = pipeline.turn_back_on.iter().find(|rule| !own.alerts.contains_key(*rule)) {
        return Err(Problem::unknown(at("turn_back_on"), "alert", rule, own.alerts.keys().map(String::as_str)));
    }
    deployment::check_strategy(&at("strategy"), &pipeline.strategy, !pipeline.turn_back_on.is_empty())
}

/// Rules that come while the system runs; those that it has always had may be called as they like.
pub(super) fn check_new_rules(before: &Scenario, after: &Scenario) -> Checked {
    let is_old = |id: &str| before.operations.as_ref().is_some_and(|own| own.alerts.contains_key(id));
    let ids = after.operations.iter().flat_map(|own| own.alerts.keys());
    ids.filter(|id| !is_old(id)).try_for_each(|id| check_id("operations.alerts", id))
}

/// What somebody commits.
pub(super) fn check_commit(scenario: &Scenario, build: &str) -> Checked {
    deployment::known(scenario, "commit.build", build)?;
    let has_one = scenario.operations.as_ref().is_some_and(|own| own.pipeline.is_some());
    if has_one {
        return Ok(());
    }
    Err(Problem::at("commit", "no pipeline builds it; set operations.pipeline, or deploy the build by hand"))
}

fn check_alert(scenario: &Scenario, own: &Operations, place: &str, alert: &Alert) -> Checked {
    let at = |field: &str| format!("{place}.{field}");
    let Some(monitor) = &own.monitor else {
        return Err(Problem::at(
            place,
            "nobody scrapes what it goes by; set operations.monitor, or leave the alert out",
        ));
    };
    check_subject(scenario, own, place, alert)?;
    let (field, bound) = match (alert.above, alert.below) {
        (Some(bound), None) => ("above", bound),
        (None, Some(bound)) => ("below", bound),
        (None, None) => return Err(Problem::at(place, "has no condition; set above or below")),
        (Some(_), Some(_)) => return Err(Problem::at(at("below"), "there is above as well; leave out one of the two")),
    };
    check_range(&at(field), bound, 0.0, 1e12)?;
    let unreachable = match (alert.above, alert.metric.most()) {
        (Some(bound), Some(most)) if bound >= most => Some(format!("it never gets above {most}")),
        (None, _) if bound == 0.0 => Some("it never gets below 0".to_owned()),
        (Some(_) | None, _) => None,
    };
    if let Some(why) = unreachable {
        return Err(Problem::at(at(field), format!("is {bound}, but {why}, so the alert would never fire")));
    }
    for (field, span) in [("for_ms", alert.for_ms), ("calm_ms", alert.calm_ms)] {
        check_range(&at(field), span, 0.0, DELAY_MAX_MS)?;
        if span > 0.0 && span < monitor.scrape_interval_ms {
            let interval = monitor.scrape_interval_ms;
            let message = format!("is {span}, but values come every {interval}; set it to 0, or to {interval} or more");
            return Err(Problem::at(at(field), message));
        }
    }
    Ok(())
}

/// What a rule goes by must be there.
fn check_subject(scenario: &Scenario, own: &Operations, place: &str, alert: &Alert) -> Checked {
    let at = |field: &str| format!("{place}.{field}");
    match (alert.metric, &alert.tier) {
        (Metric::OrdersPerSecond, Some(_)) => {
            Err(Problem::at(at("tier"), "orders are of the whole site; leave the tier out"))
        }
        (Metric::OrdersPerSecond, None) if own.business.is_none() => {
            Err(Problem::at(at("metric"), "nobody counts orders; set operations.business"))
        }
        (Metric::OrdersPerSecond, None) => Ok(()),
        (
            Metric::Up
            | Metric::CpuUtilisation
            | Metric::MemoryUtilisation
            | Metric::DiskUtilisation
            | Metric::NetworkMbps
            | Metric::Waiting
            | Metric::RequestsPerSecond
            | Metric::ErrorShare
            | Metric::LatencyP99Ms,
            None,
        ) => Err(Problem::at(place, "say of which tier: this metric is each tier's own")),
        (metric, Some(id)) => {
            let tier = find_tier(scenario, &at("tier"), id)?;
            let machine = tier.machine().map(|(id, _)| &scenario.machines[id]);
            let lacks = match metric {
                Metric::CpuUtilisation if machine.is_none() => Some("no machine of ours"),
                Metric::DiskUtilisation if machine.is_none_or(|own| own.disk.is_none()) => Some("no disk"),
                Metric::Up
                | Metric::CpuUtilisation
                | Metric::MemoryUtilisation
                | Metric::DiskUtilisation
                | Metric::NetworkMbps
                | Metric::Waiting
                | Metric::RequestsPerSecond
                | Metric::ErrorShare
                | Metric::LatencyP99Ms
                | Metric::OrdersPerSecond => None,
            };
            match lacks {
                Some(what) => Err(Problem::at(at("metric"), format!("{id} has {what}, so nothing is measured there"))),
                None => Ok(()),
            }
        }
    }
}
