//! Chapter 13: the settings of products are the parameters here.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::course::tools::{self, Tool};
use crate::nodes::observer::Fact;

use super::designs::{count, failed, kill, phase, pool, run, times, within};

/// Balancers whose manuals say how they watch servers, and how many there are of them and of name servers that do.
const WATCHERS: [(&str, &str); 4] = [
    ("load_balancer", "HAProxy"),
    ("load_balancer", "NGINX, NGINX Plus"),
    ("load_balancer", "AWS Application Load Balancer"),
    ("dns", "Amazon Route 53"),
];
/// When a server dies, and how long it is watched, in seconds.
const DIES: f64 = 100.0;
const END: f64 = 260.0;
const SERVERS: u32 = 4;
const RATE: f64 = 60.0;

fn product(place: &(&str, &str)) -> &'static Tool {
    tools::find(place.0, place.1).expect("it is in the list")
}

/// A setting's default.
fn own(tool: &Tool, parameter: &str) -> Option<f64> {
    tool.settings.iter().find(|setting| setting.parameter == parameter).and_then(|setting| setting.default)
}

/// The product's defaults as the health check of a scenario.
fn health_check(tool: &Tool) -> Value {
    let mut check = json!({});
    for field in ["interval_ms", "timeout_ms", "unhealthy_after", "healthy_after"] {
        let Some(value) = own(tool, &format!("health_check.{field}")) else { continue };
        check[field] = if field.ends_with("after") { json!(value as u32) } else { json!(value) };
    }
    check
}

fn tools_runs() -> Vec<Run> {
    let of = |place: &(&str, &str)| {
        let tool = product(place);
        let mut patch = json!({ "tiers": { "balancer": { "health_check": health_check(tool) } } });
        if tool.part == "dns" {
            // Each server has an address, and name servers watch them.
            let dns =
                json!({ "kind": "dns", "record_ttl_seconds": 0, "lookup_ms": 1.0, "health_check": health_check(tool) });
            patch = json!({ "workload": { "entry": "web", "dns": "dns" }, "tiers": { "balancer": null, "dns": dns } });
        }
        run(tool.name, pool(SERVERS, RATE, patch), &[phase("after", DIES, END)]).at(DIES, kill("web.2"))
    };
    WATCHERS.iter().map(of).collect()
}

/// How long it took until the dead server was taken out, in seconds.
fn noticed(outcome: &Outcome) -> f64 {
    times(outcome, |fact| matches!(fact, Fact::TakenOut { .. })).first().map_or(f64::INFINITY, |at| at - DIES)
}

fn tools_findings(results: &Results) -> Vec<Finding> {
    let of = |(key, what): (&'static str, &'static str), place: &(&str, &str)| {
        let tool = product(place);
        let ms = own(tool, "health_check.interval_ms").expect("its manual says");
        let threshold = own(tool, "health_check.unhealthy_after").expect("its manual says");
        Finding {
            key,
            what,
            unit: "s",
            measured: noticed(results.run(tool.name)),
            // The first probe that fails comes within an interval.
            expected: within((threshold - 0.5) * ms / 1e3, 0.5 * ms / 1e3 + 0.01),
            reason: "theory: a crash refuses the next probe, which comes within an interval, and as many more have to fail as the \
                     manual says; a tenth of a second at most for their way",
        }
    };
    let named = [
        ("haproxy", "HAProxy as it comes: time until a dead server is taken out"),
        ("nginx", "NGINX Plus as it comes: the same"),
        ("alb", "an Application Load Balancer of AWS as it comes: the same"),
        ("route53", "Route 53 as it comes: the same"),
    ];
    let mut findings: Vec<Finding> = named.into_iter().zip(&WATCHERS).map(|(name, place)| of(name, place)).collect();
    let failures = |place: &(&str, &str)| failed(results.run(product(place).name).phase("after"));
    let expected = RATE / f64::from(SERVERS) * noticed(results.run("Amazon Route 53"));
    findings.push(count(
        "failed",
        "requests that fail until Route 53 has noticed",
        failures(&WATCHERS[3]),
        within(expected, 4.0 * libm::sqrt(expected) + 4.0),
        "arithmetic: a quarter of 60 a second for so long; four standard errors of a Poisson count",
    ));
    findings.push(Finding {
        key: "settings",
        what: "settings of products that are named for parameters here",
        unit: "settings",
        measured: tools::all().map(|tool| tool.settings.len()).sum::<usize>() as f64,
        expected: Expected::AtLeast(100.0),
        reason: "definition: what `tools.rs` lists; a test compares it with the parameters that there are",
    });
    findings
}

/// What people use for each part.
pub static TOOLS: Experiment = Experiment {
    id: "all.tools",
    title: "What people use",
    claim: "For each part people use products, whose settings are the parameters here: with the defaults of their manuals, a \
            simulated death is noticed as late as theirs.",
    watch: "When the dead server is taken out, product by product.",
    question: Question {
        text: "A server crashes. Who takes it out first, as it comes?",
        options: &["HAProxy", "Route 53", "All at once: a crash is seen at once"],
        right: 0,
    },
    explanation: "The names differ, the mechanism does not: an interval, a number of failures, a time-out. What a provider sets by \
                  default can be half a minute where a balancer of one's own takes seconds. The inspector names the products for \
                  each part, and what they call its parameters.",
    runs: tools_runs,
    judge: tools_findings,
    mutations: &[
        Mutation {
            name: "HAProxy probes as rarely as Route 53",
            breaks: |runs| runs[0].set("tiers.balancer.health_check.interval_ms", json!(30_000.0)),
        },
        Mutation {
            name: "Route 53 believes the first failure",
            breaks: |runs| runs[3].set("tiers.dns.health_check.unhealthy_after", json!(1)),
        },
    ],
};
