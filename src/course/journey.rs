//! A request that was followed, as plain data: for waterfalls, and for tools that know OpenTelemetry (`otlp`).

pub mod otlp;

use serde::{Deserialize, Serialize};

use crate::nodes::job::{Ask, Cause, Errand};
use crate::nodes::trace::{self, Command, Doing, Span, Trace};
use crate::world::World;

use super::quantity;

/// A request that was followed, from setting out to the last byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// The run of an experiment that it is of; empty for one of what is played.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// The request's number.
    pub request: u64,
    /// Its class.
    pub class: String,
    /// When it was sent, in milliseconds.
    pub sent_ms: f64,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
    /// It writes, and its client cannot know whether that was done: it gave up, or the connection broke.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// Its attempts, in order: those of its client, and those of balancers within them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What it did, in order.
    pub legs: Vec<Leg>,
}

/// An attempt at a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The balancer that turned to another server, if it is not the client's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balancer: Option<String>,
    /// Why a balancer made it: how the one before had failed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cause>,
    /// When it set out, in milliseconds from when the request was sent.
    pub start_ms: f64,
    /// When it was over for its client.
    pub end_ms: f64,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
    /// It writes, and its client cannot know whether that was done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
    /// When its answer came, if nobody waited for that any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<f64>,
}

/// A stretch of a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// What the request does.
    pub doing: LegKind,
    /// Where from, or where it is: `web.2`.
    pub from: String,
    /// Where to, or where it is.
    pub to: String,
    /// When that begins, in milliseconds from when the request was sent.
    pub start_ms: f64,
    /// When it ends.
    pub end_ms: f64,
    /// Of what travels: whether it is an answer on its way back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
    /// The attempt that it is of: an index into those of the journey.
    #[serde(default, skip_serializing_if = "is_first")]
    pub attempt: usize,
    /// What a cache was asked meanwhile, and what came of it: `get k42: hit, 12 s left`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// What a request does for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegKind {
    /// Its client learns the address.
    Name,
    /// Its client opens a connection.
    Connect,
    /// The request or its answer is on its way.
    Travel,
    /// It waits for a slot or a core.
    Wait,
    /// It is worked on.
    Work,
    /// The disk reads for it.
    Read,
    /// Its commit waits for replicas.
    Commit,
    /// What it wrote is on its way to a replica.
    Ship,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_first(attempt: &usize) -> bool {
    *attempt == 0
}

/// A request that was followed; none while it is under way.
pub fn journey(world: &World, trace: &Trace) -> Option<Journey> {
    let (end, cause) = trace.outcome?;
    let mut spans = trace.spans.clone();
    spans.sort_by_key(|span| (span.start, span.end));
    let leg = |span: Span| Leg {
        doing: kind(span.doing),
        from: world.spoken(span.from),
        to: world.spoken(span.to),
        start_ms: (span.start - trace.sent).as_ms(),
        end_ms: (span.end - trace.sent).as_ms(),
        back: span.back,
        attempt: trace.attempts.iter().rposition(|own| own.number <= span.attempt).unwrap_or(0),
        command: span.command.as_ref().map(command),
    };
    let class = usize::from(trace.class);
    let writes = world.context().programs[class].write;
    let attempt = |own: &trace::Attempt| {
        let (end, cause) = own.end.unwrap_or((end, cause));
        Attempt {
            balancer: (own.by != trace.client).then(|| world.spoken(own.by)),
            after: own.after,
            start_ms: (own.start - trace.sent).as_ms(),
            end_ms: (end - trace.sent).as_ms(),
            cause,
            unknown: writes && cause.is_some_and(leaves_unknown),
            late_ms: own.late.map(|late| (late - trace.sent).as_ms()),
        }
    };
    Some(Journey {
        run: String::new(),
        request: trace.id,
        class: world.plan().classes[class].id.clone(),
        sent_ms: trace.sent.as_ms(),
        took_ms: (end - trace.sent).as_ms(),
        cause,
        unknown: writes && cause.is_some_and(leaves_unknown),
        attempts: trace.attempts.iter().map(attempt).collect(),
        legs: spans.into_iter().filter(|span| span.end > span.start || span.command.is_some()).map(leg).collect(),
    })
}

/// Whether a client that fails for this cause cannot know what became of what it asked.
fn leaves_unknown(cause: Cause) -> bool {
    matches!(cause, Cause::Timeout | Cause::GatewayTimeout | Cause::Killed | Cause::Reset)
}

/// What a cache was asked, as its interface has it.
fn command(command: &Command) -> String {
    let key = command.key;
    let left = command.left.map(|left| quantity::write(left.as_ms() / 1e3, "s", 3, 0.001));
    let ttl = left.as_ref().map_or_else(String::new, |left| format!(" ttl {left}"));
    match (command.ask, command.hit) {
        (Ask::Get, Some(false)) => format!("get k{key}: miss"),
        (Ask::Get, Some(true) | None) => {
            format!("get k{key}: hit{}", left.map_or_else(String::new, |left| format!(", {left} left")))
        }
        (Ask::Set, _) => format!("set k{key}{ttl}"),
        (Ask::Write, _) => format!("write k{key}{ttl}"),
        (Ask::Delete, _) => format!("delete k{key}"),
    }
}

/// What a request does in a span.
pub(super) fn kind(doing: Doing) -> LegKind {
    match doing {
        Doing::Travels(Errand::Name) => LegKind::Name,
        Doing::Travels(Errand::Handshake(_)) => LegKind::Connect,
        Doing::Travels(
            Errand::Request
            | Errand::Probe
            | Errand::Background
            | Errand::Session
            | Errand::Part
            | Errand::Upkeep(_)
            | Errand::Delivery
            | Errand::Decision,
        ) => LegKind::Travel,
        Doing::Waits => LegKind::Wait,
        Doing::Works => LegKind::Work,
        Doing::Reads => LegKind::Read,
        Doing::Commits => LegKind::Commit,
        Doing::Ships => LegKind::Ship,
    }
}
