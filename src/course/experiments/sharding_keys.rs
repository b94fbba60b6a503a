//! Chapter 12: which shard a row is on, and by what.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::placement::{Order, Placement, hash_of};
use crate::nodes::sharding::fields::{COUNTRIES, INITIALS};

use super::designs::{failed, failed_percent, phase, run, set, within};
use super::sharding_designs::{ROWS, finding, rows_percent, served_percent, sharded, sharding};

fn hash_runs() -> Vec<Run> {
    let writes = json!({ "workload": { "classes": {
        "write": { "share": 0.25, "write": true, "database": { "mean_ms": 5.0 } }, "read": { "share": 0.75 } } } });
    vec![run("four shards", sharded(4, 200.0, writes), &[phase("measured", 5.0, 205.0)])]
}

fn hash_findings(results: &Results) -> Vec<Finding> {
    let report = results.run("four shards").report();
    let own = sharding(report);
    let rows: u64 = own.shards.iter().map(|shard| shard.rows).sum();
    vec![
        finding(
            "rows",
            "rows on all shards together",
            (rows as f64, "rows"),
            Expected::Exactly(f64::from(ROWS)),
            "definition: each row is on exactly one shard, so they add up to the table",
        ),
        finding(
            "first_rows",
            "rows on the first of four shards",
            (rows_percent(report, 0), "%"),
            within(25.0, 0.55),
            "theory: a hash spreads keys as chance would; four standard deviations of a quarter of 100,000 are 0.55 points",
        ),
        finding(
            "first_requests",
            "requests that the first of four shards answers",
            (served_percent(report, 0), "%"),
            within(25.0, 1.42),
            "theory: its share of the rows, within 0.55 points; four standard errors of a quarter of 40,000 are 0.87",
        ),
        finding(
            "several",
            "requests that needed more than one shard",
            ((own.scattered + own.extra_writes) as f64, "requests"),
            Expected::Exactly(0.0),
            "definition: who knows the key knows the shard, and no other one has the row",
        ),
        finding(
            "failed",
            "requests that fail",
            (failed(report) as f64, "requests"),
            Expected::Exactly(0.0),
            "each shard has work for less than half of its time",
        ),
    ]
}

/// The hash of the key says which shard.
pub static HASH: Experiment = Experiment {
    id: "shard.hash",
    title: "hash(key) % n",
    claim: "The hash of a row's key, modulo the number of shards, says which shard has it: all have the same schema and none \
            has another one's rows.",
    watch: "Type a user's number in the inspector and see the shard; and how evenly four shards get rows and requests.",
    question: Question {
        text: "A web server needs the row of user 4711. How many of the four shards does it ask?",
        options: &["One", "Two on average", "All four"],
        right: 0,
    },
    explanation: "The same function that put the row somewhere finds it again, without asking anybody. Nothing has to be \
                  looked up, and nothing remembered but the number of shards.",
    runs: hash_runs,
    judge: hash_findings,
    mutations: &[
        Mutation {
            name: "rows are kept a second time",
            breaks: |runs| runs[0].set("tiers.database.sharding.copied_by", json!("country")),
        },
        Mutation {
            name: "shards go by the country, of which few have most users",
            breaks: |runs| runs[0].set("tiers.database.sharding.key", json!("country")),
        },
    ],
};

/// Users' orders, ten each: 40% of requests ask for what belongs to a user, 30% for one order that is known, and 30% are
/// new orders.
fn orders(key: &str, patch: Value) -> crate::scenario::Scenario {
    let work = json!({ "mean_ms": 5.0 });
    let mut base = json!({
        "workload": {
            "keys": { "rows_per_user": 10 },
            "classes": {
                "read": null,
                "mine": { "share": 0.4, "finds_by": "user_id", "database": work },
                "order": { "share": 0.3, "database": work },
                "place": { "share": 0.3, "write": true, "inserts": true, "database": work }
            }
        },
        "tiers": { "database": { "sharding": { "key": key } } }
    });
    crate::scenario::edit::merge(&mut base, &patch);
    sharded(4, 100.0, base)
}

fn key_runs() -> Vec<Run> {
    let phases = [phase("measured", 5.0, 205.0)];
    let last = json!({ "tiers": { "database": { "sharding": { "by": "ranges", "ranges": [
        { "from": 0, "to": 24_999, "shard": 1 }, { "from": 25_000, "to": 49_999, "shard": 2 },
        { "from": 50_000, "to": 74_999, "shard": 3 }, { "from": 75_000, "shard": 4 } ] } } } });
    // One row each, and people who move to another country.
    let movers = |key: &str| {
        let patch = json!({ "workload": { "keys": { "rows_per_user": 1 }, "classes": {
            "mine": null, "order": { "share": 0.5 },
            "place": { "share": 0.5, "inserts": null, "changes": "country" } } } });
        orders(key, patch)
    };
    vec![
        run("user_id", orders("user_id", json!({})), &phases),
        run("country", orders("country", json!({})), &phases),
        run("created_at", orders("created_at", last), &phases),
        run("user_id and order_id", orders("user_id_order_id", json!({})), &phases),
        run("movers, by country", movers("country"), &phases),
        run("movers, by user_id", movers("user_id"), &phases),
    ]
}

/// The share of users by country on each of four shards.
fn shares_by_country() -> [f64; 4] {
    let order = Order::new(Placement::Modulo, 4);
    let mut shares = [0.0; 4];
    for (country, &share) in COUNTRIES.iter().enumerate() {
        shares[usize::from(order.first(hash_of(country as u32)))] += f64::from(share) / 10_000.0;
    }
    shares
}

/// The fullest of four shards, in percent of all requests that one shard could answer.
fn fullest(results: &Results, name: &str) -> f64 {
    let report = results.run(name).report();
    (0..4).map(|shard| rows_percent(report, shard)).fold(0.0, f64::max)
}

fn scattered(results: &Results, name: &str) -> f64 {
    let own = sharding(results.run(name).report());
    100.0 * own.scattered as f64 / (own.scattered + own.direct) as f64
}

/// New rows on the last of four shards, in percent of all new ones.
fn new_on_last(results: &Results, name: &str) -> f64 {
    let shards = &sharding(results.run(name).report()).shards;
    let all: u64 = shards.iter().map(|shard| shard.rows).sum::<u64>() - u64::from(ROWS);
    100.0 * shards[3].rows.saturating_sub(u64::from(ROWS) / 4) as f64 / all as f64
}

fn moved(results: &Results, name: &str) -> f64 {
    let report = results.run(name).report();
    let own = sharding(report);
    100.0 * own.moved_rows as f64 / (report.writes.applied as f64).max(1.0)
}

fn key_findings(results: &Results) -> Vec<Finding> {
    let shares = shares_by_country();
    let stays: f64 = shares.iter().map(|share| share * share).sum();
    let scatter = |key, what, name: &str, expected: Expected| {
        let reason =
            "definition: 40% of requests name the user alone; four standard errors of a share of 20,000 are 1.4 points";
        finding(key, what, (scattered(results, name), "%"), expected, reason)
    };
    vec![
        finding(
            "even",
            "rows on the fullest of four shards, by user_id",
            (fullest(results, "user_id"), "%"),
            within(25.0, 1.9),
            "theory: 10,000 users spread by chance, four standard deviations of a quarter of them are 1.73 points; and of \
             their orders",
        ),
        finding(
            "country",
            "the same by country",
            (fullest(results, "country"), "%"),
            within(100.0 * shares.into_iter().fold(0.0, f64::max), 1.9),
            "arithmetic: the sum of the shares of the countries whose hashes fall there; four standard deviations of 10,000 \
             users",
        ),
        finding(
            "hot",
            "new rows that go to the last shard, by created_at",
            (new_on_last(results, "created_at"), "%"),
            Expected::Exactly(100.0),
            "definition: what is new is the latest, and one range has all that is later",
        ),
        scatter("user_all", "requests that go to all shards, by user_id", "user_id", Expected::Exactly(0.0)),
        scatter("country_all", "the same by country, which no query names", "country", within(40.0, 1.4)),
        scatter("pair_all", "the same by user_id and order_id together", "user_id and order_id", within(40.0, 1.4)),
        finding(
            "pair_even",
            "rows on the fullest of four shards, by both",
            (fullest(results, "user_id and order_id"), "%"),
            within(25.0, 0.55),
            "theory: 100,000 rows spread by chance; four standard deviations are 0.55 points",
        ),
        finding(
            "moved",
            "people who move to another country and whose row has to move to another shard, by country",
            (moved(results, "movers, by country"), "%"),
            within(100.0 * (1.0 - stays), 2.0),
            "theory: where from and where to are independent, so it stays with the sum of the squares of the shares; four \
             standard errors of 10,000 moves are two points",
        ),
        finding(
            "stable",
            "the same by user_id",
            (moved(results, "movers, by user_id"), "%"),
            Expected::Exactly(0.0),
            "definition: nobody's number changes",
        ),
    ]
}

/// What makes a good key.
pub static KEY: Experiment = Experiment {
    id: "shard.key",
    title: "By which key?",
    claim: "A good key is even, has many values, does not change, and is named by the queries. One field can be, or several \
            together.",
    watch: "Four keys for the same table: the fullest shard, where new rows go, and how many requests go to all shards.",
    question: Question {
        text: "Orders are put on shards by when they were made, in ranges. Where do new orders go?",
        options: &["To all shards alike", "All to the same shard", "To the emptiest shard"],
        right: 1,
    },
    explanation: "By user_id all are content. By country the largest countries fill a shard, most queries do not name it, and \
                  who moves house moves rows. By the time of insertion, one shard gets everything new. User and order \
                  together are the most even of all, but who asks for a user's orders has to ask everywhere.",
    runs: key_runs,
    judge: key_findings,
    mutations: &[
        Mutation {
            name: "queries name the order and not the user",
            breaks: |runs| {
                let other = json!("order_id");
                runs.iter_mut().take(4).for_each(|run| run.set("workload.classes.mine.finds_by", other.clone()));
            },
        },
        Mutation {
            name: "nobody moves to another country",
            breaks: |runs| runs[4].set("workload.classes.place.changes", json!(null)),
        },
        Mutation { name: "nothing is new", breaks: |runs| runs[2].set("workload.classes.place.inserts", json!(null)) },
    ],
};

fn by_initial(last_of_first: &str, first_of_second: &str) -> crate::scenario::Scenario {
    let ranges =
        json!([{ "from": "A", "to": last_of_first, "shard": 1 }, { "from": first_of_second, "to": "Z", "shard": 2 }]);
    let patch =
        json!({ "tiers": { "database": { "sharding": { "by": "ranges", "key": "surname", "ranges": ranges } } } });
    sharded(2, 160.0, patch)
}

fn range_runs() -> Vec<Run> {
    let phases = [phase("measured", 20.0, 320.0)];
    vec![run("A–P and Q–Z", by_initial("P", "Q"), &phases), run("A–K and L–Z", by_initial("K", "L"), &phases)]
}

fn up_to(letter: u8) -> f64 {
    INITIALS[..=usize::from(letter - b'A')].iter().map(|&share| f64::from(share)).sum::<f64>() / 100.0
}

fn range_findings(results: &Results) -> Vec<Finding> {
    let (uneven, even) = (results.run("A–P and Q–Z").report(), results.run("A–K and L–Z").report());
    // What the first shard gets beyond the hundred requests a second that it can answer.
    let beyond = 160.0 * up_to(b'P') / 100.0 - 100.0;
    vec![
        finding(
            "rows",
            "rows of people whose surnames begin with A to P",
            (rows_percent(uneven, 0), "%"),
            within(up_to(b'P'), 0.57),
            "arithmetic: the initials of surnames in the United States, by the Census of 1990; four standard deviations of \
             100,000 rows",
        ),
        finding(
            "failed",
            "requests that fail, cut as A–P and Q–Z",
            (failed_percent(uneven), "%"),
            within(100.0 * beyond / 160.0, 2.0),
            "arithmetic: the first shard gets its share of 160 requests a second, and can answer 100; four standard errors of \
             30,000 exponential services are 2.3% of these, of the arrivals as many",
        ),
        finding(
            "even_rows",
            "rows on the first shard, cut as A–K and L–Z",
            (rows_percent(even, 0), "%"),
            within(up_to(b'K'), 0.64),
            "arithmetic: the same figures; four standard deviations of 100,000 rows",
        ),
        finding(
            "even_failed",
            "requests that fail then",
            (failed_percent(even), "%"),
            within(0.0, 0.5),
            "each shard gets half of 160 requests a second and can answer 100: at that load 128 seldom are there at once",
        ),
    ]
}

/// Ranges are uneven.
pub static RANGE: Experiment = Experiment {
    id: "shard.range",
    title: "A to P, and Q to Z",
    claim: "Ranges of names such as A–P and Q–Z are uneven, whatever they look like on paper.",
    watch: "The share of rows and the load of two shards, cut at P and at K.",
    question: Question {
        text: "Of people in the United States, how many have a surname that begins with A to P?",
        options: &["About half", "Nearly two thirds, as sixteen letters of twenty-six", "More than seven in ten"],
        right: 2,
    },
    explanation: "Letters are not alike: S alone begins one surname in ten, X hardly any. Who cuts by counting letters gives \
                  one shard more than it can do, while the other one is bored. To cut well, one has to know the data, and to \
                  cut anew when that changes.",
    runs: range_runs,
    judge: range_findings,
    mutations: &[Mutation {
        name: "shards go by the hash of the user",
        breaks: |runs| {
            let by_hash = json!({ "shards": 2 });
            runs.iter_mut().for_each(|run| run.set("tiers.database.sharding", by_hash.clone()));
        },
    }],
};

fn ring_runs() -> Vec<Run> {
    let grows = |by: &str| {
        let patch = json!({ "tiers": { "database": { "boot_ms": 1000.0, "sharding": { "by": by } } } });
        let grown = run(by, sharded(4, 100.0, patch), &[phase("measured", 5.0, 60.0)]);
        grown.at(10.0, set("tiers.database.sharding.shards", 5))
    };
    let spread = |points: u32| {
        let patch = json!({ "tiers": { "database": { "sharding": { "by": "ring", "ring_points": points } } } });
        run(format!("{points} points"), sharded(SPREAD, 1000.0, patch), &[phase("measured", 1.0, 2.0)])
    };
    let counts = POINTS.map(spread);
    [grows("ring"), grows("modulo")].into_iter().chain(counts).collect()
}

/// Shards of the rings whose spread is measured, and their points.
const SPREAD: u32 = 200;
const POINTS: [u32; 3] = [1, 10, 100];

/// Standard deviation of the shards' rows, divided by their mean.
fn variation(results: &Results, points: u32) -> f64 {
    let shards = &sharding(results.run(&format!("{points} points")).report()).shards;
    let mean = f64::from(ROWS) / shards.len() as f64;
    let squares: f64 = shards.iter().map(|shard| (shard.rows as f64 - mean) * (shard.rows as f64 - mean)).sum();
    libm::sqrt(squares / shards.len() as f64) / mean
}

/// The same by theory, with what chance adds to it when rows are thrown onto the ring.
fn theory(points: u32) -> f64 {
    let n = f64::from(SPREAD);
    let of_shares = (n - 1.0) / (n * f64::from(points) + 1.0);
    let of_rows = n / f64::from(ROWS);
    libm::sqrt(of_shares + of_rows)
}

fn ring_findings(results: &Results) -> Vec<Finding> {
    let moved = |name: &str| 100.0 * sharding(results.run(name).report()).moved_rows as f64 / f64::from(ROWS);
    let spread = |key, what, points: u32, share: f64| {
        let reason = "theory: √((n − 1) / (nV + 1)), and what chance adds; the standard error of the spread of 200 shards is \
                      at most one part in √400 of it for many points, and about twice that for one";
        finding(key, what, (variation(results, points), ""), within(theory(points), share * theory(points)), reason)
    };
    vec![
        finding(
            "modulo",
            "rows that move when four shards become five, by modulo",
            (moved("modulo"), "%"),
            within(80.0, 0.51),
            "theory: a row stays if its hash has the same remainder by 4 and by 5, as four in twenty have; four standard \
             deviations of 100,000 rows",
        ),
        finding(
            "ring",
            "the same on a ring with 200 points a shard",
            (moved("ring"), "%"),
            within(20.0, 5.1),
            "theory: only what the new shard takes moves, a fifth; its share has a coefficient of variation of 6.3%, of which \
             four are five points",
        ),
        spread("one", "coefficient of variation of 200 shards' shares, with one point each", 1, 0.4),
        spread("ten", "the same with ten points", 10, 0.22),
        spread("hundred", "the same with a hundred points", 100, 0.22),
        finding(
            "failed",
            "requests that fail while rows move",
            ((failed(results.run("ring").report()) + failed(results.run("modulo").report())) as f64, "requests"),
            Expected::Exactly(0.0),
            "the old shard answers until the new one has all",
        ),
    ]
}

/// A ring moves few keys.
pub static RING: Experiment = Experiment {
    id: "shard.ring",
    title: "Four become five",
    claim: "With consistent hashing only the new shard's own share of the rows moves; by modulo nearly all do.",
    watch: "Rows on their way, by modulo and on a ring; and how the shares even out with more points for each shard.",
    question: Question {
        text: "A fifth shard is added to four. Which part of the rows has to move, by modulo and on a ring?",
        options: &["A fifth, and a fifth", "Four fifths, and a fifth", "All, and none"],
        right: 1,
    },
    explanation: "By modulo a row stays only if its hash happens to leave the same remainder. On a ring the new shard takes \
                  stretches from those that had them, and nothing else changes hands. The price is that shares are a matter \
                  of chance, which many points for each shard make small.",
    runs: ring_runs,
    judge: ring_findings,
    mutations: &[
        Mutation {
            name: "the ring has one point for each shard",
            breaks: |runs| {
                runs.iter_mut().skip(2).for_each(|run| run.set("tiers.database.sharding.ring_points", json!(1)));
            },
        },
        Mutation {
            name: "both are by modulo",
            breaks: |runs| runs[0].set("tiers.database.sharding.by", json!("modulo")),
        },
    ],
};
