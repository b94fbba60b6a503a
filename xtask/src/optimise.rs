//! wasm-opt on the built page, as Trunk's post_build hook (Trunk.toml), so that `trunk build --release` alone gets it
//! as well. Installs nothing: where no wasm-opt is to be had, the page is as right, only larger.

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

pub fn hook(programs: &mut Programs) -> Outcome {
    let staging = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Failure::usage("`optimise` is Trunk's hook; use `cargo xtask build`"))?;
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile != "release") {
        return Ok(());
    }
    if !tools::wasm_opt().find(programs)? {
        say("no wasm-opt 132 found: the wasm module stays larger than it need be");
        return Ok(());
    }
    for module in modules(&staging)? {
        optimise(programs, &module)?;
    }
    Ok(())
}

fn optimise(programs: &Programs, module: &Path) -> Outcome {
    let smaller = module.with_extension("optimised");
    run(programs.command("wasm-opt").arg(LEVEL).args(FEATURES).arg(module).arg("--output").arg(&smaller))?;
    fs::rename(&smaller, module)
        .map_err(|error| Failure::failed(format!("cannot replace {}: {error}", module.display())))
}

fn modules(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).map_err(|error| Failure::failed(format!("cannot read {}: {error}", folder.display())))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(files.filter(|file| file.extension().is_some_and(|ending| ending == "wasm")).collect())
}
