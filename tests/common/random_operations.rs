//! Random operations, as patches of which those that fit are taken.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Patches of a scenario.
pub fn operations() -> impl Strategy<Value = Vec<Value>> {
    let rule = (
        select(vec!["up", "cpu_utilisation", "memory_utilisation", "error_share", "waiting", "requests_per_second"]),
        select(vec!["web", "database", "balancer"]),
        any::<bool>(),
        select(vec![0.01, 0.5, 1.0, 20.0]),
        select(vec![0.0, 400.0]),
    );
    let logs = prop::option::weighted(0.7, (select(vec![1, 20, 1000]), select(vec![0.0, 30.0]), any::<bool>()));
    let people = (any::<bool>(), any::<bool>(), any::<bool>());
    prop::option::weighted(0.4, (prop::collection::vec(rule, 0..3), logs, people)).prop_map(|some| {
        let Some((rules, logs, (complain, called, orders))) = some else { return Vec::new() };
        let monitor = json!({ "scrape_interval_ms": 200.0, "delay_ms": 10.0 });
        let mut patches = vec![json!({ "operations": { "monitor": monitor } })];
        for (number, (metric, tier, above, bound, hold)) in rules.into_iter().enumerate() {
            let mut alert = json!({ "metric": metric, "tier": tier, "for_ms": hold, "calm_ms": hold });
            alert[if above { "above" } else { "below" }] = json!(bound);
            patches.push(json!({ "operations": { "alerts": { format!("rule-{number}"): alert } } }));
        }
        if let Some((lines, percent, gathered)) = logs {
            let mut own = json!({ "lines_per_node": lines, "sample_percent": percent, "slow_ms": 20.0 });
            if gathered {
                own["gather"] = json!({ "every_ms": 100.0, "lines": 50 });
            }
            patches.push(json!({ "operations": { "logs": own } }));
        }
        if complain {
            let own = json!({ "share_percent": 20.0, "after": { "mean_ms": 50.0 }, "needed": 3, "within_ms": 1000.0 });
            patches.push(json!({ "operations": { "complaints": own } }));
        }
        if called {
            let own = json!({ "reaction": { "mean_ms": 50.0 }, "look_ms": 20.0 });
            patches.push(json!({ "operations": { "on_call": own } }));
        }
        if orders {
            let own = json!({ "order_class": "0c", "visit_idle_seconds": 1 });
            patches.push(json!({ "operations": { "business": own } }));
        }
        patches
    })
}
