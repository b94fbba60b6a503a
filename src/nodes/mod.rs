//! The parts of a system: one file per kind of node; here are the enums and the dispatch.
//!
//! A node is handed a [`Job`] when a request arrives ([`Node::arrive`]), when its work is done ([`Node::done`]) and
//! when a call that it made comes back ([`Node::returned`]), and says what is to happen [`Next`]. It never touches
//! another node: the world carries the request there, over the network.
//!
//! To add a kind: write its file, add it to [`Kind`] and [`Node`], and follow the compiler.

pub mod answers;
pub mod autoscaler;
pub mod balancer;
pub mod broker;
pub mod browsers;
pub mod cache;
pub mod caching;
mod cause;
pub mod cdn;
pub mod client;
pub mod closed_loop;
pub mod connections;
pub mod context;
pub mod data;
pub mod database;
pub mod deployment;
pub mod disk;
pub mod dns;
mod event;
pub mod fact;
pub mod files;
pub mod flights;
pub mod health;
pub mod job;
pub mod ledger;
pub mod links;
pub mod machine;
pub mod network;
pub mod object_store;
pub mod observer;
pub mod operations;
pub mod pair;
pub mod per_user;
pub mod picks;
pub mod placement;
pub mod pool;
pub mod population;
pub mod sessions;
pub mod sharding;
mod signing;
pub mod state;
pub mod station;
pub mod trace;
pub mod web;
pub mod worker;
pub mod writes;

pub use context::Context;
pub use event::Event;
pub use job::{Cause, Job};

use balancer::Balancer;
use broker::Broker;
use cache::Cache;
use cdn::Edge;
use client::Client;
use database::Database;
use dns::Dns;
use object_store::ObjectStore;
use station::Station;
use web::WebServer;
use worker::Worker;

/// A node's number in the run; it keeps it for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u16);

impl NodeId {
    /// No node.
    pub const NONE: Self = Self(u16::MAX);

    /// As an index.
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A tier's number in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierId(pub u16);

impl TierId {
    /// As an index.
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What is to happen to a request that a node was handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing for now: it waits, is worked on, or is over.
    Parked,
    /// It goes on to this node.
    Call(NodeId),
    /// Its answer goes back to the caller.
    Reply,
    /// It failed here; the caller is told.
    Fail(Cause),
}

/// A kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A group of clients.
    Client,
    /// The domain name system.
    Dns,
    /// A load balancer.
    LoadBalancer,
    /// A web server.
    WebServer,
    /// A cache.
    Cache,
    /// A database.
    Database,
    /// A content delivery network.
    Cdn,
    /// A store of files.
    ObjectStore,
    /// A message broker.
    MessageBroker,
    /// A worker.
    Worker,
}

/// A node.
#[derive(Clone, Debug)]
pub enum Node {
    /// A group of clients.
    Client(Client),
    /// The domain name system.
    Dns(Dns),
    /// A load balancer.
    Balancer(Balancer),
    /// A web server.
    Web(WebServer),
    /// A cache.
    Cache(Cache),
    /// A database.
    Database(Database),
    /// An edge of a content delivery network.
    Edge(Box<Edge>),
    /// A store of files.
    ObjectStore(ObjectStore),
    /// A message broker.
    Broker(Box<Broker>),
    /// A worker.
    Worker(Worker),
}

impl Node {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Client(_) => Kind::Client,
            Self::Dns(_) => Kind::Dns,
            Self::Balancer(_) => Kind::LoadBalancer,
            Self::Web(_) => Kind::WebServer,
            Self::Cache(_) => Kind::Cache,
            Self::Database(_) => Kind::Database,
            Self::Edge(_) => Kind::Cdn,
            Self::ObjectStore(_) => Kind::ObjectStore,
            Self::Broker(_) => Kind::MessageBroker,
            Self::Worker(_) => Kind::Worker,
        }
    }

    /// A request arrives.
    #[inline]
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self {
            Self::Client(client) => client.send(ctx, job),
            Self::Dns(dns) => dns.arrive(ctx, job),
            Self::Balancer(balancer) => balancer.arrive(ctx, job),
            Self::Web(web) => web.arrive(ctx, job),
            Self::Cache(cache) => cache.arrive(ctx, job),
            Self::Database(database) => database.arrive(ctx, job),
            Self::Edge(edge) => edge.arrive(ctx, job),
            Self::ObjectStore(store) => store.arrive(ctx, job),
            Self::Broker(broker) => broker.arrive(ctx, job),
            Self::Worker(worker) => worker.arrive(ctx, job),
        }
    }

    /// The work on a request is done.
    #[inline]
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self {
            Self::Client(_) => unreachable!("a client has no machine"),
            Self::Dns(dns) => dns.done(ctx, job),
            Self::Balancer(balancer) => balancer.choose(ctx, job),
            Self::Web(web) => web.done(ctx, job),
            Self::Cache(cache) => cache.done(ctx, job),
            Self::Database(database) => database.done(ctx, job),
            Self::Edge(edge) => edge.done(ctx, job),
            Self::ObjectStore(store) => store.done(ctx, job),
            Self::Broker(broker) => broker.done(ctx, job),
            Self::Worker(worker) => worker.done(ctx, job),
        }
    }

    /// What was read from the disk for a request is there.
    pub fn fetched(&mut self, ctx: &mut Context, job: u32) -> Next {
        match self {
            Self::Database(database) => database.fetched(ctx, job),
            Self::Cache(cache) => cache.fetched(ctx, job),
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Edge(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => unreachable!("it reads nothing"),
        }
    }

    /// A call comes back.
    #[inline]
    pub fn returned(&mut self, ctx: &mut Context, job: u32, from: NodeId) -> Next {
        match self {
            Self::Client(client) => client.returned(ctx, job, from),
            Self::Dns(dns) => dns.returned(ctx, job),
            Self::Balancer(balancer) => balancer.returned(ctx, job, from),
            Self::Web(web) => web.returned(ctx, job, from),
            Self::Cache(cache) => cache.returned(ctx, job, from),
            Self::Edge(edge) => edge.returned(ctx, job, from),
            Self::Broker(broker) => broker.returned(ctx, job),
            Self::Worker(worker) => worker.returned(ctx, job),
            Self::Database(_) | Self::ObjectStore(_) => unreachable!("it calls nobody"),
        }
    }

    /// Why a request fails that finds nobody here.
    pub fn cause_when_down(&self) -> Cause {
        match self {
            Self::Dns(_) => Cause::Unresolved,
            Self::Client(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Cache(_)
            | Self::Database(_)
            | Self::Edge(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => Cause::Unreachable,
        }
    }

    /// It died: what it held in hand is forgotten.
    pub fn clear(&mut self, ctx: &mut Context, node: NodeId) {
        match self {
            Self::Client(_) | Self::Dns(_) | Self::ObjectStore(_) => {}
            Self::Balancer(balancer) => balancer.clear(ctx),
            Self::Edge(edge) => edge.clear(),
            Self::Broker(broker) => broker.die(ctx, node),
            Self::Web(_) | Self::Cache(_) | Self::Database(_) | Self::Worker(_) => {
                let station = self.station_mut().expect("servers have a station");
                station.clear(ctx.now);
                match self {
                    Self::Cache(cache) => cache.die(ctx, node),
                    Self::Web(web) => {
                        ctx.lose_sessions(node);
                        web.flights.clear();
                        web.opinion.forget();
                        if let Some(pool) = &mut web.pool {
                            pool.clear();
                        }
                    }
                    Self::Database(database) => database.forget(),
                    Self::Worker(worker) => worker.forget(),
                    Self::Client(_)
                    | Self::Dns(_)
                    | Self::Balancer(_)
                    | Self::Edge(_)
                    | Self::ObjectStore(_)
                    | Self::Broker(_) => {}
                }
            }
        }
    }

    /// Changes slots and backlog, where it has them.
    pub fn resize(&mut self, ctx: &mut Context, slots: u32, backlog: u32) {
        match self {
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Edge(_)
            | Self::ObjectStore(_)
            | Self::Broker(_) => {}
            Self::Worker(worker) => worker.resize(ctx, slots),
            Self::Web(web) => web.resize(ctx, slots, backlog),
            Self::Cache(cache) => cache.resize(ctx, slots, backlog),
            Self::Database(database) => database.resize(ctx, slots, backlog),
        }
    }

    /// What it did since the start, if it is a cache that holds entries.
    pub fn cache_counts(&self) -> Option<cache::CacheCounts> {
        match self {
            Self::Cache(cache) => cache.counts(),
            Self::Edge(edge) => Some(edge.cache_counts()),
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Database(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => None,
        }
    }

    /// How much of the room for what it keeps is taken, from 0 to 1, if it keeps entries.
    pub fn full(&self) -> Option<f64> {
        match self {
            Self::Cache(cache) => cache.full(),
            Self::Edge(edge) => Some(edge.entries.full()),
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Database(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => None,
        }
    }

    /// Roughly how many bytes of memory go for the entries or pages that it holds.
    pub fn held_bytes(&self) -> usize {
        // Key and entry, its place in the order, and its cell of the index, which is half empty.
        const EACH: usize = 32 + 12 + 16;
        let pages = match self {
            Self::Database(database) => database.pool.as_ref().map_or(0, |pool| pool.len()),
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Cache(_)
            | Self::Edge(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => 0,
        };
        EACH * (pages + self.cache_counts().map_or(0, |counts| counts.entries as usize))
    }

    /// What it did since the start, if it is a database with a disk.
    pub fn pool_counts(&self) -> Option<database::buffer_pool::PoolCounts> {
        match self {
            Self::Database(database) => database.pool.as_ref().map(|pool| pool.counts()),
            Self::Client(_)
            | Self::Dns(_)
            | Self::Balancer(_)
            | Self::Web(_)
            | Self::Cache(_)
            | Self::Edge(_)
            | Self::ObjectStore(_)
            | Self::Broker(_)
            | Self::Worker(_) => None,
        }
    }

    /// Slots and backlog, where it has them.
    pub fn station(&self) -> Option<&Station> {
        match self {
            Self::Client(_) | Self::Dns(_) | Self::Edge(_) | Self::ObjectStore(_) | Self::Broker(_) => None,
            Self::Balancer(balancer) => Some(&balancer.station),
            Self::Web(web) => Some(&web.station),
            Self::Cache(cache) => Some(&cache.station),
            Self::Database(database) => Some(&database.station),
            Self::Worker(worker) => Some(&worker.station),
        }
    }

    /// Slots and backlog, where it has them.
    pub fn station_mut(&mut self) -> Option<&mut Station> {
        match self {
            Self::Client(_) | Self::Dns(_) | Self::Edge(_) | Self::ObjectStore(_) | Self::Broker(_) => None,
            Self::Balancer(balancer) => Some(&mut balancer.station),
            Self::Web(web) => Some(&mut web.station),
            Self::Cache(cache) => Some(&mut cache.station),
            Self::Database(database) => Some(&mut database.station),
            Self::Worker(worker) => Some(&mut worker.station),
        }
    }
}
