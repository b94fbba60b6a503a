//! Version 1, and the moments that later versions save as it does. Frozen.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::scenario::deployment::Strategy;
use crate::scenario::{Change, Moment};

/// Version 1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedV1 {
    /// Stage and revision.
    pub s: (String, u32),
    /// Merge patch from the stage to the scenario, timeline left out.
    #[serde(default)]
    pub p: Option<Value>,
    /// Timeline.
    #[serde(default)]
    pub t: Vec<SavedMomentV1>,
    /// The moment, in microseconds.
    #[serde(default)]
    pub m: u64,
    /// Model.
    pub o: u32,
    /// Digest, in hexadecimal.
    #[serde(default)]
    pub d: Option<String>,
    /// Selected target.
    #[serde(default)]
    pub v: Option<String>,
    /// Flags: `e` embed, `p` paused.
    #[serde(default)]
    pub f: String,
}

/// One moment of version 1: microseconds, then what happens. Frozen.
#[derive(Debug, Serialize, Deserialize)]
pub struct SavedMomentV1(u64, SavedChangeV1);

/// A change of version 1. Frozen: what was ever written keeps its letter and shape; new letters may be added.
#[derive(Debug, Serialize, Deserialize)]
enum SavedChangeV1 {
    #[serde(rename = "k")]
    Kill(String),
    #[serde(rename = "r")]
    Restore(String),
    #[serde(rename = "s")]
    Set(String, Value),
    #[serde(rename = "x")]
    Spike(f64, f64),
    #[serde(rename = "q")]
    Silence(String),
    #[serde(rename = "w")]
    Slow(String, f64),
    #[serde(rename = "y")]
    SpikeOf(String, f64, f64),
    #[serde(rename = "b")]
    Publish(String, f64),
    #[serde(rename = "n")]
    PublishRenamed(String, f64),
    #[serde(rename = "g")]
    Purge(String, String),
    #[serde(rename = "d")]
    Destroy(String, bool),
    #[serde(rename = "c")]
    Cut(String, String),
    #[serde(rename = "m")]
    Mend(String, String),
    #[serde(rename = "l")]
    Delay(String, String, f64),
    #[serde(rename = "o")]
    SwitchOver(String),
    #[serde(rename = "h")]
    Snapshot(String),
    #[serde(rename = "e")]
    RestoreBackup(String, Option<f64>),
    #[serde(rename = "j")]
    BadDelete(String, f64),
    #[serde(rename = "t")]
    Deploy(String, String, Option<SavedStrategyV1>),
    #[serde(rename = "i")]
    Commit(String),
}

/// How a build is deployed, in version 1: batch, share of canaries, observation in milliseconds, the most failures, draining in
/// milliseconds. Frozen.
#[derive(Debug, Serialize, Deserialize)]
struct SavedStrategyV1(u32, f64, f64, Option<f64>, f64);

pub fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A moment as it is saved.
pub fn save_moment(moment: &Moment) -> SavedMomentV1 {
    let change = match &moment.change {
        Change::Kill { target, silent, destroy: true } => SavedChangeV1::Destroy(target.clone(), *silent),
        Change::Kill { target, silent: false, destroy: false } => SavedChangeV1::Kill(target.clone()),
        Change::Kill { target, silent: true, destroy: false } => SavedChangeV1::Silence(target.clone()),
        Change::Restore { target } => SavedChangeV1::Restore(target.clone()),
        Change::Slow { target, factor } => SavedChangeV1::Slow(target.clone(), *factor),
        Change::Set { path, value } => SavedChangeV1::Set(path.clone(), value.clone()),
        Change::Spike { factor, duration_ms, clients: None } => SavedChangeV1::Spike(*factor, *duration_ms),
        Change::Spike { factor, duration_ms, clients: Some(group) } => {
            SavedChangeV1::SpikeOf(group.clone(), *factor, *duration_ms)
        }
        Change::Publish { class, share, rename: false } => SavedChangeV1::Publish(class.clone(), *share),
        Change::Publish { class, share, rename: true } => SavedChangeV1::PublishRenamed(class.clone(), *share),
        Change::Purge { target, class } => SavedChangeV1::Purge(target.clone(), class.clone()),
        Change::Cut { from, to } => SavedChangeV1::Cut(from.clone(), to.clone()),
        Change::Mend { from, to } => SavedChangeV1::Mend(from.clone(), to.clone()),
        Change::Delay { from, to, extra_ms } => SavedChangeV1::Delay(from.clone(), to.clone(), *extra_ms),
        Change::SwitchOver { target } => SavedChangeV1::SwitchOver(target.clone()),
        Change::Snapshot { target } => SavedChangeV1::Snapshot(target.clone()),
        Change::RestoreBackup { target, to_ms } => SavedChangeV1::RestoreBackup(target.clone(), *to_ms),
        Change::BadDelete { target, share } => SavedChangeV1::BadDelete(target.clone(), *share),
        Change::Deploy { target, build, strategy: own } => {
            let how = SavedStrategyV1(own.batch, own.canary_share, own.observe_ms, own.max_error_rate, own.drain_ms);
            SavedChangeV1::Deploy(target.clone(), build.clone(), (!own.is_default()).then_some(how))
        }
        Change::Commit { build } => SavedChangeV1::Commit(build.clone()),
    };
    SavedMomentV1(moment.at().0 / 1000, change)
}

/// A moment that was saved.
pub fn open_moment(SavedMomentV1(at_us, change): SavedMomentV1) -> Moment {
    let change = match change {
        SavedChangeV1::Kill(target) => Change::Kill { target, silent: false, destroy: false },
        SavedChangeV1::Silence(target) => Change::Kill { target, silent: true, destroy: false },
        SavedChangeV1::Destroy(target, silent) => Change::Kill { target, silent, destroy: true },
        SavedChangeV1::Cut(from, to) => Change::Cut { from, to },
        SavedChangeV1::Mend(from, to) => Change::Mend { from, to },
        SavedChangeV1::Delay(from, to, extra_ms) => Change::Delay { from, to, extra_ms },
        SavedChangeV1::SwitchOver(target) => Change::SwitchOver { target },
        SavedChangeV1::Snapshot(target) => Change::Snapshot { target },
        SavedChangeV1::RestoreBackup(target, to_ms) => Change::RestoreBackup { target, to_ms },
        SavedChangeV1::BadDelete(target, share) => Change::BadDelete { target, share },
        SavedChangeV1::Deploy(target, build, how) => {
            let strategy =
                how.map_or_else(Strategy::default, |SavedStrategyV1(batch, canary, observe, most, drain)| Strategy {
                    batch,
                    canary_share: canary,
                    observe_ms: observe,
                    max_error_rate: most,
                    drain_ms: drain,
                });
            Change::Deploy { target, build, strategy }
        }
        SavedChangeV1::Commit(build) => Change::Commit { build },
        SavedChangeV1::Restore(target) => Change::Restore { target },
        SavedChangeV1::Slow(target, factor) => Change::Slow { target, factor },
        SavedChangeV1::Set(path, value) => Change::Set { path, value },
        SavedChangeV1::Spike(factor, duration_ms) => Change::Spike { factor, duration_ms, clients: None },
        SavedChangeV1::SpikeOf(group, factor, duration_ms) => {
            Change::Spike { factor, duration_ms, clients: Some(group) }
        }
        SavedChangeV1::Publish(class, share) => Change::Publish { class, share, rename: false },
        SavedChangeV1::PublishRenamed(class, share) => Change::Publish { class, share, rename: true },
        SavedChangeV1::Purge(target, class) => Change::Purge { target, class },
    };
    Moment { at_ms: at_us as f64 / 1e3, change }
}
