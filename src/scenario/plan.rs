//! A checked scenario with all names resolved to numbers and all milliseconds to spans.

use crate::nodes::answers::Answers;
use crate::nodes::autoscaler;
use crate::nodes::balancer::Settings;
use crate::nodes::broker;
use crate::nodes::cache::entries::{Capacity, Eviction};
use crate::nodes::cache::strategy::{Storage, Through};
use crate::nodes::caching::Keeps;
use crate::nodes::cdn::Sources;
use crate::nodes::cdn::limiter::Limit;
use crate::nodes::client::Manners;
use crate::nodes::data::Keys;
use crate::nodes::database;
use crate::nodes::deployment::Build;
use crate::nodes::disk::Medium;
use crate::nodes::files::Files;
use crate::nodes::health::HealthCheck;
use crate::nodes::machine::Discipline;
use crate::nodes::network::{Delays, SiteId};
use crate::nodes::population::Habits;
use crate::nodes::sharding::Sharding;
use crate::nodes::worker::crew::CrewSettings;
use crate::nodes::{Kind, TierId};
use crate::rng::Sampler;
use crate::time::Span;

use super::machine::Scalability;
use super::{Scenario, Tier};

pub(super) mod classes;
mod data;
pub mod deployment;
mod disk;
mod geography;
mod habits;
pub(super) mod messages;
mod operations;
mod parts;
mod replication;
mod scaling;
mod sessions;
mod sharding;
mod sites;

pub use data::HoldsPlan;
use data::keys;
pub use disk::PoolPlan;
use disk::medium;
pub use messages::JobPlan;
use parts::{is_public, manners, part, reserved_on, sources};
pub use sessions::SigningInPlan;
pub use sharding::{RowsPlan, sharding_of};
use sites::Sites;

/// Everything that a world needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The users.
    pub habits: Habits,
    /// Client groups, in the order of their ids. They are the first tiers and the first sites.
    pub clients: Vec<ClientPlan>,
    /// Which source addresses their users have.
    pub sources: Vec<Sources>,
    /// Classes, in the order of their ids.
    pub classes: Vec<ClassPlan>,
    /// Kinds of machines, in the order of their ids.
    pub machines: Vec<MachinePlan>,
    /// Tiers: first the client groups, then the scenario's, each in the order of their ids.
    pub tiers: Vec<TierPlan>,
    /// The tier whose address clients get.
    pub entry: TierId,
    /// The DNS tier, if names have to be resolved, and for how long devices keep its record, in seconds.
    pub dns: Option<(TierId, u32)>,
    /// Network delays between sites.
    pub delays: Delays,
    /// The keys of the site's data, where it has some.
    pub keys: Option<Keys>,
    /// How long a session lasts without a request, in whole seconds, if users have sessions.
    pub session_seconds: Option<u32>,
    /// How users sign in, if they do.
    pub signing_in: Option<SigningInPlan>,
    /// After how long a server gives up one that is silent.
    pub silence: Span,
    /// Builds of the application, by their numbers, each with its id.
    pub builds: Vec<(String, Build)>,
    /// Random outages, by place.
    pub outages: Vec<deployment::OutagePlan>,
    /// How it is run, if anybody does.
    pub operations: Option<crate::nodes::operations::Settings>,
}

/// A client group.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPlan {
    /// What it does.
    pub manners: Manners,
}

/// A class of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassPlan {
    /// Its id.
    pub id: String,
    /// Whether it changes data.
    pub write: bool,
    /// What it does to rows and how it finds them.
    pub rows: RowsPlan,
    /// The databases that it asks; without any, that of the web server.
    pub databases: Vec<TierId>,
    /// Whether it looks in the cache.
    pub cached: bool,
    /// Whether the web server has to know who sends it.
    pub session: bool,
    /// Probability that it needs the database.
    pub database_probability: f64,
    /// Calls to the database, one after the other.
    pub database_trips: u8,
    /// Work of the web server before it calls anybody.
    pub web_before: Sampler,
    /// Work of the web server once it has all it needs.
    pub web_after: Sampler,
    /// Work of the database.
    pub database: Sampler,
    /// The tier whose address clients use for it.
    pub entry: TierId,
    /// The tier that edges ask for it, if clients send it to edges.
    pub origin: Option<TierId>,
    /// The files that it asks for.
    pub files: Option<Files>,
    /// The size of an answer in bytes.
    pub bytes: u64,
    /// What the same user asks for next: classes by their index, and how often.
    pub followed_by: Vec<(u8, u32)>,
    /// What is to be done beside the answer.
    pub job: Option<JobPlan>,
}

/// A kind of machine.
#[derive(Clone, Debug, PartialEq)]
pub struct MachinePlan {
    /// Its id.
    pub id: String,
    /// Where its copies stand, in turn.
    pub sites: Vec<SiteId>,
    /// Cores of each copy.
    pub cores: u32,
    /// Those of them that nobody has reserved.
    pub shared_cores: u32,
    /// The disk of each copy, if it has one.
    pub disk: Option<Medium>,
    /// How work grows with cores.
    pub scalability: Scalability,
    /// Speed of a core.
    pub speed: f64,
    /// How it divides its cores.
    pub discipline: Discipline,
}

/// A tier.
#[derive(Clone, Debug, PartialEq)]
pub struct TierPlan {
    /// Its id; for a client group that of the group.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// How many instances serve.
    pub instances: u32,
    /// Index of its kind of machine.
    pub machine: Option<usize>,
    /// Cores of each copy that are its own.
    pub reserved_cores: Option<u32>,
    /// Where its instances stand, in turn.
    pub sites: Vec<SiteId>,
    /// Whether it has public addresses.
    pub public: bool,
    /// Whether its instances hold different keys.
    pub partitioned: bool,
    /// How long an instance takes to start.
    pub boot: Span,
    /// How long one that was taken out still serves whoever is bound to it.
    pub draining: Span,
    /// What adds and removes instances by itself, if anything does.
    pub autoscaler: Option<autoscaler::Settings>,
    /// What depends on the kind.
    pub part: PartPlan,
}

/// What depends on the kind of a tier.
#[derive(Clone, Debug, PartialEq)]
pub enum PartPlan {
    /// A client group, by its index.
    Client(u8),
    /// DNS.
    Dns {
        /// What a look-up takes.
        lookup: Span,
        /// Whether devices begin with what they know in the long run.
        steady_start: bool,
        /// Weights of the caching resolvers; none without.
        resolvers: Vec<f64>,
        /// How it watches the addresses, if it does.
        health: Option<HealthCheck>,
        /// How it answers.
        answers: Answers,
    },
    /// A load balancer.
    Balancer {
        /// The tier behind it.
        backends: TierId,
        /// The tier behind it for each class.
        routes: Vec<TierId>,
        /// What it does.
        settings: Settings,
        /// Work to forward a request.
        forward: Sampler,
        /// Time between the heartbeats of a pair, and how many may be missed.
        failover: Option<(Span, u32)>,
    },
    /// Web servers.
    Web {
        /// Requests in hand.
        slots: u32,
        /// Requests before the door.
        backlog: u32,
        /// Whom it asks first.
        cache: Option<TierId>,
        /// How it keeps that, if it holds entries.
        keeps: Option<Keeps>,
        /// Whom it asks next.
        database: Option<TierId>,
        /// Connections to each database server, if they are limited.
        pool: Option<u32>,
        /// The number of the build that they run at the start.
        build: Option<u8>,
        /// Where it publishes.
        broker: Option<TierId>,
    },
    /// A cache.
    Cache {
        /// Look-ups in hand.
        slots: u32,
        /// Look-ups that wait.
        backlog: u32,
        /// Work of a look-up.
        lookup: Sampler,
        /// What it holds.
        holds: HoldsPlan,
        /// Where it keeps its values.
        storage: Storage,
        /// What it asks of the database, if it does that itself.
        through: Option<Through>,
    },
    /// A database.
    Database {
        /// Connections.
        slots: u32,
        /// Queries that wait for one.
        backlog: u32,
        /// Its memory of the disk, if its machine has one.
        pool: Option<PoolPlan>,
        /// How its instances, or those of each shard, replicate, if they do.
        cluster: Option<database::Settings>,
        /// How it is sharded, if it is.
        sharding: Option<Box<Sharding>>,
    },
    /// A content delivery network.
    Cdn {
        /// The tier that edges ask.
        origin: TierId,
        /// The one that they ask for what that fails to give them.
        second_origin: Option<TierId>,
        /// What a request takes at an edge.
        lookup: Span,
        /// What each edge may hold.
        capacity: Capacity,
        /// What goes first.
        eviction: Eviction,
        /// Whether misses of the same file ask the origin once.
        coalesces: bool,
        /// How long routes take to follow.
        reroute: Span,
        /// How long a purge takes, beside the way.
        purge: Span,
        /// What each source address may send.
        limit: Option<Limit>,
    },
    /// A store of files.
    ObjectStore {
        /// How long it takes to begin an answer.
        first_byte: Sampler,
    },
    /// A message broker.
    Broker {
        /// What it is told.
        settings: broker::Settings,
        /// Its work for a message.
        work: Sampler,
    },
    /// Workers.
    Worker {
        /// Messages that each works on at once.
        slots: u32,
        /// What they are told.
        crew: CrewSettings,
        /// What a message takes, if not what its job says.
        work: Option<Sampler>,
    },
}

impl Plan {
    /// The DNS tier, if names have to be resolved.
    #[inline]
    pub fn dns_tier(&self) -> Option<TierId> {
        self.dns.map(|(tier, _)| tier)
    }

    /// Resolves a scenario that has passed [`super::check::check`].
    pub fn new(scenario: &Scenario) -> Self {
        let sites = Sites::new(scenario);
        let clients = scenario.workload.clients.len();
        let tier_id = |id: &String| {
            let index = scenario.tiers.keys().position(|known| known == id).expect("checked");
            TierId((clients + index) as u16)
        };
        let groups = scenario.workload.clients.keys().enumerate().map(|(index, id)| TierPlan {
            id: id.clone(),
            kind: Kind::Client,
            instances: 1,
            machine: None,
            reserved_cores: None,
            sites: vec![index as SiteId],
            public: false,
            partitioned: false,
            boot: Span::ZERO,
            draining: Span::ZERO,
            autoscaler: None,
            part: PartPlan::Client(index as u8),
        });
        let tiers = scenario.tiers.iter().map(|(id, tier)| TierPlan {
            id: id.clone(),
            kind: tier.kind(),
            instances: tier.instances(),
            machine: tier.machine().and_then(|(id, _)| scenario.machines.keys().position(|known| known == id)),
            reserved_cores: tier.reserved_cores(),
            sites: sites.of_tier(scenario, tier),
            public: is_public(scenario, id, tier),
            partitioned: tier.is_partitioned(),
            boot: Span::from_ms(tier.boot_ms()),
            draining: Span::from_ms(tier.draining_ms()),
            autoscaler: tier.autoscaler().map(scaling::settings),
            part: part(scenario, id, tier, tier_id),
        });
        Self {
            habits: habits::habits(scenario),
            clients: scenario
                .workload
                .clients
                .values()
                .map(|client| ClientPlan { manners: manners(scenario, client, tier_id) })
                .collect(),
            sources: sources(scenario),
            classes: classes::classes(scenario, tier_id),
            machines: scenario
                .machines
                .iter()
                .map(|(id, machine)| MachinePlan {
                    id: id.clone(),
                    sites: sites.of(machine.places()),
                    cores: machine.cores(),
                    shared_cores: machine.cores() - reserved_on(scenario, id),
                    disk: machine.disk().map(medium),
                    scalability: machine.scalability(),
                    speed: machine.speed,
                    discipline: machine.discipline,
                })
                .collect(),
            entry: tier_id(&scenario.workload.entry),
            dns: scenario.workload.dns.as_ref().and_then(|id| match &scenario.tiers[id] {
                Tier::Dns(dns) => Some((tier_id(id), dns.record_ttl_seconds)),
                Tier::LoadBalancer(_)
                | Tier::WebServer(_)
                | Tier::Cache(_)
                | Tier::Database(_)
                | Tier::Cdn(_)
                | Tier::ObjectStore(_)
                | Tier::MessageBroker(_)
                | Tier::Worker(_) => None,
            }),
            delays: sites.delays(scenario),
            keys: keys(scenario),
            session_seconds: scenario.workload.sessions.as_ref().map(|sessions| sessions.idle_timeout_seconds),
            signing_in: sessions::signing_in(scenario, tier_id),
            silence: Span::from_ms(scenario.network.silence_timeout_ms),
            builds: deployment::builds(scenario),
            outages: deployment::outages(scenario),
            operations: operations::settings(scenario, tier_id),
            tiers: groups.chain(tiers).collect(),
        }
    }
}
