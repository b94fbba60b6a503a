//! What happens when parts die, come back, or change while the system runs.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::designs::Bare;
use common::invariants::{check_balance, check_empty};
use common::{kill, restore, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::course::stages;
use zero_to_millions::nodes::context::Life;
use zero_to_millions::nodes::observer::Fact;
use zero_to_millions::nodes::{Cause, Kind, NodeId};
use zero_to_millions::scenario::{self, Change, edit};
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;

fn stage(id: &str, seed: u64) -> World {
    let mut world = World::new(&stages::revision(id, 1).expect("it is published").scenario(), seed);
    run_to(&mut world, seconds(60.0));
    world
}

/// The node that a target such as `web.2` names.
fn node(world: &World, tier: &str, number: usize) -> NodeId {
    let tiers = world.plan().tiers.iter().zip(&world.context().tiers);
    let found = tiers.filter(|(plan, _)| plan.id == tier && plan.kind != Kind::Client).map(|(_, state)| state).next();
    found.expect("the tier exists").members[number - 1]
}

/// Runs until a fact is told that fits, and returns when.
fn run_until(world: &mut World, fits: impl Fn(&Fact) -> bool) -> SimTime {
    let told_before = world.context().observer.facts().1;
    loop {
        let (facts, told) = world.context().observer.facts();
        let new = (told - told_before) as usize;
        if let Some((time, _)) = facts.iter().rev().take(new).find(|(_, fact)| fits(fact)) {
            return *time;
        }
        assert!(world.step() && world.now() < seconds(3600.0), "it does not happen within the hour");
    }
}

/// Counts of what was measured: issued, answered, failed by cause, in flight.
fn measured(world: &World) -> (u64, u64, [u64; Cause::COUNT], u64) {
    check_balance(world);
    let books = &world.context().ledger.measured;
    (books.issued, books.answered, books.failed, books.in_flight())
}

fn only(cause: Cause, count: u64) -> [u64; Cause::COUNT] {
    let mut failed = [0; Cause::COUNT];
    failed[cause as usize] = count;
    failed
}

#[test]
fn a_dead_server_behind_a_balancer_costs_requests_until_it_is_noticed_and_none_after() {
    let mut delays = Vec::new();
    for seed in 1..=8 {
        let mut world = stage("load-balancer", seed);
        let second = node(&world, "web", 2);
        let (killed, before) = (world.now(), world.context().ledger.run);
        kill(&mut world, "web.2");
        let noticed = run_until(&mut world, |fact| matches!(fact, Fact::TakenOut { server, .. } if *server == second));
        let delay = noticed.since(killed).as_seconds();
        // Two probes in a row, one a second, must have failed: so 1 to 2 seconds and a round trip.
        assert!((1.0..2.01).contains(&delay), "noticed after {delay} s");
        delays.push(delay);
        let sent = world.context().ledger.run.issued - before.issued;

        // What is sent after the detection never fails, and all of it goes to the first server.
        world.begin_measuring();
        run_for(&mut world, 30.0);
        let (issued, answered, failed, in_flight) = measured(&world);
        assert_eq!((failed, answered + in_flight), ([0; Cause::COUNT], issued));
        let served = world.report().tiers["web"].per_instance.clone();
        assert!(served[0] > 10_000 && served[1] == 0, "the first server answers 400 a second: {served:?}");

        // So all failures are of requests sent before it: killed on the server, or sent to it in vain.
        let failed = world.context().ledger.run.failed;
        let unreachable = failed[Cause::Unreachable as usize];
        let mut causes = only(Cause::Unreachable, unreachable);
        causes[Cause::Killed as usize] = failed[Cause::Killed as usize];
        assert_eq!(failed, causes);
        // In turn, so every second request of the window. At the balancer the window is a latency of up to 0.15 s later
        // than at the clients: at each of its edges up to 60 requests, Poisson, of which half count; four of their
        // standard deviations.
        let edges = 1.0 + 4.0 * (2.0 * 60.0f64).sqrt() / 2.0;
        let expected = sent as f64 / 2.0;
        assert!((unreachable as f64 - expected).abs() <= edges, "{unreachable} failed, not {expected} ± {edges}");
    }
    // The phase of the probes differs by seed, so the delay is spread over the second.
    let spread = delays.iter().fold(0.0f64, |a, &b| a.max(b)) - delays.iter().fold(9.0f64, |a, &b| a.min(b));
    assert!(spread > 0.2, "{delays:?}");
}

#[test]
fn a_restored_server_is_taken_in_again_and_shares_the_load() {
    let mut world = stage("load-balancer", 7);
    let second = node(&world, "web", 2);
    kill(&mut world, "web.2");
    run_for(&mut world, 10.0);
    world.begin_measuring();
    let told = world.now();
    restore(&mut world, "web.2");
    let started = run_until(&mut world, |fact| matches!(fact, Fact::Started { node } if *node == second));
    assert_eq!(started.since(told), seconds(5.0).since(SimTime::ZERO), "the boot time of the stage");
    let served = |world: &World| world.context().nodes[second.index()].served;
    let before = served(&world);
    let taken_in = run_until(&mut world, |fact| matches!(fact, Fact::TakenIn { server, .. } if *server == second));
    let noticed = taken_in.since(started).as_seconds();
    assert!((1.0..2.1).contains(&noticed), "two probes have to succeed: {noticed} s");
    assert_eq!(served(&world), before, "it gets nothing before it is taken in");
    run_for(&mut world, 1.0);
    let before = world.context().nodes.iter().map(|node| node.served).collect::<Vec<_>>();
    run_for(&mut world, 20.0);
    let first = node(&world, "web", 1);
    let share = |node: NodeId| (world.context().nodes[node.index()].served - before[node.index()]) as f64;
    // In turn: equal but for what is in flight at the ends, some ten requests at each server.
    assert!((share(first) - share(second)).abs() <= 40.0, "{} and {}", share(first), share(second));
    assert_eq!(measured(&world).2, [0; Cause::COUNT], "coming back costs nobody anything");
}

#[test]
fn without_its_only_server_a_site_answers_nobody_until_that_is_back() {
    for (target, started) in [("web", 1), ("web.1", 1), ("machines.server.1", 2)] {
        let mut world = stage("single-server", 7);
        kill(&mut world, target);
        world.begin_measuring();
        run_for(&mut world, 20.0);
        let (issued, answered, failed, in_flight) = measured(&world);
        assert!(issued > 1500, "{issued}");
        assert_eq!(answered, 0, "{target} is dead");
        assert_eq!(failed, only(Cause::Unreachable, issued - in_flight));
        restore(&mut world, target);
        let mut left = started;
        run_until(&mut world, |fact| matches!(fact, Fact::Started { .. }));
        assert_eq!(measured(&world).1, 0, "{target} is still booting");
        while left > 1 {
            run_until(&mut world, |fact| matches!(fact, Fact::Started { .. }));
            left -= 1;
        }
        world.begin_measuring();
        run_for(&mut world, 20.0);
        let (issued, answered, failed, in_flight) = measured(&world);
        assert_eq!((failed, answered + in_flight), ([0; Cause::COUNT], issued), "{target} is back");
        assert!(answered > 1500, "{answered}");
    }
}

#[test]
fn without_its_database_a_site_answers_what_needs_none() {
    let mut world = stage("separate-database", 7);
    kill(&mut world, "database");
    run_for(&mut world, 1.0);
    world.begin_measuring();
    run_for(&mut world, 30.0);
    let report = world.report();
    let class = |id: &str| (report.by_class[id].answered, report.by_class[id].failed);
    assert!(class("static").0 > 2000 && class("static").1 == 0, "{:?}", class("static"));
    for id in ["read", "write"] {
        assert!(class(id).0 == 0 && class(id).1 > 400, "{id}: {:?}", class(id));
    }
    let failed = class("read").1 + class("write").1;
    assert_eq!(measured(&world).2, only(Cause::Unreachable, failed));
    restore(&mut world, "database");
    run_until(&mut world, |fact| matches!(fact, Fact::Started { .. }));
    world.begin_measuring();
    run_for(&mut world, 30.0);
    assert_eq!(measured(&world).2, [0; Cause::COUNT]);
}

#[test]
fn without_its_balancer_a_site_answers_nobody_and_without_its_dns_those_who_know_the_address() {
    let mut world = stage("load-balancer", 7);
    kill(&mut world, "balancer");
    world.begin_measuring();
    run_for(&mut world, 10.0);
    let (issued, _, failed, in_flight) = measured(&world);
    assert_eq!(failed, only(Cause::Unreachable, issued - in_flight));

    let mut world = stage("load-balancer", 7);
    kill(&mut world, "dns");
    world.begin_measuring();
    run_for(&mut world, 20.0);
    let (issued, answered, failed, in_flight) = measured(&world);
    assert_eq!(failed, only(Cause::Unresolved, issued - in_flight - answered));
    // A device knows the address for T = 300 s and then not until its next request, 1/λ = 10 s later on average: at the
    // kill 1/31 of them do not know it. Of the others one in 300 forgets it each second and none learns it again, over
    // twenty seconds on average 10/300. The answer is that of 4,000 users, so a share's standard error; four of them.
    let expected = 1.0 / 31.0 + 30.0 / 31.0 * 10.0 / 300.0;
    let share = failed[Cause::Unresolved as usize] as f64 / issued as f64;
    let error = (expected * (1.0 - expected) / 4000.0f64).sqrt();
    assert!((share - expected).abs() < 4.0 * error, "{share} instead of {expected} ± {error}");
}

/// Who gets no answer from one name server asks the next: at once where it is told, after 800 ms where not.
#[test]
fn name_servers_are_asked_one_after_the_other() {
    let names = |patch: Value| {
        let mut json = edit::encode(&stages::find("load-balancer").expect("it is there").scenario());
        edit::merge(&mut json, &json!({ "tiers": { "dns": { "record_ttl_seconds": 1 } } }));
        edit::merge(&mut json, &patch);
        World::new(&scenario::from_value(json).expect("it is valid"), 7)
    };
    for (servers, dead, fail) in [(3, 2, false), (3, 3, true), (1, 1, true)] {
        let mut world = names(json!({ "tiers": { "dns": { "instances": servers } } }));
        (1..=dead).for_each(|server| kill(&mut world, &format!("dns.{server}")));
        run_for(&mut world, 5.0);
        world.begin_measuring();
        run_for(&mut world, 20.0);
        let (issued, _, failed, _) = measured(&world);
        assert_eq!(failed[Cause::Unresolved as usize] > issued / 2, fail, "{dead} of {servers} are dead: {failed:?}");
        assert!(fail || failed == [0; Cause::COUNT], "{failed:?}");
    }
    // Two of three are dead in silence: who asks both first waits for both.
    let mut world = names(json!({ "tiers": { "dns": { "instances": 3 } } }));
    for server in ["dns.1", "dns.2"] {
        world.apply(Change::Kill { target: server.to_owned(), silent: true, destroy: false }).expect("it is valid");
    }
    run_for(&mut world, 15.0);
    world.begin_measuring();
    run_for(&mut world, 30.0);
    assert_eq!(measured(&world).2, [0; Cause::COUNT]);
    let latency = world.report().latency_ms;
    // A third each waits for nobody, for one or for both, on top of the 60 ms that a request takes.
    assert!(latency.max > 1_600.0 && latency.max < 2_300.0, "{latency:?}");
    assert!((latency.mean - 860.0).abs() < 60.0, "{latency:?}");
}

/// A time-out does not cancel the work behind it.
#[test]
fn work_goes_on_after_the_client_has_given_up() {
    let design = Bare {
        rate: 5.0,
        arrivals: "constant",
        service: json!({ "mean_ms": 100.0, "distribution": "constant" }),
        ..Bare::at_load(0.5, 1)
    };
    let mut json = design.json();
    json["workload"]["clients"]["all"]["timeout_ms"] = json!(50.0);
    let mut world = World::new(&scenario::from_value(json).expect("it is valid"), 1);
    run_to(&mut world, seconds(100.0));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 10.0);
    let issued = world.context().ledger.run.issued;
    assert_eq!(issued, 500);
    assert_eq!(measured(&world).2, only(Cause::Timeout, issued));
    assert_eq!(world.context().ledger.late_answers, issued, "each was answered, to nobody");
    let report = world.report();
    assert_eq!(report.tiers["web"].served, issued);
    let busy = report.tiers["web"].utilisation.expect("it has a machine") * report.simulated_seconds;
    assert!((busy - issued as f64 * 0.1).abs() < 1e-6, "the core worked {busy} s");
    check_empty(&world);
}

/// A shorter time-out also holds for a request that is sent when none was pending at the change.
#[test]
fn a_new_time_out_holds_from_the_next_request_on() {
    let design = Bare {
        rate: 0.5,
        arrivals: "constant",
        service: json!({ "mean_ms": 1500.0, "distribution": "constant" }),
        ..Bare::at_load(0.5, 1)
    };
    let mut json = design.json();
    json["workload"]["clients"]["all"]["timeout_ms"] = json!(10_000.0);
    let mut world = World::new(&scenario::from_value(json).expect("it is valid"), 1);
    // Sent at 2 s, answered at 3.5 s.
    run_to(&mut world, seconds(3.6));
    assert_eq!((measured(&world).1, measured(&world).3), (1, 0));
    set(&mut world, "workload.clients.all.timeout_ms", 1000.0);
    // Sent at 4 s: given up at 5 s.
    run_to(&mut world, seconds(5.1));
    assert_eq!(measured(&world).2, only(Cause::Timeout, 1));
}

/// What dies on a machine leaves its share of the cores to the others at once.
#[test]
fn the_death_of_a_process_hurries_its_neighbours() {
    // Balancer and web server on one shared core.
    let json = json!({
        "version": 1, "name": "Neighbours",
        "workload": {
            "users": 1, "requests_per_user_per_second": 2.0, "arrivals": "constant", "entry": "balancer",
            "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": 60_000.0 } },
            "classes": { "page": { "share": 1.0, "web": { "mean_ms": 300.0, "distribution": "constant" } } }
        },
        "network": { "enabled": false },
        "machines": { "one": { "place": "montreal", "cores": 1 }, "edge": { "place": "montreal", "cores": 1 } },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "one", "backends": "web",
                          "forward": { "mean_ms": 1000.0, "distribution": "constant" } },
            "web": { "kind": "web_server", "machine": "one", "slots": 10, "backlog": 0 }
        }
    });
    // Sent at 0.5 and 1.0 s. The first is forwarded when the core has done 1 s for it: at 2.0 s (0.5 alone, 1 s at
    // half speed). Then both have work on the core: 0.5 s of the second's forwarding, 0.3 s of the first's page, which
    // would be done at 2.6 s.
    let mut world = World::new(&scenario::from_value(json).expect("it is valid"), 1);
    run_to(&mut world, seconds(1.1));
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_to(&mut world, seconds(2.2));
    // At 2.2 s the page has 0.2 s to go. Without the balancer it has the core to itself: done at 2.4 s.
    let before = world.context().machines[usize::from(machine_of(&world, "web"))].busy.value();
    assert_eq!(before, 1);
    kill(&mut world, "balancer");
    run_to(&mut world, seconds(2.399));
    assert_eq!(world.report().tiers["web"].served, 0);
    run_to(&mut world, seconds(2.401));
    assert_eq!(world.report().tiers["web"].served, 1, "it should be done at 2.4 s");
}

fn machine_of(world: &World, tier: &str) -> u16 {
    world.context().nodes[node(world, tier, 1).index()].machine.expect("it has a machine")
}

/// Two groups of clients have a list of time-outs each; a death must not mix them up.
#[test]
fn time_outs_of_every_group_survive_a_death() {
    let mut scenario = stages::find("separate-database").expect("it is published").scenario();
    for client in scenario.workload.clients.values_mut() {
        client.timeout_ms = 400.0;
    }
    // The database is too slow for anybody to wait for, so every read has a time-out coming when the web server dies.
    let mut world = World::new(&scenario, 7);
    set(&mut world, "machines.data.speed", 0.05);
    for _ in 0..20 {
        run_for(&mut world, 1.0);
        kill(&mut world, "web");
        restore(&mut world, "web");
        run_for(&mut world, 9.0);
        check_balance(&world);
    }
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 600.0);
    check_empty(&world);
}

fn constant(rate: f64) -> World {
    let design = Bare { rate, arrivals: "constant", ..Bare::at_load(0.5, 4) };
    World::new(&design.scenario(), 1)
}

fn issued_in(world: &mut World, length: f64) -> u64 {
    let before = world.context().ledger.run.issued;
    run_for(world, length);
    world.context().ledger.run.issued - before
}

#[test]
fn a_spike_multiplies_the_arrivals_while_it_lasts() {
    let mut world = constant(100.0);
    assert_eq!(issued_in(&mut world, 10.0), 1000);
    world.apply(Change::Spike { factor: 3.0, duration_ms: 10_000.0, clients: None }).expect("it is valid");
    assert_eq!(world.spike_factor(), 3.0);
    // Evenly spaced arrivals: exact but for the one that falls on the edge.
    assert!(issued_in(&mut world, 10.0).abs_diff(3000) <= 1);
    assert_eq!(world.spike_factor(), 1.0);
    assert!(issued_in(&mut world, 10.0).abs_diff(1000) <= 1);
    // A second spike replaces the first, and the end of the first does not end it.
    world.apply(Change::Spike { factor: 3.0, duration_ms: 10_000.0, clients: None }).expect("it is valid");
    run_for(&mut world, 5.0);
    world.apply(Change::Spike { factor: 0.5, duration_ms: 10_000.0, clients: None }).expect("it is valid");
    assert!(issued_in(&mut world, 10.0).abs_diff(500) <= 1);
    assert!(issued_in(&mut world, 10.0).abs_diff(1000) <= 1);
}

#[test]
fn users_can_be_changed_while_it_runs() {
    let mut world = constant(100.0);
    run_for(&mut world, 10.0);
    set(&mut world, "workload.users", 2500);
    assert!(issued_in(&mut world, 10.0).abs_diff(2500) <= 1);
    set(&mut world, "workload.users", 10);
    assert!(issued_in(&mut world, 10.0).abs_diff(10) <= 1);
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    assert_eq!(issued_in(&mut world, 1000.0), 0);
    // What is left of events is superseded, or a time-out that finds nobody; then nothing happens any more.
    let left = (0..10).take_while(|_| world.step()).count();
    assert!(left < 10 && world.now() < seconds(100_000.0), "{left} events, now {:?}", world.now());
    set(&mut world, "workload.requests_per_user_per_second", 10.0);
    assert!(issued_in(&mut world, 10.0).abs_diff(1000) <= 1);
}

#[test]
fn servers_can_be_added_and_taken_out_while_it_runs() {
    let mut world = stage("load-balancer", 7);
    world.begin_measuring();
    set(&mut world, "tiers.web.instances", 3);
    let third = node(&world, "web", 3);
    assert_eq!(world.context().nodes[third.index()].life, Life::Booting);
    run_until(&mut world, |fact| matches!(fact, Fact::TakenIn { server, .. } if *server == third));
    assert_eq!(world.context().nodes[third.index()].served, 0);
    run_for(&mut world, 30.0);
    let before: Vec<u64> = world.report().tiers["web"].per_instance.clone();
    run_for(&mut world, 30.0);
    let now = world.report().tiers["web"].per_instance.clone();
    for (now, before) in now.iter().zip(&before) {
        // A third of 12,000 requests each, ± 4·√12,000/3 of the Poisson arrivals and what is in flight.
        assert!((now - before).abs_diff(4000) < 180, "{} of about 12,000", now - before);
    }
    set(&mut world, "tiers.web.instances", 1);
    run_for(&mut world, 5.0);
    let before: Vec<u64> = world.report().tiers["web"].per_instance.clone();
    run_for(&mut world, 10.0);
    let now = world.report().tiers["web"].per_instance.clone();
    assert!(now[0] > before[0] + 3500 && now[1..] == before[1..], "{before:?} then {now:?}");
    assert_eq!(measured(&world).2, [0; Cause::COUNT], "resizing costs nobody anything");
}

/// Taking a dead server out does not bring it to life.
#[test]
fn a_dead_server_that_is_taken_out_stays_dead() {
    let mut world = stage("load-balancer", 7);
    let second = node(&world, "web", 2);
    kill(&mut world, "web.2");
    set(&mut world, "tiers.web.instances", 1);
    assert_eq!(world.context().nodes[second.index()].life, Life::Down);
    let served = world.context().nodes[second.index()].served;
    run_for(&mut world, 10.0);
    assert_eq!(world.context().nodes[second.index()].served, served);
    set(&mut world, "tiers.web.instances", 2);
    run_until(&mut world, |fact| matches!(fact, Fact::TakenIn { server, .. } if *server == second));
    run_for(&mut world, 10.0);
    assert!(world.context().nodes[second.index()].served > served + 1000);
}

/// A request that was sent at the very instant at which measuring begins, but before, is not measured.
#[test]
fn measuring_can_begin_at_the_instant_of_an_arrival() {
    let mut world = World::new(&Bare::at_load(0.5, 1).scenario(), 1);
    while world.context().ledger.run.issued < 100 {
        world.step();
    }
    world.begin_measuring();
    assert_eq!(measured(&world).0, 0);
    run_for(&mut world, 1.0);
    set(&mut world, "workload.requests_per_user_per_second", 0.0);
    run_for(&mut world, 100.0);
    let (issued, answered, _, in_flight) = measured(&world);
    assert_eq!((issued, in_flight), (answered, 0));
}

#[test]
fn slots_can_be_changed_while_it_runs() {
    // Four cores at half load: a single slot can serve only 100 of the 200 requests a second.
    let mut world = World::new(&Bare::at_load(0.5, 4).scenario(), 1);
    let busy = |world: &World| world.nodes()[node(world, "web", 1).index()].station().expect("a server").busy.value();
    run_for(&mut world, 10.0);
    set(&mut world, "tiers.web.backlog", 1_000_000);
    set(&mut world, "tiers.web.slots", 1);
    run_for(&mut world, 1.0);
    world.begin_measuring();
    run_for(&mut world, 50.0);
    assert_eq!(busy(&world), 1);
    let served = world.report().tiers["web"].served as f64;
    // A busy slot turns out exponential services: 5,000 ± 4·√5,000.
    assert!((served - 5000.0).abs() < 4.0 * 5000f64.sqrt(), "{served}");
    let waiting = world.context().nodes[node(&world, "web", 1).index()].waiting.value();
    assert!(waiting > 4000, "{waiting}");
    set(&mut world, "tiers.web.slots", 1000);
    assert_eq!(busy(&world), 1000, "those who wait get the new slots at once");
    run_for(&mut world, 100.0);
    assert!(busy(&world) < 50 && measured(&world).2 == [0; Cause::COUNT]);
}

#[test]
fn the_policy_can_be_changed_while_it_runs() {
    let served = |policy: &str| {
        let mut world = World::new(&Bare::at_load(0.5, 1).servers(2, "round_robin").scenario(), 1);
        run_for(&mut world, 10.0);
        set(&mut world, "tiers.balancer.policy", policy);
        world.begin_measuring();
        run_for(&mut world, 100.0);
        let served = &world.report().tiers["web"].per_instance;
        served[0] as f64 - served[1] as f64
    };
    // In turn the counts differ by what is in flight; at random by the fairness of a coin thrown 10,000 times.
    assert!(served("round_robin").abs() < 20.0, "{}", served("round_robin"));
    let random = served("random").abs();
    assert!((20.0..400.0).contains(&random), "{random}");
}
