//! A request in flight: one [`Job`] per attempt.
//!
//! A job is at exactly one place: on the wire or in service (one pending event refers to it), or waiting (one queue
//! does). Its `path` is the chain of callers, from the client to where it is now; an answer goes back along it.

use crate::engine::Link;
use crate::rng::RequestKey;
use crate::time::SimTime;

pub use super::cause::Cause;
use super::placement::Holders;
use super::{NodeId, TierId};

/// The longest chain of callers: client, edge, global and local balancer, web server, service, store.
pub const PATH_MAX: usize = 7;

/// Where a job is, relative to the last node of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// On its way there.
    Outbound,
    /// There, waiting or being served, with no event of its own.
    Held,
    /// There, being served; an event will say when it is done.
    Running,
    /// There, while its machine's disk reads for it; an event will say when that is done.
    Reading,
    /// There, and about to go on: an event of this very instant says so.
    Resuming,
    /// On its way back to the caller.
    Inbound,
}

/// Which part of a web server's program a job is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the first call; where it needs a session, before it is known who sends it.
    Before,
    /// Before the first call, once that is known.
    Identified,
    /// After the last call.
    After,
    /// At the job that it has beside its answer, which no message was published for.
    Job,
    /// While a person decides.
    Person,
}

/// What a job is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A client asks for the address.
    Name,
    /// A client opens a connection; so many round trips are left, this one counted.
    Handshake(u8),
    /// The request itself.
    Request,
    /// A balancer or name server looks whether a server answers.
    Probe,
    /// A cache writes to the database what it has accepted, or reads anew what is about to expire.
    Background,
    /// A web server asks the store for the session of another job's user, or tells it of one.
    Session,
    /// A part of a request that asks all shards of a database.
    Part,
    /// A cluster of databases sees to itself: nobody sent it, and it stays where it is.
    Upkeep(Upkeep),
    /// A broker sends a message to a consumer, who acknowledges it.
    Delivery,
    /// A worker publishes what a person has decided.
    Decision,
}

/// What a database does for its cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// It applies a write of the primary's log.
    Apply,
    /// It reads or writes a piece of a copy.
    Copy,
    /// It carries out a write of an old primary's log.
    Replay,
    /// It reads a piece of a backup.
    Backup,
    /// It writes a piece of a backup that is restored, or replays the archived log.
    Restore,
    /// It deletes rows by mistake.
    Delete,
    /// A shard reads a piece of what moves to another one.
    MoveOut,
    /// A shard writes a piece of what moves to it.
    MoveIn,
    /// A shard carries out what was written elsewhere while rows moved to it.
    CatchUp,
}

impl Errand {
    /// Whether it is a client's: what goes into the books.
    pub fn is_clients(self) -> bool {
        match self {
            Self::Name | Self::Handshake(_) | Self::Request => true,
            Self::Probe
            | Self::Background
            | Self::Session
            | Self::Part
            | Self::Upkeep(_)
            | Self::Delivery
            | Self::Decision => false,
        }
    }

    /// Whether it counts among what a node has served once it is answered: what only opens a connection, looks after others or
    /// sees to the node itself does not.
    #[inline]
    pub fn is_served(self) -> bool {
        match self {
            Self::Name
            | Self::Request
            | Self::Background
            | Self::Session
            | Self::Part
            | Self::Delivery
            | Self::Decision => true,
            Self::Handshake(_) | Self::Probe | Self::Upkeep(_) => false,
        }
    }
}

/// Of a delivery: which message it is, and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The message's number at its broker.
    pub sequence: u32,
    /// The queue that it comes from.
    pub queue: u8,
    /// What the consumer did with it.
    pub handling: Handling,
    /// Its broker has died since: nobody waits for the acknowledgement.
    pub is_stray: bool,
    /// It is counted among those that may do the work of the message.
    pub is_doubted: bool,
}

/// What a consumer did with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handling {
    /// Nothing yet.
    #[default]
    Untouched,
    /// It had done it before, and remembers.
    Recognised,
    /// It was done.
    Done,
    /// It could not be done.
    Refused,
}

/// What is asked of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What it holds for a key.
    Get,
    /// To hold a value from now on.
    Set,
    /// To hold nothing for a key any more.
    Delete,
    /// To write a value: to hold it, and to see to it that the database does.
    Write,
}

/// One attempt of a request.
#[derive(Clone, Debug)]
pub struct Job {
    /// The request's number in the run.
    pub id: u64,
    /// All its randomness.
    pub key: RequestKey,
    /// When the client sent its first attempt.
    pub sent: SimTime,
    /// When the client began this attempt.
    pub tried: SimTime,
    /// When a balancer last sent it on.
    pub forwarded: SimTime,
    /// When it reached the node where it is.
    pub arrived: SimTime,
    /// Its place among the client's time-outs.
    pub deadline: Link,
    /// Who sent it.
    pub user: u32,
    path: [NodeId; PATH_MAX],
    /// When each of these was sent the request, in units of 1,024 ns; at the entry, when it arrived there.
    pub(super) since: [u32; PATH_MAX],
    depth: u8,
    /// Callers below this index are gone: an answer that would reach them is dropped.
    pub floor: u8,
    /// Index of its class.
    pub class: u8,
    /// Which of the request's tries this is, from 0, those of balancers counted: its draws are its own.
    pub attempt: u8,
    /// Which attempt of the client this is, from 0.
    pub client_attempt: u8,
    /// How often balancers have tried this attempt again.
    pub passes: u8,
    /// What it is sent for.
    pub errand: Errand,
    /// The address that the DNS has answered, and the second at which that is forgotten.
    pub address: u16,
    /// See `address`.
    pub record_until: u32,
    /// Its write was carried out.
    pub applied: bool,
    /// Another job stands for the same write; see [`super::writes`].
    pub contested: bool,
    /// Trailing zero bits of the hash of its id: it is among the watched ones when this is at least the observer's
    /// shift.
    pub rank: u8,
    /// Where it is.
    pub whereabouts: Whereabouts,
    /// Where in the web server's program.
    pub phase: Phase,
    /// Calls to the database that are still to be made, the present one counted.
    pub trips: u8,
    /// It was answered from a cache.
    pub from_cache: bool,
    /// What it asks a cache for.
    pub ask: Ask,
    /// The cache servers to ask, and which is next.
    pub holders: Holders,
    /// The key of what it is about, where there are keys.
    pub item: u32,
    /// Which of the databases that its class asks it is at, from 0.
    pub leg: u8,
    /// The shards that its write goes to, or the one that it reads from; and the one that it is at.
    pub homes: Holders,
    /// See `homes`.
    pub shard: u16,
    /// How often rows had moved when it was sent there.
    pub shard_epoch: u8,
    /// The shard that it came to does not have the row any more.
    pub sent_on: bool,
    /// Its write has made a new row.
    pub is_new: bool,
    /// It waits for its parts, of which so many are out.
    pub gathers: bool,
    /// See `gathers`.
    pub parts: u16,
    /// Of a part: the request that waits for it.
    pub parent: u32,
    /// The version of the value that it has read from, or written to, the database.
    pub version: u64,
    /// The newest version that a client had been told of when the request was sent: to read an older one is stale.
    pub expects: u64,
    /// The format in which it writes its value.
    pub format: u8,
    /// Whether what it has read is older than that.
    pub stale: bool,
    /// The database has no row for its key, since that was deleted by mistake.
    pub missing: bool,
    /// Others at its web server wait for what it asks of the database.
    pub leads: bool,
    /// The number of the fill that it carries out for an edge; 0 if it carries out none.
    pub fill: u32,
    /// Until when its answer is fresh, as an edge says; zero if none has said so.
    pub fresh_until: SimTime,
    /// The tier whose address its client uses.
    pub target: TierId,
    /// Which list of time-outs it is in, once it was sent.
    pub list: u8,
    /// Its client has turned from the CDN to the origin.
    pub fell_back: bool,
    /// The client no longer waits for it; its work goes on.
    pub abandoned: bool,
    /// Only an event still refers to it.
    pub ghost: bool,
    /// Its spans are noted.
    pub traced: bool,
    /// Its user waits for it, in a closed loop, before the next request.
    pub in_loop: bool,
    /// Of a delivery: which message it is.
    pub delivery: Delivery,
    /// Accepted writes that it brings to the database.
    pub carries: u32,
    /// It comes with name and password, since its client has no cookie or was answered 401.
    pub signs_in: bool,
    /// The store has answered the question who sends it.
    pub told: bool,
    /// Of a job that asks the store: for which other one.
    pub asked_for: u32,
    /// Why it failed, if it did.
    pub failed: Option<Cause>,
    /// Where.
    pub failed_at: NodeId,
}

impl Job {
    /// Of a job that no client waits for.
    pub const NO_LIST: u8 = u8::MAX;

    /// A request at its client.
    pub fn new(id: u64, seed: u64, now: SimTime, user: u32, class: u8, client: NodeId) -> Self {
        let mut path = [NodeId::NONE; PATH_MAX];
        path[0] = client;
        Self {
            id,
            key: RequestKey::new(seed, id),
            sent: now,
            tried: now,
            forwarded: now,
            arrived: now,
            deadline: Link::default(),
            user,
            path,
            since: [0; PATH_MAX],
            depth: 1,
            floor: 0,
            class,
            attempt: 0,
            client_attempt: 0,
            passes: 0,
            errand: Errand::Request,
            address: 0,
            record_until: 0,
            applied: false,
            contested: false,
            rank: crate::rng::mix(id ^ 0x0b5e_7e12).trailing_zeros() as u8,
            whereabouts: Whereabouts::Held,
            phase: Phase::Before,
            trips: 0,
            from_cache: false,
            ask: Ask::Get,
            holders: Holders::default(),
            item: 0,
            leg: 0,
            homes: Holders::default(),
            shard: 0,
            shard_epoch: 0,
            sent_on: false,
            is_new: false,
            gathers: false,
            parts: 0,
            parent: 0,
            version: 0,
            expects: 0,
            format: 0,
            stale: false,
            missing: false,
            leads: false,
            fill: 0,
            fresh_until: SimTime::ZERO,
            target: TierId(0),
            list: Self::NO_LIST,
            fell_back: false,
            abandoned: false,
            ghost: false,
            traced: false,
            in_loop: false,
            delivery: Delivery::default(),
            carries: 0,
            signs_in: false,
            told: false,
            asked_for: 0,
            failed: None,
            failed_at: NodeId::NONE,
        }
    }

    /// The node where it is, or to or from which it travels.
    #[inline]
    pub fn node(&self) -> NodeId {
        self.path[usize::from(self.depth) - 1]
    }

    /// The client group that sent it.
    #[inline]
    pub fn client(&self) -> NodeId {
        self.path[0]
    }

    /// The callers, from the client to where it is.
    #[inline]
    pub fn path(&self) -> &[NodeId] {
        &self.path[..usize::from(self.depth)]
    }

    /// Sets out for `node`.
    #[inline]
    pub fn enter(&mut self, now: SimTime, node: NodeId) {
        self.path[usize::from(self.depth)] = node;
        self.since[usize::from(self.depth)] = super::operations::ticks(now);
        self.depth += 1;
    }

    /// Is back at the caller; returns the node that it comes from.
    #[inline]
    pub fn leave(&mut self) -> NodeId {
        let from = self.node();
        self.depth -= 1;
        from
    }

    /// It reads this version of its key's value. Says whether that is stale.
    #[inline]
    pub fn read(&mut self, version: u64) -> bool {
        self.version = version;
        self.stale = version < self.expects;
        self.stale
    }

    /// Who sent it on to where it is.
    #[inline]
    pub fn caller(&self) -> NodeId {
        self.path[usize::from(self.depth) - 2]
    }

    /// It is tried once more, from where it is.
    pub fn renew(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
        self.failed = None;
        self.from_cache = false;
        self.told = false;
        self.stale = false;
        self.missing = false;
        self.phase = Phase::Before;
        self.leg = 0;
        self.gathers = false;
    }

    /// Forgets all of the path after index `last`.
    pub fn cut_after(&mut self, last: usize) {
        self.depth = last as u8 + 1;
    }
}
