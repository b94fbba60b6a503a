//! `cargo xtask`: everything one does with this repository, needing nothing beforehand but rustup's cargo.
//!
//! ```text
//! main      the words of the command line, exit codes
//! failure   what ends a command early: one line, one exit code
//! programs  finding and running programs; our tools' folders come before the PATH
//! project   where things are: the repository, Cargo.lock's versions, the user's cache
//! tools     tools in fixed versions: found, fetched or built into the cache
//! system    what comes from rustup, the system's packages or npm: wasm target, browser, node
//! page      build the page, serve it, take pictures of it, measure it
//! package   the JavaScript package
//! finish    the content security policy and wasm-opt, as Trunk's hook
//! sizes     what the page weighs over the wire
//! checks    the steps of `cargo xtask test`
//! ```
//!
//! Exit codes: 0 fine, 1 a check or a build failed, 2 bad usage or something missing (with one line on what and how to
//! get it). Nothing is installed over the user's own: tools go into versioned folders of the user's cache, where the
//! next clone finds them, and on a machine that has them no command needs a network.

mod checks;
mod failure;
mod finish;
mod package;
mod page;
mod programs;
mod project;
mod sizes;
mod system;
mod tools;

use failure::{Failure, Outcome};
use programs::Programs;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask serve [--port N]     build the page (release) and serve it on 127.0.0.1, port 8080 if not said otherwise
cargo xtask build                build the page (release) into dist/, with its sizes
cargo xtask package              build the JavaScript package into pkg/, with its sizes
cargo xtask test                 all quick checks; or one or more of: fmt clippy doc native wasm e2e js
cargo xtask test long            the quick checks and then the long ones
cargo xtask look [--out DIR] [--wait MS] [--hash FRAGMENT]
                                 build the page and take pictures of it: three sizes, light and dark
cargo xtask figures [--seconds N] [--only frames|audits]
                                 build the page and measure it: work for each picture, and Lighthouse's audits
Each installs what it misses and says so.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.line.is_empty() {
                eprintln!("xtask: {}", failure.line);
            }
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(words: &[&str]) -> Outcome {
    let mut programs = Programs::default();
    match words {
        ["serve", rest @ ..] => page::serve(&mut programs, port(rest)?),
        ["build"] => page::build(&mut programs),
        ["package"] => package::build(&mut programs),
        ["test", names @ ..] => checks::run(&mut programs, &checks::chosen(names)?),
        ["look", rest @ ..] => page::look(&mut programs, rest),
        ["figures", rest @ ..] => page::figures(&mut programs, rest),
        ["finish"] => finish::hook(&mut programs),
        ["announce", address] => page::announce(address),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        [command @ ("build" | "package"), word, ..] => {
            Err(Failure::usage(format!("`{command}` takes no arguments, got `{word}`")))
        }
        [word, ..] => Err(Failure::usage(format!(
            "unknown command `{word}`; there are serve, build, package, test, look, figures (and help)"
        ))),
    }
}

/// The port of `serve [--port N]`.
fn port(words: &[&str]) -> Outcome<u16> {
    let given = match words {
        [] => return Ok(8080),
        ["--port", given] => given,
        [word] if word.starts_with("--port=") => &word["--port=".len()..],
        ["--port"] => return Err(Failure::usage("--port needs a number from 1 to 65535")),
        [word, ..] => return Err(Failure::usage(format!("`serve` takes only --port N, got `{word}`"))),
    };
    given
        .parse()
        .ok()
        .filter(|&port| port > 0)
        .ok_or_else(|| Failure::usage(format!("--port must be a number from 1 to 65535, is `{given}`")))
}

#[cfg(test)]
mod tests {
    use super::port;

    #[test]
    fn the_port_is_read_in_both_spellings_and_refused_outside_its_range() {
        assert_eq!(port(&[]).ok(), Some(8080));
        assert_eq!(port(&["--port", "9000"]).ok(), Some(9000));
        assert_eq!(port(&["--port=9000"]).ok(), Some(9000));
        for bad in [&["--port"][..], &["--port", "0"], &["--port", "65536"], &["--port=x"], &["--prot", "1"], &["9000"]]
        {
            assert_eq!(port(bad).map_err(|failure| failure.code), Err(2), "{bad:?}");
        }
    }
}
