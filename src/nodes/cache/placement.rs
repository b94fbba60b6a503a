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

/// Where each key is.
#[derive(Clone, Debug)]
pub enum Places {
    /// So many servers.
    Modulo(u32),
    /// The points, in order, with the server that each belongs to.
    Ring(Vec<(u64, u16)>),
}

impl Places {
    /// For servers 0 … `servers` − 1, at least one.
    pub fn new(placement: Placement, servers: u16) -> Self {
        match placement {
            Placement::Modulo => Self::Modulo(u32::from(servers)),
            Placement::Ring { points } => {
                let point = |server: u16, n: u32| mix(mix(u64::from(server) ^ 0x7269_6e67) ^ (u64::from(n) + 1));
                let of = |server| (0..points).map(move |n| (point(server, n), server));
                let mut ring: Vec<(u64, u16)> = (0..servers).flat_map(of).collect();
                ring.sort_unstable();
                Self::Ring(ring)
            }
        }
    }

    /// The server that holds `key`.
    #[inline]
    pub fn server_of(&self, key: u32) -> u16 {
        let hash = mix(u64::from(key) ^ 0x6b65_7973);
        match self {
            Self::Modulo(servers) => (hash % u64::from(*servers)) as u16,
            Self::Ring(ring) => {
                let next = ring.partition_point(|(point, _)| *point < hash);
                // Behind the last point comes the first again.
                ring[if next == ring.len() { 0 } else { next }].1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u32 = 100_000;

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
            let spread = |points| shares(&Places::new(Placement::Ring { points }, servers), servers);
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
            let ring = |count| Places::new(Placement::Ring { points: 200 }, count);
            let own = shares(&ring(servers), servers)[usize::from(servers) - 1];
            let moves = moved(&ring(servers), &ring(servers - 1));
            assert_eq!(moves, moved(&ring(servers - 1), &ring(servers)));
            assert!((moves - own).abs() < 1e-9, "{moves} for {own}");
            assert!((moves * n - 1.0).abs() < 0.25, "{moves} of {n}");
            let modulo = |count| Places::new(Placement::Modulo, count);
            let moves = moved(&modulo(servers), &modulo(servers - 1));
            assert!((moves - (n - 1.0) / n).abs() < 0.01, "{moves} of {n}");
        }
    }
}
