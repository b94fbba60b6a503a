//! Plain data for drawing.
//!
//! Three kinds, by how often they change. A [`Scene`] says what there is; it changes when the structure does. A
//! [`Status`] says how things stand in words and numbers, some five times a second. A [`Frame`] is one instant of what
//! moves, up to sixty times a second: a flat buffer of numbers, so that it can be handed over without a copy.
//!
//! Everything here is read off a [`crate::world::World`]; nothing is made up, smoothed or foretold.

use serde::{Deserialize, Serialize};

use crate::course::theory::TheoryStatus;
use crate::nodes::Kind;
use crate::nodes::context::Life;
use crate::nodes::database::Role;
use crate::nodes::job::Cause;
use crate::scenario::{Moment, Scenario};

mod buffer;
mod charts;
mod comparison;
mod fact;
mod log;
mod logs;
mod messages;
mod metrics;
mod operations;
mod read;
mod samples;
mod scene;
mod snapshot;
mod twin;

pub use buffer::{Dot, Frame, FrameView, Mark, NodeNow};
pub use charts::Charts;
pub use comparison::{Comparison, Measure, PIECES_MIN, REQUESTS_MIN, Row, Verdict, compare};
pub use fact::{FactKind, FactLine};
pub use log::{facts, place_name};
pub use logs::{Gathered, LogLine, LogLines, LogsStatus, log_lines};
pub use messages::{BrokerStatus, QueueStatus};
pub use metrics::{BusinessMetrics, HostMetrics, Metrics, TierMetrics, Values, metrics};
pub use operations::{
    AlertStatus, BusinessStatus, MonitorStatus, OnCallStatus, OperationsStatus, PipelineStatus, Step,
};
pub use read::{charts, frame, status};
pub use samples::{Sample, Samples, watched};
pub use scene::scene;
pub use snapshot::{EventLine, Failure, Hop, Snapshot, SnapshotNode, events, snapshot};
pub use twin::{Apart, TwinOf, TwinStatus};

/// What there is to draw. Indices of nodes, tiers and machines are used by frames and statuses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Scene {
    /// Nodes by number. Instances that were taken out stay, so that numbers stay; see [`Life::Drained`].
    pub nodes: Vec<SceneNode>,
    /// Tiers by number; the client groups are the first.
    pub tiers: Vec<SceneTier>,
    /// Machines by number.
    pub machines: Vec<SceneMachine>,
    /// Who calls whom, by tier.
    pub calls: Vec<(u16, u16)>,
    /// Nodes that may send each other what they have: members of the same cluster, each pair once.
    pub streams: Vec<(u16, u16)>,
    /// The scenario as it stands.
    pub scenario: Scenario,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SceneNode {
    /// What a change calls it: `web.2`. Empty for client groups.
    pub target: String,
    /// Index of its tier.
    pub tier: u16,
    /// Its number within the tier, from 1.
    pub number: u16,
    /// Index of its machine.
    pub machine: Option<u16>,
    /// The id of the place where it stands, if that is one.
    pub place: Option<String>,
    /// Its address, for parts that have one: the two of a pair share it.
    pub address: Option<Address>,
    /// It was taken out of its tier, since there were to be fewer, and is gone.
    pub drained: bool,
}

/// The address of a node. Clients can send to public ones only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Address {
    /// The address: from those for documentation (RFC 5737) if it is public, else from a private network (RFC 1918).
    pub text: String,
    /// Whether it can be reached from outside.
    pub public: bool,
}

/// A tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SceneTier {
    /// Its id in the scenario.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// How many instances serve.
    pub instances: u16,
    /// Whether they are a primary and those that follow it.
    pub replicates: bool,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SceneMachine {
    /// What a change calls it: `machines.app.2`.
    pub target: String,
    /// The id of its place.
    pub place: String,
    /// Cores.
    pub cores: u32,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The present, in milliseconds of simulated time.
    pub now_ms: f64,
    /// The latest time that was reached so far, in milliseconds: what can be gone back to.
    pub furthest_ms: f64,
    /// Whether time runs.
    pub playing: bool,
    /// The time that a jump is still on its way to.
    pub seeking_ms: Option<f64>,
    /// When the next line of the log comes, in milliseconds, if it is known and nothing is changed.
    pub next_fact_ms: Option<f64>,
    /// The speed asked for: simulated seconds per second.
    pub speed: f64,
    /// The speed really reached in the last second; `None` while time stands.
    pub reached_speed: Option<f64>,
    /// The figures above the diagram.
    pub figures: Figures,
    /// By node, as in the scene.
    pub nodes: Vec<NodeStatus>,
    /// By tier, as in the scene.
    pub tiers: Vec<TierStatus>,
    /// Message brokers.
    pub brokers: Vec<BrokerStatus>,
    /// Which tier saturates first.
    pub next_to_break: Option<NextToBreak>,
    /// Requests sent, answered, failed by cause and in flight since the start.
    pub issued: u64,
    /// Answered since the start.
    pub answered: u64,
    /// Failed since the start, by cause, those that occurred.
    pub failed: Vec<(Cause, u64)>,
    /// In flight.
    pub in_flight: u64,
    /// One dot stands for so many requests.
    pub requests_per_dot: u32,
    /// What arrivals are multiplied by.
    pub spike_factor: f64,
    /// The hour of the day, where arrivals follow one.
    pub hour: Option<f64>,
    /// Users who sign in, since the start.
    pub sign_ins: Option<SignIns>,
    /// The digest at this moment.
    pub digest: String,
    /// The seed.
    pub seed: u64,
    /// Events handled since the start.
    pub events: u64,
    /// What was done and is still to be done.
    pub timeline: Vec<Moment>,
    /// Whether there is something to undo, to redo.
    pub can_undo: bool,
    /// Whether there is something to redo.
    pub can_redo: bool,
    /// Moments that can be reached at once, in milliseconds.
    pub checkpoints_ms: Vec<f64>,
    /// The slowest requests of the last simulated minute, the slowest first.
    pub slowest: Vec<PickLine>,
    /// Some that failed in the last simulated minute, first one of each cause.
    pub failures: Vec<PickLine>,
    /// What those who run it know, if anybody does.
    pub operations: Option<OperationsStatus>,
    /// What queueing theory says.
    pub theory: TheoryStatus,
    /// The twin, if there is one.
    pub twin: Option<Box<TwinStatus>>,
    /// The log of events so far (the newest 500), oldest first.
    pub facts: Vec<FactLine>,
}

/// Users who sign in, since the start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIns {
    /// Users whose session is known somewhere now.
    pub signed_in: u64,
    /// Passwords that were checked.
    pub sign_ins: u64,
    /// Requests that were answered 401 and then repeated with name and password.
    pub unauthorized: u64,
    /// Users who found that their session was lost.
    pub logged_out: u64,
    /// How long a look-up in the store takes on average, in milliseconds, where there is one.
    pub look_up_ms: Option<f64>,
}

/// The figures above the diagram, over the last stretch of simulated time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Figures {
    /// How long that stretch is, in milliseconds; 0 when there is nothing to say yet.
    pub span_ms: f64,
    /// Requests sent per second.
    pub issued_per_second: f64,
    /// Answers per second.
    pub answered_per_second: f64,
    /// Median latency, if anything was answered.
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
    /// 99th percentile.
    pub p99_ms: Option<f64>,
    /// Failed / (answered + failed), from 0 to 1, if anything ended.
    pub error_share: Option<f64>,
    /// Machines as they stand, and traffic as it has been since measuring began, in US dollars per month.
    pub cost_per_month_usd: f64,
}

/// How a node stands, over about the last second of simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct NodeStatus {
    /// Whether it serves.
    pub life: Life,
    /// It was taken out and still serves whoever is bound to it.
    pub draining: bool,
    /// Sessions in its memory, where users sign in and servers keep that.
    pub sessions: Option<u32>,
    /// Share of its machine's cores that worked, from 0 to 1.
    pub cpu: Option<f64>,
    /// Share of its slots that were taken, from 0 to 1.
    pub slots: Option<f64>,
    /// Requests waiting now.
    pub waiting: u32,
    /// Requests in hand now.
    pub in_hand: u32,
    /// Requests answered per second.
    pub served_per_second: f64,
    /// Requests that failed here per second.
    pub failed_per_second: f64,
    /// Requests that failed here since the start.
    pub failed_total: u64,
    /// Of a cache that holds entries: what it found.
    pub cache: Option<CacheStatus>,
    /// Of a database that replicates: what it is, and how far it is.
    pub replication: Option<ReplicationStatus>,
    /// Of a database that is sharded: what its shard has.
    pub shard: Option<ShardStatus>,
    /// Of a web server: the number of the build that it runs, among the scenario's, if there are builds.
    pub build: Option<u8>,
    /// Of a pair: whether it is the active one.
    pub active: Option<bool>,
    /// Whether a balancer in front sends it requests; `None` where there is no balancer.
    pub in_rotation: Option<bool>,
}

/// How a cache that holds entries stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct CacheStatus {
    /// Hits / look-ups over about the last second, from 0 to 1; `None` if nobody looked.
    pub hit_ratio: Option<f64>,
    /// Entries held.
    pub entries: u64,
    /// Megabytes held.
    pub mb: f64,
    /// How much of its room is taken, from 0 to 1: of entries or of megabytes, whichever is more.
    pub full: f64,
    /// Stale hits since the start.
    pub stale_total: u64,
}

/// What a shard has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ShardStatus {
    /// Its number, from 1.
    pub shard: u16,
    /// Its rows.
    pub rows: u64,
    /// Its share of all rows, from 0 to 1.
    pub share: f64,
    /// How much of its disk is taken, from 0 to 1, if that has an end.
    pub full: Option<f64>,
    /// While it gives or gets rows: how much of all that moves has arrived, from 0 to 1.
    pub moved: Option<f64>,
}

/// How a database that replicates stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ReplicationStatus {
    /// What it is.
    pub role: Role,
    /// What it is on its way to be, or why it is less than its role says.
    pub state: MemberState,
    /// Whether reads are sent to it.
    pub listed: bool,
    /// Index of the node that it follows; its own, if it is a primary.
    pub follows: u16,
    /// Writes that clients were told of and that only it has.
    pub lost_writes: u32,
    /// How far it is behind: the age of the oldest write that it has not applied, in milliseconds.
    pub lag_ms: f64,
    /// The position in the log up to which reads see writes.
    pub position: u64,
    /// Writes of its line that it has not applied yet.
    pub behind: u64,
    /// Of a copy that it is being given: the part that is there, from 0 to 1.
    pub copied: Option<f64>,
    /// Stale reads since the start.
    pub stale_total: u64,
    /// Where all members take writes: conflicts since the start, and the acknowledged writes that lost in them.
    pub conflicts: Option<(u64, u64)>,
    /// Reads since the start that found no row, since it was deleted by mistake.
    pub missing_total: u64,
    /// When rows were deleted by mistake that have not been restored, in milliseconds since the start of the run.
    pub deleted_at_ms: Option<f64>,
    /// What is kept of its cluster elsewhere, if anything is to be.
    pub backup: Option<BackupStatus>,
}

/// What is kept of a database elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct BackupStatus {
    /// How many backups there are.
    pub kept: u32,
    /// How old the newest state is that could be restored, in milliseconds; `None` if there is none.
    pub age_ms: Option<f64>,
    /// Whether one is being read from this server.
    pub being_read: bool,
}

/// What a database that replicates is on its way to be, or why it is less than its role says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It is what its role says.
    Steady,
    /// It is being given an older state from the backups.
    Restoring,
    /// A replica that takes no reads.
    Standby,
    /// It was elected and becomes the primary.
    Promoting,
    /// It is given a copy of the data.
    Copying,
    /// A primary that hears too few others and takes no writes.
    SteppedDown,
    /// A primary beside the one that the others follow.
    Stray,
}

/// How a tier stands, over the same stretch as the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TierStatus {
    /// The busiest of its resources (cores or slots), from 0 to 1.
    pub utilisation: f64,
    /// Requests waiting, on average.
    pub waiting: f64,
    /// Requests answered per second.
    pub served_per_second: f64,
}

/// Which tier saturates first, if load grows in proportion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextToBreak {
    /// Index of the tier.
    pub tier: u16,
    /// At what multiple of the present load: 1 / its utilisation.
    pub multiple: f64,
}

/// A request of the last minute that is worth a closer look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PickLine {
    /// Its number.
    pub request: u64,
    /// Its class's id.
    pub class: String,
    /// When it was sent, in milliseconds of simulated time.
    pub sent_ms: f64,
    /// How long it took until its client had the answer or gave up, in milliseconds.
    pub took_ms: f64,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
}
