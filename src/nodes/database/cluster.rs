//! A primary and its replicas: who is what, who has what, and who is asked.
//!
//! The first instance begins as the primary. Writes go to it; reads go to the replicas in turn, and to the primary where
//! none is to be had. No data is copied: a member's state is its positions in the log of the line that it follows —
//! received (in memory), flushed (on disk), applied (to be read). A replica that has applied up to a write sees that and
//! all before it.
//!
//! There is one present line of history. When a replica is promoted, what the old primary had and the new one has not
//! becomes a stray line: with a dead primary that is what is lost, with a living one that nobody has fenced it goes on
//! growing. It ends when its primary comes back.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::Index;
use crate::nodes::context::Life;
use crate::nodes::data::Data;
use crate::nodes::{Context, NodeId, TierId};
use crate::time::{SimTime, Span};

use super::backup::Store;
use super::deletion::Deletions;
use super::failover::Phase;
use super::log::Entry;
use super::member::{Line, Member, MemberCounts, Role};
use super::peers::{Peers, life};
use super::restore::{Recovery, Restoring};
use super::settings::{Acknowledge, Mode, Reads, ReplicationKind, Settings};

/// What came of failovers and recoveries since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterCounts {
    /// Writes that clients were told of.
    pub acknowledged: u64,
    /// Those of them that the primary does not have.
    pub lost: u64,
    /// Writes that were lost and then replayed from an old primary's log.
    pub recovered: u64,
    /// Writes of an old primary that were not replayed, since their keys had been written to meanwhile.
    pub conflicts: u64,
    /// Writes that a second primary took.
    pub diverged: u64,
    /// Promotions, planned ones too.
    pub promotions: u64,
    /// Writes that clients were told of and that a rule for conflicts overwrote.
    pub overwritten: u64,
    /// Restores from the store.
    pub restores: u64,
}

/// A primary and its replicas.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its tier.
    pub tier: TierId,
    /// How it replicates.
    pub settings: Settings,
    /// Its members by instance.
    pub members: Vec<Member>,
    /// How many of them are meant to be there: the first ones.
    pub instances: usize,
    /// The present line of history.
    pub line: Line,
    /// Lines that were left behind, each by the old primary that has it.
    pub strays: Vec<Line>,
    /// Where all take writes: what they exchange.
    pub peers: Option<Box<Peers>>,
    /// Whether a failover is under way.
    pub phase: Phase,
    /// What came of it all.
    pub counts: ClusterCounts,
    /// What is kept of it elsewhere.
    pub store: Store,
    /// The restore that is under way.
    pub restoring: Option<Restoring>,
    /// What the last death of a primary, or the last restore, came to.
    pub recovery: Option<Recovery>,
    /// Rows that were deleted by mistake.
    pub deletions: Deletions,
    /// Since when its primary is dead, and since when it is known that all data is lost.
    pub(super) down_since: SimTime,
    pub(super) bereft_since: SimTime,
    pub(super) restores: u16,
    /// Writes that clients were told of and that the log has since forgotten.
    pub(super) settled: u64,
    /// Internal jobs so far, by which they are numbered; steps of failovers, and copies.
    pub(super) errands: u64,
    pub(super) step: u16,
    pub(super) copies: u32,
    /// What is still to be replayed of old primaries' logs, each with the number of the last write before it strayed.
    pub(super) replays: VecDeque<(Entry, u64)>,
    pub(super) replaying: bool,
    /// By key, the number of the write that replayed it last.
    pub(super) replayed: Index<u64>,
    /// Writes that are in no log, whose clients may still be told of them: what they were replayed as, if they were.
    pub(super) gone: BTreeMap<u64, Option<u64>>,
    /// Whose turn it is to read.
    pub(super) turn: usize,
    /// Until when the reads of those who wrote go to the primary.
    wrote: Index<u64>,
}

impl Cluster {
    /// A cluster whose first instance is the primary; members are added as they are made.
    pub fn new(tier: TierId, settings: Settings) -> Self {
        Self {
            tier,
            settings,
            members: Vec::new(),
            instances: 0,
            line: Line::default(),
            strays: Vec::new(),
            peers: settings.kind.has_peers().then(Box::default),
            phase: Phase::Normal,
            counts: ClusterCounts::default(),
            store: Store::default(),
            restoring: None,
            recovery: None,
            deletions: Deletions::default(),
            down_since: SimTime::NEVER,
            bereft_since: SimTime::NEVER,
            restores: 0,
            settled: 0,
            errands: 0,
            step: 0,
            copies: 0,
            replays: VecDeque::new(),
            replaying: false,
            replayed: Index::default(),
            gone: BTreeMap::new(),
            turn: 0,
            wrote: Index::default(),
        }
    }

    /// One more member. At the start of the run it has all that there is; later its disk is empty.
    pub fn add(&mut self, node: NodeId, at_start: bool, takes_reads: bool) {
        let writes = self.members.is_empty() || self.peers.is_some();
        let role = if writes { Role::Primary } else { Role::Replica };
        let mut member = Member::new(node, role, takes_reads);
        member.follows = if writes { self.members.len() } else { self.line.primary };
        if let Some(peers) = &mut self.peers {
            peers.add(at_start);
        }
        if !at_start {
            member.empty = true;
            member.listed = false;
            member.in_sync = false;
            member.connected = false;
        }
        self.members.push(member);
    }

    /// The instance of a node.
    #[inline]
    pub fn instance_of(&self, node: NodeId) -> usize {
        self.members.iter().position(|member| member.node == node).expect("it is a member")
    }

    /// The instances that are meant to be there.
    pub fn present(&self) -> std::ops::Range<usize> {
        0..self.instances.min(self.members.len())
    }

    /// The line of history that a member is on.
    pub fn line_of(&self, m: usize) -> &Line {
        let follows = self.members[m].follows;
        self.strays.iter().find(|line| line.primary == follows).unwrap_or(&self.line)
    }

    pub(super) fn line_mut(&mut self, m: usize) -> &mut Line {
        let follows = self.members[m].follows;
        self.strays.iter_mut().find(|line| line.primary == follows).unwrap_or(&mut self.line)
    }

    /// Whether a member takes new writes.
    #[inline]
    pub fn takes_writes(&self, m: usize) -> bool {
        self.commits(m) && !self.is_switching(m)
    }

    /// Whether a member commits the writes that it has in hand.
    #[inline]
    pub fn commits(&self, m: usize) -> bool {
        let member = &self.members[m];
        member.role == Role::Primary && !member.stepped_down && !member.empty
    }

    /// Whether a planned change is about to take member `m` its role.
    pub fn is_switching(&self, m: usize) -> bool {
        matches!(self.phase, Phase::Switching(_)) && self.line.primary == m
    }

    /// The version of a key's value that a member has. It may name a version between the one that is really there and the
    /// newest that could be: whether it is older than a given write is right all the same.
    #[inline]
    pub fn version_at(&self, data: &Data, m: usize, key: u32) -> u64 {
        if let Some(peers) = &self.peers {
            return peers.version(data, m, key);
        }
        let member = &self.members[m];
        let newest = if self.strays.is_empty() { data.version(key) } else { self.line_of(m).version(data, key) };
        match member.role {
            Role::Primary => newest,
            Role::Replica => newest.min(member.applied_number),
        }
    }

    /// The number of the write at a position of the present line, as far as the log goes back.
    pub(super) fn number_at(&self, position: u64) -> u64 {
        self.line.log.get(position).map_or(0, |entry| entry.number)
    }

    /// Where a read goes: to the replicas in turn; to the primary for those who have just written, and where there is no
    /// replica that is well. Who asks leaves out those that he knows to be `out_of_reach`.
    #[inline]
    fn reader(&mut self, user: u32, now: SimTime, out_of_reach: impl Fn(NodeId) -> bool) -> usize {
        let primary = self.line.primary;
        if self.settings.reads == Reads::Primary || self.reads_own_writes(user, now) {
            return primary;
        }
        for _ in self.present() {
            self.turn = if self.turn + 1 < self.instances { self.turn + 1 } else { 0 };
            let member = &self.members[self.turn];
            if member.role == Role::Replica && self.is_fit_to_read(self.turn) && !out_of_reach(member.node) {
                return self.turn;
            }
        }
        primary
    }

    /// Whether reads are sent to a replica. Where a commit means that all replicas have applied it, one that commits do not
    /// wait for would answer with what is older.
    #[inline]
    fn is_fit_to_read(&self, m: usize) -> bool {
        let member = &self.members[m];
        let strict = self.settings.mode == Mode::Synchronous && self.settings.acknowledge == Acknowledge::Apply;
        member.listed && member.takes_reads && (member.in_sync || !strict)
    }

    /// Where a write goes: to the primary. Who knows that to be out of reach asks an old primary that is not, if there is
    /// one: it may not know better.
    #[inline]
    fn writer(&self, out_of_reach: impl Fn(NodeId) -> bool) -> Option<usize> {
        let primary = self.line.primary;
        let is_lost = matches!(self.phase, Phase::Electing(_) | Phase::Promoting(..) | Phase::Restoring);
        if !is_lost && self.strays.is_empty() || !out_of_reach(self.members[primary].node) {
            return Some(primary);
        }
        let old = self.strays.iter().map(|line| line.primary);
        let old = old.into_iter().find(|&old| !out_of_reach(self.members[old].node));
        old.or((!is_lost).then_some(primary))
    }

    #[inline]
    fn reads_own_writes(&self, user: u32, now: SimTime) -> bool {
        self.settings.read_your_writes > Span::ZERO && self.wrote.get(user).is_some_and(|until| now.0 < until)
    }

    /// A user has written: his reads go to the primary for a while.
    pub fn note_write(&mut self, user: u32, now: SimTime) {
        if self.settings.read_your_writes > Span::ZERO {
            self.wrote.set(user, (now + self.settings.read_your_writes).0);
        }
    }

    /// Replicas that a commit of primary `m` waits for.
    #[inline]
    pub(super) fn needed(&self, m: usize) -> usize {
        let follows = |i: &usize| *i != m && self.members[*i].follows == m && self.members[*i].in_sync;
        match self.settings.mode {
            Mode::Asynchronous => 0,
            Mode::SemiSynchronous => {
                self.present().filter(follows).count().min(self.settings.acknowledgements as usize)
            }
            Mode::Synchronous => self.present().filter(follows).count(),
        }
    }

    /// A client was told that the write with this number is written. Says whether it was one of this cluster.
    pub fn acknowledge(&mut self, number: u64) -> bool {
        if let Some(peers) = &mut self.peers {
            return peers.acknowledge(number, &mut self.counts);
        }
        let replayed_as = match self.gone.remove(&number) {
            Some(None) => {
                self.counts.acknowledged += 1;
                self.counts.lost += 1;
                return true;
            }
            Some(Some(new)) => new,
            None => number,
        };
        if let Some(entry) = self.line.log.find(replayed_as) {
            entry.acknowledged = true;
        } else {
            let strayed = self.strays.iter_mut().find_map(|line| line.log.find(number));
            let waiting = self.replays.iter_mut().map(|(entry, _)| entry).find(|entry| entry.number == number);
            let Some(entry) = strayed.or(waiting) else { return false };
            entry.acknowledged = true;
            self.counts.lost += 1;
        }
        self.counts.acknowledged += 1;
        true
    }

    /// Writes that clients were told of and that the primary has.
    pub fn durable(&self) -> u64 {
        let peers = self.peers.as_ref().map_or(0, |peers| peers.durable());
        peers + self.settled + self.line.log.acknowledged()
    }

    /// What its members have done so far; the longest lags are counted anew.
    pub fn begin_measuring(&mut self) -> Vec<MemberCounts> {
        self.members.iter_mut().for_each(|member| member.lag_max = Span::ZERO);
        self.members.iter().map(|member| member.counts).collect()
    }

    /// Up to where a member has applied what was committed: a position in the log, or the number of the newest write.
    pub fn position(&self, m: usize) -> u64 {
        self.peers.as_ref().map_or(self.members[m].applied, |peers| peers.newest(m))
    }

    /// How many writes a member is behind.
    pub fn writes_behind(&self, m: usize) -> u64 {
        let tip = || self.line_of(m).log.tip().saturating_sub(self.members[m].applied);
        self.peers.as_ref().map_or_else(tip, |peers| peers.behind(m))
    }

    /// How far a member is behind: the age of the oldest write that it has not applied.
    pub fn lag(&self, m: usize, now: SimTime) -> Span {
        if let Some(peers) = &self.peers {
            return peers.lag(m, now);
        }
        let (log, member) = (&self.line_of(m).log, &self.members[m]);
        let forgotten = member.applied < log.oldest() && self.settings.kind == ReplicationKind::Snapshot;
        let oldest = log.get(member.applied + 1).map(|entry| entry.at).or(forgotten.then_some(member.as_of));
        oldest.map_or(Span::ZERO, |at| now.since(at))
    }
}

impl Context {
    /// The cluster of a node, and the node's instance in it, if it is in one.
    #[inline]
    pub fn member_of(&self, node: NodeId) -> Option<(usize, usize)> {
        let (cluster, member) = self.nodes[node.index()].member?;
        Some((usize::from(cluster), usize::from(member)))
    }

    /// Which member of cluster `c` the server `from` asks for a read or a write of `user`; nobody where it knows that there
    /// is no primary. That a server is dead, or that there is no way to it, is known after as many heartbeats as all else.
    #[inline]
    pub fn route(&mut self, c: usize, from: NodeId, user: u32, write: bool) -> Option<NodeId> {
        let nearest = !write && self.clusters[c].settings.reads.are_by_distance();
        if nearest || self.clusters[c].peers.is_some() {
            return Some(life::nearest(self, c, from));
        }
        let cluster = &mut self.clusters[c];
        let patience = Span(cluster.settings.heartbeat.0 * u64::from(cluster.settings.missed));
        let lost = matches!(cluster.phase, Phase::Electing(_) | Phase::Promoting(..) | Phase::Restoring);
        let (links, nodes, now) = (&self.links, &self.nodes, self.now);
        let out_of_reach = |node: NodeId| {
            let known_dead = lost && write && nodes[node.index()].life != Life::Up;
            known_dead || (!links.are_well() && links.cut_for(from, node, now).is_some_and(|span| span >= patience))
        };
        let m = match write {
            false => cluster.reader(user, now, out_of_reach),
            true => cluster.writer(out_of_reach)?,
        };
        Some(cluster.members[m].node)
    }

    /// Whether a member's process runs.
    pub(super) fn lives(&self, c: usize, m: usize) -> bool {
        self.nodes[self.clusters[c].members[m].node.index()].life == Life::Up
    }

    /// Whether messages get from one member to another.
    pub(super) fn hears(&self, c: usize, a: usize, b: usize) -> bool {
        let members = &self.clusters[c].members;
        !self.links.cuts(members[a].node, members[b].node)
    }

    /// The cluster of the shard that has a key, where databases are sharded.
    fn cluster_of(&self, key: u32) -> Option<usize> {
        let tier = self.tiers.iter().find(|tier| tier.shards.is_some() && !tier.clusters.is_empty())?;
        let shard = tier.shards.as_ref()?.home(key);
        tier.clusters.get(usize::from(shard)).map(|&cluster| usize::from(cluster))
    }

    /// A client was told that its write is written.
    pub fn acknowledge(&mut self, key: u32, number: u64) {
        if let Some(data) = &mut self.data {
            data.acknowledge(key, number);
        }
        // The one that wrote it, as far as that is known; else the first that knows it takes it.
        let likely = self.cluster_of(key);
        if likely.is_none_or(|likely| !self.clusters[likely].acknowledge(number)) {
            let _ = self.clusters.iter_mut().any(|cluster| cluster.acknowledge(number));
        }
    }
}
