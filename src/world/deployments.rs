//! How builds come to servers while these serve: what `nodes/deployment.rs` decides is carried out here.

use crate::faults;
use crate::nodes::context::Life;
use crate::nodes::deployment::{Build, Deployment, Progress, Server, Stage, Strategy, Verdict};
use crate::nodes::observer::Fact;
use crate::nodes::{Event, Next, Node, NodeId};
use crate::time::Span;

use super::{World, build};

/// How often a deployment looks how it goes.
const LOOKS_EVERY: Span = Span(1_000_000_000);
/// The most deployments that a run remembers; the oldest that are over are forgotten.
const REMEMBERED: usize = 1_000;

impl World {
    /// The deployments so far.
    pub fn deployments(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter()
    }

    /// The deployment of this number, unless it is forgotten.
    pub fn deployment(&self, number: u32) -> Option<&Deployment> {
        self.deployments.get(self.deployment_index(number)?)
    }

    fn deployment_index(&self, number: u32) -> Option<usize> {
        number.checked_sub(self.deployments_forgotten).map(|index| index as usize)
    }

    /// A build sets out for servers: those of `nodes` that run another one. Returns the deployment's number.
    pub(super) fn deploy(&mut self, nodes: &[NodeId], build: u8, strategy: Strategy) -> u32 {
        let server = |&node: &NodeId| {
            let Node::Web(web) = &self.nodes[node.index()] else { return None };
            let other = web.build_number.is_some_and(|own| own != build);
            other.then_some(Server { node, before: web.build_number, progress: Progress::Waiting })
        };
        let servers: Vec<Server> = nodes.iter().filter_map(server).collect();
        let (count, now) = (servers.len() as u16, self.ctx.now);
        for own in self.deployments.iter_mut().filter(|own| !own.stage.is_over()) {
            if own.servers.iter().any(|known| servers.iter().any(|server| server.node == known.node)) {
                (own.stage, own.ended) = (Stage::Superseded, now);
            }
        }
        if self.deployments.len() == REMEMBERED && self.deployments.front().is_some_and(|own| own.stage.is_over()) {
            self.deployments.pop_front();
            self.deployments_forgotten += 1;
        }
        self.ctx.tell(Fact::DeployBegan { build, servers: count });
        let number = self.deployments_forgotten + self.deployments.len() as u32;
        self.deployments.push_back(Deployment::new(build, strategy, servers, now));
        self.look_at_deployment(number);
        self.tell_pipeline();
        number
    }

    /// A deployment looks how it goes, and goes on.
    pub(super) fn look_at_deployment(&mut self, number: u32) {
        let Some(index) = self.deployment_index(number) else { return };
        if self.deployments.get(index).is_none_or(|own| own.stage.is_over()) {
            return;
        }
        let mut own = self.deployments[index].clone();
        for server in 0..own.servers.len() {
            self.carry_server_on(&mut own, server);
        }
        let states = &self.ctx.nodes;
        let done = |node: NodeId| (states[node.index()].served, states[node.index()].failed);
        let verdict = own.decide(self.ctx.now, done);
        self.follow_verdict(&mut own, verdict);
        for server in own.next() {
            self.begin_server(&mut own, server);
        }
        let is_over = own.stage.is_over();
        if !is_over {
            self.ctx.queue.push(self.ctx.now + LOOKS_EVERY, Event::Deploy { deployment: number });
        }
        self.deployments[index] = own;
        if is_over {
            self.tell_pipeline();
        }
    }

    fn follow_verdict(&mut self, own: &mut Deployment, verdict: Verdict) {
        let build = own.build;
        match verdict {
            Verdict::GoOn => {}
            Verdict::CanaryPassed => self.ctx.tell(Fact::CanaryPassed { build }),
            Verdict::TurnBack(share) => {
                self.ctx.tell(Fact::TurnedBack { build, failed_milli: (share * 1000.0) as u32 });
                self.send_back(own);
            }
            Verdict::End => {
                self.ctx.tell(Fact::DeployEnded { build, back: own.stage == Stage::RolledBack });
                if own.stage == Stage::RolledOut {
                    self.note_tier_builds(build);
                }
            }
        }
    }

    /// Those who have the build are to get the one before. Who has nothing of it stays as he is; who was about to get it goes
    /// on serving.
    fn send_back(&mut self, own: &mut Deployment) {
        own.servers.retain(|server| server.progress != Progress::Waiting);
        for server in &mut own.servers {
            if matches!(server.progress, Progress::Draining(_)) {
                self.ctx.nodes[server.node.index()].withdrawn = false;
                let state = &self.ctx.nodes[server.node.index()];
                server.progress = Progress::Serving(state.served, state.failed);
            } else {
                server.progress = Progress::Waiting;
            }
        }
        self.connect_all();
    }

    /// A deployment that is on its way out goes back. Says whether it was.
    pub(super) fn turn_deployment_back(&mut self, number: u32) -> bool {
        let Some(index) = self.deployment_index(number) else { return false };
        let on_its_way = |own: &&Deployment| !own.stage.is_over() && own.stage != Stage::RollingBack;
        let Some(mut own) = self.deployments.get(index).filter(on_its_way).cloned() else { return false };
        own.stage = Stage::RollingBack;
        self.send_back(&mut own);
        self.deployments[index] = own;
        true
    }

    /// The newest deployment that brought a server its present build, if there was one before.
    pub(super) fn brought_by(&self, node: NodeId) -> Option<&Deployment> {
        let Node::Web(web) = &self.nodes[node.index()] else { return None };
        let present = web.build_number?;
        let brought = |own: &&Deployment| {
            own.build == present && own.servers.iter().any(|server| server.node == node && server.before.is_some())
        };
        self.deployments.iter().rev().find(brought)
    }

    /// The build that a server had before comes back to all who were to get its present one, in the same batches.
    pub(super) fn go_back(&mut self, node: NodeId) {
        let Some(own) = self.brought_by(node) else { return };
        let servers: Vec<NodeId> = own.servers.iter().map(|server| server.node).collect();
        let before = own.servers.iter().find(|server| server.node == node).and_then(|server| server.before);
        let strategy = Strategy { canary_share: 0.0, observe: Span::ZERO, max_error_rate: None, ..own.strategy };
        if let Some(before) = before {
            self.deploy(&servers, before, strategy);
        }
    }

    /// A server's turn has come.
    fn begin_server(&mut self, own: &mut Deployment, index: usize) {
        let node = own.servers[index].node;
        match self.ctx.nodes[node.index()].life {
            Life::Up => {
                self.ctx.nodes[node.index()].withdrawn = true;
                self.connect_all();
                own.servers[index].progress = Progress::Draining(self.ctx.now + own.strategy.drain);
            }
            // Whenever it starts, it starts with that.
            Life::Down | Life::Drained => {
                self.set_build(node, target(own, index));
                let state = &self.ctx.nodes[node.index()];
                own.servers[index].progress = Progress::Serving(state.served, state.failed);
            }
            Life::Booting => {
                self.set_build(node, target(own, index));
                own.servers[index].progress = Progress::Starting;
            }
        }
    }

    fn carry_server_on(&mut self, own: &mut Deployment, index: usize) {
        let node = own.servers[index].node;
        match own.servers[index].progress {
            Progress::Draining(until) if self.ctx.now >= until || self.is_idle(node) => {
                self.restart(node, target(own, index));
                own.replaced += u32::from(own.stage != Stage::RollingBack);
                own.servers[index].progress = Progress::Starting;
            }
            Progress::Starting if self.is_in_service(node) || self.ctx.nodes[node.index()].life == Life::Down => {
                let state = &self.ctx.nodes[node.index()];
                own.servers[index].progress = Progress::Serving(state.served, state.failed);
            }
            Progress::Waiting | Progress::Draining(_) | Progress::Starting | Progress::Serving(..) => {}
        }
    }

    fn is_idle(&self, node: NodeId) -> bool {
        self.nodes[node.index()].station().is_some_and(|station| station.busy.value() == 0)
    }

    /// Whether a server is up, and well to all who watch it.
    fn is_in_service(&self, node: NodeId) -> bool {
        let well = |watcher: &Node| match watcher {
            Node::Balancer(balancer) => balancer.finds_well(node),
            Node::Dns(dns) => dns.watch.as_ref().is_none_or(|watch| watch.finds_well(node)),
            Node::Client(_)
            | Node::Web(_)
            | Node::Cache(_)
            | Node::Database(_)
            | Node::Edge(_)
            | Node::ObjectStore(_)
            | Node::Broker(_)
            | Node::Worker(_) => true,
        };
        self.ctx.is_up(node) && self.nodes.iter().all(well)
    }

    /// A server starts anew with another build. What it still has in hand is lost.
    fn restart(&mut self, node: NodeId, build: Option<u8>) {
        self.ctx.nodes[node.index()].withdrawn = false;
        if self.ctx.nodes[node.index()].life != Life::Up {
            self.set_build(node, build);
            return;
        }
        let (orphans, _) = faults::stop(&mut self.nodes, &mut self.ctx, node, false, false);
        self.set_build(node, build);
        self.ctx.tell(Fact::Deployed { node, build: build.unwrap_or_default() });
        self.begin_boot(node);
        self.connect_all();
        self.note_capacity(node);
        for job in orphans {
            self.drive(job, Next::Reply);
        }
    }

    /// The build that a server runs, from now on.
    pub(super) fn set_build(&mut self, node: NodeId, number: Option<u8>) {
        let plan = self.plan.clone();
        if let Node::Web(web) = &mut self.nodes[node.index()] {
            web.build_number = number;
            web.build = number.map_or(Build::PLAIN, |number| plan.builds[usize::from(number)].1);
        }
    }

    /// The numbers of the builds that servers run are those of the present plan.
    pub(super) fn renew_builds(&mut self) {
        for node in 0..self.nodes.len() {
            if let Node::Web(web) = &self.nodes[node] {
                self.set_build(NodeId(node as u16), web.build_number);
            }
        }
    }

    /// Servers that come later get a build that all of their tier have now.
    fn note_tier_builds(&mut self, build: u8) {
        for tier in &mut self.ctx.tiers {
            let nodes = &self.nodes;
            let has = |node: &NodeId| matches!(&nodes[node.index()], Node::Web(web) if web.build_number == Some(build));
            if tier.build.is_some() && tier.members[..tier.instances].iter().all(has) {
                tier.build = Some(build);
            }
        }
    }

    fn connect_all(&mut self) {
        for tier in 0..self.plan.tiers.len() {
            build::connect(self, tier, false);
        }
    }
}

/// The build that a server of a deployment is to have.
fn target(own: &Deployment, index: usize) -> Option<u8> {
    if own.stage == Stage::RollingBack { own.servers[index].before } else { Some(own.build) }
}
