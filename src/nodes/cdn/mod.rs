//! An edge of a content delivery network: it keeps files near clients.
//!
//! A request for a file is a hit, or a miss, for which the edge asks the origin (`Fill`); those that miss the same file
//! meanwhile wait for that (coalescing). Requests for what may not be kept pass through to the origin. A limit for each
//! source address is looked at first. So at each edge, exactly:
//!
//! requests = blocked + passed + hits + misses, and requests to the origin for files = misses − coalesced.
//!
//! - [`anycast`]: how clients come to the nearest edge.
//! - [`limiter`]: how much a source address may send.
//! - The provider's machines are no part of the system: an edge is never busy, and a request takes it a constant time.

pub mod anycast;
pub mod limiter;

use std::collections::BTreeMap;

use crate::engine::LaneId;
use crate::time::SimTime;

use super::cache::CacheCounts;
use super::cache::entries::{Counts, Entries, Entry};
use super::job::{Cause, Whereabouts};
use super::observer::Fact;
use super::{Context, Event, Next, NodeId, TierId};
use limiter::Limiter;

/// A file on its way from the origin.
#[derive(Clone, Debug)]
struct Fill {
    key: u32,
    waiting: Vec<u32>,
    /// Nobody has told the edge to forget it meanwhile.
    keeps: bool,
}

/// What an edge did since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that its limit let through.
    pub admitted: u64,
    /// Requests that its limit turned away, by client group.
    pub blocked: Vec<u64>,
    /// Requests that it passed to the origin, since their answers may not be kept.
    pub passed: u64,
    /// Files that it asked the origin for.
    pub fills: u64,
    /// Misses that waited for another one's fill.
    pub coalesced: u64,
    /// Answers older than the newest version that was published when the request was sent.
    pub stale: u64,
    /// Bytes that the origin sent it, of files and of what it passed on.
    pub bytes_filled: u64,
    /// Look-ups and evictions.
    pub counts: Counts,
}

/// An edge.
#[derive(Clone, Debug)]
pub struct Edge {
    own: NodeId,
    /// The lane of what a request takes.
    pub lookup: LaneId,
    /// What it keeps.
    pub entries: Entries,
    /// Whether misses of the same file ask the origin once.
    pub coalesces: bool,
    /// What each source address may send.
    pub limiter: Option<Limiter>,
    /// The tier that it asks for files that the origin fails to give it.
    pub second_origin: Option<TierId>,
    /// Files on their way, by number; and the number by key, for those who may still join.
    fills: BTreeMap<u32, Fill>,
    open: BTreeMap<u32, u32>,
    last_fill: u32,
    turn: u32,
    tally: Tally,
}

impl Edge {
    /// An edge that keeps nothing yet, for so many client groups.
    pub fn new(own: NodeId, lookup: LaneId, entries: Entries, coalesces: bool, groups: usize) -> Self {
        let tally = Tally { blocked: vec![0; groups], ..Tally::default() };
        Self {
            own,
            lookup,
            entries,
            coalesces,
            limiter: None,
            second_origin: None,
            fills: BTreeMap::new(),
            open: BTreeMap::new(),
            last_fill: 0,
            turn: 0,
            tally,
        }
    }

    /// A request arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &mut ctx.jobs[job];
        let group = entry.client();
        if let Some(limiter) = &mut self.limiter
            && !limiter.admits(ctx.sources[group.index()].of(entry.user), ctx.now)
        {
            self.tally.blocked[group.index()] += 1;
            return Next::Fail(Cause::RateLimited);
        }
        self.tally.admitted += 1;
        entry.fill = 0;
        entry.whereabouts = Whereabouts::Running;
        ctx.queue.push_lane(self.lookup, ctx.now, Event::Done { job });
        Next::Parked
    }

    /// It has looked.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &mut ctx.jobs[job];
        let program = &ctx.programs[usize::from(entry.class)];
        let origin = program.origin.expect("who comes to an edge has an origin behind it");
        if program.files.is_none() {
            self.tally.passed += 1;
            return self.call(ctx, origin);
        }
        if let Some(found) = self.entries.get(entry.item, ctx.now) {
            entry.from_cache = true;
            entry.fresh_until = found.expires;
            self.tally.stale += u64::from(entry.read(found.version));
            return Next::Reply;
        }
        if self.coalesces
            && let Some(fill) = self.open.get(&entry.item)
        {
            self.tally.coalesced += 1;
            self.fills.get_mut(fill).expect("what is open is on its way").waiting.push(job);
            return Next::Parked;
        }
        self.last_fill += 1;
        self.tally.fills += 1;
        entry.fill = self.last_fill;
        self.fills.insert(entry.fill, Fill { key: entry.item, waiting: Vec::new(), keeps: true });
        self.open.insert(entry.item, entry.fill);
        self.call(ctx, origin)
    }

    /// One of the origin's addresses, in turn.
    fn call(&mut self, ctx: &Context, origin: TierId) -> Next {
        let tier = &ctx.tiers[origin.index()];
        self.turn = if (self.turn as usize) + 1 < tier.addresses() { self.turn + 1 } else { 0 };
        Next::Call(tier.at_address(self.turn as u16))
    }

    /// An answer is back from the origin, for all who wait for it.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        let entry = &mut ctx.jobs[job];
        if let Some(second) = self.second_origin
            && entry.fill > 0
            && entry.failed.is_some()
            && ctx.nodes[from.index()].tier != second
        {
            entry.failed = None;
            return self.call(ctx, second);
        }
        let program = &ctx.programs[usize::from(entry.class)];
        if entry.failed.is_none() {
            self.tally.bytes_filled += program.bytes;
        }
        let number = std::mem::take(&mut entry.fill);
        let Some(fill) = self.fills.remove(&number) else { return Next::Reply };
        if self.open.get(&fill.key) == Some(&number) {
            self.open.remove(&fill.key);
        }
        let files = program.files.expect("only files are kept");
        entry.fresh_until = ctx.now + files.max_age;
        let (version, failed, fresh_until) = (entry.version, entry.failed, entry.fresh_until);
        let failed_at = entry.failed_at;
        if failed.is_none() && fill.keeps {
            self.entries.put(fill.key, Entry { version, bytes: files.bytes, expires: fresh_until });
        }
        for other in fill.waiting {
            let entry = &mut ctx.jobs[other];
            (entry.failed, entry.failed_at, entry.fresh_until) = (failed, failed_at, fresh_until);
            let stale = entry.read(version);
            self.tally.stale += u64::from(failed.is_none() && stale);
            ctx.resume(other);
        }
        Next::Reply
    }

    /// It forgets the files of a class. What is on its way is passed on to those who wait, but not kept.
    pub fn purge(&mut self, ctx: &mut Context, class: u8) {
        let names = &ctx.data.as_ref().expect("a class with files has data").names;
        let of_class = |key: u32| names.class_of(key) == Some(class);
        let files = self.entries.remove_all(of_class);
        self.open.retain(|&key, _| !of_class(key));
        for fill in self.fills.values_mut() {
            fill.keeps &= !of_class(fill.key);
        }
        ctx.tell(Fact::Purged { edge: self.own, files });
    }

    /// It died: what it had under way is gone. What it keeps is on disks.
    pub fn clear(&mut self) {
        self.fills.clear();
        self.open.clear();
    }

    /// What it did since the start.
    pub fn tally(&self) -> Tally {
        Tally { counts: self.entries.counts, ..self.tally.clone() }
    }

    /// Bytes that it has fetched.
    pub fn bytes_filled(&self) -> u64 {
        self.tally.bytes_filled
    }

    /// The same as other caches tell it.
    pub fn cache_counts(&self) -> CacheCounts {
        CacheCounts {
            counts: self.entries.counts,
            stale: self.tally.stale,
            entries: self.entries.len() as u64,
            bytes: self.entries.bytes(),
            ..CacheCounts::default()
        }
    }
}

/// Which source address a client group's users have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sources {
    /// The group whose addresses they are.
    pub group: u8,
    /// How many that has; none if everybody has one.
    pub addresses: Option<u32>,
}

impl Sources {
    /// The address of a user, as a number.
    #[inline]
    pub fn of(&self, user: u32) -> u64 {
        let number =
            self.addresses.map_or(user, |count| crate::rng::below(crate::rng::mix(u64::from(user) ^ 0xcafe), count));
        (u64::from(self.group) + 1) << 32 | u64::from(number)
    }
}

/// Clients who turn away from the CDN for a while: until which second, 4 bytes a user.
pub type TurnedAway = super::per_user::PerUser<u32>;

/// Until when an answer of the origin is fresh that no edge has dated.
pub fn fresh_until(ctx: &Context, job: u32) -> SimTime {
    let entry = &ctx.jobs[job];
    let max_age = ctx.programs[usize::from(entry.class)].files.map(|files| files.max_age);
    if entry.fresh_until > SimTime::ZERO { entry.fresh_until } else { ctx.now + max_age.unwrap_or_default() }
}
