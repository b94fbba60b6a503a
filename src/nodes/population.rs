//! The users: when they send, who it is, and what they ask for.
//!
//! Users are individuals by number. Their group is a function of the number alone; user and class of a request are
//! functions of the seed and the request's number. The arrivals of many independent users are one Poisson process,
//! so a single pending event serves ten million of them.

use crate::rng::{RequestKey, Step, Stream, Zipf, below, exponential, mix, unit};
use crate::time::{SimTime, Span};

use super::NodeId;

/// The most users that are picked for one request where groups send unequally often.
const PICKS_MAX: u32 = 10_000;

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
    /// In a closed loop: each user waits for the answer, thinks for 1 / `requests_per_user_per_second` on average
    /// (exponentially distributed), and sends the next request.
    Closed,
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

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The share of each part.
    fn parts(&self) -> impl Iterator<Item = f64> + '_ {
        let bounds = self.0.iter().map(|&bound| f64::from(bound) / f64::from(u32::MAX));
        bounds.scan(0.0, |before, bound| Some(bound - std::mem::replace(before, bound)))
    }

    /// The part that these uniform bits fall on.
    #[inline]
    pub fn pick(&self, bits: u64) -> u8 {
        let bits = (bits >> 32) as u32;
        let last = self.0.len() - 1;
        self.0[..last].iter().position(|&bound| bits < bound).unwrap_or(last) as u8
    }
}

/// A day's curve of arrivals: the mean rate · (1 + a · cos(2π (hour − peak) / 24)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// a, from 0 to below 1: (ratio − 1) / (ratio + 1) for this ratio of peak to trough.
    pub amplitude: f64,
    /// The hour of the peak, from 0 to 24.
    pub peak_hour: f64,
    /// The hour at which the run begins, from 0 to 24.
    pub starts_at_hour: f64,
    /// How long a day lasts.
    pub length: Span,
}

impl Default for Day {
    fn default() -> Self {
        Self { amplitude: 0.0, peak_hour: 0.0, starts_at_hour: 0.0, length: Span(86_400_000_000_000) }
    }
}

impl Day {
    /// The hour at an instant of the run, from 0 to 24.
    pub fn hour(&self, now: SimTime) -> f64 {
        let passed = (now.0 % self.length.0) as f64 / self.length.0 as f64 * 24.0;
        (self.starts_at_hour + passed) % 24.0
    }

    /// What the mean rate is multiplied by at an instant.
    pub fn factor(&self, now: SimTime) -> f64 {
        1.0 + self.amplitude * libm::cos(self.angle(now))
    }

    fn angle(&self, now: SimTime) -> f64 {
        (self.hour(now) - self.peak_hour) / 24.0 * std::f64::consts::TAU
    }

    /// The integral of the factor over so many nanoseconds from `from` on.
    fn integral(&self, from: SimTime, ns: f64) -> f64 {
        let (angle, per_ns) = (self.angle(from), std::f64::consts::TAU / self.length.0 as f64);
        ns + self.amplitude / per_ns * (libm::sin(angle + per_ns * ns) - libm::sin(angle))
    }

    /// After how many nanoseconds from `from` on the integral of the factor is `wanted`: by Newton's method, within the
    /// bounds that the least and the greatest factor set.
    fn inverse(&self, from: SimTime, wanted: f64) -> f64 {
        let (angle, per_ns) = (self.angle(from), std::f64::consts::TAU / self.length.0 as f64);
        let (mut low, mut high) = (wanted / (1.0 + self.amplitude), wanted / (1.0 - self.amplitude));
        let mut ns = (wanted / self.factor(from)).clamp(low, high);
        for _ in 0..STEPS_MAX {
            let beyond = self.integral(from, ns) - wanted;
            if beyond > 0.0 {
                high = ns;
            } else {
                low = ns;
            }
            let step = beyond / (1.0 + self.amplitude * libm::cos(angle + per_ns * ns));
            let next = ns - step;
            ns = if (low..=high).contains(&next) { next } else { (low + high) / 2.0 };
            if step.abs() < 0.25 {
                break;
            }
        }
        ns
    }
}

/// Steps of Newton's method: two or three are enough unless a gap is as long as a day.
const STEPS_MAX: u32 = 60;

/// Who sends, how often, and what: the part of a population that a scenario describes.
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// Users, at least 1.
    pub users: u32,
    /// Requests per user and second.
    pub rate_per_user: f64,
    /// How requests come.
    pub arrivals: Arrivals,
    /// How they follow the day, if they do.
    pub day: Option<Day>,
    /// How unequal users are, if they are.
    pub activity: Option<Zipf>,
    /// Shares of the client groups among the users.
    pub groups: Shares,
    /// How often the users of each group send, against the others; none where all are alike.
    pub factors: Vec<f64>,
    /// Shares of the classes among the requests.
    pub classes: Shares,
}

impl Habits {
    /// Requests per second of all users, if all were alike.
    pub fn rate(&self) -> f64 {
        f64::from(self.users) * self.rate_per_user
    }

    /// The client group of a user.
    pub fn group_of(&self, user: u32) -> u8 {
        self.groups.pick(mix(u64::from(user) ^ 0x6e0a_9057))
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
    /// Of the groups that have a spike of their own: by how much, and until when.
    spikes: Vec<(u8, f64, SimTime)>,
    /// How often each group sends now, against users who are alike; nothing where all do alike.
    weights: Vec<f64>,
    /// The mean of these over the users, and the highest.
    mean_weight: f64,
    highest_weight: f64,
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
            spikes: Vec::new(),
            weights: Vec::new(),
            mean_weight: 1.0,
            highest_weight: 1.0,
            gaps: Stream::new(seed, 1),
            next_id: 0,
            left: 0.0,
            read_at: SimTime::ZERO,
            fraction: 0.0,
            next_fraction: 0.0,
            due: SimTime::NEVER,
        };
        population.weigh();
        population.draw_gap();
        population
    }

    /// The number of the next request; requests are numbered as they are sent.
    pub fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// When the next request is sent; to be asked at the start and after every change.
    pub fn schedule(&mut self) -> SimTime {
        let rate = self.rate_per_ns();
        self.due = if rate > 0.0 {
            let gap = match &self.habits.day {
                Some(day) => day.inverse(self.read_at, self.left / rate) + self.fraction,
                None => self.left / rate + self.fraction,
            };
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
        let id = self.take_id();
        let key = RequestKey::new(seed, id);
        let user = self.pick_user(key.draw(0, Step::User));
        let sending = Sending {
            id,
            user,
            class: self.habits.classes.pick(key.draw(0, Step::Class)),
            group: NodeId(u16::from(self.habits.group_of(user))),
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
        self.weigh();
    }

    /// Arrivals are multiplied by `factor` until `end`.
    pub fn spike(&mut self, now: SimTime, factor: f64, end: SimTime) {
        self.run_down(now);
        self.factor = factor;
        self.spike_end = end;
    }

    /// Arrivals of one client group are multiplied by `factor` until `end`.
    pub fn spike_of(&mut self, now: SimTime, group: u8, factor: f64, end: SimTime) {
        self.run_down(now);
        self.spikes.retain(|&(other, ..)| other != group);
        self.spikes.push((group, factor, end));
        self.weigh();
    }

    /// A spike may be over; says whether one is.
    pub fn end_spike(&mut self, now: SimTime) -> bool {
        let (all, of_groups) = (now == self.spike_end, self.spikes.iter().any(|&(.., end)| now == end));
        if all {
            self.spike(now, 1.0, SimTime::NEVER);
        }
        if of_groups {
            self.run_down(now);
            self.spikes.retain(|&(.., end)| now != end);
            self.weigh();
        }
        all || of_groups
    }

    /// How often each group sends, and how often that is on average.
    fn weigh(&mut self) {
        let Habits { factors, groups, .. } = &self.habits;
        (self.weights, self.mean_weight, self.highest_weight) = (Vec::new(), 1.0, 1.0);
        if factors.is_empty() && self.spikes.is_empty() {
            return;
        }
        let spike =
            |group| self.spikes.iter().find(|(other, ..)| *other == group).map_or(1.0, |(_, factor, _)| *factor);
        let of = |group: usize| factors.get(group).copied().unwrap_or(1.0) * spike(group as u8);
        let parts: Vec<f64> = groups.parts().collect();
        self.weights = (0..parts.len()).map(of).collect();
        self.mean_weight = parts.iter().zip(&self.weights).map(|(part, weight)| part * weight).sum();
        self.highest_weight = self.weights.iter().fold(0.0, |most, &weight| weight.max(most));
    }

    /// Who sends: anybody, if all send alike; else whoever is picked has to stand the comparison with the group that
    /// sends most (rejection sampling). It takes highest / mean picks on average.
    #[inline]
    fn pick_user(&self, mut bits: u64) -> u32 {
        let pick = |bits: u64| match &self.habits.activity {
            Some(zipf) => zipf.pick(bits),
            None => below(bits, self.habits.users),
        };
        let mut user = pick(bits);
        for _ in 0..if self.weights.is_empty() { 0 } else { PICKS_MAX } {
            let weight = self.weights[usize::from(self.habits.group_of(user))];
            if unit(mix(bits ^ 0x7765_6967)) * self.highest_weight < weight {
                break;
            }
            bits = mix(bits.wrapping_add(1));
            user = pick(bits);
        }
        user
    }

    /// What the arrivals are multiplied by.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    fn draw_gap(&mut self) {
        self.left = match self.habits.arrivals {
            Arrivals::Poisson => exponential(self.gaps.draw()),
            Arrivals::Constant | Arrivals::Closed => 1.0,
        };
    }

    fn run_down(&mut self, now: SimTime) {
        let passed = (now - self.read_at).0 as f64;
        let passed = self.habits.day.map_or(passed, |day| day.integral(self.read_at, passed));
        self.left = (self.left - passed * self.rate_per_ns()).max(0.0);
        self.read_at = now;
        self.fraction = 0.0;
    }

    /// How many users are in a closed loop, and the mean thought of each group's, in nanoseconds.
    pub fn thoughts(&self) -> (u32, Vec<f64>) {
        if self.habits.arrivals != Arrivals::Closed {
            return (0, Vec::new());
        }
        let weight = |group: usize| self.weights.get(group).copied().unwrap_or(1.0);
        let rate = |group| self.habits.rate_per_user * self.factor * weight(group) / 1e9;
        (self.habits.users, (0..self.habits.groups.len()).map(|group| 1.0 / rate(group)).collect())
    }

    /// What a user of a closed loop asks.
    pub fn ask(&mut self, user: u32, seed: u64) -> Sending {
        let id = self.take_id();
        let class = self.habits.classes.pick(RequestKey::new(seed, id).draw(0, Step::Class));
        Sending { id, user, class, group: NodeId(u16::from(self.habits.group_of(user))) }
    }

    fn rate_per_ns(&self) -> f64 {
        if self.habits.arrivals == Arrivals::Closed {
            return 0.0;
        }
        self.habits.rate() * self.factor * self.mean_weight / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_peak_its_trough_and_its_mean() {
        let day = Day { amplitude: 0.5, peak_hour: 20.0, starts_at_hour: 2.0, length: Span(24_000_000) };
        let at = |hour: u64| day.factor(SimTime(hour * 1_000_000));
        // Eighteen hours after two it is eight in the evening, six hours after two eight in the morning.
        assert!((at(18) - 1.5).abs() < 1e-12 && (at(6) - 0.5).abs() < 1e-12, "{} {}", at(18), at(6));
        let whole = day.integral(SimTime(7_000_000), 24_000_000.0);
        assert!((whole - 24_000_000.0).abs() < 1e-3, "{whole}");
    }

    #[test]
    fn the_inverse_undoes_the_integral_for_gaps_of_any_length() {
        for amplitude in [0.0, 0.5, 0.98] {
            let day = Day { amplitude, peak_hour: 20.0, starts_at_hour: 0.0, length: Span(86_400_000_000_000) };
            for from in [0, 30_000_000_000_000, 72_000_000_000_000] {
                for wanted in [1.0, 1e6, 1e12, 5e13, 3e14] {
                    let ns = day.inverse(SimTime(from), wanted);
                    let back = day.integral(SimTime(from), ns);
                    assert!((back - wanted).abs() < 1.0, "{amplitude} {from} {wanted}: {back}");
                }
            }
        }
    }
}
