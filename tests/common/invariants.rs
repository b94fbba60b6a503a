//! What holds for every run at every moment.

use zero_to_millions::nodes::database::Role;
use zero_to_millions::nodes::job::Errand;
use zero_to_millions::nodes::sharding::router::Map;
use zero_to_millions::nodes::{Job, Kind, Node, NodeId, TierId};
use zero_to_millions::scenario::Change;
use zero_to_millions::world::World;
use zero_to_millions::world::report::Report;

/// The sums balance: issued = answered + failed + in flight, where what is in flight is counted anew from the requests
/// that exist. Of the measured ones too; and every request that a client waits for has a time-out pending.
pub fn check_balance(world: &World) {
    let ctx = world.context();
    let mut waited_for = 0;
    let mut measured = 0;
    let is_waited_for = |job: &&Job| !job.ghost && !job.abandoned && job.errand.is_clients();
    for job in ctx.jobs.keys().map(|key| &ctx.jobs[key]).filter(is_waited_for) {
        waited_for += 1;
        measured += u64::from(job.id >= ctx.ledger.run.issued - ctx.ledger.measured.issued);
    }
    let run = &ctx.ledger.run;
    assert_eq!(run.issued, run.answered + run.failed_total() + waited_for, "the run's books: {run:?}");
    // What clients were told is written is on the primary or known to be lost, exactly.
    for cluster in &ctx.clusters {
        let counts = &cluster.counts;
        let known = cluster.durable() + counts.lost + counts.overwritten;
        assert_eq!(counts.acknowledged, known, "acknowledged = durable + lost + overwritten: {counts:?}");
        if cluster.peers.is_some() {
            assert!(counts.overwritten <= counts.conflicts, "{counts:?}");
            continue;
        }
        let tip = cluster.line.log.tip();
        let points = cluster.store.backups.iter().map(|backup| backup.point.position);
        assert!(points.max().is_none_or(|position| position <= tip), "a backup of what is not on the present line");
        let primaries = cluster.members.iter().filter(|member| member.role == Role::Primary).count();
        assert!(primaries <= 1 + cluster.strays.len(), "{primaries} primaries, {} lines", cluster.strays.len() + 1);
        for (m, member) in cluster.members.iter().enumerate() {
            let tip = cluster.line_of(m).log.tip();
            let order = [member.applied, member.flushed, member.received, tip];
            assert!(order.is_sorted(), "database {m} has what it cannot have: {order:?}");
        }
    }
    let books = &ctx.ledger.measured;
    assert_eq!(books.issued, books.answered + books.failed_total() + measured, "the measured books: {books:?}");
    check_writes_behind(world);
    check_sessions(world);
    check_shards(world);
    check_operations(world);
    check_messages(world);
    for (index, node) in ctx.nodes.iter().enumerate() {
        if let Some(station) = world.nodes()[index].station() {
            assert!(node.waiting.value() as usize <= ctx.jobs.len(), "node {index} counts more than there are");
            assert!(station.busy.value() as usize <= ctx.jobs.len(), "node {index} has more slots taken than requests");
        }
    }
}

/// Sessions: every 401 has its reason and is followed by another attempt.
pub fn check_sessions(world: &World) {
    let Some(report) = world.sessions_report() else { return };
    let Some(own) = report.sign_ins else { return };
    assert_eq!(own.unauthorized, own.expired + own.elsewhere + own.lost, "{own:?}");
    assert!(own.unauthorized <= own.checked && own.logged_out <= own.lost, "{own:?}");
    let counts = &world.context().ledger.run;
    assert_eq!(counts.failed[zero_to_millions::nodes::Cause::Unauthorized as usize], 0, "nobody ends with 401");
}

/// Every row is on one shard, those that are new too; nothing that was written while rows moved is missing where they went;
/// and every part of a request has one that waits for it.
pub fn check_shards(world: &World) {
    let ctx = world.context();
    for (tier, state) in ctx.tiers.iter().enumerate() {
        let Some(shards) = &state.shards else { continue };
        let counts = shards.counts;
        let copies = shards.settings.distribution.copy.is_some()
            || matches!(&shards.settings.distribution.map, Map::Directory { listed, .. } if !listed.is_empty());
        let copied_once = world.timeline().iter().any(|moment| {
            matches!(&moment.change, Change::Set { path, .. } if path.ends_with("directory") || path.ends_with("copied_by"))
        });
        if !copies && !copied_once {
            let rows = u64::from(shards.settings.table.count) + counts.inserted;
            assert_eq!(shards.held.iter().sum::<u64>(), rows, "tier {tier}: {:?} {counts:?}", shards.held);
        }
        if shards.moving.is_none() {
            assert_eq!(counts.forwarded, counts.caught_up, "tier {tier}: {counts:?}");
        }
    }
    let jobs = || ctx.jobs.keys().map(|key| (key, &ctx.jobs[key]));
    for (key, job) in jobs().filter(|(_, job)| job.gathers && !job.ghost && job.parts > 0) {
        let is_part = |job: &&Job| job.errand == Errand::Part && !job.ghost && job.floor == 0 && job.parent == key;
        let parts = jobs().map(|(_, job)| job).filter(is_part).count();
        // Whoever was cut off from what waits for its parts waits for none.
        let waits = matches!(world.nodes()[job.node().index()], Node::Web(_)) && job.failed.is_none();
        assert!(!waits || parts == usize::from(job.parts), "{parts} parts of {}: {job:?}", job.parts);
    }
}

/// Logs are bounded, alerts fire and are calm in turns, and whoever is called is at one thing at a time.
pub fn check_operations(world: &World) {
    let Some(own) = world.context().operations() else { return };
    if let Some(logs) = &own.logs {
        let mut kept = 0;
        for node in (0..world.nodes().len()).map(|node| NodeId(node as u16)) {
            assert!(logs.of(node).count() <= logs.settings.lines_per_node, "a server keeps more lines than it may");
            kept += logs.written(node);
        }
        let gathered = logs.gathered().count();
        assert!(logs.gathered_in_all + logs.lost <= kept, "more lines were sent on than written");
        assert!(
            logs.settings.gather.map_or(gathered == 0, |(_, most)| gathered <= most),
            "{gathered} lines are gathered"
        );
    }
    // Rules come and go; each keeps its number.
    for number in 0..own.rule_names.len() as u16 {
        let open = own.episodes.iter().filter(|own| own.rule == number && own.cleared.is_none()).count();
        let fires = own.rules.iter().any(|state| state.number == number && state.firing);
        assert_eq!(open, usize::from(fires), "rule {number}");
    }
    assert!(own.on_call.called.is_some() || own.on_call.to_look_at.is_empty(), "nobody looks without being called");
    if let Some(pipeline) = &own.pipeline {
        let in_hand = u64::from(pipeline.stage.commit().is_some()) + pipeline.waiting.len() as u64;
        let over: u64 = pipeline.outcomes.iter().sum();
        assert_eq!(pipeline.commits, over + pipeline.turned_away + in_hand, "commits are somewhere");
        assert!(pipeline.stage.commit().is_some() || pipeline.waiting.is_empty(), "nothing waits for an idle pipeline");
    }
    if let Some(business) = &own.business {
        assert!(business.visits_converted <= business.visits_begun.min(business.orders));
    }
}

/// Of writes that caches answered before the database had them: accepted = written + lost + kept back + under way.
pub fn check_writes_behind(world: &World) {
    let ctx = world.context();
    for (tier, state) in ctx.tiers.iter().enumerate() {
        let own = |node: u16| usize::from(ctx.nodes[usize::from(node)].tier.0) == tier;
        let kept_back = |node: &Node| node.cache_counts().map_or(0, |counts| counts.kept_back);
        let kept: u64 = state.members.iter().map(|node| kept_back(&world.nodes()[node.index()])).sum();
        let jobs = ctx.jobs.keys().map(|key| &ctx.jobs[key]);
        let under_way: u64 = jobs.filter(|job| own(job.client().0)).map(|job| u64::from(job.carries)).sum();
        let counts = &state.behind;
        assert_eq!(counts.accepted, counts.written + counts.lost + kept + under_way, "tier {tier}: {counts:?}");
    }
}

/// Every message is where it should be: published = routed nowhere + to queues; what came to a queue was consumed, given up,
/// lost, or is still there; and what people were asked was decided, or waits.
pub fn check_messages(world: &World) {
    let ctx = world.context();
    let jobs = || ctx.jobs.keys().map(|key| &ctx.jobs[key]).filter(|job| !job.ghost);
    for (index, node) in world.nodes().iter().enumerate() {
        let Node::Broker(broker) = node else { continue };
        let (mut routed, mut held, mut letters, mut dead) = (0, 0, 0, 0);
        for (number, queue) in broker.queues.iter().enumerate() {
            let counts = &queue.counts;
            let waiting = queue.len() as u64 + u64::from(queue.in_hand);
            assert_eq!(counts.entered, counts.left() + waiting, "queue {number}: {counts:?}, {waiting} there");
            assert_eq!(queue.depth.value() as usize, queue.len(), "queue {number}");
            let own = |job: &&Job| {
                let delivery = &job.delivery;
                let is_here = job.client().index() == index && usize::from(delivery.queue) == number;
                job.errand == Errand::Delivery && is_here && !delivery.is_stray
            };
            assert_eq!(jobs().filter(own).count(), queue.in_hand as usize, "queue {number}: deliveries under way");
            assert!(counts.dead_lettered <= counts.expired + counts.dropped + counts.refused, "{counts:?}");
            routed += counts.entered - counts.letters + counts.rejected;
            held += waiting;
            letters += counts.letters;
            dead += counts.dead_lettered;
        }
        assert_eq!(broker.counts.routed, routed, "{:?}", broker.counts);
        assert!(broker.counts.unroutable <= broker.counts.published, "{:?}", broker.counts);
        assert!(letters >= dead, "each dead letter comes to a queue at least: {letters}, {dead}");
        assert_eq!(u64::from(broker.messages()), held);
    }
    for (tier, state) in ctx.tiers.iter().enumerate() {
        let Some(crew) = &state.crew else { continue };
        let decides =
            |job: &&Job| job.errand == Errand::Decision && usize::from(ctx.nodes[job.client().index()].tier.0) == tier;
        let people = &crew.people;
        let under_way = jobs().filter(decides).count() as u64;
        assert_eq!(people.asked, people.decided + people.waiting() as u64 + under_way, "tier {tier}");
        assert!(crew.counts.duplicates <= crew.counts.done, "{:?}", crew.counts);
    }
}

/// Of reads that look in a cache with entries first: database reads = misses − coalesced + read anew.
pub fn check_reads(report: &Report, reads: u64) {
    let found = report.tiers["cache"].cache.as_ref().expect("it holds entries");
    assert_eq!(found.hits + found.misses, reads, "{found:?}");
    let queries = report.tiers["database"].served - report.writes.applied;
    assert_eq!(queries, found.misses - found.coalesced + found.refreshed, "{found:?}");
}

/// What each edge was asked adds up, and whoever is asked by edges alone got what they did not have: misses − coalesced,
/// whatever happened to them. To be asked once nothing is under way.
pub fn check_edges(world: &World) {
    let (ctx, plan) = (world.context(), world.plan());
    let mut fills = 0;
    for node in world.nodes() {
        let Node::Edge(edge) = node else { continue };
        let tally = edge.tally();
        assert_eq!(tally.fills, tally.counts.misses - tally.coalesced, "{tally:?}");
        assert!(tally.passed + tally.counts.hits + tally.counts.misses <= tally.admitted, "{tally:?}");
        assert!(tally.stale <= tally.counts.hits + tally.coalesced, "{tally:?}");
        fills += tally.fills;
    }
    // Whoever falls back, or did before that was changed, asks by himself.
    let falls_back = plan.clients.iter().any(|client| client.manners.fallback.is_some())
        || world
            .timeline()
            .iter()
            .any(|moment| matches!(&moment.change, Change::Set { path, .. } if path.ends_with("fallback")));
    let cut = world.timeline().iter().any(|moment| matches!(moment.change, Change::Cut { .. }));
    let only_origin = |tier: usize| {
        plan.classes
            .iter()
            .filter(|class| class.files.is_some())
            .all(|class| class.origin.map(TierId::index) == Some(tier))
    };
    for (index, (tier, state)) in plan.tiers.iter().zip(&ctx.tiers).enumerate() {
        if tier.kind != Kind::ObjectStore || !only_origin(index) {
            continue;
        }
        let asked: u64 = state.members.iter().map(|node| ctx.nodes[node.index()].asked).sum();
        // What was sent over a cut link never came.
        let fits = match (falls_back, cut) {
            (false, false) => asked == fills,
            (true, false) => asked >= fills,
            (false, true) => asked <= fills,
            (true, true) => true,
        };
        assert!(fits, "{} was asked {asked} times", tier.id);
    }
}

/// Nothing is left: no request, no slot taken, no core busy, nobody waiting, no time-out.
pub fn check_empty(world: &World) {
    let ctx = world.context();
    assert_eq!(ctx.ledger.run.in_flight(), 0);
    let left: Vec<&Job> = ctx.jobs.keys().map(|key| &ctx.jobs[key]).collect();
    assert!(left.is_empty(), "requests that nobody works on are left: {left:?}");
    assert_eq!(ctx.writes.contested(), 0, "writes are still contested");
    for (index, node) in ctx.nodes.iter().enumerate() {
        assert_eq!(node.waiting.value(), 0, "node {index} still counts waiting requests");
        if let Some(station) = world.nodes()[index].station() {
            assert_eq!(station.busy.value(), 0, "node {index} has leaked a slot");
        }
    }
    check_edges(world);
    for node in world.nodes() {
        if let Node::Balancer(balancer) = node {
            assert_eq!(balancer.under_way(), 0, "a balancer still counts requests under way");
        }
        if let Node::Web(web) = node {
            assert_eq!(web.pool.as_ref().map_or(0, |pool| pool.taken()), 0, "a connection is still taken");
        }
    }
    for (index, machine) in ctx.machines.iter().enumerate() {
        assert_eq!(machine.busy.value(), 0, "machine {index} has leaked a core");
    }
    // Where all members that take writes are well, and have been for a while, all have the same.
    for cluster in &ctx.clusters {
        let well = |m: usize| cluster.members[m].is_whole() && ctx.is_up(cluster.members[m].node);
        if let Some(peers) = &cluster.peers
            && (0..cluster.members.len()).all(well)
            && ctx.links.are_well()
        {
            assert_eq!(peers.contested(), 0, "members differ for ever");
        }
    }
    for (index, disk) in ctx.disks.iter().enumerate() {
        assert!(disk.busy.value() <= disk.medium.parallel, "disk {index} does more at once than it can");
        assert!(disk.busy.value() > 0 || disk.waiting() == 0, "disk {index} is idle though there is something to do");
    }
    for deadlines in &ctx.deadlines {
        assert_eq!(deadlines.first(), None, "a time-out is left");
    }
}
