//! `ladder`: finds how many users each stage serves, what breaks first, and what a month costs.

use std::process::ExitCode;

use crate::course::experiment::SEED;
use crate::course::ladder::axes::Better;
use crate::course::ladder::{self, Rung};
use crate::course::quantity;
use crate::course::stages::{self, Stage};
use crate::scenario::Problem;

use super::progress::Progress;
use super::{SLICE, say};

/// Climbs all stages, or measures one of them after what was recorded of the one before.
///
/// # Errors
/// There is no such stage; the nearest is named.
pub fn ladder(stage: Option<&str>, json: bool) -> Result<ExitCode, Problem> {
    let all: Vec<&'static Stage> = ladder::stages().collect();
    let chosen = match stage.map(stages::find).transpose()? {
        None => &all[..],
        Some(own) => all.iter().position(|stage| stage.id == own.id).map_or(&[][..], |at| &all[at..=at]),
    };
    let mut progress = Progress::new();
    let mut rungs: Vec<Rung> = stage.and_then(recorded_before).into_iter().cloned().collect();
    let given = rungs.len();
    for (index, stage) in chosen.iter().enumerate() {
        let mut search = ladder::search(stage, SEED, rungs.last().map_or(1, |rung| rung.users));
        while !search.advance(SLICE) {
            // Nobody knows how many loads there will be: each is taken to be a third of what is left.
            let within = 1.0 - 0.67f64.powi(search.tries as i32 - 1);
            progress.show((index as f64 + within) / chosen.len() as f64, stage.id);
        }
        let Some(mut rung) = Rung::new(stage, &search) else {
            progress.clear();
            eprintln!("{} keeps the objective with nobody", stage.id);
            return Ok(ExitCode::FAILURE);
        };
        let before = rungs.last().filter(|before| !rung.adds_users(before));
        rung.better = before.map(|before| Better::of(before, &rung, SEED));
        rungs.push(rung);
    }
    progress.clear();
    let mut faults = ladder::faults(&rungs);
    if stage.is_some() {
        // What is said of the last rung is not said of one in the middle.
        faults = rungs.windows(2).filter_map(|pair| pair[1].fault(&pair[0])).collect();
    }
    let rungs = &rungs[given..];
    if json {
        say(&serde_json::to_string_pretty(rungs).expect("rungs are plain data"));
    } else {
        say(table(rungs).trim_end());
    }
    faults.iter().for_each(|fault| eprintln!("{fault}"));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rung below a stage, if that was recorded.
fn recorded_before(id: &str) -> Option<&'static Rung> {
    let below = ladder::stages().take_while(|stage| stage.id != id).last()?;
    ladder::recorded().iter().find(|rung| rung.stage == below.id)
}

fn table(rungs: &[Rung]) -> String {
    let mut text = format!(
        "{:<22}{:>12}  {:<20}{:>12}{:>13}  {}\n",
        "stage", "users", "breaks first", "$ a month", "of machines", "or serves better"
    );
    for rung in rungs {
        let breaks = format!("{}: {}", rung.first_to_break, rung.lacks.name());
        let better = rung.better.as_ref().map_or_else(String::new, |better| {
            let write = |value| quantity::write(value, &better.unit, 3, 0.0);
            format!("{}: {} instead of {}", better.what, write(better.after), write(better.before))
        });
        // More than these were not tried, if nothing broke with them.
        let users = format!("{}{}", rung.users, if rung.broken.is_none() { "+" } else { "" });
        let row = format!(
            "{:<22}{users:>12}  {breaks:<20}{:>12}{:>13}  {better}",
            rung.stage, rung.cost_per_month_usd, rung.machines_per_month_usd
        );
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}
