//! What devices remember when the run begins.

use crate::nodes::Kind;
use crate::nodes::answers::AnswerPolicy;
use crate::nodes::connections::Connections;
use crate::nodes::dns::NameCache;
use crate::scenario::plan::{PartPlan, Plan};

/// What devices remember of the DNS when the run begins.
pub(super) fn names(plan: &Plan, seed: u64) -> NameCache {
    let Some((tier, ttl)) = plan.dns else { return NameCache::cold(0) };
    let PartPlan::Dns { steady_start, resolvers, answers, .. } = &plan.tiers[tier.index()].part else {
        unreachable!("the DNS tier is one")
    };
    let entry = &plan.tiers[plan.entry.index()];
    let one = entry.pair().is_some() || entry.kind == Kind::Cdn;
    let addresses = if one { 1 } else { entry.instances };
    let by_group = answers.policy != AnswerPolicy::RoundRobin;
    let sets = if by_group { plan.clients.len() } else { 1 };
    let addresses = (0..sets).map(|group| answers.at_start(group as u8, addresses)).collect();
    let names = match steady_start {
        true => NameCache::steady(ttl, plan.habits.rate_per_user, addresses, seed),
        false => NameCache::cold(ttl),
    };
    if resolvers.is_empty() { names } else { names.with_resolvers(resolvers, sets) }
}

/// The connections that devices have from before, unless the run begins cold.
pub(super) fn connections(plan: &Plan, seed: u64) -> Connections {
    let cold = plan.tiers.iter().any(|tier| matches!(tier.part, PartPlan::Dns { steady_start: false, .. }));
    if cold { Connections::cold() } else { Connections::steady(plan.habits.rate_per_user, seed) }
}
