//! Tools in fixed versions.
//!
//! The user's own is taken if it has the very version. Else ours, in `<cache>/zero-to-millions/tools/<name>-<version>/`;
//! else it is fetched there, prebuilt where `cargo binstall` is to be had, built from source where not. A tool is put
//! together in a folder of another name and moved into place when it runs, so that one half installed never counts; and
//! one installation goes on at a time, guarded by a lock that ends with its process.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, program_in, run, say};
use crate::{project, system};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::process::Command;

pub struct Tool {
    /// The name of its crate or npm package.
    package: &'static str,
    version: String,
    /// The programs it brings. The first one is asked for its version.
    programs: &'static [&'static str],
    /// What `--version` must show as a word.
    shows: String,
    /// What for, in the words that tell the user.
    purpose: &'static str,
    source: Source,
}

enum Source {
    Crate,
    Npm,
}

pub fn trunk() -> Tool {
    Tool::from_crate("trunk", "0.21.14".into(), &["trunk"], "builds and serves the page")
}

/// Must be exactly the version of the crate that the page is compiled with.
pub fn wasm_bindgen() -> Outcome<Tool> {
    let version = project::locked_version("wasm-bindgen")?;
    let programs = &["wasm-bindgen", "wasm-bindgen-test-runner"];
    Ok(Tool::from_crate("wasm-bindgen-cli", version, programs, "writes the JavaScript around the wasm module"))
}

pub fn wasm_pack() -> Tool {
    Tool::from_crate(
        "wasm-pack",
        "0.15.0".into(),
        &["wasm-pack"],
        "runs the tests in a browser, and builds the JavaScript package",
    )
}

/// wasm-opt if it is to be had: without it all is as right, only larger.
pub fn wish_wasm_opt(programs: &mut Programs) {
    if let Err(failure) = wasm_opt().ensure(programs) {
        say(&format!("going on without wasm-opt: {}", failure.line));
    }
}

/// From npm, whose package needs no compiler and runs wherever node does.
pub fn wasm_opt() -> Tool {
    Tool {
        package: "binaryen",
        version: "132.0.0".into(),
        programs: &["wasm-opt"],
        shows: "132".into(),
        purpose: "makes the wasm module smaller and faster",
        source: Source::Npm,
    }
}

impl Tool {
    fn from_crate(
        package: &'static str,
        version: String,
        programs: &'static [&'static str],
        purpose: &'static str,
    ) -> Self {
        Self { package, shows: version.clone(), version, programs, purpose, source: Source::Crate }
    }

    /// Makes the tool's programs findable, installing it if it is nowhere.
    pub fn ensure(&self, programs: &mut Programs) -> Outcome {
        if self.find(programs)? {
            return Ok(());
        }
        let store = project::tool_store()?;
        let home = store.join(self.name());
        io(fs::create_dir_all(&store), "create", &store)?;
        let _lock = lock(&store)?;
        if !self.is_in(&home) {
            self.install(programs, &store, &home)?;
        }
        programs.prefer(home.join("bin"));
        Ok(())
    }

    /// Whether the tool is there, the user's or ours; if so its programs are findable. Installs nothing.
    pub fn find(&self, programs: &mut Programs) -> Outcome<bool> {
        let on_path = self.programs.iter().map(|name| programs.find(name)).collect::<Option<Vec<_>>>();
        if on_path.is_some_and(|files| self.is_right(&files[0])) {
            return Ok(true);
        }
        let home = project::tool_store()?.join(self.name());
        let ours = self.is_in(&home);
        if ours {
            programs.prefer(home.join("bin"));
        }
        Ok(ours)
    }

    fn name(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    fn is_in(&self, home: &Path) -> bool {
        let bin = home.join("bin");
        let files = self.programs.iter().map(|name| program_in(&bin, name)).collect::<Option<Vec<_>>>();
        files.is_some_and(|files| self.is_right(&files[0]))
    }

    fn is_right(&self, program: &Path) -> bool {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| {
            let text = String::from_utf8_lossy(&output.stdout);
            output.status.success() && text.split_whitespace().any(|word| word == self.shows)
        })
    }

    fn install(&self, programs: &Programs, store: &Path, home: &Path) -> Outcome {
        say(&format!("installing {} {} ({}) into {}", self.package, self.version, self.purpose, home.display()));
        let staged = store.join(format!(".new-{}", self.name()));
        clear(&staged)?;
        match self.source {
            Source::Crate => self.fetch_crate(programs, store, &staged)?,
            Source::Npm => self.fetch_npm(programs, &staged)?,
        }
        if !self.is_in(&staged) {
            return Err(Failure::missing(format!(
                "{} was installed but does not run as {}",
                self.package, self.version
            )));
        }
        clear(home)?;
        io(fs::rename(&staged, home), "put in place", home)
    }

    fn fetch_crate(&self, programs: &Programs, store: &Path, staged: &Path) -> Outcome {
        if programs.find("cargo-binstall").is_some() {
            let bin = staged.join("bin");
            io(fs::create_dir_all(&bin), "create", &bin)?;
            let mut prebuilt = programs.command("cargo");
            prebuilt.args(["binstall", "--no-confirm", "--no-symlinks", "--disable-strategies", "compile"]);
            prebuilt.arg("--install-path").arg(&bin).arg(format!("{}@{}", self.package, self.version));
            if run(&mut prebuilt).is_ok() && self.is_in(staged) {
                return Ok(());
            }
            say(&format!("no prebuilt {} to be had", self.package));
            clear(staged)?;
        }
        say(&format!("building {} from source, which takes some minutes, once", self.package));
        // Kept when it breaks off, so that the next attempt goes on where this one ended.
        let work = store.join(format!(".build-{}", self.name()));
        let mut build = programs.command("cargo");
        build.args(["install", "--quiet", "--locked", self.package, "--version", &self.version]);
        build.arg("--root").arg(staged).arg("--target-dir").arg(&work);
        run(&mut build).map_err(|_| self.unobtainable())?;
        clear(&work)
    }

    fn fetch_npm(&self, programs: &Programs, staged: &Path) -> Outcome {
        if programs.find("npm").is_none() {
            return Err(Failure::missing(format!("{} needs npm: {}", self.package, system::NODE_HINT)));
        }
        io(fs::create_dir_all(staged), "create", staged)?;
        let mut npm = programs.command("npm");
        npm.args(["install", "--global", "--prefer-offline", "--fetch-retries=1", "--no-audit", "--no-fund"]);
        npm.args(["--loglevel=error", "--prefix"]).arg(staged).arg(format!("{}@{}", self.package, self.version));
        run(&mut npm).map_err(|_| self.unobtainable())
    }

    /// The program that failed has said why.
    fn unobtainable(&self) -> Failure {
        Failure::missing(format!(
            "cannot install {} {} (see above); this needs a network, once",
            self.package, self.version
        ))
    }
}

/// Waits for another installation to end. The lock is free again when the file is closed, however the process ends.
fn lock(store: &Path) -> Outcome<File> {
    let path = store.join(".lock");
    let file = io(File::create(&path), "create", &path)?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        say("waiting for another installation to end");
        io(file.lock(), "lock", &path)?;
    }
    Ok(file)
}

fn clear(folder: &Path) -> Outcome {
    if folder.exists() { io(fs::remove_dir_all(folder), "remove", folder) } else { Ok(()) }
}

fn io<T>(result: std::io::Result<T>, verb: &str, path: &Path) -> Outcome<T> {
    result.map_err(|error| Failure::missing(format!("cannot {verb} {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_running_program_does_not_count_as_installed() {
        let home = std::env::temp_dir().join(format!("xtask-half-installed-{}", std::process::id()));
        let bin = home.join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join("trunk"), "half a progra").unwrap();
        assert!(!trunk().is_in(&home));
        fs::remove_dir_all(&home).unwrap();
    }

    #[test]
    fn the_bindgen_tool_has_the_version_of_the_lock() {
        assert_eq!(wasm_bindgen().unwrap().version, project::locked_version("wasm-bindgen").unwrap());
    }
}
