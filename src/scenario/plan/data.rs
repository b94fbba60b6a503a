//! The site's data and its caches, with names resolved and all units turned into the engine's.

use crate::nodes::TierId;
use crate::nodes::cache::Life;
use crate::nodes::cache::entries::{Capacity, Eviction};
use crate::nodes::cache::strategy::{Strategy, Through};
use crate::nodes::caching::{Detection, Keeps};
use crate::nodes::data::{Keys, Popularity};
use crate::nodes::placement::Placement;
use crate::rng::Zipf;
use crate::scenario::data;
use crate::scenario::{CacheTier, Scenario, Tier};
use crate::time::Span;

/// What a cache holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HoldsPlan {
    /// What is asked for, with this probability.
    Anything(f64),
    /// Entries.
    Entries {
        /// How many, and how large.
        capacity: Capacity,
        /// Who goes first.
        eviction: Eviction,
        /// How long they live.
        life: Life,
        /// Which of several servers holds a key.
        placement: Placement,
        /// How many of them do.
        replicas: u32,
        /// Whether the run begins with what it holds in the long run.
        warm: bool,
        /// Whether values older than a known write are refused.
        versioned: bool,
    },
}

pub(super) fn keys(scenario: &Scenario) -> Option<Keys> {
    scenario.workload.keys.map(|keys| Keys {
        popularity: popularity(keys.popularity, keys.count, keys.exponent),
        value_bytes: (keys.value_kb * 1000.0) as u32,
        celebrities: keys.celebrities.map(|celebrities| (celebrities.count, celebrities.share)),
    })
}

pub(super) fn popularity(popularity: data::Popularity, count: u32, exponent: f64) -> Popularity {
    match popularity {
        data::Popularity::Zipf => Popularity::Zipf(Zipf::new(count, exponent)),
        data::Popularity::Uniform => Popularity::Uniform(count),
        data::Popularity::Scan => Popularity::Scan(count),
    }
}

pub(super) fn holds(scenario: &Scenario, cache: &CacheTier) -> HoldsPlan {
    if let Some(probability) = cache.hit_probability {
        return HoldsPlan::Anything(probability);
    }
    let memory_mb = scenario.machines[&cache.machine].memory_gb().map(|gb| gb * 1000.0);
    let room_mb = cache.capacity_mb.or(memory_mb).unwrap_or(f64::INFINITY);
    HoldsPlan::Entries {
        capacity: Capacity {
            entries: cache.capacity_entries.expect("checked: a cache without a probability holds entries"),
            // Casts of what is too large end at the largest number.
            bytes: (room_mb * 1e6) as u64,
        },
        eviction: cache.eviction,
        life: Life { ttl: cache.ttl_ms.map(Span::from_ms), jitter: cache.ttl_jitter },
        warm: cache.warm_start,
        versioned: cache.versioned_fill,
        replicas: cache.replicas,
        placement: match cache.placement {
            data::Placement::Modulo => Placement::Modulo,
            data::Placement::Ring => Placement::Ring { points: cache.ring_points },
        },
    }
}

/// How the application uses a cache, if that holds entries.
pub(super) fn keeps(scenario: &Scenario, cache: &str) -> Option<Keeps> {
    match &scenario.tiers[cache] {
        Tier::Cache(cache) if cache.hit_probability.is_none() => {
            let reads_through = cache.strategy.reads_through();
            Some(Keeps {
                on_write: cache.on_write,
                coalesces: cache.coalesce && !reads_through,
                reads_through,
                writes_through: cache.strategy.takes_writes(),
                detection: cache.detection.map(|detection| Detection {
                    failures: detection.failures,
                    retry_after: Span::from_ms(detection.retry_after_ms),
                    rehash: detection.rehash_on_failure,
                }),
            })
        }
        Tier::Cache(_)
        | Tier::Dns(_)
        | Tier::LoadBalancer(_)
        | Tier::WebServer(_)
        | Tier::Database(_)
        | Tier::Cdn(_)
        | Tier::ObjectStore(_)
        | Tier::MessageBroker(_)
        | Tier::Worker(_) => None,
    }
}

/// What a cache does that stands before a database.
pub(super) fn through(cache: &CacheTier, database: TierId) -> Through {
    let flush = Span::from_ms(cache.flush_interval_ms);
    Through {
        database,
        coalesces: cache.coalesce,
        behind: (cache.strategy == Strategy::WriteBehind).then_some(flush),
        refreshed_in_last: if cache.strategy == Strategy::RefreshAhead { cache.refresh_in_last } else { 0.0 },
    }
}
