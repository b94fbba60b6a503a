//! A cache server: a queue for look-ups, and what it holds.
//!
//! The application asks it first, fills it after a miss and removes what it has written (cache-aside). So an entry can be
//! older than what the database holds: between a read at the database and the fill there may be a write.

pub mod entries;
mod order;
pub mod placement;

use crate::engine::Index;
use crate::rng::{Step, unit};
use crate::time::Span;

use super::context::Work;
use super::job::{Ask, Cause};
use super::station::{Admission, Station};
use super::{Context, Next};
use entries::{Counts, Entries, Entry};

/// A cache server.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Connections and the queue for them.
    pub station: Station,
    /// Work of a look-up.
    pub lookup: Work,
    /// What it holds.
    pub holds: Holds,
}

/// What a cache holds.
#[derive(Clone, Debug)]
pub enum Holds {
    /// What is asked for, with this probability: for theory and benchmarks.
    Anything(f64),
    /// Entries.
    Entries {
        /// By key.
        entries: Box<Entries>,
        /// How long they live.
        life: Life,
        /// By key that was written: no value older than this version is taken in, if fills are versioned.
        floors: Option<Box<Index<u64>>>,
        /// Stale hits: the entry was older than the newest write that had been acknowledged when the request was sent.
        stale: u64,
    },
}

/// Whether a version is older than what is known to have been written.
fn is_below(floors: Option<&Index<u64>>, key: u32, version: u64) -> bool {
    floors.and_then(|floors| floors.get(key)).is_some_and(|floor| version < floor)
}

/// A version of a key is known to have been written.
fn raise(floors: Option<&mut Index<u64>>, key: u32, version: u64) {
    if let Some(floors) = floors
        && floors.get(key).is_none_or(|floor| floor < version)
    {
        floors.set(key, version);
    }
}

/// How long entries live.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// At most.
    pub ttl: Option<Span>,
    /// The part of it that they may lose at random, from 0 to 1.
    pub jitter: f64,
}

/// What a cache did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheCounts {
    /// Look-ups and evictions.
    pub counts: Counts,
    /// See [`Holds::Entries`].
    pub stale: u64,
    /// Entries held now.
    pub entries: u64,
    /// Bytes held now.
    pub bytes: u64,
}

impl Cache {
    /// A look-up, or a change of an entry, arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self.station.admit(ctx.now, job) {
            Admission::Refused => return Next::Fail(Cause::Refused),
            Admission::Waits => ctx.begin_waiting(ctx.jobs[job].node()),
            Admission::Admitted => ctx.work(job, self.lookup, Step::Cache, false),
        }
        Next::Parked
    }

    /// It is done.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            ctx.work(next, self.lookup, Step::Cache, true);
        }
        let entry = &mut ctx.jobs[job];
        match &mut self.holds {
            Holds::Anything(probability) => {
                entry.from_cache = unit(entry.key.draw(entry.attempt, Step::CacheHit)) < *probability;
            }
            Holds::Entries { entries, life, floors, stale } => {
                let data = ctx.data.as_ref().expect("a cache with entries has keys");
                match entry.ask {
                    Ask::Get => {
                        let found = entries.get(entry.item, ctx.now);
                        entry.from_cache = found.is_some();
                        *stale += u64::from(found.is_some_and(|found| entry.read(found.version)));
                    }
                    Ask::Set if is_below(floors.as_deref(), entry.item, entry.version) => {}
                    Ask::Set => {
                        let write = ctx.programs[usize::from(entry.class)].write;
                        raise(floors.as_deref_mut().filter(|_| write), entry.item, entry.version);
                        let drawn = unit(entry.key.draw(entry.attempt, Step::TtlJitter));
                        let lives = |ttl: Span| Span((ttl.0 as f64 * (1.0 - life.jitter * drawn)) as u64);
                        let expires = life.ttl.map_or(crate::time::SimTime::NEVER, |ttl| ctx.now + lives(ttl));
                        let bytes = data.keys.value_bytes;
                        entries.put(entry.item, Entry { version: entry.version, bytes, expires });
                    }
                    Ask::Delete => {
                        raise(floors.as_deref_mut(), entry.item, entry.version);
                        entries.remove(entry.item);
                    }
                }
            }
        }
        Next::Reply
    }

    /// Connections were added.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32, backlog: u32) {
        self.station.slots = slots;
        self.station.backlog = backlog;
        while let Some(job) = self.station.admit_waiting(ctx.now) {
            ctx.work(job, self.lookup, Step::Cache, true);
        }
    }

    /// It forgets what it holds, as memory does when the power goes.
    pub fn forget(&mut self) {
        match &mut self.holds {
            Holds::Anything(_) => {}
            Holds::Entries { entries, floors, .. } => {
                entries.clear();
                floors.iter_mut().for_each(|floors| **floors = Index::default());
            }
        }
    }

    /// What it did since the start; nothing where hits are a plain probability.
    pub fn counts(&self) -> Option<CacheCounts> {
        match &self.holds {
            Holds::Anything(_) => None,
            Holds::Entries { entries, stale, .. } => {
                let held = (entries.len() as u64, entries.bytes());
                Some(CacheCounts { counts: entries.counts, stale: *stale, entries: held.0, bytes: held.1 })
            }
        }
    }
}
