//! Random databases that are sharded: a small site that is never busy, whose rows move while servers die and come back.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, Moment, Scenario};

use super::clusters::replication;
use super::random::with_timeline;

/// How rows are put on shards.
fn sharding() -> impl Strategy<Value = Value> {
    let by = select(vec!["modulo", "ring", "ranges", "directory"]);
    let key = select(vec!["user_id", "order_id", "user_id_order_id", "created_at", "country", "surname"]);
    let more = (any::<bool>(), any::<bool>(), prop::option::weighted(0.3, 60..400u32));
    (1..4u32, by, key, more).prop_map(|(shards, by, key, (copied, listed, capacity))| {
        let mut own = json!({ "shards": shards, "by": by, "key": key, "copy_mb_per_second": 50.0 });
        if by == "ranges" {
            own["key"] = json!("surname");
            let ends = [("A", "H"), ("I", "P"), ("Q", "Z")];
            let range = |n: u32| json!({ "from": ends[n as usize].0, "shard": n + 1, "to": if n + 1 == shards { "Z" } else { ends[n as usize].1 } });
            own["ranges"] = (0..shards).map(range).collect();
        }
        if by == "directory" {
            own["key"] = json!("user_id");
            own["directory"] = if listed { json!({ "0": (1..=shards).collect::<Vec<_>>(), "3": [shards] }) } else { json!({}) };
            own["dedicated"] = json!(u32::from(listed && shards > 1));
        }
        if copied {
            own["copied_by"] = json!("order_id");
        }
        if let Some(capacity) = capacity {
            own["capacity_rows"] = json!(capacity);
        }
        own
    })
}

/// 300 requests a second: reads that know the row, reads that know its number only, writes and new rows.
fn still_shards() -> impl Strategy<Value = Scenario> {
    let network = (any::<bool>(), select(vec![["montreal", "montreal"], ["montreal", "london"]]));
    let work = (select(vec!["constant", "exponential"]), select(vec![0.5, 4.0]), select(vec![300.0, 3000.0]));
    let more =
        (select(vec![100, 1000]), prop::option::weighted(0.3, 1..5u32), prop::option::weighted(0.3, replication()));
    let disk = prop::option::weighted(0.3, select(vec!["ssd", "network_ssd"]));
    (sharding(), network, work, more, (disk, any::<bool>())).prop_map(
        |(sharding, (network, places), (distribution, mean, timeout), (keys, pool, replication), (disk, retries))| {
            let work = json!({ "mean_ms": mean, "distribution": distribution });
            let key = sharding["key"].as_str().expect("it is one").to_owned();
            let mut json = json!({
                "version": 1, "name": "Random shards",
                "workload": {
                    "users": 100, "requests_per_user_per_second": 3.0, "entry": "web",
                    "keys": { "count": keys, "popularity": "uniform", "value_kb": 20.0 },
                    "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": timeout } },
                    "classes": {
                        "read": { "share": 0.3, "database": work },
                        "search": { "share": 0.2, "finds_by": "order_id", "database": work },
                        "write": { "share": 0.2, "write": true, "database": work },
                        "insert": { "share": 0.3, "write": true, "inserts": true, "database": work }
                    }
                },
                "network": { "enabled": network, "silence_timeout_ms": 100.0 },
                "machines": { "app": { "place": "montreal", "cores": 8 }, "data": { "places": places, "cores": 4 } },
                "tiers": {
                    "web": { "kind": "web_server", "machine": "app", "instances": 2, "slots": 100, "backlog": 100,
                             "database": "database" },
                    "database": { "kind": "database", "machine": "data", "slots": 50, "backlog": 50, "boot_ms": 50.0,
                                  "sharding": sharding }
                }
            });
            if let Some(disk) = disk {
                json["machines"]["data"]["disk"] = json!(disk);
                json["tiers"]["database"]["buffer_pool_mb"] = json!(1.0);
            }
            if key == "country" || key == "surname" {
                json["workload"]["classes"]["write"]["changes"] = json!(key);
            }
            if let Some(pool) = pool {
                json["tiers"]["web"]["pool"] = json!(pool);
            }
            if retries {
                json["workload"]["clients"]["all"]["retry"] =
                    json!({ "attempts": 3, "backoff_ms": 5.0, "writes": true });
            }
            let mut replicated = json.clone();
            if let Some(replication) = replication {
                replicated["tiers"]["database"]["replication"] = replication;
                replicated["tiers"]["database"]["instances"] = json!(3);
            }
            // Not where rows have copies.
            scenario::from_value(replicated)
                .or_else(|_| scenario::from_value(json.clone()))
                .unwrap_or_else(|problem| panic!("{problem} in {json:#}"))
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    let server = select(vec!["database.1", "database.2", "database.3", "web.1"]).prop_map(str::to_owned);
    let set = |path: &str, values: Vec<Value>| {
        let path = format!("tiers.database.sharding.{path}");
        select(values).prop_map(move |value| Change::Set { path: path.clone(), value }).boxed()
    };
    prop_oneof![
        3 => (server.clone(), any::<bool>(), prop::bool::weighted(0.2))
            .prop_map(|(target, silent, destroy)| Change::Kill { target, silent, destroy }),
        3 => server.clone().prop_map(|target| Change::Restore { target }),
        1 => server.clone().prop_map(|from| Change::Cut { from, to: "database.2".to_owned() }),
        1 => server.prop_map(|from| Change::Mend { from, to: "database.2".to_owned() }),
        4 => set("shards", vec![json!(2), json!(3), json!(4), json!(5)]),
        2 => set("by", vec![json!("modulo"), json!("ring")]),
        1 => set("key", vec![json!("user_id"), json!("order_id"), json!("user_id_order_id")]),
        1 => set("directory", vec![json!({ "0": [1, 2] }), json!({ "0": [2], "9": [1] })]),
        1 => set("capacity_rows", vec![json!(100), json!(100_000)]),
    ]
}

/// Shards to which many things happen.
pub fn eventful_shards() -> impl Strategy<Value = Scenario> {
    let moments = prop::collection::vec((0..60u32, change()), 2..16).prop_map(|mut moments| {
        moments.sort_by_key(|(time, _)| *time);
        let moment = |(time, change)| Moment { at_ms: f64::from(time) * 50.0, change };
        moments.into_iter().map(moment).collect::<Vec<_>>()
    });
    (still_shards(), moments).prop_map(|(still, moments)| with_timeline(&still, moments))
}
