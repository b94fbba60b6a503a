//! Chapter 6: how long an entry may live, and how old it may be.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Phase, Question, Results, Run};

use super::cache_designs::{cache, found, hit_percent, percent, read_only, site};
use super::designs::{phase, run, set};

const SHARES: [(&str, f64); 3] = [("1 %", 0.01), ("10 %", 0.1), ("50 %", 0.5)];

/// 200 keys, asked for alike, with room for all.
fn few_keys(patch: &Value) -> crate::scenario::Scenario {
    let mut json = json!({
        "workload": { "keys": { "count": 200, "popularity": "uniform" } },
        "tiers": { "cache": { "capacity_entries": 1000 } }
    });
    crate::scenario::edit::merge(&mut json, patch);
    site(json)
}

fn when_runs() -> Vec<Run> {
    let of = |(name, share): (&str, f64)| {
        let classes = json!({ "read": { "share": 1.0 - share }, "write": { "share": share } });
        run(name, few_keys(&json!({ "workload": { "classes": classes } })), &[phase("measured", 10.0, 510.0)])
    };
    SHARES.map(of).to_vec()
}

fn when_findings(results: &Results) -> Vec<Finding> {
    let finding = |index: usize, key, what| {
        let (name, share) = SHARES[index];
        let why = "theory: a read hits if what last happened to its key was a read; four standard errors of a share of \
                   100,000 are 0.6 at most, and the few reads that come while another one's query is under way miss too";
        percent(key, what, hit_percent(results.run(name).report()), (100.0 * (1.0 - share), 1.5), why)
    };
    vec![
        finding(0, "hundredth", "reads that hit where one request in a hundred writes"),
        finding(1, "tenth", "where one in ten does"),
        finding(2, "half", "where every second one does"),
    ]
}

/// Read often, changed rarely.
pub static WHEN: Experiment = Experiment {
    id: "cache.when",
    title: "Read often, changed rarely",
    claim: "A cache is good for what is read often and changed rarely: where a write removes the entry, the best hit ratio there \
            can be is one less the share of writes.",
    watch: "The hit ratio with more and more writes, and room for everything.",
    question: Question {
        text: "A cache has room for everything. Every second request writes. How many reads hit?",
        options: &["All", "About half", "None"],
        right: 1,
    },
    explanation: "Each write takes an entry away, and the next read of its key has to fetch it again. So memory does not help \
                  where writes are many: there a cache is work for little.",
    runs: when_runs,
    judge: when_findings,
    mutations: &[
        Mutation {
            name: "writes do nothing to the cache",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.on_write", json!("nothing"))),
        },
        Mutation {
            name: "entries live for a second only",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.ttl_ms", json!(1000.0))),
        },
    ],
};

/// Of each of 200 keys: reads and writes per second, at 400 requests a second, a fifth of which write.
const READS: f64 = 1.6;
const WRITES: f64 = 0.4;
const LIVES: [(&str, f64); 3] = [("0.5 s", 0.5), ("5 s", 5.0), ("50 s", 50.0)];

fn ttl_runs() -> Vec<Run> {
    let of = |name: &str, ttl: Value| {
        let patch = json!({
            "workload": { "classes": { "read": { "share": 0.8, "database": { "mean_ms": 0.1 } },
                                       "write": { "share": 0.2, "database": { "mean_ms": 0.1 } } } },
            "tiers": { "cache": { "on_write": "nothing", "ttl_ms": ttl } }
        });
        run(name, few_keys(&patch), &[phase("measured", 150.0, 650.0)])
    };
    let mut runs: Vec<Run> = LIVES.iter().map(|(name, ttl)| of(name, json!(1e3 * ttl))).collect();
    runs.push(of("for ever", Value::Null));
    runs
}

/// Of the hits, those that were stale, in percent.
fn stale_percent(outcome: &Outcome) -> f64 {
    let found = found(outcome.report());
    100.0 * found.stale_reads as f64 / found.hits as f64
}

fn ttl_findings(results: &Results) -> Vec<Finding> {
    let hits = |index: usize, key, what| {
        let (name, ttl) = LIVES[index];
        let load = READS * ttl;
        let why = "theory: renewal, λT / (1 + λT) for reads at the rate λ and entries that live for T; four standard errors of \
                   a share of 160,000 are half a point";
        percent(key, what, hit_percent(results.run(name).report()), (100.0 * load / (1.0 + load), 0.7), why)
    };
    let stale = |index: usize, key, what| {
        let (name, ttl) = LIVES[index];
        let writes = WRITES * ttl;
        let expected = 100.0 * (1.0 - (1.0 - libm::exp(-writes)) / writes);
        let why = "theory: the age of the entry at a hit is uniform over its life, so it is stale with 1 − (1 − e^−μT) / μT \
                   for writes at the rate μ; hits in one life depend on each other, of which there are 15,000 at least, \
                   5,000 where they are long: four standard errors are 2 points at most";
        percent(key, what, stale_percent(results.run(name)), (expected, 2.0), why)
    };
    vec![
        hits(0, "short_hits", "reads that hit where entries live for half a second"),
        hits(1, "middle_hits", "for five seconds"),
        hits(2, "long_hits", "for fifty"),
        stale(0, "short_stale", "hits that are stale where entries live for half a second"),
        stale(1, "middle_stale", "for five seconds"),
        stale(2, "long_stale", "for fifty"),
        Finding {
            key: "ever_stale",
            what: "hits that are stale where nothing expires",
            unit: "%",
            measured: stale_percent(results.run("for ever")),
            expected: Expected::AtLeast(99.0),
            reason: "arithmetic: after 150 s of a write every 2.5 s, no key is as it was",
        },
    ]
}

/// Neither too short nor too long.
pub static TTL: Experiment = Experiment {
    id: "cache.ttl",
    title: "How long is long enough?",
    claim: "An entry that lives too short is reloaded often, one that lives too long goes stale, and one without an end is kept \
            for ever.",
    watch: "Hit ratio and stale hits for half a second, five, fifty, and without end, where writes do not tell the cache.",
    question: Question {
        text: "Entries live for five seconds; a key is read 1.6 times a second and changed every 2.5. What is there to gain \
               from ten times as long?",
        options: &["Half as many misses", "A tenth more hits, nearly all of them stale", "Nothing"],
        right: 1,
    },
    explanation: "Once λT is well above one, a longer life brings few hits more, and staleness grows on towards all. A time to \
                  live is a promise how old a value may be; choose it by that, and see what hit ratio is left.",
    runs: ttl_runs,
    judge: ttl_findings,
    mutations: &[
        Mutation {
            name: "nothing expires",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.ttl_ms", Value::Null)),
        },
        Mutation {
            name: "writes remove the entry",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("tiers.cache.on_write", json!("invalidate"))),
        },
    ],
};

/// Nobody writes from this second on.
const LAST_WRITE: f64 = 60.0;

fn consistency_runs() -> Vec<Run> {
    // Readers in London, and the cache and the database where the writers are: a fill is long on its way.
    let of = |name: &str, settings: Value| {
        let patch = json!({
            "workload": {
                "users": 2500, "keys": { "count": 1000 },
                "classes": { "read": { "share": 0.5 }, "write": { "share": 0.5 } }
            },
            "machines": { "app": { "places": ["montreal", "london"] } },
            "tiers": { "web": { "instances": 2 }, "database": { "backlog": 10_000 }, "cache": settings }
        });
        run(name, few_keys(&patch), &[phase("after", LAST_WRITE + 20.0, LAST_WRITE + 70.0)])
            .at(LAST_WRITE, set("workload.classes.write.share", 0.0))
    };
    vec![
        of("invalidate", json!({})),
        of("nothing", json!({ "on_write": "nothing" })),
        of("versioned", json!({ "versioned_fill": true })),
        of("write-through", json!({ "strategy": "write_through", "database": "database" })),
        of("ttl", json!({ "ttl_ms": 10_000.0 })),
    ]
}

fn consistency_findings(results: &Results) -> Vec<Finding> {
    let stale = |key, what, name: &str, expected, reason| Finding {
        key,
        what,
        unit: "reads",
        measured: found(results.run(name).report()).stale_reads as f64,
        expected,
        reason,
    };
    vec![
        stale(
            "race",
            "stale reads a while after the last write, where a write removes the entry",
            "invalidate",
            Expected::AtLeast(50.0),
            "one stale entry, asked for once a second for 50 s, is 50. Of 500 writes a second one in 25 comes while a \
             fill of its key is on its way over the sea for 80 ms, and stays if it is the last: some ten keys",
        ),
        stale(
            "nothing",
            "the same, where a write does nothing to the cache",
            "nothing",
            Expected::AtLeast(5_000.0),
            "arithmetic: nearly all of 50,000 reads; every key was written, and is as it was first read",
        ),
        stale(
            "versioned",
            "the same, where the cache refuses what is older than a write that it was told of",
            "versioned",
            Expected::Exactly(0.0),
            "definition: the late fill has an older version than the removal that overtook it",
        ),
        stale(
            "write_through",
            "the same, where reads and writes go through the cache",
            "write-through",
            Expected::Exactly(0.0),
            "all answers of the database come to the cache over one way, in the order in which they were given",
        ),
        stale(
            "ttl",
            "the same, where entries live for ten seconds",
            "ttl",
            Expected::Exactly(0.0),
            "arithmetic: 20 s after the last write nothing is left from before it",
        ),
    ]
}

/// Two steps, and what comes between.
pub static CONSISTENCY: Experiment = Experiment {
    id: "cache.consistency",
    title: "Two steps, and what comes between",
    claim: "Database and cache are changed in two steps, so they can disagree: a write between a reader's miss and its fill \
            leaves a stale entry. Versions or writing through the cache prevent it; a time to live ends it.",
    watch: "Stale reads long after the last write, by what is done about it.",
    question: Question {
        text: "Every write removes the entry once the database has it. Can a stale entry stay in the cache?",
        options: &[
            "No: it was removed",
            "Yes: a reader may have read before, and fill after",
            "Only if the cache dies",
        ],
        right: 1,
    },
    explanation: "The reader misses, reads the old value, and is slow to put it into the cache. Meanwhile a writer changes the \
                  database and removes what is not there yet. Then the old value arrives, and stays. The two steps are no \
                  transaction; one needs versions, one way for all, or a time after which nothing is believed.",
    runs: consistency_runs,
    judge: consistency_findings,
    mutations: &[
        Mutation {
            name: "all are in one place and as quick",
            breaks: |runs| runs[0].set("machines.app.places", json!(["montreal", "montreal"])),
        },
        Mutation {
            name: "versions are not looked at",
            breaks: |runs| runs[2].set("tiers.cache.versioned_fill", json!(false)),
        },
        Mutation { name: "nothing expires", breaks: |runs| runs[4].set("tiers.cache.ttl_ms", Value::Null) },
    ],
};

const STAMPEDE_TTL: f64 = 5.0;
/// The slices of time in which queries are counted, a quarter of a second each, around the first expiry.
const SLICES: [Phase; 20] = {
    let mut slices = [phase("", 0.0, 0.0); 20];
    let mut n = 0;
    while n < slices.len() {
        let from = 2.5 + 0.25 * n as f64;
        slices[n] = phase("", from, from + 0.25);
        n += 1;
    }
    slices
};

fn stampede_runs() -> Vec<Run> {
    // All begins at once, so all that is popular is stored at once, and expires at once.
    let of = |name: &str, settings: Value| {
        let mut json = cache(json!({ "warm_start": false, "ttl_ms": 1e3 * STAMPEDE_TTL }));
        let busy = json!({
            "workload": {
                "users": 5000, "keys": { "count": 200, "popularity": "uniform" },
                "classes": { "read": { "database": { "mean_ms": 200.0, "distribution": "constant" } } }
            },
            "machines": { "data": { "cores": 1024 } },
            "tiers": { "database": { "slots": 100_000 } }
        });
        crate::scenario::edit::merge(&mut json, &busy);
        crate::scenario::edit::merge(&mut json, &cache(settings));
        run(name, read_only(&json), &SLICES)
    };
    vec![
        of("plain", json!({})),
        of("coalesced", json!({ "coalesce": true })),
        of("jitter", json!({ "ttl_jitter": 0.5 })),
        of("ahead", json!({ "strategy": "refresh_ahead", "database": "database", "refresh_in_last": 0.4 })),
    ]
}

/// The most queries of the database in a second, by the busiest quarter of one.
fn peak(outcome: &Outcome) -> f64 {
    let queries = outcome.reports.iter().map(|(_, report)| report.tiers["database"].served as f64);
    4.0 * queries.fold(0.0, f64::max)
}

fn stampede_findings(results: &Results) -> Vec<Finding> {
    let plain = peak(results.run("plain"));
    let part = |key, what, name: &str, reason| Finding {
        key,
        what,
        unit: "%",
        measured: 100.0 * peak(results.run(name)) / plain,
        expected: Expected::AtMost(60.0),
        reason,
    };
    let ahead: u64 = results.run("ahead").reports.iter().map(|(_, report)| found(report).misses).sum();
    vec![
        Finding {
            key: "peak",
            what: "queries a second when all that was stored at once expires at once, as a multiple of one for each key and \
                   life",
            unit: "",
            measured: plain / (200.0 / STAMPEDE_TTL),
            expected: Expected::AtLeast(20.0),
            reason: "arithmetic: 40 a second would do; but 200 keys expire within half a second, and each is asked for twice \
                     more while its query is under way",
        },
        part(
            "coalesced",
            "the peak where one query does for all who miss the same, as a part of that",
            "coalesced",
            "arithmetic: one query a key instead of three; still all keys at once",
        ),
        part(
            "jitter",
            "the peak where lives are shortened at random by up to a half",
            "jitter",
            "arithmetic: what came within half a second now comes within three",
        ),
        part(
            "ahead",
            "the peak where what is asked for in the last two fifths of its life is read anew",
            "ahead",
            "arithmetic: one query a key instead of three, while the old value is still given",
        ),
        Finding {
            key: "ahead_misses",
            what: "misses meanwhile, where entries are read anew in time",
            unit: "misses",
            measured: ahead as f64,
            expected: Expected::AtMost(3.0),
            reason: "a key is asked for ten times a second, so hardly any is not asked for in two seconds: e^−20 for each",
        },
    ]
}

/// All at once.
pub static STAMPEDE: Experiment = Experiment {
    id: "cache.stampede",
    title: "All at once",
    claim: "When popular entries expire, all who want them miss at once and the database is overrun. One query for all, lives \
            of different length, or reading anew in time each flatten the peak.",
    watch: "Queries around the moment at which all that was stored together expires together.",
    question: Question {
        text: "A popular value expires. A query for it takes 200 ms, and ten requests a second want it. How many queries are \
               made?",
        options: &["One", "About three: one, and two more until the answer is there", "None"],
        right: 1,
    },
    explanation: "The cache says nothing about what is already under way, so everybody asks. The popular suffer most. And what \
                  was stored together expires together: after a restart, or when a page puts many values in at once.",
    runs: stampede_runs,
    judge: stampede_findings,
    mutations: &[
        Mutation { name: "all query by themselves", breaks: |runs| runs[1].set("tiers.cache.coalesce", json!(false)) },
        Mutation { name: "all lives are as long", breaks: |runs| runs[2].set("tiers.cache.ttl_jitter", json!(0.0)) },
        Mutation {
            name: "nothing is read anew before it expires",
            breaks: |runs| runs[3].set("tiers.cache.strategy", json!("read_through")),
        },
    ],
};
