//! A query that all shards have to be asked for: scatter and gather.
//!
//! The request stays where it is and waits; a part of it sets out for each shard, with work of its own. The last part that
//! is back lets it go on: so it takes as long as the slowest shard, and fails if one of them did. A part belongs to no
//! client and is in no books. If the server that waits dies, its parts find nobody there any more.

use crate::nodes::job::{Errand, Job};
use crate::nodes::{Context, Next, TierId};
use crate::rng::{RequestKey, mix};

/// `job` asks all shards of `tier`.
pub fn scatter(ctx: &mut Context, tier: TierId, job: u32) -> Next {
    let shards = ctx.tiers[tier.index()].shards.as_ref().map_or(0, |shards| shards.settings.distribution.shards);
    let entry = &ctx.jobs[job];
    let trips = ctx.programs[usize::from(entry.class)].database_trips;
    for shard in 0..shards {
        let entry = &ctx.jobs[job];
        let mut part = Job::new(entry.id, ctx.seed, ctx.now, entry.user, entry.class, entry.node());
        // Its draws are its own: those of a request that nobody sends.
        part.key = RequestKey::new(ctx.seed, mix(entry.id ^ (u64::from(shard) + 1) << 40));
        part.errand = Errand::Part;
        (part.attempt, part.rank, part.traced, part.trips) = (entry.attempt, entry.rank, entry.traced, trips);
        (part.item, part.expects, part.leg) = (entry.item, entry.expects, entry.leg);
        (part.parent, part.shard) = (job, shard);
        let part = ctx.jobs.insert(part);
        ctx.departing.push(part);
    }
    let entry = &mut ctx.jobs[job];
    entry.parts = shards;
    entry.gathers = true;
    Next::Parked
}

/// A part is back: the request that it belongs to goes on if it was the last one.
pub fn gathered(ctx: &mut Context, part: u32) {
    let entry = &ctx.jobs[part];
    let (parent, version, failed, failed_at) = (entry.parent, entry.version, entry.failed, entry.failed_at);
    ctx.forget(part);
    let request = &mut ctx.jobs[parent];
    request.parts -= 1;
    // Only the shard that has the row knows its version.
    request.version = request.version.max(version);
    if failed.is_some() && request.failed.is_none() {
        (request.failed, request.failed_at) = (failed, failed_at);
    }
    if request.parts == 0 {
        ctx.resume(parent);
    }
}
