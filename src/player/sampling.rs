//! How often a player looks at its world, and at how much of it.

use std::ops::RangeInclusive;

use crate::frame;
use crate::scenario::Problem;
use crate::time::Span;

use super::Player;

/// Samples for the nodes' figures are taken this often, in the visitor's time or in simulated time, whichever is rarer.
const SAMPLE_EVERY: Span = Span(100_000_000);
/// At most about so many dots on the wire, if nothing else is asked for.
pub(super) const DOTS: u32 = 500;
/// What may be asked for: fewer show nothing, more cannot be told apart.
const DOTS_RANGE: RangeInclusive<u32> = 100..=5000;
/// Frames are drawn at most so often a second.
const FRAMES_PER_SECOND: f64 = 60.0;

impl Player {
    /// Over how long rates and figures are taken: a second of simulated or of the visitor's time, whichever is longer.
    pub(super) fn rate_span(&self) -> Span {
        Span::from_seconds(self.speed.max(1.0))
    }

    pub(super) fn sample_interval(&self) -> Span {
        Span((SAMPLE_EVERY.0 as f64 * self.speed.max(1.0)) as u64)
    }

    pub(super) fn limit_dots(&mut self, most: u32) -> Result<(), Problem> {
        if !DOTS_RANGE.contains(&most) {
            let (least, top) = DOTS_RANGE.into_inner();
            return Err(Problem::at("dots", format!("must be from {least} to {top}, is {most}")));
        }
        self.dots_max = most;
        self.choose_sample();
        Ok(())
    }

    /// Watches as many requests as make a picture, and no more.
    pub(super) fn choose_sample(&mut self) {
        let span = Span::from_seconds(self.speed / FRAMES_PER_SECOND);
        self.world.watch(frame::watched(&self.world, span, self.dots_max));
    }
}
