use super::*;
use crate::course::journey::Journey;
use crate::frame::FrameView;
use crate::link;
use crate::nodes::Kind;
use crate::scenario::Change;
use crate::scenario::sandbox::Edit;

/// Plays to `ms`, as fast as it goes.
fn go(player: &mut Player, ms: f64) {
    player.command(Command::Seek { at_ms: ms });
    while player.run(10_000) {}
    assert_eq!(player.world().now(), SimTime::from_ms(ms));
}

fn kill(target: &str) -> Command {
    Command::Apply { change: Change::Kill { target: target.to_owned(), silent: false, destroy: false } }
}

fn problems(player: &mut Player) -> Vec<String> {
    let replies = player.replies().into_iter();
    replies.filter_map(|reply| if let Reply::Problem { message } = reply { Some(message) } else { None }).collect()
}

fn notices(player: &mut Player) -> Vec<Notice> {
    let replies = player.replies().into_iter();
    replies.filter_map(|reply| if let Reply::Notice(notice) = reply { Some(notice) } else { None }).collect()
}

#[test]
fn going_back_and_forth_gives_the_same_digest() {
    let mut player = Player::new();
    let mut digests = Vec::new();
    for second in 1..=20 {
        go(&mut player, f64::from(second) * 1000.0);
        player.elapse(1000.0);
        for _ in 0..4 {
            player.elapse(250.0);
        }
        digests.push(player.world().digest());
    }
    assert!(player.status().checkpoints_ms.len() > 5, "there is something to go back to");
    for second in [3, 17, 1, 20, 9] {
        go(&mut player, f64::from(second) * 1000.0);
        assert_eq!(player.world().digest(), digests[second as usize - 1], "at second {second}");
    }
}

#[test]
fn a_change_in_the_past_drops_the_later_timeline_and_undo_brings_it_back() {
    let mut player = Player::new();
    go(&mut player, 5000.0);
    player.command(kill("web.1"));
    go(&mut player, 9000.0);
    let (digest, timeline) = (player.world().digest(), player.world().timeline().to_vec());
    go(&mut player, 2000.0);
    player.command(kill("dns.1"));
    assert_eq!(player.world().timeline().len(), 1);
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert_eq!(player.world().timeline(), timeline);
    go(&mut player, 9000.0);
    assert_eq!(player.world().digest(), digest);
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert!(player.world().timeline().is_empty());
    assert_ne!(player.world().digest(), digest);
    player.command(Command::Redo);
    while player.run(10_000) {}
    assert_eq!((player.world().digest(), player.world().timeline()), (digest, &timeline[..]));
}

#[test]
fn a_link_leads_to_the_same_digest_at_the_same_moment() {
    let mut player = Player::new();
    player.command(Command::Stage { id: "load-balancer".to_owned() });
    go(&mut player, 3000.0);
    player.command(kill("web.2"));
    go(&mut player, 7123.456);
    (0..5).for_each(|_| player.command(Command::Step));
    assert_ne!(player.world().now().0 % 1000, 0, "events come at any nanosecond");
    let seen = Seen { selected: Some("web.2".to_owned()), ..Seen::default() };
    let link = player.link(seen.clone());
    let mut other = Player::new();
    other.command(Command::Open { fragment: link.clone() });
    while other.run(10_000) {}
    assert_eq!(other.world().now(), player.world().now());
    assert_eq!(other.world().digest(), player.world().digest());
    assert!(!other.status().playing);
    assert!(notices(&mut other).iter().any(|notice| !notice.warning));
    assert_eq!(other.link(seen.clone()), link, "sharing again gives the same link");
}

#[test]
fn a_forged_digest_is_noticed() {
    let mut player = Player::new();
    go(&mut player, 3000.0);
    let mut shared = link::decode(&player.link(Seen::default())).expect("it was just made");
    shared.digest = shared.digest.map(|digest| digest ^ 1);
    player.command(Command::Open { fragment: link::encode(&shared) });
    while player.run(10_000) {}
    assert!(notices(&mut player).iter().any(|notice| notice.warning && notice.text.contains("does not reproduce")));
}

#[test]
fn what_cannot_be_done_is_told_and_changes_nothing() {
    let mut player = Player::new();
    go(&mut player, 1000.0);
    let digest = player.world().digest();
    player.replies();
    for command in [
        kill("web.7"),
        kill("wbe.1"),
        Command::Open { fragment: "#1.dnonsense".to_owned() },
        Command::Stage { id: "single-sever".to_owned() },
        Command::Speed { factor: 0.0 },
        Command::Apply { change: Change::Set { path: "tiers.web.slots".to_owned(), value: 0.into() } },
        Command::Apply { change: Change::Set { path: "tiers.web.kind".to_owned(), value: "dns".into() } },
    ] {
        player.command(command.clone());
        assert_eq!(problems(&mut player).len(), 1, "{command:?}");
        assert_eq!((player.world().digest(), player.world().timeline().len()), (digest, 0), "{command:?}");
    }
}

#[test]
fn a_slow_machine_is_told_as_it_is() {
    let mut player = Player::new();
    player
        .command(Command::Apply { change: Change::Set { path: "workload.users".to_owned(), value: 1_000_000.into() } });
    player.command(Command::Speed { factor: 10.0 });
    // A visitor's second in which only 50 slices of 1,000 events can be afforded.
    for _ in 0..50 {
        player.elapse(20.0);
        player.run(1000);
    }
    let status = player.status();
    let reached = status.reached_speed.expect("it is playing");
    assert!(reached < 0.5, "50,000 events at 100,000 requests a second are no 10 seconds: {reached}");
    assert!((status.now_ms / 1000.0 - reached).abs() < 0.1 * reached, "{} ms", status.now_ms);
}

#[test]
fn a_chapter_opens_at_a_speed_at_which_a_request_can_be_watched() {
    let mut player = Player::new();
    let speed = player.status().speed;
    go(&mut player, 10_000.0);
    let seconds = player.status().figures.p50_ms.expect("answers came") / 1000.0 / speed;
    assert!((1.5..6.0).contains(&seconds), "a typical request takes {seconds} s to watch");
}

#[test]
fn a_stage_opens_running_with_something_to_say() {
    let mut player = Player::new();
    while player.run(10_000) {}
    let status = player.status();
    assert!(status.playing && status.seeking_ms.is_none());
    assert!(status.figures.answered_per_second > 50.0, "{:?}", status.figures);
    assert!(status.figures.p99_ms.is_some() && status.next_to_break.is_some());
    assert!(player.charts().rows.len() > 20 * player.charts().row_length);
    assert_eq!(FrameView::new(&player.frame().into_buffer()).map(|frame| frame.dots().len() < 50), Some(true));
    player.elapse(100.0);
    assert!(
        player.world().now() == opening::OPENING && player.run(10_000) | (player.world().now() > opening::OPENING),
        "time runs"
    );
}

#[test]
fn an_experiment_runs_beside_what_is_played() {
    let experiment = crate::course::experiments::find("single.dns").expect("it is there");
    let mut alone = crate::course::trial::Trial::new(experiment, 1);
    while !alone.advance(u64::MAX) {}
    let mut player = Player::new();
    go(&mut player, 20_000.0);
    let digest = player.world().digest();
    player.command(Command::Try { claim: "single.dns".to_owned() });
    go(&mut player, 10_000.0);
    go(&mut player, 20_000.0);
    while player.run(10_000) {}
    assert_eq!(player.world().digest(), digest);
    let replies = player.replies();
    let tried = replies.iter().find_map(|reply| if let Reply::Tried(account) = reply { Some(account) } else { None });
    assert_eq!(**tried.expect("it is over"), alone.account());
    let shares =
        replies.iter().filter_map(|reply| if let Reply::Trying { share, .. } = reply { Some(*share) } else { None });
    assert!(shares.collect::<Vec<_>>().is_sorted());
}

#[test]
fn an_unknown_claim_or_chapter_is_told_and_changes_nothing() {
    let mut player = Player::new();
    go(&mut player, 1000.0);
    player.replies();
    player.command(Command::Try { claim: "lb.evn".to_owned() });
    player.command(Command::Open { fragment: "#claim/lb.evn".to_owned() });
    player.command(Command::Open { fragment: "#chapter/load-balancr".to_owned() });
    let told = problems(&mut player);
    assert_eq!(told.len(), 3);
    assert!(told[0].contains("\"lb.even\"") && told[1].contains("\"lb.even\""), "{told:?}");
    assert!(told[2].contains("\"load-balancer\""), "{told:?}");
    assert_eq!(player.world().now(), SimTime::from_ms(1000.0));
}

#[test]
fn the_next_fact_is_foretold_and_jumped_to_exactly() {
    let mut player = Player::new();
    player.command(Command::Stage { id: "load-balancer".to_owned() });
    while player.run(10_000) {}
    player.command(Command::Speed { factor: 0.01 });
    player.command(kill("web.2"));
    while player.run(10_000) {}
    let before = player.status();
    let next_ms = before.next_fact_ms.expect("the balancer notices");
    assert!(next_ms > before.now_ms);
    let told = before.facts.len();
    player.command(Command::NextFact);
    while player.run(10_000) {}
    let after = player.status();
    assert_eq!(after.now_ms, next_ms);
    assert_eq!(after.facts[told].at_ms, next_ms, "it is told at that very moment: {:?}", &after.facts[told..]);
    assert_eq!(after.next_fact_ms, None);
    // Without anything known, it is looked for first.
    player.command(Command::NextFact);
    while player.run(10_000) {}
    let last = player.status();
    assert!(last.now_ms > next_ms || notices(&mut player).len() == 1, "there is one more, or that is said");
}

#[test]
fn what_is_set_on_the_way_is_told() {
    let users = |player: &mut Player| {
        let told = player.replies();
        let users =
            |reply: &Reply| if let Reply::Scene(own) = reply { Some(own.scenario.workload.users) } else { None };
        told.iter().rev().find_map(users)
    };
    let mut player = Player::new();
    go(&mut player, 6000.0);
    let change = Change::Set { path: "workload.users".to_owned(), value: 500.into() };
    player.command(Command::Apply { change });
    go(&mut player, 3000.0);
    assert_eq!(users(&mut player), Some(1000), "before it");
    player.command(Command::Play);
    player.command(Command::Speed { factor: 100.0 });
    player.elapse(100.0);
    while player.run(10_000) {}
    assert_eq!(users(&mut player), Some(500), "after it");
}

/// What was followed, once it is known.
fn traced(player: &mut Player) -> Journey {
    while player.run(10_000) {}
    let replies = player.replies().into_iter();
    let mut journeys = replies.filter_map(|reply| if let Reply::Traced(own) = reply { Some(*own) } else { None });
    journeys.next().expect("a request was followed")
}

#[test]
fn the_next_request_of_a_class_is_followed_on_a_copy() {
    let mut player = Player::new();
    go(&mut player, 6000.0);
    player.command(Command::Pause);
    let (now, events, digest) = (player.world().now(), player.world().events(), player.world().digest());
    player.command(Command::FollowNext { class: "write".to_owned() });
    let journey = traced(&mut player);
    assert_eq!((player.world().now(), player.world().events(), player.world().digest()), (now, events, digest));
    assert_eq!(journey.class, "write");
    assert!(journey.sent_ms > 6000.0 && !journey.legs.is_empty());
    // What was foretold comes: the same request with the same legs, and it is in every picture.
    player.command(Command::Play);
    player.world.watch(u8::MAX);
    go(&mut player, (journey.sent_ms + journey.took_ms + 1000.0).ceil());
    let own = player.world().traces().next().expect("it was followed in what is played too");
    assert_eq!(own.id, journey.request);
    assert_eq!(crate::course::journey::journey(player.world(), own).as_ref(), Some(&journey));
    player.command(Command::FollowNext { class: "wrote".to_owned() });
    assert!(problems(&mut player)[0].contains("\"write\""), "the nearest is named");
}

#[test]
fn a_request_of_the_past_does_the_same_again() {
    let mut player = Player::new();
    go(&mut player, 3000.0);
    player.command(kill("web.1"));
    go(&mut player, 30_000.0);
    let status = player.status();
    let slowest = status.slowest.first().expect("some were answered").clone();
    let failed = status.failures.first().expect("some failed").clone();
    assert!(status.slowest.is_sorted_by(|a, b| a.took_ms >= b.took_ms));
    for pick in [slowest, failed] {
        player.command(Command::Trace { request: pick.request, sent_ms: pick.sent_ms });
        let journey = traced(&mut player);
        assert_eq!((journey.request, &journey.class, journey.cause), (pick.request, &pick.class, pick.cause));
        assert_eq!((journey.sent_ms, journey.took_ms), (pick.sent_ms, pick.took_ms));
    }
}

#[test]
fn where_nothing_comes_that_is_said() {
    let mut player = Player::new();
    go(&mut player, 6000.0);
    player.replies();
    player.command(Command::NextFact);
    while player.run(100_000) {}
    assert_eq!(player.world().now(), SimTime::from_ms(6000.0), "nobody is taken anywhere");
    assert_eq!(notices(&mut player).len(), 1);
}

#[test]
fn facts_name_other_nodes_only_by_reference() {
    let mut player = Player::new();
    player.command(Command::Stage { id: "load-balancer".to_owned() });
    player.command(kill("web.2"));
    go(&mut player, 60_000.0);
    let facts = player.status().facts;
    let taken_out = facts.iter().find(|fact| fact.text.contains("taken out")).expect("the balancer noticed");
    assert_eq!(taken_out.other.as_deref(), Some("balancer.1"));
    assert_eq!(taken_out.sentence(|_| "Balancer 1".to_owned()).split(" after").next(), Some("taken out by Balancer 1"));
    assert!(facts.iter().all(|fact| !fact.text.contains("balancer.")), "{facts:?}");
}

#[test]
fn the_course_of_the_cost_follows_machines_and_traffic() {
    let last = |player: &Player| {
        let charts = player.charts();
        charts.rows[charts.rows.len() - charts.row_length + Charts::COST]
    };
    let mut player = Player::new();
    player.command(Command::Stage { id: "load-balancer".to_owned() });
    go(&mut player, 10_000.0);
    let two = last(&player);
    assert!((f64::from(two) - player.status().figures.cost_per_month_usd).abs() < 0.01, "machines alone: {two}");
    let value = serde_json::json!(4);
    player.command(Command::Apply { change: Change::Set { path: "tiers.web.instances".to_owned(), value } });
    go(&mut player, 20_000.0);
    assert!(last(&player) > 1.2 * two, "two more machines are paid for");
    player.command(Command::Stage { id: "cdn".to_owned() });
    go(&mut player, 20_000.0);
    let calm = last(&player);
    player.command(Command::Apply { change: Change::Spike { factor: 10.0, duration_ms: 60_000.0, clients: None } });
    go(&mut player, 40_000.0);
    assert!(last(&player) > 1.5 * calm, "ten times the traffic costs more: {} after {calm}", last(&player));
}

#[test]
fn an_edit_begins_anew_and_undo_brings_the_former_run_back() {
    let mut player = Player::new();
    go(&mut player, 4000.0);
    player.command(kill("web.1"));
    player.command(Command::Apply { change: Change::Set { path: "workload.users".to_owned(), value: 300.into() } });
    go(&mut player, 8000.0);
    let (digest, timeline) = (player.world().digest(), player.world().timeline().to_vec());
    player.replies();
    player.command(Command::Edit { edit: Edit::Add { kind: Kind::Cache } });
    let replies = player.replies();
    assert!(replies.iter().any(
        |reply| matches!(reply, Reply::Opened { anew: true, seen, .. } if seen.selected.as_deref() == Some("cache"))
    ));
    assert!(replies.iter().any(|reply| matches!(reply, Reply::Notice(notice) if notice.text.contains("built anew"))));
    assert_eq!(player.world().now(), SimTime::ZERO);
    // What was set is kept, what happened is over.
    assert_eq!(player.world().scenario().workload.users, 300);
    assert!(player.world().timeline().is_empty());
    go(&mut player, 6000.0);
    let edited = player.world().digest();
    player.command(kill("cache.1"));
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert_eq!((player.world().digest(), player.world().timeline().len()), (edited, 0));
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert!(!player.world().scenario().tiers.contains_key("cache"));
    assert_eq!(player.world().now(), SimTime::from_ms(8000.0));
    assert_eq!((player.world().digest(), player.world().timeline()), (digest, &timeline[..]));
    for _ in 0..2 {
        player.command(Command::Redo);
        while player.run(10_000) {}
    }
    assert_eq!(player.world().now(), SimTime::from_ms(6000.0));
    assert_eq!(player.world().timeline().len(), 1, "the cache is dead again");
    for _ in 0..4 {
        player.command(Command::Undo);
    }
    assert!(player.world().timeline().is_empty() && !player.status().can_undo);
}

#[test]
fn an_edited_system_is_told_before_something_else_is_opened() {
    let unsaved = |player: &mut Player| {
        let replies = player.replies().into_iter();
        let own = |reply| if let Reply::Unsaved { fragment, .. } = reply { Some(fragment) } else { None };
        replies.filter_map(own).collect::<Vec<String>>()
    };
    let mut player = Player::new();
    player.command(kill("web.1"));
    player.command(Command::Stage { id: "load-balancer".to_owned() });
    assert_eq!(unsaved(&mut player).len(), 0, "a stage is there anyway");
    player.command(Command::Edit { edit: Edit::Duplicate { tier: "web".to_owned() } });
    assert_eq!(unsaved(&mut player).len(), 1, "it is kept at once");
    go(&mut player, 2000.0);
    player.command(kill("web-2.1"));
    player.command(Command::Keep);
    assert_eq!(unsaved(&mut player).len(), 1, "the page may go");
    go(&mut player, 3000.0);
    let digest = player.world().digest();
    player.command(Command::Open { fragment: "1.dnonsense".to_owned() });
    assert_eq!(unsaved(&mut player).len(), 0, "nothing was opened");
    player.command(Command::Stage { id: "cache".to_owned() });
    let kept = unsaved(&mut player);
    assert_eq!(kept.len(), 1);
    player.command(Command::Open { fragment: kept[0].clone() });
    while player.run(10_000) {}
    assert_eq!(player.world().digest(), digest, "nothing is lost");
    // What was saved under a name is no longer unsaved.
    player.command(Command::Edit { edit: Edit::Remove { tier: "web-2".to_owned() } });
    player.command(Command::Save { name: "Two".to_owned() });
    unsaved(&mut player);
    player.command(Command::Stage { id: "cache".to_owned() });
    assert_eq!(unsaved(&mut player).len(), 0);
}

#[test]
fn what_is_told_of_every_stage_crosses_to_the_page_as_json() {
    for stage in crate::course::stages::newest() {
        let mut player = Player::new();
        player.command(Command::Stage { id: stage.id.to_owned() });
        for step in 0..3 {
            while player.run(20_000) && player.world().events() < 60_000 * step {}
            player.elapse(1.0);
            let status = player.status();
            let text = serde_json::to_string(&status).expect("text for keys");
            let read: crate::frame::Status = serde_json::from_str(&text).expect(stage.id);
            assert_eq!(read, status, "{}: no number is lost, nor is any infinite", stage.id);
        }
    }
}
