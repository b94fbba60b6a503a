//! What comes to each part, from the scenario alone: rates per millisecond of each class, and the work that they are.

use crate::nodes::TierId;
use crate::nodes::balancer::{Layer, Policy};
use crate::nodes::health::Probing;
use crate::nodes::population::Arrivals;
use crate::rng::Sampler;
use crate::scenario::Scenario;
use crate::scenario::plan::{HoldsPlan, PartPlan, Plan, TierPlan};
use crate::time::Span;

use super::Reason;

/// A kind of work that comes to a part: how often per millisecond, and what it is.
pub(super) type Work = (f64, Sampler);

/// The flows of a scenario.
pub(super) struct Flows<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) plan: &'a Plan,
    /// By class: requests per millisecond.
    rates: Vec<f64>,
    /// By class: the balancers that it passes, and the tier that it comes to.
    ways: Vec<(Vec<TierId>, TierId)>,
}

impl<'a> Flows<'a> {
    pub(super) fn new(scenario: &'a Scenario, plan: &'a Plan) -> Self {
        let total: f64 = scenario.workload.classes.values().map(|class| class.share).sum();
        let per_ms = plan.habits.rate() / 1e3;
        let rates = scenario.workload.classes.values().map(|class| per_ms * class.share / total).collect();
        let ways = (0..plan.classes.len()).map(|class| way(plan, class)).collect();
        Self { scenario, plan, rates, ways }
    }

    pub(super) fn part(&self, tier: TierId) -> &'a PartPlan {
        &self.tier(tier).part
    }

    pub(super) fn tier(&self, tier: TierId) -> &'a TierPlan {
        &self.plan.tiers[tier.index()]
    }

    /// Reads of keys per millisecond that a cache is asked for, and writes of them.
    pub(super) fn keyed(&self, cache: TierId) -> (f64, f64) {
        let mut rates = (0.0, 0.0);
        for (class, web) in self.classes() {
            let uses = matches!(self.part(web), PartPlan::Web { cache: Some(own), .. } if *own == cache);
            let plan = &self.plan.classes[class];
            match (uses, plan.write) {
                (true, false) if plan.cached => rates.0 += self.rates[class],
                // A new row has no entry yet.
                (true, true) if !plan.rows.inserts => rates.1 += self.rates[class],
                (true, _) | (false, _) => {}
            }
        }
        rates
    }

    /// Classes, and the tier that each comes to.
    fn classes(&self) -> impl Iterator<Item = (usize, TierId)> + '_ {
        self.ways.iter().enumerate().map(|(class, (_, tier))| (class, *tier))
    }

    /// The classes of requests that a tier of web servers serves, and how many come per millisecond.
    pub(super) fn served_by(&self, web: TierId) -> Vec<(usize, f64)> {
        self.classes().filter(|(_, tier)| *tier == web).map(|(class, _)| (class, self.rates[class])).collect()
    }

    /// The tiers of web servers that ask this database or cache.
    pub(super) fn callers(&self, of: TierId) -> Vec<TierId> {
        let mut found: Vec<TierId> =
            self.classes().filter(|(class, _)| self.asks(*class, of).is_some()).map(|c| c.1).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The databases and caches that requests at a tier of web servers wait for.
    pub(super) fn called_by(&self, web: TierId) -> Vec<TierId> {
        let tiers = (0..self.plan.tiers.len()).map(|tier| TierId(tier as u16));
        tiers.filter(|&tier| self.callers(tier).contains(&web)).collect()
    }

    /// How often a request of a class asks a database or a cache, on average, if it may; of a database behind a cache of entries, as
    /// if that had nothing.
    pub(super) fn asks(&self, class: usize, tier: TierId) -> Option<f64> {
        let plan = &self.plan.classes[class];
        let PartPlan::Web { cache, database, .. } = self.part(self.ways[class].1) else { return None };
        let looked_up = cache.filter(|_| plan.cached);
        if looked_up == Some(tier) {
            return Some(1.0);
        }
        let named = if plan.databases.is_empty() { *database == Some(tier) } else { plan.databases.contains(&tier) };
        let before = looked_up.map(|cache| self.part(cache));
        let missed =
            if let Some(PartPlan::Cache { holds: HoldsPlan::Anything(hits), .. }) = before { 1.0 - hits } else { 1.0 };
        (named && plan.database_probability > 0.0)
            .then(|| missed * plan.database_probability * f64::from(plan.database_trips))
    }

    /// What a tier has to do, of all its servers together, or why that is not known from the scenario.
    pub(super) fn work(&self, tier: TierId) -> Result<Vec<Work>, Vec<Reason>> {
        let mut work: Vec<Work> = Vec::new();
        let mut reasons = Vec::new();
        match self.part(tier) {
            PartPlan::Web { broker, build, .. } => {
                for (class, rate) in self.served_by(tier) {
                    let plan = &self.plan.classes[class];
                    work.extend([(rate, plan.web_before), (rate, plan.web_after)]);
                    // Without a broker, or without a message, the server does the job itself.
                    work.extend(
                        plan.job
                            .as_ref()
                            .filter(|job| broker.is_none() || job.publish.is_none())
                            .map(|job| (rate, job.work)),
                    );
                    note(&mut reasons, plan.session && self.plan.signing_in.is_some(), Reason::SignIns);
                }
                let of_build = build.map(|build| self.plan.builds[usize::from(build)].1);
                note(
                    &mut reasons,
                    of_build.is_some_and(|own| own.work_factor != 1.0 || own.error_rate > 0.0),
                    Reason::Build,
                );
                note(&mut reasons, self.is_probed(tier), Reason::Probes);
            }
            PartPlan::Database { cluster, sharding, .. } => {
                for (class, _) in self.classes() {
                    let asks = self.asks(class, tier);
                    work.extend(asks.map(|asks| (asks * self.rates[class], self.plan.classes[class].database)));
                    note(&mut reasons, asks.is_some() && self.is_behind_entries(class), Reason::BehindCache);
                    note(
                        &mut reasons,
                        asks.is_some() && self.plan.classes[class].rows.finds_by.is_some() && sharding.is_some(),
                        Reason::Shards,
                    );
                }
                note(&mut reasons, cluster.is_some(), Reason::Copies);
                note(&mut reasons, sharding.is_some(), Reason::Shards);
                note(
                    &mut reasons,
                    self.plan.signing_in.as_ref().is_some_and(|own| own.store == Some(tier)),
                    Reason::SignIns,
                );
            }
            PartPlan::Cache { lookup, holds, .. } => {
                work.extend(
                    self.classes()
                        .filter_map(|(class, _)| Some((self.asks(class, tier)? * self.rates[class], *lookup))),
                );
                note(&mut reasons, matches!(holds, HoldsPlan::Entries { .. }), Reason::BehindCache);
            }
            PartPlan::Balancer { forward, .. } => {
                let passing = self.ways.iter().enumerate().filter(|(_, (passed, _))| passed.contains(&tier));
                work.extend(passing.map(|(class, _)| (self.rates[class], *forward)));
            }
            PartPlan::Broker { .. } | PartPlan::Worker { .. } => reasons.push(Reason::Jobs),
            PartPlan::Client(_) | PartPlan::Dns { .. } | PartPlan::Cdn { .. } | PartPlan::ObjectStore { .. } => {}
        }
        work.retain(|(rate, sampler)| *rate > 0.0 && !sampler.is_zero());
        if reasons.is_empty() { Ok(work) } else { Err(reasons) }
    }

    /// What a tier answers on average is so much work, in milliseconds of a core of speed 1, or why that is not known.
    pub(super) fn work_per_answer_ms(&self, tier: TierId) -> Result<f64, Vec<Reason>> {
        match self.part(tier) {
            PartPlan::Cache { lookup, .. } => return Ok(lookup.mean_ns() / 1e6),
            PartPlan::Balancer { forward, .. } => return Ok(forward.mean_ns() / 1e6),
            PartPlan::Web { .. }
            | PartPlan::Database { .. }
            | PartPlan::Client(_)
            | PartPlan::Dns { .. }
            | PartPlan::Cdn { .. }
            | PartPlan::ObjectStore { .. }
            | PartPlan::Broker { .. }
            | PartPlan::Worker { .. } => {}
        }
        let work = self.work(tier)?;
        let answers = self.calls(tier) + self.served_by(tier).iter().map(|(_, rate)| rate).sum::<f64>();
        Ok(if answers > 0.0 { load(&work) / answers } else { 0.0 })
    }

    /// How often a database or a cache is asked, per millisecond.
    pub(super) fn calls(&self, tier: TierId) -> f64 {
        self.classes().filter_map(|(class, _)| Some(self.asks(class, tier)? * self.rates[class])).sum()
    }

    fn is_behind_entries(&self, class: usize) -> bool {
        let PartPlan::Web { cache: Some(cache), .. } = self.part(self.ways[class].1) else { return false };
        matches!(self.part(*cache), PartPlan::Cache { holds: HoldsPlan::Entries { .. }, .. })
    }

    fn is_probed(&self, web: TierId) -> bool {
        let passes = |(passed, tier): &(Vec<TierId>, TierId)| if *tier == web { passed.clone() } else { Vec::new() };
        let mut before = self.ways.iter().flat_map(passes);
        before.any(|tier| {
            matches!(self.part(tier), PartPlan::Balancer { settings, .. } if settings.health.probing == Probing::Request)
        })
    }

    /// Why requests do not come as a Poisson process, as far as clients are concerned.
    pub(super) fn of_clients(&self) -> Vec<Reason> {
        let workload = &self.scenario.workload;
        let mut reasons = Vec::new();
        match workload.arrivals {
            Arrivals::Poisson => {}
            Arrivals::Constant => reasons.push(Reason::EvenArrivals),
            Arrivals::Closed => reasons.push(Reason::ClosedLoop),
        }
        note(&mut reasons, workload.day.is_some(), Reason::Day);
        let any = |is: fn(&crate::scenario::ClientGroup) -> bool| workload.clients.values().any(is);
        note(&mut reasons, any(|client| client.retry.is_some()), Reason::Retries);
        note(&mut reasons, workload.classes.values().any(|class| !class.followed_by.is_empty()), Reason::FollowUps);
        note(&mut reasons, any(|client| client.rate_factor != 1.0), Reason::UnequalGroups);
        note(&mut reasons, any(|client| client.direct_to.is_some()), Reason::SeveralAddresses);
        reasons
    }

    /// Why they do not come to each of a tier's web servers as a Poisson process, as far as those before it are concerned.
    pub(super) fn before(&self, web: TierId) -> Vec<Reason> {
        let servers = self.tier(web).instances;
        let mut reasons = Vec::new();
        for (class, _) in self.served_by(web) {
            let (passed, _) = &self.ways[class];
            note(
                &mut reasons,
                matches!(self.part(self.plan.classes[class].entry), PartPlan::Cdn { .. }),
                Reason::Edges,
            );
            note(&mut reasons, self.plan.classes[class].entry == web && servers > 1, Reason::SeveralAddresses);
            for &balancer in passed {
                let own = self.tier(balancer);
                note(&mut reasons, own.instances > 1 && own.pair().is_none(), Reason::SeveralAddresses);
                note(&mut reasons, servers > 1 && !splits_by_chance(&own.part), Reason::OwnLines { servers });
            }
        }
        reasons
    }
}

/// Whether a balancer sends each request to any of its servers, whatever became of others: a part of a Poisson process taken out
/// by chance is one again.
fn splits_by_chance(part: &PartPlan) -> bool {
    let PartPlan::Balancer { settings, .. } = part else { return false };
    settings.policy == Policy::Random
        && settings.layer == Layer::Application
        && !settings.sticky
        && settings.slow_start == Span::ZERO
        && settings.ejection.is_none()
}

/// The balancers that requests of a class pass, and the tier behind them.
fn way(plan: &Plan, class: usize) -> (Vec<TierId>, TierId) {
    let (mut passed, mut tier) = (Vec::new(), plan.classes[class].entry);
    for _ in 0..plan.tiers.len() {
        tier = match &plan.tiers[tier.index()].part {
            PartPlan::Balancer { routes, .. } => {
                passed.push(tier);
                routes[class]
            }
            PartPlan::Cdn { origin, .. } => plan.classes[class].origin.unwrap_or(*origin),
            PartPlan::Client(_)
            | PartPlan::Dns { .. }
            | PartPlan::Web { .. }
            | PartPlan::Cache { .. }
            | PartPlan::Database { .. }
            | PartPlan::ObjectStore { .. }
            | PartPlan::Broker { .. }
            | PartPlan::Worker { .. } => break,
        };
    }
    (passed, tier)
}

/// All that work together, in milliseconds of a core of speed 1 per millisecond.
pub(super) fn load(work: &[Work]) -> f64 {
    work.iter().map(|(rate, sampler)| rate * sampler.mean_ns() / 1e6).sum()
}

/// Notes a reason, once.
pub(super) fn note(reasons: &mut Vec<Reason>, holds: bool, reason: Reason) {
    if holds && !reasons.contains(&reason) {
        reasons.push(reason);
    }
}
