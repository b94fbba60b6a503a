//! The steps of `cargo xtask test`. What they need is installed before the first one runs; then all run, also after a
//! failure, so that one run tells everything.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, run as run_one};
use crate::{package, page, system, tools};
use std::process::Command;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    Format,
    Clippy,
    Doc,
    Native,
    Wasm,
    Page,
    EndToEnd,
    Package,
    JavaScript,
    Long,
}

use Step::{Clippy, Doc, EndToEnd, Format, JavaScript, Long, Native, Package, Page, Wasm};

const QUICK: [Step; 9] = [Format, Clippy, Doc, Native, Wasm, Page, EndToEnd, Package, JavaScript];

/// The steps that the words of the command line ask for, in their fixed order.
pub fn chosen(words: &[&str]) -> Outcome<Vec<Step>> {
    let mut steps = Vec::new();
    for word in words {
        match *word {
            "quick" => steps.extend(QUICK),
            "long" => steps.extend(QUICK.into_iter().chain([Long])),
            "fmt" => steps.push(Format),
            "clippy" => steps.push(Clippy),
            "doc" => steps.push(Doc),
            "native" => steps.push(Native),
            "wasm" => steps.push(Wasm),
            "e2e" => steps.extend([Page, EndToEnd]),
            "js" => steps.extend([Package, JavaScript]),
            other => {
                return Err(Failure::usage(format!(
                    "unknown check `{other}`; there are quick, long, fmt, clippy, doc, native, wasm, e2e, js"
                )));
            }
        }
    }
    if words.is_empty() {
        steps.extend(QUICK);
    }
    steps.sort_unstable();
    steps.dedup();
    Ok(steps)
}

pub fn run(programs: &mut Programs, steps: &[Step]) -> Outcome {
    let needs = Needs::ensure(programs, steps)?;
    let mut results: Vec<(Step, Outcome, Duration)> = Vec::new();
    for &step in steps {
        let (name, what) = step.about();
        println!("\n=== {name}: {what}");
        let start = Instant::now();
        let failed = |wanted: Step| results.iter().any(|(step, result, _)| *step == wanted && result.is_err());
        let result = match step {
            EndToEnd if failed(Page) => Err(Failure::failed("not run, for want of a page")),
            JavaScript if failed(Package) => Err(Failure::failed("not run, for want of a package")),
            _ => step.run(programs, &needs),
        };
        let took = start.elapsed();
        println!("=== {} after {:.1} s", verdict(step, &result), took.as_secs_f64());
        results.push((step, result, took));
    }
    sum_up(&results)
}

/// What the chosen steps need beyond cargo.
struct Needs {
    browser: Option<system::Browser>,
}

impl Needs {
    fn ensure(programs: &mut Programs, steps: &[Step]) -> Outcome<Self> {
        let any = |wanting: &[Step]| steps.iter().any(|step| wanting.contains(step));
        if any(&[Format]) {
            system::ensure_component(programs, "fmt", "rustfmt")?;
        }
        if any(&[Clippy]) {
            system::ensure_component(programs, "clippy", "clippy")?;
        }
        if any(&[Clippy, Wasm]) {
            system::ensure_wasm_target(programs)?;
        }
        // The browser before the tools: what may be lacking for good should be said before some minutes of building.
        let browser = if any(&[Wasm, EndToEnd, JavaScript]) { Some(system::ensure_browser(programs)?) } else { None };
        if any(&[EndToEnd, JavaScript]) {
            system::ensure_node(programs)?;
            system::ensure_playwright(programs)?;
        }
        if any(&[JavaScript]) {
            system::ensure_typescript(programs)?;
        }
        if any(&[Wasm]) {
            tools::wasm_bindgen()?.ensure(programs)?;
            tools::wasm_pack().ensure(programs)?;
        }
        if any(&[Page]) {
            page::ensure_tools(programs)?;
        }
        if any(&[Package]) {
            package::ensure_tools(programs)?;
        }
        Ok(Self { browser })
    }

    fn browser(&self) -> Outcome<&system::Browser> {
        self.browser.as_ref().ok_or_else(|| Failure::missing("no browser"))
    }
}

impl Step {
    /// The word for it, and what it shows.
    fn about(self) -> (&'static str, &'static str) {
        match self {
            Format => ("fmt", "the code is formatted"),
            Clippy => ("clippy", "no warnings, natively and for wasm"),
            Doc => ("doc", "the documentation builds without warnings"),
            Native => ("native", "the tests on this machine"),
            Wasm => ("wasm", "the tests in the browser"),
            Page => ("page", "the release page builds"),
            EndToEnd => ("e2e", "the built page in the browser"),
            Package => ("package", "the JavaScript package builds"),
            JavaScript => ("js", "the built package in Node and in the browser"),
            Long => ("long", "the tests that take their time"),
        }
    }

    fn name(self) -> &'static str {
        self.about().0
    }

    fn run(self, programs: &mut Programs, needs: &Needs) -> Outcome {
        let cargo = |words: &[&str]| {
            let mut command = programs.command("cargo");
            command.args(words);
            command
        };
        match self {
            Format => run_one(&mut cargo(&["fmt", "--all", "--", "--check"])),
            Clippy => {
                let native = run_one(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]));
                let wasm = ["clippy", "--target", system::WASM_TARGET, "--features", "js", "--lib", "--bin", "page"];
                run_one(cargo(&wasm).args(["--", "-D", "warnings"])).and(native)
            }
            Doc => run_one(cargo(&["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings")),
            Native => run_one(&mut cargo(&["test", "--workspace", "--no-fail-fast"])),
            Wasm => run_one(&mut wasm_pack(programs, needs.browser()?)),
            Page => page::build(programs),
            EndToEnd => run_one(&mut node_test(programs, needs.browser()?, "tests/e2e/")),
            Package => package::build(programs),
            JavaScript => {
                // What the package is held against; the native tests have built it so.
                run_one(&mut cargo(&["build", "--profile", "test", "--bin", "zero-to-millions"]))?;
                run_one(&mut node_test(programs, needs.browser()?, "tests/js/"))
            }
            Long => run_one(&mut cargo(&["test", "--workspace", "--release", "--", "--ignored"])),
        }
    }
}

fn node_test(programs: &Programs, browser: &system::Browser, folder: &str) -> Command {
    let mut node = programs.command("node");
    node.args(["--test", "--test-reporter=spec", folder]).env("CHROME", &browser.chrome);
    node
}

fn wasm_pack(programs: &Programs, browser: &system::Browser) -> Command {
    let mut command = programs.command("wasm-pack");
    command.args(["test", "--headless", "--chrome", "--mode", "no-install", "--chromedriver"]).arg(&browser.driver);
    // Numeric tests outlast the runner's own 20 seconds.
    command.env("WASM_BINDGEN_TEST_TIMEOUT", "600");
    // wasm-pack builds once as `cargo build` does and once as `cargo test` does; alike, the two share what they build.
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "3");
    command
}

fn verdict(step: Step, result: &Outcome) -> String {
    match result {
        Ok(()) => format!("{} passed", step.name()),
        Err(failure) => format!("{} FAILED: {}", step.name(), failure.line),
    }
}

/// Ends with a line alone of the form `N passed, N failed`, counting steps.
fn sum_up(results: &[(Step, Outcome, Duration)]) -> Outcome {
    println!();
    for (step, result, took) in results {
        println!("{:>8.1} s  {}", took.as_secs_f64(), verdict(*step, result));
    }
    let failed = results.iter().filter(|(_, result, _)| result.is_err()).count();
    println!("{} passed, {} failed", results.len() - failed, failed);
    if failed == 0 { Ok(()) } else { Err(Failure::told(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_run_once_and_in_their_order_however_they_are_named() {
        assert_eq!(chosen(&[]).unwrap(), QUICK);
        assert_eq!(chosen(&["e2e", "fmt", "e2e"]).unwrap(), [Format, Page, EndToEnd]);
        assert_eq!(chosen(&["long"]).unwrap().last(), Some(&Long));
        assert_eq!(chosen(&["fast"]).unwrap_err().code, 2);
    }
}
