//! Disks: one for each copy of a machine that has one, shared by all who run on it.

use crate::nodes::disk::Disk;
use crate::scenario::plan::Plan;
use crate::world::World;

/// The disk of a copy of a machine, made if this is the first node on it.
pub(super) fn of_copy(world: &mut World, kind: usize, copy: usize) -> Option<u16> {
    let medium = world.plan.machines[kind].disk?;
    let host = Some((kind as u16, copy as u16));
    if let Some(neighbour) = world.ctx.nodes.iter().find(|node| node.host == host) {
        return neighbour.disk;
    }
    let index = u16::try_from(world.ctx.disks.len()).expect("there are no more disks than instances");
    world.ctx.disks.push(Disk::new(medium, world.ctx.seed, index));
    Some(index)
}

/// Other disks in the machines.
pub(super) fn change(world: &mut World, before: &Plan) {
    let plan = world.plan.clone();
    let changed = |kind: usize| before.machines[kind].disk != plan.machines[kind].disk;
    let nodes = world.ctx.nodes.iter().filter_map(|node| Some((node.host?.0, node.disk?)));
    let disks: Vec<(usize, u16)> = nodes.map(|(kind, disk)| (usize::from(kind), disk)).collect();
    for (kind, disk) in disks.into_iter().filter(|&(kind, _)| changed(kind)) {
        let medium = plan.machines[kind].disk.expect("whether a machine has a disk does not change while it runs");
        world.ctx.change_disk(disk, medium);
    }
}
