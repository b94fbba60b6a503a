//! Files on their way: edges, stores, browsers, and what distance, purges, outages and floods do to them.

#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::invariants::{check_balance, check_empty};
use common::{kill, restore, run_for, run_to, seconds, set};
use serde_json::{Value, json};
use zero_to_millions::nodes::trace::Follow;
use zero_to_millions::scenario::{self, Change, Scenario, edit, places};
use zero_to_millions::world::World;
use zero_to_millions::world::delivery::CdnReport;
use zero_to_millions::world::report::Report;

/// 200 requests a second, of users in Montréal and Tokyo, for 500 files of 100 kB each, which come from a store in
/// Montréal over edges at both places.
fn site(patch: &Value) -> Scenario {
    let connection = json!({ "initial_window_segments": 10, "keep_alive_seconds": 60 });
    let group = |place: &str| {
        json!({ "share": 1.0, "place": place, "access_latency_ms": 10.0, "download_mbps": 100.0,
                "timeout_ms": 10_000.0, "connection": connection })
    };
    let mut json = json!({
        "version": 1, "name": "Delivery",
        "workload": {
            "users": 2000, "requests_per_user_per_second": 0.1, "entry": "web",
            "clients": { "home": group("montreal"), "abroad": group("tokyo") },
            "classes": {
                "image": { "share": 1.0, "response_kb": 100.0, "entry": "cdn",
                           "web": { "mean_ms": 1.0, "distribution": "constant" },
                           "files": { "count": 500, "popularity": "uniform", "max_age_ms": 60_000.0 } }
            }
        },
        "machines": { "app": { "place": "montreal", "cores": 64, "cost_per_month_usd": 100.0 } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 100_000, "backlog": 0 },
            "cdn": { "kind": "cdn", "places": ["montreal", "tokyo"], "origin": "store", "reroute_ms": 10_000.0,
                     "boot_ms": 1000.0 },
            "store": { "kind": "object_store", "place": "montreal",
                       "first_byte": { "mean_ms": 50.0, "distribution": "constant" } }
        }
    });
    edit::merge(&mut json, patch);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

fn measured(scenario: &Scenario, warmup: f64, length: f64) -> World {
    let mut world = World::new(scenario, 1);
    run_to(&mut world, seconds(warmup));
    world.begin_measuring();
    run_for(&mut world, length);
    world
}

fn cdn(report: &Report) -> &CdnReport {
    report.tiers["cdn"].cdn.as_ref().expect("it is a CDN")
}

fn drain(world: &mut World) {
    set(world, "workload.requests_per_user_per_second", 0.0);
    run_for(world, 60.0);
    check_balance(world);
    check_empty(world);
}

/// What came to a node, as the node itself counts it.
fn asked(world: &World, tier: &str) -> u64 {
    let index = world.plan().tiers.iter().position(|known| known.id == tier).expect("it is there");
    let ctx = world.context();
    ctx.tiers[index].members.iter().map(|node| ctx.nodes[node.index()].asked).sum()
}

/// Requests at the origin = misses − coalesced, exactly, whether it is a store or the web servers.
#[test]
fn the_origin_is_asked_for_misses_that_nobody_else_made() {
    for (origin, coalesce) in [("store", true), ("store", false), ("web", true)] {
        let patch = json!({ "tiers": { "cdn": { "origin": origin, "coalesce": coalesce } },
                            "workload": { "classes": { "image": { "files": { "count": 20, "max_age_ms": 2000.0 } } } } });
        let mut world = World::new(&site(&patch), 1);
        run_to(&mut world, seconds(120.0));
        drain(&mut world);
        let report = world.report();
        let found = cdn(&report);
        assert_eq!(found.hits + found.misses, report.requests.issued);
        assert_eq!(asked(&world, origin), found.misses - found.coalesced);
        assert_eq!(found.fills, found.misses - found.coalesced);
        assert_eq!(found.coalesced > 100, coalesce, "{found:?}");
        let sum = |of: fn(&CdnReport) -> u64| found.by_edge.values().map(of).sum::<u64>();
        assert_eq!((sum(|edge| edge.hits), sum(|edge| edge.fills)), (found.hits, found.fills));
        // Every byte is accounted for: 100 kB for each answer and each fill.
        let answered = report.requests.answered as f64;
        assert!((found.out_gb - answered * 1e-4).abs() < 1e-9, "{} GB", found.out_gb);
        assert!((found.filled_gb - found.fills as f64 * 1e-4).abs() < 1e-9, "{} GB", found.filled_gb);
    }
}

/// λT / (1 + λT + λd) at each edge: 100 requests a second over 500 files are λ = 0.2 for each, and a fill takes d, in which
/// all miss.
#[test]
fn the_hit_ratio_is_that_of_renewal_theory() {
    for max_age_seconds in [2.5, 20.0] {
        let files = json!({ "files": { "max_age_ms": max_age_seconds * 1e3 } });
        let patch = json!({ "workload": { "classes": { "image": files } } });
        let report = measured(&site(&patch), 60.0, 1000.0).report();
        let load = 0.2 * max_age_seconds;
        for (place, edge) in &cdn(&report).by_edge {
            let find = |id| places::find(id).expect("known");
            let way = 0.25 + places::delay_ms(find(place), find("montreal"), places::PATH_FACTOR);
            let fill_seconds = (2.0 * way + 50.0 + 0.8) / 1e3;
            let expected = load / (1.0 + load + 0.2 * fill_seconds);
            // Four standard errors of a share of 100,000.
            let ratio = edge.hit_ratio.expect("it was asked");
            assert!((ratio - expected).abs() < 0.0064, "{place}: {ratio} for {expected}");
        }
    }
}

/// The first request of a device: two round trips to connect, one for the request, what it takes at the edge, and the
/// transfer in windows of 14.6, 29.2, 58.4 … kB; a hit and a miss, near and far.
#[test]
fn an_answer_takes_what_the_hand_calculation_says() {
    let one_way = |place: &str, edge: &str| {
        let find = |id| places::find(id).expect("known");
        10.0 + 0.25 + places::delay_ms(find(place), find(edge), places::PATH_FACTOR)
    };
    // 100 kB at 100 Mbit/s: if a window of 29.2 kB (2.336 ms) and of 14.6 kB end before a round trip, two waits.
    let transfer = |round_trip: f64| 2.0 * round_trip + (100.0 - 43.8) * 0.08;
    for (edges, abroad) in [(json!(["montreal", "tokyo"]), "tokyo"), (json!(["montreal"]), "montreal")] {
        let patch = json!({ "tiers": { "cdn": { "places": edges } } });
        let mut world = World::new(&site(&patch), 1);
        world.follow(Follow::Everyone);
        run_to(&mut world, seconds(5.0));
        let mut seen = [0; 2];
        for trace in world.traces() {
            let Some((end, None)) = trace.outcome else { continue };
            let (place, edge) = if trace.client.0 == 0 { ("tokyo", abroad) } else { ("montreal", "montreal") };
            let round_trip = 2.0 * one_way(place, edge);
            let connects = trace.spans.iter().filter(|span| {
                matches!(
                    span.doing,
                    zero_to_millions::nodes::trace::Doing::Travels(zero_to_millions::nodes::job::Errand::Handshake(_))
                )
            });
            let handshakes = connects.count() as f64 / 2.0;
            let fill = trace.spans.iter().any(|span| world.target(span.from) == "store.1");
            let to_store = one_way(edge, "montreal") - 10.0;
            // There and back, 50 ms to the first byte, 100 kB at 1 Gbit/s.
            let fill_ms = if fill { 2.0 * to_store + 50.0 + 0.8 } else { 0.0 };
            let by_hand = (handshakes + 1.0) * round_trip + 1.0 + fill_ms + transfer(round_trip);
            let took = (end - trace.sent).as_ms();
            // Who waits for another one's fill takes less than a whole one.
            let waited = !fill && took > by_hand + 1e-3;
            assert!(
                waited || (took - by_hand).abs() < 1e-3,
                "{place}: {took} ms for {by_hand} ms ({handshakes} {fill})"
            );
            seen[usize::from(fill)] += u32::from(!waited);
        }
        assert!(seen[0] > 0 && seen[1] > 0, "hits and misses: {seen:?}");
    }
}

fn publish(world: &mut World, share: f64, rename: bool) {
    world.apply(Change::Publish { class: "image".to_owned(), share, rename }).expect("it is valid");
}

fn purge(world: &mut World) {
    let change = Change::Purge { target: "cdn".to_owned(), class: "image".to_owned() };
    world.apply(change).expect("it is valid");
}

/// Stale answers of edges and browsers in the seconds after files have changed: at once, and from 20 s on until 59 s.
fn stale_after(change: impl Fn(&mut World)) -> [(u64, u64); 2] {
    let patch = json!({ "workload": { "clients": { "abroad": { "browser_cache": true } },
                                      "classes": { "image": { "files": { "count": 50 } } } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(100.0));
    change(&mut world);
    [(0.0, 10.0), (20.0, 59.0)].map(|(from, until)| {
        run_to(&mut world, seconds(100.0 + from));
        world.begin_measuring();
        run_to(&mut world, seconds(100.0 + until));
        let report = world.report();
        (cdn(&report).stale_reads, report.browsers.expect("some keep files").stale_reads)
    })
}

#[test]
fn a_purge_reaches_edges_a_new_name_everybody_and_nothing_else_anybody() {
    let nothing = stale_after(|world| publish(world, 1.0, false));
    assert!(nothing[0].0 > 1000 && nothing[0].1 > 0, "{nothing:?}");
    assert!(nothing[1].0 > 100 && nothing[1].1 > 0, "stale until the age ends: {nothing:?}");
    let purged = stale_after(|world| {
        publish(world, 1.0, false);
        purge(world);
    });
    assert!(purged[0].0 > 500 && purged[0].0 < nothing[0].0, "until the purge arrives after 5 s: {purged:?}");
    assert_eq!(purged[1].0, 0, "edges have forgotten");
    assert!(purged[1].1 > 0, "browsers have not");
    assert_eq!(stale_after(|world| publish(world, 1.0, true)), [(0, 0); 2]);
    // Nobody has anything stale once the age has ended.
    let patch = json!({ "workload": { "clients": { "abroad": { "browser_cache": true } } } });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(100.0));
    publish(&mut world, 1.0, false);
    run_for(&mut world, 60.0);
    world.begin_measuring();
    run_for(&mut world, 60.0);
    let report = world.report();
    assert_eq!((cdn(&report).stale_reads, report.browsers.expect("some keep files").stale_reads), (0, 0));
}

/// A purge while a file is on its way: what comes is answered with, but not kept.
#[test]
fn what_was_on_its_way_when_a_purge_came_is_not_kept() {
    let patch = json!({
        "tiers": { "cdn": { "purge_ms": 0.0 },
                   "store": { "first_byte": { "mean_ms": 2000.0, "distribution": "constant" } } },
        "workload": { "classes": { "image": { "files": { "count": 5 } } } }
    });
    let mut world = World::new(&site(&patch), 1);
    run_to(&mut world, seconds(1.0));
    purge(&mut world);
    run_to(&mut world, seconds(3.0));
    let report = world.report();
    // The five of each edge were asked for, and again after the purge.
    assert_eq!(cdn(&report).fills, 20, "{:?}", cdn(&report));
    assert_eq!(cdn(&report).entries, 0);
    drain(&mut world);
}

/// An edge dies: its clients fail until routes have changed, then the other serves them; and back.
#[test]
fn routes_lead_past_a_dead_edge_after_a_while() {
    let mut world = World::new(&site(&json!({})), 1);
    let failed = |world: &mut World, until: f64| {
        world.begin_measuring();
        run_to(world, seconds(until));
        let report = world.report();
        let by_edge = cdn(&report).by_edge.iter().map(|(place, edge)| (place.clone(), edge.hits)).collect::<Vec<_>>();
        (report.requests.failed["unreachable"] + report.requests.failed["killed"], by_edge)
    };
    run_to(&mut world, seconds(60.0));
    kill(&mut world, "cdn.2");
    let (lost, _) = failed(&mut world, 70.0);
    // Ten seconds at 100 requests a second; four standard deviations.
    assert!(lost.abs_diff(1000) < 130, "{lost}");
    let (lost, by_edge) = failed(&mut world, 90.0);
    assert!(lost < 10 && by_edge[1].1 == 0, "{lost} {by_edge:?}");
    restore(&mut world, "cdn.2");
    let (lost, by_edge) = failed(&mut world, 130.0);
    assert!(lost == 0 && by_edge[1].1 > 1000, "{lost} {by_edge:?}");
    drain(&mut world);
}

/// The origin is gone: edges fetch from the second one, those who waited together included; without it, misses fail.
#[test]
fn edges_ask_the_second_origin_for_what_the_first_fails_to_give() {
    for (second, silent) in [(true, false), (true, true), (false, false)] {
        let own = if second { json!("web") } else { Value::Null };
        let patch = json!({ "tiers": { "cdn": { "second_origin": own } } });
        let mut world = World::new(&site(&patch), 1);
        run_to(&mut world, seconds(60.0));
        let before = world.report();
        assert_eq!(before.tiers["web"].served, 0, "the first origin has all");
        world.apply(Change::Kill { target: "store".to_owned(), silent, destroy: false }).expect("it is valid");
        world.begin_measuring();
        run_for(&mut world, 120.0);
        drain(&mut world);
        let report = world.report();
        let failed: u64 = report.requests.failed.values().sum();
        if second {
            assert_eq!(failed, 0);
            assert_eq!(report.tiers["web"].served, cdn(&report).misses - cdn(&report).coalesced);
        } else {
            assert!(failed > 100 && failed == cdn(&report).misses, "{failed}");
        }
        restore(&mut world, "store");
        set(&mut world, "workload.requests_per_user_per_second", 0.1);
        run_for(&mut world, 60.0);
        world.begin_measuring();
        run_for(&mut world, 60.0);
        let report = world.report();
        assert_eq!(report.tiers["web"].served, 0, "the first origin has all again");
        assert_eq!(report.tiers["store"].served, cdn(&report).fills);
    }
}

/// The whole CDN is gone: who has a fallback pays the time-out once and then asks the origin.
#[test]
fn clients_turn_to_the_origin_when_the_cdn_is_gone() {
    for silent in [false, true] {
        let fallback = json!({ "cdn_fallback": { "timeout_ms": 500.0, "remember_seconds": 3600 } });
        let patch = json!({ "workload": { "clients": { "home": fallback } } });
        let mut world = World::new(&site(&patch), 1);
        run_to(&mut world, seconds(60.0));
        world.apply(Change::Kill { target: "cdn".to_owned(), silent, destroy: false }).expect("it is valid");
        world.begin_measuring();
        run_for(&mut world, 120.0);
        drain(&mut world);
        let served = |tier: &str| world.report().tiers[tier].served;
        assert!(served("store") > 10_000, "the origin serves those");
        let groups: Vec<(u64, u64)> =
            world.context().nodes[..2].iter().map(|node| (node.served, node.failed)).collect();
        let (abroad, home) = (groups[0], groups[1]);
        assert_eq!(home.1, 0, "nobody with a fallback fails");
        assert!(abroad.1 > 10_000, "{abroad:?}");
        // One more attempt for each client of the group that came by, of about 1,000.
        let report = world.report();
        let retries = report.requests.attempts - report.requests.issued;
        assert!((900..1200).contains(&retries), "{retries} attempts more");
    }
}

/// A limit for each source address: those behind one address are blocked together, and counted.
#[test]
fn a_limit_blocks_those_who_share_an_address() {
    let patch = json!({
        "workload": { "clients": { "abroad": { "source_addresses": 10 } } },
        "tiers": { "cdn": { "rate_limit": { "requests_per_second": 5.0, "burst": 20 } } }
    });
    let mut world = World::new(&site(&patch), 1);
    run_for(&mut world, 100.0);
    drain(&mut world);
    let report = world.report();
    let found = cdn(&report);
    // 100 requests a second over ten addresses of five each: half of them. The others send 0.1 a second each.
    let blocked = found.blocked_by_group["abroad"];
    assert!(blocked.abs_diff(5000) < 400, "{blocked}");
    assert!(!found.blocked_by_group.contains_key("home"), "{:?}", found.blocked_by_group);
    assert_eq!(report.requests.failed["rate_limited"], blocked);
    assert_eq!(found.blocked, blocked);
}

/// A visit: what follows is asked for by the same user, when the page is there.
#[test]
fn a_page_is_followed_by_its_files() {
    let patch = json!({ "workload": { "users": 500, "classes": {
        "page": { "share": 1.0, "response_kb": 20.0, "web": { "mean_ms": 2.0 }, "followed_by": { "image": 6 } },
        "image": { "share": 0.0 } } } });
    let mut world = World::new(&site(&patch), 1);
    world.follow(Follow::User(7));
    run_to(&mut world, seconds(100.0));
    drain(&mut world);
    let report = world.report();
    assert_eq!(report.by_class["image"].answered, 6 * report.by_class["page"].answered);
    let (ids, sent): (Vec<u64>, Vec<_>) = world.traces().map(|trace| (trace.id, trace.sent)).unzip();
    assert!(ids.len() >= 14 && ids.is_sorted() && sent.is_sorted(), "{ids:?}");
}

/// The bill, by hand.
#[test]
fn traffic_costs_what_it_is_worth_by_hand() {
    let files = json!({ "files": { "count": 20_000 } });
    let patch = json!({ "workload": { "classes": { "image": files } },
                        "tiers": { "store": { "stored_gb": 100.0 }, "cdn": { "price_fill_per_gb_usd": 0.02 } } });
    let world = measured(&site(&patch), 100.0, 730.0);
    let report = world.report();
    let costs = report.costs_per_month.expect("traffic has a price");
    let (found, months) = (cdn(&report), 730.0 / (730.0 * 3600.0));
    let requests = (found.hits + found.misses) as f64 / months;
    let cdn_usd = found.out_gb / months * 0.085 + found.filled_gb / months * 0.02 + requests / 1e4 * 0.01;
    let store_usd = found.filled_gb / months * 0.09 + 100.0 * 0.023 + found.fills as f64 / months / 1e3 * 0.0004;
    // What is on its way when measuring begins and ends: less than one in a thousand.
    assert!((costs.cdn_usd / cdn_usd - 1.0).abs() < 1e-3, "{costs:?} for {cdn_usd}");
    assert!((costs.object_store_usd / store_usd - 1.0).abs() < 2e-3, "{costs:?} for {store_usd}");
    assert_eq!((costs.machines_usd, costs.egress_usd), (100.0, 0.0));
    assert_eq!(report.cost_per_month_usd, costs.total_usd());
}

/// A group that sends more often, and one with a spike: shares and rates by arithmetic.
#[test]
fn groups_send_as_often_as_they_are_said_to() {
    let patch = json!({ "workload": { "clients": { "abroad": { "rate_factor": 4.0 } } } });
    let mut world = measured(&site(&patch), 10.0, 200.0);
    let sent = |world: &World| {
        let nodes = &world.context().nodes[..2];
        [nodes[0].served + nodes[0].failed, nodes[1].served + nodes[1].failed].map(|count| count as f64)
    };
    let before = sent(&world);
    // Half of the users send 4 times as often: 80 % of the requests, 100 + 400 a second.
    assert!((before[0] / (before[0] + before[1]) - 0.8).abs() < 0.01, "{before:?}");
    assert!((world.report().requests.issued as f64 / 200.0 - 500.0).abs() < 8.0);
    let spike = Change::Spike { factor: 5.0, duration_ms: 100_000.0, clients: Some("home".to_owned()) };
    world.apply(spike).expect("it is valid");
    run_for(&mut world, 100.0);
    let after = sent(&world);
    let rates = [0, 1].map(|group| (after[group] - before[group]) / 100.0);
    assert!((rates[0] - 400.0).abs() < 12.0 && (rates[1] - 500.0).abs() < 12.0, "{rates:?}");
    run_for(&mut world, 100.0);
    let end = sent(&world);
    assert!(((end[1] - after[1]) / 100.0 - 100.0).abs() < 6.0, "the spike is over");
}
