//! Links are promised for ever: every kind of link ever published still opens to the same scenario, and no text whatever
//! brings the decoder down.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use zero_to_millions::link::{Shared, View, decode, encode, nearest_stage};
use zero_to_millions::scenario::edit;
use zero_to_millions::time::SimTime;

/// All that a link carries, as a fixture holds it.
fn canonical(shared: &Shared) -> Value {
    let mut value = edit::encode(&shared.scenario);
    value["moment_us"] = (shared.moment.0 / 1000).into();
    value["digest"] = shared.digest.map(|digest| format!("{digest:016x}")).into();
    value["model"] = shared.model.into();
    let view = &shared.view;
    value["view"] = json!({"selected": view.selected, "embed": view.embed, "paused": view.paused});
    value
}

fn fixtures() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/links/v1");
    let links = fs::read_dir(folder).expect("the fixtures are there").map(|entry| entry.expect("readable").path());
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

#[test]
fn every_link_ever_published_opens_to_the_same_scenario() {
    let all = fixtures();
    assert!(all.len() >= 5);
    for (name, link, expected) in all {
        let shared = decode(&link).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert_eq!(canonical(&shared), expected, "{name}");
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
    ) {
        let view = View { selected: Some("web.1".to_owned()), embed, paused };
        let stage = nearest_stage(&scenario);
        let shared = Shared { moment: SimTime(moment_us * 1000), digest, view, ..Shared::at_start(stage, scenario) };
        let link = encode(&shared);
        let opened = decode(&link).map_err(|problem| TestCaseError::fail(problem.to_string()))?;
        prop_assert_eq!(canonical(&opened), canonical(&shared));
        prop_assert_eq!(encode(&opened), link);
    }
}
