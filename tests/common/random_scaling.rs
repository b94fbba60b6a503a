//! Random days, autoscalers and times for draining, as patches of which those that fit are taken.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Patches of a scenario.
pub fn scaling() -> impl Strategy<Value = Vec<Value>> {
    let day = prop::option::weighted(0.3, (1.0..10.0f64, select(vec![1_000.0, 5_000.0])));
    let scaler =
        prop::option::weighted(0.4, (select(vec!["utilisation", "queue_depth", "schedule"]), 1..3u32, 2..6u32));
    let draining = select(vec![0.0, 0.0, 200.0, 1_000.0]);
    (day, scaler, draining, any::<bool>()).prop_map(|(day, scaler, draining, rests)| {
        let mut patches = vec![json!({ "tiers": { "web": { "draining_ms": draining } } })];
        if let Some((ratio, length)) = day {
            patches.push(json!({ "workload": { "day": { "peak_to_trough": ratio, "length_ms": length } } }));
        }
        if let Some((metric, minimum, maximum)) = scaler {
            let rest = if rests { 300.0 } else { 0.0 };
            let mut own = json!({ "minimum": minimum, "maximum": maximum, "metric": metric, "target_queue_depth": 2.0,
                                  "evaluate_every_ms": 100.0, "cooldown_out_ms": rest, "cooldown_in_ms": rest });
            if metric == "schedule" {
                own["schedule"] = json!({ "0": minimum, "12": maximum });
            }
            patches.push(json!({ "tiers": { "web": { "instances": minimum, "autoscaler": own } } }));
        }
        patches
    })
}

/// Users who sign in: where sessions are kept, whether the balancer follows the cookie, and how soon sessions end. As patches
/// of which those that fit are taken.
pub fn signing_in() -> impl Strategy<Value = Vec<Value>> {
    let own = (select(vec![1, 2, 60]), prop::option::weighted(0.6, select(vec!["cache", "database"])), any::<bool>());
    prop::option::weighted(0.5, (own, any::<bool>(), any::<bool>())).prop_map(|own| {
        let Some(((idle, store, steady), sticky, both)) = own else { return Vec::new() };
        let mut sessions =
            json!({ "idle_timeout_seconds": idle, "sign_in": { "mean_ms": 5.0 }, "steady_start": steady });
        if let Some(store) = store {
            sessions["store"] = json!(store);
        }
        let mut patches = vec![json!({ "workload": { "sessions": sessions } })];
        if sticky {
            patches.push(json!({ "tiers": { "balancer": { "sticky": true } } }));
        }
        patches.push(json!({ "workload": { "classes": { "0c": { "session": true } } } }));
        if both {
            patches.push(json!({ "workload": { "classes": { "1c": { "session": true } } } }));
        }
        patches
    })
}
