//! Which of several addresses name servers answer with.
//!
//! They know where the asking resolver is, by its address, and how busy the servers behind each address were when that was
//! last reported. Both are less than the truth: a resolver may be far from its users, and a report is old.

use crate::time::{SimTime, Span};

use super::TierId;

/// How name servers choose among the addresses that their health checks call well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerPolicy {
    /// One after the other.
    #[default]
    RoundRobin,
    /// The nearest to the resolver that asks (geoDNS), those that are equally near in turn.
    Nearest,
    /// The one whose servers were least busy at the last report; of equals the nearest.
    LeastLoaded,
}

/// How name servers answer; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// How they choose.
    pub policy: AnswerPolicy,
    /// How far the places of the addresses are, in turn, from the resolvers of each client group, in kilometres.
    pub distances: Vec<Vec<f64>>,
    /// Time between two reports of how busy the servers behind the addresses are.
    pub report_every: Span,
    /// The servers whose work counts as load.
    pub works: TierId,
}

impl Answers {
    /// How far an address is from the resolvers of a group, in kilometres.
    fn distance(&self, group: u8, address: u32) -> f64 {
        let places = &self.distances[usize::from(group)];
        places[address as usize % places.len()]
    }

    /// The addresses that users of a group have got who asked before the run began.
    pub fn at_start(&self, group: u8, addresses: u32) -> Vec<u16> {
        let all = 0..addresses;
        match self.policy {
            // Where all are equally busy or take turns, each has been answered as often as the others.
            AnswerPolicy::RoundRobin | AnswerPolicy::LeastLoaded => all.map(|address| address as u16).collect(),
            AnswerPolicy::Nearest => {
                let least = all.clone().map(|address| self.distance(group, address)).fold(f64::INFINITY, f64::min);
                all.filter(|&address| self.distance(group, address) == least).map(|address| address as u16).collect()
            }
        }
    }
}

/// How busy the servers behind an address are, as reported.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Share of their cores that worked, from 0 to 1.
    pub share: f64,
    /// The core · nanoseconds of work up to the last report.
    pub busy_before: u128,
}

/// Who is next, and what was reported.
#[derive(Clone, Debug)]
pub struct Chooser {
    /// How they answer.
    pub answers: Answers,
    /// Reports by address.
    pub loads: Vec<Load>,
    /// When the next report is due, and when the last one was.
    pub report_due: SimTime,
    /// See `report_due`.
    pub reported_at: SimTime,
    /// Answers by group and address, since the start.
    given: Vec<Vec<u64>>,
    /// Whose turn it is, of all and by group.
    turn: u32,
    turns: Vec<u32>,
}

impl Chooser {
    /// Nothing was reported yet.
    pub fn new(answers: Answers) -> Self {
        let groups = answers.distances.len();
        Self {
            answers,
            loads: Vec::new(),
            report_due: SimTime::NEVER,
            reported_at: SimTime::ZERO,
            given: vec![Vec::new(); groups],
            turn: 0,
            turns: vec![0; groups],
        }
    }

    /// The address for a resolver of a group, of so many of which some are `well`.
    pub fn choose(&mut self, group: u8, count: u32, well: impl Fn(u32) -> bool) -> Option<u16> {
        let by_group = self.answers.policy != AnswerPolicy::RoundRobin;
        let turn = if by_group { &mut self.turns[usize::from(group)] } else { &mut self.turn };
        let first = *turn;
        let mut in_turn = (0..count).map(|step| (first + step) % count).filter(|&address| well(address));
        let distance = |address: u32| self.answers.distance(group, address);
        let load = |address: u32| self.loads.get(address as usize).map_or(0.0, |load| load.share);
        let chosen = match self.answers.policy {
            AnswerPolicy::RoundRobin => in_turn.next(),
            AnswerPolicy::Nearest => in_turn.min_by(|&a, &b| distance(a).total_cmp(&distance(b))),
            AnswerPolicy::LeastLoaded => {
                in_turn.min_by(|&a, &b| load(a).total_cmp(&load(b)).then_with(|| distance(a).total_cmp(&distance(b))))
            }
        }?;
        *turn = (chosen + 1) % count;
        let given = &mut self.given[usize::from(group)];
        given.resize(given.len().max(count as usize), 0);
        given[chosen as usize] += 1;
        Some(chosen as u16)
    }

    /// How often each address was answered to resolvers of a group, since the start.
    pub fn given(&self, group: usize) -> &[u64] {
        &self.given[group]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooser(policy: AnswerPolicy) -> Chooser {
        let distances = vec![vec![100.0, 6000.0], vec![6000.0, 100.0]];
        Chooser::new(Answers { policy, distances, report_every: Span(1), works: TierId(0) })
    }

    #[test]
    fn the_nearest_that_is_well_is_answered_equals_in_turn() {
        let mut near = chooser(AnswerPolicy::Nearest);
        // Four addresses at two places in turn.
        let answers: Vec<_> = (0..4).map(|_| near.choose(0, 4, |_| true)).collect();
        assert_eq!(answers, [Some(0), Some(2), Some(0), Some(2)]);
        assert_eq!(near.choose(1, 4, |_| true), Some(1));
        assert_eq!(near.choose(0, 4, |address| address % 2 == 1), Some(3), "the near ones are dead");
        assert_eq!(near.choose(0, 4, |_| false), None);
        assert_eq!(near.given(0), [2, 0, 2, 1]);
        assert_eq!(near.answers.at_start(1, 4), [1, 3]);
    }

    #[test]
    fn the_least_busy_is_answered_however_far() {
        let mut least = chooser(AnswerPolicy::LeastLoaded);
        assert_eq!(least.choose(1, 2, |_| true), Some(1), "nothing is known: the nearest");
        least.loads = [0.3, 0.8].map(|share| Load { share, busy_before: 0 }).to_vec();
        assert_eq!(least.choose(1, 2, |_| true), Some(0));
        let mut turns = chooser(AnswerPolicy::RoundRobin);
        assert_eq!([0, 1, 0].map(|group| turns.choose(group, 2, |_| true)), [Some(0), Some(1), Some(0)]);
    }
}
