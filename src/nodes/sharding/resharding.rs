//! Rows that move to other shards while all goes on: because one was added, or the key or the way of placing was changed.
//!
//! 1. Each shard reads what has to go, piece by piece, and sends it; the target writes it. That takes work of both, in
//!    proportion to the rows.
//! 2. Meanwhile the old shard answers for these rows. What it writes of them is noted, and carried out at the target as
//!    well once that has all pieces.
//! 3. At an instant at which no target lacks anything, callers switch: the map and the rows' places change at once. What
//!    was under way to the old shard is sent on ([`super::receive`]). If that instant does not come by itself, writes of
//!    moving rows are refused until it does.
//!
//! So no write is lost, and every row is on exactly one shard throughout. A dead server only delays it. What a shard no
//! longer answers for is deleted at no cost.

use crate::nodes::context::Life;
use crate::nodes::job::{Errand, Upkeep};
use crate::nodes::observer::{Fact, Hop, Look};
use crate::nodes::{Context, Event, Job, NodeId, TierId, database};
use crate::time::{SimTime, Span};

use super::moving::{AtWork, Leg, Moving, legs};
use super::router::Distribution;

/// How often it is looked whether what a death has stopped can go on.
const POLL: Span = Span(1_000_000_000);
/// How long targets may lag behind before writes are refused.
const PATIENCE: Span = Span(5_000_000_000);
/// The number of all work for moves, far from those of requests.
const MOVE_ID: u64 = u64::MAX >> 1;
/// The leg of what replicas do for a move: nobody waits for that.
const OF_REPLICA: u32 = u32::MAX;
/// The most writes that are noted one by one; after that they are noted together with the last one.
const NOTED_MAX: usize = 1 << 20;

/// What is due of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// To look what can go on.
    Poll,
    /// A piece reaches its target.
    Piece,
    /// Callers are to switch.
    Switch,
}

/// Rows are to be elsewhere from now on. What is under way is brought to its end first.
pub fn begin(ctx: &mut Context, tier: TierId, to: Distribution) {
    let data = &ctx.data;
    let Some(shards) = &mut ctx.tiers[tier.index()].shards else { return };
    if let Some(moving) = &mut shards.moving {
        moving.next = (moving.to != to).then_some(to);
        return;
    }
    if shards.settings.distribution == to {
        return;
    }
    let servers = usize::from(to.shards.max(shards.settings.distribution.shards));
    shards.held.resize(servers, 0);
    let (legs, change) = legs(shards, &to, data.as_ref());
    let pieces = legs.iter().map(|leg| u64::from(leg.pieces)).sum();
    let rows: u64 = legs.iter().map(|leg| leg.rows).sum();
    let mut ways = vec![[Vec::new(), Vec::new()]; servers];
    for (number, leg) in legs.iter().enumerate() {
        ways[usize::from(leg.from)][0].push(number as u16);
        ways[usize::from(leg.to)][1].push(number as u16);
    }
    shards.moving = Some(Box::new(Moving {
        to,
        legs,
        ways,
        since: ctx.now,
        change,
        at_work: vec![AtWork::default(); servers],
        lacking: pieces,
        pieces,
        copied_at: SimTime::NEVER,
        frozen: false,
        next: None,
    }));
    ctx.tell(Fact::ReshardingBegan { tier, rows: rows.min(u64::from(u32::MAX)) as u32 });
    poll(ctx, tier, Span::ZERO);
}

/// It is looked after a while what can go on; by the number of the move, since there may be another one then.
fn poll(ctx: &mut Context, tier: TierId, after: Span) {
    let epoch = ctx.tiers[tier.index()].shards.as_ref().map_or(0, |shards| shards.epoch);
    ctx.queue.push(ctx.now + after, Event::Resharding { tier, leg: u16::from(epoch), due: Due::Poll });
}

/// The server that works for a shard, if it is up.
fn server(ctx: &Context, tier: TierId, shard: u16) -> Option<NodeId> {
    let state = &ctx.tiers[tier.index()];
    let node = match state.clusters.get(usize::from(shard)) {
        Some(&cluster) => {
            let cluster = &ctx.clusters[usize::from(cluster)];
            cluster.members.get(cluster.line.primary)?.node
        }
        None => *state.members.get(usize::from(shard))?,
    };
    (ctx.nodes[node.index()].life == Life::Up).then_some(node)
}

fn moving(ctx: &mut Context, tier: TierId) -> Option<&mut Moving> {
    ctx.tiers[tier.index()].shards.as_mut()?.moving.as_deref_mut()
}

/// Something of a move is due.
pub fn due(ctx: &mut Context, tier: TierId, leg: u16, due: Due) {
    match due {
        Due::Poll => polled(ctx, tier, leg),
        Due::Piece => {
            let Some(moving) = moving(ctx, tier) else { return };
            let own = &mut moving.legs[usize::from(leg)];
            let to = own.to;
            own.arrived += 1;
            if server(ctx, tier, to).is_none() {
                drop_arrived(ctx, tier, to);
            }
            go_on(ctx, tier, to);
        }
        // The world does that, since memory has to be laid out anew.
        Due::Switch => {}
    }
}

fn polled(ctx: &mut Context, tier: TierId, epoch: u16) {
    let now = ctx.now;
    if ctx.tiers[tier.index()].shards.as_ref().is_none_or(|shards| u16::from(shards.epoch) != epoch) {
        return;
    }
    let Some(moving) = moving(ctx, tier) else { return };
    if moving.pieces == 0 && moving.copied_at != SimTime::NEVER && moving.copied_at + PATIENCE <= now {
        moving.frozen = true;
    }
    let servers = moving.at_work.len() as u16;
    poll(ctx, tier, POLL);
    (0..servers).for_each(|shard| go_on(ctx, tier, shard));
    look(ctx, tier);
}

/// What shard `shard` can begin to read, from `node`: a piece that somebody is there to take.
fn to_read(ctx: &Context, tier: TierId, shard: u16, node: NodeId) -> Option<usize> {
    let moving = ctx.tiers[tier.index()].shards.as_ref()?.moving.as_ref()?;
    if moving.at_work[usize::from(shard)].reads.is_some() {
        return None;
    }
    let found = moving.ways[usize::from(shard)][0].iter().copied().find(|&leg| {
        let leg = &moving.legs[usize::from(leg)];
        let target = || server(ctx, tier, leg.to).is_some_and(|target| !ctx.links.cuts(node, target));
        leg.to_read > 0 && target()
    });
    found.map(usize::from)
}

/// What it can begin to write: a piece that has arrived, else what has been written at the source since.
fn to_write(moving: &Moving, shard: u16) -> Option<(usize, Upkeep, Span)> {
    if moving.at_work[usize::from(shard)].writes.is_some() {
        return None;
    }
    let legs = || moving.legs_to(shard);
    let piece = legs().find(|(_, leg)| leg.arrived > 0).map(|(leg, own)| (leg, Upkeep::MoveIn, own.piece));
    let late = |(leg, own): (usize, &Leg)| Some((leg, Upkeep::CatchUp, *own.behind.front()?));
    piece.or_else(|| legs().filter(|(_, leg)| leg.to_write == 0).find_map(late))
}

/// Shard `shard` begins what it can begin: one piece to read, and one thing to write.
fn go_on(ctx: &mut Context, tier: TierId, shard: u16) {
    let Some(node) = server(ctx, tier, shard) else { return };
    let reads = to_read(ctx, tier, shard, node);
    let Some(moving) = moving(ctx, tier) else { return };
    let reads = reads.map(|leg| (leg, Upkeep::MoveOut, moving.legs[leg].piece));
    let writes = to_write(moving, shard);
    let at_work = &mut moving.at_work[usize::from(shard)];
    at_work.reads = at_work.reads.or(reads.map(|_| node));
    at_work.writes = at_work.writes.or(writes.map(|_| node));
    for (leg, what, demand) in reads.into_iter().chain(writes) {
        work(ctx, node, what, leg as u32, demand);
    }
    if let Some((_, what, demand)) = writes {
        // Its replicas write the same.
        replicas(ctx, tier, shard, node).into_iter().for_each(|node| work(ctx, node, what, OF_REPLICA, demand));
    }
}

/// `node` has something to do for a leg of a move.
fn work(ctx: &mut Context, node: NodeId, what: Upkeep, leg: u32, demand: Span) {
    let mut job = Job::new(MOVE_ID, ctx.seed, ctx.now, 0, ctx.probe_class(), node);
    job.errand = Errand::Upkeep(what);
    (job.item, job.rank) = (leg, 0);
    let job = ctx.jobs.insert(job);
    ctx.work_for(job, demand, None, false);
}

/// The servers of a shard that are up, beside its primary.
fn replicas(ctx: &Context, tier: TierId, shard: u16, primary: NodeId) -> Vec<NodeId> {
    let Some(&cluster) = ctx.tiers[tier.index()].clusters.get(usize::from(shard)) else { return Vec::new() };
    let members = ctx.clusters[usize::from(cluster)].members.iter().map(|member| member.node);
    members.filter(|&node| node != primary && ctx.nodes[node.index()].life == Life::Up).collect()
}

/// Work for a move is done at `node`.
pub fn done(ctx: &mut Context, node: NodeId, what: Upkeep, leg: usize) {
    let tier = ctx.nodes[node.index()].tier;
    let Some(moving) = moving(ctx, tier).filter(|_| leg != OF_REPLICA as usize) else { return };
    let own = &mut moving.legs[leg];
    let (from, to) = (own.from, own.to);
    match what {
        Upkeep::MoveOut => {
            own.to_read -= 1;
            moving.at_work[usize::from(from)].reads = None;
            send(ctx, tier, leg as u16, node);
            go_on(ctx, tier, from);
        }
        Upkeep::MoveIn => {
            (own.arrived, own.to_write) = (own.arrived - 1, own.to_write - 1);
            moving.pieces -= 1;
            wrote(ctx, tier, to);
        }
        Upkeep::CatchUp => {
            own.behind.pop_front();
            wrote(ctx, tier, to);
            if let Some(shards) = &mut ctx.tiers[tier.index()].shards {
                shards.counts.caught_up += 1;
            }
        }
        Upkeep::Apply | Upkeep::Copy | Upkeep::Replay | Upkeep::Backup | Upkeep::Restore | Upkeep::Delete => {
            unreachable!("that is the clusters' own")
        }
    }
}

/// The target of a leg has one thing less to do.
fn wrote(ctx: &mut Context, tier: TierId, shard: u16) {
    let now = ctx.now;
    let Some(moving) = moving(ctx, tier) else { return };
    moving.at_work[usize::from(shard)].writes = None;
    moving.lacking -= 1;
    if moving.pieces == 0 && moving.copied_at == SimTime::NEVER {
        moving.copied_at = now;
    }
    go_on(ctx, tier, shard);
    look(ctx, tier);
}

/// Callers switch at this instant if no target lacks anything.
fn look(ctx: &mut Context, tier: TierId) {
    if moving(ctx, tier).is_some_and(|moving| moving.lacking == 0) {
        ctx.queue.push(ctx.now, Event::Resharding { tier, leg: 0, due: Due::Switch });
    }
}

/// A piece of a leg sets out from `node`. If there is nobody to take it any more, it is read anew.
fn send(ctx: &mut Context, tier: TierId, leg: u16, node: NodeId) {
    let Some(to) = moving(ctx, tier).map(|moving| moving.legs[usize::from(leg)].to) else { return };
    let Some(target) = server(ctx, tier, to).filter(|&target| !ctx.links.cuts(node, target)) else {
        if let Some(moving) = moving(ctx, tier) {
            moving.legs[usize::from(leg)].to_read += 1;
        }
        return;
    };
    let event = Event::Resharding { tier, leg, due: Due::Piece };
    let end = ctx.message(node, target, ctx.now, event);
    let look = Look::Replication;
    ctx.observer.hop(Hop { id: MOVE_ID, from: node, to: target, start: ctx.now, end, look });
}

/// Shard `shard` has carried out a write of a row that is to be elsewhere: the target will have to as well.
pub fn forward(ctx: &mut Context, tier: TierId, row: u32, shard: u16, demand: Span, is_new: bool) {
    let Some(shards) = &mut ctx.tiers[tier.index()].shards else { return };
    let before = shards.settings.distribution.holders(&shards.rows, row);
    let Some(moving) = &mut shards.moving else { return };
    let after = moving.to.holders(&shards.rows, row);
    if is_new && !after.servers().contains(&shard) {
        moving.change[usize::from(shard)] -= 1;
    }
    // Of several that have a row the first one tells the others.
    if before.servers()[0] != shard {
        return;
    }
    let mut woken = Vec::new();
    for &new in after.servers().iter().filter(|new| !before.servers().contains(new)) {
        moving.change[usize::from(new)] += i64::from(is_new);
        let leg = moving.leg_between(shard, new);
        leg.rows += u64::from(is_new);
        shards.counts.forwarded += 1;
        if leg.behind.len() < NOTED_MAX {
            leg.behind.push_back(demand);
            moving.lacking += 1;
        } else if let Some(last) = leg.behind.back_mut() {
            *last = *last + demand;
        }
        woken.push(new);
    }
    woken.into_iter().for_each(|new| go_on(ctx, tier, new));
}

/// `node` died, and with it what its shard was at; what it had written of a move as well, if that was `with_disk`.
pub fn died(ctx: &mut Context, node: NodeId, with_disk: bool) {
    let tier = ctx.nodes[node.index()].tier;
    let alone = ctx.tiers[tier.index()].clusters.is_empty();
    let Some(each) = ctx.tiers[tier.index()].shards.as_ref().map(|shards| shards.settings.each) else { return };
    let shard = (usize::from(ctx.nodes[node.index()].instance) / each) as u16;
    let Some(moving) = moving(ctx, tier) else { return };
    // A shard that was added since has no part in it.
    let Some(at_work) = moving.at_work.get_mut(usize::from(shard)) else { return };
    let wrote = at_work.writes.take_if(|at| *at == node).is_some();
    at_work.reads.take_if(|at| *at == node);
    if !wrote && !alone {
        return;
    }
    drop_arrived(ctx, tier, shard);
    if let Some(moving) = self::moving(ctx, tier).filter(|_| with_disk && alone) {
        for leg in moving.legs.iter_mut().filter(|leg| leg.to == shard) {
            let lost = leg.pieces - leg.to_write;
            (moving.pieces, moving.lacking) = (moving.pieces + u64::from(lost), moving.lacking + u64::from(lost));
            (leg.to_read, leg.to_write) = (leg.to_read + lost, leg.pieces);
            moving.copied_at = SimTime::NEVER;
        }
    }
}

/// Pieces that a dead target had in memory have to be sent again.
fn drop_arrived(ctx: &mut Context, tier: TierId, shard: u16) {
    let Some(moving) = moving(ctx, tier) else { return };
    for leg in moving.legs.iter_mut().filter(|leg| leg.to == shard) {
        leg.to_read += std::mem::take(&mut leg.arrived);
    }
}

/// Callers switch, if no target lacks anything still. Says whether they did.
pub fn switch(ctx: &mut Context, tier: TierId) -> bool {
    let now = ctx.now;
    let Some(shards) = &mut ctx.tiers[tier.index()].shards else { return false };
    let Some(moving) = shards.moving.take_if(|moving| moving.lacking == 0) else { return false };
    shards.settings.distribution = moving.to;
    shards.epoch = shards.epoch.wrapping_add(1);
    for (held, change) in shards.held.iter_mut().zip(&moving.change) {
        *held = held.saturating_add_signed(*change);
    }
    shards.counts.moved_rows += moving.legs.iter().map(|leg| leg.rows).sum::<u64>();
    let seconds = now.since(moving.since).as_seconds() as u32;
    ctx.tell(Fact::Resharded { tier, seconds });
    let targets: Vec<u16> = moving.legs.iter().map(|leg| leg.to).collect();
    for cluster in ctx.tiers[tier.index()].clusters.clone().into_iter().enumerate() {
        if targets.contains(&(cluster.0 as u16)) {
            database::stream::adopt(ctx, usize::from(cluster.1));
        }
    }
    if let Some(next) = moving.next {
        begin(ctx, tier, next);
    }
    true
}
