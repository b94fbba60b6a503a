use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::course::stages;
use crate::scenario::edit;
use crate::world::World;

/// A wide screen, a tablet, a phone, windows of 1280, 1366 and 1024 pixels, and windows that are too small for anything.
const SIZES: [(f64, f64); 8] = [
    (804.0, 470.0),
    (784.0, 420.0),
    (366.0, 590.0),
    (722.0, 328.0),
    (720.0, 328.0),
    (986.0, 406.0),
    (600.0, 200.0),
    (300.0, 300.0),
];
/// Those of [`SIZES`] with room for everything.
const ROOMY: usize = 6;

fn scene(stage: &str, web_servers: u32) -> Scene {
    let scenario = stages::find(stage).expect("it is published").scenario();
    // A map does not depend on how many users there are, and fewer are sooner there.
    let scenario = edit::set(&scenario, "workload.users", json!(1000)).expect("that many fit");
    let scenario = edit::set(&scenario, "tiers.web.autoscaler", Value::Null).expect("a part that may be left out");
    let scenario = edit::set(&scenario, "tiers.web.instances", json!(web_servers)).expect("that many fit");
    crate::frame::scene(&World::new(&scenario, 1))
}

/// Every stage with few and many web servers.
fn scenes() -> Vec<Scene> {
    let counts = [1, 2, 5, 8, 9, 100];
    stages::newest().flat_map(|stage| counts.map(|count| scene(stage.id, count))).collect()
}

/// What a tall map is given, on a phone and else: see `.tall .surface` in `www/style.css`.
const TALL: (f64, f64) = (1700.0, 600.0);

/// The space that the page has for `scene` where other diagrams have `size`.
fn room(scene: &Scene, size: (f64, f64)) -> (f64, f64) {
    let (width, height) = size;
    let layout = Layout::new(scene, width, height);
    match (layout.spread, layout.tall) {
        (true, true) if width < HORIZONTAL_FROM => (width, TALL.0),
        (true, true) => (width, TALL.1),
        (true, false) if width < HORIZONTAL_FROM => (width, map::height_given(width)),
        (true, false) => (width, height.max(map::height_given(width))),
        (false, _) => size,
    }
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

#[wasm_bindgen_test]
fn cards_are_inside_and_do_not_overlap_where_there_is_room() {
    for scene in scenes() {
        for size in &SIZES[..ROOMY] {
            let (width, height) = room(&scene, *size);
            let layout = Layout::new(&scene, width, height);
            for (index, card) in layout.cards.iter().enumerate() {
                let Rect { x, y, w, h } = card.rect;
                assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= height, "{card:?} in {width} × {height}");
                assert!(w >= 80.0, "{card:?} is too narrow for its words in {width} × {height}");
                for other in &layout.cards[index + 1..] {
                    assert!(!overlap(&card.rect, &other.rect), "{card:?} and {other:?} in {width} × {height}");
                }
            }
        }
    }
}

#[wasm_bindgen_test]
fn every_node_has_a_card_and_every_call_a_way_there_and_back() {
    for scene in scenes() {
        for (width, height) in SIZES {
            let layout = Layout::new(&scene, width, height);
            for node in 0..scene.nodes.len() {
                assert!(layout.card_of(node).is_some(), "node {node}");
            }
            let of_tier = |tier: u16| scene.nodes.iter().position(|node| node.tier == tier).expect("tiers have nodes");
            for &(caller, callee) in &scene.calls {
                let (from, to) = (of_tier(caller), of_tier(callee));
                let (way, against) = layout.route(from, to).expect("there is a way");
                assert_eq!(layout.route(to, from), Some((way, true)));
                assert!(!against);
            }
        }
    }
}

#[wasm_bindgen_test]
fn few_instances_are_drawn_one_by_one_and_many_as_one_card() {
    let cards = |count| Layout::new(&scene("load-balancer", count), 804.0, 470.0).cards;
    let folded =
        |count| cards(count).iter().filter(|card| card.folded).map(|card| card.nodes.len()).collect::<Vec<_>>();
    assert!(folded(8).is_empty());
    assert_eq!(folded(100), [100_usize]);
}

#[wasm_bindgen_test]
fn a_frame_holds_what_it_is_around() {
    let scene = scene("single-server", 1);
    for (width, height) in &SIZES[..3] {
        let layout = Layout::new(&scene, *width, *height);
        let holds = |frame: &Frame, card: &Card| frame.rect.union(&card.rect) == frame.rect;
        let machine =
            layout.frames.iter().find(|frame| frame.of == FrameOf::Machine(0)).expect("two processes share it");
        let place =
            layout.frames.iter().find(|frame| matches!(frame.of, FrameOf::Place(_))).expect("it stands somewhere");
        let on_it = |card: &&Card| scene.nodes[card.nodes[0]].machine == Some(0);
        assert_eq!(layout.cards.iter().filter(on_it).count(), 2);
        for card in layout.cards.iter().filter(on_it) {
            assert!(holds(machine, card) && holds(place, card), "{card:?} in {width} × {height}");
        }
    }
}

#[wasm_bindgen_test]
fn what_moves_evenly_in_time_moves_evenly_along_a_curve() {
    let (a, b) = (Rect { x: 0.0, y: 0.0, w: 10.0, h: 10.0 }, Rect { x: 200.0, y: 150.0, w: 10.0, h: 10.0 });
    let curve = Curve::between(&a, &b, true);
    let points: Vec<Point> = (0..=20).map(|i| curve.at(f64::from(i) / 20.0).0).collect();
    assert_eq!((points[0], points[20]), ((10.0, 5.0), (200.0, 155.0)));
    for pair in points.windows(2) {
        let step = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
        assert!((step * 20.0 / curve.length - 1.0).abs() < 0.03, "{step}");
    }
}

/// The diagram where it is laid out like a map: on a desktop, a tablet and a phone.
const MAP_SIZES: [(f64, f64); 3] = [(804.0, 470.0), (784.0, 560.0), (366.0, 770.0)];

/// A stage whose machines and users stand at these places.
fn spread(stage: &str, machines: &[(&str, &[&str])], clients: &[(&str, &str)]) -> Scene {
    let mut scenario = edit::encode(&stages::find(stage).expect("it is published").scenario());
    for (machine, places) in machines {
        edit::merge(&mut scenario, &json!({ "machines": { *machine: { "place": null, "places": places } } }));
    }
    for (group, place) in clients {
        edit::merge(&mut scenario, &json!({ "workload": { "clients": { *group: { "place": place } } } }));
    }
    let scenario = crate::scenario::from_value(scenario).unwrap_or_else(|problem| panic!("{problem}"));
    crate::frame::scene(&World::new(&scenario, 1))
}

fn spreads() -> Vec<Scene> {
    let both = ["montreal", "london"];
    vec![
        spread("single-server", &[], &[("web", "seoul")]),
        spread("single-server", &[], &[("web", "seoul"), ("mobile", "sydney")]),
        spread("load-balancer", &[], &[("web", "tokyo"), ("mobile", "sao-paulo")]),
        spread("load-balancer", &[("app", &both)], &[("mobile", "london")]),
        spread("load-balancer", &[("app", &both)], &[("mobile", "sydney"), ("web", "los-angeles")]),
    ]
}

#[wasm_bindgen_test]
fn places_have_frames_that_hold_their_own_and_meet_nobody() {
    for scene in spreads() {
        for (width, height) in MAP_SIZES {
            let layout = Layout::new(&scene, width, height);
            assert!(layout.spread);
            let whole = Rect { x: 0.0, y: 0.0, w: width, h: height };
            let holds = |outer: &Rect, inner: &Rect| outer.union(inner) == *outer;
            for (index, card) in layout.cards.iter().enumerate() {
                assert!(holds(&whole, &card.rect), "{card:?} in {width} × {height}");
                let meets = layout.cards[index + 1..].iter().find(|other| other.rect.meets(&card.rect));
                assert_eq!(meets, None, "{card:?} in {width} × {height}");
            }
            let places: Vec<&Frame> =
                layout.frames.iter().filter(|frame| matches!(frame.of, FrameOf::Place(_))).collect();
            for (index, frame) in places.iter().enumerate() {
                assert!(holds(&whole, &frame.rect), "{frame:?} in {width} × {height}");
                assert!(places[index + 1..].iter().all(|other| !other.rect.meets(&frame.rect)), "{frame:?}");
                for card in &layout.cards {
                    let place = scene.nodes[card.nodes[0]].place.clone();
                    let own = place.is_some_and(|place| frame.of == FrameOf::Place(place));
                    assert_eq!(frame.rect.meets(&card.rect), own, "{card:?} and {frame:?} in {width} × {height}");
                    assert!(!own || holds(&frame.rect, &card.rect));
                }
            }
        }
    }
}

#[wasm_bindgen_test]
fn west_is_left_of_east_and_north_above_south() {
    let scene = spread("single-server", &[], &[("web", "seoul"), ("mobile", "sydney")]);
    let layout = Layout::new(&scene, 804.0, 470.0);
    let middle = |place: &str| {
        let own = layout.frames.iter().find(|frame| frame.of == FrameOf::Place(place.to_owned()));
        own.expect("it has a frame").rect.centre()
    };
    let (montreal, seoul, sydney) = (middle("montreal"), middle("seoul"), middle("sydney"));
    assert!(montreal.0 < seoul.0 && montreal.0 < sydney.0);
    assert!(seoul.1 < sydney.1, "{seoul:?} {sydney:?}");
}

#[wasm_bindgen_test]
fn ways_go_round_cards_where_they_can() {
    let cards = [(0.0, 100.0), (200.0, 100.0), (400.0, 100.0)].map(|(x, y)| Rect { x, y, w: 100.0, h: 60.0 });
    let curve = Curve::past(&cards[0], &cards[2], &cards[1..2], (500.0, 300.0));
    let inside = (0..=100).map(|i| curve.at(f64::from(i) / 100.0).0).filter(|&(x, y)| {
        let middle = Rect { x, y, w: 0.0, h: 0.0 };
        cards[1].meets(&middle)
    });
    assert_eq!(inside.count(), 0);
}

#[wasm_bindgen_test]
fn members_of_a_cluster_have_ways_between_them_that_stay_inside() {
    let mut scenario = edit::encode(&stages::find("load-balancer").expect("it is published").scenario());
    edit::merge(&mut scenario, &json!({ "tiers": { "database": { "instances": 3, "replication": {} } } }));
    edit::merge(&mut scenario, &json!({ "workload": { "keys": { "count": 1000 } } }));
    let scenario = crate::scenario::from_value(scenario).unwrap_or_else(|problem| panic!("{problem}"));
    let scene = crate::frame::scene(&World::new(&scenario, 1));
    assert_eq!(scene.streams.len(), 3, "each pair once");
    for (width, height) in &SIZES[..3] {
        let layout = Layout::new(&scene, *width, *height);
        for &(one, other) in &scene.streams {
            let (edge, _) = layout.route(usize::from(one), usize::from(other)).expect("there is a way");
            let edge = &layout.edges[edge];
            assert_eq!(edge.course, Course::Stream);
            for step in 0..=20 {
                let (x, y) = edge.curve.at(f64::from(step) / 20.0).0;
                assert!(x <= *width && y <= *height, "({x}, {y}) in {width} × {height}");
            }
        }
    }
}
