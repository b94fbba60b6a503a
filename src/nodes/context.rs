//! What all nodes share: the clock, the queue, the requests in flight, machines, network, and those who listen.

use crate::engine::{Deadlines, LaneId, Queue, Slab};
use crate::rng::{Sampler, Step, unit};
use crate::time::{SimTime, Span};

use super::broker::again::Again;
use super::browsers::Browsers;
use super::cache::behind::BehindCounts;
use super::cdn::{Sources, TurnedAway};
use super::closed_loop::ClosedLoop;
use super::connections::Connections;
use super::data::Data;
use super::database::Cluster;
use super::disk::Disk;
use super::dns::NameCache;
use super::files::Files;
use super::job::{Cause, Errand, Job, Whereabouts};
use super::ledger::Ledger;
use super::links::Links;
use super::machine::{Begun, Machine};
use super::network::Network;
use super::observer::{Fact, Hop, Look, Observer};
use super::operations::Operations;
use super::population::Shares;
use super::sessions::Sessions;
use super::sharding::fields::Field;
pub use super::state::{Life, NodeState, TierState};
use super::trace::Tracer;
use super::worker::people;
use super::writes::Writes;
use super::{Event, NodeId, TierId};

/// A demand for work: its distribution, and the lane for it if it is constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// How long it takes on a core of speed 1.
    pub sampler: Sampler,
    lane: Option<LaneId>,
}

impl Work {
    /// Work that takes as long as the sampler says.
    pub fn new<E: Copy>(sampler: Sampler, queue: &mut Queue<E>) -> Self {
        let lane = match sampler {
            Sampler::Constant(span) => Some(queue.lane(span)),
            Sampler::Exponential { .. }
            | Sampler::LogNormal { .. }
            | Sampler::Uniform { .. }
            | Sampler::Hyperexponential { .. } => None,
        };
        Self { sampler, lane }
    }

    /// Whether there is nothing to do.
    #[inline]
    pub fn is_none(&self) -> bool {
        self.sampler.is_zero()
    }
}

/// What a class of requests asks of the servers.
#[derive(Clone, Debug)]
pub struct Program {
    /// Work of the web server before its first call.
    pub web_before: Work,
    /// Work of the web server after its last call.
    pub web_after: Work,
    /// Whether it looks in the cache, where there is one.
    pub cached: bool,
    /// Probability that it needs the database.
    pub database_probability: f64,
    /// Work of the database for each call.
    pub database: Work,
    /// Calls to the database, one after the other.
    pub database_trips: u8,
    /// Whether it changes data.
    pub write: bool,
    /// Whether its write is a new row.
    pub inserts: bool,
    /// What its write changes of a row that shards may go by.
    pub changes: Option<Field>,
    /// The one field that its query names; without it, the whole row is known.
    pub finds_by: Option<Field>,
    /// The databases that it asks, one after the other; without any, that of the web server.
    pub databases: Vec<TierId>,
    /// The tier whose address clients use for it.
    pub entry: TierId,
    /// The tier that edges ask for it, if clients send it to edges.
    pub origin: Option<TierId>,
    /// The files that it asks for.
    pub files: Option<Files>,
    /// Whether the web server has to know who sends it.
    pub session: bool,
    /// The size of an answer in bytes.
    pub bytes: u64,
    /// What the same user asks for next: classes, and how often.
    pub followed_by: Vec<(u8, u32)>,
    /// What is to be done beside the answer.
    pub job: Option<JobProgram>,
}

/// What a request has to be done beside its answer.
#[derive(Clone, Debug)]
pub struct JobProgram {
    /// Its work.
    pub work: Work,
    /// How long a person takes after that, if one decides.
    pub person: Option<Sampler>,
    /// The message that is published for it; without one, the web server does it.
    pub publish: Option<Publishing>,
}

/// A message that requests of a class publish.
#[derive(Clone, Debug, PartialEq)]
pub struct Publishing {
    /// The exchange.
    pub exchange: u8,
    /// Its routing keys, by number.
    pub keys: Vec<u8>,
    /// How often each occurs.
    pub shares: Shares,
    /// Whether it is written to the disk.
    pub persistent: bool,
    /// Whether it comes back if no queue is bound for it.
    pub mandatory: bool,
}

/// What all nodes share.
#[derive(Clone, Debug)]
pub struct Context {
    /// The seed of the run.
    pub seed: u64,
    /// The time of the event that is being handled.
    pub now: SimTime,
    /// Pending events.
    pub queue: Queue<Event>,
    /// Requests in flight.
    pub jobs: Slab<Job>,
    /// Those of them that set out by themselves at this instant, from the node where they are.
    pub departing: Vec<u32>,
    /// Machines by index.
    pub machines: Vec<Machine>,
    /// Disks by index.
    pub disks: Vec<Disk>,
    /// Nodes by [`NodeId`].
    pub nodes: Vec<NodeState>,
    /// Tiers by [`TierId`].
    pub tiers: Vec<TierState>,
    /// Classes by index.
    pub programs: Vec<Program>,
    /// Delays.
    pub network: Network,
    /// Links that are cut or slow.
    pub links: Links,
    /// The clients' time-outs: of answers by client group, then of the CDN by client group.
    pub deadlines: Vec<Deadlines>,
    /// What clients remember of the DNS.
    pub names: NameCache,
    /// The connections that devices keep open to the entry.
    pub connections: Connections,
    /// The connections that they keep open to the entries of single classes.
    pub side_connections: Connections,
    /// What devices keep of files.
    pub browsers: Browsers,
    /// Who has turned away from the CDN.
    pub turned_away: TurnedAway,
    /// By client group: which source addresses its users have.
    pub sources: Vec<Sources>,
    /// Users who wait for an answer before they ask again.
    pub closed_loop: ClosedLoop,
    /// The users' sessions, if they have any.
    pub sessions: Option<Sessions>,
    /// The site's data, where it has keys.
    pub data: Option<Data>,
    /// Databases that replicate.
    pub clusters: Vec<Cluster>,
    /// What became of writes.
    pub writes: Writes,
    /// Messages whose work may be done more than once.
    pub again: Again,
    /// After how long a server gives up one that is silent.
    pub silence: Span,
    /// How long the client groups wait for an answer; they are the first nodes.
    pub patience: Vec<Span>,
    /// The books.
    pub ledger: Ledger,
    /// Who watches.
    pub observer: Observer,
    /// What those who run the system know, where anybody does.
    pub operations: Option<Box<Operations>>,
    /// Single requests that are followed.
    pub tracer: Tracer,
}

impl Context {
    /// Whether a node serves.
    #[inline]
    pub fn is_up(&self, node: NodeId) -> bool {
        self.nodes[node.index()].life == Life::Up
    }

    /// Counts a job as waiting at its node.
    #[inline]
    pub fn begin_waiting(&mut self, node: NodeId) {
        let now = self.now;
        self.nodes[node.index()].waiting.increment(now);
    }

    /// Gives `job` work to do on the machine of its node. `queued` says that it was counted as waiting there.
    #[inline]
    pub fn work(&mut self, job: u32, work: Work, step: Step, queued: bool) {
        let entry = &self.jobs[job];
        let demand = work.sampler.sample(entry.key.draw(entry.attempt, step));
        self.work_for(job, demand, work.lane, queued);
    }

    /// The same with a demand that is known.
    #[inline]
    pub fn work_for(&mut self, job: u32, demand: Span, lane: Option<LaneId>, queued: bool) {
        let node = self.jobs[job].node();
        let machine = self.nodes[node.index()].machine.expect("a node that works has a machine");
        let machine_state = &mut self.machines[usize::from(machine)];
        match machine_state.begin(self.now, job, demand) {
            Begun::Runs(span) => {
                self.jobs[job].whereabouts = Whereabouts::Running;
                match lane {
                    Some(lane) if span == demand => self.queue.push_lane(lane, self.now, Event::Done { job }),
                    _ => self.queue.push(self.now + span, Event::Done { job }),
                }
                self.end_waiting(job, queued);
            }
            Begun::Shares => {
                if let Some(time) = machine_state.next_look() {
                    self.queue.push(time, Event::Look { machine });
                }
                self.end_waiting(job, queued);
            }
            Begun::Waits => {
                if !queued {
                    self.begin_waiting(node);
                }
            }
        }
    }

    /// A core of `machine` is free: the next job in line runs.
    #[inline]
    pub fn run_next(&mut self, next: Option<(u32, Span)>) {
        if let Some((job, span)) = next {
            self.jobs[job].whereabouts = Whereabouts::Running;
            self.queue.push(self.now + span, Event::Done { job });
            self.end_waiting(job, true);
        }
    }

    /// `job` is served from now on; its wait goes into the books if it is the first at this node.
    #[inline]
    pub(super) fn end_waiting(&mut self, job: u32, queued: bool) {
        let now = self.now;
        let entry = &self.jobs[job];
        if entry.traced {
            self.tracer.begins_work(entry, now);
        }
        let node = &mut self.nodes[entry.node().index()];
        if queued {
            node.waiting.decrement(now);
        }
        let is_request = entry.errand.is_clients() || entry.errand == Errand::Part;
        if entry.phase == super::job::Phase::Before && is_request {
            self.ledger.record_wait(node.tier, entry.id, now - entry.arrived);
        }
    }

    /// `job` stays at its node for as long as `work` says, without a machine of ours.
    #[inline]
    pub fn pass_time(&mut self, job: u32, work: Work, step: Step) {
        let entry = &mut self.jobs[job];
        entry.whereabouts = Whereabouts::Running;
        match work.lane {
            Some(lane) => self.queue.push_lane(lane, self.now, Event::Done { job }),
            None => {
                let span = work.sampler.sample(entry.key.draw(entry.attempt, step));
                self.queue.push(self.now + span, Event::Done { job });
            }
        }
    }

    /// `job` is answered with the newest version of the file that it asks for, if it asks for one.
    #[inline]
    pub fn read_file(&mut self, job: u32) {
        let entry = &mut self.jobs[job];
        if self.programs[usize::from(entry.class)].files.is_some() {
            let newest = self.data.as_ref().map_or(0, |data| data.version(entry.item));
            entry.read(newest);
        }
    }

    /// Whether a server that reads formats up to this one can read the value that `job` is to be answered with.
    #[inline]
    pub fn can_read(&self, job: u32, newest_format: u8) -> bool {
        let (Some(data), true) = (&self.data, newest_format < u8::MAX) else { return true };
        let entry = &self.jobs[job];
        let program = &self.programs[usize::from(entry.class)];
        program.write || program.files.is_some() || data.format(entry.item, entry.version) <= newest_format
    }

    /// `job` sets out: whoever watches it is told, and what it looks like, given whether it writes.
    #[inline]
    pub fn note_hop(
        &mut self,
        job: u32,
        from: NodeId,
        to: NodeId,
        end: SimTime,
        look: impl FnOnce(&Job, bool) -> Look,
    ) {
        let entry = &self.jobs[job];
        if entry.rank >= self.observer.shift {
            let look = look(entry, self.programs[usize::from(entry.class)].write);
            self.observer.hop(Hop { id: entry.id, from, to, start: self.now, end, look });
        }
        if entry.traced {
            self.tracer.travels(entry, from, to, self.now, end);
        }
    }

    /// `job`, which waits for another one or for somebody else, goes on at this instant.
    pub fn resume(&mut self, job: u32) {
        self.jobs[job].whereabouts = Whereabouts::Resuming;
        self.queue.push(self.now, Event::Join { job });
    }

    /// Whether the observer watches this job.
    #[inline]
    pub fn is_watched(&self, job: u32) -> bool {
        self.jobs[job].rank >= self.observer.shift
    }

    /// Whether `job` needs the database: where that is a plain probability, it is drawn.
    #[inline]
    pub fn needs_database(&self, job: u32) -> bool {
        let entry = &self.jobs[job];
        let probability = self.programs[usize::from(entry.class)].database_probability;
        probability > 0.0 && unit(entry.key.draw(entry.attempt, Step::DatabaseBranch)) < probability
    }

    /// A database has carried out the write of `job`.
    pub fn apply_write(&mut self, job: u32) {
        let entry = &mut self.jobs[job];
        match entry.errand {
            Errand::Background => {
                let written = std::mem::take(&mut entry.carries);
                self.behind_of(job).written += u64::from(written);
            }
            // A session is no client's write.
            Errand::Session => {}
            Errand::Name
            | Errand::Handshake(_)
            | Errand::Request
            | Errand::Part
            | Errand::Probe
            | Errand::Upkeep(_)
            | Errand::Delivery
            | Errand::Decision => {
                self.writes.apply(entry);
            }
        }
    }

    /// The writes behind of the tier of caches that `job` was sent by.
    fn behind_of(&mut self, job: u32) -> &mut BehindCounts {
        let tier = self.nodes[self.jobs[job].client().index()].tier;
        &mut self.tiers[tier.index()].behind
    }

    /// A request that is over is forgotten.
    #[inline]
    pub fn forget(&mut self, job: u32) {
        if self.jobs[job].carries > 0 {
            let lost = self.jobs[job].carries;
            self.behind_of(job).lost += u64::from(lost);
        }
        self.writes.forget(&self.jobs[job]);
        match self.jobs[job].errand {
            Errand::Delivery if self.jobs[job].delivery.is_doubted => {
                let entry = &self.jobs[job];
                self.again.release(entry.client(), entry.delivery.sequence);
            }
            Errand::Decision if !self.jobs[job].ghost => people::over(self, job),
            Errand::Name
            | Errand::Handshake(_)
            | Errand::Request
            | Errand::Probe
            | Errand::Background
            | Errand::Session
            | Errand::Part
            | Errand::Upkeep(_)
            | Errand::Delivery
            | Errand::Decision => {}
        }
        self.jobs.remove(job);
    }

    /// `rival` was made from `job`: where the request writes, both stand for the same write.
    pub fn contest(&mut self, job: u32, rival: u32) {
        let entry = &self.jobs[job];
        if entry.errand.is_clients() && self.programs[usize::from(entry.class)].write {
            self.writes.contest(&mut self.jobs, job, rival);
        }
    }

    /// The class of look-ups of sessions in their store; the next one is that of what is told to it.
    pub fn session_class(&self) -> u8 {
        self.programs.len() as u8 - 3
    }

    /// The tier that keeps sessions, if one does.
    pub fn session_store(&self) -> Option<TierId> {
        self.sessions.as_ref()?.signing_in?.store
    }

    /// What `node` had in its memory of sessions is gone.
    pub fn lose_sessions(&mut self, node: NodeId) {
        let now = self.now;
        let Some(sessions) = self.sessions.as_mut().filter(|sessions| sessions.signing_in.is_some()) else { return };
        let lost = sessions.lose(node, now);
        if lost > 0 {
            self.tell(Fact::SessionsLost { node, sessions: lost });
        }
    }

    /// The class of probes that are requests: the last one.
    pub fn probe_class(&self) -> u8 {
        self.programs.len() as u8 - 1
    }

    /// Notes that `job` failed at `node`.
    pub fn note_failure(&mut self, job: u32, node: NodeId, cause: Cause) {
        self.nodes[node.index()].failed += 1;
        self.jobs[job].failed_at = node;
        let entry = &self.jobs[job];
        self.observer.mark(self.now, node, cause, entry.rank);
    }

    /// Tells whoever listens.
    pub fn tell(&mut self, fact: Fact) {
        self.observer.tell(self.now, fact);
    }
}
