//! Theory beside the simulation: its formulas against those that the tests have of their own, its values against runs, and each
//! reason why a law does not hold against the change that is its cause.

#![cfg(not(target_arch = "wasm32"))]

mod common;
#[path = "theory/formulas.rs"]
#[allow(dead_code, reason = "the tests of theory use the others")]
mod formulas;

use common::designs::Bare;
use common::{kill, run_for, set};
use formulas::{Mmc, erlang_c, mg1_mean_sojourn};
use serde_json::{Value, json};
use zero_to_millions::course::stages;
use zero_to_millions::course::theory::queues::{self, Sharing};
use zero_to_millions::course::theory::{Law, Reason, Statement, Theory, TheoryStatus};
use zero_to_millions::scenario;
use zero_to_millions::world::World;

#[test]
fn its_formulas_are_those_of_the_tests() {
    for servers in [1, 2, 5, 40] {
        for load in [0.1, 0.5, 0.9, 0.99] {
            let erlangs = load * f64::from(servers);
            let oracle = Mmc { servers, arrivals: erlangs, service: 1.0 };
            assert!((queues::erlang_c(servers, erlangs) - erlang_c(servers, erlangs)).abs() < 1e-12);
            let waiting = oracle.mean_wait() * erlangs;
            assert!((queues::waiting_mmc(servers, erlangs) / waiting - 1.0).abs() < 1e-9, "{servers} at {load}");
            let speeds: Vec<f64> = (0..=servers).map(f64::from).collect();
            let sharing = Sharing::new(erlangs, &speeds).expect("it is stable").mean();
            assert!((sharing / (oracle.mean_sojourn() * erlangs) - 1.0).abs() < 1e-9, "{servers} at {load}");
        }
    }
    for (load, variation) in [(0.5, 0.0), (0.7, 2.0), (0.9, 0.5)] {
        let waiting = load * (mg1_mean_sojourn(load, 1.0, variation) - 1.0);
        assert!((queues::waiting_mg1(load, variation) / waiting - 1.0).abs() < 1e-9, "{load}, {variation}");
    }
}

fn world(json: Value) -> World {
    let scenario = scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"));
    World::new(&scenario, scenario.seed)
}

fn stage(id: &str) -> World {
    let stage = stages::all().iter().rev().find(|stage| stage.id == id).expect("there is such a stage");
    let scenario = stage.scenario();
    World::new(&scenario, scenario.seed)
}

fn status(world: &World) -> TheoryStatus {
    Theory::default().status(world)
}

fn of_tier<'a>(status: &'a TheoryStatus, world: &World, tier: &str) -> &'a [Statement] {
    // A group of clients may be called the same.
    let index = world.plan().tiers.iter().rposition(|plan| plan.id == tier).expect("there is such a tier");
    &status.tiers[index]
}

fn is_queue(law: Law) -> bool {
    matches!(law, Law::ErlangC { .. } | Law::PollaczekKhinchine { .. } | Law::ProcessorSharing { .. })
}

fn find(world: &World, tier: &str, is: impl Fn(Law) -> bool) -> Statement {
    let status = status(world);
    let found = of_tier(&status, world, tier).iter().find(|statement| is(statement.law));
    found.unwrap_or_else(|| panic!("no such law of {tier}: {:?}", of_tier(&status, world, tier))).clone()
}

fn queue(world: &World, tier: &str) -> Statement {
    find(world, tier, is_queue)
}

/// What was simulated is within twice its 95% interval of theory, which is more than four standard errors, or within an allowance
/// that is known to be systematic; and it is known to a part of theory, so that this says something.
fn agrees(statement: &Statement, precision: f64, allowance: f64) {
    assert!(statement.reasons.is_empty(), "{statement:?}");
    let [shown, said, half] = [statement.simulated, statement.theory, statement.half_width]
        .map(|value| value.unwrap_or_else(|| panic!("something is missing: {statement:?}")));
    assert!((shown - said).abs() <= 2.0 * half + allowance, "{statement:?}");
    assert!(2.0 * half <= precision * said, "measured too roughly: {statement:?}");
}

fn runs(json: Value, seconds: f64) -> World {
    let mut world = world(json);
    run_for(&mut world, seconds);
    world
}

#[test]
fn one_line_agrees_where_a_law_holds() {
    let one = |service: Value| Bare { service, ..Bare::at_load(0.7, 1) };
    let constant = json!({ "mean_ms": Bare::MEAN_MS, "distribution": "constant" });
    let cases = [
        ("M/M/1", Bare::at_load(0.7, 1), Law::ErlangC { servers: 1 }),
        ("M/M/4", Bare::at_load(0.8, 4), Law::ErlangC { servers: 4 }),
        ("M/D/1", one(constant), Law::PollaczekKhinchine { variation: 0.0 }),
        ("M/G/1 sharing", Bare::at_load(0.7, 1).sharing().hyperexponential(), Law::ProcessorSharing { cores: 1 }),
        ("M/M/4 sharing", Bare::at_load(0.8, 4).sharing(), Law::ProcessorSharing { cores: 4 }),
        ("split by chance", Bare::at_load(0.7, 1).servers(3, "random"), Law::ErlangC { servers: 1 }),
    ];
    for (name, design, law) in cases {
        let world = runs(design.json(), 3000.0);
        let found = queue(&world, "web");
        assert_eq!(found.law, law, "{name}");
        agrees(&found, 0.25, 0.0);
        // What is left to chance is the work itself: there are as many answers as there are.
        agrees(&find(&world, "web", |law| law == Law::Utilisation), 0.05, 0.0);
    }
    let varied = runs(Bare::at_load(0.7, 1).hyperexponential().json(), 6000.0);
    let found = queue(&varied, "web");
    assert!(matches!(found.law, Law::PollaczekKhinchine { variation } if (variation - 2.0).abs() < 1e-9), "{found:?}");
    agrees(&found, 0.4, 0.0);
}

/// Little's law holds of whatever runs, to the ends of the run: also where no law of a queue does.
#[test]
fn littles_law_holds_of_all_lines() {
    for design in [
        Bare::at_load(0.8, 1),
        Bare::at_load(0.9, 4).hyperexponential(),
        Bare { arrivals: "constant", ..Bare::at_load(0.9, 1) },
        Bare::at_load(0.9, 1).servers(3, "round_robin"),
    ] {
        let world = runs(design.json(), 600.0);
        let waiting = find(&world, "web", |law| law == Law::LittleWaiting);
        let (shown, said) = (waiting.simulated.expect("measured"), waiting.theory.expect("it holds"));
        assert!(shown > 0.1 && (shown / said - 1.0).abs() < 1e-3, "{waiting:?}");
        let status = status(&world);
        let under_way = status.system.iter().find(|found| found.law == Law::LittleUnderWay);
        assert_eq!(
            under_way.is_none(),
            design.arrivals == "constant",
            "even looks meet the same phase of even arrivals"
        );
        let Some(under_way) = under_way else { continue };
        let (shown, said) = (under_way.simulated.expect("measured"), under_way.theory.expect("it holds"));
        // What is looked at now and then is known less well than by a gauge.
        let half_width = under_way.half_width.expect("it is known");
        assert!((shown - said).abs() <= half_width && (shown / said - 1.0).abs() < 0.06, "{under_way:?}");
    }
}

#[test]
fn users_who_wait_for_their_answers_follow_the_interactive_law() {
    let mut json = Bare::at_load(0.5, 1).json();
    json["workload"]["arrivals"] = json!("closed");
    json["workload"]["users"] = json!(100);
    json["workload"]["requests_per_user_per_second"] = json!(0.9);
    let world = runs(json, 2000.0);
    let status = status(&world);
    let found = status.system.iter().find(|found| found.law == Law::Interactive).expect("they wait");
    agrees(found, 0.02, 0.0);
    assert_eq!(queue(&world, "web").reasons, [Reason::ClosedLoop]);
}

fn changed(design: &Bare, change: impl FnOnce(&mut Value)) -> Value {
    let mut json = design.json();
    change(&mut json);
    json
}

/// Each change breaks the law for its own reason alone; without it, it holds.
#[test]
fn each_reason_has_its_cause() {
    let base = Bare::at_load(0.5, 2);
    assert_eq!(queue(&world(base.json()), "web").reasons, []);
    let sharing = base.clone().sharing();
    assert_eq!(queue(&world(sharing.json()), "web").reasons, []);
    let database = |json: &mut Value| {
        json["machines"]["data"] = json!({ "place": "montreal", "cores": 2 });
        json["tiers"]["database"] = json!({ "kind": "database", "machine": "data", "slots": 1000, "backlog": 1000 });
        json["tiers"]["web"]["database"] = json!("database");
        json["workload"]["classes"]["read"]["database"] = json!({ "mean_ms": 5.0 });
    };
    let cases: Vec<(&str, Value, &str, Vec<Reason>)> = vec![
        (
            "even",
            changed(&base, |json| json["workload"]["arrivals"] = json!("constant")),
            "web",
            vec![Reason::EvenArrivals],
        ),
        (
            "loop",
            changed(&base, |json| json["workload"]["arrivals"] = json!("closed")),
            "web",
            vec![Reason::ClosedLoop],
        ),
        (
            "retries",
            changed(&base, |json| json["workload"]["clients"]["all"]["retry"] = json!({ "attempts": 2 })),
            "web",
            vec![Reason::Retries],
        ),
        (
            "follow-ups",
            changed(&base, |json| {
                json["workload"]["classes"]["more"] = json!({ "share": 1.0, "web": { "mean_ms": Bare::MEAN_MS } });
                json["workload"]["classes"]["read"]["followed_by"] = json!({ "more": 2 });
            }),
            "web",
            vec![Reason::FollowUps],
        ),
        ("turns", base.clone().servers(3, "round_robin").json(), "web", vec![Reason::OwnLines { servers: 3 }]),
        ("least", base.clone().servers(3, "least_connections").json(), "web", vec![Reason::OwnLines { servers: 3 }]),
        ("chance", base.clone().servers(3, "random").json(), "web", vec![]),
        ("work", base.clone().hyperexponential().json(), "web", vec![Reason::NotExponential { cores: 2 }]),
        ("one core", Bare::at_load(0.5, 1).hyperexponential().json(), "web", vec![]),
        ("sharing", sharing.clone().hyperexponential().json(), "web", vec![]),
        ("load", Bare::at_load(1.25, 2).json(), "web", vec![Reason::Saturated { load: 1.25 }]),
        ("shared load", Bare::at_load(1.25, 2).sharing().json(), "web", vec![Reason::Saturated { load: 1.25 }]),
        (
            "short line",
            changed(&base, |json| {
                json["tiers"]["web"]["slots"] = json!(2);
                json["tiers"]["web"]["backlog"] = json!(2);
            }),
            "web",
            vec![Reason::LineFull],
        ),
        ("slots", changed(&sharing, |json| json["tiers"]["web"]["slots"] = json!(4)), "web", vec![Reason::SlotsRunOut]),
        (
            "again",
            changed(&base, |json| json["workload"]["classes"]["read"]["web_after"] = json!({ "mean_ms": 1.0 })),
            "web",
            vec![Reason::ComeBack, Reason::NotExponential { cores: 2 }],
        ),
        ("slots while waiting", changed(&base, database), "web", vec![Reason::HoldSlots]),
        ("database", changed(&sharing, database), "web", vec![]),
        ("its database", changed(&sharing, database), "database", vec![]),
        (
            "disk",
            changed(&sharing, |json| {
                database(json);
                json["machines"]["data"]["disk"] = json!("ssd");
                json["tiers"]["database"]["buffer_pool_mb"] = json!(100.0);
                json["workload"]["keys"] = json!({ "count": 1000 });
            }),
            "database",
            vec![Reason::Disk],
        ),
        (
            "servers that take turns",
            changed(&sharing.clone().servers(3, "round_robin"), database),
            "database",
            vec![Reason::UnevenFlow],
        ),
        (
            "one machine",
            changed(&base, |json| {
                database(json);
                json["tiers"]["database"]["machine"] = json!("app");
            }),
            "database",
            vec![Reason::UnevenFlow, Reason::SharedLine],
        ),
        (
            "one machine that is shared",
            changed(&sharing, |json| {
                database(json);
                json["tiers"]["database"]["machine"] = json!("app");
            }),
            "database",
            vec![],
        ),
    ];
    for (name, json, tier, reasons) in cases {
        assert_eq!(queue(&world(json), tier).reasons, reasons, "{name}");
    }
}

/// What happens while it runs counts as well; and what is over is forgotten.
#[test]
fn what_happens_on_the_way_is_a_reason_too() {
    let mut world = runs(Bare::at_load(0.5, 1).servers(2, "random").json(), 60.0);
    assert!(queue(&world, "web").theory.is_some());
    kill(&mut world, "web.2");
    run_for(&mut world, 20.0);
    assert!(queue(&world, "web").reasons.contains(&Reason::NotAllServe));
    let mut world = runs(Bare::at_load(0.5, 1).json(), 60.0);
    let before = queue(&world, "web").theory.expect("it holds");
    set(&mut world, "workload.users", 1400);
    let now = queue(&world, "web");
    assert_eq!((now.simulated, now.half_width), (None, None), "nothing is known of the new load yet");
    assert!(now.theory.expect("it holds still") > 2.0 * before);
    run_for(&mut world, 4000.0);
    agrees(&queue(&world, "web"), 0.3, 0.0);
    let spike = json!({ "spike": { "factor": 2.0, "duration_ms": 10_000.0 } });
    world.apply(serde_json::from_value(spike).expect("a spike")).expect("it fits");
    run_for(&mut world, 5.0);
    assert_eq!(queue(&world, "web").reasons, [Reason::Spike]);
    run_for(&mut world, 60.0);
    assert_eq!(queue(&world, "web").reasons, []);
}

/// The first chapters are what theory is about: web server and database on one machine that they share, then on two.
#[test]
fn the_first_stages_agree_with_theory() {
    for id in ["single-server", "separate-database"] {
        let mut world = stage(id);
        run_for(&mut world, 600.0);
        for tier in ["web", "database"] {
            agrees(&queue(&world, tier), 0.1, 0.0);
            agrees(&find(&world, tier, |law| law == Law::Utilisation), 0.05, 0.0);
        }
    }
}

/// In the other chapters, each server has a line of its own; what is said of the web servers' and the balancer's cores holds.
#[test]
fn the_other_stages_say_why_theory_is_silent() {
    for (id, servers) in [("load-balancer", None), ("cache", Some(6)), ("cdn", Some(6)), ("database-replication", None)]
    {
        let mut world = stage(id);
        run_for(&mut world, 60.0);
        let found = queue(&world, "web");
        assert_eq!(found.theory, None, "{id}");
        let own_lines = found.reasons.iter().find_map(|reason| match reason {
            Reason::OwnLines { servers } => Some(*servers),
            _ => None,
        });
        assert!(own_lines.is_some() && (servers.is_none() || servers == own_lines), "{id}: {found:?}");
        for tier in ["web", "balancer"] {
            agrees(&find(&world, tier, |law| law == Law::Utilisation), 0.05, 0.0);
        }
    }
    let mut world = stage("vertical-scaling");
    run_for(&mut world, 120.0);
    assert_eq!(find(&world, "web", |law| law == Law::Utilisation).reasons, [Reason::CoresDisturb]);
    agrees(&queue(&world, "web"), 0.1, 0.0);
}

/// A point is what Che's approximation is good for.
const POINT: f64 = 0.01;

#[test]
fn the_cache_of_the_course_agrees_with_che() {
    let hits = |world: &World| find(world, "cache", |law| law == Law::HitRatio);
    let mut world = stage("cache");
    run_for(&mut world, 120.0);
    agrees(&hits(&world), 0.1, POINT);
    agrees(&find(&world, "cache", |law| law == Law::Utilisation), 0.01, 1e-4);
    set(&mut world, "tiers.cache.capacity_entries", 5000);
    run_for(&mut world, 30.0);
    assert_eq!(hits(&world).reasons, [Reason::Filling], "entries of before have not yet expired");
    let first = hits(&stage_with("cache", |json| json["tiers"]["cache"]["eviction"] = json!("lfu")));
    assert_eq!(first.reasons, [Reason::LeastUsed]);
    let scan = hits(&stage_with("cache", |json| json["workload"]["keys"]["popularity"] = json!("scan")));
    assert_eq!(scan.reasons, [Reason::Scan]);
    let copies = hits(&stage_with("cache", |json| json["tiers"]["cache"]["replicas"] = json!(2)));
    assert_eq!(copies.reasons, [Reason::Replicas]);
    let renewed = hits(&stage_with("cache", |json| json["tiers"]["cache"]["on_write"] = json!("update")));
    assert_eq!(renewed.reasons, [Reason::Renewed]);
    let in_order = hits(&stage_with("cache", |json| json["tiers"]["cache"]["eviction"] = json!("fifo")));
    assert_eq!(in_order.reasons, [Reason::ExpiresInOrder]);
    let cold = hits(&stage_with("cache", |json| json["tiers"]["cache"]["warm_start"] = json!(false)));
    assert_eq!(cold.reasons, [Reason::Filling]);
    let mut without = stage_with("cache", |json| {
        json["tiers"]["cache"]["ttl_ms"] = Value::Null;
        json["tiers"]["cache"]["ttl_jitter"] = json!(0.0);
        json["tiers"]["cache"]["eviction"] = json!("fifo");
    });
    run_for(&mut without, 120.0);
    agrees(&hits(&without), 0.1, POINT);
}

fn stage_with(id: &str, change: impl FnOnce(&mut Value)) -> World {
    let stage = stages::all().iter().rev().find(|stage| stage.id == id).expect("there is such a stage");
    let mut json = json!(stage.scenario());
    change(&mut json);
    let mut world = world(json);
    run_for(&mut world, 2.0);
    world
}

/// Whatever the stage: nothing is said of theory where there is a reason against it, and clients are no servers.
#[test]
fn no_value_of_theory_stands_beside_a_reason() {
    for stage in stages::newest() {
        let scenario = stage.scenario();
        let mut world = World::new(&scenario, scenario.seed);
        run_for(&mut world, 4.0);
        let status = status(&world);
        assert_eq!(status.tiers.len(), world.plan().tiers.len());
        for (plan, statements) in world.plan().tiers.iter().zip(&status.tiers) {
            for statement in statements {
                let may_say = statement.reasons.is_empty();
                assert!(statement.theory.is_none() || may_say, "{} {}: {statement:?}", stage.id, plan.id);
                assert!(statement.theory.is_some() || !may_say || statement.simulated.is_none(), "{statement:?}");
                for reason in &statement.reasons {
                    assert!(reason.sentence(&str::to_owned).ends_with(['.', ':']), "{reason:?}");
                }
            }
        }
        assert!(status.tiers[..world.plan().clients.len()].iter().all(Vec::is_empty));
        assert!(status.system.iter().any(|statement| statement.law == Law::LittleUnderWay));
    }
}
