//! What a day's curve and autoscalers must satisfy.

use super::{Checked, DELAY_MAX_MS, INSTANCES_MAX, check_count, check_length, check_range};
use crate::nodes::autoscaler::Metric;
use crate::nodes::population::Arrivals;
use crate::scenario::scaling::{Autoscaler, Day};
use crate::scenario::{Problem, Tier, Workload};

pub(super) fn check_day(workload: &Workload, day: &Day) -> Checked {
    let at = |field: &str| format!("workload.day.{field}");
    if workload.arrivals == Arrivals::Closed {
        let message =
            "users of a closed loop send when they have their answer; use other arrivals or leave the day out";
        return Err(Problem::at("workload.day", message));
    }
    check_range(&at("peak_to_trough"), day.peak_to_trough, 1.0, 100.0)?;
    check_range(&at("peak_hour"), day.peak_hour, 0.0, 24.0)?;
    check_range(&at("starts_at_hour"), day.starts_at_hour, 0.0, 24.0)?;
    check_range(&at("length_ms"), day.length_ms, 1_000.0, DELAY_MAX_MS)
}

pub(super) fn check_scaling(id: &str, tier: &Tier) -> Checked {
    check_range(&format!("tiers.{id}.draining_ms"), tier.draining_ms(), 0.0, DELAY_MAX_MS)?;
    let Some(own) = tier.autoscaler() else { return Ok(()) };
    let at = |field: &str| format!("tiers.{id}.autoscaler.{field}");
    check_count(&at("minimum"), own.minimum, 1, INSTANCES_MAX)?;
    check_count(&at("maximum"), own.maximum, 1, INSTANCES_MAX)?;
    if own.minimum > own.maximum {
        let message = format!("is {}, but the maximum is {}; raise that or lower this", own.minimum, own.maximum);
        return Err(Problem::at(at("minimum"), message));
    }
    let instances = tier.instances();
    if instances < own.minimum || instances > own.maximum {
        let message = format!("is {instances}, but the autoscaler keeps between {} and {}", own.minimum, own.maximum);
        return Err(Problem::at(format!("tiers.{id}.instances"), message));
    }
    check_range(&at("target_utilisation"), own.target_utilisation, 0.01, 1.0)?;
    check_range(&at("target_queue_depth"), own.target_queue_depth, 0.001, 1e6)?;
    check_range(&at("evaluate_every_ms"), own.evaluate_every_ms, 1.0, DELAY_MAX_MS)?;
    check_range(&at("cooldown_out_ms"), own.cooldown_out_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("cooldown_in_ms"), own.cooldown_in_ms, 0.0, DELAY_MAX_MS)?;
    check_schedule(&at("schedule"), own)
}

fn check_schedule(place: &str, own: &Autoscaler) -> Checked {
    check_length(place, own.schedule.len(), 0, 48)?;
    match (own.metric, own.schedule.is_empty()) {
        (Metric::Schedule, true) => {
            return Err(Problem::at(place, "a schedule needs hours and servers, as {\"8\": 6, \"22\": 2}"));
        }
        (Metric::Utilisation | Metric::QueueDepth, false) => {
            return Err(Problem::at(place, "only the metric \"schedule\" has one; choose it or leave this out"));
        }
        (Metric::Schedule, false) | (Metric::Utilisation | Metric::QueueDepth, true) => {}
    }
    for (hour, servers) in &own.schedule {
        let at = format!("{place}.{hour}");
        if !hour.parse::<f64>().is_ok_and(|hour| (0.0..24.0).contains(&hour)) {
            return Err(Problem::at(at, "an hour of the day is a number from 0 to 24, as \"8\" or \"17.5\""));
        }
        check_count(&at, *servers, own.minimum, own.maximum)?;
    }
    Ok(())
}
