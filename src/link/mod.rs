//! Share links: `#2.<codec><payload>`.
//!
//! `2` is the version of what is saved (`saved/`), the codec a letter (`codec.rs`), the payload base64url. A link carries
//! the stage and its revision, what differs from it, the seed, the timeline, the moment, the number of the model, the digest
//! at that moment, and what was seen: what is selected, the request that is followed, the panel of logs and metrics, the
//! stretch of the charts, the speed, the experiment, the twin. Links are a permanent interface: what is saved has its own
//! frozen types, a new version is a new type and one step that upgrades the one before, and every kind of link ever published
//! is a fixture in `tests/links`.
//!
//! A hostile link costs at most a bounded decode: lengths are limited before and after inflating, and what comes out
//! passes the same checks as a file.

pub mod address;
mod codec;
mod saved;
pub mod seen;

use crate::course::stages::{self, Stage};
use crate::scenario::{self, MODEL, Moment, Problem, Scenario, edit};
use crate::time::SimTime;

use seen::{RunOf, Seen};

/// Everything that a link carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The stage that it starts from.
    pub stage: &'static Stage,
    /// The scenario, its timeline and its seed included.
    pub scenario: Scenario,
    /// The moment that was seen.
    pub moment: SimTime,
    /// The model that it was recorded with.
    pub model: u32,
    /// The digest at that moment, if it was recorded.
    pub digest: Option<u64>,
    /// How it is to be shown.
    pub view: View,
}

/// How a link is to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// What the page shows of it.
    pub seen: Seen,
    /// Only the figure.
    pub embed: bool,
    /// Time stands at the moment.
    pub paused: bool,
    /// Simulated seconds per second; without it, the speed that suits the system.
    pub speed: Option<f64>,
    /// The experiment's run that it is, if it is one.
    pub experiment: Option<RunOf>,
    /// The system beside it, if there is one.
    pub twin: Option<SharedTwin>,
}

/// A system beside the one that is shown, over the same requests.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedTwin {
    /// Of what it is a twin.
    pub of: TwinKind,
    /// From when on the two are compared.
    pub since: SimTime,
}

/// Of what a twin is one.
#[derive(Clone, Debug, PartialEq)]
pub enum TwinKind {
    /// The system as it was opened.
    Opened(Box<Base>),
    /// The system as it was when the twin was asked for: with this timeline.
    Present(Vec<Moment>),
    /// A stage.
    Stage(&'static Stage),
}

/// A system at its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// The scenario without its timeline, where it is not the one that is shown.
    pub scenario: Option<Scenario>,
    /// What happens to it.
    pub timeline: Vec<Moment>,
}

impl Shared {
    /// A scenario at its start, as derived from the stage that is nearest to it.
    pub fn of(scenario: Scenario) -> Self {
        Self::at_start(nearest_stage(&scenario), scenario)
    }

    /// A scenario at its start, as derived from `stage`.
    pub fn at_start(stage: &'static Stage, scenario: Scenario) -> Self {
        Self { stage, scenario, moment: SimTime::ZERO, model: MODEL, digest: None, view: View::default() }
    }
}

/// The fragment for this, without `#`.
pub fn encode(shared: &Shared) -> String {
    format!("{}.{}", saved::VERSION, codec::pack(saved::save(shared).as_bytes()))
}

/// What a fragment carries, with or without `#`.
///
/// # Errors
/// The link is not one of ours, damaged, of a future version, or says something impossible.
pub fn decode(fragment: &str) -> Result<Shared, Problem> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let (version, packed) = fragment
        .split_once('.')
        .filter(|(version, _)| version.len() <= 6 && version.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|(version, packed)| Some((version.parse().ok()?, packed)))
        .ok_or_else(|| {
            problem("this is not a link of Zero to Millions: those begin with a number and a dot, like #2.")
        })?;
    saved::open(version, packed)
}

/// The stage that a scenario differs from in the fewest bytes: what a link to it is based on.
pub fn nearest_stage(scenario: &Scenario) -> &'static Stage {
    let value = edit::encode(scenario);
    let cost = |stage: &&Stage| {
        edit::difference(&edit::encode(&stage.scenario()), &value).map_or(0, |patch| patch.to_string().len())
    };
    stages::newest().min_by_key(cost).expect("there are stages")
}

fn problem(message: impl Into<String>) -> Problem {
    Problem::at("link", message)
}

/// The scenario without its timeline.
fn split_timeline(scenario: &Scenario) -> (Scenario, &[Moment]) {
    let mut bare = scenario.clone();
    bare.timeline.clear();
    (bare, &scenario.timeline)
}

/// A stage with a merge patch applied.
fn patched(stage: &Stage, patch: Option<&serde_json::Value>) -> Result<Scenario, Problem> {
    let mut value = edit::encode(&stage.scenario());
    if let Some(patch) = patch {
        edit::merge(&mut value, patch);
    }
    scenario::from_value(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Change;

    fn five_changes() -> Shared {
        let stage = stages::find("load-balancer").expect("it is published");
        let mut scenario = stage.scenario();
        scenario.seed = 7;
        scenario.workload.users = 12_000;
        let change = |at_ms, change| Moment { at_ms, change };
        scenario.timeline = vec![
            change(1000.25, Change::Kill { target: "web.2".into(), silent: false, destroy: false }),
            change(8000.0, Change::Restore { target: "web.2".into() }),
            change(12_345.678, Change::Set { path: "workload.users".into(), value: 50_000.into() }),
            change(20_000.0, Change::Spike { factor: 10.0, duration_ms: 10_000.0, clients: None }),
            change(31_000.0, Change::Set { path: "tiers.web.instances".into(), value: 4.into() }),
        ];
        let seen = Seen { selected: Some("web.2".into()), ..Seen::default() };
        let view = View { seen, paused: true, speed: Some(0.5), ..View::default() };
        Shared {
            moment: SimTime::from_ms(42_000.0),
            digest: Some(0x1234_5678_9abc_def0),
            view,
            ..Shared::at_start(stage, scenario)
        }
    }

    #[test]
    fn five_changes_fit_in_300_characters_and_come_back() {
        let shared = five_changes();
        let link = encode(&shared);
        assert!(link.len() < 300, "{} characters: {link}", link.len());
        assert_eq!(decode(&link), Ok(shared.clone()));
        assert_eq!(decode(&format!("#{link}")), Ok(shared));
    }

    #[test]
    fn a_bare_stage_is_short() {
        let stage = stages::find("single-server").expect("it is published");
        let link = encode(&Shared::at_start(stage, stage.scenario()));
        assert!(link.len() < 60, "{link}");
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let good = encode(&five_changes());
        for (link, expected) in [
            ("", "not a link"),
            ("hello", "not a link"),
            ("1.", "damaged"),
            ("1.q1234", "codec"),
            ("9.jAAAA", "version 9"),
            ("1.j!!!!", "damaged"),
            (&good[..good.len() - 7], "damaged"),
            (&format!("{good}{good}"), "damaged"),
        ] {
            let problem = decode(link).expect_err(link);
            let told = problem.to_string();
            assert!(told.contains(expected), "{link}: {told}");
            for foreign in ["offset", "symbol", "expected", "invalid", "line 1", "EOF"] {
                assert!(!told.contains(foreign), "words of a library: {told}");
            }
        }
    }

    #[test]
    fn a_decompression_bomb_is_refused() {
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 50_000_000], 9);
        let link = format!("1.{}", codec::test_pack('d', &bomb));
        assert!(decode(&link).is_err());
    }

    #[test]
    fn an_unknown_stage_is_named() {
        let link = format!("1.{}", codec::pack(br#"{"s":["load-balncer",1],"o":1}"#));
        let problem = decode(&link).expect_err("there is no such stage");
        assert!(problem.to_string().contains("load-balancer"), "{problem}");
    }

    #[test]
    fn the_nearest_stage_is_found() {
        let mut scenario = stages::find("separate-database").expect("it is published").scenario();
        scenario.workload.users = 9;
        assert_eq!(nearest_stage(&scenario).id, "separate-database");
    }
}
