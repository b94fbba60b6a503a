//! The lines that servers write: on their own disks, and gathered in one place.
//!
//! The server at the entry writes a line for the requests that it replies to, and every server one for its calls to others:
//! all that failed or were slow, and a sample of the rest. The sample is chosen by the request's number, so that of a
//! request either all lines are there or only the bad ones. Each server keeps its newest lines; an agent sends on what is
//! new at intervals, as long as its server lives. A line names whom it is about, if that is another one.

use std::collections::VecDeque;

use crate::rng::{mix, unit};
use crate::time::{SimTime, Span};

use super::super::NodeId;
use super::super::job::Cause;

/// What servers write down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Lines that each server keeps.
    pub lines_per_node: usize,
    /// The share of the good and fast requests that are written down, from 0 to 1.
    pub sample: f64,
    /// From how long on a request or a call is slow.
    pub slow: Span,
    /// Time between two shipments, and how many lines are kept in one place, if they are gathered.
    pub gather: Option<(Span, usize)>,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was written.
    pub time: SimTime,
    /// The request's number.
    pub request: u64,
    /// Who wrote it.
    pub node: NodeId,
    /// Who was asked; [`NodeId::NONE`] where the line is about the writer's own reply.
    pub peer: NodeId,
    /// The request's class.
    pub class: u8,
    /// Why it failed, if it did.
    pub cause: Option<Cause>,
    /// How long it took.
    pub took: Span,
}

/// A server's own lines.
#[derive(Clone, Debug, Default)]
struct Own {
    lines: VecDeque<Line>,
    /// Lines written since the start, and those of them that were sent on or came too late for that.
    written: u64,
    shipped: u64,
}

/// All lines.
#[derive(Clone, Debug)]
pub struct Logs {
    /// What is written down.
    pub settings: Settings,
    own: Vec<Own>,
    gathered: VecDeque<Line>,
    /// Lines that were gathered since the start.
    pub gathered_in_all: u64,
    /// Lines that had to go before they were sent on.
    pub lost: u64,
    /// Lines that went with a disk before they were sent on.
    pub destroyed: u64,
}

impl Logs {
    /// No lines yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, own: Vec::new(), gathered: VecDeque::new(), gathered_in_all: 0, lost: 0, destroyed: 0 }
    }

    /// Writes a line, if it is worth one.
    pub fn write(&mut self, line: Line) {
        if !self.is_bad(&line) && unit(mix(line.request ^ 0x0010_65a3)) >= self.settings.sample {
            return;
        }
        if self.own.len() <= line.node.index() {
            self.own.resize(line.node.index() + 1, Own::default());
        }
        let own = &mut self.own[line.node.index()];
        own.written += 1;
        own.lines.push_back(line);
        while own.lines.len() > self.settings.lines_per_node {
            own.lines.pop_front();
        }
    }

    /// Whether it tells of a failure or of something slow.
    pub fn is_bad(&self, line: &Line) -> bool {
        line.cause.is_some() || line.took >= self.settings.slow
    }

    /// The lines of a server, oldest first. They can be read while it lives.
    pub fn of(&self, node: NodeId) -> impl DoubleEndedIterator<Item = &Line> {
        self.own.get(node.index()).into_iter().flat_map(|own| &own.lines)
    }

    /// How many lines a server has written.
    pub fn written(&self, node: NodeId) -> u64 {
        self.own.get(node.index()).map_or(0, |own| own.written)
    }

    /// How many of the lines that a server has were not sent on yet.
    pub fn unsent(&self, node: NodeId) -> u64 {
        self.own.get(node.index()).map_or(0, |own| (own.written - own.shipped).min(own.lines.len() as u64))
    }

    /// The lines of a server are gone with its disk.
    pub fn lose(&mut self, node: NodeId) {
        self.destroyed += self.unsent(node);
        if let Some(own) = self.own.get_mut(node.index()) {
            own.lines.clear();
            own.shipped = own.written;
        }
    }

    /// The gathered lines, oldest first.
    pub fn gathered(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.gathered.iter()
    }

    /// Servers for which `lives` send on what is new.
    pub fn ship(&mut self, lives: impl Fn(NodeId) -> bool) {
        let Some((_, most)) = self.settings.gather else { return };
        let mut fresh: Vec<Line> = Vec::new();
        for (node, own) in self.own.iter_mut().enumerate().filter(|(node, _)| lives(NodeId(*node as u16))) {
            debug_assert!(node < usize::from(NodeId::NONE.0));
            let new = own.written - own.shipped;
            let kept = new.min(own.lines.len() as u64);
            self.lost += new - kept;
            fresh.extend(own.lines.range(own.lines.len() - kept as usize..));
            own.shipped = own.written;
        }
        fresh.sort_by_key(|line| (line.time, line.request, line.node));
        self.gathered_in_all += fresh.len() as u64;
        self.gathered.extend(fresh);
        while self.gathered.len() > most {
            self.gathered.pop_front();
        }
    }

    /// Whom the gathered bad lines name, and how often; most first. A server that passes on what another one failed at is named
    /// by its own callers as well, but by fewer, since they take turns among several.
    pub fn blamed(&self) -> Vec<(NodeId, u64)> {
        let mut counts: Vec<(NodeId, u64)> = Vec::new();
        let named = self.gathered.iter().filter(|line| line.peer != NodeId::NONE && self.is_bad(line));
        for line in named {
            match counts.binary_search_by_key(&line.peer, |own| own.0) {
                Ok(at) => counts[at].1 += 1,
                Err(at) => counts.insert(at, (line.peer, 1)),
            }
        }
        counts.sort_by_key(|&(node, count)| (std::cmp::Reverse(count), node));
        counts
    }

    /// Roughly how many bytes all lines take.
    pub fn bytes(&self) -> usize {
        let lines = self.gathered.len() + self.own.iter().map(|own| own.lines.len()).sum::<usize>();
        lines * size_of::<Line>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(request: u64, node: u16, cause: Option<Cause>) -> Line {
        Line { time: SimTime(request), request, node: NodeId(node), peer: NodeId(9), class: 0, cause, took: Span::ZERO }
    }

    #[test]
    fn rings_are_bounded_and_what_had_to_go_before_it_was_sent_on_is_counted() {
        let gather = Some((Span::from_seconds(1.0), 5));
        let mut logs = Logs::new(Settings { lines_per_node: 3, sample: 0.0, slow: Span::from_seconds(1.0), gather });
        for request in 0..4 {
            logs.write(line(request, 0, Some(Cause::Refused)));
            logs.write(line(request, 1, Some(Cause::Refused)));
            logs.write(line(request, 1, None));
        }
        assert_eq!((logs.of(NodeId(0)).count(), logs.written(NodeId(0))), (3, 4), "good lines are not sampled here");
        logs.ship(|node| node == NodeId(0));
        assert_eq!((logs.gathered().count(), logs.lost), (3, 1));
        logs.ship(|_| true);
        assert_eq!((logs.gathered().count(), logs.gathered_in_all, logs.lost), (5, 6, 2));
        logs.ship(|_| true);
        assert_eq!(logs.gathered_in_all, 6, "nothing is sent twice");
        assert_eq!(logs.blamed(), [(NodeId(9), 5)]);
        logs.write(line(9, 0, Some(Cause::Refused)));
        assert_eq!((logs.unsent(NodeId(0)), logs.unsent(NodeId(1))), (1, 0));
        logs.lose(NodeId(0));
        logs.ship(|_| true);
        assert_eq!((logs.of(NodeId(0)).count(), logs.destroyed, logs.lost), (0, 1, 2), "nobody gets them any more");
    }
}
