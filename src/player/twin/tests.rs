use super::*;
use crate::frame::{Apart, Comparison, Measure, Row, Verdict};
use crate::nodes::Kind;
use crate::player::Command;
use crate::scenario::sandbox::Edit;

/// Plays until there is nothing more to do.
fn settle(player: &mut Player) {
    while player.run(10_000) {}
}

/// Plays to `ms`, as fast as it goes, the twin beside.
fn go(player: &mut Player, ms: f64) {
    player.command(Command::Seek { at_ms: ms });
    settle(player);
    assert_eq!(player.world().now(), SimTime::from_ms(ms));
}

fn open(stage: &str) -> Player {
    let mut player = Player::new();
    player.command(Command::Stage { id: stage.to_owned() });
    settle(&mut player);
    player.command(Command::Pause);
    player
}

fn set(player: &mut Player, path: &str, value: impl Into<serde_json::Value>) {
    player.command(Command::Apply { change: Change::Set { path: path.to_owned(), value: value.into() } });
}

fn twin(player: &mut Player, of: TwinOf) {
    player.command(Command::Twin { of });
    assert!(player.replies().iter().all(|reply| !matches!(reply, Reply::Problem { .. })));
    settle(player);
}

fn status(player: &mut Player) -> TwinStatus {
    *player.status().twin.expect("there is a twin")
}

fn comparison(player: &mut Player) -> Comparison {
    status(player).comparison
}

fn row(comparison: &Comparison, measure: Measure) -> Row {
    *comparison.rows.iter().find(|row| row.measure == measure).expect("it is told")
}

#[test]
fn a_twin_of_the_same_is_exactly_the_same_wherever_time_goes() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Present);
    for ms in [25_000.0, 9000.0, 31_000.0, 12_345.678, 31_000.0] {
        go(&mut player, ms);
        let twin = player.twin_world().expect("there is one");
        assert_eq!((twin.now(), twin.digest()), (player.world().now(), player.world().digest()), "at {ms} ms");
    }
    let told = comparison(&mut player);
    assert!(told.issued.0 > 5000 && told.issued.0 == told.issued.1 && told.rows.len() == 5, "{told:?}");
    for row in told.rows {
        assert_eq!((row.difference.mean, row.difference.half_width), (0.0, 0.0), "{row:?}");
        assert_eq!((row.verdict, row.this), (Verdict::Same, row.twin));
    }
    assert!(status(&mut player).apart.is_empty());
}

#[test]
fn a_twin_of_the_system_as_opened_is_what_would_have_been() {
    let mut alone = open("load-balancer");
    go(&mut alone, 40_000.0);
    let mut player = open("load-balancer");
    go(&mut player, 10_000.0);
    set(&mut player, "tiers.web.instances", 4);
    go(&mut player, 20_000.0);
    player
        .command(Command::Apply { change: Change::Kill { target: "web.2".to_owned(), silent: false, destroy: false } });
    go(&mut player, 40_000.0);
    twin(&mut player, TwinOf::Opened);
    let own = player.twin_world().expect("there is one").digest();
    assert_eq!(own, alone.world().digest());
    assert_ne!(own, player.world().digest());
    // The two were the same system up to the first change, and have been compared since the last setting.
    assert_eq!(status(&mut player).since_ms, 10_000.0);
    // With all changes taken back they are the same again.
    player.command(Command::Undo);
    player.command(Command::Undo);
    settle(&mut player);
    assert_eq!(player.twin_world().map(World::digest), Some(player.world().digest()));
}

#[test]
fn one_more_server_under_high_load_is_better_beyond_chance_and_costs_more() {
    let mut player = open("load-balancer");
    set(&mut player, "workload.users", 9000);
    go(&mut player, 8000.0);
    twin(&mut player, TwinOf::Present);
    set(&mut player, "tiers.web.instances", 3);
    go(&mut player, 60_000.0);
    // What it takes to boot the server is not what is asked.
    player.command(Command::CountTwin);
    let early = comparison(&mut player);
    assert!(early.rows.is_empty() && early.pieces == 0, "nothing can be told yet: {early:?}");
    go(&mut player, 120_000.0);
    let told = comparison(&mut player);
    assert_eq!(told.issued.0, told.issued.1, "the same requests");
    assert!((10..=30).contains(&told.pieces) && told.wait_ms == 0.0, "{told:?}");
    let p99 = row(&told, Measure::P99);
    assert!(p99.difference.high() < 0.0 && p99.verdict == Verdict::Better, "{p99:?}");
    assert!((p99.this - p99.twin - p99.difference.mean).abs() < 1e-9, "figures and difference agree: {p99:?}");
    let cost = row(&told, Measure::Cost);
    assert!(
        cost.difference.mean > 10.0 && cost.difference.half_width < 1e-6 && cost.verdict == Verdict::Worse,
        "{cost:?}"
    );
}

#[test]
fn without_its_cache_a_system_is_slower_and_that_is_told() {
    let mut player = open("cache");
    twin(&mut player, TwinOf::Present);
    set(&mut player, "workload.classes.read.cached", false);
    go(&mut player, 25_000.0);
    let told = comparison(&mut player);
    let p50 = row(&told, Measure::P50);
    assert!(p50.difference.low() > 0.0 && p50.verdict == Verdict::Worse, "{p50:?}");
    assert_eq!(told.issued.0, told.issued.1);
}

#[test]
fn what_users_do_goes_to_both() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Opened);
    set(&mut player, "workload.users", 6000);
    player.command(Command::Apply { change: Change::Spike { factor: 2.0, duration_ms: 3000.0, clients: None } });
    go(&mut player, 20_000.0);
    let twin = player.twin_world().expect("there is one");
    assert_eq!(twin.scenario().workload.users, 6000);
    assert_eq!(twin.digest(), player.world().digest());
    // Also where it is taken back.
    player.command(Command::Undo);
    player.command(Command::Undo);
    settle(&mut player);
    let twin = player.twin_world().expect("there is one");
    assert_eq!((twin.scenario().workload.users, twin.digest()), (4000, player.world().digest()));
}

#[test]
fn another_stage_meets_the_same_requests() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Stage { id: "separate-database".to_owned() });
    go(&mut player, 40_000.0);
    let told = status(&mut player);
    assert!(told.apart.is_empty(), "same users, same classes: {:?}", told.apart);
    let (own, other) = told.comparison.issued;
    assert!(own > 10_000 && own == other, "{own} and {other}");
    let twin = player.twin_world().expect("there is one");
    assert_eq!(twin.scenario().workload.users, 4000);
    assert_eq!(twin.context().ledger.run.issued, player.world().context().ledger.run.issued);
    let has = |kind: Kind| told.tiers.iter().any(|(own, _)| *own == kind);
    assert!(has(Kind::Database) && !has(Kind::LoadBalancer), "{:?}", told.tiers);
    let p50 = row(&told.comparison, Measure::P50);
    assert!(p50.difference.half_width > 0.0);
}

#[test]
fn what_is_not_the_same_is_said() {
    let mut player = open("message-queue");
    twin(&mut player, TwinOf::Stage { id: "single-server".to_owned() });
    let told = status(&mut player);
    assert_eq!(told.apart, [Apart::Classes], "there are photos here: {:?}", told.apart);
    player
        .command(Command::Apply { change: Change::Publish { class: "static".to_owned(), share: 0.5, rename: false } });
    settle(&mut player);
    assert_eq!(status(&mut player).apart, [Apart::Classes, Apart::LeftOut(1)], "a single server has no files");
}

#[test]
fn every_stage_can_be_the_twin_of_every_other() {
    for shown in stages::newest() {
        for other in stages::newest() {
            let found = load::under_the_same_load(other.scenario(), &shown.scenario());
            let (scenario, own) = found.unwrap_or_else(|problem| panic!("{} beside {}: {problem}", other.id, shown.id));
            assert_eq!(scenario.workload.users, shown.scenario().workload.users);
            let apart = load::apart(&shown.scenario(), &scenario, 0);
            assert!(
                !apart.contains(&Apart::Arrivals) && !apart.contains(&Apart::Clients),
                "{} {}: {apart:?}",
                shown.id,
                other.id
            );
            assert_eq!(own, other.scenario().timeline);
        }
    }
}

#[test]
fn an_unknown_stage_is_told_and_changes_nothing() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Opened);
    let before = player.status();
    player.replies();
    player.command(Command::Twin { of: TwinOf::Stage { id: "load-balncer".to_owned() } });
    let told = player.replies();
    assert!(
        matches!(&told[..], [Reply::Problem { message }] if message.contains("\"load-balancer\"")),
        "one message, with the nearest: {told:?}"
    );
    assert_eq!(player.status(), before);
}

#[test]
fn time_waits_for_a_twin_that_comes_from_further_back_and_says_how_far_it_is() {
    let mut player = open("load-balancer");
    go(&mut player, 60_000.0);
    player.command(Command::Twin { of: TwinOf::Stage { id: "single-server".to_owned() } });
    player.command(Command::Play);
    player.replies();
    let mut shares = Vec::new();
    loop {
        player.elapse(20.0);
        player.run(10_000);
        match status(&mut player).share_of_way {
            Some(share) => shares.push(share),
            None => break,
        }
        assert_eq!(player.world().now(), SimTime::from_ms(60_000.0));
    }
    assert!(shares.len() > 5 && shares.is_sorted(), "{shares:?}");
    assert!(player.replies().contains(&Reply::TwinArrived));
    player.elapse(100.0);
    settle(&mut player);
    assert!(player.world().now() > SimTime::from_ms(60_000.0), "and then it goes on");
    assert_eq!(player.twin_world().map(World::now), Some(player.world().now()));
    assert!((0.2..0.8).contains(&status(&mut player).share_of_work));
}

#[test]
fn opening_something_else_or_ending_it_leaves_one_system() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Opened);
    assert!(player.twin_charts().is_some());
    player.command(Command::EndTwin);
    assert!(player.status().twin.is_none() && player.twin_charts().is_none());
    twin(&mut player, TwinOf::Opened);
    player.command(Command::Stage { id: "cache".to_owned() });
    settle(&mut player);
    assert!(player.status().twin.is_none());
}

#[test]
fn after_an_edit_the_twin_is_still_the_system_as_it_was_opened() {
    let mut player = open("load-balancer");
    twin(&mut player, TwinOf::Opened);
    player.command(Command::Edit { edit: Edit::Add { kind: Kind::Cache } });
    settle(&mut player);
    player
        .command(Command::Edit { edit: Edit::Connect { slot: "tiers.web.cache".to_owned(), to: "cache".to_owned() } });
    settle(&mut player);
    go(&mut player, 20_000.0);
    let mut as_opened = open("load-balancer");
    go(&mut as_opened, 20_000.0);
    let twin = player.twin_world().expect("there is one");
    assert_eq!((twin.now(), twin.digest()), (as_opened.world().now(), as_opened.world().digest()));
    assert!(player.world().scenario().tiers.contains_key("cache") && !twin.scenario().tiers.contains_key("cache"));
    // Undone, both are the same again.
    player.command(Command::Undo);
    player.command(Command::Undo);
    settle(&mut player);
    go(&mut player, 20_000.0);
    assert_eq!(player.world().digest(), as_opened.world().digest());
    assert_eq!(player.twin_world().map(World::digest), Some(as_opened.world().digest()));
    // What a twin of the present was of is gone with an edit.
    player.command(Command::Twin { of: TwinOf::Present });
    settle(&mut player);
    player.command(Command::Edit { edit: Edit::Add { kind: Kind::Cache } });
    assert!(player.twin_world().is_none());
}
