//! What is measured: the core on given scenarios, in slices as the page runs it. Shared by `benches/core/main.rs` and
//! `tests/web_bench.rs`, which bring the clock.

use zero_to_millions::course::stages;
use zero_to_millions::scenario::{self, Scenario};
use zero_to_millions::time::SimTime;
use zero_to_millions::world::World;

use super::hand_written::HandWritten;

/// A slice: as many events as a worker handles before it looks for messages. In wasm it is also what lets the browser
/// take up the optimised code, which it does when a function is called, not in the midst of one.
pub const SLICE: u64 = 10_000;

/// What a measurement came to.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub requests: u64,
    pub events: u64,
    pub wall_seconds: f64,
    pub simulated_seconds: f64,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 / self.wall_seconds
    }
}

/// The reference web stack.
pub fn reference() -> Scenario {
    scenario::read(include_str!("../reference.json")).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The load balancer stage grown until it carries 1,000,000 requests per second of 10,000,000 users at about half of
/// its capacity: 400 servers of 16 cores, one very large database, a balancer to match.
pub fn one_million_per_second() -> Scenario {
    let scenario = stages::find("load-balancer").expect("it is published").scenario();
    let mut json = scenario::edit::encode(&scenario);
    let changes = serde_json::json!({
        "workload": { "users": 10_000_000 },
        "machines": { "app": { "cores": 16 }, "data": { "cores": 1024, "speed": 3 }, "edge": { "cores": 100 } },
        "tiers": { "web": { "instances": 400 }, "database": { "slots": 100_000 } }
    });
    scenario::edit::merge(&mut json, &changes);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}"))
}

#[inline(never)]
fn slice(world: &mut World, until: SimTime) -> bool {
    world.advance(until, SLICE).reached
}

/// Runs a world on for so many simulated seconds.
pub fn run_core(world: &mut World, simulated_seconds: f64, clock: impl Fn() -> f64) -> Measured {
    let (issued, events, start) = (world.context().ledger.run.issued, world.events(), world.now());
    let until = SimTime(start.0 + SimTime::from_ms(simulated_seconds * 1e3).0);
    let begun = clock();
    while !slice(world, until) {}
    Measured {
        requests: world.context().ledger.run.issued - issued,
        events: world.events() - events,
        wall_seconds: clock() - begun,
        simulated_seconds,
    }
}

/// Runs the hand-written loop until so many more requests are answered.
pub fn run_by_hand(hand: &mut HandWritten<4, 3>, requests: u64, clock: impl Fn() -> f64) -> Measured {
    let (answered, goal) = (hand.answered, hand.answered + requests);
    let begun = clock();
    let mut events = 0;
    while hand.answered < goal {
        hand.run(SLICE);
        events += SLICE;
    }
    let requests = hand.answered - answered;
    Measured { requests, events, wall_seconds: clock() - begun, simulated_seconds: requests as f64 / 350.0 }
}

/// The middle one of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The table: one line a measurement, told as it is known.
pub fn table(clock: impl Fn() -> f64 + Copy, seconds_a_round: f64, tell: impl Fn(&str)) {
    tell("                               requests/s    events/s   ns/request   × real time");
    let line = |name: &str, runs: &[Measured]| {
        let of = |figure: fn(&Measured) -> f64| median(runs.iter().map(figure).collect());
        let (requests, events) = (of(Measured::per_second), of(|m| m.events as f64 / m.wall_seconds));
        let real_time = of(|m| m.simulated_seconds / m.wall_seconds);
        let ns = 1e9 / requests;
        tell(&format!("{name:28}{requests:>13.0}{events:>12.0}{ns:>13.1}{real_time:>14.1}"));
    };
    // Both warm up once; then they take turns, so that whatever else the computer does hits both alike.
    let mut world = World::new(&reference(), 1);
    let mut hand = HandWritten::new(1);
    let simulated = seconds_a_round * 4e6 / 350.0;
    run_core(&mut world, simulated / 4.0, clock);
    run_by_hand(&mut hand, (simulated * 87.5) as u64, clock);
    let (mut core, mut by_hand) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        core.push(run_core(&mut world, simulated, clock));
        by_hand.push(run_by_hand(&mut hand, (simulated * 350.0) as u64, clock));
    }
    line("reference stack, by hand", &by_hand);
    line("reference stack, core", &core);
    let ratios = core.iter().zip(&by_hand).map(|(core, hand)| core.per_second() / hand.per_second());
    tell(&format!("core / by hand: {:.2} (median of 7 rounds)", median(ratios.collect())));
    // The same physics: `tests/yardstick.rs` holds the two against each other.
    let mean = world.report().latency_ms.mean;
    tell(&format!("mean latency: {:.3} ms by hand, {mean:.3} ms by the core", hand.mean_ms()));
    for stage in stages::newest() {
        let mut world = World::new(&stage.scenario(), 1);
        run_core(&mut world, 60.0, clock);
        let rate = f64::from(stage.scenario().workload.users) / 10.0;
        let runs: Vec<_> = (0..3).map(|_| run_core(&mut world, seconds_a_round * 1e6 / rate, clock)).collect();
        line(stage.id, &runs);
    }
    let mut world = World::new(&one_million_per_second(), 1);
    run_core(&mut world, 1.0, clock);
    let runs: Vec<_> = (0..3).map(|_| run_core(&mut world, seconds_a_round, clock)).collect();
    line("1,000,000 requests/s", &runs);
    let report = world.report();
    let busy: Vec<String> = ["balancer", "web", "database"]
        .iter()
        .map(|tier| format!("{tier} {:.0}%", 100.0 * report.tiers[*tier].utilisation.unwrap_or(0.0)))
        .collect();
    let failed: u64 = report.requests.failed.values().sum();
    tell(&format!("    its utilisation: {}; {failed} requests failed", busy.join(", ")));
}
