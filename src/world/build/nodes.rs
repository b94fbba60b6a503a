//! Nodes: made as the plan describes them, and given the numbers of a new plan while they run.

use crate::nodes::answers::Chooser;
use crate::nodes::balancer::Balancer;
use crate::nodes::broker::Broker;
use crate::nodes::caching::Opinion;
use crate::nodes::client::Client;
use crate::nodes::context::Work;
use crate::nodes::database::Database;
use crate::nodes::database::buffer_pool::BufferPool;
use crate::nodes::deployment::Build;
use crate::nodes::dns::Dns;
use crate::nodes::flights::Flights;
use crate::nodes::health::Watch;
use crate::nodes::object_store::ObjectStore;
use crate::nodes::pool::Pool;
use crate::nodes::station::Station;
use crate::nodes::web::WebServer;
use crate::nodes::worker::Worker;
use crate::nodes::{Node, NodeId};
use crate::scenario::plan::{PartPlan, Plan};
use crate::world::World;

use super::{caches, edges, messages};

/// A node as the plan describes its tier.
pub(super) fn make(world: &mut World, plan: &Plan, tier: usize, id: NodeId) -> Node {
    let queue = &mut world.ctx.queue;
    match &plan.tiers[tier].part {
        PartPlan::Client(group) => Node::Client(Client::new(*group, plan.clients[usize::from(*group)].manners)),
        PartPlan::Dns { lookup, health, answers, .. } => {
            let (watch, chooser) = (health.map(Watch::new), Chooser::new(answers.clone()));
            Node::Dns(Dns::new(id, queue.lane(*lookup), plan.entry, watch, chooser))
        }
        PartPlan::Balancer { settings, forward, backends, routes, .. } => {
            let forward = Work::new(*forward, queue);
            Node::Balancer(Balancer::new(id, settings.clone(), forward, *backends, routes))
        }
        PartPlan::Web { slots, backlog, cache, keeps, database, pool, build: _, broker } => Node::Web(WebServer {
            station: Station::new(*slots, *backlog),
            cache: *cache,
            keeps: *keeps,
            opinion: Opinion::default(),
            flights: Flights::default(),
            database: *database,
            pool: pool.map(Pool::new),
            build: Build::PLAIN,
            build_number: None,
            broker: *broker,
        }),
        PartPlan::Cache { .. } => Node::Cache(caches::node(world, &plan.tiers[tier].part, id)),
        PartPlan::Database { slots, backlog, pool, .. } => Node::Database(Database {
            station: Station::new(*slots, *backlog),
            pool: pool.map(|pool| Box::new(BufferPool::new(pool.layout, pool.pages))),
        }),
        part @ PartPlan::Cdn { .. } => edges::edge(part, plan.clients.len(), world.ctx.seed, id, queue),
        PartPlan::ObjectStore { first_byte } => {
            Node::ObjectStore(ObjectStore { first_byte: Work::new(*first_byte, queue) })
        }
        PartPlan::Broker { settings, work } => {
            Node::Broker(Box::new(Broker::new(settings.clone(), Work::new(*work, queue))))
        }
        PartPlan::Worker { slots, .. } => Node::Worker(Worker::new(*slots)),
    }
}

/// Gives the nodes of a running tier the numbers of the new plan.
pub(super) fn adjust(world: &mut World, tier: usize) {
    let plan = world.plan.clone();
    for node in world.ctx.tiers[tier].members.clone() {
        let ctx = &mut world.ctx;
        let own = &mut world.nodes[node.index()];
        match (&plan.tiers[tier].part, &mut *own) {
            (PartPlan::Client(group), Node::Client(client)) => {
                client.set_manners(ctx, plan.clients[usize::from(*group)].manners);
            }
            (PartPlan::Dns { lookup, health, answers, .. }, Node::Dns(dns)) => {
                dns.lookup = ctx.queue.lane(*lookup);
                dns.chooser.answers.clone_from(answers);
                if let (Some(watch), Some(health)) = (&mut dns.watch, health) {
                    watch.settings = *health;
                }
            }
            (PartPlan::Balancer { settings, forward, .. }, Node::Balancer(balancer)) => {
                balancer.set(settings.clone(), Work::new(*forward, &mut ctx.queue));
            }
            (PartPlan::Web { slots, backlog, keeps, pool, .. }, Node::Web(web)) => {
                web.keeps = *keeps;
                web.set_pool(ctx, *pool);
                own.resize(ctx, *slots, *backlog);
            }
            (PartPlan::Database { slots, backlog, pool: wanted, .. }, Node::Database(database)) => {
                if let (Some(pool), Some(wanted)) = (&mut database.pool, wanted) {
                    // Those of a shard stay where they are until rows move.
                    let layout = if pool.layout().is_of_shard() { pool.layout() } else { wanted.layout };
                    pool.resize(layout, wanted.pages);
                }
                own.resize(ctx, *slots, *backlog);
            }
            (PartPlan::Cache { slots, backlog, lookup, holds, through, .. }, Node::Cache(cache)) => {
                cache.lookup = Work::new(*lookup, &mut ctx.queue);
                cache.through = *through;
                caches::adjust(&mut cache.holds, holds);
                own.resize(ctx, *slots, *backlog);
            }
            (part @ PartPlan::Cdn { .. }, Node::Edge(edge)) => edges::adjust(edge, part, &mut ctx.queue),
            (PartPlan::ObjectStore { first_byte }, Node::ObjectStore(store)) => {
                store.first_byte = Work::new(*first_byte, &mut ctx.queue);
            }
            (PartPlan::Broker { settings, work }, Node::Broker(broker)) => {
                let work = Work::new(*work, &mut ctx.queue);
                broker.set(ctx, node, settings.clone(), work);
            }
            (PartPlan::Worker { slots, crew, .. }, Node::Worker(_)) => {
                own.resize(ctx, *slots, 0);
                messages::set_prefetch(world, node, crew);
            }
            (
                PartPlan::Client(_)
                | PartPlan::Dns { .. }
                | PartPlan::Balancer { .. }
                | PartPlan::Web { .. }
                | PartPlan::Cache { .. }
                | PartPlan::Database { .. }
                | PartPlan::Cdn { .. }
                | PartPlan::ObjectStore { .. }
                | PartPlan::Broker { .. }
                | PartPlan::Worker { .. },
                _,
            ) => unreachable!("the kinds of a running system's tiers do not change"),
        }
    }
}
