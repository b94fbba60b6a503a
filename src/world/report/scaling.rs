//! What servers that come and go amount to: how many there were, and what they cost.

use serde::Serialize;

use crate::nodes::ledger::TierWindow;

use super::super::World;

/// Servers of a tier that came and went.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ScalingReport {
    /// Server · hours that cost money, booting and draining ones counted, while it was measured.
    pub server_hours: f64,
    /// The same as servers on average.
    pub servers_mean: f64,
    /// Servers that were booted because there were to be more, since the start of the run.
    pub launched: u64,
    /// Servers that are gone because there were to be fewer, since the start of the run.
    pub terminated: u64,
}

const NS_PER_HOUR: f64 = 3.6e12;

impl World {
    /// What a tier's coming and going servers amount to, if they do.
    pub(super) fn scaling_report(&self, tier: usize, total: &TierWindow, span_ns: u64) -> Option<ScalingReport> {
        let state = &self.ctx.tiers[tier];
        let moves = state.autoscaler.is_some() || state.launched > 0 || state.terminated > 0;
        moves.then(|| ScalingReport {
            server_hours: total.servers as f64 / NS_PER_HOUR,
            servers_mean: total.servers as f64 / span_ns.max(1) as f64,
            launched: state.launched,
            terminated: state.terminated,
        })
    }

    /// The price of all machines a month, traffic not counted: of each kind as many as the largest tier on it has
    /// instances. Where an autoscaler adds and removes them: as many as there were on average while it was measured.
    pub fn machines_usd(&self) -> f64 {
        let totals = self.totals();
        let span = self.ctx.now.since(self.ctx.ledger.measured_from).0;
        self.price_of(|tier| match self.ctx.tiers[tier].autoscaler {
            Some(_) if span > 0 => totals[tier].less(&self.measured_totals[tier]).servers as f64 / span as f64,
            Some(_) => f64::from(self.paid(tier)),
            None => f64::from(self.plan.tiers[tier].instances),
        })
    }

    /// The same with the machines that there were in a stretch of so many seconds.
    pub(in crate::world) fn machines_at(&self, tiers: &[TierWindow], seconds: f64) -> f64 {
        self.price_of(|tier| match self.ctx.tiers[tier].autoscaler {
            Some(_) => tiers[tier].servers as f64 / (seconds * 1e9),
            None => f64::from(self.plan.tiers[tier].instances),
        })
    }

    /// The same with the machines that there are now.
    pub fn machines_now_usd(&self) -> f64 {
        self.price_of(|tier| match self.ctx.tiers[tier].autoscaler {
            Some(_) => f64::from(self.paid(tier)),
            None => f64::from(self.plan.tiers[tier].instances),
        })
    }

    fn price_of(&self, servers: impl Fn(usize) -> f64) -> f64 {
        let copies = |kind: usize| {
            let on_it = (0..self.plan.tiers.len()).filter(|&tier| self.plan.tiers[tier].machine == Some(kind));
            on_it.map(&servers).fold(0.0, f64::max)
        };
        let price = |(kind, machine): (usize, &crate::scenario::plan::MachinePlan)| {
            copies(kind) * self.scenario.machines[&machine.id].cost_per_month_usd()
        };
        self.plan.machines.iter().enumerate().map(price).sum()
    }
}
