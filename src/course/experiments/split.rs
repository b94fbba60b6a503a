//! Chapter 2: web tier and data tier apart.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};

use super::designs::{failed_percent, goodput, phase, run, stage, within};

/// Work of the web servers for a request, on average, in milliseconds; they have two cores.
const WEB_MS: f64 = 0.5 * 1.0 + 0.4 * 6.0 + 0.1 * 5.0;
const WEB_CAPACITY: f64 = 2.0 * 1e3 / WEB_MS;

fn runs() -> Vec<Run> {
    let users = (1.5 * WEB_CAPACITY / 0.1) as u32;
    let with = |name: &str, machine: Option<&str>| {
        let mut run = run(
            name,
            stage("separate-database", json!({ "workload": { "users": users } })),
            &[phase("measured", 30.0, 230.0)],
        );
        if let Some(machine) = machine {
            run.set(&format!("machines.{machine}.cores"), json!(4));
        }
        run
    };
    vec![with("as it is", None), with("bigger web server", Some("app")), with("bigger database", Some("data"))]
}

fn findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let base = goodput(report("as it is"));
    vec![
        Finding {
            key: "goodput",
            what: "answers per second before, at 1.5 times the load that the web server can do",
            unit: "requests/s",
            measured: base,
            expected: within(WEB_CAPACITY, 0.02 * WEB_CAPACITY),
            reason: "arithmetic: two cores, 3.4 ms of web work for a request; four standard errors of the mean work of \
                     120,000 requests are 1%",
        },
        Finding {
            key: "idle_upgraded",
            what: "answers per second with the database's cores doubled, as a multiple",
            unit: "",
            measured: goodput(report("bigger database")) / base,
            expected: within(1.0, 0.02),
            reason: "the database was not the bottleneck; the same requests, so the same four standard errors",
        },
        Finding {
            key: "busy_upgraded",
            what: "requests that fail with the web server's cores doubled",
            unit: "%",
            measured: failed_percent(report("bigger web server")),
            expected: Expected::AtMost(0.0),
            reason: "arithmetic: four cores do 1.33 times what comes",
        },
    ]
}

/// Each tier is sized on its own.
pub static INDEPENDENT: Experiment = Experiment {
    id: "split.independent",
    title: "Each tier on its own",
    claim: "Once they are apart, the tier that is busy can be made bigger, and only that one has to be.",
    watch: "Which machine is busy, and what an upgrade of the other one does.",
    question: Question {
        text: "The web server is overloaded, the database is not. The database gets twice the cores. What changes?",
        options: &["A third more answers", "Twice the answers", "Nothing"],
        right: 2,
    },
    explanation: "A chain carries what its weakest link carries. Apart, links can be strengthened one by one: doubling the \
                  busy machine removes the bottleneck, doubling the other is money for nothing.",
    runs,
    judge: findings,
    mutations: &[
        Mutation {
            name: "the upgrades go to the wrong machines",
            breaks: |runs| {
                runs.swap(1, 2);
                let name = runs[1].name.clone();
                runs[1].name = std::mem::replace(&mut runs[2].name, name);
            },
        },
        Mutation {
            name: "the database is the bottleneck",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.classes.read.database.mean_ms", json!(20.0)));
            },
        },
    ],
};
