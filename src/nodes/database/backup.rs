//! What is kept of a cluster's data outside of it: backups of the whole, and the log since, in a store of its own that no
//! death reaches.
//!
//! ```text
//! member: reads piece by piece (a core is busy) ──▶ store: kept for its time, or until somebody deletes it
//! primary: log ──every so often──▶ store
//! ```
//!
//! A backup is of the moment at which it began ([`Point`]), and of use once it is there as a whole. As for everything else
//! there are no values: a point is a place in the log. How many writes up to it clients had been told of is counted when
//! the log forgets them, so that what a restore loses is known exactly however old the point is. Times are looked at with
//! the heartbeats.

use std::collections::VecDeque;

use crate::nodes::job::Upkeep;
use crate::nodes::observer::Fact;
use crate::nodes::{Context, Event, TierId};
use crate::time::{SimTime, Span};

use super::{Cluster, copy, restore};

/// How a cluster is backed up; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackupSettings {
    /// Time from the beginning of an automated backup to that of the next; none are taken without it.
    pub every: Option<Span>,
    /// How long automated backups are kept, counted from the moment that they are of.
    pub retention: Span,
    /// How often the log is shipped to the store, if it is.
    pub archive_every: Option<Span>,
    /// What it takes to move a piece of a copy to or from the store.
    pub store_piece: Span,
    /// What it takes to move one write of the log there.
    pub store_write: Span,
    /// Work of a core to replay a write of the archived log.
    pub replay_write: Span,
    /// How long after all data was lost the newest state is restored without anybody asking, if it is.
    pub restore_after: Option<Span>,
}

/// A state of the data that can be gone back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The moment whose data it is.
    pub at: SimTime,
    /// The last write that it has: its position in the present line, and its number.
    pub position: u64,
    /// See `position`.
    pub number: u64,
    /// Of the writes that the log has forgotten, those up to here that clients were told of, once it has forgotten them all.
    pub(super) settled: Option<u64>,
}

/// Who wanted a backup, and so how long it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Taken by the clock, and kept for a time.
    Automated,
    /// A snapshot that somebody asked for, kept until somebody deletes it.
    Manual,
}

/// A backup in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// What it is of.
    pub point: Point,
    /// How long it is kept.
    pub kept: Kept,
}

/// A backup that is being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking {
    /// What it is of.
    pub point: Point,
    /// How long it is to be kept.
    pub kept: Kept,
    /// The instance that it is read from.
    pub source: usize,
    /// When it began.
    pub since: SimTime,
    /// Pieces that are still to be read, and still to be stored.
    to_read: u32,
    to_store: u32,
    /// Pieces that were read and are not yet stored; at most two, so that reading goes no faster than storing.
    staged: u32,
    reading: bool,
}

/// Backups taken and deleted since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupCounts {
    /// Taken by the clock.
    pub automated: u64,
    /// Taken since somebody asked for it.
    pub manual: u64,
    /// Deleted, since their time was over.
    pub expired: u64,
}

/// All that is kept of a cluster outside of it.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// The backups, oldest first.
    pub backups: VecDeque<Backup>,
    /// The one that is being taken.
    pub taking: Option<Taking>,
    /// How many there were.
    pub counts: BackupCounts,
    /// Snapshots that somebody wants.
    wanted: u32,
    /// When the last automated one began.
    began: Option<SimTime>,
    /// Which backup this is: events of another one mean nothing.
    run: u16,
    /// Ends of the shipped parts of the log, oldest first: the log is there from `archived_from` to the last of them.
    shipped: VecDeque<Point>,
    archived_from: u64,
    /// The part that is being shipped, and its number.
    shipping: Option<Point>,
    shipment: u16,
    shipped_at: Option<SimTime>,
    /// The least position of a point of which the log has not yet forgotten all writes.
    watch: Option<u64>,
}

/// The most backups that are kept: a snapshot more is not taken, for an automated one the oldest is deleted.
const BACKUPS_MAX: usize = 1000;
/// The most parts of the log whose ends are known: of older ones only every second is.
const SHIPPED_MAX: usize = 4096;

/// What is due at the store of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A piece of a backup is stored.
    Stored,
    /// A part of the log is.
    Shipped,
    /// A piece of a backup arrives at the machine that is being restored.
    Fetched,
}

/// Something is due at the store of the cluster of `tier`.
pub fn due(ctx: &mut Context, tier: TierId, what: Due, run: u16) {
    let Some(c) = ctx.tiers[tier.index()].cluster() else { return };
    match what {
        Due::Stored if ctx.clusters[c].store.run == run => stored(ctx, c),
        Due::Shipped if ctx.clusters[c].store.shipment == run => ctx.clusters[c].store.end_shipment(),
        Due::Stored | Due::Shipped => {}
        Due::Fetched => restore::fetched(ctx, c, run),
    }
}

/// Heartbeats: what is to be kept, deleted, shipped.
pub(super) fn beat(ctx: &mut Context, c: usize) {
    let Some(settings) = ctx.clusters[c].settings.backup else {
        // What there is stays; the log goes on being archived only without a gap.
        ctx.clusters[c].store.shipped.clear();
        return;
    };
    expire(ctx, c, settings);
    let now = ctx.now;
    let store = &mut ctx.clusters[c].store;
    if store.taking.is_none() {
        let due = settings.every.is_some_and(|every| store.began.is_none_or(|began| began + every <= now));
        if due && take(ctx, c, Kept::Automated) {
            ctx.clusters[c].store.began = Some(now);
        } else if !due && ctx.clusters[c].store.wanted > 0 && take(ctx, c, Kept::Manual) {
            ctx.clusters[c].store.wanted -= 1;
        }
    }
    ship(ctx, c, settings);
}

/// Somebody wants a snapshot. Says whether there is room for it.
pub fn want(ctx: &mut Context, tier: TierId) -> bool {
    let Some(c) = ctx.tiers[tier.index()].cluster() else { return false };
    let store = &mut ctx.clusters[c].store;
    let room = store.backups.len() + (store.wanted as usize) < BACKUPS_MAX;
    store.wanted += u32::from(room);
    if room && store.taking.is_none() && take(ctx, c, Kept::Manual) {
        ctx.clusters[c].store.wanted -= 1;
    }
    room
}

/// Begins a backup, if there is anybody to read it from: rather from a replica than from the primary.
fn take(ctx: &mut Context, c: usize, kept: Kept) -> bool {
    let Some(source) = copy::source(ctx, c, |_| true) else { return false };
    let cluster = &ctx.clusters[c];
    let member = &cluster.members[source];
    let (node, pieces) = (member.node, cluster.settings.copy_pieces);
    // A replica that is behind has the data of the moment of the next write that it lacks.
    let of = SimTime(ctx.now.0 - cluster.lag(source, ctx.now).0);
    let point = cluster.point(of, member.applied, member.applied_number);
    let store = &mut ctx.clusters[c].store;
    store.run = store.run.wrapping_add(1);
    store.taking = Some(Taking {
        point,
        kept,
        source,
        since: ctx.now,
        to_read: pieces,
        to_store: pieces,
        staged: 0,
        reading: false,
    });
    store.watch_for(point);
    ctx.tell(Fact::BackupBegan { node });
    read(ctx, c);
    true
}

/// The next piece is read, if storing keeps up.
fn read(ctx: &mut Context, c: usize) {
    let run = u32::from(ctx.clusters[c].store.run);
    let Some(taking) = &mut ctx.clusters[c].store.taking else { return };
    if taking.reading || taking.to_read == 0 || taking.staged > 1 {
        return;
    }
    taking.reading = true;
    let source = taking.source;
    copy::piece(ctx, c, source, Upkeep::Backup, 0, run);
}

/// A piece was read.
pub(super) fn piece_read(ctx: &mut Context, c: usize, run: u32) {
    let store = &mut ctx.clusters[c].store;
    let Some(taking) = store.taking.as_mut().filter(|_| u32::from(store.run) == run) else { return };
    taking.reading = false;
    taking.to_read -= 1;
    taking.staged += 1;
    if taking.staged == 1 {
        send(ctx, c);
    }
    read(ctx, c);
}

fn send(ctx: &mut Context, c: usize) {
    let cluster = &ctx.clusters[c];
    let takes = cluster.settings.backup.map_or(Span::ZERO, |settings| settings.store_piece);
    let event = Event::Backup { tier: cluster.tier, due: Due::Stored, run: cluster.store.run };
    ctx.queue.push(ctx.now + takes, event);
}

fn stored(ctx: &mut Context, c: usize) {
    let Some(taking) = &mut ctx.clusters[c].store.taking else { return };
    taking.staged -= 1;
    taking.to_store -= 1;
    if taking.to_store == 0 {
        finish(ctx, c);
        return;
    }
    if taking.staged > 0 {
        send(ctx, c);
    }
    read(ctx, c);
}

fn finish(ctx: &mut Context, c: usize) {
    let store = &mut ctx.clusters[c].store;
    let Some(Taking { point, kept, source, since, .. }) = store.taking.take() else { return };
    if store.backups.len() == BACKUPS_MAX {
        let oldest = store.backups.iter().position(|backup| backup.kept == Kept::Automated).unwrap_or(0);
        store.backups.remove(oldest);
    }
    store.backups.push_back(Backup { point, kept });
    match kept {
        Kept::Automated => store.counts.automated += 1,
        Kept::Manual => store.counts.manual += 1,
    }
    let node = ctx.clusters[c].members[source].node;
    let seconds = ctx.now.since(since).as_seconds() as u32;
    ctx.tell(Fact::BackedUp { node, seconds, manual: kept == Kept::Manual });
}

/// Automated backups whose time is over are deleted; and with them the archived log before the oldest that is left.
fn expire(ctx: &mut Context, c: usize, settings: BackupSettings) {
    let (now, node) = (ctx.now, ctx.clusters[c].members[ctx.clusters[c].line.primary].node);
    let store = &mut ctx.clusters[c].store;
    let before = store.backups.len();
    store.backups.retain(|own| own.kept == Kept::Manual || own.point.at + settings.retention > now);
    let expired = (before - store.backups.len()) as u32;
    store.counts.expired += u64::from(expired);
    if expired > 0 {
        // What begins with a snapshot older than these ends with it.
        let automated = store.backups.iter().filter(|backup| backup.kept == Kept::Automated);
        let oldest = automated.map(|backup| backup.point.position).min().unwrap_or(u64::MAX);
        store.archived_from = store.archived_from.max(oldest);
        while store.shipped.len() > 1 && store.shipped[1].position <= oldest {
            store.shipped.pop_front();
        }
        ctx.tell(Fact::BackupsExpired { node, backups: expired });
    }
}

/// The primary ships what it has committed since it did so last.
fn ship(ctx: &mut Context, c: usize, settings: BackupSettings) {
    let cluster = &ctx.clusters[c];
    let (main, log) = (cluster.line.primary, &cluster.line.log);
    let Some(every) = settings.archive_every else {
        ctx.clusters[c].store.shipped.clear();
        return;
    };
    let due = cluster.store.shipped_at.is_none_or(|at| at + every <= ctx.now);
    if !due || cluster.store.shipping.is_some() || !ctx.lives(c, main) || !cluster.commits(main) {
        return;
    }
    let (tip, number, oldest) = (log.tip(), cluster.members[main].applied_number, log.oldest());
    let last = cluster.store.shipped.back().map(|last| last.position);
    let writes = tip - last.unwrap_or(oldest);
    let (now, tier) = (ctx.now, cluster.tier);
    let point = cluster.point(now, tip, number);
    let store = &mut ctx.clusters[c].store;
    if last.is_none() {
        store.archived_from = oldest;
    }
    store.shipped_at = Some(now);
    store.shipping = Some(point);
    store.shipment = store.shipment.wrapping_add(1);
    store.watch_for(point);
    let event = Event::Backup { tier, due: Due::Shipped, run: store.shipment };
    ctx.queue.push(now + Span(settings.store_write.0.saturating_mul(writes)), event);
}

/// Member `m` died: what it was sending does not arrive.
pub(super) fn lose_sender(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let (is_primary, node) = (cluster.line.primary == m, cluster.members[m].node);
    if cluster.store.lose_sender(m, is_primary) {
        ctx.tell(Fact::BackupFailed { node });
    }
}

impl Store {
    fn end_shipment(&mut self) {
        let Some(point) = self.shipping.take() else { return };
        if self.shipped.len() == SHIPPED_MAX {
            let mut odd = false;
            self.shipped.retain(|_| {
                odd = !odd;
                !odd
            });
        }
        self.shipped.push_back(point);
    }

    /// Member `m` died: what it was sending does not arrive. Says whether that was a backup, which is tried again.
    fn lose_sender(&mut self, m: usize, is_primary: bool) -> bool {
        if is_primary && self.shipping.take().is_some() {
            self.shipment = self.shipment.wrapping_add(1);
        }
        let lost = self.taking.take_if(|taking| taking.source == m);
        lost.inspect(|lost| self.try_again(lost.kept)).is_some()
    }

    fn try_again(&mut self, kept: Kept) {
        self.run = self.run.wrapping_add(1);
        match kept {
            Kept::Automated => self.began = None,
            Kept::Manual => self.wanted += 1,
        }
    }

    /// The line of history goes on from `position`: what is later is of one that was left, and of no use.
    pub(super) fn go_back_to(&mut self, position: u64) {
        self.backups.retain(|backup| backup.point.position <= position);
        self.shipped.retain(|point| point.position <= position);
        if self.shipping.take_if(|point| point.position > position).is_some() {
            self.shipment = self.shipment.wrapping_add(1);
        }
        if let Some(lost) = self.taking.take_if(|taking| taking.point.position > position) {
            self.try_again(lost.kept);
        }
        // The archive goes on from here.
        self.shipped_at = None;
        self.watch_anew();
    }

    fn points(&mut self) -> impl Iterator<Item = &mut Point> {
        let taking = self.taking.as_mut().map(|taking| &mut taking.point);
        let backups = self.backups.iter_mut().map(|backup| &mut backup.point);
        backups.chain(&mut self.shipped).chain(taking).chain(&mut self.shipping)
    }

    fn watch_for(&mut self, point: Point) {
        let least = |watch: u64| watch.min(point.position);
        if point.settled.is_none() {
            self.watch = Some(self.watch.map_or(point.position, least));
        }
    }

    fn watch_anew(&mut self) {
        self.watch = self.points().filter(|point| point.settled.is_none()).map(|point| point.position).min();
    }

    /// The newest backup of a moment up to `to`, and the state nearest before `to` that can be reached from it.
    pub(super) fn choose(&self, cluster: &Cluster, to: Option<SimTime>) -> Option<(Point, Point)> {
        let fits = |point: &Point| to.is_none_or(|to| point.at <= to);
        let backups = self.backups.iter().map(|backup| backup.point).filter(fits);
        let base = backups.max_by_key(|point| point.position)?;
        let last = self.shipped.back().filter(|last| last.position >= base.position);
        let Some(&last) = last.filter(|_| self.archived_from <= base.position) else { return Some((base, base)) };
        let Some(to) = to.filter(|&to| to < last.at) else { return Some((base, last)) };
        let log = &cluster.line.log;
        let position = log.oldest() + log.entries_until(to) as u64;
        let target = match log.get(position) {
            Some(write) => cluster.point(to, position, write.number),
            // The log itself has forgotten that: what is known is where the shipped parts end.
            None => self.shipped.iter().rev().copied().find(fits).unwrap_or(base),
        };
        Some((base, if target.position < base.position { base } else { target }))
    }
}

impl Cluster {
    /// A state of the present line. Up to where the log begins, what clients were told of is known for good.
    fn point(&self, at: SimTime, position: u64, number: u64) -> Point {
        let settled = (position == self.line.log.oldest()).then_some(self.settled);
        Point { at, position, number, settled }
    }

    /// The log forgets its oldest writes, until at most as many are left as it may keep.
    #[inline]
    pub(super) fn trim(&mut self) {
        let (most, tip) = (self.settings.log_entries, self.line.log.tip());
        while let Some(reached) = self.store.watch.filter(|watch| watch + most as u64 <= tip) {
            self.settled += self.line.log.trim((tip - reached) as usize);
            let settled = self.settled;
            let reached = self.store.points().filter(|point| point.position == reached);
            reached.for_each(|point| point.settled = Some(settled));
            self.store.watch_anew();
        }
        self.settled += self.line.log.trim(most);
    }

    /// The newest state that could be restored.
    pub fn newest_kept(&self) -> Option<Point> {
        self.store.choose(self, None).map(|(_, target)| target)
    }

    /// Whether nobody has any data: all members' disks are empty.
    pub fn is_bereft(&self) -> bool {
        self.present().all(|m| self.members[m].empty)
    }
}
