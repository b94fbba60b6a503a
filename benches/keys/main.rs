//! What a request costs with more and more keys, in one run on one machine: `cargo bench --bench keys`.
//!
//! The core simulates a web server, a cache for the tenth part of the keys and a database; beside it, a bare LRU of the same
//! size is asked for keys of the same popularity. What both lose alike from a thousand keys to ten million is the memory's own
//! latency; what the core loses more would be its own fault.

// `cargo clippy --target wasm32-unknown-unknown --benches` passes by here too.
#[cfg(not(target_arch = "wasm32"))]
mod bare;

#[cfg(not(target_arch = "wasm32"))]
mod measure {
    use std::time::Instant;

    use serde_json::json;
    use zero_to_millions::rng::{Stream, Zipf};
    use zero_to_millions::scenario;
    use zero_to_millions::time::SimTime;
    use zero_to_millions::world::World;

    use super::bare::Lru;

    const EXPONENT: f64 = 0.9;
    const REQUESTS: u64 = 400_000;
    const ROUNDS: usize = 5;

    fn world(keys: u32) -> World {
        let work = |ms: f64| json!({ "mean_ms": ms });
        let json = json!({
            "version": 1, "name": "Keys",
            "workload": {
                "users": 1000, "requests_per_user_per_second": 1.0, "entry": "web",
                "keys": { "count": keys, "exponent": EXPONENT },
                "clients": { "all": { "share": 1.0, "place": "montreal" } },
                "classes": {
                    "read": { "share": 0.9, "cached": true, "web": work(1.0), "database": work(1.0) },
                    "write": { "share": 0.1, "write": true, "web": work(1.0), "database": work(1.0) }
                }
            },
            "machines": { "all": { "place": "montreal", "cores": 16 } },
            "tiers": {
                "web": { "kind": "web_server", "machine": "all", "slots": 10_000, "backlog": 10_000, "cache": "cache",
                         "database": "database" },
                "cache": { "kind": "cache", "machine": "all", "slots": 10_000, "backlog": 10_000, "lookup": work(0.05),
                           "capacity_entries": (keys / 10).max(1), "warm_start": true },
                "database": { "kind": "database", "machine": "all", "slots": 10_000, "backlog": 10_000 }
            }
        });
        World::new(&scenario::from_value(json).unwrap_or_else(|problem| panic!("{problem}")), 1)
    }

    /// Nanoseconds a request of the core, which goes on from where it is.
    fn core(world: &mut World) -> f64 {
        let (before, begun) = (world.context().ledger.run.issued, Instant::now());
        let until = SimTime(world.now().0 + REQUESTS * 1_000_000);
        while !world.advance(until, 10_000).reached {}
        begun.elapsed().as_secs_f64() * 1e9 / (world.context().ledger.run.issued - before) as f64
    }

    /// Nanoseconds a request of a bare LRU.
    fn bare(lru: &mut Lru, zipf: &Zipf, stream: &mut Stream) -> f64 {
        let begun = Instant::now();
        for _ in 0..REQUESTS {
            lru.ask(zipf.pick(stream.draw()));
        }
        begun.elapsed().as_secs_f64() * 1e9 / REQUESTS as f64
    }

    fn median(mut figures: Vec<f64>) -> f64 {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    }

    /// The table.
    pub fn table() {
        println!("      keys   core, ns/request   growth   bare LRU, ns/request   growth   core − bare, growth");
        let mut first = None;
        for keys in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
            let (mut world, mut lru) = (world(keys), Lru::new((keys / 10).max(1)));
            let (zipf, mut stream) = (Zipf::new(keys, EXPONENT), Stream::new(1, 1));
            (0..keys / 10).rev().for_each(|key| lru.ask(key));
            core(&mut world);
            bare(&mut lru, &zipf, &mut stream);
            // They take turns, so that whatever else the computer does hits both alike.
            let (mut cores, mut bares) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                cores.push(core(&mut world));
                bares.push(bare(&mut lru, &zipf, &mut stream));
            }
            let (core, bare) = (median(cores), median(bares));
            let (core_0, bare_0) = *first.get_or_insert((core, bare));
            let rest = (core - bare) / (core_0 - bare_0);
            println!("{keys:>10} {core:>18.0} {:>8.2} {bare:>22.0} {:>8.2} {rest:>21.2}", core / core_0, bare / bare_0);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    measure::table();
}

#[cfg(target_arch = "wasm32")]
fn main() {}
