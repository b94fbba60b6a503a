//! The native command line; see `zero_to_millions::cli`.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    zero_to_millions::cli::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
