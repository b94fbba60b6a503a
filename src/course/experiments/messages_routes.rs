//! Chapter 10: where messages go.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Outcome, Question, Results, Run};
use crate::nodes::Node;
use crate::scenario::Scenario;
use crate::scenario::messages::routing_keys;
use crate::world::report::Report;

use super::designs::{kill, phase, restore, run, set};
use super::message_designs::{broker, queue, queued, work};

/// Events of a site, one class of requests for each exchange.
fn exchange_site() -> Scenario {
    let keys = |keys: &[(&str, f64)]| {
        let named =
            keys.iter().enumerate().map(|(n, (key, share))| (format!("k{n}"), json!({ "key": key, "share": share })));
        Value::Object(named.chain([("photo".to_owned(), Value::Null)]).collect())
    };
    let job = |exchange: &str, of: &[(&str, f64)]| json!({ "work": { "mean_ms": 1.0 }, "publish": { "exchange": exchange, "keys": keys(of) } });
    let direct = [("email", 3.0), ("email.urgent", 1.0), ("sms", 1.0)];
    let topic = TOPIC_KEYS.map(|key| (key, 1.0));
    let class = |share: f64, job: Value| json!({ "share": share, "web": { "mean_ms": 1.0 }, "job": job });
    let bind = |queue: &str, key: &str| json!({ "queue": queue, "routing_key": key });
    let bindings = json!({ "photos": null,
        "pictures": bind("pictures", "photo.*.new"), "new": bind("new", "#.new"), "eu": bind("eu", "*.eu.#"),
        "all": bind("all", "#"), "twice": bind("pictures", "photo.#") });
    let patch = json!({
        "workload": { "classes": {
            "photo": class(2.0, job("uploads", &topic)),
            "notice": class(1.0, job("mail", &direct)),
            "news": class(1.0, job("broadcast", &[("whatever", 1.0)]))
        } },
        "tiers": {
            "broker": {
                "exchanges": {
                    "uploads": { "bindings": bindings },
                    "mail": { "type": "direct", "bindings": { "mail": bind("mail", "email") } },
                    "broadcast": { "type": "fan_out", "bindings": { "a": { "queue": "a" }, "b": { "queue": "b" } } },
                    "dead": { "type": "fan_out", "bindings": { "dead": { "queue": "dead" } } }
                },
                "queues": { "photos": null, "pictures": {}, "new": {}, "eu": {}, "all": {}, "mail": {}, "a": {}, "dead": {},
                            "b": { "message_ttl_ms": 5000.0, "dead_letter_exchange": "dead" } }
            },
            "workers": { "queue": "all" }
        }
    });
    queued(400.0, patch)
}

const TOPIC_KEYS: [&str; 5] = ["photo.eu.new", "photo.us.new", "photo.eu.deleted", "video.eu.new", "photo.new"];
/// By the rules: `photo.*.new` or `photo.#`, `#.new`, `*.eu.#`.
const PICTURES: [&str; 4] = ["photo.eu.new", "photo.us.new", "photo.eu.deleted", "photo.new"];
const NEW: [&str; 4] = ["photo.eu.new", "photo.us.new", "video.eu.new", "photo.new"];
const EU: [&str; 3] = ["photo.eu.new", "photo.eu.deleted", "video.eu.new"];

fn exchange_runs() -> Vec<Run> {
    let mandatory = set("workload.classes.notice.job.publish.mandatory", true);
    let stop = set("workload.requests_per_user_per_second", 0.0);
    vec![
        run("events", exchange_site(), &[phase("all", 0.0, 120.0)])
            .at(50.0, stop.clone())
            .at(60.1, mandatory)
            .at(60.2, set("workload.requests_per_user_per_second", 0.4))
            .at(110.0, stop),
    ]
}

/// Messages published with one of these keys, as the broker of the run counted them by key, up to the end.
fn published(outcome: &Outcome, keys: &[&str]) -> f64 {
    let all = routing_keys(outcome.world.scenario(), "broker");
    let node =
        outcome.world.nodes().iter().find_map(|node| if let Node::Broker(own) = node { Some(own) } else { None });
    let keyed = &node.expect("there is a broker").keyed;
    let number = |key: &&str| all.iter().position(|known| known == key).expect("it is published");
    keys.iter().map(|key| keyed.iter().map(|exchange| exchange[number(key)]).sum::<u64>()).sum::<u64>() as f64
}

fn exchange_findings(results: &Results) -> Vec<Finding> {
    let outcome = results.run("events");
    let all: &Report = outcome.phase("all");
    let entered = |id: &str| queue(all, id).entered as f64;
    let finding = |key, what, measured, expected: f64, reason| Finding {
        key,
        what,
        unit: "messages",
        measured,
        expected: Expected::Exactly(expected),
        reason,
    };
    let b = queue(all, "b");
    let failed = all.requests.failed["returned"] as f64;
    vec![
        finding(
            "direct",
            "messages in the queue that is bound directly, with the key “email”",
            entered("mail"),
            published(outcome, &["email"]),
            "the rule: a direct exchange compares whole keys, so “email.urgent” is another one",
        ),
        finding(
            "fan_out",
            "messages in both queues of the fan-out exchange together",
            entered("a") + entered("b"),
            2.0 * published(outcome, &["whatever"]),
            "the rule: all queues get all messages, whatever their keys",
        ),
        finding(
            "pictures",
            "messages in the queue that is bound with “photo.*.new” and with “photo.#”",
            entered("pictures"),
            published(outcome, &PICTURES),
            "the rule: one word for *, none or more for #; and each message once, though both bindings fit",
        ),
        finding(
            "new",
            "messages in the queue that is bound with “#.new”",
            entered("new"),
            published(outcome, &NEW),
            "the rule: none or more words before the last",
        ),
        finding(
            "eu",
            "messages in the queue that is bound with “*.eu.#”",
            entered("eu"),
            published(outcome, &EU),
            "the rule: exactly one word before, none or more after",
        ),
        finding(
            "all",
            "messages in the queue that is bound with “#”",
            entered("all"),
            published(outcome, &TOPIC_KEYS),
            "the rule: all of them",
        ),
        finding(
            "unroutable",
            "messages that no queue was bound for",
            broker(all).unroutable as f64,
            published(outcome, &["email.urgent", "sms"]),
            "the rule: they are dropped, or go back",
        ),
        finding(
            "returned",
            "requests that fail since their message came back: those that asked for that, in the second minute",
            failed,
            broker(all).returned as f64,
            "the rule: a mandatory message is returned",
        ),
        Finding {
            key: "some",
            what: "of these",
            unit: "messages",
            measured: failed,
            expected: Expected::AtLeast(1500.0),
            reason: "arithmetic: a tenth of 400 a second for 50 s is 2,000; four standard deviations are 180",
        },
        finding(
            "dead",
            "dead letters: messages that had waited for five seconds in the second queue of the fan-out exchange",
            entered("dead"),
            b.expired as f64,
            "the rule: what is given up goes to the dead-letter exchange",
        ),
        finding(
            "dead_all",
            "the same",
            entered("dead"),
            published(outcome, &["whatever"]),
            "arithmetic: nobody consumes them, so all of them are given up",
        ),
    ]
}

/// Exchanges route.
pub static EXCHANGE: Experiment = Experiment {
    id: "mq.exchange",
    title: "Who gets what",
    claim: "Exchanges route: a direct one by the exact key, a fan-out one to all queues, a topic by patterns. What no queue is \
            bound for is dropped or comes back; what a queue gives up is a dead letter.",
    watch: "Where messages with different keys go, queue by queue.",
    question: Question {
        text: "A queue is bound with “photo.*.new”. Does it get “photo.new”?",
        options: &["Yes: * may stand for nothing", "No: * is exactly one word", "Only if it is the first"],
        right: 1,
    },
    explanation: "Publishers name what happened, and consumers say what they want to hear of; neither knows the other. A key is \
                  words between dots; * stands for exactly one, # for none or more. Each queue gets a message once, however \
                  many of its bindings fit.",
    runs: exchange_runs,
    judge: exchange_findings,
    mutations: &[
        Mutation {
            name: "a pattern has # for *",
            breaks: |runs| runs[0].set("tiers.broker.exchanges.uploads.bindings.eu.routing_key", json!("#.eu.#.new.#")),
        },
        Mutation {
            name: "the direct exchange compares patterns",
            breaks: |runs| {
                runs[0].set("tiers.broker.exchanges.mail.type", json!("topic"));
                runs[0].set("tiers.broker.exchanges.mail.bindings.mail.routing_key", json!("email.#"));
            },
        },
        Mutation {
            name: "messages wait for ever",
            breaks: |runs| runs[0].set("tiers.broker.queues.b.message_ttl_ms", Value::Null),
        },
    ],
};

/// When the mailers stop and come back.
const MAIL_STOPS: f64 = 60.0;
const MAIL_BACK: f64 = 120.0;

/// Sign-ups and photos; a mail for each sign-up, a line of a log for everything, a smaller picture for each photo.
fn uses_site() -> Scenario {
    let publish = |key: &str| json!({ "exchange": "uploads", "keys": { "photo": { "key": key } } });
    let class = |share: f64, key: &str| json!({ "share": share, "web": { "mean_ms": 2.0 }, "job": { "work": { "mean_ms": 50.0 }, "publish": publish(key) } });
    let bind = |queue: &str, key: &str| json!({ "queue": queue, "routing_key": key });
    let consumers = |queue: &str, machine: &str, ms: f64| json!({ "kind": "worker", "machine": machine, "slots": 4, "broker": "broker", "queue": queue, "work": { "mean_ms": ms } });
    let patch = json!({
        "workload": { "classes": { "photo": class(0.5, "photo.new"), "signup": class(0.2, "user.new"),
                                   "visit": class(0.3, "page.seen") } },
        "machines": { "mail": { "place": "montreal", "cores": 4 }, "logging": { "place": "montreal", "cores": 1 },
                      "work": { "cores": 4 } },
        "tiers": {
            "broker": {
                "exchanges": { "uploads": { "bindings": {
                    "mail": bind("mail", "user.*"), "logs": bind("logs", "#") } } },
                "queues": { "mail": {}, "logs": {} }
            },
            "workers": { "slots": 4 },
            "mailers": consumers("mail", "mail", 100.0), "loggers": consumers("logs", "logging", 1.0)
        }
    });
    queued(60.0, patch)
}

fn uses_runs() -> Vec<Run> {
    let of = |name: &str, from: f64, until: f64| {
        run(name, uses_site(), &[phase("measured", from, until)])
            .at(MAIL_STOPS, kill("mailers"))
            .at(MAIL_BACK, restore("mailers"))
            .at(200.0, set("workload.requests_per_user_per_second", 0.0))
    };
    vec![of("all of it", 0.0, 240.0), of("without mail", MAIL_STOPS, MAIL_BACK - 0.1)]
}

fn uses_findings(results: &Results) -> Vec<Finding> {
    let [all, down] = ["all of it", "without mail"].map(|name| results.run(name).report());
    let finding = |key, what, unit, measured, expected, reason| Finding { key, what, unit, measured, expected, reason };
    let answered = |class: &str| all.by_class[class].answered as f64;
    let done = |tier: &str| work(all, tier).done as f64;
    vec![
        finding(
            "mail",
            "mails that were sent",
            "messages",
            done("mailers"),
            Expected::Exactly(answered("signup")),
            "one for each sign-up, also for those while no mailer was there",
        ),
        finding(
            "logs",
            "lines that were logged",
            "messages",
            done("loggers"),
            Expected::Exactly(answered("signup") + answered("photo") + answered("visit")),
            "one for everything that was published",
        ),
        finding(
            "background",
            "photos that were resized in the background",
            "messages",
            done("workers"),
            Expected::Exactly(answered("photo")),
            "one for each photo",
        ),
        finding(
            "failed",
            "requests that fail while no mail can be sent",
            "requests",
            down.requests.failed.values().sum::<u64>() as f64,
            Expected::Exactly(0.0),
            "a consumer that is away is nobody else's matter",
        ),
        finding(
            "others",
            "messages of the two others that wait when mail has been away for a minute",
            "messages",
            (queue(down, "logs").waiting + queue(down, "photos").waiting) as f64,
            Expected::AtMost(20.0),
            "each has a queue of its own",
        ),
        finding(
            "waiting",
            "mails that wait then",
            "messages",
            queue(down, "mail").waiting as f64,
            Expected::Within { value: 720.0, tolerance: 120.0 },
            "arithmetic: a fifth of 60 a second for a minute; four standard deviations are 107",
        ),
    ]
}

/// What it is used for.
pub static USES: Experiment = Experiment {
    id: "mq.uses",
    title: "Mail, logs, pictures",
    claim: "E-mail, logging and background work: each consumer gets what concerns it by one topic exchange, and none is another's \
            concern.",
    watch: "Three consumers of the same events, one of which is away for a minute.",
    question: Question {
        text: "The mail server is down for a minute. Which sign-ups get no mail?",
        options: &["Those of that minute", "None: theirs comes later", "All until somebody looks"],
        right: 1,
    },
    explanation: "The web server publishes what happened, once. Who sends mail, who writes logs and who resizes pictures each \
                  have a queue of their own, bound to what concerns them: so one that is slow or gone makes its own queue long \
                  and nobody else's.",
    runs: uses_runs,
    judge: uses_findings,
    mutations: &[
        Mutation {
            name: "mail is bound to what it does not concern",
            breaks: |runs| runs[0].set("tiers.broker.exchanges.uploads.bindings.mail.routing_key", json!("#.new")),
        },
        Mutation {
            name: "mail may wait for half a minute only",
            breaks: |runs| runs[0].set("tiers.broker.queues.mail.message_ttl_ms", json!(30_000.0)),
        },
    ],
};
