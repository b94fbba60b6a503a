//! The parameters of backups.

use serde_json::json;

use crate::scenario::DatabaseTier;

use super::{List, Range, YEAR_MS};

/// Adds them.
pub fn add(list: &mut List, database: &DatabaseTier) {
    list.group("Backups");
    let help = "Backups in a store of their own, which no death reaches.";
    let opens_with = json!({ "every_ms": 60_000.0, "archive_every_ms": 10_000.0 });
    if !list.part(database.backup.is_some(), "backup", "Backups", opens_with, help) {
        return;
    }
    let range = || Range::Number(1.0, YEAR_MS);
    let help =
        "Time from the beginning of an automated backup to that of the next. A core of one member is busy with it.";
    list.optional("never", "backup.every_ms", "Back up every", "ms", range(), help);
    let help = "How long automated backups are kept. Snapshots stay.";
    list.optional("7 days", "backup.retention_ms", "Keep for", "ms", range(), help);
    let help = "How often the log is shipped to the store: so much is lost at most.";
    list.optional("never", "backup.archive_every_ms", "Ship the log every", "ms", range(), help);
    let help = "What the store takes and gives.";
    list.add("backup.store_mb_per_second", "Store", "MB/s", Range::Number(0.001, 1e6), help);
    let help = "Writes of the archived log that a core replays in a second.";
    list.add("backup.replay_per_second", "Replay", "per second", Range::Number(1.0, 1e9), help);
    let help = "How long after all data was lost the newest state is restored without anybody asking.";
    list.optional("never", "backup.restore_after_ms", "Restore after", "ms", Range::Number(0.0, YEAR_MS), help);
}
