//! A start in the steady state: what caches, and databases in memory, hold in the long run.
//!
//! They are first given the most popular keys, and then so many requests of the kind that will come, of which nothing is
//! counted. For LRU that is exact: what it holds depends only on the last requests that asked for as many different keys as
//! fit. What has a time to live gets an age, uniform over it, and three times that long to settle. Nobody has written
//! before: what is held is fresh.

use std::sync::Arc;

use crate::nodes::cache::Holds;
use crate::nodes::cache::entries::{Counts, Entry};
use crate::nodes::caching::{Keeps, OnWrite};
use crate::nodes::data::Popularity;
use crate::nodes::{Node, NodeId, TierId};
use crate::rng::{Stream, below, unit};
use crate::scenario::plan::{HoldsPlan, PartPlan, Plan};
use crate::time::{SimTime, Span};
use crate::world::World;

/// Requests for each entry that there is room for.
const REQUESTS_PER_ENTRY: u64 = 10;
/// The most requests: what is not settled then settles in the run.
const REQUESTS_MAX: u64 = 1_000_000;
/// Times to live to settle.
const LIVES: f64 = 3.0;

/// Warms what is to start warm.
pub(super) fn warm(world: &mut World) {
    let plan = world.plan.clone();
    for tier in &plan.tiers {
        if let PartPlan::Web { cache, keeps, database, .. } = tier.part {
            let cache = cache.filter(|cache| starts_warm(&plan, *cache)).zip(keeps);
            // Those that classes name are asked by all web servers.
            let named = plan.classes.iter().flat_map(|class| class.databases.iter().copied());
            let mut databases: Vec<TierId> = database.into_iter().chain(named).collect();
            databases.retain(|database| starts_warm(&plan, *database));
            databases.sort_unstable();
            databases.dedup();
            if cache.is_some() || !databases.is_empty() {
                Warming::new(world, plan.clone(), cache, database, databases).run();
            }
        }
    }
}

fn starts_warm(plan: &Plan, tier: TierId) -> bool {
    match &plan.tiers[tier.index()].part {
        PartPlan::Cache { holds: HoldsPlan::Entries { warm, .. }, .. } => *warm,
        PartPlan::Database { pool: Some(pool), .. } => pool.warm,
        PartPlan::Client(_)
        | PartPlan::Dns { .. }
        | PartPlan::Balancer { .. }
        | PartPlan::Web { .. }
        | PartPlan::Cache { .. }
        | PartPlan::Database { .. }
        | PartPlan::Cdn { .. }
        | PartPlan::ObjectStore { .. }
        | PartPlan::Broker { .. }
        | PartPlan::Worker { .. } => false,
    }
}

struct Warming<'a> {
    world: &'a mut World,
    plan: Arc<Plan>,
    cache: Option<(TierId, Keeps)>,
    /// The one that is asked by classes which name none, and all that start warm.
    database: Option<TierId>,
    databases: Vec<TierId>,
    random: Stream,
    now: SimTime,
}

impl<'a> Warming<'a> {
    fn new(
        world: &'a mut World,
        plan: Arc<Plan>,
        cache: Option<(TierId, Keeps)>,
        database: Option<TierId>,
        databases: Vec<TierId>,
    ) -> Self {
        let random = Stream::new(world.ctx.seed, 0x7761_726d);
        Self { world, plan, cache, database, databases, random, now: SimTime::ZERO }
    }

    fn run(mut self) {
        let Some(keys) = self.world.ctx.data.as_ref().and_then(|data| data.keys) else { return };
        let popularity = keys.popularity;
        let (room, ttl) = self.room();
        let count = popularity.count();
        let most_popular = (room.min(u64::from(count)).min(REQUESTS_MAX)) as u32;
        // The most popular last, so that it is the last to go.
        for key in (0..most_popular).rev() {
            let left = unit(self.random.draw());
            self.hold(key, ttl.map_or(SimTime::NEVER, |ttl| SimTime((ttl.0 as f64 * left) as u64)));
            self.databases.clone().into_iter().for_each(|tier| self.touch_pages(key, tier));
        }
        let rate = f64::from(self.plan.habits.users) * self.plan.habits.rate_per_user;
        let settling = ttl.map_or(0.0, |ttl| rate * ttl.as_ms() / 1e3 * LIVES) as u64;
        let requests = if rate > 0.0 { (room * REQUESTS_PER_ENTRY).max(settling).min(REQUESTS_MAX) } else { 0 };
        for request in 0..requests {
            self.now = SimTime((request as f64 / rate * 1e9) as u64);
            let key = match popularity {
                Popularity::Zipf(zipf) => zipf.pick(self.random.draw()),
                Popularity::Uniform(count) => below(self.random.draw(), count),
                // The run goes on where this ends.
                Popularity::Scan(count) => {
                    let before = (requests - request) % u64::from(count);
                    ((u64::from(count) - before) % u64::from(count)) as u32
                }
            };
            let class = self.plan.habits.classes.pick(self.random.draw());
            self.request(key, usize::from(class), ttl);
        }
        self.begin();
    }

    /// How many entries and pages there is room for, and how long entries live.
    fn room(&self) -> (u64, Option<Span>) {
        let (mut room, mut ttl) = (0, None);
        if let Some((tier, _)) = self.cache {
            let own = &self.plan.tiers[tier.index()];
            if let PartPlan::Cache { holds: HoldsPlan::Entries { capacity, life, .. }, .. } = &own.part {
                let value = self.world.ctx.data.as_ref().map_or(1, |data| data.site_keys().value_bytes.max(1));
                let each = u64::from(capacity.entries).min(capacity.bytes / u64::from(value));
                (room, ttl) = (each * u64::from(own.instances), life.ttl);
            }
        }
        for tier in &self.databases {
            let PartPlan::Database { pool: Some(pool), .. } = &self.plan.tiers[tier.index()].part else { continue };
            let shards = self.world.ctx.tiers[tier.index()].shards.as_ref();
            room = room.max(u64::from(pool.pages) * shards.map_or(1, |shards| shards.held.len() as u64));
        }
        (room, ttl)
    }

    /// A request as it will come.
    fn request(&mut self, key: u32, class: usize, ttl: Option<Span>) {
        let class = &self.plan.classes[class];
        if class.files.is_some() {
            return;
        }
        let (write, cached) = (class.write, class.cached);
        let asked =
            if class.databases.is_empty() { self.database.into_iter().collect() } else { class.databases.clone() };
        if cached && !write && self.cache.is_some() && self.is_held(key) {
            return;
        }
        for tier in asked {
            if self.databases.contains(&tier) {
                self.touch_pages(key, tier);
            }
        }
        let Some((_, keeps)) = self.cache else { return };
        let lives = ttl.map_or(SimTime::NEVER, |ttl| self.now + ttl);
        match (write, keeps.on_write) {
            (true, _) if keeps.writes_through => self.hold(key, lives),
            (true, OnWrite::Invalidate) => self.each_cache(key, |held, _| {
                held.remove(key);
            }),
            (true, OnWrite::Update) => self.hold(key, lives),
            (false, _) if cached => self.hold(key, lives),
            (true, OnWrite::Nothing) | (false, _) => {}
        }
    }

    fn is_held(&mut self, key: u32) -> bool {
        let mut found = false;
        self.each_cache(key, |held, now| found |= held.get(key, now).is_some());
        found
    }

    fn hold(&mut self, key: u32, expires: SimTime) {
        let bytes = self.world.ctx.data.as_ref().map_or(0, |data| data.site_keys().value_bytes);
        self.each_cache(key, |held, _| held.put(key, Entry { version: 0, bytes, expires }));
    }

    /// All caches that hold a key.
    fn each_cache(&mut self, key: u32, mut act: impl FnMut(&mut crate::nodes::cache::entries::Entries, SimTime)) {
        let Some((tier, _)) = self.cache else { return };
        let tier = &self.world.ctx.tiers[tier.index()];
        let Some(places) = &tier.places else { return };
        for &server in places.holders_of(key, &[]).servers() {
            let node: NodeId = tier.members[usize::from(server)];
            if let Node::Cache(cache) = &mut self.world.nodes[node.index()]
                && let Holds::Entries { entries, .. } = &mut cache.holds
            {
                act(entries, self.now);
            }
        }
    }

    /// A database is asked for a key.
    fn touch_pages(&mut self, key: u32, tier: TierId) {
        let tier = &self.world.ctx.tiers[tier.index()];
        // Any server; of a database that is sharded, any of the shard that has it.
        let (first, each) = match &tier.shards {
            Some(shards) => (usize::from(shards.home(key)) * shards.settings.each, shards.settings.each),
            None => (0, tier.instances),
        };
        let node = tier.members[first + below(self.random.draw(), each as u32) as usize];
        if let Node::Database(database) = &mut self.world.nodes[node.index()]
            && let Some(pool) = &mut database.pool
            && !pool.has(key)
        {
            pool.hold(key);
        }
    }

    /// Now the run begins: nothing has been counted, and what is held is as old as it is.
    fn begin(self) {
        for node in &mut self.world.nodes {
            match node {
                Node::Cache(cache) => {
                    if let Holds::Entries { entries, .. } = &mut cache.holds {
                        entries.counts = Counts::default();
                        entries.age(self.now - SimTime::ZERO);
                    }
                }
                Node::Database(database) => database.pool.iter_mut().for_each(|pool| pool.forget_counts()),
                Node::Client(_)
                | Node::Dns(_)
                | Node::Balancer(_)
                | Node::Web(_)
                | Node::Edge(_)
                | Node::ObjectStore(_)
                | Node::Broker(_)
                | Node::Worker(_) => {}
            }
        }
    }
}
