//! One instant with everything called by its name: for those who draw it themselves: the JavaScript package (`js`).

use serde::Serialize;

use crate::nodes::observer::Look;
use crate::nodes::{Cause, Kind, NodeId};
use crate::time::{SimTime, Span};
use crate::world::World;

use super::{FactKind, Figures, FrameView, NodeStatus, Samples, facts, frame, read};

/// How things stand at one instant, and what moved since the one before.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "Frame"))]
pub struct Snapshot {
    /// The present, in milliseconds of simulated time.
    pub now_ms: f64,
    /// All nodes, by number: what `from`, `to` and `node` below are indices of.
    pub nodes: Vec<SnapshotNode>,
    /// Requests on the wire, and those that arrived since the last frame. Those that wait or are in hand are counted with
    /// their node.
    pub hops: Vec<Hop>,
    /// Requests that failed since the last frame.
    pub failures: Vec<Failure>,
    /// Each hop and failure stands for so many requests: where there are too many, a fixed sample of them is watched. What
    /// counts requests counts them all.
    pub requests_per_dot: u32,
    /// Requests sent and neither answered nor failed yet.
    pub in_flight: u64,
    /// Figures over the last second of simulated time.
    pub figures: Figures,
}

/// A node at one instant.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema), schemars(rename = "FrameNode"))]
pub struct SnapshotNode {
    /// What a change calls it: `web.2`. Empty for client groups.
    pub target: String,
    /// The id of its tier, or of the client group.
    pub tier: String,
    /// Its number within the tier, from 1.
    pub number: u16,
    /// Its kind.
    pub kind: Kind,
    /// How it stands.
    #[serde(flatten)]
    pub status: NodeStatus,
}

/// A request on its way from one node to another.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Hop {
    /// The node that it comes from.
    pub from: u16,
    /// The node that it goes to.
    pub to: u16,
    /// Which part of the way was behind it at the last frame, from 0 to 1.
    pub before: f32,
    /// Which part of the way is behind it, from 0 to 1; at 1 it has arrived.
    pub now: f32,
    /// What it looks like.
    pub look: Look,
    /// To tell requests apart: the lowest 20 bits of the request's number.
    pub request: u32,
}

/// A request that failed.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Failure {
    /// The node where it failed.
    pub node: u16,
    /// Why.
    pub cause: Cause,
    /// How long ago, in milliseconds of simulated time.
    pub age_ms: f32,
}

/// Something that happened, in words.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EventLine {
    /// When, in milliseconds of simulated time.
    pub at_ms: f64,
    /// What kind of thing.
    pub kind: FactKind,
    /// What it is about: a node as `web.2`, or what was set as `tiers.web.instances`.
    pub subject: String,
    /// What happened to that.
    pub text: String,
}

/// How things stand, and what moved since `since`; rates are taken over about the last `span`.
pub fn snapshot(world: &World, since: SimTime, samples: &Samples, span: Span) -> Snapshot {
    let (ctx, now) = (world.context(), world.now());
    let statuses = read::node_statuses(world, samples.before(now, span));
    let named = ctx.nodes.iter().zip(statuses).enumerate();
    let nodes = named.map(|(number, (state, status))| {
        let tier = &world.plan().tiers[state.tier.index()];
        SnapshotNode {
            target: world.target(NodeId(number as u16)),
            tier: tier.id.clone(),
            number: state.instance + 1,
            kind: tier.kind,
            status,
        }
    });
    let buffer = frame(world, since).into_buffer();
    let moving = FrameView::new(&buffer).expect("it was made as a frame");
    let hops = moving.dots().map(|dot| Hop {
        from: dot.from,
        to: dot.to,
        before: dot.before,
        now: dot.now,
        look: dot.look,
        request: dot.tag,
    });
    let failures = moving.marks().map(|mark| Failure { node: mark.node, cause: mark.cause, age_ms: mark.age_ms });
    Snapshot {
        now_ms: now.as_ms(),
        nodes: nodes.collect(),
        hops: hops.collect(),
        failures: failures.collect(),
        requests_per_dot: read::requests_per_dot(world),
        in_flight: ctx.ledger.run.in_flight(),
        figures: read::figures(world, read::latest(world, span).as_ref()),
    }
}

/// What has happened so far (the newest 500), oldest first.
pub fn events(world: &World) -> Vec<EventLine> {
    let line = |fact: super::FactLine| EventLine {
        at_ms: fact.at_ms,
        kind: fact.fact,
        text: fact.sentence(str::to_owned),
        subject: fact.subject,
    };
    facts(world).into_iter().map(line).collect()
}
