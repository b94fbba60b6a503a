//! What devices keep of files: as long as these are fresh, a device has them without asking anybody.
//!
//! One table for all devices, by user and file, of 24 bytes an entry; what has expired makes room. It grows with what is
//! kept, up to `KEPT_MAX`: beyond that the entry that would expire first is forgotten, as devices forget what they have
//! no room for.

use crate::engine::{Cell, Table};
use crate::rng::mix;
use crate::time::SimTime;

/// The most entries: 100 MB.
const KEPT_MAX: usize = 1 << 22;

#[derive(Clone, Copy, Debug)]
struct Kept {
    user: u32,
    key: u32,
    version: u64,
    expires: SimTime,
}

const _: () = assert!(size_of::<Kept>() <= 24);

impl Cell for Kept {
    const EMPTY: Self = Self { user: 0, key: 0, version: 0, expires: SimTime::ZERO };

    fn hash(&self) -> u64 {
        hash(self.user, self.key)
    }
}

fn hash(user: u32, key: u32) -> u64 {
    mix(u64::from(user) << 32 | u64::from(key))
}

/// How often devices found what they looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrowserCounts {
    /// Requests that the device answered itself.
    pub hits: u64,
    /// Requests of devices that keep files, for files that they did not have.
    pub misses: u64,
    /// Hits that were older than the newest version that was published when the request was made.
    pub stale: u64,
}

/// The files that devices keep.
#[derive(Clone, Debug)]
pub struct Browsers {
    kept: Table<Kept>,
    /// How often they found something.
    pub counts: BrowserCounts,
}

impl Default for Browsers {
    fn default() -> Self {
        Self { kept: Table::new(KEPT_MAX), counts: BrowserCounts::default() }
    }
}

impl Browsers {
    /// Whether the device of `user` has a file that is fresh. Its newest version that is known is `expects`.
    pub fn has(&mut self, user: u32, key: u32, expects: u64, now: SimTime) -> bool {
        let kept = self.kept.find(hash(user, key), |kept| (kept.user, kept.key) == (user, key));
        let version = kept.filter(|kept| kept.expires > now).map(|kept| kept.version);
        self.counts.hits += u64::from(version.is_some());
        self.counts.misses += u64::from(version.is_none());
        self.counts.stale += u64::from(version.is_some_and(|version| version < expects));
        version.is_some()
    }

    /// Bytes that the table takes.
    pub fn bytes(&self) -> usize {
        self.kept.len() * size_of::<Kept>()
    }

    /// The device of `user` keeps a file until it expires.
    pub fn keep(&mut self, user: u32, key: u32, version: u64, expires: SimTime, now: SimTime) {
        let kept = Kept { user, key, version, expires };
        match self.kept.find(hash(user, key), |kept| (kept.user, kept.key) == (user, key)) {
            Some(own) => *own = kept,
            None => self.kept.put(kept, |kept| kept.expires <= now, |kept| kept.expires),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> SimTime {
        SimTime::from_ms(seconds * 1e3)
    }

    #[test]
    fn a_device_has_its_own_files_until_they_expire() {
        let mut browsers = Browsers::default();
        browsers.keep(1, 5, 3, at(10.0), at(0.0));
        assert!(browsers.has(1, 5, 4, at(9.0)));
        assert!(!browsers.has(2, 5, 0, at(9.0)) && !browsers.has(1, 6, 0, at(9.0)) && !browsers.has(1, 5, 0, at(10.0)));
        assert_eq!(browsers.counts, BrowserCounts { hits: 1, misses: 3, stale: 1 });
    }

    #[test]
    fn all_is_kept_while_there_is_room_and_what_expired_makes_room() {
        let mut browsers = Browsers::default();
        (0..100_000).for_each(|user| browsers.keep(user, 5, u64::from(user), at(10.0), at(0.0)));
        assert!((0..100_000).all(|user| browsers.has(user, 5, 0, at(1.0))));
        let room = browsers.kept.len();
        for round in 1..20u32 {
            let now = at(f64::from(round) * 10.0);
            (100_000 * round..100_000 * (round + 1))
                .for_each(|user| browsers.keep(user, 5, 1, at(f64::from(round + 1) * 10.0), now));
        }
        assert!(browsers.kept.len() <= 2 * room, "it grew from {room} to {}", browsers.kept.len());
    }
}
