//! Chapter 13: each node killed in turn, in the last stage and in the first ones.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Phase, Question, Results, Run};
use crate::scenario::{HealthCheck, Scenario, Tier};

use super::designs::{count, failed, kill, phase, restore, run, stage, within};

/// A node that is killed.
struct Death {
    target: &'static str,
    /// What the phases are called in which it is dead: during its failover, which has no phase if it takes no time, and after.
    failover: &'static str,
    beyond: &'static str,
}

/// Who is killed in the last stage: of servers that do the same, one at each place; of each cluster of databases the primary,
/// and a replica at each place.
const KILLS: [Death; 23] = [
    Death { target: "dns.1", failover: "dns", beyond: "dns, beyond" },
    Death { target: "store.1", failover: "store", beyond: "store, beyond" },
    Death { target: "cdn.1", failover: "edge", beyond: "edge, beyond" },
    Death { target: "cdn.2", failover: "edge abroad", beyond: "edge abroad, beyond" },
    Death { target: "balancer.1", failover: "balancer", beyond: "balancer, beyond" },
    Death { target: "balancer.2", failover: "balancer abroad", beyond: "balancer abroad, beyond" },
    Death { target: "web.1", failover: "pages", beyond: "pages, beyond" },
    Death { target: "web.2", failover: "pages abroad", beyond: "pages abroad, beyond" },
    Death { target: "posts.1", failover: "posts", beyond: "posts, beyond" },
    Death { target: "posts.2", failover: "posts abroad", beyond: "posts abroad, beyond" },
    Death { target: "photos.1", failover: "photos", beyond: "photos, beyond" },
    Death { target: "photos.2", failover: "photos abroad", beyond: "photos abroad, beyond" },
    Death { target: "cache.1", failover: "cache", beyond: "cache, beyond" },
    Death { target: "cache.2", failover: "cache abroad", beyond: "cache abroad, beyond" },
    Death { target: "database.1", failover: "primary", beyond: "primary, beyond" },
    Death { target: "database.2", failover: "replica abroad", beyond: "replica abroad, beyond" },
    Death { target: "database.3", failover: "replica", beyond: "replica, beyond" },
    Death { target: "sessions.1", failover: "sessions", beyond: "sessions, beyond" },
    Death { target: "sessions.2", failover: "sessions abroad", beyond: "sessions abroad, beyond" },
    Death { target: "sessions.3", failover: "sessions, replica", beyond: "sessions, replica, beyond" },
    Death { target: "broker.1", failover: "broker", beyond: "broker, beyond" },
    Death { target: "thumbnailers.1", failover: "thumbnailers", beyond: "thumbnailers, beyond" },
    Death { target: "mailers.1", failover: "mailers", beyond: "mailers, beyond" },
];
/// How long each is dead beyond its failover, and how long all is calm after it was started again, in seconds.
const BEYOND: f64 = 12.0;
const CALM: f64 = 25.0;
/// When the first one dies.
const FIRST: f64 = 20.0;
/// When a server of the first stages dies, and when it is started again.
const DIES: f64 = 20.0;
const BACK: f64 = 80.0;
/// The last part of that time is looked at.
const LAST: f64 = 15.0;
const LAST_STAGE: &str = "last stage";

/// The last stage with two thousand users instead of a million, and as many servers at each place as are needed to lose
/// one. Nobody is on call, and files are fresh for seconds only, so that edges keep asking the store.
fn last_stage() -> Scenario {
    let five = json!({ "instances": 5, "autoscaler": null });
    stage(
        "millions",
        json!({
            "workload": {
                "users": 2000,
                "classes": { "static": { "files": { "max_age_ms": 4000.0 } }, "photo": { "share": 0.05 } }
            },
            "tiers": { "web": five, "posts": five, "photos": five, "thumbnailers": five, "mailers": { "autoscaler": null },
                       "database": { "warm_start": false }, "cache": { "warm_start": false } },
            "operations": null
        }),
    )
}

/// The longest time in seconds from the death of a node to the moment at which nobody needs it any more: by the settings of
/// who notices, and of who takes over.
fn failover(scenario: &Scenario, target: &str) -> f64 {
    let tier = target.split('.').next().expect("a target begins with its tier");
    let detected = |check: &HealthCheck| f64::from(check.unhealthy_after) * check.interval_ms + check.timeout_ms;
    let balancer =
        || scenario.tiers.values().find_map(|own| if let Tier::LoadBalancer(own) = own { Some(own) } else { None });
    let names = || scenario.tiers.values().find_map(|own| if let Tier::Dns(own) = own { Some(own) } else { None });
    let ms = match &scenario.tiers[tier] {
        // Who gets no answer asks the next: another name server, the second origin, the other holder of the key. A message
        // whose worker is gone is delivered to another one; nobody waits for it.
        Tier::Dns(_) | Tier::ObjectStore(_) | Tier::Cache(_) | Tier::Worker(_) => 0.0,
        Tier::Cdn(cdn) => cdn.reroute_ms,
        // Its address is taken out of the answers; who has it keeps it for the record's life, counted in whole seconds.
        Tier::LoadBalancer(_) => names().map_or(0.0, |dns| {
            dns.health_check.as_ref().map_or(0.0, detected) + f64::from(dns.record_ttl_seconds + 1) * 1e3
        }),
        Tier::WebServer(_) => balancer().map_or(0.0, |own| detected(&own.health_check)),
        Tier::Database(own) => own.replication.as_ref().map_or(0.0, |own| {
            // That a heartbeat is missing is noticed when it should have arrived.
            f64::from(own.missed + 1) * own.heartbeat_ms + own.election_ms + own.promotion_ms
        }),
        Tier::MessageBroker(own) => own.restart_after_ms.unwrap_or(0.0) + own.boot_ms,
    };
    ms / 1e3
}

/// When a node dies, when its failover is over, and when it is started again.
struct Times {
    dies: f64,
    over: f64,
    back: f64,
}

/// Those of each of [`KILLS`].
fn sweep(scenario: &Scenario) -> Vec<Times> {
    let mut next = FIRST;
    let mut slot = |death: &Death| {
        let (dies, over) = (next, next + failover(scenario, death.target));
        next = over + BEYOND + CALM;
        Times { dies, over, back: over + BEYOND }
    };
    KILLS.iter().map(&mut slot).collect()
}

fn redundant_runs() -> Vec<Run> {
    let last = last_stage();
    let times = sweep(&last);
    let mut phases: Vec<Phase> = Vec::new();
    for (death, times) in KILLS.iter().zip(&times) {
        if times.over > times.dies {
            phases.push(phase(death.failover, times.dies, times.over));
        }
        phases.push(phase(death.beyond, times.over, times.back));
    }
    let mut swept = run(LAST_STAGE, last, &phases);
    for (death, times) in KILLS.iter().zip(&times) {
        swept = swept.at(times.dies, kill(death.target)).at(times.back, restore(death.target));
    }
    let first = |id: &str, target: &str| {
        let own = stage(id, json!({ "workload": { "users": 300 } }));
        let phases = [phase("dead", BACK - LAST, BACK), phase("after", 100.0, 115.0)];
        run(format!("{id}, {target}"), own, &phases).at(DIES, kill(target)).at(BACK, restore(target))
    };
    let mut runs = vec![swept];
    for id in ["single-server", "separate-database"] {
        runs.extend(["web.1", "database.1"].map(|target| first(id, target)));
    }
    runs
}

/// Requests that two dead balancers cost.
fn lingering(scenario: &Scenario) -> f64 {
    let workload = &scenario.workload;
    let all: f64 = workload.classes.values().map(|class| class.share).sum();
    let dynamic: f64 = workload.classes.values().filter(|class| class.files.is_none()).map(|class| class.share).sum();
    let rate = workload.requests_per_user_per_second * dynamic / all;
    let Tier::Dns(dns) = &scenario.tiers["dns"] else { return f64::NAN };
    let Some(check) = &dns.health_check else { return f64::NAN };
    let (ttl, interval) = (f64::from(dns.record_ttl_seconds), check.interval_ms / 1e3);
    let seconds = (f64::from(check.unhealthy_after) - 0.5) * interval + rate * ttl * ttl / (2.0 * (1.0 + rate * ttl));
    let balancers = f64::from(scenario.tiers["balancer"].instances());
    2.0 * f64::from(workload.users) * rate / balancers * seconds
}

/// Requests that failed while nodes of these tiers were dead, during their failover.
fn during(results: &Results, tiers: &[&str]) -> u64 {
    let tier = |death: &&Death| tiers.contains(&death.target.split('.').next().unwrap_or_default());
    let reports = &results.run(LAST_STAGE).reports;
    let of = |death: &Death| {
        reports.iter().find(|(name, _)| *name == death.failover).map_or(0, |(_, report)| failed(report))
    };
    KILLS.iter().filter(tier).map(of).sum()
}

/// Those that failed after that.
fn beyond(results: &Results) -> u64 {
    KILLS.iter().map(|death| failed(results.run(LAST_STAGE).phase(death.beyond))).sum()
}

/// Dynamic requests that failed while a server of a first stage was dead, in percent.
fn dead_percent(results: &Results, id: &str, target: &str) -> f64 {
    let report = results.run(&format!("{id}, {target}")).phase("dead");
    let classes = ["read", "write"].map(|class| &report.by_class[class]);
    let (answered, failed) = classes.iter().fold((0, 0), |(a, f), class| (a + class.answered, f + class.failed));
    100.0 * failed as f64 / (answered + failed).max(1) as f64
}

fn redundant_findings(results: &Results) -> Vec<Finding> {
    let scenario = results.run(LAST_STAGE).world.scenario();
    let killed = |tier: &str| KILLS.iter().any(|death| death.target.split('.').next() == Some(tier));
    let left_out = scenario.tiers.keys().filter(|tier| !killed(tier));
    let longest = KILLS.iter().map(|death| failover(scenario, death.target)).fold(0.0, f64::max);
    let dead = |key, what, id: &str, target: &str| Finding {
        key,
        what,
        unit: "%",
        measured: dead_percent(results, id, target),
        expected: Expected::Exactly(100.0),
        reason: "definition: nobody else can answer, and nobody starts it again",
    };
    vec![
        count(
            "kills",
            "nodes that are killed, one at a time, of every tier, place and role",
            KILLS.len() as u64,
            Expected::Exactly(23.0),
            "definition: as listed",
        )
        .of("nodes"),
        count(
            "left_out",
            "tiers of which none is killed",
            left_out.count() as u64,
            Expected::Exactly(0.0),
            "definition",
        )
        .of("tiers"),
        count(
            "beyond",
            "requests that fail though they are sent later than the failover of the dead node",
            beyond(results),
            Expected::Exactly(0.0),
            "theory: by then whoever noticed has taken it out and whoever takes over has",
        ),
        count(
            "edges",
            "requests that fail while edges die, until routes lead past them",
            during(results, &["cdn"]),
            Expected::Exactly(0.0),
            "definition: clients who get no answer from an edge ask the store",
        ),
        count(
            "servers",
            "requests that fail while six web servers die, one after the other",
            during(results, &["web", "posts", "photos"]),
            Expected::AtMost(60.0),
            "arithmetic: writes that are on a server or sent to it are not tried again; at most a half of \
              25 a second come to the one that dies, for at most three seconds; reads are tried elsewhere",
        ),
        count(
            "balancers",
            "requests that fail while two of ten balancers die",
            during(results, &["balancer"]),
            within(lingering(scenario), 220.0),
            "theory: each has a tenth of the dynamic requests, until two probes have failed, the first within five seconds, and \
             after that of those who still know its address: \u{3bb}T\u{b2} / 2(1 + \u{3bb}T) seconds' worth, where users send \
             \u{3bb} each and records live for T; a user's failures come together, four at a time, so four standard errors are \
             4 \u{b7} \u{221a}(4 \u{b7} 630) = 200, and where in its interval the probe comes is another 50",
        ),
        count(
            "primary",
            "requests that fail while three servers of a shard die",
            during(results, &["database"]),
            Expected::AtMost(20.0),
            "arithmetic: 30 writes a second, a 128th of which come to this shard, for seven seconds: 1.6",
        ),
        Finding {
            key: "longest",
            what: "the longest failover of any node",
            unit: "s",
            measured: longest,
            expected: Expected::AtMost(75.0),
            reason: "arithmetic: two probes five seconds apart, the time-out of the second, and the life of a DNS record",
        },
        dead(
            "single_web",
            "single server, its web server dead: pages that fail in the last quarter of a minute",
            "single-server",
            "web.1",
        ),
        dead("single_database", "the same with its database dead", "single-server", "database.1"),
        dead("separate_web", "database apart, the web server dead", "separate-database", "web.1"),
        dead("separate_database", "the same with the database dead", "separate-database", "database.1"),
        count(
            "after",
            "requests that fail in the first stages once it has been started again",
            results.runs().skip(1).map(|run| failed(run.phase("after"))).sum(),
            Expected::Exactly(0.0),
            "definition: the outage lasts as long as the death, and no longer",
        ),
    ]
}

/// Every node may die.
pub static REDUNDANT: Experiment = Experiment {
    id: "all.redundant",
    title: "Kill any of them",
    claim: "In the last stage every tier is redundant: whichever node is killed, the outage is never longer than its failover. In \
            the first stages each death is an outage that lasts until somebody ends it.",
    watch: "Failed requests after each death, and when they stop.",
    question: Question {
        text: "Any single node of the last stage dies. Who notices longest?",
        options: &[
            "Those who wait for a shard's new primary",
            "Those whose device remembers a dead balancer's address",
            "Nobody notices anything",
        ],
        right: 1,
    },
    explanation: "Redundancy is two things: somebody else who can do it, and somebody who notices. The second takes the time: \
                  probes have to fail, an election has to be held, a record has to expire. What asks several in turn, as \
                  resolvers and edges do, needs nobody to notice.",
    runs: redundant_runs,
    judge: redundant_findings,
    mutations: &[
        Mutation {
            name: "nobody watches the balancers' addresses",
            breaks: |runs| runs[0].set("tiers.dns.health_check", Value::Null),
        },
        Mutation {
            name: "replicas are not promoted",
            breaks: |runs| runs[0].set("tiers.database.replication.failover", json!(false)),
        },
        Mutation {
            name: "nobody starts the broker again",
            breaks: |runs| runs[0].set("tiers.broker.restart_after_ms", Value::Null),
        },
        Mutation {
            name: "edges have one origin, and clients no way past them",
            breaks: |runs| {
                runs[0].set("tiers.cdn.second_origin", Value::Null);
                for group in ["web", "mobile", "europe", "asia"] {
                    runs[0].set(&format!("workload.clients.{group}.cdn_fallback"), Value::Null);
                }
            },
        },
        Mutation {
            name: "balancers rarely look at the servers",
            breaks: |runs| runs[0].set("tiers.balancer.health_check.interval_ms", json!(60_000.0)),
        },
    ],
};
