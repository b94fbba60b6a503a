//! The rules of the house that can be read off the text: who may use whom, and what the core must not touch.

#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of who may use whom: each may use those before it. Those on one line may not use each other.
const ORDER: [&[&str]; 13] = [
    &["time"],
    &["rng"],
    &["engine"],
    &["metrics"],
    &["nodes"],
    &["faults"],
    &["scenario"],
    &["world"],
    &["course"],
    &["frame", "link"],
    &["player", "layout"],
    &["ui", "cli", "js"],
    &["bin"],
];

/// What would break determinism, or tie the core to a host, and where it is allowed all the same.
const BANNED: [(&str, &[&str]); 8] = [
    ("HashMap", &["ui"]),
    ("HashSet", &["ui"]),
    ("Instant", &["cli", "ui"]),
    ("SystemTime", &["cli", "ui"]),
    ("thread_local", &["ui"]),
    ("getrandom", &["ui"]),
    ("web_sys", &["ui", "bin"]),
    ("std::env", &["cli"]),
];

/// A file longer than this has to be cut.
const LINES_MAX: usize = 450;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Every source file with the name of its top module and its text, comments left out.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let with_module = |path: PathBuf| {
        let inner = path.strip_prefix(&root).expect("it is below src");
        let module = inner.iter().next().expect("it has a name").to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).expect("it can be read");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        (module, path, code)
    };
    files(&root).into_iter().map(with_module).filter(|(module, ..)| module != "lib").collect()
}

fn rank(module: &str) -> usize {
    let found = ORDER.iter().position(|line| line.contains(&module));
    found.unwrap_or_else(|| panic!("module {module} has no place in the order: see tests/structure.rs"))
}

/// The modules that a text names after `crate::` or the crate's name.
fn used(code: &str) -> Vec<String> {
    assert!(!code.contains("crate::{"), "imports of several modules in one would not be seen here");
    let after = |prefix: &'static str| code.match_indices(prefix).map(move |(at, _)| &code[at + prefix.len()..]);
    let name = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    after("crate::").chain(after("zero_to_millions::")).map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn modules_use_only_what_comes_before_them() {
    let mut broken = Vec::new();
    for (module, path, code) in sources() {
        for other in used(&code).into_iter().filter(|other| *other != module) {
            if rank(&other) >= rank(&module) {
                broken.push(format!("{}: {module} must not use {other}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_core_touches_no_clock_no_chance_and_no_host() {
    let mut broken = Vec::new();
    for (module, path, code) in sources() {
        for (word, allowed) in BANNED {
            if code.contains(word) && !allowed.contains(&module.as_str()) {
                broken.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_stay_short() {
    for (_, path, _) in sources() {
        let lines = fs::read_to_string(&path).expect("it can be read").lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines, more than {LINES_MAX}: cut it", path.display());
    }
}

/// The rules would find a breach: they are tried on one.
#[test]
fn the_rules_bite() {
    assert_eq!(used("use crate::world::World; zero_to_millions::cli::main()"), ["world", "cli"]);
    assert!(rank("nodes") < rank("world") && rank("engine") < rank("nodes"));
}
