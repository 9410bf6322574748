//! What a plugin needs beside its bindings: a panic that says where it was, shares counted without a float, days read from
//! settings, whether anything is known at all, and memory made for an instance that answers once. Nothing here calls the host, so
//! all of it is tested with plain `cargo test`.

pub mod coverage;
pub mod day;
#[cfg(any(target_arch = "wasm32", test))]
mod memory;
pub mod share;

/// From now on a panic writes its text and place through `write` before the run ends. Without this a guest that panics
/// ends with "unreachable" and no word more. Call it first in each exported function: an instance answers one question.
pub fn tell_panics(write: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| write(&panic.to_string())));
}
