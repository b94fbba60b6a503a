//! Figures with their standard errors, from independent runs.

use zero_to_millions::scenario::Scenario;
use zero_to_millions::world::World;
use zero_to_millions::world::report::Report;

use super::run_for;

/// Percentiles are read at the middle of a histogram's bucket, which is off by at most this part.
pub const BUCKET: f64 = 1.0 / 64.0;

/// How to measure: the same design with so many seeds, which are independent runs.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Runs, with the seeds 1, 2, …
    pub runs: u64,
    /// Simulated seconds that each run is warmed up for; what is sent in them is not measured.
    pub warm_up: f64,
    /// Simulated seconds that are measured in each run.
    pub measured: f64,
}

impl Sample {
    /// The reports of all runs.
    pub fn take(self, scenario: &Scenario) -> Vec<Report> {
        let run = |seed| {
            let mut world = World::new(scenario, seed);
            run_for(&mut world, self.warm_up);
            world.begin_measuring();
            run_for(&mut world, self.measured);
            world.report()
        };
        (1..=self.runs).map(run).collect()
    }
}

/// A mean over independent runs and the standard error of it.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub mean: f64,
    pub standard_error: f64,
}

impl Estimate {
    /// Of one figure of each report: the runs are independent, so the standard error of their mean is their standard
    /// deviation over the root of their number. It needs no assumption on how requests within a run hang together.
    pub fn of(reports: &[Report], figure: impl Fn(&Report) -> f64) -> Self {
        Self::from_runs(&reports.iter().map(figure).collect::<Vec<_>>())
    }

    /// Of the figures of independent runs.
    pub fn from_runs(figures: &[f64]) -> Self {
        let n = figures.len() as f64;
        let mean = figures.iter().sum::<f64>() / n;
        let variance = figures.iter().map(|figure| (figure - mean).powi(2)).sum::<f64>() / (n - 1.0);
        Self { mean, standard_error: (variance / n).sqrt() }
    }

    /// Whether it is within four standard errors of the theory, and an allowance that is known to be systematic.
    pub fn agrees(&self, theory: f64, allowance: f64) -> bool {
        (self.mean - theory).abs() <= 4.0 * self.standard_error + allowance
    }

    /// Asserts that it agrees, and that it was measured well enough for this to say something: to `precision` of the
    /// theory's value.
    pub fn must_agree(&self, what: &str, theory: f64, allowance: f64, precision: f64) {
        assert!(4.0 * self.standard_error <= precision * theory, "{what}: measured too roughly: {self:?}");
        assert!(self.agrees(theory, allowance), "{what}: {self:?}, in theory {theory} (allowance {allowance})");
    }
}
