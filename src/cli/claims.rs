//! `claims`: runs experiments and says what was expected and what came out.

use std::process::ExitCode;

use crate::course::account::Account;
use crate::course::experiment::Experiment;
use crate::course::experiments;
use crate::course::trial::Trial;
use crate::scenario::Problem;

use super::progress::Progress;
use super::{SLICE, say};

/// Runs the experiments of these claims, or all, with the seeds from 1 on.
///
/// # Errors
/// There is no such claim; the nearest is named.
pub fn claims(ids: &[String], seeds: u64, json: bool) -> Result<ExitCode, Problem> {
    let chosen: Vec<&'static Experiment> = match ids {
        [] => experiments::all().collect(),
        ids => ids.iter().map(|id| experiments::find(id)).collect::<Result<_, _>>()?,
    };
    let total = (chosen.len() as u64 * seeds) as f64;
    let mut progress = Progress::new();
    let mut rows = Vec::new();
    for experiment in chosen {
        for seed in 1..=seeds {
            let mut trial = Trial::new(experiment, seed);
            while !trial.advance(SLICE) {
                progress.show((rows.len() as f64 + trial.share_done()) / total, experiment.id);
            }
            rows.push(trial.account());
        }
    }
    progress.clear();
    let all_hold = rows.iter().all(|row| row.holds);
    if json {
        say(&serde_json::to_string(&rows).expect("rows are plain data"));
    } else {
        say(table(&rows).trim_end());
    }
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(rows: &[Account]) -> String {
    let mut text = String::new();
    for row in rows {
        let verdict = if row.holds { "holds" } else { "DOES NOT HOLD" };
        text.push_str(&format!("{} (seed {}): {verdict}\n", row.id, row.seed));
        for finding in &row.findings {
            let mark = if finding.holds { " " } else { "✗" };
            let (measured, expected) = (finding.measurement(), finding.expectation());
            text.push_str(&format!("  {mark} {measured:<20} expected {expected:<22} {}\n", finding.what));
        }
    }
    let held = rows.iter().filter(|row| row.holds).count();
    text.push_str(&format!("{held} of {} hold\n", rows.len()));
    text
}
