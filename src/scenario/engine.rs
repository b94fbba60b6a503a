//! What a query costs with different kinds of databases.
//!
//! A class of requests says *what* it asks for ([`Query`]): follow so many levels of relations from one row. The engine's
//! profile says *how*: with how many round trips, rows, pages and kilobytes ([`counts`]). One table of unit costs
//! ([`COSTS`]), the same for all engines, turns these into work. So engines differ by what they do, never by a constant.

use serde::{Deserialize, Serialize};

/// A kind of database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Tables, indexes, joins in the database, a schema that writes are checked against.
    #[default]
    Relational,
    /// Values by key: the caller reads them and follows relations itself.
    KeyValue,
    /// Documents that contain the rows that belong to them.
    Document,
    /// Rows of a partition side by side, in sorted runs that are only ever appended.
    WideColumn,
    /// Nodes that point to their neighbours.
    Graph,
}

impl Engine {
    pub(super) fn is_relational(&self) -> bool {
        *self == Self::Relational
    }

    /// Whether it spreads its keys over its instances by their hash. Then each answers for its own rows alone.
    pub fn is_partitioned(self) -> bool {
        match self {
            Self::KeyValue | Self::Document | Self::WideColumn => true,
            Self::Relational | Self::Graph => false,
        }
    }
}

/// What a request asks of a database, whatever its kind: one row, or all that hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Query {
    /// Levels of relations to follow, from 0 (the row alone) to 4.
    pub depth: u32,
    /// Rows that each row is related to, from 1 to 100.
    pub fan_out: u32,
    /// Size of a row, in kilobytes.
    pub value_kb: f64,
    /// Fields of a row, which a schema checks on writing.
    pub fields: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self { depth: 0, fan_out: 10, value_kb: 1.0, fields: 10 }
    }
}

/// What a query takes, in numbers of things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// Calls one after the other, since each needs what the one before has found.
    pub round_trips: u32,
    /// Statements to parse and plan.
    pub statements: f64,
    /// Rows touched.
    pub rows: f64,
    /// Pages of indexes and data looked at.
    pub pages: f64,
    /// Kilobytes moved to or from the caller.
    pub kilobytes: f64,
    /// Fields checked against a schema.
    pub fields: f64,
}

/// Entries of an index page: 8 kB at some 40 bytes each.
const INDEX_FAN_OUT: f64 = 200.0;
/// Size of a page, in kilobytes.
const PAGE_KB: f64 = 8.0;
/// Sorted runs that a read of a log-structured store looks into, after Bloom filters (O'Neil et al. 1996).
const SORTED_RUNS: f64 = 2.0;

/// Levels of a B-tree over so many rows: pages that are looked at to find one.
pub fn index_levels(rows: f64) -> f64 {
    (libm::log(rows.max(2.0)) / libm::log(INDEX_FAN_OUT)).ceil()
}

/// What a query takes on a database that holds so many rows.
pub fn counts(query: &Query, write: bool, engine: Engine, rows_held: f64) -> Counts {
    let fan_out = f64::from(query.fan_out);
    let rows: f64 = if write { 1.0 } else { (0..=query.depth).map(|level| libm::pow(fan_out, f64::from(level))).sum() };
    // Rows that hold their related ones: those of every second level.
    let holders: f64 =
        if write { 1.0 } else { (0..=query.depth).step_by(2).map(|level| libm::pow(fan_out, f64::from(level))).sum() };
    let index = index_levels(rows_held);
    let levels = if write { 1 } else { query.depth + 1 };
    let kilobytes = rows * query.value_kb;
    let data_pages = |kb: f64| (kb / PAGE_KB).ceil();
    let base = Counts { round_trips: 1, statements: 0.0, rows, pages: 0.0, kilobytes, fields: 0.0 };
    match engine {
        Engine::Relational => Counts {
            statements: 1.0,
            pages: rows * (index + data_pages(query.value_kb)),
            fields: if write { f64::from(query.fields) } else { 0.0 },
            ..base
        },
        Engine::KeyValue => Counts { round_trips: levels, pages: rows * (1.0 + data_pages(query.value_kb)), ..base },
        Engine::Document => {
            // To change one row is to write the document that contains it.
            let moved = if write { query.value_kb * (1.0 + fan_out) } else { kilobytes };
            Counts { round_trips: levels.div_ceil(2), pages: holders + data_pages(moved), kilobytes: moved, ..base }
        }
        Engine::WideColumn => Counts {
            round_trips: levels.div_ceil(2),
            pages: if write { 0.0 } else { holders * SORTED_RUNS + data_pages(kilobytes) },
            ..base
        },
        Engine::Graph => Counts { statements: 2.0, pages: index + rows * data_pages(query.value_kb), ..base },
    }
}

/// What things cost, in milliseconds, on a core of speed 1: the same for every engine. Orders of magnitude, after Dean's
/// "Numbers everyone should know" (2009, updated by others since): a system call and a trip through the network stack
/// some 10 µs, a random read of an SSD 100 µs, a page in memory below 1 µs, decoding some 100 MB/s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitCosts {
    /// To receive and answer a call.
    pub call: f64,
    /// To parse and plan a statement.
    pub statement: f64,
    /// To touch a row.
    pub row: f64,
    /// To look at a page in memory.
    pub page_in_memory: f64,
    /// To get a page from the disk first.
    pub page_from_disk: f64,
    /// To move a kilobyte.
    pub kilobyte: f64,
    /// To check a field.
    pub field: f64,
    /// To make objects of a kilobyte, at the caller.
    pub decode_kilobyte: f64,
}

/// The unit costs.
pub const COSTS: UnitCosts = UnitCosts {
    call: 0.02,
    statement: 0.1,
    row: 0.001,
    page_in_memory: 0.0005,
    page_from_disk: 0.1,
    kilobyte: 0.002,
    field: 0.0005,
    decode_kilobyte: 0.01,
};

/// What a query takes in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Calls one after the other.
    pub round_trips: u8,
    /// Work of the database for each, in milliseconds.
    pub database_ms: f64,
    /// Work of the caller in all, in milliseconds.
    pub caller_ms: f64,
}

/// What these counts take, where this share of the pages has to come from the disk.
pub fn demand(counts: &Counts, from_disk: f64) -> Demand {
    let page = COSTS.page_in_memory + from_disk * COSTS.page_from_disk;
    let trips = f64::from(counts.round_trips);
    let work = counts.statements * COSTS.statement
        + counts.rows * COSTS.row
        + counts.pages * page
        + counts.kilobytes * COSTS.kilobyte
        + counts.fields * COSTS.field;
    Demand {
        round_trips: counts.round_trips as u8,
        database_ms: COSTS.call + work / trips,
        caller_ms: trips * COSTS.call + counts.kilobytes * COSTS.decode_kilobyte,
    }
}

/// The share of pages that are not in memory, if all are as likely to be asked for.
pub fn share_from_disk(data_gb: f64, memory_gb: Option<f64>) -> f64 {
    memory_gb.map_or(0.0, |memory| (1.0 - memory / data_gb.max(1e-9)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_differ_by_what_they_do() {
        let query = Query { depth: 2, fan_out: 10, value_kb: 1.0, fields: 10 };
        let of = |engine| counts(&query, false, engine, 1e6);
        let trips = [Engine::Relational, Engine::KeyValue, Engine::Document, Engine::WideColumn, Engine::Graph]
            .map(|engine| of(engine).round_trips);
        assert_eq!(trips, [1, 3, 2, 2, 1]);
        // Three index levels and a page for each of 1 + 10 + 100 rows; a graph needs the index once.
        assert_eq!(of(Engine::Relational).pages, 111.0 * 4.0);
        assert_eq!(of(Engine::Graph).pages, 3.0 + 111.0);
        let write = |engine| counts(&query, true, engine, 1e6);
        assert_eq!((write(Engine::Relational).fields, write(Engine::KeyValue).fields), (10.0, 0.0));
        assert_eq!(write(Engine::Document).kilobytes, 11.0);
    }

    #[test]
    fn what_does_not_fit_comes_from_the_disk() {
        assert_eq!(share_from_disk(200.0, Some(50.0)), 0.75);
        assert_eq!(share_from_disk(20.0, Some(50.0)), 0.0);
        assert_eq!(share_from_disk(200.0, None), 0.0);
    }
}
