//! What came out of an experiment, as plain data: for the page, the command line and scripts.

use serde::{Deserialize, Serialize};

use crate::nodes::trace::Span;
use crate::world::World;

use super::experiment::{Expected, Experiment, Finding, Results};
use super::journey::{Journey, LegKind, journey, kind};
use super::quantity;

/// What came out for a claim and a seed. Its own figures are those of its first finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The claim's id.
    pub id: String,
    /// The seed.
    pub seed: u64,
    /// What is claimed.
    pub claim: String,
    /// See [`FindingAccount::expected`].
    pub expected: f64,
    /// See [`FindingAccount::measured`].
    pub measured: f64,
    /// See [`FindingAccount::tolerance`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Whether all findings are as they should be.
    pub holds: bool,
    /// What was measured.
    pub findings: Vec<FindingAccount>,
    /// Some requests that were followed, one of each sort.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journeys: Vec<Journey>,
}

/// Something that was measured, and what it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingAccount {
    /// Its permanent name within the experiment.
    pub key: String,
    /// What was measured, in words.
    pub what: String,
    /// Its unit; empty for a plain number, `yes or no` for 1 or 0.
    pub unit: String,
    /// How it should compare with what is expected.
    pub relation: Relation,
    /// The number that is compared with.
    pub expected: f64,
    /// What came out.
    pub measured: f64,
    /// How far off it may be; absent for a bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Whether it is as it should be.
    pub holds: bool,
    /// Why that is expected, and how wide the tolerance is.
    pub reason: String,
}

/// How a figure should compare with what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// The very same.
    #[serde(rename = "exactly")]
    Exactly,
    /// Off by no more than the tolerance.
    #[serde(rename = "within")]
    Within,
    /// The same or more.
    #[serde(rename = "at least")]
    AtLeast,
    /// The same or less.
    #[serde(rename = "at most")]
    AtMost,
}

impl Relation {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exactly => "exactly",
            Self::Within => "within",
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
        }
    }
}

impl Account {
    /// What came out of an experiment with this seed.
    pub(super) fn new(experiment: &Experiment, seed: u64, results: &Results) -> Self {
        let findings: Vec<FindingAccount> = (experiment.judge)(results).iter().map(FindingAccount::new).collect();
        let principal = &findings[0];
        Self {
            id: experiment.id.to_owned(),
            seed,
            claim: experiment.claim.to_owned(),
            expected: principal.expected,
            measured: principal.measured,
            tolerance: principal.tolerance,
            holds: findings.iter().all(|finding| finding.holds),
            journeys: results.runs().flat_map(|run| journeys(&run.name, &run.world)).collect(),
            findings,
        }
    }
}

impl FindingAccount {
    fn new(finding: &Finding) -> Self {
        let relation = match finding.expected {
            Expected::Exactly(_) => Relation::Exactly,
            Expected::Within { .. } => Relation::Within,
            Expected::AtLeast(_) => Relation::AtLeast,
            Expected::AtMost(_) => Relation::AtMost,
        };
        Self {
            key: finding.key.to_owned(),
            what: finding.what.to_owned(),
            unit: finding.unit.to_owned(),
            relation,
            expected: finding.expected.value(),
            measured: finding.measured,
            tolerance: finding.expected.tolerance(),
            holds: finding.holds(),
            reason: finding.reason.to_owned(),
        }
    }
}

impl FindingAccount {
    /// What was measured, with its unit: `27.71%`.
    pub fn measurement(&self) -> String {
        quantity::write(self.measured, &self.unit, DIGITS, self.resolution())
    }

    /// What was expected: `25 ± 7`, `at least 1.3`, `yes`. The unit, where it does not go without saying, is that of what
    /// was measured.
    pub fn expectation(&self) -> String {
        if self.unit == "yes or no" {
            return quantity::write(self.expected, &self.unit, DIGITS, 0.0);
        }
        let number = |value: f64| quantity::number(value, DIGITS, self.resolution());
        match self.relation {
            // A tolerance for rounding alone is none that people have to know.
            Relation::Within if self.tolerance.unwrap_or_default() <= 1e-4 * self.expected.abs() => {
                number(self.expected)
            }
            Relation::Within => format!("{} ± {}", number(self.expected), number(self.tolerance.unwrap_or_default())),
            Relation::Exactly | Relation::AtLeast | Relation::AtMost => {
                format!("{} {}", self.relation.name(), number(self.expected))
            }
        }
    }

    /// Differences below a hundredth of the tolerance say nothing.
    fn resolution(&self) -> f64 {
        self.tolerance.unwrap_or_default() / 100.0
    }
}

/// Significant digits of what was measured.
const DIGITS: u32 = 4;

/// The most journeys of a run that are told.
const JOURNEYS_MAX: usize = 4;

/// The first followed request of each sort: of those that do the same things in the same places in the same order.
fn journeys(run: &str, world: &World) -> Vec<Journey> {
    let mut sorts: Vec<Vec<(LegKind, u16, u16)>> = Vec::new();
    let mut journeys = Vec::new();
    for trace in world.traces() {
        let leg = |span: &Span| (kind(span.doing), span.from.0, span.to.0);
        let mut sort: Vec<_> = trace.spans.iter().map(leg).collect();
        sort.dedup();
        if journeys.len() == JOURNEYS_MAX || sorts.contains(&sort) {
            continue;
        }
        if let Some(journey) = journey(world, trace) {
            sorts.push(sort);
            journeys.push(Journey { run: run.to_owned(), ..journey });
        }
    }
    journeys
}
