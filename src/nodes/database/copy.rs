//! A new copy for a member whose disk is empty, or that its primary's log no longer reaches.
//!
//! It is read piece by piece from another member, on a core of that one's machine, sent, and written piece by piece on the
//! target's: so it takes time in proportion to the data, and loads its source. When it is there the member stands where
//! the source stood when it began, and catches up by the log.

use crate::nodes::context::Life;
use crate::nodes::job::Upkeep;
use crate::nodes::observer::Fact;
use crate::nodes::{Context, Event};
use crate::rng::RequestKey;
use crate::time::{SimTime, Span};

use super::log::Entry;
use super::member::Role;
use super::peers::life;
use super::settings::ReplicationKind;
use super::snapshot;
use super::stream::{Due, errand};

/// A copy that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copying {
    /// The instance that it is read from.
    pub source: usize,
    /// Whether the target has an older copy, which it keeps until this one is whole.
    pub refreshes: bool,
    /// When it began.
    pub since: SimTime,
    /// Pieces that are still to be read, and still to be written.
    pub to_read: u32,
    /// See `to_read`.
    pub to_write: u32,
    /// Pieces that have arrived and wait to be written.
    arrived: u32,
    writing: bool,
    /// The position and number at which the source stood when it began.
    pub(super) position: u64,
    number: u64,
    /// Which copy of the cluster it is: jobs of an older one mean nothing.
    generation: u32,
}

/// Member `m` can go on only with a new copy.
pub(super) fn strand(ctx: &mut Context, c: usize, m: usize) {
    let member = &mut ctx.clusters[c].members[m];
    member.disconnect();
    member.empty = true;
    member.listed = false;
    member.in_sync = false;
}

/// Whom to read all data from: rather a replica than the primary.
pub(super) fn source(ctx: &Context, c: usize, may: impl Fn(usize) -> bool) -> Option<usize> {
    let cluster = &ctx.clusters[c];
    let main = cluster.line.primary;
    let can = |&i: &usize| {
        let other = &cluster.members[i];
        let useful = match cluster.settings.kind {
            // From there on the log must go on.
            ReplicationKind::Transactional => other.follows == main && other.applied >= cluster.line.log.oldest(),
            ReplicationKind::Snapshot => other.follows == main,
            ReplicationKind::Merge | ReplicationKind::MultiPrimary => true,
        };
        other.is_whole() && useful && ctx.lives(c, i) && may(i)
    };
    cluster.present().filter(can).max_by_key(|&i| (cluster.members[i].role == Role::Replica, i))
}

/// Begins a copy for member `m`, if there is anybody to copy from: rather from a replica than from the primary.
pub(super) fn begin(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &ctx.clusters[c];
    let many = cluster.peers.is_some();
    let may = |i: usize| i != m && ctx.hears(c, i, m) && (!many || life::can_copy(cluster, m, i));
    let Some(source) = source(ctx, c, may) else { return };
    begin_from(ctx, c, m, source, false);
    if many {
        life::copied_from(ctx, c, m, source);
    }
}

/// Begins a copy of what `source` has for member `m`, which may have an older one.
pub(super) fn begin_from(ctx: &mut Context, c: usize, m: usize, source: usize, refreshes: bool) {
    let cluster = &ctx.clusters[c];
    let (position, number) = (cluster.members[source].applied, cluster.members[source].applied_number);
    let pieces = cluster.settings.copy_pieces;
    let generation = cluster.copies + 1;
    let since = ctx.now;
    let (from, to) = (cluster.members[source].node, cluster.members[m].node);
    let cluster = &mut ctx.clusters[c];
    cluster.copies = generation;
    cluster.members[m].disconnect();
    cluster.members[m].copying = Some(Copying {
        source,
        refreshes,
        since,
        to_read: pieces,
        to_write: pieces,
        arrived: 0,
        writing: false,
        position,
        number,
        generation,
    });
    ctx.tell(Fact::CopyBegan { node: to, source: from });
    read(ctx, c, m);
}

/// Work on a piece at member `at`, for target `m`, as a part of the copy with this number.
pub(super) fn piece(ctx: &mut Context, c: usize, at: usize, upkeep: Upkeep, m: usize, generation: u32) {
    let work = ctx.clusters[c].settings.copy_piece;
    labour(ctx, c, at, upkeep, m, generation, work);
}

/// The same with another demand.
pub(super) fn labour(ctx: &mut Context, c: usize, at: usize, upkeep: Upkeep, m: usize, generation: u32, work: Span) {
    let blank = Entry {
        number: 0,
        key: m as u32,
        before: 0,
        at: ctx.now,
        draws: RequestKey::new(ctx.seed, 0),
        attempt: 0,
        class: ctx.probe_class(),
        rank: 0,
        acknowledged: false,
    };
    let job = errand(ctx, c, at, upkeep, &blank);
    ctx.jobs[job].user = generation;
    ctx.work_for(job, work, None, false);
}

fn work(ctx: &mut Context, c: usize, m: usize, at: usize) {
    if let Some(copying) = ctx.clusters[c].members[m].copying {
        piece(ctx, c, at, Upkeep::Copy, m, copying.generation);
    }
}

fn read(ctx: &mut Context, c: usize, m: usize) {
    if let Some(copying) = ctx.clusters[c].members[m].copying {
        work(ctx, c, m, copying.source);
    }
}

/// A job of a copy is done at member `at`, for target `m`.
pub(super) fn done(ctx: &mut Context, c: usize, at: usize, m: usize, generation: u32) {
    let Some(copying) = &mut ctx.clusters[c].members[m].copying else { return };
    if copying.generation != generation {
        return;
    }
    if at == m {
        copying.writing = false;
        copying.to_write -= 1;
        if copying.to_write == 0 {
            finish(ctx, c, m);
        } else {
            write(ctx, c, m);
        }
        return;
    }
    copying.to_read -= 1;
    let goes_on = copying.to_read > 0;
    let (source, target) = (ctx.clusters[c].members[at].node, ctx.clusters[c].members[m].node);
    if ctx.links.cuts(source, target) {
        // It begins anew once there is a way.
        ctx.clusters[c].members[m].copying = None;
        return;
    }
    let (stream, not_before) = (ctx.clusters[c].members[m].stream, ctx.clusters[c].members[m].arrives_at);
    let event = Event::Replication { node: target, due: Due::Piece, stream };
    let arrives = ctx.message(source, target, not_before, event);
    ctx.clusters[c].members[m].arrives_at = arrives;
    if goes_on {
        read(ctx, c, m);
    }
}

/// A piece arrives at target `m`.
pub(super) fn arrived(ctx: &mut Context, c: usize, m: usize) {
    if let Some(copying) = &mut ctx.clusters[c].members[m].copying {
        copying.arrived += 1;
        write(ctx, c, m);
    }
}

fn write(ctx: &mut Context, c: usize, m: usize) {
    let Some(copying) = &mut ctx.clusters[c].members[m].copying else { return };
    if copying.writing || copying.arrived == 0 {
        return;
    }
    copying.writing = true;
    copying.arrived -= 1;
    work(ctx, c, m, m);
}

fn finish(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let primary = cluster.line.primary;
    let member = &mut cluster.members[m];
    let Some(copying) = member.copying.take() else { return };
    member.disconnect();
    member.empty = false;
    let node = member.node;
    if copying.refreshes {
        snapshot::note_applied(ctx, c, m, copying.position);
    }
    let cluster = &mut ctx.clusters[c];
    if cluster.peers.is_none() {
        let member = &mut cluster.members[m];
        (member.role, member.follows, member.as_of) = (Role::Replica, primary, copying.since);
        member.stand_at(copying.position, copying.number);
    }
    let seconds = ctx.now.since(copying.since).as_seconds() as u32;
    ctx.tell(Fact::Copied { node, seconds });
}

/// Copies from member `m`, which died, begin anew elsewhere.
pub(super) fn lose_source(ctx: &mut Context, c: usize, m: usize) {
    for member in &mut ctx.clusters[c].members {
        if member.copying.is_some_and(|copying| copying.source == m) {
            member.copying = None;
        }
    }
    debug_assert!(ctx.nodes[ctx.clusters[c].members[m].node.index()].life != Life::Booting);
}
