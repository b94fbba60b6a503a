//! Finding and running programs. The folders of our own tools come before the user's PATH, in every child as well, so
//! that what one tool calls by name (Trunk wasm-bindgen, wasm-pack its test runner) is what was checked here.

use crate::failure::{Failure, Outcome};
use crate::project;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Default)]
pub struct Programs {
    /// Searched before the PATH, the last added first.
    folders: Vec<PathBuf>,
}

impl Programs {
    pub fn prefer(&mut self, folder: PathBuf) {
        self.folders.insert(0, folder);
    }

    /// The file that runs under this name.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.path()).find_map(|folder| program_in(&folder, name))
    }

    /// A command in the repository's root. Name what may be missing by `find` first.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.find(name).unwrap_or_else(|| name.into()));
        command.env("PATH", self.path()).current_dir(project::root());
        command
    }

    /// What a program writes to its standard output; none if it is missing or fails.
    pub fn answer<S: AsRef<OsStr>>(&self, name: &str, arguments: impl IntoIterator<Item = S>) -> Option<String> {
        let output = self.command(name).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn path(&self) -> OsString {
        let users = env::var_os("PATH").unwrap_or_default();
        let all = self.folders.iter().cloned().chain(env::split_paths(&users));
        env::join_paths(all).unwrap_or(users)
    }
}

/// Runs a command to its end, its output going where ours goes; an error names it.
pub fn run(command: &mut Command) -> Outcome {
    let status =
        command.status().map_err(|error| Failure::missing(format!("cannot run `{}`: {error}", spelled(command))))?;
    if status.success() { Ok(()) } else { Err(Failure::failed(format!("`{}` failed ({status})", spelled(command)))) }
}

/// The command as one would type it.
pub fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Tells the user what is being done and why.
pub fn say(line: &str) {
    eprintln!("xtask: {line}");
}

/// The program of this name in a folder, with the endings that Windows knows.
pub fn program_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let endings: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    endings.iter().map(|ending| folder.join(format!("{name}{ending}"))).find(|file| is_program(file))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
