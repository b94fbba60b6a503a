//! A database that is sharded: each of its shards has other rows of the same table. A shard is a server, or a cluster of a
//! primary and its replicas.
//!
//! - `fields.rs`: what is known of a row, and the keys to choose from.
//! - `router.rs`: which shard a row is on.
//! - `gather.rs`: queries that all shards have to be asked for.
//! - `resharding.rs`: rows that move to other shards while all goes on; `moving.rs`: how such a move stands.
//!
//! Callers know where rows are and ask that shard ([`aim`], [`node_for`]). A shard answers for the rows that it has: a query
//! that was sent before rows moved is sent on ([`receive`]). Nothing is stored of rows: their number by shard, and what is
//! needed to know the rest by a function.

pub mod fields;
pub mod gather;
pub mod moving;
pub mod resharding;
pub mod router;

use crate::rng::mix;

use super::job::{Cause, Errand};
use super::{Context, NodeId, TierId};

use fields::{Field, Rows, ShardKey, Table};
use moving::Moving;
use router::{Distribution, census};

/// What a sharded tier is; a part of the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Sharding {
    /// Where its rows are.
    pub distribution: Distribution,
    /// How many there are at first.
    pub table: Table,
    /// Servers of each shard.
    pub each: usize,
    /// The most rows that a shard has room for.
    pub capacity_rows: u64,
    /// Size of a row, in bytes.
    pub row_bytes: u32,
    /// What a core copies, in megabytes per second.
    pub copy_mb_per_second: f64,
}

impl Sharding {
    /// Whether rows are put on shards by something that all rows of a user share.
    pub fn is_by_user(&self) -> bool {
        match self.distribution.key {
            ShardKey::UserId | ShardKey::Country | ShardKey::Surname => true,
            ShardKey::OrderId | ShardKey::UserIdOrderId | ShardKey::CreatedAt => false,
        }
    }
}

/// Where something is, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// What the key is there, if that says more than the number.
    pub value: Option<String>,
    /// The shards that have it, from 1.
    pub shards: Vec<u16>,
}

/// Where a user, or a row, with this number is.
pub fn locate(sharding: &Sharding, number: u32) -> Location {
    let Distribution { key, ref map, .. } = sharding.distribution;
    // A user's row, where users have numbers of their own.
    let table = if sharding.is_by_user() { Table { count: 1, users: 1 } } else { sharding.table };
    let value = Rows::new(table).value(key, number);
    let holders = map.holders(value);
    Location { value: fields::word(key, value), shards: holders.servers().iter().map(|shard| shard + 1).collect() }
}

/// How often things happened since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShardCounts {
    /// Requests that one shard could answer, or take.
    pub direct: u64,
    /// Requests that all shards had to be asked for.
    pub scattered: u64,
    /// Writes of the same rows at further shards.
    pub extra_writes: u64,
    /// Rows that were moved to another shard.
    pub moved_rows: u64,
    /// Requests that came to a shard that had the row no more, and were sent on.
    pub sent_on: u64,
    /// Writes of rows that were about to move.
    pub forwarded: u64,
    /// Those of them that were carried out anew at the shard that the rows moved to.
    pub caught_up: u64,
    /// New rows, each counted once.
    pub inserted: u64,
}

/// The shards of a tier.
#[derive(Clone, Debug)]
pub struct Shards {
    /// What they are.
    pub settings: Sharding,
    /// The rows.
    pub rows: Rows,
    /// How many of them each shard has.
    pub held: Vec<u64>,
    /// What happened.
    pub counts: ShardCounts,
    /// Goes up when rows have moved: what was sent before may have come to the wrong shard.
    pub epoch: u8,
    /// Rows that are being moved.
    pub moving: Option<Box<Moving>>,
}

impl Shards {
    /// At the start of a run.
    pub fn new(settings: Sharding) -> Self {
        let rows = Rows::new(settings.table);
        let mut held = vec![0; usize::from(settings.distribution.shards)];
        census(settings.table.count, |row, stands_for| {
            for &shard in settings.distribution.holders(&rows, row).servers() {
                held[usize::from(shard)] += stands_for;
            }
        });
        Self { settings, rows, held, counts: ShardCounts::default(), epoch: 0, moving: None }
    }

    /// The shard that a row is on.
    #[inline]
    pub fn home(&self, row: u32) -> u16 {
        self.settings.distribution.home(&self.rows, row)
    }

    /// Whether a write of a row has to wait until that has moved.
    fn is_held_back(&self, row: u32) -> bool {
        self.moving.as_ref().is_some_and(|moving| moving.holds_back(&self.settings.distribution, &self.rows, row))
    }

    /// How full a shard is, from 0 to 1, if it has a limit.
    pub fn full(&self, shard: usize) -> Option<f64> {
        let capacity = self.settings.capacity_rows;
        (capacity < u64::MAX).then(|| self.held[shard] as f64 / capacity as f64)
    }
}

/// How far a query reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the shard that it was aimed at.
    One,
    /// To all shards.
    All,
}

/// Aims `job`, which is to ask `tier`: at the shard that has its row, or at the first of those that its write goes to.
#[inline]
pub fn aim(ctx: &mut Context, tier: TierId, job: u32) -> Reach {
    let Some(shards) = &mut ctx.tiers[tier.index()].shards else { return Reach::One };
    let entry = &mut ctx.jobs[job];
    let program = &ctx.programs[usize::from(entry.class)];
    let distribution = &shards.settings.distribution;
    entry.shard_epoch = shards.epoch;
    if program.write {
        let mut homes = distribution.holders(&shards.rows, entry.item);
        if program.changes.is_some() {
            homes.push(distribution.map.home(shards.rows.value_to_be(distribution.key, entry.item)));
        }
        entry.homes = homes;
    } else {
        let Some(mut homes) = distribution.readers(&shards.rows, entry.item, program.finds_by) else {
            shards.counts.scattered += 1;
            return Reach::All;
        };
        let turn = (mix(entry.id ^ 0x0073_6861_7264) % homes.servers().len() as u64) as usize;
        homes.servers_mut().rotate_left(turn);
        homes.retain_first();
        entry.homes = homes;
    }
    shards.counts.direct += 1;
    entry.shard = entry.homes.take_next().expect("every row is somewhere");
    Reach::One
}

/// Aims a write at the next shard that has its row. Says whether there is one.
#[inline]
pub fn aim_at_next(ctx: &mut Context, job: u32) -> bool {
    let entry = &mut ctx.jobs[job];
    let next = entry.homes.take_next();
    entry.shard = next.unwrap_or(entry.shard);
    next.is_some()
}

/// The server of the shard that `job` was aimed at; nobody where its cluster has no primary to write to.
#[inline]
pub fn node_for(ctx: &mut Context, tier: TierId, job: u32) -> Option<NodeId> {
    let entry = &ctx.jobs[job];
    let shard = usize::from(entry.shard);
    let state = &ctx.tiers[tier.index()];
    if let Some(&cluster) = state.clusters.get(shard) {
        let (node, user) = (entry.node(), entry.user);
        let write = ctx.programs[usize::from(entry.class)].write;
        return ctx.route(usize::from(cluster), node, user, write);
    }
    Some(state.members[shard])
}

/// What a shard makes of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It carries it out.
    Takes,
    /// It carries out what another shard has carried out before: a further copy of the same write.
    Repeats,
    /// It has no such row: what a query to all shards is told by most of them.
    HasNone,
    /// The row is on another shard now.
    SendsOn,
    /// It cannot take it.
    Refuses(Cause),
}

/// What the shard that `job` is at makes of it.
#[inline]
pub fn receive(ctx: &mut Context, tier: TierId, job: u32) -> Reception {
    let Some(shards) = &mut ctx.tiers[tier.index()].shards else { return Reception::Takes };
    let entry = &ctx.jobs[job];
    let home = || shards.home(entry.item);
    if entry.errand == Errand::Part {
        return if home() == entry.shard { Reception::Takes } else { Reception::HasNone };
    }
    let program = &ctx.programs[usize::from(entry.class)];
    let repeats = program.write && entry.homes.servers().first() != Some(&entry.shard);
    if entry.shard_epoch != shards.epoch && !repeats {
        let holders = shards.settings.distribution.readers(&shards.rows, entry.item, program.finds_by);
        if !holders.is_some_and(|holders| holders.servers().contains(&entry.shard)) {
            shards.counts.sent_on += 1;
            return Reception::SendsOn;
        }
    }
    if !program.write {
        return Reception::Takes;
    }
    let is_full = shards.held[usize::from(entry.shard)] >= shards.settings.capacity_rows;
    if program.inserts && is_full {
        return Reception::Refuses(Cause::DiskFull);
    }
    if shards.is_held_back(entry.item) {
        return Reception::Refuses(Cause::ReadOnly);
    }
    if repeats { Reception::Repeats } else { Reception::Takes }
}

/// The shard that `job` is at has carried out its write, which made a new row if it `is_new`.
pub fn written(ctx: &mut Context, tier: TierId, job: u32, is_new: bool) {
    let state = &mut ctx.tiers[tier.index()];
    let Some(shards) = &mut state.shards else { return };
    let entry = &ctx.jobs[job];
    let program = &ctx.programs[usize::from(entry.class)];
    let (shard, row) = (entry.shard, entry.item);
    let first = entry.homes.servers().first() == Some(&shard);
    shards.counts.extra_writes += u64::from(!first);
    shards.held[usize::from(shard)] += u64::from(is_new);
    shards.counts.inserted += u64::from(is_new && first);
    if program.changes.is_some() && entry.homes.servers().last() == Some(&shard) {
        move_row(shards, row);
    }
    let moves = shards.moving.is_some();
    if moves {
        let (class, draws) = (entry.class, entry.key.draw(entry.attempt, crate::rng::Step::Database));
        let demand = ctx.programs[usize::from(class)].database.sampler.sample(draws);
        resharding::forward(ctx, tier, row, shard, demand, is_new);
    }
}

/// The user of a row has changed what its key is made of: the row is on another shard now, if that follows from it.
fn move_row(shards: &mut Shards, row: u32) {
    let before = shards.home(row);
    shards.rows.change(row);
    let after = shards.home(row);
    if before != after {
        shards.held[usize::from(before)] = shards.held[usize::from(before)].saturating_sub(1);
        shards.held[usize::from(after)] += 1;
        shards.counts.moved_rows += 1;
    }
}

/// What users can change.
pub fn can_change(field: Field) -> bool {
    match field {
        Field::Country | Field::Surname => true,
        Field::UserId | Field::OrderId | Field::CreatedAt => false,
    }
}
