//! How a web server finds out who sends a request: it looks the session up in its memory or asks a store; or it checks a
//! password and makes a session. All before the work on the request itself.
//!
//! To ask a store is a job of its own, with [`Errand::Session`]: it begins at the web server and is in no client's books. The
//! request is held meanwhile.

use crate::rng::{RequestKey, Step, mix};

use super::database;
use super::job::{Ask, Cause, Errand, Job, Phase};
use super::sessions::FIRST_KEY;
use super::web::WebServer;
use super::{Context, Next, NodeId};

impl WebServer {
    /// It begins to work on a request: with the password or the cookie, where it needs to know who sends it.
    #[inline]
    pub(super) fn begin_to_identify(&self, ctx: &mut Context, job: u32, queued: bool) -> bool {
        if !ctx.programs[usize::from(ctx.jobs[job].class)].session {
            return false;
        }
        let Some(signing_in) = ctx.sessions.as_ref().and_then(|sessions| sessions.signing_in) else { return false };
        let look = ctx.programs[usize::from(ctx.session_class())].web_before;
        let work = if ctx.jobs[job].signs_in { signing_in.work } else { look };
        ctx.work(job, work, Step::SignIn, queued);
        true
    }

    /// The password is checked, or the cookie read.
    pub(super) fn identify(&mut self, ctx: &mut Context, job: u32) -> Next {
        let sessions = ctx.sessions.as_mut().expect("who signs in has sessions");
        let store = sessions.signing_in.and_then(|signing_in| signing_in.store);
        let entry = &ctx.jobs[job];
        let (user, own) = (entry.user, entry.node());
        if store.is_some() {
            Self::ask_store(ctx, job);
            return Next::Parked;
        }
        if entry.signs_in {
            sessions.sign_in(user, own, 0, ctx.now);
        } else if sessions.look_up(user, own, ctx.now).is_err() {
            return self.refuse(ctx, job);
        }
        self.go_to_work(ctx, job)
    }

    /// A job sets out for the store.
    fn ask_store(ctx: &mut Context, job: u32) {
        let Job { id, user, signs_in, attempt, rank, traced, .. } = ctx.jobs[job];
        let class = ctx.session_class() + u8::from(signs_in);
        let own = ctx.jobs[job].node();
        let mut asking = Job::new(id, ctx.seed, ctx.now, user, class, own);
        // Its draws are not those of the request.
        asking.key = RequestKey::new(mix(ctx.seed ^ 0x5e55_1042), id);
        (asking.errand, asking.asked_for) = (Errand::Session, job);
        (asking.attempt, asking.rank, asking.traced) = (attempt, rank, traced);
        asking.item = FIRST_KEY + user;
        asking.ask = if signs_in { Ask::Set } else { Ask::Get };
        if signs_in {
            asking.version = ctx.data.as_mut().map_or(0, super::data::Data::take_number);
        } else {
            asking.expects = ctx.sessions.as_ref().map_or(0, |sessions| sessions.number(user));
        }
        let asking = ctx.jobs.insert(asking);
        ctx.departing.push(asking);
    }

    /// A job that asks the store sets out: to the database, or to the first of the caches that hold the key. Or a part of a
    /// request does.
    pub fn set_out(&mut self, ctx: &mut Context, asking: u32) -> Next {
        if ctx.jobs[asking].errand == Errand::Part {
            return self.part_sets_out(ctx, asking);
        }
        let store = ctx.session_store().expect("it asks a store");
        let tier = &ctx.tiers[store.index()];
        if let Some(places) = &tier.places {
            let mut holders = places.holders_of(ctx.jobs[asking].item, &[]);
            if ctx.jobs[asking].ask == Ask::Get && holders.servers().len() > 1 {
                super::caching::prefer(ctx, asking, store, &mut holders);
            }
            ctx.jobs[asking].holders = holders;
            return self.ask_next(ctx, asking);
        }
        match database::choose(ctx, store, asking) {
            Some(node) => Next::Call(node),
            None => {
                let own = ctx.jobs[asking].node();
                ctx.jobs[asking].failed = Some(Cause::ReadOnly);
                ctx.note_failure(asking, own, Cause::ReadOnly);
                self.settle(ctx, asking, false)
            }
        }
    }

    /// The next cache that holds the session; or, if there is none left, what is known by then.
    fn ask_next(&mut self, ctx: &mut Context, asking: u32) -> Next {
        let store = ctx.session_store().expect("it asks a store");
        let entry = &mut ctx.jobs[asking];
        match entry.holders.take_next() {
            Some(server) => {
                entry.failed = None;
                Next::Call(ctx.tiers[store.index()].members[usize::from(server)])
            }
            None => {
                // One that answered is enough, whatever became of the others.
                if entry.applied {
                    entry.failed = None;
                }
                self.settle(ctx, asking, false)
            }
        }
    }

    /// The store has answered, or not.
    pub(super) fn told_of_session(&mut self, ctx: &mut Context, asking: u32, from: NodeId) -> Next {
        let entry = &mut ctx.jobs[asking];
        let failed = entry.failed.is_some();
        let is_cache = ctx.tiers[ctx.nodes[from.index()].tier.index()].places.is_some();
        match (is_cache, entry.ask) {
            (true, Ask::Get) if !failed && entry.from_cache && !entry.stale => self.settle(ctx, asking, true),
            (true, _) => {
                entry.applied |= !failed;
                self.ask_next(ctx, asking)
            }
            (false, Ask::Get) => {
                let has = !failed && entry.version >= entry.expects;
                self.settle(ctx, asking, has)
            }
            (false, _) => {
                let user = entry.user;
                if let (false, Some((c, _))) = (failed, ctx.member_of(from)) {
                    ctx.clusters[c].note_write(user, ctx.now);
                }
                self.settle(ctx, asking, false)
            }
        }
    }

    /// What the store knows, or that it did not answer, is told to the request, which goes on.
    fn settle(&mut self, ctx: &mut Context, asking: u32, has: bool) -> Next {
        let entry = &ctx.jobs[asking];
        let Job { asked_for: job, user, failed, failed_at, ask, version, sent, .. } = *entry;
        let now = ctx.now;
        let sessions = ctx.sessions.as_mut().expect("who signs in has sessions");
        let refused = match (failed, ask) {
            (Some(cause), _) => Some((cause, failed_at)),
            (None, Ask::Get) => {
                sessions.look_ups.record(now - sent);
                let unknown = sessions.told(user, has, now).is_err();
                unknown.then_some((Cause::Unauthorized, ctx.jobs[asking].node()))
            }
            (None, Ask::Set | Ask::Delete | Ask::Write) => {
                sessions.sign_in(user, NodeId::NONE, version as u32, now);
                None
            }
        };
        ctx.forget(asking);
        if let Some((cause, at)) = refused {
            ctx.jobs[job].failed = Some(cause);
            ctx.jobs[job].failed_at = at;
            if cause == Cause::Unauthorized {
                ctx.note_failure(job, at, cause);
            }
        }
        ctx.jobs[job].told = true;
        ctx.resume(job);
        Next::Parked
    }

    /// The request goes on with what the store has said.
    pub(super) fn go_on_identified(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].told = false;
        if ctx.jobs[job].failed.is_some() { self.reply(ctx) } else { self.go_to_work(ctx, job) }
    }

    /// It is known who sends the request: the work on it begins.
    fn go_to_work(&self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].phase = Phase::Identified;
        let work = ctx.programs[usize::from(ctx.jobs[job].class)].web_before;
        ctx.work(job, work, Step::WebBefore, false);
        Next::Parked
    }

    /// 401: nobody knows the cookie.
    fn refuse(&mut self, ctx: &mut Context, job: u32) -> Next {
        let own = ctx.jobs[job].node();
        ctx.jobs[job].failed = Some(Cause::Unauthorized);
        ctx.note_failure(job, own, Cause::Unauthorized);
        self.reply(ctx)
    }
}
