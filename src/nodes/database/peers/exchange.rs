//! How changes travel among members that all take writes.
//!
//! ```text
//! all to all:  every member ships what it has committed to each other one
//! circular:    every member ships to the next one only, what it has committed and what it has applied of others;
//!              what comes back to its origin is dropped there
//! ```
//!
//! A message says up to where it goes, by origin; it carries all that the receiver was not sent before. Messages of one
//! sender do not overtake each other. A member brings them to its disk and applies one change after the other, the oldest
//! first, on its own machine. Merge replication is the same at intervals: then only the newest of several changes of a key
//! by the same member comes along.

use crate::nodes::database::Cluster;
use crate::nodes::database::settings::{ReplicationKind, Topology};
use crate::nodes::database::stream::{Due, ERRAND_IDS, errand};
use crate::nodes::job::Upkeep;
use crate::nodes::observer::{Hop, Look};
use crate::nodes::{Context, Event};
use crate::rng::Step;
use crate::time::{SimTime, Span};

use std::collections::VecDeque;

use super::{Books, Change, Fate, Peers, Vector};

/// What comes in at a member from another one.
#[derive(Clone, Debug, Default)]
pub(super) struct Inlet {
    /// Whether the other one ships to it; and the number of the connection, so that events of an old one are known.
    pub connected: bool,
    pub stream: u8,
    /// Up to where it was sent everything.
    sent: Vector,
    /// Messages under way: on the wire, and to the disk.
    wire: VecDeque<Vector>,
    to_disk: VecDeque<Vector>,
    /// When the last message arrives: a later one does not overtake it.
    arrives_at: SimTime,
}

impl Inlet {
    /// What was under way over the present connection means nothing any more.
    pub fn disconnect(&mut self) {
        self.connected = false;
        self.stream = self.stream.wrapping_add(1);
        self.wire.clear();
        self.to_disk.clear();
    }
}

/// Raises each number to at least the other's.
fn raise(own: &mut Vector, other: &Vector) {
    own.iter_mut().zip(other).for_each(|(own, other)| *own = (*own).max(*other));
}

impl Cluster {
    /// Whether member `from` may ship to member `to`.
    pub fn feeds(&self, from: usize, to: usize) -> bool {
        let count = self.present().len();
        match self.settings.topology {
            Topology::AllToAll => from != to,
            Topology::Circular => from != to && (from + 1) % count == to,
        }
    }

    pub(super) fn peers(&mut self) -> &mut Peers {
        self.peers.as_mut().expect("they are peers")
    }
}

impl Peers {
    /// Up to where member `from` has something to ship, by origin.
    fn on_offer(&self, from: usize, topology: Topology) -> Vector {
        let all = self.peers[from].applied;
        match topology {
            Topology::Circular => all,
            Topology::AllToAll => {
                let mut own = Vector::default();
                own[from] = all[from];
                own
            }
        }
    }

    /// The oldest change that member `m` has on its disk and has not applied.
    fn next(&self, m: usize) -> Option<&Change> {
        let peer = &self.peers[m];
        let of = |origin: usize| {
            let (applied, has) = (peer.applied[origin], peer.has[origin]);
            let mut waiting = (applied < has).then(|| self.journals[origin].range(applied + 1..=has))?;
            waiting.find(|(_, change)| change.fate != Fate::Lost).map(|(_, change)| change)
        };
        (0..self.journals.len()).filter_map(of).min_by_key(|change| change.stamp.number)
    }
}

/// Member `m` has something new: it is shipped at once, or a shipment is due, or the next exchange takes it along.
pub(super) fn offer(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    if cluster.settings.kind == ReplicationKind::Merge {
        return;
    }
    let (every, node) = (cluster.settings.ship_every, cluster.members[m].node);
    if every == Span::ZERO {
        ship_to_all(ctx, c, m);
    } else if !std::mem::replace(&mut cluster.peers().peers[m].ships, true) {
        ctx.queue.push(ctx.now + every, Event::Replication { node, due: Due::Shipment, stream: 0 });
    }
}

/// A shipment of member `m` is due.
pub fn shipment(ctx: &mut Context, c: usize, m: usize) {
    ctx.clusters[c].peers().peers[m].ships = false;
    ship_to_all(ctx, c, m);
}

/// All members exchange their changes, and will again.
pub fn exchange(ctx: &mut Context, c: usize) {
    for m in ctx.clusters[c].present() {
        ship_to_all(ctx, c, m);
    }
    let (node, every) = (ctx.clusters[c].members[0].node, ctx.clusters[c].settings.merge_every);
    ctx.queue.push(ctx.now + every, Event::Replication { node, due: Due::Exchange, stream: 0 });
}

fn ship_to_all(ctx: &mut Context, c: usize, m: usize) {
    if !ctx.lives(c, m) {
        return;
    }
    for to in ctx.clusters[c].present() {
        if ctx.clusters[c].feeds(m, to) && ctx.clusters[c].peers().peers[to].inlets[m].connected {
            ship(ctx, c, m, to);
        }
    }
}

/// Member `from` sends `to` all that it has not sent yet, as one message.
fn ship(ctx: &mut Context, c: usize, from: usize, to: usize) {
    let (sender, receiver) = (ctx.clusters[c].members[from].node, ctx.clusters[c].members[to].node);
    let is_cut = ctx.links.cuts(sender, receiver);
    let topology = ctx.clusters[c].settings.topology;
    let peers = ctx.clusters[c].peers();
    if is_cut {
        // Nobody tells it: the connection is set up anew once there is a way again.
        peers.peers[to].inlets[from].connected = false;
        return;
    }
    let offer = peers.on_offer(from, topology);
    let inlet = &peers.peers[to].inlets[from];
    let newest = offer.iter().zip(&inlet.sent).enumerate().filter(|(_, (offer, sent))| offer > sent);
    let Some((origin, number)) = newest.map(|(origin, (&number, _))| (origin, number)).max_by_key(|own| own.1) else {
        return;
    };
    let rank = peers.journals[origin].get(&number).map_or(0, |change| change.write.rank);
    let (stream, not_before) = (inlet.stream, inlet.arrives_at);
    let event = Event::Replication { node: receiver, due: Due::Changes(from as u8), stream };
    let at = ctx.message(sender, receiver, not_before, event);
    let inlet = &mut ctx.clusters[c].peers().peers[to].inlets[from];
    raise(&mut inlet.sent, &offer);
    inlet.arrives_at = at;
    inlet.wire.push_back(offer);
    if rank >= ctx.observer.shift {
        let (id, look) = (ERRAND_IDS | number, Look::Replication);
        ctx.observer.hop(Hop { id, from: sender, to: receiver, start: ctx.now, end: at, look });
    }
}

/// A connection from member `from` to `to`: a round trip later comes what that one lacks.
pub(super) fn connect(ctx: &mut Context, c: usize, from: usize, to: usize) {
    let (sender, receiver) = (ctx.clusters[c].members[from].node, ctx.clusters[c].members[to].node);
    let asked = ctx.now + ctx.delay(receiver, sender) + ctx.delay(sender, receiver);
    let merges = ctx.clusters[c].settings.kind == ReplicationKind::Merge;
    let peer = &mut ctx.clusters[c].peers().peers[to];
    let has = peer.has;
    let inlet = &mut peer.inlets[from];
    inlet.disconnect();
    (inlet.connected, inlet.sent, inlet.arrives_at) = (true, has, asked);
    if !merges {
        ship(ctx, c, from, to);
    }
}

/// Whether something due belongs to the present connection of member `m` with `from`.
fn is_current(ctx: &mut Context, c: usize, m: usize, from: u8, stream: u8) -> bool {
    let Some(peers) = &ctx.clusters[c].peers else { return false };
    peers.peers[m].inlets.get(usize::from(from)).is_some_and(|inlet| inlet.stream == stream)
}

/// A message of `from` reaches member `m`.
pub fn received(ctx: &mut Context, c: usize, m: usize, from: u8, stream: u8) {
    if !is_current(ctx, c, m, from, stream) {
        return;
    }
    let (flush, node) = (ctx.clusters[c].settings.flush, ctx.clusters[c].members[m].node);
    let inlet = &mut ctx.clusters[c].peers().peers[m].inlets[usize::from(from)];
    let Some(message) = inlet.wire.pop_front() else { return };
    inlet.to_disk.push_back(message);
    if flush == Span::ZERO {
        written(ctx, c, m, from, stream);
    } else {
        let lane = ctx.queue.lane(flush);
        ctx.queue.push_lane(lane, ctx.now, Event::Replication { node, due: Due::Written(from), stream });
    }
}

/// A message of `from` is on the disk of member `m`.
pub fn written(ctx: &mut Context, c: usize, m: usize, from: u8, stream: u8) {
    if !is_current(ctx, c, m, from, stream) {
        return;
    }
    let peer = &mut ctx.clusters[c].peers().peers[m];
    let Some(message) = peer.inlets[usize::from(from)].to_disk.pop_front() else { return };
    raise(&mut peer.has, &message);
    apply_next(ctx, c, m);
}

/// Member `m` goes on applying what it has on disk: one change after the other.
pub(super) fn apply_next(ctx: &mut Context, c: usize, m: usize) {
    loop {
        let (merges, apply_work) =
            (ctx.clusters[c].settings.kind == ReplicationKind::Merge, ctx.clusters[c].settings.apply_work);
        let peers = ctx.clusters[c].peers();
        if peers.peers[m].applying.is_some() {
            return;
        }
        let Some(&change) = peers.next(m) else { return };
        let (origin, number) = (change.stamp.origin, change.stamp.number);
        let replaced = change.next.is_some_and(|next| next <= peers.peers[m].has[usize::from(origin)]);
        if merges && replaced {
            peers.pass_over(m, usize::from(origin), number);
            continue;
        }
        peers.peers[m].applying = Some((origin, number));
        let starts = peers.peers[m].starts;
        let write = change.write;
        let program = &ctx.programs[usize::from(write.class)];
        let full = program.database.sampler.sample(write.draws.draw(write.attempt, Step::Database));
        let demand = Span((full.0 as f64 * apply_work) as u64);
        if demand > Span::ZERO {
            let job = errand(ctx, c, m, Upkeep::Apply, &write);
            ctx.jobs[job].user = starts;
            ctx.work_for(job, demand, None, false);
            return;
        }
        note_applied(ctx, c, m);
    }
}

/// The work of applying a change is done at member `m`.
pub fn applied(ctx: &mut Context, c: usize, m: usize, starts: u32) {
    if ctx.clusters[c].peers().peers[m].starts == starts {
        note_applied(ctx, c, m);
        apply_next(ctx, c, m);
    }
}

fn note_applied(ctx: &mut Context, c: usize, m: usize) {
    let cluster = &mut ctx.clusters[c];
    let peers = cluster.peers.as_mut().expect("they are peers");
    let Some((origin, number)) = peers.peers[m].applying.take() else { return };
    if let Some(change) = peers.journals[usize::from(origin)].get(&number) {
        cluster.members[m].note_lag(ctx.now - change.write.at);
    }
    let data = ctx.data.as_mut().expect("checked: what is replicated has keys");
    peers.apply(m, usize::from(origin), number, &mut Books { data, counts: &mut cluster.counts });
    if cluster.settings.topology == Topology::Circular {
        offer(ctx, c, m);
    }
}
