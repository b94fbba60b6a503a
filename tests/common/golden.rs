//! What golden digests are of: the same natively and in the browser.

use zero_to_millions::scenario::Scenario;
use zero_to_millions::time::SimTime;

/// The seed of every run.
pub const SEED: u64 = 7;

/// Until when a stage runs: some 300,000 requests, from six seconds to ten minutes.
pub fn end(scenario: &Scenario) -> SimTime {
    let workload = &scenario.workload;
    let seconds = 3e5 / (f64::from(workload.users) * workload.requests_per_user_per_second);
    SimTime::from_ms(seconds.clamp(6.0, 600.0).floor() * 1e3)
}
