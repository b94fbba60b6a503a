//! What cannot change while a system runs.

use std::collections::BTreeMap;

use crate::scenario::plan::messages::keys;
use crate::scenario::replication::Replication;
use crate::scenario::{Scenario, Tier, Workload};

/// What differs between two scenarios that a running system cannot take on.
pub(super) fn change(from: &Scenario, to: &Scenario) -> Option<&'static str> {
    let wiring = |workload: &Workload| (workload.entry.clone(), workload.dns.clone());
    if wiring(&from.workload) != wiring(&to.workload) {
        return Some("where clients send");
    }
    if !from.workload.clients.keys().eq(to.workload.clients.keys()) {
        return Some("the client groups");
    }
    let ways = |scenario: &Scenario| {
        let publishes = |class: &crate::scenario::Class| class.job.as_ref().map(|job| job.publish.is_some());
        let way = |class: &crate::scenario::Class| (class.entry.clone(), class.files.is_some(), publishes(class));
        scenario.workload.classes.values().map(way).collect::<Vec<_>>()
    };
    if ways(from) != ways(to) {
        return Some("where clients send a class, and whether it has files or publishes messages,");
    }
    if from.workload.sessions.is_some() != to.workload.sessions.is_some() {
        return Some("whether users have sessions");
    }
    let kept = |workload: &Workload| {
        let signs_in = |own: &crate::scenario::clients::Sessions| own.sign_in.is_some();
        let own = workload.sessions.as_ref();
        (own.is_some_and(signs_in), own.and_then(|own| own.store.clone()))
    };
    if kept(&from.workload) != kept(&to.workload) {
        return Some("whether users sign in, and where sessions are kept,");
    }
    if from.workload.keys.is_some() != to.workload.keys.is_some() {
        return Some("whether the data has keys");
    }
    if !from.workload.classes.keys().eq(to.workload.classes.keys()) {
        return Some("the classes");
    }
    if !from.machines.keys().eq(to.machines.keys()) {
        return Some("which machines there are");
    }
    let places = |scenario: &Scenario| {
        let services = scenario.tiers.values().flat_map(|tier| tier.places().iter().cloned());
        let machines = scenario.machines.values().flat_map(|m| m.places().map(str::to_owned));
        machines.chain(services).collect::<Vec<_>>()
    };
    if places(from) != places(to) {
        return Some("where machines stand");
    }
    if !from.builds.keys().eq(to.builds.keys()) {
        return Some("which builds there are");
    }
    if !from.outages.keys().eq(to.outages.keys()) {
        return Some("which places have outages");
    }
    let run = |scenario: &Scenario| {
        scenario.operations.as_ref().map(|own| {
            let logs = own.logs.map(|logs| logs.gather.is_some());
            (
                own.monitor.is_some(),
                logs,
                own.complaints.is_some(),
                own.on_call.is_some(),
                own.business.is_some(),
                own.pipeline.as_ref().map(|pipeline| pipeline.tier.clone()),
            )
        })
    };
    if run(from) != run(to) {
        return Some("which parts of its operations there are");
    }
    let discipline = |scenario: &Scenario| scenario.machines.values().map(|m| m.discipline).collect::<Vec<_>>();
    if discipline(from) != discipline(to) {
        return Some("a machine's discipline");
    }
    let disks = |scenario: &Scenario| scenario.machines.values().map(|m| m.disk.is_some()).collect::<Vec<_>>();
    if disks(from) != disks(to) {
        return Some("whether a machine has a disk");
    }
    let asked = |scenario: &Scenario| {
        scenario.workload.classes.values().map(|class| class.databases.clone()).collect::<Vec<_>>()
    };
    if asked(from) != asked(to) {
        return Some("which databases a class asks");
    }
    let shards = |scenario: &Scenario, id: &String| match scenario.tiers.get(id) {
        Some(Tier::Database(database)) => database.shards(),
        _ => 1,
    };
    if from.tiers.keys().any(|id| shards(to, id) < shards(from, id)) {
        return Some("the number of shards, but for more of them,");
    }
    let parts = |scenario: &Scenario| -> BTreeMap<String, (crate::nodes::Kind, Vec<Option<String>>)> {
        let wires = |id: &String, tier: &Tier| match tier {
            Tier::Dns(dns) => vec![dns.health_check.as_ref().map(|_| "watched".to_owned())],
            Tier::LoadBalancer(tier) => {
                let routes = tier.routes.iter().map(|(class, target)| format!("{class} to {target}"));
                let pair = tier.failover.as_ref().map(|_| "pair".to_owned());
                let ends = [Some(tier.machine.clone()), Some(tier.backends.clone()), pair];
                ends.into_iter().chain(routes.map(Some)).collect()
            }
            Tier::WebServer(web) => {
                let reserved = web.reserved_cores.map(|cores| cores.to_string());
                let pool = web.pool.map(|_| "pool".to_owned());
                let build = web.build.clone();
                let ends = [Some(web.machine.clone()), web.cache.clone(), web.database.clone(), web.broker.clone()];
                ends.into_iter().chain([reserved, pool, build]).collect()
            }
            Tier::Cdn(cdn) => {
                let routes = cdn.routes.iter().map(|(class, target)| format!("{class} to {target}"));
                [cdn.origin.clone()].into_iter().chain(cdn.second_origin.clone()).chain(routes).map(Some).collect()
            }
            Tier::ObjectStore(_) => Vec::new(),
            // Messages that wait know their queue and their routing key by numbers.
            Tier::MessageBroker(broker) => {
                let queues = broker.queues.iter().map(|(id, queue)| format!("{id} {}", queue.durable));
                let numbered = broker.exchanges.keys().cloned().chain(queues).chain(keys(scenario, id, broker));
                [broker.machine.clone()].into_iter().chain(numbered).map(Some).collect()
            }
            Tier::Worker(worker) => {
                let people = worker.people.as_ref().map(|_| "people".to_owned());
                let ends = [&worker.machine, &worker.broker, &worker.queue].map(|end| Some(end.clone()));
                ends.into_iter().chain([people]).collect()
            }
            Tier::Cache(tier) => {
                let holds = tier.capacity_entries.map(|_| format!("{:?} {:?}", tier.strategy, tier.storage));
                vec![Some(tier.machine.clone()), holds, tier.database.clone()]
            }
            Tier::Database(database) => {
                let reserved = database.reserved_cores.map(|cores| cores.to_string());
                let partitioned = database.engine.is_partitioned().then(|| "partitioned".to_owned());
                let replicates = database.replication.as_ref().map(|_| "replicates".to_owned());
                let shape = database.replication.as_ref().map(shape);
                let peers = database.replication.as_ref().is_some_and(|own| own.kind.has_peers());
                let count = peers.then(|| database.instances.to_string());
                // Rows move when shards are added, or put on them in another way; servers of a shard keep their numbers.
                let sharded = database.sharding.as_ref().map(|_| format!("{} each", database.instances));
                vec![Some(database.machine.clone()), reserved, partitioned, replicates, shape, count, sharded]
            }
        };
        scenario.tiers.iter().map(|(id, tier)| (id.clone(), (tier.kind(), wires(id, tier)))).collect()
    };
    (parts(from) != parts(to)).then_some("how the parts are connected")
}

/// What members of a cluster are to each other.
fn shape(own: &Replication) -> String {
    format!("{:?} {:?}", own.kind, own.topology)
}
