//! Journeys in OpenTelemetry's JSON (OTLP/JSON, protocol 1.x: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>),
//! as trace viewers read it.
//!
//! One trace for each request; its root is what the client sees. Its children are the attempts, and theirs the legs, each under
//! the name of the part of the system in which it happens. Times count from the start of the run, as if that were 1 January 1970.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::nodes::job::Cause;

use super::{Journey, Leg, LegKind};

/// OTLP's numbers for kinds of spans and for how they ended.
const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
const OK: u8 = 1;
const ERROR: u8 = 2;

/// The service that a client is.
const CLIENTS: &str = "clients";

/// All spans of these requests.
pub fn otlp(journeys: &[Journey]) -> Value {
    let mut services: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for journey in journeys {
        let trace = format!("{:032x}", u128::from(journey.request) + 1);
        let root = span_id(journey, 0);
        let of = |attempt: usize| span_id(journey, attempt + 1);
        let mut add = |service: &str, span: Value| services.entry(service.to_owned()).or_default().push(span);
        add(CLIENTS, whole(journey, &trace, &root));
        let mut own = 0;
        for (index, attempt) in journey.attempts.iter().enumerate() {
            // What a balancer tries is within an attempt of its client.
            let parent = if attempt.balancer.is_some() { of(own) } else { root.clone() };
            own = if attempt.balancer.is_some() { own } else { index };
            let service = attempt.balancer.as_deref().map_or(CLIENTS, service_of);
            add(service, try_of(journey, index, &trace, &of(index), &parent));
        }
        for (index, leg) in journey.legs.iter().enumerate() {
            let own = span_id(journey, journey.attempts.len() + index + 1);
            let parent = if journey.attempts.is_empty() { root.clone() } else { of(leg.attempt) };
            add(service_of(&leg.to), part(journey, leg, &trace, &own, &parent));
        }
    }
    let resources = services.into_iter().map(|(service, spans)| {
        json!({
            "resource": { "attributes": [text("service.name", &service)] },
            "scopeSpans": [{ "scope": { "name": "zero-to-millions", "version": env!("CARGO_PKG_VERSION") }, "spans": spans }],
        })
    });
    json!({ "resourceSpans": resources.collect::<Vec<_>>() })
}

fn service_of(part: &str) -> &str {
    part.split('.').next().unwrap_or(part)
}

fn whole(journey: &Journey, trace: &str, own: &str) -> Value {
    let mut attributes = vec![number("zero_to_millions.request", journey.request)];
    let status = status(journey.cause, journey.unknown, &mut attributes);
    json!({
        "traceId": trace, "spanId": own, "name": journey.class, "kind": CLIENT,
        "startTimeUnixNano": nanoseconds(journey.sent_ms),
        "endTimeUnixNano": nanoseconds(journey.sent_ms + journey.took_ms),
        "attributes": attributes, "status": status,
    })
}

/// An attempt: what its client, or the balancer that made it, sees of it.
fn try_of(journey: &Journey, index: usize, trace: &str, own: &str, parent: &str) -> Value {
    let attempt = &journey.attempts[index];
    // As HTTP's conventions count them: the first one is none.
    let mut attributes = vec![number("http.request.resend_count", index as u64)];
    attributes.extend(attempt.after.map(|cause| text("zero_to_millions.after", cause.name())));
    attributes.extend(
        attempt
            .late_ms
            .map(|late_ms| text("zero_to_millions.late_answer_unix_nano", &nanoseconds(journey.sent_ms + late_ms))),
    );
    let status = status(attempt.cause, attempt.unknown, &mut attributes);
    json!({
        "traceId": trace, "spanId": own, "parentSpanId": parent, "name": format!("attempt {}", index + 1), "kind": CLIENT,
        "startTimeUnixNano": nanoseconds(journey.sent_ms + attempt.start_ms),
        "endTimeUnixNano": nanoseconds(journey.sent_ms + attempt.end_ms),
        "attributes": attributes, "status": status,
    })
}

/// How a span has ended, and what is to be said of that.
fn status(cause: Option<Cause>, unknown: bool, attributes: &mut Vec<Value>) -> Value {
    let Some(cause) = cause else { return json!({ "code": OK }) };
    attributes.push(text("error.type", cause.name()));
    if unknown {
        attributes.push(json!({ "key": "zero_to_millions.outcome_unknown", "value": { "boolValue": true } }));
    }
    json!({ "code": ERROR, "message": cause.name() })
}

fn part(journey: &Journey, leg: &Leg, trace: &str, own: &str, parent: &str) -> Value {
    let mut attributes = vec![text("zero_to_millions.from", &leg.from), text("zero_to_millions.to", &leg.to)];
    attributes.extend(leg.command.as_deref().map(|command| text("db.query.text", command)));
    json!({
        "traceId": trace, "spanId": own, "parentSpanId": parent, "name": name(leg.doing), "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(journey.sent_ms + leg.start_ms),
        "endTimeUnixNano": nanoseconds(journey.sent_ms + leg.end_ms),
        "attributes": attributes, "status": {},
    })
}

fn name(doing: LegKind) -> &'static str {
    match doing {
        LegKind::Name => "resolve",
        LegKind::Connect => "connect",
        LegKind::Travel => "network",
        LegKind::Wait => "wait",
        LegKind::Work => "work",
        LegKind::Read => "disk",
        LegKind::Commit => "commit",
        LegKind::Ship => "replicate",
    }
}

/// Eight bytes in hexadecimal digits, not all zero.
fn span_id(journey: &Journey, index: usize) -> String {
    format!("{:016x}", (journey.request << 10) + index as u64 + 1)
}

/// 64-bit numbers are text in this encoding.
fn nanoseconds(ms: f64) -> String {
    format!("{:.0}", ms * 1e6)
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn number(key: &str, value: u64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}
