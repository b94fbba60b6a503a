//! What gives way to an edit: settings that hold only beside what the edit took away, and entries of the timeline that no
//! longer fit. The check says which.

use serde_json::Value;

use crate::scenario::{Moment, Problem, Scenario, check, from_value};

use super::slots;

/// Settings that may be left out, and are where they contradict an edit: a pool of connections without a database, a pair
/// that is no entry any more. `*` is any key.
const GIVES_WAY: [&str; 14] = [
    "operations.on_call",
    "operations.pipeline.turn_back_on",
    "outages.*",
    "tiers.*.failover",
    "tiers.*.health_check",
    "tiers.*.layer",
    "tiers.*.locality",
    "tiers.*.people",
    "tiers.*.policy",
    "tiers.*.pool",
    "tiers.*.sticky",
    "workload.classes.*.job.person",
    "workload.classes.*.job.publish",
    "workload.clients.*.cdn_fallback",
];

/// The scenario, once everything has given way that must, and the places of that.
///
/// # Errors
/// What is wrong with it and cannot give way.
pub(super) fn checked(mut value: Value) -> Result<(Scenario, Vec<String>), Problem> {
    let mut left_out: Vec<String> = Vec::new();
    loop {
        let problem = match from_value(value.clone()) {
            Ok(scenario) => return Ok((scenario, left_out)),
            Err(problem) => problem,
        };
        let place = GIVES_WAY.iter().find_map(|pattern| start(&problem.place, pattern));
        match place.filter(|place| !left_out.contains(place)) {
            Some(place) => {
                slots::remove(&mut value, &place);
                left_out.push(place);
            }
            None => return Err(problem),
        }
    }
}

/// The beginning of a place that fits a pattern.
fn start(place: &str, pattern: &str) -> Option<String> {
    let wanted: Vec<&str> = pattern.split('.').collect();
    let keys: Vec<&str> = place.split('.').take(wanted.len()).collect();
    let fits = keys.len() == wanted.len() && keys.iter().zip(&wanted).all(|(key, own)| *own == "*" || own == key);
    fits.then(|| keys.join("."))
}

/// The entries of a timeline that fit a scenario, one after the other.
pub(super) fn what_fits(scenario: &Scenario, timeline: Vec<Moment>) -> Vec<Moment> {
    let mut now = scenario.clone();
    let fits = |moment: &Moment| match check::check_change(&now, &moment.change) {
        Ok(Some(changed)) => {
            now = changed;
            true
        }
        Ok(None) => true,
        Err(_) => false,
    };
    let mut fits = fits;
    timeline.into_iter().filter(|moment| fits(moment)).collect()
}
