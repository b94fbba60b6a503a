//! The values of a key that not all members have yet: who has which, and which of two wins.
//!
//! All changes of a contest stand in one order, and what a member has is the highest of those that it has applied. So in
//! whatever order they come, all members end with the same. A change stands above the one that its origin had, and with that
//! above all that it knew of: who has seen a value and changes it never loses against that value. Where the rule has a
//! choice, among changes that did not know of each other:
//!
//! - `last_writer_wins`: it stands at the top.
//! - `first_writer_wins`: just above the one that it replaced, below whatever was written on top of that before.
//! - `site_priority`: above all of no better claim. Its claim is its site's, or that of the value that it replaced if that is
//!   better, since it carries that on; of equal claims the later wins.

use super::super::settings::ConflictRule;
use super::Stamp;

/// A change in the order of a contest.
#[derive(Clone, Copy, Debug)]
struct Rank {
    number: u64,
    claim: u8,
    /// How many members have yet to apply it.
    open: u8,
}

/// A value that a member has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub stamp: Stamp,
    /// Where the log has forgotten the change: whether it is one that a client was told of and that counts as kept.
    pub forgotten: Option<bool>,
}

/// A key of which not all members have the same value.
#[derive(Clone, Debug)]
pub(super) struct Contest {
    /// The changes that somebody has or is yet to apply, the winner last.
    order: Vec<Rank>,
    /// By member, the value that it has, if not the one from before.
    held: Vec<Option<Held>>,
    /// By member, the newest write that it has applied here: its value is no older than that, whichever won.
    seen: Vec<u64>,
    /// How many times a change has yet to be applied.
    open: u32,
}

impl Contest {
    pub fn new(members: usize) -> Self {
        Self { order: Vec::new(), held: vec![None; members], seen: vec![0; members], open: 0 }
    }

    pub fn add_member(&mut self) {
        self.held.push(None);
        self.seen.push(0);
    }

    pub fn held(&self, m: usize) -> Option<&Held> {
        self.held[m].as_ref()
    }

    pub fn seen(&self, m: usize) -> u64 {
        self.seen[m]
    }

    pub fn newest(&self) -> u64 {
        self.seen.iter().copied().max().unwrap_or(0)
    }

    pub fn is_over(&self) -> bool {
        self.open == 0
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.order.iter().position(|rank| rank.number == number)
    }

    /// A change is made by a member that had the value of `before`; so many others have yet to apply it.
    pub fn enter(&mut self, stamp: &Stamp, before: Option<u64>, rule: ConflictRule, open: u8) {
        let below = before.and_then(|before| self.place(before));
        let above = below.map_or(0, |at| at + 1);
        let inherited = below.map_or(u8::MAX, |at| self.order[at].claim);
        let claim = rule.claim(stamp.origin).min(inherited);
        let at = match rule {
            ConflictRule::LastWriterWins => self.order.len(),
            ConflictRule::FirstWriterWins => above,
            ConflictRule::SitePriority => {
                above + self.order[above..].iter().rposition(|rank| rank.claim >= claim).map_or(0, |last| last + 1)
            }
        };
        self.order.insert(at, Rank { number: stamp.number, claim, open });
        self.open += u32::from(open);
    }

    /// Member `m` has this value from now on.
    pub fn replace(&mut self, m: usize, value: Held) {
        self.seen[m] = self.seen[m].max(value.stamp.number);
        if let Some(old) = self.held[m].replace(value) {
            self.prune(old.stamp.number);
        }
    }

    /// Member `m` applies a change. Returns the one that loses, if what the member had is in conflict with it.
    pub fn meet(&mut self, m: usize, stamp: Stamp) -> Option<Held> {
        self.seen[m] = self.seen[m].max(stamp.number);
        let new = Held { stamp, forgotten: None };
        let Some(own) = self.held[m] else {
            self.replace(m, new);
            return None;
        };
        let wins = self.place(stamp.number) > self.place(own.stamp.number);
        if wins {
            self.replace(m, new);
        }
        own.stamp.is_concurrent_with(&stamp).then_some(if wins { own } else { new })
    }

    /// One member less has yet to apply a change.
    pub fn settle(&mut self, number: u64) {
        if let Some(at) = self.place(number) {
            self.order[at].open -= 1;
            self.open -= 1;
            self.prune(number);
        }
    }

    /// One member more has yet to apply a change.
    pub fn reopen(&mut self, number: u64) {
        if let Some(at) = self.place(number) {
            self.order[at].open += 1;
            self.open += 1;
        }
    }

    /// Member `m` has what member `source` has; nothing, without one.
    pub fn copy(&mut self, m: usize, source: Option<usize>) {
        let old = self.held[m];
        self.held[m] = source.and_then(|source| self.held[source]);
        self.seen[m] = source.map_or(0, |source| self.seen[source]);
        if let Some(old) = old {
            self.prune(old.stamp.number);
        }
    }

    /// What nobody has and nobody is to apply matters no more.
    fn prune(&mut self, number: u64) {
        let has = |held: &Option<Held>| held.is_some_and(|held| held.stamp.number == number);
        if let Some(at) = self.place(number)
            && self.order[at].open == 0
            && !self.held.iter().any(has)
        {
            self.order.remove(at);
        }
    }

    /// The log has forgotten a change, which counts as kept or does not.
    pub fn note_forgotten(&mut self, number: u64, stays: bool) {
        for held in self.held.iter_mut().flatten().filter(|held| held.stamp.number == number) {
            held.forgotten = Some(stays);
        }
    }
}
