//! Tells in words what has happened in a world.

use crate::nodes::autoscaler::Metric;
use crate::nodes::broker::fact::MessageFact;
use crate::nodes::observer::Fact;
use crate::nodes::{NodeId, TierId};
use crate::scenario::{Change, places};
use crate::time::SimTime;
use crate::world::World;

use super::messages::queue_name;
use super::{FactKind, FactLine};

fn plural(count: u32, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// See [`FactLine::OTHER`].
const OTHER: &str = FactLine::OTHER;

/// The log, in words, oldest first.
pub fn facts(world: &World) -> Vec<FactLine> {
    let (facts, _) = world.context().observer.facts();
    facts.iter().map(|&(time, fact)| fact_line(world, time, fact)).collect()
}

fn fact_line(world: &World, time: SimTime, fact: Fact) -> FactLine {
    let name = |node: NodeId| world.target(node);
    let (mut other, mut set_to) = (None, None);
    let (kind, subject, text) = match fact {
        Fact::Killed { node, lost } => {
            (FactKind::Fault, name(node), format!("killed with {} on it", plural(lost, "request")))
        }
        Fact::Restoring { node } => (FactKind::Change, name(node), "told to start again".to_owned()),
        Fact::Started { node } => (FactKind::Recovery, name(node), "serves".to_owned()),
        Fact::Drained { node } => (FactKind::Change, name(node), "taken out of its tier".to_owned()),
        Fact::Gone { node } => (FactKind::Change, name(node), "has drained and is gone".to_owned()),
        Fact::SessionsLost { node, sessions } => {
            let text = format!("{} lost: as many users have to sign in again", plural(sessions, "session"));
            (FactKind::Fault, name(node), text)
        }
        Fact::Scaled { tier, from, to, metric, centi } => scaled_line(world, tier, (from, to), metric, centi),
        Fact::TakenOut { watcher, server, probes } => {
            other = Some(name(watcher));
            let text = format!("taken out by {OTHER} after {}", plural(probes, "failed probe"));
            (FactKind::Reaction, name(server), text)
        }
        Fact::TakenIn { watcher, server, probes } => {
            other = Some(name(watcher));
            let text = format!("taken in by {OTHER} after {}", plural(probes, "good probe"));
            (FactKind::Recovery, name(server), text)
        }
        Fact::Ejected { balancer, server, failures } => {
            other = Some(name(balancer));
            let text = format!("ejected by {OTHER} after {}", plural(failures, "failed request"));
            (FactKind::Reaction, name(server), text)
        }
        Fact::Readmitted { balancer, server } => {
            other = Some(name(balancer));
            (FactKind::Recovery, name(server), format!("tried again by {OTHER}"))
        }
        Fact::TookOver { node, missed } => {
            let text = format!("took over the address after {}", plural(missed, "missed heartbeat"));
            (FactKind::Recovery, name(node), text)
        }
        Fact::CopyBegan { node, source } => {
            other = Some(name(source));
            (FactKind::Reaction, name(node), format!("is being copied from {OTHER}"))
        }
        Fact::ReshardingBegan { tier, rows } => {
            let text = format!("{} begin to move to other shards", plural(rows, "row"));
            (FactKind::Reaction, world.plan().tiers[tier.index()].id.clone(), text)
        }
        Fact::Resharded { tier, seconds } => {
            let text = format!("rows have moved after {}; callers know", plural(seconds, "second"));
            (FactKind::Recovery, world.plan().tiers[tier.index()].id.clone(), text)
        }
        Fact::Unlisted { .. }
        | Fact::Listed { .. }
        | Fact::PrimaryLost { .. }
        | Fact::Elected { .. }
        | Fact::Fenced { .. }
        | Fact::Promoted { .. }
        | Fact::SwitchedOver { .. }
        | Fact::LostWrites { .. }
        | Fact::SteppedDown { .. }
        | Fact::SteppedUp { .. }
        | Fact::Rejoined { .. }
        | Fact::Recovered { .. }
        | Fact::OutOfSync { .. }
        | Fact::InSync { .. }
        | Fact::Replaced { .. }
        | Fact::Copied { .. } => cluster_line(world, fact),
        Fact::Conflicts { tier, conflicts } => {
            let text = format!("{}: of two changes of a key one was overwritten", plural(conflicts, "conflict"));
            (FactKind::Fault, world.plan().tiers[tier.index()].id.clone(), text)
        }
        Fact::BackupBegan { node } => (FactKind::Change, name(node), "is read for a backup".to_owned()),
        Fact::BackedUp { node, seconds, manual } => {
            let what = if manual { "a snapshot, kept until somebody deletes it" } else { "a backup" };
            (FactKind::Change, name(node), format!("{what}, taken in {}", plural(seconds, "second")))
        }
        Fact::BackupFailed { node } => {
            (FactKind::Fault, name(node), "died while it was read for a backup, which is tried again".to_owned())
        }
        Fact::BackupsExpired { node, backups } => {
            (FactKind::Change, name(node), format!("{} deleted: the time is over", plural(backups, "old backup")))
        }
        Fact::RestoreBegan { node, seconds } => {
            let text = format!("is being restored from a backup, to {} ago; no writes", plural(seconds, "second"));
            (FactKind::Reaction, name(node), text)
        }
        Fact::Restored { node, seconds, lost } => {
            let lost = plural(lost, "acknowledged write");
            (FactKind::Recovery, name(node), format!("restored after {}, {lost} lost", plural(seconds, "second")))
        }
        Fact::RestoreFailed { node } => (FactKind::Fault, name(node), "died while it was being restored".to_owned()),
        Fact::NothingToRestore { node } => {
            (FactKind::Fault, name(node), "cannot be restored: there is no backup of that time".to_owned())
        }
        Fact::RowsDeleted { node, rows } => {
            (FactKind::Fault, name(node), format!("{} deleted by mistake", plural(rows, "row")))
        }
        Fact::DeployBegan { build, servers } => (
            FactKind::Deploy,
            build_name(world, build),
            format!("sets out for {}", plural(u32::from(servers), "server")),
        ),
        Fact::Deployed { node, build } => {
            (FactKind::Deploy, name(node), format!("starts with build {}", build_name(world, build)))
        }
        Fact::CanaryPassed { build } => {
            (FactKind::Deploy, build_name(world, build), "canaries are well: the others follow".to_owned())
        }
        Fact::TurnedBack { build, failed_milli } => {
            let percent = f64::from(failed_milli) / 10.0;
            (FactKind::Reaction, build_name(world, build), format!("{percent}% of its requests failed: rolled back"))
        }
        Fact::DeployEnded { build, back } => {
            let text = if back { "is gone: all run the build before" } else { "is rolled out" };
            (FactKind::Deploy, build_name(world, build), text.to_owned())
        }
        Fact::OutageBegan { place } => (FactKind::Fault, outage_place(world, place), "the power is out".to_owned()),
        Fact::OutageEnded { place } => (FactKind::Recovery, outage_place(world, place), "the power is back".to_owned()),
        Fact::Messages(fact) => message_line(world, fact),
        Fact::LinkCut => (FactKind::Fault, "network".to_owned(), "a link is cut".to_owned()),
        Fact::LinkMended => (FactKind::Recovery, "network".to_owned(), "a link is well again".to_owned()),
        Fact::LinkSlowed { extra_us } => {
            let text = format!("a link takes {} ms longer", f64::from(extra_us) / 1e3);
            (FactKind::Fault, "network".to_owned(), text)
        }
        Fact::Slowed { node, factor_milli: 1000 } => (FactKind::Recovery, name(node), "at full speed".to_owned()),
        Fact::Slowed { node, factor_milli } => {
            let percent = f64::from(factor_milli) / 10.0;
            (FactKind::Fault, name(node), format!("works at {percent}% of its speed"))
        }
        Fact::Withdrawn { edge } => (FactKind::Reaction, name(edge), "routes lead past it".to_owned()),
        Fact::Announced { edge } => (FactKind::Recovery, name(edge), "routes lead to it again".to_owned()),
        Fact::Published { class, files, renamed } => {
            let class = world.plan().classes[usize::from(class)].id.clone();
            let how = if renamed { "a new version under a new name" } else { "a new version" };
            (FactKind::Change, class, format!("{how} of {}", plural(files, "file")))
        }
        Fact::Purged { edge, files } => {
            (FactKind::Reaction, name(edge), format!("purged of {}", plural(files, "file")))
        }
        Fact::AlertFired { rule } => (FactKind::Alert, alert(world, rule), "fires".to_owned()),
        Fact::AlertCleared { rule } => (FactKind::Resolved, alert(world, rule), "is calm again".to_owned()),
        Fact::Called { rule } => {
            let by = rule.map_or_else(|| "complaints".to_owned(), |rule| alert(world, rule));
            (FactKind::Reaction, "on call".to_owned(), format!("called by {by}"))
        }
        Fact::Repaired { node } => (FactKind::Reaction, name(node), "found broken by whoever is on call".to_owned()),
        Fact::WentBack { node, build } => (
            FactKind::Reaction,
            name(node),
            format!("build {} is bad: the one before comes back", build_name(world, build)),
        ),
        Fact::AddedServers { tier, servers } => {
            let text = format!("too busy: there are to be {}", plural(u32::from(servers), "server"));
            (FactKind::Reaction, world.plan().tiers[tier.index()].id.clone(), text)
        }
        Fact::Committed { build } => {
            (FactKind::Change, "pipeline".to_owned(), format!("build {} committed", build_name(world, build)))
        }
        Fact::Built { build } => {
            (FactKind::Reaction, "pipeline".to_owned(), format!("{} is built", build_name(world, build)))
        }
        Fact::Tested { build, passed } => {
            let how = if passed { "passes all tests" } else { "fails a test and goes no further" };
            (FactKind::Reaction, "pipeline".to_owned(), format!("{} {how}", build_name(world, build)))
        }
        Fact::TurnedBackBy { build, rule } => {
            let text = format!("{} goes back: {} fires", build_name(world, build), alert(world, rule));
            (FactKind::Reaction, "pipeline".to_owned(), text)
        }
        Fact::FoundNothing => (FactKind::Reaction, "on call".to_owned(), "has found nothing".to_owned()),
        Fact::SpikeBegan { factor_milli } => (
            FactKind::Change,
            "users".to_owned(),
            format!("spike: {} times the requests", f64::from(factor_milli) / 1e3),
        ),
        Fact::SpikeEnded => (FactKind::Recovery, "users".to_owned(), "spike over".to_owned()),
        Fact::Changed { entry } => match world.timeline().get(entry as usize).map(|moment| &moment.change) {
            Some(Change::Set { path, value }) => {
                set_to = Some(value.clone());
                (FactKind::Change, path.clone(), format!("set to {value}"))
            }
            Some(
                Change::Kill { target, .. }
                | Change::Restore { target }
                | Change::Slow { target, .. }
                | Change::Deploy { target, .. }
                | Change::SwitchOver { target }
                | Change::Snapshot { target }
                | Change::RestoreBackup { target, .. }
                | Change::BadDelete { target, .. },
            ) => (FactKind::Change, target.clone(), "changed".to_owned()),
            Some(
                Change::Spike { .. }
                | Change::Commit { .. }
                | Change::Publish { .. }
                | Change::Purge { .. }
                | Change::Cut { .. }
                | Change::Mend { .. }
                | Change::Delay { .. },
            )
            | None => (FactKind::Change, "scenario".to_owned(), "changed".to_owned()),
        },
    };
    FactLine { at_ms: time.as_ms(), fact: kind, subject, text, set_to, other }
}

/// What an autoscaler has decided, and why.
fn scaled_line(
    world: &World,
    tier: TierId,
    (from, to): (u16, u16),
    metric: Metric,
    centi: u32,
) -> (FactKind, String, String) {
    let measured = f64::from(centi) / 100.0;
    let why = match metric {
        Metric::Utilisation => format!("cores {measured:.0}% busy"),
        Metric::QueueDepth => format!("{measured:.0} waiting"),
        Metric::Schedule => format!("the schedule at {}:{:02}", centi / 100, centi % 100 * 60 / 100),
    };
    let text = format!("autoscaler: from {from} to {to} servers, {why}");
    (FactKind::Reaction, world.plan().tiers[tier.index()].id.clone(), text)
}

/// What people call a rule: `alert web-down`.
fn alert(world: &World, rule: u16) -> String {
    let id = world.context().operations().and_then(|own| own.rule_names.get(usize::from(rule)));
    id.map_or_else(String::new, |id| format!("alert {id}"))
}

/// What happened to a member of a cluster.
fn cluster_line(world: &World, fact: Fact) -> (FactKind, String, String) {
    let plural = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let line = |kind, node: NodeId, text: String| (kind, world.target(node), text);
    match fact {
        Fact::Unlisted { node, missed } => {
            line(FactKind::Reaction, node, format!("gets no reads after {}", plural(missed, "missed heartbeat")))
        }
        Fact::Listed { node } => line(FactKind::Recovery, node, "has caught up and gets reads".to_owned()),
        Fact::PrimaryLost { node, missed } => {
            let text = format!("counts as dead after {}: no primary", plural(missed, "missed heartbeat"));
            line(FactKind::Reaction, node, text)
        }
        Fact::Elected { node } => line(FactKind::Reaction, node, "elected: it has received most".to_owned()),
        Fact::Fenced { node } => line(FactKind::Reaction, node, "fenced: its power is cut".to_owned()),
        Fact::Promoted { node } => line(FactKind::Recovery, node, "promoted: it is the primary".to_owned()),
        Fact::SwitchedOver { node } => line(FactKind::Recovery, node, "is the primary, as planned".to_owned()),
        Fact::LostWrites { node, lost } => line(
            FactKind::Fault,
            node,
            format!("{} lost: clients were told of them, and only it has them", plural(lost, "write")),
        ),
        Fact::SteppedDown { node } => {
            line(FactKind::Reaction, node, "hears no majority and takes no writes".to_owned())
        }
        Fact::SteppedUp { node } => line(FactKind::Recovery, node, "hears a majority again".to_owned()),
        Fact::Rejoined { node, writes } => {
            line(FactKind::Recovery, node, format!("is back as a replica, with {} of its own", plural(writes, "write")))
        }
        Fact::Recovered { node, recovered, conflicts } => {
            let text = format!("{} replayed in all, {}", plural(recovered, "write"), plural(conflicts, "conflict"));
            line(FactKind::Recovery, node, text)
        }
        Fact::OutOfSync { node } => line(FactKind::Reaction, node, "commits wait for it no more".to_owned()),
        Fact::InSync { node } => line(FactKind::Recovery, node, "commits wait for it again".to_owned()),
        Fact::Replaced { node } => line(FactKind::Reaction, node, "a new machine takes its place".to_owned()),
        Fact::Copied { node, seconds } => {
            line(FactKind::Recovery, node, format!("has its copy after {}", plural(seconds, "second")))
        }
        Fact::Killed { .. }
        | Fact::Restoring { .. }
        | Fact::Started { .. }
        | Fact::Drained { .. }
        | Fact::Gone { .. }
        | Fact::SessionsLost { .. }
        | Fact::Scaled { .. }
        | Fact::TakenOut { .. }
        | Fact::TakenIn { .. }
        | Fact::Ejected { .. }
        | Fact::Readmitted { .. }
        | Fact::Withdrawn { .. }
        | Fact::Announced { .. }
        | Fact::Published { .. }
        | Fact::Purged { .. }
        | Fact::BackupBegan { .. }
        | Fact::BackedUp { .. }
        | Fact::BackupFailed { .. }
        | Fact::BackupsExpired { .. }
        | Fact::RestoreBegan { .. }
        | Fact::Restored { .. }
        | Fact::RestoreFailed { .. }
        | Fact::NothingToRestore { .. }
        | Fact::RowsDeleted { .. }
        | Fact::TookOver { .. }
        | Fact::CopyBegan { .. }
        | Fact::ReshardingBegan { .. }
        | Fact::Resharded { .. }
        | Fact::Slowed { .. }
        | Fact::Conflicts { .. }
        | Fact::LinkCut
        | Fact::LinkMended
        | Fact::LinkSlowed { .. }
        | Fact::DeployBegan { .. }
        | Fact::Deployed { .. }
        | Fact::CanaryPassed { .. }
        | Fact::TurnedBack { .. }
        | Fact::DeployEnded { .. }
        | Fact::OutageBegan { .. }
        | Fact::OutageEnded { .. }
        | Fact::AlertFired { .. }
        | Fact::AlertCleared { .. }
        | Fact::Called { .. }
        | Fact::Repaired { .. }
        | Fact::FoundNothing
        | Fact::WentBack { .. }
        | Fact::AddedServers { .. }
        | Fact::Committed { .. }
        | Fact::Built { .. }
        | Fact::Tested { .. }
        | Fact::TurnedBackBy { .. }
        | Fact::SpikeBegan { .. }
        | Fact::SpikeEnded
        | Fact::Changed { .. }
        | Fact::Messages(_) => unreachable!("it is not about a cluster"),
    }
}

/// What happened to messages.
fn message_line(world: &World, fact: MessageFact) -> (FactKind, String, String) {
    let name = |node: NodeId| world.target(node);
    match fact {
        MessageFact::Subscribed { worker } => (FactKind::Recovery, name(worker), "consumes its queue".to_owned()),
        MessageFact::ConsumerLost { worker, in_hand } => {
            let text = format!("no longer a consumer: {} back in the queue", plural(in_hand, "message"));
            (FactKind::Reaction, name(worker), text)
        }
        MessageFact::AlarmBegan { broker } => {
            (FactKind::Reaction, name(broker), "holds as many messages as it may: publishers wait".to_owned())
        }
        MessageFact::AlarmEnded { broker } => {
            (FactKind::Recovery, name(broker), "has room: no publisher waits".to_owned())
        }
        MessageFact::QueueFilled { broker, queue } => {
            (FactKind::Fault, name(broker), format!("the queue “{}” is full", queue_name(world, broker, queue)))
        }
        MessageFact::MessagesLost { broker, lost, kept } => {
            let kind = if lost > 0 { FactKind::Fault } else { FactKind::Reaction };
            (kind, name(broker), format!("{} lost with its memory, {kept} on its disk", plural(lost, "message")))
        }
    }
}

fn build_name(world: &World, build: u8) -> String {
    world.plan().builds[usize::from(build)].0.clone()
}

fn outage_place(world: &World, place: u8) -> String {
    place_name(&world.plan().outages[usize::from(place)].place).to_owned()
}

/// What people call a place.
pub fn place_name(id: &str) -> &str {
    places::find(id).map_or(id, |place| place.name)
}
