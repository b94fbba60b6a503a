//! What changes are aimed at: it must be there.

use crate::scenario::{Machine, Problem, Scenario, Tier};

use super::{Checked, find_tier};

pub(super) fn check_ends(scenario: &Scenario, from: &str, to: &str) -> Checked {
    check_target(scenario, from)?;
    check_target(scenario, to)?;
    if from == to {
        return Err(Problem::at("to", format!("is \"{to}\" as well; a link has two ends")));
    }
    Ok(())
}

/// One member of a cluster.
pub(super) fn check_switch(scenario: &Scenario, target: &str) -> Checked {
    check_target(scenario, target)?;
    let tier = target.rsplit_once('.').filter(|(_, number)| number.parse::<u32>().is_ok());
    match tier.and_then(|(tier, _)| scenario.tiers.get(tier)) {
        Some(Tier::Database(database)) if database.replication.is_some() => Ok(()),
        _ => Err(Problem::at("target", format!("\"{target}\" is not one server of a database that replicates"))),
    }
}

/// `web.2`, `web`, `machines.app.2` or `places.london`.
pub(super) fn check_target(scenario: &Scenario, target: &str) -> Checked {
    if let Some(place) = target.strip_prefix("places.") {
        let services = || scenario.tiers.values().flat_map(|tier| tier.places().iter().map(String::as_str));
        let all = || scenario.machines.values().flat_map(Machine::places).chain(services());
        let known = all().any(|known| known == place);
        return if known { Ok(()) } else { Err(Problem::unknown("target", "place with machines", place, all())) };
    }
    let (group, number) = match target.rsplit_once('.') {
        Some((group, number)) => match number.parse::<u32>() {
            Ok(number) => (group, Some(number)),
            Err(_) => (target, None),
        },
        None => (target, None),
    };
    let count = match group.strip_prefix("machines.") {
        Some(machine) if scenario.machines.contains_key(machine) => scenario
            .tiers
            .values()
            .filter(|tier| tier.machine().is_some_and(|(id, _)| id == machine))
            .map(Tier::instances_max)
            .max()
            .unwrap_or(0),
        Some(machine) => {
            let known = scenario.machines.keys().map(String::as_str);
            return Err(Problem::unknown("target", "machine", machine, known));
        }
        None => find_tier(scenario, "target", group)?.instances_max(),
    };
    match number {
        Some(number) if number == 0 || number > count => {
            let message = format!("there is no \"{target}\"; {group} has the numbers 1 to {count}");
            Err(Problem::at("target", message))
        }
        Some(_) | None => Ok(()),
    }
}
