//! Journeys in OpenTelemetry's JSON (OTLP/JSON, protocol 1.x: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>),
//! as trace viewers read it.
//!
//! One trace for each request; its root is what the client sees, its children are the legs, each under the name of the
//! part of the system in which it happens. Times count from the start of the run, as if that were 1 January 1970.

use std::collections::BTreeMap;

use serde_json::{Value, json};

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
        services.entry(CLIENTS.to_owned()).or_default().push(whole(journey, &trace, &root));
        for (index, leg) in journey.legs.iter().enumerate() {
            let own = span_id(journey, index + 1);
            let service = leg.to.split('.').next().unwrap_or(&leg.to).to_owned();
            services.entry(service).or_default().push(part(journey, leg, &trace, &own, &root));
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

fn whole(journey: &Journey, trace: &str, own: &str) -> Value {
    let mut attributes = vec![number("zero_to_millions.request", journey.request)];
    let status = match journey.cause {
        None => json!({ "code": OK }),
        Some(cause) => {
            attributes.push(text("error.type", cause.name()));
            if journey.unknown {
                attributes.push(json!({ "key": "zero_to_millions.outcome_unknown", "value": { "boolValue": true } }));
            }
            json!({ "code": ERROR, "message": cause.name() })
        }
    };
    json!({
        "traceId": trace, "spanId": own, "name": journey.class, "kind": CLIENT,
        "startTimeUnixNano": nanoseconds(journey.sent_ms),
        "endTimeUnixNano": nanoseconds(journey.sent_ms + journey.took_ms),
        "attributes": attributes, "status": status,
    })
}

fn part(journey: &Journey, leg: &Leg, trace: &str, own: &str, root: &str) -> Value {
    let mut attributes = vec![text("zero_to_millions.from", &leg.from), text("zero_to_millions.to", &leg.to)];
    attributes.extend(leg.command.as_deref().map(|command| text("db.query.text", command)));
    json!({
        "traceId": trace, "spanId": own, "parentSpanId": root, "name": name(leg.doing), "kind": INTERNAL,
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
