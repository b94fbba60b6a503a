//! Random data centres: answers by place or load, requests that stay in their place, builds, deployments and outages.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use zero_to_millions::scenario::Change;
use zero_to_millions::scenario::deployment::Strategy as Deploying;

/// Patches of a scenario, of which those that fit are taken.
pub fn centers() -> impl Strategy<Value = Vec<Value>> {
    let policy = prop::option::weighted(0.5, select(vec!["round_robin", "nearest", "least_loaded"]));
    let locality = select(vec!["any", "prefer", "prefer", "require"]);
    let outages = prop::option::weighted(0.2, (100.0..3000.0f64, 10.0..500.0f64));
    let resolver = prop::option::weighted(0.3, select(vec!["tokyo", "london"]));
    (policy, locality, any::<bool>(), outages, resolver, any::<bool>()).prop_map(
        |(policy, locality, builds, outages, resolver, nearest)| {
            let mut patches = vec![json!({ "tiers": { "balancer": { "locality": locality } } })];
            if let Some(policy) = policy {
                patches.push(json!({ "tiers": { "dns": { "policy": policy, "report_every_ms": 50.0 } } }));
            }
            if builds {
                let all = json!({ "v1": {}, "v2": { "writes_format": 1, "work_factor": 2.0 },
                                  "bad": { "error_rate": 0.5 } });
                patches.push(json!({ "builds": all, "tiers": { "web": { "build": "v1" } } }));
                patches.push(json!({ "builds": { "v1": {}, "bad": { "error_rate": 0.5 } },
                                     "tiers": { "web": { "build": "v1" } } }));
            }
            if let Some((mtbf, mttr)) = outages {
                for place in ["london", "montreal"] {
                    patches.push(json!({ "outages": { place: { "mtbf_ms": mtbf, "mttr_ms": mttr } } }));
                }
            }
            if let Some(place) = resolver {
                patches.push(json!({ "workload": { "clients": { "0g": { "resolver_place": place } } } }));
            }
            let reads = if policy.is_some() { "nearest_replica" } else { "nearest" };
            if nearest {
                patches
                    .push(json!({ "tiers": { "database": { "replication": { "reads": reads, "data_gb": 0.001 } } } }));
            }
            patches
        },
    )
}

/// A build sets out.
pub fn change() -> impl Strategy<Value = Change> {
    let target = select(vec!["web", "web.1", "places.london", "machines.a"]);
    (target, select(vec!["v1", "v2", "bad"]), any::<bool>(), 1..4u32).prop_map(|(target, build, canary, batch)| {
        let strategy = Deploying {
            batch,
            canary_share: if canary { 0.3 } else { 0.0 },
            observe_ms: 200.0,
            max_error_rate: canary.then_some(0.1),
            drain_ms: 100.0,
        };
        Change::Deploy { target: target.to_owned(), build: build.to_owned(), strategy }
    })
}
