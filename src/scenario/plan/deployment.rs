//! Builds and outages, with all names resolved.

use crate::nodes::deployment::{Build, Strategy};
use crate::scenario::{Scenario, deployment};
use crate::time::Span;

/// Random outages of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct OutagePlan {
    /// The place.
    pub place: String,
    /// Mean time from the end of an outage to the next one.
    pub mtbf: Span,
    /// Mean length of one.
    pub mttr: Span,
}

/// The builds that there are, in the order of their ids.
pub(super) fn builds(scenario: &Scenario) -> Vec<(String, Build)> {
    let build = |(id, own): (&String, &deployment::Build)| {
        let build = Build {
            error_rate: own.error_rate,
            fails_tests: own.error_rate_in_tests.unwrap_or(own.error_rate),
            work_factor: own.work_factor,
            writes_format: own.writes_format as u8,
            reads_format: own.reads_format.unwrap_or(own.writes_format) as u8,
        };
        (id.clone(), build)
    };
    scenario.builds.iter().map(build).collect()
}

/// The number of a build.
pub(super) fn number(scenario: &Scenario, id: &str) -> u8 {
    scenario.builds.keys().position(|known| known == id).expect("checked") as u8
}

/// The places that have outages, in the order of their ids.
pub(super) fn outages(scenario: &Scenario) -> Vec<OutagePlan> {
    let of = |(place, own): (&String, &deployment::Outages)| OutagePlan {
        place: place.clone(),
        mtbf: Span::from_ms(own.mtbf_ms),
        mttr: Span::from_ms(own.mttr_ms),
    };
    scenario.outages.iter().map(of).collect()
}

/// How a build is brought to servers.
pub fn strategy(own: &deployment::Strategy) -> Strategy {
    Strategy {
        batch: own.batch,
        canary_share: own.canary_share,
        observe: Span::from_ms(own.observe_ms),
        max_error_rate: own.max_error_rate,
        drain: Span::from_ms(own.drain_ms),
    }
}
