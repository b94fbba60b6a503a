//! Speeds: which can be asked for, which suits a system, and which is really reached.

use crate::scenario::Scenario;
use crate::time::SimTime;
use crate::world::World;

/// The speeds that can be asked for, simulated seconds per second.
pub const SPEEDS: [f64; 19] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
];

/// A typical request should take about so long to watch.
const WATCH_SECONDS: f64 = 2.5;
/// The speed really reached, over the last second of the visitor's time.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    wall_ms: f64,
    from: SimTime,
    /// The speed, once it is known.
    pub reached: Option<f64>,
}

impl Pace {
    /// So many milliseconds of the visitor's time have passed, and it is `now`.
    pub fn pass(&mut self, wall_ms: f64, now: SimTime) {
        if self.wall_ms == 0.0 {
            self.from = now;
        }
        self.wall_ms += wall_ms;
        if self.wall_ms >= 1000.0 {
            self.reached = Some(now.since(self.from).as_ms() / self.wall_ms);
            self.wall_ms = 0.0;
        }
    }
}

/// The speed at which a typical request takes two to three seconds to watch: from a short run of the scenario.
pub fn natural_speed(scenario: &Scenario) -> f64 {
    let mut scenario = scenario.clone();
    scenario.timeline.clear();
    let mut trial = World::new(&scenario, scenario.seed);
    while trial.context().ledger.run.answered < 100 && trial.events() < 5_000 && trial.step() {}
    let mut latency = crate::metrics::Histogram::default();
    trial.context().ledger.classes.iter().for_each(|class| latency.merge(&class.latency));
    let wanted = latency.quantile_ms(0.5) / 1000.0 / WATCH_SECONDS;
    SPEEDS.into_iter().rfind(|&speed| speed <= wanted).unwrap_or(SPEEDS[0])
}
