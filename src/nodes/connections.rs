//! What devices remember of whom they are connected with between requests.

use crate::rng::{exponential, mix};
use crate::time::SimTime;

use super::NodeId;
use super::context::{Life, NodeState};
use super::dns::second;
use super::per_user::PerUser;

/// No server.
const NOBODY: u16 = u16::MAX;

/// A user's open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Connection {
    /// The second at which it is closed if nothing is sent before.
    until: u32,
    /// The second of the last answer.
    used: u32,
    /// With whom.
    peer: NodeId,
    /// The server that a balancer has joined it to.
    server: u16,
}

impl Connection {
    /// Nothing is known of the user since the run began.
    const BLANK: Self = Self { until: 0, used: 0, peer: NodeId::NONE, server: NOBODY };
    /// There is none.
    const CLOSED: Self = Self { until: 0, used: 1, ..Self::BLANK };
}

/// The users' open connections: one each, twelve bytes a user.
#[derive(Clone, Debug)]
pub struct Connections {
    of: PerUser<Connection>,
    seed: u64,
    /// Requests per user and second, if the run begins as it is in the long run.
    steady_rate: Option<f64>,
}

impl Connections {
    /// Nobody has one.
    pub fn cold() -> Self {
        Self { of: PerUser::new(Connection::BLANK), seed: 0, steady_rate: None }
    }

    /// As it is when users have been sending `rate` requests a second each for long: the age of the last one is
    /// exponential, and the connection is open unless that is more than it is kept for.
    pub fn steady(rate: f64, seed: u64) -> Self {
        Self { seed, steady_rate: Some(rate), ..Self::cold() }
    }

    /// Whether `user` has an open connection with `peer`. A peer that died has reset it, unless it died in silence: then
    /// the device finds out when it sends.
    pub fn is_open(
        &mut self,
        user: u32,
        peer: NodeId,
        state: &NodeState,
        now: SimTime,
        keep_alive_seconds: u32,
    ) -> bool {
        let mut connection = self.of.get(user);
        if connection == Connection::BLANK {
            connection = self.at_start(user, peer, keep_alive_seconds);
            *self.of.get_mut(user) = connection;
        }
        let crashed = state.life == Life::Down && !state.silent;
        let same_process = second(state.ready_at) <= connection.used;
        connection.peer == peer && second(now) < connection.until && !crashed && same_process
    }

    /// The connection that a user who has not sent yet has had from before, with whoever has the address.
    fn at_start(&self, user: u32, peer: NodeId, keep_alive_seconds: u32) -> Connection {
        let Some(rate) = self.steady_rate.filter(|&rate| rate > 0.0) else { return Connection::BLANK };
        let age = exponential(mix(self.seed ^ mix(u64::from(user) ^ 0xc0_44ec))) / rate;
        let left = (f64::from(keep_alive_seconds) - age).max(0.0) as u32;
        Connection { until: left, peer, ..Connection::BLANK }
    }

    /// `user` has opened a connection with `peer`, or used it, at `now`.
    pub fn touch(&mut self, user: u32, peer: NodeId, now: SimTime, keep_alive_seconds: u32) {
        let connection = self.of.get_mut(user);
        let server = if connection.peer == peer { connection.server } else { NOBODY };
        let used = second(now);
        *connection = Connection { until: used.saturating_add(keep_alive_seconds), used, peer, server };
    }

    /// The connection of `user` is gone.
    pub fn close(&mut self, user: u32) {
        *self.of.get_mut(user) = Connection::CLOSED;
    }

    /// A new connection is joined to nobody yet.
    pub fn unjoin(&mut self, user: u32) {
        self.of.get_mut(user).server = NOBODY;
    }

    /// The server that the connection of `user` is joined to.
    pub fn server(&self, user: u32) -> Option<u16> {
        Some(self.of.get(user).server).filter(|&server| server != NOBODY)
    }

    /// The connection of `user` is joined to `server`.
    pub fn join(&mut self, user: u32, server: u16) {
        self.of.get_mut(user).server = server;
    }
}
