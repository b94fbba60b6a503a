//! What clients, health checks and balancers do, with all names resolved and all milliseconds turned into spans.

use crate::nodes::TierId;
use crate::nodes::balancer::{Ejection, Settings};
use crate::nodes::cache::entries::Capacity;
use crate::nodes::cdn::Sources;
use crate::nodes::cdn::limiter::Limit;
use crate::nodes::client::{Connecting, Fallback, Manners, Retrying};
use crate::nodes::health::HealthCheck;
use crate::nodes::network::SiteId;
use crate::nodes::pair::Pair;
use crate::time::Span;

use super::data::{holds, keeps, through};
use super::disk::pool;
use super::{PartPlan, TierPlan, deployment, geography, messages, replication, sharding};
use crate::scenario::{CdnTier, ClientGroup, LoadBalancerTier, Scenario, Tier};

/// What a group of clients does.
pub(super) fn manners(scenario: &Scenario, client: &ClientGroup, tier_id: impl Fn(&String) -> TierId) -> Manners {
    Manners {
        timeout: Span::from_ms(client.timeout_ms),
        entry: tier_id(client.direct_to.as_ref().unwrap_or(&scenario.workload.entry)),
        direct: client.direct_to.is_some(),
        connection: client.connection.filter(|_| scenario.network.enabled).map(|connection| Connecting {
            round_trips: connection.tcp_round_trips + connection.tls_round_trips,
            keep_alive_seconds: connection.keep_alive_seconds,
        }),
        retry: client.retry.map(|retry| Retrying {
            attempts: retry.attempts as u8,
            backoff: Span::from_ms(retry.backoff_ms),
            jitter: retry.jitter,
            budget_percent: retry.budget_percent,
            writes: retry.writes,
        }),
        browser_cache: client.browser_cache,
        fallback: client.cdn_fallback.map(|fallback| Fallback {
            timeout: Span::from_ms(fallback.timeout_ms),
            remember_seconds: fallback.remember_seconds,
        }),
    }
}

/// Which source addresses the users of each group have.
pub(super) fn sources(scenario: &Scenario) -> Vec<Sources> {
    let clients = &scenario.workload.clients;
    let of = |(own, client): (usize, &ClientGroup)| {
        let behind = client.behind.as_ref();
        let group = behind.and_then(|id| clients.keys().position(|known| known == id)).unwrap_or(own);
        let shared =
            behind.and_then(|id| clients.get(id)).map_or(client.source_addresses, |group| group.source_addresses);
        Sources { group: group as u8, addresses: shared }
    };
    clients.values().enumerate().map(of).collect()
}

/// A content delivery network.
pub(super) fn cdn(cdn: &CdnTier, tier_id: impl Fn(&String) -> TierId) -> PartPlan {
    PartPlan::Cdn {
        origin: tier_id(&cdn.origin),
        second_origin: cdn.second_origin.as_ref().map(&tier_id),
        lookup: Span::from_ms(cdn.lookup_ms),
        // Casts of what is too large end at the largest number.
        capacity: Capacity { entries: cdn.capacity_entries, bytes: (cdn.capacity_mb * 1e6) as u64 },
        eviction: cdn.eviction,
        coalesces: cdn.coalesce,
        reroute: Span::from_ms(cdn.reroute_ms),
        purge: Span::from_ms(cdn.purge_ms),
        limit: cdn
            .rate_limit
            .map(|limit| Limit { rate: limit.requests_per_second / 1e9, burst: f64::from(limit.burst) }),
    }
}

/// Whether a tier has public addresses: if nobody says otherwise, only the entries.
pub(super) fn is_public(scenario: &Scenario, id: &str, tier: &Tier) -> bool {
    let told = match tier {
        Tier::WebServer(web) => web.public,
        Tier::Cdn(_) | Tier::ObjectStore(_) => Some(true),
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::Cache(_)
        | Tier::Database(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => None,
    };
    let entry = |class: &crate::scenario::Class| class.entry.as_ref().is_some_and(|entry| entry == id);
    told.unwrap_or(id == scenario.workload.entry || scenario.workload.classes.values().any(entry))
}

pub(super) fn health(check: &crate::scenario::HealthCheck) -> HealthCheck {
    HealthCheck {
        interval: Span::from_ms(check.interval_ms),
        unhealthy_after: check.unhealthy_after,
        healthy_after: check.healthy_after,
        timeout: Span::from_ms(check.timeout_ms),
        probing: check.probe,
        hold: Span::from_ms(check.hold_ms),
    }
}

pub(super) fn settings(scenario: &Scenario, balancer: &LoadBalancerTier) -> Settings {
    let highest = balancer.weights.keys().filter_map(|number| number.parse().ok()).max().unwrap_or(0usize);
    let weight = |number: usize| balancer.weights.get(&number.to_string()).copied().unwrap_or(1.0);
    Settings {
        layer: balancer.layer,
        policy: balancer.policy,
        locality: balancer.locality,
        weights: (1..=highest).map(weight).collect(),
        sticky: balancer.sticky && scenario.workload.sessions.is_some(),
        slow_start: Span::from_ms(balancer.slow_start_ms),
        retries: balancer.retries as u8,
        retry_writes: balancer.retry_writes,
        ejection: balancer.outlier_ejection.map(|ejection| Ejection {
            consecutive_failures: ejection.consecutive_failures,
            base: Span::from_ms(ejection.base_ejection_ms),
            most: ejection.max_ejected_percent / 100.0,
        }),
        health: health(&balancer.health_check),
        connections: balancer.connections,
    }
}

/// Cores of a copy of a machine that tiers have for themselves.
pub(super) fn reserved_on(scenario: &Scenario, machine: &str) -> u32 {
    let on_it = |tier: &&Tier| tier.machine().is_some_and(|(id, _)| id == machine);
    scenario.tiers.values().filter(on_it).filter_map(Tier::reserved_cores).sum()
}

impl TierPlan {
    /// Where an instance stands, from 0.
    pub fn site_of(&self, instance: usize) -> SiteId {
        self.sites[instance % self.sites.len()]
    }

    /// The pair that it is, if it is one.
    pub fn pair(&self) -> Option<Pair> {
        match self.part {
            PartPlan::Balancer { failover: Some((heartbeat, missed)), .. } => Some(Pair::new(heartbeat, missed)),
            PartPlan::Balancer { failover: None, .. }
            | PartPlan::Client(_)
            | PartPlan::Dns { .. }
            | PartPlan::Web { .. }
            | PartPlan::Cache { .. }
            | PartPlan::Database { .. }
            | PartPlan::Cdn { .. }
            | PartPlan::ObjectStore { .. }
            | PartPlan::Broker { .. }
            | PartPlan::Worker { .. } => None,
        }
    }
}

/// What a tier is told, by its kind.
pub(super) fn part(scenario: &Scenario, id: &String, tier: &Tier, tier_id: impl Fn(&String) -> TierId) -> PartPlan {
    match tier {
        Tier::Dns(dns) => PartPlan::Dns {
            lookup: Span::from_ms(dns.lookup_ms),
            steady_start: dns.steady_start,
            resolvers: dns.resolvers.map_or_else(Vec::new, |resolvers| {
                (1..=resolvers.count).map(|n| libm::pow(f64::from(n), -resolvers.exponent)).collect()
            }),
            health: dns.health_check.as_ref().map(health),
            answers: geography::answers(scenario, dns, tier_id),
        },
        Tier::LoadBalancer(balancer) => PartPlan::Balancer {
            backends: tier_id(&balancer.backends),
            routes: {
                let classes = scenario.workload.classes.keys();
                classes.map(|class| tier_id(balancer.routes.get(class).unwrap_or(&balancer.backends))).collect()
            },
            settings: settings(scenario, balancer),
            forward: balancer.forward.sampler(),
            failover: balancer.failover.map(|failover| (Span::from_ms(failover.heartbeat_ms), failover.missed)),
        },
        Tier::WebServer(web) => PartPlan::Web {
            slots: web.slots,
            backlog: web.backlog,
            cache: web.cache.as_ref().map(&tier_id),
            keeps: web.cache.as_ref().and_then(|cache| keeps(scenario, cache)),
            database: web.database.as_ref().map(&tier_id),
            pool: web.pool,
            build: web.build.as_ref().map(|id| deployment::number(scenario, id)),
            broker: web.broker.as_ref().map(&tier_id),
        },
        Tier::Cache(cache) => PartPlan::Cache {
            slots: cache.slots,
            backlog: cache.backlog,
            lookup: cache.lookup.sampler(),
            holds: holds(scenario, cache),
            storage: cache.storage,
            through: cache.database.as_ref().map(|database| through(cache, tier_id(database))),
        },
        Tier::Database(database) => PartPlan::Database {
            slots: database.slots,
            backlog: database.backlog,
            pool: pool(scenario, database),
            cluster: replication::cluster(scenario, database),
            sharding: sharding::sharding(scenario, database).map(Box::new),
        },
        Tier::Cdn(edges) => cdn(edges, tier_id),
        Tier::ObjectStore(store) => PartPlan::ObjectStore { first_byte: store.first_byte.sampler() },
        Tier::MessageBroker(_) => messages::broker(scenario, id),
        Tier::Worker(worker) => messages::worker(scenario, worker, tier_id),
    }
}
