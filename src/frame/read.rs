//! Reads statuses, frames and charts off a world.

use crate::course::theory::TheoryStatus;
use crate::metrics::Stretch;
use crate::nodes::broker::Broker;
use crate::nodes::context::{Life, NodeState};
use crate::nodes::database::Role;
use crate::nodes::database::failover::Phase;
use crate::nodes::job::Cause;
use crate::nodes::ledger::Window;
use crate::nodes::observer::Fact;
use crate::nodes::operations::course::Record;
use crate::nodes::picks::Pick;
use crate::nodes::{Node, NodeId, TierId};
use crate::time::{SimTime, Span};
use crate::world::World;

use super::operations::operations;
use super::samples::NodeSample;
use super::{
    BackupStatus, CacheStatus, Charts, Dot, Figures, Frame, Mark, MemberState, NextToBreak, NodeNow, NodeStatus,
    PickLine, ReplicationStatus, Sample, ShardStatus, SignIns, Status, TierStatus, facts, messages,
};

/// Nodes beyond this number are not in frames: the page folds such tiers.
const FRAME_NODES_MAX: usize = 1024;
/// Rows of a chart, at most.
const CHART_ROWS_MAX: usize = 150;
/// The least width of a chart's row.
const CHART_ROW_MIN: Span = Span(50_000_000);

/// One dot stands for so many requests.
pub(super) fn requests_per_dot(world: &World) -> u32 {
    1u32.checked_shl(u32::from(world.context().observer.shift)).unwrap_or(u32::MAX)
}

/// How things stand. `before` is a sample from about as long ago as `span`, over which figures are taken. What only a
/// player knows is left at its default.
pub fn status(world: &World, before: &Sample, span: Span) -> Status {
    let (ctx, run) = (world.context(), &world.context().ledger.run);
    let window = latest(world, span);
    let tiers: Vec<TierStatus> = window.as_ref().map_or_else(Vec::new, |window| {
        let seconds = window.end.since(window.start).as_seconds();
        let tier = |tier: &crate::nodes::ledger::TierWindow| TierStatus {
            utilisation: tier.utilisation(),
            waiting: tier.waiting as f64 / (seconds * 1e9),
            served_per_second: tier.served as f64 / seconds,
        };
        window.tiers.iter().map(tier).collect()
    });
    Status {
        now_ms: world.now().as_ms(),
        furthest_ms: world.now().as_ms(),
        playing: false,
        seeking_ms: None,
        next_fact_ms: None,
        speed: 1.0,
        reached_speed: None,
        figures: figures(world, window.as_ref()),
        nodes: node_statuses(world, before),
        next_to_break: next_to_break(&tiers),
        tiers,
        brokers: messages::statuses(world, before),
        issued: run.issued,
        answered: run.answered,
        failed: Cause::ALL
            .into_iter()
            .map(|cause| (cause, run.failed[cause as usize]))
            .filter(|&(_, count)| count > 0)
            .collect(),
        in_flight: run.in_flight(),
        requests_per_dot: requests_per_dot(world),
        spike_factor: world.spike_factor(),
        hour: world.hour_of_day(),
        sign_ins: sign_ins(world),
        digest: format!("{:016x}", world.digest()),
        seed: world.seed(),
        events: world.events(),
        timeline: world.timeline().to_vec(),
        can_undo: false,
        can_redo: false,
        checkpoints_ms: Vec::new(),
        slowest: picks(world, ctx.observer.picks.slowest(world.now(), PICKS)),
        failures: picks(world, ctx.observer.picks.failures(world.now(), PICKS)),
        operations: operations(world),
        theory: TheoryStatus::default(),
        twin: None,
        facts: facts(world),
    }
}

fn sign_ins(world: &World) -> Option<SignIns> {
    let own = world.sessions_report()?.sign_ins?;
    Some(SignIns {
        signed_in: own.signed_in,
        sign_ins: own.sign_ins,
        unauthorized: own.unauthorized,
        logged_out: own.logged_out,
        look_up_ms: own.look_up_ms.filter(|times| times.max > 0.0).map(|times| times.mean),
    })
}

/// The newest stretch of the run, of about this length, as one window.
pub(super) fn latest(world: &World, span: Span) -> Option<Window> {
    let history = world.history();
    let whole = history.recent().front().is_some_and(|first| world.now().since(first.start) < span);
    let windows: Vec<&Window> = if whole {
        let recent_start = history.recent().front().map_or(SimTime::ZERO, |first| first.start);
        let closed = history.closed().iter().filter(|window| window.end <= recent_start);
        closed.chain(history.recent()).map(AsRef::as_ref).collect()
    } else {
        history.recent().iter().map(AsRef::as_ref).collect()
    };
    let mut newest_first = windows.into_iter().rev().take_while(|window| world.now().since(window.end) < span);
    let last = newest_first.next()?;
    let mut parts: Vec<&Window> = newest_first.collect();
    parts.reverse();
    parts.push(last);
    let mut joined = parts[0].clone();
    parts[1..].iter().for_each(|later| joined.extend(later));
    Some(joined)
}

pub(super) fn figures(world: &World, window: Option<&Window>) -> Figures {
    let cost_per_month_usd = world.cost_per_month_usd() - world.machines_usd() + world.machines_now_usd();
    let Some(window) = window else { return Figures { cost_per_month_usd, ..Figures::default() } };
    let span = window.end.since(window.start);
    let books = &window.books;
    let ended = books.answered + books.failed_total();
    Figures {
        span_ms: span.as_ms(),
        issued_per_second: books.issued as f64 / span.as_seconds(),
        answered_per_second: books.answered as f64 / span.as_seconds(),
        p50_ms: window.latency.quantile_ms(0.5),
        p95_ms: window.latency.quantile_ms(0.95),
        p99_ms: window.latency.quantile_ms(0.99),
        error_share: (ended > 0).then(|| books.failed_total() as f64 / ended as f64),
        cost_per_month_usd,
    }
}

fn next_to_break(tiers: &[TierStatus]) -> Option<NextToBreak> {
    let busiest = tiers.iter().enumerate().max_by(|a, b| a.1.utilisation.total_cmp(&b.1.utilisation))?;
    (busiest.1.utilisation > 0.0)
        .then(|| NextToBreak { tier: busiest.0 as u16, multiple: 1.0 / busiest.1.utilisation.min(1.0) })
}

pub(super) fn node_statuses(world: &World, before: &Sample) -> Vec<NodeStatus> {
    let (ctx, now) = (world.context(), Sample::take(world));
    let span = now.time.since(before.time);
    let per_second = |count: u64| if span == Span::ZERO { 0.0 } else { count as f64 / span.as_seconds() };
    let share = |part: u128, of: u32| {
        let whole = u128::from(of) * u128::from(span.0);
        if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
    };
    let none = NodeSample { cores: 0, slots: 0, served: 0, failed: 0, hits: 0, misses: 0 };
    let rotation = rotation(world);
    let active = |index: usize, tier: TierId| {
        let tier = &ctx.tiers[tier.index()];
        tier.pair.as_ref().map(|pair| tier.members[pair.active].index() == index)
    };
    let status = |(index, state): (usize, &NodeState)| {
        let (old, new) = (before.nodes.get(index).copied().unwrap_or(none), now.nodes[index]);
        let machine = state.machine.map(|machine| &ctx.machines[usize::from(machine)]);
        let station = world.nodes()[index].station();
        NodeStatus {
            life: state.life,
            draining: state.is_draining(world.now()),
            sessions: sessions_in(world, NodeId(index as u16)),
            cpu: machine.map(|machine| share(new.cores - old.cores, machine.cores)),
            slots: station.map(|station| share(new.slots - old.slots, station.slots)),
            waiting: waiting(state, &world.nodes()[index]),
            in_hand: station.map_or(0, |station| station.busy.value()),
            served_per_second: per_second(new.served - old.served),
            failed_per_second: per_second(new.failed - old.failed),
            failed_total: state.failed,
            cache: world.nodes()[index].cache_counts().map(|cache| {
                // A cache that died in between has not forgotten how often it was asked.
                let (hits, misses) = (new.hits - old.hits, new.misses - old.misses);
                CacheStatus {
                    hit_ratio: (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64),
                    entries: cache.entries,
                    mb: cache.bytes as f64 / 1e6,
                    full: world.nodes()[index].full().unwrap_or_default(),
                    stale_total: cache.stale,
                }
            }),
            replication: replication(world, NodeId(index as u16)),
            shard: shard(world, state),
            build: match &world.nodes()[index] {
                Node::Web(web) => web.build_number,
                Node::Client(_)
                | Node::Dns(_)
                | Node::Balancer(_)
                | Node::Cache(_)
                | Node::Database(_)
                | Node::Edge(_)
                | Node::ObjectStore(_)
                | Node::Broker(_)
                | Node::Worker(_) => None,
            },
            active: active(index, state.tier),
            in_rotation: rotation[index],
        }
    };
    ctx.nodes.iter().enumerate().map(status).collect()
}

/// Sessions in the memory of a web server, where that is the place for them.
fn sessions_in(world: &World, node: NodeId) -> Option<u32> {
    let sessions = world.context().sessions.as_ref()?;
    let in_servers = sessions.signing_in.is_some_and(|own| own.store.is_none());
    let is_web = matches!(world.nodes()[node.index()], Node::Web(_));
    (in_servers && is_web).then(|| sessions.held_by(node, world.now()))
}

/// Who waits at a node: requests, and at a broker messages.
fn waiting(state: &NodeState, node: &Node) -> u32 {
    let messages = |broker: &Broker| broker.queues.iter().map(|queue| queue.depth.value()).sum::<u32>();
    state.waiting.value() + if let Node::Broker(broker) = node { messages(broker) } else { 0 }
}

/// Writes that clients were told of and that only this node has, while its line of history is left behind.
fn lost_writes(world: &World, node: NodeId, is_left_behind: bool) -> u32 {
    let (facts, _) = world.context().observer.facts();
    let lost = facts.iter().rev().find_map(|&(_, fact)| {
        if let Fact::LostWrites { node: own, lost } = fact { (own == node).then_some(lost) } else { None }
    });
    lost.filter(|_| is_left_behind).unwrap_or_default()
}

/// What the shard of a database has.
fn shard(world: &World, state: &NodeState) -> Option<ShardStatus> {
    let shards = world.context().tiers[state.tier.index()].shards.as_ref()?;
    let shard = usize::from(state.instance) / shards.settings.each;
    let rows = shards.held.get(shard).copied().unwrap_or(0);
    let moving = shards.moving.as_ref().filter(|moving| moving.concerns(shard as u16));
    Some(ShardStatus {
        shard: shard as u16 + 1,
        rows,
        share: rows as f64 / shards.held.iter().sum::<u64>().max(1) as f64,
        full: shards.held.get(shard).and_then(|_| shards.full(shard)),
        moved: moving.map(|moving| moving.progress()),
    })
}

/// How a database stands among those that it replicates with.
fn replication(world: &World, node: NodeId) -> Option<ReplicationStatus> {
    let ctx = world.context();
    let (c, m) = ctx.member_of(node)?;
    let cluster = &ctx.clusters[c];
    let member = &cluster.members[m];
    let next = match cluster.phase {
        Phase::Promoting(next, _) | Phase::Switching(next) => Some(next),
        Phase::Normal | Phase::Electing(_) | Phase::Restoring => None,
    };
    let restoring = cluster.restoring.filter(|_| cluster.line.primary == m);
    let state = match member.role {
        Role::Primary | Role::Replica if restoring.is_some() => MemberState::Restoring,
        Role::Primary | Role::Replica if member.copying.is_some() => MemberState::Copying,
        Role::Primary | Role::Replica if next == Some(m) => MemberState::Promoting,
        Role::Primary if cluster.peers.is_some() => MemberState::Steady,
        Role::Primary if cluster.line.primary != m => MemberState::Stray,
        Role::Primary if member.stepped_down => MemberState::SteppedDown,
        Role::Replica if !member.takes_reads => MemberState::Standby,
        Role::Primary | Role::Replica => MemberState::Steady,
    };
    Some(ReplicationStatus {
        role: member.role,
        state,
        listed: member.listed,
        follows: cluster.members[member.follows].node.0,
        lost_writes: lost_writes(world, node, cluster.strays.iter().any(|line| line.primary == m)),
        lag_ms: cluster.lag(m, world.now()).as_ms(),
        position: cluster.position(m),
        behind: cluster.writes_behind(m),
        copied: member
            .copying
            .map(|copying| copying.to_write)
            .or(restoring.map(|restoring| restoring.to_write))
            .map(|to_write| 1.0 - f64::from(to_write) / f64::from(cluster.settings.copy_pieces)),
        stale_total: member.counts.stale,
        conflicts: cluster.peers.as_ref().map(|_| (cluster.counts.conflicts, cluster.counts.overwritten)),
        missing_total: member.counts.missing,
        deleted_at_ms: cluster.deletions.since().map(SimTime::as_ms),
        backup: cluster.settings.backup.map(|_| BackupStatus {
            kept: cluster.store.backups.len() as u32,
            age_ms: cluster.newest_kept().map(|point| world.now().since(point.at).as_ms()),
            being_read: cluster.store.taking.is_some_and(|taking| taking.source == m),
        }),
    })
}

/// By node, whether the balancer in front sends it requests.
fn rotation(world: &World) -> Vec<Option<bool>> {
    let mut rotation = vec![None; world.nodes().len()];
    for node in world.nodes() {
        if let Node::Balancer(balancer) = node {
            for (backend, healthy) in balancer.backends() {
                // Of several balancers each may send to its own place only.
                let own: &mut Option<bool> = &mut rotation[backend.index()];
                *own = Some(*own == Some(true) || healthy);
            }
        }
    }
    rotation
}

/// The most requests of either sort that are told.
const PICKS: usize = 6;

fn picks(world: &World, picks: Vec<Pick>) -> Vec<PickLine> {
    let line = |pick: Pick| PickLine {
        request: pick.id,
        class: world.plan().classes[usize::from(pick.class)].id.clone(),
        sent_ms: pick.sent.as_ms(),
        took_ms: pick.took().as_ms(),
        cause: pick.cause,
    };
    picks.into_iter().map(line).collect()
}

/// One instant of what moves, and what moved since `since`.
pub fn frame(world: &World, since: SimTime) -> Frame {
    let (ctx, now) = (world.context(), world.now());
    let mut frame = Frame::default();
    for hop in ctx.observer.hops_since(since).filter(|hop| hop.start <= now) {
        let length = hop.end.since(hop.start).0 as f32;
        let progress = |time: SimTime| if length == 0.0 { 1.0 } else { time.since(hop.start).0 as f32 / length };
        frame.push_dot(Dot {
            from: hop.from.0,
            to: hop.to.0,
            before: if hop.start >= since { 0.0 } else { progress(since).min(1.0) },
            now: progress(now).min(1.0),
            look: hop.look,
            tag: Dot::tag(hop.id),
        });
    }
    for mark in ctx.observer.marks_since(since) {
        let age_ms = now.since(mark.time).as_ms() as f32;
        frame.push_mark(Mark { node: mark.node.0, cause: mark.cause, age_ms });
    }
    for (state, node) in ctx.nodes.iter().zip(world.nodes()).take(FRAME_NODES_MAX) {
        frame.push_node(NodeNow {
            life: match state.life {
                Life::Up => 0,
                Life::Down => 1,
                Life::Booting => 2,
                Life::Drained => 3,
            },
            waiting: waiting(state, node),
            in_hand: node.station().map_or(0, |station| station.busy.value()),
            cores_busy: state.machine.map_or(0, |machine| ctx.machines[usize::from(machine)].busy.value()),
        });
    }
    frame
}

/// The course of the run, in at most 150 rows.
pub fn charts(world: &World) -> Charts {
    let history = world.history();
    let closed_end = history.closed().last().map_or(SimTime::ZERO, |last| last.end);
    let rest = history.recent().iter().filter(|window| window.start >= closed_end);
    let windows = history.closed().iter().chain(rest);
    let width = CHART_ROW_MIN.max(Span(world.now().0 / CHART_ROWS_MAX as u64));
    let tiers = world.plan().tiers.len();
    let mut charts = Charts { row_length: Charts::utilisation(tiers), rows: Vec::new() };
    let mut open: Option<Window> = None;
    let records = world.context().operations().map_or(&[][..], |own| own.course.records());
    let record_at = |end: SimTime| {
        let before = records.partition_point(|record| record.at <= end);
        before.checked_sub(1).map(|last| &*records[last])
    };
    for window in windows {
        match &mut open {
            Some(open) => open.extend(window),
            open => *open = Some(Window::clone(window)),
        }
        if let Some(full) = open.take_if(|open| open.end.since(open.start) >= width) {
            charts.push(&full, tiers, record_at(full.end));
        }
    }
    if let Some(rest) = open {
        charts.push(&rest, tiers, record_at(rest.end));
    }
    charts
}

impl Charts {
    fn push(&mut self, window: &Window, tiers: usize, scraped: Option<&Record>) {
        let span = window.end.since(window.start);
        let seconds = span.as_seconds();
        let quantile = |q: f64| window.latency.quantile_ms(q).map_or(f32::NAN, |ms| ms as f32);
        let answered = window.books.answered as f64 / seconds;
        self.rows.extend([window.end.as_ms() as f32, span.as_ms() as f32, answered as f32]);
        self.rows.extend([quantile(0.5), quantile(0.95), quantile(0.99)]);
        self.rows.push((window.cost_seconds / seconds) as f32);
        let trade = scraped.and_then(|record| record.business);
        self.rows.extend(trade.map_or([f32::NAN; 4], |own| {
            [own.orders_per_second, own.normal_per_second, own.users_today, own.conversion]
        }));
        self.rows.extend(window.books.failed.map(|count| (count as f64 / seconds) as f32));
        for tier in 0..tiers {
            let own = window.tiers.get(tier).copied().unwrap_or_default();
            let known = |value: Option<f64>| value.map_or(f32::NAN, |value| value as f32);
            self.rows.extend([own.utilisation() as f32, known(own.hit_ratio())]);
            self.rows.extend([(own.stale as f64 / seconds) as f32, known(own.lag_ms())]);
            self.rows.push((own.servers as f64 / span.0 as f64) as f32);
            self.rows.extend([(own.depth as f64 / (seconds * 1e9)) as f32, (own.oldest as f64 / 1e6) as f32]);
            let scraped = scraped.and_then(|record| record.tiers.get(tier));
            self.rows.extend(scraped.map_or([f32::NAN; 4], |own| [own.cpu, own.memory, own.disk, own.network_mbps]));
        }
    }
}
