//! The site's data: which key a request asks for, and which version of each value is the newest. There are no values:
//! to know what is stale, versions are enough.
//!
//! Writes are numbered through as databases carry them out, whatever their key; a version is the number of the write that
//! made it, 0 if nobody has written there. So what is known as of a write is known of all keys. A read is stale if its
//! value is older than the newest write that was acknowledged to a client before the read was sent.

use crate::engine::Index;
use crate::rng::{Step, Zipf, below, unit};

use super::Job;
use super::files::{Files, Names};

/// The most rows: beyond are the keys of files.
const ROWS_MAX: u32 = super::files::FIRST;

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

impl Popularity {
    /// How many keys there are.
    pub fn count(&self) -> u32 {
        match *self {
            Self::Zipf(zipf) => zipf.count(),
            Self::Uniform(count) | Self::Scan(count) => count,
        }
    }

    /// The number of what a request asks for: a function of the request, whatever became of its earlier attempts.
    #[inline]
    pub fn pick(&self, job: &Job) -> u32 {
        match *self {
            Self::Zipf(zipf) => zipf.pick(job.key.draw(0, Step::Item)),
            Self::Uniform(count) => below(job.key.draw(0, Step::Item), count),
            Self::Scan(count) => (job.id % u64::from(count)) as u32,
        }
    }
}

/// What the data is; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keys {
    /// Which keys requests ask for.
    pub popularity: Popularity,
    /// Size of a value.
    pub value_bytes: u32,
    /// The first so many keys, for which a share of all requests asks.
    pub celebrities: Option<(u32, f64)>,
}

impl Keys {
    /// The key that a request asks for.
    #[inline]
    pub fn pick(&self, job: &Job) -> u32 {
        if let Some((count, share)) = self.celebrities {
            let drawn = unit(job.key.draw(0, Step::Celebrity));
            if drawn < share {
                return ((drawn / share * f64::from(count)) as u32).min(count - 1);
            }
        }
        self.popularity.pick(job)
    }
}

/// The data.
#[derive(Clone, Debug)]
pub struct Data {
    /// What it is, beside files.
    pub keys: Option<Keys>,
    /// The files of each class.
    pub files: Vec<Option<Files>>,
    /// The names of files.
    pub names: Names,
    /// Rows that were inserted since the start, failed ones too: as with sequences, their numbers are left out.
    inserted: u32,
    /// How many writes there were.
    writes: u64,
    /// The newest write of each key that was written.
    newest: Index<u64>,
    /// The newest write of each key that a client was told of.
    acknowledged: Index<u64>,
    /// By key, the newest write whose format is known, and that format: number · 256 + format. Empty as long as all are 0.
    formats: Index<u64>,
}

impl Data {
    /// Data that nobody has written to yet.
    pub fn new(keys: Option<Keys>, files: Vec<Option<Files>>) -> Self {
        let (newest, acknowledged) = (Index::default(), Index::default());
        Self {
            keys,
            files,
            names: Names::default(),
            inserted: 0,
            writes: 0,
            newest,
            acknowledged,
            formats: Index::default(),
        }
    }

    /// What the data is, beside files, where that is known to be something.
    pub fn site_keys(&self) -> &Keys {
        self.keys.as_ref().expect("checked: whoever keeps the site's data has keys")
    }

    /// The key that a request asks for.
    #[inline]
    pub fn key_of(&self, job: &Job) -> u32 {
        match (&self.files[usize::from(job.class)], &self.keys) {
            (Some(files), _) => self.names.key_of(files, job),
            (None, Some(keys)) => keys.pick(job),
            (None, None) => 0,
        }
    }

    /// The numbers of rows that were ever given away.
    pub fn rows(&self) -> u32 {
        self.keys.map_or(0, |keys| keys.popularity.count()).saturating_add(self.inserted)
    }

    /// The number of a new row.
    pub fn next_row(&mut self) -> u32 {
        let next = self.rows().min(ROWS_MAX - 1);
        self.inserted = self.inserted.saturating_add(1);
        next
    }

    /// A share of a class's files gets a new version, of which everybody may know. Returns how many these are.
    pub fn publish(&mut self, class: u8, share: f64, rename: bool) -> u32 {
        let files = self.files[usize::from(class)].expect("checked: only classes with files are published");
        let keys = self.names.publish(class, &files, share, rename);
        for &key in &keys {
            let version = self.write(key);
            self.acknowledge(key, version);
        }
        keys.len() as u32
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

    /// The number of a write that does not change the newest version: the database does not have it yet, or it is on a line
    /// of history that has been left.
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

    /// A key's newest write turns out to be lost: the version before it is the newest again.
    pub fn undo(&mut self, key: u32, before: u64) {
        self.newest.set(key, before);
    }

    /// No write after this one is there any more. What was the newest version before is not known of every key: that it is
    /// this one at the most is all that is asked.
    pub fn go_back_to(&mut self, number: u64) {
        self.newest.map_numbers(|newest| newest.min(number));
    }

    /// A version of a key's value was written in a format.
    pub fn note_format(&mut self, key: u32, version: u64, format: u8) {
        if format > 0 || self.formats.get(key).is_some() {
            self.formats.set(key, version << 8 | u64::from(format));
        }
    }

    /// The format of a version of a key's value. What is older than the newest whose format is known is taken for the oldest
    /// format, which everybody reads.
    pub fn format(&self, key: u32, version: u64) -> u8 {
        self.formats.get(key).filter(|known| version >= known >> 8).map_or(0, |known| known as u8)
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
