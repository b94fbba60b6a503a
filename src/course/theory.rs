//! What queueing theory says of a system that runs, beside what the simulation shows, and why it says nothing where it does not.
//!
//! - [`queues`], [`che`]: formulas.
//! - `flows`: what comes to each part, from the scenario alone.
//! - `expected`, `lines`, `caches`: what the formulas make of that, or the reasons why none holds.
//! - `measured`: what the simulation shows, and how well that is known.
//! - [`Reason`]: in words.
//!
//! A value of theory is only told where its law holds. What decides that is the scenario, and what has happened: a law of a steady
//! state needs one. So the simulation is looked at since the last event in the log, without the first quarter of that.
//!
//! - **Utilisation** (Denning and Buzen, "The operational analysis of queueing network models", 1978): busy = rate × work. It needs
//!   no assumption on arrivals.
//! - **Little** ("A proof for the queuing formula L = λW", 1961): number = rate × time. The number is that of a gauge, or of looks at
//!   intervals; the times are those that requests were recorded with.
//! - **Erlang C**, **Pollaczek and Khinchine**: one shared line, first come first served, with Poisson arrivals.
//! - **Processor sharing**: one machine whose cores all share, with Poisson arrivals, whatever work is like.
//! - **Che**: the hit ratio of a cache whose keys are asked for independently.
//! - **The interactive law** (as utilisation): users who wait for their answers.

mod caches;
pub mod che;
mod expected;
mod flows;
mod lines;
mod measured;
pub mod queues;
mod reason;

use serde::{Deserialize, Serialize};

pub use expected::Expected;
pub use reason::Reason;

use crate::scenario::Scenario;
use crate::world::World;

/// A law, with what it needs to be named.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// The share of its cores that is busy, from 0 to 1.
    Utilisation,
    /// Requests that wait, on average: M/M/c.
    ErlangC {
        /// c.
        servers: u32,
    },
    /// Requests that wait, on average: M/G/1.
    PollaczekKhinchine {
        /// The coefficient of variation of the work.
        variation: f64,
    },
    /// Requests in hand, on average, where all share the cores.
    ProcessorSharing {
        /// How many cores.
        cores: u32,
    },
    /// The share of look-ups that are hits, from 0 to 1.
    HitRatio,
    /// Requests that wait, on average, since measuring began.
    LittleWaiting,
    /// Requests under way, on average, since measuring began.
    LittleUnderWay,
    /// Answers per second to users who wait for them.
    Interactive,
}

/// What the simulation shows and what a law says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Which law.
    pub law: Law,
    /// What the simulation shows, in the unit of the law; `None` before there is enough to say.
    pub simulated: Option<f64>,
    /// What the law says; `None` where it does not hold.
    pub theory: Option<f64>,
    /// The 95% interval of the difference reaches so far to either side; `None` where it is not known, or where the law leaves
    /// nothing to chance.
    pub half_width: Option<f64>,
    /// Requests, or look-ups, that this is about.
    pub requests: u64,
    /// Why the law does not hold, if it does not.
    pub reasons: Vec<Reason>,
}

/// What theory says of the system that is played.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TheoryStatus {
    /// The stretch that is looked at, in milliseconds since the start of the run.
    pub from_ms: f64,
    /// Its end.
    pub to_ms: f64,
    /// Of the whole system.
    pub system: Vec<Statement>,
    /// By tier, as in the scene.
    pub tiers: Vec<Vec<Statement>>,
}

/// Theory beside a run. What follows from the scenario is worked out once for each scenario.
#[derive(Clone, Debug, Default)]
pub struct Theory {
    of: Option<(Scenario, Expected)>,
}

impl Theory {
    /// What it says now.
    pub fn status(&mut self, world: &World) -> TheoryStatus {
        let is_old = self.of.as_ref().is_none_or(|(scenario, _)| scenario != world.scenario());
        if is_old {
            self.of = Some((world.scenario().clone(), Expected::new(world.scenario(), world.plan())));
        }
        let (_, expected) = self.of.as_ref().expect("it has just been worked out");
        measured::status(world, expected)
    }
}
