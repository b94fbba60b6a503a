//! Random parts of a scenario that deliver files: edges, a store, browsers, limits, visits; and what happens to them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, Scenario, edit};

/// What is put before a system that was there.
#[derive(Clone, Debug)]
pub struct Delivery {
    places: Vec<&'static str>,
    from_store: bool,
    in_front: bool,
    coalesce: bool,
    limited: bool,
    capacity_entries: u32,
    max_age_ms: f64,
    count: u32,
    reroute_ms: f64,
    fallback: Option<(f64, u32)>,
    clients: Value,
    follows: bool,
}

/// Two in five systems have edges.
pub fn delivery() -> impl Strategy<Value = Option<Delivery>> {
    let places = select(vec![vec!["london"], vec!["montreal", "sydney"], vec!["london", "montreal", "tokyo"]]);
    let ways = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let numbers = (select(vec![1, 5, 1000]), select(vec![1.0, 100.0, 10_000.0]), select(vec![1, 7, 300]));
    let after = (select(vec![0.0, 100.0, 1000.0]), prop::option::of((select(vec![1.0, 50.0]), 0..3u32)));
    let clients = (any::<bool>(), select(vec![0.5, 1.0, 4.0]), prop::option::of(1..5u32), any::<bool>());
    let parts = (places, ways, numbers, after, clients, any::<bool>());
    prop::option::weighted(
        0.4,
        parts.prop_map(|(places, ways, numbers, after, (browser_cache, rate_factor, addresses, window), follows)| {
            let mut clients = json!({ "browser_cache": browser_cache, "rate_factor": rate_factor });
            if let Some(addresses) = addresses {
                clients["source_addresses"] = json!(addresses);
            }
            if window {
                clients["connection"] = json!({ "initial_window_segments": 2 });
            }
            let (from_store, in_front, coalesce, limited) = ways;
            let (capacity_entries, max_age_ms, count) = numbers;
            let (reroute_ms, fallback) = after;
            Delivery {
                places,
                from_store,
                in_front,
                coalesce,
                limited,
                capacity_entries,
                max_age_ms,
                count,
                reroute_ms,
                fallback,
                clients,
                follows,
            }
        }),
    )
}

impl Delivery {
    /// The system with these parts.
    pub fn put_before(&self, scenario: &Scenario) -> Scenario {
        let mut json = edit::encode(scenario);
        let entry = json["workload"]["entry"].clone();
        let mut cdn = json!({
            "kind": "cdn", "places": self.places, "origin": entry, "coalesce": self.coalesce, "boot_ms": 100.0,
            "capacity_entries": self.capacity_entries, "reroute_ms": self.reroute_ms, "purge_ms": 20.0
        });
        if self.limited {
            cdn["rate_limit"] = json!({ "requests_per_second": 5.0, "burst": 2 });
        }
        let class = &mut json["workload"]["classes"]["0c"];
        *class = json!({ "share": class["share"], "response_kb": 30.0, "web": class["web"], "entry": "cdn",
                         "files": { "count": self.count, "max_age_ms": self.max_age_ms } });
        if self.follows && json["workload"]["classes"]["1c"].is_object() {
            json["workload"]["classes"]["1c"]["followed_by"] = json!({ "0c": 3 });
        }
        if self.from_store {
            json["tiers"]["store"] = json!({ "kind": "object_store", "place": "london", "first_byte": { "mean_ms": 5.0 }, "boot_ms": 100.0 });
            let origin = if self.in_front { ("routes", json!({ "0c": "store" })) } else { ("origin", json!("store")) };
            cdn[origin.0] = origin.1;
            if self.coalesce && !self.in_front {
                cdn["second_origin"] = entry.clone();
            }
        }
        let asks_entry = cdn["origin"] == entry || cdn["second_origin"] == entry;
        json["tiers"]["cdn"] = cdn;
        let front = &mut json["tiers"][entry.as_str().expect("an id is text")];
        if asks_entry && front["kind"] == "load_balancer" {
            // Edges have connections of their own.
            front["layer"] = json!("application");
        }
        if self.in_front {
            json["workload"]["entry"] = json!("cdn");
            if let Some(dns) = json["tiers"].get_mut("dns").and_then(Value::as_object_mut) {
                dns.remove("health_check");
                dns.remove("policy");
            }
        }
        edit::merge(&mut json["workload"]["clients"]["0g"], &self.clients);
        if let Some((timeout_ms, remember_seconds)) = self.fallback.filter(|_| self.from_store || !self.in_front) {
            json["workload"]["clients"]["0g"]["cdn_fallback"] =
                json!({ "timeout_ms": timeout_ms, "remember_seconds": remember_seconds });
        }
        scenario::from_value(json.clone()).unwrap_or_else(|problem| panic!("{problem} in {json:#}"))
    }
}

/// Something that happens to what delivers files.
pub fn change() -> impl Strategy<Value = Change> {
    let target = select(vec!["cdn", "cdn.1", "cdn.2", "store", "places.sydney"]);
    let publish = (select(vec!["0c", "1c"]), select(vec![0.1, 1.0]), any::<bool>());
    let set = select(vec![
        ("tiers.cdn.capacity_entries", json!(2)),
        ("tiers.cdn.coalesce", json!(false)),
        ("tiers.cdn.rate_limit", json!({ "requests_per_second": 1.0, "burst": 1 })),
        ("tiers.cdn.rate_limit", Value::Null),
        ("workload.classes.0c.files.max_age_ms", json!(30.0)),
        ("workload.classes.0c.files.count", json!(3)),
        ("workload.clients.0g.cdn_fallback", Value::Null),
        ("workload.clients.0g.cdn_fallback", json!({ "timeout_ms": 10.0, "remember_seconds": 1 })),
        ("workload.clients.0g.browser_cache", json!(true)),
        ("workload.clients.0g.rate_factor", json!(2.0)),
    ]);
    prop_oneof![
        2 => (target.clone(), any::<bool>())
            .prop_map(|(target, silent)| Change::Kill { target: target.to_owned(), silent, destroy: false }),
        2 => target.prop_map(|target| Change::Restore { target: target.to_owned() }),
        2 => publish.prop_map(|(class, share, rename)| Change::Publish { class: class.to_owned(), share, rename }),
        1 => select(vec!["cdn", "store"])
            .prop_map(|target| Change::Purge { target: target.to_owned(), class: "0c".to_owned() }),
        1 => select(vec![0.1, 3.0])
            .prop_map(|factor| Change::Spike { factor, duration_ms: 300.0, clients: Some("0g".to_owned()) }),
        2 => set.prop_map(|(path, value)| Change::Set { path: path.to_owned(), value }),
    ]
}
