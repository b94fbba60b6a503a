//! How users sign in, with all names resolved, and what a session takes at its store.

use crate::nodes::TierId;
use crate::rng::Sampler;
use crate::scenario::engine::{self, Query};
use crate::scenario::{Id, Scenario, Tier};
use crate::time::Span;

use super::classes::server_of;

/// How users sign in.
#[derive(Clone, Debug, PartialEq)]
pub struct SigningInPlan {
    /// Work of a web server to check a password.
    pub work: Sampler,
    /// The tier that keeps sessions, if one does.
    pub store: Option<TierId>,
    /// Size of a session, in bytes.
    pub bytes: u32,
    /// Work of a database to look one up.
    pub look_up: Sampler,
    /// Work of a database to write one.
    pub write: Sampler,
    /// The web servers that keep sessions at the start, if these do and the run begins with some; and whether it does.
    pub steady: Option<Option<TierId>>,
}

/// Fields of a session: user, time of the sign-in, last use, rights.
const FIELDS: u32 = 4;

pub(super) fn signing_in(scenario: &Scenario, tier_id: impl Fn(&Id) -> TierId) -> Option<SigningInPlan> {
    let sessions = scenario.workload.sessions.as_ref()?;
    let work = sessions.sign_in?.sampler();
    let at_store = |write: bool| {
        let ms = sessions.store.as_ref().map_or(0.0, |id| database_ms(scenario, id, sessions.session_kb, write));
        Sampler::Constant(Span::from_ms(ms))
    };
    let homes = || {
        let class = scenario.workload.classes.iter().find(|(_, class)| class.session)?.0;
        sessions.store.is_none().then(|| server_of(scenario, class).map(&tier_id)).flatten()
    };
    Some(SigningInPlan {
        work,
        store: sessions.store.as_ref().map(&tier_id),
        bytes: (sessions.session_kb * 1e3) as u32,
        look_up: at_store(false),
        write: at_store(true),
        steady: sessions.steady_start.then(homes),
    })
}

/// Work of a database for a session: one row by its key, with its index and its page in memory.
fn database_ms(scenario: &Scenario, id: &Id, kb: f64, write: bool) -> f64 {
    match &scenario.tiers[id] {
        Tier::Database(database) => {
            let query = Query { depth: 0, fan_out: 1, value_kb: kb, fields: FIELDS };
            let counts = engine::counts(&query, write, database.engine, database.rows_million * 1e6);
            engine::demand(&counts, 0.0).database_ms
        }
        Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Cache(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => 0.0,
    }
}
