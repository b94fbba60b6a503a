//! An active and a passive server behind one address. The passive one listens to the other's heartbeats and takes the
//! address over when it has missed so many in a row (as VRRP, RFC 5798); who comes back stays passive.

use crate::time::Span;

use super::observer::Fact;
use super::{Context, Event, TierId};

/// An active and a passive server.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Time between two heartbeats.
    pub heartbeat: Span,
    /// Heartbeats missed in a row after which the passive one takes over.
    pub limit: u32,
    /// The instance that has the address.
    pub active: usize,
    missed: u32,
}

impl Pair {
    /// The first instance is active.
    pub fn new(heartbeat: Span, limit: u32) -> Self {
        Self { heartbeat, limit, active: 0, missed: 0 }
    }
}

/// A heartbeat of the pair `tier` is due.
pub fn beat(ctx: &mut Context, tier: TierId) {
    let state = &ctx.tiers[tier.index()];
    let Some(pair) = &state.pair else { return };
    ctx.queue.push(ctx.now + pair.heartbeat, Event::Heartbeat { tier });
    let (active, passive) = (state.members[pair.active], state.members[1 - pair.active]);
    let missed = if ctx.is_up(active) && !ctx.links.cuts(active, passive) { 0 } else { pair.missed + 1 };
    let takes_over = missed >= pair.limit && ctx.is_up(passive);
    if let Some(pair) = &mut ctx.tiers[tier.index()].pair {
        pair.missed = if takes_over { 0 } else { missed };
        if takes_over {
            pair.active = 1 - pair.active;
        }
    }
    if takes_over {
        ctx.tell(Fact::TookOver { node: passive, missed });
    }
}
