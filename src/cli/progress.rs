//! A progress bar for what lasts over two seconds, on a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Steps of a bar.
const STEPS: f64 = 1000.0;

/// Shows how far something has come.
#[derive(Debug)]
pub struct Progress {
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Something that begins now.
    pub fn new() -> Self {
        Self { began: Instant::now(), bar: None }
    }

    /// It has come to this share, from 0 to 1, and is at `what`.
    pub fn show(&mut self, share: f64, what: &str) {
        if self.bar.is_none() && super::on_a_terminal() && self.began.elapsed() > Duration::from_secs(2) {
            let style = ProgressStyle::with_template("{wide_bar} {percent}% {msg}, {eta} left");
            let bar = ProgressBar::new(STEPS as u64);
            self.bar = Some(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        }
        if let Some(bar) = &self.bar {
            bar.set_message(what.to_owned());
            bar.set_position((share * STEPS) as u64);
        }
    }

    /// It is over.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
