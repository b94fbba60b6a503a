//! Chapter 9: a data centre is lost.

use serde_json::{Value, json};

use crate::course::experiment::{Expected, Experiment, Finding, Mutation, Question, Results, Run};
use crate::nodes::observer::Fact;

use super::centers::{INTERVAL_MS, PROBE_MS, TTL_SECONDS, centers};
use super::designs::{count, failed, failed_percent, phase, run, silence, times, within};

/// When Frankfurt is lost, in seconds.
pub(super) const LOST: f64 = 120.0;
/// Requests per second of all users.
const ALL: f64 = 300.0;

fn failover_runs() -> Vec<Run> {
    let after = LOST + (2.0 * INTERVAL_MS + PROBE_MS) / 1e3 + f64::from(TTL_SECONDS) + 4.0;
    let phases = [phase("before", 30.0, 119.0), phase("window", 119.0, after), phase("after", after, after + 120.0)];
    let of = |name: &str, servers: u32| {
        run(name, centers(servers, ALL, &json!({})), &phases).at(LOST, silence("places.frankfurt"))
    };
    vec![of("with room", 4), of("without room", 2)]
}

fn failover_findings(results: &Results) -> Vec<Finding> {
    let (room, none) = (results.run("with room"), results.run("without room"));
    let taken_out = times(room, |fact| matches!(fact, Fact::TakenOut { .. }));
    // The name servers' watch is the last that can notice: the balancer in Frankfurt is gone with its servers.
    let detected = taken_out.iter().copied().fold(f64::NAN, f64::max) - LOST;
    let (interval, probe) = (INTERVAL_MS / 1e3, PROBE_MS / 1e3);
    // Users alternate between a record's life T and a pause of mean 1/λ: so much of a stretch of λT² / 2(1 + λT) they still
    // use what they learnt before.
    let (rate, ttl) = (ALL / 2000.0, f64::from(TTL_SECONDS));
    let lingering = rate * ttl * ttl / (2.0 * (1.0 + rate * ttl));
    let expected = ALL / 2.0 * (detected + lingering);
    let after = room.phase("after");
    vec![
        Finding {
            key: "detected",
            what: "time until name servers leave the lost centre out",
            unit: "s",
            measured: detected,
            expected: within(1.5 * interval + probe, 0.5 * interval),
            reason: "theory: two failed probes in a row, the first up to an interval after the loss, and the time-out of the second",
        },
        count(
            "window",
            "requests that fail meanwhile and until the last record has expired",
            failed(room.phase("window")),
            within(expected, 700.0),
            "theory: all of Europe's until then, and after that those of who still has a record: \u{3bb}T\u{b2} / 2(1 + \u{3bb}T) \
             seconds' worth, where users send \u{3bb} each and records live for T; failures of a user come together, five at a \
             time, so that four standard errors are 4 \u{b7} \u{221a}(5 \u{b7} 2,500) = 450, and a second of rounding is 150",
        ),
        count(
            "after",
            "requests that fail after that",
            failed(after),
            Expected::Exactly(0.0),
            "all go to the healthy centre, which has room: detection + TTL is the whole error window",
        ),
        Finding {
            key: "moved",
            what: "share of the healthy centre in what is served then",
            unit: "%",
            measured: 100.0 * after.tiers["balancer"].per_instance.first().map_or(0.0, |&own| own as f64)
                / after.tiers["balancer"].per_instance.iter().sum::<u64>().max(1) as f64,
            expected: Expected::Exactly(100.0),
            reason: "nobody else is there",
        },
        count(
            "before",
            "requests that fail before, with half the servers",
            failed(none.phase("before")),
            Expected::AtMost(8.0),
            "theory: two servers at 75% with 128 places each: none is refused; the two that are busy for long are rare",
        ),
        Finding {
            key: "headroom",
            what: "requests that fail for good where the survivor has room for two thirds",
            unit: "%",
            measured: failed_percent(none.phase("after")),
            expected: Expected::AtLeast(33.0),
            reason: "theory: 300 a second come to servers that can do 200: a third fails at least, and more as those who wait too \
                     long are served for nobody",
        },
    ]
}

/// One of two is lost.
pub static FAILOVER: Experiment = Experiment {
    id: "dc.failover",
    title: "A centre is lost",
    claim: "When a data centre is lost, all traffic goes to the healthy one: after detection and the life of the DNS records, \
            and if that has room.",
    watch: "Failed requests, and what the other centre serves.",
    question: Question {
        text: "Name servers notice the loss after four seconds; records live for thirty. When does the last user stop failing?",
        options: &["After four seconds", "After about thirty-four", "When the centre is back"],
        right: 1,
    },
    explanation: "What name servers know reaches users only when they ask again. A short life of the records shortens the outage \
                  and multiplies the questions. And a survivor that was sized for its own users falls with the other.",
    runs: failover_runs,
    judge: failover_findings,
    mutations: &[
        Mutation {
            name: "nobody watches the addresses",
            breaks: |runs| {
                runs.iter_mut().for_each(|own| own.set("tiers.dns.health_check", Value::Null));
            },
        },
        Mutation {
            name: "records live for ten minutes",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("tiers.dns.record_ttl_seconds", json!(600))),
        },
        Mutation {
            name: "both designs have room",
            breaks: |runs| runs.iter_mut().for_each(|own| own.set("tiers.web.instances", json!(8))),
        },
    ],
};
