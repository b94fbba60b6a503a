//! Chapter 8: sessions in a store that all servers ask.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::world::report::Report;

use super::designs::{count, kill, phase, restore, run, within};
use super::state_designs::{Store, USERS, sign_ins, stateful, stateless, users};

const CACHE: Store = Store::Caches { count: 1, copies: 1 };
const CACHES: Store = Store::Caches { count: 2, copies: 2 };
const RELATIONAL: Store = Store::Database("relational");
const KEY_VALUE: Store = Store::Database("key_value");
/// Requests per second.
const RATE: f64 = 100.0;
const KILLED: f64 = 60.0;
const RESTORED: f64 = 70.0;
const LENGTH: f64 = 400.0;

fn shared_runs() -> Vec<Run> {
    let whole = [phase("measured", 0.0, LENGTH)];
    let at_will = |name: &str, store: &Store| {
        run(name, stateless(4, RATE, store, &json!({})), &whole)
            .at(KILLED, kill("web.1"))
            .at(KILLED + 10.0, kill("web.2"))
            .at(KILLED + 30.0, restore("web.1"))
            .at(KILLED + 50.0, kill("web.3"))
    };
    let store_dies = |name: &str, store: &Store, target: &str| {
        let own = run(name, stateless(4, RATE, store, &json!({})), &whole);
        own.at(KILLED, kill(target)).at(RESTORED, restore(target))
    };
    vec![
        at_will("cache", &CACHE),
        at_will("relational", &RELATIONAL),
        at_will("key-value", &KEY_VALUE),
        store_dies("the cache dies", &CACHE, "sessions"),
        store_dies("one of two caches dies", &CACHES, "sessions.1"),
        store_dies("the database dies", &RELATIONAL, "sessions"),
    ]
}

/// What a core of the store could do, in look-ups a second.
fn capacity(report: &Report) -> f64 {
    let store = &report.tiers["sessions"];
    store.served as f64 / report.simulated_seconds / store.utilisation.expect("it has a machine")
}

fn of_store(results: &Results, name: &'static str, keys: [&'static str; 3], work_ms: f64) -> Vec<Finding> {
    let report = results.run(name).report();
    let own = sign_ins(report);
    let look_up = own.look_up_ms.as_ref().map_or(0.0, |times| times.mean);
    vec![
        count(
            keys[0],
            "requests answered 401 while servers are killed at will",
            own.unauthorized,
            Expected::Exactly(0.0),
            "definition: the store has all sessions, and it is not killed",
        ),
        Finding {
            key: keys[1],
            what: "a look-up in the store, as the web servers see it, on average",
            unit: "ms",
            measured: look_up,
            expected: within(0.5 + work_ms, 0.02),
            reason: "arithmetic: twice 0.25 ms of way, and the work; a wait adds about 1% of that at this load",
        },
        Finding {
            key: keys[2],
            what: "look-ups that one core of the store can do",
            unit: "requests/s",
            measured: capacity(report),
            expected: within(1e3 / work_ms, 0.01 * 1e3 / work_ms),
            reason: "arithmetic: one second by the work of one; what is measured is work divided by requests",
        },
    ]
}

/// Work of a database for a session, by the counts and unit costs of its kind, in milliseconds.
fn work_ms(statements: f64, pages: f64) -> f64 {
    // A call, a row, a kilobyte.
    0.02 + statements * 0.1 + 0.001 + pages * 0.0005 + 0.002
}

fn shared_findings(results: &Results) -> Vec<Finding> {
    let mut findings = of_store(results, "cache", ["cache", "cache_ms", "cache_capacity"], 0.05);
    // Three levels of an index of a million rows, and the page; a hash and the page.
    findings.extend(of_store(
        results,
        "relational",
        ["relational", "relational_ms", "relational_capacity"],
        work_ms(1.0, 4.0),
    ));
    findings.extend(of_store(
        results,
        "key-value",
        ["key_value", "key_value_ms", "key_value_capacity"],
        work_ms(0.0, 2.0),
    ));
    let (cache, relational) = (results.run("cache").report(), results.run("relational").report());
    let out = |name: &str| sign_ins(results.run(name).report()).logged_out;
    findings.extend([
        count(
            "asked",
            "look-ups in the cache beyond one for each request that a server began",
            cache.tiers["sessions"].served.abs_diff(sign_ins(cache).checked + sign_ins(cache).sign_ins),
            Expected::AtMost(3.0),
            "definition: one look-up for each request; three were on their way when their server died",
        ),
        Finding {
            key: "lost",
            what: "sessions lost with three web servers",
            unit: "sessions",
            measured: sign_ins(relational).sessions_lost as f64,
            expected: Expected::Exactly(0.0),
            reason: "definition: they have none",
        },
        users(
            "cache_dies",
            "users who had to sign in again after the only cache died",
            out("the cache dies"),
            Expected::Exactly(USERS),
            "arithmetic: all 1,000 had a session, and within 330 s all come back; that one does not has a probability below 1 in \
             a million",
        ),
        users(
            "copy",
            "the same when one of two caches died, which both have each session",
            out("one of two caches dies"),
            Expected::Exactly(0.0),
            "definition: the other one is asked",
        ),
        users(
            "database_dies",
            "the same when the relational database died and came back",
            out("the database dies"),
            Expected::Exactly(0.0),
            "definition: it has them on its disk",
        ),
    ]);
    findings
}

/// Sessions that all servers can ask for.
pub static SHARED: Experiment = Experiment {
    id: "state.shared",
    title: "Sessions in a shared store",
    claim: "With sessions in a store that all web servers ask, any server will do for any user; the store is one more thing that \
            must not die.",
    watch: "Who has to sign in again when servers are killed at will, and what the store has to do.",
    question: Question {
        text: "Sessions are in one cache. Three of four web servers are killed, then the cache. Who has to sign in again?",
        options: &["Users of the three servers", "Nobody", "Nobody for the servers, everybody for the cache"],
        right: 2,
    },
    explanation: "A web server that keeps nothing can die without anybody's loss. What it kept is now kept elsewhere: in memory, where \
                  it is quick and gone with the power unless there is a second copy; or in a database, where it outlasts a crash and \
                  costs more work for every single request.",
    runs: shared_runs,
    judge: shared_findings,
    mutations: &[
        Mutation {
            name: "servers keep the sessions themselves",
            breaks: |runs| {
                let timeline = std::mem::take(&mut runs[1].scenario.timeline);
                let unused = serde_json::to_value(&runs[1].scenario.tiers["sessions"]).expect("plain data");
                let patch = json!({ "machines": { "store": { "place": "montreal", "cores": 1 } },
                                    "workload": { "keys": { "count": 1000 } }, "tiers": { "sessions": unused } });
                runs[1].scenario = stateful(4, RATE, false, &patch);
                runs[1].scenario.timeline = timeline;
            },
        },
        Mutation {
            name: "each session is in one cache only",
            breaks: |runs| runs[4].set("tiers.sessions.replicas", json!(1)),
        },
        Mutation {
            name: "the store's core is half as fast",
            breaks: |runs| runs[0].set("machines.store.speed", json!(0.5)),
        },
    ],
};
