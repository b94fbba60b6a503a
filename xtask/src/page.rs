//! Building the page, serving it, and taking pictures of it. Always in release: the debug wasm is too slow for the core.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, run, say};
use crate::{project, sizes, system, tools};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Builds the page into dist/.
pub fn build(programs: &mut Programs) -> Outcome {
    ensure_tools(programs)?;
    run(trunk(programs).args(["build", "--release"]))?;
    sizes::print(programs, &project::root().join("dist"))
}

/// Builds the page, serves it, and builds it again when a source changes, until it is stopped.
pub fn serve(programs: &mut Programs, port: u16) -> Outcome {
    // Looked at first: nobody should wait for a build to learn this.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        let why =
            if error.kind() == ErrorKind::AddrInUse { "is in use".into() } else { format!("cannot be used: {error}") };
        return Err(Failure::usage(format!("port {port} {why}; stop what uses it, or choose another with --port N")));
    }
    ensure_tools(programs)?;
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).to_string();
    say(&format!("building the page (release), then serving it at http://{address}/"));
    let _announcer = own_process("announce", &address)
        .spawn()
        .map_err(|error| Failure::failed(format!("cannot start myself: {error}")))?;
    let mut server = trunk(programs);
    server.args(["serve", "--release", "--address", "127.0.0.1", "--port", &port.to_string()]);
    replace_self_by(&mut server)
}

/// Says that the page can be opened, once it can. A process of its own, since `serve` becomes Trunk, so that whoever
/// stops the one has stopped the other; ends with it.
pub fn announce(address: &str) -> Outcome {
    const PATIENCE: Duration = Duration::from_secs(3600);
    let start = Instant::now();
    let parent = parent_id();
    while start.elapsed() < PATIENCE && parent_id() == parent {
        if TcpStream::connect(address).is_ok() {
            say(&format!("the page is at http://{address}/  (Ctrl-C ends)"));
            return Ok(());
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Takes pictures of the page with tests/e2e/look.mjs, which gets the words of the command line.
pub fn look(programs: &mut Programs, words: &[&str]) -> Outcome {
    check_look(words)?;
    let browser = system::ensure_browser(programs)?;
    system::ensure_node(programs)?;
    system::ensure_playwright(programs)?;
    build(programs)?;
    let mut look = programs.command("node");
    look.arg(project::root().join("tests/e2e/look.mjs")).args(words).env("CHROME", browser.chrome);
    // A folder given after --out is meant from where the user is.
    if let Ok(here) = std::env::current_dir() {
        look.current_dir(here);
    }
    run(&mut look)
}

/// Measures what the page costs with tests/figures/figures.mjs, which gets the words of the command line and refuses wrong ones.
pub fn figures(programs: &mut Programs, words: &[&str]) -> Outcome {
    let browser = system::ensure_browser(programs)?;
    system::ensure_node(programs)?;
    system::ensure_playwright(programs)?;
    system::ensure_lighthouse(programs)?;
    build(programs)?;
    let mut figures = programs.command("node");
    figures.arg(project::root().join("tests/figures/figures.mjs")).args(words).env("CHROME", browser.chrome);
    run(&mut figures)
}

/// Refuses what look.mjs would refuse, but before the build.
fn check_look(words: &[&str]) -> Outcome {
    let (pairs, rest) = words.as_chunks::<2>();
    for [option, value] in pairs {
        match *option {
            "--out" | "--hash" => {}
            "--wait" if value.parse::<u32>().is_ok() => {}
            "--wait" => return Err(Failure::usage(format!("--wait must be whole milliseconds, is `{value}`"))),
            _ => return Err(Failure::usage(format!("`look` takes --out, --wait and --hash, got `{option}`"))),
        }
    }
    match rest {
        [] => Ok(()),
        [word, ..] => {
            Err(Failure::usage(format!("`look` takes --out DIR, --wait MS and --hash FRAGMENT, got `{word}`")))
        }
    }
}

/// What building the page needs. Only wasm-opt may be lacking.
pub fn ensure_tools(programs: &mut Programs) -> Outcome {
    system::ensure_wasm_target(programs)?;
    tools::trunk().ensure(programs)?;
    tools::wasm_bindgen()?.ensure(programs)?;
    tools::wish_wasm_opt(programs);
    Ok(())
}

/// Trunk, which finds its tools on the PATH and so needs no network; nor should it ask for its own newer version.
fn trunk(programs: &Programs) -> Command {
    let mut trunk = programs.command("trunk");
    trunk.arg("--skip-version-check");
    // Trunk takes only true and false here, while the convention is that any value counts.
    trunk.env_remove("NO_COLOR");
    trunk
}

fn own_process(word: &str, argument: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap_or_else(|_| "xtask".into()));
    command.args([word, argument]);
    command
}

#[cfg(unix)]
fn replace_self_by(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(Failure::missing(format!("cannot run trunk: {error}")))
}

#[cfg(not(unix))]
fn replace_self_by(command: &mut Command) -> Outcome {
    run(command)
}

#[cfg(unix)]
fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent_id() -> u32 {
    0
}
