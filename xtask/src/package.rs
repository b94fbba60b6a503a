//! The JavaScript package, pkg/: the wasm module with the feature `js`, what wasm-bindgen writes around it, and the files of
//! src/js/package. In the order in which people read it: README.md, index.js (browsers), node.js, the types.

use crate::failure::{Failure, Outcome};
use crate::programs::{Programs, run};
use crate::{finish, project, sizes, system, tools};
use std::fs;

/// What is published beside the wasm module, and as what.
const FILES: [(&str, &str); 5] = [
    ("src/js/package/index.js", "index.js"),
    ("src/js/package/node.js", "node.js"),
    ("src/js/package/index.d.ts", "index.d.ts"),
    ("src/js/package/README.md", "README.md"),
    ("LICENSE", "LICENSE"),
];

/// Stands for the version in the package's package.json.
const VERSION: &str = "\"version\": \"0.0.0\"";

pub fn build(programs: &mut Programs) -> Outcome {
    ensure_tools(programs)?;
    let pkg = project::root().join("pkg");
    if pkg.exists() {
        fs::remove_dir_all(&pkg).map_err(|error| finish::cannot("remove", &pkg, &error))?;
    }
    let mut build = programs.command("wasm-pack");
    build.args(["build", "--mode", "no-install", "--release", "--target", "web", "--no-pack", "--out-dir"]);
    run(build.arg(&pkg).args(["--", "--features", "js"]))?;
    finish::optimise(programs, &[pkg.join("zero_to_millions_bg.wasm")])?;
    for (from, to) in FILES {
        let (from, to) = (project::root().join(from), pkg.join(to));
        fs::copy(&from, &to).map_err(|error| finish::cannot("copy", &from, &error))?;
    }
    write_about(&pkg.join("package.json"))?;
    sizes::print(programs, &pkg)
}

/// What building it needs. Only wasm-opt may be lacking.
pub fn ensure_tools(programs: &mut Programs) -> Outcome {
    system::ensure_wasm_target(programs)?;
    tools::wasm_bindgen()?.ensure(programs)?;
    tools::wasm_pack().ensure(programs)?;
    tools::wish_wasm_opt(programs);
    Ok(())
}

/// The package's package.json, with the version of the crate.
fn write_about(file: &std::path::Path) -> Outcome {
    let source = project::root().join("src/js/package/package.json");
    let read = fs::read_to_string(&source).map_err(|error| finish::cannot("read", &source, &error))?;
    let version = project::locked_version("zero-to-millions")?;
    match read.replacen(VERSION, &format!("\"version\": \"{version}\""), 1) {
        unchanged if unchanged == read => Err(Failure::failed(format!("{} has no {VERSION}", source.display()))),
        about => fs::write(file, about).map_err(|error| finish::cannot("write", file, &error)),
    }
}
