//! What became of users' sessions.

use serde::Serialize;

use crate::nodes::sessions::Unknown;

use super::super::World;
use super::Latency;

/// Sessions, since the start of the run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SessionsReport {
    /// Requests of a session that was under way.
    pub continued: u64,
    /// Those of them that came to another server than the one before.
    pub moved: u64,
    /// Where users sign in.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub sign_ins: Option<SignInsReport>,
}

/// Users who sign in, since the start of the run.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SignInsReport {
    /// Passwords that were checked.
    pub sign_ins: u64,
    /// Requests whose cookie was looked at.
    pub checked: u64,
    /// Those of them that were answered 401 and then repeated with name and password.
    pub unauthorized: u64,
    /// Of these: the session had not been used for too long.
    pub expired: u64,
    /// Of these: another server had it.
    pub elsewhere: u64,
    /// Of these: it was lost, with its server or in its store.
    pub lost: u64,
    /// Users who found that their session was lost: each once for a session.
    pub logged_out: u64,
    /// Sessions that were lost with the memory of a server.
    pub sessions_lost: u64,
    /// Sessions that are known somewhere, at the end.
    pub signed_in: u64,
    /// How long look-ups in the store took, as the web servers saw it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_up_ms: Option<Latency>,
}

impl World {
    /// What became of sessions, where users have them.
    pub fn sessions_report(&self) -> Option<SessionsReport> {
        let sessions = self.context().sessions.as_ref()?;
        let counts = &sessions.counts;
        let of = |why: Unknown| counts.unknown[why as usize];
        let sign_ins = sessions.signing_in.map(|own| SignInsReport {
            sign_ins: counts.sign_ins,
            checked: counts.checked,
            unauthorized: counts.unknown.iter().sum(),
            expired: of(Unknown::Expired),
            elsewhere: of(Unknown::Elsewhere),
            lost: of(Unknown::Lost),
            logged_out: counts.logged_out,
            sessions_lost: counts.lost,
            signed_in: sessions.alive(self.now()),
            look_up_ms: own.store.map(|_| (&sessions.look_ups).into()),
        });
        Some(SessionsReport { continued: counts.continued, moved: counts.moves, sign_ins })
    }
}
