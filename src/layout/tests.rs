use std::sync::LazyLock;

use serde_json::{Value, json};

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
fn scenes() -> &'static [Scene] {
    static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
        let counts = [1, 5, 8, 100];
        let last = stages::newest().map(|stage| stage.id).last();
        // The last stage is large as it is.
        let counts = move |id| if Some(id) == last { &counts[..1] } else { &counts[..] }.to_vec();
        stages::newest().flat_map(|stage| counts(stage.id).into_iter().map(|count| scene(stage.id, count))).collect()
    });
    &SCENES
}

/// All of them, and systems that no stage is, each in every space where there is room.
fn laid_out() -> &'static [(&'static Scene, Layout)] {
    static LAYOUTS: LazyLock<Vec<(&Scene, Layout)>> = LazyLock::new(|| {
        let all = scenes().iter().chain(sandboxes());
        let in_all = |scene: &'static Scene| {
            SIZES[..ROOMY].iter().map(move |size| {
                let (width, height) = room(scene, *size);
                (scene, Layout::new(scene, width, height))
            })
        };
        all.flat_map(in_all).collect()
    });
    &LAYOUTS
}

/// The space that the page has for `scene` where other diagrams have `size`.
fn room(scene: &Scene, (width, height): (f64, f64)) -> (f64, f64) {
    (width, height_wanted(scene, width).unwrap_or(height))
}

#[test]
fn cards_are_inside_and_do_not_overlap_where_there_is_room() {
    for (_, layout) in laid_out() {
        let (width, height) = layout.size;
        for (index, card) in layout.cards.iter().enumerate() {
            let Rect { x, y, w, h } = card.rect;
            assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= height, "{card:?} in {width} × {height}");
            assert!(w >= 80.0, "{card:?} is too narrow for its words in {width} × {height}");
            for other in &layout.cards[index + 1..] {
                assert!(!card.rect.meets(&other.rect), "{card:?} and {other:?} in {width} × {height}");
            }
        }
    }
}

#[test]
fn every_node_has_a_card_and_every_call_a_way_there_and_back() {
    for scene in scenes() {
        for (width, height) in [SIZES[0], SIZES[2], SIZES[7]] {
            let layout = Layout::new(scene, width, height);
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

#[test]
fn few_instances_are_drawn_one_by_one_and_many_as_one_card() {
    let cards = |count| Layout::new(&scene("load-balancer", count), 804.0, 470.0).cards;
    let folded =
        |count| cards(count).iter().filter(|card| card.folded).map(|card| card.nodes.len()).collect::<Vec<_>>();
    assert!(folded(8).is_empty());
    assert_eq!(folded(100), [100_usize]);
}

#[test]
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

#[test]
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

/// Where it is laid out like a map: on a desktop, a tablet and a phone.
const MAP_WIDTHS: [f64; 3] = [804.0, 784.0, 366.0];

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

#[test]
fn places_have_frames_that_hold_their_own_and_meet_nobody() {
    for scene in spreads() {
        for width in MAP_WIDTHS {
            let height = height_wanted(&scene, width).expect("a map says how high it is");
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

#[test]
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

#[test]
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

/// Systems that no stage is: many of everything, and parts that are called from far and near.
fn sandboxes() -> &'static [Scene] {
    static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(built);
    &SCENES
}

fn built() -> Vec<Scene> {
    let built = |stage: &str, changes: Value| {
        let mut scenario = edit::encode(&stages::find(stage).expect("it is published").scenario());
        edit::merge(&mut scenario, &json!({ "workload": { "users": 1000 } }));
        edit::merge(&mut scenario, &changes);
        let scenario = crate::scenario::from_value(scenario).unwrap_or_else(|problem| panic!("{stage}: {problem}"));
        crate::frame::scene(&World::new(&scenario, 1))
    };
    let scaler = |maximum: u32| json!({ "minimum": 2, "maximum": maximum });
    let mut scenes = vec![
        built("cache", json!({ "tiers": { "web": { "instances": 240 }, "cache": { "instances": 7 } } })),
        built("cache", json!({ "tiers": { "web": { "instances": 3 }, "database": { "instances": 6 } } })),
        built("load-balancer", json!({ "tiers": { "web": { "instances": 3, "autoscaler": scaler(6) } } })),
        built("load-balancer", json!({ "tiers": { "web": { "instances": 3, "autoscaler": scaler(300) } } })),
        built("data-centers", json!({ "tiers": { "web": { "instances": 90, "autoscaler": null } } })),
        built(
            "sharding",
            json!({ "tiers": { "web": { "instances": 400, "autoscaler": null }, "cache": { "instances": 1 } } }),
        ),
    ];
    scenes.extend(spreads());
    scenes
}

#[test]
fn no_way_passes_a_card_but_its_ends() {
    for (_, layout) in laid_out() {
        let (width, height) = layout.size;
        let whole = Rect { x: -1.0, y: -1.0, w: width + 2.0, h: height + 2.0 };
        for edge in &layout.edges {
            // A point for every other pixel.
            let steps = (edge.curve.length / 2.0).ceil() as usize;
            let points: Vec<Point> = (0..=steps).map(|step| edge.curve.at(step as f64 / steps as f64).0).collect();
            assert!(points.iter().all(|&point| whole.holds(point)), "{edge:?} in {width} × {height}");
            for (index, card) in layout.cards.iter().enumerate() {
                let own = index == edge.from || index == edge.to;
                // At its ends it touches the border.
                let rect = if own { card.rect.grown(-1.0, -1.0, -1.0, -1.0) } else { card.rect };
                let within = points.iter().find(|&&point| rect.holds(point));
                assert_eq!(within, None, "{edge:?} passes {card:?} in {width} × {height}");
            }
        }
    }
}

#[test]
fn the_same_scene_in_the_same_space_is_laid_out_the_same() {
    for (scene, layout) in laid_out() {
        let (width, height) = layout.size;
        assert!(
            Layout::new(scene, width, height) == *layout,
            "{:?} in {width} × {height}",
            scene.scenario.tiers.keys()
        );
    }
}

/// Names of frames stand within their frames, and no card stands on one.
#[test]
fn names_of_frames_stay_in_them_and_free_of_cards() {
    for (_, layout) in laid_out() {
        for frame in &layout.frames {
            let (name, (width, height)) = (frame.name_rect(), layout.size);
            assert_eq!(frame.rect.union(&name), frame.rect, "{frame:?} in {width} × {height}");
            let on_it = layout.cards.iter().find(|card| card.rect.meets(&name));
            assert_eq!(on_it, None, "{frame:?} in {width} × {height}");
        }
    }
}

#[test]
fn cells_of_a_folded_tier_are_apart_and_on_its_card() {
    let mut seen = 0;
    for card in laid_out().iter().flat_map(|(_, layout)| &layout.cards).filter(|card| card.folded) {
        let Some(cells) = &card.cells else { continue };
        seen += 1;
        let rects: Vec<Rect> = (0..card.nodes.len()).map(|node| cells.rect(node)).collect();
        for (index, rect) in rects.iter().enumerate() {
            assert_eq!(card.rect.union(rect), card.rect, "cell {index} of {card:?}");
            assert_eq!(cells.at(rect.centre()), Some(index), "{card:?}");
            assert!(rects[..index].iter().all(|other| !other.meets(rect)), "cell {index} of {card:?}");
        }
    }
    assert!(seen > 100, "{seen}");
}

/// A tier that scales by itself has places reserved for all that it may have.
#[test]
fn who_joins_a_tier_with_reserved_places_moves_nobody() {
    let at = |instances: u32| {
        let scaler = json!({ "minimum": 1, "maximum": 6 });
        let mut scenario = edit::encode(&stages::find("load-balancer").expect("it is published").scenario());
        edit::merge(&mut scenario, &json!({ "tiers": { "web": { "instances": instances, "autoscaler": scaler } } }));
        let scenario = crate::scenario::from_value(scenario).unwrap_or_else(|problem| panic!("{problem}"));
        let scene = crate::frame::scene(&World::new(&scenario, 1));
        let layout = Layout::new(&scene, 804.0, 470.0);
        let named = |card: &Card| {
            let node = &scene.nodes[card.nodes[0]];
            (scene.tiers[card.tier].id.clone(), node.number, card.rect)
        };
        layout.cards.iter().map(named).collect::<Vec<_>>()
    };
    let most = at(6);
    for instances in 1..6 {
        let fewer = at(instances);
        assert_eq!(fewer.len(), most.len() - (6 - instances as usize));
        assert!(fewer.iter().all(|card| most.contains(card)), "{fewer:?} within {most:?}");
    }
}
