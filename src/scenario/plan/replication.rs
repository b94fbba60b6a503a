//! How databases replicate, with all milliseconds turned into spans.

use crate::nodes::database::Settings;
use crate::nodes::database::backup::BackupSettings;
use crate::nodes::database::settings::ReplicationKind;
use crate::scenario::backup::Backup;
use crate::scenario::engine::{self, Query};
use crate::scenario::replication::Replication;
use crate::scenario::{DatabaseTier, Scenario};
use crate::time::Span;

/// The size of a piece of a copy, in megabytes; larger where there would be too many.
const PIECE_MB: f64 = 8.0;
/// How long automated backups are kept if nothing is said: 7 days.
const RETENTION_MS: f64 = 7.0 * 86_400_000.0;
/// The most pieces of a copy.
const PIECES_MAX: f64 = 10_000.0;
/// The time between two snapshots or exchanges, if nothing is said, in milliseconds.
const INTERVAL_MS: f64 = 60_000.0;

/// How a database tier replicates, if it does.
pub(super) fn cluster(scenario: &Scenario, database: &DatabaseTier) -> Option<Settings> {
    let own = database.replication.as_ref()?;
    let mut settings = settings(own);
    let piece_mb = own.data_gb * 1000.0 / f64::from(settings.copy_pieces);
    settings.backup = database.backup.as_ref().map(|backup| backups(scenario, backup, piece_mb));
    settings.row_work = row_work(database);
    Some(settings)
}

fn settings(own: &Replication) -> Settings {
    let data_mb = own.data_gb * 1000.0;
    let pieces = (data_mb / PIECE_MB).ceil().clamp(1.0, PIECES_MAX);
    let merges = own.kind == ReplicationKind::Merge;
    Settings {
        kind: own.kind,
        topology: own.topology,
        conflict_rule: own.conflict_rule,
        snapshot_every: Span::from_ms(own.snapshot_every_ms.unwrap_or(INTERVAL_MS)),
        merge_every: if merges { Span::from_ms(own.merge_every_ms.unwrap_or(INTERVAL_MS)) } else { Span::ZERO },
        mode: own.mode,
        acknowledgements: own.acknowledgements.unwrap_or(1),
        acknowledge: own.acknowledge.unwrap_or_default(),
        drop_after: Span::from_ms(own.drop_after_ms),
        apply_work: own.apply_work,
        flush: Span::from_ms(own.flush_ms),
        ship_every: Span::from_ms(own.ship_every_ms),
        reads: own.reads,
        standbys: own.standbys,
        read_your_writes: Span::from_ms(own.read_your_writes_ms.unwrap_or(0.0)),
        heartbeat: Span::from_ms(own.heartbeat_ms),
        missed: own.missed,
        failover: own.failover && own.kind == ReplicationKind::Transactional,
        election: Span::from_ms(own.election_ms),
        promotion: Span::from_ms(own.promotion_ms),
        fencing: own.fencing,
        recovery: own.recovery,
        replace_after: own.replace_after_ms.map(Span::from_ms),
        copy_pieces: pieces as u32,
        copy_piece: Span::from_ms(data_mb / pieces / own.copy_mb_per_second * 1000.0),
        log_entries: own.log_entries as usize,
        backup: None,
        row_work: Span::ZERO,
    }
}

fn backups(scenario: &Scenario, own: &Backup, piece_mb: f64) -> BackupSettings {
    let value_mb = scenario.workload.keys.map_or(0.0, |keys| keys.value_kb / 1e3);
    let at_store = |megabytes: f64| Span::from_seconds(megabytes / own.store_mb_per_second);
    BackupSettings {
        every: own.every_ms.map(Span::from_ms),
        retention: Span::from_ms(own.retention_ms.unwrap_or(RETENTION_MS)),
        archive_every: own.archive_every_ms.map(Span::from_ms),
        store_piece: at_store(piece_mb),
        store_write: at_store(value_mb),
        replay_write: Span::from_seconds(1.0 / own.replay_per_second),
        restore_after: own.restore_after_ms.map(Span::from_ms),
    }
}

/// What it takes to find and delete one row of many: no call or statement of its own.
fn row_work(database: &DatabaseTier) -> Span {
    let counts = engine::counts(&Query::default(), true, database.engine, database.rows_million * 1e6);
    Span::from_ms(engine::COSTS.row + counts.pages * engine::COSTS.page_in_memory)
}
