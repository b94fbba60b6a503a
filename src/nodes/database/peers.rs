//! Several primaries: all members of a cluster take writes, and tell each other what they have committed.
//!
//! - `contest.rs`: who has which of the values of a key that not everybody has yet, and which of them wins.
//! - `exchange.rs`: how changes travel: to all, or to the next one round the ring; at once, or at intervals (merge).
//! - `life.rs`: deaths, lost disks, new copies, and who is asked.
//!
//! A change is named by the number of its write, which grows at each origin. So what a member has is one number by origin:
//! it has applied that origin's changes up to there, in their order. What a change knew of when it was made is a copy of
//! these numbers; two changes of a key are *in conflict* if neither knew of the other. The one that the rule prefers stays,
//! the other is overwritten, everywhere. There are no values, and a key is in no list once all have the same.
//!
//! A log is kept as long as somebody lacks something of it. Beyond `log_entries` a change is left out that its own origin
//! has replaced, so memory is bounded by the keys written.
//!
//! The books: acknowledged = durable + lost + overwritten. *Lost* is what was only on a disk that is gone.

mod contest;
pub mod exchange;
pub mod life;

use std::collections::BTreeMap;

use crate::nodes::Context;
use crate::nodes::data::Data;
use crate::nodes::job::Errand;
use crate::time::{SimTime, Span};

use super::cluster::ClusterCounts;
use super::log::Entry;
use super::settings::{ConflictRule, Settings};
use super::stream;
use contest::{Contest, Held};
use exchange::Inlet;

/// The most members that all take writes: as many as a group of MySQL Group Replication may have.
pub const PEERS_MAX: usize = 9;

/// By origin, the number of a write up to which something holds.
pub type Vector = [u64; PEERS_MAX];

/// What names a change and says what it knew of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The number of its write.
    pub number: u64,
    /// The member that committed it.
    pub origin: u8,
    /// What that member had applied then.
    pub knows: Vector,
}

impl Stamp {
    /// Whether neither of two changes knew of the other.
    fn is_concurrent_with(&self, other: &Self) -> bool {
        let (earlier, later) = if self.number < other.number { (self, other) } else { (other, self) };
        earlier.number != later.number && later.knows[usize::from(earlier.origin)] < earlier.number
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is a part of the history.
    Kept,
    /// The rule preferred another one that did not know of it.
    Overwritten,
    /// It was only on a disk that is gone.
    Lost,
}

/// A change in the log of its origin.
#[derive(Clone, Copy, Debug)]
struct Change {
    stamp: Stamp,
    write: Entry,
    /// The numbers of the origin's own change that it replaced, and of the one that replaced it, as far as the log has them.
    prev: Option<u64>,
    /// See `prev`.
    next: Option<u64>,
    fate: Fate,
}

/// A member, as far as it exchanges changes.
#[derive(Clone, Debug, Default)]
struct Peer {
    /// Up to where it has applied what was committed, by origin; at its own, all.
    applied: Vector,
    /// Up to where it has it on its disk.
    has: Vector,
    /// What comes in, by the member that sends it.
    inlets: Vec<Inlet>,
    /// The change that is being applied: its origin and number.
    applying: Option<(u8, u64)>,
    /// How often it has begun anew: work from before means nothing.
    starts: u32,
    /// Whether a shipment is due.
    ships: bool,
    /// Whether it is one of those that are to get everything: its disk is not empty.
    counted: bool,
    /// Its own changes that clients were told of and that were overwritten.
    losers: u64,
}

/// Members that all take writes.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// Changes by origin and number.
    journals: Vec<BTreeMap<u64, Change>>,
    peers: Vec<Peer>,
    /// By key, what not everybody has yet.
    contests: BTreeMap<u32, Contest>,
    /// Changes that clients were told of, that are a part of the history, and that the logs have forgotten.
    settled: u64,
    /// Conflicts that nobody has been told of yet.
    untold: u32,
}

/// What is written up while changes are applied.
struct Books<'a> {
    data: &'a mut Data,
    counts: &'a mut ClusterCounts,
}

impl Peers {
    /// One more member; at the start of the run it has all that there is.
    pub(super) fn add(&mut self, at_start: bool) {
        self.journals.push(BTreeMap::new());
        self.peers.push(Peer { counted: at_start, ..Peer::default() });
        let count = self.peers.len();
        self.peers.iter_mut().for_each(|peer| peer.inlets.resize(count, Inlet::default()));
        self.contests.values_mut().for_each(Contest::add_member);
    }

    /// The version of a key's value that member `m` has: the newest write that it has applied there.
    pub fn version(&self, data: &Data, m: usize, key: u32) -> u64 {
        let contested = self.contests.get(&key).map_or(0, |contest| contest.seen(m));
        if contested > 0 { contested } else { data.version(key) }
    }

    /// Member `m` commits a write, which has its number.
    fn commit(&mut self, m: usize, write: Entry, settings: &Settings, mut books: Books) {
        let (key, number) = (write.key, write.number);
        let stamp = Stamp { number, origin: m as u8, knows: self.peers[m].applied };
        let lacking = (0..self.peers.len()).filter(|&i| i != m && self.peers[i].counted).count();
        let members = self.peers.len();
        let contest = self.contests.entry(key).or_insert_with(|| Contest::new(members));
        let before = contest.held(m).map(|held| held.stamp);
        contest.enter(&stamp, before.map(|before| before.number), settings.conflict_rule, lacking as u8);
        contest.replace(m, Held { stamp, forgotten: None });
        let own = before.filter(|before| usize::from(before.origin) == m).map(|before| before.number);
        self.journals[m].insert(number, Change { stamp, write, prev: own, next: None, fate: Fate::Kept });
        (self.peers[m].applied[m], self.peers[m].has[m]) = (number, number);
        self.close(key, &mut books);
        if let Some(replaced) = own.and_then(|before| self.journals[m].get_mut(&before)) {
            replaced.next = Some(number);
        }
        self.trim(m, settings.log_entries, number, &mut books);
    }

    /// Member `m` has applied the change of `origin` with this number.
    fn apply(&mut self, m: usize, origin: usize, number: u64, books: &mut Books) {
        self.peers[m].applied[origin] = number;
        let change = self.journals[origin].get(&number).filter(|change| change.fate != Fate::Lost);
        let Some(change) = change else { return };
        let (key, stamp) = (change.write.key, change.stamp);
        let contest = self.contests.get_mut(&key).expect("it is open as long as somebody lacks a change");
        let loser = contest.meet(m, stamp);
        contest.settle(number);
        if let Some(loser) = loser {
            self.overwrite(key, &loser, books);
        }
        self.close(key, books);
    }

    /// Member `m` passes over a change that its origin has replaced since, by one that comes along.
    fn pass_over(&mut self, m: usize, origin: usize, number: u64) {
        self.peers[m].applied[origin] = number;
        let key = self.journals[origin][&number].write.key;
        self.contests.get_mut(&key).expect("it is open as long as somebody lacks a change").settle(number);
    }

    /// A change has lost a conflict.
    fn overwrite(&mut self, key: u32, loser: &Held, books: &mut Books) {
        let (counts, number) = (&mut *books.counts, loser.stamp.number);
        match self.journals[usize::from(loser.stamp.origin)].get_mut(&number) {
            Some(change) if change.fate == Fate::Kept => {
                change.fate = Fate::Overwritten;
                let told = u64::from(change.write.acknowledged);
                counts.overwritten += told;
                self.peers[usize::from(loser.stamp.origin)].losers += told;
            }
            Some(_) => return,
            None if loser.forgotten == Some(true) => {
                // The log has forgotten it, and it stands among what is settled.
                self.settled -= 1;
                counts.overwritten += 1;
                self.peers[usize::from(loser.stamp.origin)].losers += 1;
                self.contests.get_mut(&key).expect("there is a conflict").note_forgotten(number, false);
            }
            None => return,
        }
        counts.conflicts += 1;
        self.untold += 1;
    }

    /// Where all have the same, there is nothing to remember of a key but its version.
    fn close(&mut self, key: u32, books: &mut Books) {
        let seen = match self.contests.get(&key) {
            Some(contest) if contest.is_over() => contest.newest(),
            Some(_) | None => return,
        };
        self.contests.remove(&key);
        books.data.write_as(key, seen);
    }

    /// Keeps a log short: forgets what all have, and beyond that what its origin has replaced by its newest change.
    fn trim(&mut self, origin: usize, most: usize, newest: u64, books: &mut Books) {
        while self.journals[origin].len() > most {
            let (&number, change) = self.journals[origin].first_key_value().expect("it is not empty");
            let lacks = |peer: &Peer| peer.counted && peer.applied[origin] < number;
            if change.fate != Fate::Lost && self.peers.iter().any(lacks) {
                break;
            }
            self.forget(origin, number);
        }
        if self.journals[origin].len() > most {
            self.leave_out(origin, newest, books);
        }
    }

    /// Leaves out those changes before `newest`, of the same key by the same origin, whose replacement everybody has who has
    /// them: who lacks both is sent only the later. So as many are left as there are members, at most.
    fn leave_out(&mut self, origin: usize, newest: u64, books: &mut Books) {
        let mut later = newest;
        while let Some(number) = self.journals[origin].get(&later).and_then(|change| change.prev)
            && let Some(&change) = self.journals[origin].get(&number)
        {
            let others = || self.peers.iter().enumerate().filter(|&(i, peer)| i != origin && peer.counted);
            if others().any(|(_, peer)| (number..later).contains(&peer.has[origin])) {
                later = number;
                continue;
            }
            let open = others().filter(|(_, peer)| peer.applied[origin] < number).count();
            let key = change.write.key;
            if let Some(contest) = self.contests.get_mut(&key) {
                (0..open).for_each(|_| contest.settle(number));
            }
            self.forget(origin, number);
            let journal = &mut self.journals[origin];
            journal.entry(later).and_modify(|own| own.prev = change.prev);
            if let Some(earlier) = change.prev.and_then(|earlier| journal.get_mut(&earlier)) {
                earlier.next = Some(later);
            }
            self.close(key, books);
        }
    }

    fn forget(&mut self, origin: usize, number: u64) {
        let change = self.journals[origin].remove(&number).expect("it is there");
        let stays = change.fate == Fate::Kept && change.write.acknowledged;
        self.settled += u64::from(stays);
        if let Some(contest) = self.contests.get_mut(&change.write.key) {
            contest.note_forgotten(number, stays);
        }
    }

    /// A client was told that the write with this number is written. Says whether it is one of these.
    pub(super) fn acknowledge(&mut self, number: u64, counts: &mut ClusterCounts) -> bool {
        let Some(change) = self.journals.iter_mut().find_map(|journal| journal.get_mut(&number)) else { return false };
        change.write.acknowledged = true;
        counts.acknowledged += 1;
        if change.fate == Fate::Overwritten {
            counts.overwritten += 1;
            self.peers[usize::from(change.stamp.origin)].losers += 1;
        }
        counts.lost += u64::from(change.fate == Fate::Lost);
        true
    }

    /// Writes that clients were told of and that are a part of the history.
    pub(super) fn durable(&self) -> u64 {
        let kept = |change: &&Change| change.fate == Fate::Kept && change.write.acknowledged;
        let kept = self.journals.iter().flat_map(BTreeMap::values).filter(kept).count();
        self.settled + kept as u64
    }

    /// What member `m` lacks, of each origin.
    fn lacking(&self, m: usize) -> impl Iterator<Item = impl Iterator<Item = &Change>> {
        let from = move |origin: usize| self.peers[m].applied[origin] + 1;
        let journals = self.journals.iter().enumerate().filter(move |&(origin, _)| origin != m);
        journals.map(move |(origin, journal)| {
            journal.range(from(origin)..).map(|(_, change)| change).filter(|change| change.fate != Fate::Lost)
        })
    }

    /// The age of the oldest change that member `m` lacks.
    pub(super) fn lag(&self, m: usize, now: SimTime) -> Span {
        let oldest = self.lacking(m).filter_map(|mut own| own.next()).map(|change| change.write.at).min();
        oldest.map_or(Span::ZERO, |at| now.since(at))
    }

    /// How many changes member `m` lacks.
    pub fn behind(&self, m: usize) -> u64 {
        self.lacking(m).map(|own| own.count() as u64).sum()
    }

    /// The number of the newest change that member `m` has applied.
    pub fn newest(&self, m: usize) -> u64 {
        self.peers[m].applied.iter().copied().max().unwrap_or(0)
    }

    /// Writes of member `m` that clients were told of and that were overwritten.
    pub fn losers(&self, m: usize) -> u64 {
        self.peers[m].losers
    }

    /// Keys of which not all members have the same value.
    pub fn contested(&self) -> usize {
        self.contests.len()
    }
}

/// Member `m` commits the write of `job`, and ships it if that is done at once.
pub(super) fn commit(ctx: &mut Context, c: usize, m: usize, job: u32) {
    let mut write = stream::entry_of(ctx, job);
    let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
    write.number = data.take_number();
    // What a cache has accepted for it has its version from there.
    if ctx.jobs[job].errand != Errand::Background {
        ctx.jobs[job].version = write.number;
    }
    let cluster = &mut ctx.clusters[c];
    cluster.members[m].counts.writes += 1;
    let peers = cluster.peers.as_mut().expect("they are peers");
    peers.commit(m, write, &cluster.settings, Books { data, counts: &mut cluster.counts });
    exchange::offer(ctx, c, m);
}

/// How a rule places a change among the others of its key; see [`Contest::enter`].
impl ConflictRule {
    /// The claim of a change by this origin: the smaller one wins, and of equals the later.
    fn claim(self, origin: u8) -> u8 {
        match self {
            Self::LastWriterWins | Self::FirstWriterWins => 0,
            Self::SitePriority => origin,
        }
    }
}

#[cfg(test)]
mod tests;
