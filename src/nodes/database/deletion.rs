//! Rows that a statement deletes by mistake: one write like any other, which replicas apply like any other.
//!
//! Which keys it hits is a function of key and statement, so nothing is listed but those that were written anew since: a
//! write makes the whole value, so there is a row again. What was in the old one only a backup has. A read of a row that is
//! not there is answered with that, and is counted as missing. On a line of history that was left, statements after the
//! fork are not kept track of.

use crate::engine::Index;
use crate::nodes::job::Upkeep;
use crate::nodes::observer::Fact;
use crate::nodes::{Context, TierId};
use crate::rng::{RequestKey, mix};
use crate::time::{SimTime, Span};

use super::log::Entry;
use super::member::Role;
use super::{Cluster, copy, stream};

/// The key of a statement in the log: no request asks for it.
pub(super) const STATEMENT: u32 = u32::MAX;

/// The most keys that are looked at one by one to say how many rows were hit; of more, the share says it well enough.
const COUNTED_MAX: u32 = 10_000_000;

/// A statement that somebody has sent.
#[derive(Clone, Copy, Debug)]
struct Statement {
    /// Its place in the order in which they were sent.
    id: u32,
    /// How many keys there are.
    keys: u32,
    /// It hits a key whose hash is below this.
    below: u64,
    /// What it takes on the primary.
    work: Span,
}

/// A statement that was carried out.
#[derive(Clone, Debug)]
struct Deletion {
    /// Its number among the writes.
    number: u64,
    /// When it was committed.
    at: SimTime,
    below: u64,
    work: Span,
    /// The first write since, of the keys that it hit and that were written anew.
    again: Index<u64>,
}

impl Deletion {
    #[inline]
    fn hits(&self, key: u32) -> bool {
        hits(self.number, self.below, key)
    }
}

#[inline]
fn hits(number: u64, below: u64, key: u32) -> bool {
    mix(number ^ mix(u64::from(key))) < below
}

/// The statements of a cluster's present line.
#[derive(Clone, Debug, Default)]
pub struct Deletions {
    sent: Vec<Statement>,
    count: u32,
    done: Vec<Deletion>,
}

impl Deletions {
    /// A write of `key` got this number.
    #[inline]
    pub(super) fn note_write(&mut self, key: u32, number: u64) {
        for deletion in &mut self.done {
            if deletion.hits(key) && deletion.again.get(key).is_none() {
                deletion.again.set(key, number);
            }
        }
    }

    /// When rows were first deleted that are not restored.
    pub fn since(&self) -> Option<SimTime> {
        self.done.first().map(|deletion| deletion.at)
    }

    /// What a statement takes on the primary.
    pub(super) fn work(&self, number: u64) -> Option<Span> {
        self.done.iter().find(|deletion| deletion.number == number).map(|deletion| deletion.work)
    }

    /// Writes after this one are not on the present line any more.
    pub(super) fn go_back_to(&mut self, number: u64) {
        self.done.retain(|deletion| deletion.number <= number);
        for deletion in &mut self.done {
            deletion.again.retain(|_, write| write <= number);
        }
    }
}

impl Cluster {
    /// Whether a member finds no row for a key, since it was deleted.
    #[inline]
    pub(super) fn lacks(&self, m: usize, key: u32) -> bool {
        if self.deletions.done.is_empty() {
            return false;
        }
        let common = self.line_of(m).stray.as_ref().map_or(u64::MAX, |stray| stray.number);
        let seen = match self.members[m].role {
            Role::Primary => common,
            Role::Replica => self.members[m].applied_number.min(common),
        };
        let is_gone = |own: &Deletion| {
            own.number <= seen && own.hits(key) && own.again.get(key).is_none_or(|number| number > seen)
        };
        self.deletions.done.iter().any(is_gone)
    }
}

/// Somebody deletes a share of all so many keys at the primary. Says whether there is one to do it.
pub fn begin(ctx: &mut Context, tier: TierId, share: f64, keys: u32) -> bool {
    let Some(c) = ctx.tiers[tier.index()].cluster() else { return false };
    let cluster = &ctx.clusters[c];
    let main = cluster.line.primary;
    if !cluster.takes_writes(main) || !ctx.lives(c, main) {
        return false;
    }
    let cluster = &mut ctx.clusters[c];
    let rows = share * f64::from(keys);
    let work = Span((cluster.settings.row_work.0 as f64 * rows) as u64);
    let deletions = &mut cluster.deletions;
    deletions.count += 1;
    let id = deletions.count;
    // A share of 1 is all of them.
    let below = if share >= 1.0 { u64::MAX } else { (share * u64::MAX as f64) as u64 };
    deletions.sent.push(Statement { id, keys, below, work });
    copy::labour(ctx, c, main, Upkeep::Delete, main, id, work);
    true
}

/// The work of a statement is done at member `m`: it is committed, if that is still the primary.
pub(super) fn done(ctx: &mut Context, c: usize, m: usize, id: u32) {
    let cluster = &mut ctx.clusters[c];
    let Some(at) = cluster.deletions.sent.iter().position(|statement| statement.id == id) else { return };
    let Statement { keys, below, work, .. } = cluster.deletions.sent.remove(at);
    if m != cluster.line.primary || !cluster.commits(m) {
        return;
    }
    let write = Entry {
        number: 0,
        key: STATEMENT,
        before: 0,
        at: ctx.now,
        draws: RequestKey::new(ctx.seed, 0),
        attempt: 0,
        class: ctx.probe_class(),
        rank: 0,
        acknowledged: false,
    };
    let node = ctx.clusters[c].members[m].node;
    let (_, number) = stream::append(ctx, c, m, write);
    let at = ctx.now;
    ctx.clusters[c].deletions.done.push(Deletion { number, at, below, work, again: Index::default() });
    let rows = if keys <= COUNTED_MAX {
        (0..keys).filter(|&key| hits(number, below, key)).count() as u32
    } else {
        (below as f64 / u64::MAX as f64 * f64::from(keys)) as u32
    };
    ctx.tell(Fact::RowsDeleted { node, rows });
}

/// The primary died: statements that it had in hand are rolled back.
pub(super) fn roll_back(cluster: &mut Cluster) {
    cluster.deletions.sent.clear();
}
