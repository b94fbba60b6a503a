//! Builds of the application and how they are deployed, as written.

use serde::{Deserialize, Serialize};

/// A build of the application.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Build {
    /// The share of requests that it answers with an error, from 0 to 1: a bad build.
    #[serde(skip_serializing_if = "is_zero")]
    pub error_rate: f64,
    /// The share of requests that it answers with an error where tests ask it, from 0 to 1. Without it, as for users; 0 is a
    /// fault that shows in production only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_rate_in_tests: Option<f64>,
    /// Its work for each request, as a part of what the class says, from 0.01 to 100.
    #[serde(skip_serializing_if = "is_one")]
    pub work_factor: f64,
    /// The number of the format in which it writes values, from 0 to 100.
    pub writes_format: u32,
    /// The number of the newest format that it can read. Without it, that which it writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reads_format: Option<u32>,
}

impl Default for Build {
    fn default() -> Self {
        Self { error_rate: 0.0, error_rate_in_tests: None, work_factor: 1.0, writes_format: 0, reads_format: None }
    }
}

/// How a build is brought to servers that serve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Strategy {
    /// How many servers are out of service for it at the same time.
    pub batch: u32,
    /// The share of the servers that get it first and are watched before the others follow; 0 for none.
    pub canary_share: f64,
    /// How long these are watched, and in the end all, in milliseconds.
    pub observe_ms: f64,
    /// The share of failed requests of those who have it, above which all go back to the build before. Without it: none
    /// does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_error_rate: Option<f64>,
    /// How long a server may take to finish what it has, in milliseconds; what is left then fails.
    pub drain_ms: f64,
}

impl Default for Strategy {
    fn default() -> Self {
        Self { batch: 1, canary_share: 0.0, observe_ms: 0.0, max_error_rate: None, drain_ms: 10_000.0 }
    }
}

impl Strategy {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Random outages of all that stands at a place: lengths and times between are exponential, by the seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Outages {
    /// Mean time from the end of an outage to the next one, in milliseconds.
    pub mtbf_ms: f64,
    /// Mean length of an outage, in milliseconds.
    pub mttr_ms: f64,
}

fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

fn is_one(number: &f64) -> bool {
    *number == 1.0
}
