//! What happens to a running system: by the scenario's timeline, or by a click, which is appended to it.

use serde::{Deserialize, Serialize};

use crate::time::SimTime;

use super::deployment::Strategy;

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When, in milliseconds since the start of the run; to the microsecond.
    pub at_ms: f64,
    /// What.
    pub change: Change,
}

impl Moment {
    /// A change at an instant, which is rounded up to the microsecond.
    pub fn new(at: SimTime, change: Change) -> Self {
        Self { at_ms: at.round_up_to_microsecond().as_ms(), change }
    }

    /// When, to the nearest microsecond.
    pub fn at(&self) -> SimTime {
        SimTime(((self.at_ms * 1e3 + 0.5) as u64).saturating_mul(1000))
    }
}

/// Something that happens to a running system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// The target dies: its connections are reset, new ones are refused, unless it is silent.
    Kill {
        /// `web.2` (the second instance), `web` (all), or `machines.app.2` (all that runs on that
        /// machine), or `places.london` (all that stands there).
        target: String,
        /// The target loses its power or network: nothing is reset or refused, there is silence, and who waits for it
        /// finds out by a time-out.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        silent: bool,
        /// What it had on its disks is gone too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        destroy: bool,
    },
    /// The target starts again and serves after its boot time.
    Restore {
        /// As for a kill.
        target: String,
    },
    /// The machines of the target work at a part of their speed from now on, with all that runs on them.
    Slow {
        /// As for a kill.
        target: String,
        /// The part, from 0.001 to 1,000; 1 ends it.
        factor: f64,
    },
    /// Nothing gets from one target to the other any more, and nobody is told.
    Cut {
        /// As for a kill.
        from: String,
        /// As for a kill.
        to: String,
    },
    /// What was cut or slow between the targets is well again.
    Mend {
        /// As for a kill.
        from: String,
        /// As for a kill.
        to: String,
    },
    /// Everything between the targets takes longer from now on.
    Delay {
        /// As for a kill.
        from: String,
        /// As for a kill.
        to: String,
        /// How much longer one way, in milliseconds, from 0 to 60,000; 0 ends it.
        extra_ms: f64,
    },
    /// A replica is to be the primary: planned, so nothing is lost.
    SwitchOver {
        /// One database server of a tier that replicates: `database.2`.
        target: String,
    },
    /// A backup of all data is taken, and kept until somebody deletes it.
    Snapshot {
        /// A database with `backup`.
        target: String,
    },
    /// A database gets an older state back from its backups: what was written since is lost.
    RestoreBackup {
        /// A database with `backup`.
        target: String,
        /// The moment whose state it is to be, in milliseconds since the start of the run. Without it, the newest that there
        /// is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to_ms: Option<f64>,
    },
    /// Somebody deletes rows by mistake.
    BadDelete {
        /// A database that replicates.
        target: String,
        /// The share of all keys, above 0 and up to 1.
        share: f64,
    },
    /// Another build of the application is brought to web servers, while they serve.
    Deploy {
        /// As for a kill.
        target: String,
        /// The build.
        build: String,
        /// How. Without it: one server after the other, without looking.
        #[serde(default, skip_serializing_if = "Strategy::is_default")]
        strategy: Strategy,
    },
    /// Somebody commits a change of the application; the pipeline builds it.
    Commit {
        /// The build that it leads to.
        build: String,
    },
    /// A value of the scenario changes.
    Set {
        /// The place of the value: `tiers.web.instances`.
        path: String,
        /// The new value.
        value: serde_json::Value,
    },
    /// Arrivals are multiplied for a while.
    Spike {
        /// By how much, above 0 and up to 1,000.
        factor: f64,
        /// For how long, in milliseconds.
        duration_ms: f64,
        /// The group of clients whose arrivals these are. Without it, all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clients: Option<String>,
    },
    /// Files get a new version at the origin.
    Publish {
        /// The class whose files they are.
        class: String,
        /// The share of them, above 0 and up to 1.
        share: f64,
        /// Whether they get new names, which pages use from now on, so that nobody has kept them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        rename: bool,
    },
    /// The edges of a CDN are told to forget files. Browsers are not.
    Purge {
        /// The CDN.
        target: String,
        /// The class whose files they are.
        class: String,
    },
}
