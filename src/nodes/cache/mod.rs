//! A cache server: a queue for look-ups, and what it holds.
//!
//! The application asks it first, fills it after a miss and removes what it has written (cache-aside). So an entry can be
//! older than what the database holds: between a read at the database and the fill there may be a write.
//!
//! - `strategy.rs`: how cache and database are kept together; `through.rs`: a cache that itself asks the database;
//!   `behind.rs`: writes that it has answered and not yet written.
//! - `entries.rs`, `order.rs`: what it holds, and what goes first.
//! - `placement.rs`: which of several servers holds a key.

pub mod behind;
pub mod entries;
mod order;
pub mod placement;
pub mod strategy;
mod through;

use std::collections::BTreeSet;

use crate::engine::Index;
use crate::rng::{Step, unit};
use crate::time::{SimTime, Span};

use super::context::Work;
use super::disk::Operation;
use super::flights::Flights;
use super::job::{Ask, Cause, Errand, Phase};
use super::station::{Admission, Station};
use super::trace::Command;
use super::{Context, Next};
use behind::Behind;
use entries::{Counts, Entries, Entry};
use strategy::{Storage, Through};

/// A cache server.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Connections and the queue for them.
    pub station: Station,
    /// Work of a look-up.
    pub lookup: Work,
    /// What it holds.
    pub holds: Holds,
    /// Where it keeps that.
    pub storage: Storage,
    /// What it asks of the database, if it does that itself.
    pub through: Option<Through>,
    /// Who waits for what another request asks of the database.
    pub flights: Flights,
    /// Writes that the database does not have yet.
    pub behind: Behind,
    /// Keys that are being read anew.
    pub refreshing: BTreeSet<u32>,
    /// How many were, since the start.
    pub refreshed: u64,
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
    /// Entries that were read anew before they expired.
    pub refreshed: u64,
    /// Writes that are kept back.
    pub kept_back: u64,
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
        match &self.holds {
            Holds::Anything(probability) => {
                let entry = &mut ctx.jobs[job];
                entry.from_cache = unit(entry.key.draw(entry.attempt, Step::CacheHit)) < *probability;
                self.reply(ctx)
            }
            Holds::Entries { .. } => match ctx.jobs[job].ask {
                Ask::Get => self.get(ctx, job),
                Ask::Set => {
                    self.store(ctx, job);
                    self.reply(ctx)
                }
                Ask::Delete => {
                    self.delete(ctx, job);
                    self.reply(ctx)
                }
                Ask::Write if self.through.is_some_and(|through| through.behind.is_some()) => {
                    self.write_later(ctx, job)
                }
                Ask::Write => {
                    note(ctx, job, None, None);
                    self.call_database(ctx, job)
                }
            },
        }
    }

    fn get(&mut self, ctx: &mut Context, job: u32) -> Next {
        let Holds::Entries { entries, stale, .. } = &mut self.holds else { unreachable!("it holds entries") };
        let entry = &mut ctx.jobs[job];
        if let Some(version) = self.behind.version(entry.item).filter(|_| entries.peek(entry.item).is_none()) {
            // What had to go for others is still among what is to be written.
            let bytes = ctx.data.as_ref().expect("a cache with entries has keys").site_keys().value_bytes;
            entries.put(entry.item, Entry { version, bytes, expires: SimTime::NEVER });
        }
        let found = entries.get(entry.item, ctx.now);
        entry.from_cache = found.is_some();
        note(ctx, job, Some(found.is_some()), found.map(|found| found.expires));
        if let Some((_, idle)) = of_session(ctx, job)
            && let Some(found) = found
        {
            // To look it up is to use it: it lasts from now on.
            entries.put(ctx.jobs[job].item, Entry { expires: ctx.now + idle, ..found });
        }
        let Some(found) = found else {
            return if self.through.is_some() { self.ask_database(ctx, job) } else { self.reply(ctx) };
        };
        let entry = &mut ctx.jobs[job];
        *stale += u64::from(entry.read(found.version));
        self.refresh(ctx, job, found);
        match self.storage {
            Storage::Memory => self.reply(ctx),
            Storage::Disk => {
                // The wait before the look-up is in the books already.
                ctx.jobs[job].phase = Phase::After;
                ctx.read_disk(job, false);
                Next::Parked
            }
        }
    }

    /// The value of a hit was read from the disk.
    pub fn fetched(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].phase = Phase::Before;
        self.reply(ctx)
    }

    /// What was read from, or written to, the database is held from now on.
    fn store(&mut self, ctx: &mut Context, job: u32) {
        let Holds::Entries { entries, life, floors, .. } = &mut self.holds else { unreachable!("it holds entries") };
        let session = of_session(ctx, job);
        let entry = &ctx.jobs[job];
        if entry.missing {
            // The database has no such row any more.
            entries.remove(entry.item);
            return;
        }
        let value = || ctx.data.as_ref().expect("a cache with entries has keys").site_keys().value_bytes;
        let bytes = session.map_or_else(value, |(bytes, _)| bytes);
        let drawn = unit(entry.key.draw(entry.attempt, Step::TtlJitter));
        let lives = |ttl: Span| Span((ttl.0 as f64 * (1.0 - life.jitter * drawn)) as u64);
        let of_value = || life.ttl.map_or(SimTime::NEVER, |ttl| ctx.now + lives(ttl));
        let expires = session.map_or_else(of_value, |(_, idle)| ctx.now + idle);
        if !is_below(floors.as_deref(), entry.item, entry.version) {
            let write = ctx.programs[usize::from(entry.class)].write;
            raise(floors.as_deref_mut().filter(|_| write), entry.item, entry.version);
            entries.put(entry.item, Entry { version: entry.version, bytes, expires });
            if self.storage == Storage::Disk {
                ctx.use_disk(entry.node(), Operation::Write);
            }
        }
        match ctx.jobs[job].ask {
            Ask::Set | Ask::Write => note(ctx, job, None, Some(expires)),
            Ask::Get | Ask::Delete => {}
        }
    }

    fn delete(&mut self, ctx: &mut Context, job: u32) {
        let Holds::Entries { entries, floors, .. } = &mut self.holds else { unreachable!("it holds entries") };
        let entry = &ctx.jobs[job];
        raise(floors.as_deref_mut(), entry.item, entry.version);
        entries.remove(entry.item);
        note(ctx, job, None, None);
    }

    /// An answer leaves; the next look-up gets its connection.
    #[inline]
    fn reply(&mut self, ctx: &mut Context) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            ctx.work(next, self.lookup, Step::Cache, true);
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

    /// How much of its room is taken, from 0 to 1; nothing where hits are a plain probability.
    pub fn full(&self) -> Option<f64> {
        match &self.holds {
            Holds::Anything(_) => None,
            Holds::Entries { entries, .. } => Some(entries.full()),
        }
    }

    /// What it did since the start; nothing where hits are a plain probability.
    pub fn counts(&self) -> Option<CacheCounts> {
        match &self.holds {
            Holds::Anything(_) => None,
            Holds::Entries { entries, stale, .. } => Some(CacheCounts {
                counts: entries.counts,
                stale: *stale,
                entries: entries.len() as u64,
                bytes: entries.bytes(),
                refreshed: self.refreshed,
                kept_back: self.behind.kept_back(),
            }),
        }
    }
}

/// The size of a session and how long it lasts unused, if it is one that `job` asks for.
#[inline]
fn of_session(ctx: &Context, job: u32) -> Option<(u32, Span)> {
    if ctx.jobs[job].errand != Errand::Session {
        return None;
    }
    let sessions = ctx.sessions.as_ref()?;
    Some((sessions.signing_in?.bytes, sessions.idle_timeout()))
}

/// What was asked of the cache, and what came of it, is noted where the request is followed.
#[inline]
fn note(ctx: &mut Context, job: u32, hit: Option<bool>, expires: Option<SimTime>) {
    let entry = &ctx.jobs[job];
    if entry.traced {
        let left = expires.filter(|expires| *expires != SimTime::NEVER).map(|expires| expires.since(ctx.now));
        ctx.tracer.commands(entry.id, Command { ask: entry.ask, key: entry.item, hit, left });
    }
}
