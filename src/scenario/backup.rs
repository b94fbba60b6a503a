//! How databases are backed up, as written.

use serde::{Deserialize, Serialize};

/// Backups of all data in a store of its own. Without anything else said, snapshots can be asked for, and no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// Time from the beginning of an automated backup to that of the next, in milliseconds; the first begins with the run
    /// (Amazon RDS: with the database, then once a day). Without it: none are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_ms: Option<f64>,
    /// How long automated backups are kept, in milliseconds; 7 days if nothing is said (Amazon RDS: up to 35). Snapshots
    /// are kept until somebody deletes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_ms: Option<f64>,
    /// How often the log is shipped to the store, in milliseconds, so that any moment up to the last shipment can be gone
    /// back to (Amazon RDS: 5 minutes). Without it: only the moments of the backups can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive_every_ms: Option<f64>,
    /// What the store takes and gives, in megabytes per second (Amazon S3: some 90 for a connection; tools use several).
    pub store_mb_per_second: f64,
    /// Writes of the archived log that a core replays per second.
    pub replay_per_second: f64,
    /// How long after all data was lost the newest state is restored without anybody asking, in milliseconds. Without it:
    /// never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_after_ms: Option<f64>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            every_ms: None,
            retention_ms: None,
            archive_every_ms: None,
            store_mb_per_second: 200.0,
            replay_per_second: 10_000.0,
            restore_after_ms: None,
        }
    }
}
