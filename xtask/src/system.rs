//! What comes from rustup, the system's packages or npm: taken if it is there; installed where that needs no decision of
//! the user's (rustup's parts, apt-get, npm in tests/e2e); else named, with the exact way to get it.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, program_in, run, say};
use crate::project;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

pub const NODE_HINT: &str = if cfg!(target_os = "macos") {
    "`brew install node`"
} else if cfg!(windows) {
    "`winget install OpenJS.NodeJS.LTS`"
} else {
    "install node (18 or newer) and npm with the system's package manager"
};

const BROWSER_HINT: &str = if cfg!(target_os = "macos") {
    "`brew install --cask google-chrome chromedriver`"
} else if cfg!(windows) {
    "`winget install Google.Chrome Chromium.ChromeDriver`"
} else {
    "install them with the system's package manager (Debian: chromium chromium-driver, Fedora: chromium chromedriver, \
     Arch: chromium)"
};

/// A browser and the driver through which wasm-pack steers it.
pub struct Browser {
    pub chrome: PathBuf,
    pub driver: PathBuf,
}

pub fn ensure_wasm_target(programs: &Programs) -> Outcome {
    let libraries = programs.answer("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
    if libraries.is_some_and(|folder| Path::new(folder.trim()).is_dir()) {
        return Ok(());
    }
    say("adding Rust's wasm target (the page is WebAssembly)");
    rustup(programs, &["target", "add", WASM_TARGET])
}

/// rustfmt or clippy, by the name of cargo's subcommand.
pub fn ensure_component(programs: &Programs, subcommand: &str, component: &str) -> Outcome {
    if programs.answer("cargo", [subcommand, "--version"]).is_some() {
        return Ok(());
    }
    say(&format!("adding {component}"));
    rustup(programs, &["component", "add", component])
}

fn rustup(programs: &Programs, words: &[&str]) -> Outcome {
    if programs.find("rustup").is_none() {
        return Err(Failure::missing(format!("no rustup found to run `rustup {}`", words.join(" "))));
    }
    run(programs.command("rustup").args(words)).map_err(|failure| Failure::missing(failure.line))
}

/// The browser that CHROME names and the driver that CHROMEDRIVER names, or those that are found.
pub fn ensure_browser(programs: &Programs) -> Outcome<Browser> {
    if let Some(browser) = find_browser(programs)? {
        return Ok(browser);
    }
    // Debian's names; Ubuntu's are for its snaps.
    for packages in [["chromium", "chromium-driver"], ["chromium-browser", "chromium-chromedriver"]] {
        apt_get(programs, &packages, "to test the page in a browser")?;
        if let Some(browser) = find_browser(programs)? {
            return Ok(browser);
        }
    }
    Err(Failure::missing(format!(
        "no browser found (Chromium or Chrome, and chromedriver): {BROWSER_HINT}, or name them in CHROME and CHROMEDRIVER"
    )))
}

fn find_browser(programs: &Programs) -> Outcome<Option<Browser>> {
    const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    const FOLDERS: [&str; 4] = [
        "/Applications/Google Chrome.app/Contents/MacOS",
        "/Applications/Chromium.app/Contents/MacOS",
        "C:/Program Files/Google/Chrome/Application",
        "C:/Program Files (x86)/Google/Chrome/Application",
    ];
    let installed = || {
        FOLDERS.iter().find_map(|folder| {
            ["Google Chrome", "Chromium", "chrome"].iter().find_map(|name| program_in(Path::new(folder), name))
        })
    };
    let chrome = named("CHROME")?.or_else(|| NAMES.iter().find_map(|name| programs.find(name))).or_else(installed);
    let driver = named("CHROMEDRIVER")?.or_else(|| programs.find("chromedriver"));
    Ok(chrome.zip(driver).map(|(chrome, driver)| Browser { chrome, driver }))
}

/// The program that the user's variable names, which must then exist.
fn named(variable: &str) -> Outcome<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    if path.is_file() {
        Ok(Some(path))
    } else {
        Err(Failure::missing(format!("{variable} names {}, which is not a file", path.display())))
    }
}

/// Node with npm, new enough for the end-to-end tests.
pub fn ensure_node(programs: &Programs) -> Outcome {
    const OLDEST: u32 = 18;
    if programs.find("node").is_none() || programs.find("npm").is_none() {
        apt_get(programs, &["nodejs", "npm"], "to steer the browser in the end-to-end tests")?;
    }
    if programs.find("npm").is_none() {
        return Err(Failure::missing(format!("no node with npm found: {NODE_HINT}")));
    }
    let version = programs.answer("node", ["--version"]).unwrap_or_default();
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major >= OLDEST) {
        Ok(())
    } else {
        Err(Failure::missing(format!("node must be {OLDEST} or newer, is {}: {NODE_HINT}", version.trim())))
    }
}

/// The JavaScript that steers the browser, into tests/e2e/node_modules.
pub fn ensure_playwright(programs: &Programs) -> Outcome {
    ensure_packages(programs, "tests/e2e", "playwright-core (steers the browser)")
}

/// The compiler of TypeScript, into tests/js/node_modules.
pub fn ensure_typescript(programs: &Programs) -> Outcome {
    ensure_packages(programs, "tests/js", "TypeScript (checks the package's types)")
}

/// Lighthouse, into tests/figures/node_modules: large, so only for who asks for its figures.
pub fn ensure_lighthouse(programs: &Programs) -> Outcome {
    ensure_packages(programs, "tests/figures", "Lighthouse (audits the page)")
}

/// What the package-lock.json of a folder of ours names.
fn ensure_packages(programs: &Programs, own: &str, what: &str) -> Outcome {
    let folder = project::root().join(own);
    let lock = std::fs::read(folder.join("package-lock.json"))
        .map_err(|error| Failure::missing(format!("cannot read {own}/package-lock.json: {error}")))?;
    // Written last: `npm ci` empties the folder first, so that one broken off has no stamp.
    let stamp = folder.join("node_modules/.installed-from");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    say(&format!("installing {what} into {own}/node_modules"));
    run(programs.command("npm").args(["ci", "--prefer-offline", "--loglevel=error"]).current_dir(&folder))
        .map_err(|failure| Failure::missing(failure.line))?;
    std::fs::write(&stamp, lock).map_err(|error| Failure::missing(format!("cannot write {}: {error}", stamp.display())))
}

/// Installs packages where there is an apt-get; else does nothing, and the caller finds out that they are still missing.
fn apt_get(programs: &Programs, packages: &[&str], why: &str) -> Outcome {
    if programs.find("apt-get").is_none() {
        return Ok(());
    }
    let is_root = programs.answer("id", ["-u"]).is_some_and(|id| id.trim() == "0");
    if !is_root && programs.find("sudo").is_none() {
        return Ok(());
    }
    say(&format!("installing {} {why} (apt-get)", packages.join(" and ")));
    let quietly = ["-q", "-y", "--no-install-recommends"];
    for words in [["update"].as_slice(), &[&["install"], &quietly[..], packages].concat()] {
        let mut command = programs.command(if is_root { "env" } else { "sudo" });
        if !is_root {
            // Where nobody can type a password, sudo must not wait for one.
            command.args((!std::io::stdin().is_terminal()).then_some("-n")).arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(words);
        if let Err(failure) = run(&mut command) {
            say(&failure.line);
        }
    }
    Ok(())
}
