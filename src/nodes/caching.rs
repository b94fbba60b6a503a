//! How a web server uses its caches: which of them it asks for a key, what it tells them, and what it does when one of them
//! does not answer.
//!
//! A look-up goes to one of the servers that hold the key, rather at the same place, and to the next one if that is dead.
//! What is to be held or forgotten goes to all of them, one after the other.

use crate::rng::mix;
use crate::time::{SimTime, Span};

use super::job::{Ask, Cause};
use super::placement::Holders;
use super::web::WebServer;
use super::{Context, Next, NodeId, TierId};

/// How the application uses a cache that holds entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keeps {
    /// What a write does to the entry of its key.
    pub on_write: OnWrite,
    /// Whether reads that miss the same key at the same time ask the database once.
    pub coalesces: bool,
    /// Whether the cache itself asks the database on a miss. Then there is no way around it.
    pub reads_through: bool,
    /// Whether writes go to the cache.
    pub writes_through: bool,
    /// How it finds out that a cache server is dead, if it remembers that.
    pub detection: Option<Detection>,
}

/// What a write does to the cache once the database has carried it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnWrite {
    /// It removes the entry.
    #[default]
    Invalidate,
    /// It puts the new value there.
    Update,
    /// Nothing: the entry stays until it expires.
    Nothing,
}

/// When a cache server is taken for dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// After so many calls in a row that it did not answer.
    pub failures: u32,
    /// For so long; then it is tried again.
    pub retry_after: Span,
    /// Whether the others share its keys out meanwhile.
    pub rehash: bool,
}

/// What a web server thinks of the cache servers: those that have lately not answered.
#[derive(Clone, Debug, Default)]
pub struct Opinion(Vec<Suspect>);

#[derive(Clone, Copy, Debug)]
struct Suspect {
    server: u16,
    /// Calls in a row that it did not answer.
    failures: u32,
    /// It is not asked before.
    dead_until: SimTime,
}

impl Opinion {
    /// A server has not answered.
    fn note_failure(&mut self, server: u16, detection: Detection, now: SimTime) {
        let at = self.0.iter().position(|suspect| suspect.server >= server).unwrap_or(self.0.len());
        if self.0.get(at).is_none_or(|suspect| suspect.server != server) {
            self.0.insert(at, Suspect { server, failures: 0, dead_until: SimTime::ZERO });
        }
        let suspect = &mut self.0[at];
        suspect.failures += 1;
        if suspect.failures >= detection.failures {
            suspect.dead_until = now + detection.retry_after;
        }
    }

    /// A server has answered.
    #[inline]
    fn note_answer(&mut self, server: u16) {
        if !self.0.is_empty() {
            self.0.retain(|suspect| suspect.server != server);
        }
    }

    /// Who is taken for dead, in ascending order.
    fn dead(&self, now: SimTime) -> Vec<u16> {
        self.0.iter().filter(|suspect| suspect.dead_until > now).map(|suspect| suspect.server).collect()
    }

    /// It thinks nothing of them.
    pub fn forget(&mut self) {
        self.0.clear();
    }
}

impl WebServer {
    /// A cached read.
    #[inline]
    pub(super) fn look_up(&mut self, ctx: &mut Context, job: u32, cache: TierId) -> Next {
        let mut holders = self.holders(ctx, job, cache);
        if holders.servers().len() > 1 {
            prefer(ctx, job, cache, &mut holders);
        }
        self.ask(ctx, job, cache, Ask::Get, holders)
    }

    /// A write that the cache is to take.
    pub(super) fn write_through(&mut self, ctx: &mut Context, job: u32, cache: TierId) -> Next {
        let holders = self.holders(ctx, job, cache);
        self.ask(ctx, job, cache, Ask::Write, holders)
    }

    /// The cache is told what was read from, or written to, the database.
    pub(super) fn keep(&mut self, ctx: &mut Context, job: u32, cache: TierId, keeps: Keeps) -> Next {
        let program = &ctx.programs[usize::from(ctx.jobs[job].class)];
        if ctx.jobs[job].missing {
            // There is nothing to keep.
            return self.finish(ctx, job);
        }
        let ask = match (program.cached, program.write) {
            (true, false) => Ask::Set,
            (_, true) => match keeps.on_write {
                OnWrite::Invalidate => Ask::Delete,
                OnWrite::Update => Ask::Set,
                OnWrite::Nothing => return self.finish(ctx, job),
            },
            (false, false) => return self.finish(ctx, job),
        };
        let holders = self.holders(ctx, job, cache);
        self.ask(ctx, job, cache, ask, holders)
    }

    /// A cache server has answered, or not.
    pub(super) fn back_from_cache(&mut self, ctx: &mut Context, job: u32, from: NodeId, cache: TierId) -> Next {
        let Some(keeps) = self.keeps else {
            let entry = &ctx.jobs[job];
            let answered = entry.failed.is_some() || entry.from_cache;
            return match answered {
                true if entry.failed.is_some() => self.reply(ctx),
                true => self.finish(ctx, job),
                false => self.call_database(ctx, job),
            };
        };
        let is_dead = ctx.jobs[job].failed.is_some() && ctx.jobs[job].failed_at == from;
        self.note(ctx, from, is_dead, keeps);
        let entry = &mut ctx.jobs[job];
        match (entry.ask, entry.failed) {
            (Ask::Get, None) if entry.from_cache || keeps.reads_through => self.finish(ctx, job),
            (Ask::Get, None) => self.call_database(ctx, job),
            (Ask::Get, Some(_)) if is_dead => self.go_on(ctx, job, cache),
            // Nothing is lost if another one takes a write that nobody has looked at.
            (Ask::Write, Some(Cause::Unreachable | Cause::Refused)) if is_dead => self.go_on(ctx, job, cache),
            (Ask::Get | Ask::Write, Some(_)) => self.reply(ctx),
            (Ask::Write, None) => {
                // The others that hold it are told.
                entry.ask = Ask::Set;
                self.go_on(ctx, job, cache)
            }
            (Ask::Set | Ask::Delete, _) => {
                entry.failed = None;
                self.go_on(ctx, job, cache)
            }
        }
    }

    /// The servers to turn to for the key of `job`: those that hold it and are not taken for dead.
    fn holders(&mut self, ctx: &Context, job: u32, cache: TierId) -> Holders {
        let tier = &ctx.tiers[cache.index()];
        let Some(places) = &tier.places else { return Holders::default() };
        let detection = self.keeps.and_then(|keeps| keeps.detection);
        let gone = detection.map_or_else(Vec::new, |_| self.opinion.dead(ctx.now));
        let gone: Vec<u16> = gone.into_iter().filter(|&server| usize::from(server) < tier.instances).collect();
        if detection.is_some_and(|detection| detection.rehash) {
            return places.holders_of(ctx.jobs[job].item, &gone);
        }
        let mut holders = places.holders_of(ctx.jobs[job].item, &[]);
        if !gone.is_empty() {
            holders.retain(|server| !gone.contains(&server));
        }
        holders
    }

    #[inline]
    fn ask(&mut self, ctx: &mut Context, job: u32, cache: TierId, ask: Ask, holders: Holders) -> Next {
        let entry = &mut ctx.jobs[job];
        (entry.ask, entry.holders) = (ask, holders);
        self.go_on(ctx, job, cache)
    }

    /// To the next server that holds the key; if there is none left, on without the cache.
    fn go_on(&mut self, ctx: &mut Context, job: u32, cache: TierId) -> Next {
        let entry = &mut ctx.jobs[job];
        if let Some(server) = entry.holders.take_next() {
            entry.failed = None;
            return Next::Call(ctx.tiers[cache.index()].members[usize::from(server)]);
        }
        match entry.ask {
            Ask::Set | Ask::Delete => self.finish(ctx, job),
            Ask::Get if self.keeps.is_none_or(|keeps| !keeps.reads_through) => {
                entry.failed = None;
                self.call_database(ctx, job)
            }
            Ask::Get | Ask::Write => {
                if entry.failed.is_none() {
                    let own = entry.node();
                    entry.failed = Some(Cause::Unreachable);
                    ctx.note_failure(job, own, Cause::Unreachable);
                }
                self.reply(ctx)
            }
        }
    }

    /// Whether a cache server has answered is remembered.
    #[inline]
    fn note(&mut self, ctx: &Context, server: NodeId, is_dead: bool, keeps: Keeps) {
        let Some(detection) = keeps.detection else { return };
        let instance = ctx.nodes[server.index()].instance;
        if is_dead {
            self.opinion.note_failure(instance, detection, ctx.now);
        } else {
            self.opinion.note_answer(instance);
        }
    }
}

/// Puts the servers at the place of the web server first, and otherwise begins with another one for each request.
pub(super) fn prefer(ctx: &Context, job: u32, cache: TierId, holders: &mut Holders) {
    let entry = &ctx.jobs[job];
    let own = ctx.nodes[entry.node().index()].site;
    let servers = holders.servers_mut();
    let first = (mix(entry.id ^ 0x6361_6368) % servers.len() as u64) as usize;
    servers.rotate_left(first);
    let members = &ctx.tiers[cache.index()].members;
    servers.sort_by_key(|&server| ctx.nodes[members[usize::from(server)].index()].site != own);
}
