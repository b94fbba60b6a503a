//! Samples of a run, between two of which rates are taken.

use std::collections::VecDeque;

use crate::time::{SimTime, Span};
use crate::world::World;

use super::messages;

/// Hops of a request, roughly: for how many of them are on the wire in a stretch of time.
const HOPS: f64 = 6.0;

/// What the nodes had done up to an instant: two of them give the rates between.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was taken.
    pub time: SimTime,
    pub(super) nodes: Vec<NodeSample>,
    pub(super) brokers: Vec<messages::BrokerSample>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct NodeSample {
    pub cores: u128,
    pub slots: u128,
    pub served: u64,
    pub failed: u64,
    pub hits: u64,
    pub misses: u64,
}

impl Sample {
    /// What the nodes have done up to now.
    pub fn take(world: &World) -> Self {
        let (ctx, now) = (world.context(), world.now());
        let nodes = ctx.nodes.iter().zip(world.nodes()).map(|(state, node)| NodeSample {
            cores: state.machine.map_or(0, |machine| ctx.machines[usize::from(machine)].busy.integral(now)),
            slots: node.station().map_or(0, |station| station.busy.integral(now)),
            served: state.served,
            failed: state.failed,
            hits: node.cache_counts().map_or(0, |cache| cache.counts.hits),
            misses: node.cache_counts().map_or(0, |cache| cache.counts.misses),
        });
        Self { time: now, nodes: nodes.collect(), brokers: messages::samples(world) }
    }
}

/// The samples of the last stretch of a run, oldest first. There is always one.
#[derive(Clone, Debug)]
pub struct Samples(VecDeque<Sample>);

impl Samples {
    /// The first is of now.
    pub fn new(world: &World) -> Self {
        Self(VecDeque::from([Sample::take(world)]))
    }

    /// When the next is due, if they are to be `interval` apart.
    pub fn due(&self, interval: Span) -> SimTime {
        self.0.back().map_or(SimTime::ZERO, |last| last.time) + interval
    }

    /// Takes one, and forgets those that nobody asks for who asks for one from `span` ago.
    pub fn take(&mut self, world: &World, span: Span) {
        self.0.push_back(Sample::take(world));
        let oldest = world.now().less(span);
        while self.0.len() > 2 && self.0[1].time <= oldest {
            self.0.pop_front();
        }
    }

    /// The newest one that is at least `span` old, or else the oldest.
    pub fn before(&self, now: SimTime, span: Span) -> &Sample {
        let found = self.0.iter().rev().find(|sample| sample.time <= now.less(span));
        found.or(self.0.front()).expect("there is always a sample")
    }
}

/// How rarely requests are to be watched, as [`World::watch`] takes it, so that about `dots` of them make a picture of
/// what moves in `span`.
pub fn watched(world: &World, span: Span, dots: u32) -> u8 {
    let in_flight = world.context().ledger.run.in_flight() as f64;
    let rate = world.plan().habits.rate() * world.spike_factor();
    let moving = rate * span.as_seconds() * HOPS;
    let excess = (in_flight.max(moving) / f64::from(dots)).max(1.0);
    libm::log2(excess).ceil() as u8
}
