//! Chapter 6: memory forgets, and servers die.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};

use super::cache_designs::{cache, found, hit_percent, percent, read_only, site};
use super::designs::{failed, failed_percent, kill, phase, restore, run, set, within};

const KILLED: f64 = 60.0;

fn volatile_runs() -> Vec<Run> {
    let restart = [
        phase("before", 50.0, KILLED),
        phase("cold", KILLED + 0.5, KILLED + 0.6),
        phase("surge", KILLED + 0.6, KILLED + 1.6),
        phase("recovered", 180.0, 240.0),
    ];
    let aside = json!({ "tiers": { "cache": { "boot_ms": 400.0 } } });
    let behind = json!({ "strategy": "write_behind", "database": "database", "flush_interval_ms": 2000.0 });
    vec![
        run("restart", site(aside), &restart).at(KILLED, kill("cache")).at(KILLED + 0.001, restore("cache")),
        // Killed just before it would have written.
        run("write-behind", site(cache(behind)), &[phase("until", 0.0, 61.899), phase("all", 61.899, 70.0)])
            .at(61.9, kill("cache"))
            .at(63.0, restore("cache"))
            .at(65.0, set("workload.requests_per_user_per_second", 0.0)),
    ]
}

fn volatile_findings(results: &Results) -> Vec<Finding> {
    let restart = results.run("restart");
    let queries = |phase: &str| {
        let report = restart.phase(phase);
        report.tiers["database"].served as f64 / report.simulated_seconds
    };
    let books = |phase: &str| found(results.run("write-behind").phase(phase)).write_behind.clone().unwrap_or_default();
    let (until, all) = (books("until"), books("all"));
    let count = |key, what, measured: u64, expected, reason| Finding {
        key,
        what,
        unit: "writes",
        measured: measured as f64,
        expected,
        reason,
    };
    vec![
        Finding {
            key: "cold",
            what: "reads that hit in the first tenth of a second after a restart",
            unit: "%",
            measured: hit_percent(restart.phase("cold")),
            expected: Expected::AtMost(32.0),
            reason: "nothing is there; of 36 reads in a tenth of a second only the most popular keys come twice, some one in ten; four \
                     standard errors of that are 20 points",
        },
        Finding {
            key: "surge",
            what: "queries of the database in the second after, as a multiple of before",
            unit: "",
            measured: queries("surge") / queries("before"),
            expected: Expected::AtLeast(1.25),
            reason: "hits that are missing come to it; four standard errors of 300 queries are a quarter of them",
        },
        percent(
            "recovered",
            "the hit ratio two minutes later, as a part of that before",
            100.0 * hit_percent(restart.phase("recovered")) / hit_percent(restart.phase("before")),
            (100.0, 6.0),
            "what a cache holds depends on the last requests only; four standard errors of a share of 3,600 are 3 points",
        ),
        Finding {
            key: "failed",
            what: "requests that failed since then",
            unit: "requests",
            measured: failed(restart.phase("recovered")) as f64,
            expected: Expected::Exactly(0.0),
            reason: "what the cache held is in the database too",
        },
        count(
            "lost",
            "writes that clients were told of and that are lost, with write-behind",
            all.lost_writes,
            Expected::AtLeast(20.0),
            "40 writes a second, kept back for up to two seconds",
        ),
        count(
            "unexplained",
            "by how much these differ from those that were kept back or on their way when it died",
            all.lost_writes.abs_diff(until.waiting),
            Expected::AtMost(3.0),
            "definition: what the database had not carried out is lost; one that was on its way then may still have arrived",
        ),
        count(
            "waiting",
            "writes that are neither written nor lost at the end",
            all.accepted - all.written - all.lost_writes,
            Expected::Exactly(0.0),
            "definition: accepted = written + lost + waiting, and nothing waits any more",
        ),
    ]
}

/// Memory forgets.
pub static VOLATILE: Experiment = Experiment {
    id: "cache.volatile",
    title: "Memory forgets",
    claim: "A cache is volatile: a restart loses it, the database is hit by all that it answered, and it fills again. What is \
            important is kept elsewhere: writes that were not yet passed on are lost for good.",
    watch: "Hit ratio and queries after a restart; lost writes after a crash with write-behind.",
    question: Question {
        text: "A cache that writes later crashes. What becomes of the writes that it had answered and not yet passed on?",
        options: &["The database has them", "They are lost, and nobody is told", "Their clients get an error"],
        right: 1,
    },
    explanation: "As long as a cache holds copies, losing it costs time: the database has everything, if it survives the \
                  surge. Once it holds the only copy it is no cache any more, but a database that forgets.",
    runs: volatile_runs,
    judge: volatile_findings,
    mutations: &[
        Mutation { name: "nothing is restarted", breaks: |runs| runs[0].scenario.timeline.clear() },
        Mutation {
            name: "the database has a write before it is answered",
            breaks: |runs| runs[1].set("tiers.cache.strategy", json!("write_through")),
        },
    ],
};

/// The database alone is too slow for the reads of 800 requests a second.
fn overloaded(settings: Value, machines: Value) -> crate::scenario::Scenario {
    let patch = json!({
        "workload": { "users": 2000, "keys": { "count": 2000 },
                      "classes": { "read": { "database": { "mean_ms": 8.0 } } } },
        "machines": machines,
        "tiers": { "cache": { "capacity_entries": 2000 }, "database": { "slots": 50, "backlog": 50 } }
    });
    let mut json = cache(settings);
    crate::scenario::edit::merge(&mut json, &patch);
    read_only(&json)
}

fn spof_runs() -> Vec<Run> {
    let phases = [phase("before", 30.0, KILLED), phase("dead", KILLED, KILLED + 60.0)];
    let spread = json!({ "memory": { "places": ["montreal", "new-york"] } });
    let replicas = json!({ "instances": 4, "replicas": 2 });
    vec![
        run("one", overloaded(json!({}), json!({})), &phases).at(KILLED, kill("cache")),
        run("one of four", overloaded(json!({ "instances": 4 }), json!({})), &phases).at(KILLED, kill("cache.2")),
        run("a place", overloaded(replicas, spread), &phases).at(KILLED, kill("places.new-york")),
    ]
}

fn spof_findings(results: &Results) -> Vec<Finding> {
    let dead = |name: &str| results.run(name).phase("dead");
    let queries = |name: &str| 100.0 * dead(name).tiers["database"].served as f64 / dead(name).requests.answered as f64;
    let four = &results.run("one of four").phase("before").tiers["cache"];
    let own = 100.0 * four.per_instance[1] as f64 / four.served as f64;
    let none_failed = |key, what, name: &str, reason| Finding {
        key,
        what,
        unit: "requests",
        measured: failed(dead(name)) as f64,
        expected: Expected::Exactly(0.0),
        reason,
    };
    vec![
        Finding {
            key: "failed",
            what: "requests that fail when the only cache is dead",
            unit: "%",
            measured: failed_percent(dead("one")),
            // Four cores of 8 ms each carry 500 of 800 requests a second.
            expected: within(100.0 * (1.0 - 500.0 / 800.0), 4.0),
            reason: "arithmetic: the database can do 500 of 800 requests a second; four standard errors of the work of 30,000 \
                     exponential queries are 2 %",
        },
        percent(
            "missed",
            "requests that come to the database when one of four is dead",
            queries("one of four"),
            (own, 2.0),
            "arithmetic: those of its keys, by its share of the look-ups before; four standard errors of shares of 24,000 and \
             48,000 are 1.4 points",
        ),
        percent(
            "its_share",
            "its share of the look-ups before",
            own,
            (25.0, 8.0),
            "theory: a quarter, as evenly as 200 points on the ring share out keys by Zipf's law",
        ),
        none_failed(
            "four_failed",
            "requests that fail then",
            "one of four",
            "a fourth of the load is well within what the database can do",
        ),
        Finding {
            key: "place_missed",
            what: "requests that come to the database when a place is lost, where each key is at two places",
            unit: "%",
            measured: queries("a place"),
            expected: Expected::AtMost(1.0),
            reason: "definition: the other place has it",
        },
        none_failed(
            "place_failed",
            "requests that fail then",
            "a place",
            "a dead server's connection is reset, and the other one is asked",
        ),
    ]
}

/// The only one.
pub static SPOF: Experiment = Experiment {
    id: "cache.spof",
    title: "The only cache",
    claim: "One cache server is a single point of failure: dead, all it answered comes to the database. Of several, one takes \
            only its own keys with it; with copies at several places, a place may be lost.",
    watch: "Failed requests and queries when one of one, one of four, and one place of two is dead.",
    question: Question {
        text: "The cache is only there to be faster. What happens to the site when it dies?",
        options: &["It is slower", "It may fail: the database was never built for all requests", "Nothing"],
        right: 1,
    },
    explanation: "The better a cache works, the smaller the database behind it may be, and the more it is needed. Several \
                  servers, with copies and memory to spare, let one die unnoticed.",
    runs: spof_runs,
    judge: spof_findings,
    mutations: &[
        Mutation {
            name: "the database could do without the cache",
            breaks: |runs| runs[0].set("machines.data.cores", json!(64)),
        },
        Mutation {
            name: "all copies are at one place",
            breaks: |runs| runs[2].set("machines.memory.places", json!(["new-york", "new-york"])),
        },
        Mutation { name: "there are no copies", breaks: |runs| runs[2].set("tiers.cache.replicas", json!(1)) },
    ],
};

/// Keys of the experiment, each asked for once in five seconds and more.
const RING_KEYS: u32 = 1000;

fn ring_runs() -> Vec<Run> {
    let of = |placement: &str| {
        let patch = json!({
            "workload": { "keys": { "count": RING_KEYS, "popularity": "uniform" },
                          "classes": { "read": { "database": { "mean_ms": 0.01 } } } },
            "tiers": { "cache": { "instances": 5, "placement": placement, "capacity_entries": RING_KEYS } }
        });
        run(placement, read_only(&patch), &[phase("before", 30.0, 60.0), phase("after", 60.0, 120.0)])
            .at(60.0, set("tiers.cache.instances", 4))
    };
    vec![of("ring"), of("modulo")]
}

fn ring_findings(results: &Results) -> Vec<Finding> {
    let moved = |name: &str| 100.0 * found(results.run(name).phase("after")).misses as f64 / f64::from(RING_KEYS);
    let before = &results.run("ring").phase("before").tiers["cache"];
    let own = 100.0 * before.per_instance[4] as f64 / before.served as f64;
    let once = "each key is asked for 24 times in the minute after, so a moved key is a miss once, or twice if it is asked \
                for again before it is filled";
    vec![
        percent(
            "ring",
            "keys that have to be read anew when one of five servers leaves a ring",
            moved("ring"),
            (20.0, 5.0),
            "theory: its own share, a fifth ± a quarter of it with 200 points a server",
        ),
        percent(
            "own",
            "by how much that is more than its share of the look-ups before",
            (moved("ring") - own).abs(),
            (0.0, 1.6),
            once,
        ),
        percent(
            "modulo",
            "the same, where a key's server is its hash modulo their number",
            moved("modulo"),
            (80.0, 5.2),
            "theory: a key stays if its hash modulo 20 is below 4, one in five; four standard errors of a share of 1,000 keys \
             are 5 points",
        ),
    ]
}

/// Which server has it?
pub static RING: Experiment = Experiment {
    id: "cache.ring",
    title: "Which server has it?",
    claim: "With several cache servers, who has a key follows from its hash. By the hash modulo their number nearly all keys \
            move when one leaves; on a ring only its own do.",
    watch: "Keys that have to be read anew when one of five servers leaves.",
    question: Question {
        text: "Five servers become four, and a key's server is its hash modulo their number. How many keys have to be read \
               anew?",
        options: &["A fifth", "Half", "Four in five"],
        right: 2,
    },
    explanation: "On a ring each server has many points, and holds the keys up to each of them. When it leaves, these fall to \
                  whoever is next, and no other key moves. With many points, what is taken over is spread.",
    runs: ring_runs,
    judge: ring_findings,
    mutations: &[
        Mutation { name: "the ring is no ring", breaks: |runs| runs[0].set("tiers.cache.placement", json!("modulo")) },
        Mutation { name: "modulo is a ring", breaks: |runs| runs[1].set("tiers.cache.placement", json!("ring")) },
    ],
};
