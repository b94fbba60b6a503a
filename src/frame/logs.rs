//! The lines that servers write, for the page: what was looked for, and what there is in all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nodes::NodeId;
use crate::nodes::operations::logs::Logs;
use crate::world::World;
use crate::world::log_search::{Level, LogQuery};
use crate::world::report::LogsReport;

/// As many servers are listed by their failures.
const SERVERS_MAX: usize = 8;
/// The most lines that are told at once.
const LINES_MAX: usize = 2_000;

/// What there is of lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogsStatus {
    /// Lines of failures and of what was slow, by the server that has them, most first.
    pub by_writer: Vec<(String, u64)>,
    /// What is gathered in one place, if anything is.
    pub gathered: Option<Gathered>,
    /// All servers that have written lines.
    pub writers: Vec<String>,
}

/// Lines that are gathered in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gathered {
    /// Those that tell of a failure or of something slow, by the server that they name, most first.
    pub blamed: Vec<(String, u64)>,
    /// How often servers send on what is new, in milliseconds.
    pub every_ms: f64,
    /// How many lines are kept here at most.
    pub most: u64,
    /// Lines that had to go before their server sent them on: it keeps only its newest.
    pub lost: u64,
    /// Lines that went with a disk before they were sent on.
    pub destroyed: u64,
    /// Dead servers, with the lines that they had not sent on.
    pub with_the_dead: Vec<(String, u64)>,
}

/// What was found in the lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogLines {
    /// What was looked for.
    pub query: LogQuery,
    /// The newest lines that were found, newest first.
    pub lines: Vec<LogLine>,
    /// How many there are of them in all.
    pub matching: u64,
    /// How many more came after the moment up to which lines were asked for.
    pub newer: u64,
    /// Whether they can be read: not if their server is dead.
    pub readable: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// When it was written, in milliseconds.
    pub at_ms: f64,
    /// What it tells.
    pub level: Level,
    /// The line, without the time.
    pub text: String,
}

/// What there is of lines.
pub(super) fn logs(world: &World, logs: &Logs, report: &LogsReport) -> LogsStatus {
    let gathered = logs.settings.gather.map(|(every, most)| Gathered {
        blamed: most_first(&report.blamed),
        every_ms: every.as_ms(),
        most: most as u64,
        lost: logs.lost,
        destroyed: logs.destroyed,
        with_the_dead: with_the_dead(world, logs),
    });
    LogsStatus {
        by_writer: most_first(&report.bad_by_writer),
        gathered,
        writers: report.written.keys().cloned().collect(),
    }
}

fn with_the_dead(world: &World, logs: &Logs) -> Vec<(String, u64)> {
    let nodes = (0..world.nodes().len()).map(|node| NodeId(node as u16));
    let dead = nodes.filter(|node| !world.is_readable(*node)).map(|node| (world.target(node), logs.unsent(node)));
    dead.filter(|(_, lines)| *lines > 0).take(SERVERS_MAX).collect()
}

fn most_first(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.iter().map(|(target, count)| (target.clone(), *count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(SERVERS_MAX);
    counts
}

/// Looks for lines, and tells at most so many of them.
pub fn log_lines(world: &World, query: &LogQuery, most: usize) -> LogLines {
    let node = query.target.as_deref().map(|target| world.node(target));
    let readable = node.is_none_or(|node| node.is_some_and(|node| world.is_readable(node)));
    let mut found = LogLines { query: query.clone(), readable, ..LogLines::default() };
    for line in world.search_log(query) {
        if query.until_ms.is_some_and(|until_ms| line.at.as_ms() > until_ms) {
            found.newer += 1;
            continue;
        }
        found.matching += 1;
        if found.lines.len() < most.min(LINES_MAX) {
            found.lines.push(LogLine { at_ms: line.at.as_ms(), level: line.level, text: line.text });
        }
    }
    found
}
