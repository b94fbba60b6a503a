//! Every claim of the course holds by simulation, fails when its mechanism is broken, and can be watched and shared.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use zero_to_millions::course::chapters::{self, Figure, Figures};
use zero_to_millions::course::experiment::{Experiment, Finding};
use zero_to_millions::course::experiments;
use zero_to_millions::course::trial::Trial;
use zero_to_millions::link;
use zero_to_millions::link::seen::Seen;
use zero_to_millions::player::{Command, Player, Reply, RunOf};

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

/// Does `work` for each of the jobs on as many threads as there are cores, and returns what came of it, in any order.
fn on_all_cores<T: Sync, R: Send>(jobs: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let take = || {
        let mut results = Vec::new();
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            results.push(work(job));
        }
        results
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("an experiment panicked")).collect()
    })
}

/// What comes out of the chosen experiments with the seed that the page uses.
static FINDINGS: LazyLock<BTreeMap<&'static str, Vec<Finding>>> = LazyLock::new(|| {
    let jobs: Vec<&'static Experiment> = chosen().collect();
    let findings = on_all_cores(&jobs, |experiment| (experiment.id, findings(Trial::new(experiment, 1))));
    findings.into_iter().collect()
});

/// What does not hold, as lines for people.
fn complaint(id: &str, seed: u64, findings: &[Finding]) -> Option<String> {
    let failed = failures(findings);
    (!failed.is_empty()).then(|| format!("{id} with seed {seed}:\n    {}", failed.join("\n    ")))
}

#[test]
fn every_claim_holds() {
    let complaints: Vec<String> = FINDINGS.iter().filter_map(|(id, findings)| complaint(id, 1, findings)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The figures in the chapters' texts are what the experiments measure. `UPDATE_GOLDEN=1` writes them anew.
#[test]
fn the_chapters_have_the_figures_that_are_measured() {
    let figures = |findings: &[Finding]| {
        let figure = |own: &Finding| (own.key.to_owned(), Figure { measured: own.measured, unit: own.unit.to_owned() });
        findings.iter().map(figure).collect()
    };
    let measured: Figures = FINDINGS.iter().map(|(&id, own)| (id.to_owned(), figures(own))).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        assert_eq!(measured.len(), experiments::all().count(), "all are measured, or the others would be lost");
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
    let jobs: Vec<(&'static Experiment, u64)> =
        chosen().flat_map(|experiment| (1..=5).map(move |seed| (experiment, seed))).collect();
    let complaints = on_all_cores(&jobs, |&(experiment, seed)| {
        complaint(experiment.id, seed, &findings(Trial::new(experiment, seed)))
    });
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
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
    let complaints: Vec<String> = complaints.into_iter().flatten().collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Of a run with more events its beginning stands for the rest.
const WATCHED: u64 = 1_000_000;

#[test]
fn every_run_can_be_watched_and_shared() {
    let jobs: Vec<(&'static Experiment, usize)> =
        chosen().flat_map(|experiment| (0..(experiment.runs)().len()).map(move |index| (experiment, index))).collect();
    on_all_cores(&jobs, |&(experiment, index)| {
        let run = (experiment.runs)().swap_remove(index);
        let mut player = Player::new();
        player.replies();
        player.command(Command::Open { fragment: link::address::of_claim(experiment.id, index) });
        let opened = player.replies().into_iter().find_map(|reply| match reply {
            Reply::Opened { run, .. } => run,
            _ => None,
        });
        assert_eq!(opened, Some(RunOf { claim: experiment.id.to_owned(), index }));
        while player.run(100_000) && player.world().events() < WATCHED {}
        assert_eq!(player.world().timeline(), run.scenario.timeline, "{} {}", experiment.id, run.name);
        let fragment = player.link(Seen::default());
        let digest = player.world().digest();
        player.command(Command::Open { fragment });
        while player.run(100_000) {}
        assert_eq!(player.world().digest(), digest, "{} {}", experiment.id, run.name);
    });
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
