//! The site's data: which key a request asks for, and which version of each value is the newest. There are no values:
//! to know what is stale, versions are enough.

use crate::rng::{Step, Zipf, below};

use super::Job;
use super::cache::index::Index;

/// Which keys requests ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Popularity {
    /// By Zipf's law.
    Zipf(Zipf),
    /// All of so many alike.
    Uniform(u32),
    /// One after the other of so many.
    Scan(u32),
}

/// What the data is; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keys {
    /// Which keys requests ask for.
    pub popularity: Popularity,
    /// Size of a value.
    pub value_bytes: u32,
}

/// The data.
#[derive(Clone, Debug)]
pub struct Data {
    /// What it is.
    pub keys: Keys,
    /// How often each key was written, of those that were.
    versions: Index,
}

impl Data {
    /// Data that nobody has written to yet.
    pub fn new(keys: Keys) -> Self {
        Self { keys, versions: Index::default() }
    }

    /// The key that a request asks for: a function of the request, whatever became of its earlier attempts.
    #[inline]
    pub fn key_of(&self, job: &Job) -> u32 {
        match self.keys.popularity {
            Popularity::Zipf(zipf) => zipf.pick(job.key.draw(0, Step::Item)),
            Popularity::Uniform(count) => below(job.key.draw(0, Step::Item), count),
            Popularity::Scan(count) => (job.id % u64::from(count)) as u32,
        }
    }

    /// The newest version of a key's value, from 0.
    #[inline]
    pub fn version(&self, key: u32) -> u32 {
        self.versions.get(key).unwrap_or(0)
    }

    /// A key's value is written.
    pub fn write(&mut self, key: u32) {
        // The table has no room for the last number; nobody writes that often.
        let next = self.version(key).saturating_add(1).min(u32::MAX - 1);
        self.versions.set(key, next);
    }
}
