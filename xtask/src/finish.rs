//! The last hand on the built page, as Trunk's post_build hook (Trunk.toml), so that `trunk build --release` alone gets it
//! as well: its content security policy, and wasm-opt. Installs nothing: where no wasm-opt is to be had, the page is as
//! right, only larger.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, run, say};
use crate::tools;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// For speed; on a page with Yew, Brotli sends it 0.3% larger than `-Oz` and smaller than `-O2` and `-O4`.
const LEVEL: &str = "-O3";

/// What rustc lets wasm use nowadays, named one by one: `--all-features` makes wasm that browsers refuse.
const FEATURES: [&str; 8] = [
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-call-indirect-overlong",
];

/// What the page may do: load what lies beside it, compile wasm, and nothing else. No inline script and no inline style.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
                      style-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; \
                      base-uri 'none'; form-action 'none'";

/// What the policy stands behind: whatever follows is held to it.
const CHARSET: &str = "<meta charset=\"utf-8\">";

pub fn hook(programs: &mut Programs) -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Failure::usage("`finish` is Trunk's hook; use `cargo xtask build`"))?;
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile != "release") {
        return Ok(());
    }
    let page = staging.join("index.html");
    let read = fs::read_to_string(&page).map_err(|error| cannot("read", &page, &error))?;
    if let Some(sealed) = sealed(&read)? {
        fs::write(&page, sealed).map_err(|error| cannot("write", &page, &error))?;
    }
    optimise(programs, &modules(&staging)?)
}

/// The page with its policy. None for one that `trunk serve` watches: what reloads it is an inline script.
fn sealed(page: &str) -> Outcome<Option<String>> {
    let inline = page.split("<script").skip(1).any(|script| !script.starts_with(" type=\"module\" src="));
    if inline {
        return Ok(None);
    }
    let policy = format!("{CHARSET}\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    match page.replacen(CHARSET, &policy, 1) {
        unchanged if unchanged == page => Err(Failure::failed(format!("index.html has no {CHARSET}"))),
        sealed => Ok(Some(sealed)),
    }
}

pub fn cannot(what: &str, file: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot {what} {}: {error}", file.display()))
}

/// Makes wasm modules smaller and faster, in place. Where there is no wasm-opt they stay as they are, and that is said.
pub fn optimise(programs: &mut Programs, modules: &[PathBuf]) -> Outcome {
    if !tools::wasm_opt().find(programs)? {
        say("no wasm-opt 132 found: the wasm module stays larger than it need be");
        return Ok(());
    }
    modules.iter().try_for_each(|module| optimise_one(programs, module))
}

fn optimise_one(programs: &Programs, module: &Path) -> Outcome {
    let smaller = module.with_extension("optimised");
    run(programs.command("wasm-opt").arg(LEVEL).args(FEATURES).arg(module).arg("--output").arg(&smaller))?;
    fs::rename(&smaller, module).map_err(|error| cannot("replace", module, &error))
}

fn modules(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(files.filter(|file| file.extension().is_some_and(|ending| ending == "wasm")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_sealed_unless_it_reloads_itself() {
        let page = format!("<head>\n    {CHARSET}\n<script type=\"module\" src=\"./boot.js\"></script></head>");
        let sealed = sealed(&page).unwrap().unwrap();
        assert!(sealed.find(POLICY).unwrap() < sealed.find("<script").unwrap());
        assert_eq!(super::sealed(&format!("{page}<script>reload()</script>")).unwrap(), None);
        assert!(super::sealed("<head></head>").is_err());
    }
}
