//! Network delays between sites.
//!
//! A site is a place where machines stand, or a group of clients at a place, with its access network. A hop needs no
//! queue: its delay is added and the arrival is scheduled. Delays are constant per route, so each has a lane.

use crate::engine::{LaneId, Queue};
use crate::time::Span;

/// A constant delay and the lane for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// One way.
    pub delay: Span,
    /// The lane of the queue with this delay.
    pub lane: LaneId,
}

/// Index of a site in the [`Network`].
pub type SiteId = u8;

/// One-way delays, in whole, of a scenario: what [`Network`] is built from.
#[derive(Clone, Debug, PartialEq)]
pub struct Delays {
    /// Between sites: `between[from][to]`.
    pub between: Vec<Vec<Span>>,
    /// What an answer of a class needs from a site to a client group, beyond the delay: `transfer[site][group][class]`.
    pub transfer: Vec<Vec<Vec<Span>>>,
    /// What an answer of a class needs from an origin to an edge, beyond the delay: `fill[class]`.
    pub fill: Vec<Span>,
    /// The size of an answer in bytes: `bytes[group][class]`.
    pub bytes: Vec<Vec<u64>>,
}

/// Routes between sites.
#[derive(Clone, Debug)]
pub struct Network {
    between: Vec<Vec<Route>>,
    answers: Vec<Vec<Vec<Route>>>,
    fill: Vec<Span>,
    bytes: Vec<Vec<u64>>,
}

impl Network {
    /// Looks up or makes the lane of each delay.
    pub fn new<E: Copy>(delays: &Delays, queue: &mut Queue<E>) -> Self {
        let mut route = |delay: Span| Route { delay, lane: queue.lane(delay) };
        let between = delays.between.iter().map(|row| row.iter().map(|&delay| route(delay)).collect()).collect();
        let to_group = |site: usize, group: usize, route: &mut dyn FnMut(Span) -> Route| {
            let delay = delays.between[site][group];
            delays.transfer[site][group].iter().map(|&extra| route(delay + extra)).collect()
        };
        let from = |(site, groups): (usize, &Vec<Vec<Span>>)| {
            (0..groups.len()).map(|group| to_group(site, group, &mut route)).collect()
        };
        let answers = delays.transfer.iter().enumerate().map(from).collect();
        Self { between, answers, fill: delays.fill.clone(), bytes: delays.bytes.clone() }
    }

    /// From one site to another.
    #[inline]
    pub fn hop(&self, from: SiteId, to: SiteId) -> Route {
        self.between[usize::from(from)][usize::from(to)]
    }

    /// An answer of `class` from a site to client group `group`, to its last byte. The sites of the client groups are
    /// the first ones, in their order.
    #[inline]
    pub fn answer(&self, from: SiteId, group: SiteId, class: u8) -> Route {
        self.answers[usize::from(from)][usize::from(group)][usize::from(class)]
    }

    /// What an answer of `class` needs from an origin to an edge, beyond the delay.
    #[inline]
    pub fn fill(&self, class: u8) -> Span {
        self.fill[usize::from(class)]
    }

    /// The size of an answer of `class` to client group `group`, in bytes.
    #[inline]
    pub fn bytes(&self, group: SiteId, class: u8) -> u64 {
        self.bytes[usize::from(group)][usize::from(class)]
    }
}
