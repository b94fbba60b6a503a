//! Clones of the world to go back to, within a budget of memory, thinned out with age.

use crate::time::SimTime;
use crate::world::World;

/// What all checkpoints may take.
pub const BUDGET_BYTES: usize = 256 << 20;
/// The most checkpoints.
const COUNT_MAX: usize = 40;
/// One is taken after so much time of the visitor.
const EVERY_MS: f64 = 1000.0;

/// Clones of the world, by time. The first is the start and always there.
#[derive(Debug)]
pub struct Checkpoints {
    worlds: Vec<World>,
    since_last_ms: f64,
    budget_bytes: usize,
}

impl Checkpoints {
    /// The start of a run.
    pub fn new(start: &World) -> Self {
        Self { worlds: vec![start.clone()], since_last_ms: 0.0, budget_bytes: BUDGET_BYTES }
    }

    /// From the next one on, all take at most so much.
    pub fn set_budget(&mut self, bytes: usize) {
        self.budget_bytes = bytes;
    }

    /// The visitor's time passes; takes a checkpoint when one is due.
    pub fn pass(&mut self, wall_ms: f64, world: &World) {
        self.since_last_ms += wall_ms;
        let last = self.worlds.last().map_or(SimTime::ZERO, World::now);
        if self.since_last_ms < EVERY_MS || world.now() <= last {
            return;
        }
        self.since_last_ms = 0.0;
        self.worlds.push(world.clone());
        while self.worlds.len() > 2 && (self.worlds.len() > COUNT_MAX || self.bytes() > self.budget_bytes) {
            self.thin_out();
        }
    }

    /// The last one at or before `moment`.
    pub fn before(&self, moment: SimTime) -> &World {
        let after = self.worlds.partition_point(|world| world.now() <= moment);
        &self.worlds[after.max(1) - 1]
    }

    /// The last one that has not gone beyond the first `moments` entries of the timeline, nor reached `parting`.
    pub fn within(&self, moments: usize, parting: SimTime) -> &World {
        let good = |world: &&World| world.moments_passed() <= moments && world.now() < parting;
        self.worlds.iter().rfind(good).unwrap_or(&self.worlds[0])
    }

    /// Forgets those after `moment`: the future has changed.
    pub fn forget_after(&mut self, moment: SimTime) {
        self.keep(|world| world.now() <= moment);
    }

    /// Forgets those that have gone beyond the first `moments` entries of the timeline, or reached `parting`.
    pub fn forget_beyond(&mut self, moments: usize, parting: SimTime) {
        self.keep(|world| world.moments_passed() <= moments && world.now() < parting);
    }

    /// The moments that can be reached at once.
    pub fn times(&self) -> impl Iterator<Item = SimTime> + '_ {
        self.worlds.iter().map(World::now)
    }

    fn keep(&mut self, good: impl Fn(&World) -> bool) {
        let mut first = true;
        self.worlds.retain(|world| std::mem::take(&mut first) || good(world));
    }

    fn bytes(&self) -> usize {
        self.worlds.iter().map(World::clone_bytes).sum()
    }

    /// Drops the one whose loss hurts least: the gap that it leaves is smallest beside its age.
    fn thin_out(&mut self) {
        let now = self.worlds.last().map_or(SimTime::ZERO, World::now);
        let hurt = |index: &usize| {
            let gap = self.worlds[index + 1].now().since(self.worlds[index - 1].now()).0 as f64;
            gap / (now.since(self.worlds[*index].now()).0 as f64 + 1.0)
        };
        let least = (1..self.worlds.len() - 1).min_by(|a, b| hurt(a).total_cmp(&hurt(b)));
        self.worlds.remove(least.expect("there are more than two"));
    }
}
