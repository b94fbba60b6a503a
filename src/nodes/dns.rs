//! The domain name system, as a client sees it: a resolver nearby that knows the answer after a look-up time, and a
//! record that the client's device keeps for its time to live.

use crate::engine::LaneId;
use crate::time::SimTime;

use super::{Context, Event, Next};
use crate::nodes::job::Whereabouts;

/// The resolver.
#[derive(Clone, Debug)]
pub struct Dns {
    /// The lane of the look-up time.
    pub lookup: LaneId,
}

impl Dns {
    /// A query arrives.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        ctx.jobs[job].whereabouts = Whereabouts::Running;
        ctx.queue.push_lane(self.lookup, ctx.now, Event::Done { job });
        Next::Parked
    }
}

/// Users per page of a [`NameCache`].
const PAGE: usize = 4096;

/// Until when each user's device knows the address. Four bytes a user who ever asked, in pages that are made when
/// needed and shared between clones until one of them writes.
#[derive(Clone, Debug, Default)]
pub struct NameCache {
    /// How long a record may be kept, in whole seconds (RFC 1035); zero means not at all.
    pub record_ttl_seconds: u32,
    pages: Vec<Option<std::sync::Arc<[u32; PAGE]>>>,
}

impl NameCache {
    /// Nobody knows the address yet.
    pub fn new(record_ttl_seconds: u32) -> Self {
        Self { record_ttl_seconds, pages: Vec::new() }
    }

    /// Whether `user` knows the address at `now`.
    #[inline]
    pub fn knows(&self, user: u32, now: SimTime) -> bool {
        let user = user as usize;
        match self.pages.get(user / PAGE) {
            Some(Some(page)) => now.0 / 1_000_000_000 < u64::from(page[user % PAGE]),
            Some(None) | None => false,
        }
    }

    /// `user` learns the address at `now`. Devices count whole seconds: the record is forgotten at the first one at
    /// which it is older than its time to live.
    #[inline]
    pub fn learn(&mut self, user: u32, now: SimTime) {
        let user = user as usize;
        if self.pages.len() <= user / PAGE {
            self.pages.resize(user / PAGE + 1, None);
        }
        let page = self.pages[user / PAGE].get_or_insert_with(|| std::sync::Arc::new([0; PAGE]));
        let second = u32::try_from(now.0 / 1_000_000_000).unwrap_or(u32::MAX);
        std::sync::Arc::make_mut(page)[user % PAGE] = second.saturating_add(self.record_ttl_seconds);
    }
}
