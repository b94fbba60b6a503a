//! The exact time integral of a whole number.

use crate::time::SimTime;

/// A number that changes at instants, and its integral over time in number · nanoseconds, exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauge {
    value: u32,
    since: SimTime,
    /// What is not yet in `settled`, in 64 bits because 128 are slow in wasm.
    recent: u64,
    settled: u128,
}

impl Gauge {
    /// The number now.
    #[inline]
    pub fn value(&self) -> u32 {
        self.value
    }

    /// Sets the number at `now`, which must not be earlier than at the last call.
    #[inline]
    pub fn set(&mut self, now: SimTime, value: u32) {
        let grown = u64::from(self.value).checked_mul((now - self.since).0).and_then(|x| self.recent.checked_add(x));
        match grown {
            Some(recent) => self.recent = recent,
            None => self.settle(now),
        }
        self.since = now;
        self.value = value;
    }

    /// One more.
    #[inline]
    pub fn increment(&mut self, now: SimTime) {
        self.set(now, self.value + 1);
    }

    /// One less.
    #[inline]
    pub fn decrement(&mut self, now: SimTime) {
        debug_assert!(self.value > 0, "a gauge does not fall below zero");
        self.set(now, self.value - 1);
    }

    /// The integral from the start of the run to `now`, which must not be earlier than at the last change.
    pub fn integral(&self, now: SimTime) -> u128 {
        self.settled + u128::from(self.recent) + u128::from(self.value) * u128::from((now - self.since).0)
    }

    #[cold]
    fn settle(&mut self, now: SimTime) {
        self.settled = self.integral(now);
        self.recent = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_integral_is_exact_and_independent_of_when_it_is_read() {
        let mut read_once = Gauge::default();
        let mut read_often = Gauge::default();
        for step in 0..1000u64 {
            let (now, value) = (SimTime(step * 7), (step % 13) as u32);
            read_once.set(now, value);
            read_often.set(now, value);
            read_often.integral(SimTime(step * 7 + 3));
        }
        let end = SimTime(10_000);
        let expected: u128 = (0..999).map(|s| (s % 13) * 7).sum::<u128>() + (999 % 13) * (10_000 - 999 * 7);
        assert_eq!(read_once.integral(end), expected);
        assert_eq!(read_often.integral(end), expected);
    }

    #[test]
    fn centuries_do_not_overflow() {
        let mut gauge = Gauge::default();
        gauge.set(SimTime::ZERO, u32::MAX);
        gauge.set(SimTime(u64::MAX / 2), u32::MAX);
        assert_eq!(gauge.integral(SimTime(u64::MAX / 2)), u128::from(u32::MAX) * u128::from(u64::MAX / 2));
    }
}
