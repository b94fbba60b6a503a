//! Chapter 4: what becomes of the traffic of a dead server.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::world::report::Report;

use super::designs::{count, failed, failed_percent, kill, phase, pool, run, set, within};

const KILLED: f64 = 60.0;

/// Two servers at a load, half of whose requests write for 200 ms in the database.
fn writing(patch: serde_json::Value) -> crate::scenario::Scenario {
    let mut base = json!({
        "workload": { "classes": {
            "read": { "share": 0.5 },
            "write": { "share": 0.5, "write": true, "web": { "mean_ms": 10.0 },
                       "database": { "mean_ms": 200.0, "distribution": "constant" } } } },
        "machines": { "data": { "place": "montreal", "cores": 64 } },
        "tiers": { "web": { "database": "database" },
                   "database": { "kind": "database", "machine": "data", "slots": 200, "backlog": 400 } }
    });
    crate::scenario::edit::merge(&mut base, &patch);
    pool(2, 90.0, base)
}

fn failover_runs() -> Vec<Run> {
    let death = [phase("window", 60.0, 62.1), phase("after", 62.1, 122.1)];
    let repair = [phase("survivor", 80.0, 120.0), phase("added", 150.0, 210.0)];
    let retry = json!({ "tiers": { "balancer": { "retries": 1 } } });
    let retry_writes = json!({ "tiers": { "balancer": { "retries": 1, "retry_writes": true } } });
    let stop = || set("workload.requests_per_user_per_second", 0.0);
    let drained = [phase("all", 0.0, 140.0)];
    let retried = |name: &str, patch| run(name, writing(patch), &drained).at(KILLED, kill("web.1")).at(120.0, stop());
    vec![
        run("45%", pool(2, 90.0, json!({})), &death).at(KILLED, kill("web.1")),
        run("70%", pool(2, 140.0, json!({})), &repair)
            .at(KILLED, kill("web.1"))
            .at(120.0, set("tiers.web.instances", 3)),
        retried("reads tried again", retry),
        retried("writes too", retry_writes),
    ]
}

fn failover_findings(results: &Results) -> Vec<Finding> {
    let calm = results.run("45%").phase("after");
    let served = &calm.tiers["web"].per_instance;
    let crowded = results.run("70%");
    let (careful, bold) = (results.run("reads tried again").report(), results.run("writes too").report());
    let write_answers = |report: &Report| report.by_class["write"].answered;
    let unexplained = |report: &Report| {
        let applied = report.writes.applied - report.writes.doubled - report.writes.applied_but_failed;
        applied.abs_diff(write_answers(report))
    };
    vec![
        count(
            "dead_served",
            "answers of the dead server after its death was noticed",
            served[0],
            Expected::Exactly(0.0),
            "it is dead, and nobody asks it any more",
        ),
        count(
            "calm_failed",
            "requests that fail then, each server having been at 45%",
            failed(calm),
            Expected::Exactly(0.0),
            "the other one has room: twice 45% is less than it can do",
        ),
        Finding {
            key: "crowded_failed",
            what: "requests that fail while one server does the work of two at 70%",
            unit: "%",
            measured: failed_percent(crowded.phase("survivor")),
            expected: within(100.0 * (1.0 - 1.0 / 1.4), 8.0),
            reason: "arithmetic: 1.4 times what it can do comes; four standard errors of the mean of 4,000 exponential \
                     services are 6% of the rest, and of the arrivals as many",
        },
        count(
            "added_failed",
            "requests that fail once a server has been added",
            failed(crowded.phase("added")),
            Expected::Exactly(0.0),
            "two servers at 70% again",
        ),
        count(
            "reads_failed",
            "reads that fail, where those that fail are tried at the next server",
            careful.by_class["read"].failed,
            Expected::Exactly(0.0),
            "the next server is alive and has room",
        ),
        count(
            "writes_failed",
            "writes that fail there, since they are not tried again",
            careful.by_class["write"].failed,
            Expected::AtLeast(10.0),
            "half of some 45 writes a second went to the dead server for over a second",
        ),
        count(
            "writes_doubled",
            "writes carried out twice, where they are tried again too",
            bold.writes.doubled,
            Expected::AtLeast(1.0),
            "some five were in the database when their server died; without an answer nobody knows that they went well",
        ),
        count(
            "bold_failed",
            "writes that fail there",
            bold.by_class["write"].failed,
            Expected::Exactly(0.0),
            "each is tried at the living server",
        ),
        count(
            "unexplained",
            "writes that are neither answered, doubled, nor carried out though reported as failed",
            unexplained(careful) + unexplained(bold),
            Expected::Exactly(0.0),
            "definition: carried out = answered + doubled + carried out but reported as failed, when all is over",
        ),
    ]
}

/// The traffic of a dead server goes to the others.
pub static FAILOVER: Experiment = Experiment {
    id: "lb.failover",
    title: "One dies, the other takes over",
    claim: "When a server dies its traffic goes to the other: without errors if that has room, else it collapses until a \
            server is added. Trying again at the next server saves reads; writes are lost or doubled.",
    watch: "Errors after the death of one of two servers, at 45% and at 70% load.",
    question: Question {
        text: "Two servers, each 70% busy. One dies. What becomes of the other?",
        options: &["It is busy, but copes", "It is overloaded and fails about three in ten", "It fails everything"],
        right: 1,
    },
    explanation: "A balancer moves the traffic; it does not make room. Redundancy is there only if the survivors can carry \
                  everything: with two servers, each may be less than half busy. And a write whose answer was lost may \
                  have happened: trying it again can do it twice.",
    runs: failover_runs,
    judge: failover_findings,
    mutations: &[
        Mutation {
            name: "nobody looks whether the servers live",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| {
                    run.set("tiers.balancer.health_check.unhealthy_after", json!(1000));
                })
            },
        },
        Mutation {
            name: "nothing is tried again",
            breaks: |runs| {
                runs[2].set("tiers.balancer.retries", json!(0));
            },
        },
    ],
};
