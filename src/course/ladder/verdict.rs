//! What a load came to: how long dynamic requests took, how many requests failed, and whether anything fell behind.

use serde::{Deserialize, Serialize};

use crate::course::capacity::Objective;
use crate::metrics::Histogram;
use crate::scenario::Class;
use crate::world::World;

use super::loads::Loads;

/// What a load came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The 99th percentile of the latency of dynamic requests, in milliseconds.
    pub p99_ms: f64,
    /// How many dynamic requests that is of.
    pub dynamic_requests: u64,
    /// The share of all requests that failed, from 0 to 1.
    pub failed_share: f64,
    /// The load of the busiest machine, as a share of the most that it can do.
    pub highest_load: f64,
}

/// A machine that works all the time falls behind for good, though a short run may not show it in the latency.
const SATURATED: f64 = 0.99;

/// Whether requests of a class need more than a file.
pub fn is_dynamic(class: &Class) -> bool {
    let asks = class.database.mean_ms > 0.0 || class.query.is_some() || class.database_probability.is_some();
    class.write || class.cached || asks || !class.databases.is_empty()
}

impl Verdict {
    /// Of what was measured in this world up to now.
    pub fn of(world: &World) -> Self {
        let ledger = &world.context().ledger;
        let mut dynamic = Histogram::default();
        for (plan, books) in world.plan().classes.iter().zip(&ledger.classes) {
            if is_dynamic(&world.scenario().workload.classes[&plan.id]) {
                dynamic.merge(&books.latency);
            }
        }
        let measured = &ledger.measured;
        let over = (measured.answered + measured.failed_total()).max(1);
        Self {
            p99_ms: dynamic.quantile_ms(0.99),
            dynamic_requests: dynamic.count(),
            failed_share: measured.failed_total() as f64 / over as f64,
            highest_load: Loads::of(world).highest(),
        }
    }

    /// Whether the objective was kept, by a system that can go on so.
    pub fn keeps(&self, objective: Objective) -> bool {
        self.p99_ms <= objective.p99_ms && self.failed_share <= objective.failed && self.highest_load < SATURATED
    }
}
