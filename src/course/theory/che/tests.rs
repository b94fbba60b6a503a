use super::*;
use crate::nodes::cache::entries::{Capacity, Entries, Entry};
use crate::rng::{Stream, Zipf, below, unit};
use crate::time::{SimTime, Span};

fn keys(count: u32, exponent: f64, celebrities: Option<(u32, f64)>) -> Keys {
    Keys { popularity: Popularity::Zipf(Zipf::new(count, exponent)), value_bytes: 1, celebrities }
}

const LRU: Cache = Cache { capacity: 2_000.0, eviction: Eviction::Lru, deletions: 0.0, life: None };

/// Simulates a cache of one's own: in the unit of time there is one read, and `deletions` writes; the simulation knows nothing
/// of the formulas.
fn simulated(cache: Cache, keys: &Keys, reads: u32) -> f64 {
    let capacity = Capacity { entries: cache.capacity as u32, bytes: u64::MAX };
    let mut held = Entries::new(cache.eviction, capacity, 3);
    let mut stream = Stream::new(11, 5);
    let Popularity::Zipf(zipf) = keys.popularity else { panic!("these tests ask by Zipf's law") };
    let (mut hits, mut counted, mut asked) = (0u32, 0u32, 0u32);
    let mut now = 0.0;
    while counted < reads {
        now += 1.0 / (1.0 + cache.deletions);
        let celebrity = keys.celebrities.filter(|(_, share)| unit(stream.draw()) < *share);
        let key = match celebrity {
            Some((count, _)) => below(stream.draw(), count),
            None => zipf.pick(stream.draw()),
        };
        if unit(stream.draw()) < cache.deletions / (1.0 + cache.deletions) {
            held.remove(key);
            continue;
        }
        asked += 1;
        let time = SimTime((now * 1e3) as u64);
        let found = held.get(key, time).is_some();
        if asked > reads {
            counted += 1;
            hits += u32::from(found);
        }
        if !found {
            let expires = cache.life.map_or(SimTime::NEVER, |(life, jitter)| {
                time + Span((life * (1.0 - jitter * unit(stream.draw())) * 1e3) as u64)
            });
            held.put(key, Entry { version: 0, bytes: 1, expires });
        }
    }
    f64::from(hits) / f64::from(counted)
}

/// Half a million reads know a share to 0.07 points; the approximation is good for one.
#[test]
fn simulated_caches_are_within_a_point() {
    let deleting = |deletions: f64| Cache { deletions, ..LRU };
    let living = |life: f64, jitter: f64| Cache { life: Some((life, jitter)), ..LRU };
    let cases = [
        ("LRU", LRU),
        ("FIFO", Cache { eviction: Eviction::Fifo, ..LRU }),
        ("random", Cache { eviction: Eviction::Random, ..LRU }),
        ("deletions", deleting(0.25)),
        ("many deletions", deleting(1.0)),
        ("FIFO with deletions", Cache { eviction: Eviction::Fifo, ..deleting(0.5) }),
        ("random with deletions", Cache { eviction: Eviction::Random, ..deleting(0.5) }),
        ("short lives", living(2_000.0, 0.0)),
        ("lives", living(20_000.0, 0.0)),
        ("long lives with jitter", living(60_000.0, 0.5)),
        ("lives and deletions", Cache { deletions: 0.25, ..living(20_000.0, 0.1) }),
        ("lives with all room", Cache { capacity: 20_000.0, ..living(20_000.0, 0.2) }),
        ("deletions with all room", Cache { capacity: 20_000.0, ..deleting(0.5) }),
    ];
    for exponent in [0.8, 1.0] {
        let keys = keys(20_000, exponent, None);
        let shares = Shares::of(&keys).expect("they are independent");
        for (name, cache) in cases {
            let (theory, measured) = (cache.hit_ratio(&shares), simulated(cache, &keys, 500_000));
            assert!((theory - measured).abs() < 0.01, "{name}, exponent {exponent}: {measured}, in theory {theory}");
        }
    }
}

/// What was added to Che's formula matters: without it the simulation is points away.
#[test]
fn deletions_and_lives_are_not_to_be_left_out() {
    let keys = keys(20_000, 1.0, None);
    let plain = LRU.hit_ratio(&Shares::of(&keys).expect("independent"));
    for cache in [Cache { deletions: 0.25, ..LRU }, Cache { life: Some((4_000.0, 0.0)), ..LRU }] {
        assert!((simulated(cache, &keys, 200_000) - plain).abs() > 0.03, "{cache:?}");
    }
    assert!((simulated(Cache { eviction: Eviction::Lfu, ..LRU }, &keys, 200_000) - plain).abs() > 0.015);
}

#[test]
fn celebrities_are_asked_for_on_top() {
    let keys = keys(20_000, 0.8, Some((10, 0.3)));
    let shares = Shares::of(&keys).expect("independent");
    assert!((shares.sum(|p| p) - 1.0).abs() < 1e-9);
    let (theory, measured) = (LRU.hit_ratio(&shares), simulated(LRU, &keys, 300_000));
    assert!((theory - measured).abs() < 0.01, "{measured}, in theory {theory}");
}

/// The groups stand for the ranks, one by one.
#[test]
fn groups_of_ranks_come_to_the_same_as_ranks() {
    for exponent in [0.0, 0.7, 1.0, 1.4] {
        let shares = Shares::of(&keys(50_000, exponent, None)).expect("independent");
        assert!((shares.keys() - 50_000.0).abs() < 1e-6);
        let weights: Vec<f64> = (1..=50_000).map(|rank| f64::from(rank).powf(-exponent)).collect();
        let total: f64 = weights.iter().sum();
        let held = |time: f64| weights.iter().map(|weight| -(-weight / total * time).exp_m1()).sum::<f64>();
        let (mut low, mut high) = (0.0, 1e9);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if held(middle) < 2_000.0 { low = middle } else { high = middle }
        }
        let exact: f64 = weights.iter().map(|weight| -(weight / total) * (-weight / total * low).exp_m1()).sum();
        assert!((LRU.characteristic_time(&shares) / low - 1.0).abs() < 1e-3);
        assert!((LRU.hit_ratio(&shares) - exact).abs() < 1e-4, "exponent {exponent}");
    }
}

#[test]
fn the_limits_are_those_that_are_known() {
    let shares = Shares::of(&keys(1_000, 0.0, None)).expect("independent");
    let hits = |cache: Cache| cache.hit_ratio(&shares);
    // All fits; half fits of keys that are asked for alike; nearly nothing fits.
    assert!((hits(Cache { capacity: 1_000.0, ..LRU }) - 1.0).abs() < 1e-9);
    assert!((hits(Cache { capacity: 500.0, ..LRU }) - 0.5).abs() < 1e-6);
    assert!(hits(Cache { capacity: 1.0, ..LRU }) < 0.002);
    // With all room, lives alone: λD / (1 + λD), with λD = 3; deletions alone: the share of reads.
    let room = Cache { capacity: 1_000.0, ..LRU };
    assert!((hits(Cache { life: Some((3_000.0, 0.0)), ..room }) - 0.75).abs() < 1e-9);
    assert!((hits(Cache { deletions: 0.25, ..room }) - 0.8).abs() < 1e-9);
    // Lives that never end change nothing.
    let small = Cache { capacity: 500.0, ..LRU };
    assert!((hits(Cache { life: Some((1e9, 0.0)), ..small }) - 0.5).abs() < 1e-4);
    // Nothing is independent of a scan.
    let scan = Keys { popularity: Popularity::Scan(10), value_bytes: 1, celebrities: None };
    assert_eq!(Shares::of(&scan), None);
}
