//! What databases that replicate must satisfy, and which of their settings contradict each other.

use crate::nodes::database::peers::PEERS_MAX;
use crate::nodes::database::settings::{ConflictRule, Mode, Reads, ReplicationKind, Topology};
use crate::scenario::replication::Replication;
use crate::scenario::{DatabaseTier, Problem, Scenario};

use super::{Checked, DELAY_MAX_MS, check_count, check_range};

/// The most members of a cluster: each sees every write.
const MEMBERS_MAX: u32 = 64;
/// The most writes that a log keeps: 64 bytes each.
const LOG_MAX: u32 = 10_000_000;

pub(super) fn check_replication(scenario: &Scenario, id: &str, database: &DatabaseTier) -> Checked {
    let Some(own) = &database.replication else { return Ok(()) };
    let at = |field: &str| format!("tiers.{id}.replication.{field}");
    let whole = format!("tiers.{id}.replication");
    if database.engine.is_partitioned() {
        let message = "its engine splits its keys among its instances, so these do not replicate each other; \
                       choose \"relational\" or \"graph\", or leave it out";
        return Err(Problem::at(whole, message));
    }
    if scenario.workload.keys.is_none() {
        return Err(Problem::at("workload.keys", format!("is missing, and tiers.{id} replicates writes by key")));
    }
    check_count(&format!("tiers.{id}.instances"), database.instances, 1, MEMBERS_MAX)?;
    check_range(&at("drop_after_ms"), own.drop_after_ms, 1.0, DELAY_MAX_MS)?;
    check_range(&at("apply_work"), own.apply_work, 0.0, 10.0)?;
    check_range(&at("flush_ms"), own.flush_ms, 0.0, 10_000.0)?;
    check_range(&at("ship_every_ms"), own.ship_every_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("heartbeat_ms"), own.heartbeat_ms, 1.0, DELAY_MAX_MS)?;
    check_count(&at("missed"), own.missed, 1, 1000)?;
    check_range(&at("election_ms"), own.election_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("promotion_ms"), own.promotion_ms, 0.0, DELAY_MAX_MS)?;
    check_range(&at("replace_after_ms"), own.replace_after_ms.unwrap_or(0.0), 0.0, DELAY_MAX_MS)?;
    check_range(&at("data_gb"), own.data_gb, 0.001, 1e6)?;
    check_range(&at("copy_mb_per_second"), own.copy_mb_per_second, 0.001, 1e6)?;
    check_count(&at("log_entries"), own.log_entries, 1, LOG_MAX)?;
    check_kind(&at, id, database.instances, own)?;
    check_commits(&at, database.instances - 1, own)?;
    check_reads(&at, database.instances - 1, own)
}

/// What goes with which kind of replication.
fn check_kind(at: &impl Fn(&str) -> String, id: &str, instances: u32, own: &Replication) -> Checked {
    check_range(&at("snapshot_every_ms"), own.snapshot_every_ms.unwrap_or(1.0), 1.0, DELAY_MAX_MS)?;
    check_range(&at("merge_every_ms"), own.merge_every_ms.unwrap_or(1.0), 1.0, DELAY_MAX_MS)?;
    let refuse = |wrong: bool, field: &str, message: &str| match wrong {
        true => Err(Problem::at(at(field), message)),
        false => Ok(()),
    };
    let (kind, peers) = (own.kind, own.kind.has_peers());
    let message = "only \"snapshot\" replication copies at intervals; change kind or leave it out";
    refuse(own.snapshot_every_ms.is_some() && kind != ReplicationKind::Snapshot, "snapshot_every_ms", message)?;
    let message = "only \"merge\" replication exchanges changes at intervals; change kind or leave it out";
    refuse(own.merge_every_ms.is_some() && kind != ReplicationKind::Merge, "merge_every_ms", message)?;
    let circular = own.topology == Topology::Circular;
    let message = "only several primaries can stand in a ring; set kind to \"multi_primary\" or leave it out";
    refuse(circular && kind != ReplicationKind::MultiPrimary, "topology", message)?;
    let message =
        "with one primary there are no conflicts; set kind to \"merge\" or \"multi_primary\", or leave it out";
    refuse(own.conflict_rule != ConflictRule::default() && !peers, "conflict_rule", message)?;
    let message = "commits wait for nobody unless replication is \"transactional\"; change kind or leave it out";
    refuse(own.mode != Mode::Asynchronous && kind != ReplicationKind::Transactional, "mode", message)?;
    if !peers {
        return Ok(());
    }
    check_count(&format!("tiers.{id}.instances"), instances, 2, PEERS_MAX as u32)?;
    let message = "where all members take writes, reads go to the nearest; change kind or leave it out";
    refuse(own.reads != Reads::default(), "reads", message)?;
    refuse(own.read_your_writes_ms.is_some(), "read_your_writes_ms", message)?;
    refuse(own.standbys > 0, "standbys", "all members take reads and writes; change kind or leave it out")
}

fn check_commits(at: &impl Fn(&str) -> String, replicas: u32, own: &Replication) -> Checked {
    let waits = own.mode != Mode::Asynchronous;
    if waits && replicas == 0 {
        let message = "commits wait for replicas, but there is none; raise instances or set it to \"asynchronous\"";
        return Err(Problem::at(at("mode"), message));
    }
    if !waits && own.acknowledge.is_some() {
        let message = "asynchronous commits wait for nobody's acknowledgement; change mode or leave it out";
        return Err(Problem::at(at("acknowledge"), message));
    }
    match (own.mode, own.acknowledgements) {
        (Mode::SemiSynchronous, Some(count)) => check_count(&at("acknowledgements"), count, 1, replicas),
        (Mode::Asynchronous | Mode::Synchronous, Some(_)) => {
            let message = "only semi-synchronous commits wait for a number of replicas; change mode or leave it out";
            Err(Problem::at(at("acknowledgements"), message))
        }
        (_, None) => Ok(()),
    }
}

fn check_reads(at: &impl Fn(&str) -> String, replicas: u32, own: &Replication) -> Checked {
    if own.standbys > replicas {
        let message = format!("is {}, but there are {replicas} replicas that could be standbys", own.standbys);
        return Err(Problem::at(at("standbys"), message));
    }
    let by_replicas = match own.reads {
        Reads::Replicas | Reads::NearestReplica => true,
        Reads::Primary | Reads::Nearest => false,
    };
    if by_replicas && own.standbys >= replicas {
        let message = "is for replicas, but there is none that takes reads; raise instances, or set it to \"primary\"";
        return Err(Problem::at(at("reads"), message));
    }
    if let Some(ms) = own.read_your_writes_ms {
        check_range(&at("read_your_writes_ms"), ms, 0.001, DELAY_MAX_MS)?;
        if own.reads == Reads::Primary {
            let message = "all reads go to the primary anyway; leave it out";
            return Err(Problem::at(at("read_your_writes_ms"), message));
        }
    }
    Ok(())
}
