//! A web server. It holds a slot for a request from its first work to its answer, also while it waits for the cache or
//! the database: who is it → work → cache → database → work → answer.

use crate::rng::{Step, unit};

use super::caching::{Keeps, Opinion};
use super::context::Work;
use super::database;
use super::deployment::Build;
use super::flights::Flights;
use super::job::{Ask, Cause, Errand, Phase, Whereabouts};
use super::pool::Pool;
use super::sharding::{self, Reach, gather};
use super::station::{Admission, Station};
use super::{Context, Event, Next, NodeId, TierId};
use crate::time::Span;

/// A web server.
#[derive(Clone, Debug)]
pub struct WebServer {
    /// Slots and backlog.
    pub station: Station,
    /// The tier that it asks first.
    pub cache: Option<TierId>,
    /// How it uses that cache, if it holds entries.
    pub keeps: Option<Keeps>,
    /// What it thinks of the cache servers.
    pub opinion: Opinion,
    /// Who waits for what another request asks of the database.
    pub flights: Flights,
    /// The tier that it asks for what the cache does not have.
    pub database: Option<TierId>,
    /// Its connections there, if they are limited.
    pub pool: Option<Pool>,
    /// The build of the application that it runs, and its number, if it has one.
    pub build: Build,
    /// See `build`.
    pub build_number: Option<u8>,
    /// The broker that it publishes messages at.
    pub broker: Option<TierId>,
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
            Phase::Before if self.is_faulty(ctx, job) => self.fail(ctx, job, Cause::ApplicationError),
            Phase::Before if ctx.programs[usize::from(ctx.jobs[job].class)].session => self.identify(ctx, job),
            Phase::Before => self.first_call(ctx, job),
            Phase::Identified => {
                ctx.jobs[job].phase = Phase::Before;
                self.first_call(ctx, job)
            }
            Phase::After => self.reply(ctx),
            Phase::Job => self.ask_person(ctx, job),
            Phase::Person => unreachable!("no core waits for a person"),
        }
    }

    /// An answer is back from the cache or the database.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        if ctx.jobs[job].errand == Errand::Session {
            return self.told_of_session(ctx, job, from);
        }
        if ctx.jobs[job].errand == Errand::Part {
            return self.part_returned(ctx, job, from);
        }
        let tier = ctx.nodes[from.index()].tier;
        if let Some(cache) = self.cache.filter(|cache| *cache == tier) {
            return self.back_from_cache(ctx, job, from, cache);
        }
        if self.broker == Some(tier) {
            return if ctx.jobs[job].failed.is_some() { self.reply(ctx) } else { self.work_after(ctx, job) };
        }
        let entry = &mut ctx.jobs[job];
        if entry.failed.is_none() && entry.trips > 1 {
            entry.trips -= 1;
            let tier = ctx.nodes[from.index()].tier;
            let one_has_it = ctx.member_of(from).is_some() || ctx.tiers[tier.index()].shards.is_some();
            let same = self.pool.is_some() || one_has_it;
            let next = if same { None } else { database::choose(ctx, tier, job) };
            return Next::Call(next.unwrap_or(from));
        }
        self.hang_up(ctx, job, from);
        if ctx.jobs[job].failed.is_none()
            && let Some(next) = self.ask_further(ctx, job, from)
        {
            return next;
        }
        self.after_databases(ctx, job)
    }

    /// What is left to ask for of a database that has just answered: a shard that has the row now, or a further one that its
    /// write goes to.
    #[inline]
    fn ask_further(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Option<Next> {
        let tier = ctx.nodes[from.index()].tier;
        ctx.tiers[tier.index()].shards.as_ref()?;
        if std::mem::take(&mut ctx.jobs[job].sent_on) {
            return Some(self.ask_database(ctx, job, tier));
        }
        sharding::aim_at_next(ctx, job).then(|| self.call(ctx, job, tier))
    }

    /// A database has answered: the next one is asked, or it goes on.
    fn after_databases(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &mut ctx.jobs[job];
        let further = ctx.programs[usize::from(entry.class)].databases.get(usize::from(entry.leg) + 1);
        if entry.failed.is_none()
            && let Some(&next) = further
        {
            entry.leg += 1;
            return self.ask_database(ctx, job, next);
        }
        self.flights.tell_others(ctx, job);
        if ctx.jobs[job].failed.is_some() {
            return self.reply(ctx);
        }
        match (self.cache, self.keeps) {
            (Some(cache), Some(keeps)) => self.keep(ctx, job, cache, keeps),
            (None | Some(_), None) | (None, Some(_)) => self.finish(ctx, job),
        }
    }

    /// A part of a request sets out.
    pub(super) fn part_sets_out(&mut self, ctx: &mut Context, part: u32) -> Next {
        let tier = self.asked(ctx, part).expect("the whole has asked it");
        self.call(ctx, part, tier)
    }

    /// A part of a request is back.
    fn part_returned(&mut self, ctx: &mut Context, part: u32, from: NodeId) -> Next {
        let entry = &mut ctx.jobs[part];
        if entry.failed.is_none() && entry.trips > 1 {
            entry.trips -= 1;
            return Next::Call(from);
        }
        self.hang_up(ctx, part, from);
        gather::gathered(ctx, part);
        Next::Parked
    }

    /// The database that a request asks: of several, the one that it has come to.
    #[inline]
    fn asked(&self, ctx: &Context, job: u32) -> Option<TierId> {
        let entry = &ctx.jobs[job];
        let named = &ctx.programs[usize::from(entry.class)].databases;
        named.get(usize::from(entry.leg)).copied().or(self.database)
    }

    /// A request that waited for what another one was told goes on.
    pub fn join(&mut self, ctx: &mut Context, job: u32) -> Next {
        if ctx.jobs[job].told {
            return self.go_on_identified(ctx, job);
        }
        if ctx.jobs[job].phase == Phase::Person {
            return self.work_after(ctx, job);
        }
        if let Some(database) = self.pool.as_mut().and_then(|pool| pool.granted(job)) {
            let (now, own) = (ctx.now, ctx.jobs[job].node());
            ctx.nodes[own.index()].waiting.decrement(now);
            return Next::Call(database);
        }
        if std::mem::take(&mut ctx.jobs[job].gathers) {
            return self.after_databases(ctx, job);
        }
        if ctx.jobs[job].failed.is_some() { self.reply(ctx) } else { self.finish(ctx, job) }
    }

    /// Whether `job` waits for another one that asks the database for the same key; if there is none, it leads.
    fn waits_for_another(&mut self, ctx: &mut Context, job: u32) -> bool {
        let program = &ctx.programs[usize::from(ctx.jobs[job].class)];
        if !self.keeps.is_some_and(|keeps| keeps.coalesces) || !program.cached || program.write {
            return false;
        }
        let waits = self.flights.joins(ctx, job);
        if waits {
            let cache = self.cache.expect("who keeps a cache has one");
            ctx.tiers[cache.index()].coalesced += 1;
        }
        waits
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
        ctx.jobs[job].format = self.build.writes_format;
        if self.begin_to_identify(ctx, job, queued) {
            return;
        }
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].web_before;
        self.work(ctx, job, work, Step::WebBefore, queued);
    }

    /// Works on a request, as long as its build takes for that.
    #[inline]
    fn work(&self, ctx: &mut Context, job: u32, work: Work, step: Step, queued: bool) {
        if self.build.work_factor == 1.0 {
            return ctx.work(job, work, step, queued);
        }
        let entry = &ctx.jobs[job];
        let demand = work.sampler.sample(entry.key.draw(entry.attempt, step));
        ctx.work_for(job, Span((demand.0 as f64 * self.build.work_factor) as u64), None, queued);
    }

    /// Whether its build answers `job` with an error.
    #[inline]
    fn is_faulty(&self, ctx: &Context, job: u32) -> bool {
        let entry = &ctx.jobs[job];
        self.build.error_rate > 0.0
            && entry.errand == Errand::Request
            && unit(entry.key.draw(entry.attempt, Step::Fault)) < self.build.error_rate
    }

    fn fail(&mut self, ctx: &mut Context, job: u32, cause: Cause) -> Next {
        let own = ctx.jobs[job].node();
        ctx.jobs[job].failed = Some(cause);
        ctx.note_failure(job, own, cause);
        self.reply(ctx)
    }

    #[inline]
    fn first_call(&mut self, ctx: &mut Context, job: u32) -> Next {
        // It may be an attempt made from one that led elsewhere.
        ctx.jobs[job].leads = false;
        let program = &ctx.programs[usize::from(ctx.jobs[job].class)];
        match (self.cache, self.keeps) {
            (Some(cache), None) if program.cached => {
                ctx.jobs[job].ask = Ask::Get;
                Next::Call(ctx.tiers[cache.index()].members[0])
            }
            (Some(cache), Some(keeps)) if program.write && keeps.writes_through => self.write_through(ctx, job, cache),
            // What is written is not looked up.
            (Some(cache), Some(_)) if program.cached && !program.write => self.look_up(ctx, job, cache),
            (None | Some(_), None | Some(_)) => self.call_database(ctx, job),
        }
    }

    #[inline]
    pub(super) fn call_database(&mut self, ctx: &mut Context, job: u32) -> Next {
        let needed = ctx.needs_database(job);
        let asked = self.asked(ctx, job);
        if needed && asked.is_some() && self.waits_for_another(ctx, job) {
            return Next::Parked;
        }
        let Some(tier) = asked.filter(|_| needed) else { return self.finish(ctx, job) };
        self.ask_database(ctx, job, tier)
    }

    /// Asks a database: the server, the shard or all shards of it that can answer.
    #[inline]
    fn ask_database(&mut self, ctx: &mut Context, job: u32, tier: TierId) -> Next {
        match sharding::aim(ctx, tier, job) {
            Reach::One => self.call(ctx, job, tier),
            Reach::All => gather::scatter(ctx, tier, job),
        }
    }

    #[inline]
    fn call(&mut self, ctx: &mut Context, job: u32, tier: TierId) -> Next {
        let Some(node) = database::choose(ctx, tier, job) else {
            // It knows that there is no primary at present.
            ctx.jobs[job].failed = Some(Cause::ReadOnly);
            self.flights.tell_others(ctx, job);
            return self.fail(ctx, job, Cause::ReadOnly);
        };
        ctx.jobs[job].trips = ctx.programs[usize::from(ctx.jobs[job].class)].database_trips;
        let has_one = self.pool.as_mut().is_none_or(|pool| pool.take(node, job));
        if has_one {
            return Next::Call(node);
        }
        ctx.begin_waiting(ctx.jobs[job].node());
        Next::Parked
    }

    /// A call to a database is over: its connection is free, and its user's reads may go elsewhere for a while.
    fn hang_up(&mut self, ctx: &mut Context, job: u32, from: NodeId) {
        if let Some(next) = self.pool.as_mut().and_then(|pool| pool.give_back(from)) {
            ctx.resume(next);
        }
        let entry = &ctx.jobs[job];
        if entry.failed.is_none()
            && ctx.programs[usize::from(entry.class)].write
            && let Some((c, _)) = ctx.member_of(from)
        {
            let user = entry.user;
            ctx.clusters[c].note_write(user, ctx.now);
        }
    }

    /// So many connections to each database from now on.
    pub fn set_pool(&mut self, ctx: &mut Context, limit: Option<u32>) {
        let (Some(pool), Some(limit)) = (&mut self.pool, limit) else { return };
        pool.limit = limit;
        for database in pool.databases() {
            while let Some(job) = pool.grant(database) {
                ctx.resume(job);
            }
        }
    }

    #[inline]
    pub(super) fn finish(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.read_file(job);
        if !ctx.can_read(job, self.build.reads_format) {
            return self.fail(ctx, job, Cause::Unreadable);
        }
        let Some(own) = &ctx.programs[usize::from(ctx.jobs[job].class)].job else {
            return self.work_after(ctx, job);
        };
        match self.broker.filter(|_| own.publish.is_some()) {
            Some(broker) => Next::Call(ctx.tiers[broker.index()].members[0]),
            None => {
                let work = own.work;
                ctx.jobs[job].phase = Phase::Job;
                ctx.work(job, work, Step::Job, false);
                Next::Parked
            }
        }
    }

    /// The job of a request is done here, but a person may have to decide: the request keeps its slot.
    fn ask_person(&mut self, ctx: &mut Context, job: u32) -> Next {
        let entry = &ctx.jobs[job];
        let person = ctx.programs[usize::from(entry.class)].job.as_ref().and_then(|job| job.person);
        let Some(person) = person else { return self.work_after(ctx, job) };
        let takes = person.sample(entry.key.draw(0, Step::Person));
        ctx.jobs[job].phase = Phase::Person;
        ctx.jobs[job].whereabouts = Whereabouts::Resuming;
        ctx.queue.push(ctx.now + takes, Event::Join { job });
        Next::Parked
    }

    fn work_after(&mut self, ctx: &mut Context, job: u32) -> Next {
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].web_after;
        if work.is_none() {
            return self.reply(ctx);
        }
        ctx.jobs[job].phase = Phase::After;
        self.work(ctx, job, work, Step::WebAfter, false);
        Next::Parked
    }

    #[inline]
    pub(super) fn reply(&mut self, ctx: &mut Context) -> Next {
        if let Some(next) = self.station.release(ctx.now) {
            self.begin(ctx, next, true);
        }
        Next::Reply
    }
}
