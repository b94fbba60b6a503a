//! Tells in words what has happened in a world.

use crate::nodes::NodeId;
use crate::nodes::observer::Fact;
use crate::scenario::{Change, places};
use crate::time::SimTime;
use crate::world::World;

use super::{FactKind, FactLine};

/// The log, in words, oldest first.
pub fn facts(world: &World) -> Vec<FactLine> {
    let (facts, _) = world.context().observer.facts();
    facts.iter().map(|&(time, fact)| fact_line(world, time, fact)).collect()
}

fn fact_line(world: &World, time: SimTime, fact: Fact) -> FactLine {
    let plural = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let name = |node: NodeId| world.target(node);
    let (kind, subject, text) = match fact {
        Fact::Killed { node, lost } => {
            (FactKind::Fault, name(node), format!("killed, {} lost", plural(lost, "request")))
        }
        Fact::Restoring { node } => (FactKind::Change, name(node), "told to start again".to_owned()),
        Fact::Started { node } => (FactKind::Recovery, name(node), "serves".to_owned()),
        Fact::Drained { node } => (FactKind::Change, name(node), "taken out of its tier".to_owned()),
        Fact::TakenOut { watcher, server, probes } => {
            let text = format!("taken out by {} after {}", world.spoken(watcher), plural(probes, "failed probe"));
            (FactKind::Reaction, name(server), text)
        }
        Fact::TakenIn { watcher, server, probes } => {
            let text = format!("taken in by {} after {}", world.spoken(watcher), plural(probes, "good probe"));
            (FactKind::Recovery, name(server), text)
        }
        Fact::Ejected { balancer, server, failures } => {
            let text = format!("ejected by {} after {}", world.spoken(balancer), plural(failures, "failed request"));
            (FactKind::Reaction, name(server), text)
        }
        Fact::Readmitted { balancer, server } => {
            (FactKind::Recovery, name(server), format!("tried again by {}", world.spoken(balancer)))
        }
        Fact::TookOver { node, missed } => {
            let text = format!("took over the address after {}", plural(missed, "missed heartbeat"));
            (FactKind::Recovery, name(node), text)
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
        Fact::SpikeBegan { factor_milli } => (
            FactKind::Change,
            "users".to_owned(),
            format!("spike: {} times the requests", f64::from(factor_milli) / 1e3),
        ),
        Fact::SpikeEnded => (FactKind::Recovery, "users".to_owned(), "spike over".to_owned()),
        Fact::Changed { entry } => match world.timeline().get(entry as usize).map(|moment| &moment.change) {
            Some(Change::Set { path, value }) => (FactKind::Change, path.clone(), format!("set to {value}")),
            Some(Change::Kill { target, .. } | Change::Restore { target } | Change::Slow { target, .. }) => {
                (FactKind::Change, target.clone(), "changed".to_owned())
            }
            Some(Change::Spike { .. } | Change::Publish { .. } | Change::Purge { .. }) | None => {
                (FactKind::Change, "scenario".to_owned(), "changed".to_owned())
            }
        },
    };
    FactLine { at_ms: time.as_ms(), fact: kind, subject, text }
}

/// What people call a place.
pub fn place_name(id: &str) -> &str {
    places::find(id).map_or(id, |place| place.name)
}
