//! Events: what is pending in the queue.

use super::{NodeId, TierId, database, sharding};

/// Something that will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The next request is sent.
    Arrival,
    /// A request reaches the last node of its path.
    Arrive {
        /// The request.
        job: u32,
    },
    /// An answer reaches the caller of the last node of its path.
    Return {
        /// The request.
        job: u32,
    },
    /// The work that was under way for a request is done.
    Done {
        /// The request.
        job: u32,
    },
    /// A machine whose jobs share its cores has to be looked at.
    Look {
        /// The machine.
        machine: u16,
    },
    /// The oldest of a list of time-outs may be due.
    Deadline {
        /// The list.
        list: u8,
    },
    /// A balancer or name server probes a server.
    Probe {
        /// Who probes.
        watcher: NodeId,
        /// The server, by its number there.
        server: u16,
    },
    /// The time of a probe is over.
    Verdict {
        /// Who probes.
        watcher: NodeId,
        /// The server, by its number there.
        server: u16,
        /// The probe's number.
        probe: u16,
    },
    /// A server that was taken out for failing requests may be tried again.
    Readmit {
        /// The balancer.
        balancer: NodeId,
        /// The server, by its number there.
        server: u16,
    },
    /// The passive one of a pair listens for a heartbeat; or the members of a cluster do.
    Heartbeat {
        /// The pair, or the cluster.
        tier: TierId,
    },
    /// A step of a cluster's failover is over.
    Failover {
        /// The cluster's number.
        cluster: u16,
        /// The number of the step: others mean nothing any more.
        step: u16,
    },
    /// Something is due at a member of a cluster.
    Replication {
        /// The member.
        node: NodeId,
        /// What.
        due: database::stream::Due,
        /// The number of the connection that it belongs to.
        stream: u8,
    },
    /// Something is due at the store of a cluster's backups.
    Backup {
        /// The cluster.
        tier: TierId,
        /// What.
        due: database::backup::Due,
        /// The number of the backup, shipment or restore that it belongs to.
        run: u16,
    },
    /// A request goes on: with what another one at its web server or edge was told, with a connection of the pool, or since enough
    /// replicas have its write.
    Join {
        /// The request.
        job: u32,
    },
    /// A client tries again.
    Retry {
        /// The request.
        job: u32,
    },
    /// An operation of a disk is over.
    Disk {
        /// The disk.
        disk: u16,
        /// The operation, by its number there.
        operation: u32,
    },
    /// The writes that a cache keeps back set out for the database.
    Flush {
        /// The cache.
        node: NodeId,
        /// Which of its lives it was in.
        life: u32,
    },
    /// The page that a database changed longest ago is written back.
    WriteBack {
        /// The database.
        node: NodeId,
        /// Which of its lives it was in.
        life: u32,
    },
    /// A starting node is ready.
    Boot {
        /// The node.
        node: NodeId,
    },
    /// A server that was taken out is gone.
    Drained {
        /// The server.
        node: NodeId,
    },
    /// An autoscaler looks.
    Evaluate {
        /// Its tier.
        tier: TierId,
    },
    /// A deployment looks how it goes.
    Deploy {
        /// Its number.
        deployment: u32,
    },
    /// An outage of a place begins or ends.
    Outage {
        /// The place, by its number among those that have some.
        place: u8,
    },
    /// Name servers learn how busy the servers behind the addresses are.
    Report {
        /// The name servers.
        dns: NodeId,
    },
    /// A user asks for what follows from an answer.
    Follow {
        /// The class of what is asked for.
        class: u8,
        /// The group of clients.
        group: NodeId,
        /// The user.
        user: u32,
    },
    /// A user of a closed loop has thought, and asks.
    Think {
        /// The user.
        user: u32,
    },
    /// Routes have followed the death or the return of an edge.
    Reroute {
        /// The edge.
        edge: NodeId,
    },
    /// A purge reaches an edge.
    Purge {
        /// The edge.
        edge: NodeId,
        /// The class whose files it is to forget.
        class: u8,
    },
    /// Something of rows that move between shards is due.
    Resharding {
        /// The sharded tier.
        tier: TierId,
        /// Which way of theirs, or which move.
        leg: u16,
        /// What.
        due: sharding::resharding::Due,
    },
    /// Something is due for those who run the system.
    Operations(super::operations::Due),
    /// A worker tries to subscribe to its queue.
    Subscribe {
        /// The worker.
        worker: NodeId,
    },
    /// A person has decided.
    Decided {
        /// The tier of workers that asked.
        tier: TierId,
    },
    /// The oldest message of a queue may have waited too long.
    LookAtAge {
        /// The broker.
        broker: NodeId,
        /// The queue.
        queue: u8,
    },
    /// A broker that has died is to start again.
    Restart {
        /// The broker.
        broker: NodeId,
    },
    /// A spike of arrivals may be over.
    SpikeEnd,
}

// Events are copied through the queue; each of its entries is three words.
const _: () = assert!(size_of::<Event>() <= 8);
