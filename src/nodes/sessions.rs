//! Users' sessions: who is signed in, where that is known, and what becomes of it.
//!
//! - A session is known to the web server that made it, in its memory, or to a store that all servers ask. What is in a
//!   server's memory goes with it: when it dies, and when it is taken out.
//! - A device has a cookie for its session, and a balancer may see in it which server the session is bound to.
//! - Who comes with a cookie that nobody knows is answered 401 and repeats the request with name and password (RFC 9110,
//!   15.5.2); to check a password is dear on purpose (OWASP: a hash may take up to a second). See `signing.rs`.
//! - A session ends when it was not used for a while. Of each user twenty bytes are kept, those of the device and of the server
//!   in one; so a device always has the cookie of the newest sign-in, also if its answer is still under way.

use std::collections::VecDeque;

use crate::metrics::Histogram;
use crate::rng::{exponential, mix};
use crate::time::{SimTime, Span};

use super::context::Work;
use super::dns::second;
use super::per_user::PerUser;
use super::{NodeId, TierId};

/// The first key of a session in a store, by user; those before are the site's data and its files.
pub const FIRST_KEY: u32 = 1 << 31;

/// Instead of the number of a sign-in: its user knows that the session is lost.
const MISSED: u32 = u32::MAX;

/// No server.
const NOBODY: u16 = u16::MAX;

#[derive(Clone, Copy, Debug)]
struct Session {
    /// The second at which the balancer forgets whom it is bound to, if nothing is sent before.
    bound_until: u32,
    /// The second at which it ends, if nothing is sent before; 0 for a device without a cookie.
    ends: u32,
    /// The number of the sign-in: a store has it as the version of the session's key.
    number: u32,
    /// The balancer's number of the server that last had a request of it.
    server: u16,
    /// The server that knows it.
    home: NodeId,
    /// Which of that one's lives it was made in.
    life: u16,
}

// With an open connection's twelve bytes that makes 32 a user.
const _: () = assert!(size_of::<Session>() <= 20);

impl Session {
    const BLANK: Self = Self { bound_until: 0, ends: 0, number: 0, server: NOBODY, home: NodeId::NONE, life: 0 };
}

/// How users sign in.
#[derive(Clone, Copy, Debug)]
pub struct SigningIn {
    /// Work of a web server to check a password.
    pub work: Work,
    /// The tier that keeps sessions. Without one each web server keeps those that it made.
    pub store: Option<TierId>,
    /// The size of a session, in bytes.
    pub bytes: u32,
}

/// Why a cookie is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The session was not used for too long.
    Expired,
    /// Another server has it.
    Elsewhere,
    /// It was lost, with its server or in its store.
    Lost,
}

/// What happened to sessions since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that came to another server than the one before.
    pub moves: u64,
    /// Requests of a session that was under way.
    pub continued: u64,
    /// Passwords that were checked.
    pub sign_ins: u64,
    /// Requests with a cookie that was looked at, and those of them that were answered 401, by [`Unknown`].
    pub checked: u64,
    /// See `checked`.
    pub unknown: [u64; 3],
    /// Users who found that their session was lost: each once for a session, also if several of their requests did.
    pub logged_out: u64,
    /// Sessions that were lost with the memory of a server.
    pub lost: u64,
}

/// What one server has in its memory: sessions by the second at which they end.
#[derive(Clone, Debug, Default)]
struct Home {
    /// Its memory has been lost so often.
    life: u16,
    /// The second of the first one in `ending`.
    first: u32,
    ending: VecDeque<u32>,
    alive: u32,
}

impl Home {
    /// What has ended by now is gone.
    fn sweep(&mut self, now: u32) {
        while self.first <= now {
            match self.ending.pop_front() {
                Some(ended) => self.alive -= ended,
                None => {
                    self.first = now + 1;
                    return;
                }
            }
            self.first += 1;
        }
    }

    fn add(&mut self, now: u32, ends: u32) {
        self.sweep(now);
        let Some(at) = ends.checked_sub(self.first) else { return };
        if self.ending.len() <= at as usize {
            self.ending.resize(at as usize + 1, 0);
        }
        self.ending[at as usize] += 1;
        self.alive += 1;
    }

    fn remove(&mut self, now: u32, ends: u32) {
        self.sweep(now);
        if let Some(at) = ends.checked_sub(self.first) {
            self.ending[at as usize] -= 1;
            self.alive -= 1;
        }
    }
}

/// The users' sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// How long one lasts without a request, in whole seconds.
    pub idle_timeout_seconds: u32,
    /// How users sign in, if they do; else a session is only what a balancer may bind to a server.
    pub signing_in: Option<SigningIn>,
    /// What happened.
    pub counts: Counts,
    /// How long look-ups in the store took, as the web servers saw it.
    pub look_ups: Histogram,
    of: PerUser<Session>,
    /// By node; of the store, under [`NodeId::NONE`], all.
    homes: Vec<Home>,
    shared: Home,
}

impl Sessions {
    /// Nobody has a session yet.
    pub fn new(idle_timeout_seconds: u32, signing_in: Option<SigningIn>) -> Self {
        Self {
            idle_timeout_seconds,
            signing_in,
            counts: Counts::default(),
            look_ups: Histogram::default(),
            of: PerUser::new(Session::BLANK),
            homes: Vec::new(),
            shared: Home::default(),
        }
    }

    /// The balancer's number of the server that last had a request of the session of `user`.
    pub fn server(&self, user: u32, now: SimTime) -> Option<u16> {
        let session = self.of.get(user);
        (second(now) < session.bound_until && session.server != NOBODY).then_some(session.server)
    }

    /// A request of `user` goes to `server`.
    pub fn note(&mut self, user: u32, server: u16, now: SimTime) {
        if let Some(before) = self.server(user, now) {
            self.counts.continued += 1;
            self.counts.moves += u64::from(before != server);
        }
        let bound_until = second(now).saturating_add(self.idle_timeout_seconds);
        let session = self.of.get_mut(user);
        (session.bound_until, session.server) = (bound_until, server);
    }

    /// Whether the device of `user` has a cookie, known or not.
    pub fn has_cookie(&self, user: u32) -> bool {
        self.of.get(user).ends > 0
    }

    /// The number of the sign-in of `user`.
    pub fn number(&self, user: u32) -> u64 {
        u64::from(self.of.get(user).number)
    }

    /// Whether the server `home` knows the session of `user`; if so, it goes on from now.
    pub fn look_up(&mut self, user: u32, home: NodeId, now: SimTime) -> Result<(), Unknown> {
        let session = self.of.get(user);
        self.counts.checked += 1;
        let known = if session.ends <= second(now) {
            Err(Unknown::Expired)
        } else if session.life != self.home(session.home).life {
            Err(Unknown::Lost)
        } else if session.home == home {
            Ok(())
        } else {
            Err(Unknown::Elsewhere)
        };
        self.judge(user, known, now)
    }

    /// The store has said whether it `has` the session of `user`; if so, it goes on from now.
    pub fn told(&mut self, user: u32, has: bool, now: SimTime) -> Result<(), Unknown> {
        self.counts.checked += 1;
        let ended = self.of.get(user).ends <= second(now);
        let known = if ended {
            Err(Unknown::Expired)
        } else if has {
            Ok(())
        } else {
            Err(Unknown::Lost)
        };
        self.judge(user, known, now)
    }

    fn judge(&mut self, user: u32, known: Result<(), Unknown>, now: SimTime) -> Result<(), Unknown> {
        match known {
            Ok(()) => self.go_on(user, now),
            Err(why) => {
                self.counts.unknown[why as usize] += 1;
                let session = self.of.get_mut(user);
                if why == Unknown::Lost && std::mem::replace(&mut session.number, MISSED) != MISSED {
                    self.counts.logged_out += 1;
                }
            }
        }
        known
    }

    /// `user` has signed in at the server `home`, or the store has it under [`NodeId::NONE`].
    pub fn sign_in(&mut self, user: u32, home: NodeId, number: u32, now: SimTime) {
        self.counts.sign_ins += 1;
        self.leave(user, now);
        let life = self.home(home).life;
        let session = self.of.get_mut(user);
        (session.home, session.life, session.number) = (home, life, number);
        let ends = second(now).saturating_add(self.idle_timeout_seconds);
        session.ends = ends;
        self.home(home).add(second(now), ends);
    }

    /// The session of `user` was used.
    fn go_on(&mut self, user: u32, now: SimTime) {
        self.leave(user, now);
        let ends = second(now).saturating_add(self.idle_timeout_seconds);
        let session = self.of.get_mut(user);
        session.ends = ends;
        let home = session.home;
        self.home(home).add(second(now), ends);
    }

    /// The session of `user`, if it is still there, is not counted where it is.
    fn leave(&mut self, user: u32, now: SimTime) {
        let session = self.of.get(user);
        if session.ends > 0 && self.home(session.home).life == session.life {
            self.home(session.home).remove(second(now), session.ends);
        }
    }

    fn home(&mut self, node: NodeId) -> &mut Home {
        if node == NodeId::NONE {
            return &mut self.shared;
        }
        if self.homes.len() <= node.index() {
            self.homes.resize_with(node.index() + 1, Home::default);
        }
        &mut self.homes[node.index()]
    }

    /// The memory of `node` is gone. Returns how many sessions were.
    pub fn lose(&mut self, node: NodeId, now: SimTime) -> u32 {
        let home = self.home(node);
        home.sweep(second(now));
        let lost = home.alive;
        *home = Home { life: home.life.wrapping_add(1), ..Home::default() };
        self.counts.lost += u64::from(lost);
        lost
    }

    /// Sessions in the memory of `node` now.
    pub fn held_by(&self, node: NodeId, now: SimTime) -> u32 {
        self.homes.get(node.index()).map_or(0, |home| {
            let mut home = home.clone();
            home.sweep(second(now));
            home.alive
        })
    }

    /// Sessions that are known somewhere now.
    pub fn alive(&self, now: SimTime) -> u64 {
        let mut shared = self.shared.clone();
        shared.sweep(second(now));
        let nodes = (0..self.homes.len()).map(|node| u64::from(self.held_by(NodeId(node as u16), now)));
        nodes.sum::<u64>() + u64::from(shared.alive)
    }

    /// As it is when users have been sending `rate` requests a second each for long: the age of the last one is
    /// exponential, and there is a session unless that is more than it lasts. They are spread over `servers` evenly, bound to
    /// them by their numbers; or, without any, in the store. Returns who has one, with the seconds that are left.
    pub fn begin_steady(&mut self, users: u32, rate: f64, seed: u64, servers: &[NodeId]) -> Vec<(u32, u32)> {
        let mut present = Vec::new();
        for user in 0..users {
            let bits = mix(seed ^ mix(u64::from(user) ^ 0x5e55_1045));
            let age = if rate > 0.0 { exponential(bits) / rate } else { f64::INFINITY };
            let left = (f64::from(self.idle_timeout_seconds) - age).max(0.0) as u32;
            if left == 0 {
                continue;
            }
            let place = (mix(bits) % servers.len().max(1) as u64) as usize;
            let home = servers.get(place).copied().unwrap_or(NodeId::NONE);
            let server = if servers.is_empty() { NOBODY } else { place as u16 };
            *self.of.get_mut(user) =
                Session { bound_until: left, ends: left, number: 0, server, home, life: self.home(home).life };
            self.home(home).add(0, left);
            present.push((user, left));
        }
        present
    }

    /// How long a session lasts without a request.
    pub fn idle_timeout(&self) -> Span {
        Span(u64::from(self.idle_timeout_seconds) * 1_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(3);
    const B: NodeId = NodeId(5);

    fn at(seconds: u64) -> SimTime {
        SimTime(seconds * 1_000_000_000)
    }

    #[test]
    fn a_session_is_known_where_it_was_made_until_it_ends() {
        let mut sessions = Sessions::new(10, None);
        assert!(!sessions.has_cookie(7));
        sessions.sign_in(7, A, 1, at(0));
        assert_eq!(sessions.look_up(7, B, at(5)), Err(Unknown::Elsewhere));
        assert_eq!(sessions.look_up(7, A, at(9)), Ok(()));
        assert_eq!((sessions.held_by(A, at(18)), sessions.held_by(A, at(19))), (1, 0));
        assert_eq!(sessions.look_up(7, A, at(19)), Err(Unknown::Expired));
        assert!(sessions.has_cookie(7), "the device does not know");
    }

    #[test]
    fn what_a_server_had_in_its_memory_goes_with_it() {
        let mut sessions = Sessions::new(10, None);
        (0..5).for_each(|user| sessions.sign_in(user, A, user, at(u64::from(user))));
        sessions.sign_in(9, B, 9, at(0));
        // Two have signed in elsewhere since, and one session has ended.
        (1..3).for_each(|user| sessions.sign_in(user, B, user, at(5)));
        assert_eq!((sessions.held_by(A, at(11)), sessions.alive(at(9))), (2, 6));
        assert_eq!(sessions.lose(A, at(11)), 2);
        assert_eq!(sessions.look_up(3, A, at(11)), Err(Unknown::Lost));
        assert_eq!(sessions.look_up(2, B, at(11)), Ok(()));
        assert_eq!(sessions.held_by(A, at(11)), 0);
    }
}
