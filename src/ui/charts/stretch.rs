//! The stretch of time that charts show.

pub use crate::link::seen::Stretch;

/// The shortest stretch that is shown, in milliseconds.
const SHORTEST_MS: f64 = 20.0;

impl Stretch {
    /// From the start of the run to this moment.
    pub fn whole(until_ms: f64) -> Self {
        Self { from_ms: 0.0, until_ms }
    }

    /// Between two moments, whichever is first; no shorter than what can be looked at.
    pub fn between(one_ms: f64, other_ms: f64) -> Self {
        let from_ms = one_ms.min(other_ms).max(0.0);
        Self { from_ms, until_ms: one_ms.max(other_ms).max(from_ms + SHORTEST_MS) }
    }

    /// How long it is, in milliseconds.
    pub fn length_ms(self) -> f64 {
        self.until_ms - self.from_ms
    }

    /// Where a moment is: 0 at the beginning, 1 at the end.
    pub fn share(self, ms: f64) -> f64 {
        (ms - self.from_ms) / self.length_ms()
    }

    /// The moment at a share of it.
    pub fn at(self, share: f64) -> f64 {
        self.from_ms + share * self.length_ms()
    }

    /// Whether a moment is in it.
    pub fn contains(self, ms: f64) -> bool {
        (self.from_ms..=self.until_ms).contains(&ms)
    }

    /// `factor` times as long about a moment that keeps its place; within the whole run.
    pub fn scaled(self, factor: f64, about_ms: f64, whole: Self) -> Self {
        let length_ms = (self.length_ms() * factor).clamp(SHORTEST_MS, whole.length_ms());
        let from_ms = about_ms - self.share(about_ms).clamp(0.0, 1.0) * length_ms;
        Self { from_ms, until_ms: from_ms + length_ms }.within(whole)
    }

    /// Moved by a share of its length; within the whole run.
    pub fn moved(self, share: f64, whole: Self) -> Self {
        let by_ms = share * self.length_ms();
        Self { from_ms: self.from_ms + by_ms, until_ms: self.until_ms + by_ms }.within(whole)
    }

    /// The same, pushed into the whole run.
    fn within(self, whole: Self) -> Self {
        let length_ms = self.length_ms().min(whole.length_ms());
        let from_ms = self.from_ms.clamp(whole.from_ms, whole.until_ms - length_ms);
        Self { from_ms, until_ms: from_ms + length_ms }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const WHOLE: Stretch = Stretch { from_ms: 0.0, until_ms: 1000.0 };

    #[wasm_bindgen_test]
    fn what_is_looked_at_keeps_its_place() {
        let closer = WHOLE.scaled(0.5, 400.0, WHOLE);
        assert_eq!(closer, Stretch { from_ms: 200.0, until_ms: 700.0 });
        assert_eq!(closer.share(400.0), WHOLE.share(400.0));
        assert_eq!(closer.scaled(2.0, 400.0, WHOLE), WHOLE);
    }

    #[wasm_bindgen_test]
    fn it_stays_within_the_run_and_long_enough_to_be_seen() {
        let last = Stretch { from_ms: 800.0, until_ms: 1000.0 };
        assert_eq!(last.moved(0.5, WHOLE), last);
        assert_eq!(last.moved(-9.0, WHOLE), Stretch { from_ms: 0.0, until_ms: 200.0 });
        assert_eq!(WHOLE.scaled(1e-9, 500.0, WHOLE).length_ms(), SHORTEST_MS);
        assert_eq!(WHOLE.scaled(1e9, 500.0, WHOLE), WHOLE);
        assert_eq!(Stretch::between(300.0, 300.0).length_ms(), SHORTEST_MS);
        assert_eq!(Stretch::between(300.0, 100.0), Stretch { from_ms: 100.0, until_ms: 300.0 });
    }
}
