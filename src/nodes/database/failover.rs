//! How a cluster notices that a member is dead, and what it does about it.
//!
//! Members send each other heartbeats. A replica that has missed so many of its primary's counts it as dead; if enough do
//! (any, or a majority of all), the one that has received most is elected, made ready — it applies what it has — and is
//! the primary from then on. All of that takes time, during which nobody takes writes:
//!
//! ```text
//! death ── missed heartbeats ──▶ detected ── election ──▶ elected (fences) ── promotion, log applied ──▶ promoted
//! ```
//!
//! Which messages get through is up to the links ([`crate::nodes::links`]), so a primary that is only cut off goes on
//! taking writes from those who still reach it, unless it is fenced: by its power, or by its own rule that who hears no
//! majority takes no writes.

use crate::engine::Index;
use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::{Cause, Context, Event, NodeId, TierId};
use crate::time::{SimTime, Span};

use super::member::{Line, Role, Stray};
use super::peers::life;
use super::settings::{Fencing, Mode, ReplicationKind};
use super::{Cluster, backup, copy, recovery, restore, stream};

/// Whether a failover is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is.
    Normal,
    /// The primary counts as dead; this instance has received most.
    Electing(usize),
    /// This instance is being made the primary; whether only what it has received is still to be applied.
    Promoting(usize, bool),
    /// A planned change: the primary takes no writes until this instance has all.
    Switching(usize),
    /// The primary's machine is given an older state.
    Restoring,
}

/// What the world has to carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// A node's power is cut.
    ShutDown(NodeId),
    /// A new machine with an empty disk takes the place of a dead one.
    Replace(NodeId),
    /// The same for one that is about to be restored, whether or not it is dead.
    Rebuild(NodeId),
}

/// Heartbeats of the clusters of `tier` are due. Returns what has to be carried out.
pub fn beat(ctx: &mut Context, tier: TierId) -> Vec<Order> {
    let Some(&first) = ctx.tiers[tier.index()].clusters.first() else { return Vec::new() };
    ctx.queue.push(ctx.now + ctx.clusters[usize::from(first)].settings.heartbeat, Event::Heartbeat { tier });
    let clusters = ctx.tiers[tier.index()].clusters.clone();
    clusters.into_iter().flat_map(|c| beat_of(ctx, usize::from(c))).collect()
}

fn beat_of(ctx: &mut Context, c: usize) -> Vec<Order> {
    if ctx.clusters[c].peers.is_some() {
        return life::beat(ctx, c);
    }
    listen(ctx, c);
    recovery::come_back(ctx, c);
    reconnect(ctx, c);
    consider(ctx, c);
    recovery::replay_next(ctx, c);
    try_hand_over(ctx, c);
    backup::beat(ctx, c);
    let mut orders = replacements(ctx, c);
    orders.extend(restore::watch(ctx, c));
    orders
}

/// Who hears whom.
fn listen(ctx: &mut Context, c: usize) {
    let (limit, main) = (ctx.clusters[c].settings.missed, ctx.clusters[c].line.primary);
    for m in ctx.clusters[c].present() {
        let alive = ctx.lives(c, m);
        let heard = alive && (m == main || !ctx.lives(c, main) || ctx.hears(c, main, m));
        let follows = ctx.clusters[c].members[m].follows;
        // A process without its data answers no heartbeats.
        let sound = ctx.lives(c, follows) && !ctx.clusters[c].members[follows].empty;
        let deaf = alive && !(sound && ctx.hears(c, m, follows));
        let follows_log = ctx.clusters[c].settings.kind == ReplicationKind::Transactional;
        let behind = follows_log && ctx.clusters[c].lag(m, ctx.now) > ctx.clusters[c].settings.heartbeat;
        let now = ctx.now;
        let member = &mut ctx.clusters[c].members[m];
        if m != follows {
            member.deaf = if deaf { member.deaf + 1 } else { 0 };
            member.joined |= !deaf;
        }
        member.missed = if heard { 0 } else { member.missed + 1 };
        let (node, missed) = (member.node, member.missed);
        if missed == limit {
            member.unwell_since = now;
            if std::mem::replace(&mut member.listed, false) && m != main {
                ctx.tell(Fact::Unlisted { node, missed });
            }
        } else if heard {
            member.unwell_since = SimTime::NEVER;
            if !member.listed && member.is_whole() && !behind && follows == main && !deaf {
                member.listed = true;
                ctx.tell(Fact::Listed { node });
            }
        }
        step_down(ctx, c, m);
    }
}

/// Where only a majority may have a primary: one that hears too few takes no writes until it hears enough again.
fn step_down(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &ctx.clusters[c];
    if cluster.members[m].role != Role::Primary || !ctx.lives(c, m) {
        return;
    }
    let heard = |&i: &usize| i == m || (ctx.lives(c, i) && ctx.hears(c, m, i));
    let enough = cluster.settings.fencing != Fencing::Majority
        || 2 * cluster.present().filter(heard).count() > cluster.present().len();
    let limit = cluster.settings.missed;
    // While another one is being made the primary, it is too late.
    let (main, calm) = (cluster.line.primary, cluster.phase == Phase::Normal);
    let member = &mut ctx.clusters[c].members[m];
    // A primary follows nobody, so that count is free to say how long it has been alone.
    member.deaf = if enough { 0 } else { member.deaf + 1 };
    let node = member.node;
    if enough && member.stepped_down && m == main && calm {
        member.stepped_down = false;
        ctx.tell(Fact::SteppedUp { node });
    } else if member.deaf >= limit && !member.stepped_down {
        member.stepped_down = true;
        ctx.tell(Fact::SteppedDown { node });
        refuse_pending(ctx, c, m);
    }
}

/// Commits that wait at a primary which is none any more fail: nobody knows what becomes of them.
pub(super) fn refuse_pending(ctx: &mut Context, c: usize, m: usize) {
    for pending in std::mem::take(&mut ctx.clusters[c].members[m].pending) {
        ctx.jobs[pending.job].failed = Some(Cause::ReadOnly);
        ctx.resume(pending.job);
    }
}

/// Replicas without a connection ask for what they lack: from the log, or as a new copy.
fn reconnect(ctx: &mut Context, c: usize) {
    for m in ctx.clusters[c].present() {
        let cluster = &ctx.clusters[c];
        let member = &cluster.members[m];
        let primary = member.follows;
        let is_replica = member.role == Role::Replica && primary != m && ctx.lives(c, m);
        if !is_replica || member.copying.is_some() {
            continue;
        }
        let streams = cluster.settings.kind != ReplicationKind::Snapshot;
        if member.empty || (streams && primary == cluster.line.primary && member.flushed < cluster.line.log.oldest()) {
            copy::begin(ctx, c, m);
            continue;
        }
        let promoting = matches!(cluster.phase, Phase::Promoting(..));
        if streams && !member.connected && !promoting && ctx.lives(c, primary) && ctx.hears(c, m, primary) {
            connect(ctx, c, m);
        }
    }
}

/// Replica `m` connects to its primary, which sends what it lacks: a round trip later it has it.
fn connect(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let primary = cluster.members[m].follows;
    let (own, other) = (cluster.members[m].node, cluster.members[primary].node);
    let asked = ctx.now + ctx.delay(own, other) + ctx.delay(other, own);
    let member = &mut ctx.clusters[c].members[m];
    member.disconnect();
    member.connected = true;
    member.sent = member.received;
    member.confirmed = member.received;
    member.arrives_at = asked;
    stream::ship(ctx, c, primary, m);
    stream::apply_next(ctx, c, m);
    // It may be whole already: then nothing comes that would say so.
    if ctx.clusters[c].members[m].applied == ctx.clusters[c].line_of(m).log.tip() {
        ctx.clusters[c].members[m].in_sync = true;
    }
}

/// Replicas that have lost their primary elect another, if they are enough.
fn consider(ctx: &mut Context, c: usize) {
    let cluster = &ctx.clusters[c];
    let settings = cluster.settings;
    let old = cluster.line.primary;
    if cluster.phase != Phase::Normal || !settings.failover {
        return;
    }
    let Some(candidate) = most_advanced(ctx, c, settings.missed) else { return };
    if !has_votes(ctx, c, candidate, settings.missed) {
        return;
    }
    let (node, missed) = (cluster.members[old].node, cluster.members[candidate].deaf);
    // That a heartbeat is missing is noticed when it should have arrived.
    let late = ctx.delay(node, cluster.members[candidate].node);
    ctx.clusters[c].phase = Phase::Electing(candidate);
    ctx.tell(Fact::PrimaryLost { node, missed });
    next_step(ctx, c, settings.election + late);
}

/// Whether a candidate has the votes that it needs: any will do, or a majority of all, where nobody votes who still hears the
/// primary.
fn has_votes(ctx: &Context, c: usize, candidate: usize, missed: u32) -> bool {
    let cluster = &ctx.clusters[c];
    let main = cluster.line.primary;
    let votes = |&i: &usize| {
        let member = &cluster.members[i];
        let deaf = member.follows == main && i != main && has_lost(cluster, i, missed) && ctx.lives(c, i);
        deaf && (i == candidate || ctx.hears(c, candidate, i))
    };
    let enough = 2 * cluster.present().filter(votes).count() > cluster.present().len();
    enough || cluster.settings.fencing != Fencing::Majority
}

/// Whether a replica counts its primary as dead. Where that means to cut its power, one that has not heard it since it
/// started may be the one that is cut off, as likely as not fenced itself: it waits until it has.
fn has_lost(cluster: &Cluster, m: usize, missed: u32) -> bool {
    let member = &cluster.members[m];
    member.deaf >= missed && (member.joined || cluster.settings.fencing != Fencing::Power)
}

/// Of the replicas that have missed so many heartbeats of their primary, the one that has received most. Where commits wait
/// for all replicas, one that they do not wait for may lack what clients were told of: it is not made the primary.
fn most_advanced(ctx: &Context, c: usize, missed: u32) -> Option<usize> {
    let cluster = &ctx.clusters[c];
    let main = cluster.line.primary;
    let fit = |&m: &usize| {
        let member = &cluster.members[m];
        let follows = member.role == Role::Replica && member.follows == main && m != main;
        let safe = member.in_sync || cluster.settings.mode != Mode::Synchronous;
        follows && safe && member.is_whole() && has_lost(cluster, m, missed) && ctx.lives(c, m)
    };
    // The lowest number of equals.
    cluster.present().rev().filter(fit).max_by_key(|&m| cluster.members[m].received)
}

fn next_step(ctx: &mut Context, c: usize, after: Span) {
    let cluster = &mut ctx.clusters[c];
    cluster.step = cluster.step.wrapping_add(1);
    let step = cluster.step;
    ctx.queue.push(ctx.now + after, Event::Failover { cluster: c as u16, step });
}

/// A step of a failover is over. Returns what has to be carried out.
pub fn step(ctx: &mut Context, c: usize, step: u16) -> Vec<Order> {
    if ctx.clusters[c].step != step {
        return Vec::new();
    }
    match ctx.clusters[c].phase {
        Phase::Normal | Phase::Switching(_) | Phase::Restoring => Vec::new(),
        Phase::Electing(candidate) => elect(ctx, c, candidate),
        Phase::Promoting(m, _) => {
            ctx.clusters[c].phase = Phase::Promoting(m, true);
            caught_up(ctx, c, m);
            Vec::new()
        }
    }
}

fn elect(ctx: &mut Context, c: usize, candidate: usize) -> Vec<Order> {
    let old = ctx.clusters[c].line.primary;
    let sound = ctx.lives(c, old) && !ctx.clusters[c].members[old].empty;
    let back = sound && ctx.hears(c, candidate, old) && !ctx.clusters[c].members[old].stepped_down;
    let Some(elected) = most_advanced(ctx, c, 1).filter(|&m| !back && has_votes(ctx, c, m, 1)) else {
        ctx.clusters[c].phase = Phase::Normal;
        return Vec::new();
    };
    let settings = ctx.clusters[c].settings;
    // It listens to its old primary no more.
    ctx.clusters[c].members[elected].wire.clear();
    ctx.clusters[c].members[elected].connected = false;
    ctx.clusters[c].phase = Phase::Promoting(elected, false);
    ctx.tell(Fact::Elected { node: ctx.clusters[c].members[elected].node });
    next_step(ctx, c, settings.promotion);
    let node = ctx.clusters[c].members[old].node;
    if settings.fencing == Fencing::Power && ctx.lives(c, old) {
        ctx.tell(Fact::Fenced { node });
        return vec![Order::ShutDown(node)];
    }
    Vec::new()
}

/// Member `m` has applied something, or its time is over: it may be ready to be the primary.
pub(super) fn caught_up(ctx: &mut Context, c: usize, m: usize) {
    match ctx.clusters[c].phase {
        Phase::Promoting(elected, true) if elected == m => {
            if !ctx.lives(c, m) {
                ctx.clusters[c].phase = Phase::Normal;
            } else if ctx.clusters[c].members[m].applied >= ctx.clusters[c].members[m].received {
                promote(ctx, c, m);
            }
        }
        Phase::Switching(to) if to == m => try_hand_over(ctx, c),
        Phase::Normal | Phase::Electing(_) | Phase::Promoting(..) | Phase::Switching(_) | Phase::Restoring => {}
    }
}

/// Member `m` is the primary from now on. What the old one had and it has not is on a stray line from now on.
fn promote(ctx: &mut Context, c: usize, m: usize) {
    let old = ctx.clusters[c].line.primary;
    let fork = ctx.clusters[c].members[m].applied;
    let fork_number = ctx.clusters[c].members[m].applied_number;
    let tail = ctx.clusters[c].line.log.split_after(fork);
    let mut versions = Index::default();
    let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
    for write in tail.entries() {
        versions.set(write.key, write.number);
    }
    for write in tail.entries().rev() {
        data.undo(write.key, write.before);
    }
    let lost = tail.acknowledged();
    let (now, first) = (ctx.now, tail.entries().next().map(|write| write.at));
    ctx.clusters[c].note_promotion(now, first);
    ctx.clusters[c].store.go_back_to(fork);
    ctx.clusters[c].deletions.go_back_to(fork_number);
    let old_goes_on = ctx.lives(c, old);
    // It goes its own way until it has heard of the new one and come back.
    let strays = old_goes_on || tail.entries().len() > 0;
    let cluster = &mut ctx.clusters[c];
    for stray in cluster.strays.iter_mut().filter_map(|line| line.stray.as_mut()) {
        // It has less in common with what is the present line from now on.
        if stray.position > fork {
            (stray.position, stray.number) = (fork, fork_number);
        }
    }
    if strays {
        let own = Stray { versions, position: fork, number: fork_number };
        ctx.clusters[c].strays.push(Line { log: tail, primary: old, stray: Some(own) });
    }
    for i in 0..ctx.clusters[c].members.len() {
        let stays = strays && (i == old || (old_goes_on && ctx.hears(c, i, old) && !ctx.hears(c, i, m)));
        let member = &mut ctx.clusters[c].members[i];
        if member.copying.is_some_and(|copying| copying.position > fork) {
            // What it is being given is lost.
            member.copying = None;
        }
        if member.follows == old && !stays && i != m {
            member.follows = m;
            member.disconnect();
            // Who has more than the new primary goes back to where they part.
            if member.flushed > fork {
                member.stand_at(fork, fork_number);
            }
        }
    }
    take_over(ctx, c, old, m);
    let node = ctx.clusters[c].members[m].node;
    ctx.clusters[c].counts.lost += lost;
    ctx.tell(Fact::Promoted { node });
    if lost > 0 {
        ctx.tell(Fact::LostWrites { node: ctx.clusters[c].members[old].node, lost: lost as u32 });
    }
}

/// The roles change: `m` writes the present line from now on.
fn take_over(ctx: &mut Context, c: usize, old: usize, m: usize) {
    let old_goes_on = ctx.lives(c, old) && ctx.clusters[c].members[old].follows == old;
    let cluster = &mut ctx.clusters[c];
    cluster.phase = Phase::Normal;
    cluster.counts.promotions += 1;
    cluster.line.primary = m;
    let took_reads = cluster.members[old].takes_reads;
    cluster.members[old].takes_reads = std::mem::replace(&mut cluster.members[m].takes_reads, took_reads);
    cluster.members.iter_mut().for_each(|member| member.deaf = 0);
    // Whether it has all is known once it is connected.
    cluster.members[old].in_sync = false;
    let new = &mut cluster.members[m];
    new.disconnect();
    new.role = Role::Primary;
    new.follows = m;
    (new.stepped_down, new.ships) = (false, false);
    if !old_goes_on {
        cluster.members[old].role = Role::Replica;
        cluster.members[old].listed = false;
    }
    reconnect(ctx, c);
    recovery::replay_next(ctx, c);
}

/// A planned change: `to` is to be the primary, without losing anything. Says whether that can begin.
pub fn switch_over(ctx: &mut Context, node: NodeId) -> bool {
    let Some((c, to)) = ctx.member_of(node) else { return false };
    let cluster = &ctx.clusters[c];
    let from = cluster.line.primary;
    let member = &cluster.members[to];
    let fit = cluster.phase == Phase::Normal
        && to != from
        && cluster.settings.kind == ReplicationKind::Transactional
        && member.role == Role::Replica
        && member.follows == from
        && member.is_whole()
        && ctx.lives(c, to)
        && ctx.lives(c, from)
        && ctx.hears(c, from, to);
    if fit {
        ctx.clusters[c].phase = Phase::Switching(to);
        try_hand_over(ctx, c);
    }
    fit
}

/// The primary hands over once it has no write in hand and the other has all.
pub fn try_hand_over(ctx: &mut Context, c: usize) {
    let Phase::Switching(to) = ctx.clusters[c].phase else { return };
    let from = ctx.clusters[c].line.primary;
    if !ctx.lives(c, to) || !ctx.lives(c, from) || !ctx.clusters[c].members[to].connected {
        ctx.clusters[c].phase = Phase::Normal;
        return;
    }
    let cluster = &mut ctx.clusters[c];
    let tip = cluster.line.log.tip();
    if cluster.members[from].writing > 0 || cluster.members[to].applied < tip {
        return;
    }
    let number = cluster.members[from].applied_number;
    for member in &mut cluster.members {
        if member.follows == from {
            member.follows = to;
            member.disconnect();
        }
    }
    cluster.members[from].stand_at(tip, number);
    take_over(ctx, c, from, to);
    let node = ctx.clusters[c].members[to].node;
    ctx.tell(Fact::SwitchedOver { node });
}

/// Members that have been dead for long enough, whose places new machines take.
fn replacements(ctx: &Context, c: usize) -> Vec<Order> {
    let cluster = &ctx.clusters[c];
    let Some(after) = cluster.settings.replace_after else { return Vec::new() };
    let dead = |&m: &usize| {
        let member = &cluster.members[m];
        let down = ctx.nodes[member.node.index()].life == Life::Down;
        let due = member.unwell_since != SimTime::NEVER && member.unwell_since + after <= ctx.now;
        m != cluster.line.primary && down && due && cluster.phase == Phase::Normal
    };
    cluster.present().filter(dead).map(|m| Order::Replace(cluster.members[m].node)).collect()
}
