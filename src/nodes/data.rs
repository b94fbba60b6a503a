//! The site's data: which key a request asks for, and which version of each value is the newest. There are no values:
//! to know what is stale, versions are enough.
//!
//! Writes are numbered through as databases carry them out, whatever their key; a version is the number of the write that
//! made it, 0 if nobody has written there. So what is known as of a write is known of all keys. A read is stale if its
//! value is older than the newest write that was acknowledged to a client before the read was sent.

use crate::engine::Index;
use crate::rng::{Step, Zipf, below};

use super::Job;

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
    /// How many writes there were.
    writes: u64,
    /// The newest write of each key that was written.
    newest: Index<u64>,
    /// The newest write of each key that a client was told of.
    acknowledged: Index<u64>,
}

impl Data {
    /// Data that nobody has written to yet.
    pub fn new(keys: Keys) -> Self {
        Self { keys, writes: 0, newest: Index::default(), acknowledged: Index::default() }
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

    /// The newest version of a key's value.
    #[inline]
    pub fn version(&self, key: u32) -> u64 {
        self.newest.get(key).unwrap_or(0)
    }

    /// A key's value is written. Returns its new version.
    pub fn write(&mut self, key: u32) -> u64 {
        self.writes += 1;
        self.newest.set(key, self.writes);
        self.writes
    }

    /// The number of a write that does not change the newest version: the database does not have it yet.
    pub fn take_number(&mut self) -> u64 {
        self.writes += 1;
        self.writes
    }

    /// A write that had its number before is carried out.
    pub fn write_as(&mut self, key: u32, version: u64) {
        if version > self.version(key) {
            self.newest.set(key, version);
        }
    }

    /// The newest version of a key's value that a client was told of.
    #[inline]
    pub fn acknowledged(&self, key: u32) -> u64 {
        self.acknowledged.get(key).unwrap_or(0)
    }

    /// A client was told that this version of a key's value is written.
    pub fn acknowledge(&mut self, key: u32, version: u64) {
        if version > self.acknowledged(key) {
            self.acknowledged.set(key, version);
        }
    }
}
