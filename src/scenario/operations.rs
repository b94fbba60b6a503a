//! Those who run the system, as a scenario describes them: what is measured, written down and done about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::operations::alerts::Metric;

use super::deployment::Strategy;
use super::{Distribution, Id, ServiceTime};

/// How a system is run. What is left out is not there: without a monitor nobody sees a value, without somebody on call
/// nobody repairs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Scrapes values from all servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor: Option<Monitor>,
    /// Rules on what is scraped.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alerts: BTreeMap<Id, Alert>,
    /// The lines that servers write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Logs>,
    /// Users who complain when their requests fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaints: Option<Complaints>,
    /// Who is called by alerts and by complaints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_call: Option<OnCall>,
    /// What counts for the business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<Business>,
    /// Builds, tests and deploys what is committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
}

/// Scrapes values from all servers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Monitor {
    /// Time between two scrapes, in milliseconds. 15 seconds are usual with Prometheus, a minute is its default.
    pub scrape_interval_ms: f64,
    /// How long it takes until a scrape is there to be judged, in milliseconds; less than the interval.
    pub delay_ms: f64,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { scrape_interval_ms: 15_000.0, delay_ms: 1_000.0 }
    }
}

/// A rule on what is scraped. It fires when its condition has held at every scrape for as long as `for_ms`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// What it goes by.
    pub metric: Metric,
    /// Of which tier. Orders are of the whole site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Id>,
    /// The condition: above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// The condition: below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// How long it must have held, in milliseconds: 0 to fire at the first scrape.
    #[serde(default)]
    pub for_ms: f64,
    /// How long it must not have held until all is calm again, in milliseconds.
    #[serde(default)]
    pub calm_ms: f64,
}

/// The lines that servers write: of what failed or was slow, and of a sample of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Logs {
    /// Lines that each server keeps, the newest ones, from 1 to 10,000.
    pub lines_per_node: u32,
    /// The share of the good and fast requests that are written down, in percent.
    pub sample_percent: f64,
    /// From how long on a request or a call is slow, in milliseconds.
    pub slow_ms: f64,
    /// Whether the lines are gathered in one place. Without it each server has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gather: Option<Gather>,
}

impl Default for Logs {
    fn default() -> Self {
        Self { lines_per_node: 1_000, sample_percent: 1.0, slow_ms: 1_000.0, gather: Some(Gather::default()) }
    }
}

/// Gathers lines in one place.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Gather {
    /// Time between two shipments, in milliseconds.
    pub every_ms: f64,
    /// Lines that are kept, the newest ones, from 1 to 100,000.
    pub lines: u32,
}

impl Default for Gather {
    fn default() -> Self {
        Self { every_ms: 5_000.0, lines: 20_000 }
    }
}

/// Users who complain when their requests fail. How many do is anybody's guess, and differs from site to site.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Complaints {
    /// The share of failed requests after which somebody complains, in percent.
    pub share_percent: f64,
    /// How long it takes until the complaint gets through.
    pub after: ServiceTime,
    /// So many complaints have to come, from 1 to 1,000, …
    pub needed: u32,
    /// … within this time until somebody is called, in milliseconds.
    pub within_ms: f64,
}

impl Default for Complaints {
    fn default() -> Self {
        let after = ServiceTime { mean_ms: 600_000.0, distribution: Distribution::Exponential, cv: None };
        Self { share_percent: 0.1, after, needed: 5, within_ms: 1_800_000.0 }
    }
}

/// Who is called by alerts and by complaints. He looks at one server after the other and repairs what he finds broken; of a
/// server that answers with errors of its own build he brings the build before back, as this one was brought.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct OnCall {
    /// How long it takes until he begins.
    pub reaction: ServiceTime,
    /// How long he looks at each server, in milliseconds.
    pub look_ms: f64,
    /// The share of a server's answers that may be errors of its own build without his going back, from 0 to 1.
    pub tolerated_error_rate: f64,
    /// After how long an alert calls again if it still fires when he is through, in milliseconds. Half an hour is what services
    /// for on-call duty commonly take.
    pub reminded_after_ms: f64,
    /// Servers that he adds to a tier if an alert says that it is busy and nothing is broken there; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub adds_servers: u32,
}

impl Default for OnCall {
    fn default() -> Self {
        // Five minutes until an alert is acknowledged is what rotas for on-call duty commonly ask for.
        let reaction = ServiceTime { mean_ms: 300_000.0, distribution: Distribution::LogNormal, cv: Some(0.5) };
        Self {
            reaction,
            look_ms: 60_000.0,
            tolerated_error_rate: 0.01,
            reminded_after_ms: 1_800_000.0,
            adds_servers: 0,
        }
    }
}

/// Builds what is committed, tests it and brings it to servers, without anybody's doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// The web servers that it brings builds to.
    pub tier: Id,
    /// How long it takes to build what was committed.
    #[serde(default = "four_minutes")]
    pub build_time: ServiceTime,
    /// Tests of what was built. Without them everything passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Tests>,
    /// How what passes is brought to servers.
    #[serde(default)]
    pub strategy: Strategy,
    /// Alerts at which a build that is on its way goes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turn_back_on: Vec<Id>,
}

/// Tests of a build: each asks it once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Tests {
    /// How long all of them take.
    pub time: ServiceTime,
    /// How many there are, from 1 to 100,000. One that fails is enough to stop the build.
    pub cases: u32,
}

/// Building and testing in ten minutes together is what extreme programming asks for (Beck, Andres 2004).
impl Default for Tests {
    fn default() -> Self {
        Self { time: minutes(6.0), cases: 500 }
    }
}

fn four_minutes() -> ServiceTime {
    minutes(4.0)
}

fn minutes(mean: f64) -> ServiceTime {
    ServiceTime { mean_ms: mean * 60_000.0, distribution: Distribution::LogNormal, cv: Some(0.2) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What counts for the business.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Business {
    /// The class of requests that are orders.
    pub order_class: Id,
    /// What an order brings, in US dollars.
    #[serde(default = "default_revenue")]
    pub revenue_per_order_usd: f64,
    /// A visit is over when its user has asked for nothing for so many seconds. Web analytics commonly take half an hour.
    #[serde(default = "half_an_hour")]
    pub visit_idle_seconds: u32,
}

const fn default_revenue() -> f64 {
    40.0
}

const fn half_an_hour() -> u32 {
    1_800
}
