//! What becomes of a member that died, and of what only an old primary has.
//!
//! Who comes back asks who the primary is and follows it: by the log, or with a new copy. An old primary brings what the
//! new one has not: a script replays that, write by write, unless somebody has written to the same key meanwhile. Such a
//! conflict is counted and left for people to look at.

use crate::nodes::job::Upkeep;
use crate::nodes::observer::Fact;
use crate::nodes::{Context, NodeId};
use crate::rng::Step;
use crate::time::SimTime;

use super::failover::{Phase, refuse_pending};
use super::member::{Role, Stray};
use super::peers::life;
use super::stream::{append, errand};
use super::{Line, backup, copy, deletion, restore};

/// A member died; with its disk, or what was on that is still there.
pub fn died(ctx: &mut Context, node: NodeId, with_disk: bool) {
    let Some((c, m)) = ctx.member_of(node) else { return };
    copy::lose_source(ctx, c, m);
    if ctx.clusters[c].peers.is_some() {
        life::died(ctx, c, m, with_disk);
        return;
    }
    let cluster = &mut ctx.clusters[c];
    let member = &mut cluster.members[m];
    member.disconnect();
    member.applying = false;
    member.copying = None;
    member.pending.clear();
    (member.ships, member.writing) = (false, 0);
    member.applied = member.applied.min(member.flushed);
    if with_disk {
        lose_disk(ctx, c, m);
    }
    let cluster = &mut ctx.clusters[c];
    if cluster.line.primary == m {
        cluster.replaying = false;
        cluster.down_since = cluster.down_since.min(ctx.now);
        deletion::roll_back(cluster);
        restore::primary_died(ctx, c);
    }
    backup::lose_sender(ctx, c, m);
    let cluster = &mut ctx.clusters[c];
    for other in &mut cluster.members {
        if other.follows == m {
            // What is on the wire still arrives.
            other.connected = false;
        }
    }
    if cluster.phase == Phase::Switching(m)
        || (cluster.line.primary == m && matches!(cluster.phase, Phase::Switching(_)))
    {
        cluster.phase = Phase::Normal;
    }
    if let Phase::Promoting(elected, _) = cluster.phase
        && elected == m
    {
        cluster.phase = Phase::Normal;
    }
}

/// All that a member has is gone, also what only it had.
pub(super) fn lose_disk(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let main = cluster.line.primary;
    let member = &mut cluster.members[m];
    (member.empty, member.listed, member.in_sync) = (true, false, false);
    member.stand_at(0, 0);
    if m != main {
        (member.role, member.follows) = (Role::Replica, main);
    }
    if let Some(at) = cluster.strays.iter().position(|line| line.primary == m) {
        let line = cluster.strays.remove(at);
        leave(ctx, c, line);
    }
}

/// A stray line is given up: what clients were told of it stays lost.
fn leave(ctx: &mut Context, c: usize, line: Line) {
    let cluster = &mut ctx.clusters[c];
    cluster.gone.extend(line.log.entries().filter(|write| !write.acknowledged).map(|write| (write.number, None)));
    let main = cluster.line.primary;
    let Stray { position: fork, number, .. } = line.stray.unwrap_or_default();
    for member in &mut cluster.members {
        if member.follows == line.primary && line.primary != main {
            member.disconnect();
            member.follows = main;
            if member.flushed > fork {
                member.stand_at(fork, number);
            }
        }
    }
}

/// A member's process has started.
pub fn started(ctx: &mut Context, node: NodeId) {
    let Some((c, m)) = ctx.member_of(node) else { return };
    let cluster = &mut ctx.clusters[c];
    let main = cluster.line.primary;
    let member = &mut cluster.members[m];
    if cluster.peers.is_some() {
        // It has to catch up first.
        member.listed = false;
        return;
    }
    if m == main {
        // It was not away for long enough for anybody to take its place.
        member.missed = 0;
        if restore::started(ctx, c) {
            return;
        }
        let cluster = &mut ctx.clusters[c];
        if !cluster.members[m].empty {
            cluster.down_since = SimTime::NEVER;
        }
        let (position, number) = (cluster.line.log.tip(), cluster.number_at(cluster.line.log.tip()));
        let member = &mut cluster.members[m];
        let number = if number == 0 { member.applied_number } else { number };
        member.stand_at(position, number);
        return;
    }
    member.role = Role::Replica;
    (member.stepped_down, member.listed, member.joined) = (false, false, false);
}

/// Old primaries that are back, or can be reached again, follow the present one; what only they have is replayed.
pub(super) fn come_back(ctx: &mut Context, c: usize) {
    let main = ctx.clusters[c].line.primary;
    if !ctx.lives(c, main) {
        return;
    }
    loop {
        let back = |line: &Line| ctx.lives(c, line.primary) && ctx.hears(c, main, line.primary);
        let Some(at) = ctx.clusters[c].strays.iter().position(back) else { break };
        let line = ctx.clusters[c].strays.remove(at);
        rejoin(ctx, c, line);
    }
    // Those who died as followers of a line that has ended since.
    for m in 0..ctx.clusters[c].members.len() {
        let follows = ctx.clusters[c].members[m].follows;
        let strays = ctx.clusters[c].strays.iter().any(|line| line.primary == follows);
        if m != main && follows != main && !strays {
            ctx.clusters[c].members[m].follows = main;
            ctx.clusters[c].members[m].role = Role::Replica;
        }
    }
}

fn rejoin(ctx: &mut Context, c: usize, line: Line) {
    let owner = line.primary;
    refuse_pending(ctx, c, owner);
    let cluster = &mut ctx.clusters[c];
    let node = cluster.members[owner].node;
    let writes = line.log.entries().len() as u32;
    let fork = line.stray.as_ref().map_or(0, |stray| stray.number);
    let member = &mut cluster.members[owner];
    member.role = Role::Replica;
    (member.stepped_down, member.listed, member.ships, member.in_sync) = (false, false, false, false);
    if cluster.settings.recovery {
        // Nobody deletes the same rows by mistake once more.
        let writes = line.log.entries().filter(|write| write.key != deletion::STATEMENT);
        cluster.replays.extend(writes.map(|&write| (write, fork)));
        let nothing = super::Log::after(line.log.oldest());
        leave(ctx, c, Line { log: nothing, ..line });
    } else {
        leave(ctx, c, line);
    }
    ctx.tell(Fact::Rejoined { node, writes });
}

/// The primary replays the next write of an old one's log.
pub(super) fn replay_next(ctx: &mut Context, c: usize) {
    loop {
        let cluster = &ctx.clusters[c];
        let main = cluster.line.primary;
        if cluster.replaying || cluster.phase != Phase::Normal || !cluster.takes_writes(main) || !ctx.lives(c, main) {
            return;
        }
        let Some(&(write, _)) = cluster.replays.front() else { return };
        let program = &ctx.programs[usize::from(write.class)];
        let demand = program.database.sampler.sample(write.draws.draw(write.attempt, Step::Database));
        ctx.clusters[c].replaying = true;
        if demand.0 > 0 {
            let job = errand(ctx, c, main, Upkeep::Replay, &write);
            ctx.work_for(job, demand, None, false);
            return;
        }
        replay(ctx, c);
    }
}

/// The work of replaying a write is done.
pub(super) fn replayed(ctx: &mut Context, c: usize) {
    replay(ctx, c);
    replay_next(ctx, c);
}

fn replay(ctx: &mut Context, c: usize) {
    let cluster = &mut ctx.clusters[c];
    cluster.replaying = false;
    let Some((write, fork)) = cluster.replays.pop_front() else { return };
    let main = cluster.line.primary;
    let newest = ctx.data.as_ref().map_or(0, |data| data.version(write.key));
    let own = cluster.replayed.get(write.key) == Some(newest);
    if newest > fork && !own {
        cluster.counts.conflicts += 1;
        if !write.acknowledged {
            cluster.gone.insert(write.number, None);
        }
    } else {
        cluster.counts.recovered += 1;
        cluster.counts.lost -= u64::from(write.acknowledged);
        let at = ctx.now;
        let (_, number) = append(ctx, c, main, super::Entry { at, ..write });
        let cluster = &mut ctx.clusters[c];
        cluster.replayed.set(write.key, number);
        if !write.acknowledged {
            cluster.gone.insert(write.number, Some(number));
        }
    }
    let cluster = &mut ctx.clusters[c];
    if cluster.replays.is_empty() {
        cluster.replayed = crate::engine::Index::default();
        let (recovered, conflicts) = (cluster.counts.recovered as u32, cluster.counts.conflicts as u32);
        ctx.tell(Fact::Recovered { recovered, conflicts, node: ctx.clusters[c].members[main].node });
    }
}
