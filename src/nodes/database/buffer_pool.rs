//! A database's memory of its disk: pages of rows, the least recently used of which goes first, and the log.
//!
//! - A query needs the page of its key. If that is not in the pool, it is read from the disk first. The upper levels of
//!   indexes are taken to be in memory.
//! - A write changes its page in memory and is carried out once the log is safe on the disk. One flush of the log makes
//!   all safe who came before it began (group commit: DeWitt et al., "Implementation techniques for main memory database
//!   systems", 1984).
//! - A changed page is written back in the background: [`WRITE_BACK`] after its first change, or when it has to go.
//!
//! A restart begins with an empty pool; what was carried out is in the log.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::Index;
use crate::nodes::cache::entries::{Capacity, Counts, Entries, Entry, Eviction};
use crate::nodes::disk::Operation;
use crate::nodes::{Context, Event, NodeId};
use crate::rng::{Permutation, below, mix};
use crate::time::{SimTime, Span};

/// How long a changed page may stay in memory alone: what Linux allows as it comes (`vm.dirty_expire_centisecs`).
pub const WRITE_BACK: Span = Span(30_000_000_000);

/// A page, in bytes, as PostgreSQL has it; a larger row takes several, side by side, which are read as one.
pub const PAGE_BYTES: u32 = 8192;

/// Where rows stand on the disk; a part of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Rows of a page.
    rows_per_page: u32,
    /// Size of a page, or of the pages of one row.
    page_bytes: u32,
    /// Which row is on which page.
    rows: Standing,
}

/// Which row is on which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Row by row.
    InOrder,
    /// All over the pages, each of which is full.
    Scattered(Permutation),
    /// All over so many pages: of a shard, that has some of all rows. These are full on average only.
    Hashed(u32),
}

impl Layout {
    /// For so many rows of so many bytes. What is popular was not inserted together, so rows are `scattered` over the
    /// pages, unless they are read one after the other.
    pub fn new(rows: u32, row_bytes: u32, scattered: bool) -> Self {
        let row_bytes = row_bytes.max(1);
        Self {
            rows_per_page: (PAGE_BYTES / row_bytes).max(1),
            page_bytes: row_bytes.div_ceil(PAGE_BYTES).saturating_mul(PAGE_BYTES),
            rows: if scattered { Standing::Scattered(Permutation::new(rows)) } else { Standing::InOrder },
        }
    }

    /// For a shard that has so many rows of so many bytes, whichever these are.
    pub fn of_shard(rows: u32, row_bytes: u32) -> Self {
        let layout = Self::new(rows.max(1), row_bytes, false);
        Self { rows: Standing::Hashed(rows.div_ceil(layout.rows_per_page).max(1)), ..layout }
    }

    /// Whether it is for some of all rows.
    pub fn is_of_shard(&self) -> bool {
        matches!(self.rows, Standing::Hashed(_))
    }

    /// The page of a key.
    #[inline]
    pub fn page_of(&self, key: u32) -> u32 {
        match self.rows {
            Standing::InOrder => key / self.rows_per_page,
            Standing::Scattered(rows) => rows.image(key) / self.rows_per_page,
            Standing::Hashed(pages) => below(mix(u64::from(key) ^ 0x7061_6765), pages),
        }
    }

    /// How many pages fit into so many bytes: at least one.
    pub fn pages_in(&self, bytes: f64) -> u32 {
        // Casts of what is too large end at the largest number.
        ((bytes / f64::from(self.page_bytes)) as u32).max(1)
    }
}

/// How often things happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolCounts {
    /// Queries that found their page, or did not.
    pub pages: Counts,
    /// Pages written back.
    pub written_back: u64,
    /// Flushes of the log.
    pub flushes: u64,
}

/// The pool and the log.
#[derive(Clone, Debug)]
pub struct BufferPool {
    layout: Layout,
    pages: Entries,
    /// Pages that are being read: the key for which, and the requests that wait for what another one has asked the disk
    /// for.
    reading: BTreeMap<u32, (u32, Vec<u32>)>,
    /// Pages that the disk has in an older form.
    dirty: Index<u32>,
    /// Pages in the order of their first change; an event for each says when to write it back.
    changed: VecDeque<u32>,
    /// Requests whose commit the present flush of the log makes safe, and those that came since.
    flushing: Vec<u32>,
    waiting: Vec<u32>,
    /// It begins anew with each restart.
    life: u32,
    written_back: u64,
    flushes: u64,
}

impl BufferPool {
    /// An empty pool for so many pages.
    pub fn new(layout: Layout, pages: u32) -> Self {
        let capacity = Capacity { entries: pages, bytes: u64::MAX };
        Self {
            layout,
            pages: Entries::new(Eviction::Lru, capacity, 0),
            reading: BTreeMap::new(),
            dirty: Index::default(),
            changed: VecDeque::new(),
            flushing: Vec::new(),
            waiting: Vec::new(),
            life: 0,
            written_back: 0,
            flushes: 0,
        }
    }

    /// Where rows stand.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// May hold so many pages from now on. What has to go is clean or has been written back: shrinking takes its time in
    /// life, and none here.
    pub fn resize(&mut self, layout: Layout, pages: u32) {
        if layout != self.layout {
            self.layout = layout;
            for (key, others) in std::mem::take(&mut self.reading).into_values() {
                let (_, waiting) = self.reading.entry(layout.page_of(key)).or_insert((key, Vec::new()));
                waiting.extend(others);
            }
        }
        self.pages.resize(Capacity { entries: pages, bytes: u64::MAX });
    }

    /// Whether the page of `key` is there: that is a use.
    #[inline]
    pub fn has(&mut self, key: u32) -> bool {
        self.pages.get(self.layout.page_of(key), SimTime::ZERO).is_some()
    }

    /// `job` needs a page that is not there: it asks the disk, unless another one has. `queued` says that it was counted as
    /// waiting at its node.
    pub fn read(&mut self, ctx: &mut Context, job: u32, queued: bool) {
        let key = ctx.jobs[job].item;
        let page = self.layout.page_of(key);
        if let Some((_, others)) = self.reading.get_mut(&page) {
            others.push(job);
            ctx.end_waiting(job, queued);
            return;
        }
        self.reading.insert(page, (key, Vec::new()));
        ctx.read_disk(job, queued);
    }

    /// The page of `job` was read: it is held from now on, and what goes for it is written back if it was changed. Returns
    /// who has waited for it beside `job`.
    pub fn take_in(&mut self, ctx: &mut Context, job: u32) -> Vec<u32> {
        let entry = &ctx.jobs[job];
        let (node, key) = (entry.node(), entry.item);
        let gone = self.hold(key);
        if gone.is_some_and(|page| self.is_cleaned(page)) {
            self.write_back(ctx, node);
        }
        self.reading.remove(&self.layout.page_of(key)).unwrap_or_default().1
    }

    /// The page of `key` is held from now on. Returns the one that goes for it.
    pub fn hold(&mut self, key: u32) -> Option<u32> {
        let page = self.layout.page_of(key);
        let gone = if self.pages.peek(page).is_none() { self.pages.next_to_go() } else { None };
        self.pages.put(page, Entry { version: 0, bytes: 0, expires: SimTime::NEVER });
        gone
    }

    /// Pages held.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// How much of the memory for pages is taken, from 0 to 1.
    pub fn full(&self) -> f64 {
        self.pages.full()
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// How often things happened since the start.
    pub fn counts(&self) -> PoolCounts {
        PoolCounts { pages: self.pages.counts, written_back: self.written_back, flushes: self.flushes }
    }

    /// Forgets how often pages were found.
    pub fn forget_counts(&mut self) {
        self.pages.counts = Counts::default();
    }

    /// `job` has changed the page of its key: it waits until the log is safe.
    pub fn commit(&mut self, ctx: &mut Context, job: u32) {
        let (node, page) = (ctx.jobs[job].node(), self.layout.page_of(ctx.jobs[job].item));
        if self.dirty.get(page).is_none() {
            self.dirty.set(page, 0);
            self.changed.push_back(page);
            let lane = ctx.queue.lane(WRITE_BACK);
            ctx.queue.push_lane(lane, ctx.now, Event::WriteBack { node, life: self.life });
        }
        self.waiting.push(job);
        if self.flushing.is_empty() {
            self.flush(ctx, node);
        }
    }

    /// A flush of the log is over: returns whose commit it made safe.
    pub fn flushed(&mut self, ctx: &mut Context, node: NodeId, life: u32) -> Vec<u32> {
        if life != self.life {
            return Vec::new();
        }
        let safe = std::mem::take(&mut self.flushing);
        if !self.waiting.is_empty() {
            self.flush(ctx, node);
        }
        safe
    }

    fn flush(&mut self, ctx: &mut Context, node: NodeId) {
        self.flushing = std::mem::take(&mut self.waiting);
        self.flushes += 1;
        ctx.use_disk(node, Operation::Flush { node, life: self.life });
    }

    /// The page that was changed longest ago is due.
    pub fn write_back_oldest(&mut self, ctx: &mut Context, node: NodeId, life: u32) {
        if life != self.life {
            return;
        }
        let page = self.changed.pop_front().expect("there is an event for each");
        if self.is_cleaned(page) {
            self.write_back(ctx, node);
        }
    }

    /// Takes a page for written back; says whether it had to be.
    fn is_cleaned(&mut self, page: u32) -> bool {
        let was_dirty = self.dirty.get(page).is_some();
        self.dirty.remove(page);
        was_dirty
    }

    fn write_back(&mut self, ctx: &mut Context, node: NodeId) {
        self.written_back += 1;
        ctx.use_disk(node, Operation::Write);
    }

    /// It is empty again, as memory is when the power goes.
    pub fn forget(&mut self) {
        self.pages.clear();
        self.reading.clear();
        self.dirty = Index::default();
        self.changed.clear();
        self.flushing.clear();
        self.waiting.clear();
        self.life += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_share_pages_and_large_rows_take_several() {
        let in_order = Layout::new(1000, 1000, false);
        assert_eq!([0, 7, 8, 999].map(|key| in_order.page_of(key)), [0, 0, 1, 124]);
        assert_eq!(in_order.pages_in(81_920.0), 10);
        let large = Layout::new(1000, 20_000, false);
        assert_eq!((large.page_of(5), large.pages_in(245_760.0)), (5, 10));
        let mut rows = vec![0; 125];
        let scattered = Layout::new(1000, 1000, true);
        (0..1000).for_each(|key| rows[scattered.page_of(key) as usize] += 1);
        assert!(rows.iter().all(|&rows| rows == 8), "every page is full");
        let together = (0..999).filter(|&key| scattered.page_of(key) == scattered.page_of(key + 1)).count();
        assert!(together < 40, "{together} of 1,000 neighbours are on one page; by chance about 7");
    }
}
