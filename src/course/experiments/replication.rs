//! Chapter 5: who is asked in a primary with its replicas, and what that makes of its capacity.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::course::{chapters, glossary};
use crate::nodes::database::Role;

use super::designs::{failed_percent, goodput, phase, replicated, replication, run, set, within};

fn split_runs() -> Vec<Run> {
    let change = |share: f64| json!({ "share": share, "write": true, "database": { "mean_ms": 10.0 } });
    let classes = json!({ "write": null, "insert": change(0.05), "update": change(0.1), "delete": change(0.05) });
    let patch = json!({ "workload": { "classes": classes } });
    let stop = set("workload.requests_per_user_per_second", 0.0);
    vec![run("split", replicated(3, 100.0, 0.2, patch), &[phase("all", 0.0, 130.0)]).at(120.0, stop)]
}

fn split_findings(results: &Results) -> Vec<Finding> {
    let report = results.run("split").report();
    let own = replication(report);
    let replicas = || own.members.iter().filter(|member| member.role == Role::Replica);
    let primary = own.members.iter().find(|member| member.role == Role::Primary).expect("there is one");
    let written: u64 = ["insert", "update", "delete"].map(|class| report.by_class[class].answered).iter().sum();
    let count = |key, what, measured: u64, expected: u64, reason| Finding {
        key,
        what,
        unit: "requests",
        measured: measured as f64,
        expected: Expected::Exactly(expected as f64),
        reason,
    };
    vec![
        count(
            "replica_writes",
            "inserts, updates and deletes that clients made at a replica",
            replicas().map(|member| member.writes).sum(),
            0,
            "definition: only the primary takes them",
        )
        .of("writes"),
        count(
            "primary_reads",
            "reads at the primary while the replicas live",
            primary.reads,
            0,
            "definition: reads go to the replicas, and nobody asked to read his own writes",
        )
        .of("reads"),
        count(
            "primary_writes",
            "inserts, updates and deletes at the primary",
            primary.writes,
            written,
            "all that were answered",
        )
        .of("writes"),
        Finding {
            key: "applied",
            what: "writes of the primary that each replica has applied in the end",
            unit: "%",
            measured: 100.0 * replicas().map(|member| member.applied).min().unwrap_or(0) as f64
                / primary.writes.max(1) as f64,
            expected: Expected::Exactly(100.0),
            reason: "definition: all that the primary commits is shipped to every replica",
        },
    ]
}

/// Writes go to the primary, reads to the replicas.
pub static SPLIT: Experiment = Experiment {
    id: "repl.split",
    title: "One writes, the others read",
    claim: "Inserts, updates and deletes go only to the primary, reads to the replicas, which copy what the primary writes.",
    watch: "Where writes go, where reads go, and the stream from the primary to the replicas.",
    question: Question {
        text: "A primary, two replicas, a fifth of the requests writes. How many reads does the primary answer?",
        options: &["A third", "None", "Those of the newest data"],
        right: 1,
    },
    explanation: "The application knows who is who. The primary has all writes to itself, in one order; the replicas apply \
                  them in that order and answer what is asked.",
    runs: split_runs,
    judge: split_findings,
    mutations: &[
        Mutation {
            name: "reads go to the primary",
            breaks: |runs| runs[0].set("tiers.database.replication.reads", json!("primary")),
        },
        Mutation {
            name: "what is written is not shipped",
            breaks: |runs| runs[0].set("tiers.database.replication.ship_every_ms", json!(1e9)),
        },
    ],
};

/// What the servers were called before, and what they are called now.
const RENAMED: [(&str, &str); 2] = [("master", "primary"), ("slave", "replica")];

fn terms_runs() -> Vec<Run> {
    vec![run("names", replicated(3, 50.0, 0.2, json!({})), &[phase("all", 0.0, 10.0)])]
}

/// How many texts of the course have one of the old words.
fn old_words() -> usize {
    let chapters = chapters::all().flat_map(|chapter| chapter.sections).map(|section| section.text);
    let experiments =
        super::all().flat_map(|own| [own.title, own.claim, own.watch, own.question.text, own.explanation]);
    let texts = chapters.chain(experiments).map(str::to_lowercase);
    texts.filter(|text| RENAMED.iter().any(|(old, _)| text.contains(old))).count()
}

fn terms_findings(results: &Results) -> Vec<Finding> {
    let own = replication(results.run("names").report());
    let called = |role: Role| own.members.iter().filter(|member| member.role == role).count() as f64;
    let leads = |renamed: &&(&str, &str)| glossary::find(renamed.0).is_some_and(|entry| entry.term == renamed.1);
    let finding = |key, what, measured, expected, reason| Finding {
        key,
        what,
        unit: "",
        measured,
        expected: Expected::Exactly(expected),
        reason,
    };
    vec![
        finding(
            "found",
            "old words, of two, by which the glossary finds the present term",
            RENAMED.iter().filter(leads).count() as f64,
            2.0,
            "definition: the glossary lists what a term was called before",
        ),
        finding(
            "old_words",
            "texts of the course outside of the glossary that still use an old word",
            old_words() as f64,
            0.0,
            "definition: one name for one thing",
        ),
        finding("primaries", "servers that are a primary", called(Role::Primary), 1.0, "one of three takes writes"),
        finding("replicas", "servers that are a replica", called(Role::Replica), 2.0, "the other two follow it"),
    ]
}

/// The present names, and the old ones.
pub static TERMS: Experiment = Experiment {
    id: "repl.terms",
    title: "What they are called",
    claim: "What older texts call by other names is now called the primary (or source) and its replicas; the glossary finds \
            them by the old words.",
    watch: "The role on each database's card.",
    question: Question {
        text: "Which words does the manual of MySQL use for the two?",
        options: &["Source and replica", "Leader and worker", "Original and copy"],
        right: 0,
    },
    explanation: "MySQL says source and replica, PostgreSQL primary and standby, MongoDB primary and secondary. Here it is \
                  primary and replica throughout; a standby is a replica that takes no reads.",
    runs: terms_runs,
    judge: terms_findings,
    mutations: &[Mutation {
        name: "there is but one server",
        breaks: |runs| {
            runs[0].set("tiers.database.replication.reads", json!("primary"));
            runs[0].set("tiers.database.instances", json!(1));
        },
    }],
};

/// One and a half times what the servers that are asked can do.
fn overloaded(name: &str, replicas: u32, servers_asked: u32, writes: f64) -> Run {
    let scenario = replicated(replicas + 1, 150.0 * f64::from(servers_asked), writes, json!({}));
    run(name, scenario, &[phase("measured", 20.0, 320.0)])
}

fn reads_runs() -> Vec<Run> {
    vec![
        overloaded("reads, 1", 1, 1, 0.0),
        overloaded("reads, 2", 2, 2, 0.0),
        overloaded("reads, 4", 4, 4, 0.0),
        overloaded("writes, 1", 1, 1, 1.0),
        overloaded("writes, 4", 4, 1, 1.0),
    ]
}

fn reads_findings(results: &Results) -> Vec<Finding> {
    let of = |name: &str| goodput(results.run(name).report());
    let one = of("reads, 1");
    let multiple = |key, what, measured, value: f64| Finding {
        key,
        what,
        unit: "",
        measured,
        expected: within(value, 0.05 * value),
        reason: "arithmetic: each server answers its own share; four standard errors of two means of 30,000 exponential \
                 services are 3.3 %",
    };
    vec![
        Finding {
            key: "one",
            what: "reads answered per second with one replica, at 1.5 times what it can do",
            unit: "requests/s",
            measured: one,
            expected: within(100.0, 2.5),
            reason: "arithmetic: 10 ms each; four standard errors of the mean of 30,000 exponential services are 2.3 %",
        },
        multiple("two", "reads with two replicas, as a multiple", of("reads, 2") / one, 2.0),
        multiple("four", "reads with four replicas, as a multiple", of("reads, 4") / one, 4.0),
        multiple(
            "writes",
            "writes with four replicas, as a multiple of those with one",
            of("writes, 4") / of("writes, 1"),
            1.0,
        ),
    ]
}

/// Replicas raise what can be read.
pub static READS: Experiment = Experiment {
    id: "repl.reads",
    title: "More replicas, more reads",
    claim: "With more replicas more can be read, in proportion; what can be written stays what the primary can write.",
    watch: "Answers per second, of reads and of writes.",
    question: Question {
        text: "Four replicas instead of one. How many more writes can be done?",
        options: &["Four times as many", "Twice as many", "None"],
        right: 2,
    },
    explanation: "A read is done once, by one of the replicas. A write is done by the primary and then by every replica \
                  again: more servers share the reads, but none takes a write off another.",
    runs: reads_runs,
    judge: reads_findings,
    mutations: &[
        Mutation {
            name: "reads go to the primary",
            breaks: |runs| {
                runs.iter_mut().for_each(|own| own.set("tiers.database.replication.reads", json!("primary")));
            },
        },
        Mutation {
            name: "the primary of four replicas is a larger machine",
            breaks: |runs| runs[4].set("machines.data.cores", json!(2)),
        },
    ],
};

/// Twice what one server can do.
const CROWD: f64 = 200.0;

fn ratio_runs() -> Vec<Run> {
    let of = |name: &str, replicas: u32, writes: f64| {
        let alone = json!({ "tiers": { "database": { "replication": { "reads": "primary" } } } });
        let patch = if replicas == 0 { alone } else { json!({}) };
        run(name, replicated(replicas + 1, CROWD, writes, patch), &[phase("measured", 20.0, 320.0)])
    };
    vec![
        of("90/10, alone", 0, 0.1),
        of("90/10, replicas", 3, 0.1),
        of("10/90, alone", 0, 0.9),
        of("10/90, replicas", 3, 0.9),
    ]
}

fn ratio_findings(results: &Results) -> Vec<Finding> {
    let share = |key, name: &str, what, expected, reason| Finding {
        key,
        what,
        unit: "%",
        measured: failed_percent(results.run(name).report()),
        expected,
        reason,
    };
    let half = "arithmetic: twice what one server can do comes; four standard errors of 30,000 services and of 60,000 \
                arrivals are 1.4 % of the requests";
    vec![
        share(
            "read_alone",
            "90/10, alone",
            "requests that fail with nine reads to a write, on one server",
            within(50.0, 1.5),
            half,
        ),
        share(
            "read_replicas",
            "90/10, replicas",
            "the same with three replicas",
            Expected::Exactly(0.0),
            "arithmetic: 60 reads a second for each replica and 20 writes for the primary, of 100 that each could do",
        ),
        share(
            "write_alone",
            "10/90, alone",
            "requests that fail with nine writes to a read, on one server",
            within(50.0, 1.5),
            half,
        ),
        share(
            "write_replicas",
            "10/90, replicas",
            "the same with three replicas",
            within(40.0, 1.5),
            "arithmetic: 180 writes a second still come to one primary, which does 100: 80 of 200 requests fail",
        ),
    ]
}

/// Replicas help where much is read.
pub static RATIO: Experiment = Experiment {
    id: "repl.ratio",
    title: "Read often, written seldom",
    claim: "Most applications read more than they write, so replicas outnumber the primary; where most is written, replicas \
            help little.",
    watch: "Errors with and without replicas, for both mixtures.",
    question: Question {
        text: "Twice the load of one server, nine of ten requests write. What do three replicas change?",
        options: &["All is well", "A fifth of the errors goes", "Only reads are answered"],
        right: 1,
    },
    explanation: "Replicas take the reads, whatever their share is. Where one request in ten reads, that is all they can \
                  take: the primary is left with the other nine.",
    runs: ratio_runs,
    judge: ratio_findings,
    mutations: &[Mutation {
        name: "reads go to the primary",
        breaks: |runs| runs.iter_mut().for_each(|own| own.set("tiers.database.replication.reads", json!("primary"))),
    }],
};
