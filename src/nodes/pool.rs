//! A web server's pool of connections to databases: so many to each, and a queue of those who wait for one.

use std::collections::{BTreeMap, VecDeque};

use super::NodeId;

/// The connections to one database.
#[derive(Clone, Debug, Default)]
struct Line {
    taken: u32,
    waiting: VecDeque<u32>,
}

/// Connections to all databases that were ever asked.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Connections to each.
    pub limit: u32,
    lines: BTreeMap<NodeId, Line>,
    /// Requests that were given a connection and go on by an event, in the order of these.
    granted: VecDeque<(u32, NodeId)>,
}

impl Pool {
    /// With so many connections to each database.
    pub fn new(limit: u32) -> Self {
        Self { limit, lines: BTreeMap::new(), granted: VecDeque::new() }
    }

    /// `job` needs a connection to `node`. Says whether it has one; else it waits.
    pub fn take(&mut self, node: NodeId, job: u32) -> bool {
        let line = self.lines.entry(node).or_default();
        if line.taken < self.limit {
            line.taken += 1;
            return true;
        }
        line.waiting.push_back(job);
        false
    }

    /// A connection to `node` is free. Returns the request that gets it.
    pub fn give_back(&mut self, node: NodeId) -> Option<u32> {
        self.lines.get_mut(&node)?.taken -= 1;
        self.grant(node)
    }

    /// Gives a free connection to a waiting request: also after the limit was raised.
    pub fn grant(&mut self, node: NodeId) -> Option<u32> {
        let line = self.lines.get_mut(&node)?;
        if line.taken >= self.limit {
            return None;
        }
        let job = line.waiting.pop_front()?;
        line.taken += 1;
        self.granted.push_back((job, node));
        Some(job)
    }

    /// The database that `job` was given a connection to, if that is why it goes on.
    pub fn granted(&mut self, job: u32) -> Option<NodeId> {
        let (_, node) = self.granted.pop_front_if(|&mut (first, _)| first == job)?;
        Some(node)
    }

    /// The databases that were ever asked.
    pub fn databases(&self) -> Vec<NodeId> {
        self.lines.keys().copied().collect()
    }

    /// Connections that are taken.
    pub fn taken(&self) -> u32 {
        self.lines.values().map(|line| line.taken).sum()
    }

    /// All connections are closed and nobody waits.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.granted.clear();
    }
}
