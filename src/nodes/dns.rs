//! The domain name system, as a client sees it: a resolver nearby, an authority that knows the addresses and takes its
//! look-up time to answer, and a record that whoever got it keeps for its time to live.
//!
//! With several addresses the authority answers with one of those that its health checks do not call dead, chosen as
//! `answers.rs` says. Where caching resolvers are between, the users of one get what is left of its record, and the same
//! address; where the answer depends on who asks, each client group has resolvers of its own.

use std::collections::VecDeque;

use crate::engine::LaneId;
use crate::rng::{below, mix, unit};
use crate::time::SimTime;

use super::answers::Chooser;
use super::health::{Turn, Watch};
use super::job::{Cause, Job, Whereabouts};
use super::per_user::PerUser;
use super::population::Shares;
use super::{Context, Event, Next, NodeId, TierId};

/// The name servers.
#[derive(Clone, Debug)]
pub struct Dns {
    /// The lane of the look-up time.
    pub lookup: LaneId,
    /// The tier whose addresses it knows.
    pub entry: TierId,
    /// How it watches the addresses, if it does.
    pub watch: Option<Watch>,
    /// How it answers.
    pub chooser: Chooser,
    own: NodeId,
    turns: VecDeque<(SimTime, u16, Turn)>,
}

/// The most times that an address was taken out or in which name servers remember.
const TURNS_REMEMBERED: usize = 20_000;

impl Dns {
    /// Name servers for the addresses of `entry`.
    pub fn new(own: NodeId, lookup: LaneId, entry: TierId, watch: Option<Watch>, chooser: Chooser) -> Self {
        Self { lookup, entry, watch, chooser, own, turns: VecDeque::new() }
    }

    /// When addresses were taken out of the answers or in again, oldest first.
    pub fn turns(&self) -> impl Iterator<Item = (SimTime, u16, Turn)> + '_ {
        self.turns.iter().copied()
    }

    fn note_turn(&mut self, now: SimTime, server: u16, turn: Option<Turn>) {
        let Some(turn) = turn else { return };
        if self.turns.len() == TURNS_REMEMBERED {
            self.turns.pop_front();
        }
        self.turns.push_back((now, server, turn));
    }

    /// A query arrives.
    pub fn arrive(&mut self, ctx: &mut Context, job: u32) -> Next {
        let (user, group) = asker(ctx, job);
        if let Some(record) = ctx.names.resolver_record(user, group, ctx.now) {
            ctx.jobs[job].address = record.address;
            ctx.jobs[job].record_until = record.until;
            return Next::Reply;
        }
        ctx.jobs[job].whereabouts = Whereabouts::Running;
        ctx.queue.push_lane(self.lookup, ctx.now, Event::Done { job });
        Next::Parked
    }

    /// The authority has answered.
    pub fn done(&mut self, ctx: &mut Context, job: u32) -> Next {
        let count = ctx.tiers[self.entry.index()].addresses() as u32;
        let well = |index: u32| self.watch.as_ref().is_none_or(|watch| watch.serves(index as usize));
        let (user, group) = asker(ctx, job);
        let Some(address) = self.chooser.choose(group, count, well) else {
            return Next::Fail(Cause::Unresolved);
        };
        let record = Record { until: ctx.names.expiry(ctx.now), address };
        ctx.names.resolver_learns(user, group, record);
        ctx.jobs[job].address = record.address;
        ctx.jobs[job].record_until = record.until;
        Next::Reply
    }

    /// What it waits for with its probes may be another thing now.
    pub fn wake(&mut self, ctx: &mut Context) {
        if let Some(watch) = &mut self.watch {
            watch.wake(ctx, self.own);
        }
    }

    /// Time to probe an address. Returns a probe that has to be sent.
    pub fn probe(&mut self, ctx: &mut Context, server: u16) -> Option<(u32, NodeId)> {
        self.watch.as_mut()?.probe(ctx, self.own, server)
    }

    /// A probe is over. Its answers change by themselves.
    pub fn verdict(&mut self, ctx: &mut Context, server: u16, probe: u16) {
        let turn = self.watch.as_mut().and_then(|watch| watch.verdict(ctx, self.own, server, probe));
        self.note_turn(ctx.now, server, turn);
    }

    /// A probe is answered.
    pub fn returned(&mut self, ctx: &mut Context, job: u32) -> Next {
        if let Some((server, turn)) = self.watch.as_mut().and_then(|watch| watch.answered(ctx, self.own, job)) {
            self.note_turn(ctx.now, server, Some(turn));
        }
        ctx.forget(job);
        Next::Parked
    }
}

/// Who asks: a user, and the group that the resolver is near. Client groups are the first nodes.
fn asker(ctx: &Context, job: u32) -> (u32, u8) {
    let entry = &ctx.jobs[job];
    (entry.user, entry.client().0 as u8)
}

/// What a device or a resolver remembers of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The second at which it is forgotten.
    pub until: u32,
    /// Which address it names.
    pub address: u16,
}

impl Record {
    /// Nobody has asked since the run began.
    const NEVER_ASKED: Self = Self { until: u32::MAX, address: 0 };

    fn is_known(self, now: SimTime) -> bool {
        second(now) < self.until
    }
}

/// Until when each user's device, and each resolver, knows which address. Eight bytes a user who ever asked.
#[derive(Clone, Debug)]
pub struct NameCache {
    /// How long a record may be kept, in whole seconds (RFC 1035); zero means not at all.
    pub record_ttl_seconds: u32,
    seed: u64,
    /// Requests per user and second, if the run begins as it is in the long run.
    steady_rate: Option<f64>,
    start_ttl: u32,
    /// The addresses that were answered before the run began, by client group, or for all alike.
    addresses: Vec<Vec<u16>>,
    devices: PerUser<Record>,
    /// Those of the first group, then those of the second, and so on, where each has its own.
    resolvers: Vec<Record>,
    /// The shares of the resolvers among the users.
    shares: Shares,
}

impl NameCache {
    /// Nobody knows an address yet.
    pub fn cold(record_ttl_seconds: u32) -> Self {
        Self {
            record_ttl_seconds,
            seed: 0,
            steady_rate: None,
            start_ttl: record_ttl_seconds,
            addresses: vec![vec![0]],
            devices: PerUser::new(Record::NEVER_ASKED),
            resolvers: Vec::new(),
            shares: Shares::default(),
        }
    }

    /// As it is when users have been sending `rate_per_user` requests a second each for long. A record is renewed by the
    /// first request after its end, so a device alternates between a time to live T in which it knows the address and an
    /// exponential wait of mean 1/λ in which it does not: it knows it with probability λT / (1 + λT) (renewal theory), and
    /// what is left is then uniform in T.
    pub fn steady(record_ttl_seconds: u32, rate_per_user: f64, addresses: Vec<Vec<u16>>, seed: u64) -> Self {
        Self { seed, steady_rate: Some(rate_per_user), addresses, ..Self::cold(record_ttl_seconds) }
    }

    /// With caching resolvers that have these weights: so many sets of them, one for all groups or one for each. At a steady
    /// start their records are of any age.
    pub fn with_resolvers(mut self, weights: &[f64], sets: usize) -> Self {
        self.shares = Shares::new(weights);
        let start = (0..weights.len() * sets).map(|resolver| match self.steady_rate {
            Some(_) => self.resolver_at_start(resolver),
            None => Record { until: 0, address: 0 },
        });
        self.resolvers = start.collect();
        self
    }

    /// The address that the device of `user`, who is of `group`, knows at `now`.
    #[inline]
    pub fn known(&self, user: u32, group: u8, now: SimTime) -> Option<u16> {
        let record = self.devices.get(user);
        let record = if record == Record::NEVER_ASKED { self.known_at_start(user, group) } else { record };
        record.is_known(now).then_some(record.address)
    }

    /// `user` learns an address.
    #[inline]
    pub fn learn(&mut self, user: u32, record: Record) {
        *self.devices.get_mut(user) = record;
    }

    /// When a record that the authority gives out at `now` is forgotten. Whole seconds are counted: at the first one at
    /// which it is older than its time to live.
    pub fn expiry(&self, now: SimTime) -> u32 {
        second(now).saturating_add(self.record_ttl_seconds).min(u32::MAX - 1)
    }

    /// What the resolver of `user` knows at `now`, if there is one and it knows.
    fn resolver_record(&self, user: u32, group: u8, now: SimTime) -> Option<Record> {
        let record = *self.resolvers.get(self.resolver_of(user, group)?)?;
        record.is_known(now).then_some(record)
    }

    fn resolver_learns(&mut self, user: u32, group: u8, record: Record) {
        if let Some(resolver) = self.resolver_of(user, group) {
            self.resolvers[resolver] = record;
        }
    }

    fn resolver_of(&self, user: u32, group: u8) -> Option<usize> {
        let in_set = || self.shares.pick_wide(mix(u64::from(user) ^ 0x5e50_17e0));
        let is_shared = self.resolvers.len() == self.shares.len();
        let set = if is_shared { 0 } else { usize::from(group) * self.shares.len() };
        (!self.resolvers.is_empty()).then(|| set + in_set())
    }

    /// What a user who has not asked yet knows.
    fn known_at_start(&self, user: u32, group: u8) -> Record {
        let nothing = Record { until: 0, address: 0 };
        let Some(rate) = self.steady_rate else { return nothing };
        let ttl = f64::from(self.start_ttl);
        let bits = mix(self.seed ^ mix(u64::from(user) ^ 0x00d5));
        if let Some(resolver) = self.resolver_of(user, group) {
            // The device has the resolver's record if it sent anything since that was fetched.
            let record = self.resolver_at_start(resolver);
            let age = ttl - f64::from(record.until);
            return if unit(bits) < 1.0 - libm::exp(-rate * age) { record } else { nothing };
        }
        let renewals = rate * ttl;
        if unit(mix(bits)) < renewals / (1.0 + renewals) {
            Record { until: below(bits, self.start_ttl) + 1, address: self.one_of(group, bits << 32) }
        } else {
            nothing
        }
    }

    fn resolver_at_start(&self, resolver: usize) -> Record {
        let bits = mix(self.seed ^ mix(resolver as u64 ^ 0x0e50_17e5));
        match self.start_ttl {
            0 => Record { until: 0, address: 0 },
            ttl => {
                let group = (resolver / self.shares.len()) as u8;
                Record { until: below(bits, ttl) + 1, address: self.one_of(group, mix(bits)) }
            }
        }
    }

    /// One of the addresses that were answered to a group before the run began.
    fn one_of(&self, group: u8, bits: u64) -> u16 {
        let own = self.addresses.get(usize::from(group)).unwrap_or(&self.addresses[0]);
        own[below(bits, own.len() as u32) as usize]
    }
}

/// The whole seconds of a time.
pub fn second(now: SimTime) -> u32 {
    u32::try_from(now.0 / 1_000_000_000).unwrap_or(u32::MAX)
}

/// Notes in `job` what its device learns from the answer that is back.
pub fn learn(names: &mut NameCache, job: &Job) {
    names.learn(job.user, Record { until: job.record_until, address: job.address });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_for_its_time_to_live() {
        let mut names = NameCache::cold(300);
        assert_eq!(names.known(5, 0, SimTime::ZERO), None);
        let until = names.expiry(SimTime::from_ms(10_500.0));
        names.learn(5, Record { until, address: 3 });
        assert_eq!(names.known(5, 0, SimTime::from_ms(309_999.0)), Some(3));
        assert_eq!(names.known(5, 0, SimTime::from_ms(310_000.0)), None);
        assert_eq!(names.known(4, 0, SimTime::from_ms(20_000.0)), None);
    }

    #[test]
    fn at_a_steady_start_the_share_is_that_of_renewal_theory() {
        let names = NameCache::steady(300, 0.1, vec![vec![0]], 7);
        let n = 100_000u32;
        let known =
            |ms: f64| (0..n).filter(|&user| names.known(user, 0, SimTime::from_ms(ms)).is_some()).count() as f64;
        // λT / (1 + λT) = 30 / 31; four standard errors of a share.
        let share = 30.0 / 31.0;
        let error = 4.0 * f64::sqrt(share * (1.0 - share) / f64::from(n));
        assert!((known(0.0) / f64::from(n) - share).abs() < error);
        // What is left is uniform: half of the time, half of them.
        let half = known(150_000.0) / known(0.0);
        assert!((half - 0.5).abs() < 4.0 * f64::sqrt(0.25 / f64::from(n)) + 1.0 / 300.0, "{half}");
        assert_eq!(known(300_000.0), 0.0);
    }

    #[test]
    fn users_of_one_resolver_share_its_address() {
        let names = NameCache::steady(300, 0.1, vec![vec![0, 1, 2, 3]], 7).with_resolvers(&[1.0], 1);
        let known: Vec<u16> = (0..1000).filter_map(|user| names.known(user, 0, SimTime::ZERO)).collect();
        assert!(known.len() > 100 && known.iter().all(|&address| address == known[0]), "{known:?}");
    }

    /// Where the answer depends on the place, those of one group never get what was answered to another.
    #[test]
    fn each_group_has_resolvers_and_addresses_of_its_own() {
        let names = NameCache::steady(300, 0.1, vec![vec![0, 2], vec![1]], 7);
        let groups = |user: u32| (user % 2) as u8;
        for names in [names.clone(), names.with_resolvers(&[1.0, 0.5], 2)] {
            let known = |user| names.known(user, groups(user), SimTime::ZERO);
            let right = |user| known(user).is_none_or(|address| (address == 1) == (groups(user) == 1));
            assert!((0..1000).all(right) && (0..1000).filter_map(known).count() > 100);
        }
    }
}
