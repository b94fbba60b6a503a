//! A web server. It holds a slot for a request from its first work to its answer, also while it waits for the cache or
//! the database: work → cache → database → work → answer.

use std::collections::BTreeMap;

use crate::rng::{Step, below, mix, unit};

use super::job::{Ask, Cause, Phase};
use super::station::{Admission, Station};
use super::{Context, Event, Next, NodeId, TierId};

/// A web server.
#[derive(Clone, Debug)]
pub struct WebServer {
    /// Slots and backlog.
    pub station: Station,
    /// The tier that it asks first.
    pub cache: Option<TierId>,
    /// How it keeps that cache, if it holds entries.
    pub keeps: Option<Keeps>,
    /// By key that the database is asked for: who waits for the same.
    pub flights: BTreeMap<u32, Vec<u32>>,
    /// The tier that it asks for what the cache does not have.
    pub database: Option<TierId>,
}

/// How the application keeps a cache: it fills it after a miss (cache-aside).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeps {
    /// What a write does to the entry of its key.
    pub on_write: OnWrite,
    /// Whether reads that miss the same key at the same time ask the database once.
    pub coalesces: bool,
}

/// What a write does to the cache once the database has carried it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnWrite {
    /// It removes the entry.
    #[default]
    Invalidate,
    /// It puts the new value there (write-through).
    Update,
    /// Nothing: the entry stays until it expires.
    Nothing,
}

impl WebServer {
    /// A request arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self.station.admit(ctx.now, job) {
            Admission::Refused => Next::Fail(Cause::Refused),
            Admission::Waits => {
                ctx.begin_waiting(ctx.jobs[job].node());
                Next::Parked
            }
            Admission::Admitted => {
                self.begin(ctx, job, false);
                Next::Parked
            }
        }
    }

    /// A part of its work is done.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        match ctx.jobs[job].phase {
            Phase::Before => self.first_call(ctx, job),
            Phase::After => self.reply(ctx),
        }
    }

    /// An answer is back from the cache or the database.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        if Some(ctx.nodes[from.index()].tier) == self.cache {
            return self.back_from_cache(ctx, job);
        }
        let entry = &mut ctx.jobs[job];
        if entry.failed.is_none() && entry.trips > 1 {
            entry.trips -= 1;
            return Next::Call(self.database_node(ctx, job).expect("it was just called"));
        }
        self.tell_others(ctx, job);
        if ctx.jobs[job].failed.is_some() {
            return self.reply(ctx);
        }
        match (self.cache, self.keeps) {
            (Some(cache), Some(keeps)) => self.keep(ctx, job, cache, keeps),
            (None | Some(_), None) | (None, Some(_)) => self.finish(ctx, job),
        }
    }

    /// What the cache has is the answer; what it has not is in the database. A cache that fails has nothing.
    fn back_from_cache(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &mut ctx.jobs[job];
        if entry.failed.is_some() {
            if self.keeps.is_none() {
                return self.reply(ctx);
            }
            entry.failed = None;
        }
        match entry.ask {
            Ask::Get if !entry.from_cache => self.call_database(ctx, job),
            Ask::Get | Ask::Set | Ask::Delete => self.finish(ctx, job),
        }
    }

    /// Those who wait for what `job` was told by the database go on with it, also where that is a failure.
    fn tell_others(&mut self, ctx: &mut Context, job: u32) {
        let entry = &mut ctx.jobs[job];
        if !std::mem::take(&mut entry.leads) {
            return;
        }
        let (version, failed) = (entry.version, entry.failed);
        for other in self.flights.remove(&entry.item).unwrap_or_default() {
            let entry = &mut ctx.jobs[other];
            (entry.version, entry.failed) = (version, failed);
            ctx.queue.push(ctx.now, Event::Join { job: other });
        }
    }

    /// A request that waited for what another one was told goes on.
    pub fn join(&mut self, ctx: &mut Context, job: u32) -> Next {
        if ctx.jobs[job].failed.is_some() { self.reply(ctx) } else { self.finish(ctx, job) }
    }

    /// Whether `job` waits for another one that asks the database for the same key; if there is none, it leads.
    fn waits_for_another(&mut self, ctx: &mut Context, job: u32) -> bool {
        let entry = &mut ctx.jobs[job];
        let program = &ctx.programs[usize::from(entry.class)];
        if !self.keeps.is_some_and(|keeps| keeps.coalesces) || !program.cached || program.write {
            return false;
        }
        if let Some(others) = self.flights.get_mut(&entry.item) {
            others.push(job);
            let cache = self.cache.expect("who keeps a cache has one");
            ctx.tiers[cache.index()].coalesced += 1;
            return true;
        }
        entry.leads = true;
        self.flights.insert(entry.item, Vec::new());
        false
    }

    /// The cache is told what was read or written.
    fn keep(&mut self, ctx: &mut Context, job: u32, cache: TierId, keeps: Keeps) -> Next {
        let program = &ctx.programs[usize::from(ctx.jobs[job].class)];
        let ask = match (program.cached, program.write) {
            (true, false) => Ask::Set,
            (_, true) => match keeps.on_write {
                OnWrite::Invalidate => Ask::Delete,
                OnWrite::Update => Ask::Set,
                OnWrite::Nothing => return self.finish(ctx, job),
            },
            (false, false) => return self.finish(ctx, job),
        };
        ctx.jobs[job].ask = ask;
        Next::Call(ctx.tiers[cache.index()].holder_of(ctx.jobs[job].item))
    }

    /// Slots were added.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32, backlog: u32) {
        self.station.slots = slots;
        self.station.backlog = backlog;
        while let Some(job) = self.station.admit_waiting(ctx.now) {
            self.begin(ctx, job, true);
        }
    }

    #[inline]
    fn begin(&mut self, ctx: &mut Context, job: u32, queued: bool) {
        ctx.jobs[job].phase = Phase::Before;
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].web_before;
        ctx.work(job, work, Step::WebBefore, queued);
    }

    #[inline]
    fn first_call(&mut self, ctx: &mut Context, job: u32) -> Next {
        // It may be an attempt made from one that led elsewhere.
        ctx.jobs[job].leads = false;
        let program = &ctx.programs[usize::from(ctx.jobs[job].class)];
        // What is written is not looked up in a cache with entries.
        let asks = program.cached && !(self.keeps.is_some() && program.write);
        match self.cache.filter(|_| asks) {
            Some(cache) => {
                ctx.jobs[job].ask = Ask::Get;
                Next::Call(ctx.tiers[cache.index()].holder_of(ctx.jobs[job].item))
            }
            None => self.call_database(ctx, job),
        }
    }

    #[inline]
    fn call_database(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        let probability = ctx.programs[usize::from(entry.class)].database_probability;
        let needed = probability > 0.0 && unit(entry.key.draw(entry.attempt, Step::DatabaseBranch)) < probability;
        if needed && self.database.is_some() && self.waits_for_another(ctx, job) {
            return Next::Parked;
        }
        if needed && let Some(node) = self.database_node(ctx, job) {
            ctx.jobs[job].trips = ctx.programs[usize::from(ctx.jobs[job].class)].database_trips;
            return Next::Call(node);
        }
        self.finish(ctx, job)
    }

    /// The database to ask: the one that holds the user's keys, or the next in turn.
    #[inline]
    fn database_node(&self, ctx: &mut Context, job: u32) -> Option<NodeId> {
        let tier = &mut ctx.tiers[self.database?.index()];
        if tier.partitioned {
            let part = below(mix(u64::from(ctx.jobs[job].user) ^ 0x9a27), tier.instances as u32);
            return Some(tier.members[part as usize]);
        }
        tier.turn = if tier.turn + 1 < tier.instances as u32 { tier.turn + 1 } else { 0 };
        Some(tier.members[tier.turn as usize])
    }

    #[inline]
    fn finish(&mut self, ctx: &mut Context, job: u32) -> Next {
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].web_after;
        if work.is_none() {
            return self.reply(ctx);
        }
        ctx.jobs[job].phase = Phase::After;
        ctx.work(job, work, Step::WebAfter, false);
        Next::Parked
    }

    #[inline]
    fn reply(&mut self, ctx: &mut Context) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            self.begin(ctx, next, true);
        }
        Next::Reply
    }
}
