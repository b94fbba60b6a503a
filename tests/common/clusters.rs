//! Random clusters of databases: a small site that is never busy, whose databases die, are cut off, come back and change
//! their roles within three seconds.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::{self, Change, Moment, Scenario};

use super::random::with_timeline;

/// Databases that all take writes, or that are copied anew at intervals.
pub fn other_replication() -> impl Strategy<Value = Value> {
    let kinds = select(vec!["snapshot", "merge", "multi_primary", "multi_primary"]);
    let rules = select(vec!["last_writer_wins", "first_writer_wins", "site_priority"]);
    let times =
        (select(vec![0.0, 40.0]), select(vec![0.0, 2.0]), select(vec![0.0, 0.5, 3.0]), select(vec![20, 100_000]));
    (kinds, rules, any::<bool>(), any::<bool>(), times).prop_map(|(kind, rule, circular, replaces, times)| {
        let (ship, flush, apply, log) = times;
        let mut own = json!({
            "kind": kind, "ship_every_ms": ship, "flush_ms": flush, "apply_work": apply, "heartbeat_ms": 50.0, "missed": 2,
            "data_gb": 0.02, "copy_mb_per_second": 200.0, "log_entries": log
        });
        match kind {
            "snapshot" => own["snapshot_every_ms"] = json!(300.0),
            "merge" => own["merge_every_ms"] = json!(120.0),
            _ if circular => own["topology"] = json!("circular"),
            _ => {}
        }
        if kind != "snapshot" {
            own["conflict_rule"] = json!(rule);
        }
        if replaces {
            own["replace_after_ms"] = json!(100.0);
        }
        own
    })
}

/// How databases replicate: fast enough for all of it to happen within the run.
pub fn replication() -> impl Strategy<Value = Value> {
    let commits = (select(vec!["asynchronous", "semi_synchronous", "synchronous"]), 0..3u32, any::<bool>());
    let times = (select(vec![0.0, 40.0]), select(vec![0.0, 2.0]), select(vec![0.0, 0.5, 3.0]));
    let failover = (select(vec!["power", "majority", "none"]), any::<bool>(), any::<bool>(), any::<bool>());
    (commits, times, failover, select(vec![20, 100_000])).prop_map(
        |((mode, when, primary_reads), (ship, flush, apply), (fencing, failover, replaces, recovery), log)| {
            let mut own = json!({
                "mode": mode, "drop_after_ms": 150.0, "ship_every_ms": ship, "flush_ms": flush, "apply_work": apply,
                "heartbeat_ms": 50.0, "missed": 2, "election_ms": 20.0, "promotion_ms": 30.0, "fencing": fencing,
                "failover": failover, "recovery": recovery, "data_gb": 0.02, "copy_mb_per_second": 200.0,
                "log_entries": log
            });
            if mode != "asynchronous" {
                own["acknowledge"] = json!(["receipt", "flush", "apply"][when as usize]);
            }
            if replaces {
                own["replace_after_ms"] = json!(100.0);
            }
            if primary_reads {
                own["reads"] = json!("primary");
            } else if recovery {
                own["read_your_writes_ms"] = json!(100.0);
            }
            own
        },
    )
}

/// 300 requests a second, half of them writes, with three databases.
fn still_cluster() -> impl Strategy<Value = Scenario> {
    let network = (any::<bool>(), select(vec![["montreal", "montreal"], ["montreal", "london"]]));
    let work = (select(vec!["constant", "exponential"]), select(vec![0.5, 4.0]), select(vec![300.0, 3000.0]));
    let replication = prop_oneof![2 => replication().boxed(), 1 => other_replication().boxed()];
    let keys = (select(vec![10, 1000]), prop::option::of(backup()));
    (replication, network, work, keys, prop::option::weighted(0.3, 1..5u32)).prop_map(
        |(replication, (network, places), (distribution, mean, timeout), (keys, backup), pool)| {
            let work = json!({ "mean_ms": mean, "distribution": distribution });
            let mut json = json!({
                "version": 1, "name": "Random cluster",
                "workload": {
                    "users": 100, "requests_per_user_per_second": 3.0, "entry": "web",
                    "keys": { "count": keys, "popularity": "uniform" },
                    "clients": { "all": { "share": 1.0, "place": "montreal", "timeout_ms": timeout } },
                    "classes": {
                        "read": { "share": 0.5, "database": work },
                        "write": { "share": 0.5, "write": true, "database": work }
                    }
                },
                "network": { "enabled": network, "silence_timeout_ms": 100.0 },
                "machines": { "app": { "place": "montreal", "cores": 8 }, "data": { "places": places, "cores": 4 } },
                "tiers": {
                    "web": { "kind": "web_server", "machine": "app", "instances": 2, "slots": 100, "backlog": 100 },
                    "database": { "kind": "database", "machine": "data", "instances": 3, "slots": 50, "backlog": 50,
                                  "boot_ms": 50.0, "replication": replication }
                }
            });
            json["tiers"]["web"]["database"] = json!("database");
            let transactional = json["tiers"]["database"]["replication"]["kind"].is_null();
            if let Some(backup) = backup.filter(|_| transactional) {
                json["tiers"]["database"]["backup"] = backup;
            }
            if let Some(pool) = pool {
                json["tiers"]["web"]["pool"] = json!(pool);
            }
            // Both web servers are addresses of the site.
            scenario::from_value(json.clone()).unwrap_or_else(|problem| panic!("{problem} in {json:#}"))
        },
    )
}

/// How they are backed up: often, and so fast that a backup can be restored within the run.
fn backup() -> impl Strategy<Value = Value> {
    let times = (prop::option::of(select(vec![300.0, 1000.0])), prop::option::of(select(vec![100.0, 400.0])));
    (times, any::<bool>(), any::<bool>()).prop_map(|((every, archive), expires, by_itself)| {
        let mut own = json!({ "store_mb_per_second": 200.0, "replay_per_second": 2000.0 });
        if let Some(every) = every {
            own["every_ms"] = json!(every);
            if let Some(archive) = archive {
                own["archive_every_ms"] = json!(archive);
            }
            if expires {
                own["retention_ms"] = json!(1200.0);
            }
        }
        if by_itself {
            own["restore_after_ms"] = json!(50.0);
        }
        own
    })
}

fn change() -> impl Strategy<Value = Change> {
    let member = select(vec!["database.1", "database.1", "database.2", "database.3"]).prop_map(str::to_owned);
    let end = select(vec!["database.1", "database.2", "database.3", "web.1", "places.london"]).prop_map(str::to_owned);
    let set = |path: &str, values: Vec<Value>| {
        let path = path.to_owned();
        select(values).prop_map(move |value| Change::Set { path: path.clone(), value }).boxed()
    };
    prop_oneof![
        12 => (member.clone(), any::<bool>())
            .prop_map(|(target, silent)| Change::Kill { target, silent, destroy: false }),
        3 => member.clone().prop_map(|target| Change::Kill { target, silent: false, destroy: true }),
        1 => Just("database".to_owned()).prop_map(|target| Change::Kill { target, silent: false, destroy: true }),
        2 => Just("database".to_owned()).prop_map(|target| Change::Snapshot { target }),
        3 => prop::option::of(select(vec![600.0, 1500.0]))
            .prop_map(|to_ms| Change::RestoreBackup { target: "database".to_owned(), to_ms }),
        3 => select(vec![0.1, 1.0]).prop_map(|share| Change::BadDelete { target: "database".to_owned(), share }),
        12 => member.clone().prop_map(|target| Change::Restore { target }),
        6 => (member.clone(), end.clone()).prop_map(|(from, to)| Change::Cut { from, to }),
        9 => (member.clone(), end.clone()).prop_map(|(from, to)| Change::Mend { from, to }),
        3 => (member.clone(), end).prop_map(|(from, to)| Change::Delay { from, to, extra_ms: 20.0 }),
        6 => member.prop_map(|target| Change::SwitchOver { target }),
        3 => set("tiers.database.instances", vec![json!(2), json!(3), json!(4)]),
        3 => set("tiers.database.replication.mode", vec![json!("asynchronous"), json!("semi_synchronous")]),
        3 => set("tiers.web.pool", vec![json!(1), json!(50)]),
    ]
}

/// A cluster to which many things happen.
pub fn eventful_cluster() -> impl Strategy<Value = Scenario> {
    let moments = prop::collection::vec((0..60u32, change()), 2..20).prop_map(|mut moments| {
        moments.sort_by_key(|(time, _)| *time);
        let moment = |(time, change)| Moment { at_ms: f64::from(time) * 50.0, change };
        moments.into_iter().map(moment).collect::<Vec<_>>()
    });
    (still_cluster(), moments).prop_map(|(still, moments)| with_timeline(&still, moments))
}
