//! Tests of what links carry of a run and what was seen of it.

use super::*;
use crate::frame::TwinOf;
use crate::link::seen::{Panel, Stretch, Tab};
use crate::nodes::Kind;
use crate::scenario::Change;
use crate::scenario::sandbox::Edit;

fn settle(player: &mut Player) {
    while player.run(10_000) {}
}

fn set(path: &str, value: u32) -> Command {
    Command::Apply { change: Change::Set { path: path.to_owned(), value: value.into() } }
}

/// Player `other` opens what `player` shares, and shares the very same.
fn open_elsewhere(player: &mut Player, seen: &Seen) -> Player {
    let link = player.link(seen.clone());
    let mut other = Player::new();
    other.command(Command::Open { fragment: link.clone() });
    settle(&mut other);
    let told: Vec<Reply> = other.replies();
    assert!(!told.iter().any(|reply| matches!(reply, Reply::Problem { .. })), "{told:?}");
    assert!(told.iter().any(|reply| matches!(reply, Reply::Opened { seen: own, .. } if **own == *seen)), "{told:?}");
    assert_eq!(other.world().digest(), player.world().digest());
    assert_eq!(other.link(seen.clone()), link, "sharing again gives the same link");
    other
}

fn at(stage: &str, at_ms: f64) -> Player {
    let mut player = Player::new();
    player.command(Command::Stage { id: stage.to_owned() });
    player.command(Command::Seek { at_ms });
    settle(&mut player);
    player
}

#[test]
fn what_was_seen_and_how_fast_comes_back() {
    let mut player = at("load-balancer", 4000.0);
    player.command(Command::Speed { factor: 20.0 });
    player.command(Command::Pause);
    let pick = player.status().slowest[0].clone();
    let seen = Seen {
        selected: Some("web.2".to_owned()),
        followed: Some(Followed { request: pick.request, sent_ms: pick.sent_ms }),
        panel: Some(Panel { tab: Tab::Logs, about: Some("web.2".to_owned()) }),
        stretch: Some(Stretch { from_ms: 1000.0, until_ms: 3000.0 }),
    };
    let link = player.link(seen.clone());
    let mut other = Player::new();
    other.command(Command::Open { fragment: link });
    settle(&mut other);
    assert_eq!(other.status().speed, 20.0);
    let traced = other.replies().into_iter().find_map(|reply| match reply {
        Reply::Traced(journey) => Some(journey),
        _ => None,
    });
    let journey = traced.expect("the request is told");
    assert_eq!((journey.request, journey.class.as_str()), (pick.request, pick.class.as_str()));
    open_elsewhere(&mut player, &seen);
}

#[test]
fn an_experiments_run_is_one_again() {
    let mut player = Player::new();
    player.command(Command::Open { fragment: "claim/lb.even/2".to_owned() });
    settle(&mut player);
    let mut other = open_elsewhere(&mut player, &Seen::default());
    other.command(Command::Open { fragment: player.link(Seen::default()) });
    let run = other.replies().into_iter().find_map(|reply| match reply {
        Reply::Opened { run, .. } => run,
        _ => None,
    });
    assert_eq!(run, Some(RunOf { claim: "lb.even".to_owned(), index: 1 }));
}

#[test]
fn a_twin_of_the_system_as_it_was_opened_is_that_again_and_not_the_one_that_the_link_opens() {
    let mut player = at("load-balancer", 4000.0);
    player.command(Command::Twin { of: TwinOf::Opened });
    let change = Change::Kill { target: "web.1".to_owned(), silent: false, destroy: false };
    player.command(Command::Apply { change });
    player.command(Command::Seek { at_ms: 9000.0 });
    settle(&mut player);
    let other = open_elsewhere(&mut player, &Seen::default());
    let (own, theirs) = (player.twin_world().expect("a twin"), other.twin_world().expect("a twin"));
    assert_eq!(own.digest(), theirs.digest());
    assert_ne!(theirs.digest(), other.world().digest(), "it lost no server");
}

#[test]
fn a_twin_from_before_an_edit_comes_back() {
    let mut player = at("load-balancer", 4000.0);
    player.command(Command::Twin { of: TwinOf::Opened });
    player.command(Command::Edit { edit: Edit::Add { kind: Kind::Cache } });
    settle(&mut player);
    let slot = "tiers.web.cache".to_owned();
    player.command(Command::Edit { edit: Edit::Connect { slot, to: "cache".to_owned() } });
    settle(&mut player);
    let mut other = open_elsewhere(&mut player, &Seen::default());
    let [own, theirs] = [&player, &other].map(|own| own.twin_world().expect("a twin"));
    assert_eq!(own.digest(), theirs.digest());
    assert!(!theirs.scenario().tiers.contains_key("cache") && other.world().scenario().tiers.contains_key("cache"));
    let since = [&mut player, &mut other].map(|own| own.status().twin.map(|twin| twin.since_ms));
    assert_eq!(since[0], since[1]);
}

#[test]
fn twins_of_the_present_and_of_a_stage_come_back() {
    for of in [TwinOf::Present, TwinOf::Stage { id: "cache".to_owned() }] {
        let mut player = at("database-replication", 3000.0);
        player.command(set("workload.users", 900));
        player.command(Command::Seek { at_ms: 5000.0 });
        settle(&mut player);
        player.command(Command::Twin { of: of.clone() });
        player.command(set("tiers.web.instances", 3));
        player.command(Command::Seek { at_ms: 8000.0 });
        settle(&mut player);
        let mut other = open_elsewhere(&mut player, &Seen::default());
        assert_eq!(player.twin_world().map(World::digest), other.twin_world().map(World::digest), "{of:?}");
        let told = [&mut player, &mut other].map(|own| own.status().twin.map(|twin| (twin.of, twin.since_ms)));
        assert_eq!(told[0], told[1]);
    }
}
