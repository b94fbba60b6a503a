//! A progress bar for what lasts over two seconds, on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::time::SimTime;

/// Shows how far a run has come.
#[derive(Debug)]
pub struct Progress {
    began: Instant,
    bar: Option<ProgressBar>,
    end: SimTime,
}

impl Progress {
    /// A run that lasts until `end`.
    pub fn new(end: SimTime) -> Self {
        Self { began: Instant::now(), bar: None, end }
    }

    /// The run has come to `now`.
    pub fn show(&mut self, now: SimTime) {
        if self.bar.is_none() && super::on_a_terminal() && self.began.elapsed() > Duration::from_secs(2) {
            let style = ProgressStyle::with_template("{wide_bar} {percent}% of simulated time, {eta} left");
            let bar = ProgressBar::new(self.end.0.max(1));
            self.bar = Some(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(now.0);
        }
    }

    /// The run is over.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
