//! The experiments, by chapter.

mod balancer;
mod balancer_failover;
mod balancer_health;
mod balancer_layers;
mod cache_basics;
mod cache_death;
mod cache_designs;
mod cache_life;
mod cache_size;
mod centers;
mod centers_available;
mod centers_data;
mod centers_deploy;
mod centers_failover;
mod delivery;
mod delivery_changes;
mod delivery_distance;
mod delivery_origin;
mod delivery_shield;
pub(super) mod designs;
mod first_request;
mod ladder;
mod machines;
mod message_designs;
mod messages;
mod messages_durable;
mod messages_load;
mod messages_routes;
mod millions_redundant;
mod millions_services;
mod millions_tools;
mod millions_view;
mod operations_alert;
mod operations_automation;
mod operations_watch;
mod replication;
mod replication_backups;
mod replication_disks;
mod replication_failover;
mod replication_losses;
mod replication_modes;
mod replication_multi;
mod replication_replicas;
mod replication_types;
mod scaling;
mod sharding_designs;
mod sharding_growth;
mod sharding_keys;
mod sharding_limits;
mod sharding_queries;
mod single;
mod split;
mod state_autoscale;
mod state_designs;
mod state_servers;
mod state_shared;
mod stores;

use crate::scenario::Problem;

use super::experiment::Experiment;

/// All experiments, in the order of the chapters.
static ALL: [&Experiment; 104] = [
    &first_request::DNS,
    &first_request::FORMATS,
    &single::SHARED,
    &single::SPOF,
    &single::LIMIT,
    &split::INDEPENDENT,
    &machines::COST,
    &stores::NOSQL,
    &scaling::SIMPLE,
    &machines::CEILING,
    &machines::PRICE,
    &scaling::REDUNDANCY,
    &scaling::POOL,
    &balancer::WHICH,
    &balancer::EVEN,
    &balancer_failover::FAILOVER,
    &balancer::GROW,
    &balancer::PRIVATE,
    &balancer_layers::POLICIES,
    &balancer_layers::STICKY,
    &balancer_health::HEALTH,
    &balancer_layers::LAYERS,
    &balancer_health::REDUNDANT,
    &replication::SPLIT,
    &replication::TERMS,
    &replication::READS,
    &replication::RATIO,
    &replication_replicas::ONLY_REPLICA,
    &replication_replicas::ONE_OF_MANY,
    &replication_failover::PROMOTE,
    &replication_failover::FAILBACK,
    &replication_losses::LOST,
    &replication_losses::FENCE,
    &replication_modes::SYNC,
    &replication_types::TYPES,
    &replication_multi::MULTI,
    &replication_backups::BACKUP,
    &replication_backups::NOT_BACKUP,
    &replication_modes::DISTANCE,
    &replication_disks::PRESERVED,
    &cache_basics::READ_THROUGH,
    &cache_basics::OFFLOAD,
    &cache_basics::FASTER,
    &cache_size::MEDIUM,
    &cache_size::POPULAR,
    &cache_life::WHEN,
    &cache_death::VOLATILE,
    &cache_life::TTL,
    &cache_life::CONSISTENCY,
    &cache_death::SPOF,
    &cache_size::SCALE,
    &cache_size::EVICT,
    &cache_basics::API,
    &cache_life::STAMPEDE,
    &cache_death::RING,
    &delivery_distance::NEAR,
    &delivery_distance::VIDEO,
    &delivery_distance::MISS,
    &delivery_origin::OFFLOAD,
    &delivery_origin::COST,
    &delivery_origin::EXPIRY,
    &delivery_changes::FALLBACK,
    &delivery_changes::INVALIDATE,
    &delivery_shield::SHIELD,
    &state_servers::LOST,
    &state_servers::STICKY,
    &state_shared::SHARED,
    &state_autoscale::AUTOSCALE,
    &centers::GEODNS,
    &centers::POLICY,
    &centers_failover::FAILOVER,
    &centers_data::DATA,
    &centers_data::PRIMARIES,
    &centers_deploy::DEPLOY,
    &centers_available::AVAILABLE,
    &messages::ASYNC,
    &messages::LONG,
    &messages::BUFFER,
    &messages_load::SCALE,
    &messages_durable::DURABLE,
    &messages_routes::EXCHANGE,
    &messages_routes::USES,
    &messages_load::SPIKE,
    &operations_watch::LOGS,
    &operations_watch::METRICS,
    &operations_alert::ALERT,
    &operations_automation::AUTOMATION,
    &operations_alert::BLIND,
    &sharding_growth::VERTICAL,
    &sharding_keys::HASH,
    &sharding_growth::THROUGHPUT,
    &sharding_keys::KEY,
    &sharding_keys::RANGE,
    &sharding_limits::RESHARD,
    &sharding_keys::RING,
    &sharding_limits::CELEBRITY,
    &sharding_queries::JOIN,
    &sharding_queries::VERTICAL_SPLIT,
    &sharding_queries::LOCALITY,
    &millions_redundant::REDUNDANT,
    &millions_services::SERVICES,
    &ladder::LADDER,
    &millions_tools::TOOLS,
    &millions_view::VIEW,
];

/// All experiments, in the order of the chapters.
pub fn all() -> impl Iterator<Item = &'static Experiment> {
    ALL.iter().copied()
}

/// The experiment of the claim with this id.
///
/// # Errors
/// There is none; the nearest id is named.
pub fn find(id: &str) -> Result<&'static Experiment, Problem> {
    let unknown = || {
        // Who has the chapter right means one of its claims.
        let same_chapter = |own: &&str| own.split_once('.').map(|own| own.0) == id.split_once('.').map(|id| id.0);
        let ids: Vec<&str> = all().map(|experiment| experiment.id).collect();
        let own: Vec<&str> = ids.iter().copied().filter(same_chapter).collect();
        Problem::unknown("claim", "claim", id, if own.is_empty() { ids } else { own })
    };
    all().find(|experiment| experiment.id == id).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::chapters;

    #[test]
    fn an_unknown_claim_names_the_nearest() {
        let problem = find("lb.evn").expect_err("there is no such claim");
        assert!(problem.message.contains("\"lb.even\""), "{problem}");
    }

    #[test]
    fn ids_are_unique_and_every_question_has_its_answer() {
        let mut seen = std::collections::BTreeSet::new();
        let mut titles: std::collections::BTreeSet<&str> = chapters::all().map(|chapter| chapter.title).collect();
        for experiment in all() {
            assert!(seen.insert(experiment.id), "{} is there twice", experiment.id);
            assert!(titles.insert(experiment.title), "something else is called “{}”", experiment.title);
            assert!(experiment.question.right < experiment.question.options.len(), "{}", experiment.id);
            assert!(!experiment.mutations.is_empty(), "{} cannot be broken", experiment.id);
        }
    }
}
