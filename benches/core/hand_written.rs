//! The yardstick: a loop written by hand for the reference web stack of `benches/reference.json` and nothing else.
//!
//! Poisson arrivals, 350 a second → in turn to one of 4 servers, first come first served, exponential 8 ms → cache with
//! 16 connections, constant 0.5 ms → with probability 0.2 in turn to one of 3 replicas, first come first served,
//! exponential 5 ms → answered. What anybody would write who wants just this: a binary heap of events, a ring buffer for
//! each queue, a slab for the times of sending. No faults, no time-outs, no books beyond a count, a sum and the squares.
//! With more servers, all of it grows in proportion.
//!
//! It draws exponentials by the core's ziggurat, from a stream: so the comparison is of what the core does for a
//! request, not of logarithms. Shared by the benchmarks and `tests/web_bench.rs`.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use zero_to_millions::rng::{Stream, exponential, unit};

const GAP_NS: f64 = 1e9 / 350.0;
const WEB_NS: f64 = 8e6;
const CACHE_NS: u64 = 500_000;
const DATABASE_NS: f64 = 5e6;
const MISS: f64 = 0.2;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrival,
    Web(u16),
    Cache(u32),
    Database(u16),
}

/// First come, first served: the head of the line is being served.
#[derive(Default)]
struct Line(VecDeque<u32>);

/// The loop for so many web servers and replicas, and what it has counted.
pub struct HandWritten<const WEB: usize, const REPLICAS: usize> {
    now: u64,
    heap: BinaryHeap<Reverse<(u64, u32, Event)>>,
    pushed: u32,
    random: Stream,
    sent: Vec<u64>,
    free: Vec<u32>,
    web: Box<[Line; WEB]>,
    database: Box<[Line; REPLICAS]>,
    cache_busy: u32,
    cache_waiting: VecDeque<u32>,
    next_web: usize,
    next_database: usize,
    pub answered: u64,
    pub latency_sum: f64,
}

impl<const WEB: usize, const REPLICAS: usize> HandWritten<WEB, REPLICAS> {
    const GAP_NS: f64 = GAP_NS * 4.0 / WEB as f64;
    const CACHE_SLOTS: u32 = 4 * WEB as u32;

    pub fn new(seed: u64) -> Self {
        let mut this = Self {
            now: 0,
            heap: BinaryHeap::new(),
            pushed: 0,
            random: Stream::new(seed, 99),
            sent: Vec::new(),
            free: Vec::new(),
            web: Box::new(std::array::from_fn(|_| Line::default())),
            database: Box::new(std::array::from_fn(|_| Line::default())),
            cache_busy: 0,
            cache_waiting: VecDeque::new(),
            next_web: 0,
            next_database: 0,
            answered: 0,
            latency_sum: 0.0,
        };
        this.push_after(Self::GAP_NS, Event::Arrival);
        this
    }

    /// Handles so many events.
    #[inline(never)]
    pub fn run(&mut self, events: u64) {
        for _ in 0..events {
            let Reverse((time, _, event)) = self.heap.pop().expect("there is always a next arrival");
            self.now = time;
            match event {
                Event::Arrival => self.arrive(),
                Event::Web(server) => {
                    let job = self.web[usize::from(server)].0.pop_front().expect("it was served");
                    if !self.web[usize::from(server)].0.is_empty() {
                        self.push_after(WEB_NS, Event::Web(server));
                    }
                    self.look_up(job);
                }
                Event::Cache(job) => {
                    match self.cache_waiting.pop_front() {
                        Some(next) => self.push(self.now + CACHE_NS, Event::Cache(next)),
                        None => self.cache_busy -= 1,
                    }
                    if unit(self.random.draw()) < MISS { self.query(job) } else { self.answer(job) }
                }
                Event::Database(replica) => {
                    let job = self.database[usize::from(replica)].0.pop_front().expect("it was served");
                    if !self.database[usize::from(replica)].0.is_empty() {
                        self.push_after(DATABASE_NS, Event::Database(replica));
                    }
                    self.answer(job);
                }
            }
        }
    }

    /// The mean latency so far, in milliseconds.
    pub fn mean_ms(&self) -> f64 {
        self.latency_sum / self.answered as f64 / 1e6
    }

    #[inline]
    fn arrive(&mut self) {
        self.push_after(Self::GAP_NS, Event::Arrival);
        let job = self.free.pop().unwrap_or_else(|| {
            self.sent.push(0);
            self.sent.len() as u32 - 1
        });
        self.sent[job as usize] = self.now;
        let server = self.next_web;
        self.next_web = (server + 1) % WEB;
        self.web[server].0.push_back(job);
        if self.web[server].0.len() == 1 {
            self.push_after(WEB_NS, Event::Web(server as u16));
        }
    }

    #[inline]
    fn look_up(&mut self, job: u32) {
        if self.cache_busy < Self::CACHE_SLOTS {
            self.cache_busy += 1;
            self.push(self.now + CACHE_NS, Event::Cache(job));
        } else {
            self.cache_waiting.push_back(job);
        }
    }

    #[inline]
    fn query(&mut self, job: u32) {
        let replica = self.next_database;
        self.next_database = (replica + 1) % REPLICAS;
        self.database[replica].0.push_back(job);
        if self.database[replica].0.len() == 1 {
            self.push_after(DATABASE_NS, Event::Database(replica as u16));
        }
    }

    #[inline]
    fn answer(&mut self, job: u32) {
        self.answered += 1;
        self.latency_sum += (self.now - self.sent[job as usize]) as f64;
        self.free.push(job);
    }

    #[inline]
    fn push_after(&mut self, mean_ns: f64, event: Event) {
        let span = (mean_ns * exponential(self.random.draw()) + 0.5) as u64;
        self.push(self.now + span, event);
    }

    #[inline]
    fn push(&mut self, time: u64, event: Event) {
        self.pushed = self.pushed.wrapping_add(1);
        self.heap.push(Reverse((time, self.pushed, event)));
    }
}
