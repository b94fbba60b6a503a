//! Who sends, how often, and what, with all names resolved.

use crate::nodes::population::{Habits, Shares};
use crate::rng::Zipf;
use crate::scenario::Scenario;

use super::scaling;

/// Who sends what.
pub(super) fn habits(scenario: &Scenario) -> Habits {
    let workload = &scenario.workload;
    Habits {
        users: workload.users,
        day: workload.day.as_ref().map(scaling::day),
        rate_per_user: workload.requests_per_user_per_second,
        arrivals: workload.arrivals,
        activity: (workload.user_activity_exponent > 0.0)
            .then(|| Zipf::new(workload.users, workload.user_activity_exponent)),
        factors: match workload.clients.values().all(|client| client.rate_factor == 1.0) {
            true => Vec::new(),
            false => workload.clients.values().map(|client| client.rate_factor).collect(),
        },
        groups: Shares::new(&workload.clients.values().map(|client| client.share).collect::<Vec<_>>()),
        classes: Shares::new(&workload.classes.values().map(|class| class.share).collect::<Vec<_>>()),
    }
}
