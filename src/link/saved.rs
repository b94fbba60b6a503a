//! What links save, as types of their own: frozen once published, with short names since they travel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::course::stages;
use crate::scenario::deployment::Strategy;
use crate::scenario::{self, Change, Moment, Problem, edit};
use crate::time::SimTime;

use super::{Shared, View, patched, split_timeline};

/// Version 1. Frozen.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedV1 {
    /// Stage and revision.
    s: (String, u32),
    /// Merge patch from the stage to the scenario, timeline left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<Value>,
    /// Timeline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    t: Vec<SavedMomentV1>,
    /// The moment, in microseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    m: u64,
    /// Model.
    o: u32,
    /// Digest, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
    /// Selected target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<String>,
    /// Flags: `e` embed, `p` paused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    f: String,
}

/// One moment of version 1: microseconds, then what happens. Frozen.
#[derive(Debug, Serialize, Deserialize)]
struct SavedMomentV1(u64, SavedChangeV1);

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

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl SavedV1 {
    /// What is to be saved.
    pub fn new(shared: &Shared) -> Self {
        let (bare, timeline) = split_timeline(&shared.scenario);
        let mut flags = String::new();
        if shared.view.embed {
            flags.push('e');
        }
        if shared.view.paused {
            flags.push('p');
        }
        Self {
            s: (shared.stage.id.to_owned(), shared.stage.revision),
            p: edit::difference(&edit::encode(&shared.stage.scenario()), &edit::encode(&bare)),
            t: timeline.iter().map(save_moment).collect(),
            m: shared.moment.0 / 1000,
            o: shared.model,
            d: shared.digest.map(|digest| format!("{digest:x}")),
            v: shared.view.selected.clone(),
            f: flags,
        }
    }

    /// What was saved, checked.
    pub fn open(self) -> Result<Shared, Problem> {
        let stage = stages::revision(&self.s.0, self.s.1)?;
        let mut scenario = patched(stage, self.p.as_ref())?;
        scenario.timeline = self.t.into_iter().map(open_moment).collect();
        scenario::check::check(&scenario)?;
        let digest = self.d.map(|digest| u64::from_str_radix(&digest, 16)).transpose();
        let digest = digest.map_err(|_| Problem::at("link", "it is damaged: its digest is not a number"))?;
        if self.o == 0 || self.m > u64::MAX / 2000 {
            return Err(Problem::at("link", "it is damaged: no such model or moment"));
        }
        Ok(Shared {
            stage,
            scenario,
            moment: SimTime(self.m * 1000),
            model: self.o,
            digest,
            view: View { selected: self.v, embed: self.f.contains('e'), paused: self.f.contains('p') },
        })
    }
}

fn save_moment(moment: &Moment) -> SavedMomentV1 {
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

fn open_moment(SavedMomentV1(at_us, change): SavedMomentV1) -> Moment {
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
