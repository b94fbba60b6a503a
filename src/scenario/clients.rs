//! The clients, as a scenario describes them.

use serde::{Deserialize, Serialize};

use super::cdn::CdnFallback;
use super::{Id, ServiceTime};

/// A group of clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClientGroup {
    /// Weight among the groups: its share of the users.
    pub share: f64,
    /// Where they are: a place of [`super::places::PLACES`].
    pub place: String,
    /// Where the resolver is that their devices ask, if not where they are: name servers see it, and not the users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolver_place: Option<String>,
    /// One-way delay of their access network, in milliseconds.
    #[serde(default)]
    pub access_latency_ms: f64,
    /// How fast answers come in over it, in megabits per second. Without it, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_mbps: Option<f64>,
    /// How long they wait for an answer to an attempt, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: f64,
    /// What they ask for.
    #[serde(default, skip_serializing_if = "Format::is_html")]
    pub format: Format,
    /// A tier whose address they use as it is, without asking the DNS: those who try a server's own address. Without it
    /// they use the address of the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_to: Option<Id>,
    /// How they connect. Without it, connections cost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// Whether and how they try again. Without it, they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Whether their devices keep files as long as these are fresh.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub browser_cache: bool,
    /// Whether they ask the origin for files that the CDN fails to give them. Without it, such requests fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cdn_fallback: Option<CdnFallback>,
    /// How often its users send, against what `requests_per_user_per_second` says: above 1 for bots.
    #[serde(default = "unity", skip_serializing_if = "is_unity")]
    pub rate_factor: f64,
    /// How many source addresses they share, as behind the address translation of a carrier (RFC 6888). Without it,
    /// everybody has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_addresses: Option<u32>,
    /// The group with which they share those: bots among a carrier's customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Id>,
}

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Pages for browsers.
    #[default]
    Html,
    /// Data for apps and other programs.
    Json,
}

impl Format {
    fn is_html(&self) -> bool {
        *self == Self::Html
    }
}

/// How clients connect: a request needs an open connection, and opening one takes round trips.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    /// Round trips of TCP's handshake before data may be sent: 1 (RFC 9293).
    pub tcp_round_trips: u8,
    /// Round trips of TLS on top: 1 for version 1.3 (RFC 8446), 2 for 1.2, 0 without.
    pub tls_round_trips: u8,
    /// How long a connection stays open without a request, in whole seconds.
    pub keep_alive_seconds: u32,
    /// Segments of 1,460 bytes that a server may send before the first acknowledgement (10: RFC 6928), doubled with each
    /// round trip (slow start, RFC 5681). Without it, answers come at the full speed of the line at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_window_segments: Option<u32>,
}

impl Default for Connection {
    fn default() -> Self {
        Self { tcp_round_trips: 1, tls_round_trips: 1, keep_alive_seconds: 60, initial_window_segments: None }
    }
}

/// How clients try again after an attempt failed or timed out. Every attempt may take `timeout_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Attempts in all, from 1 to 10.
    pub attempts: u32,
    /// Pause before the second attempt, in milliseconds; it doubles from attempt to attempt.
    pub backoff_ms: f64,
    /// Whether each pause is drawn uniformly between 0 and its length ("full jitter"), so that clients that failed
    /// together do not come back together.
    pub jitter: bool,
    /// Retries that a group may make for every 100 requests it sends; without it, as many as it likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_percent: Option<f64>,
    /// Whether writes are tried again too: one whose answer was lost may then be carried out twice.
    pub writes: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, backoff_ms: 100.0, jitter: true, budget_percent: None, writes: false }
    }
}

/// Sessions of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// How long a session lasts without a request, in whole seconds.
    pub idle_timeout_seconds: u32,
    /// Work of a web server to check a password. With it users sign in, and classes may need a session; without it a session
    /// is only what a balancer can bind to a server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<ServiceTime>,
    /// The cache or database that keeps sessions, for all web servers. Without it, each keeps those that it made in its own
    /// memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<Id>,
    /// The size of a session, in kilobytes.
    #[serde(default = "one_kb", skip_serializing_if = "is_one_kb")]
    pub session_kb: f64,
    /// Whether the run begins with users signed in, as they are when the system has been running for long; else nobody is.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub steady_start: bool,
}

const fn one_kb() -> f64 {
    1.0
}

fn is_one_kb(kb: &f64) -> bool {
    *kb == one_kb()
}

const fn yes() -> bool {
    true
}

fn is_yes(on: &bool) -> bool {
    *on
}

const fn unity() -> f64 {
    1.0
}

fn is_unity(factor: &f64) -> bool {
    *factor == unity()
}

const fn default_timeout_ms() -> f64 {
    10_000.0
}
