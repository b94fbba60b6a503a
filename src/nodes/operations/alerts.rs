//! Values as they are scraped, and rules that fire on them.
//!
//! A rule's condition has to hold at every scrape for as long as the rule says; then it fires, and it is calm again when
//! the condition has not held for a while. A value that is missing, since nobody answers, holds for nothing but `up`, which
//! is there for that (as Prometheus has it).

use serde::{Deserialize, Serialize};

use crate::time::{SimTime, Span};

use super::super::TierId;

/// A value that rules may go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of a tier's servers that answer the scrape, from 0 to 1.
    Up,
    /// How busy the cores are, from 0 to 1.
    CpuUtilisation,
    /// How much of the memory is taken, from 0 to 1: of caches and databases the room for what they keep, of other servers
    /// their slots, since each is a process or a thread with its memory.
    MemoryUtilisation,
    /// How busy the disks are, from 0 to 1.
    DiskUtilisation,
    /// Megabits per second that each server sends to clients and edges.
    NetworkMbps,
    /// Requests that wait at each server.
    Waiting,
    /// Replies of all servers of a tier per second.
    RequestsPerSecond,
    /// The share of the replies that are errors, from 0 to 1. Clients that went away count when their answer is ready.
    ErrorShare,
    /// The 99th percentile of the time that answers take, in milliseconds, as callers see it; at the entry, from arrival to
    /// reply.
    LatencyP99Ms,
    /// Orders per second, of the whole site.
    OrdersPerSecond,
}

impl Metric {
    /// The most that it can be, if there is such a bound.
    pub fn most(self) -> Option<f64> {
        match self {
            Self::Up | Self::CpuUtilisation | Self::MemoryUtilisation | Self::DiskUtilisation | Self::ErrorShare => {
                Some(1.0)
            }
            // Where the histogram of a window ends.
            Self::LatencyP99Ms => Some(274_877.0),
            Self::NetworkMbps | Self::Waiting | Self::RequestsPerSecond | Self::OrdersPerSecond => None,
        }
    }
}

/// Where trouble begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Above this.
    Above(f64),
    /// Below this.
    Below(f64),
}

/// When somebody is to be called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// What it goes by.
    pub metric: Metric,
    /// Of which tier; none for what is measured of the whole site.
    pub tier: Option<TierId>,
    /// Where trouble begins.
    pub bound: Bound,
    /// For how long it must last.
    pub hold: Span,
    /// For how long it must be over.
    pub calm: Span,
}

impl Rule {
    /// Whether `other` is about the same value, whatever its bound.
    pub fn is_about_the_same_as(&self, other: &Self) -> bool {
        (self.metric, self.tier) == (other.metric, other.tier)
    }

    /// Whether it fires when there is more work than servers can do.
    pub fn is_of_load(&self) -> bool {
        let above = match self.bound {
            Bound::Above(_) => true,
            Bound::Below(_) => false,
        };
        match self.metric {
            Metric::CpuUtilisation | Metric::MemoryUtilisation | Metric::Waiting | Metric::LatencyP99Ms => above,
            Metric::Up
            | Metric::DiskUtilisation
            | Metric::NetworkMbps
            | Metric::RequestsPerSecond
            | Metric::ErrorShare
            | Metric::OrdersPerSecond => false,
        }
    }
}

/// How a rule stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RuleState {
    /// Its number; see [`super::Operations::rule_names`].
    pub number: u16,
    /// The scrape since which the condition has held.
    pub since: Option<SimTime>,
    /// The scrape since which it has not, while the rule fires.
    pub calm_since: Option<SimTime>,
    /// Whether it fires.
    pub firing: bool,
    /// How often it has fired.
    pub fired: u64,
    /// The newest value.
    pub value: Option<f64>,
}

/// What a scrape has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The rule fires.
    Fired,
    /// It is calm again.
    Cleared,
}

impl RuleState {
    /// The value of the scrape at `at` is there.
    pub fn judge(&mut self, rule: &Rule, at: SimTime, value: Option<f64>) -> Option<Turn> {
        self.value = value;
        let holds = value.is_some_and(|value| match rule.bound {
            Bound::Above(bound) => value > bound,
            Bound::Below(bound) => value < bound,
        });
        if holds {
            self.calm_since = None;
            let since = *self.since.get_or_insert(at);
            if !self.firing && at.since(since) >= rule.hold {
                self.firing = true;
                self.fired += 1;
                return Some(Turn::Fired);
            }
            return None;
        }
        if !self.firing {
            self.since = None;
            return None;
        }
        let calm_since = *self.calm_since.get_or_insert(at);
        if at.since(calm_since) < rule.calm {
            return None;
        }
        *self = Self { number: self.number, fired: self.fired, value, ..Self::default() };
        Some(Turn::Cleared)
    }
}

/// A stretch during which a rule fired.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// The rule's number.
    pub rule: u16,
    /// The scrape at which its condition first held.
    pub since: SimTime,
    /// When it fired.
    pub fired: SimTime,
    /// When it was calm again.
    pub cleared: Option<SimTime>,
    /// What was not taken meanwhile, in US dollars, against what is taken when no rule's condition holds.
    pub revenue_lost_usd: f64,
}

/// The most episodes that are kept.
pub const EPISODES_MAX: usize = 200;

/// How a server was at a scrape, over the time since the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Host {
    /// Whether it answered; if not, the rest is as it was when it last did.
    pub up: bool,
    /// How busy its cores were, from 0 to 1, if it runs on some.
    pub cpu: Option<f64>,
    /// How much of its memory was taken, from 0 to 1, if that is known.
    pub memory: Option<f64>,
    /// How busy its disk was, from 0 to 1, if it has one.
    pub disk: Option<f64>,
    /// Megabits per second that it sent to clients and edges.
    pub network_mbps: f64,
    /// Requests that waited, on average.
    pub waiting: f64,
    /// Replies per second.
    pub requests_per_second: f64,
    /// Errors among them per second.
    pub errors_per_second: f64,
    /// What its counters said at this scrape.
    pub read: Readings,
}

/// Counters of a server at an instant: two of them give what happened between.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Readings {
    pub at: SimTime,
    pub cores_busy: u128,
    pub disk_busy: u128,
    pub bytes_out: u64,
    pub waiting: u128,
    pub replies: u64,
    pub errors: u64,
}

/// How a tier was at a scrape.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TierSample {
    /// Servers that answered, and servers there should be.
    pub up: (u32, u32),
    /// Means over those that answered.
    pub cpu: Option<f64>,
    /// See `cpu`.
    pub memory: Option<f64>,
    /// See `cpu`.
    pub disk: Option<f64>,
    /// See `cpu`.
    pub network_mbps: Option<f64>,
    /// See `cpu`.
    pub waiting: Option<f64>,
    /// Replies per second of all that answered.
    pub requests_per_second: Option<f64>,
    /// Errors / replies, from 0 to 1, if there were any.
    pub error_share: Option<f64>,
    /// See [`Metric::LatencyP99Ms`].
    pub latency_p99_ms: Option<f64>,
}

impl TierSample {
    /// One of its values.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Up => (self.up.1 > 0).then(|| f64::from(self.up.0) / f64::from(self.up.1)),
            Metric::CpuUtilisation => self.cpu,
            Metric::MemoryUtilisation => self.memory,
            Metric::DiskUtilisation => self.disk,
            Metric::NetworkMbps => self.network_mbps,
            Metric::Waiting => self.waiting,
            Metric::RequestsPerSecond => self.requests_per_second,
            Metric::ErrorShare => self.error_share,
            Metric::LatencyP99Ms => self.latency_p99_ms,
            Metric::OrdersPerSecond => None,
        }
    }

    /// From the servers of a tier, of which there should be so many.
    pub fn of(hosts: &[Host], wanted: u32, latency_p99_ms: Option<f64>) -> Self {
        let up: Vec<&Host> = hosts.iter().filter(|host| host.up).collect();
        let mean = |value: &dyn Fn(&Host) -> Option<f64>| {
            let values: Vec<f64> = up.iter().filter_map(|host| value(host)).collect();
            (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
        };
        let sum = |value: fn(&Host) -> f64| up.iter().map(|host| value(host)).sum::<f64>();
        let replies = sum(|host| host.requests_per_second);
        Self {
            up: (up.len() as u32, wanted),
            cpu: mean(&|host| host.cpu),
            memory: mean(&|host| host.memory),
            disk: mean(&|host| host.disk),
            network_mbps: mean(&|host| Some(host.network_mbps)),
            waiting: mean(&|host| Some(host.waiting)),
            requests_per_second: (!up.is_empty()).then_some(replies),
            error_share: (replies > 0.0).then(|| sum(|host| host.errors_per_second) / replies),
            latency_p99_ms,
        }
    }
}

/// A scrape that is on its way to whoever judges it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scraped {
    /// When the servers were asked.
    pub at: SimTime,
    /// By rule.
    pub values: Vec<Option<f64>>,
    /// Orders since the scrape before.
    pub orders: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> SimTime {
        SimTime::from_ms(seconds * 1e3)
    }

    #[test]
    fn a_rule_fires_when_its_condition_has_lasted_and_is_calm_when_that_is_over() {
        let rule = Rule {
            metric: Metric::ErrorShare,
            tier: Some(TierId(0)),
            bound: Bound::Above(0.1),
            hold: Span::from_seconds(30.0),
            calm: Span::from_seconds(15.0),
        };
        let mut state = RuleState::default();
        let values = [0.5, 0.0, 0.2, 0.2, 0.2, 0.2, 0.0, 0.3, 0.0, 0.0];
        let turns: Vec<Option<Turn>> = values
            .iter()
            .enumerate()
            .map(|(n, &value)| state.judge(&rule, seconds(15.0 * n as f64), Some(value)))
            .collect();
        let mut expected = vec![None; values.len()];
        // From the third value on for two intervals; one good value is not calm yet.
        expected[4] = Some(Turn::Fired);
        expected[9] = Some(Turn::Cleared);
        assert_eq!(turns, expected);
        assert_eq!(state.judge(&rule, seconds(200.0), None), None, "who says nothing breaks no bound");
    }
}
