//! The course of the run: when a window closes, and what each tier did in it.

use crate::nodes::Node;
use crate::nodes::ledger::{TierWindow, Window};
use crate::time::{SimTime, Span};

use super::{WINDOW, World};

/// A stretch without any event that is longer than this becomes one window.
const IDLE: Span = Span(5_000_000_000);

impl World {
    /// A window may be over, or a moment of the timeline has come.
    pub(super) fn pass(&mut self, mark: SimTime) {
        if self.window_due > mark {
            // After an idle stretch, windows begin anew with a change; whether it was known before makes no difference.
            self.window_due = self.window_due.min(SimTime((mark.0 / WINDOW.0 + 1) * WINDOW.0));
            let change = self.timeline[self.next_moment].change.clone();
            self.next_moment += 1;
            self.carry_out(&change);
            while !self.ctx.departing.is_empty() {
                self.depart();
            }
            return;
        }
        // How far a window reaches depends on what is to happen, never on how the run is cut into calls.
        let next = self.ctx.queue.next_time().unwrap_or(SimTime::NEVER);
        if next == SimTime::NEVER {
            self.window_due = SimTime::NEVER;
        } else if next.since(mark) > IDLE {
            self.window_due = SimTime(next.0 / WINDOW.0 * WINDOW.0);
        } else {
            self.close_window(mark);
            self.window_due = mark + WINDOW;
        }
    }

    fn close_window(&mut self, end: SimTime) {
        let totals = self.totals();
        let tiers: Vec<TierWindow> =
            totals.iter().zip(&self.window_totals).map(|(now, before)| now.less(before)).collect();
        let seconds = end.since(self.window_start).as_seconds();
        let cost_seconds = seconds * self.cost_at(&tiers, seconds);
        let ledger = &mut self.ctx.ledger;
        self.history.push(Window {
            start: self.window_start,
            end,
            books: std::mem::take(&mut ledger.open_books),
            latency: ledger.open_latency.take(),
            tiers,
            cost_seconds,
        });
        self.window_totals = totals;
        self.window_start = end;
    }

    /// What each tier has done since measuring began.
    pub fn measured(&self) -> Vec<TierWindow> {
        self.totals().iter().zip(&self.measured_totals).map(|(now, before)| now.less(before)).collect()
    }

    /// What each tier has done since the start of the run.
    pub(super) fn totals(&self) -> Vec<TierWindow> {
        let now = self.ctx.now;
        let ctx = &self.ctx;
        let mut totals = Vec::with_capacity(ctx.tiers.len());
        for (tier, state) in ctx.tiers.iter().enumerate() {
            let mut total = TierWindow { capacity: self.capacity[tier].cores.integral(now), ..TierWindow::default() };
            total.disk_capacity = self.capacity[tier].disk.integral(now);
            total.servers = self.capacity[tier].servers.integral(now);
            total.slots_capacity = self.capacity[tier].slots.integral(now);
            for node in &state.members {
                let own = &ctx.nodes[node.index()];
                total.waiting += own.waiting.integral(now);
                total.served += own.served;
                (total.bytes_out, total.asked) = (total.bytes_out + own.bytes_out, total.asked + own.asked);
                if let Some((cluster, member)) = ctx.member_of(*node) {
                    let counts = &ctx.clusters[cluster].members[member].counts;
                    total.stale += counts.stale;
                    total.applied += counts.applied;
                    total.lag += u128::from(counts.lag.0);
                }
                if let Some(kept) = self.nodes[node.index()].cache_counts() {
                    total.hits += kept.counts.hits;
                    total.misses += kept.counts.misses;
                    total.stale += kept.stale;
                }
                if let Node::Edge(edge) = &self.nodes[node.index()] {
                    total.bytes_filled += edge.bytes_filled();
                }
                if let Node::Broker(broker) = &self.nodes[node.index()] {
                    for queue in &broker.queues {
                        total.depth += queue.depth.integral(now);
                        total.oldest = total.oldest.max((queue.oldest_ms(now) * 1e6) as u64);
                    }
                }
                if let Some(machine) = own.machine {
                    total.busy += ctx.machines[usize::from(machine)].busy.integral(now);
                }
                if let Some(disk) = own.disk {
                    total.disk_busy += ctx.disks[usize::from(disk)].busy.integral(now);
                }
                if let Some(station) = self.nodes[node.index()].station() {
                    total.slots_busy += station.busy.integral(now);
                }
            }
            totals.push(total);
        }
        totals
    }
}
