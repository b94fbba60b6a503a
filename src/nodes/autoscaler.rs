//! An autoscaler: it looks every so often at what was measured since it last looked, and says how many servers a tier is
//! to have. It acts through `world/scaling.rs`; servers then take their time to boot and to drain.
//!
//! - Target tracking: servers wanted = load in servers / target, rounded up, where the load is how many servers were busy
//!   all the time, or how many requests wait. What cannot be seen is more load than the present servers can do: they are
//!   busy at most all the time, so in an overload it takes several steps.
//! - It adds when that is more than there are, booting ones counted; it removes when a tenth more load would still need
//!   fewer, so that it does not swing (target tracking of the large providers removes below nine tenths of the target).

use crate::time::{SimTime, Span};

/// What an autoscaler goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// How busy the cores of its servers were since the last evaluation, on average.
    #[default]
    Utilisation,
    /// How many wait for its servers at the evaluation.
    QueueDepth,
    /// The hour of the day.
    Schedule,
}

/// What an autoscaler does; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The fewest servers.
    pub minimum: u32,
    /// The most.
    pub maximum: u32,
    /// What it goes by.
    pub metric: Metric,
    /// What that is to be: a share, or how many wait for each server.
    pub target: f64,
    /// Servers from an hour of the day on, in order.
    pub schedule: Vec<(f64, u32)>,
    /// Time between two evaluations.
    pub every: Span,
    /// How long it adds no more after it has added some.
    pub cooldown_out: Span,
    /// How long it removes none after it has changed anything.
    pub cooldown_in: Span,
}

/// The part by which the load may grow before servers that were removed would be missed.
const HEADROOM: f64 = 1.1;

impl Settings {
    /// The fewest servers that keep the metric at its target, at this load: servers' worth of work, or requests waiting.
    fn needed(&self, load: f64) -> u32 {
        // A ten-thousandth less is no reason for another server.
        (load / self.target - 1e-4).ceil().clamp(f64::from(self.minimum), f64::from(self.maximum)) as u32
    }

    /// What the schedule says at an hour; before its first step, what the last one of the day before says.
    fn scheduled(&self, hour: f64) -> u32 {
        let passed = self.schedule.iter().rev().find(|(from, _)| *from <= hour);
        passed.or(self.schedule.last()).map_or(self.minimum, |&(_, servers)| servers)
    }

    /// How many servers there are to be, of `present` ones.
    fn wanted(&self, present: u32, reading: Reading) -> u32 {
        match self.metric {
            Metric::Schedule => self.scheduled(reading.hour),
            Metric::Utilisation | Metric::QueueDepth => {
                let load = if self.metric == Metric::Utilisation { reading.busy_servers } else { reading.waiting };
                let (out, back) = (self.needed(load), self.needed(load * HEADROOM));
                if out > present { out } else { back.min(present) }
            }
        }
    }
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Servers' worth of work since the last evaluation, on average.
    pub busy_servers: f64,
    /// Requests that wait now.
    pub waiting: f64,
    /// The hour of the day.
    pub hour: f64,
}

/// An autoscaler at work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Autoscaler {
    /// When the next evaluation is due: an event for another time means nothing.
    pub due: SimTime,
    /// When it last looked, and the core · nanoseconds of work up to then.
    pub looked: SimTime,
    /// See `looked`.
    pub busy_before: u128,
    added: Option<SimTime>,
    changed: Option<SimTime>,
}

impl Autoscaler {
    /// How many servers there are to be from now on, if that is another number than `present`.
    pub fn decide(&mut self, settings: &Settings, now: SimTime, present: u32, reading: Reading) -> Option<u32> {
        let wanted = settings.wanted(present, reading);
        let rests = |since: Option<SimTime>, length: Span| since.is_some_and(|since| now < since + length);
        if wanted == present
            || (wanted > present && rests(self.added, settings.cooldown_out))
            || (wanted < present && rests(self.changed, settings.cooldown_in))
        {
            return None;
        }
        if wanted > present {
            self.added = Some(now);
        }
        self.changed = Some(now);
        Some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(metric: Metric, target: f64) -> Settings {
        Settings {
            minimum: 2,
            maximum: 10,
            metric,
            target,
            schedule: vec![(8.0, 6), (22.0, 3)],
            every: Span(1_000),
            cooldown_out: Span(5_000),
            cooldown_in: Span(20_000),
        }
    }

    fn reading(busy_servers: f64, waiting: f64, hour: f64) -> Reading {
        Reading { busy_servers, waiting, hour }
    }

    #[test]
    fn it_brings_the_metric_to_its_target_within_its_limits() {
        let busy = settings(Metric::Utilisation, 0.5);
        let wanted = |present, load| busy.wanted(present, reading(load, 0.0, 0.0));
        assert_eq!((wanted(2, 1.0), wanted(2, 1.01), wanted(4, 3.6)), (2, 3, 8));
        assert_eq!((wanted(4, 99.0), wanted(4, 0.0)), (10, 2), "limits");
        // Five servers would do for 2.4, but not for a tenth more.
        assert_eq!((wanted(6, 2.4), wanted(6, 2.2)), (6, 5));
        let waiting = settings(Metric::QueueDepth, 10.0);
        assert_eq!(waiting.wanted(2, reading(0.0, 55.0, 0.0)), 6);
        let hours = settings(Metric::Schedule, 1.0);
        assert_eq!([7.9, 8.0, 21.9, 22.0].map(|hour| hours.wanted(5, reading(9.0, 9.0, hour))), [3, 6, 6, 3]);
    }

    #[test]
    fn it_rests_after_a_change() {
        let own = settings(Metric::Utilisation, 0.5);
        let mut scaler = Autoscaler::default();
        let mut at = |now: u64, present, load| scaler.decide(&own, SimTime(now), present, reading(load, 0.0, 0.0));
        assert_eq!(at(0, 2, 2.0), Some(4));
        assert_eq!(at(4_999, 4, 3.0), None, "it has just added some");
        assert_eq!(at(5_000, 4, 3.0), Some(6));
        assert_eq!(at(24_999, 6, 1.0), None, "it has just changed something");
        assert_eq!(at(25_000, 6, 1.0), Some(3));
        assert_eq!(at(25_001, 3, 2.0), Some(4), "having removed some keeps nobody from adding");
    }
}
