//! Random operations, as patches of which those that fit are taken.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::Change;

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
    let people = (any::<bool>(), any::<bool>(), any::<bool>(), pipeline());
    prop::option::weighted(0.4, (prop::collection::vec(rule, 0..3), logs, people)).prop_map(|some| {
        let Some((rules, logs, (complain, called, orders, pipeline))) = some else { return Vec::new() };
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
            let own = json!({ "reaction": { "mean_ms": 50.0 }, "look_ms": 20.0, "reminded_after_ms": 300.0, "adds_servers": 1 });
            patches.push(json!({ "operations": { "on_call": own } }));
        }
        if orders {
            let own = json!({ "order_class": "0c", "visit_idle_seconds": 1 });
            patches.push(json!({ "operations": { "business": own } }));
        }
        patches.extend(pipeline);
        patches
    })
}

/// A pipeline, where there are builds.
fn pipeline() -> impl Strategy<Value = Option<Value>> {
    let tests = prop::option::of(select(vec![1, 3, 1000]));
    let own = (tests, any::<bool>(), any::<bool>(), 1..3u32);
    prop::option::weighted(0.8, own).prop_map(|own| {
        let (tests, canary, by_alert, batch) = own?;
        let mut strategy = json!({ "batch": batch, "observe_ms": 200.0, "drain_ms": 100.0 });
        if canary {
            strategy["canary_share"] = json!(0.3);
            strategy["max_error_rate"] = json!(0.1);
        }
        let mut own = json!({ "tier": "web", "build_time": { "mean_ms": 100.0 }, "strategy": strategy });
        if let Some(cases) = tests {
            own["tests"] = json!({ "time": { "mean_ms": 50.0 }, "cases": cases });
        }
        if by_alert {
            own["turn_back_on"] = json!(["rule-0"]);
        }
        Some(json!({ "operations": { "pipeline": own } }))
    })
}

/// Somebody commits, or a rule comes, goes or becomes another.
pub fn change() -> impl Strategy<Value = Change> {
    let commit = select(vec!["v1", "v2", "bad"]).prop_map(|build| Change::Commit { build: build.to_owned() });
    let rule = (select(vec!["rule-0", "rule-1", "a-new-one"]), select(vec!["up", "error_share"]), any::<bool>());
    let rule = rule.prop_map(|(id, metric, is_there)| {
        let value = json!({ "metric": metric, "tier": "web", "below": 0.9 });
        Change::Set { path: format!("operations.alerts.{id}"), value: if is_there { value } else { Value::Null } }
    });
    prop_oneof![3 => commit, 1 => rule]
}
