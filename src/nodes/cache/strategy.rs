//! How a cache and its database are kept together.

use crate::nodes::TierId;
use crate::time::Span;

/// The strategies, by the field's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The application asks the cache, on a miss the database, and then fills the cache; it writes to the database, and
    /// tells the cache.
    #[default]
    CacheAside,
    /// On a miss the cache itself asks the database. Writes are as with cache-aside.
    ReadThrough,
    /// As read-through; and writes go to the cache, which writes to the database before it answers.
    WriteThrough,
    /// As read-through; and writes go to the cache, which answers at once and writes to the database later. What was not
    /// written yet is lost in a crash.
    WriteBehind,
    /// As read-through; and an entry that is asked for in the last part of its life is read anew in the background.
    RefreshAhead,
}

impl Strategy {
    /// The name in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Self::CacheAside => "cache_aside",
            Self::ReadThrough => "read_through",
            Self::WriteThrough => "write_through",
            Self::WriteBehind => "write_behind",
            Self::RefreshAhead => "refresh_ahead",
        }
    }

    /// Whether the cache itself asks the database.
    pub fn reads_through(self) -> bool {
        match self {
            Self::CacheAside => false,
            Self::ReadThrough | Self::WriteThrough | Self::WriteBehind | Self::RefreshAhead => true,
        }
    }

    /// Whether writes go to the cache.
    pub fn takes_writes(self) -> bool {
        match self {
            Self::CacheAside | Self::ReadThrough | Self::RefreshAhead => false,
            Self::WriteThrough | Self::WriteBehind => true,
        }
    }
}

/// What a cache that stands before the database does; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Through {
    /// The database.
    pub database: TierId,
    /// Whether reads that miss the same key at the same time ask the database once.
    pub coalesces: bool,
    /// How long writes are kept back, if they are answered before they are written.
    pub behind: Option<Span>,
    /// The last part of its life in which an entry that is asked for is read anew, from 0 to 1; 0 where it is not.
    pub refreshed_in_last: f64,
}

/// Where a cache keeps its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// In memory: to fetch a value is a part of the look-up's work.
    #[default]
    Memory,
    /// On its machine's disk, with only the keys in memory: a hit is a read of the disk, a new value a write.
    Disk,
}
