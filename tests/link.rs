//! Links are promised for ever: every kind of link ever published still opens to the same scenario, and no text whatever
//! brings the decoder down.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use zero_to_millions::course::{experiments, stages};
use zero_to_millions::link::seen::{Followed, Panel, RunOf, Seen, Stretch, Tab};
use zero_to_millions::link::{Base, Shared, SharedTwin, TwinKind, View, decode, encode, nearest_stage};
use zero_to_millions::scenario::{self, Change, Moment, Scenario, edit};
use zero_to_millions::time::SimTime;

/// All that a link carries, as a fixture holds it. What version 1 knew nothing of is there where it is not as usual.
fn canonical(shared: &Shared) -> Value {
    let mut value = edit::encode(&shared.scenario);
    value["moment_us"] = (shared.moment.0 / 1000).into();
    value["digest"] = shared.digest.map(|digest| format!("{digest:016x}")).into();
    value["model"] = shared.model.into();
    let View { seen, embed, paused, speed, experiment, twin } = &shared.view;
    value["view"] = json!({"selected": seen.selected, "embed": embed, "paused": paused});
    let further = [
        ("speed", json!(speed)),
        ("experiment", json!(experiment.as_ref().map(|own| (&own.claim, own.index)))),
        ("followed", json!(seen.followed)),
        ("panel", json!(seen.panel)),
        ("stretch", json!(seen.stretch)),
        ("twin", twin.as_ref().map_or(Value::Null, of_twin)),
    ];
    for (name, what) in further.into_iter().filter(|(_, what)| !what.is_null()) {
        value["view"][name] = what;
    }
    value
}

fn of_twin(twin: &SharedTwin) -> Value {
    let of = match &twin.of {
        TwinKind::Opened(base) => {
            let Base { scenario, timeline } = &**base;
            json!({"opened": {"scenario": scenario.as_ref().map(edit::encode), "timeline": timeline}})
        }
        TwinKind::Present(timeline) => json!({"present": timeline}),
        TwinKind::Stage(stage) => json!({"stage": [stage.id, stage.revision]}),
    };
    json!({"of": of, "since_us": twin.since.0 / 1000})
}

fn fixtures() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links");
    let files = |folder: &Path| {
        fs::read_dir(folder).expect("the fixtures are there").map(|entry| entry.expect("readable").path()).collect()
    };
    let versions: Vec<PathBuf> = files(&folder);
    let links = versions.iter().flat_map(|folder| -> Vec<PathBuf> { files(folder) });
    let links = links.filter(|path| path.extension().is_some_and(|extension| extension == "link"));
    let read = |path: &Path| fs::read_to_string(path).expect("readable");
    let mut all: Vec<_> = links
        .map(|path| {
            let expected = serde_json::from_str(&read(&path.with_extension("json"))).expect("a fixture is JSON");
            (path.display().to_string(), read(&path).trim().to_owned(), expected)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// A link for each thing that version 2 can carry.
fn things() -> Vec<(&'static str, Shared)> {
    let stage = |id: &str| stages::find(id).expect("a stage");
    let bare = |id: &str| Shared::at_start(stage(id), stage(id).scenario());
    let of = |view: View| Shared { view, ..bare("load-balancer") };
    let seen = |seen: Seen| of(View { seen, ..View::default() });
    let kill =
        |at_ms| Moment { at_ms, change: Change::Kill { target: "web.1".to_owned(), silent: false, destroy: false } };
    let twin = |of_what: TwinKind| {
        let mut shared =
            of(View { twin: Some(SharedTwin { of: of_what, since: SimTime::from_ms(1500.5) }), ..View::default() });
        shared.scenario.timeline = vec![kill(2000.0), kill(9000.0)];
        shared
    };
    let panel = |tab, about: Option<&str>| {
        seen(Seen { panel: Some(Panel { tab, about: about.map(str::to_owned) }), ..Seen::default() })
    };
    let smaller = || {
        let mut own = stage("load-balancer").scenario();
        own.workload.users = 70;
        own
    };
    let run = || {
        let experiment = experiments::all().next().expect("there are experiments");
        let scenario = (experiment.runs)().swap_remove(0).scenario;
        let view = View { experiment: Some(RunOf { claim: experiment.id.to_owned(), index: 0 }), ..View::default() };
        Shared { view, ..Shared::of(scenario) }
    };
    vec![
        ("stage", bare("cache")),
        ("seed", Shared { scenario: Scenario { seed: u64::MAX, ..smaller() }, ..bare("load-balancer") }),
        ("moment", Shared { moment: SimTime::from_ms(12_345.678), digest: Some(0xfeed), ..bare("cdn") }),
        ("selected", seen(Seen { selected: Some("web.2".to_owned()), ..Seen::default() })),
        ("embed", of(View { embed: true, ..View::default() })),
        ("paused", of(View { paused: true, ..View::default() })),
        ("speed", of(View { speed: Some(0.05), ..View::default() })),
        ("experiment", run()),
        (
            "followed",
            seen(Seen { followed: Some(Followed { request: 77, sent_ms: 1_234.567_891 }), ..Seen::default() }),
        ),
        ("stretch", seen(Seen { stretch: Some(Stretch { from_ms: 500.25, until_ms: 4000.0 }), ..Seen::default() })),
        ("logs", panel(Tab::Logs, None)),
        ("logs-of-a-server", panel(Tab::Logs, Some("web.2"))),
        ("metrics", panel(Tab::Metrics, None)),
        ("rules", panel(Tab::Rules, None)),
        ("twin-opened", twin(TwinKind::Opened(Box::new(Base { scenario: None, timeline: vec![kill(2000.0)] })))),
        (
            "twin-before-an-edit",
            twin(TwinKind::Opened(Box::new(Base { scenario: Some(smaller()), timeline: Vec::new() }))),
        ),
        ("twin-of-the-stage-itself", {
            let own = Scenario { timeline: Vec::new(), ..stage("load-balancer").scenario() };
            twin(TwinKind::Opened(Box::new(Base { scenario: Some(own), timeline: vec![kill(4000.0)] })))
        }),
        ("twin-present", twin(TwinKind::Present(vec![kill(2000.0), kill(3000.0)]))),
        ("twin-stage", twin(TwinKind::Stage(stage("cache")))),
    ]
}

#[test]
fn every_link_ever_published_opens_to_the_same_scenario() {
    let all = fixtures();
    assert!(all.len() >= 30);
    for (name, link, expected) in all {
        let shared = decode(&link).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(canonical(&shared), expected, "{name}");
    }
}

/// With `UPDATE_GOLDEN` the ones that are not there yet are written; those that are there stay as they are, for ever.
#[test]
fn there_is_a_fixture_for_each_thing_that_a_link_can_carry() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links/v2");
    for (name, shared) in things() {
        let opened = decode(&encode(&shared)).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(opened, shared, "{name}: what was saved is what was shared");
        let path = folder.join(name).with_extension("link");
        if !path.exists() && std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&folder).expect("writable");
            fs::write(&path, encode(&shared) + "\n").expect("writable");
            let json = serde_json::to_string_pretty(&canonical(&shared)).expect("plain data");
            fs::write(path.with_extension("json"), json + "\n").expect("writable");
        }
        assert!(path.exists(), "{name}: run this test once with UPDATE_GOLDEN=1");
    }
}

/// Mutations of good links: bytes changed, cut out, doubled, swapped.
#[test]
fn mutated_links_neither_panic_nor_hang() {
    let links: Vec<String> = fixtures().into_iter().map(|(_, link, _)| link).collect();
    let mut random = zero_to_millions::rng::Stream::new(1, 77);
    let mut below = |n: usize| (random.draw() % n.max(1) as u64) as usize;
    let (began, mut opened) = (Instant::now(), 0);
    for _ in 0..100_000 {
        let mut bytes = links[below(links.len())].clone().into_bytes();
        for _ in 0..=below(4) {
            let at = below(bytes.len());
            match below(4) {
                _ if bytes.is_empty() => bytes.push(b'1'),
                0 => bytes[at] = b"ABCxyz019-_.#"[below(13)],
                1 => bytes.truncate(at),
                2 => bytes.extend_from_within(at..),
                _ => bytes.insert(at, (below(94) + 33) as u8),
            }
        }
        let text = String::from_utf8(bytes).expect("links are ASCII");
        match decode(&text) {
            Ok(_) => opened += 1,
            Err(problem) => assert!(!problem.to_string().is_empty()),
        }
    }
    // Deliberately far above what is needed (a fraction of a second): a hang would be minutes.
    assert!(began.elapsed() < Duration::from_secs(60));
    assert!(opened < 90_000, "most of the mutations were real: {opened} opened");
}

proptest! {
    #![proptest_config(common::random::config(64))]

    #[test]
    fn random_scenarios_come_back_as_they_were(
        scenario in prop_oneof![
            3 => common::random_messages::anything_eventful(),
            1 => common::random_shards::eventful_shards(),
        ],
        moment_us in 0u64..1_000_000_000_000,
        digest in any::<Option<u64>>(),
        embed: bool,
        paused: bool,
        about in any::<Option<u16>>(),
        followed in any::<Option<(u64, u32)>>(),
        speed in proptest::option::of(0.001f64..1000.0),
        twin in 0usize..4,
    ) {
        let stage = nearest_stage(&scenario);
        let seen = Seen {
            selected: about.map(|number| format!("web.{number}")),
            panel: about.map(|number| Panel { tab: Tab::Logs, about: Some(format!("web.{number}")) }),
            followed: followed.map(|(request, sent)| Followed { request, sent_ms: f64::from(sent) / 7.0 }),
            stretch: followed.map(|(_, from)| Stretch { from_ms: from.into(), until_ms: f64::from(from) + 0.3 }),
        };
        let mut bare = scenario.clone();
        let timeline = std::mem::take(&mut bare.timeline);
        let of = match twin {
            0 => None,
            1 => Some(TwinKind::Opened(Box::new(Base { scenario: Some(bare), timeline: timeline[..timeline.len() / 2].to_vec() }))),
            2 => Some(TwinKind::Present(timeline[..timeline.len() / 2].to_vec())),
            _ => Some(TwinKind::Stage(stage)),
        };
        let twin = of.map(|of| SharedTwin { of, since: SimTime(moment_us / 2 * 1000) });
        let view = View { seen, embed, paused, speed, experiment: None, twin };
        let shared = Shared { moment: SimTime(moment_us * 1000), digest, view, ..Shared::at_start(stage, scenario) };
        let link = encode(&shared);
        let opened = decode(&link).map_err(|problem| TestCaseError::fail(problem.to_string()))?;
        prop_assert_eq!(canonical(&opened), canonical(&shared));
        prop_assert_eq!(encode(&opened), link);
        // The same by a file.
        let file = serde_json::to_string_pretty(&edit::encode(&shared.scenario)).expect("plain data");
        let read = scenario::read(&file).map_err(|problem| TestCaseError::fail(problem.to_string()))?;
        prop_assert_eq!(read, shared.scenario);
    }
}
