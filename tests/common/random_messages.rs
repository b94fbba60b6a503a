//! Random brokers: a small site that publishes messages of many kinds, whose broker and workers die, are cut off and come
//! back within three seconds.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, Moment, Scenario};

use super::random::{eventful_scenario, with_timeline};

fn queue() -> impl Strategy<Value = Value> {
    let room = prop::option::of((select(vec![1, 5, 50]), any::<bool>()));
    let life = (prop::option::weighted(0.3, select(vec![5.0, 100.0])), select(vec![0, 1, 20]));
    (any::<bool>(), room, life, any::<bool>()).prop_map(|(durable, room, (ttl, limit), letters)| {
        let mut own = json!({ "durable": durable, "delivery_limit": limit });
        if let Some((length, rejects)) = room {
            own["length_max"] = json!(length);
            own["overflow"] = json!(if rejects { "reject_publish" } else { "drop_head" });
        }
        if let Some(ttl) = ttl {
            own["message_ttl_ms"] = json!(ttl);
        }
        if letters {
            own["dead_letter_exchange"] = json!("dead");
        }
        own
    })
}

fn workers() -> impl Strategy<Value = Value> {
    let ahead = (select(vec![1, 3, 50]), any::<bool>());
    let faults = (select(vec![0.0, 0.3]), any::<bool>(), prop::option::of(select(vec![5, 100_000])));
    (1..4u32, select(vec![1, 4]), ahead, faults).prop_map(
        |(instances, slots, (prefetch, together), (poison, requeue, remembers))| {
            let mut own = json!({
                "kind": "worker", "machine": "work", "instances": instances, "slots": slots, "broker": "broker",
                "prefetch": prefetch, "acknowledge_every": if together { prefetch } else { 1 }, "poison_share": poison,
                "requeue": requeue, "reconnect_ms": 100.0, "boot_ms": 50.0
            });
            if let Some(remembers) = remembers {
                own["remembers"] = json!(remembers);
            }
            own
        },
    )
}

/// What requests publish, and whether they are done inline.
fn classes() -> impl Strategy<Value = Value> {
    let work = (select(vec!["constant", "exponential"]), select(vec![0.5, 5.0]));
    (work, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |((distribution, mean), persistent, mandatory, inline)| {
            let work = json!({ "mean_ms": mean, "distribution": distribution });
            let mut job = json!({
                "work": work, "person": { "mean_ms": 20.0 },
                "publish": {
                    "exchange": "site", "persistent": persistent, "mandatory": mandatory,
                    "keys": { "photo": { "key": "photo.new", "share": 2.0 }, "log": { "key": "log.error.web" },
                              "none": { "key": "nobody.wants.this" }, "all": { "key": "photo.error" } }
                }
            });
            if inline {
                job["publish"] = Value::Null;
            }
            json!({
                "photo": { "share": 1.0, "write": true, "web": { "mean_ms": 0.2 }, "job": job },
                "event": { "share": 1.0, "web": { "mean_ms": 0.2 }, "job": {
                    "work": { "mean_ms": 0.5 },
                    "publish": { "exchange": "news", "persistent": persistent, "keys": { "any": { "key": "" } } }
                } }
            })
        },
    )
}

fn still_broker() -> impl Strategy<Value = Scenario> {
    let queues = (queue(), queue(), queue());
    let network = (any::<bool>(), select(vec![300.0, 3000.0]), prop::option::of((1..4u32, any::<bool>())));
    let room = (select(vec![3, 200, 1_000_000]), select(vec![0.0, 0.1, 1.0]), select(vec!["ssd", "spinning"]));
    (queues, (workers(), workers()), classes(), network, room).prop_map(
        |((photos, logs, all), (mut one, mut two), classes, (network, timeout, retry), (messages, work, disk))| {
            one["queue"] = json!("photos");
            one["people"] = json!({ "exchange": "site", "routing_key": "decided.error" });
            two["queue"] = json!("logs");
            let mut retries = Value::Null;
            if let Some((attempts, writes)) = retry {
                retries = json!({ "attempts": attempts, "backoff_ms": 5.0, "writes": writes });
            }
            let json = json!({
                "version": 1, "name": "Random broker",
                "workload": {
                    "users": 100, "requests_per_user_per_second": 3.0, "entry": "web",
                    "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": timeout, "retry": retries } },
                    "classes": classes
                },
                "network": { "enabled": network, "silence_timeout_ms": 100.0 },
                "machines": { "app": { "place": "montreal", "cores": 8 },
                              "hub": { "place": "montreal", "cores": 2, "disk": disk },
                              "work": { "places": ["montreal", "london"], "cores": 2 } },
                "tiers": {
                    "web": { "kind": "web_server", "machine": "app", "instances": 2, "slots": 30, "backlog": 30,
                             "broker": "broker", "boot_ms": 50.0 },
                    "broker": {
                        "kind": "message_broker", "machine": "hub", "work": { "mean_ms": work }, "boot_ms": 50.0,
                        "messages_max": messages,
                        "restart_after_ms": if work == 0.0 { json!(120.0) } else { Value::Null },
                        "exchanges": {
                            "site": { "type": "topic", "bindings": {
                                "photos": { "queue": "photos", "routing_key": "photo.*" },
                                "logs": { "queue": "logs", "routing_key": "#.error.#" } } },
                            "news": { "type": "fan_out", "bindings": {
                                "logs": { "queue": "logs" }, "all": { "queue": "all" } } },
                            "dead": { "type": "fan_out", "bindings": { "morgue": { "queue": "morgue" } } }
                        },
                        "queues": { "photos": photos, "logs": logs, "all": all,
                                    "morgue": { "length_max": 20 } }
                    },
                    "photographers": one, "clerks": two
                }
            });
            let mut patched = json.clone();
            strip_nulls(&mut patched);
            scenario::from_value(patched).unwrap_or_else(|problem| panic!("{problem} in {json:#}"))
        },
    )
}

fn strip_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, field| !field.is_null());
        fields.values_mut().for_each(strip_nulls);
    }
}

fn change() -> impl Strategy<Value = Change> {
    let target = select(vec!["broker", "broker", "photographers.1", "photographers", "clerks.1", "web.1"]);
    let target = target.prop_map(str::to_owned).boxed();
    let end = select(vec!["photographers.1", "clerks.1", "web.1", "web.2", "places.london"]).prop_map(str::to_owned);
    let set = |path: &str, values: Vec<Value>| {
        let path = path.to_owned();
        select(values).prop_map(move |value| Change::Set { path: path.clone(), value }).boxed()
    };
    let link = || ("broker".to_owned(), end.clone().boxed());
    prop_oneof![
        6 => (target.clone(), any::<bool>(), prop::bool::weighted(0.1))
            .prop_map(|(target, silent, destroy)| Change::Kill { target, silent, destroy }),
        6 => target.prop_map(|target| Change::Restore { target }),
        1 => link().1.prop_map(|to| Change::Cut { from: "broker".to_owned(), to }),
        2 => link().1.prop_map(|to| Change::Mend { from: "broker".to_owned(), to }),
        1 => link().1.prop_map(|to| Change::Delay { from: "broker".to_owned(), to, extra_ms: 20.0 }),
        2 => set("tiers.photographers.instances", vec![json!(1), json!(2), json!(4)]),
        1 => set("tiers.photographers.slots", vec![json!(1), json!(3)]),
        1 => set("tiers.clerks.prefetch", vec![json!(50), json!(60)]),
        1 => set("tiers.broker.messages_max", vec![json!(2), json!(1000)]),
        1 => set("tiers.broker.queues.logs.length_max", vec![json!(1), json!(10)]),
        1 => set("tiers.broker.queues.all.message_ttl_ms", vec![json!(1.0), json!(500.0)]),
        1 => set("tiers.broker.exchanges.site.bindings.photos.routing_key", vec![json!("#"), json!("photo.new")]),
        1 => Just(Change::Spike { factor: 5.0, duration_ms: 300.0, clients: None }),
    ]
}

/// A broker to which many things happen.
pub fn eventful_broker() -> impl Strategy<Value = Scenario> {
    let moments = prop::collection::vec((0..60u32, change()), 0..20).prop_map(|mut moments| {
        moments.sort_by_key(|(time, _)| *time);
        let moment = |(time, change)| Moment { at_ms: f64::from(time) * 50.0, change };
        moments.into_iter().map(moment).collect::<Vec<_>>()
    });
    (still_broker(), moments).prop_map(|(still, moments)| with_timeline(&still, moments))
}

/// A site to which many things happen, with a broker or without.
pub fn anything_eventful() -> impl Strategy<Value = Scenario> {
    prop_oneof![3 => eventful_scenario().boxed(), 1 => eventful_broker().boxed()]
}
