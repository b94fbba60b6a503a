//! What every node and every tier has, whatever its kind.

use crate::metrics::Gauge;
use crate::time::SimTime;

use super::autoscaler::Autoscaler;
use super::cache::behind::BehindCounts;
use super::cache::placement::Places;
use super::cdn::anycast::Anycast;
use super::network::SiteId;
use super::pair::Pair;
use super::sharding::Shards;
use super::worker::crew::Crew;
use super::{NodeId, TierId};

/// Whether a node serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// It serves.
    Up,
    /// It is dead: connections are refused.
    Down,
    /// It is starting and will serve.
    Booting,
    /// It was taken out: it finishes what it has and gets nothing new.
    Drained,
}

impl Life {
    /// Whether there is somebody: who was taken out still finishes what it has.
    pub fn works(self) -> bool {
        match self {
            Self::Up | Self::Drained => true,
            Self::Down | Self::Booting => false,
        }
    }
}

/// What every node has, whatever its kind.
#[derive(Clone, Debug)]
pub struct NodeState {
    /// Its tier.
    pub tier: TierId,
    /// Its number within the tier, from 0.
    pub instance: u16,
    /// Where it stands.
    pub site: SiteId,
    /// The cores that it runs on, if it needs any.
    pub machine: Option<u16>,
    /// The disk of its machine, if that has one.
    pub disk: Option<u16>,
    /// The machine that these belong to: its kind, and which copy.
    pub host: Option<(u16, u16)>,
    /// Whether it serves.
    pub life: Life,
    /// It is dead without a word: no power or no network.
    pub silent: bool,
    /// It gets nothing new for a while, since it is to start with another build.
    pub withdrawn: bool,
    /// When it will serve, while it is booting.
    pub ready_at: SimTime,
    /// When it is gone, once it was taken out.
    pub drained_at: SimTime,
    /// Requests that have arrived but not yet begun to be served, over time.
    pub waiting: Gauge,
    /// Requests that it has answered, failures not counted.
    pub served: u64,
    /// Requests that failed here.
    pub failed: u64,
    /// Requests that came here, whether or not anybody was there.
    pub asked: u64,
    /// Bytes that it has sent to clients and edges.
    pub bytes_out: u64,
    /// Whether it is an edge, which gets files from afar.
    pub is_edge: bool,
    /// Of databases that replicate: the index of the cluster, and which member of it.
    pub member: Option<(u16, u16)>,
}

impl NodeState {
    /// Whether it was taken out and still serves whoever is bound to it.
    #[inline]
    pub fn is_draining(&self, now: SimTime) -> bool {
        self.life == Life::Drained && self.drained_at > now
    }
}

/// What every tier has, whatever its kind.
#[derive(Clone, Debug, Default)]
pub struct TierState {
    /// Its nodes, by instance; drained ones too.
    pub members: Vec<NodeId>,
    /// How many of them are meant to serve: the first ones.
    pub instances: usize,
    /// Servers that were told to boot because there were to be more, and those that are gone because there were to be
    /// fewer, since the start.
    pub launched: u64,
    /// See `launched`.
    pub terminated: u64,
    /// The build that servers get which are still to come, if they run any.
    pub build: Option<u8>,
    /// What adds and removes servers by itself, if anything does.
    pub autoscaler: Option<Autoscaler>,
    /// Whose turn it is, where callers take turns.
    pub turn: u32,
    /// The pair that they are, if they are one.
    pub pair: Option<Pair>,
    /// Whether they have public addresses.
    pub public: bool,
    /// Whether they hold different keys.
    pub partitioned: bool,
    /// Of databases that replicate: the index of their cluster, or those of their shards' clusters.
    pub clusters: Vec<u16>,
    /// Of databases that are sharded: their shards.
    pub shards: Option<Box<Shards>>,
    /// Of caches: which of them holds a key.
    pub places: Option<Places>,
    /// Of caches: reads that after a miss went with another one's query.
    pub coalesced: u64,
    /// Of caches: writes that were answered before they were written.
    pub behind: BehindCounts,
    /// Of edges: how clients come to them.
    pub anycast: Option<Anycast>,
    /// Of workers: what they share.
    pub crew: Option<Box<Crew>>,
}

impl TierState {
    /// The cluster that its databases are, where they replicate or are backed up; of shards, that of the first.
    pub fn cluster(&self) -> Option<usize> {
        self.clusters.first().copied().map(usize::from)
    }

    /// How many addresses it has.
    pub fn addresses(&self) -> usize {
        if self.pair.is_some() || self.anycast.is_some() { 1 } else { self.instances }
    }

    /// The node that answers at an address.
    #[inline]
    pub fn at_address(&self, address: u16) -> NodeId {
        match &self.pair {
            Some(pair) => self.members[pair.active],
            None => self.members[usize::from(address)],
        }
    }
}
