//! How a cluster gets its data back from the store, when all members have lost it, or when all have what they should not.
//!
//! ```text
//! ordered ── a new machine boots ──▶ copying ── a backup, piece by piece ──▶ replaying ── the archived log ──▶ open
//! ```
//!
//! It is done in place: the new machine takes the number of the primary, which is shut down, so nobody takes writes
//! meanwhile; replicas go on answering reads with what they have. When it opens, history goes on from the point that was
//! restored. What is later is lost, and the other members' data is of no use any more: they get new copies.

use crate::nodes::job::Upkeep;
use crate::nodes::observer::Fact;
use crate::nodes::{Context, Event, NodeId, TierId};
use crate::time::{SimTime, Span};

use super::backup::{Due, Point};
use super::failover::{Order, Phase, refuse_pending};
use super::log::Log;
use super::member::Role;
use super::{Cluster, copy, recovery};

/// How far a restore is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The old machine is still to be taken away.
    Ordered,
    /// The new machine starts.
    Starting,
    /// The backup is being copied.
    Copying,
    /// The archived log is being replayed.
    Replaying,
}

/// A restore that is under way, on the primary's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restoring {
    /// How far it is.
    pub stage: Stage,
    /// The state that it leads to.
    pub target: Point,
    /// When it was ordered.
    pub since: SimTime,
    /// Since when there has been no primary.
    down_since: SimTime,
    /// Writes of the archived log to replay.
    writes: u64,
    /// Pieces that are still to come, and still to be written.
    to_fetch: u32,
    /// See `to_fetch`.
    pub to_write: u32,
    arrived: u32,
    writing: bool,
    /// Which restore of the cluster it is: events and jobs of an older one mean nothing.
    run: u16,
}

/// What the last death of a primary, or the last restore, came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// How far before the primary's end lies the moment from which on everything is lost; zero if nothing is.
    pub point: Span,
    /// From the primary's end until writes went on.
    pub time: Span,
}

/// Somebody wants the state of `to`, or the newest. Returns what has to be carried out.
pub fn begin(ctx: &mut Context, tier: TierId, to: Option<SimTime>) -> Vec<Order> {
    let Some(c) = ctx.tiers[tier.index()].cluster() else { return Vec::new() };
    let cluster = &ctx.clusters[c];
    let main = cluster.line.primary;
    let node = cluster.members[main].node;
    let Some((base, target)) = cluster.store.choose(cluster, to).filter(|_| cluster.present().contains(&main)) else {
        ctx.tell(Fact::NothingToRestore { node });
        return Vec::new();
    };
    let pieces = cluster.settings.copy_pieces;
    let cluster = &mut ctx.clusters[c];
    cluster.restores = cluster.restores.wrapping_add(1);
    // A step of a failover that is under way means nothing any more.
    cluster.step = cluster.step.wrapping_add(1);
    cluster.phase = Phase::Restoring;
    cluster.restoring = Some(Restoring {
        stage: Stage::Ordered,
        target,
        since: ctx.now,
        down_since: cluster.down_since.min(ctx.now),
        writes: target.position - base.position,
        to_fetch: pieces,
        to_write: pieces,
        arrived: 0,
        writing: false,
        run: cluster.restores,
    });
    let seconds = ctx.now.since(target.at).as_seconds() as u32;
    ctx.tell(Fact::RestoreBegan { node, seconds });
    vec![Order::Rebuild(node)]
}

/// All data may be lost, and a restore due that nobody has to ask for. Returns what has to be carried out.
pub(super) fn watch(ctx: &mut Context, c: usize) -> Vec<Order> {
    let cluster = &mut ctx.clusters[c];
    let Some(after) = cluster.settings.backup.and_then(|settings| settings.restore_after) else { return Vec::new() };
    let (limit, now) = (cluster.settings.missed, ctx.now);
    let noticed = |m: usize| cluster.members[m].missed >= limit;
    let lost = cluster.is_bereft() && cluster.phase == Phase::Normal && cluster.present().all(noticed);
    if !lost {
        cluster.bereft_since = SimTime::NEVER;
        return Vec::new();
    }
    cluster.bereft_since = cluster.bereft_since.min(now);
    if cluster.bereft_since + after > now || cluster.store.choose(cluster, None).is_none() {
        return Vec::new();
    }
    let tier = cluster.tier;
    begin(ctx, tier, None)
}

/// The old machine is gone, and a new one starts.
pub fn provisioned(ctx: &mut Context, node: NodeId) {
    let Some((c, _)) = ctx.member_of(node) else { return };
    if let Some(restoring) = &mut ctx.clusters[c].restoring {
        restoring.stage = Stage::Starting;
    }
}

/// The primary's machine has started. Says whether it is there to be restored.
pub(super) fn started(ctx: &mut Context, c: usize) -> bool {
    let Some(restoring) = &mut ctx.clusters[c].restoring else { return false };
    restoring.stage = Stage::Copying;
    fetch(ctx, c);
    true
}

/// The primary's machine died again.
pub(super) fn primary_died(ctx: &mut Context, c: usize) {
    let cluster = &mut ctx.clusters[c];
    if cluster.restoring.is_none_or(|restoring| restoring.stage == Stage::Ordered) {
        return;
    }
    cluster.restoring = None;
    cluster.phase = Phase::Normal;
    let node = cluster.members[cluster.line.primary].node;
    ctx.tell(Fact::RestoreFailed { node });
}

fn fetch(ctx: &mut Context, c: usize) {
    let cluster = &ctx.clusters[c];
    let Some(restoring) = cluster.restoring.filter(|restoring| restoring.to_fetch > 0) else { return };
    let takes = cluster.settings.backup.map_or(Span::ZERO, |settings| settings.store_piece);
    let event = Event::Backup { tier: cluster.tier, due: Due::Fetched, run: restoring.run };
    ctx.queue.push(ctx.now + takes, event);
}

/// A piece of the backup arrives.
pub(super) fn fetched(ctx: &mut Context, c: usize, run: u16) {
    let restoring = ctx.clusters[c].restoring.as_mut();
    let Some(restoring) = restoring.filter(|restoring| restoring.run == run) else { return };
    restoring.to_fetch -= 1;
    restoring.arrived += 1;
    fetch(ctx, c);
    write(ctx, c);
}

fn write(ctx: &mut Context, c: usize) {
    let main = ctx.clusters[c].line.primary;
    let Some(restoring) = &mut ctx.clusters[c].restoring else { return };
    if restoring.writing || restoring.arrived == 0 {
        return;
    }
    restoring.writing = true;
    restoring.arrived -= 1;
    let run = u32::from(restoring.run);
    copy::piece(ctx, c, main, Upkeep::Restore, main, run);
}

/// A piece was written, or the log replayed.
pub(super) fn done(ctx: &mut Context, c: usize, run: u32) {
    let main = ctx.clusters[c].line.primary;
    let settings = ctx.clusters[c].settings.backup;
    let restoring = ctx.clusters[c].restoring.as_mut();
    let Some(restoring) = restoring.filter(|restoring| u32::from(restoring.run) == run) else { return };
    match restoring.stage {
        Stage::Ordered | Stage::Starting => {}
        Stage::Replaying => open(ctx, c),
        Stage::Copying => {
            restoring.writing = false;
            restoring.to_write -= 1;
            if restoring.to_write > 0 {
                write(ctx, c);
                return;
            }
            restoring.stage = Stage::Replaying;
            let each = settings.map_or(Span::ZERO, |settings| settings.replay_write);
            let work = Span(each.0.saturating_mul(restoring.writes));
            copy::labour(ctx, c, main, Upkeep::Restore, main, run, work);
        }
    }
}

/// The restored state is the present one from now on.
fn open(ctx: &mut Context, c: usize) {
    let cluster = &mut ctx.clusters[c];
    let main = cluster.line.primary;
    let Some(Restoring { target, since, down_since, .. }) = cluster.restoring.take() else { return };
    cluster.phase = Phase::Normal;
    let (lost, first) = go_back_to(ctx, c, target);
    forsake_others(ctx, c);
    let (now, cluster) = (ctx.now, &mut ctx.clusters[c]);
    let point = first.map_or(Span::ZERO, |first| down_since.since(first));
    cluster.recovery = Some(Recovery { point, time: now.since(down_since) });
    cluster.counts.lost += lost;
    cluster.counts.restores += 1;
    cluster.down_since = SimTime::NEVER;
    cluster.members.iter_mut().for_each(|member| (member.deaf, member.missed) = (0, 0));
    let member = &mut cluster.members[main];
    member.disconnect();
    (member.role, member.follows, member.empty) = (Role::Primary, main, false);
    (member.stepped_down, member.ships) = (false, false);
    member.stand_at(target.position, target.number);
    let node = member.node;
    ctx.tell(Fact::Restored { node, seconds: now.since(since).as_seconds() as u32, lost: lost as u32 });
}

impl Cluster {
    /// A replica is the primary from now on. From the moment `first` on everything is lost, if anything is.
    pub(super) fn note_promotion(&mut self, now: SimTime, first: Option<SimTime>) {
        // One that is only out of sight goes on until the other one is there.
        let down_since = self.down_since.min(now);
        let point = first.map_or(Span::ZERO, |first| down_since.since(first));
        self.recovery = Some(Recovery { point, time: now.since(down_since) });
        self.down_since = SimTime::NEVER;
    }
}

/// The present line ends at this point, from which it goes on. Returns how many of the writes that it loses clients had been
/// told of, and from what moment on they are lost, if there are any.
fn go_back_to(ctx: &mut Context, c: usize, target: Point) -> (u64, Option<SimTime>) {
    let cluster = &mut ctx.clusters[c];
    let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
    let forgotten = target.position < cluster.line.log.oldest();
    let tail = if forgotten {
        std::mem::replace(&mut cluster.line.log, Log::after(target.position))
    } else {
        cluster.line.log.split_after(target.position)
    };
    for write in tail.entries().rev() {
        data.undo(write.key, write.before);
    }
    let mut lost = tail.acknowledged();
    let mut first = tail.entries().next().map(|write| write.at);
    if forgotten {
        data.go_back_to(target.number);
        let settled = target.settled.expect("what the log has forgotten up to a point is counted");
        lost += cluster.settled - settled;
        cluster.settled = settled;
        first = Some(target.at);
    }
    cluster.gone.extend(tail.entries().filter(|write| !write.acknowledged).map(|write| (write.number, None)));
    cluster.store.go_back_to(target.position);
    cluster.deletions.go_back_to(target.number);
    (lost, first)
}

/// All that others have, or old primaries would have brought back, is of a history that was left.
fn forsake_others(ctx: &mut Context, c: usize) {
    let cluster = &mut ctx.clusters[c];
    let main = cluster.line.primary;
    let replays = std::mem::take(&mut cluster.replays);
    cluster.gone.extend(replays.iter().filter(|(write, _)| !write.acknowledged).map(|(write, _)| (write.number, None)));
    cluster.replaying = false;
    cluster.replayed = crate::engine::Index::default();
    for m in 0..ctx.clusters[c].members.len() {
        if m == main {
            continue;
        }
        refuse_pending(ctx, c, m);
        recovery::lose_disk(ctx, c, m);
        let member = &mut ctx.clusters[c].members[m];
        member.disconnect();
        member.copying = None;
        (member.stepped_down, member.ships) = (false, false);
    }
}
