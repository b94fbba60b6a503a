//! Chapter 7: floods and bots, stopped at the edge.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::{Change, Scenario};
use crate::world::report::Report;

use super::delivery::cdn;
use super::designs::{failed_percent, merged, phase, run, within};

const USERS: u32 = 8000;
const RATE: f64 = 0.025;
/// Shares of the users: customers of one carrier, and bots among them.
const CARRIER: f64 = 0.04;
const BOTS: f64 = 0.05;
/// The carrier's addresses, and what each may send in a second.
const ADDRESSES: u32 = 4;
const LIMIT: f64 = 6.0;
/// How much more the bots send in a flood, and for how long.
const FLOOD: f64 = 381.0;
const BEGINS: f64 = 120.0;
const LASTS: f64 = 60.0;

/// 200 requests a second for pages that nobody may keep, 10 ms of work each on four cores, through edges.
fn shielded(limit: Value) -> Scenario {
    let group = |share: f64| json!({ "share": share, "place": "montreal", "access_latency_ms": 8.0 });
    let base = json!({
        "version": 1, "name": "Shield",
        "workload": {
            "users": USERS, "requests_per_user_per_second": RATE, "entry": "cdn",
            "clients": { "people": group(1.0 - CARRIER - BOTS), "carrier": group(CARRIER), "bots": group(BOTS) },
            "classes": { "page": { "share": 1.0, "response_kb": 20.0, "web": { "mean_ms": 10.0 } } }
        },
        "machines": { "app": { "place": "montreal", "cores": 4, "cost_per_month_usd": 124.0 } },
        "tiers": {
            "cdn": { "kind": "cdn", "places": ["montreal", "seoul"], "origin": "web", "rate_limit": limit },
            "web": { "kind": "web_server", "machine": "app", "slots": 64, "backlog": 128 }
        }
    });
    let behind = json!({ "workload": { "clients": {
        "carrier": { "source_addresses": ADDRESSES }, "bots": { "behind": "carrier" } } } });
    merged(base, &behind)
}

fn shield_runs() -> Vec<Run> {
    let phases = [phase("before", 20.0, BEGINS), phase("flood", BEGINS + 5.0, BEGINS + LASTS)];
    let flood = || Change::Spike { factor: FLOOD, duration_ms: LASTS * 1e3, clients: Some("bots".to_owned()) };
    let of = |name: &str, limit| run(name, shielded(limit), &phases).at(BEGINS, flood());
    vec![of("limit", json!({ "requests_per_second": LIMIT, "burst": 60 })), of("no limit", Value::Null)]
}

fn shield_findings(results: &Results) -> Vec<Finding> {
    let of = |run: &str, phase: &str| results.run(run).phase(phase);
    let load = |report: &Report| report.tiers["web"].served as f64 / report.simulated_seconds;
    let (flood, before) = (of("limit", "flood"), of("limit", "before"));
    let blocked = |report: &Report, group: &str| {
        cdn(report).blocked_by_group.get(group).copied().unwrap_or(0) as f64 / report.simulated_seconds
    };
    let normal = f64::from(USERS) * RATE;
    let carrier = CARRIER * normal;
    let bots = BOTS * normal * FLOOD;
    let passes = f64::from(ADDRESSES) * LIMIT / (carrier + bots);
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    vec![
        finding(
            "load",
            "the origin's load in the flood, as a part of the normal one, with a limit for each source address",
            "%",
            100.0 * load(flood) / load(before),
            within(100.0, 10.0),
            "the claim; by arithmetic 103 %: four addresses with 6 a second each instead of 18 a second in all; four \
             standard errors are 4.7 %",
        ),
        finding(
            "flood",
            "requests at the edges in the flood, as a multiple of the normal ones",
            "",
            flood.requests.issued as f64 / flood.simulated_seconds / normal,
            within(20.0, 0.4),
            "arithmetic: the bots are a twentieth of the users and send 381 times as often; four standard errors are 0.2",
        ),
        finding(
            "innocent",
            "customers of the bots' carrier who are turned away meanwhile",
            "requests/s",
            blocked(flood, "carrier"),
            within(carrier * (1.0 - passes), 1.6),
            "arithmetic: a token goes to whoever asks first, which is nearly always a bot; four standard errors of 440 \
             requests are 1.5",
        ),
        finding(
            "innocent_before",
            "the same before the flood",
            "requests/s",
            blocked(before, "carrier"),
            Expected::AtMost(0.5),
            "18 a second over four addresses are less than 6 each",
        ),
        finding(
            "people",
            "requests that fail of people with addresses of their own, in the flood",
            "requests/s",
            blocked(flood, "people"),
            Expected::Exactly(0.0),
            "nobody sends six a second",
        ),
        finding(
            "outage",
            "requests that fail in the flood without a limit",
            "%",
            failed_percent(of("no limit", "flood")),
            within(100.0 * (1.0 - 400.0 / (20.0 * normal)), 1.5),
            "arithmetic: 4,000 a second come and four cores can do 400, whoever sent them; four standard errors of the work \
             of 22,000 requests are 0.3 %",
        ),
    ]
}

/// Floods and bots are stopped at the edge.
pub static SHIELD: Experiment = Experiment {
    id: "cdn.shield",
    title: "A flood",
    claim: "Edges soak up floods: with a limit for each source address the origin hardly notices, at the price of the innocent \
            who share an address with the bots; without one it is an outage.",
    watch: "The origin's load and who is turned away, while bots behind a carrier's few addresses send twenty times the normal \
            traffic.",
    question: Question {
        text: "Bots on the phones of one carrier flood the site. The edge limits each source address. Who is turned away?",
        options: &["Only the bots", "The bots, and the carrier's other customers with them", "Everybody for a while"],
        right: 1,
    },
    explanation: "The edge sees addresses, not people. A carrier puts thousands of customers behind a few of them, so a limit \
                  that stops the bots stops their neighbours too; what passes goes to whoever asks most. The origin is safe, \
                  and so is everybody else.",
    runs: shield_runs,
    judge: shield_findings,
    mutations: &[
        Mutation { name: "there is no limit", breaks: |runs| runs[0].set("tiers.cdn.rate_limit", Value::Null) },
        Mutation {
            name: "each bot has an address of its own",
            breaks: |runs| runs[0].set("workload.clients.bots.behind", Value::Null),
        },
    ],
};
