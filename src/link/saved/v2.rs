//! Version 2. Frozen.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::course::{experiments, stages};
use crate::link::seen::{Followed, Panel, RunOf, Seen, Stretch, Tab};
use crate::link::{Base, Shared, SharedTwin, TwinKind, View, patched, problem, split_timeline};
use crate::scenario::{self, Moment, Problem, Scenario, edit};
use crate::time::SimTime;

use super::v1::{SavedMomentV1, SavedV1, is_zero, open_moment, save_moment};

/// Version 2: what version 1 saves, and what else was seen.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedV2 {
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
    /// Speed: simulated seconds per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<f64>,
    /// The experiment's claim, and which of its runs, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<(String, u32)>,
    /// The request that is followed, and when it was sent, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<(u64, f64)>,
    /// The panel, and the server that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<(SavedTabV2, Option<String>)>,
    /// The stretch that charts show, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    z: Option<(f64, f64)>,
    /// The twin, and from when on the two are compared, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    w: Option<(SavedTwinV2, u64)>,
}

/// A part of the panel.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum SavedTabV2 {
    #[serde(rename = "l")]
    Logs,
    #[serde(rename = "m")]
    Metrics,
    #[serde(rename = "r")]
    Rules,
}

/// Of what the twin is.
#[derive(Debug, Serialize, Deserialize)]
enum SavedTwinV2 {
    #[serde(rename = "o")]
    Opened(SavedBaseV2),
    #[serde(rename = "p")]
    Present(SavedBaseV2),
    #[serde(rename = "s")]
    Stage(String, u32),
}

/// A system with its timeline.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBaseV2 {
    /// Merge patch from the link's stage, where it is another system than the link's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<Value>,
    /// It begins with so many of the link's own moments,
    #[serde(default, skip_serializing_if = "is_none")]
    n: usize,
    /// and goes on with these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    t: Vec<SavedMomentV1>,
}

fn is_none(number: &usize) -> bool {
    *number == 0
}

impl From<SavedV1> for SavedV2 {
    /// Nothing else was saved of what was seen.
    fn from(SavedV1 { s, p, t, m, o, d, v, f }: SavedV1) -> Self {
        Self { s, p, t, m, o, d, v, f, x: None, c: None, r: None, l: None, z: None, w: None }
    }
}

impl SavedV2 {
    /// What is to be saved.
    pub fn new(shared: &Shared) -> Self {
        let (bare, timeline) = split_timeline(&shared.scenario);
        let View { seen, embed, paused, speed, experiment, twin } = &shared.view;
        let flags = [(embed, 'e'), (paused, 'p')];
        let stage = edit::encode(&shared.stage.scenario());
        Self {
            s: (shared.stage.id.to_owned(), shared.stage.revision),
            p: edit::difference(&stage, &edit::encode(&bare)),
            t: timeline.iter().map(save_moment).collect(),
            m: shared.moment.0 / 1000,
            o: shared.model,
            d: shared.digest.map(|digest| format!("{digest:x}")),
            v: seen.selected.clone(),
            f: flags.into_iter().filter(|(is_set, _)| **is_set).map(|(_, flag)| flag).collect(),
            x: *speed,
            c: experiment.as_ref().map(|run| (run.claim.clone(), run.index as u32)),
            r: seen.followed.map(|own| (own.request, own.sent_ms)),
            l: seen.panel.as_ref().map(|panel| (save_tab(panel.tab), panel.about.clone())),
            z: seen.stretch.map(|stretch| (stretch.from_ms, stretch.until_ms)),
            w: twin.as_ref().map(|twin| (save_twin(twin, &stage, timeline), twin.since.0 / 1000)),
        }
    }

    /// What was saved, checked.
    ///
    /// # Errors
    /// Something in it is unknown or impossible.
    pub fn open(self) -> Result<Shared, Problem> {
        let stage = stages::revision(&self.s.0, self.s.1)?;
        let mut scenario = patched(stage, self.p.as_ref())?;
        scenario.timeline = self.t.into_iter().map(open_moment).collect();
        scenario::check::check(&scenario)?;
        let digest = self.d.map(|digest| u64::from_str_radix(&digest, 16)).transpose();
        let digest = digest.map_err(|_| problem("it is damaged: its digest is not a number"))?;
        if self.o == 0 || self.m > LATEST_US {
            return Err(problem("it is damaged: no such model or moment"));
        }
        let followed = self.r.map(|(request, sent_ms)| Followed { request, sent_ms });
        let stretch = self.z.map(|(from_ms, until_ms)| Stretch { from_ms, until_ms });
        if followed.is_some_and(|own| !(own.sent_ms >= 0.0 && own.sent_ms <= LATEST_US as f64))
            || stretch.is_some_and(|own| !(own.from_ms >= 0.0 && own.until_ms > own.from_ms))
            || self.x.is_some_and(|speed| !(0.001..=1000.0).contains(&speed))
        {
            return Err(problem("it is damaged: no such request, stretch or speed"));
        }
        let experiment = self.c.map(|(claim, run)| open_experiment(claim, run as usize)).transpose()?;
        let twin = self.w.map(|(twin, since_us)| {
            let base = |base: SavedBaseV2| open_base(base, stage, &scenario);
            let of = match twin {
                SavedTwinV2::Opened(own) => TwinKind::Opened(Box::new(base(own)?)),
                SavedTwinV2::Present(own) => TwinKind::Present(base(own)?.timeline),
                SavedTwinV2::Stage(id, revision) => TwinKind::Stage(stages::revision(&id, revision)?),
            };
            Ok(SharedTwin { of, since: SimTime(since_us.min(LATEST_US) * 1000) })
        });
        let seen = Seen {
            selected: self.v,
            followed,
            panel: self.l.map(|(tab, about)| Panel { tab: open_tab(tab), about }),
            stretch,
        };
        let view = View {
            seen,
            embed: self.f.contains('e'),
            paused: self.f.contains('p'),
            speed: self.x,
            experiment,
            twin: twin.transpose()?,
        };
        Ok(Shared { stage, scenario, moment: SimTime(self.m * 1000), model: self.o, digest, view })
    }
}

/// The latest moment that a link may name, in microseconds.
const LATEST_US: u64 = u64::MAX / 2000;

fn open_experiment(claim: String, index: usize) -> Result<RunOf, Problem> {
    let runs = (experiments::find(&claim)?.runs)().len();
    if index >= runs {
        return Err(problem(format!("it is damaged: {claim} has {runs} runs")));
    }
    Ok(RunOf { claim, index })
}

fn save_twin(twin: &SharedTwin, stage: &Value, timeline: &[Moment]) -> SavedTwinV2 {
    let base = |own: &[Moment], scenario: Option<&Scenario>| {
        let same = own.iter().zip(timeline).take_while(|(own, other)| own == other).count();
        SavedBaseV2 {
            // The stage itself differs from it by nothing.
            p: scenario.map(|own| edit::difference(stage, &edit::encode(own)).unwrap_or_else(|| serde_json::json!({}))),
            n: same,
            t: own[same..].iter().map(save_moment).collect(),
        }
    };
    match &twin.of {
        TwinKind::Opened(own) => SavedTwinV2::Opened(base(&own.timeline, own.scenario.as_ref())),
        TwinKind::Present(own) => SavedTwinV2::Present(base(own, None)),
        TwinKind::Stage(stage) => SavedTwinV2::Stage(stage.id.to_owned(), stage.revision),
    }
}

fn open_base(base: SavedBaseV2, stage: &'static stages::Stage, shown: &Scenario) -> Result<Base, Problem> {
    let SavedBaseV2 { p, n, t } = base;
    let shared =
        shown.timeline.get(..n).ok_or_else(|| problem("it is damaged: its twin has moments that it has not"))?;
    let timeline: Vec<Moment> = shared.iter().cloned().chain(t.into_iter().map(open_moment)).collect();
    let scenario = p.map(|patch| patched(stage, Some(&patch))).transpose()?;
    let whole = Scenario { timeline, ..scenario.clone().unwrap_or_else(|| shown.clone()) };
    scenario::check::check(&whole)?;
    Ok(Base { scenario, timeline: whole.timeline })
}

fn save_tab(tab: Tab) -> SavedTabV2 {
    match tab {
        Tab::Logs => SavedTabV2::Logs,
        Tab::Metrics => SavedTabV2::Metrics,
        Tab::Rules => SavedTabV2::Rules,
    }
}

fn open_tab(tab: SavedTabV2) -> Tab {
    match tab {
        SavedTabV2::Logs => Tab::Logs,
        SavedTabV2::Metrics => Tab::Metrics,
        SavedTabV2::Rules => Tab::Rules,
    }
}
