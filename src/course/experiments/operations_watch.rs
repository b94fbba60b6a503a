//! Chapter 11: what servers write down, and what is measured.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::operations::logs::Logs;
use crate::scenario::edit;
use crate::world::log_search::LogQuery;

use super::designs::{count, cut, kill, phase, pool, replicated, restore, run, within};
use super::operations_alert::operations;

const WEB: u64 = 10;
const CUT: f64 = 60.5;
const SHIPPED: f64 = 5.0;

fn logs_runs() -> Vec<Run> {
    let balanced = json!({
        "workload": { "entry": "balancer" },
        "machines": { "edge": { "place": "montreal", "cores": 2, "cost_per_month_usd": 20.0 } },
        "tiers": { "balancer": { "kind": "load_balancer", "machine": "edge", "backends": "web" },
                   "web": { "instances": WEB } },
        "operations": { "logs": { "gather": { "every_ms": SHIPPED * 1e3 } } }
    });
    vec![
        run("cut off", replicated(4, 100.0, 0.0, balanced), &[phase("all", 0.0, 98.0)])
            .at(CUT, cut("web", "database.3")),
    ]
}

fn logs_of(outcome: &Outcome) -> &Logs {
    outcome.world.context().operations().and_then(|own| own.logs.as_ref()).expect("servers write lines")
}

fn logs_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("cut off");
    let logs = operations(outcome.report()).logs.as_ref().expect("servers write lines");
    let bad = |writer: &str| logs.bad_by_writer.get(writer).copied().unwrap_or(0);
    let web: Vec<u64> = (1..=WEB).map(|n| bad(&format!("web.{n}"))).collect();
    let (most, fewest) = (web.iter().copied().max().unwrap_or(0), web.iter().copied().min().unwrap_or(0));
    let blamed = |target: &str| logs.blamed.get(target).copied().unwrap_or(0) as f64;
    let next = (1..=WEB).map(|n| blamed(&format!("web.{n}"))).fold(1.0, f64::max);
    let others = blamed("database.1") + blamed("database.2") + blamed("database.4");
    let lines = logs_of(outcome);
    // The first request that failed, and the lines of it that there are: in one place, and at most at one server.
    let failing = lines.gathered().find(|line| line.cause.is_some()).map_or(0, |line| line.request);
    let query = LogQuery { text: format!("request:{failing}"), ..LogQuery::default() };
    let gathered = outcome.world.search_log(&query).count() as u64;
    let newest = lines.gathered().next_back().map_or(f64::INFINITY, |line| 98.0 - line.time.as_ms() / 1e3);
    vec![
        Finding {
            key: "blamed",
            what: "gathered lines of failures that name the database that is cut off",
            unit: "lines",
            measured: blamed("database.3"),
            expected: Expected::AtLeast(50.0),
            reason: "a third of 100 requests a second, for the three seconds until nobody asks it any more: whoever has asked it \
                     gives up after five",
        },
        Finding {
            key: "others",
            what: "those that name any other database",
            unit: "lines",
            measured: others,
            expected: Expected::Exactly(0.0),
            reason: "nobody failed at another one",
        },
        Finding {
            key: "stands_out",
            what: "lines that name the database for each that names the web server that is named most often",
            unit: "",
            measured: blamed("database.3") / next,
            expected: within(WEB as f64, 4.0),
            reason: "arithmetic: each failure is written down twice, by the web server that asked the database, and by the \
                     balancer that asked one of ten web servers; about nine failures each, give or take four standard errors of the most \
                     frequent",
        },
        Finding {
            key: "even",
            what: "failures in the log of the web server that has most of them, as a multiple of the fewest",
            unit: "",
            measured: most as f64 / fewest.max(1) as f64,
            expected: Expected::AtMost(2.0),
            reason: "web servers are chosen in turns, and so are replicas: only the first and the last of about nine each can \
                     differ",
        },
        count(
            "own",
            "failures in the log of the database that is cut off",
            bad("database.3"),
            Expected::Exactly(0.0),
            "it is well, and no request reaches it that could fail there",
        )
        .of("lines"),
        count(
            "request",
            "lines of the first failed request in the gathered log",
            gathered,
            Expected::Exactly(3.0),
            "definition: the balancer's own, that of its call to the web server, and that of the web server's call to the \
             database",
        )
        .of("lines"),
        Finding {
            key: "age",
            what: "age of the newest gathered line",
            unit: "s",
            measured: newest,
            expected: Expected::AtMost(SHIPPED),
            reason: "definition: lines are sent on every five seconds",
        },
        count("lost", "lines that had to go before they were sent on", logs.lost, Expected::Exactly(0.0), "a thousand fit")
            .of("lines"),
    ]
}

/// Logs by server and gathered.
pub static LOGS: Experiment = Experiment {
    id: "ops.logs",
    title: "Logs in one place",
    claim: "Logs show errors. Server by server they may show the same everywhere, and nothing where the fault is; gathered in one \
            place, and counted by whom they name, they find it.",
    watch: "Failures by the server that wrote them down, and by the one that they name.",
    question: Question {
        text: "Ten web servers, four databases; the link to one replica is cut. In whose log are most failures?",
        options: &[
            "In the replica's",
            "In one web server's",
            "In those of all web servers alike; the replica's has none",
        ],
        right: 2,
    },
    explanation: "The replica is well and knows of nothing. All web servers fail alike, as if they were all at fault. Each of \
                  their lines names whom was asked: only the sum over all servers shows that it is always the same. And one \
                  request's number leads through all the servers that it passed.",
    runs: logs_runs,
    judge: logs_findings,
    mutations: &[
        Mutation { name: "the link is well", breaks: |runs| runs[0].scenario.timeline.clear() },
        Mutation {
            name: "lines are gathered once a year",
            breaks: |runs| runs[0].set("operations.logs.gather.every_ms", json!(3e10)),
        },
        Mutation {
            name: "servers keep one line",
            breaks: |runs| runs[0].set("operations.logs.lines_per_node", json!(1)),
        },
    ],
};

const DAY: f64 = 86_400.0;
const USERS: u32 = 20_000;
const VISITING: f64 = 2.0;
const ORDERS: f64 = 0.1;
const IDLE: u32 = 1_800;
const PRICE: f64 = 50.0;
const DIED: f64 = 43_230.0;
const OUTAGE: f64 = 7_200.0;
const SCRAPED: f64 = 60.0;
const BUSY: f64 = 40.0;
const PAGE_KB: f64 = 50.0;

fn metrics_runs() -> Vec<Run> {
    let scraped = json!({ "operations": { "monitor": { "scrape_interval_ms": SCRAPED * 1e3 } } });
    let mut shop = json!({
        "workload": {
            "users": USERS, "requests_per_user_per_second": VISITING / f64::from(USERS),
            "classes": { "read": { "share": 1.0 - ORDERS }, "order": { "share": ORDERS, "write": true } }
        },
        "operations": {
            "alerts": { "down": { "metric": "up", "tier": "web", "below": 1.0, "for_ms": SCRAPED * 1e3 } },
            "business": { "order_class": "order", "revenue_per_order_usd": PRICE, "visit_idle_seconds": IDLE }
        }
    });
    edit::merge(&mut shop, &scraped);
    let mut host = json!({
        "workload": { "classes": { "read": { "response_kb": PAGE_KB } } },
        "machines": { "data": { "disk": "ssd" } },
        "tiers": { "database": { "buffer_pool_mb": 2.0, "replication": Value::Null } }
    });
    edit::merge(&mut host, &scraped);
    let shop = run("a day", pool(2, VISITING, shop), &[phase("all", 0.0, DAY + 60.0)]);
    vec![
        shop.at(DIED, kill("web")).at(DIED + OUTAGE, restore("web")),
        run("a host", replicated(1, BUSY, 0.0, host), &[phase("minute", 240.0, 300.0)]),
    ]
}

fn host_findings(results: &Results) -> Vec<Finding> {
    let report = results.run("a host").report();
    let (hosts, truth) = (&operations(report).hosts, &report.tiers["database"]);
    let (web, database) = (&hosts["web.1"], &hosts["database.1"]);
    let of = |value: Option<f64>| 100.0 * value.unwrap_or(f64::NAN);
    let percent = |key, what, measured, expected, reason| Finding { key, what, unit: "%", measured, expected, reason };
    let mbps = BUSY * PAGE_KB * 8.0 / 1e3;
    vec![
        percent(
            "cpu",
            "how busy the database's core was in the last minute, as scraped",
            of(database.cpu_utilisation),
            within(100.0 * BUSY * 0.01, 5.0),
            "theory: 40 queries of 10 ms a second; four standard errors of 2,400 exponential ones",
        ),
        percent(
            "cpu_off",
            "how far that is from what the core did",
            (of(database.cpu_utilisation) - of(truth.utilisation)).abs(),
            Expected::AtMost(0.01),
            "definition: the same minute",
        ),
        percent(
            "disk_off",
            "the same of its disk",
            (of(database.disk_utilisation) - of(truth.disk_utilisation)).abs(),
            Expected::AtMost(0.01),
            "definition: the same minute",
        ),
        percent(
            "memory",
            "how much of the memory for pages was taken",
            of(database.memory_utilisation),
            within(100.0, 0.5),
            "4,800 queries have asked for more pages than fit, so all room is taken",
        ),
        Finding {
            key: "network",
            what: "what the web server sent to users",
            unit: "Mbit/s",
            measured: web.network_mbps,
            expected: within(mbps, 4.0 * mbps / libm::sqrt(BUSY * SCRAPED)),
            reason: "arithmetic: 40 answers of 50 kB a second; four standard errors of a Poisson count of 2,400",
        },
    ]
}

fn metrics_findings(results: &Results) -> Vec<Finding> {
    let report = results.run("a day").report();
    let business = operations(report).business.as_ref().expect("orders are counted");
    let rate = VISITING / f64::from(USERS);
    let active = |seconds: f64| f64::from(USERS) * (1.0 - libm::exp(-rate * seconds));
    let daily = business.daily_active_users.unwrap_or(f64::NAN);
    // A request is the last of its visit if no other follows in time; a visit has no order if none of its requests is one.
    let last = libm::exp(-rate * f64::from(IDLE));
    let conversion = 1.0 - last * (1.0 - ORDERS) / (1.0 - (1.0 - last) * (1.0 - ORDERS));
    let failed_orders = report.by_class["order"].failed as f64 * PRICE;
    let mut findings = vec![
        Finding {
            key: "daily_active",
            what: "different users of the day",
            unit: "users",
            measured: daily,
            expected: within(active(DAY - OUTAGE), 4.0 * 0.0082 * f64::from(USERS)),
            reason: "theory: 20,000 users who each come at random 8.64 times a day, two hours of which nobody is let in: 1 − e^−7.9 \
                     of them; four standard errors of the estimate, 0.8% each",
        },
        Finding {
            key: "conversion",
            what: "visits that end in an order",
            unit: "%",
            measured: 100.0 * business.conversion,
            expected: within(100.0 * conversion, 0.45),
            reason: "theory: a tenth of the requests are orders, and a request is the last of its visit if no other comes within \
                     half an hour; about 130,000 visits, four standard errors of 0.09 points, and what the outage cuts off",
        },
        Finding {
            key: "revenue_lost",
            what: "revenue lost in an outage of two hours, against what is normal",
            unit: "dollars",
            measured: business.revenue_lost_usd,
            expected: within(failed_orders, 4.0 * PRICE * libm::sqrt(2.0 * VISITING * ORDERS * OUTAGE)),
            reason: "arithmetic: the orders that failed, by the books; the difference of two Poisson counts of 1,440, four \
                     standard errors",
        },
        Finding {
            key: "revenue_share",
            what: "its share of the day's revenue",
            unit: "%",
            measured: 100.0 * business.revenue_lost_usd / business.revenue_usd,
            expected: within(100.0 * OUTAGE / (DAY - OUTAGE), 1.5),
            reason: "arithmetic: two hours of the other twenty-two",
        },
    ];
    findings.extend(host_findings(results));
    findings
}

/// Metrics of hosts, tiers and the business.
pub static METRICS: Experiment = Experiment {
    id: "ops.metrics",
    title: "What is measured",
    claim: "Metrics of hosts tell what is busy, those of a whole tier how it is doing, those of the business what it is worth: \
            users, visits that end in an order, revenue that an outage costs.",
    watch: "Cores, memory, disk and network of a host; users, orders and revenue of a day.",
    question: Question {
        text: "2 requests a second, a tenth of them orders of 50 dollars; nobody is let in for two hours. What does that cost?",
        options: &["Nothing: they come again", "About 70,000 dollars", "About 7,000 dollars"],
        right: 1,
    },
    explanation: "Host metrics say that a core is idle, not that nobody can buy. What is normally taken in the same time says what \
                  an outage costs, and so what avoiding it may cost. Users who come again later are not in it.",
    runs: metrics_runs,
    judge: metrics_findings,
    mutations: &[
        Mutation {
            name: "a visit is over after a minute",
            breaks: |runs| runs[0].set("operations.business.visit_idle_seconds", json!(60)),
        },
        Mutation {
            name: "an order brings a dollar",
            breaks: |runs| runs[0].set("operations.business.revenue_per_order_usd", json!(1.0)),
        },
        Mutation {
            name: "the database needs twice as long",
            breaks: |runs| runs[1].set("workload.classes.read.database.mean_ms", json!(20.0)),
        },
    ],
};
