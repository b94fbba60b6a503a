//! How databases replicate, with all milliseconds turned into spans.

use crate::nodes::database::Settings;
use crate::scenario::DatabaseTier;
use crate::time::Span;

/// The size of a piece of a copy, in megabytes; larger where there would be too many.
const PIECE_MB: f64 = 8.0;
/// The most pieces of a copy.
const PIECES_MAX: f64 = 10_000.0;

/// How a database tier replicates, if it does.
pub(super) fn cluster(database: &DatabaseTier) -> Option<Settings> {
    let own = database.replication.as_ref()?;
    let data_mb = own.data_gb * 1000.0;
    let pieces = (data_mb / PIECE_MB).ceil().clamp(1.0, PIECES_MAX);
    Some(Settings {
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
        failover: own.failover,
        election: Span::from_ms(own.election_ms),
        promotion: Span::from_ms(own.promotion_ms),
        fencing: own.fencing,
        recovery: own.recovery,
        replace_after: own.replace_after_ms.map(Span::from_ms),
        copy_pieces: pieces as u32,
        copy_piece: Span::from_ms(data_mb / pieces / own.copy_mb_per_second * 1000.0),
        log_entries: own.log_entries as usize,
    })
}
