//! Every claim of the course holds by simulation, and fails when its mechanism is broken.

#![cfg(not(target_arch = "wasm32"))]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use zero_to_millions::course::chapters::{self, Figure, Figures};
use zero_to_millions::course::experiment::{Experiment, Finding};
use zero_to_millions::course::experiments;
use zero_to_millions::course::trial::Trial;

/// Long enough that a whole run fits; how an experiment is sliced changes nothing.
const SLICE: u64 = 1_000_000;

/// The experiments to look at: all, or those whose ids begin with `CLAIMS`.
fn chosen() -> impl Iterator<Item = &'static Experiment> {
    let begins = std::env::var("CLAIMS").unwrap_or_default();
    experiments::all().filter(move |experiment| experiment.id.starts_with(&begins))
}

fn findings(mut trial: Trial) -> Vec<Finding> {
    while !trial.advance(SLICE) {}
    trial.findings()
}

fn failures(findings: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        format!("{}: {} {}, expected {:?}", finding.key, finding.measured, finding.unit, finding.expected)
    };
    findings.iter().filter(|finding| !finding.holds()).map(line).collect()
}

/// Does `work` for each of the jobs on as many threads as there are cores, and returns what it complains of.
fn on_all_cores<T: Sync>(jobs: &[T], work: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let take = || {
        let mut complaints = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            complaints.extend(work(job));
        }
        complaints
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("an experiment panicked")).collect()
    })
}

fn all_hold(seeds: std::ops::RangeInclusive<u64>) {
    let jobs: Vec<(&'static Experiment, u64)> =
        chosen().flat_map(|experiment| seeds.clone().map(move |seed| (experiment, seed))).collect();
    let complaints = on_all_cores(&jobs, |&(experiment, seed)| {
        let failed = failures(&findings(Trial::new(experiment, seed)));
        (!failed.is_empty()).then(|| format!("{} with seed {seed}:\n    {}", experiment.id, failed.join("\n    ")))
    });
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_claim_holds() {
    all_hold(1..=1);
}

/// The figures in the chapters' texts are what the experiments measure. `UPDATE_GOLDEN=1` writes them anew.
#[test]
fn the_chapters_have_the_figures_that_are_measured() {
    let jobs: Vec<&'static Experiment> = experiments::all().collect();
    let measured = Mutex::new(Figures::new());
    on_all_cores(&jobs, |experiment| {
        let figure = |finding: Finding| {
            (finding.key.to_owned(), Figure { measured: finding.measured, unit: finding.unit.to_owned() })
        };
        let of_claim = findings(Trial::new(experiment, 1)).into_iter().map(figure).collect();
        measured.lock().expect("nobody panicked").insert(experiment.id.to_owned(), of_claim);
        None
    });
    let measured = measured.into_inner().expect("nobody panicked");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/course/figures.json");
        let json = serde_json::to_string_pretty(&measured).expect("plain data");
        std::fs::write(path, json + "\n").expect("the file can be written");
        return;
    }
    for (claim, figures) in &measured {
        assert_eq!(chapters::figures().get(claim), Some(figures), "{claim}: UPDATE_GOLDEN=1 writes the new figures");
    }
}

#[test]
#[ignore = "long: cargo xtask test long"]
fn every_claim_holds_with_five_seeds() {
    all_hold(1..=5);
}

#[test]
fn every_claim_fails_when_its_mechanism_is_broken() {
    let jobs: Vec<(&'static Experiment, usize)> = chosen()
        .flat_map(|experiment| (0..experiment.mutations.len()).map(move |mutation| (experiment, mutation)))
        .collect();
    let complaints = on_all_cores(&jobs, |&(experiment, mutation)| {
        let failed = failures(&findings(Trial::broken(experiment, 1, mutation)));
        failed.is_empty().then(|| format!("{} holds though {}", experiment.id, experiment.mutations[mutation].name))
    });
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn slicing_changes_nothing() {
    let experiment = experiments::find("lb.grow").expect("it is there");
    let mut sliced = Trial::new(experiment, 1);
    let mut last = 0.0;
    while !sliced.advance(777) {
        assert!(sliced.share_done() >= last, "it goes on");
        last = sliced.share_done();
    }
    assert_eq!(sliced.findings(), findings(Trial::new(experiment, 1)));
}
