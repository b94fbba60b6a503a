//! How many look-ups of a cache are hits in a steady state.

use crate::nodes::TierId;
use crate::nodes::cache::entries::Eviction;
use crate::nodes::caching::OnWrite;
use crate::scenario::plan::{HoldsPlan, PartPlan};

use super::Reason;
use super::che::{Cache, Shares};
use super::flows::{Flows, note};

/// How many look-ups are hits in a steady state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hits {
    pub(super) ratio: f64,
    pub(super) reasons: Vec<Reason>,
    /// How long it takes until nothing is left of what was there at first, in milliseconds; it is so from the start if it is warm.
    pub(super) settles_ms: f64,
    pub(super) is_warm: bool,
    /// Entries that are held then.
    pub(super) entries: f64,
}

/// The hit ratio of a tier of caches that hold entries.
pub(super) fn hits(flows: &Flows, tier: TierId) -> Option<Hits> {
    let PartPlan::Cache { holds: HoldsPlan::Entries { capacity, eviction, life, replicas, warm, .. }, through, .. } =
        flows.part(tier)
    else {
        return None;
    };
    let mut reasons = Vec::new();
    let own = flows.tier(tier);
    let is_store = flows.plan.signing_in.as_ref().is_some_and(|own| own.store == Some(tier));
    note(&mut reasons, is_store, Reason::Sessions);
    note(&mut reasons, *replicas > 1 && own.instances > 1, Reason::Replicas);
    note(&mut reasons, *eviction == Eviction::Lfu, Reason::LeastUsed);
    let mut found = Hits { ratio: 0.0, reasons, settles_ms: 0.0, is_warm: *warm, entries: 0.0 };
    let (reads, writes) = flows.keyed(tier);
    let Some(keys) = flows.plan.keys.filter(|_| reads > 0.0) else { return is_store.then_some(found) };
    let shares = Shares::of(&keys);
    note(&mut found.reasons, shares.is_none(), Reason::Scan);
    let told = |web: &TierId| match flows.part(*web) {
        PartPlan::Web { keeps: Some(keeps), .. } if keeps.writes_through => Some(OnWrite::Update),
        PartPlan::Web { keeps, .. } => keeps.as_ref().map(|keeps| keeps.on_write),
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Balancer { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Database { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => None,
    };
    let on_write = flows.callers(tier).iter().find_map(told).filter(|_| writes > 0.0);
    let per_server = f64::from(capacity.entries).min(capacity.bytes as f64 / f64::from(keys.value_bytes.max(1)));
    let cache = Cache {
        capacity: per_server * f64::from(own.instances),
        eviction: *eviction,
        deletions: if on_write == Some(OnWrite::Invalidate) { writes / reads } else { 0.0 },
        life: life.ttl.map(|ttl| (ttl.as_ms() * reads, life.jitter)),
    };
    let Some(shares) = shares.filter(|_| found.reasons.is_empty()) else { return Some(found) };
    let time = cache.characteristic_time(&shares);
    if let Some(ttl) = life.ttl {
        note(&mut found.reasons, matches!(on_write, Some(OnWrite::Update)), Reason::Renewed);
        let by_use = *eviction == Eviction::Lru || time.is_infinite();
        note(&mut found.reasons, !by_use, Reason::ExpiresInOrder);
        let ahead = through.is_some_and(|through| through.refreshed_in_last > 0.0);
        note(&mut found.reasons, ahead, Reason::ReadsAhead);
        let varies = |reason: &Reason| {
            matches!(reason, Reason::ClosedLoop | Reason::Day | Reason::UnequalGroups | Reason::FollowUps)
        };
        flows.of_clients().into_iter().filter(varies).for_each(|reason| note(&mut found.reasons, true, reason));
        found.settles_ms = ttl.as_ms();
    }
    if time.is_finite() {
        found.settles_ms = found.settles_ms.max(time / reads);
    }
    found.entries =
        if time.is_finite() { cache.capacity } else { f64::from(keys.popularity.count()) / (1.0 + cache.deletions) };
    found.ratio = cache.hit_ratio(&shares);
    Some(found)
}
