//! Which backend gets a request. A choice costs O(1), and O(log n) where backends have weights or their response times
//! are compared.

use crate::rng::below;
use crate::time::Span;

use super::tournament::Tournament;

/// How a balancer chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Each with the same probability.
    Random,
    /// One of those with the fewest requests under way, in turn.
    LeastConnections,
    /// Of two different ones at random, the one with fewer requests under way (Mitzenmacher 1996).
    TwoChoices,
    /// In turn, in proportion to their weights: who is behind its share by most is next (stride scheduling, Waldspurger
    /// 1995).
    Weighted,
    /// The one with the least product of its recent response time and its requests under way, the new one counted.
    LeastResponseTime,
    /// By a hash of the client's address: the same client goes to the same one, as long as the same ones are there.
    SourceIpHash,
}

/// How much the newest response time counts in a backend's moving average.
const NEWEST: f64 = 0.2;

/// The available backends, in ascending order of their requests under way.
///
/// `order` is cut into stretches of equal load: `starts[load]` is where the backends with at least that load begin.
/// One request more or less moves a backend across one border, by one exchange.
#[derive(Clone, Debug)]
pub struct Chooser {
    /// How it chooses.
    pub policy: Policy,
    order: Vec<u16>,
    starts: Vec<u32>,
    /// Where a backend stands in `order`; [`ABSENT`] for one that is not available.
    position: Vec<u32>,
    /// Requests under way at each backend.
    load: Vec<u32>,
    turn: u32,
    /// The available ones by number.
    numbered: Vec<u16>,
    weights: Vec<f64>,
    /// Moving averages of response times in nanoseconds; zero before the first.
    response: Vec<f64>,
    /// For the policies that look for the least of something: of what has been had per weight, or of the expected
    /// response time.
    scores: Tournament,
}

const ABSENT: u32 = u32::MAX;

impl Chooser {
    /// Without backends.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            order: Vec::new(),
            starts: vec![0],
            position: Vec::new(),
            load: Vec::new(),
            turn: 0,
            numbered: Vec::new(),
            weights: Vec::new(),
            response: Vec::new(),
            scores: Tournament::default(),
        }
    }

    /// Chooses by another policy from now on.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        self.rebuild();
    }

    /// The weight of `backend`, above 0.
    pub fn set_weight(&mut self, backend: u16, weight: f64) {
        if self.weights[usize::from(backend)] != weight {
            self.weights[usize::from(backend)] = weight;
            self.rebuild();
        }
    }

    /// Whether `backend` may be chosen.
    pub fn is_available(&self, backend: u16) -> bool {
        self.position.get(usize::from(backend)).is_some_and(|&position| position != ABSENT)
    }

    /// One more backend, not yet available.
    pub fn add(&mut self) {
        self.position.push(ABSENT);
        self.load.push(0);
        self.weights.push(1.0);
        self.response.push(0.0);
    }

    /// Chooses a backend and counts the request as under way there. `bits` are uniform; `source` is the hash of the
    /// client's address.
    #[inline]
    pub fn choose(&mut self, bits: u64, source: u64) -> Option<u16> {
        let available = self.order.len() as u32;
        if available == 0 {
            return None;
        }
        let chosen = match self.policy {
            Policy::RoundRobin => self.next_in_turn(),
            Policy::Random => self.order[below(bits, available) as usize],
            Policy::LeastConnections => self.least_loaded_in_turn(),
            Policy::TwoChoices => self.better_of_two(bits, available),
            Policy::Weighted | Policy::LeastResponseTime => self.scores.winner()?,
            Policy::SourceIpHash => self.by_hash(source)?,
        };
        self.take(chosen);
        Some(chosen)
    }

    /// The one that a hash falls on: the same one as long as the same ones are available.
    pub fn by_hash(&self, hash: u64) -> Option<u16> {
        let available = self.numbered.len() as u32;
        (available > 0).then(|| self.numbered[below(hash, available) as usize])
    }

    /// The next one in turn that is not `other`, if there is one.
    pub fn choose_another(&mut self, other: u16) -> Option<u16> {
        let is_only = self.order.len() == usize::from(self.is_available(other));
        if is_only {
            return None;
        }
        let chosen = loop {
            let next = self.next_in_turn();
            if next != other {
                break next;
            }
        };
        self.take(chosen);
        Some(chosen)
    }

    /// A request that was counted as under way at `backend` is over.
    #[inline]
    pub fn release(&mut self, backend: u16) {
        let index = usize::from(backend);
        let load = self.load[index];
        debug_assert!(load > 0, "what is released was taken");
        self.load[index] = load - 1;
        if self.position[index] != ABSENT {
            // The first of its stretch becomes the last of the one before.
            let first = self.starts[load as usize];
            self.exchange(self.position[index], first);
            self.starts[load as usize] += 1;
            if self.policy == Policy::LeastResponseTime {
                self.scores.set(backend, self.expected(index));
            }
        }
    }

    /// `backend` has answered after this time.
    #[inline]
    pub fn note_response(&mut self, backend: u16, time: Span) {
        if self.policy != Policy::LeastResponseTime {
            return;
        }
        let index = usize::from(backend);
        let before = self.response[index];
        let newest = time.0 as f64;
        self.response[index] = if before == 0.0 { newest } else { before + NEWEST * (newest - before) };
        if self.position[index] != ABSENT {
            self.scores.set(backend, self.expected(index));
        }
    }

    /// Requests under way at all backends.
    pub fn under_way(&self) -> u64 {
        self.load.iter().map(|&load| u64::from(load)).sum()
    }

    /// All that was under way is gone.
    pub fn clear(&mut self) {
        self.load.fill(0);
        self.rebuild();
    }

    /// Whether `backend` may be chosen from now on. O(backends).
    pub fn set_available(&mut self, backend: u16, available: bool) {
        if self.is_available(backend) != available {
            self.position[usize::from(backend)] = if available { 0 } else { ABSENT };
            self.rebuild();
        }
    }

    /// The same of all backends at once.
    pub fn set_all_available(&mut self, available: impl Fn(usize) -> bool) {
        let mut changed = false;
        for (index, position) in self.position.iter_mut().enumerate() {
            let wanted = available(index);
            if (*position != ABSENT) != wanted {
                *position = if wanted { 0 } else { ABSENT };
                changed = true;
            }
        }
        if changed {
            self.rebuild();
        }
    }

    /// Counts a request as under way at `backend`, which may be unavailable: a connection may lead there still.
    #[inline]
    pub fn take(&mut self, backend: u16) {
        let index = usize::from(backend);
        let load = self.load[index] + 1;
        self.load[index] = load;
        if self.position[index] == ABSENT {
            return;
        }
        match self.policy {
            Policy::Weighted => self.scores.set(backend, self.scores.get(backend) + 1.0 / self.weights[index]),
            Policy::LeastResponseTime => self.scores.set(backend, self.expected(index)),
            Policy::RoundRobin
            | Policy::Random
            | Policy::LeastConnections
            | Policy::TwoChoices
            | Policy::SourceIpHash => {}
        }
        if self.starts.len() <= load as usize {
            self.starts.push(self.order.len() as u32);
        }
        // The last of its stretch becomes the first of the next.
        self.starts[load as usize] -= 1;
        self.exchange(self.position[index], self.starts[load as usize]);
    }

    #[inline]
    fn exchange(&mut self, a: u32, b: u32) {
        self.order.swap(a as usize, b as usize);
        self.position[usize::from(self.order[a as usize])] = a;
        self.position[usize::from(self.order[b as usize])] = b;
    }

    /// The next backend in the order of their numbers.
    #[inline]
    fn next_in_turn(&mut self) -> u16 {
        loop {
            let index = self.turn as usize;
            self.turn = if index + 1 < self.position.len() { self.turn + 1 } else { 0 };
            if self.position.get(index).is_some_and(|&position| position != ABSENT) {
                return index as u16;
            }
        }
    }

    #[inline]
    fn least_loaded_in_turn(&mut self) -> u16 {
        let least = self.load[usize::from(self.order[0])] as usize;
        let count = self.starts.get(least + 1).copied().unwrap_or(self.order.len() as u32);
        self.turn = self.turn.wrapping_add(1);
        self.order[(self.turn % count) as usize]
    }

    #[inline]
    fn better_of_two(&self, bits: u64, available: u32) -> u16 {
        let first = below(bits, available);
        if available == 1 {
            return self.order[0];
        }
        // The lower half of the bits chooses among the others.
        let other = below(bits << 32, available - 1);
        let second = other + u32::from(other >= first);
        // The order is by load. Where they are equal, either will do: both are at random places of their stretch.
        self.order[first.min(second) as usize]
    }

    /// The response time to expect of a backend, if one more request comes.
    fn expected(&self, index: usize) -> f64 {
        self.response[index] * (f64::from(self.load[index]) + 1.0)
    }

    fn rebuild(&mut self) {
        self.numbered = (0..self.position.len() as u16).filter(|&i| self.position[usize::from(i)] != ABSENT).collect();
        self.order = self.numbered.clone();
        let load = &self.load;
        self.order.sort_by_key(|&backend| load[usize::from(backend)]);
        for (position, &backend) in self.order.iter().enumerate() {
            self.position[usize::from(backend)] = position as u32;
        }
        let most = self.order.last().map_or(0, |&backend| load[usize::from(backend)]);
        self.starts = (0..=most)
            .map(|least| self.order.partition_point(|&backend| load[usize::from(backend)] < least) as u32)
            .collect();
        self.rebuild_scores();
    }

    /// Shares begin anew; response times are remembered.
    fn rebuild_scores(&mut self) {
        let scores = (0..self.position.len()).map(|index| match self.policy {
            _ if self.position[index] == ABSENT => f64::INFINITY,
            Policy::Weighted => 0.5 / self.weights[index],
            Policy::LeastResponseTime => self.expected(index),
            Policy::RoundRobin
            | Policy::Random
            | Policy::LeastConnections
            | Policy::TwoChoices
            | Policy::SourceIpHash => 0.0,
        });
        let scores = scores.collect();
        self.scores = Tournament::new(scores);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    const ALL: [Policy; 7] = [
        Policy::RoundRobin,
        Policy::Random,
        Policy::LeastConnections,
        Policy::TwoChoices,
        Policy::Weighted,
        Policy::LeastResponseTime,
        Policy::SourceIpHash,
    ];

    #[test]
    fn weights_are_kept_to_exactly() {
        let mut chooser = chooser(Policy::Weighted, 3);
        chooser.set_weight(1, 3.0);
        let mut counts = [0; 3];
        (0..500).for_each(|_| counts[usize::from(chooser.choose(0, 0).expect("available"))] += 1);
        assert_eq!(counts, [100, 300, 100]);
    }

    #[test]
    fn the_fast_one_gets_more_by_response_time() {
        let mut chooser = chooser(Policy::LeastResponseTime, 2);
        chooser.note_response(0, Span(10));
        chooser.note_response(1, Span(40));
        let chosen: Vec<u16> = (0..5).filter_map(|_| chooser.choose(0, 0)).collect();
        assert_eq!(chosen, [0, 0, 0, 0, 1], "four at 10 are as good as one at 40");
    }

    #[test]
    fn a_source_keeps_its_backend_and_another_is_never_the_same() {
        let mut chooser = chooser(Policy::SourceIpHash, 5);
        let hash = crate::rng::mix(77);
        let first = chooser.choose(0, hash);
        assert!((0..100).all(|bits| chooser.choose(bits, hash) == first));
        let first = first.expect("available");
        assert!((0..20).all(|_| chooser.choose_another(first).is_some_and(|other| other != first)));
        (0..5).filter(|&b| b != first).for_each(|b| chooser.set_available(b, false));
        assert_eq!(chooser.choose_another(first), None);
    }

    fn chooser(policy: Policy, backends: u16) -> Chooser {
        let mut chooser = Chooser::new(policy);
        for backend in 0..backends {
            chooser.add();
            chooser.set_available(backend, true);
        }
        chooser
    }

    /// The order, the borders and the places agree with the loads.
    fn check(chooser: &Chooser) {
        let loads: Vec<u32> = chooser.order.iter().map(|&b| chooser.load[usize::from(b)]).collect();
        assert!(loads.is_sorted(), "{loads:?}");
        for (least, &start) in chooser.starts.iter().enumerate() {
            assert_eq!(start as usize, loads.partition_point(|&load| load < least as u32), "{loads:?}");
        }
        for (position, &backend) in chooser.order.iter().enumerate() {
            assert_eq!(chooser.position[usize::from(backend)] as usize, position);
        }
    }

    #[test]
    fn the_order_holds_under_any_sequence_of_changes() {
        for policy in ALL {
            let mut chooser = chooser(policy, 7);
            let mut random = Stream::new(1, 1);
            let mut under_way: Vec<u16> = Vec::new();
            for step in 0..5000 {
                let draw = random.draw();
                match draw % 16 {
                    0 => chooser.set_available((draw >> 8) as u16 % 7, draw & 16 == 0),
                    1 if step % 50 == 0 => {
                        chooser.clear();
                        under_way.clear();
                    }
                    2..8 if !under_way.is_empty() => {
                        chooser.release(under_way.swap_remove((draw >> 8) as usize % under_way.len()));
                    }
                    _ => under_way.extend(chooser.choose(random.draw(), 0)),
                }
                check(&chooser);
            }
        }
    }

    #[test]
    fn least_connections_takes_the_least_loaded() {
        let mut chooser = chooser(Policy::LeastConnections, 5);
        let mut random = Stream::new(1, 2);
        for _ in 0..1000 {
            let least = *chooser.load.iter().min().expect("five backends");
            let chosen = chooser.choose(random.draw(), 0).expect("all are available");
            assert_eq!(chooser.load[usize::from(chosen)], least + 1);
        }
        let loads = &chooser.load;
        assert!(loads.iter().max().expect("five") - loads.iter().min().expect("five") <= 1, "{loads:?}");
    }

    #[test]
    fn round_robin_is_even_to_one_request() {
        let mut chooser = chooser(Policy::RoundRobin, 3);
        let chosen: Vec<u16> = (0..7).filter_map(|_| chooser.choose(0, 0)).collect();
        assert_eq!(chosen, [0, 1, 2, 0, 1, 2, 0]);
        chooser.set_available(1, false);
        let chosen: Vec<u16> = (0..4).filter_map(|_| chooser.choose(0, 0)).collect();
        assert_eq!(chosen, [2, 0, 2, 0]);
        chooser.set_available(0, false);
        chooser.set_available(2, false);
        assert_eq!(chooser.choose(0, 0), None);
    }

    #[test]
    fn two_choices_are_two_different_ones() {
        let mut chooser = chooser(Policy::TwoChoices, 2);
        let mut random = Stream::new(1, 3);
        // With two backends both are always looked at, so the less loaded one is taken each time.
        for _ in 0..1000 {
            chooser.choose(random.draw(), 0);
            assert!(chooser.load[0].abs_diff(chooser.load[1]) <= 1, "{:?}", chooser.load);
        }
    }
}
