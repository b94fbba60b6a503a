//! Waiting times against theory.
//!
//! Every value of theory is computed here by its formula. A measured figure is the mean over independent runs (one a
//! seed) and may be four of its standard errors off, which are estimated from the same runs; percentiles may be another
//! 1/64 off, which is the width of the histogram's buckets. Each test also bounds the standard error itself, so that a
//! run which measures too little fails instead of agreeing with everything.

#![cfg(not(target_arch = "wasm32"))]

#[path = "theory/closed.rs"]
mod closed;
mod common;
#[path = "theory/complex.rs"]
mod complex;
#[path = "theory/formulas.rs"]
mod formulas;
#[path = "theory/queues.rs"]
mod queues;
#[path = "theory/sharing.rs"]
mod sharing;

use common::designs::Bare;
use common::statistics::{BUCKET, Estimate, Sample};
use complex::Complex;
use formulas::{Mmc, erlang_c, mg1_mean_sojourn, solve_falling, two_choices_mean_sojourn};
use sharing::{Sharing, tail_by_euler};
use zero_to_millions::world::report::Report;

/// μ, per millisecond.
const MU: f64 = 1.0 / Bare::MEAN_MS;
const LOADS: [f64; 3] = [0.5, 0.7, 0.9];

/// Sixteen runs. What the queue remembers fades in 1/(μ(1−√ρ)²), which is 380 services at ρ = 0.9: the warm-up is ten
/// times that.
fn measure(design: &Bare, load: f64) -> Vec<Report> {
    let memory = 1.0 / (MU * 1e3 * (1.0 - load.sqrt()).powi(2));
    let requests = if load > 0.8 { 400_000.0 } else { 100_000.0 };
    Sample { runs: 16, warm_up: 10.0 * memory, measured: requests / design.rate }.take(&design.scenario())
}

fn p95(tail: impl Fn(f64) -> f64, mean: f64) -> f64 {
    solve_falling(tail, 0.05, 20.0 * mean)
}

fn agrees_with_mmc(cores: u32) {
    for load in LOADS {
        let design = Bare::at_load(load, cores);
        let reports = measure(&design, load);
        let theory = Mmc { servers: cores, arrivals: design.rate / 1e3, service: MU };
        let check = |what: &str, figure: &dyn Fn(&Report) -> f64, value: f64, bucket: f64| {
            Estimate::of(&reports, figure).must_agree(&format!("{what} at {load}"), value, bucket * value, 0.05);
        };
        check("utilisation", &|report| report.tiers["web"].utilisation.expect("it has a machine"), load, 0.0);
        check("mean wait", &|report| report.tiers["web"].wait_ms.mean, theory.mean_wait(), 0.0);
        check("p95 wait", &|report| report.tiers["web"].wait_ms.p95, theory.wait_quantile(0.95), BUCKET);
        check("mean latency", &|report| report.latency_ms.mean, theory.mean_sojourn(), 0.0);
        let sojourn = p95(|t| theory.sojourn_tail(t), theory.mean_sojourn());
        check("p95 latency", &|report| report.latency_ms.p95, sojourn, BUCKET);
        check("waiting", &|report| report.tiers["web"].queue_mean, theory.mean_wait() * theory.arrivals, 0.0);
    }
}

#[test]
fn one_server_agrees_with_mm1() {
    agrees_with_mmc(1);
}

#[test]
fn four_cores_agree_with_mmc() {
    agrees_with_mmc(4);
}

#[test]
fn a_shared_core_agrees_with_mm1_processor_sharing() {
    for load in LOADS {
        let design = Bare::at_load(load, 1).sharing();
        let reports = measure(&design, load);
        let theory = Sharing { arrivals: design.rate / 1e3, service: MU };
        let mean = Estimate::of(&reports, |report| report.latency_ms.mean);
        mean.must_agree(&format!("mean at {load}"), theory.mean(), 0.0, 0.05);
        let value = p95(|t| theory.tail(t), theory.mean());
        let measured = Estimate::of(&reports, |report| report.latency_ms.p95);
        measured.must_agree(&format!("p95 at {load}"), value, BUCKET * value, 0.05);
    }
}

/// Processor sharing does not care how services vary; first come first served does. And each theory refuses the other
/// mechanism: so the agreement above is no accident of a wide tolerance.
#[test]
fn theory_refuses_the_wrong_mechanism() {
    let load = 0.7;
    let sharing = Sharing { arrivals: load * MU, service: MU };
    let mean = |design: &Bare| Estimate::of(&measure(design, load), |report| report.latency_ms.mean);
    let varied = mean(&Bare::at_load(load, 1).sharing().hyperexponential());
    varied.must_agree("insensitive mean", sharing.mean(), 0.0, 0.05);
    let queued = mean(&Bare::at_load(load, 1).hyperexponential());
    queued.must_agree("Pollaczek-Khinchine", mg1_mean_sojourn(load, Bare::MEAN_MS, 2.0), 0.0, 0.1);
    assert!(!queued.agrees(sharing.mean(), 0.0), "a queue passes for processor sharing: {queued:?}");
    // With exponential services the means are the same, and only the distribution tells the disciplines apart.
    let (shared_p95, queued_p95) = (p95(|t| sharing.tail(t), sharing.mean()), 20f64.ln() * sharing.mean());
    let measured = |design: &Bare| Estimate::of(&measure(design, load), |report| report.latency_ms.p95);
    assert!(!measured(&Bare::at_load(load, 1)).agrees(shared_p95, BUCKET * shared_p95));
    assert!(!measured(&Bare::at_load(load, 1).sharing()).agrees(queued_p95, BUCKET * queued_p95));
}

/// The supermarket model is the limit of many servers. With n of them the mean is off by O(1/n) (Graham 2000):
/// Mitzenmacher's thesis has 2.63 to 2.65 for 100 servers at ρ = 0.9, where the limit is 2.614, so about 1/n; twice that is
/// allowed. Random choice makes independent M/M/1 queues of any number of servers.
#[test]
fn two_choices_among_a_thousand_agree_with_the_supermarket_model() {
    let load = 0.9;
    let servers = 1000;
    // In services: an M/M/1 queue forgets in 380 of them, the shorter of two queues much faster. Each run begins empty.
    let measure = |policy, warm_up: f64, measured: f64| {
        let design = Bare::at_load(load, 1).servers(servers, policy);
        let service = Bare::MEAN_MS / 1e3;
        let sample = Sample { runs: 6, warm_up: warm_up * service, measured: measured * service };
        Estimate::of(&sample.take(&design.scenario()), |report| report.latency_ms.mean / Bare::MEAN_MS)
    };
    let two = two_choices_mean_sojourn(load);
    measure("two_choices", 300.0, 1000.0).must_agree("two choices", two, 2.0 / f64::from(servers) * two, 0.02);
    measure("random", 2000.0, 600.0).must_agree("random", 1.0 / (1.0 - load), 0.0, 0.05);
}

#[test]
fn erlang_c_has_its_known_values() {
    // One server waits with the probability that it is busy; two: ρ = a/2, C = 2ρ²/(1+ρ).
    assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
    let rho: f64 = 0.6;
    assert!((erlang_c(2, 2.0 * rho) - 2.0 * rho * rho / (1.0 + rho)).abs() < 1e-12);
}

#[test]
fn the_inversion_gives_back_known_tails() {
    for t in [0.1, 1.0, 3.0, 10.0] {
        let exponential = tail_by_euler(|s| Complex::from(1.0) / (Complex::from(1.0) + s), t);
        assert!((exponential - (-t).exp()).abs() < 1e-6, "{t}: {exponential}");
        // Erlang-2: a tail with another shape.
        let half = |s: Complex| Complex::from(2.0) / (Complex::from(2.0) + s);
        let erlang = tail_by_euler(|s| half(s) * half(s), t);
        assert!((erlang - (1.0 + 2.0 * t) * (-2.0 * t).exp()).abs() < 1e-6, "{t}: {erlang}");
    }
}

/// The transform of the sojourn is checked against what is known of it by other ways: the conditional mean is x/(1−ρ)
/// (Kleinrock 1967), the mean 1/(μ−λ), and the variance (2+ρ)/(2−ρ) times the squared mean (Ott 1984).
#[test]
fn the_sharing_transform_has_the_known_moments() {
    for rho in LOADS {
        let queue = Sharing { arrivals: rho, service: 1.0 };
        // Moments from differences at small s, whose error is of the order of s.
        let s = 1e-4 * (1.0 - rho) * (1.0 - rho);
        for x in [0.2, 1.0, 5.0] {
            let mean = (1.0 - queue.conditional_transform(Complex::from(s), x).re) / s;
            assert!((mean * (1.0 - rho) / x - 1.0).abs() < 1e-2, "{rho}, {x}: {mean}");
        }
        let [zero, near, far] = [0.0, s, 2.0 * s].map(|s| queue.transform(Complex::from(s)).re);
        assert!((zero - 1.0).abs() < 1e-8, "{rho}: {zero}");
        let mean = (4.0 * (zero - near) - (zero - far)) / (2.0 * s);
        let square = (far - 2.0 * near + zero) / (s * s);
        assert!((mean / queue.mean() - 1.0).abs() < 1e-3, "{rho}: {mean}");
        let variance = square / (queue.mean() * queue.mean()) - 1.0;
        assert!((variance / ((2.0 + rho) / (2.0 - rho)) - 1.0).abs() < 0.02, "{rho}: {variance}");
    }
}
