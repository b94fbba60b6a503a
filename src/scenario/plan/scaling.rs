//! A day's curve and autoscalers, with all milliseconds turned into spans.

use crate::nodes::autoscaler::{Metric, Settings};
use crate::nodes::population::Day;
use crate::scenario::scaling;
use crate::time::Span;

/// The curve of a day.
pub(super) fn day(own: &scaling::Day) -> Day {
    Day {
        amplitude: (own.peak_to_trough - 1.0) / (own.peak_to_trough + 1.0),
        peak_hour: own.peak_hour,
        starts_at_hour: own.starts_at_hour,
        length: Span::from_ms(own.length_ms),
    }
}

/// What an autoscaler does.
pub(super) fn settings(own: &scaling::Autoscaler) -> Settings {
    Settings {
        minimum: own.minimum,
        maximum: own.maximum,
        metric: own.metric,
        target: match own.metric {
            Metric::Utilisation => own.target_utilisation,
            Metric::QueueDepth => own.target_queue_depth,
            Metric::Schedule => 1.0,
        },
        schedule: own.steps(),
        every: Span::from_ms(own.evaluate_every_ms),
        cooldown_out: Span::from_ms(own.cooldown_out_ms),
        cooldown_in: Span::from_ms(own.cooldown_in_ms),
    }
}
