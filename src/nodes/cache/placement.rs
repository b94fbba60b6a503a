//! Which of several cache servers holds a key.
//!
//! - Modulo: the key's hash modulo their number. When one comes or goes, nearly all keys move.
//! - Ring: consistent hashing (Karger et al., 1997). Each server has many points on a ring, and holds the keys between
//!   the point before and its own. When one goes, only its own keys move; when one comes, only those that it takes.

use crate::rng::mix;

/// How keys are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// By the hash modulo the number of servers.
    Modulo,
    /// By a ring with so many points for each server.
    Ring {
        /// The points of each server.
        points: u32,
    },
}

/// The most servers that hold a key.
pub const REPLICAS_MAX: usize = 3;

/// The servers that hold a key, in the order in which they are to be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    servers: [u16; REPLICAS_MAX],
    len: u8,
    next: u8,
}

impl Holders {
    /// All of them.
    pub fn servers(&self) -> &[u16] {
        &self.servers[..usize::from(self.len)]
    }

    /// The same servers, in another order.
    pub fn servers_mut(&mut self) -> &mut [u16] {
        &mut self.servers[..usize::from(self.len)]
    }

    fn push(&mut self, server: u16) {
        self.servers[usize::from(self.len)] = server;
        self.len += 1;
    }

    /// Only those that are wanted.
    pub fn retain(&mut self, wanted: impl Fn(u16) -> bool) {
        let mut kept = Self::default();
        self.servers().iter().filter(|&&server| wanted(server)).for_each(|&server| kept.push(server));
        *self = kept;
    }

    /// The next one to be asked.
    pub fn take_next(&mut self) -> Option<u16> {
        let next = self.servers().get(usize::from(self.next)).copied();
        self.next += u8::from(next.is_some());
        next
    }
}

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

#[derive(Clone, Debug)]
enum Order {
    /// So many servers.
    Modulo(u32),
    /// The points, in order, with the server that each belongs to.
    Ring(Vec<(u64, u16)>),
}

impl Places {
    /// For servers that stand at these sites, at least one; so many of them hold a key, at different places as far as
    /// there are as many.
    pub fn new(placement: Placement, sites: Vec<u16>, replicas: u32) -> Self {
        let servers = sites.len() as u16;
        let order = match placement {
            Placement::Modulo => Order::Modulo(u32::from(servers)),
            Placement::Ring { points } => {
                let point = |server: u16, n: u32| mix(mix(u64::from(server) ^ 0x7269_6e67) ^ (u64::from(n) + 1));
                let of = |server| (0..points).map(move |n| (point(server, n), server));
                let mut ring: Vec<(u64, u16)> = (0..servers).flat_map(of).collect();
                ring.sort_unstable();
                Order::Ring(ring)
            }
        };
        let mut distinct = sites.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Self { order, sites, replicas: replicas.min(u32::from(servers)), spread: distinct.len() as u32 }
    }

    /// The first server that holds `key`.
    #[inline]
    pub fn server_of(&self, key: u32) -> u16 {
        let hash = hash_of(key);
        match &self.order {
            Order::Modulo(servers) => (hash % u64::from(*servers)) as u16,
            Order::Ring(ring) => ring[first_point(ring, hash)].1,
        }
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
            self.visit(key, gone, |server| {
                let site = self.sites[usize::from(server)];
                let taken = |&other: &u16| other == server || (spread && self.sites[usize::from(other)] == site);
                if u32::from(holders.len) < most && !holders.servers().iter().any(taken) {
                    holders.push(server);
                }
                u32::from(holders.len) < most
            });
        }
        holders
    }

    /// Hands out servers in the order in which they come to hold `key`, as long as more are wanted; some twice.
    fn visit(&self, key: u32, gone: &[u16], mut wants_more: impl FnMut(u16) -> bool) {
        let hash = hash_of(key);
        match &self.order {
            Order::Modulo(servers) => {
                let left = servers - gone.len() as u32;
                for step in 0..u64::from(left) {
                    let mut server = ((hash + step) % u64::from(left)) as u16;
                    // The n-th of those that are left.
                    gone.iter().for_each(|&gone| server += u16::from(server >= gone));
                    if !wants_more(server) {
                        return;
                    }
                }
            }
            Order::Ring(ring) => {
                let first = first_point(ring, hash);
                for (_, server) in ring[first..].iter().chain(&ring[..first]) {
                    if !gone.contains(server) && !wants_more(*server) {
                        return;
                    }
                }
            }
        }
    }
}

#[inline]
fn hash_of(key: u32) -> u64 {
    mix(u64::from(key) ^ 0x6b65_7973)
}

/// The first point at or behind a hash; behind the last one comes the first again.
#[inline]
fn first_point(ring: &[(u64, u16)], hash: u64) -> usize {
    let next = ring.partition_point(|(point, _)| *point < hash);
    if next == ring.len() { 0 } else { next }
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
