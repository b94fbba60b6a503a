//! Chapter 11.

use super::{Chapter, Role, Section};

/// Logging, metrics, automation.
pub static CHAPTER: Chapter = Chapter {
    number: 11,
    id: "operations",
    title: "Logging, metrics, automation",
    stage: "operations",
    tries: &[
        "Kill a database server, speed time up and jump from fact to fact: who notices it, and when?",
        "Cut the link between the web servers and one replica. Look for it in the lines of each server, then in the gathered ones.",
        "Select the web servers and commit the faulty build, then the sly one that passes all tests. How far does each get?",
        "Deploy the sly build to all servers by hand, and wait until somebody comes.",
        "Set an alert's threshold close to the normal value and its duration to nothing. How often is somebody called for nothing?",
    ],
    claims: &["ops.logs", "ops.metrics", "ops.alert", "ops.automation", "ops.blind"],
    sections: &[
        Section {
            role: Role::Story,
            text: "Servers come and go, files come from nearby, long work waits in a queue. There are so many parts by now that one of \
                   them is always about to break, or about to be changed.",
        },
        Section {
            role: Role::Problem,
            text: "Nobody sees any of it. One of ten servers dies, a tenth of the requests fail, and the first to know are users. Until \
                   enough of them have complained {ops.blind:called_blind} pass, and whoever is called then has to look at \
                   {ops.blind:looks_blind}, one after the other. It lasts {ops.blind:without}.",
        },
        Section {
            role: Role::Idea,
            text: "Let machines look. Measure all servers all the time, write down what fails in one place, call somebody when \
                   something is wrong for long enough. And let machines do what people do too late or wrongly: test, deploy, take \
                   back, add servers.",
        },
        Section {
            role: Role::Step,
            text: "A monitor scrapes every server, and rules judge what it finds. Servers send their lines on to one place. Somebody is \
                   on call. What is committed goes through a pipeline: it is built, tested, given to one server, watched, and given to \
                   the others, or taken back. Orders are counted, so that an outage has a price.",
        },
        Section {
            role: Role::Bought,
            text: "The same death calls somebody after {ops.blind:called} and is repaired after {ops.blind:with}: \
                   {ops.blind:looks} to look at instead of {ops.blind:looks_blind}, since the alert names it. Most of what remains is \
                   the time until a person is there.\n\n\
                   Where a rule does not say who is at fault, lines do. With the way to one of four databases cut, all web servers \
                   fail alike, and the database's own log has {ops.logs:own} of failures. Gathered, {ops.logs:blamed} name it, and \
                   {ops.logs:others} name another one.\n\n\
                   A bad build is stopped by its tests after {ops.automation:stopped}, and {ops.automation:tested} fail. One that \
                   passes them fails {ops.automation:canary} on a canary until it is taken back. Brought to all by hand it fails \
                   {ops.automation:by_hand}, and somebody takes it back after {ops.automation:by_hand_back}. The price is time: a \
                   good build is everywhere after {ops.automation:good_takes}.\n\n\
                   An autoscaler adds servers {ops.automation:scaled} after a crowd has come, a person after \
                   {ops.automation:scaled_hand}; the crowd loses {ops.automation:crowd} with the one and \
                   {ops.automation:crowd_hand} with the other.",
        },
        Section {
            role: Role::LookOut,
            text: "A rule sees what is scraped, and no sooner. A death is an alert after {ops.alert:detected} here, most of which is the \
                   duration that the rule asks for. Without one, and with a threshold near the normal value, there were \
                   {ops.alert:false_alarms} without any fault; with a minute's patience {ops.alert:calm_alarms}. Whoever is called \
                   for nothing every few minutes soon does not look.\n\n\
                   Tests find what shows in them. Of a hundred builds that are wrong once in two hundred answers, two hundred tests \
                   stop {ops.automation:suite}. What shows in production only needs canaries, and what fails nothing but is slow \
                   needs an alert on the latency: that one reached {ops.automation:slow_reached} before it was taken back.\n\n\
                   Host metrics say that cores are idle, not that nobody can buy. An outage of two hours cost \
                   {ops.metrics:revenue_lost}, or {ops.metrics:revenue_share} of the day's revenue, and the cores had never been \
                   so calm.\n\n\
                   A dead server answers no scrape and shows no lines. What it had not yet sent is gone with it.",
        },
        Section {
            role: Role::InLife,
            text: "Metrics and alerts: Prometheus with Alertmanager and Grafana, Datadog, Amazon CloudWatch, Zabbix. Logs: Elasticsearch with \
                   Logstash and Kibana, Loki, Splunk, fluentd as the agent. On call: PagerDuty, Opsgenie. Pipelines: Jenkins, GitHub \
                   Actions, GitLab, Argo Rollouts, Spinnaker. Business: Google Analytics, Amplitude, or a query on the orders.",
        },
        Section {
            role: Role::Loose,
            text: "The notes say that logs can be watched per server or gathered. In truth the per-server view can hide the fault: all \
                   of them look the same, the failures of the worst being {ops.logs:even} times those of the best.\n\n\
                   They list daily active users, retention and revenue as metrics to have. In truth none of them calls anybody in \
                   time by itself: a day is over when it is over. What can be alerted on is the rate of orders beside what is normal.\n\n\
                   They say that automation improves productivity. In truth it first bounds the damage: the same build fails \
                   {ops.automation:canary} or {ops.automation:by_hand}.\n\n\
                   How many users complain, how long they take and how long a person needs are guesses, and differ from site to site; \
                   the order of things does not.",
        },
    ],
};
