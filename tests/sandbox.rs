//! Edits of systems: exactly what is offered can be done, and whatever is done gives a system that the check accepts, that
//! runs with balanced books, and that a link carries.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use std::collections::BTreeSet;

use common::invariants::check_balance;
use common::random::config;
use common::{run_to, seconds};
use proptest::prelude::*;
use serde_json::{Value, json};
use zero_to_millions::course::stages;
use zero_to_millions::link::{Shared, decode, encode, nearest_stage};
use zero_to_millions::nodes::Kind;
use zero_to_millions::rng::Stream;
use zero_to_millions::scenario::sandbox::{Edit, Edited, Holder, apply, connections, offers};
use zero_to_millions::scenario::{Change, Moment, Scenario, check, edit, from_value};
use zero_to_millions::world::World;

fn stage(id: &str) -> Scenario {
    stages::find(id).expect("it is published").scenario()
}

fn edited(scenario: &Scenario, edit: &Edit) -> Scenario {
    apply(scenario, edit).unwrap_or_else(|problem| panic!("{edit:?}: {problem}")).scenario
}

fn connect(slot: &str, to: &str) -> Edit {
    Edit::Connect { slot: slot.to_owned(), to: to.to_owned() }
}

fn rename(tier: &str, id: &str) -> Edit {
    Edit::Rename { tier: tier.to_owned(), id: id.to_owned() }
}

fn remove(tier: &str) -> Edit {
    Edit::Remove { tier: tier.to_owned() }
}

/// Paths of all texts within a value.
fn texts(value: &Value, path: &str, found: &mut Vec<String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::String(_) => found.push(path.to_owned()),
        Value::Object(map) => map.iter().for_each(|(key, inner)| texts(inner, &below(key), found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(number, inner)| texts(inner, &below(&number.to_string()), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn put(root: &Value, path: &str, text: &str) -> Value {
    let mut root = root.clone();
    let place = path.split('.').fold(&mut root, |at, key| match key.parse::<usize>() {
        Ok(number) if at.is_array() => &mut at[number],
        _ => &mut at[key],
    });
    *place = json!(text);
    root
}

/// Every text of every stage that the check takes for the name of a tier is a reference that can be led elsewhere, and each
/// tier that the check accepts there is offered.
#[test]
fn what_the_check_accepts_is_offered() {
    let (mut references, mut accepted) = (BTreeSet::new(), 0);
    for stage in stages::all() {
        let mut scenario = stage.scenario();
        scenario.timeline.clear();
        let root = edit::encode(&scenario);
        let mut paths = Vec::new();
        texts(&root, "", &mut paths);
        let offered = offers(&scenario);
        for path in paths {
            let Err(problem) = from_value(put(&root, &path, "nowhere-at-all")) else { continue };
            // Names of other things are told as such; sometimes a rule that looks at what it leads to comes first.
            let told = &problem.message;
            let of_others = told.contains("nowhere-at-all")
                && told.starts_with("there is no ")
                && !told.starts_with("there is no tier");
            if of_others || told.contains("unknown variant") {
                continue;
            }
            for tier in scenario.tiers.keys() {
                if from_value(put(&root, &path, tier)).is_ok() {
                    accepted += 1;
                    references.insert(path.clone());
                    assert!(offered.contains(&connect(&path, tier)), "{}: {path} to {tier}", stage.id);
                }
            }
        }
    }
    // The stages have most kinds of references, so this says something.
    for path in [
        "workload.entry",
        "workload.dns",
        "workload.sessions.store",
        "workload.classes.static.entry",
        "tiers.balancer.backends",
        "tiers.balancer.routes.photo",
        "tiers.web.cache",
        "tiers.web.database",
        "tiers.photos.broker",
        "tiers.cdn.origin",
        "tiers.cdn.second_origin",
        "tiers.mailers.broker",
        "operations.alerts.errors.tier",
    ] {
        assert!(references.contains(path), "{path} is in no stage: {references:?}");
    }
    assert!(accepted > 200, "{accepted}");
}

/// The other way round: what is offered can be done, and comes out as it was asked for.
#[test]
fn what_is_offered_can_be_done() {
    for stage in stages::all() {
        let scenario = stage.scenario();
        let offered = offers(&scenario);
        for own in &offered {
            let after = edited(&scenario, own);
            check::check(&after).unwrap_or_else(|problem| panic!("{}: {own:?}: {problem}", stage.id));
            let value = edit::encode(&after);
            let at = |path: &str| {
                path.split('.').try_fold(&value, |at, key| at.get(key).or_else(|| at.get(key.parse::<usize>().ok()?)))
            };
            match own {
                Edit::Connect { slot, to } => assert_eq!(at(slot), Some(&json!(to)), "{}: {own:?}", stage.id),
                Edit::Disconnect { slot } => {
                    let before = edit::encode(&scenario);
                    let was = slot.split('.').try_fold(&before, |at, key| at.get(key));
                    assert!(at(slot).is_none() || slot.contains("databases"), "{}: {own:?} {was:?}", stage.id);
                }
                Edit::Remove { tier } => {
                    assert!(!after.tiers.contains_key(tier));
                    let mut paths = Vec::new();
                    texts(&value, "", &mut paths);
                    let named = paths.iter().filter(|path| {
                        let unknown = from_value(put(&value, path, "nowhere-at-all")).err();
                        unknown.is_some_and(|own| own.message.contains("no tier")) && at(path) == Some(&json!(tier))
                    });
                    assert_eq!(named.count(), 0, "{}: {own:?}", stage.id);
                }
                Edit::Add { kind } => {
                    assert_eq!(after.tiers.len(), scenario.tiers.len() + 1);
                    assert!(
                        after.tiers.iter().any(|(id, tier)| !scenario.tiers.contains_key(id) && tier.kind() == *kind)
                    );
                }
                Edit::Duplicate { .. } => assert_eq!(after.tiers.len(), scenario.tiers.len() + 1),
                Edit::Rename { .. } | Edit::Set { .. } => unreachable!("they need a name or a value"),
            }
        }
        // Whoever is shown a choice is shown these.
        let groups = scenario.workload.clients.keys().map(|id| Holder::Clients(id));
        let holders = scenario.tiers.keys().map(|id| Holder::Tier(id)).chain(groups).chain([Holder::System]);
        let shown: BTreeSet<String> = holders
            .flat_map(|holder| connections(&scenario, holder))
            .flat_map(|slot| slot.targets.into_iter().map(move |to| format!("{} {to}", slot.path)))
            .collect();
        let can: BTreeSet<String> = offered
            .iter()
            .filter_map(|own| match own {
                Edit::Connect { slot, to } => Some(format!("{slot} {to}")),
                Edit::Add { .. }
                | Edit::Disconnect { .. }
                | Edit::Remove { .. }
                | Edit::Rename { .. }
                | Edit::Duplicate { .. }
                | Edit::Set { .. } => None,
            })
            .collect();
        assert_eq!(shown, can, "{}", stage.id);
    }
}

#[test]
fn a_part_is_added_connected_and_used() {
    let mut scenario = stage("single-server");
    for kind in [Kind::Cache, Kind::LoadBalancer, Kind::MessageBroker, Kind::Worker, Kind::ObjectStore, Kind::Cdn] {
        scenario = edited(&scenario, &Edit::Add { kind });
    }
    for (slot, to) in [
        ("tiers.web.cache", "cache"),
        ("workload.entry", "balancer"),
        ("tiers.web.broker", "broker"),
        ("workload.classes.static.entry", "cdn"),
    ] {
        scenario = edited(&scenario, &connect(slot, to));
    }
    let mut world = World::new(&scenario, 1);
    run_to(&mut world, seconds(5.0));
    check_balance(&world);
    let report = world.report();
    for part in ["cache", "balancer", "broker", "worker", "store", "cdn", "web", "database"] {
        assert!(report.tiers[part].served > 0, "{part} has nothing to do");
    }
    assert!(report.cost_per_month_usd > World::new(&stage("single-server"), 1).report().cost_per_month_usd);
}

#[test]
fn what_others_need_stays_and_says_who_needs_it() {
    let scenario = stage("message-queue");
    for (tier, needs) in [
        ("web", "tiers.balancer.backends"),
        ("balancer", "workload.entry"),
        ("broker", "tiers.mailers.broker and tiers.thumbnailers.broker"),
        ("store", "tiers.cdn.origin"),
    ] {
        let problem = apply(&scenario, &remove(tier)).expect_err(tier);
        assert_eq!(problem.place, format!("tiers.{tier}"));
        assert!(problem.message.contains(needs), "{problem}");
    }
    // What is asked, but could be done without, goes, and what held only beside it.
    let Edited { scenario: after, left_out, .. } = apply(&scenario, &remove("database")).expect("it can go");
    assert_eq!(after.tiers["web"], {
        let mut web = edit::encode(&scenario)["tiers"]["web"].clone();
        web.as_object_mut().expect("a tier").retain(|field, _| field != "database" && field != "pool");
        serde_json::from_value(web).expect("a tier")
    });
    assert_eq!(left_out, ["tiers.web.pool"]);
    assert!(!after.machines.contains_key("data"));
}

#[test]
fn names_change_everywhere() {
    let mut scenario = stage("millions");
    let change = |at_ms: f64, change: Change| Moment { at_ms, change };
    let kill = |target: &str| Change::Kill { target: target.to_owned(), silent: false, destroy: false };
    let set = |path: &str, value: Value| Change::Set { path: path.to_owned(), value };
    scenario.timeline = vec![
        change(1.0, kill("web.2")),
        change(2.0, kill("machines.app.1")),
        change(3.0, set("tiers.web.slots", json!(300))),
        change(4.0, set("operations.alerts.errors.tier", json!("web"))),
        change(5.0, Change::Cut { from: "web".to_owned(), to: "database".to_owned() }),
    ];
    check::check(&scenario).expect("it is good");
    let after = edited(&scenario, &rename("web", "pages"));
    assert_eq!(after.timeline.len(), 5);
    let text = edit::encode(&after).to_string();
    assert!(!text.contains("\"web.2\"") && !text.contains("tiers.web") && text.contains("tiers.pages.slots"));
    let tiers: Vec<&str> = after
        .timeline
        .iter()
        .filter_map(|moment| match &moment.change {
            Change::Set { value, .. } => value.as_str(),
            Change::Cut { from, .. } => Some(from),
            _ => None,
        })
        .collect();
    assert_eq!(tiers, ["pages", "pages"]);
    // The group of clients that is called alike keeps its name.
    assert!(after.workload.clients.contains_key("web"));
    assert_eq!(edited(&after, &rename("pages", "web")), scenario);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let scenario = stage("single-server");
    for (tier, id, told) in [
        ("web", "database", "another part"),
        ("web", "", "an id is"),
        ("web", "web.2", "an id is"),
        ("web", "<b>", "an id is"),
        ("web", "7", "an id is"),
        ("wbe", "x", "did you mean \"web\""),
    ] {
        let problem = apply(&scenario, &rename(tier, id)).expect_err(id).to_string();
        assert!(problem.contains(told) && problem.starts_with("tiers"), "{id}: {problem}");
    }
}

/// What cannot change while a system runs can be edited.
#[test]
fn values_that_a_run_cannot_take_on_are_set() {
    let scenario = stage("single-server");
    let path = "machines.server.place".to_owned();
    let change = Change::Set { path: path.clone(), value: json!("tokyo") };
    assert!(check::check_change(&scenario, &change).is_err());
    assert_eq!(edited(&scenario, &Edit::Set { path, value: json!("tokyo") }).machines["server"].place_of(0), "tokyo");
    assert!(apply(&scenario, &Edit::Set { path: "tiers.web.slots".to_owned(), value: json!(0) }).is_err());
}

/// A walk of so many edits by chance from a stage.
fn walk(first: usize, choices: &[u32]) -> Vec<Scenario> {
    let all = stages::all();
    let mut scenario = all[first % all.len()].scenario();
    let mut steps = Vec::new();
    for &choice in choices {
        let mut offered = offers(&scenario);
        // As many of each kind, since there are many more connections than parts.
        let kind = |own: &Edit| std::mem::discriminant(own);
        let kinds: Vec<_> = offered.iter().map(kind).collect();
        let mut known = kinds.clone();
        known.dedup();
        let chosen = known[choice as usize % known.len()];
        offered.retain(|own| kind(own) == chosen);
        let own = &offered[(choice / 16) as usize % offered.len()];
        scenario = edited(&scenario, own);
        steps.push(scenario.clone());
    }
    steps
}

proptest! {
    #![proptest_config(config(30))]

    /// Whatever is offered leads to systems that are accepted, run with balanced books, and come back from a link.
    #[test]
    fn edited_systems_run_and_are_shared(first in 0..100usize, choices in prop::collection::vec(any::<u32>(), 1..9)) {
        let steps = walk(first, &choices);
        for scenario in &steps {
            check::check(scenario).unwrap_or_else(|problem| panic!("{problem}"));
        }
        let mut scenario = steps.last().expect("there is one").clone();
        let stage = nearest_stage(&scenario);
        let shared = Shared::at_start(stage, scenario.clone());
        prop_assert_eq!(decode(&encode(&shared)), Ok(shared));
        // Millions of users would take long to say the same.
        scenario.workload.users = scenario.workload.users.min(5_000);
        let mut world = World::new(&scenario, 7);
        run_to(&mut world, seconds(0.5));
        check_balance(&world);
        run_to(&mut world, seconds(2.0));
        check_balance(&world);
    }

    /// A part that is called otherwise and back again is the same.
    #[test]
    fn names_there_and_back_change_nothing(first in 0..100usize, choices in prop::collection::vec(any::<u32>(), 1..4), at in any::<u32>()) {
        let scenario = walk(first, &choices).pop().expect("there is one");
        let tier = scenario.tiers.keys().nth(at as usize % scenario.tiers.len()).expect("it is below").clone();
        let there = edited(&scenario, &rename(&tier, "quite-another"));
        prop_assert!(there.tiers.contains_key("quite-another") && !there.tiers.contains_key(&tier));
        prop_assert_eq!(edited(&there, &rename("quite-another", &tier)), scenario);
    }
}

/// The walks say something only if they come far: every kind of edit, and systems that no stage is like.
#[test]
fn walks_come_far() {
    let mut random = Stream::new(1, 5);
    let (mut most, mut least) = (0, usize::MAX);
    for first in 0..30 {
        let choices: Vec<u32> = (0..16).map(|_| random.draw() as u32).collect();
        for scenario in walk(first, &choices) {
            most = most.max(scenario.tiers.len());
            least = least.min(scenario.tiers.len());
        }
    }
    assert!(most >= 14 && least <= 3, "from {least} to {most} tiers");
}
