//! What the numbers of users and orders say: who was there, how many visits end in an order, what that brings.
//!
//! Distinct users are estimated by HyperLogLog (Flajolet and others, 2007) with 2^14 registers: off by 1.04 / 2^7 ≈ 0.8%
//! as a standard error, in 16 kB, however many users there are.

use std::collections::VecDeque;

use crate::rng::mix;
use crate::time::{SimTime, Span};

use super::super::per_user::PerUser;

const REGISTER_BITS: u32 = 14;
const REGISTERS: usize = 1 << REGISTER_BITS;
/// Scrapes whose orders are remembered.
const SCRAPES_MAX: usize = 2_000;

/// What counts for the business.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The class of requests that are orders.
    pub order_class: u8,
    /// What an order brings, in US dollars.
    pub revenue_per_order_usd: f64,
    /// A visit is over when its user has asked for nothing for so many seconds.
    pub visit_idle_seconds: u32,
}

/// An estimate of how many different users there were.
#[derive(Clone, Debug)]
pub struct Distinct {
    registers: Vec<u8>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { registers: vec![0; REGISTERS] }
    }
}

impl Distinct {
    /// Counts a user.
    #[inline]
    pub fn insert(&mut self, user: u32) {
        let hash = mix(u64::from(user) ^ 0x00d1_571c_7000_0000);
        let register = (hash >> (64 - REGISTER_BITS)) as usize;
        let rank = ((hash << REGISTER_BITS) | 1).leading_zeros() as u8 + 1;
        self.registers[register] = self.registers[register].max(rank);
    }

    /// How many different ones there were.
    pub fn estimate(&self) -> f64 {
        let m = REGISTERS as f64;
        let sum: f64 = self.registers.iter().map(|&rank| 1.0 / (1u64 << rank) as f64).sum();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let empty = self.registers.iter().filter(|&&rank| rank == 0).count();
        // Few users leave registers empty; then counting those is better.
        if raw <= 2.5 * m && empty > 0 { m * libm::log(m / empty as f64) } else { raw }
    }
}

/// Users who were there in an hour, or on a day.
#[derive(Clone, Debug)]
pub struct Active {
    length: Span,
    began: SimTime,
    users: Distinct,
    /// How many there were in the last whole stretch.
    pub last: Option<f64>,
}

impl Active {
    fn over(length: Span) -> Self {
        Self { length, began: SimTime::ZERO, users: Distinct::default(), last: None }
    }

    #[inline]
    fn insert(&mut self, now: SimTime, user: u32) {
        self.turn(now);
        self.users.insert(user);
    }

    fn turn(&mut self, now: SimTime) {
        let stretches = now.since(self.began).0 / self.length.0;
        if stretches > 0 {
            let last = std::mem::take(&mut self.users);
            self.last = Some(if stretches == 1 { last.estimate() } else { 0.0 });
            self.began = SimTime(self.began.0 + stretches * self.length.0);
        }
    }

    /// How many there were so far in the stretch that is not over.
    pub fn so_far(&self) -> f64 {
        self.users.estimate()
    }
}

/// Users and orders.
#[derive(Clone, Debug)]
pub struct Business {
    /// What counts.
    pub settings: Settings,
    /// Users by the hour.
    pub hourly: Active,
    /// Users by the day.
    pub daily: Active,
    /// When each user was last there: a second more than that, doubled; one more if the visit has an order.
    visits: PerUser<u32>,
    /// Visits that began.
    pub visits_begun: u64,
    /// Visits with an order.
    pub visits_converted: u64,
    /// Orders that were answered.
    pub orders: u64,
    /// Those up to the last scrape.
    orders_scraped: u64,
    /// Orders by scrape, the newest ones.
    by_scrape: VecDeque<(SimTime, u64)>,
    /// Orders and scrapes while no rule's condition held.
    calm: (u64, u64),
}

impl Business {
    /// Nobody has been there yet.
    pub fn new(settings: Settings) -> Self {
        const HOUR: f64 = 3_600.0;
        Self {
            settings,
            hourly: Active::over(Span::from_seconds(HOUR)),
            daily: Active::over(Span::from_seconds(24.0 * HOUR)),
            visits: PerUser::new(0),
            visits_begun: 0,
            visits_converted: 0,
            orders: 0,
            orders_scraped: 0,
            by_scrape: VecDeque::new(),
            calm: (0, 0),
        }
    }

    /// The entry has answered a request of this user.
    #[inline]
    pub fn answered(&mut self, now: SimTime, user: u32, class: u8) {
        self.hourly.insert(now, user);
        self.daily.insert(now, user);
        let second = (now.0 / 1_000_000_000) as u32;
        let visit = self.visits.get_mut(user);
        let goes_on = *visit > 0 && second + 1 - (*visit >> 1) <= self.settings.visit_idle_seconds;
        let mut converted = goes_on && *visit & 1 == 1;
        self.visits_begun += u64::from(!goes_on);
        if class == self.settings.order_class {
            self.orders += 1;
            self.visits_converted += u64::from(!converted);
            converted = true;
        }
        *visit = (second + 1) << 1 | u32::from(converted);
    }

    /// Orders since the last scrape; a new stretch begins.
    pub fn scrape(&mut self) -> u64 {
        let orders = self.orders - self.orders_scraped;
        self.orders_scraped = self.orders;
        orders
    }

    /// A scrape is judged: so many orders, in a stretch in which all was calm or not.
    pub fn note(&mut self, at: SimTime, orders: u64, is_calm: bool) {
        if is_calm {
            self.calm = (self.calm.0 + orders, self.calm.1 + 1);
        }
        if self.by_scrape.len() == SCRAPES_MAX {
            self.by_scrape.pop_front();
        }
        self.by_scrape.push_back((at, orders));
    }

    /// Orders from one scrape to the next when all is calm, if it ever was.
    pub fn normal(&self) -> Option<f64> {
        (self.calm.1 > 0).then(|| self.calm.0 as f64 / self.calm.1 as f64)
    }

    /// What was not taken in the scrapes from `since` on, in US dollars, against what is taken when all is calm.
    pub fn lost_usd(&self, since: SimTime) -> f64 {
        let normal = self.normal().unwrap_or(0.0);
        let missing = |&(_, orders): &(SimTime, u64)| normal - orders as f64;
        let in_it = self.by_scrape.iter().filter(|(at, _)| *at >= since);
        in_it.map(missing).sum::<f64>() * self.settings.revenue_per_order_usd
    }

    /// What orders have brought so far, in US dollars.
    pub fn revenue_usd(&self) -> f64 {
        self.orders as f64 * self.settings.revenue_per_order_usd
    }

    /// Roughly how many bytes this takes that clones do not share.
    pub fn bytes(&self) -> usize {
        2 * REGISTERS + self.by_scrape.len() * 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_users_are_estimated_within_four_standard_errors() {
        for users in [100u32, 10_000, 300_000] {
            let mut seen = Distinct::default();
            for user in 0..users {
                seen.insert(user);
                seen.insert(user);
            }
            let error = (seen.estimate() / f64::from(users) - 1.0).abs();
            assert!(error < 4.0 * 1.04 / 128.0, "{users}: {}", seen.estimate());
        }
    }

    #[test]
    fn a_visit_ends_with_a_pause_and_converts_once() {
        let settings = Settings { order_class: 1, revenue_per_order_usd: 10.0, visit_idle_seconds: 100 };
        let mut business = Business::new(settings);
        let at = |seconds: f64| SimTime::from_ms(seconds * 1e3);
        for (seconds, class) in [(0.0, 0), (50.0, 1), (60.0, 1), (160.0, 0), (261.0, 0), (300.0, 0)] {
            business.answered(at(seconds), 7, class);
        }
        assert_eq!((business.visits_begun, business.visits_converted, business.orders), (2, 1, 2));
    }

    #[test]
    fn what_is_lost_is_told_against_calm_scrapes() {
        let settings = Settings { order_class: 0, revenue_per_order_usd: 2.0, visit_idle_seconds: 100 };
        let mut business = Business::new(settings);
        for (second, orders) in [10, 12, 8, 1, 0, 9].into_iter().enumerate() {
            business.note(SimTime(second as u64), orders, second < 3);
        }
        assert_eq!(business.lost_usd(SimTime(3)), 2.0 * (9.0 + 10.0 + 1.0));
    }
}
