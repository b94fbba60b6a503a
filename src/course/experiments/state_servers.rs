//! Chapter 8: sessions in the memory of servers.

use serde_json::json;

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};

use super::designs::{count, failed_percent, kill, phase, run, set, within};
use super::state_designs::{Store, USERS, logged_out, sign_ins, stateful, stateless};

const KILLED: f64 = 300.0;
/// Four standard errors of so many users who are spread over servers by lot.
fn spread(share: f64) -> f64 {
    4.0 * (USERS * share * (1.0 - share)).sqrt()
}

fn lost_runs() -> Vec<Run> {
    let whole = [phase("measured", 0.0, 1000.0)];
    let lot = |servers: u32| {
        let name = ["", "one server", "two servers", "", "four servers"][servers as usize];
        run(name, stateful(servers, 30.0, false, &json!({})), &whole)
    };
    let killed = stateful(4, 40.0, true, &json!({}));
    let dies = run("a server dies", killed, &[phase("before", 0.0, KILLED), phase("after", KILLED, 1000.0)]);
    vec![lot(4), lot(2), lot(1), dies.at(KILLED, kill("web.2"))]
}

fn lost_findings(results: &Results) -> Vec<Finding> {
    let refused = |key, name: &str, servers: f64, reason| {
        let own = sign_ins(results.run(name).report());
        let measured = 100.0 * own.unauthorized as f64 / own.checked as f64;
        let what = "requests with a cookie that are answered 401, in percent";
        Finding { key, what, unit: "%", measured, expected: within(100.0 * (servers - 1.0) / servers, 1.2), reason }
    };
    let reason = "arithmetic: the session is on one of n servers, and the balancer chooses by lot: (n − 1)/n; four standard errors \
                  of 30,000 requests are 1.2%";
    let four = results.run("four servers").report();
    let after = results.run("a server dies").phase("after");
    vec![
        refused("four", "four servers", 4.0, reason),
        refused("two", "two servers", 2.0, reason),
        refused("one", "one server", 1.0, reason),
        count(
            "repeated",
            "attempts beyond one for each request, with four servers",
            four.requests.attempts - four.requests.issued,
            within(sign_ins(four).unauthorized as f64, 4.0),
            "definition: whoever is answered 401 repeats the request with name and password; some are on their way at the end",
        ),
        count(
            "before",
            "requests answered 401 while all servers live and the balancer follows the cookie",
            sign_ins(results.run("a server dies").phase("before")).unauthorized,
            Expected::Exactly(0.0),
            "definition: users come to the server that knows them",
        ),
        Finding {
            key: "lost",
            what: "sessions lost with one of four servers",
            unit: "sessions",
            measured: sign_ins(after).sessions_lost as f64,
            expected: within(USERS / 4.0, spread(0.25)),
            reason: "arithmetic: 1,000 users are spread by lot; four standard errors of a binomial count",
        },
        logged_out("logged_out", "users who had to sign in again after that", after),
    ]
}

/// A session in a server's memory.
pub static LOST: Experiment = Experiment {
    id: "state.lost",
    title: "A session in a server's memory",
    claim: "What a server keeps in its memory of a user, other servers do not know, and it goes with the server.",
    watch: "How often a request is answered 401, and what one dead server does to its users.",
    question: Question {
        text: "Four servers keep sessions in their memory, and the balancer pays no attention to cookies. How many requests of \
               users who are signed in are answered 401?",
        options: &["One in four", "Three in four", "None: the servers tell each other"],
        right: 1,
    },
    explanation: "Whoever signs in is known to one server of four; the next request comes to another one three times out of four, \
                  and there the user is a stranger. To check the password again costs five times the work of the request.",
    runs: lost_runs,
    judge: lost_findings,
    mutations: &[
        Mutation {
            name: "the balancer follows the cookie",
            breaks: |runs| runs[..2].iter_mut().for_each(|run| run.set("tiers.balancer.sticky", json!(true))),
        },
        Mutation {
            name: "a store knows the sessions",
            breaks: |runs| {
                let timeline = std::mem::take(&mut runs[3].scenario.timeline);
                let store = Store::Database("relational");
                runs[3].scenario = stateless(4, 40.0, &store, &json!({ "tiers": { "balancer": { "sticky": true } } }));
                runs[3].scenario.timeline = timeline;
            },
        },
    ],
};

const GROWN: f64 = 60.0;
const REMOVED: f64 = 120.0;
const DRAINING: f64 = 60.0;

fn sticky_runs() -> Vec<Run> {
    let spike = crate::scenario::Change::Spike { factor: 1.5, duration_ms: 300_000.0, clients: None };
    let grown = |name: &str, scenario| {
        let phases = [phase("before", 30.0, GROWN), phase("after", GROWN + 40.0, GROWN + 240.0)];
        run(name, scenario, &phases).at(GROWN, spike.clone()).at(GROWN, set("tiers.web.instances", 3))
    };
    let draining = json!({ "tiers": { "web": { "draining_ms": DRAINING * 1e3 } } });
    let stages = [
        phase("before", 0.0, REMOVED),
        phase("draining", REMOVED, REMOVED + DRAINING - 1.0),
        phase("after", REMOVED + DRAINING, REMOVED + DRAINING + 400.0),
    ];
    vec![
        grown("sticky", stateful(2, 150.0, true, &json!({}))),
        grown("shared", stateless(2, 150.0, &Store::Caches { count: 1, copies: 1 }, &json!({}))),
        run("removed", stateful(3, 60.0, true, &draining), &stages).at(REMOVED, set("tiers.web.instances", 2)),
    ]
}

fn sticky_findings(results: &Results) -> Vec<Finding> {
    let share_of_new = |name: &str| {
        let served = &results.run(name).phase("after").tiers["web"].per_instance;
        100.0 * served[2] as f64 / served.iter().sum::<u64>() as f64
    };
    let (sticky, shared) = (results.run("sticky").phase("after"), results.run("shared").phase("after"));
    let removed = results.run("removed");
    let after = removed.phase("after");
    vec![
        Finding {
            key: "idle",
            what: "share of the requests that the new server gets, with sticky sessions",
            unit: "%",
            measured: share_of_new("sticky"),
            expected: Expected::Exactly(0.0),
            reason: "definition: all users had a session before, and it binds them to the old servers",
        },
        Finding {
            key: "fair",
            what: "the same with sessions in a store",
            unit: "%",
            measured: share_of_new("shared"),
            expected: within(100.0 / 3.0, 1.0),
            reason: "arithmetic: by lot among three; four standard errors of 45,000 requests are 0.9%",
        },
        Finding {
            key: "failed",
            what: "requests that fail in the spike, with sticky sessions",
            unit: "%",
            measured: failed_percent(sticky),
            expected: Expected::AtLeast(5.0),
            reason: "arithmetic: 225 requests a second come to two servers that can do 200, so one in nine; less those that the \
                     backlogs still take in",
        },
        Finding {
            key: "failed_shared",
            what: "the same with sessions in a store",
            unit: "%",
            measured: failed_percent(shared),
            expected: Expected::Exactly(0.0),
            reason: "arithmetic: three servers can do 300",
        },
        count(
            "draining",
            "requests answered 401 while a server that was taken out drains",
            sign_ins(removed.phase("draining")).unauthorized,
            Expected::Exactly(0.0),
            "definition: who is bound to it still comes to it",
        ),
        Finding {
            key: "lost",
            what: "sessions lost with one of three servers that was taken out",
            unit: "sessions",
            measured: sign_ins(after).sessions_lost as f64,
            expected: within(USERS / 3.0, spread(1.0 / 3.0)),
            reason: "arithmetic: 1,000 users are spread by lot; four standard errors of a binomial count",
        },
        logged_out("logged_out", "users who had to sign in again after that", after),
    ]
}

/// Users who have to return to their server.
pub static STICKY: Experiment = Experiment {
    id: "state.sticky",
    title: "Users who have to return to their server",
    claim: "If users have to come back to their server, a new server does not help the old ones, and one that goes logs its \
            users out.",
    watch: "What a third server does in a spike, and what becomes of the users of one that is taken out.",
    question: Question {
        text: "Two servers are overloaded by a spike. Sessions stick. A third server is added. What does it do?",
        options: &[
            "It takes a third of the load",
            "Nothing: everybody has a server already",
            "It takes all of the spike",
        ],
        right: 1,
    },
    explanation: "The cookie decides, so only users without a session come to the new server; in a spike of those who are signed in \
                  there are none. And what was taken out can be drained for as long as one likes: whoever stays active stays, and \
                  is logged out at the end.",
    runs: sticky_runs,
    judge: sticky_findings,
    mutations: &[
        Mutation { name: "the cookie is ignored", breaks: |runs| runs[0].set("tiers.balancer.sticky", json!(false)) },
        Mutation { name: "nothing drains", breaks: |runs| runs[2].set("tiers.web.draining_ms", json!(0.0)) },
        Mutation {
            name: "a session ends at once",
            breaks: |runs| runs[2].set("workload.sessions.idle_timeout_seconds", json!(1)),
        },
    ],
};
