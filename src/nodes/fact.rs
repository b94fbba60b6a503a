//! What is worth a line in the log of a run, as plain data; `frame/log.rs` says it in words.

use super::autoscaler::Metric;
use super::broker::fact::MessageFact;
use super::{NodeId, TierId};

/// Something worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A node died with so many requests on it.
    Killed {
        /// The node.
        node: NodeId,
        /// Requests that were on it.
        lost: u32,
    },
    /// A node was told to start again.
    Restoring {
        /// The node.
        node: NodeId,
    },
    /// A node serves from now on.
    Started {
        /// The node.
        node: NodeId,
    },
    /// A node gets no new requests; it finishes what it has.
    Drained {
        /// The node.
        node: NodeId,
    },
    /// A server that was taken out is gone, and what was in its memory.
    Gone {
        /// The node.
        node: NodeId,
    },
    /// Sessions were lost with the memory of a server: their users have to sign in again.
    SessionsLost {
        /// The server.
        node: NodeId,
        /// How many.
        sessions: u32,
    },
    /// An autoscaler has changed how many servers a tier is to have.
    Scaled {
        /// The tier.
        tier: TierId,
        /// How many there were.
        from: u16,
        /// How many there are to be.
        to: u16,
        /// What it goes by.
        metric: Metric,
        /// What it measured, in hundredths: of a percent of utilisation, of a waiting request, of an hour.
        centi: u32,
    },
    /// A server was taken out after so many failed probes.
    TakenOut {
        /// Who watches it.
        watcher: NodeId,
        /// The server.
        server: NodeId,
        /// Failed probes in a row.
        probes: u32,
    },
    /// A server was taken in after so many successful probes.
    TakenIn {
        /// Who watches it.
        watcher: NodeId,
        /// The server.
        server: NodeId,
        /// Successful probes in a row.
        probes: u32,
    },
    /// A balancer took a server out after so many failed requests.
    Ejected {
        /// The balancer.
        balancer: NodeId,
        /// The server.
        server: NodeId,
        /// Failed requests in a row.
        failures: u32,
    },
    /// A balancer tries a server again that it had taken out for failed requests.
    Readmitted {
        /// The balancer.
        balancer: NodeId,
        /// The server.
        server: NodeId,
    },
    /// The passive one of a pair took over the address after so many missed heartbeats.
    TookOver {
        /// Who has the address now.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// So many rows begin to move to other shards of a tier.
    ReshardingBegan {
        /// The tier.
        tier: TierId,
        /// The rows.
        rows: u32,
    },
    /// They have moved, and callers know.
    Resharded {
        /// The tier.
        tier: TierId,
        /// What it took.
        seconds: u32,
    },
    /// Something happened to messages.
    Messages(MessageFact),
    /// A replica counts as dead: no reads are sent to it.
    Unlisted {
        /// The replica.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// A replica has caught up: reads are sent to it.
    Listed {
        /// The replica.
        node: NodeId,
    },
    /// A primary counts as dead.
    PrimaryLost {
        /// The primary.
        node: NodeId,
        /// Heartbeats missed in a row.
        missed: u32,
    },
    /// A replica was elected to be the primary.
    Elected {
        /// The replica.
        node: NodeId,
    },
    /// An old primary's power was cut, so that there is only one.
    Fenced {
        /// The old primary.
        node: NodeId,
    },
    /// A replica is the primary from now on.
    Promoted {
        /// The new primary.
        node: NodeId,
    },
    /// A replica became the primary as planned.
    SwitchedOver {
        /// The new primary.
        node: NodeId,
    },
    /// Writes that clients had been told of are not on the new primary.
    LostWrites {
        /// The old primary, which has them.
        node: NodeId,
        /// How many.
        lost: u32,
    },
    /// A primary that hears no majority takes no writes.
    SteppedDown {
        /// The primary.
        node: NodeId,
    },
    /// It hears a majority again.
    SteppedUp {
        /// The primary.
        node: NodeId,
    },
    /// An old primary follows the new one; so many writes were only on it.
    Rejoined {
        /// The old primary.
        node: NodeId,
        /// Writes that only it had.
        writes: u32,
    },
    /// What old primaries had has been replayed, as far as it could be; since the start of the run.
    Recovered {
        /// The primary.
        node: NodeId,
        /// Writes replayed.
        recovered: u32,
        /// Writes left out, since their keys had been written to.
        conflicts: u32,
    },
    /// Commits do not wait for a replica any more.
    OutOfSync {
        /// The replica.
        node: NodeId,
    },
    /// Commits wait for a replica again.
    InSync {
        /// The replica.
        node: NodeId,
    },
    /// A new machine takes the place of a dead one.
    Replaced {
        /// The node.
        node: NodeId,
    },
    /// A member is being given a copy.
    CopyBegan {
        /// The member.
        node: NodeId,
        /// Whom it is copied from.
        source: NodeId,
    },
    /// It has its copy.
    Copied {
        /// The member.
        node: NodeId,
        /// How many seconds that took.
        seconds: u32,
    },
    /// Members that all take writes had changed the same keys, so many times since the last heartbeat.
    Conflicts {
        /// Their tier.
        tier: TierId,
        /// Changes that were overwritten.
        conflicts: u32,
    },
    /// A backup is being taken.
    BackupBegan {
        /// The member that it is read from.
        node: NodeId,
    },
    /// It is in the store.
    BackedUp {
        /// The member that it was read from.
        node: NodeId,
        /// How many seconds that took.
        seconds: u32,
        /// Whether somebody asked for it.
        manual: bool,
    },
    /// It was not finished.
    BackupFailed {
        /// The member that it was read from.
        node: NodeId,
    },
    /// Automated backups were deleted, since their time was over.
    BackupsExpired {
        /// The primary.
        node: NodeId,
        /// How many.
        backups: u32,
    },
    /// A database is being restored.
    RestoreBegan {
        /// The primary.
        node: NodeId,
        /// How many seconds old the state is.
        seconds: u32,
    },
    /// It is restored.
    Restored {
        /// The primary.
        node: NodeId,
        /// How many seconds that took.
        seconds: u32,
        /// Writes that clients had been told of and that are lost by it.
        lost: u32,
    },
    /// It died before that.
    RestoreFailed {
        /// The primary.
        node: NodeId,
    },
    /// There is no backup of that time.
    NothingToRestore {
        /// The primary.
        node: NodeId,
    },
    /// Rows were deleted by mistake.
    RowsDeleted {
        /// The primary.
        node: NodeId,
        /// How many.
        rows: u32,
    },
    /// A link was cut.
    LinkCut,
    /// A link was mended.
    LinkMended,
    /// A link takes so many microseconds longer.
    LinkSlowed {
        /// Microseconds, one way.
        extra_us: u32,
    },
    /// The machine of a node works at so many thousandths of its speed.
    Slowed {
        /// The node.
        node: NodeId,
        /// Thousandths of its speed.
        factor_milli: u32,
    },
    /// Routes lead past a dead edge from now on.
    Withdrawn {
        /// The edge.
        edge: NodeId,
    },
    /// Routes lead to an edge again.
    Announced {
        /// The edge.
        edge: NodeId,
    },
    /// Files have a new version at the origin.
    Published {
        /// Their class.
        class: u8,
        /// How many.
        files: u32,
        /// Whether they have new names.
        renamed: bool,
    },
    /// An edge has forgotten so many files.
    Purged {
        /// The edge.
        edge: NodeId,
        /// How many it held.
        files: u32,
    },
    /// A build sets out for servers.
    DeployBegan {
        /// The build.
        build: u8,
        /// How many servers are to get it.
        servers: u16,
    },
    /// A server starts with a build.
    Deployed {
        /// The server.
        node: NodeId,
        /// The build.
        build: u8,
    },
    /// The servers that got a build first have been well for long enough.
    CanaryPassed {
        /// The build.
        build: u8,
    },
    /// A build fails too many requests: those who have it go back.
    TurnedBack {
        /// The build.
        build: u8,
        /// Thousandths of their requests that failed.
        failed_milli: u32,
    },
    /// All have a build, or nobody has it any more.
    DeployEnded {
        /// The build.
        build: u8,
        /// Whether all went back.
        back: bool,
    },
    /// All that stands at a place has lost its power.
    OutageBegan {
        /// The place, by its number among those that have outages.
        place: u8,
    },
    /// Its power is back.
    OutageEnded {
        /// The place, by its number among those that have outages.
        place: u8,
    },
    /// A rule fires.
    AlertFired {
        /// Its number; see [`super::operations::Operations::rule_names`].
        rule: u16,
    },
    /// A rule is calm again.
    AlertCleared {
        /// Its number; see [`super::operations::Operations::rule_names`].
        rule: u16,
    },
    /// Somebody was called, by this rule or else by complaints.
    Called {
        /// Its number; see [`super::operations::Operations::rule_names`].
        rule: Option<u16>,
    },
    /// Whoever was called has found what is broken and sees to it.
    Repaired {
        /// What.
        node: NodeId,
    },
    /// Whoever was called has found that a server's build is bad, and brings the build before back.
    WentBack {
        /// The server.
        node: NodeId,
        /// The bad build.
        build: u8,
    },
    /// Whoever was called has found a tier too busy.
    AddedServers {
        /// The tier.
        tier: TierId,
        /// How many servers there are to be.
        servers: u16,
    },
    /// Whoever was called has looked at everything and found nothing.
    FoundNothing,
    /// Something was committed that leads to this build.
    Committed {
        /// The build.
        build: u8,
    },
    /// The pipeline has built it.
    Built {
        /// The build.
        build: u8,
    },
    /// Tests of a build are over.
    Tested {
        /// The build.
        build: u8,
        /// Whether all have passed.
        passed: bool,
    },
    /// A build goes back since a rule fires.
    TurnedBackBy {
        /// The build.
        build: u8,
        /// Its number; see [`super::operations::Operations::rule_names`].
        rule: u16,
    },
    /// Arrivals are multiplied from now on.
    SpikeBegan {
        /// By so many thousandths.
        factor_milli: u32,
    },
    /// Arrivals are back to normal.
    SpikeEnded,
    /// Users, or something else in the scenario, changed by command: the index of the timeline's entry.
    Changed {
        /// Index in the timeline.
        entry: u32,
    },
}
