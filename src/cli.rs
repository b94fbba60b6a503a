//! The native command line: the same core, for scripts, sweeps and CI.
//!
//! Results go to standard output, all else to standard error. Exit 0: fine; 1: a claim or a link's promise does not
//! hold; 2: bad input, with one line that says what and where.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::link::{self, Shared, address};
use crate::scenario::{self, MODEL, Problem, Scenario, edit};
use crate::time::{SimTime, Span};
use crate::world::World;
use crate::world::report::Report;
use crate::world::report::markdown::markdown;

mod claims;
mod ladder;
mod progress;
mod schema;
mod text;
mod typescript;

use progress::Progress;

/// Events between two looks at the clock.
const SLICE: u64 = 100_000;
/// How long a run lasts if nobody says.
const DURATION_DEFAULT: Span = Span(600_000_000_000);

/// Simulates the road from one server to millions of users.
#[derive(Debug, Parser)]
#[command(name = "zero-to-millions", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario and report what it comes to.
    Run {
        /// A scenario file, the id of a stage, or a link: to a moment, a chapter, a claim or a rung.
        #[arg(value_name = "SCENARIO.JSON | STAGE | LINK")]
        what: String,
        /// The seed, a whole number; without it, the scenario's.
        #[arg(long, allow_negative_numbers = true, value_parser = seed)]
        seed: Option<u64>,
        /// Simulated time to measure: 90s, 10min, 1h 30min. Without it, 10min; for a link, up to its moment.
        #[arg(long, value_parser = measured)]
        duration: Option<Span>,
        /// Simulated time to run before measuring begins.
        #[arg(long, value_parser = duration, default_value = "0s")]
        warmup: Span,
        /// Print the report as one JSON object.
        #[arg(long)]
        json: bool,
        /// Print the report as Markdown.
        #[arg(long, conflicts_with = "json")]
        markdown: bool,
    },
    /// Print the link to a scenario, relative to the page's address unless that is given.
    Link {
        /// A scenario file, the id of a stage, or another link.
        #[arg(value_name = "SCENARIO.JSON | STAGE | LINK")]
        what: String,
        /// Where the page is: https://example.org/play/.
        #[arg(long, value_name = "URL", default_value = "./")]
        base: String,
    },
    /// Run the experiments behind the course's claims, and print what was expected and what came out.
    Claims {
        /// Ids such as lb.even; without any, all.
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Run each with the seeds 1 to N.
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
        seeds: u64,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Find for each stage of the journey the most users that it serves, what breaks first, and what a month costs.
    Ladder {
        /// Measure this stage alone.
        #[arg(long, value_name = "ID")]
        stage: Option<String>,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of a scenario file.
    Schema {
        /// Print TypeScript's types instead: of scenarios, and of what the JavaScript package tells.
        #[arg(long)]
        typescript: bool,
    },
    /// Print the scenario that a link carries.
    Open {
        /// A link: the whole address, relative to the page, or only what stands behind its #.
        link: String,
    },
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            eprintln!("error: name a command: run, claims, ladder, schema, link or open; try --help");
            return ExitCode::from(2);
        }
        Err(error) if error.use_stderr() => {
            let message = error.to_string();
            // The message proper ends at the first empty line; usage follows.
            let message = message.split("\n\n").next().unwrap_or("error: bad usage");
            eprintln!("{}; try --help", one_line(message));
            return ExitCode::from(2);
        }
        Err(help) => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
    };
    let result = match arguments.command {
        Command::Run { what, seed, duration, warmup, json, markdown } => {
            run(&what, seed, duration, warmup, Form::of(json, markdown))
        }
        Command::Link { what, base } => link_to(&what, &base),
        Command::Claims { ids, seeds, json } => claims::claims(&ids, seeds, json),
        Command::Ladder { stage, json } => ladder::ladder(stage.as_deref(), json),
        Command::Schema { typescript: true } => Ok(say(typescript::types().trim_end())),
        Command::Schema { typescript: false } => {
            Ok(say(&serde_json::to_string_pretty(&schema::schema()).expect("a schema is plain data")))
        }
        Command::Open { link } => open(&link),
    };
    result.unwrap_or_else(|problem| {
        eprintln!("error: {}", one_line(&problem.to_string()));
        ExitCode::from(2)
    })
}

fn run(what: &str, seed: Option<u64>, duration: Option<Span>, warmup: Span, form: Form) -> Result<ExitCode, Problem> {
    let shared = find(what)?;
    let seed = seed.unwrap_or(shared.scenario.seed);
    let at_its_moment = shared.moment > SimTime::ZERO && duration.is_none() && warmup == Span::ZERO;
    let measured =
        if at_its_moment { shared.moment.since(SimTime::ZERO) } else { duration.unwrap_or(DURATION_DEFAULT) };
    let clock = Instant::now();
    let mut world = World::new(&shared.scenario, seed);
    let end = SimTime::ZERO + warmup + measured;
    let mut progress = Progress::new();
    let mut run_to = |world: &mut World, until: SimTime| {
        while !world.advance(until, SLICE).reached {
            progress.show(world.now().as_ms() / end.as_ms().max(1e-9), "of simulated time");
        }
    };
    run_to(&mut world, SimTime::ZERO + warmup);
    world.begin_measuring();
    run_to(&mut world, end);
    progress.clear();
    let report = Timed::new(world.report(), clock.elapsed().as_secs_f64());
    say(&match form {
        Form::Json => serde_json::to_string(&report).expect("a report is plain data"),
        Form::Markdown => markdown(&report.report, None).trim_end().to_owned(),
        Form::Text => text::table(&report.report, report.requests_per_wall_second).trim_end().to_owned(),
    });
    Ok(match shared.digest {
        Some(digest) if at_its_moment && seed == shared.scenario.seed => verify(digest, shared.model, &world),
        Some(_) | None => ExitCode::SUCCESS,
    })
}

/// How a report is printed.
enum Form {
    Text,
    Json,
    Markdown,
}

impl Form {
    fn of(json: bool, markdown: bool) -> Self {
        match (json, markdown) {
            (true, _) => Self::Json,
            (false, true) => Self::Markdown,
            (false, false) => Self::Text,
        }
    }
}

/// A report with what it took.
#[derive(serde::Serialize)]
struct Timed {
    #[serde(flatten)]
    report: Report,
    wall_seconds: f64,
    requests_per_wall_second: f64,
}

impl Timed {
    fn new(report: Report, wall_seconds: f64) -> Self {
        let requests_per_wall_second = report.requests.issued as f64 / wall_seconds.max(1e-9);
        Self { report, wall_seconds, requests_per_wall_second }
    }
}

fn verify(digest: u64, model: u32, world: &World) -> ExitCode {
    let found = world.digest();
    if model != MODEL {
        eprintln!("recorded with model {model}, replayed with model {MODEL}: figures may differ");
        ExitCode::SUCCESS
    } else if found == digest {
        eprintln!("verified: the digest is that of the link");
        ExitCode::SUCCESS
    } else {
        eprintln!("does not reproduce: the link says {digest:016x}, the run gives {found:016x}");
        ExitCode::FAILURE
    }
}

fn link_to(what: &str, base: &str) -> Result<ExitCode, Problem> {
    if base.is_empty() || base.contains(|c: char| c == '#' || c.is_whitespace()) {
        return Err(Problem::at("base", format!("must be an address without # and spaces, is \"{base}\"")));
    }
    let shared = find(what)?;
    Ok(say(&format!("{base}#{}", link::encode(&shared))))
}

fn open(text: &str) -> Result<ExitCode, Problem> {
    let shared = address::find(address::fragment(text))?.shared();
    let json = serde_json::to_string_pretty(&edit::encode(&shared.scenario)).expect("a scenario is plain data");
    let code = say(&json);
    let recorded = shared.digest.map_or_else(String::new, |digest| format!(", digest {digest:016x}"));
    eprintln!(
        "stage {} revision {}, moment {} ms, model {}{recorded}",
        shared.stage.id,
        shared.stage.revision,
        shared.moment.as_ms(),
        shared.model,
    );
    Ok(code)
}

/// A file, a stage or a link.
fn find(what: &str) -> Result<Shared, Problem> {
    let path = Path::new(what);
    if what.contains('#') || address::is_address(what) && !path.exists() {
        return address::named(what);
    }
    let is_file = path.extension().is_some() || what.contains(std::path::MAIN_SEPARATOR) || path.exists();
    if !is_file {
        return address::named(what);
    }
    let scenario = read(path).map_err(|problem| Problem::at(what, problem.to_string()))?;
    Ok(Shared::of(scenario))
}

fn read(path: &Path) -> Result<Scenario, Problem> {
    let unreadable = |error: std::io::Error| Problem::at("", format!("cannot be read: {error}"));
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    scenario::check_file_length(length)?;
    scenario::read(&std::fs::read_to_string(path).map_err(unreadable)?)
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

fn duration(text: &str) -> Result<Span, String> {
    let found = humantime::parse_duration(text)
        .map_err(|error| format!("is no time ({error}); write 90s, 10min or 1h 30min"))?;
    u64::try_from(found.as_nanos())
        .ok()
        .filter(|&ns| ns <= u64::MAX / 4)
        .map(Span)
        .ok_or_else(|| "is longer than a run can be: at most 146 years".to_owned())
}

/// What is measured for no time has no figures.
fn measured(text: &str) -> Result<Span, String> {
    let found = duration(text)?;
    if found == Span::ZERO { Err("must be longer than nothing: write 90s or 10min".to_owned()) } else { Ok(found) }
}

/// Prints a line. Whoever closes the pipe has seen enough.
fn say(line: &str) -> ExitCode {
    let written = writeln!(std::io::stdout(), "{line}");
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn on_a_terminal() -> bool {
    std::io::stderr().is_terminal()
}
