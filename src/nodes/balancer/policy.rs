//! Which backend gets a request. Every choice costs O(1), however many backends there are.

use crate::rng::below;

/// How a balancer chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
}

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
}

const ABSENT: u32 = u32::MAX;

impl Chooser {
    /// Without backends.
    pub fn new(policy: Policy) -> Self {
        Self { policy, order: Vec::new(), starts: vec![0], position: Vec::new(), load: Vec::new(), turn: 0 }
    }

    /// One more backend, not yet available.
    pub fn add(&mut self) {
        self.position.push(ABSENT);
        self.load.push(0);
    }

    /// Chooses a backend and counts the request as under way there. `bits` are uniform.
    #[inline]
    pub fn choose(&mut self, bits: u64) -> Option<u16> {
        let available = self.order.len() as u32;
        if available == 0 {
            return None;
        }
        let chosen = match self.policy {
            Policy::RoundRobin => self.next_in_turn(),
            Policy::Random => self.order[below(bits, available) as usize],
            Policy::LeastConnections => self.least_loaded_in_turn(),
            Policy::TwoChoices => self.better_of_two(bits, available),
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

    /// Whether `backend` may be chosen. O(backends).
    pub fn set_available(&mut self, backend: u16, available: bool) {
        let index = usize::from(backend);
        if (self.position[index] != ABSENT) == available {
            return;
        }
        self.position[index] = if available { 0 } else { ABSENT };
        self.rebuild();
    }

    #[inline]
    fn take(&mut self, backend: u16) {
        let index = usize::from(backend);
        let load = self.load[index] + 1;
        self.load[index] = load;
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

    fn rebuild(&mut self) {
        self.order = (0..self.position.len() as u16).filter(|&i| self.position[usize::from(i)] != ABSENT).collect();
        let load = &self.load;
        self.order.sort_by_key(|&backend| load[usize::from(backend)]);
        for (position, &backend) in self.order.iter().enumerate() {
            self.position[usize::from(backend)] = position as u32;
        }
        let most = self.order.last().map_or(0, |&backend| load[usize::from(backend)]);
        self.starts = (0..=most)
            .map(|least| self.order.partition_point(|&backend| load[usize::from(backend)] < least) as u32)
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

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
        for policy in [Policy::RoundRobin, Policy::Random, Policy::LeastConnections, Policy::TwoChoices] {
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
                    _ => under_way.extend(chooser.choose(random.draw())),
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
            let chosen = chooser.choose(random.draw()).expect("all are available");
            assert_eq!(chooser.load[usize::from(chosen)], least + 1);
        }
        let loads = &chooser.load;
        assert!(loads.iter().max().expect("five") - loads.iter().min().expect("five") <= 1, "{loads:?}");
    }

    #[test]
    fn round_robin_is_even_to_one_request() {
        let mut chooser = chooser(Policy::RoundRobin, 3);
        let chosen: Vec<u16> = (0..7).filter_map(|_| chooser.choose(0)).collect();
        assert_eq!(chosen, [0, 1, 2, 0, 1, 2, 0]);
        chooser.set_available(1, false);
        let chosen: Vec<u16> = (0..4).filter_map(|_| chooser.choose(0)).collect();
        assert_eq!(chosen, [2, 0, 2, 0]);
        chooser.set_available(0, false);
        chooser.set_available(2, false);
        assert_eq!(chooser.choose(0), None);
    }

    #[test]
    fn two_choices_are_two_different_ones() {
        let mut chooser = chooser(Policy::TwoChoices, 2);
        let mut random = Stream::new(1, 3);
        // With two backends both are always looked at, so the less loaded one is taken each time.
        for _ in 0..1000 {
            chooser.choose(random.draw());
            assert!(chooser.load[0].abs_diff(chooser.load[1]) <= 1, "{:?}", chooser.load);
        }
    }
}
