//! Which of several cache servers holds a key, and which others do as well. The idea is in [`crate::nodes::placement`].

use crate::nodes::placement::{Holders, Order, Placement, hash_of};

/// Where each key is.
#[derive(Clone, Debug)]
pub struct Places {
    order: Order,
    /// Where each server stands.
    sites: Vec<u16>,
    /// How many servers hold a key.
    replicas: u32,
    /// At how many places there are servers.
    spread: u32,
}

impl Places {
    /// For servers that stand at these sites, at least one; so many of them hold a key, at different places as far as
    /// there are as many.
    pub fn new(placement: Placement, sites: Vec<u16>, replicas: u32) -> Self {
        let order = Order::new(placement, sites.len() as u16);
        let servers = sites.len() as u32;
        let mut distinct = sites.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Self { order, sites, replicas: replicas.min(servers), spread: distinct.len() as u32 }
    }

    /// The first server that holds `key`.
    #[inline]
    pub fn server_of(&self, key: u32) -> u16 {
        self.order.first(hash_of(key))
    }

    /// The servers that hold `key` where `gone`, in ascending order, are taken for not being there.
    pub fn holders_of(&self, key: u32, gone: &[u16]) -> Holders {
        let mut holders = Holders::default();
        if self.replicas == 1 && gone.is_empty() {
            holders.push(self.server_of(key));
            return holders;
        }
        let left = (self.sites.len() - gone.len()) as u32;
        let wanted = self.replicas.min(left);
        // First of each place one, as far as that goes; then whoever comes next.
        for (most, spread) in [(wanted.min(self.spread), true), (wanted, false)] {
            self.order.visit(hash_of(key), gone, |server| {
                let site = self.sites[usize::from(server)];
                let taken = |&other: &u16| other == server || (spread && self.sites[usize::from(other)] == site);
                if (holders.servers().len() as u32) < most && !holders.servers().iter().any(taken) {
                    holders.push(server);
                }
                (holders.servers().len() as u32) < most
            });
        }
        holders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u32 = 100_000;

    fn places(placement: Placement, servers: u16) -> Places {
        Places::new(placement, vec![0; usize::from(servers)], 1)
    }

    fn shares(places: &Places, servers: u16) -> Vec<f64> {
        let mut counts = vec![0.0; usize::from(servers)];
        (0..KEYS).for_each(|key| counts[usize::from(places.server_of(key))] += 1.0 / f64::from(KEYS));
        counts
    }

    fn moved(from: &Places, to: &Places) -> f64 {
        f64::from((0..KEYS).filter(|&key| from.server_of(key) != to.server_of(key)).count() as u32) / f64::from(KEYS)
    }

    /// With 200 points a server the shares have a relative standard deviation of about 1 / √200, 7 %.
    #[test]
    fn a_ring_spreads_keys_within_a_quarter() {
        for servers in [2, 5, 10, 50] {
            let spread = |points| shares(&places(Placement::Ring { points }, servers), servers);
            let even = 1.0 / f64::from(servers);
            let worst = |shares: Vec<f64>| shares.iter().map(|share| (share / even - 1.0).abs()).fold(0.0, f64::max);
            assert!(worst(spread(200)) < 0.25, "{servers} servers: {}", worst(spread(200)));
            assert!(worst(spread(1)) > worst(spread(200)), "more points spread better");
        }
    }

    /// When one of n goes, the ring moves its share, modulo moves (n − 1) / n.
    #[test]
    fn when_a_server_goes_a_ring_moves_its_share_and_modulo_nearly_all() {
        for servers in [3, 10] {
            let n = f64::from(servers);
            let ring = |count| places(Placement::Ring { points: 200 }, count);
            let own = shares(&ring(servers), servers)[usize::from(servers) - 1];
            let moves = moved(&ring(servers), &ring(servers - 1));
            assert_eq!(moves, moved(&ring(servers - 1), &ring(servers)));
            assert!((moves - own).abs() < 1e-9, "{moves} for {own}");
            assert!((moves * n - 1.0).abs() < 0.25, "{moves} of {n}");
            let modulo = |count| places(Placement::Modulo, count);
            let moves = moved(&modulo(servers), &modulo(servers - 1));
            assert!((moves - (n - 1.0) / n).abs() < 0.01, "{moves} of {n}");
        }
    }

    /// Each key is on two servers at different places; when one of them goes, the other one is still among its holders.
    #[test]
    fn replicas_stand_at_different_places_and_survive_one_server() {
        for placement in [Placement::Ring { points: 50 }, Placement::Modulo] {
            let places = Places::new(placement, vec![7, 7, 8, 8, 8], 2);
            for key in 0..2000 {
                let both = places.holders_of(key, &[]);
                let [first, second] = both.servers() else { panic!("{both:?}") };
                assert_eq!(*first, places.server_of(key));
                assert!((*first < 2) != (*second < 2), "{both:?} at one place");
                if placement != Placement::Modulo {
                    assert!(places.holders_of(key, &[*first]).servers().contains(second), "the replica holds it");
                }
            }
            assert_eq!(places.holders_of(1, &[0, 1, 3, 4]).servers(), [2], "who is left");
        }
    }
}
