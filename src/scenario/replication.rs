//! How databases replicate, as written.

use serde::{Deserialize, Serialize};

use crate::nodes::database::settings::{Acknowledge, ConflictRule, Fencing, Mode, Reads, ReplicationKind, Topology};

/// A primary and its replicas: the first instance of the tier begins as the primary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Replication {
    /// How members get what others have: the log of one primary, whole copies at intervals, or changes of all.
    #[serde(skip_serializing_if = "is_default")]
    pub kind: ReplicationKind,
    /// For `multi_primary`: who ships to whom.
    #[serde(skip_serializing_if = "is_default")]
    pub topology: Topology,
    /// For `merge` and `multi_primary`: which of two changes of a key stays that did not know of each other.
    #[serde(skip_serializing_if = "is_default")]
    pub conflict_rule: ConflictRule,
    /// For `snapshot`: how often each replica is copied anew, in milliseconds; a minute if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_every_ms: Option<f64>,
    /// For `merge`: how often changes are exchanged, in milliseconds; a minute if nothing is said, as SQL Server's merge agent
    /// does where it runs continuously.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_every_ms: Option<f64>,
    /// Whom a commit waits for.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: Mode,
    /// For `semi_synchronous`: how many replicas a commit waits for; 1 if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgements: Option<u32>,
    /// When a replica acknowledges, where commits wait; on its disk if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<Acknowledge>,
    /// How long a commit waits for a replica before that is not waited for any more, in milliseconds (MySQL's
    /// `rpl_semi_sync_source_timeout`, 10 s by default).
    pub drop_after_ms: f64,
    /// Work to apply a write on a replica, as a part of what it took the primary, from 0 to 10: changed rows are sent, so
    /// nothing is parsed, planned or searched for twice.
    pub apply_work: f64,
    /// What it takes a replica to bring writes to its disk, in milliseconds: a flush of a solid-state disk over a network.
    pub flush_ms: f64,
    /// How often the primary ships what it has committed, in milliseconds; 0 is at once.
    #[serde(skip_serializing_if = "is_default")]
    pub ship_every_ms: f64,
    /// Who answers reads.
    #[serde(skip_serializing_if = "is_default")]
    pub reads: Reads,
    /// The last so many instances take no reads: standbys.
    #[serde(skip_serializing_if = "is_default")]
    pub standbys: u32,
    /// How long a user's reads go to the primary after a write of his own, in milliseconds. Without it: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_your_writes_ms: Option<f64>,
    /// Time between two heartbeats, in milliseconds.
    pub heartbeat_ms: f64,
    /// Heartbeats missed in a row after which a member counts as dead.
    pub missed: u32,
    /// Whether a replica is promoted when the primary is dead.
    #[serde(skip_serializing_if = "is_true")]
    pub failover: bool,
    /// What it takes to elect one, in milliseconds.
    pub election_ms: f64,
    /// What it takes at least to make it the primary, in milliseconds.
    pub promotion_ms: f64,
    /// What keeps an old primary that is cut off from taking writes.
    #[serde(skip_serializing_if = "is_default")]
    pub fencing: Fencing,
    /// Whether what an old primary had and the new one has not is replayed when it is back.
    #[serde(skip_serializing_if = "is_true")]
    pub recovery: bool,
    /// How long after a death was noticed a new machine takes the place of the dead one, in milliseconds. Without it: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_after_ms: Option<f64>,
    /// The data to copy to a new member, in gigabytes.
    pub data_gb: f64,
    /// What a core copies, in megabytes per second.
    pub copy_mb_per_second: f64,
    /// The most writes that the log keeps: a replica that lacks more needs a new copy.
    pub log_entries: u32,
}

impl Default for Replication {
    fn default() -> Self {
        Self {
            kind: ReplicationKind::default(),
            topology: Topology::default(),
            conflict_rule: ConflictRule::default(),
            snapshot_every_ms: None,
            merge_every_ms: None,
            mode: Mode::default(),
            acknowledgements: None,
            acknowledge: None,
            drop_after_ms: 10_000.0,
            apply_work: 0.5,
            flush_ms: 1.0,
            ship_every_ms: 0.0,
            reads: Reads::default(),
            standbys: 0,
            read_your_writes_ms: None,
            heartbeat_ms: 1000.0,
            missed: 3,
            failover: true,
            election_ms: 1000.0,
            promotion_ms: 2000.0,
            fencing: Fencing::default(),
            recovery: true,
            replace_after_ms: None,
            data_gb: 10.0,
            copy_mb_per_second: 100.0,
            log_entries: 100_000,
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_true(value: &bool) -> bool {
    *value
}
