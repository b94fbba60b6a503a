//! Chapter 6: what fits, what goes, and what it is kept on.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::trace::Doing;

use super::cache_designs::{EXPONENT, KEYS, cache, che_percent, fifo, hit_percent, lru, percent, read_only};
use super::designs::{phase, run, within};

const SIZES: [(&str, u32); 3] = [("1 %", 100), ("10 %", 1000), ("30 %", 3000)];

fn popular_runs() -> Vec<Run> {
    let phases = [phase("measured", 60.0, 560.0)];
    SIZES.map(|(name, size)| run(name, read_only(&cache(json!({ "capacity_entries": size }))), &phases)).to_vec()
}

fn popular_findings(results: &Results) -> Vec<Finding> {
    let finding = |index: usize, key, what| {
        let (name, size) = SIZES[index];
        let expected = che_percent(KEYS, EXPONENT, size, lru);
        let why = "theory: Che's approximation of LRU, which is within a point; four standard errors of a share of 200,000 \
                   are half a point";
        percent(key, what, hit_percent(results.run(name).report()), (expected, 1.0), why)
    };
    vec![
        finding(0, "hundredth", "requests that the cache answers, with room for the hundredth part of all values"),
        finding(1, "tenth", "the same for a tenth"),
        finding(2, "third", "the same for three tenths"),
    ]
}

/// Hold what is popular.
pub static POPULAR: Experiment = Experiment {
    id: "cache.popular",
    title: "A little goes a long way",
    claim: "Memory is small and dear, so a cache holds what is popular: where few values are asked for very often, a small \
            cache answers most requests.",
    watch: "The hit ratio of caches for one, ten and thirty in a hundred values.",
    question: Question {
        text: "A cache has room for the tenth part of all values. How many requests does it answer?",
        options: &["A tenth", "A good half", "Nearly all"],
        right: 1,
    },
    explanation: "By Zipf's law the second most popular value is asked for half as often as the first, the tenth a tenth as \
                  often. LRU finds the popular ones by itself: whoever is asked for often is never long unused. Ten times \
                  the memory is far from ten times the hits.",
    runs: popular_runs,
    judge: popular_findings,
    mutations: &[
        Mutation {
            name: "all values are asked for alike",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("workload.keys.popularity", json!("uniform"))),
        },
        Mutation {
            name: "what goes is left to chance",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.eviction", json!("random"))),
        },
    ],
};

const POLICIES: [&str; 4] = ["lru", "lfu", "fifo", "random"];
/// A scan of so many keys, of which nine in ten fit.
const SCANNED: u32 = 2000;

fn evict_runs() -> Vec<Run> {
    let zipf = |policy: &str| {
        let phases = [phase("measured", 50.0, 500.0)];
        run(format!("zipf, {policy}"), read_only(&cache(json!({ "eviction": policy }))), &phases)
    };
    let scan = |policy: &str| {
        let patch = json!({
            "workload": { "keys": { "count": SCANNED, "popularity": "scan" } },
            "tiers": { "cache": { "eviction": policy, "capacity_entries": SCANNED * 9 / 10, "warm_start": false } }
        });
        run(format!("scan, {policy}"), read_only(&patch), &[phase("measured", 50.0, 250.0)])
    };
    POLICIES.map(zipf).into_iter().chain(POLICIES.map(scan)).collect()
}

/// How often random eviction hits in a scan of n keys of which c fit: what comes again after n requests has survived as many
/// evictions as there were misses, h = e^−(1−h)n/c.
fn random_scan_percent() -> f64 {
    (0..200).fold(0.0, |h, _| libm::exp(-(1.0 - h) / 0.9)) * 100.0
}

fn evict_findings(results: &Results) -> Vec<Finding> {
    let hits = |run: String| hit_percent(results.run(&run).report());
    let zipf = |policy: &str| hits(format!("zipf, {policy}"));
    let scan = |policy: &str| hits(format!("scan, {policy}"));
    let of_theory = |key, what, policy: &str, theory, why| {
        let expected = che_percent(KEYS, EXPONENT, KEYS / 10, theory);
        percent(key, what, zipf(policy), (expected, 1.0), why)
    };
    let che = "theory: Che's approximation, which is within a point; of 180,000 requests four standard errors are half a point";
    let ahead = |key, what, measured| Finding {
        key,
        what,
        unit: "points",
        measured,
        expected: Expected::AtLeast(2.0),
        reason: "the same requests; four standard errors of each share of 180,000 are half a point",
    };
    let none = |key, what, measured| {
        percent(key, what, measured, (0.0, 0.0), "arithmetic: it went before its turn came again")
    };
    vec![
        of_theory(
            "lru",
            "popular values: requests answered where the longest unused goes first (LRU)",
            "lru",
            lru,
            che,
        ),
        of_theory("fifo", "where goes first what came first (FIFO)", "fifo", fifo, che),
        percent(
            "alike",
            "by how much FIFO and chance differ there",
            (zipf("fifo") - zipf("random")).abs(),
            (0.0, 1.0),
            "theory: the same for independent requests (Gelenbe 1973); four standard errors of a difference of shares of \
             180,000 are 0.7 points, and more as hits in a row depend on each other",
        ),
        ahead("lfu_ahead", "by how much the least often used (LFU) is ahead of LRU", zipf("lfu") - zipf("lru")),
        ahead("lru_ahead", "by how much LRU is ahead of FIFO", zipf("lru") - zipf("fifo")),
        none("scan_lru", "a scan through a little more than fits: requests answered with LRU", scan("lru")),
        none("scan_fifo", "with FIFO", scan("fifo")),
        none("scan_lfu", "with LFU", scan("lfu")),
        percent(
            "scan_random",
            "by chance",
            scan("random"),
            (random_scan_percent(), 1.5),
            "theory: what has survived so many random evictions, h = e^−(1−h)n/c; hits in a scan come in runs, so the \
             standard error is taken as three times that of a share of 80,000",
        ),
    ]
}

/// What goes when there is no room.
pub static EVICT: Experiment = Experiment {
    id: "cache.evict",
    title: "What has to go",
    claim: "When a cache is full something must go: the longest unused (LRU), the least often used (LFU), what came first \
            (FIFO), or any. Where popularity lasts LFU does best, then LRU, then FIFO and chance alike; a scan defeats all \
            orders.",
    watch: "Hit ratios of four policies for the very same requests.",
    question: Question {
        text: "A job reads all values one after the other, again and again; nine in ten fit. How many does LRU find?",
        options: &["Nine in ten", "About half", "None"],
        right: 2,
    },
    explanation: "LRU throws away what will be needed next, when everything comes round in turn. No policy is best: each bets \
                  on how requests will come. Recency is a good bet for people, a bad one for scans, which is why databases \
                  keep scans out of their pools.",
    runs: evict_runs,
    judge: evict_findings,
    mutations: &[
        Mutation {
            name: "all go by the same rule",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.eviction", json!("lru"))),
        },
        Mutation {
            name: "there is room for all",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.capacity_entries", json!(KEYS))),
        },
    ],
};

/// Look-ups take longer here, so that the caches are busy.
const BUSY_LOOKUP_MS: f64 = 1.0;
const EACH: u32 = 500;

fn scale_runs() -> Vec<Run> {
    let of = |instances: u32| {
        let lookup = json!({ "mean_ms": BUSY_LOOKUP_MS, "distribution": "constant" });
        let patch = json!({
            "machines": { "memory": { "cores": 1 } },
            "tiers": { "cache": { "instances": instances, "capacity_entries": EACH, "lookup": lookup } }
        });
        run(format!("{instances} servers"), read_only(&patch), &[phase("measured", 60.0, 560.0)])
    };
    vec![of(2), of(4)]
}

fn scale_findings(results: &Results) -> Vec<Finding> {
    let (few, many) = (results.run("2 servers").report(), results.run("4 servers").report());
    let utilisation = |tier: &str, report: &crate::world::report::Report| report.tiers[tier].utilisation.unwrap_or(0.0);
    // A miss is two calls: the look-up and the fill.
    let work = |report| 2.0 - hit_percent(report) / 100.0;
    let expected = 100.0 * 0.5 * work(many) / work(few);
    let rise = |size: u32| che_percent(KEYS, EXPONENT, size, lru);
    vec![
        percent(
            "utilisation",
            "how busy four cache servers are, as a part of how busy two are",
            100.0 * utilisation("cache", many) / utilisation("cache", few),
            (expected, 2.0),
            "arithmetic: the same look-ups for twice as many, and fewer fills as more hits; the same requests, so what \
             differs is a little uneven in time only",
        ),
        percent(
            "rise",
            "by how much their hit ratio is higher, in percent of the requests",
            hit_percent(many) - hit_percent(few),
            (rise(4 * EACH) - rise(2 * EACH), 1.5),
            "theory: Che's approximation for twice the memory; within a point, and the ring shares keys unevenly",
        ),
        Finding {
            key: "web",
            what: "answers of the web server for each request",
            unit: "",
            measured: many.tiers["web"].served as f64 / few.tiers["web"].served as f64,
            expected: within(1.0, 0.001),
            reason: "the very same requests come to it; a few are under way at both ends",
        },
    ]
}

/// The cache tier grows by itself.
pub static SCALE: Experiment = Experiment {
    id: "cache.scale",
    title: "More memory, nothing else",
    claim: "The cache tier is scaled on its own: with twice the servers each is half as busy, and together they hold twice as \
            much, so they answer more; nothing else has to change.",
    watch: "Utilisation and hit ratio with two and with four cache servers.",
    question: Question {
        text: "Two cache servers become four. What becomes of the hit ratio?",
        options: &["It doubles", "It rises a little: what is added holds the less popular", "It stays"],
        right: 1,
    },
    explanation: "Each key is on one of the servers, so servers add up, in work and in memory. What the second half of the \
                  memory holds is asked for less often than what the first half does.",
    runs: scale_runs,
    judge: scale_findings,
    mutations: &[
        Mutation {
            name: "the new servers are not there",
            breaks: |runs| runs[1].set("tiers.cache.instances", json!(2)),
        },
        Mutation {
            name: "each has half the memory",
            breaks: |runs| runs[1].set("tiers.cache.capacity_entries", json!(EACH / 2)),
        },
    ],
};

/// Queries take a tenth of a millisecond here, so that what the disk adds is seen.
fn medium_runs() -> Vec<Run> {
    let phases = [phase("measured", 10.0, 2010.0)];
    let of = |name: &str, disk: &str, pool_mb: f64, cached: bool, storage: &str| {
        let query = json!({ "mean_ms": 0.1, "distribution": "constant" });
        let patch = json!({
            "workload": { "requests_per_user_per_second": 0.005,
                          "classes": { "read": { "cached": cached, "database": query } } },
            "machines": { "data": { "disk": disk }, "memory": { "disk": "ssd" } },
            "tiers": { "database": { "buffer_pool_mb": pool_mb, "warm_start": true },
                       "cache": { "capacity_entries": KEYS, "storage": storage } }
        });
        run(name, read_only(&patch), &phases).following()
    };
    vec![
        of("cache in memory", "ssd", 1.0, true, "memory"),
        of("cache on ssd", "ssd", 1.0, true, "disk"),
        of("buffer pool", "spinning", 20.0, false, "memory"),
        of("ssd", "ssd", 0.01, false, "memory"),
        of("spinning", "spinning", 0.01, false, "memory"),
    ]
}

/// The time of the spans of a sort in the followed requests, at most one each, in milliseconds.
fn span_ms(results: &Results, name: &str, doing: Doing) -> f64 {
    let spans = results.run(name).world.traces().flat_map(|trace| &trace.spans);
    let of_sort = spans.filter(|span| span.doing == doing && (doing == Doing::Reads || span.command.is_some()));
    let times: Vec<f64> = of_sort.map(|span| (span.end - span.start).as_ms()).collect();
    times.iter().sum::<f64>() / (times.len() as f64).max(1.0)
}

fn medium_findings(results: &Results) -> Vec<Finding> {
    let mean = |name: &str| results.run(name).report().latency_ms.mean;
    let ms = |key, what, measured, value, tolerance, reason| Finding {
        key,
        what,
        unit: "ms",
        measured,
        expected: within(value, tolerance),
        reason,
    };
    // The wait in an M/G/1 queue with 5 requests a second, 10 ms ± half a turn of 8.33 ms.
    let (rate, access, turn) = (5.0, 0.010, 1.0 / 120.0);
    let second_moment = access * access + turn * turn / 12.0;
    let wait = 1e3 * rate * second_moment / (2.0 * (1.0 - rate * access));
    let catalogue = "model assumption: the disk of the catalogue, and its source there; a constant";
    vec![
        ms(
            "memory",
            "a look-up in a cache in memory: the span of its work",
            span_ms(results, "cache in memory", Doing::Works),
            super::cache_designs::LOOKUP_MS,
            1e-6,
            "model assumption: a call through the network stack, and some 100 ns for the memory; a constant",
        ),
        ms(
            "ssd",
            "a page from a solid state disk: the span of the read",
            span_ms(results, "ssd", Doing::Reads),
            0.1,
            1e-6,
            catalogue,
        ),
        ms(
            "cache_on_ssd",
            "by how much a cache is slower that keeps its values on such a disk",
            mean("cache on ssd") - mean("cache in memory"),
            0.1,
            0.002,
            "arithmetic: one read more for each hit; both runs have the same requests, which hardly ever meet",
        ),
        ms(
            "spinning",
            "by how much a query takes longer whose page comes from a spinning disk, not from the pool",
            mean("spinning") - mean("buffer pool"),
            1e3 * access + wait,
            0.15,
            "theory: 10 ms on average, and the wait in an M/G/1 queue (Pollaczek and Khinchine); four standard errors of the \
             mean of 10,000 times with 2.4 ms of spread are 0.1 ms",
        ),
        Finding {
            key: "pool",
            what: "queries that had to read the disk, with a pool that holds all pages",
            unit: "queries",
            measured: results.run("buffer pool").report().tiers["database"]
                .buffer_pool
                .as_ref()
                .map_or(1.0, |pool| pool.misses as f64),
            expected: Expected::Exactly(0.0),
            reason: "definition: they all are in memory",
        },
    ]
}

/// Memory, solid state, spinning.
pub static MEDIUM: Experiment = Experiment {
    id: "cache.medium",
    title: "Memory and disks",
    claim: "A database reads from disk, a cache from memory. How much that is worth depends on the disk, and on how much the \
            database itself keeps in memory.",
    watch: "The spans of one look-up, one read of a solid state disk, and one of a spinning disk.",
    question: Question {
        text: "All of a database's pages are in its own memory. What does a cache before it still save?",
        options: &["The disk", "The query's work, but no disk", "Nothing"],
        right: 1,
    },
    explanation: "A database has a cache of its own, of pages. As long as what is asked for is there, no disk is read, and \
                  what a cache before it saves is the work of the query. When it does not fit, a spinning disk does a hundred \
                  reads a second, and no more; a solid state disk some hundred thousand.",
    runs: medium_runs,
    judge: medium_findings,
    mutations: &[
        Mutation { name: "nothing spins", breaks: |runs| runs[4].set("machines.data.disk", json!("ssd")) },
        Mutation {
            name: "the pool holds next to nothing",
            breaks: |runs| runs[2].set("tiers.database.buffer_pool_mb", json!(0.01)),
        },
        Mutation {
            name: "the cache on the disk is in memory too",
            breaks: |runs| runs[1].set("tiers.cache.storage", json!("memory")),
        },
    ],
};
