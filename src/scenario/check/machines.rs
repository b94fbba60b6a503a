//! What machines must satisfy, and what may be reserved of them.

use crate::nodes::machine::Discipline;
use crate::scenario::machine::Scalability;
use crate::scenario::{Problem, Scenario, catalogue};

use super::{Checked, PARTS_MAX, check_count, check_length, check_place, check_range};

pub(super) fn check_machines(scenario: &Scenario) -> Checked {
    for (id, machine) in &scenario.machines {
        let at = |field: &str| format!("machines.{id}.{field}");
        match (&machine.place, &machine.places[..]) {
            (Some(place), []) => check_place(&at("place"), place)?,
            (Some(_), [..]) => {
                return Err(Problem::at(at("place"), "its copies stand at their places; leave one of the two out"));
            }
            (None, []) => {
                return Err(Problem::at(at("place"), "a machine stands somewhere; give its place, or places"));
            }
            (None, places) => {
                check_length(&at("places"), places.len(), 1, PARTS_MAX)?;
                for place in places {
                    check_place(&at("places"), place)?;
                }
            }
        }
        match (&machine.size, machine.cores) {
            (Some(size), None) => {
                catalogue::find(&at("size"), size)?;
            }
            (None, Some(cores)) => check_count(&at("cores"), cores, 1, 1024)?,
            (Some(size), Some(_)) => {
                let message = format!("the size \"{size}\" has cores of its own; leave one of the two out");
                return Err(Problem::at(at("cores"), message));
            }
            (None, None) => {
                return Err(Problem::at(at("cores"), "a machine needs cores or a size; give one of the two"));
            }
        }
        if let Some(disk) = &machine.disk {
            catalogue::find_disk(&at("disk"), disk)?;
        }
        check_range(&at("speed"), machine.speed, 0.001, 1000.0)?;
        check_range(&at("cost_per_month_usd"), machine.cost_per_month_usd.unwrap_or(0.0), 0.0, 1e9)?;
        let scalability = machine.scalability();
        check_range(&at("scalability.contention"), scalability.contention, 0.0, 1.0)?;
        check_range(&at("scalability.coherency"), scalability.coherency, 0.0, 1.0)?;
        if scalability != Scalability::default() && machine.discipline == Discipline::Fifo {
            let message = "cores that disturb each other work at a changing pace, which fifo does not know; \
                           set it to processor_sharing";
            return Err(Problem::at(at("discipline"), message));
        }
        check_reserved(scenario, id, machine.cores())?;
    }
    Ok(())
}

/// What tiers have reserved of a machine must be there, and leave something for the others.
fn check_reserved(scenario: &Scenario, id: &str, cores: u32) -> Checked {
    let on_it = || scenario.tiers.iter().filter(|(_, tier)| tier.machine().is_some_and(|(machine, _)| machine == id));
    let reserved: u32 = on_it().filter_map(|(_, tier)| tier.reserved_cores()).fold(0, u32::saturating_add);
    let others = on_it().find(|(_, tier)| tier.reserved_cores().is_none());
    let Some((first, _)) = on_it().find(|(_, tier)| tier.reserved_cores().is_some()) else { return Ok(()) };
    let place = format!("tiers.{first}.reserved_cores");
    if on_it().any(|(_, tier)| tier.reserved_cores() == Some(0)) {
        return Err(Problem::at(place, "must be at least 1; leave it out to share cores with the others"));
    }
    if reserved > cores {
        let message = format!("{reserved} cores in all are reserved on machines.{id}, which has {cores}");
        return Err(Problem::at(place, message));
    }
    match others {
        Some((other, _)) if reserved == cores => {
            let message = format!("leaves no core of machines.{id} for tiers.{other}, which has reserved none");
            Err(Problem::at(place, message))
        }
        Some(_) | None => Ok(()),
    }
}
