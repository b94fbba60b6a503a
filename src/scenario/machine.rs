//! What the servers run on, as a scenario describes it.

use serde::{Deserialize, Serialize};

use crate::nodes::machine::Discipline;

use super::catalogue::{self, Size};

/// A kind of machine. The n-th instance of every tier that names it runs on the n-th copy: so two tiers with one
/// instance each share one machine, and its cores, unless they have reserved some.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Where all copies stand: a place of [`super::places::PLACES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where the copies stand, if not all at one place: the first at the first of these, and so on, again and again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// A size of the catalogue, which says cores, price and how work grows with cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Cores, if it has no size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// How fast a core is; 1 is what the service times are meant for.
    #[serde(default = "unity")]
    pub speed: f64,
    /// How it divides its cores.
    #[serde(default)]
    pub discipline: Discipline,
    /// How its work grows with its cores, if not in proportion; or not as the catalogue says of its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalability: Option<Scalability>,
    /// Its disk, by the name in the catalogue: `ssd`, `network_ssd` or `spinning`. Without one, what a database does
    /// with the disk is a part of its work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<String>,
    /// Price of one, in US dollars per month, if not that of its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_month_usd: Option<f64>,
}

/// The Universal Scalability Law (Gunther 2007): k cores that work do as much as k / (1 + σ (k − 1) + κ k (k − 1)) that do
/// not disturb each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scalability {
    /// σ: the share of the work during which a core keeps the others waiting, from 0 to 1.
    pub contention: f64,
    /// κ: what it costs each pair of cores to agree, as a share of the work, from 0 to 1.
    pub coherency: f64,
}

impl Machine {
    /// Where a copy stands, from 0. The machine must have been checked.
    pub fn place_of(&self, copy: usize) -> &str {
        self.place.as_ref().unwrap_or_else(|| &self.places[copy % self.places.len()])
    }

    /// All places where copies may stand, in order.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.place.iter().chain(&self.places).map(String::as_str)
    }

    fn listed(&self) -> Option<&'static Size> {
        self.size.as_ref().map(|id| catalogue::find("", id).expect("checked"))
    }

    /// Cores of one. The machine must have been checked.
    pub fn cores(&self) -> u32 {
        self.cores.or(self.listed().map(|size| size.cores)).expect("checked: it has cores or a size")
    }

    /// Price of one, in US dollars per month.
    pub fn cost_per_month_usd(&self) -> f64 {
        self.cost_per_month_usd.or(self.listed().map(|size| size.cost_per_month_usd)).unwrap_or(0.0)
    }

    /// Memory of one, in gigabytes, if that is known.
    pub fn memory_gb(&self) -> Option<f64> {
        self.listed().map(|size| size.memory_gb)
    }

    /// Its disk, if it has one. The machine must have been checked.
    pub fn disk(&self) -> Option<&'static catalogue::Disk> {
        self.disk.as_ref().map(|id| catalogue::find_disk("", id).expect("checked"))
    }

    /// Network of one, in gigabits per second, if that is known.
    pub fn network_gbps(&self) -> Option<f64> {
        self.listed().map(|size| size.network_gbps)
    }

    /// How its work grows with its cores.
    pub fn scalability(&self) -> Scalability {
        self.scalability.or(self.listed().map(|_| catalogue::SCALABILITY)).unwrap_or_default()
    }
}

const fn unity() -> f64 {
    1.0
}
