//! What is done for those who run the system: scrapes, judgements, shipments, complaints. What they do is in `on_call.rs`.

use crate::nodes::context::Life;
use crate::nodes::observer::Fact;
use crate::nodes::operations::alerts::{EPISODES_MAX, Episode, Host, Metric, Readings, Scraped, TierSample, Turn};
use crate::nodes::operations::course::{HOSTS_MAX, Record, Trade};
use crate::nodes::operations::on_call::Call;
use crate::nodes::operations::{Due, Operations, Settings, next_beat};
use crate::nodes::{Event, Node};
use crate::scenario::plan::Plan;
use crate::time::Span;

use super::World;

impl World {
    /// Rhythms begin, or go on at another pace. To be called at the start and after every change of the plan.
    pub(super) fn set_operations(&mut self, before: Option<&Plan>) {
        let plan = self.plan.clone();
        let Some(settings) = &plan.operations else { return };
        if before.is_some_and(|before| before.operations == plan.operations) {
            return;
        }
        let seed = self.ctx.seed;
        let own = || Box::new(Operations::new(settings.clone(), plan.tiers.len(), seed));
        let gone = self.ctx.operations.get_or_insert_with(own).set(settings.clone());
        if let Some(mut own) = self.ctx.operations.take_if(|_| !gone.is_empty()) {
            gone.into_iter().for_each(|rule| self.clear(&mut own, rule));
            self.ctx.operations = Some(own);
        }
        if before.is_none() {
            self.begin_rhythms(settings);
        }
    }

    fn begin_rhythms(&mut self, settings: &Settings) {
        if let Some(monitor) = settings.monitor {
            self.ctx.plan_for_operations(monitor.interval, Due::Scrape);
        }
        if let Some((every, _)) = settings.logs.and_then(|logs| logs.gather) {
            self.ctx.plan_for_operations(every, Due::Ship);
        }
    }

    /// Something is due. What those who run the system know is set apart meanwhile, so that they can look at the rest.
    pub(super) fn operate(&mut self, due: Due) {
        let Some(mut own) = self.ctx.operations.take() else { return };
        let (mut found, mut fired) = (None, Vec::new());
        match due {
            Due::Scrape => self.scrape(&mut own),
            Due::Judge => fired = self.judge(&mut own),
            Due::Ship => self.ship(&mut own),
            Due::Complaint => self.hear(&mut own),
            Due::React => self.react(&mut own),
            Due::Looked => found = self.looked(&mut own),
            Due::Remind => self.remind(&mut own),
            Due::Built | Due::Tested | Due::Deployed => {}
        }
        self.ctx.operations = Some(own);
        match due {
            Due::Judge => self.turn_pipeline_back(&fired),
            Due::Looked => self.see_to(found),
            Due::Built => self.end_building(),
            Due::Tested => self.end_tests(),
            Due::Deployed => self.end_passage(),
            Due::Scrape | Due::Ship | Due::Complaint | Due::React | Due::Remind => {}
        }
    }

    /// When the next beat of a rhythm is; beats are multiples of the interval, whatever was changed meanwhile.
    fn beat_again(&mut self, interval: Span, due: Due) {
        let next = next_beat(crate::time::SimTime(self.ctx.now.0 + 1), interval);
        self.ctx.queue.push(next, Event::Operations(due));
    }

    fn scrape(&mut self, own: &mut Operations) {
        let Some(monitor) = own.settings.monitor else { return };
        own.scrapes += 1;
        own.scraped_at = Some(self.ctx.now);
        own.hosts.resize(self.nodes.len(), Host::default());
        own.counters.resize(self.nodes.len(), Default::default());
        for node in 0..self.nodes.len() {
            self.scrape_host(own, node);
        }
        let p99: Vec<Option<f64>> = own.latencies.iter_mut().map(|latency| latency.take().quantile_ms(0.99)).collect();
        own.tiers = (0..self.plan.tiers.len()).map(|tier| self.tier_sample(own, tier, p99[tier])).collect();
        let orders = own.business.as_mut().map_or(0, |business| business.scrape());
        let orders_per_second = orders as f64 / monitor.interval.as_seconds();
        let value = |rule: &crate::nodes::operations::alerts::Rule| match (rule.metric, rule.tier) {
            (Metric::OrdersPerSecond, _) => Some(orders_per_second),
            (metric, Some(tier)) => own.tiers[tier.index()].value(metric),
            (_, None) => None,
        };
        let values = own.settings.rules.iter().map(value).collect();
        self.note_course(own, orders_per_second);
        own.scraped = Some(Scraped { at: self.ctx.now, values, orders });
        self.ctx.plan_for_operations(monitor.delay, Due::Judge);
        self.beat_again(monitor.interval, Due::Scrape);
    }

    fn note_course(&self, own: &mut Operations, orders_per_second: f64) {
        let Operations { course, tiers, hosts, business, settings, .. } = own;
        let seconds = settings.monitor.map_or(1.0, |monitor| monitor.interval.as_seconds());
        course.push(|| Record {
            at: self.ctx.now,
            tiers: tiers.iter().map(Into::into).collect(),
            hosts: if hosts.len() <= HOSTS_MAX { hosts.iter().map(Into::into).collect() } else { Vec::new() },
            business: business.as_ref().map(|business| Trade {
                orders_per_second: orders_per_second as f32,
                normal_per_second: business.normal().map_or(f32::NAN, |orders| (orders / seconds) as f32),
                users_today: business.daily.so_far() as f32,
                conversion: (business.visits_converted as f64 / business.visits_begun as f64) as f32,
                revenue_usd: business.revenue_usd() as f32,
            }),
        });
    }

    fn scrape_host(&self, own: &mut Operations, node: usize) {
        let (state, now) = (&self.ctx.nodes[node], self.ctx.now);
        let counters = own.counters[node];
        let host = &mut own.hosts[node];
        host.up = state.life == Life::Up;
        if !host.up {
            return;
        }
        let machine = state.machine.map(|machine| &self.ctx.machines[usize::from(machine)]);
        let disk = state.disk.map(|disk| &self.ctx.disks[usize::from(disk)]);
        let read = Readings {
            at: now,
            cores_busy: machine.map_or(0, |machine| machine.busy.integral(now)),
            disk_busy: disk.map_or(0, |disk| disk.busy.integral(now)),
            bytes_out: state.bytes_out,
            waiting: state.waiting.integral(now),
            replies: counters.replies,
            errors: counters.errors,
        };
        let before = std::mem::replace(&mut host.read, read);
        let ns = now.since(before.at).0.max(1) as f64;
        let share = |busy: u128, at_once: u32| (busy as f64 / ns / f64::from(at_once.max(1))).min(1.0);
        host.cpu = machine.map(|machine| share(read.cores_busy - before.cores_busy, machine.cores));
        host.disk = disk.map(|disk| share(read.disk_busy - before.disk_busy, disk.medium.parallel));
        host.memory = self.memory_taken(node);
        host.network_mbps = (read.bytes_out - before.bytes_out) as f64 * 8e3 / ns;
        host.waiting = (read.waiting - before.waiting) as f64 / ns;
        host.requests_per_second = (read.replies - before.replies) as f64 * 1e9 / ns;
        host.errors_per_second = (read.errors - before.errors) as f64 * 1e9 / ns;
    }

    /// See [`Metric::MemoryUtilisation`].
    fn memory_taken(&self, node: usize) -> Option<f64> {
        let own = &self.nodes[node];
        let pool =
            if let Node::Database(database) = own { database.pool.as_ref().map(|pool| pool.full()) } else { None };
        let slots = || own.station().map(|station| f64::from(station.busy.value()) / f64::from(station.slots.max(1)));
        own.full().or(pool).or_else(slots)
    }

    fn tier_sample(&self, own: &Operations, tier: usize, p99: Option<f64>) -> TierSample {
        let state = &self.ctx.tiers[tier];
        let hosts: Vec<Host> = state.members[..state.instances].iter().map(|node| own.hosts[node.index()]).collect();
        TierSample::of(&hosts, state.instances as u32, p99)
    }

    /// The scrape is there: rules are judged, and whoever is on call is called. Returns the rules that begin to fire, by their
    /// places among the rules.
    fn judge(&mut self, own: &mut Operations) -> Vec<u8> {
        let mut all_fired = Vec::new();
        let Some(scraped) = own.scraped.take() else { return all_fired };
        for rule in 0..own.rules.len().min(scraped.values.len()) {
            let turn = own.rules[rule].judge(&own.settings.rules[rule], scraped.at, scraped.values[rule]);
            let number = own.rules[rule].number;
            match turn {
                Some(Turn::Fired) => {
                    let since = own.rules[rule].since.unwrap_or(scraped.at);
                    self.ctx.tell(Fact::AlertFired { rule: number });
                    if own.episodes.len() == EPISODES_MAX {
                        own.episodes.remove(0);
                    }
                    let fired = self.ctx.now;
                    own.episodes.push(Episode { rule: number, since, fired, cleared: None, revenue_lost_usd: 0.0 });
                    self.call(own, Call::Alert(number));
                    all_fired.push(rule as u8);
                }
                Some(Turn::Cleared) => self.clear(own, number),
                None => {}
            }
        }
        let is_calm = own.rules.iter().all(|rule| rule.since.is_none());
        if let Some(business) = &mut own.business {
            business.note(scraped.at, scraped.orders, is_calm);
        }
        all_fired
    }

    fn clear(&mut self, own: &mut Operations, rule: u16) {
        self.ctx.tell(Fact::AlertCleared { rule });
        let open = |episode: &&mut Episode| episode.rule == rule && episode.cleared.is_none();
        if let Some(episode) = own.episodes.iter_mut().rev().find(open) {
            episode.cleared = Some(self.ctx.now);
            episode.revenue_lost_usd = own.business.as_ref().map_or(0.0, |business| business.lost_usd(episode.since));
        }
    }

    fn ship(&mut self, own: &mut Operations) {
        let Some(logs) = &mut own.logs else { return };
        logs.ship(|node| self.ctx.nodes[node.index()].life.works());
        if let Some((every, _)) = logs.settings.gather {
            self.beat_again(every, Due::Ship);
        }
    }

    fn hear(&mut self, own: &mut Operations) {
        let Some(complaining) = own.settings.complaints else { return };
        if own.complaints.hear(self.ctx.now, complaining.needed, complaining.within) {
            self.call(own, Call::Complaints);
        }
    }
}
