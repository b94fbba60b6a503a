//! What devices and balancers remember of a user between requests: the open connection and the session.

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

/// The users' open connections: one each, twelve bytes a user.
#[derive(Clone, Debug)]
pub struct Connections(PerUser<Connection>);

impl Default for Connections {
    fn default() -> Self {
        Self(PerUser::new(Connection { until: 0, used: 0, peer: NodeId::NONE, server: NOBODY }))
    }
}

impl Connections {
    /// Whether `user` has an open connection with `peer`. A peer that died has reset it, unless it died in silence: then
    /// the device finds out when it sends.
    pub fn is_open(&self, user: u32, peer: NodeId, state: &NodeState, now: SimTime) -> bool {
        let connection = self.0.get(user);
        let crashed = state.life == Life::Down && !state.silent;
        let same_process = second(state.ready_at) <= connection.used;
        connection.peer == peer && second(now) < connection.until && !crashed && same_process
    }

    /// `user` has opened a connection with `peer`, or used it, at `now`.
    pub fn touch(&mut self, user: u32, peer: NodeId, now: SimTime, keep_alive_seconds: u32) {
        let connection = self.0.get_mut(user);
        let server = if connection.peer == peer { connection.server } else { NOBODY };
        let used = second(now);
        *connection = Connection { until: used.saturating_add(keep_alive_seconds), used, peer, server };
    }

    /// The connection of `user` is gone.
    pub fn close(&mut self, user: u32) {
        *self.0.get_mut(user) = Connection { until: 0, used: 0, peer: NodeId::NONE, server: NOBODY };
    }

    /// A new connection is joined to nobody yet.
    pub fn unjoin(&mut self, user: u32) {
        self.0.get_mut(user).server = NOBODY;
    }

    /// The server that the connection of `user` is joined to.
    pub fn server(&self, user: u32) -> Option<u16> {
        Some(self.0.get(user).server).filter(|&server| server != NOBODY)
    }

    /// The connection of `user` is joined to `server`.
    pub fn join(&mut self, user: u32, server: u16) {
        self.0.get_mut(user).server = server;
    }
}

#[derive(Clone, Copy, Debug)]
struct Session {
    until: u32,
    server: u16,
}

/// Where the users' sessions were last: eight bytes a user.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How long one lasts without a request, in whole seconds.
    pub idle_timeout_seconds: u32,
    /// Requests of a session that came to another server than the one before.
    pub moves: u64,
    /// Requests of a session that was under way.
    pub continued: u64,
    of: PerUser<Session>,
}

impl Sessions {
    /// Nobody has a session yet.
    pub fn new(idle_timeout_seconds: u32) -> Self {
        Self { idle_timeout_seconds, moves: 0, continued: 0, of: PerUser::new(Session { until: 0, server: NOBODY }) }
    }

    /// The server that last had a request of the session of `user`.
    pub fn server(&self, user: u32, now: SimTime) -> Option<u16> {
        let session = self.of.get(user);
        (second(now) < session.until && session.server != NOBODY).then_some(session.server)
    }

    /// A request of `user` goes to `server`.
    pub fn note(&mut self, user: u32, server: u16, now: SimTime) {
        if let Some(before) = self.server(user, now) {
            self.continued += 1;
            self.moves += u64::from(before != server);
        }
        let until = second(now).saturating_add(self.idle_timeout_seconds);
        *self.of.get_mut(user) = Session { until, server };
    }
}
