//! How a cluster of databases replicates and fails over; a part of the plan.

use crate::time::Span;

use super::backup::BackupSettings;

/// Whom a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For nobody: replicas get the write later.
    #[default]
    Asynchronous,
    /// For so many replicas, whichever they are.
    SemiSynchronous,
    /// For all replicas that keep up.
    Synchronous,
}

/// When a replica acknowledges a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Acknowledge {
    /// Once it has it in memory.
    Receipt,
    /// Once it is on its disk.
    #[default]
    Flush,
    /// Once reads see it.
    Apply,
}

/// How the members of a cluster get what others have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReplicationKind {
    /// One primary ships its log to replicas.
    #[default]
    Transactional,
    /// Replicas are copied anew from the primary at intervals.
    Snapshot,
    /// All take writes and exchange what has changed at intervals.
    Merge,
    /// All take writes and ship them as they commit.
    MultiPrimary,
}

impl ReplicationKind {
    /// Whether all members take writes.
    pub fn has_peers(self) -> bool {
        match self {
            Self::Merge | Self::MultiPrimary => true,
            Self::Transactional | Self::Snapshot => false,
        }
    }
}

/// Which primaries ship to which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topology {
    /// Each to all others.
    #[default]
    AllToAll,
    /// Each to the next one, round a ring.
    Circular,
}

/// Which of two changes of a key stays that did not know of each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConflictRule {
    /// The one committed last.
    #[default]
    LastWriterWins,
    /// The one committed first.
    FirstWriterWins,
    /// That of the member with the lower number.
    SitePriority,
}

/// Who answers reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// The replicas in turn; the primary where none is well.
    #[default]
    Replicas,
    /// The primary.
    Primary,
    /// The member that is nearest to who asks, the primary counted; equally near ones in turn.
    Nearest,
    /// The replica that is nearest to who asks, equally near ones in turn; the primary where none is well.
    NearestReplica,
}

impl Reads {
    /// Whether it matters how far away members are.
    pub fn are_by_distance(self) -> bool {
        match self {
            Self::Nearest | Self::NearestReplica => true,
            Self::Replicas | Self::Primary => false,
        }
    }
}

/// What keeps an old primary that is cut off from taking writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fencing {
    /// Its power is cut, by a way of its own, before another is promoted.
    #[default]
    Power,
    /// Only the side that has most of the members may have a primary; one that hears too few steps down.
    Majority,
    /// Nothing.
    None,
}

/// How a cluster replicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How members get what others have.
    pub kind: ReplicationKind,
    /// Where all take writes: who ships to whom.
    pub topology: Topology,
    /// Where all take writes: which of two changes in conflict stays.
    pub conflict_rule: ConflictRule,
    /// How often replicas are copied anew.
    pub snapshot_every: Span,
    /// How often changes are exchanged; 0 where they are not merged.
    pub merge_every: Span,
    /// Whom a commit waits for.
    pub mode: Mode,
    /// For semi-synchronous commits: how many replicas.
    pub acknowledgements: u32,
    /// When a replica acknowledges.
    pub acknowledge: Acknowledge,
    /// How long a commit waits for a replica before that is dropped from those that it waits for.
    pub drop_after: Span,
    /// Work to apply a write, as a part of what it took the primary.
    pub apply_work: f64,
    /// What it takes a replica to bring a write to its disk.
    pub flush: Span,
    /// How often the primary ships what it has committed; 0 is at once.
    pub ship_every: Span,
    /// Who answers reads.
    pub reads: Reads,
    /// The last so many instances take no reads.
    pub standbys: u32,
    /// How long a user's reads go to the primary after a write of his own; 0 is never.
    pub read_your_writes: Span,
    /// Time between two heartbeats.
    pub heartbeat: Span,
    /// Heartbeats missed in a row after which a member counts as dead.
    pub missed: u32,
    /// Whether a replica is promoted when the primary is dead.
    pub failover: bool,
    /// What electing one takes.
    pub election: Span,
    /// What making it the primary takes at least.
    pub promotion: Span,
    /// What keeps the old primary from going on.
    pub fencing: Fencing,
    /// Whether what an old primary had and the new one has not is replayed when it is back.
    pub recovery: bool,
    /// How long after it was noticed a dead member is replaced by a new machine, if it is.
    pub replace_after: Option<Span>,
    /// A copy goes in so many pieces, each of which takes so long on a core of the source and of the target.
    pub copy_pieces: u32,
    /// See `copy_pieces`.
    pub copy_piece: Span,
    /// The most writes that the log keeps.
    pub log_entries: usize,
    /// How it is backed up, if it is.
    pub backup: Option<BackupSettings>,
    /// Work of a core to delete a row.
    pub row_work: Span,
}
