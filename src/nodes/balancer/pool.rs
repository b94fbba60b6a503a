//! The backends of one tier, as a balancer sees them: who may get requests, who was just taken in, who fails.

use crate::rng::unit;
use crate::time::{SimTime, Span};

use super::policy::{Chooser, Policy};
use crate::nodes::TierId;

/// How failing backends are taken out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ejection {
    /// Failures in a row.
    pub consecutive_failures: u32,
    /// For how long the first time; n times as long the n-th time.
    pub base: Span,
    /// The most that may be out, as a share.
    pub most: f64,
}

/// Whether a balancer keeps requests at its own place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Locality {
    /// It does not ask where backends stand.
    #[default]
    Any,
    /// It does as long as a backend there is well; then it turns to those at other places.
    Prefer,
    /// It does in any case.
    Require,
}

#[derive(Clone, Debug)]
struct Backend {
    /// Its number in the watch.
    watched: u16,
    /// It stands where the balancer does.
    local: bool,
    /// Its probes say that it is well, and it is meant to serve.
    well: bool,
    ejected: bool,
    /// It was taken out, and still serves whoever is bound to it.
    draining: bool,
    /// How often it was ejected, and failures in a row.
    ejections: u32,
    failures: u32,
    /// Since when it has been getting requests; `None` from the start.
    since: Option<SimTime>,
    /// Requests sent to it.
    sent: u64,
}

/// The backends of one tier.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The tier.
    pub tier: TierId,
    backends: Vec<Backend>,
    chooser: Chooser,
    locality: Locality,
}

impl Pool {
    /// Without backends.
    pub fn new(tier: TierId, policy: Policy) -> Self {
        Self { tier, backends: Vec::new(), chooser: Chooser::new(policy), locality: Locality::Any }
    }

    /// Whether requests are kept at the balancer's place from now on.
    pub fn set_locality(&mut self, locality: Locality) {
        if std::mem::replace(&mut self.locality, locality) != locality {
            self.refresh_all();
        }
    }

    /// Whether a backend stands where the balancer does.
    pub fn set_local(&mut self, backend: u16, local: bool) {
        self.backends[usize::from(backend)].local = local;
    }

    /// Whether requests go to other places, since nobody at the balancer's own is well.
    pub fn spills_over(&self) -> bool {
        self.locality == Locality::Prefer && !self.backends.iter().any(|backend| backend.local && backend.is_fit())
    }

    /// Chooses by another policy from now on.
    pub fn set_policy(&mut self, policy: Policy) {
        if self.chooser.policy != policy {
            self.chooser.set_policy(policy);
        }
    }

    /// The weight of a backend, above 0.
    pub fn set_weight(&mut self, backend: u16, weight: f64) {
        self.chooser.set_weight(backend, weight);
    }

    /// How many backends there are.
    pub fn len(&self) -> usize {
        self.backends.len()
    }

    /// One more backend, which has this number in the watch and gets nothing yet.
    pub fn add(&mut self, watched: u16) {
        self.backends.push(Backend {
            watched,
            local: true,
            well: false,
            ejected: false,
            draining: false,
            ejections: 0,
            failures: 0,
            since: None,
            sent: 0,
        });
        self.chooser.add();
    }

    /// The number of a backend in the watch.
    #[inline]
    pub fn watched(&self, backend: u16) -> usize {
        usize::from(self.backends[usize::from(backend)].watched)
    }

    /// The backend that has this number in the watch.
    pub fn find(&self, watched: u16) -> Option<u16> {
        self.backends.iter().position(|backend| backend.watched == watched).map(|index| index as u16)
    }

    /// Whether a backend is meant to serve and well. `now` is given when it changes while the system runs: then it
    /// starts slowly.
    pub fn set_well(&mut self, backend: u16, well: bool, now: Option<SimTime>) {
        let entry = &mut self.backends[usize::from(backend)];
        if well && !entry.well {
            entry.since = now;
            entry.failures = 0;
        }
        entry.well = well;
        self.refresh(backend);
    }

    /// Whether a backend gets requests.
    #[inline]
    pub fn is_available(&self, backend: u16) -> bool {
        self.chooser.is_available(backend)
    }

    /// A backend was taken out and still serves whoever is bound to it, or not any more.
    pub fn set_draining(&mut self, backend: u16, draining: bool) {
        self.backends[usize::from(backend)].draining = draining;
    }

    /// Whether a backend gets the requests of those who are bound to it.
    pub fn serves_bound(&self, backend: u16) -> bool {
        self.is_available(backend) || self.backends.get(usize::from(backend)).is_some_and(|entry| entry.draining)
    }

    /// Chooses a backend. One that has just been taken in gets its growing share: it is passed over with the
    /// probability that is still lacking, and the next in turn gets the request.
    #[inline]
    pub fn choose(&mut self, bits: u64, source: u64, slow_start: SlowStart) -> Option<u16> {
        let chosen = self.chooser.choose(bits, source)?;
        if slow_start.length > Span::ZERO
            && let Some(since) = self.backends[usize::from(chosen)].since
        {
            let share = slow_start.now.since(since).0 as f64 / slow_start.length.0 as f64;
            if share >= 1.0 {
                self.backends[usize::from(chosen)].since = None;
            } else if unit(slow_start.bits) >= share
                && let Some(other) = self.chooser.choose_another(chosen)
            {
                self.chooser.release(chosen);
                return Some(self.count(other));
            }
        }
        Some(self.count(chosen))
    }

    /// Chooses another one than `backend`, if there is one.
    pub fn choose_another(&mut self, backend: u16) -> Option<u16> {
        let other = self.chooser.choose_another(backend)?;
        Some(self.count(other))
    }

    /// The one that a hash falls on.
    pub fn by_hash(&self, hash: u64) -> Option<u16> {
        self.chooser.by_hash(hash)
    }

    /// A request goes to `backend`, whatever the policy would say.
    pub fn take(&mut self, backend: u16) -> u16 {
        self.chooser.take(backend);
        self.count(backend)
    }

    #[inline]
    fn count(&mut self, backend: u16) -> u16 {
        self.backends[usize::from(backend)].sent += 1;
        backend
    }

    /// A request that was sent to `backend` is back; `time` is what it took, if it was answered.
    #[inline]
    pub fn release(&mut self, backend: u16, time: Option<Span>) {
        self.chooser.release(backend);
        if let Some(time) = time {
            self.chooser.note_response(backend, time);
            self.backends[usize::from(backend)].failures = 0;
        }
    }

    /// A request has failed at `backend`. Says for how long it is ejected, if it is, and after how many failures.
    pub fn note_failure(&mut self, backend: u16, ejection: &Ejection) -> Option<(Span, u32)> {
        let out = self.backends.iter().filter(|backend| backend.ejected).count() as f64;
        let members = self.backends.iter().filter(|backend| backend.well).count() as f64;
        let entry = &mut self.backends[usize::from(backend)];
        entry.failures += 1;
        let failures = entry.failures;
        if entry.ejected
            || !entry.well
            || failures < ejection.consecutive_failures
            || out + 1.0 > ejection.most * members
        {
            return None;
        }
        entry.ejected = true;
        entry.ejections += 1;
        entry.failures = 0;
        let length = Span(ejection.base.0.saturating_mul(u64::from(entry.ejections)));
        self.refresh(backend);
        Some((length, failures))
    }

    /// An ejection is over.
    pub fn readmit(&mut self, backend: u16, now: SimTime) {
        let entry = &mut self.backends[usize::from(backend)];
        entry.ejected = false;
        entry.since = Some(now);
        self.refresh(backend);
    }

    /// Requests sent to each backend since the start.
    pub fn sent(&self) -> impl Iterator<Item = u64> + '_ {
        self.backends.iter().map(|backend| backend.sent)
    }

    /// Requests under way at all backends, as counted here. O(backends).
    pub fn under_way(&self) -> u64 {
        self.chooser.under_way()
    }

    /// All that was under way is gone.
    pub fn clear(&mut self) {
        self.chooser.clear();
    }

    fn refresh(&mut self, backend: u16) {
        match self.locality {
            Locality::Any => self.chooser.set_available(backend, self.backends[usize::from(backend)].is_fit()),
            // One more or fewer at the balancer's place decides about those at all others.
            Locality::Prefer | Locality::Require => self.refresh_all(),
        }
    }

    fn refresh_all(&mut self) {
        let anywhere = self.locality == Locality::Any || self.spills_over();
        let backends = &self.backends;
        self.chooser.set_all_available(|index| backends[index].is_fit() && (anywhere || backends[index].local));
    }
}

impl Backend {
    /// Whether it may get requests.
    fn is_fit(&self) -> bool {
        self.well && !self.ejected
    }
}

/// What a choice has to know of slow starts.
#[derive(Clone, Copy, Debug)]
pub struct SlowStart {
    /// How long one lasts; zero without.
    pub length: Span,
    /// The present.
    pub now: SimTime,
    /// Uniform bits.
    pub bits: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_stay_at_their_place_as_long_as_somebody_there_is_well() {
        let of = |locality| {
            let mut pool = Pool::new(TierId(0), Policy::RoundRobin);
            (0..4u16).for_each(|backend| {
                pool.add(backend);
                pool.set_local(backend, backend < 2);
                pool.set_well(backend, true, None);
            });
            pool.set_locality(locality);
            pool
        };
        let available = |pool: &Pool| (0..4).filter(|&backend| pool.is_available(backend)).collect::<Vec<u16>>();
        for (locality, alone, nobody) in [
            (Locality::Any, vec![1, 2, 3], vec![2, 3]),
            (Locality::Prefer, vec![1], vec![2, 3]),
            (Locality::Require, vec![1], vec![]),
        ] {
            let mut pool = of(locality);
            pool.set_well(0, false, Some(SimTime(1)));
            assert_eq!(available(&pool), alone, "{locality:?}");
            pool.set_well(1, false, Some(SimTime(2)));
            assert_eq!((available(&pool), pool.spills_over()), (nobody, locality == Locality::Prefer), "{locality:?}");
            pool.set_well(1, true, Some(SimTime(3)));
            assert_eq!(available(&pool), alone, "{locality:?}");
        }
    }
}
