//! Where things are: the repository, the versions that Cargo.lock names, the user's cache.

use crate::failure::{Failure, Outcome};
use std::env;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    // Cargo says it at run time; what was compiled in may be another clone's that shares the target folder.
    let xtask =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or(xtask.clone(), Path::to_path_buf)
}

/// The version of a package in Cargo.lock. Read anew each time, so that a tool which must match is never named twice.
pub fn locked_version(package: &str) -> Outcome<String> {
    let path = root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path)
        .map_err(|error| Failure::missing(format!("cannot read {}: {error}", path.display())))?;
    version_in(&lock, package).ok_or_else(|| Failure::missing(format!("{} does not name {package}", path.display())))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

/// The folder for tools in the user's cache, outside of any clone.
pub fn tool_store() -> Outcome<PathBuf> {
    let cache = if cfg!(windows) {
        folder_in("LOCALAPPDATA")
    } else {
        folder_in("XDG_CACHE_HOME").or_else(|| {
            let home = folder_in("HOME")?;
            Some(home.join(if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" }))
        })
    };
    let cache = cache.ok_or_else(|| Failure::missing("no folder for caches: set HOME or XDG_CACHE_HOME"))?;
    Ok(cache.join("zero-to-millions").join("tools"))
}

fn folder_in(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_by_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.126\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.126"));
        assert_eq!(version_in(lock, "wasm"), None);
    }

    #[test]
    fn our_own_lock_names_what_the_tools_must_match() {
        assert!(locked_version("wasm-bindgen").is_ok());
    }
}
