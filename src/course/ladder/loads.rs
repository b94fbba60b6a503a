//! How busy the parts of a system were while it was measured, and which of them is the first that can do no more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::machine::effective_cores;
use crate::scenario::machine::Scalability;
use crate::scenario::{Id, Tier};
use crate::world::World;
use crate::world::report::Report;

/// The load of each copy of each kind of machine: what it did, as a share of the most that it can do. That is not the
/// share of its cores' time where cores disturb each other: more busy cores then do hardly more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loads(BTreeMap<Id, Vec<f64>>);

/// What there is not enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Cores.
    Cores,
    /// Slots: requests that are served at the same time.
    Slots,
    /// Operations of disks.
    Disk,
}

impl Resource {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::Slots => "slots",
            Self::Disk => "disks",
        }
    }
}

/// The part of a system that has least to spare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weakest {
    /// Its tier.
    pub tier: Id,
    /// What there is not enough of.
    pub of: Resource,
    /// What it did, as a share of the most that it can do.
    pub load: f64,
}

/// From this load of cores on, these are what there is not enough of: slots fill up behind them.
const FULL: f64 = 0.95;

/// What so many cores do together, in cores that nobody disturbs.
pub fn most(cores: u32, law: Scalability) -> f64 {
    effective_cores(cores, law.contention, law.coherency)[cores as usize]
}

impl Loads {
    /// Of what was measured in this world up to now.
    pub fn of(world: &World) -> Self {
        let kinds = world.plan().machines.iter().zip(world.machine_copies());
        let loads = kinds.map(|(kind, copies)| {
            let law = kind.scalability;
            let effective = effective_cores(kind.cores, law.contention, law.coherency);
            let most = most(kind.cores, law);
            let load = |&copy: &u16| between(&effective, world.busy_cores(copy)) / most;
            (kind.id.clone(), copies.iter().map(load).collect())
        });
        Self(loads.collect())
    }

    /// The copies of a kind of machine; none if there is no such kind.
    pub fn copies(&self, machine: &str) -> &[f64] {
        self.0.get(machine).map_or(&[], Vec::as_slice)
    }

    /// The busiest of all machines.
    pub fn highest(&self) -> f64 {
        self.0.values().flatten().copied().fold(0.0, f64::max)
    }

    /// The part that has least to spare. Where cores are full it is said of these, since slots fill up behind them.
    pub fn weakest(&self, world: &World, report: &Report) -> Option<Weakest> {
        let tiers = &world.scenario().tiers;
        let cores = tiers.iter().filter_map(|(id, tier)| self.of_tier(tier).map(|load| (id, Resource::Cores, load)));
        let cores: Vec<_> = cores.collect();
        let share = |load: Option<f64>| load.unwrap_or(0.0);
        let others = report.tiers.iter().flat_map(|(id, tier)| {
            let slots = (id, Resource::Slots, share(tier.slots_utilisation));
            [slots, (id, Resource::Disk, share(tier.disk_utilisation))]
        });
        let full = cores.iter().any(|(_, _, load)| *load >= FULL);
        let all = cores.iter().copied().chain(others.filter(|_| !full));
        // Of tiers that share a machine, the one that has most under way.
        let under_way = |id: &str| report.tiers.get(id).and_then(|tier| tier.slots_utilisation).unwrap_or(0.0);
        let order = |a: &(&Id, Resource, f64), b: &(&Id, Resource, f64)| {
            a.2.total_cmp(&b.2).then(under_way(a.0).total_cmp(&under_way(b.0)))
        };
        all.max_by(order).map(|(id, of, load)| Weakest { tier: id.clone(), of, load })
    }

    /// The busiest machine of a tier, if it has one.
    fn of_tier(&self, tier: &Tier) -> Option<f64> {
        let (machine, _) = tier.machine()?;
        self.copies(machine).iter().copied().max_by(f64::total_cmp)
    }
}

/// The value of a table at a place between two entries.
fn between(table: &[f64], at: f64) -> f64 {
    let low = (at as usize).min(table.len() - 1);
    let high = (low + 1).min(table.len() - 1);
    table[low] + (table[high] - table[low]) * (at - low as f64)
}
