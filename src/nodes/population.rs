//! The users: when they send, who it is, and what they ask for.
//!
//! Users are individuals by number. Their group is a function of the number alone; user and class of a request are
//! functions of the seed and the request's number. The arrivals of many independent users are one Poisson process,
//! so a single pending event serves ten million of them.

use crate::rng::{RequestKey, Step, Stream, Zipf, below, exponential, mix};
use crate::time::{SimTime, Span};

use super::NodeId;

/// How requests come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// As a Poisson process: each user sends independently of all others.
    #[default]
    Poisson,
    /// Evenly spaced.
    Constant,
}

/// Shares of a whole, as upper bounds in 2^-32.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares(Vec<u32>);

impl Shares {
    /// From weights, of which at least one is above zero.
    pub fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let bounds = weights.iter().map(|weight| {
            sum += weight;
            (sum / total * f64::from(u32::MAX)) as u32
        });
        Self(bounds.collect())
    }

    /// The part that these uniform bits fall on, among many: O(log n).
    pub fn pick_wide(&self, bits: u64) -> usize {
        let bits = (bits >> 32) as u32;
        self.0.partition_point(|&bound| bound <= bits).min(self.0.len() - 1)
    }

    /// The part that these uniform bits fall on.
    #[inline]
    pub fn pick(&self, bits: u64) -> u8 {
        let bits = (bits >> 32) as u32;
        let last = self.0.len() - 1;
        self.0[..last].iter().position(|&bound| bits < bound).unwrap_or(last) as u8
    }
}

/// Who sends, how often, and what: the part of a population that a scenario describes.
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// Users, at least 1.
    pub users: u32,
    /// Requests per user and second.
    pub rate_per_user: f64,
    /// How requests come.
    pub arrivals: Arrivals,
    /// How unequal users are, if they are.
    pub activity: Option<Zipf>,
    /// Shares of the client groups among the users.
    pub groups: Shares,
    /// Shares of the classes among the requests.
    pub classes: Shares,
}

impl Habits {
    /// Requests per second of all users.
    pub fn rate(&self) -> f64 {
        f64::from(self.users) * self.rate_per_user
    }
}

/// A request that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Its number.
    pub id: u64,
    /// Who sends it.
    pub user: u32,
    /// Index of its class.
    pub class: u8,
    /// The client group of the user.
    pub group: NodeId,
}

/// The users.
#[derive(Clone, Debug)]
pub struct Population {
    /// What the scenario says of them.
    pub habits: Habits,
    factor: f64,
    spike_end: SimTime,
    gaps: Stream,
    next_id: u64,
    /// What is left, at `read_at`, of the present gap, in mean gaps. Gaps are drawn at rate one and run down at the
    /// present rate: so a change of the rate changes when the next request comes, not which one it is.
    left: f64,
    read_at: SimTime,
    /// The part of a nanosecond by which the last request was sent too early, so that rounding never adds up.
    fraction: f64,
    next_fraction: f64,
    /// When the pending arrival event is due.
    due: SimTime,
}

impl Population {
    /// Users who begin to send at time zero.
    pub fn new(habits: Habits, seed: u64) -> Self {
        let mut population = Self {
            habits,
            factor: 1.0,
            spike_end: SimTime::NEVER,
            gaps: Stream::new(seed, 1),
            next_id: 0,
            left: 0.0,
            read_at: SimTime::ZERO,
            fraction: 0.0,
            next_fraction: 0.0,
            due: SimTime::NEVER,
        };
        population.draw_gap();
        population
    }

    /// When the next request is sent; to be asked at the start and after every change.
    pub fn schedule(&mut self) -> SimTime {
        let rate = self.rate_per_ns();
        self.due = if rate > 0.0 {
            let gap = self.left / rate + self.fraction;
            let whole = gap as u64;
            self.next_fraction = gap - whole as f64;
            self.read_at + Span(whole)
        } else {
            SimTime::NEVER
        };
        self.due
    }

    /// An arrival event is due: the request, and when the next comes. `None` if the event was superseded.
    #[inline]
    pub fn arrive(&mut self, now: SimTime, seed: u64) -> Option<(Sending, SimTime)> {
        if now != self.due {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        let key = RequestKey::new(seed, id);
        let bits = key.draw(0, Step::User);
        let user = match &self.habits.activity {
            Some(zipf) => zipf.pick(bits),
            None => below(bits, self.habits.users),
        };
        let sending = Sending {
            id,
            user,
            class: self.habits.classes.pick(key.draw(0, Step::Class)),
            group: NodeId(u16::from(self.habits.groups.pick(mix(u64::from(user) ^ 0x6e0a_9057)))),
        };
        self.read_at = now;
        self.fraction = self.next_fraction;
        self.draw_gap();
        Some((sending, self.schedule()))
    }

    /// Other habits from now on.
    pub fn change(&mut self, now: SimTime, habits: Habits) {
        self.run_down(now);
        self.habits = habits;
    }

    /// Arrivals are multiplied by `factor` until `end`.
    pub fn spike(&mut self, now: SimTime, factor: f64, end: SimTime) {
        self.run_down(now);
        self.factor = factor;
        self.spike_end = end;
    }

    /// A spike may be over; says whether it is.
    pub fn end_spike(&mut self, now: SimTime) -> bool {
        let over = now == self.spike_end;
        if over {
            self.spike(now, 1.0, SimTime::NEVER);
        }
        over
    }

    /// What the arrivals are multiplied by.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    fn draw_gap(&mut self) {
        self.left = match self.habits.arrivals {
            Arrivals::Poisson => exponential(self.gaps.draw()),
            Arrivals::Constant => 1.0,
        };
    }

    fn run_down(&mut self, now: SimTime) {
        self.left = (self.left - (now - self.read_at).0 as f64 * self.rate_per_ns()).max(0.0);
        self.read_at = now;
        self.fraction = 0.0;
    }

    fn rate_per_ns(&self) -> f64 {
        self.habits.rate() * self.factor / 1e9
    }
}
