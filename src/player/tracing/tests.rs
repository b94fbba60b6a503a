use super::super::Command;
use super::*;
use crate::course::journey::LegKind;
use crate::course::journey::otlp::otlp;
use crate::nodes::job::Cause;
use crate::scenario::Change;

fn kill(target: &str) -> Command {
    Command::Apply { change: Change::Kill { target: target.to_owned(), silent: true, destroy: false } }
}

fn set(path: &str, value: serde_json::Value) -> Command {
    Command::Apply { change: Change::Set { path: path.to_owned(), value } }
}

/// Plays to `ms`, and what is to be followed to its end.
fn go(player: &mut Player, ms: f64) {
    player.command(Command::Seek { at_ms: ms });
    while player.run(10_000) {}
}

/// What is told of requests, oldest first; none where what was told before is no more.
fn told(player: &mut Player) -> Vec<Option<Journey>> {
    let of = |reply: Reply| match reply {
        Reply::Traced(journey) => Some(Some(*journey)),
        Reply::Untraced => Some(None),
        _ => None,
    };
    player.replies().into_iter().filter_map(of).collect()
}

fn follow(player: &mut Player, class: &str) -> Journey {
    player.command(Command::FollowNext { class: class.to_owned() });
    while player.run(10_000) {}
    told(player).pop().flatten().expect("one comes and ends")
}

/// One server with everything on it, whose clients try again.
fn player() -> Player {
    let mut player = Player::new();
    player.command(Command::Pause);
    go(&mut player, 5000.0);
    let groups: Vec<String> = player.world().scenario().workload.clients.keys().cloned().collect();
    for id in groups {
        let retry = serde_json::json!({ "attempts": 3, "backoff_ms": 200.0, "writes": true });
        player.command(set(&format!("workload.clients.{id}.retry"), retry));
        player.command(set(&format!("workload.clients.{id}.timeout_ms"), serde_json::json!(1000.0)));
    }
    player.replies();
    player
}

fn class(player: &Player) -> String {
    player.world().plan().classes[0].id.clone()
}

#[test]
fn each_attempt_is_told_with_its_outcome() {
    let mut player = player();
    let class = class(&player);
    let one = follow(&mut player, &class);
    assert_eq!((one.attempts.len(), one.attempts[0].cause, one.cause), (1, None, None));
    assert!((one.attempts[0].end_ms - one.took_ms).abs() < 1e-9);
    player.command(kill("web.1"));
    player.replies();
    let journey = follow(&mut player, &class);
    assert_eq!(journey.cause, Some(Cause::Timeout));
    let causes: Vec<Option<Cause>> = journey.attempts.iter().map(|own| own.cause).collect();
    assert_eq!(causes, [Some(Cause::Timeout); 3], "nobody answers");
    for pair in journey.attempts.windows(2) {
        assert!((pair[0].end_ms - pair[0].start_ms - 1000.0).abs() < 1e-6, "{pair:?}");
        assert!(pair[1].start_ms >= pair[0].end_ms, "{pair:?}");
    }
    for (index, attempt) in journey.attempts.iter().enumerate() {
        let mut own = journey.legs.iter().filter(|leg| leg.attempt == index).peekable();
        assert!(own.peek().is_some() && own.all(|leg| leg.start_ms >= attempt.start_ms), "attempt {index}");
    }
}

#[test]
fn spans_of_attempts_have_those_of_their_legs() {
    let mut player = player();
    let class = class(&player);
    player.command(kill("web.1"));
    player.replies();
    let journey = follow(&mut player, &class);
    let exported = otlp(std::slice::from_ref(&journey));
    let scopes = exported["resourceSpans"].as_array().expect("there are some");
    let spans: Vec<&serde_json::Value> =
        scopes.iter().flat_map(|own| own["scopeSpans"][0]["spans"].as_array().expect("spans")).collect();
    let root = spans.iter().find(|span| span.get("parentSpanId").is_none()).expect("one is the whole");
    let attempts: Vec<_> = spans.iter().filter(|span| span["parentSpanId"] == root["spanId"]).collect();
    assert_eq!(attempts.len(), 3);
    let legs = spans.iter().filter(|span| attempts.iter().any(|own| own["spanId"] == span["parentSpanId"])).count();
    assert_eq!(legs, journey.legs.len());
    assert_eq!(spans.len(), 1 + 3 + legs, "nothing hangs elsewhere");
    for (number, attempt) in attempts.iter().enumerate() {
        assert_eq!(attempt["attributes"][0]["value"]["intValue"], number.to_string());
        assert_eq!(attempt["status"]["message"], "timeout");
    }
}

#[test]
fn an_answer_that_comes_too_late_is_told_and_what_goes_out_is_told_from_what_comes_back() {
    let mut player = player();
    let class = class(&player);
    // Sooner than an answer can be there: it takes some 60 ms to come.
    for id in player.world().scenario().workload.clients.keys().cloned().collect::<Vec<_>>() {
        player.command(set(&format!("workload.clients.{id}.timeout_ms"), serde_json::json!(40.0)));
    }
    player.replies();
    let journey = follow(&mut player, &class);
    let first = &journey.attempts[0];
    assert_eq!(first.cause, Some(Cause::Timeout));
    let late_ms = first.late_ms.expect("it was worked on all the same");
    assert!(late_ms > first.end_ms, "{first:?}");
    let legs = || journey.legs.iter().filter(|leg| leg.attempt == 0 && leg.from != leg.to);
    assert!(legs().any(|leg| leg.back) && legs().any(|leg| !leg.back));
    let answer = legs().rfind(|leg| leg.back).expect("there is one");
    assert!((answer.end_ms - late_ms).abs() < 1e-6, "its last way is that of the answer: {answer:?}");
}

#[test]
fn a_change_is_met_by_the_request_that_was_followed() {
    let mut player = player();
    let class = class(&player);
    let before = follow(&mut player, &class);
    assert_eq!(before.cause, None);
    // The server dies while the request is under way, or before it is sent: it is told with that.
    let work = before.legs.iter().find(|leg| leg.doing == LegKind::Work).expect("it is worked on");
    go(&mut player, before.sent_ms + (work.start_ms + work.end_ms) / 2.0);
    player.command(kill("web.1"));
    while player.run(10_000) {}
    let after = told(&mut player).pop().flatten().expect("it is told once more");
    assert_eq!((after.request, after.sent_ms), (before.request, before.sent_ms), "the same request");
    assert!(after.cause.is_some() || after.attempts.len() > 1, "{after:?}");
    // The change is taken back, and so is what it did.
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert_eq!(told(&mut player).pop().flatten(), Some(before));
}

#[test]
fn what_is_over_before_a_change_is_not_told_again() {
    let mut player = player();
    let class = class(&player);
    let before = follow(&mut player, &class);
    go(&mut player, before.sent_ms + before.took_ms + 2000.0);
    player.replies();
    player.command(kill("web.1"));
    while player.run(10_000) {}
    assert_eq!(told(&mut player), []);
}

#[test]
fn one_that_a_change_comes_before_is_looked_for_anew_and_goes_with_the_change() {
    let mut player = player();
    let class = class(&player);
    let before = follow(&mut player, &class);
    let now_ms = player.world().now().as_ms();
    assert!(before.sent_ms > now_ms);
    player.command(kill("web.1"));
    while player.run(10_000) {}
    let after = told(&mut player).pop().flatten().expect("it is told once more");
    assert!(after.cause.is_some(), "{after:?}");
    go(&mut player, after.sent_ms);
    player.replies();
    player.command(Command::Undo);
    while player.run(10_000) {}
    assert_eq!(told(&mut player), [None], "it is of a course of events that is no more");
}
