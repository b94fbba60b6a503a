//! Load that follows the day, and tiers that follow the load, as a scenario describes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::autoscaler::Metric;

/// A day's curve of arrivals: the mean rate · (1 + a · cos(2π (hour − peak) / 24)), with a such that the peak is
/// `peak_to_trough` times the trough. A first harmonic is the plainest curve with one peak and one trough a day; measured
/// sites have about that shape, with ratios from 2 to 5 (of Wikipedia: Urdaneta, Pierre, van Steen 2009, "Wikipedia
/// workload analysis for decentralized hosting"). The mean over a day is what users and their rate say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Day {
    /// How many times as many requests come at the peak as at the trough, from 1 to 100.
    pub peak_to_trough: f64,
    /// The hour of the peak, from 0 to 24.
    pub peak_hour: f64,
    /// The hour at which the run begins, from 0 to 24.
    pub starts_at_hour: f64,
    /// How long a day lasts, in milliseconds: 86,400,000, or less to see it pass. Boot times, cooldowns and everything else
    /// stay as they are.
    pub length_ms: f64,
}

impl Default for Day {
    fn default() -> Self {
        Self { peak_to_trough: 3.0, peak_hour: 20.0, starts_at_hour: 0.0, length_ms: DAY_MS }
    }
}

/// A day, in milliseconds.
pub const DAY_MS: f64 = 86_400_000.0;

/// Adds and removes servers of a tier by itself. Every so often it looks at what was measured since it last looked, and
/// says how many servers there should be: as many as bring the metric to its target (as target tracking of the large
/// providers, and the Horizontal Pod Autoscaler of Kubernetes).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Autoscaler {
    /// The fewest servers, at least 1.
    pub minimum: u32,
    /// The most.
    pub maximum: u32,
    /// What it goes by.
    #[serde(default)]
    pub metric: Metric,
    /// Of the metric `utilisation`: the share of the cores' time that is to be worked, above 0 and up to 1.
    #[serde(default = "default_utilisation")]
    pub target_utilisation: f64,
    /// Of the metric `queue_depth`: how many may wait for each server.
    #[serde(default = "default_depth")]
    pub target_queue_depth: f64,
    /// Of the metric `schedule`: servers from an hour of the day on, until the next one that is named: `{"8": 6, "22": 2}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedule: BTreeMap<String, u32>,
    /// Time between two evaluations, in milliseconds: what is measured is known that late.
    #[serde(default = "default_evaluate_ms")]
    pub evaluate_every_ms: f64,
    /// How long after it has added servers it adds no more, in milliseconds.
    #[serde(default = "default_cooldown_out_ms")]
    pub cooldown_out_ms: f64,
    /// How long after it has added or removed servers it removes none, in milliseconds.
    #[serde(default = "default_cooldown_in_ms")]
    pub cooldown_in_ms: f64,
}

impl Autoscaler {
    /// The schedule as hours and servers, in order. The scenario must have been checked.
    pub fn steps(&self) -> Vec<(f64, u32)> {
        let step = |(hour, servers): (&String, &u32)| (hour.parse().expect("checked"), *servers);
        let mut steps: Vec<(f64, u32)> = self.schedule.iter().map(step).collect();
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        steps
    }
}

const fn default_utilisation() -> f64 {
    0.6
}

const fn default_depth() -> f64 {
    10.0
}

// One-minute metrics and periods are the defaults of the large providers; five minutes of cooldown are too.
const fn default_evaluate_ms() -> f64 {
    60_000.0
}

const fn default_cooldown_out_ms() -> f64 {
    60_000.0
}

const fn default_cooldown_in_ms() -> f64 {
    300_000.0
}
