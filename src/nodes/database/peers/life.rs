//! What becomes of members that all take writes when one of them dies, and who is asked.
//!
//! Nobody is promoted: whoever is left takes writes anyway. A web server asks the nearest member that it does not know to be
//! gone, those that are equally near in turn. That a process has crashed it knows at once, since its connections are reset;
//! that one is silent or cut off, after as many heartbeats as all else.

use crate::nodes::context::Life;
use crate::nodes::data::Data;
use crate::nodes::database::cluster::ClusterCounts;
use crate::nodes::database::failover::Order;
use crate::nodes::database::member::Role;
use crate::nodes::database::settings::Reads;
use crate::nodes::database::{Cluster, copy};
use crate::nodes::observer::Fact;
use crate::nodes::{Context, NodeId};
use crate::time::{SimTime, Span};

use super::{Fate, Peers, Vector, exchange};

impl Peers {
    /// Member `m` is one of those that are to get everything, or is it no more. What it lacks is still to be applied.
    fn count(&mut self, m: usize, counted: bool) {
        if self.peers[m].counted == counted {
            return;
        }
        self.peers[m].counted = counted;
        let lacks = self.lacking(m).flatten().map(|change| (change.write.key, change.stamp.number)).collect::<Vec<_>>();
        for (key, number) in lacks {
            let Some(contest) = self.contests.get_mut(&key) else { continue };
            if counted { contest.reopen(number) } else { contest.settle(number) }
        }
    }

    /// Member `m` stands where `source` stands.
    fn adopt(&mut self, m: usize, source: usize) {
        self.count(m, false);
        let own = self.peers[m].applied[m];
        let mut applied = self.peers[source].applied;
        // Its numbers go on; what was only on its old disk is marked as lost.
        applied[m] = own.max(applied[m]);
        (self.peers[m].applied, self.peers[m].has) = (applied, applied);
        self.contests.values_mut().for_each(|contest| contest.copy(m, Some(source)));
        self.count(m, true);
    }

    /// All that member `m` had is gone. What nobody else has either is lost.
    fn lose_disk(&mut self, m: usize, counts: &mut ClusterCounts) {
        self.count(m, false);
        let own = self.peers[m].applied[m];
        (self.peers[m].applied, self.peers[m].has) = (Vector::default(), Vector::default());
        // Where its numbers go on.
        self.peers[m].applied[m] = own;
        self.contests.values_mut().for_each(|contest| contest.copy(m, None));
        for origin in 0..self.journals.len() {
            if self.peers[origin].counted {
                continue;
            }
            let others = self.peers.iter().filter(|peer| peer.counted);
            let most = others.map(|peer| peer.has[origin].max(peer.applied[origin])).max().unwrap_or(0);
            let gone = self.journals[origin].range_mut(most + 1..).filter(|(_, change)| change.fate != Fate::Lost);
            let mut lost = Vec::new();
            for (&number, change) in gone {
                let told = u64::from(change.write.acknowledged);
                counts.lost += told;
                if change.fate == Fate::Overwritten {
                    counts.overwritten -= told;
                    self.peers[origin].losers -= told;
                }
                change.fate = Fate::Lost;
                lost.push((change.write.key, number));
            }
            // Nothing that is gone has replaced anything.
            for change in
                self.journals[origin].values_mut().filter(|change| change.next.is_some_and(|next| next > most))
            {
                change.next = None;
            }
            let lacking = self.peers.iter().filter(|peer| peer.counted).count();
            for (key, number) in lost {
                let Some(contest) = self.contests.get_mut(&key) else { continue };
                (0..lacking).for_each(|_| contest.settle(number));
            }
        }
    }

    /// Closes the contests that are over since fewer members count.
    fn close_all(&mut self, data: &mut Data) {
        let over = self.contests.iter().filter(|(_, contest)| contest.is_over());
        let over = over.map(|(&key, contest)| (key, contest.newest())).collect::<Vec<_>>();
        for (key, newest) in over {
            self.contests.remove(&key);
            if newest > 0 {
                data.write_as(key, newest);
            }
        }
    }
}

/// Member `m` died; with its disk, or what was on that is still there.
pub fn died(ctx: &mut Context, c: usize, m: usize, with_disk: bool) {
    let cluster = &mut ctx.clusters[c];
    let member = &mut cluster.members[m];
    member.disconnect();
    (member.copying, member.writing) = (None, 0);
    let peers = cluster.peers.as_mut().expect("they are peers");
    let peer = &mut peers.peers[m];
    (peer.applying, peer.starts, peer.ships) = (None, peer.starts.wrapping_add(1), false);
    peer.inlets.iter_mut().for_each(exchange::Inlet::disconnect);
    // What is on the wire still arrives.
    peers.peers.iter_mut().for_each(|other| other.inlets[m].connected = false);
    if with_disk && !cluster.members[m].empty {
        (cluster.members[m].empty, cluster.members[m].listed) = (true, false);
        peers.lose_disk(m, &mut cluster.counts);
        let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
        peers.close_all(data);
    }
}

/// Member `m` is being copied from `source`: that is what it will have.
pub fn copied_from(ctx: &mut Context, c: usize, m: usize, source: usize) {
    let peers = ctx.clusters[c].peers.as_mut().expect("they are peers");
    peers.adopt(m, source);
    peers.close_all(ctx.data.as_mut().expect("checked: what is replicated has keys"));
}

/// Whether member `m` can be copied from `source`: that has all that is left of what `m` itself had committed, which nobody
/// sends it back.
pub fn can_copy(cluster: &Cluster, m: usize, source: usize) -> bool {
    let Some(peers) = &cluster.peers else { return false };
    let others = peers.peers.iter().enumerate().filter(|&(i, peer)| i != m && peer.counted);
    let most = others.map(|(_, peer)| peer.has[m].max(peer.applied[m])).max();
    peers.peers[source].counted && most.is_none_or(|most| peers.peers[source].applied[m] >= most)
}

/// Heartbeats are due. Returns what has to be carried out.
pub fn beat(ctx: &mut Context, c: usize) -> Vec<Order> {
    listen(ctx, c);
    for m in ctx.clusters[c].present() {
        let member = &ctx.clusters[c].members[m];
        if !ctx.lives(c, m) || member.copying.is_some() {
            continue;
        }
        if member.empty {
            copy::begin(ctx, c, m);
        } else {
            reconnect(ctx, c, m);
        }
    }
    tell_of_conflicts(ctx, c);
    replacements(ctx, c)
}

fn reconnect(ctx: &mut Context, c: usize, m: usize) {
    for from in ctx.clusters[c].present() {
        let cluster = &ctx.clusters[c];
        let connected = cluster.peers.as_ref().is_some_and(|peers| peers.peers[m].inlets[from].connected);
        let fit = cluster.feeds(from, m) && !connected && cluster.members[from].is_whole();
        if fit && ctx.lives(c, from) && ctx.hears(c, from, m) {
            exchange::connect(ctx, c, from, m);
        }
    }
    exchange::apply_next(ctx, c, m);
}

fn listen(ctx: &mut Context, c: usize) {
    let settings = ctx.clusters[c].settings;
    // What is under way in any case is no lag.
    let usual = settings.heartbeat + settings.merge_every + settings.ship_every;
    for m in ctx.clusters[c].present() {
        let alive = ctx.lives(c, m);
        let lag = ctx.clusters[c].lag(m, ctx.now);
        let heard = |&i: &usize| ctx.clusters[c].feeds(i, m) && ctx.lives(c, i) && ctx.hears(c, i, m);
        let alone = !ctx.clusters[c].present().any(|i| heard(&i));
        let now = ctx.now;
        let member = &mut ctx.clusters[c].members[m];
        member.missed = if alive { 0 } else { member.missed.saturating_add(1) };
        let (node, missed) = (member.node, member.missed);
        if missed == settings.missed {
            member.unwell_since = now;
            member.listed = false;
            ctx.tell(Fact::Unlisted { node, missed });
        } else if alive {
            member.unwell_since = SimTime::NEVER;
            if !member.listed && member.is_whole() && (alone || lag <= usual) {
                member.listed = true;
                ctx.tell(Fact::Listed { node });
            }
        }
    }
}

/// One line for all conflicts since the last heartbeat.
fn tell_of_conflicts(ctx: &mut Context, c: usize) {
    let tier = ctx.clusters[c].tier;
    let peers = ctx.clusters[c].peers.as_mut().expect("they are peers");
    let conflicts = std::mem::take(&mut peers.untold);
    if conflicts > 0 {
        ctx.tell(Fact::Conflicts { tier, conflicts });
    }
}

/// Members that have been dead for long enough, whose places new machines take.
fn replacements(ctx: &Context, c: usize) -> Vec<Order> {
    let cluster = &ctx.clusters[c];
    let Some(after) = cluster.settings.replace_after else { return Vec::new() };
    let dead = |&m: &usize| {
        let member = &cluster.members[m];
        let down = ctx.nodes[member.node.index()].life == Life::Down;
        down && member.unwell_since != SimTime::NEVER && member.unwell_since + after <= ctx.now
    };
    cluster.present().filter(dead).map(|m| Order::Replace(cluster.members[m].node)).collect()
}

/// The member that the server `from` asks: the nearest that it does not know to be gone, of equals the next in turn; the
/// primary last, where reads are for replicas. If it knows of none that is well it asks one that is not.
pub fn nearest(ctx: &mut Context, c: usize, from: NodeId) -> NodeId {
    let cluster = &ctx.clusters[c];
    let (count, turn) = (cluster.present().len(), cluster.turn);
    let best = (1..=count).map(|step| (turn + step) % count).min_by_key(|&m| {
        let member = &cluster.members[m];
        let gone = is_known_gone(ctx, cluster, m, from);
        let fit = member.is_whole() && member.takes_reads;
        let spared = member.role == Role::Primary && cluster.settings.reads == Reads::NearestReplica;
        (gone || !fit, !member.listed, spared, distance(ctx, from, member.node))
    });
    let m = best.expect("a cluster has members");
    ctx.clusters[c].turn = m;
    ctx.clusters[c].members[m].node
}

fn is_known_gone(ctx: &Context, cluster: &Cluster, m: usize, from: NodeId) -> bool {
    let node = &ctx.nodes[cluster.members[m].node.index()];
    let patience = Span(cluster.settings.heartbeat.0 * u64::from(cluster.settings.missed));
    let crashed = node.life != Life::Up && !node.silent;
    let cut = || {
        let cut = ctx.links.cut_for(from, cluster.members[m].node, ctx.now);
        cut.is_some_and(|span| span >= patience)
    };
    crashed || (!ctx.links.are_well() && cut())
}

/// What a message takes where all links are well.
fn distance(ctx: &Context, from: NodeId, to: NodeId) -> Span {
    let (start, end) = (&ctx.nodes[from.index()], &ctx.nodes[to.index()]);
    let local = start.host.is_some() && start.host == end.host;
    if local { Span::ZERO } else { ctx.network.hop(start.site, end.site).delay }
}
