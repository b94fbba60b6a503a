//! The parameters of the domain name system.

use serde_json::json;

use crate::nodes::answers::AnswerPolicy;
use crate::scenario::DnsTier;

use super::{List, Range, YEAR_MS, balancer};

/// Adds them.
pub fn add(list: &mut List, tier: &DnsTier) {
    list.group("Name service");
    let help = "How many name servers there are. Who gets no answer from one asks the next.";
    list.optional("1", "instances", "Name servers", "", Range::Whole(1, 13), help);
    let help = "How long a device keeps the address before it asks again.";
    list.add("record_ttl_seconds", "Record TTL", "s", Range::Whole(0, u64::from(u32::MAX)), help);
    let policies = vec![("round_robin", "in turn"), ("nearest", "the nearest"), ("least_loaded", "the least loaded")];
    let help =
        "Which of several addresses is answered: by where the resolver is, or by how busy the servers there were.";
    list.optional("round_robin", "policy", "Answers", "", Range::Choice(policies), help);
    if tier.policy == AnswerPolicy::LeastLoaded {
        let help = "How often it is told how busy the servers are: what it knows is that old.";
        list.optional("10000", "report_every_ms", "Told every", "ms", Range::Number(1.0, YEAR_MS), help);
    }
    let help = "What a look-up takes at the resolver.";
    list.add("lookup_ms", "Look-up", "ms", Range::Number(0.0, 60_000.0), help);
    let help = "Caching resolvers in between, as those of network operators: all of their users hold the same record.";
    if list.part(tier.resolvers.is_some(), "resolvers", "Shared resolvers", json!({}), help) {
        list.add("resolvers.count", "Resolvers", "", Range::Whole(1, 10_000), "How many there are.");
        let help = "How unequal they are: the n-th largest serves users in proportion to 1 / n to this power.";
        list.add("resolvers.exponent", "Inequality", "", Range::Number(0.0, 3.0), help);
    }
    // Whether it watches the addresses at all cannot change while it runs.
    if tier.health_check.is_some() {
        list.group("Health checks");
        balancer::watching(list);
    }
}
