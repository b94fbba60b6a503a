//! Chapter 13: services that scale alone.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::observer::Fact;
use crate::scenario::Scenario;

use super::designs::{failed, merged, phase, run, set, within};

/// Pages and searches per second at first, and pages from when on.
const PAGES: f64 = 90.0;
const SEARCHES: f64 = 36.0;
const PAGES_THEN: f64 = 560.0;
const GROWS: f64 = 60.0;
/// Work of a page and of a search, in milliseconds.
const PAGE_MS: f64 = 20.0;
const SEARCH_MS: f64 = 50.0;
/// Cores that each module may use on a server, and what they are to be busy with.
const CORES: u32 = 4;
const TARGET: f64 = 0.6;
/// The fewest servers of anything: the second is for when the first one dies.
const LEAST: u32 = 2;
/// The price of so many cores, and of the balancer, in US dollars a month.
const CORES_USD: f64 = 140.0;
const BALANCER_USD: f64 = 40.0;

/// How the modules are deployed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Built {
    /// Each on servers of its own, behind routes.
    Services,
    /// Both on each server, which has cores for each: a unit.
    Unit,
    /// One program for both, which share all cores of a server.
    Shared,
}

fn site(built: Built) -> Scenario {
    let users = 1000;
    let scaler = json!({ "minimum": LEAST, "maximum": 12, "target_utilisation": TARGET, "evaluate_every_ms": 10_000.0,
                         "cooldown_out_ms": 20_000.0, "cooldown_in_ms": 600_000.0 });
    let module = |machine: &str| {
        json!({ "kind": "web_server", "machine": machine, "instances": LEAST, "slots": 256, "backlog": 512,
                "boot_ms": 10_000.0, "autoscaler": scaler })
    };
    let base = json!({
        "version": 1, "name": "Services",
        "workload": {
            "users": users, "requests_per_user_per_second": (PAGES + SEARCHES) / f64::from(users), "entry": "balancer",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "page": { "share": PAGES, "web": { "mean_ms": PAGE_MS } },
                         "search": { "share": SEARCHES, "web": { "mean_ms": SEARCH_MS } } }
        },
        "machines": {
            "edge": { "place": "montreal", "cores": 2, "cost_per_month_usd": BALANCER_USD },
            "page": { "place": "montreal", "cores": CORES, "cost_per_month_usd": CORES_USD },
            "search": { "place": "montreal", "cores": CORES, "cost_per_month_usd": CORES_USD }
        },
        "tiers": {
            "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "page", "routes": { "search": "search" },
                          "policy": "least_connections" },
            "page": module("page"), "search": module("search")
        }
    });
    merged(base, &deployed(built))
}

/// What is different from services.
fn deployed(built: Built) -> Value {
    let whole = json!({ "place": "montreal", "cores": 2 * CORES, "cost_per_month_usd": 2.0 * CORES_USD });
    match built {
        Built::Services => json!({}),
        Built::Unit => json!({
            "machines": { "page": whole, "search": null },
            "tiers": { "page": { "reserved_cores": CORES },
                       "search": { "machine": "page", "reserved_cores": CORES } }
        }),
        Built::Shared => json!({
            "machines": { "page": whole, "search": null },
            "tiers": { "balancer": { "routes": null }, "search": null }
        }),
    }
}

fn services_runs() -> Vec<Run> {
    let phases = [phase("before", 20.0, GROWS), phase("after", 180.0, 300.0)];
    let of = |name: &str, built: Built| {
        run(name, site(built), &phases)
            .at(GROWS, set("workload.classes.page.share", PAGES_THEN))
            .at(GROWS, set("workload.requests_per_user_per_second", (PAGES_THEN + SEARCHES) / 1000.0))
    };
    vec![of("services", Built::Services), of("unit", Built::Unit), of("shared", Built::Shared)]
}

/// Servers that carry so many cores' work at the target.
fn servers(busy: f64, cores: u32) -> f64 {
    (busy / (f64::from(cores) * TARGET)).ceil().max(f64::from(LEAST))
}

/// The number of servers that a tier's autoscaler asked for last, if it ever asked.
fn asked_for(outcome: &Outcome, tier: &str) -> f64 {
    let tiers = &outcome.world.plan().tiers;
    let (facts, _) = outcome.world.context().observer.facts();
    let last = facts.iter().rev().find_map(|&(_, fact)| match fact {
        Fact::Scaled { tier: scaled, to, .. } if tiers[scaled.index()].id == tier => Some(f64::from(to)),
        _ => None,
    });
    last.unwrap_or(f64::from(LEAST))
}

fn services_findings(results: &Results) -> Vec<Finding> {
    let (services, unit, shared) = (results.run("services"), results.run("unit"), results.run("shared"));
    let after = services.phase("after");
    let strayed = after.tiers["page"].served.abs_diff(after.by_class["page"].answered)
        + after.tiers["search"].served.abs_diff(after.by_class["search"].answered);
    let (pages, searches) = (PAGES_THEN * PAGE_MS / 1e3, SEARCHES * SEARCH_MS / 1e3);
    let page_servers = servers(pages, CORES);
    let whole_servers = servers(pages + searches, 2 * CORES);
    let usd = |key, what, outcome: &Outcome, value: f64, one: f64, reason| Finding {
        key,
        what,
        unit: "$",
        measured: outcome.phase("after").cost_per_month_usd,
        expected: within(value, one),
        reason,
    };
    let grown =
        |key, what, measured, expected, reason| Finding { key, what, unit: "servers", measured, expected, reason };
    vec![
        grown(
            "busy",
            "servers of the service whose load has grown to six times as much",
            asked_for(services, "page"),
            within(page_servers, 1.0),
            "arithmetic: 560 pages a second of 20 ms keep 11.2 cores busy, which at 60% of 4 cores a server need 4.7; one more or \
             less by chance",
        ),
        grown(
            "calm",
            "servers of the other service",
            asked_for(services, "search"),
            Expected::Exactly(f64::from(LEAST)),
            "arithmetic: 36 searches a second of 50 ms keep 1.8 cores of 8 busy, before and after",
        ),
        Finding {
            key: "strayed",
            what: "requests that another service has served than the one of their path",
            unit: "requests",
            measured: strayed as f64,
            expected: Expected::AtMost(60.0),
            reason: "definition: none; what is under way when measuring begins and ends is counted on one side only: 13 requests \
                     on average by Little's law, four standard errors of which are 15, at either end",
        },
        Finding {
            key: "search_p99",
            what: "p99 of searches once pages have grown, as a multiple of that before",
            unit: "",
            measured: after.by_class["search"].latency_ms.p99
                / services.phase("before").by_class["search"].latency_ms.p99,
            expected: within(1.0, 0.25),
            reason: "definition: they share nothing but a balancer that is never busy; of 1,400 searches before, 14 are above the \
                     99th percentile: with exponential service its standard error is 6%",
        },
        Finding {
            key: "failed",
            what: "requests that fail once the servers are there",
            unit: "requests",
            measured: failed(after) as f64,
            expected: Expected::Exactly(0.0),
            reason: "arithmetic: 60% of the cores are busy, and 768 requests fit each server",
        },
        usd(
            "services_usd",
            "price a month of the services, once pages have grown",
            services,
            BALANCER_USD + CORES_USD * (page_servers + f64::from(LEAST)),
            CORES_USD,
            "arithmetic: list prices of a balancer, five servers and two, of four cores each; one more or less",
        ),
        usd(
            "unit_usd",
            "the same where every server has cores set aside for both modules",
            unit,
            BALANCER_USD + 2.0 * CORES_USD * page_servers,
            2.0 * CORES_USD,
            "arithmetic: as many servers as the busy module needs, of eight cores each; one more or less",
        ),
        usd(
            "shared_usd",
            "the same where both modules share the cores of every server",
            shared,
            BALANCER_USD + 2.0 * CORES_USD * whole_servers,
            2.0 * CORES_USD,
            "arithmetic: 13 cores of work at 60% of eight cores a server; one more or less",
        ),
        Finding {
            key: "whole",
            what: "price of the unit as a multiple of that of the services",
            unit: "",
            measured: unit.phase("after").cost_per_month_usd / after.cost_per_month_usd,
            expected: Expected::AtLeast(1.2),
            reason: "arithmetic: (40 + 5 · 280) / (40 + 7 · 140) = 1.41; with one server more or less in both it is 1.36 to 1.46, \
                     and with one more here and one less there 1.15",
        },
    ]
}

/// Each service grows by itself.
pub static SERVICES: Experiment = Experiment {
    id: "all.services",
    title: "Services that scale alone",
    claim: "Split into services behind a layer 7 balancer, only the busy part of a site grows.",
    watch: "The servers of both services, when six times as many pages are asked for, and the price of a month.",
    question: Question {
        text: "A site has pages and a search. Six times as many pages are asked for, and as many searches as before. What grows?",
        options: &["Everything", "The servers for pages only", "Nothing: there are two of each"],
        right: 1,
    },
    explanation: "The balancer reads each request's path and sends it to the service of that path, and each service has an \
                  autoscaler of its own. Where a server has memory and cores set aside for all modules, as a unit, what only \
                  one of them needs is bought for all. Where all modules share the same cores freely, nothing is bought in \
                  vain, and the monolith is even cheaper, since it has no second server standing by for every module: that \
                  services scale alone is worth money where modules cannot share.",
    runs: services_runs,
    judge: services_findings,
    mutations: &[
        Mutation {
            name: "everything is led to one service",
            breaks: |runs| runs[0].set("tiers.balancer.routes", Value::Null),
        },
        Mutation {
            name: "the busy service has no autoscaler",
            breaks: |runs| runs[0].set("tiers.page.autoscaler", Value::Null),
        },
        Mutation {
            name: "the services are deployed as a unit",
            breaks: |runs| {
                let timeline = std::mem::take(&mut runs[0].scenario.timeline);
                runs[0].scenario = Scenario { timeline, ..site(Built::Unit) };
            },
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::scenario::edit;

    use super::*;

    /// All three have the same work to do.
    #[test]
    fn the_three_differ_in_how_they_are_deployed_only() {
        let workload = |built| edit::encode(&site(built))["workload"].clone();
        assert_eq!(workload(Built::Services), workload(Built::Unit));
        assert_eq!(workload(Built::Services), workload(Built::Shared));
    }
}
