//! Random valid scenarios: small systems, often overloaded, to which many things happen within three seconds.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, Moment, Scenario, check, edit};

use super::clusters::replication;
use super::{random_centers, random_delivery, random_operations, random_scaling};

/// The length of the stretch in which things happen, in seconds.
pub const LENGTH: f64 = 3.0;

/// So many cases, always the same ones unless `PROPTEST_RNG_SEED` or `PROPTEST_CASES` say otherwise: a test that fails
/// today and not tomorrow helps nobody, and a long run can still look elsewhere.
pub fn config(cases: u32) -> Config {
    let from_environment = Config::default();
    let told = |name: &str| std::env::var_os(name).is_some();
    Config {
        cases: if told("PROPTEST_CASES") { from_environment.cases } else { cases },
        rng_seed: if told("PROPTEST_RNG_SEED") { from_environment.rng_seed } else { RngSeed::Fixed(1) },
        failure_persistence: None,
        ..from_environment
    }
}

fn service(most_ms: f64) -> impl Strategy<Value = Value> {
    let shape = select(vec![
        ("constant", None),
        ("exponential", None),
        ("log_normal", Some(1.5)),
        ("uniform", Some(0.5)),
        ("hyperexponential", Some(3.0)),
    ]);
    (0..4u32, shape).prop_map(move |(quarters, (distribution, cv))| {
        let mean = most_ms * f64::from(quarters) / 4.0;
        match cv {
            Some(cv) => json!({ "mean_ms": mean, "distribution": distribution, "cv": cv }),
            None => json!({ "mean_ms": mean, "distribution": distribution }),
        }
    })
}

fn class() -> impl Strategy<Value = Value> {
    let work = (service(8.0), service(4.0), service(12.0));
    let query = prop::option::weighted(0.3, (0..4u32, 1..5u32));
    (work, any::<bool>(), any::<bool>(), (prop::option::of(0.0..1.0f64), query), 0.1..3.0f64).prop_map(
        |((web, after, database), write, cached, (probability, query), share)| {
            let mut class = json!({
                "share": share, "response_kb": 20.0 * share, "write": write, "cached": cached,
                "web": web, "web_after": after, "database": database
            });
            if let Some((depth, fan_out)) = query {
                class["query"] = json!({ "depth": depth, "fan_out": fan_out });
                class["web_after"] = json!({ "mean_ms": 0.0 });
                class["database"] = json!({ "mean_ms": 0.0 });
            }
            if let Some(probability) = probability {
                class["database_probability"] = json!(probability);
            }
            class
        },
    )
}

fn client() -> impl Strategy<Value = Value> {
    let place = select(vec!["montreal", "london", "sydney"]);
    let timeout = select(vec![1.0, 20.0, 300.0, 3000.0]);
    let line = (select(vec![0.0, 5.0, 40.0]), prop::option::of(select(vec![1.0, 50.0])));
    let connection = prop::option::weighted(0.9, (0..3u8, 0..3u8, 0..3u32));
    let retry = prop::option::of((1..5u32, select(vec![0.0, 5.0, 50.0]), any::<bool>(), any::<bool>(), any::<bool>()));
    let manners = (connection, retry, any::<bool>());
    (place, timeout, line, manners, 0.1..3.0f64).prop_map(|(place, timeout, (latency, download), manners, share)| {
        let mut client = json!({ "share": share, "place": place, "timeout_ms": timeout, "access_latency_ms": latency });
        let (connection, retry, is_app) = manners;
        if let Some((tcp, tls, keep_alive)) = connection {
            client["connection"] =
                json!({ "tcp_round_trips": tcp, "tls_round_trips": tls, "keep_alive_seconds": keep_alive });
        }
        if let Some((attempts, backoff, jitter, writes, limited)) = retry {
            client["retry"] =
                json!({ "attempts": attempts, "backoff_ms": backoff, "jitter": jitter, "writes": writes });
            if limited && attempts > 1 {
                client["retry"]["budget_percent"] = json!(20.0);
            }
        }
        if is_app {
            client["format"] = json!("json");
        }
        if let Some(download) = download {
            client["download_mbps"] = json!(download);
        }
        client
    })
}

fn machine() -> impl Strategy<Value = Value> {
    let discipline = select(vec!["fifo", "processor_sharing"]);
    let place = select(vec![["montreal", "montreal"], ["london", "london"], ["montreal", "london"]]);
    let size = prop::option::weighted(0.2, select(vec!["general-2", "general-8"]));
    let disk = prop::option::weighted(0.3, select(vec!["ssd", "network_ssd", "spinning"]));
    (1..4u32, select(vec![0.5, 1.0, 2.0]), discipline, place, size, disk).prop_map(
        |(cores, speed, discipline, places, size, disk)| {
            let mut machine = match size {
                Some(size) => json!({ "place": places[0], "size": size, "speed": speed }),
                None => json!({ "places": places, "cores": cores, "speed": speed, "discipline": discipline }),
            };
            if let Some(disk) = disk {
                machine["disk"] = json!(disk);
            }
            machine
        },
    )
}

fn slots() -> impl Strategy<Value = (u32, u32)> {
    (select(vec![1, 2, 5, 50, 1_000_000]), select(vec![0, 1, 5, 1000]))
}

fn policy() -> impl Strategy<Value = &'static str> {
    select(vec![
        "round_robin",
        "random",
        "least_connections",
        "two_choices",
        "weighted",
        "least_response_time",
        "source_ip_hash",
    ])
}

/// What a balancer does beside choosing.
#[derive(Clone, Debug)]
struct Balancing {
    layer: &'static str,
    sticky: bool,
    pair: bool,
    retries: u32,
    retry_writes: bool,
    slow_start_ms: f64,
    ejects: bool,
    requests_as_probes: bool,
    hold_ms: f64,
}

fn balancing() -> impl Strategy<Value = Balancing> {
    let layer = select(vec!["application", "transport", "network", "network"]);
    let tries = (0..3u32, any::<bool>());
    let watch = (any::<bool>(), any::<bool>(), select(vec![0.0, 200.0]));
    (layer, any::<bool>(), any::<bool>(), tries, watch, select(vec![0.0, 300.0])).prop_map(
        |(layer, sticky, pair, (retries, writes), (ejects, requests_as_probes, hold_ms), slow_start_ms)| Balancing {
            layer,
            sticky,
            pair,
            retries,
            retry_writes: writes && retries > 0,
            slow_start_ms,
            ejects,
            requests_as_probes,
            hold_ms,
        },
    )
}

impl Balancing {
    /// Puts it into a balancer. Only the entry knows whose connection it is; `connected` says that clients have some.
    fn put_into(&self, balancer: &mut Value, is_entry: bool, connected: bool) {
        let layer = if is_entry && connected { self.layer } else { "application" };
        balancer["layer"] = json!(layer);
        balancer["slow_start_ms"] = json!(self.slow_start_ms);
        if layer == "network" {
            balancer["policy"] = json!("source_ip_hash");
        } else {
            balancer["retries"] = json!(self.retries);
            balancer["retry_writes"] = json!(self.retry_writes);
        }
        balancer["sticky"] = json!(self.sticky && is_entry && layer == "application");
        if self.pair && is_entry {
            balancer["instances"] = json!(2);
            balancer["failover"] = json!({ "heartbeat_ms": 100.0, "missed": 2 });
        }
        if self.ejects {
            balancer["outlier_ejection"] =
                json!({ "consecutive_failures": 2, "base_ejection_ms": 100.0, "max_ejected_percent": 60.0 });
        }
        balancer["health_check"]["timeout_ms"] = json!(40.0);
        balancer["health_check"]["hold_ms"] = json!(self.hold_ms);
        if self.requests_as_probes {
            balancer["health_check"]["probe"] = json!("request");
        }
    }
}

fn boot() -> impl Strategy<Value = f64> {
    select(vec![0.0, 1.0, 100.0, 1000.0])
}

/// Which machine each tier is on: all on one, or each on its own, or in pairs.
fn housing() -> impl Strategy<Value = [&'static str; 4]> {
    select(vec![
        ["a", "a", "a", "a"],
        ["a", "b", "c", "d"],
        ["a", "b", "b", "b"],
        ["a", "a", "b", "b"],
        ["a", "b", "a", "b"],
    ])
}

/// One part of a scenario to change: a path and what to set.
fn setting() -> impl Strategy<Value = (String, Value)> {
    let numbers = |path: &str, values: Vec<f64>| {
        let path = path.to_owned();
        select(values).prop_map(move |value| (path.clone(), json!(value))).boxed()
    };
    let whole = |path: &str, values: Vec<u32>| {
        let path = path.to_owned();
        select(values).prop_map(move |value| (path.clone(), json!(value))).boxed()
    };
    prop_oneof![
        whole("workload.users", vec![1, 10, 300, 3000]),
        numbers("workload.requests_per_user_per_second", vec![0.0, 0.3, 3.0]),
        numbers("workload.clients.0g.timeout_ms", vec![1.0, 50.0, 5000.0]),
        numbers("workload.clients.0g.access_latency_ms", vec![0.0, 3.0]),
        numbers("workload.clients.0g.share", vec![0.1, 10.0]),
        numbers("workload.classes.0c.web.mean_ms", vec![0.0, 1.0, 20.0]),
        numbers("workload.classes.0c.share", vec![0.1, 10.0]),
        numbers("network.hop_ms", vec![0.0, 2.0]),
        any::<bool>().prop_map(|on| ("network.enabled".to_owned(), json!(on))).boxed(),
        numbers("machines.a.speed", vec![0.25, 1.0, 4.0]),
        whole("machines.b.cores", vec![1, 3]),
        whole("tiers.web.instances", vec![1, 2, 5]),
        numbers("tiers.web.draining_ms", vec![0.0, 300.0]),
        whole("tiers.web.autoscaler.maximum", vec![2, 6]),
        numbers("workload.day.peak_to_trough", vec![1.0, 9.0]),
        whole("tiers.web.slots", vec![1, 7, 1000]),
        whole("tiers.web.backlog", vec![0, 3, 1000]),
        numbers("tiers.database.buffer_pool_mb", vec![0.01, 10.0]),
        select(vec!["ssd", "spinning"]).prop_map(|disk| ("machines.a.disk".to_owned(), json!(disk))).boxed(),
        numbers("workload.keys.value_kb", vec![0.1, 20.0]),
        whole("tiers.database.instances", vec![1, 3]),
        whole("tiers.database.slots", vec![1, 7, 1000]),
        whole("tiers.web.pool", vec![1, 50]),
        select(vec!["asynchronous", "synchronous"])
            .prop_map(|mode| ("tiers.database.replication.mode".to_owned(), json!(mode)))
            .boxed(),
        numbers("tiers.database.replication.apply_work", vec![0.0, 3.0]),
        whole("tiers.cache.slots", vec![1, 7]),
        numbers("tiers.cache.hit_probability", vec![0.0, 0.5, 1.0]),
        numbers("tiers.cache.ttl_ms", vec![1.0, 1000.0]),
        whole("tiers.cache.capacity_entries", vec![1, 1000]),
        select(vec!["lru", "lfu", "fifo", "random"])
            .prop_map(|eviction| ("tiers.cache.eviction".to_owned(), json!(eviction)))
            .boxed(),
        whole("tiers.cache.instances", vec![1, 2, 4]),
        whole("tiers.cache.replicas", vec![1, 2, 3]),
        numbers("tiers.cache.flush_interval_ms", vec![1.0, 500.0]),
        numbers("tiers.cache.refresh_in_last", vec![0.1, 1.0]),
        whole("workload.keys.count", vec![1, 10_000]),
        numbers("tiers.balancer.forward.mean_ms", vec![0.0, 0.5]),
        numbers("tiers.balancer.health_check.interval_ms", vec![20.0, 500.0]),
        whole("tiers.dns.record_ttl_seconds", vec![0, 1]),
        whole("tiers.balancer.retries", vec![0, 2]),
        numbers("tiers.balancer.health_check.hold_ms", vec![0.0, 500.0]),
        numbers("tiers.balancer.slow_start_ms", vec![0.0, 500.0]),
        policy().prop_map(|policy| ("tiers.balancer.policy".to_owned(), json!(policy))).boxed(),
    ]
}

/// Something that happens. It may not fit the system; then it is left out.
fn change() -> impl Strategy<Value = Change> {
    let target = select(vec![
        "web",
        "web.1",
        "web.2",
        "database",
        "database.2",
        "balancer",
        "front",
        "cache",
        "cache.2",
        "dns",
        "dns.2",
        "machines.a.1",
        "machines.a",
        "machines.b.1",
        "machines.b.2",
        "places.london",
    ]);
    prop_oneof![
        3 => (target.clone(), any::<bool>())
            .prop_map(|(target, silent)| Change::Kill { target: target.to_owned(), silent, destroy: false }),
        3 => target.clone().prop_map(|target| Change::Restore { target: target.to_owned() }),
        1 => (target.clone(), select(vec![0.1, 1.0, 3.0]))
            .prop_map(|(target, factor)| Change::Slow { target: target.to_owned(), factor }),
        4 => setting().prop_map(|(path, value)| Change::Set { path, value }),
        1 => (select(vec![0.1, 3.0]), select(vec![1.0, 500.0]))
            .prop_map(|(factor, duration_ms)| Change::Spike { factor, duration_ms, clients: None }),
        4 => random_delivery::change(),
        2 => link_change(),
        2 => random_centers::change(),
        2 => random_operations::change(),
        1 => select(vec!["database.1", "database.2"])
            .prop_map(|target| Change::SwitchOver { target: target.to_owned() }),
        1 => target.prop_map(|target| Change::Kill { target: target.to_owned(), silent: false, destroy: true }),
    ]
}

/// A link that is cut, mended or slow.
fn link_change() -> impl Strategy<Value = Change> {
    let ends = select(vec![
        ("web", "database.1"),
        ("web.1", "database"),
        ("database.1", "database.2"),
        ("database.1", "database"),
        ("places.london", "places.montreal"),
        ("balancer", "web.1"),
    ]);
    (ends, 0..4u32).prop_map(|((from, to), what)| {
        let (from, to) = (from.to_owned(), to.to_owned());
        match what {
            0 => Change::Cut { from, to },
            1 => Change::Delay { from, to, extra_ms: 30.0 },
            _ => Change::Mend { from, to },
        }
    })
}

type Parts = ([Value; 4], [&'static str; 4], [(u32, u32); 3], [f64; 3]);

fn parts() -> impl Strategy<Value = Parts> {
    let machines = [machine(), machine(), machine(), machine()];
    (machines, housing(), [slots(), slots(), slots()], [boot(), boot(), boot()])
}

type Shape = (u32, u32, bool, u32, Option<u32>, Option<&'static str>, Balancing, (bool, bool));

/// Web servers, databases, whether there is a cache, balancers, time to live of the DNS record, policy, what the balancer
/// does beside, whether the DNS has resolvers between and watches.
fn shape() -> impl Strategy<Value = Shape> {
    let names = (any::<bool>(), any::<bool>());
    let ttl = prop::option::of(0..3u32);
    (1..4u32, 0..3u32, any::<bool>(), 0..3u32, ttl, prop::option::of(policy()), balancing(), names)
}

/// What a cache holds, and how it goes together with its database: a third is a plain probability, the others hold entries,
/// little enough for them to go.
pub fn holding() -> impl Strategy<Value = Value> {
    let size = (select(vec![1, 5, 50]), prop::option::of(Just(0.01)), select(vec!["lru", "lfu", "fifo", "random"]));
    let life = (prop::option::of(select(vec![20.0, 200.0])), select(vec![0.0, 0.5]));
    let servers = (1..4u32, 1..4u32, select(vec!["ring", "modulo"]), prop::option::of((1..3u32, any::<bool>())));
    let strategy =
        select(vec!["cache_aside", "cache_aside", "read_through", "write_through", "write_behind", "refresh_ahead"]);
    let manners = (select(vec!["invalidate", "update", "nothing"]), any::<bool>(), any::<bool>(), any::<bool>());
    prop_oneof![
        1 => Just(json!({ "hit_probability": 0.7 })),
        4 => (size, life, servers, strategy, manners).prop_map(
            |((entries, megabytes, eviction), (ttl, jitter), servers, strategy, manners)| {
                let (instances, replicas, placement, detection) = servers;
                let (on_write, versioned, coalesce, warm) = manners;
                let mut cache = json!({ "capacity_entries": entries, "eviction": eviction, "ttl_jitter": jitter,
                    "instances": instances, "placement": placement, "strategy": strategy, "versioned_fill": versioned,
                    "coalesce": coalesce, "warm_start": warm, "flush_interval_ms": 50.0 });
                if let Some(megabytes) = megabytes {
                    cache["capacity_mb"] = json!(megabytes);
                }
                if let Some(ttl) = ttl.or((strategy == "refresh_ahead").then_some(100.0)) {
                    cache["ttl_ms"] = json!(ttl);
                }
                if strategy != "write_behind" {
                    cache["replicas"] = json!(replicas.min(instances));
                }
                if !strategy.starts_with("write") {
                    cache["on_write"] = json!(on_write);
                }
                if let Some((failures, rehash)) = detection {
                    cache["detection"] = json!({ "failures": failures, "retry_after_ms": 100.0,
                                                 "rehash_on_failure": rehash });
                }
                cache
            },
        )
    ]
}

fn tiers(shape: &Shape, parts: &Parts, (lookup, holds): (Value, &Value), forward: Value, connected: bool) -> Value {
    let &(web, databases, cached, balancers, ttl, policy, ref balancing, (resolvers, watched)) = shape;
    let (_, [on_edge, on_app, on_cache, on_data], [web_slots, cache_slots, data_slots], boots) = parts;
    let mut tiers = json!({
        "web": { "kind": "web_server", "machine": on_app, "instances": web, "slots": web_slots.0,
                 "backlog": web_slots.1, "boot_ms": boots[0] }
    });
    if databases > 0 {
        tiers["web"]["database"] = json!("database");
        tiers["database"] = json!({ "kind": "database", "machine": on_data, "instances": databases,
            "slots": data_slots.0, "backlog": data_slots.1, "boot_ms": boots[1] });
    }
    if cached {
        tiers["web"]["cache"] = json!("cache");
        tiers["cache"] = json!({ "kind": "cache", "machine": on_cache, "slots": cache_slots.0,
            "backlog": cache_slots.1, "lookup": lookup, "boot_ms": boots[2] });
        edit::merge(&mut tiers["cache"], holds);
    }
    let balancer = |backends: &str, is_entry: bool| {
        let mut balancer = json!({ "kind": "load_balancer", "machine": on_edge, "backends": backends, "boot_ms": boots[2],
            "policy": policy.unwrap_or("round_robin"), "forward": forward,
            "health_check": { "interval_ms": 50.0 + boots[1] / 2.0, "unhealthy_after": 1 + web % 2, "healthy_after": 2 } });
        balancing.put_into(&mut balancer, is_entry, connected);
        balancer
    };
    if balancers > 0 {
        tiers["balancer"] = balancer("web", balancers == 1);
    }
    if balancers > 1 {
        tiers["front"] = balancer("balancer", true);
    }
    if let Some(ttl) = ttl {
        tiers["dns"] = json!({ "kind": "dns", "record_ttl_seconds": ttl, "lookup_ms": 10.0 * f64::from(ttl) });
        if resolvers {
            tiers["dns"]["resolvers"] = json!({ "count": 3, "exponent": 1.0 });
        }
        if ttl == 0 {
            tiers["dns"]["instances"] = json!(3);
        }
        if watched {
            tiers["dns"]["health_check"] = json!({ "interval_ms": 100.0, "timeout_ms": 50.0 });
        }
    }
    tiers
}

fn entry(balancers: u32) -> &'static str {
    ["web", "balancer", "front"][balancers as usize]
}

/// The same without what delivers files, and with databases that do not replicate.
fn plain_scenario() -> impl Strategy<Value = Scenario> {
    let workload = (1..2000u32, select(vec!["poisson", "constant", "closed"]), select(vec![20.0, 200.0, 1000.0]));
    let people = (prop::collection::vec(client(), 1..4), prop::collection::vec(class(), 1..4));
    let network = (any::<bool>(), select(vec![0.0, 0.25, 3.0]));
    let engine = prop::option::of(select(vec!["key_value", "document", "wide_column", "graph", "relational"]));
    let unequal = (select(vec![0.0, 1.2]), any::<bool>(), engine);
    (shape(), parts(), workload, people, (network, unequal), (service(2.0), holding()), service(0.4)).prop_map(
        |(
            mut shape,
            parts,
            (users, arrivals, rate),
            (mut clients, mut classes),
            (network, unequal),
            lookup,
            forward,
        )| {
            let ((network, hop), (exponent, direct, engine)) = (network, unequal);
            let connected = clients.iter().all(|client| client["connection"].is_object());
            if direct {
                // A group that tries the servers' own addresses.
                clients[0]["direct_to"] = json!("web");
            }
            if shape.1 > 1 {
                // Copies of a database take no writes.
                classes.iter_mut().for_each(|class| class["write"] = json!(false));
            }
            shape.0 = shape.0.max(1);
            let named = |name: &str, parts: Vec<Value>| -> Value {
                parts.into_iter().enumerate().map(|(i, part)| (format!("{i}{name}"), part)).collect()
            };
            let (_, ids) = (&parts.0, ["a", "b", "c", "d"]);
            let machines: Value = ids.iter().zip(&parts.0).map(|(id, m)| ((*id).to_owned(), m.clone())).collect();
            let mut json = json!({
                "version": 1, "name": "Random",
                "workload": {
                    "users": users, "requests_per_user_per_second": rate / f64::from(users), "arrivals": arrivals,
                    "entry": entry(shape.3), "clients": named("g", clients), "classes": named("c", classes)
                },
                "network": { "enabled": network, "hop_ms": hop, "silence_timeout_ms": 100.0 },
                "machines": machines,
                "tiers": tiers(&shape, &parts, (lookup.0, &lookup.1), forward, connected)
            });
            if json["tiers"]["cache"]["strategy"].as_str().is_some_and(|strategy| strategy != "cache_aside") {
                // Where there is a database to ask.
                match shape.1 {
                    0 => json["tiers"]["cache"]["strategy"] = json!("cache_aside"),
                    _ => json["tiers"]["cache"]["database"] = json!("database"),
                }
            }
            let on_cache = json["tiers"]["cache"]["machine"].as_str().map(str::to_owned);
            if on_cache.is_some_and(|machine| json["machines"][machine]["disk"].is_string())
                && json["tiers"]["cache"]["capacity_entries"].is_number()
            {
                json["tiers"]["cache"]["storage"] = json!("disk");
            }
            let on_data = json["tiers"]["database"]["machine"].as_str().map(str::to_owned);
            if on_data.is_some_and(|machine| json["machines"][machine]["disk"].is_string()) {
                // Room for two to four pages.
                json["tiers"]["database"]["buffer_pool_mb"] = json!(0.01 * f64::from(1 + shape.0));
            }
            json["workload"]["keys"] = json!({ "count": 100 * shape.0, "exponent": exponent });
            // Users of a closed loop think alike.
            let closed = json["workload"]["arrivals"] == "closed";
            json["workload"]["user_activity_exponent"] = json!(if closed { 0.0 } else { exponent });
            json["workload"]["sessions"] = json!({ "idle_timeout_seconds": 1 });
            if shape.4.is_some() {
                json["workload"]["dns"] = json!("dns");
            }
            if let Some(engine) = engine.filter(|_| shape.1 > 0) {
                json["tiers"]["database"]["engine"] = json!(engine);
            }
            for tier in ["database", "web"] {
                // Where there are cores enough.
                let mut reserving = json.clone();
                reserving["tiers"][tier]["reserved_cores"] = json!(1);
                if scenario::from_value(reserving.clone()).is_ok() {
                    json = reserving;
                }
            }
            scenario::from_value(json.clone()).unwrap_or_else(|problem| panic!("{problem} in {json:#}"))
        },
    )
}

/// A valid scenario without a timeline.
pub fn still_scenario() -> impl Strategy<Value = Scenario> {
    (system(), random_delivery::delivery()).prop_map(|(system, delivery)| match delivery {
        Some(delivery) => delivery.put_before(&system),
        None => system,
    })
}

/// The same without what delivers files.
fn system() -> impl Strategy<Value = Scenario> {
    let replication = prop::option::weighted(0.6, (replication(), 2..4u32));
    let pool = prop::option::weighted(0.3, 1..4u32);
    let more = (random_scaling::scaling(), random_scaling::signing_in(), random_centers::centers());
    let rest = (more, random_operations::operations());
    (plain_scenario(), replication, pool, rest).prop_map(|(plain, replication, pool, (more, operations))| {
        let (scaling, signing_in, centers) = more;
        let mut scenario = plain;
        let mut changed = |patch: Value| {
            let mut json = edit::encode(&scenario);
            edit::merge(&mut json, &patch);
            if let Ok(fits) = scenario::from_value(json) {
                scenario = fits;
            }
        };
        if let Some((replication, instances)) = replication {
            changed(json!({ "tiers": { "database": { "instances": instances, "replication": replication } } }));
        }
        if let Some(pool) = pool {
            changed(json!({ "tiers": { "web": { "pool": pool } } }));
        }
        scaling.into_iter().chain(signing_in).chain(centers).chain(operations).for_each(changed);
        scenario
    })
}

/// Things that happen, in order of time; half of them fall on a grid of 50 ms, where windows end.
pub fn moments() -> impl Strategy<Value = Vec<Moment>> {
    let time =
        prop_oneof![(0..60u32).prop_map(|n| f64::from(n) * 50.0), (0..3_000_000u32).prop_map(|n| f64::from(n) / 1e3)];
    prop::collection::vec((time, change()), 0..20).prop_map(|mut moments| {
        moments.sort_by(|a, b| a.0.total_cmp(&b.0));
        moments.into_iter().map(|(at_ms, change)| Moment { at_ms, change }).collect()
    })
}

/// The scenario with those of the moments that fit it.
pub fn with_timeline(still: &Scenario, moments: Vec<Moment>) -> Scenario {
    let mut scenario = still.clone();
    for moment in moments {
        scenario.timeline.push(moment);
        if check::check(&scenario).is_err() {
            scenario.timeline.pop();
        }
    }
    scenario
}

/// A valid scenario in which things happen.
pub fn eventful_scenario() -> impl Strategy<Value = Scenario> {
    (still_scenario(), moments()).prop_map(|(still, moments)| with_timeline(&still, moments))
}
