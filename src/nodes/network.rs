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
    /// What an answer of a class needs on a client group's own line, beyond the delay: `transfer[group][class]`.
    pub transfer: Vec<Vec<Span>>,
}

/// Routes between sites.
#[derive(Clone, Debug)]
pub struct Network {
    between: Vec<Vec<Route>>,
    answers: Vec<Vec<Vec<Route>>>,
}

impl Network {
    /// Looks up or makes the lane of each delay.
    pub fn new<E: Copy>(delays: &Delays, queue: &mut Queue<E>) -> Self {
        let mut route = |delay: Span| Route { delay, lane: queue.lane(delay) };
        let between = delays.between.iter().map(|row| row.iter().map(|&delay| route(delay)).collect()).collect();
        let groups = delays.transfer.len();
        let answers = delays
            .between
            .iter()
            .map(|row| {
                (0..groups)
                    .map(|group| delays.transfer[group].iter().map(|&extra| route(row[group] + extra)).collect())
                    .collect()
            })
            .collect();
        Self { between, answers }
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
}
