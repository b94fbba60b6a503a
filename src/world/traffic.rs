//! How requests move: events are handled here, and requests carried from node to node until they rest.

use crate::nodes::context::Life;
use crate::nodes::database::{Database, backup, failover, stream};
use crate::nodes::disk::Operation;
use crate::nodes::job::{Errand, Whereabouts};
use crate::nodes::observer::{Fact, Look};
use crate::nodes::population::Sending;
use crate::nodes::sharding::resharding::{self, Due};
use crate::nodes::{Event, Job, Next, Node, NodeId, pair};
use crate::time::Span;

use super::World;

impl World {
    #[inline]
    pub(super) fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival => self.new_request(),
            Event::Arrive { job } => {
                let next = self.arrive(job);
                self.drive(job, next);
            }
            Event::Return { job } => {
                let next = self.come_back(job);
                self.drive(job, next);
            }
            Event::Done { job } => self.done(job),
            Event::Look { machine } => self.look(machine),
            Event::Deadline { list } => {
                let group = usize::from(list) % self.plan.clients.len();
                if let Node::Client(client) = &mut self.nodes[group] {
                    client.deadline(&mut self.ctx, list);
                }
            }
            Event::Probe { watcher, server } => self.probe(watcher, server),
            Event::Verdict { watcher, server, probe } => match &mut self.nodes[watcher.index()] {
                Node::Balancer(own) => own.verdict(&mut self.ctx, server, probe),
                Node::Dns(own) => own.verdict(&mut self.ctx, server, probe),
                Node::Client(_)
                | Node::Web(_)
                | Node::Cache(_)
                | Node::Database(_)
                | Node::Edge(_)
                | Node::ObjectStore(_)
                | Node::Broker(_)
                | Node::Worker(_) => {}
            },
            Event::Readmit { balancer, server } => {
                if let Node::Balancer(own) = &mut self.nodes[balancer.index()] {
                    own.readmit(&mut self.ctx, server);
                }
            }
            Event::Heartbeat { tier } => {
                pair::beat(&mut self.ctx, tier);
                let orders = failover::beat(&mut self.ctx, tier);
                self.obey(orders);
            }
            Event::Failover { cluster, step } => {
                let orders = failover::step(&mut self.ctx, usize::from(cluster), step);
                self.obey(orders);
            }
            Event::Replication { node, due, stream } => stream::due(&mut self.ctx, node, due, stream),
            Event::Backup { tier, due, run } => backup::due(&mut self.ctx, tier, due, run),
            Event::Join { job } => {
                if self.ctx.jobs[job].ghost {
                    self.ctx.forget(job);
                    return;
                }
                self.ctx.jobs[job].whereabouts = Whereabouts::Held;
                let next = match &mut self.nodes[self.ctx.jobs[job].node().index()] {
                    Node::Web(web) => web.join(&mut self.ctx, job),
                    Node::Database(database) => database.join(&mut self.ctx, job),
                    Node::Cache(cache) => cache.join(&mut self.ctx),
                    Node::Edge(_) => Next::Reply,
                    Node::Broker(broker) => broker.join(&mut self.ctx, job),
                    Node::Worker(worker) => worker.join(&mut self.ctx, job),
                    Node::Client(_) | Node::Dns(_) | Node::Balancer(_) | Node::ObjectStore(_) => {
                        unreachable!("nobody waits for another one there")
                    }
                };
                self.drive(job, next);
            }
            Event::Retry { job } => {
                let group = self.ctx.jobs[job].client();
                if let Node::Client(client) = &mut self.nodes[group.index()] {
                    let next = client.retry(&mut self.ctx, job);
                    self.drive(job, next);
                }
            }
            Event::Flush { node, life } => {
                if let Node::Cache(cache) = &mut self.nodes[node.index()] {
                    cache.flush(&mut self.ctx, node, life);
                }
            }
            Event::Disk { disk, operation } => self.end_operation(disk, operation),
            Event::WriteBack { node, life } => {
                if let Node::Database(Database { pool: Some(pool), .. }) = &mut self.nodes[node.index()] {
                    pool.write_back_oldest(&mut self.ctx, node, life);
                }
            }
            Event::Follow { class, group, user } => {
                let id = self.population.take_id();
                self.send(Sending { id, user, class, group }, false);
            }
            Event::Think { user } => {
                if self.ctx.closed_loop.asks(user, self.population.habits.group_of(user)) {
                    let sending = self.population.ask(user, self.ctx.seed);
                    self.send(sending, true);
                }
            }
            Event::Reroute { edge } => self.reroute(edge),
            Event::Purge { edge, class } => {
                if let Node::Edge(own) = &mut self.nodes[edge.index()] {
                    own.purge(&mut self.ctx, class);
                }
            }
            Event::Boot { node } => self.boot(node),
            Event::Drained { node } => self.end_draining(node),
            Event::Evaluate { tier } => self.evaluate(tier),
            Event::Resharding { tier, leg: _, due: Due::Switch } => self.switch_shards(tier),
            Event::Resharding { tier, leg, due } => resharding::due(&mut self.ctx, tier, leg, due),
            Event::Deploy { deployment } => self.look_at_deployment(deployment),
            Event::Outage { place } => self.turn_outage(place),
            Event::Report { dns } => self.report_loads(dns),
            Event::Operations(due) => self.operate(due),
            Event::Subscribe { worker } => self.subscribe(worker),
            Event::Decided { tier } => self.publish_decision(tier),
            Event::LookAtAge { broker, queue } => {
                if let Node::Broker(own) = &mut self.nodes[broker.index()] {
                    own.look_at_age(&mut self.ctx, broker, queue);
                }
            }
            Event::Restart { broker } => self.restart_broker(broker),
            Event::SpikeEnd => {
                if self.population.end_spike(self.ctx.now) {
                    self.ctx.tell(Fact::SpikeEnded);
                    self.reschedule_arrivals();
                }
            }
        }
        while !self.ctx.departing.is_empty() {
            self.depart();
        }
    }

    /// What caches, web servers and brokers do by themselves sets out, and the parts of requests.
    pub(super) fn depart(&mut self) {
        for job in std::mem::take(&mut self.ctx.departing) {
            let node = self.ctx.jobs[job].node();
            let next = match &mut self.nodes[node.index()] {
                Node::Cache(cache) => cache.set_out(&mut self.ctx, job),
                Node::Web(web) => web.set_out(&mut self.ctx, job),
                Node::Broker(broker) => broker.set_out(&self.ctx, job),
                Node::Client(_)
                | Node::Dns(_)
                | Node::Balancer(_)
                | Node::Database(_)
                | Node::Edge(_)
                | Node::ObjectStore(_)
                | Node::Worker(_) => unreachable!("it does nothing by itself"),
            };
            self.drive(job, next);
        }
    }

    fn probe(&mut self, watcher: NodeId, server: u16) {
        let sent = match &mut self.nodes[watcher.index()] {
            Node::Balancer(own) => own.probe(&mut self.ctx, server),
            Node::Dns(own) => own.probe(&mut self.ctx, server),
            Node::Client(_)
            | Node::Web(_)
            | Node::Cache(_)
            | Node::Database(_)
            | Node::Edge(_)
            | Node::ObjectStore(_)
            | Node::Broker(_)
            | Node::Worker(_) => None,
        };
        if let Some((job, server)) = sent {
            self.drive(job, Next::Call(server));
        }
    }

    #[inline]
    fn new_request(&mut self) {
        let Some((sending, next)) = self.population.arrive(self.ctx.now, self.ctx.seed) else { return };
        self.ctx.queue.push(next, Event::Arrival);
        self.send(sending, false);
    }

    #[inline]
    fn send(&mut self, sending: Sending, in_loop: bool) {
        let mut job = Job::new(sending.id, self.ctx.seed, self.ctx.now, sending.user, sending.class, sending.group);
        job.in_loop = in_loop;
        let job = self.ctx.jobs.insert(job);
        let next = self.nodes[sending.group.index()].arrive(&mut self.ctx, job);
        self.drive(job, next);
    }

    #[inline]
    fn done(&mut self, job: u32) {
        let entry = &mut self.ctx.jobs[job];
        if entry.ghost {
            self.ctx.forget(job);
            return;
        }
        entry.whereabouts = Whereabouts::Held;
        let node = entry.node();
        if entry.traced {
            self.ctx.tracer.ends_work(&self.ctx.jobs[job], self.ctx.now);
        }
        if let Some(machine) = self.ctx.nodes[node.index()].machine {
            let next = self.ctx.machines[usize::from(machine)].finish(self.ctx.now);
            self.ctx.run_next(next);
        }
        let next = self.nodes[node.index()].done(&mut self.ctx, job);
        self.drive(job, next);
    }

    fn look(&mut self, machine: u16) {
        let state = &mut self.ctx.machines[usize::from(machine)];
        let done = state.look(self.ctx.now);
        if let Some(time) = state.next_look() {
            self.ctx.queue.push(time, Event::Look { machine });
        }
        if let Some(job) = done {
            let node = self.ctx.jobs[job].node();
            if self.ctx.jobs[job].traced {
                self.ctx.tracer.ends_work(&self.ctx.jobs[job], self.ctx.now);
            }
            let next = self.nodes[node.index()].done(&mut self.ctx, job);
            self.drive(job, next);
        }
    }

    /// An operation of a disk is over.
    fn end_operation(&mut self, disk: u16, operation: u32) {
        match self.ctx.end_operation(disk, operation) {
            Operation::Read { job } if self.ctx.jobs[job].ghost => self.ctx.forget(job),
            Operation::Read { job } => {
                let entry = &mut self.ctx.jobs[job];
                entry.whereabouts = Whereabouts::Held;
                let node = entry.node();
                if entry.traced {
                    self.ctx.tracer.ends_reading(&self.ctx.jobs[job], self.ctx.now);
                }
                let next = self.nodes[node.index()].fetched(&mut self.ctx, job);
                self.drive(job, next);
            }
            Operation::Flush { node, life } => {
                let ctx = &mut self.ctx;
                let safe = match &mut self.nodes[node.index()] {
                    Node::Database(database) => database.flushed(ctx, node, life),
                    Node::Broker(broker) => broker.flushed(ctx, node, life),
                    Node::Client(_)
                    | Node::Dns(_)
                    | Node::Balancer(_)
                    | Node::Web(_)
                    | Node::Cache(_)
                    | Node::Edge(_)
                    | Node::ObjectStore(_)
                    | Node::Worker(_) => unreachable!("it has no log"),
                };
                for (job, next) in safe {
                    self.drive(job, next);
                }
            }
            Operation::Write => {}
        }
    }

    /// Carries a request on until it rests.
    #[inline]
    pub(super) fn drive(&mut self, job: u32, mut next: Next) {
        loop {
            next = match next {
                Next::Parked => return,
                Next::Call(to) => {
                    let from = self.ctx.jobs[job].node();
                    let now = self.ctx.now;
                    self.ctx.jobs[job].enter(now, to);
                    if self.travel(job, from, to, Whereabouts::Outbound) {
                        return;
                    }
                    self.arrive(job)
                }
                Next::Fail(cause) => {
                    let node = self.ctx.jobs[job].node();
                    self.ctx.jobs[job].failed = Some(cause);
                    self.ctx.note_failure(job, node, cause);
                    Next::Reply
                }
                Next::Reply => {
                    self.ctx.note_reply(job);
                    let entry = &self.ctx.jobs[job];
                    let (caller, node) = (entry.caller(), entry.node());
                    if entry.failed.is_none() && entry.errand.is_served() {
                        self.ctx.nodes[node.index()].served += 1;
                    }
                    if self.travel(job, node, caller, Whereabouts::Inbound) {
                        return;
                    }
                    self.come_back(job)
                }
            };
        }
    }

    /// A request reaches the last node of its path.
    #[inline]
    fn arrive(&mut self, job: u32) -> Next {
        let entry = &mut self.ctx.jobs[job];
        entry.reach(self.ctx.now);
        entry.whereabouts = Whereabouts::Held;
        let node = entry.node().index();
        self.ctx.nodes[node].asked += u64::from(entry.errand == Errand::Request);
        match self.ctx.nodes[node].life {
            // The system itself opens connections, whatever the process is at.
            Life::Up | Life::Drained if matches!(entry.errand, Errand::Handshake(_)) => Next::Reply,
            Life::Up | Life::Drained => self.nodes[node].arrive(&mut self.ctx, job),
            Life::Down if self.ctx.nodes[node].silent => {
                self.ctx.fall_silent(job);
                Next::Parked
            }
            Life::Down | Life::Booting => Next::Fail(self.nodes[node].cause_when_down()),
        }
    }

    /// An answer reaches the caller, if that has not died since.
    #[inline]
    fn come_back(&mut self, job: u32) -> Next {
        let entry = &mut self.ctx.jobs[job];
        let from = entry.leave();
        entry.whereabouts = Whereabouts::Held;
        if entry.path().len() <= usize::from(entry.floor) {
            self.ctx.forget(job);
            return Next::Parked;
        }
        let caller = entry.node();
        self.ctx.note_return(job, from);
        self.nodes[caller.index()].returned(&mut self.ctx, job, from)
    }

    /// Sends a request over the wire. Says whether that takes time.
    #[inline]
    fn travel(&mut self, job: u32, from: NodeId, to: NodeId, whereabouts: Whereabouts) -> bool {
        if !self.ctx.links.are_well() && self.ctx.links.cuts(from, to) {
            self.ctx.fall_silent(job);
            return true;
        }
        let ctx = &mut self.ctx;
        let (start, end) = (&ctx.nodes[from.index()], &ctx.nodes[to.index()]);
        let (start_site, end_site) = (start.site, end.site);
        let local = start.host.is_some() && start.host == end.host;
        let far = if whereabouts == Whereabouts::Inbound { start.tier } else { end.tier };
        let entry = &mut ctx.jobs[job];
        let answers = whereabouts == Whereabouts::Inbound && entry.failed.is_none() && entry.errand == Errand::Request;
        let route = if answers && entry.path().len() == 2 {
            ctx.nodes[from.index()].bytes_out += ctx.network.bytes(end_site, entry.class);
            ctx.network.answer(start_site, end_site, entry.class)
        } else if answers && end.is_edge {
            return self.fill(job, from, to);
        } else {
            ctx.network.hop(start_site, end_site)
        };
        let extra = if ctx.links.are_well() { Span::ZERO } else { ctx.links.extra(from, to) };
        let delay = if local { extra } else { route.delay + extra };
        let takes_time = delay > Span::ZERO;
        let back = whereabouts == Whereabouts::Inbound;
        let at_cache = ctx.tiers[far.index()].places.is_some();
        let arrival = ctx.now + delay;
        ctx.note_hop(job, from, to, arrival, |job, writes| Look::of(job, writes, back, at_cache));
        let entry = &mut ctx.jobs[job];
        if takes_time {
            entry.whereabouts = whereabouts;
            let event =
                if whereabouts == Whereabouts::Outbound { Event::Arrive { job } } else { Event::Return { job } };
            if extra == Span::ZERO {
                ctx.queue.push_lane(route.lane, ctx.now, event);
            } else {
                ctx.queue.push(ctx.now + delay, event);
            }
        }
        takes_time
    }

    /// Sends what an edge has asked for from the origin to the edge, to its last byte. That takes time.
    fn fill(&mut self, job: u32, from: NodeId, to: NodeId) -> bool {
        let ctx = &mut self.ctx;
        let (start, end) = (ctx.nodes[from.index()].site, ctx.nodes[to.index()].site);
        let entry = &mut ctx.jobs[job];
        ctx.nodes[from.index()].bytes_out += ctx.programs[usize::from(entry.class)].bytes;
        // Fills are few, so they need no lane of their own.
        let arrival = ctx.now + ctx.network.hop(start, end).delay + ctx.network.fill(entry.class);
        entry.whereabouts = Whereabouts::Inbound;
        ctx.queue.push(arrival, Event::Return { job });
        ctx.note_hop(job, from, to, arrival, |job, _| if job.fill > 0 { Look::Fill } else { Look::Read });
        true
    }
}
