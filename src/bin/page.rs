//! The page, and its worker: one wasm module for both. Where there is a window it mounts the page, where there is none
//! it is the worker (see www/worker.js).

#[cfg(target_arch = "wasm32")]
fn main() {
    match web_sys::window() {
        Some(window) => zero_to_millions::ui::mount(&window),
        None => zero_to_millions::ui::worker::start(),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("page: this is the page for the browser; build it with `cargo xtask build`");
    std::process::exit(2);
}
