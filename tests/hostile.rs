//! What comes from outside may be anything: links and files that were damaged or made to do harm cost little, are refused with
//! a word, and never bring the program down.

#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zero_to_millions::course::stages;
use zero_to_millions::link;
use zero_to_millions::rng::Stream;
use zero_to_millions::scenario::{self, edit};
use zero_to_millions::world::World;

/// The system's allocator, which remembers the most that was in use at once.
struct Counted;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
/// What is in use is that of all threads: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATOR: Counted = Counted;

// SAFETY: every call goes to the system's allocator as it came; only numbers are kept beside.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = IN_USE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How long a call takes, at best of three, and how many bytes it has in use at most.
fn cost<T>(mut call: impl FnMut() -> T) -> (Duration, usize) {
    let run = |call: &mut dyn FnMut() -> T| {
        let before = IN_USE.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let began = Instant::now();
        drop(call());
        (began.elapsed(), MOST.load(Ordering::Relaxed).saturating_sub(before))
    };
    let runs = [run(&mut call), run(&mut call), run(&mut call)];
    runs.into_iter().min().expect("three runs")
}

fn packed(version: u32, bytes: &[u8]) -> String {
    format!("{version}.d{}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(bytes, 9)))
}

#[test]
fn a_decompression_bomb_costs_under_50_ms_and_10_mb() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let many = |text: &str, count: usize| text.repeat(count).into_bytes();
    let stage = br#"{"s":["single-server",1],"o":2,"t":["#;
    let within = |middle: Vec<u8>, end: &[u8]| [&stage[..], &middle, end].concat();
    let bombs = [
        ("blanks", many(" ", 40_000_000)),
        ("nested lists", many("[", 20_000_000)),
        ("nested objects", many("{\"a\":", 5_000_000)),
        (
            "as long as is looked at, all moments",
            within(many("[1,{\"k\":\"web.1\"}],", 28_000), b"[1,{\"k\":\"web.1\"}]]}"),
        ),
        ("one long name", within([b"[1,{\"k\":\"".to_vec(), many("x", 500_000)].concat(), b"\"}]]}")),
        ("a patch with many parts", {
            let parts: String = (0..14_000).map(|part| format!("\"p{part}\":{{}},")).collect();
            format!("{{\"s\":[\"single-server\",1],\"o\":2,\"p\":{{\"tiers\":{{{}\"z\":{{}}}}}}}}", parts).into_bytes()
        }),
    ];
    for (name, bomb) in bombs {
        for version in [1, 2] {
            let link = packed(version, &bomb);
            let (took, bytes) = cost(|| link::decode(&link).expect_err(name));
            println!("{name}, version {version}: {} characters, {took:?}, {} kB", link.len(), bytes / 1024);
            // Measured by itself, optimised, this is a few milliseconds.
            assert!(took < Duration::from_millis(50), "{name}: {took:?}");
            assert!(bytes < 10 << 20, "{name}: {bytes} bytes");
        }
    }
}

/// Bytes changed, cut out, doubled, moved; or numbers and words of JSON replaced by others.
fn mutated(text: &str, below: &mut impl FnMut(usize) -> usize) -> String {
    const WORDS: [&str; 16] = [
        "0",
        "-1",
        "1e308",
        "-1e308",
        "1e-308",
        "18446744073709551615",
        "9223372036854775808",
        "0.1",
        "null",
        "true",
        "[]",
        "{}",
        "\"\"",
        "\"web.1\"",
        "4294967295",
        "\"\\u0000\"",
    ];
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=below(2) {
        if bytes.is_empty() {
            break;
        }
        let at = below(bytes.len());
        match below(9) {
            0 => bytes[at] = (below(94) + 33) as u8,
            1 => bytes.truncate(at),
            2 => bytes.extend_from_within(at..),
            3 => {
                bytes.remove(at);
            }
            // Most are of this kind: they still are JSON, and reach the checks behind it.
            _ => {
                let is_value =
                    |index: &usize| bytes[*index] == b':' && bytes.get(index + 1).is_some_and(u8::is_ascii_digit);
                let Some(colon) = (at..bytes.len()).find(is_value) else { continue };
                let end =
                    (colon + 1..bytes.len()).find(|&index| b",}\n".contains(&bytes[index])).unwrap_or(bytes.len());
                bytes.splice(colon + 1..end, WORDS[below(WORDS.len())].bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn of_100_000_mutated_files_none_panics_or_hangs_and_what_opens_runs() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let files: Vec<String> = stages::newest().map(|stage| edit::encode(&stage.scenario()).to_string()).collect();
    let mut random = Stream::new(3, 41);
    let mut below = |count: usize| (random.draw() % count.max(1) as u64) as usize;
    let (mut opened, mut ran, mut slowest) = (0_u32, 0_u32, Duration::ZERO);
    for _ in 0..100_000 {
        let text = mutated(&files[below(files.len())], &mut below);
        let began = Instant::now();
        match scenario::read(&text) {
            Ok(scenario) => {
                opened += 1;
                if opened.is_multiple_of(200) {
                    ran += 1;
                    let mut world = World::new(&scenario, scenario.seed);
                    (0..2_000).all(|_| world.step());
                    assert!(world.report().requests.issued < u64::MAX);
                }
            }
            Err(problem) => {
                let told = problem.to_string();
                assert!(!told.is_empty() && told.len() < 2_000, "{told}");
            }
        }
        slowest = slowest.max(began.elapsed());
    }
    println!("{opened} opened, {ran} of them ran, the slowest took {slowest:?}");
    assert!(opened > 2_000 && opened < 90_000, "mutations are real, and some reach the world: {opened}");
    // Deliberately far above what is needed: a hang would be minutes.
    assert!(slowest < Duration::from_secs(20), "{slowest:?}");
}
