//! Brokers and workers: what the rules of AMQP 0-9-1 say comes out, and no message is lost or counted twice.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::{check_balance, check_empty, check_messages};
use common::random::{LENGTH, config};
use common::random_messages::eventful_broker;
use common::{kill, restore, run_for, run_to, seconds, set};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use zero_to_millions::nodes::Node;
use zero_to_millions::scenario::{self, Change, Problem, Scenario, edit};
use zero_to_millions::world::World;
use zero_to_millions::world::report::messages::{BrokerReport, QueueReport, WorkReport};

/// Runs it with a look at the books every 50 ms; then nobody sends any more, all is well again, and the queues that have
/// consumers run empty.
fn run_and_drain(scenario: &Scenario, seed: u64) -> World {
    let mut world = World::new(scenario, seed);
    for twentieth in 1..=(LENGTH * 20.0) as u32 {
        run_to(&mut world, seconds(f64::from(twentieth) / 20.0));
        check_balance(&world);
        if twentieth == 30 {
            world.begin_measuring();
        }
    }
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    for moment in scenario.timeline.clone() {
        if let Change::Cut { from, to } | Change::Delay { from, to, .. } = moment.change {
            let _ = world.apply(Change::Mend { from, to });
        }
    }
    for target in ["broker", "web", "photographers", "clerks"] {
        restore(&mut world, target);
    }
    set(&mut world, "tiers.broker.messages_max", 1_000_000);
    for _ in 0..60 {
        run_for(&mut world, 1.0);
        check_messages(&world);
    }
    world
}

fn waiting(world: &World, queue: usize) -> usize {
    let broker = world.nodes().iter().find_map(|node| if let Node::Broker(own) = node { Some(own) } else { None });
    broker.expect("there is a broker").queues[queue].len()
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn every_message_is_accounted_for_and_consumed_in_the_end(scenario in eventful_broker(), seed in 0..1000u64) {
        let world = run_and_drain(&scenario, seed);
        check_empty(&world);
        // In the order of their ids: all, logs, morgue, photos.
        for queue in [1, 3] {
            prop_assert_eq!(waiting(&world, queue), 0, "a queue with consumers is left");
        }
        for tier in &world.context().tiers {
            let Some(crew) = &tier.crew else { continue };
            prop_assert_eq!(crew.people.waiting(), 0);
            if crew.settings.remembers == Some(100_000) {
                prop_assert_eq!(crew.counts.duplicates, 0, "who remembers does nothing twice");
            }
        }
        prop_assert!(world.context().again.is_empty() || waiting(&world, 0) + waiting(&world, 2) > 0);
    }
}

/// The property above says something only if what it is about happens.
#[test]
fn random_brokers_reach_every_fate_of_a_message() {
    let mut runner = TestRunner::deterministic();
    let (mut sum, mut work, mut broker) = (QueueReport::default(), WorkReport::default(), BrokerReport::default());
    for seed in 0..300 {
        let scenario = eventful_broker().new_tree(&mut runner).expect("no filter").current();
        let mut world = World::new(&scenario, seed);
        run_to(&mut world, seconds(LENGTH));
        let report = world.report();
        let own = report.tiers["broker"].messages.as_ref().expect("it is a broker");
        broker.unroutable += own.unroutable;
        broker.returned += own.returned;
        broker.held_up += own.held_up;
        for queue in own.queues.values() {
            sum.consumed += queue.consumed;
            sum.rejected += queue.rejected;
            sum.redelivered += queue.redelivered;
            sum.expired += queue.expired;
            sum.dropped += queue.dropped;
            sum.refused += queue.refused;
            sum.letters += queue.letters;
            sum.lost += queue.lost;
            sum.unconfirmed += queue.unconfirmed;
        }
        for tier in ["photographers", "clerks"] {
            let own = report.tiers[tier].work.expect("they work");
            work.duplicates += own.duplicates;
            work.recognised += own.recognised;
            work.not_done += own.not_done;
        }
    }
    let least = [
        ("consumed", sum.consumed, 10_000),
        ("rejected", sum.rejected, 100),
        ("redelivered", sum.redelivered, 100),
        ("expired", sum.expired, 100),
        ("dropped", sum.dropped, 100),
        ("refused", sum.refused, 100),
        ("dead letters", sum.letters, 100),
        ("lost", sum.lost, 100),
        ("unconfirmed", sum.unconfirmed, 5),
        ("unroutable", broker.unroutable, 100),
        ("returned", broker.returned, 100),
        ("held up", broker.held_up, 20),
        ("duplicates", work.duplicates, 20),
        ("recognised", work.recognised, 20),
        ("not done", work.not_done, 100),
    ];
    for (what, measured, least) in least {
        assert!(measured >= least, "{what}: {measured}, at least {least}");
    }
}

/// 100 messages a second, one worker of 5 ms each, no way between machines.
fn site(patch: &Value) -> World {
    World::new(&read(patch).unwrap_or_else(|problem| panic!("{problem}")), 1)
}

fn read(patch: &Value) -> Result<Scenario, Problem> {
    let mut base = json!({
        "version": 1, "name": "Site",
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.1, "entry": "web", "arrivals": "constant",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "photo": { "share": 1.0, "job": {
                "work": { "mean_ms": 5.0, "distribution": "constant" },
                "publish": { "exchange": "uploads", "keys": { "any": { "key": "photo.new" } } }
            } } }
        },
        "network": { "enabled": false },
        "machines": { "app": { "place": "montreal", "cores": 8 },
                      "hub": { "place": "montreal", "cores": 2, "disk": "ssd" },
                      "work": { "place": "montreal", "cores": 4 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 100, "backlog": 100, "broker": "broker" },
            "broker": {
                "kind": "message_broker", "machine": "hub", "work": { "mean_ms": 0.0 }, "boot_ms": 100.0,
                "exchanges": { "uploads": { "type": "topic", "bindings": {
                    "photos": { "queue": "photos", "routing_key": "photo.*" } } } },
                "queues": { "photos": {} }
            },
            "workers": { "kind": "worker", "machine": "work", "slots": 1, "broker": "broker", "queue": "photos",
                         "reconnect_ms": 100.0, "boot_ms": 100.0 }
        }
    });
    edit::merge(&mut base, patch);
    scenario::from_value(base)
}

fn photos(world: &World) -> QueueReport {
    let report = world.report();
    let broker = report.tiers["broker"].messages.as_ref().expect("it is a broker");
    broker.queues["photos"].clone()
}

#[test]
fn messages_wait_for_workers_and_are_consumed_in_order_of_arrival() {
    let mut world = site(&json!({}));
    run_to(&mut world, seconds(1.0));
    kill(&mut world, "workers");
    run_to(&mut world, seconds(3.0));
    // 200 came in two seconds; one more may have been on the worker.
    let own = photos(&world);
    assert!((200..=202).contains(&own.waiting), "{}", own.waiting);
    assert!((own.oldest_ms - 2000.0).abs() < 21.0, "{}", own.oldest_ms);
    restore(&mut world, "workers");
    // 201 wait and one more comes every 10 ms, one goes every 5: 2 s, after 100 ms to start.
    run_to(&mut world, seconds(5.3));
    let own = photos(&world);
    assert_eq!(own.waiting, 0);
    assert!(own.redelivered <= 1);
    assert_eq!(world.report().requests.failed.values().sum::<u64>(), 0, "nobody noticed");
}

/// A worker that works on one at a time holds `prefetch` messages and no more; the rest goes to whoever is free.
#[test]
fn prefetch_bounds_what_a_worker_holds_and_workers_take_turns() {
    let patch = json!({
        "workload": { "requests_per_user_per_second": 1.0 },
        "tiers": { "workers": { "instances": 4, "prefetch": 3 } }
    });
    let mut world = site(&patch);
    run_to(&mut world, seconds(2.0));
    let own = photos(&world);
    assert_eq!(own.unacknowledged, 12, "four workers with three each");
    let served = world.report().tiers["workers"].per_instance.clone();
    assert!(served.iter().max().unwrap() - served.iter().min().unwrap() <= 1, "{served:?}");
}

/// Durable and persistent: a confirmed message outlasts the broker's death; transient ones do not, and are counted.
#[test]
fn a_restart_keeps_what_is_on_the_disk() {
    for (durable, persistent) in [(true, true), (true, false), (false, true), (false, false)] {
        let job = json!({ "photo": { "job": { "publish": { "persistent": persistent } } } });
        let mut world = site(&json!({
            "workload": { "classes": job }, "tiers": { "broker": { "queues": { "photos": { "durable": durable } } } }
        }));
        run_to(&mut world, seconds(1.0));
        kill(&mut world, "workers");
        run_to(&mut world, seconds(2.0));
        let before = photos(&world);
        kill(&mut world, "broker");
        let after = photos(&world);
        let kept = before.waiting - after.unconfirmed;
        if durable && persistent {
            assert_eq!((after.waiting, after.lost), (kept, 0));
        } else {
            assert_eq!((after.waiting, after.lost, after.unconfirmed), (0, before.waiting, 0));
        }
        // The disk itself is another matter.
        world.apply(Change::Kill { target: "broker".to_owned(), silent: false, destroy: true }).expect("it is there");
        assert_eq!(photos(&world).waiting, 0);
        check_messages(&world);
    }
}

/// What watches over a broker starts it again, with what was on its disk; once, however often it died meanwhile.
#[test]
fn a_broker_that_is_watched_over_starts_again() {
    for watched in [false, true] {
        let after = if watched { json!(400.0) } else { Value::Null };
        let mut world = site(&json!({ "tiers": { "broker": { "restart_after_ms": after } } }));
        run_to(&mut world, seconds(1.0));
        kill(&mut world, "workers");
        run_to(&mut world, seconds(2.0));
        kill(&mut world, "broker");
        let kept = photos(&world).waiting;
        run_to(&mut world, seconds(2.3));
        kill(&mut world, "broker");
        run_to(&mut world, seconds(2.49));
        let before = world.report().tiers["broker"].served;
        run_to(&mut world, seconds(3.0));
        assert_eq!(world.report().tiers["broker"].served > before, watched, "400 ms and 100 ms to start");
        assert_eq!(photos(&world).waiting > kept, watched);
        check_messages(&world);
    }
    // Somebody was quicker, and it has died again since: what was planned for the first death means nothing.
    let mut world = site(&json!({ "tiers": { "broker": { "restart_after_ms": 400.0 } } }));
    run_to(&mut world, seconds(1.0));
    kill(&mut world, "broker");
    restore(&mut world, "broker");
    run_to(&mut world, seconds(1.2));
    kill(&mut world, "broker");
    let dead = photos(&world).waiting;
    run_to(&mut world, seconds(1.65));
    let tried = world.report().tiers["broker"].served;
    run_to(&mut world, seconds(1.69));
    assert_eq!((world.report().tiers["broker"].served, photos(&world).waiting), (tried, dead));
    run_to(&mut world, seconds(2.0));
    assert!(world.report().tiers["broker"].served > tried);
}

/// One flush serves all publishers that wait: a spinning disk of some 100 flushes a second takes 1,000 messages.
#[test]
fn publishers_share_flushes() {
    let patch = json!({
        "workload": { "requests_per_user_per_second": 1.0 },
        "machines": { "hub": { "disk": "spinning" } }, "tiers": { "workers": { "slots": 8, "prefetch": 50 } }
    });
    let mut world = site(&patch);
    run_to(&mut world, seconds(5.0));
    let Some(Node::Broker(broker)) = world.nodes().iter().find(|node| matches!(node, Node::Broker(_))) else {
        panic!("there is a broker")
    };
    let (flushes, published) = (broker.flushes(), broker.counts.published);
    assert!(flushes * 4 < published && flushes > 100, "{flushes} flushes for {published} messages");
    let latency = world.report().latency_ms;
    assert!(latency.mean > 2.0, "the answer waits for the disk: {} ms", latency.mean);
}

/// What nobody can do is tried again as often as it may be, and then is a dead letter.
#[test]
fn poison_ends_among_the_dead_letters() {
    let patch = json!({ "tiers": {
        "broker": {
            "exchanges": { "dead": { "type": "fan_out", "bindings": { "all": { "queue": "morgue" } } } },
            "queues": { "photos": { "dead_letter_exchange": "dead", "delivery_limit": 2 }, "morgue": {} }
        },
        "workers": { "poison_share": 0.1, "slots": 4 }
    } });
    let mut world = site(&patch);
    run_to(&mut world, seconds(10.0));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 5.0);
    let own = photos(&world);
    assert_eq!(own.redelivered, 2 * own.refused, "each was tried three times");
    assert_eq!(own.dead_lettered, own.refused);
    // 1,000 messages, a tenth of them: four standard deviations are 38.
    assert!((62..=138).contains(&own.refused), "{}", own.refused);
    assert_eq!(own.consumed + own.refused, own.entered);
}

/// A worker dies while it has work done that it has not acknowledged: exactly that is done twice, unless it remembers.
#[test]
fn what_was_done_and_not_acknowledged_is_done_again() {
    for remembers in [Value::Null, json!(1000)] {
        let patch = json!({
            "workload": { "requests_per_user_per_second": 0.3 },
            "tiers": { "workers": { "prefetch": 50, "acknowledge_every": 40, "remembers": remembers } }
        });
        let mut world = site(&patch);
        run_to(&mut world, seconds(2.0));
        let (before, own) = (world.report().tiers["workers"].work.expect("they work"), photos(&world));
        let unacknowledged = before.done - own.consumed;
        assert!(unacknowledged > 5, "{unacknowledged}");
        kill(&mut world, "workers");
        restore(&mut world, "workers");
        set(&mut world, "workload.requests_per_user_per_second", 0.0);
        run_for(&mut world, 10.0);
        let (after, own) = (world.report().tiers["workers"].work.expect("they work"), photos(&world));
        assert_eq!(own.consumed, own.entered);
        match remembers {
            Value::Null => assert_eq!((after.duplicates, after.recognised), (unacknowledged, 0)),
            _ => assert_eq!((after.duplicates, after.recognised), (0, unacknowledged)),
        }
        assert_eq!(after.done - after.duplicates, own.entered, "each was done once");
    }
}

/// While the broker holds as many messages as it may, publishers wait, and their clients after a while give up; nothing grows
/// without end.
#[test]
fn a_full_broker_lets_publishers_wait() {
    let mut world = site(&json!({
        "workload": { "clients": { "all": { "timeout_ms": 1000.0 } } }, "tiers": { "broker": { "messages_max": 150 } }
    }));
    kill(&mut world, "workers");
    run_to(&mut world, seconds(10.0));
    let report = world.report();
    let own = report.tiers["broker"].messages.as_ref().expect("it is a broker");
    assert_eq!(own.queues["photos"].waiting, 150);
    // 100 slots and 100 places before the door of the web server are taken; the others are refused.
    assert!(
        report.requests.failed["timeout"] > 100 && report.requests.failed["refused"] > 500,
        "{:?}",
        report.requests
    );
    restore(&mut world, "workers");
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 20.0);
    let own = photos(&world);
    assert_eq!((own.waiting, own.consumed), (0, own.entered), "those who waited were let in");
    check_empty(&world);
}

/// A queue with room for ten: the oldest go, or publishers are told.
#[test]
fn a_full_queue_drops_its_head_or_pushes_back() {
    for overflow in ["drop_head", "reject_publish"] {
        let queue = json!({ "photos": { "length_max": 10, "overflow": overflow } });
        let mut world = site(&json!({ "tiers": { "broker": { "queues": queue } } }));
        kill(&mut world, "workers");
        run_to(&mut world, seconds(2.0));
        let (own, report) = (photos(&world), world.report());
        let told = report.requests.failed["queue_full"];
        assert_eq!(own.waiting, 10);
        let in_flight = 1;
        match overflow {
            "drop_head" => {
                assert_eq!((told, own.rejected, own.dropped), (0, 0, own.entered - 10));
                // What is left is the newest: ten that came 10 ms apart.
                assert!(own.oldest_ms < 101.0, "{}", own.oldest_ms);
            }
            _ => {
                assert_eq!((own.dropped, own.entered), (0, 10));
                assert!(told <= own.rejected && told + in_flight >= own.rejected, "{told} told of {}", own.rejected);
            }
        }
    }
}

/// What waits too long is given up when its time is over, whether anybody looks or not.
#[test]
fn messages_expire_on_time() {
    let queue = json!({ "photos": { "message_ttl_ms": 300.0 } });
    let mut world = site(&json!({ "tiers": { "broker": { "queues": queue } } }));
    kill(&mut world, "workers");
    run_to(&mut world, seconds(1.0));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    let own = photos(&world);
    assert!((30..=31).contains(&own.waiting), "{} are younger than 300 ms", own.waiting);
    run_for(&mut world, 0.31);
    let own = photos(&world);
    assert_eq!((own.waiting, own.expired), (0, own.entered));
}

/// A worker that loses its power is noticed by silence alone; what it had in hand is delivered to another one then.
#[test]
fn a_silent_worker_gives_its_messages_back_after_the_time_out() {
    let patch = json!({
        "network": { "enabled": true, "silence_timeout_ms": 2000.0 }, "tiers": { "workers": { "instances": 2 } }
    });
    let mut world = site(&patch);
    run_to(&mut world, seconds(5.0));
    world.apply(Change::Kill { target: "workers.1".to_owned(), silent: true, destroy: false }).expect("it is there");
    run_to(&mut world, seconds(6.9));
    let own = photos(&world);
    assert_eq!(own.redelivered, 0, "the broker does not know yet");
    assert!(own.unacknowledged >= 10, "as many as it may have are with the dead one: {}", own.unacknowledged);
    run_to(&mut world, seconds(9.0));
    let own = photos(&world);
    assert!((10..=11).contains(&own.redelivered), "{}", own.redelivered);
}

/// A job that a person decides: the request is answered at once, no worker waits, and it goes on when the person has decided.
#[test]
fn people_keep_no_worker_busy() {
    let patch = json!({
        "workload": { "classes": { "photo": { "job": { "person": { "mean_ms": 20_000.0, "distribution": "constant" } } } } },
        "tiers": {
            "broker": {
                "exchanges": { "uploads": { "bindings": { "decided": { "queue": "decided", "routing_key": "decided.#" } } } },
                "queues": { "decided": {} }
            },
            "workers": { "people": { "exchange": "uploads", "routing_key": "decided.photo" } },
            "finishers": { "kind": "worker", "machine": "work", "slots": 1, "broker": "broker", "queue": "decided" }
        }
    });
    let mut world = site(&patch);
    run_to(&mut world, seconds(10.0));
    let report = world.report();
    assert!(report.latency_ms.max < 50.0, "accepted at once: {} ms", report.latency_ms.max);
    let own = report.tiers["workers"].work.expect("they work");
    assert!(own.with_people + 3 >= report.requests.answered, "{} of {}", own.with_people, report.requests.answered);
    // No decision is lost if the broker is away when it comes.
    run_to(&mut world, seconds(19.003));
    kill(&mut world, "broker");
    run_to(&mut world, seconds(25.0));
    restore(&mut world, "broker");
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 60.0);
    let report = world.report();
    let broker = report.tiers["broker"].messages.as_ref().expect("it is a broker");
    let (first, second) = (&broker.queues["photos"], &broker.queues["decided"]);
    // What a worker was at when the broker died is done twice, and asked twice.
    let twice = report.tiers["workers"].work.expect("they work").duplicates;
    assert_eq!(second.consumed, first.consumed + twice, "each photo was decided and finished");
    assert!(second.finished_after_ms.mean > 20_000.0, "{:?}", second.finished_after_ms);
    check_empty(&world);
}

/// What is wrong with a broker is one clear line with its place.
#[test]
fn contradictory_settings_are_refused_with_their_place() {
    let uploads = |exchange: Value| json!({ "tiers": { "broker": { "exchanges": { "uploads": exchange } } } });
    let queue = |queue: Value| json!({ "tiers": { "broker": { "queues": { "photos": queue } } } });
    let worker = |worker: Value| json!({ "tiers": { "workers": worker } });
    let job = |job: Value| json!({ "workload": { "classes": { "photo": { "job": job } } } });
    let key = |key: &str| json!({ "bindings": { "photos": { "routing_key": key } } });
    let round = json!({ "tiers": { "broker": {
        "exchanges": { "dead": { "type": "fan_out", "bindings": { "again": { "queue": "photos" } } } },
        "queues": { "photos": { "dead_letter_exchange": "dead" } }
    } } });
    let people = json!({ "people": { "exchange": "uploads", "routing_key": "photo.done" } });
    let mut asks_itself = worker(people.clone());
    edit::merge(&mut asks_itself, &job(json!({ "person": { "mean_ms": 1.0 } })));
    let cases = [
        (uploads(json!({ "bindings": { "photos": null } })), "tiers.broker.exchanges.uploads.bindings: is empty"),
        (uploads(key("photo*.x")), "bindings.photos.routing_key: has the word \"photo*\""),
        (uploads(json!({ "type": "direct" })), "bindings.photos.routing_key: has a wildcard"),
        (uploads(json!({ "type": "fan_out" })), "bindings.photos.routing_key: a fan-out exchange takes no heed"),
        (uploads(json!({ "bindings": { "photos": { "routing_key": null } } })), "routing_key: is missing"),
        (
            uploads(json!({ "bindings": { "photos": { "queue": "phots" } } })),
            "queue: there is no queue \"phots\"; did you",
        ),
        (queue(json!({ "length_max": 0 })), "tiers.broker.queues.photos.length_max: must be at least 1, is 0"),
        (queue(json!({ "overflow": "reject_publish" })), "photos.overflow: the queue is never full"),
        (queue(json!({ "dead_letter_key": "x" })), "photos.dead_letter_key: there is no dead_letter_exchange"),
        (round, "photos.dead_letter_exchange: its dead letters come back to it"),
        (json!({ "machines": { "hub": { "disk": null } } }), "photos.durable: what is durable is on a disk"),
        (json!({ "tiers": { "broker": { "restart_after_ms": -1.0 } } }), "tiers.broker.restart_after_ms"),
        (worker(json!({ "queue": "phots" })), "tiers.workers.queue: there is no queue \"phots\"; did you mean"),
        (worker(json!({ "broker": "web" })), "tiers.workers.broker: \"web\" is not a message_broker"),
        (worker(json!({ "acknowledge_every": 11 })), "acknowledge_every: is 11, but a worker gets no more than 10"),
        (worker(people), "tiers.workers.people: no person has to decide"),
        (asks_itself, "people.routing_key: leads back to the queue \"photos\""),
        (job(json!({ "publish": { "exchange": "upload" } })), "job.publish.exchange: there is no exchange \"upload\""),
        (job(json!({ "publish": { "keys": { "any": { "key": "a.*" } } } })), "keys.any.key: is a pattern"),
        (job(json!({ "person": { "mean_ms": 1.0 } })), "photo.job.person: no worker hands"),
        (json!({ "tiers": { "web": { "broker": null } } }), "photo.job.publish: tiers.web has no broker"),
    ];
    for (patch, expected) in cases {
        let problem = read(&patch).expect_err(expected).to_string();
        assert!(problem.contains(expected), "{problem}, not {expected}");
    }
}

/// Bindings can change while the system runs, keys and queues cannot: what waits knows them by number.
#[test]
fn bindings_can_change_while_it_runs() {
    let mut world = site(&json!({}));
    run_to(&mut world, seconds(1.0));
    set(&mut world, "tiers.broker.exchanges.uploads.bindings.photos.routing_key", "video.*");
    let before = photos(&world).entered;
    run_to(&mut world, seconds(2.0));
    let report = world.report();
    let own = report.tiers["broker"].messages.as_ref().expect("it is a broker");
    assert_eq!(own.queues["photos"].entered, before);
    assert_eq!(own.unroutable, own.published - before);
    let key = Change::Set { path: "workload.classes.photo.job.publish.keys.any.key".to_owned(), value: json!("x") };
    let problem = world.apply(key).expect_err("it cannot").to_string();
    assert!(problem.contains("cannot change while the system runs"), "{problem}");
}
