use super::*;
use crate::rng::{Stream, Zipf, unit};
use crate::time::Span;

const FOREVER: SimTime = SimTime(u64::MAX);

fn entry(bytes: u32) -> Entry {
    Entry { version: 0, bytes, expires: FOREVER }
}

fn entries(eviction: Eviction, count: u32) -> Entries {
    Entries::new(eviction, Capacity { entries: count, bytes: u64::MAX }, 1)
}

/// The same by looking at everything.
struct Naive {
    eviction: Eviction,
    capacity: Capacity,
    /// Key, entry, when it came, when it was last used, how often it was used.
    held: Vec<(u32, Entry, u64, u64, u32)>,
    clock: u64,
}

impl Naive {
    fn get(&mut self, key: u32, now: SimTime) -> Option<Entry> {
        self.clock += 1;
        self.held.retain(|(own, entry, ..)| *own != key || entry.expires > now);
        let found = self.held.iter_mut().find(|(own, ..)| *own == key)?;
        (found.3, found.4) = (self.clock, found.4 + 1);
        Some(found.1)
    }

    fn put(&mut self, key: u32, entry: Entry) {
        self.clock += 1;
        if let Some(found) = self.held.iter_mut().find(|(own, ..)| *own == key) {
            (found.1, found.3, found.4) = (entry, self.clock, found.4 + 1);
        } else {
            if u64::from(entry.bytes) > self.capacity.bytes {
                return;
            }
            self.make_room(1, u64::from(entry.bytes));
            self.held.push((key, entry, self.clock, self.clock, 1));
        }
        self.make_room(0, 0);
    }

    fn make_room(&mut self, entries: usize, more: u64) {
        let bytes = |held: &[(u32, Entry, u64, u64, u32)]| held.iter().map(|own| u64::from(own.1.bytes)).sum::<u64>();
        while !self.held.is_empty()
            && (self.held.len() + entries > self.capacity.entries as usize
                || bytes(&self.held) + more > self.capacity.bytes)
        {
            let rank = |own: &(u32, Entry, u64, u64, u32)| match self.eviction {
                Eviction::Lru => (0, own.3),
                Eviction::Lfu => (own.4, own.3),
                Eviction::Fifo => (0, own.2),
                Eviction::Random => unreachable!("it has no order"),
            };
            let first = self.held.iter().enumerate().min_by_key(|(_, own)| rank(own)).expect("something is held").0;
            self.held.swap_remove(first);
        }
    }
}

/// The same as the naive one on the same requests: with expiry, removals, entries of all sizes, and both limits.
#[test]
fn every_policy_does_what_a_naive_one_does() {
    for eviction in [Eviction::Lru, Eviction::Lfu, Eviction::Fifo] {
        let capacity = Capacity { entries: 40, bytes: 3000 };
        let mut cache = Entries::new(eviction, capacity, 1);
        let mut naive = Naive { eviction, capacity, held: Vec::new(), clock: 0 };
        let (zipf, mut stream) = (Zipf::new(200, 0.8), Stream::new(3, 4));
        for step in 0..60_000u64 {
            let (now, key) = (SimTime(step), zipf.pick(stream.draw()));
            match below(stream.draw(), 20) {
                0 => {
                    let had = naive.held.iter().any(|(own, ..)| *own == key);
                    naive.held.retain(|(own, ..)| *own != key);
                    assert_eq!(cache.remove(key), had);
                }
                1 => {
                    let fresh = Entry { version: step, bytes: 90, expires: now + Span(100) };
                    cache.put(key, fresh);
                    naive.put(key, fresh);
                }
                _ => {
                    let got = cache.get(key, now);
                    assert_eq!(got, naive.get(key, now), "{eviction:?}: key {key} at step {step}");
                    if got.is_none() {
                        let bytes = 1 + below(stream.draw(), 200);
                        let fresh = Entry { version: step, bytes, expires: now + Span(60) };
                        cache.put(key, fresh);
                        naive.put(key, fresh);
                    }
                }
            }
            assert_eq!(cache.len(), naive.held.len());
            assert!(cache.bytes() <= capacity.bytes && cache.len() <= 40);
        }
        let Counts { evicted, expired, .. } = cache.counts;
        assert!(evicted > 1000 && expired > 100, "{eviction:?}: {evicted} evicted, {expired} expired");
    }
}

/// Hit ratio under the independent reference model, after as many requests to warm up.
fn hit_ratio(eviction: Eviction, size: u32, zipf: &Zipf, requests: u32, stream: u64) -> f64 {
    let (mut cache, mut stream) = (entries(eviction, size), Stream::new(2, stream));
    for request in 0..2 * requests {
        if request == requests {
            cache.counts = Counts::default();
        }
        let key = zipf.pick(stream.draw());
        if cache.get(key, SimTime::ZERO).is_none() {
            cache.put(key, entry(1));
        }
    }
    cache.counts.hits as f64 / f64::from(requests)
}

/// Che, Tung and Wang, "Hierarchical web caching systems" (2002): the characteristic time is that at which as many
/// keys are expected to have been asked for as fit.
fn che(keys: u32, exponent: f64, size: u32, hits: fn(f64) -> f64) -> f64 {
    let weights: Vec<f64> = (1..=keys).map(|k| f64::from(k).powf(-exponent)).collect();
    let total: f64 = weights.iter().sum();
    let held = |time: f64| weights.iter().map(|weight| hits(weight / total * time)).sum::<f64>();
    let (mut low, mut high) = (0.0, 1e12);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if held(middle) < f64::from(size) { low = middle } else { high = middle }
    }
    weights.iter().map(|weight| weight / total * hits(weight / total * low)).sum()
}

#[test]
fn lru_follows_ches_approximation_within_a_point() {
    for exponent in [0.7, 1.0, 1.2] {
        let zipf = Zipf::new(20_000, exponent);
        for size in [200, 2000, 10_000] {
            let measured = hit_ratio(Eviction::Lru, size, &zipf, 400_000, 5);
            let expected = che(20_000, exponent, size, |x| 1.0 - (-x).exp());
            assert!((measured - expected).abs() < 0.01, "s {exponent}, size {size}: {measured} for {expected}");
        }
    }
}

/// Gelenbe, "A unified approach to the evaluation of a class of replacement algorithms" (1973): under the independent
/// reference model FIFO and random have the same hit ratio. And Che's approximation for both (Martina, Garetto and
/// Leonardi, 2014).
#[test]
fn fifo_and_random_are_alike_when_requests_are_independent() {
    let zipf = Zipf::new(20_000, 0.9);
    let fifo = hit_ratio(Eviction::Fifo, 1000, &zipf, 1_000_000, 6);
    let random = hit_ratio(Eviction::Random, 1000, &zipf, 1_000_000, 7);
    // Four standard errors of two shares of a million, doubled since hits in a row depend on each other.
    assert!((fifo - random).abs() < 2.0 * 4.0 * (2.0 * 0.25 / 1e6f64).sqrt(), "{fifo} and {random}");
    let expected = che(20_000, 0.9, 1000, |x| x / (1.0 + x));
    assert!((fifo - expected).abs() < 0.01 && (random - expected).abs() < 0.01, "{fifo}, {random} for {expected}");
    let lru = hit_ratio(Eviction::Lru, 1000, &zipf, 1_000_000, 6);
    let lfu = hit_ratio(Eviction::Lfu, 1000, &zipf, 1_000_000, 6);
    assert!(lfu > lru + 0.02 && lru > fifo + 0.02, "lfu {lfu}, lru {lru}, fifo {fifo}");
}

/// A scan through more keys than fit: LRU and FIFO never hit, random does now and then.
#[test]
fn a_scan_defeats_lru() {
    let scan = |eviction| {
        let mut cache = entries(eviction, 900);
        for request in 0..50_000u32 {
            if cache.get(request % 1000, SimTime::ZERO).is_none() {
                cache.put(request % 1000, entry(1));
            }
        }
        cache.counts.hits
    };
    assert_eq!(scan(Eviction::Lru), 0);
    assert_eq!(scan(Eviction::Fifo), 0);
    assert!(scan(Eviction::Random) > 10_000);
}

/// Renewal theory: with Poisson requests at rate λ and an entry that lives for T from when it was stored, one request in
/// 1 + λT misses.
#[test]
fn a_time_to_live_gives_the_hit_ratio_of_renewal_theory() {
    for load in [0.2, 1.0, 5.0] {
        let (mut cache, mut stream) = (entries(Eviction::Lru, 10), Stream::new(4, 8));
        let (ttl, requests, mut now) = (Span::from_ms(1000.0), 200_000, SimTime::ZERO);
        for _ in 0..requests {
            now += Span::from_ms(-(1.0 - unit(stream.draw())).ln() * 1000.0 / load);
            if cache.get(1, now).is_none() {
                cache.put(1, Entry { expires: now + ttl, ..entry(1) });
            }
        }
        let (measured, expected) = (cache.counts.hits as f64 / f64::from(requests), load / (1.0 + load));
        // Four standard errors, at most 0.5 / √200,000 each.
        assert!((measured - expected).abs() < 4.0 * 0.5 / f64::from(requests).sqrt(), "{measured} for {expected}");
    }
}

#[test]
fn what_does_not_fit_is_not_held_and_a_restart_forgets() {
    let mut cache = Entries::new(Eviction::Lru, Capacity { entries: 10, bytes: 100 }, 1);
    cache.put(1, entry(101));
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
    cache.put(1, entry(60));
    cache.put(2, entry(60));
    assert_eq!((cache.peek(1), cache.peek(2), cache.bytes()), (None, Some(entry(60)), 60));
    cache.put(2, entry(30));
    cache.put(3, entry(70));
    assert_eq!((cache.len(), cache.bytes()), (2, 100));
    cache.resize(Capacity { entries: 1, bytes: 100 });
    assert_eq!((cache.len(), cache.peek(3).is_some()), (1, true));
    cache.clear();
    assert!(cache.is_empty() && cache.get(3, SimTime::ZERO).is_none());
}
