//! Snapshot replication: every so often each replica is given a whole new copy of what its primary has.
//!
//! The log is not shipped. A copy is read and written piece by piece on both machines, like that of a new member
//! (`copy.rs`), and the replica answers from the one before until it is whole. So what it shows is as old as the copy took
//! when that is done, and a period older just before the next one is. A copy that takes longer than the period is followed
//! by the next one at the period after. Nobody is promoted: what such a replica lacks is more than a script could mend.

use crate::nodes::{Context, Event};

use super::copy;
use super::member::Role;
use super::stream::Due;

/// The replicas are to be copied anew, and will be again.
pub(super) fn due(ctx: &mut Context, c: usize) {
    let primary = ctx.clusters[c].line.primary;
    for m in ctx.clusters[c].present() {
        let member = &ctx.clusters[c].members[m];
        let fit = m != primary && member.role == Role::Replica && !member.empty && member.copying.is_none();
        if fit && ctx.lives(c, m) && ctx.lives(c, primary) && ctx.hears(c, primary, m) {
            copy::begin_from(ctx, c, m, primary, true);
        }
    }
    let (node, every) = (ctx.clusters[c].members[0].node, ctx.clusters[c].settings.snapshot_every);
    ctx.queue.push(ctx.now + every, Event::Replication { node, due: Due::Snapshot, stream: 0 });
}

/// A new copy of replica `m` shows the writes up to `position`.
pub(super) fn note_applied(ctx: &mut Context, c: usize, m: usize, position: u64) {
    let now = ctx.now;
    let cluster = &mut ctx.clusters[c];
    let member = &mut cluster.members[m];
    for at in member.applied + 1..=position {
        if let Some(write) = cluster.line.log.get(at) {
            member.note_lag(now - write.at);
        }
    }
}
