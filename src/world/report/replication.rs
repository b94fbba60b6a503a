//! What databases that replicate came to.

use serde::Serialize;

use crate::nodes::database::Role;
use crate::world::World;

/// A cluster of databases. What failovers came to is of the whole run, the rest of what was measured.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ReplicationReport {
    /// Mean time from a commit at the primary until a replica has applied it, over all replicas; absent if none applied
    /// anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<f64>,
    /// The longest such time.
    pub lag_max_ms: f64,
    /// Reads that were older than the newest write acknowledged before they were sent.
    pub stale_reads: u64,
    /// Writes that clients were told of.
    pub acknowledged_writes: u64,
    /// Those of them that are a part of the history: that the primary has, or that no rule for conflicts overwrote.
    pub durable_writes: u64,
    /// Those of them that it has not, or that were only on a disk that is gone.
    pub lost_writes: u64,
    /// Writes replayed from old primaries' logs.
    pub recovered_writes: u64,
    /// Writes that a second primary took.
    pub diverged_writes: u64,
    /// Writes that were in conflict with others and gave way.
    pub conflicts: u64,
    /// Acknowledged writes that a rule for conflicts overwrote, where several members take writes.
    pub conflict_losers: u64,
    /// Promotions, planned ones too.
    pub promotions: u64,
    /// Reads that found no row, since it was deleted by mistake.
    #[serde(skip_serializing_if = "is_zero")]
    pub missing_reads: u64,
    /// Restores from backups.
    #[serde(skip_serializing_if = "is_zero")]
    pub restores: u64,
    /// Of the last promotion or restore: how long before the primary's end the writes begin that were lost; 0 if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_point_ms: Option<f64>,
    /// Of the last promotion or restore: from the primary's end until writes went on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_time_ms: Option<f64>,
    /// Backups, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backups: Option<BackupReport>,
    /// The servers, by instance.
    pub members: Vec<MemberReport>,
}

/// What is kept of the data elsewhere.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BackupReport {
    /// Backups that there are at the end.
    pub kept: usize,
    /// Taken by the clock since the start of the run.
    pub automated: u64,
    /// Snapshots that were asked for since the start of the run.
    pub snapshots: u64,
    /// Deleted since the start of the run, since their time was over.
    pub expired: u64,
}

pub(super) fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One of its servers.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MemberReport {
    /// What it is at the end.
    pub role: Role,
    /// Whether reads are sent to it at the end.
    pub listed: bool,
    /// The position in the log up to which reads see writes; where several members take writes, the number of the newest one.
    pub position: u64,
    /// How far it is behind at the end: the age of the oldest write that it has not applied.
    pub behind_ms: f64,
    /// Reads of clients that it answered.
    pub reads: u64,
    /// Those of them that were stale.
    pub stale_reads: u64,
    /// Those of them that found no row, since it was deleted by mistake.
    #[serde(skip_serializing_if = "is_zero")]
    pub missing_reads: u64,
    /// Writes of clients that it committed.
    pub writes: u64,
    /// Writes of the primary's log, or of others, that it applied.
    pub applied: u64,
    /// Mean time from their commit until it had applied them; absent if there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_ms: Option<f64>,
    /// The longest such time.
    pub lag_max_ms: f64,
    /// Acknowledged writes that it took and that a rule for conflicts overwrote, since the start of the run.
    pub conflict_losers: u64,
}

impl World {
    /// What the databases of a tier did while it was measured, if they replicate.
    pub(super) fn replication_report(&self, tier: usize) -> Option<ReplicationReport> {
        let clusters = &self.ctx.tiers[tier].clusters;
        if clusters.is_empty() {
            return None;
        }
        let (mut report, mut lag_ms, mut applied) = (ReplicationReport::default(), 0.0, 0);
        clusters.iter().for_each(|&index| self.add_cluster(usize::from(index), &mut report, &mut lag_ms, &mut applied));
        report.lag_ms = (applied > 0).then(|| lag_ms / applied as f64);
        Some(report)
    }

    /// Adds what a cluster did: a tier has one, or one for each shard.
    fn add_cluster(&self, index: usize, report: &mut ReplicationReport, lag_ms: &mut f64, applied: &mut u64) {
        let cluster = &self.ctx.clusters[index];
        let before =
            |m: usize| self.measured_members.get(index).and_then(|members| members.get(m)).copied().unwrap_or_default();
        let counts = cluster.counts;
        // Who has lost all has lost what was durable before, until it is restored.
        let gone = if cluster.is_bereft() { cluster.durable() } else { 0 };
        report.acknowledged_writes += counts.acknowledged;
        report.durable_writes += cluster.durable() - gone;
        report.lost_writes += counts.lost + gone;
        report.recovered_writes += counts.recovered;
        report.diverged_writes += counts.diverged;
        report.conflicts += counts.conflicts;
        report.conflict_losers += counts.overwritten;
        report.promotions += counts.promotions;
        report.restores += counts.restores;
        report.recovery_point_ms = cluster.recovery.map(|recovery| recovery.point.as_ms());
        report.recovery_time_ms = cluster.recovery.map(|recovery| recovery.time.as_ms());
        report.backups = cluster.settings.backup.map(|_| BackupReport {
            kept: cluster.store.backups.len(),
            automated: cluster.store.counts.automated,
            snapshots: cluster.store.counts.manual,
            expired: cluster.store.counts.expired,
        });
        for (m, member) in cluster.members.iter().enumerate() {
            let (now, before) = (member.counts, before(m));
            let own = MemberReport {
                role: member.role,
                listed: member.listed,
                position: cluster.position(m),
                behind_ms: cluster.lag(m, self.ctx.now).as_ms(),
                reads: now.reads - before.reads,
                stale_reads: now.stale - before.stale,
                missing_reads: now.missing - before.missing,
                writes: now.writes - before.writes,
                applied: now.applied - before.applied,
                lag_ms: (now.applied > before.applied)
                    .then(|| (now.lag.as_ms() - before.lag.as_ms()) / (now.applied - before.applied) as f64),
                lag_max_ms: member.lag_max.as_ms(),
                conflict_losers: cluster.peers.as_ref().map_or(0, |peers| peers.losers(m)),
            };
            report.stale_reads += own.stale_reads;
            report.missing_reads += own.missing_reads;
            report.lag_max_ms = report.lag_max_ms.max(own.lag_max_ms);
            *lag_ms += now.lag.as_ms() - before.lag.as_ms();
            *applied += own.applied;
            report.members.push(own);
        }
    }
}
