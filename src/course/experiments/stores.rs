//! Chapter 2: which kind of database fits what.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::scenario::{self, Scenario};

use super::designs::{phase, run, within};

/// One way between two machines, in milliseconds.
const HOP_MS: f64 = 0.25;

/// Who is at least a twentieth sooner is called faster; work and ways are constant here, so there is no error to speak of.
const SOONER: f64 = 0.95;

/// A web server and a database of a kind, with little to do, so that latency is work and way alone.
fn store(engine: &str, query: &Value, database: &Value) -> Scenario {
    let mut json = json!({
        "version": 1, "name": engine,
        "workload": {
            "users": 1000, "requests_per_user_per_second": 0.02, "entry": "web",
            "clients": { "all": { "share": 1.0, "place": "montreal" } },
            "classes": { "read": { "share": 1.0, "query": query } }
        },
        "network": { "hop_ms": HOP_MS },
        "machines": { "app": { "place": "montreal", "cores": 8 }, "data": { "place": "montreal", "size": "general-16" } },
        "tiers": {
            "web": { "kind": "web_server", "machine": "app", "slots": 256, "backlog": 256, "database": "database" },
            "database": { "kind": "database", "machine": "data", "engine": engine, "slots": 256, "backlog": 256 }
        }
    });
    scenario::edit::merge(&mut json["tiers"]["database"], database);
    scenario::from_value(json).unwrap_or_else(|problem| panic!("the design of an experiment: {problem}"))
}

fn runs() -> Vec<Run> {
    let phases = [phase("measured", 1.0, 301.0)];
    let of = |name: &str, engine: &str, query: &Value| {
        run(format!("{name}, {engine}"), store(engine, query, &json!({})), &phases)
    };
    let (row, joins) = (json!({ "depth": 0 }), json!({ "depth": 2 }));
    let (document, deep) = (json!({ "depth": 1, "fan_out": 20, "value_kb": 0.5 }), json!({ "depth": 4, "fan_out": 4 }));
    // 200 GB of rows on machines with 64 GB of memory.
    let huge = |instances: u32| json!({ "rows_million": 200.0, "instances": instances });
    vec![
        of("row", "relational", &row),
        of("row", "key_value", &row),
        of("row", "wide_column", &row),
        of("joins", "relational", &joins),
        of("joins", "key_value", &joins),
        of("document", "relational", &document),
        of("document", "document", &document),
        of("deep", "relational", &deep),
        of("deep", "graph", &deep),
        run("huge, relational", store("relational", &row, &huge(1)), &phases),
        run("huge, wide_column", store("wide_column", &row, &huge(4)), &phases),
    ]
}

fn findings(results: &Results) -> Vec<Finding> {
    let report = |name: &str| results.run(name).report();
    let ratio = |a: &str, b: &str| report(a).latency_ms.mean / report(b).latency_ms.mean;
    let calls = |name: &str| {
        let report = report(name);
        report.tiers["database"].served as f64 / report.tiers["web"].served as f64
    };
    let faster = |key, what, fits: &str, other: &str, reason| Finding {
        key,
        what,
        unit: "%",
        measured: 100.0 * ratio(fits, other),
        expected: Expected::AtMost(100.0 * SOONER),
        reason,
    };
    let trips = |key, what, name: &str, value| Finding {
        key,
        what,
        unit: "",
        measured: calls(name),
        expected: within(value, 0.01),
        reason: "definition: keys of the next level are known only when the one before is there; requests under way at \
                 both ends make the difference",
    };
    vec![
        faster(
            "row",
            "one row by its key: latency with a key-value store, as a part of relational",
            "row, key_value",
            "row, relational",
            "nothing has to be parsed or planned, and no index walked",
        ),
        trips(
            "trips_relational",
            "rows with what hangs on them, two levels down: calls for each request, relational",
            "joins, relational",
            1.0,
        ),
        trips("trips_key_value", "the same with a key-value store", "joins, key_value", 3.0),
        faster(
            "joins",
            "the same: latency with a relational database, as a part of key-value",
            "joins, relational",
            "joins, key_value",
            "two more round trips of 0.5 ms cost more than to parse a statement and to walk the indexes of 111 rows",
        ),
        faster(
            "document",
            "one thing with its twenty parts, to be read as a whole: document store, as a part of relational",
            "document, document",
            "document, relational",
            "one document in one place, instead of 21 rows in many",
        ),
        faster(
            "deep",
            "four levels of neighbours: graph database, as a part of relational",
            "deep, graph",
            "deep, relational",
            "341 neighbours are reached by pointers instead of index look-ups of 341 rows",
        ),
        Finding {
            key: "huge_relational",
            what: "200 GB of rows: latency of one relational server, as a multiple of that with 1 GB",
            unit: "",
            measured: ratio("huge, relational", "row, relational"),
            expected: Expected::AtLeast(1.1),
            reason: "its memory holds 64 GB, so two pages of three come from the disk",
        },
        Finding {
            key: "huge_wide",
            what: "the same for four wide-column servers that share the keys",
            unit: "",
            measured: ratio("huge, wide_column", "row, wide_column"),
            expected: within(1.0, 0.01),
            reason: "a quarter of the rows, 50 GB, fits into each one's memory",
        },
    ]
}

/// What fits a non-relational store, and what a relational one.
pub static NOSQL: Experiment = Experiment {
    id: "split.nosql",
    title: "Which database?",
    claim: "A non-relational store fits look-ups that must be quick, data without a fixed form, whole objects that are only \
            written and read back, and huge volumes; a relational one fits relations and joins.",
    watch: "Round trips and latency of the same question, asked of different kinds of databases.",
    question: Question {
        text: "A page needs an order, its ten items and ten details of each. Which answers sooner?",
        options: &[
            "The key-value store: it is always faster",
            "The relational database: it joins in one call",
            "Both alike",
        ],
        right: 1,
    },
    explanation: "No engine is fast in itself. A key-value store does less for each call, so it wins where one call is enough \
                  and loses where the caller has to call again for what it has just found. A document store has put together \
                  before what is read together. A store that spreads its keys over machines has more memory than one \
                  machine has.",
    runs,
    judge: findings,
    mutations: &[
        Mutation {
            name: "round trips cost nothing",
            breaks: |runs| runs.iter_mut().for_each(|run| run.set("network.hop_ms", json!(0.0))),
        },
        Mutation {
            name: "nothing is related to anything",
            breaks: |runs| {
                runs.iter_mut().for_each(|run| run.set("workload.classes.read.query.depth", json!(0)));
            },
        },
        Mutation {
            name: "all fits into memory",
            breaks: |runs| {
                for run in &mut runs[9..] {
                    run.set("tiers.database.rows_million", json!(1.0));
                    run.set("tiers.database.instances", json!(1));
                }
            },
        },
    ],
};
