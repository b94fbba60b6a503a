//! Which of several servers a key is on: the one idea behind caches that share their keys out and databases that are
//! sharded.
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

    /// One more, unless it is there or there is no room.
    pub fn push(&mut self, server: u16) {
        if usize::from(self.len) < REPLICAS_MAX && !self.servers().contains(&server) {
            self.servers[usize::from(self.len)] = server;
            self.len += 1;
        }
    }

    /// Only those that are wanted.
    pub fn retain(&mut self, wanted: impl Fn(u16) -> bool) {
        let mut kept = Self::default();
        self.servers().iter().filter(|&&server| wanted(server)).for_each(|&server| kept.push(server));
        *self = kept;
    }

    /// Only the first one.
    pub fn retain_first(&mut self) {
        self.len = self.len.min(1);
    }

    /// The next one to be asked.
    pub fn take_next(&mut self) -> Option<u16> {
        let next = self.servers().get(usize::from(self.next)).copied();
        self.next += u8::from(next.is_some());
        next
    }
}

/// The order in which servers come to hold a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// So many servers.
    Modulo(u32),
    /// The points, in order, with the server that each belongs to.
    Ring(Vec<(u64, u16)>),
}

impl Order {
    /// Of so many servers, at least one.
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

    /// The first server that holds a key with this hash.
    #[inline]
    pub fn first(&self, hash: u64) -> u16 {
        match self {
            Self::Modulo(servers) => (hash % u64::from(*servers)) as u16,
            Self::Ring(ring) => ring[first_point(ring, hash)].1,
        }
    }

    /// Hands out servers in the order in which they come to hold a key, as long as more are wanted; some twice. Those that
    /// are `gone`, in ascending order, are left out.
    pub fn visit(&self, hash: u64, gone: &[u16], mut wants_more: impl FnMut(u16) -> bool) {
        match self {
            Self::Modulo(servers) => {
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
            Self::Ring(ring) => {
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

/// The hash by which keys are placed.
#[inline]
pub fn hash_of(key: u32) -> u64 {
    mix(u64::from(key) ^ 0x6b65_7973)
}

/// The first point at or behind a hash; behind the last one comes the first again.
#[inline]
fn first_point(ring: &[(u64, u16)], hash: u64) -> usize {
    let next = ring.partition_point(|(point, _)| *point < hash);
    if next == ring.len() { 0 } else { next }
}
