//! What a request costs with more and more servers, in one run on one machine: `cargo bench --bench servers`.
//!
//! The reference web stack, grown as a whole from 4 web servers to 4,000 at the same load each; beside it the loop written
//! by hand for just that. Both have a longer queue of events then and more memory to walk through: what the core loses
//! beyond the other would be its own fault. The same with the balancer choosing by least connections, for which the loop
//! has no counterpart.

// `cargo clippy --target wasm32-unknown-unknown --benches` passes by here too.
#[cfg(not(target_arch = "wasm32"))]
#[path = "../core/hand_written.rs"]
mod hand_written;

#[cfg(not(target_arch = "wasm32"))]
mod measure {
    use std::time::Instant;

    use serde_json::json;
    use zero_to_millions::scenario;
    use zero_to_millions::time::SimTime;
    use zero_to_millions::world::World;

    use super::hand_written::HandWritten;

    const REQUESTS: u64 = 1_000_000;
    const ROUNDS: usize = 5;
    const SLICE: u64 = 10_000;

    fn world(web: usize, policy: &str) -> World {
        let scale = web / 4;
        let reference = scenario::read(include_str!("../reference.json")).unwrap_or_else(|problem| panic!("{problem}"));
        let mut json = scenario::edit::encode(&reference);
        let changes = json!({
            "workload": { "users": 3500 * scale },
            // The cache is busy for a hundredth of that at most, so nobody waits for its cores.
            "machines": { "memory": { "cores": (16 * scale).min(1024) } },
            "tiers": {
                "balancer": { "policy": policy },
                "web": { "instances": web },
                "cache": { "slots": 16 * scale },
                "database": { "instances": 3 * scale }
            }
        });
        scenario::edit::merge(&mut json, &changes);
        World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
    }

    /// Nanoseconds a request of the core, which goes on from where it is.
    fn core(world: &mut World, web: usize) -> f64 {
        let (before, begun) = (world.context().ledger.run.issued, Instant::now());
        let until = SimTime(world.now().0 + REQUESTS * 4_000_000_000 / 350 / web as u64);
        while !world.advance(until, SLICE).reached {}
        begun.elapsed().as_secs_f64() * 1e9 / (world.context().ledger.run.issued - before) as f64
    }

    /// Nanoseconds a request of the loop.
    fn by_hand<const WEB: usize, const REPLICAS: usize>(hand: &mut HandWritten<WEB, REPLICAS>) -> f64 {
        let (before, begun) = (hand.answered, Instant::now());
        while hand.answered < before + REQUESTS {
            hand.run(SLICE);
        }
        begun.elapsed().as_secs_f64() * 1e9 / (hand.answered - before) as f64
    }

    fn median(mut figures: Vec<f64>) -> f64 {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    }

    /// What was measured with so many web servers: of the core, of the core with least connections, of the loop.
    struct Row {
        servers: usize,
        ns: [f64; 3],
        latency_ms: [f64; 3],
    }

    /// Medians of the core, of the core with least connections, and of the loop; they take turns, so that whatever else
    /// the computer does hits all alike.
    fn row<const WEB: usize, const REPLICAS: usize>() -> Row {
        let (mut turns, mut least) = (world(WEB, "round_robin"), world(WEB, "least_connections"));
        let mut hand = HandWritten::<WEB, REPLICAS>::new(1);
        let mut figures = [Vec::new(), Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            let times = [core(&mut turns, WEB), core(&mut least, WEB), by_hand(&mut hand)];
            // The first round warms up.
            if round > 0 {
                figures.iter_mut().zip(times).for_each(|(list, time)| list.push(time));
            }
        }
        let latency_ms = [turns.report().latency_ms.mean, least.report().latency_ms.mean, hand.mean_ms()];
        Row { servers: WEB, ns: figures.map(median), latency_ms }
    }

    /// The table.
    pub fn table() {
        println!("ns/request, and how often that of 4 servers:");
        println!("  servers            core       least connections             by hand     core / by hand, growth");
        let rows = [row::<4, 3>(), row::<40, 30>(), row::<400, 300>(), row::<4_000, 3_000>()];
        for Row { servers, ns, .. } in &rows {
            let growth: Vec<f64> = ns.iter().zip(rows[0].ns).map(|(ns, first)| ns / first).collect();
            let cells: Vec<String> =
                ns.iter().zip(&growth).map(|(ns, growth)| format!("{ns:>11.0} {growth:>7.2}")).collect();
            println!("{servers:>9} {} {:>12.2}", cells.join(" "), growth[0] / growth[2]);
        }
        // The same physics.
        for Row { servers, latency_ms: [turns, least, hand], .. } in &rows {
            println!(
                "{servers:>9}: mean latency {turns:.3} ms, {least:.3} ms by least connections, {hand:.3} ms by hand"
            );
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    measure::table();
}

#[cfg(target_arch = "wasm32")]
fn main() {}
